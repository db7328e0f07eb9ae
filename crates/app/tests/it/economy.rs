//! Random economies: filings of every kind, sensible and contradictory alike, as rows and as CSV.
//!
//! An economy is a pure function of its seed. Filings stand in the order in which they arrive; each
//! belongs to a batch, and batches are recorded an hour apart.

use std::fmt::Write as _;

use base::{Kind, Timestamp};

/// SplitMix64 (Steele, Lea, Flood 2014): small, and the same everywhere.
pub(crate) struct Rng(pub(crate) u64);

impl Rng {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, n: u64) -> u64 {
        self.next() % n.max(1)
    }

    pub(crate) fn percent(&mut self, chance: u64) -> bool {
        self.below(100) < chance
    }

    pub(crate) fn word(&mut self, of: &[&'static str]) -> &'static str {
        of[self.below(of.len() as u64) as usize]
    }

    pub(crate) fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len() as u64) as usize]
    }
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Value {
    Ppb(u32),
    Below(u32),
    NotAnalysed,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Row {
    pub(crate) leg: &'static str,
    pub(crate) lot: String,
    pub(crate) source_lot: String,
    pub(crate) stage: &'static str,
    pub(crate) mass_mg: Option<i64>,
    /// Empty where absent.
    pub(crate) composition: Vec<(&'static str, Value)>,
    pub(crate) site: &'static str,
    pub(crate) party: String,
    pub(crate) customer: &'static str,
    pub(crate) country: &'static str,
    pub(crate) movement: &'static str,
    pub(crate) end_use: &'static str,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Filing {
    pub(crate) filer: &'static str,
    pub(crate) reference: String,
    pub(crate) kind: Kind,
    pub(crate) day: i32,
    pub(crate) corrects: String,
    pub(crate) rows: Vec<Row>,
    pub(crate) batch: usize,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Economy {
    pub(crate) filings: Vec<Filing>,
}

pub(crate) const ELEMENTS: [&str; 3] = ["Dy", "Nd", "Tb"];
pub(crate) const PARTIES: [&str; 4] = ["gad:ash", "gad:birch", "gad:cedar", "gad:dogwood"];
const SITES: [&str; 2] = ["NORTH", "SOUTH"];
pub(crate) const STAGES: [&str; 5] =
    ["concentrate", "separated_compound", "metal", "finished_magnet", "swarf"];
const USES: [&str; 2] = ["ev_traction_motor", "speaker"];
/// A customer in words and its country.
const CUSTOMERS: [(&str, &str); 2] = [("Halden Motors", "NO"), ("Ostra Drives", "SE")];

pub(crate) const HEADER: &str = "filing,kind,date,filer,from_party,to_party,move,site,leg,lot,source_lot,stage,net_mass_kg,composition,customer_name,customer_country,end_use,corrects\n";

/// The text of a day: 28 days in every month, so that the order of days is the order of dates.
pub(crate) fn day_text(day: i32) -> String {
    format!("2025-{:02}-{:02}", 1 + day / 28, 1 + day % 28)
}

/// The recording instant of a batch.
pub(crate) fn batch_instant(batch: usize) -> Timestamp {
    Timestamp::from_us(1_750_000_000_000_000 + batch as i64 * 3_600_000_000)
}

impl Filing {
    /// Its rows as CSV lines.
    pub(crate) fn write(&self, to: &mut String) {
        for row in &self.rows {
            let from = matches!(self.kind, Kind::Receipt | Kind::Import | Kind::Reimport);
            let (from_party, to_party) = if from { (&*row.party, "") } else { ("", &*row.party) };
            let mass = row
                .mass_mg
                .map_or(String::new(), |mg| format!("{}.{:06}", mg / 1_000_000, mg % 1_000_000));
            let percent = |ppb: u32| format!("{}.{:07}", ppb / 10_000_000, ppb % 10_000_000);
            let composition: Vec<String> = row
                .composition
                .iter()
                .map(|(element, value)| match value {
                    Value::Ppb(ppb) => format!("{element}={}", percent(*ppb)),
                    Value::Below(ppb) => format!("{element}<{}", percent(*ppb)),
                    Value::NotAnalysed => format!("{element}=n.a."),
                })
                .collect();
            let _ = writeln!(
                to,
                "{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}",
                self.reference,
                self.kind.code(),
                day_text(self.day),
                self.filer,
                from_party,
                to_party,
                row.movement,
                row.site,
                row.leg,
                row.lot,
                row.source_lot,
                row.stage,
                mass,
                composition.join(";"),
                row.customer,
                row.country,
                row.end_use,
                self.corrects,
            );
        }
    }
}

impl Economy {
    pub(crate) fn csv(&self) -> String {
        csv(self.filings.iter())
    }

    pub(crate) fn batches(&self) -> usize {
        self.filings.iter().map(|f| f.batch + 1).max().unwrap_or(0)
    }

    /// All lots named, in order of their names.
    pub(crate) fn lots(&self) -> Vec<String> {
        let rows = self.filings.iter().flat_map(|f| &f.rows);
        let mut lots: Vec<String> = rows
            .flat_map(|r| [r.lot.clone(), r.source_lot.clone()])
            .filter(|lot| !lot.is_empty())
            .collect();
        lots.sort_unstable();
        lots.dedup();
        lots
    }

    /// Without one filing, and without what corrects it.
    pub(crate) fn without(&self, index: usize) -> Economy {
        let mut gone = vec![(self.filings[index].filer, self.filings[index].reference.clone())];
        let mut filings = self.filings.clone();
        filings.remove(index);
        loop {
            let next = filings
                .iter()
                .position(|f| gone.iter().any(|g| g.0 == f.filer && g.1 == f.corrects));
            match next {
                Some(at) => {
                    let filing = filings.remove(at);
                    gone.push((filing.filer, filing.reference));
                }
                None => return Economy { filings },
            }
        }
    }
}

pub(crate) fn csv<'f>(filings: impl Iterator<Item = &'f Filing>) -> String {
    let mut text = HEADER.to_owned();
    filings.for_each(|f| f.write(&mut text));
    text
}

/// How masses and contents are drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Grain {
    /// Anything that a row may hold: zero, a milligram, 9,000,000 t.
    Any,
    /// Whole grams and whole ppm, so that no content is rounded.
    Coarse,
}

struct Maker<'r> {
    rng: &'r mut Rng,
    grain: Grain,
    made: Vec<String>,
    fresh: usize,
}

/// An economy of 1 to 40 filings in which nothing keeps a filer from contradicting itself.
pub(crate) fn chaotic(rng: &mut Rng, grain: Grain) -> Economy {
    let most = *rng.pick(&[6, 12, 12, 24, 40]);
    let count = 1 + rng.below(most) as usize;
    let mut maker = Maker { rng, grain, made: Vec::new(), fresh: 0 };
    let mut economy = Economy::default();
    let mut batch = 0;
    for index in 0..count {
        if index > 0 && maker.rng.percent(25) {
            batch += 1;
        }
        let spread = (index * 50 / count) as i64 + maker.rng.below(11) as i64 - 5;
        let day = spread.clamp(0, 55) as i32;
        let mut filing = match maker.correction(&economy, day) {
            Some(correction) => correction,
            None => {
                let filer = maker.rng.word(&PARTIES);
                maker.filing(filer, day)
            }
        };
        filing.reference = format!("F{index:03}");
        filing.batch = batch;
        economy.filings.push(filing);
    }
    economy
}

impl Maker<'_> {
    fn correction(&mut self, economy: &Economy, day: i32) -> Option<Filing> {
        if !self.rng.percent(15) || economy.filings.is_empty() {
            return None;
        }
        let named = self.rng.pick(&economy.filings).clone();
        let corrected = |f: &Filing| f.filer == named.filer && f.corrects == named.reference;
        if economy.filings.iter().any(corrected) {
            return None;
        }
        let day = if self.rng.percent(70) { named.day } else { day };
        let mut filing = match self.rng.below(3) {
            0 => Filing { kind: Kind::Void, rows: vec![Row::default()], day, ..named.clone() },
            1 if named.kind != Kind::Void => {
                let mut filing = Filing { day, ..named.clone() };
                for row in &mut filing.rows {
                    if row.mass_mg.is_some() {
                        row.mass_mg = Some(self.mass());
                    }
                }
                filing
            }
            _ => self.filing(named.filer, day),
        };
        filing.corrects = named.reference;
        Some(filing)
    }

    fn mass(&mut self) -> i64 {
        if self.grain == Grain::Coarse {
            return (1 + self.rng.below(900_000) as i64) * 1_000;
        }
        match self.rng.below(40) {
            0 | 1 => 0,
            2 => 1 + self.rng.below(60) as i64,
            3 => 9_000_000_000_000_000 - self.rng.below(2) as i64 * 1_234_567,
            4..=11 => 1 + self.rng.below(1_000_000_000) as i64,
            12..=20 => (1 + self.rng.below(20) as i64) * 50_000_000,
            _ => (1 + self.rng.below(500) as i64) * 1_000_000,
        }
    }

    fn composition(&mut self) -> Vec<(&'static str, Value)> {
        let mut entries = Vec::new();
        for (element, chance) in [("Dy", 80), ("Nd", 60), ("Tb", 15)] {
            if !self.rng.percent(chance) {
                continue;
            }
            let value = match self.rng.below(14) {
                _ if self.grain == Grain::Coarse => {
                    Value::Ppb((1 + self.rng.below(300_000) as u32) * 1_000)
                }
                0 => Value::Ppb(0),
                1 => Value::Below(100_000),
                2 => Value::NotAnalysed,
                3..=6 => Value::Ppb(self.rng.below(330_000_000) as u32),
                _ => Value::Ppb((1 + self.rng.below(30) as u32) * 10_000_000),
            };
            entries.push((element, value));
        }
        if entries.is_empty() {
            entries.push(("Dy", Value::Ppb(10_000_000)));
        }
        entries
    }

    fn composition_sometimes(&mut self, chance: u64) -> Vec<(&'static str, Value)> {
        if self.rng.percent(chance) { self.composition() } else { Vec::new() }
    }

    fn lot_new(&mut self) -> String {
        if !self.made.is_empty() && self.rng.percent(14) {
            return self.rng.pick(&self.made).clone();
        }
        self.fresh += 1;
        let lot = format!("L{:02}", self.fresh);
        self.made.push(lot.clone());
        lot
    }

    fn lot_drawn(&mut self) -> String {
        match self.rng.below(20) {
            // A lot that is never made, or made later.
            0 => format!("L{:02}", self.fresh + 1 + self.rng.below(3) as usize),
            1 => format!("U{}", self.rng.below(3)),
            _ if self.made.is_empty() => "U0".to_owned(),
            // Mostly of the last few, so that chains grow long.
            2..=9 => self.made
                [self.made.len() - 1 - self.rng.below(self.made.len().min(3) as u64) as usize]
                .clone(),
            _ => self.rng.pick(&self.made).clone(),
        }
    }

    fn counterparty(&mut self, filer: &str, row: &mut Row) {
        match self.rng.below(10) {
            0 | 1 => (row.customer, row.country) = *self.rng.pick(&CUSTOMERS),
            2 => row.movement = "own_move",
            _ => {
                let others: Vec<&str> = PARTIES.iter().copied().filter(|p| *p != filer).collect();
                row.party = (*self.rng.pick(&others)).to_owned();
            }
        }
    }

    fn filing(&mut self, filer: &'static str, day: i32) -> Filing {
        let kind = match self.rng.below(100) {
            0..=13 => Kind::Extract,
            14..=19 => Kind::Import,
            20..=21 => Kind::Collect,
            22..=24 => Kind::Opening,
            25..=54 => Kind::Transform,
            55..=68 => Kind::Transfer,
            69..=76 => Kind::Receipt,
            77..=78 => Kind::Title,
            79..=83 => Kind::Export,
            84..=86 => Kind::Reimport,
            87..=92 => Kind::Use,
            93..=95 => Kind::Loss,
            _ => Kind::Count,
        };
        let site = self.rng.word(&SITES);
        let rows = match kind {
            Kind::Transform => self.transform(),
            _ => {
                let count = if self.rng.percent(10) { 2 } else { 1 };
                (0..count).map(|_| self.row(kind, filer)).collect()
            }
        };
        let rows = rows.into_iter().map(|row| Row { site, ..row }).collect();
        let (reference, corrects) = (String::new(), String::new());
        Filing { filer, reference, kind, day, corrects, rows, batch: 0 }
    }

    fn transform(&mut self) -> Vec<Row> {
        let mut rows = Vec::new();
        let inputs = if self.rng.percent(4) { 0 } else { 1 + self.rng.below(3) };
        for _ in 0..inputs {
            let lot = self.lot_drawn();
            let stage = if self.rng.percent(50) { self.rng.word(&STAGES) } else { "" };
            rows.push(Row {
                leg: "in",
                lot,
                stage,
                mass_mg: Some(self.mass()),
                composition: self.composition_sometimes(25),
                ..Row::default()
            });
        }
        for _ in 0..1 + self.rng.below(2) {
            // Sometimes back into a lot that it draws on: a cycle of one.
            let lot = match rows.first().filter(|_| self.rng.percent(4)) {
                Some(row) => row.lot.clone(),
                None => self.lot_new(),
            };
            rows.push(Row {
                leg: "out",
                lot,
                stage: self.rng.word(&STAGES),
                mass_mg: Some(self.mass()),
                composition: self.composition(),
                ..Row::default()
            });
        }
        for _ in 0..self.rng.below(3) {
            rows.push(Row {
                leg: "loss",
                mass_mg: Some(self.mass()),
                composition: self.composition_sometimes(50),
                ..Row::default()
            });
        }
        rows
    }

    fn row(&mut self, kind: Kind, filer: &str) -> Row {
        let mut row = Row::default();
        let optional = |maker: &mut Self, row: &mut Row| {
            row.mass_mg = maker.rng.percent(65).then(|| maker.mass());
            row.composition = maker.composition_sometimes(25);
            row.stage = if maker.rng.percent(40) { maker.rng.word(&STAGES) } else { "" };
        };
        match kind {
            Kind::Opening | Kind::Extract | Kind::Collect | Kind::Import => {
                if kind == Kind::Import && self.rng.percent(50) {
                    row.source_lot = self.lot_drawn();
                }
                row.lot = self.lot_new();
                (row.mass_mg, row.composition) = (Some(self.mass()), self.composition());
                row.stage = self.rng.word(&STAGES);
                if kind == Kind::Import && self.rng.percent(70) {
                    (row.customer, row.country) = *self.rng.pick(&CUSTOMERS);
                }
            }
            Kind::Transfer | Kind::Export | Kind::Use | Kind::Loss => {
                let source = self.lot_drawn();
                if self.rng.percent(75) {
                    row.source_lot = source;
                    row.lot = self.lot_new();
                } else {
                    row.lot = source;
                }
                optional(self, &mut row);
                match kind {
                    Kind::Transfer => self.counterparty(filer, &mut row),
                    Kind::Export => (row.customer, row.country) = *self.rng.pick(&CUSTOMERS),
                    Kind::Use => row.end_use = self.rng.word(&USES),
                    _ => row.mass_mg = Some(self.mass()),
                }
            }
            Kind::Count => {
                row.mass_mg = Some(self.mass());
                row.composition = self.composition_sometimes(30);
                if self.rng.percent(60) {
                    row.lot = self.lot_drawn();
                } else {
                    row.stage = self.rng.word(&STAGES);
                }
            }
            _ => {
                row.lot = self.lot_drawn();
                optional(self, &mut row);
                match kind {
                    Kind::Receipt => self.counterparty(filer, &mut row),
                    Kind::Title => row.party = self.rng.word(&PARTIES).to_owned(),
                    _ => (row.customer, row.country) = *self.rng.pick(&CUSTOMERS),
                }
            }
        }
        row
    }
}

/// What an orderly filer knows of a lot: what is left of it, and what is in it.
struct Stock {
    lot: String,
    left_mg: i64,
    ppb: Vec<(&'static str, u32)>,
}

/// An economy without gain, overdraft or cycle: each lot is made once and drawn within its mass, and no
/// more of an element comes out of a transform than goes in.
pub(crate) fn orderly(rng: &mut Rng) -> Economy {
    let count = 3 + rng.below(18) as usize;
    let mut economy = Economy::default();
    let mut stocks: Vec<Stock> = Vec::new();
    for index in 0..count {
        let kind = match rng.below(10) {
            _ if stocks.len() < 2 => Kind::Extract,
            0 => Kind::Extract,
            1..=6 => Kind::Transform,
            7 => Kind::Transfer,
            8 => Kind::Export,
            _ => Kind::Use,
        };
        let filer = rng.word(&PARTIES);
        let mut filing = Filing {
            filer,
            reference: format!("F{index:03}"),
            kind,
            day: (index * 50 / count) as i32,
            corrects: String::new(),
            rows: Vec::new(),
            batch: 0,
        };
        let lot = format!("L{index:02}");
        match kind {
            Kind::Extract => {
                let mass = (1 + rng.below(1_000_000) as i64) * 1_000;
                let ppb: Vec<(&str, u32)> = ELEMENTS
                    .iter()
                    .map(|e| (*e, (1 + rng.below(300_000) as u32) * 1_000))
                    .collect();
                filing.rows.push(made(&lot, "", "concentrate", mass, &ppb));
                stocks.push(Stock { lot, left_mg: mass, ppb });
            }
            Kind::Transform => orderly_transform(rng, &lot, &mut filing, &mut stocks),
            _ => {
                let at = rng.below(stocks.len() as u64) as usize;
                let taken = rng.below(stocks[at].left_mg as u64 + 1) as i64;
                stocks[at].left_mg -= taken;
                let mut row = made(&lot, &stocks[at].lot, "", taken, &[]);
                match kind {
                    Kind::Transfer => row.party = rng.word(&PARTIES).to_owned(),
                    Kind::Export => (row.customer, row.country) = *rng.pick(&CUSTOMERS),
                    _ => row.end_use = rng.word(&USES),
                }
                filing.rows.push(row);
                let ppb = stocks[at].ppb.clone();
                stocks.push(Stock { lot, left_mg: taken, ppb });
            }
        }
        for row in &mut filing.rows {
            row.site = rng.word(&SITES);
        }
        let site = filing.rows[0].site;
        filing.rows.iter_mut().for_each(|row| row.site = site);
        economy.filings.push(filing);
    }
    economy
}

fn made(
    lot: &str,
    source: &str,
    stage: &'static str,
    mass: i64,
    ppb: &[(&'static str, u32)],
) -> Row {
    Row {
        lot: lot.to_owned(),
        source_lot: source.to_owned(),
        stage,
        mass_mg: Some(mass),
        composition: ppb.iter().map(|(e, p)| (*e, Value::Ppb(*p))).collect(),
        ..Row::default()
    }
}

fn orderly_transform(rng: &mut Rng, lot: &str, filing: &mut Filing, stocks: &mut Vec<Stock>) {
    let mut mass = 0_i64;
    let mut contents = [0_i128; 3];
    let mut drawn: Vec<usize> = Vec::new();
    for _ in 0..1 + rng.below(3) {
        let at = rng.below(stocks.len() as u64) as usize;
        if drawn.contains(&at) {
            continue;
        }
        drawn.push(at);
        let taken = rng.below(stocks[at].left_mg as u64 + 1) as i64;
        stocks[at].left_mg -= taken;
        mass += taken;
        for (content, (_, ppb)) in contents.iter_mut().zip(&stocks[at].ppb) {
            *content += i128::from(taken) * i128::from(*ppb) / 1_000_000;
        }
        let mut row = made(&stocks[at].lot, "", "", taken, &[]);
        row.leg = "in";
        filing.rows.push(row);
    }
    let outs = 1 + rng.below(2) as i64;
    for out in 0..outs {
        let part = (mass / outs) * (40 + rng.below(60) as i64) / 100;
        let ppb: Vec<(&str, u32)> = ELEMENTS
            .iter()
            .zip(contents)
            .map(|(element, content)| {
                let share = content / i128::from(outs) * i128::from(60 + rng.below(40)) / 100;
                let ppb = if part == 0 { 0 } else { share * 1_000_000 / i128::from(part) };
                (*element, ppb.min(333_000_000) as u32)
            })
            .collect();
        let name = format!("{lot}{}", ["A", "B"][out as usize]);
        let stage = rng.word(&STAGES);
        let mut row = made(&name, "", stage, part, &ppb);
        row.leg = "out";
        filing.rows.push(row);
        stocks.push(Stock { lot: name, left_mg: part, ppb });
    }
    if rng.percent(50) {
        filing.rows.push(Row { leg: "loss", mass_mg: Some(mass / 10), ..Row::default() });
    }
}
