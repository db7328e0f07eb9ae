//! A data directory of a test, and the binary run on it.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

/// A directory in which the binary runs.
pub(crate) struct Place {
    dir: tempfile::TempDir,
}

/// What a run gave.
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl From<Output> for Run {
    fn from(output: Output) -> Run {
        Run {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Run {
    /// The one JSON document on standard output, and nothing else there.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out)
            .unwrap_or_else(|e| panic!("{e}: `{}` `{}`", self.out, self.err))
    }

    /// JSON lines.
    pub(crate) fn lines(&self) -> Vec<Value> {
        self.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

impl Place {
    pub(crate) fn new() -> Place {
        Place { dir: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    pub(crate) fn text(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    /// The binary, to be run here.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gadolin"));
        command.args(args).current_dir(self.dir.path()).stdin(Stdio::null());
        command
    }

    pub(crate) fn run(&self, args: &[&str]) -> Run {
        self.command(args).output().unwrap().into()
    }

    /// Runs with a text on standard input.
    pub(crate) fn feed(&self, args: &[&str], input: &[u8]) -> Run {
        let mut child = self.start(args);
        // The binary may have ended before it read all.
        let _ = child.stdin.take().unwrap().write_all(input);
        child.wait_with_output().unwrap().into()
    }

    /// Starts the binary with an open standard input.
    pub(crate) fn start(&self, args: &[&str]) -> Child {
        let mut command = self.command(args);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().unwrap()
    }

    /// Imports a text; exit code and report.
    pub(crate) fn import(&self, text: impl AsRef<[u8]>) -> (i32, Value) {
        let run = self.feed(&["import", "-", "--rejects", "rejects.csv"], text.as_ref());
        (run.code, run.json())
    }

    /// Imports a text and expects all rows to be filed.
    pub(crate) fn filed(&self, text: impl AsRef<[u8]>) -> Value {
        let (code, report) = self.import(text);
        assert_eq!(code, 0, "{report}");
        assert_eq!(report["filed"], report["rows"], "{report}");
        report
    }

    /// Everything that can be asked, as text: equal where the ledgers are.
    pub(crate) fn ledger(&self) -> String {
        let balance = self.run(&["balance"]);
        let anomalies = self.run(&["insight", "anomalies"]);
        assert_eq!((balance.code, anomalies.code), (0, 0), "{}{}", balance.err, anomalies.err);
        balance.out + &anomalies.out
    }

    pub(crate) fn clean(&self) {
        let run = self.run(&["fsck"]);
        assert_eq!((run.code, run.json()["clean"].as_bool()), (0, Some(true)), "{}", run.out);
    }

    /// The rejects file by line: (line, code, message, accepted).
    pub(crate) fn rejects(&self) -> Vec<[String; 4]> {
        rejects_read(&self.path("rejects.csv"))
    }
}

pub(crate) fn rejects_read(path: &Path) -> Vec<[String; 4]> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_path(path).unwrap();
    let header = reader.headers().unwrap().clone();
    let column = |name: &str| header.iter().position(|h| h == name).unwrap();
    let columns = ["line", "code", "message", "accepted"].map(column);
    reader.records().map(|row| columns.map(|c| row.as_ref().unwrap()[c].to_owned())).collect()
}

/// A table with a header line of the columns that its rows name, in the order of their first use.
pub(crate) fn table(rows: &[Vec<(&str, &str)>]) -> String {
    let mut columns: Vec<&str> = Vec::new();
    for (column, _) in rows.iter().flatten() {
        if !columns.contains(column) {
            columns.push(column);
        }
    }
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(&columns).unwrap();
    for row in rows {
        let cell = |c: &&str| row.iter().find(|(column, _)| column == c).map_or("", |(_, v)| *v);
        writer.write_record(columns.iter().map(cell)).unwrap();
    }
    String::from_utf8(writer.into_inner().unwrap()).unwrap()
}

/// `count` filings of one row each, whose lots are `PREFIX-0`, `PREFIX-1`, ...
pub(crate) fn extracts(prefix: &str, count: usize) -> String {
    let mut text =
        String::from("filing,kind,date,filer,site,lot,stage,net_mass_kg,composition,note\n");
    for i in 0..count {
        let (day, party) = (i % 28 + 1, i % 7);
        text += &format!(
            "{prefix}-{i},extract,2025-01-{day:02},gad:mine-{party},PIT,{prefix}-{i},ore,{}.5,Dy=0.{},\n",
            i + 1,
            i % 9 + 1
        );
    }
    text
}
