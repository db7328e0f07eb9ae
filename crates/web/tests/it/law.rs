//! The law through the whole server: what is open to everybody, and the desk at which it is changed.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use serde_json::{Value, json};

use crate::world::{Answer, World};

async fn posted(world: &World, path: &str, body: &Value) -> Answer {
    let request = Request::post(path).header("content-type", "application/json");
    world.send(request.body(Body::from(body.to_string())).unwrap()).await
}

#[tokio::test]
async fn goods_are_classified_for_everybody_and_all_their_faults_are_told_at_once() {
    let world = World::new();
    let goods = json!([
        { "id": "1", "name": "dysprosium oxide" },
        { "id": "2", "name": "lanthanum oxide" },
    ]);
    let asked = json!({ "pack": "cn", "as_of": "2025-06-01", "goods": goods });
    let answer = posted(&world, "/api/v1/classify", &asked).await;
    assert_eq!(answer.status, StatusCode::OK);
    let answers = answer.json()["answers"].clone();
    assert_eq!(answers[0]["answer"], "controlled");
    assert_eq!(answers[0]["items"][0]["control_code"], "1C905.b");
    assert_eq!(answers[1]["answer"], "not_controlled");
    assert!(answers[1]["not_controlled_because"].is_string());
    let bad = json!({ "pack": "cn", "as_of": "2025-06-01", "goods": [
        { "name": "a", "composition": { "Dy": "101" } }, 7, { "name": "b", "composition": { "Zz": "1" } },
    ] });
    let answer = posted(&world, "/api/v1/classify", &bad).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    let fields: Vec<String> = answer.json()["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| error["field"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(fields.len(), 3, "{fields:?}");
    assert!(
        fields.iter().zip(0..).all(|(f, n)| f.starts_with(&format!("goods[{n}]"))),
        "{fields:?}"
    );
    let nowhere = json!({ "pack": "zz", "as_of": "2025-06-01", "goods": [] });
    let unknown = posted(&world, "/api/v1/classify", &nowhere);
    assert_eq!(unknown.await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_list_as_of_a_day_depends_on_what_was_known() {
    let world = World::new();
    let status = async |query: &str| {
        let answer = world.get("", &format!("/api/v1/control-list?pack=cn&{query}")).await;
        let list = answer.json();
        let items = list["items"].as_array().unwrap().clone();
        let holmium = items.iter().find(|i| i["control_code"] == "1C909.a" && i["item_no"] == "1");
        holmium.unwrap()["status"].as_str().unwrap().to_owned()
    };
    assert_eq!(status("as_of=2025-11-08").await, "suspended");
    assert_eq!(status("as_of=2025-11-08&known_at=2025-11-01").await, "in_force");
    assert_eq!(status("as_of=2025-11-08&known_at=2025-10-01").await, "not_published");
    assert_eq!(status("as_of=2026-11-10").await, "suspended");
    assert_eq!(status("as_of=2026-11-11").await, "unknown");
    let bad = world.get("", "/api/v1/control-list?as_of=x&known_at=y").await;
    assert_eq!(bad.json()["errors"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn the_clock_answers_as_the_door_does_and_names_each_wrong_event() {
    let world = World::new();
    let asked = json!({ "pack": "cn", "events": [
        { "at": "2025-04-07T09:12:00+08:00", "event": "received" },
        { "at": "2025-04-08T09:12:00+08:00", "event": "accepted" },
    ] });
    let answer = posted(&world, "/api/v1/clock", &asked).await.json();
    let decision = answer["clocks"].as_array().unwrap().iter().find(|c| c["clock"] == "decision");
    assert_eq!(decision.unwrap()["due_date"], "2025-06-13");
    let wrong =
        json!({ "pack": "cn", "events": [{ "at": "x", "event": "received" }, { "event": "y" }] });
    let answer = posted(&world, "/api/v1/clock", &wrong).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.json()["errors"].as_array().unwrap().len() >= 2, "{}", answer.body);
    let regimes = world.get("", "/api/v1/regimes?received=2025-04-08").await.json();
    let rows = regimes["regimes"].as_array().unwrap().clone();
    let due = |pack: &str| rows.iter().find(|r| r["pack"] == pack).unwrap()["due_date"].clone();
    assert_eq!(due("cn"), "2025-06-13");
    assert_eq!(due("eu"), Value::Null);
    let unit = |pack: &str| rows.iter().find(|r| r["pack"] == pack).unwrap()["unit"].clone();
    assert_eq!((unit("uk"), unit("us")), (json!("working_day"), json!("calendar_day")));
}

/// The number of the row whose first cells hold the words, in the list of a table's rows.
fn revision(page: &Answer) -> String {
    let (_, rest) = page.body.split_once("name=\"revision\" value=\"").unwrap();
    rest.split('"').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_draft_is_changed_checked_and_replayed_by_one_and_published_by_another() {
    let world = World::new();
    let officer = world.person("officer").await;
    let supervisor = world.person("supervisor").await;
    let made = officer.post("/law/demo/drafts", &[("title", "Magnets are freed")]).await;
    assert_eq!(made.header("location"), "/law/demo/1");
    // A row is changed: its wording, and a day that is none.
    let row = "/law/demo/1/tables/items.csv/1";
    let page = officer.get(row).await;
    let columns: Vec<String> = page
        .body
        .split("class=\"govuk-label gd-code\" for=\"c")
        .skip(1)
        .map(|rest| rest.split_once('>').unwrap().1.split('<').next().unwrap().to_owned())
        .collect();
    let value = |at: usize| {
        let id = format!("id=\"c{at}\"");
        let (_, rest) = page.body.split_once(&id).unwrap();
        let input = rest.split_once("value=\"").map(|r| r.1.split('"').next().unwrap().to_owned());
        let area =
            rest.split_once(">\n").map(|r| r.1.split("</textarea>").next().unwrap().to_owned());
        if rest.split('>').next().unwrap().contains("value=") { input } else { area }.unwrap()
    };
    let edited = |from: &str| -> Vec<(String, String)> {
        let cells = columns.iter().enumerate().map(|(at, column)| {
            let text = match column.as_str() {
                "item_en" => "samarium metal and its powders".to_owned(),
                "valid_from" => from.to_owned(),
                _ => value(at),
            };
            (format!("c{at}"), text.replace(' ', "+").replace(';', "%3B").replace('&', "%26"))
        });
        cells.collect()
    };
    let save = async |from: &str| {
        let page = officer.get(row).await;
        let mut fields = edited(from);
        fields.push(("revision".to_owned(), revision(&page)));
        fields.push(("do".to_owned(), "save".to_owned()));
        let fields: Vec<(&str, &str)> =
            fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        officer.post(row, &fields).await
    };
    assert_eq!(save("2026-13-01").await.status, StatusCode::SEE_OTHER);
    let wrong = officer.get("/law/demo/1").await;
    assert!(wrong.body.contains("items.csv:2 (valid_from)"), "{}", wrong.body);
    let step = [("to", "proposed"), ("revision", &*revision(&wrong))];
    let refused = officer.post("/law/demo/1/step", &step).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "a pack with faults");
    assert_eq!(save("2027-01-01").await.status, StatusCode::SEE_OTHER);
    let page = officer.get("/law/demo/1").await;
    assert!(page.body.contains("<ins>") && page.body.contains("and its powders"), "{}", page.body);
    assert_eq!(officer.get("/law/demo/1/replay").await.status, StatusCode::OK);
    // An old revision changes nothing any more.
    let old = [("to", "proposed"), ("revision", "1")];
    let stale = officer.post("/law/demo/1/step", &old).await;
    assert_eq!(stale.status, StatusCode::UNPROCESSABLE_ENTITY);
    let proposed = [("to", "proposed"), ("revision", &*revision(&page))];
    let proposed = officer.post("/law/demo/1/step", &proposed).await;
    assert_eq!(proposed.status, StatusCode::SEE_OTHER, "{}", proposed.body);
    let seen = supervisor.get("/law/demo/1").await;
    let publish = [("to", "published"), ("revision", &*revision(&seen))];
    let own = officer.post("/law/demo/1/decision", &publish).await;
    assert_eq!(own.status, StatusCode::NOT_FOUND, "who drafts does not decide");
    let before = world.get("", "/api/v1/control-list?as_of=2027-02-01").await.json();
    let published = supervisor.post("/law/demo/1/decision", &publish).await;
    assert_eq!(published.status, StatusCode::SEE_OTHER, "{}", published.body);
    let after = world.get("", "/api/v1/control-list?as_of=2027-02-01").await.json();
    assert_eq!((before["version"].clone(), after["version"].clone()), (json!(0), json!(1)));
    assert_eq!(after["items"][0]["wording_en"], "samarium metal and its powders");
    // A supervisor's own draft waits for another supervisor.
    supervisor.post("/law/demo/drafts", &[("title", "again")]).await;
    let page = supervisor.get("/law/demo/2").await;
    let step = [("to", "proposed"), ("revision", &*revision(&page))];
    supervisor.post("/law/demo/2/step", &step).await;
    let page = supervisor.get("/law/demo/2").await;
    let publish = [("to", "published"), ("revision", &*revision(&page))];
    let own = supervisor.post("/law/demo/2/decision", &publish).await;
    assert_eq!(own.status, StatusCode::NOT_FOUND, "not one's own review");
    let actions: Vec<String> =
        world.recorded(0).await.into_iter().map(|entry| entry.action).collect();
    for action in ["pack_drafted", "pack_changed", "pack_proposed", "pack_published"] {
        assert!(actions.iter().any(|a| a == action), "{action}: {actions:?}");
    }
}
