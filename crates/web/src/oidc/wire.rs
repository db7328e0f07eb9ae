//! The line to identity providers: HTTPS with limits.
//!
//! No redirect is followed (an answer must come from the address that the provider named), no proxy of the
//! environment is used, an answer is at most a quarter of a megabyte, and a whole exchange at most five
//! seconds long.

use std::time::Duration;

use openidconnect::{HttpRequest, HttpResponse};
use ureq::tls::{Certificate, RootCerts, TlsConfig};

/// How long an exchange with a provider may take.
const EXCHANGE: Duration = Duration::from_secs(5);
/// How long reaching it may take.
const CONNECT: Duration = Duration::from_secs(3);
/// Bytes of an answer: a discovery document, a set of keys or of tokens is a few kilobytes.
const ANSWER_BYTES: u64 = 256 << 10;

/// Why an exchange failed.
#[derive(Debug)]
pub(crate) struct WireError(String);

impl std::fmt::Display for WireError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for WireError {}

/// The line.
#[derive(Debug, Clone)]
pub(crate) struct Wire(ureq::Agent);

impl Wire {
    /// With the certificate authorities that this machine trusts.
    pub(crate) fn new() -> Wire {
        let roots = rustls_native_certs::load_native_certs();
        for error in &roots.errors {
            tracing::warn!(%error, "a certificate authority of this machine cannot be read");
        }
        let roots = roots.certs.iter().map(|root| Certificate::from_der(root).to_owned()).collect();
        let tls = TlsConfig::builder().root_certs(RootCerts::Specific(std::sync::Arc::new(roots)));
        let config = ureq::Agent::config_builder()
            .tls_config(tls.build())
            .timeout_global(Some(EXCHANGE))
            .timeout_connect(Some(CONNECT))
            .max_redirects(0)
            .http_status_as_error(false)
            .proxy(None)
            .max_idle_connections(0)
            .user_agent("gadolin")
            .build();
        Wire(config.new_agent())
    }

    /// One exchange. Blocks: only for workers of its own.
    pub(crate) fn exchange(&self, request: HttpRequest) -> Result<HttpResponse, WireError> {
        let failed = |error: ureq::Error| WireError(error.to_string());
        let (parts, mut body) = self.0.run(request).map_err(failed)?.into_parts();
        let bytes = body.with_config().limit(ANSWER_BYTES).read_to_vec().map_err(failed)?;
        Ok(HttpResponse::from_parts(parts, bytes))
    }
}
