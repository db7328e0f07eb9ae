//! Passwords: which are taken, and their hashes.
//!
//! NIST SP 800-63B-4, 3.1.1.2 and OWASP ASVS 5.0, 6.2: length counts, not composition (12 characters,
//! where 8 are asked for beside a second factor); common ones are refused, and those made of words that stand
//! around every account ([`HOUSE_WORDS`]) or of what is known of the person; any character is taken, in normal form C; nothing is cut off. The hash is argon2id with the first
//! parameters of OWASP's password storage cheat sheet: 19 MiB, two passes, one lane.

use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use unicode_normalization::UnicodeNormalization;

use super::{PeopleError, Refusal};

/// The fewest characters of a password.
pub const PASSWORD_MIN: usize = 12;
/// The most; also what hashing may cost.
pub const PASSWORD_MAX: usize = 256;
/// Characters that are looked at for guessability: the estimate grows with their cube, and a password
/// whose first hundred are easily guessed is refused for that alone.
const GUESSED: usize = 100;
/// A password that takes fewer than 10^8 guesses stands on lists, or is made of what does.
const GUESSES_LOG10: f64 = 8.0;

/// Words of this house that guessers try first (ASVS 5.0, 6.1.2), in small letters without blanks.
const HOUSE_WORDS: [&str; 34] = [
    "gadolinium",
    "gadolin",
    "licensing",
    "licence",
    "license",
    "permit",
    "export",
    "import",
    "control",
    "customs",
    "authority",
    "ministry",
    "mineral",
    "rareearth",
    "magnet",
    "quota",
    "filing",
    "filer",
    "officer",
    "supervisor",
    "analyst",
    "operator",
    "manager",
    "admin",
    "password",
    "passwort",
    "许可证",
    "许可",
    "出口",
    "管制",
    "稀土",
    "矿产",
    "磁材",
    "密码",
];
/// The shortest word of a person that counts, in bytes: shorter ones stand in any text.
const WORD_MIN: usize = 4;
/// Letters and digits that a password must have beside such words.
const BESIDE_WORDS: usize = 8;

/// The hash of no password: what an unknown account is checked against, at the same cost.
pub(super) const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5bm9ib2R5bm9ibw$Qv4sVh2AcDzEwpMv3Rw4kYz0AQ+UXWlK5bO0B1yVqWc";

fn hasher() -> Result<Argon2<'static>, PeopleError> {
    let params = Params::new(19 * 1024, 2, 1, None)
        .map_err(|_| PeopleError::Secret("the parameters of the password hash are not allowed"))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn normal(password: &str) -> String {
    password.nfc().collect()
}

/// Whether a new password is taken; `known` is what others know of the person.
pub(super) fn check(password: &str, known: &[&str]) -> Result<(), Refusal> {
    let password = normal(password);
    let length = password.chars().count();
    if !(PASSWORD_MIN..=PASSWORD_MAX).contains(&length) {
        return Err(Refusal::PasswordLength { length });
    }
    let start: String = password.chars().take(GUESSED).collect();
    if little_beside_words(&start, known) {
        return Err(Refusal::PasswordCommon);
    }
    if zxcvbn::zxcvbn(&start, known).guesses_log10() < GUESSES_LOG10 {
        return Err(Refusal::PasswordCommon);
    }
    Ok(())
}

/// Whether a password holds words of the house or of the person, and hardly anything else.
fn little_beside_words(password: &str, known: &[&str]) -> bool {
    let plain = |text: &str| -> String {
        text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
    };
    let mut words: Vec<String> = HOUSE_WORDS.into_iter().map(str::to_owned).collect();
    for text in known.iter().map(|text| normal(text)) {
        words.extend(text.split(|c: char| !c.is_alphanumeric()).map(plain));
        words.push(plain(&text));
    }
    words.retain(|word| word.len() >= WORD_MIN);
    // The longest first: a word within a longer one leaves no scraps of it.
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    let whole = plain(password);
    // What stood beside a word does not become a new word with what stood behind it.
    let rest = words.iter().fold(whole.clone(), |rest, word| rest.replace(word.as_str(), " "));
    rest != whole && rest.chars().filter(|c| *c != ' ').count() < BESIDE_WORDS
}

/// The PHC string of a password.
pub(super) fn hash(password: &str, salt: [u8; 16]) -> Result<String, PeopleError> {
    let failed = |_| PeopleError::Secret("the password could not be hashed");
    let salt = SaltString::encode_b64(&salt).map_err(failed)?;
    let hash = hasher()?.hash_password(normal(password).as_bytes(), &salt).map_err(failed)?;
    Ok(hash.to_string())
}

/// Whether a password is the one of a PHC string. One that is too long is hashed like any other, cut.
pub(super) fn good(password: &str, phc: &str) -> bool {
    let whole = password.chars().count() <= PASSWORD_MAX;
    let password: String = normal(password).chars().take(PASSWORD_MAX).collect();
    let (Ok(hash), Ok(hasher)) = (PasswordHash::new(phc), hasher()) else { return false };
    // The parameters are those of the string, not ours of today.
    hasher.verify_password(password.as_bytes(), &hash).is_ok() && whole
}

/// Whether a PHC string was made with other parameters than those of today.
pub(super) fn outdated(phc: &str) -> bool {
    let params = PasswordHash::new(phc).ok().and_then(|hash| Params::try_from(&hash).ok());
    let today = hasher().ok();
    params.zip(today).is_none_or(|(params, today)| {
        let now = today.params();
        (params.m_cost(), params.t_cost(), params.p_cost())
            != (now.m_cost(), now.t_cost(), now.p_cost())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_known_again_however_it_was_typed() {
        let phc = hash("Zoe\u{301} und der Dysprosiumofen", [1; 16]).unwrap();
        assert!(phc.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{phc}");
        assert!(good("Zo\u{e9} und der Dysprosiumofen", &phc));
        assert!(!good("Zoe und der Dysprosiumofen", &phc));
        assert!(!outdated(&phc) && outdated(&phc.replace("t=2", "t=1")) && outdated("x"));
        assert!(!good("x", "not a hash"));
        let long = hash(&"x".repeat(PASSWORD_MAX), [1; 16]).unwrap();
        assert!(good(&"x".repeat(PASSWORD_MAX), &long));
        assert!(!good(&"x".repeat(PASSWORD_MAX + 1), &long), "nothing is cut off");
    }

    #[test]
    fn nobodys_hash_is_a_hash_at_the_cost_of_today() {
        assert!(PasswordHash::new(NOBODY).is_ok());
        assert!(!outdated(NOBODY));
        assert!(!good("", NOBODY));
    }

    #[test]
    fn common_and_short_passwords_are_refused_and_any_others_taken() {
        let known = ["mira.okoye", "Mira Okoye", "Nordlicht Magnets"];
        for good in [
            "correct battery staple ores",
            "磁体与稀土的故事很长很长啊",
            "no numbers or capitals needed here",
        ] {
            assert_eq!(check(good, &known), Ok(()), "{good}");
        }
        for common in
            ["password1234", "123456789012", "aaaaaaaaaaaa", "qwertyuiop12", "mira.okoye12"]
        {
            assert_eq!(check(common, &known), Err(Refusal::PasswordCommon), "{common}");
        }
        let known = [known.as_slice(), &["mira@tradeoffice.example"]].concat();
        for of_words in [
            "Gadolin-Export-Licence-26",
            "rare earth magnets!",
            "Nordlicht/Okoye/2026",
            "TradeOffice.Mira.x7q",
            "出口许可证-稀土-管制-26",
        ] {
            assert!(zxcvbn::zxcvbn(of_words, &[]).guesses_log10() > GUESSES_LOG10, "{of_words}");
            assert_eq!(check(of_words, &known), Err(Refusal::PasswordCommon), "{of_words}");
        }
        for beside in ["magnet kettle umbrella", "mira likes seventeen umbrellas"] {
            assert_eq!(check(beside, &known), Ok(()), "{beside}");
        }
        assert_eq!(check("short", &[]), Err(Refusal::PasswordLength { length: 5 }));
        let long = "ab".repeat(129);
        assert_eq!(check(&long, &[]), Err(Refusal::PasswordLength { length: 258 }));
    }
}
