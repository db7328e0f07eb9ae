//! What an end user sees behind its link: the certificate in its own language, what it may state otherwise,
//! the signature in two steps, a paper to print, and afterwards what it signed and where the case is.
//!
//! INVARIANTS: no `GET` signs or changes a statement; what is not there, over, withdrawn or replaced looks
//! the same; who asked for the certificate, and the authority, come to their own page of it instead.

use std::collections::BTreeMap;

use app::certificates::{
    CaseSeen, CertificateError, Fault, GivenCorrection, GivenQuantity, GivenStep, LinkSignature,
    Terms, correction_read, id_text, reason_read, signatory_read, words as words_of_certificates,
};
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::header::{ACCEPT_LANGUAGE, LOCATION};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use base::Timestamp;
use base::authorisation::Resource;
use licensing::Certificate;
use licensing::certificate::{
    Authority, CertificateText, Command, Part, SecondChannel, Signatory, Standing, State as Stands,
};
use serde::Deserialize;

use super::link_frame::{LinkFrame, paper_page};
use crate::certificates::{refused, terms};
use crate::config::Hall;
use crate::form::{Form, encoded};
use crate::ledger::off_thread;
use crate::link_text::{accepted, words};
use crate::page::html;
use crate::show::day_of;
use crate::stop::{FieldFault, Stop, fault};
use crate::text::Text;
use crate::visit::Visit;

/// A field of a form with its label and what stands in it.
struct LinkField {
    name: String,
    label: String,
    value: String,
    /// What a browser may fill in.
    fills: &'static str,
}

#[derive(Template)]
#[template(path = "certificate_link.html")]
struct LinkPage {
    f: LinkFrame,
    link: String,
    exporter: String,
    end_user: String,
    text: CertificateText,
    /// What was signed, word by word; empty where nothing was that counts.
    signed: Option<(String, String)>,
    digest: String,
    until: String,
    notes: Vec<String>,
    case: String,
    signs: bool,
    declines: bool,
    revokes: bool,
    fields: Vec<LinkField>,
    asks_authority: bool,
    authority_stated: bool,
    corrections: Vec<LinkField>,
    faults: Vec<FieldFault>,
}

#[derive(Template)]
#[template(path = "certificate_check.html")]
struct CheckPage {
    f: LinkFrame,
    link: String,
    exporter: String,
    text: CertificateText,
    digest: String,
    rows: Vec<(String, String)>,
    hidden: Vec<(&'static str, String)>,
    asks_code: bool,
    faults: Vec<FieldFault>,
}

#[derive(Template)]
#[template(path = "certificate_gone.html")]
struct GonePage {
    f: LinkFrame,
}

/// In which language the page is asked for.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    lang: String,
}

impl Asked {
    /// The language, where it is one of ours.
    pub(crate) fn known(&self) -> Option<&str> {
        words_of_certificates().contains_key(&self.lang).then_some(self.lang.as_str())
    }
}

/// What was typed, with the language in which the page was read.
type Typed = BTreeMap<String, String>;

/// A link that works, and what it leads to.
struct Seen {
    link: String,
    certificate: Certificate,
    until: Timestamp,
    terms: Terms,
    language: String,
}

impl Seen {
    fn path(&self) -> String {
        format!("/certificate/{}", encoded(&self.link))
    }

    fn text(&self) -> CertificateText {
        let statement = self.certificate.statement_shown();
        self.terms.text(&self.certificate, statement, &self.language)
    }

    fn frame(&self, hall: &Hall, visit: &Visit, title: String) -> LinkFrame {
        LinkFrame::new(hall, visit, (&self.language, title), &self.path())
    }

    fn exporter(&self) -> String {
        self.certificate.statement.exporter.name.clone()
    }

    /// Back to its page.
    fn again(&self) -> Response {
        let to = format!("{}?lang={}", self.path(), self.language);
        (StatusCode::SEE_OTHER, [(LOCATION, to)]).into_response()
    }
}

/// What a link leads to; otherwise the answer that its visitor gets.
async fn seen(
    hall: &Hall,
    visit: &Visit,
    headers: &HeaderMap,
    (link, language): (String, &str),
) -> Result<Result<Box<Seen>, Response>, Stop> {
    // Nobody has an account here, so that it is counted by address.
    hall.linking.take(visit.address(), hall.now()).map_err(Stop::TooMany)?;
    let terms = terms(hall).await?;
    let (shared, text, now) = (hall.clone(), link.clone(), hall.now());
    let found = off_thread(move || shared.platform.certificate_by_link(&text, now)).await?;
    let known = |code: &str| words_of_certificates().contains_key(code);
    let (certificate, until) = match found {
        Ok(found) => found,
        Err(CertificateError::Unknown) => {
            let header = headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
            let code = if known(language) { language } else { accepted(header.unwrap_or("")) };
            return Ok(Err(gone(hall, visit, code)?));
        }
        Err(error) => return Err(fault(&error)),
    };
    if visit.allow(Resource::CertificateLink(&certificate.applicant)).is_err() {
        let to = format!("/certificates/{}", id_text(&certificate.id));
        return Ok(Err((StatusCode::SEE_OTHER, [(LOCATION, to)]).into_response()));
    }
    let language = if known(language) { language } else { &certificate.language }.to_owned();
    Ok(Ok(Box::new(Seen { link, certificate, until, terms, language })))
}

fn gone(hall: &Hall, visit: &Visit, code: &str) -> Result<Response, Stop> {
    let title = words(code).get("link-gone-title");
    let path = visit.here.split('?').next().unwrap_or("/").to_owned();
    let f = LinkFrame::new(hall, visit, (code, title), &path);
    html(StatusCode::NOT_FOUND, &GonePage { f })
}

/// A fault in the language of the end user.
fn worded(w: &Text, end_user: &str, fault: Fault) -> FieldFault {
    let code = match fault.code {
        "text_empty" | "missing" | "quantity_blank" => "missing",
        "text_form" => "email",
        code if code.starts_with("text_") && code != "text_changed" => "text",
        code if code.starts_with("quantity_") || code == "unknown" => "amount",
        code => code,
    };
    let message = w.code("link-fault", code, &fault.message);
    let label = match fault.field.as_str() {
        "signs_for" => w.one("link-signs_for", end_user),
        // Reasons are called alike, wherever they are given, and stand beside their label.
        field if field.ends_with("_reason") => String::new(),
        field => w.code("link", field, ""),
    };
    let named = matches!(code, "missing" | "text" | "email") && !label.is_empty();
    let message = if named { w.two("link-fault-of", label, message) } else { message };
    FieldFault { field: fault.field, code: fault.code, message, accepted: fault.accepted }
}

fn notes(seen: &Seen, standing: Standing) -> Vec<String> {
    let (w, certificate, exporter) = (words(&seen.language), &seen.certificate, seen.exporter());
    let mut notes = Vec::new();
    let waiting = certificate.signature_waiting().map(|signature| &signature.signatory.name);
    match (standing, waiting, certificate.signature()) {
        (Standing::Signed, _, Some(signature)) => {
            notes.push(w.two("link-signed", &signature.signatory.name, signature.on));
            if let Some(last) = signature.valid_until {
                notes.push(w.one("link-valid", last));
            }
            notes.push(w.get("link-signed-text"));
        }
        (Standing::Corrected, Some(name), _) => notes.push(w.two("link-waiting", name, exporter)),
        (Standing::Corrected, None, _) => notes.push(w.one("link-corrected", exporter)),
        (Standing::Expired, ..) => notes.push(w.get("link-expired")),
        (Standing::Void, ..) => notes.push(w.get("link-void")),
        _ => {
            if !certificate.correction_refused.is_empty() {
                let why = &certificate.correction_refused;
                notes.push(w.two("link-correction-refused", exporter, why));
            }
        }
    }
    match &certificate.state {
        Stands::Declined { reason, .. } => notes.push(w.one("link-declined", reason)),
        Stands::Revoked { reason, .. } => notes.push(w.one("link-revoked", reason)),
        _ => {}
    }
    notes
}

/// The fields of the signature that the pack asks for.
fn fields(seen: &Seen, typed: &Typed) -> Vec<LinkField> {
    let w = words(&seen.language);
    let asked = [
        ("name", "link-name", "name"),
        ("position", "link-position", "organization-title"),
        ("email", "link-email", "email"),
        ("place", "link-place", "off"),
    ];
    let asked = asked.into_iter();
    asked
        .filter(|(field, ..)| *field == "name" || seen.terms.rule.asks(field))
        .map(|(field, label, fills)| LinkField {
            name: field.to_owned(),
            label: w.get(label),
            value: typed.get(field).cloned().unwrap_or_default(),
            fills,
        })
        .collect()
}

/// What may be stated otherwise, as it is stated or as it was typed.
fn corrections(seen: &Seen, typed: &Typed) -> Vec<LinkField> {
    let w = words(&seen.language);
    let own = words_of_certificates().get(&seen.language);
    let label = |code: &str| own.and_then(|words| words.labels.get(code)).cloned();
    let statement = seen.certificate.statement_shown();
    let mut rows = Vec::new();
    let mut field = |name: String, label: String, stated: String| {
        let value = typed.get(&name).cloned().unwrap_or(stated);
        rows.push(LinkField { name, label, value, fills: "off" });
    };
    for (number, good) in statement.goods.iter().enumerate() {
        for (place, quantity) in good.quantities.iter().enumerate() {
            let code = quantity.unit.to_string();
            let (kind, of) = code.split_once(':').unwrap_or((&code, ""));
            let kind = label(kind).unwrap_or_else(|| kind.to_owned());
            let kind = if of.is_empty() { kind } else { format!("{kind} {of}") };
            let shown = w.three("link-amount", &good.name, kind, unit_name(&code));
            field(format!("amount_{number}_{place}"), shown, quantity.decimal().to_string());
        }
    }
    let uses = [
        ("end_use", &statement.end_use),
        ("use_place", &statement.use_place),
        ("end_product", &statement.end_product),
    ];
    for (name, stated) in uses {
        if name == "end_use" || seen.terms.rule.asks(name) {
            let shown = label(name).unwrap_or_else(|| name.to_owned());
            field(name.to_owned(), shown, stated.clone());
        }
    }
    rows
}

/// In what an amount is typed.
fn unit_name(code: &str) -> &str {
    match code.split_once(':') {
        Some(("value", currency)) => currency,
        None if code == "pieces" => "pcs",
        _ => "kg",
    }
}

fn page(
    hall: &Hall,
    visit: &Visit,
    seen: &Seen,
    typed: &Typed,
    faults: Vec<Fault>,
) -> Result<Response, Stop> {
    let certificate = &seen.certificate;
    let standing = certificate.standing(seen.terms.day(hall.now()));
    let (w, end_user) = (words(&seen.language), certificate.statement.end_user.name.as_str());
    let case = hall.platform.certificate_case_seen(certificate).map_err(|error| fault(&error))?;
    let case = match case {
        CaseSeen::Decided => w.one("link-case-decided", seen.exporter()),
        other => w.code("link-case", other.code(), other.code()),
    };
    let text = seen.text();
    let mut f = seen.frame(hall, visit, text.title.clone());
    f.faulty = !faults.is_empty();
    let over = matches!(standing, Standing::Declined | Standing::Revoked | Standing::Signed);
    let waits = certificate.signature_waiting().is_some();
    let signed = certificate.signature().filter(|_| over);
    let tag = |code: &str| words_of_certificates().get(code).map(|words| words.tag.clone());
    let status = if f.faulty { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let template = LinkPage {
        link: encoded(&seen.link),
        exporter: seen.exporter(),
        end_user: end_user.to_owned(),
        digest: signed.map_or_else(|| text.sha256(), |signature| signature.sha256.clone()),
        signed: signed.map(|signature| {
            (tag(&signature.language).unwrap_or_default(), signature.text.clone())
        }),
        until: day_of(seen.until).to_string(),
        notes: notes(seen, standing),
        case,
        signs: !over && !waits,
        declines: !over && standing != Standing::Expired,
        revokes: matches!(standing, Standing::Signed | Standing::Expired),
        fields: fields(seen, typed),
        asks_authority: seen.terms.rule.asks("authority"),
        authority_stated: typed.get("signs_for").is_some_and(|stated| stated == "stated"),
        corrections: corrections(seen, typed),
        faults: faults.into_iter().map(|fault| worded(w, end_user, fault)).collect(),
        text,
        f,
    };
    html(status, &template)
}

/// `GET /certificate/{secret}`: the certificate, in the language of the end user or the one asked for.
pub(crate) async fn show(
    State(hall): State<Hall>,
    visit: Visit,
    headers: HeaderMap,
    Path(link): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Stop> {
    let seen = match seen(&hall, &visit, &headers, (link, &asked.lang)).await? {
        Ok(seen) => seen,
        Err(answer) => return Ok(answer),
    };
    if seen.certificate.state == Stands::Asked {
        let (shared, link) = (hall.clone(), seen.link.clone());
        let (terms, now) = (seen.terms.clone(), hall.now());
        let opened =
            off_thread(move || shared.platform.certificate_link_open(&link, (&terms, now)));
        opened.await?.map_err(|error| fault(&error))?;
    }
    page(&hall, &visit, &seen, &Typed::new(), Vec::new())
}

/// `GET /certificate/{secret}/paper`: the same to be printed and signed by hand.
pub(crate) async fn paper(
    State(hall): State<Hall>,
    visit: Visit,
    headers: HeaderMap,
    Path(link): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Stop> {
    let seen = match seen(&hall, &visit, &headers, (link, &asked.lang)).await? {
        Ok(seen) => seen,
        Err(answer) => return Ok(answer),
    };
    let path = format!("{}/paper", seen.path());
    let back = format!("{}?lang={}", seen.path(), seen.language);
    let languages = (seen.language.as_str(), path.as_str());
    html(
        StatusCode::OK,
        &paper_page(&hall, &visit, (&seen.certificate, &seen.terms), languages, back),
    )
}

fn given(typed: &Typed, prefix: &str) -> GivenStep {
    let of = |name: &str| typed.get(&format!("{prefix}{name}")).cloned().unwrap_or_default();
    GivenStep {
        reason: of("reason"),
        name: of("name"),
        position: of("position"),
        email: of("email"),
        place: of("place"),
        signs_for: of("signs_for"),
        ..GivenStep::default()
    }
}

fn check(
    hall: &Hall,
    visit: &Visit,
    seen: &Seen,
    signatory: &Signatory,
    (typed, faults): (&Typed, Vec<Fault>),
) -> Result<Response, Stop> {
    let w = words(&seen.language);
    let end_user = seen.certificate.statement.end_user.name.as_str();
    let text = seen.text();
    let mut f = seen.frame(hall, visit, w.get("link-check-title"));
    f.faulty = !faults.is_empty();
    let status = if f.faulty { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let mut rows: Vec<(String, String)> = vec![
        (w.get("link-name"), signatory.name.clone()),
        (w.get("link-position"), signatory.position.clone()),
        (w.get("link-email"), signatory.email.clone()),
        (w.get("link-place"), signatory.place.clone()),
    ];
    rows.retain(|row| !row.1.is_empty());
    if signatory.authority == Authority::Stated {
        let stated = w.one("link-signs_for", end_user);
        rows.push((stated, "✓".to_owned()));
    }
    let digest = text.sha256();
    let mut hidden = vec![("lang", seen.language.clone()), ("seen", digest.clone())];
    for name in ["name", "position", "email", "place", "signs_for"] {
        hidden.push((name, typed.get(name).cloned().unwrap_or_default()));
    }
    let template = CheckPage {
        link: encoded(&seen.link),
        exporter: seen.exporter(),
        digest,
        rows,
        hidden,
        asks_code: seen.certificate.second == SecondChannel::Code,
        faults: faults.into_iter().map(|fault| worded(w, end_user, fault)).collect(),
        text,
        f,
    };
    html(status, &template)
}

/// `POST /certificate/{secret}/check`: everything once more, before it is signed; signs nothing.
pub(crate) async fn confirm(
    State(hall): State<Hall>,
    visit: Visit,
    headers: HeaderMap,
    Path(link): Path<String>,
    Form(typed): Form<Typed>,
) -> Result<Response, Stop> {
    let language = typed.get("lang").map_or("", String::as_str);
    let seen = match seen(&hall, &visit, &headers, (link, language)).await? {
        Ok(seen) => seen,
        Err(answer) => return Ok(answer),
    };
    match signatory_read(&given(&typed, ""), &seen.terms) {
        Ok(signatory) => check(&hall, &visit, &seen, &signatory, (&typed, Vec::new())),
        Err(faults) => page(&hall, &visit, &seen, &typed, faults),
    }
}

/// `POST /certificate/{secret}/sign`: signs the text that was shown.
pub(crate) async fn sign(
    State(hall): State<Hall>,
    visit: Visit,
    headers: HeaderMap,
    Path(link): Path<String>,
    Form(typed): Form<Typed>,
) -> Result<Response, Stop> {
    let language = typed.get("lang").map_or("", String::as_str);
    let seen = match seen(&hall, &visit, &headers, (link, language)).await? {
        Ok(seen) => seen,
        Err(answer) => return Ok(answer),
    };
    let signatory = match signatory_read(&given(&typed, ""), &seen.terms) {
        Ok(signatory) => signatory,
        Err(faults) => return page(&hall, &visit, &seen, &typed, faults),
    };
    let (shared, now) = (hall.clone(), hall.now());
    let (link, terms) = (seen.link.clone(), seen.terms.clone());
    let (language, signs, by) = (seen.language.clone(), typed.clone(), signatory.clone());
    let done = off_thread(move || {
        let of = |name: &str| signs.get(name).map_or("", String::as_str);
        let signed = LinkSignature {
            signatory: &by,
            seen: of("seen"),
            language: &language,
            code: of("code"),
        };
        shared.platform.certificate_link_sign(&link, &signed, (&terms, now))
    })
    .await?;
    let faults = match done {
        Ok(_) => return Ok(seen.again()),
        // The last wrong code ends the link.
        Err(CertificateError::Unknown) => return gone(&hall, &visit, &seen.language),
        Err(error) => refused(error)?,
    };
    if faults.iter().any(|fault| fault.code == "code") {
        return check(&hall, &visit, &seen, &signatory, (&typed, faults));
    }
    anew(&hall, &visit, &headers, (seen, &typed), faults).await
}

/// The page as it is now, with what was refused.
async fn anew(
    hall: &Hall,
    visit: &Visit,
    headers: &HeaderMap,
    (before, typed): (Box<Seen>, &Typed),
    faults: Vec<Fault>,
) -> Result<Response, Stop> {
    match seen(hall, visit, headers, (before.link, &before.language)).await? {
        Ok(seen) => page(hall, visit, &seen, typed, faults),
        Err(answer) => Ok(answer),
    }
}

/// Does something by a link, and shows how it stands then.
async fn done(
    hall: &Hall,
    visit: &Visit,
    headers: &HeaderMap,
    (seen, typed): (Box<Seen>, &Typed),
    command: Result<Command, Vec<Fault>>,
) -> Result<Response, Stop> {
    let command = match command {
        Ok(command) => command,
        Err(faults) => return page(hall, visit, &seen, typed, faults),
    };
    let (shared, now) = (hall.clone(), hall.now());
    let (link, terms) = (seen.link.clone(), seen.terms.clone());
    let worked = off_thread(move || {
        shared.platform.certificate_link_do(&link, &|_| command.clone(), (&terms, now))
    });
    match worked.await? {
        Ok(_) => Ok(seen.again()),
        Err(error) => {
            let faults = refused(error)?;
            anew(hall, visit, headers, (seen, typed), faults).await
        }
    }
}

/// What was typed as a correction, in the units that are stated.
fn correction(seen: &Seen, typed: &Typed) -> GivenCorrection {
    let of = |name: &str| typed.get(name).cloned().unwrap_or_default();
    let statement = seen.certificate.statement_shown();
    let amounts = |(number, good): (usize, &licensing::certificate::GoodStated)| {
        let amount = |(place, quantity): (usize, &licensing::Quantity)| GivenQuantity {
            unit: quantity.unit.to_string(),
            amount: of(&format!("amount_{number}_{place}")),
        };
        (good.key.clone(), good.quantities.iter().enumerate().map(amount).collect())
    };
    GivenCorrection {
        goods: statement.goods.iter().enumerate().map(amounts).collect(),
        end_use: of("end_use"),
        use_place: of("use_place"),
        end_product: of("end_product"),
    }
}

/// `POST /certificate/{secret}/correct`: states something otherwise; signs nothing.
pub(crate) async fn correct(
    State(hall): State<Hall>,
    visit: Visit,
    headers: HeaderMap,
    Path(link): Path<String>,
    Form(typed): Form<Typed>,
) -> Result<Response, Stop> {
    let language = typed.get("lang").map_or("", String::as_str);
    let seen = match seen(&hall, &visit, &headers, (link, language)).await? {
        Ok(seen) => seen,
        Err(answer) => return Ok(answer),
    };
    let read = correction_read(&seen.certificate, &correction(&seen, &typed), &seen.terms);
    done(&hall, &visit, &headers, (seen, &typed), read.map(Command::Correct)).await
}

/// `POST /certificate/{secret}/decline`.
pub(crate) async fn decline(
    State(hall): State<Hall>,
    visit: Visit,
    headers: HeaderMap,
    Path(link): Path<String>,
    Form(typed): Form<Typed>,
) -> Result<Response, Stop> {
    let language = typed.get("lang").map_or("", String::as_str);
    let seen = match seen(&hall, &visit, &headers, (link, language)).await? {
        Ok(seen) => seen,
        Err(answer) => return Ok(answer),
    };
    let read = reason_read(&given(&typed, "decline_")).map_err(|faults| of_form("decline", faults));
    done(&hall, &visit, &headers, (seen, &typed), read.map(Command::Decline)).await
}

/// `POST /certificate/{secret}/revoke`: takes back what was signed.
pub(crate) async fn revoke(
    State(hall): State<Hall>,
    visit: Visit,
    headers: HeaderMap,
    Path(link): Path<String>,
    Form(typed): Form<Typed>,
) -> Result<Response, Stop> {
    let language = typed.get("lang").map_or("", String::as_str);
    let seen = match seen(&hall, &visit, &headers, (link, language)).await? {
        Ok(seen) => seen,
        Err(answer) => return Ok(answer),
    };
    let read = reason_read(&given(&typed, "revoke_")).map_err(|faults| of_form("revoke", faults));
    done(&hall, &visit, &headers, (seen, &typed), read.map(Command::Revoke)).await
}

/// Faults under the names that the fields of one form have.
pub(crate) fn of_form(form: &str, mut faults: Vec<Fault>) -> Vec<Fault> {
    for fault in &mut faults {
        fault.field = format!("{form}_{}", fault.field);
    }
    faults
}
