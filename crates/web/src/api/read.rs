//! What stands in the ledger: the account itself, totals, parties, lots, filings, findings, search.

use app::LedgerFinding;
use app::people::Scope;
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use base::Severity;
use base::authorisation::Resource;
use serde::Deserialize;
use utoipa::IntoParams;

use super::wire::{
    FilingWhole, FindingAnswer, FindingsAnswer, HitAnswer, LotAnswer, Me, PartyAnswer,
    SearchAnswer, TotalsAnswer,
};
use super::{Problem, cursor_fault, cursor_make, cursor_read, json, limit_asked};
use crate::config::Hall;
use crate::ledger::{off_thread, severity_code};
use crate::pages::filing::chain;
use crate::pages::findings::{Filter, look, seen};
use crate::pages::lot::lot_find;
use crate::pages::search::{hit_address, hit_parties, search_seen};
use crate::secret::{hash, hex};
use crate::stop::{FieldFault, Stop, fault};
use crate::visibility::filing_seen;
use crate::visit::Visit;

/// Who is asking: the account, its role, its party, the scope of the token.
#[utoipa::path(
    get,
    path = "/api/v1/me",
    operation_id = "me",
    tag = "account",
    responses(
        (status = 200, description = "The account", body = Me),
    ),
)]
pub(crate) async fn me(visit: Visit, headers: HeaderMap) -> Result<Response, Stop> {
    visit.allow(Resource::Platform)?;
    let actor = &visit.actor;
    let answer = Me {
        account: actor.account.clone(),
        role: actor.role.code(),
        party: (!actor.party.is_empty()).then(|| actor.party.clone()),
        scope: visit.token_scope.map(Scope::code),
        name: visit.name.clone(),
        local_name: visit.local_name.clone(),
        acting_for: (!actor.acting_for.is_empty()).then(|| actor.acting_for.clone()),
    };
    json(&headers, &answer)
}

/// The size of the ledger and its filings by month; for the authority.
#[utoipa::path(
    get,
    path = "/api/v1/totals",
    operation_id = "totals",
    tag = "ledger",
    responses(
        (status = 200, description = "The totals", body = TotalsAnswer),
        (status = 404, description = "Not for this account", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn totals(
    State(hall): State<Hall>,
    visit: Visit,
    headers: HeaderMap,
) -> Result<Response, Stop> {
    visit.allow(Resource::Platform)?;
    let answer = {
        let books = hall.platform.books();
        TotalsAnswer::new(books.totals(), &books.months())
    };
    json(&headers, &answer)
}

/// A party's book: its sites, stock and latest filings.
#[utoipa::path(
    get,
    path = "/api/v1/parties/{id}",
    operation_id = "party",
    tag = "ledger",
    params(("id" = String, Path, description = "The party as filed, `scheme:value`")),
    responses(
        (status = 200, description = "The party", body = PartyAnswer),
        (status = 404, description = "No such party, or not for this account", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn party(
    State(hall): State<Hall>,
    visit: Visit,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<Response, Stop> {
    visit.allow(Resource::Book(&id))?;
    let view = hall.platform.books().party(&id, visit.sight()?.reader()).ok_or(Stop::NotFound)?;
    json(&headers, &PartyAnswer::from(view))
}

/// A lot: what it is, which filings concern it, where it stands.
#[utoipa::path(
    get,
    path = "/api/v1/lots/{id}",
    operation_id = "lot",
    tag = "ledger",
    params(("id" = String, Path, description = "The lot")),
    responses(
        (status = 200, description = "The lot, as far as the account may see it", body = LotAnswer),
        (status = 404, description = "No such lot, or not for this account", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn lot(
    State(hall): State<Hall>,
    visit: Visit,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<Response, Stop> {
    let found = lot_find(&hall, &visit, &id)?;
    json(&headers, &LotAnswer::from(found.lot))
}

/// One filing with its legs, its rows as filed and its chain of corrections.
#[utoipa::path(
    get,
    path = "/api/v1/filings/{filer}/{reference}",
    operation_id = "filing",
    tag = "filing",
    params(
        ("filer" = String, Path, description = "Who filed, `scheme:value`"),
        ("reference" = String, Path, description = "The filer's reference"),
    ),
    responses(
        (status = 200, description = "The filing", body = FilingWhole),
        (status = 404, description = "No such filing, or not for this account", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn filing(
    State(hall): State<Hall>,
    visit: Visit,
    headers: HeaderMap,
    Path((filer, reference)): Path<(String, String)>,
) -> Result<Response, Stop> {
    visit.allow(Resource::Book(&filer))?;
    let sight = visit.sight()?;
    let (number, view, steps) = {
        let books = hall.platform.books();
        let number = books.filing_number(&filer, &reference).ok_or(Stop::NotFound)?;
        let found = books.filing(&filer, &reference, sight.reader()).ok_or(Stop::NotFound)?;
        let view = filing_seen(&sight, found).ok_or(Stop::NotFound)?;
        let steps = chain(&books, &view, sight.reader());
        (number, view, steps)
    };
    let shared = hall.clone();
    let rows = off_thread(move || shared.platform.filing_rows(number)).await?;
    let rows = rows.map_err(|error| fault(&error))?;
    json(&headers, &FilingWhole::new(view, &steps, rows))
}

/// Which findings.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct FindingsAsked {
    /// `error`, `warning` or `note`; absent: all.
    #[serde(default)]
    #[param(required = false)]
    severity: String,
    /// Code of a rule; absent: all.
    #[serde(default)]
    #[param(required = false)]
    rule: String,
    /// A party, `scheme:value`; absent: all that the account may see.
    #[serde(default)]
    #[param(required = false)]
    party: String,
    /// How many at most, 1 to 500; absent: 100.
    #[serde(default)]
    #[param(required = false, value_type = u32)]
    limit: String,
    /// `next` of the page before.
    #[serde(default)]
    #[param(required = false)]
    cursor: String,
}

/// What names a finding in a cursor: it is found again after the ledger has changed.
fn finding_key(finding: &LedgerFinding) -> String {
    let text = format!("{finding:?}");
    hex(&hash(&text)).chars().take(16).collect()
}

/// Where a page begins, of `count` findings with these keys: after the finding of the cursor; where
/// that is gone, at its old place.
fn findings_start(
    count: usize,
    key_of: impl Fn(usize) -> String,
    cursor: &str,
) -> Result<usize, FieldFault> {
    if cursor.is_empty() {
        return Ok(0);
    }
    let text = cursor_read(cursor)?;
    let parts = text.split_once('-').and_then(|(at, key)| Some((at.parse::<usize>().ok()?, key)));
    let (at, key) = parts.ok_or_else(|| cursor_fault(cursor))?;
    if (1..=count).contains(&at) && key_of(at - 1) == key {
        return Ok(at);
    }
    Ok((0..count).find(|&i| key_of(i) == key).map_or(at, |i| i + 1).min(count))
}

/// Contradictions and anomalies of the ledger, the most serious first. In a ledger of millions of rows
/// they follow the last filings within seconds.
#[utoipa::path(
    get,
    path = "/api/v1/findings",
    operation_id = "findings",
    tag = "ledger",
    params(FindingsAsked),
    responses(
        (status = 200, description = "A page of findings", body = FindingsAnswer),
        (status = 422, description = "Fields that are not understood", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn findings(
    State(hall): State<Hall>,
    visit: Visit,
    headers: HeaderMap,
    Query(asked): Query<FindingsAsked>,
) -> Result<Response, Stop> {
    let sight = visit.sight()?;
    let mut faults = Vec::new();
    let limit = limit_asked(&asked.limit, 100, 500).unwrap_or_else(|fault| {
        faults.push(fault);
        100
    });
    let severities = [Severity::Error, Severity::Warning, Severity::Note].map(severity_code);
    if !asked.severity.is_empty() && !severities.contains(&asked.severity.as_str()) {
        faults.push(FieldFault {
            field: "severity".to_owned(),
            code: "severity",
            message: format!("`{}` in `severity` is not understood", asked.severity),
            accepted: severities.join(", "),
        });
    }
    let filter = Filter {
        severity: asked.severity.clone(),
        rule: asked.rule.clone(),
        party: asked.party.clone(),
        ..Filter::default()
    };
    let all = seen(&hall, &sight).await?;
    let rows: Vec<&LedgerFinding> = all.iter().filter(|row| filter.takes(row)).collect();
    let start = findings_start(rows.len(), |i| finding_key(rows[i]), &asked.cursor).unwrap_or_else(
        |fault| {
            faults.push(fault);
            0
        },
    );
    if !faults.is_empty() {
        return Err(Stop::Fields(faults));
    }
    let end = start.saturating_add(limit).min(rows.len());
    let next = rows.get(end.wrapping_sub(1)).filter(|_| end < rows.len());
    let answer = FindingsAnswer {
        total: rows.len() as u64,
        next: next.map(|row| cursor_make(&format!("{end}-{}", finding_key(row)))),
        rows: rows
            .get(start..end)
            .unwrap_or_default()
            .iter()
            .inspect(|row| look(&visit, row))
            .map(|row| FindingAnswer::from((*row).clone()))
            .collect(),
    };
    json(&headers, &answer)
}

/// What is searched for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct SearchAsked {
    /// The beginning of a party, lot or filing reference, 1 to 128 characters.
    #[serde(default)]
    #[param(required = true)]
    q: String,
    /// How many at most, 1 to 100; absent: 50.
    #[serde(default)]
    #[param(required = false, value_type = u32)]
    limit: String,
}

/// Parties, lots and filings whose identifier begins with a text.
#[utoipa::path(
    get,
    path = "/api/v1/search",
    operation_id = "search",
    tag = "ledger",
    params(SearchAsked),
    responses(
        (status = 200, description = "The hits", body = SearchAnswer),
        (status = 422, description = "Fields that are not understood", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn search(
    State(hall): State<Hall>,
    visit: Visit,
    headers: HeaderMap,
    Query(asked): Query<SearchAsked>,
) -> Result<Response, Stop> {
    visit.allow(Resource::Platform)?;
    let sight = visit.sight()?;
    let mut faults = Vec::new();
    let limit = limit_asked(&asked.limit, 50, 100).unwrap_or_else(|fault| {
        faults.push(fault);
        50
    });
    if !(1..=128).contains(&asked.q.trim().chars().count()) {
        faults.push(FieldFault {
            field: "q".to_owned(),
            code: "text_length",
            message: format!("`q` has {} characters", asked.q.trim().chars().count()),
            accepted: "1 to 128 characters".to_owned(),
        });
    }
    if !faults.is_empty() {
        return Err(Stop::Fields(faults));
    }
    let (hits, parties) = off_thread(move || {
        let books = hall.platform.books();
        let hits = search_seen(&books, &sight, &asked.q, limit);
        let parties = hit_parties(&books, &sight, &hits);
        (hits, parties)
    })
    .await?;
    parties.iter().for_each(|party| visit.look(party));
    let more = hits.len() >= limit;
    let rows = hits.into_iter().map(|hit| {
        let href = format!("/api/v1{}", hit_address(&hit));
        HitAnswer::new(hit, href)
    });
    json(&headers, &SearchAnswer { rows: rows.collect(), more })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(keys: &[&str], cursor: &str, start: usize) {
        let found = findings_start(keys.len(), |i| keys[i].to_owned(), &cursor_make(cursor));
        assert_eq!(found, Ok(start), "{keys:?} {cursor}");
    }

    #[test]
    fn a_page_goes_on_after_the_same_finding_when_the_ledger_has_changed() {
        check(&["b", "c", "d"], "2-c", 2);
        check(&["a", "b", "c", "d"], "2-c", 3);
        check(&["a", "b", "d"], "2-c", 2);
        check(&["a"], "2-c", 1);
        check(&[], "2-c", 0);
        assert_eq!(findings_start(1, |_| String::new(), ""), Ok(0));
        for bad in ["zz", &cursor_make("c"), &cursor_make("x-c")] {
            let fault = findings_start(1, |_| String::new(), bad).unwrap_err();
            assert_eq!(fault.code, "cursor");
        }
    }
}
