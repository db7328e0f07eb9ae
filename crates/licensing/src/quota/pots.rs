//! The pots of one line and year, and the steps by which amounts move between them.

use std::collections::{BTreeMap, BTreeSet};

use base::Date;
use serde::{Deserialize, Serialize};

use super::{AMOUNT_MAX_MG, Line, Node, QuotaRules, part};

/// One movement: issued by the authority, or from pot to pot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// The year of the quota.
    pub year: i16,
    /// Stage and type of ore.
    pub line: Line,
    /// Where it comes from; nothing where it is issued.
    pub from: Option<Node>,
    /// Where it goes.
    pub to: Node,
    /// Oxide mass, mg. A grant of 0 says that there is none.
    pub amount_mg: i64,
    /// Number of the slice that is issued, from 1; 0 for every other step.
    pub slice: u32,
    /// From when it holds.
    pub day: Date,
}

/// What a step is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StepKind {
    /// A slice comes to be.
    Issue,
    /// Some of the reserve is set free.
    Release,
    /// Down the tree: from the authority to a group or company, from a group to a company.
    Grant,
    /// Back up to where it came from.
    TakeBack,
    /// To another holder under the same parent.
    Reallocate,
}

/// Why a step is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QuotaRefusal {
    /// The pack has no such line.
    #[error("`{stage}` and `{ore}` are no stage and type of ore of this quota")]
    Line {
        /// Stage.
        stage: String,
        /// Type of ore.
        ore: String,
    },
    /// Not an amount.
    #[error("{0} mg is no amount that can be moved")]
    Amount(i64),
    /// From there to there nothing goes.
    #[error("nothing goes from `{from}` to `{to}`")]
    Way {
        /// Where from.
        from: String,
        /// Where to.
        to: String,
    },
    /// The holder has its quota from another parent.
    #[error("`{node}` has its quota from `{parent}`")]
    OtherParent {
        /// The holder.
        node: String,
        /// From whom it has it.
        parent: String,
    },
    /// More than lies there.
    #[error("{wanted} mg are wanted of `{from}`, where {there} mg lie")]
    Beyond {
        /// Where from.
        from: String,
        /// What lies there, mg.
        there: i64,
        /// What is wanted, mg.
        wanted: i64,
    },
    /// Taken back although it is used.
    #[error("{wanted} mg are wanted of `{from}`, which has {left} mg left of what it has not used")]
    Used {
        /// The company.
        from: String,
        /// What it has left, mg.
        left: i64,
        /// What is wanted, mg.
        wanted: i64,
    },
    /// The slice is issued already, or there is no such slice.
    #[error("slice {0} is issued already, or the pack knows no such slice")]
    Slice(u32),
    /// Dated before the quota that it moves.
    #[error("{0} is before the last step of this quota")]
    Day(Date),
    /// Nothing has been allocated yet.
    #[error("`{0}` has no allocation of this year yet")]
    Awaited(String),
    /// Beyond what is left.
    #[error("{wanted} mg are wanted, and {left} mg are left")]
    Exceeded {
        /// What is left, mg.
        left: i64,
        /// What is wanted, mg.
        wanted: i64,
    },
}

impl QuotaRefusal {
    /// Its stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            QuotaRefusal::Line { .. } => "quota_line",
            QuotaRefusal::Amount(_) => "quota_amount",
            QuotaRefusal::Way { .. } => "quota_way",
            QuotaRefusal::OtherParent { .. } => "quota_other_parent",
            QuotaRefusal::Beyond { .. } => "quota_beyond_parent",
            QuotaRefusal::Used { .. } => "quota_used",
            QuotaRefusal::Slice(_) => "quota_slice",
            QuotaRefusal::Day(_) => "quota_day",
            QuotaRefusal::Awaited(_) => "quota_awaited",
            QuotaRefusal::Exceeded { .. } => "quota_exceeded",
        }
    }
}

/// What lies where, of one line and year.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pots {
    issued: i64,
    slices: BTreeSet<u32>,
    own: BTreeMap<Node, i64>,
    parent: BTreeMap<Node, Node>,
    last: Option<Date>,
}

impl Pots {
    /// The pots after steps of one line and year, in their order.
    ///
    /// # Errors
    /// The first step that does not hold, by its position.
    pub fn fold<'s>(
        rules: &QuotaRules,
        steps: impl IntoIterator<Item = &'s Step>,
    ) -> Result<Pots, (usize, QuotaRefusal)> {
        let mut pots = Pots::default();
        for (at, step) in steps.into_iter().enumerate() {
            // What was used when a step was taken was looked at then.
            pots.take(rules, step, None).map_err(|refusal| (at, refusal))?;
        }
        Ok(pots)
    }

    /// Takes a step, or says why not and changes nothing. `left_mg` is what the company has left that it
    /// comes from, where that is known: what is used is not taken back.
    ///
    /// # Errors
    /// [`QuotaRefusal`]; the line is looked at first, then the amount, the way, the slice, the parent, the
    /// pot, the use.
    pub fn take(
        &mut self,
        rules: &QuotaRules,
        step: &Step,
        left_mg: Option<i64>,
    ) -> Result<StepKind, QuotaRefusal> {
        let (kind, from) = self.check(rules, step)?;
        if let (Some(left), Some(Node::Company(id))) = (left_mg, &step.from)
            && step.amount_mg > left
        {
            let wanted = step.amount_mg;
            return Err(QuotaRefusal::Used { from: id.clone(), left, wanted });
        }
        match kind {
            StepKind::Issue => {
                let held = part(step.amount_mg, rules.reserve_ppm);
                self.issued += step.amount_mg;
                self.slices.insert(step.slice);
                *self.own.entry(Node::Authority).or_default() += step.amount_mg - held;
                *self.own.entry(Node::Reserve).or_default() += held;
            }
            StepKind::Release | StepKind::Grant | StepKind::TakeBack | StepKind::Reallocate => {
                *self.own.entry(from.clone()).or_default() -= step.amount_mg;
                *self.own.entry(step.to.clone()).or_default() += step.amount_mg;
                if kind == StepKind::Grant {
                    self.parent.insert(step.to.clone(), from);
                }
            }
        }
        self.last = Some(step.day);
        Ok(kind)
    }

    fn check(&self, rules: &QuotaRules, step: &Step) -> Result<(StepKind, Node), QuotaRefusal> {
        if !rules.lines.contains(&step.line) {
            let Line { stage, ore } = step.line.clone();
            return Err(QuotaRefusal::Line { stage, ore });
        }
        let from = step.from.clone().unwrap_or(Node::Authority);
        let kind = self.kind(step)?;
        let least = if kind == StepKind::Grant { 0 } else { 1 };
        if !(least..=AMOUNT_MAX_MG).contains(&step.amount_mg) {
            return Err(QuotaRefusal::Amount(step.amount_mg));
        }
        if self.last.is_some_and(|last| step.day < last) {
            return Err(QuotaRefusal::Day(step.day));
        }
        let slice_good = match kind {
            StepKind::Issue => {
                let most = rules.slices_max.unwrap_or(u32::MAX);
                (1..=most).contains(&step.slice) && !self.slices.contains(&step.slice)
            }
            _ => step.slice == 0,
        };
        if !slice_good {
            return Err(QuotaRefusal::Slice(step.slice));
        }
        if kind == StepKind::Issue {
            let total = self.issued.checked_add(step.amount_mg).filter(|t| *t <= AMOUNT_MAX_MG);
            return total.map(|_| (kind, from)).ok_or(QuotaRefusal::Amount(step.amount_mg));
        }
        let there = self.own(&from);
        if step.amount_mg > there {
            let wanted = step.amount_mg;
            return Err(QuotaRefusal::Beyond { from: from.to_string(), there, wanted });
        }
        Ok((kind, from))
    }

    /// What a step is, by where it goes.
    fn kind(&self, step: &Step) -> Result<StepKind, QuotaRefusal> {
        let to = &step.to;
        let Some(from) = &step.from else {
            return if *to == Node::Authority {
                Ok(StepKind::Issue)
            } else {
                Err(QuotaRefusal::Way { from: String::new(), to: to.to_string() })
            };
        };
        let way = || QuotaRefusal::Way { from: from.to_string(), to: to.to_string() };
        match (from, to) {
            (Node::Reserve, Node::Authority) => return Ok(StepKind::Release),
            (Node::Reserve, _) | (_, Node::Reserve) => return Err(way()),
            _ if from == to => return Err(way()),
            _ => {}
        }
        if self.parent.get(from) == Some(to) {
            return Ok(StepKind::TakeBack);
        }
        let down = matches!(
            (from, to),
            (Node::Authority, Node::Group(_) | Node::Company(_))
                | (Node::Group(_), Node::Company(_))
        );
        let sibling = self.parent.get(from).cloned();
        match (down, self.parent.get(to)) {
            (true, None) => Ok(StepKind::Grant),
            (true, Some(parent)) if parent == from => Ok(StepKind::Grant),
            (_, Some(parent)) if sibling.as_ref() == Some(parent) => Ok(StepKind::Reallocate),
            (true, Some(parent)) => {
                Err(QuotaRefusal::OtherParent { node: to.to_string(), parent: parent.to_string() })
            }
            (false, _) => Err(way()),
        }
    }

    /// What was issued, mg.
    #[must_use]
    pub fn issued(&self) -> i64 {
        self.issued
    }

    /// The slices that were issued.
    #[must_use]
    pub fn slices(&self) -> &BTreeSet<u32> {
        &self.slices
    }

    /// What lies with a holder itself, mg; what it has handed down lies with others.
    #[must_use]
    pub fn own(&self, node: &Node) -> i64 {
        self.own.get(node).copied().unwrap_or(0)
    }

    /// What a holder was given: what lies with it and with those that have it from it, mg.
    #[must_use]
    pub fn given(&self, node: &Node) -> i64 {
        let below = self.parent.iter().filter(|(_, parent)| *parent == node);
        self.own(node) + below.map(|(child, _)| self.given(child)).sum::<i64>()
    }

    /// From whom a holder has its quota; nothing where it was never given any.
    #[must_use]
    pub fn parent(&self, node: &Node) -> Option<&Node> {
        self.parent.get(node)
    }

    /// All holders with what lies with each, in order.
    pub fn holders(&self) -> impl Iterator<Item = (&Node, i64)> {
        self.own.iter().map(|(node, amount)| (node, *amount))
    }
}
