//! A trace as a person reads it: one sentence, a picture, a table with bounds.

use std::collections::BTreeMap;

use app::lineage::Lineage;
use base::{Common, Date, Timestamp};
use insight::{Direction, Part, TraceAnswer, TraceQuery, Until, View};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::form::encoded;
use crate::show;
use crate::stop::FieldFault;
use crate::svg::lineage::{Card, Ribbon, draw, kind};
use crate::text::Text;
use crate::visibility::ANOTHER_PARTY;

/// Parts shown on a page; the file has all.
const PARTS_SHOWN: usize = 25;

/// The question as it stands in an address.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Asked {
    /// Symbol of the element, such as `Dy`.
    #[serde(default)]
    #[param(required = true)]
    pub(crate) element: String,
    /// `back` (where it comes from; also when absent) or `forward` (where it is now).
    #[serde(default)]
    #[param(required = false)]
    pub(crate) direction: String,
    /// Where a trace back stops: `root` (also when absent), `party` or `stage=NAME`.
    #[serde(default)]
    #[param(required = false)]
    pub(crate) to: String,
    /// `true`: also the least and greatest share that the filings allow.
    #[serde(default)]
    #[param(required = false, value_type = bool)]
    pub(crate) bounds: String,
    /// Only filings dated up to this day, `YYYY-MM-DD`.
    #[serde(default)]
    #[param(required = false)]
    pub(crate) as_of: String,
    /// Only what was recorded up to this instant (RFC 3339) or day.
    #[serde(default)]
    #[param(required = false)]
    pub(crate) known_at: String,
}

fn field(name: &str, code: &'static str, found: &str, accepted: &str) -> FieldFault {
    FieldFault {
        field: name.to_owned(),
        code,
        message: format!("`{found}` in `{name}` is not understood"),
        accepted: accepted.to_owned(),
    }
}

/// Parses a day; empty is none.
pub(crate) fn date_asked(name: &str, text: &str) -> Result<Option<Date>, FieldFault> {
    match text.trim() {
        "" => Ok(None),
        text => base::time::date_parse(text)
            .map(Some)
            .ok_or_else(|| field(name, "date_form", text, "a day as YYYY-MM-DD")),
    }
}

/// Parses an instant; empty is none.
pub(crate) fn instant_asked(name: &str, text: &str) -> Result<Option<Timestamp>, FieldFault> {
    let accepted = "an instant as 2025-05-03T14:00:00Z, or a day as 2025-05-03";
    match text.trim() {
        "" => Ok(None),
        text => Timestamp::parse(text)
            .map(Some)
            .ok_or_else(|| field(name, "instant_form", text, accepted)),
    }
}

impl Asked {
    /// The question, or all that is wrong with it.
    pub(crate) fn query(&self, lot: &str) -> Result<TraceQuery, Vec<FieldFault>> {
        let mut faults = Vec::new();
        let mut take = |result: Result<(), FieldFault>| faults.extend(result.err());
        let mut view = View::default();
        take(date_asked("as_of", &self.as_of).map(|day| view.as_of = day));
        take(instant_asked("known_at", &self.known_at).map(|at| view.known_at = at));
        let direction = match self.direction.as_str() {
            "" | "back" => Direction::Back,
            "forward" => Direction::Forward,
            other => {
                take(Err(field("direction", "direction", other, "back or forward")));
                Direction::Back
            }
        };
        let until = match self.to.as_str() {
            "" | "root" => Until::Root,
            "party" => Until::Party,
            other => match other.strip_prefix("stage=") {
                Some(stage) => Until::Stage(stage.to_owned()),
                None => {
                    take(Err(field("to", "to", other, "root, party or stage=NAME")));
                    Until::Root
                }
            },
        };
        let bounds = match self.bounds.as_str() {
            "" | "false" | "0" => false,
            "true" | "1" => true,
            other => {
                take(Err(field("bounds", "bounds", other, "true or false")));
                false
            }
        };
        if !Common::embedded().elements.iter().any(|row| row.symbol == self.element) {
            take(Err(field("element", "element", &self.element, "a symbol such as Dy")));
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        let (lot, element) = (lot.to_owned(), self.element.clone());
        Ok(TraceQuery { lot, element, direction, until, bounds, view })
    }

    /// Faults of the question in the words of the page.
    pub(crate) fn faults_worded(&self, t: &Text, faults: Vec<FieldFault>) -> Vec<FieldFault> {
        let worded = |fault: FieldFault| {
            let found = match fault.field.as_str() {
                "as_of" => &self.as_of,
                "known_at" => &self.known_at,
                "element" => &self.element,
                "direction" => &self.direction,
                "to" => &self.to,
                _ => &self.bounds,
            };
            let key = match fault.code {
                "date_form" => "fault-date_form",
                "instant_form" => "fault-instant_form",
                "element" => "fault-element",
                _ => "fault-other",
            };
            FieldFault { message: t.one(key, found), accepted: String::new(), ..fault }
        };
        faults.into_iter().map(worded).collect()
    }

    /// Which way, as a code.
    pub(crate) fn toward(&self) -> &'static str {
        if self.direction == "forward" { "forward" } else { "back" }
    }

    /// The same question with another element or direction, as an address.
    pub(crate) fn address(&self, path: &str, element: &str, direction: &str) -> String {
        let mut query = format!("?element={}&direction={direction}", encoded(element));
        let to = if direction == "back" { self.to.clone() } else { String::new() };
        for (name, value) in [("to", &to), ("as_of", &self.as_of), ("known_at", &self.known_at)] {
            if !value.trim().is_empty() {
                query.push_str(&format!("&{name}={}", encoded(value.trim())));
            }
        }
        format!("{path}{query}")
    }
}

/// A part as a row.
pub(crate) struct PartRow {
    pub(crate) name: String,
    pub(crate) href: String,
    pub(crate) stage: String,
    pub(crate) party: String,
    pub(crate) site: String,
    pub(crate) state: String,
    pub(crate) used_for: String,
    pub(crate) content: String,
    pub(crate) share: String,
    pub(crate) bounds: String,
    pub(crate) bar: String,
}

/// A trace on a page.
pub(crate) struct TraceView {
    pub(crate) back: bool,
    pub(crate) finding: String,
    pub(crate) about: String,
    pub(crate) svg: String,
    pub(crate) legend: Vec<(&'static str, String)>,
    pub(crate) table_title: String,
    pub(crate) parts: Vec<PartRow>,
    pub(crate) more: u64,
    pub(crate) total: String,
    pub(crate) total_share: String,
    pub(crate) notes: Vec<String>,
    pub(crate) csv: String,
}

/// "at least 12 %, proportionally 31 %, at most 60 %".
fn bounds_words(t: &Text, part: &Part) -> String {
    match (part.share_min, part.share_max) {
        (Some(least), Some(most)) if most - least < 0.000_05 => t.get("bounds-exact"),
        (Some(least), Some(most)) => {
            t.three("bounds", show::share(least), show::share(part.share), show::share(most))
        }
        _ => String::new(),
    }
}

/// A small bar of a share, with the range of its bounds as a line over it.
fn bar(part: &Part) -> String {
    let clamp = |share: f64| share.clamp(0.0, 1.0) * 100.0;
    let range = match (part.share_min, part.share_max) {
        (Some(least), Some(most)) => format!(
            "<line class=\"gd-share-range\" x1=\"{:.1}\" x2=\"{:.1}\" y1=\"6\" y2=\"6\"/>",
            clamp(least),
            clamp(most)
        ),
        _ => String::new(),
    };
    format!(
        "<svg class=\"gd-share\" viewBox=\"0 0 100 12\" preserveAspectRatio=\"none\" \
         aria-hidden=\"true\" focusable=\"false\"><rect width=\"100\" height=\"12\"/>\
         <rect class=\"gd-share-part\" width=\"{:.1}\" height=\"12\"/>{range}</svg>",
        clamp(part.share)
    )
}

fn part_row(t: &Text, part: &Part) -> PartRow {
    let unexplained = part.lot.strip_prefix("unexplained:");
    let (name, href) = match unexplained {
        Some(filing) => {
            let href = filing.split_once('/').map_or(String::new(), |(filer, reference)| {
                format!("/filings/{}/{}", encoded(filer), encoded(reference))
            });
            (t.one("unexplained", filing), href)
        }
        None if part.lot == ANOTHER_PARTY => (t.get("another-party"), String::new()),
        None if part.lot.is_empty() && part.state.is_empty() && !part.party.is_empty() => {
            (part.party.to_string(), format!("/parties/{}", encoded(&part.party)))
        }
        None if part.lot.is_empty() => ("–".to_owned(), String::new()),
        None => (part.lot.to_string(), format!("/lots/{}", encoded(&part.lot))),
    };
    let state = match part.cause {
        _ if part.state.is_empty() => t.get("state-elsewhere"),
        "" => t.code("state", part.state, part.state),
        cause => t.two(
            "state-cause",
            t.code("state", part.state, part.state),
            t.code("cause", cause, cause),
        ),
    };
    let mut used_for = Vec::new();
    if !part.end_use.is_empty() {
        used_for.push(t.code("use", &part.end_use, &part.end_use));
    }
    if !part.customer_country.is_empty() {
        used_for.push(t.one("country-or-area", &part.customer_country));
    }
    PartRow {
        name,
        href,
        stage: if part.stage.is_empty() { "–".into() } else { show::stage_short(t, &part.stage) },
        party: part.party.to_string(),
        site: part.site.to_string(),
        state,
        used_for: used_for.join(", "),
        content: show::content(part.content_ug),
        share: show::share(part.share),
        bounds: bounds_words(t, part),
        bar: bar(part),
    }
}

/// The one sentence that the answer says.
fn finding(t: &Text, answer: &TraceAnswer) -> String {
    let element = &answer.element;
    if answer.content_ug == 0 {
        return t.two("trace-empty", element, &answer.lot);
    }
    match answer.direction {
        Direction::Back => {
            let others = answer.parts.iter().find(|part| part.lot == ANOTHER_PARTY);
            if let Some(part) = others {
                // A filer learns how much came through others, never of how many.
                let key =
                    if answer.parts.len() == 1 { "trace-others" } else { "trace-others-some" };
                return t.three(key, element, &answer.lot, show::share(part.share));
            }
            let Some(first) = answer.parts.iter().max_by(|a, b| a.share.total_cmp(&b.share)) else {
                return t.two("trace-empty", element, &answer.lot);
            };
            let name = part_row(t, first).name;
            if answer.parts.len() == 1 && first.lot == answer.lot {
                return t.two("trace-root", &answer.lot, element);
            }
            if answer.parts.len() == 1 {
                return t.two("trace-back-one", element, &name);
            }
            let most = t.two("trace-back-most", name, show::share(first.share));
            t.num_with("trace-back", &(answer.parts.len() as u64), element) + &most
        }
        Direction::Forward => {
            let mut states: BTreeMap<&str, f64> = BTreeMap::new();
            for part in &answer.parts {
                *states.entry(part.state).or_default() += part.share;
            }
            let most = states.into_iter().max_by(|a, b| a.1.total_cmp(&b.1));
            let Some((state, share)) = most else {
                return t.two("trace-empty", element, &answer.lot);
            };
            let words = if state.is_empty() {
                t.get("state-elsewhere")
            } else {
                t.code("state-of", state, state)
            };
            t.three("trace-forward", show::share(share), element, words)
        }
    }
}

/// The view of an answer; `lineage` is the neighbourhood for the picture, where there is one.
pub(crate) fn view(
    t: &Text,
    answer: &TraceAnswer,
    lineage: Option<Lineage>,
    csv: String,
) -> TraceView {
    let back = answer.direction == Direction::Back;
    let finding = finding(t, answer);
    let key = if back { "trace-about-back" } else { "trace-about-forward" };
    let mut about = t.three(
        key,
        show::element(t, &answer.element),
        &answer.lot,
        show::content(answer.content_ug),
    );
    if let Some(day) = answer.as_of.as_deref().and_then(base::time::date_parse) {
        about = t.two("trace-as-of", about, show::date(t, day));
    }
    let (svg, legend) = lineage.map_or((String::new(), Vec::new()), |lineage| {
        picture(t, &finding, &about, &lineage, back, &answer.element)
    });
    let mut notes = Vec::new();
    if answer.unexplained_ug > 0 {
        notes.push(t.one("trace-unexplained", show::content(answer.unexplained_ug)));
    }
    if !answer.not_analysed.is_empty() {
        let some: Vec<&str> = answer.not_analysed.iter().take(5).map(String::as_str).collect();
        let count = answer.not_analysed.len() as u64;
        notes.push(t.num_with("trace-not-analysed", &count, some.join(", ")));
    }
    if !answer.cycles.is_empty() {
        notes.push(t.one("trace-cycles", answer.cycles.join(", ")));
    }
    let total: f64 = answer.parts.iter().map(|part| part.share).sum();
    TraceView {
        back,
        finding,
        about,
        svg,
        legend,
        table_title: t.get(if back { "trace-table-back" } else { "trace-table-forward" }),
        parts: answer.parts.iter().take(PARTS_SHOWN).map(|part| part_row(t, part)).collect(),
        more: answer.parts.len().saturating_sub(PARTS_SHOWN) as u64,
        total: show::content(answer.content_ug),
        total_share: show::share(if answer.parts.is_empty() { 0.0 } else { total }),
        notes,
        csv,
    }
}

const KINDS: [(&str, &str); 7] = [
    ("gd-kind-mine", "kind-mine"),
    ("gd-kind-separation", "kind-separation"),
    ("gd-kind-metal", "kind-metal"),
    ("gd-kind-magnet", "kind-magnet"),
    ("gd-kind-product", "kind-product"),
    ("gd-kind-secondary", "kind-secondary"),
    ("gd-kind-other", "kind-other"),
];

/// The picture and its legend; nothing where there is nothing to connect.
fn picture(
    t: &Text,
    name: &str,
    description: &str,
    lineage: &Lineage,
    back: bool,
    element: &str,
) -> (String, Vec<(&'static str, String)>) {
    let wanted = |layer: i32| if back { layer <= 0 } else { layer >= 0 };
    let direction = if back { "back" } else { "forward" };
    let mut place = vec![None; lineage.nodes.len()];
    let mut cards: Vec<Card> = Vec::new();
    for (i, node) in lineage.nodes.iter().enumerate().filter(|(_, node)| wanted(node.layer)) {
        place[i] = Some(cards.len());
        let amount =
            format!("{} · {}", show::share(node.share), show::content_short(node.content_ug));
        let (name, party, href) = if node.id.is_empty() && node.more == 0 {
            let key = if node.party.is_empty() { "kind-other" } else { "another-party" };
            (t.get(key), String::new(), String::new())
        } else if node.more > 0 {
            (t.num("lineage-more", &node.more), String::new(), String::new())
        } else {
            let href =
                format!("/lots/{}?element={element}&direction={direction}", encoded(&node.id));
            let party = if node.party == ANOTHER_PARTY {
                t.get("another-party")
            } else {
                node.party.clone()
            };
            (node.id.clone(), party, href)
        };
        let title = t.three("lineage-card", &name, &party, &amount);
        let title = title.split_whitespace().collect::<Vec<_>>().join(" ");
        let (layer, content_ug) = (node.layer, node.content_ug);
        let kind = kind(&node.stage);
        cards.push(Card { layer, name, party, amount, title, href, kind, content_ug });
    }
    if cards.len() < 2 {
        return (String::new(), Vec::new());
    }
    let ribbons: Vec<Ribbon> = lineage
        .edges
        .iter()
        .filter_map(|edge| {
            let from = place.get(edge.from).copied().flatten()?;
            let to = place.get(edge.to).copied().flatten()?;
            let amount = show::content_short(edge.content_ug);
            let title = t.three("lineage-ribbon", &cards[from].name, &cards[to].name, amount);
            Some(Ribbon { from, to, content_ug: edge.content_ug, title })
        })
        .collect();
    let layers = cards.iter().map(|card| card.layer);
    let (first, last) = (layers.clone().min().unwrap_or(0), layers.max().unwrap_or(0));
    let columns: Vec<(i32, String)> = (first..=last)
        .map(|layer| {
            let steps = u64::from(layer.unsigned_abs());
            let words = match layer {
                0 => t.get("lineage-here"),
                _ if layer < 0 => t.num("lineage-before", &steps),
                _ => t.num("lineage-after", &steps),
            };
            (layer, words)
        })
        .collect();
    let legend = KINDS
        .into_iter()
        .filter(|(class, _)| cards.iter().any(|card| card.kind == *class))
        .map(|(class, key)| (class, t.get(key)))
        .collect();
    (draw(name, description, &cards, &ribbons, &columns), legend)
}

/// An answer as CSV.
pub(crate) fn csv(answer: &TraceAnswer) -> String {
    let mut text = String::from(
        "lot,stage,state,cause,end_use,customer_country,party,site,content_ug,share,share_min,share_max\n",
    );
    let number = |share: Option<f64>| share.map_or(String::new(), |share| share.to_string());
    for part in &answer.parts {
        let cells = [
            part.lot.as_str(),
            &part.stage,
            part.state,
            part.cause,
            &part.end_use,
            &part.customer_country,
            &part.party,
            &part.site,
        ];
        for cell in cells {
            text.push_str(&csv_cell(cell));
            text.push(',');
        }
        text.push_str(&format!(
            "{},{},{},{}\n",
            part.content_ug,
            part.share,
            number(part.share_min),
            number(part.share_max)
        ));
    }
    text
}

/// A cell; one that a spreadsheet would run as a formula is quoted as text.
fn csv_cell(cell: &str) -> String {
    let formula = cell.starts_with(['=', '+', '-', '@', '\t']);
    let text = if formula { format!("'{cell}") } else { cell.to_owned() };
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Language;

    #[test]
    fn all_faults_of_a_question_are_named_at_once() {
        let asked = Asked {
            element: "Xx".into(),
            direction: "up".into(),
            to: "hell".into(),
            bounds: "maybe".into(),
            as_of: "3 May".into(),
            known_at: "now".into(),
        };
        let faults = asked.query("A").unwrap_err();
        let fields: Vec<&str> = faults.iter().map(|fault| fault.field.as_str()).collect();
        assert_eq!(fields, ["as_of", "known_at", "direction", "to", "bounds", "element"]);
    }

    #[test]
    fn bounds_are_said_in_words() {
        let part =
            Part { share: 0.31, share_min: Some(0.12), share_max: Some(0.6), ..Part::default() };
        let words = bounds_words(Language::English.text(), &part).replace('\u{202f}', " ");
        assert_eq!(words, "at least 12 %, proportionally 31 %, at most 60 %");
    }

    #[test]
    fn a_cell_is_never_a_formula() {
        assert_eq!(csv_cell("=1+1"), "'=1+1");
        assert_eq!(csv_cell("a,\"b\""), "\"a,\"\"b\"\"\"");
    }
}
