//! Documents of an authority on paper and as files: licences and letters in two languages, sealed, and the
//! signed code of a licence for a QR code; and the proof of both, offline, with only the public key.
//!
//! - [`Document`] is what a document says, as data; its canonical JSON is attached to the file.
//! - [`document_write`] sets it as a PDF and seals it: a signature over every byte of the file (`seal`).
//! - [`Payload`] is the code of a licence: the facts that customs need, with the digest of the JSON.
//! - [`verify()`] takes a file or a code and says what is proved.
//!
//! What is proved is who issued it and that nothing was changed. Not proved is what happened since: whether
//! the licence was suspended or revoked, and how much of it is left; the authority's check page tells that.
//!
//! Nothing here knows a file, a clock or chance: keys and days come as values.

mod compose;
mod document;
mod error;
mod flow;
mod font;
mod key;
mod payload;
mod pdf;
#[cfg(test)]
mod samples_tests;
mod seal;
#[cfg(test)]
mod structure_tests;
mod table;
#[cfg(test)]
mod tests;
mod text;
mod verify;
mod words;

use std::rc::Rc;

pub use document::{
    CELL_CHARS_MAX, Condition, Document, DocumentKind, FORM, Fact, LINES_MAX, Line, PARTS_MAX,
    Signatory, TEXT_CHARS_MAX, Validity, Words, paragraphs_pair,
};
pub use error::PaperError;
pub use key::{KeyId, PublicKey, PublicKeys, SIGNATURE_BYTES, SigningKey};
pub use payload::{CODE_CHARS_MAX, CODE_LINES_MAX, PREFIX, Payload, PayloadLine};
use qrcode::{EcLevel, QrCode};
pub use verify::{FILE_BYTES_MAX, Proof, verify};

/// A document as it is issued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issued {
    /// The sealed PDF.
    pub pdf: Vec<u8>,
    /// The text of the code of a licence; nothing for a letter.
    pub code: Option<String>,
    /// SHA-256 of the canonical JSON.
    pub digest: [u8; 32],
}

/// Sets, signs and seals a document. The same document and key give the same bytes.
///
/// # Errors
/// [`PaperError::Content`] and [`PaperError::CharactersMissing`] where what is to be written cannot be.
pub fn document_write(document: &Document, key: &SigningKey) -> Result<Issued, PaperError> {
    document.check()?;
    let texts = document.texts();
    let missing = font::Fonts::get()?.missing(texts.into_iter());
    if !missing.is_empty() {
        return Err(PaperError::CharactersMissing(missing));
    }
    let json = document.canonical_json()?;
    let text = document.payload()?.map(|payload| payload.sign(key)).transpose()?;
    let code = text.as_deref().map(code_modules).transpose()?;
    let id = key.public().id();
    let seal = seal::place(id);
    let attached = pdf::Attached { json: &json, code: text.as_deref(), seal: &seal, key: id };
    let bytes = pdf::write(document, code.as_ref(), &attached)?;
    let digest = <sha2::Sha256 as sha2::Digest>::digest(&json).into();
    Ok(Issued { pdf: seal::seal(bytes, key)?, code: text, digest })
}

/// The modules of a QR code that holds a text, of middle error correction (15 %).
fn code_modules(text: &str) -> Result<compose::Code, PaperError> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M)
        .map_err(|error| PaperError::Writing(format!("the QR code: {error}")))?;
    let modules = code.to_colors().into_iter().map(|color| color == qrcode::Color::Dark).collect();
    Ok(compose::Code { modules: Rc::new(modules), count: code.width() })
}
