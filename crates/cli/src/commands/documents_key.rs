//! `gadolin documents-key`: which key seals the documents, and changing it.

use app::documents::{Documents, KEY_FILE, key_change};
use app::people::{By, Moment};
use app::{Mode, Platform};
use serde::Serialize;

use super::{End, Shared, open};
use crate::output::{Format, json};
use crate::resources::{now, random};

const EXAMPLES: &str = "\
Examples:
  gadolin documents-key --change          # with the server stopped; broken off, run it again";

/// Change the key that seals the documents: each is sealed anew
#[derive(Debug, clap::Args)]
#[command(before_help = EXAMPLES)]
pub(crate) struct DocumentsKey {
    /// Seal every document with a new key; goes on with a change that was broken off
    #[arg(long, required = true)]
    change: bool,
}

#[derive(Serialize)]
struct Changed {
    resealed: u64,
    former: String,
}

impl DocumentsKey {
    pub(crate) fn run(self, shared: &Shared) -> anyhow::Result<End> {
        let platform: Platform = open(&shared.data, Mode::Write)?;
        let moment = Moment { now: now(), seed: random()? };
        let quiet = shared.quiet;
        let mut each = |resealed: u64| {
            if !quiet {
                eprintln!("{resealed} documents sealed anew");
            }
        };
        let changed = key_change(&platform, random()?, (By::COMMAND_LINE, &moment), &mut each)?;
        // What was sealed opens with the key that is there now, or this is said here and not to a reader.
        let documents = Documents::open(&platform, random()?)?;
        let others = documents.key_of_others()?;
        let former = changed.former.display().to_string();
        if Format::or_default(shared.format) == Format::Json {
            json(&Changed { resealed: changed.resealed, former })?;
        } else {
            println!("{} documents sealed anew with a new {KEY_FILE}", changed.resealed);
            println!("the former key is {former}: copies of before need it; put it away from here");
        }
        if others {
            eprintln!("some documents are sealed with neither key; `gadolin fsck` names them");
        }
        Ok(End::Done)
    }
}
