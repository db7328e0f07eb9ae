//! The control list of a pack: instruments, items and suspensions, read from their tables.
//!
//! An item is a row: code, numbered item, elements, kinds of material, alloy partners, magnet families,
//! words, thresholds, wording in both languages. HS codes are hints. Its validity is [`crate::status`].

use base::Date;

use crate::csv_table::{CsvTable, Row, list};
use crate::good::{Comparison, value_parse};
use crate::vocabulary::{Elements, Vocabulary, kinds_parse};
use crate::{Fact, PackFault, PackFiles};

/// A law, announcement, list or notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instrument {
    /// As cited in the tables.
    pub instrument: String,
    /// Title in Chinese.
    pub title_zh: String,
    /// Title in English.
    pub title_en: String,
    /// `list`, `list_change`, `suspension`, `statute`, `guidance` …
    pub kind: String,
    /// Known from.
    pub published: Date,
    /// In effect from.
    pub valid_from: Date,
    /// Its effect in words.
    pub in_words: String,
    /// Source and confidence.
    pub fact: Fact,
    /// Line of the table.
    pub line: u32,
}

/// A suspension of an instrument, or of one item of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suspension {
    /// The instrument that suspends.
    pub instrument: String,
    /// The instrument suspended.
    pub suspends: String,
    /// Only items of this code; empty: all.
    pub control_code: String,
    /// Only this item; empty: all.
    pub item_no: String,
    /// First day.
    pub from: Date,
    /// Last day.
    pub to: Date,
    /// Known from.
    pub published: Date,
    /// What holds after the last day.
    pub afterwards: Afterwards,
    /// Why, where it is not known, in English.
    pub afterwards_why: String,
    /// The same in Chinese.
    pub afterwards_why_zh: String,
    /// Citation, source, confidence.
    pub fact: Fact,
    /// Line of the table.
    pub line: u32,
}

/// What holds after a suspension.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Afterwards {
    /// The item again.
    InForce,
    /// Nothing.
    Ended,
    /// Nobody knows.
    Unknown,
}

/// Which goods an item is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Goods exported from the pack's country.
    FromHere,
    /// Goods made elsewhere, by their content or technology.
    MadeElsewhere,
}

/// What a threshold is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// A parameter, by its position in the vocabulary.
    Parameter(u8),
    /// The share of an element in % by mass.
    Share(u8),
}

/// A numeric condition of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Threshold {
    /// What is measured.
    pub measure: Measure,
    /// How it must stand to the limit.
    pub comparison: Comparison,
    /// The limit in 10⁻⁹.
    pub limit: i64,
}

/// An item of the control list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ControlItem {
    /// Instrument, as in the table of instruments.
    pub instrument: String,
    /// Control code; empty where the instrument gives none.
    pub control_code: String,
    /// Number within the code.
    pub item_no: String,
    /// Symbols, separated by `;`.
    pub element: String,
    /// The same as a set.
    pub elements: Elements,
    /// Whether all of the elements are needed, or any.
    pub elements_all: bool,
    /// Kinds of material, bit by position in the vocabulary.
    pub kinds: u64,
    /// Alternatives of alloy partners; empty: none is named.
    pub partners: Vec<Elements>,
    /// Magnet families, bit by position; 0: any.
    pub families: u64,
    /// Groups of words, one of each must stand in the name.
    pub terms: Vec<Vec<String>>,
    /// Numeric conditions, all of which must be met.
    pub thresholds: Vec<Threshold>,
    /// Codes whose items take a good out of this one.
    pub unless_controlled_by: Vec<String>,
    /// Which goods it is about.
    pub scope: Scope,
    /// Whether an element of it in a good that no wording names is a reason to ask.
    pub presence_asks: bool,
    /// Reserved: the number is kept free and controls nothing.
    pub reserved: bool,
    /// Wording in Chinese.
    pub item_zh: String,
    /// Wording in English.
    pub item_en: String,
    /// A note on the form or the reading.
    pub form_note: String,
    /// HS codes, hints only.
    pub hs: Vec<String>,
    /// What the HS codes rest on.
    pub hs_basis: String,
    /// First day of effect.
    pub valid_from: Date,
    /// Last day, where it has one.
    pub valid_to: Option<Date>,
    /// Known from.
    pub published: Date,
    /// Days from which parts of the rule have effect, with the parts.
    pub limbs: Vec<(Date, String)>,
    /// Citation, source, confidence.
    pub fact: Fact,
    /// Line of the table.
    pub line: u32,
}

impl ControlItem {
    /// How one speaks of it: `1C905.a item 4`, or with its instrument where it has no code.
    #[must_use]
    pub fn label(&self) -> String {
        label(&self.instrument, &self.control_code, &self.item_no)
    }

    /// What tells it from other items.
    #[must_use]
    pub fn key(&self) -> (&str, &str, &str) {
        (&self.instrument, &self.control_code, &self.item_no)
    }
}

/// How one speaks of an item of this code and number.
pub(crate) fn label(instrument: &str, control_code: &str, item_no: &str) -> String {
    match (control_code, item_no) {
        ("", number) => format!("{instrument} item {number}"),
        (code, "") => code.to_owned(),
        (code, number) => format!("{code} item {number}"),
    }
}

impl Threshold {
    /// The limit in words, such as `>= 99.99`.
    #[must_use]
    pub fn limit_text(&self) -> String {
        let shown = base::decimal::Scaled { value: self.limit, scale: crate::good::VALUE_SCALE };
        format!("{} {shown}", self.comparison.sign())
    }
}

/// A control list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ControlList {
    /// Instruments in the order of the table.
    pub instruments: Vec<Instrument>,
    /// Items in the order of the table.
    pub items: Vec<ControlItem>,
    /// Suspensions in the order of the table.
    pub suspensions: Vec<Suspension>,
}

const ITEM_COLUMNS: &[&str] = &[
    "instrument",
    "control_code",
    "item_no",
    "element",
    "kinds",
    "item_zh",
    "item_en",
    "valid_from",
    "published",
    "citation",
    "source",
    "confidence",
];

impl ControlList {
    /// Reads `instruments.csv`, `items.csv` and `suspensions.csv`.
    pub fn read(files: &PackFiles, faults: &mut Vec<PackFault>) -> ControlList {
        let mut list = ControlList::default();
        let needed = ["instrument", "title_en", "published", "valid_from", "source", "confidence"];
        for row in CsvTable::read(files, "instruments.csv", &needed, faults).rows() {
            let dates = (row.date("published", true, faults), row.date("valid_from", true, faults));
            let fact = row.fact("instrument", faults);
            if let (Some(published), Some(valid_from)) = dates {
                list.instruments.push(Instrument {
                    instrument: row.cell("instrument").to_owned(),
                    title_zh: row.cell("title_zh").to_owned(),
                    title_en: row.cell("title_en").to_owned(),
                    kind: row.cell("kind").to_owned(),
                    published,
                    valid_from,
                    in_words: row.cell("in_words").to_owned(),
                    fact,
                    line: row.line,
                });
            }
        }
        for row in CsvTable::read(files, "items.csv", ITEM_COLUMNS, faults).rows() {
            list.items.extend(item(row, faults));
        }
        let needed =
            ["instrument", "suspends", "from", "to", "published", "afterwards", "citation"];
        for row in CsvTable::read(files, "suspensions.csv", &needed, faults).rows() {
            list.suspensions.extend(suspension(row, faults));
        }
        list
    }

    /// The instrument of a name.
    #[must_use]
    pub fn instrument(&self, name: &str) -> Option<&Instrument> {
        self.instruments.iter().find(|i| i.instrument == name)
    }
}

fn suspension(row: Row<'_>, faults: &mut Vec<PackFault>) -> Option<Suspension> {
    let afterwards = match row.cell("afterwards") {
        "in_force" => Afterwards::InForce,
        "ended" => Afterwards::Ended,
        "unknown" => Afterwards::Unknown,
        other => {
            let message = format!("`{other}` is not what can hold after a suspension");
            faults.push(row.fault(
                "afterwards",
                "code_unknown",
                message,
                "`in_force`, `ended` or `unknown`",
            ));
            Afterwards::Unknown
        }
    };
    let dates = [
        row.date("from", true, faults),
        row.date("to", true, faults),
        row.date("published", true, faults),
    ];
    let fact = row.fact("citation", faults);
    let [Some(from), Some(to), Some(published)] = dates else { return None };
    let text = |name: &str| row.cell(name).to_owned();
    Some(Suspension {
        instrument: text("instrument"),
        suspends: text("suspends"),
        control_code: text("control_code"),
        item_no: text("item_no"),
        from,
        to,
        published,
        afterwards,
        afterwards_why: text("afterwards_why"),
        afterwards_why_zh: text("afterwards_why_zh"),
        fact,
        line: row.line,
    })
}

fn item(row: Row<'_>, faults: &mut Vec<PackFault>) -> Option<ControlItem> {
    let vocabulary = Vocabulary::common();
    let text = |name: &str| row.cell(name).to_owned();
    let symbols = row.list("element");
    for symbol in symbols.iter().filter(|s| vocabulary.symbol(s).is_none()) {
        faults.push(row.fault(
            "element",
            "code_unknown",
            format!("`{symbol}` is no element"),
            "symbols separated by `;`, such as `Tb;Dy`",
        ));
    }
    let reserved = row.cell("item_zh").contains("保留") && row.cell("kinds").is_empty();
    let (kinds, unknown) = kinds_parse(vocabulary, row.cell("kinds"));
    for kind in unknown {
        faults.push(row.fault(
            "kinds",
            "code_unknown",
            format!("`{kind}` is no kind of material"),
            "kinds of packs/common/forms.csv, separated by `;`",
        ));
    }
    let mut families = 0;
    for family in row.list("magnet_families") {
        match vocabulary.family(&family) {
            Some(number) => families |= 1 << number,
            None => faults.push(row.fault(
                "magnet_families",
                "code_unknown",
                format!("`{family}` is no magnet family"),
                "families of packs/common/magnet_families.csv",
            )),
        }
    }
    let partners = partners(row, faults);
    let thresholds =
        row.list("thresholds").iter().filter_map(|t| threshold(t, row, faults)).collect();
    let (elements_all, scope, presence_asks) = settings(row, faults);
    let limbs = row.list("limbs");
    let limbs = limbs.iter().filter_map(|limb| {
        let (day, words) = limb.split_once('=')?;
        Some((base::time::date_parse(day)?, words.to_owned()))
    });
    let limbs = limbs.collect();
    let valid_from = row.date("valid_from", true, faults);
    let valid_to = row.date("valid_to", false, faults);
    let published = row.date("published", true, faults);
    let fact = row.fact("citation", faults);
    Some(ControlItem {
        instrument: text("instrument"),
        control_code: text("control_code"),
        item_no: text("item_no"),
        element: text("element"),
        elements: vocabulary.elements_of(&symbols),
        elements_all,
        kinds,
        partners,
        families,
        terms: terms(row.cell("terms")),
        thresholds,
        unless_controlled_by: row.list("unless_controlled_by"),
        scope,
        presence_asks,
        reserved,
        item_zh: text("item_zh"),
        item_en: text("item_en"),
        form_note: text("form_note"),
        hs: row.list("hs"),
        hs_basis: text("hs_basis"),
        valid_from: valid_from?,
        valid_to,
        published: published?,
        limbs,
        fact,
        line: row.line,
    })
}

/// `a|b & c|d` as groups of alternatives.
pub(crate) fn terms(text: &str) -> Vec<Vec<String>> {
    let group = |g: &str| -> Vec<String> {
        g.split('|').map(str::trim).filter(|t| !t.is_empty()).map(str::to_owned).collect()
    };
    text.split('&').map(group).filter(|g| !g.is_empty()).collect()
}

fn partners(row: Row<'_>, faults: &mut Vec<PackFault>) -> Vec<Elements> {
    let vocabulary = Vocabulary::common();
    let mut alternatives = Vec::new();
    for alternative in row.cell("partners").split('|').filter(|a| !a.trim().is_empty()) {
        let symbols = list(alternative);
        for symbol in symbols.iter().filter(|s| vocabulary.symbol(s).is_none()) {
            faults.push(row.fault(
                "partners",
                "code_unknown",
                format!("`{symbol}` is no element"),
                "symbols separated by `;`, alternatives by `|`: `Ni;Fe|Ni;Cu`",
            ));
        }
        alternatives.push(vocabulary.elements_of(&symbols));
    }
    alternatives
}

fn settings(row: Row<'_>, faults: &mut Vec<PackFault>) -> (bool, Scope, bool) {
    let mut one_of = |name: &str, known: &[&str]| -> usize {
        let cell = row.cell(name);
        known.iter().position(|k| *k == cell).unwrap_or_else(|| {
            if !cell.is_empty() {
                let message = format!("`{cell}` is not known here");
                faults.push(row.fault(name, "code_unknown", message, &known.join(" or ")));
            }
            0
        })
    };
    let all = one_of("elements_rule", &["any", "all"]) == 1;
    let scope = match one_of("scope", &["from_here", "made_elsewhere"]) {
        1 => Scope::MadeElsewhere,
        _ => Scope::FromHere,
    };
    (all, scope, one_of("presence_asks", &["yes", "no"]) == 0)
}

fn threshold(text: &str, row: Row<'_>, faults: &mut Vec<PackFault>) -> Option<Threshold> {
    let vocabulary = Vocabulary::common();
    let mut fault = |code, message: String| {
        faults.push(row.fault(
            "thresholds",
            code,
            message,
            "parameter, sign and decimal, separated by `;`: `purity_pct>=99.99;share_pct:W>=97`",
        ));
        None
    };
    let Some(at) = text.find(['<', '>', '=']) else {
        return fault("threshold", format!("`{text}` has no sign"));
    };
    let (name, rest) = text.split_at(at);
    let (comparison, number) = Comparison::split(rest);
    let measure = match name.trim().split_once(':') {
        Some(("share_pct", symbol)) => vocabulary.symbol(symbol).map(Measure::Share),
        Some(_) => None,
        None => vocabulary
            .parameter(name.trim())
            .filter(|&p| vocabulary.parameters.get(usize::from(p)).is_some_and(|p| p.decimal))
            .map(Measure::Parameter),
    };
    let Some(measure) = measure else {
        return fault("code_unknown", format!("`{name}` is no parameter"));
    };
    match value_parse(number) {
        Some(limit) => Some(Threshold { measure, comparison, limit }),
        None => fault("threshold", format!("`{number}` is no decimal")),
    }
}
