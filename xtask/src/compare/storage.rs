//! Storage: the same batches as indexed rows and as compressed segments, on SQLite and on PostgreSQL. This is
//! the measurement behind docs/decisions/0001-storage.md.
//!
//! One durable transaction per batch. A segment is a batch's rows, written one after the other or column by
//! column, compressed with zstd level 1, in one blob. Reading back one filing finds its batch by the number
//! of its first row, unpacks it, and picks the rows.

use std::fmt::Write as _;
use std::io::{BufWriter, Write};

use anyhow::Context;
use rusqlite::Connection;

use super::peer::{Engine, Keys, Row, columns, names_sql, rows, tables};
use super::{Used, directory_bytes};
use crate::economy::Source;
use crate::postgres::Server;
use crate::shell::Watch;
use crate::usage::{load, own_seconds};

/// zstd level of segments, as the store uses it.
const LEVEL: i32 = 1;
/// Filings read back for the mean.
const READS: usize = 200;
/// Separates cells of a segment; filings cannot hold it.
const CELL: char = '\u{1f}';
const SEGMENT: &str = "INSERT INTO segment (first_row, row_count, bytes) VALUES (?1, ?2, ?3)";

/// The same batches as indexed rows and as compressed segments, on SQLite and PostgreSQL
#[derive(Debug, clap::Args)]
pub(crate) struct Storage {
    /// About how many rows
    #[arg(long, default_value_t = 300_000)]
    rows: u64,
    /// Rows of a batch, each one transaction; several for a curve
    #[arg(long, value_delimiter = ',', default_values_t = [100, 10_000])]
    batch: Vec<usize>,
    #[command(flatten)]
    source: Source,
}

/// How a batch is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Layout {
    Rows,
    RowSegments,
    ColumnSegments,
}

struct Measured {
    engine: &'static str,
    layout: Layout,
    used: Used,
    bytes: u64,
    read: Used,
}

impl Storage {
    /// Measures every layout on every engine.
    ///
    /// # Errors
    /// Where an engine refuses.
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let binary = self.source.gadolin()?;
        let economy = self.source.rows(&binary, self.rows)?;
        let mut keys = Keys::default();
        let mut all = Vec::new();
        rows(&economy, &mut keys, |row| {
            all.push(row);
            Ok(())
        })?;
        for &size in &self.batch {
            let batches: Vec<&[Row]> = all.chunks(size.max(1)).collect();
            println!("\n{} rows in {} batches of {size}; {}", all.len(), batches.len(), load());
            println!(
                "{:<11} {:<16} {:>10} {:>9} {:>10} {:>16} {:>14}",
                "engine",
                "layout",
                "µs CPU/row",
                "wall s",
                "bytes/row",
                "read: ms CPU",
                "read: ms wall"
            );
            for layout in [Layout::Rows, Layout::RowSegments, Layout::ColumnSegments] {
                for measured in
                    [sqlite(&batches, &keys, layout)?, postgres(&batches, &keys, layout)?]
                {
                    measured.print(all.len() as u64);
                }
            }
            println!("{}", load());
        }
        println!(
            "\nCPU: SQLite in this process; PostgreSQL all server processes, and for segments the packing here too; bytes: files of the database after a checkpoint, write-ahead log apart; \
             PostgreSQL's clock ticks at 10 ms, so a read by it is known to about 0.05 ms"
        );
        Ok(())
    }
}

impl Measured {
    fn print(&self, rows: u64) {
        println!(
            "{:<11} {:<16} {:>10.2} {:>9.2} {:>10.1} {:>16.3} {:>14.3}",
            self.engine,
            self.layout.name(),
            self.used.us_per(rows),
            self.used.wall_s,
            self.bytes as f64 / rows as f64,
            self.read.cpu_s * 1e3,
            self.read.wall_s * 1e3
        );
    }
}

impl Layout {
    fn name(self) -> &'static str {
        match self {
            Layout::Rows => "indexed rows",
            Layout::RowSegments => "row segments",
            Layout::ColumnSegments => "column segments",
        }
    }

    /// A batch as one compressed segment.
    fn pack(self, batch: &[Row]) -> anyhow::Result<Vec<u8>> {
        let cells: Vec<Vec<String>> = batch.iter().map(Row::cells).collect();
        let mut text = String::new();
        let mut put = |cell: &str| {
            text.push_str(cell);
            text.push(CELL);
        };
        if self == Layout::ColumnSegments {
            for column in 0..cells.first().map_or(0, Vec::len) {
                cells.iter().for_each(|row| put(&row[column]));
            }
        } else {
            cells.iter().flatten().for_each(|cell| put(cell));
        }
        Ok(zstd::bulk::compress(text.as_bytes(), LEVEL)?)
    }

    /// The rows of a filing out of a segment: how many there are.
    fn pick(
        self,
        bytes: &[u8],
        row_count: usize,
        filer_id: i64,
        filing: &str,
    ) -> anyhow::Result<usize> {
        let text = String::from_utf8(zstd::stream::decode_all(bytes)?)?;
        let cells: Vec<&str> = text.split_terminator(CELL).collect();
        let width = cells.len() / row_count.max(1);
        let at = |row: usize, column: usize| match self {
            Layout::ColumnSegments => cells[column * row_count + row],
            Layout::Rows | Layout::RowSegments => cells[row * width + column],
        };
        let filer = filer_id.to_string();
        Ok((0..row_count).filter(|&row| at(row, 1) == filer && at(row, 2) == filing).count())
    }
}

/// What the store sets.
pub(super) fn pragmas(connection: &Connection) -> anyhow::Result<()> {
    connection.pragma_update(None, "page_size", 16_384)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", "ON")?;
    Ok(())
}

/// Inserts rows in one transaction.
pub(super) fn insert_rows(connection: &mut Connection, rows: &[Row]) -> anyhow::Result<()> {
    let transaction = connection.transaction()?;
    {
        let count = columns().split(',').count();
        let marks: Vec<String> = (1..=count).map(|n| format!("?{n}")).collect();
        let sql = format!("INSERT INTO filing_row ({}) VALUES ({})", columns(), marks.join(", "));
        let mut insert = transaction.prepare_cached(&sql)?;
        for row in rows {
            insert.execute(row.parameters().as_slice())?;
        }
    }
    Ok(transaction.commit()?)
}

/// Rows whose filing is read back, spread evenly over all batches.
fn reads<'b>(batches: &'b [&'b [Row]]) -> Vec<&'b Row> {
    let count: usize = batches.iter().map(|batch| batch.len()).sum();
    let step = (count / READS).max(1);
    batches.iter().flat_map(|batch| *batch).step_by(step).take(READS).collect()
}

fn sqlite(batches: &[&[Row]], keys: &Keys, layout: Layout) -> anyhow::Result<Measured> {
    let dir = tempfile::tempdir()?;
    let mut connection = Connection::open(dir.path().join("peer.sqlite"))?;
    pragmas(&connection)?;
    connection.execute_batch(&(tables(Engine::Sqlite) + &names_sql(keys)))?;
    connection.execute_batch(
        "CREATE TABLE segment (first_row INTEGER PRIMARY KEY, row_count INTEGER NOT NULL, bytes BLOB NOT NULL) STRICT",
    )?;
    let (watch, before) = (Watch::start(), own_seconds());
    for batch in batches {
        if layout == Layout::Rows {
            insert_rows(&mut connection, batch)?;
            continue;
        }
        let bytes = layout.pack(batch)?;
        let first = batch.first().map_or(0, |row| row.row_id);
        let transaction = connection.transaction()?;
        transaction.prepare_cached(SEGMENT)?.execute((first, batch.len() as i64, &bytes))?;
        transaction.commit()?;
    }
    let used = Used { cpu_s: own_seconds() - before, wall_s: watch.seconds() };
    connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")?;
    let bytes = directory_bytes(dir.path());
    let read = sqlite_read(&connection, &reads(batches), layout)?;
    Ok(Measured { engine: "SQLite", layout, used, bytes, read })
}

fn sqlite_read(connection: &Connection, asked: &[&Row], layout: Layout) -> anyhow::Result<Used> {
    let (watch, before) = (Watch::start(), own_seconds());
    for row in asked {
        let found = if layout == Layout::Rows {
            let sql =
                format!("SELECT {} FROM filing_row WHERE filer_id = ?1 AND filing = ?2", columns());
            let mut select = connection.prepare_cached(&sql)?;
            let mut rows = select.query((row.filer_id, &row.filing))?;
            let mut count = 0;
            while let Some(row) = rows.next()? {
                std::hint::black_box(row.get_ref(9)?);
                count += 1;
            }
            count
        } else {
            let mut select = connection.prepare_cached(
                "SELECT row_count, bytes FROM segment WHERE first_row <= ?1 ORDER BY first_row DESC LIMIT 1",
            )?;
            let (count, bytes): (i64, Vec<u8>) =
                select.query_row([row.row_id], |r| Ok((r.get(0)?, r.get(1)?)))?;
            layout.pick(&bytes, count as usize, row.filer_id, &row.filing)?
        };
        anyhow::ensure!(found > 0, "filing `{}` was not read back", row.filing);
    }
    Ok(mean(own_seconds() - before, watch, asked.len()))
}

fn mean(cpu_s: f64, watch: Watch, count: usize) -> Used {
    let count = count.max(1) as f64;
    Used { cpu_s: cpu_s / count, wall_s: watch.seconds() / count }
}

fn postgres(batches: &[&[Row]], keys: &Keys, layout: Layout) -> anyhow::Result<Measured> {
    let server = Server::start()?;
    server.query(&(tables(Engine::Postgres) + &names_sql(keys)))?;
    server.query("CREATE TABLE segment (first_row BIGINT PRIMARY KEY, row_count BIGINT NOT NULL, bytes BYTEA NOT NULL); ALTER TABLE segment ALTER bytes SET STORAGE EXTERNAL; CHECKPOINT;")?;
    let mut sql = String::new();
    let mut packing = 0.0;
    for (number, batch) in batches.iter().enumerate() {
        let (path, file) = server.file(&format!("batch-{number}"))?;
        let mut out = BufWriter::new(file);
        if layout == Layout::Rows {
            for row in *batch {
                row.copy_text(&mut out)?;
            }
            writeln!(sql, "COPY filing_row ({}) FROM '{}';", columns(), path.display())?;
        } else {
            let before = own_seconds();
            let bytes = layout.pack(batch)?;
            packing += own_seconds() - before;
            copy_binary(
                &mut out,
                batch.first().map_or(0, |r| r.row_id),
                batch.len() as i64,
                &bytes,
            )?;
            writeln!(sql, "COPY segment FROM '{}' WITH (FORMAT binary);", path.display())?;
        }
        out.flush()?;
    }
    // Each COPY outside a block is a transaction of its own.
    let (watch, before) = (Watch::start(), server.cpu_seconds());
    server.query(&sql)?;
    let used =
        Used { cpu_s: server.cpu_seconds() - before + packing, wall_s: watch.seconds() + packing };
    server.query("CHECKPOINT; VACUUM ANALYZE;")?;
    let bytes = server
        .query("SELECT pg_total_relation_size('filing_row') + pg_total_relation_size('segment')")?;
    let bytes = bytes.trim().parse().context("no size of the tables")?;
    let read = postgres_read(&server, &reads(batches), layout)?;
    Ok(Measured { engine: "PostgreSQL", layout, used, bytes, read })
}

/// One row in PostgreSQL's binary format for COPY.
fn copy_binary(out: &mut impl Write, first: i64, count: i64, bytes: &[u8]) -> anyhow::Result<()> {
    out.write_all(b"PGCOPY\n\xff\r\n\0")?;
    out.write_all(&[0; 8])?; // flags, length of the extension
    out.write_all(&3_i16.to_be_bytes())?;
    for number in [first, count] {
        out.write_all(&8_i32.to_be_bytes())?;
        out.write_all(&number.to_be_bytes())?;
    }
    out.write_all(&i32::try_from(bytes.len())?.to_be_bytes())?;
    out.write_all(bytes)?;
    Ok(out.write_all(&(-1_i16).to_be_bytes())?)
}

/// All reads in one session; unpacking of segments is done and counted here.
fn postgres_read(server: &Server, asked: &[&Row], layout: Layout) -> anyhow::Result<Used> {
    let mut sql = if layout == Layout::Rows {
        format!(
            "PREPARE one (bigint, text) AS SELECT {} FROM filing_row WHERE filer_id = $1 AND filing = $2;\n",
            columns()
        )
    } else {
        "PREPARE one (bigint) AS SELECT row_count, encode(bytes, 'hex') FROM segment WHERE first_row <= $1 ORDER BY first_row DESC LIMIT 1;\n".to_owned()
    };
    for row in asked {
        if layout == Layout::Rows {
            writeln!(sql, "EXECUTE one ({}, '{}');", row.filer_id, row.filing.replace('\'', "''"))?;
        } else {
            writeln!(sql, "EXECUTE one ({});", row.row_id)?;
        }
    }
    let (watch, before) = (Watch::start(), server.cpu_seconds());
    let said = server.query(&sql)?;
    let server_s = server.cpu_seconds() - before;
    let own = own_seconds();
    if layout == Layout::Rows {
        anyhow::ensure!(said.lines().count() >= asked.len(), "filings were not read back");
    } else {
        for (line, row) in said.lines().zip(asked) {
            let (count, hex) = line.split_once(',').context("no segment")?;
            let bytes = unhex(hex)?;
            let found = layout.pick(&bytes, count.parse()?, row.filer_id, &row.filing)?;
            anyhow::ensure!(found > 0, "filing `{}` was not read back", row.filing);
        }
    }
    Ok(mean(server_s + own_seconds() - own, watch, asked.len()))
}

fn unhex(hex: &str) -> anyhow::Result<Vec<u8>> {
    let pair = |pair: &[u8]| Ok(u8::from_str_radix(std::str::from_utf8(pair)?, 16)?);
    hex.as_bytes().chunks(2).map(pair).collect()
}
