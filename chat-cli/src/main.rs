//! The program `chat`.

mod auth;
mod config;
mod connect;
mod keys;
mod listen;
mod place;
mod reload;
mod serve;
#[cfg(unix)]
mod socket_path;
#[cfg(unix)]
mod systemd;

use clap::{Parser, Subcommand};
use connect::Outcome;
use mimalloc::MiMalloc;
use serve::LogFormat;
use std::io::{IsTerminal, Write, stderr};
use std::process::ExitCode;
use tracing_subscriber::EnvFilter;

#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// A chat server for nc, telnet, programs and browsers.
#[derive(Debug, Parser)]
#[command(name = "chat", version, about)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the server.
    Serve(serve::Arguments),
    /// Connect to a server and chat.
    Connect(connect::Arguments),
    /// Say something on a server, and leave.
    Send(connect::SendArguments),
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let done = match arguments.command {
        Command::Serve(arguments) => {
            log(arguments.log_format);
            serve::serve(arguments).map(|()| Outcome::Done).map_err(|error| error.to_string())
        }
        // The clients share their terminal with nobody, not even a log.
        Command::Connect(arguments) => {
            connect::connect(arguments).map_err(|error| error.to_string())
        }
        Command::Send(arguments) => connect::send(arguments).map_err(|error| error.to_string()),
    };
    match done {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::Refused) => ExitCode::from(REFUSED),
        Err(error) => {
            // The terminal that would show it may be gone.
            let _ = writeln!(stderr(), "chat: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The exit code of a client that was refused something; the same as for wrong arguments, since
/// trying again is of no use after either.
const REFUSED: u8 = 2;

/// Logs to standard error what RUST_LOG asks for.
fn log(format: LogFormat) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(stderr);
    match format {
        LogFormat::Text => log.with_ansi(stderr().is_terminal()).init(),
        LogFormat::Json => log.json().flatten_event(true).init(),
    }
}
