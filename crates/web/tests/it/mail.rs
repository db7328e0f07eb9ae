//! Letters and jobs through the whole server: a real SMTP dialogue with a sink on this machine, a folder,
//! and the operator's pages.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use app::audit::NewAudit;
use app::documents::Documents;
use app::jobs::{JobRecord, JobState, NewJob, job_id};
use app::mail::{JOB_KIND, Letter, LetterKind, Mail};
use app::people::{By, Moment, NewPerson, People, PersonKind, Scope, seed_read};
use app::platform::OpenOptions;
use app::{ImportOptions, Mode, Platform};
use base::Timestamp;
use base::authorisation::Role;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, oneshot};
use web::{Config, Limits, Post, PublicUrl, Readers, Scanner, SignIn, WebhookReach};

use crate::world::{World, moment};

const PATIENCE: Duration = Duration::from_secs(30);

/// What a sink was given: envelope and message.
#[derive(Debug)]
struct Received {
    from: String,
    to: Vec<String>,
    message: String,
}

/// One SMTP dialogue (RFC 5321) as a server; `refuse` is said to each receiver instead of taking it.
async fn dialogue(
    stream: TcpStream,
    refuse: Option<&'static str>,
    given: mpsc::UnboundedSender<Received>,
) -> std::io::Result<()> {
    let (reader, mut writer) = stream.into_split();
    let mut lines = BufReader::new(reader).lines();
    writer.write_all(b"220 sink ESMTP\r\n").await?;
    let (mut from, mut to) = (String::new(), Vec::new());
    while let Some(line) = lines.next_line().await? {
        let answer = match line.split([' ', ':']).next().unwrap_or("").to_uppercase().as_str() {
            "EHLO" | "HELO" => "250-sink\r\n250 8BITMIME".to_owned(),
            "MAIL" => {
                from.clone_from(&line);
                "250 ok".to_owned()
            }
            "RCPT" => match refuse {
                Some(words) => words.to_owned(),
                None => {
                    to.push(line.clone());
                    "250 ok".to_owned()
                }
            },
            "DATA" => {
                writer.write_all(b"354 go on\r\n").await?;
                let mut message = String::new();
                while let Some(line) = lines.next_line().await? {
                    if line == "." {
                        break;
                    }
                    message.push_str(line.strip_prefix('.').unwrap_or(&line));
                    message.push_str("\r\n");
                }
                let to = std::mem::take(&mut to);
                let _ = given.send(Received { from: from.clone(), to, message });
                "250 taken".to_owned()
            }
            "QUIT" => {
                writer.write_all(b"221 bye\r\n").await?;
                break;
            }
            _ => "250 ok".to_owned(),
        };
        writer.write_all(format!("{answer}\r\n").as_bytes()).await?;
    }
    Ok(())
}

/// A mail server on a free port of this machine.
async fn sink(refuse: Option<&'static str>) -> (String, mpsc::UnboundedReceiver<Received>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let way = format!("smtp://{}", listener.local_addr().unwrap());
    let (given, received) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(dialogue(stream, refuse, given.clone()));
        }
    });
    (way, received)
}

fn clock() -> Timestamp {
    Timestamp::from_us(1_764_000_000_000_000)
}

const OFFICER: &str = "[[account]]\nkey='officer'\nrole='officer'\nname_en='O'\nname_zh='O'";

/// A server with its data directory.
struct Server {
    platform: Platform,
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    served: tokio::task::JoinHandle<std::io::Result<()>>,
    dir: tempfile::TempDir,
    /// The officer's token.
    token: String,
}

impl Server {
    async fn start(way: impl FnOnce(&Path) -> String) -> Server {
        let dir = tempfile::tempdir().unwrap();
        let options = OpenOptions { random: [7; 32] };
        let platform = Platform::open(dir.path(), Mode::Write, &options).unwrap();
        let post =
            Post::parse(&way(dir.path()), "Ytteria Authority <no-reply@authority.example>", None);
        let persons = seed_read(OFFICER).unwrap();
        let people = People::open(dir.path(), [5; 32]).unwrap();
        people.seed(&persons, &moment()).unwrap();
        let by = By::account("officer");
        let token = people.token_make(by, "officer", "test", Scope::Read, 30, &moment()).unwrap();
        let config = Config {
            people,
            sign_in: SignIn::Choose(persons),
            public_url: PublicUrl::parse("https://gadolin.example").ok(),
            providers: Vec::new(),
            pack: "demo".to_owned(),
            demo: true,
            key: [9; 32],
            now: clock,
            version: "0.0.0".into(),
            https: false,
            limits: Limits::default(),
            post: post.unwrap(),
            readers: Readers::Named,
            webhooks: WebhookReach::Internet,
            documents: Documents::open(&platform, [6; 32]).unwrap(),
            scanner: Scanner::none(),
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let serving = web::serve(listener, platform.clone(), config, async {
            let _ = stopped.await;
        });
        Server { served: tokio::spawn(serving), platform, address, stop, dir, token }
    }

    /// Writes a job that sends a letter, as a change would in its transaction.
    fn order(&self, number: u8, letter: Letter, to: &str, language: &str) {
        let mail = Mail { to: to.into(), language: language.into(), letter };
        let body = mail.job_body().unwrap();
        let job_id = job_id(clock(), &[number; 10]);
        let at_us = clock().us();
        let job = NewJob { job_id, kind: JOB_KIND, body: &body, due_us: at_us, at_us };
        let entry = NewAudit {
            at_us,
            account: "officer",
            action: "account_invited",
            subject: "",
            resource: "account:ada",
            detail: "{}",
        };
        self.platform.jobs_record(&[entry], &[job]).unwrap();
    }

    /// The job of that state, once there is one.
    async fn job(&self, state: JobState) -> JobRecord {
        let look = async {
            loop {
                if let Some(job) = self.platform.jobs(state, 1).unwrap().pop() {
                    return job;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(PATIENCE, look).await.unwrap()
    }

    /// Stops it, and closes its database.
    async fn end(self) -> tempfile::TempDir {
        self.stop.send(()).unwrap();
        tokio::time::timeout(PATIENCE, self.served).await.unwrap().unwrap().unwrap();
        drop(self.platform);
        self.dir
    }
}

/// The text of a message whose body is in base64 (RFC 2045).
fn text_of(message: &str) -> String {
    let (_, body) = message.split_once("\r\n\r\n").unwrap();
    let digit = |c: u8| -> u32 {
        let order = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        order.iter().position(|known| *known == c).unwrap() as u32
    };
    let digits: Vec<u8> = body.bytes().filter(|c| !b"\r\n=".contains(c)).collect();
    let mut bytes = Vec::new();
    for group in digits.chunks(4) {
        let bits = group.iter().fold(0, |bits, c| bits << 6 | digit(*c)) << (6 * (4 - group.len()));
        bytes.extend(&bits.to_be_bytes()[1..group.len()]);
    }
    String::from_utf8(bytes).unwrap()
}

#[tokio::test]
async fn a_letter_goes_out_by_smtp_once_and_its_link_is_forgotten() {
    let (way, mut received) = sink(None).await;
    let server = Server::start(|_| way).await;
    let link = "https://gadolin.example/join/s3cret-once".to_owned();
    let invitation = Letter::Invitation {
        person: "Ada\r\nBcc: all@evil.example\u{202e}".into(),
        organisation: "北光磁材".into(),
        inviter: "Mira".into(),
        link: link.clone(),
        valid_until: "2026-01-01".into(),
    };
    server.order(1, invitation, "ada@company.example", "en");
    let mail = tokio::time::timeout(PATIENCE, received.recv()).await.unwrap().unwrap();
    assert_eq!(mail.from, "MAIL FROM:<no-reply@authority.example>");
    assert_eq!(mail.to, ["RCPT TO:<ada@company.example>"]);
    let (head, _) = mail.message.split_once("\r\n\r\n").unwrap();
    assert!(head.contains("From: \"Ytteria Authority\" <no-reply@authority.example>"), "{head}");
    assert!(head.contains("Subject: Ytteria Authority: your invitation to Gadolin"), "{head}");
    assert!(!head.to_lowercase().contains("bcc"), "{head}");
    let text = text_of(&mail.message);
    assert!(text.contains(&link) && text.contains("北光磁材"), "{text}");
    assert!(text.contains("Ada  Bcc: all@evil.example,") && !text.contains('\u{202e}'), "{text}");
    let job = server.job(JobState::Done).await;
    assert_eq!((job.tries, job.last_error.as_str()), (1, ""));
    assert_eq!(job.body, r#"{"language":"en","letter":"invitation"}"#);
    assert!(received.try_recv().is_err(), "no second letter");
    for number in 2..30 {
        let mut letter = LetterKind::PasswordReset.sample();
        if let Letter::PasswordReset { link, .. } = &mut letter {
            *link = format!(
                "https://gadolin.example/{}/s3cret-once",
                "x".repeat(20 * usize::from(number))
            );
        }
        server.order(number, letter, "ada@company.example", "en");
    }
    for _ in 2..30 {
        tokio::time::timeout(PATIENCE, received.recv()).await.unwrap().unwrap();
    }
    let dir = server.end().await;
    for entry in fs::read_dir(dir.path()).unwrap() {
        let path = entry.unwrap().path();
        let bytes = fs::read(&path).unwrap();
        let held = bytes.windows(11).any(|window| window == b"s3cret-once");
        assert!(!held, "the link still stands in {}", path.display());
    }
}

#[tokio::test]
async fn what_a_mail_server_refuses_for_good_fails_and_for_now_waits() {
    let (way, _received) = sink(Some("550 no such <ada@company.example> here")).await;
    let server = Server::start(|_| way).await;
    server.order(1, LetterKind::NewSignIn.sample(), "ada@company.example", "zh");
    let job = server.job(JobState::Failed).await;
    assert!(job.last_error.contains("550") || job.last_error.contains("no such"), "{job:?}");
    assert!(!job.last_error.contains("ada@"), "no address in what is kept: {}", job.last_error);
    server.end().await;

    let (way, _received) = sink(Some("451 later")).await;
    let server = Server::start(|_| way).await;
    server.order(1, LetterKind::NewSignIn.sample(), "ada@company.example", "zh");
    let look = async {
        loop {
            let waiting = server.platform.jobs(JobState::Waiting, 1).unwrap();
            if let Some(job) = waiting.into_iter().find(|job| job.tries == 1) {
                return job;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let job = tokio::time::timeout(PATIENCE, look).await.unwrap();
    assert_eq!(job.due_us, clock().us() + 15_000_000);
    server.end().await;
}

#[tokio::test]
async fn letters_into_a_folder_are_files_in_each_language_and_without_a_way_they_fail() {
    let folder = |dir: &Path| -> PathBuf { dir.join("mail") };
    let server = Server::start(|dir| format!("folder:{}", folder(dir).display())).await;
    server.order(1, LetterKind::CompanyVerified.sample(), "ada@company.example", "zh");
    let job = server.job(JobState::Done).await;
    let name = format!("{}.eml", app::jobs::job_id_text(&job.job_id));
    let message = fs::read_to_string(folder(server.dir.path()).join(&name)).unwrap();
    assert!(text_of(&message).contains("已核验"), "{message}");
    assert!(message.contains(&format!("Message-ID: <{}@authority.example>", &name[..36])));
    server.order(2, LetterKind::NewSignIn.sample(), "no address", "en");
    let job = server.job(JobState::Failed).await;
    assert_eq!(job.last_error, "the address of the letter is not one");
    server.end().await;

    let server = Server::start(|_| "none".to_owned()).await;
    server.order(1, LetterKind::NewSignIn.sample(), "ada@company.example", "en");
    let job = server.job(JobState::Failed).await;
    assert!(job.last_error.contains("--mail"), "{}", job.last_error);
    server.end().await;
}

#[tokio::test]
async fn a_server_that_is_stopped_right_after_a_read_has_it_on_record() {
    let server = Server::start(|_| "none".to_owned()).await;
    let csv = "filing,kind,date,filer,site,lot,stage,net_mass_kg,composition\n\
        X1,opening,2025-01-01,gad:mag-d,FAB,X-1,scrap_magnet,1,Nd=25.0\n";
    let options = ImportOptions { recorded_at: clock(), ..ImportOptions::default() };
    server.platform.import(Box::new(csv.as_bytes()), options, &mut |_| {}).unwrap();
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let request = format!(
        "GET /api/v1/parties/gad:mag-d HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\
        authorization: Bearer {}\r\n\r\n",
        server.token
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let dir = server.end().await;
    let options = OpenOptions { random: [7; 32] };
    let platform = Platform::open(dir.path(), Mode::Read, &options).unwrap();
    let reads = platform.audit_reads_of("gad:mag-d", i64::MAX, 0, 9).unwrap();
    assert_eq!((reads.len(), reads[0].account.as_str()), (1, "officer"));
}

#[tokio::test]
async fn a_job_of_an_unknown_kind_fails_and_says_so() {
    let server = Server::start(|_| "none".to_owned()).await;
    let at_us = clock().us();
    let job_id = job_id(clock(), &[9; 10]);
    let job = NewJob { job_id, kind: "fax", body: "{}", due_us: at_us, at_us };
    server.platform.jobs_record(&[], &[job]).unwrap();
    let job = server.job(JobState::Failed).await;
    assert!(job.last_error.contains("`fax`"), "{}", job.last_error);
    server.end().await;
}

#[tokio::test]
async fn the_operator_sees_what_failed_and_has_it_tried_again() {
    let world = World::new();
    let job = world.failed_job();
    let operator = world.person("operator").await;
    let page = operator.get("/operations/jobs").await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("the server is away") && page.body.contains(&job));
    assert_eq!(operator.post("/operations/jobs/nonsense/retry", &[]).await.status, 404);
    let answer = operator.post(&format!("/operations/jobs/{job}/retry"), &[]).await;
    assert_eq!((answer.status.as_u16(), answer.header("location")), (303, "/operations/jobs"));
    assert_eq!(operator.post(&format!("/operations/jobs/{job}/retry"), &[]).await.status, 404);
    assert_eq!(world.platform().jobs(JobState::Waiting, 9).unwrap().len(), 1);
    let officer = world.person("officer").await;
    assert_eq!(officer.get("/operations/jobs").await.status, 404);
}

#[tokio::test]
async fn a_letter_is_previewed_saved_as_a_version_and_refused_with_line_and_names() {
    let world = World::new();
    let operator = world.person("operator").await;
    let path = "/operations/mail-templates/invitation/en";
    let page = operator.get(path).await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("{{ valid_until }}"), "{}", page.body);
    let fields = |body: &'static str, replaces: &'static str, what: &'static str| {
        [
            ("subject", "Join+%7B%7Bsender%7D%7D"),
            ("body", body),
            ("replaces", replaces),
            ("do", what),
        ]
    };
    const GOOD: &str = "Dear+%7B%7B+person+%7D%7D%0D%0A%7B%7B+link+%7D%7D";
    let preview = operator.post(path, &fields(GOOD, "0", "preview")).await;
    assert_eq!(preview.status, 200);
    assert!(
        preview.body.contains("Dear Ada Lindqvist\nhttps://gadolin.example/"),
        "{}",
        preview.body
    );
    let bad = "%7B%7B+link+%7D%7D%0D%0A%7B%7B+secret+%7D%7D";
    for what in ["preview", "save"] {
        let refused = operator.post(path, &fields(bad, "0", what)).await;
        assert_eq!(refused.status, 422);
        assert!(refused.body.contains("Line 2:") && refused.body.contains("`secret`"));
        assert!(refused.body.contains("inviter, link, organisation, person, sender, valid_until"));
    }
    let before = world.platform().audit_head().unwrap().seq;
    assert_eq!(operator.post(path, &fields(GOOD, "0", "save")).await.status, 303);
    assert_eq!(operator.post(path, &fields(GOOD, "0", "save")).await.status, 422, "too late");
    assert_eq!(operator.post(path, &fields("", "1", "carried")).await.status, 303);
    let entries = world.recorded(before).await;
    let told: Vec<_> = entries.iter().map(|e| [&*e.account, &*e.resource, &*e.detail]).collect();
    let resource = "mail_template:invitation/en";
    assert_eq!(
        told,
        [["operator", resource, "{\"version\":1}"], ["operator", resource, "{\"version\":2}"]]
    );
    let versions = world.platform().letter_versions(LetterKind::Invitation, "en").unwrap();
    assert_eq!(versions.len(), 2);
    assert_eq!(versions[1].subject, "Join {{sender}}");
    for (path, status) in [
        ("/operations/mail-templates", 200),
        ("/operations/mail-templates/invitation/zh", 200),
        ("/operations/mail-templates/invitation/fr", 404),
        ("/operations/mail-templates/fax/en", 404),
    ] {
        assert_eq!(operator.get(path).await.status, status, "{path}");
    }
}

#[tokio::test]
async fn who_is_invited_gets_a_letter_whose_link_is_below_the_address_of_the_pages() {
    let server = Server::start(|dir| format!("folder:{}", dir.join("mail").display())).await;
    let people = People::open(server.dir.path(), [5; 32]).unwrap();
    let new = NewPerson {
        account: "mira",
        kind: PersonKind::Person,
        name: "Mira Okoye",
        local_name: "",
        email: "mira@authority.example",
        role: Role::Analyst,
        party: "",
        desk: "",
    };
    let at = Moment { now: clock(), ..moment() };
    let code = people.person_invite(By::account("officer"), &new, &at).unwrap().unwrap();
    let job = server.job(JobState::Done).await;
    assert!(!job.body.contains(&code), "the link is forgotten: {}", job.body);
    let name = format!("mail/{}.eml", app::jobs::job_id_text(&job.job_id));
    let message = fs::read_to_string(server.dir.path().join(name)).unwrap();
    assert!(message.contains("To: mira@authority.example"), "{message}");
    let text = text_of(&message);
    assert!(text.contains(&format!("https://gadolin.example/invitation/{code}")), "{text}");
    assert!(text.contains("O invites you to work for Ytteria Authority"), "{text}");
    drop(people);
    server.end().await;
}
