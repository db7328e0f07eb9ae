//! The parties and sites of the economy: names, identifiers, roles, sizes, days of entry.
//!
//! All names are fictional. Sizes have a Pareto tail (exponent 1); most parties are there from the
//! start, others enter while the economy runs. A few anchors have fixed identifiers at any seed and
//! size, so that the demo's accounts (`packs/demo/accounts.toml`) always find their book.

use std::collections::HashSet;

use crate::chance::Chance;
use crate::material::Good;
use crate::pack::Pack;

/// Nobody.
pub(crate) const NONE: u32 = u32::MAX;

/// What a site does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub(crate) enum Role {
    /// Hard rock, light rare earths.
    Mine,
    /// Ion-adsorption clay.
    ClayMine,
    /// Cracking and separation of light rare earths.
    LightSeparator,
    /// Separation of heavy rare earths.
    HeavySeparator,
    /// Electrolysis and metallothermic reduction.
    MetalMaker,
    /// Vacuum melting and strip casting.
    AlloyMaker,
    /// Powder, sintering, machining.
    MagnetMaker,
    /// Coats magnets of others.
    Coater,
    /// Makes oxide of swarf and scrap.
    Recycler,
    /// Rotors, actuators, sensors.
    ComponentMaker,
    /// Cars, turbines, drives.
    ProductMaker,
    /// Buys and sells.
    Trader,
    /// A small workshop, which files nothing.
    SmallUser,
    /// A customer abroad.
    Foreign,
    /// A mine or trader abroad.
    Supplier,
}

impl Role {
    /// Its name in `parties.csv` and `sites.csv`.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Role::Mine => "mine",
            Role::ClayMine => "clay_mine",
            Role::LightSeparator => "light_separator",
            Role::HeavySeparator => "heavy_separator",
            Role::MetalMaker => "metal_maker",
            Role::AlloyMaker => "alloy_maker",
            Role::MagnetMaker => "magnet_maker",
            Role::Coater => "coater",
            Role::Recycler => "recycler",
            Role::ComponentMaker => "component_maker",
            Role::ProductMaker => "product_maker",
            Role::Trader => "trader",
            Role::SmallUser => "small_user",
            Role::Foreign => "customer_abroad",
            Role::Supplier => "supplier_abroad",
        }
    }

    /// Whether its parties file.
    pub(crate) fn files(self) -> bool {
        !matches!(self, Role::SmallUser | Role::Foreign | Role::Supplier)
    }
}

/// Roles with their share of the parties (per mille), the words of their names, how often a site of
/// theirs acts, and the code of their site: own assumptions.
const ROLES: &[(Role, u32, &str, u32, &str)] = &[
    (Role::Mine, 35, "mine", 6, "PIT"),
    (Role::ClayMine, 25, "mine", 6, "CLAY"),
    (Role::LightSeparator, 30, "separator", 16, "SX"),
    (Role::HeavySeparator, 20, "separator", 30, "HX"),
    (Role::MetalMaker, 45, "metal", 10, "CELL"),
    (Role::AlloyMaker, 40, "alloy", 14, "CAST"),
    (Role::MagnetMaker, 150, "magnet", 30, "FAB"),
    (Role::Coater, 20, "coater", 0, "COAT"),
    (Role::Recycler, 45, "recycler", 12, "REC"),
    (Role::ComponentMaker, 130, "component", 16, "ASSY"),
    (Role::ProductMaker, 130, "product", 16, "PLANT"),
    (Role::Trader, 80, "trader", 10, "WH"),
    (Role::SmallUser, 60, "user", 0, ""),
    (Role::Foreign, 160, "foreign", 0, ""),
    (Role::Supplier, 30, "supplier", 0, ""),
];

/// Parties that are there at any seed and size: identifier, name, role, size, and deposit or speciality
/// (see [`accepts`]); so every link of the chain exists in the smallest economy.
const ANCHORS: &[(&str, &str, Role, u32, u8)] = &[
    ("gad:nordlicht-magnets", "Nordlicht Magnets AB", Role::MagnetMaker, 40, 40),
    ("gad:tarn-separation", "Tarn Separation Oy", Role::LightSeparator, 30, 80),
    ("gad:tarn-heavy-oxides", "Tarn Heavy Oxides Oy", Role::HeavySeparator, 30, 80),
    ("gad:rundgang-recycling", "Rundgang Recycling AB", Role::Recycler, 30, 80),
    ("gad:skarn-mining", "Skarn Mining AB", Role::Mine, 30, 0),
    ("gad:lera-clay", "Lera Clay AB", Role::ClayMine, 30, 5),
    ("gad:tiegel-metals", "Tiegel Metals AB", Role::MetalMaker, 30, 80),
    ("gad:tung-metals", "Tung Metals Oy", Role::MetalMaker, 30, 30),
    ("gad:kretslopp-metals", "Kretslopp Metals AB", Role::MetalMaker, 25, 12),
    ("gad:aterbruk-metals", "Aterbruk Metals AB", Role::MetalMaker, 25, 50),
    ("gad:samar-metals", "Samar Metals AB", Role::MetalMaker, 4, 5),
    ("gad:flinga-alloys", "Flinga Alloys AB", Role::AlloyMaker, 30, 80),
    ("gad:kobolt-alloys", "Kobolt Alloys AB", Role::AlloyMaker, 4, 5),
    ("gad:rotor-works", "Rotor Works AB", Role::ComponentMaker, 30, 80),
    ("gad:elbil-mobility", "Elbil Mobility AB", Role::ProductMaker, 30, 80),
    ("gad:ostwind-trading", "Ostwind Trading AB", Role::Trader, 30, 90),
    ("gad:skikt-coatings", "Skikt Coatings AB", Role::Coater, 10, 80),
];

/// A party.
#[derive(Debug)]
pub(crate) struct Party {
    /// `scheme:value`; empty where it is known by name only.
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) country: [u8; 2],
    pub(crate) role: Role,
    /// Filings so far.
    pub(crate) filings: u32,
    /// Invoices so far.
    pub(crate) invoices: u32,
}

/// A site; customers abroad have one too, at which nothing is filed.
#[derive(Debug)]
pub(crate) struct Site {
    pub(crate) party: u32,
    pub(crate) code: &'static str,
    /// Number of the site at its party.
    pub(crate) number: u8,
    /// What its lots are called.
    pub(crate) prefix: String,
    pub(crate) role: Role,
    /// Size.
    pub(crate) weight: u32,
    /// How often it acts.
    pub(crate) pace: u32,
    /// First day.
    pub(crate) start: u16,
    /// Deposit or kind of goods, by role.
    pub(crate) variant: u8,
    /// Lots named so far.
    pub(crate) lots: u32,
}

/// Everybody.
#[derive(Debug, Default)]
pub(crate) struct Register {
    pub(crate) parties: Vec<Party>,
    pub(crate) sites: Vec<Site>,
}

/// Parties of an economy by its lots, between points of own choice: a few hundred for a small one,
/// tens of thousands for ten million lots.
const PARTIES: &[(u64, u64)] = &[
    (0, 70),
    (10_000, 150),
    (25_000, 230),
    (100_000, 650),
    (250_000, 1_500),
    (1_000_000, 5_500),
    (2_500_000, 11_000),
    (10_000_000, 32_000),
    (100_000_000, 200_000),
];

fn party_count(lots: u64) -> u64 {
    let mut last = PARTIES[0];
    for &point in PARTIES {
        if lots <= point.0 {
            let span = (point.0 - last.0).max(1);
            return last.1 + (point.1 - last.1) * (lots - last.0) / span;
        }
        last = point;
    }
    last.1
}

impl Register {
    /// Everybody in an economy of this many lots over this many days.
    pub(crate) fn new(pack: &Pack, lots: u64, days: u16, chance: &mut Chance) -> Register {
        let mut register = Register::default();
        let mut taken: HashSet<String> = HashSet::new();
        for &(id, name, role, weight, variant) in ANCHORS {
            taken.insert(name.to_owned());
            taken.insert(id.to_owned());
            register.enter(pack, role, Some((id, name, weight, variant)), 0, &mut taken, chance);
        }
        let count = party_count(lots);
        // Somebody supplies from every country that ore comes from.
        for source in 0..pack.sources.len() {
            let party = register.parties.len();
            register.enter(pack, Role::Supplier, None, 0, &mut taken, chance);
            register.parties[party].country = pack.sources[source].iso2;
        }
        for &(role, share, ..) in ROLES {
            for _ in 0..(count * u64::from(share) / 1000).max(1) {
                // Four in five are there from the start.
                let start = if chance.happens(800_000) {
                    0
                } else {
                    chance.between(10, u32::from(days) * 8 / 10) as u16
                };
                register.enter(pack, role, None, start, &mut taken, chance);
            }
        }
        register
    }

    fn enter(
        &mut self,
        pack: &Pack,
        role: Role,
        anchor: Option<(&str, &str, u32, u8)>,
        start: u16,
        taken: &mut HashSet<String>,
        chance: &mut Chance,
    ) {
        let Some(&(_, _, words, pace, code)) = ROLES.iter().find(|r| r.0 == role) else { return };
        let country = match role {
            Role::Foreign => {
                pack.destinations[chance.weighted(pack.destinations.iter().map(|d| d.1))].0
            }
            Role::Supplier => {
                pack.sources[chance.weighted(pack.sources.iter().map(|s| s.weight))].iso2
            }
            _ => pack.country,
        };
        let party = self.parties.len() as u32;
        let (id, name, weight) = match anchor {
            Some((id, name, weight, _)) => (id.to_owned(), name.to_owned(), weight),
            None => {
                let name = name_new(pack, words, role, taken, chance);
                // Some customers and small users are known in words only.
                let nameless = matches!(role, Role::Foreign | Role::Supplier | Role::SmallUser)
                    && chance.happens(500_000);
                let id =
                    if nameless { String::new() } else { identifier(&name, party, taken, chance) };
                (id, name, chance.pareto(100))
            }
        };
        self.parties.push(Party { id, name, country, role, filings: 0, invoices: 0 });
        let two = matches!(role, Role::MagnetMaker | Role::Trader | Role::ProductMaker)
            && (anchor.is_some() || chance.happens(100_000));
        for number in 1..=(1 + u8::from(two)) {
            let variant = match anchor {
                Some((.., variant)) => variant,
                None => variant_of(role, pack, chance),
            };
            let prefix = prefix_of(&self.parties[party as usize].name, party, number);
            let weight = if number == 1 { weight } else { (weight / 2).max(1) };
            self.sites.push(Site {
                party,
                code,
                number,
                prefix,
                role,
                weight,
                pace: pace * (weight + 2),
                start,
                variant,
                lots: 0,
            });
        }
    }

    /// Whether a site's party files.
    pub(crate) fn files(&self, site: u32) -> bool {
        !matches!(self.sites[site as usize].role, Role::SmallUser | Role::Foreign | Role::Supplier)
    }
}

/// Deposit of a mine; goods of a trader; speciality of a maker.
fn variant_of(role: Role, pack: &Pack, chance: &mut Chance) -> u8 {
    match role {
        Role::Mine | Role::ClayMine => {
            let heavy = role == Role::ClayMine;
            let weights =
                pack.deposits.iter().map(|d| if d.heavy == heavy { d.home_weight } else { 0 });
            chance.weighted(weights) as u8
        }
        _ => chance.below(100) as u8,
    }
}

fn prefix_of(name: &str, party: u32, number: u8) -> String {
    let letters = name.bytes().filter(u8::is_ascii_alphabetic).take(3);
    let head: String = letters.map(|b| char::from(b.to_ascii_uppercase())).collect();
    format!("{head}{party}{}", char::from(b'A' + number - 1))
}

fn pick<'p>(words: &'p [String], chance: &mut Chance) -> &'p str {
    if words.is_empty() { "" } else { words[chance.place(words.len())].as_str() }
}

fn name_new(
    pack: &Pack,
    words: &str,
    role: Role,
    taken: &mut HashSet<String>,
    chance: &mut Chance,
) -> String {
    let abroad = matches!(role, Role::Foreign | Role::Supplier);
    let form = if abroad { "foreign_form" } else { "form" };
    let mut name = String::new();
    for _ in 0..6 {
        name = format!(
            "{}{} {} {}",
            pick(pack.words("first"), chance),
            pick(pack.words("second"), chance),
            pick(pack.words(words), chance),
            pick(pack.words(form), chance)
        );
        if taken.insert(name.clone()) {
            return name;
        }
    }
    // So many share the words that a number tells them apart.
    name = format!("{name} {}", taken.len());
    taken.insert(name.clone());
    name
}

/// Mostly the platform's own identifiers, some of the world's with their check digits.
fn identifier(name: &str, party: u32, taken: &mut HashSet<String>, chance: &mut Chance) -> String {
    let draw = chance.below(100);
    if draw < 12 {
        return lei(chance);
    }
    if draw < 20 {
        return uscc(chance);
    }
    if draw < 26 {
        return gln(chance);
    }
    let slug: String = name
        .to_ascii_lowercase()
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .collect();
    let slug = slug.trim_matches('-').replace("--", "-");
    let id = format!("gad:{slug}");
    if taken.insert(id.clone()) { id } else { format!("gad:{slug}-{party}") }
}

/// ISO 17442: eighteen characters and two check digits by ISO 7064 mod 97-10. The first four are of
/// no issuer.
fn lei(chance: &mut Chance) -> String {
    const SYMBOLS: &[u8; 36] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    let mut text = String::from("0000");
    text.push_str("00");
    for _ in 0..12 {
        text.push(char::from(SYMBOLS[chance.place(36)]));
    }
    let rest = text.bytes().fold(0_u32, |rest, b| match b {
        b'0'..=b'9' => (rest * 10 + u32::from(b - b'0')) % 97,
        _ => (rest * 100 + u32::from(b - b'A') + 10) % 97,
    });
    format!("lei:{text}{:02}", 98 - rest * 100 % 97)
}

/// GB 32100-2015: seventeen symbols and a check symbol mod 31. The region 999999 does not exist.
fn uscc(chance: &mut Chance) -> String {
    const SYMBOLS: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
    let mut text = String::from("91999999");
    for _ in 0..9 {
        text.push(char::from(SYMBOLS[chance.place(31)]));
    }
    let mut weight = 1;
    let mut sum = 0;
    for byte in text.bytes() {
        sum += SYMBOLS.iter().position(|&s| s == byte).unwrap_or(0) * weight;
        weight = weight * 3 % 31;
    }
    let check = char::from(SYMBOLS[(31 - sum % 31) % 31]);
    format!("uscc:{text}{check}")
}

/// GS1: twelve digits and a check digit mod 10. The prefix 999 is of no member organisation.
fn gln(chance: &mut Chance) -> String {
    let digits = format!("999{:09}", chance.bits() % 1_000_000_000);
    let weights = [1_u32, 3].into_iter().cycle();
    let sum: u32 = digits.bytes().zip(weights).map(|(b, w)| u32::from(b - b'0') * w).sum();
    format!("gln:{digits}{}", (10 - sum % 10) % 10)
}

/// Goods that a site takes in, with which its buyers' list stands in the market.
pub(crate) fn accepts(site: &Site) -> &'static [Good] {
    match site.role {
        Role::LightSeparator => &[Good::Concentrate],
        Role::HeavySeparator => &[Good::Ionic, Good::MixedHeavy],
        Role::MetalMaker => match site.variant {
            0..=9 => &[Good::OxideSm],
            // Recycled oxide goes to few, who sell metal with recycled content.
            10..=14 => &[Good::RecycledDy, Good::OxideDy],
            15..=44 => &[Good::OxideDy, Good::OxideTb],
            45..=54 => &[Good::RecycledNdPr, Good::OxideNdPr],
            _ => &[Good::OxideNdPr],
        },
        Role::AlloyMaker => match site.variant {
            0..=7 => &[Good::MetalSm],
            _ => &[Good::MetalNdPr, Good::AlloyDy, Good::MetalTb],
        },
        Role::MagnetMaker => match site.variant {
            0..=29 => &[Good::MetalNdPr, Good::AlloyDy, Good::MetalTb],
            30..=54 => &[Good::Flake, Good::Fluoride],
            _ => &[Good::Flake],
        },
        Role::Recycler => &[Good::Swarf, Good::Scrap, Good::Slag],
        Role::ComponentMaker => &[Good::Magnet, Good::Bonded],
        Role::ProductMaker => match site.variant {
            0..=59 => &[Good::Assembly],
            _ => &[Good::Assembly, Good::Magnet],
        },
        Role::Trader => match site.variant {
            0..=14 => &[Good::Concentrate],
            15..=39 => &[Good::OxideNdPr],
            40..=54 => &[Good::OxideDy, Good::OxideTb],
            55..=69 => &[Good::MetalNdPr],
            70..=79 => &[Good::Scrap, Good::Swarf],
            _ => &[Good::Magnet],
        },
        Role::SmallUser => &[Good::Magnet],
        Role::Foreign => match site.variant {
            0..=59 => &[Good::Magnet],
            60..=74 => &[Good::Assembly],
            75..=84 => &[Good::OxideOther],
            85..=92 => &[Good::Product],
            _ => &[Good::OxideNdPr, Good::OxideDy, Good::OxideTb, Good::MetalNdPr],
        },
        _ => &[],
    }
}

/// Goods that a site sells.
pub(crate) fn sells(site: &Site) -> &'static [Good] {
    match site.role {
        Role::Mine => &[Good::Concentrate],
        Role::ClayMine => &[Good::Ionic],
        Role::LightSeparator => &[Good::OxideNdPr, Good::MixedHeavy, Good::OxideOther],
        Role::HeavySeparator => &[
            Good::OxideDy,
            Good::OxideTb,
            Good::OxideNdPr,
            Good::OxideSm,
            Good::Fluoride,
            Good::OxideOther,
        ],
        Role::MetalMaker => {
            &[Good::MetalNdPr, Good::AlloyDy, Good::MetalTb, Good::MetalSm, Good::Slag]
        }
        Role::AlloyMaker => &[Good::Flake, Good::Slag],
        Role::MagnetMaker => &[Good::Magnet, Good::Bonded, Good::Swarf, Good::Scrap],
        Role::Recycler => &[Good::RecycledNdPr, Good::RecycledDy],
        Role::ComponentMaker => &[Good::Assembly],
        Role::ProductMaker => &[Good::Product],
        Role::Trader => accepts(site),
        _ => &[],
    }
}
