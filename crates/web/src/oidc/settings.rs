//! `oidc.toml`: the identity providers of an installation.

use std::path::{Path, PathBuf};

use openidconnect::url::Url;
use serde::Deserialize;

/// A text that is never shown: neither in a log nor on a page.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// What it is, for the one place that sends it.
    pub(crate) fn text(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// An identity provider, as a `[[provider]]` of the file states it.
#[derive(Debug, Clone)]
pub struct Provider {
    /// Stable key: part of addresses and of the audit.
    pub id: String,
    /// Name in English, as the button has it.
    pub name_en: String,
    /// Name in Chinese.
    pub name_zh: String,
    /// The issuer, exactly as its tokens state it.
    pub issuer: String,
    /// What the provider calls this installation.
    pub client_id: String,
    /// The secret of this installation at the provider; none for a public client.
    pub client_secret: Option<Secret>,
    /// Scopes beside `openid`.
    pub scopes: Vec<String>,
    /// Classes of authentication (`acr`) that count as two factors.
    pub required_acr: Vec<String>,
    /// Methods of authentication (`amr`, RFC 8176) that count as two factors.
    pub required_amr: Vec<String>,
}

impl Provider {
    /// Whether the file says what two factors are at this provider.
    pub(crate) fn tells_two_factors(&self) -> bool {
        !self.required_acr.is_empty() || !self.required_amr.is_empty()
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default, rename = "provider")]
    providers: Vec<Row>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    id: String,
    name_en: String,
    name_zh: String,
    issuer: String,
    client_id: String,
    #[serde(default)]
    client_secret_file: Option<PathBuf>,
    #[serde(default)]
    scopes: Vec<String>,
    #[serde(default)]
    required_acr: Vec<String>,
    #[serde(default)]
    required_amr: Vec<String>,
}

/// Reads the text of an `oidc.toml`. `secret_read` gives the content of a `client_secret_file`, whose path is
/// as the file states it, or says why it cannot.
///
/// # Errors
/// All that is wrong with the text, one sentence each.
pub fn providers_read(
    toml: &str,
    mut secret_read: impl FnMut(&Path) -> Result<String, String>,
) -> Result<Vec<Provider>, Vec<String>> {
    let file: File = toml::from_str(toml).map_err(|error| vec![error.to_string()])?;
    let mut faults = Vec::new();
    let mut providers: Vec<Provider> = Vec::new();
    for row in file.providers {
        let id = row.id.clone();
        let mut fault = |words: String| faults.push(format!("provider `{id}`: {words}"));
        if !id_good(&row.id) {
            fault("give an id of 1 to 32 small letters, digits and hyphens".to_owned());
        }
        if providers.iter().any(|provider| provider.id == row.id) {
            fault("the id stands twice".to_owned());
        }
        if providers.iter().any(|provider| provider.issuer == row.issuer) {
            fault(format!("the issuer `{}` stands twice", row.issuer));
        }
        for (field, value) in
            [("name_en", &row.name_en), ("name_zh", &row.name_zh), ("client_id", &row.client_id)]
        {
            if value.trim().is_empty() {
                fault(format!("`{field}` is empty"));
            }
        }
        if let Err(words) = issuer_good(&row.issuer) {
            fault(words);
        }
        let secret = row.client_secret_file.as_deref().and_then(|path| match secret_read(path) {
            Ok(text) if !text.trim().is_empty() => Some(Secret(text.trim().to_owned())),
            Ok(_) => {
                fault(format!("`{}` is empty: put the client's secret there", path.display()));
                None
            }
            Err(words) => {
                fault(format!("cannot read `{}`: {words}", path.display()));
                None
            }
        });
        providers.push(Provider {
            id: row.id,
            name_en: row.name_en,
            name_zh: row.name_zh,
            issuer: row.issuer,
            client_id: row.client_id,
            client_secret: secret,
            scopes: row.scopes.into_iter().filter(|scope| scope != "openid").collect(),
            required_acr: row.required_acr,
            required_amr: row.required_amr,
        });
    }
    if faults.is_empty() { Ok(providers) } else { Err(faults) }
}

fn id_good(id: &str) -> bool {
    let letters = id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    (1..=32).contains(&id.len()) && letters
}

/// An issuer is reached over TLS, or on this machine (OpenID Connect Core 1.0, 2).
fn issuer_good(issuer: &str) -> Result<(), String> {
    let url = Url::parse(issuer).map_err(|error| {
        format!("the issuer `{issuer}` is no address ({error}): give https://HOST/…")
    })?;
    let here = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    let good = url.scheme() == "https" || (url.scheme() == "http" && here);
    if !good || url.query().is_some() || url.fragment().is_some() {
        return Err(format!(
            "the issuer `{issuer}` is not taken: give https://HOST/… without query; http:// only on this machine"
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "[[provider]]\nid='ministry'\nname_en='Ministry'\nname_zh='部'\n\
        issuer='https://id.example/realm'\nclient_id='gadolin'\nclient_secret_file='secret'\n\
        scopes=['openid','profile']\nrequired_acr=['high']\n";

    fn read(toml: &str) -> Result<Vec<Provider>, Vec<String>> {
        providers_read(toml, |path| match path.to_str() {
            Some("secret") => Ok(" s3cret\n".to_owned()),
            Some("empty") => Ok(String::new()),
            _ => Err("it is not there".to_owned()),
        })
    }

    #[test]
    fn a_provider_is_read_and_its_secret_never_shown() {
        let providers = read(GOOD).unwrap();
        assert_eq!(providers[0].scopes, ["profile"]);
        assert_eq!(providers[0].client_secret.as_ref().unwrap().text(), "s3cret");
        assert!(!format!("{providers:?}").contains("s3cret"));
        assert!(read("").unwrap().is_empty());
    }

    #[track_caller]
    fn refused(from: &str, to: &str, why: &str) {
        let faults = read(&GOOD.replace(from, to)).unwrap_err();
        assert!(faults.iter().any(|fault| fault.contains(why)), "{faults:?}");
    }

    #[test]
    fn faults_are_named_all_at_once() {
        refused("ministry", "The Ministry", "small letters");
        refused("id.example/realm", "id.example/realm?x=1", "without query");
        refused("https://id.example", "http://id.example", "https://HOST");
        refused("https://id.example/realm", "id.example", "no address");
        refused("'gadolin'", "' '", "`client_id` is empty");
        refused("'secret'", "'empty'", "put the client's secret there");
        refused("'secret'", "'nowhere'", "cannot read `nowhere`");
        refused("scopes", "scope", "unknown field");
        let twice = format!("{GOOD}{GOOD}");
        assert_eq!(read(&twice).unwrap_err().len(), 2);
        assert!(read(&GOOD.replace("https://id.example", "http://127.0.0.1:8080")).is_ok());
    }
}
