//! What of the cases is to be done, for the home pages: of an applicant, the questions that wait for its
//! answer; of the office, what is due, what waits for a signature, what nobody has taken.

use app::cases::{CaseError, CaseFilter, CaseRow, Queue, date_in, epoch_day, zone};
use base::authorisation::Role;

use super::apply::case_href;
use super::apply::start::day_said;
use super::findings::Todo;
use crate::config::{Hall, Shared};
use crate::law::law;
use crate::ledger::off_thread;
use crate::stop::{Stop, fault};
use crate::text::Text;
use crate::visit::Visit;

/// Cases named one by one; more are counted.
const NAMED: usize = 5;
/// Days before its last day within which a case is named.
const DUE_DAYS: i64 = 5;

/// What an applicant is to do: its drafts come last, since nobody waits for them.
pub(crate) async fn todo_of_applicant(hall: &Hall, visit: &Visit) -> Result<Vec<Todo>, Stop> {
    let (shared, party) = (hall.clone(), visit.actor.party.clone());
    let (cases, drafts) = off_thread(move || {
        let cases = shared.platform.cases_that_wait_for(&party).map_err(|error| fault(&error))?;
        let drafts = shared.platform.drafts(&party).map_err(|error| fault(&error))?;
        Ok::<_, Stop>((cases, drafts.len() as u64))
    })
    .await??;
    let t = visit.text();
    let mut todo: Vec<Todo> = cases
        .iter()
        .map(|row| Todo {
            severity: "warning",
            title: t.one("home-case-yours", &row.number),
            repair: about(t, row),
            written: true,
            count: 0,
            href: case_href(&row.number),
        })
        .collect();
    if drafts > 0 {
        todo.push(counted(t, "note", "drafts", drafts, "/applications"));
    }
    Ok(todo)
}

/// What the goods are and where they go.
fn about(t: &Text, row: &CaseRow) -> String {
    let to = row.destinations.trim().replace(' ', ", ");
    t.two("home-case-about", &row.goods, to)
}

fn counted(
    t: &Text,
    severity: &'static str,
    what: &str,
    count: u64,
    href: impl Into<String>,
) -> Todo {
    let (title, repair) = (t.code("home-count", what, ""), t.code("home-text", what, ""));
    Todo { severity, title, repair, written: false, count, href: href.into() }
}

/// What the office counts for one of its people.
struct Counts {
    mine: Vec<CaseRow>,
    of_mine: u64,
    to_sign: u64,
    nobodys: u64,
    enquiries: u64,
    registrations: u64,
}

fn counts(shared: &Shared, visit: &Visit) -> Result<Counts, Stop> {
    let failed = |error: CaseError| fault(&error);
    let open = || CaseFilter { open: Some(true), ..CaseFilter::default() };
    let account = match visit.actor.acting_for.as_str() {
        "" => visit.actor.account.clone(),
        covered => covered.to_owned(),
    };
    // A supervisor answers for the cases of all.
    let officer = (visit.actor.role == Role::Officer).then_some(account);
    let page = |filter: CaseFilter| {
        let found = shared.platform.case_queue(&Queue::Cases(filter), None).map_err(failed)?;
        Ok::<_, Stop>((u64::from(found.total.unwrap_or(0)), found.rows))
    };
    let (of_mine, mine) = page(CaseFilter { officer, ..open() })?;
    let signature = Some("signature".to_owned());
    let (to_sign, _) = page(CaseFilter { waits_for: signature, ..open() })?;
    let (nobodys, _) = page(CaseFilter { officer: Some(String::new()), ..open() })?;
    let enquiries = shared.platform.enquiries(None, "open", None).map_err(|e| fault(&e))?;
    let registrations = shared.people.registrations_pending().map_err(|e| fault(&e))?;
    Ok(Counts {
        mine,
        of_mine,
        to_sign,
        nobodys,
        enquiries: enquiries.rows.len() as u64,
        registrations: registrations.len() as u64,
    })
}

/// What the office is to do: what is overdue or soon due by name, then how much there is of the rest.
pub(crate) async fn todo_of_office(hall: &Hall, visit: &Visit) -> Result<Vec<Todo>, Stop> {
    let t = visit.text();
    let law = law(hall, &hall.config.pack).await?;
    let today = epoch_day(date_in(&zone(&law), hall.now()));
    let (shared, here) = (hall.clone(), visit.clone());
    let found = off_thread(move || counts(&shared, &here)).await??;
    let supervisor = visit.actor.role == Role::Supervisor;
    let due = |row: &&CaseRow| row.due_day.is_some_and(|day| day - today <= DUE_DAYS);
    let mut pressing: Vec<&CaseRow> = found.mine.iter().filter(due).collect();
    pressing.sort_by_key(|row| row.due_day);
    let mut todo: Vec<Todo> = Vec::new();
    for row in pressing.iter().take(NAMED) {
        let day = row.due_day.unwrap_or(today);
        let overdue = day < today;
        let key = if overdue { "home-case-overdue" } else { "home-case-due" };
        visit.look(&row.applicant);
        todo.push(Todo {
            severity: if overdue { "error" } else { "warning" },
            title: t.two(key, &row.number, day_said(t, day)),
            repair: about(t, row),
            written: true,
            count: 0,
            href: case_href(&row.number),
        });
    }
    let whose = if supervisor { "any" } else { "me" };
    let rest = [
        (supervisor, "warning", "to_sign", found.to_sign, "officer=any&waits=signature"),
        (true, "note", if supervisor { "open" } else { "mine" }, found.of_mine, ""),
        (true, "note", "nobodys", found.nobodys, "officer=none"),
    ];
    for (shown, severity, what, count, query) in rest {
        if shown && count > 0 {
            let query =
                if query.is_empty() { format!("officer={whose}") } else { query.to_owned() };
            todo.push(counted(t, severity, what, count, format!("/cases?{query}")));
        }
    }
    if found.enquiries > 0 {
        todo.push(counted(t, "note", "enquiries", found.enquiries, "/enquiries"));
    }
    if found.registrations > 0 {
        todo.push(counted(t, "note", "registrations", found.registrations, "/registrations"));
    }
    Ok(todo)
}
