//! Crates point inwards: `base <- missions <- {formats, store} <- app <- {web, lake} <- gadolin`.
//!
//! Missions do not know each other, nor an executor, a database, HTTP, a clock or a source of chance,
//! not even through a third crate. One crate knows the database and one knows HTTP.

use std::collections::{BTreeSet, HashMap};

use super::{Metadata, Package, Wrong};
use crate::shell::{cargo, output};

/// The crates that hold the rules; they take everything else as values.
const MISSIONS: &[&str] =
    &["controls", "licensing", "tracking", "insight", "screening", "transparency"];

/// What base and missions must not reach, directly or through others.
const OUTSIDE: &[&str] = &[
    "tokio",
    "mio",
    "async-std",
    "smol",
    "rusqlite",
    "libsqlite3-sys",
    "postgres",
    "tokio-postgres",
    "sqlx",
    "diesel",
    "hyper",
    "axum",
    "tower",
    "reqwest",
    "ureq",
    "getrandom",
    "rand",
    "zstd",
    "memmap2",
    "rustix",
    "tempfile",
];

/// Crates that only these of the house may name themselves; tests may name them freely.
const RESERVED: &[(&str, &[&str])] = &[
    ("rusqlite", &["store", "xtask"]),
    ("tokio-postgres", &["store"]),
    ("axum", &["web"]),
    ("tower-http", &["web"]),
    ("tokio", &["web", "lake", "gadolin"]),
    ("getrandom", &["web", "gadolin"]),
    ("clap", &["gadolin", "xtask"]),
];

/// Crates of the house that a crate may depend on; nothing where the crate has no place yet.
fn allowed(name: &str) -> Option<Vec<&'static str>> {
    let inner = || ["base"].into_iter().chain(MISSIONS.iter().copied());
    let app = || inner().chain(["formats", "store"]);
    Some(match name {
        "base" | "xtask" => Vec::new(),
        "sim" => vec!["base", "licensing"],
        mission if MISSIONS.contains(&mission) => vec!["base"],
        "formats" | "store" => inner().collect(),
        "app" => app().collect(),
        "web" | "lake" => app().chain(["app"]).collect(),
        "gadolin" => app().chain(["app", "web", "lake", "sim"]).collect(),
        _ => return None,
    })
}

/// Whether a crate of the house reaches another crate when it is built alone.
pub(super) type Alone<'a> = &'a dyn Fn(&str, &str) -> bool;

/// Asks cargo what a crate reaches alone. What cargo cannot tell counts as reached.
pub(super) fn reaches_alone(from: &str, to: &str) -> bool {
    let mut tree = cargo();
    tree.args(["tree", "--locked", "--edges", "normal", "--prefix", "none", "--package", from]);
    let told = output(&mut tree);
    told.map_or(true, |told| told.lines().any(|line| line.split(' ').next() == Some(to)))
}

/// Looks for edges that point outwards.
///
/// The metadata unite the features of the whole workspace: a crate there has edges that another crate asked
/// for. So `alone` has the last word on what a mission reaches.
pub(super) fn check(metadata: &Metadata, alone: Alone<'_>) -> Wrong {
    let mut wrong = Vec::new();
    let own: BTreeSet<&str> = metadata.own().map(|p| p.name.as_str()).collect();
    for package in metadata.own() {
        edges(package, &own, &mut wrong);
        if package.name == "base" || MISSIONS.contains(&package.name.as_str()) {
            reach(metadata, package, alone, &mut wrong);
        }
    }
    wrong
}

fn edges(package: &Package, own: &BTreeSet<&str>, wrong: &mut Wrong) {
    let name = package.name.as_str();
    let Some(allowed) = allowed(name) else {
        wrong.push(format!("crate `{name}` has no place in xtask/src/house/direction.rs"));
        return;
    };
    for dependency in package.dependencies.iter().filter(|d| d.kind.as_deref() != Some("dev")) {
        let to = dependency.name.as_str();
        if dependency.path.is_some() && own.contains(to) && !allowed.contains(&to) {
            wrong.push(format!("`{name}` must not depend on `{to}`"));
        }
        let reserved = RESERVED.iter().find(|(outside, _)| *outside == to);
        if let Some((_, crates)) = reserved.filter(|(_, crates)| !crates.contains(&name)) {
            wrong.push(format!("`{name}` must not depend on `{to}`: only {}", crates.join(", ")));
        }
    }
    // Tests may look further, but never at what stands above their crate.
    let above = ["web", "lake", "gadolin", "xtask"];
    for dependency in package.dependencies.iter().filter(|d| d.kind.as_deref() == Some("dev")) {
        let to = dependency.name.as_str();
        if dependency.path.is_some() && above.contains(&to) && !allowed.contains(&to) {
            wrong.push(format!("tests of `{name}` must not depend on `{to}`"));
        }
    }
}

/// Walks all normal dependencies of a crate.
fn reach(metadata: &Metadata, from: &Package, alone: Alone<'_>, wrong: &mut Wrong) {
    let nodes: HashMap<&str, &super::Node> =
        metadata.resolve.nodes.iter().map(|n| (n.id.as_str(), n)).collect();
    let mut seen = BTreeSet::from([from.id.as_str()]);
    let mut waiting = vec![from.id.as_str()];
    while let Some(id) = waiting.pop() {
        let Some(node) = nodes.get(id) else { continue };
        for edge in &node.deps {
            let normal = edge.dep_kinds.iter().any(|k| k.kind.is_none());
            if !normal || !seen.insert(&edge.pkg) {
                continue;
            }
            let Some(package) = metadata.package(&edge.pkg) else { continue };
            let outside = OUTSIDE.contains(&package.name.as_str());
            if outside && alone(&from.name, &package.name) {
                wrong.push(format!("`{}` reaches `{}`", from.name, package.name));
            }
            waiting.push(&edge.pkg);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A house of crates with normal dependencies; those without a `/` in their name are our own.
    fn house(crates: &[(&str, &[&str])]) -> Metadata {
        let name = |c: &str| c.trim_start_matches('/').to_owned();
        let packages: Vec<_> = crates
            .iter()
            .map(|(package, on)| {
                let dependencies: Vec<_> = on
                    .iter()
                    .map(|d| {
                        let path = (!d.starts_with('/')).then_some("somewhere");
                        serde_json::json!({ "name": name(d), "kind": null, "path": path })
                    })
                    .collect();
                serde_json::json!({
                    "name": name(package), "version": "1.0.0", "id": package, "license": "MIT",
                    "source": package.starts_with('/').then_some("registry"),
                    "dependencies": dependencies, "manifest_path": "Cargo.toml",
                })
            })
            .collect();
        let nodes: Vec<_> = crates
            .iter()
            .map(|(package, on)| {
                let deps: Vec<_> = on
                    .iter()
                    .map(|d| serde_json::json!({ "pkg": d, "dep_kinds": [{ "kind": null }] }))
                    .collect();
                serde_json::json!({ "id": package, "deps": deps })
            })
            .collect();
        let all = serde_json::json!({ "packages": packages, "resolve": { "nodes": nodes } });
        serde_json::from_value(all).unwrap()
    }

    #[track_caller]
    fn check_says(crates: &[(&str, &[&str])], expected: &[&str]) {
        assert_eq!(check(&house(crates), &|_, _| true), expected);
    }

    #[test]
    fn inward_edges_are_right() {
        let tracking: &[&str] = &["base", "/sha2"];
        check_says(
            &[
                ("base", &[]),
                ("tracking", tracking),
                ("insight", &["base"]),
                ("store", &["/rusqlite"]),
                ("app", &["base", "tracking", "insight", "store"]),
                ("web", &["app", "/axum"]),
                ("gadolin", &["app", "web", "sim"]),
                ("sim", &["base"]),
                ("/sha2", &[]),
                ("/rusqlite", &[]),
                ("/axum", &[]),
            ],
            &[],
        );
    }

    #[test]
    fn missions_do_not_know_each_other() {
        check_says(
            &[("base", &[]), ("tracking", &["base"]), ("insight", &["base", "tracking"])],
            &["`insight` must not depend on `tracking`"],
        );
    }

    #[test]
    fn nothing_points_outwards() {
        check_says(
            &[("base", &["app"]), ("app", &[]), ("formats", &["store"]), ("store", &["app"])],
            &[
                "`base` must not depend on `app`",
                "`formats` must not depend on `store`",
                "`store` must not depend on `app`",
            ],
        );
    }

    #[test]
    fn missions_do_not_reach_the_outside_through_others() {
        check_says(
            &[("insight", &["/innocent"]), ("/innocent", &["/tokio"]), ("/tokio", &[])],
            &["`insight` reaches `tokio`"],
        );
    }

    #[test]
    fn what_another_crate_asked_for_is_not_reached() {
        let united: &[(&str, &[&str])] =
            &[("tracking", &["/sha2"]), ("/sha2", &["/getrandom"]), ("/getrandom", &[])];
        assert_eq!(check(&house(united), &|_, _| false), Vec::<String>::new());
        assert!(reaches_alone("web", "tokio") && !reaches_alone("base", "tokio"));
    }

    #[test]
    fn one_crate_knows_the_database() {
        check_says(
            &[("app", &["/rusqlite"]), ("/rusqlite", &[])],
            &["`app` must not depend on `rusqlite`: only store, xtask"],
        );
    }

    #[test]
    fn a_new_crate_needs_a_place() {
        check_says(
            &[("helpers", &[])],
            &["crate `helpers` has no place in xtask/src/house/direction.rs"],
        );
    }
}
