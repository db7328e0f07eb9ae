//! Hits as work items: who may decide what on a hit, and when a second person is needed.
//!
//! A hit stands until somebody says what it is. To find that a party *is* the listed one is the careful
//! way, and one person is enough; to clear a strong hit takes a second person, a supervisor who did not
//! decide first (four eyes: NIST SP 800-53 AC-5, separation of duties).
//!
//! INVARIANT: no hit that was strong when it was cleared is cleared by one person.

use base::authorisation::{Actor, Role};
use serde::{Deserialize, Serialize};

/// Where a hit stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HitState {
    /// Nobody has decided.
    Open,
    /// Somebody asks the party, or another authority, before deciding.
    Asked,
    /// One person would clear it; a second is needed.
    Proposed,
    /// It is another party.
    Cleared,
    /// It is the listed party.
    Confirmed,
    /// The record changed or went, or nothing names the party any more.
    Ended,
}

impl HitState {
    /// All of them.
    pub const ALL: [HitState; 6] = [
        HitState::Open,
        HitState::Asked,
        HitState::Proposed,
        HitState::Cleared,
        HitState::Confirmed,
        HitState::Ended,
    ];

    /// Its stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            HitState::Open => "open",
            HitState::Asked => "asked",
            HitState::Proposed => "proposed",
            HitState::Cleared => "cleared",
            HitState::Confirmed => "confirmed",
            HitState::Ended => "ended",
        }
    }

    /// The state of a code.
    #[must_use]
    pub fn parse(code: &str) -> Option<HitState> {
        HitState::ALL.into_iter().find(|state| state.code() == code)
    }

    /// Whether somebody still has to do something.
    #[must_use]
    pub fn waits(self) -> bool {
        matches!(self, HitState::Open | HitState::Asked | HitState::Proposed)
    }
}

/// What somebody does with a hit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Deed {
    /// It is the listed party.
    Confirm,
    /// It is another party.
    Clear,
    /// More has to be asked first.
    Ask,
    /// As second person: it is another party.
    Agree,
    /// As second person: it is not as clear as that.
    SendBack,
    /// What was decided is to be decided anew.
    Reopen,
}

impl Deed {
    /// All of them.
    pub const ALL: [Deed; 6] =
        [Deed::Confirm, Deed::Clear, Deed::Ask, Deed::Agree, Deed::SendBack, Deed::Reopen];

    /// Its stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Deed::Confirm => "confirm",
            Deed::Clear => "clear",
            Deed::Ask => "ask",
            Deed::Agree => "agree",
            Deed::SendBack => "send_back",
            Deed::Reopen => "reopen",
        }
    }

    /// The deed of a code.
    #[must_use]
    pub fn parse(code: &str) -> Option<Deed> {
        Deed::ALL.into_iter().find(|deed| deed.code() == code)
    }
}

/// How strong a hit is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Strength {
    /// One person may clear it.
    Plain,
    /// Two must.
    Strong,
}

impl Strength {
    /// Its stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Strength::Plain => "plain",
            Strength::Strong => "strong",
        }
    }
}

/// What a deed is decided on.
#[derive(Debug, Clone, Copy)]
pub struct Standing<'a> {
    /// Where the hit stands.
    pub state: HitState,
    /// How strong it is by the settings of now.
    pub strength: Strength,
    /// Who proposed to clear it, and for whom; empty where nobody did.
    pub proposed_by: [&'a str; 2],
}

/// Why a deed is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HitRefusal {
    /// A reason is missing, or too long.
    #[error(
        "the reason is missing or longer than {REASON_CHARS_MAX} characters; say why in a sentence"
    )]
    Reason,
    /// The hit does not stand where this can be done.
    #[error("the hit does not stand where this can be done; look at where it stands now")]
    State,
    /// The second person is the first.
    #[error("who proposed to clear a hit does not agree to it; another supervisor is needed")]
    SamePerson,
    /// The second person is no supervisor.
    #[error("only a supervisor agrees or sends back; ask one")]
    NotSupervisor,
}

/// The longest reason, in characters.
pub const REASON_CHARS_MAX: usize = 2_000;

impl HitRefusal {
    /// Its stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            HitRefusal::Reason => "hit_reason",
            HitRefusal::State => "hit_state",
            HitRefusal::SamePerson => "hit_same_person",
            HitRefusal::NotSupervisor => "hit_not_supervisor",
        }
    }
}

/// Where a hit stands after a deed.
///
/// # Errors
/// [`HitRefusal`] where it cannot be done, or not by this person.
pub fn decide(
    standing: &Standing<'_>,
    actor: &Actor,
    deed: Deed,
    reason: &str,
) -> Result<HitState, HitRefusal> {
    let length = reason.trim().chars().count();
    if length == 0 || length > REASON_CHARS_MAX {
        return Err(HitRefusal::Reason);
    }
    let undecided = matches!(standing.state, HitState::Open | HitState::Asked);
    match deed {
        Deed::Agree | Deed::SendBack => {
            if standing.state != HitState::Proposed {
                return Err(HitRefusal::State);
            }
            if actor.role != Role::Supervisor {
                return Err(HitRefusal::NotSupervisor);
            }
            if standing.proposed_by.iter().any(|first| actor.is(first)) {
                return Err(HitRefusal::SamePerson);
            }
            Ok(if deed == Deed::Agree { HitState::Cleared } else { HitState::Open })
        }
        // That it is the listed party may be found at any time before it is cleared.
        Deed::Confirm if standing.state.waits() => Ok(HitState::Confirmed),
        Deed::Clear if undecided => Ok(match standing.strength {
            Strength::Plain => HitState::Cleared,
            Strength::Strong => HitState::Proposed,
        }),
        Deed::Ask if standing.state == HitState::Open => Ok(HitState::Asked),
        Deed::Reopen if matches!(standing.state, HitState::Cleared | HitState::Confirmed) => {
            Ok(HitState::Open)
        }
        _ => Err(HitRefusal::State),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(standing: &Standing<'_>, actor: &Actor) -> String {
        let deeds = Deed::ALL.map(|deed| match decide(standing, actor, deed, "why") {
            Ok(state) => format!("{}>{}", deed.code(), state.code()),
            Err(refusal) => format!("{}!{}", deed.code(), refusal.code()),
        });
        let state = standing.state.code();
        format!("{state:<10}{:<7}{:<9}{}", standing.strength.code(), actor.account, deeds.join(" "))
    }

    /// Every state × strength × who: what may be done, as one reads it.
    #[test]
    fn what_may_be_done_with_a_hit_is_this_table() {
        let mut cover = Actor::new("cover", Role::Supervisor, "");
        cover.acting_for = "first".to_owned();
        let people = [
            Actor::new("first", Role::Supervisor, ""),
            Actor::new("second", Role::Supervisor, ""),
            Actor::new("officer", Role::Officer, ""),
            cover,
        ];
        let mut lines = Vec::new();
        for state in HitState::ALL {
            for strength in [Strength::Plain, Strength::Strong] {
                for actor in &people {
                    let proposed = state == HitState::Proposed;
                    let proposed_by = if proposed { ["first", ""] } else { ["", ""] };
                    lines.push(line(&Standing { state, strength, proposed_by }, actor));
                }
            }
        }
        insta::assert_snapshot!(lines.join("\n"));
    }

    #[test]
    fn refuses_a_deed_without_a_reason_or_with_an_endless_one() {
        let standing =
            Standing { state: HitState::Open, strength: Strength::Plain, proposed_by: ["", ""] };
        let actor = Actor::new("officer", Role::Officer, "");
        for reason in ["", " \n", &"x".repeat(REASON_CHARS_MAX + 1)] {
            let found = decide(&standing, &actor, Deed::Clear, reason);
            assert_eq!(found, Err(HitRefusal::Reason), "`{}`", reason.len());
        }
    }
}
