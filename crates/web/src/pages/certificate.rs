//! One certificate: what it says, how sure it is, what it still lacks; what the exporter and the officer may
//! do to it; and the paper.
//!
//! A certificate that belongs to no case yet is the exporter's own business: the authority sees it once it
//! is handed in.

use std::collections::BTreeMap;

use app::certificates::{Fault, Terms, differences, id_parse, id_text};
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::{IntoResponse, Response};
use base::Timestamp;
use base::authorisation::Resource;
use licensing::Certificate;
use licensing::certificate::{
    CertificateText, Means, Part, Purpose, Seal, Standing, State as Stands, Who, gaps,
};
use licensing::rules::CaseFacts;

use super::certificates::{asks, delivery, made_show, purpose_text, reviews, standing_tag};
use super::link::{Asked, of_form};
use super::link_frame::paper_page;
use crate::certificates::{refused, step_typed, terms, worded};
use crate::config::Hall;
use crate::form::Form;
use crate::ledger::off_thread;
use crate::page::{Page, html};
use crate::secret::moment;
use crate::show;
use crate::stop::{FieldFault, Stop, fault};
use crate::text::Text;
use crate::visit::Visit;

/// A signature as a row of a table.
struct SignatureRow {
    name: String,
    on: String,
    until: String,
    means: String,
    digest: String,
    /// Whether it stands under what is stated now.
    counts: bool,
}

#[derive(Template)]
#[template(path = "certificate.html")]
struct CertificatePage {
    page: Page,
    id: String,
    standing: String,
    tag: &'static str,
    rows: Vec<(String, String)>,
    gaps: Vec<String>,
    text: CertificateText,
    digest: String,
    signatures: Vec<SignatureRow>,
    changed: Vec<(String, String, String)>,
    correction: String,
    exporter: bool,
    officer: bool,
    /// Where the steps of the visitor go.
    who: &'static str,
    revoked: bool,
    over: bool,
    linked: bool,
    signed: bool,
    on_paper: bool,
    mail: bool,
    asks: Vec<String>,
    languages: Vec<(String, String)>,
    language: String,
    faults: Vec<FieldFault>,
}

impl CertificatePage {
    fn asks(&self, code: &str) -> bool {
        self.asks.iter().any(|asked| asked == code)
    }
}

/// A certificate that the visitor may do the route's action on; any other does not exist for it.
pub(crate) async fn found(hall: &Hall, visit: &Visit, id: &str) -> Result<Certificate, Stop> {
    let parsed = id_parse(id);
    let shared = hall.clone();
    let found = off_thread(move || match parsed {
        Some(id) => {
            let Some(found) = shared.platform.certificate(id)? else { return Ok(None) };
            let agencies = match &found.purpose {
                Purpose::Case(number) => {
                    shared.platform.certificates_of_case(number)?.map(|case| case.agencies)
                }
                Purpose::Draft(_) | Purpose::Open => None,
            };
            Ok(Some((found, agencies)))
        }
        None => Ok(None),
    });
    let found: Result<_, app::certificates::CertificateError> = found.await?;
    let Some((certificate, agencies)) = found.map_err(|error| fault(&error))? else {
        return Err(Stop::NotFound);
    };
    let agencies_of = agencies.clone().unwrap_or_default();
    let applicant = certificate.applicant.as_str();
    visit.allow(Resource::Case { applicant, agencies: &agencies_of })?;
    if agencies.is_none() && visit.actor.party != certificate.applicant {
        return Err(Stop::NotFound);
    }
    visit.look(applicant);
    Ok(certificate)
}

fn rows(t: &Text, certificate: &Certificate, terms: &Terms) -> Vec<(String, String)> {
    let mut rows = Vec::new();
    let mut row = |key: &str, value: String| {
        if !value.is_empty() {
            rows.push((t.get(key), value));
        }
    };
    let day = |us: i64| show::instant(t, Timestamp::from_us(us));
    row("certificate-purpose", purpose_text(t, &certificate.purpose));
    row(
        "certificate-asked",
        format!("{} · {}", day(certificate.asked_at_us), certificate.asked_by),
    );
    let contact = &certificate.contact;
    let contact = [contact.name.as_str(), contact.email.as_str()];
    let contact = contact.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>();
    row("certificate-contact", contact.join(" · "));
    // After the signature it is kept for as long as what was signed.
    if let Some(until) = certificate.link_until_us.filter(|_| certificate.signature().is_none()) {
        row("certificate-link-until", day(until));
    }
    if let Some(signature) = certificate.signature().or_else(|| certificate.signature_waiting()) {
        let by = &signature.signatory;
        let parts = [&by.name, &by.position, &by.email, &by.place];
        let parts = parts.into_iter().filter(|part| !part.is_empty()).map(String::as_str);
        row("certificate-signatory", parts.collect::<Vec<_>>().join(" · "));
        let stated = by.authority == licensing::certificate::Authority::Stated;
        let authority = if stated { "certificate-authority-stated" } else { "certificate-no" };
        if terms.rule.asks("authority") {
            row("certificate-authority", t.get(authority));
        }
        if let Some(last) = signature.valid_until {
            row("certificate-valid-until", show::date(t, last));
        }
    }
    if let Some(assurance) = certificate.assurance() {
        let code = assurance.code();
        row("certificate-assurance-title", t.code("certificate-assurance", code, code));
    }
    if let Some(seal) = certificate.seal {
        let key = if seal == Seal::Seen { "certificate-seal-seen" } else { "certificate-no" };
        row("certificate-seal", t.get(key));
    }
    if let Some((by, at_us)) = &certificate.original {
        row("certificate-original", format!("{} · {by}", day(*at_us)));
    }
    if let Some((by, at_us)) = &certificate.paper_checked {
        row("certificate-checked", format!("{} · {by}", day(*at_us)));
    }
    let into: Vec<&str> = certificate.translations.iter().map(|(into, _)| into.as_str()).collect();
    row("certificate-translations", into.join(", "));
    if let Some(government) = &certificate.government {
        let on = government.on.map_or(String::new(), |on| show::date(t, on));
        let parts = [government.authority.clone(), government.reference.clone(), on];
        let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        row("certificate-government", parts.join(" · "));
    }
    match &certificate.state {
        Stands::Declined { at_us, reason } => {
            row("certificate-declined", format!("{} · {reason}", day(*at_us)));
        }
        Stands::Revoked { at_us, who, reason } => {
            let who = match who {
                Who::EndUser => "end_user",
                Who::Exporter => "exporter",
                Who::Officer => "officer",
            };
            let who = t.code("certificate-who", who, who);
            row("certificate-revoked", format!("{} · {who} · {reason}", day(*at_us)));
        }
        _ => {}
    }
    rows
}

fn signatures(t: &Text, certificate: &Certificate) -> Vec<SignatureRow> {
    let counting = certificate.signature();
    let row = |signature: &licensing::certificate::Signature| SignatureRow {
        name: signature.signatory.name.clone(),
        on: show::date(t, signature.on),
        until: signature.valid_until.map_or(String::new(), |last| show::date(t, last)),
        means: match &signature.means {
            Means::Link { .. } => t.get("certificate-by-link"),
            Means::Paper { form, .. } => {
                t.one("certificate-by-paper", t.code("certificate-form", form.code(), form.code()))
            }
        },
        digest: signature.sha256.clone(),
        counts: counting == Some(signature),
    };
    certificate.signatures.iter().map(row).collect()
}

fn gaps_worded(t: &Text, certificate: &Certificate, terms: &Terms, now: Timestamp) -> Vec<String> {
    let destination = certificate.statement.destination.as_str();
    let facts = CaseFacts { destinations: vec![destination], ..CaseFacts::default() };
    let found = gaps(certificate, &terms.rule, &facts, terms.day(now));
    let words = |gap: licensing::certificate::Gap| {
        let words =
            t.code("certificate-gap", gap.code.trim_start_matches("certificate_"), gap.code);
        if gap.of.is_empty() { words } else { format!("{words}: {}", gap.of) }
    };
    found.into_iter().map(words).collect()
}

fn page(
    hall: &Hall,
    visit: &Visit,
    certificate: &Certificate,
    (terms, faults): (&Terms, Vec<Fault>),
) -> Result<Response, Stop> {
    let t = visit.text();
    let standing = certificate.standing(terms.day(hall.now()));
    let text = terms.text(certificate, certificate.statement_shown(), t.language.code());
    let signature = certificate.signature();
    let name = &certificate.statement.end_user.name;
    let mut page = Page::new(hall, visit, t.one("certificate-title", name));
    page.faulty = !faults.is_empty();
    let status = if page.faulty { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let correction = certificate.correction.as_ref();
    let element = |(element, before, after): (String, String, String)| {
        (t.code("certificate-field", &element, &element), before, after)
    };
    let changed = correction.map(|after| differences(&certificate.statement, after));
    let template = CertificatePage {
        id: id_text(&certificate.id),
        standing: t.code("certificate-standing", standing.code(), standing.code()),
        tag: standing_tag(standing),
        rows: rows(t, certificate, terms),
        gaps: gaps_worded(t, certificate, terms, hall.now()),
        digest: text.sha256(),
        text,
        signatures: signatures(t, certificate),
        changed: changed.unwrap_or_default().into_iter().map(element).collect(),
        correction: correction.map_or(String::new(), |statement| statement.digest()),
        exporter: asks(visit, &certificate.applicant),
        officer: reviews(visit),
        who: if reviews(visit) { "checks" } else { "steps" },
        revoked: standing == Standing::Revoked,
        over: matches!(standing, Standing::Revoked | Standing::Declined),
        linked: certificate.link_until_us.is_some_and(|until| until > hall.now().us()),
        signed: standing == Standing::Signed,
        on_paper: signature.is_some_and(|s| matches!(s.means, Means::Paper { .. })),
        mail: !certificate.contact.email.is_empty(),
        asks: terms.rule.asks.clone(),
        languages: app::certificates::words()
            .iter()
            .map(|(code, words)| (code.clone(), words.language.clone()))
            .collect(),
        language: certificate.language.clone(),
        faults: faults.into_iter().map(|fault| worded_of_step(t, fault)).collect(),
        page,
    };
    html(status, &template)
}

/// A fault of a field that is called after its step, in the words of the field.
fn worded_of_step(t: &Text, fault: Fault) -> FieldFault {
    let field = fault.field.clone();
    let plain = STEPS.iter().find_map(|step| field.strip_prefix(step)?.strip_prefix('_'));
    let plain = plain.unwrap_or(&field).to_owned();
    FieldFault { field, ..worded(t, Fault { field: plain, ..fault }) }
}

/// Steps, each longer one before one with which it begins.
const STEPS: [&str; 9] = [
    "link_withdraw",
    "link",
    "paper_check",
    "paper",
    "disagree",
    "agree",
    "translate",
    "government",
    "revoke",
];

/// `GET /certificates/{id}`.
pub(crate) async fn show(
    State(hall): State<Hall>,
    visit: Visit,
    Path(id): Path<String>,
) -> Result<Response, Stop> {
    let certificate = found(&hall, &visit, &id).await?;
    page(&hall, &visit, &certificate, (&terms(&hall).await?, Vec::new()))
}

/// `GET /certificates/{id}/paper`: to be printed, in the language of the end user or the one asked for.
pub(crate) async fn paper(
    State(hall): State<Hall>,
    visit: Visit,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Stop> {
    let certificate = found(&hall, &visit, &id).await?;
    let terms = terms(&hall).await?;
    let language = asked.known().unwrap_or(&certificate.language).to_owned();
    let back = format!("/certificates/{}", id_text(&certificate.id));
    let path = format!("{back}/paper");
    let of = (&certificate, &terms);
    html(StatusCode::OK, &paper_page(&hall, &visit, of, (&language, &path), back))
}

type Typed = BTreeMap<String, String>;

/// `POST /certificates/{id}/steps/{step}`: what the exporter does.
pub(crate) async fn step(
    State(hall): State<Hall>,
    visit: Visit,
    Path((id, step)): Path<(String, String)>,
    Form(typed): Form<Typed>,
) -> Result<Response, Stop> {
    let certificate = found(&hall, &visit, &id).await?;
    if step != "link" {
        return taken(&hall, &visit, certificate, (Who::Exporter, &step), &typed).await;
    }
    let terms = terms(&hall).await?;
    let mail = typed.get("delivery").is_some_and(|delivery| delivery == "mail");
    let (shared, here, now) = (hall.clone(), visit.clone(), moment(hall.now())?);
    let (held, of) = (terms.clone(), certificate.id);
    let made = off_thread(move || {
        let by = (here.by(), delivery(mail));
        shared.platform.certificate_link_renew(of, by, (&held, &now))
    });
    match made.await? {
        Ok(made) => {
            hall.jobs_wake.notify_one();
            made_show(&hall, &visit, &made)
        }
        Err(error) => page(&hall, &visit, &certificate, (&terms, refused(error)?)),
    }
}

/// `POST /certificates/{id}/checks/{step}`: what the officer records.
pub(crate) async fn check(
    State(hall): State<Hall>,
    visit: Visit,
    Path((id, step)): Path<(String, String)>,
    Form(typed): Form<Typed>,
) -> Result<Response, Stop> {
    let certificate = found(&hall, &visit, &id).await?;
    taken(&hall, &visit, certificate, (Who::Officer, &step), &typed).await
}

async fn taken(
    hall: &Hall,
    visit: &Visit,
    certificate: Certificate,
    (who, step): (Who, &str),
    typed: &Typed,
) -> Result<Response, Stop> {
    let terms = terms(hall).await?;
    let given = step_typed(step, typed)?;
    let (shared, here, now, held) = (hall.clone(), visit.clone(), hall.now(), terms.clone());
    let (id, taken) = (certificate.id, step.to_owned());
    let done = off_thread(move || {
        let by = (who, here.by());
        shared.platform.certificate_step(id, by, (&taken, &given), (&held, now))
    });
    match done.await? {
        Ok(_) => {
            let to = format!("/certificates/{}", id_text(&id));
            Ok((StatusCode::SEE_OTHER, [(LOCATION, to)]).into_response())
        }
        Err(error) => {
            let faults = of_form(step, refused(error)?);
            // As it is now, where somebody else was first.
            let now = found(hall, visit, &id_text(&id)).await?;
            page(hall, visit, &now, (&terms, faults))
        }
    }
}
