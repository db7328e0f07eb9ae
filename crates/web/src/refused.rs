//! What a use case about people refuses, as the pages and the API say it.

use app::people::{PeopleError, Refusal};

use crate::stop::{FieldFault, Stop, fault};
use crate::text::Text;

/// What was refused, as faults of fields in the visitor's language; or why the request stops.
pub(crate) fn faults(t: &Text, error: PeopleError) -> Result<Vec<FieldFault>, Stop> {
    let refusal = match error {
        PeopleError::Refused(refusal) => refusal,
        other => return Err(fault(&other)),
    };
    let accepted = match &refusal {
        Refusal::Wait { seconds } => return Err(Stop::TooMany(*seconds)),
        Refusal::NotFound { .. } => return Err(Stop::NotFound),
        Refusal::ProveAgain => return Err(Stop::ProveAgain),
        Refusal::Field { accepted, .. } => accepted.clone(),
        _ => String::new(),
    };
    let code = refusal.code();
    let field = refusal.field();
    let mut message = t.get(&format!("refusal-{code}"));
    // In the summary at the top of a page a fault stands without its field's label.
    let label = t.code("field", field, "");
    if matches!(refusal, Refusal::Field { .. }) && !label.is_empty() {
        message = t.two("refusal-of", label, message);
    }
    Ok(vec![FieldFault { field: field.to_owned(), code, message, accepted }])
}

/// The same where there is no form to show again.
pub(crate) fn stop(t: &Text, error: PeopleError) -> Stop {
    match faults(t, error) {
        Ok(faults) => Stop::Fields(faults),
        Err(stop) => stop,
    }
}
