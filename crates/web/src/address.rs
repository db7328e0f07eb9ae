//! The address under which people reach the pages: what passkeys are bound to, and where identity providers
//! send people back.

use openidconnect::url::{Host, Url};

/// Scheme, host and port of the pages as browsers see them, such as `https://licences.example`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl {
    origin: String,
    https: bool,
}

impl PublicUrl {
    /// Reads an address: over HTTPS, or of this machine.
    ///
    /// # Errors
    /// What is wrong with it and what would be accepted.
    pub fn parse(text: &str) -> Result<PublicUrl, String> {
        let accepted = "give https://HOST, or http://localhost:PORT for this machine alone";
        let url = Url::parse(text)
            .map_err(|error| format!("`{text}` is no address ({error}): {accepted}"))?;
        let here = match url.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(ip)) => ip.is_loopback(),
            Some(Host::Ipv6(ip)) => ip.is_loopback(),
            None => false,
        };
        let https = url.scheme() == "https";
        if !(https || (url.scheme() == "http" && here)) {
            return Err(format!("`{text}` is not reached over HTTPS: {accepted}"));
        }
        let alone = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        if !alone || !url.username().is_empty() || url.password().is_some() {
            return Err(format!("`{text}` holds more than scheme, host and port: {accepted}"));
        }
        Ok(PublicUrl { origin: url.origin().ascii_serialization(), https })
    }

    /// The address, without a slash at its end.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Whether it is reached over HTTPS.
    #[must_use]
    pub fn https(&self) -> bool {
        self.https
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_over_https_or_of_this_machine() {
        let read = |text| PublicUrl::parse(text).map(|url| url.origin);
        for (text, origin) in [
            ("https://licences.example", "https://licences.example"),
            ("https://licences.example:8443/", "https://licences.example:8443"),
            ("https://许可.example/", "https://xn--jpr111k.example"),
            ("http://localhost:8787", "http://localhost:8787"),
            ("http://127.0.0.1:8787", "http://127.0.0.1:8787"),
        ] {
            assert_eq!(read(text).unwrap(), origin);
        }
        for (text, why) in [
            ("licences.example", "no address"),
            ("http://licences.example", "not reached over HTTPS"),
            ("ftp://localhost", "not reached over HTTPS"),
            ("https://licences.example/pages", "more than scheme"),
            ("https://anna:secret@licences.example", "more than scheme"),
        ] {
            assert!(read(text).unwrap_err().contains(why), "`{text}`");
        }
    }
}
