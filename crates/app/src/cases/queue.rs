//! Queues: pages of case files, the most urgent first.

use base::authorisation::{Actor, Role};
use store::{CaseCursor, CaseFilter, CaseRow};

use super::CaseError;
use crate::platform::Platform;

/// Rows of a page.
pub const PAGE_ROWS: u32 = 25;
/// A queue is counted up to here; more is "more than".
const COUNT_MAX: u32 = 1_000;

/// Which queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Queue {
    /// Of the authority, or of one applicant (by the filter).
    Cases(CaseFilter),
    /// What an agency is asked about.
    Agency {
        /// Which.
        agency: String,
        /// What is still open, or what is answered.
        open: bool,
    },
}

/// A page of a queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueuePage {
    /// The cases.
    pub rows: Vec<CaseRow>,
    /// Where the next page begins; nothing at the end.
    pub next: Option<CaseCursor>,
    /// How many cases the queue holds; nothing where that is not counted.
    pub total: Option<u32>,
    /// Whether there are more than were counted.
    pub more: bool,
}

impl Platform {
    /// A page of a queue. At most two queries, whatever it holds.
    ///
    /// # Errors
    /// [`CaseError`] where the database refuses.
    pub fn case_queue(
        &self,
        queue: &Queue,
        after: Option<&CaseCursor>,
    ) -> Result<QueuePage, CaseError> {
        let reader = self.reader();
        let read = reader.licensing();
        let limit = PAGE_ROWS + 1;
        let (mut rows, total) = match queue {
            Queue::Cases(filter) => {
                let rows = read.queue(filter, after, limit)?;
                let all = after.is_none() && rows.len() < limit as usize;
                // A page that holds all of them is its own count.
                let total = match u32::try_from(rows.len()) {
                    Ok(total) if all => total,
                    _ => read.queue_count(filter, COUNT_MAX)?,
                };
                (rows, Some(total))
            }
            Queue::Agency { agency, open } => {
                (read.queue_agency(agency, *open, after, limit)?, None)
            }
        };
        let further = rows.len() > PAGE_ROWS as usize;
        rows.truncate(PAGE_ROWS as usize);
        let next = rows
            .last()
            .filter(|_| further)
            .map(|row| CaseCursor { urgency: row.urgency, number: row.number.clone() });
        Ok(QueuePage { rows, next, total, more: total == Some(COUNT_MAX) })
    }

    /// The open cases of an applicant that wait for it.
    ///
    /// # Errors
    /// [`CaseError`] where the database refuses.
    pub fn cases_that_wait_for(&self, applicant: &str) -> Result<Vec<CaseRow>, CaseError> {
        let owner_id = self.reader().licensing().owner(applicant)?;
        if owner_id.is_none() {
            return Ok(Vec::new());
        }
        let waits_for = Some("applicant".to_owned());
        let filter = CaseFilter { open: Some(true), waits_for, owner_id, ..CaseFilter::default() };
        Ok(self.case_queue(&Queue::Cases(filter), None)?.rows)
    }

    /// The queue that is an actor's home: an agency's own, an officer's own, else all open cases.
    #[must_use]
    pub fn queue_home(actor: &Actor) -> Queue {
        match actor.role {
            Role::Agency => Queue::Agency { agency: actor.desk.clone(), open: true },
            Role::Officer => Queue::Cases(CaseFilter {
                open: Some(true),
                officer: Some(actor.account.clone()),
                ..CaseFilter::default()
            }),
            _ => Queue::Cases(CaseFilter { open: Some(true), ..CaseFilter::default() }),
        }
    }
}
