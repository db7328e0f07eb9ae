//! The accounts of a lot: where its material stands, by every live filing that concerns it.
//!
//! Draws (`in` legs and parts) leave the lot for what is made of them. Whole lots and parts of them move
//! between the accounts of their holders, in transit, used, exported, lost. Whoever draws what it does not
//! hold goes negative; what is negative is netted first against what is in transit, then against other
//! holders.

use base::kind::Kind;

use crate::back::continues;
use crate::graph::{Flow, Graph, Leg, NONE, Role};
use crate::lens::Lens;

/// Where material of a lot stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Account {
    /// With the party of a site.
    Held {
        /// The site.
        site: u32,
    },
    /// Between a sender and a receiver (both as [`Flow::other`]).
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

/// The accounts of a lot in one measure: content of an element, or mass.
#[derive(Debug, Default)]
pub(crate) struct Accounts {
    /// What all its makings made; nothing where nothing makes it.
    pub(crate) made: Option<i128>,
    /// The legs that draw on it, with what each draws.
    pub(crate) draws: Vec<(u32, i128)>,
    /// What was used, exported and not brought back, or lost of it as a whole.
    pub(crate) ended: Vec<(Account, i128)>,
    /// Where else it stands; negative where more was taken than held.
    balances: Vec<(Account, i128)>,
}

/// Whether an account (first) is netted against another at this step.
type Class<'c> = &'c dyn Fn(&Account, &Account) -> bool;

fn post(accounts: &mut Vec<(Account, i128)>, account: Account, amount: i128) {
    match accounts.iter_mut().find(|a| a.0 == account) {
        Some(entry) => entry.1 += amount,
        None => accounts.push((account, amount)),
    }
}

impl Accounts {
    /// The accounts of a lot; `amount` is what a leg states, in the measure asked for.
    pub(crate) fn of<L: Lens>(lens: &L, lot: u32, amount: impl Fn(&Leg) -> i128) -> Accounts {
        let mut accounts = Accounts::unsettled(lens, lot, amount);
        accounts.settle(lens.graph());
        accounts
    }

    fn unsettled<L: Lens>(lens: &L, lot: u32, amount: impl Fn(&Leg) -> i128) -> Accounts {
        let graph = lens.graph();
        let mut accounts = Accounts::default();
        let balances = &mut accounts.balances;
        for (_, leg) in lens.makers(lot) {
            let made = amount(leg);
            *accounts.made.get_or_insert(0) += made;
            post(balances, destination(graph, graph.flows.at(leg.flow)), made);
        }
        for (id, leg) in lens.touches(lot) {
            let flow = graph.flows.at(leg.flow);
            let held = Account::Held { site: flow.site };
            match (leg.role(), flow.kind()) {
                (Role::In | Role::Take, kind) if continues(lens, leg) => {
                    let drawn = amount(leg);
                    let from = if kind == Kind::Import { exported(flow) } else { held };
                    post(balances, from, -drawn);
                    accounts.draws.push((id, drawn));
                }
                (Role::Moved, Kind::Transfer) => {
                    let moved = amount(leg);
                    post(balances, held, -moved);
                    post(balances, destination(graph, flow), moved);
                }
                (Role::Moved, Kind::Export | Kind::Use | Kind::Loss) => {
                    let (ended, to) = (amount(leg), destination(graph, flow));
                    post(balances, held, -ended);
                    post(balances, to, ended);
                    post(&mut accounts.ended, to, ended);
                }
                (Role::Moved, Kind::Receipt) => {
                    let moved = amount(leg);
                    let receiver = graph.flow_filing(flow).filer;
                    let sender = if flow.other == NONE { receiver } else { flow.other };
                    post(balances, Account::Transit { sender, receiver }, -moved);
                    post(balances, held, moved);
                }
                (Role::Moved, Kind::Reimport) => {
                    let moved = amount(leg);
                    post(balances, exported(flow), -moved);
                    post(balances, held, moved);
                }
                _ => {}
            }
        }
        accounts
    }

    /// Lets what came back come out of what was exported, to the same customer first, and takes what
    /// ended as a whole off the accounts.
    fn settle(&mut self, graph: &Graph) {
        let abroad = |account: &Account| matches!(account, Account::Exported { .. });
        if self.balances.iter().any(|a| a.1 < 0 && abroad(&a.0)) {
            self.sort(graph);
            let customer = |account: &Account| match account {
                Account::Exported { customer, .. } => Some(*customer),
                _ => None,
            };
            self.net(
                abroad,
                &[&|from, to| abroad(to) && customer(from) == customer(to), &|_, to| abroad(to)],
            );
        }
        for (account, ended) in &mut self.ended {
            if let Some((_, balance)) = self.balances.iter_mut().find(|a| a.0 == *account) {
                *ended = (*ended).clamp(0, (*balance).max(0));
                *balance -= *ended;
            }
        }
    }

    /// All that was taken out of the lot: drawn, or ended as a whole.
    pub(crate) fn taken(&self) -> i128 {
        self.draws.iter().map(|d| d.1).sum::<i128>() + self.ended.iter().map(|e| e.1).sum::<i128>()
    }

    /// What stands where once negative accounts are netted: against what is in transit, to that holder
    /// or from that sender before all else; then against other holders, the party's own sites or the
    /// sender's first; last against anything. Only positive ones remain.
    pub(crate) fn netted(mut self, graph: &Graph) -> Vec<(Account, i128)> {
        if self.balances.iter().any(|a| a.1 < 0) {
            self.sort(graph);
            let holder = |account: &Account| match *account {
                Account::Held { site } if site != NONE => Some(*graph.site_party.at(site)),
                _ => None,
            };
            let transit = |account: &Account| matches!(account, Account::Transit { .. });
            self.net(
                |_| true,
                &[
                    &|from, to| match (*from, *to) {
                        (
                            Account::Transit { sender: a, .. },
                            Account::Transit { sender: b, .. },
                        ) => a == b,
                        (from, Account::Transit { receiver, .. }) => {
                            holder(&from) == Some(receiver)
                        }
                        _ => false,
                    },
                    &|_, to| transit(to),
                    &|from, to| match *from {
                        Account::Transit { sender, .. } => holder(to) == Some(sender),
                        _ => holder(from).is_some() && holder(from) == holder(to),
                    },
                    &|_, to| matches!(to, Account::Held { .. }),
                    &|_, _| true,
                ],
            );
        }
        self.balances.retain(|a| a.1 > 0);
        self.balances
    }

    /// Puts the accounts in the order of their names, in which they are netted.
    fn sort(&mut self, graph: &Graph) {
        self.balances.sort_by_cached_key(|a| account_key(graph, &a.0));
    }

    /// Takes each negative account that `owes` out of positive ones, class by class.
    fn net(&mut self, owes: impl Fn(&Account) -> bool, classes: &[Class<'_>]) {
        for from in 0..self.balances.len() {
            let (account, balance) = self.balances[from];
            if balance >= 0 || !owes(&account) {
                continue;
            }
            let mut owed = -balance;
            for class in classes {
                for (to, balance) in &mut self.balances {
                    if *balance > 0 && class(&account, to) {
                        let paid = owed.min(*balance);
                        *balance -= paid;
                        owed -= paid;
                    }
                }
            }
            self.balances[from].1 = -owed;
        }
    }
}

/// The accounts of a lot in mass (mg), negative where more was taken than held.
pub fn mass_accounts<L: Lens>(lens: &L, lot: u32) -> Vec<(Account, i128)> {
    Accounts::unsettled(lens, lot, |leg| i128::from(lens.mass(leg))).balances
}

/// The account on which a flow puts what it makes or moves.
pub(crate) fn destination(graph: &Graph, flow: &Flow) -> Account {
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

pub(crate) fn exported(flow: &Flow) -> Account {
    Account::Exported { site: flow.site, customer: flow.other, country: flow.country }
}

/// The order of accounts: by names, not by arrival.
fn account_key(graph: &Graph, account: &Account) -> (u8, [String; 4]) {
    let name = |id: u32| graph.other_name(id).to_owned();
    let at = |site: u32| [graph.site_party(site).to_owned(), graph.site_code(site).to_owned()];
    match *account {
        Account::Transit { sender, receiver } => {
            (0, [name(sender), name(receiver), String::new(), String::new()])
        }
        Account::Held { site } => {
            let [party, site] = at(site);
            (1, [party, site, String::new(), String::new()])
        }
        Account::Exported { site, customer, country } => {
            let [party, site] = at(site);
            let country = String::from_utf8_lossy(&country).into_owned();
            (2, [name(customer), country, party, site])
        }
        Account::Used { site, end_use } => {
            let [party, site] = at(site);
            (3, [format!("{end_use:03}"), party, site, String::new()])
        }
        Account::Lost { site } | Account::Assumed { site } | Account::Cycle { site } => {
            let [party, site] = at(site);
            (4, [party, site, String::new(), String::new()])
        }
    }
}
