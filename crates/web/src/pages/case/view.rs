//! What the page of a case shows, section by section, as far as its side sees it.

use std::collections::{BTreeMap, HashMap};

use app::cases::{Precedent, case_clock, cell_codes};
use app::screening::{CaseScreening, PartyState};
use base::Timestamp;
use controls::clock::Proofs;
use licensing::advice::{Consolidated, consolidate};
use licensing::application::PartyPart;
use licensing::case::{Case, CellDecision, Condition, FollowKind, Override, Recorded, Signature};
use licensing::decide::SignatureNeeded;
use licensing::sight::Viewer;

use super::words::{Words, grouped};
use crate::form::encoded;
use crate::pages::Stat;
use crate::pages::changed::{Changed, Versions, document_name};
use crate::pages::clock::{ClockView, clock_view, coded, due_text, worded};
use crate::pages::licence::country;
use crate::show;

/// What became of a cell, or is to.
pub(crate) struct Decision {
    pub(crate) code: &'static str,
    pub(crate) words: String,
    /// How much, each with a note where it is less than was asked for.
    pub(crate) quantities: Vec<(String, bool)>,
    pub(crate) conditions: Vec<ConditionRow>,
    pub(crate) reasons: Vec<String>,
    pub(crate) text: String,
}

/// A condition with whose it is.
pub(crate) struct ConditionRow {
    pub(crate) text: String,
    pub(crate) whose: String,
    /// The override that stands against it, in words.
    pub(crate) overridden: String,
    /// The words that stand in its place.
    pub(crate) instead: String,
    pub(crate) cells: Vec<String>,
}

/// What an agency says of a cell.
pub(crate) struct AdviceRow {
    pub(crate) agency: String,
    pub(crate) code: String,
    pub(crate) words: String,
    pub(crate) reason: String,
}

/// A cell.
pub(crate) struct CellRow {
    pub(crate) number: usize,
    pub(crate) good: String,
    pub(crate) codes: String,
    pub(crate) consignee: String,
    pub(crate) end_user: String,
    pub(crate) end_use: String,
    pub(crate) end_use_text: String,
    pub(crate) destination: String,
    pub(crate) quantities: Vec<String>,
    pub(crate) advice: Vec<AdviceRow>,
    /// Positions differ.
    pub(crate) conflict: bool,
    pub(crate) decision: Option<Decision>,
}

/// An agency that was asked.
pub(crate) struct AgencyRow {
    pub(crate) name: String,
    pub(crate) text: String,
    pub(crate) asked: String,
    /// `replied`, `silent` or `open`.
    pub(crate) state: &'static str,
    pub(crate) replied: String,
    pub(crate) due: String,
}

/// A good with how it is classified.
pub(crate) struct GoodRow {
    pub(crate) name: String,
    pub(crate) facts: String,
    pub(crate) claimed: String,
    pub(crate) found: String,
    /// What was found is not what is claimed.
    pub(crate) differ: bool,
}

/// A party.
pub(crate) struct PartyRow {
    pub(crate) name: String,
    pub(crate) local_name: String,
    pub(crate) parts: String,
    pub(crate) country: String,
    pub(crate) address: String,
    pub(crate) identifiers: String,
    pub(crate) watch_listed: bool,
    /// How it was screened: class of the tag, and words; empty where nobody may know.
    pub(crate) screening: (&'static str, String),
    /// Its hits: address and words.
    pub(crate) hits: Vec<(String, String)>,
    pub(crate) stock: String,
}

/// A question.
pub(crate) struct QuestionRow {
    pub(crate) number: u32,
    pub(crate) text: String,
    pub(crate) about: String,
    pub(crate) asked: String,
    pub(crate) answer: String,
    pub(crate) answered: String,
    /// What came with the answer: name and address, which is empty where the visitor does not read it.
    pub(crate) documents: Vec<(String, String)>,
}

/// Something written down, or a step.
pub(crate) struct Line {
    pub(crate) head: String,
    pub(crate) tag: (&'static str, String),
    pub(crate) text: String,
    pub(crate) more: String,
}

/// A signature that is needed or was given.
pub(crate) struct SignatureRow {
    pub(crate) words: String,
    /// `good`, `plain` (voided) or `warning` (missing).
    pub(crate) tag: &'static str,
    pub(crate) state: String,
    pub(crate) content: String,
    pub(crate) rule: String,
}

/// A precedent.
pub(crate) struct PrecedentRow {
    pub(crate) href: String,
    pub(crate) number: String,
    pub(crate) about: String,
    pub(crate) code: String,
    pub(crate) words: String,
    pub(crate) conditions: u32,
    pub(crate) decided: String,
}

/// A document.
pub(crate) struct DocumentRow {
    pub(crate) name: String,
    /// What it is, as the pack names it.
    pub(crate) what: String,
    /// Whether that is in English: the pack has no other.
    pub(crate) english: bool,
    pub(crate) digest: String,
    /// Where it is read; empty where the visitor does not.
    pub(crate) href: String,
}

/// A change that the applicant asks for.
pub(crate) struct AmendmentRow {
    pub(crate) asked: String,
    pub(crate) state: String,
    pub(crate) changes: Vec<Changed>,
}

/// Something that happened.
pub(crate) struct Happened {
    pub(crate) at: String,
    pub(crate) who: String,
    pub(crate) words: String,
    pub(crate) text: String,
}

/// A case that this one follows, or that appeals it.
pub(crate) struct Linked {
    pub(crate) href: String,
    pub(crate) number: String,
    pub(crate) words: String,
}

/// The sections of a case.
pub(crate) struct Sections<'a> {
    pub(crate) w: &'a Words<'a>,
    pub(crate) case: &'a Case,
    pub(crate) now: Timestamp,
}

impl Sections<'_> {
    fn decision_of(&self, cell: &str) -> Option<&CellDecision> {
        let ended = self.case.outcome.as_ref().and_then(|outcome| outcome.cells.get(cell));
        ended.or_else(|| self.case.draft.as_ref().and_then(|(draft, _, _)| draft.cells.get(cell)))
    }

    /// A decision on a cell, beside what is asked for.
    pub(crate) fn decision(&self, cell: &str, decision: &CellDecision) -> Decision {
        let code = Words::outcome_code(decision);
        let mut view = Decision {
            code,
            words: self.w.t.code("case-outcome", code, code),
            quantities: Vec::new(),
            conditions: Vec::new(),
            reasons: Vec::new(),
            text: String::new(),
        };
        match decision {
            CellDecision::Approve { quantities, conditions } => {
                let asked = self.case.application.cell(cell);
                for quantity in quantities {
                    let less = asked
                        .and_then(|cell| cell.quantity(&quantity.unit))
                        .is_some_and(|asked| quantity.amount < asked.amount);
                    view.quantities.push((self.w.quantity(quantity), less));
                }
                view.conditions = conditions.iter().map(|c| self.condition(c)).collect();
            }
            CellDecision::Refuse { reasons, text } => {
                view.reasons = reasons.iter().map(|reason| self.w.reason(reason)).collect();
                view.text.clone_from(text);
            }
            CellDecision::NoLicence { text } => view.text.clone_from(text),
        }
        view
    }

    fn condition(&self, condition: &Condition) -> ConditionRow {
        ConditionRow {
            text: self.w.condition(condition),
            whose: match condition.agency.as_str() {
                "" => self.w.t.get("case-the-authority"),
                agency => self.w.agency(agency),
            },
            overridden: String::new(),
            instead: String::new(),
            cells: Vec::new(),
        }
    }

    /// The cells, each with what is advised and decided.
    pub(crate) fn cells(&self) -> Vec<CellRow> {
        let application = &self.case.application;
        let rows = application.cells.iter().enumerate().map(|(place, cell)| {
            let end_use = application.end_use(&cell.end_use);
            CellRow {
                number: place + 1,
                good: self.w.good_name(application, &cell.good),
                codes: cell_codes(self.case, &cell.good).join(", "),
                consignee: self.w.party_name(application, &cell.consignee),
                end_user: self.w.party_name(application, &cell.end_user),
                end_use: self.w.use_name(application, &cell.end_use),
                end_use_text: end_use.map_or(String::new(), |end_use| end_use.text.clone()),
                destination: country(self.w.t, &cell.destination),
                quantities: cell.quantities.iter().map(|q| self.w.quantity(q)).collect(),
                advice: self.advice(&cell.key),
                conflict: matches!(
                    consolidate(self.case, &cell.key),
                    Consolidated::Conflict { .. }
                ),
                decision: self.decision_of(&cell.key).map(|d| self.decision(&cell.key, d)),
            }
        });
        rows.collect()
    }

    /// What agencies say of a cell.
    pub(crate) fn advice(&self, cell: &str) -> Vec<AdviceRow> {
        let mut rows = Vec::new();
        for (agency, part) in &self.case.agencies {
            let Some(given) = part.advice.get(cell) else { continue };
            let code = coded(&given.advice.position);
            rows.push(AdviceRow {
                agency: self.w.agency(agency),
                words: self.w.t.code("case-position", &code, &code),
                code,
                reason: given.advice.reason.clone(),
            });
        }
        rows
    }

    /// The agencies that were asked.
    pub(crate) fn agencies(&self) -> Vec<AgencyRow> {
        let clock = case_clock(self.w.law, self.case, self.now, Proofs::None);
        let clocks = clock.map_or_else(Vec::new, |clock| clock.clocks);
        let rows = self.case.agencies.iter().map(|(agency, part)| {
            let own = clocks.iter().rfind(|clock| clock.agency.as_deref() == Some(agency));
            AgencyRow {
                name: self.w.agency(agency),
                text: part.text.clone(),
                asked: self.w.at(part.asked_at_us),
                state: match part.replied {
                    Some((_, true)) => "silent",
                    Some((_, false)) => "replied",
                    None => "open",
                },
                replied: part.replied.map_or(String::new(), |(at_us, _)| self.w.at(at_us)),
                due: own.map_or(String::new(), |clock| {
                    let (first, last) = (clock.due_date_earliest, clock.due_date_latest);
                    due_text(self.w.t, clock.due_date, first, last)
                }),
            }
        });
        rows.collect()
    }

    /// The conditions that agencies set, each with what was overridden.
    pub(crate) fn conditions(&self) -> Vec<ConditionRow> {
        let mut rows: BTreeMap<(String, String), ConditionRow> = BTreeMap::new();
        for cell in &self.case.application.cells {
            let name = self.w.cell(&self.case.application, cell);
            for (agency, part) in &self.case.agencies {
                let Some(given) = part.advice.get(&cell.key) else { continue };
                for condition in &given.advice.conditions {
                    let key = (agency.clone(), format!("{} {}", condition.id, condition.text));
                    let row = rows.entry(key).or_insert_with(|| self.condition(condition));
                    let against = self.case.overrides.iter().rev().find(|entry| {
                        entry.agency == *agency
                            && entry.cell == cell.key
                            && entry.condition == condition.id
                            && entry.at_us >= given.at_us
                    });
                    if let Some(entry) = against {
                        row.overridden = self.overridden(entry);
                        row.instead = entry.text.clone().unwrap_or_default();
                    }
                    row.cells.push(name.clone());
                }
            }
        }
        rows.into_values().collect()
    }

    fn overridden(&self, entry: &Override) -> String {
        let key = if entry.text.is_some() { "case-reworded-by" } else { "case-dropped-by" };
        self.w.t.three(key, self.w.who(&entry.by), self.w.at(entry.at_us), &entry.reason)
    }

    /// The goods, each with what is claimed and what was found.
    pub(crate) fn goods(&self) -> Vec<GoodRow> {
        let goods = self.case.application.goods.iter().map(|good| {
            let mut facts: Vec<String> = [&good.hs, &good.grade, &good.form]
                .into_iter()
                .filter(|text| !text.is_empty())
                .cloned()
                .collect();
            if !good.origin.is_empty() {
                facts.push(country(self.w.t, &good.origin));
            }
            facts.extend(
                good.composition.iter().map(|(element, part)| format!("{element} {part} %")),
            );
            let found = self.case.control_codes.get(&good.key).cloned().unwrap_or_default();
            let mut claimed = good.control_codes.clone();
            claimed.sort();
            GoodRow {
                name: good.name.clone(),
                facts: facts.join(" · "),
                differ: !claimed.is_empty() && claimed != found,
                claimed: claimed.join(", "),
                found: found.join(", "),
            }
        });
        goods.collect()
    }

    /// The parties.
    pub(crate) fn parties(&self, screening: &CaseScreening) -> Vec<PartyRow> {
        let t = self.w.t;
        let application = &self.case.application;
        let parties = application.parties.iter().map(|party| {
            let parts: Vec<String> = party
                .parts
                .iter()
                .map(|part: &PartyPart| coded(part))
                .map(|code| t.code("case-part", &code, &code))
                .collect();
            let stocks = application.inventory.iter().filter(|stock| stock.end_user == party.key);
            let stocks: Vec<String> = stocks
                .map(|stock| t.num_with("case-stock-of", &u64::from(stock.days), &stock.stops))
                .collect();
            PartyRow {
                name: party.name.clone(),
                local_name: party.local_name.clone(),
                parts: parts.join(", "),
                country: country(self.w.t, &party.country),
                address: party.address.clone(),
                identifiers: party.identifiers.join(", "),
                watch_listed: self.case.watch_listed.contains(&party.key),
                screening: screening.parties.get(&party.key).map_or_else(Default::default, |of| {
                    let tag = match of.state {
                        PartyState::Waiting => "plain",
                        PartyState::Clear => "good",
                        PartyState::Open => "warning",
                        PartyState::Confirmed => "error",
                    };
                    (tag, t.code("case-screening", of.state.code(), ""))
                }),
                hits: screening.parties.get(&party.key).map_or_else(Vec::new, |of| {
                    let link = |(hit, _): &(app::screening::UseHit, _)| {
                        let address =
                            format!("/screening/hits/{}", crate::secret::hex(&hit.hit_id));
                        let state = t.code("hit-state", &hit.state, &hit.state);
                        (address, format!("{} ({state})", hit.listed_name))
                    };
                    of.hits.iter().map(link).collect()
                }),
                stock: stocks.join("; "),
            }
        });
        parties.collect()
    }

    /// Questions and answers.
    pub(crate) fn questions(&self, named: &HashMap<String, String>) -> Vec<QuestionRow> {
        let questions = self.case.questions.iter().map(|question| {
            let application = &self.case.application;
            let cells: Vec<String> =
                question.cells.iter().map(|key| self.w.cell_of(application, key)).collect();
            let answer = question.answer.as_ref();
            QuestionRow {
                number: question.number,
                text: question.text.clone(),
                about: cells.join("; "),
                asked: self.by(&question.asked_by, question.asked_at_us),
                answer: answer.map_or(String::new(), |answer| answer.text.clone()),
                answered: answer.map_or(String::new(), |answer| self.by(&answer.by, answer.at_us)),
                documents: answer
                    .iter()
                    .flat_map(|answer| &answer.documents)
                    .map(|hash| (named.get(hash).unwrap_or(hash).clone(), self.document(hash)))
                    .collect(),
            }
        });
        questions.collect()
    }

    fn by(&self, account: &str, at_us: i64) -> String {
        if account.is_empty() {
            self.w.at(at_us)
        } else {
            self.w.t.two("case-by-at", self.w.who(account), self.w.at(at_us))
        }
    }

    /// Notes.
    pub(crate) fn notes(&self) -> Vec<Line> {
        let notes = self.case.notes.iter().map(|note| {
            let code = coded(&note.readers);
            Line {
                head: self.by(&note.by, note.at_us),
                tag: ("plain", self.w.t.code("case-readers", &code, &code)),
                text: note.text.clone(),
                more: String::new(),
            }
        });
        notes.collect()
    }

    /// Steps that take time of their own.
    pub(crate) fn steps(&self) -> Vec<Line> {
        let t = self.w.t;
        let steps = self.case.steps.iter().map(|step| {
            let code = coded(&step.kind);
            let notice = step.notice_days.map(|days| t.num("case-notice", &u64::from(days)));
            let began = t.one("case-step-began", self.w.at(step.began_at_us));
            let (tag, more) = match &step.ended {
                None => (("warning", t.get("case-step-open")), String::new()),
                Some((at_us, found)) => {
                    let ended = t.two("case-step-ended", self.w.at(*at_us), found);
                    (("good", t.get("case-step-done")), ended)
                }
            };
            Line {
                head: format!(
                    "{} – {began}{}",
                    t.code("case-step", &code, &code),
                    notice.map_or(String::new(), |n| format!(", {n}"))
                ),
                tag,
                text: step.text.clone(),
                more,
            }
        });
        steps.collect()
    }

    /// Signatures: those needed in their order, then those that an edit voided.
    pub(crate) fn signatures(&self, needed: &[SignatureNeeded]) -> Vec<SignatureRow> {
        let t = self.w.t;
        let grade = |code: &str| t.code("role", code, code);
        let held = |need: &SignatureNeeded| -> Option<&Signature> {
            let mut held = self.case.signatures_held();
            held.find(|signature| Some(&signature.by) == need.signed_by.as_ref())
        };
        let mut rows: Vec<SignatureRow> = needed
            .iter()
            .map(|need| {
                let found = held(need);
                SignatureRow {
                    words: t.two("case-signature", need.order, grade(&need.grade)),
                    tag: if found.is_some() { "good" } else { "warning" },
                    state: found.map_or_else(
                        || t.get("case-signature-missing"),
                        |given| self.by(&given.by, given.at_us),
                    ),
                    content: found.map_or(String::new(), |given| given.content.clone()),
                    rule: need.citation.clone(),
                }
            })
            .collect();
        for voided in &self.case.signatures {
            let Some(at_us) = voided.voided_at_us else { continue };
            rows.push(SignatureRow {
                words: t.two("case-signature", voided.order, grade(&voided.grade)),
                tag: "plain",
                state: t.two(
                    "case-signature-voided",
                    self.by(&voided.by, voided.at_us),
                    self.w.at(at_us),
                ),
                content: voided.content.clone(),
                rule: String::new(),
            });
        }
        rows
    }

    /// Precedents.
    pub(crate) fn precedents(&self, found: &[Precedent]) -> Vec<PrecedentRow> {
        let rows = found.iter().map(|precedent| PrecedentRow {
            href: format!("/cases/{}", encoded(&precedent.number)),
            number: precedent.number.clone(),
            about: format!("{} → {}", precedent.control_code, precedent.destination),
            words: self.w.t.code("case-outcome", &precedent.outcome, &precedent.outcome),
            code: precedent.outcome.clone(),
            conditions: precedent.conditions,
            decided: self.w.at(precedent.decided_at_us),
        });
        rows.collect()
    }

    /// Changes that the applicant asked for.
    pub(crate) fn amendments(&self) -> Vec<AmendmentRow> {
        let t = self.w.t;
        let rows = self.case.amendments.iter().map(|amendment| AmendmentRow {
            asked: self.w.at(amendment.asked_at_us),
            state: match &amendment.decided {
                Some((at_us, verdict, reason)) => {
                    let code = coded(verdict);
                    let words = t.code("case-verdict", &code, &code);
                    t.three("case-amendment-decided", words, self.w.at(*at_us), reason)
                }
                None => t.get("case-amendment-open"),
            },
            changes: Versions {
                t,
                law: self.w.law,
                before: &self.case.application,
                after: &amendment.application,
            }
            .changed(&amendment.differences),
        });
        rows.collect()
    }

    /// What happened, the last first.
    pub(crate) fn happened(&self, events: &[Recorded]) -> Vec<Happened> {
        let rows = events.iter().rev().map(|recorded| {
            let (words, text) = self.w.event(self.case, recorded);
            let who = self.w.who(&recorded.account);
            let acting = &recorded.acting_for;
            let who = if acting.is_empty() {
                who
            } else {
                self.w.t.two("case-acting-for", who, self.w.who(acting))
            };
            Happened { at: self.w.at(recorded.at_us), who, words, text }
        });
        rows.collect()
    }

    /// Cases that this one follows, and that appeal it.
    pub(crate) fn linked(&self) -> Vec<Linked> {
        let link = |number: &str, key: &str| Linked {
            href: format!("/cases/{}", encoded(number)),
            number: number.to_owned(),
            words: self.w.t.get(key),
        };
        let mut rows = Vec::new();
        if let Some(follows) = &self.case.follows {
            let key = match follows.how {
                FollowKind::Appeal => "case-follows-appeal",
                FollowKind::KeyChange => "case-follows-key-change",
                FollowKind::Again => "case-follows-again",
            };
            rows.push(link(&follows.number, key));
        }
        rows.extend(self.case.appeals.iter().map(|number| link(number, "case-appealed-by")));
        rows
    }

    /// Clocks of the case with every day, and the figures that lead the page.
    pub(crate) fn clocks(&self) -> (Vec<ClockView>, Vec<Stat>) {
        let t = self.w.t;
        let mut stats = Vec::new();
        let answered = case_clock(self.w.law, self.case, self.now, Proofs::Every);
        let mut views = Vec::new();
        if let (Some(answer), Some((rules, _))) = (&answered, &self.w.law.clocks) {
            let open = self.case.state.open();
            let running =
                answer.clocks.iter().filter(|c| open && c.agency.is_none() && c.ended.is_none());
            if let Some(clock) = running.min_by_key(|c| c.due_date.or(c.due_date_earliest)) {
                let due =
                    due_text(t, clock.due_date, clock.due_date_earliest, clock.due_date_latest);
                let name = worded(t, &clock.name_en, &clock.name_zh);
                let state = crate::pages::clock::state_code(clock);
                let unit = t.code("unit", &coded(&clock.unit), "");
                let left = clock.days_left.map(|left| t.two("case-left-of", left, unit));
                let value = match state {
                    "running" => left.unwrap_or_else(|| due.clone()),
                    state => t.code("clock-state", state, state),
                };
                let class = if state == "overdue" {
                    "gd-stat--words gd-stat--error"
                } else {
                    "gd-stat--words"
                };
                stats.push(Stat { value, words: t.two("case-stat-clock", name, due), class });
            }
            views = answer.clocks.iter().map(|clock| clock_view(t, rules, clock)).collect();
        }
        if let Some(days) =
            self.case.application.inventory_days().filter(|_| self.case.state.open())
        {
            let zone = app::cases::zone(self.w.law);
            let received = app::cases::date_in(&zone, self.case.received_at());
            let today = app::cases::date_in(&zone, self.now);
            let waited = app::cases::epoch_day(today) - app::cases::epoch_day(received);
            let left = i64::from(days) - waited;
            let class = if left < 0 { "gd-stat--words gd-stat--error" } else { "gd-stat--words" };
            let value = match u64::try_from(left) {
                Ok(left) => t.num("case-days-left", &left),
                Err(_) => t.num("case-days-ago", &left.unsigned_abs()),
            };
            let key = if left < 0 { "case-stat-stock-out" } else { "case-stat-stock" };
            stats.push(Stat { value, words: t.get(key), class });
        }
        (views, stats)
    }

    /// What was handed in.
    pub(crate) fn documents(&self) -> Vec<DocumentRow> {
        let kind = &self.case.application.licence_type;
        let documents = self.case.application.documents.iter().map(|document| DocumentRow {
            name: document.name.clone(),
            what: document_name(self.w.t, self.w.law, kind, &document.number),
            english: !document.number.is_empty(),
            digest: document.sha256.clone(),
            href: self.document(&document.sha256),
        });
        documents.collect()
    }

    /// Where a document of the applicant is read.
    fn document(&self, sha256: &str) -> String {
        match self.w.viewer {
            // An agency reads what the authority sends it.
            Viewer::Agency(_) => String::new(),
            Viewer::Office | Viewer::Applicant => {
                let party = encoded(&self.case.applicant);
                format!("/documents/{}?party={party}", encoded(sha256))
            }
        }
    }

    /// Net mass of all cells, for the head.
    pub(crate) fn goods_in_short(&self) -> String {
        let application = &self.case.application;
        let mut parts: Vec<String> = Vec::new();
        for good in &application.goods {
            let cells = application.cells.iter().filter(|cell| cell.good == good.key);
            let mass: i64 = cells
                .filter_map(|cell| cell.quantity(&licensing::quantity::Unit::NetMass))
                .fold(0, |sum, quantity| sum.saturating_add(quantity.amount));
            if mass > 0 {
                parts.push(format!("{} {}", show::mass(mass), good.name));
            } else {
                parts.push(good.name.clone());
            }
        }
        parts.join(", ")
    }
}

/// The number of a day, grouped.
pub(crate) fn days(number: i64) -> String {
    let text = grouped(&number.unsigned_abs().to_string());
    if number < 0 { format!("\u{2212}{text}") } else { text }
}
