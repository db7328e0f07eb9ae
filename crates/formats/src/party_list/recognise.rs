//! Which format a list has, by its first bytes; never by the name of its file.

use serde_json::Value;

use super::fault::{ListError, shown};
use super::table::Columns;
use super::{csl_csv, eu_csv, plain, sdn_csv, targets, uk_csv};

/// The formats that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ListFormat {
    /// OpenSanctions `targets.simple.csv`.
    Targets,
    /// OpenSanctions `entities.ftm.json`.
    FollowTheMoney,
    /// OFAC `sdn.csv`.
    SdnCsv,
    /// OFAC `sdn.xml`.
    SdnXml,
    /// US Consolidated Screening List, CSV.
    ScreeningListCsv,
    /// US Consolidated Screening List, JSON.
    ScreeningListJson,
    /// UN consolidated list, XML.
    UnXml,
    /// EU consolidated list, CSV.
    EuCsv,
    /// EU consolidated list, XML.
    EuXml,
    /// UK consolidated list of financial sanctions targets, CSV.
    UkConsolidatedCsv,
    /// UK sanctions list, CSV.
    UkSanctionsCsv,
    /// A plain table, with the separator of its fields.
    Plain,
    /// JSON lines with `id` and `names`.
    Canonical,
}

impl ListFormat {
    /// All formats.
    pub const ALL: [ListFormat; 13] = [
        ListFormat::Targets,
        ListFormat::FollowTheMoney,
        ListFormat::SdnCsv,
        ListFormat::SdnXml,
        ListFormat::ScreeningListCsv,
        ListFormat::ScreeningListJson,
        ListFormat::UnXml,
        ListFormat::EuCsv,
        ListFormat::EuXml,
        ListFormat::UkConsolidatedCsv,
        ListFormat::UkSanctionsCsv,
        ListFormat::Plain,
        ListFormat::Canonical,
    ];

    /// What it is called.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            ListFormat::Targets => "OpenSanctions `targets.simple.csv`",
            ListFormat::FollowTheMoney => {
                "FollowTheMoney entities as JSON lines (`entities.ftm.json`)"
            }
            ListFormat::SdnCsv => "OFAC `sdn.csv` (with `alt.csv` and `add.csv` beside it)",
            ListFormat::SdnXml => "OFAC `sdn.xml`",
            ListFormat::ScreeningListCsv => "US Consolidated Screening List as CSV",
            ListFormat::ScreeningListJson => "US Consolidated Screening List as JSON",
            ListFormat::UnXml => "UN consolidated list as XML",
            ListFormat::EuCsv => "EU consolidated list as CSV",
            ListFormat::EuXml => "EU consolidated list as XML",
            ListFormat::UkConsolidatedCsv => {
                "UK consolidated list of financial sanctions targets as CSV"
            }
            ListFormat::UkSanctionsCsv => "UK sanctions list as CSV",
            ListFormat::Plain => "a table with the columns `name`, `aliases`, `country`, `id`",
            ListFormat::Canonical => "JSON lines with `id`, `names` and `source`",
        }
    }

    /// The code of the list that only this publisher has in this format; nothing where many lists have it.
    #[must_use]
    pub fn list_code(self) -> Option<&'static str> {
        match self {
            ListFormat::SdnCsv | ListFormat::SdnXml => Some("us_ofac_sdn"),
            ListFormat::ScreeningListCsv | ListFormat::ScreeningListJson => Some("us_csl"),
            ListFormat::UnXml => Some("un_sc"),
            ListFormat::EuCsv | ListFormat::EuXml => Some("eu_fsf"),
            ListFormat::UkConsolidatedCsv => Some("gb_hmt"),
            ListFormat::UkSanctionsCsv => Some("gb_fcdo"),
            ListFormat::Targets
            | ListFormat::FollowTheMoney
            | ListFormat::Plain
            | ListFormat::Canonical => None,
        }
    }
}

/// The format of a file that begins so, and the separator of its fields.
pub(super) fn recognise(head: &[u8]) -> Result<(ListFormat, u8), ListError> {
    if head.starts_with(&[0xff, 0xfe]) || head.starts_with(&[0xfe, 0xff]) {
        return Err(ListError::Encoding("UTF-16".to_owned()));
    }
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    if text.is_empty() {
        return Err(ListError::Empty);
    }
    let lossy = String::from_utf8_lossy(text);
    let first = lossy.lines().next().unwrap_or_default();
    let unknown = || ListError::Unknown(shown(first));
    match text.first() {
        Some(b'<') => xml(&lossy)?.map(|format| (format, b',')).ok_or_else(unknown),
        Some(b'{' | b'[') => json(first, &lossy).map(|format| (format, b',')).ok_or_else(unknown),
        _ => table(&lossy)?.ok_or_else(unknown),
    }
}

/// By the name of the root element, behind declarations and comments.
fn xml(text: &str) -> Result<Option<ListFormat>, ListError> {
    let mut rest = text;
    loop {
        rest = rest.trim_start();
        let end = if let Some(declaration) = rest.strip_prefix("<?") {
            let declaration = declaration.split("?>").next().unwrap_or_default();
            encoding(declaration)?;
            rest.find("?>").map(|at| at + 2)
        } else if rest.starts_with("<!--") {
            rest.find("-->").map(|at| at + 3)
        } else if rest.get(..9).is_some_and(|start| start.eq_ignore_ascii_case("<!doctype")) {
            return Err(ListError::DocumentType);
        } else {
            break;
        };
        let Some(behind) = end.and_then(|end| rest.get(end..)) else { return Ok(None) };
        rest = behind;
    }
    let Some(tag) = rest.strip_prefix('<') else { return Ok(None) };
    let name = tag.split(|c: char| c.is_whitespace() || matches!(c, '>' | '/')).next();
    let name = name.unwrap_or_default();
    Ok(match name.rsplit(':').next().unwrap_or_default() {
        "sdnList" => Some(ListFormat::SdnXml),
        "CONSOLIDATED_LIST" => Some(ListFormat::UnXml),
        "export" => Some(ListFormat::EuXml),
        _ => None,
    })
}

fn encoding(declaration: &str) -> Result<(), ListError> {
    let Some((_, said)) = declaration.split_once("encoding") else { return Ok(()) };
    let said = said.trim_start_matches([' ', '=', '"', '\'']);
    let name = said.split(['"', '\'', ' ']).next().unwrap_or_default();
    if ["utf-8", "utf8", "us-ascii", "ascii"].contains(&name.to_ascii_lowercase().as_str()) {
        Ok(())
    } else {
        Err(ListError::Encoding(shown(name)))
    }
}

/// By the keys of the first line; by the keys that stand anywhere in the beginning where that line is no object.
fn json(first: &str, head: &str) -> Option<ListFormat> {
    let object = serde_json::from_str::<Value>(first).ok();
    let has = |key: &str| match &object {
        Some(Value::Object(object)) => object.contains_key(key),
        _ => head.contains(&format!("\"{key}\"")),
    };
    if has("schema") && has("properties") {
        Some(ListFormat::FollowTheMoney)
    } else if has("results") {
        Some(ListFormat::ScreeningListJson)
    } else if has("id") && has("names") {
        Some(ListFormat::Canonical)
    } else {
        None
    }
}

/// The fields of a line; the beginning of a file is at most two.
fn fields(line: &str, separator: u8) -> Vec<String> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(separator)
        .from_reader(line.as_bytes());
    let record = reader.records().next().and_then(Result::ok);
    record.map(|record| record.iter().map(str::to_owned).collect()).unwrap_or_default()
}

fn table(text: &str) -> Result<Option<(ListFormat, u8)>, ListError> {
    let mut lines = text.lines();
    let first = lines.next().unwrap_or_default();
    let second = lines.next().unwrap_or_default();
    let columns = |line: &str, separator: u8| {
        let fields = fields(line, separator);
        Columns::new(fields.iter().map(String::as_str))
    };
    let header = columns(first, b',');
    let has = |names: &[&str]| names.iter().all(|name| header.find(&[name]).is_some());
    let semicolons = columns(first, b';');
    if semicolons.find(&eu_csv::ID).is_some() {
        return Ok(Some((ListFormat::EuCsv, b';')));
    }
    if has(&targets::HEADER) {
        return Ok(Some((ListFormat::Targets, b',')));
    }
    if has(&csl_csv::HEADER) {
        return Ok(Some((ListFormat::ScreeningListCsv, b',')));
    }
    for header in [&header, &columns(second, b',')] {
        if header.find(&[uk_csv::NAME]).is_some() {
            if header.find(&[uk_csv::NEW_ID]).is_some() {
                return Ok(Some((ListFormat::UkSanctionsCsv, b',')));
            }
            if header.find(&[uk_csv::OLD_ID]).is_some() {
                return Ok(Some((ListFormat::UkConsolidatedCsv, b',')));
            }
        }
    }
    let row = fields(first, b',');
    let number = |at: usize| {
        row.get(at).is_some_and(|id| {
            let id = id.trim();
            !id.is_empty() && id.bytes().all(|b| b.is_ascii_digit())
        })
    };
    if number(0) {
        return match row.len() {
            sdn_csv::FIELDS => Ok(Some((ListFormat::SdnCsv, b','))),
            sdn_csv::ALT_FIELDS if number(1) => Err(ListError::Beside("other names (`alt.csv`)")),
            sdn_csv::ADD_FIELDS if number(1) => Err(ListError::Beside("addresses (`add.csv`)")),
            _ => Ok(None),
        };
    }
    for (separator, header) in [(b',', header), (b';', semicolons), (b'\t', columns(first, b'\t'))]
    {
        let known = header.find(&plain::KNOWN).is_some() || header.len() == 1;
        if header.find(&["name"]).is_some() && known {
            return Ok(Some((ListFormat::Plain, separator)));
        }
    }
    Ok(None)
}
