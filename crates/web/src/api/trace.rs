//! Where content comes from and where it is now; the picture of a lineage; balances.

use app::{BalanceQuery, BalanceRow};
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use base::Common;
use base::authorisation::Resource;
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;

use super::schema;
use super::{Problem, cursor_fault, cursor_make, cursor_read, json, limit_asked, tagged};
use crate::config::Hall;
use crate::ledger::off_thread;
use crate::pages::lot::{lot_find, trace_find};
use crate::pages::trace::{Asked, date_asked, instant_asked};
use crate::secret::hash_bytes;
use crate::stop::{FieldFault, Stop, fault};
use crate::visibility::lineage_seen;
use crate::visit::{Sight, Visit};

/// Where the content of a lot comes from (`back`), or where it is now (`forward`). An answer does
/// not depend on the clock, nor on the order in which filings arrived (`micros` excepted). A filer
/// may follow the lots that its own party made.
#[utoipa::path(
    get,
    path = "/api/v1/lots/{id}/trace",
    operation_id = "trace",
    tag = "trace",
    params(("id" = String, Path, description = "The lot"), Asked),
    responses(
        (status = 200, description = "The parts of the content", body = schema::TraceAnswer),
        (status = 404, description = "No such lot, or not for this account", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Fields that are not understood", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn trace(
    State(hall): State<Hall>,
    visit: Visit,
    headers: HeaderMap,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Stop> {
    let sight = lot_find(&hall, &visit, &id)?.if_traceable()?.sight;
    let start = hall.now();
    let mut answer = trace_find(&hall, &visit, &sight, &asked, &id)?;
    let digest = hash_bytes(&serde_json::to_vec(&answer).map_err(|error| fault(&error))?);
    if sight == Sight::All {
        answer.micros = u64::try_from(hall.now().us() - start.us()).unwrap_or(0);
    }
    let body = serde_json::to_vec(&answer).map_err(|error| fault(&error))?;
    Ok(tagged(&headers, &digest, body))
}

/// How much of the picture.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct LineageAsked {
    /// Symbol of the element, such as `Dy`.
    #[serde(default)]
    #[param(required = true)]
    element: String,
    /// Steps each way, 1 to 8; absent: 4.
    #[serde(default)]
    #[param(required = false, value_type = u32)]
    depth: String,
    /// Lots of each step, 1 to 50, the rest merged; absent: 7.
    #[serde(default)]
    #[param(required = false, value_type = u32)]
    width: String,
}

fn element_fault(symbol: &str) -> Option<FieldFault> {
    let known = Common::embedded().elements.iter().any(|row| row.symbol == symbol);
    (!known).then(|| FieldFault {
        field: "element".to_owned(),
        code: "element",
        message: format!("`{symbol}` in `element` is not understood"),
        accepted: "a symbol such as Dy".to_owned(),
    })
}

/// The lots around a lot through which the content of an element passes: nodes and ribbons.
#[utoipa::path(
    get,
    path = "/api/v1/lots/{id}/lineage",
    operation_id = "lineage",
    tag = "trace",
    params(("id" = String, Path, description = "The lot"), LineageAsked),
    responses(
        (status = 200, description = "Nodes and ribbons", body = schema::Lineage),
        (status = 404, description = "No such lot, or not for this account", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Fields that are not understood", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn lineage(
    State(hall): State<Hall>,
    visit: Visit,
    headers: HeaderMap,
    Path(id): Path<String>,
    Query(asked): Query<LineageAsked>,
) -> Result<Response, Stop> {
    let sight = lot_find(&hall, &visit, &id)?.if_traceable()?.sight;
    let mut faults: Vec<FieldFault> = element_fault(&asked.element).into_iter().collect();
    let mut number = |name: &str, text: &str, otherwise: usize, greatest: usize| {
        limit_asked(text, otherwise, greatest).unwrap_or_else(|fault| {
            let message = format!("`{text}` in `{name}` is not understood");
            faults.push(FieldFault { field: name.to_owned(), code: "limit", message, ..fault });
            otherwise
        })
    };
    let depth = number("depth", &asked.depth, 4, 8);
    let width = number("width", &asked.width, 7, 50);
    if !faults.is_empty() {
        return Err(Stop::Fields(faults));
    }
    let lineage = hall.platform.books().lineage(&id, &asked.element, depth, width);
    let seen = lineage_seen(&sight, lineage.ok_or(Stop::NotFound)?);
    seen.nodes.iter().for_each(|node| visit.look(&node.party));
    json(&headers, &seen)
}

/// Which balances.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct BalanceAsked {
    /// One party, `scheme:value`; absent: all that the account may see.
    #[serde(default)]
    #[param(required = false)]
    party: String,
    /// One site code.
    #[serde(default)]
    #[param(required = false)]
    site: String,
    /// One element, by symbol.
    #[serde(default)]
    #[param(required = false)]
    element: String,
    /// First day of the period.
    #[serde(default)]
    #[param(required = false)]
    from: String,
    /// Last day of the period.
    #[serde(default)]
    #[param(required = false)]
    to: String,
    /// Only what was recorded up to this instant (RFC 3339) or day.
    #[serde(default)]
    #[param(required = false)]
    known_at: String,
    /// How many rows at most, 1 to 10000; absent: 1000.
    #[serde(default)]
    #[param(required = false, value_type = u32)]
    limit: String,
    /// `next` of the page before.
    #[serde(default)]
    #[param(required = false)]
    cursor: String,
}

impl BalanceAsked {
    fn query(&self, faults: &mut Vec<FieldFault>) -> BalanceQuery {
        let given = |text: &String| (!text.is_empty()).then(|| text.clone());
        let mut query = BalanceQuery {
            party: given(&self.party),
            site: given(&self.site),
            element: given(&self.element),
            ..BalanceQuery::default()
        };
        let mut take = |result: Result<(), FieldFault>| faults.extend(result.err());
        take(date_asked("from", &self.from).map(|day| query.from = day));
        take(date_asked("to", &self.to).map(|day| query.to = day));
        take(instant_asked("known_at", &self.known_at).map(|at| query.known_at = at));
        if let Some(symbol) = &query.element {
            take(element_fault(symbol).map_or(Ok(()), Err));
        }
        query
    }
}

/// A row's place in the order of the answer.
fn balance_key(row: &BalanceRow) -> [&str; 3] {
    [&row.party, &row.site, &row.element]
}

#[derive(Serialize)]
struct BalancePage {
    as_of: Option<String>,
    rows: Vec<BalanceRow>,
    next: Option<String>,
}

/// `opening + in + made − consumed − out − loss = closing` by party, site and element, and what is
/// missing against counts.
#[utoipa::path(
    get,
    path = "/api/v1/balance",
    operation_id = "balance",
    tag = "ledger",
    params(BalanceAsked),
    responses(
        (status = 200, description = "A page of balances", body = schema::BalanceAnswer),
        (status = 404, description = "Not a party that the account may see", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Fields that are not understood", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn balance(
    State(hall): State<Hall>,
    visit: Visit,
    headers: HeaderMap,
    Query(asked): Query<BalanceAsked>,
) -> Result<Response, Stop> {
    let sight = visit.sight()?;
    if !asked.party.is_empty() {
        visit.allow(Resource::Book(&asked.party))?;
    }
    let mut faults = Vec::new();
    let mut query = asked.query(&mut faults);
    if let Some(own) = sight.own() {
        query.party = Some(own.to_owned());
    }
    let limit = limit_asked(&asked.limit, 1000, 10_000).unwrap_or_else(|fault| {
        faults.push(fault);
        1000
    });
    let after: Option<Vec<String>> = match asked.cursor.as_str() {
        "" => None,
        cursor => match cursor_read(cursor) {
            Ok(text) => Some(text.split('\u{1f}').map(str::to_owned).collect()),
            Err(fault) => {
                faults.push(fault);
                None
            }
        },
    };
    if after.as_ref().is_some_and(|after| after.len() != 3) {
        faults.push(cursor_fault(&asked.cursor));
    }
    if !faults.is_empty() {
        return Err(Stop::Fields(faults));
    }
    let answer =
        off_thread(move || hall.platform.books().balance_read(&query, sight.reader())).await?;
    let mut rows = answer.rows;
    if let Some(after) = after {
        rows.retain(|row| balance_key(row).iter().copied().gt(after.iter().map(String::as_str)));
    }
    let more = rows.len() > limit;
    rows.truncate(limit);
    rows.iter().for_each(|row| visit.look(&row.party));
    let next = rows.last().filter(|_| more);
    let next = next.map(|row| cursor_make(&balance_key(row).join("\u{1f}")));
    json(&headers, &BalancePage { as_of: answer.as_of, next, rows })
}
