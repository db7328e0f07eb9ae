//! Lines of JSON, one record each, one line in memory at a time.

use std::io::{BufRead, Read};

use serde::de::DeserializeOwned;

use super::fault::{Outcome, Place, shown};
use super::gather::Gather;

/// Reads lines; a broken one is left out and told.
pub(super) fn records<T: DeserializeOwned>(
    mut source: impl BufRead,
    gather: &mut Gather,
    mut each: impl FnMut(&mut Gather, Place, T),
) {
    let most = gather.limits.record_bytes;
    let mut line = Vec::new();
    let mut number = 0;
    loop {
        line.clear();
        number += 1;
        let place = Place::Line(number);
        let read = source.by_ref().take(most as u64 + 1).read_until(b'\n', &mut line);
        let text = match read {
            Ok(0) => return,
            Ok(_) => line.trim_ascii(),
            Err(error) => {
                let fault = ("", "read_failed", error.to_string(), "a file that can be read");
                gather.tell(place, Outcome::Stopped, fault);
                return;
            }
        };
        if line.last() != Some(&b'\n') && line.len() > most {
            let message = format!("the line is longer than {most} bytes");
            gather.leave(place, "record_too_long", message, "lines of at most 1 MiB");
            // What cannot be read any more is told by the next round.
            let _ = source.skip_until(b'\n');
            continue;
        }
        let text =
            if number == 1 { text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text) } else { text };
        if text.is_empty() {
            continue;
        }
        match serde_json::from_slice::<T>(text) {
            Ok(record) => each(gather, place, record),
            Err(error) => {
                let message = shown(&error.to_string());
                gather.leave(
                    place,
                    "json_broken",
                    message,
                    "one JSON object of the format on each line",
                );
            }
        }
        if gather.stopped {
            return;
        }
    }
}
