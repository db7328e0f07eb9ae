//! Webhooks through the whole server: a receiver on this machine that fails before it accepts, and checks
//! signatures with the library of the specification.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use app::documents::Documents;
use app::people::People;
use app::signing::Signing;
use app::webhooks::ROTATION_US;

use base::Timestamp;
use licensing::decide::Command;
use standardwebhooks::Webhook;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, oneshot};
use web::{Config, Limits, Post, PublicUrl, Readers, Scanner, SignIn, WebhookReach};

use crate::notices::{case, officer_does};
use crate::world::{World, moment};

const PATIENCE: Duration = Duration::from_secs(60);

/// What a receiver was sent.
#[derive(Debug)]
struct Received {
    path: String,
    headers: BTreeMap<String, String>,
    body: String,
}

/// Reads one request and answers it with a status.
async fn exchange(mut stream: TcpStream, status: u16) -> std::io::Result<Received> {
    let mut bytes = Vec::new();
    let mut part = [0; 4096];
    loop {
        let read = stream.read(&mut part).await?;
        bytes.extend_from_slice(&part[..read]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let mut lines = head.lines();
        let path = lines.next().unwrap_or("").split(' ').nth(1).unwrap_or("").to_owned();
        let headers: BTreeMap<String, String> = lines
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
            .collect();
        let length = headers.get("content-length").map_or(0, |length| length.parse().unwrap());
        if body.len() < length {
            continue;
        }
        let location = "http://127.0.0.1:9/elsewhere";
        let answer = format!(
            "HTTP/1.1 {status} x\r\nlocation: {location}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
        );
        stream.write_all(answer.as_bytes()).await?;
        return Ok(Received { path, headers, body: body.to_owned() });
    }
}

/// A receiver on a free port, that gives these answers in turn and then 204.
async fn receiver(answers: &[u16]) -> (SocketAddr, mpsc::UnboundedReceiver<Received>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (given, received) = mpsc::unbounded_channel();
    let answers = Arc::new(Mutex::new(answers.to_vec()));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let status = {
                let mut left = answers.lock().unwrap();
                if left.is_empty() { 204 } else { left.remove(0) }
            };
            if let Ok(got) = exchange(stream, status).await {
                let _ = given.send(got);
            }
        }
    });
    (address, received)
}

static NOW: AtomicI64 = AtomicI64::new(1_764_000_000_000_000);

fn clock() -> Timestamp {
    Timestamp::from_us(NOW.load(Ordering::Relaxed))
}

fn forward(seconds: i64) {
    NOW.fetch_add(seconds * 1_000_000, Ordering::Relaxed);
}

/// A server beside the world, over the same directory, that runs jobs.
struct Runner {
    stop: oneshot::Sender<()>,
    served: tokio::task::JoinHandle<std::io::Result<()>>,
}

async fn run(world: &World, webhooks: WebhookReach) -> Runner {
    let config = Config {
        people: world.people().clone(),
        sign_in: SignIn::Password,
        public_url: PublicUrl::parse("https://gadolin.example").ok(),
        providers: Vec::new(),
        pack: "demo".to_owned(),
        demo: true,
        key: [9; 32],
        now: clock,
        version: "0.0.0".into(),
        https: false,
        limits: Limits::default(),
        post: Post::none(),
        readers: Readers::Named,
        webhooks,
        documents: Documents::open(world.platform(), [6; 32]).unwrap(),
        scanner: Scanner::none(),
        signing: Arc::new(Signing::open(world.dir(), [8; 32]).unwrap()),
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (stop, stopped) = oneshot::channel();
    let serving = web::serve(listener, world.platform().clone(), config, async {
        let _ = stopped.await;
    });
    Runner { stop, served: tokio::spawn(serving) }
}

impl Runner {
    async fn end(self) {
        self.stop.send(()).unwrap();
        tokio::time::timeout(PATIENCE, self.served).await.unwrap().unwrap().unwrap();
    }
}

fn by() -> app::people::By<'static> {
    app::people::By::account("manager")
}

/// A webhook of the magnet maker; gives what it is called and its secret.
fn webhook(people: &People, address: SocketAddr) -> (String, [u8; 32]) {
    people.webhook_make(by(), "gad:mag-d", &format!("http://{address}/in"), &moment()).unwrap()
}

fn signed(received: &Received, secret: &[u8; 32]) -> bool {
    let header = |name: &str| received.headers.get(name).map_or("", String::as_str);
    let webhook = Webhook::from_bytes(secret.to_vec()).unwrap();
    let seconds = header("webhook-timestamp").parse().unwrap();
    let expected = webhook.sign(header("webhook-id"), seconds, received.body.as_bytes()).unwrap();
    header("webhook-signature").split(' ').any(|one| one == expected)
}

/// The next message; time goes on while it waits for the next try.
async fn next(received: &mut mpsc::UnboundedReceiver<Received>) -> Received {
    let look = async {
        loop {
            match tokio::time::timeout(Duration::from_millis(200), received.recv()).await {
                Ok(message) => return message.unwrap(),
                Err(_) => forward(60),
            }
        }
    };
    tokio::time::timeout(PATIENCE, look).await.unwrap()
}

/// The state of the first delivery, once it is no longer `waiting`.
async fn ended(world: &World, id: &str) -> app::people::DeliveryRecord {
    let look = async {
        loop {
            let (_, mut all) = world.people().webhook("gad:mag-d", id, clock()).unwrap();
            if let Some(last) = all.pop().filter(|last| last.state != "waiting") {
                return last;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, look).await.unwrap()
}

#[tokio::test]
async fn a_message_is_signed_and_tried_until_it_is_taken_and_tells_no_more_than_its_party_sees() {
    let world = World::new();
    let number = case(&world, 11);
    let (address, mut received) = receiver(&[500, 301]).await;
    let (id, secret) = webhook(world.people(), address);
    let runner = run(&world, WebhookReach::Anywhere).await;
    // The officer takes it, which is nobody else's business, and accepts it.
    officer_does(&world, &number, &Command::Assign { officer: "officer".to_owned() });
    officer_does(&world, &number, &Command::Accept);
    let mut ids = Vec::new();
    let mut last = None;
    for _ in 0..3 {
        let message = next(&mut received).await;
        assert_eq!(message.path, "/in", "no redirect is followed");
        assert!(signed(&message, &secret), "{message:?}");
        assert!(!signed(&message, &[1; 32]));
        ids.push(message.headers["webhook-id"].clone());
        last = Some(message);
    }
    ids.dedup();
    assert_eq!(ids.len(), 1, "the same message again: {ids:?}");
    let body: serde_json::Value = serde_json::from_str(&last.unwrap().body).unwrap();
    assert_eq!(body["type"], "case.accepted");
    assert!(body["timestamp"].as_str().unwrap().ends_with('Z'));
    let link = format!("https://gadolin.example/cases/{number}");
    assert_eq!(body["data"], serde_json::json!({ "number": number, "link": link }));
    let delivery = ended(&world, &id).await;
    assert_eq!((delivery.state.as_str(), delivery.tries, delivery.status), ("delivered", 3, 204));
    let (_, all) = world.people().webhook("gad:mag-d", &id, clock()).unwrap();
    assert_eq!(all.len(), 1, "who has the case is not told: {all:?}");
    runner.end().await;
}

#[tokio::test]
async fn after_a_new_secret_both_sign_for_a_day_and_who_answers_gone_is_left_alone() {
    let world = World::new();
    let (address, mut received) = receiver(&[204, 204, 410]).await;
    let (id, before) = webhook(world.people(), address);
    let key = ("gad:mag-d", id.as_str());
    let runner = run(&world, WebhookReach::Anywhere).await;
    let try_it = |at: Timestamp| {
        let moment = app::people::Moment { now: at, ..moment() };
        world.people().webhook_try(by(), key, &moment).unwrap();
    };
    let rotated = app::people::Moment { now: clock(), ..moment() };
    let after = world.people().webhook_rotate(by(), key, &rotated).unwrap();
    try_it(clock());
    let message = next(&mut received).await;
    assert!(signed(&message, &before) && signed(&message, &after));
    forward(ROTATION_US / 1_000_000);
    try_it(clock());
    let message = next(&mut received).await;
    assert!(!signed(&message, &before) && signed(&message, &after));
    try_it(clock());
    next(&mut received).await;
    let look = async {
        loop {
            let (view, _) = world.people().webhook(key.0, key.1, clock()).unwrap();
            if view.state == "off" {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, look).await.unwrap();
    // Neither secret stands anywhere in the clear.
    for entry in std::fs::read_dir(world.dir()).unwrap() {
        let path = entry.unwrap().path();
        let bytes = std::fs::read(&path).unwrap();
        for secret in [&before, &after] {
            assert!(!bytes.windows(32).any(|part| part == secret), "{path:?}");
        }
    }
    runner.end().await;
}

#[tokio::test]
async fn the_inner_network_is_not_reached_unless_the_operator_says_so() {
    let world = World::new();
    let (address, mut received) = receiver(&[]).await;
    let (id, _) = webhook(world.people(), address);
    let runner = run(&world, WebhookReach::Internet).await;
    world.people().webhook_try(by(), ("gad:mag-d", &id), &moment()).unwrap();
    forward(3600);
    let delivery = ended(&world, &id).await;
    assert_eq!((delivery.state.as_str(), delivery.status), ("failed", 0), "{delivery:?}");
    assert!(received.try_recv().is_err());
    runner.end().await;
    // Nor is such an address taken on the page.
    let manager = world.person("manager").await;
    for url in
        ["http%3A%2F%2Fhooks.example%2F", "https%3A%2F%2F10.0.0.1%2F", "https%3A%2F%2F[::1]%2F"]
    {
        let answer = manager.post("/webhooks", &[("url", url)]).await;
        assert_eq!(answer.status, 422, "{url}");
    }
}

#[tokio::test]
async fn a_webhook_is_made_tried_and_removed_on_the_pages_of_those_whose_it_is() {
    let world = World::new();
    let manager = world.person("manager").await;
    let made = manager.post("/webhooks", &[("url", "https%3A%2F%2Fhooks.example%2Fin")]).await;
    assert_eq!(made.status, 200, "{}", made.body);
    assert!(made.body.contains("whsec_"), "{}", made.body);
    let listed = world.get("manager", "/api/v1/webhooks").await.json();
    let id = listed["webhooks"][0]["id"].as_str().unwrap().to_owned();
    assert!(!manager.get(&format!("/webhooks/{id}")).await.body.contains("whsec_"), "shown once");
    assert_eq!(manager.post(&format!("/webhooks/{id}/try"), &[]).await.status, 303);
    let one = world.get("manager", &format!("/api/v1/webhooks/{id}")).await.json();
    assert_eq!(one["deliveries"][0]["event"], "webhook.try");
    for other in ["supervisor", "separator", "magnet-maker", "officer"] {
        let answer = world.get(other, &format!("/api/v1/webhooks/{id}")).await;
        assert_eq!(answer.status, 404, "{other}");
    }
    assert_eq!(manager.post(&format!("/webhooks/{id}/remove"), &[]).await.status, 303);
    assert_eq!(
        world.get("manager", "/api/v1/webhooks").await.json()["webhooks"],
        serde_json::json!([])
    );
    assert_eq!(manager.get(&format!("/webhooks/{id}")).await.status, 404);
}

#[tokio::test]
async fn a_program_makes_rotates_and_resumes_a_webhook_and_is_told_each_secret_once() {
    let world = World::new();
    let path = "/api/v1/webhooks";
    let url = r#"{"url":"https://hooks.example/in"}"#;
    for (account, body, status) in [
        ("magnet-maker", url, 404),
        ("officer", url, 404),
        ("analyst", url, 404),
        ("manager", r#"{"url":"http://hooks.example/in"}"#, 422),
        ("manager", r#"{"url":"https://10.0.0.1/in"}"#, 422),
        ("manager", r#"{"url":"https://u:p@hooks.example/"}"#, 422),
        ("manager", r#"{"address":"https://hooks.example/in"}"#, 422),
        ("manager", "", 422),
    ] {
        let answer = world.post_json(account, path, body).await;
        assert_eq!(answer.status.as_u16(), status, "{account} {body}: {}", answer.body);
    }
    let made = world.post_json_once("manager", path, ("w-1", url)).await;
    assert_eq!(made.status, 201, "{}", made.body);
    // The line broke before the answer came: the same request makes no second one, and has the secret.
    let again = world.post_json_once("manager", path, ("w-1", url)).await;
    assert_eq!((again.status, &again.body), (made.status, &made.body));
    assert_eq!(again.header("idempotency-replayed"), "true");
    let other = world
        .post_json_once("manager", path, ("w-1", r#"{"url":"https://hooks.example/other"}"#))
        .await;
    assert_eq!(other.json()["code"], "key_reused", "{}", other.body);
    let made = made.json();
    let (id, secret) = (made["id"].as_str().unwrap(), made["secret"].as_str().unwrap());
    assert!(Webhook::new(secret).is_ok(), "{secret}");
    let listed = world.get("manager", path).await;
    assert_eq!(listed.json()["webhooks"].as_array().unwrap().len(), 1);
    assert!(!listed.body.contains("whsec_"), "{}", listed.body);
    let rotate = format!("{path}/{id}/rotate");
    let rotated = world.post_json_once("manager", &rotate, ("r-1", "")).await.json();
    let after = rotated["secret"].as_str().unwrap();
    assert_ne!(after, secret);
    let again = world.post_json_once("manager", &rotate, ("r-1", "")).await.json();
    assert_eq!(again["secret"], after, "rotated once");
    let one = world.get("manager", &format!("{path}/{id}")).await;
    assert!(one.json()["webhook"]["before_until"].is_string() && !one.body.contains("whsec_"));
    for deed in ["rotate", "resume", "try"] {
        for other in ["separator", "supervisor", "magnet-maker"] {
            let answer = world.post_json(other, &format!("{path}/{id}/{deed}"), "").await;
            assert_eq!(answer.status, 404, "{other} {deed}");
        }
    }
    assert_eq!(world.post_json("manager", &format!("{path}/{id}/resume"), "").await.status, 204);
    assert_eq!(world.post_json("manager", &format!("{path}/{id}/try"), "").await.status, 202);
    let audit = world.get("supervisor", "/api/v1/audit?party=gad:mag-d").await.body;
    for action in ["webhook_made", "webhook_rotated", "webhook_resumed"] {
        assert_eq!(audit.matches(action).count(), 1, "{action}: {audit}");
    }
    assert!(!audit.contains("whsec_"));
    // The authority's own are a supervisor's.
    assert_eq!(world.post_json("supervisor", path, url).await.status, 201);
}

#[tokio::test]
async fn the_authority_is_told_of_every_company_and_of_what_stays_inside() {
    let world = World::new();
    let supervisor = app::people::By::account("supervisor");
    let (id, _) =
        world.people().webhook_make(supervisor, "", "https://hooks.example/", &moment()).unwrap();
    let number = case(&world, 12);
    officer_does(&world, &number, &Command::Assign { officer: "officer".to_owned() });
    let (_, all) = world.people().webhook("", &id, clock()).unwrap();
    let mut told: Vec<&str> = all.iter().map(|delivery| delivery.event.as_str()).collect();
    told.sort_unstable();
    assert_eq!(told, ["case.assigned", "case.classified", "case.submitted"]);
    assert!(all.iter().all(|delivery| delivery.subject == number));
}
