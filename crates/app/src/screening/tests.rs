use std::collections::BTreeSet;

use base::authorisation::{Actor, Role};
use licensing::application::{Application, Cell, EndUse, Good, PartyEntry, PartyPart};
use licensing::case::{CaseState, CellDecision, Draft};
use licensing::decide::{Activity, Command, Signer};
use licensing::quantity::{Quantity, Unit};
use proptest::prelude::*;
use screening::hit::{Deed, HitState};
use screening::{ListedName, ListedParty, NameStrength};

use super::*;
use crate::cases::{Known, NewCase, Step};
use crate::law::Law;
use crate::people::Moment;
use crate::platform::{Mode, OpenOptions};

const HOLDER: &str = "gad:holder";
const START_US: i64 = 1_772_438_400_000_000;

struct World {
    _dir: tempfile::TempDir,
    platform: Platform,
    law: Law,
    known: Known,
    steps: std::cell::Cell<u8>,
}

fn world() -> World {
    let dir = tempfile::tempdir().unwrap();
    let platform =
        Platform::open(dir.path(), Mode::Write, &OpenOptions { random: [7; 32] }).unwrap();
    let now = Timestamp::from_us(START_US);
    platform
        .licences_change(|change| crate::licence::holder_register(change, HOLDER, [1; 32], now))
        .unwrap();
    let law = Law::read("demo", 0, &crate::packs::pack_carried("demo").unwrap());
    let signers = [("olga", Role::Officer), ("sven", Role::Supervisor)]
        .map(|(name, role)| Signer { account: name.to_owned(), role, activity: Activity::Active });
    let known = Known { signers: signers.to_vec(), ..Known::default() };
    World { _dir: dir, platform, law, known, steps: std::cell::Cell::new(0) }
}

fn actor(name: &str) -> Actor {
    match name {
        "ann" => Actor::new(name, Role::Filer, HOLDER),
        "sven" | "sara" => Actor::new(name, Role::Supervisor, ""),
        _ => Actor::new(name, Role::Officer, ""),
    }
}

fn listed(id: &str, name: &str, programme: &str) -> ListedParty {
    ListedParty {
        id: id.to_owned(),
        names: vec![ListedName { text: name.to_owned(), strength: NameStrength::Primary }],
        programmes: vec![programme.to_owned()],
        ..ListedParty::default()
    }
}

fn list(parties: &[ListedParty]) -> List {
    List { parties: parties.to_vec(), ..List::default() }
}

fn application(end_user: &str) -> Application {
    let text = str::to_owned;
    Application {
        licence_type: text("single"),
        goods: vec![Good { key: text("g1"), name: text("magnet"), ..Good::default() }],
        parties: vec![PartyEntry {
            key: text("p1"),
            parts: vec![PartyPart::Consignee, PartyPart::EndUser],
            name: text(end_user),
            country: text("DE"),
            ..PartyEntry::default()
        }],
        uses: vec![EndUse {
            key: text("u1"),
            code: text("industrial_servo"),
            text: text("motors"),
        }],
        cells: vec![Cell {
            key: text("c1"),
            good: text("g1"),
            consignee: text("p1"),
            end_user: text("p1"),
            end_use: text("u1"),
            destination: text("DE"),
            quantities: vec![Quantity { unit: Unit::NetMass, amount: 1_000_000 }],
        }],
        ..Application::default()
    }
}

impl World {
    /// An instant that is later each time.
    fn moment(&self) -> Moment {
        let step = self.steps.get() + 1;
        self.steps.set(step);
        let now = Timestamp::from_us(START_US + i64::from(step) * 60_000_000);
        Moment { now, seed: [step; 32] }
    }

    fn put(&self, code: &str, parties: &[ListedParty], lost: Lost) -> Result<Put, ScreeningError> {
        let actor = Actor::new("analyst", Role::Analyst, "");
        let step = Step { actor: &actor, moment: self.moment() };
        self.platform.list_put(code, &list(parties), ("list.jsonl", lost), &step)
    }

    fn submit(&self, end_user: &str) -> String {
        let (actor, application) = (actor("ann"), application(end_user));
        let new = NewCase { applicant: HOLDER, application: &application, follows: None };
        let step = Step { actor: &actor, moment: self.moment() };
        self.platform.case_submit(&self.law, &new, &self.known, &step).unwrap()
    }

    /// Does the jobs that wait, and none that is not of screening.
    fn work(&self) -> Ran {
        let mut ran = Ran::default();
        let now = self.moment().now;
        while let Some(job) = self.platform.job_take(now).unwrap() {
            if job.kind == JOB_KIND {
                let task: Task = serde_json::from_str(&job.body).unwrap();
                let done = self.platform.screening_run(&task, now).unwrap();
                ran.hits += done.hits;
                ran.ended += done.ended;
            }
            self.platform.job_done(&job, "{}", now).unwrap();
        }
        ran
    }

    /// The hits in all states: listed party, state, what the pair was before.
    fn hits(&self) -> Vec<String> {
        let page = self.platform.hits(&HitFilter::default(), None).unwrap();
        let mut rows: Vec<String> = page
            .rows
            .iter()
            .map(|(hit, _)| format!("{} {} {}", hit.entity, hit.state, hit.before))
            .map(|row| row.trim().to_owned())
            .collect();
        rows.sort();
        rows
    }

    fn hit_in(&self, state: &str) -> HitRecord {
        let filter = HitFilter { states: vec![state.to_owned()], ..HitFilter::default() };
        self.platform.hits(&filter, None).unwrap().rows.remove(0).0
    }

    fn decide(&self, who: &str, hit: &HitRecord, deed: Deed) -> Result<Decided, String> {
        let actor = actor(who);
        let step = Step { actor: &actor, moment: self.moment() };
        let seen = (&hit.hit_id, hit.version);
        let decided =
            self.platform.hit_decide(&self.law, seen, (deed, "because"), &self.known, &step);
        decided.map_err(|error| match error {
            ScreeningError::Refused(refusal) => refusal.code().to_owned(),
            other => other.to_string(),
        })
    }

    fn step(
        &self,
        who: &str,
        number: &str,
        command: &Command,
    ) -> Result<CaseState, Vec<&'static str>> {
        let actor = actor(who);
        let step = Step { actor: &actor, moment: self.moment() };
        match self.platform.case_step(&self.law, number, command, &self.known, &step) {
            Ok(case) => Ok(case.state),
            Err(CaseError::Refused(refusals)) => Err(refusals.iter().map(|r| r.code).collect()),
            Err(error) => unreachable!("{error}"),
        }
    }
}

#[test]
fn a_list_comes_in_force_once_and_its_versions_say_what_changed() {
    let world = world();
    let first = [listed("a", "Alpha", ""), listed("b", "Beta", ""), listed("c", "Gamma", "")];
    let Put::InForce(made) = world.put("control_list", &first, Lost::Refuse).unwrap() else {
        unreachable!()
    };
    assert_eq!((made.version, made.entries, made.added), (1, 3, 3));
    let turned: Vec<ListedParty> = first.iter().rev().cloned().collect();
    let again = world.put("control_list", &turned, Lost::Refuse).unwrap();
    assert_eq!(again, Put::Unchanged(1), "the order of the file is no content");
    let second =
        [listed("a", "Alpha", ""), listed("b", "Beta Works", ""), listed("d", "Delta", "")];
    let Put::InForce(made) = world.put("control_list", &second, Lost::Refuse).unwrap() else {
        unreachable!()
    };
    assert_eq!((made.version, made.added, made.changed, made.removed), (2, 1, 1, 1));
    let (came, went) = world.platform.list_changes("control_list", 2).unwrap();
    let names = |heads: Vec<ListEntryHead>| -> Vec<String> {
        let mut names: Vec<String> = heads.into_iter().map(|head| head.name).collect();
        names.sort();
        names
    };
    assert_eq!(names(came), ["Beta Works", "Delta"]);
    assert_eq!(names(went), ["Beta", "Gamma"]);
    // Back to what it was is a version of its own.
    let Put::InForce(made) = world.put("control_list", &first, Lost::Refuse).unwrap() else {
        unreachable!()
    };
    assert_eq!((made.version, made.added, made.changed, made.removed), (3, 1, 1, 1));
}

#[test]
fn refuses_a_list_that_is_none_or_lost_half_of_itself() {
    let world = world();
    let parties = |number: usize| -> Vec<ListedParty> {
        (0..number).map(|n| listed(&format!("id-{n}"), &format!("Name {n}"), "")).collect()
    };
    let refused = |code: &str, parties: &[ListedParty], lost| {
        world.put(code, parties, lost).map(|_| ()).map_err(|error| error.to_string())
    };
    for code in ["", "Control", "a b", &"x".repeat(65)] {
        assert!(refused(code, &parties(1), Lost::Refuse).unwrap_err().contains("no code"));
    }
    assert!(refused("l", &[], Lost::Confirmed).unwrap_err().contains("no entries"));
    let twice = [listed("a", "A", ""), listed("a", "B", "")];
    assert!(refused("l", &twice, Lost::Confirmed).unwrap_err().contains("twice"));
    assert_eq!(refused("l", &parties(10), Lost::Refuse), Ok(()));
    assert_eq!(refused("l", &parties(6), Lost::Refuse), Ok(()), "more than half is left");
    let lost = refused("l", &parties(3), Lost::Refuse).unwrap_err();
    assert!(lost.contains("lost 3 of its 6 entries"), "{lost}");
    // As many as before, and nobody of those.
    let others: Vec<ListedParty> = (0..6).map(|n| listed(&format!("new-{n}"), "New", "")).collect();
    let lost = refused("l", &others, Lost::Refuse).unwrap_err();
    assert!(lost.contains("lost 6 of its 6 entries"), "{lost}");
    assert_eq!(world.platform.lists().unwrap()[0].version, 2);
    assert_eq!(refused("l", &parties(2), Lost::Confirmed), Ok(()));
}

#[test]
fn who_comes_in_is_screened_and_who_is_there_is_screened_when_a_list_changes() {
    let world = world();
    let before = world.submit("Alpha Works");
    assert_eq!(world.work().hits, 0, "no list is in force");
    world.put("control_list", &[listed("a", "Alpha Works", "")], Lost::Refuse).unwrap();
    assert_eq!(world.work().hits, 1);
    assert_eq!(world.hits(), ["a open"]);
    world
        .put(
            "control_list",
            &[listed("a", "Alpha Works", ""), listed("b", "Beta Works", "")],
            Lost::Refuse,
        )
        .unwrap();
    let after = world.submit("Beta Works");
    assert_eq!(world.work().hits, 1);
    // Somebody else's application for the same end user is no other hit, and hangs on the same.
    let again = world.submit("Beta Works");
    assert_eq!(world.work().hits, 0);
    let filter = HitFilter { list: Some("control_list".to_owned()), ..HitFilter::default() };
    let page = world.platform.hits(&filter, None).unwrap();
    let beta = page.rows.iter().find(|(hit, _)| hit.entity == "b").unwrap();
    let view = world.platform.hit(&beta.0.hit_id).unwrap();
    let places: Vec<&str> = view.uses.iter().map(|one| one.place.subject.as_str()).collect();
    assert_eq!(places, [after.as_str(), again.as_str()]);
    assert_ne!(before, after);
}

#[test]
fn a_disposition_holds_until_the_record_changes_and_what_was_confirmed_goes_on_counting() {
    let world = world();
    let number = world.submit("Alpha Works");
    world.put("control_list", &[listed("a", "Alpha Works", "one")], Lost::Refuse).unwrap();
    world.work();
    // The score of equal names is a strong one.
    let hit = world.hit_in("open");
    assert_eq!(world.decide("olga", &hit, Deed::Clear).unwrap().state, HitState::Proposed);
    let proposed = world.hit_in("proposed");
    assert_eq!(world.decide("olga", &proposed, Deed::Agree), Err("hit_not_supervisor".to_owned()));
    assert_eq!(
        world.decide("sven", &hit, Deed::Agree).unwrap_err(),
        ScreeningError::Stale.to_string()
    );
    assert_eq!(world.decide("sven", &proposed, Deed::Agree).unwrap().state, HitState::Cleared);
    // Another entry changes; the pair is as it was.
    let more = [listed("a", "Alpha Works", "one"), listed("z", "Zeta", "")];
    world.put("control_list", &more, Lost::Refuse).unwrap();
    world.submit("Alpha Works");
    assert_eq!(world.work(), Ran::default());
    assert_eq!(world.hits(), ["a cleared"]);
    // The record changes: the pair is another, and says what it came to before.
    let changed = [listed("a", "Alpha Works", "two"), listed("z", "Zeta", "")];
    world.put("control_list", &changed, Lost::Refuse).unwrap();
    let ran = world.work();
    assert_eq!((ran.hits, ran.ended), (1, 1));
    assert_eq!(world.hits(), ["a ended cleared", "a open cleared"]);
    let hit = world.hit_in("open");
    world.decide("olga", &hit, Deed::Confirm).unwrap();
    world.put("control_list", &more, Lost::Refuse).unwrap();
    world.work();
    // Its earlier hash is in force again: what stood of it then has ended, and it is not decided by itself.
    let case = world.platform.case(&number).unwrap();
    let screening = world.platform.case_screening(&world.law, &case).unwrap();
    assert_eq!(screening.prohibited, ["p1"], "{:?}", world.hits());
    // Gone from the list, gone from the case.
    world.put("control_list", &[listed("z", "Zeta", "")], Lost::Confirmed).unwrap();
    world.work();
    let screening = world.platform.case_screening(&world.law, &case).unwrap();
    assert_eq!((screening.prohibited.len(), screening.strong_open().len()), (0, 0));
}

#[test]
fn who_proposed_to_clear_a_strong_hit_does_not_agree_to_it() {
    let world = world();
    world.submit("Alpha Works");
    world.put("control_list", &[listed("a", "Alpha Works", "")], Lost::Refuse).unwrap();
    world.work();
    world.decide("sven", &world.hit_in("open"), Deed::Clear).unwrap();
    let proposed = world.hit_in("proposed");
    assert_eq!(world.decide("sven", &proposed, Deed::Agree), Err("hit_same_person".to_owned()));
    world.decide("sara", &proposed, Deed::SendBack).unwrap();
    world.decide("sara", &world.hit_in("open"), Deed::Clear).unwrap();
    world.decide("sven", &world.hit_in("proposed"), Deed::Agree).unwrap();
    let hit = world.hit_in("cleared");
    assert_eq!((hit.decided_by.as_str(), hit.second_by.as_str()), ("sara", "sven"));
    let steps = world.platform.hit(&hit.hit_id).unwrap().steps;
    let deeds: Vec<&str> = steps.iter().map(|step| step.deed.as_str()).collect();
    assert_eq!(deeds, ["clear", "send_back", "clear", "agree"]);
    // What was confirmed once takes two to be cleared, however weak a hit it is.
    world.decide("olga", &hit, Deed::Reopen).unwrap();
    world.decide("olga", &world.hit_in("open"), Deed::Confirm).unwrap();
    world.decide("olga", &world.hit_in("confirmed"), Deed::Reopen).unwrap();
    let actor = Actor::new("sven", Role::Supervisor, "");
    let step = Step { actor: &actor, moment: world.moment() };
    let set = ThresholdSet {
        list: "",
        kind: "",
        hit_ppm: 700_000,
        strong_ppm: 1_000_000,
        reason: "trial",
    };
    world.platform.threshold_set(&set, &step).unwrap();
    let decided = world.decide("olga", &world.hit_in("open"), Deed::Clear).unwrap();
    assert_eq!(decided.state, HitState::Proposed);
}

fn approved() -> Command {
    let decision = CellDecision::Approve {
        quantities: vec![Quantity { unit: Unit::NetMass, amount: 1_000_000 }],
        conditions: Vec::new(),
    };
    let cells = [("c1".to_owned(), decision)].into();
    let draft = Draft { cells, valid_from: None, valid_months: None, reasoning: "fine".to_owned() };
    Command::Draft { draft }
}

#[test]
fn a_confirmed_match_reaches_the_case_as_the_pack_says() {
    for (code, drafted, watch_listed) in [
        ("control_list", Err(vec!["party_prohibited"]), 0),
        ("watch_list", Ok(CaseState::Review), 1),
        ("another_list", Ok(CaseState::Review), 0),
    ] {
        let world = world();
        let number = world.submit("Alpha Works");
        world.put(code, &[listed("a", "Alpha Works", "")], Lost::Refuse).unwrap();
        world.work();
        world.step("sven", &number, &Command::Assign { officer: "olga".to_owned() }).unwrap();
        world.step("olga", &number, &Command::Accept).unwrap();
        assert_eq!(world.step("olga", &number, &approved()), Ok(CaseState::Review), "{code}");
        let decided = world.decide("olga", &world.hit_in("open"), Deed::Confirm).unwrap();
        assert_eq!(decided.recorded.len(), watch_listed, "{code}");
        let case = world.platform.case(&number).unwrap();
        assert_eq!(case.watch_listed.len(), watch_listed, "{code}");
        assert_eq!(world.step("olga", &number, &approved()), drafted, "{code}");
        // A case that comes later knows at once.
        let later = world.submit("Alpha Works");
        let case = world.platform.case(&later).unwrap();
        let screening = world.platform.case_screening(&world.law, &case).unwrap();
        assert_eq!(screening.watch_listed.len(), watch_listed, "{code}");
        assert_eq!(screening.parties["p1"].state, PartyState::Confirmed);
    }
}

#[test]
fn what_would_have_hit_on_a_day_is_asked_of_the_lists_of_that_day() {
    let world = world();
    let query = Query { names: vec!["Alpha Works".to_owned()], ..Query::default() };
    let before = world.moment().now;
    world.put("control_list", &[listed("a", "Alpha Works", "")], Lost::Refuse).unwrap();
    let then = world.moment().now;
    world.put("control_list", &[listed("b", "Beta Works", "")], Lost::Refuse).unwrap();
    let at = |instant| world.platform.lists_as_of(instant).unwrap().screen(&query).len();
    assert_eq!((at(before), at(then), at(world.moment().now)), (0, 1, 0));
    assert_eq!(world.platform.lists_in_force().unwrap().screen(&query).len(), 0);
}

/// Names of which some are equal.
fn names() -> impl Strategy<Value = Vec<(u8, u8)>> {
    proptest::collection::vec((0..40_u8, 0..25_u8), 1..30)
}

fn parties_of(names: &[(u8, u8)]) -> Vec<ListedParty> {
    let mut seen = BTreeSet::new();
    let mut parties = Vec::new();
    for (id, name) in names {
        if seen.insert(*id) {
            parties.push(listed(&format!("id-{id}"), &format!("Company {name}"), ""));
        }
    }
    parties
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    /// However lists follow each other, what is open is what a screening of everybody would find.
    #[test]
    fn a_delta_misses_nothing_that_a_full_screening_finds(
        versions in proptest::collection::vec(names(), 1..4),
        parties in proptest::collection::vec(0..25_u8, 1..12),
    ) {
        let world = world();
        for (place, name) in parties.iter().enumerate() {
            world.submit(&format!("Company {name}"));
            if let Some(version) = versions.get(place) {
                world.put("control_list", &parties_of(version), Lost::Confirmed).unwrap();
            }
            if place % 2 == 0 {
                world.work();
            }
        }
        world.work();
        let lists = world.platform.lists_in_force().unwrap();
        let mut expected = BTreeSet::new();
        for party in world.platform.reader().licensing().screened_after(&[], 1_000).unwrap() {
            let query: Query = serde_json::from_str(&party.query).unwrap();
            for found in lists.screen(&query) {
                expected.insert((party.name.clone(), found.of.entity, found.record_hash));
            }
        }
        let mut found = BTreeSet::new();
        let filter = HitFilter { states: vec!["open".to_owned()], ..HitFilter::default() };
        let mut after = None;
        loop {
            let page = world.platform.hits(&filter, after.as_ref()).unwrap();
            found.extend(page.rows.into_iter().map(|(h, _)| (h.party_name, h.entity, h.record_hash)));
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        prop_assert_eq!(found, expected);
    }
}
