//! The border: one writer draws all licences down, many commands in one durable transaction.
//!
//! Commands wait in a queue of bounded length. The writer takes those that wait, decides each in memory
//! ([`licensing::draw_down::Book`]), writes their effects, their answers, one event for each holder and
//! one audit entry for each holder and account in one transaction (`synchronous=FULL`), and only then
//! answers them all: the disk is waited for once, not once for each.
//!
//! INVARIANTS: what is in memory is a copy of what the database holds; within the transaction, where
//! nobody else writes, each licence's version is compared first, and what was changed elsewhere is read
//! anew. Whatever goes wrong, memory is forgotten, and the callers get a fault, never a wrong answer. A
//! command that makes a group fail is found by trying each alone, so that it blocks no other.

use std::collections::{BTreeMap, HashMap};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock};

use base::Timestamp;
use crossbeam_channel::{Receiver, Sender, TrySendError};
use licensing::draw_down::{Allotment, Answer, Book, UseKey};
use licensing::message::{Deed, Message, Reason};
use sha2::{Digest, Sha256};
use store::{
    AllotmentRecord, Database, DrawDownRecord, LicensingChange, LicensingRead, LineRecord,
    MessageRecord, NewAudit,
};

use crate::import::hex;
use crate::licence::{LicenceError, Load, book_of, held, json, use_of};
use crate::platform::{DATABASE_FILE, Platform};

/// Commands that wait at most: at ten thousand a second a tenth of a second's worth.
pub const WAITING_MAX: usize = 1024;
/// Commands of one transaction at most, so that the first of them does not wait for long.
const GROUP_MAX: usize = 256;
/// Licences in memory at most; beyond it all are forgotten and read anew as they are used.
const LICENCES_MAX: usize = 1024;
/// Uses of a licence in memory at most, beside those that hold something.
const USES_MAX: usize = 65_536;
/// Memory of the writer for pages of the database, MiB: some hundred thousand uses and ids.
const PAGES_MIB: u32 = 64;
/// The stream of the border in the log.
const STREAM: &str = "border";

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BorderError {
    /// As many commands wait as may.
    #[error("too many messages wait; send it again in a second")]
    Busy,
    /// A fault of ours: nothing is known about the effect; the same message may be sent again.
    #[error("the border's writer failed: {0}")]
    Fault(String),
}

/// What a caller gets for each of its messages: the answer as JSON.
pub type Told = Result<Vec<String>, BorderError>;

/// Takes the answers when they are durable.
pub type Reply = Box<dyn FnOnce(Told) + Send>;

/// What is asked of the writer.
enum Wish {
    /// Messages of customs, one after the other.
    Messages(Vec<Message>),
    /// Gives a quantity to a post to draw while it is cut off.
    Allot {
        /// Number of the licence.
        number: String,
        /// What is given.
        allotment: Allotment,
    },
    /// A post has reported everything.
    Reconcile {
        /// Number of the licence.
        number: String,
        /// The allotment.
        id: String,
        /// The post.
        post: String,
    },
}

struct Command {
    wish: Wish,
    account: String,
    reply: Reply,
}

/// A handle on the border; clones share it.
#[derive(Clone)]
pub struct Border {
    inner: Arc<Inner>,
}

struct Inner {
    path: PathBuf,
    now: fn() -> Timestamp,
    hash_key: [u8; 16],
    commands: OnceLock<Sender<Command>>,
    start: Mutex<()>,
    reader: Mutex<Option<Database>>,
    checks: RwLock<Checks>,
}

/// What the public was told, as long as nothing has changed.
#[derive(Default)]
struct Checks {
    /// [`store::licensing_changes`] before they were read.
    changes: u64,
    /// By number; a licence has one code.
    answers: HashMap<String, CheckKept>,
}

struct CheckKept {
    code: String,
    /// Said of the instants in between, µs.
    from_us: i64,
    until_us: i64,
    answer: Arc<str>,
}

/// Answers to the public that are kept at most.
const CHECKS_MAX: usize = 10_000;
/// How long such an answer is kept, µs, were there no other reason to ask anew.
const CHECK_KEPT_US: i64 = 60_000_000;

impl Border {
    /// The border of a platform; the writer starts with the first command.
    #[must_use]
    pub fn new(platform: &Platform, now: fn() -> Timestamp) -> Border {
        Border {
            inner: Arc::new(Inner {
                path: platform.dir().join(DATABASE_FILE),
                now,
                hash_key: platform.inner.hash_key,
                commands: OnceLock::new(),
                start: Mutex::default(),
                reader: Mutex::default(),
                checks: RwLock::default(),
            }),
        }
    }

    /// Tells messages; `reply` gets their answers when they are durable.
    ///
    /// # Errors
    /// [`BorderError::Busy`] where too many wait; then nothing of it is done.
    pub fn tell(
        &self,
        messages: Vec<Message>,
        account: &str,
        reply: Reply,
    ) -> Result<(), BorderError> {
        self.send(Wish::Messages(messages), account, reply)
    }

    /// Gives a quantity of a licence's line to a border post to draw while it is cut off.
    ///
    /// # Errors
    /// [`BorderError::Busy`] where too many wait.
    pub fn allot(
        &self,
        number: &str,
        allotment: Allotment,
        account: &str,
        reply: Reply,
    ) -> Result<(), BorderError> {
        self.send(Wish::Allot { number: number.to_owned(), allotment }, account, reply)
    }

    /// Closes an allotment of a post that has reported everything.
    ///
    /// # Errors
    /// [`BorderError::Busy`] where too many wait.
    pub fn reconcile(
        &self,
        number: &str,
        (id, post): (&str, &str),
        account: &str,
        reply: Reply,
    ) -> Result<(), BorderError> {
        let (number, id, post) = (number.to_owned(), id.to_owned(), post.to_owned());
        self.send(Wish::Reconcile { number, id, post }, account, reply)
    }

    fn send(&self, wish: Wish, account: &str, reply: Reply) -> Result<(), BorderError> {
        let commands = self.commands()?;
        let command = Command { wish, account: account.to_owned(), reply };
        commands.try_send(command).map_err(|error| match error {
            TrySendError::Full(_) => BorderError::Busy,
            TrySendError::Disconnected(_) => BorderError::Fault("it has stopped".to_owned()),
        })
    }

    fn commands(&self) -> Result<&Sender<Command>, BorderError> {
        if let Some(commands) = self.inner.commands.get() {
            return Ok(commands);
        }
        let fault = |error: &dyn std::fmt::Display| BorderError::Fault(error.to_string());
        let _start = self.inner.start.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(commands) = self.inner.commands.get() {
            return Ok(commands);
        }
        let database = Database::open(&self.inner.path).map_err(|e| fault(&e))?;
        database.pages_keep(PAGES_MIB).map_err(|e| fault(&e))?;
        let (sender, receiver) = crossbeam_channel::bounded(WAITING_MAX);
        let clerk = Clerk { database, now: self.inner.now, hot: Hot::default() };
        std::thread::Builder::new()
            .name("border".to_owned())
            .spawn(move || clerk.run(&receiver))
            .map_err(|e| fault(&e))?;
        Ok(self.inner.commands.get_or_init(|| sender))
    }

    /// Reads on the border's own connection.
    ///
    /// # Errors
    /// What `read` returns, and where the database cannot be opened.
    pub fn read<T>(
        &self,
        read: impl FnOnce(&LicensingRead<'_>) -> Result<T, LicenceError>,
    ) -> Result<T, LicenceError> {
        let mut reader = self.inner.reader.lock().unwrap_or_else(PoisonError::into_inner);
        if reader.is_none() {
            *reader = Some(Database::open_read(&self.inner.path)?);
        }
        match reader.as_ref() {
            Some(database) => read(&database.licensing()),
            None => Err(LicenceError::Unknown { number: String::new() }),
        }
    }

    /// The code that is printed on a licence beside its number, so that nobody learns of licences by
    /// guessing numbers: ten letters and digits, from the secret of the installation.
    #[must_use]
    pub fn check_code(&self, number: &str) -> String {
        const LETTERS: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
        let mut sha = Sha256::new();
        sha.update(b"check a licence\0");
        sha.update(self.inner.hash_key);
        sha.update(number.as_bytes());
        let letter = |byte: &u8| char::from(LETTERS[usize::from(byte % 32)]);
        sha.finalize().iter().take(10).map(letter).collect()
    }

    /// What everybody may know of a licence whose number and code he has, as JSON: whether it is in force,
    /// until when, and its kind. Nothing where number or code are wrong.
    ///
    /// # Errors
    /// [`LicenceError`] where the database refuses.
    pub fn check(&self, number: &str, code: &str) -> Result<Option<Arc<str>>, LicenceError> {
        let (now, changes) = ((self.inner.now)(), store::licensing_changes());
        {
            let checks = self.inner.checks.read().unwrap_or_else(PoisonError::into_inner);
            if checks.changes == changes
                && let Some(kept) = checks.answers.get(number)
                && kept.code == code
                && (kept.from_us..kept.until_us).contains(&now.us())
            {
                return Ok(Some(kept.answer.clone()));
            }
        }
        if self.check_code(number) != code {
            return Ok(None);
        }
        let view = match self.read(|read| crate::licence::view(read, number, now, Load::Needed)) {
            Ok(view) => view,
            Err(LicenceError::Unknown { .. }) => return Ok(None),
            Err(error) => return Err(error),
        };
        let answer: Arc<str> = check_answer(&view, number)?.into();
        // Kept until it could turn by itself, and a minute at most: then it is in the log again that
        // somebody has asked.
        let kept = CheckKept {
            code: code.to_owned(),
            from_us: now.us(),
            until_us: view.book.turns_after(now.us()).min(now.us() + CHECK_KEPT_US),
            answer: answer.clone(),
        };
        let mut checks = self.inner.checks.write().unwrap_or_else(PoisonError::into_inner);
        if checks.changes != changes || checks.answers.len() >= CHECKS_MAX {
            checks.answers.clear();
            checks.changes = changes;
        }
        checks.answers.insert(number.to_owned(), kept);
        Ok(Some(answer))
    }
}

impl std::fmt::Debug for Border {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Border").field("path", &self.inner.path).finish_non_exhaustive()
    }
}

/// What the public is told.
#[derive(serde::Serialize)]
struct CheckAnswer<'a> {
    number: &'a str,
    in_force: bool,
    kind: &'a str,
    valid_to: String,
}

fn check_answer(view: &crate::licence::LicenceView, number: &str) -> Result<String, LicenceError> {
    let licence = &view.held.licence;
    let answer = CheckAnswer {
        number,
        in_force: view.standing == licensing::licence::Standing::InForce,
        kind: &licence.kind,
        valid_to: licence.valid_to.to_string(),
    };
    json(number, &answer)
}

/// The writer.
struct Clerk {
    database: Database,
    now: fn() -> Timestamp,
    hot: Hot,
}

/// What the writer has in memory.
#[derive(Default)]
struct Hot {
    /// Holder and key of a licence, by number; these never change.
    keys: HashMap<String, ([u8; 16], [u8; 16])>,
    /// By key of the licence.
    licences: HashMap<[u8; 16], HotLicence>,
    /// Counts the groups.
    group: u64,
}

struct HotLicence {
    owner_id: [u8; 16],
    holder: String,
    version: u32,
    book: Book,
    /// The sums as they stand in the database.
    rows: Vec<LineRecord>,
    /// The group in which its version was compared.
    seen: u64,
}

impl Clerk {
    fn run(mut self, commands: &Receiver<Command>) {
        while let Ok(first) = commands.recv() {
            let mut group = vec![first];
            while group.len() < GROUP_MAX {
                match commands.try_recv() {
                    Ok(command) => group.push(command),
                    Err(_) => break,
                }
            }
            self.answer(group);
        }
    }

    /// Does a group and answers it; where it fails, each command alone.
    fn answer(&mut self, group: Vec<Command>) {
        let wishes: Vec<(&Wish, &str)> =
            group.iter().map(|command| (&command.wish, command.account.as_str())).collect();
        let told = self.attempt(&wishes);
        let told: Vec<Told> = match told {
            Ok(told) => told.into_iter().map(Ok).collect(),
            Err(error) if wishes.len() == 1 => vec![Err(error)],
            Err(_) => wishes
                .iter()
                .map(|wish| {
                    let told = self.attempt(std::slice::from_ref(wish))?;
                    told.into_iter().next().ok_or_else(|| BorderError::Fault(String::new()))
                })
                .collect(),
        };
        for (command, told) in group.into_iter().zip(told) {
            (command.reply)(told);
        }
    }

    /// Does a group; where it fails, memory is forgotten.
    fn attempt(&mut self, wishes: &[(&Wish, &str)]) -> Result<Vec<Vec<String>>, BorderError> {
        let tried = catch_unwind(AssertUnwindSafe(|| self.write(wishes)));
        let fault = match tried {
            Ok(Ok(told)) => return Ok(told),
            Ok(Err(error)) => error.to_string(),
            Err(_) => "it panicked".to_owned(),
        };
        self.hot = Hot { group: self.hot.group, ..Hot::default() };
        Err(BorderError::Fault(fault))
    }

    fn write(&mut self, wishes: &[(&Wish, &str)]) -> Result<Vec<Vec<String>>, LicenceError> {
        let (hot, now) = (&mut self.hot, self.now);
        hot.group += 1;
        if hot.licences.len() >= LICENCES_MAX || hot.keys.len() >= 16 * LICENCES_MAX {
            (hot.licences, hot.keys) = (HashMap::new(), HashMap::new());
        }
        self.database.licensing_change(|change| {
            // Time that is read under the lock never runs behind what another writer has written.
            let mut desk =
                Desk { change, hot, now: now(), messages: Vec::new(), allotments: Vec::new() };
            let told: Result<Vec<Vec<String>>, LicenceError> =
                wishes.iter().map(|(wish, account)| desk.one(wish, account)).collect();
            let told = told?;
            desk.finish()?;
            Ok(told)
        })
    }
}

/// One group on its way.
struct Desk<'d> {
    change: &'d LicensingChange<'d>,
    hot: &'d mut Hot,
    now: Timestamp,
    /// Messages to be recorded, with their licence and account.
    messages: Vec<(MessageRecord, Option<[u8; 16]>, String)>,
    /// Licences whose allotments changed, with what to say of it and the account.
    allotments: Vec<([u8; 16], String, String)>,
}

impl Desk<'_> {
    fn one(&mut self, wish: &Wish, account: &str) -> Result<Vec<String>, LicenceError> {
        match wish {
            Wish::Messages(messages) => {
                messages.iter().map(|message| self.message(message, account)).collect()
            }
            Wish::Allot { number, allotment } => {
                let done = |book: &mut Book, now| book.allot(allotment.clone(), now);
                Ok(vec![self.allotment(number, &allotment.id, account, done)?])
            }
            Wish::Reconcile { number, id, post } => {
                let done = |book: &mut Book, now| book.reconcile(id, post, now);
                Ok(vec![self.allotment(number, id, account, done)?])
            }
        }
    }

    fn message(&mut self, message: &Message, account: &str) -> Result<String, LicenceError> {
        let body = json(&message.licence, message)?;
        let digest: [u8; 32] = Sha256::digest(body.as_bytes()).into();
        let checks = message.deed == Deed::Check;
        if !checks && let Some((before, answer)) = self.told_before(message)? {
            let changed = || json(&message.licence, &Answer::changed(&message.id));
            return if before == digest { Ok(answer) } else { changed() };
        }
        let (answer, licence) = match self.licence(&message.licence)? {
            None => (Answer::unknown(&message.licence), None),
            Some(licence_id) => (self.decide(licence_id, message)?, Some(licence_id)),
        };
        let answer = json(&message.licence, &answer)?;
        if !checks {
            let record = MessageRecord {
                post: message.post.clone(),
                message_id: message.id.clone(),
                digest,
                received_at_us: self.now.us(),
                log_index: 0,
                seq: 0,
                message: body,
                answer: answer.clone(),
            };
            self.messages.push((record, licence, account.to_owned()));
        }
        Ok(answer)
    }

    /// How a message with this id was answered, in this group or before.
    fn told_before(&self, message: &Message) -> Result<Option<([u8; 32], String)>, LicenceError> {
        let same =
            |record: &MessageRecord| record.message_id == message.id && record.post == message.post;
        let now = self.messages.iter().find(|(record, _, _)| same(record));
        if let Some((record, _, _)) = now {
            return Ok(Some((record.digest, record.answer.clone())));
        }
        Ok(self.change.read().border_message(&message.post, &message.id)?)
    }

    /// Takes a licence into memory, as it stands in this transaction.
    fn licence(&mut self, number: &str) -> Result<Option<[u8; 16]>, LicenceError> {
        let read = self.change.read();
        let (owner_id, licence_id) = match self.hot.keys.get(number) {
            Some(key) => *key,
            None => match read.licence_key(number)? {
                Some(key) => {
                    self.hot.keys.insert(number.to_owned(), key);
                    key
                }
                None => return Ok(None),
            },
        };
        let group = self.hot.group;
        if let Some(hot) = self.hot.licences.get_mut(&licence_id) {
            if hot.seen == group {
                return Ok(Some(licence_id));
            }
            if read.licence_version(owner_id, licence_id)? == Some(hot.version) {
                hot.seen = group;
                hot.book.prepare(self.now.us());
                if hot.book.uses.len() > USES_MAX {
                    hot.book.shed();
                }
                return Ok(Some(licence_id));
            }
        }
        let unknown = || LicenceError::Unknown { number: number.to_owned() };
        let stored = held(read.licence(owner_id, licence_id)?.ok_or_else(unknown)?)?;
        let mut book = book_of(&read, &stored, Load::Needed)?;
        book.prepare(self.now.us());
        let hot = HotLicence {
            owner_id,
            holder: stored.record.holder,
            version: stored.record.version,
            book,
            rows: read.licence_lines(owner_id, licence_id)?,
            seen: group,
        };
        self.hot.licences.insert(licence_id, hot);
        Ok(Some(licence_id))
    }

    fn hot(&mut self, licence_id: [u8; 16]) -> Result<&mut HotLicence, LicenceError> {
        let unknown = || LicenceError::Unknown { number: String::new() };
        self.hot.licences.get_mut(&licence_id).ok_or_else(unknown)
    }

    fn decide(&mut self, licence_id: [u8; 16], message: &Message) -> Result<Answer, LicenceError> {
        let (change, now_us) = (self.change, self.now.us());
        let hot = self.hot(licence_id)?;
        let key = UseKey {
            line: message.line,
            declaration: message.declaration.clone(),
            declaration_line: message.declaration_line,
        };
        if !hot.book.uses.contains_key(&key) {
            let at = (key.line, key.declaration.as_str(), key.declaration_line);
            if let Some(row) = change.read().draw_down(hot.owner_id, licence_id, at)? {
                let (key, one) = use_of(&message.licence, row)?;
                hot.book.take_in(key, one);
            }
        }
        let (answer, changed) = hot.book.decide(message, now_us);
        if let Some(key) = changed
            && let Some(one) = hot.book.uses.get(&key)
        {
            let row = DrawDownRecord {
                line: key.line,
                declaration: key.declaration,
                declaration_line: key.declaration_line,
                held_until_us: one.held_until(now_us).unwrap_or(0),
                changed_at_us: now_us,
                state: json(&message.licence, one)?,
            };
            change.draw_down_put(hot.owner_id, licence_id, &row)?;
            if !message.allotment.is_empty() {
                self.allotment_write(licence_id, &message.allotment)?;
            }
        }
        Ok(answer)
    }

    fn allotment(
        &mut self,
        number: &str,
        id: &str,
        account: &str,
        done: impl FnOnce(&mut Book, i64) -> Result<(), Vec<Reason>>,
    ) -> Result<String, LicenceError> {
        let now_us = self.now.us();
        let Some(licence_id) = self.licence(number)? else {
            return json(number, &Answer::unknown(number));
        };
        let answer = match done(&mut self.hot(licence_id)?.book, now_us) {
            Err(reasons) => Answer::refused(reasons),
            Ok(()) => {
                self.allotment_write(licence_id, id)?;
                let said = format!("allotment:{id}");
                self.allotments.push((licence_id, said, account.to_owned()));
                Answer::accepted()
            }
        };
        json(number, &answer)
    }

    fn allotment_write(&mut self, licence_id: [u8; 16], id: &str) -> Result<(), LicenceError> {
        let change = self.change;
        let hot = self.hot(licence_id)?;
        if let Some(allotment) = hot.book.allotments.get(id) {
            let body = json(id, allotment)?;
            let row = AllotmentRecord { allotment_id: id.to_owned(), body };
            change.allotment_put(hot.owner_id, licence_id, &row)?;
        }
        Ok(())
    }

    /// Writes the sums, the events, the messages and the audit entries of the group.
    fn finish(mut self) -> Result<(), LicenceError> {
        self.sums()?;
        let mut owners: BTreeMap<[u8; 16], Vec<usize>> = BTreeMap::new();
        for (position, (_, licence, _)) in self.messages.iter().enumerate() {
            if let Some(hot) = licence.and_then(|id| self.hot.licences.get(&id)) {
                owners.entry(hot.owner_id).or_default().push(position);
            }
        }
        let mut last = self.change.read().border_message_last()?;
        for (owner_id, positions) in owners {
            self.event(owner_id, &positions, last + 1)?;
            last += positions.len() as u64;
        }
        // What is about no licence comes after.
        for (record, _, _) in self.messages.iter_mut().filter(|(record, _, _)| record.seq == 0) {
            last += 1;
            record.seq = last;
        }
        self.messages.sort_by_key(|(record, _, _)| record.seq);
        for (record, _, _) in &self.messages {
            self.change.border_message_add(record)?;
        }
        for (licence_id, said, account) in std::mem::take(&mut self.allotments) {
            let (owner_id, holder) = {
                let hot = self.hot(licence_id)?;
                (hot.owner_id, hot.holder.clone())
            };
            let now_us = self.now.us();
            let body = json(&said, &serde_json::json!({ "allotment": said }))?;
            self.change.event(owner_id, "allotment", now_us, body.clone())?;
            self.change.audit(&NewAudit {
                at_us: now_us,
                account: &account,
                action: "licence_allotted",
                subject: &holder,
                resource: &said,
                detail: &body,
            })?;
        }
        Ok(())
    }

    /// Moves the sums of the licences of this group from what the database holds to what memory holds.
    fn sums(&mut self) -> Result<(), LicenceError> {
        let group = self.hot.group;
        for (licence_id, hot) in &mut self.hot.licences {
            if hot.seen != group {
                continue;
            }
            for row in &mut hot.rows {
                let Some(head) = hot.book.heads.get(&row.line) else { continue };
                let at = |amounts: &[i64]| amounts.get(row.place as usize).copied().unwrap_or(0);
                let mut after = row.clone();
                (after.drawn, after.held) = (at(&head.drawn), at(&head.held));
                (after.allotted, after.excess) = (at(&head.allotted), at(&head.excess));
                // Where something was held, the instant of the sum moves with it: a hold may have ended and
                // another of the same size begun.
                if after != *row || (row.held > 0 && row.as_of_us != head.as_of_us) {
                    after.as_of_us = head.as_of_us;
                    self.change.licence_line_put(hot.owner_id, *licence_id, row, &after)?;
                    *row = after;
                }
            }
        }
        Ok(())
    }

    /// Records the event of a holder's messages, the first of which gets a number, and who sent them.
    fn event(
        &mut self,
        owner_id: [u8; 16],
        positions: &[usize],
        first: u64,
    ) -> Result<(), LicenceError> {
        let mut sha = Sha256::new();
        let mut senders: BTreeMap<(String, [u8; 16]), u64> = BTreeMap::new();
        for position in positions {
            let Some((record, licence, account)) = self.messages.get(*position) else { continue };
            sha.update(record.digest);
            *senders.entry((account.clone(), licence.unwrap_or_default())).or_default() += 1;
        }
        let digest = hex(&sha.finalize());
        let covers = Covers { digest, first, messages: positions.len() as u64 };
        let body = json(STREAM, &covers)?;
        let recorded = self.change.event(owner_id, STREAM, self.now.us(), body)?;
        for (seq, position) in (first..).zip(positions) {
            if let Some((record, _, _)) = self.messages.get_mut(*position) {
                (record.log_index, record.seq) = (recorded.log_index, seq);
            }
        }
        for ((account, licence_id), count) in senders {
            let Some(hot) = self.hot.licences.get(&licence_id) else { continue };
            self.change.audit(&NewAudit {
                at_us: self.now.us(),
                account: &account,
                action: "licence_drawn_down",
                subject: &hot.holder,
                resource: &format!("licence:{}", hot.book.licence.number),
                detail: &format!("{{\"event\":{},\"messages\":{count}}}", recorded.log_index),
            })?;
        }
        Ok(())
    }
}

/// What an event of the border says: which messages it covers, and their digest.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
struct Covers {
    /// SHA-256 over the digests of the messages, in their order.
    digest: String,
    /// Number of the first.
    first: u64,
    /// How many.
    messages: u64,
}

/// Compares the digests of the border's events with the messages.
pub(crate) fn check_events(
    read: &LicensingRead<'_>,
    wrong: &mut Vec<String>,
) -> Result<(), LicenceError> {
    const PAGE: u32 = 1000;
    let (mut after, mut covered) = (0, 0);
    loop {
        let events = read.border_events(after, PAGE)?;
        let Some((last, _)) = events.last() else { break };
        after = *last;
        for (log_index, body) in &events {
            let covers: Option<Covers> = serde_json::from_str(body).ok();
            let holds = covers.is_some_and(|covers| {
                covered += covers.messages;
                let digests = read.border_digests(*log_index, covers.first, covers.messages);
                digests.is_ok_and(|digests| {
                    let mut sha = Sha256::new();
                    digests.iter().for_each(|digest| sha.update(digest));
                    digests.len() as u64 == covers.messages && hex(&sha.finalize()) == covers.digest
                })
            });
            if !holds {
                wrong.push(format!("event {log_index}: its messages are not those it was made of"));
            }
        }
    }
    let found = read.border_messages_covered()?;
    if found != covered {
        wrong
            .push(format!("{found} messages of customs name an event, and events cover {covered}"));
    }
    Ok(())
}

#[cfg(test)]
#[path = "border_tests.rs"]
mod tests;
