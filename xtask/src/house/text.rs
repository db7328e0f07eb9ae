//! Rules over all files: nothing of the machine on which they were written, the licence in full, and assets
//! that carry no brand but ours.

use super::{House, Wrong};
use crate::shell::environment;

/// Size of the Apache licence 2.0, bytes, give or take white space.
const LICENCE_BYTES: std::ops::Range<usize> = 11_000..11_700;

/// Words of other people's brands that their style kits bring along, and which are not licensed with them.
const BRANDS: &[&str] = &[
    "GDS Transport",
    "GOV.UK",
    "govuk-crest",
    "govuk-logotype",
    "crown copyright",
    "Red Hat",
    "Google Sans",
    "Segoe",
    "San Francisco",
];

/// Looks for paths of this machine and for hosts of package registries.
///
/// # Errors
/// None; the type is that of all checks.
pub(super) fn machine(house: &House) -> anyhow::Result<Wrong> {
    let mut needles = vec![
        ["/ro", "ot/"].concat(),
        ["/ho", "me/"].concat(),
        ["/wo", "rk/"].concat(),
        ["/tm", "p/wt"].concat(),
        house.root.display().to_string(),
    ];
    needles.extend(environment("HOME").filter(|home| home.len() > 5));
    let mut wrong = Vec::new();
    for file in &house.files {
        let Some(text) = house.text(file) else { continue };
        let name = file.display().to_string();
        wrong.extend(holds(&name, &text, &needles));
        if name.ends_with("Cargo.lock") {
            wrong.extend(strange_sources(
                &name,
                &text,
                "source = \"",
                "registry+https://github.com/rust-lang/crates.io-index\"",
            ));
        }
        if name.ends_with("package-lock.json") {
            wrong.extend(strange_sources(
                &name,
                &text,
                "\"resolved\": \"",
                "https://registry.npmjs.org/",
            ));
        }
    }
    Ok(wrong)
}

fn holds(name: &str, text: &str, needles: &[String]) -> Wrong {
    let mut wrong = Vec::new();
    for (number, line) in text.lines().enumerate() {
        if let Some(needle) = needles.iter().find(|n| line.contains(n.as_str())) {
            wrong.push(format!("{name}:{} holds `{needle}`", number + 1));
        }
    }
    wrong
}

/// Lines of a lock file that come from elsewhere than the public index.
fn strange_sources(name: &str, text: &str, key: &str, index: &str) -> Wrong {
    text.lines()
        .enumerate()
        .filter_map(|(number, line)| {
            let source = line.trim().strip_prefix(key)?;
            (!source.starts_with(index))
                .then(|| format!("{name}:{} comes from `{source}`", number + 1))
        })
        .collect()
}

/// Looks for the licence in full.
///
/// # Errors
/// None; the type is that of all checks.
pub(super) fn licence(house: &House) -> anyhow::Result<Wrong> {
    Ok(licence_wrong(&house.text("LICENSE".as_ref()).unwrap_or_default()))
}

fn licence_wrong(text: &str) -> Wrong {
    let marks = ["Apache License", "Version 2.0, January 2004", "END OF TERMS AND CONDITIONS"];
    let whole = LICENCE_BYTES.contains(&text.len()) && marks.iter().all(|mark| text.contains(mark));
    if whole {
        Vec::new()
    } else {
        vec!["LICENSE is not the Apache licence 2.0 in full".to_owned()]
    }
}

/// Looks for other brands, and for anything that a page would fetch from elsewhere.
///
/// # Errors
/// None; the type is that of all checks.
pub(super) fn assets(house: &House) -> anyhow::Result<Wrong> {
    let served = |f: &&std::path::PathBuf| {
        (f.starts_with("crates/web/assets") || f.starts_with("crates/web/templates"))
            && !f.to_string_lossy().ends_with(".LICENSE.txt")
    };
    let mut wrong = Vec::new();
    for file in house.files.iter().filter(served) {
        if let Some(text) = house.text(file) {
            wrong.extend(foreign(&file.display().to_string(), &text));
        }
    }
    Ok(wrong)
}

fn foreign(name: &str, text: &str) -> Wrong {
    let mut wrong = Vec::new();
    let lower = text.to_lowercase();
    for brand in BRANDS.iter().filter(|b| lower.contains(&b.to_lowercase())) {
        wrong.push(format!("{name} carries the brand `{brand}`"));
    }
    let fetches = ["src=\"http", "src=\"//", "url(http", "url(//", "url(\"http", "@import"];
    for fetch in fetches.iter().filter(|f| lower.contains(**f)) {
        wrong.push(format!("{name} fetches from elsewhere: `{fetch}`"));
    }
    wrong
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_of_a_machine_is_found() {
        let needles = ["/somewhere/".to_owned()];
        assert_eq!(holds("a", "x\ny /somewhere/z", &needles), ["a:2 holds `/somewhere/`"]);
    }

    #[test]
    fn a_lock_from_elsewhere_is_found() {
        let text = "source = \"registry+https://elsewhere\"\nsource = \"index\"\n";
        let wrong = strange_sources("Cargo.lock", text, "source = \"", "index\"");
        assert_eq!(wrong, ["Cargo.lock:1 comes from `registry+https://elsewhere\"`"]);
    }

    #[test]
    fn a_cut_licence_is_found() {
        assert_eq!(licence_wrong("Apache License").len(), 1);
    }

    #[test]
    fn brands_and_remote_files_are_found() {
        let wrong = foreign("a.css", "x{font-family:\"GDS Transport\";background:url(https://a)}");
        assert_eq!(
            wrong,
            ["a.css carries the brand `GDS Transport`", "a.css fetches from elsewhere: `url(http`"]
        );
    }
}
