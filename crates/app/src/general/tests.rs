use base::authorisation::{Actor, Role};
use licensing::general::returns::{ReturnKind, ReturnLine, ReturnRule};
use licensing::general::uses::UseWritten;
use licensing::general::{AuditAsked, AuditOutcome, AuditState, Keeper, RegistrationState};
use licensing::message::QuantityWritten;
use licensing::quantity::{Quantity, Unit};
use store::JobState;

use super::*;
use crate::people::Moment;
use crate::platform::{Mode, OpenOptions, fsck};

const USER: &str = "gad:nordlicht-magnets";

struct World {
    dir: tempfile::TempDir,
    platform: Platform,
    law: Law,
}

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

fn world() -> World {
    let dir = tempfile::tempdir().unwrap();
    let options = OpenOptions { random: [7; 32] };
    let platform = Platform::open(dir.path(), Mode::Write, &options).unwrap();
    let now = at("2026-01-01T00:00:00Z");
    platform
        .licences_change(|change| crate::licence::holder_register(change, USER, [1; 32], now))
        .unwrap();
    let law = Law::read("demo", 0, &crate::packs::pack_carried("demo").unwrap());
    assert_eq!(law.faults, []);
    World { dir, platform, law }
}

fn codes<T: std::fmt::Debug>(done: Result<T, GeneralError>) -> Vec<&'static str> {
    match done {
        Ok(_) => Vec::new(),
        Err(GeneralError::Refused(reasons)) => reasons.iter().map(|reason| reason.code).collect(),
        Err(GeneralError::Unknown) => vec!["unknown"],
        Err(GeneralError::LicenceUnknown(_)) => vec!["licence_unknown"],
        Err(other) => vec![Box::leak(other.to_string().into_boxed_str())],
    }
}

impl World {
    fn step<T>(&self, who: &str, when: &str, run: impl FnOnce(&Step<'_>) -> T) -> T {
        let (role, party) = match who {
            "ann" => (Role::Filer, USER),
            "post" => (Role::Customs, ""),
            _ => (Role::Officer, ""),
        };
        let actor = Actor::new(who, role, party);
        let mut seed = [0; 32];
        seed.iter_mut().zip(when.bytes()).for_each(|(byte, of)| *byte = of);
        run(&Step { actor: &actor, moment: Moment { now: at(when), seed } })
    }

    fn register(&self, general: &str, when: &str) -> Result<String, GeneralError> {
        let asked = Registering {
            confirmed: vec!["compliance_programme".to_owned()],
            denied: vec!["serious_penalty".to_owned(), "watch_listed_party".to_owned()],
            keeper: Keeper {
                name: "Ann".to_owned(),
                email: "ann@magnets.example".to_owned(),
                records_at: "1 Quay".to_owned(),
            },
        };
        self.step("ann", when, |step| {
            self.platform.general_register(&self.law, general, (&asked, &[]), step)
        })
    }

    fn command(&self, who: &str, when: &str, number: &str, command: &Command) -> Vec<&'static str> {
        let side = if who == "ann" { Side::User } else { Side::Authority };
        codes(self.step(who, when, |step| {
            self.platform.general_step(&self.law, number, (side, command), step)
        }))
    }

    fn use_told(
        &self,
        number: &str,
        when: &str,
        change: impl FnOnce(&mut UseWritten),
    ) -> UseAnswer {
        let mut written = UseWritten {
            post: "harbour".to_owned(),
            id: "m-1".to_owned(),
            sent_at: when.to_owned(),
            deed: "use".to_owned(),
            registration: number.to_owned(),
            exporter: USER.to_owned(),
            declaration: "D-1".to_owned(),
            declaration_line: 1,
            control_codes: vec!["YS-202".to_owned()],
            destination: "DE".to_owned(),
            quantities: vec![QuantityWritten {
                unit: "net_mass".to_owned(),
                amount: "10".to_owned(),
                written: "kg".to_owned(),
            }],
            released_at: when.to_owned(),
            ..UseWritten::default()
        };
        change(&mut written);
        let told = written.read().unwrap();
        let done =
            self.step("post", when, |step| self.platform.general_use(&self.law, &told, step));
        done.unwrap()
    }

    fn file(&self, number: &str, when: &str, filed: &Return) -> Vec<&'static str> {
        codes(
            self.step("ann", when, |step| {
                self.platform.general_return(&self.law, number, filed, step)
            }),
        )
    }

    fn view(&self, number: &str, when: &str) -> GeneralView {
        self.platform.general_view(&self.law, number, at(when)).unwrap()
    }

    fn events(&self) -> u64 {
        self.platform.reader().head().unwrap().log_index
    }

    fn clean(&self) {
        assert_eq!(fsck(self.dir.path()).unwrap(), Vec::<String>::new());
    }
}

fn listed(from: &str, declaration: &str, on: &str, kg: i64) -> Return {
    let line = ReturnLine {
        of: DeclaredUse { declaration: declaration.to_owned(), line: 1 },
        day: on.parse().unwrap(),
        destination: "DE".to_owned(),
        quantities: vec![Quantity { unit: Unit::NetMass, amount: kg * 1_000_000 }],
    };
    Return { from: from.parse().unwrap(), kind: ReturnKind::Listed, lines: vec![line] }
}

#[test]
fn a_company_registers_once_and_gets_a_number() {
    let world = world();
    assert_eq!(world.register("YG-1", "2026-02-01T08:00:00Z").unwrap(), "YT-G-2026-000001");
    assert_eq!(codes(world.register("YG-1", "2026-02-02T08:00:00Z")), ["general_registered"]);
    assert_eq!(codes(world.register("YG-9", "2026-02-02T08:00:00Z")), ["licence_unknown"]);
    assert_eq!(world.register("YG-2", "2026-02-02T08:00:00Z").unwrap(), "YT-G-2026-000002");
    let rows = world.platform.generals_of(&world.law, USER, at("2026-02-03T00:00:00Z")).unwrap();
    assert_eq!(rows.len(), 2);
    let page = |state| {
        let now = at("2026-02-03T00:00:00Z");
        world.platform.generals(&world.law, ("YG-1", state), None, now).unwrap().rows.len()
    };
    assert_eq!((page("active"), page("suspended")), (1, 0));
    world.clean();
}

#[test]
fn a_use_is_recorded_once_whatever_became_of_the_registration_since() {
    let world = world();
    let number = world.register("YG-1", "2026-02-01T08:00:00Z").unwrap();
    let when = "2026-03-01T08:00:00Z";
    let check = world.use_told(&number, when, |message| message.deed = "check".to_owned());
    assert_eq!(check.outcome, UseOutcome::Accepted);
    assert!(world.view(&number, when).uses.is_empty(), "a check records nothing");
    let first = world.use_told(&number, when, |_| {});
    assert_eq!(first.outcome, UseOutcome::Accepted);
    let before = world.events();
    assert_eq!(world.use_told(&number, when, |_| {}), first);
    assert_eq!(world.events(), before, "a replay leaves nothing");
    let other = world.use_told(&number, when, |message| message.destination = "FR".to_owned());
    assert_eq!(other.outcome, UseOutcome::Rejected);
    assert_eq!(other.reasons[0].code, "message_changed");
    let stop = Command::Suspend { reason: "late returns".to_owned() };
    assert_eq!(world.command("olga", "2026-03-02T08:00:00Z", &number, &stop), Vec::<&str>::new());
    assert_eq!(world.use_told(&number, when, |_| {}), first, "the same answer");
    let id = |message: &mut UseWritten, id: &str, declaration: &str| {
        (message.id, message.declaration) = (id.to_owned(), declaration.to_owned());
    };
    let later = "2026-03-03T08:00:00Z";
    let refused = world.use_told(&number, later, |message| id(message, "m-2", "D-2"));
    assert_eq!(refused.reasons[0].code, "registration_suspended");
    // Dated before the suspension, and told after it.
    let late = world.use_told(&number, later, |message| {
        id(message, "m-3", "D-3");
        message.released_at = when.to_owned();
    });
    assert!(late.outcome == UseOutcome::Accepted && late.marks.len() == 1, "{late:?}");
    let unknown = world.use_told("YT-G-2026-000099", later, |message| id(message, "m-4", "D-4"));
    assert_eq!(unknown.reasons[0].code, "registration_unknown");
    // Of reports about one use the one sent last counts; one of nothing takes it back.
    let back = world.use_told(&number, later, |message| {
        id(message, "m-5", "D-1");
        message.quantities[0].amount = "0".to_owned();
    });
    assert_eq!(back.outcome, UseOutcome::Accepted, "{back:?}");
    let uses = world.view(&number, later).uses;
    let named: Vec<&str> = uses.iter().map(|one| one.told.of.declaration.as_str()).collect();
    assert_eq!(named, ["D-3"]);
    world.clean();
}

#[test]
fn a_return_is_filed_compared_and_late_ones_show() {
    let world = world();
    let number = world.register("YG-1", "2026-02-01T08:00:00Z").unwrap();
    world.use_told(&number, "2026-03-01T08:00:00Z", |_| {});
    let states = |when: &str| -> Vec<(String, &'static str)> {
        let returns = world.view(&number, when).returns;
        returns.iter().map(|of| (of.due.period.from.to_string(), of.due.state.code())).collect()
    };
    let state = |from: &str, code| (from.to_owned(), code);
    assert_eq!(states("2026-03-15T00:00:00Z"), [state("2026-02-01", "running")]);
    let wrong = listed("2026-02-01", "D-1", "2026-03-01", 1);
    assert_eq!(world.file(&number, "2026-03-31T08:00:00Z", &wrong), ["return_early"]);
    let overdue = "2026-05-02T00:00:00Z";
    assert_eq!(states(overdue), [state("2026-04-01", "running"), state("2026-02-01", "overdue")]);
    let rows = world.platform.generals_of(&world.law, USER, at(overdue)).unwrap();
    assert_eq!(rows[0].returns_overdue, 1);
    assert_eq!(world.file(&number, "2026-05-02T08:00:00Z", &wrong), Vec::<&str>::new());
    assert_eq!(states(overdue)[1], state("2026-02-01", "filed_late"));
    let found = world.view(&number, overdue).returns.remove(1).findings;
    assert_eq!(found.iter().map(|of| of.rule).collect::<Vec<_>>(), [ReturnRule::QuantityDiffers]);
    let before = world.events();
    assert_eq!(world.file(&number, "2026-05-03T08:00:00Z", &wrong), Vec::<&str>::new());
    assert_eq!(world.events(), before, "the same return again leaves nothing");
    let right = listed("2026-02-01", "D-1", "2026-03-01", 10);
    assert_eq!(world.file(&number, "2026-05-04T08:00:00Z", &right), Vec::<&str>::new());
    let of = world.view(&number, overdue).returns.remove(1);
    assert!(of.findings.is_empty() && of.times == 2, "{of:?}");
    // The day of the first decides whether it was in time.
    assert_eq!(of.due.state.code(), "filed_late");
    world.clean();
}

#[test]
fn an_audit_goes_from_sample_to_answer_to_outcome_with_letters() {
    let world = world();
    let number = world.register("YG-1", "2026-02-01T08:00:00Z").unwrap();
    for place in 1..=6 {
        world.use_told(&number, "2026-03-01T08:00:00Z", |message| {
            (message.id, message.declaration) = (format!("m-{place}"), format!("D-{place}"));
        });
    }
    let jobs = || world.platform.reader().jobs(JobState::Waiting, 100).unwrap().len();
    let letters = jobs();
    let day = |text: &str| text.parse::<Date>().unwrap();
    let begin = Command::AuditBegin(AuditAsked {
        from: day("2026-02-01"),
        to: day("2026-03-31"),
        size: 3,
        answer_by: day("2026-05-15"),
        text: "show them".to_owned(),
    });
    let ok = Vec::<&str>::new();
    assert_eq!(world.command("olga", "2026-04-20T08:00:00Z", &number, &begin), ok);
    assert_eq!(jobs(), letters + 1, "the user is written to");
    let audit = world.view(&number, "2026-04-20T08:00:00Z").registration.audits.remove(0);
    assert_eq!(audit.sample.len(), 3);
    let find =
        Command::AuditFind { about: Some(audit.sample[0].clone()), text: "no invoice".to_owned() };
    assert_eq!(world.command("olga", "2026-04-21T08:00:00Z", &number, &find), ok);
    let close = Command::AuditClose {
        outcome: AuditOutcome::Suspended,
        correct_by: None,
        text: "until the records are there".to_owned(),
    };
    assert_eq!(world.command("olga", "2026-04-22T08:00:00Z", &number, &close), ["general_unheard"]);
    let answer = Command::AuditAnswer { text: "it is lost".to_owned(), documents: Vec::new() };
    assert_eq!(world.command("ann", "2026-04-23T08:00:00Z", &number, &answer), ok);
    assert_eq!(jobs(), letters + 1, "what the user did itself it is not told");
    assert_eq!(world.command("olga", "2026-04-24T08:00:00Z", &number, &close), ok);
    assert_eq!(jobs(), letters + 2, "one letter for the end and the suspension");
    let view = world.view(&number, "2026-04-24T08:00:00Z");
    assert_eq!(view.registration.state, RegistrationState::Suspended);
    assert_eq!(view.registration.audits[0].state(view.today), AuditState::Suspended);
    assert_eq!(world.command("olga", "2026-04-25T08:00:00Z", "YT-G-1", &close), ["unknown"]);
    world.clean();
}

#[test]
fn a_registration_that_was_changed_beside_its_log_is_found() {
    type Tamper = fn(&LicensingChange<'_>, &GeneralRecord) -> Result<(), StoreError>;
    let rows: [(Tamper, &str); 3] = [
        (
            |change, stored| {
                let state = "suspended".to_owned();
                change.general_put(&GeneralRecord { state, ..stored.clone() }, stored.version)
            },
            "is not what its events add up to",
        ),
        (
            |change, stored| {
                let mut one =
                    change.read().general_uses(stored.owner_id, &stored.number)?.remove(0);
                one.message_id = "forged".to_owned();
                change.general_use_add(stored.owner_id, &stored.number, &one)
            },
            "its uses differ",
        ),
        (
            |change, stored| {
                let one = change.read().general_returns(stored.owner_id, &stored.number)?.remove(0);
                change.general_return_add(stored.owner_id, &stored.number, &one)
            },
            "its returns differ",
        ),
    ];
    for (tamper, what) in rows {
        let world = world();
        let number = world.register("YG-1", "2026-02-01T08:00:00Z").unwrap();
        world.use_told(&number, "2026-03-01T08:00:00Z", |_| {});
        let filed = listed("2026-02-01", "D-1", "2026-03-01", 10);
        assert_eq!(world.file(&number, "2026-04-02T08:00:00Z", &filed), Vec::<&str>::new());
        world.clean();
        let change = |change: &LicensingChange<'_>| {
            let stored = change.read().general_registration(&number)?.unwrap();
            Ok(tamper(change, &stored)?)
        };
        world.platform.licences_change(change).unwrap();
        let found = fsck(world.dir.path()).unwrap();
        assert!(found.iter().any(|line| line.contains(what)), "{found:?}");
    }
}

#[test]
fn the_demo_shows_every_standing() {
    let world = world();
    let now = at("2026-11-24T12:00:00Z");
    for (party, random) in [("gad:b", [2; 32]), ("gad:c", [3; 32])] {
        world
            .platform
            .licences_change(|change| crate::licence::holder_register(change, party, random, now))
            .unwrap();
    }
    let users = [("ann", USER), ("ben", "gad:b"), ("cora", "gad:c")];
    general_seed(&world.platform, &world.law, &users, now).unwrap();
    let rows = world.platform.generals_of(&world.law, USER, now).unwrap();
    assert_eq!(rows[0].returns_overdue, 1);
    let view = world.platform.general_view(&world.law, &rows[0].registration.number, now).unwrap();
    let states: std::collections::BTreeSet<&str> =
        view.returns.iter().map(|of| of.due.state.code()).collect();
    assert_eq!(
        states.into_iter().collect::<Vec<_>>(),
        ["filed", "filed_late", "overdue", "running"]
    );
    assert!(view.returns.iter().any(|of| !of.findings.is_empty()));
    assert_eq!(view.registration.audits[0].state(view.today), AuditState::Asked);
    assert_eq!(view.registration.audits[0].sample.len(), 3);
    let other = world.platform.generals_of(&world.law, "gad:b", now).unwrap().remove(0);
    assert_eq!(other.registration.state, RegistrationState::Suspended);
    world.clean();
}
