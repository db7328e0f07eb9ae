//! Certificates of end users through the router: asked for, signed by link in the end user's language or
//! recorded from paper, corrected, revoked; and what a link does not do.

use std::sync::LazyLock;

use app::cases::{Known, NewCase, Step};
use app::certificates::{
    Delivery, Given, GivenGood, GivenParty, GivenQuantity, LinkMade, LinkSignature, Terms, id_text,
};
use app::law::Law;
use app::people::By;
use axum::body::Body;
use axum::http::Request;
use base::authorisation::{Actor, Role};
use licensing::Application;
use licensing::certificate::{Authority, Purpose, SecondChannel, Signatory, Standing};
use scraper::{Html, Selector};
use serde_json::{Value, json};

use crate::world::{Answer, Visitor, World, clock_forward, moment};

static LAW: LazyLock<Law> =
    LazyLock::new(|| Law::read("demo", 0, &app::packs::pack_carried("demo").unwrap()));

const LANGUAGES: [&str; 7] = ["de", "en", "es", "fr", "ja", "ko", "zh"];

fn terms() -> Terms {
    Terms::of(&LAW)
}

/// A case of the magnet maker; gives its number.
fn case_made(world: &World) -> String {
    let application: Application = serde_json::from_value(json!({
        "licence_type": LAW.rules.licence_types[0].id,
        "goods": [{"key": "g", "name": "N42UH ring", "hs": "850511"}],
        "parties": [
            {"key": "u", "name": "Motorenwerk Ulm", "country": "DE", "address": "Ulm",
                "parts": ["end_user"]},
            {"key": "c", "name": "Trading House", "country": "NL", "address": "Rotterdam",
                "parts": ["consignee"]}
        ],
        "uses": [{"key": "e", "text": "traction motors", "code": "ev_traction_motor"}],
        "cells": [{"key": "1", "good": "g", "consignee": "c", "end_user": "u", "end_use": "e",
            "destination": "DE", "quantities": [{"unit": "net_mass", "amount": 900_000_000}]}]
    }))
    .unwrap();
    let actor = Actor::new("magnet-maker", Role::Filer, "gad:mag-d");
    let new = NewCase { applicant: "gad:mag-d", application: &application, follows: None };
    let step = Step { actor: &actor, moment: moment() };
    world.platform().case_submit(&LAW, &new, &Known::default(), &step).unwrap()
}

fn party(name: &str, country: &str) -> GivenParty {
    GivenParty {
        name: name.to_owned(),
        country: country.to_owned(),
        address: "Street 1".to_owned(),
        ..GivenParty::default()
    }
}

fn given(country: &str) -> Given {
    let quantity = GivenQuantity { unit: "net_mass".to_owned(), amount: "900".to_owned() };
    Given {
        end_user: party("Motorenwerk Ulm", country),
        consignee: party("Trading House", "NL"),
        destination: country.to_owned(),
        goods: vec![GivenGood {
            key: "g".to_owned(),
            name: "N42UH ring".to_owned(),
            hs: "850511".to_owned(),
            quantities: vec![quantity],
        }],
        end_use: "traction motors".to_owned(),
        contact_name: "Erika".to_owned(),
        ..Given::default()
    }
}

fn ask(world: &World, country: &str, purpose: &Purpose, second: SecondChannel) -> LinkMade {
    let way = (second, Delivery::Hand);
    let by = ("gad:mag-d", By::account("magnet-maker"));
    let what = (&given(country), purpose);
    world.platform().certificate_ask(by, what, way, (&terms(), &moment())).unwrap()
}

/// A certificate for a case of the magnet maker, with its link.
fn asked(world: &World) -> LinkMade {
    let number = case_made(world);
    ask(world, "DE", &Purpose::Case(number), SecondChannel::None)
}

fn signatory() -> Signatory {
    Signatory {
        name: "Erika Beispiel".to_owned(),
        position: "Head of purchasing".to_owned(),
        email: "erika@ulm.example".to_owned(),
        place: String::new(),
        authority: Authority::Stated,
    }
}

fn digest(world: &World, link: &str, language: &str) -> String {
    let (certificate, _) = world.platform().certificate_by_link(link, moment().now).unwrap();
    terms().text(&certificate, certificate.statement_shown(), language).sha256()
}

/// Signs by the link without a page.
fn signed(world: &World, made: &LinkMade) {
    let seen = digest(world, &made.link, "en");
    let signature =
        LinkSignature { signatory: &signatory(), seen: &seen, language: "en", code: "" };
    let terms = (&terms(), moment().now);
    world.platform().certificate_link_sign(&made.link, &signature, terms).unwrap();
}

fn standing(world: &World, made: &LinkMade) -> Standing {
    let certificate = world.platform().certificate(made.id).unwrap().unwrap();
    certificate.standing(terms().day(moment().now))
}

/// The path of a route with a certificate of the magnet maker that stands as the route needs it.
pub(crate) fn placed(world: &World, pattern: &str) -> String {
    let certificate = pattern.contains("/certificate/{secret}") || pattern.contains("ates/{id}");
    if !certificate {
        return pattern.to_owned();
    }
    let made = asked(world);
    if pattern.ends_with("{secret}/revoke") {
        signed(world, &made);
    }
    pattern
        .replace("{secret}", &made.link)
        .replace("{id}", &id_text(&made.id))
        .replace("{step}", "paper")
}

const PAPER: [(&str, &str); 8] = [
    ("paper_name", "Erika+Beispiel"),
    ("paper_position", "Head"),
    ("paper_email", "erika%40ulm.example"),
    ("paper_signs_for", "stated"),
    ("paper_on", "2025-11-20"),
    ("paper_form", "copy"),
    ("paper_language", "de"),
    ("paper_seal", "seen"),
];

const SIGNATORY: [(&str, &str); 4] = [
    ("name", "Erika+Beispiel"),
    ("position", "Head+of+purchasing"),
    ("email", "erika%40ulm.example"),
    ("signs_for", "stated"),
];

const NEW: [(&str, &str); 14] = [
    ("for", "open"),
    ("end_user_name", "Motorenwerk+Ulm"),
    ("end_user_country", "de"),
    ("end_user_address", "Ulm"),
    ("consignee_name", "Trading+House"),
    ("consignee_country", "NL"),
    ("consignee_address", "Rotterdam"),
    ("destination", "DE"),
    ("goods_0_name", "N42UH+ring"),
    ("goods_0_unit_0", "net_mass"),
    ("goods_0_amount_0", "900"),
    ("end_use", "traction+motors"),
    ("contact_name", "Erika"),
    ("delivery", "hand"),
];

/// What a person types on a page about certificates so that something is done.
pub(crate) fn typed(world: &World, path: &str) -> Vec<(String, String)> {
    let mut fields: Vec<(&str, String)> = Vec::new();
    let mut put = |more: &[(&'static str, &str)]| {
        fields.extend(more.iter().map(|(name, value)| (*name, (*value).to_owned())));
    };
    let link = path.split('/').nth(2).unwrap_or("");
    match path.rsplit('/').next().unwrap_or("") {
        "certificates" => put(&NEW),
        "paper" => put(&PAPER),
        "check" => put(&SIGNATORY),
        "sign" => {
            put(&SIGNATORY);
            let seen = digest(world, link, "en");
            put(&[("lang", "en"), ("seen", &seen)]);
        }
        "correct" => put(&[("amount_0_0", "500"), ("end_use", "traction+motors")]),
        "decline" => put(&[("decline_reason", "wrong+company")]),
        "revoke" => put(&[("revoke_reason", "cancelled")]),
        _ => {}
    }
    fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// What a program sends.
pub(crate) fn sent(path: &str) -> Value {
    let paper = json!({"step": "paper", "name": "Erika", "position": "Head",
        "email": "erika@ulm.example", "signs_for": "stated", "on": "2025-11-20", "form": "copy",
        "language": "de", "seal": "seen"});
    match path.rsplit('/').next().unwrap_or("") {
        "certificates" => json!({"for": "open",
            "end_user": {"name": "Motorenwerk Ulm", "country": "DE", "address": "Ulm"},
            "consignee": {"name": "Trading House", "country": "NL", "address": "Rotterdam"},
            "destination": "DE", "end_use": "traction motors",
            "goods": [{"name": "ring", "quantities": [{"unit": "net_mass", "amount": "900"}]}]}),
        "links" => json!({}),
        _ => paper,
    }
}

/// A program with the token of an account.
pub(crate) async fn program(world: &World, account: &str, path: &str, body: &Value) -> Answer {
    let request = Request::post(path).header("content-type", "application/json");
    let request = match account {
        "" => request,
        account => request.header("authorization", format!("Bearer {}", world.token(account))),
    };
    world.send(request.body(Body::from(body.to_string())).unwrap()).await
}

async fn post(who: &Visitor<'_>, path: &str, fields: &[(String, String)]) -> Answer {
    let fields: Vec<(&str, &str)> =
        fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    who.post(path, &fields).await
}

/// An end user that opens the page of its link: its cookies and form token are those of that page.
async fn end_user<'w>(world: &'w World, link: &str) -> Visitor<'w> {
    let mut visitor = world.visitor().await;
    let page = visitor.get(&format!("/certificate/{link}")).await;
    assert_eq!(page.status, 200, "{}", page.body);
    // One that is over has no form.
    if page.body.contains("form_token") {
        visitor.token = page.form_token();
    }
    visitor
}

fn texts(answer: &Answer, selector: &str) -> Vec<String> {
    let page = Html::parse_document(&answer.body);
    let selector = Selector::parse(selector).unwrap();
    let found = page.select(&selector);
    found.map(|element| element.text().collect::<String>().trim().to_owned()).collect()
}

fn attribute(answer: &Answer, selector: &str, name: &str) -> String {
    let page = Html::parse_document(&answer.body);
    let selector = Selector::parse(selector).unwrap();
    let found = page.select(&selector).next();
    found.and_then(|element| element.attr(name)).unwrap_or_default().to_owned()
}

fn fault_fields(answer: &Answer) -> Vec<String> {
    let page = Html::parse_document(&answer.body);
    let links = Selector::parse(".govuk-error-summary a").unwrap();
    page.select(&links)
        .map(|link| link.attr("href").unwrap().trim_start_matches('#').to_owned())
        .collect()
}

#[tokio::test]
async fn an_end_user_signs_by_its_link_in_the_language_of_its_country_and_no_get_signs() {
    let world = World::new();
    let exporter = world.person("magnet-maker").await;
    let number = case_made(&world);
    let form = exporter.get(&format!("/certificates/new?for=case/{number}")).await;
    assert_eq!(attribute(&form, "#end_user_name", "value"), "Motorenwerk Ulm");
    assert_eq!(attribute(&form, "#goods_0_amount_0", "value"), "900");
    let mut fields: Vec<(String, String)> =
        NEW.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    fields[0].1 = format!("case/{number}");
    let made = post(&exporter, "/certificates", &fields).await;
    assert_eq!(made.status, 200, "{}", made.body);
    let address = attribute(&made, "#link", "value");
    let link = address.strip_prefix("https://licences.example/certificate/").unwrap().to_owned();
    let own = attribute(&made, "main a[role=button]", "href");

    let visitor = end_user(&world, &link).await;
    let path = format!("/certificate/{link}");
    let page = visitor.get(&path).await;
    assert_eq!(attribute(&page, "html", "lang"), "de");
    assert_eq!(texts(&page, "h1"), ["Endverbleibserklärung"]);
    assert!(page.body.contains("900 kg") && page.body.contains("Trading House"), "{}", page.body);
    assert!(!page.body.contains(&number), "the number of the case is the exporter's");
    let not_there = visitor.get(&format!("{path}/sign")).await;
    assert_eq!(not_there.status, 405);

    let to_check = format!("{path}/check");
    let check = post(&visitor, &to_check, &typed(&world, &to_check)).await;
    assert_eq!(check.status, 200, "{}", check.body);
    assert_eq!(texts(&check, "button"), ["Jetzt unterschreiben"]);
    let state = exporter.get(&own).await;
    assert_eq!(texts(&state, ".gd-title .govuk-tag"), ["link opened"]);

    let mut fields = typed(&world, &format!("{path}/check"));
    for name in ["seen", "lang"] {
        fields.push((name.to_owned(), attribute(&check, &format!("[name={name}]"), "value")));
    }
    let done = post(&visitor, &format!("{path}/sign"), &fields).await;
    assert_eq!(done.status, 303, "{}", done.body);
    let after = visitor.get(done.header("location")).await;
    assert!(after.body.contains("Unterschrieben von Erika Beispiel"), "{}", after.body);
    // A second click signs nothing.
    let again = post(&visitor, &format!("{path}/sign"), &fields).await;
    assert_eq!(again.status, 422);

    let id = own.rsplit('/').next().unwrap();
    for account in ["magnet-maker", "officer"] {
        let told = world.get(account, &format!("/api/v1/certificates/{id}")).await.json();
        assert_eq!(told["standing"], "signed", "{told}");
        assert_eq!(told["assurance"], "link");
        assert_eq!(told["signatures"].as_array().unwrap().len(), 1);
        assert_eq!(told["signatures"][0]["language"], "de");
        // No more is asked than the pack needs: the demo pack asks for no place.
        assert_eq!(told["signatures"][0]["place"], "");
        assert_eq!(
            told["gaps"],
            json!(["certificate_translation:en", "certificate_translation:zh"])
        );
    }
    let of_case = world.get("officer", &format!("/api/v1/certificates?case={number}")).await.json();
    assert_eq!(of_case["certificates"][0]["id"], id);
    assert_eq!(world.platform().certificates_verify().unwrap(), Vec::<String>::new());
}

#[tokio::test]
async fn the_page_of_the_end_user_is_whole_in_seven_languages_and_on_paper() {
    let world = World::new();
    let made = asked(&world);
    let visitor = end_user(&world, &made.link).await;
    for language in LANGUAGES {
        for page in ["", "/paper"] {
            let path = format!("/certificate/{}{page}?lang={language}", made.link);
            let answer = visitor.get(&path).await;
            let tag = if language == "zh" { "zh-Hans" } else { language };
            assert_eq!(attribute(&answer, "html", "lang"), tag, "{path}");
            let shown = texts(&answer, "body").join(" ");
            assert!(!shown.contains("link-"), "{language}: {shown}");
            let chooser = texts(&answer, "nav li");
            assert_eq!(chooser.len(), 7, "{chooser:?}");
            assert_eq!(texts(&answer, "main form").is_empty(), page == "/paper", "{path}");
        }
        let check = format!("/certificate/{}/check", made.link);
        let faulty = visitor.post(&check, &[("lang", language)]).await;
        assert_eq!(faulty.status, 422);
        assert_eq!(fault_fields(&faulty), ["name", "position", "email", "signs_for"], "{language}");
        assert!(!texts(&faulty, "body").join(" ").contains("link-"), "{language}");
    }
    let paper = visitor.get(&format!("/certificate/{}/paper?lang=en", made.link)).await;
    let lines = texts(&paper, ".gd-paper__line");
    let expected = [
        "Name of the signatory",
        "Position",
        "E-mail",
        "Place and date",
        "Signature",
        "Company seal",
    ];
    assert_eq!(lines, expected);
}

/// A page without what differs at each visit: the token of its forms and the link itself.
fn plain(answer: &Answer, link: &str) -> String {
    answer.body.replace(link, "LINK")
}

#[tokio::test]
async fn a_link_that_is_wrong_over_withdrawn_or_replaced_looks_the_same_and_does_nothing() {
    let world = World::new();
    let exporter = world.person("magnet-maker").await;
    let mut gone = vec!["f".repeat(64), "never-was-a-link".to_owned()];
    let withdrawn = asked(&world);
    let own = format!("/certificates/{}/steps", id_text(&withdrawn.id));
    assert_eq!(exporter.post(&format!("{own}/link_withdraw"), &[]).await.status, 303);
    gone.push(withdrawn.link.clone());
    let replaced = asked(&world);
    let own = format!("/certificates/{}/steps", id_text(&replaced.id));
    let anew = exporter.post(&format!("{own}/link"), &[]).await;
    let anew = attribute(&anew, "#link", "value").rsplit('/').next().unwrap().to_owned();
    gone.push(replaced.link.clone());
    let over = asked(&world);
    clock_forward(31 * 24 * 3600);
    gone.push(over.link.clone());
    gone.push(anew);
    let visitor = world.visitor().await;
    let mut pages = Vec::new();
    for link in &gone {
        let path = format!("/certificate/{link}");
        let page = visitor.get(&path).await;
        assert_eq!(page.status, 404, "{link}");
        pages.push(plain(&page, link));
        let mut fields: Vec<(String, String)> = SIGNATORY
            .iter()
            .chain(&[("seen", "0"), ("revoke_reason", "r"), ("decline_reason", "r")])
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        fields.push(("end_use".to_owned(), "x".to_owned()));
        for deed in ["check", "sign", "correct", "decline", "revoke"] {
            let answer = post(&visitor, &format!("{path}/{deed}"), &fields).await;
            assert_eq!(answer.status, 404, "{deed} {link}");
        }
    }
    assert!(pages.iter().all(|page| *page == pages[0]), "{pages:#?}");
    for made in [&withdrawn, &replaced, &over] {
        assert_eq!(standing(&world, made), Standing::Asked);
    }
}

#[tokio::test]
async fn after_five_wrong_codes_a_link_is_over_and_the_right_one_signs() {
    let world = World::new();
    for (wrong, signs) in [(4, true), (5, false)] {
        let purpose = Purpose::Case(case_made(&world));
        let made = ask(&world, "DE", &purpose, SecondChannel::Code);
        let visitor = end_user(&world, &made.link).await;
        let path = format!("/certificate/{}/sign", made.link);
        let mut fields = typed(&world, &path);
        // Without a code nothing is signed, and nothing counted.
        for _ in 0..9 {
            let none = post(&visitor, &path, &fields).await;
            assert_eq!((none.status.as_u16(), fault_fields(&none)), (422, vec!["code".to_owned()]));
        }
        fields.push(("code".to_owned(), "AAAAAAAA".to_owned()));
        for _ in 0..wrong {
            assert_eq!(post(&visitor, &path, &fields).await.status, 422);
        }
        fields.last_mut().unwrap().1 = made.code.clone().unwrap().to_lowercase();
        let last = post(&visitor, &path, &fields).await;
        assert_eq!(last.status, if signs { 303 } else { 404 });
        let stands = if signs { Standing::Signed } else { Standing::Opened };
        assert_eq!(standing(&world, &made), stands);
    }
}

#[tokio::test]
async fn who_asked_and_the_authority_come_to_their_own_page_and_do_not_sign() {
    let world = World::new();
    let made = asked(&world);
    for account in ["magnet-maker", "manager", "officer", "operator"] {
        let who = world.person(account).await;
        let path = format!("/certificate/{}", made.link);
        let page = who.get(&path).await;
        assert_eq!(page.status, 303, "{account}");
        assert_eq!(page.header("location"), format!("/certificates/{}", id_text(&made.id)));
        let path = format!("{path}/sign");
        assert_eq!(post(&who, &path, &typed(&world, &path)).await.status, 303);
    }
    // None of them is an end user that opened it.
    assert_eq!(standing(&world, &made), Standing::Asked);
}

#[tokio::test]
async fn nothing_is_seen_of_the_certificates_of_others_nor_by_the_authority_before_there_is_a_case()
{
    let world = World::new();
    let (bound, open) = (asked(&world), ask(&world, "DE", &Purpose::Open, SecondChannel::None));
    for (account, id, status) in [
        ("separator", bound.id, 404),
        ("analyst", bound.id, 404),
        ("operator", bound.id, 404),
        ("officer", bound.id, 200),
        ("officer", open.id, 404),
        ("supervisor", open.id, 404),
        ("manager", open.id, 200),
    ] {
        let who = world.person(account).await;
        for path in ["", "/paper"] {
            let path = format!("/certificates/{}{path}", id_text(&id));
            assert_eq!(who.get(&path).await.status, status, "{account} {path}");
        }
        let path = format!("/api/v1/certificates/{}", id_text(&id));
        assert_eq!(world.get(account, &path).await.status, status, "{account} {path}");
    }
    let other = world.person("separator").await;
    let hidden = other.get(&format!("/certificates/{}", id_text(&bound.id))).await;
    let absent = other.get(&format!("/certificates/{}", "0".repeat(32))).await;
    let token = |answer: &Answer| answer.body.replace(&answer.form_token(), "");
    let same = |answer: &Answer, id: &str| token(answer).replace(id, "ID");
    assert_eq!(same(&hidden, &id_text(&bound.id)), same(&absent, &"0".repeat(32)));
    let listed = other.get("/certificates").await;
    assert!(!listed.body.contains("Motorenwerk"), "{}", listed.body);
    // What an exporter asks for is for its own case only.
    let number = case_made(&world);
    for body in [
        json!({"for": format!("case/{number}")}),
        json!({"for": format!("draft/{}", "0".repeat(32))}),
    ] {
        let mut asked = sent("/api/v1/certificates");
        asked["for"] = body["for"].clone();
        let answer = program(&world, "separator", "/api/v1/certificates", &asked).await;
        assert_eq!(answer.status, 404, "{}", answer.body);
    }
    // The end user sees its own certificate, and of the case where it is; not its number, its officer, nor
    // who else is asked.
    let visitor = end_user(&world, &bound.link).await;
    let page = visitor.get(&format!("/certificate/{}?lang=en", bound.link)).await.body;
    assert!(page.contains("received by the authority"), "{page}");
    let case = world.platform().certificate(bound.id).unwrap().unwrap().purpose;
    let Purpose::Case(number) = case else { panic!("{case:?}") };
    for secret in [number.as_str(), "magnet-maker", &id_text(&open.id)] {
        assert!(!page.contains(secret), "{secret}");
    }
    assert_eq!(visitor.get(&format!("/certificates/{}", id_text(&bound.id))).await.status, 303);
}

#[tokio::test]
async fn what_is_wrong_is_told_all_at_once_and_what_was_typed_stays() {
    let world = World::new();
    let exporter = world.person("magnet-maker").await;
    let wrong = [
        ("for", "open"),
        ("end_user_name", ""),
        ("end_user_country", "Germany"),
        ("consignee_name", "Trading%E2%80%AEHouse"),
        ("consignee_country", "NL"),
        ("consignee_address", "Rotterdam"),
        ("destination", "Q1"),
        ("goods_0_name", "ring"),
        ("goods_0_unit_0", "net_mass"),
        ("goods_0_amount_0", "1%2C000.5"),
        ("goods_1_name", "ring"),
        ("goods_1_unit_0", "pieces"),
        ("goods_1_amount_0", "2.5"),
        ("delivery", "mail"),
    ];
    let answer = exporter.post("/certificates", &wrong).await;
    assert_eq!(answer.status, 422);
    let expected = [
        "end_user_name",
        "end_user_country",
        "end_user_address",
        "consignee_name",
        "destination",
        "goods_0_amount",
        "goods_1_amount",
        "end_use",
        "contact_email",
    ];
    let mut found = fault_fields(&answer);
    found.sort_unstable();
    let mut sorted = expected.to_vec();
    sorted.sort_unstable();
    assert_eq!(found, sorted);
    assert_eq!(attribute(&answer, "#goods_0_amount_0", "value"), "1,000.5");
    // Each fault leads to a field that is there.
    for field in expected {
        assert!(answer.body.contains(&format!("id=\"{field}\"")), "{field}");
    }
    let zh = exporter.post("/certificates?lang=zh", &wrong).await;
    assert!(!texts(&zh, "main").join(" ").contains("certificate-"), "{}", zh.body);
    let blank = program(&world, "manager", "/api/v1/certificates", &json!({})).await;
    assert_eq!(blank.status, 422);
    assert!(blank.json()["errors"].as_array().unwrap().len() >= 8, "{}", blank.body);
    let unknown = program(&world, "manager", "/api/v1/certificates", &json!({"x": 1})).await;
    assert_eq!(unknown.status, 422);
}

#[tokio::test]
async fn a_paper_is_recorded_compared_and_certified_by_an_officer() {
    let world = World::new();
    let made = asked(&world);
    let officer = world.person("officer").await;
    let own = format!("/certificates/{}", id_text(&made.id));
    let empty = officer.post(&format!("{own}/checks/paper"), &[("paper_on", "2099-01-01")]).await;
    let mut found = fault_fields(&empty);
    found.sort_unstable();
    let expected = [
        "paper_email",
        "paper_form",
        "paper_language",
        "paper_name",
        "paper_on",
        "paper_position",
        "paper_signs_for",
    ];
    assert_eq!(found, expected);
    assert_eq!(officer.post(&format!("{own}/checks/paper"), &PAPER).await.status, 303);
    let told = |id: &LinkMade| format!("/api/v1/certificates/{}", id_text(&id.id));
    let paper = world.get("officer", &told(&made)).await.json();
    assert_eq!((&paper["standing"], &paper["assurance"]), (&json!("signed"), &json!("paper")));
    assert!(paper["gaps"].as_array().unwrap().contains(&json!("certificate_paper_unchecked")));
    for (step, fields) in [
        ("paper_check", vec![("paper_check_seal", "seen")]),
        ("original", vec![("original_seal", "seen")]),
        ("translate", vec![("translate_language", "zh")]),
        ("translate", vec![("translate_language", "en")]),
    ] {
        let answer = officer.post(&format!("{own}/checks/{step}"), &fields).await;
        assert_eq!(answer.status, 303, "{step}: {}", answer.body);
    }
    let checked = world.get("officer", &told(&made)).await.json();
    assert_eq!(checked["assurance"], "paper_checked");
    assert_eq!((&checked["original"], &checked["seal"]), (&json!(true), &json!(true)));
    assert_eq!(checked["gaps"], json!([]));
    let government = [("government_authority", "BAFA"), ("government_on", "2025-11-21")];
    assert_eq!(officer.post(&format!("{own}/checks/government"), &government).await.status, 303);
    assert_eq!(world.get("officer", &told(&made)).await.json()["assurance"], "government");
    // What an officer does, an exporter does not, and the other way round.
    let exporter = world.person("magnet-maker").await;
    let step = exporter.post(&format!("{own}/checks/paper_check"), &[]).await;
    assert_eq!(step.status, 404);
    for step in ["paper_check", "original", "government"] {
        let answer = exporter
            .post(&format!("{own}/steps/{step}"), &[("government_authority", "BAFA")])
            .await;
        assert_eq!(answer.status, 422, "{step}");
    }
    let page = officer.get(&own).await;
    assert!(page.body.contains("BAFA"), "{}", page.body);
    assert_eq!(world.platform().certificates_verify().unwrap(), Vec::<String>::new());
}

#[tokio::test]
async fn what_an_end_user_states_otherwise_counts_once_the_exporter_agrees_to_that_very_text() {
    let world = World::new();
    let made = asked(&world);
    let visitor = end_user(&world, &made.link).await;
    let path = format!("/certificate/{}", made.link);
    let wrong = visitor.post(&format!("{path}/correct"), &[("amount_0_0", "1.000%2C5")]).await;
    assert_eq!(fault_fields(&wrong), ["amount_0_0", "end_use"]);
    let correct = format!("{path}/correct");
    assert_eq!(post(&visitor, &correct, &typed(&world, &correct)).await.status, 303);
    let sign = format!("{path}/sign");
    assert_eq!(post(&visitor, &sign, &typed(&world, &sign)).await.status, 303);
    assert_eq!(standing(&world, &made), Standing::Corrected);
    let exporter = world.person("magnet-maker").await;
    let own = format!("/certificates/{}", id_text(&made.id));
    let page = exporter.get(&own).await;
    assert!(texts(&page, "td").iter().any(|cell| cell.contains("500 kg")), "{}", page.body);
    let stale = exporter.post(&format!("{own}/steps/agree"), &[("agree_seen", "0")]).await;
    assert_eq!(stale.status, 422);
    let seen = attribute(&page, "[name=agree_seen]", "value");
    let agreed = exporter.post(&format!("{own}/steps/agree"), &[("agree_seen", &seen)]).await;
    assert_eq!(agreed.status, 303);
    assert_eq!(standing(&world, &made), Standing::Signed);
}

#[tokio::test]
async fn one_that_is_revoked_covers_nothing_and_is_not_signed_again() {
    let world = World::new();
    for who in ["end user", "exporter", "officer"] {
        let made = asked(&world);
        signed(&world, &made);
        let own = format!("/certificates/{}", id_text(&made.id));
        let (visitor, path) = match who {
            "exporter" => (world.person("magnet-maker").await, format!("{own}/steps/revoke")),
            "officer" => (world.person("officer").await, format!("{own}/checks/revoke")),
            _ => {
                let visitor = end_user(&world, &made.link).await;
                (visitor, format!("/certificate/{}/revoke", made.link))
            }
        };
        let without = visitor.post(&path, &[]).await;
        assert_eq!(fault_fields(&without), ["revoke_reason"], "{who}: {}", without.body);
        let reason = [("revoke_reason", "order+cancelled")];
        assert_eq!(visitor.post(&path, &reason).await.status, 303, "{who}");
        assert_eq!(visitor.post(&path, &reason).await.status, 422, "{who}: once is enough");
        assert_eq!(standing(&world, &made), Standing::Revoked);
        let end_user = end_user(&world, &made.link).await;
        let sign = format!("/certificate/{}/sign", made.link);
        assert_eq!(post(&end_user, &sign, &typed(&world, &sign)).await.status, 422, "{who}");
        let rests = world.platform().certificate(made.id).unwrap().unwrap();
        let today = terms().day(moment().now);
        assert_eq!(app::certificates::rests(&rests, today).unusable, "revoked");
    }
}

#[tokio::test]
async fn links_are_counted_by_address() {
    let limits = web::Limits { certificate_links_per_minute: 3, ..web::Limits::default() };
    let world = World::with(World::choose(), limits);
    let made = asked(&world);
    let visitor = world.visitor().await;
    for link in [&made.link, &"0".repeat(64), &made.link] {
        assert_ne!(visitor.get(&format!("/certificate/{link}")).await.status, 429);
    }
    let many = visitor.get(&format!("/certificate/{}", made.link)).await;
    assert_eq!(many.status, 429);
    assert!(!many.header("retry-after").is_empty());
    clock_forward(60);
    assert_eq!(visitor.get(&format!("/certificate/{}", made.link)).await.status, 200);
}

#[tokio::test]
async fn a_database_holds_no_link_that_works() {
    let world = World::new();
    let made = asked(&world);
    for entry in std::fs::read_dir(world.dir()).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            let bytes = std::fs::read(&path).unwrap();
            let holds = bytes.windows(made.link.len()).any(|part| part == made.link.as_bytes());
            assert!(!holds, "{}", path.display());
        }
    }
}

#[tokio::test]
async fn a_program_that_repeats_its_request_asks_an_end_user_once() {
    let world = World::new();
    let path = "/api/v1/certificates";
    let body = sent(path).to_string();
    let first = world.post_json_once("manager", path, ("c-1", &body)).await;
    assert_eq!(first.status, 201, "{}", first.body);
    let again = world.post_json_once("manager", path, ("c-1", &body)).await;
    assert_eq!((again.status, &again.body), (first.status, &first.body));
    assert_eq!(again.header("idempotency-replayed"), "true");
    let listed = world.get("manager", path).await.json();
    assert_eq!(listed["certificates"].as_array().unwrap().len(), 1);
    // Another request with the key is none of it; another account's key is another key.
    let other = body.replace("900", "901");
    let reused = world.post_json_once("manager", path, ("c-1", &other)).await;
    assert_eq!(reused.json()["code"], "key_reused", "{}", reused.body);
    assert_eq!(world.post_json_once("magnet-maker", path, ("c-1", &body)).await.status, 201);
    let id = first.json()["id"].as_str().unwrap().to_owned();
    let links = format!("{path}/{id}/links");
    let link = world.post_json_once("manager", &links, ("l-1", "{}")).await;
    assert_eq!(link.status, 201, "{}", link.body);
    assert_eq!(world.post_json_once("manager", &links, ("l-1", "{}")).await.body, link.body);
    assert_ne!(world.post_json_once("manager", &links, ("l-2", "{}")).await.body, link.body);
    // What is refused leaves its key free.
    let refused = world.post_json_once("manager", path, ("c-2", "{}")).await;
    assert_eq!(refused.status, 422);
    assert_eq!(world.post_json_once("manager", path, ("c-2", &body)).await.status, 201);
}
