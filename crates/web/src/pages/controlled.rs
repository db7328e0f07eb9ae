//! "Is my good controlled?": for everybody, without signing in, and nothing of it is stored.

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use base::authorisation::Resource;
use controls::answer::{Answer, Kind};
use controls::good::{Good, GoodFault};
use controls::status::AsOf;
use controls::vocabulary::Vocabulary;
use controls::{Classifier, Statement};
use serde_json::{Map, Value};

use super::clock::{PackChoice, confidence_doubt, law_title, pack_choices, worded};
use super::list::{day, spoken};
use crate::config::Hall;
use crate::form::{encoded, fields};
use crate::law::{law, laws};
use crate::ledger::off_thread;
use crate::page::{Page, html};
use crate::show;
use crate::stop::{FieldFault, Stop};
use crate::text::Text;
use crate::visit::Visit;

/// Fields of the form that are texts of the good.
const TEXTS: [&str; 5] = ["name", "form", "grade", "hs", "origin"];

struct FormChoice {
    code: String,
    name: String,
    chosen: bool,
}

struct ParameterField {
    code: String,
    name: String,
    unit: String,
    value: String,
}

struct ItemView {
    label: String,
    wording: String,
    other_wording: String,
    words: Vec<(String, String)>,
    thresholds: Vec<(String, bool)>,
    citation: String,
    doubt: &'static str,
    why: String,
    href: String,
}

struct AnswerView {
    kind: &'static str,
    items: Vec<ItemView>,
    unknown: Vec<ItemView>,
    refer: Vec<String>,
    because: String,
    check: Vec<String>,
}

#[derive(Template)]
#[template(path = "controlled.html")]
struct ControlledPage {
    page: Page,
    packs: Vec<PackChoice>,
    title: String,
    notice: String,
    as_of: String,
    texts: Vec<(&'static str, String)>,
    forms: Vec<FormChoice>,
    composition: String,
    parameters: Vec<ParameterField>,
    more: bool,
    answer: Option<AnswerView>,
    day: String,
    faults: Vec<FieldFault>,
}

impl ControlledPage {
    /// What stands in a field.
    fn text(&self, field: &str) -> &str {
        self.texts.iter().find(|(name, _)| *name == field).map_or("", |(_, text)| text)
    }
}

/// What the form sends: the good as the door of `classify` takes it, and what is beside it.
#[derive(Default)]
struct Asked {
    pack: String,
    as_of: String,
    composition: String,
    texts: Vec<(&'static str, String)>,
    parameters: Vec<(String, String)>,
}

impl Asked {
    fn read(query: &str) -> Asked {
        let mut asked = Asked::default();
        for (name, value) in fields(query.as_bytes()) {
            let value = value.trim().to_owned();
            match name.as_str() {
                "pack" => asked.pack = value,
                "as_of" => asked.as_of = value,
                "composition" => asked.composition = value,
                name => match (TEXTS.iter().find(|text| **text == name), name.strip_prefix("p-")) {
                    (Some(text), _) => asked.texts.push((text, value)),
                    (None, Some(code)) if !value.is_empty() => {
                        asked.parameters.push((code.to_owned(), value));
                    }
                    _ => {}
                },
            }
        }
        asked
    }

    /// Whether anything is said of a good.
    fn anything(&self) -> bool {
        !self.composition.is_empty() || self.texts.iter().any(|(_, text)| !text.is_empty())
    }

    /// The good, as a JSON object of the door.
    fn good(&self) -> Result<Good, Vec<GoodFault>> {
        let mut object = Map::new();
        for (name, text) in self.texts.iter().filter(|(_, text)| !text.is_empty()) {
            object.insert((*name).to_owned(), Value::String(text.clone()));
        }
        if !self.composition.is_empty() {
            object.insert("composition".to_owned(), composition_read(&self.composition));
        }
        if !self.parameters.is_empty() {
            let parameters = self.parameters.iter();
            let parameters = parameters.map(|(n, v)| (n.clone(), Value::String(v.clone())));
            object.insert("parameters".to_owned(), Value::Object(parameters.collect()));
        }
        Good::from_object(&object).map_err(|(_, faults)| faults)
    }
}

/// `Nd=28.5; Dy<0.01` as the object of the door; what is no pair is left for its faults.
fn composition_read(text: &str) -> Value {
    let mut parts = Map::new();
    for part in text.split([';', '\n', '，', '；']).map(str::trim).filter(|p| !p.is_empty()) {
        let (name, value) = match part.split_once('<') {
            Some((name, limit)) => (name, format!("<{}", limit.trim())),
            None => match part.split_once(['=', ':', ' ']) {
                Some((name, value)) => (name, value.trim().trim_end_matches('%').trim().to_owned()),
                None => (part, String::new()),
            },
        };
        parts.insert(name.trim().to_owned(), Value::String(value));
    }
    Value::Object(parts)
}

fn said(t: &Text, statements: &[Statement]) -> Vec<String> {
    statements.iter().map(|statement| statement.render(spoken(t))).collect()
}

fn label(code: &str, number: &str, instrument: &str) -> String {
    match (code, number) {
        ("", number) => format!("{instrument} {number}"),
        (code, "") => code.to_owned(),
        (code, number) => format!("{code} {number}"),
    }
}

fn answer_view(t: &Text, pack: &str, day: base::Date, answer: &Answer) -> AnswerView {
    let words = |words: &[controls::reading::Word]| -> Vec<(String, String)> {
        words
            .iter()
            .map(|word| (word.words.clone(), t.code("fact", word.fact, word.fact)))
            .collect()
    };
    let href = |words: &str| {
        format!("/controls/list?pack={}&as_of={day}&q={}", encoded(pack), encoded(words))
    };
    let items = answer.items.iter().map(|item| ItemView {
        label: label(&item.control_code, &item.item_no, &item.instrument),
        wording: worded(t, &item.item_en, &item.item_zh),
        other_wording: worded(t, &item.item_zh, &item.item_en),
        words: words(&item.matched),
        thresholds: item
            .thresholds
            .iter()
            .map(|limit| {
                (format!("{} {} ({})", limit.parameter, limit.limit, limit.stated), limit.met)
            })
            .collect(),
        citation: item.citation.clone(),
        doubt: confidence_doubt(item.confidence),
        why: String::new(),
        href: href(&item.item_en),
    });
    let unknown = answer.unknown.iter().map(|item| ItemView {
        label: label(&item.control_code, &item.item_no, &item.instrument),
        wording: String::new(),
        other_wording: String::new(),
        words: words(&item.matched),
        thresholds: Vec::new(),
        citation: item.citation.clone(),
        doubt: confidence_doubt(item.confidence),
        why: item.why.render(spoken(t)),
        href: href(&item.control_code),
    });
    AnswerView {
        kind: kind_code(answer.answer),
        items: items.collect(),
        unknown: unknown.collect(),
        refer: said(t, &answer.refer),
        because: answer.because.as_ref().map_or(String::new(), |s| s.render(spoken(t))),
        check: said(t, &answer.check),
    }
}

/// The code of an answer.
pub(crate) fn kind_code(kind: Kind) -> &'static str {
    match kind {
        Kind::Controlled => "controlled",
        Kind::NotControlled => "not_controlled",
        Kind::Unknown => "unknown",
        Kind::Refer => "refer",
    }
}

fn forms(t: &Text, chosen: &str) -> Vec<FormChoice> {
    let vocabulary = Vocabulary::common();
    let choice = |form: &controls::vocabulary::Form| FormChoice {
        code: form.kind.clone(),
        name: worded(t, &form.name_en, &form.name_zh),
        chosen: form.kind == chosen,
    };
    let mut forms: Vec<FormChoice> = vocabulary.forms.iter().map(choice).collect();
    forms.sort_by(|a, b| a.name.cmp(&b.name));
    if !chosen.is_empty() && !forms.iter().any(|form| form.chosen) {
        let (code, name) = (chosen.to_owned(), chosen.to_owned());
        forms.insert(0, FormChoice { code, name, chosen: true });
    }
    forms
}

fn parameters(t: &Text, asked: &Asked) -> Vec<ParameterField> {
    let parameters = Vocabulary::common().parameters.iter();
    let field = |p: &controls::vocabulary::Parameter| ParameterField {
        code: p.parameter.clone(),
        name: worded(t, &p.name_en, &p.name_zh),
        unit: if p.yes_no { "yes / no".to_owned() } else { p.unit.clone() },
        value: asked
            .parameters
            .iter()
            .find(|(code, _)| *code == p.parameter)
            .map_or(String::new(), |(_, value)| value.clone()),
    };
    parameters.map(field).collect()
}

/// `GET /controls/check`.
pub(crate) async fn show(
    State(hall): State<Hall>,
    visit: Visit,
    RawQuery(query): RawQuery,
) -> Result<Response, Stop> {
    visit.allow(Resource::Platform)?;
    let t = visit.text();
    let asked = Asked::read(query.as_deref().unwrap_or(""));
    let id = if asked.pack.is_empty() { &hall.config.pack } else { &asked.pack };
    let chosen = law(&hall, id).await?;
    let mut faults = Vec::new();
    let today = show::day_of(hall.now());
    let date = day(t, "as_of", &asked.as_of, Some(today), &mut faults).unwrap_or(today);
    let mut answer = None;
    if asked.anything() {
        match asked.good() {
            Ok(good) if faults.is_empty() => {
                let law = chosen.clone();
                let answered =
                    off_thread(move || Classifier::new(&law.pack, AsOf::on(date)).classify(&good));
                answer = Some(answer_view(t, &chosen.id, date, &answered.await?));
            }
            Ok(_) => {}
            Err(wrong) => faults.extend(wrong.into_iter().map(|fault| FieldFault {
                field: if fault.field.is_empty() { "name".to_owned() } else { fault.field },
                code: "good",
                message: fault.message,
                accepted: fault.accepted,
            })),
        }
    }
    let text = |field: &str| {
        let found = asked.texts.iter().find(|(name, _)| *name == field);
        found.map_or(String::new(), |(_, text)| text.clone())
    };
    let mut page = Page::new(&hall, &visit, t.get("controlled-title"));
    page.faulty = !faults.is_empty();
    let status = if page.faulty { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let template = ControlledPage {
        packs: pack_choices(t, &laws(&hall).await?, &chosen.id),
        title: law_title(t, &chosen),
        notice: worded(t, &chosen.pack.settings.notice_en, &chosen.pack.settings.notice_zh),
        as_of: date.to_string(),
        forms: forms(t, &text("form")),
        texts: TEXTS.iter().map(|field| (*field, text(field))).collect(),
        composition: asked.composition.clone(),
        more: !asked.parameters.is_empty(),
        parameters: parameters(t, &asked),
        answer,
        day: show::date(t, date),
        faults,
        page,
    };
    html(status, &template)
}
