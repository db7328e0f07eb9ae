//! How much a party list may ask of us. Every limit of the readers of lists stands here with its reason.

/// Limits on a party list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListLimits {
    /// Bytes of one record: a line of JSON, a row, an element with all that stands in it. Bounds the memory
    /// that a reader takes beside the list. The longest entity of the published lists has some 100 KiB.
    pub record_bytes: usize,
    /// Elements in one record of XML; each takes more memory than its text.
    pub record_elements: usize,
    /// How deep elements may stand in one another; the published lists have 6 levels.
    pub depth: usize,
    /// Fields of one row; the widest published list has 90 columns.
    pub fields: usize,
    /// Bytes of one name. A name of 10,000 characters of any script still fits.
    pub name_bytes: usize,
    /// Names of one party; the most that a published list has are some 200.
    pub names: usize,
    /// Countries, years, numbers and programmes of one party, each.
    pub values: usize,
    /// Parties of one file.
    pub parties: usize,
    /// Faults that are told one by one; the others are counted.
    pub faults_told: usize,
    /// Bytes from which a format is recognised.
    pub head_bytes: usize,
}

impl Default for ListLimits {
    fn default() -> ListLimits {
        ListLimits {
            record_bytes: 1 << 20,
            record_elements: 20_000,
            depth: 32,
            fields: 512,
            name_bytes: 40_000,
            names: 2_000,
            values: 2_000,
            parties: 10_000_000,
            faults_told: 100,
            head_bytes: 64 << 10,
        }
    }
}
