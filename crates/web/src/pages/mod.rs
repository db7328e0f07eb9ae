//! The pages: each reads what it shows, asks whether it may be seen, and fills its template.

pub(crate) mod about;
pub(crate) mod account;
pub(crate) mod activity;
pub(crate) mod apply;
pub(crate) mod audit;
pub(crate) mod calendar;
pub(crate) mod case;
pub(crate) mod certificate;
pub(crate) mod certificates;
pub(crate) mod changed;
pub(crate) mod clock;
pub(crate) mod controlled;
pub(crate) mod cover;
pub(crate) mod document;
pub(crate) mod duties;
pub(crate) mod enquiries;
pub(crate) mod error;
pub(crate) mod factor;
pub(crate) mod file;
pub(crate) mod filing;
pub(crate) mod findings;
pub(crate) mod general;
pub(crate) mod home;
mod home_cases;
pub(crate) mod invitation;
pub(crate) mod jobs;
pub(crate) mod law;
pub(crate) mod law_file;
pub(crate) mod letters;
pub(crate) mod licence;
pub(crate) mod link;
pub(crate) mod link_frame;
pub(crate) mod list;
pub(crate) mod lot;
pub(crate) mod oidc;
pub(crate) mod organisation;
pub(crate) mod party;
pub(crate) mod passkey;
pub(crate) mod quotas;
pub(crate) mod reference;
pub(crate) mod regimes;
pub(crate) mod registration;
pub(crate) mod replay;
pub(crate) mod screening;
pub(crate) mod search;
pub(crate) mod shipments;
pub(crate) mod sign_in;
pub(crate) mod trace;
pub(crate) mod ways;
pub(crate) mod webhooks;

use app::views::FilingView;

use crate::form::encoded;
use crate::show;
use crate::text::Text;

/// A large figure with its words.
pub(crate) struct Stat {
    pub(crate) value: String,
    pub(crate) words: String,
    pub(crate) class: &'static str,
}

impl Stat {
    pub(crate) fn new(value: String, words: String) -> Stat {
        Stat { value, words, class: "" }
    }
}

/// A filing as a row of a table.
pub(crate) struct FilingRow {
    pub(crate) href: String,
    pub(crate) reference: String,
    pub(crate) kind: String,
    pub(crate) date: String,
    pub(crate) site: String,
    pub(crate) counterparty: String,
    pub(crate) live: bool,
}

impl FilingRow {
    pub(crate) fn new(t: &Text, filing: &FilingView) -> FilingRow {
        FilingRow {
            href: format!("/filings/{}/{}", encoded(&filing.filer), encoded(&filing.reference)),
            reference: filing.reference.clone(),
            kind: t.code("kind", filing.kind, filing.kind),
            date: show::date_text(t, &filing.date),
            site: filing.site.clone(),
            counterparty: filing.counterparty.clone(),
            live: filing.live,
        }
    }
}
