//! One hit: who, why, how sure, what to do; both sides beside each other.

use app::cases::Step;
use app::law::Law;
use app::screening::{Decided, HitView, ScreeningError, hit_id_read};
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::{IntoResponse, Response};
use base::Timestamp;
use base::authorisation::{Action, Resource, authorise};
use screening::NameStrength;
use screening::hit::{Deed, HitState, Standing, Strength};
use serde::Deserialize;

use super::marks::{Piece, Reason, names, reasons};
use super::{list_name, list_of, percent, state_tag};
use crate::config::Hall;
use crate::form::{Form, encoded};
use crate::law::law;
use crate::ledger::off_thread;
use crate::page::{Page, html, name_of};
use crate::pages::case::people_known;
use crate::pages::clock::coded;
use crate::pages::licence::country;
use crate::secret::{hex, moment};
use crate::show;
use crate::stop::{FieldFault, Stop, fault};
use crate::text::Text;
use crate::visit::Visit;

/// A line of the comparison.
struct Compared {
    label: String,
    ours: String,
    theirs: String,
    /// `same`, `other`, `one_side`.
    code: &'static str,
    words: String,
}

struct Link {
    href: String,
    text: String,
    more: String,
}

struct StepRow {
    words: String,
    at: String,
    who: String,
    reason: String,
}

struct EarlierRow {
    href: String,
    party: String,
    state: String,
    tag: &'static str,
    at: String,
    same: bool,
}

struct DeedChoice {
    code: &'static str,
    words: String,
    hint: String,
    chosen: bool,
}

#[derive(Template)]
#[template(path = "hit.html")]
struct HitPage {
    page: Page,
    id: String,
    party: String,
    listed: String,
    list: String,
    list_href: String,
    score: String,
    strength: &'static str,
    state: String,
    tag: &'static str,
    before: String,
    why: Vec<String>,
    effects: Vec<String>,
    ours: Vec<Piece>,
    theirs: Vec<Piece>,
    weak: bool,
    compared: Vec<Compared>,
    reasons: Vec<Reason>,
    other_names: Vec<String>,
    uses: Vec<Link>,
    steps: Vec<StepRow>,
    earlier: Vec<EarlierRow>,
    may: bool,
    deeds: Vec<DeedChoice>,
    second: String,
    reason: String,
    version: u32,
    did: String,
    faults: Vec<FieldFault>,
}

fn compare(t: &Text, label: &str, ours: &[String], theirs: &[String]) -> Option<Compared> {
    if ours.is_empty() && theirs.is_empty() {
        return None;
    }
    let code = if ours.is_empty() || theirs.is_empty() {
        "one_side"
    } else if ours.iter().any(|one| theirs.contains(one)) {
        "same"
    } else {
        "other"
    };
    let text = |texts: &[String]| {
        if texts.is_empty() { "–".to_owned() } else { texts.join(", ") }
    };
    Some(Compared {
        label: t.get(label),
        ours: text(ours),
        theirs: text(theirs),
        code,
        words: t.code("hit-compared", code, code),
    })
}

fn comparison(t: &Text, view: &HitView) -> Vec<Compared> {
    let countries =
        |codes: &[String]| codes.iter().map(|code| country(t, code)).collect::<Vec<_>>();
    let years = |years: &[u16]| years.iter().map(u16::to_string).collect::<Vec<_>>();
    let numbers = |of: &[screening::Identifier]| {
        let text = |one: &screening::Identifier| format!("{} {}", one.scheme, one.value);
        of.iter().map(text).collect::<Vec<_>>()
    };
    let query = &view.query;
    let own: Vec<u16> = query.birth_year.into_iter().collect();
    let rows = [
        compare(t, "hit-country", &countries(&query.countries), &countries(&view.listed.countries)),
        compare(t, "hit-year", &years(&own), &years(&view.listed.birth_years)),
        compare(t, "hit-numbers", &numbers(&query.identifiers), &numbers(&view.listed.identifiers)),
        compare(t, "hit-programmes", &[], &view.listed.programmes),
    ];
    rows.into_iter().flatten().collect()
}

fn uses(t: &Text, view: &HitView) -> Vec<Link> {
    let link = |one: &app::screening::UseView| {
        let subject = encoded(&one.place.subject);
        let href = match one.place.kind.as_str() {
            "case" => format!("/cases/{subject}"),
            "licence" => format!("/licences/{subject}"),
            "registration" => format!("/registrations/{subject}"),
            _ => format!("/organisations/{subject}"),
        };
        Link {
            href,
            text: format!("{} {}", t.code("hit-use", &one.place.kind, ""), one.place.subject),
            more: t.code("case-state", &one.state, ""),
        }
    };
    view.uses.iter().map(link).collect()
}

/// What the visitor may do now, the careful deeds first.
fn deeds(t: &Text, visit: &Visit, view: &HitView, chosen: &str) -> Vec<DeedChoice> {
    let Some(state) = HitState::parse(&view.hit.state) else { return Vec::new() };
    let standing = Standing {
        state,
        strength: view.strength,
        proposed_by: [&view.hit.decided_by, &view.hit.decided_for],
    };
    let may = |deed: &Deed| screening::hit::decide(&standing, &visit.actor, *deed, "why").is_ok();
    let choice = |deed: Deed| {
        let code = deed.code();
        let hint = match deed {
            Deed::Clear if view.strength == Strength::Strong => t.get("hit-deed-hint-second"),
            _ => t.code("hit-deed-hint", code, ""),
        };
        DeedChoice { code, words: t.code("hit-deed", code, code), hint, chosen: code == chosen }
    };
    let order = [Deed::Agree, Deed::SendBack, Deed::Clear, Deed::Confirm, Deed::Ask, Deed::Reopen];
    order.into_iter().filter(may).map(choice).collect()
}

/// What a person typed that was refused.
#[derive(Default)]
struct Typed {
    deed: String,
    reason: String,
    faults: Vec<FieldFault>,
}

fn person(hall: &Hall, t: &Text, account: &str) -> Result<String, Stop> {
    if account.is_empty() {
        return Ok(t.get("hit-by-itself"));
    }
    let found = hall.people.person(account).map_err(|error| fault(&error))?;
    Ok(found.map_or_else(
        || account.to_owned(),
        |person| name_of(t.language, &person.name, &person.local_name).to_owned(),
    ))
}

fn page(
    hall: &Hall,
    visit: &Visit,
    law: &Law,
    view: &HitView,
    typed: Typed,
    did: &str,
) -> Result<Response, Stop> {
    let t = visit.text();
    let hit = &view.hit;
    let query_name =
        view.query.names.get(view.found.query_name).map_or(hit.party_name.as_str(), String::as_str);
    let (ours, theirs) = names(&view.found, query_name);
    let reasons = reasons(t, &view.found, query_name);
    let list = list_of(law, &hit.list);
    let effects = list.map_or(&[][..], |list| list.effects.as_slice());
    let steps = view.steps.iter().map(|step| {
        Ok::<_, Stop>(StepRow {
            words: t.code("hit-did", &step.deed, &step.deed),
            at: show::instant(t, Timestamp::from_us(step.at_us)),
            who: person(hall, t, &step.account)?,
            reason: match step.account.as_str() {
                "" => t.code("hit-ended", &step.reason, &step.reason),
                _ => step.reason.clone(),
            },
        })
    });
    let steps = steps.collect::<Result<Vec<_>, Stop>>()?;
    let earlier = view.earlier.iter().map(|other| EarlierRow {
        href: format!("/screening/hits/{}", hex(&other.hit_id)),
        party: other.party_name.clone(),
        state: match other.state.as_str() {
            "ended" => t.code("hit-before", &other.before, &t.code("hit-state", "ended", "")),
            state => t.code("hit-state", state, state),
        },
        tag: state_tag(&other.state),
        at: show::instant(t, Timestamp::from_us(other.changed_at_us)),
        same: other.party_hash == hit.party_hash,
    });
    let other_names = view.listed.names.iter().filter(|name| name.text != view.found.matched_name);
    let mut frame = Page::new(hall, visit, t.one("hit-title", &hit.party_name));
    frame.faulty = !typed.faults.is_empty();
    let status = if frame.faulty { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let may = authorise(&visit.actor, Action::DecideHit, Resource::Platform);
    let template = HitPage {
        id: hex(&hit.hit_id),
        party: hit.party_name.clone(),
        listed: hit.listed_name.clone(),
        list: list_name(t, law, &hit.list),
        list_href: format!("/screening/lists/{}", encoded(&hit.list)),
        score: percent(hit.score_ppm),
        strength: view.strength.code(),
        state: t.code("hit-state", &hit.state, &hit.state),
        tag: state_tag(&hit.state),
        before: if hit.state == "ended" {
            String::new()
        } else {
            t.code("hit-before", &hit.before, "")
        },
        why: reasons.iter().take(3).map(|reason| reason.words.clone()).collect(),
        effects: effects.iter().map(coded).map(|code| t.code("hit-effect", &code, &code)).collect(),
        ours,
        theirs,
        weak: view.found.strength == NameStrength::Weak,
        compared: comparison(t, view),
        reasons,
        other_names: other_names.map(|name| name.text.clone()).collect(),
        uses: uses(t, view),
        steps,
        earlier: earlier.collect(),
        may,
        deeds: if may { deeds(t, visit, view, &typed.deed) } else { Vec::new() },
        second: if hit.state == "proposed" {
            person(hall, t, &hit.decided_by)?
        } else {
            String::new()
        },
        reason: typed.reason,
        version: hit.version,
        did: t.code("hit-done", did, ""),
        faults: typed.faults,
        page: frame,
    };
    html(status, &template)
}

/// A hit by its key in hexadecimal.
pub(crate) async fn found(hall: &Hall, id: &str) -> Result<HitView, Stop> {
    let key = hit_id_read(id).ok_or(Stop::NotFound)?;
    let shared = hall.clone();
    match off_thread(move || shared.platform.hit(&key)).await? {
        Ok(view) => Ok(view),
        Err(ScreeningError::Unknown) => Err(Stop::NotFound),
        Err(error) => Err(fault(&error)),
    }
}

/// What the page was led to by.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    did: String,
}

/// `GET /screening/hits/{hit}`.
pub(crate) async fn show(
    State(hall): State<Hall>,
    visit: Visit,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Stop> {
    visit.allow(Resource::Platform)?;
    let law = law(&hall, &hall.config.pack).await?;
    let view = found(&hall, &id).await?;
    // On record, and not as a look at the company's data: a company that saw it would know of the hit.
    visit.look_at_record("");
    page(&hall, &visit, &law, &view, Typed::default(), &asked.did)
}

/// A decision, as typed.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub(crate) struct DecisionTyped {
    /// `clear`, `confirm`, `ask`, `agree`, `send_back` or `reopen`.
    pub(crate) deed: String,
    /// Why.
    pub(crate) reason: String,
    /// The version of the hit that was seen.
    pub(crate) version: String,
}

/// Decides a hit; gives the faults of what was typed, or that somebody was faster.
pub(crate) async fn decided(
    hall: &Hall,
    visit: &Visit,
    id: &str,
    typed: &DecisionTyped,
) -> Result<Result<Decided, FieldFault>, Stop> {
    let key = hit_id_read(id).ok_or(Stop::NotFound)?;
    let t = visit.text();
    let refused = |field: &str, code: &'static str| FieldFault {
        field: field.to_owned(),
        code,
        message: t.code("hit-refused", code, code),
        accepted: String::new(),
    };
    let Some(deed) = Deed::parse(&typed.deed) else {
        return Ok(Err(refused("deed", "hit_deed")));
    };
    let Ok(seen) = typed.version.parse::<u32>() else {
        return Ok(Err(refused("deed", "hit_stale")));
    };
    let (law, moment) = (law(hall, &hall.config.pack).await?, moment(hall.now())?);
    let (shared, actor, reason) = (hall.clone(), visit.actor.clone(), typed.reason.clone());
    let done = off_thread(move || {
        let (known, _) = people_known(&shared, &[])?;
        let step = Step { actor: &actor, moment };
        Ok::<_, Stop>(shared.platform.hit_decide(
            &law,
            (&key, seen),
            (deed, &reason),
            &known,
            &step,
        ))
    });
    match done.await?? {
        Ok(decided) => {
            hall.jobs_wake.notify_one();
            Ok(Ok(decided))
        }
        Err(ScreeningError::Refused(refusal)) => {
            let field = if refusal.code() == "hit_reason" { "reason" } else { "deed" };
            Ok(Err(refused(field, refusal.code())))
        }
        Err(ScreeningError::Stale) => Ok(Err(refused("deed", "hit_stale"))),
        Err(ScreeningError::Unknown) => Err(Stop::NotFound),
        Err(error) => Err(fault(&error)),
    }
}

/// `POST /screening/hits/{hit}`.
pub(crate) async fn decide(
    State(hall): State<Hall>,
    visit: Visit,
    Path(id): Path<String>,
    Form(typed): Form<DecisionTyped>,
) -> Result<Response, Stop> {
    visit.allow(Resource::Platform)?;
    match decided(&hall, &visit, &id, &typed).await? {
        Ok(_) => {
            let to = format!("/screening/hits/{}?did={}", encoded(&id), encoded(&typed.deed));
            Ok((StatusCode::SEE_OTHER, [(LOCATION, to)]).into_response())
        }
        Err(refused) => {
            let law = law(&hall, &hall.config.pack).await?;
            let view = found(&hall, &id).await?;
            let DecisionTyped { deed, reason, .. } = typed;
            let typed = Typed { deed, reason, faults: vec![refused] };
            page(&hall, &visit, &law, &view, typed, "")
        }
    }
}
