//! Appending filings to the graph, and replacing them by corrections.

use base::composition::words_iter;
use base::flow::{NewFlow, NewLeg, Other, Role};
use base::kind::Kind;
use base::{Composition, Date, Element, Timestamp};

use super::{CUSTOMER, Filing, Flow, Graph, Leg, Lot, NONE};
use crate::names::hash_bytes;

/// A filing to append.
#[derive(Debug, Clone, Copy)]
pub struct NewFiling<'a> {
    /// Who files.
    pub filer: &'a str,
    /// Its reference, not yet used by the filer.
    pub reference: &'a str,
    /// What is declared.
    pub kind: Kind,
    /// Business date.
    pub date: Date,
    /// Digest of its rows.
    pub digest: [u8; 32],
    /// Number of rows.
    pub rows: u32,
    /// The filing that it replaces, as [`Graph::corrects`] gave it.
    pub replaces: Option<u32>,
}

/// What appending found out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Appended {
    /// The number of the filing.
    pub filing: u32,
    /// Whether the filer had never been seen.
    pub new_filer: bool,
}

/// Why `corrects` names no filing that can be replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CorrectsError {
    /// The filer has no such filing.
    Unknown,
    /// It has been corrected or voided; this is the live one.
    Already(String),
}

/// A state of the graph to go back to.
#[derive(Debug, Clone, Copy)]
pub struct Mark {
    filings: usize,
    flows: usize,
    legs: usize,
    batches: usize,
    lots: usize,
    parties: usize,
    sites: usize,
    customers: usize,
}

impl Graph {
    /// Remembers the present state.
    #[must_use]
    pub fn mark(&self) -> Mark {
        Mark {
            filings: self.filings.len(),
            flows: self.flows.len(),
            legs: self.legs.len(),
            batches: self.batches.len(),
            lots: self.lots.len(),
            parties: self.parties.len(),
            sites: self.sites.len(),
            customers: self.customers.len(),
        }
    }

    /// Takes back everything appended since a mark. Legs stand at the heads of their chains in order
    /// of arrival, so unhooking them in reverse restores every chain.
    pub fn rollback(&mut self, mark: &Mark) {
        let mut changed = Vec::new();
        for id in (mark.legs..self.legs.len()).rev() {
            let leg = *self.legs.at(id as u32);
            if leg.lot == NONE {
                continue;
            }
            let lot = self.lots.at_mut(leg.lot);
            if leg.role() == Role::Made {
                lot.makers = leg.next;
                changed.push(leg.lot);
            } else {
                lot.touches = leg.next;
                if leg.stage_code() != 0 {
                    changed.push(leg.lot);
                }
            }
        }
        for id in (mark.filings..self.filings.len()).rev() {
            let filing = *self.filings.at(id as u32);
            let hash = self.reference_hash(filing.filer, self.references.get(id as u32));
            self.reference_slots.remove(hash, id as u32);
            if filing.replaces != NONE {
                self.revive(filing.replaces, mark, &mut changed);
            }
        }
        self.legs.truncate(mark.legs);
        self.flows.truncate(mark.flows);
        self.filings.truncate(mark.filings);
        self.references.truncate(mark.filings);
        self.batches.truncate(mark.batches);
        changed.retain(|&lot| (lot as usize) < mark.lots);
        self.lots.truncate(mark.lots);
        self.lot_names.truncate(self.key, mark.lots);
        self.sites.truncate(self.key, mark.sites);
        self.site_party.truncate(mark.sites);
        self.parties.truncate(self.key, mark.parties);
        self.customers.truncate(self.key, mark.customers);
        for lot in changed {
            self.lot_refresh(lot);
        }
    }

    /// Makes a filing live again whose replacement is taken back.
    fn revive(&mut self, filing: u32, mark: &Mark, changed: &mut Vec<u32>) {
        self.filings.at_mut(filing).replaced_by = NONE;
        if filing as usize >= mark.filings {
            return;
        }
        for flow in self.filing_flows(filing) {
            let (start, end) = self.flow_leg_range(flow);
            for leg in start as u32..end.min(mark.legs) as u32 {
                let record = self.legs.at_mut(leg);
                record.revive();
                if record.lot != NONE && (record.role() == Role::Made || record.stage_code() != 0) {
                    changed.push(record.lot);
                }
            }
        }
    }

    /// The filing that a correction of `filer` replaces.
    ///
    /// # Errors
    /// [`CorrectsError`] where it is unknown or no longer live.
    pub fn corrects(&self, filer: &str, reference: &str) -> Result<u32, CorrectsError> {
        let filer = self.party_find(filer).ok_or(CorrectsError::Unknown)?;
        let filing = self.filing_find(filer, reference).ok_or(CorrectsError::Unknown)?;
        let live = self.filing_live(filing);
        if live == filing {
            Ok(filing)
        } else {
            Err(CorrectsError::Already(self.references.get(live).to_owned()))
        }
    }

    /// Begins a batch: the filings appended after it were recorded at this instant.
    pub fn batch(&mut self, recorded_at: Timestamp) -> u32 {
        let id = self.batches.len() as u32;
        self.batches.push(recorded_at.us());
        id
    }

    /// Interns a party; tells whether it is new.
    pub fn party_intern(&mut self, id: &str) -> (u32, bool) {
        let before = self.parties.len();
        let party = self.parties.intern(self.key, id);
        (party, self.parties.len() > before)
    }

    /// Appends a filing to the last batch. Its flows follow by [`Graph::flow`].
    pub fn filing(&mut self, new: &NewFiling<'_>) -> Appended {
        let (filer, new_filer) = self.party_intern(new.filer);
        let id = self.filings.len() as u32;
        let mut digest = [0; 16];
        digest.copy_from_slice(&new.digest[..16]);
        self.references.push(new.reference);
        let hash = self.reference_hash(filer, new.reference);
        self.reference_slots.insert(hash, id);
        self.filings.push(Filing {
            digest,
            filer,
            flows: self.flows.len() as u32,
            date: base::time::date_pack(new.date),
            batch: (self.batches.len() as u32).saturating_sub(1),
            replaced_by: NONE,
            replaces: new.replaces.unwrap_or(NONE),
            kind: new.kind as u8,
            pad: [0; 3],
            rows: new.rows,
        });
        if let Some(replaced) = new.replaces {
            self.replace(replaced, id);
        }
        Appended { filing: id, new_filer }
    }

    /// Appends a flow to the last filing; `legs` are draws first, then what is made, then the rest.
    /// `parties` counts the parties that had never been seen.
    pub fn flow(&mut self, new: &NewFlow<'_>, legs: &[NewLeg<'_>], new_parties: &mut Vec<u32>) {
        let filing = self.filings.len() as u32 - 1;
        let filer = self.filings.at(filing).filer;
        let site = self.site_intern(filer, new.site);
        let other = match new.other {
            Other::None => NONE,
            Other::Party(id) => {
                let (party, fresh) = self.party_intern(id);
                if fresh {
                    new_parties.push(party);
                }
                party
            }
            Other::Customer(name) => {
                let key = format!("{name}\u{1f}{}", new.country);
                CUSTOMER | self.customers.intern(self.key, &key)
            }
        };
        let to_site = match other {
            _ if new.to_site.is_empty() => NONE,
            NONE => self.site_intern(filer, new.to_site),
            party if party & CUSTOMER == 0 => self.site_intern(party, new.to_site),
            _ => NONE,
        };
        let mut country = [0; 2];
        if let [a, b] = new.country.as_bytes() {
            country = [*a, *b];
        }
        let flow = self.flows.len() as u32;
        let first = self.legs.len() as u32;
        self.flows.push(Flow {
            filing,
            legs: first,
            site,
            to_site,
            other,
            country,
            movement: new.movement as u8,
            end_use: new.end_use.map_or(0, |u| u.0 + 1),
            process: new.process.map_or(0, |p| p.0 + 1),
            kind: self.filings.at(filing).kind,
            pad: [0; 2],
            stage: new.stage.map_or(0, |s| u32::from(s.0) + 1),
        });
        for leg in legs {
            self.leg(flow, leg);
        }
        let end = self.legs.len() as u32;
        for leg in first..end {
            self.leg_changed(leg);
        }
    }

    /// Works out anew what follows from a leg that has come, or gone.
    #[inline]
    fn leg_changed(&mut self, leg: u32) {
        let record = *self.legs.at(leg);
        if record.role() == Role::Made || (record.stage_code() != 0 && self.lot_untold(record.lot))
        {
            self.lot_refresh(record.lot);
        }
    }

    fn leg(&mut self, flow: u32, new: &NewLeg<'_>) {
        let kind = self.flows.at(flow).kind();
        let mut leg = Leg::new(new.role, kind, new.mass, new.stage);
        leg.flow = flow;
        leg.comp = new.composition.map_or(0, |c| self.comp_intern(c.words()));
        let id = self.legs.len() as u32;
        if !new.lot.is_empty() {
            let lot = self.lot_intern(new.lot);
            leg.lot = lot;
            let record = self.lots.at_mut(lot);
            let head =
                if new.role == Role::Made { &mut record.makers } else { &mut record.touches };
            leg.next = *head;
            *head = id;
        }
        self.legs.push(leg);
    }

    fn lot_intern(&mut self, id: &str) -> u32 {
        let lot = self.lot_names.intern(self.key, id);
        if lot as usize == self.lots.len() {
            self.lots.push(Lot { mass: 0, comp: 0, makers: NONE, touches: NONE, stage: 0 });
        }
        lot
    }

    fn site_intern(&mut self, party: u32, code: &str) -> u32 {
        if code.is_empty() {
            return NONE;
        }
        // The key begins with the party's number: a site code is unique per party only.
        let mut name = [0_u8; 96];
        let party_name = self.parties.texts.raw(party);
        let len = party_name.len() + 1 + code.len();
        let key = match name.get_mut(..len) {
            Some(key) => {
                key[..party_name.len()].copy_from_slice(party_name);
                key[party_name.len()] = 0x1f;
                key[party_name.len() + 1..].copy_from_slice(code.as_bytes());
                std::str::from_utf8(key).unwrap_or_default()
            }
            None => {
                let key = format!("{}\u{1f}{code}", self.parties.get(party));
                return self.site_of_key(party, &key);
            }
        };
        let before = self.sites.len();
        let site = self.sites.intern(self.key, key);
        if self.sites.len() > before {
            self.site_party.push(party);
        }
        site
    }

    fn site_of_key(&mut self, party: u32, key: &str) -> u32 {
        let before = self.sites.len();
        let site = self.sites.intern(self.key, key);
        if self.sites.len() > before {
            self.site_party.push(party);
        }
        site
    }

    pub(crate) fn comp_intern(&mut self, words: &[u32]) -> u32 {
        let hash = hash_bytes(self.key, bytemuck::cast_slice(words));
        let comps = &self.comps;
        let equal = |id: u32| comps.from(id).get(..words.len()) == Some(words);
        if let Some(id) = self.comp_slots.find(hash, equal) {
            return id;
        }
        let id = self.comps.len() as u32;
        self.comps.extend(words);
        self.comp_slots.insert(hash, id);
        id
    }

    /// Ends a filing by the one that replaces it.
    fn replace(&mut self, replaced: u32, by: u32) {
        self.filings.at_mut(replaced).replaced_by = by;
        for flow in self.filing_flows(replaced) {
            let (start, end) = self.flow_leg_range(flow);
            let (start, end) = (start as u32, end as u32);
            for leg in start..end {
                self.legs.at_mut(leg).kill();
            }
            for leg in start..end {
                self.leg_changed(leg);
            }
        }
    }

    /// Mean by mass over the live makings: `floor(Σ mass × ppb ÷ Σ mass)`.
    pub(super) fn comp_mean(&mut self, makers: u32) -> u32 {
        let mut set = 0_u64;
        let mut sums = [0_i128; 64];
        let mut mass_sum = 0_i128;
        for (_, leg) in self.chain(makers) {
            if leg.dead() {
                continue;
            }
            let (mass, comp, _) = self.made_now(leg);
            mass_sum += i128::from(mass);
            if comp != 0 {
                for (element, ppb) in words_iter(self.comp_words(comp)) {
                    set |= 1 << element.0;
                    sums[element.0 as usize] += i128::from(mass) * i128::from(ppb);
                }
            }
        }
        if set == 0 {
            return 0;
        }
        let pairs: Vec<(Element, u32)> = (0..64_u8)
            .filter(|e| set & (1 << e) != 0)
            .map(|e| (Element(e), (sums[e as usize] / mass_sum.max(1)) as u32))
            .collect();
        self.comp_intern(Composition::from_pairs(&pairs).words())
    }
}
