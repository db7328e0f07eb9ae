//! The listed names that are worth a closer look: those with most weight of words in common.
//!
//! Each word of the query gives its weight, times the likeness, to every name that has a listed word like
//! it; two words that are one on the list, or one that is two, give theirs together. Common words come last
//! and only to names that others have found.

use crate::asked::Asked;
use crate::index::{Index, NO_WORD, NameId, joined_key};
use crate::token::{Kind, Naming};

/// Names that are compared closely.
const CANDIDATES_MOST: usize = 48;

/// A word with fewer names than this brings its names in however common it is.
const NAMES_FEW: usize = 300;

/// What a name was given; of this query where the stamp is.
#[derive(Debug, Clone, Copy, Default)]
struct Account {
    sum: f32,
    stamp: u32,
    /// The part that paid last.
    paid: u32,
}

/// Buffers, used again for each query.
#[derive(Debug, Default)]
pub(crate) struct Gatherer {
    accounts: Vec<Account>,
    stamp: u32,
    touched: Vec<NameId>,
    ranked: Vec<(f32, NameId)>,
    order: Vec<usize>,
    text: Vec<u8>,
    sounds: Vec<u8>,
    /// Number of the part that is being paid out.
    pay: u32,
}

impl Gatherer {
    fn begin(&mut self, names: usize) {
        if self.accounts.len() < names {
            self.accounts.resize(names, Account::default());
        }
        self.stamp = self.stamp.wrapping_add(1);
        if self.stamp == 0 {
            self.accounts.fill(Account::default());
            self.stamp = 1;
        }
        self.touched.clear();
    }

    fn next_part(&mut self) {
        self.pay = self.pay.wrapping_add(1);
        if self.pay == 0 {
            self.accounts.iter_mut().for_each(|account| account.paid = 0);
            self.pay = 1;
        }
    }

    /// Gives a weight to names, once for each part.
    fn give(&mut self, names: &[NameId], weight: f32, admission: Admission) {
        for &name in names {
            let Some(account) = self.accounts.get_mut(name as usize) else { continue };
            if account.stamp != self.stamp {
                if admission == Admission::Known {
                    continue;
                }
                *account = Account { sum: 0.0, stamp: self.stamp, paid: 0 };
                self.touched.push(name);
            }
            if account.paid != self.pay {
                account.paid = self.pay;
                account.sum += weight;
            }
        }
    }

    /// The most promising names.
    pub(crate) fn gather(
        &mut self,
        asked: &Asked,
        index: &Index,
        naming: Naming,
    ) -> &[(f32, NameId)] {
        self.begin(index.names.len());
        self.give_joined(asked, index);
        self.order.clear();
        self.order.extend(0..asked.parts.len());
        let weight = |n: &usize| asked.parts.get(*n).map_or(0.0, |p| p.weight);
        self.order.sort_by(|a, b| weight(b).total_cmp(&weight(a)));
        let order = std::mem::take(&mut self.order);
        let mut given = 0.0;
        // A name that has no more than letters and particles is looked for by them.
        let small = !asked.parts.iter().any(|p| matches!(p.kind, Kind::Word | Kind::Number(_)));
        for part in order.iter().filter_map(|n| asked.parts.get(*n)) {
            self.next_part();
            let late = given > 0.0 && part.weight < 0.12 * asked.weight.max(1.0)
                || given > 0.75 * asked.weight;
            match part.kind {
                Kind::Word => {
                    let mut like = part.like.clone();
                    like.sort_unstable_by(|a, b| b.1.total_cmp(&a.1));
                    for (word, likeness) in like {
                        let names = index.having(word);
                        let admission = if late && names.len() > NAMES_FEW {
                            Admission::Known
                        } else {
                            Admission::All
                        };
                        let listed = index.weight(word, naming);
                        self.give(
                            names,
                            likeness * likeness * listed.min(part.weight + 1.0),
                            admission,
                        );
                    }
                }
                Kind::Initial | Kind::Particle if small && part.known != NO_WORD => {
                    self.give(index.having(part.known), part.weight, Admission::All);
                }
                Kind::Number(_) if part.known != NO_WORD => {
                    let names = index.having(part.known);
                    let alone = if given > 0.0 && names.len() > 20 {
                        Admission::Known
                    } else {
                        Admission::All
                    };
                    self.give(names, part.weight, alone);
                }
                _ => {}
            }
            given += part.weight;
        }
        self.order = order;
        self.rank(asked, index)
    }

    /// Words that are written together on one side.
    fn give_joined(&mut self, asked: &Asked, index: &Index) {
        let words: Vec<_> =
            asked.parts.iter().filter(|p| !matches!(p.kind, Kind::Legal(_))).collect();
        let mut keys: Vec<(u64, f32)> = Vec::new();
        for length in 1..=3.min(words.len()) {
            for run in words.windows(length) {
                let weight: f32 = run.iter().map(|p| p.weight).sum();
                self.text.clear();
                run.iter().for_each(|p| self.text.extend_from_slice(p.text()));
                if self.text.len() >= 4 {
                    keys.push((joined_key(&self.text, &mut self.sounds), weight));
                }
            }
        }
        if words.len() > 3 {
            self.text.clear();
            words.iter().for_each(|p| self.text.extend_from_slice(p.text()));
            keys.push((joined_key(&self.text, &mut self.sounds), asked.weight));
        }
        for (key, weight) in keys {
            self.next_part();
            self.give(index.joined(key), weight, Admission::All);
        }
        if let [only] = words.as_slice()
            && (3..=8).contains(&only.text().len())
        {
            let key = joined_key(only.text(), &mut self.sounds);
            self.next_part();
            self.give(index.initials(key), only.weight * 0.6, Admission::All);
        }
    }

    fn rank(&mut self, asked: &Asked, index: &Index) -> &[(f32, NameId)] {
        self.ranked.clear();
        for &name in &self.touched {
            let sum = self.accounts.get(name as usize).map_or(0.0, |a| a.sum);
            let all = 0.55 * asked.weight + 0.45 * index.names[name as usize].weight;
            self.ranked.push((sum / (all + 2.0), name));
        }
        let order = |a: &(f32, NameId), b: &(f32, NameId)| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1));
        if self.ranked.len() > CANDIDATES_MOST {
            self.ranked.select_nth_unstable_by(CANDIDATES_MOST, order);
            self.ranked.truncate(CANDIDATES_MOST);
        }
        self.ranked.sort_unstable_by(order);
        &self.ranked
    }
}

/// Whether a word brings names in or only adds to those that are in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Admission {
    All,
    Known,
}
