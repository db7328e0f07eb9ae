//! The pieces that the sign-in and the account show of passkeys and identity providers.

use app::people::{IdentityView, PasskeyView, PeopleError};

use crate::config::{Hall, Shared};
use crate::form::encoded;
use crate::oidc::Provider;
use crate::page::address_own;
use crate::passkey::PasskeyRefusal;
use crate::show;
use crate::stop::FieldFault;
use crate::text::{Language, Text};
use crate::visit::Visit;

/// A provider by its name.
pub(crate) struct Way {
    pub(crate) id: String,
    pub(crate) name: String,
}

impl Way {
    pub(crate) fn new(t: &Text, provider: &Provider) -> Way {
        let name = match t.language {
            Language::English => &provider.name_en,
            Language::Chinese => &provider.name_zh,
        };
        Way { id: provider.id.clone(), name: name.clone() }
    }

    /// The provider of an id, if it is one of ours.
    pub(crate) fn find(hall: &Shared, t: &Text, id: &str) -> Option<Way> {
        hall.oidc.as_ref()?.provider(id).map(|provider| Way::new(t, provider))
    }
}

fn providers(hall: &Shared, t: &Text) -> Vec<Way> {
    let oidc = hall.oidc.iter();
    oidc.flat_map(|oidc| oidc.providers()).map(|provider| Way::new(t, provider)).collect()
}

/// Where passkeys work: the origin of the pages, if it can have any.
fn origin(hall: &Shared) -> Option<String> {
    hall.passkeys.as_ref()?;
    hall.config.public_url.as_ref().map(|url| url.origin().to_owned())
}

/// Ways to sign in beside the password.
pub(crate) struct Ways {
    pub(crate) passkey: Option<String>,
    pub(crate) providers: Vec<Way>,
    /// The provider at which the visitor, signed out here, may still be signed in.
    pub(crate) left: Option<Way>,
    /// Where to go afterwards, as a value of a query.
    pub(crate) to: String,
}

impl Ways {
    pub(crate) fn new(hall: &Hall, visit: &Visit, to: &str, left: &str) -> Ways {
        let t = visit.text();
        Ways {
            passkey: origin(hall),
            providers: providers(hall, t),
            left: Way::find(hall, t, left),
            to: encoded(address_own(to)),
        }
    }
}

/// What an address says went wrong, in one of our own codes: at one of our own providers, or with a
/// passkey where no provider is named.
pub(crate) fn fault_of(hall: &Hall, visit: &Visit, code: &str, provider: &str) -> Vec<FieldFault> {
    let t = visit.text();
    if provider.is_empty() {
        let known = PasskeyRefusal::ALL.into_iter().find(|known| known.code() == code);
        return known.map_or_else(Vec::new, |known| passkey_fault(t, known, "passkey"));
    }
    let known = OIDC_FAULTS.into_iter().find(|known| known.0 == code);
    match Way::find(hall, t, provider).zip(known) {
        Some((way, (code, key))) => vec![FieldFault {
            field: format!("oidc-{}", way.id),
            code,
            message: t.one(key, way.name),
            accepted: String::new(),
        }],
        None => Vec::new(),
    }
}

/// Why a passkey was refused, as a fault of a field.
pub(crate) fn passkey_fault(t: &Text, why: PasskeyRefusal, field: &str) -> Vec<FieldFault> {
    vec![FieldFault {
        field: field.to_owned(),
        code: why.code(),
        message: t.code("passkey-fault", why.code(), why.code()),
        accepted: String::new(),
    }]
}

/// What may go wrong at a provider, and the message of it.
const OIDC_FAULTS: [(&str, &str); 7] = [
    ("over", "oidc-fault-over"),
    ("denied", "oidc-fault-denied"),
    ("unreachable", "oidc-fault-unreachable"),
    ("token", "oidc-fault-token"),
    ("identity_weak", "oidc-fault-weak"),
    ("identity_unlinked", "oidc-fault-unlinked"),
    ("identity_taken", "oidc-fault-taken"),
];

pub(crate) struct PasskeyRow {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) added: String,
    pub(crate) used: String,
}

pub(crate) struct IdentityRow {
    pub(crate) id: String,
    pub(crate) provider: String,
    pub(crate) subject: String,
    pub(crate) linked: String,
    pub(crate) used: String,
}

/// Passkeys and identities of an account, as its page shows them.
pub(crate) struct Keys {
    pub(crate) origin: Option<String>,
    pub(crate) passkeys: Vec<PasskeyRow>,
    pub(crate) providers: Vec<Way>,
    pub(crate) identities: Vec<IdentityRow>,
}

impl Keys {
    pub(crate) fn read(hall: &Hall, visit: &Visit) -> Result<Keys, PeopleError> {
        let t = visit.text();
        let account = &visit.actor.account;
        let passkeys = hall.people.passkeys(account)?;
        let identities = hall.people.identities(account)?;
        Ok(Keys {
            origin: origin(hall),
            passkeys: passkeys.into_iter().map(|key| passkey_row(t, key)).collect(),
            providers: providers(hall, t),
            identities: identities.into_iter().map(|one| identity_row(hall, t, one)).collect(),
        })
    }
}

fn used_words(t: &Text, used: Option<base::Timestamp>) -> String {
    used.map_or_else(|| t.get("passkey-unused"), |used| show::instant(t, used))
}

fn passkey_row(t: &Text, key: PasskeyView) -> PasskeyRow {
    PasskeyRow {
        id: key.id,
        name: key.name,
        added: show::instant(t, key.created),
        used: used_words(t, key.used),
    }
}

fn identity_row(hall: &Shared, t: &Text, one: IdentityView) -> IdentityRow {
    let mut known = hall.oidc.iter().flat_map(|oidc| oidc.providers());
    let provider = known.find(|provider| provider.issuer == one.issuer);
    IdentityRow {
        id: one.id,
        // Of a provider that is no longer in the file its issuer tells.
        provider: provider.map_or(one.issuer, |provider| Way::new(t, provider).name),
        subject: one.subject,
        linked: show::instant(t, one.linked),
        used: used_words(t, one.used),
    }
}
