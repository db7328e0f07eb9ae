//! What was exported: the goods of the live export filings between two dates, as a control list sees them.

use std::collections::BTreeMap;
use std::sync::PoisonError;

use base::flow::Role;
use base::kind::Kind;
use base::time::{date_pack, date_unpack};
use base::{Date, Element};
use insight::graph::NONE;
use tracking::Column;

use crate::books::Books;
use crate::platform::{Platform, PlatformError, block_read};

/// One exported lot, with the good's description as filed and its composition as the books have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exported {
    /// Who filed it, `scheme:value`.
    pub filer: String,
    /// The filer's reference.
    pub reference: String,
    /// Business date.
    pub date: Date,
    /// Lot id.
    pub lot: String,
    /// Stage code; empty where unknown.
    pub stage: String,
    /// % by mass of each analysed element in 10⁻⁹; nothing where no composition is known.
    pub composition: Option<Vec<(Element, u32)>>,
    /// Product name.
    pub product: String,
    /// Magnet grade.
    pub grade: String,
    /// HS or CN code.
    pub hs: String,
    /// Country of the customer, ISO 3166-1 alpha-2.
    pub destination: String,
    /// Licence and line named; empty where none is.
    pub licence: String,
    /// Customs declaration named; empty where none is.
    pub declaration: String,
    /// Customer, by identifier or in words.
    pub customer: String,
    /// Pieces, where a whole number is told.
    pub pieces: Option<i64>,
    /// Net mass, mg.
    pub mass_mg: i64,
}

impl Exported {
    fn tell(&mut self, texts: Texts) {
        (self.product, self.grade) = (texts.product, texts.grade);
        (self.hs, self.licence) = (texts.hs, texts.licence);
        (self.declaration, self.pieces) = (texts.declaration, texts.pieces);
    }
}

/// Texts of a row that the books do not hold.
#[derive(Debug, Default, Clone)]
struct Texts {
    product: String,
    grade: String,
    hs: String,
    licence: String,
    declaration: String,
    pieces: Option<i64>,
}

impl Texts {
    fn of(fields: &tracking::Fields<'_>) -> Texts {
        Texts {
            product: fields.get(Column::Product).to_owned(),
            grade: fields.get(Column::Grade).to_owned(),
            hs: fields.get(Column::Hs).to_owned(),
            licence: fields.get(Column::Licence).to_owned(),
            declaration: fields.get(Column::Declaration).to_owned(),
            pieces: fields.get(Column::Pieces).parse().ok(),
        }
    }
}

impl Platform {
    /// The goods exported from `from` to `to`, both inclusive, in the order of recording. Each block of
    /// filings with an export in it is read once; the books are held meanwhile only to find them.
    ///
    /// # Errors
    /// [`PlatformError`] where the database refuses or a block is damaged.
    pub fn exported(&self, from: Date, to: Date) -> Result<Vec<Exported>, PlatformError> {
        let (found, filings) = self.exported_found(from, to);
        self.exported_told(found, &filings)
    }

    /// The goods of one export filing; none where it is no export, or was replaced.
    ///
    /// # Errors
    /// [`PlatformError`] where the database refuses or a block is damaged.
    pub fn exported_in(
        &self,
        filer: &str,
        reference: &str,
    ) -> Result<Vec<Exported>, PlatformError> {
        let found = {
            let books = self.books();
            let Some(number) = books.filing_number(filer, reference) else { return Ok(Vec::new()) };
            let filing = books.graph().filings.at(number);
            let live = filing.kind() == Kind::Export && filing.replaced_by == NONE;
            let goods = live.then(|| export_goods(&books, number)).flatten();
            goods.map(|goods| (number, goods))
        };
        let Some((number, goods)) = found else { return Ok(Vec::new()) };
        self.exported_told(BTreeMap::from([(number, goods)]), &[number])
    }

    /// Exports with the texts of their rows.
    fn exported_told(
        &self,
        mut found: BTreeMap<u32, Vec<Exported>>,
        filings: &[u32],
    ) -> Result<Vec<Exported>, PlatformError> {
        let texts = self.export_texts(filings)?;
        for (filing, goods) in &mut found {
            let Some(rows) = texts.get(filing) else { continue };
            for (row, good) in goods.iter_mut().enumerate() {
                let Some(texts) = rows.get(row).cloned() else { continue };
                good.tell(texts);
            }
        }
        Ok(found.into_values().flatten().collect())
    }

    /// The exports by filing as the books have them, and the filings, in order.
    fn exported_found(&self, from: Date, to: Date) -> (BTreeMap<u32, Vec<Exported>>, Vec<u32>) {
        let books = self.books();
        let graph = books.graph();
        let (from, to) = (date_pack(from), date_pack(to));
        let mut found = BTreeMap::new();
        for number in 0..graph.filings.len() as u32 {
            let filing = graph.filings.at(number);
            let within = (from..=to).contains(&filing.date);
            if filing.kind() != Kind::Export || filing.replaced_by != NONE || !within {
                continue;
            }
            let Some(goods) = export_goods(&books, number) else { continue };
            found.insert(number, goods);
        }
        let filings = found.keys().copied().collect();
        (found, filings)
    }

    /// The texts of the rows of filings, given in order.
    fn export_texts(&self, filings: &[u32]) -> Result<BTreeMap<u32, Vec<Texts>>, PlatformError> {
        let mut texts = BTreeMap::new();
        let database = self.inner.reader.lock().unwrap_or_else(PoisonError::into_inner);
        let mut wanted = filings.iter().copied().peekable();
        while let Some(first) = wanted.peek().copied() {
            let Some(block) = database.block_of(u64::from(first))? else {
                wanted.next();
                continue;
            };
            let mut at = block.first_filing;
            let read = block_read(&block.bytes, |_, rows| {
                if wanted.peek().map(|&filing| u64::from(filing)) == Some(at)
                    && let Some(filing) = wanted.next()
                {
                    texts.insert(filing, rows.iter().map(Texts::of).collect());
                }
                at += 1;
                Ok(())
            });
            let damaged = |what| PlatformError::Damaged { filing: u64::from(first), what };
            read.map_err(damaged)?;
            // A block that does not hold what it was asked for would be asked for ever.
            if wanted.peek() == Some(&first) {
                return Err(damaged("its block does not hold it".to_owned()));
            }
        }
        Ok(texts)
    }
}

/// The goods of an export filing that stands in the books and in no block yet: those of a trial. Nothing
/// where it is no export.
pub(crate) fn exported_tried<'r>(
    books: &Books,
    number: u32,
    rows: impl Iterator<Item = &'r tracking::Fields<'r>>,
) -> Option<Vec<Exported>> {
    let filing = books.graph().filings.at(number);
    if filing.kind() != Kind::Export {
        return None;
    }
    let mut goods = export_goods(books, number)?;
    goods.iter_mut().zip(rows).for_each(|(good, fields)| good.tell(Texts::of(fields)));
    Some(goods)
}

/// The goods of an export filing as the books have them; nothing where its date cannot be read.
fn export_goods(books: &Books, number: u32) -> Option<Vec<Exported>> {
    let graph = books.graph();
    let filing = graph.filings.at(number);
    let date = date_unpack(filing.date)?;
    // One flow a row: the leg that makes or moves the lot tells which.
    let goods = graph.filing_flows(number).filter_map(|flow| {
        let legs = graph.flow_legs(flow);
        let named = |leg: &&insight::graph::Leg| {
            leg.lot != NONE && matches!(leg.role(), Role::Made | Role::Moved)
        };
        let leg = legs.iter().find(named).or_else(|| legs.iter().find(|l| l.lot != NONE))?;
        let lot = graph.lots.at(leg.lot);
        let comp = if leg.comp == 0 { lot.comp } else { leg.comp };
        let words = graph.comp_words(comp);
        Some(Exported {
            filer: graph.parties.get(filing.filer).to_owned(),
            reference: graph.references.get(number).to_owned(),
            date,
            lot: graph.lot_names.get(leg.lot).to_owned(),
            stage: books.stage_code(leg.lot),
            composition: (comp != 0).then(|| base::composition::words_iter(words).collect()),
            product: String::new(),
            grade: String::new(),
            hs: String::new(),
            destination: graph.flows.at(flow).country().to_owned(),
            licence: String::new(),
            declaration: String::new(),
            customer: graph.other_name(graph.flows.at(flow).other).to_owned(),
            pieces: None,
            mass_mg: leg.mass().unwrap_or(lot.mass),
        })
    });
    Some(goods.collect())
}
