//! The shell's side: exit codes, what goes where, help and hints.

use crate::answers::SMALL;
use crate::place::Place;

#[test]
fn exit_codes_tell_done_failed_usage_and_rejected() {
    let place = Place::new();
    place.write("good.csv", SMALL);
    place.write("bad.csv", SMALL.replace("gad:mine-a", "gad:Mine").replace("M1", "M9"));
    place.write("none.csv", "");
    let check = |args: &[&str], expected: i32| {
        let run = place.run(args);
        assert_eq!(run.code, expected, "{args:?}: {} {}", run.out, run.err);
        run
    };
    let run = check(&["trace", "MAG-1", "--element", "Dy"], 1);
    assert!(run.err.contains("gadolin demo"), "the hint: {}", run.err);
    check(&["fsck"], 1);
    check(&["backup", "b"], 1);
    check(&["import", "good.csv"], 0);
    check(&["import", "good.csv"], 0);
    check(&["import", "bad.csv"], 3);
    check(&["import", "none.csv"], 1);
    check(&["import", "bad.csv", "none.csv"], 1);
    check(&["import"], 2);
    check(&["import", "good.csv", "--filer", "mine"], 2);
    check(&["import", "good.csv", "--decimal", "dot"], 2);
    check(&["trace", "MAG-1"], 2);
    check(&["trace", "MAG-1", "--element", "Dy", "--to", "stage="], 2);
    check(&["trace", "MAG-1", "--element", "Dy", "--as-of", "2025-02-30"], 2);
    check(&["--database", "postgres://x", "fsck"], 2);
    let run = check(&["imprt", "good.csv"], 2);
    assert!(run.err.contains("'import'"), "{}", run.err);
    let run = check(&["import", "good.csv", "--dryrun"], 2);
    assert!(run.err.contains("--dry-run"), "{}", run.err);
    check(&["trace", "MAG-1", "--element", "Dy"], 0);
    check(&["trace", "MAG-1", "--element", "Qq"], 1);
    check(&["fsck"], 0);
    check(&["--version"], 0);
}

#[test]
fn a_password_of_the_mail_server_on_the_command_line_is_refused_and_not_repeated() {
    let place = Place::new();
    let run = place.run(&["serve", "--mail", "smtps://me:s3cret@mail.example"]);
    assert_eq!(run.code, 1);
    assert!(
        run.err.contains("GADOLIN_MAIL_PASSWORD") && !run.err.contains("s3cret"),
        "{}",
        run.err
    );
    place.write("password", "s3cret\n");
    let file = ["serve", "--mail", "smtps://mail.example", "--mail-password-file", "password"];
    let run = place.run(&file);
    assert!(run.err.contains("both a user and a password"), "{}", run.err);
    let run = place.run(&["serve", "--mail", "pigeon:coop"]);
    assert!(run.err.contains("folder:DIR") && run.err.contains("smtps://HOST"), "{}", run.err);
}

#[test]
fn json_is_one_document_and_nothing_else() {
    let place = Place::new();
    place.write("f.csv", SMALL.replacen("concentrate", "stone", 1));
    for args in [
        &["import", "f.csv", "--format", "json"][..],
        &["balance", "--format", "json"],
        &["trace", "MAG-1", "--element", "Dy", "--format", "json"],
        &["fsck", "--format", "json"],
        &["import", "f.csv"],
    ] {
        let run = place.run(args);
        run.json();
        assert_eq!(run.out.lines().count(), 1, "{args:?}");
        assert_eq!(run.err, "", "{args:?}");
    }
    place.run(&["backup", "b"]);
    let run = place.run(&["backup", "b2"]);
    assert_eq!((run.out.as_str(), run.err.as_str()), ("", ""));
}

#[test]
fn tables_and_csv_are_for_people_and_spreadsheets() {
    let place = Place::new();
    place.write("f.csv", SMALL);
    let run = place.run(&["import", "f.csv", "--format", "table"]);
    assert!(run.out.starts_with("16 rows read: 16 filed, 0 duplicate, 0 rejected"), "{}", run.out);
    assert!(!run.out.contains('\u{1b}') && !run.err.contains('\u{1b}'));
    let run = place.run(&["trace", "DYO-1", "--element", "Dy", "--format", "csv"]);
    let mut reader = csv::Reader::from_reader(run.out.as_bytes());
    assert_eq!(reader.records().count(), 3);
    let run = place.run(&["balance", "--format", "csv", "--element", "Dy"]);
    assert!(csv::Reader::from_reader(run.out.as_bytes()).records().all(|r| r.is_ok()));
}

#[test]
fn help_begins_with_examples() {
    let place = Place::new();
    for command in [
        &["--help"][..],
        &["import", "--help"],
        &["trace", "--help"],
        &["balance", "--help"],
        &["insight", "anomalies", "--help"],
        &["fsck", "--help"],
        &["backup", "--help"],
        &["restore", "--help"],
        &["completions", "--help"],
        &["verify", "--help"],
        &["licence-key", "--help"],
    ] {
        let run = place.run(command);
        assert_eq!(run.code, 0);
        assert!(run.out.starts_with("Examples:\n  gadolin "), "{command:?}: {}", run.out);
    }
}

#[test]
fn completions_are_written_for_each_shell() {
    let place = Place::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let run = place.run(&["completions", shell]);
        assert!(run.code == 0 && run.out.contains("rejects"), "{shell}");
    }
}

#[test]
fn colour_is_left_out_where_it_is_not_wanted() {
    let place = Place::new();
    let run: crate::place::Run =
        place.command(&["imprt"]).env("NO_COLOR", "1").output().unwrap().into();
    assert!(!run.err.contains('\u{1b}'), "{}", run.err);
}
