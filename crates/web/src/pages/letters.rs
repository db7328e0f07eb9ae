//! The letters that the platform sends, as the authority words them: edited with a preview, every version
//! kept, every change in the audit.

use app::mail::{
    LANGUAGES, LetterKind, Template as Words, TemplateFault, fill, template_carried, template_check,
};
use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::{IntoResponse, Response};
use base::Timestamp;
use base::authorisation::Resource;
use serde::Deserialize;

use crate::config::Hall;
use crate::form::Form;
use crate::ledger::off_thread;
use crate::page::{Page, html};
use crate::show;
use crate::stop::{FieldFault, Stop, fault};
use crate::text::{Language, Text};
use crate::visit::Visit;

struct ListRow {
    title: String,
    href: String,
    language: String,
    version: String,
}

#[derive(Template)]
#[template(path = "letters.html")]
struct LettersPage {
    page: Page,
    rows: Vec<ListRow>,
}

fn address(kind: LetterKind, language: &str) -> String {
    format!("/operations/mail-templates/{}/{language}", kind.code())
}

fn language_name(code: &str) -> &'static str {
    Language::parse(code).map_or("", Language::name)
}

fn version_words(t: &Text, version: u64) -> String {
    if version == 0 { t.get("letters-carried") } else { t.one("letters-version", version) }
}

/// `GET /operations/mail-templates`.
pub(crate) async fn list(State(hall): State<Hall>, visit: Visit) -> Result<Response, Stop> {
    visit.allow(Resource::Platform)?;
    let t = visit.text();
    let shared = hall.clone();
    let versions = off_thread(move || {
        let all =
            LetterKind::ALL.iter().flat_map(|kind| LANGUAGES.map(|language| (*kind, language)));
        all.map(|(kind, language)| {
            let words = shared.platform.letter_words(kind, language)?;
            Ok((kind, language, words.1))
        })
        .collect::<Result<Vec<_>, app::PlatformError>>()
    });
    let versions = versions.await?.map_err(|error| fault(&error))?;
    let rows = versions.into_iter().map(|(kind, language, version)| ListRow {
        title: t.code("letter", kind.code(), kind.code()),
        href: address(kind, language),
        language: language_name(language).to_owned(),
        version: version_words(t, version),
    });
    let page = Page::new(&hall, &visit, t.get("letters-title"));
    html(StatusCode::OK, &LettersPage { page, rows: rows.collect() })
}

struct VersionRow {
    version: String,
    at: String,
    account: String,
    subject: String,
}

#[derive(Template)]
#[template(path = "letter.html")]
struct LetterPage {
    page: Page,
    title: String,
    href: String,
    version: String,
    replaces: u64,
    subject: String,
    body: String,
    names: Vec<String>,
    faults: Vec<FieldFault>,
    details: Vec<Detail>,
    /// The letter's language (BCP 47).
    tag: &'static str,
    /// Subject and text of the preview, where one was asked for.
    preview: Option<(String, String)>,
    versions: Vec<VersionRow>,
}

impl LetterPage {
    fn fault_of(&self, field: &str) -> Vec<&Detail> {
        self.details.iter().filter(|detail| detail.field == field).collect()
    }
}

/// A fault beside its field: in the words of the page, then what the check says of it, in English.
struct Detail {
    field: String,
    message: String,
    said: String,
    accepted: String,
}

fn named(kind: &str, language: &str) -> Result<(LetterKind, &'static str), Stop> {
    let language = LANGUAGES.into_iter().find(|known| *known == language);
    LetterKind::parse(kind).zip(language).ok_or(Stop::NotFound)
}

/// A fault in the words of the page.
fn worded(t: &Text, fault: &TemplateFault) -> FieldFault {
    let what = t.code("letter-fault", fault.code, fault.code);
    let message = if fault.line > 0 { t.two("letter-line", fault.line, &what) } else { what };
    FieldFault { field: fault.field.to_owned(), code: fault.code, message, accepted: String::new() }
}

/// What is in the form.
struct Draft {
    words: Words,
    replaces: u64,
    faults: Vec<FieldFault>,
    details: Vec<Detail>,
    preview: bool,
}

async fn page(
    hall: &Hall,
    visit: &Visit,
    kind: LetterKind,
    language: &'static str,
    draft: Option<Draft>,
) -> Result<Response, Stop> {
    let t = visit.text();
    let shared = hall.clone();
    let found = off_thread(move || {
        let words = shared.platform.letter_words(kind, language)?;
        Ok::<_, app::PlatformError>((words, shared.platform.letter_versions(kind, language)?))
    });
    let ((words, version), versions) = found.await?.map_err(|error| fault(&error))?;
    let draft = draft.unwrap_or(Draft {
        words,
        replaces: version,
        faults: Vec::new(),
        details: Vec::new(),
        preview: false,
    });
    let preview =
        draft.preview.then(|| fill(&draft.words, &kind.sample(), &hall.config.post.sender()));
    let name = t.code("letter", kind.code(), kind.code());
    let title = t.two("letter-title", name, language_name(language));
    let mut page = Page::new(hall, visit, title.clone());
    page.faulty = !draft.faults.is_empty();
    let status = if page.faulty { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let template = LetterPage {
        page,
        title,
        href: address(kind, language),
        version: version_words(t, version),
        replaces: draft.replaces,
        subject: draft.words.subject,
        body: draft.words.body,
        names: kind.names().iter().map(|name| format!("{{{{ {name} }}}}")).collect(),
        faults: draft.faults,
        details: draft.details,
        tag: Language::parse(language).map_or("", Language::tag),
        preview: preview.and_then(Result::ok).map(|filled| (filled.subject, filled.body)),
        versions: versions
            .into_iter()
            .map(|version| VersionRow {
                version: show::count(version.version),
                at: show::instant(t, Timestamp::from_us(version.at_us)),
                account: version.account,
                subject: version.subject,
            })
            .collect(),
    };
    html(status, &template)
}

/// `GET /operations/mail-templates/{kind}/{language}`.
pub(crate) async fn show(
    State(hall): State<Hall>,
    visit: Visit,
    Path((kind, language)): Path<(String, String)>,
) -> Result<Response, Stop> {
    visit.allow(Resource::Platform)?;
    let (kind, language) = named(&kind, &language)?;
    page(&hall, &visit, kind, language, None).await
}

/// The form.
#[derive(Debug, Deserialize)]
pub(crate) struct Edited {
    #[serde(default)]
    subject: String,
    #[serde(default)]
    body: String,
    /// The version that the editor saw.
    #[serde(default)]
    replaces: String,
    /// `preview`, `save`, or `carried`: back to the words of the program.
    #[serde(default, rename = "do")]
    what: String,
}

/// `POST /operations/mail-templates/{kind}/{language}`: shows a preview, or keeps a new version.
pub(crate) async fn edit(
    State(hall): State<Hall>,
    visit: Visit,
    Path((kind, language)): Path<(String, String)>,
    Form(edited): Form<Edited>,
) -> Result<Response, Stop> {
    visit.allow(Resource::Platform)?;
    let (kind, language) = named(&kind, &language)?;
    let t = visit.text();
    let words = if edited.what == "carried" {
        template_carried(kind, language)
    } else {
        // Browsers send line ends as CR LF.
        let lines = |text: &str| text.replace("\r\n", "\n").replace('\r', "\n");
        Words { subject: edited.subject.clone(), body: lines(&edited.body) }
    };
    let replaces = edited.replaces.parse().unwrap_or(u64::MAX);
    let found = template_check(kind, &words);
    let faults: Vec<FieldFault> = found.iter().map(|fault| worded(t, fault)).collect();
    if !faults.is_empty() || !matches!(edited.what.as_str(), "save" | "carried") {
        let details = found.into_iter().zip(&faults).map(|(fault, worded)| Detail {
            field: worded.field.clone(),
            message: worded.message.clone(),
            said: fault.message,
            accepted: fault.accepted,
        });
        let details = details.collect();
        let draft = Draft { preview: faults.is_empty(), words, replaces, faults, details };
        return page(&hall, &visit, kind, language, Some(draft)).await;
    }
    let (shared, account, kept) = (hall.clone(), visit.actor.account.clone(), words.clone());
    let saved = off_thread(move || {
        let now = shared.now();
        shared.platform.letter_word(kind, language, &kept, replaces, &account, now)
    });
    if saved.await?.map_err(|error| fault(&error))? {
        return Ok((StatusCode::SEE_OTHER, [(LOCATION, address(kind, language))]).into_response());
    }
    let fault = FieldFault {
        field: "body".to_owned(),
        code: "changed_meanwhile",
        message: t.get("letter-changed-meanwhile"),
        accepted: String::new(),
    };
    let (faults, details) = (vec![fault], Vec::new());
    let draft = Draft { words, replaces, faults, details, preview: false };
    page(&hall, &visit, kind, language, Some(draft)).await
}
