//! `cargo xtask setup`: what the tests need beside the Rust toolchain.
//!
//! Idempotent: a package whose program is there already is left alone, so a machine that has everything
//! needs neither the network nor root.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, bail};

use crate::shell::{environment, found, has, output};

/// How often the package index is fetched before giving up.
const TRIES: u32 = 4;
/// How long apt waits for another apt, seconds.
const LOCK_TIMEOUT: &str = "DPkg::Lock::Timeout=300";

struct Need {
    what: &'static str,
    /// Debian packages that bring it, the first that the index knows.
    packages: &'static [&'static str],
    there: fn() -> bool,
}

const NEEDS: &[Need] = &[
    Need {
        what: "a PostgreSQL server, the peer of `cargo xtask compare`",
        packages: &["postgresql"],
        there: || crate::postgres::programs().is_some(),
    },
    Need {
        what: "a headless browser",
        packages: &["chromium-headless-shell", "chromium"],
        there: || browser().is_some(),
    },
    Need {
        what: "Latin fonts for pages and pictures",
        packages: &["fonts-liberation"],
        there: || fonts("liberation"),
    },
    Need {
        what: "Chinese fonts for pages and pictures",
        packages: &["fonts-noto-cjk"],
        there: || fonts("noto"),
    },
    Need {
        what: "qpdf, which reads the documents of the authority with other eyes than ours",
        packages: &["qpdf"],
        there: || has("qpdf"),
    },
    Need { what: "Node.js for the browser tests", packages: &["nodejs"], there: || has("node") },
    Need { what: "npm for the browser tests", packages: &["npm"], there: || has("npm") },
];

/// The browser that the tests drive.
pub(crate) fn browser() -> Option<PathBuf> {
    ["chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"]
        .into_iter()
        .find_map(found)
}

fn fonts(family: &str) -> bool {
    let families = ["/usr/share/fonts/truetype", "/usr/share/fonts/opentype"];
    families.iter().any(|dir| {
        let Ok(entries) = std::fs::read_dir(Path::new(dir)) else { return false };
        entries.flatten().any(|e| {
            let name = e.file_name().to_string_lossy().into_owned();
            let cjk = || {
                std::fs::read_dir(e.path()).is_ok_and(|mut files| {
                    files.any(|f| f.is_ok_and(|f| f.file_name().to_string_lossy().contains("CJK")))
                })
            };
            name.starts_with(family) && (family != "noto" || cjk())
        })
    })
}

/// Installs what is missing and says what it did.
///
/// # Errors
/// Where something is missing and cannot be installed, with what to do.
pub(crate) fn run() -> anyhow::Result<()> {
    let missing: Vec<&Need> = NEEDS.iter().filter(|need| !(need.there)()).collect();
    for need in NEEDS.iter().filter(|need| (need.there)()) {
        println!("setup: there already: {}", need.what);
    }
    if missing.is_empty() {
        return Ok(());
    }
    for need in &missing {
        println!("setup: missing: {} ({})", need.what, need.packages.join(" or "));
    }
    if !has("apt-get") {
        bail!(
            "only Debian's packages are known here: install what is missing in this system's way"
        );
    }
    if !rustix::process::geteuid().is_root() {
        let names: Vec<&str> = missing.iter().filter_map(|n| n.packages.first().copied()).collect();
        bail!("not root: run `sudo apt-get install {}` and try again", names.join(" "));
    }
    index_update()?;
    let mut names = Vec::new();
    for need in &missing {
        let known = need.packages.iter().copied().find(|package| installable(package));
        names.push(known.with_context(|| {
            format!("no package for {}: looked for {}", need.what, need.packages.join(", "))
        })?);
    }
    println!("setup: installing {}", names.join(" "));
    let mut install = apt("install");
    install.args(["--yes", "--no-install-recommends"]).args(&names);
    retried(&mut install)?;
    for need in &missing {
        if !(need.there)() {
            bail!("installed {}, but {} is still not there", names.join(" "), need.what);
        }
    }
    println!("setup: installed {}", names.join(" "));
    Ok(())
}

fn apt(verb: &str) -> Command {
    let mut command = Command::new("apt-get");
    command.env("DEBIAN_FRONTEND", "noninteractive");
    command.args(["-o", LOCK_TIMEOUT, "-o", "Acquire::Retries=3", "-q", verb]);
    if environment("LC_ALL").is_none() {
        command.env("LC_ALL", "C.UTF-8");
    }
    command
}

fn index_update() -> anyhow::Result<()> {
    println!("setup: fetching the package index");
    retried(&mut apt("update"))
}

fn retried(command: &mut Command) -> anyhow::Result<()> {
    let mut tries = 1;
    loop {
        match output(command) {
            Ok(_) => return Ok(()),
            Err(error) if tries < TRIES => {
                println!("setup: try {tries} of {TRIES}: {error:#}");
                std::thread::sleep(Duration::from_secs(5 * u64::from(tries)));
                tries += 1;
            }
            Err(error) => return Err(error),
        }
    }
}

/// Whether the index knows a version to install.
fn installable(package: &str) -> bool {
    let mut policy = Command::new("apt-cache");
    policy.env("LC_ALL", "C").args(["policy", package]);
    let said = output(&mut policy).unwrap_or_default();
    said.lines().any(|l| l.trim().strip_prefix("Candidate: ").is_some_and(|c| c != "(none)"))
}
