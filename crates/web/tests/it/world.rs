//! A small economy with accounts, and visitors who come with cookies or tokens.

use std::cell::Cell;
use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, OnceLock};

use app::audit::{AuditFilter, AuditRecord};
use app::cases::{Known, NewCase, Step};
use app::documents::{Documents, ScanTask, Verdict};
use app::drafts::Beginning;
use app::jobs::NewJob;
use app::law::Law;
use app::licence::LicensingChange;
use app::people::{By, Moment, NewPerson, People, PersonKind, Scope, SeedPerson, seed_read};
use app::platform::OpenOptions;
use app::signing::Signing;
use app::{ImportOptions, Mode, Platform};
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use base::Timestamp;
use base::authorisation::{Actor, Role};
use licensing::licence::Licence;
use tempfile::TempDir;
use tower::ServiceExt;
use web::{
    Config, Limits, Post, PublicUrl, Readers, Scanner, SignIn, WebhookReach, providers_read,
};

use crate::border;

/// Two mines, an import, a separator, a magnet maker, a motor maker. A finding or two, a lot whose
/// name is hostile, and a corrected filing.
const FILINGS: &str = "\
filing,kind,date,filer,to_party,site,to_site,leg,lot,source_lot,stage,net_mass_kg,composition,customer_name,customer_country,end_use,corrects
M1,extract,2025-01-03,gad:mine-a,,PIT,,,ORE-A,,concentrate,1000,Nd=12.0;Dy=0.30,,,,
M2,extract,2025-01-04,gad:mine-b,,PIT,,,ORE-B,,concentrate,500,Nd=8.0;Dy=0.90,,,,
M3,import,2025-01-06,gad:sep-c,,DOCK,,,ORE-X,,concentrate,250,Nd=10.0;Dy=0.60,Foreign Mining Ltd,MM,,
S1,transform,2025-01-20,gad:sep-c,,PLANT,,in,ORE-A,,concentrate,800,,,,,
S1,transform,2025-01-20,gad:sep-c,,PLANT,,in,ORE-B,,concentrate,500,,,,,
S1,transform,2025-01-20,gad:sep-c,,PLANT,,in,ORE-X,,concentrate,250,,,,,
S1,transform,2025-01-20,gad:sep-c,,PLANT,,out,NDO-1,,separated_compound,150,Nd=85.7,,,,
S1,transform,2025-01-20,gad:sep-c,,PLANT,,out,DYO-1,,separated_compound,9,Dy=87.0,,,,
S1,transform,2025-01-20,gad:sep-c,,PLANT,,loss,,,swarf,1391,,,,,
C1,transfer,2025-01-25,gad:sep-c,gad:mag-d,PLANT,FAB,,DYO-1,,separated_compound,9,,,,,
G1,transform,2025-02-10,gad:mag-d,,FAB,,in,NDO-1,,separated_compound,120,,,,,
G1,transform,2025-02-10,gad:mag-d,,FAB,,in,DYO-1,,separated_compound,6,,,,,
G1,transform,2025-02-10,gad:mag-d,,FAB,,in,SCRAP-7,,scrap_magnet,40,,,,,
G1,transform,2025-02-10,gad:mag-d,,FAB,,out,MAG-1,,finished_magnet,330,Nd=28.5;Dy=1.6,,,,
O0,opening,2025-01-01,gad:mag-d,,FAB,,,SCRAP-7,,scrap_magnet,66,Nd=25.0;Dy=2.0,,,,
O1,opening,2025-01-01,gad:mag-d,,FAB,,,SCRAP-7,,scrap_magnet,60,Nd=25.0;Dy=2.0,,,,O0
H1,opening,2025-01-01,gad:mag-d,,FAB,,,<script>alert(1)</script>,,scrap_magnet,1,Nd=25.0;Dy=2.0,,,,
T1,transfer,2025-03-01,gad:mag-d,gad:motor-e,FAB,ASSY,,MAG-1a,MAG-1,finished_magnet,200,,Motor E,DE,ev_traction_motor,
U1,use,2025-03-09,gad:motor-e,,ASSY,,,MAG-1b,MAG-1a,finished_magnet,150,,,,ev_traction_motor,
";

const ACCOUNTS: &str = "
[[account]]
key = 'magnet-maker'
role = 'filer'
party = 'gad:mag-d'
name_en = 'Delta Magnetics'
name_zh = '德尔塔磁材'
[[account]]
key = 'separator'
role = 'filer'
party = 'gad:sep-c'
name_en = 'Corva Separation'
name_zh = '科尔瓦分离'
[[account]]
key = 'officer'
role = 'officer'
name_en = 'Case officer'
name_zh = '经办官员'
[[account]]
key = 'manager'
role = 'party_manager'
party = 'gad:mag-d'
name_en = 'Delta Manager'
name_zh = '德尔塔主管'
[[account]]
key = 'supervisor'
role = 'supervisor'
name_en = 'Supervisor'
name_zh = '主管'
[[account]]
key = 'analyst'
role = 'analyst'
name_en = 'Analyst'
name_zh = '分析员'
[[account]]
key = 'operator'
role = 'operator'
name_en = 'Operator'
name_zh = '运行维护'
[[account]]
key = 'second-supervisor'
role = 'supervisor'
name_en = 'Second supervisor'
name_zh = '第二主管'
[[account]]
key = 'defence'
role = 'agency'
desk = 'defence'
name_en = 'Adviser on defence'
name_zh = '国防顾问'
[[account]]
key = 'industry'
role = 'agency'
desk = 'industry'
name_en = 'Adviser on industry'
name_zh = '工业顾问'
[[account]]
key = 'customs-officer'
role = 'customs'
desk = 'harbour'
name_en = 'Customs officer'
name_zh = '关员'
[[account]]
key = 'witness'
role = 'officer'
name_en = 'Witness'
name_zh = '见证人'
";

/// Where the pages are reached, as browsers see it.
pub(crate) const ORIGIN: &str = "https://licences.example";

/// An identity provider at a port of loopback where nobody listens.
const PROVIDERS: &str = "
[[provider]]
id = 'partner'
name_en = 'Partner Office'
name_zh = '合作机构'
issuer = 'http://127.0.0.1:1'
client_id = 'gadolin'
";

/// Everybody in the matrix; the empty one has not signed in.
pub(crate) const ACCOUNT_KEYS: [&str; 8] =
    ["", "magnet-maker", "manager", "separator", "officer", "supervisor", "analyst", "operator"];

/// Number of the magnet maker's licence ([`World::licence`]).
pub(crate) const LICENCE: &str = "YT-L-2025-000009";
/// The border post of [`World::customs`].
pub(crate) const POST: &str = "harbour";

/// A document, as small as one is.
pub(crate) const PDF: &str = "%PDF-1.7\n1 0 obj << >> endobj\n%%EOF\n";

thread_local! {
    /// Each test runs on a thread of its own, and so has a clock of its own.
    static NOW: Cell<i64> = const { Cell::new(1_764_000_000_000_000) };
}

/// A clock that goes on by a millisecond whenever somebody looks.
fn clock() -> Timestamp {
    Timestamp::from_us(NOW.with(|now| now.replace(now.get() + 1_000)))
}

/// Puts the clock of this test forward.
pub(crate) fn clock_forward(seconds: i64) {
    NOW.with(|now| now.set(now.get() + seconds * 1_000_000));
}

fn persons() -> Vec<SeedPerson> {
    seed_read(ACCOUNTS).unwrap()
}

/// Now, with bytes that are never the same.
pub(crate) fn moment() -> Moment {
    static NUMBER: AtomicI64 = AtomicI64::new(1);
    let mut seed = [0; 32];
    seed[..8].copy_from_slice(&NUMBER.fetch_add(1, Ordering::Relaxed).to_be_bytes());
    Moment { now: clock(), seed }
}

/// An application that makes a case.
const APPLICATION: &str = r#"{
    "licence_type": "single",
    "goods": [{ "key": "g1", "name": "magnet block", "composition": { "Dy": "4.1" } }],
    "parties": [{ "key": "p1", "parts": ["consignee", "end_user"], "name": "Motor Works",
        "country": "DE" }],
    "uses": [{ "key": "u1", "code": "ev_traction_motor" }],
    "cells": [{ "key": "c1", "good": "g1", "consignee": "p1", "end_user": "p1", "end_use": "u1",
        "destination": "DE", "quantities": [{ "unit": "net_mass", "text": "900", "written": "kg" }] }]
}"#;

/// The house.
pub(crate) struct World {
    router: Router,
    platform: Platform,
    people: People,
    config: Config,
    tokens: HashMap<String, String>,
    dir: TempDir,
    law: OnceLock<Law>,
}

/// An answer, read whole.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    /// The value of a cookie that the answer sets.
    pub(crate) fn cookie(&self, name: &str) -> Option<String> {
        self.headers.get_all("set-cookie").iter().find_map(|value| {
            let pair = value.to_str().unwrap().split(';').next()?;
            let (key, value) = pair.split_once('=')?;
            (key == name).then(|| value.to_owned())
        })
    }

    /// The token of the forms on a page.
    pub(crate) fn form_token(&self) -> String {
        let (_, rest) = self.body.split_once("name=\"form_token\" value=\"").unwrap();
        rest.split('"').next().unwrap().to_owned()
    }
}

impl World {
    /// A job that has failed; gives its key as text.
    pub(crate) fn failed_job(&self) -> String {
        let job_id = app::jobs::job_id(Timestamp::from_us(1), &[3; 10]);
        let job = NewJob { job_id, kind: "mail", body: "{}", due_us: 0, at_us: 1 };
        self.platform.jobs_record(&[], &[job]).unwrap();
        let taken = self.platform.job_take(Timestamp::from_us(2)).unwrap().unwrap();
        self.platform.job_failed(&taken, "the server is away", None, clock()).unwrap();
        app::jobs::job_id_text(&job_id)
    }

    /// Waits until the reads so far are on record, and gives the entries after `after`, the oldest first.
    pub(crate) async fn recorded(&self, after: u64) -> Vec<AuditRecord> {
        assert_eq!(self.get("witness", "/api/v1/audit?limit=1").await.status, StatusCode::OK);
        let all = AuditFilter::default();
        let mut found = self.platform.audit_after(&all, after, 10_000).unwrap();
        found.retain(|record| record.account != "witness");
        found
    }

    pub(crate) fn new() -> World {
        World::with(World::choose(), Limits::default())
    }

    pub(crate) fn with(sign_in: SignIn, limits: Limits) -> World {
        World::told(sign_in, limits, Readers::Named)
    }

    /// With another scanner.
    pub(crate) fn scanned_by(scanner: Scanner) -> World {
        let world = World::new();
        let config = Config { scanner, ..world.config() };
        World { router: web::router(world.platform.clone(), config.clone()), config, ..world }
    }

    /// As whom a company sees who looked.
    pub(crate) fn told(sign_in: SignIn, limits: Limits, readers: Readers) -> World {
        let dir = tempfile::tempdir().unwrap();
        let options = OpenOptions { random: [7; 32] };
        let platform = Platform::open(dir.path(), Mode::Write, &options).unwrap();
        let import = ImportOptions {
            recorded_at: Timestamp::parse("2025-04-01T00:00:00Z").unwrap(),
            ..ImportOptions::default()
        };
        let report = platform.import(Box::new(FILINGS.as_bytes()), import, &mut |_| {}).unwrap();
        assert_eq!((report.rejected, report.filings.filed), (0, 11), "{report:?}");
        let people = People::open(dir.path(), [5; 32]).unwrap();
        people.seed(&persons(), &moment()).unwrap();
        let mut tokens = HashMap::new();
        let keys = ACCOUNT_KEYS.into_iter().skip(1).map(|key| (key, key, Scope::ReadAndFile));
        for (name, key, scope) in keys.chain([
            ("reads-only", "magnet-maker", Scope::Read),
            ("witness", "witness", Scope::Read),
            ("defence", "defence", Scope::ReadAndFile),
            ("industry", "industry", Scope::ReadAndFile),
        ]) {
            let by = By::account(key);
            let text = people.token_make(by, key, name, scope, 30, &moment()).unwrap();
            tokens.insert(name.to_owned(), text);
        }
        let config = Config {
            people: people.clone(),
            sign_in,
            pack: "demo".to_owned(),
            demo: true,
            key: [9; 32],
            now: clock,
            version: "0.0.0".into(),
            https: false,
            public_url: Some(PublicUrl::parse(ORIGIN).unwrap()),
            providers: providers_read(PROVIDERS, |path| Err(path.display().to_string())).unwrap(),
            limits,
            post: Post::none(),
            readers,
            webhooks: WebhookReach::Internet,
            documents: Documents::open(&platform, [6; 32]).unwrap(),
            scanner: Scanner::signature(),
            signing: Arc::new(Signing::open(dir.path(), [8; 32]).unwrap()),
        };
        let router = web::router(platform.clone(), config.clone());
        World { router, platform, people, config, tokens, dir, law: OnceLock::new() }
    }

    /// Everybody to choose from.
    pub(crate) fn choose() -> SignIn {
        SignIn::Choose(persons())
    }

    pub(crate) fn people(&self) -> &People {
        &self.people
    }

    pub(crate) fn dir(&self) -> &std::path::Path {
        self.dir.path()
    }

    /// The text of the token of an account; what is no account's name is a text of nobody.
    pub(crate) fn token<'t>(&'t self, name: &'t str) -> &'t str {
        self.tokens.get(name).map_or(name, String::as_str)
    }

    pub(crate) fn platform(&self) -> &Platform {
        &self.platform
    }

    /// What the house was given, to open another beside it.
    pub(crate) fn config(&self) -> Config {
        self.config.clone()
    }

    /// A document of the magnet maker that was found clean; gives its hash.
    pub(crate) fn document(&self) -> String {
        let documents = &self.config.documents;
        let by = By::account("magnet-maker");
        let stored = documents.store("gad:mag-d", "a.pdf", PDF.as_bytes(), by, &moment()).unwrap();
        let task = ScanTask { key: stored.document().key, owner: "gad:mag-d".to_owned() };
        documents.scanned(&task, &Verdict::Clean, "test", clock()).unwrap();
        stored.document().sha256.clone()
    }

    /// A licence of the magnet maker: 100 kg and 1,000 pieces to one user, 50 kg to another.
    pub(crate) fn licence(&self) -> Licence {
        let licence = border::a_licence(LICENCE, "gad:mag-d");
        // An hour ago: the border's writer is a thread of its own, whose clock is behind that of the test.
        let issued = Timestamp::from_us(clock().us() - 3_600_000_000);
        let issue =
            |change: &LicensingChange<'_>| app::licence::issue(change, &licence, issued, "officer");
        self.platform.licences_change(issue).unwrap();
        licence
    }

    /// A token of a program of customs, of the post [`POST`].
    pub(crate) fn customs(&self) -> String {
        let new = NewPerson {
            account: "customs-1",
            kind: PersonKind::Machine,
            name: "Harbour",
            local_name: "",
            email: "",
            role: Role::Customs,
            party: "",
            desk: POST,
        };
        self.people.person_invite(By::COMMAND_LINE, &new, &moment()).unwrap();
        let scope = Scope::ReadAndFile;
        self.people.token_make(By::COMMAND_LINE, "customs-1", "t", scope, 30, &moment()).unwrap()
    }

    /// A program that sends JSON.
    pub(crate) async fn tell(&self, token: &str, path: &str, body: &serde_json::Value) -> Answer {
        let request = Request::post(path)
            .header("authorization", format!("Bearer {}", self.token(token)))
            .header("content-type", "application/json");
        self.send(request.body(Body::from(body.to_string())).unwrap()).await
    }

    /// The law of the house.
    pub(crate) fn law(&self) -> &Law {
        self.law.get_or_init(|| {
            let pack = self.platform.pack_in_force("demo").unwrap();
            Law::read("demo", pack.version, &pack.files)
        })
    }

    /// A new draft and a new case of the magnet maker: the id of the one, the number of the other.
    pub(crate) fn application(&self) -> (String, String) {
        let value = serde_json::from_str(APPLICATION).unwrap();
        let application = licensing::application_read(&value).unwrap();
        let actor = Actor::new("magnet-maker", Role::Filer, "gad:mag-d");
        let step = Step { actor: &actor, moment: moment() };
        let new = NewCase { applicant: "gad:mag-d", application: &application, follows: None };
        let number = self.platform.case_submit(self.law(), &new, &Known::default(), &step).unwrap();
        let step = Step { actor: &actor, moment: moment() };
        let beginning = Beginning::Written(Box::new(application));
        let draft = self.platform.draft_make("gad:mag-d", &beginning, &step).unwrap();
        (draft.id, number)
    }

    /// The path of a route with a new draft and case of the magnet maker in their places.
    pub(crate) fn applied(&self, path: &str) -> String {
        let ends = ["/answer", "/amend", "/withdraw"];
        let of_applicant = path.contains("/cases/") && ends.iter().any(|end| path.ends_with(end));
        if !path.contains("{draft}") && !of_applicant {
            return path.to_owned();
        }
        let (draft, number) = self.application();
        let part = if path.contains("{entry}") { "goods" } else { "type" };
        path.replace("{draft}", &draft)
            .replace("{number}", &number)
            .replace("{part}", part)
            .replace("{entry}", "g1")
    }

    /// A program that applies: with what each route wants.
    pub(crate) async fn apply(&self, token: &str, path: &str) -> Answer {
        let body = match path.rsplit('/').next().unwrap() {
            "applications" | "check" => format!(r#"{{"application":{APPLICATION}}}"#),
            "amend" => {
                let amended = APPLICATION.replacen('{', r#"{"route":"by sea","#, 1);
                format!(r#"{{"application":{amended}}}"#)
            }
            "hand-in" => r#"{"revision":1}"#.to_owned(),
            "answer" => r#"{"question":1,"text":"yes"}"#.to_owned(),
            "withdraw" => "{}".to_owned(),
            _ => format!(r#"{{"revision":1,"application":{APPLICATION}}}"#),
        };
        let mut request = Request::post(path).header("content-type", "application/json");
        if !token.is_empty() {
            request = request.header("authorization", format!("Bearer {}", self.token(token)));
        }
        self.send(request.body(Body::from(body)).unwrap()).await
    }

    /// A program that hands a document in.
    pub(crate) async fn hand_in(&self, token: &str, name: &str, body: impl Into<Body>) -> Answer {
        let request = Request::post("/api/v1/documents")
            .header("authorization", format!("Bearer {}", self.token(token)))
            .header("document-name", name);
        self.send(request.body(body.into()).unwrap()).await
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        // A document is no text; what is asserted of it is its head.
        let body = String::from_utf8_lossy(&bytes).into_owned();
        Answer { status: parts.status, headers: parts.headers, body }
    }

    /// A program with the token of an account.
    pub(crate) async fn get(&self, token: &str, path: &str) -> Answer {
        let bearer = format!("Bearer {}", self.token(token));
        let request = Request::get(path).header("authorization", bearer);
        self.send(request.body(Body::empty()).unwrap()).await
    }

    /// A program that sends JSON.
    pub(crate) async fn post_json(&self, token: &str, path: &str, body: &str) -> Answer {
        let request = Request::post(path)
            .header("authorization", format!("Bearer {}", self.token(token)))
            .header("content-type", "application/json");
        self.send(request.body(Body::from(body.to_owned())).unwrap()).await
    }

    /// The same with an `Idempotency-Key`.
    pub(crate) async fn post_json_once(
        &self,
        token: &str,
        path: &str,
        (key, body): (&str, &str),
    ) -> Answer {
        let request = Request::post(path)
            .header("authorization", format!("Bearer {}", self.token(token)))
            .header("idempotency-key", key)
            .header("content-type", "application/json");
        self.send(request.body(Body::from(body.to_owned())).unwrap()).await
    }

    /// A program that files.
    pub(crate) async fn file(&self, token: &str, query: &str, key: &str, csv: &str) -> Answer {
        let mut request = Request::post(format!("/api/v1/filings{query}"))
            .header("authorization", format!("Bearer {}", self.token(token)))
            .header("content-type", "text/csv");
        if !key.is_empty() {
            request = request.header("idempotency-key", key);
        }
        self.send(request.body(Body::from(csv.to_owned())).unwrap()).await
    }

    /// A person in front of the sign-in.
    pub(crate) async fn visitor(&self) -> Visitor<'_> {
        let answer = self.send(Request::get("/sign-in").body(Body::empty()).unwrap()).await;
        let visitor = answer.cookie("gd_visitor").unwrap();
        let token = answer.form_token();
        Visitor { world: self, cookies: format!("gd_visitor={visitor}"), token }
    }

    /// A person who has signed in by choosing an account; not signed in where it is empty.
    pub(crate) async fn person(&self, account: &str) -> Visitor<'_> {
        let mut visitor = self.visitor().await;
        if !account.is_empty() {
            let answer = visitor.post("/sign-in", &[("account", account)]).await;
            assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
            let session = answer.cookie("gd_session").unwrap();
            visitor.cookies = format!("{}; gd_session={session}", visitor.cookies);
        }
        visitor
    }
}

/// A person with a browser.
pub(crate) struct Visitor<'w> {
    world: &'w World,
    pub(crate) cookies: String,
    pub(crate) token: String,
}

impl Visitor<'_> {
    pub(crate) async fn get(&self, path: &str) -> Answer {
        let request = Request::get(path).header("cookie", &self.cookies);
        self.world.send(request.body(Body::empty()).unwrap()).await
    }

    /// Sends a form with its token.
    pub(crate) async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let fields = fields.iter().fold(format!("form_token={}", self.token), |form, field| {
            format!("{form}&{}={}", field.0, field.1)
        });
        self.post_raw(path, &fields).await
    }

    pub(crate) async fn post_raw(&self, path: &str, form: &str) -> Answer {
        let request = Request::post(path)
            .header("cookie", &self.cookies)
            .header("content-type", "application/x-www-form-urlencoded");
        self.world.send(request.body(Body::from(form.to_owned())).unwrap()).await
    }

    /// Sends a form with a file, whose parts are told apart by `edge`.
    pub(crate) async fn post_form(&self, path: &str, body: String) -> Answer {
        let request = Request::post(path)
            .header("cookie", &self.cookies)
            .header("content-type", "multipart/form-data; boundary=edge");
        self.world.send(request.body(Body::from(body)).unwrap()).await
    }

    /// Uploads a file as the form of the page does.
    pub(crate) async fn upload(&self, name: &str, csv: &str) -> Answer {
        self.upload_to("/file", name, csv.as_bytes()).await
    }

    /// Sends a file with a form in parts.
    pub(crate) async fn upload_to(&self, path: &str, name: &str, bytes: &[u8]) -> Answer {
        let head = |what: &str| format!("--edge\r\ncontent-disposition: form-data; {what}\r\n\r\n");
        let mut body = head("name=\"form_token\"") + &self.token + "\r\n";
        body += &head(&format!("name=\"file\"; filename=\"{name}\""));
        let body = [body.as_bytes(), bytes, b"\r\n--edge--\r\n"].concat();
        let request = Request::post(path)
            .header("cookie", &self.cookies)
            .header("content-type", "multipart/form-data; boundary=edge");
        self.world.send(request.body(Body::from(body)).unwrap()).await
    }
}
