//! Who buys from whom: networks that grow by preferential attachment.
//!
//! Each good has a list in which every site that takes it stands as often as its size, and once more
//! for every seller that it found: to draw from the list evenly is to prefer those already chosen.

use crate::chance::Chance;
use crate::material::Good;
use crate::party::{NONE, Register, Role, accepts};

/// The most buyers that a seller keeps for a good.
const BUYERS_MAX: usize = 48;
/// A seller looks for a new buyer in this many sales of a million.
const NEW_BUYER: u32 = 60_000;

/// Sellers' buyers, and where new ones are found.
#[derive(Debug)]
pub(crate) struct Markets {
    home: Vec<Vec<u32>>,
    abroad: Vec<Vec<u32>>,
    small: Vec<u32>,
    coaters: Vec<u32>,
    /// Mines and traders abroad: party and country.
    suppliers: Vec<(u32, [u8; 2])>,
    /// Buyers of each site by good.
    buyers: Vec<Vec<Buyers>>,
}

#[derive(Debug)]
struct Buyers {
    good: Good,
    abroad: bool,
    sites: Vec<u32>,
}

impl Markets {
    pub(crate) fn new(register: &Register) -> Markets {
        let goods = Good::ALL.len();
        let mut markets = Markets {
            home: vec![Vec::new(); goods],
            abroad: vec![Vec::new(); goods],
            small: Vec::new(),
            coaters: Vec::new(),
            suppliers: Vec::new(),
            buyers: register.sites.iter().map(|_| Vec::new()).collect(),
        };
        for (number, site) in register.sites.iter().enumerate() {
            match site.role {
                Role::Coater => markets.coaters.push(number as u32),
                Role::Supplier => {
                    let country = register.parties[site.party as usize].country;
                    markets.suppliers.push((site.party, country));
                }
                _ => {}
            }
            for &good in accepts(site) {
                let list = match site.role {
                    Role::Foreign => &mut markets.abroad[good as usize],
                    Role::SmallUser => &mut markets.small,
                    _ => &mut markets.home[good as usize],
                };
                for _ in 0..site.weight.min(24) {
                    list.push(number as u32);
                }
            }
        }
        markets
    }

    /// Whether anybody abroad takes a good.
    pub(crate) fn abroad(&self, good: Good) -> bool {
        !self.abroad[good as usize].is_empty()
    }

    /// A small user at home, who files nothing.
    pub(crate) fn small_user(&self, chance: &mut Chance) -> Option<u32> {
        (!self.small.is_empty()).then(|| self.small[chance.place(self.small.len())])
    }

    /// Somebody who coats for others.
    pub(crate) fn coater(&self, chance: &mut Chance) -> Option<u32> {
        (!self.coaters.is_empty()).then(|| self.coaters[chance.place(self.coaters.len())])
    }

    /// A party abroad that supplies from a country; nobody where none is known there.
    pub(crate) fn supplier(&self, country: [u8; 2], chance: &mut Chance) -> u32 {
        let of = self.suppliers.iter().filter(|s| s.1 == country);
        let count = of.clone().count();
        of.clone().nth(chance.place(count.max(1))).map_or(NONE, |s| s.0)
    }

    /// A buyer for a good: mostly one that the seller has, the older the likelier.
    pub(crate) fn buyer(
        &mut self,
        seller: u32,
        good: Good,
        abroad: bool,
        chance: &mut Chance,
    ) -> Option<u32> {
        let market =
            if abroad { &mut self.abroad[good as usize] } else { &mut self.home[good as usize] };
        if market.is_empty() {
            return None;
        }
        let of = &mut self.buyers[seller as usize];
        let at = match of.iter().position(|b| b.good == good && b.abroad == abroad) {
            Some(at) => at,
            None => {
                of.push(Buyers { good, abroad, sites: Vec::new() });
                of.len() - 1
            }
        };
        let sites = &mut of[at].sites;
        let known = sites.len();
        if known > 1 && !chance.happens(NEW_BUYER) {
            let place = chance.place(known).min(chance.place(known));
            return Some(sites[place]);
        }
        let found = market[chance.place(market.len())];
        if found != seller && known < BUYERS_MAX && !sites.contains(&found) {
            sites.push(found);
            market.push(found);
        }
        Some(found)
    }
}
