//! The table `[cluster]` of the configuration file.

use std::path::{Path, PathBuf};
use std::time::Duration;
use toml::{Table, Value};

/// The place of the server in a cluster. What is missing can be given as options.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ClusterConfig {
    /// The addresses of the servers of NATS. Without any, the server is not part of a cluster.
    pub(crate) servers: Vec<String>,
    pub(crate) realm: Option<String>,
    pub(crate) node: Option<String>,
    /// A file with the credentials for NATS.
    pub(crate) credentials: Option<PathBuf>,
    /// A file with the certificates that may issue those of the servers.
    pub(crate) ca: Option<PathBuf>,
    /// The number of entries between two snapshots.
    pub(crate) snapshot_entries: Option<u64>,
    /// The time for which entries are kept that are older than the newest snapshot.
    pub(crate) keep_entries: Option<Duration>,
}

/// An error in the table.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ClusterProblem {
    #[error(
        "there is no setting '{0}'; there are servers, realm, node, credentials, ca, \
         snapshot_entries and keep_entries"
    )]
    Unknown(String),
    #[error("servers has to be a list of addresses, such as [\"nats://127.0.0.1:4222\"]")]
    Servers,
    #[error("{0} has to be a text, such as \"main\"")]
    Text(String),
    #[error("{0} has to be the name of a file, such as \"nats.creds\"")]
    File(String),
    #[error("snapshot_entries has to be a number from 100 to 1000000")]
    SnapshotEntries,
    #[error("keep_entries has to be a time from 1s to ten years (87600h), such as \"24h\"")]
    KeepEntries,
}

impl ClusterConfig {
    /// Reads the table.
    pub(crate) fn read(table: Table) -> Result<Self, ClusterProblem> {
        let mut config = Self::default();
        for (name, value) in table {
            match name.as_str() {
                "servers" => config.servers = servers(&value).ok_or(ClusterProblem::Servers)?,
                "realm" => config.realm = Some(text(value).ok_or(ClusterProblem::Text(name))?),
                "node" => config.node = Some(text(value).ok_or(ClusterProblem::Text(name))?),
                "credentials" => {
                    let file = text(value).ok_or(ClusterProblem::File(name))?;
                    config.credentials = Some(file.into());
                }
                "ca" => config.ca = Some(text(value).ok_or(ClusterProblem::File(name))?.into()),
                "snapshot_entries" => {
                    let entries = value.as_integer().and_then(|count| u64::try_from(count).ok());
                    let entries = entries.filter(|count| SNAPSHOT_ENTRIES.contains(count));
                    config.snapshot_entries = Some(entries.ok_or(ClusterProblem::SnapshotEntries)?);
                }
                "keep_entries" => {
                    let time = value.as_str().and_then(|time| humantime::parse_duration(time).ok());
                    let time = time.filter(|time| KEEP_ENTRIES.contains(time));
                    config.keep_entries = Some(time.ok_or(ClusterProblem::KeepEntries)?);
                }
                _ => return Err(ClusterProblem::Unknown(name)),
            }
        }
        Ok(config)
    }

    /// Resolves relative file names against this folder, which is that of the configuration file.
    pub(crate) fn relative_to(&mut self, folder: &Path) {
        for path in self.credentials.iter_mut().chain(&mut self.ca) {
            *path = folder.join(&*path);
        }
    }
}

fn servers(value: &Value) -> Option<Vec<String>> {
    let servers = value.as_array()?.iter().map(|server| Some(server.as_str()?.to_owned()));
    servers.collect::<Option<Vec<_>>>().filter(|servers| !servers.is_empty())
}

fn text(value: Value) -> Option<String> {
    if let Value::String(text) = value { Some(text).filter(|text| !text.is_empty()) } else { None }
}

/// The valid numbers of entries between two snapshots.
const SNAPSHOT_ENTRIES: std::ops::RangeInclusive<u64> = 100..=1_000_000;
/// The valid times for which old entries are kept.
const KEEP_ENTRIES: std::ops::RangeInclusive<Duration> =
    Duration::from_secs(1)..=Duration::from_secs(87_600 * 3_600);

#[cfg(test)]
mod tests {
    use super::*;

    fn read(source: &str) -> Result<ClusterConfig, String> {
        let table = source.parse().expect("it is TOML");
        ClusterConfig::read(table).map_err(|problem| problem.to_string())
    }

    #[test]
    fn settings_have_bounds() {
        for (source, is_valid) in [
            ("snapshot_entries = 100", true),
            ("snapshot_entries = 1000000", true),
            ("snapshot_entries = 99", false),
            ("snapshot_entries = 1000001", false),
            ("snapshot_entries = -100", false),
            ("snapshot_entries = \"100\"", false),
            ("keep_entries = \"1s\"", true),
            ("keep_entries = \"87600h\"", true),
            ("keep_entries = \"999ms\"", false),
            ("keep_entries = \"87601h\"", false),
            ("keep_entries = 60", false),
            ("servers = [\"nats://n1:4222\", \"nats://n2:4222\"]", true),
            ("servers = []", false),
            ("servers = [1]", false),
            ("servers = \"nats://n1:4222\"", false),
            ("node = \"a\"", true),
            ("node = 1", false),
            ("realm = \"\"", false),
            ("ca = \"\"", false),
            ("credentials = true", false),
            ("quorum = 2", false),
        ] {
            assert_eq!(read(source).is_ok(), is_valid, "{source}");
        }
        let unknown = read("quorum = 2").expect_err("there is none");
        assert!(unknown.contains("'quorum'") && unknown.contains("keep_entries"), "{unknown}");
    }

    #[test]
    fn files_are_relative_to_the_configuration() {
        let mut config = read("ca = \"ca.pem\"\ncredentials = \"/etc/nats.creds\"").expect("valid");
        config.relative_to(Path::new("/etc/chat"));
        assert_eq!(config.ca, Some("/etc/chat/ca.pem".into()));
        assert_eq!(config.credentials, Some("/etc/nats.creds".into()));
    }
}
