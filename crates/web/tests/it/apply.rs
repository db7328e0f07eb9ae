//! The applicant's way: begin, write, check, hand in, answer, amend, take back; what is refused, and what two
//! people do at once.

use std::collections::BTreeSet;

use app::cases::{Known, Step};
use app::law::Law;
use axum::body::Body;
use axum::http::Request;
use base::authorisation::{Actor, Role};
use licensing::Case;
use licensing::decide::Command;
use scraper::{Html, Selector};
use serde_json::{Value, json};

use crate::world::{Answer, PDF, Visitor, World, moment};

fn select(page: &Answer, selector: &str) -> Vec<String> {
    let page = Html::parse_document(&page.body);
    let selector = Selector::parse(selector).unwrap();
    page.select(&selector).map(|found| found.text().collect::<String>().trim().to_owned()).collect()
}

/// The values of an attribute of everything that is selected.
fn values(page: &Answer, selector: &str, attribute: &str) -> Vec<String> {
    let page = Html::parse_document(&page.body);
    let selector = Selector::parse(selector).unwrap();
    page.select(&selector).filter_map(|found| found.attr(attribute).map(str::to_owned)).collect()
}

/// What a form says that it was shown with.
fn seen(page: &Answer) -> String {
    values(page, "input[name=seen]", "value").pop().unwrap_or_else(|| panic!("{}", page.body))
}

/// Fields as a browser sends them.
fn form(fields: &[(&str, &str)]) -> Vec<(String, String)> {
    let encoded = |text: &str| {
        text.bytes().fold(String::new(), |out, byte| match byte {
            b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => format!("{out}{}", char::from(byte)),
            other => format!("{out}%{other:02X}"),
        })
    };
    fields.iter().map(|(name, value)| ((*name).to_owned(), encoded(value))).collect()
}

async fn post(person: &Visitor<'_>, path: &str, fields: &[(&str, &str)]) -> Answer {
    let fields = form(fields);
    let fields: Vec<(&str, &str)> = fields.iter().map(|f| (f.0.as_str(), f.1.as_str())).collect();
    person.post(path, &fields).await
}

/// Fills in the form of an entry that a page leads to; gives the address to which it was sent.
async fn fill(person: &Visitor<'_>, path: &str, fields: &[(&str, &str)]) -> String {
    let page = person.get(path).await;
    assert_eq!(page.status, 200, "{path}: {}", page.body);
    let action = values(&page, "main form", "action").remove(0);
    let seen = seen(&page);
    let mut all = vec![("seen", seen.as_str())];
    all.extend(fields);
    let saved = post(person, &action, &all).await;
    assert_eq!(saved.status, 303, "{path}: {:?}", select(&saved, ".govuk-error-summary li"));
    action
}

/// Begins a draft; gives its address.
async fn begin(person: &Visitor<'_>) -> String {
    let begun = person.post("/applications", &[("licence_type", "single")]).await;
    assert_eq!(begun.status, 303, "{}", begun.body);
    begun.header("location").to_owned()
}

const GOOD: [(&str, &str); 7] = [
    ("name", "magnet block"),
    ("hs", "850511"),
    ("grade", "N42UH"),
    ("form", "sintered_block"),
    ("origin", "de"),
    ("composition", "Nd=28.5\nDy=4.1\nFe=66.4\nB=1.0"),
    ("unit_mass_mg", "50"),
];
const PARTY: [(&str, &str); 6] = [
    ("parts-consignee", "yes"),
    ("parts-end_user", "yes"),
    ("name", "Motor Works"),
    ("country", "DE"),
    ("address", "Ring 1, Kassel"),
    ("identifiers", "lei:529900T8BM49AURSDO55"),
];
const CELL: [(&str, &str); 4] =
    [("destination", "DE"), ("net", "900"), ("e0-element", "Dy"), ("e0-amount", "36.9")];

/// The key at the end of an address.
fn key(href: &str) -> &str {
    href.rsplit('/').next().unwrap()
}

/// Writes a draft that is a case; gives its address.
async fn written(person: &Visitor<'_>) -> String {
    let draft = begin(person).await;
    fill(
        person,
        &format!("{draft}/type"),
        &[
            ("licence_type", "single"),
            ("reference", "R-1"),
            ("contact_name", "Nora"),
            ("contact_email", "nora@delta.example"),
        ],
    )
    .await;
    let good = fill(person, &format!("{draft}/goods/new"), &GOOD).await;
    let party = fill(person, &format!("{draft}/parties/new"), &PARTY).await;
    let uses = [("code", "ev_traction_motor"), ("text", "rotors of steering motors")];
    let end_use = fill(person, &format!("{draft}/uses/new"), &uses).await;
    let mut cell = vec![
        ("good", key(&good)),
        ("consignee", key(&party)),
        ("end_user", key(&party)),
        ("end_use", key(&end_use)),
    ];
    cell.extend(CELL);
    fill(person, &format!("{draft}/cells/new"), &cell).await;
    draft
}

/// Hands a draft in; gives the address of its case.
async fn handed_in(person: &Visitor<'_>, draft: &str) -> String {
    let page = person.get(&format!("{draft}/check")).await;
    let revision = values(&page, "input[name=revision]", "value").remove(0);
    let done = person.post(&format!("{draft}/check"), &[("revision", &revision)]).await;
    assert_eq!(done.status, 303, "{:?}", select(&done, "main"));
    done.header("location").split('?').next().unwrap().to_owned()
}

fn law(world: &World) -> Law {
    let pack = world.platform().pack_in_force("demo").unwrap();
    Law::read("demo", pack.version, &pack.files)
}

/// The officer does something with a case.
fn officer(world: &World, case: &str, command: &Command) -> Case {
    let actor = Actor::new("officer", Role::Officer, "");
    let step = Step { actor: &actor, moment: moment() };
    let signers = app::cases::signers(world.people()).unwrap();
    let known = Known { signers, ..Known::default() };
    world.platform().case_step(&law(world), key(case), command, &known, &step).unwrap()
}

fn case(world: &World, href: &str) -> Case {
    world.platform().case(key(href)).unwrap()
}

#[tokio::test]
async fn an_application_goes_from_its_beginning_to_its_case() {
    let world = World::new();
    let person = world.person("magnet-maker").await;
    let kinds = person.get("/applications/new").await;
    assert_eq!(
        values(&kinds, "input[name=licence_type]", "value"),
        ["single", "general", "registration"]
    );
    assert_eq!(person.post("/applications", &[]).await.status, 422, "a kind must be chosen");
    let draft = written(&person).await;
    let list = person.get("/applications").await;
    assert!(values(&list, "main a", "href").contains(&draft), "a draft can be gone on with");
    let tasks = person.get(&draft).await;
    assert_eq!(tasks.status, 200);
    assert_eq!(select(&tasks, ".govuk-task-list__name-and-hint a").len(), 8);
    let check = person.get(&format!("{draft}/check")).await;
    assert!(select(&check, "#gaps-blocks").is_empty(), "{:?}", select(&check, "#gaps-blocks"));
    assert!(select(&check, "#gaps-gap").len() == 1, "documents and a certificate are missing");

    let case_href = handed_in(&person, &draft).await;
    let found = case(&world, &case_href);
    assert_eq!((found.applicant.as_str(), found.application.goods.len()), ("gad:mag-d", 1));
    assert_eq!(found.application.goods[0].origin, "DE");
    assert_eq!(found.application.cells[0].quantities[0].amount, 900_000_000);
    // Sent twice, and gone back to: all lead to the one case.
    for path in [draft.clone(), format!("{draft}/check"), format!("{draft}/goods")] {
        assert_eq!(person.get(&path).await.header("location"), case_href, "{path}");
    }
    let again = person.post(&format!("{draft}/check"), &[("revision", "1")]).await;
    assert_eq!(again.header("location"), case_href);
    let good = form(&GOOD);
    let good: Vec<(&str, &str)> = good.iter().map(|f| (f.0.as_str(), f.1.as_str())).collect();
    let late = person.post(&format!("{draft}/goods/g9"), &good).await;
    assert_eq!(late.header("location"), case_href, "what is handed in is read-only");
    let page = person.get(&case_href).await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("Waits") || page.body.contains("It waits for the authority"));
    assert!(select(&page, ".gd-facts dd").iter().any(|fact| fact.starts_with("Due ")));
    assert!(!select(&person.get("/applications").await, ".gd-table tbody tr").is_empty());
}

#[tokio::test]
async fn two_who_hand_in_at_once_get_one_case() {
    let world = World::new();
    let (one, other) = (world.person("magnet-maker").await, world.person("manager").await);
    let draft = written(&one).await;
    let page = one.get(&format!("{draft}/check")).await;
    let revision = values(&page, "input[name=revision]", "value").remove(0);
    let path = format!("{draft}/check");
    let fields = [("revision", revision.as_str())];
    let both = tokio::join!(one.post(&path, &fields), other.post(&path, &fields));
    let place = |answer: &Answer| answer.header("location").split('?').next().unwrap().to_owned();
    assert_eq!((both.0.status.as_u16(), both.1.status.as_u16()), (303, 303));
    assert_eq!(place(&both.0), place(&both.1));
    let owner = world.get("magnet-maker", "/api/v1/applications").await.json();
    assert_eq!(owner["cases"].as_array().unwrap().len(), 1, "{owner}");
}

#[tokio::test]
async fn what_makes_no_case_is_not_handed_in_and_all_of_it_is_told() {
    let world = World::new();
    let person = world.person("magnet-maker").await;
    let draft = begin(&person).await;
    let refused = person.post(&format!("{draft}/check"), &[("revision", "1")]).await;
    assert_eq!(refused.status, 422);
    let told = select(&refused, "#gaps-blocks li a");
    for what in ["No good", "No consignee", "No end user", "No end use", "Nothing is asked for"] {
        assert!(told.iter().any(|line| line.starts_with(what)), "{what}: {told:?}");
    }
    assert!(select(&refused, "form[action$=check] button").is_empty());
}

#[tokio::test]
async fn each_gap_leads_to_the_very_field() {
    let world = World::new();
    let person = world.person("magnet-maker").await;
    let draft = begin(&person).await;
    // Everything is there, and nothing is in it.
    let path = format!("/api/v1{draft}");
    let empty = json!({
        "licence_type": "single",
        "goods": [{ "key": "g1", "hs": "x", "form": "nothing", "composition": { "Xx": "200" } }],
        "parties": [{ "key": "p1", "identifiers": ["x"] },
            { "key": "p2", "parts": ["consignee", "end_user"], "country": "zz" }],
        "uses": [{ "key": "u1" }],
        "cells": [{ "key": "c1" }, { "key": "c2", "good": "g1", "consignee": "p2",
            "end_user": "p2", "end_use": "u1", "destination": "ZZ" }],
        "inventory": [{ "end_user": "p2", "days": 3 }],
    });
    let body = json!({ "revision": 1, "application": empty });
    let changed = api(&world, "magnet-maker", "POST", &path, Some(&body)).await;
    assert_eq!(changed.status, 200, "{}", changed.body);
    let check = person.get(&format!("{draft}/check")).await;
    let links = values(&check, ".gd-gaps a", "href");
    assert!(links.len() > 25, "{}", links.len());
    for link in links {
        let (path, id) = link.split_once('#').unwrap_or((&link, "main"));
        let page = person.get(path).await;
        assert_eq!(page.status, 200, "{link}");
        let there = values(&page, "[id]", "id").into_iter().collect::<BTreeSet<_>>();
        assert!(there.contains(id), "{link} leads to no field");
    }
    // What such a gap usually costs stands beside it.
    assert!(select(&check, ".gd-gaps__days").contains(&"usually 18 days".to_owned()));
    let zh = person.get(&format!("{draft}/check?lang=zh")).await;
    assert!(select(&zh, ".gd-gaps__days").contains(&"通常 18 天".to_owned()), "{}", zh.body);
    for word in ["gap-", "apply-", "gaps-"] {
        let bare = select(&zh, "main").concat();
        assert!(!bare.contains(word), "a key without words: {word}");
    }
}

#[tokio::test]
async fn a_quantity_that_can_be_read_in_two_ways_is_told_and_stays_as_typed() {
    let world = World::new();
    let person = world.person("magnet-maker").await;
    let draft = begin(&person).await;
    for (typed, told) in [
        ("1,000.5", "can be read in two ways"),
        ("1.000,5", "can be read in two ways"),
        ("1 000", "can be read in two ways"),
        ("many", "is not a plain number"),
        ("-3", "is below nothing"),
        ("0", "nothing at all"),
        ("0.0000001", "finer than this unit"),
        ("99999999999999999999999", "is too large"),
        ("", "a quantity is missing"),
    ] {
        let path = format!("{draft}/cells/c1");
        let empty = person.get(&format!("{draft}/cells/new")).await;
        let seen = seen(&empty);
        let sent = post(
            &person,
            &path,
            &[("seen", &seen), ("destination", "de"), ("net", typed), ("net-unit", "kg")],
        )
        .await;
        assert_eq!(sent.status, 422, "`{typed}`");
        let faults = select(&sent, ".govuk-error-summary__list li");
        assert!(faults.len() == 1 && faults[0].contains(told), "`{typed}`: {faults:?}");
        assert_eq!(values(&sent, ".govuk-error-summary__list a", "href"), ["#net"]);
        assert_eq!(values(&sent, "#net", "value"), [typed], "the typed text is kept");
        assert_eq!(values(&sent, "#destination", "value"), ["de"]);
        // The rest of the form is saved.
        let kept = person.get(&path).await;
        assert_eq!(values(&kept, "#destination", "value"), ["DE"], "`{typed}`");
        assert_eq!(values(&kept, "#net", "value"), [""]);
        let seen = self::seen(&kept);
        post(&person, &path, &[("seen", &seen), ("do", "remove")]).await;
    }
    // All faults of a form at once, each at its field.
    let empty = seen(&person.get(&format!("{draft}/cells/new")).await);
    let fields = [
        ("seen", empty.as_str()),
        ("net", "1,5"),
        ("e0-element", "Dysprosium"),
        ("e0-amount", "1"),
        ("e1-element", "Tb"),
        ("e1-amount", ""),
        ("pieces", "1.5"),
        ("value", "10"),
        ("currency", "E"),
    ];
    let sent = post(&person, &format!("{draft}/cells/c2"), &fields).await;
    assert_eq!(
        values(&sent, ".govuk-error-summary__list a", "href"),
        ["#net", "#e0-element", "#e1-amount", "#pieces", "#currency"]
    );
    let zh = post(&person, &format!("{draft}/cells/c3?lang=zh"), &fields).await;
    assert!(select(&zh, ".govuk-error-summary__list li")[0].contains("有两种读法"));
}

#[tokio::test]
async fn two_who_write_on_one_entry_see_both_and_nothing_is_lost() {
    let world = World::new();
    let (one, other) = (world.person("magnet-maker").await, world.person("manager").await);
    let draft = begin(&one).await;
    let good = fill(&one, &format!("{draft}/goods/new"), &GOOD).await;
    let shown = seen(&one.get(&good).await);
    let theirs = [("seen", shown.as_str()), ("name", "theirs"), ("grade", "N35")];
    assert_eq!(post(&other, &good, &theirs).await.status, 303);
    let mine = [("seen", shown.as_str()), ("name", "mine"), ("grade", "N35")];
    let stale = post(&one, &good, &mine).await;
    assert_eq!(stale.status, 409);
    assert_eq!(values(&stale, "#name", "value"), ["mine"], "what was typed stands in its field");
    assert!(select(&stale, ".gd-now").iter().any(|now| now.contains("theirs")));
    assert!(stale.body.contains("manager"), "who changed it is told");
    assert_eq!(values(&one.get(&good).await, "#name", "value"), ["theirs"], "nothing was saved");
    // The form that is shown then puts one's own in its place.
    let mine = [("seen", &*seen(&stale)), ("name", "mine"), ("grade", "N35")];
    assert_eq!(post(&one, &good, &mine).await.status, 303);
    assert_eq!(values(&one.get(&good).await, "#name", "value"), ["mine"]);
    // Sent twice it is one effect, without a quarrel.
    assert_eq!(post(&one, &good, &mine).await.status, 303);
    // Whoever writes on another entry is not in the way.
    let shown = seen(&one.get(&good).await);
    fill(&other, &format!("{draft}/parties/new"), &PARTY).await;
    let again = [("seen", shown.as_str()), ("name", "mine again")];
    assert_eq!(post(&one, &good, &again).await.status, 303);
    // What was taken out meanwhile is told, and can be put in again.
    let shown = seen(&one.get(&good).await);
    post(&other, &good, &[("seen", &shown), ("do", "remove")]).await;
    let gone = post(&one, &good, &[("seen", &shown), ("name", "back")]).await;
    assert_eq!(gone.status, 409);
    let back = [("seen", &*seen(&gone)), ("name", "back")];
    assert_eq!(post(&one, &good, &back).await.status, 303);
    assert_eq!(values(&one.get(&good).await, "#name", "value"), ["back"]);
}

#[tokio::test]
async fn a_form_sent_twice_adds_once() {
    let world = World::new();
    let person = world.person("magnet-maker").await;
    let draft = written(&person).await;
    let path = |part: &str| format!("{draft}/{part}");
    for (part, fields) in [
        ("goods", vec![("name", "twice")]),
        ("parties", vec![("name", "Twice")]),
        ("uses", vec![("text", "twice")]),
        ("cells", vec![("destination", "FR"), ("net", "1")]),
    ] {
        let page = person.get(&format!("{}/new", path(part))).await;
        let action = values(&page, "main form", "action").remove(0);
        let seen = seen(&page);
        let mut all = vec![("seen", seen.as_str())];
        all.extend(fields);
        let both = tokio::join!(post(&person, &action, &all), post(&person, &action, &all));
        assert_eq!((both.0.status.as_u16(), both.1.status.as_u16()), (303, 303), "{part}");
        let entries = select(&person.get(&path(part)).await, ".govuk-summary-card").len();
        assert_eq!(entries, 2, "{part}");
    }
    let parties = values(&person.get(&path("parties")).await, ".govuk-summary-card a", "href");
    let stock = [("end_user", key(&parties[0])), ("days", "12"), ("stops", "line 3")];
    for _ in 0..2 {
        fill(&person, &path("stock/new"), &stock).await;
    }
    assert_eq!(select(&person.get(&path("stock")).await, ".govuk-summary-card").len(), 1);
    let bad = seen(&person.get(&path("stock/new")).await);
    let sent = [("seen", bad.as_str()), ("days", "1,5"), ("stops", "x")];
    let sent = post(&person, &path("stock/new"), &sent).await;
    assert_eq!(
        values(&sent, ".govuk-error-summary__list a", "href"),
        ["#days", "#end_user"],
        "{}",
        sent.body
    );
}

#[tokio::test]
async fn a_draft_that_changed_is_not_handed_in_unseen() {
    let world = World::new();
    let (one, other) = (world.person("magnet-maker").await, world.person("manager").await);
    let draft = written(&one).await;
    let page = one.get(&format!("{draft}/check")).await;
    let revision = values(&page, "input[name=revision]", "value").remove(0);
    fill(&other, &format!("{draft}/goods/new"), &[("name", "one more")]).await;
    let stale = one.post(&format!("{draft}/check"), &[("revision", &revision)]).await;
    assert_eq!(stale.status, 409);
    assert!(stale.body.contains("one more") && stale.body.contains("manager"));
    let revision = values(&stale, "input[name=revision]", "value").remove(0);
    let done = one.post(&format!("{draft}/check"), &[("revision", &revision)]).await;
    assert_eq!(done.status, 303, "looked at as it is now it can be handed in");
    // Nor is one removed that changed.
    let draft = begin(&one).await;
    fill(&other, &format!("{draft}/goods/new"), &[("name", "kept")]).await;
    assert_eq!(one.post(&format!("{draft}/remove"), &[("revision", "1")]).await.status, 409);
    assert_eq!(one.post(&format!("{draft}/remove"), &[("revision", "2")]).await.status, 303);
    assert_eq!(one.get(&draft).await.status, 404);
}

#[tokio::test]
async fn the_script_saves_as_the_button_does() {
    let world = World::new();
    let (one, other) = (world.person("magnet-maker").await, world.person("manager").await);
    let draft = begin(&one).await;
    let good = format!("{draft}/goods/gauto");
    let empty = seen(&one.get(&format!("{draft}/goods/new")).await);
    let fields = [("seen", empty.as_str()), ("autosave", "1"), ("name", "typed")];
    let saved = post(&one, &good, &fields).await;
    assert_eq!(saved.status, 200);
    let answer = saved.json();
    assert_eq!(answer["action"], good);
    let next = answer["seen"].as_str().unwrap().to_owned();
    assert_eq!(next, seen(&one.get(&good).await));
    let fields =
        [("seen", next.as_str()), ("autosave", "1"), ("name", "typed on"), ("unit_mass_mg", "1,5")];
    let saved = post(&one, &good, &fields).await;
    assert_eq!(saved.json()["faults"], json!(["unit_mass_mg"]));
    assert_eq!(values(&one.get(&good).await, "#name", "value"), ["typed on"]);
    let fields = [("seen", next.as_str()), ("autosave", "1"), ("name", "late")];
    let stale = post(&other, &good, &fields).await;
    assert_eq!(stale.status, 409);
    assert!(stale.json()["told"].as_str().unwrap().contains("Save button"));
    // A stock that the script adds goes on under its own address.
    let party = fill(&one, &format!("{draft}/parties/new"), &PARTY).await;
    let empty = seen(&one.get(&format!("{draft}/stock/new")).await);
    let fields = [
        ("seen", empty.as_str()),
        ("autosave", "1"),
        ("end_user", key(&party)),
        ("days", "3"),
        ("stops", "a"),
    ];
    let saved = post(&one, &format!("{draft}/stock/new"), &fields).await.json();
    assert_eq!(saved["action"], format!("{draft}/stock/0"));
}

/// Uploads a document as the form of the page does.
async fn upload(person: &Visitor<'_>, draft: &str, number: &str, name: &str, text: &str) -> Answer {
    let part = |head: &str, body: &str| {
        format!("--edge\r\ncontent-disposition: form-data; {head}\r\n\r\n{body}\r\n")
    };
    let body = part("name=\"form_token\"", &person.token)
        + &part("name=\"number\"", number)
        + &part(&format!("name=\"file\"; filename=\"{name}\""), text)
        + "--edge--\r\n";
    person.post_form(&format!("{draft}/documents"), body).await
}

#[tokio::test]
async fn a_document_is_handed_in_for_what_the_pack_asks() {
    let world = World::new();
    let person = world.person("magnet-maker").await;
    let draft = begin(&person).await;
    let page = person.get(&format!("{draft}/documents")).await;
    assert_eq!(
        select(&page, ".gd-group h2")[..2],
        ["contract", "test report with the composition"]
    );
    for _ in 0..2 {
        let done = upload(&person, &draft, "2", "contract.pdf", PDF).await;
        assert_eq!(done.status, 303, "{}", done.body);
        assert_eq!(done.header("location"), format!("{draft}/documents#document-2"));
    }
    let page = person.get(&format!("{draft}/documents")).await;
    assert_eq!(select(&page, "#document-2 p a"), ["contract.pdf"], "sent twice it is listed once");
    assert_eq!(select(&page, "#document-2 p .govuk-tag"), ["Being scanned"]);
    assert!(values(&page, "#document-2 p a", "href").iter().all(|h| !h.starts_with("/documents/")));
    let entry = format!("{draft}/documents/0");
    fill(&person, &entry, &[("number", "2"), ("date", "2025-10-01")]).await;
    let bad = seen(&person.get(&entry).await);
    let sent = post(&person, &entry, &[("seen", &bad), ("date", "1.10.2025")]).await;
    assert_eq!(values(&sent, ".govuk-error-summary__list a", "href"), ["#date"]);
    for (name, text, told) in [
        ("a.exe", "MZ", "Files of this kind are not taken"),
        ("a.pdf", "plain words", "not what its name says"),
        ("a.pdf", "", "The file is empty"),
        ("", "", "Choose a file first"),
    ] {
        let refused = upload(&person, &draft, "3", name, text).await;
        assert_eq!(refused.status, 422, "{name}: {}", refused.body);
        let faults = select(&refused, ".govuk-error-summary__list li");
        assert!(faults.len() == 1 && faults[0].contains(told), "{name}: {faults:?}");
        assert_eq!(values(&refused, ".govuk-error-summary__list a", "href"), ["#file-3"]);
        assert_eq!(values(&refused, "#file-3", "type"), ["file"]);
    }
    let other = world.person("separator").await;
    assert_eq!(upload(&other, &draft, "2", "a.pdf", PDF).await.status, 404);
}

#[tokio::test]
async fn a_question_is_answered_once_and_what_comes_late_is_kept() {
    let world = World::new();
    let (one, other) = (world.person("magnet-maker").await, world.person("manager").await);
    let draft = written(&one).await;
    let href = handed_in(&one, &draft).await;
    officer(&world, &href, &Command::Assign { officer: "officer".to_owned() });
    let text = "Where is the contract?".to_owned();
    officer(&world, &href, &Command::Ask { text, cells: Vec::new() });
    let page = one.get(&href).await;
    assert!(select(&page, "main").concat().contains("Where is the contract?"));
    assert!(select(&page, "#now-title")[0].contains("It waits for you"));
    assert!(select(&one.get("/applications").await, ".gd-table td").contains(&"You".to_owned()));
    let path = format!("{href}/answer");
    let blank = post(&one, &path, &[("question", "1"), ("text", "  ")]).await;
    assert_eq!(blank.status, 422);
    assert_eq!(values(&blank, ".govuk-error-summary__list a", "href"), ["#answer-1"]);
    let fields = [("question", "1"), ("text", "It comes with the next post.")];
    let both = tokio::join!(post(&one, &path, &fields), post(&one, &path, &fields));
    assert_eq!((both.0.status.as_u16(), both.1.status.as_u16()), (303, 303));
    let late = post(&other, &path, &[("question", "1"), ("text", "I know better")]).await;
    assert_eq!(late.status, 422);
    assert!(select(&late, ".govuk-error-summary__list li")[0].contains("answered meanwhile"));
    let answers = case(&world, &href);
    let answer = answers.questions[0].answer.as_ref().unwrap();
    assert_eq!(answer.text, "It comes with the next post.");
    let page = one.get(&href).await;
    assert!(page.body.contains("It comes with the next post."));
    // What goes on inside the authority is not shown.
    assert!(
        !page.body.contains("Case officer")
            && !select(&page, "main").concat().contains("officer ·")
    );
}

#[tokio::test]
async fn an_answer_comes_with_documents_and_home_says_that_it_is_waited_for() {
    let world = World::new();
    let person = world.person("magnet-maker").await;
    let draft = written(&person).await;
    let href = handed_in(&person, &draft).await;
    let named = |page: &Answer| select(page, ".gd-todo__what a").concat().contains(key(&href));
    assert!(!named(&person.get("/").await), "nothing waits yet");
    officer(&world, &href, &Command::Assign { officer: "officer".to_owned() });
    let text = "Please hand in the contract.".to_owned();
    officer(&world, &href, &Command::Ask { text, cells: Vec::new() });
    assert!(named(&person.get("/").await), "the case waits for its applicant");
    let send = |token: &str, name: &str, bytes: &str| {
        let part = |head: &str, body: &str| {
            format!("--edge\r\ncontent-disposition: form-data; {head}\r\n\r\n{body}\r\n")
        };
        part("name=\"form_token\"", token)
            + &part("name=\"question\"", "1")
            + &part("name=\"text\"", "Here it is.")
            + &part(&format!("name=\"file\"; filename=\"{name}\""), bytes)
            + "--edge--\r\n"
    };
    let path = format!("{href}/answer");
    let wrong = person.post_form(&path, send(&person.token, "contract.pdf", "plain words")).await;
    assert_eq!(wrong.status, 422);
    let told = select(&wrong, ".govuk-error-summary__list li");
    assert!(told[0].starts_with("contract.pdf: "), "{told:?}");
    assert!(case(&world, &href).questions[0].answer.is_none(), "nothing is answered by halves");
    let stranger = person.post_form(&path, send("no token", "contract.pdf", PDF)).await;
    assert_eq!(stranger.status, 403);
    let done = person.post_form(&path, send(&person.token, "contract.pdf", PDF)).await;
    assert_eq!(done.status, 303, "{}", done.body);
    let answer = case(&world, &href).questions[0].answer.clone().unwrap();
    assert_eq!((answer.text.as_str(), answer.documents.len()), ("Here it is.", 1));
    let address = format!("/documents/{}", answer.documents[0]);
    let page = person.get(&href).await;
    assert!(values(&page, "main a", "href").contains(&address), "{}", page.body);
    let office = world.person("officer").await.get(&href).await;
    let address = format!("{address}?party=gad:mag-d");
    assert!(values(&office, "main a", "href").contains(&address), "{}", office.body);
    assert!(!named(&person.get("/").await), "nothing waits any more");
}

#[tokio::test]
async fn a_case_is_taken_back_once() {
    let world = World::new();
    let person = world.person("magnet-maker").await;
    let draft = written(&person).await;
    let href = handed_in(&person, &draft).await;
    let path = format!("{href}/withdraw");
    let fields = [("reason", "the order fell through")];
    let both = tokio::join!(post(&person, &path, &fields), post(&person, &path, &fields));
    assert_eq!((both.0.status.as_u16(), both.1.status.as_u16()), (303, 303));
    let page = person.get(&href).await;
    assert!(select(&page, "h1 .govuk-tag") == ["Withdrawn"], "{:?}", select(&page, "h1"));
    assert_eq!(case(&world, &href).state, licensing::CaseState::Withdrawn);
    assert!(values(&page, "form", "action").iter().all(|to| !to.ends_with("/withdraw")));
    let late = person.post(&format!("{href}/amend"), &[]).await;
    assert_eq!(late.status, 422);
    // The same can be asked for again.
    let again = post(&person, "/applications", &[("from", &format!("case:{}", key(&href)))]).await;
    assert_eq!(again.status, 303);
    let goods = person.get(&format!("{}/goods", again.header("location"))).await;
    assert_eq!(select(&goods, ".govuk-summary-card h2"), ["magnet block"]);
    let theirs = world.person("separator").await;
    let stolen = post(&theirs, "/applications", &[("from", &format!("case:{}", key(&href)))]).await;
    assert_eq!(stolen.status, 404);
}

#[tokio::test]
async fn what_is_key_in_an_amendment_is_worked_out() {
    let world = World::new();
    let person = world.person("magnet-maker").await;
    let draft = written(&person).await;
    let href = handed_in(&person, &draft).await;
    let amend = || async {
        let led = person.post(&format!("{href}/amend"), &[]).await;
        assert_eq!(led.status, 303, "{}", led.body);
        led.header("location").to_owned()
    };
    let draft = amend().await;
    assert_eq!(amend().await, draft, "asked for twice it is one draft");
    let check = person.get(&format!("{draft}/check")).await;
    assert!(check.body.contains("Nothing differs from the case yet"));
    fill(&person, &format!("{draft}/type"), &[("route", "by sea from Tianjin")]).await;
    let check = person.get(&format!("{draft}/check")).await;
    assert_eq!(select(&check, ".gd-table tbody tr").len(), 1, "{:?}", select(&check, ".gd-table"));
    assert!(check.body.contains("No key element changes"));
    assert_eq!(handed_in(&person, &draft).await, href, "it is asked for in the case itself");
    assert_eq!(case(&world, &href).amendments.len(), 1);
    let second = person.post(&format!("{href}/amend"), &[]).await;
    assert_eq!(second.status, 422, "one at a time");

    // A key element makes another case that follows it.
    officer(&world, &href, &Command::Assign { officer: "officer".to_owned() });
    officer(&world, &href, &Command::AcceptAmendment);
    let verdict = licensing::case::Verdict::Taken;
    officer(&world, &href, &Command::DecideAmendment { verdict, reason: String::new() });
    let draft = amend().await;
    let cells =
        values(&person.get(&format!("{draft}/cells")).await, ".govuk-summary-card a", "href");
    let mut cell: Vec<(String, String)> = Vec::new();
    let page = person.get(&cells[0]).await;
    for name in ["good", "consignee", "end_user", "end_use"] {
        let chosen = values(&page, &format!("#{name} option[selected]"), "value").remove(0);
        cell.push((name.to_owned(), chosen));
    }
    let mut fields: Vec<(&str, &str)> = cell.iter().map(|f| (&*f.0, &*f.1)).collect();
    fields.extend([
        ("destination", "FR"),
        ("net", "900"),
        ("e0-element", "Dy"),
        ("e0-amount", "36.9"),
    ]);
    fill(&person, &cells[0], &fields).await;
    let check = person.get(&format!("{draft}/check")).await;
    assert!(check.body.contains("A key element changes"), "{:?}", select(&check, ".gd-table"));
    assert_eq!(select(&check, ".gd-table tbody .govuk-tag"), ["Key"]);
    let other = handed_in(&person, &draft).await;
    assert_ne!(other, href);
    assert_eq!(case(&world, &other).follows.unwrap().number, key(&href));
    let page = person.get(&other).await;
    assert!(values(&page, "main a", "href").contains(&href));
}

async fn api(world: &World, token: &str, method: &str, path: &str, body: Option<&Value>) -> Answer {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("authorization", format!("Bearer {}", world.token(token)))
        .header("content-type", "application/json");
    let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
    world.send(request.body(body).unwrap()).await
}

#[tokio::test]
async fn a_program_applies_as_a_person_does() {
    let world = World::new();
    let application = json!({
        "licence_type": "single",
        "goods": [{ "key": "g1", "name": "magnet block", "composition": { "Dy": "4.1" } }],
        "parties": [{ "key": "p1", "parts": ["consignee", "end_user"], "name": "Motor Works",
            "country": "DE" }],
        "uses": [{ "key": "u1", "code": "ev_traction_motor" }],
        "cells": [{ "key": "c1", "good": "g1", "consignee": "p1", "end_user": "p1",
            "end_use": "u1", "destination": "DE",
            "quantities": [{ "unit": "net_mass", "text": "900", "written": "kg" }] }],
    });
    let root = "/api/v1/applications";
    let mut wrong = application.clone();
    wrong["cells"][0]["quantities"][0]["text"] = "1,000.5".into();
    wrong["colour"] = "red".into();
    let asked = json!({ "application": wrong });
    let refused = api(&world, "magnet-maker", "POST", root, Some(&asked)).await;
    assert_eq!(refused.status, 422);
    let faults: Vec<String> = refused.json()["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|fault| format!("{} {}", fault["field"].as_str().unwrap(), fault["code"]))
        .collect();
    assert_eq!(faults.len(), 2, "all at once: {faults:?}");
    let asked = json!({ "application": application });
    let checked = api(&world, "magnet-maker", "POST", &format!("{root}/check"), Some(&asked)).await;
    assert_eq!((checked.status.as_u16(), &checked.json()["complete"]), (200, &json!(false)));
    assert_eq!(checked.json()["can_be_handed_in"], true, "{}", checked.body);
    let made = api(&world, "magnet-maker", "POST", root, Some(&asked)).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let id = made.json()["id"].as_str().unwrap().to_owned();
    let path = format!("{root}/{id}");
    for (who, status) in [("manager", 200), ("separator", 404), ("officer", 404)] {
        assert_eq!(api(&world, who, "GET", &path, None).await.status, status, "{who}");
    }
    let mut changed = application.clone();
    changed["reference"] = "R-1".into();
    let change = json!({ "revision": 1, "application": changed });
    assert_eq!(api(&world, "magnet-maker", "POST", &path, Some(&change)).await.status, 200);
    changed["reference"] = "R-2".into();
    let late = json!({ "revision": 1, "application": changed });
    let stale = api(&world, "manager", "POST", &path, Some(&late)).await;
    assert_eq!((stale.status.as_u16(), &stale.json()["code"]), (409, &json!("changed_meanwhile")));
    assert_eq!(stale.json()["application"]["reference"], "R-1", "what stands there is told");
    assert_eq!(api(&world, "reads-only", "POST", &path, Some(&late)).await.status, 404);
    assert_eq!(api(&world, "reads-only", "GET", &path, None).await.status, 200);
    let hand_in = format!("{path}/hand-in");
    let stale =
        api(&world, "magnet-maker", "POST", &hand_in, Some(&json!({ "revision": 1 }))).await;
    assert_eq!(stale.status, 409);
    let mut numbers = BTreeSet::new();
    for who in ["magnet-maker", "manager", "magnet-maker"] {
        let done = api(&world, who, "POST", &hand_in, Some(&json!({ "revision": 2 }))).await;
        assert_eq!(done.status, 200, "{}", done.body);
        numbers.insert(done.json()["number"].as_str().unwrap().to_owned());
    }
    assert_eq!(numbers.len(), 1);
    let number = numbers.pop_first().unwrap();
    let case = format!("/api/v1/cases/{number}");
    assert_eq!(api(&world, "magnet-maker", "GET", &case, None).await.status, 200);
    assert_eq!(api(&world, "separator", "GET", &case, None).await.status, 404);
    // Another destination is a key element.
    changed["cells"][0]["destination"] = "FR".into();
    let amend = json!({ "application": changed });
    let key = api(&world, "magnet-maker", "POST", &format!("{case}/amend"), Some(&amend)).await;
    assert_eq!(key.json()["errors"][0]["code"], "amendment_key", "{}", key.body);
    changed["cells"][0]["destination"] = "DE".into();
    let amend = json!({ "application": changed });
    let plain = api(&world, "magnet-maker", "POST", &format!("{case}/amend"), Some(&amend)).await;
    assert_eq!(plain.status, 200, "{}", plain.body);
    let found = plain.json();
    assert_eq!((&found["state"], &found["waits_for"]), (&json!("received"), &json!("authority")));
    let answer = json!({ "question": 1, "text": "yes" });
    let none = api(&world, "magnet-maker", "POST", &format!("{case}/answer"), Some(&answer)).await;
    assert_eq!(none.json()["errors"][0]["code"], "question_unknown");
    let theirs =
        api(&world, "separator", "POST", &format!("{case}/withdraw"), Some(&json!({}))).await;
    assert_eq!(theirs.status, 404);
    for status in [200, 422] {
        let path = format!("{case}/withdraw");
        let done = api(&world, "magnet-maker", "POST", &path, Some(&json!({}))).await;
        assert_eq!(done.status, status, "{}", done.body);
    }
    assert_eq!(api(&world, "magnet-maker", "DELETE", &path, None).await.status, 422);
}

#[tokio::test]
async fn what_another_company_applies_for_does_not_exist() {
    let world = World::new();
    let person = world.person("magnet-maker").await;
    let draft = written(&person).await;
    let open = begin(&person).await;
    let href = handed_in(&person, &draft).await;
    let other = world.person("separator").await;
    for path in [&open, &format!("{open}/goods"), &format!("{open}/check"), &href] {
        assert_eq!(other.get(path).await.status, 404, "{path}");
    }
    for path in [format!("{open}/goods/g1"), format!("{open}/check"), format!("{href}/withdraw")] {
        assert_eq!(other.post(&path, &[("name", "x")]).await.status, 404, "{path}");
    }
    let unknown = other.get("/cases/YT-2025-999999").await;
    assert_eq!(
        (unknown.status, unknown.body.len()),
        (other.get(&href).await.status, unknown.body.len())
    );
}
