//! What pages and the API show of the books: parties, lots, filings, search.
//!
//! Views carry codes and exact numbers; words and units are for whoever shows them.

use std::collections::{BTreeMap, HashMap};

use base::flow::Role;
use base::time::{date_pack, date_unpack};
use base::{Date, Timestamp};
use insight::graph::{Leg, NONE};
use insight::lens::{Current, Lens};
use serde::Serialize;
use tracking::balance::balance_column;

use crate::audience::{Audience, Reading};
use crate::books::Books;
use crate::import::hex;

/// The most entries of a list in a view.
const LIST_MAX: usize = 50;

/// The size of the books.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Totals {
    /// Lots named by live filings or ever.
    pub lots: u64,
    /// Filings, corrected ones included.
    pub filings: u64,
    /// Rows.
    pub rows: u64,
    /// Parties.
    pub parties: u64,
    /// Sites.
    pub sites: u64,
    /// First business date.
    pub first_date: Option<String>,
    /// Last business date.
    pub last_date: Option<String>,
}

/// Filings of a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct MonthCount {
    /// Year.
    pub year: i16,
    /// Month, 1 to 12.
    pub month: i8,
    /// Filings dated in it.
    pub filings: u64,
}

/// A site of a party.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SiteView {
    /// Code, unique per party.
    pub code: String,
    /// Lots in stock.
    pub lots: u64,
    /// Mass in stock, mg.
    pub mass_mg: i128,
}

/// A lot in stock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StockView {
    /// Site code.
    pub site: String,
    /// Lot id.
    pub lot: String,
    /// Stage code.
    pub stage: String,
    /// Mass in stock, mg.
    pub mass_mg: i128,
}

/// A party.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PartyView {
    /// Identifier as filed.
    pub id: String,
    /// Whether a register has confirmed it.
    pub verified: bool,
    /// Sites by code.
    pub sites: Vec<SiteView>,
    /// Filings by it.
    pub filings: u64,
    /// First business date.
    pub first_date: Option<String>,
    /// Last business date.
    pub last_date: Option<String>,
    /// Its latest filings, newest first.
    pub recent: Vec<FilingView>,
    /// Lots in stock, greatest mass first.
    pub stock: Vec<StockView>,
}

/// A leg of a filing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LegView {
    /// `in`, `out`, `loss`, `part`, `moved` or `counted`.
    pub role: &'static str,
    /// Lot id, empty where it concerns none.
    pub lot: String,
    /// Mass, mg.
    pub mass_mg: i64,
    /// Stage code.
    pub stage: String,
}

/// A filing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FilingView {
    /// Who filed.
    pub filer: String,
    /// The filer's reference.
    pub reference: String,
    /// Kind code.
    pub kind: &'static str,
    /// Business date.
    pub date: String,
    /// Site code.
    pub site: String,
    /// The other party, by id or in words.
    pub counterparty: String,
    /// Whether it has not been replaced.
    pub live: bool,
    /// The reference that it replaces.
    pub corrects: Option<String>,
    /// The reference that replaced it.
    pub corrected_by: Option<String>,
    /// When it was recorded.
    pub recorded_at: String,
    /// First half of the digest of its rows, hex.
    pub digest: String,
    /// Number of rows.
    pub rows: u32,
    /// Its legs.
    pub legs: Vec<LegView>,
}

/// Where some of a lot stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PlaceView {
    /// `stock`, `transit`, `used`, `exported` or `lost`.
    pub state: &'static str,
    /// Holder or sender.
    pub party: String,
    /// Site code.
    pub site: String,
    /// Receiver or customer.
    pub to_party: String,
    /// Mass, mg; negative where more was taken than held.
    pub mass_mg: i128,
}

/// A lot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LotView {
    /// Lot id.
    pub id: String,
    /// Stage code.
    pub stage: String,
    /// Who made it, empty where nobody did.
    pub party: String,
    /// Where it was made.
    pub site: String,
    /// `made`, or `undeclared` where no live filing makes it.
    pub state: &'static str,
    /// Mass with which it was made, mg.
    pub made_mass_mg: i64,
    /// Composition: symbol and ppb of each analysed element.
    pub composition: Vec<(String, u32)>,
    /// The filings that made it.
    pub makers: Vec<FilingView>,
    /// The filings that drew on it, moved or counted it; the first fifty by date.
    pub draws: Vec<FilingView>,
    /// How many those are altogether.
    pub draws_count: u64,
    /// Where it stands.
    pub places: Vec<PlaceView>,
    /// Whether what it weighs and holds is for the reader to know ([`crate::audience`]).
    pub known: bool,
    /// The parties whose filings concern it.
    pub books: Vec<String>,
}

/// A hit of the search.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SearchHit {
    /// `party`, `lot` or `filing`.
    pub kind: &'static str,
    /// Its id; of a filing `filer/reference`.
    pub id: String,
    /// Stage of a lot, kind and date of a filing.
    pub detail: String,
}

impl Books {
    /// The size of the books.
    #[must_use]
    pub fn totals(&self) -> Totals {
        let graph = self.graph();
        let dates = || graph.filings.iter().map(|f| f.date);
        let text = |date: Option<i32>| date.and_then(date_unpack).map(|d| d.to_string());
        Totals {
            lots: graph.lots.len() as u64,
            filings: graph.filings.len() as u64,
            rows: graph.filings.iter().map(|f| u64::from(f.rows)).sum(),
            parties: graph.parties.len() as u64,
            sites: graph.sites.len() as u64,
            first_date: text(dates().min()),
            last_date: text(dates().max()),
        }
    }

    /// Live filings by month of their business date, in order.
    #[must_use]
    pub fn months(&self) -> Vec<MonthCount> {
        let mut months: BTreeMap<(i16, i8), u64> = BTreeMap::new();
        for filing in self.graph().filings.iter().filter(|f| f.replaced_by == NONE) {
            if let Some(date) = date_unpack(filing.date) {
                *months.entry((date.year(), date.month())).or_default() += 1;
            }
        }
        let count = |((year, month), filings)| MonthCount { year, month, filings };
        months.into_iter().map(count).collect()
    }

    /// A party, where it is known.
    #[must_use]
    pub fn party(&self, id: &str, reader: Audience<'_>) -> Option<PartyView> {
        let graph = self.graph();
        let lens = Reading::new(Current(graph), reader);
        let party = graph.party_find(id)?;
        let mut filings: Vec<u32> = (0..graph.filings.len() as u32)
            .filter(|&f| graph.filings.at(f).filer == party)
            .collect();
        let date = |f: &u32| graph.filings.at(*f).date;
        let text = |date: Option<i32>| date.and_then(date_unpack).map(|d: Date| d.to_string());
        let (first, last) = (filings.iter().map(date).min(), filings.iter().map(date).max());
        let count = filings.len() as u64;
        filings.sort_by_key(|f| std::cmp::Reverse((date(f), *f)));
        filings.truncate(LIST_MAX);
        let stock = self.stock(&lens, party);
        let mut sites: BTreeMap<u32, SiteView> = (0..graph.sites.len() as u32)
            .filter(|&s| *graph.site_party.at(s) == party)
            .map(|s| (s, SiteView { code: graph.site_code(s).to_owned(), lots: 0, mass_mg: 0 }))
            .collect();
        for (&(site, _), &mass) in &stock {
            if let Some(view) = sites.get_mut(&site).filter(|_| mass > 0) {
                view.lots += 1;
                view.mass_mg += mass;
            }
        }
        let mut lots: Vec<StockView> = stock
            .iter()
            .filter(|(_, mass)| **mass > 0)
            .map(|(&(site, lot), &mass_mg)| StockView {
                site: graph.site_code(site).to_owned(),
                lot: graph.lot_names.get(lot).to_owned(),
                stage: self.stage_name(lens.stage_code(lot)),
                mass_mg,
            })
            .collect();
        lots.sort_by(|a, b| b.mass_mg.cmp(&a.mass_mg).then_with(|| a.lot.cmp(&b.lot)));
        lots.truncate(LIST_MAX);
        let mut sites: Vec<SiteView> = sites.into_values().collect();
        sites.sort_by(|a, b| a.code.cmp(&b.code));
        Some(PartyView {
            id: id.to_owned(),
            verified: false,
            sites,
            filings: count,
            first_date: text(first),
            last_date: text(last),
            recent: filings.into_iter().map(|f| self.filing_view(&lens, f)).collect(),
            stock: lots,
        })
    }

    /// Mass in stock of a party by site and lot.
    fn stock<L: Lens>(&self, lens: &L, party: u32) -> HashMap<(u32, u32), i128> {
        let graph = self.graph();
        let mut stock: HashMap<(u32, u32), i128> = HashMap::new();
        for leg in graph.legs.iter().filter(|l| l.lot != NONE && !l.dead()) {
            let flow = graph.flows.at(leg.flow);
            if flow.site == NONE || *graph.site_party.at(flow.site) != party {
                continue;
            }
            if let Some(column) = balance_column(flow.kind(), leg.role()) {
                let mass = i128::from(lens.mass(leg));
                let entry = stock.entry((flow.site, leg.lot)).or_default();
                *entry += if column.adds() { mass } else { -mass };
            }
        }
        stock
    }

    /// The code of a stage + 1; empty for 0.
    fn stage_name(&self, code: u32) -> String {
        let stage = insight::graph::stage_of_code(code);
        stage.and_then(|s| self.common().stage_row(s)).map_or(String::new(), |s| s.code.clone())
    }

    pub(crate) fn stage_code(&self, lot: u32) -> String {
        self.stage_name(self.graph().lots.at(lot).stage_code())
    }

    /// A filing, where it is known.
    #[must_use]
    pub fn filing(&self, filer: &str, reference: &str, reader: Audience<'_>) -> Option<FilingView> {
        let lens = Reading::new(Current(self.graph()), reader);
        self.filing_number(filer, reference).map(|f| self.filing_view(&lens, f))
    }

    /// The number of a filing, under which its rows are stored.
    #[must_use]
    pub fn filing_number(&self, filer: &str, reference: &str) -> Option<u32> {
        let graph = self.graph();
        graph.filing_find(graph.party_find(filer)?, reference)
    }

    fn filing_view<L: Lens>(&self, lens: &L, filing: u32) -> FilingView {
        let graph = self.graph();
        let record = graph.filings.at(filing);
        let reference = |f: u32| (f != NONE).then(|| graph.references.get(f).to_owned());
        let mut view = FilingView {
            filer: graph.parties.get(record.filer).to_owned(),
            reference: graph.references.get(filing).to_owned(),
            kind: record.kind().code(),
            date: date_unpack(record.date).map_or(String::new(), |d| d.to_string()),
            site: String::new(),
            counterparty: String::new(),
            live: record.replaced_by == NONE,
            corrects: reference(record.replaces),
            corrected_by: reference(record.replaced_by),
            recorded_at: graph.recorded_at(filing).to_string(),
            digest: hex(&record.digest),
            rows: record.rows,
            legs: Vec::new(),
        };
        for flow in graph.filing_flows(filing) {
            let record = graph.flows.at(flow);
            if view.legs.is_empty() {
                view.site = graph.site_code(record.site).to_owned();
                view.counterparty = graph.other_name(record.other).to_owned();
            }
            for leg in graph.flow_legs(flow).iter().take(200) {
                view.legs.push(self.leg_view(lens, leg));
            }
        }
        view
    }

    fn leg_view<L: Lens>(&self, lens: &L, leg: &Leg) -> LegView {
        let graph = self.graph();
        let lot = leg.lot != NONE;
        LegView {
            role: match leg.role() {
                Role::In => "in",
                Role::Take => "part",
                Role::Made => "out",
                Role::Moved => "moved",
                Role::Lost => "loss",
                Role::Counted => "counted",
            },
            lot: if lot { graph.lot_names.get(leg.lot).to_owned() } else { String::new() },
            mass_mg: lens.mass(leg),
            stage: if lot { self.stage_name(lens.stage_code(leg.lot)) } else { String::new() },
        }
    }

    /// A lot, where a live filing names it.
    #[must_use]
    pub fn lot(&self, id: &str, reader: Audience<'_>) -> Option<LotView> {
        let graph = self.graph();
        let lens = Reading::new(Current(graph), reader);
        let lot = graph.lot_find(id)?;
        let filing = |leg: &Leg| graph.flows.at(leg.flow).filing;
        let by_date = |legs: &mut dyn Iterator<Item = u32>| {
            let mut filings: Vec<u32> = legs.collect();
            filings.sort_by_key(|&f| (graph.filings.at(f).date, f));
            filings.dedup();
            filings
        };
        let makers = by_date(&mut lens.makers(lot).map(|(_, leg)| filing(leg)));
        let draws = by_date(&mut lens.touches(lot).map(|(_, leg)| filing(leg)));
        if makers.is_empty() && draws.is_empty() {
            return None;
        }
        let record = graph.lots.at(lot);
        let mut books: Vec<String> = Vec::new();
        for &filing in makers.iter().chain(&draws) {
            books.push(graph.parties.get(graph.filings.at(filing).filer).to_owned());
            for flow in graph.filing_flows(filing) {
                let other = graph.flows.at(flow).other;
                if other != NONE && other & insight::graph::CUSTOMER == 0 {
                    books.push(graph.parties.get(other).to_owned());
                }
            }
        }
        books.sort_unstable();
        books.dedup();
        let first = makers.first().map(|&f| self.filing_view(&lens, f));
        let words = graph.comp_words(record.comp);
        let composition = base::composition::words_iter(words)
            .map(|(e, ppb)| (self.common().symbol(e).to_owned(), ppb))
            .collect();
        Some(LotView {
            id: id.to_owned(),
            stage: self.stage_code(lot),
            party: first.as_ref().map_or(String::new(), |f| f.filer.clone()),
            site: first.as_ref().map_or(String::new(), |f| f.site.clone()),
            state: if makers.is_empty() { "undeclared" } else { "made" },
            made_mass_mg: record.mass,
            composition,
            makers: makers.iter().take(LIST_MAX).map(|&f| self.filing_view(&lens, f)).collect(),
            draws_count: draws.len() as u64,
            draws: draws.iter().take(LIST_MAX).map(|&f| self.filing_view(&lens, f)).collect(),
            places: self.places(&lens, lot),
            known: lens.knows(lot),
            books,
        })
    }

    /// Where a lot stands, by mass.
    fn places<L: Lens>(&self, lens: &L, lot: u32) -> Vec<PlaceView> {
        use insight::forward::Account;
        let graph = self.graph();
        let mut places: Vec<PlaceView> = insight::forward::mass_accounts(lens, lot)
            .into_iter()
            .filter(|a| a.1 != 0)
            .map(|(account, mass_mg)| {
                let (state, site, to) = match account {
                    Account::Held { site } => ("stock", site, NONE),
                    Account::Used { site, .. } => ("used", site, NONE),
                    Account::Exported { site, customer, .. } => ("exported", site, customer),
                    Account::Transit { receiver, .. } => ("transit", NONE, receiver),
                    Account::Lost { site }
                    | Account::Assumed { site }
                    | Account::Cycle { site } => ("lost", site, NONE),
                };
                let party = match account {
                    Account::Transit { sender, .. } => graph.other_name(sender),
                    _ => graph.site_party(site),
                };
                PlaceView {
                    state,
                    party: party.to_owned(),
                    site: graph.site_code(site).to_owned(),
                    to_party: graph.other_name(to).to_owned(),
                    mass_mg,
                }
            })
            .collect();
        places.sort_by(|a, b| b.mass_mg.cmp(&a.mass_mg).then_with(|| a.party.cmp(&b.party)));
        places
    }

    /// Parties, lots and filings whose id begins with a text, exact hits first. Only those in the book of
    /// one party, where one is named.
    #[must_use]
    pub fn search(&self, text: &str, limit: usize, book: Option<&str>) -> Vec<SearchHit> {
        let graph = self.graph();
        let text = text.trim();
        if text.is_empty() {
            return Vec::new();
        }
        let book = book.map(|b| graph.party_find(b).unwrap_or(NONE));
        let lens = Current(graph);
        let concerns = |filing: u32, party: u32| {
            graph.filings.at(filing).filer == party
                || graph.filing_flows(filing).any(|f| graph.flows.at(f).other == party)
        };
        let own_lot = |lot: u32| {
            let mut legs = lens.makers(lot).chain(lens.touches(lot));
            book.is_none_or(|b| legs.any(|(_, l)| concerns(graph.flows.at(l.flow).filing, b)))
        };
        let lot_live =
            |lot: u32| lens.makers(lot).next().is_some() || lens.touches(lot).next().is_some();
        let mut hits = Vec::new();
        let prefix = |name: &str| {
            name.len() >= text.len()
                && name.as_bytes()[..text.len()].eq_ignore_ascii_case(text.as_bytes())
        };
        for party in 0..graph.parties.len() as u32 {
            let name = graph.parties.get(party);
            let short = name.split_once(':').map_or(name, |s| s.1);
            if (prefix(name) || prefix(short)) && book.is_none_or(|b| b == party) {
                hits.push(SearchHit { kind: "party", id: name.to_owned(), detail: String::new() });
            }
            if hits.len() >= limit {
                break;
            }
        }
        for lot in 0..graph.lots.len() as u32 {
            if hits.len() >= limit {
                break;
            }
            let name = graph.lot_names.get(lot);
            if prefix(name) && lot_live(lot) && own_lot(lot) {
                let detail = self.stage_code(lot);
                hits.push(SearchHit { kind: "lot", id: name.to_owned(), detail });
            }
        }
        for filing in 0..graph.filings.len() as u32 {
            if hits.len() >= limit {
                break;
            }
            if prefix(graph.references.get(filing)) && book.is_none_or(|b| concerns(filing, b)) {
                let record = graph.filings.at(filing);
                let date = date_unpack(record.date).map_or(String::new(), |d| d.to_string());
                let detail = format!("{} {date}", record.kind().code());
                hits.push(SearchHit { kind: "filing", id: graph.filing_name(filing), detail });
            }
        }
        let exact = |hit: &SearchHit| !hit.id.eq_ignore_ascii_case(text);
        hits.sort_by_key(exact);
        hits
    }

    /// When something was last recorded.
    #[must_use]
    pub fn recorded_last(&self) -> Option<Timestamp> {
        self.graph().batches.iter().last().map(|&us| Timestamp::from_us(us))
    }

    /// How many live filings a party has dated from a day on.
    #[must_use]
    pub fn filings_since(&self, party: &str, from: Date) -> u64 {
        let graph = self.graph();
        let Some(party) = graph.party_find(party) else { return 0 };
        let from = date_pack(from);
        let counts = |f: &&insight::graph::Filing| {
            f.filer == party && f.date >= from && f.replaced_by == NONE
        };
        graph.filings.iter().filter(counts).count() as u64
    }
}
