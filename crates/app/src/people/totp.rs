//! One-time codes of an authenticator app (RFC 6238), and recovery codes that stand in for them.
//!
//! A code is good for its step of 30 seconds and the steps beside it (RFC 6238, 5.2), and once: the last
//! step taken is kept. A recovery code has 120 bits, so that a plain hash keeps it (ASVS 5.0, 6.5.2).

use totp_rs::{Algorithm, TOTP};

use super::PeopleError;

/// Bytes of a secret: the length of HMAC-SHA-1's output (RFC 4226, 4).
pub(super) const SECRET_BYTES: usize = 20;
const STEP_SECONDS: u64 = 30;
/// How many recovery codes a person gets.
pub(super) const RECOVERY_CODES: usize = 10;
/// Random bytes of a recovery code.
pub(super) const RECOVERY_BYTES: usize = 15;
/// Crockford's base 32: no letter that reads like a digit.
const SYMBOLS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

fn totp(secret: &[u8], account: &str) -> Result<TOTP, PeopleError> {
    // SHA-1, six digits, 30 seconds: what every authenticator app understands.
    let issuer = Some("Gadolin".to_owned());
    TOTP::new(Algorithm::SHA1, 6, 1, STEP_SECONDS, secret.to_vec(), issuer, account.to_owned())
        .map_err(|_| PeopleError::Secret("the secret of the one-time codes is not usable"))
}

/// The step in which a code is good, where it is later than the last one taken.
pub(super) fn step_of(
    secret: &[u8],
    account: &str,
    code: &str,
    now_us: i64,
    last_step: i64,
) -> Result<Option<i64>, PeopleError> {
    let totp = totp(secret, account)?;
    let digits: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    let now = now_us.div_euclid(1_000_000 * STEP_SECONDS as i64);
    let mut found = None;
    for step in [now - 1, now, now + 1] {
        let Ok(seconds) = u64::try_from(step * STEP_SECONDS as i64) else { continue };
        if equal(totp.generate(seconds).as_bytes(), digits.as_bytes()) && step > last_step {
            found = Some(step);
        }
    }
    Ok(found)
}

/// The address with which an app is set up, and the secret in base 32 to be typed instead.
pub(super) fn set_up(secret: &[u8], account: &str) -> Result<(String, String), PeopleError> {
    let totp = totp(secret, account)?;
    let plain = totp.get_secret_base32();
    let groups: Vec<&str> =
        plain.as_bytes().chunks(4).filter_map(|c| std::str::from_utf8(c).ok()).collect();
    Ok((totp.get_url(), groups.join(" ")))
}

/// The address as a QR code, SVG to be put into a page.
pub(super) fn qr_svg(address: &str) -> Result<String, PeopleError> {
    let code = qrcode::QrCode::new(address.as_bytes())
        .map_err(|_| PeopleError::Secret("the address is too long for a QR code"))?;
    let svg = code.render::<qrcode::render::svg::Color<'_>>().min_dimensions(224, 224).build();
    Ok(svg.find("<svg").and_then(|at| svg.get(at..)).unwrap_or_default().to_owned())
}

/// A recovery code as it is shown: four groups of six.
pub(super) fn recovery_text(random: &[u8]) -> String {
    let mut text = String::new();
    let (mut bits, mut held) = (0_u32, 0);
    let mut symbols = 0;
    for byte in random {
        bits = bits << 8 | u32::from(*byte);
        held += 8;
        while held >= 5 {
            held -= 5;
            if symbols > 0 && symbols % 6 == 0 {
                text.push('-');
            }
            text.push(char::from(SYMBOLS[(bits >> held & 31) as usize]));
            symbols += 1;
        }
    }
    text
}

/// The hash of a recovery code, however it was typed.
pub(super) fn recovery_hash(code: &str) -> [u8; 32] {
    let plain: String = code
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| match c.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            c => c,
        })
        .collect();
    super::secret_hash(&format!("recovery:{plain}"))
}

/// Whether two texts are equal, in a time that does not tell where they differ.
fn equal(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0_u8, |difference, (x, y)| difference | (x ^ y)) == 0
}

/// The code that an app would show.
#[cfg(test)]
pub(super) fn code_at(secret: &[u8], now_us: i64) -> String {
    let seconds = u64::try_from(now_us / 1_000_000).unwrap_or(0);
    totp(secret, "x").map(|totp| totp.generate(seconds)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_codes_are_those_of_rfc_6238() {
        // Appendix B, SHA-1, the last six of eight digits.
        let secret = b"12345678901234567890";
        for (seconds, code) in
            [(59, "287082"), (1_111_111_109, "081804"), (2_000_000_000, "279037")]
        {
            let step = step_of(secret, "a", code, seconds * 1_000_000, 0).unwrap();
            assert_eq!(step, Some(seconds / 30), "{code}");
        }
    }

    #[test]
    fn a_code_is_good_once_and_one_step_around() {
        let secret = [7; SECRET_BYTES];
        let now = 1_764_000_000_000_000;
        let code = code_at(&secret, now);
        let step = step_of(&secret, "a", &code, now, 0).unwrap().unwrap();
        assert_eq!(step_of(&secret, "a", &code, now, step).unwrap(), None, "replayed");
        for (later, good) in [(30, true), (-30, true), (60, false), (-60, false)] {
            let at = now + later * 1_000_000;
            assert_eq!(step_of(&secret, "a", &code, at, 0).unwrap().is_some(), good, "{later} s");
        }
        let spaced = format!(" {} {}", &code[..3], &code[3..]);
        assert!(step_of(&secret, "a", &spaced, now, 0).unwrap().is_some());
        for bad in ["", "12345", "abcdef", "１２３４５６"] {
            assert_eq!(step_of(&secret, "a", bad, now, 0).unwrap(), None, "{bad}");
        }
    }

    #[test]
    fn recovery_codes_are_read_however_they_are_typed() {
        let code = recovery_text(&[0xa5; RECOVERY_BYTES]);
        assert_eq!(code.len(), 27);
        assert_eq!(code.matches('-').count(), 3);
        let typed = code.to_lowercase().replace('-', " ");
        assert_eq!(recovery_hash(&typed), recovery_hash(&code));
        assert_ne!(recovery_hash(""), recovery_hash(&code));
    }

    #[test]
    fn an_app_is_set_up_by_picture_or_by_hand() {
        let (address, plain) = set_up(&[7; SECRET_BYTES], "mira").unwrap();
        assert!(address.starts_with("otpauth://totp/Gadolin:mira?secret="), "{address}");
        assert_eq!(plain.split(' ').count(), 8);
        let svg = qr_svg(&address).unwrap();
        assert!(svg.starts_with("<svg") && !svg.contains("style="));
    }
}
