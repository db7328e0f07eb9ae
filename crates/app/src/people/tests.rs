//! What holds over several use cases: lives of sessions, waits, what stands in the database.

use super::*;
use base::authorisation::Role;

const PASSWORD: &str = "ore dock separation seventeen";
const HOUR_S: i64 = 3600;

struct World {
    people: People,
    dir: tempfile::TempDir,
    seconds: i64,
    seed: u8,
}

impl World {
    fn new() -> World {
        let dir = tempfile::tempdir().unwrap();
        let people = People::open(dir.path(), [7; 32]).unwrap();
        World { people, dir, seconds: 1_764_000_000, seed: 0 }
    }

    fn moment(&mut self) -> Moment {
        self.seed += 1;
        Moment { now: self.now(), seed: [self.seed; 32] }
    }

    fn now(&self) -> Timestamp {
        Timestamp::from_us(self.seconds * 1_000_000)
    }

    fn person(&mut self, account: &str, role: Role) -> SessionOpened {
        let party = if role.of_party() { "gad:a" } else { "" };
        let new = NewPerson {
            account,
            kind: PersonKind::Person,
            name: "Mira Okoye",
            local_name: "",
            email: "",
            role,
            party,
            desk: "",
        };
        let moment = self.moment();
        let code = self.people.person_invite(By::COMMAND_LINE, &new, &moment).unwrap().unwrap();
        let moment = self.moment();
        self.people.invitation_accept(&attempt("", ""), &code, PASSWORD, &moment).unwrap()
    }
}

fn attempt<'a>(account: &'a str, before: &'a str) -> Attempt<'a> {
    Attempt { account, agent: "test", address: "192.0.2.1", before }
}

fn refusal<T: std::fmt::Debug>(result: Result<T, PeopleError>) -> Refusal {
    match result.unwrap_err() {
        PeopleError::Refused(refusal) => refusal,
        other => unreachable!("{other}"),
    }
}

#[test]
fn sessions_end_idle_and_at_their_latest_by_role() {
    for (role, idle, whole) in [(Role::Officer, 1, 12), (Role::Filer, 12, 7 * 24)] {
        let mut world = World::new();
        let text = world.person("mira", role).text;
        let start = world.seconds;
        let held = |world: &World| world.people.session(&text, world.now()).unwrap().is_some();
        world.seconds = start + idle * HOUR_S - 1;
        assert!(held(&world), "{role:?}");
        world.seconds += 1;
        assert!(!held(&world), "{role:?} idle");
        // Used all the time, it ends at its latest.
        world.seconds = start;
        while world.seconds < start + whole * HOUR_S - 1800 {
            world.people.session_touch(&text, world.now()).unwrap();
            assert!(held(&world), "{role:?}");
            world.seconds += 1800;
        }
        world.seconds = start + whole * HOUR_S;
        world.people.session_touch(&text, world.now()).unwrap();
        assert!(!held(&world), "{role:?} at its latest");
    }
}

#[test]
fn waits_grow_end_and_are_forgotten_by_a_success() {
    let mut world = World::new();
    world.person("mira", Role::Officer);
    let mut waits = Vec::new();
    for _ in 0..9 {
        let moment = world.moment();
        match refusal(world.people.sign_in(&attempt("mira", ""), "x", &moment)) {
            Refusal::Wait { seconds } => {
                waits.push(seconds);
                world.seconds += i64::from(seconds);
            }
            refusal => assert_eq!(refusal, Refusal::SignInWrong),
        }
    }
    assert_eq!(waits, [1, 2]);
    // Over the wait, the right password is taken, however often it failed before.
    world.seconds += 60;
    let moment = world.moment();
    world.people.sign_in(&attempt("mira", ""), PASSWORD, &moment).unwrap();
    for _ in 0..5 {
        let moment = world.moment();
        let wrong = world.people.sign_in(&attempt("mira", ""), "x", &moment);
        assert_eq!(refusal(wrong), Refusal::SignInWrong, "it counts from nothing again");
    }
    // Waits outlive the process.
    let again = People::open(world.dir.path(), [1; 32]).unwrap();
    let moment = world.moment();
    let waits = again.sign_in(&attempt("mira", ""), PASSWORD, &moment);
    assert!(matches!(refusal(waits), Refusal::Wait { seconds: 1 }));
    // From elsewhere its owner need not wait.
    let elsewhere = Attempt { address: "198.51.100.7", ..attempt("mira", "") };
    again.sign_in(&elsewhere, PASSWORD, &world.moment()).unwrap();
}

#[test]
fn a_wrong_second_factor_does_not_use_the_session_up_and_waits() {
    let mut world = World::new();
    let opened = world.person("mira", Role::Officer);
    let held = Held { text: &opened.text, agent: "test" };
    let by = By::account("mira");
    let moment = world.moment();
    let set_up = world.people.totp_begin(by, &moment).unwrap();
    let again = world.moment();
    assert_eq!(world.people.totp_begin(by, &again).unwrap(), set_up, "shown again, the same");
    let secret: [u8; totp::SECRET_BYTES] = moment.random("totp");
    let code = totp::code_at(&secret, world.seconds * 1_000_000);
    let moment = world.moment();
    world.people.totp_confirm(by, &code, &held, &moment).unwrap();
    let moment = world.moment();
    let first = world.people.sign_in(&attempt("mira", ""), PASSWORD, &moment).unwrap();
    assert_eq!(first.assurance, Assurance::Awaiting);
    for _ in 0..5 {
        let moment = world.moment();
        let wrong = world.people.second_factor(&attempt("", &first.text), "000000", &moment);
        assert_eq!(refusal(wrong), Refusal::CodeWrong);
    }
    world.seconds += 30;
    let code = totp::code_at(&secret, world.seconds * 1_000_000);
    let moment = world.moment();
    let second = world.people.second_factor(&attempt("", &first.text), &code, &moment).unwrap();
    assert_eq!(second.assurance, Assurance::Two);
    let late = world.people.second_factor(&attempt("", &first.text), &code, &moment);
    assert_eq!(refusal(late), Refusal::SignInWrong, "the text before is over");
}

#[test]
fn no_secret_stands_in_the_database_and_every_change_in_the_audit() {
    let mut world = World::new();
    let opened = world.person("mira", Role::Officer);
    let by = By::account("mira");
    let moment = world.moment();
    let token = world.people.token_make(by, "mira", "t", Scope::Read, 1, &moment).unwrap();
    let begun = world.moment();
    world.people.totp_begin(by, &begun).unwrap();
    let secret: [u8; totp::SECRET_BYTES] = begun.random("totp");
    let code = totp::code_at(&secret, world.seconds * 1_000_000);
    let moment = world.moment();
    let held = Held { text: &opened.text, agent: "test" };
    let (codes, _) = world.people.totp_confirm(by, &code, &held, &moment).unwrap();
    let moment = world.moment();
    world.people.person_reset(By::COMMAND_LINE, "mira", &moment).unwrap();
    world.people.person_deactivate(By::COMMAND_LINE, "mira", world.now()).unwrap();
    let mut bytes = Vec::new();
    for entry in std::fs::read_dir(world.dir.path()).unwrap() {
        let path = entry.unwrap().path();
        if !path.ends_with(KEY_FILE) {
            bytes.extend(std::fs::read(path).unwrap());
        }
    }
    let held = |secret: &[u8]| bytes.windows(secret.len()).any(|part| part == secret);
    assert!(held(b"mira") && held(b"$argon2id$"), "this looks where it should");
    for hidden in [opened.text.as_bytes(), token.as_bytes(), PASSWORD.as_bytes(), &secret] {
        assert!(!held(hidden));
    }
    assert!(!held(codes[0].as_bytes()) && !held(&[7; 32]));
    let database = Database::open_read(&world.dir.path().join(DATABASE_FILE)).unwrap();
    assert_eq!(database.check(), Vec::<String>::new());
    for action in
        ["account_made", "invitation_accepted", "token_made", "totp_set_up", "account_reset"]
    {
        assert!(held(action.as_bytes()), "{action}");
    }
}

#[test]
fn an_account_that_is_reset_or_back_has_no_access_before_it_is_invited_anew() {
    let mut world = World::new();
    let opened = world.person("mira", Role::Filer);
    let by = By::account("mira");
    let moment = world.moment();
    let token = world.people.token_make(by, "mira", "t", Scope::Read, 1, &moment).unwrap();
    world.people.person_deactivate(By::COMMAND_LINE, "mira", world.now()).unwrap();
    let moment = world.moment();
    let code = world.people.person_reactivate(By::COMMAND_LINE, "mira", &moment).unwrap().unwrap();
    assert!(world.people.session(&opened.text, world.now()).unwrap().is_none());
    assert!(world.people.token(&token, world.now()).unwrap().is_none());
    let moment = world.moment();
    let old = world.people.sign_in(&attempt("mira", ""), PASSWORD, &moment);
    assert_eq!(refusal(old), Refusal::SignInWrong);
    // Over after three days.
    let start = world.seconds;
    world.seconds = start + 3 * 24 * HOUR_S;
    assert_eq!(refusal(world.people.invitation(&code, world.now())), Refusal::InvitationOver);
    world.seconds = start;
    let moment = world.moment();
    let back = world.people.invitation_accept(&attempt("", ""), &code, PASSWORD, &moment).unwrap();
    assert_eq!(back.assurance, Assurance::One);
}

/// The letters that wait, with their receivers, the oldest first.
fn letters(world: &World) -> Vec<(String, crate::mail::Letter)> {
    let database = Database::open_read(&world.dir.path().join(DATABASE_FILE)).unwrap();
    let mut jobs = database.jobs(store::JobState::Waiting, 100).unwrap();
    jobs.sort_by_key(|job| job.job_id);
    let read = |body: &str| serde_json::from_str::<crate::mail::Mail>(body).unwrap();
    jobs.iter().map(|job| read(&job.body)).map(|mail| (mail.to, mail.letter)).collect()
}

#[test]
fn who_has_an_e_mail_is_written_to_when_invited_reset_and_seen_in_a_new_browser() {
    use crate::mail::Letter;
    let mut world = World::new();
    let new = NewPerson {
        account: "mira",
        kind: PersonKind::Person,
        name: "Mira Okoye",
        local_name: "",
        email: "mira@authority.example",
        role: Role::PartyManager,
        party: "gad:a",
        desk: "",
    };
    let moment = world.moment();
    let code = world.people.person_invite(By::COMMAND_LINE, &new, &moment).unwrap().unwrap();
    let again = world.people.person_invite(By::COMMAND_LINE, &new, &moment);
    assert!(matches!(refusal(again), Refusal::AccountTaken { .. }));
    let invited = Letter::Invitation {
        person: "Mira Okoye".to_owned(),
        organisation: "gad:a".to_owned(),
        inviter: String::new(),
        link: format!("/invitation/{code}"),
        valid_until: "2025-11-27 16:00 UTC".to_owned(),
    };
    let to = || "mira@authority.example".to_owned();
    assert_eq!(letters(&world), [(to(), invited.clone())], "and none for what was refused");
    let moment = world.moment();
    world.people.invitation_accept(&attempt("", ""), &code, PASSWORD, &moment).unwrap();
    for agent in ["test", "Firefox/140 Linux", "Firefox/141 Linux", "test"] {
        world.seconds += 60;
        let moment = world.moment();
        let attempt = Attempt { agent, ..attempt("mira", "") };
        world.people.sign_in(&attempt, PASSWORD, &moment).unwrap();
    }
    let seen = letters(&world).split_off(1);
    let told = Letter::NewSignIn {
        person: "Mira Okoye".to_owned(),
        at: "2025-11-24 16:02 UTC".to_owned(),
        browser: "Firefox, Linux".to_owned(),
    };
    assert_eq!(seen, [(to(), told)], "once, and not for an update");
    world.seconds += 60;
    let moment = world.moment();
    let code = world.people.person_reset(By::COMMAND_LINE, "mira", &moment).unwrap().unwrap();
    let letter = letters(&world).pop().unwrap().1;
    let Letter::PasswordReset { link, .. } = &letter else { unreachable!("{letter:?}") };
    assert_eq!(*link, format!("/invitation/{code}"));
    // The server that sends it says where its pages are, and as whom it writes.
    assert_eq!(letter.clone().sent_by("Ytteria", None), None);
    let sent = invited.sent_by("Ytteria", Some("https://gadolin.example/")).unwrap();
    let Letter::Invitation { link, inviter, organisation, .. } = sent else { unreachable!() };
    assert!(link.starts_with("https://gadolin.example/invitation/"), "{link}");
    assert_eq!((inviter.as_str(), organisation.as_str()), ("Ytteria", "gad:a"));
}

#[test]
fn who_has_no_e_mail_is_not_written_to() {
    let mut world = World::new();
    world.person("mira", Role::Officer);
    for agent in ["test", "Firefox Linux"] {
        let moment = world.moment();
        let attempt = Attempt { agent, ..attempt("mira", "") };
        world.people.sign_in(&attempt, PASSWORD, &moment).unwrap();
    }
    assert_eq!(letters(&world), []);
}
