//! Who the companies of the demo are: `parties.csv`, which the generator writes beside its filings, with the
//! name that a company with an account writes itself by.

use std::path::Path;

use app::people::{ProfileRecord, SeedParty, SeedPerson};
use base::authorisation::Role;
use serde::Deserialize;

/// A row of `parties.csv`; its other columns are not wanted here.
#[derive(Deserialize)]
struct Row {
    party: String,
    name: String,
    country: String,
}

/// The companies of an economy that filings name by an identifier.
///
/// # Errors
/// Where the file is not there or has other columns.
pub(crate) fn parties_read(dir: &Path, seeds: &[SeedPerson]) -> anyhow::Result<Vec<SeedParty>> {
    let mut reader = csv::Reader::from_path(dir.join("parties.csv"))?;
    let mut parties = Vec::new();
    for row in reader.deserialize() {
        let row: Row = row?;
        if row.party.is_empty() {
            continue;
        }
        let own = |seed: &&SeedPerson| seed.role == Role::Filer && seed.party == row.party;
        let local_name = seeds.iter().find(own).map(|seed| seed.name_zh.clone());
        let profile = ProfileRecord {
            name: row.name,
            local_name: local_name.unwrap_or_default(),
            country: row.country,
            address: String::new(),
        };
        parties.push(SeedParty { identifier: row.party, profile });
    }
    Ok(parties)
}
