//! A filing: the rows of one (filer, reference), taken or rejected whole.

use base::kind::Kind;
use sha2::{Digest, Sha256};

use crate::column::Column;
use crate::rejection::Rejection;
use crate::row::Row;

/// The most rows of one filing.
pub const ROWS_MAX: usize = 10_000;

/// SHA-256 over the parsed rows of a filing as a multiset: equal rows in another order are the
/// same filing.
pub type FilingDigest = [u8; 32];

/// The digest of a filing from the canonical bytes of its rows.
#[must_use]
pub fn filing_digest(rows: &mut [&[u8]]) -> FilingDigest {
    rows.sort_unstable();
    let mut sha = Sha256::new();
    for row in rows.iter() {
        sha.update((row.len() as u32).to_le_bytes());
        sha.update(row);
    }
    sha.finalize().into()
}

/// Applies the rules that concern the rows of a filing together. `rows` are all of one
/// (filer, reference) and each keeps the rules of [`Row::parse`].
pub fn filing_check(rows: &[Row<'_>], rejections: &mut Vec<Rejection>) {
    let Some(first) = rows.first() else { return };
    if rows.len() > ROWS_MAX {
        rejections.push(Rejection {
            line: first.line,
            column: None,
            code: "too_many_rows",
            message: format!("filing `{}` has {} rows", first.get(Column::Filing), rows.len()),
            accepted: format!("at most {ROWS_MAX} rows; split it into several filings"),
        });
    }
    let mut same = vec![Column::Kind, Column::Date, Column::Corrects];
    if first.kind == Kind::Transform {
        same.extend([Column::Site, Column::Process, Column::PeriodFrom, Column::PeriodTo]);
    }
    for row in rows.iter().skip(1) {
        for &column in &same {
            if row.get(column) != first.get(column) {
                rejections.push(Rejection {
                    line: row.line,
                    column: Some(column),
                    code: "rows_disagree",
                    message: format!(
                        "`{}` in `{}` where the first row of the filing (line {}) has `{}`",
                        row.get(column),
                        column.name(),
                        first.line,
                        first.get(column)
                    ),
                    accepted: "the same value on every row of a filing".to_owned(),
                });
            }
        }
    }
}
