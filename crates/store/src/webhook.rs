//! Webhooks: where to events are sent on, and what became of each.

use rusqlite::{OptionalExtension, Row, params};

use crate::case::{LicensingChange, LicensingRead};
use crate::database::StoreError;
use crate::people::{PeopleChange, PeopleRead, one_row};

/// Under which the webhooks of the authority stand.
pub const AUTHORITY: [u8; 16] = [0; 16];

/// Where to events are sent on.
#[derive(Clone, PartialEq, Eq)]
pub struct WebhookRecord {
    /// Whose events: of this party, or [`AUTHORITY`].
    pub owner_id: [u8; 16],
    /// Its key.
    pub webhook_id: [u8; 16],
    /// The party, `scheme:value`; empty for the authority.
    pub party: String,
    /// The address.
    pub url: String,
    /// `active` or `off`.
    pub state: String,
    /// The sealed secret.
    pub secret: Vec<u8>,
    /// The sealed secret before, and until when it signs as well, µs.
    pub secret_before: Option<(Vec<u8>, i64)>,
    /// Key of the account that made it.
    pub made_by: String,
    /// When, µs.
    pub made_at_us: i64,
    /// When it last changed, µs.
    pub changed_at_us: i64,
}

/// Sealed or not, a secret is no matter for a log.
impl std::fmt::Debug for WebhookRecord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "webhook to {} ({})", self.url, self.state)
    }
}

/// What was or is to be sent on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryRecord {
    /// Whose.
    pub owner_id: [u8; 16],
    /// Of which webhook.
    pub webhook_id: [u8; 16],
    /// Its key: that of its job.
    pub delivery_id: [u8; 16],
    /// What happened, such as `case.decided`.
    pub event: String,
    /// To what: the number of a case or an enquiry.
    pub subject: String,
    /// `waiting`, `delivered` or `failed`.
    pub state: String,
    /// How often it was tried.
    pub tries: u32,
    /// The status of the last answer; 0 where there was none.
    pub status: u32,
    /// Why the last try failed; empty where it did not.
    pub error: String,
    /// When it was written, µs.
    pub made_at_us: i64,
    /// When it last changed, µs.
    pub changed_at_us: i64,
}

const COLUMNS: &str = "owner_id, webhook_id, party, url, state, secret, secret_before,
    before_until_us, made_by, made_at_us, changed_at_us";

fn webhook_row(row: &Row<'_>) -> Result<WebhookRecord, rusqlite::Error> {
    let (before, until): (Option<Vec<u8>>, Option<i64>) = (row.get(6)?, row.get(7)?);
    Ok(WebhookRecord {
        owner_id: row.get(0)?,
        webhook_id: row.get(1)?,
        party: row.get(2)?,
        url: row.get(3)?,
        state: row.get(4)?,
        secret: row.get(5)?,
        secret_before: before.zip(until),
        made_by: row.get(8)?,
        made_at_us: row.get(9)?,
        changed_at_us: row.get(10)?,
    })
}

impl PeopleRead<'_> {
    /// The webhooks of an owner, in the order in which they were made.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn webhooks(&self, owner_id: [u8; 16]) -> Result<Vec<WebhookRecord>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM webhook WHERE owner_id = ?1 ORDER BY webhook_id"); // primary key
        let mut statement = self.0.prepare_cached(&sql)?;
        let rows = statement.query_map([owner_id], webhook_row)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// A webhook.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn webhook(
        &self,
        owner_id: [u8; 16],
        webhook_id: [u8; 16],
    ) -> Result<Option<WebhookRecord>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM webhook WHERE owner_id = ?1 AND webhook_id = ?2"); // primary key
        let mut statement = self.0.prepare_cached(&sql)?;
        Ok(statement.query_row(params![owner_id, webhook_id], webhook_row).optional()?)
    }

    /// What was or is to be sent to a webhook, the last first, and at most so many.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn deliveries(
        &self,
        owner_id: [u8; 16],
        webhook_id: [u8; 16],
        limit: u32,
    ) -> Result<Vec<DeliveryRecord>, StoreError> {
        const SQL: &str = "SELECT owner_id, webhook_id, delivery_id, event, subject, state, tries,
                status, error, made_at_us, changed_at_us
            FROM webhook_delivery WHERE owner_id = ?1 AND webhook_id = ?2
            ORDER BY delivery_id DESC LIMIT ?3"; // primary key
        let mut statement = self.0.prepare_cached(SQL)?;
        let rows = statement.query_map(params![owner_id, webhook_id, limit], |row| {
            Ok(DeliveryRecord {
                owner_id: row.get(0)?,
                webhook_id: row.get(1)?,
                delivery_id: row.get(2)?,
                event: row.get(3)?,
                subject: row.get(4)?,
                state: row.get(5)?,
                tries: row.get(6)?,
                status: row.get(7)?,
                error: row.get(8)?,
                made_at_us: row.get(9)?,
                changed_at_us: row.get(10)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

impl LicensingRead<'_> {
    /// The keys of the webhooks that take events of a party: its own that are active, and the authority's.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn webhooks_active(&self, owner_id: [u8; 16]) -> Result<Vec<crate::OwnedKey>, StoreError> {
        const SQL: &str = "SELECT owner_id, webhook_id FROM webhook
            WHERE owner_id IN (?1, ?2) AND state = 'active' ORDER BY owner_id, webhook_id"; // primary key
        let mut statement = self.0.prepare_cached(SQL)?;
        let rows = statement
            .query_map(params![owner_id, AUTHORITY], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

fn delivery_insert(
    connection: &rusqlite::Connection,
    delivery: &DeliveryRecord,
) -> Result<(), StoreError> {
    const SQL: &str = "INSERT INTO webhook_delivery (owner_id, webhook_id, delivery_id, event,
            subject, state, tries, status, error, made_at_us, changed_at_us)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
    let changed = connection.prepare_cached(SQL)?.execute(params![
        delivery.owner_id,
        delivery.webhook_id,
        delivery.delivery_id,
        delivery.event,
        delivery.subject,
        delivery.state,
        delivery.tries,
        delivery.status,
        delivery.error,
        delivery.made_at_us,
        delivery.changed_at_us
    ])?;
    one_row(changed, "webhook_delivery")
}

impl LicensingChange<'_> {
    /// Adds what is to be sent to a webhook.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn delivery_add(&self, delivery: &DeliveryRecord) -> Result<(), StoreError> {
        delivery_insert(self.0, delivery)
    }
}

impl PeopleChange<'_> {
    /// Adds what is to be sent to a webhook.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn delivery_add(&self, delivery: &DeliveryRecord) -> Result<(), StoreError> {
        delivery_insert(self.0, delivery)
    }

    /// Writes how a try to send something on ended.
    ///
    /// # Errors
    /// [`StoreError::RowMissing`] where it was removed with its webhook.
    pub fn delivery_put(&self, delivery: &DeliveryRecord) -> Result<(), StoreError> {
        const SQL: &str = "UPDATE webhook_delivery
            SET state = ?4, tries = ?5, status = ?6, error = ?7, changed_at_us = ?8
            WHERE owner_id = ?1 AND webhook_id = ?2 AND delivery_id = ?3"; // primary key
        let changed = self.0.prepare_cached(SQL)?.execute(params![
            delivery.owner_id,
            delivery.webhook_id,
            delivery.delivery_id,
            delivery.state,
            delivery.tries,
            delivery.status,
            delivery.error,
            delivery.changed_at_us
        ])?;
        one_row(changed, "webhook_delivery")
    }

    /// Adds a webhook.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn webhook_add(&self, webhook: &WebhookRecord) -> Result<(), StoreError> {
        const SQL: &str = "INSERT INTO webhook (owner_id, webhook_id, party, url, state, secret,
                secret_before, before_until_us, made_by, made_at_us, changed_at_us)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
        let (before, until) = webhook.secret_before.clone().unzip();
        let changed = self.0.prepare_cached(SQL)?.execute(params![
            webhook.owner_id,
            webhook.webhook_id,
            webhook.party,
            webhook.url,
            webhook.state,
            webhook.secret,
            before,
            until,
            webhook.made_by,
            webhook.made_at_us,
            webhook.changed_at_us
        ])?;
        one_row(changed, "webhook")
    }

    /// Writes the state and the secrets of a webhook.
    ///
    /// # Errors
    /// [`StoreError::RowMissing`] where it was removed.
    pub fn webhook_put(&self, webhook: &WebhookRecord) -> Result<(), StoreError> {
        const SQL: &str = "UPDATE webhook
            SET state = ?3, secret = ?4, secret_before = ?5, before_until_us = ?6, changed_at_us = ?7
            WHERE owner_id = ?1 AND webhook_id = ?2"; // primary key
        let (before, until) = webhook.secret_before.clone().unzip();
        let changed = self.0.prepare_cached(SQL)?.execute(params![
            webhook.owner_id,
            webhook.webhook_id,
            webhook.state,
            webhook.secret,
            before,
            until,
            webhook.changed_at_us
        ])?;
        one_row(changed, "webhook")
    }

    /// Removes a webhook with the list of what was sent to it.
    ///
    /// # Errors
    /// [`StoreError::RowMissing`] where it is not there.
    pub fn webhook_remove(
        &self,
        owner_id: [u8; 16],
        webhook_id: [u8; 16],
    ) -> Result<(), StoreError> {
        const LIST: &str = "DELETE FROM webhook_delivery WHERE owner_id = ?1 AND webhook_id = ?2"; // primary key
        const SQL: &str = "DELETE FROM webhook WHERE owner_id = ?1 AND webhook_id = ?2"; // primary key
        // Any number: nothing need have been sent.
        self.0.prepare_cached(LIST)?.execute(params![owner_id, webhook_id])?;
        one_row(self.0.prepare_cached(SQL)?.execute(params![owner_id, webhook_id])?, "webhook")
    }
}
