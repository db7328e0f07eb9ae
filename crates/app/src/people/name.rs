//! Texts that people write: names, keys, addresses.
//!
//! Any script is taken, in Unicode's normal form C. Control characters, and those that turn the direction
//! of what follows (Unicode TR 36, 3.2), are refused rather than dropped: a name must be what its owner
//! sees.

use base::authorisation::Role;
use unicode_normalization::UnicodeNormalization;

use super::{Refusal, Why};

/// The longest name, in characters.
pub const NAME_MAX: usize = 300;
/// The longest key of an account.
pub const ACCOUNT_MAX: usize = 64;
/// The longest e-mail address (RFC 5321, 4.5.3.1.3, less the brackets).
const EMAIL_MAX: usize = 254;

/// Characters that are not seen and change how others are seen.
pub(crate) fn hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{061c}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// A name as it is kept; `least` is 0 where it may be left out.
pub(crate) fn text_check(
    field: &'static str,
    text: &str,
    least: usize,
    most: usize,
) -> Result<String, Refusal> {
    let text: String = text.trim().nfc().collect();
    let accepted = || format!("{least} to {most} characters of any script, none of them invisible");
    let refused = |why| Refusal::Field { field, why, accepted: accepted() };
    if text.chars().any(hidden) {
        return Err(refused(Why::Hidden));
    }
    match text.chars().count() {
        length if length < least => Err(refused(Why::Empty)),
        length if length > most => Err(refused(Why::Long)),
        _ => Ok(text),
    }
}

/// A key of an account.
pub(super) fn account_check(key: &str) -> Result<(), Refusal> {
    let well = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_.".contains(c);
    if !key.is_empty() && key.len() <= ACCOUNT_MAX && key.chars().all(well) {
        return Ok(());
    }
    Err(Refusal::Field {
        field: "account",
        why: Why::Form,
        accepted: format!("1 to {ACCOUNT_MAX} of a–z, 0–9, `-`, `_`, `.`"),
    })
}

/// The desk of a role that has one: the code of an agency or of a border post.
pub(super) fn desk_check(role: Role, desk: &str) -> Result<(), Refusal> {
    let well = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let good = desk.len() <= ACCOUNT_MAX && desk.chars().all(well);
    if good && role.of_desk() != desk.is_empty() {
        return Ok(());
    }
    Err(Refusal::Field {
        field: "desk",
        why: if desk.is_empty() { Why::Empty } else { Why::Form },
        accepted: format!(
            "for an agency or customs: its code, 1 to {ACCOUNT_MAX} of a–z, 0–9, `-`; else nothing"
        ),
    })
}

/// An e-mail address: one `@` between two parts without blanks; whether it is reached, a mail tells.
pub(crate) fn email_check(text: &str) -> Result<String, Refusal> {
    email_of("email", text, 0)
}

/// The same, where there must be one.
pub(crate) fn email_needed(field: &'static str, text: &str) -> Result<String, Refusal> {
    email_of(field, text, 1)
}

fn email_of(field: &'static str, text: &str, least: usize) -> Result<String, Refusal> {
    let text = text_check(field, text, least, EMAIL_MAX)?;
    let parts = text.split_once('@');
    let good = parts.is_some_and(|(local, domain)| {
        !local.is_empty()
            && domain.contains('.')
            && !domain.starts_with('.')
            && !domain.ends_with('.')
            && !domain.contains('@')
            && !text.contains(char::is_whitespace)
            && text.len() <= EMAIL_MAX
    });
    if good || text.is_empty() {
        return Ok(text);
    }
    Err(Refusal::Field { field, why: Why::Form, accepted: "a name, `@` and a domain".to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_any_script_are_taken_and_hidden_characters_are_not() {
        for good in ["Mira Okoye", "奥科耶·米拉", "Ζωή", "نور", "ก".repeat(300).as_str()]
        {
            assert_eq!(text_check("name", good, 1, NAME_MAX).as_deref(), Ok(good));
        }
        assert_eq!(text_check("name", " e\u{301} ", 1, NAME_MAX).as_deref(), Ok("é"));
        let long = "名".repeat(301);
        for (bad, why) in [
            ("", "empty"),
            (long.as_str(), "too long"),
            ("a\u{202e}b", "direction"),
            ("a\u{2066}b", "direction"),
            ("a\u{0}b", "control"),
            ("a\nb", "control"),
            ("\u{200b}", "control"),
        ] {
            let refusal = text_check("name", bad, 1, NAME_MAX).unwrap_err().to_string();
            assert!(refusal.contains(why), "{refusal}");
        }
    }

    #[test]
    fn addresses_and_keys_are_checked() {
        for good in ["", "a@b.example", "名@例.example"] {
            assert_eq!(email_check(good).as_deref(), Ok(good));
        }
        for bad in ["a", "a@b", "@b.example", "a b@c.example", "a@b@c.example", "a@b.example\r\nx"]
        {
            assert!(email_check(bad).is_err(), "{bad}");
        }
        assert!(account_check("mira.okoye-2").is_ok());
        for bad in ["", "Mira", "a b", "é", "a".repeat(65).as_str()] {
            assert!(account_check(bad).is_err(), "{bad}");
        }
    }
}
