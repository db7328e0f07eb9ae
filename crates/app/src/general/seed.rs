//! Registrations of the demo, so that every standing can be seen: returns in time, late and overdue, a use that
//! the return has otherwise, an audit that waits for its answer, a suspension. Invented, like its economy.

use base::authorisation::{Actor, Role};
use base::{Date, Timestamp};
use jiff::ToSpan;
use licensing::general::returns::{Return, ReturnKind};
use licensing::general::uses::UseWritten;
use licensing::general::{
    AuditAsked, AuditOutcome, Command, GeneralLicence, Keeper, Registering, Side, day_in,
};
use licensing::message::QuantityWritten;

use super::{GeneralError, UseOutcome, uses};
use crate::cases::{Step, zone};
use crate::law::Law;
use crate::people::Moment;
use crate::platform::Platform;

const OFFICER: &str = "officer";
const POST: &str = "harbour";
/// Days before now on which the first user registered, and on which it exported.
const REGISTERED: i64 = 320;
const EXPORTED: [i64; 5] = [300, 250, 210, 120, 40];

struct Seed<'a> {
    platform: &'a Platform,
    law: &'a Law,
    now: Timestamp,
}

/// Registers the companies of some accounts (key, `scheme:value`) with the general licences of the pack, and
/// lets happen what one is to see.
///
/// # Errors
/// [`GeneralError`] where a rule or the database refuses.
pub fn general_seed(
    platform: &Platform,
    law: &Law,
    users: &[(&str, &str)],
    now: Timestamp,
) -> Result<(), GeneralError> {
    let seed = Seed { platform, law, now };
    let Some(first) = law.rules.general_licences.first() else { return Ok(()) };
    let last = law.rules.general_licences.last().unwrap_or(first);
    if let Some(user) = users.first() {
        seed.used(first, *user)?;
    }
    if let Some(user) = users.get(1) {
        seed.suspended(last, *user)?;
    }
    if let Some(user) = users.get(2) {
        seed.register(last, *user, 30)?;
    }
    Ok(())
}

impl Seed<'_> {
    /// The instant so many days ago.
    fn ago(&self, days: i64) -> Timestamp {
        Timestamp::from_us(self.now.us() - days * 86_400_000_000)
    }

    fn day(&self, ago: i64) -> Date {
        day_in(&zone(self.law), self.ago(ago).us())
    }

    fn step<T>(
        &self,
        (account, role, party): (&str, Role, &str),
        ago: i64,
        run: impl FnOnce(&Step<'_>) -> Result<T, GeneralError>,
    ) -> Result<T, GeneralError> {
        let actor = Actor::new(account, role, party);
        let mut seed = [0; 32];
        // The demo is the same each time: what stands here is no secret.
        let chance = format!("{account} {ago}");
        seed.iter_mut().zip(chance.bytes()).for_each(|(byte, of)| *byte = of);
        run(&Step { actor: &actor, moment: Moment { now: self.ago(ago), seed } })
    }

    fn register(
        &self,
        general: &GeneralLicence,
        (account, party): (&str, &str),
        ago: i64,
    ) -> Result<String, GeneralError> {
        let kind = self.law.rules.licence_type(&general.licence_type);
        let asked = Registering {
            confirmed: kind.map(|kind| kind.requires.clone()).unwrap_or_default(),
            denied: kind.map(|kind| kind.barred_if.clone()).unwrap_or_default(),
            keeper: Keeper {
                name: "Export control".to_owned(),
                email: format!("{account}@demo.example"),
                records_at: "1 Quay Street, Havn".to_owned(),
            },
        };
        self.step((account, Role::Filer, party), ago, |step| {
            self.platform.general_register(self.law, &general.id, (&asked, &[]), step)
        })
    }

    fn command(
        &self,
        number: &str,
        who: (&str, Role, &str),
        ago: i64,
        command: &Command,
    ) -> Result<(), GeneralError> {
        let side = if who.1.of_party() { Side::User } else { Side::Authority };
        self.step(who, ago, |step| {
            self.platform.general_step(self.law, number, (side, command), step)
        })
    }

    fn use_told(
        &self,
        number: &str,
        general: &GeneralLicence,
        party: &str,
        (place, ago): (usize, i64),
    ) -> Result<(), GeneralError> {
        let pick = |from: &[String], place: usize| {
            from.get(place % from.len().max(1)).cloned().unwrap_or_default()
        };
        let at = self.ago(ago).to_string();
        let written = UseWritten {
            post: POST.to_owned(),
            id: format!("{number}-{place}"),
            sent_at: at.clone(),
            deed: "use".to_owned(),
            registration: number.to_owned(),
            exporter: party.to_owned(),
            declaration: format!("{number}-D{place}"),
            declaration_line: 1,
            control_codes: vec![format!("{}1", pick(&general.control_codes, 0))],
            destination: pick(&general.destinations, place),
            quantities: vec![QuantityWritten {
                unit: "net_mass".to_owned(),
                amount: (120 + 35 * place).to_string(),
                written: "kg".to_owned(),
            }],
            declared_at: at.clone(),
            released_at: at.clone(),
            departed_at: at,
            ..UseWritten::default()
        };
        let told = written.read().map_err(GeneralError::Refused)?;
        let answer = self.step(("harbour", Role::Customs, ""), ago, |step| {
            self.platform.general_use(self.law, &told, step)
        })?;
        match answer.outcome {
            UseOutcome::Accepted => Ok(()),
            _ => Err(GeneralError::Refused(answer.reasons)),
        }
    }

    /// A user with uses, returns and an open audit.
    fn used(
        &self,
        general: &GeneralLicence,
        (account, party): (&str, &str),
    ) -> Result<(), GeneralError> {
        let number = self.register(general, (account, party), REGISTERED)?;
        let user = (account, Role::Filer, party);
        for (place, ago) in EXPORTED.into_iter().enumerate() {
            self.use_told(&number, general, party, (place, ago))?;
            if place == 0 {
                let (day, text) = (self.day(ago), String::new());
                self.command(&number, user, ago - 5, &Command::NoticeFirstUse { day, text })?;
            }
        }
        let view = self.platform.general_view(self.law, &number, self.now)?;
        // Those that are over, the oldest first; the last of them is left open.
        let over: Vec<_> =
            view.returns.iter().rev().filter(|of| of.due.period.to < view.today).collect();
        for (place, of) in over.iter().enumerate().take(over.len().saturating_sub(1)) {
            let mut lines = uses::lines(&view.uses, of.due.period, &view.zone);
            if place == 0 {
                // A typist's slip: the border has another quantity.
                let quantities = lines.first_mut().map(|line| &mut line.quantities);
                for quantity in quantities.into_iter().flatten() {
                    quantity.amount /= 10;
                }
            }
            let kind = if lines.is_empty() { ReturnKind::NoUse } else { ReturnKind::Listed };
            let filed = Return { from: of.due.period.from, kind, lines };
            // Every other one comes late.
            let late = if place % 2 == 1 { 12 } else { -3 };
            let on = of.due.last.checked_add(late.days()).unwrap_or(of.due.last).min(view.today);
            let ago = i64::from((view.today - on).get_days());
            self.step(user, ago, |step| {
                self.platform.general_return(self.law, &number, &filed, step)
            })?;
        }
        let asked = AuditAsked {
            from: self.day(REGISTERED),
            to: self.day(30),
            size: 3,
            answer_by: self.day(-20),
            text: "Please hand in contract, invoice and transport document of each export of the sample."
                .to_owned(),
        };
        self.command(&number, (OFFICER, Role::Officer, ""), 9, &Command::AuditBegin(asked))
    }

    /// A user whose audit ended in suspension.
    fn suspended(
        &self,
        general: &GeneralLicence,
        (account, party): (&str, &str),
    ) -> Result<(), GeneralError> {
        let number = self.register(general, (account, party), 200)?;
        let officer = (OFFICER, Role::Officer, "");
        let asked = AuditAsked {
            from: self.day(200),
            to: self.day(91),
            size: 5,
            answer_by: self.day(60),
            text: "Please show the register of your exports.".to_owned(),
        };
        self.command(&number, officer, 90, &Command::AuditBegin(asked))?;
        let text = "The register is kept by our forwarder.".to_owned();
        let answer = Command::AuditAnswer { text, documents: Vec::new() };
        self.command(&number, (account, Role::Filer, party), 70, &answer)?;
        let text = "No register is kept at the place stated at the registration.".to_owned();
        self.command(&number, officer, 65, &Command::AuditFind { about: None, text })?;
        let text = "The registration is suspended until a register is kept.".to_owned();
        let outcome = AuditOutcome::Suspended;
        let close = Command::AuditClose { outcome, correct_by: None, text };
        self.command(&number, officer, 64, &close)
    }
}
