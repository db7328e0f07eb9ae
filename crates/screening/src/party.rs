//! Listed parties as every list gives them, whatever its format.

use serde::{Deserialize, Serialize};

/// What a party is.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum PartyKind {
    /// A natural person.
    Person,
    /// A company, authority or other body.
    Organization,
    /// A ship.
    Vessel,
    /// An aircraft.
    Aircraft,
    /// Not said: compared with all.
    #[default]
    Unknown,
}

/// How far a list stands behind a name.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum NameStrength {
    /// The name under which the party is listed.
    #[default]
    Primary,
    /// Another good name.
    Alias,
    /// A weak alias ("a.k.a., weak"; "low quality"), common or short.
    Weak,
}

/// A name of a listed party.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ListedName {
    /// As it stands on the list, in its own script.
    pub text: String,
    /// How far the list stands behind it.
    pub strength: NameStrength,
}

/// A number that a register gave, of a listed party or of one that is screened.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Identifier {
    /// `lei`, `imo`, `uscc`, `passport`, `tax`, `registration`, `mmsi`, …; empty where the list does not say.
    pub scheme: String,
    /// As it stands on the list.
    pub value: String,
}

/// Who owns a listed party, or is owned by it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Ownership {
    /// Id of the owner on the same list.
    pub owner: String,
    /// Id of what it owns.
    pub owned: String,
    /// Share in parts per million, where the list says it.
    pub share_ppm: Option<u32>,
}

/// A party on a list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ListedParty {
    /// Its id on its list.
    pub id: String,
    /// What it is.
    pub kind: PartyKind,
    /// Its names, the primary one first; never empty.
    pub names: Vec<ListedName>,
    /// Countries or areas, ISO 3166-1 alpha-2 in capitals where they were understood, else as they stand.
    pub countries: Vec<String>,
    /// Years of birth, or of founding or building.
    pub birth_years: Vec<u16>,
    /// Numbers of registers.
    pub identifiers: Vec<Identifier>,
    /// Programmes or measures under which it is listed.
    pub programmes: Vec<String>,
}

/// One version of one list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct List {
    /// Its code: `us_ofac_sdn`, `control_list`, …
    pub code: String,
    /// SHA-256 of its content in hexadecimal.
    pub version: String,
    /// Its parties, each id once.
    pub parties: Vec<ListedParty>,
    /// Who owns whom.
    pub ownerships: Vec<Ownership>,
}
