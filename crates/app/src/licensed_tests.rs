//! Licences and draw-downs on record, as exports and reports are held against them.

use std::sync::mpsc;

use licensing::licence::{
    Change, Licence, LicenceId, LicensedGood, PartyNamed, Scope, Terms, TestedEvent, Uses,
};
use licensing::message::{Message, MessageWritten, QuantityWritten};
use licensing::quantity::Unit;
use store::NewParty;

use super::*;
use crate::border::Border;
use crate::licence::{self, LicenceChange};
use crate::platform::{Mode, OpenOptions};

fn now() -> Timestamp {
    at("2026-06-01T12:00:00Z")
}

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

fn a_licence(id: u8, number: &str, kg: i64) -> Licence {
    let party = |name: &str| PartyNamed {
        id: String::new(),
        name: name.to_owned(),
        address: String::new(),
    };
    let quantity = Quantity { unit: Unit::NetMass, amount: kg * 1_000_000 };
    Licence {
        id: LicenceId([id; 16]),
        number: number.to_owned(),
        pack: "demo/1".to_owned(),
        holder: "gad:holder".to_owned(),
        case: String::new(),
        kind: "general".to_owned(),
        scope: Scope::Lines,
        terms: Terms {
            uses: Uses::Many,
            tested: TestedEvent::Departure,
            max_exports: None,
            reservation_seconds: 86_400,
            unit_mass_tolerance_ppm: 0,
            zone: "Asia/Shanghai".to_owned(),
        },
        lines: vec![Line {
            number: 1,
            cell: String::new(),
            good: LicensedGood {
                key: "G1".to_owned(),
                name: "magnets".to_owned(),
                control_codes: Vec::new(),
                hs: "850511".to_owned(),
            },
            consignee: party("Consignee"),
            end_user: party("User"),
            end_use: "motor".to_owned(),
            destination: "NL".to_owned(),
            allowances: vec![Allowance { quantity, tolerance_ppm: 0 }],
            conditions: Vec::new(),
            unit_mass_mg: None,
            continues: None,
        }],
        valid_from: Date::constant(2026, 1, 1),
        valid_to: Date::constant(2026, 12, 31),
        supersedes: None,
        taken_over: Vec::new(),
    }
}

fn a_message(number: &str, deed: &str, declaration: &str, kg: &str, sent: &str) -> Message {
    let party = |name: &str| PartyNamed {
        id: String::new(),
        name: name.to_owned(),
        address: String::new(),
    };
    let amount = QuantityWritten {
        unit: "net_mass".to_owned(),
        amount: kg.to_owned(),
        written: "kg".to_owned(),
    };
    let written = MessageWritten {
        post: "HARBOUR".to_owned(),
        id: format!("{declaration}-{deed}"),
        sent_at: sent.to_owned(),
        departed_at: sent.to_owned(),
        deed: deed.to_owned(),
        licence: number.to_owned(),
        line: 1,
        declaration: declaration.to_owned(),
        declaration_line: 1,
        good: "G1".to_owned(),
        hs: "850511".to_owned(),
        consignee: party("Consignee"),
        end_user: party("User"),
        end_use: "motor".to_owned(),
        destination: "NL".to_owned(),
        quantities: vec![amount],
        ..MessageWritten::default()
    };
    written.read().unwrap()
}

fn tell(border: &Border, message: Message) {
    let (sender, receiver) = mpsc::channel();
    let reply = Box::new(move |told| sender.send(format!("{told:?}")).unwrap());
    border.tell(vec![message], "customs", reply).unwrap();
    let told = receiver.recv().unwrap();
    assert!(told.contains("accepted"), "{told}");
}

/// Number, standing and kilograms left of each line.
fn lines(licensed: &Licensed) -> Vec<(String, &'static str, i64)> {
    let row = |line: &LineKnown| {
        (line.licence.clone(), line.standing.code(), line.left[0].amount / 1_000_000)
    };
    licensed.lines.iter().flatten().map(row).collect()
}

fn drawn(licensed: &Licensed) -> Vec<(String, String, i64, String)> {
    let row = |of: &DrawnDown| {
        let licence = format!("{}/{}", of.licence, of.line);
        (of.declaration.clone(), licence, of.quantities[0].amount / 1_000_000, of.day.to_string())
    };
    licensed.drawn.iter().flatten().map(row).collect()
}

#[test]
fn lines_and_draw_downs_are_those_on_record_and_of_their_time() {
    let dir = tempfile::tempdir().unwrap();
    let options = OpenOptions { random: [7; 32] };
    let platform = Platform::open(dir.path(), Mode::Write, &options).unwrap();
    let none = platform.licensed(Whose::All, now()).unwrap();
    assert!(none.lines.is_none() && none.drawn.is_none() && none.since.is_none());
    let issued = at("2026-05-01T12:00:00Z");
    platform
        .licences_change(|change| {
            let holder = NewParty { party_id: [1; 16], identifier: "gad:holder" };
            change.party_register(&holder, 1)?;
            licence::issue(change, &a_licence(1, "L1", 100), issued, "officer")
        })
        .unwrap();
    let border = Border::new(&platform, now);
    // 20:00 UTC on the 9th is the 10th where the authority is.
    tell(&border, a_message("L1", "commit", "D1", "30", "2026-05-09T20:00:00Z"));
    tell(&border, a_message("L1", "reserve", "D2", "20", "2026-06-01T11:00:00Z"));
    let row = |number: &str, standing, left| (number.to_owned(), standing, left);
    let use_of = |declaration: &str, licence: &str, kg, day: &str| {
        (declaration.to_owned(), licence.to_owned(), kg, day.to_owned())
    };
    let found = platform.licensed(Whose::All, now()).unwrap();
    assert_eq!(found.since, Some(Date::constant(2026, 5, 1)));
    // What is held is not left, and not drawn either; a day later it is left again.
    assert_eq!(lines(&found), [row("L1/1", "in_force", 50)]);
    assert_eq!(drawn(&found), [use_of("D1", "L1/1", 30, "2026-05-10")]);
    let later = platform.licensed(Whose::Of("gad:holder"), at("2026-06-03T12:00:00Z")).unwrap();
    assert_eq!(lines(&later), [row("L1/1", "in_force", 70)]);
    let other = platform.licensed(Whose::Of("gad:nobody"), now()).unwrap();
    assert_eq!((lines(&other), drawn(&other)), (Vec::new(), Vec::new()));
    assert_eq!(other.since, found.since, "of the installation, not of the holder");
    // Superseded: what was drawn before stays under the number that the filing names.
    let suspended = LicenceChange {
        number: "L1",
        change: Change::Suspended { reason: "audit".to_owned() },
        effective: now(),
        account: "officer",
    };
    let mut new = a_licence(2, "L2", 100);
    (new.supersedes, new.lines[0].continues) = (Some("L1".to_owned()), Some(1));
    platform
        .licences_change(|change| {
            licence::change(change, &suspended, now())?;
            licence::supersede(change, "L1", &new, now(), "officer")
        })
        .unwrap();
    let found = platform.licensed(Whose::All, at("2026-06-03T12:00:00Z")).unwrap();
    let standings: Vec<(String, &str)> =
        lines(&found).into_iter().map(|line| (line.0, line.1)).collect();
    assert_eq!(standings, [("L1/1".to_owned(), "ended"), ("L2/1".to_owned(), "in_force")]);
    assert_eq!(drawn(&found), [use_of("D1", "L1/1", 30, "2026-05-10")]);
    assert_eq!(lines(&found)[1].2, 70);
}

/// What a handle that has read nothing yet finds.
fn read_anew(dir: &std::path::Path, at: Timestamp) -> String {
    let options = OpenOptions { random: [7; 32] };
    let fresh = Platform::open(dir, Mode::Read, &options).unwrap();
    format!("{:?}", fresh.licensed(Whose::All, at).unwrap())
}

#[test]
fn what_is_kept_is_what_a_fresh_reading_finds_and_only_who_changed_is_read() {
    let dir = tempfile::tempdir().unwrap();
    let options = OpenOptions { random: [7; 32] };
    let platform = Platform::open(dir.path(), Mode::Write, &options).unwrap();
    let border = Border::new(&platform, now);
    let issued = at("2026-05-01T12:00:00Z");
    let issue = |id: u8, number: &str, holder: &str| {
        let licence = Licence { holder: holder.to_owned(), ..a_licence(id, number, 100) };
        let run = |change: &licence::LicensingChange<'_>| {
            if change.read().owner(holder)?.is_none() {
                let key = [holder.len() as u8; 16];
                change.party_register(&NewParty { party_id: key, identifier: holder }, 1)?;
            }
            licence::issue(change, &licence, issued, "officer")
        };
        platform.licences_change(run).unwrap();
    };
    let check = |what: &str, at: Timestamp, read: usize| {
        let (found, count) = platform.licensed_all(at).unwrap();
        assert_eq!(format!("{found:?}"), read_anew(dir.path(), at), "{what}");
        assert_eq!(count, read, "{what}");
    };
    check("nothing", now(), 0);
    for (id, number, holder) in
        [(1, "L1", "gad:one"), (2, "L2", "gad:second"), (3, "L3", "gad:third-one")]
    {
        issue(id, number, holder);
    }
    check("three holders", now(), 3);
    check("nothing new", now(), 0);
    tell(&border, a_message("L1", "commit", "D1", "30", "2026-05-09T20:00:00Z"));
    check("a use", now(), 1);
    // The sums are the same: what moved from one declaration to the other is seen all the same.
    tell(&border, a_message("L1", "correct", "D1", "10", "2026-05-09T20:00:01Z"));
    tell(&border, a_message("L1", "commit", "D2", "20", "2026-05-09T20:00:01Z"));
    check("corrected", now(), 1);
    tell(&border, a_message("L2", "reserve", "D3", "40", "2026-06-01T11:00:00Z"));
    tell(&border, a_message("L3", "reserve", "D4", "1000", "2026-06-01T11:00:00Z"));
    check("a hold, and a message that was refused", now(), 2);
    check("the hold is over by itself", at("2026-06-03T12:00:00Z"), 0);
    let suspended = LicenceChange {
        number: "L2",
        change: Change::Suspended { reason: "audit".to_owned() },
        effective: now(),
        account: "officer",
    };
    platform.licences_change(|change| licence::change(change, &suspended, now())).unwrap();
    let mut new = Licence { holder: "gad:one".to_owned(), ..a_licence(4, "L4", 100) };
    (new.supersedes, new.lines[0].continues) = (Some("L1".to_owned()), Some(1));
    platform
        .licences_change(|change| licence::supersede(change, "L1", &new, now(), "officer"))
        .unwrap();
    check("suspended and superseded", at("2026-06-03T12:00:00Z"), 2);
    check("beyond the last day", at("2100-01-02T12:00:00Z"), 0);
    // Who asks about an earlier instant has it read anew.
    check("back", now(), 3);
}
