//! Forms: decoding `application/x-www-form-urlencoded` and the token that each form carries.
//!
//! The token proves that the form came from a page of ours: a fresh random number and the
//! HMAC-SHA-256 (RFC 2104) over it and the visitor's own cookie. It differs on every page, so that
//! a compressed page gives nothing away.

use axum::extract::{FromRequest, Request};
use axum::http::header::CONTENT_TYPE;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use crate::config::Hall;
use crate::secret::{equal_constant_time, hex};
use crate::stop::Stop;
use crate::visit::Visit;

/// Name of the hidden field.
pub(crate) const TOKEN_FIELD: &str = "form_token";

const BLOCK: usize = 64;
/// Fields of a form: the draft of a decision has some for each of its cells.
const FIELDS_MAX: usize = 4_000;

/// HMAC-SHA-256 with a key of at most one block.
fn hmac(key: &[u8; 32], message: &[&[u8]]) -> [u8; 32] {
    let pad = |byte: u8| {
        let mut block = [byte; BLOCK];
        block.iter_mut().zip(key).for_each(|(b, k)| *b ^= k);
        block
    };
    let mut inner = Sha256::new_with_prefix(pad(0x36));
    for part in message {
        inner.update(part);
    }
    let mut outer = Sha256::new_with_prefix(pad(0x5c));
    outer.update(inner.finalize());
    outer.finalize().into()
}

/// A fresh token for the visitor with this cookie.
pub(crate) fn token_make(key: &[u8; 32], visitor: &str) -> String {
    let mut nonce = [0_u8; 16];
    #[expect(clippy::disallowed_methods, reason = "a token is drawn where it is given out")]
    let drawn = getrandom::fill(&mut nonce);
    if drawn.is_err() {
        return String::new();
    }
    let nonce = hex(&nonce);
    let mac = hex(&hmac(key, &[b"form", nonce.as_bytes(), visitor.as_bytes()]));
    format!("{nonce}{mac}")
}

/// Whether a token is one of ours for the visitor with this cookie.
pub(crate) fn token_good(key: &[u8; 32], visitor: &str, token: &str) -> bool {
    let Some((nonce, mac)) = token.split_at_checked(32) else { return false };
    let expected = hex(&hmac(key, &[b"form", nonce.as_bytes(), visitor.as_bytes()]));
    !visitor.is_empty() && equal_constant_time(expected.as_bytes(), mac.as_bytes())
}

/// A form that carried a good token.
pub(crate) struct Form<T>(pub(crate) T);

/// The fields of a form that carried a good token, in order: some may be there several times.
pub(crate) struct Fields(pub(crate) Vec<(String, String)>);

impl FromRequest<Hall> for Fields {
    type Rejection = Stop;

    async fn from_request(request: Request, hall: &Hall) -> Result<Fields, Stop> {
        let visit = request.extensions().get::<Visit>().cloned().ok_or(Stop::Fault)?;
        let form_type = request
            .headers()
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|value| value.starts_with("application/x-www-form-urlencoded"));
        if !form_type {
            return Err(Stop::FormExpired);
        }
        let limit = hall.config.limits.form_bytes;
        let body =
            axum::body::to_bytes(request.into_body(), limit).await.map_err(|_| Stop::TooLarge)?;
        let fields = fields(&body);
        let token = fields.iter().find(|field| field.0 == TOKEN_FIELD).map_or("", |f| &f.1);
        if !token_good(&hall.config.key, &visit.visitor, token) {
            return Err(Stop::FormExpired);
        }
        Ok(Fields(fields))
    }
}

impl<T: DeserializeOwned> FromRequest<Hall> for Form<T> {
    type Rejection = Stop;

    async fn from_request(request: Request, hall: &Hall) -> Result<Form<T>, Stop> {
        let Fields(fields) = Fields::from_request(request, hall).await?;
        let map = serde_json::Map::from_iter(
            fields.into_iter().map(|(name, value)| (name, serde_json::Value::String(value))),
        );
        serde_json::from_value(serde_json::Value::Object(map)).map(Form).map_err(|error| {
            Stop::field("form", "form", format!("{error}"), "the fields of the form")
        })
    }
}

/// The fields of a form or query string, decoded.
pub(crate) fn fields(body: &[u8]) -> Vec<(String, String)> {
    body.split(|byte| *byte == b'&')
        .filter(|pair| !pair.is_empty())
        .take(FIELDS_MAX)
        .map(|pair| {
            let mut halves = pair.splitn(2, |byte| *byte == b'=');
            let name = halves.next().unwrap_or(b"");
            (decoded(name), decoded(halves.next().unwrap_or(b"")))
        })
        .collect()
}

/// Text that was percent-encoded; `+` is a blank.
pub(crate) fn decoded(bytes: &[u8]) -> String {
    let mut out = Vec::with_capacity(bytes.len());
    let mut i = 0;
    while let Some(&byte) = bytes.get(i) {
        let hex_pair = || {
            let pair = std::str::from_utf8(bytes.get(i + 1..i + 3)?).ok()?;
            u8::from_str_radix(pair, 16).ok()
        };
        match byte {
            b'+' => out.push(b' '),
            b'%' => match hex_pair() {
                Some(value) => {
                    out.push(value);
                    i += 2;
                }
                None => out.push(byte),
            },
            _ => out.push(byte),
        }
        i += 1;
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// Percent-encodes a text as one segment of a path or one value of a query (RFC 3986 unreserved).
#[must_use]
pub(crate) fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~:".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push_str(&hex(&[byte]).to_ascii_uppercase());
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hmac_agrees_with_rfc_4231_case_6_shortened_to_a_block() {
        // RFC 4231 test case 1 has a key of 20 bytes 0x0b; shorter keys are padded with zeros.
        let mut key = [0_u8; 32];
        key[..20].fill(0x0b);
        assert_eq!(
            hex(&hmac(&key, &[b"Hi ", b"There"])),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        );
    }

    #[test]
    fn a_token_is_good_only_for_its_visitor_and_key() {
        let key = [7; 32];
        let token = token_make(&key, "visitor");
        assert!(token_good(&key, "visitor", &token));
        assert_ne!(token, token_make(&key, "visitor"));
        assert!(!token_good(&key, "other", &token));
        assert!(!token_good(&[8; 32], "visitor", &token));
        assert!(!token_good(&key, "", &token_make(&key, "")));
        for bad in ["", "é", &token[..95], &format!("{token}0")] {
            assert!(!token_good(&key, "visitor", bad), "`{bad}`");
        }
    }

    #[test]
    fn fields_are_decoded_and_paths_encoded() {
        let fields = fields(b"a=1+2&b=%E4%B8%AD&c&d=%zz&=x");
        let expected = [("a", "1 2"), ("b", "中"), ("c", ""), ("d", "%zz"), ("", "x")];
        assert_eq!(fields.len(), expected.len());
        for (found, wanted) in fields.iter().zip(expected) {
            assert_eq!((found.0.as_str(), found.1.as_str()), wanted);
        }
        assert_eq!(encoded("gad:a/b <中>"), "gad:a%2Fb%20%3C%E4%B8%AD%3E");
    }
}
