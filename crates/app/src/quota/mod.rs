//! Quotas: what the authority issued and handed down, held against what filings use.
//!
//! The steps are stored; each leaves an entry of the audit and an event of the log in its own transaction.
//! What was used is worked out of the books whenever it is asked, so a late filing changes it rightly. The
//! rules are those of the pack ([`controls::regime::Quota`]); how they act is in [`licensing::quota`].

mod counting;
mod origin;
mod seed;
#[cfg(test)]
mod tests;
mod used;

use std::collections::BTreeMap;

use base::{Common, Date, Timestamp};
use controls::regime::Quota;
use licensing::quota::{
    Line, Node, Position, Pots, QuotaRefusal, QuotaRules, QuotaUse, Standing, Step, StepKind,
    permit, positions,
};
use store::{NewAudit, QuotaStepRecord, StoreError};

use crate::findings::{LedgerFinding, Score};
use crate::law::Law;
use crate::platform::{Platform, PlatformError};

pub use counting::{QuotaCounting, quota_rules};
pub use seed::quota_seed;

/// The longest reason of a step, in characters.
pub const REASON_MAX: usize = 1_000;
/// The stream of its events in the log.
const STREAM: &str = "quota";

/// What lies where in a line and year.
#[derive(Debug, Clone)]
pub struct QuotaLine {
    /// Stage and type of ore.
    pub line: Line,
    /// The year.
    pub year: i16,
    /// The pots.
    pub pots: Pots,
}

/// A quota of the pack, and where everybody stands.
#[derive(Debug, Clone)]
pub struct QuotaAnswer {
    /// The quota.
    pub quota: Quota,
    /// Its rules.
    pub rules: QuotaRules,
    /// The pots of each line and year in which something was issued or moved.
    pub lines: Vec<QuotaLine>,
    /// Where companies stand, by line, company and year.
    pub positions: Vec<Position>,
}

/// Why a step is not taken.
#[derive(Debug, thiserror::Error)]
pub enum QuotaStepError {
    /// The pack has no such quota.
    #[error("`{0}` is no quota of this pack")]
    Unknown(String),
    /// No reason, or one that is too long.
    #[error("a step needs a reason of 1 to {REASON_MAX} characters")]
    Reason,
    /// Somebody else was between.
    #[error("it was changed meanwhile; look at it again")]
    Changed,
    /// A party that nobody has registered.
    #[error("`{0}` is no registered company")]
    Company(String),
    /// The rules refuse it.
    #[error(transparent)]
    Refused(#[from] QuotaRefusal),
    /// What is stored does not hold.
    #[error("step {seq} of the quota does not hold: {refusal}")]
    Damaged {
        /// Its number.
        seq: u64,
        /// Why.
        refusal: QuotaRefusal,
    },
    /// The platform could not.
    #[error(transparent)]
    Platform(#[from] PlatformError),
}

impl From<StoreError> for QuotaStepError {
    fn from(error: StoreError) -> QuotaStepError {
        match error {
            StoreError::RowMissing("quota_step") => QuotaStepError::Changed,
            other => QuotaStepError::Platform(other.into()),
        }
    }
}

impl QuotaStepError {
    /// Its stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            QuotaStepError::Unknown(_) => "quota_unknown",
            QuotaStepError::Reason => "quota_reason",
            QuotaStepError::Changed => "changed_meanwhile",
            QuotaStepError::Company(_) => "quota_company",
            QuotaStepError::Refused(refusal) => refusal.code(),
            QuotaStepError::Damaged { .. } | QuotaStepError::Platform(_) => "fault",
        }
    }
}

/// A step that somebody wants to take.
#[derive(Debug, Clone)]
pub struct NewQuotaStep<'a> {
    /// The quota of the pack.
    pub quota: &'a str,
    /// What moves.
    pub step: Step,
    /// Why.
    pub reason: &'a str,
    /// Key of the account.
    pub account: &'a str,
    /// When.
    pub at: Timestamp,
}

/// A stored step as the rules know it.
fn step_of(record: &QuotaStepRecord) -> Option<Step> {
    Some(Step {
        year: record.year,
        line: Line { stage: record.stage.clone(), ore: record.ore.clone() },
        from: if record.from_node.is_empty() {
            None
        } else {
            Some(Node::parse(&record.from_node)?)
        },
        to: Node::parse(&record.to_node)?,
        amount_mg: record.amount_mg,
        slice: record.slice,
        day: record.day.parse().ok()?,
    })
}

/// The steps of one quota, with their numbers.
fn steps_of(records: &[QuotaStepRecord], quota: &str) -> (Vec<u64>, Vec<Step>) {
    let of = records.iter().filter(|record| record.quota_id == quota);
    of.filter_map(|record| Some((record.seq, step_of(record)?))).unzip()
}

/// Where everybody stands in a quota, given its steps and uses.
fn answer(
    quota: &Quota,
    records: &[QuotaStepRecord],
    uses: &[QuotaUse],
    as_of: Date,
) -> Result<QuotaAnswer, QuotaStepError> {
    let rules = quota_rules(quota);
    let (seqs, steps) = steps_of(records, &quota.id);
    let damaged = |(at, refusal): (usize, QuotaRefusal)| QuotaStepError::Damaged {
        seq: seqs.get(at).copied().unwrap_or(0),
        refusal,
    };
    let positions = positions(&rules, &steps, uses, as_of).map_err(damaged)?;
    let mut by: BTreeMap<(Line, i16), Pots> = BTreeMap::new();
    for (at, step) in steps.iter().enumerate().filter(|(_, step)| step.day <= as_of) {
        let pots = by.entry((step.line.clone(), step.year)).or_default();
        pots.take(&rules, step, None).map_err(|refusal| damaged((at, refusal)))?;
    }
    let line = |((line, year), pots)| QuotaLine { line, year, pots };
    let lines = by.into_iter().map(line).collect();
    Ok(QuotaAnswer { quota: quota.clone(), rules, lines, positions })
}

impl Platform {
    /// The quotas of a pack as of a day: what was issued, and where every company stands. The whole of the
    /// books is walked once for each quota.
    ///
    /// # Errors
    /// [`QuotaStepError::Damaged`] where what is stored does not hold; else the database refuses.
    pub fn quotas(&self, law: &Law, as_of: Date) -> Result<Vec<QuotaAnswer>, QuotaStepError> {
        let records = self.quota_records(law)?;
        let common = Common::embedded();
        let uses: Vec<Vec<QuotaUse>> = {
            let books = self.books();
            let counted = law.regime.quotas.iter();
            counted.map(|quota| books.quota_uses(&QuotaCounting::new(quota, common))).collect()
        };
        let with = law.regime.quotas.iter().zip(&uses);
        with.map(|(quota, uses)| answer(quota, &records, uses, as_of)).collect()
    }

    /// The same as far as a company may know it, of that company alone. Where its filings name no lot that
    /// nobody told it of, its position is the authority's.
    ///
    /// # Errors
    /// As [`Platform::quotas`].
    pub fn quotas_told(
        &self,
        law: &Law,
        company: &str,
        as_of: Date,
    ) -> Result<Vec<QuotaAnswer>, QuotaStepError> {
        let records = self.quota_records(law)?;
        let common = Common::embedded();
        let uses: Vec<Vec<QuotaUse>> = {
            let books = self.books();
            let told = |quota| books.quota_uses_told(&QuotaCounting::new(quota, common), company);
            law.regime.quotas.iter().map(told).collect()
        };
        let with = law.regime.quotas.iter().zip(&uses);
        let own = |(quota, uses): (&Quota, &Vec<QuotaUse>)| {
            let mut answer = answer(quota, &records, uses, as_of)?;
            answer.positions.retain(|position| position.company == company);
            Ok(answer)
        };
        with.map(own).collect()
    }

    /// Whether a permission to make `amount_mg` of oxide more fits what a company has left of a year. A
    /// filing is flagged instead; it is never refused for what it says.
    ///
    /// # Errors
    /// [`QuotaStepError::Refused`] beyond what is left or before an allocation; [`QuotaStepError::Unknown`].
    pub fn quota_permit(
        &self,
        law: &Law,
        quota: &str,
        (company, line, year): (&str, &Line, i16),
        amount_mg: i64,
        as_of: Date,
    ) -> Result<(), QuotaStepError> {
        let answers = self.quotas(law, as_of)?;
        let of = answers.iter().find(|of| of.quota.id == quota);
        let of = of.ok_or_else(|| QuotaStepError::Unknown(quota.to_owned()))?;
        let mut found = of.positions.iter();
        let position = found.find(|p| p.company == company && p.line == *line && p.year == year);
        // Who neither was given anything nor used any has no position, and awaits its allocation.
        let position = position.ok_or_else(|| QuotaRefusal::Awaited(company.to_owned()))?;
        Ok(permit(position, amount_mg)?)
    }

    /// The steps of all quotas of a pack, in their order.
    ///
    /// # Errors
    /// [`PlatformError`] where the database refuses.
    pub fn quota_records(&self, law: &Law) -> Result<Vec<QuotaStepRecord>, PlatformError> {
        Ok(self.reader().licensing().quota_steps(&self.inner.installation, &law.id)?)
    }

    /// Takes a step: issues a slice, hands it down, takes it back.
    ///
    /// # Errors
    /// [`QuotaStepError`]; then nothing is changed.
    pub fn quota_step(
        &self,
        law: &Law,
        new: &NewQuotaStep<'_>,
    ) -> Result<StepKind, QuotaStepError> {
        let quota = law.regime.quotas.iter().find(|quota| quota.id == new.quota);
        let quota = quota.ok_or_else(|| QuotaStepError::Unknown(new.quota.to_owned()))?;
        let reason = new.reason.trim();
        if !(1..=REASON_MAX).contains(&reason.chars().count()) {
            return Err(QuotaStepError::Reason);
        }
        if let Node::Company(id) = &new.step.to
            && self.reader().party_id(id)?.is_none()
        {
            return Err(QuotaStepError::Company(id.clone()));
        }
        // What a company has used is counted only where something is taken from it.
        let uses = match &new.step.from {
            Some(Node::Company(_)) => {
                self.books().quota_uses(&QuotaCounting::new(quota, Common::embedded()))
            }
            _ => Vec::new(),
        };
        let (owner_id, rules) = (self.inner.installation, quota_rules(quota));
        let mut aside = self.aside()?;
        aside.licensing_change(|change| {
            let read = change.read();
            let records = read.quota_steps(&owner_id, &law.id)?;
            let kind = step_check(&rules, quota, &records, &uses, &new.step)?;
            let record = QuotaStepRecord {
                owner_id,
                seq: read.quota_last(&owner_id)? + 1,
                pack_id: law.id.clone(),
                quota_id: quota.id.clone(),
                year: new.step.year,
                stage: new.step.line.stage.clone(),
                ore: new.step.line.ore.clone(),
                from_node: new.step.from.as_ref().map(Node::to_string).unwrap_or_default(),
                to_node: new.step.to.to_string(),
                amount_mg: new.step.amount_mg,
                slice: new.step.slice,
                day: new.step.day.to_string(),
                reason: reason.to_owned(),
                account: new.account.to_owned(),
                at_us: new.at.us(),
            };
            change.quota_step_add(&record)?;
            let body = body(&record);
            change.event(owner_id, STREAM, record.at_us, body.clone())?;
            let company = |node: &Node| matches!(node, Node::Company(_)).then(|| node.to_string());
            let subject =
                company(&new.step.to).or_else(|| new.step.from.as_ref().and_then(company));
            change.audit(&NewAudit {
                at_us: record.at_us,
                account: new.account,
                action: "quota_moved",
                subject: &subject.unwrap_or_default(),
                resource: &format!("quota:{}/{}", law.id, quota.id),
                detail: &body,
            })?;
            Ok(kind)
        })
    }
}

/// Whether a step holds after those that are stored.
fn step_check(
    rules: &QuotaRules,
    quota: &Quota,
    records: &[QuotaStepRecord],
    uses: &[QuotaUse],
    step: &Step,
) -> Result<StepKind, QuotaStepError> {
    let (seqs, steps) = steps_of(records, &quota.id);
    let of = |other: &Step| other.year == step.year && other.line == step.line;
    let mut pots = Pots::default();
    for (seq, taken) in seqs.iter().zip(&steps).filter(|(_, taken)| of(taken)) {
        pots.take(rules, taken, None)
            .map_err(|refusal| QuotaStepError::Damaged { seq: *seq, refusal })?;
    }
    let left = match &step.from {
        Some(Node::Company(id)) => {
            // What it used to the end of the year, whatever day the step is from.
            let last = Date::new(step.year, 12, 31).unwrap_or(step.day).max(step.day);
            let found = positions(rules, &steps, uses, last)
                .map_err(|(at, refusal)| QuotaStepError::Damaged {
                    seq: seqs.get(at).copied().unwrap_or(0),
                    refusal,
                })?
                .into_iter()
                .find(|p| p.company == *id && p.line == step.line && p.year == step.year);
            Some(found.map_or(0, |position| position.left_mg))
        }
        _ => None,
    };
    Ok(pots.take(rules, step, left)?)
}

/// The event of a step: canonical JSON, keys in order.
fn body(record: &QuotaStepRecord) -> String {
    let value = serde_json::json!({
        "amount_mg": record.amount_mg,
        "day": record.day,
        "from": record.from_node,
        "ore": record.ore,
        "quota": record.quota_id,
        "reason": record.reason,
        "seq": record.seq,
        "slice": record.slice,
        "stage": record.stage,
        "to": record.to_node,
        "year": record.year,
    });
    value.to_string()
}

/// What is to be looked at of a quota: companies beyond their entitlement, with the filings that went
/// beyond, and companies at an alarm.
#[must_use]
pub fn quota_findings(answers: &[QuotaAnswer]) -> Vec<LedgerFinding> {
    let mut found = Vec::new();
    for position in answers.iter().flat_map(|answer| &answer.positions) {
        let (rule, severity, filings) = match position.standing {
            Standing::Over => {
                let beyond = position.proofs.iter().filter(|proof| proof.beyond_mg > 0);
                let beyond: Vec<String> = beyond.map(|proof| proof.filing.clone()).collect();
                ("quota_exceeded", base::Severity::Error, beyond)
            }
            Standing::Alarmed => {
                let last = position.proofs.last().map(|proof| proof.filing.clone());
                ("quota_nearly_used", base::Severity::Warning, last.into_iter().collect())
            }
            Standing::Within | Standing::Awaiting => continue,
        };
        let kg = |mg: i64| format!("{} kg REO", licensing_kg(mg));
        let (used, entitled) = (position.used_mg, position.entitled_mg());
        let off = (i128::from(used) - i128::from(entitled)).abs();
        let line = [position.line.stage.as_str(), position.line.ore.as_str()];
        let line = line.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ");
        found.push(LedgerFinding {
            rule,
            severity,
            party: position.company.clone(),
            site: String::new(),
            lots: Vec::new(),
            filings,
            element: String::new(),
            size: i64::try_from(off).unwrap_or(i64::MAX),
            expected: format!("at most {}", kg(entitled)),
            observed: kg(used),
            explanation: format!(
                "{} used {} of the quota of {} ({line}), which gives it {}",
                position.company,
                kg(used),
                position.year,
                kg(entitled)
            ),
            score: Score::of(severity, off, i128::from(used.max(entitled))),
        });
    }
    found
}

fn licensing_kg(mg: i64) -> base::decimal::Scaled {
    base::decimal::Scaled { value: mg, scale: base::Mass::KG_DECIMALS }
}
