//! Letters about a case: a refusal with its reasons and how to appeal it, that no licence is required, a
//! return, a question.
//!
//! A letter is about one event of the case and says what the case was when that happened: it is made from
//! the events up to it. What happens later, an appeal or a second decision, does not change it. Its words
//! are those of the authority's templates, and its appeal is that of the pack, as they stand when it is
//! made: who wants to keep a letter as it was sent keeps the file.
//!
//! INVARIANT: a letter tells the applicant no more than [`licensing::sight`] shows it: nothing of who advised
//! what, nor of which agency wanted a condition.

use base::Date;
use formats::paper::{Condition, Document, DocumentKind, Issued, PaperError, SigningKey, Words};
use licensing::application::Cell;
use licensing::case::{Case, CellDecision, Event, FoldError, Recorded};
use licensing::quantity::Quantity;
use licensing::rules::Phrase;

use super::parts::{
    Names, about, authority, case_facts, cell_line, day, fact, frame, in_its_language,
    phrase_words, signatories, signatory,
};
use super::{DocumentError, DocumentLetter};
use crate::cases::CaseError;
use crate::law::Law;
use crate::licence::LicenceError;
use crate::platform::{Platform, PlatformError};

/// A letter that can be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct CaseLetter {
    /// Which; never a licence.
    pub kind: DocumentKind,
    /// The event of the case that it is about.
    pub seq: u32,
    /// When that happened, µs.
    pub at_us: i64,
}

/// Why a letter cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum LetterError {
    /// The case does not have it.
    #[error("case `{number}` has no such letter; it has {}", list(.letters))]
    Unknown {
        /// The case.
        number: String,
        /// What it has.
        letters: Vec<CaseLetter>,
    },
    /// The case cannot be read.
    #[error(transparent)]
    Case(#[from] CaseError),
    /// Its events do not add up.
    #[error("case `{number}` is damaged: {error}")]
    Damaged {
        /// The case.
        number: String,
        /// What is wrong.
        error: FoldError,
    },
    /// The licence cannot be read.
    #[error(transparent)]
    Licence(#[from] LicenceError),
    /// The database.
    #[error(transparent)]
    Platform(#[from] PlatformError),
    /// The words of the authority cannot be filled in.
    #[error(transparent)]
    Words(#[from] DocumentError),
    /// It cannot be set.
    #[error(transparent)]
    Paper(#[from] PaperError),
}

fn list(letters: &[CaseLetter]) -> String {
    if letters.is_empty() {
        return "none".to_owned();
    }
    let named = |letter: &CaseLetter| format!("`{}` of event {}", letter.kind.code(), letter.seq);
    letters.iter().map(named).collect::<Vec<_>>().join(", ")
}

/// The letters that the events of a case call for, in their order.
///
/// # Errors
/// [`FoldError`] where they are not the events of a case.
pub fn case_letters(
    number: &str,
    applicant: &str,
    events: &[Recorded],
) -> Result<Vec<CaseLetter>, FoldError> {
    let mut letters = Vec::new();
    let mut add = |kind, recorded: &Recorded| {
        letters.push(CaseLetter { kind, seq: recorded.seq, at_us: recorded.at_us });
    };
    let Some((first, rest)) = events.split_first() else { return Ok(Vec::new()) };
    let mut case = Case::begin([0; 16], number, applicant, first)?;
    for recorded in rest {
        case.apply(recorded)?;
        match &recorded.event {
            Event::Asked { .. } => add(DocumentKind::Question, recorded),
            Event::Returned { .. } => add(DocumentKind::Return, recorded),
            Event::Decided { .. } => {
                let any = |of: fn(&CellDecision) -> bool| {
                    case.outcome.as_ref().is_some_and(|outcome| outcome.cells.values().any(of))
                };
                if any(|decision| matches!(decision, CellDecision::Refuse { .. })) {
                    add(DocumentKind::Refusal, recorded);
                }
                if any(|decision| matches!(decision, CellDecision::NoLicence { .. })) {
                    add(DocumentKind::NoLicenceRequired, recorded);
                }
            }
            _ => {}
        }
    }
    Ok(letters)
}

impl Platform {
    /// The letters that a case has had until now, in their order. The caller asked whether they may be seen:
    /// they are for the authority and the applicant.
    ///
    /// # Errors
    /// [`LetterError::Case`] where there is no such case.
    pub fn case_letters(&self, number: &str) -> Result<Vec<CaseLetter>, LetterError> {
        let (case, events) = self.case_history(number)?;
        case_letters(number, &case.applicant, &events).map_err(damaged(number))
    }

    /// Makes a letter of a case, in both languages, sealed. The same case, words, pack and key give the same
    /// bytes.
    ///
    /// # Errors
    /// [`LetterError::Unknown`] where the case has no such letter.
    pub fn case_letter(
        &self,
        law: &Law,
        key: &SigningKey,
        number: &str,
        (kind, seq): (DocumentKind, u32),
    ) -> Result<Issued, LetterError> {
        let (case, events) = self.case_history(number)?;
        let letters = case_letters(number, &case.applicant, &events).map_err(damaged(number))?;
        let found = letters.iter().find(|letter| (letter.kind, letter.seq) == (kind, seq));
        let Some(letter) = found.copied() else {
            return Err(LetterError::Unknown { number: number.to_owned(), letters });
        };
        let until = events.iter().take_while(|event| event.seq <= letter.seq).count();
        let then = events.get(..until).unwrap_or_default();
        let then = Case::fold(case.id, number, &case.applicant, then).map_err(damaged(number))?;
        let document = self.letter_document(law, &then, &events, letter)?;
        Ok(formats::paper::document_write(&document, key)?)
    }

    /// What a letter says: `case` as it was when its event happened.
    pub(super) fn letter_document(
        &self,
        law: &Law,
        case: &Case,
        events: &[Recorded],
        letter: CaseLetter,
    ) -> Result<Document, LetterError> {
        let event = events.iter().find(|event| event.seq == letter.seq);
        let told = Told {
            law,
            case,
            event,
            kind: letter.kind,
            on: day(law, letter.at_us),
            names: self.names_of(case, event)?,
            holder: self.party_words(&case.applicant)?,
        };
        let mut document = told.document();
        let words = DocumentLetter {
            kind: letter.kind,
            holder: told.holder.en.clone(),
            reference: document.reference.clone(),
            application: case.number.clone(),
            day: told.on.to_string(),
            until: told.appeal_until().map(|day| day.to_string()).unwrap_or_default(),
            valid_from: String::new(),
            valid_to: String::new(),
        };
        let words = self.document_words(&words, &document.authority_name)?;
        (document.title, document.paragraphs) = (words.title, words.paragraphs);
        Ok(document)
    }
}

/// What a letter is made of.
struct Told<'a> {
    law: &'a Law,
    case: &'a Case,
    event: Option<&'a Recorded>,
    kind: DocumentKind,
    on: Date,
    names: Names,
    holder: Words,
}

impl Told<'_> {
    fn document(&self) -> Document {
        let mark = match self.kind {
            DocumentKind::Refusal => 'R',
            DocumentKind::NoLicenceRequired => 'N',
            DocumentKind::Return => 'B',
            DocumentKind::Question => 'Q',
            DocumentKind::Licence => 'L',
        };
        let seq = self.event.map_or(0, |event| event.seq);
        let reference = format!("{}-{mark}{seq}", self.case.number);
        let mut document = frame(self.law, self.kind, reference, self.on);
        let day_of = match self.kind {
            DocumentKind::Return => ("Returned on", "退回日期"),
            DocumentKind::Question => ("Asked on", "提问日期"),
            _ => ("Decided on", "决定日期"),
        };
        document.facts = case_facts(self.law, self.case, &self.holder);
        document.facts.push(fact(day_of.0, day_of.1, Words::same(self.on.to_string())));
        let letter = Words::same(document.reference.as_str());
        document.facts.push(fact("Letter", "文书编号", letter));
        let Some(event) = self.event else { return document };
        match &event.event {
            Event::Decided { licences } => self.decided(&mut document, licences),
            Event::Returned { reasons, text } => {
                document.lines = self.lines(|_| true);
                document.conditions = reasons.iter().map(|code| self.reason(code)).collect();
                document.conditions.extend(free(text));
                document.signatories = vec![self.author(event)];
            }
            Event::Asked { text, cells, .. } => {
                document.lines = self.lines(|cell| cells.contains(&cell.key));
                document.conditions = free(text).into_iter().collect();
                document.signatories = vec![self.author(event)];
            }
            _ => {}
        }
        document
    }

    fn decided(&self, document: &mut Document, licences: &[String]) {
        let Some(outcome) = &self.case.outcome else { return };
        let of_kind = |decision: &CellDecision| match decision {
            CellDecision::Refuse { .. } => self.kind == DocumentKind::Refusal,
            CellDecision::NoLicence { .. } => self.kind == DocumentKind::NoLicenceRequired,
            CellDecision::Approve { .. } => false,
        };
        document.lines = self.lines(|cell| outcome.cells.get(&cell.key).is_some_and(of_kind));
        // Cells with the same grounds are told of together.
        let mut grounds: Vec<(&CellDecision, Vec<u16>)> = Vec::new();
        for (number, cell) in self.numbered() {
            let Some(decision) = outcome.cells.get(&cell.key).filter(|d| of_kind(d)) else {
                continue;
            };
            match grounds.iter_mut().find(|(known, _)| *known == decision) {
                Some((_, numbers)) => numbers.push(number),
                None => grounds.push((decision, vec![number])),
            }
        }
        let all = document.lines.len();
        for (decision, numbers) in grounds {
            let told = match decision {
                CellDecision::Refuse { reasons, text } => {
                    let coded = reasons.iter().map(|code| self.reason(code));
                    coded.chain(free(text)).collect()
                }
                CellDecision::NoLicence { text } => free(text).into_iter().collect(),
                CellDecision::Approve { .. } => Vec::new(),
            };
            let told = told.into_iter().map(|ground: Condition| Condition {
                text: about(&numbers, all, ground.text),
                source: ground.source,
            });
            document.conditions.extend(told);
        }
        if !licences.is_empty() && all < self.case.application.cells.len() {
            let list = licences.join(", ");
            document.closing.push(Words::new(
                format!("For other goods of the application, licence {list} was granted on the same day."),
                format!("对该申请中的其他货物，已于同日颁发许可证 {list}。"),
            ));
        }
        if self.kind == DocumentKind::Refusal {
            document.closing.push(self.appeal());
        }
        document.signatories = signatories(self.law, self.case, &self.names);
    }

    fn numbered(&self) -> impl Iterator<Item = (u16, &Cell)> {
        (1_u16..).zip(&self.case.application.cells)
    }

    fn lines(&self, wanted: impl Fn(&Cell) -> bool) -> Vec<formats::paper::Line> {
        let asked = |(number, cell): (u16, &Cell)| {
            let quantities: &[Quantity] = &cell.quantities;
            cell_line(self.case, number, cell, quantities)
        };
        self.numbered().filter(|(_, cell)| wanted(cell)).map(asked).collect()
    }

    /// A reason of the pack, with its rule; its code where the pack does not know it any more.
    fn reason(&self, code: &str) -> Condition {
        let known = |phrase: &&Phrase| phrase.id == code;
        match self.law.rules.reasons.iter().find(known) {
            Some(phrase) => Condition {
                text: phrase_words(phrase),
                source: Words::same(phrase.citation.as_str()),
            },
            None => Condition { text: Words::same(code), source: Words::default() },
        }
    }

    /// Who asked or returned.
    fn author(&self, event: &Recorded) -> formats::paper::Signatory {
        let who = (event.account.as_str(), event.acting_for.as_str());
        signatory(&self.names, who, None, self.on)
    }

    /// The last day to appeal, where this is a refusal and the pack knows an appeal.
    fn appeal_until(&self) -> Option<Date> {
        let rule = self.law.rules.appeal.as_ref()?;
        (self.kind == DocumentKind::Refusal).then(|| rule.last_day(self.on)).flatten()
    }

    /// How a refusal is appealed, and until when.
    fn appeal(&self) -> Words {
        let authority = authority(self.law);
        let (number, en, zh) = (&self.case.number, &authority.en, &authority.zh);
        let rule = self.law.rules.appeal.as_ref();
        match rule.zip(self.appeal_until()) {
            Some((rule, until)) => {
                let (days, citation) = (rule.within_days, &rule.citation);
                Words::new(
                    format!(
                        "This decision can be appealed to {en} until {until}, that day included: within \
                         {days} days of the decision ({citation}). Appeal on the page of case {number}. \
                         The appeal is a case of its own with its own clock; nobody who drafted or signed \
                         this decision decides on it."
                    ),
                    format!(
                        "不服本决定的，可自决定之日起 {days} 日内，即在 {until}（含当日）之前，向{zh}申请复议\
                         （{citation}）。请在案件 {number} 的页面提出。复议为独立案件，期限单独计算；\
                         起草或签署本决定的人员不参与复议决定。"
                    ),
                )
            }
            None => Words::new(
                format!(
                    "The rules under which this was decided know no appeal to {en}. What the courts offer \
                     is not affected."
                ),
                format!(
                    "作出本决定所依据的规则未规定向{zh}申请复议；依法向法院寻求救济的权利不受影响。"
                ),
            ),
        }
    }
}

/// A text of an officer, where there is one.
fn free(text: &str) -> Option<Condition> {
    let words = in_its_language(text.trim());
    (!text.trim().is_empty()).then_some(Condition { text: words, source: Words::default() })
}

pub(super) fn damaged(number: &str) -> impl FnOnce(FoldError) -> LetterError {
    let number = number.to_owned();
    move |error| LetterError::Damaged { number, error }
}
