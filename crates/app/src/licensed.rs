//! What exports and holders' reports are held against: licence lines, and what customs drew down on them.
//!
//! The tie ([`crate::tie`]) and the duties ([`crate::duties`]) know licences by these values alone, however
//! licences are kept. [`Platform::licensed`] is the one place where they come from.
//!
//! A licence that supersedes another took its uses over. What was drawn before it was issued is told under
//! the number of that time, for that is what the filing and the reports name.
//!
//! Everybody's licences are read once; after that those of the holders alone in whose chain of events
//! something of licences came (`Kept`). What time does by itself (a hold that ends, a last day) is worked out
//! of what is in memory. Each is what a fresh reading gives; a test holds them against each other.

use std::collections::{BTreeMap, HashMap};
use std::sync::PoisonError;

use base::{Date, Timestamp};
use jiff::tz::TimeZone;
use licensing::draw_down::{Book, Use, UseKey};
use licensing::duty::Drawn;
use licensing::licence::{Allowance, Line, Standing, zone_find};
use licensing::quantity::Quantity;
use licensing::tie::{DrawnDown, LineKnown, LineStanding};
use store::{Database, LicensingRead};

use crate::licence::{Held, LicenceError, Load, book_of, held, of_holder};
use crate::platform::{DATABASE_FILE, Platform, PlatformError};

/// Whose licences are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose<'a> {
    /// Everybody's.
    All,
    /// Those of a holder, `scheme:value`.
    Of(&'a str),
}

/// Licence lines, and what was drawn on them.
#[derive(Debug, Clone, Default)]
pub struct Licensed {
    /// The licence lines that there are; nothing where they are not kept here.
    pub lines: Option<Vec<LineKnown>>,
    /// What customs drew down; nothing where it does not tell: then a missing draw-down is no finding.
    pub drawn: Option<Vec<DrawnDown>>,
    /// The day on which the first licence on record was issued: what was exported before is held against
    /// none, since licences of that time are not here.
    pub since: Option<Date>,
}

impl Licensed {
    /// The draw-downs as the duties know them, of one holder.
    #[must_use]
    pub fn drawn_by(&self, holder: &str) -> Vec<Drawn> {
        let of = self.drawn.iter().flatten().filter(|of| of.holder == holder);
        of.map(|of| Drawn {
            licence: of.licence.clone(),
            line: of.line.clone(),
            declaration: of.declaration.clone(),
            day: of.day,
            quantities: of.quantities.clone(),
        })
        .collect()
    }
}

/// Everybody's licences in memory, as far as the log goes.
#[derive(Debug)]
pub(crate) struct Kept {
    /// What came to the log up to here is in it.
    log_index: u64,
    /// The latest instant that was asked about: sums of holds are those of then.
    at: Timestamp,
    holders: BTreeMap<[u8; 16], OfHolder>,
    reader: Option<Database>,
}

impl Default for Kept {
    fn default() -> Kept {
        Kept {
            log_index: 0,
            at: Timestamp::from_us(i64::MIN),
            holders: BTreeMap::new(),
            reader: None,
        }
    }
}

/// The licences of a holder, without the uses that hold nothing, and what was drawn on them.
#[derive(Debug)]
struct OfHolder {
    books: Vec<Book>,
    drawn: Vec<DrawnDown>,
}

impl OfHolder {
    fn read(read: &LicensingRead<'_>, all: Vec<Held>) -> Result<OfHolder, LicenceError> {
        let by: HashMap<&str, &Held> =
            all.iter().map(|of| (of.licence.number.as_str(), of)).collect();
        let (mut books, mut drawn) = (Vec::new(), Vec::new());
        for of in &all {
            let mut book = book_of(read, of, Load::All)?;
            let uses = book.uses.iter().filter(|(_, one)| one.used());
            drawn.extend(uses.filter_map(|(key, one)| drawn_down(&by, of, key, one)));
            book.shed();
            books.push(book);
        }
        Ok(OfHolder { books, drawn })
    }
}

/// The day on which the first licence on record was issued.
fn since(read: &LicensingRead<'_>) -> Result<Option<Date>, LicenceError> {
    let first = read.licence_first_us()?.and_then(|us| jiff::Timestamp::from_microsecond(us).ok());
    Ok(first.map(|first| TimeZone::UTC.to_datetime(first).date()))
}

/// Lines and draw-downs of holders at an instant, in order.
fn answer<'k>(
    since: Option<Date>,
    holders: impl Iterator<Item = &'k mut OfHolder>,
    at: Timestamp,
) -> Licensed {
    if since.is_none() {
        return Licensed::default();
    }
    let (mut lines, mut drawn) = (Vec::new(), Vec::new());
    for of in holders {
        for book in &mut of.books {
            book.advance(at.us());
            lines.extend(book.licence.lines.iter().map(|line| line_known(book, line, at)));
        }
        drawn.extend(of.drawn.iter().cloned());
    }
    lines.sort_by(|a, b| a.licence.cmp(&b.licence));
    drawn.sort_by(|a: &DrawnDown, b: &DrawnDown| {
        let left = (a.day, &a.declaration, &a.line, &a.licence);
        left.cmp(&(b.day, &b.declaration, &b.line, &b.licence))
    });
    Licensed { lines: Some(lines), drawn: Some(drawn), since }
}

impl Platform {
    /// Licence lines and draw-downs as they stand at an instant. Where no licence was ever issued, neither
    /// is kept, and nothing is held against them.
    ///
    /// # Errors
    /// [`LicenceError`] where the database refuses or what it holds cannot be read back.
    pub fn licensed(&self, whose: Whose<'_>, at: Timestamp) -> Result<Licensed, LicenceError> {
        let Whose::Of(holder) = whose else { return Ok(self.licensed_all(at)?.0) };
        let reader = self.reader();
        let read = reader.licensing();
        let mut own = OfHolder::read(&read, of_holder(&read, holder)?)?;
        let since = since(&read)?;
        Ok(answer(since, std::iter::once(&mut own), at))
    }

    /// Everybody's, and of how many holders something was read anew.
    fn licensed_all(&self, at: Timestamp) -> Result<(Licensed, usize), LicenceError> {
        let mut kept = self.inner.licensed.lock().unwrap_or_else(PoisonError::into_inner);
        if at < kept.at {
            // Time does not go back in what is kept.
            *kept = Kept::default();
        }
        // On a connection of its own: the first reading takes seconds where there are a hundred thousand
        // licences, and pages do not wait for it.
        let reader = match kept.reader.take() {
            Some(reader) => reader,
            None => Database::open_read(&self.dir().join(DATABASE_FILE))?,
        };
        let read = reader.licensing();
        // First the head: what comes meanwhile is read now and again the next time.
        let head = reader.head()?.log_index;
        let changed = read.licence_owners(kept.log_index)?;
        for owner_id in &changed {
            let all: Result<Vec<Held>, LicenceError> =
                read.licences_of(*owner_id)?.into_iter().map(held).collect();
            kept.holders.insert(*owner_id, OfHolder::read(&read, all?)?);
        }
        (kept.log_index, kept.at) = (head, at);
        let since = since(&read)?;
        kept.reader = Some(reader);
        Ok((answer(since, kept.holders.values_mut(), at), changed.len()))
    }

    /// A number that differs from an earlier one where [`Platform::licensed`] would give something else.
    ///
    /// # Errors
    /// [`PlatformError`] where the database refuses.
    pub fn licensed_stamp(&self) -> Result<u64, PlatformError> {
        Ok(self.reader().head()?.log_index)
    }
}

fn line_known(book: &Book, line: &Line, at: Timestamp) -> LineKnown {
    let standing = match book.standing_by_events(at.us()) {
        Standing::InForce | Standing::NotYetValid => LineStanding::InForce,
        Standing::Suspended => LineStanding::Suspended,
        Standing::NotIssued
        | Standing::Revoked
        | Standing::Surrendered
        | Standing::Superseded { .. }
        | Standing::Closed
        | Standing::Expired
        | Standing::Exhausted => LineStanding::Ended,
    };
    let head = book.heads.get(&line.number);
    let left = line.allowances.iter().enumerate().map(|(place, allowance)| Quantity {
        unit: allowance.quantity.unit.clone(),
        amount: (allowance.ceiling() - head.map_or(0, |head| head.taken(place))).max(0),
    });
    LineKnown {
        licence: format!("{}/{}", book.licence.number, line.number),
        holder: book.licence.holder.clone(),
        valid: (book.licence.valid_from, book.licence.valid_to),
        destinations: [line.destination.clone()].into(),
        standing,
        left: left.collect(),
    }
}

/// The licence and line under which a use was made: those of its time.
fn of_its_time<'b>(
    by: &HashMap<&str, &'b Held>,
    (of, line): (&'b Held, u32),
    at_us: i64,
) -> (&'b str, u32) {
    let (mut of, mut line) = (of, line);
    // A chain of licences is no longer than the licences that there are.
    for _ in 0..by.len() {
        let old = of.licence.supersedes.as_deref().and_then(|number| by.get(number));
        let old_line = of.licence.line(line).and_then(|line| line.continues);
        match (old, old_line) {
            (Some(old), Some(before)) if at_us < of.record.issued_at_us => {
                (of, line) = (old, before)
            }
            _ => break,
        }
    }
    (&of.licence.number, line)
}

fn drawn_down(by: &HashMap<&str, &Held>, of: &Held, key: &UseKey, one: &Use) -> Option<DrawnDown> {
    let at_us = one.base.iter().chain(&one.parts).map(|report| report.at).min()?;
    let zone = zone_find(&of.licence.terms.zone)?;
    let instant = jiff::Timestamp::from_microsecond(at_us).ok()?;
    let line = of.licence.line(key.line)?;
    let (number, of_line) = of_its_time(by, (of, key.line), at_us);
    let amount = |(place, allowance): (usize, &Allowance)| Quantity {
        unit: allowance.quantity.unit.clone(),
        amount: one.drawn(place),
    };
    let quantities = line.allowances.iter().enumerate().map(amount);
    Some(DrawnDown {
        declaration: key.declaration.clone(),
        licence: number.to_owned(),
        line: of_line.to_string(),
        holder: of.licence.holder.clone(),
        day: zone.to_datetime(instant).date(),
        quantities: quantities.filter(|of| of.amount > 0).collect(),
        destination: line.destination.clone(),
    })
}

#[cfg(test)]
#[path = "licensed_tests.rs"]
mod tests;
