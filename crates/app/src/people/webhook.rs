//! Webhooks as their owners manage them: made, listed, tried, given a new secret, removed; and what the
//! runner needs to send. See [`crate::webhooks`].

use store::{DeliveryRecord, NewAudit, NewJob, PeopleChange, WEBHOOK_AUTHORITY, WebhookRecord};

use super::{By, Moment, People, PeopleError, Refusal, Why, name};
use crate::import::hex;
use crate::jobs::job_id;
use crate::webhooks::{JOB_KIND, Message, ROTATION_US, WEBHOOKS_MAX, body_of, delivery_new};
use base::Timestamp;

/// The longest address, in characters.
const URL_MAX: usize = 2_000;
/// Messages that a page shows.
const DELIVERIES_SHOWN: u32 = 50;

/// A webhook as its owner sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookView {
    /// What it is called.
    pub id: String,
    /// The address.
    pub url: String,
    /// Whether it is `active` or `off`.
    pub state: String,
    /// Key of the account that made it.
    pub made_by: String,
    /// When.
    pub made_at: Timestamp,
    /// Until when the secret before signs as well.
    pub before_until: Option<Timestamp>,
}

/// A webhook to send to, with its secrets in the clear.
pub struct WebhookOpen {
    /// The address.
    pub url: String,
    /// Whether it takes messages.
    pub active: bool,
    /// Bytes of the secrets that sign: the present one first.
    pub secrets: Vec<Vec<u8>>,
}

/// How a try to send a message ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TryEnded<'a> {
    /// `waiting`, `delivered` or `failed`.
    pub state: &'static str,
    /// Which try it was, from 1.
    pub tries: u32,
    /// The status of the answer; 0 where there was none.
    pub status: u16,
    /// Why it failed; empty where it did not.
    pub error: &'a str,
    /// Whether the receiver wants nothing more (410 Gone).
    pub gone: bool,
}

fn bytes_of(text: &str) -> Option<[u8; 16]> {
    let mut bytes = [0; 16];
    if text.len() != 32 || !text.is_ascii() {
        return None;
    }
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * at..2 * at + 2)?, 16).ok()?;
    }
    Some(bytes)
}

fn unknown(id: &str) -> PeopleError {
    Refusal::NotFound { what: id.to_owned() }.into()
}

/// What a secret is bound to: sealed for one webhook, it opens for no other.
fn bound_to(webhook_id: &[u8; 16]) -> String {
    format!("webhook:{}", hex(webhook_id))
}

fn view(record: WebhookRecord, now: Timestamp) -> WebhookView {
    let until = record.secret_before.map(|(_, until)| until).filter(|until| *until > now.us());
    WebhookView {
        id: hex(&record.webhook_id),
        url: record.url,
        state: record.state,
        made_by: record.made_by,
        made_at: Timestamp::from_us(record.made_at_us),
        before_until: until.map(Timestamp::from_us),
    }
}

fn note(
    change: &PeopleChange<'_>,
    (by, now): (By<'_>, Timestamp),
    action: &str,
    webhook: &WebhookRecord,
) -> Result<(), PeopleError> {
    let mut detail = serde_json::Map::new();
    if !by.acting_for.is_empty() {
        detail.insert("acting_for".to_owned(), by.acting_for.into());
    }
    Ok(change.audit(&NewAudit {
        at_us: now.us(),
        account: by.account,
        action,
        subject: &webhook.party,
        resource: &format!("webhook:{}", hex(&webhook.webhook_id)),
        detail: &serde_json::Value::Object(detail).to_string(),
    })?)
}

impl People {
    /// The key of whose webhooks they are: of a party, or, where it is empty, of the authority.
    fn webhook_owner(&self, party: &str) -> Result<[u8; 16], PeopleError> {
        if party.is_empty() {
            return Ok(WEBHOOK_AUTHORITY);
        }
        self.read(|read| read.party_of(party)?.ok_or_else(|| unknown(party)))
    }

    fn webhook_changed(
        &self,
        (party, id): (&str, &str),
        (by, now): (By<'_>, Timestamp),
        action: &str,
        run: impl Fn(&PeopleChange<'_>, &mut WebhookRecord) -> Result<(), PeopleError>,
    ) -> Result<(), PeopleError> {
        let owner_id = self.webhook_owner(party)?;
        let key = bytes_of(id).ok_or_else(|| unknown(id))?;
        self.change(|change| {
            let found = change.read().webhook(owner_id, key)?;
            let mut webhook = found.ok_or_else(|| unknown(id))?;
            webhook.changed_at_us = now.us();
            run(change, &mut webhook)?;
            note(change, (by, now), action, &webhook)
        })
    }

    /// The webhooks of a party, or, where it is empty, of the authority.
    ///
    /// # Errors
    /// [`PeopleError`] where the database refuses.
    pub fn webhooks(&self, party: &str, now: Timestamp) -> Result<Vec<WebhookView>, PeopleError> {
        // Who is not registered has none.
        let Ok(owner_id) = self.webhook_owner(party) else { return Ok(Vec::new()) };
        self.read(|read| {
            Ok(read.webhooks(owner_id)?.into_iter().map(|record| view(record, now)).collect())
        })
    }

    /// A webhook with what was lately sent to it.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] where there is none.
    pub fn webhook(
        &self,
        party: &str,
        id: &str,
        now: Timestamp,
    ) -> Result<(WebhookView, Vec<DeliveryRecord>), PeopleError> {
        let owner_id = self.webhook_owner(party)?;
        let key = bytes_of(id).ok_or_else(|| unknown(id))?;
        self.read(|read| {
            let record = read.webhook(owner_id, key)?.ok_or_else(|| unknown(id))?;
            let deliveries = read.deliveries(owner_id, key, DELIVERIES_SHOWN)?;
            Ok((view(record, now), deliveries))
        })
    }

    /// Makes a webhook; gives what it is called and the bytes of its secret, this once.
    ///
    /// # Errors
    /// [`Refusal`] where the address cannot be taken or there are as many as may be.
    pub fn webhook_make(
        &self,
        by: By<'_>,
        party: &str,
        url: &str,
        moment: &Moment,
    ) -> Result<(String, [u8; 32]), PeopleError> {
        let url = name::text_check("url", url, 1, URL_MAX)?;
        let owner_id = self.webhook_owner(party)?;
        let webhook_id = job_id(moment.now, &moment.random("webhook"));
        let secret: [u8; 32] = moment.random("webhook secret");
        let bound = bound_to(&webhook_id);
        let sealed = self.inner.key.seal(&bound, &secret, moment.random("webhook nonce"))?;
        let webhook = WebhookRecord {
            owner_id,
            webhook_id,
            party: party.to_owned(),
            url,
            state: "active".to_owned(),
            secret: sealed,
            secret_before: None,
            made_by: by.account.to_owned(),
            made_at_us: moment.now.us(),
            changed_at_us: moment.now.us(),
        };
        self.change(|change| {
            if change.read().webhooks(owner_id)?.len() >= WEBHOOKS_MAX {
                return Err(Refusal::Field {
                    field: "url",
                    why: Why::Many,
                    accepted: format!("at most {WEBHOOKS_MAX} webhooks"),
                }
                .into());
            }
            change.webhook_add(&webhook)?;
            note(change, (by, moment.now), "webhook_made", &webhook)
        })?;
        Ok((hex(&webhook_id), secret))
    }

    /// Gives a webhook a new secret, whose bytes are told this once; the one before signs as well for
    /// [`ROTATION_US`].
    ///
    /// # Errors
    /// [`Refusal::NotFound`] where there is none.
    pub fn webhook_rotate(
        &self,
        by: By<'_>,
        (party, id): (&str, &str),
        moment: &Moment,
    ) -> Result<[u8; 32], PeopleError> {
        let secret: [u8; 32] = moment.random("webhook secret");
        let nonce = moment.random("webhook nonce");
        let done = |change: &PeopleChange<'_>, webhook: &mut WebhookRecord| {
            let sealed = self.inner.key.seal(&bound_to(&webhook.webhook_id), &secret, nonce)?;
            let before = std::mem::replace(&mut webhook.secret, sealed);
            webhook.secret_before = Some((before, moment.now.us() + ROTATION_US));
            Ok(change.webhook_put(webhook)?)
        };
        self.webhook_changed((party, id), (by, moment.now), "webhook_rotated", done)?;
        Ok(secret)
    }

    /// Lets a webhook that is off take messages again.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] where there is none.
    pub fn webhook_resume(
        &self,
        by: By<'_>,
        (party, id): (&str, &str),
        now: Timestamp,
    ) -> Result<(), PeopleError> {
        self.webhook_changed((party, id), (by, now), "webhook_resumed", |change, webhook| {
            "active".clone_into(&mut webhook.state);
            Ok(change.webhook_put(webhook)?)
        })
    }

    /// Removes a webhook with the list of what was sent to it.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] where there is none.
    pub fn webhook_remove(
        &self,
        by: By<'_>,
        (party, id): (&str, &str),
        now: Timestamp,
    ) -> Result<(), PeopleError> {
        self.webhook_changed((party, id), (by, now), "webhook_removed", |change, webhook| {
            Ok(change.webhook_remove(webhook.owner_id, webhook.webhook_id)?)
        })
    }

    /// Sends a message that tells of nothing, as a try.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] where there is none.
    pub fn webhook_try(
        &self,
        by: By<'_>,
        (party, id): (&str, &str),
        moment: &Moment,
    ) -> Result<(), PeopleError> {
        let delivery_id = job_id(moment.now, &moment.random("webhook try"));
        self.webhook_changed((party, id), (by, moment.now), "webhook_tried", |change, webhook| {
            let message = Message {
                owner: hex(&webhook.owner_id),
                webhook: hex(&webhook.webhook_id),
                event: "webhook.try".to_owned(),
                at_us: moment.now.us(),
                number: String::new(),
                path: String::new(),
            };
            let key = (webhook.owner_id, webhook.webhook_id, delivery_id);
            change.delivery_add(&delivery_new(key, &message, moment.now))?;
            let (due_us, at_us) = (moment.now.us(), moment.now.us());
            let body = body_of(&message);
            let job = NewJob { job_id: delivery_id, kind: JOB_KIND, body: &body, due_us, at_us };
            Ok(change.job(&job)?)
        })
    }

    /// A webhook with the secrets that sign now; nothing where it was removed.
    ///
    /// # Errors
    /// [`PeopleError::Secret`] where the key file is another.
    pub fn webhook_open(
        &self,
        message: &Message,
        now: Timestamp,
    ) -> Result<Option<WebhookOpen>, PeopleError> {
        let keys = bytes_of(&message.owner).zip(bytes_of(&message.webhook));
        let Some((owner_id, webhook_id)) = keys else { return Ok(None) };
        let found = self.read(|read| Ok(read.webhook(owner_id, webhook_id)?))?;
        let Some(webhook) = found else { return Ok(None) };
        let bound = bound_to(&webhook_id);
        let mut secrets = vec![self.inner.key.open_sealed(&bound, &webhook.secret)?];
        if let Some((before, until)) = &webhook.secret_before
            && *until > now.us()
        {
            secrets.push(self.inner.key.open_sealed(&bound, before)?);
        }
        Ok(Some(WebhookOpen { url: webhook.url, active: webhook.state == "active", secrets }))
    }

    /// Notes how a try to send a message ended; one whose webhook was removed meanwhile is passed over.
    ///
    /// # Errors
    /// [`PeopleError`] where the database refuses.
    pub fn webhook_tried(
        &self,
        message: &Message,
        delivery_id: [u8; 16],
        ended: &TryEnded<'_>,
        now: Timestamp,
    ) -> Result<(), PeopleError> {
        let keys = bytes_of(&message.owner).zip(bytes_of(&message.webhook));
        let Some((owner_id, webhook_id)) = keys else { return Ok(()) };
        self.change(|change| {
            let Some(mut webhook) = change.read().webhook(owner_id, webhook_id)? else {
                return Ok(());
            };
            let mut delivery = delivery_new((owner_id, webhook_id, delivery_id), message, now);
            ended.state.clone_into(&mut delivery.state);
            (delivery.tries, delivery.status) = (ended.tries, u32::from(ended.status));
            ended.error.clone_into(&mut delivery.error);
            change.delivery_put(&delivery)?;
            if ended.gone && webhook.state == "active" {
                "off".clone_into(&mut webhook.state);
                webhook.changed_at_us = now.us();
                change.webhook_put(&webhook)?;
                note(change, (By::COMMAND_LINE, now), "webhook_gone", &webhook)?;
            }
            Ok(())
        })
    }
}
