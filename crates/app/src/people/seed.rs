//! The persons of a demo, as `packs/demo/accounts.toml` states them: `[[account]]` tables.

use base::Timestamp;
use base::authorisation::Role;
use serde::Deserialize;
use store::{PersonKind, PersonState, ProfileRecord};

use super::organisation::entry;
use super::person::{NewPerson, person_add};
use super::{By, Moment, People, PeopleError, audit};

/// A person of the demo.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeedPerson {
    /// Stable key.
    pub key: String,
    /// What it is allowed in general.
    #[serde(deserialize_with = "role_read")]
    pub role: Role,
    /// The party whose book it works in; empty for the authority's people.
    #[serde(default)]
    pub party: String,
    /// The agency or border post of somebody who works at a desk.
    #[serde(default)]
    pub desk: String,
    /// Name in English.
    pub name_en: String,
    /// Name in Chinese.
    pub name_zh: String,
    /// What it is for, in English.
    #[serde(default)]
    pub about_en: String,
    /// What it is for, in Chinese.
    #[serde(default)]
    pub about_zh: String,
}

/// A company of the demo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeedParty {
    /// As filings name it, `scheme:value`.
    pub identifier: String,
    /// Who it is.
    pub profile: ProfileRecord,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SeedFile {
    #[serde(default)]
    account: Vec<SeedPerson>,
}

fn role_read<'de, D: serde::Deserializer<'de>>(source: D) -> Result<Role, D::Error> {
    let code = String::deserialize(source)?;
    Role::parse(&code).ok_or_else(|| {
        let codes: Vec<&str> = Role::ALL.into_iter().map(Role::code).collect();
        serde::de::Error::custom(format!("no role `{code}`: give {}", codes.join(", ")))
    })
}

/// Reads the persons of a demo.
///
/// # Errors
/// What is wrong with the text, with its line.
pub fn seed_read(text: &str) -> Result<Vec<SeedPerson>, String> {
    toml::from_str::<SeedFile>(text).map(|file| file.account).map_err(|error| error.to_string())
}

impl People {
    /// Adds the persons of a demo as active accounts without a password.
    ///
    /// # Errors
    /// [`PeopleError`] where one of them cannot be taken.
    pub fn seed(&self, persons: &[SeedPerson], moment: &Moment) -> Result<(), PeopleError> {
        self.change(|change| {
            for (number, seed) in persons.iter().enumerate() {
                let new = NewPerson {
                    account: &seed.key,
                    kind: PersonKind::Person,
                    name: &seed.name_en,
                    local_name: &seed.name_zh,
                    email: "",
                    role: seed.role,
                    party: &seed.party,
                    desk: &seed.desk,
                };
                let moment =
                    Moment { seed: moment.random(&format!("seed {number}")), now: moment.now };
                let person = person_add(change, &new, PersonState::Active, &moment)?;
                let detail = [("role", seed.role.code())];
                audit(change, moment.now, By::COMMAND_LINE, "account_made", &person, &detail)?;
            }
            Ok(())
        })
    }

    /// Verifies companies of a demo whose filings were taken before, and writes who they are; one that
    /// nobody named is left out.
    ///
    /// # Errors
    /// [`PeopleError`] where one of them cannot be taken.
    pub fn parties_seed(&self, parties: &[SeedParty], at: Timestamp) -> Result<(), PeopleError> {
        self.change(|change| {
            for seed in parties {
                let Some(party) = change.read().party_of(&seed.identifier)? else { continue };
                change.party_verify(&party, &seed.profile, at.us())?;
                let by = By::COMMAND_LINE;
                entry(change, by, "registration_verified", &seed.identifier, "demo", at)?;
            }
            Ok(())
        })
    }
}
