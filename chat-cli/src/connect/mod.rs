//! `chat connect`: a client for people and for scripts, which speaks version 2 of the JSON dialect.
//!
//! Where standard input and output are a terminal, it takes the whole screen; otherwise it reads
//! and prints lines. `chat send` says something and leaves.

mod close_code;
mod command;
mod connection;
mod describe;
mod error;
mod event;
mod handshake;
mod hangup;
mod ignored;
mod marks;
mod names;
mod outcome;
mod pipe;
mod request;
mod requests;
mod screen;
mod send;
mod server_limits;
mod settings;
mod target;
mod trust;
mod wire;

pub(crate) use error::Error;
pub(crate) use outcome::Outcome;

use chat_core::Secret;
use connection::Login;
use pipe::Format;
use settings::Settings;
use std::ffi::OsStr;
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};
use std::{env, fs};
use target::{Place, Target};
use tokio::runtime::{Builder, Runtime};
use trust::Trust;

/// Where to connect to, and as whom.
#[derive(Debug, clap::Args)]
struct ServerArguments {
    /// The server: tcp://HOST:PORT, tcp+json://HOST:PORT or ws://HOST:PORT[/PATH] (the path is /ws
    /// if there is none); with TLS tcps://, tcps+json:// or wss://; on a Unix socket unix:///PATH,
    /// unix+json:///PATH or ws+unix:///PATH.
    url: String,
    /// The name to go by. With a token it may be left out, and does not count if the token has one
    /// in it.
    #[arg(long, short, value_name = "NAME")]
    nickname: Option<String>,
    /// The file with the token that proves who you are. Without, it is what the environment
    /// variable CHAT_TOKEN says. There is no way to give it on the command line, which everybody on
    /// the machine can read.
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// Trust the issuers in this PEM file, or the server's own certificate if that is in it, and no
    /// others. Without this, those that the system knows are trusted.
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
    /// Read and print lines on a terminal, too. This is also done where TERM is dumb.
    #[arg(long)]
    lines: bool,
    /// Print each event as a JSON object, one a line.
    #[arg(long)]
    json: bool,
}

/// Arguments of `chat send`.
#[derive(Debug, clap::Args)]
#[command(after_long_help = SENDING)]
pub(crate) struct SendArguments {
    #[command(flatten)]
    server: ServerArguments,
    /// The channel to say it in, which is joined for that.
    #[arg(long, short, value_name = "CHANNEL", default_value = "lobby")]
    channel: String,
    /// Send it to this user alone, and join nothing.
    #[arg(long, value_name = "USER", conflicts_with = "channel")]
    to: Option<String>,
    /// What to say, said as it is also where it begins with '/'. Each line of it is a message. Put
    /// -- before a text that begins with '-'.
    #[arg(required = true, value_name = "TEXT")]
    text: Vec<String>,
}

/// The end of `chat send --help`.
const SENDING: &str = "\
It prints nothing. Exit code 0 says that the server has taken every message, 2 that it has refused one or did not let
the user into the channel, or that the arguments are wrong, and 1 that it could not be reached, refused the user or
has not answered in time; standard error says why.";

/// Connects, and chats until the user has enough.
pub(crate) fn connect(arguments: Arguments) -> Result<Outcome, Error> {
    let Arguments { server, channel, lines, json } = arguments;
    let settings = settings(server, channel)?;
    let runtime = runtime()?;
    let is_terminal = io::stdin().is_terminal() && io::stdout().is_terminal();
    if is_terminal && !json && !lines && has_screen(env::var_os("TERM").as_deref()) {
        return runtime.block_on(screen::run(&settings)).map(|()| Outcome::Done);
    }
    let format = if json { Format::Json } else { Format::Lines };
    runtime.block_on(pipe::run(&settings, format))
}

/// Connects, says something, and leaves.
pub(crate) fn send(arguments: SendArguments) -> Result<Outcome, Error> {
    let SendArguments { server, channel, to, text } = arguments;
    let settings = settings(server, channel)?;
    runtime()?.block_on(send::run(&settings, to, &text.join(" ")))
}

fn settings(arguments: ServerArguments, channel: String) -> Result<Settings, Error> {
    let ServerArguments { url, nickname, token_file, tls_ca } = arguments;
    let mut target: Target = url.parse()?;
    if let Some(file) = tls_ca {
        match &mut target.place {
            Place::Network(host) if host.trust.is_some() => host.trust = Some(Trust::File(file)),
            Place::Network(host) => return Err(Error::UnusedTrust(host.other(&target.transport))),
            #[cfg(unix)]
            Place::Unix(_) => return Err(Error::UnusedTrustOnUnix),
        }
    }
    let token = token(token_file.as_deref())?;
    if nickname.is_none() && token.is_none() {
        return Err(Error::NoName);
    }
    Ok(Settings { target, login: Login { nickname, token, reconnect_key: None }, channel })
}

fn runtime() -> Result<Runtime, Error> {
    Builder::new_current_thread().enable_all().build().map_err(Error::Runtime)
}

/// Whether a terminal of this kind has a cursor that can be moved. One that is dumb has not: inside
/// an editor, for example. One of no kind at all may have, where kinds of terminals are unknown.
fn has_screen(kind: Option<&OsStr>) -> bool {
    kind.map_or(!cfg!(unix), |kind| kind != "dumb" && !kind.is_empty())
}

/// The token of a file, or else of the environment, where an empty one is none.
fn token(file: Option<&Path>) -> Result<Option<Secret>, Error> {
    let Some(path) = file else {
        let token = env::var("CHAT_TOKEN").unwrap_or_default();
        return Ok(Some(token.trim()).filter(|token| !token.is_empty()).map(Secret::new));
    };
    let token =
        fs::read_to_string(path).map_err(|error| Error::Token { path: path.to_owned(), error })?;
    match token.trim() {
        "" => Err(Error::NoToken { path: path.to_owned() }),
        token => Ok(Some(Secret::new(token))),
    }
}
