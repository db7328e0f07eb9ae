//! Licences, draw-downs and reports of the demo: the exports of its last month, as if licensing had begun
//! with it. Invented, like its economy. Nearly all fits; a few draw-downs are missing or differ, a few
//! reports are late or short, so that each finding can be seen.

use std::collections::BTreeMap;
use std::sync::mpsc;

use base::{Date, Timestamp};
use jiff::ToSpan;
use licensing::duty::{Report, ReportKind};
use licensing::licence::{
    Allowance, Licence, LicenceId, LicensedGood, Line, PartyNamed, Scope, Terms, TestedEvent, Uses,
};
use licensing::message::{Message, MessageWritten, QuantityWritten};
use licensing::quantity::{Quantity, Unit};
use licensing::tie::ExportFiled;
use sha2::{Digest, Sha256};

use crate::border::Border;
use crate::cases::authority_day;
use crate::duties::{NewReport, Teller};
use crate::law::Law;
use crate::licence::{LicenceError, issue};
use crate::platform::Platform;

/// The post of the demo.
const POST: &str = "HARBOUR";
/// Of so many shipments one is not drawn down, one differs, one is reported late, one arrives short.
const ODD: usize = 29;
/// Messages told at once.
const BATCH: usize = 50;
/// What is reported of a shipment, how many days after it left.
const REPORTS: [(ReportKind, i64); 5] = [
    (ReportKind::Transport, 2),
    (ReportKind::Arrival, 18),
    (ReportKind::Receipt, 21),
    (ReportKind::Installation, 50),
    (ReportKind::Use, 70),
];

/// Why the demo has no licences.
#[derive(Debug, thiserror::Error)]
#[error("licences of the demo: {0}")]
pub struct LicensedSeedError(String);

impl From<LicenceError> for LicensedSeedError {
    fn from(error: LicenceError) -> LicensedSeedError {
        LicensedSeedError(error.to_string())
    }
}

fn wrong(error: impl std::fmt::Display) -> LicensedSeedError {
    LicensedSeedError(error.to_string())
}

/// What one declaration takes out on one licence line.
struct Shipped<'e> {
    licence: &'e Licence,
    declaration: &'e str,
    day: Date,
    mass_mg: i64,
}

/// Issues licences for the exports of the last month that name one, draws them down as customs would have,
/// and has their holders report.
///
/// # Errors
/// [`LicensedSeedError`] where the database or a rule refuses.
pub fn licensed_seed(
    platform: &Platform,
    law: &Law,
    now: fn() -> Timestamp,
) -> Result<(), LicensedSeedError> {
    let filed = platform.exports_filed(law, authority_day(law, now())).map_err(wrong)?;
    let Some(last) = filed.iter().map(|of| of.day).max() else { return Ok(()) };
    let from = last.first_of_month();
    let mut by: BTreeMap<&str, Vec<&ExportFiled>> = BTreeMap::new();
    for of in filed.iter().filter(|of| of.day >= from) {
        if let Some((number, "1")) = of.licence.rsplit_once('/') {
            by.entry(number).or_default().push(of);
        }
    }
    let licences: Vec<Licence> =
        by.iter().filter_map(|(number, exports)| licence(law, number, exports)).collect();
    let issued = noon(from.yesterday().unwrap_or(from))?;
    platform.licences_change(|change| {
        licences.iter().try_for_each(|licence| issue(change, licence, issued, ""))
    })?;
    let shipped = shipped(&licences, &by);
    draw_down(platform, now, &shipped)?;
    report(platform, law, now(), &shipped)
}

fn noon(day: Date) -> Result<Timestamp, LicensedSeedError> {
    Timestamp::parse(&format!("{day}T12:00:00Z")).ok_or_else(|| wrong("a day that is none"))
}

/// The licence under which exports went: a fifth more than they took.
fn licence(law: &Law, number: &str, exports: &[&ExportFiled]) -> Option<Licence> {
    let first = exports.first()?;
    let total = exports.iter().map(|of| of.net_mass_mg).fold(0, i64::saturating_add);
    let digest: [u8; 32] = Sha256::digest(number.as_bytes()).into();
    let mut id = [0; 16];
    id.iter_mut().zip(digest).for_each(|(byte, of)| *byte = of);
    let zone = law.clocks.as_ref().map_or("UTC", |(_, calendar)| calendar.zone_name());
    let quantity = Quantity { unit: Unit::NetMass, amount: total.saturating_add(total / 5).max(1) };
    let magnet = first.product.contains("magnet");
    let party = PartyNamed { name: first.customer.clone(), ..PartyNamed::default() };
    let licence = Licence {
        id: LicenceId(id),
        number: number.to_owned(),
        pack: format!("{}/{}", law.id, law.version),
        holder: first.filer.clone(),
        case: String::new(),
        kind: law.regime.licence_types.first().map(|kind| kind.id.clone()).unwrap_or_default(),
        scope: Scope::Lines,
        terms: Terms {
            uses: Uses::Many,
            tested: TestedEvent::Departure,
            max_exports: None,
            reservation_seconds: 604_800,
            unit_mass_tolerance_ppm: 100_000,
            zone: zone.to_owned(),
        },
        lines: vec![Line {
            number: 1,
            cell: String::new(),
            good: LicensedGood {
                key: "G1".to_owned(),
                name: first.product.clone(),
                control_codes: Vec::new(),
                hs: if magnet { "850511" } else { "2846" }.to_owned(),
            },
            consignee: party.clone(),
            end_user: party,
            end_use: "as_filed".to_owned(),
            destination: first.destination.clone(),
            allowances: vec![Allowance { quantity, tolerance_ppm: 0 }],
            conditions: Vec::new(),
            unit_mass_mg: None,
            continues: None,
        }],
        valid_from: Date::new(first.day.year(), 1, 1).ok()?,
        valid_to: Date::new(first.day.year(), 12, 31).ok()?,
        supersedes: None,
        taken_over: Vec::new(),
    };
    licence.check().ok().map(|()| licence)
}

/// Declaration by declaration, in order.
fn shipped<'e>(
    licences: &'e [Licence],
    by: &BTreeMap<&str, Vec<&'e ExportFiled>>,
) -> Vec<Shipped<'e>> {
    let mut all: Vec<Shipped<'e>> = Vec::new();
    for licence in licences {
        let mut of_licence: BTreeMap<&str, Shipped<'e>> = BTreeMap::new();
        for of in by.get(licence.number.as_str()).into_iter().flatten() {
            let new = Shipped { licence, declaration: &of.declaration, day: of.day, mass_mg: 0 };
            let shipped = of_licence.entry(&of.declaration).or_insert(new);
            shipped.mass_mg = shipped.mass_mg.saturating_add(of.net_mass_mg);
        }
        all.extend(of_licence.into_values().filter(|of| !of.declaration.is_empty()));
    }
    all
}

fn draw_down(
    platform: &Platform,
    now: fn() -> Timestamp,
    shipped: &[Shipped<'_>],
) -> Result<(), LicensedSeedError> {
    let border = Border::new(platform, now);
    let mut messages = Vec::new();
    for (at, of) in shipped.iter().enumerate().filter(|(at, _)| at % ODD != 7) {
        let more = if at % ODD == 19 { of.mass_mg / 33 } else { 0 };
        messages.push(message(of, of.mass_mg + more)?);
    }
    for batch in messages.chunks(BATCH) {
        let (sender, receiver) = mpsc::channel();
        let reply = Box::new(move |told| {
            let _ = sender.send(told);
        });
        border.tell(batch.to_vec(), "", reply).map_err(wrong)?;
        let told = receiver.recv().map_err(wrong)?.map_err(wrong)?;
        if let Some(refused) = told.iter().find(|answer| !answer.contains("\"accepted\"")) {
            return Err(wrong(refused));
        }
    }
    Ok(())
}

/// The declaration as customs would tell it.
fn message(of: &Shipped<'_>, mass_mg: i64) -> Result<Message, LicensedSeedError> {
    let line = of.licence.line(1).ok_or_else(|| wrong("a licence without a line"))?;
    let at = noon(of.day)?.to_string();
    let written = MessageWritten {
        post: POST.to_owned(),
        id: format!("{}-1", of.declaration),
        sent_at: at.clone(),
        departed_at: at,
        deed: "commit".to_owned(),
        licence: of.licence.number.clone(),
        line: 1,
        declaration: of.declaration.to_owned(),
        declaration_line: 1,
        good: line.good.key.clone(),
        hs: line.good.hs.clone(),
        consignee: line.consignee.clone(),
        end_user: line.end_user.clone(),
        end_use: line.end_use.clone(),
        destination: line.destination.clone(),
        quantities: vec![QuantityWritten {
            unit: "net_mass".to_owned(),
            amount: mass_mg.to_string(),
            written: "mg".to_owned(),
        }],
        ..MessageWritten::default()
    };
    written.read().map_err(|reasons| {
        let told: Vec<String> = reasons.into_iter().map(|reason| reason.message).collect();
        wrong(told.join("; "))
    })
}

/// What holders and the other side told by now.
fn report(
    platform: &Platform,
    law: &Law,
    now: Timestamp,
    shipped: &[Shipped<'_>],
) -> Result<(), LicensedSeedError> {
    for (at, of) in shipped.iter().enumerate().filter(|(at, _)| at % ODD != 7) {
        for (kind, days) in REPORTS {
            let day = of.day.checked_add(days.days()).map_err(wrong)?;
            let received = noon(day)?;
            let late = at % ODD == 11 && kind == ReportKind::Use;
            if late || received > now {
                continue;
            }
            let short = at % ODD == 23 && matches!(kind, ReportKind::Arrival | ReportKind::Receipt);
            let amount = if short { of.mass_mg - of.mass_mg / 20 } else { of.mass_mg };
            let teller =
                if kind == ReportKind::Receipt { Teller::Authority } else { Teller::Holder };
            let report = Report {
                reference: format!("{}-{}", of.declaration, kind.code()),
                kind,
                licence: of.licence.number.clone(),
                line: "1".to_owned(),
                declaration: of.declaration.to_owned(),
                day,
                received: day,
                quantities: vec![Quantity { unit: Unit::NetMass, amount }],
            };
            let new = NewReport {
                holder: &of.licence.holder,
                teller,
                report,
                note: "",
                replaces: "",
                account: "",
                at: received,
            };
            platform.holder_report_take(law, &new).map_err(wrong)?;
        }
    }
    Ok(())
}
