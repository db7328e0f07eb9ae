//! What somebody does to a certificate, as it is given in a form or by a program: read whole, with every
//! fault at once; and what an application rests on.

use std::collections::BTreeMap;

use base::{Date, Timestamp};
use licensing::application::{CertificateEntry, Key};
use licensing::certificate::{
    Authority, Certificate, CertificateId, Command, CorrectedGood, Correction, Government, Means,
    PaperForm, Purpose, Seal, Signatory, SignedBy, Standing, Who,
};
use licensing::completeness::CertificateKnown;
use licensing::quantity::Quantity;
use serde::Deserialize;

use super::given::{Reader, TEXT_MAX, quantity_read};
use super::{CertificateError, Fault, GivenQuantity, Terms, id_text, kept, words};
use crate::people::{By, NAME_MAX};
use crate::platform::Platform;

/// What is given for a step; each takes what it needs of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct GivenStep {
    /// Why: for `revoke`, `decline`, `disagree`.
    pub reason: String,
    /// SHA-256 of the statement that was seen: for `agree`.
    pub seen: String,
    /// Language of a paper or of a translation.
    pub language: String,
    /// SHA-256 of a scan or a translation; empty where none is kept.
    pub document: String,
    /// `seen` where the paper has a seal.
    pub seal: String,
    /// `original` or `copy`.
    pub form: String,
    /// A day: of the paper, or of what the government said (ISO 8601).
    pub on: String,
    /// The certifying authority.
    pub authority: String,
    /// Its reference.
    pub reference: String,
    /// Name of the signatory.
    pub name: String,
    /// Its position.
    pub position: String,
    /// Its e-mail address.
    pub email: String,
    /// Where it is signed.
    pub place: String,
    /// `stated` where the signatory states to have the authority to sign.
    pub signs_for: String,
}

/// A correction, as given.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GivenCorrection {
    /// By key of the good: the amounts in the units that are stated.
    pub goods: BTreeMap<Key, Vec<GivenQuantity>>,
    /// The end use, in words.
    pub end_use: String,
    /// Where the goods are used.
    pub use_place: String,
    /// What is made of them.
    pub end_product: String,
}

/// What an exporter may do to a certificate.
pub const EXPORTER_STEPS: [&str; 6] =
    ["agree", "disagree", "link_withdraw", "paper", "translate", "revoke"];
/// What an officer may do.
pub const OFFICER_STEPS: [&str; 6] =
    ["paper", "paper_check", "original", "translate", "government", "revoke"];

fn digest_well(text: &str) -> bool {
    text.is_empty() || text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit())
}

impl Reader {
    fn missing(&mut self, field: &str) {
        self.own(field, "missing", format!("`{field}` is missing"), "it is asked for");
    }

    fn own(&mut self, field: &str, code: &'static str, message: String, accepted: &str) {
        let (field, accepted) = (field.to_owned(), accepted.to_owned());
        self.faults.push(Fault { field, code, message, accepted });
    }

    fn document(&mut self, text: &str) -> String {
        let text = text.trim().to_ascii_lowercase();
        if !digest_well(&text) {
            let message = format!("`{text}` is no SHA-256");
            self.own("document", "sha256", message, "64 hexadecimal digits, or nothing");
        }
        text
    }

    fn day(&mut self, text: &str, today: Date) -> Option<Date> {
        let text = text.trim();
        match text.parse::<Date>() {
            _ if text.is_empty() => None,
            Ok(on) if on <= today => Some(on),
            Ok(_) => {
                let message = format!("`{text}` is a day to come");
                self.own("on", "future", message, "today or earlier");
                None
            }
            Err(_) => {
                let message = format!("`{text}` is no day");
                self.own("on", "day", message, "such as 2026-01-31");
                None
            }
        }
    }

    fn reason(&mut self, text: &str) -> String {
        self.text("reason", text, 1, TEXT_MAX)
    }

    fn language(&mut self, text: &str) -> String {
        let text = self.text("language", text, 1, 35);
        if !text.is_empty() && !text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') {
            let message = format!("`{text}` is no language");
            self.own("language", "language", message, "a code such as `de` or `zh`");
        }
        text.to_ascii_lowercase()
    }

    fn signatory(&mut self, given: &GivenStep, terms: &Terms) -> Signatory {
        // No more than is asked is kept; a name always is.
        let asks = |code: &str| code == "name" || terms.rule.asks(code);
        let mut text = |field: &'static str, text: &str, most: usize| match asks(field) {
            true => self.text(field, text, 1, most),
            false => String::new(),
        };
        let mut signatory = Signatory {
            name: text("name", &given.name, NAME_MAX),
            position: text("position", &given.position, NAME_MAX),
            place: text("place", &given.place, NAME_MAX),
            email: String::new(),
            authority: Authority::NotStated,
        };
        if asks("email") {
            signatory.email = self.email("email", &given.email);
        }
        match given.signs_for.as_str() {
            "stated" => signatory.authority = Authority::Stated,
            _ if asks("authority") => self.missing("signs_for"),
            _ => {}
        }
        signatory
    }
}

fn seal_of(given: &GivenStep) -> Seal {
    if given.seal == "seen" { Seal::Seen } else { Seal::NotSeen }
}

/// Who signs, as given by the end user: everything that is asked, or every fault.
///
/// # Errors
/// The faults.
pub fn signatory_read(given: &GivenStep, terms: &Terms) -> Result<Signatory, Vec<Fault>> {
    let mut reader = Reader::default();
    let signatory = reader.signatory(given, terms);
    if reader.faults.is_empty() { Ok(signatory) } else { Err(reader.faults) }
}

/// A correction, as given: every good in the units that are stated.
///
/// # Errors
/// The faults.
pub fn correction_read(
    certificate: &Certificate,
    given: &GivenCorrection,
    terms: &Terms,
) -> Result<Correction, Vec<Fault>> {
    let mut reader = Reader::default();
    let mut goods = BTreeMap::new();
    for (number, good) in certificate.statement.goods.iter().enumerate() {
        let Some(amounts) = given.goods.get(&good.key) else { continue };
        let mut quantities: Vec<Quantity> = Vec::new();
        for (place, amount) in amounts.iter().enumerate() {
            match quantity_read(amount, &format!("amount_{number}_{place}")) {
                Ok(quantity) => quantities.push(quantity),
                Err(fault) => reader.faults.push(fault),
            }
        }
        goods.insert(good.key.clone(), CorrectedGood { quantities });
    }
    let rule = &terms.rule;
    let mut text = |field: &str, text: &str| match field == "end_use" || rule.asks(field) {
        true => reader.text(field, text, 1, TEXT_MAX),
        false => String::new(),
    };
    let correction = Correction {
        end_use: text("end_use", &given.end_use),
        use_place: text("use_place", &given.use_place),
        end_product: text("end_product", &given.end_product),
        goods,
    };
    if reader.faults.is_empty() { Ok(correction) } else { Err(reader.faults) }
}

/// Why, as it is given by an end user that declines or takes back.
///
/// # Errors
/// The fault.
pub fn reason_read(given: &GivenStep) -> Result<String, Vec<Fault>> {
    let mut reader = Reader::default();
    let reason = reader.reason(&given.reason);
    if reader.faults.is_empty() { Ok(reason) } else { Err(reader.faults) }
}

/// What a step asks for; of a paper the text is filled in from the certificate.
fn step_read(
    step: &str,
    given: &GivenStep,
    who: Who,
    (terms, today): (&Terms, Date),
) -> Result<Command, Vec<Fault>> {
    let mut reader = Reader::default();
    let command = match step {
        "agree" => Command::CorrectionAgree(given.seen.clone()),
        "disagree" => Command::CorrectionRefuse(reader.reason(&given.reason)),
        "link_withdraw" => Command::LinkWithdraw,
        "revoke" => Command::Revoke(reader.reason(&given.reason)),
        "translate" => {
            Command::Translate(reader.language(&given.language), reader.document(&given.document))
        }
        "paper_check" => Command::PaperCheck(seal_of(given)),
        "original" => Command::OriginalReceive(seal_of(given)),
        "government" => Command::GovernmentCertify(Government {
            authority: reader.text("authority", &given.authority, 1, NAME_MAX),
            reference: reader.text("reference", &given.reference, 0, NAME_MAX),
            on: reader.day(&given.on, today),
        }),
        "paper" => {
            let form = match given.form.as_str() {
                "original" => PaperForm::Original,
                "copy" => PaperForm::Copy,
                other => {
                    let message = format!("`{other}` is no form of a paper");
                    reader.own("form", "form", message, "`original` or `copy`");
                    PaperForm::Copy
                }
            };
            let on = reader.day(&given.on, today);
            if given.on.trim().is_empty() {
                reader.missing("on");
            }
            if !words().contains_key(&given.language) {
                let message = format!("there is no text in `{}`", given.language);
                let accepted = words().keys().cloned().collect::<Vec<_>>().join(", ");
                reader.own("language", "language", message, &accepted);
            }
            Command::Sign(Box::new(SignedBy {
                signatory: reader.signatory(given, terms),
                means: Means::Paper {
                    form,
                    seal: seal_of(given),
                    document: reader.document(&given.document),
                    received_by: who,
                },
                on,
                seen: String::new(),
                language: given.language.clone(),
                text: String::new(),
            }))
        }
        other => {
            let message = format!("`{other}` is no step");
            let steps = if who == Who::Officer { OFFICER_STEPS } else { EXPORTER_STEPS };
            reader.own("step", "step", message, &steps.join(", "));
            Command::LinkWithdraw
        }
    };
    if reader.faults.is_empty() { Ok(command) } else { Err(reader.faults) }
}

/// A certificate as an application rests on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rests {
    /// How the application names it.
    pub entry: CertificateEntry,
    /// Why it cannot be used: `not_signed`, `corrected`, `void`, `declined`, `revoked`, `expired`; empty
    /// where it can.
    pub unusable: &'static str,
    /// The last day on which it counts; nothing where there is no end.
    pub valid_until: Option<Date>,
    /// What it covers: of each unit the sum over its goods.
    pub covers: Vec<Quantity>,
}

/// How an application rests on a certificate, on a day.
#[must_use]
pub fn rests(certificate: &Certificate, today: Date) -> Rests {
    let unusable = match certificate.standing(today) {
        Standing::Signed => "",
        Standing::Asked | Standing::Opened => "not_signed",
        other => other.code(),
    };
    let mut covers: Vec<Quantity> = Vec::new();
    for quantity in certificate.statement.goods.iter().flat_map(|good| &good.quantities) {
        match covers.iter_mut().find(|covered| covered.unit == quantity.unit) {
            Some(covered) => covered.amount = covered.amount.saturating_add(quantity.amount),
            None => covers.push(quantity.clone()),
        }
    }
    Rests {
        entry: CertificateEntry {
            id: id_text(&certificate.id),
            end_user: certificate.statement.end_user.key.clone(),
        },
        unusable,
        valid_until: certificate.signature().and_then(|signature| signature.valid_until),
        covers,
    }
}

impl Platform {
    /// Takes a step on a certificate, for the exporter or an officer ([`EXPORTER_STEPS`],
    /// [`OFFICER_STEPS`]). A paper stands for the text in its language as it is now.
    ///
    /// # Errors
    /// [`CertificateError::Faults`] with everything that cannot be taken; [`CertificateError::Unknown`],
    /// [`CertificateError::Refused`].
    pub fn certificate_step(
        &self,
        id: CertificateId,
        (who, by): (Who, By<'_>),
        (step, given): (&str, &GivenStep),
        (terms, now): (&Terms, Timestamp),
    ) -> Result<Certificate, CertificateError> {
        let command = step_read(step, given, who, (terms, terms.day(now)))
            .map_err(CertificateError::Faults)?;
        let filled = |certificate: &Certificate| {
            let mut command = command.clone();
            if let Command::Sign(signed) = &mut command {
                let statement = certificate.statement_shown();
                let text = terms.text(certificate, statement, &signed.language);
                signed.seen = text.sha256();
                signed.text = text.plain();
            }
            command
        };
        self.certificate_do(id, (who, by), &filled, (terms, now))
    }

    /// What an application that is being written, or a case, rests on: the certificates that were asked
    /// for it, the oldest first. One call for whoever checks or shows it.
    ///
    /// # Errors
    /// [`CertificateError`] where the database refuses.
    pub fn certificates_rested_on(
        &self,
        party: &str,
        purpose: &Purpose,
        today: Date,
    ) -> Result<Vec<Rests>, CertificateError> {
        let found = self.certificates_for(party, purpose)?;
        Ok(found.iter().map(|certificate| rests(certificate, today)).collect())
    }

    /// What is known of the certificates that an application of a party names, by id.
    ///
    /// # Errors
    /// [`CertificateError`] where the database refuses.
    pub fn certificates_known(
        &self,
        party: &str,
        application: &licensing::Application,
        today: Date,
    ) -> Result<BTreeMap<String, CertificateKnown>, CertificateError> {
        let mut known = BTreeMap::new();
        for entry in &application.certificates {
            let Some(id) = super::id_parse(&entry.id) else { continue };
            let found = self.certificate(id)?.filter(|certificate| certificate.applicant == party);
            if let Some(certificate) = found {
                let Rests { unusable, valid_until, covers, .. } = rests(&certificate, today);
                let unusable = unusable.to_owned();
                known.insert(entry.id.clone(), CertificateKnown { unusable, valid_until, covers });
            }
        }
        Ok(known)
    }

    /// The certificates of a case, whoever the applicant is; nothing where there is no such case.
    ///
    /// # Errors
    /// [`CertificateError`] where the database refuses.
    pub fn certificates_of_case(
        &self,
        number: &str,
    ) -> Result<Option<CertificatesOfCase>, CertificateError> {
        let reader = self.reader();
        let read = reader.licensing();
        let Some(record) = read.case(number)? else { return Ok(None) };
        let case: licensing::Case = serde_json::from_str(&record.body)?;
        let purpose = Purpose::Case(number.to_owned());
        let rows = read.certificates_for(record.owner_id, &purpose.code())?;
        Ok(Some(CertificatesOfCase {
            applicant: record.row.applicant,
            agencies: case.agencies.into_keys().collect(),
            certificates: rows.iter().map(kept).collect::<Result<_, _>>()?,
        }))
    }
}

/// The certificates of a case, and who may read them.
#[derive(Debug, Clone)]
pub struct CertificatesOfCase {
    /// The applicant, `scheme:value`.
    pub applicant: String,
    /// The agencies that are asked.
    pub agencies: Vec<String>,
    /// The certificates, the oldest first.
    pub certificates: Vec<Certificate>,
}

/// For what a certificate is asked, of an address or a field: `open`, `draft/<key>`, `case/<number>`.
#[must_use]
pub fn purpose_parse(text: &str) -> Option<Purpose> {
    match text.split_once('/') {
        Some(("draft", key)) => super::id_parse(key).map(|id| Purpose::Draft(id_text(&id))),
        Some(("case", number)) if !number.is_empty() => Some(Purpose::Case(number.to_owned())),
        None if text == "open" || text.is_empty() => Some(Purpose::Open),
        _ => None,
    }
}
