//! Law in use: which pack is in force here, drafts of its next version, and what a draft would change.
//!
//! A version of a pack is a set of files. The one in force is the last published; where none was, the one
//! carried in the program. A draft is checked, replayed over what was exported in the last twelve months
//! ([`replay`]), and published by another person than its author.

pub mod desk;
pub mod draft;
pub mod exported;
pub mod procedure;
pub mod replay;

use controls::{Calendar, ClockRules, Pack, PackFault, PackFiles, Regime};
use licensing::Rules;

/// A pack as it is asked: its list, its clocks and calendar, its regime.
#[derive(Debug)]
pub struct Law {
    /// The pack.
    pub id: String,
    /// The version in force here; 0 where it is the one carried in the program.
    pub version: u32,
    /// Its settings, control list and rules about content.
    pub pack: Pack,
    /// The rules of its clocks and its calendar; nothing where it has none.
    pub clocks: Option<(ClockRules, Calendar)>,
    /// Licence types, documents, party lists, duties.
    pub regime: Regime,
    /// The rules of the procedure: agencies, signatures, conditions, appeal.
    pub rules: Rules,
    /// How many of its own cases were asked.
    pub cases: usize,
    /// What is wrong with it.
    pub faults: Vec<PackFault>,
}

impl Law {
    /// Reads a pack: what could be read, and every fault of it, its own cases included.
    #[must_use]
    pub fn read(id: &str, version: u32, files: &PackFiles) -> Law {
        let (pack, mut faults) = Pack::read(files);
        let mut cases = controls::cases(&pack, files, &mut faults);
        let rules = ClockRules::read(files, &mut faults);
        let calendar = Calendar::read(files, &mut faults);
        let regime = Regime::read(files, rules.as_ref(), &mut faults);
        if let (Some(rules), Some(calendar)) = (&rules, &calendar) {
            cases += clock_cases(files, rules, calendar, &mut faults);
        }
        let procedure = procedure::rules(id, files, &regime, &mut faults);
        faults.sort();
        faults.dedup();
        let clocks = rules.zip(calendar);
        let rules = procedure;
        Law { id: id.to_owned(), version, pack, clocks, regime, rules, cases, faults }
    }
}

/// Works the clock cases of a pack, which fail when a rule they rest on is changed unnoticed.
fn clock_cases(
    files: &PackFiles,
    rules: &ClockRules,
    calendar: &Calendar,
    faults: &mut Vec<PackFault>,
) -> usize {
    let cases = controls::clock::cases_read(files, rules, faults);
    for message in controls::clock::cases_check(rules, calendar, &cases) {
        faults.push(PackFault {
            file: "clock_cases.jsonl".to_owned(),
            line: 0,
            field: String::new(),
            code: "case_differs",
            message,
            accepted: "the answer that the case expects, or another expectation".to_owned(),
        });
    }
    cases.len()
}

/// What is wrong with a pack.
#[must_use]
pub fn pack_faults(files: &PackFiles) -> Vec<PackFault> {
    Law::read("", 0, files).faults
}
