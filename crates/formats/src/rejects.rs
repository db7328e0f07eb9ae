//! The rejects file: what was not taken, as filed, and why; corrected, it can be filed again.
//!
//! It has the columns of the file that it comes from, then `line`, `code`, `message` and `accepted`,
//! which are ignored when it is filed again. Fields stand as they were filed, byte by byte, quotes,
//! decimal commas and bytes that are no UTF-8 included.

use std::io::{self, Write};
use std::sync::Arc;

use tracking::column::REJECT_COLUMNS;

use crate::layout::Layout;
use crate::scan::{self, RecordEnd};

/// Writes a rejects file.
#[derive(Debug)]
pub struct RejectWriter<W: Write> {
    out: W,
    layout: Arc<Layout>,
    started: bool,
    line: Vec<u8>,
}

impl<W: Write> RejectWriter<W> {
    /// A writer of the rejects of a file with this layout. The header line is written with the first
    /// record, or by [`RejectWriter::finish`].
    #[must_use]
    pub fn new(out: W, layout: Arc<Layout>) -> RejectWriter<W> {
        RejectWriter { out, layout, started: false, line: Vec::new() }
    }

    /// Writes a rejected record: its bytes as filed without the line end, the physical line on which
    /// it began, and the reason.
    ///
    /// # Errors
    /// What the underlying writer says.
    pub fn write(
        &mut self,
        raw: &[u8],
        line: u64,
        code: &str,
        message: &str,
        accepted: &str,
    ) -> io::Result<()> {
        self.start()?;
        self.line.clear();
        let layout = Arc::clone(&self.layout);
        self.fields_append(raw, &layout);
        let separator = layout.dialect().separator.byte();
        for text in [line.to_string().as_str(), code, message, accepted] {
            self.line.push(separator);
            quoted(text, &mut self.line);
        }
        self.line.push(b'\n');
        self.out.write_all(&self.line)
    }

    /// Writes what is left and gives the underlying writer back.
    ///
    /// # Errors
    /// What the underlying writer says.
    pub fn finish(mut self) -> io::Result<W> {
        self.start()?;
        self.out.flush()?;
        Ok(self.out)
    }

    fn start(&mut self) -> io::Result<()> {
        if self.started {
            return Ok(());
        }
        self.started = true;
        self.line.clear();
        if self.layout.dialect().bom {
            // The spreadsheet that wrote one needs one to read the file.
            self.line.extend_from_slice(b"\xef\xbb\xbf");
        }
        let layout = Arc::clone(&self.layout);
        self.fields_append(layout.header(), &layout);
        for name in REJECT_COLUMNS {
            self.line.push(layout.dialect().separator.byte());
            self.line.extend_from_slice(name.as_bytes());
        }
        self.line.push(b'\n');
        self.out.write_all(&self.line)
    }

    /// Appends the fields of a record as filed, but those of an earlier rejects file. A record with
    /// too few fields is filled up, so that the reason stands in its columns.
    fn fields_append(&mut self, raw: &[u8], layout: &Layout) {
        let separator = layout.dialect().separator.byte();
        let unclosed =
            matches!(scan::record_end(raw, 0, separator), RecordEnd::Open { quoted: true, .. });
        let dropped = layout.reject_positions();
        let mut first = true;
        let line = &mut self.line;
        let mut append = |bytes: &[u8], unclosed: bool| {
            if !first {
                line.push(separator);
            }
            first = false;
            if unclosed {
                // Its quote was meant as a character; as filed it would swallow what follows.
                line.push(b'"');
                for &byte in bytes {
                    line.extend_from_slice(if byte == b'"' {
                        b"\"\""
                    } else {
                        std::slice::from_ref(&byte)
                    });
                }
                line.push(b'"');
            } else {
                line.extend_from_slice(bytes);
            }
        };
        let count = scan::fields(raw, separator, |position, field| {
            if !dropped.contains(&position) {
                let bytes = &raw[field.start..field.end];
                let open = unclosed && field.form == scan::Form::Plain && bytes.starts_with(b"\"");
                append(bytes, open);
            }
        });
        for position in count..layout.names().len() {
            if !dropped.contains(&position) {
                append(b"", false);
            }
        }
    }
}

fn quoted(text: &str, line: &mut Vec<u8>) {
    line.push(b'"');
    for byte in text.bytes() {
        if byte == b'"' {
            line.push(b'"');
        }
        line.push(byte);
    }
    line.push(b'"');
}
