//! The border: one licence drawn down by 32 clients at once, durably, beside PostgreSQL doing the least that
//! keeps the same promise; and what the public check costs beside an answer without any content.
//!
//! A draw-down over HTTP is read, its five parts of the cell, units, instants and standing are compared, it is
//! idempotent and audited. The peer is told the amount by its own load generator, over its own protocol, and
//! does no more than `UPDATE … WHERE used + q <= quantity` and a row of usage. Both are durable
//! before they answer. Load and server share the machine on both sides.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use anyhow::{Context, bail};

use crate::http::{Client, get, post};
use crate::postgres;
use crate::server::{Licences, Message, Server, kilograms, sums};
use crate::shell::{Profile, Watch, free_port, gadolin};
use crate::usage::{Ticks, load};

/// How much better than the better form of the peer it is to be.
const GOAL: f64 = 10.0;
/// How much processor time the public check may take, in that of an answer without content.
const CHECK_LIMIT: f64 = 1.5;

/// One licence drawn down by many clients at once, beside PostgreSQL; and the public check
#[derive(Debug, clap::Args)]
pub(crate) struct Border {
    /// How many clients at once
    #[arg(long, default_value_t = 32)]
    clients: usize,
    /// Seconds of each measurement
    #[arg(long, default_value_t = 10)]
    seconds: u32,
    /// How often each side is measured, in turn
    #[arg(long, default_value_t = 3)]
    rounds: u32,
    /// A `gadolin` to measure, for instance an older one; without, the release build of this checkout
    #[arg(long, value_name = "FILE")]
    binary: Option<PathBuf>,
}

/// What one side did.
#[derive(Debug, Clone)]
struct Measured {
    name: &'static str,
    per_s: f64,
    p50_ms: f64,
    p99_ms: f64,
    server_us: f64,
}

impl Border {
    /// Measures all sides in turn.
    ///
    /// # Errors
    /// Where a side cannot be run, or its sums do not agree with what was answered.
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let gadolin = match &self.binary {
            Some(binary) => std::path::absolute(binary)?,
            None => gadolin(Profile::Release)?,
        };
        let peer = Peer::new()?;
        println!("{}", peer.server.describe()?);
        println!("{} clients, {} s each, {} rounds", self.clients, self.seconds, self.rounds);
        println!(
            "\n{:<36} {:>12} {:>9} {:>9} {:>15}",
            "one hot licence", "draws/s", "p50 ms", "p99 ms", "server µs/draw"
        );
        let mut all = Vec::new();
        for round in 0..self.rounds.max(1) {
            for (form, script) in FORMS {
                all.push(peer.draw(form, script, &self, round)?);
            }
            all.push(self.draw(&gadolin, 1)?);
            all.push(self.draw(&gadolin, 20)?);
            for measured in &all[all.len() - 4..] {
                measured.print();
            }
            println!("{}", load());
        }
        let names = [FORMS[0].0, FORMS[1].0, GADOLIN, GADOLIN_ARRAY];
        println!("\nmedian of {} rounds", self.rounds.max(1));
        let medians: Vec<Measured> = names.iter().map(|name| median(&all, name)).collect();
        medians.iter().for_each(Measured::print);
        for peer in &medians[..2] {
            let ratio = medians[2].per_s / peer.per_s;
            let array = medians[3].per_s / peer.per_s;
            println!(
                "Gadolin beside {}: {ratio:.1}, in arrays {array:.1} (goal {GOAL})",
                peer.name
            );
        }
        self.checks(&gadolin)
    }

    /// Draws down over HTTP, so many messages in a request.
    fn draw(&self, gadolin: &Path, messages: u64) -> anyhow::Result<Measured> {
        let licences = Licences::issue(gadolin, 1, 1_000_000_000)?;
        let server = licences.serve(gadolin)?;
        let at = now()?;
        let (number, _) = licences.numbers.first().context("there is no licence")?;
        let request = |client: usize, count: u64| {
            let mut body = String::from(if messages == 1 { "" } else { "[" });
            for place in 0..messages {
                // As references of customs do, those of all clients together go up.
                let id = format!("{:09}-{client:02}", count * messages + place);
                let message = Message {
                    post: &licences.post,
                    id: &id,
                    licence: number,
                    declaration: &id,
                    deed: "commit",
                    measure: "absolute",
                    kg: 1,
                    at: &at,
                };
                if place > 0 {
                    body.push(',');
                }
                body.push_str(&message.json());
            }
            if messages > 1 {
                body.push(']');
            }
            post("/api/v1/border/messages", &licences.token, &body)
        };
        let load = self.press(&server, request)?;
        let mut client = Client::connect(server.port())?;
        let drawn = kilograms(&sums(&mut client, &licences.token, number)?, "drawn")?;
        if drawn != load.done * messages {
            bail!("{} were answered and {drawn} drawn", load.done * messages);
        }
        let name = if messages == 1 { GADOLIN } else { GADOLIN_ARRAY };
        Ok(load.measured(name, messages))
    }

    /// Asks for the public check and for the bare answer in turn.
    fn checks(&self, gadolin: &Path) -> anyhow::Result<()> {
        let licences = Licences::issue(gadolin, 1, 1_000)?;
        let server = licences.serve(gadolin)?;
        let (number, code) = licences.numbers.first().context("there is no licence")?;
        let check = get(&format!("/api/v1/licences/{number}/check?code={code}"), "");
        let port = free_port()?;
        let mut bare = Command::new(gadolin);
        bare.args(["bench", "bare", "--listen", &format!("127.0.0.1:{port}")]);
        let bare = Server::start(bare, port, "/answer")?;
        let plain = get("/answer", "");
        println!(
            "\n{:<36} {:>12} {:>9} {:>9} {:>15}",
            "public check", "answers/s", "p50 ms", "p99 ms", "server µs/answer"
        );
        let (mut all, mut ratios) = (Vec::new(), Vec::new());
        for _ in 0..self.rounds.max(1) {
            let beside = self.press(&bare, |_, _| plain.clone())?.measured(BARE, 1);
            let asked = self.press(&server, |_, _| check.clone())?.measured(CHECK, 1);
            ratios.push(asked.server_us / beside.server_us);
            all.extend([beside, asked]);
            all[all.len() - 2..].iter().for_each(Measured::print);
            println!("{}", load());
        }
        let (bare, check) = (median(&all, BARE), median(&all, CHECK));
        println!("\nmedian of {} rounds", self.rounds.max(1));
        bare.print();
        check.print();
        // Of each round for itself: what else the machine does differs from round to round.
        ratios.sort_by(f64::total_cmp);
        let told: Vec<String> = ratios.iter().map(|ratio| format!("{ratio:.2}")).collect();
        println!(
            "server CPU beside the bare answer, by round: {}; the middle one {} (limit {CHECK_LIMIT})",
            told.join(", "),
            told.get(told.len() / 2).map_or("", String::as_str)
        );
        Ok(())
    }

    /// All clients send one request after the other until the time is over.
    fn press(
        &self,
        server: &Server,
        request: impl Fn(usize, u64) -> Vec<u8> + Sync,
    ) -> anyhow::Result<Load> {
        let ticks = Ticks::new()?;
        let (stop, done) = (AtomicBool::new(false), AtomicU64::new(0));
        let before = ticks.tree_seconds(server.pid());
        let watch = Watch::start();
        let clients: Vec<anyhow::Result<Vec<u32>>> = std::thread::scope(|scope| {
            let (stop, done, request) = (&stop, &done, &request);
            let threads: Vec<_> = (0..self.clients)
                .map(|client| scope.spawn(move || one(server.port(), client, stop, done, request)))
                .collect();
            std::thread::sleep(std::time::Duration::from_secs(u64::from(self.seconds)));
            stop.store(true, Ordering::Relaxed);
            let joined = threads.into_iter().map(|thread| {
                thread.join().unwrap_or_else(|_| Err(anyhow::anyhow!("a client panicked")))
            });
            joined.collect()
        });
        let (wall_s, cpu_s) = (watch.seconds(), ticks.tree_seconds(server.pid()) - before);
        let mut latency_us = Vec::new();
        for client in clients {
            latency_us.extend(client?);
        }
        Ok(Load { latency_us, wall_s, cpu_s, done: done.into_inner() })
    }
}

const GADOLIN: &str = "Gadolin, HTTP, one a request";
const GADOLIN_ARRAY: &str = "Gadolin, HTTP, 20 a request";
const BARE: &str = "bare axum JSON answer";
const CHECK: &str = "Gadolin, check a licence";

/// One client.
fn one(
    port: u16,
    client: usize,
    stop: &AtomicBool,
    done: &AtomicU64,
    request: &(impl Fn(usize, u64) -> Vec<u8> + Sync),
) -> anyhow::Result<Vec<u32>> {
    let mut connection = Client::connect(port)?;
    let mut latency_us = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        let request = request(client, latency_us.len() as u64);
        let watch = Watch::start();
        let answer = connection.send(&request)?;
        if answer.status != 200 {
            bail!("{} to a client: {}", answer.status, String::from_utf8_lossy(answer.body));
        }
        latency_us.push(u32::try_from(watch.elapsed().as_micros()).unwrap_or(u32::MAX));
        done.fetch_add(1, Ordering::Relaxed);
    }
    Ok(latency_us)
}

struct Load {
    latency_us: Vec<u32>,
    wall_s: f64,
    cpu_s: f64,
    /// Requests.
    done: u64,
}

impl Load {
    fn measured(mut self, name: &'static str, each: u64) -> Measured {
        let draws = (self.done * each).max(1) as f64;
        Measured {
            name,
            per_s: draws / self.wall_s,
            p50_ms: part(&mut self.latency_us, 0.50),
            p99_ms: part(&mut self.latency_us, 0.99),
            server_us: self.cpu_s * 1e6 / draws,
        }
    }
}

/// The latency that a part of all stays below, ms.
fn part(latency_us: &mut [u32], part: f64) -> f64 {
    latency_us.sort_unstable();
    let place = (latency_us.len() as f64 * part) as usize;
    latency_us.get(place).map_or(0.0, |us| f64::from(*us) / 1e3)
}

impl Measured {
    fn print(&self) {
        println!(
            "{:<36} {:>12.0} {:>9.2} {:>9.2} {:>15.1}",
            self.name, self.per_s, self.p50_ms, self.p99_ms, self.server_us
        );
    }
}

fn median(all: &[Measured], name: &'static str) -> Measured {
    let middle = |field: fn(&Measured) -> f64| {
        let mut values: Vec<f64> = all.iter().filter(|m| m.name == name).map(field).collect();
        values.sort_by(f64::total_cmp);
        values.get(values.len() / 2).copied().unwrap_or(0.0)
    };
    Measured {
        name,
        per_s: middle(|m| m.per_s),
        p50_ms: middle(|m| m.p50_ms),
        p99_ms: middle(|m| m.p99_ms),
        server_us: middle(|m| m.server_us),
    }
}

/// Now, as a message states it.
pub(crate) fn now() -> anyhow::Result<String> {
    let mut date = Command::new("date");
    date.args(["--utc", "+%Y-%m-%dT%H:%M:%S.%6NZ"]);
    Ok(crate::shell::output(&mut date)?.trim().to_owned())
}

/// The forms of the peer.
const FORMS: [(&str, &str); 2] = [
    (
        "PostgreSQL, two statements",
        "BEGIN;\n\
         UPDATE licence SET used = used + 1 WHERE licence_id = 1 AND used + 1 <= quantity;\n\
         INSERT INTO usage (licence_id, declaration, quantity) \
         VALUES (1, 'D-' || :client_id || '-' || :number, 1);\n\
         COMMIT;\n",
    ),
    (
        "PostgreSQL, one statement",
        "WITH drawn AS (UPDATE licence SET used = used + 1 \
         WHERE licence_id = 1 AND used + 1 <= quantity RETURNING licence_id) \
         INSERT INTO usage (licence_id, declaration, quantity) \
         SELECT licence_id, 'D-' || :client_id || '-' || :number, 1 FROM drawn;\n",
    ),
];

struct Peer {
    server: postgres::Server,
}

impl Peer {
    fn new() -> anyhow::Result<Peer> {
        let server = postgres::Server::start()?;
        server.query(
            "CREATE TABLE licence (licence_id BIGINT PRIMARY KEY, quantity BIGINT NOT NULL, \
             used BIGINT NOT NULL CHECK (used BETWEEN 0 AND quantity)); \
             CREATE TABLE usage (usage_id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, \
             licence_id BIGINT NOT NULL REFERENCES licence, declaration TEXT NOT NULL, \
             quantity BIGINT NOT NULL, used_at TIMESTAMPTZ NOT NULL DEFAULT now());",
        )?;
        Ok(Peer { server })
    }

    fn draw(
        &self,
        name: &'static str,
        script: &str,
        asked: &Border,
        round: u32,
    ) -> anyhow::Result<Measured> {
        // A table as new as the other side's: dead rows of one row slow the peer down.
        self.server.query(
            "TRUNCATE usage, licence; INSERT INTO licence VALUES (1, 1000000000000, 0); \
             VACUUM ANALYZE licence; CHECKPOINT;",
        )?;
        let script = format!("\\set number random(1, 1000000000)\n{script}");
        let before = self.server.cpu_seconds();
        let latency_us = self.server.load(&script, asked.clients, asked.seconds, round)?;
        let cpu_s = self.server.cpu_seconds() - before;
        let sums = self
            .server
            .query("SELECT (SELECT used FROM licence), (SELECT sum(quantity) FROM usage)")?;
        let same = sums.trim().split_once(',').is_some_and(|(used, sum)| used == sum);
        if !same {
            bail!("the sums of PostgreSQL differ: {sums}");
        }
        let (wall_s, done) = (f64::from(asked.seconds), latency_us.len() as u64);
        let load = Load { latency_us, wall_s, cpu_s, done };
        Ok(load.measured(name, 1))
    }
}
