//! Pages over HTTP: a server on a free port of loopback, and an officer of the demo who asks it.

use std::io::Read;
use std::net::Ipv4Addr;
use std::time::Duration;

use anyhow::{Context, bail};
use app::Platform;
use app::people::{Attempt, People, SeedPerson};

use crate::commands::serve::{config, documents_open};
use crate::commands::user::moment;
use crate::resources::{Watch, random};

/// How long an answer may take.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Asks for pages one after the other as `account`; gives how long each took, in milliseconds. What comes is
/// read to its end.
///
/// # Errors
/// Where the server does not start, or answers anything but 200.
pub(super) fn pages_ask(
    (platform, people): (&Platform, &People),
    seeds: Vec<SeedPerson>,
    account: &str,
    paths: &[String],
) -> anyhow::Result<Vec<f64>> {
    let attempt = Attempt { account, agent: "bench", address: "127.0.0.1", before: "" };
    let session = people.sign_in_chosen(&attempt, &moment()?)?.text;
    let kept = (documents_open(platform)?, app::signing::Signing::open(platform.dir(), random()?)?);
    let config =
        config(people.clone(), kept, web::SignIn::Choose(seeds), false, "demo".to_owned())?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let listener = runtime.block_on(tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))?;
    let at = listener.local_addr()?;
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let server = runtime.spawn(web::serve(listener, platform.clone(), config, async {
        let _ = stopped.await;
    }));
    let agent = ureq::Agent::config_builder().timeout_global(Some(TIMEOUT)).build().new_agent();
    let mut took = Vec::with_capacity(paths.len());
    for path in paths {
        let watch = Watch::start();
        let asked = agent.get(format!("http://{at}{path}"));
        let mut answer = asked
            .header("Cookie", format!("gd_session={session}"))
            .call()
            .with_context(|| path.clone())?;
        let mut text = String::new();
        answer.body_mut().as_reader().read_to_string(&mut text)?;
        took.push(watch.seconds() * 1e3);
        if answer.status() != 200 || !text.contains("</html>") {
            bail!("{path}: {}", answer.status());
        }
    }
    drop(stop);
    runtime.block_on(server)??;
    Ok(took)
}
