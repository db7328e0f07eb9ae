//! The packs: those carried in the program, and those of a directory.

use std::path::Path;

use controls::PackFiles;

/// A file of a pack is text that people write; more is a mistake.
const FILE_BYTES_MAX: u64 = 16 << 20;
/// What marks a directory as the pack of a jurisdiction.
const SETTINGS: &str = "pack.toml";

/// The files that are law; what else lies beside them (the demo's economy) is not the pack's.
const LAW: [&str; 17] = [
    SETTINGS,
    "instruments.csv",
    "items.csv",
    "suspensions.csv",
    "content_rules.toml",
    "cases.jsonl",
    "clocks.toml",
    "calendar.csv",
    "clock_cases.jsonl",
    "licence_types.toml",
    "licensing.toml",
    "documents.csv",
    "time_limits.csv",
    "party_lists.toml",
    "duties.toml",
    "penalties.csv",
    "concentration.csv",
];

#[derive(rust_embed::RustEmbed)]
#[folder = "../../packs"]
#[include = "*/*.toml"]
#[include = "*/*.csv"]
#[include = "*/*.jsonl"]
struct Carried;

/// The ids of the packs carried in the program, in order.
#[must_use]
pub fn pack_ids() -> Vec<String> {
    let settings = Carried::iter().filter_map(|path| {
        path.strip_suffix(SETTINGS).and_then(|id| id.strip_suffix('/')).map(str::to_owned)
    });
    let mut ids: Vec<String> = settings.collect();
    ids.sort();
    ids
}

/// The files of a carried pack; nothing where there is no such pack.
#[must_use]
pub fn pack_carried(id: &str) -> Option<PackFiles> {
    let mut files = PackFiles::new();
    for path in Carried::iter() {
        let Some(name) = path.strip_prefix(id).and_then(|rest| rest.strip_prefix('/')) else {
            continue;
        };
        if !LAW.contains(&name) {
            continue;
        }
        let text = Carried::get(&path)?;
        files.insert(name, String::from_utf8_lossy(&text.data));
    }
    files.text(SETTINGS).is_some().then_some(files)
}

/// A file of a carried pack, or of `common`, which all packs share.
#[must_use]
pub(crate) fn file_carried(id: &str, name: &str) -> Option<String> {
    let file = Carried::get(&format!("{id}/{name}"))?;
    Some(String::from_utf8_lossy(&file.data).into_owned())
}

/// Reads the files of a pack from a directory: its `.toml`, `.csv` and `.jsonl` files.
///
/// # Errors
/// What the system says of the directory or a file of it; a file beyond 16 MiB is refused.
pub fn pack_read(dir: &Path) -> std::io::Result<PackFiles> {
    let mut files = PackFiles::new();
    for entry in std::fs::read_dir(dir)? {
        let path = entry?.path();
        let known = path.extension().is_some_and(|e| e == "toml" || e == "csv" || e == "jsonl");
        let Some(name) = path.file_name().and_then(|name| name.to_str()).filter(|_| known) else {
            continue;
        };
        if std::fs::metadata(&path)?.len() > FILE_BYTES_MAX {
            let text = format!("{name} is larger than {} MiB", FILE_BYTES_MAX >> 20);
            return Err(std::io::Error::new(std::io::ErrorKind::FileTooLarge, text));
        }
        files.insert(name, std::fs::read_to_string(&path)?);
    }
    Ok(files)
}
