//! Text from outside: what would hide or reorder it on a page is taken out, and forms of the same letter
//! become one.

/// Whether a character controls how text is shown instead of being shown.
fn controls(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{061c}' | '\u{00ad}' | '\u{fff9}'..='\u{fffb}')
}

/// The text without control and bidirectional characters, and whether there were any.
#[must_use]
pub fn neutralised(text: &str) -> (String, bool) {
    if text.chars().any(controls) {
        let clean = text.chars().map(|c| if controls(c) { ' ' } else { c }).collect::<String>();
        (clean.trim().to_owned(), true)
    } else {
        (text.to_owned(), false)
    }
}

/// Full-width and subscript characters as plain ones, all dashes as `-`; upper case stays.
#[must_use]
pub(crate) fn plain(text: &str) -> String {
    if text.is_ascii() {
        return text.to_owned();
    }
    text.chars()
        .map(|c| match c {
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
            '₀'..='₉' => char::from_u32('0' as u32 + (c as u32 - '₀' as u32)).unwrap_or(c),
            '\u{2010}'..='\u{2015}' | '−' => '-',
            '\u{00a0}' | '\u{3000}' | '\u{2009}' => ' ',
            c => c,
        })
        .collect()
}

/// What two wordings have in common when they are the same: plain, lower case, single blanks.
#[must_use]
pub(crate) fn wording(text: &str) -> String {
    let plain = plain(text).to_lowercase();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}
