//! `entities.ftm.json` of OpenSanctions: entities of FollowTheMoney, one JSON object on each line.
//!
//! Source: FollowTheMoney, "Data model" (followthemoney.tech/explorer): an entity has `id`, `schema` and
//! `properties`, each property a list of strings; `Ownership` has `owner`, `asset` and `percentage`, `Sanction`
//! has `entity`, `program` and `authority`, `Passport` and `Identification` have `holder` and `number`.
//! OpenSanctions adds `target`: where it is false the entity is not listed itself but stands near one that is,
//! as an owned company does; such parties are given apart.

use std::collections::BTreeMap;
use std::io::BufRead;

use screening::{NameStrength, Ownership};
use serde::Deserialize;

use super::fault::{Outcome, Place, shown};
use super::gather::{Draft, Gather, Rows};
use super::lines::records;
use super::words::{kind, scheme};

#[derive(Deserialize)]
struct Entity {
    id: String,
    schema: String,
    #[serde(default)]
    properties: BTreeMap<String, Values>,
    #[serde(default)]
    target: Option<bool>,
}

/// The strings of a property; other values, as nested entities, are passed over.
#[derive(Deserialize)]
#[serde(untagged)]
enum Values {
    Many(Vec<One>),
    One(One),
}

#[derive(Deserialize)]
#[serde(untagged)]
enum One {
    Text(String),
    Other(serde::de::IgnoredAny),
}

impl Entity {
    fn values<'e>(&'e self, property: &str) -> impl Iterator<Item = &'e str> + use<'e> {
        let values = self.properties.get(property).map_or(&[][..], |values| match values {
            Values::Many(many) => many,
            Values::One(one) => std::slice::from_ref(one),
        });
        values.iter().filter_map(|value| match value {
            One::Text(text) => Some(text.as_str()),
            One::Other(_) => None,
        })
    }

    fn first(&self, property: &str) -> &str {
        self.values(property).next().unwrap_or_default()
    }
}

/// Properties with the numbers of registers.
const NUMBERS: [&str; 15] = [
    "leiCode",
    "imoNumber",
    "mmsi",
    "registrationNumber",
    "taxNumber",
    "uscCode",
    "passportNumber",
    "passport",
    "innCode",
    "ogrnCode",
    "vatCode",
    "idNumber",
    "swiftBic",
    "serialNumber",
    "bikCode",
];

/// A million parts are the whole.
const WHOLE_PPM: u32 = 1_000_000;

/// A share in parts per million of a percentage such as `50`, `50.5`, `50%` or `25-50`, of which the lower one.
fn share_ppm(text: &str) -> Option<u32> {
    let number: String = text
        .trim()
        .chars()
        .take_while(|c| c.is_ascii_digit() || *c == '.' || *c == ',')
        .map(|c| if c == ',' { '.' } else { c })
        .collect();
    let (whole, fraction) = number.split_once('.').unwrap_or((&number, ""));
    let whole: u32 = whole.parse().ok().filter(|whole| *whole <= 100)?;
    let digits = fraction.bytes().take(4).chain(std::iter::repeat(b'0')).take(4);
    let fraction =
        digits.fold(0, |sum, digit| sum * 10 + u32::from(digit.saturating_sub(b'0').min(9)));
    Some((whole * 10_000 + fraction).min(WHOLE_PPM))
}

/// What is said of a party elsewhere in the file, perhaps before the party.
enum Said {
    Programme(String),
    Number(String, String),
}

pub(super) fn read(source: impl BufRead, gather: &mut Gather) {
    let mut said: Vec<(String, Said)> = Vec::new();
    records(source, gather, |gather, place, entity: Entity| match entity.schema.as_str() {
        "Person" | "Organization" | "Company" | "LegalEntity" | "PublicBody" | "Vessel"
        | "Airplane" => {
            let draft = party(&entity);
            if entity.target == Some(false) {
                gather.take_related(place, draft);
            } else {
                gather.take(place, draft, Rows::Whole);
            }
        }
        "Ownership" => ownership(gather, place, &entity),
        "Sanction" => {
            gather.records += 1;
            let programme = ["programId", "program", "authority"].map(|name| entity.first(name));
            let programme = programme.into_iter().find(|text| !text.is_empty());
            if let Some(programme) = programme {
                let programme = programme.to_owned();
                let of = entity
                    .values("entity")
                    .map(|id| (id.to_owned(), Said::Programme(programme.clone())));
                said.extend(of);
            }
        }
        "Passport" | "Identification" => {
            gather.records += 1;
            let words = if entity.schema == "Passport" { "passport" } else { entity.first("type") };
            let value = entity.first("number").to_owned();
            if let (Some(scheme), false) = (scheme(words), value.is_empty()) {
                let of = entity
                    .values("holder")
                    .map(|id| (id.to_owned(), Said::Number(scheme.clone(), value.clone())));
                said.extend(of);
            }
        }
        _ => gather.records += 1,
    });
    for (id, what) in said {
        let Some(party) = gather.known(&id) else { continue };
        match what {
            Said::Programme(programme) => party.programmes.push(programme),
            Said::Number(scheme, value) => {
                party.identifiers.push(screening::Identifier { scheme, value });
            }
        }
    }
}

fn party(entity: &Entity) -> Draft {
    let mut draft = Draft::new(&entity.id, kind(&entity.schema));
    for (property, strength) in [
        ("name", NameStrength::Primary),
        ("alias", NameStrength::Alias),
        ("previousName", NameStrength::Alias),
        ("abbreviation", NameStrength::Weak),
        ("weakAlias", NameStrength::Weak),
    ] {
        for name in entity.values(property) {
            draft.name(name, strength);
        }
    }
    for property in ["country", "nationality", "citizenship", "jurisdiction", "mainCountry", "flag"]
    {
        for country in entity.values(property) {
            draft.country(country);
        }
    }
    for property in ["birthDate", "incorporationDate", "buildDate"] {
        for date in entity.values(property) {
            draft.date("birthDate", date);
        }
    }
    for property in NUMBERS {
        for number in entity.values(property) {
            draft.number(scheme(property), number);
        }
    }
    for property in ["programId", "program"] {
        for programme in entity.values(property) {
            draft.programme(programme);
        }
    }
    draft
}

fn ownership(gather: &mut Gather, place: Place, entity: &Entity) {
    gather.records += 1;
    let percentage = entity.first("percentage");
    let share = share_ppm(percentage);
    if share.is_none() && !percentage.is_empty() {
        let message = format!("`{}` is no share", shown(percentage));
        let fault = ("percentage", "share_unknown", message, "a percentage from 0 to 100");
        gather.tell(place, Outcome::Taken, fault);
    }
    let mut found = false;
    for owner in entity.values("owner") {
        for owned in entity.values("asset") {
            found = true;
            gather.ownerships.push(Ownership {
                owner: owner.to_owned(),
                owned: owned.to_owned(),
                share_ppm: share,
            });
        }
    }
    if !found {
        let message = "an ownership without owner or asset".to_owned();
        let fault = ("owner", "ownership_incomplete", message, "the ids of `owner` and `asset`");
        gather.tell(place, Outcome::Left, fault);
    }
}
