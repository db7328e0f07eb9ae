//! The frame of the pages around a certificate in the end user's language, and the certificate as it is
//! printed: for the end user behind its link, and for who asked for it.

use app::certificates::{Terms, words as words_of_certificates};
use askama::Template;
use licensing::Certificate;
use licensing::certificate::{CertificateText, Part};

use crate::assets;
use crate::config::Hall;
use crate::form::token_make;
use crate::link_text::words;
use crate::text::Text;
use crate::visit::Visit;

/// A language to read the page in.
pub(crate) struct LinkLanguage {
    pub(crate) tag: String,
    pub(crate) name: String,
    pub(crate) href: String,
    pub(crate) current: bool,
}

/// The frame of a page behind a link: without the navigation of those who have accounts.
pub(crate) struct LinkFrame {
    pub(crate) w: &'static Text,
    pub(crate) tag: String,
    pub(crate) code: String,
    pub(crate) title: String,
    pub(crate) languages: Vec<LinkLanguage>,
    pub(crate) theme: &'static str,
    pub(crate) form_token: String,
    pub(crate) faulty: bool,
    /// Whether all data is fictional; the words are those of the other pages.
    pub(crate) demo: Option<&'static Text>,
}

impl LinkFrame {
    pub(crate) fn new(
        hall: &Hall,
        visit: &Visit,
        (code, title): (&str, String),
        path: &str,
    ) -> LinkFrame {
        let language = |(known, words): (&String, &licensing::certificate::Words)| LinkLanguage {
            tag: words.tag.clone(),
            name: words.language.clone(),
            href: format!("{path}?lang={known}"),
            current: known == code,
        };
        let all = words_of_certificates();
        LinkFrame {
            w: words(code),
            tag: all.get(code).map_or_else(|| code.to_owned(), |words| words.tag.clone()),
            code: code.to_owned(),
            title,
            languages: all.iter().map(language).collect(),
            theme: visit.theme.code(),
            form_token: token_make(&hall.config.key, &visit.visitor),
            faulty: false,
            demo: hall.config.demo.then(|| visit.text()),
        }
    }

    pub(crate) fn asset(&self, name: &str) -> String {
        assets::address(name)
    }
}

/// A certificate as it is printed to be signed by hand.
#[derive(Template)]
#[template(path = "certificate_paper.html")]
pub(crate) struct PaperPage {
    pub(crate) f: LinkFrame,
    pub(crate) back: String,
    pub(crate) exporter: String,
    pub(crate) text: CertificateText,
    pub(crate) digest: String,
    /// Lines to be filled in by hand.
    pub(crate) lines: Vec<String>,
    /// What is to be ticked; empty where it is not asked.
    pub(crate) tick: String,
}

/// A certificate as it is printed, in a language.
pub(crate) fn paper_page(
    hall: &Hall,
    visit: &Visit,
    (certificate, terms): (&Certificate, &Terms),
    (language, path): (&str, &str),
    back: String,
) -> PaperPage {
    let text = terms.text(certificate, certificate.statement_shown(), language);
    let own = words_of_certificates().get(language);
    let label = |code: &str| {
        own.and_then(|words| words.labels.get(code)).cloned().unwrap_or_else(|| code.to_owned())
    };
    let asks = |code: &str| terms.rule.asks(code);
    // A signature and its date are needed of every paper; a seal has its place, also where it is not asked.
    let lines = [
        ("signatory", true),
        ("position", asks("position")),
        ("email", asks("email")),
        ("place_date", true),
        ("signature", true),
        ("seal", true),
    ];
    PaperPage {
        back,
        exporter: certificate.statement.exporter.name.clone(),
        digest: text.sha256(),
        lines: lines.into_iter().filter(|line| line.1).map(|line| label(line.0)).collect(),
        tick: if asks("authority") { label("authority_stated") } else { String::new() },
        f: LinkFrame::new(hall, visit, (language, text.title.clone()), path),
        text,
    }
}
