//! Every dependency of the workspace has a reason beside it, is taken by a crate, and is used by its source.

use std::collections::BTreeSet;

use anyhow::Context;

use super::{House, Package, Wrong};

/// Looks for dependencies without a reason or without a use.
///
/// # Errors
/// Where a manifest cannot be read.
pub(super) fn check(house: &House) -> anyhow::Result<Wrong> {
    let manifest = std::fs::read_to_string(house.root.join("Cargo.toml")).context("Cargo.toml")?;
    let mut wrong = unexplained(&manifest);
    let table: toml::Table = manifest.parse().context("Cargo.toml")?;
    let declared = table
        .get("workspace")
        .and_then(|w| w.get("dependencies"))
        .and_then(toml::Value::as_table)
        .context("Cargo.toml has no [workspace.dependencies]")?;
    let taken: BTreeSet<&str> =
        house.metadata.own().flat_map(|p| &p.dependencies).map(|d| d.name.as_str()).collect();
    for name in declared.keys().filter(|name| !taken.contains(name.as_str())) {
        wrong.push(format!("no crate takes `{name}`"));
    }
    for package in house.metadata.own() {
        unused(house, package, &mut wrong);
    }
    Ok(wrong)
}

/// Dependencies of a manifest that do not stand below a comment; crates of the house need none.
fn unexplained(manifest: &str) -> Wrong {
    let mut wrong = Vec::new();
    let mut inside = false;
    let mut explained = false;
    for line in manifest.lines().map(str::trim) {
        if line.starts_with('[') {
            inside = line == "[workspace.dependencies]";
            explained = false;
        } else if line.is_empty() {
            explained = false;
        } else if line.starts_with('#') {
            explained = true;
        } else if inside
            && !explained
            && let Some((name, value)) = line.split_once(" = ")
            && !value.contains("path = ")
        {
            wrong.push(format!("`{name}` has no reason beside it in Cargo.toml"));
        }
    }
    wrong
}

/// Dependencies that no source of the crate names.
fn unused(house: &House, package: &Package, wrong: &mut Wrong) {
    let Some(dir) = package.manifest_path.parent().and_then(|d| d.strip_prefix(&house.root).ok())
    else {
        return;
    };
    let rust = |f: &&std::path::PathBuf| {
        f.starts_with(dir) && f.extension().is_some_and(|e| e == "rs" || e == "html")
    };
    let sources: Vec<String> =
        house.files.iter().filter(rust).filter_map(|f| house.text(f)).collect();
    for dependency in &package.dependencies {
        let word = dependency.name.replace('-', "_");
        if !sources.iter().any(|text| has_word(text, &word)) {
            wrong.push(format!("`{}` does not use `{}`", package.name, dependency.name));
        }
    }
}

/// Whether a text holds a word that is no part of a longer one.
pub(super) fn has_word(text: &str, word: &str) -> bool {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(word).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + word.len()..].chars().next();
        !before.is_some_and(part) && !after.is_some_and(part)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dependency_without_a_reason_is_found() {
        let manifest = "[workspace.dependencies]\nbase = { path = \"crates/base\" }\n\n# Because.\n\
                        a = \"1\"\nb = \"1\"\n\nc = \"1\"\n[profile.dev]\nd = 1\n";
        assert_eq!(unexplained(manifest), ["`c` has no reason beside it in Cargo.toml"]);
    }

    #[test]
    fn words_are_whole() {
        assert!(has_word("use csv::Reader;", "csv"));
        assert!(!has_word("use csv_core::Reader; let recsv = 1;", "csv"));
    }
}
