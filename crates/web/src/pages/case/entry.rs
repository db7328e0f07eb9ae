//! What somebody typed on the page of a case, and the commands that it stands for.
//!
//! A field of a form is named after what a refusal calls it, so that the refusal finds its field: `text`,
//! `cells/c1/quantities`. In addresses within a page a cell is known by its place, for its key is the
//! applicant's own text.

use std::collections::BTreeMap;

use app::law::Law;
use base::authorisation::Action;
use licensing::application::Cell;
use licensing::case::{
    Advice, Case, CellDecision, Condition, Draft, Position, Readers, StepKind, Verdict,
};
use licensing::decide::{Command, conditions_due};
use licensing::quantity::Quantity;

use crate::stop::FieldFault;
use crate::text::Text;

/// A form as it was sent: which, and its fields in order.
#[derive(Debug, Clone, Default)]
pub(crate) struct Typed {
    pub(crate) form: String,
    fields: Vec<(String, String)>,
}

impl Typed {
    pub(crate) fn read(mut fields: Vec<(String, String)>) -> Typed {
        let form = fields.iter().find(|field| field.0 == "do").map_or("", |field| &field.1);
        let form = form.to_owned();
        // What browsers send for a line break.
        for (_, value) in &mut fields {
            *value = value.replace("\r\n", "\n");
        }
        Typed { form, fields }
    }

    /// What stands in a field; nothing where it was not sent.
    pub(crate) fn find(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|field| field.0 == name).map(|field| field.1.as_str())
    }

    pub(crate) fn get(&self, name: &str) -> &str {
        self.find(name).unwrap_or("")
    }

    /// What was chosen of several.
    pub(crate) fn all<'t>(&'t self, name: &'t str) -> impl Iterator<Item = &'t str> {
        self.fields.iter().filter(move |field| field.0 == name).map(|field| field.1.as_str())
    }

    pub(crate) fn has(&self, name: &str, value: &str) -> bool {
        self.all(name).any(|chosen| chosen == value)
    }

    /// The number of the last event that its writer saw.
    pub(crate) fn version(&self) -> Option<u32> {
        self.get("version").parse().ok()
    }

    fn owned(&self, name: &str) -> String {
        self.get(name).trim().to_owned()
    }
}

/// Names of fields, with what stands before a number in them.
const FIELDS: [&str; 31] = [
    "advice",
    "agency",
    "as_of",
    "cells",
    "codes",
    "condition",
    "conditions",
    "content",
    "ground",
    "how",
    "kept",
    "notice_days",
    "officer",
    "outcome",
    "party",
    "phrases",
    "position",
    "quantities",
    "quantity",
    "question",
    "readers",
    "reason",
    "reasoning",
    "reasons",
    "step",
    "text",
    "to",
    "valid_from",
    "valid_months",
    "verdict",
    "words",
];

/// The id of a field of a form.
pub(crate) fn field_id(case: &Case, form: &str, field: &str) -> String {
    let mut id = format!("on-{form}");
    let mut of_cell = false;
    // What is no field of this form belongs to the whole of it.
    let known = |part: &str| {
        let name = part.split('-').next().unwrap_or("");
        FIELDS.contains(&name)
    };
    for part in field.split('/') {
        if part.is_empty() {
            continue;
        }
        let place = case.application.cells.iter().position(|cell| cell.key == part);
        match place.filter(|_| of_cell) {
            Some(place) => id.push_str(&format!("-{place}")),
            None if known(part) => {
                id.push('-');
                id.push_str(part);
            }
            None => {}
        }
        of_cell = matches!(part, "cells" | "advice");
    }
    id
}

/// What a caller must be allowed to do on a case for a command.
pub(crate) fn part_of(command: &Command) -> Action {
    match command {
        Command::Answer { .. }
        | Command::Withdraw { .. }
        | Command::AskAmendment { .. }
        | Command::Appeal { .. } => Action::Apply,
        Command::Advise { .. } | Command::Reply => Action::Advise,
        // Agencies write notes as well; who may is for `decide` to say.
        Command::Note { .. } => Action::ReadCase,
        Command::Sign { .. } | Command::RefuseSignature { .. } => Action::Countersign,
        _ => Action::Review,
    }
}

/// What is read while a form is: its faults, all at once.
pub(crate) struct Reading<'a> {
    pub(crate) t: &'static Text,
    pub(crate) law: &'a Law,
    pub(crate) case: &'a Case,
    pub(crate) typed: &'a Typed,
    pub(crate) account: &'a str,
    pub(crate) faults: Vec<FieldFault>,
}

impl Reading<'_> {
    fn fault(&mut self, field: &str, code: &'static str, message: String, accepted: String) {
        let field = field_id(self.case, &self.typed.form, field);
        self.faults.push(FieldFault { field, code, message, accepted });
    }

    fn unknown(&mut self, field: &str) {
        let value = self.typed.get(field).to_owned();
        let message = self.t.one("case-fault-choice", value);
        self.fault(field, "choice", message, String::new());
    }

    /// The commands of the form, in order; none where there are faults.
    pub(crate) fn commands(&mut self) -> Vec<Command> {
        let typed = self.typed;
        let text = |name: &str| typed.owned(name);
        let command = match typed.form.as_str() {
            "take" => Command::Assign { officer: self.account.to_owned() },
            "release" => Command::Assign { officer: String::new() },
            "give" => Command::Assign { officer: text("officer") },
            "accept" => Command::Accept,
            "ask" => Command::Ask { text: text("text"), cells: self.cells() },
            "answer" => Command::Answer {
                question: typed.get("question").parse().unwrap_or(0),
                text: text("text"),
                documents: Vec::new(),
            },
            "begin_step" => return self.step_begin(),
            "end_step" => {
                let Some(step) = self.step_kind() else { return Vec::new() };
                Command::EndStep { step, text: text("text") }
            }
            "refer_up" => Command::ReferUp { reason: text("reason") },
            "watch_list" => Command::WatchList { party: text("party") },
            "ask_agency" => Command::AskAgency { agency: text("agency"), text: text("text") },
            "mark_silent" => Command::MarkSilent { agency: text("agency") },
            "advise" => return self.advise(),
            "reply" => Command::Reply,
            "override" => return self.condition_override(),
            "note" => return self.note(),
            "draft" => return self.draft(),
            "refer_conflict" => Command::ReferConflict { to: text("to") },
            "finalise" => Command::Finalise { content: text("content"), licences: Vec::new() },
            "sign" => Command::Sign { content: text("content") },
            "refuse_signature" => {
                Command::RefuseSignature { content: text("content"), reason: text("reason") }
            }
            "return" => Command::Return {
                reasons: typed.all("reasons").map(str::to_owned).collect(),
                text: text("text"),
            },
            "withdraw" => Command::Withdraw { reason: text("reason") },
            "reopen" => Command::Reopen { ground: text("ground") },
            "lapse" => Command::Lapse { reason: text("reason") },
            "classify" => return self.classify(),
            "accept_amendment" => Command::AcceptAmendment,
            "decide_amendment" => {
                let verdict = match typed.get("verdict") {
                    "taken" => Verdict::Taken,
                    "refused" => Verdict::Refused,
                    _ => {
                        self.unknown("verdict");
                        return Vec::new();
                    }
                };
                Command::DecideAmendment { verdict, reason: text("reason") }
            }
            _ => {
                self.unknown("do");
                return Vec::new();
            }
        };
        vec![command]
    }

    /// Keys of the cells that were chosen.
    fn cells(&self) -> Vec<String> {
        let cells = &self.case.application.cells;
        let place = |text: &str| text.parse::<usize>().ok().and_then(|place| cells.get(place));
        self.typed.all("cells").filter_map(place).map(|cell| cell.key.clone()).collect()
    }

    fn step_kind(&mut self) -> Option<StepKind> {
        let kind = match self.typed.get("step") {
            "identification" => Some(StepKind::Identification),
            "expert" => Some(StepKind::Expert),
            "verification" => Some(StepKind::Verification),
            _ => None,
        };
        if kind.is_none() {
            self.unknown("step");
        }
        kind
    }

    /// A whole number of a field; nothing where it is empty.
    fn number(&mut self, field: &str) -> Option<u32> {
        let text = self.typed.owned(field);
        if text.is_empty() {
            return None;
        }
        let number = text.parse().ok();
        if number.is_none() {
            let message = self.t.one("case-fault-number", text);
            self.fault(field, "number", message, String::new());
        }
        number
    }

    fn step_begin(&mut self) -> Vec<Command> {
        let (step, notice_days) = (self.step_kind(), self.number("notice_days"));
        let text = self.typed.owned("text");
        step.map(|step| Command::BeginStep { step, notice_days, text }).into_iter().collect()
    }

    fn note(&mut self) -> Vec<Command> {
        let readers = match self.typed.get("readers") {
            "authority" => Readers::Authority,
            "agencies" => Readers::Agencies,
            "applicant" => Readers::Applicant,
            _ => {
                self.unknown("readers");
                return Vec::new();
            }
        };
        vec![Command::Note { text: self.typed.owned("text"), readers }]
    }

    fn classify(&mut self) -> Vec<Command> {
        let mut codes = BTreeMap::new();
        for (place, good) in self.case.application.goods.iter().enumerate() {
            let typed = self.typed.get(&format!("codes-{place}"));
            let words = typed.split(|c: char| c.is_whitespace() || ",;，；、".contains(c));
            let mut of_good: Vec<String> =
                words.filter(|word| !word.is_empty()).map(str::to_owned).collect();
            of_good.sort();
            of_good.dedup();
            codes.insert(good.key.clone(), of_good);
        }
        let as_of = base::time::date_parse(self.typed.get("as_of").trim());
        let Some(as_of) = as_of else {
            let message = self.t.one("case-fault-date", self.typed.get("as_of"));
            self.fault("as_of", "date", message, String::new());
            return Vec::new();
        };
        vec![Command::Classify { codes, as_of, reason: self.typed.owned("reason") }]
    }

    fn condition_override(&mut self) -> Vec<Command> {
        let chosen = self.typed.get("condition").to_owned();
        let mut parts = chosen.splitn(3, ' ');
        let (agency, place) = (parts.next().unwrap_or(""), parts.next().unwrap_or(""));
        let cells = &self.case.application.cells;
        let cell = place.parse::<usize>().ok().and_then(|place| cells.get(place));
        let (Some(cell), Some(condition)) = (cell, parts.next()) else {
            self.unknown("condition");
            return Vec::new();
        };
        let text = match self.typed.get("how") {
            "drop" => None,
            _ => Some(self.typed.owned("text")),
        };
        vec![Command::Override {
            agency: agency.to_owned(),
            cell: cell.key.clone(),
            condition: condition.to_owned(),
            text,
            reason: self.typed.owned("reason"),
        }]
    }

    /// Conditions of the pack that were picked, and those in free words, one a line.
    fn conditions(&self, place: usize, id: &str) -> Vec<Condition> {
        let name = format!("phrases-{place}");
        let picked = self.typed.all(&name).filter_map(|phrase| {
            let known = self.law.rules.conditions.iter().find(|known| known.id == phrase)?;
            Some((known.id.clone(), known.text_en.clone()))
        });
        let mut conditions: Vec<Condition> = picked
            .collect::<BTreeMap<_, _>>()
            .into_iter()
            .map(|(phrase, text)| Condition {
                id: if id.is_empty() { String::new() } else { format!("{id}-{phrase}") },
                phrase,
                text,
                agency: String::new(),
            })
            .collect();
        let name = format!("words-{place}");
        let lines = self.typed.get(&name).lines().map(str::trim).filter(|line| !line.is_empty());
        conditions.extend(lines.enumerate().map(|(number, text)| Condition {
            id: if id.is_empty() { String::new() } else { format!("{id}-words-{}", number + 1) },
            phrase: String::new(),
            text: text.to_owned(),
            agency: String::new(),
        }));
        conditions
    }

    fn advise(&mut self) -> Vec<Command> {
        let mut advice = BTreeMap::new();
        for (place, cell) in self.case.application.cells.iter().enumerate() {
            let position = match self.typed.get(&format!("position-{place}")) {
                "approve" => Position::Approve,
                "refuse" => Position::Refuse,
                "no_licence" => Position::NoLicence,
                "not_applicable" => Position::NotApplicable,
                // Nothing said of it: what was said before stays.
                _ => continue,
            };
            let own = self.case.agencies.values().find_map(|part| part.advice.get(&cell.key));
            let kept_name = format!("kept-{place}");
            let kept = own.into_iter().flat_map(|given| &given.advice.conditions);
            let mut conditions: Vec<Condition> = kept
                .filter(|condition| self.typed.has(&kept_name, &condition.id))
                .cloned()
                .collect();
            conditions.extend(self.conditions(place, ""));
            let reason = self.typed.owned(&format!("reason-{place}"));
            advice.insert(cell.key.clone(), Advice { position, reason, conditions });
        }
        let mut commands = vec![Command::Advise { advice }];
        if self.typed.get("then") == "reply" {
            commands.push(Command::Reply);
        }
        commands
    }

    fn draft(&mut self) -> Vec<Command> {
        let mut cells = BTreeMap::new();
        for (place, cell) in self.case.application.cells.iter().enumerate() {
            let text = self.typed.owned(&format!("text-{place}"));
            let decision = match self.typed.get(&format!("outcome-{place}")) {
                "approve" => CellDecision::Approve {
                    quantities: self.quantities(place, cell),
                    conditions: self.conditions_with_due(place, cell),
                },
                "refuse" => CellDecision::Refuse {
                    reasons: self
                        .typed
                        .all(&format!("reasons-{place}"))
                        .map(str::to_owned)
                        .collect(),
                    text,
                },
                "no_licence" => CellDecision::NoLicence { text },
                _ => continue,
            };
            cells.insert(cell.key.clone(), decision);
        }
        let valid_months = self.number("valid_months");
        let from = self.typed.owned("valid_from");
        let valid_from = base::time::date_parse(&from);
        if !from.is_empty() && valid_from.is_none() {
            let message = self.t.one("case-fault-date", from);
            self.fault("valid_from", "date", message, String::new());
        }
        let reasoning = self.typed.owned("reasoning");
        vec![Command::Draft { draft: Draft { cells, valid_from, valid_months, reasoning } }]
    }

    /// What an approval holds: what the agencies set and nobody overrode, and what the officer adds.
    fn conditions_with_due(&self, place: usize, cell: &Cell) -> Vec<Condition> {
        let due = conditions_due(self.case, &cell.key).into_iter().map(|(condition, _)| condition);
        let mut conditions: Vec<Condition> = due.collect();
        conditions.extend(self.conditions(place, "authority"));
        conditions
    }

    fn quantities(&mut self, place: usize, cell: &Cell) -> Vec<Quantity> {
        let mut quantities = Vec::new();
        for (number, asked) in cell.quantities.iter().enumerate() {
            let typed = self.typed.get(&format!("quantity-{place}-{number}")).to_owned();
            match Quantity::read(&asked.unit, &typed, "") {
                Ok(quantity) => quantities.push(quantity),
                Err(error) => {
                    let message = super::words::refused(self.t, error.code(), &error.to_string());
                    let field = format!("cells/{}/quantities", cell.key);
                    self.fault(&field, error.code(), message.0, error.accepted());
                }
            }
        }
        quantities
    }
}
