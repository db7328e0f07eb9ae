//! Sign-in at a provider that signs whatever it is told: good tokens, and each fault of a token alone.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::extract::{RawForm, State};
use axum::http::HeaderMap;
use axum::routing::{get, post};
use axum::{Json, Router};
use base::Timestamp;
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::authenticator::base64;
use crate::form::fields;
use crate::oidc::{Callback, Identity, Oidc, OidcRefusal, Purpose, providers_read};

const PAGES: &str = "https://licences.example";
/// 2026-03-01T00:00:00Z.
const NOW_S: i64 = 1_772_323_200;

fn now() -> Timestamp {
    Timestamp::from_us(NOW_S * 1_000_000)
}

/// A provider: what the next token says, and what came in.
#[derive(Default)]
struct Stage {
    issuer: String,
    token: String,
    key: u8,
    asked: Vec<HashMap<String, String>>,
    authorization: String,
    discoveries: u32,
}

type Shared = Arc<Mutex<Stage>>;

fn key(number: u8) -> SigningKey {
    SigningKey::from_slice(&[number; 32]).unwrap()
}

/// A signed token (RFC 7515), under the key id of its number.
fn signed(number: u8, header: &Value, claims: &Value) -> String {
    let text = format!(
        "{}.{}",
        base64(header.to_string().as_bytes()),
        base64(claims.to_string().as_bytes())
    );
    let signature: Signature = key(number).sign(text.as_bytes());
    format!("{text}.{}", base64(&signature.to_bytes()))
}

async fn discovery(State(stage): State<Shared>) -> Json<Value> {
    let mut stage = stage.lock().unwrap();
    stage.discoveries += 1;
    let issuer = &stage.issuer;
    Json(json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/keys"),
        "end_session_endpoint": format!("{issuer}/end"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256", "HS256", "none"],
    }))
}

async fn keys(State(stage): State<Shared>) -> Json<Value> {
    let number = stage.lock().unwrap().key;
    let point = key(number).verifying_key().to_sec1_point(false);
    let (x, y) = (base64(&point.as_bytes()[1..33]), base64(&point.as_bytes()[33..65]));
    Json(json!({ "keys": [{
        "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": number.to_string(),
        "x": x, "y": y,
    }] }))
}

async fn token(
    State(stage): State<Shared>,
    headers: HeaderMap,
    RawForm(form): RawForm,
) -> Json<Value> {
    let mut stage = stage.lock().unwrap();
    stage.asked.push(fields(&form).into_iter().collect());
    stage.authorization = headers["authorization"].to_str().unwrap().to_owned();
    Json(json!({ "access_token": "a", "token_type": "Bearer", "id_token": stage.token }))
}

struct Scene {
    oidc: Oidc,
    stage: Shared,
}

/// A provider on a free port of loopback, and us.
async fn scene() -> Scene {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let issuer = format!("http://{}", listener.local_addr().unwrap());
    let stage: Shared = Arc::default();
    {
        let mut stage = stage.lock().unwrap();
        (stage.issuer, stage.key) = (issuer.clone(), 1);
    }
    let router = Router::new()
        .route("/.well-known/openid-configuration", get(discovery))
        .route("/keys", get(keys))
        .route("/token", post(token))
        .with_state(stage.clone());
    tokio::spawn(async move { axum::serve(listener, router).await });
    Scene { oidc: oidc(&issuer), stage }
}

fn oidc(issuer: &str) -> Oidc {
    let toml = format!(
        "[[provider]]\nid='test'\nname_en='T'\nname_zh='T'\nissuer='{issuer}'\nclient_id='us'\n\
         client_secret_file='secret'\nscopes=['email']\nrequired_acr=['high']\nrequired_amr=['mfa']"
    );
    Oidc::new(providers_read(&toml, |_| Ok("s3cret".to_owned())).unwrap(), PAGES)
}

impl Scene {
    /// Begins; what the browser is sent with.
    async fn begin(&self) -> HashMap<String, String> {
        let to = Purpose::SignIn { to: "/".to_owned() };
        let url = self.oidc.begin("test", "visitor", to, now()).await.unwrap().unwrap();
        url.query_pairs().into_owned().collect()
    }

    fn claims(&self, sent: &HashMap<String, String>) -> Value {
        let issuer = self.stage.lock().unwrap().issuer.clone();
        json!({ "iss": issuer, "sub": "anna", "aud": "us", "exp": NOW_S + 60, "iat": NOW_S,
            "auth_time": NOW_S - 60, "nonce": sent["nonce"] })
    }

    /// Comes back with the state it was sent with and the token that the provider then gives.
    async fn end(
        &self,
        sent: &HashMap<String, String>,
        token: String,
    ) -> Result<Identity, OidcRefusal> {
        self.stage.lock().unwrap().token = token;
        self.back(callback(sent)).await
    }

    async fn back(&self, callback: Callback) -> Result<Identity, OidcRefusal> {
        self.oidc.end("test", "visitor", callback, now()).await.map(|ended| ended.0)
    }

    /// One sign-in with changed claims.
    async fn with(&self, change: impl FnOnce(&mut Value)) -> Result<Identity, OidcRefusal> {
        let sent = self.begin().await;
        let mut claims = self.claims(&sent);
        change(&mut claims);
        self.end(&sent, signed(1, &json!({ "alg": "ES256", "kid": "1" }), &claims)).await
    }
}

fn callback(sent: &HashMap<String, String>) -> Callback {
    Callback { state: sent["state"].clone(), code: "c0de".to_owned(), ..Callback::default() }
}

#[tokio::test]
async fn a_good_sign_in_gives_the_identity() {
    let scene = scene().await;
    let sent = scene.begin().await;
    assert_eq!(sent["redirect_uri"], format!("{PAGES}/sign-in/oidc/test/callback"));
    assert_eq!((&*sent["scope"], &*sent["acr_values"]), ("openid email", "high"));
    assert_eq!(sent["max_age"], "900", "a session at the provider alone is no proof of lately");
    assert_eq!((&*sent["response_type"], &*sent["code_challenge_method"]), ("code", "S256"));
    let claims = scene.claims(&sent);
    let token = signed(1, &json!({ "alg": "ES256", "kid": "1" }), &claims);
    let identity = scene.end(&sent, token).await.unwrap();
    assert_eq!((&*identity.subject, identity.two_factors), ("anna", false));
    let stage = scene.stage.lock().unwrap();
    assert_eq!(identity.issuer, stage.issuer);
    let asked = &stage.asked[0];
    assert_eq!(base64(&Sha256::digest(asked["code_verifier"].as_bytes())), sent["code_challenge"]);
    assert_eq!((&*asked["code"], &*asked["redirect_uri"]), ("c0de", &*sent["redirect_uri"]));
    assert!(stage.authorization.starts_with("Basic "), "the secret goes in the header");
}

#[tokio::test]
async fn two_factors_are_what_the_file_says() {
    let scene = scene().await;
    for (field, value, expected) in [
        ("acr", json!("high"), true),
        ("acr", json!("low"), false),
        ("amr", json!(["pwd", "mfa"]), true),
        ("amr", json!(["pwd"]), false),
    ] {
        let identity = scene.with(|claims| claims[field] = value.clone()).await.unwrap();
        assert_eq!(identity.two_factors, expected, "{field} {value}");
    }
}

#[tokio::test]
async fn wrong_tokens_are_refused() {
    let scene = scene().await;
    let wrong: [(&str, Value); 12] = [
        ("iss", json!("https://attacker.example")),
        ("aud", json!("somebody else")),
        ("aud", json!(["us", "somebody else"])),
        ("exp", json!(NOW_S)),
        ("iat", json!(NOW_S + 121)),
        ("nonce", json!("of another sign-in")),
        ("nonce", Value::Null),
        ("auth_time", Value::Null),
        ("auth_time", json!(NOW_S - 15 * 60 - 121)),
        ("auth_time", json!(NOW_S + 121)),
        ("sub", json!("")),
        ("sub", json!("x".repeat(256))),
    ];
    for (field, value) in wrong {
        let ended = scene.with(|claims| claims[field] = value.clone()).await;
        assert_eq!(ended, Err(OidcRefusal::Token), "{field} {value}");
    }
    assert!(scene.with(|claims| claims["exp"] = json!(NOW_S + 1)).await.is_ok());
}

#[tokio::test]
async fn forged_signatures_are_refused() {
    let scene = scene().await;
    let header = |alg: &str| json!({ "alg": alg, "kid": "1" });
    let sent = scene.begin().await;
    let other_key = signed(2, &header("ES256"), &scene.claims(&sent));
    assert_eq!(scene.end(&sent, other_key).await, Err(OidcRefusal::Token));
    let sent = scene.begin().await;
    let good = signed(1, &header("ES256"), &scene.claims(&sent));
    let mut parts: Vec<&str> = good.split('.').collect();
    let mut claims = scene.claims(&sent);
    claims["sub"] = json!("the director");
    let claims = base64(claims.to_string().as_bytes());
    parts[1] = &claims;
    assert_eq!(scene.end(&sent, parts.join(".")).await, Err(OidcRefusal::Token), "other claims");
    let sent = scene.begin().await;
    let none = base64(header("none").to_string().as_bytes());
    let text = format!("{none}.{}.", base64(scene.claims(&sent).to_string().as_bytes()));
    assert!(scene.end(&sent, text).await.is_err(), "no signature");
    let sent = scene.begin().await;
    let hs256 = signed(1, &header("HS256"), &scene.claims(&sent));
    assert_eq!(scene.end(&sent, hs256).await, Err(OidcRefusal::Token), "a shared secret");
    for text in ["", "a.b.c", "no token"] {
        let sent = scene.begin().await;
        assert_eq!(
            scene.end(&sent, text.to_owned()).await,
            Err(OidcRefusal::Unreachable),
            "`{text}`"
        );
    }
}

#[tokio::test]
async fn a_token_or_an_answer_is_good_once() {
    let scene = scene().await;
    let sent = scene.begin().await;
    let token = signed(1, &json!({ "alg": "ES256", "kid": "1" }), &scene.claims(&sent));
    scene.end(&sent, token.clone()).await.unwrap();
    assert_eq!(scene.end(&sent, token.clone()).await, Err(OidcRefusal::Over), "the same answer");
    let again = scene.begin().await;
    assert_eq!(scene.end(&again, token).await, Err(OidcRefusal::Token), "an earlier token");
}

#[tokio::test]
async fn an_answer_is_of_its_visitor_its_state_and_its_provider() {
    let scene = scene().await;
    let sent = scene.begin().await;
    let ended = scene.oidc.end("test", "somebody else", callback(&sent), now()).await;
    assert_eq!(ended.unwrap_err(), OidcRefusal::Over);
    let wrong = Callback { state: "guessed".to_owned(), ..callback(&sent) };
    assert_eq!(scene.back(wrong).await, Err(OidcRefusal::Over));
    assert_eq!(scene.back(callback(&sent)).await, Err(OidcRefusal::Over), "after a wrong state");
    let sent = scene.begin().await;
    let ended = scene.oidc.end("other", "visitor", callback(&sent), now()).await;
    assert_eq!(ended.unwrap_err(), OidcRefusal::Over);
    let sent = scene.begin().await;
    let mixed = Callback { iss: "https://attacker.example".to_owned(), ..callback(&sent) };
    assert_eq!(scene.back(mixed).await, Err(OidcRefusal::Over));
    let sent = scene.begin().await;
    let denied = Callback { error: "access_denied".to_owned(), ..callback(&sent) };
    assert_eq!(scene.back(denied).await, Err(OidcRefusal::Denied));
    assert!(
        scene
            .oidc
            .begin("none", "visitor", Purpose::SignIn { to: String::new() }, now())
            .await
            .is_none()
    );
}

#[tokio::test]
async fn keys_are_kept_and_fetched_anew_when_they_change() {
    let scene = scene().await;
    for _ in 0..3 {
        scene.with(|_| ()).await.unwrap();
    }
    assert_eq!(scene.stage.lock().unwrap().discoveries, 1);
    scene.stage.lock().unwrap().key = 2;
    let sent = scene.begin().await;
    let token = signed(2, &json!({ "alg": "ES256", "kid": "2" }), &scene.claims(&sent));
    // Within a minute of the last time they are not fetched again, however many such tokens come.
    assert_eq!(scene.end(&sent, token).await, Err(OidcRefusal::Token));
    assert_eq!(scene.stage.lock().unwrap().discoveries, 1);
    let later = Timestamp::from_us(now().us() + 61_000_000);
    let to = Purpose::SignIn { to: "/".to_owned() };
    let url = scene.oidc.begin("test", "visitor", to, later).await.unwrap().unwrap();
    let sent: HashMap<String, String> = url.query_pairs().into_owned().collect();
    let mut claims = scene.claims(&sent);
    claims["exp"] = json!(NOW_S + 120);
    scene.stage.lock().unwrap().token = signed(2, &json!({ "alg": "ES256", "kid": "2" }), &claims);
    scene.oidc.end("test", "visitor", callback(&sent), later).await.unwrap();
    assert_eq!(scene.stage.lock().unwrap().discoveries, 2);
}

#[tokio::test]
async fn a_provider_that_is_down_or_strange_is_said_to_be_unreachable() {
    let to = || Purpose::SignIn { to: "/".to_owned() };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let closed = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let ended = oidc(&closed).begin("test", "visitor", to(), now()).await.unwrap();
    assert_eq!(ended.unwrap_err(), OidcRefusal::Unreachable);
    let scene = scene().await;
    let real = scene.stage.lock().unwrap().issuer.clone();
    scene.stage.lock().unwrap().issuer = "https://attacker.example".to_owned();
    let ended = oidc(&real).begin("test", "visitor", to(), now()).await.unwrap();
    assert_eq!(ended.unwrap_err(), OidcRefusal::Unreachable, "another issuer in its document");
}

#[tokio::test]
async fn a_silent_provider_keeps_four_workers_and_nobody_else_waiting() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let silent = Arc::new(oidc(&format!("http://{}", listener.local_addr().unwrap())));
    let ask = || {
        let silent = silent.clone();
        tokio::spawn(async move {
            let to = Purpose::SignIn { to: "/".to_owned() };
            silent.begin("test", "visitor", to, now()).await.unwrap().unwrap_err()
        })
    };
    let mut asked: Vec<_> = (0..5).map(|_| ask()).collect();
    // The fifth is answered although the four before it wait.
    assert_eq!(asked.pop().unwrap().await.unwrap(), OidcRefusal::Unreachable);
    assert!(asked.iter().all(|waiting| !waiting.is_finished()));
    for waiting in asked {
        assert_eq!(waiting.await.unwrap(), OidcRefusal::Unreachable);
    }
}

#[tokio::test]
async fn the_session_at_the_provider_can_be_ended_too() {
    let scene = scene().await;
    let url = scene.oidc.logout("test", now()).await.unwrap();
    let pairs: HashMap<String, String> = url.query_pairs().into_owned().collect();
    assert_eq!(url.path(), "/end");
    assert_eq!(
        (&*pairs["client_id"], &*pairs["post_logout_redirect_uri"]),
        ("us", "https://licences.example/sign-in")
    );
}
