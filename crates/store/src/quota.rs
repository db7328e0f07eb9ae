//! Quotas: the steps by which the authority issues and hands down amounts. What lies where is what they
//! add up to; what was used is in the filings.

use rusqlite::params;

use crate::case::{LicensingChange, LicensingRead};
use crate::database::StoreError;
use crate::people::one_row;

/// A row of `quota_step`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuotaStepRecord {
    /// The authority whose quota it is.
    pub owner_id: [u8; 16],
    /// Its place among the steps of its owner, from 1.
    pub seq: u64,
    /// The pack.
    pub pack_id: String,
    /// The quota of the pack.
    pub quota_id: String,
    /// The year of the quota.
    pub year: i16,
    /// Stage.
    pub stage: String,
    /// Type of ore; empty where none are told apart.
    pub ore: String,
    /// Code of where it comes from; empty where it is issued.
    pub from_node: String,
    /// Code of where it goes.
    pub to_node: String,
    /// Oxide mass, mg.
    pub amount_mg: i64,
    /// Number of the slice; 0 where none is issued.
    pub slice: u32,
    /// From when it holds, ISO 8601.
    pub day: String,
    /// Why.
    pub reason: String,
    /// Account that made it.
    pub account: String,
    /// When it was recorded, µs.
    pub at_us: i64,
}

impl LicensingRead<'_> {
    /// The steps of an owner's quotas of a pack, in their order.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn quota_steps(
        &self,
        owner_id: &[u8; 16],
        pack_id: &str,
    ) -> Result<Vec<QuotaStepRecord>, StoreError> {
        const SQL: &str = "SELECT owner_id, seq, pack_id, quota_id, quota_year, stage, ore,
            from_node, to_node, amount_mg, slice, day, reason, account, at_us
            FROM quota_step WHERE owner_id = ?1 AND pack_id = ?2 ORDER BY seq"; // primary key
        let mut statement = self.0.prepare_cached(SQL)?;
        let rows = statement.query_map(params![owner_id, pack_id], |row| {
            Ok(QuotaStepRecord {
                owner_id: row.get(0)?,
                seq: row.get::<_, i64>(1)? as u64,
                pack_id: row.get(2)?,
                quota_id: row.get(3)?,
                year: row.get(4)?,
                stage: row.get(5)?,
                ore: row.get(6)?,
                from_node: row.get(7)?,
                to_node: row.get(8)?,
                amount_mg: row.get(9)?,
                slice: row.get(10)?,
                day: row.get(11)?,
                reason: row.get(12)?,
                account: row.get(13)?,
                at_us: row.get(14)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The place of the last step of an owner's quotas, 0 where there is none.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn quota_last(&self, owner_id: &[u8; 16]) -> Result<u64, StoreError> {
        const SQL: &str = "SELECT COALESCE(MAX(seq), 0) FROM quota_step WHERE owner_id = ?1"; // primary key
        let last: i64 = self.0.prepare_cached(SQL)?.query_row([owner_id], |row| row.get(0))?;
        Ok(last as u64)
    }
}

impl LicensingChange<'_> {
    /// Adds a step after that which was seen last: two who look at the same pots do not both take from
    /// them.
    ///
    /// # Errors
    /// [`StoreError::RowMissing`] where another step came between.
    pub fn quota_step_add(&self, step: &QuotaStepRecord) -> Result<(), StoreError> {
        const SQL: &str = "INSERT INTO quota_step (owner_id, seq, pack_id, quota_id, quota_year,
            stage, ore, from_node, to_node, amount_mg, slice, day, reason, account, at_us)
            SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15
            WHERE (SELECT COALESCE(MAX(seq), 0) FROM quota_step WHERE owner_id = ?1) = ?2 - 1"; // primary key
        let changed = self.0.prepare_cached(SQL)?.execute(params![
            step.owner_id,
            step.seq as i64,
            step.pack_id,
            step.quota_id,
            step.year,
            step.stage,
            step.ore,
            step.from_node,
            step.to_node,
            step.amount_mg,
            step.slice,
            step.day,
            step.reason,
            step.account,
            step.at_us
        ])?;
        one_row(changed, "quota_step")
    }
}
