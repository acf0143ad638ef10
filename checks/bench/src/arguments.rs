//! What is given on the command line.

use crate::generator::{Mark, Rooms, Stop};
use crate::scenario::{Churn, Connect, Fanout, Idle, Joins, Latency, Lobby, Scenario};
use crate::server::Kind;
use crate::subject::Running;
use clap::{Parser, Subcommand, value_parser};
use std::path::PathBuf;
use std::time::Duration;

/// Loads chat servers, and says what that costs them.
///
/// Each scenario is run on this server and on a floor, which is the least that a server can do;
/// --server names others. The server has to be beside this program, or is built if cargo runs this.
#[derive(Debug, Parser)]
#[command(name = "chat-bench", version)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// A room in which some talk and everybody is sent it.
    Fanout(FanoutArguments),
    /// Many rooms in which everybody talks.
    Rooms(RoomsArguments),
    /// How long deliveries take in a room with a steady load.
    Latency(LatencyArguments),
    /// What connections cost that say nothing.
    Idle(IdleArguments),
    /// Visitors who connect, join, say one thing and leave.
    Churn(ChurnArguments),
    /// Many who connect at the same moment.
    Connect(ConnectArguments),
    /// One who joins a room and leaves it again, over and over.
    Joins(JoinsArguments),
    /// Many who come into the lobby and leave it again.
    Lobby(LobbyArguments),
    /// All of it, for this server and the peers that are installed, as Markdown and a plot.
    Compare(CompareArguments),
    /// How costs grow with members, users and connections, as Markdown and a plot.
    Growth(GrowthArguments),
    /// Be the server that does the least.
    #[command(hide = true)]
    Floor,
}

/// What all scenarios have.
#[derive(Debug, clap::Args)]
pub(crate) struct Common {
    /// Which servers are loaded, with commas between them.
    #[arg(long, value_delimiter = ',', value_name = "SERVER",
        default_values_t = [Kind::Floor, Kind::Text, Kind::Json, Kind::Websocket])]
    pub(crate) server: Vec<Kind>,

    /// Load a server that runs already: tcp+text://, tcp+json://, ws://, plain://, irc://, nats://
    /// or mqtt://ADDRESS:PORT.
    #[arg(long, value_name = "URL", requires = "pid", conflicts_with = "server")]
    pub(crate) connect: Option<Running>,

    /// The process of that server, of which it is read what it uses.
    #[arg(long, value_name = "PID", requires = "connect")]
    pub(crate) pid: Option<u32>,

    /// How many processors the servers and the load generator share.
    #[arg(long, default_value_t = 1, value_parser = at_least_one)]
    pub(crate) cores: usize,

    /// How often each server is measured, in turn with the others.
    #[arg(long, default_value_t = 3, value_parser = value_parser!(u32).range(1..=1_000))]
    pub(crate) runs: u32,

    /// How long a run is measured, at most.
    #[arg(long, default_value_t = 2.0, value_parser = seconds)]
    pub(crate) seconds: f64,

    /// After how many deliveries (churn: visits; joins: how many of them) a run ends at the latest.
    #[arg(long, default_value_t = u64::MAX, hide_default_value = true, value_name = "COUNT")]
    pub(crate) deliveries: u64,

    /// How long a message is, in bytes.
    #[arg(long, default_value_t = 64, value_parser = size)]
    pub(crate) size: usize,

    /// The program of this server.
    #[arg(long, value_name = "FILE")]
    pub(crate) chat: Option<PathBuf>,

    /// Print everything that was measured, as JSON.
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

    /// How many of them talk.
    #[arg(long, default_value_t = 1, value_parser = at_least_one)]
    senders: usize,

    /// How many messages of each who talks may be under way.
    #[arg(long, default_value_t = 1, value_parser = value_parser!(u64).range(1..=100_000))]
    window: u64,

    /// How many are online besides, in rooms of ten, and say nothing.
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

    /// Members of each room, who all talk.
    #[arg(long, default_value_t = 10, value_parser = members)]
    members: usize,

    /// How many messages of each member may be under way.
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

    /// Deliveries in a second.
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

    #[command(flatten)]
    pub(crate) common: Common,
}

#[derive(Debug, clap::Args)]
pub(crate) struct ChurnArguments {
    /// How many visitors there are at the same time.
    #[arg(long, default_value_t = 8, value_parser = at_least_one)]
    visitors: usize,

    #[command(flatten)]
    pub(crate) common: Common,
}

#[derive(Debug, clap::Args)]
pub(crate) struct ConnectArguments {
    /// How many connect.
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
    /// How many come.
    #[arg(long, default_value_t = 10_000, value_parser = members)]
    users: usize,

    #[command(flatten)]
    pub(crate) common: Common,
}

#[derive(Debug, clap::Args)]
pub(crate) struct CompareArguments {
    /// Which servers are compared, with commas between them; all that are installed if it is not
    /// said.
    #[arg(long, value_delimiter = ',', value_name = "SERVER")]
    pub(crate) server: Vec<Kind>,

    /// How often each is measured, in turn with the others.
    #[arg(long, default_value_t = 3, value_parser = value_parser!(u32).range(1..=1_000))]
    pub(crate) runs: u32,

    /// How long each run is measured.
    #[arg(long, default_value_t = 0.6, value_parser = seconds)]
    pub(crate) seconds: f64,

    /// Idle connections.
    #[arg(long, default_value_t = 10_000, value_parser = at_least_one)]
    pub(crate) connections: usize,

    /// After so many minutes nothing new is begun.
    #[arg(long, default_value_t = 14.0, value_parser = seconds)]
    pub(crate) minutes: f64,

    #[command(flatten)]
    pub(crate) report: ReportArguments,
}

#[derive(Debug, clap::Args)]
#[cfg_attr(test, derive(Default))]
pub(crate) struct GrowthArguments {
    /// Which servers are measured, with commas between them.
    #[arg(long, value_delimiter = ',', value_name = "SERVER",
        default_values_t = [Kind::Floor, Kind::Text, Kind::Json, Kind::Websocket])]
    pub(crate) server: Vec<Kind>,

    /// With how many shards this server is measured, with commas between them, if it knows what
    /// these are.
    #[arg(long, value_delimiter = ',', value_name = "NUMBER", default_values_t = [1, 2],
        value_parser = at_least_one)]
    pub(crate) shards: Vec<usize>,

    /// No room has more members than this, and nowhere are there more users or connections.
    #[arg(long, default_value_t = usize::MAX, hide_default_value = true, value_name = "COUNT")]
    pub(crate) most: usize,

    /// How often each point is measured, in turn with the others.
    #[arg(long, default_value_t = 3, value_parser = value_parser!(u32).range(1..=1_000))]
    pub(crate) runs: u32,

    /// How long each run is measured.
    #[arg(long, default_value_t = 0.4, value_parser = seconds)]
    pub(crate) seconds: f64,

    /// After so many minutes nothing new is begun.
    #[arg(long, default_value_t = 9.5, value_parser = seconds)]
    pub(crate) minutes: f64,

    #[command(flatten)]
    pub(crate) report: ReportArguments,
}

/// What is done with everything that was measured.
#[derive(Debug, clap::Args)]
#[cfg_attr(test, derive(Default))]
pub(crate) struct ReportArguments {
    /// The program of this server.
    #[arg(long, value_name = "FILE")]
    pub(crate) chat: Option<PathBuf>,

    /// Where the tables and the plot are written; docs/benchmarks of the workspace if it is not
    /// said.
    #[arg(long, value_name = "DIRECTORY")]
    pub(crate) output: Option<PathBuf>,

    /// Print everything that was measured, as JSON.
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
        Scenario::Idle(Idle { connections: self.connections, time })
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

fn members(written: &str) -> Result<usize, String> {
    match written.parse() {
        Ok(members @ 2..=50_000) => Ok(members),
        _ => Err("a room has 2 to 50000 members".into()),
    }
}

fn at_least_one(written: &str) -> Result<usize, String> {
    match written.parse() {
        Ok(count @ 1..=50_000) => Ok(count),
        _ => Err("it can be 1 to 50000".into()),
    }
}

fn size(written: &str) -> Result<usize, String> {
    match written.parse() {
        Ok(size @ Mark::LENGTH..=4_096) => Ok(size),
        _ => Err(format!("it can be {} (what a mark takes) to 4096", Mark::LENGTH)),
    }
}

fn seconds(written: &str) -> Result<f64, String> {
    match written.parse() {
        Ok(seconds) if seconds > 0.0 && seconds <= 86_400.0 => Ok(seconds),
        _ => Err("it has to be more than 0, and at most 86400".into()),
    }
}
