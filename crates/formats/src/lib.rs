//! Bytes to filing rows: the doors through which files come in.
//!
//! A file of filings is a table of text with a header line, filed by people with spreadsheets and
//! by programs. [`open`] recognises it by content (compression, byte-order mark, separator, decimal
//! mark) and reports what it recognised; [`Reader::next_chunk`] cuts it into chunks of whole
//! records, which is cheap; [`records`] reads the fields of a chunk, which may happen on another
//! thread; [`RejectWriter`] writes what was rejected, so that it can be corrected and filed again.
//!
//! Invariants:
//! - Memory is bounded by [`Limits`], whatever the file holds.
//! - A fault of one record never costs another: it becomes [`Record::Bad`], and reading goes on.
//! - Nothing is guessed silently: each assumption about the file is a finding, said once.
//! - The records do not depend on where the chunks are cut.
//!
//! Nothing here knows sockets or databases, and files only as [`std::io::Read`].
#![cfg_attr(
    test,
    expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")
)]

mod cut;
mod dialect;
mod error;
mod fault;
mod index;
mod layout;
mod limits;
pub mod paper;
pub mod party_list;
mod reader;
mod record;
mod rejects;
mod scan;
pub mod screen;
mod source;
mod survey;
#[cfg(test)]
mod tests;

pub use dialect::{Compression, Decimal, Dialect, Separator};
pub use error::FormatError;
pub use layout::Layout;
pub use limits::Limits;
pub use reader::{Broken, Chunk, Reader, open, open_as};
pub use record::{Record, Scratch, records};
pub use rejects::RejectWriter;
