//! The draft: cells, conditions, overrides, conflicts.

use super::*;

#[test]
fn a_draft_covers_every_cell_once_within_what_is_asked_for() {
    let row = |change: fn(&mut Vec<Quantity>, &mut Vec<Condition>), expected: &[&str]| {
        check(Stage::Advised, nothing, "olga", |w| redraft(w, change), expected);
    };
    row(|_, _| {}, &[]);
    row(|q, _| q[0] = kilograms(499), &[]);
    row(|q, _| q[0].amount += 1, &["draft_quantity"]);
    row(|q, _| q[0].amount = 0, &["draft_quantity"]);
    row(|q, _| q[0].unit = Unit::Pieces, &["draft_unit", "draft_unit"]);
    row(|q, _| q.push(kilograms(1)), &["quantity_unit_duplicate"]);
    row(|q, _| q.clear(), &["draft_unit"]);
    let left_out = |w: &World| {
        let mut draft = w.draft();
        draft.cells.remove("c2");
        Command::Draft { draft }
    };
    check(Stage::Advised, nothing, "olga", left_out, &["draft_cell_missing"]);
    let added = |w: &World| {
        let mut draft = w.draft();
        draft.cells.insert(text("c9"), refuse(&["security"], "no"));
        Command::Draft { draft }
    };
    check(Stage::Advised, nothing, "olga", added, &["draft_cell_unknown"]);
    for (months, expected) in
        [(12, None), (13, Some("draft_validity")), (0, Some("draft_validity"))]
    {
        let longer = |w: &World| {
            let mut draft = w.draft();
            draft.valid_months = Some(months);
            Command::Draft { draft }
        };
        let expected: Vec<&str> = expected.into_iter().collect();
        check(Stage::Advised, nothing, "olga", longer, &expected);
    }
    let early = |w: &World| Command::Draft { draft: w.draft() };
    check(Stage::Received, nothing, "sven", early, &["not_accepted"]);
}

#[test]
fn a_refusal_has_reasons_of_the_pack_and_words() {
    let row = |reasons: &[&str], words: &str, expected: &[&str]| {
        let decision = refuse(reasons, words);
        let command = |w: &World| refused_draft(w, decision);
        check(Stage::Advised, nothing, "olga", command, expected);
    };
    row(&["security"], "it would endanger", &[]);
    row(&[], "it would endanger", &["reason_missing"]);
    row(&["whim"], "it would endanger", &["reason_unknown"]);
    row(&["security"], " ", &["text_missing"]);
    let mute = CellDecision::NoLicence { text: String::new() };
    let command = |w: &World| refused_draft(w, mute);
    check(Stage::Advised, nothing, "olga", command, &["text_missing"]);
}

#[test]
fn an_agencys_condition_stands_word_for_word_or_is_overridden_on_record() {
    let row = |setup: fn(&mut World), change: fn(&mut Vec<Condition>), expected: &[&str]| {
        check(Stage::Advised, setup, "olga", |w| redraft(w, |_, c| change(c)), expected)
    };
    let missing: &[&str] = &["draft_condition_missing"];
    let reworded: &[&str] = &["draft_condition_missing", "draft_condition_forged"];
    row(nothing, |_| {}, &[]);
    row(nothing, Vec::clear, missing);
    row(nothing, |c| c[0].text = text("kept at one site or two"), reworded);
    row(nothing, |c| c[0].agency = String::new(), missing);
    row(
        nothing,
        |c| c.push(Condition { id: text("x"), ..c[0].clone() }),
        &["draft_condition_forged"],
    );
    row(nothing, |c| c.push(c[0].clone()), &["condition_duplicate"]);
    row(
        nothing,
        |c| c[0].phrase = text("unknown"),
        &["phrase_unknown", "draft_condition_missing", "draft_condition_forged"],
    );
    let dropped = |world: &mut World| world.done("olga", &override_of("defence-1", None));
    let world = row(dropped, Vec::clear, &[]);
    let orders: Vec<u32> =
        world.with(|c| signatures_needed(&world.case, c)).iter().map(|s| s.order).collect();
    assert_eq!(orders, [1, 2], "an override needs the signature of those who may overrule");
    let anew = |world: &mut World| world.done("olga", &override_of("defence-1", Some("two sites")));
    row(anew, |c| c[0].text = text("two sites"), &[]);
    row(anew, Vec::clear, missing);
    let said_again = |world: &mut World| {
        world.done("olga", &override_of("defence-1", None));
        let advice = world.case.agencies["defence"].advice["c1"].advice.clone();
        world.done("dina", &Command::Advise { advice: BTreeMap::from([(text("c1"), advice)]) });
    };
    row(said_again, Vec::clear, missing);
    let dropped_by_agency = |world: &mut World| world.done("dina", &advise(Position::Approve, &[]));
    row(dropped_by_agency, |_| {}, &[]);
}

#[test]
fn an_override_names_a_condition_and_says_why() {
    let row = |command: Command, expected: &[&str]| {
        check(Stage::Advised, nothing, "olga", |_| command, expected);
    };
    row(override_of("defence-9", None), &["condition_unknown"]);
    row(override_of("defence-1", Some("kept at one site")), &["override_nothing"]);
    let mute = match override_of("defence-1", None) {
        Command::Override { agency, cell, condition, text, .. } => {
            Command::Override { agency, cell, condition, text, reason: String::new() }
        }
        other => other,
    };
    row(mute, &["reason_missing"]);
    check(Stage::Advised, nothing, "ann", |_| override_of("defence-1", None), &["not_allowed"]);
}

#[test]
fn a_conflict_is_drafted_and_decided_by_the_named_person_alone() {
    let approve = |w: &World| Command::Draft { draft: w.draft() };
    check(Stage::Advised, objected, "olga", approve, &["conflict_unreferred"]);
    check(Stage::Advised, named, "olga", approve, &["conflict_not_yours"]);
    check(Stage::Advised, named, "sven", approve, &["conflict_not_yours"]);
    check(Stage::Advised, named, "oskar", approve, &[]);
    check(Stage::Advised, named, "olga>oskar", approve, &[]);
    let to = |account: &str| Command::ReferConflict { to: text(account) };
    check(Stage::Advised, objected, "olga", |_| to("sleepy"), &["officer_unknown"]);
    let all_object = |world: &mut World| {
        world.done("ida", &advise(Position::Refuse, &[]));
        world.done("dina", &advise(Position::Refuse, &[]));
    };
    check(Stage::Advised, all_object, "olga", approve, &["conflict_unreferred"]);
    let refuse_all = |w: &World| {
        let mut draft = w.draft();
        for decision in draft.cells.values_mut() {
            *decision = refuse(&["security"], "no");
        }
        Command::Draft { draft }
    };
    check(Stage::Advised, all_object, "olga", refuse_all, &[]);
    let signed = |world: &mut World| {
        named(world);
        let draft = Command::Draft { draft: world.draft() };
        world.done("oskar", &draft);
        for who in ["sven", "sara"] {
            let command = sign(world);
            world.done(who, &command);
        }
    };
    check(Stage::Advised, signed, "olga", World::finalise, &["conflict_not_yours"]);
    check(Stage::Advised, signed, "oskar", World::finalise, &[]);
}

#[test]
fn a_draft_that_a_later_objection_hits_is_neither_signed_nor_decided() {
    check(Stage::Drafted, objected, "sven", sign, &["conflict_unreferred"]);
    check(Stage::Drafted, named, "sven", sign, &["conflict_not_yours"]);
    check(
        Stage::Signed,
        named,
        "oskar",
        World::finalise,
        &["conflict_not_yours", "signatures_missing", "signatures_missing"],
    );
}
