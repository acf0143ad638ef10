//! `chat connect`: a client for people and for scripts, which uses version 2 of the JSON dialect.
//!
//! If standard input and output are a terminal, it is a full-screen client; otherwise it reads and
//! prints lines. `chat send` sends a message and disconnects.

mod close_code;
mod command;
mod connection;
mod deadline;
mod describe;
mod error;
mod event;
mod frame_stream;
mod handshake;
mod hangup;
mod ignored;
mod marks;
mod names;
mod outcome;
mod pipe;
mod proof;
mod random;
mod received;
mod request;
mod requests;
mod run_as;
mod saved_logins;
mod screen;
mod send;
mod server_limits;
mod settings;
mod state_file;
mod target;
mod trust;

pub(crate) use error::Error;
pub(crate) use outcome::Outcome;

use pipe::Format;
use run_as::{LoginArguments, run_as};
use std::env;
use std::ffi::OsStr;
use std::io::{self, IsTerminal};
use std::path::PathBuf;
use target::{Place, Target};
use tokio::runtime::{Builder, Runtime};
use trust::Trust;

/// The server to connect to, and the user.
#[derive(Debug, clap::Args)]
struct ServerArguments {
    /// The server: tcp://HOST:PORT, tcp+json://HOST:PORT or ws://HOST:PORT[/PATH] (the default path
    /// is /ws); with TLS tcps://, tcps+json:// or wss://; on a Unix socket unix:///PATH,
    /// unix+json:///PATH or ws+unix:///PATH.
    url: String,
    #[command(flatten)]
    login: LoginArguments,
    /// Trust only the issuers in this PEM file, or the server's own certificate if the file
    /// contains it. By default the issuers of the system are trusted.
    #[arg(long, value_name = "FILE")]
    tls_ca: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
#[command(after_long_help = include_str!("connect.txt"))]
pub(crate) struct Arguments {
    #[command(flatten)]
    server: ServerArguments,
    /// The channel to join first.
    #[arg(long, short, value_name = "CHANNEL", default_value = "lobby")]
    channel: String,
    /// Read and print lines even on a terminal. This is the default if TERM is dumb.
    #[arg(long)]
    lines: bool,
    /// Print each event as a JSON object on a line.
    #[arg(long)]
    json: bool,
}

/// Arguments of `chat send`.
#[derive(Debug, clap::Args)]
#[command(after_long_help = SEND_HELP)]
pub(crate) struct SendArguments {
    #[command(flatten)]
    server: ServerArguments,
    /// The channel to send to. The client joins it first.
    #[arg(long, short, value_name = "CHANNEL", default_value = "lobby")]
    channel: String,
    /// Send a private message to this user, and join no channel.
    #[arg(long, value_name = "USER", conflicts_with = "channel")]
    to: Option<String>,
    /// The text to send as one message, even if it has several lines or begins with '/'. A single -
    /// reads the text from standard input. Put -- before another text that begins with '-'.
    #[arg(required = true, value_name = "TEXT")]
    text: Vec<String>,
}

/// The end of `chat send --help`.
const SEND_HELP: &str = "\
The command prints nothing. The exit code is 0 if the server has accepted the message. It is 2 if
the server has refused the message or the channel, or if the arguments are invalid. It is 1 if the
server could not be reached, refused the user, or did not answer in time. Standard error states the
reason.";

/// Connects, and chats until the user quits.
pub(crate) fn connect(arguments: Arguments) -> Result<Outcome, Error> {
    let Arguments { server, channel, lines, json } = arguments;
    let ServerArguments { url, login, tls_ca } = server;
    let runtime = runtime()?;
    let is_terminal = io::stdin().is_terminal() && io::stdout().is_terminal();
    let is_screen = is_terminal && !json && !lines && has_screen(env::var_os("TERM").as_deref());
    run_as(login, target(&url, tls_ca)?, channel, |settings| {
        if is_screen {
            return runtime.block_on(screen::run(settings)).map(|()| Outcome::Done);
        }
        let format = if json { Format::Json } else { Format::Lines };
        runtime.block_on(pipe::run(settings, format))
    })
}

/// Connects, sends a message, and disconnects.
pub(crate) fn send(arguments: SendArguments) -> Result<Outcome, Error> {
    let SendArguments { server, channel, to, text } = arguments;
    let ServerArguments { url, login, tls_ca } = server;
    let text = match text.as_slice() {
        [dash] if dash == "-" => send::read_text().map_err(Error::Input)?,
        words => words.join(" "),
    };
    let runtime = runtime()?;
    run_as(login, target(&url, tls_ca)?, channel, |settings| {
        runtime.block_on(send::run(settings, to.clone(), &text))
    })
}

fn target(url: &str, tls_ca: Option<PathBuf>) -> Result<Target, Error> {
    let mut target: Target = url.parse()?;
    if let Some(file) = tls_ca {
        match &mut target.place {
            Place::Network(host) if host.trust.is_some() => host.trust = Some(Trust::File(file)),
            Place::Network(host) => return Err(Error::UnusedTrust(host.other(&target.transport))),
            #[cfg(unix)]
            Place::Unix(_) => return Err(Error::UnusedTrustOnUnix),
        }
    }
    Ok(target)
}

fn runtime() -> Result<Runtime, Error> {
    Builder::new_current_thread().enable_all().build().map_err(Error::Runtime)
}

/// Returns true if a terminal of this type (`TERM`) has an addressable cursor. A dumb terminal, for
/// example inside an editor, has none. Without a type, only systems other than Unix have one.
fn has_screen(kind: Option<&OsStr>) -> bool {
    kind.map_or(!cfg!(unix), |kind| kind != "dumb" && !kind.is_empty())
}
