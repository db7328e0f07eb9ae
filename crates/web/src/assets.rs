//! Stylesheets, script and icons, carried in the program.
//!
//! An address contains a digest of the content, so that a browser may keep what it has for ever
//! and never keeps what is old. `patterns.css` is compiled from govuk-frontend (see `tools/css`).

use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG};
use axum::response::{IntoResponse, Response};

use crate::secret::{hash, hex};
use crate::stop::Stop;

struct Asset {
    name: &'static str,
    kind: &'static str,
    bytes: &'static [u8],
}

const ASSETS: [Asset; 6] = [
    Asset {
        name: "patterns.css",
        kind: "text/css; charset=utf-8",
        bytes: include_bytes!("../assets/patterns.css"),
    },
    Asset {
        name: "gd.css",
        kind: "text/css; charset=utf-8",
        bytes: include_bytes!("../assets/gd.css"),
    },
    Asset {
        name: "gd.js",
        kind: "text/javascript; charset=utf-8",
        bytes: include_bytes!("../assets/gd.js"),
    },
    Asset {
        name: "passkey.js",
        kind: "text/javascript; charset=utf-8",
        bytes: include_bytes!("../assets/passkey.js"),
    },
    Asset {
        name: "apply.js",
        kind: "text/javascript; charset=utf-8",
        bytes: include_bytes!("../assets/apply.js"),
    },
    Asset { name: "icon.svg", kind: "image/svg+xml", bytes: include_bytes!("../assets/icon.svg") },
];

static DIGESTS: LazyLock<Vec<String>> = LazyLock::new(|| {
    ASSETS
        .iter()
        .map(|asset| hex(&hash(&String::from_utf8_lossy(asset.bytes))).chars().take(12).collect())
        .collect()
});

/// The address of an asset; the bare name where there is none (a test asks for each).
#[must_use]
pub(crate) fn address(name: &str) -> String {
    match ASSETS.iter().zip(DIGESTS.iter()).find(|pair| pair.0.name == name) {
        Some((_, digest)) => format!("/assets/{digest}/{name}"),
        None => name.to_owned(),
    }
}

/// Serves an asset under its own digest.
pub(crate) async fn show(
    visit: crate::visit::Visit,
    Path((digest, name)): Path<(String, String)>,
) -> Result<Response, Stop> {
    visit.allow(base::authorisation::Resource::Platform)?;
    let found = ASSETS.iter().zip(DIGESTS.iter()).find(|pair| pair.0.name == name);
    let (asset, own) = found.ok_or(Stop::NotFound)?;
    if *own != digest {
        return Err(Stop::NotFound);
    }
    Ok((
        [
            (CONTENT_TYPE, asset.kind.to_owned()),
            (CACHE_CONTROL, "public, max-age=31536000, immutable".to_owned()),
            (ETAG, format!("\"{digest}\"")),
        ],
        asset.bytes,
    )
        .into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_another_brand_is_carried() {
        for asset in &ASSETS {
            let text = String::from_utf8_lossy(asset.bytes).to_lowercase();
            for word in ["gds transport", "crest", "crown", "logotype", "@font-face", "url("] {
                assert!(!text.contains(word), "{} contains `{word}`", asset.name);
            }
        }
    }

    #[test]
    fn the_script_stays_small() {
        let script = ASSETS.iter().find(|asset| asset.name == "gd.js").unwrap();
        assert!(script.bytes.len() < 10_000);
    }
}
