//! The rules of the house that no compiler keeps: each a check that gives what is wrong, one sentence
//! each; none is clean.
//!
//! Every check has a test that feeds it a breach, so that a check that has gone blind is found.

mod dependencies;
mod direction;
mod licences;
mod rust_text;
mod text;

use std::path::PathBuf;

use anyhow::Context;

use crate::shell::{cargo, output, root, tracked};

/// What is wrong, one sentence each.
pub(crate) type Wrong = Vec<String>;

/// The checkout under check.
#[derive(Debug)]
pub(crate) struct House {
    root: PathBuf,
    /// Files of the project, relative to the root, in order.
    files: Vec<PathBuf>,
    metadata: Metadata,
}

/// What `cargo metadata` says, as far as the checks need it.
#[derive(Debug, Clone, serde::Deserialize)]
pub(crate) struct Metadata {
    packages: Vec<Package>,
    resolve: Resolve,
}

#[derive(Debug, Clone, serde::Deserialize)]
struct Package {
    name: String,
    version: String,
    id: String,
    license: Option<String>,
    /// Nothing for the crates of the house.
    source: Option<String>,
    dependencies: Vec<Dependency>,
    manifest_path: PathBuf,
}

#[derive(Debug, Clone, serde::Deserialize)]
struct Dependency {
    name: String,
    /// Nothing for a normal dependency, else `dev` or `build`.
    kind: Option<String>,
    /// The directory of a crate of the house.
    path: Option<PathBuf>,
}

#[derive(Debug, Clone, serde::Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

#[derive(Debug, Clone, serde::Deserialize)]
struct Node {
    id: String,
    deps: Vec<Edge>,
}

#[derive(Debug, Clone, serde::Deserialize)]
struct Edge {
    pkg: String,
    dep_kinds: Vec<EdgeKind>,
}

#[derive(Debug, Clone, serde::Deserialize)]
struct EdgeKind {
    kind: Option<String>,
}

/// A rule.
pub(crate) struct Check {
    /// What holds.
    pub(crate) name: &'static str,
    /// Looks for breaches.
    pub(crate) run: fn(&House) -> anyhow::Result<Wrong>,
}

/// All rules, in the order in which they are checked.
pub(crate) const CHECKS: &[Check] = &[
    Check {
        name: "crates point inwards",
        run: |house| Ok(direction::check(&house.metadata, &direction::reaches_alone)),
    },
    Check { name: "licences and bans", run: licences::check },
    Check { name: "dependencies have reasons and uses", run: dependencies::check },
    Check { name: "exemptions from clippy.toml", run: rust_text::exemptions },
    Check { name: "modules say what they are for", run: rust_text::heads },
    Check { name: "no country in Rust", run: rust_text::countries },
    Check { name: "no path or host of a machine", run: text::machine },
    Check { name: "licence text", run: text::licence },
    Check { name: "assets are our own", run: text::assets },
];

impl House {
    /// Reads the checkout that this program was built from.
    ///
    /// # Errors
    /// Where cargo or git cannot be asked.
    pub(crate) fn open() -> anyhow::Result<House> {
        let root = root();
        let mut command = cargo();
        command.args(["metadata", "--format-version", "1", "--locked"]);
        let said = output(&mut command)?;
        let metadata =
            serde_json::from_str(&said).context("`cargo metadata` says something new")?;
        let files = tracked(&root)?;
        Ok(House { root, files, metadata })
    }

    /// The text of a file of the project, nothing where it is not text.
    fn text(&self, file: &std::path::Path) -> Option<String> {
        std::fs::read_to_string(self.root.join(file)).ok()
    }

    /// Files with an ending below a directory.
    fn below<'h>(&'h self, dir: &'h str, ending: &'h str) -> impl Iterator<Item = &'h PathBuf> {
        self.files
            .iter()
            .filter(move |f| f.starts_with(dir) && f.extension().is_some_and(|e| e == ending))
    }
}

impl Metadata {
    fn package(&self, id: &str) -> Option<&Package> {
        self.packages.iter().find(|p| p.id == id)
    }

    /// Crates of the house.
    fn own(&self) -> impl Iterator<Item = &Package> {
        self.packages.iter().filter(|p| p.source.is_none())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The other checks run in the suite alone; this one is a test too, so that `cargo test` refuses an edge
    /// that points outwards.
    #[test]
    fn crates_point_inwards() {
        let house = House::open().unwrap();
        assert!(house.metadata.own().count() >= 10);
        assert_eq!(direction::check(&house.metadata, &direction::reaches_alone), Wrong::new());
    }
}
