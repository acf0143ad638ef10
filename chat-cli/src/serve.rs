//! `chat serve`.

use crate::listen::{Bound, Listen};
use chat_runtime::core::Config;
use chat_runtime::{FrontEndError, Server, ServerError};
use std::io::{self, Write};
use tracing::{info, warn};

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Where to listen and what to speak there; may be given several times.
    ///
    /// tcp+text://ADDRESS:PORT for nc and telnet (?style=bracket, star or plain; ?timestamps=true or false),
    /// tcp+json://ADDRESS:PORT for programs, ws://ADDRESS:PORT for WebSocket on /ws (?style=…; ?origin=https://example.org
    /// lets pages of another origin in). Port 0 asks for a free one.
    #[arg(long, value_name = "URL", default_values = DEFAULT)]
    listen: Vec<Listen>,
}

/// What went wrong, in one line.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error(transparent)]
    FrontEnd(#[from] FrontEndError),
    #[error(transparent)]
    Server(#[from] ServerError),
    #[error("cannot start the runtime: {0}")]
    Runtime(#[source] io::Error),
    #[error("cannot write to standard output: {0}")]
    Output(#[source] io::Error),
}

/// Where the server listens if it is not told.
const DEFAULT: [&str; 2] = ["tcp+text://127.0.0.1:7000", "ws://127.0.0.1:8080"];

pub(crate) fn serve(arguments: Arguments) -> Result<(), Error> {
    // A connection is a file: as many as the system lets this process have.
    if let Err(error) = rlimit::increase_nofile_limit(u64::MAX) {
        warn!(%error, "cannot raise the limit of open files");
    }
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(Error::Runtime)?
        .block_on(run(&arguments.listen))
}

async fn run(listen: &[Listen]) -> Result<(), Error> {
    let bound = listen.iter().map(Listen::bind).collect::<Result<Vec<_>, _>>()?;
    announce(&bound).map_err(Error::Output)?;
    let server = Server::new(Config::default());
    let server = bound.into_iter().fold(server, |server, bound| bound.add_to(server));
    server.run().await?;
    info!("stopped");
    Ok(())
}

/// Says where the server listens, a line for each listener, so that scripts can wait for it; then how to connect.
fn announce(bound: &[Bound]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    for listener in bound {
        writeln!(out, "listening on {}", listener.url())?;
    }
    for listener in bound {
        writeln!(out, "connect with: {}", listener.hint())?;
    }
    out.flush()
}
