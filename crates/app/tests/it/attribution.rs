//! The model's attribution: where content comes from, where it is now, and within what bounds, in
//! exact fractions.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use num_bigint::BigInt;
use num_rational::BigRational;

use crate::accounts::Account;
use crate::economy::batch_instant;
use crate::model::{Flow, Leg, Model, content};

pub(crate) type Share = BigRational;

pub(crate) fn ratio(part: i128, whole: i128) -> Share {
    Share::new(BigInt::from(part), BigInt::from(whole))
}

fn zero() -> Share {
    ratio(0, 1)
}

fn one() -> Share {
    ratio(1, 1)
}

/// What content is traced back to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Origin {
    Lot(String),
    Unexplained(String),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Until {
    Root,
    Stage(&'static str),
    Party,
}

/// A step between two lots: the upper one (nearer the question), the lower one, and by what filing.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Arc {
    upper: String,
    lower: String,
    drawn: String,
    filing: (i32, i64, String),
    flow: String,
}

/// Draws that are not followed: (flow, lot drawn).
pub(crate) type Cuts = BTreeSet<(String, String)>;

fn arc(flow: &Flow<'_>, upper: &str, lower: &str, drawn: &str) -> Arc {
    let recorded = batch_instant(flow.filing.batch).us();
    Arc {
        upper: upper.to_owned(),
        lower: lower.to_owned(),
        drawn: drawn.to_owned(),
        filing: (flow.filing.day, recorded, flow.filing_name()),
        flow: flow.key(),
    }
}

/// Cuts cycles until none is left: in each set of lots that reach one another, all steps within it
/// by the filing with the latest business date, then latest recorded, then greatest name.
fn cycle_cuts(mut arcs: Vec<Arc>) -> Cuts {
    let mut cuts = Cuts::new();
    loop {
        let inside: Vec<&Arc> =
            arcs.iter().filter(|a| reaches(&arcs, &a.lower, &a.upper)).collect();
        let Some(first) = inside.first() else { return cuts };
        let set: Vec<&&Arc> = inside
            .iter()
            .filter(|a| {
                reaches(&arcs, &a.upper, &first.upper) && reaches(&arcs, &first.upper, &a.upper)
            })
            .collect();
        let latest = set.iter().map(|a| a.filing.clone()).max().unwrap();
        let cut: Vec<Arc> =
            set.iter().filter(|a| a.filing == latest).map(|a| (**a).clone()).collect();
        cuts.extend(cut.iter().map(|a| (a.flow.clone(), a.drawn.clone())));
        arcs.retain(|a| !cut.contains(a));
    }
}

fn reaches(arcs: &[Arc], from: &str, to: &str) -> bool {
    let mut seen = BTreeSet::new();
    let mut waiting = vec![from];
    while let Some(at) = waiting.pop() {
        if at == to {
            return true;
        }
        if seen.insert(at) {
            waiting.extend(arcs.iter().filter(|a| a.upper == at).map(|a| a.lower.as_str()));
        }
    }
    false
}

/// A question back, with its cuts.
pub(crate) struct Back<'m, 'e> {
    model: &'m Model<'e>,
    element: &'m str,
    until: &'m Until,
    party: Option<&'static str>,
    pub(crate) cuts: Cuts,
}

/// How a lot came to be by one making.
enum Step {
    Own,
    Unexplained(String),
    /// Lots drawn with their content, the content made, and whether the draw is cut.
    Mix(Vec<(String, i128, bool)>, Option<i128>),
}

impl<'m, 'e> Back<'m, 'e> {
    pub(crate) fn new(
        model: &'m Model<'e>,
        lot: &str,
        element: &'m str,
        until: &'m Until,
    ) -> Back<'m, 'e> {
        let party = model.maker(lot).map(|m| m.0);
        let mut back = Back { model, element, until, party, cuts: Cuts::new() };
        let mut arcs: Vec<Arc> = Vec::new();
        let (mut seen, mut waiting) = (BTreeSet::new(), vec![lot.to_owned()]);
        while let Some(at) = waiting.pop() {
            if !seen.insert(at.clone()) || back.stops(&at) {
                continue;
            }
            for (_, flow, made) in back.weighed(&at) {
                if let Step::Mix(inputs, _) = back.step(flow, made) {
                    for (drawn, ..) in inputs {
                        arcs.push(arc(flow, &at, &drawn, &drawn));
                        waiting.push(drawn);
                    }
                }
            }
        }
        back.cuts = cycle_cuts(arcs);
        back
    }

    fn stops(&self, lot: &str) -> bool {
        match self.until {
            Until::Root => false,
            Until::Stage(stage) => self.model.lot(lot).stage == Some(stage),
            Until::Party => self.model.maker(lot).map(|m| m.0) != self.party,
        }
    }

    /// The makings of a lot that count, with their weights: by content; where none holds any, by mass;
    /// where none has a mass, evenly.
    fn weighed(&self, lot: &str) -> Vec<(Share, &Flow<'e>, &Leg<'e>)> {
        let makings = self.model.makings(lot);
        let by = |of: &dyn Fn(&Flow<'e>, &Leg<'e>) -> i128| -> Option<Vec<Share>> {
            let amounts: Vec<i128> = makings.iter().map(|(f, leg)| of(f, leg)).collect();
            let sum: i128 = amounts.iter().sum();
            (sum > 0).then(|| amounts.iter().map(|a| ratio(*a, sum)).collect())
        };
        let weights = by(&|f, leg| self.model.made_content(f, leg, self.element))
            .or_else(|| by(&|f, leg| self.model.made(f, leg).mass))
            .or_else(|| by(&|_, _| 1))
            .unwrap_or_default();
        let weighed = weights.into_iter().zip(makings).filter(|w| w.0 > zero());
        weighed.map(|(weight, (flow, leg))| (weight, flow, leg)).collect()
    }

    fn step(&self, flow: &Flow<'e>, made: &Leg<'e>) -> Step {
        if flow.part() {
            if !self.model.continues(flow) {
                return Step::Own;
            }
            let source = flow.draws[0].lot.to_owned();
            let cut = self.cuts.contains(&(flow.key(), source.clone()));
            return Step::Mix(vec![(source, 1, cut)], None);
        }
        if !flow.transform() {
            return Step::Own;
        }
        let inputs: Vec<(String, i128, bool)> = flow
            .draws
            .iter()
            .map(|draw| {
                let q = self.model.drawn_content(flow, draw, self.element);
                let cut = self.cuts.contains(&(flow.key(), draw.lot.to_owned()));
                (draw.lot.to_owned(), q, cut)
            })
            .filter(|input| input.1 > 0)
            .collect();
        if inputs.is_empty() {
            return Step::Unexplained(flow.filing_name());
        }
        Step::Mix(inputs, Some(self.model.made_content(flow, made, self.element)))
    }

    /// The origins of a lot.
    pub(crate) fn origins(&self, lot: &str) -> BTreeMap<Origin, Share> {
        self.origins_known(lot, &mut HashMap::new())
    }

    fn origins_known(
        &self,
        lot: &str,
        known: &mut HashMap<String, BTreeMap<Origin, Share>>,
    ) -> BTreeMap<Origin, Share> {
        if let Some(origins) = known.get(lot) {
            return origins.clone();
        }
        let own = Origin::Lot(lot.to_owned());
        let mut origins: BTreeMap<Origin, Share> = BTreeMap::new();
        let mut add = |origin: Origin, share: Share| {
            *origins.entry(origin).or_insert_with(zero) += share;
        };
        let weighed = if self.stops(lot) { Vec::new() } else { self.weighed(lot) };
        if weighed.is_empty() {
            add(own, one());
        } else {
            for (weight, flow, made) in weighed {
                match self.step(flow, made) {
                    Step::Own => add(own.clone(), weight),
                    Step::Unexplained(filing) => add(Origin::Unexplained(filing), weight),
                    Step::Mix(inputs, _) => {
                        let total: i128 = inputs.iter().map(|i| i.1).sum();
                        for (drawn, q, cut) in inputs {
                            let part = &weight * ratio(q, total);
                            if cut {
                                add(Origin::Lot(drawn), part);
                                continue;
                            }
                            for (origin, share) in self.origins_known(&drawn, known) {
                                add(origin, share * &part);
                            }
                        }
                    }
                }
            }
        }
        known.insert(lot.to_owned(), origins.clone());
        origins
    }

    /// Least and greatest share of a set of origins.
    pub(crate) fn bounds(&self, lot: &str, of: &dyn Fn(&Origin) -> bool) -> (Share, Share) {
        self.bounds_known(lot, of, &mut HashMap::new())
    }

    fn bounds_known(
        &self,
        lot: &str,
        of: &dyn Fn(&Origin) -> bool,
        known: &mut HashMap<String, (Share, Share)>,
    ) -> (Share, Share) {
        if let Some(bounds) = known.get(lot) {
            return bounds.clone();
        }
        let is = |origin: Origin| {
            let share = if of(&origin) { one() } else { zero() };
            (share.clone(), share)
        };
        let own = is(Origin::Lot(lot.to_owned()));
        let weighed = if self.stops(lot) { Vec::new() } else { self.weighed(lot) };
        let mut bounds = (zero(), zero());
        if weighed.is_empty() {
            bounds = own.clone();
        }
        for (weight, flow, made) in weighed {
            let (low, high) = match self.step(flow, made) {
                Step::Own => own.clone(),
                Step::Unexplained(filing) => is(Origin::Unexplained(filing)),
                Step::Mix(inputs, made) => {
                    let inputs: Vec<(i128, (Share, Share))> = inputs
                        .into_iter()
                        .map(|(drawn, q, cut)| {
                            let share = if cut {
                                is(Origin::Lot(drawn))
                            } else {
                                self.bounds_known(&drawn, of, known)
                            };
                            (q, share)
                        })
                        .collect();
                    let least = inputs.iter().map(|i| (i.1.0.clone(), i.0)).collect();
                    let most = inputs.iter().map(|i| (i.1.1.clone(), i.0)).collect();
                    (fill(least, made, false), fill(most, made, true))
                }
            };
            bounds.0 += &weight * low;
            bounds.1 += &weight * high;
        }
        known.insert(lot.to_owned(), bounds.clone());
        bounds
    }
}

/// Fills an output from its inputs, from the highest share or from the lowest; in proportion where the
/// output holds nothing or more than all inputs.
fn fill(mut inputs: Vec<(Share, i128)>, output: Option<i128>, highest: bool) -> Share {
    let total: i128 = inputs.iter().map(|i| i.1).sum();
    let output = output.filter(|o| (1..=total).contains(o)).unwrap_or(total);
    inputs.sort();
    if highest {
        inputs.reverse();
    }
    let (mut left, mut sum) = (output, zero());
    for (share, q) in inputs {
        let taken = q.min(left);
        left -= taken;
        sum += share * ratio(taken, output);
    }
    sum
}

/// A place where content is now, as it is shown.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) lot: String,
    pub(crate) state: String,
    pub(crate) cause: String,
    pub(crate) party: String,
    pub(crate) site: String,
    pub(crate) to_party: String,
    pub(crate) end_use: String,
    pub(crate) country: String,
}

fn place(lot: &str, account: &Account) -> Place {
    let at = |state: &str, party: &str, site: &str| Place {
        lot: lot.to_owned(),
        state: state.to_owned(),
        party: party.to_owned(),
        site: site.to_owned(),
        ..Place::default()
    };
    match account {
        Account::Held { party, site } => at("stock", party, site),
        Account::Transit { sender, receiver } => {
            Place { to_party: receiver.clone(), ..at("transit", sender, "") }
        }
        Account::Exported { customer, country, party, site } => Place {
            to_party: customer.clone(),
            country: country.clone(),
            ..at("exported", party, site)
        },
        Account::Used { end_use, party, site } => {
            Place { end_use: end_use.clone(), ..at("used", party, site) }
        }
        Account::Lost { party, site } => {
            Place { cause: "stated".to_owned(), ..at("lost", party, site) }
        }
        Account::Outside(_) => Place::default(),
    }
}

/// Where the content of a lot is now.
pub(crate) struct Forward<'m, 'e> {
    model: &'m Model<'e>,
    element: &'m str,
    pub(crate) cuts: Cuts,
}

impl<'m, 'e> Forward<'m, 'e> {
    pub(crate) fn new(model: &'m Model<'e>, lot: &str, element: &'m str) -> Forward<'m, 'e> {
        let forward = Forward { model, element, cuts: Cuts::new() };
        let mut arcs: Vec<Arc> = Vec::new();
        let (mut seen, mut waiting) = (BTreeSet::new(), vec![lot.to_owned()]);
        while let Some(at) = waiting.pop() {
            if !seen.insert(at.clone()) {
                continue;
            }
            for (flow, draw) in model.draws(&at) {
                let q = model.drawn_content(flow, draw, element);
                for made in &flow.makes {
                    let holds = model.made_content(flow, made, element) > 0;
                    if q > 0 && holds {
                        arcs.push(arc(flow, &at, made.lot, &at));
                        waiting.push(made.lot.to_owned());
                    }
                }
            }
        }
        Forward { cuts: cycle_cuts(arcs), ..forward }
    }

    /// The places with their shares of the lot's content.
    pub(crate) fn places(&self, lot: &str) -> BTreeMap<Place, Share> {
        let mut places = BTreeMap::new();
        self.spread(lot, &one(), &mut places);
        places.retain(|_, share| *share > zero());
        places
    }

    fn spread(&self, lot: &str, share: &Share, to: &mut BTreeMap<Place, Share>) {
        let model = self.model;
        let accounts = model.accounts(lot, self.element);
        let held = model.lot_content(lot, self.element);
        let taken = accounts.taken();
        let whole = held.max(taken);
        if whole == 0 {
            return;
        }
        for (flow, draw) in model.draws(lot) {
            let q = model.drawn_content(flow, draw, self.element);
            if q > 0 {
                self.carry(lot, flow, &(share * ratio(q, whole)), to);
            }
        }
        let mut add = |account: &Account, amount: i128| {
            let entry = to.entry(place(lot, account)).or_insert_with(zero);
            *entry += share * ratio(amount, whole);
        };
        for (account, amount) in &accounts.ended {
            add(account, *amount);
        }
        if held > taken {
            for (account, amount) in accounts.netted() {
                add(&account, amount);
            }
        }
    }

    /// What is carried into a flow goes to what it makes, by content; the rest is lost.
    fn carry(&self, lot: &str, flow: &Flow<'e>, carried: &Share, to: &mut BTreeMap<Place, Share>) {
        let mut lose = |cause: &str, share: Share| {
            let place = Place {
                lot: lot.to_owned(),
                state: "lost".to_owned(),
                cause: cause.to_owned(),
                party: flow.filing.filer.to_owned(),
                site: flow.row.site.to_owned(),
                ..Place::default()
            };
            *to.entry(place).or_insert_with(zero) += share;
        };
        if self.cuts.contains(&(flow.key(), lot.to_owned())) {
            return lose("cycle", carried.clone());
        }
        if flow.part() {
            return self.spread(flow.makes[0].lot, carried, to);
        }
        let model = self.model;
        let input: i128 =
            flow.draws.iter().map(|d| model.drawn_content(flow, d, self.element)).sum();
        let made: Vec<i128> =
            flow.makes.iter().map(|m| model.made_content(flow, m, self.element)).collect();
        let output: i128 = made.iter().sum();
        let whole = input.max(output);
        if output < input {
            let stated: i128 = flow
                .losses
                .iter()
                .map(|leg| {
                    let worth = crate::model::Worth {
                        mass: i128::from(leg.mass.unwrap_or(0)),
                        assay: leg.assay.clone(),
                        stage: None,
                    };
                    content(&worth, self.element).unwrap_or(0)
                })
                .sum();
            let stated = stated.min(input - output);
            lose("stated", carried * ratio(stated, whole));
            lose("assumed", carried * ratio(input - output - stated, whole));
        }
        for (leg, part) in flow.makes.iter().zip(made) {
            if part > 0 {
                self.spread(leg.lot, &(carried * ratio(part, whole)), to);
            }
        }
    }
}
