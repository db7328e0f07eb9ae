//! A `gadolin` that listens on a port of loopback: started, waited for, killed.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, bail};

use crate::http::{Client, get};
use crate::shell::{Watch, free_port, output, typed};

/// How long it may take to come up.
const UP_TIMEOUT: Duration = Duration::from_secs(60);

/// A running server; dropped, it is killed.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    port: u16,
}

impl Server {
    /// Serves a data directory on a port, and waits until it is ready.
    ///
    /// # Errors
    /// Where it does not come up.
    pub(crate) fn serve(gadolin: &Path, data: &Path, port: u16) -> anyhow::Result<Server> {
        let mut serve = Command::new(gadolin);
        serve.args(["serve", "--quiet", "--listen", &format!("127.0.0.1:{port}"), "--data"]);
        serve.arg(data);
        Server::start(serve, port, "/readyz")
    }

    /// Starts a command that listens on a port, and waits until a path of it is there.
    ///
    /// # Errors
    /// Where it does not come up.
    pub(crate) fn start(mut command: Command, port: u16, path: &str) -> anyhow::Result<Server> {
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let words = typed(&command);
        let child = command.spawn().with_context(|| format!("cannot start `{words}`"))?;
        let mut server = Server { child, port };
        let watch = Watch::start();
        let request = get(path, "");
        loop {
            let asked = Client::connect(port)
                .and_then(|mut client| client.send(&request).map(|answer| answer.status));
            if matches!(asked, Ok(200)) {
                return Ok(server);
            }
            if let Some(ended) = server.child.try_wait()? {
                bail!("`{words}` ended with {ended}");
            }
            if watch.elapsed() > UP_TIMEOUT {
                bail!("`{words}` does not come up on port {port}");
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Kills it (SIGKILL): it has no chance to finish anything.
    ///
    /// # Errors
    /// What the system says.
    pub(crate) fn kill(mut self) -> anyhow::Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Licences of a fictional holder in a data directory, and a token of customs.
#[derive(Debug)]
pub(crate) struct Licences {
    pub(crate) data: PathBuf,
    pub(crate) port: u16,
    pub(crate) post: String,
    pub(crate) token: String,
    /// Number and code of each.
    pub(crate) numbers: Vec<(String, String)>,
    _dir: tempfile::TempDir,
}

impl Licences {
    /// Issues licences of as many kilograms each.
    ///
    /// # Errors
    /// Where the binary refuses.
    pub(crate) fn issue(gadolin: &Path, count: u32, kg: u64) -> anyhow::Result<Licences> {
        let dir = tempfile::Builder::new().prefix("gadolin-border-").tempdir()?;
        let data = dir.path().join("data");
        let mut bench = Command::new(gadolin);
        bench.args(["bench", "licences", "--quiet", "--count", &count.to_string()]);
        bench.args(["--kg", &kg.to_string(), "--data"]).arg(&data);
        let said: serde_json::Value = serde_json::from_str(&output(&mut bench)?)?;
        let text = |value: &serde_json::Value, field: &str| {
            let text = value.get(field).and_then(serde_json::Value::as_str);
            text.map(str::to_owned).with_context(|| format!("`bench licences` gives no `{field}`"))
        };
        let listed = said.get("licences").and_then(serde_json::Value::as_array);
        let numbers = listed.context("`bench licences` gives no licences")?.iter();
        let numbers = numbers.map(|one| Ok((text(one, "number")?, text(one, "code")?)));
        Ok(Licences {
            data,
            port: free_port()?,
            post: text(&said, "post")?,
            token: text(&said, "token")?,
            numbers: numbers.collect::<anyhow::Result<Vec<_>>>()?,
            _dir: dir,
        })
    }

    pub(crate) fn serve(&self, gadolin: &Path) -> anyhow::Result<Server> {
        Server::serve(gadolin, &self.data, self.port)
    }
}

/// A message about one use of the first line of a licence of `gadolin bench licences`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Message<'a> {
    pub(crate) post: &'a str,
    pub(crate) id: &'a str,
    pub(crate) licence: &'a str,
    pub(crate) declaration: &'a str,
    pub(crate) deed: &'a str,
    pub(crate) measure: &'a str,
    pub(crate) kg: u64,
    /// When it was sent, and the goods left (RFC 3339).
    pub(crate) at: &'a str,
}

impl Message<'_> {
    /// The message as JSON.
    pub(crate) fn json(&self) -> String {
        let Message { post, id, licence, declaration, deed, measure, kg, at } = self;
        let quantities = match *deed {
            "release" => String::new(),
            _ => format!("{{\"unit\":\"net_mass\",\"amount\":\"{kg}\",\"written\":\"kg\"}}"),
        };
        format!(
            "{{\"post\":\"{post}\",\"id\":\"{id}\",\"sent_at\":\"{at}\",\"deed\":\"{deed}\",\
             \"measure\":\"{measure}\",\"licence\":\"{licence}\",\"line\":1,\
             \"declaration\":\"{declaration}\",\"declaration_line\":1,\"good\":\"G1\",\
             \"hs\":\"850511\",\"consignee\":{{\"name\":\"Bench Consignee\"}},\
             \"end_user\":{{\"name\":\"Bench User\"}},\"end_use\":\"traction_motor\",\
             \"destination\":\"DE\",\"quantities\":[{quantities}],\"departed_at\":\"{at}\"}}"
        )
    }
}

/// Kilograms of a sum of the first line of a licence, as the border tells it.
///
/// # Errors
/// Where the server does not answer, or with no such sum.
pub(crate) fn sums(
    client: &mut Client,
    token: &str,
    number: &str,
) -> anyhow::Result<serde_json::Value> {
    let answer = client.send(&get(&format!("/api/v1/border/licences/{number}"), token))?;
    let licence: serde_json::Value = serde_json::from_slice(answer.body)?;
    let unit = licence.pointer("/lines/0/units/0").cloned();
    unit.with_context(|| format!("licence {number} has no sums: {licence}"))
}

/// A sum in whole kilograms.
///
/// # Errors
/// Where it is none.
pub(crate) fn kilograms(sums: &serde_json::Value, field: &str) -> anyhow::Result<u64> {
    let text = sums.get(field).and_then(serde_json::Value::as_str).unwrap_or_default();
    let whole = text.split_once('.').map_or(text, |(whole, _)| whole);
    whole.parse().with_context(|| format!("`{field}` of {sums} is no number"))
}
