//! The balance per party, site and element over a period, and what is missing against counts.

use base::common::Element;
use base::flow::Role;
use base::time::date_pack;
use base::{Date, Timestamp};
use insight::View;
use insight::graph::{Leg, NONE};
use insight::lens::{Current, Lens, Past};
use serde::Serialize;
use tracking::balance::{BalanceColumn, balance_column};

use crate::audience::{Audience, Reading};
use crate::books::Books;
use crate::muf::Counts;

/// What is asked: everything absent means all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BalanceQuery {
    /// One party.
    pub party: Option<String>,
    /// One site code.
    pub site: Option<String>,
    /// One element.
    pub element: Option<String>,
    /// First day of the period.
    pub from: Option<Date>,
    /// Last day of the period.
    pub to: Option<Date>,
    /// As known at this instant.
    pub known_at: Option<Timestamp>,
}

/// The balance of an element at a site, in micrograms of content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BalanceRow {
    /// Party as filed.
    pub party: String,
    /// Site code.
    pub site: String,
    /// Element.
    pub element: String,
    /// Stock before the period, and opening stock declared in it.
    pub opening_ug: i128,
    /// Came in.
    pub in_ug: i128,
    /// Made.
    pub made_ug: i128,
    /// Consumed.
    pub consumed_ug: i128,
    /// Sent and exported.
    pub out_ug: i128,
    /// Destroyed and lost.
    pub loss_ug: i128,
    /// `opening + in + made − consumed − out − loss`.
    pub closing_ug: i128,
    /// Book − counted, over what was counted last in the period; null where nothing was counted.
    pub unaccounted_ug: Option<i128>,
    /// Three standard deviations of that difference; null where nothing was counted.
    pub tolerance_ug: Option<i128>,
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BalanceAnswer {
    /// Last day of the period, null where none was asked.
    pub as_of: Option<String>,
    /// Rows by party, site, element.
    pub rows: Vec<BalanceRow>,
}

#[derive(Debug, Clone, Default)]
struct Sums {
    columns: [i128; 6],
    unaccounted: i128,
    /// Variance of each count; added up in the order of their size, so that the sum does not depend on
    /// the order of arrival.
    variances: Vec<f64>,
    counted: bool,
}

impl Sums {
    /// Three standard deviations of what was counted.
    fn tolerance_ug(&self) -> i128 {
        let mut variances = self.variances.clone();
        variances.sort_by(f64::total_cmp);
        (3.0 * variances.iter().sum::<f64>().sqrt()).ceil() as i128
    }
}

/// Sums by site, then element; a site has few elements.
type Sites = Vec<Vec<(u8, Sums)>>;

impl Books {
    /// Works out the balance.
    #[must_use]
    pub fn balance(&self, query: &BalanceQuery) -> BalanceAnswer {
        self.balance_read(query, Audience::Authority)
    }

    /// The same as its reader may know it.
    #[must_use]
    pub fn balance_read(&self, query: &BalanceQuery, reader: Audience<'_>) -> BalanceAnswer {
        let graph = self.graph();
        let view = View { as_of: query.to, known_at: query.known_at };
        let sites = if view == View::default() {
            self.balance_sites(&Reading::new(Current(graph), reader), query)
        } else {
            self.balance_sites(&Reading::new(Past::new(graph, &view), reader), query)
        };
        let mut rows = Vec::new();
        for (site, elements) in sites.iter().enumerate() {
            for (element, sums) in elements {
                rows.push(self.balance_row(site as u32, Element(*element), sums));
            }
        }
        rows.sort_by(|a, b| (&a.party, &a.site, &a.element).cmp(&(&b.party, &b.site, &b.element)));
        BalanceAnswer { as_of: query.to.map(|d| d.to_string()), rows }
    }

    fn balance_row(&self, site: u32, element: Element, sums: &Sums) -> BalanceRow {
        let [opening_ug, in_ug, made_ug, consumed_ug, out_ug, loss_ug] = sums.columns;
        BalanceRow {
            party: self.graph().site_party(site).to_owned(),
            site: self.graph().site_code(site).to_owned(),
            element: self.common().symbol(element).to_owned(),
            opening_ug,
            in_ug,
            made_ug,
            consumed_ug,
            out_ug,
            loss_ug,
            closing_ug: opening_ug + in_ug + made_ug - consumed_ug - out_ug - loss_ug,
            unaccounted_ug: sums.counted.then_some(sums.unaccounted),
            tolerance_ug: sums.counted.then(|| sums.tolerance_ug()),
        }
    }

    fn balance_sites<L: Lens>(&self, lens: &L, query: &BalanceQuery) -> Sites {
        let graph = self.graph();
        let wanted: Option<Element> =
            query.element.as_ref().map(|e| self.common().element(e).unwrap_or(Element(63)));
        let from = query.from.map_or(i32::MIN, date_pack);
        let party = query.party.as_ref().map(|p| graph.party_find(p));
        let asked = |site: u32| {
            site != NONE
                && party.is_none_or(|p| p == Some(*graph.site_party.at(site)))
                && query.site.as_ref().is_none_or(|s| s == graph.site_code(site))
        };
        let mut sites: Sites = vec![Vec::new(); graph.sites.len()];
        let mut counts = Counts::default();
        for flow in 0..graph.flows.len() as u32 {
            let record = graph.flows.at(flow);
            if !asked(record.site) {
                continue;
            }
            let date = graph.flow_filing(record).date;
            for leg in graph.flow_legs(flow) {
                if !lens.live(leg) {
                    continue;
                }
                if leg.role() == Role::Counted {
                    if date >= from {
                        counts.add(record.site, leg, record.stage, date);
                    }
                    continue;
                }
                let Some(mut column) = balance_column(record.kind(), leg.role()) else { continue };
                let mut sign = 1;
                if date < from {
                    sign = if column.adds() { 1 } else { -1 };
                    column = BalanceColumn::Opening;
                }
                for_elements(lens, leg, wanted, |element, content| {
                    let sums = sums_of(&mut sites[record.site as usize], element);
                    sums.columns[column as usize] += sign * i128::from(content);
                });
            }
        }
        counts.keep_last();
        for counted in counts.differences(lens, self.common(), wanted) {
            let sums = sums_of(&mut sites[counted.key.site as usize], counted.element);
            sums.counted = true;
            sums.unaccounted += counted.difference;
            sums.variances.push(counted.variance);
        }
        sites
    }
}

fn sums_of(elements: &mut Vec<(u8, Sums)>, element: u8) -> &mut Sums {
    let at = match elements.iter().position(|e| e.0 == element) {
        Some(at) => at,
        None => {
            elements.push((element, Sums::default()));
            elements.len() - 1
        }
    };
    &mut elements[at].1
}

/// Calls `each` for every analysed element of a leg with its content.
pub(crate) fn for_elements<L: Lens>(
    lens: &L,
    leg: &Leg,
    wanted: Option<Element>,
    mut each: impl FnMut(u8, i64),
) {
    match wanted {
        Some(element) => {
            if let Some(content) = lens.content(leg, element) {
                each(element.0, content);
            }
        }
        None => lens.contents(leg, &mut each),
    }
}

const _: () = assert!(BalanceColumn::Loss as usize == 5);
