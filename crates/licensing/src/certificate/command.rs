//! What may be done to a certificate, by whom and when: a pure function from certificate, command and
//! situation to the event, or a refusal with its code.
//!
//! Precedence of refusals: whether this one may do it at all, then the state, then what was given.

use std::collections::BTreeMap;

use base::Date;

use super::{
    Authority, Certificate, Event, Government, Means, PaperForm, Purpose, Seal, SecondChannel,
    Signatory, Signature, Standing, State, Statement, Who, hex_of,
};
use crate::application::Key;
use crate::quantity::Quantity;
use crate::rules::CertificateRule;

/// Quantities of a good as the end user states them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CorrectedGood {
    /// Its quantities, in the units that are stated.
    pub quantities: Vec<Quantity>,
}

/// What an end user may state otherwise: quantities and uses, and nothing that names a party.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Correction {
    /// By key of the good.
    pub goods: BTreeMap<Key, CorrectedGood>,
    /// The end use, in words.
    pub end_use: String,
    /// Where the goods are used, where the pack asks for it.
    pub use_place: String,
    /// What is made of them, where the pack asks for it.
    pub end_product: String,
}

impl Correction {
    /// The statement as it would be.
    #[must_use]
    pub fn applied(&self, statement: &Statement) -> Statement {
        let mut corrected = statement.clone();
        for good in &mut corrected.goods {
            if let Some(stated) = self.goods.get(&good.key) {
                good.quantities.clone_from(&stated.quantities);
            }
        }
        corrected.end_use.clone_from(&self.end_use);
        corrected.use_place.clone_from(&self.use_place);
        corrected.end_product.clone_from(&self.end_product);
        corrected
    }
}

/// How something was signed, as it is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedBy {
    /// Who.
    pub signatory: Signatory,
    /// How; of a link, whether the code of the second channel was given and right.
    pub means: Means,
    /// The day on a paper; nothing: today.
    pub on: Option<Date>,
    /// SHA-256 of the text that the signer saw, hexadecimal.
    pub seen: String,
    /// Language of that text.
    pub language: String,
    /// The text as it is now.
    pub text: String,
}

/// What somebody wants to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Make a link, good until then, µs.
    Link(i64),
    /// Withdraw the link.
    LinkWithdraw,
    /// Open the link.
    Open,
    /// State something otherwise.
    Correct(Correction),
    /// Agree to what the end user states otherwise: SHA-256 of the statement that was seen.
    CorrectionAgree(String),
    /// Refuse it.
    CorrectionRefuse(String),
    /// Change what is stated.
    Restate(Box<Statement>),
    /// Sign, or record what was signed on paper.
    Sign(Box<SignedBy>),
    /// Decline.
    Decline(String),
    /// Record that signature and seal of a paper were compared.
    PaperCheck(Seal),
    /// Record that the original came.
    OriginalReceive(Seal),
    /// Attach a translation: its language and SHA-256.
    Translate(String, String),
    /// Record what a government said.
    GovernmentCertify(Government),
    /// Take back.
    Revoke(String),
    /// Bind to the case that its application became: its number.
    Bind(String),
}

/// In what situation something is wanted.
#[derive(Debug, Clone, Copy)]
pub struct Situation<'a> {
    /// Who wants it.
    pub who: Who,
    /// The day, in the zone of the authority.
    pub today: Date,
    /// The rule of the pack.
    pub rule: &'a CertificateRule,
}

/// Why it is not done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Not by this one.
    #[error("this is not for you to do")]
    NotYours,
    /// The certificate does not stand so that it could be.
    #[error("the certificate is {}; this is done to one that is {accepted}", found.code())]
    State {
        /// How it stands.
        found: Standing,
        /// How it would have to.
        accepted: &'static str,
    },
    /// The text was changed since the signer saw it.
    #[error("the text was changed meanwhile; read it again")]
    TextChanged,
    /// Something that the pack asks for is missing.
    #[error("`{0}` is missing")]
    Missing(&'static str),
    /// The code of the second channel is missing or wrong.
    #[error("the code is missing or wrong")]
    Code,
    /// Nothing is stated otherwise.
    #[error("nothing was changed")]
    Same,
    /// A unit, good or quantity that the certificate does not state.
    #[error("`{0}` is no good or unit of this certificate")]
    Unknown(String),
    /// A paper of a day to come.
    #[error("`{0}` is a day to come")]
    Future(Date),
    /// It is used for another case.
    #[error("this certificate is used for `{0}` and for nothing else")]
    OtherCase(String),
}

impl Refusal {
    /// Its stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Refusal::NotYours => "not_yours",
            Refusal::State { .. } => "state",
            Refusal::TextChanged => "text_changed",
            Refusal::Missing(_) => "missing",
            Refusal::Code => "code",
            Refusal::Same => "same",
            Refusal::Unknown(_) => "unknown",
            Refusal::Future(_) => "future",
            Refusal::OtherCase(_) => "other_case",
        }
    }
}

/// Decides a command.
///
/// # Errors
/// [`Refusal`].
pub fn decide(
    certificate: &Certificate,
    command: Command,
    situation: &Situation<'_>,
) -> Result<Event, Refusal> {
    may(&command, situation.who)?;
    stands(certificate, &command, situation)?;
    Ok(match command {
        Command::Link(expires_at_us) => Event::Linked { expires_at_us },
        Command::LinkWithdraw => Event::LinkWithdrawn,
        Command::Open => Event::Opened,
        Command::Correct(correction) => {
            let statement = Box::new(corrected(certificate, &correction, situation.rule)?);
            Event::Corrected { statement }
        }
        Command::CorrectionAgree(seen) => {
            let digest = certificate.correction.as_ref().map(Statement::digest);
            if digest != Some(seen) {
                return Err(Refusal::TextChanged);
            }
            Event::CorrectionAgreed
        }
        Command::CorrectionRefuse(reason) => {
            Event::CorrectionRefused { reason: needed("reason", reason)? }
        }
        Command::Restate(statement) => {
            if *statement == certificate.statement {
                return Err(Refusal::Same);
            }
            Event::Restated { statement }
        }
        Command::Sign(signed) => {
            Event::Signed { signature: Box::new(signature(certificate, *signed, situation)?) }
        }
        Command::Decline(reason) => Event::Declined { reason: needed("reason", reason)? },
        Command::PaperCheck(seal) => Event::PaperChecked { seal },
        Command::OriginalReceive(seal) => Event::OriginalReceived { seal },
        Command::Translate(language, document) => {
            Event::Translated { language: needed("language", language)?, document }
        }
        Command::GovernmentCertify(government) => {
            needed("authority", government.authority.clone())?;
            if let Some(on) = government.on.filter(|on| *on > situation.today) {
                return Err(Refusal::Future(on));
            }
            Event::GovernmentCertified { government }
        }
        Command::Revoke(reason) => {
            Event::Revoked { who: situation.who, reason: needed("reason", reason)? }
        }
        Command::Bind(number) => match &certificate.purpose {
            Purpose::Case(bound) => return Err(Refusal::OtherCase(bound.clone())),
            Purpose::Draft(_) | Purpose::Open => Event::Bound { number },
        },
    })
}

fn needed(field: &'static str, text: String) -> Result<String, Refusal> {
    if text.trim().is_empty() { Err(Refusal::Missing(field)) } else { Ok(text) }
}

/// Who may do what. A paper is recorded by the exporter, as received, and by an officer.
fn may(command: &Command, who: Who) -> Result<(), Refusal> {
    let allowed: &[Who] = match command {
        Command::Open | Command::Correct(_) | Command::Decline(_) => &[Who::EndUser],
        Command::Link(_)
        | Command::LinkWithdraw
        | Command::CorrectionAgree(_)
        | Command::CorrectionRefuse(_)
        | Command::Restate(_)
        | Command::Bind(_) => &[Who::Exporter],
        Command::Sign(signed) => match &signed.means {
            Means::Link { .. } => &[Who::EndUser],
            Means::Paper { received_by, .. } if *received_by == who => {
                &[Who::Exporter, Who::Officer]
            }
            Means::Paper { .. } => &[],
        },
        Command::PaperCheck(_) | Command::OriginalReceive(_) | Command::GovernmentCertify(_) => {
            &[Who::Officer]
        }
        Command::Translate(..) => &[Who::Exporter, Who::Officer],
        Command::Revoke(_) => &[Who::EndUser, Who::Exporter, Who::Officer],
    };
    if allowed.contains(&who) { Ok(()) } else { Err(Refusal::NotYours) }
}

/// Whether a certificate stands so that the command can be.
fn stands(
    certificate: &Certificate,
    command: &Command,
    situation: &Situation<'_>,
) -> Result<(), Refusal> {
    let found = certificate.standing(situation.today);
    let over = matches!(certificate.state, State::Declined { .. } | State::Revoked { .. });
    let signed = matches!(certificate.state, State::Signed { .. }) && found == Standing::Signed;
    let refused = |accepted| Err(Refusal::State { found, accepted });
    match command {
        Command::Correct(_) | Command::Decline(_) | Command::Sign(_)
            if over || found == Standing::Signed =>
        {
            refused("asked for and not signed")
        }
        // Who has signed what it corrected waits for the exporter.
        Command::Sign(_) if certificate.signature_waiting().is_some() => {
            refused("asked for and not signed")
        }
        Command::CorrectionAgree(_) | Command::CorrectionRefuse(_)
            if over || certificate.correction.is_none() =>
        {
            refused("corrected by the end user")
        }
        Command::LinkWithdraw if certificate.link_until_us.is_none() => refused("linked"),
        Command::Link(_) if matches!(certificate.state, State::Revoked { .. }) => {
            refused("not revoked")
        }
        Command::Restate(_) if matches!(certificate.state, State::Revoked { .. }) => {
            refused("not revoked")
        }
        Command::PaperCheck(_) | Command::OriginalReceive(_)
            if !signed || !on_paper_or_any(certificate, command) =>
        {
            refused("signed on paper")
        }
        Command::Translate(..) | Command::GovernmentCertify(_) if !signed => refused("signed"),
        // An expired one may be taken back as well: the reason is worth knowing.
        Command::Revoke(_) if certificate.signature().is_none() || over => refused("signed"),
        _ => Ok(()),
    }
}

/// A paper is compared where one was recorded; an original may follow what was signed by link.
fn on_paper_or_any(certificate: &Certificate, command: &Command) -> bool {
    let paper = certificate.signature().is_some_and(|s| matches!(s.means, Means::Paper { .. }));
    paper || matches!(command, Command::OriginalReceive(_))
}

fn corrected(
    certificate: &Certificate,
    correction: &Correction,
    rule: &CertificateRule,
) -> Result<Statement, Refusal> {
    let stated = &certificate.statement;
    for (key, good) in &correction.goods {
        let Some(known) = stated.good(key) else { return Err(Refusal::Unknown(key.clone())) };
        let units = |list: &[Quantity]| -> Vec<String> {
            let mut units: Vec<String> = list.iter().map(|q| q.unit.to_string()).collect();
            units.sort();
            units
        };
        if units(&good.quantities) != units(&known.quantities) {
            return Err(Refusal::Unknown(units(&good.quantities).join(", ")));
        }
    }
    needed("end_use", correction.end_use.clone())?;
    for (code, given) in
        [("use_place", &correction.use_place), ("end_product", &correction.end_product)]
    {
        if rule.asks(code) {
            needed(code, given.clone())?;
        }
    }
    let statement = correction.applied(stated);
    // Against what is shown: a correction may also be taken back to what was stated.
    if statement == *certificate.statement_shown() { Err(Refusal::Same) } else { Ok(statement) }
}

fn signature(
    certificate: &Certificate,
    signed: SignedBy,
    situation: &Situation<'_>,
) -> Result<Signature, Refusal> {
    let sha256 = hex_of(signed.text.as_bytes());
    if sha256 != signed.seen {
        return Err(Refusal::TextChanged);
    }
    if let Means::Link { second } = &signed.means
        && certificate.second == SecondChannel::Code
        && *second != SecondChannel::Code
    {
        return Err(Refusal::Code);
    }
    let rule = situation.rule;
    let signatory = &signed.signatory;
    for (code, given) in [
        ("name", &signatory.name),
        ("position", &signatory.position),
        ("email", &signatory.email),
        ("place", &signatory.place),
    ] {
        // A name is always needed: a signature of nobody is none.
        if given.trim().is_empty() && (code == "name" || rule.asks(code)) {
            return Err(Refusal::Missing(code));
        }
    }
    if signatory.authority == Authority::NotStated && rule.asks("authority") {
        return Err(Refusal::Missing("authority"));
    }
    let on = signed.on.unwrap_or(situation.today);
    if on > situation.today {
        return Err(Refusal::Future(on));
    }
    Ok(Signature {
        signatory: signed.signatory,
        on,
        valid_until: rule.valid_until(on),
        means: signed.means,
        statement: certificate.statement_shown().digest(),
        language: signed.language,
        text: signed.text,
        sha256,
    })
}

impl CertificateRule {
    /// Whether something is asked of the end user.
    #[must_use]
    pub fn asks(&self, code: &str) -> bool {
        self.asks.iter().any(|asked| asked == code)
    }

    /// The last day on which a certificate signed on a day counts; the 31st and one month is the end of
    /// the next.
    #[must_use]
    pub fn valid_until(&self, on: Date) -> Option<Date> {
        let span = jiff::Span::new().try_months(i64::from(self.valid_months?)).ok()?;
        on.checked_add(span).ok()
    }
}

impl PaperForm {
    /// Its stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            PaperForm::Copy => "copy",
            PaperForm::Original => "original",
        }
    }
}
