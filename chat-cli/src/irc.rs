//! The table `[irc]` of the configuration file: the settings of IRC.

use crate::gateways::{self, GatewayConfig};
use chat_server::accounts::{Credentials, HasherConfigError};
use chat_server::engine::{Config, OperatorLogin, Secret, SettingError, Text};
use chat_server::irc::{IrcSettings, StrictTransport};
use chat_server::proxy::Gateway;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;
use toml::{Table, Value};

/// The settings of IRC that the file contains.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct IrcConfig {
    server_name: Option<String>,
    network: Option<String>,
    motd: Option<PathBuf>,
    password: Option<Secret>,
    /// The port with TLS that clients without it are sent to.
    sts_port: Option<u16>,
    /// The time for which clients connect with TLS only, if there is such a port.
    sts_duration: Option<Duration>,
    cloak_key: Option<Secret>,
    gateways: Vec<GatewayConfig>,
}

/// An error in the table.
#[derive(Debug, thiserror::Error)]
pub(crate) enum IrcProblem {
    #[error(
        "there is no setting '{0}'; there are server_name, network, motd, password, operators, \
         sts_port, sts_duration, cloak_key and gateways"
    )]
    Unknown(String),
    #[error(
        "operators has to be a table of names and hashes, such as {{ alice = \"$argon2id$…\" }}; \
         'chat hash' prints the hash of a password"
    )]
    Operators,
    #[error(
        "gateways has to be a table of names with addresses and the hash of a password, such as \
         {{ kiwi = {{ addresses = [\"127.0.0.1\"], password = \"$argon2id$…\" }} }}; 'chat hash' \
         prints the hash"
    )]
    Gateways,
    #[error("{0}")]
    Value(SettingError),
}

/// The message of the day cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("[irc]: cannot read {}: {error}", path.display())]
pub(crate) struct MotdError {
    path: PathBuf,
    error: io::Error,
}

impl IrcConfig {
    /// Reads the table. Its settings for the engine go into `engine`.
    pub(crate) fn read(table: Table, engine: &mut Config) -> Result<Self, IrcProblem> {
        let mut config = Self::default();
        for (name, value) in table {
            if name == "operators" {
                engine.operator_logins = operators(&value).ok_or(IrcProblem::Operators)?;
                continue;
            }
            if name == "gateways" {
                config.gateways = gateways::read(&value).ok_or(IrcProblem::Gateways)?;
                continue;
            }
            config.set(name, &value)?;
        }
        Ok(config)
    }

    fn set(&mut self, name: String, value: &Value) -> Result<(), IrcProblem> {
        let invalid = |expected| {
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            IrcProblem::Value(SettingError::Value { name: name.clone(), value, expected })
        };
        let text = || match value.as_str() {
            Some(text) if !text.is_empty() => Ok(text.to_owned()),
            Some(_) | None => Err(invalid("a text in quotes")),
        };
        let word = || {
            let is_word = |text: &String| text.len() <= LONGEST_NAME && is_word(text);
            let text = text()?;
            if is_word(&text) { Ok(text) } else { Err(invalid(WORD)) }
        };
        match name.as_str() {
            "server_name" => self.server_name = Some(word()?),
            "network" => self.network = Some(word()?),
            "motd" => self.motd = Some(text()?.into()),
            "password" => self.password = Some(Secret::new(text()?)),
            "sts_port" => {
                let port = value.as_integer().and_then(|port| u16::try_from(port).ok());
                let port = port.filter(|port| *port > 0);
                self.sts_port = Some(port.ok_or_else(|| invalid("a port from 1 to 65535"))?);
            }
            "sts_duration" => {
                let time = value.as_str().and_then(|time| humantime::parse_duration(time).ok());
                let time = time.filter(|time| *time <= LONGEST_STS);
                self.sts_duration =
                    Some(time.ok_or_else(|| invalid("a time such as 1h or 30d, at most 3650d"))?);
            }
            "cloak_key" => {
                let key = text()?;
                if key.len() < SHORTEST_KEY {
                    // The value is secret.
                    return Err(IrcProblem::Value(SettingError::Value {
                        name,
                        value: "this".to_owned(),
                        expected: "a text of at least 16 characters",
                    }));
                }
                self.cloak_key = Some(Secret::new(key));
            }
            _ => return Err(IrcProblem::Unknown(name)),
        }
        Ok(())
    }

    /// Resolves a relative file name against this folder, which is that of the configuration file.
    pub(crate) fn relative_to(&mut self, folder: &Path) {
        if let Some(path) = &mut self.motd {
            *path = folder.join(&*path);
        }
    }

    /// Returns the settings, with the name of this machine if the file contains no other. Blocks
    /// while it reads the message of the day.
    pub(crate) fn settings(&self) -> Result<IrcSettings, MotdError> {
        let server_name = self.server_name.clone().unwrap_or_else(host_name);
        let mut settings = IrcSettings::new(server_name);
        if let Some(network) = &self.network {
            settings.network.clone_from(network);
        }
        if let Some(path) = &self.motd {
            let motd = std::fs::read_to_string(path)
                .map_err(|error| MotdError { path: path.clone(), error })?;
            settings.motd = motd.lines().map(|line| Text::clean(line).to_string()).collect();
        }
        settings.password.clone_from(&self.password);
        Ok(settings)
    }

    /// Returns true if other settings are equal, but for those that are reloaded.
    pub(crate) fn differs_only_in_reloadable(&self, other: &Self) -> bool {
        let Self { motd, password, .. } = other;
        let (motd, password) = (motd.clone(), password.clone());
        Self { motd, password, ..self.clone() } == *other
    }

    /// Returns the policy of a listener with or without TLS.
    pub(crate) fn strict_transport(&self, has_tls: bool) -> Option<StrictTransport> {
        let port = self.sts_port?;
        Some(if has_tls {
            StrictTransport::Duration(self.sts_duration.unwrap_or(STS_DURATION))
        } else {
            StrictTransport::Port(port)
        })
    }

    /// Returns the gateways, with a check of their passwords.
    pub(crate) fn gateways(&self) -> Result<Vec<Gateway>, HasherConfigError> {
        gateways::gateways(&self.gateways)
    }

    /// Returns the key of the cloaks, which makes them the same after a restart.
    pub(crate) fn cloak_key(&self) -> Option<&Secret> {
        self.cloak_key.as_ref()
    }
}

/// Reads the logins of server operators; `None` if one of them is not valid.
fn operators(value: &Value) -> Option<Vec<OperatorLogin>> {
    let login = |(name, hash): (&String, &Value)| {
        let credentials = Credentials::from_hash(&Secret::new(hash.as_str()?)).ok()?;
        is_word(name).then(|| OperatorLogin::new(name, credentials.to_secret()))
    };
    value.as_table()?.iter().map(login).collect()
}

/// Returns true if a text can be a parameter that is not the last one.
fn is_word(text: &str) -> bool {
    !text.starts_with(':') && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Returns the name of this machine.
#[cfg(unix)]
fn host_name() -> String {
    let name = rustix::system::uname().nodename().to_str().unwrap_or_default().to_owned();
    if !name.is_empty() && name.len() <= LONGEST_NAME && is_word(&name) {
        name
    } else {
        UNNAMED.to_owned()
    }
}

#[cfg(not(unix))]
fn host_name() -> String {
    UNNAMED.to_owned()
}

/// The time for which clients connect with TLS only, unless the file has another.
const STS_DURATION: Duration = Duration::from_secs(30 * 86_400);
const LONGEST_STS: Duration = Duration::from_secs(3_650 * 86_400);
/// The shortest key of cloaks: shorter ones can be guessed from known addresses.
const SHORTEST_KEY: usize = 16;
/// The name of a machine without a name.
const UNNAMED: &str = "localhost";
/// The longest name, in bytes: that of a host (RFC 1459 §2.3.1).
const LONGEST_NAME: usize = 63;
const WORD: &str = "a name of at most 63 letters, digits and signs, without white space";

#[cfg(test)]
mod tests {
    use super::*;

    /// The hash of a password.
    const HASH: &str = "$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$\
                        AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

    fn read(source: &str) -> Result<IrcConfig, IrcProblem> {
        IrcConfig::read(source.parse().expect("TOML"), &mut Config::default())
    }

    #[test]
    fn error_names_the_problem_and_the_valid_values() {
        assert_eq!(read("").expect("valid"), IrcConfig::default());
        for (source, said) in [
            ("name = \"x\"", "there are server_name, network, motd, password"),
            ("server_name = \"a b\"", "without white space"),
            ("server_name = \"\"", "a text in quotes"),
            ("network = \":x\"", "without white space"),
            ("motd = 7", "a text in quotes"),
            ("sts_port = 0", "a port from 1 to 65535"),
            ("sts_port = \"6697\"", "a port from 1 to 65535"),
            ("sts_duration = 30", "a time such as 1h or 30d"),
            ("sts_duration = \"4000d\"", "at most 3650d"),
            ("cloak_key = \"short\"", "'this' is not a text of at least 16 characters"),
            ("gateways = { kiwi = 7 }", "a table of names with addresses"),
            ("operators = [\"al\"]", "'chat hash' prints the hash"),
            ("operators = { al = \"secret\" }", "a table of names and hashes"),
        ] {
            match read(source) {
                Ok(config) => panic!("{source} is {config:?}"),
                Err(problem) => assert!(problem.to_string().contains(said), "{source}: {problem}"),
            }
        }
    }

    #[test]
    fn policy_depends_on_tls() {
        let policy = |source, has_tls| read(source).expect("valid").strict_transport(has_tls);
        assert_eq!(policy("sts_duration = \"1h\"", true), None);
        let source = "sts_port = 6697";
        assert_eq!(policy(source, false), Some(StrictTransport::Port(6_697)));
        assert_eq!(policy(source, true), Some(StrictTransport::Duration(STS_DURATION)));
        let source = "sts_port = 6697\nsts_duration = \"0s\"";
        assert_eq!(policy(source, true), Some(StrictTransport::Duration(Duration::ZERO)));
    }

    #[test]
    fn operators_have_hashes() {
        let mut engine = Config::default();
        let source = format!("operators = {{ al = \"{HASH}\", bo = \"{HASH}\" }}");
        IrcConfig::read(source.parse().expect("TOML"), &mut engine).expect("valid");
        let names: Vec<_> = engine.operator_logins.iter().map(|login| &*login.name).collect();
        assert_eq!(names, ["al", "bo"]);
        assert!(!format!("{engine:?}").contains("argon2id"));
    }

    #[test]
    fn machine_has_a_name() {
        let settings = IrcConfig::default().settings().expect("no file is read");
        assert!(is_word(&settings.server_name) && !settings.server_name.is_empty());
        assert_eq!(settings.network, settings.server_name);
        let config = read("motd = \"/nowhere/motd.txt\"").expect("valid");
        let error = config.settings().expect_err("there is no such file").to_string();
        assert!(error.starts_with("[irc]: cannot read /nowhere/motd.txt: "), "{error}");
    }
}
