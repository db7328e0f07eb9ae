//! Letters: which there are, how an authority words them, and what they say once filled in.
//!
//! A letter is a template with named places. The words come with the program (`packs/common/mail.toml`)
//! until an authority keeps its own ([`Platform::letter_word`]); every version is kept. What is filled in
//! are single lines without control or direction characters, so that a name can neither start a header or
//! a line of its own nor turn the text around it.
//!
//! INVARIANT: a template that is in use names only what its letter has, holds its link where it has one,
//! and is filled in within a bounded number of steps: besides names it knows `if`, nothing that repeats.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use base::Timestamp;
use formats::paper::DocumentKind;
use minijinja::{Environment, ErrorKind, UndefinedBehavior};
use serde::{Deserialize, Serialize};
pub use store::TemplateRecord;
use store::{NewAudit, NewTemplate};

use crate::paper::DocumentLetter;
use crate::platform::{Platform, PlatformError};

/// The kind of a job that sends a letter.
pub const JOB_KIND: &str = "mail";
/// Languages in which each letter is worded.
pub const LANGUAGES: [&str; 2] = ["en", "zh"];
/// The longest template of a subject, in characters: mail programs show about 70.
pub const SUBJECT_CHARS_MAX: usize = 200;
/// The longest template of a text, in bytes: several pages.
pub const BODY_BYTES_MAX: usize = 16 << 10;
/// The longest text filled in for one name, in characters.
const VALUE_CHARS_MAX: usize = 300;
/// The longest link: an address with a token.
const LINK_CHARS_MAX: usize = 1000;
/// Steps of the template engine; the longest default takes fewer than a hundred.
const STEPS_MAX: u64 = 5_000;

/// A letter with what it says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "letter", rename_all = "snake_case")]
pub enum Letter {
    /// Somebody is to work for an organisation, and chooses how to sign in.
    Invitation {
        /// Who is invited.
        person: String,
        /// For whom the person is to work.
        organisation: String,
        /// Who invites.
        inviter: String,
        /// The one-time link.
        link: String,
        /// Until when the link works, as it is to be read.
        valid_until: String,
    },
    /// An account was reset: its person chooses a new password.
    PasswordReset {
        /// Whose account it is.
        person: String,
        /// The one-time link.
        link: String,
        /// Until when the link works, as it is to be read.
        valid_until: String,
    },
    /// An account was signed in to from somewhere new.
    NewSignIn {
        /// Whose account it is.
        person: String,
        /// When, as it is to be read.
        at: String,
        /// Which browser, in words.
        browser: String,
    },
    /// The authority has verified a company.
    CompanyVerified {
        /// To whom it is told.
        person: String,
        /// Name of the company.
        organisation: String,
        /// The company, `scheme:value`.
        party: String,
    },
    /// An exporter asks an end user for its certificate.
    CertificateAsked {
        /// Who is asked.
        person: String,
        /// Name of the exporter that asks.
        organisation: String,
        /// The link.
        link: String,
        /// Until when the link works, as it is to be read.
        valid_until: String,
    },
    /// The applicant is asked something about its application.
    CaseQuestion {
        /// To whom it is told.
        person: String,
        /// Number of the case.
        number: String,
        /// The page of the case.
        link: String,
    },
    /// A case was decided.
    CaseDecided {
        /// To whom it is told.
        person: String,
        /// Number of the case.
        number: String,
        /// The page of the case.
        link: String,
    },
    /// An application was returned.
    CaseReturned {
        /// To whom it is told.
        person: String,
        /// Number of the case.
        number: String,
        /// The page of the case.
        link: String,
    },
    /// An agency is asked for its advice.
    AgencyAsked {
        /// To whom it is told.
        person: String,
        /// Number of the case.
        number: String,
        /// The page of the case.
        link: String,
    },
    /// A draft waits for a signature.
    SignatureWaits {
        /// To whom it is told.
        person: String,
        /// Number of the case.
        number: String,
        /// The page of the case.
        link: String,
    },
    /// An audit of a registered user has begun: it is asked to answer.
    GeneralAudit {
        /// To whom it is told.
        person: String,
        /// Number of the registration.
        number: String,
        /// The page of the registration.
        link: String,
    },
    /// Something else happened to a registration with a general licence.
    GeneralChanged {
        /// To whom it is told.
        person: String,
        /// Number of the registration.
        number: String,
        /// The page of the registration.
        link: String,
    },
    /// The words of a document of a case, which is set as a PDF: the subject is its title.
    Document(DocumentLetter),
}

/// Which letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LetterKind {
    /// [`Letter::Invitation`].
    Invitation,
    /// [`Letter::PasswordReset`].
    PasswordReset,
    /// [`Letter::NewSignIn`].
    NewSignIn,
    /// [`Letter::CompanyVerified`].
    CompanyVerified,
    /// [`Letter::CertificateAsked`].
    CertificateAsked,
    /// [`Letter::CaseQuestion`].
    CaseQuestion,
    /// [`Letter::CaseDecided`].
    CaseDecided,
    /// [`Letter::CaseReturned`].
    CaseReturned,
    /// [`Letter::AgencyAsked`].
    AgencyAsked,
    /// [`Letter::SignatureWaits`].
    SignatureWaits,
    /// [`Letter::GeneralAudit`].
    GeneralAudit,
    /// [`Letter::GeneralChanged`].
    GeneralChanged,
    /// [`Letter::Document`] of a kind.
    Document(DocumentKind),
}

impl LetterKind {
    /// All of them.
    pub const ALL: [LetterKind; 17] = [
        LetterKind::Invitation,
        LetterKind::PasswordReset,
        LetterKind::NewSignIn,
        LetterKind::CompanyVerified,
        LetterKind::CertificateAsked,
        LetterKind::CaseQuestion,
        LetterKind::CaseDecided,
        LetterKind::CaseReturned,
        LetterKind::AgencyAsked,
        LetterKind::SignatureWaits,
        LetterKind::GeneralAudit,
        LetterKind::GeneralChanged,
        LetterKind::Document(DocumentKind::Licence),
        LetterKind::Document(DocumentKind::Refusal),
        LetterKind::Document(DocumentKind::Return),
        LetterKind::Document(DocumentKind::NoLicenceRequired),
        LetterKind::Document(DocumentKind::Question),
    ];

    /// Stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            LetterKind::Invitation => "invitation",
            LetterKind::PasswordReset => "password_reset",
            LetterKind::NewSignIn => "new_sign_in",
            LetterKind::CompanyVerified => "company_verified",
            LetterKind::CertificateAsked => "certificate_asked",
            LetterKind::CaseQuestion => "case_question",
            LetterKind::CaseDecided => "case_decided",
            LetterKind::CaseReturned => "case_returned",
            LetterKind::AgencyAsked => "agency_asked",
            LetterKind::SignatureWaits => "signature_waits",
            LetterKind::GeneralAudit => "general_audit",
            LetterKind::GeneralChanged => "general_changed",
            LetterKind::Document(kind) => kind.code(),
        }
    }

    /// The letter of a code.
    #[must_use]
    pub fn parse(code: &str) -> Option<LetterKind> {
        LetterKind::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// The names that its template may use.
    #[must_use]
    pub fn names(self) -> &'static [&'static str] {
        match self {
            LetterKind::Invitation => {
                &["inviter", "link", "organisation", "person", "sender", "valid_until"]
            }
            LetterKind::PasswordReset => &["link", "person", "sender", "valid_until"],
            LetterKind::NewSignIn => &["at", "browser", "person", "sender"],
            LetterKind::CompanyVerified => &["organisation", "party", "person", "sender"],
            LetterKind::CertificateAsked => {
                &["link", "organisation", "person", "sender", "valid_until"]
            }
            LetterKind::CaseQuestion
            | LetterKind::CaseDecided
            | LetterKind::CaseReturned
            | LetterKind::AgencyAsked
            | LetterKind::SignatureWaits
            | LetterKind::GeneralAudit
            | LetterKind::GeneralChanged => &["link", "number", "person", "sender"],
            LetterKind::Document(kind) => crate::paper::names(kind),
        }
    }

    /// A letter of this kind with made-up contents, for a preview.
    #[must_use]
    pub fn sample(self) -> Letter {
        let (person, organisation) = ("Ada Lindqvist".to_owned(), "Nordlicht Magnets".to_owned());
        let link = "https://gadolin.example/one-time/0123456789abcdef".to_owned();
        let valid_until = "2026-01-31 12:00 UTC".to_owned();
        let number = "YT-2026-000412".to_owned();
        match self {
            LetterKind::Invitation => Letter::Invitation {
                person,
                organisation,
                inviter: "Mira Okoye".to_owned(),
                link,
                valid_until,
            },
            LetterKind::PasswordReset => Letter::PasswordReset { person, link, valid_until },
            LetterKind::NewSignIn => Letter::NewSignIn {
                person,
                at: valid_until,
                browser: "Firefox on Linux".to_owned(),
            },
            LetterKind::CompanyVerified => Letter::CompanyVerified {
                person,
                organisation,
                party: "gad:nordlicht-magnets".to_owned(),
            },
            LetterKind::CertificateAsked => {
                Letter::CertificateAsked { person, organisation, link, valid_until }
            }
            LetterKind::CaseQuestion => Letter::CaseQuestion { person, number, link },
            LetterKind::CaseDecided => Letter::CaseDecided { person, number, link },
            LetterKind::CaseReturned => Letter::CaseReturned { person, number, link },
            LetterKind::AgencyAsked => Letter::AgencyAsked { person, number, link },
            LetterKind::SignatureWaits => Letter::SignatureWaits { person, number, link },
            LetterKind::GeneralAudit => Letter::GeneralAudit { person, number, link },
            LetterKind::GeneralChanged => Letter::GeneralChanged { person, number, link },
            LetterKind::Document(kind) => Letter::Document(DocumentLetter::sample(kind)),
        }
    }
}

impl Letter {
    /// Which letter it is.
    #[must_use]
    pub fn kind(&self) -> LetterKind {
        match self {
            Letter::Invitation { .. } => LetterKind::Invitation,
            Letter::PasswordReset { .. } => LetterKind::PasswordReset,
            Letter::NewSignIn { .. } => LetterKind::NewSignIn,
            Letter::CompanyVerified { .. } => LetterKind::CompanyVerified,
            Letter::CertificateAsked { .. } => LetterKind::CertificateAsked,
            Letter::CaseQuestion { .. } => LetterKind::CaseQuestion,
            Letter::CaseDecided { .. } => LetterKind::CaseDecided,
            Letter::CaseReturned { .. } => LetterKind::CaseReturned,
            Letter::AgencyAsked { .. } => LetterKind::AgencyAsked,
            Letter::SignatureWaits { .. } => LetterKind::SignatureWaits,
            Letter::GeneralAudit { .. } => LetterKind::GeneralAudit,
            Letter::GeneralChanged { .. } => LetterKind::GeneralChanged,
            Letter::Document(letter) => LetterKind::Document(letter.kind),
        }
    }

    /// The letter with what only the server that sends it knows: the address of its pages before a link
    /// that is a path, and as whom it writes where no organisation or inviter is named. Nothing where a
    /// link needs an address and there is none.
    #[must_use]
    pub fn sent_by(mut self, sender: &str, address: Option<&str>) -> Option<Letter> {
        if let Letter::Invitation { organisation, inviter, .. } = &mut self {
            for text in [organisation, inviter] {
                if text.is_empty() {
                    sender.clone_into(text);
                }
            }
        }
        if let Letter::Invitation { link, .. }
        | Letter::PasswordReset { link, .. }
        | Letter::CertificateAsked { link, .. }
        | Letter::CaseQuestion { link, .. }
        | Letter::CaseDecided { link, .. }
        | Letter::CaseReturned { link, .. }
        | Letter::AgencyAsked { link, .. }
        | Letter::SignatureWaits { link, .. }
        | Letter::GeneralAudit { link, .. }
        | Letter::GeneralChanged { link, .. } = &mut self
            && link.starts_with('/')
        {
            *link = format!("{}{link}", address?.trim_end_matches('/'));
        }
        Some(self)
    }

    fn values(&self) -> Vec<(&'static str, &str)> {
        match self {
            Letter::Invitation { person, organisation, inviter, link, valid_until } => vec![
                ("person", person),
                ("organisation", organisation),
                ("inviter", inviter),
                ("link", link),
                ("valid_until", valid_until),
            ],
            Letter::PasswordReset { person, link, valid_until } => {
                vec![("person", person), ("link", link), ("valid_until", valid_until)]
            }
            Letter::NewSignIn { person, at, browser } => {
                vec![("person", person), ("at", at), ("browser", browser)]
            }
            Letter::CompanyVerified { person, organisation, party } => {
                vec![("person", person), ("organisation", organisation), ("party", party)]
            }
            Letter::CertificateAsked { person, organisation, link, valid_until } => vec![
                ("person", person),
                ("organisation", organisation),
                ("link", link),
                ("valid_until", valid_until),
            ],
            Letter::CaseQuestion { person, number, link }
            | Letter::CaseDecided { person, number, link }
            | Letter::CaseReturned { person, number, link }
            | Letter::AgencyAsked { person, number, link }
            | Letter::SignatureWaits { person, number, link }
            | Letter::GeneralAudit { person, number, link }
            | Letter::GeneralChanged { person, number, link } => {
                vec![("person", person), ("number", number), ("link", link)]
            }
            Letter::Document(letter) => letter.values(),
        }
    }
}

/// A letter to somebody: the body of a job of the kind [`JOB_KIND`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mail {
    /// The address.
    pub to: String,
    /// The language of the reader; one in which the letter is not worded is read as English.
    pub language: String,
    /// What it says.
    #[serde(flatten)]
    pub letter: Letter,
}

impl Mail {
    /// What is kept of it once it was sent: which letter it was, nothing of the person and no link.
    #[must_use]
    pub fn job_body_sent(&self) -> String {
        let (letter, language) = (self.letter.kind().code(), self.language.as_str());
        serde_json::json!({ "letter": letter, "language": language }).to_string()
    }

    /// The body of a job that sends it.
    ///
    /// # Errors
    /// What the serialiser says; it takes every text.
    pub fn job_body(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string(self)
    }
}

/// The words of a letter, with places for what is filled in.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Template {
    /// Of the subject line.
    pub subject: String,
    /// Of the text.
    pub body: String,
}

/// A letter filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filled {
    /// The subject, one line.
    pub subject: String,
    /// The text.
    pub body: String,
}

/// What is wrong with a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateFault {
    /// `subject` or `body`.
    pub field: &'static str,
    /// Stable code.
    pub code: &'static str,
    /// The line, the first is 1; 0 where it is about the whole.
    pub line: usize,
    /// What is wrong, with what was found in backticks.
    pub message: String,
    /// What would be accepted.
    pub accepted: String,
}

/// The letters as they come with the program: by kind, by language.
type Carried = BTreeMap<String, BTreeMap<String, Template>>;

static CARRIED: LazyLock<Carried> = LazyLock::new(|| {
    let text = crate::packs::file_carried("common", "mail.toml").unwrap_or_default();
    // A test holds the file to its form.
    toml::from_str(&text).unwrap_or_default()
});

/// The language in which a letter is written to somebody: its own where there are words in it, else
/// English.
#[must_use]
pub fn language_of(kind: LetterKind, language: &str) -> &str {
    let known = CARRIED.get(kind.code()).is_some_and(|all| all.contains_key(language));
    if known { language } else { "en" }
}

/// The words of a letter as they come with the program.
#[must_use]
pub fn template_carried(kind: LetterKind, language: &str) -> Template {
    let of = |language: &str| CARRIED.get(kind.code()).and_then(|all| all.get(language));
    let found = of(language).or_else(|| of("en"));
    found.cloned().unwrap_or(Template { subject: String::new(), body: String::new() })
}

/// A text as one line that cannot turn or hide what stands around it: control characters become
/// spaces, characters that set the direction of writing or take no room go (Unicode TR 9 and TR 36).
#[must_use]
pub fn line_plain(text: &str, chars_max: usize) -> String {
    let hidden = |c: char| {
        matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
    };
    let breaks = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    let kept = text.chars().filter(|c| !hidden(*c)).take(chars_max);
    let line: String = kept.map(|c| if breaks(c) { ' ' } else { c }).collect();
    line.trim().to_owned()
}

fn environment() -> Environment<'static> {
    let mut environment = Environment::empty();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_fuel(Some(STEPS_MAX));
    environment
}

/// Fills a letter in.
///
/// # Errors
/// What is wrong with the template, all at once.
pub fn fill(
    template: &Template,
    letter: &Letter,
    sender: &str,
) -> Result<Filled, Vec<TemplateFault>> {
    let mut values: BTreeMap<&str, String> = BTreeMap::new();
    for (name, value) in letter.values() {
        let chars_max = if name == "link" { LINK_CHARS_MAX } else { VALUE_CHARS_MAX };
        values.insert(name, line_plain(value, chars_max));
    }
    values.insert("sender", line_plain(sender, VALUE_CHARS_MAX));
    let environment = environment();
    let render = |field: &'static str, source: &str| {
        let parsed = environment.template_from_str(source);
        parsed
            .and_then(|template| template.render(&values))
            .map_err(|error| engine_fault(field, &error, letter.kind()))
    };
    match (render("subject", &template.subject), render("body", &template.body)) {
        (Ok(subject), Ok(body)) => {
            Ok(Filled { subject: line_plain(&subject, SUBJECT_CHARS_MAX * 2), body })
        }
        (subject, body) => Err([subject.err(), body.err()].into_iter().flatten().collect()),
    }
}

/// What is wrong with a template for a letter, all at once; empty where it may be used.
#[must_use]
pub fn template_check(kind: LetterKind, template: &Template) -> Vec<TemplateFault> {
    let mut faults = Vec::new();
    let chars = template.subject.chars().count();
    if !(1..=SUBJECT_CHARS_MAX).contains(&template.subject.trim().chars().count()) {
        let message = format!("the subject has {chars} characters");
        let accepted = format!("1 to {SUBJECT_CHARS_MAX} characters");
        faults.push(fault("subject", "length", 0, message, accepted));
    }
    if template.subject.chars().any(char::is_control) {
        let message = "the subject has a line break or another control character".to_owned();
        faults.push(fault("subject", "line_break", 0, message, "one line".to_owned()));
    }
    if template.body.trim().is_empty() || template.body.len() > BODY_BYTES_MAX {
        let message = format!("the text has {} bytes", template.body.len());
        let accepted = format!("1 to {BODY_BYTES_MAX} bytes");
        faults.push(fault("body", "length", 0, message, accepted));
    }
    if !faults.is_empty() {
        return faults;
    }
    let mut named = BTreeSet::new();
    for (field, source) in [("subject", &template.subject), ("body", &template.body)] {
        source_check(kind, field, source, &mut named, &mut faults);
    }
    if faults.is_empty() && kind.names().contains(&"link") && !named.contains("link") {
        let message = "the text does not hold the link, which is what the letter is for".to_owned();
        faults.push(fault("body", "link_missing", 0, message, "a text with `{{ link }}`".into()));
    }
    if faults.is_empty()
        && let Err(found) = fill(template, &kind.sample(), "Authority")
    {
        faults.extend(found);
    }
    faults
}

fn source_check(
    kind: LetterKind,
    field: &'static str,
    source: &str,
    named: &mut BTreeSet<String>,
    faults: &mut Vec<TemplateFault>,
) {
    const STATEMENTS: [&str; 4] = ["if", "elif", "else", "endif"];
    let before = faults.len();
    for (at, _) in source.match_indices("{%") {
        let rest = source.get(at + 2..).unwrap_or("").trim_start_matches(['-', '+', ' ', '\t']);
        let word: String = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        if !STATEMENTS.contains(&word.as_str()) {
            let message = format!("`{{% {word}` is not understood in a letter");
            let accepted = "if, elif, else, endif".to_owned();
            faults.push(fault(field, "statement", line_of(source, at), message, accepted));
        }
    }
    let environment = environment();
    let template = match environment.template_from_str(source) {
        Ok(template) => template,
        // What is wrong with a statement has been said already.
        Err(_) if faults.len() > before => return,
        Err(error) => return faults.push(engine_fault(field, &error, kind)),
    };
    let found: BTreeSet<String> = template.undeclared_variables(true).into_iter().collect();
    for name in &found {
        if !kind.names().contains(&name.as_str()) {
            let line = source.find(name.as_str()).map_or(0, |at| line_of(source, at));
            let message = format!("this letter has no `{name}`");
            faults.push(fault(field, "unknown_name", line, message, kind.names().join(", ")));
        }
    }
    named.extend(found);
}

fn line_of(source: &str, at: usize) -> usize {
    source.get(..at).unwrap_or("").matches('\n').count() + 1
}

fn fault(
    field: &'static str,
    code: &'static str,
    line: usize,
    message: String,
    accepted: String,
) -> TemplateFault {
    TemplateFault { field, code, line, message, accepted }
}

fn engine_fault(field: &'static str, error: &minijinja::Error, kind: LetterKind) -> TemplateFault {
    let line = error.line().unwrap_or(0);
    match error.kind() {
        ErrorKind::OutOfFuel => {
            let message = format!("it takes more than {STEPS_MAX} steps to fill it in");
            fault(field, "too_long", line, message, "names and `if`".to_owned())
        }
        ErrorKind::UndefinedError => {
            let message = "it names something that this letter does not have".to_owned();
            fault(field, "unknown_name", line, message, kind.names().join(", "))
        }
        _ => {
            let detail = error.detail().unwrap_or("it cannot be filled in").to_owned();
            let accepted = "names in `{{ }}` and `{% if name %}…{% endif %}`".to_owned();
            fault(field, "form", line, detail, accepted)
        }
    }
}

impl Platform {
    /// The words of a letter: the authority's, or those that come with the program; and their version, 0
    /// for the latter.
    ///
    /// # Errors
    /// [`PlatformError`] where the database refuses.
    pub fn letter_words(
        &self,
        kind: LetterKind,
        language: &str,
    ) -> Result<(Template, u64), PlatformError> {
        Ok(match self.reader().template(kind.code(), language)? {
            Some(own) => (Template { subject: own.subject, body: own.body }, own.version),
            None => (template_carried(kind, language), 0),
        })
    }

    /// The versions that an authority kept of a letter, the newest first.
    ///
    /// # Errors
    /// [`PlatformError`] where the database refuses.
    pub fn letter_versions(
        &self,
        kind: LetterKind,
        language: &str,
    ) -> Result<Vec<TemplateRecord>, PlatformError> {
        Ok(self.reader().template_versions(kind.code(), language)?)
    }

    /// Words a letter anew, with an entry in the audit; it replaces version `replaces`. Whether that is
    /// still the version in use. The template has been checked ([`template_check`]).
    ///
    /// # Errors
    /// [`PlatformError`] where the database refuses, or was opened to read.
    pub fn letter_word(
        &self,
        kind: LetterKind,
        language: &str,
        template: &Template,
        replaces: u64,
        account: &str,
        now: Timestamp,
    ) -> Result<bool, PlatformError> {
        let resource = format!("mail_template:{}/{language}", kind.code());
        let detail = format!("{{\"version\":{}}}", replaces.saturating_add(1));
        let entry = NewAudit {
            at_us: now.us(),
            account,
            action: "mail_template_changed",
            subject: "",
            resource: &resource,
            detail: &detail,
        };
        let new = NewTemplate {
            kind: kind.code(),
            language,
            replaces,
            subject: &template.subject,
            body: &template.body,
        };
        Ok(self.aside()?.template_record(&new, &entry)?)
    }
}

#[cfg(test)]
#[path = "mail_tests.rs"]
mod tests;
