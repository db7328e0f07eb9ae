//! Enquiries: "is my good controlled?" and "where is my case?", asked and answered on record.
//!
//! A party asks; what the platform knows by itself is stated at once and stands on record as it was said
//! then: of a good what the list in force finds in its description, of a case where it stands. An officer
//! answers; the party may ask on, which the officer answers again. Nothing that was said is taken back or
//! changed.
//!
//! INVARIANTS:
//! - an enquiry is the fold of its events in order;
//! - it is open while a question of the party stands that neither the platform nor an officer has answered;
//! - how far an answer binds is the text of the pack, carried in the answer as it was on that day.

use base::{Date, Timestamp};
use serde::{Deserialize, Serialize};

use crate::case::CaseState;
use crate::forecast::Forecast;

/// The longest question or answer, in characters.
pub const TEXT_CHARS_MAX: usize = 5_000;
/// The longest line, such as the name of a good, in characters.
pub const LINE_CHARS_MAX: usize = 300;
/// Control codes of one answer.
pub const CODES_MAX: usize = 20;
/// Entries of one enquiry: beyond this, something else is wanted than an answer.
pub const ENTRIES_MAX: usize = 100;

/// What an enquiry is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "about", rename_all = "snake_case", deny_unknown_fields)]
pub enum About {
    /// Whether a good is controlled.
    Classification {
        /// Its name.
        good: String,
        /// Its HS code; empty where not stated.
        hs: String,
        /// Its composition, % by mass, such as `Nd=28.5;Dy=1.6`; empty where not stated.
        composition: String,
    },
    /// Where a case stands.
    Case {
        /// Its number.
        number: String,
    },
}

impl About {
    /// Its stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            About::Classification { .. } => "classification",
            About::Case { .. } => "case",
        }
    }

    /// What it is about, in a line.
    #[must_use]
    pub fn subject(&self) -> &str {
        match self {
            About::Classification { good, .. } => good,
            About::Case { number } => number,
        }
    }
}

/// Who must act next, as an applicant may know it: which desk of the authority is none of its business.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActsNext {
    /// The applicant: a question waits for its answer.
    Applicant,
    /// The authority.
    Authority,
    /// A step that the applicant was told of, such as a visit.
    Step,
    /// Nobody: it has ended.
    Nobody,
}

impl ActsNext {
    /// Its stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            ActsNext::Applicant => "applicant",
            ActsNext::Authority => "authority",
            ActsNext::Step => "step",
            ActsNext::Nobody => "nobody",
        }
    }
}

/// Where a case stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Standing {
    /// How far it has come.
    pub state: CaseState,
    /// Who must act next.
    pub acts: ActsNext,
    /// The last day on which its decision is in time, as it stands.
    pub due: Option<Date>,
    /// Calendar days that it has been open; nothing where it has ended.
    pub waited_days: Option<u32>,
    /// As similar cases went; nothing where it has ended.
    pub forecast: Option<Forecast>,
}

/// What the platform finds by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "found", rename_all = "snake_case", deny_unknown_fields)]
pub enum Found {
    /// What the list in force finds in what is stated of a good. It binds nobody.
    Listed {
        /// Outcome of the classification: `controlled`, `not_controlled`, `refer` or `unknown`.
        outcome: String,
        /// Control codes that fit.
        codes: Vec<String>,
        /// The day of the list.
        as_of: Date,
    },
    /// Where a case stands.
    Stands(Standing),
}

/// What an officer finds about a good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Finding {
    /// It is controlled, under the codes given.
    Controlled,
    /// It is not controlled.
    NotControlled,
    /// More must be stated first.
    Refer,
}

impl Finding {
    /// All of them.
    pub const ALL: [Finding; 3] = [Finding::Controlled, Finding::NotControlled, Finding::Refer];

    /// Its stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Finding::Controlled => "controlled",
            Finding::NotControlled => "not_controlled",
            Finding::Refer => "refer",
        }
    }

    /// The finding of a code.
    #[must_use]
    pub fn parse(code: &str) -> Option<Finding> {
        Finding::ALL.into_iter().find(|finding| finding.code() == code)
    }
}

/// How far an answer binds, as the pack words it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Binding {
    /// In English.
    pub text_en: String,
    /// In Chinese.
    pub text_zh: String,
    /// The rule.
    pub citation: String,
}

/// An officer's answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// In words.
    pub text: String,
    /// Of a good, what was found.
    pub finding: Option<Finding>,
    /// Of a good that is controlled, under which codes.
    pub codes: Vec<String>,
    /// Of a good, how far it binds.
    pub binding: Option<Binding>,
}

/// What can happen to an enquiry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case", deny_unknown_fields)]
pub enum EnquiryEvent {
    /// A party asks.
    Asked {
        /// About what.
        about: About,
        /// The question; may be empty where a case is asked about.
        text: String,
    },
    /// The platform states what it finds by itself.
    Stated {
        /// What.
        found: Found,
    },
    /// An officer answers.
    Answered {
        /// The answer.
        answer: Answer,
    },
    /// The party asks on.
    AskedOn {
        /// The question.
        text: String,
    },
}

impl EnquiryEvent {
    /// Its stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            EnquiryEvent::Asked { .. } => "asked",
            EnquiryEvent::Stated { .. } => "stated",
            EnquiryEvent::Answered { .. } => "answered",
            EnquiryEvent::AskedOn { .. } => "asked_on",
        }
    }
}

/// An event as it is recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnquiryEntry {
    /// Its place, from 1.
    pub seq: u32,
    /// When, µs.
    pub at_us: i64,
    /// Key of the account; empty where the platform did it by itself.
    pub account: String,
    /// What happened.
    pub event: EnquiryEvent,
}

impl EnquiryEntry {
    /// When.
    #[must_use]
    pub fn at(&self) -> Timestamp {
        Timestamp::from_us(self.at_us)
    }
}

/// How far an enquiry has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EnquiryState {
    /// A question waits for an officer.
    Open,
    /// All that was asked is answered.
    Answered,
}

impl EnquiryState {
    /// All of them.
    pub const ALL: [EnquiryState; 2] = [EnquiryState::Open, EnquiryState::Answered];

    /// Its stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            EnquiryState::Open => "open",
            EnquiryState::Answered => "answered",
        }
    }

    /// The state of a code.
    #[must_use]
    pub fn parse(code: &str) -> Option<EnquiryState> {
        EnquiryState::ALL.into_iter().find(|state| state.code() == code)
    }
}

/// An enquiry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enquiry {
    /// Its key.
    pub id: [u8; 16],
    /// Its number, for people.
    pub number: String,
    /// Who asks, `scheme:value`.
    pub asker: String,
    /// About what.
    pub about: About,
    /// How far it has come.
    pub state: EnquiryState,
    /// What happened, in order.
    pub entries: Vec<EnquiryEntry>,
}

/// Why something is not asked or answered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EnquiryRefusal {
    /// A text that must be there is not, or is longer than is kept.
    #[error("`{field}` has {chars} characters; give {accepted}")]
    Text {
        /// Which.
        field: &'static str,
        /// How many it has.
        chars: usize,
        /// What would be taken.
        accepted: &'static str,
    },
    /// A good is found controlled under no code, or otherwise under some.
    #[error("a good that is controlled has at least one code, and no other has one; {0} are given")]
    Codes(usize),
    /// A good is answered without a finding, or a case with one.
    #[error("an answer about a good says what was found, and no other does")]
    Finding,
    /// It has been answered; nobody waits.
    #[error("this enquiry is answered; it is answered again when the party asks on")]
    Answered,
    /// It is open: the question before waits for its answer.
    #[error("the question before is not answered yet; wait for the officer's answer")]
    Waits,
    /// More than one enquiry holds.
    #[error("an enquiry holds {ENTRIES_MAX} entries; make a new one")]
    Full,
}

impl EnquiryRefusal {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            EnquiryRefusal::Text { .. } => "enquiry_text",
            EnquiryRefusal::Codes(_) => "enquiry_codes",
            EnquiryRefusal::Finding => "enquiry_finding",
            EnquiryRefusal::Answered => "enquiry_answered",
            EnquiryRefusal::Waits => "enquiry_waits",
            EnquiryRefusal::Full => "enquiry_full",
        }
    }

    /// The field that it is about.
    #[must_use]
    pub fn field(&self) -> &'static str {
        match self {
            EnquiryRefusal::Text { field, .. } => field,
            EnquiryRefusal::Codes(_) => "codes",
            EnquiryRefusal::Finding => "finding",
            EnquiryRefusal::Answered | EnquiryRefusal::Waits | EnquiryRefusal::Full => "text",
        }
    }
}

fn text_checked(
    field: &'static str,
    text: &str,
    (least, most): (usize, usize),
    accepted: &'static str,
) -> Result<String, EnquiryRefusal> {
    let text = text.trim();
    let chars = text.chars().count();
    if (least..=most).contains(&chars) {
        Ok(text.to_owned())
    } else {
        Err(EnquiryRefusal::Text { field, chars, accepted })
    }
}

/// What a party asks, as it is recorded; or everything that is wrong with it.
///
/// # Errors
/// Each [`EnquiryRefusal`].
pub fn ask(about: &About, text: &str) -> Result<EnquiryEvent, Vec<EnquiryRefusal>> {
    let mut refusals = Vec::new();
    let mut line = |field, text: &str, least| {
        let accepted = if least == 0 { "at most 300" } else { "1 to 300" };
        text_checked(field, text, (least, LINE_CHARS_MAX), accepted).unwrap_or_else(|refusal| {
            refusals.push(refusal);
            String::new()
        })
    };
    let (about, text_least) = match about {
        About::Classification { good, hs, composition } => (
            About::Classification {
                good: line("good", good, 1),
                hs: line("hs", hs, 0),
                composition: line("composition", composition, 0),
            },
            1,
        ),
        About::Case { number } => (About::Case { number: line("number", number, 1) }, 0),
    };
    let accepted = if text_least == 0 { "at most 5,000" } else { "1 to 5,000" };
    match text_checked("text", text, (text_least, TEXT_CHARS_MAX), accepted) {
        Ok(text) if refusals.is_empty() => Ok(EnquiryEvent::Asked { about, text }),
        Ok(_) => Err(refusals),
        Err(refusal) => {
            refusals.push(refusal);
            Err(refusals)
        }
    }
}

impl Enquiry {
    /// An enquiry that was asked, with what the platform states at once.
    #[must_use]
    pub fn new(
        (id, number, asker): ([u8; 16], &str, &str),
        about: &About,
        entries: Vec<EnquiryEntry>,
    ) -> Enquiry {
        let mut enquiry = Enquiry {
            id,
            number: number.to_owned(),
            asker: asker.to_owned(),
            about: about.clone(),
            state: EnquiryState::Open,
            entries: Vec::new(),
        };
        for entry in entries {
            enquiry.apply(entry);
        }
        enquiry
    }

    /// Adds what happened.
    pub fn apply(&mut self, entry: EnquiryEntry) {
        self.state = match &entry.event {
            // What stands of a case is the answer; what a list finds in a description is none.
            EnquiryEvent::Stated { found: Found::Stands(_) } | EnquiryEvent::Answered { .. } => {
                EnquiryState::Answered
            }
            EnquiryEvent::Stated { found: Found::Listed { .. } } => self.state,
            EnquiryEvent::Asked { .. } | EnquiryEvent::AskedOn { .. } => EnquiryState::Open,
        };
        self.entries.push(entry);
    }

    /// What an officer answers, as it is recorded. `binding` is what the pack says of answers about goods.
    ///
    /// # Errors
    /// Each [`EnquiryRefusal`].
    pub fn answer(
        &self,
        (text, finding, codes): (&str, Option<Finding>, &[String]),
        binding: Option<&Binding>,
    ) -> Result<EnquiryEvent, Vec<EnquiryRefusal>> {
        let mut refusals = Vec::new();
        if self.state == EnquiryState::Answered {
            return Err(vec![EnquiryRefusal::Answered]);
        }
        if self.entries.len() >= ENTRIES_MAX {
            return Err(vec![EnquiryRefusal::Full]);
        }
        let of_good = matches!(self.about, About::Classification { .. });
        if of_good != finding.is_some() {
            refusals.push(EnquiryRefusal::Finding);
        }
        let controlled = finding == Some(Finding::Controlled);
        if codes.is_empty() == controlled || codes.len() > CODES_MAX {
            refusals.push(EnquiryRefusal::Codes(codes.len()));
        }
        let mut kept = Vec::new();
        for code in codes {
            match text_checked("codes", code, (1, LINE_CHARS_MAX), "1 to 300") {
                Ok(code) => kept.push(code),
                Err(refusal) => refusals.push(refusal),
            }
        }
        match text_checked("text", text, (1, TEXT_CHARS_MAX), "1 to 5,000") {
            Ok(text) if refusals.is_empty() => {
                let binding = binding.filter(|_| of_good && finding != Some(Finding::Refer));
                let binding = binding.cloned();
                Ok(EnquiryEvent::Answered {
                    answer: Answer { text, finding, codes: kept, binding },
                })
            }
            Ok(_) => Err(refusals),
            Err(refusal) => {
                refusals.push(refusal);
                Err(refusals)
            }
        }
    }

    /// What the party asks on, as it is recorded.
    ///
    /// # Errors
    /// Each [`EnquiryRefusal`].
    pub fn ask_on(&self, text: &str) -> Result<EnquiryEvent, Vec<EnquiryRefusal>> {
        if self.state == EnquiryState::Open {
            return Err(vec![EnquiryRefusal::Waits]);
        }
        if self.entries.len() + 1 >= ENTRIES_MAX {
            return Err(vec![EnquiryRefusal::Full]);
        }
        let text = text_checked("text", text, (1, TEXT_CHARS_MAX), "1 to 5,000");
        text.map(|text| EnquiryEvent::AskedOn { text }).map_err(|refusal| vec![refusal])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn good() -> About {
        About::Classification {
            good: " sintered magnet ".to_owned(),
            hs: "8505.11".to_owned(),
            composition: "Dy=1.6".to_owned(),
        }
    }

    fn entry(seq: u32, event: EnquiryEvent) -> EnquiryEntry {
        EnquiryEntry { seq, at_us: i64::from(seq), account: "a".to_owned(), event }
    }

    fn asked(about: &About, found: Option<Found>) -> Enquiry {
        let mut entries = vec![entry(1, ask(about, "please").unwrap())];
        entries.extend(found.map(|found| entry(2, EnquiryEvent::Stated { found })));
        Enquiry::new(([1; 16], "YT-E-2026-000001", "gad:own"), about, entries)
    }

    fn codes(refusals: Vec<EnquiryRefusal>) -> Vec<(&'static str, &'static str)> {
        refusals.iter().map(|refusal| (refusal.field(), refusal.code())).collect()
    }

    #[test]
    fn a_question_is_refused_for_everything_that_is_wrong_with_it_at_once() {
        let check = |about: About, text: &str, expected: &[&str]| {
            let found = ask(&about, text).err().unwrap_or_default();
            let fields: Vec<&str> = found.iter().map(EnquiryRefusal::field).collect();
            assert_eq!(fields, expected, "{about:?}");
        };
        let line = "é".repeat(LINE_CHARS_MAX + 1);
        check(good(), "is it?", &[]);
        check(good(), " ", &["text"]);
        check(About::Case { number: "YT-2026-000001".to_owned() }, "", &[]);
        check(About::Case { number: "  ".to_owned() }, "", &["number"]);
        let bad = About::Classification {
            good: String::new(),
            hs: line.clone(),
            composition: line.clone(),
        };
        check(bad, &"x".repeat(TEXT_CHARS_MAX + 1), &["good", "hs", "composition", "text"]);
        let Ok(EnquiryEvent::Asked { about, .. }) = ask(&good(), "?") else { unreachable!() };
        assert_eq!(about.subject(), "sintered magnet");
    }

    #[test]
    fn where_a_case_stands_answers_at_once_and_what_a_list_finds_does_not() {
        let stands = Found::Stands(Standing {
            state: CaseState::Review,
            acts: ActsNext::Authority,
            due: None,
            waited_days: Some(3),
            forecast: None,
        });
        let listed = Found::Listed {
            outcome: "controlled".to_owned(),
            codes: vec!["1C999".to_owned()],
            as_of: Date::constant(2026, 1, 1),
        };
        let case = About::Case { number: "YT-2026-000001".to_owned() };
        assert_eq!(asked(&case, Some(stands)).state, EnquiryState::Answered);
        assert_eq!(asked(&good(), Some(listed)).state, EnquiryState::Open);
        assert_eq!(asked(&good(), None).state, EnquiryState::Open);
    }

    #[test]
    fn questions_and_answers_take_turns() {
        let mut enquiry = asked(&good(), None);
        let one = ["1C999".to_owned()];
        let found = ("it is", Some(Finding::Controlled), one.as_slice());
        assert_eq!(codes(enquiry.ask_on("and?").unwrap_err()), [("text", "enquiry_waits")]);
        let answer = enquiry.answer(found, None).unwrap();
        enquiry.apply(entry(2, answer));
        assert_eq!(enquiry.state, EnquiryState::Answered);
        assert_eq!(codes(enquiry.answer(found, None).unwrap_err()), [("text", "enquiry_answered")]);
        let on = enquiry.ask_on("and the block?").unwrap();
        enquiry.apply(entry(3, on));
        assert_eq!(enquiry.state, EnquiryState::Open);
        assert!(enquiry.answer(found, None).is_ok());
    }

    #[test]
    fn an_answer_about_a_good_says_what_was_found_with_codes_where_it_is_controlled() {
        let check = |about: &About, finding: Option<Finding>, given: &[&str], expected: &[&str]| {
            let given: Vec<String> = given.iter().map(|code| (*code).to_owned()).collect();
            let answer = asked(about, None).answer(("so", finding, &given), None);
            let found = codes(answer.err().unwrap_or_default());
            let found: Vec<&str> = found.iter().map(|refusal| refusal.1).collect();
            assert_eq!(found, expected, "{finding:?} {given:?}");
        };
        let case = About::Case { number: "n".to_owned() };
        check(&good(), Some(Finding::Controlled), &["1C999"], &[]);
        check(&good(), Some(Finding::Controlled), &[], &["enquiry_codes"]);
        check(&good(), Some(Finding::Controlled), &[" "], &["enquiry_text"]);
        check(&good(), Some(Finding::Controlled), &["x"; 21], &["enquiry_codes"]);
        check(&good(), Some(Finding::NotControlled), &["1C999"], &["enquiry_codes"]);
        check(&good(), Some(Finding::NotControlled), &[], &[]);
        check(&good(), None, &[], &["enquiry_finding"]);
        check(&case, None, &[], &[]);
        check(&case, Some(Finding::Refer), &[], &["enquiry_finding"]);
    }

    #[test]
    fn how_far_an_answer_binds_stands_in_it_unless_it_asks_for_more() {
        let binding = Binding {
            text_en: "binds".to_owned(),
            text_zh: "有约束力".to_owned(),
            citation: "s.12".to_owned(),
        };
        for (finding, binds) in [(Finding::NotControlled, true), (Finding::Refer, false)] {
            let answer = asked(&good(), None).answer(("so", Some(finding), &[]), Some(&binding));
            let Ok(EnquiryEvent::Answered { answer }) = answer else { unreachable!() };
            assert_eq!(answer.binding.is_some(), binds, "{finding:?}");
        }
    }
}
