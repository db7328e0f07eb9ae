//! What an exporter states for an end user, as it was given: read whole, with every fault at once.

use base::iso::country_known;
use licensing::application::{Application, Cell, Contact, Key, PartyEntry};
use licensing::certificate::{GoodStated, PartyStated, SecondChannel, Statement};
use licensing::quantity::{Quantity, QuantityError, Unit};
use licensing::rules::CertificateRule;
use serde::{Deserialize, Serialize};

use super::words;
use crate::people::name::{email_needed, text_check};
use crate::people::{NAME_MAX, Refusal};

/// The longest text of a use, in characters.
pub(super) const TEXT_MAX: usize = 1000;
/// The most goods of one certificate.
pub const GOODS_MAX: usize = 50;
/// The most units of one good.
const UNITS_MAX: usize = 6;

/// Something that cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The field, as it is named in the request: `end_user_name`, `goods_0_amount`.
    pub field: String,
    /// Stable code.
    pub code: &'static str,
    /// What is wrong, with what was found in backticks.
    pub message: String,
    /// What would be taken.
    pub accepted: String,
}

/// A party as given.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct GivenParty {
    /// Its key in the application; empty where it has none yet.
    pub key: Key,
    /// Name in Latin letters.
    pub name: String,
    /// Name in its own script.
    pub local_name: String,
    /// Country or area, ISO 3166-1 alpha-2.
    pub country: String,
    /// Address.
    pub address: String,
}

/// A quantity as given.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct GivenQuantity {
    /// Unit: `net_mass`, `content:Dy`, `oxide:Dy`, `pieces`, `value:XTS`.
    pub unit: String,
    /// Digits and at most one decimal point, in kg, pieces or the currency.
    pub amount: String,
}

/// A good as given.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct GivenGood {
    /// Its key in the application.
    pub key: Key,
    /// Name as on the invoice.
    pub name: String,
    /// HS or CN code.
    pub hs: String,
    /// How much.
    pub quantities: Vec<GivenQuantity>,
}

/// A certificate to be asked for, as given.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Given {
    /// Who uses the goods.
    pub end_user: GivenParty,
    /// Who receives them.
    pub consignee: GivenParty,
    /// Country or area of destination.
    pub destination: String,
    /// What it covers.
    pub goods: Vec<GivenGood>,
    /// Key of the end use in the application.
    pub end_use_key: Key,
    /// The end use, in words.
    pub end_use: String,
    /// Where the goods are used, where the pack asks.
    pub use_place: String,
    /// What is made of them, where the pack asks.
    pub end_product: String,
    /// Language of the end user; empty: that of its country.
    pub language: String,
    /// Whom to ask: name.
    pub contact_name: String,
    /// Whom to ask: e-mail address; needed where the link goes by mail.
    pub contact_email: String,
}

/// How a link reaches the end user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// By mail.
    Mail,
    /// The exporter hands it over.
    Hand,
}

/// What was read.
#[derive(Debug, Clone)]
pub(super) struct Read {
    pub(super) statement: Statement,
    pub(super) language: String,
    pub(super) contact: Contact,
}

/// Gathers faults.
#[derive(Default)]
pub(super) struct Reader {
    pub(super) faults: Vec<Fault>,
}

impl Reader {
    fn fault(&mut self, field: &str, refusal: &Refusal) {
        let accepted = match refusal {
            Refusal::Field { accepted, .. } => accepted.clone(),
            _ => String::new(),
        };
        let (code, message) = (refusal.code(), refusal.to_string());
        self.faults.push(Fault { field: field.to_owned(), code, message, accepted });
    }

    pub(super) fn text(&mut self, field: &str, text: &str, least: usize, most: usize) -> String {
        text_check("text", text, least, most).unwrap_or_else(|refusal| {
            self.fault(field, &refusal);
            String::new()
        })
    }

    pub(super) fn email(&mut self, field: &str, text: &str) -> String {
        email_needed("email", text).unwrap_or_else(|refusal| {
            self.fault(field, &refusal);
            String::new()
        })
    }

    fn country(&mut self, field: &str, code: &str) -> String {
        let code = code.trim().to_ascii_uppercase();
        if !country_known(&code) {
            self.faults.push(Fault {
                field: field.to_owned(),
                code: "country",
                message: format!("`{code}` is no country or area"),
                accepted: "two letters of ISO 3166-1".to_owned(),
            });
        }
        code
    }

    fn party(&mut self, prefix: &str, given: &GivenParty) -> PartyStated {
        PartyStated {
            key: self.text(&format!("{prefix}_key"), &given.key, 0, 64),
            name: self.text(&format!("{prefix}_name"), &given.name, 1, NAME_MAX),
            local_name: self.text(&format!("{prefix}_local_name"), &given.local_name, 0, NAME_MAX),
            country: self.country(&format!("{prefix}_country"), &given.country),
            address: self.text(&format!("{prefix}_address"), &given.address, 1, TEXT_MAX),
        }
    }

    fn goods(&mut self, given: &[GivenGood]) -> Vec<GoodStated> {
        if given.is_empty() || given.len() > GOODS_MAX {
            self.faults.push(Fault {
                field: "goods_0_name".to_owned(),
                code: "goods",
                message: format!("{} goods are stated", given.len()),
                accepted: format!("1 to {GOODS_MAX} goods"),
            });
        }
        let goods = given.iter().take(GOODS_MAX).enumerate();
        goods.map(|(number, good)| self.good(number, good)).collect()
    }

    fn good(&mut self, number: usize, given: &GivenGood) -> GoodStated {
        let field = |name: &str| format!("goods_{number}_{name}");
        let key = self.text(&field("key"), &given.key, 0, 64);
        let mut quantities: Vec<Quantity> = Vec::new();
        for quantity in given.quantities.iter().take(UNITS_MAX) {
            match quantity_read(quantity, &field("amount")) {
                Ok(read) if quantities.iter().any(|known| known.unit == read.unit) => {
                    self.faults.push(Fault {
                        field: field("unit"),
                        code: "unit_twice",
                        message: format!("`{}` stands twice", read.unit),
                        accepted: "each unit once".to_owned(),
                    });
                }
                Ok(read) => quantities.push(read),
                Err(fault) => self.faults.push(fault),
            }
        }
        if given.quantities.is_empty() {
            self.faults.push(quantity_fault(&field("amount"), &QuantityError::Blank));
        }
        GoodStated {
            // Its place, where the application has no key for it yet.
            key: if key.is_empty() { format!("g{}", number + 1) } else { key },
            name: self.text(&field("name"), &given.name, 1, NAME_MAX),
            hs: self.text(&field("hs"), &given.hs, 0, 20),
            quantities,
        }
    }
}

/// A quantity as given.
pub(super) fn quantity_read(given: &GivenQuantity, field: &str) -> Result<Quantity, Fault> {
    let unit = Unit::parse(given.unit.trim())
        .ok_or_else(|| quantity_fault(field, &QuantityError::Written(given.unit.clone())))?;
    Quantity::read(&unit, &given.amount, "").map_err(|error| quantity_fault(field, &error))
}

fn quantity_fault(field: &str, error: &QuantityError) -> Fault {
    Fault {
        field: field.to_owned(),
        code: error.code(),
        message: error.to_string(),
        accepted: error.accepted(),
    }
}

/// Reads what was given; `exporter` is who asks.
pub(super) fn read(
    given: &Given,
    exporter: PartyStated,
    delivery: Delivery,
    rule: &CertificateRule,
) -> Result<Read, Vec<Fault>> {
    let mut reader = Reader::default();
    let least = |code: &str| usize::from(rule.asks(code));
    let statement = Statement {
        exporter,
        end_user: reader.party("end_user", &given.end_user),
        consignee: reader.party("consignee", &given.consignee),
        destination: reader.country("destination", &given.destination),
        goods: reader.goods(&given.goods),
        end_use_key: reader.text("end_use_key", &given.end_use_key, 0, 64),
        end_use: reader.text("end_use", &given.end_use, 1, TEXT_MAX),
        // Not more than is asked: what the pack does not need is not kept.
        use_place: match least("use_place") {
            0 => String::new(),
            least => reader.text("use_place", &given.use_place, least, TEXT_MAX),
        },
        end_product: match least("end_product") {
            0 => String::new(),
            least => reader.text("end_product", &given.end_product, least, TEXT_MAX),
        },
        promises: rule.promises.iter().map(|promise| promise.id.clone()).collect(),
    };
    let language = match given.language.trim() {
        "" => super::language_of_country(&statement.end_user.country).to_owned(),
        language => language.to_owned(),
    };
    if !words().contains_key(&language) {
        reader.faults.push(Fault {
            field: "language".to_owned(),
            code: "language",
            message: format!("there is no text in `{language}`"),
            accepted: words().keys().cloned().collect::<Vec<_>>().join(", "),
        });
    }
    let name = reader.text("contact_name", &given.contact_name, 0, NAME_MAX);
    let email = match (delivery, given.contact_email.trim()) {
        (Delivery::Hand, "") => String::new(),
        (_, email) => reader.email("contact_email", email),
    };
    if reader.faults.is_empty() {
        Ok(Read { statement, language, contact: Contact { name, email } })
    } else {
        Err(reader.faults)
    }
}

/// What an application already says: one certificate for each end user, consignee, end use and destination
/// of its cells, with their quantities summed by good and unit.
#[must_use]
pub fn prefilled(application: &Application) -> Vec<Given> {
    let mut certificates: Vec<(&Cell, Vec<&Cell>)> = Vec::new();
    for cell in &application.cells {
        let same = |first: &Cell| {
            (&first.end_user, &first.consignee, &first.end_use, &first.destination)
                == (&cell.end_user, &cell.consignee, &cell.end_use, &cell.destination)
        };
        match certificates.iter_mut().find(|(first, _)| same(first)) {
            Some((_, cells)) => cells.push(cell),
            None => certificates.push((cell, vec![cell])),
        }
    }
    let party = |key: &str| application.party(key).map(given_party).unwrap_or_default();
    let prefill = |(first, cells): (&Cell, Vec<&Cell>)| {
        let end_use = application.end_use(&first.end_use);
        Given {
            end_user: party(&first.end_user),
            consignee: party(&first.consignee),
            destination: first.destination.clone(),
            goods: goods_summed(application, &cells),
            end_use_key: first.end_use.clone(),
            end_use: end_use.map(|end_use| end_use.text.clone()).unwrap_or_default(),
            ..Given::default()
        }
    };
    certificates.into_iter().map(prefill).collect()
}

fn given_party(entry: &PartyEntry) -> GivenParty {
    GivenParty {
        key: entry.key.clone(),
        name: entry.name.clone(),
        local_name: entry.local_name.clone(),
        country: entry.country.clone(),
        address: entry.address.clone(),
    }
}

fn goods_summed(application: &Application, cells: &[&Cell]) -> Vec<GivenGood> {
    let mut sums: Vec<(&str, Vec<Quantity>)> = Vec::new();
    for cell in cells {
        let at = sums.iter().position(|(key, _)| *key == cell.good).unwrap_or_else(|| {
            sums.push((&cell.good, Vec::new()));
            sums.len() - 1
        });
        for quantity in &cell.quantities {
            match sums[at].1.iter_mut().find(|sum| sum.unit == quantity.unit) {
                Some(sum) => sum.amount = sum.amount.saturating_add(quantity.amount),
                None => sums[at].1.push(quantity.clone()),
            }
        }
    }
    let good = |(key, quantities): (&str, Vec<Quantity>)| {
        let stated = application.good(key);
        let quantity = |quantity: Quantity| GivenQuantity {
            unit: quantity.unit.to_string(),
            amount: quantity.decimal().to_string(),
        };
        GivenGood {
            key: key.to_owned(),
            name: stated.map(|good| good.name.clone()).unwrap_or_default(),
            hs: stated.map(|good| good.hs.clone()).unwrap_or_default(),
            quantities: quantities.into_iter().map(quantity).collect(),
        }
    };
    sums.into_iter().map(good).collect()
}

/// Whether a code goes another way, of what a form says.
#[must_use]
pub fn second_of(code: &str) -> SecondChannel {
    if code == "code" { SecondChannel::Code } else { SecondChannel::None }
}
