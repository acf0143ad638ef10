//! A node of a cluster, and the commands of its operators.

mod operate;

pub(crate) use operate::{OperatorArguments, operate};

use crate::cluster_config::ClusterConfig;
use crate::config::ServerConfig;
use crate::store::StorePlace;
use chat_cluster::{ClusterOptions, JoinError, NameError};
use chat_server::engine::Config;
use chat_server::runtime::OrderedLog;
use std::path::PathBuf;

/// Options for the servers of NATS, and for the realm. They take precedence over `[cluster]` of the
/// configuration file.
#[derive(Debug, clap::Args)]
pub(crate) struct RealmArguments {
    /// The addresses of the NATS servers, with commas between them. A server with this option is a
    /// node of a cluster: a stream of JetStream orders and keeps all that happens, so --store has
    /// to be memory.
    #[arg(long, value_name = "URLS", value_delimiter = ',')]
    cluster: Vec<String>,

    /// A file with the credentials for NATS, as `nsc` writes it.
    #[arg(long, value_name = "FILE")]
    nats_credentials: Option<PathBuf>,

    /// A file with the certificates that may issue those of the NATS servers.
    #[arg(long, value_name = "FILE")]
    nats_ca: Option<PathBuf>,

    /// The name of the realm, which all its nodes share [default: main].
    #[arg(long, value_name = "NAME")]
    realm: Option<String>,
}

/// Options of `chat serve` for a node of a cluster.
#[derive(Debug, clap::Args)]
pub(crate) struct ClusterArguments {
    #[command(flatten)]
    realm: RealmArguments,

    /// The name of this node, which no other node of the realm has.
    #[arg(long, value_name = "NAME")]
    node: Option<String>,
}

/// The reason for which the server cannot be a node, in one line.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ClusterError {
    #[error("--node or --realm: {0}")]
    Name(#[from] NameError),
    #[error("a node of a cluster needs a name: --node, or node in [cluster]")]
    NoName,
    #[error("there are no servers of NATS: name them with --cluster, or with servers in [cluster]")]
    NoServers,
    #[error("--cluster: a node keeps no file; use --store memory")]
    Store,
    #[error("--cluster: frame_bytes and message_bytes can be at most {LONGEST_FRAME} in a cluster")]
    Frames,
    #[error("--cluster: {0}")]
    Join(#[source] JoinError),
}

/// The place of this node in a cluster.
#[derive(Debug)]
pub(crate) struct ClusterPlace(ClusterOptions);

impl ClusterPlace {
    /// Joins the cluster.
    pub(crate) async fn join(&self, engine: &Config) -> Result<OrderedLog, ClusterError> {
        chat_cluster::join(&self.0, engine).await.map_err(ClusterError::Join)
    }
}

impl RealmArguments {
    /// Adds what the options say to the configuration.
    fn add_to(self, config: &mut ClusterConfig) {
        if !self.cluster.is_empty() {
            config.servers = self.cluster;
        }
        config.realm = self.realm.or_else(|| config.realm.take());
        config.credentials = self.nats_credentials.or_else(|| config.credentials.take());
        config.ca = self.nats_ca.or_else(|| config.ca.take());
    }
}

impl ClusterArguments {
    /// Returns the place in the cluster, if there is one. Checks that the configuration fits.
    pub(crate) fn place(
        self,
        config: &mut ServerConfig,
    ) -> Result<Option<ClusterPlace>, ClusterError> {
        let Self { realm, node } = self;
        realm.add_to(&mut config.cluster);
        config.cluster.node = node.or_else(|| config.cluster.node.take());
        if config.cluster == ClusterConfig::default() {
            return Ok(None);
        }
        let node = config.cluster.node.clone().ok_or(ClusterError::NoName)?;
        let options = options(&config.cluster, &node)?;
        match config.store.place {
            None => config.store.place = Some(StorePlace::Memory),
            Some(StorePlace::Memory) => {}
            Some(StorePlace::File(_)) => return Err(ClusterError::Store),
        }
        // A command of one frame has to fit into an entry of the stream.
        if config.limits.frame_bytes.max(config.limits.engine.message_bytes) > LONGEST_FRAME {
            return Err(ClusterError::Frames);
        }
        let addresses = config.listen.iter().map(ToString::to_string).collect();
        Ok(Some(ClusterPlace(options.addresses(addresses))))
    }
}

/// Converts the configuration.
fn options(config: &ClusterConfig, node: &str) -> Result<ClusterOptions, ClusterError> {
    if config.servers.is_empty() {
        return Err(ClusterError::NoServers);
    }
    let realm = config.realm.as_deref().unwrap_or("main");
    let mut options = ClusterOptions::new(config.servers.clone(), realm, node)?;
    if let Some(path) = &config.credentials {
        options = options.credentials_file(path);
    }
    if let Some(path) = &config.ca {
        options = options.root_certificates(path);
    }
    if let Some(entries) = config.snapshot_entries {
        options = options.snapshot_entries(entries);
    }
    if let Some(time) = config.keep_entries {
        options = options.retention(time);
    }
    Ok(options)
}

/// The longest frame in bytes. As JSON, it can be six times as long.
const LONGEST_FRAME: usize = 65_536;
