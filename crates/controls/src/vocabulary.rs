//! The words that goods and control lists are described with: elements, kinds of material, magnet
//! families, substances, parameters. All are tables of `packs/common`, in English and Chinese.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::csv_table::{CsvTable, list};
use crate::{PackFault, PackFiles};

/// A set of chemical elements, one bit for each atomic number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub struct Elements(pub u128);

impl Elements {
    /// The set of one element.
    #[must_use]
    pub fn one(z: u8) -> Elements {
        Elements(1 << (z & 127))
    }
    /// Whether the element is in it.
    #[must_use]
    pub fn has(self, z: u8) -> bool {
        self.0 >> (z & 127) & 1 == 1
    }
    /// Whether it is empty.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }
    /// Both together.
    #[must_use]
    pub fn with(self, other: Elements) -> Elements {
        Elements(self.0 | other.0)
    }
    /// What is in this and not in the other.
    #[must_use]
    pub fn without(self, other: Elements) -> Elements {
        Elements(self.0 & !other.0)
    }
    /// What is in both.
    #[must_use]
    pub fn both(self, other: Elements) -> Elements {
        Elements(self.0 & other.0)
    }
    /// The atomic numbers, rising.
    pub fn iter(self) -> impl Iterator<Item = u8> {
        let mut rest = self.0;
        std::iter::from_fn(move || {
            (rest != 0).then(|| {
                let z = rest.trailing_zeros() as u8;
                rest &= rest - 1;
                z
            })
        })
    }
}

/// A chemical element.
#[derive(Debug, Clone)]
pub struct ElementName {
    /// Symbol.
    pub symbol: String,
    /// Name in English.
    pub name_en: String,
    /// Name in Chinese.
    pub name_zh: String,
    other_names: Vec<String>,
    /// Whether it is a metal; germanium and antimony are counted as the tables say.
    pub metal: bool,
    /// Whether its symbol alone may be another word (`In`, `As`).
    pub ambiguous: bool,
}

/// A kind of material, such as `oxide` or `magnet`.
#[derive(Debug, Clone)]
pub struct Form {
    /// Code.
    pub kind: String,
    /// Where words of several kinds stand in a name, the highest rank says what the good is (an alloy
    /// target is a target); rank 0 only adds a shape.
    pub rank: u8,
    /// Name in English.
    pub name_en: String,
    /// Name in Chinese.
    pub name_zh: String,
    words: Vec<String>,
    stages: Vec<String>,
}

/// A family of permanent magnets.
#[derive(Debug, Clone)]
pub struct Family {
    /// Code.
    pub family: String,
    /// What it is made of.
    pub contains: Elements,
    words: Vec<String>,
    /// An assay with at least so much (element, ppb) is of this family.
    pub assay_least: Vec<(u8, u32)>,
    prefixes: Vec<String>,
    suffixes: Vec<String>,
}

/// A parameter of a good.
#[derive(Debug, Clone)]
pub struct Parameter {
    /// Code, as stated.
    pub parameter: String,
    /// What a value is.
    pub decimal: bool,
    /// Whether only yes or no is taken.
    pub yes_no: bool,
    /// Unit.
    pub unit: String,
    /// Name in English.
    pub name_en: String,
    /// Name in Chinese.
    pub name_zh: String,
    words: Vec<String>,
}

/// What a word means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Meaning {
    Element(u8),
    Kind(u8),
    Family(u8),
    Parameter(u8),
    Substance(Elements),
    /// The rare earths at large, or a mixture of them: which ones is not said.
    RareEarths,
    /// What stands before (English) or after (Chinese) it is denied.
    FreeOf,
    Without,
    Diffused,
}

/// Words that are not in a table because they are grammar, not material.
const GRAMMAR: &[(&str, Meaning)] = &[
    ("rare earth", Meaning::RareEarths),
    ("rare-earth", Meaning::RareEarths),
    ("rare earths", Meaning::RareEarths),
    ("heavy rare earth", Meaning::RareEarths),
    ("稀土", Meaning::RareEarths),
    ("重稀土", Meaning::RareEarths),
    ("混合稀土", Meaning::RareEarths),
    ("free", Meaning::FreeOf),
    ("without", Meaning::Without),
    ("not containing", Meaning::Without),
    ("no", Meaning::Without),
    ("无", Meaning::Without),
    ("不含", Meaning::Without),
    ("grain boundary diffusion", Meaning::Diffused),
    ("grain-boundary diffusion", Meaning::Diffused),
    ("grain boundary diffused", Meaning::Diffused),
    ("grain-boundary diffused", Meaning::Diffused),
    ("diffused", Meaning::Diffused),
    ("gbd", Meaning::Diffused),
    ("晶界扩散", Meaning::Diffused),
    ("扩散", Meaning::Diffused),
];

/// All words.
#[derive(Debug, Default)]
pub struct Vocabulary {
    /// Elements; position + 1 is the atomic number.
    pub elements: Vec<ElementName>,
    /// Kinds of material; at most 64.
    pub forms: Vec<Form>,
    /// Magnet families; at most 64.
    pub families: Vec<Family>,
    /// Parameters of goods.
    pub parameters: Vec<Parameter>,
    symbols: HashMap<String, u8>,
    kinds: HashMap<String, u8>,
    stages: HashMap<String, u8>,
    words: Vec<(String, Meaning)>,
    /// The metals.
    pub metals: Elements,
}

static VOCABULARY: LazyLock<Vocabulary> = LazyLock::new(|| {
    let mut files = PackFiles::new();
    files.insert("periodic_table.csv", include_str!("../../../packs/common/periodic_table.csv"));
    files.insert("forms.csv", include_str!("../../../packs/common/forms.csv"));
    files.insert("magnet_families.csv", include_str!("../../../packs/common/magnet_families.csv"));
    files.insert("substances.csv", include_str!("../../../packs/common/substances.csv"));
    files.insert("good_parameters.csv", include_str!("../../../packs/common/good_parameters.csv"));
    let mut faults = Vec::new();
    Vocabulary::read(&files, &mut faults)
});

impl Vocabulary {
    /// The tables carried in the program.
    #[must_use]
    pub fn common() -> &'static Vocabulary {
        &VOCABULARY
    }

    /// Reads the tables.
    pub fn read(files: &PackFiles, faults: &mut Vec<PackFault>) -> Vocabulary {
        let mut this = Vocabulary::default();
        this.elements_read(files, faults);
        this.forms_read(files, faults);
        this.families_read(files, faults);
        let table = CsvTable::read(files, "good_parameters.csv", &["parameter", "type"], faults);
        for row in table.rows() {
            this.parameters.push(Parameter {
                parameter: row.cell("parameter").to_owned(),
                decimal: row.cell("type") == "decimal",
                yes_no: row.cell("type") == "yes_no",
                unit: row.cell("unit").to_owned(),
                name_en: row.cell("name_en").to_owned(),
                name_zh: row.cell("name_zh").to_owned(),
                words: [row.list("words_en"), row.list("words_zh")].concat(),
            });
        }
        let table = CsvTable::read(files, "substances.csv", &["word", "elements"], faults);
        for row in table.rows() {
            let word = row.cell("word").to_owned();
            let elements = this.elements_of(&row.list("elements"));
            this.words.push((word.clone(), Meaning::Substance(elements)));
            if let Some(kind) = this.kind(row.cell("kind")) {
                this.words.push((word, Meaning::Kind(kind)));
            }
        }
        this.words_collect();
        this
    }

    fn elements_read(&mut self, files: &PackFiles, faults: &mut Vec<PackFault>) {
        let table = CsvTable::read(files, "periodic_table.csv", &["symbol", "name_en"], faults);
        for row in table.rows() {
            let element = ElementName {
                symbol: row.cell("symbol").to_owned(),
                name_en: row.cell("name_en").to_owned(),
                name_zh: row.cell("name_zh").to_owned(),
                other_names: [row.list("other_names"), row.list("other_names_zh")].concat(),
                metal: row.cell("metal") == "yes",
                ambiguous: row.cell("ambiguous_alone") == "yes",
            };
            self.elements.push(element);
            let z = self.elements.len() as u8;
            self.symbols.insert(row.cell("symbol").to_owned(), z);
            if row.cell("metal") == "yes" {
                self.metals = self.metals.with(Elements::one(z));
            }
        }
    }

    fn forms_read(&mut self, files: &PackFiles, faults: &mut Vec<PackFault>) {
        for row in CsvTable::read(files, "forms.csv", &["kind", "rank"], faults).rows() {
            let number = self.forms.len() as u8;
            self.kinds.insert(row.cell("kind").to_owned(), number);
            for stage in row.list("stages") {
                self.stages.insert(stage, number);
            }
            self.forms.push(Form {
                kind: row.cell("kind").to_owned(),
                rank: row.cell("rank").parse().unwrap_or(0),
                name_en: row.cell("name_en").to_owned(),
                name_zh: row.cell("name_zh").to_owned(),
                words: [row.list("words_en"), row.list("words_zh")].concat(),
                stages: row.list("stages"),
            });
        }
    }

    fn families_read(&mut self, files: &PackFiles, faults: &mut Vec<PackFault>) {
        for row in CsvTable::read(files, "magnet_families.csv", &["family"], faults).rows() {
            let least = row.list("assay_least");
            let least = least.iter().filter_map(|part| {
                let (symbol, percent) = part.split_once(">=")?;
                Some((self.symbol(symbol)?, base::composition::percent_parse(percent).ok()?))
            });
            let assay_least = least.collect();
            self.families.push(Family {
                family: row.cell("family").to_owned(),
                contains: self.elements_of(&row.list("contains")),
                words: [row.list("words_en"), row.list("words_zh")].concat(),
                assay_least,
                prefixes: row.list("grade_prefixes"),
                suffixes: row.list("grade_suffixes"),
            });
        }
    }

    fn words_collect(&mut self) {
        let mut words = std::mem::take(&mut self.words);
        for (i, element) in self.elements.iter().enumerate() {
            let names =
                [&element.name_en, &element.name_zh].into_iter().chain(&element.other_names);
            words.extend(names.map(|n| (n.clone(), Meaning::Element(i as u8 + 1))));
        }
        for (i, form) in self.forms.iter().enumerate() {
            words.extend(form.words.iter().map(|w| (w.clone(), Meaning::Kind(i as u8))));
        }
        for (i, family) in self.families.iter().enumerate() {
            words.extend(family.words.iter().map(|w| (w.clone(), Meaning::Family(i as u8))));
        }
        for (i, parameter) in self.parameters.iter().enumerate() {
            words.extend(parameter.words.iter().map(|w| (w.clone(), Meaning::Parameter(i as u8))));
        }
        words.extend(GRAMMAR.iter().map(|(w, m)| ((*w).to_owned(), *m)));
        self.words = words;
    }

    pub(crate) fn words(&self) -> &[(String, Meaning)] {
        &self.words
    }

    /// The atomic number of a symbol.
    #[must_use]
    pub fn symbol(&self, symbol: &str) -> Option<u8> {
        self.symbols.get(symbol).copied()
    }

    /// The element of an atomic number.
    #[must_use]
    pub fn element(&self, z: u8) -> Option<&ElementName> {
        self.elements.get(usize::from(z).checked_sub(1)?)
    }

    /// The symbol of an atomic number.
    #[must_use]
    pub fn symbol_of(&self, z: u8) -> &str {
        self.element(z).map_or("?", |e| &e.symbol)
    }

    /// The elements of symbols; what is no symbol is left out.
    #[must_use]
    pub fn elements_of(&self, symbols: &[String]) -> Elements {
        symbols
            .iter()
            .filter_map(|s| self.symbol(s))
            .map(Elements::one)
            .fold(Elements::default(), Elements::with)
    }

    /// The symbols of a set, separated by `, `.
    #[must_use]
    pub fn symbols_text(&self, elements: Elements) -> String {
        elements.iter().map(|z| self.symbol_of(z)).collect::<Vec<_>>().join(", ")
    }

    /// The number of a kind of material.
    #[must_use]
    pub fn kind(&self, code: &str) -> Option<u8> {
        self.kinds.get(code).copied()
    }

    /// The kind that a stage of the ledger implies.
    #[must_use]
    pub fn kind_of_stage(&self, stage: &str) -> Option<u8> {
        self.stages.get(stage).copied()
    }

    /// Stages that imply a kind, as the table says.
    pub fn stages(&self) -> impl Iterator<Item = &str> {
        self.forms.iter().flat_map(|f| f.stages.iter().map(String::as_str))
    }

    /// The kinds of a set of numbers.
    pub fn forms_of(&self, kinds: u64) -> impl Iterator<Item = &Form> {
        self.forms.iter().enumerate().filter(move |(i, _)| kinds >> i & 1 == 1).map(|(_, f)| f)
    }

    /// The number of a family.
    #[must_use]
    pub fn family(&self, code: &str) -> Option<u8> {
        self.families.iter().position(|f| f.family == code).map(|i| i as u8)
    }

    /// The number of a parameter.
    #[must_use]
    pub fn parameter(&self, code: &str) -> Option<u8> {
        self.parameters.iter().position(|p| p.parameter == code).map(|i| i as u8)
    }

    /// The family that a grade belongs to, such as `N42SH`.
    #[must_use]
    pub fn family_of_grade(&self, grade: &str) -> Option<u8> {
        let grade = grade.trim();
        let grade = grade.strip_prefix("Nd").map_or(grade, |_| grade);
        self.families.iter().position(|f| f.grade(grade)).map(|i| i as u8)
    }
}

impl Family {
    /// Prefix (or none where there are suffixes), two or three digits, suffix.
    fn grade(&self, grade: &str) -> bool {
        let prefix = self
            .prefixes
            .iter()
            .find(|p| grade.get(..p.len()).is_some_and(|head| head.eq_ignore_ascii_case(p)));
        let rest = match prefix {
            Some(prefix) => grade.get(prefix.len()..).unwrap_or_default(),
            None if self.suffixes.is_empty() => return false,
            None => grade,
        };
        let rest = rest.trim_start_matches(['-', ' ']);
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let suffix = rest.get(digits..).unwrap_or_default().trim_matches(['-', ' ']);
        let known = |s: &str| self.suffixes.iter().any(|k| k.eq_ignore_ascii_case(s));
        match (prefix.is_some(), self.suffixes.is_empty()) {
            (true, true) => (1..=3).contains(&digits),
            // `42SH`, `N52`, and the bare class `UH`.
            (true, false) => (2..=3).contains(&digits) && (suffix.is_empty() || known(suffix)),
            (false, false) => {
                (2..=3).contains(&digits) && known(suffix)
                    || digits == 0 && suffix.len() > 1 && known(suffix)
            }
            (false, true) => false,
        }
    }
}

/// Parts of a cell separated by `;`, as set of kinds; unknown ones are given back.
pub(crate) fn kinds_parse(vocabulary: &Vocabulary, text: &str) -> (u64, Vec<String>) {
    let mut set = 0;
    let mut unknown = Vec::new();
    for code in list(text) {
        match vocabulary.kind(&code) {
            Some(kind) => set |= 1 << kind,
            None => unknown.push(code),
        }
    }
    (set, unknown)
}
