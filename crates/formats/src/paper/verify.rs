//! The proof of a document or a code, with nothing but public keys.

use data_encoding::BASE32_NOPAD;
use memchr::memmem;

use super::document::{Document, FORM, JSON_BYTES_MAX};
use super::payload::{CODE_CHARS_MAX, PREFIX, Payload};
use super::{KeyId, PaperError, PublicKeys, seal};

/// The largest file that is read.
pub const FILE_BYTES_MAX: u64 = 64 << 20;

/// What is proved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proof {
    /// The code of a licence: its facts are as signed. Of the paper around it nothing is proved.
    Code {
        /// What it says.
        payload: Payload,
        /// The key that signed it.
        key: KeyId,
    },
    /// A file: every byte of it is as sealed, so every page; and its attached data, its code and what the
    /// code says of the data agree.
    File {
        /// What it says, as data.
        document: Box<Document>,
        /// Its code, where it is a licence.
        payload: Option<Payload>,
        /// The key that sealed it.
        key: KeyId,
    },
}

/// Verifies a PDF or the text of a code.
///
/// # Errors
/// [`PaperError`] where it is not proved, with the reason.
pub fn verify(bytes: &[u8], keys: &PublicKeys) -> Result<Proof, PaperError> {
    let count = bytes.len() as u64;
    if count > FILE_BYTES_MAX {
        return Err(PaperError::TooLarge { bytes: count, bytes_max: FILE_BYTES_MAX });
    }
    if bytes.starts_with(b"%PDF-") {
        return file_verify(bytes, keys);
    }
    // A code that was pasted or scanned into a file may have blanks and a line end around it.
    let text = bytes.trim_ascii();
    if !text.starts_with(PREFIX.as_bytes()) {
        return Err(PaperError::NotRecognised);
    }
    let text = str::from_utf8(text).map_err(|_| PaperError::PayloadForm("it is no text"))?;
    let (payload, key) = Payload::verify(text, keys)?;
    Ok(Proof::Code { payload, key })
}

/// The seal first: what follows reads only bytes that the authority wrote.
fn file_verify(bytes: &[u8], keys: &PublicKeys) -> Result<Proof, PaperError> {
    let key = seal::verify(bytes, keys)?;
    let document = Document::from_canonical_json(json_attached(bytes)?)?;
    let code = code_attached(bytes);
    let payload = match (document.payload()?, code) {
        (None, None) => None,
        (Some(expected), Some(code)) => {
            let (payload, _) = Payload::verify(code, keys)?;
            if payload != expected {
                let what = "the code says something else than the attached data";
                return Err(PaperError::Contradiction(what));
            }
            Some(payload)
        }
        (Some(_), None) => {
            return Err(PaperError::Contradiction("a licence without a code"));
        }
        (None, Some(_)) => {
            return Err(PaperError::Contradiction("a code in what is no licence"));
        }
    };
    Ok(Proof::File { document: Box::new(document), payload, key })
}

/// The attached JSON: the stream that begins with our form. It is written without compression.
fn json_attached(bytes: &[u8]) -> Result<&[u8], PaperError> {
    let missing = PaperError::Contradiction("no data is attached");
    let begin = format!("stream\n{{\"$form\":\"{FORM}\"");
    let start = memmem::find(bytes, begin.as_bytes()).ok_or(missing.clone())? + "stream\n".len();
    let rest = bytes.get(start..).unwrap_or_default();
    let rest = rest.get(..rest.len().min(JSON_BYTES_MAX + 64)).unwrap_or_default();
    let end = memmem::find(rest, b"\nendstream").ok_or(missing.clone())?;
    rest.get(..end).ok_or(missing)
}

/// The attached code: the stream that begins with its prefix.
fn code_attached(bytes: &[u8]) -> Option<&str> {
    let begin = format!("stream\n{PREFIX}");
    let start = memmem::find(bytes, begin.as_bytes())? + "stream\n".len();
    let rest = bytes.get(start..)?;
    let rest = rest.get(..rest.len().min(CODE_CHARS_MAX + 16))?;
    let end = memmem::find(rest, b"\nendstream")?;
    let code = rest.get(..end)?;
    let digits = code.get(PREFIX.len()..)?;
    BASE32_NOPAD.decode(digits).ok()?;
    str::from_utf8(code).ok()
}
