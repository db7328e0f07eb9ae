//! Passkeys: sign-in with a key that an authenticator holds (W3C Web Authentication Level 3).
//!
//! A passkey is asked for with user verification, so it is two factors in one: the device, and the PIN or
//! the finger that opens it (NIST SP 800-63B-4, 3.1.7). It is discoverable: who signs in names no account, so
//! nobody learns here which accounts there are. Signatures, challenges and origins are checked by
//! `webauthn-rs`; attestation is not asked for, since any authenticator will do.
//!
//! INVARIANTS:
//! - a challenge is bound to the visitor's cookie, used once, and over after five minutes ([`Once`]); that
//!   of a registration also to the account that asked for it;
//! - a signature counter that does not grow is refused: the key may have been copied (Level 3, 6.1.1);
//! - the relying party is the host of the address under which the pages are reached: a name, never an IP
//!   address, for browsers bind no passkey to those.

use base::Timestamp;
use serde_json::Value;
use webauthn_rs::prelude::{
    CreationChallengeResponse, DiscoverableAuthentication, DiscoverableKey, Passkey,
    PasskeyRegistration, PublicKeyCredential, RegisterPublicKeyCredential, Url, Uuid, Webauthn,
    WebauthnBuilder, WebauthnError,
};

use crate::once::Once;

/// Bytes of the handle by which an authenticator knows a person: random, no name.
pub(crate) const HANDLE_BYTES: usize = 16;

/// Why a passkey was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PasskeyRefusal {
    /// Nothing is waited for: too late, answered before, or from another visitor.
    Over,
    /// What was sent is no answer of a browser.
    Unreadable,
    /// The signature counter did not grow: the key may have been copied.
    Copied,
    /// The signature, the challenge, the origin or the verification of the user is not right.
    Wrong,
}

impl PasskeyRefusal {
    /// All of them.
    pub(crate) const ALL: [PasskeyRefusal; 4] = [
        PasskeyRefusal::Over,
        PasskeyRefusal::Unreadable,
        PasskeyRefusal::Copied,
        PasskeyRefusal::Wrong,
    ];

    /// Its stable code, as the audit and the messages have it.
    pub(crate) fn code(self) -> &'static str {
        match self {
            PasskeyRefusal::Over => "over",
            PasskeyRefusal::Unreadable => "unreadable",
            PasskeyRefusal::Copied => "copied",
            PasskeyRefusal::Wrong => "wrong",
        }
    }

    fn of(error: &WebauthnError) -> PasskeyRefusal {
        match error {
            WebauthnError::CredentialPossibleCompromise => PasskeyRefusal::Copied,
            _ => PasskeyRefusal::Wrong,
        }
    }
}

/// A passkey as it is kept: the public key with what the library wants to know again, as JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Kept {
    /// By which the authenticator names it.
    pub(crate) credential_id: Vec<u8>,
    /// The public key and the signature counter, as JSON.
    pub(crate) credential: String,
    /// The signature counter; 0 where the authenticator does not count.
    pub(crate) counter: u32,
}

/// An answer to a sign-in that says which passkey it is of, not checked yet.
#[derive(Debug)]
pub(crate) struct Claim {
    answer: PublicKeyCredential,
    asked: DiscoverableAuthentication,
}

impl Claim {
    /// Which passkey it claims to be.
    pub(crate) fn credential_id(&self) -> &[u8] {
        self.answer.get_credential_id()
    }

    /// Whose the authenticator says it is; the passkey's own person must have this handle.
    pub(crate) fn handle(&self) -> Option<&[u8]> {
        self.answer.get_user_unique_id()
    }
}

/// Who registers a passkey.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Registrant<'a> {
    /// Key of the account.
    pub(crate) account: &'a str,
    /// Name of the person, as the authenticator will show it.
    pub(crate) name: &'a str,
    /// The person's handle.
    pub(crate) handle: [u8; HANDLE_BYTES],
}

/// The ceremonies of one installation.
pub(crate) struct Passkeys {
    webauthn: Webauthn,
    registrations: Once<(String, PasskeyRegistration)>,
    sign_ins: Once<DiscoverableAuthentication>,
}

impl Passkeys {
    /// For pages that are reached under `public_url`; nothing where its host is an IP address.
    pub(crate) fn new(public_url: &str) -> Option<Passkeys> {
        let origin = Url::parse(public_url).ok()?;
        let host = origin.domain()?.to_owned();
        let builder = WebauthnBuilder::new(&host, &origin).ok()?;
        Some(Passkeys {
            webauthn: builder.rp_name("Gadolin").build().ok()?,
            registrations: Once::default(),
            sign_ins: Once::default(),
        })
    }

    /// Begins a registration: what the browser is to hand to `navigator.credentials.create`.
    pub(crate) fn registration_begin(
        &self,
        visitor: &str,
        registrant: Registrant<'_>,
        known: &[Vec<u8>],
        now: Timestamp,
    ) -> Option<Value> {
        let handle = Uuid::from_bytes(registrant.handle);
        let name = if registrant.name.is_empty() { registrant.account } else { registrant.name };
        let begun = self.webauthn.start_passkey_registration(
            handle,
            registrant.account,
            name,
            Some(known.to_vec()),
        );
        let (asked, waiting) = begun.ok()?;
        let options = registration_options(&asked)?;
        self.registrations.put(visitor, now, (registrant.account.to_owned(), waiting));
        Some(options)
    }

    /// Ends a registration with what the browser brought.
    pub(crate) fn registration_end(
        &self,
        visitor: &str,
        account: &str,
        answer: &str,
        now: Timestamp,
    ) -> Result<Kept, PasskeyRefusal> {
        let (whose, asked) = self.registrations.take(visitor, now).ok_or(PasskeyRefusal::Over)?;
        if whose != account {
            return Err(PasskeyRefusal::Over);
        }
        let answer: RegisterPublicKeyCredential =
            serde_json::from_str(answer).map_err(|_| PasskeyRefusal::Unreadable)?;
        let passkey = self
            .webauthn
            .finish_passkey_registration(&answer, &asked)
            .map_err(|error| PasskeyRefusal::of(&error))?;
        kept(&passkey)
    }

    /// Begins a sign-in: what the browser is to hand to `navigator.credentials.get`.
    pub(crate) fn sign_in_begin(&self, visitor: &str, now: Timestamp) -> Option<Value> {
        let (asked, waiting) = self.webauthn.start_discoverable_authentication().ok()?;
        self.sign_ins.put(visitor, now, waiting);
        // Without its wish for conditional mediation: a button asks.
        serde_json::to_value(&asked.public_key).ok()
    }

    /// Takes the answer to a sign-in, so that its passkey can be looked up.
    pub(crate) fn sign_in_claim(
        &self,
        visitor: &str,
        answer: &str,
        now: Timestamp,
    ) -> Result<Claim, PasskeyRefusal> {
        let asked = self.sign_ins.take(visitor, now).ok_or(PasskeyRefusal::Over)?;
        let answer = serde_json::from_str(answer).map_err(|_| PasskeyRefusal::Unreadable)?;
        Ok(Claim { answer, asked })
    }

    /// Checks the answer against the passkey that is kept, which `handle` must be the person of; gives it
    /// with its new counter.
    pub(crate) fn sign_in_end(
        &self,
        claim: Claim,
        kept_before: &Kept,
        handle: &[u8],
    ) -> Result<Kept, PasskeyRefusal> {
        if claim.handle() != Some(handle) {
            return Err(PasskeyRefusal::Wrong);
        }
        let mut passkey: Passkey = serde_json::from_str(&kept_before.credential)
            .map_err(|_| PasskeyRefusal::Unreadable)?;
        let key = DiscoverableKey::from(&passkey);
        let proof = self
            .webauthn
            .finish_discoverable_authentication_v2(&claim.answer, claim.asked, &key)
            .map_err(|error| PasskeyRefusal::of(&error))?;
        if !proof.user_verified() {
            return Err(PasskeyRefusal::Wrong);
        }
        passkey.update_credential(&proof);
        Ok(Kept { counter: proof.counter(), ..kept(&passkey)? })
    }
}

/// The options of a registration as JSON. The library leaves open whether the key is discoverable; ours
/// must be, for a sign-in names no account.
fn registration_options(asked: &CreationChallengeResponse) -> Option<Value> {
    let mut options = serde_json::to_value(&asked.public_key).ok()?;
    let selection = options.get_mut("authenticatorSelection")?.as_object_mut()?;
    selection.insert("residentKey".to_owned(), "required".into());
    selection.insert("requireResidentKey".to_owned(), true.into());
    Some(options)
}

/// A passkey as it is kept.
fn kept(passkey: &Passkey) -> Result<Kept, PasskeyRefusal> {
    let value = serde_json::to_value(passkey).map_err(|_| PasskeyRefusal::Unreadable)?;
    let counter = value.pointer("/cred/counter").and_then(Value::as_u64).unwrap_or(0);
    Ok(Kept {
        credential_id: passkey.cred_id().to_vec(),
        credential: value.to_string(),
        counter: u32::try_from(counter).unwrap_or(u32::MAX),
    })
}
