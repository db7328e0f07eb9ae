use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::mpsc;

use licensing::draw_down::AllotmentState;
use licensing::licence::{
    Allowance, Change, Licence, LicenceId, LicensedGood, Line, PartyNamed, Scope, Terms,
    TestedEvent, Uses,
};
use licensing::message::{MessageWritten, QuantityWritten};
use licensing::quantity::{Quantity, Unit};
use store::NewParty;

use super::*;
use crate::licence::{self, LicenceChange};
use crate::platform::{Mode, OpenOptions, fsck};

const HOUR: i64 = 3_600_000_000;

/// The clock of the tests, which they move.
static CLOCK: AtomicI64 = AtomicI64::new(0);

fn now() -> Timestamp {
    Timestamp::from_us(start().us() + CLOCK.load(Ordering::SeqCst))
}

fn start() -> Timestamp {
    Timestamp::parse("2026-06-01T12:00:00Z").unwrap()
}

fn party(name: &str) -> PartyNamed {
    PartyNamed { name: name.into(), ..PartyNamed::default() }
}

fn a_licence(id: u8, number: &str, kg: i64) -> Licence {
    Licence {
        id: LicenceId([id; 16]),
        number: number.into(),
        pack: "demo/1".into(),
        holder: "gad:holder".into(),
        case: String::new(),
        kind: "general".into(),
        scope: Scope::Lines,
        terms: Terms {
            uses: Uses::Many,
            tested: TestedEvent::Departure,
            max_exports: None,
            reservation_seconds: 86_400,
            unit_mass_tolerance_ppm: 0,
            zone: "UTC".into(),
        },
        lines: vec![Line {
            number: 1,
            cell: String::new(),
            good: LicensedGood {
                key: "G1".into(),
                name: "magnets".into(),
                control_codes: vec![],
                hs: "850511".into(),
            },
            consignee: party("Consignee"),
            end_user: party("User"),
            end_use: "motor".into(),
            destination: "NL".into(),
            allowances: vec![Allowance {
                quantity: Quantity { unit: Unit::NetMass, amount: kg * 1_000_000 },
                tolerance_ppm: 0,
            }],
            conditions: vec![],
            unit_mass_mg: None,
            continues: None,
        }],
        valid_from: "2026-01-01".parse().unwrap(),
        valid_to: "2026-12-31".parse().unwrap(),
        supersedes: None,
        taken_over: vec![],
    }
}

fn a_message(id: &str, number: &str, deed: &str, declaration: &str, kg: &str) -> Message {
    let quantities = if kg.is_empty() {
        vec![]
    } else {
        vec![QuantityWritten { unit: "net_mass".into(), amount: kg.into(), written: "kg".into() }]
    };
    let sent_at = Timestamp::from_us(now().us() - HOUR).to_string();
    MessageWritten {
        post: "HARBOUR".into(),
        id: id.into(),
        departed_at: sent_at.clone(),
        sent_at,
        deed: deed.into(),
        licence: number.into(),
        line: 1,
        declaration: declaration.into(),
        declaration_line: 1,
        good: "G1".into(),
        hs: "850511".into(),
        consignee: party("Consignee"),
        end_user: party("User"),
        end_use: "motor".into(),
        destination: "NL".into(),
        quantities,
        ..MessageWritten::default()
    }
    .read()
    .unwrap()
}

struct World {
    dir: tempfile::TempDir,
    platform: Platform,
    border: Border,
}

fn world() -> World {
    let dir = tempfile::tempdir().unwrap();
    let options = OpenOptions { random: [7; 32] };
    let platform = Platform::open(dir.path(), Mode::Write, &options).unwrap();
    platform
        .licences_change(|change| {
            let holder = NewParty { party_id: [1; 16], identifier: "gad:holder" };
            change.party_register(&holder, 1)?;
            licence::issue(
                change,
                &a_licence(1, "L1", 100),
                Timestamp::from_us(start().us() - 24 * HOUR),
                "officer",
            )
        })
        .unwrap();
    let border = Border::new(&platform, now);
    World { dir, platform, border }
}

impl World {
    fn tell(&self, messages: Vec<Message>) -> Vec<String> {
        let (sender, receiver) = mpsc::channel();
        let reply = Box::new(move |told: Told| sender.send(told).unwrap());
        self.border.tell(messages, "customs", reply).unwrap();
        receiver.recv().unwrap().unwrap()
    }

    fn one(&self, message: Message) -> serde_json::Value {
        serde_json::from_str(&self.tell(vec![message])[0]).unwrap()
    }

    fn codes(&self, message: Message) -> Vec<String> {
        let answer = self.one(message);
        let reasons = answer["reasons"].as_array().unwrap();
        reasons.iter().map(|reason| reason["code"].as_str().unwrap().to_owned()).collect()
    }

    fn change(&self, change: Change) {
        let asked = LicenceChange { number: "L1", change, effective: now(), account: "officer" };
        self.platform.licences_change(|tx| licence::change(tx, &asked, now()).map(|_| ())).unwrap();
    }

    fn clean(&self) {
        assert_eq!(fsck(self.dir.path()).unwrap(), Vec::<String>::new());
    }
}

#[test]
fn a_message_told_again_has_no_effect_and_the_same_answer() {
    let world = world();
    let message = a_message("1", "L1", "commit", "D1", "60");
    let first = world.tell(vec![message.clone(), message.clone()]);
    assert_eq!(first[0], first[1], "in one group");
    assert_eq!(world.tell(vec![message.clone()]), first[..1], "in a later one");
    let mut other = message;
    other.quantities[0].amount = 1;
    assert_eq!(world.codes(other), ["message_changed"]);
    assert_eq!(world.one(a_message("2", "L1", "commit", "D2", "40"))["left"][0]["left"], "0");
    world.clean();
}

#[test]
fn a_refused_message_does_not_block_the_rest() {
    let world = world();
    let told = world.tell(vec![
        a_message("1", "NONE", "commit", "D1", "1"),
        a_message("2", "L1", "commit", "D1", "1000"),
        a_message("3", "L1", "commit", "D3", "100"),
    ]);
    let outcome = |text: &String| {
        let answer: serde_json::Value = serde_json::from_str(text).unwrap();
        answer["outcome"].as_str().unwrap().to_owned()
    };
    assert_eq!(told.iter().map(outcome).collect::<Vec<_>>(), ["refused", "refused", "accepted"]);
    world.clean();
}

#[test]
fn a_change_made_elsewhere_counts_from_the_next_message_on() {
    let world = world();
    let reason = || "r".to_owned();
    assert_eq!(world.codes(a_message("1", "L1", "commit", "D1", "1")), [""; 0]);
    world.change(Change::Suspended { reason: reason() });
    assert_eq!(world.codes(a_message("2", "L1", "reserve", "D2", "1")), ["suspended"]);
    let late = world.one(a_message("3", "L1", "commit", "D3", "1"));
    assert_eq!(
        (late["outcome"].as_str(), late["marks"][0].as_str()),
        (Some("accepted"), Some("late_use"))
    );
    world.change(Change::Reinstated { reason: reason() });
    assert_eq!(world.codes(a_message("4", "L1", "reserve", "D2", "1")), [""; 0]);
    world.clean();
}

#[test]
fn what_was_told_is_there_after_a_restart() {
    let world = world();
    world.tell(vec![a_message("1", "L1", "reserve", "D1", "60")]);
    world.tell(vec![a_message("2", "L1", "commit", "D2", "30")]);
    let again = Border::new(&world.platform, now);
    let world = World { border: again, ..world };
    assert_eq!(world.codes(a_message("3", "L1", "commit", "D3", "10.1")), ["beyond_quantity"]);
    // The commit of what is held comes to a writer that has just read it.
    assert_eq!(world.codes(a_message("4", "L1", "commit", "D1", "61")), [""; 0]);
    let repeated = world.one(a_message("1", "L1", "reserve", "D1", "60"));
    assert_eq!(repeated["outcome"], "accepted");
    world.clean();
}

#[test]
fn allotments_are_kept_and_reconciled() {
    let world = world();
    let (sender, receiver) = mpsc::channel();
    let allotment = Allotment {
        id: "A1".into(),
        post: "HARBOUR".into(),
        line: 1,
        amounts: vec![60_000_000],
        drawn: vec![],
        state: AllotmentState::Open,
    };
    let reply = |sender: &mpsc::Sender<Told>| -> Reply {
        let sender = sender.clone();
        Box::new(move |told| sender.send(told).unwrap())
    };
    world.border.allot("L1", allotment.clone(), "officer", reply(&sender)).unwrap();
    assert!(receiver.recv().unwrap().unwrap()[0].contains("accepted"));
    world.border.allot("L1", allotment, "officer", reply(&sender)).unwrap();
    assert!(receiver.recv().unwrap().unwrap()[0].contains("allotment_known"));
    let world = World { border: Border::new(&world.platform, now), ..world };
    assert_eq!(world.codes(a_message("1", "L1", "commit", "D1", "41")), ["beyond_quantity"]);
    let mut offline = a_message("2", "L1", "commit", "O1", "70");
    offline.allotment = "A1".into();
    assert_eq!(world.one(offline)["marks"][0], "beyond_allotment");
    world.border.reconcile("L1", ("A1", "HARBOUR"), "officer", reply(&sender)).unwrap();
    assert!(receiver.recv().unwrap().unwrap()[0].contains("accepted"));
    world.clean();
}

#[test]
fn a_superseding_licence_takes_the_use_over_with_its_declarations() {
    let world = world();
    world.tell(vec![
        a_message("1", "L1", "commit", "D1", "30"),
        a_message("2", "L1", "reserve", "D2", "20"),
    ]);
    let mut new = a_licence(2, "L2", 60);
    new.supersedes = Some("L1".into());
    let supersede = |new: &Licence| {
        world.platform.licences_change(|tx| licence::supersede(tx, "L1", new, now(), "officer"))
    };
    assert_eq!(supersede(&new).unwrap_err().code(), "licence_line_dropped");
    new.lines[0].continues = Some(1);
    supersede(&new).unwrap();
    assert_eq!(world.codes(a_message("3", "L1", "commit", "D2", "20")), ["superseded"]);
    assert_eq!(world.codes(a_message("4", "L2", "commit", "D4", "10.1")), ["beyond_quantity"]);
    // It left an hour ago, under the number that held then.
    let late = world.one(a_message("6", "L2", "commit", "D2", "20"));
    assert_eq!(late["marks"][0], "of_predecessor", "{late}");
    let mut correct = a_message("7", "L2", "correct", "D1", "1");
    correct.sent_us += 1;
    let corrected = world.one(correct);
    assert_eq!(corrected["left"][0]["left"], "39", "60 less 20 and 1: {corrected}");
    world.clean();
}

#[test]
fn until_customs_has_acknowledged_a_licence_is_not_active_at_the_border() {
    let world = world();
    let view = || world.border.read(|read| licence::view(read, "L1", now(), Load::Needed)).unwrap();
    assert_eq!((view().active_at_border, view().changes_open), (false, 1));
    let changes = world.border.read(|read| Ok(read.border_changes(0, 10)?)).unwrap();
    let seen: Vec<(u64, &str)> = changes.iter().map(|c| (c.seq, c.change.as_str())).collect();
    assert_eq!(seen, [(1, "issued")]);
    let acknowledge =
        |seq| world.platform.licences_change(|tx| licence::acknowledge(tx, seq, "customs", now()));
    acknowledge(1).unwrap();
    acknowledge(1).unwrap();
    assert_eq!(acknowledge(2).unwrap_err().code(), "change_unknown");
    assert_eq!((view().active_at_border, view().changes_open), (true, 0));
    world.change(Change::Suspended { reason: "r".into() });
    assert_eq!((view().active_at_border, view().changes_open), (true, 1));
    world.clean();
}

#[test]
fn the_public_learns_whether_a_licence_is_in_force_and_nothing_else() {
    let world = world();
    let code = world.border.check_code("L1");
    let check = |code: &str| world.border.check("L1", code).unwrap();
    let expected = r#"{"number":"L1","in_force":true,"kind":"general","valid_to":"2026-12-31"}"#;
    assert_eq!(check(&code).as_deref(), Some(expected));
    assert_eq!(check(&code).as_deref(), Some(expected), "what is kept");
    assert_eq!(check("AAAAAAAAAA"), None);
    assert_eq!(world.border.check("L2", &world.border.check_code("L2")).unwrap(), None);
    world.change(Change::Revoked { reason: "r".into() });
    assert!(check(&code).unwrap().contains("\"in_force\":false"), "what was kept is asked anew");
}

#[test]
fn many_callers_at_once_never_draw_more_than_there_is() {
    let world = world();
    let (sender, receiver) = mpsc::channel();
    for number in 0..400 {
        let sender = sender.clone();
        let message = a_message(&format!("m{number}"), "L1", "commit", &format!("D{number}"), "1");
        let reply = Box::new(move |told: Told| sender.send(told.unwrap()).unwrap());
        world.border.tell(vec![message], "customs", reply).unwrap();
    }
    drop(sender);
    let accepted =
        receiver.iter().filter(|told| told[0].contains("\"outcome\":\"accepted\"")).count();
    assert_eq!(accepted, 100);
    world.clean();
}

#[test]
fn a_changed_sum_use_or_message_is_found() {
    let world = world();
    world.tell(vec![a_message("1", "L1", "commit", "D1", "60")]);
    let (owner, id) = ([1; 16], [1; 16]);
    let rows = world.border.read(|read| Ok(read.licence_lines(owner, id)?)).unwrap();
    let mut other = rows[0].clone();
    other.drawn -= 1;
    let put = |from: &LineRecord, to: &LineRecord| {
        world.platform.licences_change(|tx| Ok(tx.licence_line_put(owner, id, from, to)?))
    };
    let found = || fsck(world.dir.path()).unwrap();
    put(&rows[0], &other).unwrap();
    assert_eq!(found(), ["licence L1, line 1: the sums in net_mass are not those of its uses"]);
    assert!(put(&rows[0], &other).is_err(), "the sums are no longer those it saw");
    put(&other, &rows[0]).unwrap();
    world.clean();
    other.drawn = 100_000_001;
    assert!(put(&rows[0], &other).is_err(), "the table holds the ceiling");
    let forged = MessageRecord {
        post: "HARBOUR".into(),
        message_id: "2".into(),
        digest: [0; 32],
        received_at_us: 1,
        log_index: 2,
        seq: 2,
        message: "{}".into(),
        answer: "{}".into(),
    };
    world.platform.licences_change(|tx| Ok(tx.border_message_add(&forged)?)).unwrap();
    assert_eq!(found(), ["2 messages of customs name an event, and events cover 1"]);
}
