//! Measures the matcher on the development data: recall and false alerts by class, speed, memory.
//!
//! `cargo run --release -p screening --example measure -- DIR` prints one JSON document. `--features` prints
//! the candidates with their differences instead (what the score is fitted on), `--answers` the best
//! answer to each query, `--matches` the matches as `cargo xtask compare screen` reads them, `--delta N` what N parties alone choose
//! beside the whole list, `--copies N` lists each party N times with altered names, to measure size.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::disallowed_methods,
    reason = "a program for developers"
)]

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs::read_to_string;
use std::path::Path;
use std::sync::Arc;

use screening::{
    Generation, List, ListedName, ListedParty, NameStrength, PartyKind, Query, Settings,
};
use serde_json::{Value, json};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

struct Asked {
    query: Query,
    id: String,
    class: String,
    targets: Vec<String>,
}

fn lines(path: &Path) -> Vec<Value> {
    let text = read_to_string(path).expect("a file of the development data");
    text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

fn texts(value: &Value) -> Vec<String> {
    let array = value.as_array().map(Vec::as_slice).unwrap_or_default();
    array.iter().filter_map(|v| v.as_str().map(str::to_owned)).collect()
}

fn kind(schema: &str) -> PartyKind {
    match schema {
        "Person" => PartyKind::Person,
        "Vessel" => PartyKind::Vessel,
        "Airplane" => PartyKind::Aircraft,
        "Organization" | "Company" => PartyKind::Organization,
        _ => PartyKind::Unknown,
    }
}

fn party(row: &Value) -> ListedParty {
    let named = |field: &str, strength: NameStrength| {
        texts(&row[field]).into_iter().map(move |text| ListedName { text, strength })
    };
    ListedParty {
        id: row["id"].as_str().unwrap_or_default().to_owned(),
        kind: kind(row["schema"].as_str().unwrap_or_default()),
        names: named("names", NameStrength::Alias)
            .chain(named("weak_names", NameStrength::Weak))
            .collect(),
        ..ListedParty::default()
    }
}

/// Another party of the same making: letters of its names are moved on.
fn altered(party: &ListedParty, copy: usize) -> ListedParty {
    let mut seed = copy as u64;
    let mut letter = |c: char| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let change = seed >> 33 & 3 == 0 && c.is_ascii_alphabetic();
        if change { char::from(b'a' + ((seed >> 40) % 26) as u8) } else { c }
    };
    let mut other = party.clone();
    other.id = format!("{}-{copy}", party.id);
    for name in &mut other.names {
        name.text = name.text.chars().map(&mut letter).collect();
    }
    other
}

fn fnv(text: &str) -> u64 {
    text.bytes()
        .fold(0xcbf2_9ce4_8422_2325, |h, b| (h ^ u64::from(b)).wrapping_mul(0x100_0000_01b3))
}

/// Processor time of this thread: others who use the machine do not lengthen it.
fn processor_s() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

fn status_kb(field: &str) -> u64 {
    let status = read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with(field)).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|n| n.parse().ok()).unwrap_or(0)
}

fn asked(dir: &Path, with_birth: bool) -> Vec<Asked> {
    lines(&dir.join("truth.jsonl"))
        .into_iter()
        .map(|row| {
            let text = |field: &str| row[field].as_str().unwrap_or_default().to_owned();
            let query = Query {
                names: vec![text("name")],
                kind: kind(&text("schema")),
                birth_year: text("birth_year").parse().ok().filter(|_| with_birth),
                ..Query::default()
            };
            Asked { query, id: text("id"), class: text("class"), targets: texts(&row["targets"]) }
        })
        .collect()
}

/// The best score of a target, the rank of the first, and the best score of anything.
struct Judged {
    class: String,
    person: bool,
    positive: bool,
    half: bool,
    target: f64,
    first: bool,
    any: f64,
    true_hits: usize,
    hits: usize,
}

fn judge(asked: &Asked, found: &[(String, f64)], clusters: &HashMap<String, String>) -> Judged {
    let cluster = |id: &str| clusters.get(id).cloned().unwrap_or_else(|| id.to_owned());
    let targets: BTreeSet<String> = asked.targets.iter().map(|id| cluster(id)).collect();
    let is_target = |id: &str| targets.contains(&cluster(id));
    let target = found.iter().filter(|(id, _)| is_target(id)).map(|(_, s)| *s).fold(0.0, f64::max);
    let shown: Vec<_> = found.iter().filter(|(_, score)| *score >= 0.7).collect();
    Judged {
        class: asked.class.clone(),
        person: asked.query.kind == PartyKind::Person,
        positive: !asked.class.starts_with("neg"),
        half: fnv(&asked.id).is_multiple_of(2),
        target,
        first: found.first().is_some_and(|(id, _)| is_target(id)),
        any: found.first().map_or(0.0, |(_, score)| *score),
        true_hits: shown.iter().filter(|(id, _)| is_target(id)).count(),
        hits: shown.len(),
    }
}

fn share(part: usize, all: usize) -> f64 {
    (1e4 * part as f64 / all.max(1) as f64).round() / 1e4
}

/// The threshold at which a share of the negative queries has an alert.
fn threshold_at(judged: &[&Judged], alerts: f64) -> f64 {
    let mut scores: Vec<f64> = judged.iter().filter(|j| !j.positive).map(|j| j.any).collect();
    scores.sort_by(|a, b| b.total_cmp(a));
    let allowed = (alerts * scores.len() as f64).floor() as usize;
    scores.get(allowed).map_or(0.0, |score| score + 1e-9)
}

fn summary(judged: &[&Judged]) -> Value {
    let positive: Vec<_> = judged.iter().filter(|j| j.positive).collect();
    let negative: Vec<_> = judged.iter().filter(|j| !j.positive).collect();
    let recall = |t: f64| share(positive.iter().filter(|j| j.target >= t).count(), positive.len());
    let alerts = |t: f64| share(negative.iter().filter(|j| j.any >= t).count(), negative.len());
    let hits: usize = judged.iter().map(|j| j.hits).sum();
    let mut out = json!({
        "positive": positive.len(), "negative": negative.len(),
        "recall_at_1": share(positive.iter().filter(|j| j.first).count(), positive.len()),
        "recall_070": recall(0.7), "false_alerts_070": alerts(0.7),
        "precision_070": share(judged.iter().map(|j| j.true_hits).sum(), hits),
    });
    for percent in [1, 2, 5] {
        let t = threshold_at(judged, f64::from(percent) / 100.0);
        out[format!("threshold_{percent}pct")] = json!((t * 1e4).round() / 1e4);
        out[format!("recall_{percent}pct")] = json!(recall(t));
    }
    out
}

fn classes(judged: &[&Judged]) -> Value {
    let mut by: BTreeMap<&str, Vec<&&Judged>> = BTreeMap::new();
    for one in judged {
        by.entry(&one.class).or_default().push(one);
    }
    let t2 = threshold_at(judged, 0.02);
    let row = |(class, rows): (&str, Vec<&&Judged>)| {
        let at = |t: f64| {
            let hit = |j: &Judged| if j.positive { j.target >= t } else { j.any >= t };
            share(rows.iter().filter(|j| hit(j)).count(), rows.len())
        };
        let first = share(rows.iter().filter(|j| j.first).count(), rows.len());
        let found = share(rows.iter().filter(|j| j.target > 0.0).count(), rows.len());
        (
            class.to_owned(),
            json!({"n": rows.len(), "at_070": at(0.7), "at_2pct": at(t2), "first": first, "found": found}),
        )
    };
    Value::Object(by.into_iter().map(row).collect())
}

fn pairs(dir: &Path, base: &List) -> Value {
    let Ok(text) = read_to_string(dir.join("pairs_nk.csv")) else { return Value::Null };
    let rows: Vec<Vec<String>> =
        text.lines().skip(1).map(fields).filter(|row| row.len() > 4).collect();
    let parties = rows.iter().enumerate().map(|(n, row)| ListedParty {
        id: n.to_string(),
        kind: kind(&row[1]),
        names: vec![ListedName { text: row[3].clone(), strength: NameStrength::Primary }],
        ..ListedParty::default()
    });
    let list = List { code: "pairs".to_owned(), parties: parties.collect(), ..List::default() };
    let generation = Generation::build(vec![Arc::new(base.clone()), Arc::new(list)]);
    let scored: Vec<(f64, bool)> = rows
        .iter()
        .enumerate()
        .map(|(n, row)| {
            let query =
                Query { names: vec![row[2].clone()], kind: kind(&row[1]), ..Query::default() };
            let settings = Settings { threshold: 0.0, limit: 200 };
            let found = generation.screen(&query, &settings);
            let hit = found.iter().find(|m| m.list == "pairs" && m.entity == n.to_string());
            if std::env::args().any(|a| a == "--pairs") {
                println!(
                    "{:.3}\t{}\t{} | {}\t{}",
                    hit.map_or(0.0, |m| m.score),
                    row[4],
                    row[2],
                    row[3],
                    row[1]
                );
            }
            (hit.map_or(0.0, |m| m.score), row[4] == "true")
        })
        .collect();
    let f1 = |t: f64| {
        let right = scored.iter().filter(|(s, m)| *m && *s >= t).count() as f64;
        let shown = scored.iter().filter(|(s, _)| *s >= t).count() as f64;
        let all = scored.iter().filter(|(_, m)| *m).count() as f64;
        (1e4 * 2.0 * right / (shown + all).max(1.0)).round() / 1e4
    };
    let best = (1..100)
        .map(|n| f64::from(n) / 100.0)
        .max_by(|a, b| f1(*a).total_cmp(&f1(*b)))
        .unwrap_or(0.7);
    json!({"n": scored.len(), "f1_070": f1(0.7), "f1_best": f1(best), "threshold_best": best})
}

/// Fields of a CSV line, quoted or not.
fn fields(line: &str) -> Vec<String> {
    let mut out = vec![String::new()];
    let mut quoted = false;
    for c in line.chars() {
        match c {
            '"' => quoted = !quoted,
            ',' if !quoted => out.push(String::new()),
            _ => out.last_mut().unwrap().push(c),
        }
    }
    out
}

/// What was used, then the matches of each query, as the peers of `cargo xtask compare screen` print them.
fn matches(asked: &[Asked], generation: &Generation, times: &mut [f64]) {
    times.sort_by(f64::total_cmp);
    let at = |share: f64| 1e3 * times[((times.len() - 1) as f64 * share) as usize];
    let used = json!({
        "queries": times.len(),
        "queries_per_s": times.len() as f64 / times.iter().sum::<f64>(),
        "p50_ms": at(0.5), "p99_ms": at(0.99), "rss_mb": status_kb("VmHWM") / 1024,
    });
    println!("{used}");
    for one in asked {
        let found = generation.screen(&one.query, &Settings { threshold: 0.01, limit: 10 });
        let pairs: Vec<Value> = found.iter().map(|m| json!([m.entity, m.score])).collect();
        println!("{}", json!({"id": one.id, "matches": pairs}));
    }
}

/// What a small generation of some parties chooses, beside what the whole list finds of them.
///
/// A change of a list is screened so: whoever has a score from `threshold - margin` against the changed parties
/// alone is screened against the whole list. Here the changed parties are one in so many of the list, and the
/// queries stand for the parties that are stored.
fn delta(parties: usize, list: &List, whole: &Generation, asked: &[Asked]) -> Value {
    const THRESHOLD: f64 = 0.7;
    const MARGIN: f64 = 0.3;
    const ROUNDS: usize = 12;
    let step = (list.parties.len() / parties.max(1)).max(1);
    let scores =
        |generation: &Generation, query: &Query, threshold: f64| -> BTreeMap<String, f64> {
            let found = generation.screen(query, &Settings { threshold, limit: 1_000 });
            found.into_iter().map(|one| (one.entity, one.score)).collect()
        };
    let found: Vec<_> = asked.iter().map(|one| scores(whole, &one.query, THRESHOLD)).collect();
    let (mut pairs, mut missed, mut chosen, mut screened, mut small_s) = (0, 0, 0, 0, 0.0);
    for offset in 0..step.min(ROUNDS) {
        let some: Vec<_> = list.parties.iter().skip(offset).step_by(step).cloned().collect();
        let ids: BTreeSet<String> = some.iter().map(|party| party.id.clone()).collect();
        let part = List { code: list.code.clone(), parties: some, ..List::default() };
        let before = processor_s();
        let small = Generation::build(vec![Arc::new(part)]);
        let chooses: Vec<bool> = asked
            .iter()
            .map(|one| !scores(&small, &one.query, THRESHOLD - MARGIN).is_empty())
            .collect();
        small_s += processor_s() - before;
        for (found, chooses) in found.iter().zip(&chooses) {
            let of_it = found.keys().filter(|id| ids.contains(*id)).count();
            pairs += of_it;
            missed += if *chooses { 0 } else { of_it };
            chosen += usize::from(*chooses);
            screened += 1;
        }
    }
    json!({
        "parties": parties, "pairs": pairs, "missed": missed, "chosen": chosen, "screened": screened,
        "queries_per_s": f64::from(screened) / small_s,
    })
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let dir = Path::new(arguments.first().expect("the directory of the development data"));
    let has = |flag: &str| arguments.iter().any(|a| a == flag);
    let copies: usize = arguments
        .iter()
        .skip_while(|a| *a != "--copies")
        .nth(1)
        .and_then(|n| n.parse().ok())
        .unwrap_or(1);
    let clusters: HashMap<String, String> =
        serde_json::from_str(&read_to_string(dir.join("clusters.json")).unwrap()).unwrap();
    let mut list = List { code: "development".to_owned(), ..List::default() };
    for row in lines(&dir.join("list.jsonl")) {
        let party = party(&row);
        list.parties.extend((1..copies).map(|n| altered(&party, n)));
        list.parties.push(party);
    }
    let asked = asked(dir, has("--birth"));
    let before = processor_s();
    let list = Arc::new(list);
    let generation = Generation::build(vec![list.clone()]);
    let build_s = processor_s() - before;
    if has("--features") {
        for one in &asked {
            for found in generation.candidates(&one.query, 12) {
                let judged = judge(one, &[(found.entity.clone(), 1.0)], &clusters);
                let label = u8::from(judged.target > 0.0);
                let (entity, name) = (&found.entity, &found.matched_name);
                println!(
                    "{}\t{}\t{}\t{label}\t{}\t{:?}\t{:.4}\t{entity}\t{name}",
                    one.id,
                    one.class,
                    judged.half,
                    u8::from(found.person),
                    found.differences,
                    found.score
                );
            }
        }
        return;
    }
    if let Some(parties) = arguments.iter().skip_while(|a| *a != "--delta").nth(1) {
        let parties = parties.parse().expect("how many parties changed");
        println!("{:#}", delta(parties, &list, &generation, &asked));
        return;
    }
    let settings = Settings { threshold: 0.1, limit: 10 };
    let mut times = Vec::with_capacity(asked.len());
    let mut judged = Vec::with_capacity(asked.len());
    for one in asked.iter().take(300) {
        let _warm = generation.screen(&one.query, &settings);
    }
    for one in &asked {
        let before = processor_s();
        let found = generation.screen(&one.query, &settings);
        times.push(processor_s() - before);
        let scored: Vec<(String, f64)> =
            found.iter().map(|m| (m.entity.clone(), m.score)).collect();
        let verdict = judge(one, &scored, &clusters);
        if has("--answers") {
            let best = found.first();
            println!(
                "{}\t{}\t{}\t{:.3}\t{:.3}\t{}\t{}",
                verdict.class,
                u8::from(verdict.first),
                verdict.half,
                verdict.target,
                verdict.any,
                one.query.names[0],
                best.map_or("", |m| m.matched_name.as_str())
            );
        }
        judged.push(verdict);
    }
    if has("--matches") {
        return matches(&asked, &generation, &mut times);
    }
    let total: f64 = times.iter().sum();
    times.sort_by(f64::total_cmp);
    let at = |share: f64| (1e6 * times[((times.len() - 1) as f64 * share) as usize]).round() / 1e3;
    let (rss_kb, peak_kb) = (status_kb("VmRSS"), status_kb("VmHWM"));
    let of = |keep: &dyn Fn(&Judged) -> bool| {
        judged.iter().filter(|j| keep(j)).collect::<Vec<&Judged>>()
    };
    let all = of(&|_| true);
    let report = json!({
        "names": generation.names(), "build_s": (build_s * 1e3).round() / 1e3,
        "queries": asked.len(), "queries_per_s": (asked.len() as f64 / total).round(),
        "p50_ms": at(0.5), "p99_ms": at(0.99), "max_ms": at(1.0),
        "rss_mb": rss_kb / 1024, "rss_peak_mb": peak_kb / 1024,
        "all": summary(&all),
        "fitted_half": summary(&of(&|j| j.half)),
        "other_half": summary(&of(&|j| !j.half)),
        "persons": summary(&of(&|j| j.person)),
        "others": summary(&of(&|j| !j.person)),
        "classes": classes(&all),
        "pairs": if copies == 1 { pairs(dir, &list) } else { Value::Null },
    });
    if !has("--answers") {
        println!("{}", serde_json::to_string_pretty(&report).unwrap());
    }
}
