//! Reads `licensing.toml`: what can be read, and a fault for everything that a lawyer must mend.
//!
//! Kinds of licences and what a change means come from the pack's other tables, as values ([`Known`]);
//! every code of theirs that is used here must be among them. A fact without citation, source and
//! confidence is no fact.

use std::collections::BTreeSet;

use base::authorisation::Role;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use toml::Spanned;
use toml::de::{DeTable, DeValue, ValueDeserializer};

use crate::rules::{
    Agency, AppealRule, CertificateRule, ChangeRule, EnquiryRule, GapRule, Phrase, Rules,
    SignatureRule, Tolerance, TypeRule, UnitRule, ValidityEvent, When,
};

mod general;

/// The sections that may stand in the file.
const SECTIONS: [&str; 12] = [
    "procedure",
    "agency",
    "signature",
    "condition",
    "reason",
    "gap",
    "unit",
    "tolerance",
    "appeal",
    "enquiry",
    "certificate",
    "general_licence",
];
/// How sure a fact is.
const CONFIDENCES: [&str; 3] = ["high", "medium", "low"];
/// Kinds of units that a rule may name.
const UNITS: [&str; 5] = ["net_mass", "content", "oxide", "pieces", "value"];
/// Roles that sign decisions.
const GRADES: [Role; 2] = [Role::Officer, Role::Supervisor];
/// More days, months, hours or parts per million than any law gives; a larger number is a slip of the keyboard.
const DAYS_AT_MOST: u32 = 3_660;
const MONTHS_AT_MOST: u32 = 600;
const HOURS_AT_MOST: u32 = 24 * 366;
const PPM_AT_MOST: u32 = 1_000_000;

/// What the rest of the pack says, and which codes the program knows.
#[derive(Debug, Clone, Default)]
pub struct Known<'a> {
    /// Id of the pack.
    pub pack: &'a str,
    /// Its kinds of licences.
    pub licence_types: Vec<TypeRule>,
    /// What a change means.
    pub changes: Vec<ChangeRule>,
    /// Codes of end uses; empty where they are not checked.
    pub uses: &'a [String],
    /// Codes of gaps that the check of completeness finds; empty where they are not checked.
    pub gaps: &'a [&'a str],
    /// Codes of what a certificate may ask; empty where they are not checked.
    pub asks: &'a [&'a str],
}

/// One thing wrong in the file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RulesFault {
    /// Its line, from 1; 0 where the file as a whole is meant.
    pub line: u32,
    /// The key that it is about.
    pub field: String,
    /// Stable code.
    pub code: &'static str,
    /// What is wrong.
    pub message: String,
    /// What would be accepted.
    pub accepted: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Procedure {
    number_prefix: String,
    #[serde(default)]
    validity_event: ValidityEvent,
    // As they stand, so that one of a wrong form does not hide what is wrong with the others.
    #[serde(default)]
    reservation_hours: Option<Value>,
    #[serde(default)]
    unit_mass_tolerance_ppm: Option<Value>,
    #[serde(default)]
    registered_users: Option<Value>,
    citation: String,
    source: String,
    confidence: String,
}

/// Reads the rules of the procedure: what could be read, and every fault.
#[must_use]
pub fn rules_read(text: &str, known: &Known<'_>) -> (Rules, Vec<RulesFault>) {
    let mut rules = Rules {
        pack: known.pack.to_owned(),
        licence_types: known.licence_types.clone(),
        changes: known.changes.clone(),
        ..Rules::default()
    };
    let mut reader = Reader { text, known, faults: Vec::new() };
    let sections = match DeTable::parse(text) {
        Ok(table) => table.into_inner(),
        Err(error) => {
            let line = error.span().map_or(0, |span| line_of(text, span.start));
            reader.fault(line, "", "not_toml", error.message().replace('\n', " "), "TOML");
            return (rules, reader.faults);
        }
    };
    reader.sections_known(&sections);
    if let Some((line, procedure)) = reader.one::<Procedure>(&sections, "procedure") {
        reader.fact(line, (&procedure.citation, &procedure.source, &procedure.confidence));
        if procedure.number_prefix.trim().is_empty() {
            let message = "numbers begin with nothing".to_owned();
            reader.fault(line, "number_prefix", "text_missing", message, "a short text");
        }
        rules.number_prefix = procedure.number_prefix;
        rules.validity_event = procedure.validity_event;
        let at = |field: &str| key_line(text, &sections, "procedure", field).unwrap_or(line);
        let mut whole = |field: &'static str, value: &Option<Value>, most: u32| {
            value.as_ref().and_then(|value| reader.whole(at(field), field, value, most))
        };
        let hours = &procedure.reservation_hours;
        rules.reservation_hours = whole("reservation_hours", hours, HOURS_AT_MOST);
        let ppm = &procedure.unit_mass_tolerance_ppm;
        rules.unit_mass_tolerance_ppm = whole("unit_mass_tolerance_ppm", ppm, PPM_AT_MOST);
        if let Some(value) = &procedure.registered_users {
            rules.registered_users = reader.registered_users(at("registered_users"), value);
        }
    }
    rules.agencies = reader.agencies(&sections);
    rules.signatures = reader.signatures(&sections);
    rules.conditions = reader.phrases(&sections, "condition");
    rules.reasons = reader.phrases(&sections, "reason");
    rules.gaps = reader.gaps(&sections);
    rules.units = reader.units(&sections);
    rules.tolerances = reader.tolerances(&sections);
    rules.appeal = reader.appeal(&sections);
    rules.enquiry = reader.enquiry(&sections);
    rules.certificate = reader.certificate(&sections);
    rules.general_licences = reader.general_licences(&sections);
    reader.faults.sort();
    reader.faults.dedup();
    (rules, reader.faults)
}

struct Reader<'a> {
    text: &'a str,
    known: &'a Known<'a>,
    faults: Vec<RulesFault>,
}

impl Reader<'_> {
    fn fault(
        &mut self,
        line: u32,
        field: &str,
        code: &'static str,
        message: String,
        accepted: &str,
    ) {
        let (field, accepted) = (field.to_owned(), accepted.to_owned());
        self.faults.push(RulesFault { line, field, code, message, accepted });
    }

    fn sections_known(&mut self, sections: &DeTable<'_>) {
        for key in sections.keys() {
            let word = key.get_ref().as_ref();
            if !SECTIONS.contains(&word) {
                let line = line_of(self.text, key.span().start);
                let message = format!("no section is called `{word}`");
                let accepted = format!("one of {}", SECTIONS.join(", "));
                self.fault(line, word, "section_unknown", message, &accepted);
            }
        }
    }

    fn one<T: DeserializeOwned>(&mut self, sections: &DeTable<'_>, key: &str) -> Option<(u32, T)> {
        self.entry(key, sections.get(key)?)
    }

    fn many<T: DeserializeOwned>(&mut self, sections: &DeTable<'_>, key: &str) -> Vec<(u32, T)> {
        let Some(value) = sections.get(key) else { return Vec::new() };
        let Some(entries) = value.get_ref().as_array() else {
            let line = line_of(self.text, value.span().start);
            let message = format!("`{key}` may stand several times");
            self.fault(line, key, "setting_wrong", message, &format!("entries [[{key}]]"));
            return Vec::new();
        };
        entries.iter().filter_map(|entry| self.entry(key, entry)).collect()
    }

    fn entry<T: DeserializeOwned>(
        &mut self,
        key: &str,
        value: &Spanned<DeValue<'_>>,
    ) -> Option<(u32, T)> {
        let line = line_of(self.text, value.span().start);
        match T::deserialize(ValueDeserializer::from(value.clone())) {
            Ok(entry) => Some((line, entry)),
            Err(error) => {
                let at = error.span().map_or(line, |span| line_of(self.text, span.start));
                let message = error.message().replace('\n', " ");
                self.fault(at, key, "setting_wrong", message, "the keys of this section");
                None
            }
        }
    }

    fn fact(&mut self, line: u32, (citation, source, confidence): (&str, &str, &str)) {
        if citation.trim().is_empty() {
            let message = "the citation is missing".to_owned();
            let accepted = "instrument, article, paragraph";
            self.fault(line, "citation", "citation_missing", message, accepted);
        }
        self.sourced(line, (source, confidence));
    }

    fn sourced(&mut self, line: u32, (source, confidence): (&str, &str)) {
        if source.trim().is_empty() {
            let message = "the source is missing".to_owned();
            self.fault(line, "source", "source_missing", message, "where it was read");
        }
        if !CONFIDENCES.contains(&confidence) {
            let message = format!("`{confidence}` is no confidence");
            let accepted = format!("one of {}", CONFIDENCES.join(", "));
            self.fault(line, "confidence", "confidence_unknown", message, &accepted);
        }
    }

    fn ids_once<'i>(&mut self, key: &str, ids: impl Iterator<Item = (u32, &'i str)>) {
        let mut seen = BTreeSet::new();
        for (line, id) in ids {
            if id.trim().is_empty() {
                let message = format!("a {key} has no id");
                self.fault(line, "id", "id_missing", message, "a short text");
            } else if !seen.insert(id) {
                let message = format!("{key} `{id}` stands twice");
                self.fault(line, "id", "id_duplicate", message, "each id once");
            }
        }
    }

    fn names(&mut self, line: u32, names: [(&str, &str); 2]) {
        for (field, text) in names {
            if text.trim().is_empty() {
                let message = format!("`{field}` says nothing");
                self.fault(line, field, "text_missing", message, "a text in each language");
            }
        }
    }

    fn licence_types_known(&mut self, line: u32, field: &str, ids: &[String]) {
        let types: Vec<String> =
            self.known.licence_types.iter().map(|kind| kind.id.clone()).collect();
        for unknown in ids.iter().filter(|id| !types.contains(id)) {
            let message = format!("`{unknown}` is no kind of licence of the pack");
            let accepted = format!("one of {}", types.join(", "));
            self.fault(line, field, "licence_type_unknown", message, &accepted);
        }
    }

    fn destinations(&mut self, line: u32, field: &str, codes: &[String]) {
        let country = |code: &str| code.len() == 2 && code.bytes().all(|b| b.is_ascii_uppercase());
        for wrong in codes.iter().filter(|code| !country(code)) {
            let message = format!("`{wrong}` is no country or area");
            let accepted = "ISO 3166-1 alpha-2, two capital letters";
            self.fault(line, field, "destination_unknown", message, accepted);
        }
    }

    fn uses_known(&mut self, line: u32, field: &str, codes: &[String]) {
        let uses = self.known.uses;
        for unknown in codes.iter().filter(|code| !uses.is_empty() && !uses.contains(code)) {
            let message = format!("`{unknown}` is no end use");
            let accepted = format!("one of {}", uses.join(", "));
            self.fault(line, field, "use_unknown", message, &accepted);
        }
    }

    fn when(&mut self, line: u32, when: &When) {
        self.licence_types_known(line, "when.licence_types", &when.licence_types);
        self.destinations(line, "when.destinations", &when.destinations);
        if when.control_codes.iter().any(|code| code.trim().is_empty()) {
            let message = "an empty control code fits every good".to_owned();
            let accepted = "the beginning of a control code";
            self.fault(line, "when.control_codes", "control_code_empty", message, accepted);
        }
        self.uses_known(line, "when.uses", &when.uses);
    }

    fn agencies(&mut self, sections: &DeTable<'_>) -> Vec<Agency> {
        let agencies: Vec<(u32, Agency)> = self.many(sections, "agency");
        self.ids_once("agency", agencies.iter().map(|(line, a)| (*line, a.id.as_str())));
        for (line, agency) in &agencies {
            self.names(*line, [("name_en", &agency.name_en), ("name_zh", &agency.name_zh)]);
            self.fact(*line, (&agency.citation, &agency.source, &agency.confidence));
            self.when(*line, &agency.when);
            if agency.when.overruled || agency.when.refused {
                let message = "an agency is asked before anything is decided".to_owned();
                let accepted = "when, without `overruled` and `refused`";
                self.fault(*line, "when", "when_too_late", message, accepted);
            }
        }
        agencies.into_iter().map(|(_, agency)| agency).collect()
    }

    fn signatures(&mut self, sections: &DeTable<'_>) -> Vec<SignatureRule> {
        let rules: Vec<(u32, SignatureRule)> = self.many(sections, "signature");
        for (place, (line, rule)) in rules.iter().enumerate() {
            self.fact(*line, (&rule.citation, &rule.source, &rule.confidence));
            self.when(*line, &rule.when);
            let grade = Role::parse(&rule.grade);
            if !grade.is_some_and(|grade| GRADES.contains(&grade)) {
                let message = format!("`{}` is no role that signs", rule.grade);
                let accepted = GRADES.map(Role::code).join(" or ");
                self.fault(*line, "grade", "grade_unknown", message, &accepted);
            }
            if rule.order == 0 {
                let message = "signatures are counted from 1".to_owned();
                self.fault(*line, "order", "order_wrong", message, "1 or more");
            }
            let before = &rules[..place];
            let overlaps = |other: &SignatureRule| {
                other.order == rule.order && other.grade != rule.grade && meet(rule, other)
            };
            if before.iter().any(|(_, other)| overlaps(other)) {
                let message = format!("two grades of signature {} can meet in a case", rule.order);
                let accepted = "an order of its own, or kinds of licences that exclude each other";
                self.fault(*line, "order", "signature_overlap", message, accepted);
            }
        }
        rules.into_iter().map(|(_, rule)| rule).collect()
    }

    fn phrases(&mut self, sections: &DeTable<'_>, key: &str) -> Vec<Phrase> {
        let phrases: Vec<(u32, Phrase)> = self.many(sections, key);
        self.phrases_check(key, &phrases);
        phrases.into_iter().map(|(_, phrase)| phrase).collect()
    }

    fn phrases_check(&mut self, key: &str, phrases: &[(u32, Phrase)]) {
        self.ids_once(key, phrases.iter().map(|(line, phrase)| (*line, phrase.id.as_str())));
        for (line, phrase) in phrases {
            self.names(*line, [("text_en", &phrase.text_en), ("text_zh", &phrase.text_zh)]);
            self.fact(*line, (&phrase.citation, &phrase.source, &phrase.confidence));
        }
    }

    fn gaps(&mut self, sections: &DeTable<'_>) -> Vec<GapRule> {
        let gaps: Vec<(u32, GapRule)> = self.many(sections, "gap");
        self.ids_once("gap", gaps.iter().map(|(line, gap)| (*line, gap.id.as_str())));
        let known = self.known.gaps;
        for (line, gap) in &gaps {
            self.sourced(*line, (&gap.source, &gap.confidence));
            self.at_most(*line, "days", gap.days, DAYS_AT_MOST);
            if !known.is_empty() && !known.contains(&gap.id.as_str()) {
                let message = format!("the check of completeness finds no gap `{}`", gap.id);
                let accepted = format!("one of {}", known.join(", "));
                self.fault(*line, "id", "gap_unknown", message, &accepted);
            }
        }
        gaps.into_iter().map(|(_, gap)| gap).collect()
    }

    fn at_most(&mut self, line: u32, field: &str, found: u32, most: u32) {
        if found == 0 || found > most {
            let message = format!("`{found}` is no likely number");
            self.fault(line, field, "number_wrong", message, &format!("1 to {most}"));
        }
    }

    fn units(&mut self, sections: &DeTable<'_>) -> Vec<UnitRule> {
        let units: Vec<(u32, UnitRule)> = self.many(sections, "unit");
        for (line, unit) in &units {
            self.fact(*line, (&unit.citation, &unit.source, &unit.confidence));
            self.when(*line, &unit.when);
            self.unit_known(*line, &unit.unit);
        }
        units.into_iter().map(|(_, unit)| unit).collect()
    }

    fn unit_known(&mut self, line: u32, unit: &str) {
        if !UNITS.contains(&unit) {
            let message = format!("`{unit}` is no kind of unit");
            let accepted = format!("one of {}", UNITS.join(", "));
            self.fault(line, "unit", "unit_unknown", message, &accepted);
        }
    }

    fn tolerances(&mut self, sections: &DeTable<'_>) -> Vec<Tolerance> {
        let tolerances: Vec<(u32, Tolerance)> = self.many(sections, "tolerance");
        self.ids_once("tolerance", tolerances.iter().map(|(line, t)| (*line, t.unit.as_str())));
        for (line, tolerance) in &tolerances {
            self.fact(*line, (&tolerance.citation, &tolerance.source, &tolerance.confidence));
            self.at_most(*line, "ppm", tolerance.ppm, PPM_AT_MOST);
            self.unit_known(*line, &tolerance.unit);
        }
        tolerances.into_iter().map(|(_, tolerance)| tolerance).collect()
    }

    fn appeal(&mut self, sections: &DeTable<'_>) -> Option<AppealRule> {
        let (line, appeal) = self.one::<AppealRule>(sections, "appeal")?;
        self.fact(line, (&appeal.citation, &appeal.source, &appeal.confidence));
        self.at_most(line, "within_days", appeal.within_days, DAYS_AT_MOST);
        Some(appeal)
    }

    fn enquiry(&mut self, sections: &DeTable<'_>) -> Option<EnquiryRule> {
        let (line, enquiry) = self.one::<EnquiryRule>(sections, "enquiry")?;
        self.fact(line, (&enquiry.citation, &enquiry.source, &enquiry.confidence));
        self.names(
            line,
            [("binding_en", &enquiry.binding_en), ("binding_zh", &enquiry.binding_zh)],
        );
        Some(enquiry)
    }

    fn certificate(&mut self, sections: &DeTable<'_>) -> CertificateRule {
        let Some((line, rule)) = self.one::<CertificateRule>(sections, "certificate") else {
            return CertificateRule::default();
        };
        if rule.citation.trim().is_empty() {
            let message = "the citation is missing".to_owned();
            let accepted = "instrument, article, paragraph";
            self.fault(line, "citation", "citation_missing", message, accepted);
        }
        let promises: Vec<(u32, Phrase)> =
            rule.promises.iter().map(|phrase| (line, phrase.clone())).collect();
        self.phrases_check("promise", &promises);
        if let Some(when) = &rule.government_when {
            self.when(line, when);
        }
        if let Some(months) = rule.valid_months {
            self.at_most(line, "valid_months", months, MONTHS_AT_MOST);
        }
        let asks = self.known.asks;
        for ask in &rule.asks {
            if !asks.is_empty() && !asks.contains(&ask.as_str()) {
                let message = format!("a certificate cannot ask for `{ask}`");
                let accepted = format!("one of {}", asks.join(", "));
                self.fault(line, "asks", "ask_unknown", message, &accepted);
            }
        }
        rule
    }
}

/// Whether two rules can apply to one case: not where a list of one excludes that of the other. A case has
/// one kind of licence, and may have several destinations, codes and uses.
fn meet(rule: &SignatureRule, other: &SignatureRule) -> bool {
    let (one, two) = (&rule.when.licence_types, &other.when.licence_types);
    one.is_empty() || two.is_empty() || one.iter().any(|id| two.contains(id))
}

/// The line of a key of a section.
fn key_line(text: &str, sections: &DeTable<'_>, section: &str, key: &str) -> Option<u32> {
    let table = sections.get(section)?.get_ref().as_table()?;
    let found = table.keys().find(|of| of.get_ref().as_ref() == key)?;
    Some(line_of(text, found.span().start))
}

/// The line of a byte, from 1.
fn line_of(text: &str, at: usize) -> u32 {
    text.bytes().take(at).filter(|&byte| byte == b'\n').count() as u32 + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    const FACT: &str = "citation = \"Act s.1\"\nsource = \"read\"\nconfidence = \"high\"\n";

    fn read(text: &str) -> (Rules, Vec<RulesFault>) {
        let text = text.replace("FACT", FACT);
        let kind = |id: &str| TypeRule { id: id.to_owned(), ..TypeRule::default() };
        let open = TypeRule { kind: crate::rules::TypeKind::Registration, ..kind("open") };
        let known = Known {
            pack: "test",
            licence_types: vec![kind("single"), kind("general"), open],
            uses: &["elevator".to_owned()],
            gaps: &["document_missing"],
            asks: &["signatory"],
            ..Known::default()
        };
        rules_read(&text, &known)
    }

    #[test]
    fn every_fault_has_its_line_its_field_and_what_would_be_accepted() {
        let signature = |order: u32, grade: &str, rest: &str| {
            format!("[[signature]]\norder = {order}\ngrade = \"{grade}\"\n{rest}FACT")
        };
        let agency = |rest: &str| {
            format!("[[agency]]\nid = \"a\"\nname_en = \"A\"\nname_zh = \"甲\"\n{rest}FACT")
        };
        let phrase = |section: &str, en: &str| {
            format!("[[{section}]]\nid = \"p\"\ntext_en = \"{en}\"\ntext_zh = \"句\"\nFACT")
        };
        let rows: Vec<(String, &[(u32, &str)])> = vec![
            (String::new(), &[]),
            ("[proc".to_owned(), &[(1, "not_toml")]),
            ("\n[other]\n".to_owned(), &[(2, "section_unknown")]),
            ("[procedure]\nnumber_prefix = \"Y\"\nFACT".to_owned(), &[]),
            ("[procedure]\nnumber_prefix = \" \"\nFACT".to_owned(), &[(1, "text_missing")]),
            (agency(""), &[]),
            (agency("when = { licence_types = [\"single\"], uses = [\"elevator\"] }\n"), &[]),
            (agency("when = { licence_types = [\"magic\"] }\n"), &[(1, "licence_type_unknown")]),
            (agency("when = { destinations = [\"xb\"] }\n"), &[(1, "destination_unknown")]),
            (agency("when = { control_codes = [\"\"] }\n"), &[(1, "control_code_empty")]),
            (agency("when = { uses = [\"toy\"] }\n"), &[(1, "use_unknown")]),
            (agency("when = { overruled = true }\n"), &[(1, "when_too_late")]),
            (agency("\n") + &agency(""), &[(9, "id_duplicate")]),
            (agency("").replace("甲", ""), &[(1, "text_missing")]),
            (agency("colour = 1\n"), &[(5, "setting_wrong")]),
            (signature(1, "supervisor", ""), &[]),
            (signature(1, "minister", ""), &[(1, "grade_unknown")]),
            (signature(1, "filer", ""), &[(1, "grade_unknown")]),
            (signature(0, "officer", ""), &[(1, "order_wrong")]),
            (
                signature(1, "officer", "") + &signature(1, "supervisor", ""),
                &[(7, "signature_overlap")],
            ),
            (
                signature(1, "officer", "when = { licence_types = [\"single\"] }\n")
                    + &signature(1, "supervisor", "when = { licence_types = [\"general\"] }\n"),
                &[],
            ),
            (
                signature(2, "supervisor", "when = { overruled = true }\n")
                    + &signature(2, "supervisor", "when = { watch_listed = true }\n"),
                &[],
            ),
            (phrase("condition", "A."), &[]),
            (phrase("reason", ""), &[(1, "text_missing")]),
            (
                "[[gap]]\nid = \"document_missing\"\ndays = 9\nsource = \"x\"\nconfidence = \"low\""
                    .to_owned(),
                &[],
            ),
            (
                "[[gap]]\nid = \"magic\"\ndays = 0\nsource = \"\"\nconfidence = \"sure\"".to_owned(),
                &[
                    (1, "confidence_unknown"),
                    (1, "number_wrong"),
                    (1, "gap_unknown"),
                    (1, "source_missing"),
                ],
            ),
            ("[[tolerance]]\nunit = \"net_mass\"\nppm = 1\nFACT".to_owned(), &[]),
            ("[[tolerance]]\nunit = \"litre\"\nppm = 1\nFACT".to_owned(), &[(1, "unit_unknown")]),
            ("[appeal]\nwithin_days = 30\nFACT".to_owned(), &[]),
            (
                "[appeal]\nwithin_days = 30\nFACT".replace("FACT", &FACT.replace("Act s.1", "")),
                &[(1, "citation_missing")],
            ),
            ("[[appeal]]\nwithin_days = 30\n".to_owned(), &[(1, "setting_wrong")]),
            ("[enquiry]\nbinding_en = \"a\"\nbinding_zh = \"b\"\nFACT".to_owned(), &[]),
            (
                "[enquiry]\nbinding_en = \"a\"\nbinding_zh = \" \"\nFACT".to_owned(),
                &[(1, "text_missing")],
            ),
            (
                "[certificate]\nasks = [\"signatory\", \"colour\"]\nvalid_months = 0\n".to_owned(),
                &[(1, "ask_unknown"), (1, "citation_missing"), (1, "number_wrong")],
            ),
        ];
        for (text, expected) in rows {
            let (_, faults) = read(&text);
            let found: Vec<(u32, &str)> = faults.iter().map(|f| (f.line, f.code)).collect();
            assert_eq!(found, expected, "{text}\n{faults:#?}");
            assert!(faults.iter().all(|f| !f.accepted.is_empty() && !f.message.is_empty()));
        }
    }

    #[test]
    fn the_settings_of_the_border_and_of_registered_users_are_read_and_all_their_faults_are_told() {
        let procedure = |rest: &str| format!("[procedure]\nnumber_prefix = \"T\"\nFACT{rest}");
        let (rules, faults) = read(&procedure(
            "reservation_hours = 48\nunit_mass_tolerance_ppm = 20000\nregistered_users = [\"general\"]\n",
        ));
        assert_eq!(faults, []);
        assert_eq!(rules.reservation_hours, Some(48));
        assert_eq!(rules.unit_mass_tolerance_ppm, Some(20_000));
        assert_eq!(rules.registered_users, ["general"]);
        let (rules, faults) = read(&procedure(""));
        assert_eq!((rules.reservation_hours, rules.unit_mass_tolerance_ppm), (None, None));
        assert!(faults.is_empty() && rules.registered_users.is_empty());
        type Row<'a> = (&'a str, &'a [(u32, &'a str, &'a str)]);
        let rows: [Row<'_>; 9] = [
            ("reservation_hours = 0\n", &[(6, "reservation_hours", "number_wrong")]),
            ("reservation_hours = 8784\n", &[]),
            ("reservation_hours = 8785\n", &[(6, "reservation_hours", "number_wrong")]),
            (
                "unit_mass_tolerance_ppm = 1000001\n",
                &[(6, "unit_mass_tolerance_ppm", "number_wrong")],
            ),
            ("registered_users = \"general\"\n", &[(6, "registered_users", "setting_wrong")]),
            ("registered_users = [1]\n", &[(6, "registered_users", "setting_wrong")]),
            ("registered_users = [\"open\"]\n", &[(6, "registered_users", "licence_type_kind")]),
            ("registered_users = [\"general\", \"general\"]\n", &[(6, "id", "id_duplicate")]),
            // None hides another: of a wrong form, out of bounds, and unknown.
            (
                "reservation_hours = \"48\"\nunit_mass_tolerance_ppm = -1\nregistered_users = [\"magic\"]\n",
                &[
                    (6, "reservation_hours", "number_wrong"),
                    (7, "unit_mass_tolerance_ppm", "number_wrong"),
                    (8, "registered_users", "licence_type_unknown"),
                ],
            ),
        ];
        for (rest, expected) in rows {
            let (rules, faults) = read(&procedure(rest));
            let found: Vec<(u32, &str, &str)> =
                faults.iter().map(|f| (f.line, f.field.as_str(), f.code)).collect();
            assert_eq!(found, expected, "{rest}");
            assert!(faults.iter().all(|fault| !fault.accepted.is_empty()));
            // What is right beside it is read all the same.
            assert_eq!(rules.number_prefix, "T");
        }
    }

    #[test]
    fn a_general_licence_is_read_and_all_its_faults_are_told() {
        let good = "[[general_licence]]\nid = \"G\"\nlicence_type = \"open\"\nname_en = \"a\"\nname_zh = \"b\"
control_codes = [\"1C\"]\ndestinations = [\"SE\"]\nbarred_uses = [\"elevator\"]\nvalid_from = \"2026-01-01\"
notice = \"after\"\nnotice_days = 30\nreport_every_months = 12\nreport_within_days = 31\nrecords_years = 4
records = [{ text_en = \"a\", text_zh = \"b\" }]\nFACT";
        let (rules, faults) = read(good);
        assert_eq!(faults, []);
        let of = rules.general_licence("G").unwrap();
        assert_eq!((of.notice_days, of.report_every_months), (Some(30), Some(12)));
        type Row<'a> = (&'a [(&'a str, &'a str)], &'a [&'a str]);
        let rows: [Row<'_>; 15] = [
            (&[("notice_days = 30", "")], &["notice_wrong"]),
            (&[("notice = \"after\"", "")], &["notice_wrong"]),
            (&[("notice_days = 30", "notice_days = 0")], &[]),
            (&[("report_within_days = 31", "")], &["report_wrong"]),
            (&[("report_every_months = 12", "report_every_months = 5")], &["number_wrong"]),
            (&[("records_years = 4", "records_years = 101")], &["number_wrong"]),
            (&[("\"open\"", "\"single\"")], &["licence_type_kind"]),
            (&[("\"open\"", "\"magic\"")], &["licence_type_unknown"]),
            (&[("[\"SE\"]", "[]")], &["scope_empty"]),
            (&[("[\"SE\"]", "[\"Sweden\"]")], &["destination_unknown"]),
            (&[("[\"1C\"]", "[\" \"]")], &["scope_empty"]),
            (&[("elevator", "magic")], &["use_unknown"]),
            (
                &[(
                    "valid_from = \"2026-01-01\"",
                    "valid_from = \"2026-01-01\"\nvalid_to = \"2025-12-31\"",
                )],
                &["days_wrong"],
            ),
            (&[("text_zh = \"b\" }", "text_zh = \"\" }")], &["text_missing"]),
            (
                &[
                    ("name_zh = \"b\"", "name_zh = \"\""),
                    ("[\"SE\"]", "[\"se\"]"),
                    ("confidence = \"high\"", "confidence = \"sure\""),
                ],
                &["confidence_unknown", "destination_unknown", "text_missing"],
            ),
        ];
        for (changes, expected) in rows {
            let text = changes
                .iter()
                .fold(good.replace("FACT", FACT), |text, (from, to)| text.replace(from, to));
            let (_, faults) = read(&text);
            let mut found: Vec<&str> = faults.iter().map(|fault| fault.code).collect();
            found.sort_unstable();
            assert_eq!(found, expected, "{text}");
            assert!(faults.iter().all(|f| f.line > 0 && !f.accepted.is_empty()), "{faults:?}");
        }
        let (_, faults) = read(&format!("{good}{good}"));
        assert_eq!(faults.iter().map(|fault| fault.code).collect::<Vec<_>>(), ["id_duplicate"]);
    }

    #[test]
    fn rules_of_one_order_and_grade_ask_for_one_signature() {
        let text = "
[[signature]]
order = 1
grade = \"supervisor\"
FACT
[[signature]]
order = 2
grade = \"supervisor\"
when = { overruled = true }
FACT
[[signature]]
order = 2
grade = \"supervisor\"
when = { watch_listed = true }
FACT";
        let (rules, faults) = read(text);
        assert_eq!(faults, []);
        let orders = |overruled: bool, watch_listed: bool| -> Vec<u32> {
            let facts = crate::rules::CaseFacts { overruled, watch_listed, ..Default::default() };
            rules.signatures_of(&facts).iter().map(|rule| rule.order).collect()
        };
        assert_eq!(orders(false, false), [1]);
        assert_eq!(orders(true, false), [1, 2]);
        assert_eq!(orders(true, true), [1, 2]);
    }

    #[test]
    fn a_rule_that_names_no_element_stands_for_what_an_application_is_about() {
        let rule = |element: &str, key: bool| ChangeRule {
            element: element.to_owned(),
            key,
            effect: String::new(),
            citation: String::new(),
        };
        let rules =
            Rules { changes: vec![rule("key", true), rule("other", false)], ..Rules::default() };
        for (element, key) in [
            ("item_kind", true),
            ("destination", true),
            ("end_user", true),
            ("end_use", true),
            ("consignee", true),
            ("quantity", false),
            ("other", false),
        ] {
            assert_eq!(rules.change(element).map(|rule| rule.key), Some(key), "{element}");
        }
    }
}
