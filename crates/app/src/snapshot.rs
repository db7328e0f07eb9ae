//! The snapshot of the graph on disk: written beside the database, mapped at start.
//!
//! A snapshot is a cache. It is taken only if its header says that it was made by this format, with
//! these tables of the pack, of this database, up to an event that the database still has; else the
//! graph is rebuilt from the filings.

use std::fs::File;
use std::io::{BufWriter, Read, Write};
use std::path::Path;

use insight::graph::Graph;
use insight::graph::snapshot::{ALIGN, Source};
use sha2::{Digest, Sha256};

/// Name of the file in the data directory.
pub(crate) const FILE: &str = "graph.snapshot";

/// Changes whenever the layout of a record or the order of columns does.
const FORMAT: u64 = 3;
const MAGIC: &[u8; 8] = b"GADGRAPH";
const COLUMNS_MAX: usize = 64;
/// Header: magic, format, tables, installation, log index, chain, key, counts, columns, lengths; and
/// its digest. The columns have none: reading them all to check it is what a snapshot saves; `fsck`
/// compares them with the filings.
const HEADER: usize = 8 + 8 + 32 + 16 + 8 + 32 + 16 + 16 + 8 + COLUMNS_MAX * 8 + DIGEST;
const DIGEST: usize = 32;

/// What a snapshot stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stand {
    /// The installation whose database it was made of.
    pub(crate) installation: [u8; 16],
    /// The last event in it.
    pub(crate) log_index: u64,
    /// The chain value of that event.
    pub(crate) chain: [u8; 32],
}

/// Digest of the tables whose positions the graph holds.
fn tables_digest() -> [u8; 32] {
    let common = base::Common::embedded();
    let mut sha = Sha256::new();
    let mut code = |text: &str| {
        sha.update(text.as_bytes());
        sha.update([0]);
    };
    common.elements.iter().for_each(|e| code(&e.symbol));
    common.oxides.iter().for_each(|o| {
        code(&o.formula);
        code(&o.element_per_oxide_e8.to_string());
    });
    common.stages.iter().for_each(|s| code(&s.code));
    common.processes.iter().for_each(|p| code(&p.code));
    common.uses.iter().for_each(|u| code(&u.code));
    sha.finalize().into()
}

/// Writes a snapshot: to another name first, so that one is there whole or not at all.
pub(crate) fn write(dir: &Path, graph: &Graph, stand: &Stand) -> std::io::Result<()> {
    let columns = graph.snapshot_columns();
    let mut header = Vec::with_capacity(HEADER);
    header.extend_from_slice(MAGIC);
    header.extend_from_slice(&FORMAT.to_le_bytes());
    header.extend_from_slice(&tables_digest());
    header.extend_from_slice(&stand.installation);
    header.extend_from_slice(&stand.log_index.to_le_bytes());
    header.extend_from_slice(&stand.chain);
    for word in graph.key() {
        header.extend_from_slice(&word.to_le_bytes());
    }
    for count in graph.snapshot_counts() {
        header.extend_from_slice(&count.to_le_bytes());
    }
    header.extend_from_slice(&(columns.len() as u64).to_le_bytes());
    for pieces in &columns {
        let length: usize = pieces.iter().map(|p| p.len()).sum();
        header.extend_from_slice(&(length as u64).to_le_bytes());
    }
    header.resize(HEADER - DIGEST, 0);
    let digest = Sha256::digest(&header);
    header.extend_from_slice(&digest);
    let fresh = dir.join("graph.snapshot.new");
    let written = columns_write(&fresh, &header, &columns)
        .and_then(|()| std::fs::rename(&fresh, dir.join(FILE)));
    if written.is_err() {
        // On a full disk, half a snapshot takes the room that filings need.
        let _ = std::fs::remove_file(&fresh);
    }
    written
}

fn columns_write(path: &Path, header: &[u8], columns: &[[&[u8]; 2]]) -> std::io::Result<()> {
    let mut out = BufWriter::with_capacity(1 << 20, File::create(path)?);
    out.write_all(header)?;
    let mut at = header.len() as u64;
    for pieces in columns {
        let pad = at.next_multiple_of(ALIGN) - at;
        out.write_all(&[0; ALIGN as usize][..pad as usize])?;
        at += pad;
        for piece in pieces {
            out.write_all(piece)?;
            at += piece.len() as u64;
        }
    }
    let file = out.into_inner().map_err(std::io::IntoInnerError::into_error)?;
    file.sync_data()
}

/// Maps the snapshot, if there is one that fits this installation.
pub(crate) fn load(dir: &Path, installation: &[u8; 16]) -> Option<(Graph, Stand)> {
    let mut file = File::open(dir.join(FILE)).ok()?;
    let mut header = [0_u8; HEADER];
    file.read_exact(&mut header).ok()?;
    let (fields, digest) = header.split_at(HEADER - DIGEST);
    if Sha256::digest(fields)[..] != *digest {
        return None;
    }
    let mut reader = Bytes(fields);
    let fits = reader.take::<8>()? == *MAGIC
        && u64::from_le_bytes(reader.take()?) == FORMAT
        && reader.take::<32>()? == tables_digest()
        && reader.take::<16>()? == *installation;
    if !fits {
        return None;
    }
    let log_index = u64::from_le_bytes(reader.take()?);
    let chain = reader.take()?;
    let key = [u64::from_le_bytes(reader.take()?), u64::from_le_bytes(reader.take()?)];
    let counts = [u64::from_le_bytes(reader.take()?), u64::from_le_bytes(reader.take()?)];
    let columns = u64::from_le_bytes(reader.take()?) as usize;
    let mut lengths = Vec::new();
    for _ in 0..columns.min(COLUMNS_MAX) {
        lengths.push(u64::from_le_bytes(reader.take()?));
    }
    let size = file.metadata().ok()?.len();
    let mut mapped = Mapped { file, size, at: HEADER as u64, lengths: lengths.into_iter() };
    let graph = Graph::from_snapshot(key, counts, &mut mapped)?;
    if mapped.at != size {
        return None;
    }
    Some((graph, Stand { installation: *installation, log_index, chain }))
}

struct Bytes<'b>(&'b [u8]);

impl Bytes<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (first, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*first)
    }
}

/// The columns of a snapshot file, mapped one by one.
struct Mapped {
    file: File,
    size: u64,
    at: u64,
    lengths: std::vec::IntoIter<u64>,
}

impl Source for Mapped {
    fn next(&mut self) -> Option<&'static mut [u8]> {
        let length = self.lengths.next()?;
        let start = self.at.next_multiple_of(ALIGN);
        self.at = start.checked_add(length)?;
        if length == 0 {
            return Some(&mut []);
        }
        if self.at > self.size {
            return None;
        }
        let mut options = memmap2::MmapOptions::new();
        options.offset(start).len(usize::try_from(length).ok()?);
        // SAFETY: the mapping is private (copy on write), and a snapshot file is never written in
        // place: a new one is renamed over it, which leaves this one's bytes as they are. Reading it
        // into memory instead costs a second and a gigabyte for ten million rows (measured), a mapping
        // only the pages asked for.
        #[expect(unsafe_code, reason = "mapping a file that nobody changes in place")]
        let map = unsafe { options.map_copy(&self.file) }.ok()?;
        // The graph lives as long as the process.
        Some(&mut Box::leak(Box::new(map))[..])
    }
}
