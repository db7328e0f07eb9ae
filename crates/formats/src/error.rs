//! Why a file as a whole could not be read, or not to its end.

/// A fault of the file, not of a record. [`FormatError::code`] is stable.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FormatError {
    /// The source could not be read.
    #[error("the file could not be read: {0}")]
    Read(String),
    /// Recognised, but not a table of text.
    #[error("the file is {0}, not a table of text")]
    Unsupported(&'static str),
    /// UTF-16, as some spreadsheets call "Unicode text".
    #[error("the file is encoded in UTF-16")]
    Utf16,
    /// Bytes that no text has.
    #[error("the file is binary: a NUL byte at position {0}")]
    Binary(usize),
    /// Nothing in it.
    #[error("the file is empty: it has no header line")]
    Empty,
    /// No line end within the limit.
    #[error("the header line is longer than {0} bytes")]
    HeaderTooLong(usize),
    /// Another encoding.
    #[error("the header line is not UTF-8 at byte {0}")]
    HeaderNotUtf8(usize),
    /// A quote in the header never closes.
    #[error("a quoted column name in the header line never ends")]
    HeaderUnclosed,
    /// Line ends of old systems.
    #[error("the lines end with a carriage return alone")]
    CarriageReturn,
    /// None of the separators gives a known column.
    #[error("no separator recognised: the header line `{0}` names no known column")]
    NoSeparator(String),
    /// More columns than the limit.
    #[error("the header line has {found} columns, more than {most}")]
    TooManyColumns {
        /// Columns found.
        found: usize,
        /// The limit.
        most: usize,
    },
    /// A column stands twice.
    #[error("the header line names {} more than once", ticked(.0))]
    DuplicateColumn(Vec<String>),
    /// Columns that every file needs.
    #[error("the header line lacks {}{}", ticked(.columns), hinted(.hints))]
    MissingColumn {
        /// Every column that is missing.
        columns: Vec<String>,
        /// Names found that look like one of them.
        hints: Vec<String>,
    },
    /// The compressed data stops before its end.
    #[error("the file is truncated: its compressed data stops before its end")]
    Truncated,
    /// The compressed data is damaged.
    #[error("the compressed data is damaged: {0}")]
    Corrupt(String),
    /// A small file that expands without end.
    #[error("the file expands to more than {0}")]
    Expansion(String),
}

fn ticked(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

fn hinted(names: &[String]) -> String {
    if names.is_empty() { String::new() } else { format!(" (it has {})", ticked(names)) }
}

const TABLE: &str = "a table of text with a header line (CSV, separated by comma, semicolon or \
                     tab) in UTF-8, plain or compressed with gzip or zstd";

impl FormatError {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            FormatError::Read(_) => "read_failed",
            FormatError::Unsupported(_) => "unsupported_format",
            FormatError::Utf16 => "utf16",
            FormatError::Binary(_) => "binary_file",
            FormatError::Empty => "empty_file",
            FormatError::HeaderTooLong(_) => "header_too_long",
            FormatError::HeaderNotUtf8(_) => "header_not_utf8",
            FormatError::HeaderUnclosed => "quote_unclosed",
            FormatError::CarriageReturn => "carriage_return_lines",
            FormatError::NoSeparator(_) => "no_separator",
            FormatError::TooManyColumns { .. } => "too_many_columns",
            FormatError::DuplicateColumn(_) => "duplicate_column",
            FormatError::MissingColumn { .. } => "missing_column",
            FormatError::Truncated => "truncated",
            FormatError::Corrupt(_) => "corrupt",
            FormatError::Expansion(_) => "expansion_limit",
        }
    }

    /// What would be accepted.
    #[must_use]
    pub fn accepted(&self) -> &'static str {
        match self {
            FormatError::Utf16 => {
                "the same table saved as UTF-8 (in a spreadsheet: `CSV UTF-8`), separated by \
                 comma, semicolon or tab"
            }
            FormatError::HeaderNotUtf8(_) => {
                "the same table saved as UTF-8 (in a spreadsheet: `CSV UTF-8`)"
            }
            FormatError::CarriageReturn => "lines that end with LF or CR LF",
            FormatError::DuplicateColumn(_) => "each column once",
            FormatError::NoSeparator(_) | FormatError::MissingColumn { .. } => {
                "a header line that names at least `filing`, `kind`, `date` and `filer`, separated \
                 by comma, semicolon or tab"
            }
            FormatError::TooManyColumns { .. } | FormatError::HeaderTooLong(_) => {
                "a header line with the columns of a filing row"
            }
            FormatError::HeaderUnclosed => "a second quote that closes the column name",
            FormatError::Truncated | FormatError::Corrupt(_) => {
                "the whole file: compress or transfer it again; the rows before the fault were read"
            }
            FormatError::Expansion(_) => "smaller files, or the file without compression",
            FormatError::Read(_) => "a file that can be read",
            FormatError::Unsupported(_) | FormatError::Binary(_) | FormatError::Empty => TABLE,
        }
    }
}
