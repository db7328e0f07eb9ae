//! What a certificate lacks, what it covers, and how much of that is left.

use std::collections::BTreeMap;

use base::Date;

use super::{Certificate, Means, Purpose, Seal, Standing};
use crate::application::{Application, Key};
use crate::quantity::{Quantity, Unit};
use crate::rules::{CaseFacts, CertificateRule};

/// Something that is missing, with a stable code.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Gap {
    /// Code: also that of [`crate::rules::GapRule`].
    pub code: &'static str,
    /// Of what: a language, a promise, a good; empty where the code says it all.
    pub of: String,
}

fn gap(code: &'static str, of: impl Into<String>) -> Gap {
    Gap { code, of: of.into() }
}

/// What is missing for a certificate to be complete on a day; nothing where it is. `facts` are those of the
/// case, of which it depends whether a government must certify.
#[must_use]
pub fn gaps(
    certificate: &Certificate,
    rule: &CertificateRule,
    facts: &CaseFacts<'_>,
    today: Date,
) -> Vec<Gap> {
    let code = match certificate.standing(today) {
        Standing::Asked | Standing::Opened => "certificate_not_signed",
        Standing::Corrected => "certificate_correction_open",
        Standing::Void => "certificate_void",
        Standing::Declined => "certificate_declined",
        Standing::Revoked => "certificate_revoked",
        Standing::Expired => "certificate_expired",
        Standing::Signed => "",
    };
    let Some(signature) = certificate.signature().filter(|_| code.is_empty()) else {
        return vec![gap(code, "")];
    };
    let mut gaps = Vec::new();
    let signatory = &signature.signatory;
    let statement = &certificate.statement;
    for (asked, given, code) in [
        ("name", &signatory.name, "certificate_signatory_name"),
        ("position", &signatory.position, "certificate_signatory_position"),
        ("email", &signatory.email, "certificate_signatory_email"),
        ("place", &signatory.place, "certificate_signatory_place"),
        ("use_place", &statement.use_place, "certificate_use_place"),
        ("end_product", &statement.end_product, "certificate_end_product"),
    ] {
        if rule.asks(asked) && given.is_empty() {
            gaps.push(gap(code, ""));
        }
    }
    if rule.asks("authority") && signatory.authority == super::Authority::NotStated {
        gaps.push(gap("certificate_signatory_authority", ""));
    }
    let paper = matches!(signature.means, Means::Paper { .. });
    if rule.asks("seal") && paper && certificate.seal != Some(Seal::Seen) {
        gaps.push(gap("certificate_seal", ""));
    }
    if paper && certificate.paper_checked.is_none() {
        gaps.push(gap("certificate_paper_unchecked", ""));
    }
    for promise in &rule.promises {
        if !statement.promises.contains(&promise.id) {
            gaps.push(gap("certificate_promise", &promise.id));
        }
    }
    if rule.original && certificate.original.is_none() {
        gaps.push(gap("certificate_original", ""));
    }
    for language in &rule.translation {
        let attached = certificate.translations.iter().any(|(into, _)| into == language);
        if signature.language != *language && !attached {
            gaps.push(gap("certificate_translation", language));
        }
    }
    if certificate.government.is_none()
        && rule.government_when.as_ref().is_some_and(|when| when.fits(facts))
    {
        gaps.push(gap("certificate_government", ""));
    }
    gaps
}

/// Whether a certificate counts for a purpose on a day: signed, neither declined, revoked, void nor expired,
/// and used for nothing else.
#[must_use]
pub fn counts(certificate: &Certificate, purpose: &Purpose, today: Date) -> bool {
    *purpose != Purpose::Open
        && certificate.purpose == *purpose
        && certificate.standing(today) == Standing::Signed
}

/// A quantity used of a good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Used {
    /// Key of the good.
    pub good: Key,
    /// How much.
    pub quantities: Vec<Quantity>,
}

/// What is left of a good in a unit; below zero where more is used than certified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Left {
    /// Key of the good.
    pub good: Key,
    /// Unit.
    pub unit: Unit,
    /// What is certified, in the smallest parts of the unit.
    pub certified: i128,
    /// What is used.
    pub used: i128,
}

impl Left {
    /// What is left.
    #[must_use]
    pub fn amount(&self) -> i128 {
        self.certified - self.used
    }
}

/// What is left of what a certificate covers on a day, for each good and unit that is certified or used,
/// in that order. One that does not stand as signed covers nothing.
#[must_use]
pub fn left(certificate: &Certificate, used: &[Used], today: Date) -> Vec<Left> {
    let mut sums: BTreeMap<(Key, Unit), (i128, i128)> = BTreeMap::new();
    if certificate.standing(today) == Standing::Signed {
        for good in &certificate.statement.goods {
            for quantity in &good.quantities {
                let key = (good.key.clone(), quantity.unit.clone());
                sums.entry(key).or_default().0 += i128::from(quantity.amount);
            }
        }
    }
    for part in used {
        for quantity in &part.quantities {
            let key = (part.good.clone(), quantity.unit.clone());
            sums.entry(key).or_default().1 += i128::from(quantity.amount);
        }
    }
    let left = |((good, unit), (certified, used))| Left { good, unit, certified, used };
    sums.into_iter().map(left).collect()
}

/// Where an application and the certificate of one of its end users do not fit: parties, uses and quantities
/// of its cells. A unit that is certified bounds the cells; one that is not is no matter of the certificate,
/// as long as each cell has one that is.
#[must_use]
pub fn fits(certificate: &Certificate, application: &Application, end_user: &str) -> Vec<Gap> {
    let statement = &certificate.statement;
    let mut gaps = Vec::new();
    let named = application.party(end_user).map(|party| party.name.as_str());
    if statement.end_user.key != end_user || named != Some(statement.end_user.name.as_str()) {
        gaps.push(gap("certificate_other_end_user", end_user));
    }
    let mut sums: BTreeMap<(&str, &Unit), i128> = BTreeMap::new();
    for cell in application.cells.iter().filter(|cell| cell.end_user == end_user) {
        if cell.consignee != statement.consignee.key {
            gaps.push(gap("certificate_other_consignee", &cell.key));
        }
        if cell.destination != statement.destination {
            gaps.push(gap("certificate_other_destination", &cell.key));
        }
        if cell.end_use != statement.end_use_key {
            gaps.push(gap("certificate_other_end_use", &cell.key));
        }
        let good = statement.good(&cell.good);
        let certified = |quantity: &&Quantity| {
            good.is_some_and(|good| good.quantities.iter().any(|q| q.unit == quantity.unit))
        };
        let mut covered = cell.quantities.iter().filter(certified).peekable();
        if covered.peek().is_none() {
            gaps.push(gap("certificate_good_not_covered", &cell.key));
        }
        for quantity in covered {
            *sums.entry((&cell.good, &quantity.unit)).or_default() += i128::from(quantity.amount);
        }
    }
    for ((key, unit), sum) in sums {
        let stated = statement.good(key).and_then(|good| {
            good.quantities.iter().find(|quantity| quantity.unit == *unit).map(|q| q.amount)
        });
        if sum > i128::from(stated.unwrap_or(0)) {
            gaps.push(gap("certificate_quantity", format!("{key}/{unit}")));
        }
    }
    gaps.sort();
    gaps.dedup();
    gaps
}
