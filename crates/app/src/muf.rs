//! Material unaccounted for: what the book says less what was counted, count by count.
//!
//! A count asserts the closing stock of a day, of a lot or of a stage at a site. The difference is derived
//! from all filings dated up to it and never stored, so that a late filing changes it rightly. Its standard
//! deviation is that of the weighings and assays of what was counted and of what was booked, by stage.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use base::Severity;
use base::common::{Common, Element};
use base::kind::Kind;
use base::mass::content_kg;
use insight::graph::{Leg, NONE, stage_of_code};
use insight::lens::Lens;
use tracking::balance::balance_column;

use crate::balance::for_elements;
use crate::findings::{LedgerFinding, Score};

/// What was counted: a lot, or a stage (+ 1), at a site.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct CountKey {
    pub(crate) site: u32,
    pub(crate) lot: u32,
    stage: u32,
}

/// All counts, by what was counted and by day.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    days: BTreeMap<CountKey, BTreeMap<i32, Vec<Leg>>>,
}

/// Book less count of one element on one day.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Difference {
    /// What was counted.
    pub(crate) key: CountKey,
    /// Its position.
    pub(crate) element: u8,
    /// The day, packed.
    pub(crate) date: i32,
    /// Book less count, µg.
    pub(crate) difference: i128,
    /// Variance of book and count, µg².
    pub(crate) variance: f64,
    /// The same since the count before: of that period alone.
    pub(crate) period: (i128, f64),
    /// What came in within 31 days up to the count, µg.
    pub(crate) throughput: i128,
}

impl Counts {
    pub(crate) fn add(&mut self, site: u32, leg: &Leg, stage: u32, date: i32) {
        let key = CountKey { site, lot: leg.lot, stage: if leg.lot == NONE { stage } else { 0 } };
        self.days.entry(key).or_default().entry(date).or_default().push(*leg);
    }

    /// Keeps the last day of each alone.
    pub(crate) fn keep_last(&mut self) {
        for days in self.days.values_mut() {
            while days.len() > 1 {
                days.pop_first();
            }
        }
    }

    /// The filings of a count.
    pub(crate) fn legs(&self, key: &CountKey, date: i32) -> &[Leg] {
        self.days.get(key).and_then(|days| days.get(&date)).map_or(&[], Vec::as_slice)
    }

    /// The differences, by what was counted, element and day. An element that a count did not analyse was
    /// not counted.
    pub(crate) fn differences<L: Lens>(
        &self,
        lens: &L,
        common: &Common,
        wanted: Option<Element>,
    ) -> Vec<Difference> {
        let mut found = Vec::new();
        for (key, book) in self.books(lens, common, wanted) {
            let mut elements: BTreeSet<u8> = book.contents.keys().copied().collect();
            let legs = self.days[&key].values().flatten();
            legs.for_each(|leg| {
                for_elements(lens, leg, wanted, |element, _| {
                    elements.insert(element);
                });
            });
            for element in elements {
                self.element(lens, &key, &book, element, &mut found);
            }
        }
        found
    }

    fn element<L: Lens>(
        &self,
        lens: &L,
        key: &CountKey,
        book: &Book,
        element: u8,
        found: &mut Vec<Difference>,
    ) {
        let entries = book.contents.get(&element).map_or(&[][..], Vec::as_slice);
        let mut at = 0;
        let (mut content, mut booked) = (0_i128, 0.0_f64);
        // Of the count before: difference, variance of what was booked, of what was counted.
        let mut before = (0_i128, 0.0_f64, 0.0_f64);
        for (&date, legs) in &self.days[key] {
            while let Some(entry) = entries.get(at).filter(|e| e.0 <= date) {
                content += entry.1;
                booked += entry.2;
                at += 1;
            }
            let mass = book.mass.iter().take_while(|m| m.0 <= date).map(|m| m.1).sum();
            let mut variances: Vec<f64> = Vec::new();
            let mut counted = None;
            for leg in legs {
                let part = if key.lot == NONE && leg.comp == 0 {
                    // A stage counted without an analysis has the mean composition of the book.
                    let known = mass > 0 && at > 0;
                    known.then(|| part_of(content.max(0), lens.mass(leg), mass))
                } else {
                    lens.content(leg, Element(element)).map(i128::from)
                };
                if let Some(part) = part {
                    *counted.get_or_insert(0) += part;
                    variances.push((part as f64 * book.relative).powi(2));
                }
            }
            let Some(counted) = counted else { continue };
            variances.sort_unstable_by(f64::total_cmp);
            let variance: f64 = variances.iter().sum();
            let difference = content - counted;
            let month = entries[..at].iter().filter(|e| e.1 > 0 && days_between(e.0, date) < 31);
            found.push(Difference {
                key: *key,
                element,
                date,
                difference,
                variance: booked + variance,
                period: (difference - before.0, (booked - before.1).max(0.0) + variance + before.2),
                throughput: month.map(|e| e.1).sum(),
            });
            before = (difference, booked, variance);
        }
    }

    /// What the books say of all that was counted, by day.
    fn books<L: Lens>(
        &self,
        lens: &L,
        common: &Common,
        wanted: Option<Element>,
    ) -> BTreeMap<CountKey, Book> {
        let graph = lens.graph();
        let mut books: BTreeMap<CountKey, Book> = BTreeMap::new();
        let mut stages: HashMap<(u32, u32), CountKey> = HashMap::new();
        for key in self.days.keys() {
            let code = if key.lot == NONE { key.stage } else { lens.stage_code(key.lot) };
            let book = books.entry(*key).or_default();
            book.relative = relative(common, code);
            if key.lot == NONE {
                stages.insert((key.site, key.stage), *key);
                continue;
            }
            for (_, leg) in lens.makers(key.lot).chain(lens.touches(key.lot)) {
                if graph.flows.at(leg.flow).site == key.site {
                    book.add(lens, leg, wanted);
                }
            }
        }
        // One pass over all legs serves every stage that was counted.
        if !stages.is_empty() {
            for leg in graph.legs.iter().filter(|l| l.lot != NONE && lens.live(l)) {
                let at = (graph.flows.at(leg.flow).site, lens.stage_code(leg.lot));
                if let Some(book) = stages.get(&at).and_then(|key| books.get_mut(key)) {
                    book.add(lens, leg, wanted);
                }
            }
        }
        books.values_mut().for_each(Book::sort);
        books
    }
}

/// What the book says of a lot or stage at a site: entries by day.
#[derive(Debug, Default)]
struct Book {
    mass: Vec<(i32, i128)>,
    /// By element: day, content (negative where it goes), variance.
    contents: BTreeMap<u8, Vec<(i32, i128, f64)>>,
    /// One standard deviation of a weighing and assay, as a part of the content.
    relative: f64,
}

impl Book {
    fn add<L: Lens>(&mut self, lens: &L, leg: &Leg, wanted: Option<Element>) {
        let flow = lens.graph().flows.at(leg.flow);
        let Some(column) = balance_column(flow.kind(), leg.role()) else { return };
        let sign = if column.adds() { 1 } else { -1 };
        let date = lens.graph().flow_filing(flow).date;
        self.mass.push((date, sign * i128::from(lens.mass(leg))));
        for_elements(lens, leg, wanted, |element, content| {
            let variance = (content as f64 * self.relative).powi(2);
            let entries = self.contents.entry(element).or_default();
            entries.push((date, sign * i128::from(content), variance));
        });
    }

    /// Orders by day, then by size: what is added up does not depend on the order of arrival.
    fn sort(&mut self) {
        self.mass.sort_unstable();
        for entries in self.contents.values_mut() {
            entries.sort_unstable_by_key(|e| (e.0, e.1));
        }
    }
}

/// Limit of a single difference, in standard deviations.
const ALARM_Z: f64 = 3.0;
/// Slack and limit of the cumulative sum that finds a protracted loss.
const CUSUM: (f64, f64) = (0.5, 5.0);
/// Part of a month's throughput above which a difference is looked at, whatever its deviation: 1 / 50.
const THROUGHPUT: i128 = 50;
/// Rounded contents, µg: so much is no difference.
const ROUNDING_UG: i128 = 1_000;

/// The alarms of all counts in a view: a difference beyond three standard deviations, one beyond 2 % of a
/// month's throughput, and small losses that add up (CUSUM).
pub(crate) fn alarms<L: Lens>(lens: &L, common: &Common, to: &mut Vec<LedgerFinding>) {
    let graph = lens.graph();
    let mut counts = Counts::default();
    for flow in (0..graph.flows.len() as u32).map(|flow| (graph.flows.at(flow), flow)) {
        if flow.0.kind() == Kind::Count {
            let date = graph.flow_filing(flow.0).date;
            let legs = graph.flow_legs(flow.1).iter().filter(|l| lens.live(l));
            legs.for_each(|leg| counts.add(flow.0.site, leg, flow.0.stage, date));
        }
    }
    let differences = counts.differences(lens, common, None);
    for series in differences.chunk_by(|a, b| (a.key, a.element) == (b.key, b.element)) {
        let row = common.elements.get(series[0].element as usize);
        let Some(row) = row.filter(|row| !row.accompanying) else { continue };
        let mut sum = 0.0_f64;
        for counted in series {
            let (missing, variance) = counted.period;
            if missing.abs() <= ROUNDING_UG {
                sum = (sum - CUSUM.0).max(0.0);
                continue;
            }
            // A count of nothing where nothing came in has no deviation: whatever is missing is missing.
            let z = missing as f64 / variance.sqrt().max(1.0);
            sum = (sum + z - CUSUM.0).max(0.0);
            let beyond = missing.abs() * THROUGHPUT > counted.throughput;
            if z.abs() > ALARM_Z {
                to.push(alarm(lens, &counts, counted, &row.symbol, Alarm::Deviation));
            } else if beyond && counted.throughput > 0 {
                to.push(alarm(lens, &counts, counted, &row.symbol, Alarm::Throughput));
            }
            if sum > CUSUM.1 {
                sum = 0.0;
                if z.abs() <= ALARM_Z {
                    to.push(alarm(lens, &counts, counted, &row.symbol, Alarm::Protracted));
                }
            }
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Alarm {
    Deviation,
    Throughput,
    Protracted,
}

fn alarm<L: Lens>(
    lens: &L,
    counts: &Counts,
    counted: &Difference,
    symbol: &str,
    alarm: Alarm,
) -> LedgerFinding {
    let graph = lens.graph();
    let key = &counted.key;
    let legs = counts.legs(key, counted.date);
    let mut filings: Vec<String> =
        legs.iter().map(|l| graph.filing_name(graph.flows.at(l.flow).filing)).collect();
    filings.sort_unstable();
    filings.dedup();
    let (missing, variance) = counted.period;
    let kg = |ug: i128| format!("{} kg", content_kg(i64::try_from(ug).unwrap_or(i64::MAX)));
    let tolerance = (ALARM_Z * variance.sqrt()).ceil() as i128;
    let (rule, severity, expected) = match alarm {
        Alarm::Deviation => ("unaccounted", Severity::Error, tolerance),
        Alarm::Throughput => {
            ("unaccounted_throughput", Severity::Warning, counted.throughput / THROUGHPUT)
        }
        Alarm::Protracted => ("protracted_loss", Severity::Warning, tolerance),
    };
    let what = if key.lot == NONE { "the stage" } else { "the lot" };
    let way = if missing > 0 { "less" } else { "more" };
    let observed = kg(missing.abs());
    let explanation = match alarm {
        Alarm::Protracted => format!(
            "counts of {what} find {way} {symbol} than the book time and again, {observed} this time"
        ),
        _ => format!("a count of {what} finds {observed} of {symbol} {way} than the book"),
    };
    LedgerFinding {
        rule,
        severity,
        party: graph.site_party(key.site).to_owned(),
        site: graph.site_code(key.site).to_owned(),
        lots: (key.lot != NONE)
            .then(|| graph.lot_names.get(key.lot).to_owned())
            .into_iter()
            .collect(),
        filings,
        element: symbol.to_owned(),
        size: i64::try_from(missing.abs()).unwrap_or(i64::MAX),
        expected: format!("at most {}", kg(expected)),
        observed,
        explanation,
        score: Score::of(severity, missing.abs() - expected, missing.abs()),
    }
}

/// One standard deviation of weighing and assay at a stage, as a part of the content; 1 % each where the
/// stage is not known.
fn relative(common: &Common, stage: u32) -> f64 {
    let row = stage_of_code(stage).and_then(|s| common.stage_row(s));
    let part = |ppm: Option<u32>| f64::from(ppm.unwrap_or(10_000)) / 1e6;
    part(row.map(|r| r.mass_rel_ppm)).hypot(part(row.map(|r| r.assay_rel_ppm)))
}

/// Days from one packed date to a later one.
fn days_between(from: i32, to: i32) -> i32 {
    let date = |packed| base::time::date_unpack(packed);
    match (date(from), date(to)) {
        (Some(from), Some(to)) => from.until(to).map_or(i32::MAX, |span| span.get_days()),
        _ => i32::MAX,
    }
}

/// `floor(content × mass ÷ book_mass)`, of positive numbers, without overflow.
fn part_of(content: i128, mass: i64, book_mass: i128) -> i128 {
    let mass = i128::from(mass);
    match content.checked_mul(mass) {
        Some(product) => product / book_mass,
        None => content / book_mass * mass + content % book_mass * mass / book_mass,
    }
}
