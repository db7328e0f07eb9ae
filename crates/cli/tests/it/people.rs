//! `gadolin user`: people in the database, also before there is any filing.

use crate::answers::SMALL;
use crate::place::Place;

fn listed(place: &Place) -> serde_json::Value {
    place.run(&["user", "list", "--format", "json"]).json()
}

#[test]
fn an_account_is_invited_deactivated_taken_back_and_reset() {
    let place = Place::new();
    let added = place.run(&["user", "add", "mira", "--role", "officer", "--name", "Mira"]);
    assert_eq!(added.code, 0, "{}", added.err);
    assert!(added.out.starts_with("/invitation/") && added.out.trim().len() == 76, "{}", added.out);
    assert_eq!(listed(&place)[0]["state"], "invited");
    for (args, told) in [
        (&["user", "add", "mira", "--role", "officer"][..], "already"),
        (&["user", "add", "Mira", "--role", "officer"], "1 to 64 of a–z"),
        (&["user", "add", "nord", "--role", "filer"], "--party"),
        (&["user", "add", "nord", "--role", "officer", "--party", "gad:a"], "--party"),
        (&["user", "add", "nord", "--role", "filer", "--party", "lei:1"], "lei: and 20"),
        (&["user", "add", "nord", "--role", "officer", "--name", "a\u{202e}b"], "direction"),
        (&["user", "token", "mira"], "one that is active"),
        (&["user", "token", "nobody"], "no `nobody`"),
        (&["user", "reactivate", "mira"], "one that is deactivated"),
        (&["user", "reset-password", "mira"], "one that is active"),
        (&["user", "end-sessions", "nobody"], "no `nobody`"),
    ] {
        let run = place.run(args);
        assert_eq!(run.code, 1, "{args:?}");
        assert!(run.err.contains(told) && run.out.is_empty(), "{args:?}: {}", run.err);
    }
    let ended = place.run(&["user", "end-sessions", "mira"]);
    assert_eq!((ended.code, ended.err.trim()), (0, "0 sessions of `mira` have ended"));
    assert_eq!(place.run(&["user", "deactivate", "mira"]).code, 0);
    assert_eq!(place.run(&["user", "deactivate", "mira"]).code, 1);
    assert_eq!(listed(&place)[0]["state"], "deactivated");
    assert!(place.run(&["user", "reactivate", "mira"]).out.starts_with("/invitation/"));
    assert!(place.run(&["user", "reset", "mira"]).out.starts_with("/invitation/"));
    assert_eq!(listed(&place)[0]["state"], "invited");
}

#[test]
fn a_program_has_tokens_and_its_party_is_one_with_that_of_the_filings() {
    let place = Place::new();
    let add = ["user", "add", "erp", "--role", "filer", "--party", "gad:mine-a", "--machine"];
    let added = place.run(&add);
    assert_eq!((added.code, added.out.as_str()), (0, ""), "{}", added.err);
    assert!(place.run(&["user", "token", "erp", "--file"]).out.starts_with("gad_"));
    assert_eq!(listed(&place)[0]["tokens"], 1);
    place.write("f.csv", SMALL);
    assert_eq!(place.run(&["import", "f.csv"]).code, 0);
    let fsck = place.run(&["fsck"]);
    assert_eq!(fsck.code, 0, "{} {}", fsck.out, fsck.err);
}
