//! Certificates: who may do what when, what counts, what is missing and what is left.

use proptest::prelude::*;

use super::*;
use crate::application::{Application, Cell, PartyEntry};
use crate::quantity::Unit;
use crate::rules::{CaseFacts, CertificateRule, Phrase, When};

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

const TODAY: &str = "2026-01-31";

fn phrase(id: &str) -> Phrase {
    Phrase {
        id: id.to_owned(),
        text_en: format!("{id} in English"),
        text_zh: String::new(),
        citation: String::new(),
        source: String::new(),
        confidence: String::new(),
    }
}

fn rule() -> CertificateRule {
    CertificateRule {
        asks: ["name", "position", "authority", "email", "place"].map(str::to_owned).to_vec(),
        promises: vec![phrase("end_use_only"), phrase("no_transfer")],
        valid_months: Some(1),
        ..CertificateRule::default()
    }
}

fn kg(amount: i64) -> Quantity {
    Quantity { unit: Unit::NetMass, amount: amount * 1_000_000 }
}

fn party(key: &str, name: &str) -> PartyStated {
    PartyStated {
        key: key.to_owned(),
        name: name.to_owned(),
        country: "DE".to_owned(),
        ..PartyStated::default()
    }
}

fn statement() -> Statement {
    Statement {
        exporter: party("", "Nordlicht Magnets"),
        end_user: party("u", "Motor Works"),
        consignee: party("c", "Trading House"),
        destination: "DE".to_owned(),
        goods: vec![GoodStated {
            key: "g".to_owned(),
            name: "N42UH ring".to_owned(),
            hs: "850511".to_owned(),
            quantities: vec![kg(900), Quantity { unit: Unit::Pieces, amount: 4_000 }],
        }],
        end_use_key: "e".to_owned(),
        end_use: "traction motors".to_owned(),
        promises: vec!["end_use_only".to_owned(), "no_transfer".to_owned()],
        ..Statement::default()
    }
}

fn asked(second: SecondChannel) -> Certificate {
    let event = Event::Asked {
        statement: Box::new(statement()),
        purpose: Purpose::Draft("d1".to_owned()),
        language: "de".to_owned(),
        contact: Contact::default(),
        second,
    };
    let first =
        Recorded { seq: 1, at_us: 1, account: "a".to_owned(), acting_for: String::new(), event };
    Certificate::begin([7; 16], "gad:own", &first).unwrap()
}

fn situation<'a>(rule: &'a CertificateRule, who: Who, today: &str) -> Situation<'a> {
    Situation { who, today: day(today), rule }
}

/// Does something, and gives the code of the refusal where it was one.
fn run(certificate: &mut Certificate, who: Who, today: &str, command: Command) -> &'static str {
    let rule = rule();
    match decide(certificate, command, &situation(&rule, who, today)) {
        Err(refusal) => refusal.code(),
        Ok(event) => {
            let seq = certificate.version + 1;
            let account = if who == Who::EndUser { "" } else { "a" }.to_owned();
            let at_us = i64::from(seq);
            let recorded = Recorded { seq, at_us, account, acting_for: String::new(), event };
            certificate.apply(&recorded).unwrap();
            "ok"
        }
    }
}

fn signatory() -> Signatory {
    Signatory {
        name: "Jo Weber".to_owned(),
        position: "Head of purchasing".to_owned(),
        email: "jo@motor.example".to_owned(),
        place: "Ulm".to_owned(),
        authority: Authority::Stated,
    }
}

fn sign(certificate: &Certificate, means: Means) -> SignedBy {
    let words = WordsOfAll::new();
    let shown = text(certificate, certificate.statement_shown(), ("en", &words), &rule(), "A");
    SignedBy {
        signatory: signatory(),
        means,
        on: None,
        seen: shown.sha256(),
        language: "de".to_owned(),
        text: shown.plain(),
    }
}

const LINK: Means = Means::Link { second: SecondChannel::None };

fn paper(received_by: Who) -> Means {
    let document = "00".repeat(32);
    Means::Paper { form: PaperForm::Copy, seal: Seal::NotSeen, document, received_by }
}

fn sign_by_link(certificate: &mut Certificate, today: &str) -> &'static str {
    let command = Command::Sign(Box::new(sign(certificate, LINK)));
    run(certificate, Who::EndUser, today, command)
}

fn correction(amount: i64, end_use: &str) -> Command {
    let quantities = vec![kg(amount), Quantity { unit: Unit::Pieces, amount: 4_000 }];
    Command::Correct(Correction {
        goods: [("g".to_owned(), CorrectedGood { quantities })].into(),
        end_use: end_use.to_owned(),
        ..Correction::default()
    })
}

fn codes(certificate: &Certificate, rule: &CertificateRule, today: &str) -> Vec<String> {
    let found = gaps(certificate, rule, &CaseFacts::default(), day(today));
    found.into_iter().map(|gap| format!("{} {}", gap.code, gap.of).trim().to_owned()).collect()
}

#[test]
fn it_is_asked_opened_and_signed_once_and_expires_at_the_end_of_the_month() {
    let mut certificate = asked(SecondChannel::None);
    assert_eq!(codes(&certificate, &rule(), TODAY), ["certificate_not_signed"]);
    assert_eq!(run(&mut certificate, Who::EndUser, TODAY, Command::Open), "ok");
    assert_eq!(certificate.standing(day(TODAY)), Standing::Opened);
    assert_eq!(sign_by_link(&mut certificate, TODAY), "ok");
    assert_eq!(sign_by_link(&mut certificate, TODAY), "state", "one signature is enough");
    assert_eq!(certificate.signatures.len(), 1);
    assert_eq!(codes(&certificate, &rule(), TODAY), Vec::<String>::new());
    // 31 January and one month is the end of February, that day included.
    assert_eq!(certificate.standing(day("2026-02-28")), Standing::Signed);
    assert_eq!(certificate.standing(day("2026-03-01")), Standing::Expired);
    assert_eq!(codes(&certificate, &rule(), "2026-03-01"), ["certificate_expired"]);
}

#[test]
fn who_may_do_what_is_this_table() {
    let signed = |means| {
        let certificate = asked(SecondChannel::None);
        Command::Sign(Box::new(sign(&certificate, means)))
    };
    let reason = || "because".to_owned();
    let commands: [(&str, Command, [bool; 3]); 14] = [
        // By the end user, the exporter, an officer.
        ("open", Command::Open, [true, false, false]),
        ("correct", correction(1, "x"), [true, false, false]),
        ("decline", Command::Decline(reason()), [true, false, false]),
        ("sign", signed(LINK), [true, false, false]),
        ("link", Command::Link(1), [false, true, false]),
        ("withdraw", Command::LinkWithdraw, [false, true, false]),
        ("agree", Command::CorrectionAgree(reason()), [false, true, false]),
        ("refuse", Command::CorrectionRefuse(reason()), [false, true, false]),
        ("paper of the exporter", signed(paper(Who::Exporter)), [false, true, false]),
        ("paper of the officer", signed(paper(Who::Officer)), [false, false, true]),
        ("check", Command::PaperCheck(Seal::Seen), [false, false, true]),
        ("original", Command::OriginalReceive(Seal::Seen), [false, false, true]),
        ("translate", Command::Translate("zh".into(), String::new()), [false, true, true]),
        ("revoke", Command::Revoke(reason()), [true, true, true]),
    ];
    let rule = rule();
    for (name, command, expected) in commands {
        let found = [Who::EndUser, Who::Exporter, Who::Officer].map(|who| {
            let certificate = asked(SecondChannel::None);
            let done = decide(&certificate, command.clone(), &situation(&rule, who, TODAY));
            done.err() != Some(Refusal::NotYours)
        });
        assert_eq!(found, expected, "{name}");
    }
}

#[test]
fn what_is_asked_of_the_signatory_is_needed_and_nothing_else() {
    let check = |change: fn(&mut Signatory), asks: &[&str], expected: &str| {
        let certificate = asked(SecondChannel::None);
        let mut signed = sign(&certificate, LINK);
        change(&mut signed.signatory);
        let asks = asks.iter().map(|ask| (*ask).to_owned()).collect();
        let rule = CertificateRule { asks, ..rule() };
        let done = decide(
            &certificate,
            Command::Sign(Box::new(signed)),
            &situation(&rule, Who::EndUser, TODAY),
        );
        let found = done.map_or_else(|refusal| refusal.to_string(), |_| "ok".to_owned());
        assert_eq!(found, expected);
    };
    check(|s| s.name = " ".to_owned(), &[], "`name` is missing");
    check(|s| s.position.clear(), &["position"], "`position` is missing");
    check(|s| s.position.clear(), &["email"], "ok");
    check(|s| s.email.clear(), &["email"], "`email` is missing");
    check(|s| s.place.clear(), &["place"], "`place` is missing");
    check(|s| s.authority = Authority::NotStated, &["authority"], "`authority` is missing");
    check(|s| s.authority = Authority::NotStated, &[], "ok");
}

#[test]
fn a_signature_is_void_when_the_text_changes_and_stays_on_record() {
    let mut certificate = asked(SecondChannel::None);
    let mut stale = sign(&certificate, LINK);
    stale.text.push('x');
    let stale = Command::Sign(Box::new(stale));
    assert_eq!(run(&mut certificate, Who::EndUser, TODAY, stale), "text_changed");
    assert_eq!(sign_by_link(&mut certificate, TODAY), "ok");
    let mut other = statement();
    other.goods[0].quantities[0] = kg(901);
    let same = Command::Restate(Box::new(statement()));
    assert_eq!(run(&mut certificate, Who::Exporter, TODAY, same), "same");
    let restate = Command::Restate(Box::new(other));
    assert_eq!(run(&mut certificate, Who::Exporter, TODAY, restate), "ok");
    assert!(certificate.signature().is_none());
    assert_eq!(certificate.signatures.len(), 1);
    assert_eq!(codes(&certificate, &rule(), TODAY), ["certificate_not_signed"]);
    // Nor does a signature count whose text was changed where it is kept.
    assert_eq!(sign_by_link(&mut certificate, TODAY), "ok");
    certificate.signatures[1].text.push('x');
    assert_eq!(certificate.standing(day(TODAY)), Standing::Void);
}

#[test]
fn a_correction_counts_when_the_exporter_agrees_and_may_be_signed_before() {
    let mut certificate = asked(SecondChannel::None);
    let (user, exporter) = (Who::EndUser, Who::Exporter);
    assert_eq!(run(&mut certificate, user, TODAY, correction(900, "traction motors")), "same");
    assert_eq!(run(&mut certificate, user, TODAY, correction(900, " ")), "missing");
    assert_eq!(run(&mut certificate, user, TODAY, correction(500, "traction motors")), "ok");
    assert_eq!(sign_by_link(&mut certificate, TODAY), "ok");
    assert_eq!(sign_by_link(&mut certificate, TODAY), "state");
    assert_eq!(certificate.standing(day(TODAY)), Standing::Corrected);
    assert_eq!(certificate.assurance(), None);
    let seen = certificate.correction.as_ref().unwrap().digest();
    let wrong = Command::CorrectionAgree("0".repeat(64));
    assert_eq!(run(&mut certificate, exporter, TODAY, wrong), "text_changed");
    assert_eq!(run(&mut certificate, exporter, TODAY, Command::CorrectionAgree(seen)), "ok");
    assert_eq!(certificate.standing(day(TODAY)), Standing::Signed);
    assert_eq!(certificate.statement.goods[0].quantities[0], kg(500));
    // Where it does not agree, the signature under the correction counts for nothing.
    let mut certificate = asked(SecondChannel::None);
    assert_eq!(run(&mut certificate, user, TODAY, correction(500, "traction motors")), "ok");
    assert_eq!(sign_by_link(&mut certificate, TODAY), "ok");
    let refuse = Command::CorrectionRefuse("contract".to_owned());
    assert_eq!(run(&mut certificate, exporter, TODAY, refuse), "ok");
    assert_eq!(certificate.standing(day(TODAY)), Standing::Void);
    assert_eq!(sign_by_link(&mut certificate, TODAY), "ok");
    assert_eq!(certificate.standing(day(TODAY)), Standing::Signed);
    assert_eq!(certificate.statement.goods[0].quantities[0], kg(900));
}

#[test]
fn a_correction_changes_no_good_and_no_unit() {
    for (key, quantities) in [
        ("h", vec![kg(1), Quantity { unit: Unit::Pieces, amount: 1 }]),
        ("g", vec![kg(1)]),
        ("g", vec![kg(1), Quantity { unit: Unit::Value("XTS".into()), amount: 1 }]),
    ] {
        let correction = Correction {
            goods: [(key.to_owned(), CorrectedGood { quantities })].into(),
            end_use: "x".to_owned(),
            ..Correction::default()
        };
        let mut certificate = asked(SecondChannel::None);
        let command = Command::Correct(correction);
        assert_eq!(run(&mut certificate, Who::EndUser, TODAY, command), "unknown", "{key}");
    }
}

#[test]
fn how_sure_it_is_follows_from_what_was_done() {
    let with = |second| Means::Link { second };
    let check = |second, means, who, then: &[Command], expected| {
        let mut certificate = asked(second);
        let command = Command::Sign(Box::new(sign(&certificate, means)));
        let found = run(&mut certificate, who, TODAY, command);
        for command in then {
            assert_eq!(run(&mut certificate, Who::Officer, TODAY, command.clone()), "ok");
        }
        assert_eq!((found, certificate.assurance()), expected);
    };
    let (none, code) = (SecondChannel::None, SecondChannel::Code);
    let government = || {
        let authority = "Ministry".to_owned();
        Command::GovernmentCertify(Government { authority, ..Government::default() })
    };
    check(none, with(none), Who::EndUser, &[], ("ok", Some(Assurance::Link)));
    check(code, with(none), Who::EndUser, &[], ("code", None));
    check(code, with(code), Who::EndUser, &[], ("ok", Some(Assurance::LinkAndCode)));
    check(code, paper(Who::Exporter), Who::Exporter, &[], ("ok", Some(Assurance::Paper)));
    let checked = [Command::PaperCheck(Seal::Seen)];
    let found = ("ok", Some(Assurance::PaperChecked));
    check(none, paper(Who::Exporter), Who::Exporter, &checked, found);
    check(none, with(none), Who::EndUser, &[government()], ("ok", Some(Assurance::Government)));
    let mut levels = [
        Assurance::Government,
        Assurance::Link,
        Assurance::Paper,
        Assurance::PaperChecked,
        Assurance::LinkAndCode,
    ];
    levels.sort();
    let levels = levels.map(Assurance::code);
    assert_eq!(levels, ["paper", "link", "link_and_code", "paper_checked", "government"]);
}

#[test]
fn what_the_pack_asks_for_and_is_not_there_is_a_gap() {
    let sealed = CertificateRule { original: true, translation: vec!["zh".into()], ..rule() };
    let mut sealed = CertificateRule { government_when: Some(When::default()), ..sealed };
    sealed.asks.extend(["seal", "use_place", "end_product"].map(str::to_owned));
    sealed.promises.push(phrase("no_weapons"));
    let mut certificate = asked(SecondChannel::None);
    let command = Command::Sign(Box::new(sign(&certificate, paper(Who::Exporter))));
    assert_eq!(run(&mut certificate, Who::Exporter, TODAY, command), "ok");
    certificate.signatures[0].signatory = Signatory::default();
    let expected = [
        "certificate_signatory_name",
        "certificate_signatory_position",
        "certificate_signatory_email",
        "certificate_signatory_place",
        "certificate_use_place",
        "certificate_end_product",
        "certificate_signatory_authority",
        "certificate_seal",
        "certificate_paper_unchecked",
        "certificate_promise no_weapons",
        "certificate_original",
        "certificate_translation zh",
        "certificate_government",
    ];
    assert_eq!(codes(&certificate, &sealed, TODAY), expected);
    let authority = "Ministry".to_owned();
    for command in [
        Command::PaperCheck(Seal::NotSeen),
        Command::OriginalReceive(Seal::Seen),
        Command::Translate("zh".to_owned(), String::new()),
        Command::GovernmentCertify(Government { authority, ..Government::default() }),
    ] {
        assert_eq!(run(&mut certificate, Who::Officer, TODAY, command), "ok");
    }
    certificate.signatures[0].signatory = signatory();
    let left = ["certificate_use_place", "certificate_end_product"];
    let mut expected: Vec<&str> = left.to_vec();
    expected.push("certificate_promise no_weapons");
    assert_eq!(codes(&certificate, &sealed, TODAY), expected);
    // Another signature is not what was checked and certified.
    let revoke = Command::Revoke("wrong".to_owned());
    assert_eq!(run(&mut certificate, Who::Officer, TODAY, revoke), "ok");
    assert_eq!(codes(&certificate, &sealed, TODAY), ["certificate_revoked"]);
}

#[test]
fn a_government_certifies_where_the_rule_says_so() {
    let when = When { watch_listed: true, ..When::default() };
    let rule = CertificateRule { government_when: Some(when), ..rule() };
    let mut certificate = asked(SecondChannel::None);
    assert_eq!(sign_by_link(&mut certificate, TODAY), "ok");
    for (watch_listed, expected) in [(false, 0), (true, 1)] {
        let facts = CaseFacts { watch_listed, ..CaseFacts::default() };
        assert_eq!(gaps(&certificate, &rule, &facts, day(TODAY)).len(), expected);
    }
}

#[test]
fn it_is_used_for_one_case_only() {
    let mut certificate = asked(SecondChannel::None);
    assert_eq!(sign_by_link(&mut certificate, TODAY), "ok");
    let draft = Purpose::Draft("d1".to_owned());
    let case = |number: &str| Purpose::Case(number.to_owned());
    assert!(counts(&certificate, &draft, day(TODAY)));
    let bind = |number: &str| Command::Bind(number.to_owned());
    assert_eq!(run(&mut certificate, Who::Exporter, TODAY, bind("C-1")), "ok");
    assert_eq!(run(&mut certificate, Who::Exporter, TODAY, bind("C-2")), "other_case");
    assert!(counts(&certificate, &case("C-1"), day(TODAY)));
    for other in [case("C-2"), draft, Purpose::Open] {
        assert!(!counts(&certificate, &other, day(TODAY)), "{other:?}");
    }
    // What is for no case yet counts for none.
    certificate.purpose = Purpose::Open;
    assert!(!counts(&certificate, &Purpose::Open, day(TODAY)));
}

fn cell(key: &str, amount: i64) -> Cell {
    Cell {
        key: key.to_owned(),
        good: "g".to_owned(),
        consignee: "c".to_owned(),
        end_user: "u".to_owned(),
        end_use: "e".to_owned(),
        destination: "DE".to_owned(),
        quantities: vec![kg(amount)],
    }
}

#[test]
fn cells_of_an_end_user_fit_its_certificate_or_are_named() {
    let check = |change: fn(&mut Application), expected: &[&str]| {
        let mut application = Application {
            parties: vec![PartyEntry {
                key: "u".to_owned(),
                name: "Motor Works".to_owned(),
                ..PartyEntry::default()
            }],
            cells: vec![cell("1", 500), cell("2", 400)],
            ..Application::default()
        };
        change(&mut application);
        let found = fits(&asked(SecondChannel::None), &application, "u");
        let found: Vec<String> =
            found.iter().map(|gap| format!("{} {}", gap.code, gap.of)).collect();
        assert_eq!(found, expected);
    };
    check(|_| {}, &[]);
    check(|a| a.cells[1].quantities[0] = kg(401), &["certificate_quantity g/net_mass"]);
    check(|a| a.cells[0].consignee.clear(), &["certificate_other_consignee 1"]);
    check(|a| a.cells[0].destination = "JP".into(), &["certificate_other_destination 1"]);
    check(|a| a.cells[1].end_use = "x".into(), &["certificate_other_end_use 2"]);
    check(|a| a.cells[1].good = "h".into(), &["certificate_good_not_covered 2"]);
    check(|a| a.cells[1].quantities.clear(), &["certificate_good_not_covered 2"]);
    check(|a| a.parties[0].name = "Other".into(), &["certificate_other_end_user u"]);
    check(|a| a.cells[1].end_user = "v".into(), &[]);
    // Another of the same name is another.
    let mut application = Application::default();
    let namesake =
        PartyEntry { key: "v".into(), name: "Motor Works".into(), ..PartyEntry::default() };
    application.parties.push(namesake);
    let found = fits(&asked(SecondChannel::None), &application, "v");
    let codes: Vec<&str> = found.iter().map(|gap| gap.code).collect();
    assert_eq!(codes, ["certificate_other_end_user"]);
}

#[test]
fn the_text_names_all_that_is_stated_and_falls_back_to_english() {
    let certificate = asked(SecondChannel::None);
    let mut words = WordsOfAll::new();
    let english = Words {
        title: "Certificate".to_owned(),
        statement: "{end_user} states to {authority} and {exporter}".to_owned(),
        labels: [("end_use".to_owned(), "End use".to_owned())].into(),
        promises: [("no_transfer".to_owned(), "no transfer".to_owned())].into(),
        ..Words::default()
    };
    let japanese = Words {
        title: "証明書".to_owned(),
        promises: [("no_transfer".to_owned(), "譲渡しない".to_owned())].into(),
        ..english.clone()
    };
    words.insert("en".to_owned(), english);
    words.insert("ja".to_owned(), Words { labels: Default::default(), ..japanese });
    let shown = |language| text(&certificate, &statement(), (language, &words), &rule(), "Office");
    let plain = shown("ja").plain();
    for part in [
        "証明書",
        "Motor Works states to Office and Nordlicht Magnets",
        "Trading House, DE",
        "N42UH ring, HS 850511: 900 kg (net_mass); 4000 pcs (pieces)",
        "End use: traction motors",
        "- 譲渡しない",
        "- end_use_only in English",
        &"07".repeat(16),
    ] {
        assert!(plain.contains(part), "`{part}` in {plain}");
    }
    assert_ne!(shown("ja").sha256(), shown("en").sha256());
    assert_eq!(shown("xx").plain(), shown("en").plain());
}

#[test]
fn each_part_of_a_statement_is_part_of_what_is_signed() {
    let certificate = asked(SecondChannel::None);
    let plain =
        |s: &Statement| text(&certificate, s, ("en", &WordsOfAll::new()), &rule(), "A").plain();
    let changes: [fn(&mut Statement); 9] = [
        |s| s.exporter.name.push('x'),
        |s| s.end_user.address.push('x'),
        |s| s.consignee.country.push('x'),
        |s| s.destination.push('x'),
        |s| s.goods[0].quantities[1].amount += 1,
        |s| s.end_use.push('x'),
        |s| s.use_place.push('x'),
        |s| s.end_product.push('x'),
        |s| drop(s.promises.pop()),
    ];
    for (number, change) in changes.into_iter().enumerate() {
        let mut other = statement();
        change(&mut other);
        assert_ne!(plain(&other), plain(&statement()), "{number}");
        assert_ne!(other.digest(), statement().digest(), "{number}");
    }
}

/// What somebody does, by number.
fn command(certificate: &Certificate, number: u8, amount: i64) -> (Who, Command) {
    let reason = || "because".to_owned();
    match number {
        0 => (Who::EndUser, Command::Open),
        1 => (Who::EndUser, correction(amount, "traction motors")),
        2 => {
            let seen = certificate.statement_shown().digest();
            (Who::Exporter, Command::CorrectionAgree(seen))
        }
        3 => (Who::Exporter, Command::CorrectionRefuse(reason())),
        4 => (Who::EndUser, Command::Sign(Box::new(sign(certificate, LINK)))),
        5 => (Who::Officer, Command::Sign(Box::new(sign(certificate, paper(Who::Officer))))),
        6 => (Who::EndUser, Command::Decline(reason())),
        7 => (Who::Officer, Command::Revoke(reason())),
        8 => {
            let mut other = statement();
            other.goods[0].quantities[0] = kg(amount);
            (Who::Exporter, Command::Restate(Box::new(other)))
        }
        _ => (Who::Officer, Command::PaperCheck(Seal::Seen)),
    }
}

proptest! {
    /// Against a model that knows only: is there a live signature, and for how much.
    #[test]
    fn one_that_is_revoked_expired_or_changed_never_counts(
        steps in proptest::collection::vec((0_u8..10, 1_i64..1_000, 0_i64..20), 1..24),
    ) {
        let mut certificate = asked(SecondChannel::None);
        let (mut today, mut last) = (day(TODAY), None::<Date>);
        let (mut stated, mut correction, mut signed) = (900, None, None);
        let (mut revoked, mut declined) = (false, false);
        let mut events = Vec::new();
        for (number, amount, days) in steps {
            today = today.checked_add(jiff::Span::new().days(days)).unwrap();
            let (who, command) = command(&certificate, number, amount);
            let rule = rule();
            let situation = Situation { who, today, rule: &rule };
            if let Ok(event) = decide(&certificate, command, &situation) {
                let seq = certificate.version + 1;
                let recorded = Recorded {
                    seq, at_us: 1, account: String::new(), acting_for: String::new(), event,
                };
                certificate.apply(&recorded).unwrap();
                events.push(recorded);
                match number {
                    1 => correction = Some(amount),
                    2 => stated = correction.take().unwrap(),
                    3 => correction = None,
                    4 | 5 => {
                        signed = Some(correction.unwrap_or(stated));
                        last = rule.valid_until(today);
                    }
                    6 => declined = true,
                    7 => revoked = true,
                    8 => (stated, correction, signed, declined) = (amount, None, None, false),
                    _ => {}
                }
            }
            let live = !revoked && !declined && correction.is_none() && signed == Some(stated)
                && last.is_some_and(|last| today <= last);
            let purpose = Purpose::Draft("d1".to_owned());
            prop_assert_eq!(counts(&certificate, &purpose, today), live);
            let rows = left(&certificate, &[], today);
            let certified = rows.iter().find(|row| row.unit == Unit::NetMass);
            let expected = live.then_some(i128::from(stated) * 1_000_000);
            prop_assert_eq!(certified.map(Left::amount), expected);
        }
        // Worked out anew from the beginning it is the same.
        let mut again = asked(SecondChannel::None);
        for event in &events {
            again.apply(event).unwrap();
        }
        prop_assert_eq!(again, certificate);
    }

    /// What is left is what is certified less the sum of what is used, exactly.
    #[test]
    fn what_is_left_is_exact(parts in proptest::collection::vec((0_u8..2, 1_i64..10_i64.pow(15)), 0..20)) {
        let mut certificate = asked(SecondChannel::None);
        prop_assert_eq!(sign_by_link(&mut certificate, TODAY), "ok");
        let unit = |number| if number == 0 { Unit::NetMass } else { Unit::Pieces };
        let used: Vec<Used> = parts.iter().map(|(number, amount)| Used {
            good: "g".to_owned(),
            quantities: vec![Quantity { unit: unit(*number), amount: *amount }],
        }).collect();
        for (number, certified) in [(0, 900_000_000_i128), (1, 4_000)] {
            let sum: i128 = parts.iter().filter(|p| p.0 == number).map(|p| i128::from(p.1)).sum();
            let rows = left(&certificate, &used, day(TODAY));
            let row = rows.iter().find(|row| row.unit == unit(number)).unwrap();
            prop_assert_eq!(row.amount(), certified - sum);
        }
    }
}
