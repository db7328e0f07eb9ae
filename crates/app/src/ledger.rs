//! The ledger as accounts: every live filing is a set of transfers whose debits equal its credits.
//!
//! Per element the balances of all accounts add up to zero, whatever was filed. The accounts follow the
//! holder of the material; what a filer takes and does not hold makes its account negative.

use std::collections::{BTreeMap, HashMap};

use base::flow::Role;
use base::kind::Kind;
use insight::View;
use insight::forward::Account;
use insight::graph::{Flow, Graph, Leg, NONE};
use insight::lens::{Current, Lens, Past};
use serde::Serialize;

use crate::balance::{BalanceQuery, for_elements};
use crate::books::Books;

/// Where content comes from, stands, or goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Side {
    Ground,
    Urban,
    Opening,
    /// At customers and suppliers abroad: as [`Flow::other`], and country.
    Abroad(u32, [u8; 2]),
    /// With a holder, in transit, used, lost.
    Stands(Account),
    /// Lost by a transform that states no loss.
    Unstated(u32),
    /// More came out of a filing than went in.
    Unexplained(u32),
    /// Within a transform: what went in and has not come out; nothing once it is closed.
    Process,
}

/// The balance of an account in one element.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct AccountBalance {
    /// Symbol of the element.
    pub element: String,
    /// `ground`, `urban`, `opening`, `abroad`, `held`, `transit`, `used`, `lost`, `lost_assumed`,
    /// `lost_unstated` or `unexplained`.
    pub account: &'static str,
    /// Holder, sender; of what is unexplained the filing.
    pub party: String,
    /// Site code.
    pub site: String,
    /// Receiver, customer or supplier, end use.
    pub other: String,
    /// Content in micrograms: positive where more came in than went out.
    pub balance_ug: i128,
}

type Balances = HashMap<(Side, u8), i128>;

impl Books {
    /// All accounts that are not at zero, by element, account and names.
    #[must_use]
    pub fn accounts(&self, view: &View) -> Vec<AccountBalance> {
        let graph = self.graph();
        let balances = if *view == View::default() {
            balances(&Current(graph))
        } else {
            balances(&Past::new(graph, view))
        };
        let mut rows: BTreeMap<[String; 5], (&'static str, i128)> = BTreeMap::new();
        for ((side, element), balance) in balances {
            let (account, [party, site, other]) = self.side_names(side);
            let element = self.common().symbol(base::Element(element)).to_owned();
            let key = [element, account.to_owned(), party, site, other];
            rows.entry(key).or_insert((account, 0)).1 += balance;
        }
        let rows = rows.into_iter().filter(|row| row.1.1 != 0);
        rows.map(|([element, _, party, site, other], (account, balance_ug))| AccountBalance {
            element,
            account,
            party,
            site,
            other,
            balance_ug,
        })
        .collect()
    }

    fn side_names(&self, side: Side) -> (&'static str, [String; 3]) {
        let graph = self.graph();
        let none = String::new;
        let name = |id: u32| graph.other_name(id).to_owned();
        let at = |site: u32, other: String| {
            [graph.site_party(site).to_owned(), graph.site_code(site).to_owned(), other]
        };
        match side {
            Side::Ground => ("ground", [none(), none(), none()]),
            Side::Urban => ("urban", [none(), none(), none()]),
            Side::Opening => ("opening", [none(), none(), none()]),
            Side::Abroad(customer, _) => ("abroad", [none(), none(), name(customer)]),
            Side::Unstated(site) => ("lost_unstated", at(site, none())),
            Side::Unexplained(filing) => {
                ("unexplained", [graph.filing_name(filing), none(), none()])
            }
            Side::Process => ("process", [none(), none(), none()]),
            Side::Stands(account) => match account {
                Account::Held { site } => ("held", at(site, none())),
                Account::Transit { sender, receiver } => {
                    ("transit", [name(sender), none(), name(receiver)])
                }
                Account::Exported { customer, .. } => ("abroad", [none(), none(), name(customer)]),
                Account::Used { site, end_use } => {
                    let row =
                        end_use.checked_sub(1).and_then(|u| self.common().uses.get(u as usize));
                    ("used", at(site, row.map_or(none(), |u| u.code.clone())))
                }
                Account::Assumed { site } => ("lost_assumed", at(site, none())),
                Account::Lost { site } | Account::Cycle { site } => ("lost", at(site, none())),
            },
        }
    }

    /// What is wrong with the ledger as a whole: accounts that do not add up to zero, and stocks that are
    /// not those of the balance. Empty where all is well.
    #[must_use]
    pub fn accounts_check(&self) -> Vec<String> {
        let mut sums: BTreeMap<String, i128> = BTreeMap::new();
        let mut held: BTreeMap<(String, String, String), i128> = BTreeMap::new();
        for row in self.accounts(&View::default()) {
            *sums.entry(row.element.clone()).or_default() += row.balance_ug;
            if row.account == "held" {
                held.insert((row.party, row.site, row.element), row.balance_ug);
            }
        }
        let mut wrong: Vec<String> = sums
            .into_iter()
            .filter(|sum| sum.1 != 0)
            .map(|(element, sum)| format!("the accounts of {element} add up to {sum} µg, not 0"))
            .collect();
        for row in self.balance(&BalanceQuery::default()).rows {
            let (closing, key) = (row.closing_ug, (row.party, row.site, row.element));
            let stands = held.remove(&key).unwrap_or(0);
            if stands != closing {
                let (party, site, element) = key;
                wrong.push(format!(
                    "{party} {site} {element}: {stands} µg on the account, {closing} µg in the balance"
                ));
            }
        }
        wrong.extend(held.into_keys().map(|(party, site, element)| {
            format!("{party} {site} {element}: on the account, and not in the balance")
        }));
        wrong
    }
}

fn balances<L: Lens>(lens: &L) -> Balances {
    let graph = lens.graph();
    let mut balances = Balances::new();
    for number in 0..graph.flows.len() as u32 {
        let legs = graph.flow_legs(number);
        if !legs.first().is_some_and(|l| lens.live(l)) {
            continue;
        }
        let flow = graph.flows.at(number);
        if flow.kind() == Kind::Transform {
            transform(lens, flow, legs, &mut balances);
            continue;
        }
        for leg in legs {
            if let Some((from, to)) = sides(lens, flow, leg) {
                post(lens, leg, from, to, &mut balances);
            }
        }
    }
    balances
}

/// Posts the content of a leg from one account to another.
fn post<L: Lens>(lens: &L, leg: &Leg, from: Side, to: Side, balances: &mut Balances) {
    for_elements(lens, leg, None, |element, content| {
        *balances.entry((from, element)).or_default() -= i128::from(content);
        *balances.entry((to, element)).or_default() += i128::from(content);
    });
}

/// From where to where a leg of any kind but a transform takes what it states.
fn sides<L: Lens>(lens: &L, flow: &Flow, leg: &Leg) -> Option<(Side, Side)> {
    let graph = lens.graph();
    let held = Side::Stands(Account::Held { site: flow.site });
    let abroad = Side::Abroad(flow.other, flow.country);
    Some(match (flow.kind(), leg.role()) {
        (Kind::Extract, Role::Made) => (Side::Ground, held),
        (Kind::Collect, Role::Made) => (Side::Urban, held),
        (Kind::Opening, Role::Made) => (Side::Opening, held),
        (Kind::Import, Role::Made) => (abroad, held),
        (Kind::Transfer, Role::Take | Role::Moved) => (held, Side::Stands(transit(graph, flow))),
        (Kind::Receipt, Role::Moved) => {
            let receiver = graph.flow_filing(flow).filer;
            let sender = if flow.other == NONE { receiver } else { flow.other };
            (Side::Stands(Account::Transit { sender, receiver }), held)
        }
        (Kind::Export, Role::Take | Role::Moved) => (held, abroad),
        (Kind::Reimport, Role::Moved) => (abroad, held),
        (Kind::Use, Role::Take | Role::Moved) => {
            let end_use = flow.end_use().map_or(0, |u| u.0 + 1);
            (held, Side::Stands(Account::Used { site: flow.site, end_use }))
        }
        (Kind::Loss, Role::Take | Role::Moved) => {
            (held, Side::Stands(Account::Lost { site: flow.site }))
        }
        _ => return None,
    })
}

fn transit(graph: &Graph, flow: &Flow) -> Account {
    let sender = graph.flow_filing(flow).filer;
    let receiver = if flow.other == NONE { sender } else { flow.other };
    Account::Transit { sender, receiver }
}

/// Inputs into the process, outputs and stated losses out of it; what is then left in it is lost, and what
/// is missing is drawn from nowhere.
fn transform<L: Lens>(lens: &L, flow: &Flow, legs: &[Leg], balances: &mut Balances) {
    let held = Side::Stands(Account::Held { site: flow.site });
    let lost = Side::Stands(Account::Lost { site: flow.site });
    let mut open_loss = false;
    for leg in legs {
        let (from, to) = match leg.role() {
            Role::In => (held, Side::Process),
            Role::Made => (Side::Process, held),
            Role::Lost => (Side::Process, lost),
            _ => continue,
        };
        open_loss |= leg.role() == Role::Lost && leg.comp == 0;
        post(lens, leg, from, to, balances);
    }
    for element in 0..64 {
        let Some(left) = balances.remove(&(Side::Process, element)) else { continue };
        let to = match left {
            0 => continue,
            ..0 => Side::Unexplained(flow.filing),
            _ if open_loss => Side::Stands(Account::Assumed { site: flow.site }),
            _ => Side::Unstated(flow.site),
        };
        *balances.entry((to, element)).or_default() += left;
    }
}
