//! Names and addresses in five lines of 35 characters, as customs systems of the EDIFACT time take them
//! (UN/EDIFACT NAD: C080 and C059, each component an..35).
//!
//! INVARIANT: nothing is cut. What does not fit is told with its place, so that somebody shortens it knowingly;
//! put together again, the lines are the words that were given.

use serde::Serialize;

use crate::licence::{Licence, PartyNamed};
use crate::message::Reason;

/// Lines at most.
pub const LINES_MAX: usize = 5;
/// Characters of a line at most.
pub const LINE_MAX: usize = 35;

/// How a party stands in a message of five lines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Addressed {
    /// Line of the licence.
    pub line: u32,
    /// `consignee` or `end_user`.
    pub part: &'static str,
    /// Name and address, line by line; none where they do not fit.
    pub lines: Vec<String>,
    /// Why they do not fit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<Reason>,
}

/// Name and address in lines: the name begins the first, the address a line of its own; both break between
/// words.
///
/// # Errors
/// A reason that says which word or how many lines there are.
pub fn lines(party: &PartyNamed, part: &str) -> Result<Vec<String>, Reason> {
    let mut lines = Vec::new();
    for text in [&party.name, &party.address] {
        let mut line = String::new();
        for word in text.split_whitespace() {
            let long = word.chars().count();
            if long > LINE_MAX {
                let message = format!("`{word}` has {long} characters");
                let accepted = format!("words of at most {LINE_MAX} characters");
                return Err(Reason::new("address_word_long", part, message, accepted));
            }
            if !line.is_empty() && line.chars().count() + 1 + long > LINE_MAX {
                lines.push(std::mem::take(&mut line));
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        if !line.is_empty() {
            lines.push(line);
        }
    }
    if lines.len() > LINES_MAX {
        let message = format!("name and address of `{}` take {} lines", party, lines.len());
        let accepted = format!("at most {LINES_MAX} lines of {LINE_MAX} characters");
        return Err(Reason::new("address_long", part, message, accepted));
    }
    Ok(lines)
}

/// The parties of a licence as five lines each, line after line.
#[must_use]
pub fn of_licence(licence: &Licence) -> Vec<Addressed> {
    let mut all = Vec::with_capacity(2 * licence.lines.len());
    for line in &licence.lines {
        for (part, party) in [("consignee", &line.consignee), ("end_user", &line.end_user)] {
            let (lines, fault) = match lines(party, part) {
                Ok(lines) => (lines, None),
                Err(reason) => (Vec::new(), Some(reason)),
            };
            all.push(Addressed { line: line.number, part, lines, fault });
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn party(name: &str, address: &str) -> PartyNamed {
        PartyNamed { id: String::new(), name: name.to_owned(), address: address.to_owned() }
    }

    #[test]
    fn an_address_that_does_not_fit_is_told_and_never_cut() {
        let word = "x".repeat(36);
        let full = format!("{} ", "y".repeat(35)).repeat(5);
        for (name, address, expected) in [
            ("Motor Works SA", "1 Works Road, Lyon", Ok(2)),
            ("", "", Ok(0)),
            // Breaks between words, where 35 characters are over.
            ("Société des Moteurs et Générateurs de la Loire", "1 Road", Ok(3)),
            // Characters, not bytes.
            ("中央稀土永磁电机制造有限公司", "上海市浦东新区张江路一号", Ok(2)),
            (&full, "", Ok(5)),
            (&full, "1 Road", Err("address_long")),
            (&word, "", Err("address_word_long")),
            ("Works", &word, Err("address_word_long")),
        ] {
            let found = lines(&party(name, address), "end_user");
            let found = found.map(|lines| lines.len()).map_err(|reason| reason.code);
            assert_eq!(found, expected, "{name} / {address}");
        }
    }

    proptest! {
        #[test]
        fn the_lines_are_the_words_that_were_given(
            name in "[a-zé ]{0,80}",
            address in "[A-Z0-9, ]{0,120}",
        ) {
            if let Ok(lines) = lines(&party(&name, &address), "consignee") {
                prop_assert!(lines.len() <= LINES_MAX);
                prop_assert!(lines.iter().all(|line| line.chars().count() <= LINE_MAX));
                let given: Vec<&str> =
                    name.split_whitespace().chain(address.split_whitespace()).collect();
                let told = lines.join(" ");
                prop_assert_eq!(told.split_whitespace().collect::<Vec<_>>(), given);
            }
        }
    }
}
