//! Screening: the queue of hits, one hit side by side, the lists in force and how they changed.

pub(crate) mod hit;
pub(crate) mod list;
pub(crate) mod lists;
pub(crate) mod marks;
pub(crate) mod queue;

use app::law::Law;
use controls::regime::PartyList;

use crate::pages::clock::worded;
use crate::text::Text;

/// The list of the pack with a code.
pub(crate) fn list_of<'l>(law: &'l Law, code: &str) -> Option<&'l PartyList> {
    law.regime.party_lists.iter().find(|list| list.id == code)
}

/// What a list is called: as the pack names it, else its code.
pub(crate) fn list_name(t: &Text, law: &Law, code: &str) -> String {
    let found = list_of(law, code).map(|list| worded(t, &list.name_en, &list.name_zh));
    found.unwrap_or_else(|| code.to_owned())
}

/// A score in millionths as a whole percentage; only a full one is shown as 100.
pub(crate) fn percent(score_ppm: u32) -> String {
    let whole = (score_ppm + 5_000) / 10_000;
    format!("{}\u{202f}%", if score_ppm < 1_000_000 { whole.min(99) } else { 100 })
}

/// The class of the tag of a state.
pub(crate) fn state_tag(state: &str) -> &'static str {
    match state {
        "open" => "warning",
        "confirmed" => "error",
        "cleared" => "good",
        "proposed" | "asked" => "note",
        _ => "plain",
    }
}
