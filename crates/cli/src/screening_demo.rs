//! The demo's lists: invented names, a few of which resemble end users of its cases; and a handful of hits
//! on which somebody has decided already.

use anyhow::Context;
use app::Platform;
use app::cases::{Known, Step};
use app::law::Law;
use app::people::Moment;
use app::screening::{HitFilter, Lost, Task, list_read};
use base::Timestamp;
use base::authorisation::{Actor, Role};
use screening::hit::Deed;

const DAY_US: i64 = 86_400_000_000;

/// Code, name and content of what is put in force, and how many days ago.
const LISTS: [(&str, &str, &str, i64); 3] = [
    (
        "control_list",
        "control-list-1.jsonl",
        include_str!("../../../packs/demo/lists/control_list_first.jsonl"),
        60,
    ),
    (
        "control_list",
        "control-list-2.jsonl",
        include_str!("../../../packs/demo/lists/control_list.jsonl"),
        9,
    ),
    (
        "watch_list",
        "watch-list.jsonl",
        include_str!("../../../packs/demo/lists/watch_list.jsonl"),
        30,
    ),
];

/// Puts the lists in force, screens everybody, and decides a few hits.
pub(crate) fn screening_make(
    platform: &Platform,
    law: &Law,
    known: &Known,
    now: Timestamp,
) -> anyhow::Result<()> {
    let moment = |days: i64, place: u8| Moment {
        now: Timestamp::from_us(now.us() - days * DAY_US),
        seed: [place; 32],
    };
    let analyst = Actor::new("analyst", Role::Analyst, "");
    platform.screening_gather(now)?;
    for (place, (code, file, text, days)) in LISTS.into_iter().enumerate() {
        let list =
            list_read(text.as_bytes().to_vec(), Lost::Refuse).context("a list of the demo")?;
        let step = Step { actor: &analyst, moment: moment(days, place as u8) };
        platform.list_put(code, &list, (file, Lost::Refuse), &step)?;
    }
    platform.screening_run(&Task::Full, now)?;
    let waiting = HitFilter { states: vec!["open".to_owned()], ..HitFilter::default() };
    let hits = platform.hits(&waiting, None)?.rows;
    let officer = Actor::new("officer", Role::Officer, "");
    let second = Actor::new("supervisor", Role::Supervisor, "");
    let deeds: [&[(&Actor, Deed, &str)]; 4] = [
        &[(&officer, Deed::Clear, "Another company: its register number and seat differ.")],
        &[
            (&officer, Deed::Clear, "Founded long before the listed one, in another country."),
            (&second, Deed::Agree, "The extract of the register shows it."),
        ],
        &[(&officer, Deed::Ask, "The applicant is asked for an extract of the register.")],
        &[(&officer, Deed::Confirm, "Same address and same directors as the listed party.")],
    ];
    for (place, ((hit, _), steps)) in hits.iter().zip(deeds).enumerate() {
        for (number, (actor, deed, reason)) in steps.iter().enumerate() {
            let seen = (&hit.hit_id, hit.version + number as u32);
            let step = Step { actor, moment: moment(0, (100 + place * 8 + number) as u8) };
            platform.hit_decide(law, seen, (*deed, reason), known, &step)?;
        }
    }
    Ok(())
}
