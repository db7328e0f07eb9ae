//! `gadolin user`: who may sign in, in the file `accounts.toml` of the data directory.
//!
//! A secret or token is generated, shown once, and kept as its SHA-256 alone. A running server
//! reads the file when it starts.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::{Subcommand, ValueEnum};
use serde::Serialize;
use web::{Accounts, hash, hex};

use super::{End, Shared};
use crate::output::{Format, Table, json};
use crate::resources::random;

/// The file of accounts in a data directory.
pub(crate) fn accounts_file(data: &Path) -> PathBuf {
    data.join("accounts.toml")
}

/// Reads the accounts of a data directory; none where there is no file.
pub(crate) fn accounts_read(data: &Path) -> anyhow::Result<Accounts> {
    let path = accounts_file(data);
    let text = match fs::read_to_string(&path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Ok(Accounts::default());
        }
        read => read.with_context(|| path.display().to_string())?,
    };
    Accounts::parse(&text).map_err(|error| anyhow::anyhow!("{}: {error}", path.display()))
}

/// Who may sign in, and with which token a program comes
#[derive(Debug, Subcommand)]
pub(crate) enum User {
    /// Add an account; its secret is generated and shown once
    Add(Add),
    /// Make a token for the API; it is shown once
    Token(TokenMake),
    /// The accounts
    List,
}

/// Add an account; its secret is generated and shown once
#[derive(Debug, clap::Args)]
pub(crate) struct Add {
    /// Stable key, with which the person signs in
    key: String,
    /// What it is allowed in general
    #[arg(long, value_enum)]
    role: RoleName,
    /// Of a filer: the party in whose book it works, `scheme:value`
    #[arg(long, value_name = "PARTY", default_value = "")]
    party: String,
    /// Name in English; else the key
    #[arg(long, value_name = "NAME")]
    name_en: Option<String>,
    /// Name in Chinese; else the key
    #[arg(long, value_name = "NAME")]
    name_zh: Option<String>,
}

#[derive(Debug, Clone, Copy, ValueEnum, Serialize)]
#[serde(rename_all = "lowercase")]
enum RoleName {
    /// Files for one party
    Filer,
    /// Case officer of the authority
    Officer,
    /// Analyst of the authority
    Analyst,
    /// Runs the installation; sees no trade data
    Operator,
}

impl RoleName {
    fn code(self) -> &'static str {
        match self {
            RoleName::Filer => "filer",
            RoleName::Officer => "officer",
            RoleName::Analyst => "analyst",
            RoleName::Operator => "operator",
        }
    }
}

/// Make a token for the API; it is shown once
#[derive(Debug, clap::Args)]
pub(crate) struct TokenMake {
    /// Whose it is
    key: String,
    /// Whether it may file, and not only read
    #[arg(long)]
    file: bool,
}

#[derive(Serialize)]
struct Listed<'a> {
    key: &'a str,
    role: &'static str,
    party: &'a str,
    tokens: usize,
}

impl User {
    pub(crate) fn run(self, shared: &Shared) -> anyhow::Result<End> {
        match self {
            User::Add(add) => add.run(shared),
            User::Token(token) => token.run(shared),
            User::List => list(shared),
        }
    }
}

/// Appends to the file, after making sure that the whole of it is read.
fn append(data: &Path, table: &str) -> anyhow::Result<()> {
    let path = accounts_file(data);
    let with = || path.display().to_string();
    let before = match fs::read_to_string(&path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        read => read.with_context(with)?,
    };
    let after = format!("{before}{table}");
    Accounts::parse(&after).map_err(|error| anyhow::anyhow!("{error}"))?;
    fs::create_dir_all(data).with_context(with)?;
    // Whole or not at all: a half-written file would lock everybody out.
    let mut new = tempfile::NamedTempFile::new_in(data).with_context(with)?;
    new.write_all(after.as_bytes()).with_context(with)?;
    new.as_file().sync_all().with_context(with)?;
    new.persist(&path).with_context(with)?;
    Ok(())
}

/// A text as a string of TOML.
fn quoted(text: &str) -> String {
    text.chars().fold(String::from("\""), |mut out, c| {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => out.push_str(&format!("\\u{:04X}", u32::from(c))),
            c => out.push(c),
        }
        out
    }) + "\""
}

impl Add {
    fn run(self, shared: &Shared) -> anyhow::Result<End> {
        let well = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_.".contains(c);
        if self.key.is_empty() || self.key.len() > 64 || !self.key.chars().all(well) {
            bail!("`{}` is no key: give 1 to 64 of a–z, 0–9, `-`, `_`, `.`", self.key);
        }
        if !self.party.is_empty() {
            base::party::party_id_check(&self.party).map_err(|error| {
                anyhow::anyhow!("`{}` is no party: {error}; give {}", self.party, error.accepted())
            })?;
        }
        let secret = hex(&random::<32>()?);
        let table = format!(
            "\n[[account]]\nkey = {}\nrole = {}\nparty = {}\nname_en = {}\nname_zh = {}\nsecret_sha256 = {}\n",
            quoted(&self.key),
            quoted(self.role.code()),
            quoted(&self.party),
            quoted(self.name_en.as_deref().unwrap_or(&self.key)),
            quoted(self.name_zh.as_deref().unwrap_or(&self.key)),
            quoted(&hex(&hash(&secret))),
        );
        append(&shared.data, &table)?;
        if !shared.quiet {
            eprintln!("account `{}`; its secret is shown this once:", self.key);
        }
        println!("{secret}");
        Ok(End::Done)
    }
}

impl TokenMake {
    fn run(self, shared: &Shared) -> anyhow::Result<End> {
        let token = format!("gad_{}", hex(&random::<32>()?));
        let scope = if self.file { "read_and_file" } else { "read" };
        let table = format!(
            "\n[[token]]\naccount = {}\nscope = {}\nsha256 = {}\n",
            quoted(&self.key),
            quoted(scope),
            quoted(&hex(&hash(&token))),
        );
        append(&shared.data, &table)?;
        if !shared.quiet {
            eprintln!("token of `{}` ({scope}); it is shown this once:", self.key);
        }
        println!("{token}");
        Ok(End::Done)
    }
}

fn list(shared: &Shared) -> anyhow::Result<End> {
    let file = accounts_read(&shared.data)?;
    let listed = file.accounts.iter().map(|account| Listed {
        key: &account.key,
        role: web::role_code(account.role),
        party: &account.party,
        tokens: file.tokens.iter().filter(|token| token.account == account.key).count(),
    });
    let format = Format::or_default(shared.format);
    if format == Format::Json {
        json(&listed.collect::<Vec<_>>())?;
        return Ok(End::Done);
    }
    let mut table = Table::new(&["account", "role", "party", "tokens"]);
    for row in listed {
        table.row(vec![
            row.key.to_owned(),
            row.role.to_owned(),
            row.party.to_owned(),
            row.tokens.to_string(),
        ]);
    }
    table.write(format)?;
    Ok(End::Done)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(key: &str, role: &str, party: &str) -> String {
        let texts = [key, role, party, "a \"name\"\\", "名"].map(quoted);
        let [key, role, party, en, zh] = texts;
        format!("[[account]]\nkey={key}\nrole={role}\nparty={party}\nname_en={en}\nname_zh={zh}\n")
    }

    #[test]
    fn what_is_added_is_read_back_and_a_fault_leaves_the_file_as_it_was() -> anyhow::Result<()> {
        let dir = tempfile::tempdir()?;
        assert!(accounts_read(dir.path())?.accounts.is_empty());
        append(dir.path(), &account("a", "officer", ""))?;
        append(dir.path(), &account("b", "filer", "gad:b"))?;
        let before = fs::read_to_string(accounts_file(dir.path()))?;
        for wrong in [account("a", "officer", ""), account("c", "filer", ""), "[[x]]".to_owned()] {
            assert!(append(dir.path(), &wrong).is_err(), "{wrong}");
        }
        assert_eq!(fs::read_to_string(accounts_file(dir.path()))?, before);
        let read = accounts_read(dir.path())?;
        let names: Vec<&str> = read.accounts.iter().map(|a| a.name_en.as_str()).collect();
        assert_eq!(names, ["a \"name\"\\", "a \"name\"\\"]);
        Ok(())
    }
}
