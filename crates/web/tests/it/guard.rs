//! What must not get through: forged forms, stolen sessions, floods, large bodies, markup.

use axum::body::Body;
use axum::http::Request;
use web::Limits;

use crate::world::World;

#[tokio::test]
async fn a_form_without_the_token_of_its_visitor_changes_nothing() {
    let world = World::new();
    let person = world.person("magnet-maker").await;
    let stranger = world.visitor().await;
    for form in [
        String::new(),
        "form_token=".to_owned(),
        format!("form_token={}", "0".repeat(96)),
        format!("form_token={}", stranger.token),
    ] {
        for path in [
            "/sign-out",
            "/preferences",
            "/sign-in",
            "/sign-in/passkey",
            "/sign-in/passkey/options",
            "/account/passkeys",
            "/account/passkeys/options",
            "/account/identities",
        ] {
            let answer = person.post_raw(path, &form).await;
            assert_eq!(answer.status, 403, "{path} with `{form}`");
        }
    }
    assert_eq!(person.get("/").await.status, 200, "the session is still there");
    let mut forged = world.person("magnet-maker").await;
    forged.token.clone_from(&stranger.token);
    assert_eq!(forged.upload("a.csv", "filing\n").await.status, 403);
}

#[tokio::test]
async fn the_api_changes_nothing_for_a_session_cookie() {
    let world = World::new();
    let person = world.person("magnet-maker").await;
    assert_eq!(person.get("/api/v1/me").await.status, 200, "a session reads");
    let request = Request::post("/api/v1/filings")
        .header("cookie", &person.cookies)
        .header("content-type", "text/csv")
        .body(Body::from("filing\n"));
    assert_eq!(world.send(request.unwrap()).await.status, 401);
}

#[tokio::test]
async fn a_session_chosen_by_somebody_else_is_never_taken_over() {
    let world = World::new();
    let mut victim = world.visitor().await;
    let planted = "a".repeat(64);
    victim.cookies = format!("{}; gd_session={planted}", victim.cookies);
    let answer = victim.post("/sign-in", &[("account", "officer")]).await;
    let session = answer.cookie("gd_session").unwrap();
    assert_ne!(session, planted);
    assert!(answer.header("set-cookie").contains("HttpOnly; SameSite=Lax"));
    let attacker = Request::get("/").header("cookie", format!("gd_session={planted}"));
    assert_eq!(world.send(attacker.body(Body::empty()).unwrap()).await.status, 303);
}

#[tokio::test]
async fn signing_in_anew_and_signing_out_end_the_session_before() {
    let world = World::new();
    let first = world.person("officer").await;
    assert_eq!(first.post("/sign-in", &[("account", "analyst")]).await.status, 303);
    assert_eq!(first.get("/").await.status, 303, "the officer's session is over");
    let second = world.person("officer").await;
    assert_eq!(second.get("/").await.status, 200);
    assert_eq!(second.post("/sign-out", &[]).await.status, 303);
    assert_eq!(second.get("/").await.status, 303);
}

#[tokio::test]
async fn who_asks_too_fast_is_told_how_long_to_wait() {
    let limits = Limits { requests_per_minute: 3, ..Limits::default() };
    let world = World::with(World::choose(), limits);
    for _ in 0..3 {
        assert_eq!(world.get("officer", "/api/v1/me").await.status, 200);
    }
    let answer = world.get("officer", "/api/v1/me").await;
    assert_eq!((answer.status.as_u16(), answer.header("retry-after")), (429, "20"));
    assert_eq!(answer.json()["code"], "too_many");
    assert_eq!(world.get("analyst", "/api/v1/me").await.status, 200, "others are not held up");
    assert_eq!(world.get("officer", "/api/openapi.json").await.status, 200);
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused() {
    let limits = Limits { file_bytes: 1000, form_bytes: 1000, ..Limits::default() };
    let world = World::with(World::choose(), limits);
    let large = format!("filing\n{}", "x".repeat(3000));
    let answer = world.file("magnet-maker", "", "", &large).await;
    assert_eq!((answer.status.as_u16(), answer.json()["code"].as_str()), (413, Some("too_large")));
    let person = world.person("magnet-maker").await;
    assert_eq!(person.upload("a.csv", &large).await.status, 413);
    assert_eq!(person.post("/preferences", &[("to", &large)]).await.status, 413);
}

#[tokio::test]
async fn names_that_are_markup_are_shown_as_text() {
    let world = World::new();
    let lot = "/lots/%3Cscript%3Ealert(1)%3C%2Fscript%3E";
    for account in ["magnet-maker", "officer"] {
        let person = world.person(account).await;
        for path in [
            lot,
            "/parties/gad:mag-d",
            "/filings/gad:mag-d/H1",
            "/search?q=%3Cscript%3E",
            "/search?q=%22%3E%3Csvg%20onload%3Dx%3E",
            "/findings?party=%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E",
            "/lots/MAG-1?element=%3Cscript%3Ealert(1)",
            "/lots/MAG-1?as_of=%3Cscript%3Ealert(1)",
            "/%3Cscript%3Ealert(1)",
            "/sign-in?to=%22%3E%3Cscript%3Ealert(1)",
        ] {
            let body = person.get(path).await.body;
            assert!(!body.contains("<script>alert"), "{path}");
            assert!(!body.contains("<svg onload"), "{path}");
        }
        let shown = person.get(lot).await;
        assert_eq!(shown.status, 200);
        assert!(shown.body.contains("alert(1)"));
    }
    let person = world.person("magnet-maker").await;
    let answer = person
        .upload("<script>alert(1)</script>.csv", "filing,kind\n<script>alert(1)</script>,x\n");
    let preview = person.get(answer.await.header("location")).await;
    assert_eq!(preview.status, 200);
    assert!(!preview.body.contains("<script>alert"));
}

#[tokio::test]
async fn pages_say_what_a_browser_must_not_do() {
    let world = World::new();
    let page = world.person("officer").await.get("/").await;
    assert!(page.header("content-security-policy").starts_with("default-src 'none'"));
    assert_eq!(page.header("x-content-type-options"), "nosniff");
    assert_eq!(page.header("cache-control"), "no-store");
    for inline in ["<script>", " style=\"", " onclick=", "javascript:"] {
        assert!(!page.body.contains(inline), "`{inline}` on the page");
    }
}

#[tokio::test]
async fn a_sign_in_never_leads_to_another_host() {
    let world = World::new();
    for to in ["https://evil.example", "//evil.example", "/%5Cevil.example"] {
        let answer =
            world.visitor().await.post("/sign-in", &[("account", "officer"), ("to", to)]).await;
        assert_eq!(answer.header("location"), "/", "{to}");
    }
}

#[tokio::test]
async fn another_method_and_another_path_are_told_as_pages_and_as_problems() {
    let world = World::new();
    let person = world.person("officer").await;
    let answer = person.post("/findings", &[]).await;
    assert_eq!(
        (answer.status.as_u16(), answer.header("content-type")),
        (405, "text/html; charset=utf-8")
    );
    let bearer = format!("Bearer {}", world.token("officer"));
    let request = Request::delete("/api/v1/me").header("authorization", bearer);
    let answer = world.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!((answer.status.as_u16(), answer.json()["code"].as_str()), (405, Some("method")));
    let answer = world.get("officer", "/api/v1/nothing").await;
    assert_eq!(
        (answer.status.as_u16(), answer.header("content-type")),
        (404, "application/problem+json")
    );
}

#[tokio::test]
async fn counters_are_public_and_hold_no_trade_data() {
    let world = World::new();
    world.get("officer", "/api/v1/lots/MAG-1").await;
    let answer = world.send(Request::get("/metrics").body(Body::empty()).unwrap()).await;
    assert_eq!(answer.status, 200);
    assert!(answer.body.contains("route=\"/api/v1/lots/{id}\",method=\"GET\",status=\"200\""));
    assert!(!answer.body.contains("MAG-1") && !answer.body.contains("mag-d"));
}
