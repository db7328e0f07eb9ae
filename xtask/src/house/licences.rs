//! Licences, bans and sources of everything that we depend on, against `deny.toml`.
//!
//! The same rules as cargo-deny reads from the same file, so that they hold where it is not installed. An
//! SPDX expression is satisfied as a Boolean one whose licences are true where they are allowed.

use std::collections::BTreeMap;

use anyhow::Context;

use super::{House, Metadata, Wrong};

#[derive(Debug, serde::Deserialize)]
struct Deny {
    licenses: Licenses,
    bans: Bans,
}

#[derive(Debug, serde::Deserialize)]
struct Licenses {
    allow: Vec<String>,
    #[serde(default)]
    exceptions: Vec<Exception>,
}

#[derive(Debug, serde::Deserialize)]
struct Exception {
    #[serde(rename = "crate")]
    name: String,
    allow: Vec<String>,
}

#[derive(Debug, serde::Deserialize)]
struct Bans {
    deny: Vec<Ban>,
}

#[derive(Debug, serde::Deserialize)]
struct Ban {
    #[serde(rename = "crate")]
    name: String,
}

/// Looks for licences, crates and sources that `deny.toml` does not allow.
///
/// # Errors
/// Where `deny.toml` cannot be read.
pub(super) fn check(house: &House) -> anyhow::Result<Wrong> {
    let text = std::fs::read_to_string(house.root.join("deny.toml")).context("deny.toml")?;
    let deny: Deny = toml::from_str(&text).context("deny.toml")?;
    for (name, versions) in twice(&house.metadata) {
        println!("note: {} versions of `{name}`: {}", versions.len(), versions.join(", "));
    }
    Ok(breaches(&deny, &house.metadata))
}

fn breaches(deny: &Deny, metadata: &Metadata) -> Wrong {
    let mut wrong = Vec::new();
    for package in &metadata.packages {
        let name = &package.name;
        let extra =
            deny.licenses.exceptions.iter().filter(|e| e.name == *name).flat_map(|e| &e.allow);
        let allow: Vec<&str> =
            deny.licenses.allow.iter().chain(extra).map(String::as_str).collect();
        let licence = package.license.as_deref().unwrap_or("none");
        match satisfied(licence, &allow) {
            Some(true) => {}
            Some(false) => wrong.push(format!("`{name}` is under `{licence}`")),
            None => wrong.push(format!("the licence of `{name}` is not understood: `{licence}`")),
        }
        if deny.bans.deny.iter().any(|ban| ban.name == *name) {
            wrong.push(format!("`{name}` is banned"));
        }
        let registry = package.source.as_deref().is_none_or(|s| s.starts_with("registry+"));
        if !registry {
            wrong.push(format!("`{name}` does not come from the index of Rust packages"));
        }
    }
    for exception in &deny.licenses.exceptions {
        if !metadata.packages.iter().any(|p| p.name == exception.name) {
            wrong.push(format!("the exception for `{}` is not needed", exception.name));
        }
    }
    wrong
}

/// Crates of which we build several versions.
fn twice(metadata: &Metadata) -> BTreeMap<&str, Vec<&str>> {
    let mut versions: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for package in &metadata.packages {
        versions.entry(&package.name).or_default().push(&package.version);
    }
    versions.retain(|_, v| v.len() > 1);
    versions
}

/// Whether an SPDX expression can be met with these licences; nothing where it is no expression.
fn satisfied(expression: &str, allow: &[&str]) -> Option<bool> {
    // Older crates write `A/B` for `A OR B`.
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let mut tokens = spaced.split_whitespace().peekable();
    let met = any_of(&mut tokens, allow)?;
    tokens.next().is_none().then_some(met)
}

type Tokens<'t> = std::iter::Peekable<std::str::SplitWhitespace<'t>>;

fn any_of(tokens: &mut Tokens<'_>, allow: &[&str]) -> Option<bool> {
    let mut met = all_of(tokens, allow)?;
    while tokens.next_if_eq(&"OR").is_some() {
        met |= all_of(tokens, allow)?;
    }
    Some(met)
}

fn all_of(tokens: &mut Tokens<'_>, allow: &[&str]) -> Option<bool> {
    let mut met = one(tokens, allow)?;
    while tokens.next_if_eq(&"AND").is_some() {
        met &= one(tokens, allow)?;
    }
    Some(met)
}

fn one(tokens: &mut Tokens<'_>, allow: &[&str]) -> Option<bool> {
    let token = tokens.next()?;
    if token == "(" {
        let met = any_of(tokens, allow)?;
        return (tokens.next()? == ")").then_some(met);
    }
    if matches!(token, ")" | "AND" | "OR" | "WITH") {
        return None;
    }
    let mut licence = token.to_owned();
    if tokens.next_if_eq(&"WITH").is_some() {
        licence = format!("{licence} WITH {}", tokens.next()?);
    }
    Some(allow.contains(&licence.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(expression: &str, expected: Option<bool>) {
        let allow = ["MIT", "Apache-2.0", "Unicode-3.0", "Apache-2.0 WITH LLVM-exception"];
        assert_eq!(satisfied(expression, &allow), expected, "{expression}");
    }

    #[test]
    fn expressions_are_met_by_what_is_allowed() {
        check("MIT", Some(true));
        check("MIT/GPL-3.0", Some(true));
        check("GPL-2.0-only OR Apache-2.0", Some(true));
        check("(MIT OR Apache-2.0) AND Unicode-3.0", Some(true));
        check("Apache-2.0 WITH LLVM-exception", Some(true));
    }

    #[test]
    fn expressions_are_not_met_by_half() {
        check("GPL-3.0", Some(false));
        check("MIT AND GPL-3.0", Some(false));
        check("(MIT OR Apache-2.0) AND OpenSSL", Some(false));
        check("MIT WITH GCC-exception-3.1", Some(false));
    }

    #[test]
    fn what_is_no_expression_is_not_understood() {
        for text in ["", "MIT OR", "(MIT", "MIT Apache-2.0", "AND"] {
            check(text, None);
        }
    }

    #[test]
    fn banned_and_copyleft_crates_are_found() {
        let deny: Deny = toml::from_str(
            "[licenses]\nallow = [\"MIT\"]\nexceptions = [{ crate = \"gone\", allow = [\"X\"] }]\n\
             [bans]\ndeny = [{ crate = \"openssl\" }]",
        )
        .unwrap();
        let package = |name: &str, licence: &str, source: &str| {
            serde_json::json!({ "name": name, "version": "1.0.0", "id": name, "license": licence,
                "source": source, "dependencies": [], "manifest_path": "" })
        };
        let metadata = serde_json::from_value(serde_json::json!({
            "packages": [
                package("good", "MIT", "registry+x"),
                package("openssl", "MIT", "registry+x"),
                package("viral", "GPL-3.0-only", "registry+x"),
                package("forked", "MIT", "git+x"),
            ],
            "resolve": { "nodes": [] },
        }))
        .unwrap();
        assert_eq!(
            breaches(&deny, &metadata),
            [
                "`openssl` is banned",
                "`viral` is under `GPL-3.0-only`",
                "`forked` does not come from the index of Rust packages",
                "the exception for `gone` is not needed",
            ]
        );
    }
}
