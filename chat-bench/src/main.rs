//! The program `chat-bench`: how much a chat server costs its machine.
//!
//! A load generator of its own ([`generator`]) talks to this server or to a peer in one of several scenarios
//! ([`scenario`]), and reads from `/proc` what the server used for it.

mod floor;
mod generator;
mod proc;
mod protocol;
mod scenario;
mod server;

use clap::{Parser, Subcommand};
use generator::{Mark, Rooms};
use scenario::{Fanout, Throughput};
use server::{Kind, Programs, Server};
use std::error::Error;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

/// Loads chat servers, and says what that costs them.
#[derive(Debug, Parser)]
#[command(name = "chat-bench", version, about)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Rooms in which some talk and everybody is sent it.
    Fanout(FanoutArguments),
    /// Be the server that does the least.
    #[command(hide = true)]
    Floor,
}

#[derive(Debug, clap::Args)]
struct FanoutArguments {
    /// Which servers are loaded.
    #[arg(long, value_delimiter = ',', default_values_t = [Kind::Floor, Kind::Text, Kind::Json, Kind::Websocket])]
    server: Vec<Kind>,

    /// Members of the room.
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(2..=20_000))]
    members: u32,

    /// How many of them talk.
    #[arg(long, default_value_t = 1)]
    senders: u32,

    /// Rooms.
    #[arg(long, default_value_t = 1)]
    rooms: u32,

    /// How many messages of each who talks may be under way.
    #[arg(long, default_value_t = 1)]
    window: u64,

    /// How long a message is, in bytes.
    #[arg(long, default_value_t = 64)]
    size: usize,

    /// How long it is measured.
    #[arg(long, default_value_t = 2.0)]
    seconds: f64,

    /// After how many deliveries it is enough.
    #[arg(long, default_value_t = u64::MAX)]
    deliveries: u64,

    /// How many processors the server and the load generator share.
    #[arg(long, default_value_t = 1)]
    cores: usize,

    /// How often each server is measured, in turn with the others.
    #[arg(long, default_value_t = 1)]
    runs: u32,

    /// The program of this server; the one beside this program if it is not said.
    #[arg(long)]
    chat: Option<PathBuf>,
}

fn main() -> ExitCode {
    let done = match Arguments::parse().command {
        Command::Fanout(arguments) => fanout(arguments),
        Command::Floor => floor::serve().map_err(Into::into),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("chat-bench: {error}");
            ExitCode::FAILURE
        }
    }
}

fn fanout(arguments: FanoutArguments) -> Result<(), Box<dyn Error>> {
    proc::raise_file_limit()?;
    proc::keep_to(arguments.cores)?;
    let programs = Programs::find(arguments.chat)?;
    let fanout = Fanout {
        rooms: Rooms {
            count: arguments.rooms as usize,
            members: arguments.members as usize,
            senders: arguments.senders.min(arguments.members) as usize,
        },
        window: arguments.window,
        size: arguments.size.max(Mark::LENGTH),
        time: Duration::from_secs_f64(arguments.seconds),
        deliveries: arguments.deliveries,
    };
    let mut out = io::stdout();
    writeln!(out, "{:16} {:>10} {:>14} {:>10}", "server", "deliveries", "a second", "CPU s/M")?;
    for _ in 0..arguments.runs {
        for &kind in &arguments.server {
            let server = Server::start(kind, &programs)?;
            let throughput: Throughput = fanout.run(&server, kind.protocol(), &mut |_| {})?;
            writeln!(
                out,
                "{:16} {:>10} {:>14.0} {:>10.4}",
                kind.to_string(),
                throughput.deliveries,
                throughput.deliveries_per_second(),
                throughput.cpu_per_million()
            )?;
        }
    }
    Ok(())
}
