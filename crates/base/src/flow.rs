//! Flows of material: what a filing does, in words that the ledger and the graph share.

use crate::common::{ProcessId, StageId, UseId};
use crate::composition::Composition;
use crate::kind::Move;

/// What a leg does to its lot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Role {
    /// Consumed by a transform.
    In = 0,
    /// A part is taken, and becomes the lot that the flow makes.
    Take = 1,
    /// The lot is made.
    Made = 2,
    /// The whole lot, or some of it under its own id, moves to another holder or out of the books.
    Moved = 3,
    /// A stated loss of a transform; concerns no lot.
    Lost = 4,
    /// Counted.
    Counted = 5,
}

impl Role {
    /// Whether it takes from its lot what another lot or a loss receives.
    #[must_use]
    #[inline]
    pub fn draws(self) -> bool {
        matches!(self, Role::In | Role::Take)
    }
}

/// The other party of a flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Other<'a> {
    /// Not said.
    #[default]
    None,
    /// By identifier.
    Party(&'a str),
    /// In words.
    Customer(&'a str),
}

/// One effect of a filing: a whole transform, or one row of any other kind.
#[derive(Debug, Clone, Copy)]
pub struct NewFlow<'a> {
    /// Site at the filer.
    pub site: &'a str,
    /// Site at the other party.
    pub to_site: &'a str,
    /// The other party.
    pub other: Other<'a>,
    /// Country of the customer.
    pub country: &'a str,
    /// Why it moves.
    pub movement: Move,
    /// End use.
    pub end_use: Option<UseId>,
    /// Process, where stated.
    pub process: Option<ProcessId>,
    /// Stage of a count without a lot.
    pub stage: Option<StageId>,
}

/// A leg of a flow.
#[derive(Debug, Clone, Copy)]
pub struct NewLeg<'a> {
    /// What it does.
    pub role: Role,
    /// The lot, empty where there is none.
    pub lot: &'a str,
    /// Mass in mg, where stated.
    pub mass: Option<i64>,
    /// Composition, where stated.
    pub composition: Option<&'a Composition>,
    /// Stage, where stated.
    pub stage: Option<StageId>,
}
