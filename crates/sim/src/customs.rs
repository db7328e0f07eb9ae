//! A seeded customs system: the other side of the border's machine interface.
//!
//! It learns licences from what it is told of changes, declares goods under them, and tells each use as it
//! happens: reserved, used, given up, corrected. Its line is bad: messages come late and out of order, twice, or
//! not at all until they are sent again; some are poison, and some ask for more than is left. It keeps a mirror
//! of what the answers say, and says where a licence differs from it.
//!
//! INVARIANT: what it sends is a function of the seed, of the licences it knows and of the instants it is given.

use std::collections::BTreeMap;

use base::Timestamp;
use licensing::licence::Licence;
use licensing::message::{MessageWritten, QuantityWritten};
use licensing::quantity::Quantity;
use serde_json::Value;

use crate::chance::Chance;

/// Messages of a request at most.
const REQUEST_MAX: usize = 40;
/// Parts of a million: of messages that are held up on their way, sent again, or followed by poison.
const LATE_PPM: u32 = 150_000;
const AGAIN_PPM: u32 = 100_000;
const POISON_PPM: u32 = 60_000;
/// Of uses that ask for more than anybody was granted.
const GREEDY_PPM: u32 = 20_000;

/// What a message is to the one who checks the answers.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    /// Told for the first time.
    First,
    /// Told before.
    Again,
    /// Nothing that can be taken.
    Poison,
}

/// A message on its way.
#[derive(Debug, Clone)]
pub struct Sent {
    /// As it goes over the line.
    pub body: Value,
    id: String,
    kind: Kind,
}

/// A line of a licence as customs knows it, and what it can ask of it.
#[derive(Debug, Clone)]
struct Known {
    template: MessageWritten,
    /// Unit and granted amount.
    units: Vec<Quantity>,
}

/// What was used under one line of a declaration.
#[derive(Debug, Clone, Default)]
struct Use {
    line: (String, u32),
    /// When the report that counts was sent, and its amounts in the smallest part of the units.
    counts: Option<(i64, Vec<i64>)>,
}

/// What was sent and answered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Tally {
    /// Declarations.
    pub declarations: u64,
    /// Answers `accepted`.
    pub accepted: u64,
    /// Answers `refused`.
    pub refused: u64,
    /// Answers `rejected`.
    pub rejected: u64,
    /// Messages sent again.
    pub again: u64,
    /// Messages that came after one that was sent later.
    pub late: u64,
    /// Poison.
    pub poison: u64,
}

/// The system.
#[derive(Debug)]
pub struct Customs {
    chance: Chance,
    post: String,
    known: Vec<Known>,
    uses: BTreeMap<String, Use>,
    /// What each message asks for, and the answer that it got.
    messages: BTreeMap<String, (MessageWritten, Vec<i64>, Option<String>)>,
    held_up: Vec<Sent>,
    number: u64,
    tally: Tally,
    wrong: Vec<String>,
}

impl Customs {
    /// A system of a seed, of a post.
    #[must_use]
    pub fn new(seed: u64, post: &str) -> Customs {
        Customs {
            chance: Chance::new(seed, 1 << 41),
            post: post.to_owned(),
            known: Vec::new(),
            uses: BTreeMap::new(),
            messages: BTreeMap::new(),
            held_up: Vec::new(),
            number: 0,
            tally: Tally::default(),
            wrong: Vec::new(),
        }
    }

    /// Takes a licence over that was issued.
    pub fn learn(&mut self, licence: &Licence) {
        for line in &licence.lines {
            let template = MessageWritten {
                post: self.post.clone(),
                licence: licence.number.clone(),
                line: line.number,
                declaration_line: 1,
                good: line.good.key.clone(),
                hs: line.good.hs.clone(),
                consignee: line.consignee.clone(),
                end_user: line.end_user.clone(),
                end_use: line.end_use.clone(),
                destination: line.destination.clone(),
                ..MessageWritten::default()
            };
            let units = line.allowances.iter().map(|a| a.quantity.clone()).collect();
            self.known.push(Known { template, units });
        }
    }

    /// How many lines of licences it knows.
    #[must_use]
    pub fn lines(&self) -> usize {
        self.known.len()
    }

    /// The messages of the next declarations, as many as fit in a request, with those that were held up.
    pub fn request(&mut self, now: Timestamp) -> Vec<Sent> {
        let mut sent = Vec::new();
        while !self.known.is_empty() && sent.len() < REQUEST_MAX {
            self.declaration(now, &mut sent);
        }
        self.disorder(sent)
    }

    /// What was held up and is sent now; empty where nothing was.
    pub fn rest(&mut self) -> Vec<Sent> {
        let most = self.held_up.len().min(REQUEST_MAX);
        self.held_up.drain(..most).collect()
    }

    fn declaration(&mut self, now: Timestamp, sent: &mut Vec<Sent>) {
        self.number += 1;
        self.tally.declarations += 1;
        let known = self.known[self.chance.place(self.known.len())].clone();
        let declaration = format!("D-{:08}", self.number);
        let line = (known.template.licence.clone(), known.template.line);
        self.uses.insert(declaration.clone(), Use { line, counts: None });
        let greedy = self.chance.happens(GREEDY_PPM);
        // A share of what was granted, the same of each unit.
        let share = self.chance.between(1, 40);
        let amounts = |percent_of: u32| -> Vec<i64> {
            let part = |quantity: &Quantity| {
                if greedy {
                    quantity.amount * 3
                } else {
                    (quantity.amount / 2_000 * i64::from(percent_of)).max(1)
                }
            };
            known.units.iter().map(part).collect()
        };
        let deeds: &[(&str, u32)] = match self.chance.below(6) {
            0 | 1 => &[("commit", 0)],
            2 => &[("check", 0), ("reserve", 0), ("commit", 0)],
            3 => &[("reserve", 0), ("release", 0)],
            4 => &[("commit", 0), ("correct", 1)],
            _ => &[("reserve", 1), ("commit", 0)],
        };
        for (step, (deed, more)) in deeds.iter().enumerate() {
            let at = Timestamp::from_us(now.us() + self.number as i64 * 10 + step as i64);
            let amounts = amounts(share + more);
            let quantities = match *deed {
                "release" => Vec::new(),
                _ => known
                    .units
                    .iter()
                    .zip(&amounts)
                    .map(|(unit, amount)| written(unit, *amount))
                    .collect(),
            };
            let message = MessageWritten {
                id: format!("{}-{step}", self.number),
                sent_at: at.to_string(),
                deed: (*deed).to_owned(),
                declaration: declaration.clone(),
                quantities,
                declared_at: at.to_string(),
                released_at: at.to_string(),
                departed_at: at.to_string(),
                ..known.template.clone()
            };
            let body = serde_json::to_value(&message).unwrap_or_default();
            let id = message.id.clone();
            self.messages.insert(id.clone(), (message, amounts, None));
            sent.push(Sent { body, id, kind: Kind::First });
            if self.chance.happens(POISON_PPM) {
                let poison = self.poison(&known);
                sent.push(poison);
            }
        }
    }

    /// Something that no one can take.
    fn poison(&mut self, known: &Known) -> Sent {
        self.number += 1;
        self.tally.poison += 1;
        let id = format!("{}-poison", self.number);
        let mut message = MessageWritten {
            id: id.clone(),
            deed: "commit".to_owned(),
            declaration: "D-POISON".to_owned(),
            ..known.template.clone()
        };
        let body = match self.chance.below(6) {
            0 => Value::from("not a message"),
            1 => Value::Null,
            2 => {
                message.deed = "explode".to_owned();
                serde_json::to_value(&message).unwrap_or_default()
            }
            3 => {
                let amount = "1.000,5".to_owned();
                let unit = "net_mass".to_owned();
                message.quantities =
                    vec![QuantityWritten { unit, amount, written: "kg".to_owned() }];
                serde_json::to_value(&message).unwrap_or_default()
            }
            4 => {
                message.licence = "NO-SUCH-LICENCE".to_owned();
                serde_json::to_value(&message).unwrap_or_default()
            }
            _ => {
                message.post = "somebody-else".to_owned();
                serde_json::to_value(&message).unwrap_or_default()
            }
        };
        Sent { body, id, kind: Kind::Poison }
    }

    /// The line: holds some up, sends some twice, and mixes what is left.
    fn disorder(&mut self, sent: Vec<Sent>) -> Vec<Sent> {
        let mut out = self.rest();
        for one in sent {
            if one.kind == Kind::First && self.chance.happens(LATE_PPM) {
                self.tally.late += 1;
                self.held_up.push(one);
                continue;
            }
            let again = one.kind == Kind::First && self.chance.happens(AGAIN_PPM);
            out.push(one.clone());
            if again {
                self.tally.again += 1;
                out.push(Sent { kind: Kind::Again, ..one });
            }
        }
        for place in (1..out.len()).rev() {
            if self.chance.happens(LATE_PPM) {
                out.swap(place - 1, place);
            }
        }
        out
    }

    /// Takes the answers to a request, in its order.
    pub fn told(&mut self, sent: &[Sent], answers: &[Value]) {
        if sent.len() != answers.len() {
            self.wrong.push(format!("{} answers to {} messages", answers.len(), sent.len()));
            return;
        }
        for (one, answer) in sent.iter().zip(answers) {
            let outcome = answer.get("outcome").and_then(Value::as_str).unwrap_or_default();
            match outcome {
                "accepted" => self.tally.accepted += 1,
                "refused" => self.tally.refused += 1,
                "rejected" => self.tally.rejected += 1,
                other => self.wrong.push(format!("the answer to {} is `{other}`", one.id)),
            }
            let reasons = answer.get("reasons").and_then(Value::as_array).map_or(0, Vec::len);
            if (outcome == "accepted") != (reasons == 0) {
                self.wrong
                    .push(format!("the answer to {} is {outcome} with {reasons} reasons", one.id));
            }
            if one.kind == Kind::Poison {
                if outcome == "accepted" {
                    self.wrong.push(format!("the poison {} was taken: {}", one.id, one.body));
                }
                continue;
            }
            self.answered(&one.id, outcome == "accepted", answer);
        }
    }

    fn answered(&mut self, id: &str, accepted: bool, answer: &Value) {
        let Some((message, amounts, before)) = self.messages.get_mut(id) else { return };
        let text = answer.to_string();
        if let Some(before) = before {
            // A check is no report, and is answered as things stand.
            if message.deed != "check" && *before != text {
                self.wrong.push(format!("sent again, {id} got {text} after {before}"));
            }
            return;
        }
        *before = Some(text);
        if !accepted || !matches!(message.deed.as_str(), "commit" | "correct") {
            return;
        }
        let sent = Timestamp::parse(&message.sent_at).map_or(0, Timestamp::us);
        if let Some(one) = self.uses.get_mut(&message.declaration)
            && one.counts.as_ref().is_none_or(|(at, _)| *at < sent)
        {
            one.counts = Some((sent, amounts.clone()));
        }
    }

    /// What it has drawn of a line of a licence by the answers, in the order of its units.
    #[must_use]
    pub fn drawn(&self, licence: &str, line: u32) -> Vec<i64> {
        let mut sums = Vec::new();
        let of_line = |one: &&Use| one.line.0 == licence && one.line.1 == line;
        for one in self.uses.values().filter(of_line) {
            for (place, amount) in one.counts.iter().flat_map(|(_, amounts)| amounts).enumerate() {
                if sums.len() <= place {
                    sums.resize(place + 1, 0);
                }
                sums[place] += amount;
            }
        }
        sums
    }

    /// Compares a line of a licence, as the border tells it, with the mirror.
    pub fn compare(&mut self, licence: &str, line: u32, told: &[Quantity]) {
        let mut mine = self.drawn(licence, line);
        mine.resize(told.len(), 0);
        for (quantity, mine) in told.iter().zip(mine) {
            if quantity.amount != mine {
                let mine = Quantity { unit: quantity.unit.clone(), amount: mine };
                self.wrong.push(format!(
                    "licence {licence}, line {line}: {quantity} drawn, by the answers {mine}"
                ));
            }
        }
    }

    /// What was sent and answered.
    #[must_use]
    pub fn tally(&self) -> Tally {
        self.tally
    }

    /// Everything that was not as it must be.
    #[must_use]
    pub fn wrong(&self) -> &[String] {
        &self.wrong
    }
}

fn written(quantity: &Quantity, amount: i64) -> QuantityWritten {
    let amount = Quantity { unit: quantity.unit.clone(), amount };
    QuantityWritten {
        unit: quantity.unit.to_string(),
        amount: amount.decimal().to_string(),
        written: String::new(),
    }
}
