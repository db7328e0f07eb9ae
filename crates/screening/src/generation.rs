//! The lists in force, made ready for comparing.

use std::cell::RefCell;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::align::Alignment;
use crate::answer::Match;
use crate::asked::{Asked, Reader};
use crate::candidates::Gatherer;
use crate::explain::Explained;
use crate::fitting::Candidate;
use crate::identifiers;
use crate::index::{Index, Name, NameId, naming};
use crate::party::{List, ListedParty, PartyKind};
use crate::qualify::{said, settled};
use crate::query::{Query, Settings};
use crate::score::{self, Measured, fit, logistic};

/// All lists in force; immutable, shared, swapped as a whole.
#[derive(Debug)]
pub struct Generation {
    lists: Vec<Arc<List>>,
    index: Index,
}

/// Buffers of a thread that screens, used again for each query.
#[derive(Debug, Default)]
struct Scratch {
    reader: Reader,
    gatherer: Gatherer,
    alignment: Alignment,
    best: FxHashMap<(u16, u32), Hit>,
}

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

/// The best that was found of a party.
#[derive(Debug, Clone, Copy)]
struct Hit {
    name: NameId,
    query_name: usize,
    measured: Measured,
    score: f64,
}

/// Names longer than this are looked at up to here.
const BYTES_MAX: usize = 4_000;

impl Generation {
    /// Makes lists ready.
    #[must_use]
    pub fn build(lists: Vec<Arc<List>>) -> Generation {
        let index = Index::build(&lists);
        Generation { lists, index }
    }

    /// The lists.
    #[must_use]
    pub fn lists(&self) -> &[Arc<List>] {
        &self.lists
    }

    /// How many names are listed.
    #[must_use]
    pub fn names(&self) -> usize {
        self.index.names.len()
    }

    /// The parties that a query may be, the best first; ties break by the amount of evidence, then by list
    /// and id.
    #[must_use]
    pub fn screen(&self, query: &Query, settings: &Settings) -> Vec<Match> {
        SCRATCH.with(|scratch| match scratch.try_borrow_mut() {
            Ok(mut scratch) => self.screen_with(query, settings, &mut scratch),
            Err(_) => self.screen_with(query, settings, &mut Scratch::default()),
        })
    }

    fn screen_with(&self, query: &Query, settings: &Settings, scratch: &mut Scratch) -> Vec<Match> {
        let (read, hits) = self.hits(query, settings, scratch);
        let answers =
            hits.iter().filter_map(|hit| self.answer(query, &read, hit, &mut scratch.alignment));
        answers.collect()
    }

    /// The best hit of each party, the best first, and the names of the query as they were read.
    fn hits(
        &self,
        query: &Query,
        settings: &Settings,
        scratch: &mut Scratch,
    ) -> (Vec<Asked>, Vec<Hit>) {
        scratch.best.clear();
        let mut read: Vec<Asked> = Vec::with_capacity(query.names.len());
        for (query_name, name) in query.names.iter().enumerate() {
            let asked = scratch.reader.read(cut(name), naming(query.kind), &self.index);
            let Scratch { gatherer, alignment, best, .. } = scratch;
            for (_, id) in gatherer.gather(&asked, &self.index, naming(query.kind)) {
                self.compare(query, query_name, &asked, *id, alignment, best);
            }
            read.push(asked);
        }
        self.identified(query, &read, scratch);
        let found = scratch.best.values().copied();
        let mut hits: Vec<Hit> = found.filter(|hit| hit.score >= settings.threshold).collect();
        hits.sort_by(|a, b| {
            let evidence = b.measured.evidence.total_cmp(&a.measured.evidence);
            let place = || self.place(a).cmp(&self.place(b));
            b.score.total_cmp(&a.score).then(evidence).then_with(place)
        });
        hits.truncate(settings.limit);
        (read, hits)
    }

    /// The candidates of a query with what they were measured by.
    pub(crate) fn measured(&self, query: &Query, limit: usize) -> Vec<Candidate> {
        let mut scratch = Scratch::default();
        let (_, hits) = self.hits(query, &Settings { threshold: 0.0, limit }, &mut scratch);
        let candidate = |hit: &Hit| {
            let name = &self.index.names[hit.name as usize];
            let party = self.party(name)?;
            Some(Candidate {
                list: self.lists.get(usize::from(name.list))?.code.clone(),
                entity: party.id.clone(),
                matched_name: party.names.get(name.number as usize)?.text.clone(),
                person: name.kind == PartyKind::Person,
                score: hit.score,
                differences: hit.measured.differences.to_vec(),
            })
        };
        hits.iter().filter_map(candidate).collect()
    }

    /// Where a hit stands: code of its list and id.
    fn place(&self, hit: &Hit) -> (&str, &str) {
        let name = &self.index.names[hit.name as usize];
        let list = self.lists.get(usize::from(name.list));
        let code = list.map_or("", |l| l.code.as_str());
        (code, self.party(name).map_or("", |p| p.id.as_str()))
    }

    fn party(&self, name: &Name) -> Option<&ListedParty> {
        self.lists.get(usize::from(name.list))?.parties.get(name.party as usize)
    }

    /// Compares a name of the query with a listed one and keeps it where it is the best of its party.
    fn compare(
        &self,
        query: &Query,
        query_name: usize,
        asked: &Asked,
        id: NameId,
        alignment: &mut Alignment,
        best: &mut FxHashMap<(u16, u32), Hit>,
    ) {
        let name = &self.index.names[id as usize];
        if !comparable(query.kind, name.kind) {
            return;
        }
        let Some(party) = self.party(name) else { return };
        let measured = self.measure(asked, id, alignment);
        let mut sum = fit(naming(name.kind)).sum(&measured);
        sum += said(query, party).map(|s| s.move_by).sum::<f32>();
        let score = if settled(query, party).is_some() { 1.0 } else { logistic(sum) };
        let hit = Hit { name: id, query_name, measured, score };
        best.entry((name.list, name.party))
            .and_modify(|known| {
                let better = hit
                    .score
                    .total_cmp(&known.score)
                    .then(hit.measured.evidence.total_cmp(&known.measured.evidence))
                    .then(known.query_name.cmp(&query_name))
                    .then(known.name.cmp(&id));
                if better.is_gt() {
                    *known = hit;
                }
            })
            .or_insert(hit);
    }

    fn measure(&self, asked: &Asked, id: NameId, alignment: &mut Alignment) -> Measured {
        let name = &self.index.names[id as usize];
        let listed = self.index.parts_of(id);
        alignment.align(asked, listed, &self.index);
        let compact = alignment.compact_edits(asked, listed, &self.index);
        score::measure(alignment, asked, listed, name.strength, compact)
    }

    /// Parties with an identifier of the query, whatever they are called.
    fn identified(&self, query: &Query, read: &[Asked], scratch: &mut Scratch) {
        for identifier in &query.identifiers {
            let Some(value) = identifiers::normal(&identifier.value) else { continue };
            for (list, party) in self.index.identifiers.get(&value).into_iter().flatten() {
                if scratch.best.contains_key(&(*list, *party)) {
                    continue;
                }
                let mut names = self.index.names_of(*list, *party);
                let Some(first) = names.next() else { continue };
                let empty = Asked::default();
                let asked = read.first().unwrap_or(&empty);
                self.compare(query, 0, asked, first, &mut scratch.alignment, &mut scratch.best);
            }
        }
    }

    /// A hit with its explanation.
    fn answer(
        &self,
        query: &Query,
        read: &[Asked],
        hit: &Hit,
        alignment: &mut Alignment,
    ) -> Option<Match> {
        let name = &self.index.names[hit.name as usize];
        let list = self.lists.get(usize::from(name.list))?;
        let party = self.party(name)?;
        let listed_name = party.names.get(name.number as usize)?;
        let empty = Asked::default();
        let asked = read.get(hit.query_name).unwrap_or(&empty);
        let measured = self.measure(asked, hit.name, alignment);
        let explained = Explained {
            asked,
            listed: self.index.parts_of(hit.name),
            alignment,
            measured: &measured,
            fit: fit(naming(name.kind)),
            index: &self.index,
        };
        let qualifiers: Vec<_> = said(query, party).collect();
        let (score, parts) = explained.parts(&qualifiers, settled(query, party));
        Some(Match {
            list: list.code.clone(),
            list_version: list.version.clone(),
            entity: party.id.clone(),
            name: party.names.first()?.text.clone(),
            query_name: hit.query_name,
            matched_name: listed_name.text.clone(),
            strength: listed_name.strength,
            score,
            parts,
        })
    }
}

/// Whether two kinds of party can be one: a person is no ship; what is not said can be anything.
fn comparable(asked: PartyKind, listed: PartyKind) -> bool {
    asked == PartyKind::Unknown
        || listed == PartyKind::Unknown
        || (asked == PartyKind::Person) == (listed == PartyKind::Person)
}

/// The beginning of a name that is too long.
fn cut(name: &str) -> &str {
    if name.len() <= BYTES_MAX {
        return name;
    }
    let end = (0..=BYTES_MAX).rev().find(|n| name.is_char_boundary(*n)).unwrap_or(0);
    name.get(..end).unwrap_or_default()
}
