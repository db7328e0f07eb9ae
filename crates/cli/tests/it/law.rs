//! `gadolin classify` and `gadolin pack` as processes: no data directory, no network, each line by itself.

use std::io::Write;
use std::process::{Command, Stdio};

fn gadolin(args: &[&str], input: &str) -> (i32, String, String) {
    let place = tempfile::tempdir().unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_gadolin"))
        .args(args)
        .current_dir(place.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 0, "nothing is written");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

#[test]
fn goods_are_answered_in_order_and_bad_lines_by_themselves() {
    let input = "{\"id\":\"a\",\"name\":\"dysprosium oxide\"}\n\nnot json\n{\"id\":\"b\",\"name\":\"lanthanum oxide\"}\n{\"id\":\"c\",\"name\":\"x\",\"composition\":{\"Qq\":\"1\"}}\n{\"id\":\"d\",\"name\":\"NdFeB magnet\",\"grade\":\"38UH\"}";
    let (code, out, _) = gadolin(&["classify", "--pack", "cn", "--as-of", "2025-06-01"], input);
    assert_eq!(code, 3, "{out}");
    let lines: Vec<serde_json::Value> =
        out.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    let ids: Vec<&str> = lines.iter().map(|l| l["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["a", "", "b", "c", "d"]);
    assert_eq!(lines[0]["items"][0]["control_code"], "1C905.b");
    assert!(lines[0]["not_controlled_because"].is_null());
    assert_eq!(lines[1]["error"]["line"], 3);
    assert!(
        lines[2]["not_controlled_because"].is_string()
            && lines[2]["items"].as_array().unwrap().is_empty()
    );
    assert_eq!(lines[3]["error"]["field"], "composition.Qq");
    assert_eq!(lines[4]["answer"], "refer");
    assert!(lines[4]["refer"][0].as_str().unwrap().contains("assay"));
    for line in [&lines[0], &lines[2], &lines[4]] {
        for field in ["id", "as_of", "items", "not_controlled_because", "check_before_relying"] {
            assert!(line.get(field).is_some(), "{field}");
        }
    }
}

#[test]
fn the_day_is_needed_and_a_pack_must_be_one() {
    let (code, out, err) = gadolin(&["classify", "--pack", "cn"], "");
    assert_eq!((code, out.as_str()), (2, ""));
    assert!(err.contains("the law of one day"), "{err}");
    let (code, _, err) = gadolin(&["classify", "--pack", "nowhere", "--as-of", "2025-06-01"], "");
    assert_eq!(code, 1);
    assert!(err.contains("cn, demo"), "{err}");
}

#[test]
fn packs_are_listed_and_checked() {
    let (code, out, _) = gadolin(&["pack", "list"], "");
    assert_eq!(code, 0);
    let packs: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(packs.as_array().unwrap().len(), 5);
    let (code, out, _) = gadolin(&["pack", "check", "demo", "--format", "table"], "");
    assert_eq!(code, 0);
    assert!(out.contains("122 cases asked, 0 faults"), "{out}");
    let own = tempfile::tempdir().unwrap();
    std::fs::write(own.path().join("pack.toml"), "id = \"mine\"\n").unwrap();
    let (code, out, _) = gadolin(&["pack", "check", own.path().to_str().unwrap()], "");
    assert_eq!(code, 1);
    let report: serde_json::Value = serde_json::from_str(&out).unwrap();
    let fields: Vec<&str> =
        report["faults"].as_array().unwrap().iter().map(|f| f["field"].as_str().unwrap()).collect();
    assert!(fields.contains(&"as_of") && fields.contains(&"notice_en"), "{fields:?}");
}
