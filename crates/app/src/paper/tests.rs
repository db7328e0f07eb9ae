//! A case of the demo's authority, taken through the doors of its people to a decision that licenses, refuses
//! and finds that no licence is needed; and its documents.

use std::collections::BTreeMap;

use base::Timestamp;
use base::authorisation::{Actor, Role};
use formats::paper::{Document, DocumentKind, Proof, PublicKeys, SigningKey, verify};
use licensing::application::{Application, Cell, Contact, EndUse, Good, PartyEntry, PartyPart};
use licensing::case::{Advice, CellDecision, Condition, Draft, Position, Readers};
use licensing::decide::Command;
use licensing::quantity::{Quantity, Unit};

use super::*;
use crate::cases::{Known, NewCase, Step, case_needs, signers};
use crate::law::Law;
use crate::mail::{LetterKind, Template};
use crate::people::{By, Moment, NewRegistration, People, Verdict, seed_read};
use crate::platform::{Mode, OpenOptions, Platform};

const APPLICANT: &str = "gad:nordlicht-magnets";

fn text(text: &str) -> String {
    text.to_owned()
}

fn key() -> SigningKey {
    SigningKey::from_seed([7; 32])
}

struct World {
    _dir: tempfile::TempDir,
    platform: Platform,
    law: Law,
    known: Known,
    now_us: i64,
}

impl World {
    fn new() -> World {
        let dir = tempfile::tempdir().unwrap();
        let platform =
            Platform::open(dir.path(), Mode::Write, &OpenOptions { random: [1; 32] }).unwrap();
        let people = People::open(dir.path(), [2; 32]).unwrap();
        let seeds = seed_read(include_str!("../../../../packs/demo/accounts.toml")).unwrap();
        let now = Timestamp::parse("2026-02-02T09:00:00Z").unwrap();
        let moment = |n: u8| Moment { now, seed: [n; 32] };
        people.seed(&seeds, &moment(1)).unwrap();
        let new = NewRegistration {
            name: "Nordlicht Magnets",
            local_name: "北光磁材",
            country: "XA",
            address: "",
            identifiers: APPLICANT,
            contact_name: "Sanne Vik",
            contact_email: "sanne@example.org",
        };
        let id = people.registration_ask(By::COMMAND_LINE, &new, &moment(2)).unwrap();
        let verdict = Verdict::Verified { account: "manager-2" };
        people.registration_decide(By::account("officer"), &id, verdict, &moment(3)).unwrap();
        let known = Known { signers: signers(&people).unwrap(), ..Known::default() };
        let law = Law::read("demo", 0, &crate::packs::pack_carried("demo").unwrap());
        World { _dir: dir, platform, law, known, now_us: now.us() }
    }

    fn step<T>(&mut self, actor: &Actor, run: impl FnOnce(&World, &Step<'_>) -> T) -> T {
        self.now_us += 3_600_000_000;
        let mut seed = [0; 32];
        seed[..8].copy_from_slice(&self.now_us.to_le_bytes());
        let moment = Moment { now: Timestamp::from_us(self.now_us), seed };
        run(self, &Step { actor, moment })
    }

    fn submit(&mut self, application: &Application) -> String {
        let new = NewCase { applicant: APPLICANT, application, follows: None };
        self.step(&applicant(), |world, step| {
            world.platform.case_submit(&world.law, &new, &world.known, step).unwrap()
        })
    }

    fn done(&mut self, number: &str, actor: &Actor, command: &Command) {
        self.step(actor, |world, step| {
            world.platform.case_step(&world.law, number, command, &world.known, step).unwrap();
        });
    }

    /// Asks all agencies, and has them advise that all be licensed.
    fn advised(&mut self, number: &str) {
        let case = self.platform.case(number).unwrap();
        let now = Timestamp::from_us(self.now_us);
        for agency in case_needs(&self.law, &case, &self.known, now).agencies {
            let ask = Command::AskAgency { agency: agency.clone(), text: text("Please advise.") };
            self.done(number, &officer(), &ask);
            let condition = Condition {
                id: String::new(),
                phrase: text("no_reexport"),
                text: text(
                    "The goods are not exported again without the authority's written consent.",
                ),
                agency: String::new(),
            };
            let advice = |cell: &Cell| {
                let conditions = if agency == "defence" && cell.key == "c1" {
                    vec![condition.clone()]
                } else {
                    Vec::new()
                };
                let reason = text("The secret reason of an agency.");
                (cell.key.clone(), Advice { position: Position::Approve, reason, conditions })
            };
            let advice = case.application.cells.iter().map(advice).collect();
            let mut actor = Actor::new(&format!("{agency}-agency"), Role::Agency, "");
            actor.desk.clone_from(&agency);
            self.done(number, &actor, &Command::Advise { advice });
            self.done(number, &actor, &Command::Reply);
        }
    }

    fn decided(&mut self, number: &str, cells: BTreeMap<String, CellDecision>) {
        let draft =
            Draft { cells, valid_from: None, valid_months: None, reasoning: text("Secret.") };
        self.done(number, &officer(), &Command::Draft { draft });
        for account in ["supervisor", "second-supervisor"] {
            let case = self.platform.case(number).unwrap();
            let now = Timestamp::from_us(self.now_us);
            let needs = case_needs(&self.law, &case, &self.known, now).signatures;
            if needs.iter().any(|needed| needed.signed_by.is_none()) {
                let content = case.content_hash().unwrap();
                let actor = Actor::new(account, Role::Supervisor, "");
                self.done(number, &actor, &Command::Sign { content });
            }
        }
        let content = self.platform.case(number).unwrap().content_hash().unwrap();
        let finalise = Command::Finalise { content, licences: Vec::new() };
        self.done(number, &officer(), &finalise);
    }

    fn letter(&self, number: &str, kind: DocumentKind) -> Document {
        let letters = self.platform.case_letters(number).unwrap();
        let found = letters.iter().rfind(|letter| letter.kind == kind).unwrap();
        let issued =
            self.platform.case_letter(&self.law, &key(), number, (kind, found.seq)).unwrap();
        document(&issued.pdf)
    }

    fn licence(&self, number: &str) -> (Document, formats::paper::Issued) {
        let licence = self.platform.case_licences(number).unwrap().pop().unwrap();
        let number = licence.licence.number;
        let issued = self.platform.licence_document(&self.law, &key(), &number).unwrap();
        (document(&issued.pdf), issued)
    }
}

/// What a stranger with the public key reads in a file.
fn document(pdf: &[u8]) -> Document {
    let keys = PublicKeys::of(vec![key().public()]);
    let found = match verify(pdf, &keys).unwrap() {
        Proof::File { document, .. } => Some(*document),
        Proof::Code { .. } => None,
    };
    found.unwrap()
}

fn officer() -> Actor {
    Actor::new("officer", Role::Officer, "")
}

fn applicant() -> Actor {
    Actor::new("magnet-maker", Role::Filer, APPLICANT)
}

fn good(key: &str, name: &str, grade: &str, form: &str, hs: &str, of: &[(&str, &str)]) -> Good {
    Good {
        key: text(key),
        name: text(name),
        grade: text(grade),
        form: text(form),
        hs: text(hs),
        composition: of.iter().map(|(e, share)| (text(e), text(share))).collect(),
        ..Good::default()
    }
}

fn application() -> Application {
    let party = |key: &str, part: PartyPart, name: &str| PartyEntry {
        key: text(key),
        parts: vec![part],
        name: text(name),
        country: text("NO"),
        address: text("Havnegata 1"),
        ..PartyEntry::default()
    };
    let cell = |key: &str, good: &str, quantities: &[(&str, i64)]| Cell {
        key: text(key),
        good: text(good),
        consignee: text("p1"),
        end_user: text("p2"),
        end_use: text("u1"),
        destination: text("NO"),
        quantities: quantities
            .iter()
            .map(|(unit, amount)| Quantity { unit: Unit::parse(unit).unwrap(), amount: *amount })
            .collect(),
    };
    let magnet = [("Nd", "27.4"), ("Pr", "1.1"), ("Dy", "4.1"), ("Fe", "64.9"), ("B", "1.0")];
    let ring = [("Nd", "30.1"), ("Fe", "67.8"), ("B", "1.0")];
    Application {
        licence_type: text("single"),
        reference: text("EXP-0417"),
        goods: vec![
            good("g1", "sintered NdFeB magnet, arc segment", "N42UH", "magnet", "850511", &magnet),
            good("g2", "dysprosium oxide", "", "oxide", "284690", &[("Dy", "86.9")]),
            good("g3", "terbium metal", "", "metal", "280530", &[("Tb", "99.5")]),
            good("g4", "sintered NdFeB magnet, loudspeaker ring", "N35", "magnet", "850511", &ring),
        ],
        parties: vec![
            party("p1", PartyPart::Consignee, "Fjord Trading AS"),
            party("p2", PartyPart::EndUser, "Åsgård Vindkraft AS"),
        ],
        uses: vec![EndUse {
            key: text("u1"),
            code: text("wind_direct_drive"),
            text: text("generators of offshore wind turbines"),
        }],
        cells: vec![
            cell("c1", "g1", &[("net_mass", 12_000_500_000), ("pieces", 4_800)]),
            cell("c2", "g2", &[("net_mass", 850_000_000)]),
            cell("c3", "g3", &[("net_mass", 125_250_000)]),
            cell("c4", "g4", &[("net_mass", 640_000_000)]),
            Cell { destination: text("SE"), ..cell("c5", "g1", &[("net_mass", 900_000_000)]) },
        ],
        contact: Contact { name: text("Sanne Vik"), email: text("sanne@example.org") },
        ..Application::default()
    }
}

fn refuse() -> CellDecision {
    CellDecision::Refuse {
        reasons: vec![text("diversion_risk"), text("end_use_unclear")],
        text: text("The end user's plant uses a fortieth of this in a year."),
    }
}

/// A case in review, with a question asked and answered.
fn in_review(world: &mut World) -> String {
    let number = world.submit(&application());
    let assign = Command::Assign { officer: text("officer") };
    world.done(&number, &officer(), &assign);
    let cells = vec![text("c2"), text("c3")];
    let ask = Command::Ask { text: text("Which plant uses the oxide and the metal?"), cells };
    world.done(&number, &officer(), &ask);
    let answer = Command::Answer { question: 1, text: text("Ours."), documents: Vec::new() };
    world.done(&number, &applicant(), &answer);
    world.done(&number, &officer(), &Command::Accept);
    let note = Command::Note { text: text("A secret note."), readers: Readers::Authority };
    world.done(&number, &officer(), &note);
    world.advised(&number);
    number
}

/// Approves c1 with conditions and c5 without, refuses c2 and c3, needs no licence for c4.
fn mixed(world: &World, number: &str) -> BTreeMap<String, CellDecision> {
    let case = world.platform.case(number).unwrap();
    let mut cells = BTreeMap::new();
    for cell in &case.application.cells {
        let given = case.agencies.values().filter_map(|part| part.advice.get(&cell.key));
        let mut conditions: Vec<Condition> =
            given.flat_map(|given| given.advice.conditions.iter().cloned()).collect();
        if cell.key == "c1" || cell.key == "c5" {
            conditions.push(Condition {
                id: text("own"),
                phrase: String::new(),
                text: text("货物到达后十日内报告。"),
                agency: String::new(),
            });
        }
        let decision = match cell.key.as_str() {
            "c2" | "c3" => refuse(),
            "c4" => CellDecision::NoLicence { text: text("No item of the list fits this good.") },
            _ => CellDecision::Approve { quantities: cell.quantities.clone(), conditions },
        };
        cells.insert(cell.key.clone(), decision);
    }
    cells
}

fn all_text(document: &Document) -> String {
    String::from_utf8(document.canonical_json().unwrap()).unwrap()
}

#[test]
fn a_mixed_decision_gives_a_licence_and_letters_that_a_stranger_can_prove() {
    let mut world = World::new();
    let number = in_review(&mut world);
    let cells = mixed(&world, &number);
    world.decided(&number, cells);
    let kinds: Vec<DocumentKind> =
        world.platform.case_letters(&number).unwrap().iter().map(|letter| letter.kind).collect();
    use DocumentKind::{NoLicenceRequired, Question, Refusal};
    assert_eq!(kinds, [Question, Refusal, NoLicenceRequired]);

    let (licence, issued) = world.licence(&number);
    let lines: Vec<(u16, usize)> =
        licence.lines.iter().map(|line| (line.number, line.quantities.len())).collect();
    assert_eq!(lines, [(1, 2), (2, 1)], "c1 and c5");
    assert_eq!(licence.lines[0].destination_name.zh, "挪威");
    assert!(licence.lines[0].end_use.zh.contains("风力"), "{:?}", licence.lines[0].end_use);
    assert!(!licence.lines[0].control_codes.is_empty());
    let conditions: Vec<(&str, &str)> = licence
        .conditions
        .iter()
        .map(|condition| (condition.text.en.as_str(), condition.text.zh.as_str()))
        .collect();
    assert_eq!(
        conditions,
        [
            (
                "Line 1: The goods are not exported again without the authority's written consent.",
                "第 1 行：未经本局书面同意，货物不得再出口。"
            ),
            ("", "货物到达后十日内报告。"),
            (
                "The net mass exported may exceed the licensed quantity by up to 2 %.",
                "出口的净重最多可超出许可数量 2%。"
            ),
        ]
    );
    let keys = PublicKeys::of(vec![key().public()]);
    let payload = match verify(issued.code.unwrap().as_bytes(), &keys).unwrap() {
        Proof::Code { payload, .. } => Some(payload),
        Proof::File { .. } => None,
    };
    let payload = payload.unwrap();
    assert_eq!((&payload.number, payload.lines.len()), (&licence.reference, 2));

    let refusal = world.letter(&number, Refusal);
    let numbers: Vec<u16> = refusal.lines.iter().map(|line| line.number).collect();
    assert_eq!(numbers, [2, 3], "as in the application");
    let reasons: Vec<(&str, &str)> = refusal
        .conditions
        .iter()
        .map(|reason| (reason.text.en.as_str(), reason.source.en.as_str()))
        .collect();
    assert_eq!(
        reasons,
        [
            (
                "The goods might be diverted to another end user or end use.",
                "Licensing Act of Ytteria s.25"
            ),
            ("The end use was not shown.", "Licensing Act of Ytteria s.25"),
            ("The end user's plant uses a fortieth of this in a year.", ""),
        ]
    );
    assert!(refusal.closing[0].en.contains(&licence.reference), "{:?}", refusal.closing);
    let appeal = &refusal.closing[1];
    let until = refusal.issued_on.checked_add(jiff::Span::new().days(30)).unwrap().to_string();
    for (text, wanted) in [(&appeal.en, "within 30 days"), (&appeal.zh, "30 日内")] {
        assert!(text.contains(&until) && text.contains(wanted), "{text}");
        assert!(text.contains("Licensing Act of Ytteria s.47"), "{text}");
    }

    let free = world.letter(&number, NoLicenceRequired);
    assert_eq!((free.lines.len(), free.lines[0].number), (1, 4));
    assert_eq!(free.conditions[0].text.en, "No item of the list fits this good.");
    let question = world.letter(&number, Question);
    assert_eq!(question.lines.iter().map(|line| line.number).collect::<Vec<_>>(), [2, 3]);
    assert_eq!(question.conditions[0].text.en, "Which plant uses the oxide and the metal?");
    assert_eq!(question.signatories[0].name, "Mira Okoye 奥科耶·米拉");

    for document in [&licence, &refusal, &free] {
        let names: Vec<&str> =
            document.signatories.iter().map(|signed| signed.name.as_str()).collect();
        assert_eq!(names, ["Ilse Tanaka 田中·伊尔莎", "Tomas Lindqvist 林奎斯特·托马斯"]);
        assert!(document.facts.iter().any(|fact| fact.value.zh == "北光磁材"));
    }
    for document in [&licence, &refusal, &free, &question] {
        let told = all_text(document);
        for secret in ["ecret", "defence", "Defence", "agency", "Aino"] {
            assert!(!told.contains(secret), "`{secret}` in {}", document.reference);
        }
    }
}

#[test]
fn a_letter_stays_as_it_was_when_the_case_goes_on_and_its_words_are_the_authoritys() {
    let mut world = World::new();
    let number = in_review(&mut world);
    let cells: Vec<String> = application().cells.iter().map(|cell| cell.key.clone()).collect();
    world.decided(&number, cells.iter().map(|cell| (cell.clone(), refuse())).collect());
    let before = world.letter(&number, DocumentKind::Refusal);
    assert_eq!(before.lines.len(), 5);
    assert_eq!(before.closing.len(), 1, "no licence was granted");
    let reopen = Command::Reopen { ground: text("the plant was visited") };
    world.done(&number, &Actor::new("supervisor", Role::Supervisor, ""), &reopen);
    assert_eq!(world.letter(&number, DocumentKind::Refusal), before);

    let own = Template { subject: text("No"), body: text("Dear {{ holder }}: {{ until }}") };
    let kind = LetterKind::Document(DocumentKind::Refusal);
    let now = Timestamp::from_us(world.now_us);
    assert!(world.platform.letter_word(kind, "en", &own, 0, "officer", now).unwrap());
    let worded = world.letter(&number, DocumentKind::Refusal);
    assert_eq!(worded.title.en, "No");
    let until = before.issued_on.checked_add(jiff::Span::new().days(30)).unwrap();
    assert_eq!(worded.paragraphs[0].en, format!("Dear Nordlicht Magnets: {until}"));

    world.law.rules.appeal = None;
    let letter = world.letter(&number, DocumentKind::Refusal);
    assert!(letter.closing[0].en.contains("know no appeal"), "{:?}", letter.closing);
    assert!(letter.closing[0].zh.contains("未规定"), "{:?}", letter.closing);
}

#[test]
fn a_returned_case_has_a_letter_with_all_that_is_missing_and_no_other() {
    let mut world = World::new();
    let number = world.submit(&application());
    world.done(&number, &officer(), &Command::Assign { officer: text("officer") });
    let command = Command::Return {
        reasons: vec![text("incomplete")],
        text: text("The certificate of the end user names no quantity."),
    };
    world.done(&number, &officer(), &command);
    let letter = world.letter(&number, DocumentKind::Return);
    let told: Vec<&str> =
        letter.conditions.iter().map(|condition| condition.text.en.as_str()).collect();
    assert_eq!(
        told,
        [
            "What was asked for was not handed in.",
            "The certificate of the end user names no quantity."
        ]
    );
    assert_eq!(letter.lines.len(), 5);
    let asked = (DocumentKind::Refusal, 4);
    let error = world.platform.case_letter(&world.law, &key(), &number, asked).unwrap_err();
    assert!(matches!(error, LetterError::Unknown { .. }));
    assert!(error.to_string().contains("it has `return` of event"), "{error}");
    let error = world.platform.licence_document(&world.law, &key(), "L-1").unwrap_err();
    assert!(matches!(error, LetterError::Licence(_)), "{error}");
}
