//! What a stranger can and cannot be made to believe, and what is on the pages.

use std::sync::LazyLock;

use data_encoding::{BASE32_NOPAD, HEXLOWER};
use licensing::quantity::{Quantity, Unit};
use memchr::memmem;
use proptest::prelude::*;
use sha2::{Digest, Sha256};

use super::font::{Fonts, Language};
use super::samples_tests::{licence, refusal};
use super::text::wrap;
use super::*;

fn key() -> SigningKey {
    SigningKey::from_seed([7; 32])
}

fn keys() -> PublicKeys {
    PublicKeys::of(vec![key().public()])
}

fn code() -> String {
    static CODE: LazyLock<String> =
        LazyLock::new(|| document_write(&licence(5), &key()).unwrap().code.unwrap());
    CODE.clone()
}

#[test]
fn the_same_document_and_key_give_the_same_bytes_in_every_run() {
    // A change of the layout changes these digests: then look at the pages before writing them anew.
    let check = |document: &Document, expected: &str| {
        let issued = document_write(document, &key()).unwrap();
        assert_eq!(issued, document_write(document, &key()).unwrap());
        assert_eq!(HEXLOWER.encode(&Sha256::digest(&issued.pdf)), expected);
    };
    check(&licence(5), "ca3954d4d87dd978de4002676b6222de29c32b6ab9b43e014cb3beca76cbf9d1");
    check(&refusal(), "c5aa76f0145a9a40897d4968e1ef678e440dd6de1ee7c6778aa9317757e8fdee");
}

#[test]
fn a_stranger_with_the_public_key_verifies_a_licence_and_its_code() {
    let document = licence(5);
    let issued = document_write(&document, &key()).unwrap();
    let read = PublicKeys::read(&key().public().to_text()).unwrap();
    let expected = document.payload().unwrap();
    assert_eq!(expected.as_ref().map(|payload| payload.digest), Some(issued.digest));
    let Proof::File { document: found, payload, key: by } = verify(&issued.pdf, &read).unwrap()
    else {
        panic!("a file")
    };
    assert_eq!((*found, payload), (document, expected.clone()));
    assert_eq!(by, key().public().id());
    let text = format!("  {}\r\n", issued.code.unwrap());
    let Proof::Code { payload, key: by } = verify(text.as_bytes(), &read).unwrap() else {
        panic!("a code")
    };
    assert_eq!((Some(payload), by), (expected, key().public().id()));
}

#[test]
fn a_letter_has_a_seal_and_no_code() {
    let issued = document_write(&refusal(), &key()).unwrap();
    assert_eq!(issued.code, None);
    let proof = verify(&issued.pdf, &keys()).unwrap();
    assert!(matches!(proof, Proof::File { payload: None, .. }), "{proof:?}");
}

#[test]
fn a_key_that_was_not_given_proves_nothing_and_older_keys_go_on_proving() {
    let (old, new) = (key(), SigningKey::from_seed([8; 32]));
    let issued = document_write(&licence(1), &old).unwrap();
    let text = issued.code.unwrap();
    let only_new = PublicKeys::of(vec![new.public()]);
    for bytes in [issued.pdf.as_slice(), text.as_bytes()] {
        let error = verify(bytes, &only_new).unwrap_err();
        assert_eq!(error.code(), "paper_key_unknown");
        assert!(error.to_string().contains(&old.public().id().to_string()), "{error}");
        let both = only_new.clone().and(keys());
        assert!(verify(bytes, &both).is_ok());
        assert_eq!(both.ids().len(), 2);
    }
    let file = format!("{}{}", new.public().to_text(), old.public().to_text());
    assert_eq!(PublicKeys::read(&file).unwrap().ids(), [new.public().id(), old.public().id()]);
}

#[test]
fn a_key_file_is_read_strictly() {
    let good = key().public().to_text();
    let check = |text: &str| PublicKeys::read(text).unwrap_err().code();
    assert_eq!(check(""), "paper_key_form");
    assert_eq!(check(&good.replace("MCow", "MCov")), "paper_key_form");
    assert_eq!(check(&good.replace("-----END PUBLIC KEY-----", "")), "paper_key_form");
    let weak = [
        [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00].as_slice(),
        &[1],
        &[0; 31],
    ]
    .concat();
    let weak = data_encoding::BASE64.encode(&weak);
    let text = format!("-----BEGIN PUBLIC KEY-----\n{weak}\n-----END PUBLIC KEY-----\n");
    assert!(PublicKeys::read(&text).unwrap_err().to_string().contains("small order"));
}

#[test]
fn a_code_with_any_bit_changed_is_refused() {
    let text = code().into_bytes();
    assert!(verify(&text, &keys()).is_ok());
    for at in 0..text.len() {
        for bit in 0..8 {
            let mut changed = text.clone();
            changed[at] ^= 1 << bit;
            assert!(verify(&changed, &keys()).is_err(), "byte {at} bit {bit}");
        }
    }
    let bytes = BASE32_NOPAD.decode(&text[PREFIX.len()..]).unwrap();
    for at in 0..bytes.len() {
        for bit in 0..8 {
            let mut changed = bytes.clone();
            changed[at] ^= 1 << bit;
            let changed = format!("{PREFIX}{}", BASE32_NOPAD.encode(&changed));
            assert!(verify(changed.as_bytes(), &keys()).is_err(), "byte {at} bit {bit}");
        }
    }
}

#[test]
fn a_document_with_any_digit_of_its_seal_changed_is_refused() {
    let pdf = document_write(&refusal(), &key()).unwrap().pdf;
    let seals: Vec<usize> = memmem::find_iter(&pdf, b"GADOLIN-SEAL/1:").collect();
    assert_eq!(seals.len(), 2, "in the information and in the metadata");
    for start in seals {
        for at in start..start + 15 + 16 + 1 + 128 {
            for bit in [0, 3, 5, 7] {
                let mut changed = pdf.clone();
                changed[at] ^= 1 << bit;
                assert!(verify(&changed, &keys()).is_err(), "byte {at} bit {bit}");
            }
        }
    }
    let mut upper = pdf.clone();
    for mark in memmem::find_iter(&pdf, b"GADOLIN-SEAL/1:") {
        upper[mark + 32..mark + 160].make_ascii_uppercase();
    }
    assert_eq!(verify(&upper, &keys()).unwrap_err().code(), "paper_seal_form");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_make_the_verifier_fail_otherwise_than_by_saying_so(
        bytes in proptest::collection::vec(any::<u8>(), 0..600),
        begin in prop::sample::select(vec!["", "%PDF-1.7\n", PREFIX, "GADOLIN-SEAL/1:"]),
    ) {
        let raw = [begin.as_bytes(), &bytes].concat();
        prop_assert!(verify(&raw, &keys()).is_err());
        let coded = format!("{PREFIX}{}", BASE32_NOPAD.encode(&bytes));
        prop_assert!(verify(coded.as_bytes(), &keys()).is_err());
        let _ = PublicKeys::read(&String::from_utf8_lossy(&raw));
    }

    #[test]
    fn a_code_that_was_cut_lengthened_or_changed_is_refused(
        at in any::<prop::sample::Index>(),
        with in proptest::collection::vec(any::<u8>(), 0..4),
        cut in 0_usize..4,
    ) {
        let text = code();
        let bytes = BASE32_NOPAD.decode(&text.as_bytes()[PREFIX.len()..]).unwrap();
        let at = at.index(bytes.len());
        let rest = bytes.get(at + cut..).unwrap_or_default();
        let changed = [&bytes[..at], &with, rest].concat();
        prop_assume!(changed != bytes);
        let changed = format!("{PREFIX}{}", BASE32_NOPAD.encode(&changed));
        prop_assert!(verify(changed.as_bytes(), &keys()).is_err());
    }
}

#[test]
fn a_document_with_any_bit_changed_cut_or_lengthened_is_refused() {
    let pdf = document_write(&refusal(), &key()).unwrap().pdf;
    // Every 61st byte, another bit each time: all parts of the file.
    for (n, at) in (0..pdf.len()).step_by(61).enumerate() {
        let mut changed = pdf.clone();
        changed[at] ^= 1 << (n % 8);
        assert!(verify(&changed, &keys()).is_err(), "byte {at}");
    }
    assert!(verify(&pdf[..pdf.len() - 1], &keys()).is_err());
    let update = b"\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\nstartxref\n0\n%%EOF";
    assert!(verify(&[pdf.as_slice(), update].concat(), &keys()).is_err());
}

#[test]
fn what_the_authority_sealed_with_the_code_of_another_licence_contradicts_itself() {
    let forged = |json: &[u8], code: Option<&str>| {
        let code = code.map(|code| format!("stream\n{code}\nendstream\n")).unwrap_or_default();
        let bytes = [
            b"%PDF-1.7\n",
            seal::place(key().public().id()).as_bytes(),
            b"\nstream\n",
            json,
            b"\nendstream\n",
            code.as_bytes(),
        ]
        .concat();
        verify(&seal::seal(bytes, &key()).unwrap(), &keys())
    };
    let json = licence(5).canonical_json().unwrap();
    let own = code();
    assert!(forged(&json, Some(&own)).is_ok(), "the frame of this test is sound");
    let other = document_write(&licence(4), &key()).unwrap().code.unwrap();
    let letter = refusal().canonical_json().unwrap();
    let spaced = [b"{ ", json.get(1..).unwrap()].concat();
    for (json, code) in [
        (json.as_slice(), Some(other.as_str())),
        (json.as_slice(), None),
        (letter.as_slice(), Some(own.as_str())),
        (spaced.as_slice(), Some(own.as_str())),
    ] {
        assert_eq!(forged(json, code).unwrap_err().code(), "paper_contradiction");
    }
}

#[test]
fn a_text_that_looks_like_a_seal_is_refused_and_a_sealed_file_is_not_sealed_again() {
    let mut document = refusal();
    document.closing.push(Words::new(seal::place(key().public().id()), ""));
    assert_eq!(document_write(&document, &key()).unwrap_err().code(), "paper_content");
    let pdf = document_write(&refusal(), &key()).unwrap().pdf;
    assert_eq!(seal::seal(pdf, &key()).unwrap_err().code(), "paper_seal_form");
}

#[test]
fn characters_that_no_font_has_are_named_all_at_once() {
    let mut document = licence(1);
    document.paragraphs.push(Words::new("a box \u{2612}", "𠮷野家"));
    document.lines[0].consignee = "مصنع \u{0} Co \u{202e}".to_owned();
    // Composed where it can be; a mark that stays alone is named.
    document.lines[0].end_user = "A\u{30a}sga\u{30a}rd q\u{301}".to_owned();
    let error = document_write(&document, &key()).unwrap_err();
    assert_eq!(error.code(), "paper_characters_missing");
    for named in ["U+2612", "`𠮷` (U+20BB7)", "U+0645", "U+0000", "U+202E", "U+0301"] {
        assert!(error.to_string().contains(named), "{named}: {error}");
    }
    assert!(!error.to_string().contains("U+030A"), "{error}");
}

#[test]
fn a_signature_of_one_purpose_is_none_of_another() {
    let signature = key().sign(key::Purpose::Payload, b"message");
    let verify = |purpose| keys().verify(key().public().id(), purpose, b"message", &signature);
    assert_eq!(verify(key::Purpose::Payload), Ok(()));
    assert_eq!(verify(key::Purpose::Seal).unwrap_err().code(), "paper_signature_wrong");
}

#[test]
fn the_head_of_the_table_stands_on_each_of_its_pages() {
    let flow = compose::compose(&licence(60), None, "key").unwrap();
    let head =
        |item: &flow::Item| matches!(item.shape, flow::Shape::Rule { ink: text::Ink::Tint, .. });
    let heads: Vec<usize> =
        flow.pages.iter().map(|page| page.iter().filter(|i| head(i)).count()).collect();
    assert!(heads.len() > 4, "{heads:?}");
    assert!(heads.iter().rev().skip(1).all(|count| *count == 1), "{heads:?}");
    for page in &flow.pages {
        let lowest = |item: &flow::Item| item.y <= flow::PAGE_HEIGHT - 20.0;
        assert!(page.iter().all(lowest));
    }
}

#[test]
fn every_character_of_the_packs_and_of_the_program_can_be_drawn() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let locales = root.join("crates/web/locales");
    let mut folders = vec![root.join("packs"), locales.join("en"), locales.join("zh")];
    // What end users read in their own languages is a page or mail, never a document of the authority.
    let of_end_users = ["certificate_texts.toml", "mail.toml"];
    let fonts = Fonts::get().unwrap();
    let mut read = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if !of_end_users.iter().any(|name| path.ends_with(name))
                && let Ok(text) = std::fs::read_to_string(&path)
            {
                read += 1;
                let lines = text.lines().map(|line| line.trim_end_matches('\t'));
                let mut missing = fonts.missing(lines);
                missing.retain(|c| !c.is_control() && *c != '\u{feff}' && *c != '\u{2068}');
                assert_eq!(missing, Vec::<char>::new(), "{}", path.display());
            }
        }
    }
    assert!(read > 50, "{read} files");
}

#[test]
fn lines_break_as_both_scripts_ask() {
    let style = compose::BODY;
    let document = licence(1);
    let text = &document.paragraphs[0];
    for width in [40.0_f32, 77.0, 120.0, 200.0, 480.0] {
        let lines = |text: &str, language| -> Vec<String> {
            let lines = wrap(text, language, &style, width).unwrap();
            assert!(lines.iter().all(|line| line.width <= width), "{width}");
            let joined =
                |line: &text::TextLine| line.runs.iter().map(|r| r.text.as_str()).collect();
            lines.iter().map(joined).collect()
        };
        let english = lines(&text.en, Language::English);
        assert_eq!(english.concat(), text.en);
        assert!(width < 77.0 || english.iter().all(|l| l.ends_with(' ') || text.en.ends_with(l)));
        let chinese = lines(&text.zh, Language::Chinese);
        assert_eq!(chinese.concat(), text.zh);
        for line in &chinese {
            assert!(!line.starts_with(['。', '，', '、', '；', '》']), "{width}: `{line}`");
            assert!(!line.ends_with('《'), "{width}: `{line}`");
        }
    }
}

#[test]
fn a_number_is_not_broken_at_its_hyphens_unless_it_is_longer_than_the_line() {
    // Whether some width breaks the text behind a hyphen.
    let check = |widths: std::ops::Range<u16>, text: &str, broken: bool| {
        let behind = |width: u16| {
            let lines = wrap(text, Language::English, &compose::BODY, width.into()).unwrap();
            lines.iter().any(|line| line.runs.iter().any(|run| run.text.ends_with('-')))
        };
        assert_eq!(widths.into_iter().any(behind), broken, "{text}");
    };
    check(60..150, "licence YT-L-2026-1 and YT-L-2026-2 of 2026-02-03 end", false);
    check(60..150, "the well-known and re-exported goods of a so-called trader", true);
    check(10..30, "YT-L-2026-1", true);
}

#[test]
fn a_long_licence_has_more_pages_and_a_code_that_says_what_it_leaves_out() {
    let document = licence(60);
    let issued = document_write(&document, &key()).unwrap();
    let Proof::File { payload: Some(payload), .. } = verify(&issued.pdf, &keys()).unwrap() else {
        panic!("a licence")
    };
    assert_eq!((payload.lines_total, payload.lines.len()), (60, CODE_LINES_MAX));
    assert!(payload.sentences().contains("and 44 more lines"), "{}", payload.sentences());
    let modules = |lines: usize| {
        let text = document_write(&licence(lines), &key()).unwrap().code.unwrap();
        (text.len(), QrCode::with_error_correction_level(&text, EcLevel::M).unwrap().version())
    };
    assert_eq!(modules(5), (407, qrcode::Version::Normal(12)));
    assert_eq!(modules(60), (796, qrcode::Version::Normal(18)));
}

#[test]
fn a_line_has_several_units_and_codes_and_the_code_carries_as_many_lines_as_fit() {
    let check = |codes: usize, units: usize, carried: usize| {
        let mut document = licence(20);
        for line in &mut document.lines {
            line.control_codes = (0..codes).map(|n| format!("{n}C9").repeat(10)).collect();
            let unit =
                |n| format!("content:{}", ["Nd", "Pr", "Dy", "Tb", "Sm", "Gd", "Y", "Sc"][n]);
            let unit = |n| Unit::parse(&unit(n)).unwrap();
            line.quantities =
                (0..units).map(|n| Quantity { unit: unit(n), amount: 1 << 50 }).collect();
        }
        let issued = document_write(&document, &key()).unwrap();
        let Proof::File { payload: Some(payload), .. } = verify(&issued.pdf, &keys()).unwrap()
        else {
            panic!("a licence")
        };
        assert_eq!((payload.lines_total, payload.lines.len()), (20, carried));
        assert_eq!(payload.lines[0].quantities, document.lines[0].quantities);
        assert_eq!(payload.lines[0].control_codes, document.lines[0].control_codes);
    };
    check(0, 1, CODE_LINES_MAX);
    check(1, 2, 6);
    check(8, 8, 1);
}

#[test]
fn what_cannot_be_issued_says_which_part_is_wrong() {
    let check = |change: fn(&mut Document), field: &str| {
        let mut document = licence(2);
        change(&mut document);
        let error = document_write(&document, &key()).unwrap_err();
        let PaperError::Content { field: found, .. } = &error else { panic!("{error}") };
        assert_eq!(*found, field, "{error}");
    };
    check(|d| d.form = "gadolin/document/2".to_owned(), "form");
    check(|d| d.validity = None, "validity");
    check(|d| d.kind = DocumentKind::Refusal, "validity");
    check(|d| d.lines.clear(), "lines");
    check(|d| d.title = Words::default(), "title");
    check(|d| d.notice.en = "word ".repeat(300), "notice");
    check(|d| d.authority = "Demo".to_owned(), "authority");
    check(|d| d.reference = "L 1".to_owned(), "reference");
    check(|d| d.reference = "L".repeat(41), "reference");
    check(|d| d.lines[0].control_codes = vec!["2C902 a".to_owned()], "control_code");
    check(|d| d.lines[0].destination = "no".to_owned(), "destination");
    check(|d| d.lines[0].control_codes = vec!["2C902".to_owned(); 9], "control_code");
    check(|d| d.lines[1].quantities[0].amount = 0, "quantity");
    check(|d| d.lines[1].quantities.clear(), "quantity");
    check(|d| d.lines[1].quantities = vec![d.lines[0].quantities[0].clone(); 9], "quantity");
    check(|d| d.lines[1].goods.en = "x".repeat(CELL_CHARS_MAX + 1), "cell");
    check(|d| d.paragraphs[0].en = "x".repeat(TEXT_CHARS_MAX + 1), "text");
    check(
        |d| d.validity = d.validity.map(|v| Validity { to: d.issued_on, from: v.to }),
        "valid_to",
    );
    check(|d| d.issued_on = jiff::civil::date(1999, 12, 31), "date");
}
