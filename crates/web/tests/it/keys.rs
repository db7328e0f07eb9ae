//! Passkeys and identity providers at the doors: added, used, refused; and whoever tries without.

use app::people::By;
use web::Limits;

use crate::authenticator::Authenticator;
use crate::world::{Answer, ORIGIN, Visitor, World, clock_forward, moment};

const RP_ID: &str = "licences.example";
const FIFTEEN_MINUTES: i64 = 15 * 60;

/// Takes over the session that an answer opened.
fn sessioned(visitor: &mut Visitor<'_>, answer: &Answer) {
    let session = answer.cookie("gd_session").unwrap_or_else(|| panic!("{}", answer.body));
    let rest = visitor.cookies.split("; ").find(|c| c.starts_with("gd_visitor")).unwrap();
    visitor.cookies = format!("{rest}; gd_session={session}");
}

/// A text as a form sends it.
fn sent(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// Adds the passkey of an authenticator in the session of `person`.
async fn add(person: &mut Visitor<'_>, key: &mut Authenticator, name: &str) -> Answer {
    let options = person.post("/account/passkeys/options", &[]).await;
    assert_eq!(options.status, 200, "{}", options.body);
    let answer = sent(&key.create(&options.json()));
    person.post("/account/passkeys", &[("answer", &answer), ("name", &sent(name))]).await
}

/// An officer with a passkey.
async fn settled(world: &World) -> (Visitor<'_>, Authenticator) {
    let mut person = world.person("officer").await;
    let mut key = Authenticator::new(1, ORIGIN, RP_ID);
    let added = add(&mut person, &mut key, "my laptop").await;
    assert_eq!(added.header("location"), "/account?done=passkey", "{}", added.body);
    sessioned(&mut person, &added);
    (person, key)
}

/// Signs in with a passkey as a fresh visitor; where it is led.
async fn sign_in<'w>(world: &'w World, key: &mut Authenticator) -> (Visitor<'w>, Answer) {
    let mut visitor = world.visitor().await;
    let options = visitor.post("/sign-in/passkey/options", &[]).await.json();
    let answer = sent(&key.get(&options));
    let entered =
        visitor.post("/sign-in/passkey", &[("answer", &answer), ("to", "/account")]).await;
    if entered.cookie("gd_session").is_some() {
        sessioned(&mut visitor, &entered);
    }
    (visitor, entered)
}

fn led_back(answer: &Answer, fault: &str) {
    let to = format!("/sign-in?fault={fault}&to=%2Faccount");
    assert_eq!((answer.status.as_u16(), answer.header("location")), (303, &*to));
    assert_eq!(answer.cookie("gd_session"), None);
}

#[tokio::test]
async fn a_passkey_is_added_signs_in_and_is_removed() {
    let world = World::new();
    let (person, mut key) = settled(&world).await;
    assert!(person.get("/account").await.body.contains("my laptop"));
    let (mut person, entered) = sign_in(&world, &mut key).await;
    assert_eq!((entered.status.as_u16(), entered.header("location")), (303, "/account"));
    assert_eq!(person.get("/").await.status, 200);
    let page = person.get("/account").await.body;
    let remove = page.split("action=\"").find(|rest| rest.contains("/remove\"")).unwrap();
    let remove = remove.split('"').next().unwrap().to_owned();
    let stranger = world.person("analyst").await;
    assert_eq!(stranger.post(&remove, &[]).await.status, 404, "another's passkey");
    let removed = person.post(&remove, &[]).await;
    assert_eq!(removed.header("location"), "/account?done=passkey_removed");
    sessioned(&mut person, &removed);
    assert!(!person.get("/account").await.body.contains("my laptop"));
    led_back(&sign_in(&world, &mut key).await.1, "wrong");
}

#[tokio::test]
async fn assertions_that_are_replayed_forged_or_of_a_copy_sign_nobody_in() {
    let world = World::new();
    let (_, key) = settled(&world).await;
    let mut good = key.clone();
    let visitor = world.visitor().await;
    let options = visitor.post("/sign-in/passkey/options", &[]).await.json();
    let answer = sent(&good.get(&options));
    let form = [("answer", answer.as_str()), ("to", "/account")];
    let thief = world.visitor().await;
    led_back(&thief.post("/sign-in/passkey", &form).await, "over");
    assert_eq!(visitor.post("/sign-in/passkey", &form).await.header("location"), "/account");
    led_back(&visitor.post("/sign-in/passkey", &form).await, "over");
    visitor.post("/sign-in/passkey/options", &[]).await;
    led_back(&visitor.post("/sign-in/passkey", &form).await, "wrong");
    let mut copy = key.clone();
    led_back(&sign_in(&world, &mut copy).await.1, "copied");
    let mut other_key = Authenticator::new(2, ORIGIN, RP_ID);
    (other_key.id, other_key.handle) = (key.id.clone(), key.handle.clone());
    led_back(&sign_in(&world, &mut other_key).await.1, "wrong");
    let mut elsewhere = good.clone();
    elsewhere.origin = "https://licences.example.attacker.example".to_owned();
    led_back(&sign_in(&world, &mut elsewhere).await.1, "wrong");
    let mut unverified = good.clone();
    unverified.verified = false;
    led_back(&sign_in(&world, &mut unverified).await.1, "wrong");
    let visitor = world.visitor().await;
    visitor.post("/sign-in/passkey/options", &[]).await;
    clock_forward(300);
    let late = visitor.post("/sign-in/passkey", &form).await;
    led_back(&late, "over");
    let shown = visitor.get("/sign-in?fault=copied").await;
    assert!(shown.body.contains("may have been copied"), "{}", shown.body);
}

#[tokio::test]
async fn a_passkey_is_added_only_after_a_proof_of_lately_and_only_once() {
    let world = World::new();
    let (mut person, mut key) = settled(&world).await;
    let again = add(&mut person, &mut key.clone(), "again").await;
    assert_eq!(again.status, 422, "its own authenticator refuses that, a forged answer does not");
    let mut other = world.person("analyst").await;
    let taken = add(&mut other, &mut key.clone(), "mine now").await;
    assert_eq!(taken.status, 422);
    assert!(taken.body.contains("registered already"), "{}", taken.body);
    let mut fresh = Authenticator::new(3, ORIGIN, RP_ID);
    let nameless = add(&mut other, &mut fresh, " ").await;
    assert_eq!(nameless.status, 422);
    let (person, _) = sign_in(&world, &mut key).await;
    clock_forward(FIFTEEN_MINUTES);
    let late = person.post("/account/passkeys/options", &[]).await;
    assert_eq!(late.header("location"), "/account/confirm?to=%2Faccount");
}

#[tokio::test]
async fn who_is_deactivated_signs_in_with_no_passkey() {
    let world = World::new();
    let (_, mut key) = settled(&world).await;
    let (person, _) = sign_in(&world, &mut key).await;
    assert_eq!(person.get("/").await.status, 200);
    world.people().person_deactivate(By::COMMAND_LINE, "officer", moment().now).unwrap();
    assert_eq!(person.get("/").await.status, 303, "its session is over");
    led_back(&sign_in(&world, &mut key).await.1, "wrong");
}

#[tokio::test]
async fn a_provider_that_does_not_answer_holds_up_nobody() {
    let world = World::with(web::SignIn::Password, Limits::default());
    let visitor = world.visitor().await;
    let page = visitor.get("/sign-in?lang=zh").await;
    assert!(page.body.contains("合作机构") && page.body.contains("data-passkey=\"get\""));
    let begun = visitor.get("/sign-in/oidc/partner?to=/account").await;
    assert_eq!(begun.header("location"), "/sign-in?fault=unreachable&provider=partner");
    let shown = visitor.get(begun.header("location")).await;
    assert!(shown.body.contains("Partner Office does not answer"), "{}", shown.body);
    for path in ["/sign-in/oidc/none", "/sign-in/oidc/none/callback", "/sign-out/oidc/none"] {
        assert_eq!(visitor.get(path).await.status, 404, "{path}");
    }
    let forged = visitor.get("/sign-in/oidc/partner/callback?state=guessed&code=c").await;
    assert_eq!(forged.header("location"), "/sign-in?fault=over&provider=partner");
    // What an address says is shown only where it is one of our own words.
    let page = visitor.get("/sign-in?fault=%3Cb%3E&provider=partner").await;
    assert!(!page.body.contains("govuk-error-summary"));
}
