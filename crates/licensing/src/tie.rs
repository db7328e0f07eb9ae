//! Export filings and draw-downs of the same customs declaration find each other.
//!
//! What a filer tells the tracking system and what customs books on a licence are two tellings of one
//! export. Where they differ, or one is missing, that is a finding: nobody is refused, somebody looks. The
//! meeting place is the declaration; within it, filings and draw-downs of the same licence line are added
//! up and compared, and what is left over is paired with what it was probably meant for.
//!
//! INVARIANT: the order of filings and draw-downs does not matter, and each of them stands in exactly one
//! row of the answer.

use std::collections::{BTreeMap, BTreeSet};

use base::Date;
use jiff::ToSpan;
use serde::Serialize;

use crate::quantity::{Quantity, Unit};

/// An export as it was filed: one row of an export filing.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct ExportFiled {
    /// Who filed it, `scheme:value`.
    pub filer: String,
    /// The filing, as `filer/reference`.
    pub filing: String,
    /// Lot.
    pub lot: String,
    /// Customs declaration; empty where none is named.
    pub declaration: String,
    /// Licence and line, as `number/line`; empty where none is named.
    pub licence: String,
    /// Business date.
    pub day: Date,
    /// Net mass, mg.
    pub net_mass_mg: i64,
    /// Content of each analysed element, mg.
    pub content_mg: BTreeMap<String, i64>,
    /// The same as the element's usual oxide, mg.
    pub oxide_mg: BTreeMap<String, i64>,
    /// Pieces; nothing where not told.
    pub pieces: Option<i64>,
    /// Product as filed.
    pub product: String,
    /// Country or area of the customer, ISO 3166-1 alpha-2; empty where not told.
    pub destination: String,
    /// Customer.
    pub customer: String,
    /// Whether a control list calls it controlled.
    pub controlled: Controlled,
}

/// Whether a good needs a licence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Controlled {
    /// A control list names it.
    Yes,
    /// None does, or it cannot be told: no finding rests on it.
    No,
}

/// A draw-down as customs booked it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DrawnDown {
    /// Customs declaration.
    pub declaration: String,
    /// Licence number.
    pub licence: String,
    /// Line of the licence.
    pub line: String,
    /// Holder of the licence, `scheme:value`.
    pub holder: String,
    /// Day on which it was booked.
    pub day: Date,
    /// What was drawn, each unit once.
    pub quantities: Vec<Quantity>,
    /// Country or area of destination, ISO 3166-1 alpha-2; empty where customs did not tell.
    pub destination: String,
}

/// Whether a licence may be used, by what happened to it; its days are looked at apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LineStanding {
    /// It may.
    InForce,
    /// Not for the time being.
    Suspended,
    /// Not any more: revoked, surrendered, superseded or closed.
    Ended,
}

impl LineStanding {
    /// Its stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            LineStanding::InForce => "in_force",
            LineStanding::Suspended => "suspended",
            LineStanding::Ended => "ended",
        }
    }
}

/// A licence line, as far as an export is held against it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LineKnown {
    /// `number/line`.
    pub licence: String,
    /// Holder, `scheme:value`.
    pub holder: String,
    /// First and last day on which it may be used, both inclusive.
    pub valid: (Date, Date),
    /// Countries or areas that it is for; empty where for any.
    pub destinations: BTreeSet<String>,
    /// Whether it may be used now.
    pub standing: LineStanding,
    /// What may still be drawn, each unit once; what is held or allotted is not left.
    pub left: Vec<Quantity>,
}

/// How the comparison is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TieRules {
    /// The day as of which it is asked.
    pub as_of: Date,
    /// For so many days the other telling may be on its way.
    pub grace_days: u16,
    /// So much may the two tellings of a quantity differ, in millionths of the greater.
    pub tolerance_ppm: u32,
}

/// How the tellings of a declaration and licence line fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TieState {
    /// They say the same.
    Matched,
    /// The other one may still come.
    Waiting,
    /// There is something to look at.
    Differs,
    /// No licence is named and none is needed.
    NoLicence,
}

/// What is to be looked at.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct TieFinding {
    /// What it is.
    pub rule: TieRule,
    /// What the draw-down, licence or list says.
    pub expected: String,
    /// What the filing says.
    pub observed: String,
    /// By how much a quantity differs, and the greater of the two; nothing where it is about none.
    pub gap: Option<(i64, i64)>,
}

/// The rules, with what each finding is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TieRule {
    /// A controlled good left, and the filing names no licence.
    ExportWithoutLicence,
    /// The filing names a licence and no declaration, so that nothing can be held against it.
    DeclarationMissing,
    /// The filing names a licence line that was never issued.
    LicenceUnknown,
    /// The filing names a licence of another holder, or its declaration was drawn down on one.
    LicenceOfAnother,
    /// The export lies outside the days on which the licence may be used.
    LicenceNotInForce,
    /// The destination is not that of the licence, or of the draw-down.
    WrongDestination,
    /// Filed, and nothing drawn down.
    FilingWithoutDrawDown,
    /// Drawn down, and nothing filed.
    DrawDownWithoutFiling,
    /// Drawn down on another line of the licence.
    WrongLine,
    /// Drawn down on another licence.
    WrongLicence,
    /// Filed and drawn down, and not the same quantity.
    QuantityGap,
}

impl TieRule {
    /// All of them.
    pub const ALL: [TieRule; 11] = [
        TieRule::ExportWithoutLicence,
        TieRule::DeclarationMissing,
        TieRule::LicenceUnknown,
        TieRule::LicenceOfAnother,
        TieRule::LicenceNotInForce,
        TieRule::WrongDestination,
        TieRule::FilingWithoutDrawDown,
        TieRule::DrawDownWithoutFiling,
        TieRule::WrongLine,
        TieRule::WrongLicence,
        TieRule::QuantityGap,
    ];

    /// Its stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            TieRule::ExportWithoutLicence => "export_without_licence",
            TieRule::DeclarationMissing => "export_declaration_missing",
            TieRule::LicenceUnknown => "licence_unknown",
            TieRule::LicenceOfAnother => "licence_of_another",
            TieRule::LicenceNotInForce => "licence_not_in_force",
            TieRule::WrongDestination => "licence_wrong_destination",
            TieRule::FilingWithoutDrawDown => "export_not_drawn_down",
            TieRule::DrawDownWithoutFiling => "draw_down_not_filed",
            TieRule::WrongLine => "licence_wrong_line",
            TieRule::WrongLicence => "licence_wrong",
            TieRule::QuantityGap => "draw_down_differs",
        }
    }

    /// What would clear it, in a sentence.
    #[must_use]
    pub fn clears(self) -> &'static str {
        match self {
            TieRule::ExportWithoutLicence => {
                "a correction that names the licence, or an assay that shows the good is not controlled"
            }
            TieRule::DeclarationMissing => "a correction that names the customs declaration",
            TieRule::LicenceUnknown => "a correction that names a licence line that was issued",
            TieRule::LicenceOfAnother => {
                "a correction that names a licence and a declaration of the filer"
            }
            TieRule::LicenceNotInForce => {
                "a correction of the date or licence, or a draw-down that customs dates within it"
            }
            TieRule::WrongDestination => "a correction of the destination, or an amended licence",
            TieRule::FilingWithoutDrawDown => {
                "the draw-down of this declaration by customs, or a correction of the declaration"
            }
            TieRule::DrawDownWithoutFiling => {
                "the export filing of this declaration, or its correction by customs"
            }
            TieRule::WrongLine | TieRule::WrongLicence => {
                "a correction of the filing, or of the draw-down by customs, so that both name one line"
            }
            TieRule::QuantityGap => {
                "a correction of the filing, or of the draw-down by customs, so that both state one quantity"
            }
        }
    }
}

/// The tellings of one declaration and licence line, held against each other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Tie {
    /// Customs declaration; empty where none is named.
    pub declaration: String,
    /// `number/line` as filed, else as drawn down; empty where none is named.
    pub licence: String,
    /// Who filed it; of what was not filed, the holder of the licence.
    pub party: String,
    /// The rows that were filed, in order.
    pub filed: Vec<ExportFiled>,
    /// What was drawn down, in order.
    pub drawn: Vec<DrawnDown>,
    /// How they fit.
    pub state: TieState,
    /// What is to be looked at, in order.
    pub findings: Vec<TieFinding>,
}

/// Filings and draw-downs of one licence line within a declaration.
#[derive(Debug, Default)]
struct Side<'a> {
    filed: Vec<&'a ExportFiled>,
    drawn: Vec<&'a DrawnDown>,
}

pub(crate) fn key_of(drawn: &DrawnDown) -> String {
    format!("{}/{}", drawn.licence, drawn.line)
}

fn number_of(licence: &str) -> &str {
    licence.rsplit_once('/').map_or(licence, |(number, _)| number)
}

/// Holds export filings against draw-downs, and against the licences where they are known.
///
/// The answer is sorted by declaration, licence and party.
#[must_use]
pub fn ties(
    rules: &TieRules,
    filed: &[ExportFiled],
    drawn: &[DrawnDown],
    licences: Option<&[LineKnown]>,
) -> Vec<Tie> {
    let known: Option<BTreeMap<&str, &LineKnown>> =
        licences.map(|all| all.iter().map(|line| (line.licence.as_str(), line)).collect());
    let mut met: BTreeMap<&str, BTreeMap<(String, String), Side<'_>>> = BTreeMap::new();
    for of in filed {
        // Without a declaration nothing meets: each filing stands for itself.
        let apart = if of.declaration.is_empty() { of.filing.clone() } else { of.filer.clone() };
        let sides = met.entry(&of.declaration).or_default();
        sides.entry((of.licence.clone(), apart)).or_default().filed.push(of);
    }
    let filers: BTreeSet<(&str, &str, &str)> = filed
        .iter()
        .map(|of| (of.declaration.as_str(), of.licence.as_str(), of.filer.as_str()))
        .collect();
    for of in drawn {
        // With what its holder filed, else with what anybody filed of this line, else alone.
        let (declaration, key) = (of.declaration.as_str(), key_of(of));
        let mut filed = filers.range((declaration, key.as_str(), "")..);
        let own = filers.contains(&(declaration, key.as_str(), of.holder.as_str()));
        let other = filed.next().filter(|met| (met.0, met.1) == (declaration, key.as_str()));
        let party = other.filter(|_| !own && !declaration.is_empty()).map(|met| met.2);
        let side = (key.clone(), party.unwrap_or(&of.holder).to_owned());
        met.entry(declaration).or_default().entry(side).or_default().drawn.push(of);
    }
    let mut found = Vec::new();
    for (declaration, sides) in met {
        for (licence, side) in paired(declaration, sides) {
            found.push(tie(rules, declaration, licence, side, known.as_ref()));
        }
    }
    found.sort_by(|a, b| {
        let key = |tie: &Tie| (tie.declaration.clone(), tie.licence.clone(), tie.party.clone());
        key(a).cmp(&key(b)).then_with(|| a.filed.cmp(&b.filed))
    });
    found
}

/// The sides of a declaration, of which those that were only filed are put together with those that were
/// only drawn down: of the same licence first, then those that name none, then in order.
fn paired<'a>(
    declaration: &str,
    sides: BTreeMap<(String, String), Side<'a>>,
) -> Vec<(String, Side<'a>)> {
    let (mut filed, mut drawn, mut both) = (Vec::new(), Vec::new(), Vec::new());
    for ((licence, _), side) in sides {
        let to = match (side.filed.is_empty(), side.drawn.is_empty()) {
            (false, true) => &mut filed,
            (true, _) => &mut drawn,
            (false, false) => &mut both,
        };
        to.push((licence, side));
    }
    if declaration.is_empty() {
        return filed.into_iter().chain(drawn).chain(both).collect();
    }
    let same = |a: &str, b: &str| !a.is_empty() && number_of(a) == number_of(b);
    // A filing that needs no licence and names none is not what somebody drew down for.
    let may = |side: &Side<'_>, licence: &str| {
        !licence.is_empty() || side.filed.iter().any(|of| of.controlled == Controlled::Yes)
    };
    for step in 0..2 {
        let mut rest = Vec::new();
        for (licence, mut side) in filed {
            let fits = |other: &&(String, Side<'_>)| step == 1 || same(&licence, &other.0);
            match drawn.iter().position(|other| fits(&other) && may(&side, &licence)) {
                Some(at) => {
                    side.drawn = drawn.remove(at).1.drawn;
                    both.push((licence, side));
                }
                None => rest.push((licence, side)),
            }
        }
        filed = rest;
    }
    filed.into_iter().chain(drawn).chain(both).collect()
}

fn tie(
    rules: &TieRules,
    declaration: &str,
    licence: String,
    side: Side<'_>,
    known: Option<&BTreeMap<&str, &LineKnown>>,
) -> Tie {
    let mut filed: Vec<ExportFiled> = side.filed.into_iter().cloned().collect();
    let mut drawn: Vec<DrawnDown> = side.drawn.into_iter().cloned().collect();
    filed.sort();
    drawn.sort_by(|a, b| {
        let key = |of: &DrawnDown| (of.day, key_of(of), of.holder.clone(), of.destination.clone());
        let parts = |of: &DrawnDown| {
            of.quantities.iter().map(|q| (q.unit.clone(), q.amount)).collect::<Vec<_>>()
        };
        key(a).cmp(&key(b)).then_with(|| parts(a).cmp(&parts(b)))
    });
    let mut findings = Vec::new();
    let mut waiting = false;
    if !filed.is_empty() {
        licence_findings(&licence, &filed, known, &mut findings);
    }
    let latest = filed.iter().map(|of| of.day).chain(drawn.iter().map(|of| of.day)).max();
    // Until the other telling is late, its absence says nothing.
    let late = latest.is_none_or(|day| {
        day.checked_add(i64::from(rules.grace_days).days()).is_ok_and(|end| end < rules.as_of)
    });
    let plain = filed.iter().all(|of| of.controlled == Controlled::No);
    match (filed.is_empty(), drawn.is_empty()) {
        (false, true) if licence.is_empty() => {
            if !plain {
                let rule = TieRule::ExportWithoutLicence;
                findings.push(finding(rule, "number/line".to_owned(), String::new()));
            }
        }
        (false, true) if declaration.is_empty() => {
            findings.push(finding(TieRule::DeclarationMissing, String::new(), licence.clone()));
        }
        (false, true) if late => {
            findings.push(finding(TieRule::FilingWithoutDrawDown, String::new(), licence.clone()));
        }
        (true, false) if late => {
            findings.push(finding(TieRule::DrawDownWithoutFiling, licence.clone(), String::new()));
        }
        (true, _) | (false, true) => waiting = true,
        (false, false) => both_findings(rules, &licence, &filed, &drawn, &mut findings),
    }
    findings.sort();
    let state = match (findings.is_empty(), waiting) {
        (false, _) => TieState::Differs,
        (true, true) => TieState::Waiting,
        (true, false) if drawn.is_empty() => TieState::NoLicence,
        (true, false) => TieState::Matched,
    };
    let party = filed.first().map(|of| of.filer.clone());
    let party = party.or_else(|| drawn.first().map(|of| of.holder.clone())).unwrap_or_default();
    Tie { declaration: declaration.to_owned(), licence, party, filed, drawn, state, findings }
}

pub(crate) fn finding(rule: TieRule, expected: String, observed: String) -> TieFinding {
    TieFinding { rule, expected, observed, gap: None }
}

/// What was filed against the licence that it names.
pub(crate) fn licence_findings(
    licence: &str,
    filed: &[ExportFiled],
    known: Option<&BTreeMap<&str, &LineKnown>>,
    to: &mut Vec<TieFinding>,
) {
    let Some(known) = known.filter(|_| !licence.is_empty()) else { return };
    let Some(line) = known.get(licence) else {
        to.push(finding(TieRule::LicenceUnknown, "number/line".to_owned(), licence.to_owned()));
        return;
    };
    // What another's licence is good for is no matter of whoever names it.
    if let Some(stranger) = filed.iter().find(|of| of.filer != line.holder) {
        let observed = stranger.filer.clone();
        to.push(finding(TieRule::LicenceOfAnother, String::new(), observed));
        return;
    }
    let mut seen: BTreeSet<TieFinding> = BTreeSet::new();
    for of in filed {
        if of.day < line.valid.0 || of.day > line.valid.1 {
            let days = format!("{} to {}", line.valid.0, line.valid.1);
            seen.insert(finding(TieRule::LicenceNotInForce, days, of.day.to_string()));
        }
        let told = !of.destination.is_empty() && !line.destinations.is_empty();
        if told && !line.destinations.contains(&of.destination) {
            let of_line: Vec<&str> = line.destinations.iter().map(String::as_str).collect();
            let observed = of.destination.clone();
            seen.insert(finding(TieRule::WrongDestination, of_line.join(", "), observed));
        }
    }
    to.extend(seen);
}

/// What was filed against what was drawn down.
fn both_findings(
    rules: &TieRules,
    licence: &str,
    filed: &[ExportFiled],
    drawn: &[DrawnDown],
    to: &mut Vec<TieFinding>,
) {
    // Nor is what was drawn on it: number, quantity and destination stay with its holder and customs.
    let filer = filed.first().map_or("", |of| of.filer.as_str());
    if drawn.iter().any(|of| of.holder != filer) {
        if !to.iter().any(|of| of.rule == TieRule::LicenceOfAnother) {
            to.push(finding(TieRule::LicenceOfAnother, String::new(), filer.to_owned()));
        }
        return;
    }
    let drawn_on: BTreeSet<String> = drawn.iter().map(key_of).collect();
    if !drawn_on.contains(licence) {
        let on: Vec<&str> = drawn_on.iter().map(String::as_str).collect();
        let same = on.iter().any(|key| number_of(key) == number_of(licence));
        let rule = if same { TieRule::WrongLine } else { TieRule::WrongLicence };
        to.push(finding(rule, on.join(", "), licence.to_owned()));
    }
    let places = |of: &mut dyn Iterator<Item = &String>| -> BTreeSet<String> {
        of.filter(|place| !place.is_empty()).cloned().collect()
    };
    let gone = places(&mut filed.iter().map(|of| &of.destination));
    let booked = places(&mut drawn.iter().map(|of| &of.destination));
    let already = to.iter().any(|of| of.rule == TieRule::WrongDestination);
    if !gone.is_empty() && !booked.is_empty() && gone != booked && !already {
        let words = |of: BTreeSet<String>| of.into_iter().collect::<Vec<_>>().join(", ");
        to.push(finding(TieRule::WrongDestination, words(booked), words(gone)));
    }
    let mut sums: BTreeMap<&Unit, i128> = BTreeMap::new();
    for quantity in drawn.iter().flat_map(|of| &of.quantities) {
        *sums.entry(&quantity.unit).or_default() += i128::from(quantity.amount);
    }
    for (unit, drawn) in sums {
        let Some(filed) = filed_amount(unit, filed) else { continue };
        let (off, of) = ((drawn - filed).abs(), drawn.abs().max(filed.abs()));
        if off * 1_000_000 > of * i128::from(rules.tolerance_ppm) {
            let words = |amount: i128| {
                let amount = i64::try_from(amount).unwrap_or(i64::MAX);
                Quantity { unit: unit.clone(), amount }.to_string()
            };
            let cut = |amount: i128| i64::try_from(amount).unwrap_or(i64::MAX);
            to.push(TieFinding {
                rule: TieRule::QuantityGap,
                expected: words(drawn),
                observed: words(filed),
                gap: Some((cut(off), cut(of))),
            });
        }
    }
}

/// What was filed of a unit; nothing where not all of it was told.
pub(crate) fn filed_amount(unit: &Unit, filed: &[ExportFiled]) -> Option<i128> {
    let amount = |of: &ExportFiled| match unit {
        Unit::NetMass => Some(of.net_mass_mg),
        Unit::Content(element) => of.content_mg.get(element).copied(),
        Unit::Oxide(element) => of.oxide_mg.get(element).copied(),
        Unit::Pieces => of.pieces,
        // The value of an export is not held against its licence here.
        Unit::Value(_) => None,
    };
    filed.iter().map(|of| amount(of).map(i128::from)).sum()
}

#[cfg(test)]
#[path = "tie_tests.rs"]
pub(crate) mod tests;
