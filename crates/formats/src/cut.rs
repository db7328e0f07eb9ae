//! Where a chunk may end: after whole records, found without reading their fields.

use memchr::{memchr, memrchr};

use crate::index;
use crate::scan::{self, RecordEnd};

/// What to do with the bytes at hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cut {
    /// The first so many bytes are whole records.
    Whole(usize),
    /// The first line is longer than the limit.
    TooLong,
    /// The first line, of so many bytes with its line end, opens a quoted field that does not end
    /// within the limit or the file.
    Unclosed(usize),
    /// No record is whole yet.
    More,
}

/// Cuts `bytes`, which begin with a record. `last` says that the file ends with them.
///
/// Whether a record is too long or unclosed depends on the record alone, never on how many bytes
/// are at hand.
pub(crate) fn cut(bytes: &[u8], separator: u8, line_bytes: usize, last: bool) -> Cut {
    if bytes.len() <= line_bytes && memchr(b'"', bytes).is_none() {
        return match memrchr(b'\n', bytes) {
            _ if last => Cut::Whole(bytes.len()),
            Some(newline) => Cut::Whole(newline + 1),
            None => Cut::More,
        };
    }
    // Most quotes stand where programs put them; then the records need not be walked.
    if bytes.len() <= line_bytes
        && !last
        && let Some(length) = index::whole_records(bytes, separator)
        && length > 0
    {
        return Cut::Whole(length);
    }
    let mut at = 0;
    while at < bytes.len() {
        let (length, whole, next) = match scan::record_end(bytes, at, separator) {
            RecordEnd::At { newline, .. } => (newline - at, true, newline + 1),
            RecordEnd::Open { quoted, .. } => (bytes.len() - at, last && !quoted, bytes.len()),
        };
        if whole && length <= line_bytes {
            at = next;
        } else if at > 0 {
            return Cut::Whole(at);
        } else if length > line_bytes || last {
            return first_line_cut(bytes, line_bytes);
        } else {
            return Cut::More;
        }
    }
    if at > 0 { Cut::Whole(at) } else { Cut::More }
}

/// The first record has no end in sight: only its first line is given up.
fn first_line_cut(bytes: &[u8], line_bytes: usize) -> Cut {
    match memchr(b'\n', bytes) {
        Some(newline) if newline <= line_bytes => Cut::Unclosed(newline + 1),
        None if bytes.len() <= line_bytes => Cut::Unclosed(bytes.len()),
        _ => Cut::TooLong,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, last: bool, expected: Cut) {
        assert_eq!(cut(text.as_bytes(), b',', 10, last), expected, "`{text}`");
    }

    #[test]
    fn chunks_end_after_whole_records() {
        check("ab\ncd\nef", false, Cut::Whole(6));
        check("ab\ncd\nef", true, Cut::Whole(8));
        check("abcdef", false, Cut::More);
        check("", true, Cut::Whole(0));
        check("\"a\n\"\nb,\"", false, Cut::Whole(5));
        check("\"a\n\"", false, Cut::More);
        check("\"a\n\"", true, Cut::Whole(4));
        check("ab\n\"cdefghijklm\n", false, Cut::Whole(3));
    }

    #[test]
    fn only_the_first_line_of_an_endless_record_is_given_up() {
        check("\"a\nb\nc", false, Cut::More);
        check("\"a\nb\nc", true, Cut::Unclosed(3));
        check("\"a\nb\nc\nd\ne\nf\n", false, Cut::Unclosed(3));
        check("\"a\nb\nc\nd\ne\nf\n\"\n", false, Cut::Unclosed(3));
        check("\"a", true, Cut::Unclosed(2));
        check("abcdefghijk", false, Cut::TooLong);
        check("abcdefghijk\n", false, Cut::TooLong);
        check("abcdefghij\n", false, Cut::Whole(11));
        check("\"abcdefghijk", false, Cut::TooLong);
    }
}
