//! Certificates of end users as pages and API share them: the terms in force, and what is refused in words.

use app::certificates::{CertificateError, Fault, GivenStep, Terms};

use crate::config::Hall;
use crate::law::law;
use crate::stop::{FieldFault, Stop, fault};
use crate::text::Text;

/// On what terms certificates are asked for and signed here.
pub(crate) async fn terms(hall: &Hall) -> Result<Terms, Stop> {
    Ok(Terms::of(&*law(hall, &hall.config.pack).await?))
}

/// What was refused, as faults of fields; or why the request stops. A field of an answer is called as in
/// the request.
pub(crate) fn refused(error: CertificateError) -> Result<Vec<Fault>, Stop> {
    match error {
        CertificateError::Unknown => Err(Stop::NotFound),
        CertificateError::Faults(faults) => Ok(faults),
        CertificateError::Refused(refusal) => {
            let field = match &refusal {
                licensing::certificate::Refusal::Missing("authority") => "signs_for",
                licensing::certificate::Refusal::Missing(field) => field,
                licensing::certificate::Refusal::Code => "code",
                _ => "certificate",
            };
            Ok(vec![Fault {
                field: field.to_owned(),
                code: refusal.code(),
                message: refusal.to_string(),
                accepted: String::new(),
            }])
        }
        other => Err(fault(&other)),
    }
}

/// The same for a program.
pub(crate) fn stop(error: CertificateError) -> Stop {
    match refused(error) {
        Ok(faults) => Stop::Fields(faults.into_iter().map(told).collect()),
        Err(stop) => stop,
    }
}

fn told(fault: Fault) -> FieldFault {
    let Fault { field, code, message, accepted } = fault;
    FieldFault { field, code, message, accepted }
}

/// A fault in the words of a page, with its field's name before it where it has one.
pub(crate) fn worded(t: &Text, fault: Fault) -> FieldFault {
    // `goods_0_amount` and `goods_1_amount` are called alike.
    let kind: String = fault.field.chars().filter(|c| !c.is_ascii_digit()).collect();
    let label = t.code("certificate-field", &kind.replace("__", "_"), "");
    let code = if fault.code.starts_with("quantity_") { "quantity" } else { fault.code };
    let message = t.code("certificate-fault", code, &fault.message);
    let message = if label.is_empty() { message } else { t.two("refusal-of", label, message) };
    FieldFault { message, ..told(fault) }
}

/// What was typed for a step whose fields begin with its name.
pub(crate) fn step_typed(
    step: &str,
    typed: &std::collections::BTreeMap<String, String>,
) -> Result<GivenStep, Stop> {
    let own = typed.iter().filter_map(|(name, value)| {
        let field = name.strip_prefix(step)?.strip_prefix('_')?;
        Some((field.to_owned(), serde_json::Value::String(value.clone())))
    });
    let map = serde_json::Value::Object(own.collect());
    serde_json::from_value(map).map_err(|error| fault(&error))
}
