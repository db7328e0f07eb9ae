//! The questions and answers of tracing, in the shape of the JSON that leaves the house.

use base::{Date, Timestamp};
use compact_str::CompactString;
use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};

/// Which way to follow the material.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// Where it comes from.
    Back,
    /// Where it went.
    Forward,
}

/// Where a trace back stops.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Until {
    /// At the roots.
    #[default]
    Root,
    /// At the first lots of a stage (its code); elsewhere at the roots.
    Stage(String),
    /// At the parties that the asked lot's party had it from; its own roots are its own.
    Party,
}

/// The two axes of time of a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct View {
    /// Only filings dated up to this day; nothing means all.
    pub as_of: Option<Date>,
    /// Only what was recorded up to this instant; nothing means all.
    pub known_at: Option<Timestamp>,
}

/// A question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraceQuery {
    /// Lot asked about.
    pub lot: String,
    /// Symbol of the element.
    pub element: String,
    /// Which way.
    pub direction: Direction,
    /// Where a trace back stops.
    pub until: Until,
    /// Whether to give the least and greatest share that the filings allow.
    pub bounds: bool,
    /// As of when, and as known when.
    pub view: View,
}

/// One part of an answer. Back: a root, or the cut. Forward: a place where content is now.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Part {
    /// The lot, or `unexplained:<filer>/<filing>`.
    pub lot: CompactString,
    /// Stage of the lot.
    pub stage: CompactString,
    /// Forward: `stock`, `transit`, `used`, `exported` or `lost`.
    pub state: &'static str,
    /// Forward: why, where there is a why (`stated`, `assumed`, `cycle`).
    pub cause: &'static str,
    /// Forward: end use, where it is used.
    pub end_use: CompactString,
    /// Forward: country or area of the customer, where it is exported.
    pub customer_country: CompactString,
    /// Party that holds it, or that filed the root.
    pub party: CompactString,
    /// Site.
    pub site: CompactString,
    /// Forward: to whom it is on its way or was exported.
    pub to_party: CompactString,
    /// Content in micrograms; the parts add up to the content of the lot.
    pub content_ug: i64,
    /// Share of the lot's content, 0 to 1.
    pub share: f64,
    /// Back: whether no input explains it. A lot may bear any name, also one that begins like this.
    pub unexplained: bool,
    /// Least share that the filings allow, where bounds were asked.
    pub share_min: Option<f64>,
    /// Greatest share that the filings allow, where bounds were asked.
    pub share_max: Option<f64>,
}

/// Who and where is always said, null where there is none; forward so are state, cause, end use and
/// country. What only one way of asking gives is left out of the other.
impl Serialize for Part {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut part = to.serialize_map(None)?;
        let forward = !self.state.is_empty();
        if !self.lot.is_empty() {
            part.serialize_entry("lot", &self.lot)?;
        }
        if !self.stage.is_empty() {
            part.serialize_entry("stage", &self.stage)?;
        }
        if forward {
            part.serialize_entry("state", self.state)?;
            part.serialize_entry("cause", &said(self.cause))?;
            part.serialize_entry("end_use", &said(&self.end_use))?;
            part.serialize_entry("customer_country", &said(&self.customer_country))?;
        }
        part.serialize_entry("party", &said(&self.party))?;
        part.serialize_entry("site", &said(&self.site))?;
        if forward {
            part.serialize_entry("to_party", &said(&self.to_party))?;
        }
        part.serialize_entry("content_ug", &self.content_ug)?;
        part.serialize_entry("share", &self.share)?;
        if let (Some(least), Some(most)) = (self.share_min, self.share_max) {
            part.serialize_entry("share_min", &least)?;
            part.serialize_entry("share_max", &most)?;
        }
        part.end()
    }
}

/// A text, or null where it is empty.
fn said(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}

/// The answer about one lot.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TraceAnswer {
    /// Lot asked about.
    pub lot: String,
    /// Symbol of the element.
    pub element: String,
    /// Which way.
    pub direction: Direction,
    /// As of when, null where nothing was asked.
    pub as_of: Option<String>,
    /// As known when, null where nothing was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub known_at: Option<String>,
    /// Content of the lot in micrograms.
    pub content_ug: i64,
    /// Where it stops: `root`, `stage=NAME` or `party`.
    pub to: String,
    /// The parts by share falling, then lot.
    pub parts: Vec<Part>,
    /// Content that no input explains, in micrograms.
    pub unexplained_ug: i64,
    /// Lots drawn on the way that were not analysed for the element; they count as 0.
    pub not_analysed: Vec<String>,
    /// Cycles met and cut, each named by the filing (`filer/filing`) at which it was cut.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cycles: Vec<String>,
    /// How many edges of the graph were walked.
    pub edges_visited: u64,
    /// Time of the walk in microseconds; given by the shell, never part of a comparison.
    pub micros: u64,
}

/// Why a question has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TraceError {
    /// No live filing names the lot.
    #[error("no lot `{0}`")]
    UnknownLot(String),
    /// Not an element of the pack.
    #[error("no element `{0}`: give a symbol such as `Dy`")]
    UnknownElement(String),
    /// Not a stage of the pack.
    #[error("no stage `{0}`")]
    UnknownStage(String),
}
