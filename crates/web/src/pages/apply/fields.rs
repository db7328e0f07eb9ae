//! The form of an entry: its fields with what stands in them, in rows.

use app::drafts::DraftView;
use app::law::Law;
use controls::vocabulary::Vocabulary;
use licensing::Application;
use licensing::application::PartyPart;
use licensing::case::FollowKind;
use licensing::completeness::{certificate_is, form_is};

use super::super::clock::worded;
use super::part::{Part, Typed, element_rows, good_name, party_name};
use crate::stop::FieldFault;
use crate::text::Text;

/// One of several choices.
pub(super) struct Choice {
    pub(super) code: String,
    pub(super) words: String,
    pub(super) chosen: bool,
}

/// A field of a form.
pub(super) struct Field {
    pub(super) name: String,
    pub(super) label: String,
    pub(super) hint: String,
    /// `line`, `short`, `area`, `select`, `radios` or `checks`.
    pub(super) input: &'static str,
    pub(super) value: String,
    pub(super) choices: Vec<Choice>,
    pub(super) error: String,
    /// What stands there now, where that is not what was typed.
    pub(super) now: String,
}

/// Fields that stand side by side, under a legend where there is one.
pub(super) struct Row {
    pub(super) legend_key: &'static str,
    pub(super) legend: String,
    /// Shown when it is opened.
    pub(super) folded: bool,
    pub(super) fields: Vec<Field>,
}

/// Makes the fields of one form.
struct Maker<'a> {
    t: &'a Text,
    typed: &'a Typed,
    faults: &'a [FieldFault],
}

impl Maker<'_> {
    fn field(&self, input: &'static str, name: &str, key: &str, choices: Vec<Choice>) -> Field {
        Field {
            name: name.to_owned(),
            label: self.t.code("apply-field", key, key),
            hint: self.t.code("apply-hint", key, ""),
            input,
            value: self.value(name),
            choices,
            error: self
                .faults
                .iter()
                .find(|fault| fault.field == name)
                .map_or(String::new(), |fault| fault.message.clone()),
            now: String::new(),
        }
    }

    fn value(&self, name: &str) -> String {
        self.typed.get(name).cloned().unwrap_or_default()
    }

    fn line(&self, name: &str) -> Field {
        self.field("line", name, name, Vec::new())
    }

    fn short(&self, name: &str) -> Field {
        self.field("short", name, name, Vec::new())
    }

    fn area(&self, name: &str) -> Field {
        self.field("area", name, name, Vec::new())
    }

    fn select(&self, name: &str, key: &str, options: Vec<(String, String)>) -> Field {
        let value = self.value(name);
        let mut choices = vec![Choice {
            code: String::new(),
            words: self.t.get("apply-choose"),
            chosen: value.is_empty(),
        }];
        let known = options.iter().any(|(code, _)| *code == value);
        choices.extend(options.into_iter().map(|(code, words)| {
            let chosen = code == value;
            Choice { code, words, chosen }
        }));
        if !known && !value.is_empty() {
            choices.push(Choice { code: value.clone(), words: value, chosen: true });
        }
        self.field("select", name, key, choices)
    }

    fn checks(&self, name: &str, options: Vec<(String, String)>) -> Field {
        let choices = options.into_iter().map(|(code, words)| {
            let chosen = !self.value(&format!("{name}-{code}")).is_empty();
            Choice { code, words, chosen }
        });
        self.field("checks", name, name, choices.collect())
    }
}

fn alone(field: Field) -> Row {
    Row { legend_key: "", legend: String::new(), folded: false, fields: vec![field] }
}

/// The rows of the form of a part.
pub(super) fn rows(
    t: &Text,
    law: &Law,
    part: Part,
    draft: &DraftView,
    typed: &Typed,
    faults: &[FieldFault],
) -> Vec<Row> {
    let make = Maker { t, typed, faults };
    let a = &draft.application;
    let side = |legend: &str, fields: Vec<Field>| Row {
        legend_key: "",
        legend: t.code("apply-legend", legend, ""),
        folded: false,
        fields,
    };
    match part {
        Part::Kind => {
            let follows = draft.follows.as_ref();
            kind(&make, law, follows.is_some_and(|follows| follows.how == FollowKind::Appeal))
        }
        Part::Goods => goods(&make, &side),
        Part::Parties => {
            let parts = PartyPart::ALL.map(|part| {
                (part.code().to_owned(), t.code("apply-party", part.code(), part.code()))
            });
            vec![
                alone(make.checks("parts", parts.to_vec())),
                alone(make.line("name")),
                alone(make.line("local_name")),
                alone(make.short("country")),
                alone(make.area("address")),
                alone(make.area("identifiers")),
                alone(make.line("website")),
            ]
        }
        Part::Uses => {
            let mut uses: Vec<(String, String)> = base::Common::embedded()
                .uses
                .iter()
                .map(|row| (row.code.clone(), t.code("use", &row.code, &row.name)))
                .collect();
            uses.sort_by(|x, y| x.1.cmp(&y.1));
            vec![alone(make.select("code", "code", uses)), alone(make.area("text"))]
        }
        Part::Cells => cells(&make, law, a, &side),
        Part::Documents => {
            let rule = law.rules.licence_type(&a.licence_type);
            let documents = rule.map_or(&[][..], |rule| &rule.documents).iter();
            let wanted = documents.filter(|d| !certificate_is(d) && !form_is(d));
            let options = wanted.map(|d| (d.number.clone(), format!("{}. {}", d.number, d.name)));
            vec![
                alone(make.select("number", "number", options.collect())),
                alone(make.short("date")),
            ]
        }
        Part::Certificates => {
            let end_users = parties(a, PartyPart::EndUser);
            vec![alone(make.select("end_user", "end_user", end_users)), alone(make.line("id"))]
        }
        Part::Stock => vec![
            alone(make.select("end_user", "end_user", parties(a, PartyPart::EndUser))),
            alone(make.short("days")),
            alone(make.line("stops")),
        ],
    }
}

fn kind(make: &Maker<'_>, law: &Law, appeals: bool) -> Vec<Row> {
    let t = make.t;
    let named = |code: &String| {
        let condition = law.regime.conditions.iter().find(|condition| condition.id == *code);
        let words = condition.map_or(code.clone(), |c| worded(t, &c.name_en, &c.name_zh));
        (code.clone(), words)
    };
    let rules: Vec<_> =
        law.rules.licence_types.iter().filter(|rule| law.rules.applied_for(rule)).collect();
    let value = make.value("licence_type");
    let choices = rules.iter().map(|rule| Choice {
        code: rule.id.clone(),
        words: worded(t, &rule.name_en, &rule.name_zh),
        chosen: rule.id == value,
    });
    let types = make.field("radios", "licence_type", "licence_type", choices.collect());
    let unique = |lists: Vec<&Vec<String>>| {
        let mut codes: Vec<String> = lists.into_iter().flatten().cloned().collect();
        codes.sort();
        codes.dedup();
        codes.iter().map(named).collect::<Vec<_>>()
    };
    let grounds = unique(rules.iter().map(|rule| &rule.grounds).collect());
    // What the authority finds out itself is not asked of the applicant.
    let conditions = unique(rules.iter().map(|rule| &rule.requires).collect());
    let mut rows = vec![alone(types)];
    if appeals {
        rows.insert(0, alone(make.area("appeal_grounds")));
    }
    if !grounds.is_empty() {
        rows.push(alone(make.select("ground", "ground", grounds)));
    }
    if !conditions.is_empty() {
        rows.push(alone(make.checks("meets", conditions)));
    }
    rows.extend([
        alone(make.line("reference")),
        alone(make.area("route")),
        alone(make.line("contact_name")),
        alone(make.line("contact_email")),
    ]);
    rows
}

fn goods(make: &Maker<'_>, side: &dyn Fn(&str, Vec<Field>) -> Row) -> Vec<Row> {
    let (t, vocabulary) = (make.t, Vocabulary::common());
    let mut forms: Vec<(String, String)> = vocabulary
        .forms
        .iter()
        .map(|form| (form.kind.clone(), worded(t, &form.name_en, &form.name_zh)))
        .collect();
    forms.sort_by(|x, y| x.1.cmp(&y.1));
    let parameters = vocabulary.parameters.iter().map(|parameter| {
        let mut field = make.short(&format!("p-{}", parameter.parameter));
        field.label = worded(t, &parameter.name_en, &parameter.name_zh);
        field.hint = if parameter.yes_no { "yes / no".to_owned() } else { parameter.unit.clone() };
        field
    });
    let parameters: Vec<Field> = parameters.collect();
    let folded = parameters.iter().all(|field| field.value.is_empty());
    vec![
        alone(make.line("name")),
        side(
            "identity",
            vec![
                make.short("hs"),
                make.short("grade"),
                make.select("form", "form", forms),
                make.short("origin"),
            ],
        ),
        alone(make.area("composition")),
        alone(make.line("control_codes")),
        alone(make.short("unit_mass_mg")),
        Row {
            legend_key: "parameters",
            legend: t.code("apply-legend", "parameters", ""),
            folded,
            fields: parameters,
        },
    ]
}

fn parties(a: &Application, part: PartyPart) -> Vec<(String, String)> {
    let of_part = a.parties.iter().filter(|party| party.parts.contains(&part));
    of_part.map(|party| (party.key.clone(), party_name(a, &party.key))).collect()
}

/// The rules by which the pack asks for a unit.
fn unit_asked(t: &Text, law: &Law, unit: &str) -> String {
    let rules = law.rules.units.iter().filter(|rule| rule.unit.split(':').next() == Some(unit));
    let mut citations: Vec<&str> = rules.map(|rule| rule.citation.as_str()).collect();
    citations.dedup();
    if citations.is_empty() {
        String::new()
    } else {
        t.one("apply-unit-asked", citations.join("; "))
    }
}

fn cells(
    make: &Maker<'_>,
    law: &Law,
    a: &Application,
    side: &dyn Fn(&str, Vec<Field>) -> Row,
) -> Vec<Row> {
    let t = make.t;
    let goods = a.goods.iter().map(|good| (good.key.clone(), good_name(a, &good.key))).collect();
    let uses = a
        .uses
        .iter()
        .map(|end_use| (end_use.key.clone(), t.code("use", &end_use.code, &end_use.code)));
    let masses = || -> Vec<(String, String)> {
        ["kg", "t", "g", "mg"].map(|unit| (unit.to_owned(), unit.to_owned())).to_vec()
    };
    let written = |name: &str| {
        let mut field = make.select(name, "written", masses());
        // Nothing chosen is kg.
        field.choices.remove(0);
        field
    };
    let asked = |mut field: Field, unit: &str| {
        let words = unit_asked(t, law, unit);
        if !words.is_empty() {
            field.hint = [field.hint, words].join(" ").trim().to_owned();
        }
        field
    };
    let mut rows = vec![
        alone(make.select("good", "good", goods)),
        alone(make.select("consignee", "consignee", parties(a, PartyPart::Consignee))),
        alone(make.select("end_user", "end_user", parties(a, PartyPart::EndUser))),
        alone(make.select("end_use", "end_use", uses.collect())),
        alone(make.short("destination")),
        side("net", vec![asked(make.short("net"), "net_mass"), written("net-unit")]),
    ];
    for row in 0..element_rows(make.typed) {
        let name = |field: &str| format!("e{row}-{field}");
        let kinds =
            ["content", "oxide"].map(|kind| (kind.to_owned(), t.code("apply-unit", kind, kind)));
        let mut kind = make.select(&name("kind"), "element-kind", kinds.to_vec());
        kind.choices.remove(0);
        let mut elements = side(
            "content",
            vec![
                kind,
                make.field("short", &name("element"), "element", Vec::new()),
                if row == 0 {
                    asked(make.field("short", &name("amount"), "amount", Vec::new()), "content")
                } else {
                    make.field("short", &name("amount"), "amount", Vec::new())
                },
                written(&name("unit")),
            ],
        );
        elements.legend = t.num("apply-legend-content", &(row as u64 + 1));
        rows.push(elements);
    }
    rows.push(alone(asked(make.short("pieces"), "pieces")));
    rows.push(side("value", vec![asked(make.short("value"), "value"), make.short("currency")]));
    rows
}
