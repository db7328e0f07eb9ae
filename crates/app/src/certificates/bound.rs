//! To what a certificate belongs: a draft or a case of its applicant; and whether what is kept adds up.

use base::{Date, Timestamp};
use licensing::Application;
use licensing::application::CertificateEntry;
use licensing::certificate::{
    Certificate, Command, Purpose, Recorded, Standing, Statement, Who, decide,
};
use store::{LicensingChange, LicensingRead};

use super::{CertificateError, Terms, id_parse, kept, rests, situation, step, stream};
use crate::import::hex;
use crate::people::By;

/// Works every certificate out of its events anew, and says where what is kept differs.
pub(crate) fn check(read: &LicensingRead<'_>) -> Result<Vec<String>, CertificateError> {
    let mut wrong = Vec::new();
    for (owner_id, id) in read.certificate_keys()? {
        let name = stream(&id);
        let Some(row) = read.certificate(owner_id, id)? else {
            wrong.push(format!("{name} is named and not there"));
            continue;
        };
        let bodies = read.events(owner_id, &name)?;
        let events: Result<Vec<Recorded>, _> =
            bodies.iter().map(|body| serde_json::from_str(body)).collect();
        match events.map(|events| Certificate::fold(id, &row.applicant, &events)) {
            Ok(Ok(folded)) if kept(&row).is_ok_and(|kept| kept == folded) => {}
            Ok(Ok(_)) => wrong.push(format!("{name} is not what its events add up to")),
            Ok(Err(error)) => wrong.push(format!("{name}: {error}")),
            Err(error) => wrong.push(format!("{name}: {error}")),
        }
    }
    Ok(wrong)
}

/// The application in the body of a draft: the body itself, or its member `application`.
pub(super) fn application_of(body: &str) -> Result<Application, serde_json::Error> {
    let mut body: serde_json::Value = serde_json::from_str(body)?;
    let inner = body.get_mut("application").map(serde_json::Value::take);
    serde_json::from_value(inner.unwrap_or(body))
}

/// A draft or case that a certificate is asked for is the applicant's own and there.
pub(super) fn purpose_there(
    read: &LicensingRead<'_>,
    owner_id: [u8; 16],
    purpose: &Purpose,
) -> Result<(), CertificateError> {
    let there = match purpose {
        Purpose::Open => true,
        Purpose::Draft(key) => match id_parse(key) {
            Some(draft_id) => read.draft(owner_id, draft_id)?.is_some(),
            None => false,
        },
        Purpose::Case(number) => read.case(number)?.is_some_and(|case| case.owner_id == owner_id),
    };
    if there { Ok(()) } else { Err(CertificateError::Unknown) }
}

/// How a draft names the certificates that were asked for it, the oldest first; those that are declined or
/// revoked are left out.
///
/// # Errors
/// [`CertificateError`] where the database refuses.
pub fn certificates_asked(
    read: &LicensingRead<'_>,
    owner_id: [u8; 16],
    draft_id: &[u8; 16],
) -> Result<Vec<CertificateEntry>, CertificateError> {
    let purpose = Purpose::Draft(hex(draft_id));
    let mut named = Vec::new();
    for row in &read.certificates_for(owner_id, &purpose.code())? {
        let certificate = kept(row)?;
        // Neither standing depends on the day.
        if !OVER.contains(&certificate.standing(Date::MIN)) {
            named.push(rests(&certificate, Date::MIN).entry);
        }
    }
    Ok(named)
}

/// What ends a certificate for good, by somebody's word.
const OVER: [Standing; 2] = [Standing::Declined, Standing::Revoked];

/// Binds the certificates of a draft to the case that it became, in the transaction in which it is handed
/// in; gives them as they are now. One that is declined, revoked or already bound stays as it is.
///
/// # Errors
/// [`CertificateError`] where the database refuses.
pub fn certificates_bind(
    change: &LicensingChange<'_>,
    owner_id: [u8; 16],
    (draft_id, number): ([u8; 16], &str),
    by: By<'_>,
    (terms, now): (&Terms, Timestamp),
) -> Result<Vec<Certificate>, CertificateError> {
    let purpose = Purpose::Draft(hex(&draft_id));
    let rows = change.read().certificates_for(owner_id, &purpose.code())?;
    let mut bound = Vec::new();
    for row in &rows {
        let certificate = kept(row)?;
        if OVER.contains(&certificate.standing(terms.day(now))) {
            continue;
        }
        let situation = situation(Who::Exporter, terms, now);
        let event = decide(&certificate, Command::Bind(number.to_owned()), &situation)?;
        bound.push(step(change, owner_id, &certificate, by, event, now)?);
    }
    Ok(bound)
}

/// The differences between what an exporter stated and what the end user states, for display: element,
/// before, after.
#[must_use]
pub fn differences(before: &Statement, after: &Statement) -> Vec<(String, String, String)> {
    let mut rows = Vec::new();
    let mut compare = |element: &str, before: String, after: String| {
        if before != after {
            rows.push((element.to_owned(), before, after));
        }
    };
    for (stated, corrected) in before.goods.iter().zip(&after.goods) {
        let amounts = |good: &licensing::certificate::GoodStated| {
            let amounts: Vec<String> = good.quantities.iter().map(ToString::to_string).collect();
            format!("{}: {}", good.name, amounts.join("; "))
        };
        compare("good", amounts(stated), amounts(corrected));
    }
    compare("end_use", before.end_use.clone(), after.end_use.clone());
    compare("use_place", before.use_place.clone(), after.use_place.clone());
    compare("end_product", before.end_product.clone(), after.end_product.clone());
    rows
}
