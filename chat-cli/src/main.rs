//! The program `chat`.

mod account;
mod accounts;
mod audit;
mod auth;
mod ban;
#[cfg_attr(not(feature = "cluster"), path = "cluster_off.rs")]
mod cluster;
mod cluster_config;
mod config;
mod connect;
mod fetched_keys;
mod gateways;
mod irc;
mod keys;
mod listen;
mod moderation;
mod oidc;
mod place;
mod prompt;
mod reload;
mod secret_line;
mod serve;
#[cfg(unix)]
mod socket_path;
mod store;
mod store_file;
#[cfg(unix)]
mod systemd;
mod tools;

use clap::{Parser, Subcommand};
use connect::Outcome;
use mimalloc::MiMalloc;
use serve::LogFormat;
use std::io::{IsTerminal, Write, stderr};
use std::process::ExitCode;
use tracing::subscriber::set_global_default;
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
    /// Send messages to a server, and disconnect.
    Send(connect::SendArguments),
    /// Make, list and delete accounts with passwords, and reset their passwords.
    Account(account::AccountArguments),
    /// Print the hash of a password, for the server operators in the configuration file.
    Hash(account::HashArguments),
    /// Ban accounts, nicknames and addresses from the server, list the bans, and lift them.
    Ban(ban::BanArguments),
    /// Print what server operators have done, also while a server uses the store. Times are in UTC.
    Audit(audit::AuditArguments),
    /// Copy the store, also while a server uses it.
    Backup(tools::BackupArguments),
    /// Write the messages of the store, or its audit log, one JSON object a line, also while a
    /// server uses it.
    Export(tools::ExportArguments),
    /// Erase an account and the texts of its messages from the store, for good.
    Erase(tools::EraseArguments),
    /// Look after the store.
    Store(tools::StoreArguments),
    /// Look after a cluster.
    #[cfg(feature = "cluster")]
    Cluster(cluster::OperatorArguments),
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let done = match arguments.command {
        Command::Serve(arguments) => {
            log(arguments.log_format);
            serve::serve(arguments).map(|()| Outcome::Done).map_err(|error| error.to_string())
        }
        // The clients use the terminal themselves, so they write no log.
        Command::Connect(arguments) => {
            connect::connect(arguments).map_err(|error| error.to_string())
        }
        Command::Send(arguments) => connect::send(arguments).map_err(|error| error.to_string()),
        Command::Account(arguments) => {
            account::account(arguments).map_err(|error| error.to_string())
        }
        Command::Hash(arguments) => account::hash(arguments).map_err(|error| error.to_string()),
        Command::Audit(arguments) => audit::audit(arguments).map_err(|error| error.to_string()),
        Command::Ban(arguments) => ban::ban(arguments).map_err(|error| error.to_string()),
        Command::Backup(arguments) => tools::backup(arguments).map_err(|error| error.to_string()),
        Command::Export(arguments) => tools::export(arguments).map_err(|error| error.to_string()),
        Command::Erase(arguments) => tools::erase(arguments).map_err(|error| error.to_string()),
        Command::Store(arguments) => tools::store(arguments).map_err(|error| error.to_string()),
        #[cfg(feature = "cluster")]
        Command::Cluster(arguments) => {
            cluster::operate(arguments).map_err(|error| error.to_string())
        }
    };
    match done {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::Refused) => ExitCode::from(REFUSED),
        Err(error) => {
            // The terminal may be closed already.
            let _ = writeln!(stderr(), "chat: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The exit code if the server has refused a command. It is the same as for invalid arguments,
/// since trying again does not help in either case.
const REFUSED: u8 = 2;

/// Initializes logging to standard error, at the levels of RUST_LOG.
fn log(format: LogFormat) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(stderr);
    // Not `init`: another crate's features may make it collect the records of the `log` crate as
    // well, and at the level TRACE tungstenite puts whole messages there.
    let set = match format {
        LogFormat::Text => set_global_default(log.with_ansi(stderr().is_terminal()).finish()),
        LogFormat::Json => set_global_default(log.json().flatten_event(true).finish()),
    };
    set.expect("nothing else in this program sets a subscriber");
}
