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
    };
    let mut scratch = Scratch::new();
    formats::records(&chunk, layout, &mut scratch, |record| work.record(&record));
    let Work { outside, encoded, canonical_all, mut groups, rows, .. } = work;
    let mut bytes = chunk.into_bytes();
    bytes.extend_from_slice(&outside);
    let interior = 1..groups.len().saturating_sub(1).max(1);
    let mut parsed = Parsed { bytes, encoded, canonical: canonical_all, groups: Vec::new(), rows };
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
}

impl Work<'_> {
    fn record(&mut self, record: &Record<'_>) {
        self.rows += 1;
        match record {
            Record::Row { line, fields, raw } => {
                let raw = self.raw(raw);
                self.row(*line, fields, raw);
            }
            Record::Bad { line, filer, filing, raw, rejection } => {
                let raw = self.raw(raw);
                let group = self.group(filer, filing);
                group.lines.push((*line, raw));
                group.rejections.push(rejection.clone());
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
        let group = self.group(fields.get(Column::Filer), fields.get(Column::Filing));
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
    }

    /// The group that a row belongs to: the last one, if it has the same name.
    fn group(&mut self, filer: &str, reference: &str) -> &mut Group {
        let same = self.groups.last().is_some_and(|g| g.filer == filer && g.reference == reference);
        if !same {
            self.groups.push(Group {
                filer: filer.to_owned(),
                reference: reference.to_owned(),
                ..Group::default()
            });
        }
        let last = self.groups.len() - 1;
        &mut self.groups[last]
    }
}

impl Parsed {
    /// Applies the rules of the whole filing and works out its digest.
    pub(crate) fn finish(&self, group: &mut Group) {
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

    /// Takes over the rows of a group of the chunk before, which go on in this one.
    pub(crate) fn adopt(&mut self, from: &Parsed, before: Group) {
        let mut adopted =
            Group { filer: before.filer, reference: before.reference, ..Group::default() };
        for (line, raw) in &before.lines {
            let start = self.bytes.len() as u32;
            self.bytes.extend_from_slice(from.raw(*raw));
            adopted.lines.push((*line, (start, self.bytes.len() as u32)));
        }
        for (mut row, (a, b)) in before.rows.into_iter().zip(before.canonical) {
            let start = self.encoded.len() as u32;
            self.encoded.extend_from_slice(from.row_bytes(&row));
            row.encoded = (start, self.encoded.len() as u32);
            let start = self.canonical.len() as u32;
            self.canonical.extend_from_slice(&from.canonical[a as usize..b as usize]);
            adopted.canonical.push((start, self.canonical.len() as u32));
            adopted.rows.push(row);
        }
        adopted.rejections = before.rejections;
        if let Some(first) = self.groups.first_mut() {
            adopted.rows.append(&mut first.rows);
            adopted.lines.append(&mut first.lines);
            adopted.canonical.append(&mut first.canonical);
            adopted.rejections.append(&mut first.rejections);
            *first = adopted;
        }
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
