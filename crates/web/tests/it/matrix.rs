//! Who gets what at every route: the authorisation matrix, as a document one can read.

use axum::body::Body;
use axum::http::Request;

use crate::certificates;
use crate::world::{ACCOUNT_KEYS, LICENCE, PDF, Visitor, World};

pub(crate) const CSV: &str = "filing,kind,date,filer,site,lot,stage,net_mass_kg,composition\n\
    X1,opening,2025-01-01,gad:mag-d,FAB,X-1,scrap_magnet,1,Nd=25.0\n";

/// The enquiry of [`places`].
const ENQUIRY: &str = "YT-E-2025-000001";
/// The registration with a general licence of [`places`].
const GENERAL: &str = "YT-G-2025-000001";
const NEW_PASSWORD: &str = "four+lanterns+over+quiet+harbour";

/// The path of a route with what stands in the books of the magnet maker.
pub(crate) fn concrete(path: &str, upload: &str, asset: &str, job: &str, hash: &str) -> String {
    let of_party = path.contains("/parties/") || path.contains("/organisations/");
    let id = if of_party { "gad:mag-d" } else { "MAG-1" };
    let mut path = path
        .replace("{id}", id)
        .replace("{filer}", "gad:mag-d")
        .replace("{reference}", "G1")
        .replace("{account}", if path.contains("/authority/") { "analyst" } else { "manager" })
        .replace("{deed}", if path.contains("/webhooks/") { "try" } else { "reactivate" })
        .replace(
            "{number}",
            match () {
                () if path.contains("/cases/") => "YT-2025-000001",
                () if path.contains("/enquiries/") => ENQUIRY,
                () if path.contains("/general") => GENERAL,
                () => LICENCE,
            },
        )
        .replace("{upload}", upload)
        .replace("{job}", job)
        .replace("{pack}", "demo")
        .replace("{version}", "1")
        .replace("{file}", "penalties.csv")
        .replace("{row}", "1")
        .replace("{sha256}", hash)
        .replace("{kind}/{language}", "invitation/en")
        .replace("{kind}/{seq}", "question/1")
        .replace("{provider}", "partner")
        .replace("{token}", "nobody")
        .replace("{hit}", crate::screening::HIT.get().map_or("none", String::as_str))
        .replace("{list}", "control_list")
        .replace("{dataset}", "default")
        .replace("/assets/{digest}/{name}", asset);
    match path.as_str() {
        "/api/v1/regimes" => path.push_str("?received=2025-03-03"),
        "/api/v1/control-list" => path.push_str("?as_of=2025-03-03"),
        "/search" | "/api/v1/search" => path.push_str("?q=MAG"),
        "/api/v1/lots/MAG-1/trace" | "/api/v1/lots/MAG-1/lineage" => path.push_str("?element=Dy"),
        other if other.contains("/documents/") => path.push_str("?party=gad:mag-d"),
        _ => {}
    }
    path
}

/// Whether a request that files does so, or only tries.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Filing {
    Tried,
    Done,
}

pub(crate) async fn status(
    world: &World,
    who: &Visitor<'_>,
    account: &str,
    method: &str,
    path: &str,
    filing: Filing,
) -> u16 {
    let answer = match (method, path) {
        ("GET", path) if path.starts_with("/api/v1/") => {
            if account.is_empty() {
                world.send(Request::get(path).body(Body::empty()).unwrap()).await
            } else {
                world.get(account, path).await
            }
        }
        ("GET", path) => who.get(path).await,
        ("POST", path) if path.starts_with("/api/v1/enquiries") => {
            let body = match path.rsplit('/').next() {
                Some("answer") => r#"{"text":"so it is","finding":"not_controlled"}"#,
                Some("questions") => r#"{"text":"and the block?"}"#,
                _ if filing == Filing::Done => r#"{"good":"magnet","text":"is it controlled?"}"#,
                _ => "{}",
            };
            world.post_json(account, path, body).await
        }
        ("POST", path) if crate::screening::is_of(path) => {
            crate::screening::sent(world, who, account, path, filing).await
        }
        ("POST", path) if path.starts_with("/api/v1/general-registrations") => {
            let body = match path.rsplit('/').next() {
                _ if filing == Filing::Tried => "{}".to_owned(),
                Some("own-steps") => r#"{"do":"give_up","reason":"no more"}"#.to_owned(),
                Some("authority-steps") => r#"{"do":"suspend","reason":"inquiry"}"#.to_owned(),
                Some("returns") => format!(r#"{{"from":"{}","kind":"no_use"}}"#, registered(world)),
                _ => r#"{"general":"YG-1","confirmed":["compliance_programme"],
                    "denied":["serious_penalty","watch_listed_party"],"name":"Ada",
                    "email":"ada@works.example","records_at":"1 Quay"}"#
                    .to_owned(),
            };
            world.post_json(account, path, &body).await
        }
        ("POST", path) if path.starts_with("/api/v1/webhooks") => {
            let body = match filing {
                Filing::Done if path.ends_with("/webhooks") => {
                    r#"{"url":"https://hooks.example/in"}"#
                }
                _ if path.ends_with("/webhooks") => "{}",
                _ => "",
            };
            world.post_json(account, path, body).await
        }
        ("POST", "/api/v1/filings") if filing == Filing::Done => {
            // Each files something of its own.
            let own = CSV.replace("X1", account).replace("X-1", &format!("X-{account}"));
            world.file(account, "", "", &own).await
        }
        ("POST", "/api/v1/filings") => world.file(account, "?dry_run=true", "", CSV).await,
        ("POST", "/api/v1/documents") => {
            world.hand_in(account, "own.txt", format!("of {account}")).await
        }
        ("POST", "/api/v1/clock" | "/api/v1/classify") => {
            let request = Request::post(path).header("content-type", "application/json");
            let events = if path.ends_with("clock") {
                r#"{"events":[{"at":"2025-03-03T02:00:00Z","event":"received"}]}"#
            } else {
                r#"{"as_of":"2025-03-03","goods":[{"name":"dysprosium oxide"}]}"#
            };
            let token = world.token(account);
            let request = if account.is_empty() {
                request
            } else {
                request.header("authorization", format!("Bearer {token}"))
            };
            world.send(request.body(Body::from(events)).unwrap()).await
        }
        ("POST", path) if path.starts_with("/api/v1/border/") => {
            world.tell(account, path, &serde_json::json!({ "seq": [1] })).await
        }
        ("POST", path) if path.starts_with("/api/v1/certificates") => {
            let body = if filing == Filing::Done {
                certificates::sent(path)
            } else {
                serde_json::Value::Object(serde_json::Map::new())
            };
            certificates::program(world, account, path, &body).await
        }
        ("POST", path) if path.starts_with("/certificate") && filing == Filing::Done => {
            let typed = certificates::typed(world, path);
            let typed: Vec<_> = typed.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
            who.post(path, &typed).await
        }
        ("POST", "/api/v1/duties/reports") => {
            let own = format!("api-{account}");
            let reference = if filing == Filing::Done { own.as_str() } else { "" };
            let report = format!(
                r#"{{"reference":"{reference}","kind":"use","licence":"L-1","line":"1",
                "declaration":"D-2","date":"2025-03-03"}}"#
            );
            let request = Request::post(path).header("content-type", "application/json");
            let bearer = format!("Bearer {}", world.token(account));
            let request =
                if account.is_empty() { request } else { request.header("authorization", bearer) };
            world.send(request.body(Body::from(report)).unwrap()).await
        }
        ("POST", path) if path.ends_with("/steps") => {
            let commands = if filing == Filing::Done {
                r#"{"do":"note","text":"seen","readers":"authority"}"#
            } else {
                ""
            };
            let body = format!(r#"{{"version":1000,"commands":[{commands}]}}"#);
            let request = Request::post(path).header("content-type", "application/json");
            let request = if account.is_empty() {
                request
            } else {
                request.header("authorization", format!("Bearer {}", world.token(account)))
            };
            world.send(request.body(Body::from(body)).unwrap()).await
        }
        ("POST", path)
            if path.starts_with("/api/v1/applications")
                || (path.starts_with("/api/v1/cases/") && !path.ends_with("/steps")) =>
        {
            world.apply(account, path).await
        }
        ("POST", path) if path.starts_with("/applications/") && path.ends_with("/documents") => {
            who.post_form(path, document_form(&who.token)).await
        }
        ("POST", "/file") => who.upload("a.csv", CSV).await,
        ("POST", "/documents") => {
            who.upload_to(path, "own.txt", format!("from the page of {account}").as_bytes()).await
        }
        ("POST", "/sign-in") => who.post(path, &[("account", "officer")]).await,
        ("POST", path) if path.starts_with("/operations/mail-templates/") => {
            let fields = [
                ("subject", "s"),
                ("body", "%7B%7B+link+%7D%7D"),
                ("replaces", "0"),
                ("do", if filing == Filing::Done { "save" } else { "preview" }),
            ];
            who.post(path, &fields).await
        }
        ("POST", path) if filing == Filing::Done => who.post(path, &change(path, account)).await,
        ("POST", "/authority/people") => who.post(path, &[("role", "officer")]).await,
        ("POST", path) if path.ends_with("/people") => who.post(path, &[("role", "filer")]).await,
        ("POST", path) => who.post(path, &[]).await,
        ("DELETE", path) => {
            let of_draft = path.starts_with("/api/v1/applications/") && filing == Filing::Done;
            let path = format!("{path}{}", if of_draft { "?revision=1" } else { "" });
            let bearer = format!("Bearer {}", world.token(account));
            let request = Request::delete(path).header("authorization", bearer);
            world.send(request.body(Body::empty()).unwrap()).await
        }
        (method, path) => panic!("no request for {method} {path}"),
    };
    answer.status.as_u16()
}

/// A form with a document for what the pack asks as number 2.
fn document_form(token: &str) -> String {
    let part = |head: &str, body: &str| {
        format!("--edge\r\ncontent-disposition: form-data; {head}\r\n\r\n{body}\r\n")
    };
    part("name=\"form_token\"", token)
        + &part("name=\"number\"", "2")
        + &part("name=\"file\"; filename=\"b.pdf\"", &PDF.replace("obj", "obj % b"))
        + "--edge--\r\n"
}

/// What a person types to change something.
fn change<'t>(path: &str, account: &'t str) -> Vec<(&'static str, &'t str)> {
    let colleague = match account {
        "magnet-maker" => "manager",
        "manager" => "magnet-maker",
        "officer" => "supervisor",
        "supervisor" => "officer",
        _ => "nobody",
    };
    match path {
        "/applications" => vec![("licence_type", "single")],
        path if path.starts_with("/applications/") => vec![("revision", "1"), ("name", "another")],
        "/account" => vec![("name", "Somebody"), ("local_name", ""), ("language", "")],
        "/account/tokens" => vec![("token_name", "program"), ("scope", "read"), ("days", "30")],
        "/enquiries" => vec![("good", "magnet"), ("text", "is+it+controlled")],
        "/general" => general("YG-2"),
        path if path.starts_with("/general/") && path.ends_with("/own") => {
            vec![("deed", "notice"), ("day", "2025-06-30")]
        }
        path if path.starts_with("/general/") && path.ends_with("/returns") => {
            vec![("from", "2025-01-01"), ("kind", "no_use")]
        }
        path if path.ends_with("/users") => {
            vec![("user_name", "Turbine+Works"), ("user_country", "DE")]
        }
        "/webhooks" => vec![("url", "https%3A%2F%2Fhooks.example%2Fin")],
        path if path.ends_with("/answer") => {
            vec![("text", "so+it+is"), ("finding", "not_controlled")]
        }
        path if path.ends_with("/questions") => vec![("text", "and+the+block")],
        "/account/password" => {
            vec![("present", "x"), ("password", NEW_PASSWORD), ("repeated", NEW_PASSWORD)]
        }
        "/account/confirm" => vec![("password", "x"), ("code", "1")],
        "/account/second-factor" => vec![("code", "000000")],
        "/account/cover" => {
            vec![("delegate", colleague), ("cover_to", "2025-11-30"), ("cover_reason", "leave")]
        }
        "/authority/people" => vec![("account", "hand-1"), ("name", "Hand"), ("role", "officer")],
        "/quotas" => vec![
            ("line", "mining%7Cmining%7Crock"),
            ("year", "2025"),
            ("from", "issue"),
            ("amount", "100"),
            ("slice", "1"),
            ("day", "2025-01-15"),
            ("reason", "the+yearly+order"),
        ],
        "/duties" | "/duties/receipts" => vec![
            ("holder", "gad:mag-d"),
            ("reference", account),
            ("kind", "arrival"),
            ("licence", "L-1"),
            ("line", "1"),
            ("declaration", "D-1"),
            ("day", "2025-03-03"),
            ("note", account),
        ],
        "/register" => vec![
            ("name", "Neodym+Works"),
            ("country", "SE"),
            ("identifiers", "gad:neodym-works"),
            ("contact_name", "Nora+Lind"),
            ("contact_email", "nora@works.example"),
        ],
        "/cases" => vec![("do", "release"), ("case", "YT-2025-000001+")],
        path if path.ends_with("/manage") => {
            let deed = if account == "supervisor" { "reinstate" } else { "suspend" };
            vec![("deed", deed), ("reason", "inquiry")]
        }
        path if path.ends_with("/surrender") => vec![("reason", "done")],
        "/cases/views" => vec![("do", "keep"), ("name", "mine")],
        path if path.starts_with("/cases/") => {
            let form = match path.rsplit('/').next() {
                Some("step") => "take",
                Some("note") => "note",
                Some("draft") => "draft",
                Some("sign") => "sign",
                _ => "advise",
            };
            vec![("do", form), ("version", "1000"), ("text", "seen"), ("readers", "authority")]
        }
        path if path.starts_with("/invitation/") => {
            vec![("password", NEW_PASSWORD), ("repeated", NEW_PASSWORD)]
        }
        path if path.ends_with("/people") => {
            vec![("account", "hand-2"), ("name", "Hand"), ("role", "filer")]
        }
        path if path.ends_with("/sites") => {
            vec![("code", "FAB"), ("site_name", "Fab"), ("kind", "bonded")]
        }
        "/law/demo/drafts" => vec![("title", "Another")],
        path if path.contains("/files/") => vec![("text", "a%2Cb"), ("revision", "1")],
        path if path.contains("/tables/") => vec![("revision", "1"), ("do", "remove")],
        path if path.ends_with("/step") => vec![("to", "proposed"), ("revision", "1")],
        path if path.ends_with("/decision") => vec![("to", "draft"), ("revision", "2")],
        path if path.ends_with("/decide") => vec![("verdict", "refused"), ("reason", "unknown")],
        _ => Vec::new(),
    }
}

/// What a company types that registers with a general licence.
pub(crate) fn general(id: &'static str) -> Vec<(&'static str, &'static str)> {
    vec![
        ("general", id),
        ("confirmed", "compliance_programme"),
        ("denied", "serious_penalty"),
        ("denied", "watch_listed_party"),
        ("name", "Ada"),
        ("email", "ada@works.example"),
        ("records_at", "1+Quay"),
    ]
}

/// The day on which the registration of [`places`] began, in the authority's zone.
fn registered(world: &World) -> base::Date {
    let registration = world.platform().general(GENERAL).unwrap();
    let at = base::Timestamp::from_us(registration.registered_at_us);
    app::cases::authority_day(world.law(), at)
}

/// What stands in the places of paths: an upload of the magnet maker, an asset, a failed job;
/// a draft of the officer's, and a case of the magnet maker's.
pub(crate) async fn places(world: &World) -> (String, String, String) {
    let owner = world.person("magnet-maker").await;
    let upload = owner.upload("a.csv", CSV).await;
    let upload = upload.header("location").rsplit('/').next().unwrap().to_owned();
    let asset = owner.get("/").await.body;
    let asset = asset.split("href=\"").find(|rest| rest.starts_with("/assets/")).unwrap();
    let asset = asset.split('"').next().unwrap().to_owned();
    let asked = owner.post("/enquiries", &[("good", "magnet"), ("text", "is+it+controlled")]).await;
    assert_eq!(asked.header("location"), format!("/enquiries/{ENQUIRY}"));
    let registered = owner.post("/general", &general("YG-1")).await;
    assert_eq!(registered.header("location"), format!("/general/{GENERAL}"));
    // A draft of the officer's, so that there is a version of the law.
    let officer = world.person("officer").await;
    assert_eq!(officer.post("/law/demo/drafts", &[("title", "Draft")]).await.status, 303);
    assert_eq!(crate::cases::case_made(world), "YT-2025-000001");
    crate::screening::hit_made(world);
    (upload, asset, world.failed_job())
}

#[tokio::test]
async fn every_route_answers_each_role_as_the_matrix_says() {
    let limits = web::Limits { registrations_per_minute: 60, ..web::Limits::default() };
    let world = World::with(World::choose(), limits);
    let (upload, asset, job) = places(&world).await;
    let hash = world.document();
    world.licence();
    let mut lines = vec![format!(
        "{:<76}{:>8}{:>8}{:>8}{:>8}{:>8}{:>8}{:>8}{:>9}",
        "", "public", "own", "manager", "other", "officer", "superv.", "analyst", "operator"
    )];
    // What ends a session comes last, and each role signs in anew.
    let mut routes: Vec<_> = web::routes().collect();
    routes.sort_by_key(|route| (route.1, route.0));
    for (method, path, action) in routes {
        let mut line = format!("{:<76}", format!("{method} {path} {action:?}"));
        for account in ACCOUNT_KEYS {
            let who = world.person(account).await;
            let placed = certificates::placed(&world, path);
            let path = concrete(&world.applied(&placed), &upload, &asset, &job, &hash);
            let status = status(&world, &who, account, method, &path, Filing::Tried).await;
            line.push_str(&format!("{status:>8}"));
        }
        lines.push(line);
    }
    insta::assert_snapshot!(lines.join("\n"));
}

#[tokio::test]
async fn every_api_route_stands_in_the_openapi_document_and_no_other() {
    let world = World::new();
    let document = world.get("officer", "/api/openapi.json").await.json();
    let mut told: Vec<String> = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys() {
            told.push(format!("{} {path}", method.to_uppercase()));
        }
    }
    let mut there: Vec<String> = web::routes()
        .filter(|route| route.1.starts_with("/api/"))
        .map(|route| format!("{} {}", route.0, route.1))
        .collect();
    told.sort();
    there.sort();
    assert_eq!(told, there);
    insta::assert_json_snapshot!(document);
}

#[tokio::test]
async fn what_is_not_there_and_what_may_not_be_seen_look_the_same() {
    let world = World::new();
    let handed = world.hand_in("separator", "theirs.txt", "of the separator").await;
    let hash = handed.json()["sha256"].as_str().unwrap().to_owned();
    let hidden_document = format!("/api/v1/documents/{hash}?party=gad:sep-c");
    let absent_document = format!("/api/v1/documents/{}?party=gad:sep-c", "0".repeat(64));
    for (hidden, absent) in [
        ("/api/v1/parties/gad:sep-c", "/api/v1/parties/gad:nobody"),
        ("/api/v1/lots/ORE-A", "/api/v1/lots/NOTHING"),
        ("/api/v1/lots/ORE-A/trace?element=Dy", "/api/v1/lots/NOTHING/trace?element=Dy"),
        ("/api/v1/filings/gad:sep-c/S1", "/api/v1/filings/gad:nobody/S1"),
        (hidden_document.as_str(), absent_document.as_str()),
        ("/api/v1/balance?party=gad:sep-c", "/api/v1/balance?party=gad:nobody"),
    ] {
        let mut answers = Vec::new();
        for path in [hidden, absent] {
            let answer = world.get("magnet-maker", path).await;
            let mut problem = answer.json();
            problem["instance"] = "".into();
            answers.push((answer.status, problem, answer.headers.len()));
        }
        assert_eq!(answers[0], answers[1], "{hidden}");
        assert_eq!(answers[0].0, 404, "{hidden}");
    }
}

#[tokio::test]
async fn a_token_of_scope_read_does_not_file() {
    let world = World::new();
    assert_eq!(world.get("reads-only", "/api/v1/parties/gad:mag-d").await.status, 200);
    assert_eq!(world.file("reads-only", "", "", CSV).await.status, 404);
    assert_eq!(world.hand_in("reads-only", "a.txt", "a").await.status, 404);
}
