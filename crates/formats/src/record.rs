//! The records of a chunk, their fields by column.
//!
//! A chunk is read twice. The survey finds the records and whatever must be looked at or rewritten;
//! then the records are given out, nearly all as slices of the chunk. So a caller may keep every
//! record of a chunk at once: the rows of a filing stand next to each other.

use tracking::{Column, Fields, Rejection};

use crate::index::Index;
use crate::layout::Layout;
use crate::reader::Chunk;
use crate::survey::{Fault, How, Span, Survey, Whence};

/// A record of a file.
#[expect(clippy::large_enum_variant, reason = "handed to the caller once, never stored in bulk")]
#[derive(Debug, Clone)]
pub enum Record<'a> {
    /// A row whose fields could be read.
    Row {
        /// Physical line on which it begins, the header being 1.
        line: u64,
        /// Its fields, surrounding spaces removed, decimal commas as points.
        fields: Fields<'a>,
        /// The bytes as filed, without the line end.
        raw: &'a [u8],
    },
    /// A record whose fields could not be read.
    Bad {
        /// Physical line on which it begins.
        line: u64,
        /// The bytes as filed, without the line end. Of a line beyond the limit: a record with
        /// nothing but reference and filer.
        raw: &'a [u8],
        /// Who files, empty where that could not be read: with `filing` it tells which rows are
        /// rejected together with this one.
        filer: &'a str,
        /// The filer's reference, empty where it could not be read.
        filing: &'a str,
        /// What is wrong, and what would be accepted.
        rejection: Rejection,
    },
}

/// Memory that [`records`] reuses from chunk to chunk.
#[derive(Debug, Default)]
pub struct Scratch {
    pub(crate) index: Index,
    pub(crate) found: Vec<Found>,
    pub(crate) spans: Vec<Span>,
    pub(crate) faults: Vec<Fault>,
    pub(crate) text: String,
}

/// Where a record is in its chunk.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Found {
    pub(crate) start: u32,
    /// Without the line end.
    pub(crate) end: u32,
    /// Physical lines of the chunk before it.
    pub(crate) lines_before: u32,
    pub(crate) how: How,
}

impl Scratch {
    /// No memory yet.
    #[must_use]
    pub fn new() -> Scratch {
        Scratch::default()
    }
}

/// Calls `each` for every record of a chunk, in order. `layout` is that of the chunk's reader.
///
/// Blank lines, and lines with separators and spaces only, are no records.
pub fn records<'a>(
    chunk: &'a Chunk,
    layout: &Layout,
    scratch: &'a mut Scratch,
    mut each: impl FnMut(Record<'a>),
) {
    let text = std::str::from_utf8(&chunk.bytes).ok();
    Survey::new(chunk, text, layout, scratch).records();
    let scratch: &'a Scratch = scratch;
    let giving = Giving {
        layout,
        scratch,
        bytes: &chunk.bytes,
        // The survey indexes only a chunk that is UTF-8.
        text: text.unwrap_or_default(),
        quotes: memchr::memchr(b'"', &chunk.bytes).is_some(),
    };
    let mut fields = Fields::empty();
    for found in &scratch.found {
        let raw = &chunk.bytes[found.start as usize..found.end as usize];
        let line = chunk.first_line + u64::from(found.lines_before);
        match found.how {
            How::Indexed { first, patches } => {
                giving.indexed(found.end, first as usize, &mut fields);
                if let Some(patches) = patches {
                    giving.spans(layout.decimals(), raw, patches.get() as usize, &mut fields);
                }
            }
            How::Spans { first } => {
                giving.spans(layout.mapped(), raw, first as usize, &mut fields);
            }
            How::Fault { position } => {
                let fault = &scratch.faults[position as usize];
                each(Record::Bad {
                    line,
                    raw,
                    filer: giving.text(raw, fault.filer),
                    filing: giving.text(raw, fault.filing),
                    rejection: fault.rejection.clone(),
                });
                continue;
            }
        }
        each(Record::Row { line, fields, raw });
    }
}

/// What is given out, and from where.
struct Giving<'a, 'l> {
    layout: &'l Layout,
    scratch: &'a Scratch,
    bytes: &'a [u8],
    text: &'a str,
    quotes: bool,
}

impl<'a> Giving<'a, '_> {
    /// The fields of a record that stand as they are in the chunk; its first field ends at the
    /// position `first` of the index.
    #[inline]
    fn indexed(&self, record_end: u32, first: usize, fields: &mut Fields<'a>) {
        // INVARIANT: the survey saw as many ends as the header has columns, after that of the
        // record before.
        let ends = &self.scratch.index.ends[first - 1..first + self.layout.names().len()];
        for &(position, column) in self.layout.mapped() {
            let mut start = ends[position].wrapping_add(1) as usize;
            // A carriage return belongs to the line end.
            let mut end = ends[position + 1].min(record_end) as usize;
            if self.quotes && start < end && self.bytes[start] == b'"' {
                start += 1;
                end -= 1;
            }
            let field = self.text.get(start..end).unwrap_or_default();
            fields.0[column as usize] = trimmed(field);
        }
    }

    /// Fields of these columns, by the spans from `first` on.
    fn spans(
        &self,
        columns: &[(usize, Column)],
        raw: &'a [u8],
        first: usize,
        fields: &mut Fields<'a>,
    ) {
        for (&(_, column), &span) in columns.iter().zip(&self.scratch.spans[first..]) {
            fields.0[column as usize] = self.text(raw, span);
        }
    }

    /// The text of a field; empty where the field is not UTF-8.
    fn text(&self, raw: &'a [u8], span: Span) -> &'a str {
        let range = span.start as usize..span.end as usize;
        match span.place {
            Whence::Record => {
                raw.get(range).and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default()
            }
            Whence::Scratch => self.scratch.text.get(range).unwrap_or_default(),
        }
    }
}

#[inline(always)]
pub(crate) fn trimmed(text: &str) -> &str {
    match text.as_bytes() {
        [b' ', ..] | [.., b' '] => text.trim_matches(' '),
        _ => text,
    }
}
