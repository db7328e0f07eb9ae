//! Answering a question of the authority, with documents where the question wants some.
//!
//! The form comes in parts, so that files may come with it; without any it may come as other forms do.

use app::cases::CaseError;
use axum::extract::{FromRequest, Multipart, Path, Request, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::Response;
use futures_util::StreamExt;
use licensing::decide::Command;
use serde::Deserialize;

use super::case::{Beside, command_do, found, page};
use super::check::refused;
use super::upload::limit_said;
use super::{case_href, lead};
use crate::config::Hall;
use crate::documents::receive;
use crate::form::{Form, TOKEN_FIELD, token_good};
use crate::ledger::off_thread;
use crate::stop::{FieldFault, Stop};
use crate::visit::Visit;

/// Documents of one answer at most.
const FILES_MAX: usize = 10;
/// Bytes of a field that is no file, at most.
const FIELD_BYTES_MAX: usize = 128 << 10;

/// An answer, as typed.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Answer {
    question: String,
    text: String,
    /// SHA-256 of what came with it, hexadecimal.
    #[serde(skip)]
    documents: Vec<String>,
    /// Why a document was not taken.
    #[serde(skip)]
    refused: Vec<FieldFault>,
}

/// `POST /cases/{number}/answer`. Sent twice it is one answer.
pub(crate) async fn answer(
    State(hall): State<Hall>,
    visit: Visit,
    Path(number): Path<String>,
    request: Request,
) -> Result<Response, Stop> {
    let kind = request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let sent = if kind.is_some_and(|kind| kind.starts_with("multipart/form-data")) {
        let form = Multipart::from_request(request, &hall).await;
        parts(&hall, &visit, &number, form.map_err(|_| Stop::FormExpired)?).await?
    } else {
        let Form(sent) = Form::<Answer>::from_request(request, &hall).await?;
        found(&hall, &visit, &number).await?;
        sent
    };
    let question = sent.question.trim().parse::<u32>().unwrap_or(0);
    let text = sent.text.trim().replace("\r\n", "\n");
    let t = visit.text();
    let at = |fault: FieldFault| FieldFault { field: format!("answer-{question}"), ..fault };
    let faults: Vec<FieldFault> = if sent.refused.is_empty() {
        let documents = sent.documents.clone();
        let command = Command::Answer { question, text: text.clone(), documents };
        match command_do(&hall, &visit, &number, command).await? {
            Ok(_) => return Ok(lead(format!("{}?did=answered", case_href(&number)))),
            Err(CaseError::Refused(refusals)) => {
                refusals.iter().map(|refusal| at(refused(t, refusal))).collect()
            }
            Err(error) => return Err(super::stop_of_case(error)),
        }
    } else {
        sent.refused.into_iter().map(at).collect()
    };
    let (case, events) = found(&hall, &visit, &number).await?;
    let given =
        case.questions.iter().find(|q| q.number == question).and_then(|q| q.answer.as_ref());
    if given.is_some_and(|given| given.text == text && given.documents == sent.documents) {
        return Ok(lead(format!("{}?did=answered", case_href(&number))));
    }
    let beside = Beside { faults, answer: Some((question, text)), ..Beside::default() };
    page(&hall, &visit, &case, &events, beside).await
}

/// Reads the parts and stores the files, one after the other, once the token is good and the case is the
/// visitor's.
async fn parts(
    hall: &Hall,
    visit: &Visit,
    number: &str,
    mut form: Multipart,
) -> Result<Answer, Stop> {
    let broken = |_| Stop::FormExpired;
    let (mut trusted, mut sent) = (false, Answer::default());
    while let Some(mut field) = form.next_field().await.map_err(broken)? {
        let name = field.name().unwrap_or_default().to_owned();
        // The token stands before all else in our form: nothing is read for a stranger.
        if name == "file" {
            let file = field.file_name().unwrap_or_default().to_owned();
            if !trusted || file.is_empty() || sent.documents.len() >= FILES_MAX {
                continue;
            }
            let body = field.map(|part| {
                part.map_err(|error| match error.status() {
                    StatusCode::PAYLOAD_TOO_LARGE => Stop::DocumentTooLarge,
                    _ => Stop::FormExpired,
                })
            });
            match stored(hall, visit, &file, body).await {
                Ok(document) => sent.documents.push(document),
                Err(stop) => sent.refused.extend(document_faults(visit, &file, stop)?),
            }
            continue;
        }
        let mut text = Vec::new();
        while let Some(bytes) = field.chunk().await.map_err(broken)? {
            if text.len() + bytes.len() > FIELD_BYTES_MAX {
                return Err(Stop::TooLarge);
            }
            text.extend_from_slice(&bytes);
        }
        let text = String::from_utf8_lossy(&text).into_owned();
        match name.as_str() {
            TOKEN_FIELD if !trusted => {
                trusted = token_good(&hall.config.key, &visit.visitor, &text);
                if trusted {
                    found(hall, visit, number).await?;
                }
            }
            "question" => sent.question = text,
            "text" => sent.text = text,
            _ => {}
        }
    }
    if trusted { Ok(sent) } else { Err(Stop::FormExpired) }
}

/// Takes a document into the book of the visitor's party; its SHA-256.
async fn stored(
    hall: &Hall,
    visit: &Visit,
    name: &str,
    body: impl futures_util::Stream<Item = Result<axum::body::Bytes, Stop>> + Unpin,
) -> Result<String, Stop> {
    let received = receive(hall, visit, name, body).await?;
    let (shared, here) = (hall.clone(), visit.clone());
    let stored = off_thread(move || received.store(&shared, &here)).await??;
    Ok(stored.document().sha256.clone())
}

/// Why a document was not taken, with its name.
fn document_faults(visit: &Visit, name: &str, stop: Stop) -> Result<Vec<FieldFault>, Stop> {
    let t = visit.text();
    let named = |code: &'static str, words: String| FieldFault {
        field: String::new(),
        code,
        message: format!("{name}: {words}"),
        accepted: String::new(),
    };
    match stop {
        Stop::Fields(faults) => Ok(faults
            .into_iter()
            .map(|fault| {
                named(fault.code, t.code("apply-document-fault", fault.code, &fault.message))
            })
            .collect()),
        Stop::DocumentTooLarge => {
            Ok(vec![named("document_too_large", t.one("apply-document-too-large", limit_said()))])
        }
        other => Err(other),
    }
}
