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
mod random;
mod request;
mod requests;
mod screen;
mod send;
mod server_limits;
mod settings;
mod target;
mod trust;

pub(crate) use error::Error;
pub(crate) use outcome::Outcome;

use chat_server::engine::Secret;
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

/// The server to connect to, and the user.
#[derive(Debug, clap::Args)]
struct ServerArguments {
    /// The server: tcp://HOST:PORT, tcp+json://HOST:PORT or ws://HOST:PORT[/PATH] (the default path
    /// is /ws); with TLS tcps://, tcps+json:// or wss://; on a Unix socket unix:///PATH,
    /// unix+json:///PATH or ws+unix:///PATH.
    url: String,
    /// Your nickname. With a token it is optional, and a nickname in the token takes precedence.
    #[arg(long, short, value_name = "NAME")]
    nickname: Option<String>,
    /// The file with your authentication token. By default the token is read from the environment
    /// variable CHAT_TOKEN. It cannot be given on the command line, which all users of the machine
    /// can read.
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
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
    let settings = settings(server, channel)?;
    let runtime = runtime()?;
    let is_terminal = io::stdin().is_terminal() && io::stdout().is_terminal();
    if is_terminal && !json && !lines && has_screen(env::var_os("TERM").as_deref()) {
        return runtime.block_on(screen::run(&settings)).map(|()| Outcome::Done);
    }
    let format = if json { Format::Json } else { Format::Lines };
    runtime.block_on(pipe::run(&settings, format))
}

/// Connects, sends a message, and disconnects.
pub(crate) fn send(arguments: SendArguments) -> Result<Outcome, Error> {
    let SendArguments { server, channel, to, text } = arguments;
    let settings = settings(server, channel)?;
    let text = match text.as_slice() {
        [dash] if dash == "-" => send::read_text().map_err(Error::Input)?,
        words => words.join(" "),
    };
    runtime()?.block_on(send::run(&settings, to, &text))
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

/// Returns true if a terminal of this type (`TERM`) has an addressable cursor. A dumb terminal, for
/// example inside an editor, has none. Without a type, only systems other than Unix have one.
fn has_screen(kind: Option<&OsStr>) -> bool {
    kind.map_or(!cfg!(unix), |kind| kind != "dumb" && !kind.is_empty())
}

/// Reads the token from a file, or else from the environment, where an empty value means none.
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
