//! What a document is: told by its content alone, and its name must agree.
//!
//! Accepted is what applications are made of and what a reader opens without running anything: PDF,
//! pictures, text documents and sheets without macros (the formats with macros are formats of their own),
//! plain text, tables and XML. An archive is not: nobody sees what it holds.

use std::io::{Read, Seek};

use file_format::FileFormat;

use super::Refusal;

/// What a document is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// Portable Document Format.
    Pdf,
    /// A picture.
    Png,
    /// A picture.
    Jpeg,
    /// A picture, often a scan.
    Tiff,
    /// A text document (ISO/IEC 29500).
    Docx,
    /// A sheet (ISO/IEC 29500).
    Xlsx,
    /// A text document (ISO/IEC 26300).
    Odt,
    /// A sheet (ISO/IEC 26300).
    Ods,
    /// Plain text in UTF-8.
    Text,
    /// A table of text in UTF-8.
    Csv,
    /// XML in UTF-8.
    Xml,
}

impl Kind {
    /// All of them.
    pub const ALL: [Kind; 11] = [
        Kind::Pdf,
        Kind::Png,
        Kind::Jpeg,
        Kind::Tiff,
        Kind::Docx,
        Kind::Xlsx,
        Kind::Odt,
        Kind::Ods,
        Kind::Text,
        Kind::Csv,
        Kind::Xml,
    ];

    /// As it stands in the database and on the API.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Kind::Pdf => "pdf",
            Kind::Png => "png",
            Kind::Jpeg => "jpeg",
            Kind::Tiff => "tiff",
            Kind::Docx => "docx",
            Kind::Xlsx => "xlsx",
            Kind::Odt => "odt",
            Kind::Ods => "ods",
            Kind::Text => "text",
            Kind::Csv => "csv",
            Kind::Xml => "xml",
        }
    }

    /// The kind of a code.
    #[must_use]
    pub fn parse(code: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// Its media type, with which it is sent.
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Kind::Pdf => "application/pdf",
            Kind::Png => "image/png",
            Kind::Jpeg => "image/jpeg",
            Kind::Tiff => "image/tiff",
            Kind::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            Kind::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Kind::Odt => "application/vnd.oasis.opendocument.text",
            Kind::Ods => "application/vnd.oasis.opendocument.spreadsheet",
            Kind::Text => "text/plain; charset=utf-8",
            Kind::Csv => "text/csv; charset=utf-8",
            Kind::Xml => "application/xml; charset=utf-8",
        }
    }

    /// The extensions that a name of it may have.
    #[must_use]
    pub fn extensions(self) -> &'static [&'static str] {
        match self {
            Kind::Pdf => &["pdf"],
            Kind::Png => &["png"],
            Kind::Jpeg => &["jpg", "jpeg"],
            Kind::Tiff => &["tif", "tiff"],
            Kind::Docx => &["docx"],
            Kind::Xlsx => &["xlsx"],
            Kind::Odt => &["odt"],
            Kind::Ods => &["ods"],
            Kind::Text => &["txt"],
            Kind::Csv => &["csv"],
            Kind::Xml => &["xml"],
        }
    }

    /// The endings of names of all of them.
    pub fn endings() -> impl Iterator<Item = &'static str> {
        Kind::ALL.into_iter().flat_map(|kind| kind.extensions()).copied()
    }

    /// The kind whose names end so.
    pub(super) fn of_extension(extension: &str) -> Result<Kind, Refusal> {
        let found = Kind::ALL.into_iter().find(|kind| kind.extensions().contains(&extension));
        found.ok_or_else(|| Refusal::Extension { extension: extension.to_owned() })
    }
}

/// Whether bytes are text in UTF-8, told while they go by.
#[derive(Debug, Default)]
pub(super) struct TextWatch {
    /// The beginning of a character whose end has not come yet.
    begun: Vec<u8>,
    broken: bool,
}

impl TextWatch {
    pub(super) fn see(&mut self, bytes: &[u8]) {
        if self.broken {
            return;
        }
        let mut rest = bytes;
        // At most three bytes are begun: they are looked at together with the few that end them.
        while !self.begun.is_empty() && !rest.is_empty() {
            let (one, more) = rest.split_at(1);
            self.begun.extend_from_slice(one);
            rest = more;
            match std::str::from_utf8(&self.begun) {
                Ok(text) => {
                    self.broken |= !text.chars().all(written);
                    self.begun.clear();
                }
                Err(error) if error.error_len().is_some() => {
                    self.broken = true;
                    return;
                }
                Err(_) => {}
            }
        }
        match std::str::from_utf8(rest) {
            Ok(text) => self.broken |= !text.chars().all(written),
            Err(error) => {
                let (whole, begun) = rest.split_at(error.valid_up_to());
                let whole = std::str::from_utf8(whole).unwrap_or("\0");
                self.broken |= error.error_len().is_some() || !whole.chars().all(written);
                self.begun = begun.to_vec();
            }
        }
    }

    pub(super) fn is_text(&self) -> bool {
        !self.broken && self.begun.is_empty()
    }
}

/// Whether a character stands in texts: no control character but those that break lines and columns.
fn written(c: char) -> bool {
    !c.is_control() || matches!(c, '\t' | '\n' | '\r' | '\u{c}')
}

/// What the content is, which must be what its name says.
pub(super) fn kind_check<R: Read + Seek>(
    content: R,
    text: &TextWatch,
    named: Kind,
    extension: &str,
) -> Result<Kind, SniffError> {
    let format = FileFormat::from_reader(content)?;
    let found = match format {
        FileFormat::PortableDocumentFormat => Some(Kind::Pdf),
        FileFormat::PortableNetworkGraphics => Some(Kind::Png),
        FileFormat::JointPhotographicExpertsGroup => Some(Kind::Jpeg),
        FileFormat::TagImageFileFormat => Some(Kind::Tiff),
        FileFormat::OfficeOpenXmlDocument => Some(Kind::Docx),
        FileFormat::OfficeOpenXmlSpreadsheet => Some(Kind::Xlsx),
        FileFormat::OpendocumentText => Some(Kind::Odt),
        FileFormat::OpendocumentSpreadsheet => Some(Kind::Ods),
        FileFormat::ExtensibleMarkupLanguage if text.is_text() => Some(Kind::Xml),
        // No format has a mark of its own in plain text. These have marks that a table may begin with, as
        // the country codes `MZ` and `ZM`, and none of them is text throughout.
        FileFormat::ArbitraryBinaryData
        | FileFormat::MsDosExecutable
        | FileFormat::Mpeg2TransportStream
        | FileFormat::BdavMpeg2TransportStream
            if text.is_text() =>
        {
            Some(if named == Kind::Csv { Kind::Csv } else { Kind::Text })
        }
        _ => None,
    };
    if found == Some(named) {
        return Ok(named);
    }
    let textual = matches!(named, Kind::Text | Kind::Csv | Kind::Xml);
    let found = match format {
        FileFormat::ArbitraryBinaryData if text.is_text() => "plain text".to_owned(),
        FileFormat::ArbitraryBinaryData | FileFormat::ExtensibleMarkupLanguage
            if textual && !text.is_text() =>
        {
            "not text in UTF-8".to_owned()
        }
        FileFormat::ArbitraryBinaryData => "of no kind that is known here".to_owned(),
        format => format.name().to_owned(),
    };
    Err(Refusal::Kind { extension: extension.to_owned(), found }.into())
}

/// Why a kind was not told.
#[derive(Debug)]
pub(super) enum SniffError {
    Refused(Refusal),
    Read(std::io::Error),
}

impl From<Refusal> for SniffError {
    fn from(refusal: Refusal) -> SniffError {
        SniffError::Refused(refusal)
    }
}

impl From<std::io::Error> for SniffError {
    fn from(error: std::io::Error) -> SniffError {
        SniffError::Read(error)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn text_is_told_the_same_however_it_is_cut(
            bytes in prop_oneof![
                ".{0,60}".prop_map(String::into_bytes),
                prop::collection::vec(any::<u8>(), 0..12),
                ("[a-zé局🜨]{0,20}", any::<u8>()).prop_map(|(text, byte)| {
                    let mut bytes = text.into_bytes();
                    bytes.push(byte);
                    bytes
                }),
            ],
            cuts in prop::collection::vec(1_usize..5, 0..80),
        ) {
            let naive = std::str::from_utf8(&bytes).is_ok_and(|text| text.chars().all(written));
            let mut watch = TextWatch::default();
            let mut rest = bytes.as_slice();
            for cut in cuts {
                let (part, more) = rest.split_at(cut.min(rest.len()));
                watch.see(part);
                rest = more;
            }
            watch.see(rest);
            prop_assert_eq!(watch.is_text(), naive);
        }
    }

    #[test]
    fn kinds_are_known_by_their_codes_and_each_extension_is_one_kinds() {
        let mut extensions = Vec::new();
        for kind in Kind::ALL {
            assert_eq!(Kind::parse(kind.code()), Some(kind));
            for extension in kind.extensions() {
                assert_eq!(Kind::of_extension(extension), Ok(kind));
                extensions.push(*extension);
            }
        }
        extensions.sort_unstable();
        let all = extensions.len();
        extensions.dedup();
        assert_eq!(extensions.len(), all);
        for other in ["zip", "exe", "html", "svg", "docm", "doc", "PDF", ""] {
            assert!(Kind::of_extension(other).is_err(), "{other}");
        }
    }
}
