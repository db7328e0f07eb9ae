//! How much a file may ask of us. Every limit of this crate stands here with its reason.

/// Limits on a file of filings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one record without its line end; a longer one is rejected and skipped. Bounds the
    /// memory of the reader. At most 1 GiB is taken.
    pub line_bytes: usize,
    /// Bytes of text that a chunk aims at: large enough that handing it to another thread costs
    /// nothing, small enough for the processor's cache.
    pub chunk_bytes: usize,
    /// Bytes of text that a compressed file may expand to.
    pub expanded_bytes: u64,
    /// How often its own size a compressed file may expand to, once it has expanded to
    /// [`Limits::expansion_free_bytes`]. Tables of text shrink to a tenth or a thirtieth; a
    /// thousand is an attack.
    pub expansion_ratio: u64,
    /// Bytes of text that any compressed file may expand to before the ratio counts.
    pub expansion_free_bytes: u64,
    /// Columns of the header.
    pub columns: usize,
    /// Bytes of the header line.
    pub header_bytes: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            line_bytes: 1 << 20,
            chunk_bytes: 1 << 20,
            expanded_bytes: 1 << 40,
            expansion_ratio: 1000,
            expansion_free_bytes: 64 << 20,
            columns: 512,
            header_bytes: 64 << 10,
        }
    }
}

impl Limits {
    /// Positions inside a record are held in 32 bits.
    const LINE_BYTES_MOST: usize = 1 << 30;

    /// The same limits with each value in the range that the reader can work with.
    pub(crate) fn usable(mut self) -> Limits {
        self.line_bytes = self.line_bytes.clamp(1, Limits::LINE_BYTES_MOST);
        self.chunk_bytes = self.chunk_bytes.clamp(1, Limits::LINE_BYTES_MOST);
        self.header_bytes = self.header_bytes.clamp(1, Limits::LINE_BYTES_MOST);
        self
    }
}
