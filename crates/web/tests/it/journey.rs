//! A filer's way: upload, preview, confirm, receipt; languages and preferences.

use crate::world::World;

const CSV: &str = "filing,kind,date,filer,site,lot,stage,net_mass_kg,composition\n\
    J1,opening,2025-01-01,gad:mag-d,FAB,J-1,scrap_magnet,1,Nd=25.0\n\
    J2,opening,2025-01-01,gad:mag-d,FAB,J-2,scrap_magnet,minus,Nd=25.0\n\
    J3,opening,2025-01-01,gad:mag-d,FAB,J-3,scrap_magnet,none,Nd=25.0\n";

#[tokio::test]
async fn a_file_goes_from_upload_to_receipt() {
    let world = World::new();
    let person = world.person("magnet-maker").await;
    let sent = person.upload("may.csv", CSV).await;
    assert_eq!(sent.status, 303, "{}", sent.body);
    let preview = sent.header("location").to_owned();
    let page = person.get(&preview).await;
    assert_eq!(page.status, 200);
    let page = scraper::Html::parse_document(&page.body);
    let text = |selector: &str| -> Vec<String> {
        let selector = scraper::Selector::parse(selector).unwrap();
        page.select(&selector).map(|found| found.text().collect::<String>()).collect()
    };
    assert_eq!(text(".gd-group--error").len(), 1, "two rows of one repair are one group");
    assert!(text(".gd-group--error")[0].contains("net_mass_kg"));
    assert_eq!(world.get("officer", "/api/v1/lots/J-1").await.status, 404, "nothing is filed yet");
    let rejects = person.get(&format!("{preview}/rejects.csv")).await;
    assert!(rejects.header("content-disposition").starts_with("attachment"));
    assert_eq!(rejects.body.lines().count(), 3, "{}", rejects.body);

    let confirmed = person.post(&preview, &[]).await;
    let receipt = confirmed.header("location").to_owned();
    assert!(receipt.starts_with("/file/receipt/"), "{receipt}");
    let page = person.get(&receipt).await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("may.csv") && page.body.contains("/filings/gad:mag-d/J1"));
    assert_eq!(world.get("officer", "/api/v1/lots/J-1").await.status, 200);

    let again = person.post(&preview, &[]).await;
    assert_eq!(again.header("location"), receipt, "sent twice it files once");
    assert_eq!(person.get(&preview).await.header("location"), receipt);
    let filings = world.platform().books().totals().filings;
    assert_eq!(filings, 12);
}

#[tokio::test]
async fn an_upload_is_for_the_eyes_of_its_account_alone() {
    let world = World::new();
    let person = world.person("magnet-maker").await;
    let preview = person.upload("may.csv", CSV).await.header("location").to_owned();
    let other = world.person("separator").await;
    for path in
        [preview.clone(), format!("{preview}/rejects.csv"), preview.replace("preview", "receipt")]
    {
        assert_eq!(other.get(&path).await.status, 404, "{path}");
    }
    assert_eq!(other.post(&preview, &[]).await.status, 404);
    assert_eq!(
        person.get(&preview.replace("preview", "receipt")).await.status,
        404,
        "not filed yet"
    );
}

#[tokio::test]
async fn no_file_is_told_beside_the_field() {
    let world = World::new();
    let person = world.person("magnet-maker").await;
    let answer = person.upload("", "").await;
    assert_eq!(answer.status, 422);
    let page = scraper::Html::parse_document(&answer.body);
    let first = |selector: &str| {
        let selector = scraper::Selector::parse(selector).unwrap();
        page.select(&selector).next().map(|found| found.text().collect::<String>())
    };
    assert!(first("title").unwrap().starts_with("Error: "));
    assert!(first(".govuk-error-summary a[href='#file']").is_some());
    assert_eq!(first("#file-error"), first(".govuk-error-summary a"));
}

#[tokio::test]
async fn the_language_is_the_visitors_own() {
    let world = World::new();
    let mut person = world.person("officer").await;
    let lang =
        |body: &str| body.split("lang=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    assert_eq!(lang(&person.get("/").await.body), "en");
    let chosen = person.get("/?lang=zh").await;
    assert_eq!(lang(&chosen.body), "zh-Hans");
    assert_eq!(chosen.cookie("gd_lang").as_deref(), Some("zh"));
    person.cookies = format!("{}; gd_lang=zh", person.cookies);
    assert_eq!(lang(&person.get("/findings").await.body), "zh-Hans", "it is kept");
    assert_eq!(lang(&person.get("/findings?lang=en").await.body), "en");
    let request = axum::http::Request::get("/sign-in").header("accept-language", "fr, zh;q=0.5");
    let answer = world.send(request.body(axum::body::Body::empty()).unwrap()).await;
    assert_eq!(lang(&answer.body), "zh-Hans");
}

#[tokio::test]
async fn colours_and_density_are_kept_and_lead_back() {
    let world = World::new();
    let mut person = world.person("officer").await;
    let answer =
        person.post("/preferences", &[("theme", "dark"), ("to", "/findings?rule=gain")]).await;
    assert_eq!(answer.header("location"), "/findings?rule=gain");
    assert_eq!(answer.cookie("gd_theme").as_deref(), Some("dark"));
    person.cookies = format!("{}; gd_theme=dark; gd_density=compact", person.cookies);
    let page = person.get("/").await.body;
    assert!(page.contains("data-theme=\"dark\"") && page.contains("data-density=\"compact\""));
}

#[tokio::test]
async fn each_role_comes_home_to_its_own_work() {
    let world = World::new();
    let filer = world.person("magnet-maker").await.get("/").await.body;
    assert!(filer.contains("Delta Magnetics") && filer.contains("/file"));
    let officer = world.person("officer").await.get("/").await.body;
    assert!(officer.contains("gd-chart") && officer.contains("/lots/DYO-1"));
    let operator = world.person("operator").await.get("/").await.body;
    assert!(operator.contains("/metrics") && !operator.contains("gad:"));
}

#[tokio::test]
async fn every_page_of_the_matrix_names_itself_and_its_language() {
    let world = World::new();
    let person = world.person("magnet-maker").await;
    let mut titles = std::collections::BTreeSet::new();
    for lang in ["en", "zh"] {
        for path in [
            "/",
            "/file",
            "/documents",
            "/parties/gad:mag-d",
            "/lots/MAG-1",
            "/lots/DYO-1",
            "/filings/gad:mag-d/O1",
            "/search?q=MAG",
            "/findings",
            "/api",
            "/accessibility",
            "/nothing",
        ] {
            let separator = if path.contains('?') { '&' } else { '?' };
            let answer = person.get(&format!("{path}{separator}lang={lang}")).await;
            let page = scraper::Html::parse_document(&answer.body);
            let count =
                |selector: &str| page.select(&scraper::Selector::parse(selector).unwrap()).count();
            assert_eq!(
                (count("h1"), count("main#main"), count("head > title")),
                (1, 1, 1),
                "{path}"
            );
            assert_eq!(count("img:not([alt])"), 0, "{path}");
            let title = scraper::Selector::parse("head > title").unwrap();
            let title: String = page.select(&title).next().unwrap().text().collect();
            assert!(titles.insert((lang, title.clone())), "`{title}` is the title of two pages");
        }
    }
}
