//! Denied-party and watch lists as their publishers give them, read into [`screening::List`].
//!
//! [`list_read`] recognises the format by content (compressed with gzip or zstd or not), says which it is, and
//! reads record by record; each format has its own module, which names the publisher's specification.
//!
//! Invariants:
//! - Memory is bounded by what the list holds and by [`ListLimits`], whatever the file holds.
//! - Every fault is told with its place, and counted beyond the bound up to which they are told; a record is
//!   never lost silently. A file that ends or breaks in the middle gives [`ListRead::whole`] false, for a
//!   part of a list clears whom the rest names: the caller decides.
//! - XML: no external entities, no document types.

mod bounded;
mod canonical;
mod csl_csv;
mod csl_json;
mod eu_csv;
mod eu_xml;
mod fault;
mod ftm;
mod gather;
mod limits;
mod lines;
mod plain;
mod recognise;
mod sdn_csv;
mod sdn_xml;
mod table;
mod targets;
mod uk_csv;
mod un_xml;
mod words;
mod xml;

use std::io::{self, BufReader, Cursor, Read};

use screening::{List, ListedParty};

pub(crate) use fault::shown;
pub use fault::{ListError, ListFault, Outcome, Place};
pub use gather::Duplicates;
pub use limits::ListLimits;
pub use recognise::ListFormat;
pub use words::{country_code, years};

use crate::error::FormatError;
use crate::limits::Limits;
use crate::source::Source;
use gather::Gather;

/// A file, as a source of its bytes.
pub type File = Box<dyn Read + Send>;

/// The files beside OFAC's `sdn.csv`; of other formats they are not read.
#[derive(Default)]
pub struct Beside {
    /// `alt.csv`, other names.
    pub names: Option<File>,
    /// `add.csv`, addresses.
    pub addresses: Option<File>,
}

/// How a list is read.
#[derive(Debug, Clone, Default)]
pub struct ListSettings {
    /// The code of the list, where the file does not name it and its format is not one publisher's alone.
    pub code: String,
    /// What becomes of a second record with the same id.
    pub duplicates: Duplicates,
    /// Limits.
    pub limits: ListLimits,
}

/// A list with the parties that it speaks of without listing them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadList {
    /// The list.
    pub list: List,
    /// Parties near the listed ones, as those that they own.
    pub related: Vec<ListedParty>,
}

/// What a file gave.
#[derive(Debug, Clone)]
pub struct ListRead {
    /// What was recognised.
    pub format: ListFormat,
    /// The lists, one unless the file holds several.
    pub lists: Vec<ReadList>,
    /// Records read, of all kinds.
    pub records: u64,
    /// Records that are on no list.
    pub left: u64,
    /// Records that were put together with an earlier one of their id.
    pub merged: u64,
    /// The faults that are told, in the order of the file.
    pub faults: Vec<ListFault>,
    /// All faults.
    pub faults_all: u64,
    /// Whether the file was read to its end.
    pub whole: bool,
}

/// Reads a file.
///
/// # Errors
/// Where it cannot be read at all: not a file, empty, of another encoding, of no known format. Faults of its
/// records are no errors but [`ListRead::faults`].
pub fn list_read(
    file: File,
    beside: Beside,
    settings: &ListSettings,
) -> Result<ListRead, ListError> {
    let (head, mut text) = opened(file, settings.limits.head_bytes)?;
    let (format, separator) = recognise::recognise(&head)?;
    let mut gather = Gather::new(settings.limits, settings.duplicates);
    if format == ListFormat::Canonical {
        return Ok(canonical_read(text, settings, gather));
    }
    let target = &mut gather;
    match format {
        ListFormat::Targets => targets::read(text, target),
        ListFormat::FollowTheMoney => ftm::read(text, target),
        ListFormat::SdnXml => sdn_xml::read(text, target),
        ListFormat::ScreeningListCsv => csl_csv::read(text, target),
        ListFormat::ScreeningListJson => {
            if head.starts_with(b"\xef\xbb\xbf") {
                text.read_exact(&mut [0; 3]).map_err(read_failed)?;
            }
            csl_json::read(text, target);
        }
        ListFormat::UnXml => un_xml::read(text, target),
        ListFormat::EuCsv => eu_csv::read(text, target),
        ListFormat::EuXml => eu_xml::read(text, target),
        ListFormat::UkConsolidatedCsv | ListFormat::UkSanctionsCsv => uk_csv::read(text, target),
        ListFormat::Plain => plain::read(text, separator, target),
        ListFormat::Canonical => {}
        ListFormat::SdnCsv => {
            sdn_csv::read(text, target);
            beside_read(beside, target)?;
        }
    }
    let code = format.list_code().map_or_else(|| settings.code.clone(), str::to_owned);
    let (list, related) = gather.finish().list(code);
    Ok(finished(format, vec![ReadList { list, related }], gather))
}

type Text = BufReader<io::Chain<Cursor<Vec<u8>>, Source>>;

fn read_failed(error: io::Error) -> ListError {
    ListError::File(FormatError::Read(error.to_string()))
}

/// The text of a file, and how it begins.
fn opened(file: File, head_bytes: usize) -> Result<(Vec<u8>, Text), ListError> {
    let mut source = Source::open(file, &Limits::default())?;
    let mut head = Vec::with_capacity(head_bytes);
    (&mut source).take(head_bytes as u64).read_to_end(&mut head).map_err(|error| {
        match error.into_inner().map(|inner| inner.downcast::<FormatError>()) {
            Some(Ok(fault)) => ListError::File(*fault),
            Some(Err(other)) => ListError::File(FormatError::Read(other.to_string())),
            None => ListError::File(FormatError::Read("the file could not be read".to_owned())),
        }
    })?;
    let text = BufReader::with_capacity(64 << 10, Cursor::new(head.clone()).chain(source));
    Ok((head, text))
}

fn beside_read(beside: Beside, gather: &mut Gather) -> Result<(), ListError> {
    if let Some(names) = beside.names {
        sdn_csv::read_names(opened(names, 0)?.1, gather);
    }
    if let Some(addresses) = beside.addresses {
        sdn_csv::read_addresses(opened(addresses, 0)?.1, gather);
    }
    Ok(())
}

fn canonical_read(text: Text, settings: &ListSettings, mut gather: Gather) -> ListRead {
    let read = canonical::read(text, settings.limits, settings.duplicates, &mut gather);
    let lists = read.into_iter().map(|(source, gathered)| {
        let code = if source.is_empty() { settings.code.clone() } else { source };
        let (list, related) = gathered.list(code);
        ReadList { list, related }
    });
    let lists = lists.collect();
    finished(ListFormat::Canonical, lists, gather)
}

fn finished(format: ListFormat, lists: Vec<ReadList>, gather: Gather) -> ListRead {
    ListRead {
        format,
        lists,
        records: gather.records,
        left: gather.left,
        merged: gather.merged,
        faults: gather.faults,
        faults_all: gather.faults_all,
        whole: !gather.stopped,
    }
}
