//! Uses of general licences as customs tells them: each in a transaction of its own, so that one that is
//! refused never blocks the rest. What was recorded before gets the same answer again; what is refused leaves
//! nothing and is judged anew when it comes again.

use std::collections::BTreeSet;

use base::Timestamp;
use jiff::tz::TimeZone;
use licensing::general::day_in;
use licensing::general::returns::{Period, ReturnLine};
use licensing::general::uses::{
    GeneralUse, UseContext, UseDeed, UseMark, UseRecorded, use_judge, uses_counting,
};
use licensing::message::Reason;
use serde::Serialize;
use sha2::{Digest, Sha256};
use store::{GeneralRecord, GeneralUseRecord, LicensingRead};

use super::{GeneralError, Logged, audit, damaged, found, json, stream};
use crate::cases::{Step, zone};
use crate::law::Law;
use crate::platform::Platform;

/// Whether a message was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum UseOutcome {
    /// It was.
    Accepted,
    /// It was not; nothing changed.
    Refused,
    /// It could not be read; nothing is remembered.
    Rejected,
}

/// What is said to a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UseAnswer {
    /// Whether it was taken.
    pub outcome: UseOutcome,
    /// Why not, all reasons.
    pub reasons: Vec<Reason>,
    /// What is noted about it.
    pub marks: BTreeSet<UseMark>,
}

impl UseAnswer {
    /// Not taken.
    #[must_use]
    pub fn refused(outcome: UseOutcome, reasons: Vec<Reason>) -> UseAnswer {
        UseAnswer { outcome, reasons, marks: BTreeSet::new() }
    }

    fn accepted(marks: BTreeSet<UseMark>) -> UseAnswer {
        UseAnswer { outcome: UseOutcome::Accepted, reasons: Vec::new(), marks }
    }
}

/// The uses of a registration that count.
pub(super) fn counting(
    read: &LicensingRead<'_>,
    record: &GeneralRecord,
) -> Result<Vec<UseRecorded>, GeneralError> {
    let mut all = Vec::new();
    for row in read.general_uses(record.owner_id, &record.number)? {
        let one: UseRecorded =
            serde_json::from_str(&row.body).map_err(|error| damaged(&record.number, error))?;
        all.push(one);
    }
    Ok(uses_counting(&all).into_iter().cloned().collect())
}

/// The uses of a period as a return would list them.
pub(super) fn lines(uses: &[UseRecorded], period: Period, zone: &TimeZone) -> Vec<ReturnLine> {
    let line = |one: &UseRecorded| ReturnLine {
        of: one.told.of.clone(),
        day: day_in(zone, one.used_us),
        destination: one.told.destination.clone(),
        quantities: one.told.quantities.clone(),
    };
    let all = uses.iter().map(line);
    all.filter(|line| (period.from..=period.to).contains(&line.day)).collect()
}

impl Platform {
    /// Judges a message of customs, and records it where it is taken.
    ///
    /// # Errors
    /// [`GeneralError`] where the platform could not; a refusal is an answer.
    pub fn general_use(
        &self,
        law: &Law,
        told: &GeneralUse,
        step: &Step<'_>,
    ) -> Result<UseAnswer, GeneralError> {
        let now = step.moment.now;
        let digest: [u8; 32] = Sha256::digest(json(&told.registration, told)?).into();
        self.aside()?.licensing_change(|change| {
            let read = change.read();
            if let Some((known, body)) = read.general_use_message(&told.post, &told.id)? {
                if known != digest {
                    let message = format!("the id `{}` was used for another message", told.id);
                    let accepted = "a new id for a new message";
                    let reason = Reason::new("message_changed", "id", message, accepted);
                    return Ok(UseAnswer::refused(UseOutcome::Rejected, vec![reason]));
                }
                let one: UseRecorded = serde_json::from_str(&body)
                    .map_err(|error| damaged(&told.registration, error))?;
                return Ok(UseAnswer::accepted(one.marks));
            }
            let (stored, registration) = match found(&read, &told.registration) {
                Err(GeneralError::Unknown) => {
                    let message = format!("there is no registration `{}`", told.registration);
                    let accepted = "the number of a registration with a general licence";
                    let reason =
                        Reason::new("registration_unknown", "registration", message, accepted);
                    return Ok(UseAnswer::refused(UseOutcome::Refused, vec![reason]));
                }
                other => other?,
            };
            let context = UseContext {
                general: law.rules.general_licence(&registration.general),
                tested: law.rules.validity_event.into(),
                zone: &zone(law),
                now_us: now.us(),
            };
            let recorded = match use_judge(&registration, told, &context) {
                Ok(recorded) => recorded,
                Err(reasons) => return Ok(UseAnswer::refused(UseOutcome::Refused, reasons)),
            };
            let marks = recorded.marks.clone();
            if told.deed == UseDeed::Check {
                return Ok(UseAnswer::accepted(marks));
            }
            let number = &registration.number;
            let row = use_row(number, &recorded, digest, (now, &step.actor.account))?;
            change.general_use_add(stored.owner_id, number, &row)?;
            let logged =
                Logged { number: number.clone(), used: Some(recorded), ..Logged::default() };
            change.event(stored.owner_id, &stream(number), now.us(), json(number, &logged)?)?;
            audit(change, &registration, "general_used", step)?;
            Ok(UseAnswer::accepted(marks))
        })
    }
}

fn use_row(
    number: &str,
    recorded: &UseRecorded,
    digest: [u8; 32],
    (now, account): (Timestamp, &str),
) -> Result<GeneralUseRecord, GeneralError> {
    Ok(GeneralUseRecord {
        seq: 0,
        post: recorded.told.post.clone(),
        message_id: recorded.told.id.clone(),
        digest,
        used_at_us: recorded.used_us,
        recorded_at_us: now.us(),
        account: account.to_owned(),
        body: json(number, recorded)?,
    })
}
