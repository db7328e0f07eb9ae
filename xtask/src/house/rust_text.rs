//! Rules over the text of Rust files: what modules open with, which names are data and not code, and where
//! clippy.toml may be set aside.
//!
//! Countries live in packs. A literal breaks the rule where it holds the name of a country as a whole
//! word, or where it *is* a country's two-letter code on a line that speaks of countries: two capital
//! letters alone may as well be a kind of good or a chemical symbol. Tests may name countries, for they are
//! examples.

use std::collections::BTreeSet;
use std::path::Path;

use super::dependencies::has_word;
use super::{House, Wrong};

/// Crates of the shell, which may read the clock, chance and the environment.
/// So may the tools beside a crate: they have a command line and a clock of their own.
const SHELL: &[&str] =
    &["crates/cli", "crates/formats/examples", "crates/screening/examples", "crates/web", "xtask"];

/// Looks for modules that do not say what they are for.
///
/// # Errors
/// None; the type is that of all checks.
pub(super) fn heads(house: &House) -> anyhow::Result<Wrong> {
    let mut wrong = Vec::new();
    for file in rust(house).filter(|f| !of_tests(f)) {
        if house.text(file).is_some_and(|text| !headed(&text)) {
            wrong.push(format!("{} does not open with `//!`", file.display()));
        }
    }
    Ok(wrong)
}

fn headed(text: &str) -> bool {
    let first = text.lines().map(str::trim).find(|l| !l.is_empty() && !l.starts_with("#!["));
    first.is_some_and(|line| line.starts_with("//! "))
}

/// Looks for exemptions from the disallowed methods outside the shell.
///
/// # Errors
/// None; the type is that of all checks.
pub(super) fn exemptions(house: &House) -> anyhow::Result<Wrong> {
    let lint = ["clippy::", "disallowed_methods"].concat();
    let mut wrong = Vec::new();
    for file in rust(house).filter(|f| !SHELL.iter().any(|dir| f.starts_with(dir))) {
        if house.text(file).is_some_and(|text| text.contains(&lint)) {
            wrong.push(format!(
                "{} sets clippy.toml aside: take the value as a parameter",
                file.display()
            ));
        }
    }
    Ok(wrong)
}

/// Looks for countries in literals.
///
/// # Errors
/// Where a table of the packs cannot be read.
pub(super) fn countries(house: &House) -> anyhow::Result<Wrong> {
    let known = Countries::read(house)?;
    if known.codes.len() < 5 || known.names.len() < 5 {
        return Ok(vec!["the packs name hardly any country: the check would be blind".to_owned()]);
    }
    let mut wrong = Vec::new();
    for file in rust(house).filter(|f| !of_tests(f)) {
        let Some(text) = house.text(file) else { continue };
        let lines: Vec<&str> = text.lines().collect();
        for (line, literal) in literals(&text) {
            let around = lines.get(line - 1).copied().unwrap_or_default();
            if let Some(country) = known.named(&literal, around) {
                wrong.push(format!(
                    "{}:{line} names `{country}`: put it into a pack",
                    file.display()
                ));
            }
        }
    }
    Ok(wrong)
}

fn rust(house: &House) -> impl Iterator<Item = &std::path::PathBuf> {
    house.below("crates", "rs").chain(house.below("xtask", "rs"))
}

/// Files that hold tests alone.
fn of_tests(file: &Path) -> bool {
    file.components().any(|c| c.as_os_str() == "tests")
        || file.file_stem().is_some_and(|s| s == "tests" || s.to_string_lossy().ends_with("_tests"))
}

#[derive(Debug, Default)]
struct Countries {
    codes: BTreeSet<String>,
    names: BTreeSet<String>,
}

impl Countries {
    /// From every table of the packs with a column for a country.
    fn read(house: &House) -> anyhow::Result<Countries> {
        let mut countries = Countries::default();
        for file in house.below("packs", "csv") {
            let mut reader =
                csv::ReaderBuilder::new().flexible(true).from_path(house.root.join(file))?;
            let columns: Vec<usize> = reader
                .headers()?
                .iter()
                .enumerate()
                .filter(|(_, name)| ["alpha2", "iso2", "country", "destination"].contains(name))
                .map(|(column, _)| column)
                .collect();
            for record in reader.records() {
                let record = record?;
                for cell in columns.iter().filter_map(|column| record.get(*column)) {
                    countries.add(cell);
                }
            }
        }
        Ok(countries)
    }

    fn add(&mut self, cell: &str) {
        for part in cell.split('+').map(str::trim) {
            let code = part.len() == 2 && part.bytes().all(|b| b.is_ascii_uppercase());
            let name = part.len() > 3
                && part.starts_with(|c: char| c.is_uppercase())
                && part.chars().all(|c| c.is_alphabetic() || c == ' ')
                && !part.starts_with("World");
            if code {
                self.codes.insert(part.to_owned());
            } else if name {
                self.names.insert(part.to_owned());
            }
        }
    }

    /// The country that a literal names, with the line that it stands on.
    fn named(&self, literal: &str, line: &str) -> Option<&str> {
        let about = line.to_lowercase();
        let about = about.contains("countr") || about.contains("nation");
        self.codes
            .get(literal)
            .filter(|_| about)
            .or_else(|| self.names.iter().find(|name| has_word(literal, name)))
            .map(String::as_str)
    }
}

/// String literals of a Rust text with their lines, up to its inner test module.
fn literals(text: &str) -> Vec<(usize, String)> {
    let text = text.split("\n#[cfg(test)]\nmod ").next().unwrap_or(text);
    let mut found = Vec::new();
    let mut rest = text;
    let mut line = 1;
    let mut previous = ' ';
    while let Some(first) = rest.chars().next() {
        let taken = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |at| at + 2)
        } else if let Some((open, close)) = raw(rest, previous) {
            let inner = rest.get(open..).unwrap_or_default();
            let end = inner.find(&close).unwrap_or(inner.len());
            found.push((line, inner.get(..end).unwrap_or_default().to_owned()));
            (open + end + close.len()).min(rest.len())
        } else if first == '"' {
            let end = quoted(rest);
            found.push((line, rest.get(1..end.saturating_sub(1)).unwrap_or_default().to_owned()));
            end
        } else if first == '\'' {
            character(rest)
        } else {
            first.len_utf8()
        };
        let (done, left) = rest.split_at(taken);
        line += done.matches('\n').count();
        previous = done.chars().next_back().unwrap_or(' ');
        rest = left;
    }
    found
}

/// Where a raw string's text begins and what ends it.
fn raw(rest: &str, previous: char) -> Option<(usize, String)> {
    if previous.is_alphanumeric() || previous == '_' {
        return None;
    }
    let after = rest.strip_prefix("br").or_else(|| rest.strip_prefix('r'))?;
    let hashes = after.len() - after.trim_start_matches('#').len();
    let open = after.get(hashes..)?.strip_prefix('"')?;
    Some((rest.len() - open.len(), format!("\"{}", "#".repeat(hashes))))
}

/// Length of a quoted string, quotes included.
fn quoted(rest: &str) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

/// Length of a character literal, or of the mark of a lifetime.
fn character(rest: &str) -> usize {
    let mut chars = rest.char_indices().skip(1);
    match (chars.next(), chars.next()) {
        (Some((_, '\\')), Some((at, escaped))) => {
            let from = at + escaped.len_utf8();
            rest.get(from..).and_then(|r| r.find('\'')).map_or(rest.len(), |end| from + end + 1)
        }
        (Some(_), Some((at, '\''))) => at + 1,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<String> {
        literals(text).into_iter().map(|l| l.1).collect()
    }

    #[test]
    fn literals_are_told_from_comments_characters_and_lifetimes() {
        let text = "// \"no\"\nfn a<'a>(b: &'a str) { c('\"', '\\'', \"one \\\" two\"); /* \"no\" */ d(r#\"th\"ree\"#, b\"four\") }";
        assert_eq!(found(text), ["one \\\" two", "th\"ree", "four"]);
        assert_eq!(literals("\n\nx(\"y\")"), [(3, "y".to_owned())]);
    }

    #[test]
    fn inner_test_modules_are_left_out() {
        assert_eq!(found("a(\"b\");\n#[cfg(test)]\nmod tests { c(\"d\"); }"), ["b"]);
    }

    #[test]
    fn countries_are_found_by_code_and_by_name() {
        let mut countries = Countries::default();
        for cell in ["CN+AU", "China", "World (rounded)", "EU27", "United States", "other"] {
            countries.add(cell);
        }
        assert_eq!(countries.named("AU", "if country == \"AU\" {"), Some("AU"));
        assert_eq!(countries.named("AU", "Gold \"AU\" \"metal\""), None);
        let found = countries.named("from the United States of", "");
        assert_eq!(found, Some("United States"));
        for innocent in ["AUX", "world", "Chinaware", "other", "World", "EU27"] {
            assert_eq!(countries.named(innocent, "country"), None, "{innocent}");
        }
    }

    #[test]
    fn a_head_comes_first() {
        assert!(headed("#![forbid(unsafe_code)]\n\n//! What it is for.\n"));
        assert!(!headed("use std::io;\n//! Late.\n"));
        assert!(!headed(""));
    }
}
