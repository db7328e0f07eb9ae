//! Certificates of end users over the API: asking for them, what is recorded of them, how they stand. Signing
//! is for people: an end user comes by its link to a page.

use app::certificates::{
    Delivery, Given, GivenGood, GivenParty, GivenQuantity, GivenStep, LinkMade, Terms, id_text,
    purpose_parse,
};
use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use base::Timestamp;
use base::authorisation::Resource;
use licensing::Certificate;
use licensing::certificate::{
    Authority, Means, PaperForm, Seal, SecondChannel, Signature, Who, gaps,
};
use licensing::rules::CaseFacts;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::file::{done_once, key_read};
use super::law::body;
use super::{Problem, json};
use crate::certificates::{stop, terms};
use crate::config::{Hall, Shared};
use crate::ledger::off_thread;
use crate::pages::certificate::found;
use crate::pages::certificates::listed;
use crate::secret::moment;
use crate::stop::{Stop, fault};
use crate::visit::Visit;

/// Which certificates.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(crate) struct CertificatesAsked {
    /// Number of a case; absent: all of the own party, the newest first, 50 at a time.
    #[param(required = false)]
    case: String,
    /// Those asked for before this one: `next` of the page before.
    #[param(required = false)]
    before: String,
}

/// A party as it is stated.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct CertificateParty {
    /// Its key in the application; empty where it has none.
    key: String,
    /// Name in Latin letters.
    name: String,
    /// Name in its own script.
    local_name: String,
    /// Country or area, ISO 3166-1 alpha-2.
    country: String,
    /// Address.
    address: String,
}

/// A quantity.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct CertificateQuantity {
    /// `net_mass`, `content:Dy`, `oxide:Dy`, `pieces`, `value:XTS`.
    unit: String,
    /// Digits and at most one decimal point, in kg, pieces or the currency.
    amount: String,
}

/// A good.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct CertificateGood {
    /// Its key in the application; empty where it has none.
    key: String,
    /// Name as on the invoice.
    name: String,
    /// HS or CN code.
    hs: String,
    /// How much, each unit once.
    quantities: Vec<CertificateQuantity>,
}

/// A certificate to be asked for.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct CertificateAsk {
    /// For what it is used, and for nothing else: `draft/<key>`, `case/<number>`, or `open`.
    #[serde(rename = "for")]
    purpose: String,
    /// Who uses the goods.
    end_user: CertificateParty,
    /// Who receives them.
    consignee: CertificateParty,
    /// Country or area of destination.
    destination: String,
    /// What it covers.
    goods: Vec<CertificateGood>,
    /// Key of the end use in the application.
    end_use_key: String,
    /// The end use, in words.
    end_use: String,
    /// Where the goods are used, where the law asks.
    use_place: String,
    /// What is made of them, where the law asks.
    end_product: String,
    /// Language of the end user; empty: that of its country.
    language: String,
    /// Whom to ask.
    contact_name: String,
    /// E-mail address; needed where the link goes by mail.
    contact_email: String,
    /// `hand` or `mail`.
    delivery: String,
    /// `code` where a code goes another way.
    second: String,
}

/// A link that was made: only its hash is kept, so that it is told this once.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CertificateLink {
    /// Id of the certificate.
    id: String,
    /// Address of the end user's page, on this installation.
    link: String,
    /// The code to be told another way; null where there is none.
    code: Option<String>,
    /// Until when the link works (RFC 3339).
    until: String,
}

/// A signature.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CertificateSignature {
    /// Name of the signatory.
    name: String,
    /// Its position; empty where it is not asked.
    position: String,
    /// Its e-mail address; empty where it is not asked.
    email: String,
    /// Where it was signed; empty where it is not asked.
    place: String,
    /// Whether it states to have the authority to sign.
    authority_stated: bool,
    /// The day (ISO 8601).
    on: String,
    /// The last day on which it counts; null where there is no end.
    valid_until: Option<String>,
    /// `link` or `paper`.
    means: &'static str,
    /// Of a paper `copy` or `original`; null otherwise.
    form: Option<&'static str>,
    /// Language of the text.
    language: String,
    /// SHA-256 of the text that was signed.
    sha256: String,
    /// Whether it stands under what is stated now.
    counts: bool,
}

/// A certificate.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CertificateAnswer {
    /// Its id.
    id: String,
    /// The applicant, `scheme:value`.
    applicant: String,
    /// `draft/<key>`, `case/<number>`, or `open`.
    #[serde(rename = "for")]
    purpose: String,
    /// `asked`, `opened`, `corrected`, `signed`, `void`, `declined`, `revoked` or `expired`, today.
    standing: &'static str,
    /// `paper`, `link`, `link_and_code`, `paper_checked` or `government`; null where nobody signed.
    assurance: Option<&'static str>,
    /// Codes of what it still lacks; empty where it is complete.
    gaps: Vec<String>,
    /// When it was asked for (RFC 3339).
    asked: String,
    /// Until when its link works (RFC 3339); null where there is none, or it is signed: then the link is kept
    /// for as long as what was signed.
    link_until: Option<String>,
    /// Language of the end user.
    language: String,
    /// Who uses the goods.
    end_user: CertificateParty,
    /// Who receives them.
    consignee: CertificateParty,
    /// Country or area of destination.
    destination: String,
    /// What it covers.
    goods: Vec<CertificateGood>,
    /// The end use, in words.
    end_use: String,
    /// Codes of promises.
    promises: Vec<String>,
    /// SHA-256 of the statement, to be given to the step `agree`; null where the end user states nothing
    /// otherwise.
    correction: Option<String>,
    /// Whether a seal was seen; null where nobody looked.
    seal: Option<bool>,
    /// Whether the original is here.
    original: bool,
    /// Languages into which it was translated.
    translations: Vec<String>,
    /// The government authority that certified it; null where none did.
    government: Option<String>,
    /// All signatures, the oldest first.
    signatures: Vec<CertificateSignature>,
}

/// Several certificates.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CertificatesAnswer {
    /// The certificates.
    certificates: Vec<CertificateAnswer>,
    /// For `before`, where there are older ones; null otherwise.
    next: Option<String>,
}

/// A step on a certificate; each takes the fields that it needs.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct CertificateStep {
    /// Of the exporter: `agree`, `disagree`, `link_withdraw`, `paper`, `translate`, `revoke`; of an officer:
    /// `paper`, `paper_check`, `original`, `translate`, `government`, `revoke`.
    step: String,
    /// Why: for `revoke` and `disagree`.
    reason: String,
    /// SHA-256 of the statement that was seen: for `agree`.
    seen: String,
    /// Language of a paper or translation.
    language: String,
    /// SHA-256 of a scan or translation; empty where none is kept.
    document: String,
    /// `seen` where the paper has a seal.
    seal: String,
    /// `copy` or `original`.
    form: String,
    /// The day of the paper, or of what the government said (ISO 8601).
    on: String,
    /// The certifying authority.
    authority: String,
    /// Its reference.
    reference: String,
    /// Name of the signatory.
    name: String,
    /// Its position.
    position: String,
    /// Its e-mail address.
    email: String,
    /// Where it was signed.
    place: String,
    /// `stated` where the signatory states to have the authority to sign.
    signs_for: String,
}

/// A new link is to be made.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct CertificateLinkAsk {
    /// `hand` or `mail`.
    delivery: String,
}

fn party(stated: &licensing::certificate::PartyStated) -> CertificateParty {
    CertificateParty {
        key: stated.key.clone(),
        name: stated.name.clone(),
        local_name: stated.local_name.clone(),
        country: stated.country.clone(),
        address: stated.address.clone(),
    }
}

fn good(stated: &licensing::certificate::GoodStated) -> CertificateGood {
    let quantity = |quantity: &licensing::Quantity| CertificateQuantity {
        unit: quantity.unit.to_string(),
        amount: quantity.decimal().to_string(),
    };
    CertificateGood {
        key: stated.key.clone(),
        name: stated.name.clone(),
        hs: stated.hs.clone(),
        quantities: stated.quantities.iter().map(quantity).collect(),
    }
}

fn signature(certificate: &Certificate, signature: &Signature) -> CertificateSignature {
    let by = &signature.signatory;
    let (means, form) = match &signature.means {
        Means::Link { second: SecondChannel::None | SecondChannel::Code } => ("link", None),
        Means::Paper { form: PaperForm::Copy, .. } => ("paper", Some("copy")),
        Means::Paper { form: PaperForm::Original, .. } => ("paper", Some("original")),
    };
    CertificateSignature {
        name: by.name.clone(),
        position: by.position.clone(),
        email: by.email.clone(),
        place: by.place.clone(),
        authority_stated: by.authority == Authority::Stated,
        on: signature.on.to_string(),
        valid_until: signature.valid_until.map(|last| last.to_string()),
        means,
        form,
        language: signature.language.clone(),
        sha256: signature.sha256.clone(),
        counts: certificate.signature() == Some(signature),
    }
}

fn told(certificate: &Certificate, terms: &Terms, now: Timestamp) -> CertificateAnswer {
    let today = terms.day(now);
    let stated = &certificate.statement;
    let facts =
        CaseFacts { destinations: vec![stated.destination.as_str()], ..CaseFacts::default() };
    let instant = |us: i64| Timestamp::from_us(us).to_string();
    let unsigned = certificate.signature().is_none().then_some(());
    let gap = |gap: licensing::certificate::Gap| match gap.of.as_str() {
        "" => gap.code.to_owned(),
        of => format!("{}:{of}", gap.code),
    };
    CertificateAnswer {
        id: id_text(&certificate.id),
        applicant: certificate.applicant.clone(),
        purpose: certificate.purpose.code(),
        standing: certificate.standing(today).code(),
        assurance: certificate.assurance().map(licensing::certificate::Assurance::code),
        gaps: gaps(certificate, &terms.rule, &facts, today).into_iter().map(gap).collect(),
        asked: instant(certificate.asked_at_us),
        link_until: unsigned.and(certificate.link_until_us).map(instant),
        language: certificate.language.clone(),
        end_user: party(&stated.end_user),
        consignee: party(&stated.consignee),
        destination: stated.destination.clone(),
        goods: stated.goods.iter().map(good).collect(),
        end_use: stated.end_use.clone(),
        promises: stated.promises.clone(),
        correction: certificate.correction.as_ref().map(|statement| statement.digest()),
        seal: certificate.seal.map(|seal| seal == Seal::Seen),
        original: certificate.original.is_some(),
        translations: certificate.translations.iter().map(|(into, _)| into.clone()).collect(),
        government: certificate.government.as_ref().map(|said| said.authority.clone()),
        signatures: certificate.signatures.iter().map(|one| signature(certificate, one)).collect(),
    }
}

/// Certificates of end users: those of a case, or all of the own party.
#[utoipa::path(
    get,
    path = "/api/v1/certificates",
    operation_id = "certificates",
    tag = "certificate",
    params(CertificatesAsked),
    responses(
        (status = 200, description = "The certificates", body = CertificatesAnswer),
        (status = 404, description = "No such case, or not for this account", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn list(
    State(hall): State<Hall>,
    visit: Visit,
    headers: HeaderMap,
    Query(asked): Query<CertificatesAsked>,
) -> Result<Response, Stop> {
    let before = asked.before.parse::<i64>().unwrap_or(i64::MAX);
    let found = listed(&hall, &visit, asked.case.trim(), before).await?;
    let terms = terms(&hall).await?;
    let last = found.last().filter(|_| asked.case.is_empty());
    let answer = CertificatesAnswer {
        next: last.map(|last| last.asked_at_us.to_string()),
        certificates: found.iter().map(|one| told(one, &terms, hall.now())).collect(),
    };
    json(&headers, &answer)
}

/// A certificate, how it stands, and what it still lacks.
#[utoipa::path(
    get,
    path = "/api/v1/certificates/{id}",
    operation_id = "certificate",
    tag = "certificate",
    params(("id" = String, Path, description = "Id of the certificate")),
    responses(
        (status = 200, description = "The certificate", body = CertificateAnswer),
        (status = 404, description = "No such certificate, or not for this account", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn show(
    State(hall): State<Hall>,
    visit: Visit,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<Response, Stop> {
    let certificate = found(&hall, &visit, &id).await?;
    json(&headers, &told(&certificate, &terms(&hall).await?, hall.now()))
}

fn given(asked: CertificateAsk) -> Given {
    let party = |party: CertificateParty| GivenParty {
        key: party.key,
        name: party.name,
        local_name: party.local_name,
        country: party.country,
        address: party.address,
    };
    let quantity = |quantity: CertificateQuantity| GivenQuantity {
        unit: quantity.unit,
        amount: quantity.amount,
    };
    let good = |good: CertificateGood| GivenGood {
        key: good.key,
        name: good.name,
        hs: good.hs,
        quantities: good.quantities.into_iter().map(quantity).collect(),
    };
    Given {
        end_user: party(asked.end_user),
        consignee: party(asked.consignee),
        destination: asked.destination,
        goods: asked.goods.into_iter().map(good).collect(),
        end_use_key: asked.end_use_key,
        end_use: asked.end_use,
        use_place: asked.use_place,
        end_product: asked.end_product,
        language: asked.language,
        contact_name: asked.contact_name,
        contact_email: asked.contact_email,
    }
}

/// How a link goes, and whether a code goes another way; what is neither is told.
fn way(delivery: &str, second: &str) -> Result<(SecondChannel, Delivery), Stop> {
    let delivery = match delivery {
        "" | "hand" => Delivery::Hand,
        "mail" => Delivery::Mail,
        other => {
            let message = format!("`{other}` is no way to deliver a link");
            return Err(Stop::field("delivery", "delivery", message, "`hand` or `mail`"));
        }
    };
    match second {
        "" | "none" => Ok((SecondChannel::None, delivery)),
        "code" => Ok((SecondChannel::Code, delivery)),
        other => {
            let message = format!("`{other}` is no second channel");
            Err(Stop::field("second", "second", message, "`code`, or nothing"))
        }
    }
}

fn made_told(shared: &Shared, made: LinkMade) -> Result<(u16, String), Stop> {
    shared.jobs_wake.notify_one();
    let origin = shared.config.public_url.as_ref().map_or(String::new(), |url| url.origin().into());
    let link = CertificateLink {
        id: id_text(&made.id),
        link: format!("{origin}/certificate/{}", made.link),
        code: made.code,
        until: made.until.to_string(),
    };
    let body = serde_json::to_string(&link).map_err(|error| fault(&error))?;
    Ok((StatusCode::CREATED.as_u16(), body))
}

/// Asks an end user for a certificate; tells the link this once. What is wrong is told all at once.
#[utoipa::path(
    post,
    path = "/api/v1/certificates",
    operation_id = "certificate_ask",
    tag = "certificate",
    params(
        ("Idempotency-Key" = Option<String>, Header, description = "1 to 128 visible ASCII characters; \
            the same request with the same key gets the first answer for 24 hours, another request \
            with it is refused"),
    ),
    request_body = CertificateAsk,
    responses(
        (status = 201, description = "Asked for, with its link", body = CertificateLink),
        (status = 404, description = "Not for this account, or no such draft or case", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "The key is being worked on right now (`key_busy`)", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "It cannot be taken: `errors` says why (`fields`), or the key \
            was used for another request (`key_reused`)", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn ask(
    State(hall): State<Hall>,
    visit: Visit,
    headers: HeaderMap,
    asked: Result<Json<CertificateAsk>, JsonRejection>,
) -> Result<Response, Stop> {
    visit.allow(Resource::Book(&visit.actor.party))?;
    let key = key_read(&headers).map_err(|fault| Stop::Fields(vec![fault]))?;
    let asked = body(asked)?;
    let digest = digest_of("certificate", &asked)?;
    let way = way(&asked.delivery, &asked.second)?;
    let purpose = purpose_parse(&asked.purpose).ok_or_else(|| {
        let message = format!("`{}` is nothing that a certificate is for", asked.purpose);
        Stop::field("for", "for", message, "`draft/<key>`, `case/<number>` or `open`")
    })?;
    let (terms, now) = (terms(&hall).await?, moment(hall.now())?);
    let (shared, here, given) = (hall.clone(), visit.clone(), given(asked));
    let work = move || {
        let party = (here.actor.party.as_str(), here.by());
        let asked = (&given, &purpose);
        let made = shared.platform.certificate_ask(party, asked, way, (&terms, &now));
        made_told(&shared, made.map_err(stop)?)
    };
    done_once(&hall, &visit, (key, digest), work).await
}

/// All that a request asks for, as a text.
fn digest_of(what: &str, asked: &impl Serialize) -> Result<String, Stop> {
    let asked = serde_json::to_string(asked).map_err(|error| fault(&error))?;
    Ok(format!("{what} {asked}"))
}

/// Makes a new link to a certificate; the one before no longer works.
#[utoipa::path(
    post,
    path = "/api/v1/certificates/{id}/links",
    operation_id = "certificate_link",
    tag = "certificate",
    params(
        ("id" = String, Path, description = "Id of the certificate"),
        ("Idempotency-Key" = Option<String>, Header, description = "1 to 128 visible ASCII characters; \
            the same request with the same key gets the first answer for 24 hours, another request \
            with it is refused"),
    ),
    request_body = CertificateLinkAsk,
    responses(
        (status = 201, description = "The link", body = CertificateLink),
        (status = 404, description = "No such certificate, or not for this account", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "The key is being worked on right now (`key_busy`)", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "It is not made: `errors` says why (`fields`), or the key \
            was used for another request (`key_reused`)", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn link(
    State(hall): State<Hall>,
    visit: Visit,
    headers: HeaderMap,
    Path(id): Path<String>,
    asked: Result<Json<CertificateLinkAsk>, JsonRejection>,
) -> Result<Response, Stop> {
    let certificate = found(&hall, &visit, &id).await?;
    let key = key_read(&headers).map_err(|fault| Stop::Fields(vec![fault]))?;
    let asked = body(asked)?;
    let (_, delivery) = way(&asked.delivery, "")?;
    let digest = digest_of(&format!("certificate link {id}"), &asked.delivery)?;
    let (terms, now) = (terms(&hall).await?, moment(hall.now())?);
    let (shared, here) = (hall.clone(), visit.clone());
    let work = move || {
        let by = (here.by(), delivery);
        let made = shared.platform.certificate_link_renew(certificate.id, by, (&terms, &now));
        made_told(&shared, made.map_err(stop)?)
    };
    done_once(&hall, &visit, (key, digest), work).await
}

/// Takes a step on a certificate, for the exporter.
#[utoipa::path(
    post,
    path = "/api/v1/certificates/{id}/steps",
    operation_id = "certificate_step",
    tag = "certificate",
    params(("id" = String, Path, description = "Id of the certificate")),
    request_body = CertificateStep,
    responses(
        (status = 200, description = "The certificate as it is then", body = CertificateAnswer),
        (status = 404, description = "No such certificate, or not for this account", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "It is not taken: `errors` says why (`fields`)", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn step(
    State(hall): State<Hall>,
    visit: Visit,
    headers: HeaderMap,
    Path(id): Path<String>,
    asked: Result<Json<CertificateStep>, JsonRejection>,
) -> Result<Response, Stop> {
    taken(&hall, &visit, &headers, (&id, Who::Exporter), asked).await
}

/// Records something on a certificate, for an officer.
#[utoipa::path(
    post,
    path = "/api/v1/certificates/{id}/checks",
    operation_id = "certificate_check",
    tag = "certificate",
    params(("id" = String, Path, description = "Id of the certificate")),
    request_body = CertificateStep,
    responses(
        (status = 200, description = "The certificate as it is then", body = CertificateAnswer),
        (status = 404, description = "No such certificate, or not for this account", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "It is not taken: `errors` says why (`fields`)", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn check(
    State(hall): State<Hall>,
    visit: Visit,
    headers: HeaderMap,
    Path(id): Path<String>,
    asked: Result<Json<CertificateStep>, JsonRejection>,
) -> Result<Response, Stop> {
    taken(&hall, &visit, &headers, (&id, Who::Officer), asked).await
}

async fn taken(
    hall: &Hall,
    visit: &Visit,
    headers: &HeaderMap,
    (id, who): (&str, Who),
    asked: Result<Json<CertificateStep>, JsonRejection>,
) -> Result<Response, Stop> {
    let certificate = found(hall, visit, id).await?;
    let asked = body(asked)?;
    let given = GivenStep {
        reason: asked.reason,
        seen: asked.seen,
        language: asked.language,
        document: asked.document,
        seal: asked.seal,
        form: asked.form,
        on: asked.on,
        authority: asked.authority,
        reference: asked.reference,
        name: asked.name,
        position: asked.position,
        email: asked.email,
        place: asked.place,
        signs_for: asked.signs_for,
    };
    let terms = terms(hall).await?;
    let (shared, here, now, held) = (hall.clone(), visit.clone(), hall.now(), terms.clone());
    let done = off_thread(move || {
        let by = (who, here.by());
        let step = (asked.step.as_str(), &given);
        shared.platform.certificate_step(certificate.id, by, step, (&held, now))
    });
    json(headers, &told(&done.await?.map_err(stop)?, &terms, hall.now()))
}
