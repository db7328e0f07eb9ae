//! A good as stated: one JSON line, checked, with every fault of it.
//!
//! Composition is % by mass as decimal text (or `Nd=28.5;Dy<0.01` as in filings): an element or an oxide
//! by formula, `<0.01` below a reporting limit, `n.a.` not analysed.

use base::Common;
use base::common::Species;
use base::composition::{Assay, AssayEntry, AssayValue, WHOLE_PPB, percent_parse};
use base::decimal::parse_scaled;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::bill::{BillPart, bill_parse};
use crate::formula::formula_parse;
use crate::statement::Statement;
use crate::text::neutralised;
use crate::vocabulary::Vocabulary;

/// A longer line is refused: it is no good.
pub const LINE_BYTES_MAX: usize = 1 << 20;
/// A longer name is refused.
pub const NAME_CHARS_MAX: usize = 2_000;
/// Values of parameters are integers of 10⁻⁹ of their unit.
pub const VALUE_SCALE: u32 = 9;

/// What is wrong with a stated good.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GoodFault {
    /// Field, such as `composition.Dy`.
    pub field: String,
    /// What is wrong.
    pub message: String,
    /// What would be accepted.
    pub accepted: String,
}

impl GoodFault {
    pub(crate) fn new(
        field: impl Into<String>,
        message: impl Into<String>,
        accepted: impl Into<String>,
    ) -> GoodFault {
        GoodFault { field: field.into(), message: message.into(), accepted: accepted.into() }
    }
}

/// How a stated value stands to the number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub enum Comparison {
    /// Exactly.
    #[serde(rename = "=")]
    Equal,
    /// At least.
    #[serde(rename = ">=")]
    AtLeast,
    /// More than.
    #[serde(rename = ">")]
    Above,
    /// At most.
    #[serde(rename = "<=")]
    AtMost,
    /// Less than.
    #[serde(rename = "<")]
    Below,
}

impl Comparison {
    /// All with their signs, the longer signs first.
    pub(crate) const SIGNS: [(&'static str, Comparison); 7] = [
        (">=", Comparison::AtLeast),
        ("<=", Comparison::AtMost),
        ("≥", Comparison::AtLeast),
        ("≤", Comparison::AtMost),
        (">", Comparison::Above),
        ("<", Comparison::Below),
        ("=", Comparison::Equal),
    ];
    /// The sign.
    #[must_use]
    pub fn sign(self) -> &'static str {
        match self {
            Comparison::Equal => "=",
            Comparison::AtLeast => ">=",
            Comparison::Above => ">",
            Comparison::AtMost => "<=",
            Comparison::Below => "<",
        }
    }
    /// Takes a sign from the front of a text.
    pub(crate) fn split(text: &str) -> (Comparison, &str) {
        let text = text.trim();
        for (sign, comparison) in Comparison::SIGNS {
            if let Some(rest) = text.strip_prefix(sign) {
                return (comparison, rest.trim());
            }
        }
        (Comparison::Equal, text)
    }
}

/// A stated value: `>= 99.99`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stated {
    /// How it stands to the number.
    pub comparison: Comparison,
    /// The number in 10⁻⁹.
    pub value: i64,
}

impl Stated {
    /// From text such as `99.95` or `>= 99.99 %`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Stated> {
        let (comparison, rest) = Comparison::split(text);
        let rest = rest.trim_end_matches('%').trim_end();
        Some(Stated { comparison, value: value_parse(rest)? })
    }
}

/// Decimal text as integer of 10⁻⁹.
#[must_use]
pub fn value_parse(text: &str) -> Option<i64> {
    parse_scaled(text, VALUE_SCALE, i64::MAX).ok()
}

/// An element in the assay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Assayed {
    /// Atomic number.
    pub z: u8,
    /// As stated, of the species that was stated.
    pub value: AssayValue,
    /// ppb of the element.
    pub element_ppb: u32,
    /// Whether it was stated as oxide.
    pub oxide: bool,
}

/// A good as stated.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Good {
    /// The asker's own reference.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// Customs code, as stated.
    pub hs: String,
    /// Grade of a magnet.
    pub grade: String,
    /// Form or stage.
    pub form: String,
    /// Where it was made, alpha-2; empty: in the pack's own country.
    pub origin: String,
    /// The assay, by atomic number; empty where none is stated.
    pub assay: Vec<Assayed>,
    /// Numeric parameters by their position in the vocabulary.
    pub values: Vec<(u8, Stated)>,
    /// Other parameters by their position.
    pub texts: Vec<(u8, String)>,
    /// Where the technology is from with which it was made, alpha-2; nothing: not stated; empty: it is
    /// stated that no listed technology was used.
    pub technology_origin: Option<Vec<String>>,
    /// What it is made of.
    pub bill: Vec<BillPart>,
    /// What was noted when it was read.
    pub notes: Vec<Statement>,
}

impl Good {
    /// A good of which only the name is stated.
    #[must_use]
    pub fn named(name: &str) -> Good {
        Good { name: name.to_owned(), ..Good::default() }
    }

    /// Parses one JSON line.
    ///
    /// # Errors
    /// The id, as far as it could be read, and every fault.
    pub fn parse(line: &[u8]) -> Result<Good, (String, Vec<GoodFault>)> {
        if line.len() > LINE_BYTES_MAX {
            let fault = GoodFault::new(
                "",
                format!("the line has {} bytes", line.len()),
                "at most 1 MiB a line",
            );
            return Err((String::new(), vec![fault]));
        }
        match serde_json::from_slice::<Value>(line) {
            Ok(Value::Object(object)) => Good::from_object(&object),
            Ok(_) => {
                Err((String::new(), vec![GoodFault::new("", "the line is no JSON object", OBJECT)]))
            }
            Err(error) => Err((
                String::new(),
                vec![GoodFault::new("", format!("the line is no JSON: {error}"), OBJECT)],
            )),
        }
    }

    /// Reads a JSON object.
    ///
    /// # Errors
    /// The id and every fault.
    pub fn from_object(object: &Map<String, Value>) -> Result<Good, (String, Vec<GoodFault>)> {
        let mut good = Good::default();
        let mut faults = Vec::new();
        let mut hidden = false;
        for (key, value) in object {
            let mut text = |to: &mut String, max: usize| match scalar(value) {
                Some(text) => {
                    let count = text.chars().count();
                    if count > max {
                        faults.push(GoodFault::new(
                            key,
                            format!("`{key}` has {count} characters"),
                            format!("at most {max} characters"),
                        ));
                        return;
                    }
                    let (clean, changed) = neutralised(&text);
                    hidden |= changed;
                    *to = clean;
                }
                None => faults.push(GoodFault::new(key, format!("`{key}` is no text"), "a text")),
            };
            match key.as_str() {
                "id" => text(&mut good.id, 256),
                "name" => text(&mut good.name, NAME_CHARS_MAX),
                "hs" => text(&mut good.hs, 64),
                "grade" => text(&mut good.grade, 64),
                "form" => text(&mut good.form, 256),
                "origin" => text(&mut good.origin, 2),
                "composition" => composition(value, &mut good.assay, &mut faults),
                "parameters" => parameters(value, &mut good, &mut faults),
                "technology_origin" => {
                    good.technology_origin = countries(value, "technology_origin", &mut faults);
                }
                "bill" => good.bill = bill_parse(value, &mut faults),
                other => {
                    let (name, _) = neutralised(other);
                    good.notes.push(Statement::new("field_not_read").word("field", name));
                }
            }
        }
        if !good.origin.is_empty() && !base::iso::country_known(&good.origin) {
            faults.push(GoodFault::new(
                "origin",
                format!("`{}` is no country", good.origin),
                "an ISO 3166-1 alpha-2 code",
            ));
        }
        if [&good.name, &good.form, &good.grade, &good.hs].iter().all(|t| t.trim().is_empty())
            && good.assay.is_empty()
            && good.bill.is_empty()
        {
            faults.push(GoodFault::new("name", "nothing is said of the good", OBJECT));
        }
        if hidden {
            good.notes.push(Statement::new("hidden_characters"));
        }
        if faults.is_empty() { Ok(good) } else { Err((good.id, faults)) }
    }

    /// The text of a parameter.
    #[must_use]
    pub fn text_of(&self, parameter: &str) -> Option<&str> {
        let number = Vocabulary::common().parameter(parameter)?;
        self.texts.iter().find(|(p, _)| *p == number).map(|(_, t)| t.as_str())
    }

    /// Whether a yes-or-no parameter is stated as yes.
    #[must_use]
    pub fn says_yes(&self, parameter: &str) -> bool {
        self.text_of(parameter).is_some_and(yes)
    }
}

const OBJECT: &str = "a JSON object such as {\"id\":\"1\",\"name\":\"dysprosium oxide\",\"composition\":{\"Dy2O3\":\"99.5\"}}";

fn yes(text: &str) -> bool {
    matches!(text, "yes" | "true" | "是")
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(yes) => Some(if *yes { "yes" } else { "no" }.to_owned()),
        Value::Null => Some(String::new()),
        _ => None,
    }
}

/// Reads a composition: an object of species and percent, or the text of a filing.
pub(crate) fn composition(value: &Value, to: &mut Vec<Assayed>, faults: &mut Vec<GoodFault>) {
    let mut sum = 0_u64;
    let mut seen = 0_u128;
    let mut entry = |name: &str, text: &str, faults: &mut Vec<GoodFault>| {
        let field = format!("composition.{}", neutralised(name).0);
        match assayed(name, text) {
            Ok(assayed) => {
                if seen >> assayed.z & 1 == 1 {
                    faults.push(GoodFault::new(
                        field,
                        format!("`{name}` is stated twice"),
                        "each element once, as element or as oxide",
                    ));
                    return;
                }
                seen |= 1 << assayed.z;
                if let AssayValue::Ppb(ppb) = assayed.value {
                    sum += u64::from(ppb);
                }
                to.push(assayed);
            }
            Err((message, accepted)) => faults.push(GoodFault::new(field, message, accepted)),
        }
    };
    match value {
        Value::Null => {}
        Value::Object(parts) => {
            for (name, value) in parts {
                let text = scalar(value).unwrap_or_default();
                entry(name, &text, faults);
            }
        }
        Value::String(text) => {
            for part in text.split(';').map(str::trim).filter(|p| !p.is_empty()) {
                match part.find(['=', '<']) {
                    Some(at) => {
                        let value = part[at..].strip_prefix('=').unwrap_or(&part[at..]);
                        entry(part[..at].trim(), value, faults);
                    }
                    None => faults.push(GoodFault::new(
                        "composition",
                        format!("`{part}` is no part of a composition"),
                        COMPOSITION,
                    )),
                }
            }
        }
        _ => {
            faults.push(GoodFault::new("composition", "the composition is no object", COMPOSITION))
        }
    }
    if sum > u64::from(WHOLE_PPB) {
        let shown =
            base::decimal::Scaled { value: i64::try_from(sum).unwrap_or(i64::MAX), scale: 7 };
        faults.push(GoodFault::new(
            "composition",
            format!("the parts add up to {shown} %, more than 100 %"),
            "parts that add up to at most 100 % by mass",
        ));
    }
    to.sort_by_key(|a| a.z);
}

const COMPOSITION: &str = "{\"Nd\":\"28.5\",\"Dy2O3\":\"2.1\",\"Tb\":\"<0.01\",\"Ho\":\"n.a.\"} in % by mass, at most 7 decimals";

fn assayed(name: &str, text: &str) -> Result<Assayed, (String, &'static str)> {
    let vocabulary = Vocabulary::common();
    let common = Common::embedded();
    let text = text.trim();
    let shown = neutralised(name).0;
    if vocabulary.symbol(name).is_none()
        && common.species(name).is_none()
        && formula_parse(name, vocabulary).is_none()
    {
        let message = format!("`{shown}` is neither an element nor an oxide by formula");
        return Err((message, COMPOSITION));
    }
    let number = |text: &str| {
        percent_parse(text.trim().trim_end_matches('%').trim_end()).map_err(|e| {
            (format!("the value `{}` of `{shown}` {e}", neutralised(text).0), COMPOSITION)
        })
    };
    let value = if matches!(text.to_ascii_lowercase().as_str(), "n.a." | "na" | "n/a") {
        AssayValue::NotAnalysed
    } else if let Some(limit) = text.strip_prefix('<') {
        AssayValue::Below(number(limit)?)
    } else {
        AssayValue::Ppb(number(text)?)
    };
    let stated = match value {
        AssayValue::Ppb(ppb) => ppb,
        _ => 0,
    };
    if let Some(z) = vocabulary.symbol(name) {
        return Ok(Assayed { z, value, element_ppb: stated, oxide: false });
    }
    if let Some(Species::Oxide(oxide)) = common.species(name)
        && let Some(row) = common.oxides.get(usize::from(oxide))
        && let Some(z) = vocabulary.symbol(common.symbol(row.element))
    {
        let entry = Assay(vec![AssayEntry { species: Species::Oxide(oxide), value }]);
        let parts = entry.composition(base::composition::Basis::AsReceived, common);
        let element_ppb = parts.ok().and_then(|c| c.get(row.element)).unwrap_or(0);
        return Ok(Assayed { z, value, element_ppb, oxide: true });
    }
    // An oxide whose factor the tables do not have: its element is at most as much.
    let oxygen = vocabulary.symbol("O").unwrap_or(8);
    if let Some(formula) = formula_parse(name, vocabulary)
        && formula.elements.has(oxygen)
        && formula.symbols == 2
        && let Some(z) = formula.elements.iter().find(|z| *z != oxygen)
    {
        return Ok(Assayed { z, value, element_ppb: stated, oxide: true });
    }
    Err((format!("`{shown}` is neither an element nor an oxide by formula"), COMPOSITION))
}

/// Reads countries: a list, or a text with `;`. `none` is an empty list; nothing is nothing.
pub(crate) fn countries(
    value: &Value,
    field: &str,
    faults: &mut Vec<GoodFault>,
) -> Option<Vec<String>> {
    let codes: Vec<String> = match value {
        Value::Array(codes) => codes.iter().map(|c| scalar(c).unwrap_or_default()).collect(),
        other => {
            let text = scalar(other).unwrap_or_else(|| other.to_string());
            match text.trim() {
                "" => return None,
                "none" | "无" => Vec::new(),
                text => text.split(';').map(|code| code.trim().to_owned()).collect(),
            }
        }
    };
    for code in codes.iter().filter(|c| !base::iso::country_known(c)) {
        faults.push(GoodFault::new(
            field,
            format!("`{}` is no country", neutralised(code).0),
            "ISO 3166-1 alpha-2 codes as a list or separated by `;`, or `none`",
        ));
    }
    Some(codes)
}

fn parameters(value: &Value, good: &mut Good, faults: &mut Vec<GoodFault>) {
    let vocabulary = Vocabulary::common();
    let Value::Object(parts) = value else {
        if !value.is_null() {
            faults.push(GoodFault::new(
                "parameters",
                "the parameters are no object",
                "an object such as {\"purity_pct\":\"99.99\"}",
            ));
        }
        return;
    };
    for (name, value) in parts {
        let shown = neutralised(name).0;
        let field = format!("parameters.{shown}");
        let Some(number) = vocabulary.parameter(name) else {
            let known: Vec<&str> =
                vocabulary.parameters.iter().map(|p| p.parameter.as_str()).collect();
            faults.push(GoodFault::new(
                field,
                format!("`{shown}` is no parameter"),
                known.join(", "),
            ));
            continue;
        };
        let Some(row) = vocabulary.parameters.get(usize::from(number)) else { continue };
        let text = scalar(value).map(|t| neutralised(&t).0);
        match text {
            Some(text) if row.decimal => match Stated::parse(&text) {
                Some(stated) => good.values.push((number, stated)),
                None => faults.push(GoodFault::new(
                    field,
                    format!("`{text}` is no decimal number"),
                    format!("a decimal in {}, such as 99.95 or >=99.99", row.unit),
                )),
            },
            Some(text)
                if row.yes_no && !yes(&text) && !matches!(text.as_str(), "no" | "false" | "否") =>
            {
                faults.push(GoodFault::new(
                    field,
                    format!("`{text}` is neither yes nor no"),
                    "`yes` or `no`",
                ));
            }
            // A form has no lists: there the parameter says the same as the field.
            Some(text) if name == "technology_origin" => {
                if let Some(stated) = countries(&Value::String(text), &field, faults) {
                    good.technology_origin.get_or_insert_default().extend(stated);
                }
            }
            Some(text) => good.texts.push((number, text)),
            None => faults.push(GoodFault::new(field, format!("`{shown}` is no text"), "a text")),
        }
    }
}
