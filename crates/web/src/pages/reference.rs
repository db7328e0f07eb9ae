//! The reference of the API, made from its OpenAPI document.

use app::documents::ScanState;
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use base::authorisation::Resource;
use utoipa::openapi::path::{Operation, ParameterIn};
use utoipa::openapi::{RefOr, Required};

use crate::api::openapi;
use crate::config::Hall;
use crate::page::{Page, html};
use crate::stop::Stop;
use crate::text::Text;
use crate::visit::Visit;

struct ParameterRow {
    name: String,
    place: &'static str,
    about: String,
    required: bool,
}

struct OperationView {
    id: String,
    method: &'static str,
    method_lower: &'static str,
    /// Method and path: what tells it from all others.
    name: String,
    path: String,
    summary: String,
    parameters: Vec<ParameterRow>,
    example: String,
    answers: String,
}

struct Group {
    title: String,
    operations: Vec<OperationView>,
}

struct ProblemRow {
    code: &'static str,
    status: u16,
    title: String,
    text: String,
}

#[derive(Template)]
#[template(path = "reference.html")]
struct ReferencePage {
    page: Page,
    groups: Vec<Group>,
    rules: [&'static str; 6],
    problems: Vec<ProblemRow>,
}

/// The groups in the order in which a reader meets them.
const GROUPS: [(&str, &str); 13] = [
    ("account", "api-group-account"),
    ("enquiry", "api-group-enquiry"),
    ("general", "api-group-general"),
    ("screening", "api-group-screening"),
    ("webhook", "api-group-webhook"),
    ("filing", "api-group-filing"),
    ("documents", "api-group-documents"),
    ("application", "api-group-application"),
    ("trace", "api-group-trace"),
    ("ledger", "api-group-ledger"),
    ("law", "api-group-law"),
    ("audit", "api-group-audit"),
    ("document", "api-group-document"),
];

const RULES: [&str; 6] =
    ["api-rule-1", "api-rule-2", "api-rule-3", "api-rule-4", "api-rule-5", "api-rule-6"];

/// The hash of nothing in particular.
const EXAMPLE_HASH: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

/// A request that one may paste into a terminal; `$GADOLIN` is the address of the installation.
fn example(id: &str, method: &str, path: &str) -> String {
    let path = path
        .replace("{id}", if id == "party" { "gad:mag-d" } else { "MAG-1" })
        .replace("{filer}", "gad:mag-d")
        .replace("{reference}", "G1")
        .replace("{sha256}", EXAMPLE_HASH);
    let query = match id {
        "trace" => "?element=Dy&bounds=true",
        "lineage" => "?element=Dy",
        "balance" => "?element=Dy&to=2025-06-30",
        "findings" => "?severity=error&limit=20",
        "search" => "?q=MAG",
        "file_filings" => "?dry_run=true",
        _ => "",
    };
    let token = "-H \"Authorization: Bearer $TOKEN\"";
    match (id, method) {
        ("document_store", _) => format!(
            "curl {token} -H \"Document-Name: report.pdf\" \\\n  -H \"Idempotency-Key: report-1\" \\\n  \
             --data-binary @report.pdf \"$GADOLIN{path}\""
        ),
        ("openapi", _) => format!("curl \"$GADOLIN{path}\""),
        ("file_filings", _) => format!(
            "curl {token} -H \"Content-Type: text/csv\" \\\n  -H \"Idempotency-Key: 2025-06-return-1\" \\\n  \
             --data-binary @filings.csv \"$GADOLIN{path}{query}\""
        ),
        (_, "POST") => format!(
            "curl {token} -H \"Content-Type: application/json\" \\\n  --data @request.json \"$GADOLIN{path}\""
        ),
        (_, "DELETE") => format!("curl {token} -X DELETE \"$GADOLIN{path}\""),
        _ => format!("curl {token} \"$GADOLIN{path}{query}\""),
    }
}

fn operation(method: &'static str, path: &str, found: &Operation) -> OperationView {
    let id = found.operation_id.clone().unwrap_or_default();
    let words = [found.summary.as_deref(), found.description.as_deref()];
    let mut summary: Vec<&str> = words.into_iter().flatten().filter(|w| !w.is_empty()).collect();
    summary.dedup();
    let parameters = found.parameters.iter().flatten().filter_map(|parameter| match parameter {
        RefOr::T(parameter) => Some(parameter),
        RefOr::Ref(_) => None,
    });
    let parameters = parameters.map(|parameter| ParameterRow {
        name: parameter.name.clone(),
        place: match parameter.parameter_in {
            ParameterIn::Query | ParameterIn::QueryString => "query",
            ParameterIn::Path => "path",
            ParameterIn::Header => "header",
            ParameterIn::Cookie => "cookie",
        },
        about: parameter.description.clone().unwrap_or_default(),
        required: matches!(parameter.required, Required::True),
    });
    let answers: Vec<&str> = found.responses.responses.keys().map(String::as_str).collect();
    OperationView {
        example: example(&id, method, path),
        id,
        name: format!("{method} {path}"),
        method,
        method_lower: if method == "GET" { "get" } else { "post" },
        path: path.to_owned(),
        summary: summary.join(" "),
        parameters: parameters.collect(),
        answers: answers.join(", "),
    }
}

fn groups(t: &Text) -> Vec<Group> {
    let mut operations = Vec::new();
    for (path, item) in &openapi().paths.paths {
        let methods = [("GET", &item.get), ("POST", &item.post), ("DELETE", &item.delete)];
        for (method, found) in methods {
            if let Some(found) = found {
                let tag = found.tags.iter().flatten().next().cloned().unwrap_or_default();
                operations.push((tag, operation(method, path, found)));
            }
        }
    }
    GROUPS
        .into_iter()
        .map(|(tag, key)| Group {
            title: t.get(key),
            operations: operations
                .extract_if(.., |entry| entry.0 == tag)
                .map(|entry| entry.1)
                .collect(),
        })
        .collect()
}

/// Every code that an answer of the API may carry.
fn problems(t: &Text) -> Vec<ProblemRow> {
    let stops = [
        Stop::SignIn,
        Stop::NotFound,
        Stop::Method,
        Stop::Fields(Vec::new()),
        Stop::TooLarge,
        Stop::DocumentTooLarge,
        Stop::DocumentHeld(ScanState::Waiting),
        Stop::DocumentHeld(ScanState::Failed),
        Stop::DocumentHeld(ScanState::Infected),
        Stop::MediaType,
        Stop::KeyReused,
        Stop::KeyBusy,
        Stop::TooMany(0),
        Stop::TooSlow,
        Stop::Fault,
    ];
    let all_rejected = (StatusCode::UNPROCESSABLE_ENTITY, "all_rejected");
    let changed = (StatusCode::CONFLICT, "changed_meanwhile");
    stops
        .iter()
        .map(|stop| (stop.status(), stop.code()))
        .chain([all_rejected, changed])
        .map(|(status, code)| ProblemRow {
            code,
            status: status.as_u16(),
            title: t.get(&format!("problem-{code}-title")),
            text: t.get(&format!("problem-{code}-text")),
        })
        .collect()
}

/// `GET /api`.
pub(crate) async fn show(State(hall): State<Hall>, visit: Visit) -> Result<Response, Stop> {
    visit.allow(Resource::Platform)?;
    let t = visit.text();
    let template = ReferencePage {
        page: Page::new(&hall, &visit, t.get("api-title")),
        groups: groups(t),
        rules: RULES,
        problems: problems(t),
    };
    html(StatusCode::OK, &template)
}
