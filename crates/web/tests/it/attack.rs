//! Attacks on accounts and pages: forged forms on every page, sessions fixed in advance, secrets that are
//! forged, over or used, and answers that would tell who is there.

use app::people::{By, NewPerson, People, PersonKind, Scope};
use axum::body::Body;
use axum::http::Request;
use base::authorisation::Role;
use web::{Limits, SignIn};

use crate::accounts::{PASSWORD, code, invited, sessioned, settled};
use crate::authenticator::Authenticator;
use crate::matrix::{concrete, places};
use crate::organisations::REGISTRATION;
use crate::world::{ACCOUNT_KEYS, Answer, ORIGIN, Visitor, World, clock_forward, moment};

const DAY_S: i64 = 24 * 3600;

fn by_password() -> World {
    World::with(SignIn::Password, Limits::default())
}

/// The bytes of the database and of its log: whatever is changed, changes them.
fn kept(world: &World) -> Vec<Vec<u8>> {
    ["gadolin.sqlite", "gadolin.sqlite-wal"]
        .map(|name| std::fs::read(world.dir().join(name)).unwrap_or_default())
        .into()
}

async fn sent(world: &World, who: &Visitor<'_>, path: &str, kind: &str, body: &str) -> Answer {
    let request = Request::post(path).header("cookie", &who.cookies).header("content-type", kind);
    world.send(request.body(Body::from(body.to_owned())).unwrap()).await
}

/// What a page of another site can have a browser send: the three kinds of a form, without or with a token
/// that is not this visitor's. And its own token where the kind is one that no form of ours has.
#[tokio::test]
async fn no_page_takes_a_form_that_another_site_made() {
    let world = World::new();
    let (upload, asset, job) = places(&world).await;
    let hash = world.document();
    let stranger = world.visitor().await.token;
    let mut persons = Vec::new();
    for account in ACCOUNT_KEYS {
        persons.push((account, world.person(account).await));
    }
    let routes = web::routes().filter(|r| r.0 == "POST" && !r.1.starts_with("/api/"));
    let place = |path| concrete(&world.applied(path), &upload, &asset, &job, &hash);
    let places: Vec<_> = routes.map(|(_, path, _)| (path, place(path))).collect();
    let before = kept(&world);
    let mut walked = 0;
    for (path, place) in places {
        for (account, who) in &persons {
            let own = format!("form_token={}", who.token);
            let forged = format!("form_token={stranger}");
            let part = |token: &str| {
                format!(
                    "--e\r\ncontent-disposition: form-data; name=\"form_token\"\r\n\r\n{token}\r\n--e--\r\n"
                )
            };
            let multipart = "multipart/form-data; boundary=e";
            let json = format!("{{\"form_token\":\"{}\"}}", who.token);
            let mut tried = vec![
                ("application/x-www-form-urlencoded", String::new()),
                ("application/x-www-form-urlencoded", forged.clone()),
                ("text/plain", forged.clone()),
                ("text/plain", own.clone()),
                ("application/json", json),
                (multipart, part(&stranger)),
                (multipart, part("")),
            ];
            // The forms that are sent in parts are those of a file.
            let of_draft = path == "/applications/{draft}/documents";
            // An answer comes either way.
            let of_answer = path == "/cases/{number}/answer";
            let of_file = ["/file", "/documents", "/screening/lists"].contains(&path) || of_draft;
            let other = if of_file { "application/x-www-form-urlencoded" } else { multipart };
            if !of_answer {
                tried.push((other, if of_file { own.clone() } else { part(&who.token) }));
            }
            for (kind, body) in tried {
                let answer = sent(&world, who, &place, kind, &body).await;
                let status = answer.status.as_u16();
                let told = format!("{path} as `{account}`, {kind}: {body}");
                match status {
                    403 => {}
                    // What does not come in parts holds no file at all.
                    422 if of_file && kind != multipart => {}
                    // Nor is there a form for whoever does not file.
                    404 if of_file
                        && !["magnet-maker", "manager", "separator"].contains(account) => {}
                    404 if of_draft && *account == "separator" => {}
                    404 if path == "/screening/lists"
                        && !["supervisor", "analyst"].contains(account) => {}
                    // Before any form is read: whoever is not signed in is led to the sign-in.
                    303 if account.is_empty() => {
                        assert!(answer.header("location").starts_with("/sign-in?to="), "{told}");
                    }
                    _ => panic!("{status}: {told}"),
                }
                assert_eq!(answer.cookie("gd_session"), None, "{told}");
            }
        }
        walked += 1;
    }
    assert!(walked > 40, "{walked}");
    assert!(kept(&world) == before, "a forged form has changed something");
    for (account, who) in &persons {
        let status = if account.is_empty() { 303 } else { 200 };
        assert_eq!(who.get("/").await.status, status, "{account}");
    }
}

/// The session of a visitor.
fn session_of(who: &Visitor<'_>) -> String {
    who.cookies.rsplit("gd_session=").next().unwrap().to_owned()
}

/// Takes over the session of an answer: it is another, and the one before opens nothing any more.
async fn anew(world: &World, who: &mut Visitor<'_>, answer: &Answer, step: &str) {
    let before = session_of(who);
    sessioned(who, answer);
    assert_ne!(session_of(who), before, "{step}");
    let thief = Request::get("/account").header("cookie", format!("gd_session={before}"));
    let thief = world.send(thief.body(Body::empty()).unwrap()).await;
    assert_eq!(thief.status, 303, "{step}: the text before is still good");
    assert!(thief.header("location").starts_with("/sign-in"), "{step}");
}

#[tokio::test]
async fn every_change_of_assurance_gives_a_new_session_and_ends_the_one_before() {
    let world = by_password();
    let mut who = world.visitor().await;
    who.cookies = format!("{}; gd_session={}", who.cookies, "a".repeat(64));
    let given = [("password", PASSWORD), ("repeated", PASSWORD)];
    let accepted = who.post(&invited(&world, "mira"), &given).await;
    anew(&world, &mut who, &accepted, "invitation, over a session planted before").await;
    let page = who.get("/account/second-factor").await.body;
    let secret = page.split("class=\"gd-secret\">").nth(1).unwrap().split('<').next().unwrap();
    let done = who.post("/account/second-factor", &[("code", &code(secret, 0))]).await;
    anew(&world, &mut who, &done, "second factor set up").await;

    let password = [("account", "mira"), ("password", PASSWORD)];
    let first = who.post("/sign-in", &password).await;
    anew(&world, &mut who, &first, "first factor, over the session of before").await;
    let second = who.post("/sign-in/second", &[("code", &code(secret, 1))]).await;
    anew(&world, &mut who, &second, "second factor").await;
    clock_forward(60);
    let proofs = [("password", PASSWORD), ("code", &code(secret, 0))];
    let again = who.post("/account/confirm", &proofs).await;
    anew(&world, &mut who, &again, "proved again").await;
    let new = "a magnet in another kettle";
    let change = [("present", PASSWORD), ("password", new), ("repeated", new)];
    let changed = who.post("/account/password", &change).await;
    anew(&world, &mut who, &changed, "password changed").await;
    let removed = who.post("/account/second-factor/remove", &[]).await;
    anew(&world, &mut who, &removed, "second factor removed").await;
    assert!(who.get("/").await.header("location").starts_with("/account/second-factor"));
}

#[tokio::test]
async fn a_passkey_gives_a_new_session_over_one_that_was_planted() {
    let world = World::new();
    let mut who = world.person("officer").await;
    let mut key = Authenticator::new(7, ORIGIN, "licences.example");
    let options = who.post("/account/passkeys/options", &[]).await.json();
    let answer = percent(&key.create(&options));
    let added = who.post("/account/passkeys", &[("answer", &answer), ("name", "k")]).await;
    anew(&world, &mut who, &added, "passkey added").await;
    let options = who.post("/sign-in/passkey/options", &[]).await.json();
    let answer = percent(&key.get(&options));
    let entered = who.post("/sign-in/passkey", &[("answer", &answer)]).await;
    anew(&world, &mut who, &entered, "signed in by passkey").await;
}

fn percent(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// What an answer tells, without what is fresh in each of them or was typed.
fn told(answer: &Answer, typed: &[&str]) -> (u16, String) {
    let mut body = answer.body.clone();
    if body.contains("name=\"form_token\"") {
        body = body.replace(&answer.form_token(), "");
    }
    for text in typed {
        body = body.replace(text, "");
    }
    (answer.status.as_u16(), body)
}

#[tokio::test]
async fn an_invitation_that_is_no_longer_good_looks_like_one_that_never_was() {
    let world = by_password();
    let people = world.people();
    let visitor = world.visitor().await;
    let given = [("password", PASSWORD), ("repeated", PASSWORD)];
    let used = invited(&world, "used");
    assert_eq!(visitor.post(&used, &given).await.status, 303);
    let over = invited(&world, "over");
    clock_forward(3 * DAY_S);
    let withdrawn = invited(&world, "withdrawn");
    people.person_reset(By::COMMAND_LINE, "withdrawn", &moment()).unwrap();
    let gone = invited(&world, "gone");
    people.person_deactivate(By::COMMAND_LINE, "gone", moment().now).unwrap();
    let good = invited(&world, "good");
    let forged = format!("/invitation/{}", "0".repeat(64));
    assert_eq!(visitor.get(&good).await.status, 200, "else nothing below means anything");
    let (mut shown, mut sent) = (Vec::new(), Vec::new());
    for path in [&forged, &used, &over, &withdrawn, &gone] {
        let text = path.rsplit('/').next().unwrap();
        shown.push(told(&visitor.get(path).await, &[text]));
        let hashed = people.passwords_hashed();
        sent.push(told(&visitor.post(path, &given).await, &[text]));
        assert_eq!(people.passwords_hashed(), hashed, "{path} costs no hash");
        for account in ["used", "over", "withdrawn", "gone", "Mira"] {
            assert!(!shown.last().unwrap().1.contains(&format!(">{account}<")), "{path}");
        }
    }
    assert!(shown.iter().all(|other| other == &shown[0] && other.0 == 422), "{shown:?}");
    assert!(sent.iter().all(|other| other == &sent[0] && other.0 == 422), "{sent:?}");
}

#[tokio::test]
async fn asking_to_be_registered_tells_nothing_of_who_is_there() {
    let world = World::new();
    let visitor = world.visitor().await;
    let ask = |field: &'static str, value: &'static str| {
        let visitor = &visitor;
        async move {
            let fields = REGISTRATION.map(|f| if f.0 == field { (f.0, value) } else { f });
            let answer = visitor.post("/register", &fields).await;
            // The number of the registration is new each time.
            let id = answer.body.split("class=\"gd-code\">").nth(1).unwrap_or_default();
            let id = id.split('<').next().unwrap().to_owned();
            told(&answer, &[id.as_str()])
        }
    };
    let fresh = ask("contact_name", "Nobody+Known").await;
    assert_eq!(fresh.0, 200, "{}", fresh.1);
    for (field, value) in [
        // A party of the books, a person, and what was asked for before.
        ("identifiers", "gad:mag-d"),
        ("contact_name", "Delta+Manager"),
        ("contact_email", "mira@authority.example"),
        ("name", "Delta+Magnetics"),
    ] {
        assert_eq!(ask(field, value).await, fresh, "{field} {value}");
    }
}

#[tokio::test]
async fn tokens_that_are_forged_over_revoked_or_of_nobody_any_more_look_alike() {
    let world = World::new();
    let people = world.people();
    let make = |account: &str, days: u32| {
        let by = By::account(account);
        people.token_make(by, account, "t", Scope::ReadAndFile, days, &moment()).unwrap()
    };
    let short = make("separator", 1);
    let gone = make("analyst", 30);
    let revoked = make("separator", 30);
    let good = make("separator", 30);
    people.person_deactivate(By::COMMAND_LINE, "analyst", moment().now).unwrap();
    let listed = people.tokens("separator").unwrap();
    let id = &listed.iter().filter(|t| t.name == "t").nth(1).unwrap().id;
    people.token_revoke(By::account("separator"), "separator", id, moment().now).unwrap();
    assert_eq!(world.get(&short, "/api/v1/me").await.status, 200);
    clock_forward(DAY_S);
    assert_eq!(world.get(&good, "/api/v1/me").await.status, 200);
    let forged = format!("gad_{}", "0".repeat(64));
    let mut shown = Vec::new();
    for token in [&forged, &short, &gone, &revoked] {
        let read = world.get(token, "/api/v1/me").await;
        let filed = world.file(token, "", "", "filing\n").await;
        assert_eq!(filed.status, 401, "{token}");
        let names: Vec<String> = read.headers.keys().map(ToString::to_string).collect();
        shown.push((told(&read, &[]), names));
    }
    assert!(shown.iter().all(|other| other == &shown[0] && other.0.0 == 401), "{shown:?}");
}

/// Gives the password; what awaits the second factor.
async fn awaiting<'w>(world: &'w World, account: &str) -> Visitor<'w> {
    let mut who = world.visitor().await;
    let first = who.post("/sign-in", &[("account", account), ("password", PASSWORD)]).await;
    assert!(first.header("location").starts_with("/sign-in/second"), "{}", first.body);
    sessioned(&mut who, &first);
    who
}

#[tokio::test]
async fn codes_that_are_over_used_forged_or_of_somebody_else_sign_nobody_in() {
    let world = by_password();
    let (_, secret, codes) = settled(&world, "mira").await;
    let (_, other_secret, other_codes) = settled(&world, "nils").await;
    clock_forward(120);
    let now = code(&secret, 0);
    for (wrong, why) in [
        (code(&secret, -2), "a minute old"),
        (code(&secret, 2), "of a minute from now"),
        (code(&other_secret, 0), "of another's app"),
        (other_codes[0].clone(), "another's recovery code"),
    ] {
        let who = awaiting(&world, "mira").await;
        assert_eq!(who.post("/sign-in/second", &[("code", &wrong)]).await.status, 422, "{why}");
        assert_eq!(who.get("/account").await.status, 303, "{why}");
    }
    let who = awaiting(&world, "mira").await;
    assert_eq!(who.post("/sign-in/second", &[("code", &now)]).await.status, 303);
    let who = awaiting(&world, "mira").await;
    assert_eq!(who.post("/sign-in/second", &[("code", &now)]).await.status, 422, "used");
    assert_eq!(who.post("/sign-in/second", &[("code", &codes[0])]).await.status, 303);
    // What awaits its second factor waits ten minutes.
    let who = awaiting(&world, "mira").await;
    clock_forward(600);
    let late = who.post("/sign-in/second", &[("code", &code(&secret, 0))]).await;
    assert_eq!(late.cookie("gd_session"), None, "{}", late.body);
}

#[tokio::test]
async fn whoever_another_process_deactivates_does_not_finish_what_was_begun() {
    let world = by_password();
    let (person, secret, codes) = settled(&world, "mira").await;
    let half = awaiting(&world, "mira").await;
    let elsewhere = People::open(world.dir(), [1; 32]).unwrap();
    elsewhere.person_deactivate(By::COMMAND_LINE, "mira", moment().now).unwrap();
    for given in [&code(&secret, 1), &codes[0]] {
        let second = half.post("/sign-in/second", &[("code", given)]).await;
        assert_eq!(second.cookie("gd_session"), None, "{}", second.body);
    }
    let new = "a magnet in another kettle";
    let change = [("present", PASSWORD), ("password", new), ("repeated", new)];
    let confirm = [("password", PASSWORD), ("code", codes[1].as_str())];
    for (path, fields) in [("/account/password", &change[..]), ("/account/confirm", &confirm)] {
        let answer = person.post(path, fields).await;
        assert!(answer.header("location").starts_with("/sign-in?to="), "{path}");
        assert_eq!(answer.cookie("gd_session"), None, "{path}");
    }
    // Nor does taking the account back bring any of it back.
    elsewhere.person_reactivate(By::COMMAND_LINE, "mira", &moment()).unwrap();
    assert_eq!(person.get("/").await.status, 303);
    let visitor = world.visitor().await;
    let again = visitor.post("/sign-in", &[("account", "mira"), ("password", PASSWORD)]).await;
    assert_eq!(again.status, 422);
}

/// Who sends a form where, its other fields, and the field that takes a name.
type NameForm<'f> = (&'f Visitor<'f>, &'f str, &'f [(&'f str, &'f str)], &'f str);

/// Whatever is shown to others under a name: any script up to its length, nothing that is not seen.
#[tokio::test]
async fn names_that_others_read_hold_nothing_hidden() {
    let limits = Limits { registrations_per_minute: 60, ..Limits::default() };
    let world = World::with(World::choose(), limits);
    let operator = world.person("operator").await;
    let manager = world.person("manager").await;
    let owner = world.person("magnet-maker").await;
    let visitor = world.visitor().await;
    let long = "%E5%90%8D".repeat(300);
    let forms: [NameForm<'_>; 5] = [
        (&operator, "/authority/people", &[("account", "{n}"), ("role", "officer")], "name"),
        (
            &operator,
            "/authority/people",
            &[("account", "l{n}"), ("name", "x"), ("role", "officer")],
            "local_name",
        ),
        (
            &manager,
            "/organisations/gad:mag-d/people",
            &[("account", "m{n}"), ("role", "filer")],
            "name",
        ),
        (&visitor, "/register", &REGISTRATION, "name"),
        (&visitor, "/register", &REGISTRATION, "contact_name"),
    ];
    for (who, path, fields, field) in forms {
        for (number, (text, good)) in [
            ("%D9%86%D9%88%D8%B1", true),
            ("%E5%A5%A5%E7%A7%91%E8%80%B6", true),
            (long.as_str(), true),
            (&format!("{long}x"), false),
            ("a%E2%80%AEb", false),
            ("a%E2%81%A6b", false),
            ("a%00b", false),
            ("a%0Ab", false),
            ("%E2%80%8B", false),
        ]
        .into_iter()
        .enumerate()
        {
            let number = number.to_string();
            let rest: Vec<(&str, String)> = fields
                .iter()
                .filter(|f| f.0 != field)
                .map(|f| (f.0, f.1.replace("{n}", &number)))
                .collect();
            let mut all: Vec<(&str, &str)> = rest.iter().map(|f| (f.0, f.1.as_str())).collect();
            all.push((field, text));
            let answer = who.post(path, &all).await;
            let status = if good { 200 } else { 422 };
            assert_eq!(answer.status, status, "{path} {field} {text}: {}", answer.body);
        }
    }
    for bad in ["a%E2%80%AEb", "a%00b"] {
        let token = owner.post("/account/tokens", &[("token_name", bad), ("days", "1")]).await;
        assert_eq!(token.status, 422, "{bad}");
    }
}

#[tokio::test]
async fn a_program_never_signs_in_as_a_person_does() {
    let world = by_password();
    let new = NewPerson {
        account: "erp",
        kind: PersonKind::Machine,
        name: "ERP",
        local_name: "",
        email: "",
        role: Role::Filer,
        party: "gad:mag-d",
        desk: "",
    };
    assert_eq!(world.people().person_invite(By::COMMAND_LINE, &new, &moment()).unwrap(), None);
    let visitor = world.visitor().await;
    for password in ["", "x", "erp"] {
        let answer = visitor.post("/sign-in", &[("account", "erp"), ("password", password)]).await;
        assert_eq!(answer.status, 422, "`{password}`");
    }
    // The persons of a demo have no password either: where one is asked for, nobody is them.
    let answer = visitor.post("/sign-in", &[("account", "officer"), ("password", "")]).await;
    assert_eq!((answer.status.as_u16(), answer.cookie("gd_session")), (422, None));
}

#[tokio::test]
async fn a_password_reset_by_the_operator_leaves_the_second_factor_in_force() {
    let world = by_password();
    let (person, secret, _) = settled(&world, "mira").await;
    let token = world
        .people()
        .token_make(By::account("mira"), "mira", "t", Scope::Read, 1, &moment())
        .unwrap();
    let again = world.people().password_reset(By::COMMAND_LINE, "mira", &moment()).unwrap();
    assert_eq!(person.get("/").await.status, 303, "its sessions are over");
    assert_eq!(world.get(&token, "/api/v1/me").await.status, 401, "until it is back");
    let mut who = world.visitor().await;
    let old = who.post("/sign-in", &[("account", "mira"), ("password", PASSWORD)]).await;
    assert_eq!(old.status, 422);
    let path = format!("/invitation/{}", again.unwrap());
    let new = "a magnet in another kettle";
    let accepted = who.post(&path, &[("password", new), ("repeated", new)]).await;
    assert!(accepted.header("location").starts_with("/sign-in/second"), "{}", accepted.body);
    sessioned(&mut who, &accepted);
    // The link alone opens nothing, and no other app is set up by it.
    for path in ["/", "/account", "/account/second-factor"] {
        assert!(who.get(path).await.header("location").starts_with("/sign-in?to="), "{path}");
    }
    let second = who.post("/sign-in/second", &[("code", &code(&secret, 1))]).await;
    anew(&world, &mut who, &second, "signed in").await;
    assert_eq!(who.get("/").await.status, 200);
    assert_eq!(world.get(&token, "/api/v1/me").await.status, 200);
    // Who has no second factor is reset as a whole.
    invited(&world, "nils");
    assert!(world.people().password_reset(By::COMMAND_LINE, "nils", &moment()).is_err());
    assert!(world.people().password_reset(By::COMMAND_LINE, "officer", &moment()).is_err());
}

#[tokio::test]
async fn the_operator_ends_the_sessions_of_one_person_and_no_other() {
    let world = World::new();
    let operator = world.person("operator").await;
    let manager = world.person("manager").await;
    let (one, two) = (world.person("analyst").await, world.person("analyst").await);
    let officer = world.person("officer").await;
    let filer = world.person("magnet-maker").await;
    let end = |account: &str| format!("/authority/people/{account}/end-sessions");
    for who in [&manager, &officer] {
        assert_eq!(who.post(&end("analyst"), &[]).await.status, 404);
    }
    // Nobody of a company, nor itself.
    for account in ["magnet-maker", "operator"] {
        assert_eq!(operator.post(&end(account), &[]).await.status, 404, "{account}");
    }
    assert_eq!(operator.post(&end("analyst"), &[]).await.status, 303);
    for (who, status) in [(&one, 303), (&two, 303), (&officer, 200), (&operator, 200)] {
        assert_eq!(who.get("/").await.status, status);
    }
    assert_eq!(world.person("analyst").await.get("/").await.status, 200, "it may come back");
    let of_party = "/organisations/gad:mag-d/people/magnet-maker/end-sessions";
    assert_eq!(filer.post(of_party, &[]).await.status, 404);
    assert_eq!(manager.post(of_party, &[]).await.status, 303);
    assert_eq!(filer.get("/").await.status, 303);
}

#[tokio::test]
async fn ending_sessions_needs_a_proof_of_lately() {
    let world = by_password();
    let (person, _, _) = settled(&world, "mira").await;
    let listed = person.get("/api/v1/me/sessions").await.json();
    let id = listed["sessions"][0]["id"].as_str().unwrap();
    clock_forward(16 * 60);
    for path in [&format!("/account/sessions/{id}/end"), "/account/sessions/end-others"] {
        let answer = person.post(path, &[]).await;
        assert_eq!(answer.header("location"), "/account/confirm?to=%2Faccount", "{path}");
    }
    assert_eq!(person.get("/").await.status, 200);
}

#[tokio::test]
async fn another_site_does_not_have_a_visitor_signed_in_at_a_provider() {
    let world = by_password();
    let visitor = world.visitor().await;
    for (site, to) in [
        ("cross-site", "/sign-in?to=%2Faccount"),
        ("same-site", "/sign-in?to=%2Faccount"),
        // Nobody listens at the provider of the world: it was asked.
        ("same-origin", "/sign-in?fault=unreachable&provider=partner"),
        ("none", "/sign-in?fault=unreachable&provider=partner"),
    ] {
        let request = Request::get("/sign-in/oidc/partner?to=/account")
            .header("cookie", &visitor.cookies)
            .header("sec-fetch-site", site);
        let answer = world.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.header("location"), to, "{site}");
    }
}
