//! What the desk asks beside the case itself: its clock in full, precedents, kept queues, what still lacks
//! for a decision; and the numbers of licences that a decision issues.

use base::Timestamp;
use base::authorisation::{Actor, Role};
use controls::clock::{Answer, Proofs, answer, reckon};
use jiff::tz::TimeZone;
use licensing::case::{Case, CellDecision};
use licensing::decide::{Command, Context, Refusal, SignatureNeeded, decide, signatures_needed};
use licensing::sight::Viewer;
use store::{CaseRow, CaseView, LicensingChange, LicensingRead, Precedent};

use super::{CaseError, Known, by_of, case_read, file};
use crate::law::Law;
use crate::platform::Platform;

/// Precedents that a page shows.
const PRECEDENTS_MAX: u32 = 20;
/// The longest name of a kept queue, in characters.
pub const VIEW_NAME_CHARS_MAX: usize = 60;
/// The longest query string of a kept queue, in characters.
pub const VIEW_QUERY_CHARS_MAX: usize = 1000;
/// Queues that an account may keep.
pub const VIEWS_MAX: usize = 20;

/// The side on which an account stands: of the authority's people those who work on cases, of an agency its
/// own, and everybody else as an applicant.
#[must_use]
pub fn viewer_of(actor: &Actor) -> Viewer<'_> {
    match actor.role {
        Role::Officer | Role::Supervisor => Viewer::Office,
        Role::Agency => Viewer::Agency(&actor.desk),
        _ => Viewer::Applicant,
    }
}

/// All clocks of a case with the proof of each day; nothing where the pack has no clocks.
#[must_use]
pub fn case_clock(law: &Law, case: &Case, now: Timestamp, proofs: Proofs) -> Option<Answer> {
    let (rules, calendar) = law.clocks.as_ref()?;
    let events = file::clock_lines(law, case)?;
    let now = jiff::Timestamp::from_microsecond(now.us()).ok()?;
    let reckoning = reckon(rules, calendar, &events, Some(now)).ok()?;
    Some(answer(&law.id, rules, calendar, &events, &reckoning, proofs))
}

/// An end user as precedents know it: by its first identifier, else by its name and country.
#[must_use]
pub fn end_user_key(party: &licensing::application::PartyEntry) -> String {
    match party.identifiers.iter().min() {
        Some(identifier) => identifier.clone(),
        None => format!("{}/{}", party.name.trim().to_lowercase(), party.country),
    }
}

/// The control codes of a cell's good: those found, or, where none was, those claimed.
#[must_use]
pub fn cell_codes<'c>(case: &'c Case, good: &str) -> &'c [String] {
    let found = case.control_codes.get(good).filter(|codes| !codes.is_empty());
    found.or_else(|| case.application.good(good).map(|good| &good.control_codes)).map_or(&[], |c| c)
}

/// What the cells of a case are about, as precedents are kept.
fn about(case: &Case) -> Vec<(String, String, String)> {
    let application = &case.application;
    let mut about = Vec::new();
    for cell in &application.cells {
        let Some(end_user) = application.party(&cell.end_user) else { continue };
        for code in cell_codes(case, &cell.good) {
            about.push((code.clone(), cell.destination.clone(), end_user_key(end_user)));
        }
    }
    about.sort();
    about.dedup();
    about
}

/// Notes what was decided on the cells of a case.
pub(super) fn precedents_write(
    change: &LicensingChange<'_>,
    case: &Case,
    at_us: i64,
) -> Result<(), CaseError> {
    let Some(outcome) = &case.outcome else { return Ok(()) };
    for (key, decision) in &outcome.cells {
        let Some(cell) = case.application.cell(key) else { continue };
        let Some(end_user) = case.application.party(&cell.end_user) else { continue };
        let (code, conditions) = match decision {
            CellDecision::Approve { conditions, .. } => ("approve", conditions.len()),
            CellDecision::Refuse { .. } => ("refuse", 0),
            CellDecision::NoLicence { .. } => ("no_licence", 0),
        };
        for control_code in cell_codes(case, &cell.good) {
            change.precedent_put(&Precedent {
                control_code: control_code.clone(),
                destination: cell.destination.clone(),
                end_user: end_user_key(end_user),
                number: case.number.clone(),
                cell: key.clone(),
                outcome: code.to_owned(),
                conditions: u32::try_from(conditions).unwrap_or(u32::MAX),
                decided_at_us: at_us,
            })?;
        }
    }
    Ok(())
}

/// A case with what it is decided on: people and goods as they are known, and its clocks as of an instant.
pub struct Weighed<'a> {
    /// The rules.
    pub law: &'a Law,
    /// The case.
    pub case: &'a Case,
    /// People and goods.
    pub known: &'a Known,
    followed: Option<&'a Case>,
    now: Timestamp,
    zone: TimeZone,
    silent: Vec<String>,
}

impl<'a> Weighed<'a> {
    /// A case, with the one that it follows, as of an instant. Its clocks are reckoned once.
    #[must_use]
    pub fn new(
        law: &'a Law,
        case: &'a Case,
        followed: Option<&'a Case>,
        known: &'a Known,
        now: Timestamp,
    ) -> Weighed<'a> {
        let (zone, silent) = (file::zone(law), file::agencies_silent(law, case, now));
        Weighed { law, case, known, followed, now, zone, silent }
    }

    fn with<T>(&self, ask: impl FnOnce(&Context<'_>) -> T) -> T {
        ask(&Context {
            rules: &self.law.rules,
            now: self.now,
            zone: &self.zone,
            watch_listed: &self.known.watch_listed,
            prohibited: &self.known.prohibited,
            conditions: &self.known.conditions,
            silent_agencies: &self.silent,
            signers: &self.known.signers,
            followed: self.followed,
        })
    }

    /// Every reason why `actor` could not do this now; empty where it could. Nothing is done.
    #[must_use]
    pub fn refusals(&self, actor: &Actor, command: &Command) -> Vec<Refusal> {
        self.with(|context| {
            decide(self.case, &by_of(actor), command, context).err().unwrap_or_default()
        })
    }

    /// Everything that still lacks for a decision as drafted.
    #[must_use]
    pub fn lacking(&self, actor: &Actor) -> Vec<Refusal> {
        let draft = self.case.draft.as_ref().map(|(draft, _, _)| draft);
        let approve = |decision: &CellDecision| matches!(decision, CellDecision::Approve { .. });
        let approved = draft.is_some_and(|draft| draft.cells.values().any(approve));
        // The numbers are given when it is decided.
        let licences = if approved { vec!["-".to_owned()] } else { Vec::new() };
        let content = self.case.content_hash().unwrap_or_default();
        self.refusals(actor, &Command::Finalise { content, licences })
    }

    /// The signatures that the decision needs as it stands.
    #[must_use]
    pub fn signatures(&self) -> Vec<SignatureNeeded> {
        self.with(|context| signatures_needed(self.case, context))
    }

    /// The agencies that the rules want asked.
    #[must_use]
    pub fn agencies_due(&self) -> Vec<String> {
        self.with(|context| {
            let facts = licensing::decide::facts(self.case, context);
            let due = context.rules.agencies_of(&facts);
            due.into_iter().map(|agency| agency.id.clone()).collect()
        })
    }
}

/// The grade of the signature that a case waits for; nothing where it waits for none.
pub(super) fn signature_waiting(case: &Case, context: &Context<'_>) -> Option<(u32, String)> {
    if file::waits_for(case) != "signature" {
        return None;
    }
    let needed = signatures_needed(case, context);
    let next = needed.into_iter().find(|needed| needed.signed_by.is_none());
    next.map(|needed| (needed.order, needed.grade))
}

fn read_case(read: &LicensingRead<'_>, number: &str) -> Result<Case, CaseError> {
    Ok(case_read(read, number)?.1)
}

impl Platform {
    /// The case that a case follows.
    ///
    /// # Errors
    /// [`CaseError::Unknown`] where it is not there.
    pub fn case_followed(&self, case: &Case) -> Result<Option<Case>, CaseError> {
        let reader = self.reader();
        let read = reader.licensing();
        case.follows.as_ref().map(|follows| read_case(&read, &follows.number)).transpose()
    }

    /// What was decided before on cells of the same control code, destination and end user, the last first.
    /// One query.
    ///
    /// # Errors
    /// [`CaseError`] where the database refuses.
    pub fn case_precedents(&self, case: &Case) -> Result<Vec<Precedent>, CaseError> {
        Ok(self.reader().licensing().precedents(&about(case), &case.number, PRECEDENTS_MAX)?)
    }

    /// The open case that has waited the longest.
    ///
    /// # Errors
    /// [`CaseError`] where the database refuses.
    pub fn case_oldest(&self) -> Result<Option<CaseRow>, CaseError> {
        Ok(self.reader().licensing().case_oldest()?)
    }

    /// The key under which the cases of a party are kept; nothing where it is not registered.
    ///
    /// # Errors
    /// [`CaseError`] where the database refuses.
    pub fn case_owner(&self, party: &str) -> Result<Option<[u8; 16]>, CaseError> {
        Ok(self.reader().licensing().owner(party)?)
    }

    /// The queues that an account keeps.
    ///
    /// # Errors
    /// [`CaseError`] where the database refuses.
    pub fn case_views(&self, account: &str) -> Result<Vec<CaseView>, CaseError> {
        Ok(self.reader().licensing().case_views(account)?)
    }

    /// Keeps a queue under a name; whether there was room: at most [`VIEWS_MAX`] of an account.
    ///
    /// # Errors
    /// [`CaseError`] where the database refuses.
    pub fn case_view_keep(&self, account: &str, view: &CaseView) -> Result<bool, CaseError> {
        self.aside()?.licensing_change(|change| {
            let kept = change.read().case_views(account)?;
            let known = kept.iter().any(|other| other.name == view.name);
            if !known && kept.len() >= VIEWS_MAX {
                return Ok(false);
            }
            change.case_view_put(account, view)?;
            Ok(true)
        })
    }

    /// Forgets a queue; none of that name is no fault.
    ///
    /// # Errors
    /// [`CaseError`] where the database refuses.
    pub fn case_view_forget(&self, account: &str, name: &str) -> Result<(), CaseError> {
        self.aside()?.licensing_change(|change| {
            if change.read().case_views(account)?.iter().any(|view| view.name == name) {
                change.case_view_remove(account, name)?;
            }
            Ok(())
        })
    }
}
