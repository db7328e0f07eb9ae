//! Who is visiting and how they like their pages: read once per request, before any handler.

use std::fmt;
use std::net::IpAddr;
use std::ops::Deref;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use app::Audience;
use app::people::{Assurance, By, Scope};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use base::authorisation::{Action, Actor, Resource, Role, authorise};
use insight::TraceAnswer;

use crate::recorder::Looked;
use crate::stop::Stop;
use crate::text::{Language, Text};

/// Light, dark, or as the visitor's system has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Theme {
    System,
    Light,
    Dark,
}

impl Theme {
    pub(crate) const ALL: [Theme; 3] = [Theme::System, Theme::Light, Theme::Dark];

    pub(crate) fn code(self) -> &'static str {
        match self {
            Theme::System => "system",
            Theme::Light => "light",
            Theme::Dark => "dark",
        }
    }

    pub(crate) fn parse(code: &str) -> Option<Theme> {
        Theme::ALL.into_iter().find(|theme| theme.code() == code)
    }
}

/// How tight tables are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Density {
    Comfortable,
    Compact,
}

impl Density {
    pub(crate) const ALL: [Density; 2] = [Density::Comfortable, Density::Compact];

    pub(crate) fn code(self) -> &'static str {
        match self {
            Density::Comfortable => "comfortable",
            Density::Compact => "compact",
        }
    }

    pub(crate) fn parse(code: &str) -> Option<Density> {
        Density::ALL.into_iter().find(|density| density.code() == code)
    }
}

/// Whose books an answer may draw on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Sight {
    /// Every book.
    All,
    /// The book of this party.
    Own(String),
}

impl Sight {
    /// Whether the book of `party` is seen.
    pub(crate) fn sees(&self, party: &str) -> bool {
        match self {
            Sight::All => true,
            Sight::Own(own) => own == party,
        }
    }

    /// Who reads the books.
    pub(crate) fn reader(&self) -> Audience<'_> {
        match self {
            Sight::All => Audience::Authority,
            Sight::Own(own) => Audience::Party(own),
        }
    }

    /// The one book, where it is one.
    pub(crate) fn own(&self) -> Option<&str> {
        match self {
            Sight::All => None,
            Sight::Own(own) => Some(own),
        }
    }
}

/// One request's visitor; clones share what was read of the request.
#[derive(Debug, Clone)]
pub(crate) struct Visit {
    caller: Arc<Caller>,
    /// The action of the route (see `routes.rs`), nothing outside a route.
    pub(crate) action: Option<Action>,
}

impl Visit {
    pub(crate) fn new(caller: Caller) -> Visit {
        Visit { caller: Arc::new(caller), action: None }
    }
}

impl Deref for Visit {
    type Target = Caller;

    fn deref(&self) -> &Caller {
        &self.caller
    }
}

impl Caller {
    /// The address that the request comes from; empty where unknown.
    pub(crate) fn address(&self) -> &str {
        self.address.get_or_init(|| self.source.to_string())
    }
}

/// The address that a request comes from.
#[derive(Debug)]
pub(crate) enum Source {
    Peer(IpAddr),
    /// As the proxy in front wrote it.
    Forwarded(String),
    Unknown,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::Peer(address) => address.fmt(f),
            Source::Forwarded(address) => f.write_str(address),
            Source::Unknown => Ok(()),
        }
    }
}

/// Who comes, and how it likes its pages.
#[derive(Debug)]
pub(crate) struct Caller {
    /// Who acts.
    pub(crate) actor: Actor,
    /// Name of who acts, in Latin letters.
    pub(crate) name: String,
    /// Its name as it writes it.
    pub(crate) local_name: String,
    /// Name of the person that it covers; empty where it acts for itself.
    pub(crate) acting_for_name: String,
    /// How sure it is who holds the session; nothing where there is none.
    pub(crate) assurance: Option<Assurance>,
    /// Whether a proof was given lately, so that sensitive things may be changed.
    pub(crate) fresh: bool,
    /// Id of the session, in hexadecimal.
    pub(crate) session_id: String,
    /// What the browser says it is.
    pub(crate) agent: String,
    /// Where the request comes from; [`Caller::address`] has it as text.
    pub(crate) source: Source,
    pub(crate) address: OnceLock<String>,
    /// What a token may do; nothing for a session.
    pub(crate) token_scope: Option<Scope>,
    /// Text of the session cookie, where there is a session.
    pub(crate) session: String,
    /// Random text of the visitor's cookie, to which forms are bound.
    pub(crate) visitor: String,
    /// Language of the pages.
    pub(crate) language: Language,
    /// Theme of the pages.
    pub(crate) theme: Theme,
    /// Density of the tables.
    pub(crate) density: Density,
    /// Path and query of the request.
    pub(crate) here: String,
    /// Whether a handler has asked [`Visit::allow`]; the frame fails an answer that never did.
    pub(crate) asked: AtomicBool,
    /// Whose data the answer shows, for the audit.
    pub(crate) looked: Looked,
}

/// No identifier of a party is longer.
const PARTY_BYTES_MAX: usize = 200;
/// Stands for no party in particular, to ask whether an actor may on any.
pub(crate) const ANYONE: &str = "any:book";

impl Visit {
    /// May this visitor do what the route does, on `resource`? Otherwise it does not exist.
    pub(crate) fn allow(&self, resource: Resource<'_>) -> Result<(), Stop> {
        self.allow_one_of([resource])
    }

    /// The same on at least one of several resources: a lot stands in several books. The books and
    /// parties among them that are another's count as looked at.
    pub(crate) fn allow_one_of<'a>(
        &self,
        resources: impl IntoIterator<Item = Resource<'a>>,
    ) -> Result<(), Stop> {
        self.asked.store(true, Ordering::Relaxed);
        let action = self.action.ok_or(Stop::Fault)?;
        let mut allowed = false;
        for resource in resources {
            if authorise(&self.actor, action, resource) {
                allowed = true;
                if let Resource::Book(party) | Resource::Party(party) = resource {
                    self.look(party);
                }
            }
        }
        if allowed {
            return Ok(());
        }
        Err(if self.actor.role == Role::Public { Stop::SignIn } else { Stop::NotFound })
    }

    /// Notes that the answer shows data of `party`; of one's own it is no matter for the audit. What is
    /// no party (`another party`, nothing) is passed over.
    pub(crate) fn look(&self, party: &str) {
        let another = party != self.actor.party && party != ANYONE && party.contains(':');
        if another && self.actor.role != Role::Public {
            self.looked.note(party);
        }
    }

    /// Notes that the answer shows what is no party's and yet on record, such as the audit: of the
    /// party that was asked about, if any. What cannot be a party's identifier is none.
    pub(crate) fn look_at_record(&self, party: &str) {
        let party_named = party.contains(':') && party.len() <= PARTY_BYTES_MAX;
        self.looked.note(if party_named { party } else { "" });
    }

    /// Notes the parties that a trace names.
    pub(crate) fn look_along(&self, answer: &TraceAnswer) {
        for part in &answer.parts {
            self.look(&part.party);
            let unexplained = part.lot.strip_prefix("unexplained:");
            if let Some((filer, _)) = unexplained.and_then(|filing| filing.split_once('/')) {
                self.look(filer);
            }
        }
        for (filer, _) in answer.cycles.iter().filter_map(|filing| filing.split_once('/')) {
            self.look(filer);
        }
    }

    /// Whose books this visitor may do the route's action on: all, its own, or none.
    pub(crate) fn sight(&self) -> Result<Sight, Stop> {
        let action = self.action.ok_or(Stop::Fault)?;
        let anyone = Resource::Book(ANYONE);
        if authorise(&self.actor, action, anyone) && !self.actor.role.of_party() {
            self.asked.store(true, Ordering::Relaxed);
            return Ok(Sight::All);
        }
        self.allow(Resource::Book(&self.actor.party))?;
        Ok(Sight::Own(self.actor.party.clone()))
    }

    /// Stops whoever gave no proof lately.
    pub(crate) fn proved_lately(&self) -> Result<(), Stop> {
        if self.fresh { Ok(()) } else { Err(Stop::ProveAgain) }
    }

    /// Who changes something, for the audit.
    pub(crate) fn by(&self) -> By<'_> {
        By { account: &self.actor.account, acting_for: &self.actor.acting_for }
    }

    /// The words in the visitor's language.
    pub(crate) fn text(&self) -> &'static Text {
        self.language.text()
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Visit {
    type Rejection = Stop;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Visit, Stop> {
        parts.extensions.get::<Visit>().cloned().ok_or(Stop::Fault)
    }
}

/// The value of a cookie in a `Cookie` header.
pub(crate) fn cookie<'a>(header: &'a str, name: &str) -> Option<&'a str> {
    header.split(';').find_map(|pair| {
        let (key, value) = pair.trim().split_once('=')?;
        (key == name).then_some(value)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_are_found_by_their_whole_name() {
        assert_eq!(cookie("a=1; gd_theme=dark;b=2", "gd_theme"), Some("dark"));
        assert_eq!(cookie("xgd_theme=dark", "gd_theme"), None);
        assert_eq!(cookie("", "gd_theme"), None);
    }
}
