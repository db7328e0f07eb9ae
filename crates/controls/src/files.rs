//! The files of a pack, as text.

use std::collections::BTreeMap;

/// The files of one pack by their names relative to its directory, such as `items.csv`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PackFiles {
    files: BTreeMap<String, String>,
}

impl PackFiles {
    /// A pack without files.
    #[must_use]
    pub fn new() -> PackFiles {
        PackFiles::default()
    }

    /// Adds or replaces a file.
    pub fn insert(&mut self, name: impl Into<String>, text: impl Into<String>) {
        self.files.insert(name.into(), text.into());
    }

    /// The text of a file, without a byte-order mark; nothing where it is not there.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.files.get(name).map(|text| text.strip_prefix('\u{feff}').unwrap_or(text))
    }

    /// The names of the files, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }
}
