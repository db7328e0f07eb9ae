//! Who may see a case, whose part a command is, and who works a case.

use base::authorisation::Role;

use super::refusal::Refusal;
use super::{By, Command};
use crate::case::{Case, CaseState};

/// The side on which a caller stands in a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// The authority's officers and supervisors.
    Office,
    /// A person of an agency that was asked.
    Agency,
    /// The applicant's people.
    Applicant,
    /// Time, or the screening.
    Time,
}

/// The side on which a caller stands; nothing where there is no such case for it.
pub(super) fn side(case: &Case, by: &By<'_>) -> Option<Side> {
    if by.account.is_empty() {
        let time = by.role == Role::Operator && by.party.is_empty() && by.agency.is_empty();
        return time.then_some(Side::Time);
    }
    match by.role {
        Role::Filer | Role::PartyManager => {
            (!by.party.is_empty() && by.party == case.applicant).then_some(Side::Applicant)
        }
        Role::Agency => case.agencies.contains_key(by.agency).then_some(Side::Agency),
        Role::Officer | Role::Supervisor if by.agency.is_empty() => Some(Side::Office),
        _ => None,
    }
}

/// Whose part a command is.
fn sides(command: &Command) -> &'static [Side] {
    match command {
        Command::Answer { .. }
        | Command::Withdraw { .. }
        | Command::AskAmendment { .. }
        | Command::Appeal { .. } => &[Side::Applicant],
        Command::Advise { .. } | Command::Reply => &[Side::Agency],
        Command::Note { .. } => &[Side::Office, Side::Agency],
        Command::Accept
        | Command::Classify { .. }
        | Command::WatchList { .. }
        | Command::MarkSilent { .. }
        | Command::Lapse { .. } => &[Side::Office, Side::Time],
        Command::Register { .. } => &[Side::Time],
        _ => &[Side::Office],
    }
}

/// Whether a command belongs to a case at an end.
fn after_end(command: &Command) -> bool {
    matches!(command, Command::Note { .. } | Command::Appeal { .. } | Command::Reopen { .. })
}

/// Whether somebody works the case: the assigned officer, who covers it, or a supervisor.
pub(super) fn works(case: &Case, by: &By<'_>) -> bool {
    by.role == Role::Supervisor || by.is(&case.officer)
}

/// Whether a command needs somebody who works the case.
fn needs_work(command: &Command) -> bool {
    !matches!(
        command,
        Command::Assign { .. }
            | Command::Note { .. }
            | Command::Sign { .. }
            | Command::RefuseSignature { .. }
            | Command::Reopen { .. }
    )
}

/// The first reason, alone, why a caller may not do this at all.
pub(super) fn allowed(case: &Case, by: &By<'_>, command: &Command) -> Result<(), Refusal> {
    let side = side(case, by).ok_or_else(Refusal::not_found)?;
    if !sides(command).contains(&side) {
        let accepted = sides(command).iter().map(|side| side_name(*side)).collect::<Vec<_>>();
        let message = "this is not for your part in the case";
        return Err(Refusal::new("not_allowed", "", message, accepted.join(" or ")));
    }
    if !case.state.open() && !after_end(command) {
        return Err(ended(case, side));
    }
    let conflict = matches!(
        command,
        Command::Draft { .. } | Command::Finalise { .. } | Command::Override { .. }
    ) && by.is(&case.conflict_to);
    if side == Side::Office && needs_work(command) && !works(case, by) && !conflict {
        let message = "the case is not assigned to you";
        let accepted = "its officer, who covers that officer, or a supervisor";
        return Err(Refusal::new("not_assigned", "", message, accepted));
    }
    Ok(())
}

fn side_name(side: Side) -> &'static str {
    match side {
        Side::Office => "an officer of the authority",
        Side::Agency => "a person of the agency asked",
        Side::Applicant => "the applicant",
        Side::Time => "the system",
    }
}

/// The answer to who comes too late: how the case ended, as far as its side sees that.
fn ended(case: &Case, side: Side) -> Refusal {
    let accepted = "a note, an appeal, or opening it again";
    let told = case.outcome.as_ref().filter(|_| side != Side::Agency);
    let Some(outcome) = told else {
        return Refusal::new("case_ended", "", "the case is at an end", accepted);
    };
    let at = base::Timestamp::from_us(outcome.at_us);
    if outcome.state != CaseState::Decided {
        let message = format!("the case was {} at {at}", outcome.state.code());
        return Refusal::new("case_ended", "", message, accepted);
    }
    let licences = match outcome.licences.as_slice() {
        [] => "no licence".to_owned(),
        numbers => format!("licence {}", numbers.join(", ")),
    };
    let message = format!("the case was decided at {at}: {licences}");
    Refusal::new("already_decided", "", message, accepted)
}
