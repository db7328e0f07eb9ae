//! Documents on their way in and out, for the API and for the pages: a part at a time, so that a large one
//! takes no more memory than a small one.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use app::documents::{
    Content, DOCUMENT_BYTES_MAX, DocumentError, DocumentView, Refusal, Stored, Upload, hash_parse,
};
use axum::body::{Body, Bytes};
use axum::extract::multipart::MultipartError;
use axum::http::HeaderMap;
use axum::http::StatusCode;
use axum::http::header::{
    CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderValue,
};
use axum::response::{IntoResponse, Response};
use base::authorisation::{Resource, Role};
use futures_util::{Stream, StreamExt, stream};

use crate::config::{Hall, Shared};
use crate::ledger::off_thread;
use crate::secret::moment;
use crate::stop::{Stop, fault};
use crate::visit::Visit;

/// How much of a document that is refused is still read, and thrown away: a browser hears an answer only when
/// it has sent everything. Whoever sends more is cut off.
pub(crate) const REST_BYTES_MAX: u64 = 4 * DOCUMENT_BYTES_MAX;
/// How long to wait where as many uploads are under way as there may be.
const WAIT_SECONDS: u32 = 5;
/// With what a document is given out: should a browser ever show it, it may do nothing.
const POLICY: &str = "default-src 'none'; sandbox; base-uri 'none'; form-action 'none'; \
    frame-ancestors 'none'";

/// Uploads under way, of all accounts and of each: who sends slowly holds up itself alone.
#[derive(Debug)]
pub(crate) struct Places {
    held: Mutex<HashMap<String, usize>>,
    all: usize,
    each: usize,
}

/// The place of one upload; free again when it is dropped.
pub(crate) struct Place {
    hall: Hall,
    account: String,
}

impl Places {
    pub(crate) fn new(all: usize, each: usize) -> Places {
        Places { held: Mutex::default(), all, each }
    }

    fn take(&self, account: &str) -> Result<(), Stop> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let own = held.get(account).copied().unwrap_or(0);
        if own >= self.each || held.values().sum::<usize>() >= self.all {
            return Err(Stop::TooMany(WAIT_SECONDS));
        }
        held.insert(account.to_owned(), own + 1);
        Ok(())
    }

    fn free(&self, account: &str) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        match held.get_mut(account) {
            Some(own) if *own > 1 => *own -= 1,
            _ => {
                held.remove(account);
            }
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.hall.document_places.free(&self.account);
    }
}

/// The names of a party's documents by their SHA-256, hexadecimal.
pub(crate) fn documents_named<'a>(
    shared: &Shared,
    party: &str,
    hashes: impl Iterator<Item = &'a String>,
) -> Result<HashMap<String, String>, Stop> {
    let hashes: Vec<[u8; 32]> = hashes.filter_map(|hash| hash_parse(hash)).collect();
    if hashes.is_empty() {
        return Ok(HashMap::new());
    }
    let found = shared.config.documents.documents(party, &hashes).map_err(stop_of)?;
    Ok(found.into_iter().map(|view| (view.sha256, view.name)).collect())
}

/// Why a request about a document stops.
pub(crate) fn stop_of(error: DocumentError) -> Stop {
    match error {
        DocumentError::Refused(refusal) => refused(&refusal),
        other => fault(&other),
    }
}

fn refused(refusal: &Refusal) -> Stop {
    let field = match refusal {
        Refusal::NotFound => return Stop::NotFound,
        Refusal::TooLarge => return Stop::DocumentTooLarge,
        Refusal::NotClean { state } => return Stop::DocumentHeld(*state),
        Refusal::Name | Refusal::Extension { .. } => "name",
        _ => "document",
    };
    Stop::field(field, refusal.code(), refusal.to_string(), refusal.accepted())
}

/// A document that was taken to its last byte and is not stored yet.
pub(crate) struct Received {
    upload: Upload,
    _place: Place,
}

/// A document that ended before its end.
pub(crate) fn cut() -> Stop {
    let message = "the document broke off before its end".to_owned();
    Stop::field("document", "document_cut", message, "all of its bytes")
}

/// Why a part of a form stops.
pub(crate) fn part_stop(error: &MultipartError) -> Stop {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE { Stop::DocumentTooLarge } else { cut() }
}

/// Takes a document into the book of the visitor's party, part by part. Whoever breaks off, or is given
/// up, leaves nothing.
pub(crate) async fn receive(
    hall: &Hall,
    visit: &Visit,
    name: &str,
    mut body: impl Stream<Item = Result<Bytes, Stop>> + Unpin,
) -> Result<Received, Stop> {
    let account = visit.actor.account.clone();
    hall.document_places.take(&account)?;
    let place = Place { hall: hall.clone(), account };
    match taken(hall, visit, name, &mut body).await {
        Ok(upload) => Ok(Received { upload, _place: place }),
        Err(stop) => {
            let mut rest = 0;
            while let Some(Ok(part)) = body.next().await {
                rest += part.len() as u64;
                if rest > REST_BYTES_MAX {
                    break;
                }
            }
            Err(stop)
        }
    }
}

async fn taken(
    hall: &Hall,
    visit: &Visit,
    name: &str,
    body: &mut (impl Stream<Item = Result<Bytes, Stop>> + Unpin),
) -> Result<Upload, Stop> {
    let (shared, owner, name) = (hall.clone(), visit.actor.party.clone(), name.to_owned());
    let begun = moment(hall.now())?;
    let begin = move || shared.config.documents.begin(&owner, &name, &begun);
    let mut upload = off_thread(begin).await?.map_err(stop_of)?;
    while let Some(part) = body.next().await {
        let part = part?;
        let write = move || upload.write(&part).map(|()| upload);
        upload = off_thread(write).await?.map_err(stop_of)?;
    }
    Ok(upload)
}

impl Received {
    /// SHA-256 of its bytes.
    pub(crate) fn sha256(&self) -> [u8; 32] {
        self.upload.sha256()
    }

    /// Stores it, durably; waits for the disk.
    pub(crate) fn store(self, shared: &Shared, visit: &Visit) -> Result<Stored, Stop> {
        let stored = self.upload.finish(visit.by(), &moment(shared.now())?).map_err(stop_of)?;
        shared.jobs_wake.notify_one();
        Ok(stored)
    }
}

/// Whose document of which hash is asked for, where the visitor may see it. The authority's people name
/// the party; that they looked is on record.
pub(crate) fn asked(visit: &Visit, sha256: &str, party: &str) -> Result<(String, [u8; 32]), Stop> {
    let owner = if party.is_empty() { visit.actor.party.as_str() } else { party };
    if owner.is_empty() {
        visit.sight()?;
        return Err(Stop::field(
            "party",
            "party_missing",
            "it is not said whose document it is".to_owned(),
            "the party, as in ?party=scheme:value",
        ));
    }
    visit.allow(Resource::Book(owner))?;
    // Of the authority's people only those who work on cases.
    if visit.actor.role.of_authority()
        && !matches!(visit.actor.role, Role::Officer | Role::Supervisor)
    {
        return Err(Stop::NotFound);
    }
    let sha256 = hash_parse(sha256).ok_or(Stop::NotFound)?;
    Ok((owner.to_owned(), sha256))
}

/// A document's metadata.
pub(crate) async fn find(
    hall: &Hall,
    visit: &Visit,
    sha256: &str,
    party: &str,
) -> Result<DocumentView, Stop> {
    let (owner, sha256) = asked(visit, sha256, party)?;
    let shared = hall.clone();
    off_thread(move || shared.config.documents.document(&owner, &sha256)).await?.map_err(stop_of)
}

/// A document's content, to be saved and never shown.
pub(crate) async fn download(
    hall: &Hall,
    visit: &Visit,
    sha256: &str,
    party: &str,
) -> Result<Response, Stop> {
    let (owner, sha256) = asked(visit, sha256, party)?;
    let shared = hall.clone();
    let content = off_thread(move || shared.config.documents.content(&owner, &sha256));
    let content = content.await?.map_err(stop_of)?;
    let document = content.document();
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(document.kind.media_type()));
    headers.insert(CONTENT_LENGTH, HeaderValue::from(document.bytes));
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    let disposition = disposition(&document.name);
    let disposition = HeaderValue::from_str(&disposition).map_err(|error| fault(&error))?;
    headers.insert(CONTENT_DISPOSITION, disposition);
    Ok((StatusCode::OK, headers, Body::from_stream(parts(content))).into_response())
}

/// The parts of a content. A part that does not open ends the answer before its announced length, so that
/// the other side knows that it is not whole.
fn parts(content: Content) -> impl Stream<Item = Result<Bytes, std::io::Error>> {
    stream::unfold(Some(content), |content| async {
        let mut content = content?;
        let read = off_thread(move || content.next_chunk().map(|part| (part, content))).await;
        let broken = |why: String| {
            tracing::error!(why, "a document that is being downloaded does not open");
            Some((Err(std::io::Error::other("the document does not open")), None))
        };
        match read {
            Ok(Ok((Some(part), content))) => Some((Ok(Bytes::from(part)), Some(content))),
            Ok(Ok((None, _))) => None,
            Ok(Err(error)) => broken(error.to_string()),
            Err(_) => broken("the thread that read it ended".to_owned()),
        }
    })
}

/// The header that has a browser save it under its name (RFC 6266, with RFC 8187 for what is not ASCII).
fn disposition(name: &str) -> String {
    let plain =
        |c: char| if c.is_ascii_graphic() && !"\"\\%".contains(c) || c == ' ' { c } else { '_' };
    let ascii: String = name.chars().map(plain).collect();
    let encoded: String = name
        .bytes()
        .map(|byte| match byte {
            b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'-' | b'.' | b'_' => {
                char::from(byte).to_string()
            }
            other => format!("%{other:02X}"),
        })
        .collect();
    format!("attachment; filename=\"{ascii}\"; filename*=UTF-8''{encoded}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_holds_its_own_places_and_all_hold_theirs() {
        let places = Places::new(3, 2);
        for (account, taken) in [("a", true), ("a", true), ("a", false), ("b", true), ("c", false)]
        {
            assert_eq!(places.take(account).is_ok(), taken, "{account}");
        }
        places.free("a");
        assert!(places.take("c").is_ok());
        for account in ["a", "b", "c"] {
            places.free(account);
        }
        assert!(places.held.lock().unwrap().is_empty());
    }

    #[test]
    fn a_name_in_any_script_is_one_header_that_means_it() {
        for (name, header) in [
            ("a b.pdf", "attachment; filename=\"a b.pdf\"; filename*=UTF-8''a%20b.pdf"),
            (
                "100%\"x;y.pdf",
                "attachment; filename=\"100__x;y.pdf\"; filename*=UTF-8''100%25%22x%3By.pdf",
            ),
            ("局.pdf", "attachment; filename=\"_.pdf\"; filename*=UTF-8''%E5%B1%80.pdf"),
        ] {
            assert_eq!(disposition(name), header);
        }
    }
}
