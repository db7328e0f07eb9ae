//! The office at work: queue, advice of agencies, draft, countersigning, decision; and who is refused what.

use std::sync::atomic::Ordering;

use app::cases::{Known, NewCase, Step, signers};
use app::law::Law;
use axum::body::Body;
use axum::http::Request;
use base::authorisation::{Actor, Role};
use licensing::application::{Application, Cell, Contact, EndUse, Good, PartyEntry, PartyPart};
use licensing::quantity::{Quantity, Unit};

use crate::world::{Answer, Visitor, World, moment};

/// 350 kg of dysprosium oxide to a motor maker: two agencies advise, one supervisor signs.
fn application() -> Application {
    let key = |text: &str| text.to_owned();
    Application {
        licence_type: key("single"),
        reference: key("EXP-1"),
        goods: vec![Good {
            key: key("g1"),
            name: key("dysprosium oxide"),
            hs: key("284690"),
            form: key("oxide"),
            composition: [("Dy".to_owned(), "86.9".to_owned())].into(),
            ..Good::default()
        }],
        parties: vec![PartyEntry {
            key: key("p1"),
            parts: vec![PartyPart::Consignee, PartyPart::EndUser],
            name: key("Alder Drives"),
            country: key("DE"),
            address: key("1 Works Road"),
            ..PartyEntry::default()
        }],
        uses: vec![EndUse {
            key: key("u1"),
            code: key("eps_motor"),
            text: key("motors of power steering"),
        }],
        cells: vec![Cell {
            key: key("c1"),
            good: key("g1"),
            consignee: key("p1"),
            end_user: key("p1"),
            end_use: key("u1"),
            destination: key("DE"),
            quantities: vec![Quantity { unit: Unit::NetMass, amount: 350_000_000 }],
        }],
        contact: Contact { name: key("Export desk"), email: key("export@mag-d.example") },
        ..Application::default()
    }
}

/// Hands an application of the magnet maker in; gives the number of the case.
pub(crate) fn case_made(world: &World) -> String {
    let law = Law::read("demo", 0, &app::packs::pack_carried("demo").unwrap());
    let known = Known { signers: signers(world.people()).unwrap(), ..Known::default() };
    let actor = Actor::new("magnet-maker", Role::Filer, "gad:mag-d");
    let step = Step { actor: &actor, moment: moment() };
    let application = application();
    let new = NewCase { applicant: "gad:mag-d", application: &application, follows: None };
    world.platform().case_submit(&law, &new, &known, &step).unwrap()
}

/// The value of a hidden field of the first form that has it.
fn hidden(page: &str, name: &str) -> String {
    let mark = format!("name=\"{name}\" value=\"");
    let rest = page.split_once(&mark).map(|parts| parts.1).unwrap_or_default();
    rest.split('"').next().unwrap_or_default().to_owned()
}

/// Sends a form of a case as its page stands now, and expects it to be done.
pub(crate) async fn does(who: &Visitor<'_>, number: &str, place: &str, fields: &[(&str, &str)]) {
    let answer = sends(who, number, place, fields).await;
    assert_eq!(answer.status, 303, "{fields:?}: {}", told(&answer));
    assert!(answer.header("location").starts_with(&format!("/cases/{number}?did=")));
}

async fn sends(who: &Visitor<'_>, number: &str, place: &str, fields: &[(&str, &str)]) -> Answer {
    let page = who.get(&format!("/cases/{number}")).await.body;
    let version = hidden(&page, "version");
    let mut all = vec![("version", version.as_str())];
    all.extend(fields);
    who.post(&format!("/cases/{number}/{place}"), &all).await
}

/// What an answer says was wrong.
fn told(answer: &Answer) -> String {
    let page = scraper::Html::parse_document(&answer.body);
    let summary = scraper::Selector::parse(".govuk-error-summary").unwrap();
    page.select(&summary).map(|found| found.text().collect::<String>()).collect()
}

fn text(answer: &Answer) -> String {
    let page = scraper::Html::parse_document(&answer.body);
    let main = scraper::Selector::parse("main").unwrap();
    page.select(&main).flat_map(|found| found.text()).collect()
}

async fn content(who: &Visitor<'_>, number: &str) -> String {
    let page = who.get(&format!("/cases/{number}/sign")).await.body;
    let page = scraper::Html::parse_document(&page);
    let hash = scraper::Selector::parse("dl .gd-code").unwrap();
    page.select(&hash).next().unwrap().text().collect()
}

const APPROVE: [(&str, &str); 3] = [("do", "advise"), ("position-0", "approve"), ("then", "reply")];

/// Takes a case so far that both agencies have approved it, one with a condition.
async fn advised(world: &World, number: &str) {
    let officer = world.person("officer").await;
    does(&officer, number, "step", &[("do", "take")]).await;
    does(&officer, number, "step", &[("do", "accept")]).await;
    for agency in ["defence", "industry"] {
        let ask = [("do", "ask_agency"), ("agency", agency), ("text", "Please+advise.")];
        does(&officer, number, "step", &ask).await;
        let person = world.person(agency).await;
        let mut advice = APPROVE.to_vec();
        if agency == "defence" {
            advice.push(("phrases-0", "no_reexport"));
        }
        does(&person, number, "advice", &advice).await;
    }
}

const DRAFT: [(&str, &str); 4] = [
    ("do", "draft"),
    ("outcome-0", "approve"),
    ("quantity-0-0", "300"),
    ("reasoning", "The+order+book+agrees."),
];

#[tokio::test]
async fn a_case_goes_from_the_queue_to_its_licence() {
    let world = World::new();
    let number = case_made(&world);
    let officer = world.person("officer").await;
    let queue = officer.get("/cases?officer=none").await;
    assert!(queue.body.contains(&number) && queue.body.contains("Waiting the longest"));
    advised(&world, &number).await;
    // A party of the watch list asks for a second signature.
    does(&officer, &number, "step", &[("do", "watch_list"), ("party", "p1")]).await;
    does(&officer, &number, "draft", &DRAFT).await;
    let page = text(&officer.get(&format!("/cases/{number}")).await);
    for part in ["300 kg net", "Less than asked", "without the authority's written consent"] {
        assert!(page.contains(part), "`{part}` in {page}");
    }
    assert!(page.contains("Defence Materials Office"), "whose the condition is");
    let hash = content(&officer, &number).await;
    let sign = [("do", "sign"), ("content", hash.as_str())];
    for (signer, place) in [("supervisor", 1), ("second-supervisor", 2)] {
        let person = world.person(signer).await;
        does(&person, &number, "sign", &sign).await;
        let page = text(&person.get(&format!("/cases/{number}/sign")).await);
        assert!(page.contains(&format!("Signature {place}: Supervisor")), "{page}");
    }
    does(&officer, &number, "step", &[("do", "finalise"), ("content", &hash)]).await;
    let page = text(&officer.get(&format!("/cases/{number}")).await);
    assert!(page.contains("Decided") && page.contains("YT-L-2025-000001"), "{page}");
    let mut letters = Vec::new();
    while let Some(job) = world.platform().job_take(moment().now).unwrap() {
        letters.push(job.body);
    }
    let to_applicant = letters.iter().filter(|body| body.contains("export@mag-d.example"));
    assert_eq!(to_applicant.filter(|body| body.contains("case_decided")).count(), 1, "{letters:?}");
}

#[tokio::test]
async fn who_may_not_sign_is_told_why() {
    let world = World::new();
    let number = case_made(&world);
    advised(&world, &number).await;
    let officer = world.person("officer").await;
    does(&officer, &number, "step", &[("do", "watch_list"), ("party", "p1")]).await;
    does(&officer, &number, "draft", &DRAFT).await;
    let hash = content(&officer, &number).await;
    let sign = [("do", "sign"), ("content", hash.as_str())];
    let refused = |answer: &Answer, why: &str| {
        assert_eq!(answer.status, 422, "{why}");
        let told = told(answer);
        assert!(told.contains(why), "`{why}` in {told}");
    };
    let answer = sends(&officer, &number, "sign", &sign).await;
    refused(&answer, "You drafted what is to be signed");
    refused(&answer, "Accepted: a supervisor");
    let supervisor = world.person("supervisor").await;
    let other = [("do", "sign"), ("content", "00")];
    let answer = sends(&supervisor, &number, "sign", &other).await;
    refused(&answer, "has changed since you saw it");
    does(&supervisor, &number, "sign", &sign).await;
    let answer = sends(&supervisor, &number, "sign", &sign).await;
    refused(&answer, "You have signed this draft");
    let page = text(&supervisor.get(&format!("/cases/{number}/sign")).await);
    assert!(page.contains("You cannot sign this now") && page.contains(&hash), "{page}");
}

#[tokio::test]
async fn an_edit_voids_the_signatures_and_keeps_them_on_record() {
    let world = World::new();
    let number = case_made(&world);
    advised(&world, &number).await;
    let officer = world.person("officer").await;
    does(&officer, &number, "draft", &DRAFT).await;
    let hash = content(&officer, &number).await;
    let supervisor = world.person("supervisor").await;
    let sign = [("do", "sign"), ("content", hash.as_str())];
    does(&supervisor, &number, "sign", &sign).await;
    let page = text(&officer.get(&format!("/cases/{number}/draft")).await);
    assert!(page.contains("voids the signatures"), "{page}");
    let mut less = DRAFT.to_vec();
    less[2] = ("quantity-0-0", "200");
    does(&officer, &number, "draft", &less).await;
    let page = text(&officer.get(&format!("/cases/{number}")).await);
    assert!(page.contains("voided") && page.contains("missing"), "{page}");
    let answer = sends(&officer, &number, "step", &[("do", "finalise"), ("content", &hash)]).await;
    assert_eq!(answer.status, 422);
    let told = told(&answer);
    assert!(told.contains("Signature 1 is missing") && told.contains("has changed"), "{told}");
}

#[tokio::test]
async fn an_agency_sees_its_own_cases_and_nothing_of_the_others() {
    let world = World::new();
    let number = case_made(&world);
    let (defence, industry) = (world.person("defence").await, world.person("industry").await);
    let path = format!("/cases/{number}");
    assert_eq!(defence.get(&path).await.status, 404, "not asked yet");
    let officer = world.person("officer").await;
    does(&officer, &number, "step", &[("do", "take")]).await;
    does(&officer, &number, "step", &[("do", "accept")]).await;
    let ask = [("do", "ask_agency"), ("agency", "defence"), ("text", "Please+advise.")];
    does(&officer, &number, "step", &ask).await;
    assert!(defence.get("/cases").await.body.contains(&number));
    assert!(!industry.get("/cases").await.body.contains(&number));
    for (method, path) in [("GET", ""), ("GET", "/advice"), ("POST", "/advice"), ("POST", "/note")]
    {
        let path = format!("/cases/{number}{path}");
        let answer = if method == "GET" {
            industry.get(&path).await
        } else {
            industry.post(&path, &APPROVE).await
        };
        assert_eq!(answer.status, 404, "{method} {path}");
    }
    for path in ["/step", "/draft", "/sign"] {
        let answer = defence.post(&format!("/cases/{number}{path}"), &[("do", "accept")]).await;
        assert_eq!(answer.status, 404, "{path}");
    }
    does(&defence, &number, "advice", &APPROVE).await;
    let ask = [("do", "ask_agency"), ("agency", "industry"), ("text", "And+you%3F")];
    does(&officer, &number, "step", &ask).await;
    does(
        &industry,
        &number,
        "advice",
        &[
            ("do", "advise"),
            ("position-0", "refuse"),
            ("reason-0", "Secret+worry."),
            ("then", "reply"),
        ],
    )
    .await;
    let page = text(&defence.get(&format!("/cases/{number}")).await);
    for hidden in ["Ministry of Industry", "Secret worry", "Case officer", "Agencies differ"] {
        assert!(!page.contains(hidden), "`{hidden}` in {page}");
    }
    let answer = world.get("defence", &format!("/api/v1/cases/{number}")).await;
    assert_eq!(answer.status, 200);
    for hidden in ["industry", "Secret worry", "\"officer\""] {
        assert!(
            !answer.body.contains(&format!("{hidden}\":\"")) && !answer.body.contains("Secret"),
            "{}",
            answer.body
        );
    }
    let own = world.get("magnet-maker", &format!("/api/v1/cases/{number}")).await;
    assert!(
        own.status == 200 && !own.body.contains("Secret") && !own.body.contains("defence"),
        "{}",
        own.body
    );
    let page = text(&officer.get(&format!("/cases/{number}")).await);
    assert!(page.contains("Agencies differ") && page.contains("Secret worry"), "{page}");
}

#[tokio::test]
async fn a_form_sent_twice_is_one_step_and_a_stale_one_is_told_what_happened() {
    let world = World::new();
    let number = case_made(&world);
    let officer = world.person("officer").await;
    does(&officer, &number, "step", &[("do", "take")]).await;
    let page = officer.get(&format!("/cases/{number}")).await.body;
    let version = hidden(&page, "version");
    let path = format!("/cases/{number}/step");
    let accept = [("version", version.as_str()), ("do", "accept")];
    let before = world.platform().case(&number).unwrap().version;
    for click in ["first", "second"] {
        assert_eq!(officer.post(&path, &accept).await.status, 303, "{click}");
    }
    let after = world.platform().case(&number).unwrap().version;
    assert_eq!(after, before + 1, "one step");
    // A note that is written twice on purpose is two: its page was read anew.
    let supervisor = world.person("supervisor").await;
    let note = [("do", "note"), ("text", "Look+again."), ("readers", "authority")];
    does(&supervisor, &number, "note", &note).await;
    let stale = [("version", version.as_str()), ("do", "refer_up"), ("reason", "My+own+words")];
    let answer = officer.post(&path, &stale).await;
    assert_eq!(answer.status, 409);
    let told = told(&answer);
    assert!(told.contains("Look again.") && told.contains("Supervisor"), "{told}");
    assert!(answer.body.contains("My own words"), "what was typed stays");
    assert_eq!(
        world.platform().case(&number).unwrap().version,
        after + 1,
        "nothing of it was done"
    );
    let fresh = hidden(&answer.body, "version");
    let again = [("version", fresh.as_str()), ("do", "refer_up"), ("reason", "My+own+words")];
    assert_eq!(officer.post(&path, &again).await.status, 303, "sent again it is done");
}

#[tokio::test]
async fn faults_of_a_draft_stand_beside_their_cell_with_what_was_typed() {
    let world = World::new();
    let number = case_made(&world);
    advised(&world, &number).await;
    let officer = world.person("officer").await;
    for (quantity, why) in [
        ("1%2C000.5", "can be read in two ways"),
        ("", "missing"),
        ("99999999999999999999", "too large"),
        ("351", "not within what is asked for"),
    ] {
        let mut draft = DRAFT.to_vec();
        draft[2] = ("quantity-0-0", quantity);
        let answer = sends(&officer, &number, "draft", &draft).await;
        assert_eq!(answer.status, 422, "{quantity}");
        let told = told(&answer);
        assert!(told.contains(why), "`{why}` in {told}");
        let page = scraper::Html::parse_document(&answer.body);
        let link = scraper::Selector::parse(".govuk-error-summary a").unwrap();
        for link in page.select(&link) {
            let target = link.value().attr("href").unwrap();
            let found = scraper::Selector::parse(&format!("[id='{}']", &target[1..])).unwrap();
            assert!(page.select(&found).next().is_some(), "{target} leads nowhere");
        }
        assert!(answer.body.contains("The order book agrees."), "what was typed stays");
    }
}

#[tokio::test]
async fn several_cases_are_given_at_once_each_for_itself() {
    let world = World::new();
    let numbers = [case_made(&world), case_made(&world), case_made(&world)];
    let (officer, supervisor) = (world.person("officer").await, world.person("supervisor").await);
    does(&officer, &numbers[0], "step", &[("do", "take")]).await;
    let chosen: Vec<String> = numbers.iter().map(|number| format!("{number}+")).collect();
    let mut give = vec![("do", "give"), ("officer", "witness")];
    give.extend(chosen.iter().map(|case| ("case", case.as_str())));
    for click in ["first", "second"] {
        let answer = supervisor.post("/cases", &give).await;
        assert_eq!(answer.status, 200);
        let page = text(&answer);
        let counts =
            (page.matches("Not done").count(), page.matches("It stands as you asked").count());
        assert_eq!(counts, (1, 2), "{click}: who has one meanwhile keeps it: {page}");
    }
    for (number, officer) in numbers.iter().zip(["officer", "witness", "witness"]) {
        let case = world.platform().case(number).unwrap();
        assert_eq!(case.officer, officer, "{number}");
    }
    let answer = officer
        .post("/cases", &[("do", "take"), ("case", &format!("{}+witness", numbers[1]))])
        .await;
    assert!(
        text(&answer).contains("only a supervisor") || text(&answer).contains("Only a supervisor"),
        "{}",
        text(&answer)
    );
}

#[tokio::test]
async fn a_queue_is_kept_under_a_name_by_its_account_alone() {
    let world = World::new();
    let (officer, supervisor) = (world.person("officer").await, world.person("supervisor").await);
    let keep = [("do", "keep"), ("name", "Germany"), ("query", "officer%3Dany%26to%3DDE")];
    let answer = officer.post("/cases/views", &keep).await;
    assert_eq!(answer.header("location"), "/cases?officer=any&to=DE");
    assert!(officer.get("/cases").await.body.contains("Germany"));
    assert!(!supervisor.get("/cases").await.body.contains("Germany"));
    let answer = officer.post("/cases/views", &[("do", "keep"), ("name", "")]).await;
    assert_eq!(answer.status, 422);
    let forget = [("do", "forget"), ("name", "Germany")];
    assert_eq!(officer.post("/cases/views", &forget).await.status, 303);
    assert!(!officer.get("/cases").await.body.contains("Germany"));
}

#[tokio::test]
async fn a_queue_holds_what_its_filter_says_and_a_number_leads_to_its_case() {
    let world = World::new();
    let number = case_made(&world);
    let officer = world.person("officer").await;
    for (query, there) in [
        ("officer=any", true),
        ("officer=me", false),
        ("officer=none&waits=officer&state=received&kind=single&to=de", true),
        ("officer=any&state=all&q=DYSPROSIUM", true),
        ("officer=any&q=gad:mag", true),
        ("officer=any&state=all&q=dysprosium_", false),
        ("officer=any&q=%25", false),
        ("officer=any&to=D", false),
        ("officer=any&state=ended", false),
        ("officer=any&state=decided", false),
        ("officer=any&waits=signature", false),
        ("officer=any&kind=general", false),
    ] {
        let page = officer.get(&format!("/cases?{query}")).await;
        let table = page.body.split_once("<tbody>").map_or("", |parts| parts.1);
        assert_eq!(table.contains(&number), there, "{query}");
    }
    let found = officer.get(&format!("/cases?q={}", number.to_lowercase())).await;
    assert_eq!(found.header("location"), format!("/cases/{number}"));
    assert_eq!(officer.get("/cases?after=zz").await.status, 422);
}

#[tokio::test]
async fn pages_of_a_queue_follow_each_other_without_a_gap() {
    let world = World::new();
    let mut made: Vec<String> = (0..30).map(|_| case_made(&world)).collect();
    let (mut found, mut path) = (Vec::new(), "/api/v1/cases?officer=any&state=all".to_owned());
    loop {
        let page = world.get("officer", &path).await.json();
        let rows = page["cases"].as_array().unwrap();
        found.extend(rows.iter().map(|row| row["number"].as_str().unwrap().to_owned()));
        assert_eq!(page["total"], 30);
        let Some(next) = page["next"].as_str() else { break };
        path = format!("/api/v1/cases?officer=any&state=all&after={next}");
    }
    found.sort();
    made.sort();
    assert_eq!(found, made);
}

/// The statements that an answer asks of the database.
async fn statements(world: &World, account: &str, path: &str) -> u64 {
    let who = world.person(account).await;
    let counts =
        [world.platform().statements_count().unwrap(), world.people().statements_count().unwrap()];
    // What is kept between requests is there from the second on.
    for _ in 0..2 {
        counts.iter().for_each(|count| count.store(0, Ordering::Relaxed));
        assert_eq!(who.get(path).await.status, 200, "{path}");
    }
    counts.iter().map(|count| count.load(Ordering::Relaxed)).sum()
}

#[tokio::test]
async fn pages_ask_as_often_whatever_they_show() {
    let world = World::new();
    let number = case_made(&world);
    advised(&world, &number).await;
    let queues = [
        ("officer", "/cases?officer=any&state=all".to_owned(), 10),
        ("officer", "/cases?officer=any&state=decided&kind=single&to=DE&q=oxide".to_owned(), 10),
        ("defence", "/cases?state=ended".to_owned(), 10),
        ("officer", format!("/cases/{number}"), 16),
    ];
    let mut before = Vec::new();
    for (account, path, most) in &queues {
        let asked = statements(&world, account, path).await;
        assert!((2..=*most).contains(&asked), "{path}: {asked} statements");
        before.push(asked);
    }
    for _ in 0..30 {
        advised(&world, &case_made(&world)).await;
    }
    for ((account, path, _), before) in queues.iter().zip(before) {
        // A queue that is longer than its page is counted, too.
        let asked = statements(&world, account, path).await;
        assert!(asked <= before + 1, "{path}: {asked} statements, {before} before");
    }
}

async fn steps(world: &World, token: &str, number: &str, body: &str) -> Answer {
    let request = Request::post(format!("/api/v1/cases/{number}/steps"))
        .header("authorization", format!("Bearer {}", world.token(token)))
        .header("content-type", "application/json");
    world.send(request.body(Body::from(body.to_owned())).unwrap()).await
}

#[tokio::test]
async fn programs_take_steps_by_the_version_that_they_saw() {
    let world = World::new();
    let number = case_made(&world);
    let case = world.get("officer", &format!("/api/v1/cases/{number}")).await.json();
    let version = case["version"].as_u64().unwrap();
    let take = format!(
        r#"{{"version":{version},"commands":[{{"do":"assign","officer":"officer"}},{{"do":"accept"}}]}}"#
    );
    let first = steps(&world, "officer", &number, &take).await;
    let second = steps(&world, "officer", &number, &take).await;
    assert_eq!((first.status.as_u16(), second.status.as_u16()), (200, 200), "{}", second.body);
    assert_eq!(first.json(), second.json());
    assert_eq!(first.json()["version"], version + 2);
    let note = |text: &str, version: u64| {
        format!(
            r#"{{"version":{version},"commands":[{{"do":"note","text":"{text}","readers":"authority"}}]}}"#
        )
    };
    let stale = steps(&world, "supervisor", &number, &note("late", version)).await;
    assert_eq!((stale.status.as_u16(), stale.json()["code"].as_str()), (409, Some("case_changed")));
    assert_eq!(stale.json()["errors"].as_array().unwrap().len(), 2);
    let refused = steps(&world, "officer", &number, &note("", version + 2)).await;
    assert_eq!(refused.json()["errors"][0]["code"], "text_missing");
    let sign = r#"{"version":99,"commands":[{"do":"sign","content":"00"}]}"#;
    assert_eq!(
        steps(&world, "supervisor", &number, sign).await.json()["errors"][0]["code"],
        "by_hand"
    );
    for (who, status) in
        [("magnet-maker", 404), ("analyst", 404), ("defence", 404), ("witness", 404)]
    {
        let answer = steps(&world, who, &number, &note("mine", version + 2)).await;
        assert_eq!(answer.status.as_u16(), status, "{who}: {}", answer.body);
    }
    let queue = world.get("officer", "/api/v1/cases?officer=any").await.json();
    assert_eq!(
        (queue["total"].as_u64(), queue["oldest"].as_str()),
        (Some(1), Some(number.as_str()))
    );
}
