//! The clocks of the packs that come with the program: their cases, and each rule broken once.

mod properties;

use std::collections::BTreeMap;

use super::due::Count;
use super::rules::{LastDay, Unit};
use super::*;
use crate::files::PackFiles;

const PACKS: [&str; 5] = ["cn", "demo", "us", "uk", "eu"];

fn files(pack: &str) -> PackFiles {
    let directory = format!("{}/../../packs/{pack}", env!("CARGO_MANIFEST_DIR"));
    let mut files = PackFiles::new();
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            files.insert(name, std::fs::read_to_string(&path).unwrap());
        }
    }
    files
}

fn law(files: &PackFiles) -> Result<(ClockRules, Calendar), Vec<PackFault>> {
    let mut faults = Vec::new();
    let rules = ClockRules::read(files, &mut faults);
    let calendar = Calendar::read(files, &mut faults);
    match (rules, calendar) {
        (Some(rules), Some(calendar)) if faults.is_empty() => Ok((rules, calendar)),
        _ => Err(faults),
    }
}

fn pack(pack: &str) -> (ClockRules, Calendar) {
    law(&files(pack)).unwrap_or_else(|faults| panic!("{pack}: {faults:#?}"))
}

fn date(text: &str) -> Day {
    Day::of(base::time::date_parse(text).unwrap())
}

fn lines(events: &[(&str, &str)]) -> String {
    let line = |(at, event): &(&str, &str)| format!("{{\"at\":\"{at}\",\"event\":\"{event}\"}}\n");
    events.iter().map(line).collect()
}

fn ask(pack_id: &str, events: &str, now: Option<&str>) -> Answer {
    let (rules, calendar) = pack(pack_id);
    let events = events_read(&rules, events).unwrap();
    let now = now.map(|now| now.parse().unwrap());
    let reckoning = reckon(&rules, &calendar, &events, now).unwrap();
    answer(pack_id, &rules, &calendar, &events, &reckoning, Proofs::Every)
}

#[test]
fn the_cases_of_every_pack_come_out() {
    for id in PACKS {
        let files = files(id);
        let (rules, calendar) = pack(id);
        let mut faults = Vec::new();
        let cases = cases_read(&files, &rules, &mut faults);
        assert!(faults.is_empty(), "{id}: {faults:#?}");
        assert!(cases.len() > 50, "{id} has {} cases", cases.len());
        assert_eq!(cases_check(&rules, &calendar, &cases), [""; 0], "{id}");
        // Every kind of event occurs in a case.
        for (kind, event) in rules.events.iter().enumerate() {
            let used = cases.iter().any(|case| case.events.iter().any(|e| e.kind == kind));
            assert!(used, "{id}: no case has `{}`", event.id);
        }
    }
}

/// Other values for the value of a setting; each must make a difference.
fn broken(key: &str, value: &str) -> Vec<String> {
    let pairs = [
        ("counted", "not_counted"),
        ("working_day", "calendar_day"),
        ("required", "not_required"),
        ("as_it_falls", "next_working_day"),
        ("case", "agency"),
        ("true", "false"),
        ("statutory", "target"),
    ];
    let bare = value.trim_matches('"');
    let other = pairs
        .iter()
        .find_map(|(a, b)| (*a == bare).then_some(*b).or_else(|| (*b == bare).then_some(*a)));
    match key {
        "limit" | "weekday_holidays_at_most" | "make_up_days_at_most" => {
            let number: u32 = value.parse().unwrap();
            [number.checked_sub(1), Some(number + 1)].iter().flatten().map(u32::to_string).collect()
        }
        "cut_off" => vec!["\"15:59\"".into(), "\"16:01\"".into()],
        "zone" => vec!["\"Pacific/Auckland\"".into()],
        "on_breach" if bare != "escalate" => vec!["\"escalate\"".into()],
        "on_breach" | "binding" if other.is_none() => vec!["\"statutory\"".into()],
        "working_week" | "starts" | "ends" | "stops" | "removed_by" | "not_after" | "after" => {
            let items: Vec<&str> = value.trim_matches(['[', ']']).split(", ").collect();
            let without = |i: usize| {
                let kept = items.iter().enumerate().filter(|(j, _)| *j != i).map(|(_, item)| *item);
                format!("[{}]", kept.collect::<Vec<_>>().join(", "))
            };
            (0..items.len()).map(without).collect()
        }
        _ => other
            .map(|other| if bare == value { other.to_owned() } else { format!("\"{other}\"") })
            .into_iter()
            .collect(),
    }
}

/// What differs when the files are changed: a fault, or a case.
fn notices(files: &PackFiles, cases: &str) -> bool {
    let Ok((rules, calendar)) = law(files) else { return true };
    let mut with_cases = PackFiles::new();
    with_cases.insert(super::cases::TABLE, cases);
    let mut faults = Vec::new();
    let cases = cases_read(&with_cases, &rules, &mut faults);
    !faults.is_empty()
        || cases
            .iter()
            .any(|case| !cases_check(&rules, &calendar, std::slice::from_ref(case)).is_empty())
}

#[test]
fn each_rule_broken_once_is_noticed() {
    for id in PACKS {
        let files = files(id);
        let cases = files.text(super::cases::TABLE).unwrap().to_owned();
        let text = files.text(SETTINGS).unwrap().to_owned();
        let whole: Vec<&str> = text.lines().collect();
        let working = text.contains("limit") && (id != "us");
        let (mut tried, mut unnoticed) = (0, Vec::new());
        for (number, line) in whole.iter().enumerate() {
            let Some((key, value)) = line.split_once(" = ") else { continue };
            // No clock of this pack counts working days.
            let idle =
                ["working_week", "last_day", "weekday_holidays_at_most", "make_up_days_at_most"];
            // Working days end on working days; what moves the last one has no effect.
            let section = whole[..number].iter().rposition(|l| l.starts_with('[')).unwrap_or(0);
            let entry = whole[section..].iter().take_while(|l| !l.is_empty());
            let entry: Vec<&str> = entry.copied().collect();
            let counts_working = entry.contains(&"unit = \"working_day\"");
            let unlimited = !entry.iter().any(|l| l.starts_with("limit"));
            if (!working && idle.contains(&key))
                || (key == "last_day" && (counts_working || unlimited))
            {
                continue;
            }
            for other in broken(key, value) {
                let mut changed = whole.clone();
                let new = format!("{key} = {other}");
                changed[number] = &new;
                let mut files = files.clone();
                files.insert(SETTINGS, changed.join("\n"));
                tried += 1;
                if !notices(&files, &cases) {
                    unnoticed.push(format!("line {}: {new}", number + 1));
                }
            }
        }
        assert_eq!(unnoticed, [""; 0], "{id}");
        assert!(tried > 50, "{id}: only {tried} rules were broken");
    }
}

#[test]
fn each_day_of_a_calendar_taken_away_is_noticed() {
    for id in PACKS.into_iter().filter(|id| *id != "us") {
        let files = files(id);
        let (_, calendar) = pack(id);
        let cases = files.text(super::cases::TABLE).unwrap().to_owned();
        let text = files.text(crate::calendar::TABLE).unwrap().to_owned();
        let whole: Vec<&str> = text.lines().collect();
        for at in 1..whole.len() {
            let day = date(&whole[at][..10]);
            // On the first day of the calendar nothing can have begun before; a holiday on a rest day is none.
            let idle = day == calendar.first()
                || (whole[at].contains("public_holiday") && !calendar.weekly(day));
            let mut kept = whole.clone();
            kept.remove(at);
            let mut changed = files.clone();
            changed.insert(crate::calendar::TABLE, kept.join("\n"));
            assert!(idle || notices(&changed, &cases), "{id}: {}", whole[at]);
        }
    }
}

#[test]
fn forty_five_working_days_span_sixty_to_seventy_two_calendar_days() {
    let (_, calendar) = pack("cn");
    let count = Count {
        calendar: &calendar,
        unit: Unit::WorkingDay,
        last_day: LastDay::AsItFalls,
        excluded: &[],
    };
    let mut spans: BTreeMap<i32, u32> = BTreeMap::new();
    for day in calendar.first().0..=calendar.known_to().0 {
        if let Due::On(due) = count.due(Day(day), 45) {
            *spans.entry(due.0 - day).or_default() += 1;
        }
    }
    let (least, most) = (*spans.keys().next().unwrap(), *spans.keys().last().unwrap());
    println!(
        "45 working days span {least} to {most} calendar days over {} start dates",
        spans.values().sum::<u32>()
    );
    assert!(spans.values().sum::<u32>() > 1_000);
    assert_eq!((least, most), (60, 72));
}

#[test]
fn the_same_application_in_each_regime() {
    let packs: Vec<(&str, (ClockRules, Calendar))> =
        PACKS.into_iter().map(|id| (id, pack(id))).collect();
    let asked: Vec<(&str, &ClockRules, &Calendar)> =
        packs.iter().map(|(id, (rules, calendar))| (*id, rules, calendar)).collect();
    let events = lines(&[
        ("2025-04-07T09:12:00Z", "received"),
        ("2025-04-08T09:00:00Z", "accepted"),
        ("2025-04-15T09:00:00Z", "question"),
        ("2025-04-29T09:00:00Z", "answer"),
    ]);
    let rows = regimes_compare(&asked, &events, None).unwrap();
    let table: Vec<String> = rows
        .iter()
        .map(|row| {
            let due = row.due_date.map_or("no limit".to_owned(), |due| due.to_string());
            format!("{} {due} {}", row.pack, row.outcomes.join(" "))
        })
        .collect();
    assert_eq!(
        table,
        [
            "cn 2025-06-13 granted refused returned withdrawn lapsed",
            "demo 2025-06-05 granted refused returned withdrawn lapsed",
            "us 2025-07-21 granted refused returned withdrawn lapsed",
            "uk 2025-07-17 granted refused returned withdrawn lapsed",
            "eu no limit granted refused withdrawn lapsed",
        ]
    );
    let wrong = regimes_compare(&asked, &lines(&[("2025-04-07T09:12:00Z", "recieved")]), None);
    assert_eq!(wrong.unwrap_err().len(), PACKS.len());
}

#[test]
fn a_calendar_published_later_stays_within_the_bounds() {
    for id in ["cn", "uk", "demo"] {
        let (_, calendar) = pack(id);
        let (first, last) = (calendar.first().year(), calendar.known_to().year());
        for year in first..last {
            let cut = calendar.cut(year).unwrap();
            assert_eq!(cut.known_to(), date(&format!("{year}-12-31")));
            for limit in [1, 5, 20, 45, 60] {
                for day in cut.first().0..calendar.known_to().0 {
                    within(&cut, &calendar, Day(day), limit);
                }
            }
        }
    }
}

#[track_caller]
fn within(cut: &Calendar, calendar: &Calendar, after: Day, limit: u32) {
    let count = |calendar| {
        Count { calendar, unit: Unit::WorkingDay, last_day: LastDay::AsItFalls, excluded: &[] }
            .due(after, limit)
    };
    let Due::On(published) = count(calendar) else { return };
    let earlier = count(cut);
    let (earliest, latest) = (earlier.earliest().unwrap(), earlier.latest().unwrap());
    assert!(earliest <= published && published <= latest, "{earliest:?} {published:?} {latest:?}");
    // What lies within the published years is certain, and the same.
    assert!(published > cut.known_to() || earlier == Due::On(published));
}

#[test]
fn the_proof_counts_to_the_limit_on_the_due_date() {
    let events = lines(&[
        ("2025-04-07T09:12:00+08:00", "received"),
        ("2025-04-08T10:00:00+08:00", "accepted"),
    ]);
    let answer = ask("cn", &events, None);
    let decision = &answer.clocks[1];
    assert_eq!(decision.proof[0].code, "day_zero");
    let last = decision.proof.last().unwrap();
    assert_eq!((last.date.to_string().as_str(), last.number), ("2025-06-13", 45));
    let of = |code: &str| decision.proof.iter().filter(|day| day.code == code).count();
    let counted = ["working_day", "make_up_workday", "public_holiday", "rest_day", "day_zero"];
    // Labour Day (three weekdays, one Sunday worked) and the Dragon Boat Festival lie between.
    assert_eq!(counted.map(of), [44, 1, 4, 17, 1]);
}

#[test]
fn what_cannot_be_read_is_told_all_at_once() {
    let (rules, calendar) = pack("demo");
    let text = "{\"at\":\"2025-04-07\",\"event\":\"recieved\",\"who\":1}\n\n[]\nno\n\
                {\"at\":\"2025-04-07T09:00:00Z\",\"event\":\"agency_referred\",\"notice_days\":0}";
    let faults = events_read(&rules, text).unwrap_err();
    let told: Vec<(u32, &str)> = faults.iter().map(|fault| (fault.line, fault.code)).collect();
    let expected = [
        (1, "field_unknown"),
        (1, "at_wrong"),
        (1, "event_unknown"),
        (3, "not_object"),
        (4, "not_json"),
        (5, "agency_missing"),
        (5, "notice_wrong"),
    ];
    assert_eq!(told, expected);
    assert!(faults[2].accepted.contains("received"));
    let early =
        lines(&[("2023-12-31T09:00:00Z", "received"), ("1970-01-01T00:00:00Z", "accepted")]);
    let events = events_read(&rules, &early).unwrap();
    let faults = reckon(&rules, &calendar, &events, None).unwrap_err();
    assert_eq!(
        faults.iter().map(|fault| (fault.line, fault.code)).collect::<Vec<_>>(),
        [(2, "before_calendar"), (1, "before_calendar")]
    );
}

#[test]
fn the_ends_of_time_are_no_trouble() {
    for now in ["1800-01-01T00:00:00Z", "9999-12-30T22:00:00Z", "2400-01-01T00:00:00Z"] {
        for id in PACKS {
            let events = lines(&[
                ("2025-04-07T09:00:00Z", "received"),
                ("2025-04-08T09:00:00Z", "accepted"),
            ]);
            ask(id, &events, Some(now));
            let late = lines(&[
                ("9999-12-30T09:00:00Z", "received"),
                ("9999-12-30T20:00:00Z", "accepted"),
            ]);
            ask(id, &late, Some("9999-12-30T22:00:00Z"));
        }
    }
    assert_eq!(ask("demo", "", None).clocks.len(), 0);
}

#[test]
fn what_is_wrong_with_the_rules_is_told_all_at_once() {
    let files = files("demo");
    let text = files.text(SETTINGS).unwrap();
    let mut changed = files.clone();
    let broken = text
        .replacen("starts = [\"granted\"]", "starts = [\"grant\"]", 1)
        .replacen("stops = [\"question\", \"verification\"]", "stops = [\"holiday\"]", 1)
        .replacen("limit = 15", "limit = 0", 1)
        .replacen("cut_off = \"16:00\"", "cut_off = \"4pm\"", 1)
        .replacen("id = \"lapsed\"\nevent", "id = \"lost\"\nevent", 1)
        .replacen("zone = \"UTC\"", "zone = \"Mars/Olympus\"", 1)
        .replacen("id = \"issue\"", "id = \"decision\"", 1)
        .replacen("notice = \"required\"", "notice = \"perhaps\"", 1);
    changed.insert(SETTINGS, broken);
    changed.insert(
        crate::calendar::TABLE,
        "date,kind,name,source,confidence\n2024-01-01,public_holiday,A,x,high\n\
         2024-01-01,public_holiday,A,x,high\n2024-01-02,make_up_workday,A,x,high\n\
         2026-02-30,public_holiday,A,x,high\n2026-03-02,feast,A,x,high\n2026-03-03,public_holiday,A,,sure\n\
         2026-03-04,public_holiday,A,,high\n",
    );
    let mut codes: Vec<&str> = law(&changed).unwrap_err().iter().map(|fault| fault.code).collect();
    codes.sort_unstable();
    let expected = [
        "cell_wrong",
        "cell_wrong",
        "date_twice",
        "date_wrong",
        "event_unknown",
        "hour_wrong",
        "id_twice",
        "make_up_on_working_day",
        "out_of_range",
        "outcome_unknown",
        "setting_wrong",
        "source_missing",
        "stop_unknown",
        "year_missing",
        "zone_unknown",
    ];
    assert_eq!(codes, expected);
    for (from, to, code) in [
        ("after = [\"received\"]", "after = [\"answer\", \"issued\"]", None),
        ("id = \"received\"", "id = \"received\"\nafter = [\"granted\"]", Some("circular")),
        ("ends = [\"issued\"]", "ends = [\"issued\", \"granted\"]", Some("starts_and_ends")),
        ("[calendar]", "# [calendar]\n[almanac]", Some("section_unknown")),
        ("[calendar]", "[calendar", Some("not_toml")),
        ("per = \"agency\"", "per = \"case\"", Some("per_wrong")),
        ("binding = \"statutory\"", "binding = \"none\"", Some("binding_wrong")),
        ("citation = \"Licensing Act of Ytteria s.41\"", "citation = \"\"", Some("fact_missing")),
        ("begin = \"question\"", "begin = \"answer\"", Some("stop_circular")),
    ] {
        let mut changed = files.clone();
        assert!(text.contains(from), "{from}");
        changed.insert(SETTINGS, text.replacen(from, to, 1));
        let told: Vec<&str> =
            law(&changed).err().iter().flatten().map(|fault| fault.code).collect();
        assert!(code.is_none_or(|code| told.contains(&code)), "{to}: {told:?}");
        assert!(code.is_some() || told.is_empty(), "{to}: {told:?}");
    }
    let circle = text
        .replacen("starts = [\"accepted\", \"reopened\"]", "starts = [\"accepted\"]", 1)
        .replacen(
            "on_breach = \"record_overdue\"",
            "on_breach = \"deemed_accepted\"\ndeems = \"received\"",
            1,
        );
    changed = files.clone();
    changed.insert(SETTINGS, circle);
    let faults = law(&changed).unwrap_err();
    assert_eq!(
        faults.iter().map(|fault| fault.code).collect::<Vec<_>>(),
        ["circular"],
        "{faults:?}"
    );
}
