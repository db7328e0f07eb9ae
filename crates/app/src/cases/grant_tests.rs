use std::sync::atomic::{AtomicI64, Ordering};

use base::Timestamp;
use base::authorisation::{Actor, Role};
use licensing::application::{Application, Cell, EndUse, Good, PartyEntry, PartyPart};
use licensing::case::{Advice, CaseState, CellDecision, Draft, Position};
use licensing::decide::{Activity, Command, Signer};
use licensing::message::{MessageWritten, QuantityWritten};
use licensing::quantity::{Quantity, Unit};

use super::*;
use crate::border::{Border, Told};
use crate::cases::{Known, NewCase};
use crate::people::Moment;
use crate::platform::{Mode, OpenOptions, fsck};

const HOUR_US: i64 = 3_600_000_000;
const HOLDER: &str = "gad:holder";

/// Hours since the start of the tests: each step takes one.
static HOURS: AtomicI64 = AtomicI64::new(0);

fn now() -> Timestamp {
    let start = Timestamp::parse("2026-03-02T08:00:00Z").unwrap();
    Timestamp::from_us(start.us() + HOURS.load(Ordering::SeqCst) * HOUR_US)
}

struct World {
    dir: tempfile::TempDir,
    platform: Platform,
    law: Law,
    known: Known,
}

fn world() -> World {
    world_of(&[])
}

/// A world whose pack has some lines of its procedure otherwise: what stands there, and what instead.
fn world_of(changes: &[(&str, &str)]) -> World {
    let dir = tempfile::tempdir().unwrap();
    let platform =
        Platform::open(dir.path(), Mode::Write, &OpenOptions { random: [7; 32] }).unwrap();
    platform
        .licences_change(|change| licence::holder_register(change, HOLDER, [1; 32], now()))
        .unwrap();
    let signer = |account: &str, role| Signer {
        account: account.to_owned(),
        role,
        activity: Activity::Active,
    };
    let signers = vec![
        signer("olga", Role::Officer),
        signer("oskar", Role::Officer),
        signer("sven", Role::Supervisor),
        signer("sara", Role::Supervisor),
    ];
    let mut files = crate::packs::pack_carried("demo").unwrap();
    let mut text = files.text("licensing.toml").unwrap().to_owned();
    for (from, to) in changes {
        assert!(text.contains(from), "{from}");
        text = text.replace(from, to);
    }
    files.insert("licensing.toml", text);
    let law = Law::read("demo", 0, &files);
    assert_eq!(law.faults, []);
    World { dir, platform, law, known: Known { signers, ..Known::default() } }
}

fn actor(name: &str) -> Actor {
    let (role, party) = match name {
        "ann" => (Role::Filer, HOLDER),
        "dina" => (Role::Agency, ""),
        "sven" | "sara" => (Role::Supervisor, ""),
        _ => (Role::Officer, ""),
    };
    let mut actor = Actor::new(name, role, party);
    if role == Role::Agency {
        "defence".clone_into(&mut actor.desk);
    }
    actor
}

fn kilograms(kg: i64) -> Quantity {
    Quantity { unit: Unit::NetMass, amount: kg * 1_000_000 }
}

fn application(licence_type: &str) -> Application {
    let text = str::to_owned;
    Application {
        licence_type: text(licence_type),
        goods: vec![Good {
            key: text("g1"),
            name: text("magnet"),
            hs: text("850511"),
            ..Good::default()
        }],
        parties: vec![PartyEntry {
            key: text("p1"),
            parts: vec![PartyPart::Consignee, PartyPart::EndUser],
            name: text("Motor Works"),
            country: text("DE"),
            ..PartyEntry::default()
        }],
        uses: vec![EndUse {
            key: text("u1"),
            code: text("industrial_servo"),
            text: text("motors"),
        }],
        cells: vec![Cell {
            key: text("c1"),
            good: text("g1"),
            consignee: text("p1"),
            end_user: text("p1"),
            end_use: text("u1"),
            destination: text("DE"),
            quantities: vec![kilograms(50)],
        }],
        ..Application::default()
    }
}

fn approve(kg: i64) -> CellDecision {
    CellDecision::Approve { quantities: vec![kilograms(kg)], conditions: Vec::new() }
}

fn refuse() -> CellDecision {
    CellDecision::Refuse { reasons: vec!["security".to_owned()], text: "no".to_owned() }
}

impl World {
    fn step(&self, who: &str, number: &str, command: &Command) -> Result<Case, Vec<&'static str>> {
        HOURS.fetch_add(1, Ordering::SeqCst);
        let seed = [HOURS.load(Ordering::SeqCst).to_le_bytes()[0]; 32];
        let (actor, moment) = (actor(who), Moment { now: now(), seed });
        let step = Step { actor: &actor, moment };
        match self.platform.case_step(&self.law, number, command, &self.known, &step) {
            Ok(case) => Ok(case),
            Err(CaseError::Refused(refusals)) => Err(refusals.iter().map(|r| r.code).collect()),
            Err(error) => Err(vec![Box::leak(error.to_string().into_boxed_str())]),
        }
    }

    /// A case of `general`, drafted so, and signed.
    fn signed(&self, decision: CellDecision) -> String {
        self.signed_of(application("general"), decision)
    }

    /// A case of an application, drafted so, and signed.
    fn signed_of(&self, application: Application, decision: CellDecision) -> String {
        let actor = actor("ann");
        let moment = Moment { now: now(), seed: [200; 32] };
        let new = NewCase { applicant: HOLDER, application: &application, follows: None };
        let step = Step { actor: &actor, moment };
        let number = self.platform.case_submit(&self.law, &new, &self.known, &step).unwrap();
        let agency = "defence".to_owned();
        self.step("sven", &number, &Command::Assign { officer: "olga".to_owned() }).unwrap();
        self.step("olga", &number, &Command::Accept).unwrap();
        self.step("olga", &number, &Command::AskAgency { agency, text: "?".to_owned() }).unwrap();
        let advice = Advice {
            position: Position::Approve,
            reason: "known".to_owned(),
            conditions: Vec::new(),
        };
        let advice = [("c1".to_owned(), advice)].into();
        self.step("dina", &number, &Command::Advise { advice }).unwrap();
        self.step("dina", &number, &Command::Reply).unwrap();
        self.draft("olga", "sven", &number, decision);
        number
    }

    fn draft(&self, officer: &str, supervisor: &str, number: &str, decision: CellDecision) {
        let draft = Draft {
            cells: [("c1".to_owned(), decision)].into(),
            valid_from: None,
            valid_months: Some(6),
            reasoning: "as advised".to_owned(),
        };
        self.step(officer, number, &Command::Draft { draft }).unwrap();
        let content = self.content(number);
        self.step(supervisor, number, &Command::Sign { content }).unwrap();
    }

    fn content(&self, number: &str) -> String {
        self.platform.case(number).unwrap().content_hash().unwrap()
    }

    fn finalise(&self, number: &str) -> Result<Case, Vec<&'static str>> {
        let content = self.content(number);
        self.step("olga", number, &Command::Finalise { content, licences: Vec::new() })
    }

    /// Numbers of the licences of a case, with what they are good for.
    fn licences(&self, number: &str) -> Vec<(String, &'static str)> {
        let held = self.platform.case_licences(number).unwrap();
        held.iter()
            .map(|held| {
                let zone = zone_find(&held.licence.terms.zone).unwrap();
                let standing =
                    held.licence.standing(&held.events, now().us(), i64::MAX, &zone).code();
                (held.licence.number.clone(), standing)
            })
            .collect()
    }

    /// Uses kilograms of the first line of a licence; gives the answer.
    fn draw(&self, licence: &str, declaration: &str, kg: &str) -> String {
        self.told(licence, declaration, kg, |_| {})
    }

    /// The same, with a message that differs.
    fn told(
        &self,
        licence: &str,
        declaration: &str,
        kg: &str,
        change: impl FnOnce(&mut MessageWritten),
    ) -> String {
        let at = now().to_string();
        let party =
            licensing::licence::PartyNamed { name: "Motor Works".to_owned(), ..Default::default() };
        let mut message = MessageWritten {
            post: "HARBOUR".to_owned(),
            id: format!("{licence}{declaration}{kg}"),
            sent_at: at.clone(),
            released_at: at,
            deed: "commit".to_owned(),
            licence: licence.to_owned(),
            line: 1,
            declaration: declaration.to_owned(),
            declaration_line: 1,
            good: "g1".to_owned(),
            hs: "850511".to_owned(),
            consignee: party.clone(),
            end_user: party,
            end_use: "industrial_servo".to_owned(),
            destination: "DE".to_owned(),
            quantities: vec![QuantityWritten {
                unit: "net_mass".to_owned(),
                amount: kg.to_owned(),
                written: "kg".to_owned(),
            }],
            ..MessageWritten::default()
        };
        change(&mut message);
        let (sender, receiver) = std::sync::mpsc::channel();
        let reply = Box::new(move |told: Told| sender.send(told).unwrap());
        let border = Border::new(&self.platform, now);
        border.tell(vec![message.read().unwrap()], "customs", reply).unwrap();
        receiver.recv().unwrap().unwrap().remove(0)
    }

    fn clean(&self) {
        assert_eq!(fsck(self.dir.path()).unwrap(), Vec::<String>::new());
    }
}

#[test]
fn an_approval_issues_its_licence_which_customs_is_told_of_and_draws_down() {
    let world = world();
    let number = world.signed(approve(50));
    assert_eq!(world.licences(&number), [], "nothing before the decision");
    let case = world.finalise(&number).unwrap();
    let licence = &case.outcome.as_ref().unwrap().licences[0];
    assert_eq!(licence, "YT-L-2026-000001");
    assert_eq!(world.licences(&number), [(licence.clone(), "in_force")]);
    let held = world.platform.case_licences(&number).unwrap().remove(0).licence;
    assert_eq!((held.holder.as_str(), held.case.as_str()), (HOLDER, number.as_str()));
    assert_eq!((held.kind.as_str(), held.pack.as_str()), ("general", "demo/0"));
    let told = world.platform.reader().licensing().border_changes(0, 10).unwrap();
    assert_eq!(told.len(), 1);
    assert!(world.draw(licence, "D1", "50").contains("accepted"), "as much as was granted");
    let beyond = world.draw(licence, "D2", "2");
    assert!(beyond.contains("beyond_quantity") || beyond.contains("exhausted"), "{beyond}");
    assert!(world.finalise(&number).is_err(), "once");
    assert_eq!(world.licences(&number).len(), 1);
    world.clean();
}

#[test]
fn a_refusal_issues_none() {
    let world = world();
    let number = world.signed(refuse());
    let case = world.finalise(&number).unwrap();
    assert_eq!(case.state, CaseState::Decided);
    assert_eq!(case.outcome.unwrap().licences, Vec::<String>::new());
    assert_eq!(world.licences(&number), []);
    world.clean();
}

#[test]
fn what_cannot_be_issued_is_not_decided_and_what_is_not_decided_is_not_issued() {
    let world = world();
    let number = world.signed(approve(50));
    // Somebody has given the number to another licence.
    let first = world.signed(approve(10));
    world.finalise(&first).unwrap();
    let taken = world.platform.case_licences(&first).unwrap().remove(0).licence;
    let next = licensing::licence::Licence {
        id: LicenceId([9; 16]),
        number: "YT-L-2026-000002".to_owned(),
        case: String::new(),
        ..taken
    };
    world.platform.licences_change(|change| licence::issue(change, &next, now(), "olga")).unwrap();
    let before = world.platform.case(&number).unwrap();
    let content = before.content_hash().unwrap();
    let (actor, moment) = (actor("olga"), Moment { now: now(), seed: [3; 32] });
    let finalise = Command::Finalise { content: content.clone(), licences: Vec::new() };
    let step = Step { actor: &actor, moment };
    let failed = world.platform.case_step(&world.law, &number, &finalise, &world.known, &step);
    assert!(failed.is_err());
    assert_eq!(world.platform.case(&number).unwrap(), before, "the case is as it was");
    // A number that the caller writes is not looked at.
    let licences = vec!["MINE".to_owned()];
    let refused = world.step("oskar", &number, &Command::Finalise { content, licences });
    assert_eq!(refused.unwrap_err(), ["not_assigned"]);
    assert_eq!(world.licences(&number), []);
    world.clean();
}

#[test]
fn a_later_decision_takes_the_place_of_the_earlier_with_what_was_used() {
    let world = world();
    let number = world.signed(approve(50));
    world.finalise(&number).unwrap();
    assert!(world.draw("YT-L-2026-000001", "D1", "30").contains("accepted"));
    let reopen = || {
        let ground = "new facts".to_owned();
        world.step("sara", &number, &Command::Reopen { ground }).unwrap();
    };
    reopen();
    world.draft("olga", "sven", &number, approve(20));
    assert_eq!(world.finalise(&number).unwrap_err(), ["licence_below_used"]);
    world.draft("olga", "sven", &number, approve(40));
    world.finalise(&number).unwrap();
    let found = world.licences(&number);
    let standings: Vec<&str> = found.iter().map(|(_, standing)| *standing).collect();
    assert_eq!(standings, ["superseded", "in_force"]);
    let (first, second) = (&found[0].0, &found[1].0);
    assert!(world.draw(first, "D2", "1").contains("superseded"));
    assert!(world.draw(second, "D2", "12").contains("beyond_quantity"), "30 of 40 are used");
    assert!(world.draw(second, "D3", "10").contains("accepted"));
    reopen();
    world.draft("olga", "sven", &number, refuse());
    let refused = world.finalise(&number).unwrap();
    assert_eq!(refused.outcome.unwrap().licences, Vec::<String>::new());
    assert_eq!(
        refused.first_outcome.unwrap().licences,
        std::slice::from_ref(first),
        "it never changes"
    );
    let standings: Vec<&str> = world.licences(&number).iter().map(|(_, s)| *s).collect();
    assert_eq!(standings, ["superseded", "revoked"]);
    world.clean();
}

#[test]
fn a_licence_without_its_decision_is_found() {
    let world = world();
    let number = world.signed(approve(50));
    world.finalise(&number).unwrap();
    let issued = world.platform.case_licences(&number).unwrap().remove(0).licence;
    for (place, case, expected) in [
        (
            8,
            number.as_str(),
            format!("licence X8 names case {number}, whose decisions do not name it"),
        ),
        (
            9,
            "YT-2026-999999",
            "licence X9 comes from case YT-2026-999999, which is not there".to_owned(),
        ),
    ] {
        let forged = licensing::licence::Licence {
            id: LicenceId([place; 16]),
            number: format!("X{place}"),
            case: case.to_owned(),
            ..issued.clone()
        };
        let issue = |change: &LicensingChange<'_>| licence::issue(change, &forged, now(), "olga");
        world.platform.licences_change(issue).unwrap();
        let found = fsck(world.dir.path()).unwrap();
        assert!(found.contains(&expected), "{found:?}");
    }
}

/// Hours for which a reservation holds, told at `at`, with how many hours more other tests may have taken.
fn held_hours(answer: &str, at: Timestamp) -> i64 {
    let answer: serde_json::Value = serde_json::from_str(answer).unwrap();
    let until = Timestamp::parse(answer["reserved_until"].as_str().unwrap()).unwrap();
    (until.us() - at.us()) / HOUR_US
}

#[test]
fn what_the_pack_says_of_reservations_holds_at_the_border() {
    for (line, hours) in [
        ("reservation_hours = 96", 96),
        ("reservation_hours = 8784", 8_784),
        ("", 72), // The pack says nothing.
    ] {
        let world = world_of(&[("reservation_hours = 96", line)]);
        let number = world.signed(approve(50));
        world.finalise(&number).unwrap();
        let (licence, _) = world.licences(&number).remove(0);
        let held = world.platform.case_licences(&number).unwrap().remove(0).licence;
        assert_eq!(held.terms.reservation_seconds, hours * 3_600, "{line}");
        let at = now();
        let answer =
            world.told(&licence, "D1", "5", |message| "reserve".clone_into(&mut message.deed));
        let found = held_hours(&answer, at);
        // Other tests take some hours meanwhile, never a thousand.
        assert!((i64::from(hours)..i64::from(hours) + 1_000).contains(&found), "{line}: {answer}");
    }
}

#[test]
fn what_the_pack_says_of_the_mass_of_a_piece_is_marked_at_the_border() {
    for (ppm, marked) in [("52631", true), ("52632", false), ("1000000", false)] {
        let line = format!("unit_mass_tolerance_ppm = {ppm}");
        let world = world_of(&[("unit_mass_tolerance_ppm = 50000", &line)]);
        let pieces = |amount| Quantity { unit: Unit::Pieces, amount };
        let mut asked = application("general");
        asked.goods[0].unit_mass_mg = Some(50_000);
        asked.cells[0].quantities.push(pieces(1_000));
        let quantities = vec![kilograms(50), pieces(1_000)];
        let decision = CellDecision::Approve { quantities, conditions: Vec::new() };
        let number = world.signed_of(asked, decision);
        world.finalise(&number).unwrap();
        let (licence, _) = world.licences(&number).remove(0);
        // 190 pieces of 50 g are 9.5 kg: 10 kg are a nineteenth more, 52,631.6 parts of a million.
        let answer = world.told(&licence, "D1", "10", |message| {
            message.quantities.push(QuantityWritten {
                unit: "pieces".to_owned(),
                amount: "190".to_owned(),
                written: String::new(),
            });
        });
        assert!(answer.contains("accepted"), "{answer}");
        assert_eq!(answer.contains("unit_mass"), marked, "{ppm}: {answer}");
    }
}

#[test]
fn whom_the_pack_lets_be_registered_later_customs_lets_through_from_then_on() {
    use licensing::licence::{Change, PartyNamed, RegisteredUser};
    for (line, lets) in [("registered_users = [\"general\"]", true), ("", false)] {
        let world = world_of(&[("registered_users = [\"general\"]", line)]);
        let number = world.signed(approve(50));
        world.finalise(&number).unwrap();
        let (licence, _) = world.licences(&number).remove(0);
        let other = PartyNamed { name: "Turbine Works".to_owned(), ..PartyNamed::default() };
        let draw = |declaration: &str| {
            world.told(&licence, declaration, "5", |message| {
                (message.consignee, message.end_user) = (other.clone(), other.clone());
            })
        };
        let before = draw("D1");
        assert!(
            before.contains("consignee_differs") && before.contains("end_user_differs"),
            "{before}"
        );
        let register = |country: &str| {
            let at = now();
            let user = RegisteredUser {
                party: other.clone(),
                country: country.to_owned(),
                from_us: at.us(),
            };
            let asked = licence::LicenceChange {
                number: &licence,
                change: Change::UserRegistered(user),
                effective: at,
                account: "olga",
            };
            let done = world.platform.licences_change(|change| licence::change(change, &asked, at));
            done.map(|_| ()).map_err(|error| error.code())
        };
        if lets {
            assert_eq!(register("SE"), Err("licence_country_outside"));
            assert_eq!(register("DE"), Ok(()));
            assert!(draw("D2").contains("accepted"));
        } else {
            assert_eq!(register("DE"), Err("licence_not_general"));
            assert!(draw("D2").contains("consignee_differs"));
        }
        world.clean();
    }
}
