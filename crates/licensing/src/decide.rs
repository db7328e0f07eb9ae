//! What somebody wants to do with a case, and what comes of it: events, or every reason why not.
//!
//! [`decide`] is a pure function of the case, the caller, the command and what is known from elsewhere
//! ([`Context`]). It is asked again within the transaction that records the events, so that two callers
//! who both saw the same case get one effect, and the second a sensible answer.
//!
//! INVARIANTS:
//! - who signs is who was authenticated, never a field of the command; no author of a draft or of an
//!   override signs, nor who covers or is covered by one, and nobody signs twice (NIST SP 800-53 AC-5,
//!   separation of duties);
//! - conditions of an agency fall only by that agency or by a recorded override with its reason;
//! - which agencies and signatures are needed is worked out anew from the facts at every step;
//! - a refusal tells nothing of a case to whoever may not see it ([`refusal`]).

mod amend;
mod draft;
mod end;
#[cfg(test)]
mod model;
pub mod refusal;
mod review;
#[cfg(test)]
#[path = "decide/sample_tests.rs"]
pub(crate) mod sample;
mod sign;
mod submit;
#[cfg(test)]
mod tests;
mod who;

use std::collections::BTreeMap;

use base::Timestamp;
use base::authorisation::Role;
use jiff::tz::TimeZone;
use serde::Deserialize;

use crate::application::{Application, CellKey, Key};
use crate::case::{Advice, Case, Draft, Event, Readers, StepKind, Verdict};
use crate::quantity::Unit;
use crate::rules::{CaseFacts, Rules};

pub use draft::{conditions_due, conflicts};
pub use refusal::Refusal;
pub use sign::{SignatureNeeded, signatures_needed};
pub use submit::submit;

/// Who commands: the authenticated caller.
#[derive(Debug, Clone, Copy)]
pub struct By<'a> {
    /// Key of the account.
    pub account: &'a str,
    /// Key of the account that it covers during a leave; empty where it acts for itself.
    pub acting_for: &'a str,
    /// What it is allowed in general; of leave cover, what the person covered is allowed.
    pub role: Role,
    /// The agency whose person it is; empty for everybody else.
    pub agency: &'a str,
    /// The party (`scheme:value`) for which it works; empty for the authority's people.
    pub party: &'a str,
}

impl By<'_> {
    /// Time, or the screening: what the system does by a rule, without anybody.
    #[must_use]
    pub fn time() -> By<'static> {
        By { account: "", acting_for: "", role: Role::Operator, agency: "", party: "" }
    }

    /// Whether `account` is its own, or that of the person it covers.
    #[must_use]
    pub fn is(&self, account: &str) -> bool {
        !account.is_empty() && (self.account == account || self.acting_for == account)
    }
}

/// An account that could sign or be given a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signer {
    /// Its key.
    pub account: String,
    /// Its role.
    pub role: Role,
    /// Whether it may sign in at all.
    pub activity: Activity,
}

/// Whether an account is in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Activity {
    /// It is.
    Active,
    /// It is not, or no more.
    Inactive,
}

/// What is known from elsewhere when a command is decided on.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// The rules of the pack in force for the case.
    pub rules: &'a Rules,
    /// Now.
    pub now: Timestamp,
    /// The authority's time zone, in which its days end.
    pub zone: &'a TimeZone,
    /// Parties that the screening found on the watch list: keys of the application, or the applicant.
    pub watch_listed: &'a [String],
    /// Parties to which exports are forbidden, as the screening found: keys of the application, or the
    /// applicant.
    pub prohibited: &'a [String],
    /// Conditions of the pack that are known to hold of the applicant, such as `serious_penalty`.
    pub conditions: &'a [String],
    /// Agencies whose time ran out where silence is no objection.
    pub silent_agencies: &'a [String],
    /// Accounts of the authority, with role and whether they are in use.
    pub signers: &'a [Signer],
    /// The case that this one follows, where it follows one.
    pub followed: Option<&'a Case>,
}

/// What somebody wants to do with a case. Read from JSON it is an object whose `do` names it; numbers of
/// licences are never read, for they are given, not asked for.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum Command {
    /// Take it, give it to somebody, or (empty) back to the queue.
    Assign {
        /// Key of the account.
        officer: String,
    },
    /// Record how its goods are classified.
    Classify {
        /// Control codes by the key of the good.
        codes: BTreeMap<Key, Vec<String>>,
        /// The day of the list.
        as_of: base::Date,
        /// Why a person says otherwise than the list; empty where the list itself was asked.
        reason: String,
    },
    /// Find it complete.
    Accept,
    /// Record that a party is on the watch list.
    WatchList {
        /// Key of the party in the application, or the applicant.
        party: String,
    },
    /// Ask the applicant. Before acceptance that is everything that is missing, once.
    Ask {
        /// The question.
        text: String,
        /// Cells that it is about; none: the case.
        cells: Vec<CellKey>,
    },
    /// Answer a question.
    Answer {
        /// Its number.
        question: u32,
        /// The answer.
        text: String,
        /// SHA-256 of documents handed in with it, hexadecimal.
        documents: Vec<String>,
    },
    /// Begin a step that takes time of its own.
    BeginStep {
        /// Which.
        step: StepKind,
        /// Length that the applicant is told in writing, in days.
        notice_days: Option<u32>,
        /// What is to be found out.
        text: String,
    },
    /// End it.
    EndStep {
        /// Which.
        step: StepKind,
        /// What was found.
        text: String,
    },
    /// Refer it upwards.
    ReferUp {
        /// Why.
        reason: String,
    },
    /// Ask an agency for advice, or ask it again.
    AskAgency {
        /// Which.
        agency: String,
        /// What.
        text: String,
    },
    /// Advise, for the caller's own agency. A condition without id is a new one and gets an id; its
    /// agency is always the caller's, whatever stands there.
    Advise {
        /// What, by cell.
        advice: BTreeMap<CellKey, Advice>,
    },
    /// Say that the caller's own agency has said what it has to say.
    Reply,
    /// Record that an agency's time ran out in silence.
    MarkSilent {
        /// Which.
        agency: String,
    },
    /// Drop or reword a condition of an agency against its will.
    Override {
        /// Whose.
        agency: String,
        /// On which cell.
        cell: CellKey,
        /// Its id.
        condition: String,
        /// The words instead; nothing drops it.
        text: Option<String>,
        /// Why.
        reason: String,
    },
    /// Write something down.
    Note {
        /// The note.
        text: String,
        /// Who reads it.
        readers: Readers,
    },
    /// Draft the decision, or draft it anew.
    Draft {
        /// The draft.
        draft: Draft,
    },
    /// Refer the conflict between agencies to a person.
    ReferConflict {
        /// Key of that account.
        to: String,
    },
    /// Sign the draft.
    Sign {
        /// What the caller saw: [`Case::content_hash`].
        content: String,
    },
    /// Send the draft back instead of signing it.
    RefuseSignature {
        /// What the caller saw.
        content: String,
        /// Why.
        reason: String,
    },
    /// Decide as drafted and signed.
    Finalise {
        /// What the caller saw.
        content: String,
        /// Numbers of the licences issued: none where nothing is approved, else at least one.
        #[serde(skip)]
        licences: Vec<String>,
    },
    /// Grant a registration by the rule, without a decision on the merits.
    Register {
        /// Codes of what the check of the application found and noted.
        findings: Vec<String>,
        /// Numbers of the licences issued.
        #[serde(skip)]
        licences: Vec<String>,
    },
    /// Return it without a decision on the merits.
    Return {
        /// Codes of reasons.
        reasons: Vec<String>,
        /// In words.
        text: String,
    },
    /// Take it back.
    Withdraw {
        /// Why; may be empty.
        reason: String,
    },
    /// End it by time.
    Lapse {
        /// Of what.
        reason: String,
    },
    /// Open it again.
    Reopen {
        /// On what ground.
        ground: String,
    },
    /// Ask for a change.
    AskAmendment {
        /// The application as it would be.
        application: Box<Application>,
    },
    /// Accept the amendment for decision.
    AcceptAmendment,
    /// Decide on it.
    DecideAmendment {
        /// Whether it is taken.
        verdict: Verdict,
        /// Why.
        reason: String,
    },
    /// Appeal the decision.
    Appeal {
        /// Number of the new case, handed in with [`submit()`].
        number: String,
    },
}

/// What comes of a command: events in order, or every reason why not, in the order of
/// [`refusal::CODES`].
///
/// # Errors
/// [`Refusal`]s; never none.
pub fn decide(
    case: &Case,
    by: &By<'_>,
    command: &Command,
    context: &Context<'_>,
) -> Result<Vec<Event>, Vec<Refusal>> {
    who::allowed(case, by, command).map_err(|refusal| vec![refusal])?;
    let asked = Asked { case, by, context };
    match command {
        Command::Assign { officer } => asked.assign(officer),
        Command::Classify { codes, as_of, reason } => asked.classify(codes, *as_of, reason),
        Command::Accept => asked.accept(),
        Command::WatchList { party } => asked.watch_list(party),
        Command::Ask { text, cells } => asked.ask(text, cells),
        Command::Answer { question, text, documents } => asked.answer(*question, text, documents),
        Command::BeginStep { step, notice_days, text } => {
            asked.step_begin(*step, *notice_days, text)
        }
        Command::EndStep { step, text } => asked.step_end(*step, text),
        Command::ReferUp { reason } => asked.refer_up(reason),
        Command::AskAgency { agency, text } => asked.agency_ask(agency, text),
        Command::Advise { advice } => asked.advise(advice),
        Command::Reply => asked.reply(),
        Command::MarkSilent { agency } => asked.mark_silent(agency),
        Command::Override { agency, cell, condition, text, reason } => {
            asked.condition_override((agency, cell, condition), text.as_deref(), reason)
        }
        Command::Note { text, readers } => asked.note(text, *readers),
        Command::Draft { draft } => asked.draft(draft),
        Command::ReferConflict { to } => asked.conflict_refer(to),
        Command::Sign { content } => asked.sign(content),
        Command::RefuseSignature { content, reason } => asked.signature_refuse(content, reason),
        Command::Finalise { content, licences } => asked.finalise(content, licences),
        Command::Register { findings, licences } => asked.register(findings, licences),
        Command::Return { reasons, text } => asked.return_case(reasons, text),
        Command::Withdraw { reason } => Ok(vec![Event::Withdrawn { reason: reason.clone() }]),
        Command::Lapse { reason } => asked.lapse(reason),
        Command::Reopen { ground } => asked.reopen(ground),
        Command::AskAmendment { application } => asked.amendment_ask(application),
        Command::AcceptAmendment => asked.amendment_accept(),
        Command::DecideAmendment { verdict, reason } => asked.amendment_decide(*verdict, reason),
        Command::Appeal { number } => asked.appeal(number),
    }
}

/// A command with everything that it is decided on.
#[derive(Clone, Copy)]
struct Asked<'a> {
    case: &'a Case,
    by: &'a By<'a>,
    context: &'a Context<'a>,
}

/// What comes of a command.
type Answer = Result<Vec<Event>, Vec<Refusal>>;

/// What is known of a case when the rules are asked which of them apply.
#[must_use]
pub fn facts<'a>(case: &'a Case, context: &Context<'a>) -> CaseFacts<'a> {
    let application = &case.application;
    let mut facts = CaseFacts {
        licence_type: &application.licence_type,
        watch_listed: !case.watch_listed.is_empty() || !context.watch_listed.is_empty(),
        overruled: !case.overrides.is_empty() || draft::overrules(case),
        refused: draft::refuses(case),
        ..CaseFacts::default()
    };
    for cell in &application.cells {
        facts.destinations.push(&cell.destination);
        if let Some(good) = application.good(&cell.good) {
            // What the applicant claims and what was found: either may ask for more care.
            let found = case.control_codes.get(&cell.good).into_iter().flatten();
            facts.control_codes.extend(good.control_codes.iter().chain(found).map(String::as_str));
        }
        if let Some(end_use) = application.end_use(&cell.end_use) {
            facts.uses.push(&end_use.code);
        }
        let mass = cell.quantity(&Unit::NetMass).map_or(0, |quantity| quantity.amount);
        facts.net_mass_mg = facts.net_mass_mg.saturating_add(mass);
    }
    facts
}
