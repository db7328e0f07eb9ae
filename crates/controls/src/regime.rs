//! What a regime is besides its control list and clocks: kinds of licences, documents, time limits, lists of
//! parties, reporting duties, records, quotas, penalties and public figures of concentration.
//!
//! All of it is read from the tables of a pack and checked: every code that one table uses must be defined by
//! another, nothing may refer to itself in a circle, and a time limit that a clock counts must say what the
//! clock says. Each fact keeps its citation, source and confidence.

mod duties;
mod licence_types;
mod quotas;
mod tables;
#[cfg(test)]
mod tests;

use crate::clock::ClockRules;
use crate::fault::PackFault;
use crate::files::PackFiles;

pub use duties::{Duty, HolderReport, PartyEffect, PartyList, RecordDuty, ReportPeriod};
pub use licence_types::{Change, ChangeKind, Condition, Criterion, LicenceKind, LicenceType};
pub use quotas::{OreType, Quota, QuotaEnd, QuotaEvent, Toll};
pub use tables::{Concentration, Document, LimitUnit, Penalty, Situation, TimeLimit};

/// What a regime is besides its control list and clocks.
#[derive(Debug, Clone, Default)]
pub struct Regime {
    /// Kinds of licences, registrations, exemptions and what is out of scope.
    pub licence_types: Vec<LicenceType>,
    /// What kinds of licences require, and what bars them.
    pub conditions: Vec<Condition>,
    /// What a change of a licence means.
    pub changes: Vec<Change>,
    /// What is weighed in a decision.
    pub criteria: Vec<Criterion>,
    /// What must be handed in.
    pub documents: Vec<Document>,
    /// All limits of time, those of the clocks among them.
    pub time_limits: Vec<TimeLimit>,
    /// Lists of parties and their effects.
    pub party_lists: Vec<PartyList>,
    /// What must be reported.
    pub duties: Vec<Duty>,
    /// What must be kept.
    pub records: Vec<RecordDuty>,
    /// Quotas.
    pub quotas: Vec<Quota>,
    /// What a breach costs.
    pub penalties: Vec<Penalty>,
    /// Who mines, refines and makes how much.
    pub concentration: Vec<Concentration>,
}

impl Regime {
    /// Reads all tables of a regime.
    ///
    /// A table that is not there is empty; every fault of those that are is told. References to clocks and
    /// events are checked where the rules of the clocks could be read.
    #[must_use]
    pub fn read(
        files: &PackFiles,
        clocks: Option<&ClockRules>,
        faults: &mut Vec<PackFault>,
    ) -> Regime {
        let mut regime = Regime::default();
        licence_types::read(files, &mut regime, faults);
        tables::read(files, &mut regime, clocks, faults);
        duties::read(files, &mut regime, clocks, faults);
        regime
    }

    /// The kind of licence of an id.
    #[must_use]
    pub fn licence_type(&self, id: &str) -> Option<&LicenceType> {
        self.licence_types.iter().find(|licence| licence.id == id)
    }

    /// The documents that an application for a kind of licence needs in the situations given, those of the
    /// kind that it builds on first.
    #[must_use]
    pub fn documents_for(&self, licence_type: &str, situations: &[Situation]) -> Vec<&Document> {
        let mut chain = Vec::new();
        let mut next = self.licence_type(licence_type);
        while let Some(licence) = next.filter(|l| !chain.contains(&l.id.as_str())) {
            chain.push(licence.id.as_str());
            next = licence.documents_as.as_deref().and_then(|id| self.licence_type(id));
        }
        chain.reverse();
        let asked = |document: &&Document| {
            document.situation == Situation::Always || situations.contains(&document.situation)
        };
        let of = |id: &'_ str| -> Vec<&Document> {
            self.documents.iter().filter(|d| d.licence_type.as_deref() == Some(id)).collect()
        };
        let any = self.documents.iter().filter(|document| document.licence_type.is_none());
        chain.into_iter().flat_map(of).chain(any).filter(asked).collect()
    }
}
