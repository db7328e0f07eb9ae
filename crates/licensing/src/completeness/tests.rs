//! Each code by a change of an application that is complete.

use base::Date;

use super::*;
use crate::application::{
    Cell, CertificateEntry, Contact, DocumentEntry, EndUse, Good, Inventory, PartyEntry, PartyPart,
};
use crate::decide::{By, Context, submit};
use crate::quantity::Unit;
use crate::rules::{CertificateRule, DocumentRule, GapRule, TypeRule, UnitRule, When};

/// An application with what is known of it, to be changed.
#[derive(Clone)]
struct World {
    application: Application,
    rules: Rules,
    goods: BTreeMap<Key, GoodKnown>,
    watch_listed: BTreeSet<Key>,
    documents: BTreeMap<String, DocumentState>,
    certificates: BTreeMap<String, CertificateKnown>,
    appeals: bool,
}

fn document(number: &str, name: &str, provided_by: &str) -> DocumentRule {
    DocumentRule {
        number: number.into(),
        name: name.into(),
        provided_by: provided_by.into(),
        citation: "s.20".into(),
        ..DocumentRule::default()
    }
}

fn rules() -> Rules {
    let mut listed = document("6", "risk assessment", "applicant");
    listed.only_watch_listed = true;
    let mut practice = document("7", "photographs", "end user");
    practice.only_practice = true;
    let single = TypeRule {
        id: "single".into(),
        max_exports: Some(1),
        max_end_users: Some(1),
        documents: vec![
            document("1", "application form", "applicant"),
            document("2", "contract", "applicant"),
            document("4", "end-user certificate", "end user"),
            listed,
            practice,
        ],
        ..TypeRule::default()
    };
    let general = TypeRule {
        id: "general".into(),
        requires: vec!["programme".into()],
        barred_if: vec!["penalty".into(), "watch_listed_party".into()],
        ..TypeRule::default()
    };
    let registration =
        TypeRule { id: "voucher".into(), grounds: vec!["repair".into()], ..TypeRule::default() };
    let gap = |id: &str, days| GapRule {
        id: id.into(),
        days,
        source: "s".into(),
        confidence: "high".into(),
    };
    let unit = |unit: &str, when: When| UnitRule {
        unit: unit.into(),
        when,
        citation: "s.24".into(),
        source: "s".into(),
        confidence: "high".into(),
    };
    Rules {
        licence_types: vec![single, general, registration],
        gaps: vec![gap("party_address_missing", 4), gap("document_missing", 9)],
        units: vec![
            unit("net_mass", When::default()),
            unit("content", When { control_codes: vec!["1C".into()], ..When::default() }),
        ],
        certificate: CertificateRule { asks: vec!["use".into()], ..CertificateRule::default() },
        ..Rules::default()
    }
}

fn kg(unit: &str, amount: &str) -> Quantity {
    Quantity::read(&Unit::parse(unit).unwrap(), amount, "").unwrap()
}

fn party(key: &str, part: PartyPart) -> PartyEntry {
    PartyEntry {
        key: key.into(),
        parts: vec![part],
        name: format!("Party {key}"),
        country: "DE".into(),
        address: "Weg 1".into(),
        identifiers: vec!["lei:5299".into()],
        ..PartyEntry::default()
    }
}

fn good(key: &str) -> Good {
    Good {
        key: key.into(),
        name: format!("magnets {key}"),
        hs: "8505.11".into(),
        grade: "N42UH".into(),
        form: "magnet".into(),
        composition: [("Dy".to_owned(), "4.1".to_owned())].into(),
        control_codes: vec!["1C902".into()],
        unit_mass_mg: Some(50_000),
        origin: "XA".into(),
        ..Good::default()
    }
}

fn complete() -> World {
    let application = Application {
        licence_type: "single".into(),
        reference: "our 7".into(),
        goods: vec![good("g1")],
        parties: vec![party("c", PartyPart::Consignee), party("e", PartyPart::EndUser)],
        uses: vec![EndUse {
            key: "u1".into(),
            code: "ev_traction_motor".into(),
            text: "rotors".into(),
        }],
        cells: vec![Cell {
            key: "c1".into(),
            good: "g1".into(),
            consignee: "c".into(),
            end_user: "e".into(),
            end_use: "u1".into(),
            destination: "DE".into(),
            quantities: vec![
                kg("net_mass", "900"),
                kg("content:Dy", "36.9"),
                kg("pieces", "18000"),
            ],
        }],
        documents: vec![
            DocumentEntry {
                number: "2".into(),
                sha256: "aa".into(),
                name: "contract.pdf".into(),
                date: None,
            },
            DocumentEntry {
                number: "7".into(),
                sha256: "bb".into(),
                name: "hall.jpg".into(),
                date: None,
            },
        ],
        certificates: vec![CertificateEntry { id: "z1".into(), end_user: "e".into() }],
        inventory: vec![Inventory { end_user: "e".into(), days: 12, stops: "line 3".into() }],
        route: "by sea".into(),
        contact: Contact { name: "Ada".into(), email: "ada@magnets.example".into() },
        ..Application::default()
    };
    let known = GoodKnown {
        verdict: GoodVerdict::Controlled,
        control_codes: vec!["1C902".into()],
        ..GoodKnown::default()
    };
    World {
        application,
        rules: rules(),
        goods: [("g1".to_owned(), known)].into(),
        watch_listed: BTreeSet::new(),
        documents: [
            ("aa".to_owned(), DocumentState::Clean),
            ("bb".to_owned(), DocumentState::Clean),
        ]
        .into(),
        certificates: [(
            "z1".to_owned(),
            CertificateKnown {
                valid_until: Some(Date::constant(2025, 5, 31)),
                covers: vec![kg("net_mass", "900")],
                ..CertificateKnown::default()
            },
        )]
        .into(),
        appeals: false,
    }
}

fn found(world: &World) -> Completeness {
    let known = Evidence {
        rules: &world.rules,
        today: Date::constant(2025, 5, 31),
        forms: ["magnet"].into(),
        goods: world.goods.clone(),
        watch_listed: world.watch_listed.clone(),
        documents: world.documents.clone(),
        certificates: world.certificates.clone(),
        appeals: world.appeals,
    };
    completeness(&world.application, &known)
}

fn told(completeness: &Completeness) -> Vec<String> {
    completeness.findings.iter().map(|f| format!("{} {}", f.code, f.path)).collect()
}

/// A change of the world, and what is told then.
type Case = (fn(&mut World), &'static [&'static str]);

fn application_cases() -> Vec<Case> {
    vec![
        (|w| w.application.licence_type.clear(), &["licence_type_missing licence_type"]),
        (|w| w.application.licence_type = "x".into(), &["licence_type_unknown licence_type"]),
        (
            |w| {
                w.application.licence_type = "voucher".into();
                w.application.documents.clear();
            },
            &["ground_missing ground"],
        ),
        (|w| w.appeals = true, &["appeal_grounds_missing appeal_grounds"]),
        (
            |w| {
                w.appeals = true;
                w.application.appeal_grounds = "It is known.".into();
            },
            &[],
        ),
        (|w| w.application.ground = "repair".into(), &["ground_unknown ground"]),
        (
            |w| {
                w.application.licence_type = "general".into();
                w.application.documents.clear();
            },
            &["condition_missing meets"],
        ),
        (
            |w| {
                w.application.licence_type = "general".into();
                w.application.documents.clear();
                w.application.meets = vec!["programme".into(), "penalty".into(), "y".into()];
                w.watch_listed.insert("e".into());
            },
            &[
                "condition_barred meets",
                "watch_listed_barred licence_type",
                "condition_unknown meets",
                "party_watch_listed parties/e/name",
            ],
        ),
        (|w| w.application.contact.name = " ".into(), &["contact_name_missing contact/name"]),
        (|w| w.application.contact.email.clear(), &["contact_email_missing contact/email"]),
        (|w| w.application.contact.email = "a@b".into(), &["contact_email_form contact/email"]),
        (|w| w.application.route.clear(), &["route_missing route"]),
        (
            |w| {
                w.application.parties.push(party("", PartyPart::Intermediate));
                w.application.parties.push(party("e", PartyPart::Intermediate));
            },
            &["key_missing parties", "key_repeated parties/e/key"],
        ),
    ]
}

fn good_cases() -> Vec<Case> {
    fn first(w: &mut World) -> &mut Good {
        &mut w.application.goods[0]
    }
    fn said(w: &mut World) -> &mut GoodKnown {
        w.goods.get_mut("g1").unwrap()
    }
    vec![
        (
            |w| {
                w.application.goods.clear();
                w.application.cells.clear();
            },
            &["goods_missing goods", "cells_missing cells"],
        ),
        (|w| first(w).name.clear(), &["good_name_missing goods/g1/name"]),
        (|w| first(w).hs.clear(), &["good_hs_missing goods/g1/hs"]),
        (|w| first(w).hs = "85051".into(), &["good_hs_form goods/g1/hs"]),
        (|w| first(w).hs = "850511O0".into(), &["good_hs_form goods/g1/hs"]),
        (|w| first(w).grade.clear(), &["good_grade_missing goods/g1/grade"]),
        (|w| first(w).form = "cheese".into(), &["good_form_unknown goods/g1/form"]),
        (|w| first(w).origin.clear(), &["good_origin_missing goods/g1/origin"]),
        (|w| first(w).origin = "QQQ".into(), &["good_origin_unknown goods/g1/origin"]),
        (|w| first(w).composition.clear(), &["good_composition_missing goods/g1/composition"]),
        (|w| said(w).assay_missing.push("Tb".into()), &["good_assay_missing goods/g1/composition"]),
        (
            |w| said(w).faults.push(("composition".into(), "Dy=a".into())),
            &["good_unreadable goods/g1/composition"],
        ),
        (
            |w| first(w).unit_mass_mg = Some(0),
            &["good_unit_mass goods/g1/unit_mass_mg", "unit_mass_differs cells/c1/quantities"],
        ),
        (|w| first(w).control_codes.clear(), &["good_codes_missing goods/g1/control_codes"]),
        (
            |w| first(w).control_codes.push("1C909".into()),
            &["good_codes_differ goods/g1/control_codes"],
        ),
        (
            |w| said(w).control_codes.push("1C909".into()),
            &["good_codes_differ goods/g1/control_codes"],
        ),
        (
            |w| said(w).verdict = GoodVerdict::NotControlled,
            &["good_not_controlled goods/g1/control_codes"],
        ),
        (
            |w| said(w).verdict = GoodVerdict::Undetermined,
            &["good_undetermined goods/g1/control_codes"],
        ),
        (|w| w.application.goods.push(good("g2")), &["good_unused goods/g2"]),
    ]
}

fn party_cases() -> Vec<Case> {
    fn end_user(w: &mut World) -> &mut PartyEntry {
        &mut w.application.parties[1]
    }
    vec![
        (
            |w| end_user(w).parts = vec![PartyPart::Consignee],
            &["end_user_missing parties", "cell_party_part cells/c1/end_user"],
        ),
        (
            |w| w.application.parties[0].parts = vec![PartyPart::EndUser],
            &["consignee_missing parties", "cell_party_part cells/c1/consignee"],
        ),
        (|w| end_user(w).name.clear(), &["party_name_missing parties/e/name"]),
        (
            |w| end_user(w).parts.clear(),
            &[
                "end_user_missing parties",
                "party_part_missing parties/e/parts",
                "cell_party_part cells/c1/end_user",
            ],
        ),
        (|w| end_user(w).country.clear(), &["party_country_missing parties/e/country"]),
        (|w| end_user(w).country = "de".into(), &["party_country_unknown parties/e/country"]),
        (|w| end_user(w).address.clear(), &["party_address_missing parties/e/address"]),
        (|w| end_user(w).identifiers.clear(), &["party_identifier_missing parties/e/identifiers"]),
        (
            |w| end_user(w).identifiers = vec!["5299".into()],
            &["party_identifier_form parties/e/identifiers"],
        ),
        (
            |w| {
                w.watch_listed.insert("e".into());
            },
            &["party_watch_listed parties/e/name", "document_missing documents"],
        ),
        (
            |w| w.application.parties.push(party("x", PartyPart::EndUser)),
            &["party_unused parties/x"],
        ),
        // Who only handles the goods on the way stands in no cell.
        (|w| w.application.parties.push(party("x", PartyPart::Intermediate)), &[]),
        (
            |w| w.application.uses.clear(),
            &["uses_missing uses", "cell_end_use_unknown cells/c1/end_use"],
        ),
        (|w| w.application.uses[0].code.clear(), &["use_missing uses/u1/code"]),
        (|w| w.application.uses[0].code = "toys".into(), &["use_unknown uses/u1/code"]),
        (|w| w.application.uses[0].text.clear(), &["use_text_missing uses/u1/text"]),
        (
            |w| {
                let more = EndUse { key: "u2".into(), ..w.application.uses[0].clone() };
                w.application.uses.push(more);
            },
            &["use_unused uses/u2"],
        ),
    ]
}

fn cell_cases() -> Vec<Case> {
    fn cell(w: &mut World) -> &mut Cell {
        &mut w.application.cells[0]
    }
    vec![
        (
            |w| cell(w).good = "g9".into(),
            &["good_unused goods/g1", "cell_good_unknown cells/c1/good"],
        ),
        (
            |w| cell(w).consignee = "y".into(),
            &["party_unused parties/c", "cell_consignee_unknown cells/c1/consignee"],
        ),
        (
            |w| cell(w).end_user = "y".into(),
            &["party_unused parties/e", "cell_end_user_unknown cells/c1/end_user"],
        ),
        (
            |w| cell(w).end_use = "y".into(),
            &["use_unused uses/u1", "cell_end_use_unknown cells/c1/end_use"],
        ),
        (
            |w| {
                let again = Cell { key: "c2".into(), ..w.application.cells[0].clone() };
                w.application.cells.push(again);
            },
            &["cell_repeated cells/c2", "certificate_quantity certificates/e"],
        ),
        (
            |w| {
                let mut again = Cell { key: "c2".into(), ..w.application.cells[0].clone() };
                again.consignee = "e".into();
                w.application.parties[1].parts.push(PartyPart::Consignee);
                w.application.cells.push(again);
            },
            &["cells_one_export cells", "certificate_quantity certificates/e"],
        ),
        (
            |w| {
                w.application.parties.push(party("f", PartyPart::EndUser));
                let again = Cell {
                    key: "c2".into(),
                    end_user: "f".into(),
                    ..w.application.cells[0].clone()
                };
                w.application.cells.push(again);
            },
            &["end_users_too_many cells", "certificate_missing certificates/f"],
        ),
        (|w| cell(w).destination.clear(), &["destination_missing cells/c1/destination"]),
        (|w| cell(w).destination = "QQQ".into(), &["destination_unknown cells/c1/destination"]),
        (|w| cell(w).destination = "FR".into(), &["destination_differs cells/c1/destination"]),
        (|w| cell(w).quantities.clear(), &["quantity_missing cells/c1/quantities"]),
        (
            |w| cell(w).quantities[2].amount = 0,
            &["quantity_invalid cells/c1/quantities", "unit_mass_differs cells/c1/quantities"],
        ),
        (
            |w| cell(w).quantities.push(kg("content:Dy", "1")),
            &["quantity_repeated cells/c1/quantities"],
        ),
        (
            |w| {
                cell(w).quantities.remove(1);
            },
            &["quantity_unit_missing cells/c1/quantities"],
        ),
        (
            |w| {
                cell(w).quantities.remove(0);
            },
            &["quantity_unit_missing cells/c1/quantities"],
        ),
        // 18,000 pieces of 50 g are 900 kg: a tenth is no doubt, more is.
        (|w| w.application.goods[0].unit_mass_mg = Some(55_000), &[]),
        (|w| w.application.goods[0].unit_mass_mg = Some(45_000), &[]),
        (
            |w| w.application.goods[0].unit_mass_mg = Some(55_001),
            &["unit_mass_differs cells/c1/quantities"],
        ),
        (
            |w| w.application.goods[0].unit_mass_mg = Some(44_999),
            &["unit_mass_differs cells/c1/quantities"],
        ),
        (
            |w| cell(w).quantities[1] = kg("content:Dy", "900.000001"),
            &["content_exceeds_mass cells/c1/quantities"],
        ),
    ]
}

fn paper_cases() -> Vec<Case> {
    vec![
        (
            |w| {
                w.application.documents.remove(0);
            },
            &["document_missing documents"],
        ),
        (
            |w| {
                w.application.documents.remove(1);
            },
            &["document_advised documents"],
        ),
        (
            |w| w.application.documents[0].number = "99".into(),
            &["document_missing documents", "document_number_unknown documents/0"],
        ),
        (|w| w.documents.clear(), &["document_absent documents/0", "document_absent documents/1"]),
        (
            |w| {
                w.documents.insert("aa".into(), DocumentState::Unscanned);
                w.documents.insert("bb".into(), DocumentState::Infected);
            },
            &["document_unscanned documents/0", "document_infected documents/1"],
        ),
        (|w| w.application.certificates.clear(), &["certificate_missing certificates/e"]),
        (|w| w.certificates.clear(), &["certificate_unusable certificates/e"]),
        (
            |w| w.certificates.get_mut("z1").unwrap().unusable = "revoked".into(),
            &["certificate_unusable certificates/e"],
        ),
        // Valid to its last day inclusive.
        (
            |w| {
                let last = Some(Date::constant(2025, 5, 30));
                w.certificates.get_mut("z1").unwrap().valid_until = last;
            },
            &["certificate_unusable certificates/e"],
        ),
        (
            |w| w.certificates.get_mut("z1").unwrap().covers = vec![kg("net_mass", "899.999999")],
            &["certificate_quantity certificates/e"],
        ),
        // Where the pack asks nothing of end users, their statement is a document like others.
        (
            |w| {
                w.rules.certificate.asks.clear();
                w.application.certificates.clear();
            },
            &["document_missing documents"],
        ),
        (|w| w.application.inventory.clear(), &["stock_missing inventory"]),
        (
            |w| w.application.inventory[0].end_user = "y".into(),
            &["stock_end_user_unknown inventory/0/end_user"],
        ),
        (|w| w.application.inventory[0].stops.clear(), &["stock_stops_missing inventory/0/stops"]),
    ]
}

#[test]
fn a_complete_application_has_no_finding() {
    let completeness = found(&complete());
    assert_eq!(told(&completeness), Vec::<String>::new());
    assert!(completeness.complete() && completeness.can_be_handed_in());
    assert_eq!(completeness.days, 0);
}

#[test]
fn each_gap_is_found_where_it_is_and_nothing_else_and_each_code_has_a_case() {
    let mut seen = BTreeSet::new();
    let cases = [application_cases(), good_cases(), party_cases(), cell_cases(), paper_cases()];
    for (number, (change, expected)) in cases.into_iter().flatten().enumerate() {
        let mut world = complete();
        change(&mut world);
        let found = found(&world);
        assert_eq!(told(&found), expected, "case {number}");
        seen.extend(found.findings.iter().map(|finding| finding.code));
    }
    let all: BTreeSet<&str> = CODES.iter().map(|row| row.0).collect();
    assert_eq!(all.difference(&seen).collect::<Vec<_>>(), Vec::<&&str>::new());
    assert_eq!(seen.difference(&all).collect::<Vec<_>>(), Vec::<&&str>::new());
}

#[test]
fn what_blocks_here_is_what_handing_in_refuses() {
    let cases = [application_cases(), good_cases(), party_cases(), cell_cases(), paper_cases()];
    for (number, (change, _)) in cases.into_iter().flatten().enumerate() {
        let mut world = complete();
        change(&mut world);
        let found = found(&world);
        // An infected document is none of the case's rules.
        // An appeal needs the case that it appeals: the tests of its end have one.
        let other = |code: &str| matches!(code, "document_infected" | "appeal_grounds_missing");
        if found.findings.iter().any(|finding| other(finding.code)) {
            continue;
        }
        let by = By {
            account: "ada",
            acting_for: "",
            role: base::authorisation::Role::Filer,
            agency: "",
            party: "gad:m",
        };
        let listed: Vec<String> = world.watch_listed.iter().cloned().collect();
        let context = Context {
            rules: &world.rules,
            now: base::Timestamp::from_us(0),
            zone: &jiff::tz::TimeZone::UTC,
            watch_listed: &listed,
            prohibited: &[],
            conditions: &[],
            silent_agencies: &[],
            signers: &[],
            followed: None,
        };
        let refused = submit(&world.application, None, &by, &context).err();
        assert_eq!(
            found.can_be_handed_in(),
            refused.is_none(),
            "case {number}: {:?} {refused:?}",
            told(&found)
        );
    }
}

#[test]
fn everything_is_told_at_once_and_the_worst_gap_is_the_delay() {
    let mut world = complete();
    world.application.parties[1].address.clear();
    assert_eq!(found(&world).days, 4);
    world.application.documents.remove(0);
    let both = found(&world);
    assert_eq!(both.days, 9);
    assert!(!both.complete() && both.can_be_handed_in());
    let empty = found(&World { application: Application::default(), ..complete() });
    assert!(empty.findings.len() >= 9 && !empty.can_be_handed_in(), "{:?}", told(&empty));
    // Advice costs nothing.
    let mut world = complete();
    world.rules.gaps[0].id = "stock_missing".into();
    world.application.inventory.clear();
    let advised = found(&world);
    assert_eq!((advised.days, advised.complete()), (0, true));
    assert_eq!(advised.findings[0].days, Some(4));
}
