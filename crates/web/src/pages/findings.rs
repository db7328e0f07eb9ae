//! The findings of the ledger: filtered by severity, rule and party, page by page.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use app::LedgerFinding;
use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use base::Severity;
use serde::Deserialize;

use crate::config::Hall;
use crate::form::encoded;
use crate::ledger::{findings as findings_known, severity_code};
use crate::page::{Page, html};
use crate::show;
use crate::stop::Stop;
use crate::text::{Language, Text};
use crate::visibility::finding_seen;
use crate::visit::{Sight, Visit};

/// Findings on a page.
const PAGE_ROWS: usize = 50;
/// Lots and filings named in a row.
const LINKS_SHOWN: usize = 3;

/// A finding as a row of a table.
pub(crate) struct FindingRow {
    pub(crate) severity: &'static str,
    pub(crate) title: String,
    pub(crate) explanation: String,
    pub(crate) party: String,
    pub(crate) site: String,
    pub(crate) links: Vec<(String, String)>,
    pub(crate) more: u64,
    pub(crate) expected: String,
    pub(crate) observed: String,
}

impl FindingRow {
    pub(crate) fn new(t: &Text, finding: &LedgerFinding) -> FindingRow {
        let mut links: Vec<(String, String)> = Vec::new();
        for filing in &finding.filings {
            if let Some((filer, reference)) = filing.split_once('/') {
                let href = format!("/filings/{}/{}", encoded(filer), encoded(reference));
                links.push((href, reference.to_owned()));
            }
        }
        for lot in &finding.lots {
            links.push((format!("/lots/{}", encoded(lot)), lot.clone()));
        }
        let more = links.len().saturating_sub(LINKS_SHOWN) as u64;
        links.truncate(LINKS_SHOWN);
        // The ledger explains in English; elsewhere the rule is explained, with the same figures.
        let about = t.code("about", finding.rule, &finding.explanation);
        let explanation = match t.language {
            Language::English if !finding.explanation.is_empty() => finding.explanation.clone(),
            _ => about,
        };
        FindingRow {
            severity: severity_code(finding.severity),
            title: rule_title(t, finding.rule, &finding.element),
            explanation,
            party: finding.party.clone(),
            site: finding.site.clone(),
            links,
            more,
            expected: finding.expected.clone(),
            observed: finding.observed.clone(),
        }
    }
}

/// The name of a rule, with the element where it is about one.
fn rule_title(t: &Text, rule: &str, element: &str) -> String {
    let title = t.code("rule", rule, rule);
    if element.is_empty() { title } else { format!("{title} · {element}") }
}

/// Findings of one rule together: what is to be repaired, and how many times.
pub(crate) struct Todo {
    pub(crate) severity: &'static str,
    pub(crate) title: String,
    pub(crate) repair: String,
    /// Whether `repair` is what people wrote, in a language of theirs.
    pub(crate) written: bool,
    pub(crate) count: u64,
    pub(crate) href: String,
}

/// The findings grouped by rule, the most serious and then the most frequent first.
pub(crate) fn todo<'a>(
    t: &Text,
    findings: impl IntoIterator<Item = &'a LedgerFinding>,
    party: Option<&str>,
) -> Vec<Todo> {
    let mut rules: BTreeMap<&'static str, (Severity, u64)> = BTreeMap::new();
    for finding in findings {
        let entry = rules.entry(finding.rule).or_insert((finding.severity, 0));
        entry.0 = entry.0.max(finding.severity);
        entry.1 += 1;
    }
    let mut rules: Vec<_> = rules.into_iter().collect();
    rules.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0)));
    let party = party.map_or(String::new(), |party| format!("&party={}", encoded(party)));
    rules
        .into_iter()
        .map(|(rule, (severity, count))| Todo {
            severity: severity_code(severity),
            title: t.code("rule", rule, rule),
            repair: t.code("repair", rule, ""),
            written: false,
            count,
            href: format!("/findings?rule={}{party}", encoded(rule)),
        })
        .collect()
}

/// What a visitor sees of the findings, the most serious first.
pub(crate) async fn seen(hall: &Hall, sight: &Sight) -> Result<Arc<Vec<LedgerFinding>>, Stop> {
    let found = findings_known(hall).await?;
    Ok(match sight {
        Sight::All => found.all(),
        Sight::Own(own) => {
            let told = hall.platform.books().findings_told(sight.reader(), found.of(own));
            Arc::new(told.iter().filter_map(|row| finding_seen(sight, row)).collect())
        }
    })
}

/// Notes whose data a finding shows: its party's, and that of who filed what it rests on.
pub(crate) fn look(visit: &Visit, finding: &LedgerFinding) {
    let filers = finding.filings.iter().filter_map(|filing| filing.split_once('/'));
    let parties: BTreeSet<&str> = filers.map(|pair| pair.0).chain([&*finding.party]).collect();
    parties.into_iter().for_each(|party| visit.look(party));
}

/// The filter.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Filter {
    #[serde(default)]
    pub(crate) severity: String,
    #[serde(default)]
    pub(crate) rule: String,
    #[serde(default)]
    pub(crate) party: String,
    #[serde(default)]
    pub(crate) page: String,
}

impl Filter {
    pub(crate) fn takes(&self, finding: &LedgerFinding) -> bool {
        (self.severity.is_empty() || severity_code(finding.severity) == self.severity)
            && (self.rule.is_empty() || finding.rule == self.rule)
            && (self.party.is_empty() || finding.party == self.party)
    }

    fn address(&self, page: usize) -> String {
        let mut query = String::new();
        for (name, value) in
            [("severity", &self.severity), ("rule", &self.rule), ("party", &self.party)]
        {
            if !value.is_empty() {
                query.push_str(&format!("{name}={}&", encoded(value)));
            }
        }
        format!("/findings?{query}page={page}")
    }
}

#[derive(Template)]
#[template(path = "findings.html")]
struct FindingsPage {
    page: Page,
    severities: Vec<(&'static str, String, bool)>,
    rules: Vec<(&'static str, String, bool)>,
    authority: bool,
    party: String,
    total: u64,
    repair: String,
    findings: Vec<FindingRow>,
    pages: usize,
    previous: String,
    next: String,
    place: String,
}

/// `GET /findings`.
pub(crate) async fn show(
    State(hall): State<Hall>,
    visit: Visit,
    Query(filter): Query<Filter>,
) -> Result<Response, Stop> {
    let sight = visit.sight()?;
    let all = seen(&hall, &sight).await?;
    let t = visit.text();
    let chosen: Vec<&LedgerFinding> = all.iter().filter(|row| filter.takes(row)).collect();
    let pages = chosen.len().div_ceil(PAGE_ROWS).max(1);
    let at = filter.page.parse::<usize>().unwrap_or(1).clamp(1, pages);
    let mut rules: Vec<&'static str> = all.iter().map(|row| row.rule).collect();
    rules.sort_unstable();
    rules.dedup();
    let shown = chosen.iter().skip((at - 1) * PAGE_ROWS).take(PAGE_ROWS);
    shown.clone().for_each(|row| look(&visit, row));
    let mut page = Page::new(&hall, &visit, t.get("findings-title"));
    if sight == Sight::All {
        page.parties_name(&hall, shown.clone().map(|row| row.party.as_str()))?;
    }
    let template = FindingsPage {
        severities: [Severity::Error, Severity::Warning, Severity::Note]
            .map(severity_code)
            .into_iter()
            .map(|code| (code, t.code("severity", code, code), code == filter.severity))
            .collect(),
        rules: rules
            .into_iter()
            .map(|rule| (rule, t.code("rule", rule, rule), rule == filter.rule))
            .collect(),
        authority: sight == Sight::All,
        party: filter.party.clone(),
        total: chosen.len() as u64,
        repair: t.code("repair", &filter.rule, ""),
        findings: shown.map(|row| FindingRow::new(t, row)).collect(),
        pages,
        previous: if at > 1 { filter.address(at - 1) } else { String::new() },
        next: if at < pages { filter.address(at + 1) } else { String::new() },
        place: t.two("pagination-place", show::count(at as u64), show::count(pages as u64)),
        page,
    };
    html(StatusCode::OK, &template)
}
