//! An authenticator in software, and the browser before it: makes and uses a passkey exactly as it is told,
//! wrong ways included (Web Authentication Level 3, 6.1 and 6.5).

use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// The user was there, was verified; an attested credential follows.
const PRESENT: u8 = 0x01;
const VERIFIED: u8 = 0x04;
const ATTESTED: u8 = 0x40;

/// A key in an authenticator, and the origin of the page that its browser shows.
#[derive(Clone)]
pub(crate) struct Authenticator {
    key: SigningKey,
    /// Its name of the credential.
    pub(crate) id: Vec<u8>,
    /// By which it knows the person.
    pub(crate) handle: Vec<u8>,
    /// Signatures given.
    pub(crate) counter: u32,
    /// Of the page.
    pub(crate) origin: String,
    /// Whose credential the browser says it is.
    pub(crate) rp_id: String,
    /// Whether a PIN or a finger was asked for.
    pub(crate) verified: bool,
}

impl Authenticator {
    /// With a key of this number.
    pub(crate) fn new(number: u8, origin: &str, rp_id: &str) -> Authenticator {
        Authenticator {
            key: SigningKey::from_slice(&[number.max(1); 32]).unwrap(),
            id: vec![number; 32],
            handle: Vec::new(),
            counter: 0,
            origin: origin.to_owned(),
            rp_id: rp_id.to_owned(),
            verified: true,
        }
    }

    /// Answers `navigator.credentials.create`.
    pub(crate) fn create(&mut self, options: &Value) -> String {
        self.handle = unbase64(options["user"]["id"].as_str().unwrap());
        let mut data = self.data(ATTESTED);
        data.extend([0; 16]);
        data.extend(u16::try_from(self.id.len()).unwrap().to_be_bytes());
        data.extend(&self.id);
        data.extend(self.public_key());
        // {"fmt": "none", "attStmt": {}, "authData": data}
        let mut object = vec![0xa3, 0x63];
        object.extend(b"fmt");
        object.push(0x64);
        object.extend(b"none");
        object.push(0x67);
        object.extend(b"attStmt");
        object.extend([0xa0, 0x68]);
        object.extend(b"authData");
        object.extend([0x59, (data.len() >> 8) as u8, data.len() as u8]);
        object.extend(data);
        json!({
            "id": base64(&self.id), "rawId": base64(&self.id), "type": "public-key",
            "response": {
                "attestationObject": base64(&object),
                "clientDataJSON": base64(&self.client("webauthn.create", options)),
            },
            "clientExtensionResults": {},
        })
        .to_string()
    }

    /// Answers `navigator.credentials.get`.
    pub(crate) fn get(&mut self, options: &Value) -> String {
        self.counter += 1;
        let (data, client) = (self.data(0), self.client("webauthn.get", options));
        let mut signed = data.clone();
        signed.extend(Sha256::digest(&client));
        let signature: Signature = self.key.sign(&signed);
        json!({
            "id": base64(&self.id), "rawId": base64(&self.id), "type": "public-key",
            "response": {
                "authenticatorData": base64(&data),
                "clientDataJSON": base64(&client),
                "signature": base64(signature.to_der().as_bytes()),
                "userHandle": base64(&self.handle),
            },
            "clientExtensionResults": {},
        })
        .to_string()
    }

    fn client(&self, kind: &str, options: &Value) -> Vec<u8> {
        let challenge = options["challenge"].as_str().unwrap();
        json!({ "type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": false })
            .to_string()
            .into_bytes()
    }

    fn data(&self, flags: u8) -> Vec<u8> {
        let mut data = Sha256::digest(self.rp_id.as_bytes()).to_vec();
        data.push(flags | PRESENT | if self.verified { VERIFIED } else { 0 });
        data.extend(self.counter.to_be_bytes());
        data
    }

    /// The public key as COSE (RFC 9053): EC2, ES256, P-256, x, y.
    fn public_key(&self) -> Vec<u8> {
        let point = self.key.verifying_key().to_sec1_point(false);
        let mut map = vec![0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20];
        map.extend(&point.as_bytes()[1..33]);
        map.extend([0x22, 0x58, 0x20]);
        map.extend(&point.as_bytes()[33..65]);
        map
    }
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Base 64 for addresses, without padding (RFC 4648, 5).
pub(crate) fn base64(bytes: &[u8]) -> String {
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let all = chunk.iter().fold(0_u32, |all, byte| all << 8 | u32::from(*byte));
        let all = all << (8 * (3 - chunk.len()));
        for i in 0..=chunk.len() {
            let place = all >> (18 - 6 * i) & 63;
            out.push(char::from(ALPHABET[place as usize]));
        }
    }
    out
}

/// The bytes of a text in that base.
pub(crate) fn unbase64(text: &str) -> Vec<u8> {
    let (mut bits, mut count, mut out) = (0_u32, 0, Vec::new());
    for byte in text.bytes() {
        let place = ALPHABET.iter().position(|letter| *letter == byte).unwrap();
        bits = bits << 6 | u32::try_from(place).unwrap();
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push((bits >> count) as u8);
        }
    }
    out
}
