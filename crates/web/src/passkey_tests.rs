//! Passkeys against an authenticator in software: what is taken, and what is refused.

use base::Timestamp;
use serde_json::Value;

use crate::authenticator::{Authenticator, base64, unbase64};
use crate::passkey::{Kept, PasskeyRefusal, Passkeys, Registrant};

const ORIGIN: &str = "https://licences.example";
const RP_ID: &str = "licences.example";
const HANDLE: [u8; 16] = [9; 16];
const FIVE_MINUTES_US: i64 = 300_000_000;

fn at(us: i64) -> Timestamp {
    Timestamp::from_us(us)
}

struct Scene {
    passkeys: Passkeys,
    key: Authenticator,
    kept: Kept,
}

/// One registered passkey.
fn scene() -> Scene {
    let passkeys = Passkeys::new(ORIGIN).unwrap();
    let mut key = Authenticator::new(1, ORIGIN, RP_ID);
    let options = begin(&passkeys, "visitor", &[]);
    let kept = passkeys.registration_end("visitor", "anna", &key.create(&options), at(1)).unwrap();
    Scene { passkeys, key, kept }
}

fn begin(passkeys: &Passkeys, visitor: &str, known: &[Vec<u8>]) -> Value {
    let registrant = Registrant { account: "anna", name: "Anna Ek", handle: HANDLE };
    passkeys.registration_begin(visitor, registrant, known, at(0)).unwrap()
}

impl Scene {
    /// Signs in as the authenticator stands; how it ends.
    fn sign_in(&mut self) -> Result<Kept, PasskeyRefusal> {
        let options = self.passkeys.sign_in_begin("visitor", at(10)).unwrap();
        let answer = self.key.get(&options);
        self.answer(&answer)
    }

    fn answer(&mut self, answer: &str) -> Result<Kept, PasskeyRefusal> {
        let claim = self.passkeys.sign_in_claim("visitor", answer, at(11))?;
        self.passkeys.sign_in_end(claim, &self.kept, &HANDLE)
    }
}

#[test]
fn a_browser_is_asked_for_a_discoverable_key_with_verification_of_the_user() {
    let passkeys = Passkeys::new(ORIGIN).unwrap();
    let options = begin(&passkeys, "visitor", &[vec![1, 2, 3]]);
    let selection = &options["authenticatorSelection"];
    assert_eq!(selection["residentKey"], "required");
    assert_eq!(selection["userVerification"], "required");
    assert_eq!(options["rp"]["id"], RP_ID);
    assert_eq!(options["excludeCredentials"][0]["id"], base64(&[1, 2, 3]));
    assert_eq!(unbase64(options["user"]["id"].as_str().unwrap()), HANDLE);
    let options = passkeys.sign_in_begin("visitor", at(0)).unwrap();
    assert_eq!(options["userVerification"], "required");
    assert_eq!(options["allowCredentials"], serde_json::json!([]));
}

#[test]
fn a_registered_passkey_signs_in_and_its_counter_is_kept() {
    let mut scene = scene();
    assert_eq!((scene.kept.counter, scene.kept.credential_id.len()), (0, 32));
    for signed in 1..=3 {
        scene.kept = scene.sign_in().unwrap();
        assert_eq!(scene.kept.counter, signed);
    }
}

#[test]
fn a_counter_that_does_not_grow_is_a_copied_key() {
    let mut scene = scene();
    scene.key.counter = 7;
    scene.kept = scene.sign_in().unwrap();
    assert_eq!(scene.kept.counter, 8);
    for before in [6, 7] {
        scene.key.counter = before;
        assert_eq!(scene.sign_in(), Err(PasskeyRefusal::Copied), "after {before}");
    }
    scene.key.counter = 8;
    assert!(scene.sign_in().is_ok());
}

#[test]
fn an_answer_is_good_once_for_its_visitor_and_for_five_minutes() {
    let mut scene = scene();
    let options = scene.passkeys.sign_in_begin("visitor", at(10)).unwrap();
    let answer = scene.key.get(&options);
    let other = scene.passkeys.sign_in_claim("somebody else", &answer, at(11));
    assert_eq!(other.unwrap_err(), PasskeyRefusal::Over);
    scene.answer(&answer).unwrap();
    assert_eq!(scene.answer(&answer), Err(PasskeyRefusal::Over), "sent again");
    scene.passkeys.sign_in_begin("visitor", at(10)).unwrap();
    assert_eq!(scene.answer(&answer), Err(PasskeyRefusal::Wrong), "of an earlier challenge");
    let options = scene.passkeys.sign_in_begin("visitor", at(10)).unwrap();
    let answer = scene.key.get(&options);
    let late = scene.passkeys.sign_in_claim("visitor", &answer, at(10 + FIVE_MINUTES_US));
    assert_eq!(late.unwrap_err(), PasskeyRefusal::Over);
}

#[test]
fn forged_assertions_are_refused() {
    #[track_caller]
    fn refused(change: impl FnOnce(&mut Scene)) {
        let mut scene = scene();
        change(&mut scene);
        assert_eq!(scene.sign_in(), Err(PasskeyRefusal::Wrong));
    }
    refused(|scene| scene.key.origin = "https://licences.example.attacker.example".to_owned());
    refused(|scene| scene.key.origin = "http://licences.example".to_owned());
    refused(|scene| scene.key.rp_id = "attacker.example".to_owned());
    refused(|scene| scene.key.verified = false);
    refused(|scene| scene.key.handle = vec![8; 16]);
    refused(|scene| scene.key.handle.clear());
    refused(|scene| scene.key.id = vec![2; 32]);
    refused(|scene| {
        let mut other = Authenticator::new(3, ORIGIN, RP_ID);
        (other.id, other.handle) = (scene.key.id.clone(), scene.key.handle.clone());
        scene.key = other;
    });
}

#[test]
fn an_assertion_changed_on_its_way_is_refused() {
    let flip = |answer: &str, field: &str| {
        let mut value: Value = serde_json::from_str(answer).unwrap();
        let mut bytes = unbase64(value["response"][field].as_str().unwrap());
        *bytes.last_mut().unwrap() ^= 1;
        value["response"][field] = base64(&bytes).into();
        value.to_string()
    };
    for field in ["authenticatorData", "signature"] {
        let mut scene = scene();
        let options = scene.passkeys.sign_in_begin("visitor", at(10)).unwrap();
        let answer = flip(&scene.key.get(&options), field);
        assert_eq!(scene.answer(&answer), Err(PasskeyRefusal::Wrong), "{field}");
    }
    let mut scene = scene();
    for text in ["", "{}", "null", "{\"id\":1}"] {
        scene.passkeys.sign_in_begin("visitor", at(10)).unwrap();
        assert_eq!(scene.answer(text), Err(PasskeyRefusal::Unreadable), "`{text}`");
    }
}

#[test]
fn a_registration_is_of_its_account_and_of_a_verified_user() {
    let passkeys = Passkeys::new(ORIGIN).unwrap();
    let mut key = Authenticator::new(1, ORIGIN, RP_ID);
    let options = begin(&passkeys, "visitor", &[]);
    let answer = key.create(&options);
    let ended = passkeys.registration_end("visitor", "berit", &answer, at(1));
    assert_eq!(ended, Err(PasskeyRefusal::Over), "for another account");
    let ended = passkeys.registration_end("visitor", "anna", &answer, at(1));
    assert_eq!(ended, Err(PasskeyRefusal::Over), "its challenge is used");
    let options = begin(&passkeys, "visitor", &[]);
    let ended = passkeys.registration_end("visitor", "anna", &answer, at(1));
    assert_eq!(ended, Err(PasskeyRefusal::Wrong), "of an earlier challenge");
    assert_ne!(options["challenge"], Value::Null);
    key.verified = false;
    let answer = key.create(&begin(&passkeys, "visitor", &[]));
    let ended = passkeys.registration_end("visitor", "anna", &answer, at(1));
    assert_eq!(ended, Err(PasskeyRefusal::Wrong), "without a PIN or a finger");
    key.verified = true;
    let answer = key.create(&begin(&passkeys, "visitor", &[key.id.clone()]));
    let ended = passkeys.registration_end("visitor", "anna", &answer, at(1));
    assert_eq!(ended, Err(PasskeyRefusal::Wrong), "registered before");
}

#[test]
fn an_ip_address_has_no_passkeys() {
    for address in ["http://127.0.0.1:8787", "https://[::1]/", "", "licences.example"] {
        assert!(Passkeys::new(address).is_none(), "`{address}`");
    }
    for address in ["http://localhost:8787", ORIGIN] {
        assert!(Passkeys::new(address).is_some(), "`{address}`");
    }
}
