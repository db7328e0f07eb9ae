//! Two versions of a list: what a redline shows, and what changes for goods.

use base::time::date_parse;
use controls::compare::{GoodChange, Run};
use controls::{Good, Pack, compare, redline};

use crate::packs::{carried, files};

fn changed() -> Pack {
    let mut files = files("demo");
    let text = files.text("items.csv").unwrap().to_owned();
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    lines.retain(|l| !l.contains("YS-203"));
    for line in &mut lines {
        *line = line.replace(
            "含镝的钕铁硼永磁材料,dysprosium-containing NdFeB permanent magnet material",
            "含镝的钕铁硼永磁体,dysprosium-containing NdFeB magnets and magnet powder",
        );
    }
    lines.push("YSMA Order 4/2026,YS-402,,La,any,oxide,,,,,,from_here,yes,氧化镧,lanthanum oxide,,284690,hint,2026-03-01,,2026-01-15,,YSMA Order 4/2026,fictional,high".to_owned());
    files.insert("items.csv", lines.join("\n"));
    let (pack, faults) = Pack::read(&files);
    assert_eq!(faults, []);
    pack
}

#[test]
fn a_redline_shows_added_removed_and_changed_words() {
    let (old, new) = (carried("demo"), changed());
    let changes = redline(&old.list, &new.list);
    let shown: Vec<(&str, &str)> = changes.iter().map(|c| (c.label.as_str(), c.change)).collect();
    assert_eq!(shown, [("YS-202", "changed"), ("YS-402", "added"), ("YS-203", "removed")]);
    let columns: Vec<&str> = changes[0].columns.iter().map(|c| c.0).collect();
    assert_eq!(columns, ["item_en", "item_zh"]);
    let en = &changes[0].wording_en;
    assert_eq!(en[0], Run::Kept("dysprosium-containing NdFeB ".to_owned()));
    assert!(en.contains(&Run::Removed("permanent ".to_owned())), "{en:?}");
    let new_text: String = en
        .iter()
        .filter_map(|r| match r {
            Run::Kept(t) | Run::Added(t) => Some(t.as_str()),
            Run::Removed(_) => None,
        })
        .collect();
    assert_eq!(new_text, "dysprosium-containing NdFeB magnets and magnet powder");
    assert_eq!(redline(&old.list, &old.list), []);
}

#[test]
fn goods_become_controlled_and_cease_to_be() {
    let (old, new) = (carried("demo"), changed());
    let goods = ["lanthanum oxide", "SmCo magnet", "dysprosium oxide", "steel"];
    let date = date_parse("2026-05-01").unwrap();
    let changes: Vec<GoodChange> =
        compare(&old, &new, date, goods.iter().map(|g| Good::named(g))).map(|c| c.change).collect();
    use GoodChange::{BecameControlled, NoLonger, Same};
    assert_eq!(changes, [BecameControlled, NoLonger, Same, Same]);
    let early = date_parse("2026-02-01").unwrap();
    let mut before = compare(&old, &new, early, std::iter::once(Good::named("lanthanum oxide")));
    assert_eq!(before.next().unwrap().change, Same);
}
