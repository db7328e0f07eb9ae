//! A small world for the tests: an authority with two officers and three supervisors, two agencies, an
//! applicant and a stranger, and a case that is brought to a stage by commands alone.

use std::collections::BTreeMap;

use base::Timestamp;
use base::authorisation::Role;
use jiff::ToSpan;
use jiff::tz::TimeZone;

use super::{Activity, By, Command, Context, Signer, decide, submit};
use crate::application::{Application, Cell, EndUse, Good, PartyEntry, PartyPart};
use crate::case::{
    Advice, Case, CellDecision, Condition, Draft, Event, Follows, Position, Recorded,
};
use crate::quantity::{Quantity, Unit};
use crate::rules::{
    Agency, AppealRule, ChangeRule, Phrase, Rules, SignatureRule, TypeKind, TypeRule, When,
};

pub(crate) const DAY_US: i64 = 86_400_000_000;
/// 2026-01-05 09:00 UTC, a Monday.
pub(crate) const BEGIN_US: i64 = 1_767_603_600_000_000;
const APPLICANT: &str = "gad:acme";

fn text(text: &str) -> String {
    text.to_owned()
}

fn phrase(id: &str) -> Phrase {
    let (source, confidence) = (text("invented"), text("high"));
    let (text_en, text_zh) = (format!("{id}."), format!("{id}。"));
    Phrase { id: text(id), text_en, text_zh, citation: text("Act s.1"), source, confidence }
}

fn signature(order: u32, grade: &str, when: When) -> SignatureRule {
    let (citation, source, confidence) = (text("Act s.26"), text("invented"), text("high"));
    SignatureRule { order, grade: text(grade), when, citation, source, confidence }
}

fn agency(id: &str) -> Agency {
    Agency {
        id: text(id),
        name_en: text(id),
        name_zh: text(id),
        when: When::default(),
        citation: text("Act s.43"),
        source: text("invented"),
        confidence: text("high"),
    }
}

pub(crate) fn rules() -> Rules {
    let change = |element: &str, key: bool| ChangeRule {
        element: text(element),
        key,
        effect: text("a new application"),
        citation: text("Act s.50"),
    };
    let kind = |id: &str, kind: TypeKind| TypeRule { id: text(id), kind, ..TypeRule::default() };
    Rules {
        pack: text("test"),
        licence_types: vec![
            TypeRule { max_validity: Some(1.year()), ..kind("single", TypeKind::Licence) },
            TypeRule {
                barred_if: vec![text("watch_listed_party"), text("serious_penalty")],
                falls_back_to: Some(text("single")),
                ..kind("registration", TypeKind::Registration)
            },
            kind("exempt", TypeKind::None),
        ],
        changes: vec![
            change("item_kind", true),
            change("destination", true),
            change("end_user", true),
            change("end_use", true),
            change("other", false),
        ],
        agencies: vec![agency("defence"), agency("industry")],
        signatures: vec![
            signature(1, "supervisor", When::default()),
            signature(2, "supervisor", When { overruled: true, ..When::default() }),
            signature(2, "supervisor", When { watch_listed: true, ..When::default() }),
        ],
        conditions: vec![phrase("no_reexport")],
        reasons: vec![phrase("security"), phrase("record")],
        appeal: Some(AppealRule {
            within_days: 30,
            citation: text("Act s.47"),
            source: text("invented"),
            confidence: text("high"),
        }),
        ..Rules::default()
    }
}

pub(crate) fn kilograms(kg: i64) -> Quantity {
    Quantity { unit: Unit::NetMass, amount: kg * 1_000_000 }
}

pub(crate) fn application() -> Application {
    let party = |key: &str, part: PartyPart| PartyEntry {
        key: text(key),
        parts: vec![part],
        name: format!("{key} Ltd"),
        country: text("XB"),
        ..PartyEntry::default()
    };
    let cell = |key: &str, destination: &str, quantities: Vec<Quantity>| Cell {
        key: text(key),
        good: text("g1"),
        consignee: text("p1"),
        end_user: text("p2"),
        end_use: text("u1"),
        destination: text(destination),
        quantities,
    };
    let pieces = Quantity { unit: Unit::Pieces, amount: 10 };
    Application {
        licence_type: text("single"),
        goods: vec![Good { key: text("g1"), name: text("magnet"), ..Good::default() }],
        parties: vec![
            party("p1", PartyPart::Consignee),
            party("p2", PartyPart::EndUser),
            party("p3", PartyPart::Intermediate),
        ],
        uses: vec![EndUse { key: text("u1"), code: text("elevator"), text: String::new() }],
        cells: vec![
            cell("c1", "XB", vec![kilograms(500)]),
            cell("c2", "XC", vec![kilograms(200), pieces]),
        ],
        ..Application::default()
    }
}

/// A caller by its name in the tests; `a>b` covers b.
pub(crate) fn by(name: &'static str) -> By<'static> {
    let (account, acting_for) = name.split_once('>').unwrap_or((name, ""));
    let own = if acting_for.is_empty() { account } else { acting_for };
    let (role, agency, party) = match own {
        "time" => return By::time(),
        "ann" => (Role::Filer, "", APPLICANT),
        "bob" => (Role::Filer, "", "gad:other"),
        "dina" => (Role::Agency, "defence", ""),
        "ida" => (Role::Agency, "industry", ""),
        "rin" => (Role::Analyst, "", ""),
        "jonas" => (Role::Operator, "", ""),
        "nadia" => (Role::Customs, "", ""),
        "" => (Role::Public, "", ""),
        supervisor if supervisor.starts_with('s') => (Role::Supervisor, "", ""),
        _ => (Role::Officer, "", ""),
    };
    By { account, acting_for, role, agency, party }
}

/// What is known beside the case, and what happened in it.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) rules: Rules,
    pub(crate) now_us: i64,
    pub(crate) zone: TimeZone,
    pub(crate) watch_listed: Vec<String>,
    pub(crate) prohibited: Vec<String>,
    pub(crate) conditions: Vec<String>,
    pub(crate) silent: Vec<String>,
    pub(crate) signers: Vec<Signer>,
    pub(crate) followed: Option<Case>,
    pub(crate) events: Vec<Recorded>,
    pub(crate) case: Case,
}

/// How far a case is brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Stage {
    Received,
    Accepted,
    Asked,
    Advised,
    Drafted,
    Signed,
    Decided,
}

impl World {
    pub(crate) fn at(stage: Stage) -> World {
        let mut world = World::submitted(&application(), None, None);
        let steps: [(Stage, &'static str, Command); 8] = [
            (Stage::Accepted, "sven", Command::Assign { officer: text("olga") }),
            (Stage::Accepted, "olga", Command::Accept),
            (Stage::Asked, "olga", ask_agency("defence")),
            (Stage::Asked, "olga", ask_agency("industry")),
            (Stage::Advised, "dina", advise(Position::Approve, &["kept at one site"])),
            (Stage::Advised, "dina", Command::Reply),
            (Stage::Advised, "ida", advise(Position::Approve, &[])),
            (Stage::Advised, "ida", Command::Reply),
        ];
        for (at, who, command) in steps {
            if at > stage {
                break;
            }
            world.done(who, &command);
        }
        if stage >= Stage::Drafted {
            let draft = world.draft();
            world.done("olga", &Command::Draft { draft });
        }
        if stage >= Stage::Signed {
            let content = world.content();
            world.done("sven", &Command::Sign { content });
        }
        if stage >= Stage::Decided {
            let finalise = world.finalise();
            world.done("olga", &finalise);
        }
        world
    }

    pub(crate) fn submitted(
        application: &Application,
        follows: Option<&Follows>,
        followed: Option<Case>,
    ) -> World {
        let signer =
            |account: &str, role, activity| Signer { account: text(account), role, activity };
        let signers = vec![
            signer("olga", Role::Officer, Activity::Active),
            signer("oskar", Role::Officer, Activity::Active),
            signer("sven", Role::Supervisor, Activity::Active),
            signer("sara", Role::Supervisor, Activity::Active),
            signer("sam", Role::Supervisor, Activity::Active),
            signer("sleepy", Role::Supervisor, Activity::Inactive),
        ];
        let first = Recorded {
            seq: 1,
            at_us: BEGIN_US,
            account: text("ann"),
            acting_for: String::new(),
            event: Event::Submitted {
                application: Box::new(application.clone()),
                follows: follows.cloned(),
            },
        };
        let case = Case::begin([1; 16], "YT-2026-1", APPLICANT, &first).unwrap();
        World {
            rules: rules(),
            now_us: BEGIN_US,
            zone: TimeZone::UTC,
            watch_listed: Vec::new(),
            prohibited: Vec::new(),
            conditions: Vec::new(),
            silent: Vec::new(),
            signers,
            followed,
            events: vec![first],
            case,
        }
    }

    pub(crate) fn with<T>(&self, ask: impl FnOnce(&Context<'_>) -> T) -> T {
        ask(&Context {
            rules: &self.rules,
            now: Timestamp::from_us(self.now_us),
            zone: &self.zone,
            watch_listed: &self.watch_listed,
            prohibited: &self.prohibited,
            conditions: &self.conditions,
            silent_agencies: &self.silent,
            signers: &self.signers,
            followed: self.followed.as_ref(),
        })
    }

    /// Does a command an hour later; the codes of the refusals where it is not done.
    pub(crate) fn run(
        &mut self,
        who: &'static str,
        command: &Command,
    ) -> Result<Vec<Event>, Vec<&'static str>> {
        self.now_us += DAY_US / 24;
        let by = by(who);
        let answer = self.with(|context| decide(&self.case, &by, command, context));
        let events = answer.map_err(|refusals| {
            assert!(!refusals.is_empty(), "refused without a reason");
            refusals.iter().map(|refusal| refusal.code).collect::<Vec<_>>()
        })?;
        for event in &events {
            let recorded = Recorded {
                seq: self.case.version + 1,
                at_us: self.now_us,
                account: text(by.account),
                acting_for: text(by.acting_for),
                event: event.clone(),
            };
            self.case.apply(&recorded).unwrap();
            self.events.push(recorded);
        }
        Ok(events)
    }

    pub(crate) fn done(&mut self, who: &'static str, command: &Command) {
        assert_eq!(self.run(who, command).err(), None, "{who} {command:?}");
    }

    pub(crate) fn submit(
        &self,
        who: &'static str,
        application: &Application,
        follows: Option<&Follows>,
    ) -> Result<Event, Vec<&'static str>> {
        let answer = self.with(|context| submit(application, follows, &by(who), context));
        answer.map_err(|refusals| refusals.iter().map(|refusal| refusal.code).collect())
    }

    pub(crate) fn content(&self) -> String {
        self.case.content_hash().unwrap_or_default()
    }

    /// A draft that approves everything under the conditions that agencies set.
    pub(crate) fn draft(&self) -> Draft {
        let cells = self.case.application.cells.iter().map(|cell| {
            let parts = self.case.agencies.values();
            let given = parts.filter_map(|part| part.advice.get(&cell.key));
            let conditions: Vec<Condition> =
                given.flat_map(|given| given.advice.conditions.clone()).collect();
            let quantities = cell.quantities.clone();
            (cell.key.clone(), CellDecision::Approve { quantities, conditions })
        });
        Draft {
            cells: cells.collect(),
            valid_from: None,
            valid_months: None,
            reasoning: text("as advised"),
        }
    }

    pub(crate) fn finalise(&self) -> Command {
        let approved = self.case.draft.iter().any(|(draft, _, _)| {
            draft.cells.values().any(|d| matches!(d, CellDecision::Approve { .. }))
        });
        let licences = if approved { vec![text("YT-L-1")] } else { Vec::new() };
        Command::Finalise { content: self.content(), licences }
    }
}

pub(crate) fn ask_agency(agency: &str) -> Command {
    Command::AskAgency { agency: text(agency), text: text("please advise") }
}

/// Advice of one position on both cells, with new conditions on the first.
pub(crate) fn advise(position: Position, conditions: &[&str]) -> Command {
    let condition = |words: &&str| Condition {
        id: String::new(),
        phrase: String::new(),
        text: text(words),
        agency: String::new(),
    };
    let on = |conditions: &[&str]| Advice {
        position,
        reason: text("by what we know"),
        conditions: conditions.iter().map(condition).collect(),
    };
    let advice = BTreeMap::from([(text("c1"), on(conditions)), (text("c2"), on(&[]))]);
    Command::Advise { advice }
}

pub(crate) fn refuse(reasons: &[&str], words: &str) -> CellDecision {
    let reasons = reasons.iter().map(|reason| text(reason)).collect();
    CellDecision::Refuse { reasons, text: text(words) }
}
