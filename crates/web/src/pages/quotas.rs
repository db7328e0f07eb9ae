//! Quotas: where each company stands in a year, with the filings that prove it; and the supervisor's form
//! that issues a slice, hands it down or takes it back.

use std::collections::BTreeSet;

use app::law::Law;
use app::quota::{NewQuotaStep, QuotaAnswer, QuotaStepError};
use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::{IntoResponse, Response};
use base::authorisation::{Action, Resource, authorise};
use base::{Date, Mass};
use licensing::quota::{Line, Node, Position, Standing, Step};
use serde::Deserialize;

use crate::config::Hall;
use crate::form::{Form, encoded};
use crate::law::law;
use crate::ledger::off_thread;
use crate::page::{Page, html};
use crate::quota::quotas;
use crate::show;
use crate::stop::{FieldFault, Stop, fault};
use crate::text::{Language, Text};
use crate::visit::{Sight, Visit};

/// Filings shown as proof of one company's use; more are counted.
const PROOFS_SHOWN: usize = 10;

/// Which year is shown.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    year: String,
}

struct ProofRow {
    href: String,
    words: String,
    day: String,
    amount: String,
    beyond: String,
}

struct CompanyRow {
    company: String,
    group: String,
    line: String,
    standing: &'static str,
    standing_words: String,
    allocated: String,
    carried: String,
    cut: String,
    used: String,
    left: String,
    excess: String,
    /// What is used of the entitlement, in percent; nothing where there is none.
    percent: Option<u64>,
    uncounted: String,
    proofs: Vec<ProofRow>,
    proofs_more: u64,
}

/// What the authority has of a line: only its people see that.
struct LineRow {
    line: String,
    issued: String,
    slices: String,
    reserve: String,
    undivided: String,
    groups: String,
}

struct QuotaSection {
    id: String,
    title: String,
    rules: Vec<String>,
    lines: Vec<LineRow>,
    companies: Vec<CompanyRow>,
}

struct Choice {
    value: String,
    words: String,
    chosen: bool,
}

#[derive(Template)]
#[template(path = "quotas.html")]
struct QuotasPage {
    page: Page,
    years: Vec<Choice>,
    sections: Vec<QuotaSection>,
    form: Option<FormShown>,
    faults: Vec<FieldFault>,
}

/// The form as it is shown: choices, and what was typed.
struct FormShown {
    lines: Vec<Choice>,
    from: Vec<Choice>,
    holders: Vec<String>,
    entry: Entry,
}

/// What a supervisor typed.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
pub(crate) struct Entry {
    year: String,
    line: String,
    from: String,
    to: String,
    amount: String,
    slice: String,
    day: String,
    reason: String,
}

/// The name of a line in the visitor's language, as the pack has it.
fn line_words(t: &Text, answer: &QuotaAnswer, line: &Line) -> String {
    let stage = t.code("quota-stage", &line.stage, &line.stage);
    let ore = answer.quota.ore_types.iter().find(|ore| ore.id == line.ore);
    match ore {
        Some(ore) => {
            let name = name(t, &ore.name_en, &ore.name_zh);
            format!("{stage} · {name}")
        }
        None => stage,
    }
}

fn name<'a>(t: &Text, en: &'a str, zh: &'a str) -> &'a str {
    if t.language == Language::Chinese && !zh.is_empty() { zh } else { en }
}

/// The years of which something is known, the latest first.
fn years(answers: &[QuotaAnswer], sight: &Sight) -> Vec<i16> {
    let mut years: BTreeSet<i16> = answers
        .iter()
        .flat_map(|answer| &answer.positions)
        .filter(|position| sight.sees(&position.company))
        .map(|position| position.year)
        .collect();
    if *sight == Sight::All {
        years.extend(answers.iter().flat_map(|answer| &answer.lines).map(|line| line.year));
    }
    years.into_iter().rev().collect()
}

fn company_row(t: &Text, sight: &Sight, answer: &QuotaAnswer, position: &Position) -> CompanyRow {
    let (code, nothing) = (standing_code(position.standing), String::new());
    let some = |mg: i64| if mg > 0 { show::mass(mg) } else { String::new() };
    let entitled = position.entitled_mg();
    let percent = (entitled > 0).then(|| {
        u64::try_from(i128::from(position.used_mg) * 100 / i128::from(entitled)).unwrap_or(0)
    });
    let told = position.standing != Standing::Awaiting;
    let proof = |proof: &licensing::quota::Proof| {
        let (filer, reference) = proof.filing.split_once('/').unwrap_or((&proof.filing, ""));
        // What another filed for it concerns it, and whose reference that is does not.
        let seen = sight.sees(filer);
        ProofRow {
            href: if seen {
                format!("/filings/{}/{}", encoded(filer), encoded(reference))
            } else {
                String::new()
            },
            words: if seen { reference.to_owned() } else { t.get("another-party") },
            day: show::date(t, proof.day),
            amount: show::mass(proof.amount_mg),
            beyond: some(proof.beyond_mg),
        }
    };
    // The latest filings first: those that went beyond are among them.
    let proofs = position.proofs.iter().rev().take(PROOFS_SHOWN).map(proof).collect();
    CompanyRow {
        company: position.company.clone(),
        group: position.group.clone().unwrap_or_default(),
        line: line_words(t, answer, &position.line),
        standing: code,
        standing_words: t.code("quota-standing", code, code),
        allocated: if told { show::mass(position.allocated_mg) } else { nothing.clone() },
        carried: some(position.carried_mg),
        cut: some(position.cut_mg),
        used: show::mass(position.used_mg),
        left: if told { show::mass(position.left_mg) } else { nothing },
        excess: some(position.excess_mg),
        percent: percent.filter(|_| told),
        uncounted: some(position.uncounted_mg),
        proofs,
        proofs_more: position.proofs.len().saturating_sub(PROOFS_SHOWN) as u64,
    }
}

/// The stable code of a standing.
pub(crate) fn standing_code(standing: Standing) -> &'static str {
    match standing {
        Standing::Awaiting => "awaiting",
        Standing::Within => "within",
        Standing::Alarmed => "alarmed",
        Standing::Over => "over",
    }
}

/// What the pack says of a quota, in sentences.
fn rules(t: &Text, answer: &QuotaAnswer) -> Vec<String> {
    let of = &answer.quota;
    let either = |yes: bool, key: &str| t.get(&format!("{key}-{}", if yes { "yes" } else { "no" }));
    let mut told = vec![
        either(of.counts_imported, "quota-imported"),
        either(of.counts_secondary, "quota-secondary"),
    ];
    if of.carry_percent > 0 {
        told.push(t.one("quota-carry", of.carry_percent));
    }
    match of.cut_percent {
        Some(percent) => told.push(t.one("quota-cut", percent)),
        None => told.push(t.get("quota-cut-unknown")),
    }
    if of.reserve_percent > 0 {
        told.push(t.one("quota-reserve", of.reserve_percent));
    }
    told.push(of.fact.citation.clone());
    told
}

fn section(t: &Text, sight: &Sight, answer: &QuotaAnswer, year: i16) -> QuotaSection {
    let mut companies: Vec<&Position> = answer
        .positions
        .iter()
        .filter(|position| position.year == year && sight.sees(&position.company))
        .collect();
    companies.sort_by_key(|p| (p.line.clone(), std::cmp::Reverse(rank(p)), p.company.clone()));
    let lines = answer.lines.iter().filter(|line| line.year == year && *sight == Sight::All);
    let line = |line: &app::quota::QuotaLine| {
        let groups = line.pots.holders().filter_map(|(node, own)| match node {
            Node::Group(name) => {
                let given = show::mass(line.pots.given(node));
                Some(t.three("quota-group", name, given, show::mass(own)))
            }
            _ => None,
        });
        let slices: Vec<String> = line.pots.slices().iter().map(u32::to_string).collect();
        LineRow {
            line: line_words(t, answer, &line.line),
            issued: show::mass(line.pots.issued()),
            slices: slices.join(", "),
            reserve: show::mass(line.pots.own(&Node::Reserve)),
            undivided: show::mass(line.pots.own(&Node::Authority)),
            groups: groups.collect::<Vec<_>>().join("; "),
        }
    };
    QuotaSection {
        id: answer.quota.id.clone(),
        title: show::sentence(name(t, &answer.quota.name_en, &answer.quota.name_zh)),
        rules: rules(t, answer),
        lines: lines.map(line).collect(),
        companies: companies.into_iter().map(|p| company_row(t, sight, answer, p)).collect(),
    }
}

/// Who is to be looked at first: beyond, at an alarm, awaiting, within; then by what is used.
fn rank(position: &Position) -> (u8, i64) {
    let standing = match position.standing {
        Standing::Over => 3,
        Standing::Alarmed => 2,
        Standing::Awaiting => 1,
        Standing::Within => 0,
    };
    (standing, position.used_mg)
}

fn form_shown(
    t: &Text,
    answers: &[QuotaAnswer],
    year: i16,
    today: Date,
    entry: Entry,
) -> FormShown {
    let mut lines = Vec::new();
    let mut holders: BTreeSet<String> = BTreeSet::new();
    for answer in answers {
        for line in &answer.rules.lines {
            let value = format!("{}|{}|{}", answer.quota.id, line.stage, line.ore);
            let words = line_words(t, answer, line);
            lines.push(Choice { chosen: entry.line == value, value, words });
        }
        let of_year = answer.positions.iter().filter(|p| p.year == year);
        holders.extend(of_year.map(|p| p.company.clone()));
        for pots in answer.lines.iter().filter(|line| line.year == year) {
            holders.extend(pots.pots.holders().filter_map(|(node, _)| match node {
                Node::Group(_) | Node::Company(_) => Some(node.to_string()),
                Node::Authority | Node::Reserve => None,
            }));
        }
    }
    let fixed = [
        ("issue", "quota-from-issue"),
        ("authority", "quota-from-authority"),
        ("reserve", "quota-from-reserve"),
    ];
    let mut from: Vec<Choice> = fixed
        .into_iter()
        .map(|(value, key)| Choice {
            value: value.to_owned(),
            words: t.get(key),
            chosen: entry.from == value,
        })
        .collect();
    from.extend(holders.iter().map(|holder| Choice {
        value: holder.clone(),
        words: holder.clone(),
        chosen: entry.from == *holder,
    }));
    let mut entry = entry;
    if entry.year.is_empty() {
        entry.year = year.to_string();
    }
    if entry.day.is_empty() {
        entry.day = today.to_string();
    }
    FormShown { lines, from, holders: holders.into_iter().collect(), entry }
}

async fn shown(
    hall: &Hall,
    visit: &Visit,
    sight: &Sight,
    year: &str,
    entry: Entry,
    faults: Vec<FieldFault>,
) -> Result<Response, Stop> {
    let t = visit.text();
    let (_, answers) = quotas(hall, sight).await?;
    let today = show::day_of(hall.now());
    let known = years(&answers, sight);
    let latest = known.first().copied().unwrap_or_else(|| today.year());
    let year =
        year.trim().parse::<i16>().ok().filter(|year| known.contains(year)).unwrap_or(latest);
    let sections: Vec<QuotaSection> = answers
        .iter()
        .map(|answer| section(t, sight, answer, year))
        .filter(|section| *sight == Sight::All || !section.companies.is_empty())
        .collect();
    if *sight == Sight::All {
        sections.iter().flat_map(|s| &s.companies).for_each(|row| visit.look(&row.company));
    }
    let may = authorise(&visit.actor, Action::AllocateQuota, Resource::Platform);
    let form = may.then(|| form_shown(t, &answers, year, today, entry));
    let mut page = Page::new(hall, visit, t.get("quotas-title"));
    let companies = sections.iter().flat_map(|section| &section.companies);
    page.parties_name(hall, companies.map(|row| row.company.as_str()))?;
    page.faulty = !faults.is_empty();
    let status = if page.faulty { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let choice =
        |of: &i16| Choice { value: of.to_string(), words: of.to_string(), chosen: *of == year };
    let template =
        QuotasPage { page, years: known.iter().map(choice).collect(), sections, form, faults };
    html(status, &template)
}

/// `GET /quotas`.
pub(crate) async fn show(
    State(hall): State<Hall>,
    visit: Visit,
    Query(asked): Query<Asked>,
) -> Result<Response, Stop> {
    let sight = visit.sight()?;
    shown(&hall, &visit, &sight, &asked.year, Entry::default(), Vec::new()).await
}

/// `POST /quotas`: issues a slice, hands an amount down, takes it back, or moves it.
pub(crate) async fn allocate(
    State(hall): State<Hall>,
    visit: Visit,
    Form(entry): Form<Entry>,
) -> Result<Response, Stop> {
    visit.allow(Resource::Platform)?;
    let t = visit.text();
    let law = law(&hall, &hall.config.pack).await?;
    let (quota, step) = match read(t, &law, &entry) {
        Ok(read) => read,
        Err(faults) => {
            return shown(&hall, &visit, &Sight::All, &entry.year.clone(), entry, faults).await;
        }
    };
    let (shared, account, reason) =
        (hall.clone(), visit.actor.account.clone(), entry.reason.clone());
    let done = off_thread(move || {
        let at = shared.now();
        let new = NewQuotaStep { quota: &quota, step, reason: &reason, account: &account, at };
        shared.platform.quota_step(&law, &new)
    });
    match done.await? {
        Ok(_) => {
            let to = format!("/quotas?year={}", encoded(entry.year.trim()));
            Ok((StatusCode::SEE_OTHER, [(LOCATION, to)]).into_response())
        }
        Err(error) => {
            let faults = vec![refused(t, &error)?];
            shown(&hall, &visit, &Sight::All, &entry.year.clone(), entry, faults).await
        }
    }
}

fn field(t: &Text, field: &str, code: &'static str) -> FieldFault {
    FieldFault {
        field: field.to_owned(),
        code,
        message: t.get(&format!("quota-refused-{code}")),
        accepted: String::new(),
    }
}

/// What is typed as a step, or what of it is not understood.
fn read(t: &Text, law: &Law, entry: &Entry) -> Result<(String, Step), Vec<FieldFault>> {
    let mut faults = Vec::new();
    let mut parts = entry.line.splitn(3, '|');
    let (quota, stage, ore) = (parts.next(), parts.next(), parts.next());
    let known = law.regime.quotas.iter().find(|of| Some(of.id.as_str()) == quota);
    let line = stage.zip(ore).filter(|_| known.is_some());
    if line.is_none() {
        faults.push(field(t, "line", "quota_line"));
    }
    let year = entry.year.trim().parse::<i16>().ok().filter(|year| (1900..=9998).contains(year));
    if year.is_none() {
        faults.push(field(t, "year", "quota_year"));
    }
    let from = match entry.from.trim() {
        "issue" => Some(None),
        code => Node::parse(code).map(Some),
    };
    if from.is_none() {
        faults.push(field(t, "from", "quota_holder"));
    }
    let to = match (entry.to.trim(), &from) {
        ("", Some(None)) => Some(Node::Authority),
        (code, _) => Node::parse(code),
    };
    if to.is_none() {
        faults.push(field(t, "to", "quota_holder"));
    }
    let amount_mg = tonnes(&entry.amount);
    if amount_mg.is_none() {
        faults.push(field(t, "amount", "quota_amount"));
    }
    let slice = match entry.slice.trim() {
        "" => Some(0),
        text => text.parse::<u32>().ok(),
    };
    if slice.is_none() {
        faults.push(field(t, "slice", "quota_slice"));
    }
    let day = base::time::date_parse(entry.day.trim());
    if day.is_none() {
        faults.push(field(t, "day", "quota_day"));
    }
    match (line, year, from, to, amount_mg, slice, day) {
        (
            Some((stage, ore)),
            Some(year),
            Some(from),
            Some(to),
            Some(amount_mg),
            Some(slice),
            Some(day),
        ) if faults.is_empty() => {
            let line = Line { stage: stage.to_owned(), ore: ore.to_owned() };
            let step = Step { year, line, from, to, amount_mg, slice, day };
            Ok((quota.unwrap_or_default().to_owned(), step))
        }
        _ => Err(faults),
    }
}

/// An amount in tonnes, as milligrams; 0 says that there is none.
fn tonnes(text: &str) -> Option<i64> {
    let decimals = Mass::KG_DECIMALS + 3;
    base::decimal::parse_scaled(text.trim(), decimals, licensing::quota::AMOUNT_MAX_MG).ok()
}

/// What the rules refuse, in the words of the page.
fn refused(t: &Text, error: &QuotaStepError) -> Result<FieldFault, Stop> {
    let name = match error {
        QuotaStepError::Platform(_) | QuotaStepError::Damaged { .. } => return Err(fault(error)),
        QuotaStepError::Unknown(_) => "line",
        QuotaStepError::Reason => "reason",
        QuotaStepError::Company(_) => "to",
        QuotaStepError::Changed => "amount",
        QuotaStepError::Refused(refusal) => match refusal.code() {
            "quota_line" => "line",
            "quota_way" | "quota_other_parent" => "to",
            "quota_slice" => "slice",
            "quota_day" => "day",
            _ => "amount",
        },
    };
    Ok(field(t, name, error.code()))
}
