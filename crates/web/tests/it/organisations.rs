//! Companies: asked for, verified by another, their people and sites; and leave cover.

use crate::world::{Answer, Visitor, World};

pub(crate) const REGISTRATION: [(&str, &str); 7] = [
    ("name", "Neodym+Works"),
    ("local_name", "%E9%92%95"),
    ("country", "se"),
    ("address", "Ytterby+1"),
    ("identifiers", "lei:5493001KJTIIGC8Y1R12%0D%0Agln:4006381333931"),
    ("contact_name", "Nora+Lind"),
    ("contact_email", "nora@works.example"),
];

fn with<'f>(field: &str, value: &'f str) -> Vec<(&'f str, &'f str)> {
    let replace = |f: (&'static str, &'static str)| if f.0 == field { (f.0, value) } else { f };
    REGISTRATION.into_iter().map(replace).collect()
}

fn invitation(answer: &Answer) -> String {
    assert_eq!(answer.status, 200, "{}", answer.body);
    let rest = answer.body.split_once("class=\"gd-secret\">").unwrap().1;
    rest.split('<').next().unwrap().to_owned()
}

/// The address of the only registration that waits.
async fn waiting(officer: &Visitor<'_>) -> String {
    let listed = officer.get("/api/v1/registrations").await.json();
    format!("/registrations/{}", listed["registrations"][0]["id"].as_str().unwrap())
}

#[tokio::test]
async fn a_company_asks_an_officer_verifies_and_its_manager_comes_in() {
    let world = World::new();
    let company = world.visitor().await;
    let asked = company.post("/register", &REGISTRATION).await;
    assert_eq!(asked.status, 200, "{}", asked.body);
    let party = "lei:5493001KJTIIGC8Y1R12";
    let officer = world.person("officer").await;
    let organisation = format!("/api/v1/organisations/{party}");
    assert_eq!(officer.get(&organisation).await.status, 404, "it holds no identifier yet");
    let address = waiting(&officer).await;
    assert!(officer.get(&address).await.body.contains("nora@works.example"));
    for account in ["magnet-maker", "manager", "analyst", "operator"] {
        assert_eq!(world.person(account).await.get(&address).await.status, 404, "{account}");
    }
    let decide = format!("{address}/decide");
    let taken = officer.post(&decide, &[("verdict", "verified"), ("account", "officer")]).await;
    assert_eq!(taken.status, 422, "the key is another's");
    assert_eq!(officer.get(&organisation).await.status, 404, "and nothing was done by half");
    let verified = officer.post(&decide, &[("verdict", "verified"), ("account", "nora")]).await;
    let invitation = invitation(&verified);
    assert!(world.visitor().await.get(&invitation).await.body.contains("Nora Lind"));
    let told = officer.get(&organisation).await.json();
    assert_eq!(told["verified"], true);
    assert_eq!(told["identifiers"], serde_json::json!(["gln:4006381333931", party]));
    assert_eq!(told["people"][0]["state"], "invited");
    let again = officer.post(&decide, &[("verdict", "refused"), ("reason", "x")]).await;
    assert_eq!(again.status, 422, "decided once");
    // Its identifiers are taken now.
    assert_eq!(company.post("/register", &REGISTRATION).await.status, 200);
    let other = format!("{}/decide", waiting(&officer).await);
    let twice = officer.post(&other, &[("verdict", "verified"), ("account", "nora-2")]).await;
    assert_eq!(twice.status, 422);
    let refused = officer.post(&other, &[("verdict", "refused"), ("reason", "")]).await;
    assert_eq!(refused.status, 422, "a refusal has a reason");
    let refused = officer.post(&other, &[("verdict", "refused"), ("reason", "twice")]).await;
    assert_eq!(refused.status, 303);
}

#[tokio::test]
async fn who_asked_for_a_company_does_not_verify_it() {
    let world = World::new();
    let officer = world.person("officer").await;
    assert_eq!(officer.post("/register", &REGISTRATION).await.status, 200);
    let address = waiting(&officer).await;
    assert_eq!(officer.get(&address).await.status, 404);
    let decide = format!("{address}/decide");
    let verdict = [("verdict", "verified"), ("account", "nora")];
    assert_eq!(officer.post(&decide, &verdict).await.status, 404);
    assert!(officer.get("/registrations").await.body.contains("A colleague decides this one"));
    // Nor while covering, nor covered by, whoever asked.
    let supervisor = world.person("supervisor").await;
    assert_eq!(supervisor.post(&decide, &verdict).await.status, 200);
}

#[tokio::test]
async fn a_registration_is_told_all_its_faults_at_once() {
    let world = World::new();
    let company = world.visitor().await;
    let answer = company.post("/register", &[("country", "x")]).await;
    assert_eq!(answer.status, 422);
    for field in ["name", "country", "identifiers", "contact_name", "contact_email"] {
        assert!(answer.body.contains(&format!("id=\"{field}-error\"")), "{field}");
    }
    for (field, value) in [
        ("identifiers", "lei:5493001KJTIIGC8Y1R13"),
        ("identifiers", "acme"),
        ("contact_email", "nora"),
        ("name", "a%E2%80%AEb"),
    ] {
        let answer = company.post("/register", &with(field, value)).await;
        assert_eq!(answer.status, 422, "{field} {value}");
    }
    // Six a minute from one address: this is the sixth, and the next must wait.
    assert_eq!(company.post("/register", &REGISTRATION).await.status, 200);
    assert_eq!(company.post("/register", &REGISTRATION).await.status, 429);
}

#[tokio::test]
async fn a_manager_keeps_the_people_and_sites_of_its_own_party_only() {
    let world = World::new();
    let manager = world.person("manager").await;
    let own = "/organisations/gad:mag-d";
    let entry = [("account", "new-filer"), ("name", "New"), ("role", "filer")];
    invitation(&manager.post(&format!("{own}/people"), &entry).await);
    let page = manager.get(own).await.body;
    assert!(page.contains("new-filer") && page.contains("Invited"));
    let officer = [("account", "x"), ("name", "X"), ("role", "officer")];
    assert_eq!(manager.post(&format!("{own}/people"), &officer).await.status, 404);
    let other = "/organisations/gad:sep-c";
    assert_eq!(manager.get(other).await.status, 404);
    assert_eq!(manager.post(&format!("{other}/people"), &entry).await.status, 404);
    for (account, status) in [("separator", 404), ("officer", 404), ("manager", 404)] {
        let path = format!("{own}/people/{account}/deactivate");
        assert_eq!(manager.post(&path, &[]).await.status, status, "{account}");
    }
    let filer = world.person("magnet-maker").await;
    assert_eq!(filer.get(own).await.status, 200);
    assert_eq!(filer.post(&format!("{own}/people"), &entry).await.status, 404);
    let deactivate = format!("{own}/people/magnet-maker/deactivate");
    assert_eq!(manager.post(&deactivate, &[]).await.status, 303);
    assert_eq!(filer.get("/").await.status, 303, "at once");
    let site = [("code", "FAB"), ("site_name", "Fab+1"), ("kind", "bonded"), ("address", "")];
    assert_eq!(manager.post(&format!("{own}/sites"), &site).await.status, 303);
    let moved = [("code", "FAB"), ("site_name", "Fab+2"), ("kind", "free_zone")];
    assert_eq!(manager.post(&format!("{own}/sites"), &moved).await.status, 303);
    let told = manager.get("/api/v1/organisations/gad:mag-d").await.json();
    assert_eq!(told["sites"].as_array().unwrap().len(), 1, "a code is unique");
    assert_eq!(told["sites"][0]["kind"], "free_zone");
    let wrong = [("code", "FAB"), ("site_name", "x"), ("kind", "moon")];
    assert_eq!(manager.post(&format!("{own}/sites"), &wrong).await.status, 422);
}

#[tokio::test]
async fn the_operator_keeps_the_people_of_the_authority_only() {
    let world = World::new();
    let operator = world.person("operator").await;
    let entry = [("account", "new-officer"), ("name", "New"), ("role", "officer")];
    invitation(&operator.post("/authority/people", &entry).await);
    let filer = [("account", "x"), ("name", "X"), ("role", "filer")];
    assert_eq!(operator.post("/authority/people", &filer).await.status, 404);
    for account in ["magnet-maker", "operator"] {
        let path = format!("/authority/people/{account}/deactivate");
        assert_eq!(operator.post(&path, &[]).await.status, 404, "{account}");
    }
    let analyst = world.person("analyst").await;
    assert_eq!(operator.post("/authority/people/analyst/deactivate", &[]).await.status, 303);
    assert_eq!(analyst.get("/").await.status, 303);
    let back = operator.post("/authority/people/analyst/reactivate", &[]).await;
    assert!(invitation(&back).starts_with("/invitation/"));
}

#[tokio::test]
async fn leave_cover_is_shown_everywhere_and_ends_by_itself() {
    let world = World::new();
    let supervisor = world.person("supervisor").await;
    let cover = |delegate: &'static str, to: &'static str| {
        vec![
            ("delegate", delegate),
            ("cover_from", ""),
            ("cover_to", to),
            ("cover_reason", "leave"),
        ]
    };
    // 2025-11-24 is today on the clock of the world.
    for (delegate, to) in [
        ("analyst", "2025-11-25"),
        ("supervisor", "2025-11-25"),
        ("officer", "2025-11-20"),
        ("officer", "x"),
    ] {
        let answer = supervisor.post("/account/cover", &cover(delegate, to)).await;
        assert_eq!(answer.status, 422, "{delegate} {to}");
    }
    let made = supervisor.post("/account/cover", &cover("officer", "2025-11-24")).await;
    assert_eq!(made.status, 303, "{}", made.body);
    let analyst = world.person("analyst").await;
    assert_eq!(analyst.post("/account/act", &[("account", "supervisor")]).await.status, 404);
    let mut officer = world.person("officer").await;
    let acting = officer.post("/account/act", &[("account", "supervisor")]).await;
    assert_eq!(acting.status, 303, "{}", acting.body);
    assert_eq!(officer.get("/").await.status, 303, "the session has another text");
    let session = acting.cookie("gd_session").unwrap();
    let visitor = officer.cookies.split("; ").next().unwrap();
    officer.cookies = format!("{visitor}; gd_session={session}");
    for path in ["/", "/findings", "/account", "/registrations"] {
        assert!(officer.get(path).await.body.contains("Acting for Supervisor"), "{path}");
    }
    let me = officer.get("/api/v1/me").await.json();
    assert_eq!(
        (me["role"].as_str(), me["acting_for"].as_str()),
        (Some("supervisor"), Some("supervisor"))
    );
    // What either of the two asked for, this one does not decide.
    assert_eq!(supervisor.post("/register", &REGISTRATION).await.status, 200);
    assert_eq!(officer.get(&waiting(&officer).await).await.status, 404);
    let database = store_text(&world);
    assert!(
        database.contains("acting_begun") && database.contains("\"acting_for\":\"supervisor\"")
    );
    // The world's clock stands at 16:00 UTC: the day is over in nine hours, and so is the cover. The
    // officer's session is kept in use on the way.
    for _ in 0..18 {
        crate::world::clock_forward(30 * 60);
        world.people().session_touch(&session, crate::world::moment().now).unwrap();
    }
    let me = officer.get("/api/v1/me").await.json();
    assert_eq!((me["role"].as_str(), me["acting_for"].as_str()), (Some("officer"), None));
}

/// The bytes of the database and of its log, as text.
fn store_text(world: &World) -> String {
    let mut text = String::new();
    for name in ["gadolin.sqlite", "gadolin.sqlite-wal"] {
        if let Ok(bytes) = std::fs::read(world.dir().join(name)) {
            text.push_str(&String::from_utf8_lossy(&bytes));
        }
    }
    text
}
