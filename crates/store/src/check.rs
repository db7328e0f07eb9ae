//! The check of a database against itself: the file, every block's checksum, the chains and the heads.

use rusqlite::OptionalExtension;
use sha2::{Digest, Sha256};

use crate::audit::Walk;
use crate::database::{Database, StoreError, batch_record, block_record, chain_step};

/// What a check of the database found wrong, one sentence each; empty is clean.
pub type Check = Vec<String>;

impl Database {
    /// Checks the file, the blocks, the chains and the counts; the filings themselves are for the
    /// caller. What the engine refuses to read is told like everything else.
    #[must_use]
    pub fn check(&self) -> Check {
        let mut wrong = Vec::new();
        let checks = [
            Database::check_file,
            Database::check_blocks,
            Database::check_chains,
            Database::check_audit,
        ];
        for check in checks {
            if let Err(error) = check(self, &mut wrong) {
                wrong.push(error.to_string());
            }
        }
        wrong
    }

    fn check_file(&self, wrong: &mut Check) -> Result<(), StoreError> {
        let mut statement = self.connection.prepare("PRAGMA integrity_check")?;
        for line in statement.query_map([], |row| row.get::<_, String>(0))? {
            let line = line?;
            if line != "ok" {
                wrong.push(format!("the database file: {line}"));
            }
        }
        Ok(())
    }

    fn check_blocks(&self, wrong: &mut Check) -> Result<(), StoreError> {
        const BLOCKS: &str = "SELECT log_index, block_no, first_filing, filings, plain_bytes, bytes
            FROM block ORDER BY first_filing"; // block_filing
        let mut statement = self.connection.prepare(BLOCKS)?;
        let mut rows = statement.query([])?;
        let mut expected = 0;
        while let Some(row) = rows.next()? {
            match block_record(row) {
                Err(error) => wrong.push(error.to_string()),
                Ok(block) if block.first_filing != expected => {
                    wrong.push(format!("there is no block with filing {expected}"));
                }
                Ok(_) => {}
            }
            expected = row.get::<_, i64>(2)? as u64 + row.get::<_, i64>(3)? as u64;
        }
        if self.head()?.filings != expected {
            wrong.push(format!("the log has more filings than the {expected} in its blocks"));
        }
        Ok(())
    }

    fn check_chains(&self, wrong: &mut Check) -> Result<(), StoreError> {
        const EVENTS: &str = "SELECT owner_id, seq, log_index, recorded_at_us, body, digest, chain
            FROM event ORDER BY log_index"; // event_log
        const HEADS: &str = "SELECT seq, chain FROM chain_head WHERE owner_id = ?1"; // primary key
        let mut heads: std::collections::HashMap<[u8; 16], (u64, [u8; 32])> = Default::default();
        let mut statement = self.connection.prepare(EVENTS)?;
        let mut rows = statement.query([])?;
        let mut expected = 1;
        while let Some(row) = rows.next()? {
            let record = batch_record(row)?;
            if record.log_index != expected {
                wrong.push(format!("the log has no event {expected}"));
                expected = record.log_index;
            }
            expected += 1;
            let digest: [u8; 32] = Sha256::digest(record.body.as_bytes()).into();
            if digest != record.digest {
                wrong.push(format!("event {}: its body was changed", record.log_index));
            }
            let (seq, chain) = heads.get(&record.owner_id).copied().unwrap_or((0, [0; 32]));
            let linked = chain_step(&chain, &record.digest);
            if record.seq != seq + 1 || record.chain != linked {
                wrong
                    .push(format!("event {}: it does not follow the one before", record.log_index));
            }
            heads.insert(record.owner_id, (record.seq, record.chain));
        }
        for (owner, (seq, chain)) in heads {
            let head: Option<(i64, [u8; 32])> = self
                .connection
                .query_row(HEADS, [owner], |row| Ok((row.get(0)?, row.get(1)?)))
                .optional()?;
            if head != Some((seq as i64, chain)) {
                wrong.push("the head of a chain is not its last event".to_owned());
            }
        }
        if self.head()?.log_index + 1 != expected {
            wrong.push("the head of the log is not its last event".to_owned());
        }
        Ok(())
    }

    fn check_audit(&self, wrong: &mut Check) -> Result<(), StoreError> {
        let mut walk = Walk { seq: 0, chain: [0; 32] };
        self.audit_walk(1, u64::MAX, &mut walk, wrong)?;
        let head = self.audit_head()?;
        if (head.seq as i64, head.chain) != (walk.seq, walk.chain) {
            wrong.push("the head of the audit is not its last entry".to_owned());
        }
        Ok(())
    }
}
