//! Searching parties, lots and filings.

use app::Books;
use app::views::SearchHit;
use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use base::authorisation::Resource;
use serde::Deserialize;

use crate::config::Hall;
use crate::form::encoded;
use crate::page::{Page, html};
use crate::show;
use crate::stop::Stop;
use crate::text::Text;
use crate::visit::{Sight, Visit};

/// Hits shown.
const HITS_MAX: usize = 50;
/// The longest text searched for, in characters.
const TEXT_MAX: usize = 128;

struct Hit {
    href: String,
    id: String,
    detail: String,
}

struct HitGroup {
    kind: &'static str,
    title: String,
    column: String,
    hits: Vec<Hit>,
}

#[derive(Template)]
#[template(path = "search.html")]
struct SearchPage {
    page: Page,
    query: String,
    found: u64,
    groups: Vec<HitGroup>,
    full: bool,
}

/// What is searched for.
#[derive(Debug, Deserialize)]
pub(crate) struct Wanted {
    #[serde(default)]
    q: String,
}

/// The hits that a visitor sees.
pub(crate) fn search_seen(
    books: &Books,
    sight: &Sight,
    text: &str,
    limit: usize,
) -> Vec<SearchHit> {
    let text: String = text.trim().chars().take(TEXT_MAX).collect();
    if text.is_empty() {
        return Vec::new();
    }
    let Some(own) = sight.own() else { return books.search(&text, limit, None) };
    // A filing of another that names this party is in its book, but is the other's to read.
    let mut hits = books.search(&text, limit, Some(own));
    hits.retain(|hit| hit.kind != "filing" || hit.id.starts_with(&format!("{own}/")));
    hits
}

/// Whose data hits are: a party's own, a filing its filer's, a lot that of all in whose books it stands.
pub(crate) fn hit_parties(books: &Books, sight: &Sight, hits: &[SearchHit]) -> Vec<String> {
    let of = |hit: &SearchHit| match (hit.kind, hit.id.split_once('/')) {
        ("party", _) => vec![hit.id.clone()],
        ("filing", Some((filer, _))) => vec![filer.to_owned()],
        ("lot", _) => books.lot(&hit.id, sight.reader()).map_or(Vec::new(), |lot| lot.books),
        _ => Vec::new(),
    };
    // A filer finds only what stands in its own book.
    if sight.own().is_some() { Vec::new() } else { hits.iter().flat_map(of).collect() }
}

/// The address of a hit's page.
pub(crate) fn hit_address(hit: &SearchHit) -> String {
    match (hit.kind, hit.id.split_once('/')) {
        ("party", _) => format!("/parties/{}", encoded(&hit.id)),
        ("filing", Some((filer, reference))) => {
            format!("/filings/{}/{}", encoded(filer), encoded(reference))
        }
        _ => format!("/lots/{}", encoded(&hit.id)),
    }
}

fn detail(t: &Text, hit: &SearchHit) -> String {
    match hit.kind {
        "lot" => show::stage_short(t, &hit.detail),
        "filing" => {
            let (kind, date) = hit.detail.split_once(' ').unwrap_or((&hit.detail, ""));
            format!("{}, {}", t.code("kind", kind, kind), show::date_text(t, date))
        }
        _ => hit.detail.clone(),
    }
}

/// `GET /search?q=`.
pub(crate) async fn show(
    State(hall): State<Hall>,
    visit: Visit,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Stop> {
    visit.allow(Resource::Platform)?;
    let t = visit.text();
    let sight = visit.sight()?;
    let hits = {
        let books = hall.platform.books();
        let hits = search_seen(&books, &sight, &wanted.q, HITS_MAX);
        hit_parties(&books, &sight, &hits).iter().for_each(|party| visit.look(party));
        hits
    };
    let groups = [
        ("party", "search-parties", "column-party"),
        ("lot", "search-lots", "column-lot"),
        ("filing", "search-filings", "column-filing"),
    ]
    .into_iter()
    .map(|(kind, title, column)| HitGroup {
        kind,
        title: t.get(title),
        column: t.get(column),
        hits: hits
            .iter()
            .filter(|hit| hit.kind == kind)
            .map(|hit| Hit { href: hit_address(hit), id: hit.id.clone(), detail: detail(t, hit) })
            .collect(),
    })
    .filter(|group| !group.hits.is_empty())
    .collect();
    let template = SearchPage {
        page: Page::new(&hall, &visit, t.get("search-title")),
        query: wanted.q.trim().to_owned(),
        found: hits.len() as u64,
        groups,
        full: hits.len() >= HITS_MAX,
    };
    html(StatusCode::OK, &template)
}
