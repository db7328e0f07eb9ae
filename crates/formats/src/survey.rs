//! The first reading of a chunk: where its records are, and which of them are faulty or must be
//! rewritten.

use std::num::NonZeroU32;

use memchr::memchr_iter;
use tracking::{Column, Rejection};

use crate::dialect::{self, Decimal};
use crate::fault::{Place, forbidden_in};
use crate::index::{self, Quoting};
use crate::layout::Layout;
use crate::reader::{Broken, Chunk};
use crate::record::{Found, Scratch, trimmed};
use crate::scan::{self, Form, RawField, RecordEnd};

/// How the fields of a record are given out.
#[derive(Debug, Clone, Copy)]
pub(crate) enum How {
    /// As they stand in the chunk.
    Indexed {
        /// Position in the index at which its first field ends.
        first: u32,
        /// Where decimal commas were rewritten: the position of the spans of the decimal columns.
        patches: Option<NonZeroU32>,
    },
    /// By spans, one for each mapped column.
    Spans {
        /// Position of the first.
        first: u32,
    },
    /// Not at all.
    Fault {
        /// Position of the fault.
        position: u32,
    },
}

/// The text of a field.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Span {
    pub(crate) start: u32,
    pub(crate) end: u32,
    pub(crate) place: Whence,
}

/// What a span is a part of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Whence {
    /// Its record.
    #[default]
    Record,
    /// [`Scratch::text`].
    Scratch,
}

/// A record that cannot be read.
#[derive(Debug, Clone)]
pub(crate) struct Fault {
    pub(crate) rejection: Rejection,
    pub(crate) filer: Span,
    pub(crate) filing: Span,
}

/// A record without its line end.
#[derive(Debug, Clone, Copy)]
struct Extent {
    start: usize,
    end: usize,
    /// Physical lines of the chunk before it.
    lines_before: u32,
    /// Physical lines on which it stands.
    lines: u32,
}

/// The survey of one chunk.
pub(crate) struct Survey<'c, 'l, 's> {
    chunk: &'c Chunk,
    /// The text of the chunk, where all of it is UTF-8.
    text: Option<&'c str>,
    layout: &'l Layout,
    scratch: &'s mut Scratch,
    separator: u8,
    comma: bool,
}

impl<'c, 'l, 's> Survey<'c, 'l, 's> {
    pub(crate) fn new(
        chunk: &'c Chunk,
        text: Option<&'c str>,
        layout: &'l Layout,
        scratch: &'s mut Scratch,
    ) -> Survey<'c, 'l, 's> {
        let dialect = layout.dialect();
        Survey {
            chunk,
            text,
            layout,
            scratch,
            separator: dialect.separator.byte(),
            comma: dialect.decimal == Decimal::Comma,
        }
    }

    pub(crate) fn records(&mut self) {
        self.scratch.found.clear();
        // The first span means nothing, so that its position can.
        self.scratch.spans.clear();
        self.scratch.spans.push(Span::default());
        self.scratch.faults.clear();
        self.scratch.text.clear();
        let bytes = self.chunk.bytes.as_slice();
        if let Some(broken) = self.chunk.broken {
            self.broken(broken);
        } else if self.text.is_some()
            && self.scratch.index.build(bytes, self.separator) == Quoting::Regular
        {
            self.indexed_records();
        } else {
            self.walked_records();
        }
    }

    /// The records of a chunk in which nothing is out of the ordinary, by its index.
    fn indexed_records(&mut self) {
        let bytes = self.chunk.bytes.as_slice();
        let columns = self.layout.names().len();
        let (mut first, mut mark, mut start, mut lines_before) = (1, 0, 0, 0);
        for line in 0..self.scratch.index.lines.len() {
            let index = &self.scratch.index;
            let newline = index.lines[line];
            let record = scan::line_end_trimmed(&bytes[start..newline as usize]);
            let mut extent = Extent { start, end: start + record.len(), lines_before, lines: 1 };
            let mut marked = false;
            while let Some(&position) = index.marks.get(mark).filter(|&&p| p < newline) {
                marked |= (position as usize) < extent.end;
                mark += 1;
            }
            if marked {
                extent.lines += memchr_iter(b'\n', record).count() as u32;
            }
            let whole = index.ends.get(first + columns - 1) == Some(&newline);
            // Most records show with their first byte that they are no blank line.
            let shown = record.first().is_some_and(|&b| b != b' ' && b != self.separator);
            if shown || !blank(record, self.separator) {
                if whole && !marked {
                    self.indexed_record(extent, first);
                } else {
                    self.walked_record(extent);
                }
            }
            let ends = &self.scratch.index.ends;
            first = if whole {
                first + columns
            } else {
                first + ends[first..].partition_point(|&end| end <= newline)
            };
            start = newline as usize + 1;
            lines_before += extent.lines;
        }
    }

    /// A record with the right number of fields and nothing in them that needs a closer look.
    fn indexed_record(&mut self, extent: Extent, first: usize) {
        let mut patches = None;
        if self.comma {
            match self.decimal_spans(extent, first) {
                Ok(position) => patches = NonZeroU32::new(position as u32),
                Err(rejection) => {
                    let how = self.fault(extent, *rejection);
                    self.found(extent, how);
                    return;
                }
            }
        }
        self.found(extent, How::Indexed { first: first as u32, patches });
    }

    /// Appends the spans of the decimal columns, decimal commas rewritten.
    fn decimal_spans(&mut self, extent: Extent, first: usize) -> Result<usize, Box<Rejection>> {
        let record = self.record(extent).unwrap_or_default();
        let position = self.scratch.spans.len();
        for &(at, column) in self.layout.decimals() {
            let ends = &self.scratch.index.ends;
            let start = ends[first + at - 1].wrapping_add(1) as usize - extent.start;
            let end = (ends[first + at] as usize).min(extent.end) - extent.start;
            let quoted = start < end && record.as_bytes()[start] == b'"';
            let form = if quoted { Form::Quoted } else { Form::Plain };
            let span = field_span(
                record.as_bytes(),
                RawField { start, end, form },
                &mut self.scratch.text,
            );
            let span = self.decimal_span(record, span, column, extent)?;
            self.scratch.spans.push(span);
        }
        Ok(position)
    }

    /// The span of a field of a decimal column, its decimal comma rewritten.
    fn decimal_span(
        &mut self,
        record: &str,
        span: Span,
        column: Column,
        extent: Extent,
    ) -> Result<Span, Box<Rejection>> {
        let text = &mut self.scratch.text;
        let copied;
        let value = match span.place {
            Whence::Record => span.of(record),
            Whence::Scratch => {
                copied = span.of(text).to_owned();
                copied.as_str()
            }
        };
        if !value.bytes().any(|byte| matches!(byte, b',' | b'.')) {
            return Ok(span);
        }
        if dialect::point_in_number(value) {
            return Err(Box::new(self.place(extent).ambiguous_decimal(column, value)));
        }
        if !dialect::comma_in_number(column, value) {
            return Ok(span);
        }
        let start = text.len() as u32;
        dialect::comma_rewrite(column, value, text);
        Ok(Span { start, end: text.len() as u32, place: Whence::Scratch })
    }

    /// The records of a chunk with quotes out of place or bytes that are not UTF-8, one by one.
    fn walked_records(&mut self) {
        let bytes = self.chunk.bytes.as_slice();
        let (mut start, mut lines_before) = (0, 0);
        while start < bytes.len() {
            let (end, next, quotes) = match scan::record_end(bytes, start, self.separator) {
                RecordEnd::At { newline, quotes } => (newline, newline + 1, quotes),
                RecordEnd::Open { quotes, .. } => (bytes.len(), bytes.len(), quotes),
            };
            let record = scan::line_end_trimmed(&bytes[start..end]);
            let within = if quotes { memchr_iter(b'\n', record).count() as u32 } else { 0 };
            let extent =
                Extent { start, end: start + record.len(), lines_before, lines: 1 + within };
            if !blank(record, self.separator) {
                self.walked_record(extent);
            }
            lines_before += extent.lines;
            start = next;
        }
    }

    /// The single record of a chunk that cannot be read. Its quotes are read as text.
    fn broken(&mut self, broken: Broken) {
        let bytes = self.chunk.bytes.as_slice();
        let record = scan::line_end_trimmed(bytes.strip_suffix(b"\n").unwrap_or(bytes));
        let extent = Extent { start: 0, end: record.len(), lines_before: 0, lines: 1 };
        let place = self.place(extent);
        let rejection = match broken {
            Broken::TooLong => place.line_too_long(self.chunk.line_bytes),
            Broken::Unclosed => place.quote_unclosed(self.chunk.line_bytes),
        };
        let how = self.fault(extent, rejection);
        self.found(extent, how);
    }

    /// Reads the fields of a record one by one.
    fn walked_record(&mut self, extent: Extent) {
        let how = match self.record(extent) {
            Some(record) => {
                let first = self.scratch.spans.len();
                match self.record_spans(record, extent) {
                    Ok(()) => How::Spans { first: first as u32 },
                    Err(rejection) => {
                        self.scratch.spans.truncate(first);
                        self.fault(extent, *rejection)
                    }
                }
            }
            None => {
                let rejection = self.not_utf8(extent);
                self.fault(extent, rejection)
            }
        };
        self.found(extent, how);
    }

    /// Appends the spans of the mapped columns.
    fn record_spans(&mut self, record: &str, extent: Extent) -> Result<(), Box<Rejection>> {
        let bytes = record.as_bytes();
        let layout = self.layout;
        let expected = layout.names().len();
        let suspect = index::suspect(bytes);
        let mut rejection = None;
        let mut surplus = false;
        let count = scan::fields(bytes, self.separator, |position, field| {
            let Some(column) = layout.column(position) else {
                let written = &bytes[field.start..field.end];
                surplus |= position >= expected && !written.iter().all(|&b| b == b' ');
                return;
            };
            let mut span = field_span(bytes, field, &mut self.scratch.text);
            if self.comma && column.decimal() {
                match self.decimal_span(record, span, column, extent) {
                    Ok(rewritten) => span = rewritten,
                    Err(found) => {
                        rejection.get_or_insert(found);
                    }
                }
            }
            let text = match span.place {
                Whence::Record => span.of(record),
                Whence::Scratch => span.of(&self.scratch.text),
            };
            if suspect && let Some(character) = forbidden_in(column, text) {
                rejection.get_or_insert_with(|| {
                    Box::new(self.place(extent).control_character(column, character))
                });
            }
            self.scratch.spans.push(span);
        });
        if count < expected || surplus {
            return Err(Box::new(self.place(extent).field_count(count, layout)));
        }
        rejection.map_or(Ok(()), Err)
    }

    /// A fault of a record, with the reference and the filer where those can be read.
    fn fault(&mut self, extent: Extent, rejection: Rejection) -> How {
        let record = &self.chunk.bytes[extent.start..extent.end];
        let mut fault = Fault { rejection, filer: Span::default(), filing: Span::default() };
        let text = &mut self.scratch.text;
        let layout = self.layout;
        let count = scan::fields(record, self.separator, |position, field| {
            let span = match layout.column(position) {
                Some(Column::Filer) => &mut fault.filer,
                Some(Column::Filing) => &mut fault.filing,
                _ => return,
            };
            if std::str::from_utf8(&record[field.start..field.end]).is_ok() {
                *span = field_span(record, field, text);
            }
        });
        // The end of the file may have cut the last field, so that it names another.
        if extent.end == self.chunk.bytes.len() && count < layout.names().len() {
            match layout.column(count.saturating_sub(1)) {
                Some(Column::Filer) => fault.filer = Span::default(),
                Some(Column::Filing) => fault.filing = Span::default(),
                _ => {}
            }
        }
        self.scratch.faults.push(fault);
        How::Fault { position: self.scratch.faults.len() as u32 - 1 }
    }

    fn not_utf8(&self, extent: Extent) -> Rejection {
        let record = &self.chunk.bytes[extent.start..extent.end];
        let mut fault = None;
        scan::fields(record, self.separator, |position, field| {
            let (start, end) = field.inner();
            if fault.is_none()
                && let Err(error) = std::str::from_utf8(&record[start..end])
            {
                fault = Some((position, error.valid_up_to() + 1));
            }
        });
        let (position, byte) = fault.unwrap_or_default();
        let name = self.layout.names().get(position).map_or("", String::as_str);
        self.place(extent).not_utf8(byte, name, self.layout.column(position))
    }

    /// The text of a record, where it is UTF-8.
    fn record(&self, extent: Extent) -> Option<&'c str> {
        let range = extent.start..extent.end;
        match self.text {
            Some(text) => text.get(range),
            None => std::str::from_utf8(&self.chunk.bytes[range]).ok(),
        }
    }

    fn place(&self, extent: Extent) -> Place {
        Place {
            first_line: self.chunk.first_line + u64::from(extent.lines_before),
            lines: u64::from(extent.lines),
        }
    }

    fn found(&mut self, extent: Extent, how: How) {
        self.scratch.found.push(Found {
            start: extent.start as u32,
            end: extent.end as u32,
            lines_before: extent.lines_before,
            how,
        });
    }
}

impl Span {
    fn of(self, whole: &str) -> &str {
        whole.get(self.start as usize..self.end as usize).unwrap_or_default()
    }
}

/// Whether there are only separators and spaces.
fn blank(record: &[u8], separator: u8) -> bool {
    record.iter().all(|&byte| byte == separator || byte == b' ')
}

/// The text of a field without quotes and surrounding spaces; unescaped text goes to `text`.
fn field_span(record: &[u8], field: RawField, text: &mut String) -> Span {
    let (start, end) = field.inner();
    if field.form == Form::Escaped
        && let Ok(raw) = std::str::from_utf8(&record[start..end])
    {
        let from = text.len();
        scan::unescape(raw, text);
        let unescaped = &text[from..];
        let from = from + (unescaped.len() - unescaped.trim_start_matches(' ').len());
        let to = from + trimmed(unescaped).len();
        return Span { start: from as u32, end: to as u32, place: Whence::Scratch };
    }
    let spaces = |bytes: &[u8]| bytes.iter().take_while(|&&b| b == b' ').count();
    let start = start + spaces(&record[start..end]);
    let trailing = record[start..end].iter().rev().take_while(|&&b| b == b' ').count();
    Span { start: start as u32, end: (end - trailing) as u32, place: Whence::Record }
}
