//! `documents.csv`, `time_limits.csv`, `penalties.csv` and `concentration.csv`.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::Regime;
use super::licence_types::{once, refers};
use crate::clock::{ClockRules, Unit};
use crate::fact::{Confidence, Fact};
use crate::fault::PackFault;
use crate::files::PackFiles;
use crate::table::{Lined, fault, rows};

const DOCUMENTS: &str = "documents.csv";
const LIMITS: &str = "time_limits.csv";
const PENALTIES: &str = "penalties.csv";
const CONCENTRATION: &str = "concentration.csv";
/// How documents name every kind of licence.
const ANY: &str = "any";

/// When a document is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Situation {
    /// With every application.
    Always,
    /// When a party is on a watch list.
    WatchList,
    /// Asked for in practice.
    Practice,
    /// Within the end-user certificate.
    EndUserCertificate,
    /// At customs.
    Customs,
}

/// A document that is handed in.
#[derive(Debug, Clone)]
pub struct Document {
    /// For which kind of licence; nothing where for every one.
    pub licence_type: Option<String>,
    /// When.
    pub situation: Situation,
    /// Its number in the table.
    pub no: u32,
    /// What it is.
    pub document: String,
    /// Who provides it.
    pub provided_by: String,
    /// In what form.
    pub form: String,
    /// The rule.
    pub fact: Fact,
}

/// In what a limit is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LimitUnit {
    /// Working days.
    WorkingDay,
    /// Calendar days.
    CalendarDay,
    /// Months.
    Month,
    /// Years.
    Year,
    /// Years, at most.
    YearMax,
    /// Years, at least.
    YearMin,
    /// On that day of the following month.
    DayOfFollowingMonth,
    /// Before the event.
    BeforeEvent,
    /// Without delay, and without a number.
    Promptly,
    /// No limit.
    None,
}

/// A limit of time.
#[derive(Debug, Clone)]
pub struct TimeLimit {
    /// Its code.
    pub id: String,
    /// The clock that counts it.
    pub clock: Option<String>,
    /// What is to be done.
    pub step: String,
    /// How many, from the least to the most.
    pub limit: Option<(u32, u32)>,
    /// In what it is counted.
    pub unit: LimitUnit,
    /// What starts it.
    pub clock_starts: String,
    /// What ends it.
    pub clock_ends: String,
    /// What stops it.
    pub clock_stops_for: String,
    /// What follows, or else to know.
    pub note: String,
    /// The rule.
    pub fact: Fact,
}

/// What a breach costs.
#[derive(Debug, Clone)]
pub struct Penalty {
    /// Its code.
    pub id: String,
    /// What was done.
    pub conduct: String,
    /// What it costs.
    pub sanction: String,
    /// The rule.
    pub fact: Fact,
}

/// A share of a stage of the supply chain.
#[derive(Debug, Clone)]
pub struct Concentration {
    /// The year, or years.
    pub year: String,
    /// The stage.
    pub stage: String,
    /// ISO 3166 codes, joined by `+`.
    pub country: String,
    /// The figure, as published.
    pub value: String,
    /// Its unit.
    pub unit: String,
    /// Where it was read.
    pub fact: Fact,
}

#[derive(Debug, Deserialize)]
struct DocumentRow {
    licence_type: String,
    situation: Situation,
    no: u32,
    document: String,
    provided_by: String,
    form: String,
    citation: String,
    source: String,
    confidence: Confidence,
}

#[derive(Debug, Deserialize)]
struct LimitRow {
    id: String,
    clock: String,
    step: String,
    limit: String,
    unit: LimitUnit,
    clock_starts: String,
    clock_ends: String,
    clock_stops_for: String,
    note: String,
    citation: String,
    source: String,
    confidence: Confidence,
}

#[derive(Debug, Deserialize)]
struct PenaltyRow {
    id: String,
    conduct: String,
    sanction: String,
    citation: String,
    source: String,
    confidence: Confidence,
}

#[derive(Debug, Deserialize)]
struct ConcentrationRow {
    year: String,
    stage: String,
    country: String,
    value: String,
    unit: String,
    source: String,
    confidence: Confidence,
}

/// Reads the tables into the regime, whose kinds of licences are there.
pub(super) fn read(
    files: &PackFiles,
    regime: &mut Regime,
    clocks: Option<&ClockRules>,
    faults: &mut Vec<PackFault>,
) {
    regime.documents = documents(files, regime, faults);
    regime.time_limits = limits(files, clocks, faults);
    let columns = ["id", "conduct", "sanction", "citation", "source", "confidence"];
    let penalties: Vec<Lined<PenaltyRow>> = rows(files, PENALTIES, &columns, faults);
    once(PENALTIES, penalties.iter().map(|(line, row)| (*line, row.id.as_str())), faults);
    regime.penalties = penalties
        .into_iter()
        .map(|(_, row)| Penalty {
            id: row.id,
            conduct: row.conduct,
            sanction: row.sanction,
            fact: Fact { citation: row.citation, source: row.source, confidence: row.confidence },
        })
        .collect();
    let columns = ["year", "stage", "country", "value", "unit", "source", "confidence"];
    let shares: Vec<Lined<ConcentrationRow>> = rows(files, CONCENTRATION, &columns, faults);
    regime.concentration = shares.into_iter().map(|(line, row)| share(line, row, faults)).collect();
}

fn share(line: u32, row: ConcentrationRow, faults: &mut Vec<PackFault>) -> Concentration {
    let percent = row.value.parse::<u32>().ok();
    if row.unit == "percent" && percent.is_none_or(|percent| percent > 100) {
        let message = format!("`{}` is no share", row.value);
        faults.push(fault(CONCENTRATION, line, "value", "out_of_range", message, "0 to 100"));
    }
    Concentration {
        year: row.year,
        stage: row.stage,
        country: row.country,
        value: row.value,
        unit: row.unit,
        fact: Fact { citation: String::new(), source: row.source, confidence: row.confidence },
    }
}

fn documents(files: &PackFiles, regime: &Regime, faults: &mut Vec<PackFault>) -> Vec<Document> {
    let columns = [
        "licence_type",
        "situation",
        "no",
        "document",
        "provided_by",
        "form",
        "citation",
        "source",
        "confidence",
    ];
    let rows: Vec<Lined<DocumentRow>> = rows(files, DOCUMENTS, &columns, faults);
    let mut known: BTreeSet<String> = regime.licence_types.iter().map(|l| l.id.clone()).collect();
    known.insert(ANY.to_owned());
    let mut numbers = BTreeSet::new();
    rows.into_iter()
        .map(|(line, row)| {
            refers(DOCUMENTS, line, "licence_type", &row.licence_type, &known, faults);
            if !numbers.insert(row.no) {
                let message = format!("`{}` stands twice", row.no);
                faults.push(fault(DOCUMENTS, line, "no", "id_twice", message, "each number once"));
            }
            Document {
                licence_type: Some(row.licence_type).filter(|id| id != ANY),
                situation: row.situation,
                no: row.no,
                document: row.document,
                provided_by: row.provided_by,
                form: row.form,
                fact: Fact {
                    citation: row.citation,
                    source: row.source,
                    confidence: row.confidence,
                },
            }
        })
        .collect()
}

fn limits(
    files: &PackFiles,
    clocks: Option<&ClockRules>,
    faults: &mut Vec<PackFault>,
) -> Vec<TimeLimit> {
    let columns = [
        "id",
        "clock",
        "step",
        "limit",
        "unit",
        "clock_starts",
        "clock_ends",
        "clock_stops_for",
        "note",
        "citation",
        "source",
        "confidence",
    ];
    let rows: Vec<Lined<LimitRow>> = rows(files, LIMITS, &columns, faults);
    once(LIMITS, rows.iter().map(|(line, row)| (*line, row.id.as_str())), faults);
    rows.into_iter()
        .map(|(line, row)| {
            let limit = range(&row.limit);
            let numbered =
                !matches!(row.unit, LimitUnit::None | LimitUnit::Promptly | LimitUnit::BeforeEvent);
            if limit.is_some() != numbered || (limit.is_none() && !row.limit.is_empty()) {
                let message = format!("`{}` does not fit its unit", row.limit);
                let accepted =
                    "a number or a range such as `3-5`, and nothing where the unit has none";
                faults.push(fault(LIMITS, line, "limit", "limit_wrong", message, accepted));
            }
            let limit = TimeLimit {
                id: row.id,
                clock: Some(row.clock).filter(|clock| !clock.is_empty()),
                step: row.step,
                limit,
                unit: row.unit,
                clock_starts: row.clock_starts,
                clock_ends: row.clock_ends,
                clock_stops_for: row.clock_stops_for,
                note: row.note,
                fact: Fact {
                    citation: row.citation,
                    source: row.source,
                    confidence: row.confidence,
                },
            };
            if let Some(clocks) = clocks {
                agrees(line, &limit, clocks, faults);
            }
            limit
        })
        .collect()
}

fn range(text: &str) -> Option<(u32, u32)> {
    let (least, most) = text.split_once('-').unwrap_or((text, text));
    let (least, most) = (least.parse().ok()?, most.parse().ok()?);
    (least <= most).then_some((least, most))
}

/// A limit that a clock counts says what the clock says.
fn agrees(line: u32, limit: &TimeLimit, clocks: &ClockRules, faults: &mut Vec<PackFault>) {
    let Some(id) = &limit.clock else { return };
    let Some(rule) = clocks.clock(id) else {
        let known: BTreeSet<String> = clocks.clocks.iter().map(|rule| rule.id.clone()).collect();
        refers(LIMITS, line, "clock", id, &known, faults);
        return;
    };
    let counted = match (rule.limit, rule.unit) {
        (None, _) => (None, LimitUnit::None),
        (Some(days), Unit::WorkingDay) => (Some((days, days)), LimitUnit::WorkingDay),
        (Some(days), Unit::CalendarDay) => (Some((days, days)), LimitUnit::CalendarDay),
    };
    if counted != (limit.limit, limit.unit) {
        let message = format!("`{}` differs from what the clock `{id}` counts", limit.id);
        let accepted = "the same number and unit as in clocks.toml";
        faults.push(fault(LIMITS, line, "limit", "clock_differs", message, accepted));
    }
}
