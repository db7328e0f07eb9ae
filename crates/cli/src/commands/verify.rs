//! `gadolin verify` and `gadolin licence-key`: the proof of what an authority issued, offline, with nothing
//! but its public key; and that key.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use app::signing::Signing;
use formats::paper::{self, DocumentKind, FILE_BYTES_MAX, PaperError, Payload, Proof, PublicKeys};
use serde::Serialize;

use super::{End, Shared};
use crate::output::{Format, json};
use crate::resources::{random, today};

/// The largest key file that is read.
const KEY_FILE_BYTES_MAX: u64 = 1 << 20;

const VERIFY_EXAMPLES: &str = "\
Examples:
  gadolin verify licence.pdf --key authority.pub
  gadolin verify code.txt letter.pdf --key authority-2025.pub --key authority-2026.pub
  zbarcam --raw --oneshot | gadolin verify - --key authority.pub";

const KEY_EXAMPLES: &str = "\
Examples:
  gadolin licence-key > authority.pub
  gadolin licence-key --change > authority.pub";

/// Whether a licence, letter or scanned code is what the authority issued; offline, with its public key
#[derive(Debug, clap::Args)]
#[command(before_help = VERIFY_EXAMPLES)]
pub(crate) struct Verify {
    /// Documents (PDF) and texts of codes; `-` is the standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Files of public keys of the authority, as `gadolin licence-key` wrote them; give the former ones too
    #[arg(long, required = true, num_args = 1.., value_name = "KEYFILE")]
    key: Vec<PathBuf>,
}

/// The public keys with which others verify what this installation issues; the key is made the first time
#[derive(Debug, clap::Args)]
#[command(before_help = KEY_EXAMPLES)]
pub(crate) struct LicenceKey {
    /// Sign with a new key from now on; the former public key stays in the list
    #[arg(long)]
    change: bool,
}

/// What was found out about one file.
#[derive(Serialize)]
struct Found {
    file: String,
    proved: bool,
    /// `licence`, `letter` or `code`; nothing where it is not proved.
    what: Option<&'static str>,
    key: Option<String>,
    /// The form and number of the document.
    kind: Option<DocumentKind>,
    reference: Option<String>,
    licence: Option<Licence>,
    proves: Option<&'static str>,
    does_not_prove: Option<&'static str>,
    error: Option<Refused>,
}

#[derive(Serialize)]
struct Refused {
    code: &'static str,
    message: String,
}

#[derive(Serialize)]
struct Licence {
    authority: String,
    number: String,
    issued_on: String,
    valid_from: String,
    valid_to: String,
    /// Against the date in UTC; the authority's zone may be a day on.
    by_its_dates: &'static str,
    lines_total: u16,
    lines: Vec<Line>,
    #[serde(skip)]
    sentences: String,
}

#[derive(Serialize)]
struct Line {
    number: u16,
    control_codes: Vec<String>,
    quantities: Vec<Amount>,
    destination: String,
}

#[derive(Serialize)]
struct Amount {
    unit: String,
    quantity: String,
}

#[derive(Serialize)]
struct Report {
    verified: bool,
    files: Vec<Found>,
}

#[derive(Serialize)]
struct Keys {
    /// The key that signs.
    key: String,
    /// All that verify, this one first.
    keys: Vec<String>,
    text: String,
}

const OF_A_LICENCE: &str = "the authority with this key issued this file, and no byte of it was changed: its pages, its attached data and its code are as issued";
const OF_A_LETTER: &str = "the authority with this key issued this file, and no byte of it was changed: its pages and its attached data are as issued";
const OF_A_CODE: &str =
    "the authority with this key issued a licence with this number, these dates and these lines";
const NOT_OF_A_FILE: &str = "what happened since: whether the licence was suspended, revoked or replaced, and how much of it is left; nor that a print of it shows the same";
const NOT_OF_A_CODE: &str = "anything else on the paper that shows this code; nor what happened since: whether the licence was suspended, revoked or replaced, and how much of it is left";
const NOT_OF_A_LETTER: &str =
    "what happened since: whether the decision was changed; nor that a print of it shows the same";

impl Verify {
    pub(crate) fn run(self, shared: &Shared) -> anyhow::Result<End> {
        if self.files.iter().filter(|path| path.as_os_str() == "-").count() > 1 {
            bail!("`-` can be given once: the standard input is read to its end");
        }
        let mut keys = PublicKeys::default();
        for path in &self.key {
            let bytes = bounded(path, KEY_FILE_BYTES_MAX)?;
            let text = String::from_utf8_lossy(&bytes);
            let read = PublicKeys::read(&text);
            keys = keys.and(read.with_context(|| path.display().to_string())?);
        }
        let mut files = Vec::new();
        for path in &self.files {
            let bytes = bounded(path, FILE_BYTES_MAX)?;
            files.push(Found::of(path.display().to_string(), paper::verify(&bytes, &keys)));
        }
        let verified = files.iter().all(|file| file.proved);
        let report = Report { verified, files };
        if Format::or_default(shared.format) == Format::Json {
            json(&report)?;
        } else {
            let mut out = std::io::stdout().lock();
            for file in &report.files {
                out.write_all(file.sentences().as_bytes())?;
            }
        }
        Ok(if verified { End::Done } else { End::Failed })
    }
}

/// Reads a file, or the standard input, of at most so many bytes.
fn bounded(path: &Path, bytes_max: u64) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = |mut from: Box<dyn Read>, bytes: &mut Vec<u8>| {
        from.by_ref().take(bytes_max + 1).read_to_end(bytes)
    };
    if path.as_os_str() == "-" {
        read(Box::new(std::io::stdin().lock()), &mut bytes)?;
    } else {
        let file = File::open(path).with_context(|| path.display().to_string())?;
        read(Box::new(file), &mut bytes).with_context(|| path.display().to_string())?;
    }
    if bytes.len() as u64 > bytes_max {
        bail!("`{}` has more than {bytes_max} bytes, which no such file has", path.display());
    }
    Ok(bytes)
}

impl Found {
    fn of(file: String, proof: Result<Proof, PaperError>) -> Found {
        let nothing = Found {
            file,
            proved: false,
            what: None,
            key: None,
            kind: None,
            reference: None,
            licence: None,
            proves: None,
            does_not_prove: None,
            error: None,
        };
        match proof {
            Err(error) => Found {
                error: Some(Refused { code: error.code(), message: error.to_string() }),
                ..nothing
            },
            Ok(Proof::Code { payload, key }) => Found {
                proved: true,
                what: Some("code"),
                key: Some(key.to_string()),
                reference: Some(payload.number.clone()),
                licence: Some(Licence::of(&payload)),
                proves: Some(OF_A_CODE),
                does_not_prove: Some(NOT_OF_A_CODE),
                ..nothing
            },
            Ok(Proof::File { document, payload, key }) => {
                let licence = payload.as_ref().map(Licence::of);
                let (what, proves, does_not_prove) = match &licence {
                    Some(_) => ("licence", OF_A_LICENCE, NOT_OF_A_FILE),
                    None => ("letter", OF_A_LETTER, NOT_OF_A_LETTER),
                };
                Found {
                    proved: true,
                    what: Some(what),
                    key: Some(key.to_string()),
                    kind: Some(document.kind),
                    reference: Some(document.reference),
                    licence,
                    proves: Some(proves),
                    does_not_prove: Some(does_not_prove),
                    ..nothing
                }
            }
        }
    }

    fn sentences(&self) -> String {
        let mut text = String::new();
        if let Some(error) = &self.error {
            let _ = writeln!(text, "{}: not proved: {}", self.file, error.message);
            return text;
        }
        let key = self.key.as_deref().unwrap_or_default();
        let _ = writeln!(text, "{}: as signed with key {key}", self.file);
        match (&self.licence, &self.reference) {
            (Some(licence), _) => {
                text.push_str(&licence.sentences);
                let _ = writeln!(text, "by its dates (UTC): {}", licence.by_its_dates);
            }
            (None, Some(reference)) => {
                let _ = writeln!(text, "letter {reference}");
            }
            (None, None) => {}
        }
        for (begin, what) in [("proves", self.proves), ("does not prove", self.does_not_prove)] {
            if let Some(what) = what {
                let _ = writeln!(text, "{begin}: {what}");
            }
        }
        text
    }
}

impl Licence {
    fn of(payload: &Payload) -> Licence {
        let today = today();
        let by_its_dates = if today < payload.valid_from {
            "not begun"
        } else if today > payload.valid_to {
            "ended"
        } else {
            "running"
        };
        let line = |line: &paper::PayloadLine| Line {
            number: line.number,
            control_codes: line.control_codes.clone(),
            quantities: line
                .quantities
                .iter()
                .map(|q| Amount { unit: q.unit.to_string(), quantity: q.to_string() })
                .collect(),
            destination: line.destination.clone(),
        };
        Licence {
            authority: payload.authority.clone(),
            number: payload.number.clone(),
            issued_on: payload.issued_on.to_string(),
            valid_from: payload.valid_from.to_string(),
            valid_to: payload.valid_to.to_string(),
            by_its_dates,
            lines_total: payload.lines_total,
            lines: payload.lines.iter().map(line).collect(),
            sentences: payload.sentences(),
        }
    }
}

impl LicenceKey {
    pub(crate) fn run(self, shared: &Shared) -> anyhow::Result<End> {
        let mut signing = Signing::open(&shared.data, random()?)?;
        if self.change {
            signing = signing.change(&shared.data, random()?)?;
        }
        // The text is what others are given; JSON only where it is asked for.
        if shared.format == Some(Format::Json) {
            let keys = signing.public_keys().ids().iter().map(ToString::to_string).collect();
            json(&Keys { key: signing.id().to_string(), keys, text: signing.public_text() })?;
        } else {
            print!("{}", signing.public_text());
        }
        Ok(End::Done)
    }
}
