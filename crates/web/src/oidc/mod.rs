//! Sign-in with the account of another organisation (OpenID Connect Core 1.0, authorisation code flow).
//!
//! The browser is sent to the provider with a state, a nonce and the challenge of a code verifier (RFC 7636,
//! S256) and comes back with a code, for which the provider hands us, over its own line, an ID token. Its
//! signature, issuer, audience, expiry and nonce are checked; what it says of whom it is, is an *identity*:
//! issuer and subject. Who that is here has been stated before, by linking; never does an e-mail link.
//!
//! INVARIANTS:
//! - state, nonce and verifier are bound to the visitor's cookie, used once, over after five minutes ([`Once`]);
//! - only asymmetric signatures are taken: nobody who knows the client's secret can make a token;
//! - an answer must come from the provider that was asked (its own callback address and, where stated, `iss`,
//!   RFC 9207);
//! - a provider is asked on few threads with a limit of time: one that is down holds up nobody else.

mod settings;
mod wire;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use base::Timestamp;
use openidconnect::core::{
    CoreAuthenticationFlow, CoreClient, CoreClientAuthMethod, CoreIdToken, CoreIdTokenVerifier,
    CoreJwsSigningAlgorithm,
};
use openidconnect::url::Url;
use openidconnect::{
    AuthType, AuthenticationContextClass, AuthorizationCode, ClaimsVerificationError, ClientId,
    ClientSecret, CsrfToken, IssuerUrl, LogoutRequest, Nonce, PkceCodeChallenge, PkceCodeVerifier,
    PostLogoutRedirectUrl, ProviderMetadataWithLogout, RedirectUrl, RequestTokenError, Scope,
    SignatureVerificationError, TokenResponse,
};
use tokio::sync::Semaphore;

use crate::once::Once;
use crate::secret::{equal_constant_time, random_text};
pub use settings::{Provider, Secret, providers_read};
use wire::Wire;

/// Threads that ask one provider at once.
const WORKERS: usize = 4;
/// How long a provider's addresses and keys are kept.
const KEEP_US: i64 = 10 * 60 * 1_000_000;
/// How often they are fetched anew for a key that is not among them.
const ANEW_US: i64 = 60 * 1_000_000;
/// How far a provider's clock may be ahead of ours.
const AHEAD_S: i64 = 120;
/// How long ago somebody may have signed in at the provider: as long as a proof counts here. Who only holds
/// an open session there has proved nothing lately.
const AUTHENTICATED_S: i64 = 15 * 60;
/// Bytes of a subject (OpenID Connect Core 1.0, 2: at most 255 ASCII characters).
const SUBJECT_BYTES: usize = 255;
/// Signatures that are taken.
const SIGNATURES: [CoreJwsSigningAlgorithm; 7] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

/// Why a sign-in at a provider did not come to an identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OidcRefusal {
    /// Nothing is waited for, or not this: too late, answered before, or from another visitor.
    Over,
    /// The provider says no: the person stopped, or may not.
    Denied,
    /// The provider does not answer, or not as it should.
    Unreachable,
    /// The ID token is not one that may be taken.
    Token,
}

impl OidcRefusal {
    /// Its stable code, as the audit and the messages have it.
    pub(crate) fn code(self) -> &'static str {
        match self {
            OidcRefusal::Over => "over",
            OidcRefusal::Denied => "denied",
            OidcRefusal::Unreachable => "unreachable",
            OidcRefusal::Token => "token",
        }
    }
}

/// What an identity is proved for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// To sign in, then to go to an address of ours.
    SignIn {
        /// The address.
        to: String,
    },
    /// To be linked to the account of who is signed in.
    Link {
        /// Key of the account.
        account: String,
    },
}

/// Who somebody is at a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Identity {
    /// The issuer.
    pub(crate) issuer: String,
    /// Who it is there.
    pub(crate) subject: String,
    /// Whether the provider says so by two factors, as `oidc.toml` states them.
    pub(crate) two_factors: bool,
}

/// What the provider's redirect brought.
#[derive(Debug, Clone, Default, serde::Deserialize)]
pub(crate) struct Callback {
    #[serde(default)]
    pub(crate) state: String,
    #[serde(default)]
    pub(crate) code: String,
    #[serde(default)]
    pub(crate) error: String,
    #[serde(default)]
    pub(crate) iss: String,
}

#[derive(Debug)]
struct Waiting {
    provider: String,
    state: String,
    nonce: String,
    verifier: String,
    purpose: Purpose,
}

/// One provider: its settings, what it last said of itself, and the places at its line.
#[derive(Debug)]
struct Side {
    provider: Provider,
    known: Mutex<Option<(Timestamp, ProviderMetadataWithLogout)>>,
    workers: Arc<Semaphore>,
}

/// The providers of one installation.
#[derive(Debug)]
pub(crate) struct Oidc {
    sides: Vec<Arc<Side>>,
    waiting: Once<Waiting>,
    wire: Wire,
    /// Scheme and host under which the pages are reached.
    public_url: String,
}

impl Oidc {
    /// For pages that are reached under `public_url`.
    pub(crate) fn new(providers: Vec<Provider>, public_url: &str) -> Oidc {
        let side = |provider| {
            let workers = Arc::new(Semaphore::new(WORKERS));
            Arc::new(Side { provider, known: Mutex::default(), workers })
        };
        Oidc {
            sides: providers.into_iter().map(side).collect(),
            waiting: Once::default(),
            wire: Wire::new(),
            public_url: public_url.trim_end_matches('/').to_owned(),
        }
    }

    /// The providers, in the order of the file.
    pub(crate) fn providers(&self) -> impl Iterator<Item = &Provider> {
        self.sides.iter().map(|side| &side.provider)
    }

    /// The provider of an id.
    pub(crate) fn provider(&self, id: &str) -> Option<&Provider> {
        self.providers().find(|provider| provider.id == id)
    }

    fn side(&self, id: &str) -> Option<Arc<Side>> {
        self.sides.iter().find(|side| side.provider.id == id).cloned()
    }

    fn callback(&self, provider: &str) -> String {
        format!("{}/sign-in/oidc/{provider}/callback", self.public_url)
    }

    /// Begins: where to send the browser. Nothing where there is no such provider.
    pub(crate) async fn begin(
        &self,
        provider: &str,
        visitor: &str,
        purpose: Purpose,
        now: Timestamp,
    ) -> Option<Result<Url, OidcRefusal>> {
        let side = self.side(provider)?;
        Some(self.begun(side, visitor, purpose, now).await)
    }

    async fn begun(
        &self,
        side: Arc<Side>,
        visitor: &str,
        purpose: Purpose,
        now: Timestamp,
    ) -> Result<Url, OidcRefusal> {
        let random = || random_text().ok_or(OidcRefusal::Unreachable);
        let metadata = self.metadata(&side, now, KEEP_US).await?;
        let provider = &side.provider;
        let (state, nonce, verifier) = (random()?, random()?, random()?);
        let challenge =
            PkceCodeChallenge::from_code_verifier_sha256(&PkceCodeVerifier::new(verifier.clone()));
        let redirect =
            RedirectUrl::new(self.callback(&provider.id)).map_err(|_| OidcRefusal::Over)?;
        let client = CoreClient::new(
            ClientId::new(provider.client_id.clone()),
            metadata.issuer().clone(),
            metadata.jwks().clone(),
        )
        .set_auth_uri(metadata.authorization_endpoint().clone())
        .set_redirect_uri(redirect);
        let (state_made, nonce_made) = (state.clone(), nonce.clone());
        let mut request = client
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                move || CsrfToken::new(state_made),
                move || Nonce::new(nonce_made),
            )
            .add_scopes(provider.scopes.iter().cloned().map(Scope::new))
            .set_pkce_challenge(challenge);
        request = request.set_max_age(Duration::from_secs(AUTHENTICATED_S.unsigned_abs()));
        for acr in &provider.required_acr {
            request = request.add_auth_context_value(AuthenticationContextClass::new(acr.clone()));
        }
        let (url, _, _) = request.url();
        let provider = provider.id.clone();
        self.waiting.put(visitor, now, Waiting { provider, state, nonce, verifier, purpose });
        Ok(url)
    }

    /// Ends with what the provider's redirect brought: who it is, and what for.
    pub(crate) async fn end(
        &self,
        provider: &str,
        visitor: &str,
        callback: Callback,
        now: Timestamp,
    ) -> Result<(Identity, Purpose), OidcRefusal> {
        let waiting = self.waiting.take(visitor, now).ok_or(OidcRefusal::Over)?;
        let same = equal_constant_time(waiting.state.as_bytes(), callback.state.as_bytes());
        if !same || waiting.provider != provider {
            return Err(OidcRefusal::Over);
        }
        let side = self.side(provider).ok_or(OidcRefusal::Over)?;
        let metadata = self.metadata(&side, now, KEEP_US).await?;
        if !callback.iss.is_empty() && callback.iss != metadata.issuer().as_str() {
            return Err(OidcRefusal::Over);
        }
        if !callback.error.is_empty() || callback.code.is_empty() {
            return Err(OidcRefusal::Denied);
        }
        let token = self.token(&side, &metadata, callback.code, waiting.verifier).await?;
        let nonce = Nonce::new(waiting.nonce);
        let mut read = verified(&side.provider, &metadata, &token, &nonce, now);
        if matches!(read, Err(Fault::KeyUnknown)) {
            // The provider may have changed its keys since.
            let metadata = self.metadata(&side, now, ANEW_US).await?;
            read = verified(&side.provider, &metadata, &token, &nonce, now);
        }
        match read {
            Ok(identity) => Ok((identity, waiting.purpose)),
            Err(fault) => {
                let cause = fault.words();
                tracing::warn!(provider, %cause, "an ID token was refused");
                Err(OidcRefusal::Token)
            }
        }
    }

    /// Where a browser ends its session at the provider (OpenID Connect RP-Initiated Logout 1.0), if it has
    /// such a place.
    pub(crate) async fn logout(&self, provider: &str, now: Timestamp) -> Option<Url> {
        let side = self.side(provider)?;
        let metadata = self.metadata(&side, now, KEEP_US).await.ok()?;
        let end = metadata.additional_metadata().end_session_endpoint.clone()?;
        let back = PostLogoutRedirectUrl::new(format!("{}/sign-in", self.public_url)).ok()?;
        let request = LogoutRequest::from(end)
            .set_client_id(ClientId::new(side.provider.client_id.clone()))
            .set_post_logout_redirect_uri(back);
        Some(request.http_get_url())
    }

    /// What the provider says of itself, at most `age_us` old.
    async fn metadata(
        &self,
        side: &Arc<Side>,
        now: Timestamp,
        age_us: i64,
    ) -> Result<ProviderMetadataWithLogout, OidcRefusal> {
        let fresh = {
            let known = side.known.lock().unwrap_or_else(PoisonError::into_inner);
            known.as_ref().filter(|known| now.us() - known.0.us() < age_us).map(|k| k.1.clone())
        };
        if let Some(metadata) = fresh {
            return Ok(metadata);
        }
        let issuer =
            IssuerUrl::new(side.provider.issuer.clone()).map_err(|_| OidcRefusal::Unreachable)?;
        let wire = self.wire.clone();
        let asked = work(side, move || {
            let exchange = |request| wire.exchange(request);
            ProviderMetadataWithLogout::discover(&issuer, &exchange).map_err(|e| chain(&e))
        });
        let metadata = asked.await?;
        let mut known = side.known.lock().unwrap_or_else(PoisonError::into_inner);
        *known = Some((now, metadata.clone()));
        Ok(metadata)
    }

    /// Exchanges the code for an ID token.
    async fn token(
        &self,
        side: &Arc<Side>,
        metadata: &ProviderMetadataWithLogout,
        code: String,
        verifier: String,
    ) -> Result<CoreIdToken, OidcRefusal> {
        let provider = &side.provider;
        let redirect =
            RedirectUrl::new(self.callback(&provider.id)).map_err(|_| OidcRefusal::Over)?;
        let endpoint = metadata.token_endpoint().cloned().ok_or(OidcRefusal::Unreachable)?;
        let mut client = CoreClient::new(
            ClientId::new(provider.client_id.clone()),
            metadata.issuer().clone(),
            metadata.jwks().clone(),
        );
        if let Some(secret) = &provider.client_secret {
            client = client.set_client_secret(ClientSecret::new(secret.text().to_owned()));
        }
        let methods = metadata.token_endpoint_auth_methods_supported();
        let takes = |method| methods.is_none_or(|all| all.contains(&method));
        let basic = takes(CoreClientAuthMethod::ClientSecretBasic);
        let client = client
            .set_auth_type(if basic { AuthType::BasicAuth } else { AuthType::RequestBody })
            .set_token_uri(endpoint)
            .set_redirect_uri(redirect);
        let wire = self.wire.clone();
        let answer = work(side, move || {
            let exchange = |request| wire.exchange(request);
            client
                .exchange_code(AuthorizationCode::new(code))
                .set_pkce_verifier(PkceCodeVerifier::new(verifier))
                .request(&exchange)
                .map_err(|error| match error {
                    // What was read may be a token.
                    RequestTokenError::Parse(..) => "its answer is not understood".to_owned(),
                    RequestTokenError::ServerResponse(no) => format!("it says {}", no.error()),
                    other => chain(&other),
                })
        });
        answer.await?.id_token().cloned().ok_or(OidcRefusal::Token)
    }
}

/// Runs an exchange on one of the provider's own threads; at once refused where all are busy.
async fn work<T: Send + 'static>(
    side: &Arc<Side>,
    exchange: impl FnOnce() -> Result<T, String> + Send + 'static,
) -> Result<T, OidcRefusal> {
    let id = &side.provider.id;
    let place = side.workers.clone().try_acquire_owned().map_err(|_| {
        tracing::warn!(provider = id, "the identity provider keeps all its workers waiting");
        OidcRefusal::Unreachable
    })?;
    let done = tokio::task::spawn_blocking(move || {
        let _place = place;
        exchange()
    });
    match done.await {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(cause)) => {
            tracing::warn!(provider = id, %cause, "the identity provider did not answer as it should");
            Err(OidcRefusal::Unreachable)
        }
        Err(_) => Err(OidcRefusal::Unreachable),
    }
}

/// An error with what it comes from. Neither holds an answer's body: it may hold a token.
fn chain(error: &dyn std::error::Error) -> String {
    let mut words = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        words = format!("{words}: {cause}");
        source = cause.source();
    }
    words
}

/// Why an ID token is refused.
#[derive(Debug)]
enum Fault {
    /// It names a key that the provider has not published.
    KeyUnknown,
    /// Anything else.
    Claims(ClaimsVerificationError),
    /// It was issued later than now, or its subject is too long.
    Other(&'static str),
}

impl Fault {
    fn words(&self) -> String {
        match self {
            Fault::KeyUnknown => "it names a key that the provider has not published".to_owned(),
            Fault::Claims(error) => chain(error),
            Fault::Other(words) => (*words).to_owned(),
        }
    }
}

/// Checks an ID token (OpenID Connect Core 1.0, 3.1.3.7).
fn verified(
    provider: &Provider,
    metadata: &ProviderMetadataWithLogout,
    token: &CoreIdToken,
    nonce: &Nonce,
    now: Timestamp,
) -> Result<Identity, Fault> {
    let instant = chrono::DateTime::from_timestamp_micros(now.us())
        .ok_or(Fault::Other("this machine's clock is out of range"))?;
    let verifier = CoreIdTokenVerifier::new_public_client(
        ClientId::new(provider.client_id.clone()),
        metadata.issuer().clone(),
        metadata.jwks().clone(),
    )
    .set_allowed_algs(SIGNATURES)
    .set_time_fn(move || instant);
    let claims = token.claims(&verifier, nonce).map_err(|error| match error {
        ClaimsVerificationError::SignatureVerification(
            SignatureVerificationError::NoMatchingKey,
        ) => Fault::KeyUnknown,
        other => Fault::Claims(other),
    })?;
    if claims.issue_time().timestamp() > instant.timestamp() + AHEAD_S {
        return Err(Fault::Other("it was issued later than now"));
    }
    // A provider that is asked for the longest age must say when (OpenID Connect Core 1.0, 2).
    let since = claims.auth_time().map(|at| instant.timestamp() - at.timestamp());
    if !since.is_some_and(|since| (-AHEAD_S..=AUTHENTICATED_S + AHEAD_S).contains(&since)) {
        return Err(Fault::Other(
            "its `auth_time` is missing or more than a quarter of an hour ago, though `max_age` asked for less",
        ));
    }
    let subject = claims.subject().as_str();
    if subject.is_empty() || subject.len() > SUBJECT_BYTES {
        return Err(Fault::Other("its subject is empty or longer than 255 characters"));
    }
    let by_class = claims.auth_context_ref().is_some_and(|acr| {
        provider.required_acr.iter().any(|wanted| wanted.as_str() == acr.as_str())
    });
    let by_methods = claims.auth_method_refs().is_some_and(|all| {
        all.iter().any(|amr| provider.required_amr.iter().any(|w| w.as_str() == amr.as_str()))
    });
    Ok(Identity {
        issuer: claims.issuer().to_string(),
        subject: subject.to_owned(),
        two_factors: by_class || by_methods,
    })
}
