//! Screening through its doors: who reads hits, what deciding them takes, lists coming in force.

use std::sync::OnceLock;

use app::cases::Step;
use app::screening::{HitFilter, Lost, Task, list_read};
use axum::body::Body;
use axum::http::Request;
use base::authorisation::{Actor, Role};
use screening::hit::HitState;

use crate::matrix::Filing;
use crate::world::{Answer, Visitor, World, moment};

/// The key of the hit of [`hit_made`]: the same pair has the same everywhere.
pub(crate) static HIT: OnceLock<String> = OnceLock::new();

const LIST: &str = r#"{"id": "X-1", "schema": "Organization", "names": ["Alder Drives", "Олдер"], "countries": ["DE"], "programme": "s.55"}"#;

fn put(world: &World, code: &str, text: &str) {
    let actor = Actor::new("analyst", Role::Analyst, "");
    let list = list_read(text.as_bytes().to_vec(), Lost::Refuse).unwrap();
    let step = Step { actor: &actor, moment: moment() };
    world.platform().list_put(code, &list, ("list.jsonl", Lost::Confirmed), &step).unwrap();
    // No runner goes in these tests: the jobs are done here.
    while let Some(job) = world.platform().job_take(moment().now).unwrap() {
        if job.kind == app::screening::JOB_KIND {
            let task: Task = serde_json::from_str(&job.body).unwrap();
            world.platform().screening_run(&task, moment().now).unwrap();
        }
        world.platform().job_done(&job, "{}", moment().now).unwrap();
    }
}

/// A list on which the end user of the case of `cases::case_made` is; gives the key of the hit.
pub(crate) fn hit_made(world: &World) -> String {
    put(world, "control_list", LIST);
    let page = world.platform().hits(&HitFilter::default(), None).unwrap();
    let id = page.rows.iter().map(|(hit, _)| app::hex(&hit.hit_id)).next().unwrap();
    HIT.get_or_init(|| id.clone());
    id
}

/// Whether a path is one of screening that is posted to.
pub(crate) fn is_of(path: &str) -> bool {
    path.starts_with("/screening/")
        || path.starts_with("/api/v1/screen")
        || path.starts_with("/api/v1/match/")
}

/// The deed that fits where the hit stands, and the version that is seen.
fn fitting(world: &World, path: &str) -> (&'static str, u32) {
    let id = app::screening::hit_id_read(path.rsplit('/').next().unwrap()).unwrap();
    let hit = world.platform().hit(&id).unwrap().hit;
    let waits = HitState::parse(&hit.state).unwrap().waits();
    (if waits { "confirm" } else { "reopen" }, hit.version)
}

async fn told(world: &World, account: &str, path: &str, body: String) -> Answer {
    let mut request = Request::post(path).header("content-type", "application/json");
    if !account.is_empty() {
        request = request.header("authorization", format!("Bearer {}", world.token(account)));
    }
    world.send(request.body(Body::from(body)).unwrap()).await
}

/// Sends what a route of screening wants, or, where it is only tried, nothing.
pub(crate) async fn sent(
    world: &World,
    who: &Visitor<'_>,
    account: &str,
    path: &str,
    filing: Filing,
) -> Answer {
    let done = filing == Filing::Done;
    let own = LIST.replace("Alder Drives", &format!("Alder {account} {}", path.len()));
    if path.starts_with("/api/v1/match/") {
        let queries =
            r#"{"queries":{"q":{"schema":"Company","properties":{"name":["Alder Drives"]}}}}"#;
        return told(world, account, path, queries.to_owned()).await;
    }
    if path == "/api/v1/screen" {
        return told(world, account, path, r#"{"id":"1","name":"Alder Drives"}"#.to_owned()).await;
    }
    if path.starts_with("/api/v1/screening/lists/") {
        return told(world, account, path, if done { own } else { String::new() }).await;
    }
    if path.contains("/screening/hits/") {
        let (deed, version) = fitting(world, path);
        if path.starts_with("/api/") {
            let body = format!(r#"{{"deed":"{deed}","reason":"seen","version":{version}}}"#);
            return told(world, account, path, if done { body } else { "{}".to_owned() }).await;
        }
        let version = version.to_string();
        let typed = [("deed", deed), ("reason", "seen"), ("version", version.as_str())];
        return who.post(path, if done { &typed } else { &[] }).await;
    }
    if path == "/screening/thresholds" {
        let typed = [("list", ""), ("kind", ""), ("hit", "70"), ("strong", "90"), ("reason", "r")];
        return who.post(path, if done { &typed } else { &[] }).await;
    }
    let part = |head: &str, body: &str| {
        format!("--edge\r\ncontent-disposition: form-data; {head}\r\n\r\n{body}\r\n")
    };
    let file = if done { own.as_str() } else { "" };
    let form = part("name=\"form_token\"", &who.token)
        + &part("name=\"code\"", "control_list")
        + &part("name=\"file\"; filename=\"list.jsonl\"", file)
        + "--edge--\r\n";
    who.post_form(path, form).await
}

#[tokio::test]
async fn an_officer_reads_both_sides_and_an_applicant_knows_of_no_hit() {
    let world = World::new();
    let number = crate::cases::case_made(&world);
    let id = hit_made(&world);
    let officer = world.person("officer").await;
    let queue = officer.get("/screening").await.body;
    assert!(queue.contains("Alder Drives") && queue.contains(&id), "{queue}");
    let page = officer.get(&format!("/screening/hits/{id}")).await.body;
    let marked = |word: &str| format!("<mark class=\"gd-mark gd-mark--same\">{word}</mark>");
    for words in [&marked("Alder"), &marked("Drives"), "s.55", &number] {
        assert!(page.contains(words), "{words}: {page}");
    }
    let case = officer.get(&format!("/cases/{number}")).await.body;
    assert!(case.contains(&format!("/screening/hits/{id}")), "the case leads to the hit");
    for account in ["magnet-maker", "separator", "operator"] {
        let who = world.person(account).await;
        assert_eq!(who.get(&format!("/screening/hits/{id}")).await.status, 404, "{account}");
        assert_eq!(who.get("/screening").await.status, 404, "{account}");
    }
    let own = world.person("magnet-maker").await.get(&format!("/cases/{number}")).await;
    assert_eq!(own.status, 200);
    assert!(!own.body.contains("/screening") && !own.body.contains("strong hit"), "{}", own.body);
}

#[tokio::test]
async fn a_strong_hit_is_cleared_by_two_and_a_list_that_lost_half_is_confirmed() {
    let world = World::new();
    crate::cases::case_made(&world);
    let id = hit_made(&world);
    let path = format!("/api/v1/screening/hits/{id}");
    let decide = async |account: &str, deed: &str, version: u32| {
        let body = format!(r#"{{"deed":"{deed}","reason":"seen","version":{version}}}"#);
        let answer = world.post_json(account, &path, &body).await;
        let json = answer.json();
        let code = json["errors"][0]["code"].as_str().or(json["state"].as_str());
        (answer.status.as_u16(), code.unwrap_or_default().to_owned())
    };
    assert_eq!(decide("supervisor", "clear", 1).await, (200, "proposed".to_owned()));
    assert_eq!(decide("supervisor", "agree", 2).await, (422, "hit_same_person".to_owned()));
    assert_eq!(decide("officer", "agree", 2).await, (422, "hit_not_supervisor".to_owned()));
    assert_eq!(decide("officer", "confirm", 1).await, (422, "hit_stale".to_owned()));
    assert_eq!(decide("analyst", "confirm", 2).await.0, 404);
    let lists = "/api/v1/screening/lists/watch_list";
    let lines: Vec<String> = (0..5).map(|n| LIST.replace("X-1", &format!("X-{n}"))).collect();
    assert_eq!(world.post_json("analyst", lists, &lines.join("\n")).await.status, 200);
    let lost = world.post_json("analyst", lists, &lines[0]).await;
    assert_eq!(lost.json()["errors"][0]["code"], "list_lost");
    let confirmed = world.post_json("analyst", &format!("{lists}?confirm=lost"), &lines[0]).await;
    assert_eq!(confirmed.json()["version"], 2);
    assert_eq!(world.post_json("officer", lists, &lines[0]).await.status, 404);
    let told = world.get("officer", lists).await.json();
    assert_eq!(told["versions"][0]["removed"], 4);
    assert_eq!(told["changes"].as_array().unwrap().len(), 4);
}

#[tokio::test]
async fn programs_screen_one_many_and_as_clients_of_yente_do() {
    let world = World::new();
    crate::cases::case_made(&world);
    hit_made(&world);
    let screen = |body: &'static str| world.post_json("analyst", "/api/v1/screen", body);
    let one = screen(r#"{"id":"a","name":"ALDER DRIVES","country":"de"}"#).await.json();
    assert_eq!(one["results"][0]["matches"][0]["entity"], "X-1");
    for body in [
        r#"[{"id":"a","name":"Alder Drives"},{"id":"b","name":"Nobody"}]"#,
        "{\"id\":\"a\",\"name\":\"Alder Drives\"}\n{\"id\":\"b\",\"name\":\"Nobody\"}\n",
    ] {
        let many = screen(body).await.json();
        let found = |place: usize| many["results"][place]["matches"].as_array().unwrap().len();
        assert_eq!((found(0), found(1)), (1, 0), "{body}");
    }
    for bad in ["", "[]", "nonsense", r#"{"id":1}"#] {
        assert_eq!(screen(bad).await.status, 422, "`{bad}`");
    }
    let then = "/api/v1/screen?as_of=2020-01-01T00:00:00Z";
    let before = world.post_json("analyst", then, r#"{"name":"Alder Drives"}"#).await.json();
    assert_eq!(before["results"][0]["matches"].as_array().unwrap().len(), 0);
    let queries = r#"{"queries":{"q1":{"schema":"Company","properties":{"name":"Alder Drives"}}}}"#;
    let answer = world.post_json("officer", "/api/v1/match/default", queries).await.json();
    let found = &answer["responses"]["q1"];
    assert_eq!((found["status"].as_u64(), found["total"]["value"].as_u64()), (Some(200), Some(1)));
    let entity = &found["results"][0];
    assert_eq!(entity["id"], "X-1");
    assert_eq!(entity["schema"], "Organization");
    assert_eq!(entity["datasets"][0], "control_list");
    assert_eq!(entity["match"], true);
    assert_eq!(entity["properties"]["country"][0], "de");
    assert_eq!(world.post_json("officer", "/api/v1/match/nothing", queries).await.status, 404);
}
