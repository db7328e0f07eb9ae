//! Enquiries and calendars through the pages and the API.

use app::cases::{Known, NewCase, Step, zone};
use app::law::Law;
use axum::body::Body;
use axum::http::Request;
use base::authorisation::{Actor, Role};
use calcard::icalendar::{ICalendar, ICalendarComponentType, ICalendarProperty, ICalendarValue};
use licensing::decide::{Activity, Command, Signer};
use sim::authority::CasePlan;

use crate::world::{Visitor, World, moment};

/// An application of the magnet maker; gives the number of its case.
pub(crate) fn case(world: &World, seed: u64) -> String {
    let actor = Actor::new("magnet-maker", Role::Filer, "gad:mag-d");
    let application = CasePlan::new(seed, 1).application();
    let new = NewCase { applicant: "gad:mag-d", application: &application, follows: None };
    let step = Step { actor: &actor, moment: moment() };
    world.platform().case_submit(&law(), &new, &known(), &step).unwrap()
}

pub(crate) fn law() -> Law {
    Law::read("demo", 0, &app::packs::pack_carried("demo").unwrap())
}

pub(crate) fn known() -> Known {
    let signer =
        Signer { account: "officer".to_owned(), role: Role::Officer, activity: Activity::Active };
    Known { signers: vec![signer], ..Known::default() }
}

/// A step of the officer's.
pub(crate) fn officer_does(world: &World, number: &str, command: &Command) {
    let actor = Actor::new("officer", Role::Officer, "");
    let step = Step { actor: &actor, moment: moment() };
    world.platform().case_step(&law(), number, command, &known(), &step).unwrap();
}

/// Asks on the page; gives where the enquiry is.
async fn ask(who: &Visitor<'_>, fields: &[(&str, &str)]) -> String {
    let answer = who.post("/enquiries", fields).await;
    assert_eq!(answer.status, 303, "{}", answer.body);
    answer.header("location").to_owned()
}

#[tokio::test]
async fn where_a_case_stands_is_said_at_once_and_who_wants_more_asks_an_officer() {
    let world = World::new();
    let number = case(&world, 1);
    let maker = world.person("magnet-maker").await;
    let at = ask(&maker, &[("about", "case"), ("number", &number), ("text", "")]).await;
    let page = maker.get(&at).await.body;
    for said in [
        number.as_str(),
        "Received, not accepted yet",
        "Who must act next",
        "The authority",
        "In time until",
        "too few for a forecast, which needs 20",
        "This case came in today",
        "Ask on record",
    ] {
        assert!(page.contains(said), "{said}: {page}");
    }
    // Nobody waits, so officers have nothing to answer.
    let officer = world.person("officer").await;
    assert!(!officer.get("/enquiries").await.body.contains(&number));
    assert!(!officer.get(&at).await.body.contains("Answer on record"));
    let on = maker.post(&format!("{at}/questions"), &[("text", "Why+so+long?")]).await;
    assert_eq!(on.status, 303);
    let again = maker.post(&format!("{at}/questions"), &[("text", "Well?")]).await;
    assert_eq!(again.status, 422, "one question at a time");
    let listed = officer.get("/enquiries").await.body;
    assert!(listed.contains(&number) && listed.contains("gad:mag-d"), "{listed}");
    let done = officer.post(&format!("{at}/answer"), &[("text", "A+visit+is+planned.")]).await;
    assert_eq!(done.status, 303, "{}", done.body);
    let page = maker.get(&format!("{at}?lang=zh")).await.body;
    assert!(page.contains("A visit is planned.") && page.contains("主管机关答复"), "{page}");
    assert!(!page.contains("officer"), "whose hand it was is not told");
    assert!(officer.get(&at).await.body.contains("officer"));
    let done = officer.post(&format!("{at}/answer"), &[("text", "Again.")]).await;
    assert_eq!(done.status, 422, "nobody waits");
    assert_eq!(app::platform::fsck(world.dir()).unwrap(), Vec::<String>::new());
}

#[tokio::test]
async fn another_companys_case_and_enquiry_are_not_there() {
    let world = World::new();
    let number = case(&world, 2);
    let maker = world.person("magnet-maker").await;
    let at = ask(&maker, &[("about", "case"), ("number", &number)]).await;
    let separator = world.person("separator").await;
    assert_eq!(separator.get(&at).await.status, 404);
    assert_eq!(separator.post(&format!("{at}/questions"), &[("text", "x")]).await.status, 404);
    assert_eq!(maker.post(&format!("{at}/answer"), &[("text", "x")]).await.status, 404);
    let mut answers = Vec::new();
    for number in [number.as_str(), "YT-2026-999999"] {
        let body = format!(r#"{{"case":"{number}"}}"#);
        let answer = world.post_json("separator", "/api/v1/enquiries", &body).await;
        answers.push((answer.status.as_u16(), answer.json()["errors"].clone()));
    }
    assert_eq!(answers[0], answers[1]);
    assert_eq!(answers[0].0, 422);
    let mine = world.get("separator", "/api/v1/enquiries?state=answered").await.json();
    assert_eq!(mine["enquiries"], serde_json::json!([]));
}

#[tokio::test]
async fn a_good_is_asked_about_by_a_program_and_answered_with_how_far_that_binds() {
    let world = World::new();
    let asked = r#"{"good":"sintered NdFeB magnet","hs":"8505.11",
        "composition":"Nd=28.5;Dy=1.6","text":"For a pump."}"#;
    let answer = world.post_json("magnet-maker", "/api/v1/enquiries", asked).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    let number = answer.json()["number"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/enquiries/{number}");
    let stated = world.get("magnet-maker", &path).await.json();
    assert_eq!(stated["state"], "open", "what a list finds is no answer");
    assert_eq!(stated["entries"][1]["by"], "platform");
    assert_eq!(stated["entries"][1]["entry"]["found"]["found"], "listed");
    let wrong = r#"{"text":"It is.","codes":["1C999"]}"#;
    let refused = world.post_json("officer", &format!("{path}/answer"), wrong).await;
    assert_eq!(refused.status, 422, "{}", refused.body);
    let fields: Vec<&str> = refused.json()["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|fault| fault["code"].as_str().unwrap().to_owned().leak() as &str)
        .collect();
    assert_eq!(fields, ["enquiry_finding", "enquiry_codes"]);
    let right = r#"{"text":"It is.","finding":"controlled","codes":["1C999"]}"#;
    let done = world.post_json("officer", &format!("{path}/answer"), right).await;
    assert_eq!(done.status, 204, "{}", done.body);
    let maker = world.person("magnet-maker").await;
    for (language, binding) in [("en", "bound by this answer for one year"), ("zh", "有约束力")]
    {
        let page = maker.get(&format!("/enquiries/{number}?lang={language}")).await.body;
        assert!(page.contains(binding) && page.contains("1C999"), "{page}");
    }
    let readers = world.post_json("reads-only", "/api/v1/enquiries", asked).await;
    assert_eq!(readers.status, 404, "a token that only reads asks nothing");
}

/// The days of a calendar with their summaries.
async fn days(world: &World, path: &str) -> Vec<(String, String)> {
    let answer = world.send(Request::get(path).body(Body::empty()).unwrap()).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert!(answer.header("content-type").starts_with("text/calendar"));
    let read = ICalendar::parse(&answer.body).unwrap();
    let events =
        read.components.iter().filter(|part| part.component_type == ICalendarComponentType::VEvent);
    let value = |part: &calcard::icalendar::ICalendarComponent, name: ICalendarProperty| {
        let entry = part.entries.iter().find(|entry| entry.name == name).unwrap();
        match &entry.values[0] {
            ICalendarValue::Text(text) => text.clone(),
            ICalendarValue::PartialDateTime(day) => {
                format!("{}-{:02}-{:02}", day.year.unwrap(), day.month.unwrap(), day.day.unwrap())
            }
            other => format!("{other:?}"),
        }
    };
    let day =
        |part| (value(part, ICalendarProperty::Dtstart), value(part, ICalendarProperty::Summary));
    events.map(day).collect()
}

/// Makes the link of an account, and gives its path.
async fn link(who: &Visitor<'_>) -> String {
    let page = who.post("/account/calendar", &[]).await;
    assert_eq!(page.status, 200, "{}", page.body);
    let text = page.body.split("https://licences.example").find(|t| t.starts_with("/calendar/"));
    text.unwrap().split(['<', '"', ' ', '\n']).next().unwrap().to_owned()
}

#[tokio::test]
async fn a_calendar_has_the_due_days_of_ones_own_open_cases_until_its_link_is_revoked() {
    let world = World::new();
    let (mine, others) = (case(&world, 3), case(&world, 4));
    officer_does(&world, &mine, &Command::Assign { officer: "officer".to_owned() });
    let row = |number: &str| {
        let read = world.platform().case(number).unwrap();
        app::cases::case_days(&law(), &read, moment().now).0.and_then(app::cases::date_of_day)
    };
    let due = row(&mine).unwrap().to_string();
    assert_eq!(zone(&law()).iana_name(), Some("UTC"));
    let officer = world.person("officer").await;
    let first = link(&officer).await;
    let found = days(&world, &first).await;
    assert!(found.contains(&(due.clone(), format!("Decision due: {mine}"))), "{found:?}");
    assert!(!found.iter().any(|day| day.1.contains(&others)), "not its own: {found:?}");
    let maker = world.person("magnet-maker").await;
    let found = days(&world, &link(&maker).await).await;
    for number in [&mine, &others] {
        let said = format!("Decision in time until today: {number}");
        assert!(found.iter().any(|day| day.1 == said), "{found:?}");
    }
    let analyst = world.person("analyst").await;
    assert_eq!(days(&world, &link(&analyst).await).await, []);
    // Another link ends the one before, and the end of that one is the end.
    let second = link(&officer).await;
    assert_ne!(first, second);
    let gone = |path: String| {
        let world = &world;
        async move { world.send(Request::get(path).body(Body::empty()).unwrap()).await.status }
    };
    assert_eq!(gone(first).await, 404);
    assert_eq!(gone(second.clone()).await, 200);
    assert_eq!(officer.post("/account/calendar/revoke", &[]).await.status, 303);
    assert_eq!(gone(second.clone()).await, 404);
    // The database has no text that opens one.
    let text = second.trim_start_matches("/calendar/").trim_end_matches(".ics").to_owned();
    for entry in std::fs::read_dir(world.dir()).unwrap() {
        let path = entry.unwrap().path();
        let bytes = std::fs::read(&path).unwrap();
        assert!(!bytes.windows(text.len()).any(|part| part == text.as_bytes()), "{path:?}");
    }
}

/// The number of a licence of the magnet maker that customs has drawn down today.
fn drawn_down(world: &World) -> String {
    let licence = world.licence();
    let border = app::border::Border::new(world.platform(), || moment().now);
    let at = moment().now.to_string();
    let line = &licence.lines[1];
    let message = licensing::message::MessageWritten {
        post: "harbour".to_owned(),
        id: "1".to_owned(),
        sent_at: at.clone(),
        deed: "commit".to_owned(),
        licence: licence.number.clone(),
        line: line.number,
        declaration: "SECRET-77".to_owned(),
        declaration_line: 1,
        good: line.good.key.clone(),
        hs: line.good.hs.clone(),
        consignee: line.consignee.clone(),
        end_user: line.end_user.clone(),
        end_use: line.end_use.clone(),
        destination: line.destination.clone(),
        quantities: vec![licensing::message::QuantityWritten {
            unit: "net_mass".to_owned(),
            amount: "10".to_owned(),
            written: "kg".to_owned(),
        }],
        departed_at: at,
        ..Default::default()
    };
    let (sender, receiver) = std::sync::mpsc::channel();
    let reply = Box::new(move |told| sender.send(told).unwrap());
    border.tell(vec![message.read().unwrap()], "customs-officer", reply).unwrap();
    let told = receiver.recv().unwrap().unwrap();
    assert!(told[0].contains("accepted"), "{told:?}");
    licence.number
}

#[tokio::test]
async fn what_a_holder_owes_and_what_an_agency_is_to_advise_stand_in_their_calendars_alone() {
    let world = World::new();
    let number = case(&world, 3);
    officer_does(&world, &number, &Command::Assign { officer: "officer".to_owned() });
    officer_does(&world, &number, &Command::Accept);
    let asked =
        Command::AskAgency { agency: "defence".to_owned(), text: "Any objection?".to_owned() };
    officer_does(&world, &number, &asked);
    let licence = drawn_down(&world);
    let read = world.platform().case(&number).unwrap();
    let advice = app::cases::advice_days(&law(), &read, moment().now);
    let due = app::cases::date_of_day(advice["defence"]).unwrap().to_string();

    let agency = world.person("defence").await;
    let found = days(&world, &link(&agency).await).await;
    assert_eq!(found, [(due.clone(), format!("Your agency's advice due: {number}"))]);
    let officer = world.person("officer").await;
    let found = days(&world, &link(&officer).await).await;
    let of = format!("Advice due: {number}, Defence Materials Office");
    assert!(found.contains(&(due.clone(), of)), "{found:?}");
    let other = world.person("industry").await;
    assert_eq!(days(&world, &link(&other).await).await, [], "it was not asked");

    // Within 60 days of the draw-down by the demo's pack; what the other side received is not its to tell.
    let holder = world.person("magnet-maker").await;
    let path = link(&holder).await;
    let found = days(&world, &path).await;
    let today = app::cases::date_in(&zone(&law()), moment().now);
    let last = today.checked_add(jiff::ToSpan::days(60)).unwrap().to_string();
    for kind in ["Transport", "Arrival"] {
        let said = format!("Last day of a report ({kind}): licence {licence}/2");
        assert!(found.contains(&(last.clone(), said)), "{kind}: {found:?}");
    }
    assert!(!found.iter().any(|day| day.1.contains("Receipt")), "{found:?}");
    assert!(!found.iter().any(|day| day.1.contains("dvice")), "no agency is named: {found:?}");
    let file = world.send(Request::get(&path).body(Body::empty()).unwrap()).await.body;
    assert!(!file.contains("SECRET-77"), "a declaration stands in no calendar: {file}");
    let page = holder.get("/account/calendar").await.body;
    assert!(page.contains(&format!("licence {licence}/2")), "{page}");
    let page = agency.get("/account/calendar?lang=zh").await.body;
    assert!(page.contains(&format!("贵部门意见期限：{number}")), "{page}");
    for (account, of) in [("separator", "nothing of others"), ("supervisor", "none of its own")] {
        let who = world.person(account).await;
        let found = days(&world, &link(&who).await).await;
        assert!(
            !found.iter().any(|day| day.1.contains(&licence) || day.1.contains(&number)),
            "{of}"
        );
        let page = who.get("/account/calendar").await.body;
        assert!(!page.contains(&licence) && !page.contains(&number), "{of}");
    }
}
