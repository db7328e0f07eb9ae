//! The certificate of an end user: what it states of goods, end use and end user, who signed it, how sure
//! that is, and whether it still counts.
//!
//! Rule: the pack's [`CertificateRule`](crate::rules::CertificateRule) (such as Order 792 of China, article 16: proof of end user and end
//! use, signed by the end user; article 24: no change of end use, no transfer without permission). A
//! certificate is asked for through a link or on paper, and holds for one case only.
//!
//! INVARIANTS:
//! - a certificate is the fold of its events in order and of nothing else;
//! - a signature counts only for the statement whose SHA-256 it carries: whoever changes the statement makes
//!   it void, and it stays on record;
//! - whether a certificate has expired is a function of the day, and nobody's act;
//! - one that is declined, revoked or expired covers nothing.

mod command;
mod gaps;
#[cfg(test)]
mod tests;
mod text;

use std::fmt::Write as _;

use base::Date;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::application::{Contact, Key};
use crate::quantity::Quantity;

pub use command::{Command, CorrectedGood, Correction, Refusal, SignedBy, Situation, decide};
pub use gaps::{Gap, Left, Used, counts, fits, gaps, left};
pub use text::{CertificateText, Part, Words, WordsOfAll, text};

/// What a pack may ask: of the signatory, of the statement, of a paper.
pub const ASKS: [&str; 8] =
    ["name", "position", "authority", "email", "place", "use_place", "end_product", "seal"];

/// Key of a certificate: a UUID of version 7.
pub type CertificateId = [u8; 16];

/// For what a certificate is asked; it is used for nothing else.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "for", content = "key", rename_all = "snake_case")]
pub enum Purpose {
    /// An application that is being written: key of its draft, hexadecimal.
    Draft(String),
    /// A case: its number.
    Case(String),
    /// An application that is still to be begun; it is bound to its case before it counts.
    Open,
}

impl Purpose {
    /// One text of it, by which the store finds certificates.
    #[must_use]
    pub fn code(&self) -> String {
        match self {
            Purpose::Draft(key) => format!("draft/{key}"),
            Purpose::Case(number) => format!("case/{number}"),
            Purpose::Open => "open".to_owned(),
        }
    }
}

/// A party as a certificate names it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PartyStated {
    /// Its key in the application; empty where it has none yet.
    pub key: Key,
    /// Name in Latin letters.
    pub name: String,
    /// Name in its own script.
    pub local_name: String,
    /// Country or area, ISO 3166-1 alpha-2.
    pub country: String,
    /// Address.
    pub address: String,
}

/// A good with the quantity that is certified.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct GoodStated {
    /// Its key in the application.
    pub key: Key,
    /// Name as on the invoice.
    pub name: String,
    /// HS or CN code; empty where none is stated.
    pub hs: String,
    /// How much, in one or several units.
    pub quantities: Vec<Quantity>,
}

/// What is stated on behalf of the end user: all of it stands in the text that is signed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Statement {
    /// Who exports, and asks.
    pub exporter: PartyStated,
    /// Who uses the goods, or what is made of them.
    pub end_user: PartyStated,
    /// Who receives them.
    pub consignee: PartyStated,
    /// Country or area of destination, ISO 3166-1 alpha-2.
    pub destination: String,
    /// What it covers.
    pub goods: Vec<GoodStated>,
    /// Key of the end use in the application.
    pub end_use_key: Key,
    /// The end use, in words.
    pub end_use: String,
    /// Where the goods are used; empty where the pack does not ask.
    pub use_place: String,
    /// What is made of them; empty where the pack does not ask.
    pub end_product: String,
    /// Codes of the promises that the end user makes.
    pub promises: Vec<String>,
}

impl Statement {
    /// SHA-256 of it, hexadecimal.
    #[must_use]
    pub fn digest(&self) -> String {
        // A struct of texts and integers always has its JSON.
        hex_of(&serde_json::to_vec(self).unwrap_or_default())
    }

    /// A good by its key.
    #[must_use]
    pub fn good(&self, key: &str) -> Option<&GoodStated> {
        self.goods.iter().find(|good| good.key == key)
    }
}

/// SHA-256 in hexadecimal.
pub(crate) fn hex_of(bytes: &[u8]) -> String {
    let mut hex = String::with_capacity(64);
    for byte in Sha256::digest(bytes) {
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}

/// Whether a second secret goes another way than the link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SecondChannel {
    /// The link is enough.
    None,
    /// A code that is told on another way, such as by telephone.
    Code,
}

/// Who signs, as stated by that person or on the paper.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Signatory {
    /// Name.
    pub name: String,
    /// Position in the company.
    pub position: String,
    /// E-mail address.
    pub email: String,
    /// Where it is signed.
    pub place: String,
    /// Whether the person states to have the authority to sign for the end user.
    pub authority: Authority,
}

/// Whether somebody states to have the authority to sign.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Authority {
    /// Stated.
    Stated,
    /// Not stated.
    #[default]
    NotStated,
}

/// A paper is a copy, or the original.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaperForm {
    /// A scan, telefax or photocopy.
    Copy,
    /// The original.
    Original,
}

/// Whether there is a seal on a paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Seal {
    /// It was seen.
    Seen,
    /// There is none, or nobody looked.
    NotSeen,
}

/// Who does something to a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Who {
    /// The end user, by its link.
    EndUser,
    /// The exporter that asked.
    Exporter,
    /// An officer.
    Officer,
}

/// How it was signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "means", rename_all = "snake_case", deny_unknown_fields)]
pub enum Means {
    /// Through the link.
    Link {
        /// Whether the code of the second channel was given.
        second: SecondChannel,
    },
    /// On paper.
    Paper {
        /// A copy or the original.
        form: PaperForm,
        /// Whether a seal was seen.
        seal: Seal,
        /// SHA-256 of the scan, hexadecimal; empty where none is kept.
        document: String,
        /// Who received it.
        received_by: Who,
    },
}

/// A signature, with what it was set under.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signature {
    /// Who signed.
    pub signatory: Signatory,
    /// The day on which it was signed, in the zone of the authority or as it stands on the paper.
    pub on: Date,
    /// The last day on which it counts; nothing where the pack sets no end.
    pub valid_until: Option<Date>,
    /// How.
    pub means: Means,
    /// SHA-256 of the statement that was signed, hexadecimal.
    pub statement: String,
    /// Language of the text.
    pub language: String,
    /// The text under which it stands, as it was shown; of a paper, the text that was printed.
    pub text: String,
    /// SHA-256 of that text, hexadecimal.
    pub sha256: String,
}

impl Signature {
    /// Whether its text is the one whose SHA-256 it carries.
    #[must_use]
    pub fn text_whole(&self) -> bool {
        hex_of(self.text.as_bytes()) == self.sha256
    }
}

/// What a certifying government said.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Government {
    /// Which authority of which country or area.
    pub authority: String,
    /// Its reference.
    pub reference: String,
    /// Its date.
    pub on: Option<Date>,
}

/// What can happen to a certificate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case", deny_unknown_fields)]
pub enum Event {
    /// The exporter asks for it.
    Asked {
        /// What is stated on behalf of the end user.
        statement: Box<Statement>,
        /// For what it is used, and for nothing else.
        purpose: Purpose,
        /// Language of the end user.
        language: String,
        /// Who is asked.
        contact: Contact,
        /// Whether a code goes another way.
        second: SecondChannel,
    },
    /// A link was made, in the place of any before.
    Linked {
        /// Until when it works, µs.
        expires_at_us: i64,
    },
    /// The link was withdrawn.
    LinkWithdrawn,
    /// The end user opened it.
    Opened,
    /// The end user states something otherwise.
    Corrected {
        /// As it should be.
        statement: Box<Statement>,
    },
    /// The exporter agrees.
    CorrectionAgreed,
    /// The exporter does not.
    CorrectionRefused {
        /// Why.
        reason: String,
    },
    /// The exporter changes what is stated.
    Restated {
        /// As it is now.
        statement: Box<Statement>,
    },
    /// Signed.
    Signed {
        /// The signature.
        signature: Box<Signature>,
    },
    /// The end user declines.
    Declined {
        /// Why.
        reason: String,
    },
    /// An officer compared the paper: signature and seal are as they should be.
    PaperChecked {
        /// Whether a seal was seen.
        seal: Seal,
    },
    /// The original came.
    OriginalReceived {
        /// Whether a seal was seen on it.
        seal: Seal,
    },
    /// A translation was attached.
    Translated {
        /// Into which language.
        language: String,
        /// SHA-256 of it, hexadecimal; empty where none is kept.
        document: String,
    },
    /// A government certified it.
    GovernmentCertified {
        /// What it said.
        government: Government,
    },
    /// It was taken back.
    Revoked {
        /// By whom.
        who: Who,
        /// Why.
        reason: String,
    },
    /// The application that it is for became a case.
    Bound {
        /// Number of the case.
        number: String,
    },
}

impl Event {
    /// Its stable code, with which the entry of the audit ends.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Event::Asked { .. } => "asked",
            Event::Linked { .. } => "linked",
            Event::LinkWithdrawn => "link_withdrawn",
            Event::Opened => "opened",
            Event::Corrected { .. } => "corrected",
            Event::CorrectionAgreed => "correction_agreed",
            Event::CorrectionRefused { .. } => "correction_refused",
            Event::Restated { .. } => "restated",
            Event::Signed { .. } => "signed",
            Event::Declined { .. } => "declined",
            Event::PaperChecked { .. } => "paper_checked",
            Event::OriginalReceived { .. } => "original_received",
            Event::Translated { .. } => "translated",
            Event::GovernmentCertified { .. } => "government_certified",
            Event::Revoked { .. } => "revoked",
            Event::Bound { .. } => "bound",
        }
    }
}

/// An event as it is recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recorded {
    /// Its place in the certificate, from 1.
    pub seq: u32,
    /// When it was recorded, µs.
    pub at_us: i64,
    /// Key of the account; empty where the end user did it by its link.
    pub account: String,
    /// Key of the account for which it acted; empty where for itself.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub acting_for: String,
    /// What happened.
    pub event: Event,
}

/// How far a certificate has come. What expires with time is no state ([`Certificate::standing`]).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum State {
    /// Asked for; nobody has opened it.
    Asked,
    /// Opened, not signed.
    Opened {
        /// When first, µs.
        at_us: i64,
    },
    /// Signed; also where the signature waits for the exporter to agree to a correction.
    Signed {
        /// When, µs.
        at_us: i64,
    },
    /// Declined.
    Declined {
        /// When, µs.
        at_us: i64,
        /// Why.
        reason: String,
    },
    /// Taken back.
    Revoked {
        /// When, µs.
        at_us: i64,
        /// By whom.
        who: Who,
        /// Why.
        reason: String,
    },
}

/// How a certificate stands on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Asked for; nobody has opened it.
    Asked,
    /// Opened, not signed.
    Opened,
    /// The end user states something otherwise, and the exporter has not answered.
    Corrected,
    /// Signed, and the signature counts.
    Signed,
    /// What was signed was changed since.
    Void,
    /// Declined.
    Declined,
    /// Taken back.
    Revoked,
    /// Signed, and over.
    Expired,
}

impl Standing {
    /// All of them.
    pub const ALL: [Standing; 8] = [
        Standing::Asked,
        Standing::Opened,
        Standing::Corrected,
        Standing::Signed,
        Standing::Void,
        Standing::Declined,
        Standing::Revoked,
        Standing::Expired,
    ];

    /// Its stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Standing::Asked => "asked",
            Standing::Opened => "opened",
            Standing::Corrected => "corrected",
            Standing::Signed => "signed",
            Standing::Void => "void",
            Standing::Declined => "declined",
            Standing::Revoked => "revoked",
            Standing::Expired => "expired",
        }
    }
}

/// How sure it is that the end user signed, the least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Assurance {
    /// On paper that no officer has compared.
    Paper,
    /// By whoever held the link.
    Link,
    /// By whoever held the link and the code of a second channel.
    LinkAndCode,
    /// On paper that an officer compared.
    PaperChecked,
    /// Certified by the end user's government.
    Government,
}

impl Assurance {
    /// Its stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Assurance::Paper => "paper",
            Assurance::Link => "link",
            Assurance::LinkAndCode => "link_and_code",
            Assurance::PaperChecked => "paper_checked",
            Assurance::Government => "government",
        }
    }
}

/// A certificate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificate {
    /// Its key.
    pub id: CertificateId,
    /// The applicant, `scheme:value`.
    pub applicant: String,
    /// Events that it adds up.
    pub version: u32,
    /// How far it has come.
    pub state: State,
    /// What is stated.
    pub statement: Statement,
    /// What the end user states instead, until the exporter agrees or does not.
    pub correction: Option<Statement>,
    /// Why the exporter did not agree to the last correction; empty where it did, or there was none.
    pub correction_refused: String,
    /// For what it is used.
    pub purpose: Purpose,
    /// Language of the end user.
    pub language: String,
    /// Who is asked.
    pub contact: Contact,
    /// Whether a code goes another way.
    pub second: SecondChannel,
    /// When it was asked for, µs.
    pub asked_at_us: i64,
    /// Who asked.
    pub asked_by: String,
    /// Until when the last link works, µs; nothing where there is none.
    pub link_until_us: Option<i64>,
    /// All signatures, also those that do not count any more.
    pub signatures: Vec<Signature>,
    /// Who compared a paper, and when, µs.
    pub paper_checked: Option<(String, i64)>,
    /// Whether the original is here: who received it, and when, µs.
    pub original: Option<(String, i64)>,
    /// Whether a seal was seen.
    pub seal: Option<Seal>,
    /// Translations: language and SHA-256.
    pub translations: Vec<(String, String)>,
    /// What a government said.
    pub government: Option<Government>,
}

/// Why events do not add up.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FoldError {
    /// The first is no asking.
    #[error("a certificate begins with its being asked for")]
    NotAsked,
    /// An event is missing, or stands twice.
    #[error("event {found} stands where {expected} was expected")]
    Order {
        /// What was expected.
        expected: u32,
        /// What stands there.
        found: u32,
    },
    /// An event speaks of what is not there.
    #[error("event {0} speaks of what the certificate does not have")]
    Dangling(u32),
}

impl Certificate {
    /// Works a certificate out of its events.
    ///
    /// # Errors
    /// [`FoldError`] where they are not the events of a certificate, in order.
    pub fn fold(
        id: CertificateId,
        applicant: &str,
        events: &[Recorded],
    ) -> Result<Certificate, FoldError> {
        let (first, rest) = events.split_first().ok_or(FoldError::NotAsked)?;
        let mut certificate = Certificate::begin(id, applicant, first)?;
        for event in rest {
            certificate.apply(event)?;
        }
        Ok(certificate)
    }

    /// A certificate as its first event makes it.
    ///
    /// # Errors
    /// [`FoldError`] where that is not the asking.
    pub fn begin(
        id: CertificateId,
        applicant: &str,
        first: &Recorded,
    ) -> Result<Certificate, FoldError> {
        let Event::Asked { statement, purpose, language, contact, second } = &first.event else {
            return Err(FoldError::NotAsked);
        };
        if first.seq != 1 {
            return Err(FoldError::Order { expected: 1, found: first.seq });
        }
        Ok(Certificate {
            id,
            applicant: applicant.to_owned(),
            version: 1,
            state: State::Asked,
            statement: (**statement).clone(),
            correction: None,
            correction_refused: String::new(),
            purpose: purpose.clone(),
            language: language.clone(),
            contact: contact.clone(),
            second: *second,
            asked_at_us: first.at_us,
            asked_by: first.account.clone(),
            link_until_us: None,
            signatures: Vec::new(),
            paper_checked: None,
            original: None,
            seal: None,
            translations: Vec::new(),
            government: None,
        })
    }

    /// Adds the next event.
    ///
    /// # Errors
    /// [`FoldError`] where it is not the next one, or speaks of what is not there.
    pub fn apply(&mut self, recorded: &Recorded) -> Result<(), FoldError> {
        let expected = self.version + 1;
        if recorded.seq != expected {
            return Err(FoldError::Order { expected, found: recorded.seq });
        }
        self.apply_event(recorded).ok_or(FoldError::Dangling(recorded.seq))?;
        self.version = expected;
        Ok(())
    }

    fn apply_event(&mut self, recorded: &Recorded) -> Option<()> {
        let (at_us, by) = (recorded.at_us, &recorded.account);
        match &recorded.event {
            Event::Asked { .. } => return None,
            Event::Linked { expires_at_us } => self.link_until_us = Some(*expires_at_us),
            Event::LinkWithdrawn => self.link_until_us = None,
            Event::Opened => {
                if self.state == State::Asked {
                    self.state = State::Opened { at_us };
                }
            }
            Event::Corrected { statement } => {
                self.correction = Some((**statement).clone());
                self.correction_refused.clear();
            }
            Event::CorrectionAgreed => self.statement = self.correction.take()?,
            Event::CorrectionRefused { reason } => {
                self.correction.take()?;
                self.correction_refused.clone_from(reason);
            }
            Event::Restated { statement } => {
                self.statement = (**statement).clone();
                self.correction = None;
                self.evidence_drop();
                self.state = State::Asked;
            }
            Event::Signed { signature } => {
                // What was checked or certified before was another signature.
                self.evidence_drop();
                if let Means::Paper { form, seal, received_by, .. } = &signature.means {
                    self.seal = Some(*seal);
                    if *form == PaperForm::Original && *received_by == Who::Officer {
                        self.original = Some((by.clone(), at_us));
                    }
                }
                self.signatures.push((**signature).clone());
                self.state = State::Signed { at_us };
            }
            Event::Declined { reason } => {
                self.state = State::Declined { at_us, reason: reason.clone() };
            }
            Event::PaperChecked { seal } => {
                self.seal = Some(*seal);
                self.paper_checked = Some((by.clone(), at_us));
            }
            Event::OriginalReceived { seal } => {
                self.seal = Some(*seal);
                self.original = Some((by.clone(), at_us));
            }
            Event::Translated { language, document } => {
                self.translations.push((language.clone(), document.clone()));
            }
            Event::GovernmentCertified { government } => {
                self.government = Some(government.clone());
            }
            Event::Revoked { who, reason } => {
                self.state = State::Revoked { at_us, who: *who, reason: reason.clone() };
            }
            Event::Bound { number } => self.purpose = Purpose::Case(number.clone()),
        }
        Some(())
    }

    fn evidence_drop(&mut self) {
        self.paper_checked = None;
        self.original = None;
        self.seal = None;
        self.translations.clear();
        self.government = None;
    }

    /// What is to be signed: the statement, or what the end user states instead.
    #[must_use]
    pub fn statement_shown(&self) -> &Statement {
        self.correction.as_ref().unwrap_or(&self.statement)
    }

    /// The signature under the statement as it is now, whether or not it is still valid.
    #[must_use]
    pub fn signature(&self) -> Option<&Signature> {
        if !matches!(self.state, State::Signed { .. } | State::Revoked { .. }) {
            return None;
        }
        // INVARIANT: bound to the statement, so that a changed one has none.
        let digest = self.statement.digest();
        self.signatures.iter().rev().find(|s| s.statement == digest && s.text_whole())
    }

    /// The signature under a correction that the exporter has not answered.
    #[must_use]
    pub fn signature_waiting(&self) -> Option<&Signature> {
        let digest = self.correction.as_ref()?.digest();
        self.signatures.iter().rev().find(|s| s.statement == digest)
    }

    /// How it stands on a day.
    #[must_use]
    pub fn standing(&self, today: Date) -> Standing {
        match &self.state {
            State::Revoked { .. } => Standing::Revoked,
            State::Declined { .. } => Standing::Declined,
            _ if self.correction.is_some() => Standing::Corrected,
            State::Asked => Standing::Asked,
            State::Opened { .. } => Standing::Opened,
            State::Signed { .. } => match self.signature() {
                None => Standing::Void,
                Some(signature) if signature.valid_until.is_some_and(|last| today > last) => {
                    Standing::Expired
                }
                Some(_) => Standing::Signed,
            },
        }
    }

    /// How sure it is that the end user signed; nothing where nobody did.
    #[must_use]
    pub fn assurance(&self) -> Option<Assurance> {
        let signature = self.signature()?;
        if self.government.is_some() {
            return Some(Assurance::Government);
        }
        Some(match signature.means {
            Means::Paper { .. } if self.paper_checked.is_some() => Assurance::PaperChecked,
            Means::Paper { .. } => Assurance::Paper,
            Means::Link { second: SecondChannel::Code } => Assurance::LinkAndCode,
            Means::Link { second: SecondChannel::None } => Assurance::Link,
        })
    }
}
