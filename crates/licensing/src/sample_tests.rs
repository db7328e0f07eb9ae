//! A licence and messages for the tests.

use std::collections::BTreeMap;

use base::Timestamp;
use base::time::date_parse;

use crate::draw_down::{Book, LineHead};
use crate::licence::{
    Allowance, Change, Licence, LicenceEvent, LicenceId, LicensedGood, Line, PartyNamed, Scope,
    Terms, TestedEvent, Uses,
};
use crate::message::{Message, MessageWritten, QuantityWritten};
use crate::quantity::{Quantity, Unit};

/// An instant of the tests.
pub(crate) fn at(text: &str) -> i64 {
    Timestamp::parse(text).unwrap().us()
}

pub(crate) fn party(name: &str) -> PartyNamed {
    PartyNamed { name: name.to_owned(), ..PartyNamed::default() }
}

pub(crate) fn allowance(unit: &str, amount: &str, tolerance_ppm: u32) -> Allowance {
    let quantity = Quantity::read(&Unit::parse(unit).unwrap(), amount, "").unwrap();
    Allowance { quantity, tolerance_ppm }
}

pub(crate) fn line(number: u32, allowances: Vec<Allowance>) -> Line {
    Line {
        number,
        cell: String::new(),
        good: LicensedGood {
            key: "G1".into(),
            name: "NdFeB magnets".into(),
            control_codes: vec!["1C001".into()],
            hs: "850511".into(),
        },
        consignee: party("Magnet Import B.V."),
        end_user: PartyNamed {
            id: "lei:X1".into(),
            name: "Motor Works SA".into(),
            ..PartyNamed::default()
        },
        end_use: "traction_motor".into(),
        destination: "NL".into(),
        allowances,
        conditions: vec![],
        unit_mass_mg: None,
        continues: None,
    }
}

/// Valid through 2026 in Shanghai, tested against departure, 100 kg on line 1.
pub(crate) fn licence() -> Licence {
    Licence {
        id: LicenceId([1; 16]),
        number: "YT-2026-1".into(),
        pack: "demo/1".into(),
        holder: "gad:holder".into(),
        case: "case-1".into(),
        kind: "general".into(),
        scope: Scope::Lines,
        terms: Terms {
            uses: Uses::Many,
            tested: TestedEvent::Departure,
            max_exports: None,
            reservation_seconds: 10 * 86_400,
            unit_mass_tolerance_ppm: 100_000,
            zone: "Asia/Shanghai".into(),
        },
        lines: vec![line(1, vec![allowance("net_mass", "100", 0)])],
        valid_from: date_parse("2026-01-01").unwrap(),
        valid_to: date_parse("2026-12-31").unwrap(),
        supersedes: None,
        taken_over: vec![],
    }
}

pub(crate) fn event(effective: &str, recorded: &str, change: Change) -> LicenceEvent {
    LicenceEvent {
        effective_at_us: at(effective),
        recorded_at_us: at(recorded),
        change,
        account: "officer".into(),
    }
}

pub(crate) fn issued() -> LicenceEvent {
    event("2025-12-20T00:00:00Z", "2025-12-20T00:00:00Z", Change::Issued)
}

pub(crate) fn book(licence: Licence, mut later: Vec<LicenceEvent>) -> Book {
    licence.check().unwrap();
    later.insert(0, issued());
    let heads: BTreeMap<u32, LineHead> =
        licence.lines.iter().map(|line| (line.number, LineHead::unused(line, 0))).collect();
    Book::new(licence, later, heads).unwrap()
}

/// A message as written, of `kg` on line 1; departure a minute before it was sent.
pub(crate) fn written(
    id: &str,
    deed: &str,
    declaration: &str,
    kg: &str,
    sent: &str,
) -> MessageWritten {
    let quantities = if kg.is_empty() {
        Vec::new()
    } else {
        vec![QuantityWritten { unit: "net_mass".into(), amount: kg.into(), written: "kg".into() }]
    };
    MessageWritten {
        post: "PORT".into(),
        id: id.into(),
        sent_at: sent.into(),
        deed: deed.into(),
        licence: "YT-2026-1".into(),
        line: 1,
        declaration: declaration.into(),
        declaration_line: 1,
        good: "G1".into(),
        hs: "8505.11.0000".into(),
        consignee: party("MAGNET IMPORT BV"),
        end_user: PartyNamed { id: "lei:X1".into(), ..PartyNamed::default() },
        end_use: "traction_motor".into(),
        destination: "NL".into(),
        quantities,
        departed_at: sent.into(),
        ..MessageWritten::default()
    }
}

pub(crate) fn message(id: &str, deed: &str, declaration: &str, kg: &str, sent: &str) -> Message {
    written(id, deed, declaration, kg, sent).read().unwrap()
}
