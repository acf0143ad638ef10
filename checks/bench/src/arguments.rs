//! The command line.

use crate::generator::{Mark, Rooms, Stop};
use crate::scenario::{Churn, Connect, Fanout, Idle, Joins, Latency, Lobby, Names, Scenario};
use crate::server::Kind;
use crate::subject::Running;
use clap::{Parser, Subcommand, value_parser};
use std::path::PathBuf;
use std::time::Duration;

/// Puts load on chat servers and measures what it costs them.
///
/// Each scenario runs on this server and on the floor, a server that does only the minimum;
/// --server selects others. The program of this server must be in the directory of this program; if
/// cargo runs this program, it is built.
#[derive(Debug, Parser)]
#[command(name = "chat-bench", version)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Some members of a room send messages to all of its members.
    Fanout(FanoutArguments),
    /// All members of many rooms send messages.
    Rooms(RoomsArguments),
    /// Measure the latency of deliveries in a room with a steady load.
    Latency(LatencyArguments),
    /// Measure the cost of idle connections.
    Idle(IdleArguments),
    /// Visitors connect, join, send one message and leave.
    Churn(ChurnArguments),
    /// Many clients connect at the same moment.
    Connect(ConnectArguments),
    /// One user joins and leaves a room repeatedly.
    Joins(JoinsArguments),
    /// Many users join the lobby and leave it again.
    Lobby(LobbyArguments),
    /// Many users connect, and then choose a nickname in the lobby.
    Names(NamesArguments),
    /// Compare this server with the installed peers in all scenarios; writes Markdown and a plot.
    Compare(CompareArguments),
    /// Measure how costs grow with members, users and connections; writes Markdown and a plot.
    Growth(GrowthArguments),
    /// Clients with accounts resume at once, beside guests that connect.
    Resume(ResumeArguments),
    /// Measure how logins with passwords delay the messages of others.
    Logins(LoginsArguments),
    /// Measure how long the server takes to refuse an unknown account, and a wrong password.
    Refusals(RefusalsArguments),
    /// Run the floor, the server that does only the minimum.
    #[command(hide = true)]
    Floor,
}

/// Options of all scenarios.
#[derive(Debug, clap::Args)]
pub(crate) struct Common {
    /// The servers to put load on, separated by commas.
    #[arg(long, value_delimiter = ',', value_name = "SERVER",
        default_values_t = [Kind::Floor, Kind::Text, Kind::Json, Kind::Websocket])]
    pub(crate) server: Vec<Kind>,

    /// Use a server that runs already: tcp+text://, tcp+json://, ws://, plain://, irc://,
    /// irc+tags://, nats:// or mqtt://ADDRESS:PORT.
    #[arg(long, value_name = "URL", requires = "pid", conflicts_with = "server")]
    pub(crate) connect: Option<Running>,

    /// The process id of that server, whose usage is read from /proc.
    #[arg(long, value_name = "PID", requires = "connect")]
    pub(crate) pid: Option<u32>,

    /// The number of processors that the servers and the load generator share.
    #[arg(long, default_value_t = 1, value_parser = at_least_one)]
    pub(crate) cores: usize,

    /// The number of runs of each server, in turn with the others.
    #[arg(long, default_value_t = 3, value_parser = value_parser!(u32).range(1..=1_000))]
    pub(crate) runs: u32,

    /// The maximum duration of a run, in seconds.
    #[arg(long, default_value_t = 2.0, value_parser = seconds)]
    pub(crate) seconds: f64,

    /// The maximum number of deliveries in a run (churn: of visits; joins: of joins).
    #[arg(long, default_value_t = u64::MAX, hide_default_value = true, value_name = "COUNT")]
    pub(crate) deliveries: u64,

    /// The size of a message, in bytes.
    #[arg(long, default_value_t = 64, value_parser = size)]
    pub(crate) size: usize,

    /// The program of this server. If the option is given several times, all programs are measured
    /// in turn, for example to compare two versions.
    #[arg(long, value_name = "FILE")]
    pub(crate) chat: Vec<PathBuf>,

    /// Print all measurements as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

impl Common {
    fn stop(&self) -> Stop {
        Stop { after: Duration::from_secs_f64(self.seconds), deliveries: self.deliveries }
    }
}

#[derive(Debug, clap::Args)]
pub(crate) struct FanoutArguments {
    /// Members of the room.
    #[arg(long, default_value_t = 200, value_parser = members)]
    members: usize,

    /// The number of members that send messages.
    #[arg(long, default_value_t = 1, value_parser = at_least_one)]
    senders: usize,

    /// The most messages of each sender that may be in flight.
    #[arg(long, default_value_t = 1, value_parser = value_parser!(u64).range(1..=100_000))]
    window: u64,

    /// The number of idle users who are online besides, in rooms of ten.
    #[arg(long, default_value_t = 0, value_parser = value_parser!(u64).range(..=50_000))]
    elsewhere: u64,

    #[command(flatten)]
    pub(crate) common: Common,
}

#[derive(Debug, clap::Args)]
pub(crate) struct RoomsArguments {
    /// Rooms.
    #[arg(long, default_value_t = 100, value_parser = at_least_one)]
    rooms: usize,

    /// Members of each room, who all send messages.
    #[arg(long, default_value_t = 10, value_parser = members)]
    members: usize,

    /// The most messages of each member that may be in flight.
    #[arg(long, default_value_t = 1, value_parser = value_parser!(u64).range(1..=100_000))]
    window: u64,

    #[command(flatten)]
    pub(crate) common: Common,
}

#[derive(Debug, clap::Args)]
pub(crate) struct LatencyArguments {
    /// Members of the room.
    #[arg(long, default_value_t = 100, value_parser = members)]
    members: usize,

    /// Deliveries per second.
    #[arg(long, default_value_t = 5_000, value_parser = value_parser!(u32).range(1..=10_000_000))]
    rate: u32,

    #[command(flatten)]
    pub(crate) common: Common,
}

#[derive(Debug, clap::Args)]
pub(crate) struct IdleArguments {
    /// Connections, in rooms of ten.
    #[arg(long, default_value_t = 10_000, value_parser = at_least_one)]
    connections: usize,
    /// The connections that arrive in a second. By default all come at once.
    #[arg(long, value_parser = value_parser!(u32).range(1..=100_000))]
    per_second: Option<u32>,

    #[command(flatten)]
    pub(crate) common: Common,
}

#[derive(Debug, clap::Args)]
pub(crate) struct ChurnArguments {
    /// The number of visitors that are active at the same time.
    #[arg(long, default_value_t = 8, value_parser = at_least_one)]
    visitors: usize,

    #[command(flatten)]
    pub(crate) common: Common,
}

#[derive(Debug, clap::Args)]
pub(crate) struct ConnectArguments {
    /// The number of clients that connect.
    #[arg(long, default_value_t = 10_000, value_parser = at_least_one)]
    connections: usize,

    #[command(flatten)]
    pub(crate) common: Common,
}

#[derive(Debug, clap::Args)]
pub(crate) struct JoinsArguments {
    /// Members of the room.
    #[arg(long, default_value_t = 200, value_parser = members)]
    members: usize,

    #[command(flatten)]
    pub(crate) common: Common,
}

#[derive(Debug, clap::Args)]
pub(crate) struct LobbyArguments {
    /// The number of users who join.
    #[arg(long, default_value_t = 10_000, value_parser = members)]
    users: usize,

    #[command(flatten)]
    pub(crate) common: Common,
}

#[derive(Debug, clap::Args)]
pub(crate) struct NamesArguments {
    /// The number of users who connect.
    #[arg(long, default_value_t = 10_000, value_parser = members)]
    users: usize,

    #[command(flatten)]
    pub(crate) common: Common,
}

#[derive(Debug, clap::Args)]
pub(crate) struct CompareArguments {
    /// The servers to compare, separated by commas; by default all that are installed.
    #[arg(long, value_delimiter = ',', value_name = "SERVER")]
    pub(crate) server: Vec<Kind>,

    /// The number of runs of each, in turn with the others.
    #[arg(long, default_value_t = 3, value_parser = value_parser!(u32).range(1..=1_000))]
    pub(crate) runs: u32,

    /// The duration of each run, in seconds.
    #[arg(long, default_value_t = 0.6, value_parser = seconds)]
    pub(crate) seconds: f64,

    /// Idle connections.
    #[arg(long, default_value_t = 10_000, value_parser = at_least_one)]
    pub(crate) connections: usize,

    /// No new run begins after this many minutes.
    #[arg(long, default_value_t = 14.0, value_parser = seconds)]
    pub(crate) minutes: f64,

    #[command(flatten)]
    pub(crate) report: ReportArguments,
}

#[derive(Debug, clap::Args)]
#[cfg_attr(test, derive(Default))]
pub(crate) struct GrowthArguments {
    /// The servers to measure, separated by commas.
    #[arg(long, value_delimiter = ',', value_name = "SERVER",
        default_values_t = [Kind::Floor, Kind::Text, Kind::Json, Kind::Websocket])]
    pub(crate) server: Vec<Kind>,

    /// The numbers of shards to measure this server with, separated by commas, if it supports
    /// shards.
    #[arg(long, value_delimiter = ',', value_name = "NUMBER", default_values_t = [1, 2],
        value_parser = at_least_one)]
    pub(crate) shards: Vec<usize>,

    /// The maximum number of members of a room, of users and of connections.
    #[arg(long, default_value_t = usize::MAX, hide_default_value = true, value_name = "COUNT")]
    pub(crate) most: usize,

    /// The number of runs of each point, in turn with the others.
    #[arg(long, default_value_t = 3, value_parser = value_parser!(u32).range(1..=1_000))]
    pub(crate) runs: u32,

    /// The duration of each run, in seconds.
    #[arg(long, default_value_t = 0.4, value_parser = seconds)]
    pub(crate) seconds: f64,

    /// No new run begins after this many minutes.
    #[arg(long, default_value_t = 9.5, value_parser = seconds)]
    pub(crate) minutes: f64,

    #[command(flatten)]
    pub(crate) report: ReportArguments,
}

#[derive(Debug, clap::Args)]
pub(crate) struct ResumeArguments {
    /// Clients, half of them in one channel and half in two.
    #[arg(long, default_value_t = 10_000, value_parser = at_least_one)]
    pub(crate) clients: usize,

    /// The messages of each channel that its members have missed.
    #[arg(long, default_value_t = 5, value_parser = at_least_one)]
    pub(crate) missed: usize,

    /// The number of runs of each side, in turn.
    #[arg(long, default_value_t = 5, value_parser = value_parser!(u32).range(1..=1_000))]
    pub(crate) runs: u32,

    #[command(flatten)]
    pub(crate) machine: MachineArguments,
}

#[derive(Debug, clap::Args)]
pub(crate) struct LoginsArguments {
    /// Clients that log in at once.
    #[arg(long, default_value_t = 1_000, value_parser = at_least_one)]
    pub(crate) logins: usize,

    /// Accounts to which they log in.
    #[arg(long, default_value_t = 200, value_parser = at_least_one)]
    pub(crate) accounts: usize,

    /// Members of the room whose messages are measured.
    #[arg(long, default_value_t = 50, value_parser = members)]
    pub(crate) members: usize,

    /// Deliveries per second in that room.
    #[arg(long, default_value_t = 5_000, value_parser = value_parser!(u32).range(1..=10_000_000))]
    pub(crate) rate: u32,

    /// Messages without logins, in each run.
    #[arg(long, default_value_t = 1_000, value_parser = value_parser!(u32).range(1..=1_000_000))]
    pub(crate) messages: u32,

    /// The number of runs.
    #[arg(long, default_value_t = 5, value_parser = value_parser!(u32).range(1..=1_000))]
    pub(crate) runs: u32,

    #[command(flatten)]
    pub(crate) machine: MachineArguments,
}

#[derive(Debug, clap::Args)]
pub(crate) struct RefusalsArguments {
    /// Attempts of each kind.
    #[arg(long, default_value_t = 300, value_parser = at_least_one)]
    pub(crate) attempts: usize,

    #[command(flatten)]
    pub(crate) machine: MachineArguments,
}

/// Options of the measurements of accounts.
#[derive(Debug, clap::Args)]
pub(crate) struct MachineArguments {
    /// The number of processors that the server and the load generator share.
    #[arg(long, default_value_t = 2, value_parser = at_least_one)]
    pub(crate) cores: usize,

    /// The program of this server.
    #[arg(long, value_name = "FILE")]
    pub(crate) chat: Option<PathBuf>,
}

/// Options of the reports.
#[derive(Debug, clap::Args)]
#[cfg_attr(test, derive(Default))]
pub(crate) struct ReportArguments {
    /// The program of this server.
    #[arg(long, value_name = "FILE")]
    pub(crate) chat: Option<PathBuf>,

    /// The directory for the tables and the plot; docs/benchmarks of the workspace by default.
    #[arg(long, value_name = "DIRECTORY")]
    pub(crate) output: Option<PathBuf>,

    /// Print all measurements as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

impl FanoutArguments {
    pub(crate) fn scenario(&self) -> Scenario {
        let senders = self.senders.min(self.members);
        Scenario::Fanout(Fanout {
            rooms: Rooms { count: 1, members: self.members, senders },
            elsewhere: self.elsewhere as usize,
            window: self.window,
            size: self.common.size,
            stop: self.common.stop(),
        })
    }
}

impl RoomsArguments {
    pub(crate) fn scenario(&self) -> Scenario {
        Scenario::Fanout(Fanout {
            rooms: Rooms { count: self.rooms, members: self.members, senders: self.members },
            elsewhere: 0,
            window: self.window,
            size: self.common.size,
            stop: self.common.stop(),
        })
    }
}

impl LatencyArguments {
    pub(crate) fn scenario(&self) -> Scenario {
        Scenario::Latency(Latency {
            members: self.members,
            rate: self.rate,
            size: self.common.size,
            stop: self.common.stop(),
        })
    }
}

impl IdleArguments {
    pub(crate) fn scenario(&self) -> Scenario {
        let time = Duration::from_secs_f64(self.common.seconds);
        Scenario::Idle(Idle { connections: self.connections, per_second: self.per_second, time })
    }
}

impl ChurnArguments {
    pub(crate) fn scenario(&self) -> Scenario {
        Scenario::Churn(Churn {
            visitors: self.visitors,
            size: self.common.size,
            stop: self.common.stop(),
        })
    }
}

impl ConnectArguments {
    pub(crate) fn scenario(&self) -> Scenario {
        Scenario::Connect(Connect { connections: self.connections })
    }
}

impl JoinsArguments {
    pub(crate) fn scenario(&self) -> Scenario {
        Scenario::Joins(Joins { members: self.members, stop: self.common.stop() })
    }
}

impl LobbyArguments {
    pub(crate) fn scenario(&self) -> Scenario {
        Scenario::Lobby(Lobby { users: self.users })
    }
}

impl NamesArguments {
    pub(crate) fn scenario(&self) -> Scenario {
        Scenario::Names(Names { users: self.users })
    }
}

fn members(written: &str) -> Result<usize, String> {
    match written.parse() {
        Ok(members @ 2..=50_000) => Ok(members),
        _ => Err("a room has 2 to 50000 members".into()),
    }
}

fn at_least_one(written: &str) -> Result<usize, String> {
    match written.parse() {
        Ok(count @ 1..=50_000) => Ok(count),
        _ => Err("the number must be 1 to 50000".into()),
    }
}

fn size(written: &str) -> Result<usize, String> {
    match written.parse() {
        Ok(size @ Mark::LENGTH..=4_096) => Ok(size),
        _ => Err(format!("the size must be {} (the length of the mark) to 4096", Mark::LENGTH)),
    }
}

fn seconds(written: &str) -> Result<f64, String> {
    match written.parse() {
        Ok(seconds) if seconds > 0.0 && seconds <= 86_400.0 => Ok(seconds),
        _ => Err("the number must be more than 0, and at most 86400".into()),
    }
}
