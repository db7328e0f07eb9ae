//! Accounts as their people meet them: invited, a password, an app, sessions, tokens; and whoever tries
//! without.

use app::people::{By, NewPerson, PersonKind};
use base::authorisation::Role;
use web::{Limits, SignIn};

use crate::world::{Answer, Visitor, World, moment};

pub(crate) const PASSWORD: &str = "ore dock separation seventeen";

fn world() -> World {
    World::with(SignIn::Password, Limits::default())
}

/// Invites a person; gives the path of its invitation.
pub(crate) fn invited(world: &World, account: &str) -> String {
    let new = NewPerson {
        account,
        kind: PersonKind::Person,
        name: "Mira Okoye",
        local_name: "奥科耶·米拉",
        email: "mira@authority.example",
        role: Role::Officer,
        party: "",
        desk: "",
    };
    let code = world.people().person_invite(By::COMMAND_LINE, &new, &moment()).unwrap();
    format!("/invitation/{}", code.unwrap())
}

/// Takes over the session that an answer opened.
pub(crate) fn sessioned(visitor: &mut Visitor<'_>, answer: &Answer) {
    let session = answer.cookie("gd_session").unwrap_or_else(|| panic!("{}", answer.body));
    let rest = visitor.cookies.split("; ").find(|c| c.starts_with("gd_visitor")).unwrap();
    visitor.cookies = format!("{rest}; gd_session={session}");
}

/// What the authenticator app shows, some steps from now.
pub(crate) fn code(secret: &str, steps: i64) -> String {
    let bytes = totp_rs::Secret::Encoded(secret.replace(' ', "")).to_bytes().unwrap();
    let totp = totp_rs::TOTP::new_unchecked(
        totp_rs::Algorithm::SHA1,
        6,
        1,
        30,
        bytes,
        None,
        String::new(),
    );
    totp.generate(u64::try_from(moment().now.us() / 1_000_000 + steps * 30).unwrap())
}

fn between<'t>(text: &'t str, from: &str, to: &str) -> &'t str {
    text.split_once(from)
        .unwrap_or_else(|| panic!("no `{from}` in {text}"))
        .1
        .split(to)
        .next()
        .unwrap()
}

/// A person who has set a password and an app; gives the secret of the app and the recovery codes.
pub(crate) async fn settled<'w>(
    world: &'w World,
    account: &str,
) -> (Visitor<'w>, String, Vec<String>) {
    let mut visitor = world.visitor().await;
    let path = invited(world, account);
    let given = [("password", PASSWORD), ("repeated", PASSWORD)];
    let accepted = visitor.post(&path, &given).await;
    assert_eq!(accepted.header("location"), "/account/second-factor", "{}", accepted.body);
    sessioned(&mut visitor, &accepted);
    let page = visitor.get("/account/second-factor").await;
    assert!(page.body.contains("<svg"), "{}", page.body);
    let secret = between(&page.body, "class=\"gd-secret\">", "<").to_owned();
    let done = visitor.post("/account/second-factor", &[("code", &code(&secret, 0))]).await;
    assert_eq!(done.status, 200, "{}", done.body);
    let codes: Vec<String> = done
        .body
        .split("class=\"gd-secret\">")
        .skip(1)
        .map(|rest| rest.split('<').next().unwrap().to_owned())
        .collect();
    assert_eq!(codes.len(), 10);
    sessioned(&mut visitor, &done);
    (visitor, secret, codes)
}

#[tokio::test]
async fn an_invited_person_sets_a_password_and_an_app_and_signs_in_with_both() {
    let world = world();
    let (person, secret, codes) = settled(&world, "mira").await;
    assert_eq!(person.get("/").await.status, 200);
    assert_eq!(person.post("/sign-out", &[]).await.status, 303);
    assert_eq!(person.get("/").await.status, 303);

    let mut person = world.visitor().await;
    let first = person.post("/sign-in", &[("account", "mira"), ("password", PASSWORD)]).await;
    assert_eq!(first.header("location"), "/sign-in/second?to=%2F");
    sessioned(&mut person, &first);
    assert_eq!(person.get("/").await.header("location"), "/sign-in?to=%2F", "not signed in yet");
    assert_eq!(person.get("/account").await.status, 303);
    let replayed = person.post("/sign-in/second", &[("code", &code(&secret, 0))]).await;
    assert_eq!(replayed.status, 422, "the code that set the app up is used");
    let second = person.post("/sign-in/second", &[("code", &code(&secret, 1))]).await;
    assert_eq!((second.status.as_u16(), second.header("location")), (303, "/"), "{}", second.body);
    let before = person.cookies.clone();
    sessioned(&mut person, &second);
    assert_ne!(person.cookies, before, "a session that proves more has another text");
    assert!(person.get("/").await.body.contains("Mira Okoye"));
    let mut old = world.visitor().await;
    old.cookies = before;
    assert_eq!(old.get("/").await.status, 303);
    assert_eq!(old.post("/sign-in/second", &[("code", &code(&secret, 1))]).await.status, 403);

    // A recovery code, once.
    for (wanted, given) in [(303, &codes[0]), (422, &codes[0]), (303, &codes[1])] {
        let mut person = world.visitor().await;
        let first = person.post("/sign-in", &[("account", "mira"), ("password", PASSWORD)]).await;
        sessioned(&mut person, &first);
        let typed = given.to_lowercase().replace('-', "+");
        let second = person.post("/sign-in/second", &[("code", &typed)]).await;
        assert_eq!(second.status, wanted, "{given}");
    }
}

#[tokio::test]
async fn one_factor_opens_nothing_but_the_way_to_the_second() {
    let world = world();
    let mut person = world.visitor().await;
    let path = invited(&world, "mira");
    let accepted = person.post(&path, &[("password", PASSWORD), ("repeated", PASSWORD)]).await;
    sessioned(&mut person, &accepted);
    for path in ["/", "/findings", "/search", "/parties/gad:mag-d"] {
        assert!(
            person.get(path).await.header("location").starts_with("/account/second-factor"),
            "{path}"
        );
    }
    let api = person.get("/api/v1/totals").await;
    assert_eq!((api.status.as_u16(), api.json()["code"].as_str()), (403, Some("second_factor")));
    assert_eq!(person.get("/account").await.status, 200);
    let none = person.post("/account/second-factor", &[("code", "000000")]).await;
    assert_eq!(none.status, 404, "nothing was begun");
    assert_eq!(person.get("/account/second-factor").await.status, 200);
    let wrong = person.post("/account/second-factor", &[("code", "000000")]).await;
    assert_eq!(wrong.status, 422);
}

#[tokio::test]
async fn an_invitation_is_good_once_and_only_as_it_was_sent() {
    let world = world();
    let path = invited(&world, "mira");
    let visitor = world.visitor().await;
    for forged in ["/invitation/x", "/invitation/", &format!("{path}0")] {
        assert!([404, 422].contains(&visitor.get(forged).await.status.as_u16()), "{forged}");
    }
    assert!(visitor.get(&path).await.body.contains("Mira Okoye"));
    for (password, again, told) in [
        ("short", "short", "12 to 256 characters"),
        ("password12345", "password12345", "easy to guess"),
        (PASSWORD, "other", "differ"),
    ] {
        let answer = visitor.post(&path, &[("password", password), ("repeated", again)]).await;
        assert_eq!(answer.status, 422);
        assert!(answer.body.contains(told), "{told}");
    }
    let given = [("password", PASSWORD), ("repeated", PASSWORD)];
    assert_eq!(visitor.post(&path, &given).await.status, 303);
    assert_eq!(visitor.post(&path, &given).await.status, 422, "used");
    // A newer invitation takes the place of an older one.
    let older = invited(&world, "nils");
    world.people().person_reset(By::COMMAND_LINE, "nils", &moment()).unwrap();
    assert_eq!(visitor.get(&older).await.status, 422);
}

#[tokio::test]
async fn whether_an_account_exists_is_told_neither_by_words_nor_by_work() {
    let world = world();
    let (_, _, _) = settled(&world, "mira").await;
    invited(&world, "invited-only");
    world.people().person_deactivate(By::COMMAND_LINE, "analyst", moment().now).unwrap();
    let visitor = world.visitor().await;
    let mut shown = Vec::new();
    for account in ["mira", "nobody", "analyst", "invited-only", "officer"] {
        let before = world.people().passwords_hashed();
        let answer = visitor.post("/sign-in", &[("account", account), ("password", "x")]).await;
        assert_eq!(answer.status, 422, "{account}");
        let hashed = world.people().passwords_hashed() - before;
        let plain = answer.body.replace(&answer.form_token(), "").replace(account, "");
        shown.push((hashed, plain));
    }
    for other in &shown[1..] {
        assert_eq!(other.0, 1);
        assert_eq!(other, &shown[0]);
    }
}

#[tokio::test]
async fn failures_make_wait_longer_and_longer_and_accounts_that_are_not_there_too() {
    for account in ["officer", "nobody"] {
        let world = world();
        let visitor = world.visitor().await;
        let fields = [("account", account), ("password", "x")];
        for _ in 0..5 {
            assert_eq!(visitor.post("/sign-in", &fields).await.status, 422);
        }
        let waits = visitor.post("/sign-in", &fields).await;
        assert_eq!((waits.status.as_u16(), waits.header("retry-after")), (429, "1"), "{account}");
        let hashed = world.people().passwords_hashed();
        assert_eq!(hashed, 5, "who waits costs no hash");
        // Another account from the same place need not wait.
        let other = visitor.post("/sign-in", &[("account", "other"), ("password", "x")]).await;
        assert_eq!(other.status, 422);
    }
}

#[tokio::test]
async fn a_deactivated_person_loses_access_at_once_also_by_another_process() {
    let world = world();
    let (person, _, _) = settled(&world, "mira").await;
    let token = world
        .people()
        .token_make(By::account("mira"), "mira", "t", app::people::Scope::Read, 1, &moment())
        .unwrap();
    assert_eq!(person.get("/").await.status, 200);
    assert_eq!(world.get(&token, "/api/v1/me").await.status, 200);
    // As a second process opens it.
    let elsewhere = app::people::People::open(world.dir(), [1; 32]).unwrap();
    elsewhere.person_deactivate(By::COMMAND_LINE, "mira", moment().now).unwrap();
    assert_eq!(person.get("/").await.status, 303);
    assert_eq!(world.get(&token, "/api/v1/me").await.status, 401);
    let visitor = world.visitor().await;
    let again = visitor.post("/sign-in", &[("account", "mira"), ("password", PASSWORD)]).await;
    assert_eq!(again.status, 422);
    let kept = elsewhere.account("mira").unwrap().person;
    assert_eq!(kept.name, "Mira Okoye", "the history keeps the name");
}

#[tokio::test]
async fn sessions_are_listed_and_ended_one_or_all_others() {
    let world = World::new();
    let first = world.person("officer").await;
    let second = world.person("officer").await;
    let third = world.person("officer").await;
    let other = world.person("analyst").await;
    let ids = || async {
        let listed = second.get("/api/v1/me/sessions").await.json();
        let sessions = listed["sessions"].as_array().unwrap().clone();
        sessions.iter().map(|s| s["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let all = ids().await;
    assert_eq!(all.len(), 3);
    let end = |id: &str| format!("/account/sessions/{id}/end");
    assert_eq!(other.post(&end(&all[0]), &[]).await.status, 404, "another's is not found");
    assert_eq!(second.post(&end(&all[0]), &[]).await.status, 303);
    assert_eq!(first.get("/").await.status, 303);
    assert_eq!(second.post("/account/sessions/end-others", &[]).await.status, 303);
    assert_eq!(third.get("/").await.status, 303);
    assert_eq!(second.get("/").await.status, 200);
    assert_eq!(other.get("/").await.status, 200);
    assert_eq!(ids().await.len(), 1);
}

#[tokio::test]
async fn a_password_is_changed_with_the_present_one_and_ends_other_sessions() {
    let world = world();
    let (mut person, secret, _) = settled(&world, "mira").await;
    let mut elsewhere = world.visitor().await;
    let first = elsewhere.post("/sign-in", &[("account", "mira"), ("password", PASSWORD)]).await;
    sessioned(&mut elsewhere, &first);
    let second = elsewhere.post("/sign-in/second", &[("code", &code(&secret, 1))]).await;
    sessioned(&mut elsewhere, &second);
    assert_eq!(elsewhere.get("/").await.status, 200);
    let new = "a magnet in another kettle";
    let wrong = [("present", "x"), ("password", new), ("repeated", new)];
    assert_eq!(person.post("/account/password", &wrong).await.status, 422);
    let right = [("present", PASSWORD), ("password", new), ("repeated", new)];
    let done = person.post("/account/password", &right).await;
    assert_eq!(done.status, 303, "{}", done.body);
    assert_eq!(person.get("/").await.status, 303, "the old text is over");
    sessioned(&mut person, &done);
    assert_eq!(person.get("/").await.status, 200);
    assert_eq!(elsewhere.get("/").await.status, 303);
    let visitor = world.visitor().await;
    for (password, status) in [(PASSWORD, 422), (new, 303)] {
        let answer = visitor.post("/sign-in", &[("account", "mira"), ("password", password)]).await;
        assert_eq!(answer.status, status);
    }
}

#[tokio::test]
async fn tokens_are_shown_once_and_revoked_and_forged_ones_are_nobody() {
    let world = World::new();
    let person = world.person("magnet-maker").await;
    let made = person
        .post(
            "/account/tokens",
            &[("token_name", "ERP"), ("scope", "read_and_file"), ("days", "30")],
        )
        .await;
    assert_eq!(made.status, 200, "{}", made.body);
    let text = between(&made.body, "class=\"gd-secret\">", "<").to_owned();
    assert_eq!(world.get(&text, "/api/v1/me").await.json()["scope"], "read_and_file");
    assert!(!person.get("/account").await.body.contains(&text));
    for forged in ["", "gad_", &format!("{text}0"), &text.to_uppercase()] {
        assert_eq!(world.get(forged, "/api/v1/me").await.status, 401, "{forged}");
    }
    let listed = world.get(&text, "/api/v1/me/tokens").await.json();
    let tokens = listed["tokens"].as_array().unwrap();
    let id = tokens.iter().find(|t| t["name"] == "ERP").unwrap()["id"].as_str().unwrap();
    assert!(!listed.to_string().contains(&text));
    let stranger = world.person("separator").await;
    let revoke = format!("/account/tokens/{id}/revoke");
    assert_eq!(stranger.post(&revoke, &[]).await.status, 404);
    assert_eq!(person.post(&revoke, &[]).await.status, 303);
    assert_eq!(world.get(&text, "/api/v1/me").await.status, 401);
    for (field, value) in [("days", "0"), ("days", "x"), ("days", "401"), ("token_name", "")] {
        let fields = [("token_name", "ERP"), ("days", "30")];
        let fields = fields.map(|f| if f.0 == field { (field, value) } else { f });
        assert_eq!(person.post("/account/tokens", &fields).await.status, 422, "{field} {value}");
    }
}

#[tokio::test]
async fn names_of_any_script_are_kept_and_hidden_characters_refused() {
    let world = World::new();
    let person = world.person("officer").await;
    let long = "%E5%90%8D".repeat(300);
    let change = |name: String| {
        let person = &person;
        async move {
            person
                .post(
                    "/account",
                    &[("name", &name), ("local_name", "%E4%B8%AD"), ("language", "en")],
                )
                .await
        }
    };
    for good in ["%D9%86%D9%88%D8%B1".to_owned(), long.clone()] {
        assert_eq!(change(good).await.status, 303);
    }
    for bad in [String::new(), format!("{long}x"), "a%E2%80%AEb".into(), "a%00b".into()] {
        let answer = change(bad.clone()).await;
        assert_eq!(answer.status, 422, "{bad}");
        assert!(answer.body.contains("id=\"name-error\""));
    }
}

#[tokio::test]
async fn what_lets_others_in_needs_a_proof_of_lately() {
    let world = world();
    let (mut person, secret, _) = settled(&world, "mira").await;
    // A quarter of an hour on the clock of the world, which goes by a millisecond a look.
    crate::world::clock_forward(16 * 60);
    for path in ["/account/tokens", "/account/second-factor/remove", "/account/recovery-codes"] {
        let answer = person.post(path, &[("token_name", "x")]).await;
        assert_eq!(answer.header("location"), "/account/confirm?to=%2Faccount", "{path}");
    }
    let wrong = person.post("/account/confirm", &[("password", PASSWORD), ("code", "1")]).await;
    assert_eq!(wrong.status, 422);
    let right = code(&secret, 1);
    let proved = person.post("/account/confirm", &[("password", PASSWORD), ("code", &right)]).await;
    assert_eq!(proved.status, 303, "{}", proved.body);
    sessioned(&mut person, &proved);
    let made = person.post("/account/tokens", &[("token_name", "x")]).await;
    assert_eq!(made.status, 200, "{}", made.body);
}
