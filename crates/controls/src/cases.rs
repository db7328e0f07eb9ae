//! Whether a pack answers its own cases (`cases.jsonl`) as it says.

use std::collections::BTreeSet;

use base::time::date_parse;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::answer::{Answer, Kind};
use crate::check::fault;
use crate::classify::Classifier;
use crate::good::Good;
use crate::list::label;
use crate::pack::Pack;
use crate::status::AsOf;
use crate::{Language, PackFault, PackFiles, Statement};

const FILE: &str = "cases.jsonl";

/// A case: what is asked, and what the pack must answer.
#[derive(Debug, Deserialize)]
struct Case {
    as_of: String,
    known_at: Option<String>,
    answer: String,
    items: Option<BTreeSet<String>>,
    because: Option<String>,
    refer: Option<String>,
    /// Why it is a case; for people.
    #[serde(rename = "why")]
    _why: Option<String>,
    #[serde(flatten)]
    good: Map<String, Value>,
}

/// A difference: field, what differs, what would be accepted.
type Differs = (&'static str, String, &'static str);

/// Asks the pack its own cases and compares: how many were asked; what differs is added to the faults.
///
/// A line is a good with `as_of` (and `known_at`), `answer`, and, where given, `items` (labels such as
/// `1C905.a item 4`) and `because` or `refer` (a code that the answer must give).
pub fn cases(pack: &Pack, files: &PackFiles, faults: &mut Vec<PackFault>) -> usize {
    let mut asked = 0;
    let mut prepared: Vec<Classifier<'_>> = Vec::new();
    for (number, line) in files.text(FILE).unwrap_or_default().lines().enumerate() {
        if line.trim().is_empty() {
            continue;
        }
        asked += 1;
        for (field, message, accepted) in case(pack, line, &mut prepared) {
            faults.push(fault(FILE, number as u32 + 1, field, "case_differs", message, accepted));
        }
    }
    asked
}

fn case<'p>(pack: &'p Pack, line: &str, prepared: &mut Vec<Classifier<'p>>) -> Vec<Differs> {
    let case: Case = match serde_json::from_str(line) {
        Ok(case) => case,
        Err(error) => return vec![("", error.to_string(), "a good with `as_of` and `answer`")],
    };
    let known_at = case.known_at.as_deref().map(date_parse);
    let (Some(date), false) = (date_parse(&case.as_of), known_at == Some(None)) else {
        return vec![("as_of", "the case has no day".to_owned(), "days as YYYY-MM-DD")];
    };
    let good = match Good::from_object(&case.good) {
        Ok(good) => good,
        Err((_, faults)) => {
            let shown: Vec<String> = faults.into_iter().map(|f| f.message).collect();
            return vec![("", shown.join("; "), "a good that can be read")];
        }
    };
    let as_of = AsOf { date, known_at: known_at.flatten() };
    let place = prepared.iter().position(|c| c.as_of() == as_of).unwrap_or_else(|| {
        prepared.push(Classifier::new(pack, as_of));
        prepared.len() - 1
    });
    differences(&case, &good, &prepared[place].classify(&good))
}

fn differences(case: &Case, good: &Good, answer: &Answer) -> Vec<Differs> {
    let mut differs = Vec::new();
    let what = format!("`{}` on {}", good.name, answer.as_of.date);
    let given = serde_json::to_value(answer.answer).unwrap_or_default();
    if given.as_str() != Some(&case.answer) {
        let why = answer.because.iter().chain(&answer.refer).map(|s| s.render(Language::En));
        let why = why.collect::<Vec<_>>().join("; ");
        let message = format!("{what}: expected `{}`, the pack answers {given} {why}", case.answer);
        differs.push(("answer", message, "an item, a rule or a case that says the same"));
        return differs;
    }
    let labels: BTreeSet<String> = match answer.answer {
        Kind::Unknown => answer
            .unknown
            .iter()
            .map(|i| label(&i.instrument, &i.control_code, &i.item_no))
            .collect(),
        _ => {
            answer.items.iter().map(|i| label(&i.instrument, &i.control_code, &i.item_no)).collect()
        }
    };
    if let Some(wanted) = case.items.as_ref().filter(|wanted| **wanted != labels) {
        let message = format!("{what}: expected {wanted:?}, the pack gives {labels:?}");
        differs.push(("items", message, "the labels of the items that apply"));
    }
    let because: Vec<&Statement> = answer.because.iter().collect();
    let refer: Vec<&Statement> = answer.refer.iter().collect();
    for (field, wanted, given) in
        [("because", &case.because, because), ("refer", &case.refer, refer)]
    {
        if let Some(code) = wanted
            && !given.iter().any(|s| s.code == code)
        {
            let given: Vec<&str> = given.iter().map(|s| s.code).collect();
            let message = format!("{what}: expected the reason `{code}`, the pack gives {given:?}");
            differs.push((field, message, "a code of packs/common/statements.csv"));
        }
    }
    differs
}
