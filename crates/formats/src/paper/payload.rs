//! The code of a licence: what customs and whoever scans it need, signed, small enough for a QR code.
//!
//! Text: `GADOLIN:` and base32 (RFC 4648, capitals, no padding), which a QR code holds in its alphanumeric
//! mode and a person can read out. Bytes, numbers in big-endian order:
//!
//! | bytes | what |
//! | --- | --- |
//! | 1 | version, 1 |
//! | 8 | id of the key |
//! | 1 + n | authority: length and id of its pack |
//! | 1 + n | number of the licence |
//! | 2, 2, 2 | issued on, valid from, valid to: days since 2000-01-01; 65535 as the last: until it is used |
//! | 2, 1 | lines of the licence, and how many of them follow: the first, up to 16 and 400 bytes |
//! | each | number (2), control codes (1, each 1 + n), quantities (1, each: unit 1, and 1 + n where it names something, amount in the unit's smallest part 1 + n), destination (2) |
//! | 32 | SHA-256 of the canonical JSON of the licence |
//! | 64 | Ed25519 signature of all before |
//!
//! No holder, no price and no party: whoever finds the paper learns no more than its face says, and the code
//! says less. It does not say whether the licence was suspended since, or how much of it is left.
//!
//! INVARIANT: one text for one payload. Each text that is read writes itself again; every other is refused.

use std::fmt::Write as _;

use base::time::Date;
use data_encoding::BASE32_NOPAD;
use licensing::grant::day_without_end;
use licensing::quantity::{AMOUNT_MAX, Quantity, Unit};

use super::key::{Purpose, SIGNATURE_BYTES};
use super::{KeyId, PaperError, PublicKeys, SigningKey};

/// What a code begins with.
pub const PREFIX: &str = "GADOLIN:";
/// How many lines a code carries at most; a licence with more says so, and its document has them all.
pub const CODE_LINES_MAX: usize = 16;
/// How many bytes they take at most; one line always fits.
const LINES_BYTES_MAX: usize = 400;
/// Control codes, and quantities, of one line.
const PARTS_MAX: usize = 8;
/// The longest text of a code.
pub const CODE_CHARS_MAX: usize = 2048;
const VERSION: u8 = 1;
const AUTHORITY_BYTES_MAX: usize = 16;
const NUMBER_BYTES_MAX: usize = 40;
const CODE_BYTES_MAX: usize = 32;
const UNIT_BYTES_MAX: usize = 3;
const DIGEST_BYTES: usize = 32;
/// How a code writes the last day of a licence that has none ([`day_without_end`]).
const WITHOUT_END: u16 = u16::MAX;
/// The first day that a code can name.
const EPOCH: Date = jiff::civil::date(2000, 1, 1);

/// What the code of a licence says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payload {
    /// The authority: id of its pack.
    pub authority: String,
    /// Number of the licence.
    pub number: String,
    /// The day of issue.
    pub issued_on: Date,
    /// The first day on which it holds.
    pub valid_from: Date,
    /// The last day on which it holds, inclusive; [`day_without_end`] where it has none.
    pub valid_to: Date,
    /// How many lines the licence has.
    pub lines_total: u16,
    /// The first of them, as many as a code carries.
    pub lines: Vec<PayloadLine>,
    /// SHA-256 of the canonical JSON of the licence ([`super::Document::canonical_json`]).
    pub digest: [u8; 32],
}

/// A line of a licence, in its code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PayloadLine {
    /// Its number in the licence.
    pub number: u16,
    /// Codes of the control list.
    pub control_codes: Vec<String>,
    /// How much, in each unit.
    pub quantities: Vec<Quantity>,
    /// Country of destination, ISO 3166-1 alpha-2.
    pub destination: String,
}

impl Payload {
    /// The signed text of it, for a QR code.
    ///
    /// # Errors
    /// [`PaperError::Content`] where something does not fit into a code.
    pub fn sign(&self, key: &SigningKey) -> Result<String, PaperError> {
        let mut bytes = self.encode(key.public().id())?;
        bytes.extend(key.sign(Purpose::Payload, &bytes));
        Ok(format!("{PREFIX}{}", BASE32_NOPAD.encode(&bytes)))
    }

    /// Reads and verifies a text; what it says and the key that signed it.
    ///
    /// # Errors
    /// [`PaperError::PayloadForm`] where it is not exactly what [`Payload::sign`] writes,
    /// [`PaperError::KeyUnknown`] and [`PaperError::SignatureWrong`] where it is not signed by `keys`.
    pub fn verify(text: &str, keys: &PublicKeys) -> Result<(Payload, KeyId), PaperError> {
        let form = PaperError::PayloadForm;
        if text.len() > CODE_CHARS_MAX {
            return Err(form("it is too long"));
        }
        let digits = text.strip_prefix(PREFIX).ok_or(form("it does not begin with `GADOLIN:`"))?;
        let bytes = BASE32_NOPAD
            .decode(digits.as_bytes())
            .map_err(|_| form("it is not base32 in capitals without padding"))?;
        let signed = bytes.len().checked_sub(SIGNATURE_BYTES).ok_or(form("it is cut off"))?;
        let (signed, signature) = bytes.split_at(signed);
        let signature: [u8; SIGNATURE_BYTES] =
            signature.try_into().map_err(|_| form("it is cut off"))?;
        let (payload, id) = decode(signed)?;
        keys.verify(id, Purpose::Payload, signed, &signature)?;
        // INVARIANT: whatever a later form of the encoding allows, only what we write is read.
        if payload.encode(id).as_deref() != Ok(signed) {
            return Err(form("it is not written as codes are"));
        }
        Ok((payload, id))
    }

    /// Checks what does not fit into a code, so that a licence is refused before it is signed.
    fn check(&self) -> Result<(), PaperError> {
        let wrong = PaperError::content;
        if !id_like(&self.authority, AUTHORITY_BYTES_MAX) {
            return Err(wrong("authority", "write 1 to 16 of a-z, 0-9, `_` and `-`"));
        }
        if !token(&self.number, NUMBER_BYTES_MAX) {
            return Err(wrong("reference", "write 1 to 40 of A-Z, a-z, 0-9 and `-./_`"));
        }
        if self.valid_to < self.valid_from {
            return Err(wrong("valid_to", "the last day is before the first"));
        }
        let lines = self.lines.len();
        if lines == 0 || lines > usize::from(self.lines_total) || lines_fit(&self.lines) < lines {
            return Err(wrong("lines", "a code carries the first ones, up to 16 and 400 bytes"));
        }
        self.lines.iter().try_for_each(PayloadLine::check)
    }

    fn encode(&self, key: KeyId) -> Result<Vec<u8>, PaperError> {
        self.check()?;
        let mut bytes = vec![VERSION];
        bytes.extend(key.0);
        text_write(&mut bytes, &self.authority);
        text_write(&mut bytes, &self.number);
        for day in [self.issued_on, self.valid_from] {
            bytes.extend(day_number(day)?.to_be_bytes());
        }
        let without_end = self.valid_to == day_without_end();
        let last = if without_end { WITHOUT_END } else { day_number(self.valid_to)? };
        bytes.extend(last.to_be_bytes());
        bytes.extend(self.lines_total.to_be_bytes());
        bytes.push(self.lines.len() as u8);
        for line in &self.lines {
            line.encode(&mut bytes);
        }
        bytes.extend(self.digest);
        Ok(bytes)
    }

    /// The facts of it in a few plain lines, for a terminal.
    #[must_use]
    pub fn sentences(&self) -> String {
        let Payload { number, authority, issued_on, valid_from, valid_to, .. } = self;
        let until = if *valid_to == day_without_end() {
            "until it is used".to_owned()
        } else {
            format!("to {valid_to} inclusive")
        };
        let mut text = format!(
            "licence {number} of `{authority}`, issued on {issued_on}, valid from {valid_from} {until}\n"
        );
        for line in &self.lines {
            let PayloadLine { number, control_codes, quantities, destination } = line;
            let _ = write!(text, "  line {number}: ");
            for code in control_codes {
                let _ = write!(text, "{code}, ");
            }
            for quantity in quantities {
                let _ = write!(text, "{quantity} ({}), ", quantity.unit);
            }
            let _ = writeln!(text, "to {destination}");
        }
        let more = usize::from(self.lines_total).saturating_sub(self.lines.len());
        if more > 0 {
            let _ = writeln!(text, "  and {more} more lines, which the document has");
        }
        text
    }
}

impl PayloadLine {
    fn check(&self) -> Result<(), PaperError> {
        let wrong = PaperError::content;
        if self.control_codes.len() > PARTS_MAX {
            return Err(wrong("control_code", "a line has at most 8"));
        }
        if !self.control_codes.iter().all(|code| token(code, CODE_BYTES_MAX)) {
            return Err(wrong("control_code", "write 1 to 32 of A-Z, a-z, 0-9 and `-./_`"));
        }
        if !(1..=PARTS_MAX).contains(&self.quantities.len()) {
            return Err(wrong("quantity", "a line has 1 to 8"));
        }
        if !self.quantities.iter().all(|q| (1..=AMOUNT_MAX).contains(&q.amount)) {
            return Err(wrong("quantity", "an amount above 0 and at most 9,000,000 t"));
        }
        let country = self.destination.as_bytes();
        if country.len() != 2 || !country.iter().all(u8::is_ascii_uppercase) {
            return Err(wrong("destination", "write two capital letters"));
        }
        Ok(())
    }

    fn encode(&self, bytes: &mut Vec<u8>) {
        bytes.extend(self.number.to_be_bytes());
        bytes.push(self.control_codes.len() as u8);
        for code in &self.control_codes {
            text_write(bytes, code);
        }
        bytes.push(self.quantities.len() as u8);
        for quantity in &self.quantities {
            let (kind, name) = unit_parts(&quantity.unit);
            bytes.push(kind);
            if let Some(name) = name {
                text_write(bytes, name);
            }
            let amount = quantity.amount.to_be_bytes();
            let first = amount.iter().position(|byte| *byte != 0).unwrap_or(amount.len());
            let amount = amount.get(first..).unwrap_or_default();
            bytes.push(amount.len() as u8);
            bytes.extend(amount);
        }
        bytes.extend(self.destination.as_bytes());
    }
}

/// How many of the lines a code carries.
pub(super) fn lines_fit(lines: &[PayloadLine]) -> usize {
    let mut bytes = Vec::new();
    let fits = |line: &&PayloadLine| {
        line.encode(&mut bytes);
        bytes.len() <= LINES_BYTES_MAX
    };
    // One that is too long by itself is refused by its parts.
    lines.iter().take(CODE_LINES_MAX).take_while(fits).count().max(lines.len().min(1))
}

/// The number of a day since [`EPOCH`].
fn day_number(day: Date) -> Result<u16, PaperError> {
    let days = EPOCH.until((jiff::Unit::Day, day)).map(|span| span.get_days()).unwrap_or(-1);
    let number = u16::try_from(days).ok().filter(|number| *number != WITHOUT_END);
    number.ok_or(PaperError::content("date", "a code names days from 2000 to June 2179"))
}

fn day_of(number: u16) -> Option<Date> {
    EPOCH.checked_add(jiff::Span::new().days(i64::from(number))).ok()
}

fn unit_parts(unit: &Unit) -> (u8, Option<&str>) {
    match unit {
        Unit::NetMass => (0, None),
        Unit::Content(element) => (1, Some(element)),
        Unit::Oxide(element) => (2, Some(element)),
        Unit::Pieces => (3, None),
        Unit::Value(currency) => (4, Some(currency)),
    }
}

fn id_like(text: &str, bytes_max: usize) -> bool {
    let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'_' | b'-');
    (1..=bytes_max).contains(&text.len()) && text.bytes().all(allowed)
}

fn token(text: &str, bytes_max: usize) -> bool {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'/' | b'_');
    (1..=bytes_max).contains(&text.len()) && text.bytes().all(allowed)
}

fn text_write(bytes: &mut Vec<u8>, text: &str) {
    bytes.push(text.len() as u8);
    bytes.extend(text.as_bytes());
}

/// Reads bytes from the front, never beyond the end.
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], PaperError> {
        let (taken, rest) =
            self.0.split_at_checked(count).ok_or(PaperError::PayloadForm("it is cut off"))?;
        self.0 = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], PaperError> {
        self.take(N)?.try_into().map_err(|_| PaperError::PayloadForm("it is cut off"))
    }

    fn byte(&mut self) -> Result<u8, PaperError> {
        Ok(u8::from_be_bytes(self.array()?))
    }

    fn short(&mut self) -> Result<u16, PaperError> {
        Ok(u16::from_be_bytes(self.array()?))
    }

    fn text(&mut self, bytes_max: usize) -> Result<String, PaperError> {
        let count = usize::from(self.byte()?);
        if count > bytes_max {
            return Err(PaperError::PayloadForm("a part of it is too long"));
        }
        let text = str::from_utf8(self.take(count)?);
        text.map(str::to_owned).map_err(|_| PaperError::PayloadForm("a part of it is no text"))
    }

    fn day(&mut self) -> Result<Date, PaperError> {
        let number = Some(self.short()?).filter(|number| *number != WITHOUT_END);
        number.and_then(day_of).ok_or(PaperError::PayloadForm("a day of it is out of range"))
    }

    fn unit(&mut self) -> Result<Unit, PaperError> {
        let kind = self.byte()?;
        let code = match kind {
            0 => "net_mass".to_owned(),
            1 => format!("content:{}", self.text(UNIT_BYTES_MAX)?),
            2 => format!("oxide:{}", self.text(UNIT_BYTES_MAX)?),
            3 => "pieces".to_owned(),
            4 => format!("value:{}", self.text(UNIT_BYTES_MAX)?),
            _ => String::new(),
        };
        Unit::parse(&code).ok_or(PaperError::PayloadForm("a unit of it is not known"))
    }

    fn amount(&mut self) -> Result<i64, PaperError> {
        let form = PaperError::PayloadForm("an amount of it is not in its form");
        let count = usize::from(self.byte()?);
        if !(1..=8).contains(&count) {
            return Err(form);
        }
        let digits = self.take(count)?;
        let mut bytes = [0; 8];
        bytes.iter_mut().rev().zip(digits.iter().rev()).for_each(|(to, from)| *to = *from);
        let amount = i64::from_be_bytes(bytes);
        let canonical = digits.first() != Some(&0) && (1..=AMOUNT_MAX).contains(&amount);
        if canonical { Ok(amount) } else { Err(form) }
    }

    fn line(&mut self) -> Result<PayloadLine, PaperError> {
        let number = self.short()?;
        let control_codes = self.many(|bytes| bytes.text(CODE_BYTES_MAX))?;
        let quantities = self.many(|bytes| {
            let unit = bytes.unit()?;
            Ok(Quantity { unit, amount: bytes.amount()? })
        })?;
        let country: [u8; 2] = self.array()?;
        let destination = country.map(char::from).iter().collect();
        Ok(PayloadLine { number, control_codes, quantities, destination })
    }

    fn many<T>(
        &mut self,
        mut part: impl FnMut(&mut Bytes<'a>) -> Result<T, PaperError>,
    ) -> Result<Vec<T>, PaperError> {
        let count = usize::from(self.byte()?);
        if count > PARTS_MAX {
            return Err(PaperError::PayloadForm("a line of it has too many parts"));
        }
        (0..count).map(|_| part(self)).collect()
    }
}

fn decode(signed: &[u8]) -> Result<(Payload, KeyId), PaperError> {
    let mut bytes = Bytes(signed);
    if bytes.byte()? != VERSION {
        return Err(PaperError::PayloadForm("its version is not known; this program knows 1"));
    }
    let key = KeyId(bytes.array()?);
    let authority = bytes.text(AUTHORITY_BYTES_MAX)?;
    let number = bytes.text(NUMBER_BYTES_MAX)?;
    let (issued_on, valid_from) = (bytes.day()?, bytes.day()?);
    let valid_to = match bytes.short()? {
        WITHOUT_END => day_without_end(),
        number => day_of(number).ok_or(PaperError::PayloadForm("a day of it is out of range"))?,
    };
    let lines_total = bytes.short()?;
    let count = usize::from(bytes.byte()?);
    if count > CODE_LINES_MAX {
        return Err(PaperError::PayloadForm("it has too many lines"));
    }
    let lines = (0..count).map(|_| bytes.line()).collect::<Result<Vec<_>, _>>()?;
    let digest: [u8; DIGEST_BYTES] = bytes.array()?;
    if !bytes.0.is_empty() {
        return Err(PaperError::PayloadForm("something follows after its end"));
    }
    let payload =
        Payload { authority, number, issued_on, valid_from, valid_to, lines_total, lines, digest };
    payload.check().map_err(|_| PaperError::PayloadForm("a part of it is out of range"))?;
    Ok((payload, key))
}
