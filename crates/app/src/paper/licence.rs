//! The document of a licence, with its code: what was granted, made of the licence as it was issued.
//!
//! What happened to the licence since (suspended, drawn down, superseded) does not stand in it and does not
//! change it; `check-a-licence` and the border tell that.
//!
//! INVARIANT: lines, quantities, parties, days and conditions are those of the licence; of the case only
//! what the licence does not repeat is taken (grade of a good, the applicant's words for the end use).

use formats::paper::{
    Condition, Document, DocumentKind, Issued, Line, SigningKey, Validity, Words,
};
use licensing::case::{Case, Event};
use licensing::grant::day_without_end;
use licensing::licence::{self, Licence, TestedEvent, Uses};
use licensing::quantity::Unit;

use super::parts::{
    about, cell_line, day, fact, frame, in_its_language, kind_name, phrase_words, signatories,
};
use super::{DocumentLetter, LetterError, names};
use crate::law::Law;
use crate::licence::Held;
use crate::platform::Platform;

impl Platform {
    /// Makes the document of a licence, in both languages, sealed, with its code. The same licence, words,
    /// pack and key give the same bytes. The caller asked whether it may be seen.
    ///
    /// # Errors
    /// [`LetterError::Licence`] where there is no such licence.
    pub fn licence_document(
        &self,
        law: &Law,
        key: &SigningKey,
        number: &str,
    ) -> Result<Issued, LetterError> {
        let held = {
            let reader = self.reader();
            crate::licence::find(&reader.licensing(), number)?
        };
        let case = self.case_of_licence(&held)?;
        let document = self.licence_told(law, &held, case.as_ref())?;
        Ok(formats::paper::document_write(&document, key)?)
    }

    /// The case as it was when it was decided to issue a licence; nothing for one that comes of no case.
    fn case_of_licence(&self, held: &Held) -> Result<Option<Case>, LetterError> {
        let number = &held.licence.case;
        let (case, events) = match self.case_history(number) {
            Ok(found) => found,
            Err(crate::cases::CaseError::Unknown) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let issues = |event: &Event| match event {
            Event::Decided { licences } => licences.contains(&held.licence.number),
            _ => false,
        };
        let Some(at) = events.iter().position(|recorded| issues(&recorded.event)) else {
            return Ok(None);
        };
        let then = events.get(..=at).unwrap_or_default();
        let then = Case::fold(case.id, number, &case.applicant, then);
        then.map(Some).map_err(super::letter::damaged(number))
    }

    /// What the document of a licence says.
    pub(super) fn licence_told(
        &self,
        law: &Law,
        held: &Held,
        case: Option<&Case>,
    ) -> Result<Document, LetterError> {
        let licence = &held.licence;
        let holder = self.party_words(&licence.holder)?;
        let issued_on = day(law, held.record.issued_at_us);
        let kind = DocumentKind::Licence;
        let mut document = frame(law, kind, licence.number.clone(), issued_on);
        document.validity = Some(Validity { from: licence.valid_from, to: licence.valid_to });
        document.facts = facts(law, licence, &holder, issued_on);
        document.lines = licence.lines.iter().map(|line| line_of(case, line)).collect();
        document.conditions = conditions(law, licence);
        if let Some(case) = case {
            document.signatories = signatories(law, case, &self.names_of(case, None)?);
        }
        let ends = licence.valid_to != day_without_end();
        let words = DocumentLetter {
            kind,
            holder: holder.en,
            reference: licence.number.clone(),
            application: licence.case.clone(),
            day: issued_on.to_string(),
            until: String::new(),
            valid_from: licence.valid_from.to_string(),
            valid_to: if ends { licence.valid_to.to_string() } else { String::new() },
        };
        let words = self.document_words(&words, &document.authority_name)?;
        (document.title, document.paragraphs) = (words.title, words.paragraphs);
        Ok(document)
    }
}

fn facts(
    law: &Law,
    licence: &Licence,
    holder: &Words,
    issued_on: base::Date,
) -> Vec<formats::paper::Fact> {
    let (from, to) = (licence.valid_from, licence.valid_to);
    let valid = if to == day_without_end() {
        Words::new(format!("from {from} until it is used"), format!("自 {from} 起，至用毕为止"))
    } else {
        Words::new(format!("{from} to {to}, both days included"), "首日与末日均有效")
    };
    let uses = match (licence.terms.uses, licence.terms.exports_max()) {
        (Uses::Single, _) => Words::new("one export; what is left lapses", "一次出口，余量失效"),
        (Uses::Many, Some(most)) => {
            Words::new(format!("at most {most} exports"), format!("最多 {most} 次出口"))
        }
        (Uses::Many, None) => Words::new("until the quantity is used up", "至数量用尽为止"),
    };
    let tested = match licence.terms.tested {
        TestedEvent::Declaration => Words::new("acceptance of the declaration", "海关接受申报之日"),
        TestedEvent::Release => Words::new("release by customs", "海关放行之日"),
        TestedEvent::Departure => Words::new("departure of the goods", "货物离境之日"),
    };
    let mut facts = vec![
        fact("Licence number", "许可证编号", Words::same(licence.number.as_str())),
        fact("Kind", "类别", kind_name(law, &licence.kind)),
        fact("Holder", "持证人", holder.clone()),
        fact("Issued on", "签发日期", Words::same(issued_on.to_string())),
        fact("Valid", "有效期", valid),
        fact("Good for", "使用次数", uses),
        fact("Must be valid on the day of", "有效期查验时点", tested),
    ];
    if !licence.case.is_empty() {
        let holder = 2;
        let case = Words::same(licence.case.as_str());
        facts.insert(holder + 1, fact("Application", "申请编号", case));
    }
    if let Some(before) = &licence.supersedes {
        facts.push(fact("In the place of", "取代", Words::same(before.as_str())));
    }
    facts
}

fn line_of(case: Option<&Case>, line: &licence::Line) -> Line {
    let quantities: Vec<_> = line.allowances.iter().map(|a| a.quantity.clone()).collect();
    let number = u16::try_from(line.number).unwrap_or(u16::MAX);
    let cell = case.and_then(|case| Some((case, case.application.cell(&line.cell)?)));
    let mut told = match cell {
        Some((case, cell)) => cell_line(case, number, cell, &quantities),
        None => Line {
            number,
            goods: in_its_language(&line.good.name),
            control_codes: Vec::new(),
            quantities,
            destination: String::new(),
            destination_name: Words::default(),
            consignee: String::new(),
            end_user: String::new(),
            end_use: names::end_use(&line.end_use, ""),
        },
    };
    told.control_codes.clone_from(&line.good.control_codes);
    told.destination.clone_from(&line.destination);
    told.destination_name = names::country(&line.destination);
    (told.consignee, told.end_user) = (line.consignee.to_string(), line.end_user.to_string());
    told
}

/// The conditions of the lines, each once, and by how much an export may exceed its line.
fn conditions(law: &Law, licence: &Licence) -> Vec<Condition> {
    let mut grouped: Vec<(Condition, Vec<u16>)> = Vec::new();
    let mut add = |condition: Condition, line: u32| {
        let line = u16::try_from(line).unwrap_or(u16::MAX);
        match grouped.iter_mut().find(|(known, _)| *known == condition) {
            Some((_, lines)) if lines.contains(&line) => {}
            Some((_, lines)) => lines.push(line),
            None => grouped.push((condition, vec![line])),
        }
    };
    for line in &licence.lines {
        line.conditions.iter().for_each(|own| add(condition(law, own), line.number));
    }
    for line in &licence.lines {
        line.allowances.iter().filter_map(tolerance).for_each(|more| add(more, line.number));
    }
    let all = licence.lines.len();
    let told = |(condition, lines): (Condition, Vec<u16>)| Condition {
        text: about(&lines, all, condition.text),
        source: condition.source,
    };
    grouped.into_iter().map(told).collect()
}

/// A condition in both languages where it is a phrase of the pack as it stands there; who wanted it is not
/// told.
fn condition(law: &Law, own: &licensing::case::Condition) -> Condition {
    let phrase = law.rules.conditions.iter().find(|phrase| phrase.id == own.phrase);
    let same = |text: &str| own.text.is_empty() || own.text == text;
    match phrase.filter(|phrase| same(&phrase.text_en) || same(&phrase.text_zh)) {
        Some(phrase) => {
            Condition { text: phrase_words(phrase), source: Words::same(phrase.citation.as_str()) }
        }
        None => Condition { text: in_its_language(&own.text), source: Words::default() },
    }
}

fn tolerance(allowance: &licence::Allowance) -> Option<Condition> {
    let (en, zh) = match &allowance.quantity.unit {
        Unit::NetMass => ("net mass", "净重"),
        Unit::Content(_) => ("mass contained", "所含质量"),
        Unit::Oxide(_) => ("mass as oxide", "折合氧化物质量"),
        Unit::Pieces => ("number of pieces", "件数"),
        Unit::Value(_) => ("value", "金额"),
    };
    let percent = percent(allowance.tolerance_ppm)?;
    let text = Words::new(
        format!("The {en} exported may exceed the licensed quantity by up to {percent} %."),
        format!("出口的{zh}最多可超出许可数量 {percent}%。"),
    );
    Some(Condition { text, source: Words::default() })
}

/// Parts of a million as a percentage, exactly; nothing where there is none.
fn percent(ppm: u32) -> Option<String> {
    let (whole, rest) = (ppm / 10_000, ppm % 10_000);
    let text = format!("{whole}.{rest:04}");
    (ppm > 0).then(|| text.trim_end_matches('0').trim_end_matches('.').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_a_million_are_told_as_an_exact_percentage() {
        let check = |ppm: u32, told: Option<&str>| assert_eq!(percent(ppm).as_deref(), told);
        check(0, None);
        check(1, Some("0.0001"));
        check(20_000, Some("2"));
        check(25_500, Some("2.55"));
        check(100_000, Some("10"));
        check(1_000_000, Some("100"));
    }
}
