//! The snapshot of the graph: its columns as they lie in memory, each at an aligned place.
//!
//! A snapshot is a cache: it can be made anew from the stored filings at any time, and is taken
//! only if its header fits (format, tables of the pack, log position).

use bytemuck::Pod;

use super::Graph;
use crate::column::Column;
use crate::names::{HashKey, Names, Slots, Texts};

/// Alignment of each column in the file: a page.
pub const ALIGN: u64 = 4096;

/// The bytes of one column, in one or two pieces.
pub type Pieces<'a> = [&'a [u8]; 2];

fn pieces<T: Pod>(column: &Column<T>) -> Pieces<'_> {
    column.parts().map(bytemuck::cast_slice)
}

/// Columns of a snapshot read back, in the order in which [`Graph::snapshot_columns`] gave them.
pub trait Source {
    /// The next column's bytes, aligned to [`ALIGN`], private to this process.
    fn next(&mut self) -> Option<&'static mut [u8]>;
}

fn column<T: Pod>(source: &mut dyn Source) -> Option<Column<T>> {
    let bytes = source.next()?;
    if bytes.is_empty() {
        // No bytes have no alignment, so that the cast would refuse them.
        return Some(Column::with_base(&mut []));
    }
    bytemuck::try_cast_slice_mut(bytes).ok().map(Column::with_base)
}

fn texts(source: &mut dyn Source) -> Option<Texts> {
    Some(Texts { bytes: column(source)?, ends: column(source)? })
}

fn slots(source: &mut dyn Source, taken: usize) -> Option<Slots> {
    let slots: Column<u64> = column(source)?;
    (slots.is_empty() || slots.len().is_power_of_two()).then_some(Slots { slots, taken })
}

fn names(source: &mut dyn Source) -> Option<Names> {
    let texts = texts(source)?;
    let taken = texts.len();
    Some(Names { texts, slots: slots(source, taken)? })
}

fn columns_agree<T: Pod>(one: &Column<T>, two: &Column<T>) -> bool {
    let equal = |(a, b): (&T, &T)| bytemuck::bytes_of(a) == bytemuck::bytes_of(b);
    one.len() == two.len() && one.iter().zip(two.iter()).all(equal)
}

fn texts_agree(one: &Texts, two: &Texts) -> bool {
    columns_agree(&one.ends, &two.ends) && columns_agree(&one.bytes, &two.bytes)
}

impl Graph {
    /// All columns, in the fixed order of the snapshot.
    #[must_use]
    pub fn snapshot_columns(&self) -> Vec<Pieces<'_>> {
        let mut all = vec![
            pieces(&self.lots),
            pieces(&self.legs),
            pieces(&self.flows),
            pieces(&self.filings),
            pieces(&self.batches),
            pieces(&self.comps),
            pieces(&self.comp_slots.slots),
            pieces(&self.site_party),
            pieces(&self.references.bytes),
            pieces(&self.references.ends),
            pieces(&self.reference_slots.slots),
        ];
        for names in [&self.lot_names, &self.parties, &self.sites, &self.customers] {
            all.push(pieces(&names.texts.bytes));
            all.push(pieces(&names.texts.ends));
            all.push(pieces(&names.slots.slots));
        }
        all
    }

    /// Counts that the columns do not tell: compositions in the index.
    #[must_use]
    pub fn snapshot_counts(&self) -> [u64; 2] {
        [self.comp_slots.taken as u64, self.reference_slots.taken as u64]
    }

    /// The key under which names are hashed.
    #[must_use]
    pub fn key(&self) -> HashKey {
        self.key
    }

    /// Whether two graphs say the same. Compositions and indices may lie elsewhere: what was taken back
    /// leaves its place empty.
    #[must_use]
    pub fn agrees(&self, other: &Graph) -> bool {
        let comp = |one: u32, two: u32| {
            (one == 0) == (two == 0) && self.comp_words(one) == other.comp_words(two)
        };
        let names = |one: &Names, two: &Names| texts_agree(&one.texts, &two.texts);
        let lots = self.lots.iter().zip(other.lots.iter()).all(|(a, b)| {
            (a.mass, a.makers, a.touches, a.stage) == (b.mass, b.makers, b.touches, b.stage)
                && comp(a.comp, b.comp)
        });
        let legs = self.legs.iter().zip(other.legs.iter()).all(|(a, b)| {
            (a.bits, a.lot, a.flow, a.next) == (b.bits, b.lot, b.flow, b.next)
                && comp(a.comp, b.comp)
        });
        self.lots.len() == other.lots.len()
            && self.legs.len() == other.legs.len()
            && columns_agree(&self.flows, &other.flows)
            && columns_agree(&self.filings, &other.filings)
            && columns_agree(&self.batches, &other.batches)
            && columns_agree(&self.site_party, &other.site_party)
            && texts_agree(&self.references, &other.references)
            && names(&self.lot_names, &other.lot_names)
            && names(&self.parties, &other.parties)
            && names(&self.sites, &other.sites)
            && names(&self.customers, &other.customers)
            && lots
            && legs
    }

    /// A graph over the columns of a snapshot; nothing where they do not fit.
    #[must_use]
    pub fn from_snapshot(key: HashKey, counts: [u64; 2], source: &mut dyn Source) -> Option<Graph> {
        let mut graph = Graph { key, ..Graph::default() };
        graph.lots = column(source)?;
        graph.legs = column(source)?;
        graph.flows = column(source)?;
        graph.filings = column(source)?;
        graph.batches = column(source)?;
        graph.comps = column(source)?;
        graph.comp_slots = slots(source, counts[0] as usize)?;
        graph.site_party = column(source)?;
        graph.references = texts(source)?;
        graph.reference_slots = slots(source, counts[1] as usize)?;
        graph.lot_names = names(source)?;
        graph.parties = names(source)?;
        graph.sites = names(source)?;
        graph.customers = names(source)?;
        let consistent = graph.references.len() == graph.filings.len()
            && graph.lot_names.len() == graph.lots.len()
            && graph.site_party.len() == graph.sites.len();
        consistent.then_some(graph)
    }
}
