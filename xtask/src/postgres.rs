//! A PostgreSQL server of our own on loopback: made, started, measured, stopped and removed.
//!
//! Its settings are the engine's defaults: `fsync`, `synchronous_commit` and `full_page_writes` are on, so
//! that it promises what our store promises.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, bail};

use crate::shell::{Watch, free_port, has, output};
use crate::usage::Ticks;

const START_TIMEOUT: Duration = Duration::from_secs(60);

/// Where the server's programs are; nothing where it is not installed.
pub(crate) fn programs() -> Option<PathBuf> {
    let mut versions: Vec<(u32, PathBuf)> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|e| Some((e.file_name().to_str()?.parse().ok()?, e.path().join("bin"))))
        .filter(|(_, bin)| bin.join("initdb").is_file() && bin.join("psql").is_file())
        .collect();
    versions.sort();
    versions.pop().map(|(_, bin)| bin)
}

/// A running server; dropped, it is stopped and its files are removed.
#[derive(Debug)]
pub(crate) struct Server {
    bin: PathBuf,
    dir: tempfile::TempDir,
    port: u16,
    ticks: Ticks,
}

impl Server {
    /// Makes a cluster and starts it.
    ///
    /// # Errors
    /// Where the server is not installed or does not start.
    pub(crate) fn start() -> anyhow::Result<Server> {
        let bin = programs().context("no PostgreSQL server: run `cargo xtask setup`")?;
        let dir = tempfile::Builder::new().prefix("gadolin-peer-").tempdir()?;
        if rustix::process::geteuid().is_root() {
            // The server refuses to run as root; Debian's package brings this account.
            output(Command::new("chown").arg("postgres").arg(dir.path()))?;
        }
        let server = Server { bin, dir, port: free_port()?, ticks: Ticks::new()? };
        let cluster = server.cluster();
        let mut initdb = server.as_owner("initdb");
        initdb.arg("--pgdata").arg(&cluster);
        initdb.args(["--username=gadolin", "--auth=trust", "--encoding=UTF8", "--locale=C"]);
        output(&mut initdb)?;
        let options = format!(
            "-c listen_addresses=127.0.0.1 -c port={} -c unix_socket_directories= -c logging_collector=off",
            server.port
        );
        let mut start = server.as_owner("pg_ctl");
        start.arg("--pgdata").arg(&cluster).args(["--silent", "start", "--wait", "--options"]);
        start.arg(options).arg("--log").arg(server.dir.path().join("log"));
        // The postmaster inherits what it is given: pipes of ours would never be closed.
        start.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let watch = Watch::start();
        if !start.status()?.success() || watch.elapsed() > START_TIMEOUT {
            bail!("PostgreSQL does not start: {}", server.log());
        }
        Ok(server)
    }

    /// Version and the settings that matter for durability.
    ///
    /// # Errors
    /// Where the server does not answer.
    pub(crate) fn describe(&self) -> anyhow::Result<String> {
        let said = self.query(
            "SELECT 'PostgreSQL ' || current_setting('server_version') || ', fsync ' || \
             current_setting('fsync') || ', synchronous_commit ' || \
             current_setting('synchronous_commit') || ', full_page_writes ' || \
             current_setting('full_page_writes') || ', shared_buffers ' || \
             current_setting('shared_buffers')",
        )?;
        Ok(said.trim().to_owned())
    }

    /// Runs statements in one session and gives what they answer, unaligned, without headings.
    ///
    /// # Errors
    /// What the server says at the first statement that fails.
    pub(crate) fn query(&self, sql: &str) -> anyhow::Result<String> {
        let mut psql = Command::new(self.bin.join("psql"));
        psql.args(["--no-psqlrc", "--quiet", "--no-align", "--tuples-only", "--field-separator=,"]);
        psql.args(["--set=ON_ERROR_STOP=1", "--host=127.0.0.1", "--username=gadolin"]);
        psql.args(["--dbname=postgres", "--port", &self.port.to_string(), "--file=-"]);
        psql.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = psql.spawn().context("cannot start psql")?;
        let mut input = child.stdin.take().context("psql has no input")?;
        let sql = sql.to_owned();
        // From a thread of its own: psql answers while it reads.
        let writer = std::thread::spawn(move || input.write_all(sql.as_bytes()));
        let done = child.wait_with_output()?;
        let written = writer.join();
        if !done.status.success() {
            bail!("PostgreSQL says: {}", String::from_utf8_lossy(&done.stderr).trim());
        }
        if !matches!(written, Ok(Ok(()))) {
            bail!("psql did not read all statements");
        }
        Ok(String::from_utf8(done.stdout)?)
    }

    /// Runs a script of `pgbench` in so many sessions for so many seconds, each as fast as it is answered;
    /// gives the time of each transaction, µs.
    ///
    /// # Errors
    /// Where it is not installed, or the server refuses.
    pub(crate) fn load(
        &self,
        script: &str,
        clients: usize,
        seconds: u32,
        round: u32,
    ) -> anyhow::Result<Vec<u32>> {
        let dir = tempfile::tempdir()?;
        let file = dir.path().join("script.sql");
        std::fs::write(&file, script)?;
        let mut pgbench = Command::new(self.bin.join("pgbench"));
        pgbench.args(["--no-vacuum", "--protocol=prepared", "--log", "--log-prefix=draws"]);
        pgbench.args(["--client", &clients.to_string(), "--jobs", &clients.min(4).to_string()]);
        pgbench.args(["--time", &seconds.to_string(), "--random-seed", &round.to_string()]);
        pgbench.args(["--host=127.0.0.1", "--username=gadolin", "--port", &self.port.to_string()]);
        pgbench.arg("--file").arg(&file).arg("postgres").current_dir(dir.path());
        output(&mut pgbench)?;
        let mut latency_us = Vec::new();
        for entry in std::fs::read_dir(dir.path())?.flatten() {
            if entry.file_name().to_string_lossy().starts_with("draws") {
                let text = std::fs::read_to_string(entry.path())?;
                // client, transaction, µs, script, second, µs
                let times = text.lines().filter_map(|line| line.split(' ').nth(2));
                latency_us.extend(times.filter_map(|us| us.parse::<u32>().ok()));
            }
        }
        Ok(latency_us)
    }

    /// Makes a file that the server reads with `COPY … FROM`.
    ///
    /// # Errors
    /// What the system says.
    pub(crate) fn file(&self, name: &str) -> anyhow::Result<(PathBuf, std::fs::File)> {
        let path = self.dir.path().join(name);
        let file = std::fs::File::create(&path)?;
        Ok((path, file))
    }

    /// Processor time that all processes of the server have used so far, seconds.
    pub(crate) fn cpu_seconds(&self) -> f64 {
        let pid =
            std::fs::read_to_string(self.cluster().join("postmaster.pid")).unwrap_or_default();
        let pid = pid.lines().next().and_then(|line| line.trim().parse().ok());
        pid.map_or(0.0, |pid| self.ticks.tree_seconds(pid))
    }

    fn cluster(&self) -> PathBuf {
        self.dir.path().join("cluster")
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.dir.path().join("log")).unwrap_or_default()
    }

    /// A program of the server, run as an account that is not root.
    fn as_owner(&self, program: &str) -> Command {
        let path = self.bin.join(program);
        let mut command = if rustix::process::geteuid().is_root() && has("runuser") {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--"]).arg(path);
            command
        } else {
            Command::new(path)
        };
        command.current_dir(Path::new("/"));
        command
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let mut stop = self.as_owner("pg_ctl");
        stop.arg("--pgdata").arg(self.cluster()).args(["--silent", "stop", "--mode=immediate"]);
        if let Err(error) = output(&mut stop) {
            eprintln!("xtask: PostgreSQL on port {} was not stopped: {error:#}", self.port);
        }
    }
}
