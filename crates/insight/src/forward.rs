//! Where content went: the walk forward to where it is now.
//!
//! A draw on lot i carries `q·min(1, content ÷ Σ draws)`. The outputs of a transform share what is
//! carried in by their declared content; `max(0, Q − Σ out) ÷ Q` is lost. What is not drawn stands on
//! the lot's accounts (held, in transit, used, exported, lost), each in content of the element;
//! negative accounts are netted first against what is in transit, then against other holders.

use std::collections::HashMap;

use base::Element;
use base::kind::Kind;

use crate::back::Cut;
use crate::graph::{Flow, Graph, Leg, NONE, Role};
use crate::lens::Lens;
use crate::share::{ONE, times};

/// Where material of a lot stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Account {
    /// With the party of a site.
    Held {
        /// The site.
        site: u32,
    },
    /// Between a sender (a party) and a receiver (as [`Flow::other`]).
    Transit {
        /// Who sent it.
        sender: u32,
        /// To whom.
        receiver: u32,
    },
    /// Built into a product.
    Used {
        /// Where.
        site: u32,
        /// End use + 1.
        end_use: u8,
    },
    /// Abroad.
    Exported {
        /// From where.
        site: u32,
        /// To whom (as [`Flow::other`]).
        customer: u32,
        /// Country of the customer.
        country: [u8; 2],
    },
    /// Lost, as stated.
    Lost {
        /// Where.
        site: u32,
    },
    /// Lost, as nothing else is stated.
    Assumed {
        /// Where.
        site: u32,
    },
    /// Carried into a filing at which a cycle was cut.
    Cycle {
        /// Where.
        site: u32,
    },
}

/// The result of a walk forward.
#[derive(Debug, Default)]
pub struct Spread {
    /// Places with their share (of 2⁶²): lot and account, each once, sorted.
    pub places: Vec<((u32, Account), u64)>,
    /// How many edges were walked.
    pub edges: u64,
    /// Whether a lot is its own descendant; the shares then mean nothing until it is cut.
    pub cyclic: bool,
}

#[derive(Debug, Clone, Copy)]
struct Edge {
    target: u32,
    flow: u32,
    ratio: f64,
}

#[derive(Debug)]
struct Node {
    lot: u32,
    edges: Vec<Edge>,
    rests: Vec<(Account, f64)>,
    open: bool,
}

/// The lots on a walk forward.
#[derive(Debug, Default)]
pub struct Forward {
    nodes: Vec<Node>,
    places: HashMap<u32, u32>,
}

impl Forward {
    /// Walks forward from a lot; `cuts` are draws not to follow.
    pub fn walk<L: Lens>(&mut self, lens: &L, lot: u32, element: Element, cuts: &[Cut]) -> Spread {
        self.nodes.clear();
        self.places.clear();
        let mut spread = Spread::default();
        let mut order = Vec::new();
        let mut stack = vec![(self.enter(lens, lot, element, cuts), 0_usize)];
        while let Some(&mut (place, ref mut at)) = stack.last_mut() {
            let node = &mut self.nodes[place as usize];
            let Some(edge) = node.edges.get(*at) else {
                node.open = false;
                order.push(place);
                stack.pop();
                continue;
            };
            let (index, target) = (*at, edge.target);
            *at += 1;
            let to = match self.places.get(&target) {
                Some(&to) => {
                    spread.cyclic |= self.nodes[to as usize].open;
                    to
                }
                None => {
                    let to = self.enter(lens, target, element, cuts);
                    stack.push((to, 0));
                    to
                }
            };
            self.nodes[place as usize].edges[index].target = to;
        }
        if !spread.cyclic {
            self.shares_down(&order, &mut spread);
        }
        spread
    }

    /// The lots made of one lot, with the shares of its content that went there.
    pub(crate) fn step<L: Lens>(
        &mut self,
        lens: &L,
        lot: u32,
        element: Element,
    ) -> Vec<(u32, f64)> {
        let place = self.enter(lens, lot, element, &[]);
        let edges = &self.nodes[place as usize].edges;
        edges.iter().map(|edge| (edge.target, edge.ratio)).collect()
    }

    fn enter<L: Lens>(&mut self, lens: &L, lot: u32, element: Element, cuts: &[Cut]) -> u32 {
        let place = self.nodes.len() as u32;
        self.places.insert(lot, place);
        let (mut edges, mut rests) = (Vec::new(), Vec::new());
        expand(lens, lot, element, cuts, &mut edges, &mut rests);
        self.nodes.push(Node { lot, edges, rests, open: true });
        place
    }

    fn shares_down(&self, order: &[u32], spread: &mut Spread) {
        let mut shares = vec![0_u64; self.nodes.len()];
        if let Some(first) = shares.first_mut() {
            *first = ONE;
        }
        for &place in order.iter().rev() {
            let node = &self.nodes[place as usize];
            let share = shares[place as usize];
            for edge in &node.edges {
                shares[edge.target as usize] += times(share, edge.ratio);
            }
            for &(account, ratio) in &node.rests {
                spread.places.push(((node.lot, account), times(share, ratio)));
            }
            spread.edges += node.edges.len() as u64;
        }
        spread.places.sort_unstable_by_key(|p| p.0);
        spread.places.dedup_by(|next, kept| {
            let same = next.0 == kept.0;
            if same {
                kept.1 += next.1;
            }
            same
        });
        spread.places.retain(|p| p.1 > 0);
    }

    /// The lots on the last walk and the edges between them: (from, to, flow) with places.
    pub(crate) fn arcs(&self) -> (Vec<u32>, Vec<(u32, u32, u32)>) {
        let lots = self.nodes.iter().map(|n| n.lot).collect();
        let mut arcs = Vec::new();
        for (place, node) in self.nodes.iter().enumerate() {
            arcs.extend(node.edges.iter().map(|e| (place as u32, e.target, e.flow)));
        }
        (lots, arcs)
    }
}

/// The edges of a lot to what was made of it, and the accounts on which the rest stands, each as a
/// ratio of the lot's content.
fn expand<L: Lens>(
    lens: &L,
    lot: u32,
    element: Element,
    cuts: &[Cut],
    edges: &mut Vec<Edge>,
    rests: &mut Vec<(Account, f64)>,
) {
    let graph = lens.graph();
    let content = lens.lot_content(lot, element);
    let mut drawn = Vec::new();
    let mut drawn_sum = 0_i128;
    for (_, leg) in lens.touches(lot) {
        if drawn_from(lens, leg) {
            let q = i128::from(lens.content(leg, element).unwrap_or(0));
            drawn_sum += q;
            drawn.push((*leg, q));
        }
    }
    let whole = content.max(drawn_sum);
    if whole == 0 {
        return;
    }
    for (leg, q) in drawn.iter().filter(|d| d.1 > 0) {
        let carried = *q as f64 / whole as f64;
        let flow = graph.flows.at(leg.flow);
        if cuts.contains(&(leg.flow, lot)) {
            rests.push((Account::Cycle { site: flow.site }, carried));
        } else if leg.role() == Role::Take {
            let made = graph.flow_legs(leg.flow).iter().find(|l| l.role() == Role::Made);
            if let Some(made) = made {
                edges.push(Edge { target: made.lot, flow: leg.flow, ratio: carried });
            }
        } else {
            transform(lens, leg.flow, element, carried, edges, rests);
        }
    }
    if drawn_sum < content {
        let rest = (content - drawn_sum) as f64 / whole as f64;
        let accounts = netted(accounts(lens, lot, element), graph);
        let sum: i128 = accounts.iter().map(|a| a.1).sum();
        for (account, balance) in accounts {
            rests.push((account, rest * (balance as f64 / sum as f64)));
        }
    }
}

/// Whether a leg draws on its lot: an import names a source only if that lot is known.
fn drawn_from<L: Lens>(lens: &L, leg: &Leg) -> bool {
    leg.role().draws() && crate::back::continues(lens, leg.flow, leg.lot)
}

/// What is carried into a transform goes to its outputs by content; the rest is lost.
fn transform<L: Lens>(
    lens: &L,
    flow: u32,
    element: Element,
    carried: f64,
    edges: &mut Vec<Edge>,
    rests: &mut Vec<(Account, f64)>,
) {
    let graph = lens.graph();
    let legs = graph.flow_legs(flow);
    let content = |leg: &Leg| i128::from(lens.content(leg, element).unwrap_or(0));
    let of = |role: Role| legs.iter().filter(move |l| l.role() == role);
    let input: i128 = of(Role::In).map(content).sum();
    let output: i128 = of(Role::Made).map(content).sum();
    let whole = input.max(output);
    if whole == 0 {
        return;
    }
    for leg in of(Role::Made) {
        let part = content(leg);
        if part > 0 {
            let ratio = carried * (part as f64 / whole as f64);
            edges.push(Edge { target: leg.lot, flow, ratio });
        }
    }
    if output < input {
        let lost = carried * ((input - output) as f64 / whole as f64);
        let site = graph.flows.at(flow).site;
        let stated = of(Role::Lost).next().is_some();
        let account = if stated { Account::Lost { site } } else { Account::Assumed { site } };
        rests.push((account, lost));
    }
}

/// The accounts of a lot in content of an element: every live leg posts to them.
fn accounts<L: Lens>(lens: &L, lot: u32, element: Element) -> Vec<(Account, i128)> {
    accounts_of(lens, lot, |leg| i128::from(lens.content(leg, element).unwrap_or(0)))
}

/// The accounts of a lot in mass (mg), negative where more was taken than held.
pub fn mass_accounts<L: Lens>(lens: &L, lot: u32) -> Vec<(Account, i128)> {
    accounts_of(lens, lot, |leg| i128::from(lens.mass(leg)))
}

fn accounts_of<L: Lens>(lens: &L, lot: u32, amount: impl Fn(&Leg) -> i128) -> Vec<(Account, i128)> {
    let graph = lens.graph();
    let mut accounts: Vec<(Account, i128)> = Vec::new();
    let mut post =
        |account: Account, amount: i128| match accounts.iter_mut().find(|a| a.0 == account) {
            Some(entry) => entry.1 += amount,
            None => accounts.push((account, amount)),
        };
    let mut made = false;
    for (_, leg) in lens.makers(lot) {
        made = true;
        let flow = graph.flows.at(leg.flow);
        let content = amount(leg);
        post(made_at(graph, flow), content);
    }
    for (_, leg) in lens.touches(lot) {
        let flow = graph.flows.at(leg.flow);
        let content = amount(leg);
        let held = Account::Held { site: flow.site };
        match (leg.role(), flow.kind()) {
            (Role::Take, Kind::Import) if !made => {}
            (Role::Take, Kind::Import) => post(exported(flow), -content),
            (Role::In | Role::Take, _) => post(held, -content),
            (Role::Moved, Kind::Transfer) => {
                post(held, -content);
                post(made_at(graph, flow), content);
            }
            (Role::Moved, Kind::Export | Kind::Use | Kind::Loss) => {
                post(held, -content);
                post(made_at(graph, flow), content);
            }
            (Role::Moved, Kind::Receipt) => {
                let receiver = graph.flow_filing(flow).filer;
                let sender = if flow.other == NONE { receiver } else { flow.other };
                post(Account::Transit { sender, receiver }, -content);
                post(held, content);
            }
            (Role::Moved, Kind::Reimport) => {
                post(exported(flow), -content);
                post(held, content);
            }
            _ => {}
        }
    }
    accounts
}

/// The account on which a flow puts what it makes or moves.
fn made_at(graph: &Graph, flow: &Flow) -> Account {
    let site = flow.site;
    match flow.kind() {
        Kind::Transfer => {
            let sender = graph.flow_filing(flow).filer;
            let receiver = if flow.other == NONE { sender } else { flow.other };
            Account::Transit { sender, receiver }
        }
        Kind::Export => exported(flow),
        Kind::Use => Account::Used { site, end_use: flow.end_use().map_or(0, |u| u.0 + 1) },
        Kind::Loss => Account::Lost { site },
        _ => Account::Held { site },
    }
}

fn exported(flow: &Flow) -> Account {
    Account::Exported { site: flow.site, customer: flow.other, country: flow.country }
}

/// Nets negative accounts: a re-import or a known lot coming in first against what was exported, then
/// all against what is in transit, then against other holders. Only positive ones remain.
fn netted(mut accounts: Vec<(Account, i128)>, graph: &Graph) -> Vec<(Account, i128)> {
    let party = |id: u32| graph.other_name(id).to_owned();
    let key = |account: &Account| match *account {
        Account::Transit { sender, receiver } => (0, party(sender), party(receiver)),
        Account::Held { site } => {
            (1, graph.site_party(site).to_owned(), graph.site_code(site).to_owned())
        }
        Account::Exported { customer, .. } => (2, party(customer), String::new()),
        Account::Used { .. } => (3, String::new(), String::new()),
        _ => (4, String::new(), String::new()),
    };
    if accounts.iter().any(|a| a.1 < 0) {
        accounts.sort_by_cached_key(|a| (key(&a.0), a.0));
        net(
            &mut accounts,
            |from| matches!(from, Account::Exported { .. }),
            |to| matches!(to, Account::Exported { .. }),
        );
        net(&mut accounts, |_| true, |to| matches!(to, Account::Transit { .. }));
        net(&mut accounts, |_| true, |to| matches!(to, Account::Held { .. }));
        net(&mut accounts, |_| true, |_| true);
    }
    accounts.retain(|a| a.1 > 0);
    accounts
}

/// Takes the negative accounts that `from` names out of the positive ones that `to` names.
fn net(
    accounts: &mut [(Account, i128)],
    from: impl Fn(&Account) -> bool,
    to: impl Fn(&Account) -> bool,
) {
    let mut owed = 0_i128;
    for (account, balance) in accounts.iter().filter(|a| a.1 < 0) {
        if from(account) {
            owed -= balance;
        }
    }
    let mut paid = 0_i128;
    for (account, balance) in accounts.iter_mut().filter(|a| a.1 > 0) {
        if to(account) {
            let take = (*balance).min(owed - paid);
            *balance -= take;
            paid += take;
        }
    }
    for (account, balance) in accounts.iter_mut().filter(|a| a.1 < 0) {
        if from(account) {
            let back = (-*balance).min(paid);
            *balance += back;
            paid -= back;
        }
    }
}
