//! The browser part of the suite: a demo of our own on a free port of loopback, looked at by a real browser
//! and worked in by everybody whom a licence takes; then a served data directory with accounts, an identity
//! provider beside it, and every way to sign in.

use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, bail};

use crate::setup;
use crate::shell::{Watch, free_port, output, root};
use crate::suite::Tally;

/// How long the demo may take to come up as the tests build it, which is slower than users get it.
const UP_TIMEOUT: Duration = Duration::from_secs(180);
/// How long it may take to stop.
const DOWN_TIMEOUT: Duration = Duration::from_secs(20);

/// What is run on one demo: every page in each role, and an application from its form to a licence that is
/// used up.
const DEMO_TESTS: [&str; 2] = ["run.mjs", "licensing.mjs"];

/// Runs the browser tests on a binary.
///
/// # Errors
/// Where the demo does not come up, or the browser tests do not close with their line.
pub(crate) fn run(gadolin: &Path) -> anyhow::Result<Tally> {
    let tests = root().join("tools/browser");
    let browser = setup::browser().context("no browser: run `cargo xtask setup`")?;
    let mut install = Command::new("npm");
    install.current_dir(&tests).args(["ci", "--no-audit", "--no-fund", "--ignore-scripts"]);
    output(&mut install)?;

    let shots = tempfile::tempdir()?;
    let demo = Demo::start(gadolin)?;
    let mut tally = Tally::default();
    for test in DEMO_TESTS {
        let mut pages = Command::new("node");
        pages.arg(tests.join(test));
        pages.args(["--base", &format!("http://127.0.0.1:{}", demo.port), "--shots"]);
        pages.arg(shots.path());
        tally.add(told(pages, &browser)?);
    }
    demo.stop()?;
    // Serves a data directory of its own: the demo's accounts are chosen, not proved.
    let mut accounts = Command::new("node");
    accounts.arg(tests.join("accounts.mjs")).arg("--gadolin").arg(gadolin);
    accounts.arg("--shots").arg(shots.path());
    tally.add(told(accounts, &browser)?);
    Ok(tally)
}

/// Runs a browser test and reads its closing line.
fn told(mut node: Command, browser: &Path) -> anyhow::Result<Tally> {
    node.current_dir(root()).env("GADOLIN_BROWSER", browser);
    node.stdin(Stdio::null()).stdout(Stdio::piped());
    let mut child = node.spawn().context("cannot start node")?;
    let mut tally = None;
    if let Some(said) = child.stdout.take() {
        for line in BufReader::new(said).lines() {
            let line = line?;
            println!("{line}");
            tally = closing(&line).or(tally);
        }
    }
    let status = child.wait()?;
    let tally =
        tally.context("the browser tests ended without `browser: N checks passed, M failed`")?;
    if !status.success() && tally.failed == 0 {
        bail!("the browser tests ended with {status}");
    }
    if tally.passed + tally.failed == 0 {
        bail!("the browser tests checked nothing");
    }
    Ok(tally)
}

/// Reads `browser: N checks passed, M failed`.
fn closing(line: &str) -> Option<Tally> {
    let (passed, failed) = line.trim().strip_prefix("browser: ")?.split_once(" checks passed, ")?;
    let failed = failed.strip_suffix(" failed")?;
    Some(Tally { passed: passed.parse().ok()?, failed: failed.parse().ok()?, skipped: 0 })
}

/// Whether the server says that it is ready. That it listens is not enough: the demo looks whether its port
/// is free before it fills its ledger.
fn ready(address: SocketAddr) -> bool {
    let ask = || -> std::io::Result<String> {
        let timeout = Some(Duration::from_secs(2));
        let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(1))?;
        stream.set_read_timeout(timeout)?;
        stream
            .write_all(b"GET /readyz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")?;
        let mut first = String::new();
        BufReader::new(stream).read_line(&mut first)?;
        Ok(first)
    };
    ask().is_ok_and(|line| line.starts_with("HTTP/1.1 200"))
}

struct Demo {
    child: Child,
    port: u16,
    _data: tempfile::TempDir,
}

impl Demo {
    fn start(gadolin: &Path) -> anyhow::Result<Demo> {
        let port = free_port()?;
        let data = tempfile::tempdir()?;
        let log = data.path().join("demo.log");
        let mut command = Command::new(gadolin);
        command.args(["demo", "--scale", "small", "--port", &port.to_string(), "--data"]);
        command.arg(data.path().join("data"));
        let file = std::fs::File::create(&log)?;
        command.stdin(Stdio::null()).stdout(file.try_clone()?).stderr(file);
        let child = command.spawn().context("cannot start the demo")?;
        let mut demo = Demo { child, port, _data: data };
        let watch = Watch::start();
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        loop {
            if ready(address) {
                println!("demo up after {:.1} s", watch.seconds());
                return Ok(demo);
            }
            let ended = demo.child.try_wait()?;
            if ended.is_some() || watch.elapsed() > UP_TIMEOUT {
                let said = std::fs::read_to_string(&log).unwrap_or_default();
                bail!("the demo does not come up: {}", said.trim());
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// Asks the demo to stop, as an operator would.
    fn stop(mut self) -> anyhow::Result<()> {
        if let Some(pid) =
            i32::try_from(self.child.id()).ok().and_then(rustix::process::Pid::from_raw)
        {
            rustix::process::kill_process(pid, rustix::process::Signal::TERM)?;
        }
        let watch = Watch::start();
        while watch.elapsed() < DOWN_TIMEOUT {
            if self.child.try_wait()?.is_some() {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        bail!("the demo does not stop within {} s of SIGTERM", DOWN_TIMEOUT.as_secs())
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        // Already gone after `stop`: both calls then do nothing.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closing_line_is_read() {
        let tally = Tally { passed: 12, failed: 3, skipped: 0 };
        assert_eq!(closing("browser: 12 checks passed, 3 failed"), Some(tally));
        assert_eq!(closing("browser: starting"), None);
    }
}
