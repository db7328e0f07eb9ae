//! `cargo xtask draws`: a server of the border that is killed at random moments loses no draw-down, counts
//! none twice, and never lets more out than is licensed.
//!
//! Clients tell random stories about uses of a few licences (used; reserved and used; reserved and given up;
//! used and corrected; used in two parts), each use by one client, and send a message again until it is
//! answered, as a system of customs does. Now and then they send one that was answered long ago: it must get
//! the same answer, byte for byte, and have no effect. The server is killed (SIGKILL) after random numbers of
//! answers and served again. Meanwhile an auditor asks for the sums without end, and after each kill `fsck`
//! adds all of them up anew. In the end the sums must be those that the clients reckon from what they were
//! told, every message told is sent once more and must get the same answer, and the sums must stay as they are.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context, bail};

use crate::compare::border::now;
use crate::http::{Client, post};
use crate::server::{Licences, Message, kilograms, sums};
use crate::shell::{Profile, Watch, gadolin, outcome};
use crate::usage::load;

/// Most kilograms of one use.
const KG_MAX: u64 = 9;
/// Part of what the clients want that is licensed, in tenths: the rest must be refused.
const LICENSED_TENTHS: u64 = 9;
/// One in so many uses is followed by a message of long ago, sent again.
const REPLAY_ONE_IN: u64 = 20;
/// Messages of a request when all of them are sent again in the end.
const AGAIN: usize = 200;
/// How long a client waits before it tries again.
const PAUSE: Duration = Duration::from_millis(5);
/// How long a message may go without an answer, kills and all.
const PATIENCE: Duration = Duration::from_secs(120);

/// Kill the border's server at random moments while clients draw licences down
#[derive(Debug, clap::Args)]
pub(crate) struct Draws {
    /// How many uses
    #[arg(long, default_value_t = 100_000)]
    draws: u64,
    /// How many kills
    #[arg(long, default_value_t = 20)]
    kills: u32,
    /// How many clients at once
    #[arg(long, default_value_t = 32)]
    clients: u64,
    /// How many licences
    #[arg(long, default_value_t = 8)]
    licences: u32,
    /// Seed of stories and moments
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// A `gadolin` to try, for instance an older one; without, the release build of this checkout
    #[arg(long, value_name = "FILE")]
    binary: Option<PathBuf>,
}

/// SplitMix64 (Steele, Lea, Flood 2014).
#[derive(Debug, Clone, Copy)]
struct Chance(u64);

impl Chance {
    fn new(seed: u64, client: u64, place: u64) -> Chance {
        let mut chance = Chance(seed ^ client.rotate_left(40) ^ place.rotate_left(8));
        chance.next();
        chance
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, most: u64) -> u64 {
        self.next() % most.max(1)
    }

    fn between(&mut self, least: u64, most: u64) -> u64 {
        least + self.below(most - least + 1)
    }
}

/// One message of a story.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Deed {
    deed: &'static str,
    measure: &'static str,
    kg: u64,
}

const fn deed(deed: &'static str, kg: u64) -> Deed {
    Deed { deed, measure: "absolute", kg }
}

/// What is told of a use, by its place in a client's list: which licence, and the messages. A pure function,
/// so that a message can be sent again without being kept.
fn story(seed: u64, client: u64, place: u64, licences: u32) -> (usize, Vec<Deed>) {
    let mut chance = Chance::new(seed, client, place);
    let licence = chance.below(u64::from(licences)) as usize;
    let kg = chance.between(1, KG_MAX);
    let part = chance.between(1, kg);
    let deeds = match chance.below(10) {
        0..=4 => vec![deed("commit", kg)],
        5 | 6 => vec![deed("reserve", kg), deed("commit", part)],
        7 => vec![deed("reserve", kg), deed("release", 0)],
        8 => vec![deed("commit", kg), deed("correct", chance.between(1, KG_MAX))],
        _ => {
            let first = Deed { deed: "commit", measure: "increment", kg };
            vec![first, Deed { kg: part, ..first }]
        }
    };
    (licence, deeds)
}

/// What a use has drawn after a message that was accepted.
fn drawn_after(before: u64, deed: Deed) -> u64 {
    match (deed.deed, deed.measure) {
        ("commit", "increment") => before + deed.kg,
        ("commit" | "correct", _) => deed.kg,
        _ => before,
    }
}

/// What all share.
struct Shared<'t> {
    seed: u64,
    licences: &'t Licences,
    at: Vec<String>,
    /// Uses begun.
    begun: AtomicU64,
    draws: u64,
    accepted: AtomicU64,
    refused: AtomicU64,
    replayed: AtomicU64,
    resent: AtomicU64,
    over: AtomicBool,
    failed: AtomicBool,
    kills: AtomicU32,
}

/// What a client was told.
#[derive(Debug, Default)]
struct Told {
    /// Digests of the answers, by use and message.
    answers: Vec<Vec<u64>>,
    /// Kilograms drawn, by licence.
    drawn: Vec<u64>,
}

impl Draws {
    /// Runs the trial.
    ///
    /// # Errors
    /// Where anything was lost, counted twice, or let out beyond the licence.
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let gadolin = match &self.binary {
            Some(binary) => std::path::absolute(binary)?,
            None => gadolin(Profile::Release)?,
        };
        let wanted: u64 = self.wanted();
        let kg = (wanted * LICENSED_TENTHS / 10 / u64::from(self.licences.max(1))).max(1);
        let licences = Licences::issue(&gadolin, self.licences.max(1), kg)?;
        println!(
            "{} uses by {} clients, {} licences of {kg} kg, about {wanted} kg wanted; {} kills, seed {}; {}",
            self.draws,
            self.clients,
            self.licences,
            self.kills,
            self.seed,
            load()
        );
        // Messages of one use are sent one after the other: their instants say so.
        let at = now()?;
        let second = at.get(..19).context("no instant")?;
        let at = (0..4).map(|step| format!("{second}.{:06}Z", 999_990 + step)).collect();
        let shared = Shared {
            seed: self.seed,
            licences: &licences,
            at,
            begun: AtomicU64::new(0),
            draws: self.draws,
            accepted: AtomicU64::new(0),
            refused: AtomicU64::new(0),
            replayed: AtomicU64::new(0),
            resent: AtomicU64::new(0),
            over: AtomicBool::new(false),
            failed: AtomicBool::new(false),
            kills: AtomicU32::new(0),
        };
        // So that all instants of the messages are over, and the licences were issued before them.
        std::thread::sleep(Duration::from_secs(1));
        let watch = Watch::start();
        let (told, looks) = self.tell(&gadolin, &shared)?;
        let count = |number: &AtomicU64| number.load(Ordering::SeqCst);
        println!(
            "told in {:.0} s: {} messages accepted, {} refused, {} sent again for want of an answer, \
             {} of long ago; {} kills, sums looked at {looks} times; {}",
            watch.seconds(),
            count(&shared.accepted),
            count(&shared.refused),
            count(&shared.resent),
            count(&shared.replayed),
            shared.kills.load(Ordering::SeqCst),
            load()
        );
        self.compare(&gadolin, &shared, &told, kg)
    }

    /// Kilograms that all stories together want.
    fn wanted(&self) -> u64 {
        let uses = self.draws / self.clients.max(1);
        let sample = uses.min(1_000);
        let mut sum = 0;
        for place in 0..sample {
            let (_, deeds) = story(self.seed, 0, place, self.licences);
            sum += deeds.iter().fold(0, |drawn, deed| drawn_after(drawn, *deed));
        }
        sum * self.draws / sample.max(1)
    }

    /// Clients, the auditor and the kills, until all uses are told.
    fn tell(&self, gadolin: &Path, shared: &Shared<'_>) -> anyhow::Result<(Vec<Told>, u64)> {
        std::thread::scope(|scope| {
            let clients: Vec<_> = (0..self.clients)
                .map(|client| scope.spawn(move || guarded(shared, || one(shared, client))))
                .collect();
            let auditor = scope.spawn(move || guarded(shared, || audit(shared)));
            let killed = guarded(shared, || self.kill(gadolin, shared));
            let mut told = Vec::new();
            for client in clients {
                told.push(client.join().map_err(|_| anyhow::anyhow!("a client panicked"))??);
            }
            shared.over.store(true, Ordering::SeqCst);
            let looks = auditor.join().map_err(|_| anyhow::anyhow!("the auditor panicked"))??;
            killed?;
            Ok((told, looks))
        })
    }

    /// Serves, kills and serves again, until all uses are told.
    fn kill(&self, gadolin: &Path, shared: &Shared<'_>) -> anyhow::Result<()> {
        let mut chance = Chance::new(self.seed, u64::MAX, 0);
        let mut server = shared.licences.serve(gadolin)?;
        let mean = self.draws / u64::from(self.kills + 1);
        let mut next = 0;
        for kill in 1..=self.kills {
            next += chance.between(mean / 2, mean + mean / 2);
            let next = next.min(self.draws.saturating_sub(self.clients));
            while shared.begun.load(Ordering::SeqCst) < next {
                if shared.failed.load(Ordering::SeqCst) {
                    return Ok(());
                }
                std::thread::sleep(Duration::from_millis(1));
            }
            // Some way into the next transaction, wherever that is.
            std::thread::sleep(Duration::from_micros(chance.below(20_000)));
            server.kill()?;
            shared.kills.store(kill, Ordering::SeqCst);
            if kill % 10 == 1 || self.kills < 10 {
                fsck(gadolin, &shared.licences.data)
                    .with_context(|| format!("after kill {kill}, seed {}", self.seed))?;
                let begun = shared.begun.load(Ordering::SeqCst);
                println!("kill {kill:>4} of {} after {begun} uses: fsck clean", self.kills);
            }
            server = shared.licences.serve(gadolin)?;
        }
        while shared.begun.load(Ordering::SeqCst) < self.draws + self.clients {
            if shared.failed.load(Ordering::SeqCst) {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        server.kill()
    }

    /// Compares what the server holds with what the clients were told, then tells everything once more.
    fn compare(
        &self,
        gadolin: &Path,
        shared: &Shared<'_>,
        told: &[Told],
        kg: u64,
    ) -> anyhow::Result<()> {
        let data = &shared.licences.data;
        fsck(gadolin, data)?;
        let server = shared.licences.serve(gadolin)?;
        let mut client = Client::connect(server.port())?;
        let before = self.sums(&mut client, shared)?;
        for (place, drawn) in before.iter().enumerate() {
            let reckoned: u64 = told.iter().filter_map(|one| one.drawn.get(place)).sum();
            if *drawn != reckoned || *drawn > kg {
                bail!(
                    "licence {place}: {drawn} kg drawn of {kg} kg, the clients reckon {reckoned} kg"
                );
            }
        }
        let exhausted = before.iter().filter(|drawn| **drawn + KG_MAX > kg).count();
        println!("sums of {} licences as the clients reckon; {exhausted} used up", before.len());
        let watch = Watch::start();
        let again = self.again(&mut client, shared, told)?;
        if self.sums(&mut client, shared)? != before {
            bail!("sent again, messages had an effect");
        }
        drop(server);
        fsck(gadolin, data)?;
        println!(
            "all {again} messages sent once more in {:.0} s: each the same answer, no effect; fsck clean",
            watch.seconds()
        );
        Ok(())
    }

    fn sums(&self, client: &mut Client, shared: &Shared<'_>) -> anyhow::Result<Vec<u64>> {
        let numbers = &shared.licences.numbers;
        let drawn = |(number, _): &(String, String)| {
            kilograms(&sums(client, &shared.licences.token, number)?, "drawn")
        };
        numbers.iter().map(drawn).collect()
    }

    /// Sends every message that was answered once more.
    fn again(
        &self,
        client: &mut Client,
        shared: &Shared<'_>,
        told: &[Told],
    ) -> anyhow::Result<u64> {
        let mut waiting: Vec<(String, u64)> = Vec::with_capacity(AGAIN);
        let mut count = 0;
        for (number, one) in (0_u64..).zip(told) {
            for (place, answers) in (0_u64..).zip(&one.answers) {
                let (licence, deeds) = story(self.seed, number, place, self.licences);
                for (step, answer) in answers.iter().enumerate() {
                    let text = message(shared, number, place, step, licence, deeds[step]);
                    waiting.push((text, *answer));
                    if waiting.len() == AGAIN {
                        count += send_again(client, shared, &waiting)?;
                        waiting.clear();
                    }
                }
            }
        }
        if !waiting.is_empty() {
            count += send_again(client, shared, &waiting)?;
        }
        Ok(count)
    }
}

/// Tells the others when something goes wrong, so that nobody waits for what will not come.
fn guarded<T>(shared: &Shared<'_>, run: impl FnOnce() -> anyhow::Result<T>) -> anyhow::Result<T> {
    let done = run();
    if done.is_err() {
        shared.failed.store(true, Ordering::SeqCst);
    }
    done
}

fn fsck(gadolin: &Path, data: &Path) -> anyhow::Result<()> {
    let mut fsck = Command::new(gadolin);
    fsck.args(["fsck", "--quiet", "--format", "table", "--data"]).arg(data);
    let done = outcome(&mut fsck)?;
    if !done.status.success() {
        let said = String::from_utf8_lossy(&done.stdout).trim().to_owned();
        bail!("fsck: {said} {}", String::from_utf8_lossy(&done.stderr).trim());
    }
    Ok(())
}

fn message(
    shared: &Shared<'_>,
    client: u64,
    place: u64,
    step: usize,
    licence: usize,
    deed: Deed,
) -> String {
    let (id, declaration) = (format!("{client}.{place}.{step}"), format!("D{client}.{place}"));
    let number = shared.licences.numbers.get(licence).map_or("", |(number, _)| number.as_str());
    Message {
        post: &shared.licences.post,
        id: &id,
        licence: number,
        declaration: &declaration,
        deed: deed.deed,
        measure: deed.measure,
        kg: deed.kg,
        at: shared.at.get(step).map_or("", String::as_str),
    }
    .json()
}

/// One client: its uses, one after the other.
fn one(shared: &Shared<'_>, client: u64) -> anyhow::Result<Told> {
    let licences = shared.licences.numbers.len() as u32;
    let mut told = Told { answers: Vec::new(), drawn: vec![0; licences as usize] };
    let mut connection = None;
    let mut chance = Chance::new(shared.seed, client, u64::MAX);
    while shared.begun.fetch_add(1, Ordering::SeqCst) < shared.draws {
        let place = told.answers.len() as u64;
        let (licence, deeds) = story(shared.seed, client, place, licences);
        let (mut drawn, mut answers) = (0, Vec::with_capacity(deeds.len()));
        for (step, deed) in deeds.into_iter().enumerate() {
            let text = message(shared, client, place, step, licence, deed);
            let answer = told_for_sure(shared, &mut connection, &text)?;
            if answer.contains("\"outcome\":\"accepted\"") {
                drawn = drawn_after(drawn, deed);
                shared.accepted.fetch_add(1, Ordering::Relaxed);
            } else if answer.contains("beyond_quantity") {
                shared.refused.fetch_add(1, Ordering::Relaxed);
            } else {
                bail!("to {text}: {answer}");
            }
            answers.push(digest(&answer));
        }
        told.answers.push(answers);
        told.drawn[licence] += drawn;
        if chance.below(REPLAY_ONE_IN) == 0 {
            let place = chance.below(told.answers.len() as u64);
            let (licence, deeds) = story(shared.seed, client, place, licences);
            let step = chance.below(deeds.len() as u64) as usize;
            let text = message(shared, client, place, step, licence, deeds[step]);
            let answer = told_for_sure(shared, &mut connection, &text)?;
            if told.answers[place as usize].get(step) != Some(&digest(&answer)) {
                bail!("sent again, {text} got another answer: {answer}");
            }
            shared.replayed.fetch_add(1, Ordering::Relaxed);
        }
    }
    Ok(told)
}

/// Sends a message until it is answered, whatever becomes of the server; gives the answer.
fn told_for_sure(
    shared: &Shared<'_>,
    connection: &mut Option<Client>,
    text: &str,
) -> anyhow::Result<String> {
    let request = post("/api/v1/border/messages", &shared.licences.token, text);
    let watch = Watch::start();
    loop {
        if shared.failed.load(Ordering::Relaxed) {
            bail!("given up, for another failed");
        }
        if connection.is_none() {
            *connection = Client::connect(shared.licences.port).ok();
        }
        let answer = connection.as_mut().and_then(|client| {
            let answer = client.send(&request).ok()?;
            Some((answer.status, String::from_utf8_lossy(answer.body).into_owned()))
        });
        match answer {
            Some((200 | 207, body)) => return Ok(body),
            // Too many at once, or a fault: the same message may be sent again.
            Some((429 | 500..=599, _)) => {}
            Some((status, body)) => bail!("to {text}: {status} {body}"),
            None => *connection = None,
        }
        if watch.elapsed() > PATIENCE {
            bail!("no answer to {text}");
        }
        shared.resent.fetch_add(1, Ordering::Relaxed);
        std::thread::sleep(PAUSE);
    }
}

/// Asks for the sums until all is told: what is drawn, held and allotted never exceeds what is licensed.
fn audit(shared: &Shared<'_>) -> anyhow::Result<u64> {
    let mut looks = 0;
    let mut connection = None;
    while !shared.over.load(Ordering::SeqCst) && !shared.failed.load(Ordering::SeqCst) {
        for (number, _) in &shared.licences.numbers {
            if connection.is_none() {
                connection = Client::connect(shared.licences.port).ok();
            }
            let Some(client) = connection.as_mut() else { continue };
            let Ok(found) = sums(client, &shared.licences.token, number) else {
                connection = None;
                continue;
            };
            let taken = kilograms(&found, "drawn")?
                + kilograms(&found, "held")?
                + kilograms(&found, "allotted")?;
            if taken > kilograms(&found, "ceiling")? {
                bail!("licence {number}: more is taken than licensed: {found}");
            }
            looks += 1;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    Ok(looks)
}

fn send_again(
    client: &mut Client,
    shared: &Shared<'_>,
    waiting: &[(String, u64)],
) -> anyhow::Result<u64> {
    let texts: Vec<&str> = waiting.iter().map(|(text, _)| text.as_str()).collect();
    let body = format!("[{}]", texts.join(","));
    let answer = client.send(&post("/api/v1/border/messages", &shared.licences.token, &body))?;
    let body = std::str::from_utf8(answer.body)?;
    // Each answer as it stands alone: the pieces between the heads that name its message.
    let inner = body.strip_prefix("{\"answers\":[").and_then(|rest| rest.strip_suffix("]}"));
    let inner = inner.with_context(|| format!("no answers: {body}"))?;
    let pieces: Vec<&str> = inner.split(",{\"post\":").collect();
    if pieces.len() != waiting.len() {
        bail!("{} answers to {} messages", pieces.len(), waiting.len());
    }
    for (place, (piece, (text, answer))) in pieces.into_iter().zip(waiting).enumerate() {
        let head = if place == 0 { "" } else { "{\"post\":" };
        let alone = format!("{{\"answers\":[{head}{piece}]}}");
        if digest(&alone) != *answer {
            bail!("sent again, {text} got another answer: {alone}");
        }
    }
    Ok(waiting.len() as u64)
}

fn digest(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_story_is_a_function_of_its_place() {
        let stories = |seed| (0..500).map(|place| story(seed, 3, place, 8)).collect::<Vec<_>>();
        assert_eq!(stories(1), stories(1));
        assert_ne!(stories(1), stories(2));
        let deeds: std::collections::BTreeSet<_> =
            stories(1).into_iter().flat_map(|(_, deeds)| deeds).map(|deed| deed.deed).collect();
        assert_eq!(
            deeds.into_iter().collect::<Vec<_>>(),
            ["commit", "correct", "release", "reserve"]
        );
    }

    #[test]
    fn what_is_drawn_follows_from_what_was_accepted() {
        let part = Deed { deed: "commit", measure: "increment", kg: 2 };
        for (deeds, drawn) in [
            (vec![deed("reserve", 5), deed("commit", 3)], 3),
            (vec![deed("reserve", 5), deed("release", 0)], 0),
            (vec![deed("commit", 5), deed("correct", 7)], 7),
            (vec![part, part], 4),
        ] {
            assert_eq!(deeds.into_iter().fold(0, drawn_after), drawn);
        }
    }
}
