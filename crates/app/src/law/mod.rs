//! Law in use: which pack is in force here, drafts of its next version, and what a draft would change.
//!
//! A version of a pack is a set of files. The one in force is the last published; where none was, the one
//! carried in the program. A draft is checked, replayed over what was exported in the last twelve months
//! ([`replay`]), and published by another person than its author.

pub mod desk;
pub mod draft;
pub mod exported;

use controls::{Calendar, ClockRules, PackFault, PackFiles};

/// A pack as it is asked: its identity, its clocks and calendar.
#[derive(Debug)]
pub struct Law {
    /// The pack.
    pub id: String,
    /// The version in force here; 0 where it is the one carried in the program.
    pub version: u32,
    /// Title in English.
    pub title_en: String,
    /// Title in Chinese.
    pub title_zh: String,
    /// What to know before relying on it, in English.
    pub notice_en: String,
    /// The same in Chinese.
    pub notice_zh: String,
    /// The rules of its clocks and its calendar; nothing where it has none.
    pub clocks: Option<(ClockRules, Calendar)>,
    /// What is wrong with it.
    pub faults: Vec<PackFault>,
}

impl Law {
    /// Reads a pack.
    #[must_use]
    pub fn read(id: &str, version: u32, files: &PackFiles) -> Law {
        let mut faults = Vec::new();
        let rules = ClockRules::read(files, &mut faults);
        let calendar = Calendar::read(files, &mut faults);
        Law {
            id: id.to_owned(),
            version,
            title_en: id.to_owned(),
            title_zh: id.to_owned(),
            notice_en: String::new(),
            notice_zh: String::new(),
            clocks: rules.zip(calendar),
            faults,
        }
    }
}

/// What is wrong with a pack.
#[must_use]
pub fn pack_faults(files: &PackFiles) -> Vec<PackFault> {
    Law::read("", 0, files).faults
}
