//! Commands, files and the clock, as all tasks use them.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};

/// The root of the workspace.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_owned()
}

/// A value of the environment, nothing where it is unset or empty.
#[expect(clippy::disallowed_methods, reason = "tools are told by the environment where things are")]
pub(crate) fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// A running stopwatch.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Watch(Instant);

impl Watch {
    #[expect(clippy::disallowed_methods, reason = "tools measure")]
    pub(crate) fn start() -> Watch {
        Watch(Instant::now())
    }

    pub(crate) fn elapsed(self) -> Duration {
        self.0.elapsed()
    }

    pub(crate) fn seconds(self) -> f64 {
        self.elapsed().as_secs_f64()
    }
}

/// The cargo that runs us.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new(environment("CARGO").unwrap_or_else(|| "cargo".to_owned()));
    command.current_dir(root());
    command
}

/// Where a program is that can be started by its name.
pub(crate) fn found(program: &str) -> Option<PathBuf> {
    let path = environment("PATH").unwrap_or_default();
    path.split(':').map(|dir| Path::new(dir).join(program)).find(|file| file.is_file())
}

/// Whether a program can be started by its name.
pub(crate) fn has(program: &str) -> bool {
    found(program).is_some()
}

/// The command as a person would type it.
pub(crate) fn typed(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|w| w.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
}

/// Runs a command to its end and gives what it said on standard output.
///
/// # Errors
/// Where it cannot be started or fails; then with what it said on standard error.
pub(crate) fn output(command: &mut Command) -> anyhow::Result<String> {
    let done = outcome(command)?;
    if !done.status.success() {
        let said = String::from_utf8_lossy(&done.stderr).trim().to_owned();
        bail!("`{}` failed ({}): {said}", typed(command), done.status);
    }
    Ok(String::from_utf8_lossy(&done.stdout).into_owned())
}

/// Runs a command to its end, whatever that is.
///
/// # Errors
/// Where it cannot be started.
pub(crate) fn outcome(command: &mut Command) -> anyhow::Result<Output> {
    command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("cannot start `{}`", typed(command)))
}

/// A port on loopback that nobody listens on at this moment.
///
/// # Errors
/// Where the system has none.
pub(crate) fn free_port() -> anyhow::Result<u16> {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0))?;
    Ok(listener.local_addr()?.port())
}

/// Files that are part of the project: those that git tracks or would track.
///
/// # Errors
/// Where git cannot list them.
pub(crate) fn tracked(root: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut git = Command::new("git");
    git.current_dir(root).args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
    let listed = output(&mut git)?;
    let mut files: Vec<PathBuf> =
        listed.split('\0').filter(|f| !f.is_empty()).map(Into::into).collect();
    files.retain(|file| root.join(file).is_file());
    files.sort();
    Ok(files)
}

/// The `gadolin` binary of a profile, built first where needed.
///
/// # Errors
/// Where it does not build.
pub(crate) fn gadolin(profile: Profile) -> anyhow::Result<PathBuf> {
    let mut build = cargo();
    build.args(["build", "--quiet"]);
    match profile {
        // With the features that `cargo test --workspace` builds with, so that nothing is built twice.
        Profile::Dev => build.args(["--workspace", "--bins", "--tests"]),
        Profile::Release => build.args(["--package", "gadolin", "--bin", "gadolin", "--release"]),
    };
    let status = build.status().context("cannot start cargo")?;
    if !status.success() {
        bail!("`gadolin` does not build");
    }
    let target =
        environment("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
    let name = match profile {
        Profile::Dev => "debug",
        Profile::Release => "release",
    };
    Ok(target.join(name).join("gadolin"))
}

/// How the binary is built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Profile {
    /// As the tests build it.
    Dev,
    /// As users get it.
    Release,
}
