//! Webhooks: what happens to a party's cases and enquiries, sent on to an address of its own; and of all
//! parties, to addresses of the authority.
//!
//! After the Standard Webhooks specification 1.0.0: each message has an id that stays the same when it is
//! tried again, and is signed with a secret that only the receiver and this platform have. What is sent is
//! thin: what happened, when, the number and the address of the page; whoever receives it asks for the rest
//! with its own account.
//!
//! INVARIANTS:
//! - a message is a job in the transaction of what it tells of; there is never one without the other;
//! - a party is told of what its people see of the case, and of nothing else ([`event_seen`]);
//! - a secret is shown once and stands in the database sealed.

use base::Timestamp;
use licensing::case::{Case, Recorded};
use licensing::sight::{Viewer, event_seen};
use serde::{Deserialize, Serialize};
use store::{DeliveryRecord, LicensingChange, NewJob, StoreError, WEBHOOK_AUTHORITY};

use crate::jobs::job_id;
use crate::people::{Moment, secret_hash};

/// The kind of the job that sends a message.
pub const JOB_KIND: &str = "webhook";
/// How long the secret before still signs after a new one was made: a day.
pub const ROTATION_US: i64 = 24 * 3600 * 1_000_000;
/// Webhooks of one owner.
pub const WEBHOOKS_MAX: usize = 10;

/// What is sent; all but the key of the job, which is the message's id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Message {
    /// Whose webhook, in hexadecimal.
    pub owner: String,
    /// Which, in hexadecimal.
    pub webhook: String,
    /// What happened, such as `case.decided`.
    pub event: String,
    /// When, µs.
    pub at_us: i64,
    /// The number of the case or enquiry; empty for a try.
    pub number: String,
    /// The path of its page; empty for a try.
    pub path: String,
}

/// What is told of something that happened.
struct Told<'a> {
    event: String,
    at_us: i64,
    number: &'a str,
    path: String,
}

/// Writes the messages that follow from what happened to a case.
pub(crate) fn case_messages(
    change: &LicensingChange<'_>,
    owner_id: [u8; 16],
    case: &Case,
    events: &[Recorded],
    moment: &Moment,
) -> Result<(), StoreError> {
    for (owner, webhook) in change.read().webhooks_active(owner_id)? {
        let viewer = if owner == WEBHOOK_AUTHORITY { Viewer::Office } else { Viewer::Applicant };
        for event in events.iter().filter_map(|event| event_seen(event, viewer)) {
            let told = Told {
                event: format!("case.{}", event.event.code()),
                at_us: event.at_us,
                number: &case.number,
                path: format!("/cases/{}", case.number),
            };
            write(change, (owner, webhook), &told, (event.seq, moment))?;
        }
    }
    Ok(())
}

/// Writes the messages that follow from what happened to a licence; `version` counts that.
pub(crate) fn licence_messages(
    change: &LicensingChange<'_>,
    owner_id: [u8; 16],
    (number, version): (&str, u32),
    code: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    for (owner, webhook) in change.read().webhooks_active(owner_id)? {
        let told = Told {
            event: format!("licence.{code}"),
            at_us: now.us(),
            number,
            path: format!("/licences/{number}"),
        };
        // No secret: it only has to be another for each message.
        let purpose = format!("{} {number} {version}", crate::import::hex(&webhook));
        let mut random = [0; 10];
        random.iter_mut().zip(secret_hash(&purpose)).for_each(|(byte, hashed)| *byte = hashed);
        write_as(change, (owner, webhook, job_id(now, &random)), &told, now)?;
    }
    Ok(())
}

/// Writes the messages that follow from an entry of an enquiry.
pub(crate) fn enquiry_messages(
    change: &LicensingChange<'_>,
    owner_id: [u8; 16],
    number: &str,
    (code, seq): (&str, u32),
    moment: &Moment,
) -> Result<(), StoreError> {
    for key in change.read().webhooks_active(owner_id)? {
        let told = Told {
            event: format!("enquiry.{code}"),
            at_us: moment.now.us(),
            number,
            path: format!("/enquiries/{number}"),
        };
        write(change, key, &told, (seq, moment))?;
    }
    Ok(())
}

fn write(
    change: &LicensingChange<'_>,
    (owner_id, webhook_id): ([u8; 16], [u8; 16]),
    told: &Told<'_>,
    (seq, moment): (u32, &Moment),
) -> Result<(), StoreError> {
    let purpose = format!("webhook {} {} {seq}", crate::import::hex(&webhook_id), told.number);
    let delivery_id = job_id(moment.now, &moment.random(&purpose));
    write_as(change, (owner_id, webhook_id, delivery_id), told, moment.now)
}

fn write_as(
    change: &LicensingChange<'_>,
    key: ([u8; 16], [u8; 16], [u8; 16]),
    told: &Told<'_>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let message = Message {
        owner: crate::import::hex(&key.0),
        webhook: crate::import::hex(&key.1),
        event: told.event.clone(),
        at_us: told.at_us,
        number: told.number.to_owned(),
        path: told.path.clone(),
    };
    change.delivery_add(&delivery_new(key, &message, now))?;
    let (due_us, at_us) = (now.us(), now.us());
    let body = body_of(&message);
    change.job(&NewJob { job_id: key.2, kind: JOB_KIND, body: &body, due_us, at_us })
}

/// The body of the job of a message.
pub(crate) fn body_of(message: &Message) -> String {
    // Texts and a number: that always becomes JSON.
    serde_json::to_string(message).unwrap_or_default()
}

/// A message that waits to be sent.
pub(crate) fn delivery_new(
    (owner_id, webhook_id, delivery_id): ([u8; 16], [u8; 16], [u8; 16]),
    message: &Message,
    now: Timestamp,
) -> DeliveryRecord {
    DeliveryRecord {
        owner_id,
        webhook_id,
        delivery_id,
        event: message.event.clone(),
        subject: message.number.clone(),
        state: "waiting".to_owned(),
        tries: 0,
        status: 0,
        error: String::new(),
        made_at_us: now.us(),
        changed_at_us: now.us(),
    }
}
