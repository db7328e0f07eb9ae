//! Allotments on the page of the border: a quantity for a post that will be cut off, and the day when that
//! post has reported everything.
//!
//! A form carries the id of the allotment that it makes. Sent twice it is the same allotment, which is given
//! once.

use app::licence::LicenceView;
use axum::extract::{Path, State};
use axum::response::Response;
use base::authorisation::Resource;
use licensing::draw_down::{Allotment, AllotmentState};
use licensing::licence::{Line, Standing};
use licensing::quantity::Quantity;

use super::border::{
    Outcome, ReasonTold, Shown, Typed, codes_of, left_now, licence_page, seen, told,
};
use crate::api::border::{reply, waited};
use crate::config::Hall;
use crate::form::Form;
use crate::pages::case::words::{quantity_words, unit_words};
use crate::secret::{hex, moment};
use crate::stop::{FieldFault, Stop};
use crate::text::Text;
use crate::visit::Visit;

/// Closed allotments of a line that are shown at most; open ones are all shown.
const CLOSED_SHOWN: usize = 20;
/// Characters of a post or of an id at most, as in messages of customs.
const KEY_MAX: usize = 64;

/// An allotment of a line.
pub(crate) struct AllotmentRow {
    pub(crate) id: String,
    pub(crate) post: String,
    pub(crate) given: String,
    pub(crate) drawn: String,
    pub(crate) open: bool,
}

/// The allotments of a line, and the form for another.
pub(crate) struct Allotting {
    pub(crate) rows: Vec<AllotmentRow>,
    /// Whether the licence stands so that something may be given.
    pub(crate) may_give: bool,
    /// The id of the allotment that the form makes.
    pub(crate) id: String,
    pub(crate) post: String,
    /// Name of the field, words of the unit, what was typed.
    pub(crate) amounts: Vec<(String, String, String)>,
}

impl Allotting {
    pub(crate) fn new(
        hall: &Hall,
        t: &Text,
        (view, line): (&LicenceView, &Line),
        typed: &Typed,
    ) -> Result<Allotting, Stop> {
        let fresh = moment(hall.now())?;
        let of = |name: &str| typed.get(name).cloned().unwrap_or_default();
        let amount = |(place, allowance): (usize, &licensing::licence::Allowance)| {
            let unit = &allowance.quantity.unit;
            let words = format!("{} {}", unit.written(), unit_words(t, unit));
            let name = amount_name(place);
            let typed = of(&name);
            (name, words, typed)
        };
        let (mut rows, closed): (Vec<_>, Vec<_>) = view
            .book
            .allotments
            .values()
            .filter(|allotment| allotment.line == line.number)
            .map(|allotment| row(t, line, allotment))
            .partition(|row| row.open);
        rows.extend(closed.into_iter().rev().take(CLOSED_SHOWN));
        Ok(Allotting {
            rows,
            may_give: view.standing == Standing::InForce,
            id: format!("page-{}", hex(fresh.seed.get(..16).unwrap_or_default())),
            post: of("allot-post"),
            amounts: line.allowances.iter().enumerate().map(amount).collect(),
        })
    }
}

fn row(t: &Text, line: &Line, allotment: &Allotment) -> AllotmentRow {
    let words = |amounts: &[i64]| {
        let units = line.allowances.iter().zip(amounts);
        let one = |(allowance, amount): (&licensing::licence::Allowance, &i64)| {
            let unit = allowance.quantity.unit.clone();
            quantity_words(t, &Quantity { unit, amount: *amount })
        };
        units.map(one).collect::<Vec<_>>().join(", ")
    };
    AllotmentRow {
        id: allotment.id.clone(),
        post: allotment.post.clone(),
        given: words(&allotment.amounts),
        drawn: words(&allotment.drawn),
        open: allotment.state == AllotmentState::Open,
    }
}

/// The open allotments of a line that a post may draw from, by id.
pub(crate) fn open_of<'v>(
    view: &'v LicenceView,
    line: &'v Line,
    post: &'v str,
) -> impl Iterator<Item = &'v str> {
    let of_post = move |one: &&Allotment| {
        one.line == line.number && one.post == post && one.state == AllotmentState::Open
    };
    view.book.allotments.values().filter(of_post).map(|one| one.id.as_str())
}

fn amount_name(place: usize) -> String {
    format!("allot-amount-{place}")
}

/// What the form asks for; every fault of it at its field.
fn written(t: &Text, line: &Line, typed: &Typed) -> Result<Allotment, Vec<FieldFault>> {
    let of = |name: &str| typed.get(name).map_or("", |value| value.trim());
    let mut faults = Vec::new();
    let post = of("allot-post");
    let plain = |c: char| c.is_ascii_graphic() && c != '`';
    if post.is_empty() || post.len() > KEY_MAX || !post.chars().all(plain) {
        let code = if post.is_empty() { "post_missing" } else { "key_form" };
        faults.push(ReasonTold::new(code).at(t, "allot-post".to_owned()));
    }
    let mut amounts = Vec::with_capacity(line.allowances.len());
    for (place, allowance) in line.allowances.iter().enumerate() {
        let unit = &allowance.quantity.unit;
        let name = amount_name(place);
        let scale = if unit.is_mass() { unit.written() } else { "" };
        match Quantity::read(unit, of(&name), scale) {
            Ok(quantity) => amounts.push(quantity.amount),
            Err(error) => faults.push(ReasonTold::new(error.code()).at(t, name)),
        }
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    Ok(Allotment {
        id: of("id").to_owned(),
        post: post.to_owned(),
        line: line.number,
        drawn: vec![0; amounts.len()],
        amounts,
        state: AllotmentState::Open,
    })
}

/// `POST /border/licences/{number}/allotments`: gives a post a quantity, or closes what was given.
pub(crate) async fn change(
    State(hall): State<Hall>,
    visit: Visit,
    Path(number): Path<String>,
    Form(typed): Form<Typed>,
) -> Result<Response, Stop> {
    visit.allow(Resource::Platform)?;
    let t = visit.text();
    let of = |name: &str| typed.get(name).map_or("", |value| value.trim()).to_owned();
    let view = seen(&hall, &visit, &number).await?;
    let line = of("line").parse().ok().and_then(|line| view.held.licence.line(line));
    let line = line.ok_or(Stop::NotFound)?;
    let (account, (reply, answer)) = (visit.actor.account.clone(), reply());
    let (deed, sent) = if of("state") == "reconciled" {
        let (id, post) = (of("id"), of("post"));
        ("reconcile", hall.border.reconcile(&number, (&id, &post), &account, reply))
    } else {
        let allotment = match written(t, line, &typed) {
            Ok(allotment) => allotment,
            Err(faults) => {
                let line = Some(line.number);
                let shown = Shown { line, allotting: typed, faults, ..Shown::default() };
                return licence_page(&hall, &visit, (&view, shown)).await;
            }
        };
        // The same form once more: it is given already.
        if view.book.allotments.get(&allotment.id).is_some_and(|one| same(one, &allotment)) {
            let outcome = done(t, (&view, line.number), "allot");
            let (line, outcome) = (Some(line.number), Some(outcome));
            let shown = Shown { line, outcome, ..Shown::default() };
            return licence_page(&hall, &visit, (&view, shown)).await;
        }
        ("allot", hall.border.allot(&number, allotment, &account, reply))
    };
    let told = told(waited(sent, answer).await?)?;
    let view = seen(&hall, &visit, &number).await?;
    let line = line.number;
    let shown = if told.outcome == "accepted" {
        let outcome = Some(done(t, (&view, line), deed));
        Shown { line: Some(line), outcome, ..Shown::default() }
    } else {
        let title = t.code("border-not", &told.outcome, "");
        let codes = codes_of(&told.reasons);
        let outcome =
            Outcome { title, codes, left: left_now(t, &view, line), ..Outcome::default() };
        let at = |reason: ReasonTold| {
            let field = if reason.part.starts_with("quantities") {
                amount_name(0)
            } else {
                "allotments".to_owned()
            };
            reason.at(t, field)
        };
        let faults = told.reasons.into_iter().map(at).collect();
        Shown {
            line: Some(line),
            allotting: typed,
            outcome: Some(outcome),
            faults,
            ..Shown::default()
        }
    };
    licence_page(&hall, &visit, (&view, shown)).await
}

/// Whether what is given is what a form asked for.
fn same(given: &Allotment, asked: &Allotment) -> bool {
    (&given.post, given.line, &given.amounts) == (&asked.post, asked.line, &asked.amounts)
}

fn done(t: &Text, (view, line): (&LicenceView, u32), deed: &str) -> Outcome {
    Outcome {
        accepted: true,
        title: t.code("border-done", deed, ""),
        left: left_now(t, view, line),
        ..Outcome::default()
    }
}
