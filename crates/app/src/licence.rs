//! Licences on record: issued, changed, superseded, acknowledged, and read.
//!
//! Every change is written in a transaction of the caller's, so that a decision and the licence that comes
//! of it are one: the licence, its event in the log, what customs is to be told, and the audit entry.
//! Whoever draws down learns of a change by the version of the licence (`crate::border`).

use std::collections::BTreeMap;

use base::Timestamp;
use licensing::draw_down::{Allotment, Book, LineHead, Use, UseKey};
use licensing::licence::{Change, Licence, LicenceEvent, LicenceRefusal, Standing, zone_find};
use serde::Serialize;
use store::{
    AllotmentRecord, DrawDownRecord, LicenceRecord, LineRecord, NewAudit, NewParty, StoreError,
};
pub use store::{BorderChange, LicensingChange, LicensingRead};

use crate::platform::{Platform, PlatformError};
use crate::webhooks::licence_messages;

/// Why it was not done.
#[derive(Debug, thiserror::Error)]
pub enum LicenceError {
    /// It may not be.
    #[error(transparent)]
    Refused(#[from] LicenceRefusal),
    /// There is no such licence.
    #[error("there is no licence `{number}`; give the number as printed on it")]
    Unknown {
        /// The number asked for.
        number: String,
    },
    /// The holder is not registered.
    #[error("`{holder}` is no registered party")]
    HolderUnknown {
        /// The holder.
        holder: String,
    },
    /// The number stands on another licence.
    #[error("there is a licence `{number}` already; give another number")]
    NumberTaken {
        /// The number.
        number: String,
    },
    /// There is no such change that customs could acknowledge.
    #[error("there is no change `{seq}`; give the `seq` of one that was sent")]
    ChangeUnknown {
        /// Its number.
        seq: u64,
    },
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The platform.
    #[error(transparent)]
    Platform(#[from] PlatformError),
    /// What is stored cannot be read back.
    #[error("licence `{number}` in the database cannot be read back: {what}")]
    Damaged {
        /// Its number.
        number: String,
        /// What is wrong.
        what: String,
    },
}

impl LicenceError {
    /// The stable code of a refusal; `fault` where it is a fault of ours.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            LicenceError::Refused(refusal) => refusal.code(),
            LicenceError::Unknown { .. } => "licence_unknown",
            LicenceError::HolderUnknown { .. } => "holder_unknown",
            LicenceError::NumberTaken { .. } => "licence_number_taken",
            LicenceError::ChangeUnknown { .. } => "change_unknown",
            LicenceError::Store(_) | LicenceError::Platform(_) | LicenceError::Damaged { .. } => {
                "fault"
            }
        }
    }
}

impl Platform {
    /// Changes cases and licences in one transaction: what `run` refuses leaves nothing behind.
    ///
    /// # Errors
    /// What `run` returns, and [`LicenceError::Platform`] where it was opened to read.
    pub fn licences_change<T>(
        &self,
        run: impl FnMut(&LicensingChange<'_>) -> Result<T, LicenceError>,
    ) -> Result<T, LicenceError> {
        self.aside()?.licensing_change(run)
    }

    /// The last day of each licence of a holder that may be used now or later, or would be but for a
    /// suspension, by number.
    ///
    /// # Errors
    /// [`LicenceError`] where the database refuses.
    pub fn licence_ends(
        &self,
        holder: &str,
        now: Timestamp,
    ) -> Result<Vec<(String, base::Date)>, LicenceError> {
        let reader = self.reader();
        let mut ends = Vec::new();
        for held in of_holder(&reader.licensing(), holder)? {
            let zone = zone_find(&held.licence.terms.zone)
                .ok_or_else(|| damaged(&held.record.number, "its time zone is not known"))?;
            let standing = held.licence.standing(&held.events, now.us(), i64::MAX, &zone);
            if matches!(standing, Standing::NotYetValid | Standing::InForce | Standing::Suspended) {
                ends.push((held.record.number, held.licence.valid_to));
            }
        }
        Ok(ends)
    }
}

/// A licence with its record: what a change starts from.
#[derive(Debug, Clone)]
pub struct Held {
    /// Its record.
    pub record: LicenceRecord,
    /// As it was issued.
    pub licence: Licence,
    /// What happened to it.
    pub events: Vec<LicenceEvent>,
}

/// The stream of a licence in the log.
fn stream(licence: &Licence) -> String {
    format!("licence/{}", licence.id)
}

fn damaged(number: &str, what: impl std::fmt::Display) -> LicenceError {
    LicenceError::Damaged { number: number.to_owned(), what: what.to_string() }
}

pub(crate) fn json<T: Serialize>(number: &str, value: &T) -> Result<String, LicenceError> {
    serde_json::to_string(value).map_err(|error| damaged(number, error))
}

/// Reads a record back.
pub(crate) fn held(record: LicenceRecord) -> Result<Held, LicenceError> {
    let licence = serde_json::from_str(&record.body).map_err(|e| damaged(&record.number, e))?;
    let events = serde_json::from_str(&record.events).map_err(|e| damaged(&record.number, e))?;
    Ok(Held { record, licence, events })
}

/// A licence by its number.
///
/// # Errors
/// [`LicenceError::Unknown`] where there is none.
pub fn find(read: &LicensingRead<'_>, number: &str) -> Result<Held, LicenceError> {
    let unknown = || LicenceError::Unknown { number: number.to_owned() };
    let (owner_id, licence_id) = read.licence_key(number)?.ok_or_else(unknown)?;
    held(read.licence(owner_id, licence_id)?.ok_or_else(unknown)?)
}

/// The licences that come from a case.
///
/// # Errors
/// [`LicenceError`] where the database refuses.
pub fn of_case(
    read: &LicensingRead<'_>,
    owner_id: [u8; 16],
    case: &str,
) -> Result<Vec<Held>, LicenceError> {
    read.licences_of_case(owner_id, case)?.into_iter().map(held).collect()
}

/// The licences of a holder.
///
/// # Errors
/// [`LicenceError`] where the database refuses.
pub fn of_holder(read: &LicensingRead<'_>, holder: &str) -> Result<Vec<Held>, LicenceError> {
    match read.owner(holder)? {
        Some(owner_id) => read.licences_of(owner_id)?.into_iter().map(held).collect(),
        None => Ok(Vec::new()),
    }
}

/// Registers a holder that nobody has registered yet, under a key made of `random`.
///
/// # Errors
/// [`LicenceError`] where the database refuses.
pub fn holder_register(
    change: &LicensingChange<'_>,
    holder: &str,
    random: [u8; 32],
    now: Timestamp,
) -> Result<(), LicenceError> {
    let mut party_id = [0; 16];
    party_id.iter_mut().zip(random).for_each(|(byte, random)| *byte = random);
    Ok(change.party_register(&NewParty { party_id, identifier: holder }, now.us())?)
}

/// Issues a licence, in the transaction of the decision.
///
/// # Errors
/// [`LicenceError`]: what cannot be a licence, a holder that is not registered, a number that is taken.
pub fn issue(
    change: &LicensingChange<'_>,
    licence: &Licence,
    now: Timestamp,
    account: &str,
) -> Result<(), LicenceError> {
    let heads = BTreeMap::new();
    issue_with(change, licence, &heads, now, account)
}

fn issue_with(
    change: &LicensingChange<'_>,
    licence: &Licence,
    heads: &BTreeMap<u32, LineHead>,
    now: Timestamp,
    account: &str,
) -> Result<(), LicenceError> {
    licence.check()?;
    let holder = &licence.holder;
    let owner_id = change
        .read()
        .owner(holder)?
        .ok_or_else(|| LicenceError::HolderUnknown { holder: holder.clone() })?;
    if change.read().licence_key(&licence.number)?.is_some() {
        return Err(LicenceError::NumberTaken { number: licence.number.clone() });
    }
    let event = LicenceEvent {
        effective_at_us: now.us(),
        recorded_at_us: now.us(),
        change: Change::Issued,
        account: account.to_owned(),
    };
    let record = LicenceRecord {
        owner_id,
        licence_id: licence.id.0,
        number: licence.number.clone(),
        holder: holder.clone(),
        case_key: licence.case.clone(),
        issued_at_us: now.us(),
        version: 1,
        body: json(&licence.number, licence)?,
        events: json(&licence.number, &[&event])?,
    };
    let none = LineHead::default();
    let lines: Vec<LineRecord> = licence
        .lines
        .iter()
        .flat_map(|line| {
            let head = heads.get(&line.number).unwrap_or(&none);
            line_records(line, head, now.us())
        })
        .collect();
    change.licence_add(&record, &lines)?;
    crate::screening::licence_note(change, licence, &[], now)?;
    // The event carries the licence itself: the log alone tells what was issued.
    let body =
        format!("{{\"event\":{},\"licence\":{}}}", json(&licence.number, &event)?, record.body);
    change.event(owner_id, &stream(licence), now.us(), body)?;
    tell(change, &record, licence, &event)?;
    forward(change, &record, &event, now)?;
    audit(change, &record, &event, account)
}

/// Tells the webhooks of the holder and of the authority.
fn forward(
    change: &LicensingChange<'_>,
    record: &LicenceRecord,
    event: &LicenceEvent,
    now: Timestamp,
) -> Result<(), LicenceError> {
    let told = (record.number.as_str(), record.version);
    Ok(licence_messages(change, record.owner_id, told, event.change.code(), now)?)
}

/// The rows of a line, one for each unit.
fn line_records(line: &licensing::licence::Line, head: &LineHead, now_us: i64) -> Vec<LineRecord> {
    let at = |amounts: &[i64], place: usize| amounts.get(place).copied().unwrap_or(0);
    let row = |(place, allowance): (usize, &licensing::licence::Allowance)| LineRecord {
        line: line.number,
        place: place as u32,
        unit: allowance.quantity.unit.to_string(),
        quantity: allowance.quantity.amount,
        ceiling: allowance.ceiling(),
        drawn: at(&head.drawn, place),
        held: at(&head.held, place),
        allotted: at(&head.allotted, place),
        excess: at(&head.excess, place),
        as_of_us: now_us,
    };
    line.allowances.iter().enumerate().map(row).collect()
}

/// What is to be done to a licence.
#[derive(Debug, Clone)]
pub struct LicenceChange<'a> {
    /// Its number.
    pub number: &'a str,
    /// What.
    pub change: Change,
    /// From when it has effect; may lie before now.
    pub effective: Timestamp,
    /// Key of the account.
    pub account: &'a str,
}

/// Suspends, reinstates, revokes, takes back, closes a licence, or registers a user with it.
///
/// # Errors
/// [`LicenceRefusal`] where its standing does not allow it. Superseding is [`supersede`].
pub fn change(
    change: &LicensingChange<'_>,
    asked: &LicenceChange<'_>,
    now: Timestamp,
) -> Result<LicenceEvent, LicenceError> {
    let held = find(&change.read(), asked.number)?;
    record(change, held, asked, now)
}

fn record(
    change: &LicensingChange<'_>,
    mut held: Held,
    asked: &LicenceChange<'_>,
    now: Timestamp,
) -> Result<LicenceEvent, LicenceError> {
    let event = LicenceEvent {
        effective_at_us: asked.effective.us(),
        recorded_at_us: now.us(),
        change: asked.change.clone(),
        account: asked.account.to_owned(),
    };
    held.licence.change_check(&held.events, &event)?;
    held.events.push(event.clone());
    held.record.version += 1;
    held.record.events = json(asked.number, &held.events)?;
    change.licence_put(&held.record)?;
    if matches!(event.change, Change::UserRegistered(_)) {
        crate::screening::licence_note(change, &held.licence, &held.events, now)?;
    }
    let body = format!("{{\"event\":{}}}", json(asked.number, &event)?);
    change.event(held.record.owner_id, &stream(&held.licence), now.us(), body)?;
    // That customs has acknowledged is nothing that customs is to be told.
    if event.change != Change::Activated {
        tell(change, &held.record, &held.licence, &event)?;
    }
    forward(change, &held.record, &event, now)?;
    audit(change, &held.record, &event, asked.account)?;
    Ok(event)
}

/// Issues a licence in the place of another: what was drawn, held and allotted goes over to the lines that
/// carry it on, with its declarations; the other is superseded.
///
/// # Errors
/// [`LicenceRefusal`] where a used line is not carried on, or becomes smaller than what was used.
pub fn supersede(
    change: &LicensingChange<'_>,
    old_number: &str,
    licence: &Licence,
    now: Timestamp,
    account: &str,
) -> Result<(), LicenceError> {
    let read = change.read();
    let old = find(&read, old_number)?;
    let (owner_id, old_id) = (old.record.owner_id, old.record.licence_id);
    if old.licence.holder != licence.holder || licence.supersedes.as_deref() != Some(old_number) {
        return Err(LicenceRefusal::Faulty {
            field: "supersedes".to_owned(),
            what: format!("`{}` of `{}`", old_number, old.licence.holder),
            accepted: "the number of a licence of the same holder",
        }
        .into());
    }
    let mut book = book_of(&read, &old, Load::All)?;
    book.advance(now.us());
    let used: Vec<(u32, Vec<i64>)> = book
        .heads
        .iter()
        .map(|(line, head)| (*line, (0..head.drawn.len()).map(|u| head.taken(u)).collect()))
        .collect();
    licence.carries(&old.licence, &used)?;
    let zone = zone_find(&old.licence.terms.zone)
        .ok_or_else(|| damaged(old_number, "its time zone is not known"))?;
    let taken_over = old.licence.in_force_before(&old.events, now.us(), &zone);
    let licence = &Licence { taken_over, ..licence.clone() };
    let mut heads = BTreeMap::new();
    for line in &licence.lines {
        if let Some(head) = line.continues.and_then(|old| book.heads.get(&old)) {
            let excess = vec![0; head.excess.len()];
            heads.insert(line.number, LineHead { excess, ..head.clone() });
        }
    }
    let asked = LicenceChange {
        number: old_number,
        change: Change::Superseded { by: licence.number.clone() },
        effective: now,
        account,
    };
    let before = read.licence_lines(owner_id, old_id)?;
    record(change, old, &asked, now)?;
    issue_with(change, licence, &heads, now, account)?;
    for row in &before {
        let mut after = row.clone();
        (after.drawn, after.held, after.allotted, after.excess) = (0, 0, 0, 0);
        after.as_of_us = row.as_of_us.max(now.us());
        if after != *row {
            change.licence_line_put(owner_id, old_id, row, &after)?;
        }
    }
    for line in &licence.lines {
        let Some(from) = line.continues else { continue };
        change.draw_downs_move(owner_id, (old_id, from), (licence.id.0, line.number))?;
        for allotment in book.allotments.values().filter(|a| a.line == from) {
            change.allotment_remove(owner_id, old_id, &allotment.id)?;
            let moved = Allotment { line: line.number, ..allotment.clone() };
            let body = json(&licence.number, &moved)?;
            let row = AllotmentRecord { allotment_id: moved.id, body };
            change.allotment_put(owner_id, licence.id.0, &row)?;
        }
    }
    Ok(())
}

/// Notes that customs knows of a change. With the first of a licence that licence is active at the border.
///
/// # Errors
/// [`LicenceError::ChangeUnknown`] where there is none with this number.
pub fn acknowledge(
    change: &LicensingChange<'_>,
    seq: u64,
    account: &str,
    now: Timestamp,
) -> Result<(), LicenceError> {
    let told = change.read().border_change(seq)?.ok_or(LicenceError::ChangeUnknown { seq })?;
    if !change.border_change_acknowledge(seq, account, now.us())? {
        return Ok(());
    }
    let held = find(&change.read(), &told.number)?;
    if Licence::active_at_border(&held.events) {
        return Ok(());
    }
    let asked =
        LicenceChange { number: &told.number, change: Change::Activated, effective: now, account };
    match record(change, held, &asked, now) {
        // It has ended meanwhile: that customs knows is noted all the same.
        Ok(_) | Err(LicenceError::Refused(LicenceRefusal::Standing { .. })) => Ok(()),
        Err(error) => Err(error),
    }
}

/// What customs is told of a change: all that it needs to check a declaration.
fn tell(
    change: &LicensingChange<'_>,
    record: &LicenceRecord,
    licence: &Licence,
    event: &LicenceEvent,
) -> Result<(), LicenceError> {
    let body = match event.change {
        Change::Issued => format!(
            "{{\"event\":{},\"licence\":{},\"addresses\":{}}}",
            json(&record.number, event)?,
            json(&record.number, licence)?,
            // In the five lines of older systems; what does not fit says so.
            json(&record.number, &licensing::address::of_licence(licence))?
        ),
        _ => format!("{{\"event\":{}}}", json(&record.number, event)?),
    };
    change.border_change_add(&BorderChange {
        seq: 0,
        owner_id: record.owner_id,
        licence_id: record.licence_id,
        number: record.number.clone(),
        change: event.change.code().to_owned(),
        body,
        at_us: event.recorded_at_us,
        acknowledged_at_us: None,
        acknowledged_by: String::new(),
    })?;
    Ok(())
}

fn audit(
    change: &LicensingChange<'_>,
    record: &LicenceRecord,
    event: &LicenceEvent,
    account: &str,
) -> Result<(), LicenceError> {
    let effective = Timestamp::from_us(event.effective_at_us);
    change.audit(&NewAudit {
        at_us: event.recorded_at_us,
        account,
        action: &format!("licence_{}", event.change.code()),
        subject: &record.holder,
        resource: &format!("licence:{}", record.number),
        detail: &format!("{{\"effective\":\"{effective}\"}}"),
    })?;
    Ok(())
}

/// Which uses to take into memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Load {
    /// Those that hold something; all, where the number of exports is limited.
    Needed,
    /// All.
    All,
}

/// The book of a licence, as of the last change of its sums ([`Book::advance`] moves it on).
///
/// # Errors
/// [`LicenceError`] where the database refuses or what it holds cannot be read back.
pub fn book_of(read: &LicensingRead<'_>, held: &Held, load: Load) -> Result<Book, LicenceError> {
    let (owner_id, licence_id) = (held.record.owner_id, held.record.licence_id);
    let number = &held.record.number;
    let mut heads: BTreeMap<u32, LineHead> = BTreeMap::new();
    for row in read.licence_lines(owner_id, licence_id)? {
        let head = heads.entry(row.line).or_default();
        head.drawn.push(row.drawn);
        head.held.push(row.held);
        head.allotted.push(row.allotted);
        head.excess.push(row.excess);
        head.as_of_us = row.as_of_us;
    }
    let as_of_us = heads.values().map(|head| head.as_of_us).min().unwrap_or(0);
    let mut book = Book::new(held.licence.clone(), held.events.clone(), heads)
        .ok_or_else(|| damaged(number, "its time zone is not known"))?;
    let all = load == Load::All || held.licence.terms.exports_max().is_some();
    let rows = if all {
        read.draw_downs(owner_id, licence_id)?
    } else {
        read.draw_downs_held(owner_id, licence_id, as_of_us)?
    };
    for row in rows {
        let (key, one) = use_of(number, row)?;
        book.take_in(key, one);
    }
    for row in read.allotments(owner_id, licence_id)? {
        let allotment: Allotment =
            serde_json::from_str(&row.body).map_err(|error| damaged(number, error))?;
        book.allotments.insert(row.allotment_id, allotment);
    }
    Ok(book)
}

/// A use as it is stored.
pub(crate) fn use_of(number: &str, row: DrawDownRecord) -> Result<(UseKey, Use), LicenceError> {
    let one = serde_json::from_str(&row.state).map_err(|error| damaged(number, error))?;
    let key = UseKey {
        line: row.line,
        declaration: row.declaration,
        declaration_line: row.declaration_line,
    };
    Ok((key, one))
}

/// What stands of one use of a line: the declaration and its line; nothing where nobody has reported it.
///
/// # Errors
/// [`LicenceError`] where the database refuses or what it holds cannot be read back.
pub fn use_find(
    read: &LicensingRead<'_>,
    held: &Held,
    key: &UseKey,
) -> Result<Option<Use>, LicenceError> {
    let (owner_id, licence_id) = (held.record.owner_id, held.record.licence_id);
    let at = (key.line, key.declaration.as_str(), key.declaration_line);
    let row = read.draw_down(owner_id, licence_id, at)?;
    row.map(|row| use_of(&held.record.number, row).map(|(_, one)| one)).transpose()
}

/// A licence as a page or a program of customs sees it at an instant.
#[derive(Debug, Clone)]
pub struct LicenceView {
    /// The licence with its events.
    pub held: Held,
    /// What it is good for.
    pub standing: Standing,
    /// Whether customs has acknowledged it.
    pub active_at_border: bool,
    /// Changes that customs has not acknowledged.
    pub changes_open: u32,
    /// Sums and uses, as of the instant.
    pub book: Book,
}

/// A licence as it stands at an instant.
///
/// # Errors
/// [`LicenceError::Unknown`] where there is none.
pub fn view(
    read: &LicensingRead<'_>,
    number: &str,
    now: Timestamp,
    load: Load,
) -> Result<LicenceView, LicenceError> {
    let held = find(read, number)?;
    let mut book = book_of(read, &held, load)?;
    book.advance(now.us());
    Ok(LicenceView {
        standing: book.standing(now.us()),
        active_at_border: Licence::active_at_border(&held.events),
        changes_open: read.border_changes_open(held.record.owner_id, held.record.licence_id)?,
        held,
        book,
    })
}

/// Checks all licences: their events against the log, their sums against the uses and allotments, the
/// digests of the border's events against its messages. One sentence each; empty is clean.
///
/// # Errors
/// [`LicenceError`] where the database refuses.
pub fn fsck(read: &LicensingRead<'_>) -> Result<Vec<String>, LicenceError> {
    let mut wrong = Vec::new();
    read.licences_all(|record| {
        let number = record.number.clone();
        match check_one(read, record, &mut wrong) {
            Err(LicenceError::Store(error)) => Err(LicenceError::Store(error)),
            Err(error) => {
                wrong.push(format!("licence {number}: {error}"));
                Ok(())
            }
            Ok(()) => Ok(()),
        }
    })?;
    crate::border::check_events(read, &mut wrong)?;
    Ok(wrong)
}

fn check_one(
    read: &LicensingRead<'_>,
    record: LicenceRecord,
    wrong: &mut Vec<String>,
) -> Result<(), LicenceError> {
    let held = held(record)?;
    let number = &held.record.number;
    let key = (held.record.owner_id, held.record.licence_id);
    if read.licence_key(number)? != Some(key) {
        wrong.push(format!("licence {number}: its number leads elsewhere"));
    }
    let mut logged = Vec::new();
    for body in read.events(key.0, &stream(&held.licence))? {
        let value: serde_json::Value =
            serde_json::from_str(&body).map_err(|error| damaged(number, error))?;
        if let Some(licence) = value.get("licence") {
            let issued: Licence =
                serde_json::from_value(licence.clone()).map_err(|error| damaged(number, error))?;
            if issued != held.licence {
                wrong.push(format!("licence {number} differs from what was issued"));
            }
        }
        let event = value.get("event").cloned().unwrap_or_default();
        let event: LicenceEvent =
            serde_json::from_value(event).map_err(|error| damaged(number, error))?;
        logged.push(event);
    }
    if logged != held.events || held.events.len() != held.record.version as usize {
        wrong.push(format!("licence {number}: its events differ from those of the log"));
    }
    if !held.licence.case.is_empty() && read.case(&held.licence.case)?.is_none() {
        wrong.push(format!(
            "licence {number} comes from case {}, which is not there",
            held.licence.case
        ));
    }
    let book = book_of(read, &held, Load::All)?;
    for line in &held.licence.lines {
        let Some(head) = book.heads.get(&line.number) else {
            wrong.push(format!("licence {number}: line {} has no sums", line.number));
            continue;
        };
        for (place, allowance) in line.allowances.iter().enumerate() {
            let of_line = book.uses.iter().filter(|(key, _)| key.line == line.number);
            let (drawn, held_sum) = of_line.fold((0, 0), |sum, (_, one)| {
                (sum.0 + one.drawn(place), sum.1 + one.held(place, head.as_of_us))
            });
            let allotted: i64 = book
                .allotments
                .values()
                .filter(|a| a.line == line.number)
                .map(|a| a.left(place))
                .sum();
            let get = |amounts: &[i64]| amounts.get(place).copied();
            let sums = (get(&head.drawn), get(&head.held), get(&head.allotted));
            if sums != (Some(drawn), Some(held_sum), Some(allotted)) {
                wrong.push(format!(
                    "licence {number}, line {}: the sums in {} are not those of its uses",
                    line.number, allowance.quantity.unit
                ));
            }
            let excess = get(&head.excess).unwrap_or(0);
            if drawn + held_sum + allotted > allowance.ceiling() + excess {
                wrong.push(format!(
                    "licence {number}, line {}: more {} is taken than licensed",
                    line.number, allowance.quantity.unit
                ));
            }
        }
    }
    Ok(())
}
