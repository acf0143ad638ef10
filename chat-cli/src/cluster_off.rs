//! Nodes of a cluster in a program that is built without the feature `cluster`: there are none.

use crate::cluster_config::ClusterConfig;
use crate::config::ServerConfig;
use chat_server::engine::Config;
use chat_server::runtime::OrderedLog;

/// Options of `chat serve` for a node of a cluster: none.
#[derive(Debug, clap::Args)]
pub(crate) struct ClusterArguments {}

/// The place of this node in a cluster, of which there is none.
#[derive(Debug)]
pub(crate) enum ClusterPlace {}

/// The reason for which the server cannot be a node, in one line.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ClusterError {
    #[error("[cluster] needs a program that is built with the cargo feature cluster")]
    Off,
}

impl ClusterArguments {
    pub(crate) fn place(
        self,
        config: &mut ServerConfig,
    ) -> Result<Option<ClusterPlace>, ClusterError> {
        let has_place = config.cluster != ClusterConfig::default();
        if has_place { Err(ClusterError::Off) } else { Ok(None) }
    }
}

impl ClusterPlace {
    #[expect(clippy::unused_async, reason = "as with the feature")]
    pub(crate) async fn join(&self, _: &Config) -> Result<OrderedLog, ClusterError> {
        match *self {}
    }
}
