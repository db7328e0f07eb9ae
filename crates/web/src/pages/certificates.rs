//! Certificates of end users for who asks for them and for who reads them in a case: the list, and asking.

use std::collections::BTreeMap;

use app::certificates::{
    CertificateError, Delivery, Fault, GOODS_MAX, Given, GivenGood, GivenParty, GivenQuantity,
    LinkMade, Terms, id_text, purpose_parse, second_of, words,
};
use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use base::authorisation::{Action, Resource, authorise};
use base::{Common, Timestamp};
use licensing::Certificate;
use licensing::certificate::{Purpose, Standing};
use serde::Deserialize;

use crate::certificates::{refused, terms, worded};
use crate::config::Hall;
use crate::form::{Form, encoded};
use crate::ledger::off_thread;
use crate::page::{Page, html};
use crate::secret::moment;
use crate::show;
use crate::stop::{FieldFault, Stop, fault};
use crate::text::Text;
use crate::visit::Visit;

/// Certificates of one page.
const ROWS: u32 = 50;

/// A certificate as a row of a table.
pub(crate) struct CertificateRow {
    pub(crate) href: String,
    pub(crate) end_user: String,
    pub(crate) country: String,
    pub(crate) purpose: String,
    pub(crate) asked: String,
    pub(crate) standing: String,
    pub(crate) tag: &'static str,
    pub(crate) until: String,
}

impl CertificateRow {
    pub(crate) fn new(t: &Text, certificate: &Certificate, today: base::Date) -> CertificateRow {
        let standing = certificate.standing(today);
        let end_user = &certificate.statement.end_user;
        let until = certificate.signature().and_then(|signature| signature.valid_until);
        CertificateRow {
            href: format!("/certificates/{}", id_text(&certificate.id)),
            end_user: end_user.name.clone(),
            country: end_user.country.clone(),
            purpose: purpose_text(t, &certificate.purpose),
            asked: show::instant(t, Timestamp::from_us(certificate.asked_at_us)),
            standing: t.code("certificate-standing", standing.code(), standing.code()),
            tag: standing_tag(standing),
            until: until.map_or(String::new(), |last| show::date(t, last)),
        }
    }
}

pub(crate) fn standing_tag(standing: Standing) -> &'static str {
    match standing {
        Standing::Signed => "gd-tag-good",
        Standing::Asked | Standing::Opened => "gd-tag-plain",
        Standing::Corrected | Standing::Void | Standing::Expired => "gd-tag-warning",
        Standing::Declined | Standing::Revoked => "gd-tag-error",
    }
}

/// For what a certificate is used, in words.
pub(crate) fn purpose_text(t: &Text, purpose: &Purpose) -> String {
    match purpose {
        Purpose::Case(number) => t.one("certificate-for-case", number),
        Purpose::Draft(_) => t.get("certificate-for-draft"),
        Purpose::Open => t.get("certificate-for-open"),
    }
}

#[derive(Template)]
#[template(path = "certificates.html")]
struct CertificatesPage {
    page: Page,
    /// Whether the visitor asks for certificates: those of its party are listed.
    own: bool,
    case: String,
    rows: Vec<CertificateRow>,
    next: String,
}

/// Which certificates.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    case: String,
    /// Those asked for before, µs.
    before: String,
}

/// `GET /certificates`: those of a case; for an exporter without one, all of its own.
pub(crate) async fn list(
    State(hall): State<Hall>,
    visit: Visit,
    Query(asked): Query<Asked>,
) -> Result<Response, Stop> {
    let t = visit.text();
    let terms = terms(&hall).await?;
    let case = asked.case.trim().to_owned();
    let before = asked.before.parse::<i64>().unwrap_or(i64::MAX);
    let found = listed(&hall, &visit, &case, before).await?;
    let today = terms.day(hall.now());
    let next = match found.last() {
        Some(last) if case.is_empty() && found.len() == ROWS as usize => {
            format!("/certificates?before={}", last.asked_at_us)
        }
        _ => String::new(),
    };
    let page = Page::new(&hall, &visit, t.get("certificates-title"));
    let rows = found.iter().map(|found| CertificateRow::new(t, found, today)).collect();
    let own = visit.actor.role.of_party();
    html(StatusCode::OK, &CertificatesPage { page, own, case, rows, next })
}

/// The certificates that a visitor may list: of a case, or of its own party.
pub(crate) async fn listed(
    hall: &Hall,
    visit: &Visit,
    case: &str,
    before: i64,
) -> Result<Vec<Certificate>, Stop> {
    let own = Resource::Case { applicant: &visit.actor.party, agencies: &[] };
    if !case.is_empty() {
        let (shared, number) = (hall.clone(), case.to_owned());
        let found = off_thread(move || shared.platform.certificates_of_case(&number)).await?;
        let Some(found) = found.map_err(|error| fault(&error))? else {
            return Err(Stop::NotFound);
        };
        let (applicant, agencies) = (found.applicant.as_str(), found.agencies.as_slice());
        visit.allow(Resource::Case { applicant, agencies })?;
        visit.look(&found.applicant);
        return Ok(found.certificates);
    }
    if !visit.actor.role.of_party() {
        // Whoever reads them in cases names the case.
        visit.allow(Resource::Platform)?;
        return Ok(Vec::new());
    }
    visit.allow(own)?;
    let (shared, party) = (hall.clone(), visit.actor.party.clone());
    let before = Timestamp::from_us(before);
    let found = off_thread(move || shared.platform.certificates(&party, before, ROWS)).await?;
    found.map_err(|error| fault(&error))
}

/// A good in the form.
struct GoodRow {
    number: usize,
    good: GivenGood,
}

#[derive(Template)]
#[template(path = "certificate_new.html")]
struct NewPage {
    page: Page,
    given: Given,
    goods: Vec<GoodRow>,
    purpose: String,
    purpose_words: String,
    /// Where its form was opened: the application that wants it, or the list.
    back_href: String,
    units: Vec<(String, String)>,
    languages: Vec<(String, String)>,
    asks_place: bool,
    asks_product: bool,
    mail: bool,
    code: bool,
    faults: Vec<FieldFault>,
}

/// How a certificate is to be asked for, beside what it says.
struct Way {
    purpose: String,
    mail: bool,
    code: bool,
}

/// The units that a certificate states; one that is already there is kept.
fn units(t: &Text, given: &Given) -> Vec<(String, String)> {
    let named = |code: &str| {
        let (kind, of) = code.split_once(':').unwrap_or((code, ""));
        let words = t.code("certificate-unit", kind, kind);
        (code.to_owned(), if of.is_empty() { words } else { format!("{words}, {of}") })
    };
    let mut units = vec![named("net_mass"), named("pieces")];
    let rare = Common::embedded().elements.iter().filter(|row| row.rare_earth);
    for row in rare {
        units.push(named(&format!("content:{}", row.symbol)));
        units.push(named(&format!("oxide:{}", row.symbol)));
    }
    for quantity in given.goods.iter().flat_map(|good| &good.quantities) {
        if !quantity.unit.is_empty() && !units.iter().any(|unit| unit.0 == quantity.unit) {
            units.push(named(&quantity.unit));
        }
    }
    units
}

fn form(
    hall: &Hall,
    visit: &Visit,
    (given, way): (Given, Way),
    (terms, faults): (&Terms, Vec<Fault>),
) -> Result<Response, Stop> {
    let t = visit.text();
    let mut page = Page::new(hall, visit, t.get("certificate-new-title"));
    page.faulty = !faults.is_empty();
    let status = if page.faulty { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let purpose = purpose_parse(&way.purpose).unwrap_or(Purpose::Open);
    let row = |(number, good): (usize, &GivenGood)| GoodRow { number, good: good.clone() };
    let template = NewPage {
        purpose_words: purpose_text(t, &purpose),
        back_href: match &purpose {
            Purpose::Draft(key) => format!("/applications/{}/certificates", encoded(key)),
            Purpose::Case(number) => format!("/cases/{}", encoded(number)),
            Purpose::Open => "/certificates".to_owned(),
        },
        purpose: way.purpose,
        units: units(t, &given),
        languages: words().iter().map(|(c, w)| (c.clone(), w.language.clone())).collect(),
        goods: given.goods.iter().enumerate().map(row).collect(),
        asks_place: terms.rule.asks("use_place"),
        asks_product: terms.rule.asks("end_product"),
        mail: way.mail,
        code: way.code,
        faults: faults.into_iter().map(|fault| worded(t, fault)).collect(),
        given,
        page,
    };
    html(status, &template)
}

/// A good with nothing in it.
fn good_blank() -> GivenGood {
    let quantity = GivenQuantity { unit: "net_mass".to_owned(), amount: String::new() };
    GivenGood { quantities: vec![quantity], ..GivenGood::default() }
}

/// For what a certificate is to be asked.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Wanted {
    #[serde(rename = "for")]
    purpose: String,
    /// Key of the end user in the application.
    end_user: String,
}

/// `GET /certificates/new`: what the application already says stands in the form.
pub(crate) async fn new(
    State(hall): State<Hall>,
    visit: Visit,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Stop> {
    visit.allow(Resource::Book(&visit.actor.party))?;
    let purpose = purpose_parse(&wanted.purpose).ok_or(Stop::NotFound)?;
    let (shared, party, of) = (hall.clone(), visit.actor.party.clone(), purpose.clone());
    let found = off_thread(move || shared.platform.certificates_prefilled(&party, &of)).await?;
    let found = match found {
        Ok(found) => found,
        Err(CertificateError::Unknown) => return Err(Stop::NotFound),
        Err(error) => return Err(fault(&error)),
    };
    let mut found = found.into_iter();
    let mut given = if wanted.end_user.is_empty() {
        found.next()
    } else {
        found.find(|given| given.end_user.key == wanted.end_user)
    }
    .unwrap_or_default();
    if given.goods.is_empty() {
        given.goods.push(good_blank());
    }
    let way = Way { purpose: purpose.code(), mail: false, code: false };
    form(&hall, &visit, (given, way), (&terms(&hall).await?, Vec::new()))
}

type Typed = BTreeMap<String, String>;

/// What was typed: the goods as long as there are any, with a unit where an amount stands or is the first.
fn given_read(typed: &Typed) -> Given {
    let of = |name: &str| typed.get(name).cloned().unwrap_or_default();
    let party = |prefix: &str| GivenParty {
        key: of(&format!("{prefix}_key")),
        name: of(&format!("{prefix}_name")),
        local_name: of(&format!("{prefix}_local_name")),
        country: of(&format!("{prefix}_country")),
        address: of(&format!("{prefix}_address")),
    };
    let good = |number: usize| {
        let name = format!("goods_{number}_name");
        if !typed.contains_key(&name) {
            return None;
        }
        let quantity = |place: usize| {
            let field = |kind: &str| format!("goods_{number}_{kind}_{place}");
            let amount = typed.get(&field("amount"))?.clone();
            Some(GivenQuantity { unit: of(&field("unit")), amount })
        };
        Some(GivenGood {
            key: of(&format!("goods_{number}_key")),
            name: of(&name),
            hs: of(&format!("goods_{number}_hs")),
            quantities: (0..).map_while(quantity).take(10).collect(),
        })
    };
    Given {
        end_user: party("end_user"),
        consignee: party("consignee"),
        destination: of("destination"),
        goods: (0..=GOODS_MAX).map_while(good).collect(),
        end_use_key: of("end_use_key"),
        end_use: of("end_use"),
        use_place: of("use_place"),
        end_product: of("end_product"),
        language: of("language"),
        contact_name: of("contact_name"),
        contact_email: of("contact_email"),
    }
}

/// `POST /certificates`: asks; shows the link this once.
pub(crate) async fn ask(
    State(hall): State<Hall>,
    visit: Visit,
    Form(typed): Form<Typed>,
) -> Result<Response, Stop> {
    visit.allow(Resource::Book(&visit.actor.party))?;
    let of = |name: &str| typed.get(name).map_or("", String::as_str);
    let purpose = purpose_parse(of("for")).ok_or(Stop::NotFound)?;
    let terms = terms(&hall).await?;
    let mut given = given_read(&typed);
    let way = Way {
        purpose: purpose.code(),
        mail: of("delivery") == "mail",
        code: of("second") == "code",
    };
    match of("do") {
        "good_add" if given.goods.len() < GOODS_MAX => {
            given.goods.push(good_blank());
            return form(&hall, &visit, (given, way), (&terms, Vec::new()));
        }
        "unit_add" => {
            for good in &mut given.goods {
                good.quantities.extend(good_blank().quantities);
            }
            return form(&hall, &visit, (given, way), (&terms, Vec::new()));
        }
        _ => {}
    }
    // A further unit in which nothing is stated is none.
    for good in &mut given.goods {
        let first = good.quantities.len().min(1);
        let rest = good.quantities.split_off(first);
        good.quantities.extend(rest.into_iter().filter(|q| !q.amount.trim().is_empty()));
    }
    let (shared, here, now) = (hall.clone(), visit.clone(), moment(hall.now())?);
    let (delivery, second) = (delivery(way.mail), second_of(of("second")));
    let (asked, held) = (given.clone(), terms.clone());
    let made = off_thread(move || {
        let party = (here.actor.party.as_str(), here.by());
        let what = (&asked, &purpose);
        shared.platform.certificate_ask(party, what, (second, delivery), (&held, &now))
    });
    match made.await? {
        Ok(made) => {
            hall.jobs_wake.notify_one();
            made_show(&hall, &visit, &made)
        }
        Err(error) => {
            if given.goods.is_empty() {
                given.goods.push(good_blank());
            }
            form(&hall, &visit, (given, way), (&terms, refused(error)?))
        }
    }
}

pub(crate) fn delivery(mail: bool) -> Delivery {
    if mail { Delivery::Mail } else { Delivery::Hand }
}

#[derive(Template)]
#[template(path = "certificate_made.html")]
struct MadePage {
    page: Page,
    link: String,
    code: String,
    until: String,
    href: String,
}

/// Shows a link that was made: this once, since only its hash is kept.
pub(crate) fn made_show(hall: &Hall, visit: &Visit, made: &LinkMade) -> Result<Response, Stop> {
    let t = visit.text();
    let origin = hall.config.public_url.as_ref().map_or(String::new(), |url| url.origin().into());
    let template = MadePage {
        page: Page::new(hall, visit, t.get("certificate-made-title")),
        link: format!("{origin}/certificate/{}", made.link),
        code: made.code.clone().unwrap_or_default(),
        until: show::instant(t, made.until),
        href: format!("/certificates/{}", id_text(&made.id)),
    };
    html(StatusCode::OK, &template)
}

/// Whether the visitor asks for certificates, in the book of this applicant.
pub(crate) fn asks(visit: &Visit, applicant: &str) -> bool {
    authorise(&visit.actor, Action::Apply, Resource::Book(applicant))
}

/// Whether it works on cases.
pub(crate) fn reviews(visit: &Visit) -> bool {
    authorise(&visit.actor, Action::Review, Resource::Platform)
}
