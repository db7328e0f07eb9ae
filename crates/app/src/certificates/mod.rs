//! Certificates of end users: asked for by an exporter, signed by an end user that has no account.
//!
//! An end user comes by a link: 256 random bits, of which the database has the hash. The link is the end
//! user's only key, so that a wrong, an expired, a withdrawn and a replaced one are all [`Unknown`]; after
//! five wrong codes of the second channel it is over as well. It is kept beyond the signature, so that the end
//! user can read what it signed, take it back, and see where its supplier's case is.
//!
//! INVARIANTS:
//! - each step is an event of the stream `certificate/<id>` in the book of the applicant, with the state that
//!   follows and an entry of the audit in the same transaction;
//! - what an end user is shown holds its own certificate and the state of that one case, and nothing else;
//! - a text is signed as it is worked out in the transaction of the signature: one that was changed meanwhile
//!   is refused.
//!
//! [`Unknown`]: CertificateError::Unknown

mod bound;
mod given;
mod steps;
mod terms;
#[cfg(test)]
mod tests;

use base::Timestamp;
use licensing::certificate::{
    Certificate, CertificateId, Command, Event, FoldError, Means, PartyStated, Purpose, Recorded,
    Refusal, SecondChannel, Signatory, SignedBy, Situation, State, Who, decide,
};
use licensing::{Application, Case, CaseState};
use store::{
    CertificateLinkRecord, CertificateRecord, LicensingChange, LicensingRead, NewAudit, NewJob,
    StoreError,
};

pub(crate) use bound::check;
use bound::{application_of, purpose_there};
pub use bound::{certificates_asked, certificates_bind, differences};
pub use given::{
    Delivery, Fault, GOODS_MAX, Given, GivenGood, GivenParty, GivenQuantity, prefilled, second_of,
};
pub use steps::{
    CertificatesOfCase, EXPORTER_STEPS, GivenCorrection, GivenStep, OFFICER_STEPS, Rests,
    correction_read, purpose_parse, reason_read, rests, signatory_read,
};
pub use terms::{Terms, language_of_country, rule_common, words};

use crate::import::hex;
use crate::jobs::job_id;
use crate::mail::{JOB_KIND, Letter, Mail};
use crate::people::letter::readable;
use crate::people::{By, Moment, secret_hash};
use crate::platform::{Platform, PlatformError};

const DAY_US: i64 = 24 * 3600 * 1_000_000;
/// How long a link is good until it is signed: a company abroad asks its own lawyers.
const LINK_US: i64 = 30 * DAY_US;
/// How long it is kept after what it signed is over: to read it, and to see where the case is.
const KEPT_US: i64 = 30 * DAY_US;
/// How long it is kept where the pack sets no end.
const ENDLESS_US: i64 = 5 * 366 * DAY_US;
/// Wrong codes of the second channel until a link is over.
const TRIES_MAX: u32 = 5;
/// Characters of a code that are told apart when read out (without 0, 1, I, L, O, U).
const CODE_LETTERS: &[u8; 30] = b"23456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Length of a code: 39 bits, of which five are tried.
const CODE_CHARS: usize = 8;

/// Why it is not done.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    /// There is no such certificate or link, or not for this one.
    #[error("there is no such certificate")]
    Unknown,
    /// It is refused.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// What was given cannot be taken: everything at once.
    #[error("{} fields cannot be taken", .0.len())]
    Faults(Vec<Fault>),
    /// The platform could not.
    #[error(transparent)]
    Platform(#[from] PlatformError),
    /// What is kept cannot be read.
    #[error("a certificate that is kept cannot be read: {0}")]
    Kept(String),
}

impl From<StoreError> for CertificateError {
    fn from(error: StoreError) -> CertificateError {
        CertificateError::Platform(error.into())
    }
}

impl From<FoldError> for CertificateError {
    fn from(error: FoldError) -> CertificateError {
        CertificateError::Kept(error.to_string())
    }
}

impl From<serde_json::Error> for CertificateError {
    fn from(error: serde_json::Error) -> CertificateError {
        CertificateError::Kept(error.to_string())
    }
}

/// A link that was made: its texts are shown this once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkMade {
    /// Which certificate.
    pub id: CertificateId,
    /// The text of the link: what stands after `/certificate/`.
    pub link: String,
    /// The code of the second channel.
    pub code: Option<String>,
    /// Until when it works.
    pub until: Timestamp,
}

/// Who signs by a link, as the end user gives it.
#[derive(Debug, Clone)]
pub struct LinkSignature<'a> {
    /// Who.
    pub signatory: &'a Signatory,
    /// SHA-256 of the text that it saw, hexadecimal.
    pub seen: &'a str,
    /// Language of that text.
    pub language: &'a str,
    /// The code of the second channel; empty where none is asked.
    pub code: &'a str,
}

/// What an end user sees of the case that its certificate is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CaseSeen {
    /// Not handed in yet.
    Written,
    /// Received.
    Received,
    /// Under review.
    Review,
    /// Decided: how, is the applicant's to tell.
    Decided,
    /// No longer open, without a decision.
    Ended,
}

impl CaseSeen {
    /// Its stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            CaseSeen::Written => "written",
            CaseSeen::Received => "received",
            CaseSeen::Review => "review",
            CaseSeen::Decided => "decided",
            CaseSeen::Ended => "ended",
        }
    }
}

/// The id of a certificate as addresses have it.
#[must_use]
pub fn id_text(id: &CertificateId) -> String {
    hex(id)
}

/// The id of an address.
#[must_use]
pub fn id_parse(text: &str) -> Option<CertificateId> {
    crate::jobs::job_id_parse(text).or_else(|| {
        let bytes = text.as_bytes();
        let mut id = [0; 16];
        if bytes.len() != 32 {
            return None;
        }
        for (byte, pair) in id.iter_mut().zip(bytes.chunks(2)) {
            *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
        }
        Some(id)
    })
}

fn stream(id: &CertificateId) -> String {
    format!("certificate/{}", hex(id))
}

fn kept(record: &CertificateRecord) -> Result<Certificate, CertificateError> {
    Ok(serde_json::from_str(&record.body)?)
}

fn code_hash(id: &CertificateId, code: &str) -> [u8; 32] {
    let code = code.trim().to_ascii_uppercase().replace(['-', ' '], "");
    secret_hash(&format!("{}/{code}", hex(id)))
}

/// Writes an event, its entry of the audit and what follows from it.
fn record(
    change: &LicensingChange<'_>,
    before: Option<&Certificate>,
    (owner_id, after): ([u8; 16], &Certificate),
    recorded: &Recorded,
) -> Result<(), CertificateError> {
    let body = serde_json::to_string(recorded)?;
    change.event(owner_id, &stream(&after.id), recorded.at_us, body)?;
    let row = CertificateRecord {
        owner_id,
        certificate_id: after.id,
        applicant: after.applicant.clone(),
        purpose: after.purpose.code(),
        asked_at_us: after.asked_at_us,
        version: after.version,
        body: serde_json::to_string(after)?,
    };
    match before {
        None => change.certificate_add(&row)?,
        Some(before) => change.certificate_put(&row, before.version)?,
    }
    let detail = match recorded.acting_for.as_str() {
        "" => "{}".to_owned(),
        acting_for => serde_json::json!({ "acting_for": acting_for }).to_string(),
    };
    change.audit(&NewAudit {
        at_us: recorded.at_us,
        account: &recorded.account,
        action: &format!("certificate_{}", recorded.event.code()),
        subject: &after.applicant,
        resource: &format!("certificate:{}", hex(&after.id)),
        detail: &detail,
    })?;
    Ok(())
}

/// Adds an event to a certificate and writes both.
fn step(
    change: &LicensingChange<'_>,
    owner_id: [u8; 16],
    before: &Certificate,
    by: By<'_>,
    event: Event,
    now: Timestamp,
) -> Result<Certificate, CertificateError> {
    let mut after = before.clone();
    let recorded = Recorded {
        seq: before.version + 1,
        at_us: now.us(),
        account: by.account.to_owned(),
        acting_for: by.acting_for.to_owned(),
        event,
    };
    after.apply(&recorded)?;
    record(change, Some(before), (owner_id, &after), &recorded)?;
    Ok(after)
}

fn found(
    read: &LicensingRead<'_>,
    id: CertificateId,
) -> Result<([u8; 16], Certificate), CertificateError> {
    let owner_id = read.certificate_owner(id)?.ok_or(CertificateError::Unknown)?;
    let row = read.certificate(owner_id, id)?.ok_or(CertificateError::Unknown)?;
    Ok((owner_id, kept(&row)?))
}

/// A link that works.
fn link_found(
    read: &LicensingRead<'_>,
    link: &str,
    now: Timestamp,
) -> Result<(CertificateLinkRecord, Certificate), CertificateError> {
    let row = read.certificate_link(&secret_hash(link))?;
    let works = |row: &CertificateLinkRecord| {
        row.ended_at_us.is_none() && now.us() < row.expires_at_us && row.tries < TRIES_MAX
    };
    let row = row.filter(works).ok_or(CertificateError::Unknown)?;
    let certificate = read.certificate(row.owner_id, row.certificate_id)?;
    let certificate = kept(&certificate.ok_or(CertificateError::Unknown)?)?;
    Ok((row, certificate))
}

/// Makes a link in the place of any before, and a letter where it goes by mail.
fn link_make(
    change: &LicensingChange<'_>,
    owner_id: [u8; 16],
    certificate: &Certificate,
    (by, delivery): (By<'_>, Delivery),
    (terms, moment): (&Terms, &Moment),
) -> Result<LinkMade, CertificateError> {
    let until = match certificate.signature() {
        Some(signature) => kept_until(signature.valid_until, terms, moment.now),
        None => Timestamp::from_us(moment.now.us() + LINK_US),
    };
    let situation = situation(Who::Exporter, terms, moment.now);
    let event = decide(certificate, Command::Link(until.us()), &situation)?;
    let certificate = step(change, owner_id, certificate, by, event, moment.now)?;
    let link = moment.text("certificate link");
    let code = match certificate.second {
        SecondChannel::None => None,
        SecondChannel::Code => Some(code_make(moment)),
    };
    change.certificate_links_end(owner_id, certificate.id, moment.now.us())?;
    change.certificate_link_add(&CertificateLinkRecord {
        hash: secret_hash(&link),
        owner_id,
        certificate_id: certificate.id,
        expires_at_us: until.us(),
        code: code.as_ref().map(|code| code_hash(&certificate.id, code)),
        tries: 0,
        ended_at_us: None,
    })?;
    if delivery == Delivery::Mail {
        letter(change, &certificate, (&link, until), moment)?;
    }
    Ok(LinkMade { id: certificate.id, link, code, until })
}

fn code_make(moment: &Moment) -> String {
    let random = moment.random::<CODE_CHARS>("certificate code");
    let letters =
        random.iter().map(|byte| char::from(CODE_LETTERS[usize::from(*byte) % CODE_LETTERS.len()]));
    letters.collect()
}

/// Until when a link is kept to what it signed.
fn kept_until(valid_until: Option<base::Date>, terms: &Terms, now: Timestamp) -> Timestamp {
    let last = valid_until.and_then(|day| terms.begins(day));
    last.map_or(Timestamp::from_us(now.us() + ENDLESS_US), |last| {
        Timestamp::from_us(last.us().max(now.us()) + KEPT_US)
    })
}

fn letter(
    change: &LicensingChange<'_>,
    certificate: &Certificate,
    (link, until): (&str, Timestamp),
    moment: &Moment,
) -> Result<(), CertificateError> {
    let contact = &certificate.contact;
    let person = match contact.name.as_str() {
        "" => certificate.statement.end_user.name.clone(),
        name => name.to_owned(),
    };
    let letter = Letter::CertificateAsked {
        person,
        organisation: certificate.statement.exporter.name.clone(),
        link: format!("/certificate/{link}"),
        valid_until: readable(until),
    };
    let language = certificate.language.clone();
    let mail = Mail { to: contact.email.clone(), language, letter };
    let (body, at_us) = (mail.job_body()?, moment.now.us());
    let job_id = job_id(moment.now, &moment.random("certificate letter"));
    Ok(change.job(&NewJob { job_id, kind: JOB_KIND, body: &body, due_us: at_us, at_us })?)
}

fn situation(who: Who, terms: &Terms, now: Timestamp) -> Situation<'_> {
    Situation { who, today: terms.day(now), rule: &terms.rule }
}

/// Nobody's account: the end user by its link.
const END_USER: By<'static> = By { account: "", acting_for: "" };

impl Platform {
    fn exporter(&self, party: &str) -> Result<([u8; 16], PartyStated), CertificateError> {
        let reader = self.reader();
        let read = reader.people();
        let owner_id = read.party_of(party)?.ok_or(CertificateError::Unknown)?;
        let profile = read.party_profile(&owner_id)?;
        // One that nobody has verified yet is called by its identifier.
        let stated = profile.map_or_else(
            || PartyStated { name: party.to_owned(), ..PartyStated::default() },
            |profile| PartyStated {
                key: String::new(),
                name: profile.name,
                local_name: profile.local_name,
                country: profile.country,
                address: profile.address,
            },
        );
        Ok((owner_id, stated))
    }

    /// Asks an end user for a certificate; makes its link, and the letter where it goes by mail.
    ///
    /// # Errors
    /// [`CertificateError::Faults`] with everything that cannot be taken.
    pub fn certificate_ask(
        &self,
        (party, by): (&str, By<'_>),
        (given, purpose): (&Given, &Purpose),
        (second, delivery): (SecondChannel, Delivery),
        (terms, moment): (&Terms, &Moment),
    ) -> Result<LinkMade, CertificateError> {
        let (owner_id, exporter) = self.exporter(party)?;
        let read = given::read(given, exporter, delivery, &terms.rule)
            .map_err(CertificateError::Faults)?;
        let id = job_id(moment.now, &moment.random("certificate"));
        let event = Event::Asked {
            statement: Box::new(read.statement),
            purpose: purpose.clone(),
            language: read.language,
            contact: read.contact,
            second,
        };
        let recorded = Recorded {
            seq: 1,
            at_us: moment.now.us(),
            account: by.account.to_owned(),
            acting_for: by.acting_for.to_owned(),
            event,
        };
        let certificate = Certificate::begin(id, party, &recorded)?;
        self.aside()?.licensing_change(|change| {
            purpose_there(&change.read(), owner_id, purpose)?;
            record(change, None, (owner_id, &certificate), &recorded)?;
            link_make(change, owner_id, &certificate, (by, delivery), (terms, moment))
        })
    }

    /// Makes a new link to a certificate, in the place of any before.
    ///
    /// # Errors
    /// [`CertificateError::Unknown`]; [`CertificateError::Refused`] where it is revoked;
    /// [`CertificateError::Faults`] where it would go by mail and there is no address.
    pub fn certificate_link_renew(
        &self,
        id: CertificateId,
        (by, delivery): (By<'_>, Delivery),
        (terms, moment): (&Terms, &Moment),
    ) -> Result<LinkMade, CertificateError> {
        self.aside()?.licensing_change(|change| {
            let (owner_id, certificate) = found(&change.read(), id)?;
            if delivery == Delivery::Mail && certificate.contact.email.is_empty() {
                return Err(CertificateError::Faults(vec![Fault {
                    field: "contact_email".to_owned(),
                    code: "text_empty",
                    message: "there is no address to which a letter could go".to_owned(),
                    accepted: "a link that is handed over".to_owned(),
                }]));
            }
            link_make(change, owner_id, &certificate, (by, delivery), (terms, moment))
        })
    }

    /// Does something to a certificate, for the exporter or an officer. `command` is worked out from the
    /// certificate as it is in the transaction.
    ///
    /// # Errors
    /// [`CertificateError::Unknown`], [`CertificateError::Refused`].
    pub fn certificate_do(
        &self,
        id: CertificateId,
        (who, by): (Who, By<'_>),
        command: &dyn Fn(&Certificate) -> Command,
        (terms, now): (&Terms, Timestamp),
    ) -> Result<Certificate, CertificateError> {
        self.aside()?.licensing_change(|change| {
            let (owner_id, certificate) = found(&change.read(), id)?;
            let command = command(&certificate);
            let withdraws = command == Command::LinkWithdraw;
            let event = decide(&certificate, command, &situation(who, terms, now))?;
            if withdraws {
                change.certificate_links_end(owner_id, id, now.us())?;
            }
            step(change, owner_id, &certificate, by, event, now)
        })
    }

    /// Does something to a certificate by its link, for the end user.
    ///
    /// # Errors
    /// [`CertificateError::Unknown`] where the link does not work; [`CertificateError::Refused`].
    pub fn certificate_link_do(
        &self,
        link: &str,
        command: &dyn Fn(&Certificate) -> Command,
        (terms, now): (&Terms, Timestamp),
    ) -> Result<Certificate, CertificateError> {
        self.aside()?.licensing_change(|change| {
            let (row, certificate) = link_found(&change.read(), link, now)?;
            let situation = situation(Who::EndUser, terms, now);
            let event = decide(&certificate, command(&certificate), &situation)?;
            step(change, row.owner_id, &certificate, END_USER, event, now)
        })
    }

    /// Signs by a link. A wrong code is counted; what is signed is the text as it is now.
    ///
    /// # Errors
    /// [`CertificateError::Unknown`] where the link does not work; [`CertificateError::Refused`].
    pub fn certificate_link_sign(
        &self,
        link: &str,
        signed: &LinkSignature<'_>,
        (terms, now): (&Terms, Timestamp),
    ) -> Result<Certificate, CertificateError> {
        let done = self.aside()?.licensing_change(|change| {
            let (row, certificate) = link_found(&change.read(), link, now)?;
            let second = match &row.code {
                Some(hash) if *hash == code_hash(&certificate.id, signed.code) => {
                    SecondChannel::Code
                }
                Some(_) if signed.code.trim().is_empty() => SecondChannel::None,
                Some(_) => {
                    // Kept although nothing is signed: the transaction ends well.
                    change.certificate_link_missed(&row.hash)?;
                    return Ok(Err(Refusal::Code));
                }
                None => SecondChannel::None,
            };
            let shown = terms.text(&certificate, certificate.statement_shown(), signed.language);
            let command = Command::Sign(Box::new(SignedBy {
                signatory: signed.signatory.clone(),
                means: Means::Link { second },
                on: None,
                seen: signed.seen.to_owned(),
                language: shown.language.clone(),
                text: shown.plain(),
            }));
            let event = decide(&certificate, command, &situation(Who::EndUser, terms, now))?;
            let after = step(change, row.owner_id, &certificate, END_USER, event, now)?;
            let valid_until = after.signatures.last().and_then(|signature| signature.valid_until);
            let until = kept_until(valid_until, terms, now);
            change.certificate_link_keep(&row.hash, until.us())?;
            Ok::<_, CertificateError>(Ok(after))
        })?;
        Ok(done?)
    }

    /// The certificate of a link that works, and until when the link does.
    ///
    /// # Errors
    /// [`CertificateError::Unknown`] where it is wrong, expired, withdrawn or replaced: it does not tell which.
    pub fn certificate_by_link(
        &self,
        link: &str,
        now: Timestamp,
    ) -> Result<(Certificate, Timestamp), CertificateError> {
        let (row, certificate) = link_found(&self.reader().licensing(), link, now)?;
        Ok((certificate, Timestamp::from_us(row.expires_at_us)))
    }

    /// Puts on record, once, that the link to a certificate was opened.
    ///
    /// # Errors
    /// [`CertificateError::Unknown`] where the link does not work.
    pub fn certificate_link_open(
        &self,
        link: &str,
        (terms, now): (&Terms, Timestamp),
    ) -> Result<(), CertificateError> {
        self.aside()?.licensing_change(|change| {
            let (row, certificate) = link_found(&change.read(), link, now)?;
            // Another request may have been first.
            if certificate.state != State::Asked {
                return Ok(());
            }
            let event = decide(&certificate, Command::Open, &situation(Who::EndUser, terms, now))?;
            step(change, row.owner_id, &certificate, END_USER, event, now).map(|_| ())
        })
    }

    /// A certificate by its id.
    ///
    /// # Errors
    /// [`CertificateError`] where the database refuses.
    pub fn certificate(&self, id: CertificateId) -> Result<Option<Certificate>, CertificateError> {
        match found(&self.reader().licensing(), id) {
            Ok((_, certificate)) => Ok(Some(certificate)),
            Err(CertificateError::Unknown) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The certificates of an applicant, the newest first: those asked for before an instant.
    ///
    /// # Errors
    /// [`CertificateError`] where the database refuses.
    pub fn certificates(
        &self,
        party: &str,
        before: Timestamp,
        limit: u32,
    ) -> Result<Vec<Certificate>, CertificateError> {
        let reader = self.reader();
        let read = reader.licensing();
        let Some(owner_id) = read.owner(party)? else { return Ok(Vec::new()) };
        let rows = read.certificates(owner_id, before.us(), limit)?;
        rows.iter().map(kept).collect()
    }

    /// The certificates of a draft or a case, the oldest first.
    ///
    /// # Errors
    /// [`CertificateError`] where the database refuses.
    pub fn certificates_for(
        &self,
        party: &str,
        purpose: &Purpose,
    ) -> Result<Vec<Certificate>, CertificateError> {
        let reader = self.reader();
        let read = reader.licensing();
        let Some(owner_id) = read.owner(party)? else { return Ok(Vec::new()) };
        let rows = read.certificates_for(owner_id, &purpose.code())?;
        rows.iter().map(kept).collect()
    }

    /// What a draft or a case of an applicant already says for its certificates.
    ///
    /// # Errors
    /// [`CertificateError::Unknown`] where it has no such draft or case.
    pub fn certificates_prefilled(
        &self,
        party: &str,
        purpose: &Purpose,
    ) -> Result<Vec<Given>, CertificateError> {
        let reader = self.reader();
        let read = reader.licensing();
        let owner_id = read.owner(party)?.ok_or(CertificateError::Unknown)?;
        let application: Application = match purpose {
            Purpose::Open => return Ok(Vec::new()),
            Purpose::Draft(key) => {
                let draft_id = id_parse(key).ok_or(CertificateError::Unknown)?;
                let draft = read.draft(owner_id, draft_id)?.ok_or(CertificateError::Unknown)?;
                application_of(&draft.body)?
            }
            Purpose::Case(number) => {
                let case = read.case(number)?.filter(|case| case.owner_id == owner_id);
                let case: Case =
                    serde_json::from_str(&case.ok_or(CertificateError::Unknown)?.body)?;
                case.application
            }
        };
        Ok(prefilled(&application))
    }

    /// Where the case of a certificate is, as the end user sees it.
    ///
    /// # Errors
    /// [`CertificateError`] where the database refuses.
    pub fn certificate_case_seen(
        &self,
        certificate: &Certificate,
    ) -> Result<CaseSeen, CertificateError> {
        let Purpose::Case(number) = &certificate.purpose else { return Ok(CaseSeen::Written) };
        let reader = self.reader();
        let read = reader.licensing();
        let owner_id = read.owner(&certificate.applicant)?;
        let case = read.case(number)?.filter(|case| Some(case.owner_id) == owner_id);
        let Some(case) = case else { return Ok(CaseSeen::Written) };
        let state = CaseState::ALL.into_iter().find(|state| state.code() == case.row.state);
        Ok(match state {
            Some(CaseState::Received) => CaseSeen::Received,
            Some(CaseState::Review) => CaseSeen::Review,
            Some(CaseState::Decided) => CaseSeen::Decided,
            Some(CaseState::Returned | CaseState::Withdrawn | CaseState::Lapsed) | None => {
                CaseSeen::Ended
            }
        })
    }

    /// What is wrong with stored certificates: one sentence each; empty is clean.
    ///
    /// # Errors
    /// [`CertificateError`] where the database refuses.
    pub fn certificates_verify(&self) -> Result<Vec<String>, CertificateError> {
        check(&self.reader().licensing())
    }
}
