//! A party's book: its sites, stock, balance, filings and findings.

use app::views::PartyView;
use app::{BalanceQuery, BalanceRow};
use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use base::authorisation::Resource;

use crate::config::Hall;
use crate::page::{Page, html};
use crate::pages::FilingRow;
use crate::pages::findings::{Todo, seen, todo};
use crate::show;
use crate::stop::Stop;
use crate::text::Text;
use crate::visit::{Sight, Visit};

/// A lot in stock as a row.
pub(crate) struct StockRow {
    pub(crate) lot: String,
    pub(crate) stage: String,
    pub(crate) site: String,
    pub(crate) mass: String,
}

/// What a party's pages share.
pub(crate) struct Book {
    pub(crate) filings: u64,
    pub(crate) site_count: u64,
    pub(crate) lots_held: u64,
    pub(crate) first: String,
    pub(crate) last: String,
    pub(crate) stock: Vec<StockRow>,
    pub(crate) recent: Vec<FilingRow>,
}

impl Book {
    /// With at most so many lots and filings, for a page that has more to say.
    pub(crate) fn shortened(mut self, rows: usize) -> Book {
        self.stock.truncate(rows);
        self.recent.truncate(rows);
        self
    }

    pub(crate) fn new(t: &Text, view: &PartyView) -> Book {
        let date = |iso: &Option<String>| show::date_text(t, iso.as_deref().unwrap_or(""));
        Book {
            filings: view.filings,
            site_count: view.sites.len() as u64,
            lots_held: view.sites.iter().map(|site| site.lots).sum(),
            first: date(&view.first_date),
            last: date(&view.last_date),
            stock: view
                .stock
                .iter()
                .map(|row| StockRow {
                    lot: row.lot.clone(),
                    stage: show::stage_short(t, &row.stage),
                    site: row.site.clone(),
                    mass: show::mass(row.mass_mg),
                })
                .collect(),
            recent: view.recent.iter().map(|filing| FilingRow::new(t, filing)).collect(),
        }
    }
}

/// A row of the balance.
struct BalanceLine {
    site: String,
    element: String,
    cells: Vec<String>,
}

const BALANCE_COLUMNS: [&str; 8] = [
    "balance-opening",
    "balance-in",
    "balance-made",
    "balance-consumed",
    "balance-out",
    "balance-loss",
    "balance-closing",
    "balance-unaccounted",
];

fn balance_line(row: &BalanceRow) -> BalanceLine {
    let cells = [
        row.opening_ug,
        row.in_ug,
        row.made_ug,
        row.consumed_ug,
        row.out_ug,
        row.loss_ug,
        row.closing_ug,
    ];
    let mut cells: Vec<String> = cells
        .into_iter()
        .map(|ug| if ug == 0 { "–".to_owned() } else { show::content_gram(ug) })
        .collect();
    cells.push(row.unaccounted_ug.map_or_else(|| "–".to_owned(), show::content_gram));
    BalanceLine { site: row.site.clone(), element: row.element.clone(), cells }
}

#[derive(Template)]
#[template(path = "party.html")]
struct PartyPage {
    page: Page,
    id: String,
    verified: bool,
    book: Book,
    findings: Vec<Todo>,
    findings_total: u64,
    balance: Vec<BalanceLine>,
    balance_columns: [&'static str; 8],
}

/// `GET /parties/{id}`.
pub(crate) async fn show(
    State(hall): State<Hall>,
    visit: Visit,
    Path(id): Path<String>,
) -> Result<Response, Stop> {
    visit.allow(Resource::Book(&id))?;
    let t = visit.text();
    let sight = visit.sight()?;
    let found = seen(&hall, &Sight::Own(id.clone())).await?;
    let (view, balance) = {
        let books = hall.platform.books();
        let view = books.party(&id, sight.reader()).ok_or(Stop::NotFound)?;
        let query = BalanceQuery {
            party: Some(id.clone()),
            site: None,
            element: None,
            from: None,
            to: None,
            known_at: None,
        };
        (view, books.balance_read(&query, sight.reader()))
    };
    let filter = (sight == Sight::All).then_some(id.as_str());
    let template = PartyPage {
        page: Page::new(&hall, &visit, id.clone()),
        verified: view.verified,
        book: Book::new(t, &view),
        findings: todo(t, found.iter(), filter),
        findings_total: found.len() as u64,
        balance: balance.rows.iter().map(balance_line).collect(),
        balance_columns: BALANCE_COLUMNS,
        id,
    };
    html(StatusCode::OK, &template)
}
