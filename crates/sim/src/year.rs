//! The course of time: day after day, sites act until the day's lots are made.
//!
//! A site is drawn by its pace; it sells or works where it has something to sell or to work on and
//! where its buyers have room. So the stages find their proportions by themselves: what is in front of
//! a full store waits.

use crate::calendar::Calendar;
use crate::chance::{Chance, ratio};
use crate::material::Good;
use crate::pack::Pack;
use crate::party::{Register, Role};
use crate::plan::Plan;
use crate::trade::Event;
use crate::world::World;
use crate::writer::Writer;
use crate::{GenerateOptions, Sink, Summary};

/// Lots of the opening stock, of a million.
const OPENING_PPM: i64 = 60_000;

/// Makes the economy.
pub(crate) fn generate(options: &GenerateOptions, sink: &mut dyn Sink) -> std::io::Result<Summary> {
    let pack = Pack::embedded()?;
    let calendar = Calendar::new(options.lots);
    let days = calendar.days.len() as u16;
    let register = Register::new(&pack, options.lots, days, &mut Chance::new(options.seed, 1));
    let chance = Chance::new(options.seed, 2);
    let plan = Plan::new(options.anomalies, days, &mut Chance::new(options.seed, 3));
    let mut world = World::new(pack, register, calendar, chance, Writer::new(sink), plan);
    let mut paces = Paces::new(&world.register);
    let target = options.lots as i64;
    world.open(ratio(target, OPENING_PPM, 1_000_000) as u64);
    let opened = world.lots as i64;
    let weights: i64 = world.calendar.days.iter().map(|d| i64::from(d.weight)).sum();
    let mut weight = 0;
    for day in 0..days {
        world.day = day;
        world.plan.day(day);
        let events: Vec<Event> = std::mem::take(&mut world.due[day as usize]);
        for event in events {
            world.happen(event);
        }
        weight += i64::from(world.calendar.days[day as usize].weight);
        let wanted = opened + ratio(target - opened, weight, weights);
        world.work(wanted as u64, &mut paces);
        if world.calendar.days[day as usize].month_end {
            world.month_end();
        }
        if let Some(error) = world.failure.take() {
            return Err(error);
        }
    }
    world.writer.finish()?;
    world.beside(options)?;
    Ok(Summary {
        lots: world.lots,
        rows: world.writer.rows,
        filings: world.writer.filings,
        parties: world.register.parties.len() as u64,
        sites: world.register.sites.len() as u64,
        anomalies: world.plan.planted(),
        months: world.calendar.months.len() as u16,
    })
}

/// Sites by how often they act: running sums, to draw from.
struct Paces {
    sums: Vec<u32>,
}

impl Paces {
    fn new(register: &Register) -> Paces {
        let mut sum = 0;
        let sums = register
            .sites
            .iter()
            .map(|site| {
                sum += site.pace;
                sum
            })
            .collect();
        Paces { sums }
    }

    fn draw(&mut self, chance: &mut Chance) -> u32 {
        let all = self.sums.last().copied().unwrap_or(1);
        let at = chance.below(all);
        self.sums.partition_point(|&sum| sum <= at) as u32
    }
}

impl World<'_> {
    /// Sites act until there are so many lots, or nobody finds anything to do.
    fn work(&mut self, wanted: u64, paces: &mut Paces) {
        let mut idle = 0;
        let patience = 2_000 + self.register.sites.len() as u32 * 20;
        while self.lots < wanted && idle < patience {
            let site = paces.draw(&mut self.chance);
            if self.site(site).start > self.day || !self.act(site) {
                idle += 1;
            } else {
                idle = 0;
            }
        }
    }

    /// One thing that a site does, where there is one to do.
    fn act(&mut self, site: u32) -> bool {
        if self.fraud_act(site) {
            return true;
        }
        if self.chance.happens(5_000) && self.move_own(site) {
            return true;
        }
        if self.chance.happens(450_000) && self.sell(site) {
            return true;
        }
        match self.role(site) {
            Role::Mine | Role::ClayMine => self.mine_act(site),
            Role::LightSeparator => self.feed_or_separate(site, Good::Concentrate),
            Role::HeavySeparator => self.feed_or_separate(site, Good::Ionic),
            Role::MetalMaker => self.metal_act(site),
            Role::AlloyMaker => self.cast_act(site),
            Role::MagnetMaker => self.magnet_act(site),
            Role::Recycler => self.recycler_act(site),
            Role::ComponentMaker => self.component_act(site),
            Role::ProductMaker => self.product_act(site),
            Role::Trader => {
                self.site(site).variant < 15 && self.import_act(site, Good::Concentrate)
            }
            _ => false,
        }
    }

    /// A separator brings feed in from abroad now and then, and whenever it has none to work on.
    fn feed_or_separate(&mut self, site: u32, feed: Good) -> bool {
        self.chance.happens(300_000) && self.import_act(site, feed)
            || self.separator_act(site)
            || self.import_act(site, feed)
    }
}
