//! Quotas, shipments and duties through the whole server: the supervisor allocates, a company sees itself,
//! a filing page says whether a licence is needed, and holders report.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use serde_json::{Value, json};

use crate::world::{Answer, World};

/// What the separator made in 2025 of home and of foreign concentrate; all of it counts in the demo's pack.
const LINE: &str = "separation%7Cseparation%7Crock";

/// An export of a magnet and of what no list names, and a correction of an earlier one.
const EXPORTS: &str = "\
filing,kind,date,filer,site,lot,stage,product,hs,net_mass_kg,composition,customer_name,customer_country,declaration,licence,corrects
E0,export,2025-04-10,gad:mag-d,FAB,MAG-1,finished_magnet,NdFeB magnet,850511,10,,Motor E,DE,D-0,,
E1,export,2025-04-11,gad:mag-d,FAB,MAG-1,finished_magnet,NdFeB magnet,850511,10,,Motor E,DE,D-1,L-1/1,E0
E1,export,2025-04-11,gad:mag-d,FAB,MAG-1,finished_magnet,NdFeB magnet,850511,5,,Motor E,DE,D-1,,E0
";

fn fields<'t>(from: &'t str, to: &'t str, amount: &'t str) -> Vec<(&'t str, &'t str)> {
    vec![
        ("line", LINE),
        ("year", "2025"),
        ("from", from),
        ("to", to),
        ("amount", amount),
        ("slice", if from == "issue" { "1" } else { "" }),
        ("day", "2025-01-15"),
        ("reason", "yearly+order"),
    ]
}

/// The one position of the separator, as the API gives it.
async fn position(world: &World, account: &str) -> Value {
    let answer = world.get(account, "/api/v1/quotas?year=2025").await;
    assert_eq!(answer.status, StatusCode::OK);
    let quotas = answer.json()["quotas"].clone();
    let separation = quotas.as_array().unwrap().iter().find(|of| of["quota"] == "separation");
    let positions = separation.unwrap()["positions"].as_array().unwrap().clone();
    let mine = |of: &&Value| of["company"] == "gad:sep-c" && of["ore"] == "rock";
    positions.iter().find(mine).cloned().unwrap_or(Value::Null)
}

/// Asks for the findings of an account until a rule is among them: while they are worked out anew, the
/// older ones are given.
async fn found(world: &World, account: &str, rule: &str) {
    for _ in 0..100 {
        let findings = world.get(account, "/api/v1/findings").await.json().to_string();
        if findings.contains(rule) {
            return;
        }
    }
    panic!("`{rule}` is not found");
}

#[tokio::test]
async fn a_supervisor_allocates_and_the_company_sees_where_it_stands() {
    let world = World::new();
    let supervisor = world.person("supervisor").await;
    let before = position(&world, "separator").await;
    assert_eq!(before["standing"], "awaiting");
    assert_eq!(before["awaiting_kg"], before["used_kg"]);
    let page = supervisor.get("/quotas").await.body;
    assert!(page.contains("Awaiting allocation") && page.contains("gad:sep-c"), "{page}");
    for (from, to, amount, expected) in [
        // Nothing lies there before it is issued.
        ("authority", "gad:sep-c", "0.1", 422),
        ("issue", "", "0.2", 303),
        ("issue", "", "0.2", 422),
        ("authority", "gad:sep-c", "1,5", 422),
        ("authority", "gad:nobody", "0.1", 422),
        ("authority", "group:West", "0.15", 303),
        ("group:West", "gad:sep-c", "0.2", 422),
        ("group:West", "gad:sep-c", "0.1", 303),
        ("gad:sep-c", "group:West", "0.1", 422),
    ] {
        let answer = supervisor.post("/quotas", &fields(from, to, amount)).await;
        assert_eq!(answer.status.as_u16(), expected, "{from} to {to} {amount}: {}", answer.body);
        // What was typed is still there, beside what is wrong with it.
        let kept = answer.body.contains("yearly order");
        assert_eq!(kept, expected == 422, "{from} to {to}");
    }
    // 100 kg for what was made of 150 kg of 85.7 % Nd and 9 kg of 87 % Dy.
    let after = position(&world, "separator").await;
    assert_eq!((&after["standing"], &after["allocated_kg"]), (&json!("over"), &json!("100")));
    assert_eq!(after["group"], "West");
    let proof = &after["proofs"][0];
    assert_eq!((&proof["filing"], &proof["date"]), (&json!("gad:sep-c/S1"), &json!("2025-01-20")));
    // Nobody but the authority sees what it keeps back, and no company sees another.
    let own = world.get("separator", "/api/v1/quotas").await.json();
    assert!(own["quotas"].as_array().unwrap().iter().all(|of| of["issued"] == json!([])));
    assert_eq!(position(&world, "magnet-maker").await, Value::Null);
    let other = world.person("magnet-maker").await.get("/quotas").await.body;
    assert!(!other.contains("gad:sep-c") && !other.contains("West"), "{other}");
    let whole = world.get("officer", "/api/v1/quotas").await.json();
    let issued = &whole["quotas"].as_array().unwrap().iter().find(|of| of["quota"] == "separation");
    assert_eq!(issued.unwrap()["issued"][0]["groups"][0]["undivided_kg"], "50");
    // Over the quota is a finding; the filing that went beyond it stands as it was filed.
    found(&world, "separator", "quota_exceeded").await;
    let filing = world.get("separator", "/api/v1/filings/gad:sep-c/S1").await;
    assert_eq!(filing.status, StatusCode::OK);
}

#[tokio::test]
async fn only_a_supervisor_allocates_and_programs_do_not() {
    let world = World::new();
    for account in ["officer", "analyst", "separator", "operator"] {
        let who = world.person(account).await;
        let answer = who.post("/quotas", &fields("issue", "", "1")).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{account}");
        assert!(!who.get("/quotas").await.body.contains("name=\"amount\""), "{account}");
    }
}

#[tokio::test]
async fn the_preview_of_an_upload_says_what_the_page_of_its_filing_will_say() {
    let world = World::new();
    let number = world.licence().number;
    let person = world.person("magnet-maker").await;
    // Line 2 has 50 kg; the first filing is corrected by the second in the same file.
    let file = |kg: &str, licence: &str| {
        format!(
            "filing,kind,date,filer,site,lot,stage,product,hs,net_mass_kg,composition,\
            customer_name,customer_country,declaration,licence,corrects\n\
            E0,export,2025-11-24,gad:mag-d,FAB,MAG-1,finished_magnet,NdFeB magnet,850511,77,,Motor F,DE,D-OLD,{licence},\n\
            E1,export,2025-11-24,gad:mag-d,FAB,MAG-1,finished_magnet,NdFeB magnet,850511,{kg},,Motor F,DE,D-NEW,{licence},E0\n"
        )
    };
    let plain = |text: String| text.replace(['\u{a0}', '\u{202f}'], " ");
    let preview = |text: String| {
        let person = &person;
        async move {
            let answer = person.upload("a.csv", &text).await;
            let to = answer.header("location").to_owned();
            (to.clone(), plain(person.get(&to).await.body))
        }
    };
    let line = format!("{number}/2");
    let tag = |words: &str| format!("{words}</strong>");
    let (_, page) = preview(file("60", &line)).await;
    assert!(page.contains("Licence and customs") && page.contains("D-NEW"), "{page}");
    assert!(page.contains(&tag("Does not fit")), "{page}");
    assert!(page.contains("60 kg filed, 50 kg left"), "{page}");
    assert!(!page.contains("D-OLD"), "what is replaced in the same file is no shipment: {page}");
    let (_, page) = preview(file("10", "L-NONE/1")).await;
    assert!(page.contains(&tag("Does not fit")) && page.contains("L-NONE/1"), "{page}");
    let (to, page) = preview(file("10", &line)).await;
    assert!(page.contains(&tag("Fits")) && page.contains("10 kg of 50 kg left"), "{page}");
    // Nothing of it is on record yet; filed, its own page says the same.
    let filing = "/filings/gad:mag-d/E1";
    assert_eq!(person.get(filing).await.status, StatusCode::NOT_FOUND);
    assert_eq!(person.post(&to, &[]).await.status, StatusCode::SEE_OTHER);
    let filed = plain(person.get(filing).await.body);
    let cut = |page: &str, to: &str| {
        let (_, rest) = page.split_once("id=\"shipments-title\"").unwrap();
        rest.split(to).next().unwrap().to_owned()
    };
    let of_filing = cut(&filed, "</section>");
    for said in ["D-NEW", &line, "10 kg of 50 kg left", &tag("Fits")] {
        assert!(of_filing.contains(said), "{said}: {of_filing}");
    }
    let needs = |section: &str| {
        let rows = section.split("<tbody>").nth(1).unwrap().split("</tbody>").next().unwrap();
        rows.to_owned()
    };
    assert_eq!(
        needs(&cut(&page, "</section>")),
        needs(&of_filing),
        "the same goods, the same need"
    );
    // A file without an export has no such part.
    let other = "filing,kind,date,filer,site,lot,stage,net_mass_kg,composition\n\
        X1,opening,2025-01-01,gad:mag-d,FAB,X-1,scrap_magnet,1,Nd=25.0\n";
    assert!(!preview(other.to_owned()).await.1.contains("shipments-title"));
}

#[tokio::test]
async fn an_export_says_whether_it_needs_a_licence() {
    let world = World::new();
    assert_eq!(world.file("magnet-maker", "", "", EXPORTS).await.status, StatusCode::CREATED);
    let person = world.person("magnet-maker").await;
    let page = person.get("/filings/gad:mag-d/E1").await.body;
    for words in ["Licence and customs", "L-1/1", "D-1", "none named", "Control codes"] {
        assert!(page.contains(words), "no `{words}` in {page}");
    }
    // What was replaced left nothing, and what is no export needs none.
    for filing in ["E0", "G1"] {
        let page = person.get(&format!("/filings/gad:mag-d/{filing}")).await.body;
        assert!(!page.contains("Licence and customs"), "{filing}");
    }
    found(&world, "magnet-maker", "export_without_licence").await;
    let path = "/api/v1/filings/gad:mag-d/E1/shipments";
    let answer = world.get("magnet-maker", path).await.json();
    let shipments = answer["shipments"].as_array().unwrap();
    let named: Vec<&Value> = shipments.iter().map(|of| &of["licence"]).collect();
    assert_eq!(named, [&Value::Null, &json!("L-1/1")]);
    // Magnets are controlled by the demo's list; no licences are kept, so nothing is said of what is left.
    assert_eq!(shipments[0]["goods"][0]["licence"], "needed");
    assert!(!shipments[0]["goods"][0]["control_codes"].as_array().unwrap().is_empty());
    assert!(shipments.iter().all(|of| of["fits"].is_null()));
    assert_eq!(shipments[0]["gaps"][0]["code"], "export_without_licence");
    assert_eq!(world.get("separator", path).await.status, StatusCode::NOT_FOUND);
}

async fn reported(world: &World, token: &str, body: &Value) -> Answer {
    let request = Request::post("/api/v1/duties/reports")
        .header("content-type", "application/json")
        .header("authorization", format!("Bearer {}", world.token(token)));
    world.send(request.body(Body::from(body.to_string())).unwrap()).await
}

#[tokio::test]
async fn holders_report_what_became_of_their_goods_and_the_authority_what_the_other_side_says() {
    let world = World::new();
    let good = json!({
        "reference": "A-1", "kind": "arrival", "licence": "L-1", "line": "1", "declaration": "D-1",
        "date": "2025-03-20", "quantities": [{ "unit": "net_mass", "amount": "15" }],
    });
    let with = |field: &str, value: Value| {
        let mut body = good.clone();
        body[field] = value;
        body
    };
    let amount = |amount: &str| json!([{ "unit": "net_mass", "amount": amount }]);
    for (body, field, code) in [
        (with("kind", json!("receipt")), "kind", "report_teller"),
        (with("kind", json!("party")), "kind", "report_kind"),
        (with("date", json!("20 March")), "date", "report_day"),
        (with("date", json!("2999-01-01")), "date", "report_day"),
        (with("quantities", amount("1,5")), "quantities[0].amount", "quantity_ambiguous"),
        (with("quantities", amount("")), "quantities[0].amount", "quantity_blank"),
        (with("reference", json!("")), "reference", "report_field"),
        (with("replaces", json!("A-0")), "replaces", "report_replaces"),
    ] {
        let answer = reported(&world, "magnet-maker", &body).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{body}");
        let error = answer.json()["errors"][0].clone();
        assert_eq!((&error["field"], &error["code"]), (&json!(field), &json!(code)), "{body}");
    }
    let outcome = async |token: &str, body: &Value| reported(&world, token, body).await.status;
    // A token that only reads reports nothing.
    assert_eq!(outcome("reads-only", &good).await, StatusCode::NOT_FOUND);
    assert_eq!(outcome("officer", &good).await, StatusCode::NOT_FOUND);
    assert_eq!(outcome("magnet-maker", &good).await, StatusCode::CREATED);
    assert_eq!(outcome("magnet-maker", &good).await, StatusCode::OK);
    let officer = world.person("officer").await;
    let receipt = [
        ("holder", "gad:mag-d"),
        ("reference", "C-1"),
        // What kind it is, says the door and not the form.
        ("kind", "arrival"),
        ("licence", "L-1"),
        ("line", "1"),
        ("declaration", "D-1"),
        ("day", "2025-03-21"),
        ("mass", "14.5"),
    ];
    assert_eq!(officer.post("/duties/receipts", &receipt).await.status, StatusCode::SEE_OTHER);
    let kinds = async |account: &str| {
        let answer = world.get(account, "/api/v1/duties").await.json();
        let holders = answer["holders"].as_array().unwrap().clone();
        let reports = holders.iter().flat_map(|of| of["reports"].as_array().unwrap());
        reports.map(|of| of["kind"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(kinds("magnet-maker").await, ["receipt", "arrival"]);
    assert_eq!(kinds("officer").await, ["receipt", "arrival"]);
    assert_eq!(kinds("separator").await, Vec::<String>::new());
    // The page of each: the holder's form offers no receipts, the officer's nothing else.
    let page = world.person("magnet-maker").await.get("/duties").await.body;
    assert!(page.contains("action=\"/duties\"") && page.contains("A-1"), "{page}");
    assert!(!page.contains("value=\"receipt\""), "{page}");
    let page = officer.get("/duties").await.body;
    assert!(page.contains("action=\"/duties/receipts\"") && page.contains("14.5"), "{page}");
    let typed = world.person("magnet-maker").await;
    let wrong =
        typed.post("/duties", &[("kind", "use"), ("mass", "1.000,5"), ("note", "kept")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.body.contains("1.000,5") && wrong.body.contains("kept"), "{}", wrong.body);
}
