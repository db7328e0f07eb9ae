//! General licences: what is published, who is registered, and what a registered user and the authority do.

pub(crate) mod list;
pub(crate) mod one;

use app::cases::Step;
use app::general::{GeneralError, GeneralView};
use base::Date;
use base::authorisation::{Resource, Role};
use licensing::general::returns::ReturnState;
use licensing::general::{Command, GeneralLicence, Notice, Side};
use licensing::message::Reason;

use crate::config::Hall;
use crate::law::law;
use crate::ledger::off_thread;
use crate::pages::clock::worded;
use crate::pages::licence::country;
use crate::secret::moment;
use crate::show;
use crate::stop::{FieldFault, Stop, fault};
use crate::text::Text;
use crate::visit::Visit;

/// A registration that the visitor may do the route's action on; any other does not exist for it.
pub(crate) async fn found(hall: &Hall, visit: &Visit, number: &str) -> Result<GeneralView, Stop> {
    let law = law(hall, &hall.config.pack).await?;
    let (shared, of) = (hall.clone(), number.to_owned());
    let now = hall.now();
    match off_thread(move || shared.platform.general_view(&law, &of, now)).await? {
        Ok(view) => {
            visit.allow(Resource::Licence(&view.registration.user))?;
            visit.look(&view.registration.user);
            Ok(view)
        }
        // Whoever may see none is not told that there is none.
        Err(GeneralError::Unknown) => {
            Err(visit.allow(Resource::Licence("")).err().unwrap_or(Stop::NotFound))
        }
        Err(error) => Err(fault(&error)),
    }
}

/// Gives a command on a registration that was found; what was refused as faults.
pub(crate) async fn stepped(
    hall: &Hall,
    visit: &Visit,
    number: &str,
    (side, command): (Side, Command),
) -> Result<Result<(), GeneralError>, Stop> {
    let law = law(hall, &hall.config.pack).await?;
    let moment = moment(hall.now())?;
    let (shared, actor, of) = (hall.clone(), visit.actor.clone(), number.to_owned());
    let done = off_thread(move || {
        let step = Step { actor: &actor, moment };
        shared.platform.general_step(&law, &of, (side, &command), &step)
    })
    .await?;
    hall.jobs_wake.notify_one();
    Ok(done)
}

/// A reason of the rules in the words of the page.
fn worded_reason(t: &Text, reason: &Reason) -> FieldFault {
    let mut message = t.code("general-refused", reason.code, &reason.message);
    // Lines of a return are counted from 0 in the message, from 1 by people.
    let line = reason.part.strip_prefix("lines[").and_then(|rest| rest.split(']').next());
    let field = match (line.and_then(|place| place.parse::<u64>().ok()), reason.part.as_str()) {
        (Some(place), _) => {
            message = t.two("refusal-of", t.num("general-line", &(place + 1)), message);
            "lines"
        }
        (None, "command" | "outcome" | "audit") => "deed",
        (None, part) => part,
    };
    FieldFault {
        field: field.to_owned(),
        code: reason.code,
        message,
        accepted: reason.accepted.clone(),
    }
}

/// What was refused, as faults of fields; or why the request stops.
pub(crate) fn faults(t: &Text, error: GeneralError) -> Result<Vec<FieldFault>, Stop> {
    let one = |code: &'static str| FieldFault {
        field: "general".to_owned(),
        code,
        message: t.code("general-refused", code, code),
        accepted: String::new(),
    };
    match error {
        GeneralError::Refused(reasons) => {
            Ok(reasons.iter().map(|reason| worded_reason(t, reason)).collect())
        }
        GeneralError::LicenceUnknown(_) => Ok(vec![one("general_unknown")]),
        GeneralError::User(_) => Ok(vec![one("general_user")]),
        GeneralError::Unknown => Err(Stop::NotFound),
        other => Err(fault(&other)),
    }
}

/// Whether the visitor reads what is between user and authority: customs does not.
fn whole(visit: &Visit) -> Result<(), Stop> {
    if visit.actor.role == Role::Customs { Err(Stop::NotFound) } else { Ok(()) }
}

/// A line of what is known, with its value.
struct Fact {
    label: String,
    value: String,
}

/// What a general licence allows and asks, line by line.
fn terms(t: &Text, general: &GeneralLicence) -> Vec<Fact> {
    let mut facts = Vec::new();
    let mut add = |label: &str, value: String| facts.push(Fact { label: t.get(label), value });
    add("general-goods", general.control_codes.join(", "));
    let destinations = general.destinations.iter().map(|code| country(t, code));
    add("general-destinations", destinations.collect::<Vec<_>>().join(", "));
    if !general.barred_uses.is_empty() {
        let uses: Vec<String> =
            general.barred_uses.iter().map(|code| t.code("use", code, code)).collect();
        add("general-barred-uses", uses.join(", "));
    }
    let days = [("general-from", general.valid_from), ("general-to", general.valid_to)];
    for (label, day) in days {
        if let Some(day) = day {
            add(label, show::date(t, day));
        }
    }
    let notice_days = u64::from(general.notice_days.unwrap_or(0));
    match general.notice {
        Some(Notice::Before) => add("general-notice", t.num("general-notice-before", &notice_days)),
        Some(Notice::After) => add("general-notice", t.num("general-notice-after", &notice_days)),
        None => {}
    }
    if let (Some(months), Some(days)) = (general.report_every_months, general.report_within_days) {
        let every = t.num("general-months", &u64::from(months));
        add("general-returns", t.num_with("general-returns-within", &u64::from(days), every));
    }
    let records: Vec<String> =
        general.records.iter().map(|record| worded(t, &record.text_en, &record.text_zh)).collect();
    if !records.is_empty() {
        add("general-records", records.join("; "));
    }
    if let Some(years) = general.records_years {
        add("general-records-years", t.num("general-years", &u64::from(years)));
    }
    let sure = t.code("confidence", &general.confidence, &general.confidence);
    add("general-rule", format!("{} ({sure}: {})", general.citation, general.source));
    facts
}

/// The class of a tag.
fn tag(code: &str) -> &'static str {
    match code {
        "active" | "filed" | "in_order" | "corrected" | "given" => "gd-tag-good",
        "overdue" | "suspended" | "withdrawn" | "answer_overdue" | "correction_overdue"
        | "given_late" | "filed_late" => "gd-tag-error",
        _ => "gd-tag-plain",
    }
}

/// What is typed as a day.
fn day(typed: &str) -> Option<Date> {
    base::time::date_parse(typed.trim())
}

/// A field that holds no day.
fn day_wrong(t: &Text, field: &str) -> FieldFault {
    FieldFault {
        field: field.to_owned(),
        code: "general_day",
        message: t.code("general-refused", "general_day", "general_day"),
        accepted: "a day such as 2026-03-31".to_owned(),
    }
}

/// Whether a return is to be filed.
fn open(state: ReturnState) -> bool {
    matches!(state, ReturnState::Due | ReturnState::Overdue)
}
