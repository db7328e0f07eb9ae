//! What the authority issued, to download: the document of a licence, and the letters of a case.
//!
//! INVARIANT: a letter is for the authority and the applicant; an agency that advises gets none.

use app::cases::CaseError;
use app::paper::{CaseLetter, LetterError, case_letters};
use axum::extract::{Path, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use base::Timestamp;
use base::authorisation::Role;
use licensing::case::{Case, Recorded};

use super::one::found;
use crate::config::Hall;
use crate::form::encoded;
use crate::law::law;
use crate::ledger::off_thread;
use crate::pages::apply::case::found as case_found;
use crate::show;
use crate::stop::{Stop, fault};
use crate::text::Text;
use crate::visit::Visit;

/// A letter as a link.
pub(crate) struct LetterRow {
    pub(crate) href: String,
    pub(crate) words: String,
    pub(crate) at: String,
}

/// The letters of a case, of all its events; none for who gets none.
pub(crate) fn letters_of(
    visit: &Visit,
    case: &Case,
    events: &[Recorded],
) -> Result<Vec<CaseLetter>, Stop> {
    if visit.actor.role == Role::Agency {
        return Ok(Vec::new());
    }
    case_letters(&case.number, &case.applicant, events).map_err(|error| fault(&error))
}

/// Letters as links.
pub(crate) fn letter_rows(t: &Text, number: &str, letters: &[CaseLetter]) -> Vec<LetterRow> {
    let row = |letter: &CaseLetter| {
        let code = letter.kind.code();
        LetterRow {
            href: format!("/cases/{}/letters/{code}/{}", encoded(number), letter.seq),
            words: t.code("licence-letter", code, code),
            at: show::instant(t, Timestamp::from_us(letter.at_us)),
        }
    };
    letters.iter().map(row).collect()
}

/// Where a licence of a case is read, to who may read it; else nowhere.
pub(crate) fn licence_links(visit: &Visit, numbers: &[String]) -> Vec<(String, String)> {
    let reads = visit.actor.role != Role::Agency;
    let href = |number: &String| if reads { super::list::href(number) } else { String::new() };
    numbers.iter().map(|number| (number.clone(), href(number))).collect()
}

/// `GET /licences/{number}/document`.
pub(crate) async fn licence(
    State(hall): State<Hall>,
    visit: Visit,
    Path(number): Path<String>,
) -> Result<Response, Stop> {
    found(&hall, &visit, &number).await?;
    let law = law(&hall, &hall.config.pack).await?;
    let (shared, of) = (hall.clone(), number.clone());
    let made = off_thread(move || {
        let key = shared.config.signing.key();
        shared.platform.licence_document(&law, key, &of).map(|issued| issued.pdf)
    });
    Ok(download(&number, made.await?.map_err(refused)?))
}

/// `GET /cases/{number}/letters/{kind}/{seq}`.
pub(crate) async fn letter(
    State(hall): State<Hall>,
    visit: Visit,
    Path((number, kind, seq)): Path<(String, String, String)>,
) -> Result<Response, Stop> {
    case_found(&hall, &visit, &number).await?;
    if visit.actor.role == Role::Agency {
        return Err(Stop::NotFound);
    }
    let seq: u32 = seq.parse().map_err(|_| Stop::NotFound)?;
    let law = law(&hall, &hall.config.pack).await?;
    let (shared, of, asked) = (hall.clone(), number.clone(), kind.clone());
    let made = off_thread(move || {
        let letters = shared.platform.case_letters(&of)?;
        let known = letters.iter().find(|one| one.kind.code() == asked && one.seq == seq);
        let Some(letter) = known.copied() else {
            return Err(LetterError::Unknown { number: of, letters });
        };
        let key = shared.config.signing.key();
        let which = (letter.kind, letter.seq);
        shared.platform.case_letter(&law, key, &of, which).map(|issued| issued.pdf)
    });
    Ok(download(&format!("{number}-{kind}-{seq}"), made.await?.map_err(refused)?))
}

fn refused(error: LetterError) -> Stop {
    match error {
        LetterError::Unknown { .. } | LetterError::Case(CaseError::Unknown) => Stop::NotFound,
        other => fault(&other),
    }
}

/// A file whose name is made of what is safe in a name.
fn download(name: &str, pdf: Vec<u8>) -> Response {
    let safe = |sign: char| if sign.is_ascii_alphanumeric() { sign } else { '-' };
    let name: String = name.chars().map(safe).take(100).collect();
    let disposition = format!("attachment; filename=\"{name}.pdf\"");
    let headers =
        [(CONTENT_TYPE, "application/pdf".to_owned()), (CONTENT_DISPOSITION, disposition)];
    (headers, pdf).into_response()
}
