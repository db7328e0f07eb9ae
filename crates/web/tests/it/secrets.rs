//! A filer never reads another party's name, lot, site or figure: every page and every answer that
//! it may open is read for them.

use crate::world::World;

/// What stands in the books of others and was never told to the magnet maker.
const SECRETS: [&str; 13] = [
    "mine-a",
    "mine-b",
    "motor-e/",
    "ORE-A",
    "ORE-B",
    "ORE-X",
    "MAG-1b",
    "PIT",
    "DOCK",
    "PLANT",
    "Foreign Mining",
    "sep-c/",
    "ASSY\"",
];

/// What links lead to from a page.
fn links(body: &str) -> Vec<String> {
    let page = scraper::Html::parse_document(body);
    let selector = scraper::Selector::parse("a[href^='/']").unwrap();
    page.select(&selector).map(|a| a.attr("href").unwrap().to_owned()).collect()
}

#[tokio::test]
async fn no_page_that_a_filer_can_reach_names_another_party() {
    let world = World::new();
    let person = world.person("magnet-maker").await;
    let mut seen = std::collections::BTreeSet::new();
    let mut todo: Vec<String> = [
        "/",
        "/parties/gad:mag-d",
        "/findings",
        "/search?q=MAG",
        "/search?q=ORE",
        "/search?q=gad:",
        "/search?q=S1",
        "/lots/MAG-1?element=Dy&direction=forward",
        "/lots/MAG-1?element=Nd&as_of=2025-02-20",
        "/lots/MAG-1a?element=Dy&direction=forward",
        "/lots/MAG-1/trace.csv",
        "/lots/DYO-1",
        "/lots/NDO-1",
    ]
    .map(str::to_owned)
    .into();
    while let Some(path) = todo.pop() {
        let path = path.split('#').next().unwrap().to_owned();
        if path.starts_with("/api") || !seen.insert(path.clone()) {
            continue;
        }
        let answer = person.get(&path).await;
        assert!(answer.status.as_u16() < 500, "{path}");
        for secret in SECRETS {
            assert!(!answer.body.contains(secret), "`{secret}` on {path}");
        }
        if answer.header("content-type").starts_with("text/html") && !path.contains("lang=") {
            todo.extend(links(&answer.body));
        }
    }
    assert!(seen.len() > 30, "{seen:?}");
}

#[tokio::test]
async fn no_answer_of_the_api_names_another_party() {
    let world = World::new();
    let mut found = 0;
    for lot in ["MAG-1", "MAG-1a", "MAG-1b", "DYO-1", "NDO-1", "SCRAP-7", "ORE-A"] {
        for query in [
            String::new(),
            "/trace?element=Dy&bounds=true".to_owned(),
            "/trace?element=Dy&to=party".to_owned(),
            "/trace?element=Nd&to=stage=separated_compound".to_owned(),
            "/trace?element=Dy&direction=forward".to_owned(),
            "/trace?element=Dy&known_at=2025-12-31&as_of=2025-03-31".to_owned(),
            "/lineage?element=Dy&depth=8&width=50".to_owned(),
        ] {
            let path = format!("/api/v1/lots/{lot}{query}");
            let answer = world.get("magnet-maker", &path).await;
            found += usize::from(answer.status == 200);
            let body = answer.body.replace(&path, "").replace(&format!("/api/v1/lots/{lot}"), "");
            for secret in SECRETS {
                assert!(!body.contains(secret), "`{secret}` in {path}: {body}");
            }
        }
    }
    assert!(found > 15, "{found}");
    for path in ["/findings", "/balance", "/search?q=M", "/search?q=gad:", "/parties/gad:mag-d"] {
        let answer = world.get("magnet-maker", &format!("/api/v1{path}")).await;
        assert_eq!(answer.status, 200, "{path}");
        for secret in SECRETS {
            assert!(!answer.body.contains(secret), "`{secret}` in {path}: {}", answer.body);
        }
    }
}

#[tokio::test]
async fn a_filer_traces_what_it_made_and_others_are_one_line() {
    let world = World::new();
    let answer = world.get("magnet-maker", "/api/v1/lots/MAG-1/trace?element=Dy").await.json();
    let parts = answer["parts"].as_array().unwrap();
    let lots: Vec<&str> = parts.iter().map(|part| part["lot"].as_str().unwrap()).collect();
    assert_eq!(lots, ["SCRAP-7", "another party"]);
    let sum: i64 = parts.iter().map(|part| part["content_ug"].as_i64().unwrap()).sum();
    assert_eq!(sum, 5_280_000_000);
    assert_eq!(answer["edges_visited"], 0, "how far it goes beyond is not told");
    assert_eq!(world.get("magnet-maker", "/api/v1/lots/DYO-1/trace?element=Dy").await.status, 404);
    let received = world.get("magnet-maker", "/api/v1/lots/DYO-1").await.json();
    assert_eq!(received["composition"][0]["percent"], "87", "its holder told it so");
    let named_only = world.get("magnet-maker", "/api/v1/lots/NDO-1").await.json();
    assert_eq!(named_only["composition"], serde_json::json!([]), "nobody told it");
    assert_eq!(named_only["made_mass_kg"], serde_json::Value::Null);
}

/// What the magnet maker is shown after it named another's lot in filings of its own that leave mass
/// and composition to that lot.
async fn shown_after_probing(mass: &str, composition: &str) -> Vec<(&'static str, String)> {
    let world = World::new();
    let theirs = format!(
        "filing,kind,date,filer,site,lot,stage,net_mass_kg,composition\n\
         X1,extract,2025-03-01,gad:rival,PIT,X-1,concentrate,{mass},{composition}\n"
    );
    let options = app::ImportOptions {
        recorded_at: base::Timestamp::parse("2025-04-02T00:00:00Z").unwrap(),
        ..app::ImportOptions::default()
    };
    let source = Box::new(std::io::Cursor::new(theirs.into_bytes()));
    world.platform().import(source, options, &mut |_| {}).unwrap();
    let probes = "filing,kind,date,filer,from_party,to_party,site,leg,lot,source_lot,stage,net_mass_kg,composition\n\
        P1,receipt,2025-03-02,gad:mag-d,gad:rival,,FAB,,X-1,,,,\n\
        P2,transfer,2025-03-03,gad:mag-d,,gad:mag-d,FAB,,PART-1,X-1,,,\n\
        P3,transfer,2025-03-04,gad:mag-d,,gad:mag-d,FAB,,PART-2,PART-1,,,\n\
        P4,count,2025-03-05,gad:mag-d,,,FAB,,X-1,,,5,\n\
        P5,transform,2025-03-06,gad:mag-d,,,FAB,in,X-1,,,3,\n\
        P5,transform,2025-03-06,gad:mag-d,,,FAB,out,MIX-1,,metal,2,Dy=1\n";
    let filed = world.file("magnet-maker", "", "", probes).await;
    assert_eq!(filed.status, 201, "{}", filed.body);
    let mut report = filed.json();
    for timed in ["seconds", "rows_per_s", "recorded_at"] {
        report.as_object_mut().unwrap().remove(timed);
    }
    let mut shown = vec![("the report", report.to_string())];
    for path in [
        "/api/v1/balance",
        "/api/v1/balance?to=2025-03-31",
        "/api/v1/parties/gad:mag-d",
        "/api/v1/filings/gad:mag-d/P1",
        "/api/v1/filings/gad:mag-d/P3",
        "/api/v1/lots/X-1",
        "/api/v1/lots/X-1/trace?element=Dy",
        "/api/v1/lots/PART-1",
        "/api/v1/lots/PART-1/trace?element=Dy",
        "/api/v1/lots/PART-2/trace?element=Dy&direction=forward",
        "/api/v1/lots/MIX-1/trace?element=Dy&bounds=true",
        "/api/v1/lots/MIX-1/lineage?element=Dy",
        "/api/v1/findings",
        "/api/v1/search?q=X-1",
    ] {
        shown.push((path, timeless(&world.get("magnet-maker", path).await.body)));
    }
    shown
}

/// An answer without the instants at which its filings were recorded.
fn timeless(body: &str) -> String {
    let mut parts = body.split("\"recorded_at\":\"");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + part.split_once('"').map_or("", |rest| rest.1))
}

#[tokio::test]
async fn what_a_filer_may_not_see_does_not_change_what_it_is_shown() {
    let one = shown_after_probing("1000", "Dy=0.3").await;
    let other = shown_after_probing("250", "Dy=9;Nd=20").await;
    for ((path, one), (_, other)) in one.iter().zip(&other) {
        assert_eq!(one, other, "{path}");
    }
}
