//! Where records and fields begin and end, as RFC 4180 has it and spreadsheets write it.
//!
//! A quote opens a quoted field only as the field's first byte; anywhere else in an unquoted field
//! it is an ordinary character. In a quoted field a doubled quote is a quote, separators and line
//! ends are text, and what follows the closing quote up to the separator is text as it stands. The
//! tests hold this equal to the `csv` crate's reading.
//!
//! This reading takes any text, record by record and field by field. [`crate::index`] is the fast
//! way for text whose quotes stand where a program would put them.

use memchr::{memchr, memchr2};

/// What a scan from the start of a record found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RecordEnd {
    /// The record ends with the line feed at this position.
    At {
        /// Position of the line feed.
        newline: usize,
        /// Whether the record holds a quote.
        quotes: bool,
    },
    /// The bytes end first.
    Open {
        /// Whether they end inside a quoted field.
        quoted: bool,
        /// Whether the record holds a quote.
        quotes: bool,
    },
}

/// Finds the end of the record that begins at `start`.
pub(crate) fn record_end(bytes: &[u8], start: usize, separator: u8) -> RecordEnd {
    let mut at = start;
    let mut quotes = false;
    while let Some(found) = memchr2(b'\n', b'"', &bytes[at..]) {
        let position = at + found;
        if bytes[position] == b'\n' {
            return RecordEnd::At { newline: position, quotes };
        }
        quotes = true;
        at = position + 1;
        if position == start || bytes[position - 1] == separator {
            match quote_close(bytes, at) {
                Some(close) => at = close + 1,
                None => return RecordEnd::Open { quoted: true, quotes },
            }
        }
    }
    RecordEnd::Open { quoted: false, quotes }
}

/// The closing quote of a quoted field whose text begins at `at`.
fn quote_close(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        let close = at + memchr(b'"', bytes.get(at..)?)?;
        if bytes.get(close + 1) != Some(&b'"') {
            return Some(close);
        }
        at = close + 2;
    }
}

/// How a field is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// As it stands.
    Plain,
    /// Between quotes and as it stands there.
    Quoted,
    /// Between quotes with doubled quotes, or with text after the closing quote.
    Escaped,
}

/// A field as written, quotes included: `start..end` in its record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RawField {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) form: Form,
}

impl RawField {
    /// The part of the record that holds the text, without surrounding quotes; of an
    /// [`Form::Escaped`] field it must still be unescaped.
    pub(crate) fn inner(self) -> (usize, usize) {
        match self.form {
            Form::Quoted => (self.start + 1, self.end - 1),
            Form::Plain | Form::Escaped => (self.start, self.end),
        }
    }
}

/// The field of `record` that begins at `start`. A quote that never closes is read as text.
pub(crate) fn field_at(record: &[u8], start: usize, separator: u8) -> RawField {
    let plain_end = |from: usize| {
        memchr(separator, &record[from..]).map_or(record.len(), |length| from + length)
    };
    if record.get(start) == Some(&b'"')
        && let Some(close) = quote_close(record, start + 1)
    {
        let end = plain_end(close + 1);
        let escaped = end != close + 1 || memchr(b'"', &record[start + 1..close]).is_some();
        return RawField { start, end, form: if escaped { Form::Escaped } else { Form::Quoted } };
    }
    RawField { start, end: plain_end(start), form: Form::Plain }
}

/// Calls `each` with the position and extent of every field of a record.
pub(crate) fn fields(record: &[u8], separator: u8, mut each: impl FnMut(usize, RawField)) -> usize {
    let mut start = 0;
    let mut count = 0;
    loop {
        let field = field_at(record, start, separator);
        each(count, field);
        count += 1;
        if field.end >= record.len() {
            return count;
        }
        start = field.end + 1;
    }
}

/// Appends the text of an [`Form::Escaped`] field to `text`.
pub(crate) fn unescape(raw: &str, text: &mut String) {
    let mut rest = raw.strip_prefix('"').unwrap_or(raw);
    while let Some(quote) = memchr(b'"', rest.as_bytes()) {
        text.push_str(&rest[..quote]);
        rest = &rest[quote + 1..];
        match rest.strip_prefix('"') {
            Some(after) => {
                text.push('"');
                rest = after;
            }
            // The closing quote: what follows is text as it stands.
            None => break,
        }
    }
    text.push_str(rest);
}

/// A record's bytes without a carriage return before its line feed.
pub(crate) fn line_end_trimmed(record: &[u8]) -> &[u8] {
    record.strip_suffix(b"\r").unwrap_or(record)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn end(text: &str) -> RecordEnd {
        record_end(text.as_bytes(), 0, b',')
    }

    #[test]
    fn a_quote_opens_a_field_only_at_its_start() {
        assert_eq!(end("a\"b\nc"), RecordEnd::At { newline: 3, quotes: true });
        assert_eq!(end("\"a\nb\"\nc"), RecordEnd::At { newline: 5, quotes: true });
        assert_eq!(end("\"a\"\"\n\"\nc"), RecordEnd::At { newline: 6, quotes: true });
        assert_eq!(end("a,\"b\n"), RecordEnd::Open { quoted: true, quotes: true });
        assert_eq!(end("a,b"), RecordEnd::Open { quoted: false, quotes: false });
        assert_eq!(end("\n"), RecordEnd::At { newline: 0, quotes: false });
    }
}
