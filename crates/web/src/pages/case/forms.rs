//! The forms of a case: which of them its visitor may send now, with what was typed.
//!
//! A form is shown where the rules would take a command of it: they are asked with words in its places
//! ([`app::cases::Weighed::refusals`]). So a page offers nothing that is refused for who asks or for how the
//! case stands.

use std::collections::BTreeMap;

use app::cases::Weighed;
use base::authorisation::{Actor, Role};
use licensing::case::{Case, Draft, Position, Readers, StepKind, Verdict};
use licensing::decide::{Command, Refusal};

use super::entry::{Typed, field_id};
use super::words::Words;
use crate::pages::clock::coded;
use crate::stop::FieldFault;

/// Stands in the places of texts when the rules are asked.
const WORDS: &str = "…";

/// One of several things to choose.
#[derive(Debug, Clone)]
pub(crate) struct Pick {
    pub(crate) value: String,
    pub(crate) words: String,
    pub(crate) chosen: bool,
}

/// A field of a form.
#[derive(Debug, Clone)]
pub(crate) struct Field {
    /// `area`, `line`, `date`, `number`, `select`, `checks` or `radios`.
    pub(crate) kind: &'static str,
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) label: String,
    pub(crate) hint: String,
    pub(crate) value: String,
    pub(crate) picks: Vec<Pick>,
    /// What is wrong with what was typed.
    pub(crate) fault: String,
}

/// A form.
#[derive(Debug, Clone)]
pub(crate) struct FormView {
    pub(crate) code: &'static str,
    /// Where it is sent.
    pub(crate) href: String,
    pub(crate) title: String,
    pub(crate) hint: String,
    pub(crate) fields: Vec<Field>,
    /// Whether it is shown open: it was refused.
    pub(crate) open: bool,
    /// Whether it ends a case.
    pub(crate) ends: bool,
}

/// What forms are made of.
pub(crate) struct Forms<'a> {
    pub(crate) words: &'a Words<'a>,
    pub(crate) case: &'a Case,
    pub(crate) weighed: &'a Weighed<'a>,
    pub(crate) actor: &'a Actor,
    /// What was typed and refused; nothing typed in any other form.
    pub(crate) typed: &'a Typed,
    pub(crate) faults: &'a [FieldFault],
    pub(crate) today: String,
}

impl Forms<'_> {
    fn refusals(&self, command: &Command) -> Vec<Refusal> {
        self.weighed.refusals(self.actor, command)
    }

    fn may(&self, command: &Command) -> bool {
        self.refusals(command).is_empty()
    }

    /// What was typed into a field of a form.
    pub(crate) fn typed(&self, form: &str, name: &str) -> String {
        if self.typed.form == form { self.typed.get(name).to_owned() } else { String::new() }
    }

    /// A field with what was typed into it.
    pub(crate) fn field(
        &self,
        form: &str,
        kind: &'static str,
        name: &str,
        label: String,
        picks: Vec<Pick>,
    ) -> Field {
        let id = field_id(self.case, form, name);
        let found = self.faults.iter().find(|fault| fault.field == id);
        let mut picks = picks;
        if self.typed.form == form {
            for pick in &mut picks {
                pick.chosen = self.typed.has(name, &pick.value);
            }
        }
        Field {
            kind,
            id,
            name: name.to_owned(),
            label,
            hint: String::new(),
            value: self.typed(form, name),
            picks,
            fault: found.map_or(String::new(), |fault| fault.message.clone()),
        }
    }

    fn word(&self, key: &str) -> String {
        self.words.t.get(key)
    }

    fn area(&self, form: &str, name: &str, label: &str) -> Field {
        self.field(form, "area", name, self.word(label), Vec::new())
    }

    fn chosen(&self, form: &str, name: &str, label: &str, picks: Vec<Pick>) -> Field {
        self.field(form, "select", name, self.word(label), picks)
    }

    fn form(&self, code: &'static str, href: &str, fields: Vec<Field>) -> FormView {
        FormView {
            code,
            href: format!("/cases/{}/{href}", self.case.number),
            title: self.words.t.code("case-do", code, code),
            hint: self.words.t.code("case-do-hint", code, ""),
            fields,
            open: self.typed.form == code,
            ends: matches!(code, "return" | "lapse" | "refuse_signature"),
        }
    }

    /// Everybody who can have a case, the caller left out.
    pub(crate) fn officers(&self) -> Vec<Pick> {
        let office = |role: Role| matches!(role, Role::Officer | Role::Supervisor);
        let mut picks = vec![pick("", self.word("case-choose"))];
        let mut found: Vec<Pick> = self
            .weighed
            .known
            .signers
            .iter()
            .filter(|signer| office(signer.role))
            .filter(|signer| signer.activity == licensing::decide::Activity::Active)
            .map(|signer| pick(&signer.account, self.words.who(&signer.account)))
            .collect();
        found.sort_by(|a, b| a.words.cmp(&b.words));
        picks.extend(found);
        picks
    }

    /// The cells, each known by its place.
    fn cells(&self) -> Vec<Pick> {
        let application = &self.case.application;
        let cells = application.cells.iter().enumerate();
        cells
            .map(|(place, cell)| pick(&place.to_string(), self.words.cell(application, cell)))
            .collect()
    }

    /// Who has the case.
    fn of_assignment(&self, forms: &mut Vec<FormView>) {
        let mine = self.actor.is(&self.case.officer);
        let own = Command::Assign { officer: self.actor.account.clone() };
        if !mine && self.may(&own) {
            forms.push(self.form("take", "step", Vec::new()));
        }
        if mine && self.may(&Command::Assign { officer: String::new() }) {
            forms.push(self.form("release", "step", Vec::new()));
        }
        if self.actor.role == Role::Supervisor && self.case.state.open() {
            let officer = self.chosen("give", "officer", "case-field-officer", self.officers());
            forms.push(self.form("give", "step", vec![officer]));
        }
    }

    /// Before acceptance, and questions at any time.
    fn of_acceptance(&self, forms: &mut Vec<FormView>) {
        if self.may(&Command::Accept) {
            forms.push(self.form("accept", "step", Vec::new()));
        }
        if self.may(&Command::Ask { text: WORDS.to_owned(), cells: Vec::new() }) {
            let cells =
                self.field("ask", "checks", "cells", self.word("case-field-cells"), self.cells());
            let text = self.area("ask", "text", "case-field-question");
            forms.push(self.form("ask", "step", vec![text, cells]));
        }
        if self.may(&Command::AcceptAmendment) {
            forms.push(self.form("accept_amendment", "step", Vec::new()));
        }
        let decide = Command::DecideAmendment { verdict: Verdict::Taken, reason: WORDS.to_owned() };
        if self.may(&decide) {
            let verdicts = ["taken", "refused"]
                .map(|code| pick(code, self.words.t.code("case-verdict", code, code)));
            let verdict = self.field(
                "decide_amendment",
                "radios",
                "verdict",
                self.word("case-field-verdict"),
                verdicts.to_vec(),
            );
            let reason = self.area("decide_amendment", "reason", "case-field-reason");
            forms.push(self.form("decide_amendment", "step", vec![verdict, reason]));
        }
    }

    fn of_agencies(&self, forms: &mut Vec<FormView>) {
        let due = self.weighed.agencies_due();
        let agencies = self.weighed.law.rules.agencies.iter();
        let ask =
            |agency: &str| Command::AskAgency { agency: agency.to_owned(), text: WORDS.to_owned() };
        let mut picks: Vec<Pick> = agencies
            .filter(|agency| self.may(&ask(&agency.id)))
            .map(|agency| {
                let name = self.words.agency(&agency.id);
                let must = due.contains(&agency.id) && !self.case.agencies.contains_key(&agency.id);
                let words = if must { self.words.t.one("case-agency-must", name) } else { name };
                Pick { value: agency.id.clone(), words, chosen: must }
            })
            .collect();
        if !picks.is_empty() {
            picks.insert(0, pick("", self.word("case-choose")));
            let agency = self.chosen("ask_agency", "agency", "case-field-agency", picks);
            let text = self.area("ask_agency", "text", "case-field-agency-text");
            forms.push(self.form("ask_agency", "step", vec![agency, text]));
        }
        let silent: Vec<Pick> = self
            .case
            .agencies
            .keys()
            .filter(|agency| self.may(&Command::MarkSilent { agency: (*agency).clone() }))
            .map(|agency| pick(agency, self.words.agency(agency)))
            .collect();
        if !silent.is_empty() {
            let agency = self.chosen("mark_silent", "agency", "case-field-agency", silent);
            forms.push(self.form("mark_silent", "step", vec![agency]));
        }
        self.of_conditions(forms);
    }

    /// Conditions of agencies that may be dropped or worded anew.
    fn of_conditions(&self, forms: &mut Vec<FormView>) {
        let mut picks = Vec::new();
        for (place, cell) in self.case.application.cells.iter().enumerate() {
            for (agency, part) in &self.case.agencies {
                let given = part.advice.get(&cell.key).into_iter();
                for condition in given.flat_map(|given| &given.advice.conditions) {
                    let command = Command::Override {
                        agency: agency.clone(),
                        cell: cell.key.clone(),
                        condition: condition.id.clone(),
                        text: None,
                        reason: WORDS.to_owned(),
                    };
                    if self.may(&command) {
                        let name = self.words.agency(agency);
                        let text = self.words.condition(condition);
                        let cell = self.words.cell(&self.case.application, cell);
                        let words = format!("{name}: {text} – {cell}");
                        picks.push(pick(&format!("{agency} {place} {}", condition.id), words));
                    }
                }
            }
        }
        if picks.is_empty() {
            return;
        }
        picks.insert(0, pick("", self.word("case-choose")));
        let condition = self.chosen("override", "condition", "case-field-condition", picks);
        let how =
            ["drop", "reword"].map(|code| pick(code, self.words.t.code("case-how", code, code)));
        let how =
            self.field("override", "radios", "how", self.word("case-field-how"), how.to_vec());
        let text = self.area("override", "text", "case-field-words");
        let reason = self.area("override", "reason", "case-field-reason");
        forms.push(self.form("override", "step", vec![condition, how, text, reason]));
    }

    fn of_steps(&self, forms: &mut Vec<FormView>) {
        let kinds = [StepKind::Identification, StepKind::Expert, StepKind::Verification];
        let named = |kind: &StepKind| {
            let code = coded(kind);
            let words = self.words.t.code("case-step", &code, &code);
            pick(&code, words)
        };
        let begin =
            |step: StepKind| Command::BeginStep { step, notice_days: None, text: WORDS.to_owned() };
        let picks: Vec<Pick> =
            kinds.iter().filter(|kind| self.may(&begin(**kind))).map(named).collect();
        if !picks.is_empty() {
            let step = self.chosen("begin_step", "step", "case-field-step", picks);
            let text = self.area("begin_step", "text", "case-field-step-text");
            let mut notice = self.field(
                "begin_step",
                "number",
                "notice_days",
                self.word("case-field-notice"),
                Vec::new(),
            );
            notice.hint = self.word("case-field-notice-hint");
            forms.push(self.form("begin_step", "step", vec![step, text, notice]));
        }
        let end = |step: StepKind| Command::EndStep { step, text: WORDS.to_owned() };
        let picks: Vec<Pick> =
            kinds.iter().filter(|kind| self.may(&end(**kind))).map(named).collect();
        if !picks.is_empty() {
            let step = self.chosen("end_step", "step", "case-field-step", picks);
            let text = self.area("end_step", "text", "case-field-found");
            forms.push(self.form("end_step", "step", vec![step, text]));
        }
        if self.may(&Command::ReferUp { reason: WORDS.to_owned() }) {
            let reason = self.area("refer_up", "reason", "case-field-reason");
            forms.push(self.form("refer_up", "step", vec![reason]));
        }
    }

    fn of_checks(&self, forms: &mut Vec<FormView>) {
        let application = &self.case.application;
        let listed: Vec<Pick> = application
            .parties
            .iter()
            .filter(|party| self.may(&Command::WatchList { party: party.key.clone() }))
            .map(|party| pick(&party.key, self.words.party_name(application, &party.key)))
            .collect();
        if !listed.is_empty() {
            let party = self.chosen("watch_list", "party", "case-field-party", listed);
            forms.push(self.form("watch_list", "step", vec![party]));
        }
        let classify = Command::Classify {
            codes: BTreeMap::new(),
            as_of: base::Date::default(),
            reason: WORDS.to_owned(),
        };
        if self.may(&classify) {
            let mut fields: Vec<Field> = Vec::new();
            for (place, good) in application.goods.iter().enumerate() {
                let label = self.words.t.one("case-field-codes", &good.name);
                let name = format!("codes-{place}");
                let mut field = self.field("classify", "line", &name, label, Vec::new());
                if self.typed.form != "classify" {
                    let found = self.case.control_codes.get(&good.key);
                    field.value = found.map_or(String::new(), |codes| codes.join(", "));
                }
                fields.push(field);
            }
            let mut as_of =
                self.field("classify", "date", "as_of", self.word("case-field-as-of"), Vec::new());
            if self.typed.form != "classify" {
                as_of.value.clone_from(&self.today);
            }
            fields.extend([as_of, self.area("classify", "reason", "case-field-reason")]);
            forms.push(self.form("classify", "step", fields));
        }
    }

    fn of_end(&self, forms: &mut Vec<FormView>) {
        let to = |account: &str| Command::ReferConflict { to: account.to_owned() };
        let picks: Vec<Pick> = self.officers();
        if self.disputed() && picks.iter().any(|pick| self.may(&to(&pick.value))) {
            let to = self.chosen("refer_conflict", "to", "case-field-officer", picks);
            forms.push(self.form("refer_conflict", "step", vec![to]));
        }
        let rules = &self.weighed.law.rules;
        let reasons: Vec<Pick> = rules
            .reasons
            .iter()
            .map(|reason| pick(&reason.id, self.words.reason(&reason.id)))
            .collect();
        let first: Vec<String> =
            rules.reasons.iter().take(1).map(|reason| reason.id.clone()).collect();
        if self.may(&Command::Return { reasons: first, text: WORDS.to_owned() }) {
            let reasons =
                self.field("return", "checks", "reasons", self.word("case-field-reasons"), reasons);
            let text = self.area("return", "text", "case-field-letter");
            forms.push(self.form("return", "step", vec![reasons, text]));
        }
        if self.may(&Command::Lapse { reason: WORDS.to_owned() }) {
            let reason = self.area("lapse", "reason", "case-field-reason");
            forms.push(self.form("lapse", "step", vec![reason]));
        }
        if self.may(&Command::Reopen { ground: WORDS.to_owned() }) {
            let ground = self.area("reopen", "ground", "case-field-ground");
            forms.push(self.form("reopen", "step", vec![ground]));
        }
    }

    /// Whether agencies differ, or one wants something refused that a draft might let out.
    fn disputed(&self) -> bool {
        let mut given = self.case.agencies.values().flat_map(|part| part.advice.values());
        given.any(|given| given.advice.position == Position::Refuse)
            || !licensing::decide::conflicts(self.case, None).is_empty()
    }

    /// Whether the visitor may draft the decision now, whatever the draft.
    pub(crate) fn may_draft(&self) -> bool {
        let draft = Draft {
            cells: BTreeMap::new(),
            valid_from: None,
            valid_months: None,
            reasoning: String::new(),
        };
        // What a draft of nothing lacks, and a conflict that is still to be referred, say nothing of who asks.
        let of_draft = ["draft_cell_missing", "conflict_unreferred"];
        let refusals = self.refusals(&Command::Draft { draft });
        refusals.iter().all(|refusal| of_draft.contains(&refusal.code))
    }

    /// The form that decides, where nothing lacks any more.
    pub(crate) fn decide(&self) -> Option<FormView> {
        let drafted = self.case.draft.is_some() && self.weighed.lacking(self.actor).is_empty();
        drafted.then(|| self.form("finalise", "step", Vec::new()))
    }

    /// All that this visitor may do on the page of the case.
    pub(crate) fn all(&self) -> Vec<FormView> {
        let mut forms = Vec::new();
        if matches!(self.actor.role, Role::Officer | Role::Supervisor) {
            self.of_assignment(&mut forms);
            self.of_acceptance(&mut forms);
            self.of_agencies(&mut forms);
            self.of_steps(&mut forms);
            self.of_checks(&mut forms);
            self.of_end(&mut forms);
        }
        let readers: &[Readers] = match self.actor.role {
            Role::Officer | Role::Supervisor => {
                &[Readers::Authority, Readers::Agencies, Readers::Applicant]
            }
            Role::Agency => &[Readers::Authority, Readers::Agencies],
            _ => return forms,
        };
        let readers = readers.iter().map(coded).map(|code| {
            let words = self.words.t.code("case-readers", &code, &code);
            Pick { chosen: code == "authority", value: code, words }
        });
        let readers = self.field(
            "note",
            "radios",
            "readers",
            self.word("case-field-readers"),
            readers.collect(),
        );
        let text = self.area("note", "text", "case-field-note");
        forms.push(self.form("note", "note", vec![text, readers]));
        forms
    }

    /// The form to sign and the one to send a draft back; or every reason why this visitor may not sign.
    pub(crate) fn signing(&self) -> Result<Vec<FormView>, Vec<Refusal>> {
        let content = self.case.content_hash().unwrap_or_default();
        let refusals = self.refusals(&Command::Sign { content });
        if !refusals.is_empty() {
            return Err(refusals);
        }
        let mut forms = vec![self.form("sign", "sign", Vec::new())];
        forms.extend(self.sending_back());
        Ok(forms)
    }

    /// Whether this visitor may sign the draft or send it back.
    pub(crate) fn signs(&self) -> bool {
        self.signing().is_ok() || !self.sending_back().is_empty()
    }

    /// The form to send a draft back, where this visitor may.
    pub(crate) fn sending_back(&self) -> Vec<FormView> {
        let content = self.case.content_hash().unwrap_or_default();
        let back = Command::RefuseSignature { content, reason: WORDS.to_owned() };
        if !self.may(&back) {
            return Vec::new();
        }
        let reason = self.area("refuse_signature", "reason", "case-field-reason");
        vec![self.form("refuse_signature", "sign", vec![reason])]
    }

    /// Positions that an agency may take.
    pub(crate) fn positions(&self) -> Vec<Pick> {
        let all =
            [Position::Approve, Position::Refuse, Position::NoLicence, Position::NotApplicable];
        let all = all.iter().map(coded);
        all.map(|code| pick(&code, self.words.t.code("case-position", &code, &code))).collect()
    }
}

/// Something to choose, not chosen yet.
pub(crate) fn pick(value: &str, words: String) -> Pick {
    Pick { value: value.to_owned(), words, chosen: false }
}
