//! A seeded authority: applications as exporters write them, and what applicant, officer, agencies and
//! countersigners do with each, move after move.
//!
//! A plan belongs to one case and is a pure function of seed and number. It looks at the case as it stands
//! and says who does what next, so whatever the rules refuse shows at once. Most cases go the usual way;
//! some are asked back, visited, refused in part, sent back by a countersigner, returned or withdrawn.

use std::collections::BTreeMap;

use licensing::application::{
    Application, Cell, Contact, EndUse, Good, Inventory, PartyEntry, PartyPart,
};
use licensing::case::{
    Advice, Case, CaseState, CellDecision, Condition, Draft, Position, Readers, StepKind,
};
use licensing::decide::{Command, SignatureNeeded};
use licensing::quantity::{Quantity, Unit};

use crate::chance::Chance;

/// Name, HS code, grade, form, composition in %, net mass of one piece in g (0: not sold by the piece).
type Product = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static [(&'static str, &'static str)],
    u32,
);

const PRODUCTS: [Product; 8] = [
    (
        "sintered NdFeB magnet, arc segment",
        "850511",
        "N42UH",
        "magnet",
        &[("Nd", "27.4"), ("Pr", "1.1"), ("Dy", "4.1"), ("Fe", "64.9"), ("B", "1.0")],
        38,
    ),
    (
        "sintered NdFeB magnet, servo arc",
        "850511",
        "N45SH",
        "magnet",
        &[("Nd", "28.9"), ("Dy", "2.0"), ("Tb", "0.4"), ("Fe", "66.1"), ("B", "1.0")],
        12,
    ),
    (
        "sintered NdFeB block",
        "850511",
        "N38EH",
        "magnet",
        &[("Nd", "25.2"), ("Dy", "6.3"), ("Fe", "66.0"), ("B", "1.0")],
        240,
    ),
    ("dysprosium oxide", "284690", "", "oxide", &[("Dy", "86.9")], 0),
    ("terbium metal", "280530", "", "metal", &[("Tb", "99.5")], 0),
    ("dysprosium-iron alloy", "720299", "", "alloy", &[("Dy", "80.0"), ("Fe", "19.6")], 0),
    ("gadolinium oxide", "284690", "", "oxide", &[("Gd", "86.5")], 0),
    (
        "sintered NdFeB magnet, loudspeaker ring",
        "850511",
        "N35",
        "magnet",
        &[("Nd", "30.1"), ("Fe", "67.8"), ("B", "1.0")],
        55,
    ),
];

/// Use code and what it is in words.
const USES: [(&str, &str); 8] = [
    ("ev_traction_motor", "rotors of traction motors for passenger cars"),
    ("wind_direct_drive", "generators of offshore wind turbines"),
    ("industrial_servo", "servo motors of machine tools"),
    ("eps_motor", "motors of electric power steering"),
    ("ac_compressor", "compressors of air conditioners"),
    ("mri_permanent", "magnets of medical imaging"),
    ("speaker", "loudspeakers"),
    ("missile_fin_actuator", "fin actuators"),
];

/// Country and how often.
const DESTINATIONS: [(&str, u32); 12] = [
    ("DE", 195),
    ("US", 103),
    ("KR", 110),
    ("VN", 90),
    ("PL", 60),
    ("FR", 55),
    ("IN", 50),
    ("IT", 50),
    ("JP", 45),
    ("TH", 45),
    ("HU", 35),
    ("GB", 35),
];

/// The destination that most applications name.
pub const DESTINATION_COMMON: &str = DESTINATIONS[0].0;

const FIRST: [&str; 16] = [
    "Alder", "Bergen", "Cedar", "Delta", "Elbe", "Falk", "Garn", "Hark", "Isar", "Juno", "Kelvin",
    "Lumen", "Marl", "Nord", "Orion", "Pylon",
];
const SECOND: [&str; 8] = [
    "Motors",
    "Drives",
    "Automation",
    "Energy",
    "Components",
    "Magnetics",
    "Systems",
    "Industries",
];

/// Whose hand a move is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hand {
    /// The applicant's.
    Applicant,
    /// The officer's.
    Officer,
    /// An agency's.
    Agency(String),
    /// The supervisor's who signs at this place, from 1.
    Supervisor(u32),
}

/// What somebody does next.
#[derive(Debug, Clone)]
pub struct Move {
    /// Who.
    pub hand: Hand,
    /// What.
    pub command: Command,
    /// How long after what was done before, minutes.
    pub after_minutes: u32,
}

/// What will become of a case, as far as chance has a word in it.
#[derive(Debug)]
pub struct CasePlan {
    chance: Chance,
    number: u64,
    asks_early: bool,
    asks_late: bool,
    visits: bool,
    sent_back: bool,
    refuses: bool,
    ends: Ending,
}

/// How a case ends that is not decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ending {
    Decided,
    Returned,
    Withdrawn,
}

impl CasePlan {
    /// The plan of a case of a seed.
    #[must_use]
    pub fn new(seed: u64, number: u64) -> CasePlan {
        let mut chance = Chance::new(seed, number.wrapping_add(1 << 40));
        let ends = match chance.below(100) {
            0..=3 => Ending::Returned,
            4..=6 => Ending::Withdrawn,
            _ => Ending::Decided,
        };
        CasePlan {
            asks_early: chance.happens(300_000),
            asks_late: chance.happens(100_000),
            visits: chance.happens(60_000),
            sent_back: chance.happens(50_000),
            refuses: chance.happens(80_000),
            chance,
            number,
            ends,
        }
    }

    /// What is applied for.
    pub fn application(&mut self) -> Application {
        let chance = &mut self.chance;
        let mut application = Application {
            licence_type: "single".to_owned(),
            reference: format!("EXP-{:06}", self.number),
            route: "by sea".to_owned(),
            contact: Contact {
                name: "Export desk".to_owned(),
                email: "export@example.org".to_owned(),
            },
            ..Application::default()
        };
        let places = DESTINATIONS.iter().map(|(_, weight)| *weight);
        let destination = DESTINATIONS[chance.weighted(places)].0.to_owned();
        let goods = chance.between(1, 2);
        for place in 0..goods {
            let product = PRODUCTS[chance.place(PRODUCTS.len())];
            application.goods.push(good_of(&format!("g{}", place + 1), product));
        }
        let user =
            format!("{} {}", FIRST[chance.place(FIRST.len())], SECOND[chance.place(SECOND.len())]);
        application.parties.push(party("p1", &[PartyPart::EndUser], &user, &destination));
        let trader = chance.happens(400_000);
        if trader {
            let name = format!("{} Trading", FIRST[chance.place(FIRST.len())]);
            application.parties.push(party("p2", &[PartyPart::Consignee], &name, &destination));
        } else {
            application.parties[0].parts.insert(0, PartyPart::Consignee);
        }
        let military = u32::from(chance.happens(990_000));
        let (code, text) = USES[chance.place(USES.len() - military as usize)];
        application.uses.push(EndUse {
            key: "u1".to_owned(),
            code: code.to_owned(),
            text: text.to_owned(),
        });
        for (place, good) in application.goods.iter().enumerate() {
            application.cells.push(Cell {
                key: format!("c{}", place + 1),
                good: good.key.clone(),
                consignee: if trader { "p2" } else { "p1" }.to_owned(),
                end_user: "p1".to_owned(),
                end_use: "u1".to_owned(),
                destination: destination.clone(),
                quantities: quantities(chance, good),
            });
        }
        if chance.happens(500_000) {
            application.inventory.push(Inventory {
                end_user: "p1".to_owned(),
                days: chance.between(5, 80),
                stops: format!("the line for {text}"),
            });
        }
        application
    }

    /// Who does what next; nothing when the case is at an end.
    ///
    /// `agencies` are those that the rules want asked, `signatures` what the draft needs.
    pub fn next(
        &mut self,
        case: &Case,
        agencies: &[String],
        signatures: &[SignatureNeeded],
    ) -> Option<Move> {
        if let Some(question) = case.questions_open().next() {
            let text = "The certificate of the laboratory is attached.".to_owned();
            let command =
                Command::Answer { question: question.number, text, documents: Vec::new() };
            return Some(self.after(Hand::Applicant, 600, 9_000, command));
        }
        match case.state {
            CaseState::Received => Some(self.received(case)),
            CaseState::Review => Some(self.review(case, agencies, signatures)),
            _ => None,
        }
    }

    fn received(&mut self, case: &Case) -> Move {
        if case.officer.is_empty() {
            let officer = "officer".to_owned();
            return self.after(Hand::Officer, 60, 2_000, Command::Assign { officer });
        }
        if self.asks_early {
            self.asks_early = false;
            let text =
                "Please hand in the test report with the composition of each grade.".to_owned();
            return self.after(Hand::Officer, 600, 4_000, Command::Ask { text, cells: Vec::new() });
        }
        match self.ends {
            Ending::Returned => {
                let text = "The end user named does not confirm the order.".to_owned();
                let reasons = vec!["incomplete".to_owned()];
                self.after(Hand::Officer, 600, 4_000, Command::Return { reasons, text })
            }
            Ending::Withdrawn => {
                let reason = "the order was cancelled".to_owned();
                self.after(Hand::Applicant, 600, 9_000, Command::Withdraw { reason })
            }
            Ending::Decided => self.after(Hand::Officer, 300, 3_000, Command::Accept),
        }
    }

    fn review(&mut self, case: &Case, agencies: &[String], signatures: &[SignatureNeeded]) -> Move {
        if let Some(agency) = agencies.iter().find(|agency| !case.agencies.contains_key(*agency)) {
            let text = "Please advise on each good.".to_owned();
            let command = Command::AskAgency { agency: agency.clone(), text };
            return self.after(Hand::Officer, 30, 600, command);
        }
        if self.visits {
            self.visits = false;
            let text = "Does the plant use what it says it uses?".to_owned();
            let (step, notice_days) = (StepKind::Verification, Some(self.chance.between(5, 20)));
            return self.after(
                Hand::Officer,
                60,
                900,
                Command::BeginStep { step, notice_days, text },
            );
        }
        if let Some(step) = case.steps.iter().find(|step| step.ended.is_none()) {
            let text = "The plant and its order book agree with the application.".to_owned();
            return self.after(
                Hand::Officer,
                7_000,
                20_000,
                Command::EndStep { step: step.kind, text },
            );
        }
        if self.asks_late {
            self.asks_late = false;
            let text = "Which motor types are built with these parts?".to_owned();
            return self.after(Hand::Officer, 600, 4_000, Command::Ask { text, cells: Vec::new() });
        }
        for (agency, part) in &case.agencies {
            if part.replied.is_some() {
                continue;
            }
            let hand = Hand::Agency(agency.clone());
            if part.advice.len() < case.application.cells.len() {
                let advice = self.advice(case, agency);
                return self.after(hand, 900, 9_000, Command::Advise { advice });
            }
            return self.after(hand, 1, 60, Command::Reply);
        }
        self.decision(case, signatures)
    }

    fn decision(&mut self, case: &Case, signatures: &[SignatureNeeded]) -> Move {
        let Some((_, _, _)) = &case.draft else {
            let draft = self.draft(case);
            return self.after(Hand::Officer, 300, 4_000, Command::Draft { draft });
        };
        let content = case.content_hash().unwrap_or_default();
        let Some(next) = signatures.iter().find(|signature| signature.signed_by.is_none()) else {
            let licences = Vec::new();
            return self.after(Hand::Officer, 10, 300, Command::Finalise { content, licences });
        };
        let hand = Hand::Supervisor(next.order);
        if self.sent_back {
            self.sent_back = false;
            let reason = "Say why the quantity is plausible for one year.".to_owned();
            return self.after(hand, 60, 1_500, Command::RefuseSignature { content, reason });
        }
        if case.signatures_held().next().is_none() && self.chance.happens(100_000) {
            let text = "The reasoning names the order book.".to_owned();
            let command = Command::Note { text, readers: Readers::Authority };
            return self.after(Hand::Officer, 5, 60, command);
        }
        self.after(hand, 60, 1_500, Command::Sign { content })
    }

    fn advice(&mut self, case: &Case, agency: &str) -> BTreeMap<String, Advice> {
        let mut all = BTreeMap::new();
        for cell in &case.application.cells {
            let asks = self.chance.happens(250_000);
            let conditions = asks.then(|| Condition {
                id: String::new(),
                phrase: "no_reexport".to_owned(),
                text: "The goods are not exported again without the authority's written consent."
                    .to_owned(),
                agency: agency.to_owned(),
            });
            let position = if self.chance.happens(80_000) {
                Position::NotApplicable
            } else {
                Position::Approve
            };
            let advice = match position {
                Position::NotApplicable => {
                    Advice { position, reason: String::new(), conditions: Vec::new() }
                }
                _ => Advice {
                    position,
                    reason: "The end user is known and the quantity fits its output.".to_owned(),
                    conditions: conditions.into_iter().collect(),
                },
            };
            all.insert(cell.key.clone(), advice);
        }
        all
    }

    fn draft(&mut self, case: &Case) -> Draft {
        let mut cells = BTreeMap::new();
        for cell in &case.application.cells {
            let controlled =
                case.control_codes.get(&cell.good).is_some_and(|codes| !codes.is_empty());
            let decision = if !controlled {
                CellDecision::NoLicence { text: "No item of the list fits this good.".to_owned() }
            } else if self.refuses {
                CellDecision::Refuse {
                    reasons: vec!["security".to_owned()],
                    text: "The end use cannot be told from one that the list means to prevent."
                        .to_owned(),
                }
            } else {
                let given = case.agencies.values().filter_map(|part| part.advice.get(&cell.key));
                let wanted = given.flat_map(|given| given.advice.conditions.iter().cloned());
                CellDecision::Approve {
                    quantities: cell.quantities.clone(),
                    conditions: wanted.collect(),
                }
            };
            cells.insert(cell.key.clone(), decision);
        }
        let reasoning = "The end user, its output and the quantity agree.".to_owned();
        Draft { cells, valid_from: None, valid_months: None, reasoning }
    }

    fn after(&mut self, hand: Hand, least: u32, most: u32, command: Command) -> Move {
        Move { hand, command, after_minutes: self.chance.between(least, most) }
    }
}

fn good_of(key: &str, product: Product) -> Good {
    let (name, hs, grade, form, composition, grams) = product;
    Good {
        key: key.to_owned(),
        name: name.to_owned(),
        hs: hs.to_owned(),
        grade: grade.to_owned(),
        form: form.to_owned(),
        composition: composition.iter().map(|(e, p)| ((*e).to_owned(), (*p).to_owned())).collect(),
        unit_mass_mg: (grams > 0).then(|| i64::from(grams) * 1_000),
        ..Good::default()
    }
}

fn party(key: &str, parts: &[PartyPart], name: &str, country: &str) -> PartyEntry {
    PartyEntry {
        key: key.to_owned(),
        parts: parts.to_vec(),
        name: name.to_owned(),
        country: country.to_owned(),
        address: "1 Works Road".to_owned(),
        ..PartyEntry::default()
    }
}

fn quantities(chance: &mut Chance, good: &Good) -> Vec<Quantity> {
    match good.unit_mass_mg {
        Some(piece) => {
            let pieces = i64::from(chance.between(5, 900)) * 100;
            vec![
                Quantity { unit: Unit::NetMass, amount: pieces * piece },
                Quantity { unit: Unit::Pieces, amount: pieces },
            ]
        }
        None => {
            let kilograms = i64::from(chance.between(1, 60)) * 50;
            vec![Quantity { unit: Unit::NetMass, amount: kilograms * 1_000_000 }]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_is_a_function_of_seed_and_number() {
        let applications =
            |seed| (0..50).map(|n| CasePlan::new(seed, n).application()).collect::<Vec<_>>();
        assert_eq!(applications(1), applications(1));
        assert_ne!(applications(1), applications(2));
    }
}
