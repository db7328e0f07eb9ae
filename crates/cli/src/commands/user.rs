//! `gadolin user`: who may sign in, in the database of the data directory, also beside a running server.
//!
//! Nobody's password is set here: an account is made with an invitation, shown once, with which the person
//! sets its own. A token is shown once and kept as its SHA-256.

use anyhow::{Context, bail};
use app::people::{By, Moment, NewPerson, People, PersonKind, Scope};
use base::authorisation::Role;
use clap::{Subcommand, ValueEnum};
use serde::Serialize;

use super::serve::providers_find;
use super::{End, Shared};
use crate::output::{Format, Table, json};
use crate::resources::{now, random};

/// The people of the data directory.
pub(crate) fn people(shared: &Shared) -> anyhow::Result<People> {
    People::open(&shared.data, random()?).with_context(|| shared.data.display().to_string())
}

/// Now, with chance for one use case.
pub(crate) fn moment() -> anyhow::Result<Moment> {
    Ok(Moment { now: now(), seed: random()? })
}

/// Who may sign in, and with which token a program comes
#[derive(Debug, Subcommand)]
pub(crate) enum User {
    /// Add an account; a person's invitation is shown once
    Add(Add),
    /// Make a token for the API; it is shown once
    Token(TokenMake),
    /// The accounts
    List,
    /// Take an account's access away at once; its name stays in the history
    Deactivate(Key),
    /// Take a deactivated account back; a person is invited anew
    Reactivate(Key),
    /// Take password, app, passkeys, links, sessions and tokens of an account away and invite it anew
    Reset(Key),
    /// Take the password of an account away and invite it to set another; its second factor stays
    ResetPassword(Key),
    /// End all sessions of an account; it may sign in anew
    EndSessions(Key),
    /// Link who somebody is at an identity provider of `oidc.toml`: it signs in as this account
    Link(Link),
}

/// Who somebody is at an identity provider
#[derive(Debug, clap::Args)]
pub(crate) struct Link {
    /// Key of the account
    key: String,
    /// The provider's id in `oidc.toml`
    #[arg(long, value_name = "ID")]
    provider: String,
    /// Who it is there: the `sub` of the provider's tokens
    #[arg(long)]
    subject: String,
}

impl Link {
    fn run(self, shared: &Shared, people: &People) -> anyhow::Result<End> {
        let providers = providers_find(&shared.data)?;
        let Some(provider) = providers.iter().find(|known| known.id == self.provider) else {
            let ids: Vec<&str> = providers.iter().map(|known| known.id.as_str()).collect();
            bail!("no provider `{}` in oidc.toml: give one of {}", self.provider, ids.join(", "));
        };
        let (by, issuer) = (By::COMMAND_LINE, &provider.issuer);
        people.identity_link(by, &self.key, issuer, &self.subject, &moment()?)?;
        note(shared, &format!("`{}` at {issuer} signs in as `{}` now", self.subject, self.key));
        Ok(End::Done)
    }
}

/// An account
#[derive(Debug, clap::Args)]
pub(crate) struct Key {
    /// Its key
    key: String,
}

/// Add an account; a person's invitation is shown once
#[derive(Debug, clap::Args)]
pub(crate) struct Add {
    /// Stable key, with which the person signs in
    key: String,
    /// What it is allowed in general
    #[arg(long, value_enum)]
    role: RoleName,
    /// Of a filer or party manager: the party in whose book it works, `scheme:value`
    #[arg(long, value_name = "PARTY", default_value = "")]
    party: String,
    /// Of somebody at an agency or at customs: the code of the agency or of the border post
    #[arg(long, value_name = "CODE", default_value = "")]
    desk: String,
    /// Name in Latin letters; else the key
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Name as the person writes it
    #[arg(long, value_name = "NAME", default_value = "")]
    local_name: String,
    /// E-mail
    #[arg(long, value_name = "ADDRESS", default_value = "")]
    email: String,
    /// A program: it never signs in, and comes with tokens only
    #[arg(long)]
    machine: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum RoleName {
    /// Files for one party
    Filer,
    /// Files for one party, and manages its people, sites and tokens
    PartyManager,
    /// Case officer of the authority
    Officer,
    /// Officer who countersigns, and assigns work
    Supervisor,
    /// Analyst of the authority
    Analyst,
    /// Advises for another agency
    Agency,
    /// Draws licences down at a border post
    Customs,
    /// Runs the installation and its accounts; sees no trade data
    Operator,
}

impl RoleName {
    fn role(self) -> Role {
        match self {
            RoleName::Filer => Role::Filer,
            RoleName::PartyManager => Role::PartyManager,
            RoleName::Officer => Role::Officer,
            RoleName::Supervisor => Role::Supervisor,
            RoleName::Analyst => Role::Analyst,
            RoleName::Agency => Role::Agency,
            RoleName::Customs => Role::Customs,
            RoleName::Operator => Role::Operator,
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
    /// What it is for
    #[arg(long, value_name = "NAME", default_value = "command line")]
    name: String,
    /// Days until it ends
    #[arg(long, value_name = "DAYS", default_value_t = 365)]
    days: u32,
}

#[derive(Serialize)]
struct Listed {
    key: String,
    kind: &'static str,
    role: &'static str,
    party: String,
    state: &'static str,
    name: String,
    /// Good ones.
    tokens: usize,
}

impl User {
    pub(crate) fn run(self, shared: &Shared) -> anyhow::Result<End> {
        let people = people(shared)?;
        let by = By::COMMAND_LINE;
        match self {
            User::Add(add) => add.run(shared, &people),
            User::Token(token) => token.run(shared, &people),
            User::List => list(shared, &people),
            User::Link(link) => link.run(shared, &people),
            User::Deactivate(Key { key }) => {
                people.person_deactivate(by, &key, now())?;
                note(shared, &format!("account `{key}` is deactivated: it has no access any more"));
                Ok(End::Done)
            }
            User::Reactivate(Key { key }) => {
                let code = people.person_reactivate(by, &key, &moment()?)?;
                invitation_say(shared, &key, code.as_deref());
                Ok(End::Done)
            }
            User::ResetPassword(Key { key }) => {
                let code = people.password_reset(by, &key, &moment()?)?;
                invitation_say(shared, &key, code.as_deref());
                Ok(End::Done)
            }
            User::EndSessions(Key { key }) => {
                let ended = people.person_sessions_end(by, &key, now())?;
                note(shared, &format!("{ended} sessions of `{key}` have ended"));
                Ok(End::Done)
            }
            User::Reset(Key { key }) => {
                let code = people.person_reset(by, &key, &moment()?)?;
                invitation_say(shared, &key, code.as_deref());
                Ok(End::Done)
            }
        }
    }
}

fn note(shared: &Shared, text: &str) {
    if !shared.quiet {
        eprintln!("{text}");
    }
}

/// Prints the path of an invitation, below the address at which the pages are reached.
fn invitation_say(shared: &Shared, key: &str, code: Option<&str>) {
    let Some(code) = code else {
        note(
            shared,
            &format!(
                "account `{key}` is a program; make it a token with `gadolin user token {key}`"
            ),
        );
        return;
    };
    note(
        shared,
        &format!(
            "invitation of `{key}`, good once and for three days: this path below the address of the pages, shown this once"
        ),
    );
    println!("/invitation/{code}");
}

impl Add {
    fn run(self, shared: &Shared, people: &People) -> anyhow::Result<End> {
        let kind = if self.machine { PersonKind::Machine } else { PersonKind::Person };
        let new = NewPerson {
            account: &self.key,
            kind,
            name: self.name.as_deref().unwrap_or(&self.key),
            local_name: &self.local_name,
            email: &self.email,
            role: self.role.role(),
            party: &self.party,
            desk: &self.desk,
        };
        let code = people.person_invite(By::COMMAND_LINE, &new, &moment()?)?;
        invitation_say(shared, &self.key, code.as_deref());
        Ok(End::Done)
    }
}

impl TokenMake {
    fn run(self, shared: &Shared, people: &People) -> anyhow::Result<End> {
        let scope = if self.file { Scope::ReadAndFile } else { Scope::Read };
        let (by, key) = (By::COMMAND_LINE, &self.key);
        let text = people.token_make(by, key, &self.name, scope, self.days, &moment()?)?;
        note(shared, &format!("token of `{key}` ({}); it is shown this once:", scope.code()));
        println!("{text}");
        Ok(End::Done)
    }
}

fn list(shared: &Shared, people: &People) -> anyhow::Result<End> {
    let now = now();
    let mut listed = Vec::new();
    for person in people.persons()? {
        let tokens = people.tokens(&person.account)?;
        let good = tokens.iter().filter(|token| token.revoked.is_none() && token.expires > now);
        listed.push(Listed {
            tokens: good.count(),
            kind: person.kind.code(),
            role: person.role.code(),
            party: person.party.unwrap_or_default(),
            state: person.state.code(),
            key: person.account,
            name: person.name,
        });
    }
    let format = Format::or_default(shared.format);
    if format == Format::Json {
        json(&listed)?;
        return Ok(End::Done);
    }
    let mut table = Table::new(&["account", "kind", "role", "party", "state", "name", "tokens"]);
    for row in listed {
        table.row(vec![
            row.key,
            row.kind.to_owned(),
            row.role.to_owned(),
            row.party,
            row.state.to_owned(),
            row.name,
            row.tokens.to_string(),
        ]);
    }
    table.write(format)?;
    Ok(End::Done)
}
