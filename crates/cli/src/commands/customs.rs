//! `gadolin customs`: acts as a customs system towards a server, with a bad line, and compares what it was
//! answered with what the server holds. For trying out the machine interface of the border from the other side.

use std::io::Read as _;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, bail};
use licensing::licence::Licence;
use licensing::quantity::{Quantity, QuantityError, Unit};
use serde::Serialize;
use serde_json::{Value, json};
use sim::customs::{Customs, Sent, Tally};

use super::End;
use crate::output;
use crate::resources::now;

/// How long an answer may take.
const TIMEOUT: Duration = Duration::from_secs(60);
/// Changes of a page.
const CHANGES: u64 = 500;
/// The environment that may hold the token.
const TOKEN: &str = "GADOLIN_TOKEN";

pub(crate) const EXAMPLES: &str = "Examples:
  gadolin customs --url http://127.0.0.1:8787 --post harbour --token-file token
  GADOLIN_TOKEN=… gadolin customs --post harbour --requests 100 --seed 7";

/// Act as a customs system towards a server, over a bad line
#[derive(Debug, clap::Args)]
pub(crate) struct ActCustoms {
    /// The server
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8787")]
    url: String,
    /// The border post of the account
    #[arg(long)]
    post: String,
    /// A file with the token of the account; else GADOLIN_TOKEN
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// Requests with messages
    #[arg(long, default_value_t = 20)]
    requests: u32,
    /// Seed of declarations and of the line's faults
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

#[derive(Serialize)]
struct Report<'a> {
    lines: usize,
    acknowledged: usize,
    #[serde(flatten)]
    tally: Tally,
    wrong: &'a [String],
}

/// The line to the server.
struct Server {
    agent: ureq::Agent,
    url: String,
    token: String,
}

impl Server {
    fn get(&self, path: &str) -> anyhow::Result<Value> {
        let asked = self.agent.get(format!("{}{path}", self.url));
        let answer = asked.header("Authorization", format!("Bearer {}", self.token)).call();
        read(path, answer)
    }

    fn post(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        let asked = self.agent.post(format!("{}{path}", self.url));
        let asked = asked.header("Authorization", format!("Bearer {}", self.token));
        let answer = asked.header("Content-Type", "application/json").send(body.to_string());
        read(path, answer)
    }
}

fn read(
    path: &str,
    answer: Result<ureq::http::Response<ureq::Body>, ureq::Error>,
) -> anyhow::Result<Value> {
    let mut answer = answer.with_context(|| path.to_owned())?;
    let status = answer.status();
    let mut text = String::new();
    answer.body_mut().as_reader().read_to_string(&mut text)?;
    if !status.is_success() {
        bail!("{path}: {status} {}", text.trim());
    }
    if text.is_empty() {
        return Ok(Value::Null);
    }
    serde_json::from_str(&text).with_context(|| format!("{path}: this is no JSON"))
}

impl ActCustoms {
    pub(crate) fn run(self) -> anyhow::Result<End> {
        let config = ureq::Agent::config_builder()
            .timeout_global(Some(TIMEOUT))
            .http_status_as_error(false)
            .user_agent("gadolin customs");
        let server = Server {
            agent: config.build().new_agent(),
            url: self.url.trim_end_matches('/').to_owned(),
            token: self.token()?,
        };
        let mut customs = Customs::new(self.seed, &self.post);
        let mut numbers = Vec::new();
        let acknowledged = learn(&server, &mut customs, &mut numbers)?;
        if customs.lines() == 0 {
            bail!("there is no licence to declare under");
        }
        for _ in 0..self.requests {
            let sent = customs.request(now());
            tell(&server, &mut customs, &sent)?;
        }
        // What was held up on its way.
        loop {
            let rest = customs.rest();
            if rest.is_empty() {
                break;
            }
            tell(&server, &mut customs, &rest)?;
        }
        for number in &numbers {
            compare(&server, &mut customs, number)?;
        }
        output::json(&Report {
            lines: customs.lines(),
            acknowledged,
            tally: customs.tally(),
            wrong: customs.wrong(),
        })?;
        Ok(if customs.wrong().is_empty() { End::Done } else { End::Failed })
    }

    fn token(&self) -> anyhow::Result<String> {
        if let Some(path) = &self.token_file {
            let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
            return Ok(text.trim().to_owned());
        }
        #[expect(clippy::disallowed_methods, reason = "the shell reads the environment")]
        let given = std::env::var(TOKEN).ok();
        given.with_context(|| format!("no token: set {TOKEN} or give --token-file"))
    }
}

/// Takes over what is to be known of licences, and says so; gives how many changes.
fn learn(
    server: &Server,
    customs: &mut Customs,
    numbers: &mut Vec<String>,
) -> anyhow::Result<usize> {
    let (mut after, mut count) = (0, 0);
    loop {
        let page = server.get(&format!("/api/v1/border/changes?after={after}&limit={CHANGES}"))?;
        let changes = page.get("changes").and_then(Value::as_array).context("no changes")?;
        if changes.is_empty() {
            return Ok(count);
        }
        let mut seqs = Vec::new();
        for change in changes {
            seqs.push(change.get("seq").and_then(Value::as_u64).context("no `seq`")?);
            if let Some(licence) = change.pointer("/body/licence") {
                let licence: Licence = serde_json::from_value(licence.clone())?;
                customs.learn(&licence);
                numbers.push(licence.number);
            }
        }
        server.post("/api/v1/border/acknowledgements", &json!({ "seq": seqs }))?;
        count += seqs.len();
        after = page.get("after").and_then(Value::as_u64).context("no `after`")?;
    }
}

fn tell(server: &Server, customs: &mut Customs, sent: &[Sent]) -> anyhow::Result<()> {
    if sent.is_empty() {
        return Ok(());
    }
    let body = Value::Array(sent.iter().map(|one| one.body.clone()).collect());
    let said = server.post("/api/v1/border/messages", &body)?;
    let answers = said.get("answers").and_then(Value::as_array).context("no answers")?;
    customs.told(sent, answers);
    Ok(())
}

fn compare(server: &Server, customs: &mut Customs, number: &str) -> anyhow::Result<()> {
    let licence = server.get(&format!("/api/v1/border/licences/{number}"))?;
    for line in licence.get("lines").and_then(Value::as_array).into_iter().flatten() {
        let of = line.get("line").and_then(Value::as_u64).context("no number of a line")?;
        let mut told = Vec::new();
        for unit in line.get("units").and_then(Value::as_array).into_iter().flatten() {
            let text = |field: &str| unit.get(field).and_then(Value::as_str).unwrap_or_default();
            let unit = Unit::parse(text("unit")).context("no unit")?;
            let amount = match Quantity::read(&unit, text("drawn"), "") {
                Ok(quantity) => quantity.amount,
                Err(QuantityError::Zero) => 0,
                Err(error) => bail!("{error}"),
            };
            told.push(Quantity { unit, amount });
        }
        customs.compare(number, u32::try_from(of)?, &told);
    }
    Ok(())
}
