//! Letters as the authority words them: each change is a further version, and all are kept.

use rusqlite::{OptionalExtension, Row, params};

use crate::audit::{NewAudit, audit_append};
use crate::database::{Database, StoreError};

/// A version of a letter to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTemplate<'a> {
    /// Which letter.
    pub kind: &'a str,
    /// In which language.
    pub language: &'a str,
    /// The version that it replaces, 0 where there is none: somebody who saw an older one is refused.
    pub replaces: u64,
    /// Template of the subject line.
    pub subject: &'a str,
    /// Template of the text.
    pub body: &'a str,
}

/// A version of a letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateRecord {
    /// Its number; the first is 1.
    pub version: u64,
    /// Template of the subject line.
    pub subject: String,
    /// Template of the text.
    pub body: String,
    /// Who made it.
    pub account: String,
    /// When, µs.
    pub at_us: i64,
}

fn template_row(row: &Row<'_>) -> Result<TemplateRecord, rusqlite::Error> {
    Ok(TemplateRecord {
        version: row.get::<_, i64>(0)? as u64,
        subject: row.get(1)?,
        body: row.get(2)?,
        account: row.get(3)?,
        at_us: row.get(4)?,
    })
}

impl Database {
    /// Keeps a version of a letter and its entry in the audit. Whether it could: not where another
    /// version came first.
    ///
    /// # Errors
    /// [`StoreError`]; then nothing is changed.
    pub fn template_record(
        &mut self,
        template: &NewTemplate<'_>,
        entry: &NewAudit<'_>,
    ) -> Result<bool, StoreError> {
        const LAST: &str = "SELECT COALESCE(MAX(version), 0) FROM mail_template
            WHERE kind = ?1 AND language = ?2"; // primary key
        const SQL: &str = "INSERT INTO mail_template
            (kind, language, version, subject, body, account, at_us)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
        self.transact(|transaction| {
            let named = params![template.kind, template.language];
            let last: i64 = transaction.query_row(LAST, named, |row| row.get(0))?;
            if last as u64 != template.replaces {
                return Ok(false);
            }
            transaction.execute(
                SQL,
                params![
                    template.kind,
                    template.language,
                    last + 1,
                    template.subject,
                    template.body,
                    entry.account,
                    entry.at_us
                ],
            )?;
            audit_append(transaction, std::slice::from_ref(entry))?;
            Ok(true)
        })
    }

    /// The version of a letter that is in use; nothing where the authority has not worded it.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn template(
        &self,
        kind: &str,
        language: &str,
    ) -> Result<Option<TemplateRecord>, StoreError> {
        const SQL: &str = "SELECT version, subject, body, account, at_us FROM mail_template
            WHERE kind = ?1 AND language = ?2 ORDER BY version DESC LIMIT 1"; // primary key
        let mut statement = self.connection.prepare_cached(SQL)?;
        Ok(statement.query_row([kind, language], template_row).optional()?)
    }

    /// All versions of a letter, the newest first.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn template_versions(
        &self,
        kind: &str,
        language: &str,
    ) -> Result<Vec<TemplateRecord>, StoreError> {
        const SQL: &str = "SELECT version, subject, body, account, at_us FROM mail_template
            WHERE kind = ?1 AND language = ?2 ORDER BY version DESC"; // primary key
        let mut statement = self.connection.prepare_cached(SQL)?;
        let rows = statement.query_map([kind, language], template_row)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_version_is_kept_and_who_saw_an_older_one_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let mut database = Database::open(&dir.path().join("g.sqlite")).unwrap();
        let mut record = |replaces, subject| {
            let template =
                NewTemplate { kind: "invitation", language: "en", replaces, subject, body: "b" };
            let entry = NewAudit {
                at_us: 1,
                account: "operator",
                action: "mail_template_changed",
                subject: "",
                resource: "invitation/en",
                detail: "{}",
            };
            database.template_record(&template, &entry).unwrap()
        };
        assert_eq!([record(0, "one"), record(0, "late"), record(1, "two")], [true, false, true]);
        assert_eq!(database.audit_head().unwrap().seq, 2, "a refused one leaves no entry");
        assert_eq!(database.template("invitation", "en").unwrap().unwrap().subject, "two");
        assert_eq!(database.template("invitation", "zh").unwrap(), None);
        let versions = database.template_versions("invitation", "en").unwrap();
        let told: Vec<_> = versions.iter().map(|v| (v.version, v.subject.as_str())).collect();
        assert_eq!(told, [(2, "two"), (1, "one")]);
    }
}
