//! Where companies stand: what they were given, what they used, what is left or too much, year by year.

use std::collections::{BTreeMap, BTreeSet};

use base::Date;
use serde::Serialize;

use super::{Line, Node, Pots, QuotaRefusal, QuotaRules, QuotaUse, Step, part};

/// How a company stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Nothing has been allocated to it yet: what it uses awaits its allocation.
    Awaiting,
    /// Below the first alarm.
    Within,
    /// At or beyond an alarm, and not beyond its entitlement.
    Alarmed,
    /// Beyond its entitlement.
    Over,
}

/// A filing that uses the quota.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Proof {
    /// The filing, as `filer/reference`.
    pub filing: String,
    /// Business date.
    pub day: Date,
    /// What it uses, mg.
    pub amount_mg: i64,
    /// What of that lies beyond the entitlement, mg.
    pub beyond_mg: i64,
}

/// Where a company stands in a line and year.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Position {
    /// The company.
    pub company: String,
    /// The group that it has its quota from, where it is one.
    pub group: Option<String>,
    /// Stage and type of ore.
    pub line: Line,
    /// The year.
    pub year: i16,
    /// How it stands.
    pub standing: Standing,
    /// What it was given for this year, mg.
    pub allocated_mg: i64,
    /// What it may use of the year before, mg.
    pub carried_mg: i64,
    /// By how much the excess of the year before cuts this year, mg.
    pub cut_mg: i64,
    /// What of that cut is more than it was given, mg: told, and not taken off any other year.
    pub cut_unmet_mg: i64,
    /// What it used that counts, mg.
    pub used_mg: i64,
    /// What of the use awaits an allocation, mg: all of it, or nothing.
    pub awaiting_mg: i64,
    /// What it may still use, mg.
    pub left_mg: i64,
    /// What it used beyond its entitlement, mg.
    pub excess_mg: i64,
    /// The highest alarm reached, in percent of the entitlement.
    pub alarm_percent: Option<u32>,
    /// What it made of imported or secondary feed that does not count, mg.
    pub uncounted_mg: i64,
    /// The filings that use it, by day.
    pub proofs: Vec<Proof>,
}

impl Position {
    /// What it may use altogether, mg.
    #[must_use]
    pub fn entitled_mg(&self) -> i64 {
        self.allocated_mg + self.carried_mg - self.cut_mg
    }

    /// What passes into the next year, mg: what is carried and what is cut. What was carried once is used
    /// first and not carried again.
    fn passes(&self, rules: &QuotaRules) -> (i64, i64) {
        if self.standing == Standing::Awaiting {
            return (0, 0);
        }
        let own = self.left_mg.min(self.allocated_mg - self.cut_mg).max(0);
        (part(own, rules.carry_ppm), rules.cut_ppm.map_or(0, |cut| part(self.excess_mg, cut)))
    }
}

/// Where all companies stand that were given or use something, as of a day, by line, company and year.
///
/// Steps and uses dated after the day are not looked at; the order of the uses does not matter. A year
/// passes its rest and its excess on when it is over.
///
/// # Errors
/// A step that does not hold, by its position in `steps`.
pub fn positions(
    rules: &QuotaRules,
    steps: &[Step],
    uses: &[QuotaUse],
    as_of: Date,
) -> Result<Vec<Position>, (usize, QuotaRefusal)> {
    let pots = pots_all(rules, steps, as_of)?;
    let mut used: BTreeMap<(&Line, &str, i16), Vec<&QuotaUse>> = BTreeMap::new();
    for of in uses.iter().filter(|of| of.day <= as_of) {
        used.entry((&of.line, of.company.as_str(), of.day.year())).or_default().push(of);
    }
    let mut companies: BTreeSet<(&Line, &str)> = used.keys().map(|key| (key.0, key.1)).collect();
    for ((line, _), pots) in &pots {
        companies.extend(pots.holders().filter_map(|(node, _)| match node {
            Node::Company(id) => Some((*line, id.as_str())),
            _ => None,
        }));
    }
    let mut found = Vec::new();
    for (line, company) in companies {
        let node = Node::Company(company.to_owned());
        let given = pots.iter().filter(|(key, pots)| key.0 == line && pots.parent(&node).is_some());
        let mut years: BTreeSet<i16> = given.map(|(key, _)| key.1).collect();
        years.extend(used.keys().filter(|key| (key.0, key.1) == (line, company)).map(|key| key.2));
        let mut before: Option<Position> = None;
        let none = Pots::default();
        for year in years {
            let passed = before
                .as_ref()
                .filter(|past| past.year + 1 == year && past.year < as_of.year())
                .map_or((0, 0), |past| past.passes(rules));
            let pots = pots.get(&(line, year)).unwrap_or(&none);
            let of = used.get(&(line, company, year)).map_or(&[][..], Vec::as_slice);
            let position = position(rules, pots, (company, line, year), passed, of);
            found.push(position.clone());
            before = Some(position);
        }
    }
    Ok(found)
}

/// The pots of each line and year.
type PotsByYear<'s> = BTreeMap<(&'s Line, i16), Pots>;

/// The pots of every line and year as of a day.
fn pots_all<'s>(
    rules: &QuotaRules,
    steps: &'s [Step],
    as_of: Date,
) -> Result<PotsByYear<'s>, (usize, QuotaRefusal)> {
    let mut pots = PotsByYear::new();
    for (at, step) in steps.iter().enumerate().filter(|(_, step)| step.day <= as_of) {
        let of = pots.entry((&step.line, step.year)).or_default();
        of.take(rules, step, None).map_err(|refusal| (at, refusal))?;
    }
    Ok(pots)
}

fn position(
    rules: &QuotaRules,
    pots: &Pots,
    (company, line, year): (&str, &Line, i16),
    (carried, cut): (i64, i64),
    uses: &[&QuotaUse],
) -> Position {
    let node = Node::Company(company.to_owned());
    let parent = pots.parent(&node);
    let allocated_mg = pots.own(&node);
    let may = allocated_mg + carried;
    let cut_mg = cut.min(may);
    let entitled = may - cut_mg;
    let mut counted: Vec<&&QuotaUse> = uses.iter().filter(|of| rules.counts(of)).collect();
    counted.sort();
    let told = parent.is_some();
    let mut used_mg = 0_i64;
    let proofs = counted.iter().map(|of| {
        let before = (used_mg - entitled).max(0);
        used_mg = used_mg.saturating_add(of.amount_mg);
        let beyond_mg = if told { (used_mg - entitled).max(0) - before } else { 0 };
        Proof { filing: of.filing.clone(), day: of.day, amount_mg: of.amount_mg, beyond_mg }
    });
    let proofs = proofs.collect();
    let reached = |level: &&u32| {
        i128::from(used_mg) * 100 >= i128::from(**level) * i128::from(entitled) && used_mg > 0
    };
    let alarm_percent = rules.alarms_percent.iter().filter(reached).max().copied();
    let alarm_percent = alarm_percent.filter(|_| told);
    let standing = match (told, used_mg > entitled, alarm_percent) {
        (false, ..) => Standing::Awaiting,
        (true, true, _) => Standing::Over,
        (true, false, Some(_)) => Standing::Alarmed,
        (true, false, None) => Standing::Within,
    };
    let all: i64 = uses.iter().map(|of| of.amount_mg).fold(0, i64::saturating_add);
    Position {
        company: company.to_owned(),
        group: parent.and_then(|parent| match parent {
            Node::Group(name) => Some(name.clone()),
            _ => None,
        }),
        line: line.clone(),
        year,
        standing,
        allocated_mg,
        carried_mg: carried,
        cut_mg,
        cut_unmet_mg: cut - cut_mg,
        used_mg,
        awaiting_mg: if told { 0 } else { used_mg },
        left_mg: if told { (entitled - used_mg).max(0) } else { 0 },
        excess_mg: if told { (used_mg - entitled).max(0) } else { 0 },
        alarm_percent,
        uncounted_mg: all - used_mg,
        proofs,
    }
}

/// Whether a permission for `amount_mg` more fits what a company has left. A filing is flagged instead: it
/// is never refused for what it says.
///
/// # Errors
/// [`QuotaRefusal::Awaited`] before an allocation, [`QuotaRefusal::Exceeded`] beyond what is left.
pub fn permit(position: &Position, amount_mg: i64) -> Result<(), QuotaRefusal> {
    if position.standing == Standing::Awaiting {
        return Err(QuotaRefusal::Awaited(position.company.clone()));
    }
    if amount_mg > position.left_mg {
        return Err(QuotaRefusal::Exceeded { left: position.left_mg, wanted: amount_mg });
    }
    Ok(())
}
