//! From records to filings, in a worker: typed rows, grouped, checked, encoded and digested.
//!
//! What a worker makes owns its bytes, so that it can be handed to the thread that applies it. The
//! encoding of a row is the one in which it is stored.

use base::common::{Common, ProcessId, StageId, UseId};
use base::kind::{Kind, Leg, Move};
use base::{Composition, Date, Mass};
use formats::{Chunk, Layout, Record, Scratch};
use tracking::column::Column;
use tracking::filing::{FilingDigest, filing_check, filing_digest};
use tracking::row::Canonical;
use tracking::{Fields, Rejection, Row};

/// A row that has been typed, without the text it came from.
#[derive(Debug)]
pub(crate) struct ParsedRow {
    pub(crate) line: u64,
    encoded: (u32, u32),
    kind: Kind,
    date: Date,
    leg: Option<Leg>,
    movement: Move,
    process: Option<ProcessId>,
    stage: Option<StageId>,
    mass: Option<Mass>,
    composition: Option<Composition>,
    end_use: Option<UseId>,
}

/// The rows of one (filer, reference) that stand together.
#[derive(Debug, Default)]
pub(crate) struct Group {
    pub(crate) filer: String,
    pub(crate) reference: String,
    /// Typed rows; fewer than `lines` where some could not be typed.
    pub(crate) rows: Vec<ParsedRow>,
    /// Line and raw text of every row, typed or not.
    pub(crate) lines: Vec<(u64, (u32, u32))>,
    pub(crate) rejections: Vec<Rejection>,
    /// Where the canonical bytes of each typed row lie in the chunk's canonical bytes.
    canonical: Vec<(u32, u32)>,
    pub(crate) digest: FilingDigest,
    /// How many of the rejections are of single rows; set when the rules of the whole filing have
    /// been applied.
    checked: Option<usize>,
    /// The name of its last row, where that is not the name of its first.
    tail: Option<Box<(String, String)>>,
    /// Rows behind this filing whose own name is incomplete. They belong to it if it goes on behind
    /// them; else they stand for themselves.
    pub(crate) after: Vec<Group>,
    /// Whether its last row is one that the end of the file cut off.
    cut_off: bool,
}

/// Where a row goes, seen from the group before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// Into that group.
    Here,
    /// Behind it, undecided.
    After,
    /// Into a group of its own.
    New,
}

impl Group {
    fn named(filer: &str, reference: &str) -> Group {
        Group { filer: filer.to_owned(), reference: reference.to_owned(), ..Group::default() }
    }

    /// Where a row of this name goes. A filing is taken or rejected whole: a row whose filer or
    /// reference cannot be read must not let the rows before and behind it pass for a filing.
    ///
    /// INVARIANT: this depends on the names of the rows alone, so that it makes no difference where
    /// chunks are cut.
    pub(crate) fn place(&self, filer: &str, reference: &str) -> Place {
        let (last_filer, last_reference) = match &self.tail {
            None => (self.filer.as_str(), self.reference.as_str()),
            Some(tail) => (tail.0.as_str(), tail.1.as_str()),
        };
        let same_reference = last_reference == reference;
        if same_reference && last_filer == filer {
            return Place::Here;
        }
        if same_reference && !reference.is_empty() && (filer.is_empty() || last_filer.is_empty()) {
            return Place::Here;
        }
        let fits = (filer.is_empty() || last_filer == filer) && reference.is_empty();
        if fits { Place::After } else { Place::New }
    }

    /// Takes over the rows of a group that goes on with this one, and what waits between them.
    fn absorb(&mut self, mut next: Group) {
        let between = std::mem::take(&mut self.after);
        self.after = std::mem::take(&mut next.after);
        for group in between {
            self.absorb_all(group);
        }
        self.absorb_rows(next);
    }

    fn absorb_all(&mut self, mut group: Group) {
        let after = std::mem::take(&mut group.after);
        self.absorb_rows(group);
        for group in after {
            self.absorb_all(group);
        }
    }

    fn absorb_rows(&mut self, mut group: Group) {
        let tail = group.tail.take().map_or((group.filer, group.reference), |tail| *tail);
        let same = tail.0 == self.filer && tail.1 == self.reference;
        self.tail = (!same).then(|| Box::new(tail));
        for (group, checked) in
            [(&mut self.rejections, self.checked), (&mut group.rejections, group.checked)]
        {
            // The rules of the whole filing are applied to the whole.
            group.truncate(checked.unwrap_or(usize::MAX));
        }
        self.checked = None;
        self.rows.append(&mut group.rows);
        self.lines.append(&mut group.lines);
        self.canonical.append(&mut group.canonical);
        self.rejections.append(&mut group.rejections);
    }

    /// Adds a group behind others, to the last of them if it goes on with it. A row that the end of
    /// the file cut off is taken to be of the filing before it.
    pub(crate) fn push(groups: &mut Vec<Group>, mut next: Group) {
        let place = groups.last().map_or(Place::New, |g| g.place(&next.filer, &next.reference));
        match (place, groups.last_mut()) {
            (Place::Here, Some(last)) => last.absorb(next),
            (Place::After, Some(last)) if next.cut_off => last.absorb(next),
            (Place::After, Some(last)) => {
                let after = std::mem::take(&mut next.after);
                Group::push(&mut last.after, next);
                for group in after {
                    Group::push(groups, group);
                }
            }
            (_, last) => {
                let alone = last.map(|g| std::mem::take(&mut g.after)).unwrap_or_default();
                groups.extend(alone);
                groups.push(next);
            }
        }
    }

    /// The group and, behind it, those that wait after it.
    pub(crate) fn flat(mut self) -> Vec<Group> {
        let after = std::mem::take(&mut self.after);
        std::iter::once(self).chain(after.into_iter().flat_map(Group::flat)).collect()
    }

    /// Bytes of its rows as filed.
    pub(crate) fn raw_bytes(&self) -> usize {
        self.lines.iter().map(|(_, (start, end))| (end - start) as usize).sum()
    }
}

/// A chunk with its filings. The first and last group may go on in the chunks around it.
#[derive(Debug)]
pub(crate) struct Parsed {
    /// The text of the chunk, and behind it raw rows that stand elsewhere.
    bytes: Vec<u8>,
    pub(crate) encoded: Vec<u8>,
    canonical: Vec<u8>,
    pub(crate) groups: Vec<Group>,
    pub(crate) rows: u64,
    /// The line at its end, where no line end follows it.
    pub(crate) open_line: Option<u64>,
}

/// Parses a chunk.
pub(crate) fn chunk_parse(chunk: Chunk, layout: &Layout, common: &Common) -> Parsed {
    let mut work = Work {
        common,
        chunk: chunk.bytes().as_ptr_range(),
        outside: Vec::new(),
        encoded: Vec::with_capacity(chunk.bytes().len()),
        canonical_all: Vec::with_capacity(chunk.bytes().len()),
        canonical: Canonical::default(),
        groups: Vec::with_capacity(chunk.bytes().len() / 300),
        rows: 0,
        last_line: 0,
        last_cut: false,
    };
    let mut scratch = Scratch::new();
    formats::records(&chunk, layout, &mut scratch, |record| work.record(&record));
    let open = chunk.bytes().last().is_some_and(|&last| last != b'\n');
    let open_line = (open && work.rows > 0).then_some(work.last_line);
    if open && work.last_cut {
        work.cut_off();
    }
    let Work { outside, encoded, canonical_all, mut groups, rows, .. } = work;
    let mut bytes = chunk.into_bytes();
    bytes.extend_from_slice(&outside);
    let interior = 1..groups.len().saturating_sub(1).max(1);
    let mut parsed =
        Parsed { bytes, encoded, canonical: canonical_all, groups: Vec::new(), rows, open_line };
    for group in groups.get_mut(interior).unwrap_or_default() {
        parsed.finish(group);
    }
    parsed.groups = groups;
    parsed
}

struct Work<'c> {
    common: &'c Common,
    chunk: std::ops::Range<*const u8>,
    /// Raw rows that do not stand in the chunk.
    outside: Vec<u8>,
    encoded: Vec<u8>,
    canonical_all: Vec<u8>,
    canonical: Canonical,
    groups: Vec<Group>,
    rows: u64,
    last_line: u64,
    /// Whether the last record has too few fields.
    last_cut: bool,
}

impl Work<'_> {
    fn record(&mut self, record: &Record<'_>) {
        self.rows += 1;
        match record {
            Record::Row { line, fields, raw } => {
                (self.last_line, self.last_cut) = (*line, false);
                let raw = self.raw(raw);
                self.row(*line, fields, raw);
            }
            Record::Bad { line, filer, filing, raw, rejection } => {
                (self.last_line, self.last_cut) = (*line, rejection.code == "too_few_fields");
                let raw = self.raw(raw);
                self.add(filer, filing, |group| {
                    group.lines.push((*line, raw));
                    group.rejections.push(rejection.clone());
                });
            }
        }
    }

    /// Where the raw text of a row lies: in the chunk, or behind it.
    fn raw(&mut self, raw: &[u8]) -> (u32, u32) {
        let (chunk, at) =
            (self.chunk.start as usize..self.chunk.end as usize, raw.as_ptr() as usize);
        let start = if chunk.contains(&at) {
            at - chunk.start
        } else {
            self.outside.extend_from_slice(raw);
            chunk.len() + self.outside.len() - raw.len()
        };
        (start as u32, (start + raw.len()) as u32)
    }

    fn row(&mut self, line: u64, fields: &Fields<'_>, raw: (u32, u32)) {
        self.canonical.clear();
        let mut rejections = Vec::new();
        let row = Row::parse(line, fields, self.common, &mut self.canonical, &mut rejections);
        let encoded_start = self.encoded.len() as u32;
        let canonical_start = self.canonical_all.len() as u32;
        if row.is_some() {
            row_encode(fields, &mut self.encoded);
            self.canonical_all.extend_from_slice(self.canonical.bytes());
        }
        let encoded = (encoded_start, self.encoded.len() as u32);
        let canonical = (canonical_start, self.canonical_all.len() as u32);
        self.add(fields.get(Column::Filer), fields.get(Column::Filing), |group| {
            group.lines.push((line, raw));
            group.rejections.extend(rejections);
            if let Some(row) = row {
                group.canonical.push(canonical);
                group.rows.push(ParsedRow {
                    line,
                    encoded,
                    kind: row.kind,
                    date: row.date,
                    leg: row.leg,
                    movement: row.movement,
                    process: row.process,
                    stage: row.stage,
                    mass: row.mass,
                    composition: row.composition,
                    end_use: row.end_use,
                });
            }
        });
    }

    /// Adds a row to the last group, if it has the same name, or else as a group of its own.
    fn add(&mut self, filer: &str, reference: &str, add: impl FnOnce(&mut Group)) {
        let same = self.groups.last().is_some_and(|g| {
            g.filer == filer && g.reference == reference && g.tail.is_none() && g.after.is_empty()
        });
        if same && let Some(last) = self.groups.last_mut() {
            return add(last);
        }
        let mut group = Group::named(filer, reference);
        add(&mut group);
        Group::push(&mut self.groups, group);
    }

    /// The last record was cut off by the end of the file.
    fn cut_off(&mut self) {
        let Some(last) = self.groups.last_mut() else { return };
        match last.after.pop() {
            Some(mut group) => {
                group.cut_off = true;
                Group::push(&mut self.groups, group);
            }
            None => last.cut_off = true,
        }
    }
}

impl Parsed {
    /// Applies the rules of the whole filing and works out its digest.
    pub(crate) fn finish(&self, group: &mut Group) {
        group.rejections.truncate(group.checked.unwrap_or(usize::MAX));
        group.checked = Some(group.rejections.len());
        if group.rows.len() > 1 {
            let mut rejections = std::mem::take(&mut group.rejections);
            let rows: Vec<Row<'_>> = self.group_rows(group).collect();
            filing_check(&rows, &mut rejections);
            group.rejections = rejections;
        }
        if group.rejections.is_empty() {
            let mut rows: Vec<&[u8]> = group
                .canonical
                .iter()
                .map(|&(a, b)| &self.canonical[a as usize..b as usize])
                .collect();
            group.digest = filing_digest(&mut rows);
        }
    }

    /// The typed rows of a group, with their text.
    pub(crate) fn group_rows<'p>(&'p self, group: &'p Group) -> impl Iterator<Item = Row<'p>> {
        group.rows.iter().map(|row| Row {
            line: row.line,
            fields: row_decode(self.row_bytes(row)),
            kind: row.kind,
            date: row.date,
            leg: row.leg,
            movement: row.movement,
            process: row.process,
            stage: row.stage,
            mass: row.mass,
            composition: row.composition.clone(),
            end_use: row.end_use,
        })
    }

    /// The stored form of a row.
    pub(crate) fn row_bytes(&self, row: &ParsedRow) -> &[u8] {
        &self.encoded[row.encoded.0 as usize..row.encoded.1 as usize]
    }

    /// The raw text of a row as filed.
    pub(crate) fn raw(&self, range: (u32, u32)) -> &[u8] {
        self.bytes.get(range.0 as usize..range.1 as usize).unwrap_or_default()
    }

    /// Moves a group of the chunk before, which may go on in this one, into this chunk.
    pub(crate) fn adopt(&mut self, from: &Parsed, mut group: Group) -> Group {
        for (_, raw) in &mut group.lines {
            let start = self.bytes.len() as u32;
            self.bytes.extend_from_slice(from.raw(*raw));
            *raw = (start, self.bytes.len() as u32);
        }
        for (row, canonical) in group.rows.iter_mut().zip(&mut group.canonical) {
            let start = self.encoded.len() as u32;
            self.encoded.extend_from_slice(from.row_bytes(row));
            row.encoded = (start, self.encoded.len() as u32);
            let (a, b) = *canonical;
            let start = self.canonical.len() as u32;
            self.canonical.extend_from_slice(&from.canonical[a as usize..b as usize]);
            *canonical = (start, self.canonical.len() as u32);
        }
        let after = std::mem::take(&mut group.after);
        group.after = after.into_iter().map(|g| self.adopt(from, g)).collect();
        group
    }
}

/// Appends the stored form of a row: the number of its fields, then column, length and text of each.
pub(crate) fn row_encode(fields: &Fields<'_>, to: &mut Vec<u8>) {
    let at = to.len();
    to.push(0);
    let mut count = 0_u8;
    for (column, text) in fields.0.iter().enumerate() {
        if !text.is_empty() {
            count += 1;
            to.push(column as u8);
            length_encode(text.len(), to);
            to.extend_from_slice(text.as_bytes());
        }
    }
    to[at] = count;
}

fn length_encode(mut length: usize, to: &mut Vec<u8>) {
    while length >= 0x80 {
        to.push(length as u8 | 0x80);
        length >>= 7;
    }
    to.push(length as u8);
}

fn length_decode(bytes: &[u8], at: &mut usize) -> Option<usize> {
    let mut length = 0_usize;
    for shift in (0..28).step_by(7) {
        let byte = *bytes.get(*at)?;
        *at += 1;
        length |= usize::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(length);
        }
    }
    None
}

/// Reads the stored form of a row; what does not decode stays absent.
fn row_decode(bytes: &[u8]) -> Fields<'_> {
    let mut at = 0;
    row_read(bytes, &mut at).unwrap_or_else(Fields::empty)
}

/// Reads the stored form of a row at a place and moves on behind it; nothing where it is damaged.
pub(crate) fn row_read<'b>(bytes: &'b [u8], at: &mut usize) -> Option<Fields<'b>> {
    let mut fields = Fields::empty();
    let count = *bytes.get(*at)?;
    *at += 1;
    for _ in 0..count {
        let column = *Column::ALL.get(usize::from(*bytes.get(*at)?))?;
        *at += 1;
        let length = length_decode(bytes, at)?;
        let text = bytes.get(*at..*at + length)?;
        *at += length;
        fields.set(column, std::str::from_utf8(text).ok()?);
    }
    Some(fields)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_read_as_it_was_encoded() {
        let long = "x".repeat(1_500);
        let mut fields = Fields::empty();
        fields.set(Column::Filing, "F1");
        fields.set(Column::Note, &long);
        let mut bytes = Vec::new();
        row_encode(&fields, &mut bytes);
        let mut at = 0;
        let read = row_read(&bytes, &mut at).unwrap();
        assert_eq!(read.0, fields.0);
        assert_eq!(at, bytes.len());
        for cut in 0..bytes.len() {
            assert!(row_read(&bytes[..cut], &mut 0).is_none(), "cut at {cut}");
        }
    }
}
