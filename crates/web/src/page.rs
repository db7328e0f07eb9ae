//! What every page has: words, title, navigation, preferences, the form token.

use std::collections::HashMap;

use askama::Template;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use base::authorisation::Role;

use crate::config::Shared;
use crate::form::{encoded, token_make};
use crate::stop::{Stop, fault};
use crate::text::{Language, Text};
use crate::visit::{Density, Theme, Visit};
use crate::{assets, show};

/// Entries of a navigation that need not fold on a narrow screen.
const NAV_SHORT: usize = 5;

/// One entry of the navigation.
pub(crate) struct NavItem {
    pub(crate) href: String,
    pub(crate) text: String,
    pub(crate) current: bool,
}

/// One of several choices, as a button or link.
pub(crate) struct Choice {
    pub(crate) value: &'static str,
    pub(crate) text: String,
    pub(crate) current: bool,
}

/// The frame of a page.
pub(crate) struct Page {
    pub(crate) t: &'static Text,
    pub(crate) title: String,
    pub(crate) nav: Vec<NavItem>,
    pub(crate) signed_in: bool,
    pub(crate) account_name: String,
    pub(crate) acting_for_name: String,
    pub(crate) role_name: String,
    pub(crate) theme: &'static str,
    pub(crate) density: &'static str,
    pub(crate) themes: Vec<Choice>,
    pub(crate) densities: Vec<Choice>,
    pub(crate) languages: Vec<(Language, String)>,
    pub(crate) form_token: String,
    pub(crate) here: String,
    pub(crate) demo: bool,
    pub(crate) version: String,
    /// Whether the page answers to a fault in what was sent: the title says so first.
    pub(crate) faulty: bool,
    /// Names of parties that the page names, by identifier.
    pub(crate) names: HashMap<String, String>,
}

impl Page {
    pub(crate) fn new(shared: &Shared, visit: &Visit, title: String) -> Page {
        let t = visit.text();
        let account_name = name_of(t.language, &visit.name, &visit.local_name).to_owned();
        let role = visit.actor.role;
        Page {
            t,
            title,
            nav: nav(t, visit),
            signed_in: role != Role::Public,
            account_name,
            acting_for_name: visit.acting_for_name.clone(),
            role_name: t.code("role", role.code(), ""),
            theme: visit.theme.code(),
            density: visit.density.code(),
            themes: Theme::ALL
                .into_iter()
                .map(|theme| Choice {
                    value: theme.code(),
                    text: t.code("theme", theme.code(), theme.code()),
                    current: theme == visit.theme,
                })
                .collect(),
            densities: Density::ALL
                .into_iter()
                .map(|density| Choice {
                    value: density.code(),
                    text: t.code("density", density.code(), density.code()),
                    current: density == visit.density,
                })
                .collect(),
            languages: Language::ALL
                .into_iter()
                .map(|language| (language, language_address(&visit.here, language)))
                .collect(),
            form_token: token_make(&shared.config.key, &visit.visitor),
            here: visit.here.clone(),
            demo: shared.config.demo,
            version: shared.config.version.clone(),
            faulty: false,
            names: HashMap::new(),
        }
    }

    /// Reads the names of parties that the page names, which its reader may know.
    pub(crate) fn parties_name<'a>(
        &mut self,
        shared: &Shared,
        identifiers: impl IntoIterator<Item = &'a str>,
    ) -> Result<(), Stop> {
        let found = shared.people.party_names(identifiers).map_err(|error| fault(&error))?;
        let language = self.t.language;
        let named = found.into_iter().map(|(identifier, (name, local))| {
            (identifier, name_of(language, &name, &local).to_owned())
        });
        self.names.extend(named);
        Ok(())
    }

    /// What a party is called here: its name, or its identifier where none is on record.
    pub(crate) fn party_name<'a>(&'a self, id: &'a str) -> &'a str {
        self.names.get(id).map_or(id, String::as_str)
    }

    /// Whether a party is called by its name.
    pub(crate) fn party_named(&self, id: &str) -> bool {
        self.names.contains_key(id)
    }

    /// Whether the navigation folds where it would stand before everything else, on a narrow screen.
    pub(crate) fn nav_folds(&self) -> bool {
        self.nav.len() > NAV_SHORT
    }

    /// The title in the browser's tab: the fault first, then the page, then the program.
    pub(crate) fn tab_title(&self) -> String {
        let brand = self.t.get("brand");
        if self.faulty {
            self.t.two("title-faulty", &self.title, brand)
        } else {
            format!("{} – {brand}", self.title)
        }
    }

    /// The address of an asset.
    pub(crate) fn asset(&self, name: &str) -> String {
        assets::address(name)
    }

    /// The address of a party.
    pub(crate) fn party(&self, id: &str) -> String {
        format!("/parties/{}", encoded(id))
    }

    /// The address of a lot.
    pub(crate) fn lot(&self, id: &str) -> String {
        format!("/lots/{}", encoded(id))
    }

    /// A number with its digits grouped.
    pub(crate) fn count(&self, number: &u64) -> String {
        show::count(*number)
    }
}

/// A person's name in a language: as it writes it itself, where that is not English.
pub(crate) fn name_of<'a>(language: Language, name: &'a str, local_name: &'a str) -> &'a str {
    match language {
        Language::Chinese if !local_name.is_empty() => local_name,
        _ => name,
    }
}

/// The navigation of a role.
fn nav(t: &'static Text, visit: &Visit) -> Vec<NavItem> {
    let path = visit.here.split('?').next().unwrap_or("/");
    let mut items = Vec::new();
    let mut add = |href: String, key: &str, current: bool| {
        items.push(NavItem { href, text: t.get(key), current });
    };
    let role = visit.actor.role;
    if role == Role::Public {
        // What is for everybody, without signing in.
        for (href, key) in [
            ("/controls/check", "controlled-title"),
            ("/controls/list", "list-title"),
            ("/controls/clock", "clock-title"),
            ("/check", "check-title"),
            ("/sign-in", "nav-sign-in"),
        ] {
            add(href.to_owned(), key, path == href);
        }
        return items;
    }
    // The border is the home of customs.
    if role == Role::Customs {
        add("/border".to_owned(), "nav-border", path.starts_with("/border"));
    } else {
        add("/".to_owned(), "nav-home", path == "/");
    }
    if matches!(role, Role::Officer | Role::Supervisor | Role::Agency) {
        add("/cases".to_owned(), "nav-cases", path.starts_with("/cases"));
    }
    if role.of_party() {
        let own = format!("/parties/{}", encoded(&visit.actor.party));
        let current = path == own;
        add(
            "/file".to_owned(),
            "nav-file",
            path.starts_with("/file") && !path.starts_with("/filings"),
        );
        add(own, "nav-book", current);
        let current = path.starts_with("/applications") || path.starts_with("/cases");
        add("/applications".to_owned(), "nav-applications", current);
        add("/documents".to_owned(), "documents-title", path == "/documents");
    }
    if matches!(role, Role::Officer | Role::Supervisor | Role::Analyst) {
        add("/screening".to_owned(), "nav-screening", path.starts_with("/screening"));
    }
    if role.of_party() || matches!(role, Role::Officer | Role::Supervisor) {
        add("/licences".to_owned(), "nav-licences", path.starts_with("/licences"));
    }
    if role.of_party() || matches!(role, Role::Officer | Role::Supervisor | Role::Customs) {
        add("/general".to_owned(), "nav-general", path.starts_with("/general"));
    }
    if role.of_party() || matches!(role, Role::Officer | Role::Supervisor | Role::Agency) {
        add("/certificates".to_owned(), "nav-certificates", path.starts_with("/certificates"));
    }
    if !matches!(role, Role::Operator | Role::Agency | Role::Customs) {
        add("/findings".to_owned(), "nav-findings", path == "/findings");
        add("/quotas".to_owned(), "nav-quotas", path == "/quotas");
        if role != Role::Analyst {
            add("/duties".to_owned(), "nav-duties", path.starts_with("/duties"));
        }
        add("/search".to_owned(), "nav-search", path == "/search");
    }
    if role.of_party() {
        let own = format!("/organisations/{}", encoded(&visit.actor.party));
        let current = path == own;
        add(own, "nav-organisation", current);
        add("/activity".to_owned(), "nav-activity", path == "/activity");
    }
    if role.of_party() || matches!(role, Role::Officer | Role::Supervisor) {
        let current = path.starts_with("/enquiries");
        add("/enquiries".to_owned(), "nav-enquiries", current);
    }
    if matches!(role, Role::PartyManager | Role::Supervisor) {
        add("/webhooks".to_owned(), "nav-webhooks", path.starts_with("/webhooks"));
    }
    if matches!(role, Role::Officer | Role::Supervisor) {
        let current = path.starts_with("/registrations");
        add("/registrations".to_owned(), "nav-registrations", current);
        add("/law".to_owned(), "nav-law", path.starts_with("/law"));
    }
    if role == Role::Operator {
        add("/authority".to_owned(), "nav-authority", path == "/authority");
        add("/operations/jobs".to_owned(), "nav-jobs", path == "/operations/jobs");
        let letters = "/operations/mail-templates";
        add(letters.to_owned(), "nav-letters", path.starts_with(letters));
    }
    if matches!(role, Role::Officer | Role::Supervisor | Role::Operator) {
        add("/audit".to_owned(), "nav-audit", path == "/audit");
    }
    add("/controls/check".to_owned(), "nav-controls", path.starts_with("/controls"));
    add("/account".to_owned(), "nav-account", path.starts_with("/account"));
    add("/api".to_owned(), "nav-api", path == "/api");
    items
}

/// The same address in another language.
fn language_address(here: &str, language: Language) -> String {
    let (path, query) = here.split_once('?').unwrap_or((here, ""));
    let rest = query
        .split('&')
        .filter(|pair| !pair.is_empty() && !pair.starts_with("lang="))
        .fold(String::new(), |rest, pair| format!("{rest}{pair}&"));
    format!("{path}?{rest}lang={}", language.code())
}

/// An address of ours that a form sent back: a path here, never another host.
pub(crate) fn address_own(to: &str) -> &str {
    let plain = to.starts_with('/') && !to.starts_with("//") && !to.contains(['\\', '\r', '\n']);
    if plain { to } else { "/" }
}

/// Renders a page.
pub(crate) fn html(status: StatusCode, template: &impl Template) -> Result<Response, Stop> {
    let body = template.render().map_err(|error| fault(&error))?;
    Ok((status, [(CONTENT_TYPE, "text/html; charset=utf-8")], body).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_addresses_are_followed() {
        assert_eq!(address_own("/lots/A?element=Dy"), "/lots/A?element=Dy");
        for bad in ["//evil.example", "https://evil.example", "/\\evil", "", "lots", "/a\r\nb"] {
            assert_eq!(address_own(bad), "/", "`{bad}`");
        }
    }

    #[test]
    fn the_language_is_changed_in_place() {
        let zh = Language::Chinese;
        assert_eq!(language_address("/search?q=a&lang=en", zh), "/search?q=a&lang=zh");
        assert_eq!(language_address("/", zh), "/?lang=zh");
    }
}
