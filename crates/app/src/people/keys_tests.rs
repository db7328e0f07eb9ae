//! Passkeys and identities over a database: whom they sign in, how sure, and whom not.

use base::Timestamp;
use base::authorisation::Role;

use super::*;

const ISSUER: &str = "https://id.example";

struct Scene {
    people: People,
    step: std::cell::Cell<u8>,
    _dir: tempfile::TempDir,
}

fn scene() -> Scene {
    let dir = tempfile::tempdir().unwrap();
    let people = People::open(dir.path(), [7; 32]).unwrap();
    let scene = Scene { people, step: std::cell::Cell::new(0), _dir: dir };
    for (account, role, party) in [("anna", Role::Officer, ""), ("berit", Role::Filer, "gad:berit")]
    {
        let new = NewPerson {
            account,
            kind: PersonKind::Person,
            name: account,
            local_name: "",
            email: "",
            role,
            party,
            desk: "",
        };
        let code = scene.people.person_invite(By::COMMAND_LINE, &new, &scene.moment()).unwrap();
        let attempt = attempt(account, "");
        let password = format!("seven lanterns beside {account} river");
        scene
            .people
            .invitation_accept(&attempt, &code.unwrap(), &password, &scene.moment())
            .unwrap();
    }
    scene
}

fn attempt<'a>(account: &'a str, before: &'a str) -> Attempt<'a> {
    Attempt { account, agent: "test", address: "192.0.2.1", before }
}

fn key(credential_id: &'static [u8]) -> NewPasskey<'static> {
    NewPasskey { credential_id, credential: "{}", counter: 0, name: " blue key " }
}

fn proved(two_factors: bool, two_wanted: bool) -> IdentityProved<'static> {
    IdentityProved { issuer: ISSUER, subject: "a-1", two_factors, two_wanted }
}

impl Scene {
    /// A second later each time, with other chance.
    fn moment(&self) -> Moment {
        self.step.set(self.step.get() + 1);
        let step = self.step.get();
        Moment { now: Timestamp::from_us(i64::from(step) * 1_000_000), seed: [step; 32] }
    }

    fn password(&self, account: &str) -> SessionOpened {
        let password = format!("seven lanterns beside {account} river");
        self.people.sign_in(&attempt(account, ""), &password, &self.moment()).unwrap()
    }

    /// Gives `account` a passkey, in a session of its own; gives that session as it then is.
    fn passkey(&self, account: &str, id: &'static [u8]) -> SessionOpened {
        let text = self.password(account).text;
        self.people.passkey_begin(account, &self.moment()).unwrap();
        let held = Held { text: &text, agent: "test" };
        self.people.passkey_add(By::account(account), &key(id), &held, &self.moment()).unwrap()
    }

    fn passkey_sign_in(&self, id: &[u8], counter: u32) -> Result<SessionOpened, PeopleError> {
        let found = self.people.passkey_find(id).unwrap().unwrap();
        let attempt = attempt("", "");
        self.people.passkey_sign_in(&attempt, &found, "{}", counter, &self.moment())
    }
}

#[track_caller]
fn refused<T: std::fmt::Debug>(done: Result<T, PeopleError>, code: &str) {
    let refusal = match done {
        Err(PeopleError::Refused(refusal)) => refusal.code().to_owned(),
        other => format!("{other:?}"),
    };
    assert_eq!(refusal, code);
}

#[test]
fn a_passkey_is_two_factors_and_is_kept_with_its_counter() {
    let scene = scene();
    let added = scene.passkey("anna", b"one");
    assert_eq!(added.assurance, Assurance::Two, "its registration verified the user");
    let opened = scene.passkey_sign_in(b"one", 5).unwrap();
    assert_eq!((&*opened.account, opened.assurance), ("anna", Assurance::Two));
    let found = scene.people.passkey_find(b"one").unwrap().unwrap();
    assert_eq!(found.counter(), 5);
    let shown = scene.people.passkeys("anna").unwrap().remove(0);
    assert_eq!(shown.name, "blue key");
    assert!(shown.used.is_some());
    let stale = scene.people.passkey_find(b"one").unwrap().unwrap();
    scene.passkey_sign_in(b"one", 6).unwrap();
    let attempt = attempt("", "");
    let again = scene.people.passkey_sign_in(&attempt, &stale, "{}", 7, &scene.moment());
    refused(again, "sign_in_wrong");
}

#[test]
fn beside_a_passkey_a_password_alone_signs_nobody_in() {
    let scene = scene();
    assert_eq!(scene.password("anna").assurance, Assurance::One);
    scene.passkey("anna", b"one");
    let awaiting = scene.password("anna");
    assert_eq!(awaiting.assurance, Assurance::Awaiting);
    let found = scene.people.passkey_find(b"one").unwrap().unwrap();
    let attempt = attempt("", &awaiting.text);
    let opened = scene.people.passkey_sign_in(&attempt, &found, "{}", 1, &scene.moment()).unwrap();
    assert_eq!(opened.assurance, Assurance::Two);
    let now = scene.moment().now;
    assert!(scene.people.session(&awaiting.text, now).unwrap().is_none(), "its text is over");
}

#[test]
fn a_passkey_is_of_one_person_until_it_removes_it() {
    let scene = scene();
    let session = scene.passkey("anna", b"one");
    let text = scene.password("berit").text;
    scene.people.passkey_begin("berit", &scene.moment()).unwrap();
    let held = Held { text: &text, agent: "test" };
    let by = By::account("berit");
    refused(scene.people.passkey_add(by, &key(b"one"), &held, &scene.moment()), "passkey_known");
    let id = scene.people.passkeys("anna").unwrap().remove(0).id;
    refused(scene.people.passkey_remove(by, &id, &held, &scene.moment()), "not_found");
    let held = Held { text: &session.text, agent: "test" };
    let by = By::account("anna");
    refused(scene.people.passkey_remove(by, "00", &held, &scene.moment()), "not_found");
    scene.people.passkey_remove(by, &id, &held, &scene.moment()).unwrap();
    assert!(scene.people.passkey_find(b"one").unwrap().is_none());
    for name in ["", "a\u{202e}b", &"x".repeat(101)] {
        let key = NewPasskey { name, ..key(b"two") };
        assert!(scene.people.passkey_add(by, &key, &held, &scene.moment()).is_err(), "`{name}`");
    }
}

#[test]
fn a_person_has_one_handle_and_at_most_twenty_passkeys() {
    let scene = scene();
    let first = scene.people.passkey_begin("anna", &scene.moment()).unwrap();
    let second = scene.people.passkey_begin("anna", &scene.moment()).unwrap();
    assert_eq!(first.handle, second.handle);
    let other = scene.people.passkey_begin("berit", &scene.moment()).unwrap();
    assert_ne!(first.handle, other.handle);
    let mut text = scene.password("anna").text;
    for number in 0..20_u8 {
        let key = NewPasskey { credential_id: &[number], ..key(b"") };
        let held = Held { text: &text, agent: "test" };
        let added = scene.people.passkey_add(By::account("anna"), &key, &held, &scene.moment());
        text = added.unwrap().text;
    }
    refused(scene.people.passkey_begin("anna", &scene.moment()), "too_many_keys");
    let held = Held { text: &text, agent: "test" };
    let more = scene.people.passkey_add(By::account("anna"), &key(b"x"), &held, &scene.moment());
    refused(more, "too_many_keys");
}

#[test]
fn an_identity_signs_in_whom_it_was_linked_to() {
    let scene = scene();
    let sign_in = |two, wanted| {
        let attempt = attempt("", "");
        scene.people.identity_sign_in(&attempt, &proved(two, wanted), &scene.moment())
    };
    refused(sign_in(true, false), "identity_unlinked");
    let link = |account| {
        let by = By::account(account);
        scene.people.identity_link(by, account, ISSUER, "a-1", &scene.moment())
    };
    link("anna").unwrap();
    refused(link("anna"), "identity_taken");
    refused(link("berit"), "identity_taken");
    refused(link("nobody"), "not_found");
    let opened = sign_in(true, true).unwrap();
    assert_eq!((&*opened.account, opened.assurance), ("anna", Assurance::Two));
    assert_eq!(sign_in(false, false).unwrap().assurance, Assurance::One);
    refused(sign_in(false, true), "identity_weak");
    let id = scene.people.identities("anna").unwrap().remove(0).id;
    let now = scene.moment().now;
    refused(scene.people.identity_unlink(By::account("berit"), "berit", &id, now), "not_found");
    scene.people.identity_unlink(By::account("anna"), "anna", &id, now).unwrap();
    refused(sign_in(true, false), "identity_unlinked");
}

#[test]
fn whose_second_factor_is_set_up_gives_it_after_a_weak_identity() {
    let scene = scene();
    scene.passkey("berit", b"one");
    let by = By::account("berit");
    scene.people.identity_link(by, "berit", ISSUER, "a-1", &scene.moment()).unwrap();
    let attempt = attempt("", "");
    // Of a filer two factors are not asked for at the provider; its own are.
    let opened = scene.people.identity_sign_in(&attempt, &proved(false, true), &scene.moment());
    assert_eq!(opened.unwrap().assurance, Assurance::Awaiting);
}

#[test]
fn who_is_deactivated_signs_in_by_none_of_them() {
    let scene = scene();
    scene.passkey("anna", b"one");
    let by = By::account("anna");
    scene.people.identity_link(by, "anna", ISSUER, "a-1", &scene.moment()).unwrap();
    let opened = scene.passkey_sign_in(b"one", 1).unwrap();
    let found = scene.people.passkey_find(b"one").unwrap().unwrap();
    scene.people.person_deactivate(By::COMMAND_LINE, "anna", scene.moment().now).unwrap();
    let now = scene.moment().now;
    assert!(scene.people.session(&opened.text, now).unwrap().is_none());
    let attempt = attempt("", "");
    // Also where it was looked up just before.
    let tried = scene.people.passkey_sign_in(&attempt, &found, "{}", 2, &scene.moment());
    refused(tried, "sign_in_wrong");
    assert!(scene.people.passkey_find(b"one").unwrap().is_none());
    let tried = scene.people.identity_sign_in(&attempt, &proved(true, false), &scene.moment());
    refused(tried, "identity_unlinked");
}

#[test]
fn whoever_is_reset_has_neither_passkeys_nor_identities() {
    let scene = scene();
    scene.passkey("anna", b"one");
    let by = By::account("anna");
    scene.people.identity_link(by, "anna", ISSUER, "a-1", &scene.moment()).unwrap();
    scene.people.person_reset(By::COMMAND_LINE, "anna", &scene.moment()).unwrap();
    assert!(scene.people.passkeys("anna").unwrap().is_empty());
    assert!(scene.people.identities("anna").unwrap().is_empty());
    assert!(scene.people.passkey_find(b"one").unwrap().is_none());
}
