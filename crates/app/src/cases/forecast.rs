//! How long a case will take, as similar ones went: see [`licensing::forecast`].

use base::Timestamp;
use licensing::application::Application;
use licensing::case::{Case, CaseState, FollowKind};
use licensing::forecast::{Asked, Ended, Forecast, Past, forecast};
use store::CaseSpan;

use super::{CaseError, file};
use crate::law::Law;
use crate::platform::Platform;

/// Cases received longer ago say little of how things go now: two years.
const SINCE_US: i64 = 730 * 86_400_000_000;
/// The most cases that are looked at, the last received first.
const CASES_MAX: u32 = 5_000;

/// The forecast of an open case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CaseForecast {
    /// As similar cases went.
    pub forecast: Forecast,
    /// Calendar days that this one has been open.
    pub waited_days: u32,
}

/// Codes as case files keep them: sorted, each once, with a blank before, between and after.
fn codes<'a>(codes: impl Iterator<Item = &'a str>) -> String {
    let mut codes: Vec<&str> = codes.collect();
    codes.sort_unstable();
    codes.dedup();
    format!(" {} ", codes.join(" "))
}

pub(super) fn destinations_of(application: &Application) -> String {
    codes(application.cells.iter().map(|cell| cell.destination.as_str()))
}

fn end_uses_of(application: &Application) -> String {
    let asked = application.cells.iter().filter_map(|cell| application.end_use(&cell.end_use));
    codes(asked.map(|end_use| end_use.code.as_str()))
}

fn appeal(case: &Case) -> i64 {
    let appeals = |how| how == FollowKind::Appeal;
    i64::from(case.follows.as_ref().is_some_and(|follows| appeals(follows.how)))
}

/// How long a case took.
pub(super) fn span(owner_id: [u8; 16], case: &Case) -> CaseSpan {
    let first = case.first_outcome.as_ref();
    CaseSpan {
        owner_id,
        case_id: case.id,
        licence_type: case.application.licence_type.clone(),
        appeal: appeal(case),
        destinations: destinations_of(&case.application),
        end_uses: end_uses_of(&case.application),
        received_at_us: case.received_at_us,
        ended_at_us: first.map(|first| first.at_us),
        outcome: first.map_or("open", |first| first.state.code()).to_owned(),
    }
}

impl Platform {
    /// The forecast of a case that is open; nothing of one that has ended. One query.
    ///
    /// # Errors
    /// [`CaseError`] where the database refuses.
    pub fn case_forecast(
        &self,
        law: &Law,
        case: &Case,
        now: Timestamp,
    ) -> Result<Option<CaseForecast>, CaseError> {
        if !case.state.open() {
            return Ok(None);
        }
        let kind = (case.application.licence_type.as_str(), appeal(case));
        let forecast = self.forecast(law, kind, &case.application, Some(case.id), now)?;
        let zone = file::zone(law);
        let waited_days = days_between(&zone, case.received_at_us, now.us());
        Ok(Some(CaseForecast { forecast, waited_days }))
    }

    /// What an application could expect, were it handed in now. One query.
    ///
    /// # Errors
    /// [`CaseError`] where the database refuses.
    pub fn application_forecast(
        &self,
        law: &Law,
        application: &Application,
        now: Timestamp,
    ) -> Result<Forecast, CaseError> {
        self.forecast(law, (&application.licence_type, 0), application, None, now)
    }

    fn forecast(
        &self,
        law: &Law,
        (licence_type, appeal): (&str, i64),
        application: &Application,
        own: Option<[u8; 16]>,
        now: Timestamp,
    ) -> Result<Forecast, CaseError> {
        let zone = file::zone(law);
        let since = now.us().saturating_sub(SINCE_US);
        let spans = self.reader().licensing().case_spans(licence_type, appeal, since, CASES_MAX)?;
        let others = spans.into_iter().filter(|span| Some(span.case_id) != own);
        let past = |span: CaseSpan| Past {
            applicant: span.owner_id,
            days: days_between(&zone, span.received_at_us, span.ended_at_us.unwrap_or(now.us())),
            ended: match span.outcome.as_str() {
                "open" => Ended::NotYet,
                outcome if outcome == CaseState::Decided.code() => Ended::Decided,
                _ => Ended::Otherwise,
            },
            destinations: span.destinations,
            end_uses: span.end_uses,
        };
        let past: Vec<Past> = others.map(past).collect();
        let (destinations, end_uses) = (destinations_of(application), end_uses_of(application));
        Ok(forecast(&past, Asked { destinations: &destinations, end_uses: &end_uses }))
    }
}

/// Calendar days from one instant to another, in the authority's zone.
fn days_between(zone: &jiff::tz::TimeZone, from_us: i64, to_us: i64) -> u32 {
    let day = |us| file::epoch_day(file::date_in(zone, Timestamp::from_us(us)));
    u32::try_from(day(to_us) - day(from_us)).unwrap_or(0)
}
