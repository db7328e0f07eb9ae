//! How messages leave for webhooks: signed after Standard Webhooks 1.0.0, over HTTPS, to the internet only.
//!
//! A message is a job, whose id is the message's (`webhook-id`), so that a receiver knows one that comes
//! again. An answer of 2xx within the time limit is taken; anything else is tried again as jobs are, and
//! 410 switches the webhook off. No redirect is followed.
//!
//! INVARIANT: names are resolved here, and every address that a name stands for must be one of the internet
//! at the very moment of the call ([`of_internet`]); a name that changes its address after it was checked
//! leads nowhere else (server-side request forgery, CWE-918).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use app::jobs::{JobRecord, TRIES_MAX, job_id_text};
use app::people::TryEnded;
use app::webhooks::Message;
use axum::http::Uri;
use base::Timestamp;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use serde::Serialize;
use sha2::Sha256;
use ureq::http::Uri as WireUri;
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};

use crate::address::PublicUrl;
use crate::config::{Shared, WebhookReach};
use crate::jobs::JobFault;

/// How long a receiver may take: it is to put the message aside and answer.
const EXCHANGE: Duration = Duration::from_secs(15);
/// How long reaching it may take.
const CONNECT: Duration = Duration::from_secs(5);

/// A secret as its receiver keeps it.
pub(crate) fn secret_text(secret: &[u8]) -> String {
    format!("whsec_{}", STANDARD.encode(secret))
}

/// The value of `webhook-signature`: one signature for each secret.
pub(crate) fn signatures(secrets: &[Vec<u8>], id: &str, seconds: i64, body: &[u8]) -> String {
    let one = |secret: &Vec<u8>| {
        let mut mac = Hmac::<Sha256>::new_from_slice(secret).ok()?;
        mac.update(format!("{id}.{seconds}.").as_bytes());
        mac.update(body);
        Some(format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())))
    };
    secrets.iter().filter_map(one).collect::<Vec<_>>().join(" ")
}

/// Whether an address is one of the internet, by the IANA registries of special-purpose addresses
/// (RFC 6890): not private, local, shared, reserved, for documentation, or another address in disguise.
pub(crate) fn of_internet(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => v4_of_internet(address),
        IpAddr::V6(address) => v6_of_internet(address),
    }
}

fn v4_of_internet(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    !(a == 0
        || a >= 224
        || address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_documentation()
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 192 && b == 88 && c == 99)
        || (a == 198 && (b == 18 || b == 19)))
}

fn v6_of_internet(address: Ipv6Addr) -> bool {
    let [a, b, ..] = address.segments();
    // Of 2000::/3, without protocol assignments and Teredo, documentation, 6to4 and SRv6 examples.
    (0x2000..0x4000).contains(&a)
        && !(a == 0x2001 && b < 0x0200)
        && !(a == 0x2001 && b == 0x0db8)
        && a != 0x2002
        && !(a == 0x3fff && b < 0x1000)
}

/// What is wrong with the address of a webhook; nothing where it can be taken. A name is looked up when
/// something is sent to it, not now.
pub(crate) fn address_fault(url: &str, reach: WebhookReach) -> Option<&'static str> {
    let Ok(uri) = url.parse::<Uri>() else { return Some("webhook_url") };
    let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
        return Some("webhook_url");
    };
    if authority.as_str().contains('@') || url.contains('#') || authority.host().is_empty() {
        return Some("webhook_url");
    }
    if reach == WebhookReach::Anywhere {
        return (!matches!(scheme, "http" | "https")).then_some("webhook_url");
    }
    if scheme != "https" {
        return Some("webhook_https");
    }
    let host = authority.host().trim_matches(['[', ']']);
    let inner = host.parse::<IpAddr>().is_ok_and(|address| !of_internet(address));
    (inner || host.eq_ignore_ascii_case("localhost")).then_some("webhook_inner")
}

/// Resolves names to addresses of the internet only.
#[derive(Debug)]
struct InternetOnly(WebhookReach);

impl Resolver for InternetOnly {
    fn resolve(
        &self,
        uri: &WireUri,
        config: &ureq::config::Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let found = DefaultResolver::default().resolve(uri, config, timeout)?;
        let inner = found.iter().any(|address| !of_internet(address.ip()));
        if inner && self.0 == WebhookReach::Internet {
            return Err(ureq::Error::Io(std::io::Error::other(
                "the name stands for an address that is not of the internet",
            )));
        }
        Ok(found)
    }
}

/// The line to webhooks.
#[derive(Debug)]
pub(crate) struct Courier {
    reach: WebhookReach,
    // Made when something is first sent: it reads the certificate authorities of the machine.
    agent: OnceLock<ureq::Agent>,
}

impl Courier {
    pub(crate) fn new(reach: WebhookReach) -> Courier {
        Courier { reach, agent: OnceLock::new() }
    }

    fn agent(&self) -> &ureq::Agent {
        self.agent.get_or_init(|| {
            let roots = rustls_native_certs::load_native_certs();
            let roots = roots.certs.iter().map(|root| Certificate::from_der(root).to_owned());
            let roots = RootCerts::Specific(Arc::new(roots.collect()));
            let config = ureq::Agent::config_builder()
                .tls_config(TlsConfig::builder().root_certs(roots).build())
                .https_only(self.reach == WebhookReach::Internet)
                .timeout_global(Some(EXCHANGE))
                .timeout_connect(Some(CONNECT))
                .max_redirects(0)
                .http_status_as_error(false)
                .proxy(None)
                .max_idle_connections(0)
                .user_agent("gadolin")
                .build();
            let resolver = InternetOnly(self.reach);
            ureq::Agent::with_parts(config, DefaultConnector::default(), resolver)
        })
    }
}

/// What is sent.
#[derive(Serialize)]
struct Payload<'a> {
    #[serde(rename = "type")]
    event: &'a str,
    timestamp: String,
    data: Data<'a>,
}

#[derive(Serialize)]
struct Data<'a> {
    number: &'a str,
    link: String,
}

/// Does a job of the kind `webhook`: signs a message and sends it. Its body stays: it holds no secret.
pub(crate) fn send(shared: &Shared, job: &JobRecord) -> Result<String, JobFault> {
    let fault = |why: &str, again| JobFault { why: why.to_owned(), again };
    let message: Message = serde_json::from_str(&job.body)
        .map_err(|_| fault("the body of the job is no message of this version", false))?;
    let now = shared.now();
    let open = shared.people.webhook_open(&message, now);
    let open = open.map_err(|error| fault(&error.to_string(), true))?;
    // Removed, with the list of what was sent to it.
    let Some(open) = open else { return Ok(job.body.clone()) };
    let tried = if !open.active {
        Err((0, "the webhook is off".to_owned(), false))
    } else if let Some(code) = address_fault(&open.url, shared.config.webhooks) {
        Err((0, format!("the address cannot be taken here ({code})"), false))
    } else {
        exchange(shared, &message, (&job_id_text(&job.job_id), now), (&open.url, &open.secrets))
    };
    let (state, status, error, again) = match &tried {
        Ok(status) => ("delivered", *status, "", false),
        Err((status, why, again)) if *again && job.tries < TRIES_MAX => {
            ("waiting", *status, why.as_str(), true)
        }
        Err((status, why, _)) => ("failed", *status, why.as_str(), false),
    };
    let ended = TryEnded { state, tries: job.tries, status, error, gone: status == 410 };
    let noted = shared.people.webhook_tried(&message, job.job_id, &ended, shared.now());
    noted.map_err(|error| fault(&error.to_string(), true))?;
    match tried {
        Ok(_) => Ok(job.body.clone()),
        Err((_, why, _)) => Err(JobFault { why, again }),
    }
}

/// One exchange: the status of an answer of 2xx; else the status, why, and whether to try again.
fn exchange(
    shared: &Shared,
    message: &Message,
    (id, now): (&str, Timestamp),
    (url, secrets): (&str, &[Vec<u8>]),
) -> Result<u16, (u16, String, bool)> {
    let origin = shared.config.public_url.as_ref().map_or("", PublicUrl::origin);
    let link =
        if message.path.is_empty() { String::new() } else { format!("{origin}{}", message.path) };
    let payload = Payload {
        event: &message.event,
        timestamp: Timestamp::from_us(message.at_us).to_string(),
        data: Data { number: &message.number, link },
    };
    let body = serde_json::to_vec(&payload).map_err(|error| (0, error.to_string(), false))?;
    let (id, seconds) = (format!("msg_{id}"), now.us().div_euclid(1_000_000));
    let sent = shared
        .courier
        .agent()
        .post(url)
        .header("content-type", "application/json")
        .header("webhook-id", &id)
        .header("webhook-timestamp", seconds.to_string())
        .header("webhook-signature", signatures(secrets, &id, seconds, &body))
        .send(&body);
    match sent.map(|answer| answer.status().as_u16()) {
        Ok(status) if (200..300).contains(&status) => Ok(status),
        Ok(410) => Err((410, "the receiver wants no more messages (410)".to_owned(), false)),
        Ok(status) => Err((status, format!("the receiver answered {status}"), true)),
        Err(error) => Err((0, error.to_string(), true)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_that_of_the_specifications_example() {
        // The example of the Standard Webhooks specification.
        let secret = STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
        let found =
            signatures(std::slice::from_ref(&secret), id, 1_614_265_330, b"{\"test\": 2432232314}");
        assert_eq!(found, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
        let two = signatures(&[secret.clone(), vec![7; 32]], id, 1_614_265_330, b"{}");
        assert_eq!(two.split(' ').count(), 2);
    }

    #[test]
    fn only_addresses_of_the_internet_are_reached() {
        for inner in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:8.8.8.8",
            "64:ff9b::7f00:1",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::1",
            "3fff::1",
            "5f00::1",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ] {
            assert!(!of_internet(inner.parse().unwrap()), "{inner}");
        }
        for outer in [
            "1.1.1.1",
            "8.8.8.8",
            "100.63.255.255",
            "100.128.0.1",
            "172.15.0.1",
            "172.32.0.1",
            "192.0.1.1",
            "198.17.0.1",
            "198.20.0.1",
            "223.255.255.255",
            "2001:200::1",
            "2001:4860:4860::8888",
            "2606:4700::1111",
        ] {
            assert!(of_internet(outer.parse().unwrap()), "{outer}");
        }
    }

    #[test]
    fn an_address_is_taken_or_refused_for_what_it_is() {
        let check = |url: &str, inner: Option<&str>, anywhere: Option<&str>| {
            assert_eq!(address_fault(url, WebhookReach::Internet), inner, "{url}");
            assert_eq!(address_fault(url, WebhookReach::Anywhere), anywhere, "{url}");
        };
        check("https://hooks.example/in?a=b", None, None);
        check("https://8.8.8.8:8443/", None, None);
        check("http://hooks.example/", Some("webhook_https"), None);
        check("https://127.0.0.1/", Some("webhook_inner"), None);
        check("https://[::1]:443/", Some("webhook_inner"), None);
        check("https://LocalHost/", Some("webhook_inner"), None);
        check("https://169.254.169.254/latest/meta-data", Some("webhook_inner"), None);
        for bad in
            ["", "/in", "hooks.example", "ftp://", "https://me:pw@hooks.example/", "https://"]
        {
            check(bad, Some("webhook_url"), Some("webhook_url"));
        }
        check("ftp://hooks.example/", Some("webhook_https"), Some("webhook_url"));
        check("https://hooks.example/#x", Some("webhook_url"), Some("webhook_url"));
    }

    #[test]
    fn a_name_that_stands_for_an_inner_address_is_not_called() {
        let courier = Courier::new(WebhookReach::Internet);
        let error = courier.agent().post("https://localhost:1/").send(b"").unwrap_err();
        assert!(error.to_string().contains("not of the internet"), "{error}");
    }
}
