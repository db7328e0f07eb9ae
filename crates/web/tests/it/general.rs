//! General licences through the pages and the API: registering, uses at the border, returns, an audit.

use axum::http::StatusCode;
use serde_json::json;

use crate::matrix::general;
use crate::world::{POST, World, clock_forward, moment};

const DAY: i64 = 86_400;

async fn registered(world: &World) -> String {
    let maker = world.person("magnet-maker").await;
    let answer = maker.post("/general", &general("YG-1")).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    answer.header("location").to_owned()
}

/// A token of a program of an account that is good now.
fn program(world: &World, account: &str) -> String {
    let (by, scope) = (app::people::By::COMMAND_LINE, app::people::Scope::ReadAndFile);
    let name = format!("at {}", moment().now);
    world.people().token_make(by, account, &name, scope, 30, &moment()).unwrap()
}

/// Tells a use; gives the answer to it.
async fn told(
    world: &World,
    token: &str,
    id: &str,
    number: &str,
    more: serde_json::Value,
) -> serde_json::Value {
    let now = moment().now.to_string();
    let mut message = json!({
        "post": POST, "id": id, "sent_at": now, "deed": "use", "registration": number,
        "exporter": "gad:mag-d", "declaration": format!("D-{id}"), "declaration_line": 1,
        "control_codes": ["YS-202"], "destination": "DE", "released_at": now,
        "quantities": [{"unit": "net_mass", "amount": "12.5"}],
    });
    for (field, value) in more.as_object().unwrap() {
        message[field] = value.clone();
    }
    let answer = world.tell(token, "/api/v1/border/general-uses", &json!([message])).await;
    answer.json()["answers"][0].clone()
}

#[tokio::test]
async fn what_is_missing_is_told_at_once_and_what_was_typed_stays() {
    let world = World::new();
    let maker = world.person("magnet-maker").await;
    let typed = [("general", "YG-1"), ("name", "Ada+Lind"), ("confirmed", "compliance_programme")];
    for language in ["en", "zh"] {
        let answer = maker.post(&format!("/general?lang={language}"), &typed).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.body.contains("value=\"Ada Lind\""), "{}", answer.body);
        for field in ["#confirmed", "#email", "#records_at"] {
            assert!(answer.body.contains(&format!("href=\"{field}\"")), "{field}: {}", answer.body);
        }
        assert!(answer.body.contains("value=\"compliance_programme\" checked"), "{}", answer.body);
    }
    let body = r#"{"general":"YG-1","name":"","email":"x","records_at":""}"#;
    let refused = world.post_json("magnet-maker", "/api/v1/general-registrations", body).await;
    let codes: Vec<String> = refused.json()["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|fault| fault["code"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(
        codes,
        [
            "general_unconfirmed",
            "general_undenied",
            "general_undenied",
            "general_text",
            "general_text",
            "general_email"
        ]
    );
}

#[tokio::test]
async fn a_registered_user_exports_returns_and_is_audited() {
    let world = World::new();
    let page = registered(&world).await;
    let number = page.rsplit('/').next().unwrap().to_owned();
    let token = world.customs();
    clock_forward(DAY);
    let none = json!({});
    assert_eq!(told(&world, &token, "1", &number, none.clone()).await["outcome"], "accepted");
    let outside = told(&world, &token, "2", &number, json!({"destination": "KP"})).await;
    assert_eq!(
        (&outside["outcome"], &outside["reasons"][0]["code"]),
        (&json!("refused"), &json!("destination_outside"))
    );
    let left =
        told(&world, &token, "3", &number, json!({"destination": "KP", "deed": "left"})).await;
    assert_eq!(
        (&left["outcome"], &left["marks"][0]),
        (&json!("accepted"), &json!("outside_terms"))
    );
    let other = told(&world, &token, "4", &number, json!({"post": "ELSEWHERE"})).await;
    assert_eq!(
        (&other["outcome"], &other["reasons"][0]["code"]),
        (&json!("rejected"), &json!("post_other"))
    );
    // Both languages show the uses; customs sees them and nothing of returns and audits.
    let api = format!("/api/v1/general-registrations/{number}");
    let maker = world.person("magnet-maker").await;
    for language in ["en", "zh"] {
        let shown = maker.get(&format!("{page}?lang={language}")).await;
        assert!(shown.status == StatusCode::OK && shown.body.contains("D-1/1"), "{}", shown.body);
    }
    let seen = world.get(&token, &api).await.json();
    assert_eq!((seen["uses"].as_array().unwrap().len(), &seen["keeper"]), (2, &json!(null)));
    assert_eq!((&seen["returns"], &seen["entries"]), (&json!([]), &json!([])));
    // Eleven weeks later a return is overdue; who was signed in signs in anew.
    clock_forward(77 * DAY);
    let maker = world.person("magnet-maker").await;
    let (own, authority) = (program(&world, "magnet-maker"), program(&world, "officer"));
    let officer = world.person("officer").await;
    let list = officer.get("/general").await.body;
    assert!(list.contains(&number) && list.contains("gd-tag-error"), "{list}");
    let told = world.get(&own, &api).await.json();
    let overdue: Vec<&serde_json::Value> =
        told["returns"].as_array().unwrap().iter().filter(|of| of["state"] == "overdue").collect();
    let from = overdue.last().unwrap()["from"].as_str().unwrap().to_owned();
    let wrong =
        [("from", from.as_str()), ("kind", "listed"), ("lines", "D-1%2C+1%2C+soon%2C+DE%2C+12.5")];
    let answer = maker.post(&format!("{page}/returns"), &wrong).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.body.contains("href=\"#lines\""), "{}", answer.body);
    let none = [("from", from.as_str()), ("kind", "no_use")];
    let answer = maker.post(&format!("{page}/returns"), &none).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    let told = world.get(&authority, &api).await.json();
    let filed = told["returns"].as_array().unwrap().iter().find(|of| of["from"] == from.as_str());
    assert_eq!(filed.unwrap()["state"], "filed_late");
    let rules: Vec<&str> = filed.unwrap()["differences"]
        .as_array()
        .unwrap()
        .iter()
        .map(|of| of["rule"].as_str().unwrap())
        .collect();
    assert_eq!(rules, ["not_returned", "not_returned"]);
    audited(&world, &page, &from).await;
}

/// An audit from the sample to a suspension, by the pages.
async fn audited(world: &World, page: &str, from: &str) {
    let token = program(world, "customs-1");
    let (maker, officer) = (world.person("magnet-maker").await, world.person("officer").await);
    let today = moment().now.to_string()[..10].to_owned();
    let answer_by = base::time::date_parse(&today).unwrap().checked_add(jiff::Span::new().days(20));
    let answer_by = answer_by.unwrap().to_string();
    let manage = format!("{page}/manage");
    let post = |fields: Vec<(&'static str, String)>| {
        let (officer, manage) = (&officer, &manage);
        async move {
            let fields: Vec<(&str, &str)> = fields.iter().map(|(k, v)| (*k, v.as_str())).collect();
            officer.post(manage, &fields).await
        }
    };
    let text = |text: &str| text.to_owned();
    let begun = post(vec![
        ("deed", text("begin")),
        ("from", text(from)),
        ("to", today.clone()),
        ("size", text("2")),
        ("answer_by", answer_by),
        ("text", text("show+them")),
    ])
    .await;
    assert_eq!(begun.status, StatusCode::SEE_OTHER, "{}", begun.body);
    let found = post(vec![
        ("deed", text("find")),
        ("about", text("D-1%2F1")),
        ("text", text("no+invoice")),
    ])
    .await;
    assert_eq!(found.status, StatusCode::SEE_OTHER, "{}", found.body);
    let close = || {
        let outcome = ("outcome", text("suspended"));
        post(vec![("deed", text("close")), outcome, ("text", text("until+it+is+there"))])
    };
    let unheard = close().await;
    assert!(
        unheard.status == StatusCode::UNPROCESSABLE_ENTITY
            && unheard.body.contains("href=\"#deed\""),
        "{}",
        unheard.body
    );
    // Nobody else answers for the user.
    let answer = [("deed", "answer"), ("text", "it+is+lost")];
    let other = world.person("separator").await;
    assert_eq!(other.post(&format!("{page}/own"), &answer).await.status, StatusCode::NOT_FOUND);
    let answered = maker.post(&format!("{page}/own"), &answer).await;
    assert_eq!(answered.status, StatusCode::SEE_OTHER, "{}", answered.body);
    assert_eq!(close().await.status, StatusCode::SEE_OTHER);
    for language in ["en", "zh"] {
        let shown = maker.get(&format!("{page}?lang={language}")).await.body;
        assert!(shown.contains("no invoice") && shown.contains("until it is there"), "{shown}");
    }
    let number = page.rsplit('/').next().unwrap();
    let state = world
        .get(&program(world, "magnet-maker"), &format!("/api/v1/general-registrations/{number}"))
        .await;
    assert_eq!(state.json()["state"], "suspended");
    let refused = told(world, &token, "9", number, json!({})).await;
    assert_eq!(refused["reasons"][0]["code"], "registration_suspended");
}
