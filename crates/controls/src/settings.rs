//! Reading the settings of a pack: each section that can be read, and a fault with its line for the others.

use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeTable, DeValue, ValueDeserializer};

use crate::fault::PackFault;
use crate::files::PackFiles;
use crate::table::{Lined, fault};

/// The sections of one file.
pub(crate) struct Settings<'a> {
    name: &'static str,
    text: &'a str,
    sections: DeTable<'a>,
}

impl<'a> Settings<'a> {
    /// Parses a file; nothing where it is not there or is no TOML.
    ///
    /// `sections` are the names that may stand at the top; any other is a fault.
    pub(crate) fn read(
        files: &'a PackFiles,
        name: &'static str,
        sections: &[&str],
        faults: &mut Vec<PackFault>,
    ) -> Option<Settings<'a>> {
        let text = files.text(name)?;
        let table = match DeTable::parse(text) {
            Ok(table) => table.into_inner(),
            Err(error) => {
                let line = error.span().map_or(0, |span| line_of(text, span.start));
                faults.push(fault(name, line, "", "not_toml", error.message().to_owned(), "TOML"));
                return None;
            }
        };
        for key in table.keys() {
            let word = key.get_ref().as_ref();
            if !sections.contains(&word) {
                let line = line_of(text, key.span().start);
                let message = format!("no section is called `{word}`");
                let accepted = format!("one of {}", sections.join(", "));
                faults.push(fault(name, line, word, "section_unknown", message, &accepted));
            }
        }
        Some(Settings { name, text, sections: table })
    }

    /// A section that stands once.
    pub(crate) fn one<T: DeserializeOwned>(
        &self,
        key: &str,
        faults: &mut Vec<PackFault>,
    ) -> Option<Lined<T>> {
        let value = self.sections.get(key)?;
        self.entry(key, value, faults)
    }

    /// The entries of a section that may stand any number of times.
    pub(crate) fn many<T: DeserializeOwned>(
        &self,
        key: &str,
        faults: &mut Vec<PackFault>,
    ) -> Vec<Lined<T>> {
        let Some(value) = self.sections.get(key) else { return Vec::new() };
        let Some(entries) = value.get_ref().as_array() else {
            let line = line_of(self.text, value.span().start);
            let message = format!("`{key}` stands once");
            let accepted = format!("entries that begin with [[{key}]]");
            faults.push(fault(self.name, line, key, "setting_wrong", message, &accepted));
            return Vec::new();
        };
        entries.iter().filter_map(|entry| self.entry(key, entry, faults)).collect()
    }

    fn entry<T: DeserializeOwned>(
        &self,
        key: &str,
        value: &Spanned<DeValue<'a>>,
        faults: &mut Vec<PackFault>,
    ) -> Option<Lined<T>> {
        let line = line_of(self.text, value.span().start);
        match T::deserialize(ValueDeserializer::from(value.clone())) {
            Ok(entry) => Some((line, entry)),
            Err(error) => {
                let at = error.span().map_or(line, |span| line_of(self.text, span.start));
                let message = error.message().replace('\n', " ");
                faults.push(fault(self.name, at, key, "setting_wrong", message, ""));
                None
            }
        }
    }
}

/// The line of a key at the top of a file; 0 where it is not there.
pub(crate) fn key_line(text: &str, key: &str) -> u32 {
    let table = DeTable::parse(text).map(Spanned::into_inner).unwrap_or_default();
    table.get_key_value(key).map_or(0, |(key, _)| line_of(text, key.span().start))
}

/// The line of a byte, counted from 1.
fn line_of(text: &str, at: usize) -> u32 {
    text.bytes().take(at).filter(|&byte| byte == b'\n').count() as u32 + 1
}
