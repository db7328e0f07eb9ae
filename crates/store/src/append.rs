//! Recording an event, and a batch of filings: what one transaction writes.
//!
//! INVARIANT: the log, and each owner's chain, have one head row, moved by an update that names the head
//! it saw; another number of rows than one ends the transaction.

use rusqlite::{OptionalExtension, Transaction, params};
use sha2::{Digest, Sha256};

use crate::audit::{NewAudit, audit_append};
use crate::database::{BatchRecord, NewBatch, NewParty, StoreError, chain_step, head};

pub(crate) fn append(
    transaction: &Transaction<'_>,
    batch: &NewBatch<'_>,
    packed: &[Vec<u8>],
) -> Result<BatchRecord, StoreError> {
    const BLOCK: &str = "INSERT INTO block
        (owner_id, log_index, block_no, first_filing, filings, row_count, plain_bytes, bytes)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    let before = head(transaction)?;
    let filings: u64 = batch.blocks.iter().map(|b| u64::from(b.filings)).sum();
    let rows: u64 = batch.blocks.iter().map(|b| u64::from(b.rows)).sum();
    let event = NewEvent {
        owner_id: batch.owner_id,
        stream: FILINGS,
        recorded_at_us: batch.recorded_at_us,
        body: batch_body(filings, rows, &batch.digest),
        filings,
        rows,
    };
    let record = event_append(transaction, event)?;
    let log_index = record.log_index;
    for party in batch.parties {
        party_register(transaction, party, batch.recorded_at_us)?;
    }
    let mut first_filing = before.filings;
    let mut insert = transaction.prepare_cached(BLOCK)?;
    for (number, (block, bytes)) in batch.blocks.iter().zip(packed).enumerate() {
        insert.execute(params![
            batch.owner_id,
            log_index as i64,
            number as i64,
            first_filing as i64,
            block.filings,
            block.rows,
            block.bytes.len() as i64,
            bytes
        ])?;
        first_filing += u64::from(block.filings);
    }
    let resource = format!("batch:{log_index}");
    audit_append(
        transaction,
        &[NewAudit {
            at_us: batch.recorded_at_us,
            account: batch.account,
            action: "filings_taken",
            subject: batch.submitter,
            resource: &resource,
            detail: &record.body,
        }],
    )?;
    Ok(record)
}

/// The stream of filings, whose events have blocks.
pub(crate) const FILINGS: &str = "filings";

/// An event to be recorded.
#[derive(Debug)]
pub(crate) struct NewEvent<'b> {
    /// In whose book it stands.
    pub(crate) owner_id: [u8; 16],
    /// What it is about: `filings`, `case/<id>`, `licence/<id>` and the like.
    pub(crate) stream: &'b str,
    /// When it is recorded, µs.
    pub(crate) recorded_at_us: i64,
    /// Canonical body.
    pub(crate) body: String,
    /// Filings in its blocks.
    pub(crate) filings: u64,
    /// Rows in its blocks.
    pub(crate) rows: u64,
}

/// Records an event: the next step of its owner's chain, and the next of the log.
///
/// # Errors
/// [`StoreError`]; then the transaction must end.
pub(crate) fn event_append(
    transaction: &Transaction<'_>,
    event: NewEvent<'_>,
) -> Result<BatchRecord, StoreError> {
    const CHAIN: &str = "SELECT seq, chain FROM chain_head WHERE owner_id = ?1"; // primary key
    const EVENT: &str = "INSERT INTO event
        (owner_id, seq, log_index, stream, recorded_at_us, body, digest, chain)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    const HEAD: &str = "UPDATE log_head SET log_index = ?1, filings = ?2, row_count = ?3
        WHERE one = 1 AND log_index = ?4";
    let before = head(transaction)?;
    let log_index = before.log_index + 1;
    let chain: Option<(i64, [u8; 32])> = transaction
        .prepare_cached(CHAIN)?
        .query_row([event.owner_id], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let (seq, previous) = chain.map_or((0, [0; 32]), |c| (c.0 as u64, c.1));
    let digest: [u8; 32] = Sha256::digest(event.body.as_bytes()).into();
    let record = BatchRecord {
        owner_id: event.owner_id,
        seq: seq + 1,
        log_index,
        recorded_at_us: event.recorded_at_us,
        body: event.body,
        digest,
        chain: chain_step(&previous, &digest),
    };
    transaction.prepare_cached(EVENT)?.execute(params![
        record.owner_id,
        record.seq as i64,
        log_index as i64,
        event.stream,
        record.recorded_at_us,
        record.body,
        record.digest,
        record.chain
    ])?;
    chain_move(transaction, &record)?;
    let moved = transaction.prepare_cached(HEAD)?.execute(params![
        log_index as i64,
        (before.filings + event.filings) as i64,
        (before.rows + event.rows) as i64,
        before.log_index as i64
    ])?;
    if moved == 1 { Ok(record) } else { Err(StoreError::HeadMoved) }
}

/// Registers a party whose identifier nobody has yet.
pub(crate) fn party_register(
    transaction: &Transaction<'_>,
    party: &NewParty<'_>,
    registered_at_us: i64,
) -> Result<(), StoreError> {
    const KNOWN: &str = "SELECT 1 FROM party_identifier WHERE identifier = ?1"; // primary key
    const PARTY: &str =
        "INSERT INTO party (party_id, verified, registered_at_us) VALUES (?1, 0, ?2)";
    const IDENTIFIER: &str = "INSERT INTO party_identifier (identifier, party_id) VALUES (?1, ?2)";
    if transaction.prepare_cached(KNOWN)?.exists([party.identifier])? {
        return Ok(());
    }
    transaction.prepare_cached(PARTY)?.execute(params![party.party_id, registered_at_us])?;
    transaction.prepare_cached(IDENTIFIER)?.execute(params![party.identifier, party.party_id])?;
    Ok(())
}

/// Moves the head of an owner's chain on by one step, or starts it.
fn chain_move(transaction: &Transaction<'_>, record: &BatchRecord) -> Result<(), StoreError> {
    const START: &str = "INSERT INTO chain_head (owner_id, seq, chain) VALUES (?1, 1, ?2)";
    const MOVE: &str = "UPDATE chain_head SET seq = ?2, chain = ?3
        WHERE owner_id = ?1 AND seq = ?2 - 1";
    let moved = if record.seq == 1 {
        transaction.prepare_cached(START)?.execute(params![record.owner_id, record.chain])?
    } else {
        transaction.prepare_cached(MOVE)?.execute(params![
            record.owner_id,
            record.seq as i64,
            record.chain
        ])?
    };
    if moved == 1 { Ok(()) } else { Err(StoreError::HeadMoved) }
}

/// The body of a batch's event: canonical JSON, keys in order.
fn batch_body(filings: u64, rows: u64, digest: &[u8; 32]) -> String {
    use std::fmt::Write as _;
    let mut hex = String::with_capacity(64);
    for byte in digest {
        let _ = write!(hex, "{byte:02x}");
    }
    format!("{{\"digest\":\"{hex}\",\"filings\":{filings},\"rows\":{rows}}}")
}
