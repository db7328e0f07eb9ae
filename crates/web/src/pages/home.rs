//! Home, by role: what a filer must do; what the authority sees; how the installation is.

use app::Audience;
use app::views::{MonthCount, Totals};
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use base::authorisation::{Resource, Role};

use crate::config::Hall;
use crate::page::{Page, html};
use crate::pages::Stat;
use crate::pages::findings::{FindingRow, Todo, look, seen, todo};
use crate::pages::home_cases::{todo_of_applicant, todo_of_office};
use crate::pages::party::Book;
use crate::show;
use crate::stop::Stop;
use crate::svg::bars::{Bar, draw};
use crate::text::Text;
use crate::visit::{Sight, Visit};

/// Findings on the authority's home.
const SERIOUS_SHOWN: usize = 8;
/// Lots and filings on a filer's home; its book has more.
const BOOK_SHOWN: usize = 10;
/// Months on the chart.
const MONTHS_SHOWN: usize = 12;

#[derive(Template)]
#[template(path = "home_filer.html")]
struct FilerPage {
    page: Page,
    party: String,
    todo: Vec<Todo>,
    book: Option<Book>,
}

#[derive(Template)]
#[template(path = "home_authority.html")]
struct AuthorityPage {
    page: Page,
    period: Option<String>,
    /// Of the cases; empty to whoever works on none.
    todo: Vec<Todo>,
    /// Whether the visitor works on cases.
    office: bool,
    stats: Vec<Stat>,
    chart: Option<Chart>,
    rules: Vec<Todo>,
    /// Whether findings name their party: not to a filer, whose own they all are.
    authority: bool,
    findings: Vec<FindingRow>,
    findings_total: u64,
}

#[derive(Template)]
#[template(path = "home_operator.html")]
struct OperatorPage {
    page: Page,
    stats: Vec<Stat>,
}

/// `GET /`.
pub(crate) async fn show(State(hall): State<Hall>, visit: Visit) -> Result<Response, Stop> {
    visit.allow(Resource::Platform)?;
    match visit.actor.role {
        Role::Public => Err(Stop::SignIn),
        Role::Filer | Role::PartyManager => filer(&hall, &visit).await,
        Role::Officer | Role::Supervisor | Role::Analyst => authority(&hall, &visit).await,
        // Their work is one list; it is their home.
        Role::Agency => Ok(Redirect::to("/cases").into_response()),
        Role::Customs => Ok(Redirect::to("/border").into_response()),
        Role::Operator => operator(&hall, &visit),
    }
}

async fn filer(hall: &Hall, visit: &Visit) -> Result<Response, Stop> {
    let t = visit.text();
    let party = visit.actor.party.clone();
    let own = seen(hall, &Sight::Own(party.clone())).await?;
    let open = own.iter().filter(|finding| finding.rule != "party_unverified");
    let mut wanted = todo_of_applicant(hall, visit).await?;
    wanted.extend(todo(t, open, None));
    // What is wrong comes before what waits, and within either the cases before the findings.
    wanted.sort_by_key(|item| match item.severity {
        "error" => 0,
        "warning" => 1,
        _ => 2,
    });
    let template = FilerPage {
        page: Page::new(hall, visit, t.get("home-title")),
        todo: wanted,
        book: hall
            .platform
            .books()
            .party(&party, Audience::Party(&party))
            .map(|view| Book::new(t, &view).shortened(BOOK_SHOWN)),
        party,
    };
    html(StatusCode::OK, &template)
}

async fn authority(hall: &Hall, visit: &Visit) -> Result<Response, Stop> {
    let t = visit.text();
    let findings = seen(hall, &Sight::All).await?;
    let (totals, months) = {
        let books = hall.platform.books();
        (books.totals(), books.months())
    };
    let period =
        totals.first_date.as_deref().zip(totals.last_date.as_deref()).map(|days| {
            t.two("home-period", show::date_text(t, days.0), show::date_text(t, days.1))
        });
    findings.iter().take(SERIOUS_SHOWN).for_each(|row| look(visit, row));
    let mut page = Page::new(hall, visit, t.get("home-title"));
    let serious = findings.iter().take(SERIOUS_SHOWN);
    page.parties_name(hall, serious.map(|row| row.party.as_str()))?;
    let office = matches!(visit.actor.role, Role::Officer | Role::Supervisor);
    let template = AuthorityPage {
        todo: if office { todo_of_office(hall, visit).await? } else { Vec::new() },
        office,
        page,
        period,
        stats: totals_stats(t, &totals),
        chart: chart(t, &months),
        rules: todo(t, findings.iter(), None),
        authority: true,
        findings: findings.iter().take(SERIOUS_SHOWN).map(|row| FindingRow::new(t, row)).collect(),
        findings_total: findings.len() as u64,
    };
    html(StatusCode::OK, &template)
}

fn totals_stats(t: &Text, totals: &Totals) -> Vec<Stat> {
    [
        (totals.parties, "stat-parties"),
        (totals.sites, "stat-sites"),
        (totals.lots, "stat-lots"),
        (totals.filings, "stat-filings"),
        (totals.rows, "stat-rows"),
    ]
    .into_iter()
    .map(|(number, key)| Stat::new(show::count(number), t.get(key)))
    .collect()
}

/// A chart with what it says, and its numbers as a table.
struct Chart {
    finding: String,
    about: String,
    source: String,
    svg: String,
    rows: Vec<(String, String)>,
}

/// The last twelve months by business date: the heading names the month with the most filings.
fn chart(t: &Text, months: &[MonthCount]) -> Option<Chart> {
    let last = months.get(months.len().saturating_sub(MONTHS_SHOWN)..)?;
    let most = last.iter().max_by_key(|month| month.filings)?;
    let name = |month: &MonthCount| show::month(t, month.year, month.month);
    let alone = last.iter().filter(|month| month.filings == most.filings).count() == 1;
    let finding = if alone {
        t.two("chart-finding", name(most), show::count(most.filings))
    } else {
        t.get("chart-finding-even")
    };
    let about = t.two("chart-about", name(last.first()?), name(last.last()?));
    let bars: Vec<Bar> = last
        .iter()
        .map(|month| Bar {
            label: show::month_short(t, month.month),
            group: month.year.to_string(),
            value: month.filings,
            shown: show::count(month.filings),
            title: t.two("chart-bar", name(month), show::count(month.filings)),
            marked: alone && std::ptr::eq(month, most),
        })
        .collect();
    Some(Chart {
        svg: draw(&finding, &about, &bars),
        finding,
        about,
        source: t.get("chart-source"),
        rows: last.iter().map(|month| (name(month), show::count(month.filings))).collect(),
    })
}

fn operator(hall: &Hall, visit: &Visit) -> Result<Response, Stop> {
    let t = visit.text();
    let hours = u64::try_from((hall.now().us() - hall.started.us()) / 3_600_000_000).unwrap_or(0);
    let sessions =
        hall.people.sessions_count(hall.now()).map_err(|error| crate::stop::fault(&error))?;
    let faults = hall.faults.load(std::sync::atomic::Ordering::Relaxed);
    let mut stats = vec![
        Stat::new(hall.config.version.clone(), t.get("stat-version")),
        Stat {
            class: "gd-stat--words",
            ..Stat::new(show::instant(t, hall.started), t.get("stat-started"))
        },
        Stat::new(show::count(hours), t.get("stat-hours")),
        Stat::new(show::count(sessions), t.get("stat-sessions")),
        Stat::new(show::count(faults), t.get("stat-faults")),
    ];
    if let Some(stat) = stats.last_mut() {
        stat.class = if faults > 0 { "gd-stat--error" } else { "gd-stat--good" };
    }
    let page = Page::new(hall, visit, t.get("home-title"));
    html(StatusCode::OK, &OperatorPage { page, stats })
}
