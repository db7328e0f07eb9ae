//! What an exporter applies for: goods, the parties and uses they are for, and the cells between them.
//!
//! An application is what the applicant states. It is read-only once it is handed in; what changes is an
//! amendment, whose difference decides whether it is one ([`crate::rules::ChangeRule`]). A cell names its
//! parts by their keys within the application, so that a party named twice is one party.

use base::Date;
use serde::{Deserialize, Serialize};

use crate::quantity::{Quantity, Unit};

/// Key of a part within its application: a short text that the applicant or the page gives.
pub type Key = String;

/// Key of a cell within its case.
pub type CellKey = String;

/// An application as it is stated.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Application {
    /// Kind of licence asked for: a code of the pack.
    pub licence_type: String,
    /// Of a registration, the ground: a condition of the pack.
    pub ground: String,
    /// Of an appeal, what is wrong with the decision, in the applicant's words.
    pub appeal_grounds: String,
    /// The applicant's own reference.
    pub reference: String,
    /// What is exported.
    pub goods: Vec<Good>,
    /// Who receives, uses and handles it.
    pub parties: Vec<PartyEntry>,
    /// For what it is used.
    pub uses: Vec<EndUse>,
    /// What is asked for, part by part.
    pub cells: Vec<Cell>,
    /// Documents handed in.
    pub documents: Vec<DocumentEntry>,
    /// Certificates of end users, by the key of their case file.
    pub certificates: Vec<CertificateEntry>,
    /// When what is in stock runs out, and what stops then.
    pub inventory: Vec<Inventory>,
    /// Conditions of the pack that the applicant says it meets (a compliance programme, past exports).
    pub meets: Vec<String>,
    /// How the goods go: in the applicant's words.
    pub route: String,
    /// Whom to ask: name and e-mail.
    pub contact: Contact,
}

/// A good.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Good {
    /// Its key in the application.
    pub key: Key,
    /// Name as on the invoice.
    pub name: String,
    /// HS or CN code.
    pub hs: String,
    /// Grade of the maker.
    pub grade: String,
    /// Form: a code of the pack.
    pub form: String,
    /// % by mass of elements, as decimal texts, sorted by element.
    pub composition: std::collections::BTreeMap<String, String>,
    /// Other parameters, as `classify` takes them.
    pub parameters: std::collections::BTreeMap<String, String>,
    /// Control codes that the applicant says apply.
    pub control_codes: Vec<String>,
    /// Mass of one piece, mg; nothing where it is not sold by the piece. A plausibility check only.
    pub unit_mass_mg: Option<i64>,
    /// Country or area of origin, ISO 3166-1 alpha-2.
    pub origin: String,
}

/// What a party is in an application.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PartyPart {
    /// Receives the goods.
    Consignee,
    /// Uses them, or what is made of them.
    EndUser,
    /// Handles or works them on the way: listed and screened, not decided on.
    Intermediate,
}

impl PartyPart {
    /// All of them.
    pub const ALL: [PartyPart; 3] =
        [PartyPart::Consignee, PartyPart::EndUser, PartyPart::Intermediate];

    /// Its stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            PartyPart::Consignee => "consignee",
            PartyPart::EndUser => "end_user",
            PartyPart::Intermediate => "intermediate",
        }
    }
}

/// A party of an application.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PartyEntry {
    /// Its key in the application.
    pub key: Key,
    /// What it is here; a party may be several.
    pub parts: Vec<PartyPart>,
    /// Name in Latin letters.
    pub name: String,
    /// Name in its own script.
    pub local_name: String,
    /// Country or area, ISO 3166-1 alpha-2.
    pub country: String,
    /// Address.
    pub address: String,
    /// Identifiers, `scheme:value`.
    pub identifiers: Vec<String>,
    /// Web address.
    pub website: String,
}

/// An end use.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EndUse {
    /// Its key in the application.
    pub key: Key,
    /// A use of `packs/common/uses.csv`.
    pub code: String,
    /// In words.
    pub text: String,
}

/// What is advised on, decided, licensed and drawn down.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Cell {
    /// Its key in the case.
    pub key: CellKey,
    /// Key of the good.
    pub good: Key,
    /// Key of the consignee.
    pub consignee: Key,
    /// Key of the end user.
    pub end_user: Key,
    /// Key of the end use.
    pub end_use: Key,
    /// Country or area of destination, ISO 3166-1 alpha-2.
    pub destination: String,
    /// How much, in one or several units.
    pub quantities: Vec<Quantity>,
}

impl Cell {
    /// Its quantity in a unit.
    #[must_use]
    pub fn quantity(&self, unit: &Unit) -> Option<&Quantity> {
        self.quantities.iter().find(|quantity| quantity.unit == *unit)
    }
}

/// A document handed in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DocumentEntry {
    /// Number of the pack's document that it is; empty for another.
    pub number: String,
    /// SHA-256 of its bytes, hexadecimal.
    pub sha256: String,
    /// Name of the file.
    pub name: String,
    /// Date on it.
    pub date: Option<Date>,
}

/// A certificate of an end user that an application rests on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CertificateEntry {
    /// Its id.
    pub id: String,
    /// Key of the end user.
    pub end_user: Key,
}

/// A stock that runs out, and what stops then.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Inventory {
    /// Key of the end user whose stock it is.
    pub end_user: Key,
    /// Days that it lasts, from the day on which the application is handed in.
    pub days: u32,
    /// What stops then, in words.
    pub stops: String,
}

/// Whom to ask about an application.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Contact {
    /// Name.
    pub name: String,
    /// E-mail address.
    pub email: String,
}

impl Application {
    /// A good by its key.
    #[must_use]
    pub fn good(&self, key: &str) -> Option<&Good> {
        self.goods.iter().find(|good| good.key == key)
    }

    /// A party by its key.
    #[must_use]
    pub fn party(&self, key: &str) -> Option<&PartyEntry> {
        self.parties.iter().find(|party| party.key == key)
    }

    /// An end use by its key.
    #[must_use]
    pub fn end_use(&self, key: &str) -> Option<&EndUse> {
        self.uses.iter().find(|end_use| end_use.key == key)
    }

    /// A cell by its key.
    #[must_use]
    pub fn cell(&self, key: &str) -> Option<&Cell> {
        self.cells.iter().find(|cell| cell.key == key)
    }

    /// The fewest days that a stock lasts.
    #[must_use]
    pub fn inventory_days(&self) -> Option<u32> {
        self.inventory.iter().map(|stock| stock.days).min()
    }
}
