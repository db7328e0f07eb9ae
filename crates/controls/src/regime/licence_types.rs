//! `licence_types.toml`: kinds of licences, what they require and what bars them, changes, criteria.

use std::collections::BTreeSet;

use jiff::Span;
use serde::{Deserialize, Serialize};

use super::Regime;
use crate::fact::{Confidence, Fact};
use crate::fault::PackFault;
use crate::files::PackFiles;
use crate::settings::Settings;
use crate::table::{Lined, fault};

const FILE: &str = "licence_types.toml";
const SECTIONS: &[&str] = &["licence_type", "condition", "change", "criterion"];

/// What a kind of licence is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LicenceKind {
    /// Applied for and decided.
    Licence,
    /// Published for all; whoever uses it registers or reports.
    Registration,
    /// The item is controlled, and no licence is needed.
    Exemption,
    /// The item is not controlled.
    OutOfScope,
}

/// A kind of licence.
#[derive(Debug, Clone)]
pub struct LicenceType {
    /// Its code.
    pub id: String,
    /// What it is.
    pub kind: LicenceKind,
    /// Name.
    pub name_en: String,
    /// Name in Chinese.
    pub name_zh: String,
    /// For what it is.
    pub scope: String,
    /// How long it is valid at most.
    pub max_validity: Option<Span>,
    /// How long it is valid in practice.
    pub practice_validity: Option<Span>,
    /// Of what the practice is known.
    pub practice_note: String,
    /// How many exports at most.
    pub max_exports: Option<u32>,
    /// How many end users at most.
    pub max_end_users: Option<u32>,
    /// Whether it is got anew before each export.
    pub before_each_export: bool,
    /// Whether it lapses by itself when what it is for is completed.
    pub lapses_when_completed: bool,
    /// Conditions that must hold.
    pub requires: Vec<String>,
    /// Conditions of which none may hold.
    pub barred_if: Vec<String>,
    /// Grounds of which one must hold.
    pub grounds: Vec<String>,
    /// The kind to apply for instead, where this one is barred.
    pub falls_back_to: Option<String>,
    /// The kind whose documents are needed too.
    pub documents_as: Option<String>,
    /// The rule.
    pub fact: Fact,
}

/// A condition that kinds of licences name.
#[derive(Debug, Clone)]
pub struct Condition {
    /// Its code.
    pub id: String,
    /// Name.
    pub name_en: String,
    /// Name in Chinese.
    pub name_zh: String,
    /// The rule.
    pub fact: Fact,
}

/// Whether a change needs a new application.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// It does.
    Key,
    /// It is an amendment.
    NonKey,
}

/// A change of a licence.
#[derive(Debug, Clone)]
pub struct Change {
    /// The element that changes; `other` is every element not named.
    pub id: String,
    /// Name.
    pub name_en: String,
    /// Name in Chinese.
    pub name_zh: String,
    /// Whether it needs a new application.
    pub kind: ChangeKind,
    /// What follows.
    pub effect: String,
    /// The rule.
    pub fact: Fact,
}

/// What is weighed in a decision.
pub type Criterion = Condition;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct LicenceEntry {
    id: String,
    kind: LicenceKind,
    name_en: String,
    name_zh: String,
    scope: String,
    max_validity: Option<String>,
    practice_validity: Option<String>,
    #[serde(default)]
    practice_note: String,
    max_exports: Option<u32>,
    max_end_users: Option<u32>,
    #[serde(default)]
    before_each_export: bool,
    lapses_when_completed: bool,
    #[serde(default)]
    requires: Vec<String>,
    #[serde(default)]
    barred_if: Vec<String>,
    #[serde(default)]
    grounds: Vec<String>,
    falls_back_to: Option<String>,
    documents_as: Option<String>,
    citation: String,
    source: String,
    confidence: Confidence,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ConditionEntry {
    id: String,
    name_en: String,
    name_zh: String,
    citation: String,
    source: String,
    confidence: Confidence,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ChangeEntry {
    id: String,
    name_en: String,
    name_zh: String,
    kind: ChangeKind,
    effect: String,
    citation: String,
    source: String,
    confidence: Confidence,
}

/// Reads the file into the regime.
pub(super) fn read(files: &PackFiles, regime: &mut Regime, faults: &mut Vec<PackFault>) {
    let Some(settings) = Settings::read(files, FILE, SECTIONS, faults) else { return };
    let types: Vec<Lined<LicenceEntry>> = settings.many("licence_type", faults);
    let conditions: Vec<Lined<ConditionEntry>> = settings.many("condition", faults);
    let changes: Vec<Lined<ChangeEntry>> = settings.many("change", faults);
    let criteria: Vec<Lined<ConditionEntry>> = settings.many("criterion", faults);
    once(FILE, types.iter().map(|(line, e)| (*line, e.id.as_str())), faults);
    once(FILE, conditions.iter().map(|(line, e)| (*line, e.id.as_str())), faults);
    once(FILE, changes.iter().map(|(line, e)| (*line, e.id.as_str())), faults);
    once(FILE, criteria.iter().map(|(line, e)| (*line, e.id.as_str())), faults);
    let ids: BTreeSet<String> = types.iter().map(|(_, e)| e.id.clone()).collect();
    let known: BTreeSet<String> = conditions.iter().map(|(_, e)| e.id.clone()).collect();
    for (line, entry) in &types {
        for (field, codes) in [
            ("requires", &entry.requires),
            ("barred_if", &entry.barred_if),
            ("grounds", &entry.grounds),
        ] {
            codes.iter().for_each(|code| refers(FILE, *line, field, code, &known, faults));
        }
        let others =
            [("falls_back_to", &entry.falls_back_to), ("documents_as", &entry.documents_as)];
        for (field, other) in others {
            other.iter().for_each(|code| refers(FILE, *line, field, code, &ids, faults));
        }
    }
    for (field, of) in [
        ("falls_back_to", (|e| e.falls_back_to.as_deref()) as fn(&LicenceEntry) -> Option<&str>),
        ("documents_as", |e| e.documents_as.as_deref()),
    ] {
        circles(&types, field, of, faults);
    }
    regime.licence_types =
        types.into_iter().map(|(line, entry)| licence_type(line, entry, faults)).collect();
    let condition = |(_, e): Lined<ConditionEntry>| Condition {
        id: e.id,
        name_en: e.name_en,
        name_zh: e.name_zh,
        fact: Fact { citation: e.citation, source: e.source, confidence: e.confidence },
    };
    regime.conditions = conditions.into_iter().map(condition).collect();
    regime.criteria = criteria.into_iter().map(condition).collect();
    let change = |(_, e): Lined<ChangeEntry>| Change {
        id: e.id,
        name_en: e.name_en,
        name_zh: e.name_zh,
        kind: e.kind,
        effect: e.effect,
        fact: Fact { citation: e.citation, source: e.source, confidence: e.confidence },
    };
    regime.changes = changes.into_iter().map(change).collect();
}

fn licence_type(line: u32, entry: LicenceEntry, faults: &mut Vec<PackFault>) -> LicenceType {
    let max_validity = span(FILE, line, "max_validity", entry.max_validity, faults);
    LicenceType {
        max_validity,
        practice_validity: span(FILE, line, "practice_validity", entry.practice_validity, faults),
        id: entry.id,
        kind: entry.kind,
        name_en: entry.name_en,
        name_zh: entry.name_zh,
        scope: entry.scope,
        practice_note: entry.practice_note,
        max_exports: entry.max_exports,
        max_end_users: entry.max_end_users,
        before_each_export: entry.before_each_export,
        lapses_when_completed: entry.lapses_when_completed,
        requires: entry.requires,
        barred_if: entry.barred_if,
        grounds: entry.grounds,
        falls_back_to: entry.falls_back_to,
        documents_as: entry.documents_as,
        fact: Fact { citation: entry.citation, source: entry.source, confidence: entry.confidence },
    }
}

/// A kind of licence that leads back to itself.
fn circles(
    types: &[Lined<LicenceEntry>],
    field: &str,
    of: fn(&LicenceEntry) -> Option<&str>,
    faults: &mut Vec<PackFault>,
) {
    for (line, entry) in types {
        let mut next = of(entry);
        for _ in 0..types.len() {
            let Some(id) = next.filter(|id| *id != entry.id) else { break };
            next = types.iter().find(|(_, other)| other.id == id).and_then(|(_, other)| of(other));
        }
        if next == Some(entry.id.as_str()) {
            let message = format!("`{}` leads back to itself", entry.id);
            let accepted = "another kind of licence that does not lead back";
            faults.push(fault(FILE, *line, field, "circular", message, accepted));
        }
    }
}

/// A length of time by ISO 8601.
pub(super) fn span(
    file: &str,
    line: u32,
    field: &str,
    text: Option<String>,
    faults: &mut Vec<PackFault>,
) -> Option<Span> {
    let text = text?;
    let span = text.parse::<Span>().ok().filter(|span| span.is_positive());
    if span.is_none() || !text.starts_with('P') {
        let message = format!("`{text}` is no length of time");
        faults.push(fault(file, line, field, "span_wrong", message, "such as `P1Y` or `P6M`"));
    }
    span
}

/// Each id once within a table.
pub(super) fn once<'a>(
    file: &str,
    ids: impl Iterator<Item = (u32, &'a str)>,
    faults: &mut Vec<PackFault>,
) {
    let mut seen = BTreeSet::new();
    for (line, id) in ids {
        if !seen.insert(id) {
            let message = format!("`{id}` stands twice");
            faults.push(fault(file, line, "id", "id_twice", message, "each id once"));
        }
    }
}

/// A reference to something that another entry defines.
pub(super) fn refers(
    file: &str,
    line: u32,
    field: &str,
    code: &str,
    known: &BTreeSet<String>,
    faults: &mut Vec<PackFault>,
) {
    if !known.contains(code) {
        let message = format!("`{code}` is not defined");
        let ids: Vec<&str> = known.iter().map(String::as_str).collect();
        let accepted = format!("one of {}", ids.join(", "));
        faults.push(fault(file, line, field, "reference_unknown", message, &accepted));
    }
}
