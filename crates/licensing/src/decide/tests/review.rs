//! Questions, agencies, advice, and what the clocks hear.

use super::*;

#[test]
fn what_is_missing_is_asked_once_before_acceptance_and_more_after_it() {
    let taken = |world: &mut World| world.done("sven", &Command::Assign { officer: text("olga") });
    let asked = |world: &mut World| {
        taken(world);
        world.done("olga", &ask("everything that is missing"));
    };
    let world = check(Stage::Received, taken, "olga", |_| ask("everything"), &[]);
    assert!(world.case.questions[0].completeness);
    check(Stage::Received, asked, "olga", |_| ask("one thing more"), &["asked_already"]);
    check(Stage::Received, asked, "olga", |_| Command::Accept, &["questions_open"]);
    check(Stage::Received, asked, "time", |_| Command::Accept, &[]);
    check(Stage::Received, asked, "ann", |_| answer(1), &[]);
    let world = check(Stage::Accepted, nothing, "olga", |_| ask("of what grade?"), &[]);
    assert!(!world.case.questions[0].completeness);
    let later = |world: &mut World| world.done("olga", &ask("of what grade?"));
    check(Stage::Accepted, later, "olga", |_| ask("and of what form?"), &[]);
    check(Stage::Accepted, nothing, "olga", |_| ask("  "), &["text_missing"]);
    let cells = vec![text("c9")];
    let command = Command::Ask { text: text("x"), cells };
    check(Stage::Accepted, nothing, "olga", |_| command, &["cell_unknown"]);
    check(Stage::Accepted, nothing, "olga", |_| Command::Accept, &["already_accepted"]);
}

#[test]
fn a_question_is_answered_once() {
    let asked = |world: &mut World| world.done("olga", &ask("of what grade?"));
    let answered = |world: &mut World| {
        asked(world);
        world.done("ann", &answer(1));
    };
    check(Stage::Accepted, asked, "ann", |_| answer(2), &["question_unknown"]);
    check(Stage::Accepted, answered, "ann", |_| answer(1), &["already_answered"]);
    check(Stage::Accepted, asked, "bob", |_| answer(1), &["not_found"]);
    let empty = Command::Answer { question: 1, text: text(" "), documents: Vec::new() };
    check(Stage::Accepted, asked, "ann", |_| empty, &["text_missing"]);
}

#[test]
fn an_agency_advises_if_asked_for_itself_and_on_cells_that_exist() {
    check(Stage::Accepted, nothing, "olga", |_| ask_agency("trade"), &["agency_unknown"]);
    check(Stage::Asked, nothing, "olga", |_| ask_agency("defence"), &["agency_asked_already"]);
    check(Stage::Received, nothing, "sven", |_| ask_agency("defence"), &["not_accepted"]);
    let only_defence = |world: &mut World| world.done("olga", &ask_agency("defence"));
    check(Stage::Accepted, only_defence, "ida", |_| Command::Reply, &["not_found"]);
    let world = check(Stage::Asked, nothing, "dina", |_| advise(Position::Approve, &["x"]), &[]);
    assert!(world.case.agencies["defence"].advice.contains_key("c1"));
    assert!(world.case.agencies["industry"].advice.is_empty());
    let elsewhere = |_: &World| match advise(Position::Approve, &[]) {
        Command::Advise { mut advice } => {
            let first = advice.remove("c1").unwrap();
            Command::Advise { advice: BTreeMap::from([(text("c9"), first)]) }
        }
        other => other,
    };
    check(Stage::Asked, nothing, "dina", elsewhere, &["cell_unknown"]);
    check(Stage::Asked, nothing, "dina", |_| Command::Reply, &["advice_missing", "advice_missing"]);
    check(Stage::Advised, nothing, "dina", |_| Command::Reply, &["agency_replied_already"]);
    let neutral = |_: &World| advise(Position::NotApplicable, &["x"]);
    check(Stage::Asked, nothing, "dina", neutral, &["condition_neutral"]);
}

#[test]
fn a_condition_keeps_its_id_and_its_agency() {
    let worded = |id: &'static str, agency: &'static str| {
        move |_: &World| match advise(Position::Approve, &["worded anew"]) {
            Command::Advise { mut advice } => {
                let condition = &mut advice.get_mut("c1").unwrap().conditions[0];
                (condition.id, condition.agency) = (text(id), text(agency));
                Command::Advise { advice }
            }
            other => other,
        }
    };
    let world = check(Stage::Advised, nothing, "dina", worded("defence-1", "industry"), &[]);
    let condition = &world.case.agencies["defence"].advice["c1"].advice.conditions[0];
    assert_eq!((condition.id.as_str(), condition.agency.as_str()), ("defence-1", "defence"));
    let world = check(Stage::Advised, nothing, "dina", worded("", ""), &[]);
    let condition = &world.case.agencies["defence"].advice["c1"].advice.conditions[0];
    assert_eq!(condition.id, "defence-2");
    check(Stage::Advised, nothing, "ida", worded("defence-1", ""), &["condition_unknown"]);
}

#[test]
fn the_clock_hears_of_a_case_in_its_own_words() {
    let mut world = World::at(Stage::Signed);
    world.done("olga", &ask("one"));
    world.done("olga", &ask("two"));
    world.done("ann", &answer(1));
    world.done("ann", &answer(2));
    world.done("olga", &begin_step());
    world.done("olga", &Command::EndStep { step: StepKind::Expert, text: text("x") });
    let command = world.finalise();
    world.done("olga", &command);
    world.done("sven", &Command::Reopen { ground: text("x") });
    world.done("ann", &Command::Withdraw { reason: String::new() });
    let codes: Vec<&str> =
        crate::clock_events(&world.case).iter().map(|event| event.code.as_str()).collect();
    assert_eq!(
        codes,
        [
            "received",
            "accepted",
            "agency_referred",
            "agency_referred",
            "agency_replied",
            "agency_replied",
            "question",
            "question",
            "answer",
            "expert_start",
            "expert_end",
            "granted",
            "issued",
            "reopened",
            "withdrawn",
        ]
    );
    let began = world.case.clock.iter().find(|event| event.code == "expert_start");
    assert_eq!(began.and_then(|event| event.notice_days), Some(20));
    let refused = |world: &World| {
        world.case.clock.iter().any(|event| event.code == "refused" || event.code == "granted")
    };
    assert!(refused(&refusing_decided()));
}
