//! Magnet makers: powder, sintering, machining, bonding, diffusion, and the coaters who work for them.
//!
//! Yields inside the bands of process_yields.csv: `powder_making` 0.95–0.995, `sintering` 0.92–0.98,
//! `machining` 0.60–0.85 (typical 0.72), `short_loop` 0.90–0.98. Rejects are magnet scrap, grinding sludge
//! is swarf (20–30 % rare earths dry, stages.csv): lots of their own, that go back to recyclers.

use base::kind::Move;

use crate::chance::scaled;
use crate::material::{Contents, DY, Form, Good, Holding, SMCO, TB, mass_at, part, sum, weighed};
use crate::plan::Trick;
use crate::trade::{Event, Shipment, Then};
use crate::world::{How, Out, World};

/// Rare earths (and cobalt) in alloy of a grade, ppm; what a powder or block keeps of it.
fn share_of(of: &[Holding]) -> u32 {
    let mass: i64 = of.iter().map(|h| h.mass).sum();
    let content: i64 = of.iter().map(|h| sum(&h.contents())).sum();
    crate::chance::ratio(content, 1_000, mass.max(1)) as u32
}

impl World<'_> {
    /// A day's work of a magnet maker: the step that has most in front of it.
    pub(crate) fn magnet_act(&mut self, site: u32) -> bool {
        if self.held(site, Good::Magnet).len() >= self.room(site) * 2 {
            return false;
        }
        let first = self.chance.below(4);
        for step in 0..4 {
            let done = match (first + step) % 4 {
                0 => self.machine(site),
                1 => self.sinter(site),
                2 => self.mill(site),
                _ => {
                    if self.site(site).variant < 30 && self.chance.happens(500_000) {
                        self.cast_act(site)
                    } else {
                        self.special(site)
                    }
                }
            };
            if done {
                return true;
            }
        }
        false
    }

    /// The grade of a lot held, and how many lots there are of it.
    fn grade_held(&mut self, site: u32, good: Good) -> Option<(u8, usize)> {
        let held = self.held(site, good);
        if held.is_empty() {
            return None;
        }
        let length = held.len();
        let place = self.chance.place(length);
        let held = self.held(site, good);
        let grade = held[place].grade;
        Some((grade, held.iter().filter(|h| h.grade == grade).count()))
    }

    fn mill(&mut self, site: u32) -> bool {
        let Some((grade, count)) = self.grade_held(site, Good::Flake) else { return false };
        if count < 3 || self.held(site, Good::Powder).len() >= 10 {
            return false;
        }
        let most = self.chance.between(3, 6);
        let want = self.chance.about(Good::Powder.lot_mg() * 2, 700_000, 1_300_000);
        let consumed = self.draw(site, Good::Flake, most, want, Some(grade));
        let share = share_of(&self.draws);
        let recovered = self.recovered(968_000, 988_000);
        let line = self.transform(site, "powder_making");
        self.make_lots(&line, Good::Powder, grade, &recovered, How::elements(share));
        self.lose(&line, Good::Powder, scaled(consumed, 15_000));
        true
    }

    fn sinter(&mut self, site: u32) -> bool {
        let Some((grade, count)) = self.grade_held(site, Good::Powder) else { return false };
        if count < 2 || self.held(site, Good::Block).len() >= 16 {
            return false;
        }
        let most = self.chance.between(1, 3);
        let want = self.chance.about(Good::Block.lot_mg() * 3, 700_000, 1_300_000);
        let consumed = self.draw(site, Good::Powder, most, want, Some(grade));
        let share = share_of(&self.draws);
        let all = self.drawn();
        let recovered = self.recovered(940_000, 970_000);
        let line = self.transform(site, "sintering");
        self.make_lots(&line, Good::Block, grade, &recovered, How::elements(share));
        if self.chance.happens(500_000) {
            let rejects = part(&all, self.chance.between(15_000, 28_000));
            self.by_product(&line, Good::Scrap, grade, &rejects, share);
        }
        self.lose(&line, Good::Block, scaled(consumed, 4_000));
        true
    }

    fn machine(&mut self, site: u32) -> bool {
        let Some((grade, count)) = self.grade_held(site, Good::Block) else { return false };
        if count < 2 {
            return false;
        }
        let most = self.chance.between(1, 3);
        let want = self.chance.about(Good::Magnet.lot_mg() * 4, 700_000, 1_300_000);
        let consumed = self.draw(site, Good::Block, most, want, Some(grade));
        let share = share_of(&self.draws);
        let all = self.drawn();
        let mut kept = self.chance.between(670_000, 780_000);
        if self.plan.waits() && self.plan.take(Trick::YieldHigh) {
            kept = 945_000;
            self.plan.in_hand = Some((Trick::YieldHigh, sum(&all) / 5));
        }
        let recovered = part(&all, kept);
        let line = self.transform(site, "machining");
        self.make_lots(&line, Good::Magnet, grade, &recovered, How::elements(share));
        let scrap = self.chance.between(10_000, 30_000);
        if self.chance.happens(300_000) {
            let rejects = part(&all, scrap);
            self.by_product(&line, Good::Scrap, grade, &rejects, share);
        }
        // Grinding sludge is wet; its assay is of the dry mass.
        let sludge = part(&all, 1_000_000 - kept - scrap - 8_000);
        let moisture = self.chance.between(80, 200) * 1_000_000;
        let dry = scaled(i64::from(share), i64::from(self.chance.between(750_000, 900_000)));
        let wet = scaled(dry, i64::from(1_000_000 - moisture / 1_000)) as u32;
        let mass = mass_at(sum(&sludge), wet.max(1));
        let out = Out {
            good: Good::Swarf,
            grade,
            contents: &sludge,
            mass,
            form: Form::Dry,
            factor: moisture,
        };
        self.make(&line, out);
        self.lose(&line, Good::Swarf, scaled(consumed, 3_000));
        if self.chance.happens(50_000) {
            self.send_to_coater(site);
        }
        true
    }

    fn by_product(
        &mut self,
        line: &crate::writer::Line,
        good: Good,
        grade: u8,
        contents: &Contents,
        share: u32,
    ) {
        let mass = mass_at(sum(contents), share.max(1));
        let out = Out { good, grade, contents, mass, form: Form::Elements, factor: 0 };
        self.make(line, out);
    }

    /// Bonding, diffusion, or scrap hydrogenated to powder at once.
    fn special(&mut self, site: u32) -> bool {
        match self.chance.below(10) {
            0..=2 => self.bond(site),
            3..=6 => self.diffuse(site),
            7 => self.short_loop(site),
            _ => false,
        }
    }

    fn bond(&mut self, site: u32) -> bool {
        let Some((grade, count)) = self.grade_held(site, Good::Powder) else { return false };
        if count < 2 || grade > 1 || self.held(site, Good::Bonded).len() >= 10 {
            return false;
        }
        let want = self.chance.about(Good::Bonded.lot_mg() * 3, 700_000, 1_300_000);
        let consumed = self.draw(site, Good::Powder, 2, want, Some(grade));
        let recovered = self.honest(960_000, 985_000);
        let line = self.transform(site, "");
        // Powder in polymer: 20–30 % rare earths (stages.csv).
        let share = self.chance.between(240_000, 270_000);
        self.make_lots(&line, Good::Bonded, grade, &recovered, How::elements(share));
        self.lose(&line, Good::Powder, scaled(consumed, 10_000));
        true
    }

    /// Terbium fluoride is diffused into magnets; what is not taken up comes back as a lot. No process
    /// is stated: its band (0.10–0.60) is of the diffused element alone.
    fn diffuse(&mut self, site: u32) -> bool {
        let Some((grade, count)) = self.grade_held(site, Good::Magnet) else { return false };
        if count < 2 || grade == SMCO || self.held(site, Good::Fluoride).is_empty() {
            return false;
        }
        let want = self.chance.about(Good::Magnet.lot_mg() * 2, 700_000, 1_300_000);
        if self.mass_held(site, Good::Fluoride, None) < scaled(want, 12_000) {
            return false;
        }
        let magnets = self.draw(site, Good::Magnet, 3, want, Some(grade));
        let share = share_of(&self.draws);
        let base = self.drawn();
        // 0.3–0.8 % of the magnet is taken up, about a third of what is laid on.
        let source = weighed(scaled(magnets, 24_000));
        self.draw(site, Good::Fluoride, 2, source, None);
        let all = self.drawn();
        let laid: i64 = all[TB] - base[TB];
        let up = scaled(laid, i64::from(self.chance.between(250_000, 400_000)));
        let mut treated = part(&base, 998_500);
        treated[TB] += up;
        let mut unused: Contents = [0; crate::material::ELEMENTS];
        unused[TB] = scaled(laid, 995_000) - up;
        unused[DY] = scaled(all[DY] - base[DY], 990_000);
        let line = self.transform(site, "");
        let share = share + crate::chance::ratio(up, 1_000, magnets.max(1)) as u32;
        let better = (grade + 1).min(SMCO - 1);
        self.make_lots(&line, Good::Magnet, better, &treated, How::elements(share));
        let mass = mass_at(sum(&unused), 720_000);
        let out = Out {
            good: Good::Fluoride,
            grade: 0,
            contents: &unused,
            mass,
            form: Form::Elements,
            factor: 0,
        };
        self.make(&line, out);
        self.lose(&line, Good::Magnet, scaled(magnets, 500));
        true
    }

    fn short_loop(&mut self, site: u32) -> bool {
        let Some((grade, count)) = self.grade_held(site, Good::Scrap) else { return false };
        if count < 3 || grade == SMCO {
            return false;
        }
        let want = self.chance.about(Good::Scrap.lot_mg() * 4, 700_000, 1_300_000);
        let consumed = self.draw(site, Good::Scrap, 5, want, Some(grade));
        let share = share_of(&self.draws);
        let recovered = self.recovered(925_000, 960_000);
        let line = self.transform(site, "short_loop");
        self.make_lots(&line, Good::Powder, grade, &recovered, How::elements(share));
        self.lose(&line, Good::Powder, scaled(consumed, 30_000));
        true
    }

    /// Sends a lot of magnets to a coater and back: ownership stays.
    fn send_to_coater(&mut self, site: u32) {
        let Some(coater) = self.markets.coater(&mut self.chance) else { return };
        let lots = self.held_mut(site, Good::Magnet);
        let Some(lot) = lots.pop() else { return };
        let owner = self.party(site);
        self.dispatch(site, coater, vec![lot], Move::TollOut, owner, Then::Coat { back: site });
    }

    /// The coater's work: the same magnets, coated, under a new number; then home.
    pub(crate) fn coat(&mut self, coater: u32, back: u32, lots: &[Holding]) {
        for lot in lots {
            self.draws.push(*lot);
            let share = share_of(&self.draws);
            let coated = self.honest(995_000, 999_000);
            let line = self.transform(coater, "blend");
            let mass = mass_at(sum(&coated), share);
            let out = Out {
                good: Good::Magnet,
                grade: lot.grade,
                contents: &coated,
                mass,
                form: Form::Elements,
                factor: 0,
            };
            let made = self.make(&line, out);
            self.lose(&line, Good::Magnet, scaled(lot.mass, 500));
            if let Some(made) = made {
                self.held_mut(coater, Good::Magnet).retain(|h| h.lot != made.lot);
                let days = self.chance.between(1, 4);
                self.schedule(
                    days,
                    Event::Send(Shipment {
                        from: coater,
                        to: back,
                        movement: Move::TollReturn,
                        owner: self.party(back),
                        lots: vec![made],
                        then: Then::Store,
                        trick: None,
                    }),
                );
            }
        }
    }
}
