//! The command `chat cluster`.

use super::{ClusterError, RealmArguments, options};
use crate::cluster_config::ClusterConfig;
use crate::config::{ConfigError, ServerConfig};
use crate::connect::Outcome;
use chat_cluster::{NodeStatus, Realm, RealmError, RealmStatus};
use std::io::{self, BufWriter, Write, stdout};
use std::path::PathBuf;
use std::time::{Duration, SystemTime};
use tokio::runtime;

#[derive(Debug, clap::Args)]
pub(crate) struct OperatorArguments {
    #[command(subcommand)]
    command: OperatorCommand,
}

#[derive(Debug, clap::Subcommand)]
enum OperatorCommand {
    /// Print the realm, its stream, and its nodes.
    Status {
        #[command(flatten)]
        place: Place,

        /// Print a JSON object.
        #[arg(long)]
        json: bool,
    },
    /// Let a node store a snapshot of the realm, and wait for it.
    Snapshot {
        #[command(flatten)]
        place: Place,
    },
    /// Remove a node that has failed: its sessions end at once. A process of this name that still
    /// runs stops.
    Remove {
        /// The name of the node.
        node: String,

        #[command(flatten)]
        place: Place,

        /// Remove a node that is live, too.
        #[arg(long)]
        force: bool,
    },
}

/// The options that name the realm.
#[derive(Debug, clap::Args)]
struct Place {
    #[command(flatten)]
    realm: RealmArguments,

    /// Read [cluster] from the configuration file of a node.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

/// The reason for which the command is not carried out, in one line.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Cluster(#[from] ClusterError),
    #[error(transparent)]
    Realm(#[from] RealmError),
    #[error("cannot start the runtime: {0}")]
    Runtime(#[source] io::Error),
    #[error("cannot write to standard output: {0}")]
    Output(#[source] io::Error),
}

/// Carries the command out.
pub(crate) fn operate(arguments: OperatorArguments) -> Result<Outcome, Error> {
    let runtime = runtime::Builder::new_current_thread().enable_all().build();
    let printed = runtime.map_err(Error::Runtime)?.block_on(async {
        match arguments.command {
            OperatorCommand::Status { place, json } => {
                let status = place.open().await?.status().await?;
                Ok(if json { json_line(&status) } else { table(&status) })
            }
            OperatorCommand::Snapshot { place } => {
                let position = place.open().await?.take_snapshot().await?;
                Ok(format!("a snapshot of entry {position} is stored\n"))
            }
            OperatorCommand::Remove { node, place, force } => {
                let removed = place.open().await?.remove(&node, force).await?;
                Ok::<_, Error>(format!("removed the node {}\n", removed.name))
            }
        }
    })?;
    let mut out = BufWriter::new(stdout().lock());
    match out.write_all(printed.as_bytes()).and_then(|()| out.flush()) {
        // The reader has read enough, as `head` does.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Error::Output(error)),
        Ok(()) | Err(_) => Ok(Outcome::Done),
    }
}

impl Place {
    async fn open(self) -> Result<Realm, Error> {
        let mut config = match &self.config {
            Some(path) => ServerConfig::read(path)?.cluster,
            None => ClusterConfig::default(),
        };
        self.realm.add_to(&mut config);
        // The commands are no node.
        Ok(Realm::open(&options(&config, "operator")?).await?)
    }
}

fn json_line(status: &RealmStatus) -> String {
    let mut line = serde_json::to_string(status).expect("it has only keys that are strings");
    line.push('\n');
    line
}

/// Describes the state for people.
fn table(status: &RealmStatus) -> String {
    let RealmStatus { realm, stream, first_entry, last_entry, bytes, left_out, .. } = status;
    let mut lines = vec![
        format!("realm {realm}, stream {stream}"),
        format!("entries {first_entry} to {last_entry}, {bytes} bytes"),
    ];
    lines.push(match status.snapshot {
        Some(position) => format!("snapshot of entry {position}"),
        None => "no snapshot".to_owned(),
    });
    if *left_out > 0 {
        lines.push(format!("{left_out} inputs are left out, because the engine panics at them"));
    }
    lines.extend(status.nodes.iter().map(line));
    if status.nodes.is_empty() {
        lines.push("no node".to_owned());
    }
    lines.join("\n") + "\n"
}

fn line(node: &NodeStatus) -> String {
    let NodeStatus { name, live, heartbeat, lag, version, addresses, .. } = node;
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let seconds = now.saturating_sub(Duration::from_millis(*heartbeat)).as_secs();
    let state = if *live { "live" } else { "silent" };
    let addresses = addresses.join(", ");
    format!(
        "node {name}: {state}, last entry {seconds} s ago, {lag} entries behind, version \
         {version}, {addresses}"
    )
}
