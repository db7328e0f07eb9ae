//! `gadolin screen` as a process: lists by content, queries in order, each line by itself.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::place::Run;

const PLAIN: &str = "name,aliases,country,id\nBrackwater Magnet Works,Upper Brackwater Works,NL,b-1\n\
                     Orvald Quillfeather,,BE,q-1\n";

/// Files beside one another, and a run of `gadolin screen` over some of them.
struct Lists(tempfile::TempDir);

impl Lists {
    fn new(files: &[(&str, &str)]) -> Lists {
        let dir = tempfile::tempdir().unwrap();
        for (name, text) in files {
            std::fs::write(dir.path().join(name), text).unwrap();
        }
        Lists(dir)
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gadolin"));
        command.arg("screen").args(args).current_dir(self.0.path());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    fn screen(&self, args: &[&str], input: &str) -> Run {
        let mut child = self.command(args).spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let input = input.to_owned();
        // The command may end, or answer, before it has read everything.
        let writer = std::thread::spawn(move || drop(stdin.write_all(input.as_bytes())));
        let output = child.wait_with_output().unwrap();
        writer.join().unwrap();
        Run::from(output)
    }
}

#[test]
fn queries_are_answered_in_order_and_broken_lines_by_themselves() {
    let lists = Lists::new(&[("own.txt", PLAIN)]);
    let input = "\u{feff}{\"id\":\"a\",\"name\":\"Brackwater Magnet Works\",\"schema\":\"Company\"}\n\n\
                 no json\n{\"id\":7,\"name\":\"Upper Brackwater Works\",\"country\":[\"NL\",\"Belgium\"]}\n\
                 {\"id\":\"c\",\"type\":\"planet\",\"aliases\":7,\"birth_year\":\"soon\"}\n{\"id\":\"d\",\"name\":\"Nobody At All\"}";
    let run = lists.screen(&["--list", "own.txt"], input);
    assert_eq!(run.code, 3, "{}", run.err);
    let lines = run.lines();
    let ids: Vec<&Value> = lines.iter().map(|line| &line["id"]).collect();
    assert_eq!(ids, [&json!("a"), &json!(null), &json!(7), &json!("c"), &json!("d")]);
    let first = &lines[0]["matches"][0];
    assert_eq!((&first["list"], &first["entity"]), (&json!("own"), &json!("b-1")));
    assert_eq!(first["name"], "Brackwater Magnet Works");
    assert_eq!(lines[2]["matches"][0]["matched_alias"], "Upper Brackwater Works");
    assert_eq!(lines[1]["error"]["line"], 3);
    let fields: Vec<&str> = lines[3]["error"]["faults"]
        .as_array()
        .unwrap()
        .iter()
        .map(|fault| fault["field"].as_str().unwrap())
        .collect();
    assert_eq!(fields, ["type", "birth_year", "name", "aliases"], "all at once");
    assert_eq!(lines[4], json!({"id": "d", "matches": []}));
}

#[test]
fn weights_and_features_of_a_match_sum_to_its_score() {
    let lists = Lists::new(&[("own.csv", PLAIN)]);
    let query =
        "{\"id\":1,\"name\":\"Orvald Quillfeather\",\"country\":\"NL\",\"type\":\"person\"}\n";
    let run = lists.screen(&["--list", "own.csv", "--threshold", "0.1"], query);
    assert_eq!(run.code, 0, "{}", run.err);
    let found = &run.lines()[0]["matches"][0];
    let explained = found["explanation"].as_array().unwrap();
    let weights: f64 = explained.iter().map(|part| part["weight"].as_f64().unwrap()).sum();
    let features: f64 =
        found["features"].as_object().unwrap().values().map(|value| value.as_f64().unwrap()).sum();
    assert!((weights + features - found["score"].as_f64().unwrap()).abs() < 1e-9, "{found}");
    for part in explained {
        let how = part["how"].as_str().unwrap();
        assert!(
            [
                "equal",
                "spelling",
                "transliteration",
                "initial",
                "order",
                "legal_form",
                "phonetic",
                "missing"
            ]
            .contains(&how),
            "{how}"
        );
        let (query, listed) =
            (part["query_part"].as_str().unwrap(), part["list_part"].as_str().unwrap());
        assert!("Orvald Quillfeather".contains(query) && "Orvald Quillfeather".contains(listed));
    }
}

#[test]
fn several_lists_and_the_files_beside_sdn_csv_are_read() {
    let lists = Lists::new(&[
        (
            "sdn.csv",
            "7,\"GREY HERON LINES\",-0- ,\"TEST\",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- \r\n",
        ),
        ("ALT.CSV", "7,1,\"aka\",\"ASHEN HERON LINES\",-0- \r\n"),
        ("own.csv", PLAIN),
    ]);
    let query =
        "{\"id\":1,\"name\":\"Ashen Heron Lines\"}\n{\"id\":2,\"name\":\"Orvald Quillfeather\"}\n";
    let run = lists.screen(&["--list", "sdn.csv", "own.csv"], query);
    assert_eq!(run.code, 0, "{}", run.err);
    let lines = run.lines();
    assert_eq!(lines[0]["matches"][0]["list"], "us_ofac_sdn");
    assert_eq!(lines[1]["matches"][0]["list"], "own");
}

#[test]
fn a_list_that_cannot_be_read_is_said_with_what_is_taken() {
    let lists = Lists::new(&[
        ("page.csv", "<html></html>"),
        ("cut.xml", "<sdnList><sdnEntry><uid>1</uid><lastName>X</lastName></sdnEntry><sdnEntry>"),
        ("torn.csv", "name,id\nOne,1\nTwo\n"),
    ]);
    let run = lists.screen(&["--list", "page.csv"], "");
    assert_eq!((run.code, run.out.as_str()), (1, ""));
    assert!(run.err.contains("targets.simple.csv") && run.err.contains("<html>"), "{}", run.err);
    let run = lists.screen(&["--list", "nowhere.csv"], "");
    assert_eq!(run.code, 1);
    assert!(run.err.contains("`nowhere.csv`"), "{}", run.err);
    let query = "{\"id\":1,\"name\":\"x\"}\n";
    let run = lists.screen(&["--list", "cut.xml"], query);
    assert_eq!((run.code, run.out.as_str()), (1, ""), "part of a list clears nobody");
    assert!(run.err.contains("--partial"), "{}", run.err);
    let run = lists.screen(&["--list", "cut.xml", "--partial"], query);
    assert_eq!((run.code, run.lines().len()), (3, 1));
    let run = lists.screen(&["--list", "torn.csv"], query);
    assert_eq!((run.code, run.lines().len()), (3, 1));
    assert!(
        run.err.contains("line 3") && run.err.contains("1 of 2 records left out"),
        "{}",
        run.err
    );
    for threshold in ["2", "-1", "nan", "much"] {
        let run = lists.screen(&["--list", "torn.csv", &format!("--threshold={threshold}")], "");
        assert_eq!(run.code, 2, "{threshold}");
    }
}

#[test]
fn thousands_of_lines_keep_their_order_on_any_number_of_cores() {
    let lists = Lists::new(&[("own.csv", PLAIN)]);
    let input: String = (0..5_000)
        .map(|n| match n % 7 {
            0 => format!("{{\"id\":{n},\"name\":\"Orvald Quillfeather\"}}\n"),
            1 => format!("{{\"id\":{n}}}\n"),
            _ => format!("{{\"id\":{n},\"name\":\"Nobody {n}\"}}\n"),
        })
        .collect();
    let one = lists.screen(&["--list", "own.csv", "--threads", "1"], &input);
    let many = lists.screen(&["--list", "own.csv", "--threads", "4"], &input);
    assert_eq!(one.code, 3);
    assert_eq!(one.out, many.out);
    let ids: Vec<u64> = one.lines().iter().map(|line| line["id"].as_u64().unwrap()).collect();
    assert_eq!(ids, (0..5_000).collect::<Vec<u64>>());
}

#[test]
fn whoever_sends_one_line_and_waits_has_its_answer() {
    let lists = Lists::new(&[("own.csv", PLAIN)]);
    let mut child = lists.command(&["--list", "own.csv"]).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    for n in 0..3 {
        writeln!(stdin, "{{\"id\":{n},\"name\":\"Orvald Quillfeather\"}}").unwrap();
        let mut line = String::new();
        out.read_line(&mut line).unwrap();
        let line: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(line["id"], n);
    }
    drop(stdin);
    assert!(child.wait().unwrap().success());
}

#[test]
fn a_line_beyond_the_limit_is_told_and_the_next_one_answered() {
    let lists = Lists::new(&[("own.csv", PLAIN)]);
    let input = format!(
        "{{\"id\":1,\"name\":\"{}\"}}\n{{\"id\":2,\"name\":\"{}\"}}\n{{\"id\":3,\"name\":\"\"}}\n",
        "x".repeat(3 << 20),
        "y".repeat(10_000)
    );
    let run = lists.screen(&["--list", "own.csv"], &input);
    assert_eq!(run.code, 3, "{}", run.err);
    let lines = run.lines();
    assert_eq!(lines[0]["error"]["faults"][0]["code"], "line_too_long");
    assert_eq!(lines[1], json!({"id": 2, "matches": []}));
    assert_eq!(lines[2], json!({"id": 3, "matches": []}));
}
