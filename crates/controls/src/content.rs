//! Content rules and carve-outs of a pack: shares by value or by mass, practice, what is out of scope.
//!
//! All exact fractions. A mass threshold is judged on each magnet as supplied, never averaged, unless the
//! rule says `judged_on = "assembly"`.

use base::Date;
use base::time::date_parse;
use num_bigint::BigInt;
use num_rational::BigRational;
use serde::{Deserialize, Serialize};

use crate::bill::{BillPart, fraction_parse};
use crate::good::Comparison;
use crate::list::terms;
use crate::settings::Settings;
use crate::vocabulary::{Elements, Vocabulary, kinds_parse};
use crate::{Confidence, Fact, PackFault, PackFiles};

const FILE: &str = "content_rules.toml";

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Row {
    #[serde(skip)]
    line: u32,
    id: String,
    kind: String,
    kinds: Vec<String>,
    words: String,
    words_parameter: String,
    ask_en: String,
    ask_zh: String,
    text_en: String,
    text_zh: String,
    share_of: String,
    judged_on: String,
    instrument: String,
    origin: Vec<String>,
    inputs: String,
    products: String,
    elements: Vec<String>,
    magnet_families: Vec<String>,
    threshold: String,
    comparison: String,
    effect: String,
    official: bool,
    asks: String,
    published: String,
    valid_from: String,
    valid_to: String,
    citation: String,
    source: String,
    confidence: String,
}

/// What is out of scope although it holds what the items name.
#[derive(Debug, Clone, PartialEq)]
pub struct CarveOut {
    /// Id.
    pub id: String,
    /// Kinds it is about.
    pub kinds: u64,
    /// Groups of words, one of each must stand in the name; none: the kind is enough.
    pub terms: Vec<Vec<String>>,
    /// A yes-or-no parameter that says the same as the last group of words.
    pub words_parameter: String,
    /// What to ask where the words are missing, in English and Chinese.
    pub ask: [String; 2],
    /// The rule in words, in English and Chinese.
    pub text: [String; 2],
    /// Since when, and known from.
    pub validity: Validity,
    /// Citation, source, confidence.
    pub fact: Fact,
    /// Whether it is law; else practice or own reading.
    pub official: bool,
}

/// From when a rule holds and is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Validity {
    /// Known from.
    pub published: Date,
    /// First day.
    pub from: Date,
    /// Last day.
    pub to: Option<Date>,
}

/// What a content rule measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShareOf {
    /// Value.
    Value,
    /// Mass.
    Mass,
}

/// The kind of a content rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RuleKind {
    /// A share of listed content.
    Share,
    /// A trace of elements, up to which a magnet is not controlled.
    Trace,
    /// Made with technology of an origin.
    Technology,
}

/// A content rule.
#[derive(Debug, Clone, PartialEq)]
pub struct ContentRule {
    /// Id.
    pub id: String,
    /// Kind.
    pub kind: RuleKind,
    /// Of what the share is taken.
    pub share_of: ShareOf,
    /// Whether each magnet is judged by itself; else the assembly as a whole.
    pub each_magnet: bool,
    /// The instrument whose status it follows; empty: its own dates.
    pub instrument: String,
    /// Origins that count; empty: any.
    pub origin: Vec<String>,
    /// Code of the items that count as inputs; empty: all of the list.
    pub inputs: String,
    /// Code of the items that it is about; empty: any good.
    pub products: String,
    /// Elements whose mass counts.
    pub elements: Elements,
    /// Magnet families it is about.
    pub families: u64,
    /// Threshold as fraction of 1.
    pub threshold: BigRational,
    /// How the share must stand to it for the effect.
    pub comparison: Comparison,
    /// Whether the effect is that the good is controlled.
    pub controls: bool,
    /// Whether it is law; else practice.
    pub official: bool,
    /// A parameter that the rule asks for.
    pub asks: String,
    /// The rule in words, in English and Chinese.
    pub text: [String; 2],
    /// Since when, and known from.
    pub validity: Validity,
    /// Citation, source, confidence.
    pub fact: Fact,
    /// Line of the file.
    pub line: u32,
}

/// The content rules of a pack.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ContentRules {
    /// Carve-outs in the order of the file.
    pub carve_outs: Vec<CarveOut>,
    /// Rules in the order of the file.
    pub rules: Vec<ContentRule>,
}

impl ContentRules {
    /// Reads `content_rules.toml`.
    pub fn read(files: &PackFiles, faults: &mut Vec<PackFault>) -> ContentRules {
        let mut this = ContentRules::default();
        let Some(settings) = Settings::read(files, FILE, &["carve_out", "content_rule"], faults)
        else {
            return this;
        };
        let with_line = |(line, row): (u32, Row)| Row { line, ..row };
        for row in settings.many("carve_out", faults).into_iter().map(with_line) {
            this.carve_outs.extend(carve_out(&row, faults));
        }
        for row in settings.many("content_rule", faults).into_iter().map(with_line) {
            this.rules.extend(rule(&row, faults));
        }
        this
    }
}

fn fault(row: &Row, field: &str, code: &'static str, message: String, accepted: &str) -> PackFault {
    PackFault {
        file: FILE.to_owned(),
        line: row.line,
        field: format!("{}.{field}", row.id),
        code,
        message,
        accepted: accepted.to_owned(),
    }
}

fn validity(row: &Row, faults: &mut Vec<PackFault>) -> Option<Validity> {
    let mut day = |name: &str, text: &str| {
        let day = date_parse(text);
        if day.is_none() {
            faults.push(fault(
                row,
                name,
                "date",
                format!("`{text}` is no day"),
                "a day as YYYY-MM-DD",
            ));
        }
        day
    };
    let (published, from) = (day("published", &row.published), day("valid_from", &row.valid_from));
    let to = if row.valid_to.is_empty() { None } else { day("valid_to", &row.valid_to) };
    if let (Some(from), Some(to)) = (from, to)
        && to < from
    {
        faults.push(fault(
            row,
            "valid_to",
            "dates_reversed",
            format!("`{to}` is before `{from}`"),
            "a last day that is not before the first",
        ));
    }
    Some(Validity { published: published?, from: from?, to })
}

fn fact(row: &Row, faults: &mut Vec<PackFault>) -> Fact {
    for (name, cell) in [("citation", &row.citation), ("source", &row.source)] {
        if cell.is_empty() {
            faults.push(fault(
                row,
                name,
                "source_missing",
                format!("`{name}` is empty"),
                "the rule as one cites it, and where it was read",
            ));
        }
    }
    for (name, cell) in [("text_en", &row.text_en), ("text_zh", &row.text_zh)] {
        if cell.is_empty() {
            faults.push(fault(
                row,
                name,
                "translation_missing",
                format!("`{name}` is empty"),
                "the rule in words, in both languages",
            ));
        }
    }
    let confidence = Confidence::parse(&row.confidence);
    if confidence.is_none() {
        faults.push(fault(
            row,
            "confidence",
            "confidence",
            format!("`{}` is no confidence", row.confidence),
            "`high`, `medium` or `low`",
        ));
    }
    Fact {
        citation: row.citation.clone(),
        source: row.source.clone(),
        confidence: confidence.unwrap_or(Confidence::Low),
    }
}

fn carve_out(row: &Row, faults: &mut Vec<PackFault>) -> Option<CarveOut> {
    let (kinds, unknown) = kinds_parse(Vocabulary::common(), &row.kinds.join(";"));
    for kind in unknown {
        faults.push(fault(
            row,
            "kinds",
            "code_unknown",
            format!("`{kind}` is no kind of material"),
            "kinds of packs/common/forms.csv",
        ));
    }
    let fact = fact(row, faults);
    Some(CarveOut {
        id: row.id.clone(),
        kinds,
        terms: terms(&row.words),
        words_parameter: row.words_parameter.clone(),
        ask: [row.ask_en.clone(), row.ask_zh.clone()],
        text: [row.text_en.clone(), row.text_zh.clone()],
        validity: validity(row, faults)?,
        fact,
        official: row.official,
    })
}

/// What a rule must say to be about anything, in words that are known.
fn rule_bounded(row: &Row, kind: RuleKind, faults: &mut Vec<PackFault>) {
    if !["", "each_magnet", "assembly"].contains(&row.judged_on.as_str()) {
        faults.push(fault(
            row,
            "judged_on",
            "code_unknown",
            format!("`{}` is nothing that a share is judged on", row.judged_on),
            "`each_magnet` or `assembly`",
        ));
    }
    let wanting = [("products", row.products.is_empty()), ("origin", row.origin.is_empty())];
    for (field, _) in wanting.into_iter().filter(|w| kind == RuleKind::Technology && w.1) {
        faults.push(fault(
            row,
            field,
            "rule_unbounded",
            format!("a rule about technology with no `{field}` fits everything"),
            "the control code of its products, and the origins of the technology",
        ));
    }
}

fn rule(row: &Row, faults: &mut Vec<PackFault>) -> Option<ContentRule> {
    let vocabulary = Vocabulary::common();
    let kind = match row.kind.as_str() {
        "share" => RuleKind::Share,
        "trace" => RuleKind::Trace,
        "technology" => RuleKind::Technology,
        other => {
            faults.push(fault(
                row,
                "kind",
                "code_unknown",
                format!("`{other}` is no kind of rule"),
                "`share`, `trace` or `technology`",
            ));
            return None;
        }
    };
    for symbol in row.elements.iter().filter(|s| vocabulary.symbol(s).is_none()) {
        faults.push(fault(
            row,
            "elements",
            "code_unknown",
            format!("`{symbol}` is no element"),
            "symbols such as `Dy`",
        ));
    }
    for country in row.origin.iter().filter(|c| !base::iso::country_known(c)) {
        faults.push(fault(
            row,
            "origin",
            "code_unknown",
            format!("`{country}` is no country"),
            "ISO 3166-1 alpha-2",
        ));
    }
    let threshold = fraction_parse(&row.threshold);
    if threshold.is_none() && kind != RuleKind::Technology {
        faults.push(fault(
            row,
            "threshold",
            "threshold",
            format!("`{}` is no decimal", row.threshold),
            "a fraction of 1 such as 0.001",
        ));
    }
    let (comparison, rest) = Comparison::split(&row.comparison);
    if (!rest.is_empty() || row.comparison.is_empty()) && kind != RuleKind::Technology {
        faults.push(fault(
            row,
            "comparison",
            "code_unknown",
            format!("`{}` is no comparison", row.comparison),
            "`>=`, `>`, `<=` or `<`",
        ));
    }
    let families = row
        .magnet_families
        .iter()
        .filter_map(|f| vocabulary.family(f))
        .fold(0, |set, f| set | 1 << f);
    rule_bounded(row, kind, faults);
    let fact = fact(row, faults);
    Some(ContentRule {
        id: row.id.clone(),
        kind,
        share_of: if row.share_of == "mass" { ShareOf::Mass } else { ShareOf::Value },
        each_magnet: row.judged_on != "assembly",
        instrument: row.instrument.clone(),
        origin: row.origin.clone(),
        inputs: row.inputs.clone(),
        products: row.products.clone(),
        elements: vocabulary.elements_of(&row.elements),
        families,
        threshold: threshold.unwrap_or_default(),
        comparison,
        controls: row.effect == "controlled",
        official: row.official,
        asks: row.asks.clone(),
        text: [row.text_en.clone(), row.text_zh.clone()],
        validity: validity(row, faults)?,
        fact,
        line: row.line,
    })
}

/// Why a share could not be worked out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ContentError {
    /// A part without a value or mass that is needed.
    #[error("part `{0}` states no {1}, and neither do all its parts")]
    Missing(String, &'static str),
    /// The whole is nothing.
    #[error("the {0} of the whole is 0")]
    Nothing(&'static str),
    /// A rule about magnets, and no magnet in the bill.
    #[error("no part of the bill is a magnet that the rule is about")]
    NoMagnet,
    /// No part stands at the top.
    #[error("the bill has no part at the top")]
    NoTop,
}

/// Share of a whole, exact, as an answer shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Share {
    /// Content that counts, as fraction in lowest terms.
    pub content: String,
    /// The whole.
    pub whole: String,
    /// In percent, cut to six decimals: for people, never compared.
    pub percent: String,
    /// The share itself.
    #[serde(skip)]
    pub share: BigRational,
}

/// Works out the share of the parts that count in a bill.
///
/// `counts` says of a part (by position) what of one piece of it counts; nothing means: look at its own
/// parts. A part that counts counts with all that is in it, once.
///
/// # Errors
/// Where a needed value or mass is missing.
pub fn share_of_bill(
    bill: &[BillPart],
    of: ShareOf,
    counts: &dyn Fn(usize) -> Option<BigRational>,
) -> Result<Share, ContentError> {
    let what = match of {
        ShareOf::Value => "value",
        ShareOf::Mass => "mass",
    };
    let order = order(bill);
    let stated = |part: &BillPart| match of {
        ShareOf::Value => part.value.clone(),
        ShareOf::Mass => part.mass_kg.clone(),
    };
    let one = || BigRational::from(BigInt::from(1));
    let pieces = |part: &BillPart| part.quantity.clone().unwrap_or_else(one);
    // Per piece: the whole where known, and what of it counts; children before their parts.
    let mut whole: Vec<Option<BigRational>> = vec![None; bill.len()];
    let mut below: Vec<Option<BigRational>> = vec![Some(BigRational::default()); bill.len()];
    let mut inner: Vec<BigRational> = vec![BigRational::default(); bill.len()];
    let mut has_parts = vec![false; bill.len()];
    for &at in &order {
        let part = &bill[at];
        let summed = if has_parts[at] { below[at].clone() } else { None };
        whole[at] = stated(part).or(summed);
        let counted = match counts(at) {
            // A full share counts with the value of the part itself.
            Some(share) => match &whole[at] {
                Some(whole) => share * whole,
                None => return Err(ContentError::Missing(part.part.clone(), what)),
            },
            None => inner[at].clone(),
        };
        if let Some(within) = part.within {
            has_parts[within] = true;
            inner[within] += &counted * pieces(part);
            below[within] = match (below[within].take(), &whole[at]) {
                (Some(sum), Some(whole)) => Some(sum + whole * pieces(part)),
                _ => None,
            };
        } else {
            inner[at] = counted;
        }
    }
    let mut total = BigRational::default();
    let mut content = BigRational::default();
    let mut any = false;
    for (at, part) in bill.iter().enumerate().filter(|(_, p)| p.within.is_none()) {
        any = true;
        match &whole[at] {
            Some(whole) => total += whole * pieces(part),
            None => return Err(ContentError::Missing(part.part.clone(), what)),
        }
        content += &inner[at] * pieces(part);
    }
    if !any {
        return Err(ContentError::NoTop);
    }
    if total == BigRational::default() {
        return Err(ContentError::Nothing(what));
    }
    let share = &content / &total;
    Ok(Share {
        content: content.to_string(),
        whole: total.to_string(),
        percent: percent_text(&share),
        share,
    })
}

/// The magnet that decides of a bill, and its share by mass: nothing is averaged, neither over what a magnet
/// is built into nor over what lies in or on it.
///
/// `magnet` says of a part whether it is one that the rule is about, `own` gives the share of its own
/// assay. A magnet without assay is judged by the parts in it that have one, each by itself. The magnet
/// that decides is the one of the highest share, as that is within no limit that another exceeds.
///
/// # Errors
/// Where a magnet has an assay neither itself nor in all its parts.
pub fn share_of_magnets(
    bill: &[BillPart],
    magnet: &dyn Fn(usize) -> bool,
    own: &dyn Fn(usize) -> Option<BigRational>,
) -> Result<Option<(usize, Share)>, ContentError> {
    let order = order(bill);
    // Whether a part has to be judged: it is such a magnet, or in one that has no assay itself.
    let mut judged = vec![false; bill.len()];
    let mut has_parts = vec![false; bill.len()];
    bill.iter().filter_map(|p| p.within).for_each(|within| has_parts[within] = true);
    let mut most: Option<(usize, BigRational)> = None;
    for &at in order.iter().rev() {
        let above = bill[at].within.filter(|&within| judged[within] && own(within).is_none());
        judged[at] = above.is_some() || magnet(at);
        if !judged[at] {
            continue;
        }
        let Some(share) = own(at) else {
            if has_parts[at] {
                continue;
            }
            return Err(ContentError::Missing(bill[at].part.clone(), "composition"));
        };
        if most.as_ref().is_none_or(|(_, highest)| share > *highest) {
            most = Some((at, share));
        }
    }
    Ok(most.map(|(at, share)| {
        let whole = bill[at].mass_kg.clone().unwrap_or_else(|| BigInt::from(1).into());
        let content = (&share * &whole).to_string();
        let percent = percent_text(&share);
        (at, Share { content, whole: whole.to_string(), percent, share })
    }))
}

/// Positions of the parts, each after all parts that are in it. Parts of a circle are left out; reading the
/// bill refuses those.
fn order(bill: &[BillPart]) -> Vec<usize> {
    let mut waiting = vec![0_usize; bill.len()];
    for within in bill.iter().filter_map(|p| p.within) {
        waiting[within] += 1;
    }
    let mut ready: Vec<usize> = (0..bill.len()).filter(|&at| waiting[at] == 0).collect();
    let mut at = 0;
    while at < ready.len() {
        if let Some(within) = bill[ready[at]].within {
            waiting[within] -= 1;
            if waiting[within] == 0 {
                ready.push(within);
            }
        }
        at += 1;
    }
    ready
}

/// A share in percent, cut to six decimals.
#[must_use]
pub fn percent_text(share: &BigRational) -> String {
    let scaled = (share * BigInt::from(100_000_000_u64)).to_integer();
    i64::try_from(scaled).map_or("very large".to_owned(), |value| {
        base::decimal::Scaled { value, scale: 6 }.to_string()
    })
}

impl ContentRule {
    /// Whether a share is one of which the effect of the rule follows.
    #[must_use]
    pub fn holds(&self, share: &BigRational) -> bool {
        match self.comparison {
            Comparison::Equal => share == &self.threshold,
            Comparison::AtLeast => share >= &self.threshold,
            Comparison::Above => share > &self.threshold,
            Comparison::AtMost => share <= &self.threshold,
            Comparison::Below => share < &self.threshold,
        }
    }
}
