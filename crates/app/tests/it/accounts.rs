//! The model's double entry: the accounts of a lot, what negative ones are netted against, and the
//! balance of the sites.

use std::collections::BTreeMap;

use base::Kind;

use crate::model::{Flow, Model, Worth, content};

/// Where material of a lot stands; the order is that in which accounts are netted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Account {
    Transit {
        sender: String,
        receiver: String,
    },
    Held {
        party: String,
        site: String,
    },
    Exported {
        customer: String,
        country: String,
        party: String,
        site: String,
    },
    Used {
        end_use: String,
        party: String,
        site: String,
    },
    Lost {
        party: String,
        site: String,
    },
    /// What a lot comes from or goes into; never shown, but debits equal credits.
    Outside(String),
}

/// The accounts of a lot in content of one element.
#[derive(Debug, Default)]
pub(crate) struct Accounts {
    pub(crate) balances: BTreeMap<Account, i128>,
    /// What was used, exported or lost of the lot as a whole.
    pub(crate) ended: BTreeMap<Account, i128>,
    /// What `in` legs and parts draw.
    pub(crate) drawn: i128,
}

fn held(flow: &Flow<'_>) -> Account {
    Account::Held { party: flow.filing.filer.to_owned(), site: flow.row.site.to_owned() }
}

fn abroad(flow: &Flow<'_>) -> Account {
    Account::Exported {
        customer: flow.other().to_owned(),
        country: flow.row.country.to_owned(),
        party: flow.filing.filer.to_owned(),
        site: flow.row.site.to_owned(),
    }
}

fn transit(sender: &str, receiver: &str) -> Account {
    Account::Transit { sender: sender.to_owned(), receiver: receiver.to_owned() }
}

/// Where a filing puts what it makes or moves.
fn destination(flow: &Flow<'_>) -> Account {
    let (party, site) = (flow.filing.filer.to_owned(), flow.row.site.to_owned());
    match flow.kind() {
        Kind::Transfer if flow.other().is_empty() => transit(flow.filing.filer, flow.filing.filer),
        Kind::Transfer => transit(flow.filing.filer, flow.other()),
        Kind::Export => abroad(flow),
        Kind::Use => Account::Used { end_use: flow.row.end_use.to_owned(), party, site },
        Kind::Loss => Account::Lost { party, site },
        _ => held(flow),
    }
}

impl Accounts {
    fn post(&mut self, from: Account, to: Account, amount: i128) {
        *self.balances.entry(from).or_default() -= amount;
        *self.balances.entry(to).or_default() += amount;
    }

    /// Lets re-imports come out of exports, those to the same customer first; then separates what
    /// ended as a whole from what else stands.
    fn settle(&mut self) {
        self.net(
            |account| matches!(account, Account::Exported { .. }),
            &[
                |from, to| matches!((from, to), (Account::Exported { customer: a, .. }, Account::Exported { customer: b, .. }) if a == b),
                |_, to| matches!(to, Account::Exported { .. }),
            ],
        );
        for (account, amount) in &mut self.ended {
            let balance = self.balances.entry(account.clone()).or_default();
            *amount = (*amount).clamp(0, (*balance).max(0));
            *balance -= *amount;
        }
    }

    /// All that was taken out of the lot.
    pub(crate) fn taken(&self) -> i128 {
        self.drawn + self.ended.values().sum::<i128>()
    }

    /// Takes negative accounts out of positive ones, class by class.
    fn net(&mut self, owes: fn(&Account) -> bool, classes: &[fn(&Account, &Account) -> bool]) {
        let owing: Vec<Account> =
            self.balances.iter().filter(|a| *a.1 < 0 && owes(a.0)).map(|a| a.0.clone()).collect();
        for from in owing {
            for class in classes {
                let targets: Vec<Account> = self
                    .balances
                    .iter()
                    .filter(|(to, amount)| **amount > 0 && class(&from, to))
                    .map(|a| a.0.clone())
                    .collect();
                for to in targets {
                    let amount = self.balances[&to].min(-self.balances[&from]);
                    self.post(to, from.clone(), amount);
                }
            }
        }
    }

    /// What stands where, once negative accounts are netted: first against what is in transit (to
    /// that holder, or from that sender, before others), then against other holders (the party's own
    /// sites, or the sender's, before others), last against anything.
    pub(crate) fn netted(mut self) -> Vec<(Account, i128)> {
        self.balances.retain(|account, _| !matches!(account, Account::Outside(_)));
        self.net(
            |_| true,
            &[
                |from, to| match (from, to) {
                    (Account::Held { party, .. }, Account::Transit { receiver, .. }) => {
                        party == receiver
                    }
                    (Account::Transit { sender: a, .. }, Account::Transit { sender: b, .. }) => {
                        a == b
                    }
                    _ => false,
                },
                |_, to| matches!(to, Account::Transit { .. }),
                |from, to| match (from, to) {
                    (Account::Held { party: a, .. }, Account::Held { party: b, .. }) => a == b,
                    (Account::Transit { sender, .. }, Account::Held { party, .. }) => {
                        sender == party
                    }
                    _ => false,
                },
                |_, to| matches!(to, Account::Held { .. }),
                |_, _| true,
            ],
        );
        self.balances.into_iter().filter(|a| a.1 > 0).collect()
    }
}

impl Model<'_> {
    /// The accounts of a lot, by every live filing that concerns it.
    pub(crate) fn accounts(&self, lot: &str, element: &str) -> Accounts {
        let mut accounts = Accounts::default();
        let amount = |worth: &Worth| content(worth, element).unwrap_or(0);
        for (flow, made) in self.makings(lot) {
            let from = Account::Outside(format!("made by {}", flow.filing_name()));
            accounts.post(from, destination(flow), amount(&self.made(flow, made)));
        }
        for (flow, draw) in self.draws(lot) {
            let q = amount(&self.drawn(flow, draw));
            let from = if flow.kind() == Kind::Import { abroad(flow) } else { held(flow) };
            accounts.post(from, Account::Outside(format!("into {}", flow.filing_name())), q);
            accounts.drawn += q;
        }
        for (flow, whole) in self.wholes(lot) {
            let amount = amount(&self.whole(whole));
            match flow.kind() {
                Kind::Transfer => accounts.post(held(flow), destination(flow), amount),
                Kind::Export | Kind::Use | Kind::Loss => {
                    accounts.post(held(flow), destination(flow), amount);
                    *accounts.ended.entry(destination(flow)).or_default() += amount;
                }
                Kind::Receipt => {
                    let receiver = flow.filing.filer;
                    let sender = if flow.other().is_empty() { receiver } else { flow.other() };
                    accounts.post(transit(sender, receiver), held(flow), amount);
                }
                Kind::Reimport => accounts.post(abroad(flow), held(flow), amount),
                _ => {}
            }
        }
        accounts.settle();
        accounts
    }

    /// All accounts of the ledger in one element: each filing is a set of transfers.
    pub(crate) fn ledger(&self, element: &str) -> BTreeMap<String, i128> {
        let mut ledger: BTreeMap<String, i128> = BTreeMap::new();
        for flow in &self.flows {
            let mut transfer = |from: &str, to: &str, worth: &Worth| {
                let amount = content(worth, element).unwrap_or(0);
                *ledger.entry(from.to_owned()).or_default() -= amount;
                *ledger.entry(to.to_owned()).or_default() += amount;
            };
            let filer = flow.filing.filer;
            let at = |account: &str| format!("{account} {filer} {}", flow.row.site);
            let (held, process) = (at("held"), "process".to_owned());
            let abroad = format!("abroad {}", flow.other());
            let other = if flow.other().is_empty() { filer } else { flow.other() };
            if flow.transform() {
                for draw in &flow.draws {
                    transfer(&held, &process, &self.drawn(flow, draw));
                }
                for made in &flow.makes {
                    transfer(&process, &held, &self.made(flow, made));
                }
                for loss in &flow.losses {
                    transfer(&process, &at("lost"), &self.whole(loss));
                }
                let left = ledger.remove("process").unwrap_or(0);
                let open = flow.losses.iter().any(|loss| loss.assay.is_none());
                let to = match left {
                    ..0 => format!("unexplained {}", flow.filing_name()),
                    _ if open => at("lost_assumed"),
                    _ => at("lost_unstated"),
                };
                *ledger.entry(to).or_default() += left;
                continue;
            }
            let stated = match (flow.makes.first(), &flow.whole) {
                (Some(made), _) => self.made(flow, made),
                (None, Some(whole)) => self.whole(whole),
                _ => continue,
            };
            let (from, to) = match flow.kind() {
                Kind::Extract => ("ground".to_owned(), held),
                Kind::Collect => ("urban".to_owned(), held),
                Kind::Opening => ("opening".to_owned(), held),
                Kind::Import | Kind::Reimport => (abroad, held),
                Kind::Transfer => (held, format!("transit {filer} {other}")),
                Kind::Receipt => (format!("transit {other} {filer}"), held),
                Kind::Export => (held, abroad),
                Kind::Use => (held, format!("{} {}", at("used"), flow.row.end_use)),
                Kind::Loss => (held, at("lost")),
                _ => continue,
            };
            transfer(&from, &to, &stated);
        }
        let named = ledger.into_iter().filter(|a| a.1 != 0);
        named.map(|(account, balance)| (account.trim_end().to_owned(), balance)).collect()
    }

    /// What the books say of each site: opening, in, made, consumed, out, loss.
    pub(crate) fn balance(&self, from: Option<i32>) -> BTreeMap<(String, String, String), Site> {
        let mut sites: BTreeMap<(String, String, String), Site> = BTreeMap::new();
        for flow in &self.flows {
            let before = from.is_some_and(|day| flow.filing.day < day);
            for (column, _, worth) in self.postings(flow) {
                for element in worth.assay.iter().flatten().map(|a| *a.0) {
                    let amount = content(&worth, element).unwrap_or(0);
                    let site = sites.entry(key(flow, element)).or_default();
                    if before {
                        site.columns[0] += if column < 3 { amount } else { -amount };
                    } else {
                        site.columns[column] += amount;
                    }
                }
            }
        }
        self.counts(from, &mut sites);
        sites
    }

    /// What a flow posts to the books of the filer's site: column, lot, worth.
    fn postings<'m>(&'m self, flow: &'m Flow<'_>) -> Vec<(usize, &'m str, Worth)> {
        let mut postings = Vec::new();
        for made in &flow.makes {
            let column = match flow.kind() {
                Kind::Opening => 0,
                Kind::Extract | Kind::Collect | Kind::Import => 1,
                Kind::Transform => 2,
                _ => continue,
            };
            postings.push((column, made.lot, self.made(flow, made)));
        }
        let drawn = flow.draws.iter().map(|draw| (draw.lot, self.drawn(flow, draw)));
        let whole = flow.whole.iter().map(|whole| (whole.lot, self.whole(whole)));
        for (lot, worth) in drawn.chain(whole) {
            let column = match flow.kind() {
                Kind::Receipt | Kind::Reimport => 1,
                Kind::Transform | Kind::Use => 3,
                Kind::Transfer | Kind::Export => 4,
                Kind::Loss => 5,
                _ => continue,
            };
            postings.push((column, lot, worth));
        }
        postings
    }

    /// Book less count, for the last count of each lot or stage at each site.
    fn counts(&self, from: Option<i32>, to: &mut BTreeMap<(String, String, String), Site>) {
        let counts = || {
            let all = self.flows.iter().filter(|f| f.kind() == Kind::Count);
            all.filter(|f| from.is_none_or(|day| f.filing.day >= day))
        };
        let what = |f: &Flow<'_>| {
            let stage = if f.row.lot.is_empty() { f.row.stage } else { "" };
            (f.filing.filer, f.row.site, f.row.lot.clone(), stage)
        };
        let mut asked: Vec<_> = counts().map(what).collect();
        asked.sort();
        asked.dedup();
        for counted in asked {
            let of = || counts().filter(|f| what(f) == counted);
            let last = of().map(|f| f.filing.day).max().unwrap();
            let (filer, site, lot, stage) = &counted;
            let mut mass = 0_i128;
            let mut book: BTreeMap<&'static str, i128> = BTreeMap::new();
            for flow in &self.flows {
                if flow.filing.filer != *filer || flow.row.site != *site || flow.filing.day > last {
                    continue;
                }
                for (column, of_lot, worth) in self.postings(flow) {
                    let concerned = if lot.is_empty() {
                        self.lot(of_lot).stage == Some(*stage)
                    } else {
                        of_lot == lot
                    };
                    if !concerned {
                        continue;
                    }
                    let sign = if column < 3 { 1 } else { -1 };
                    mass += sign * worth.mass;
                    for element in worth.assay.iter().flatten().map(|a| *a.0) {
                        *book.entry(element).or_default() +=
                            sign * content(&worth, element).unwrap_or(0);
                    }
                }
            }
            // An element that the count did not analyse was not counted. A stage counted without any
            // analysis has the mean composition of the book.
            let mut counted: BTreeMap<&'static str, i128> = BTreeMap::new();
            for flow in of().filter(|f| f.filing.day == last) {
                let leg = flow.whole.as_ref().unwrap();
                let found = i128::from(leg.mass.unwrap());
                if lot.is_empty() && leg.assay.is_none() {
                    for (element, content) in book.iter().filter(|_| mass > 0) {
                        *counted.entry(element).or_default() +=
                            mul_div(found, (*content).max(0), mass);
                    }
                    continue;
                }
                let worth = self.whole(leg);
                for element in worth.assay.iter().flatten().map(|a| *a.0) {
                    *counted.entry(element).or_default() += content(&worth, element).unwrap_or(0);
                }
            }
            let difference = counted.into_iter().map(|(element, counted)| {
                (element, book.get(element).copied().unwrap_or(0) - counted)
            });
            for (element, amount) in difference {
                let key = ((*filer).to_owned(), (*site).to_owned(), element.to_owned());
                *to.entry(key).or_default().unaccounted.get_or_insert(0) += amount;
            }
        }
    }
}

/// `floor(a × b ÷ c)`.
fn mul_div(a: i128, b: i128, c: i128) -> i128 {
    let exact = num_bigint::BigInt::from(a) * b / c;
    i128::try_from(exact).unwrap()
}

fn key(flow: &Flow<'_>, element: &str) -> (String, String, String) {
    (flow.filing.filer.to_owned(), flow.row.site.to_owned(), element.to_owned())
}

/// The books of a site in one element.
#[derive(Debug, Default, Clone, PartialEq)]
pub(crate) struct Site {
    pub(crate) columns: [i128; 6],
    pub(crate) unaccounted: Option<i128>,
}
