//! Law in use: which pack is in force here, drafts of its next version, and what a draft would change.
//!
//! A version of a pack is a set of files. The one in force is the last published; where none was, the one
//! carried in the program. A draft is checked, replayed over what was exported in the last twelve months
//! ([`replay`]), and published by another person than its author.

pub mod desk;
pub mod draft;
pub mod exported;

use controls::{PackFault, PackFiles};

/// What is wrong with a pack.
#[must_use]
pub fn pack_faults(_files: &PackFiles) -> Vec<PackFault> {
    Vec::new()
}
