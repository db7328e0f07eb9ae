//! `gadolin bench bare`: one JSON answer from the web server that Gadolin uses, and nothing else. Beside it a
//! measurement says what an answer of Gadolin costs more than HTTP itself.

use std::net::SocketAddr;

use crate::commands::End;

#[derive(Debug, clap::Args)]
pub(crate) struct Bare {
    /// Where to listen
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8788")]
    listen: SocketAddr,
}

impl Bare {
    pub(crate) fn run(self) -> anyhow::Result<End> {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::bind(self.listen).await?;
            web::bare_serve(listener).await
        })?;
        Ok(End::Done)
    }
}
