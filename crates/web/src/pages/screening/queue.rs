//! The queue of hits, the strongest first.

use app::screening::{HitCursor, HitFilter, hit_id_read};
use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use base::Timestamp;
use base::authorisation::Resource;
use screening::hit::{HitState, Strength};
use serde::Deserialize;

use super::{list_name, percent, state_tag};
use crate::api::{cursor_fault, cursor_make, cursor_read};
use crate::config::Hall;
use crate::form::encoded;
use crate::law::law;
use crate::ledger::off_thread;
use crate::page::{Page, html};
use crate::secret::hex;
use crate::show;
use crate::stop::{Stop, fault};
use crate::text::Text;
use crate::visit::Visit;

/// From which score the strongest band begins, in millionths.
const BAND_HIGH_PPM: u32 = 900_000;
/// From which score the middle band begins, in millionths.
const BAND_MIDDLE_PPM: u32 = 800_000;

/// Which hits are listed.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(crate) struct Asked {
    /// `waiting` (open, asked or proposed; the default), `any`, or a state: `open`, `asked`, `proposed`,
    /// `cleared`, `confirmed`, `ended`.
    pub(crate) state: String,
    /// Code of a list.
    pub(crate) list: String,
    /// Kind of listed party: `person`, `organization`, `vessel`, `aircraft`, `unknown`.
    pub(crate) kind: String,
    /// `high` (from 0.9), `middle` (from 0.8) or `low`.
    pub(crate) band: String,
    /// The `next` of the page before.
    pub(crate) cursor: String,
}

impl Asked {
    pub(crate) fn filter(&self) -> HitFilter {
        let states: Vec<HitState> = match self.state.as_str() {
            "any" => Vec::new(),
            state => match HitState::parse(state) {
                Some(state) => vec![state],
                None => HitState::ALL.into_iter().filter(|state| state.waits()).collect(),
            },
        };
        let (from_ppm, below_ppm) = match self.band.as_str() {
            "high" => (BAND_HIGH_PPM, None),
            "middle" => (BAND_MIDDLE_PPM, Some(BAND_HIGH_PPM)),
            "low" => (0, Some(BAND_MIDDLE_PPM)),
            _ => (0, None),
        };
        let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        HitFilter {
            states: states.into_iter().map(|state| state.code().to_owned()).collect(),
            list: some(&self.list),
            kind: some(&self.kind),
            from_ppm,
            below_ppm,
        }
    }

    pub(crate) fn after(&self) -> Result<Option<HitCursor>, Stop> {
        if self.cursor.is_empty() {
            return Ok(None);
        }
        let wrong = |fault| Stop::Fields(vec![fault]);
        let text = cursor_read(&self.cursor).map_err(wrong)?;
        let parts = text.split_once(' ').and_then(|(score, key)| {
            Some(HitCursor { score_ppm: score.parse().ok()?, hit_id: hit_id_read(key)? })
        });
        parts.map(Some).ok_or_else(|| wrong(cursor_fault(&self.cursor)))
    }
}

/// A place as its cursor.
pub(crate) fn cursor_of(place: &HitCursor) -> String {
    cursor_make(&format!("{} {}", place.score_ppm, hex(&place.hit_id)))
}

struct Row {
    href: String,
    party: String,
    listed: String,
    list: String,
    kind: String,
    score: String,
    strong: bool,
    state: String,
    tag: &'static str,
    found: String,
    before: String,
}

struct Picked {
    value: String,
    text: String,
    chosen: bool,
}

#[derive(Template)]
#[template(path = "screening.html")]
struct QueuePage {
    page: Page,
    states: Vec<Picked>,
    lists: Vec<Picked>,
    kinds: Vec<Picked>,
    bands: Vec<Picked>,
    rows: Vec<Row>,
    waiting: u64,
    next: String,
}

fn options<'c>(
    t: &Text,
    family: &str,
    codes: impl IntoIterator<Item = &'c str>,
    chosen: &str,
) -> Vec<Picked> {
    let option = |code: &str| Picked {
        value: code.to_owned(),
        text: t.code(family, if code.is_empty() { "all" } else { code }, code),
        chosen: code == chosen,
    };
    codes.into_iter().map(option).collect()
}

/// `GET /screening`.
pub(crate) async fn show(
    State(hall): State<Hall>,
    visit: Visit,
    Query(asked): Query<Asked>,
) -> Result<Response, Stop> {
    visit.allow(Resource::Platform)?;
    let law = law(&hall, &hall.config.pack).await?;
    let (filter, after, shared) = (asked.filter(), asked.after()?, hall.clone());
    let found = off_thread(move || {
        let page = shared.platform.hits(&filter, after.as_ref())?;
        Ok::<_, app::screening::ScreeningError>((
            page,
            shared.platform.hit_counts()?,
            shared.platform.lists()?,
        ))
    });
    let (found, counts, lists) = found.await?.map_err(|error| fault(&error))?;
    visit.look_at_record("");
    let t = visit.text();
    let row = |(hit, strength): &(app::screening::HitRecord, Strength)| Row {
        href: format!("/screening/hits/{}", hex(&hit.hit_id)),
        party: hit.party_name.clone(),
        listed: hit.listed_name.clone(),
        list: list_name(t, &law, &hit.list),
        kind: t.code("hit-kind", &hit.kind, &hit.kind),
        score: percent(hit.score_ppm),
        strong: *strength == Strength::Strong,
        state: t.code("hit-state", &hit.state, &hit.state),
        tag: state_tag(&hit.state),
        found: show::instant(t, Timestamp::from_us(hit.found_at_us)),
        before: if hit.state == "ended" {
            String::new()
        } else {
            t.code("hit-before", &hit.before, "")
        },
    };
    let state = if asked.state.is_empty() { "waiting" } else { asked.state.as_str() };
    let states = ["waiting", "open", "asked", "proposed", "cleared", "confirmed", "ended", "any"];
    let mut list_options = options(t, "hit-list", [""], &asked.list);
    list_options.extend(lists.iter().map(|list| Picked {
        value: list.list.clone(),
        text: list_name(t, &law, &list.list),
        chosen: list.list == asked.list,
    }));
    let waits = |state: &str| HitState::parse(state).is_some_and(HitState::waits);
    let next = found.next.map_or(String::new(), |next| {
        format!(
            "/screening?state={}&list={}&kind={}&band={}&cursor={}",
            encoded(&asked.state),
            encoded(&asked.list),
            encoded(&asked.kind),
            encoded(&asked.band),
            cursor_of(&next)
        )
    });
    let template = QueuePage {
        page: Page::new(&hall, &visit, t.get("screening-title")),
        states: options(t, "hit-state", states, state),
        lists: list_options,
        kinds: options(
            t,
            "hit-kind",
            ["", "person", "organization", "vessel", "aircraft", "unknown"],
            &asked.kind,
        ),
        bands: options(t, "hit-band", ["", "high", "middle", "low"], &asked.band),
        rows: found.rows.iter().map(row).collect(),
        waiting: counts.iter().filter(|row| waits(&row.0)).map(|row| u64::from(row.2)).sum(),
        next,
    };
    html(StatusCode::OK, &template)
}
