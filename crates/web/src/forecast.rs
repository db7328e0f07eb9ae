//! The forecast of a case in words; `templates/forecast.html` puts them on a page.

use app::cases::CaseForecast;
use licensing::forecast::{DECIDED_MIN, Forecast, Known};

use crate::text::Text;

/// What is said of how long a case may take, line after line: how similar ones went, of which that is
/// said, and how long this one has been open.
pub(crate) fn forecast_lines(t: &Text, found: &CaseForecast) -> Vec<String> {
    let mut lines = lines_of(t, &found.forecast);
    lines.push(t.num("forecast-waited", &u64::from(found.waited_days)));
    if let Forecast::Known(Known { nine_of_ten_days: Some(nine), .. }) = found.forecast
        && found.waited_days > nine
    {
        lines.push(t.get("forecast-beyond"));
    }
    lines
}

/// The same of an application that is not handed in yet.
pub(crate) fn lines_of(t: &Text, forecast: &Forecast) -> Vec<String> {
    let known = match forecast {
        Forecast::Few { decided } => {
            return vec![t.num_with("forecast-few", &(*decided as u64), DECIDED_MIN)];
        }
        Forecast::Known(known) => known,
    };
    let first = match (known.half_days, known.nine_of_ten_days) {
        (Some(half), Some(nine)) => t.two("forecast-half-nine", half, nine),
        (Some(half), None) => t.num("forecast-half", &u64::from(half)),
        (None, _) => t.get("forecast-none"),
    };
    let like = known.likeness.code();
    let like = t.code("forecast-like", like, like);
    let mut lines = vec![first, t.num_with("forecast-of", &(known.decided as u64), like)];
    if known.open > 0 {
        lines.push(t.num("forecast-open", &(known.open as u64)));
    }
    lines
}

#[cfg(test)]
mod tests {
    use licensing::forecast::Likeness;

    use super::*;
    use crate::text::Language;

    fn said(forecast: Forecast, waited_days: u32) -> String {
        let found = CaseForecast { forecast, waited_days };
        forecast_lines(Language::English.text(), &found).join(" ")
    }

    fn known(half_days: Option<u32>, nine_of_ten_days: Option<u32>, open: usize) -> Forecast {
        let likeness = Likeness::DestinationAndUse;
        Forecast::Known(Known { likeness, decided: 45, open, half_days, nine_of_ten_days })
    }

    #[test]
    fn a_forecast_says_its_days_of_which_cases_and_what_is_not_known() {
        insta::assert_snapshot!(
            [
                said(known(Some(24), Some(41), 6), 12),
                said(known(Some(24), Some(41), 0), 42),
                said(known(Some(24), None, 60), 1),
                said(known(None, None, 90), 0),
                said(Forecast::Few { decided: 7 }, 3),
            ]
            .join("\n"),
            @r"
        Of similar cases half were decided in 24 days, nine of ten in 41. Counted are calendar days from receipt to decision, of 45 decided cases of the same kind of licence, destination and end use, received in the last two years. 6 that are still open count with the days that they have been so. This case has been open for 12 days.
        Of similar cases half were decided in 24 days, nine of ten in 41. Counted are calendar days from receipt to decision, of 45 decided cases of the same kind of licence, destination and end use, received in the last two years. This case has been open for 42 days. It has taken longer than nine of ten similar cases did.
        Of similar cases half were decided in 24 days; within how many nine of ten are is not known yet, since too many are still open. Counted are calendar days from receipt to decision, of 45 decided cases of the same kind of licence, destination and end use, received in the last two years. 60 that are still open count with the days that they have been so. This case has been open for one day.
        Fewer than half of similar cases are decided so far, so that no number of days can be given. Counted are calendar days from receipt to decision, of 45 decided cases of the same kind of licence, destination and end use, received in the last two years. 90 that are still open count with the days that they have been so. This case came in today.
        7 similar cases were decided in the last two years: too few, or of too few applicants, for a forecast, which needs 20 of several applicants. This case has been open for 3 days.
        "
        );
    }
}
