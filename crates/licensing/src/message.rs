//! A message of customs about one use of one line, as it is written and as it is read.
//!
//! Everything that is wrong with a message is told at once, each fault with a stable code and the part of
//! the message that it is about. What cannot be read is never guessed at.

use base::Timestamp;
use serde::{Deserialize, Serialize};

use crate::licence::PartyNamed;
use crate::quantity::{Quantity, QuantityError, Unit};

/// Characters of a text of a message at most.
const TEXT_MAX: usize = 200;
/// Characters of an identifier of a message at most.
const KEY_MAX: usize = 64;
/// Quantities of a message at most.
const QUANTITIES_MAX: usize = 16;

/// What customs wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Deed {
    /// Would it fit? Changes nothing.
    Check,
    /// Hold the quantity until it leaves.
    Reserve,
    /// It has been used.
    Commit,
    /// What was held is not needed.
    Release,
    /// What was reported as used was wrong; this is right.
    Correct,
}

impl Deed {
    const ALL: [Deed; 5] = [Deed::Check, Deed::Reserve, Deed::Commit, Deed::Release, Deed::Correct];

    /// Its stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Deed::Check => "check",
            Deed::Reserve => "reserve",
            Deed::Commit => "commit",
            Deed::Release => "release",
            Deed::Correct => "correct",
        }
    }
}

/// How a report counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// All that was used under this line of the declaration so far.
    Absolute,
    /// What came on top.
    Increment,
}

/// Why a message, or what it asks for, is not taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reason {
    /// Stable code.
    pub code: &'static str,
    /// The part of the message that it is about.
    pub part: String,
    /// What is wrong, with what was found in backticks.
    pub message: String,
    /// What would be accepted; empty where nothing would.
    pub accepted: String,
}

impl Reason {
    /// A reason.
    #[must_use]
    pub fn new(
        code: &'static str,
        part: &str,
        message: impl Into<String>,
        accepted: impl Into<String>,
    ) -> Reason {
        Reason { code, part: part.to_owned(), message: message.into(), accepted: accepted.into() }
    }
}

/// A quantity as it is written.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuantityWritten {
    /// Code of the unit: `net_mass`, `content:Dy`, `oxide:Dy`, `pieces`, `value:XTS`.
    pub unit: String,
    /// Digits and at most one decimal point.
    pub amount: String,
    /// `t`, `kg`, `g`, `mg` for a mass; else empty.
    #[serde(default)]
    pub written: String,
}

/// A message as it is written. What is missing reads as empty, so that it can be told.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct MessageWritten {
    /// The border post, or the system, that sends it.
    pub post: String,
    /// Its id, unique for the post.
    pub id: String,
    /// When it was sent (RFC 3339).
    pub sent_at: String,
    /// `check`, `reserve`, `commit`, `release` or `correct`.
    pub deed: String,
    /// `absolute` (default) or `increment`.
    pub measure: String,
    /// Number of the licence.
    pub licence: String,
    /// Number of its line.
    pub line: u32,
    /// Reference of the customs declaration.
    pub declaration: String,
    /// Line (item) of the declaration.
    pub declaration_line: u32,
    /// Key of the good as on the licence.
    pub good: String,
    /// Tariff code declared.
    pub hs: String,
    /// Consignee declared.
    pub consignee: PartyNamed,
    /// End user declared.
    pub end_user: PartyNamed,
    /// Code of the end use declared.
    pub end_use: String,
    /// Country or area of destination declared.
    pub destination: String,
    /// Quantities, each unit of the line once.
    pub quantities: Vec<QuantityWritten>,
    /// When the declaration was accepted (RFC 3339).
    pub declared_at: String,
    /// When customs released the goods (RFC 3339).
    pub released_at: String,
    /// When they left (RFC 3339).
    pub departed_at: String,
    /// Until when a reservation is to hold (RFC 3339); empty: as long as the terms allow.
    pub reserve_until: String,
    /// Id of the offline allotment from which this was drawn.
    pub allotment: String,
}

/// When what happened to the goods, µs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Instants {
    /// Acceptance of the declaration.
    pub declared_us: Option<i64>,
    /// Release.
    pub released_us: Option<i64>,
    /// Departure.
    pub departed_us: Option<i64>,
}

/// The five parts of the cell as declared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Claim {
    /// Key of the good.
    pub good: String,
    /// Tariff code.
    pub hs: String,
    /// Consignee.
    pub consignee: PartyNamed,
    /// End user.
    pub end_user: PartyNamed,
    /// End use.
    pub end_use: String,
    /// Destination.
    pub destination: String,
}

/// A message that could be read. Its serialised form is what counts as "the same message".
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Message {
    /// Who sends it.
    pub post: String,
    /// Its id, unique for the post.
    pub id: String,
    /// When it was sent, µs: of two reports about the same use the later counts, in whatever order they
    /// arrive.
    pub sent_us: i64,
    /// What is wanted.
    pub deed: Deed,
    /// How it counts.
    pub measure: Measure,
    /// Number of the licence.
    pub licence: String,
    /// Number of its line.
    pub line: u32,
    /// Reference of the declaration.
    pub declaration: String,
    /// Its line.
    pub declaration_line: u32,
    /// What is declared.
    pub claim: Claim,
    /// Quantities.
    pub quantities: Vec<Quantity>,
    /// When what happened.
    pub instants: Instants,
    /// Until when a reservation is to hold, µs.
    pub reserve_until_us: Option<i64>,
    /// The offline allotment; empty where there is none.
    pub allotment: String,
}

impl MessageWritten {
    /// Reads it.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn read(self) -> Result<Message, Vec<Reason>> {
        let mut faults = Vec::new();
        let deed = Deed::ALL.into_iter().find(|deed| deed.code() == self.deed);
        if deed.is_none() {
            let accepted = "check, reserve, commit, release or correct";
            faults.push(Reason::new("deed_unknown", "deed", found(&self.deed, "deed"), accepted));
        }
        let measure = match self.measure.as_str() {
            "" | "absolute" => Measure::Absolute,
            "increment" => Measure::Increment,
            other => {
                let accepted = "absolute or increment";
                faults.push(Reason::new(
                    "measure_unknown",
                    "measure",
                    found(other, "measure"),
                    accepted,
                ));
                Measure::Absolute
            }
        };
        for (part, text) in [
            ("post", &self.post),
            ("id", &self.id),
            ("licence", &self.licence),
            ("declaration", &self.declaration),
        ] {
            key_check(part, text, &mut faults);
        }
        if !self.allotment.is_empty() {
            key_check("allotment", &self.allotment, &mut faults);
        }
        for (part, number) in [("line", self.line), ("declaration_line", self.declaration_line)] {
            if number == 0 {
                faults.push(Reason::new(
                    "number_missing",
                    part,
                    format!("`{part}` is missing"),
                    "a number from 1",
                ));
            }
        }
        for (part, text) in [
            ("good", &self.good),
            ("hs", &self.hs),
            ("consignee", &self.consignee.id),
            ("consignee", &self.consignee.name),
            ("consignee", &self.consignee.address),
            ("end_user", &self.end_user.address),
            ("end_user", &self.end_user.id),
            ("end_user", &self.end_user.name),
            ("end_use", &self.end_use),
            ("destination", &self.destination),
        ] {
            if text.chars().count() > TEXT_MAX {
                let message = format!("`{part}` is longer than {TEXT_MAX} characters");
                faults.push(Reason::new("text_long", part, message, "at most 200 characters"));
            }
        }
        let sent_us = instant(&self.sent_at, "sent_at", &mut faults);
        if sent_us.is_none() && self.sent_at.is_empty() {
            faults.push(Reason::new("instant_missing", "sent_at", "`sent_at` is missing", INSTANT));
        }
        let instants = Instants {
            declared_us: instant(&self.declared_at, "declared_at", &mut faults),
            released_us: instant(&self.released_at, "released_at", &mut faults),
            departed_us: instant(&self.departed_at, "departed_at", &mut faults),
        };
        let reserve_until_us = instant(&self.reserve_until, "reserve_until", &mut faults);
        let quantities = quantities_read(&self.quantities, deed, &mut faults);
        match (deed, sent_us) {
            (Some(deed), Some(sent_us)) if faults.is_empty() => Ok(Message {
                post: self.post,
                id: self.id,
                sent_us,
                deed,
                measure,
                licence: self.licence,
                line: self.line,
                declaration: self.declaration,
                declaration_line: self.declaration_line,
                claim: Claim {
                    good: self.good,
                    hs: self.hs.chars().filter(|c| !matches!(c, '.' | ' ')).collect(),
                    consignee: self.consignee,
                    end_user: self.end_user,
                    end_use: self.end_use,
                    destination: self.destination,
                },
                quantities,
                instants,
                reserve_until_us,
                allotment: self.allotment,
            }),
            _ => Err(faults),
        }
    }
}

const INSTANT: &str = "an instant such as 2026-03-01T08:00:00Z";

fn found(text: &str, part: &str) -> String {
    if text.is_empty() {
        format!("`{part}` is missing")
    } else {
        format!("`{}` in `{part}` is not understood", short(text))
    }
}

/// What was found, no longer than one can read.
fn short(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(KEY_MAX).collect()
}

pub(crate) fn key_check(part: &str, text: &str, faults: &mut Vec<Reason>) {
    let plain = |c: char| c.is_ascii_graphic() && c != '`';
    if text.is_empty() || text.len() > KEY_MAX || !text.chars().all(plain) {
        let accepted = "1 to 64 letters, digits and signs of ASCII, no spaces";
        let code = if text.is_empty() { "key_missing" } else { "key_form" };
        faults.push(Reason::new(code, part, found(text, part), accepted));
    }
}

pub(crate) fn instant(text: &str, part: &str, faults: &mut Vec<Reason>) -> Option<i64> {
    if text.is_empty() {
        return None;
    }
    // An instant to the microsecond, never a mere day: what a day means depends on a zone.
    let read = Timestamp::parse(text).filter(|_| text.contains(['T', 't']));
    if read.is_none() {
        faults.push(Reason::new("instant_form", part, found(text, part), INSTANT));
    }
    read.map(Timestamp::us)
}

/// Quantities of which each may be 0.
pub(crate) fn quantities_read_with_zero(
    written: &[QuantityWritten],
    faults: &mut Vec<Reason>,
) -> Vec<Quantity> {
    quantities_read(written, Some(Deed::Correct), faults)
}

fn quantities_read(
    written: &[QuantityWritten],
    deed: Option<Deed>,
    faults: &mut Vec<Reason>,
) -> Vec<Quantity> {
    let mut quantities: Vec<Quantity> = Vec::with_capacity(written.len());
    if written.len() > QUANTITIES_MAX {
        faults.push(Reason::new(
            "quantities_many",
            "quantities",
            "there are more quantities than units",
            "each unit of the line once",
        ));
        return quantities;
    }
    for one in written {
        let part = format!("quantities.{}", short(&one.unit));
        let Some(unit) = Unit::parse(&one.unit) else {
            let accepted =
                "net_mass, content:<element>, oxide:<element>, pieces or value:<currency>";
            faults.push(Reason::new(
                "unit_unknown",
                "quantities",
                found(&one.unit, "unit"),
                accepted,
            ));
            continue;
        };
        if quantities.iter().any(|other| other.unit == unit) {
            faults.push(Reason::new(
                "unit_twice",
                &part,
                format!("`{unit}` stands there twice"),
                "each unit once",
            ));
            continue;
        }
        match Quantity::read(&unit, &one.amount, &one.written) {
            Ok(quantity) => quantities.push(quantity),
            // A use may be corrected to nothing.
            Err(QuantityError::Zero) if deed == Some(Deed::Correct) => {
                quantities.push(Quantity { unit, amount: 0 });
            }
            Err(error) => {
                faults.push(Reason::new(error.code(), &part, error.to_string(), error.accepted()));
            }
        }
    }
    quantities
}
