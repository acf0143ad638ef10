//! The options of a node of a cluster.

use crate::config::ServerConfig;
use crate::store::StorePlace;
use chat_cluster::{ClusterOptions, JoinError, NameError};
use std::path::PathBuf;

/// Options of `chat serve` for a node of a cluster.
#[derive(Debug, clap::Args)]
pub(crate) struct ClusterArguments {
    /// Run as a node of a cluster: the addresses of the NATS servers, with commas between them. A
    /// stream of JetStream orders and keeps all that happens, so --store has to be memory.
    #[arg(long, value_name = "URLS", value_delimiter = ',', requires = "node")]
    cluster: Vec<String>,

    /// A file with the credentials for NATS, as `nsc` writes it.
    #[arg(long, value_name = "FILE", requires = "cluster")]
    nats_credentials: Option<PathBuf>,

    /// A file with the certificates that may issue those of the NATS servers.
    #[arg(long, value_name = "FILE", requires = "cluster")]
    nats_ca: Option<PathBuf>,

    /// The name of this node, which no other node of the realm has.
    #[arg(long, value_name = "NAME", requires = "cluster")]
    node: Option<String>,

    /// The name of the realm, which all its nodes share.
    #[arg(long, value_name = "NAME", requires = "cluster", default_value = "main")]
    realm: String,
}

/// The reason for which the server cannot be a node, in one line.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ClusterError {
    #[error("--node or --realm: {0}")]
    Name(#[from] NameError),
    #[error("--cluster: a node keeps no file; use --store memory")]
    Store,
    #[error("--cluster: frame_bytes and message_bytes can be at most {LONGEST_FRAME} in a cluster")]
    Frames,
    #[error("--cluster: {0}")]
    Join(#[source] JoinError),
}

impl ClusterArguments {
    /// Returns the place in the cluster, if there is one. Checks that the configuration fits.
    pub(crate) fn options(
        &self,
        config: &mut ServerConfig,
    ) -> Result<Option<ClusterOptions>, ClusterError> {
        let Some(node) = &self.node else { return Ok(None) };
        match config.store.place {
            None => config.store.place = Some(StorePlace::Memory),
            Some(StorePlace::Memory) => {}
            Some(StorePlace::File(_)) => return Err(ClusterError::Store),
        }
        // A command of one frame has to fit into an entry of the stream.
        if config.limits.frame_bytes.max(config.limits.engine.message_bytes) > LONGEST_FRAME {
            return Err(ClusterError::Frames);
        }
        let mut options = ClusterOptions::new(self.cluster.clone(), &self.realm, node)?;
        if let Some(path) = &self.nats_credentials {
            options = options.credentials_file(path);
        }
        if let Some(path) = &self.nats_ca {
            options = options.root_certificates(path);
        }
        Ok(Some(options))
    }
}

/// The longest frame in bytes. As JSON, it can be six times as long.
const LONGEST_FRAME: usize = 65_536;
