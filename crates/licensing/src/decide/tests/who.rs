//! Who may see, do and work what, and what a caller hears who may not.

use super::*;

#[test]
fn a_case_does_not_exist_for_who_may_not_see_it() {
    let world = World::at(Stage::Decided);
    for stage in [Stage::Received, Stage::Accepted, Stage::Decided] {
        for command in commands(&world) {
            for stranger in ["", "bob", "rin", "jonas", "nadia"] {
                check(stage, nothing, stranger, |_| command.clone(), &["not_found"]);
            }
            if stage != Stage::Decided {
                check(stage, nothing, "dina", |_| command.clone(), &["not_found"]);
            }
        }
    }
}

#[test]
fn what_is_not_ones_part_is_refused_before_anything_of_the_case_is_told() {
    let world = World::at(Stage::Drafted);
    let own = |command: &Command, who: &str| match who {
        "ann" => matches!(
            command,
            Command::Answer { .. }
                | Command::Withdraw { .. }
                | Command::AskAmendment { .. }
                | Command::Appeal { .. }
        ),
        "dina" => {
            matches!(command, Command::Advise { .. } | Command::Reply | Command::Note { .. })
        }
        "time" => matches!(
            command,
            Command::Accept
                | Command::Classify { .. }
                | Command::WatchList { .. }
                | Command::MarkSilent { .. }
                | Command::Lapse { .. }
                | Command::Register { .. }
        ),
        _ => !matches!(
            command,
            Command::Answer { .. }
                | Command::Withdraw { .. }
                | Command::AskAmendment { .. }
                | Command::Appeal { .. }
                | Command::Advise { .. }
                | Command::Reply
                | Command::Register { .. }
        ),
    };
    for stage in [Stage::Drafted, Stage::Decided] {
        for who in ["ann", "dina", "time", "sven"] {
            for command in commands(&world) {
                let mut world = World::at(stage);
                let found = world.run(who, &command).err().unwrap_or_default();
                let refused = found == ["not_allowed"];
                assert_eq!(refused, !own(&command, who), "{who} {command:?}: {found:?}");
            }
        }
    }
}

#[test]
fn only_who_has_a_case_works_it() {
    let rows: [(&str, &[&str]); 5] = [
        ("olga", &[]),
        ("oskar>olga", &[]),
        ("sven", &[]),
        ("oskar", &["not_assigned"]),
        ("oskar>oskar", &["not_assigned"]),
    ];
    for (who, expected) in rows {
        check(Stage::Accepted, nothing, who, |_| ask("what?"), expected);
        check(Stage::Advised, nothing, who, |w| Command::Draft { draft: w.draft() }, expected);
        check(Stage::Drafted, nothing, who, |_| begin_step(), expected);
    }
    check(Stage::Received, nothing, "oskar", |_| Command::Accept, &["not_assigned"]);
}

#[test]
fn a_case_is_taken_given_and_given_back() {
    let assign = |officer: &str| {
        let officer = text(officer);
        move |_: &World| Command::Assign { officer }
    };
    check(Stage::Received, nothing, "olga", assign("olga"), &[]);
    check(Stage::Received, nothing, "olga", assign("oskar"), &["assigned_to_other"]);
    check(Stage::Accepted, nothing, "oskar", assign("oskar"), &["assigned_to_other"]);
    check(Stage::Accepted, nothing, "oskar", assign(""), &["assigned_to_other"]);
    check(Stage::Accepted, nothing, "olga", assign(""), &[]);
    check(Stage::Accepted, nothing, "sven", assign("oskar"), &[]);
    check(Stage::Accepted, nothing, "sven", assign("sleepy"), &["officer_unknown"]);
    check(Stage::Accepted, nothing, "sven", assign("ann"), &["officer_unknown"]);
}

#[test]
fn who_decides_second_hears_how_it_was_decided() {
    let mut world = World::at(Stage::Signed);
    let command = world.finalise();
    world.done("olga", &command);
    let refusals = world.with(|context| decide(&world.case, &by("sven"), &command, context));
    let refusals = refusals.unwrap_err();
    assert_eq!(refusals.len(), 1);
    assert_eq!(refusals[0].code, "already_decided");
    assert!(refusals[0].message.contains("YT-L-1"), "{}", refusals[0].message);
    let agency = world
        .with(|c| decide(&world.case, &by("dina"), &advise(Position::Refuse, &[]), c).unwrap_err());
    assert_eq!(agency[0].code, "case_ended");
    assert!(!agency[0].message.contains("YT-L-1"));
}

#[test]
fn after_the_end_there_are_notes_appeals_and_reopening() {
    let world = World::at(Stage::Decided);
    for command in commands(&world) {
        for who in ["sven", "ann", "dina", "time"] {
            let mut world = world.clone();
            let Err(codes) = world.run(who, &command) else {
                let allowed = matches!(command, Command::Note { .. } | Command::Reopen { .. });
                assert!(allowed, "{who} {command:?}");
                continue;
            };
            let ended = ["already_decided", "case_ended", "not_allowed", "appeal_nothing_refused"];
            assert!(ended.contains(&codes[0]), "{who} {command:?}: {codes:?}");
        }
    }
    let reopen = || Command::Reopen { ground: text("new facts") };
    check(Stage::Decided, nothing, "olga", |_| reopen(), &["not_supervisor"]);
    check(Stage::Signed, nothing, "sven", |_| reopen(), &["not_ended"]);
    let mute = Command::Reopen { ground: String::new() };
    check(Stage::Decided, nothing, "sven", |_| mute, &["reason_missing"]);
}

#[test]
fn refusals_stand_in_the_documented_order() {
    let place = |code: &str| CODES.iter().position(|known| *known == code);
    let mut sorted = CODES.to_vec();
    sorted.sort_unstable();
    sorted.dedup();
    assert_eq!(sorted.len(), CODES.len(), "a code stands once");
    let setup = |world: &mut World| {
        world.done("olga", &ask("x"));
        world.done("olga", &begin_step());
        world.watch_listed = vec![text("p2")];
    };
    let mut world = World::at(Stage::Drafted);
    setup(&mut world);
    let command = Command::Finalise { content: text("old"), licences: Vec::new() };
    let codes = world.run("olga", &command).unwrap_err();
    assert!(codes.len() >= 5, "{codes:?}");
    assert!(codes.is_sorted_by_key(|code| place(code)), "{codes:?}");
}
