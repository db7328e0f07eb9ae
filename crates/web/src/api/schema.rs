//! The schemas of answers whose types belong to other crates: those of the command line (trace,
//! balance) and the picture of a lineage.
//!
//! They describe only; what is sent is the crates' own types. A test holds both to the same members.

use utoipa::ToSchema;

/// One part of a trace. Back: a root, or the cut. Forward: a place where content is now. Who and where
/// is always said, null where there is none; members of the other direction are left out.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes `insight::Part`")]
pub(crate) struct TracePart {
    /// The lot, or `unexplained:<filer>/<filing>`, or `another party`.
    #[schema(required = false)]
    lot: String,
    /// Stage of the lot.
    #[schema(required = false)]
    stage: String,
    /// Forward: `stock`, `transit`, `used`, `exported` or `lost`.
    #[schema(required = false)]
    state: String,
    /// Forward: why it is lost, `stated`, `assumed` or `cycle`.
    #[schema(required = false)]
    cause: Option<String>,
    /// Forward: end use, where it is used.
    #[schema(required = false)]
    end_use: Option<String>,
    /// Forward: country or area of the customer, where it is exported.
    #[schema(required = false)]
    customer_country: Option<String>,
    /// Party that holds it, or that filed the root.
    party: Option<String>,
    /// Site.
    site: Option<String>,
    /// Forward: to whom it is on its way or was exported.
    #[schema(required = false)]
    to_party: Option<String>,
    /// Content in micrograms; the parts add up to the content of the lot.
    content_ug: i64,
    /// Share of the lot's content, 0 to 1.
    share: f64,
    /// Least share that the filings allow, with `bounds`.
    #[schema(required = false)]
    share_min: f64,
    /// Greatest share that the filings allow, with `bounds`.
    #[schema(required = false)]
    share_max: f64,
}

/// Where the content of a lot comes from, or where it is now.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes `insight::TraceAnswer`")]
pub(crate) struct TraceAnswer {
    /// Lot asked about.
    lot: String,
    /// Symbol of the element.
    element: String,
    /// `back` or `forward`.
    direction: String,
    /// As of when; null where nothing was asked.
    as_of: Option<String>,
    /// As known when; left out where nothing was asked.
    #[schema(required = false)]
    known_at: String,
    /// Content of the lot in micrograms.
    content_ug: i64,
    /// Where it stops: `root`, `stage=NAME` or `party`.
    to: String,
    /// The parts, by share falling, then lot; for a filer what lies beyond its own book is one
    /// part, `another party`.
    parts: Vec<TracePart>,
    /// Content that no input explains, in micrograms.
    unexplained_ug: i64,
    /// Lots drawn on the way that were not analysed for the element; they count as 0.
    not_analysed: Vec<String>,
    /// Cycles met and cut, each named by the filing at which it was cut; left out where none.
    #[schema(required = false)]
    cycles: Vec<String>,
    /// How many edges of the graph were walked; 0 for a filer.
    edges_visited: u64,
    /// Microseconds that the walk took; 0 for a filer.
    micros: u64,
}

/// The balance of an element at a site, in micrograms of content.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes `app::BalanceRow`")]
pub(crate) struct BalanceRow {
    /// Party as filed.
    party: String,
    /// Site code.
    site: String,
    /// Symbol of the element.
    element: String,
    /// Stock before the period, and opening stock declared in it.
    opening_ug: i64,
    /// Came in.
    in_ug: i64,
    /// Made.
    made_ug: i64,
    /// Consumed.
    consumed_ug: i64,
    /// Sent and exported.
    out_ug: i64,
    /// Destroyed and lost.
    loss_ug: i64,
    /// `opening + in + made − consumed − out − loss`.
    closing_ug: i64,
    /// Book − counted, over what was counted last in the period; null where nothing was counted.
    unaccounted_ug: Option<i64>,
    /// Three standard deviations of that difference; null where nothing was counted.
    tolerance_ug: Option<i64>,
}

/// Balances by party, site and element.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes `app::BalanceAnswer` with the cursor")]
pub(crate) struct BalanceAnswer {
    /// Last day of the period; null where none was asked.
    as_of: Option<String>,
    /// By party, site, element.
    rows: Vec<BalanceRow>,
    /// Give it as `cursor` for the next page; null on the last.
    next: Option<String>,
}

/// A node of the picture of a lineage.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes `app::lineage::LineageNode`")]
pub(crate) struct LineageNode {
    /// Lot; empty where several are merged, or another party's are.
    id: String,
    /// Column: negative upstream, 0 the lot asked about, positive downstream.
    layer: i32,
    /// Who made it; for a filer `another party` where it is not its own; empty where several lots
    /// are merged.
    party: String,
    /// Stage code.
    stage: String,
    /// Share of the asked lot's content that passes here, 0 to 1.
    share: f64,
    /// Content that passes here in micrograms.
    content_ug: i64,
    /// How many lots are merged here, 0 for a single one.
    more: u64,
}

/// A ribbon of the picture.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes `app::lineage::LineageEdge`")]
pub(crate) struct LineageEdge {
    /// Position of the node upstream.
    from: u64,
    /// Position of the node downstream.
    to: u64,
    /// Content that passes in micrograms.
    content_ug: i64,
}

/// The neighbourhood of a lot.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes `app::lineage::Lineage`")]
pub(crate) struct Lineage {
    /// Nodes; the first is the lot asked about.
    nodes: Vec<LineageNode>,
    /// Ribbons between them.
    edges: Vec<LineageEdge>,
}
