//! `chat connect`: a client for people and for scripts, which speaks version 2 of the JSON dialect.
//!
//! Where standard input and output are a terminal, it takes the whole screen; otherwise it reads and prints lines.

mod command;
mod connection;
mod describe;
mod event;
mod handshake;
mod names;
mod pipe;
mod request;
mod requests;
mod screen;
mod target;
mod trust;
mod wire;

use chat_core::Secret;
use connection::{ConnectionError, Login};
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};
use std::{env, fs};
use target::{Target, TargetError};
use trust::Trust;

#[derive(Debug, clap::Args)]
#[command(after_long_help = LINES)]
pub(crate) struct Arguments {
    /// The server: tcp://HOST:PORT, tcp+json://HOST:PORT or ws://HOST:PORT[/PATH] (the path is /ws if there is none); with
    /// TLS tcps://, tcps+json:// or wss://.
    url: String,
    /// The name to go by. With a token it may be left out, and does not count if the token has one in it.
    #[arg(long, short, value_name = "NAME")]
    nickname: Option<String>,
    /// The file with the token that proves who you are. Without, it is what the environment variable CHAT_TOKEN says. There
    /// is no way to give it on the command line, which everybody on the machine can read.
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// The channel to join first.
    #[arg(long, short, value_name = "CHANNEL", default_value = "lobby")]
    channel: String,
    /// Trust the issuers in this PEM file, or the server's own certificate if that is in it, and no others. Without this,
    /// those that the system knows are trusted.
    #[arg(long, value_name = "FILE")]
    tls_ca: Option<PathBuf>,
}

/// What went wrong, in one line.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error(transparent)]
    Target(#[from] TargetError),
    #[error(transparent)]
    Connection(#[from] ConnectionError),
    #[error("--tls-ca is for TLS, and there is none at this address; with TLS it is {0}")]
    UnusedTrust(String),
    #[error("cannot read the token from {}: {error}", path.display())]
    Token { path: PathBuf, error: io::Error },
    #[error("there is no token in {}", path.display())]
    NoToken { path: PathBuf },
    #[error(
        "--nickname is missing; only who has a token, in --token-file or CHAT_TOKEN, need not give a name"
    )]
    NoName,
    #[error("cannot read from standard input: {0}")]
    Input(#[source] io::Error),
    #[error("cannot write to standard output: {0}")]
    Output(#[source] io::Error),
    #[error("cannot use the terminal: {0}")]
    Terminal(#[source] io::Error),
    #[error("cannot start the runtime: {0}")]
    Runtime(#[source] io::Error),
}

/// What the client was told to do.
#[derive(Clone, Debug)]
struct Settings {
    target: Target,
    login: Login,
    channel: String,
}

/// The end of `chat connect --help`.
const LINES: &str = "\
On a terminal this is a full-screen client: /help lists the commands; Tab completes, Up and Down go through what was
typed, PageUp and PageDown scroll, Alt+Up and Alt+Down (or Ctrl+P and Ctrl+N) change the channel, Ctrl+C quits.

If standard input or output is not a terminal, each line of input is a message or a command, and each event is
one line of output. The next line is read when the one before has been answered. /quit and the end of the input
end it with exit code 0; 1 means that it could not connect, was refused or lost the connection, and standard error
says why. The lines are:

  connected as NAME                          you joined CHANNEL: NAME, NAME
  topic of CHANNEL: TEXT                     NAME set the topic of CHANNEL: TEXT
  [CHANNEL] NAME: TEXT                       [NAME -> you]: TEXT
  [CHANNEL] * NAME ACTION                    [you -> NAME]: TEXT
  [CHANNEL] -NAME- NOTICE                    TIME [CHANNEL] NAME: TEXT (of /history)
  NAME joined CHANNEL                        NAME left CHANNEL[: REASON]
  you left CHANNEL                           you are on CHANNEL
  NAME is now known as NAME                  NAME is away: TEXT, NAME is back
  NAME was kicked from CHANNEL by NAME[: REASON], and the same with banned from, unbanned from, muted in,
  unmuted in, invited to
  NAME made NAME ROLE in CHANNEL             NAME is no longer ROLE in CHANNEL
  NAME removed the topic of CHANNEL          CHANNEL has no topic
  you set the modes of CHANNEL               NAME invites you to CHANNEL
  online: NAME, NAME                         members of CHANNEL: NAME, NAME (away: TEXT)
  channel CHANNEL (MEMBERS): TOPIC           modes of CHANNEL: MODES
  missed COUNT messages                      the server is shutting down
  error: TEXT";

/// Connects, and chats until the user has enough.
pub(crate) fn connect(arguments: Arguments) -> Result<(), Error> {
    let Arguments { url, nickname, token_file, channel, tls_ca } = arguments;
    let mut target: Target = url.parse()?;
    if let Some(file) = tls_ca {
        if target.trust.is_none() {
            return Err(Error::UnusedTrust(target.other()));
        }
        target.trust = Some(Trust::File(file));
    }
    let token = token(token_file.as_deref())?;
    if nickname.is_none() && token.is_none() {
        return Err(Error::NoName);
    }
    let settings = Settings { target, login: Login { nickname, token }, channel };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(Error::Runtime)?;
    if io::stdin().is_terminal() && io::stdout().is_terminal() {
        return runtime.block_on(screen::run(&settings));
    }
    runtime.block_on(pipe::run(&settings, io::stdout().lock()))
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

impl Settings {
    /// Whether the first channel is the one that everybody is in unless they say otherwise.
    fn lobby(&self) -> bool {
        names::channel_key(&self.channel) == "lobby"
    }
}
