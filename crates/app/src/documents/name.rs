//! Names of files as people give them, made fit to be shown and saved.
//!
//! A name is for display; nothing is ever found or stored by it. So it is cleaned rather than refused:
//! browsers and programs send what their systems call a file. What stays is what every system can save: no
//! path, no character that is not seen or that turns the direction of others (Unicode TR 36, 3.2), none
//! that Windows forbids.

use unicode_normalization::UnicodeNormalization;

use super::Refusal;
use crate::people::hidden;

/// The longest name, in characters.
pub const NAME_CHARS_MAX: usize = 200;
/// The longest extension, in characters; what is longer is part of the name.
const EXTENSION_CHARS_MAX: usize = 8;
/// Names that Windows keeps for devices.
const DEVICES: [&str; 4] = ["con", "prn", "aux", "nul"];

/// A name as it is kept, with its extension in small letters.
///
/// # Errors
/// [`Refusal::Name`] where nothing is left of it.
pub(super) fn name_clean(given: &str) -> Result<(String, String), Refusal> {
    let last = given.rsplit(['/', '\\']).next().unwrap_or("");
    let kept: String = last
        .nfc()
        .filter(|c| !hidden(*c))
        .map(|c| if "<>:\"|?*".contains(c) { '_' } else { c })
        .collect();
    let kept = kept.split_whitespace().collect::<Vec<_>>().join(" ");
    // A dot in front hides a file, one at the end is dropped by Windows.
    let kept = kept.trim_matches(|c: char| c == '.' || c.is_whitespace());
    let (stem, extension) = match kept.rsplit_once('.') {
        Some((stem, extension)) if extension.chars().count() <= EXTENSION_CHARS_MAX => {
            (stem.trim_end(), extension.trim_start())
        }
        _ => (kept, ""),
    };
    if stem.is_empty() || extension.is_empty() {
        return Err(Refusal::Name);
    }
    let most = NAME_CHARS_MAX - 1 - extension.chars().count();
    let mut stem: String = stem.chars().take(most).collect();
    let device = stem.split('.').next().unwrap_or("").to_lowercase();
    if DEVICES.contains(&device.as_str()) {
        stem = format!("_{stem}").chars().take(most).collect();
    }
    Ok((format!("{stem}.{extension}"), extension.to_lowercase()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_name_is_its_last_part_without_what_is_not_seen() {
        for (given, kept, extension) in [
            ("report.pdf", "report.pdf", "pdf"),
            ("Report of June.PDF", "Report of June.PDF", "pdf"),
            ("C:\\Users\\mira\\Desktop\\report.pdf", "report.pdf", "pdf"),
            ("../../etc/passwd.txt", "passwd.txt", "txt"),
            ("/a/b/c.xml", "c.xml", "xml"),
            // Shown as `reportfdp.exe` reversed: the character that turns it round goes.
            ("report\u{202e}exe.pdf", "reportexe.pdf", "pdf"),
            ("a\u{200b}\u{feff}\u{2066}b.pdf", "ab.pdf", "pdf"),
            ("a\r\nSet-Cookie: x\0.pdf", "aSet-Cookie_ x.pdf", "pdf"),
            ("最终用户 证明.pdf", "最终用户 证明.pdf", "pdf"),
            ("e\u{301}.txt", "é.txt", "txt"),
            ("a\"b<c>.csv", "a_b_c_.csv", "csv"),
            ("  . a .pdf. ", "a.pdf", "pdf"),
            (".htaccess.txt", "htaccess.txt", "txt"),
            ("nul.txt", "_nul.txt", "txt"),
            ("CON.tar.xml", "_CON.tar.xml", "xml"),
        ] {
            let found = name_clean(given);
            assert_eq!(found, Ok((kept.to_owned(), extension.to_owned())), "{given:?}");
        }
        for given in
            ["", ".", "..", "pdf", ".pdf", "a.", "dir/", "\u{202e}.pdf", "a.averylongending"]
        {
            assert_eq!(name_clean(given), Err(Refusal::Name), "{given:?}");
        }
    }

    #[test]
    fn a_long_name_keeps_its_extension() {
        let (name, extension) = name_clean(&format!("{}.docx", "名".repeat(400))).unwrap();
        assert_eq!((name.chars().count(), extension.as_str()), (NAME_CHARS_MAX, "docx"));
        assert!(name.ends_with("名.docx"));
    }

    proptest! {
        #[test]
        fn whatever_is_given_what_is_kept_is_fit_and_stays_as_it_is(given in ".{0,300}") {
            if let Ok((name, extension)) = name_clean(&given) {
                prop_assert!(name.chars().count() <= NAME_CHARS_MAX);
                prop_assert!(!name.chars().any(|c| hidden(c) || "/\\<>:\"|?*".contains(c)));
                prop_assert!(!name.starts_with('.') && name.to_lowercase().ends_with(&extension));
                prop_assert_eq!(name_clean(&name), Ok((name.clone(), extension)));
            }
        }
    }
}
