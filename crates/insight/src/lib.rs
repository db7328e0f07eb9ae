//! Insight: the supply graph and the questions asked of it.
//!
//! The graph is a compact picture of the ledger in memory: lots, the flows that made and drew
//! them, masses and compositions, in typed columns that can be mapped from a snapshot
//! ([`graph`]). Questions walk it: where does the content come from ([`back`]), where did it go
//! ([`forward`]), within what bounds ([`bounds`]).
//!
//! Invariants: an answer depends on the set of live filings alone, never on the order of arrival,
//! internal ids or a clock. Shares are accumulated as integers, so that their sums do not depend on
//! the order of adding; contents are exact.

mod accounts;
pub mod answer;
pub mod back;
pub mod bounds;
pub mod column;
pub mod cycle;
pub mod forward;
pub mod graph;
pub mod lens;
pub mod lineage;
pub mod names;
mod share;
pub mod trace;

pub use answer::{Direction, Part, TraceAnswer, TraceError, TraceQuery, Until, View};
pub use graph::{Graph, NewFiling, NewFlow, NewLeg, Role};
