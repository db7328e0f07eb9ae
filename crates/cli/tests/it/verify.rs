//! A stranger with the public key, and the key of an installation.

use std::os::unix::fs::PermissionsExt;

use formats::paper::{
    Document, DocumentKind, FORM, Line, SigningKey, Validity, Words, document_write,
};
use licensing::quantity::{Quantity, Unit};

use crate::place::Place;

fn document(number: &str, years: [i16; 2]) -> Document {
    let words = |text: &str| Words::new(text, "文件");
    Document {
        form: FORM.to_owned(),
        kind: DocumentKind::Licence,
        authority: "demo".to_owned(),
        authority_name: words("Authority"),
        reference: number.to_owned(),
        issued_on: jiff::civil::date(2020, 2, 29),
        title: words("Export licence"),
        facts: Vec::new(),
        paragraphs: vec![words("It is permitted.")],
        validity: Some(Validity {
            from: jiff::civil::date(years[0], 3, 1),
            to: jiff::civil::date(years[1], 2, 28),
        }),
        lines: vec![Line {
            number: 1,
            goods: words("Magnets"),
            control_codes: vec!["2C902.a".to_owned()],
            quantities: vec![Quantity { unit: Unit::NetMass, amount: 1_250_500_000 }],
            destination: "NO".to_owned(),
            destination_name: words("Norway"),
            consignee: "Nordlicht".to_owned(),
            end_user: "Vindkraft".to_owned(),
            end_use: words("Wind turbines"),
        }],
        conditions: Vec::new(),
        closing: Vec::new(),
        signatories: Vec::new(),
        notice: words("Unofficial"),
    }
}

/// A place where the files of an authority and its public keys lie, and no data directory.
fn issued() -> Place {
    let place = Place::new();
    let (old, new) = (SigningKey::from_seed([1; 32]), SigningKey::from_seed([2; 32]));
    place.write("old.pub", old.public().to_text());
    place.write("new.pub", new.public().to_text());
    let licence = document_write(&document("L-1", [2020, 2179]), &old).unwrap();
    place.write("licence.pdf", &licence.pdf);
    place.write("code.txt", format!("{}\n", licence.code.unwrap()));
    let mut changed = licence.pdf;
    let middle = changed.len() / 2;
    changed[middle] ^= 1;
    place.write("changed.pdf", changed);
    let letter =
        Document { kind: DocumentKind::Refusal, validity: None, ..document("R-1", [2020, 2021]) };
    place.write("letter.pdf", document_write(&letter, &new).unwrap().pdf);
    let ended = document_write(&document("L-2", [2020, 2021]), &old).unwrap();
    place.write("ended.txt", ended.code.unwrap());
    place.write("note.txt", "a note");
    place
}

#[test]
fn a_stranger_verifies_offline_with_only_the_public_key() {
    let place = issued();
    let check = |args: &[&str], code: i32| {
        let run = place.run(&[&["verify"], args].concat());
        assert_eq!(run.code, code, "{args:?}: {} {}", run.out, run.err);
        run
    };
    let run = check(&["licence.pdf", "--key", "old.pub", "--format", "json"], 0);
    let file = &run.json()["files"][0];
    assert_eq!((&file["what"], &file["licence"]["number"]), (&"licence".into(), &"L-1".into()));
    assert_eq!(file["licence"]["lines"][0]["quantities"][0]["quantity"], "1250.5 kg");
    assert_eq!(file["licence"]["by_its_dates"], "running");
    let run = check(&["code.txt", "ended.txt", "--key", "old.pub", "--format", "table"], 0);
    for said in [
        "licence L-1 of `demo`",
        "line 1: 2C902.a, 1250.5 kg (net_mass), to NO",
        "by its dates (UTC): ended",
        "does not prove: anything else on the paper",
        "suspended, revoked or replaced",
    ] {
        assert!(run.out.contains(said), "{said}: {}", run.out);
    }
    let all = ["licence.pdf", "code.txt", "letter.pdf", "--key", "old.pub", "new.pub"];
    let run = check(&[&all[..], &["--format", "json"]].concat(), 0);
    assert_eq!(run.json()["files"][2]["kind"], "refusal");
    let fed = std::fs::read(place.path("licence.pdf")).unwrap();
    assert_eq!(place.feed(&["verify", "-", "--key", "old.pub"], &fed).code, 0);
    assert!(!place.path("gadolin-data").exists(), "nothing is made for it");
}

#[test]
fn one_file_that_is_not_proved_fails_all_and_says_why() {
    let place = issued();
    for (file, key, code) in [
        ("changed.pdf", "old.pub", "paper_signature_wrong"),
        ("licence.pdf", "new.pub", "paper_key_unknown"),
        ("letter.pdf", "old.pub", "paper_key_unknown"),
        ("note.txt", "old.pub", "paper_not_recognised"),
        ("old.pub", "old.pub", "paper_not_recognised"),
    ] {
        let run = place.run(&["verify", "code.txt", file, "--key", key, "--format", "json"]);
        let report = run.json();
        assert_eq!((run.code, &report["verified"]), (1, &false.into()), "{file}");
        assert_eq!(report["files"][1]["error"]["code"], code, "{file}");
        let run = place.run(&["verify", file, "--key", key, "--format", "table"]);
        assert!(run.code == 1 && run.out.contains("not proved: "), "{}", run.out);
    }
    for (args, code, said) in [
        (&["verify", "code.txt"][..], 2, "--key"),
        (&["verify", "--key", "old.pub"], 2, "FILE"),
        (&["verify", "none.pdf", "--key", "old.pub"], 1, "none.pdf"),
        (&["verify", "code.txt", "--key", "note.txt"], 1, "licence-key"),
        (&["verify", "-", "-", "--key", "old.pub"], 1, "once"),
    ] {
        let run = place.run(args);
        assert!(run.code == code && run.err.contains(said), "{args:?}: {}", run.err);
    }
}

#[test]
fn the_key_of_an_installation_is_made_once_given_out_and_in_no_backup() {
    let place = Place::new();
    let first = place.run(&["licence-key"]);
    assert_eq!(first.code, 0, "{}", first.err);
    assert_eq!(place.run(&["licence-key"]).out, first.out);
    let secret = place.path("gadolin-data/licence.key");
    assert_eq!(std::fs::metadata(&secret).unwrap().permissions().mode() & 0o777, 0o600);
    let run = place.run(&["licence-key", "--change", "--format", "json"]);
    let keys = run.json();
    assert_eq!(keys["keys"].as_array().unwrap().len(), 2);
    assert!(keys["text"].as_str().unwrap().ends_with(&first.out));
    // The file that is given out is one that `verify` takes.
    place.write("authority.pub", keys["text"].as_str().unwrap());
    place.write("note.txt", "a note");
    let run = place.run(&["verify", "note.txt", "--key", "authority.pub", "--format", "json"]);
    assert_eq!(run.json()["files"][0]["error"]["code"], "paper_not_recognised");
    place.filed(crate::answers::SMALL);
    assert_eq!(place.run(&["backup", "b"]).code, 0);
    let names: Vec<_> = std::fs::read_dir(place.path("b")).unwrap().flatten().collect();
    let key = std::fs::read(&secret).unwrap();
    assert!(!names.is_empty());
    for entry in names {
        let bytes = std::fs::read(entry.path()).unwrap();
        assert!(!bytes.windows(32).any(|part| part == key), "{:?}", entry.path());
    }
}
