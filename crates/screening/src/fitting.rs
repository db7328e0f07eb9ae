//! What the score is made of, for those who fit its constants.

use crate::generation::Generation;
use crate::query::Query;

/// A candidate of a query and how it differs.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// Code of the list.
    pub list: String,
    /// Id of the party.
    pub entity: String,
    /// The listed name that was compared.
    pub matched_name: String,
    /// Whether the constants are those of persons.
    pub person: bool,
    /// The score.
    pub score: f64,
    /// Amounts of difference, in the order of the constants.
    pub differences: Vec<f32>,
}

impl Generation {
    /// The candidates of a query, the best first, however low they score.
    #[must_use]
    pub fn candidates(&self, query: &Query, limit: usize) -> Vec<Candidate> {
        self.measured(query, limit)
    }
}
