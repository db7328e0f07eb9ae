//! What a quota of a pack counts, with its codes looked up in the tables.

use base::{Common, Element};
use controls::regime::{OreType, Quota, QuotaEnd, QuotaEvent, Toll};
use insight::lens::Lens;
use licensing::quota::{Line, QuotaRules};

/// No type of ore.
pub(super) const NO_ORE: u8 = u8::MAX;
/// Millionths of a percent.
const PPM_PER_PERCENT: u32 = 10_000;
/// The heavy rare earths: gadolinium to lutetium, and yttrium.
const HEAVY: [&str; 9] = ["Gd", "Tb", "Dy", "Ho", "Er", "Tm", "Yb", "Lu", "Y"];

/// Something that uses a quota, with stages as their codes in the graph.
#[derive(Debug)]
pub(super) struct Event {
    pub(super) stage: String,
    pub(super) end: QuotaEnd,
    from: Vec<u32>,
    to: Vec<u32>,
}

/// A type of ore, likewise.
#[derive(Debug)]
struct Ore {
    code: String,
    stages: Vec<u32>,
    heavy_percent: Option<u32>,
}

/// What a quota counts.
#[derive(Debug)]
pub struct QuotaCounting {
    pub(super) events: Vec<Event>,
    ores: Vec<Ore>,
    secondary: Vec<u32>,
    pub(super) toll: Toll,
    /// Element per oxide in 10⁻⁸ of each rare earth, by position; 0 for what is none.
    per_oxide_e8: Vec<u32>,
    heavy: Vec<bool>,
}

/// The stage codes of the graph: the place in the table, plus one.
fn codes(common: &Common, stages: &[String]) -> Vec<u32> {
    stages.iter().filter_map(|stage| common.stage(stage)).map(|id| u32::from(id.0) + 1).collect()
}

impl QuotaCounting {
    /// Looks the codes of a quota up. What the tables do not know is a fault of the pack, and counts
    /// nothing.
    #[must_use]
    pub fn new(quota: &Quota, common: &Common) -> QuotaCounting {
        let mut per_oxide_e8 = vec![0; common.elements.len()];
        let rare = |element: Element| {
            common.elements.get(usize::from(element.0)).is_some_and(|row| row.rare_earth)
        };
        let usual = common.oxides.iter().filter(|oxide| oxide.reo_default);
        let named = common.oxides.iter().filter(|oxide| quota.oxides.contains(&oxide.formula));
        for oxide in usual.chain(named).filter(|oxide| rare(oxide.element)) {
            if let Some(factor) = per_oxide_e8.get_mut(usize::from(oxide.element.0)) {
                *factor = oxide.element_per_oxide_e8;
            }
        }
        let event = |of: &QuotaEvent| Event {
            stage: of.stage.clone(),
            end: of.event,
            from: codes(common, &of.from),
            to: codes(common, &of.to),
        };
        let ore = |of: &OreType| Ore {
            code: of.id.clone(),
            stages: codes(common, &of.stages),
            heavy_percent: of.heavy_at_least_percent,
        };
        QuotaCounting {
            events: quota.uses.iter().map(event).collect(),
            ores: quota.ore_types.iter().map(ore).collect(),
            secondary: codes(common, &quota.secondary_stages),
            toll: quota.toll,
            per_oxide_e8,
            heavy: common.elements.iter().map(|e| HEAVY.contains(&e.symbol.as_str())).collect(),
        }
    }

    /// Oxide mass of a leg, µg: the sum over its rare earths of `⌊content ÷ element per oxide⌋`.
    pub(super) fn oxide_ug<L: Lens>(&self, lens: &L, leg: &insight::graph::Leg) -> i128 {
        self.oxides(lens, leg).0
    }

    /// The same, and that of its heavy rare earths.
    fn oxides<L: Lens>(&self, lens: &L, leg: &insight::graph::Leg) -> (i128, i128) {
        let (mut all, mut heavy) = (0, 0);
        lens.contents(leg, &mut |element, content_ug| {
            let place = usize::from(element);
            let factor = self.per_oxide_e8.get(place).copied().unwrap_or(0);
            if factor > 0 && content_ug > 0 {
                let oxide = i128::from(content_ug) * 100_000_000 / i128::from(factor);
                all += oxide;
                if self.heavy.get(place).copied().unwrap_or(false) {
                    heavy += oxide;
                }
            }
        });
        (all, heavy)
    }

    /// The type of ore of a stage that is of a type by what it is.
    pub(super) fn ore_of_stage(&self, stage: u32) -> Option<u8> {
        let found = self.ores.iter().position(|ore| ore.stages.contains(&stage))?;
        u8::try_from(found).ok()
    }

    /// The type of ore of what comes in: by its stage, else by its heavy rare earths.
    pub(super) fn ore_of_root<L: Lens>(
        &self,
        lens: &L,
        stage: u32,
        leg: Option<&insight::graph::Leg>,
    ) -> u8 {
        if let Some(ore) = self.ore_of_stage(stage) {
            return ore;
        }
        let (all, heavy) = leg.map_or((0, 0), |leg| self.oxides(lens, leg));
        let reaches = |ore: &Ore| {
            ore.heavy_percent.is_some_and(|least| heavy * 100 >= i128::from(least) * all)
        };
        // What was not analysed has no share of anything; it is of the type that takes all.
        let fits = |ore: &Ore| if all == 0 { ore.heavy_percent == Some(0) } else { reaches(ore) };
        let found = self.ores.iter().position(fits);
        found.and_then(|ore| u8::try_from(ore).ok()).unwrap_or(NO_ORE)
    }

    /// The code of a type of ore, empty where there is none.
    pub(super) fn ore_code(&self, ore: u8) -> &str {
        self.ores.get(usize::from(ore)).map_or("", |ore| ore.code.as_str())
    }

    pub(super) fn is_secondary(&self, stage: u32) -> bool {
        self.secondary.contains(&stage)
    }
}

impl Event {
    pub(super) fn takes(&self, stage: u32) -> bool {
        self.from.contains(&stage)
    }

    pub(super) fn makes(&self, stage: u32) -> bool {
        self.to.contains(&stage)
    }
}

/// The rules of a quota of a pack.
#[must_use]
pub fn quota_rules(quota: &Quota) -> QuotaRules {
    let ores: Vec<&str> = match quota.ore_types.as_slice() {
        [] => vec![""],
        ores => ores.iter().map(|ore| ore.id.as_str()).collect(),
    };
    let line = |stage: &String, ore: &str| Line { stage: stage.clone(), ore: ore.to_owned() };
    let lines = quota.stages.iter().flat_map(|stage| ores.iter().map(move |ore| line(stage, ore)));
    QuotaRules {
        lines: lines.collect(),
        counts_imported: quota.counts_imported,
        counts_secondary: quota.counts_secondary,
        carry_ppm: quota.carry_percent * PPM_PER_PERCENT,
        cut_ppm: quota.cut_percent.map(|percent| percent * PPM_PER_PERCENT),
        reserve_ppm: quota.reserve_percent * PPM_PER_PERCENT,
        slices_max: quota.slices_max,
        alarms_percent: quota.alarms_percent.clone(),
    }
}
