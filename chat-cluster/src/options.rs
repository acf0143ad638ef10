//! The place of a node in a cluster.

use crate::entry::NodeCard;
use async_nats::ConnectOptions;
use std::path::PathBuf;
use std::time::Duration;
use std::{fmt, io};

/// The servers of NATS, and the names of the realm and of this node.
#[derive(Clone)]
pub struct ClusterOptions {
    /// The addresses of the servers, such as `nats://127.0.0.1:4222`. They may contain credentials.
    servers: Vec<String>,
    realm: String,
    node: String,
    credentials: Option<PathBuf>,
    root_certificates: Option<PathBuf>,
    snapshot_entries: u64,
    retention: Duration,
    addresses: Vec<String>,
}

/// A name of a realm or node that cannot be part of a subject of NATS.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the name '{0}' may have 1 to 32 letters, digits, - and _")]
pub struct NameError(pub String);

impl ClusterOptions {
    /// Sets all of them.
    ///
    /// # Errors
    ///
    /// If a name cannot be part of a subject of NATS.
    pub fn new(servers: Vec<String>, realm: &str, node: &str) -> Result<Self, NameError> {
        for name in [realm, node] {
            let is_valid = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
            if name.is_empty() || name.len() > 32 || !name.chars().all(is_valid) {
                return Err(NameError(name.to_owned()));
            }
        }
        Ok(Self {
            servers,
            realm: realm.to_owned(),
            node: node.to_owned(),
            credentials: None,
            root_certificates: None,
            snapshot_entries: 10_000,
            retention: Duration::from_secs(24 * 3_600),
            addresses: Vec::new(),
        })
    }

    /// Sets the number of entries between two snapshots; 10,000 by default, and at least one. It
    /// should be the same on all nodes.
    pub fn snapshot_entries(mut self, entries: u64) -> Self {
        self.snapshot_entries = entries.max(1);
        self
    }

    /// Sets the time for which the stream keeps entries that are older than the newest snapshot; a
    /// day by default.
    pub fn retention(mut self, retention: Duration) -> Self {
        self.retention = retention;
        self
    }

    /// Sets the addresses of this node that operators are shown.
    pub fn addresses(mut self, addresses: Vec<String>) -> Self {
        self.addresses = addresses;
        self
    }

    /// Sets a file with the credentials of a user of NATS, as `nsc` writes it.
    pub fn credentials_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.credentials = Some(path.into());
        self
    }

    /// Sets a file with the certificates that may issue those of the servers. By default they are
    /// those of the system.
    pub fn root_certificates(mut self, path: impl Into<PathBuf>) -> Self {
        self.root_certificates = Some(path.into());
        self
    }

    /// Returns how to connect, with credentials and certificates.
    pub(crate) async fn connect_options(&self) -> io::Result<ConnectOptions> {
        let mut connect = ConnectOptions::new().name("chat");
        if let Some(path) = &self.credentials {
            connect = connect.credentials_file(path).await?;
        }
        if let Some(path) = &self.root_certificates {
            connect = connect.add_root_certificates(path.clone());
        }
        Ok(connect)
    }

    /// Returns the number of entries between two snapshots, and the time for which older entries
    /// are kept.
    pub(crate) fn snapshots(&self) -> (u64, Duration) {
        (self.snapshot_entries, self.retention)
    }

    /// Returns what operators are shown of this node.
    pub(crate) fn card(&self) -> NodeCard {
        let version = env!("CARGO_PKG_VERSION").to_owned();
        NodeCard { version, addresses: self.addresses.clone() }
    }

    pub(crate) fn realm(&self) -> &str {
        &self.realm
    }

    pub(crate) fn servers(&self) -> &[String] {
        &self.servers
    }

    pub(crate) fn node(&self) -> &str {
        &self.node
    }

    /// Returns the name of the realm's stream.
    pub(crate) fn stream(&self) -> String {
        format!("chat-{}", self.realm)
    }

    /// Returns the subjects of the stream.
    pub(crate) fn subjects(&self) -> String {
        format!("chat.{}.>", self.realm)
    }

    /// Returns the subject of this node.
    pub(crate) fn subject(&self) -> String {
        format!("chat.{}.node.{}", self.realm, self.node)
    }

    /// Returns the subject of the inputs that are left out.
    pub(crate) fn left_out(&self) -> String {
        format!("chat.{}.left-out", self.realm)
    }

    /// Returns the subject of what operators want.
    pub(crate) fn operators(&self) -> String {
        format!("chat.{}.operators", self.realm)
    }

    /// Returns the number of copies of the stream: three if there are enough servers.
    pub(crate) fn replicas(&self) -> usize {
        if self.servers.len() >= 3 { 3 } else { 1 }
    }
}

/// Does not show the addresses, which may contain credentials.
impl fmt::Debug for ClusterOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClusterOptions")
            .field("realm", &self.realm)
            .field("node", &self.node)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_parts_of_subjects() {
        let options = ClusterOptions::new(vec![], "main", "node-1").expect("valid names");
        assert_eq!(options.subject(), "chat.main.node.node-1");
        for name in ["", "a.b", "*", "a b", "über", &"x".repeat(33)] {
            assert!(ClusterOptions::new(vec![], name, "a").is_err(), "{name}");
            assert!(ClusterOptions::new(vec![], "a", name).is_err(), "{name}");
        }
    }
}
