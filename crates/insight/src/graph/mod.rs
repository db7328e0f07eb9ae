//! The supply graph: lots, the flows between them, and who filed what.
//!
//! A *lot* is a node. A *flow* is one effect of a filing: a whole transform, or one row of any
//! other kind. A flow's *legs* each concern one lot: drawn ([`Role::In`], [`Role::Take`]), made
//! ([`Role::Made`]), moved whole, counted, or lost. A lot's makings and its other legs are two
//! chains through the legs, so that appending costs the same at any size.
//!
//! A node is known by its name alone. A pool in a period is a node whose name carries the period;
//! nothing else here would change.
//!
//! Bytes: 24 a leg, 24 a lot, 32 a flow, 48 a filing.

mod append;
pub mod snapshot;
mod worth;

use base::composition::words_set;
use base::kind::{Kind, Move};
use base::{Element, StageId, Timestamp, UseId};
use bytemuck::{Pod, Zeroable};

pub(crate) use worth::row_mass;

pub use append::{Appended, CorrectsError, Mark, NewFiling};
pub use base::flow::{NewFlow, NewLeg, Other, Role};

use crate::column::Column;
use crate::names::{HashKey, Names, Slots, Texts};

/// No record.
pub const NONE: u32 = u32::MAX;

/// One leg, packed in 24 bytes.
#[derive(Debug, Clone, Copy, Pod, Zeroable)]
#[repr(C)]
pub struct Leg {
    /// Mass in mg (53 bits), role (bits 56–58), flags (59–60), stage + 1 (bits 53–55 and 61–63).
    bits: u64,
    /// The lot, [`NONE`] for a loss or a count of a stage.
    pub lot: u32,
    /// Composition, 0 where the row states none.
    pub comp: u32,
    /// The flow.
    pub flow: u32,
    /// The next leg in the lot's chain.
    pub next: u32,
}

const MASS_BITS: u64 = (1 << 53) - 1;
const MASS_STATED: u64 = 1 << 59;
const DEAD: u64 = 1 << 60;
/// The role of what a transform makes, so that a walk need not read its flow.
const MADE_BY_TRANSFORM: u64 = 6;
/// The role of what an import names as its source, likewise.
const TAKEN_BY_IMPORT: u64 = 7;

impl Leg {
    pub(crate) fn new(role: Role, kind: Kind, mass: Option<i64>, stage: Option<StageId>) -> Leg {
        let role = match (role, kind) {
            (Role::Made, Kind::Transform) => MADE_BY_TRANSFORM,
            (Role::Take, Kind::Import) => TAKEN_BY_IMPORT,
            _ => role as u64,
        };
        let stated = if mass.is_some() { MASS_STATED } else { 0 };
        let mass = mass.unwrap_or(0).unsigned_abs() & MASS_BITS;
        let stage = stage.map_or(0, |s| u64::from(s.0) + 1);
        let stage = (stage & 7) << 53 | (stage >> 3 & 7) << 61;
        let bits = mass | role << 56 | stated | stage;
        Leg { bits, lot: NONE, comp: 0, flow: NONE, next: NONE }
    }

    /// What it does.
    #[must_use]
    #[inline]
    pub fn role(&self) -> Role {
        match self.role_bits() {
            0 => Role::In,
            1 | TAKEN_BY_IMPORT => Role::Take,
            2 | MADE_BY_TRANSFORM => Role::Made,
            3 => Role::Moved,
            4 => Role::Lost,
            _ => Role::Counted,
        }
    }

    #[inline]
    fn role_bits(&self) -> u64 {
        (self.bits >> 56) & 7
    }

    /// Whether a transform makes the lot.
    #[inline]
    pub(crate) fn made_by_transform(&self) -> bool {
        self.role_bits() == MADE_BY_TRANSFORM
    }

    /// Whether an import names the lot as its source.
    #[inline]
    pub(crate) fn taken_by_import(&self) -> bool {
        self.role_bits() == TAKEN_BY_IMPORT
    }

    /// The mass in mg, where the row states one.
    #[must_use]
    #[inline]
    pub fn mass(&self) -> Option<i64> {
        (self.bits & MASS_STATED != 0).then_some((self.bits & MASS_BITS) as i64)
    }

    /// The stage + 1 that the row states, 0 where it states none.
    #[must_use]
    #[inline]
    pub fn stage_code(&self) -> u32 {
        (self.bits >> 53 & 7 | (self.bits >> 61 & 7) << 3) as u32
    }

    /// Whether it makes a part and leaves to the lot that it is a part of what it is itself.
    #[must_use]
    #[inline]
    pub(crate) fn open(&self) -> bool {
        self.comp == 0 || self.mass().is_none() || self.stage_code() == 0
    }

    /// Whether its filing has been replaced.
    #[must_use]
    #[inline]
    pub fn dead(&self) -> bool {
        self.bits & DEAD != 0
    }

    #[inline]
    pub(crate) fn kill(&mut self) {
        self.bits |= DEAD;
    }

    pub(crate) fn revive(&mut self) {
        self.bits &= !DEAD;
    }
}

/// One lot, 24 bytes.
#[derive(Debug, Clone, Copy, Pod, Zeroable)]
#[repr(C)]
pub struct Lot {
    /// Σ of the masses of its live makings, mg.
    pub mass: i64,
    /// Its composition: that of its making, the mean by mass of several; 0 where it has none.
    pub comp: u32,
    /// Chain of the legs that make it.
    pub makers: u32,
    /// Chain of all other legs that concern it.
    pub touches: u32,
    /// Stage + 1 in the low byte, 0 where unknown; [`TOLD`], [`OWN_PART`].
    stage: u32,
}

/// The stage of a lot is not that of a making, but told by another row.
const TOLD: u32 = 1 << 30;
/// A lot that is, over some steps, a part of itself, and leaves something to the lot it is a part of.
const OWN_PART: u32 = 1 << 31;

impl Lot {
    /// Its stage.
    #[must_use]
    pub fn stage(&self) -> Option<StageId> {
        stage_of_code(self.stage_code())
    }

    /// Its stage + 1, 0 where unknown.
    #[must_use]
    #[inline]
    pub fn stage_code(&self) -> u32 {
        self.stage & 0xff
    }

    #[inline]
    pub(crate) fn own_part(&self) -> bool {
        self.stage & OWN_PART != 0
    }
}

/// The stage of a code of [`Lot::stage_code`].
#[must_use]
pub fn stage_of_code(code: u32) -> Option<StageId> {
    u8::try_from(code).ok()?.checked_sub(1).map(StageId)
}

/// One flow, 32 bytes.
#[derive(Debug, Clone, Copy, Pod, Zeroable)]
#[repr(C)]
pub struct Flow {
    /// The filing.
    pub filing: u32,
    /// Its first leg; its legs end where those of the next flow begin.
    pub legs: u32,
    /// Where, at the filer.
    pub site: u32,
    /// Where, at the other party; [`NONE`] where not said.
    pub to_site: u32,
    /// The other party: a party, a customer in words ([`CUSTOMER`] added), or [`NONE`].
    pub other: u32,
    /// Country of the customer, two ASCII letters; 0 where not said.
    pub country: [u8; 2],
    /// [`Move`] by position.
    movement: u8,
    /// End use + 1.
    end_use: u8,
    /// Process + 1.
    process: u8,
    /// Kind by position, as of its filing.
    kind: u8,
    /// Padding.
    pad: [u8; 2],
    /// Stage + 1 of a count without a lot, 0 otherwise.
    pub stage: u32,
}

/// Added to [`Flow::other`] where it is a customer in words.
pub const CUSTOMER: u32 = 1 << 31;

impl Flow {
    /// What is declared.
    #[must_use]
    #[inline]
    pub fn kind(&self) -> Kind {
        Kind::from_index(self.kind).unwrap_or(Kind::Void)
    }

    /// Why it moves.
    #[must_use]
    pub fn movement(&self) -> Move {
        Move::from_index(self.movement).unwrap_or(Move::Sale)
    }

    /// Its end use.
    #[must_use]
    pub fn end_use(&self) -> Option<UseId> {
        self.end_use.checked_sub(1).map(UseId)
    }

    /// Its process, where stated.
    #[must_use]
    pub fn process(&self) -> Option<base::ProcessId> {
        self.process.checked_sub(1).map(base::ProcessId)
    }

    /// Country of the customer, empty where not said.
    #[must_use]
    pub fn country(&self) -> &str {
        if self.country[0] == 0 { "" } else { std::str::from_utf8(&self.country).unwrap_or("") }
    }
}

/// One filing, 48 bytes.
#[derive(Debug, Clone, Copy, Pod, Zeroable)]
#[repr(C)]
pub struct Filing {
    /// First half of the digest of its rows.
    pub digest: [u8; 16],
    /// Who filed.
    pub filer: u32,
    /// Its first flow.
    pub flows: u32,
    /// Business date, as packed by [`base::time::date_pack`].
    pub date: i32,
    /// The batch with which it was recorded.
    pub batch: u32,
    /// The filing that replaced it, or [`NONE`].
    pub replaced_by: u32,
    /// The filing that it replaces, or [`NONE`].
    pub replaces: u32,
    /// Kind by position.
    kind: u8,
    /// Padding.
    pad: [u8; 3],
    /// Number of rows.
    pub rows: u32,
}

impl Filing {
    /// What is declared.
    #[must_use]
    #[inline]
    pub fn kind(&self) -> Kind {
        Kind::from_index(self.kind).unwrap_or(Kind::Void)
    }
}

/// The graph.
#[derive(Debug, Default)]
pub struct Graph {
    pub(crate) key: HashKey,
    /// Lots by number.
    pub lots: Column<Lot>,
    /// Legs in order of arrival.
    pub legs: Column<Leg>,
    /// Flows in order of arrival.
    pub flows: Column<Flow>,
    /// Filings in order of arrival.
    pub filings: Column<Filing>,
    /// Recording instant of each batch, µs.
    pub batches: Column<i64>,
    /// Packed compositions, one after the other; 0 is none.
    pub(crate) comps: Column<u32>,
    pub(crate) comp_slots: Slots,
    /// Ids of lots.
    pub lot_names: Names,
    /// Ids of parties.
    pub parties: Names,
    /// Sites: `party U+001F code`.
    pub sites: Names,
    /// The party of each site.
    pub site_party: Column<u32>,
    /// Customers in words: `name U+001F country`.
    pub customers: Names,
    /// References by filing.
    pub references: Texts,
    pub(crate) reference_slots: Slots,
}

/// Sizes of the graph in bytes, for the operator and the benchmark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GraphBytes {
    /// Legs and lots: the walkable graph in both directions with masses.
    pub edges: usize,
    /// Flows and filings: who, where, when.
    pub filings: usize,
    /// Compositions with their index.
    pub compositions: usize,
    /// Names with their indices.
    pub names: usize,
}

impl Graph {
    /// An empty graph whose names are hashed under `key`.
    #[must_use]
    pub fn new(key: HashKey) -> Graph {
        let mut graph = Graph { key, ..Graph::default() };
        graph.comps.extend(&[0, 0]);
        graph
    }

    /// The number of a lot.
    #[must_use]
    pub fn lot_find(&self, id: &str) -> Option<u32> {
        self.lot_names.find(self.key, id)
    }

    /// The number of a party.
    #[must_use]
    pub fn party_find(&self, id: &str) -> Option<u32> {
        self.parties.find(self.key, id)
    }

    /// The number of a filing.
    #[must_use]
    pub fn filing_find(&self, filer: u32, reference: &str) -> Option<u32> {
        let equal = |id| {
            self.filings.at(id).filer == filer && self.references.raw(id) == reference.as_bytes()
        };
        self.reference_slots.find(self.reference_hash(filer, reference), equal)
    }

    #[inline]
    pub(crate) fn reference_hash(&self, filer: u32, reference: &str) -> u64 {
        let key = [self.key[0] ^ u64::from(filer), self.key[1]];
        crate::names::hash_bytes(key, reference.as_bytes())
    }

    /// The live filing at the end of the chain of corrections that starts at a filing.
    #[must_use]
    pub fn filing_live(&self, mut filing: u32) -> u32 {
        loop {
            let next = self.filings.at(filing).replaced_by;
            if next == NONE {
                return filing;
            }
            filing = next;
        }
    }

    /// When a filing was recorded.
    #[must_use]
    pub fn recorded_at(&self, filing: u32) -> Timestamp {
        Timestamp::from_us(*self.batches.at(self.filings.at(filing).batch))
    }

    /// `filer/reference`, the name of a filing.
    #[must_use]
    pub fn filing_name(&self, filing: u32) -> String {
        let filer = self.parties.get(self.filings.at(filing).filer);
        format!("{filer}/{}", self.references.get(filing))
    }

    /// The filing of a flow.
    #[must_use]
    #[inline]
    pub fn flow_filing(&self, flow: &Flow) -> &Filing {
        self.filings.at(flow.filing)
    }

    /// The legs of a flow: draws first, then what is made, then the rest.
    #[must_use]
    #[inline]
    pub fn flow_legs(&self, flow: u32) -> &[Leg] {
        let (start, end) = self.flow_leg_range(flow);
        self.legs.range(start, end)
    }

    /// Where the legs of a flow lie in [`Graph::legs`].
    #[must_use]
    #[inline]
    pub fn flow_leg_range(&self, flow: u32) -> (usize, usize) {
        let start = self.flows.at(flow).legs as usize;
        let end = if (flow as usize) + 1 < self.flows.len() {
            self.flows.at(flow + 1).legs as usize
        } else {
            self.legs.len()
        };
        (start, end)
    }

    /// The flows of a filing.
    #[must_use]
    pub fn filing_flows(&self, filing: u32) -> std::ops::Range<u32> {
        let start = self.filings.at(filing).flows;
        let end = if (filing as usize) + 1 < self.filings.len() {
            self.filings.at(filing + 1).flows
        } else {
            self.flows.len() as u32
        };
        start..end
    }

    /// ppb of an element in a composition; nothing where it was not analysed.
    #[must_use]
    #[inline]
    pub fn ppb(&self, comp: u32, element: Element) -> Option<u32> {
        base::composition::words_get(self.comps.from(comp), element)
    }

    /// Reads the ends of a composition of usual length, to have it in the cache.
    #[inline]
    pub(crate) fn comp_touch(&self, comp: u32) -> u32 {
        let last = self.comps.len() as u32 - 1;
        *self.comps.at(comp) ^ *self.comps.at((comp + 7).min(last))
    }

    /// The packed words of a composition.
    #[must_use]
    pub fn comp_words(&self, comp: u32) -> &[u32] {
        let words = self.comps.from(comp);
        let len = 2 + words_set(words).count_ones() as usize;
        &words[..len]
    }

    /// The code of a site.
    #[must_use]
    pub fn site_code(&self, site: u32) -> &str {
        if site == NONE {
            return "";
        }
        self.sites.get(site).split_once('\u{1f}').map_or("", |s| s.1)
    }

    /// The id of a site's party.
    #[must_use]
    pub fn site_party(&self, site: u32) -> &str {
        if site == NONE { "" } else { self.parties.get(*self.site_party.at(site)) }
    }

    /// The other party of a flow in words: its id, or the customer's name.
    #[must_use]
    pub fn other_name(&self, other: u32) -> &str {
        match other {
            NONE => "",
            id if id & CUSTOMER != 0 => {
                let name = self.customers.get(id & !CUSTOMER);
                name.split_once('\u{1f}').map_or(name, |s| s.0)
            }
            id => self.parties.get(id),
        }
    }

    /// Legs of a chain.
    pub fn chain(&self, head: u32) -> impl Iterator<Item = (u32, &Leg)> {
        let mut at = head;
        std::iter::from_fn(move || {
            if at == NONE {
                return None;
            }
            let leg = self.legs.at(at);
            let id = at;
            at = leg.next;
            Some((id, leg))
        })
    }

    /// What the graph occupies.
    #[must_use]
    pub fn bytes(&self) -> GraphBytes {
        let names =
            |n: &Names| n.texts.bytes.bytes() + n.texts.ends.bytes() + n.slots.slots.bytes();
        GraphBytes {
            edges: self.legs.bytes() + self.lots.bytes(),
            filings: self.flows.bytes() + self.filings.bytes() + self.batches.bytes(),
            compositions: self.comps.bytes() + self.comp_slots.slots.bytes(),
            names: names(&self.lot_names)
                + names(&self.parties)
                + names(&self.sites)
                + names(&self.customers)
                + self.references.bytes.bytes()
                + self.references.ends.bytes()
                + self.reference_slots.slots.bytes(),
        }
    }
}
