//! How a file is written: separator, decimal mark, byte-order mark, compression.
//!
//! A comma is a decimal mark or a separator of thousands, and mass is what this platform exists
//! for: the mark is a fact of the whole file that its own numbers must prove. `12,5` proves it,
//! `1,234` does not (it may be 1.234 or 1234), `0,300` and a percentage such as `28,500` do. A file
//! that has both points and commas proves nothing; its commas are left as filed and rejected.

use serde::Serialize;
use tracking::Column;

use crate::layout::Layout;
use crate::scan::{self, Form, RecordEnd};

/// The mark between the fields of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Separator {
    /// `,`
    Comma,
    /// `;`, as spreadsheets write where the comma is the decimal mark.
    Semicolon,
    /// A tab, as spreadsheets write when cells are copied.
    Tab,
}

impl Separator {
    /// Every separator that is recognised.
    pub const ALL: [Separator; 3] = [Separator::Comma, Separator::Semicolon, Separator::Tab];

    /// The byte.
    #[must_use]
    pub fn byte(self) -> u8 {
        match self {
            Separator::Comma => b',',
            Separator::Semicolon => b';',
            Separator::Tab => b'\t',
        }
    }

    /// The name in messages.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Separator::Comma => "comma",
            Separator::Semicolon => "semicolon",
            Separator::Tab => "tab",
        }
    }
}

/// The decimal mark of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Decimal {
    /// `28.5`
    Point,
    /// `28,5`
    Comma,
}

/// The compression of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Compression {
    /// None.
    None,
    /// gzip.
    Gzip,
    /// zstd.
    Zstd,
}

/// How a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub struct Dialect {
    /// Between fields.
    pub separator: Separator,
    /// In numbers.
    pub decimal: Decimal,
    /// Whether the text begins with a UTF-8 byte-order mark.
    pub bom: bool,
    /// Of the file.
    pub compression: Compression,
}

/// What the numbers of a file say about its decimal mark.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct DecimalEvidence {
    /// Numbers with a point.
    pub(crate) points: u64,
    /// Numbers with a comma that can only be a decimal mark.
    pub(crate) commas: u64,
    /// Numbers with a comma that may separate thousands.
    pub(crate) ambiguous: u64,
}

impl DecimalEvidence {
    /// Reads the decimal columns of the whole records in `text`, which begins with a record.
    pub(crate) fn gather(text: &[u8], layout: &Layout) -> DecimalEvidence {
        let separator = layout.dialect().separator.byte();
        let mut evidence = DecimalEvidence::default();
        let mut unescaped = String::new();
        let mut start = 0;
        while let RecordEnd::At { newline, .. } = scan::record_end(text, start, separator) {
            let record = scan::line_end_trimmed(&text[start..newline]);
            scan::fields(record, separator, |position, field| {
                let Some(column) = layout.column(position).filter(|c| c.decimal()) else { return };
                let (from, to) = field.inner();
                let Ok(raw) = std::str::from_utf8(&record[from..to]) else { return };
                unescaped.clear();
                if field.form == Form::Escaped {
                    scan::unescape(raw, &mut unescaped);
                    evidence.field(column, &unescaped);
                } else {
                    evidence.field(column, raw);
                }
            });
            start = newline + 1;
        }
        evidence
    }

    /// The decimal mark that the numbers prove.
    pub(crate) fn decimal(self) -> Decimal {
        if self.commas > 0 && self.points == 0 { Decimal::Comma } else { Decimal::Point }
    }

    fn field(&mut self, column: Column, text: &str) {
        if column == Column::Composition {
            for entry in text.split(';') {
                let value = entry.split_once(['=', '<']).map_or("", |(_, value)| value);
                self.number(value.trim(), Range::Percent);
            }
        } else {
            let percent = matches!(column, Column::Moisture | Column::Loi | Column::Treo);
            self.number(text.trim(), if percent { Range::Percent } else { Range::Any });
        }
    }

    fn number(&mut self, text: &str, range: Range) {
        if point_in_number(text) {
            self.points += 1;
        } else if text.contains(',') {
            let single = text
                .split_once(',')
                .filter(|(whole, part)| digits(whole) && !part.is_empty() && digits(part));
            match single {
                // A percentage has no thousands.
                Some((whole, part))
                    if range == Range::Percent
                        || part.len() != 3
                        || whole.len() > 3
                        || whole.is_empty()
                        || whole.starts_with('0') =>
                {
                    self.commas += 1;
                }
                _ => self.ambiguous += 1,
            }
        }
    }
}

/// How large the numbers of a column may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Range {
    /// Any size.
    Any,
    /// At most 100.
    Percent,
}

fn digits(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit())
}

/// Whether a point stands beside a digit, as in a number and not in `n.a.`.
pub(crate) fn point_in_number(text: &str) -> bool {
    let bytes = text.as_bytes();
    memchr::memchr_iter(b'.', bytes).any(|at| {
        bytes.get(at + 1).is_some_and(u8::is_ascii_digit)
            || at.checked_sub(1).is_some_and(|before| bytes[before].is_ascii_digit())
    })
}

/// Whether a field of a decimal column must be rewritten with points.
pub(crate) fn comma_in_number(column: Column, text: &str) -> bool {
    let bytes = text.as_bytes();
    if column == Column::Composition {
        return memchr::memchr_iter(b',', bytes).any(|at| between_digits(bytes, at));
    }
    // Two commas are no decimal mark; the field is left to be rejected as filed.
    memchr::memchr_iter(b',', bytes).count() == 1
}

fn between_digits(bytes: &[u8], at: usize) -> bool {
    at > 0 && bytes[at - 1].is_ascii_digit() && bytes.get(at + 1).is_some_and(u8::is_ascii_digit)
}

/// Appends a field of a decimal column with points for its decimal commas.
pub(crate) fn comma_rewrite(column: Column, text: &str, out: &mut String) {
    let bytes = text.as_bytes();
    let mut copied = 0;
    for at in memchr::memchr_iter(b',', bytes) {
        if column != Column::Composition || between_digits(bytes, at) {
            out.push_str(&text[copied..at]);
            out.push('.');
            copied = at + 1;
        }
    }
    out.push_str(&text[copied..]);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(column: Column, text: &str, points: u64, commas: u64, ambiguous: u64) {
        let mut evidence = DecimalEvidence::default();
        evidence.field(column, text);
        assert_eq!(evidence, DecimalEvidence { points, commas, ambiguous }, "`{text}`");
    }

    #[test]
    fn a_comma_is_a_decimal_mark_only_where_it_cannot_separate_thousands() {
        check(Column::NetMass, "28,5", 0, 1, 0);
        check(Column::NetMass, "0,300", 0, 1, 0);
        check(Column::NetMass, ",300", 0, 1, 0);
        check(Column::NetMass, "1234,567", 0, 1, 0);
        check(Column::NetMass, "1,2345", 0, 1, 0);
        check(Column::NetMass, "1,234", 0, 0, 1);
        check(Column::NetMass, "1,234,567", 0, 0, 1);
        check(Column::NetMass, "12,", 0, 0, 1);
        check(Column::NetMass, "1.234,5", 1, 0, 0);
        check(Column::NetMass, "1,234.5", 1, 0, 0);
        check(Column::NetMass, "1234", 0, 0, 0);
        check(Column::Moisture, "12,345", 0, 1, 0);
        check(Column::Composition, "Nd=28,5;Dy=2,1", 0, 2, 0);
        check(Column::Composition, "Nd=28,500;Tb=n.a.;Dy<0,01", 0, 2, 0);
        check(Column::Composition, "Nd=28.5;Tb=n.a.", 1, 0, 0);
        check(Column::Composition, "Nd=28,Dy=2", 0, 0, 1);
    }

    #[test]
    fn decimal_commas_are_rewritten_between_digits() {
        let rewritten = |column, text: &str| {
            let mut out = String::new();
            comma_rewrite(column, text, &mut out);
            out
        };
        assert_eq!(rewritten(Column::NetMass, "28,5"), "28.5");
        assert_eq!(rewritten(Column::Composition, "Nd=28,5;Dy=2,1"), "Nd=28.5;Dy=2.1");
        assert_eq!(rewritten(Column::Composition, "Nd=28,Dy=2"), "Nd=28,Dy=2");
        assert!(!comma_in_number(Column::NetMass, "1,234,567"));
        assert!(!comma_in_number(Column::Composition, "Nd=28,Dy=2"));
    }
}
