//! The configuration file of the server.

mod problem;
#[cfg(test)]
mod tests;

pub(crate) use problem::{ConfigError, Problem, SHARDS};

use crate::accounts::AccountsConfig;
use crate::auth::AuthConfig;
use crate::cluster_config::ClusterConfig;
use crate::irc::IrcConfig;
use crate::listen::Listen;
use crate::moderation;
use crate::oidc::OidcSettings;
use crate::store::StoreConfig;
use chat_server::dialects::SlowConsumer;
use chat_server::engine::SettingError;
use chat_server::runtime::{ForwardedHeader, Limits};
use chat_server::sqlite::Keep;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use toml::{Table, Value};

/// The configuration of the server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ServerConfig {
    /// The listeners. Empty if the file does not set them.
    pub(crate) listen: Vec<Listen>,
    /// The files with the certificate and the key for TLS.
    pub(crate) tls: TlsFiles,
    /// The number of threads that serve connections. `None` if the file does not set it.
    pub(crate) shards: Option<NonZeroUsize>,
    /// The limits.
    pub(crate) limits: Limits,
    /// The authentication. `None` if anybody may take any name.
    pub(crate) auth: Option<AuthConfig>,
    /// The accounts with passwords.
    pub(crate) accounts: AccountsConfig,
    /// The login of the page with an identity provider.
    pub(crate) oidc: Option<OidcSettings>,
    /// The settings of IRC.
    pub(crate) irc: IrcConfig,
    /// The place in a cluster.
    pub(crate) cluster: ClusterConfig,
    /// The file itself, if there is one.
    pub(crate) file: Option<PathBuf>,
    /// The store.
    pub(crate) store: StoreConfig,
    /// True if the HTTP API is open without a token even if there is authentication.
    pub(crate) open_api: bool,
}

/// The files for TLS that the configuration names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct TlsFiles {
    pub(crate) cert: Option<PathBuf>,
    pub(crate) key: Option<PathBuf>,
}

/// An example of a configuration file, which contains all settings with their defaults.
pub(crate) const EXAMPLE: &str = include_str!("chat.toml");

impl TlsFiles {
    /// Resolves relative file names against this folder, which is that of the configuration file.
    fn relative_to(&mut self, folder: &Path) {
        for path in self.cert.iter_mut().chain(&mut self.key) {
            *path = folder.join(&*path);
        }
    }
}

impl ServerConfig {
    /// Reads a file. Names of other files in it are relative to its folder.
    pub(crate) fn read(path: &Path) -> Result<Self, ConfigError> {
        let source = std::fs::read_to_string(path)
            .map_err(|error| ConfigError::Unreadable { path: path.to_owned(), error })?;
        let config = source.parse::<Self>();
        let mut config =
            config.map_err(|problem| ConfigError::Invalid { path: path.to_owned(), problem })?;
        config.file = Some(path.to_owned());
        if let Some(folder) = path.parent() {
            config.tls.relative_to(folder);
            config.store.relative_to(folder);
            config.irc.relative_to(folder);
            config.cluster.relative_to(folder);
            config.auth.iter_mut().for_each(|auth| auth.relative_to(folder));
            config.oidc.iter_mut().for_each(|oidc| oidc.relative_to(folder));
        }
        Ok(config)
    }

    fn set_listen(&mut self, value: Value) -> Result<(), Problem> {
        let Value::Array(urls) = value else { return Err(Problem::ListenKind) };
        for url in urls {
            let Value::String(url) = url else { return Err(Problem::ListenKind) };
            let listen = url.parse().map_err(|error| Problem::Listen { url, error })?;
            self.listen.push(listen);
        }
        Ok(())
    }

    fn set_shards(&mut self, value: &Value) -> Result<(), Problem> {
        let written = value.as_integer().ok_or(Problem::Shards)?;
        self.shards = Some(shards(&written.to_string()).ok_or(Problem::Shards)?);
        Ok(())
    }

    fn set_tls(&mut self, name: String, value: Value) -> Result<(), Problem> {
        let file = match name.as_str() {
            "cert" => &mut self.tls.cert,
            "key" => &mut self.tls.key,
            _ => return Err(Problem::UnknownTls(name)),
        };
        let Value::String(path) = value else { return Err(Problem::TlsFile(name)) };
        if path.is_empty() {
            return Err(Problem::TlsFile(name));
        }
        *file = Some(path.into());
        Ok(())
    }

    fn set_api(&mut self, name: String, value: &Value) -> Result<(), Problem> {
        if name != "open" {
            return Err(Problem::UnknownApi(name));
        }
        self.open_api = value.as_bool().ok_or(Problem::ApiKind)?;
        Ok(())
    }

    fn set_proxy(&mut self, name: String, value: Value) -> Result<(), Problem> {
        let proxies = &mut self.limits.proxies;
        match (name.as_str(), value) {
            ("trusted", Value::Array(trusted)) => {
                for proxy in trusted {
                    let proxy = proxy.as_str().ok_or(Problem::TrustedKind)?;
                    *proxies = std::mem::take(proxies).trust(proxy)?;
                }
            }
            ("trusted", _) => return Err(Problem::TrustedKind),
            ("header", value) => {
                let header = match value.as_str() {
                    Some("x-forwarded-for") => ForwardedHeader::XForwardedFor,
                    Some("forwarded") => ForwardedHeader::Forwarded,
                    Some(_) | None => return Err(Problem::ProxyHeader),
                };
                *proxies = std::mem::take(proxies).header(header);
            }
            _ => return Err(Problem::UnknownProxy(name)),
        }
        Ok(())
    }

    fn set_limit(&mut self, name: &str, value: &Value) -> Result<(), SettingError> {
        let written = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let invalid = |expected| SettingError::Value {
            name: name.to_owned(),
            value: written.clone(),
            expected,
        };
        let number = || written.parse().map_err(|_| invalid("a number"));
        let time = || {
            humantime::parse_duration(&written)
                .map_err(|_| invalid("a time such as 500ms, 30s, 5m or 2h"))
        };
        let limits = &mut self.limits;
        match name {
            "connections" => limits.connections = number()?,
            "connections_per_address" => limits.connections_per_address = number()?,
            "connects_per_second" => {
                limits.connects_per_second = written.parse().map_err(|_| invalid("a number"))?;
            }
            "loopback_exempt" => {
                limits.loopback_exempt = written.parse().map_err(|_| invalid("true or false"))?;
            }
            "handshake" => limits.handshake = time()?,
            "keep_alive" => limits.keep_alive = time()?,
            "frame_bytes" => limits.frame_bytes = number()?,
            "ping_after" => limits.ping_after = time()?,
            "silence" => limits.silence = time()?,
            "queue_bytes" => limits.queue_bytes = number()?,
            "queue_frames" => limits.queue_frames = number()?,
            "announcement_delay" => limits.announcement_delay = time()?,
            "announcement_audience" => limits.announcement_audience = number()?,
            "write_stall" => limits.write_stall = time()?,
            "drain" => limits.drain = time()?,
            "slow_consumer" => {
                limits.slow_consumer =
                    slow_consumer(&written).ok_or_else(|| invalid("\"lag\" or \"disconnect\""))?;
            }
            "reserved_names" | "public_data_keys" if value.is_array() => {
                let entries = value.as_array().into_iter().flatten();
                let names: Option<Vec<_>> = entries.map(Value::as_str).collect();
                let names = names.ok_or_else(|| invalid("a list of names"))?.join(", ");
                limits.engine.set(name, if names.is_empty() { "none" } else { &names })?;
            }
            // These follow from whether there is an authenticator, and a store of older messages,
            // and from what [store] keeps; or they are in [accounts] or [moderation].
            "authenticate"
            | "older_history"
            | "message_age"
            | "accounts"
            | "registration"
            | "server_operators"
            | "audit_entries"
            | "audit_age"
            | "open_reports"
            | "report_burst"
            | "report_interval"
            | "registered_accounts"
            | "reserve_nicknames"
            | "logins_per_account"
            | "token_age"
            | "login_burst"
            | "login_interval" => {
                return Err(SettingError::Unknown { name: name.to_owned() });
            }
            _ => limits.engine.set(name, &written)?,
        }
        Ok(())
    }
}

impl FromStr for ServerConfig {
    type Err = Problem;

    fn from_str(source: &str) -> Result<Self, Problem> {
        let table: Table = source.parse().map_err(|error: toml::de::Error| {
            let before = error.span().map_or(0, |span| span.start).min(source.len());
            let line =
                source.as_bytes()[..before].iter().filter(|&&byte| byte == b'\n').count() + 1;
            Problem::Syntax { line, message: error.message().replace('\n', ", ") }
        })?;
        let mut config = Self::default();
        for (name, value) in table {
            match (name.as_str(), value) {
                ("listen", value) => config.set_listen(value)?,
                ("shards", value) => config.set_shards(&value)?,
                ("tls", Value::Table(files)) => {
                    for (name, value) in files {
                        config.set_tls(name, value)?;
                    }
                }
                ("tls", _) => return Err(Problem::TlsKind),
                ("proxy", Value::Table(proxy)) => {
                    for (name, value) in proxy {
                        config.set_proxy(name, value)?;
                    }
                }
                ("proxy", _) => return Err(Problem::ProxyKind),
                ("store", Value::Table(store)) => {
                    for (name, value) in store {
                        config.store.set(name, &value)?;
                    }
                }
                ("store", _) => return Err(Problem::StoreKind),
                ("limits", Value::Table(limits)) => {
                    for (name, value) in limits {
                        config.set_limit(&name, &value).map_err(Problem::Limit)?;
                    }
                }
                ("limits", _) => return Err(Problem::LimitsKind),
                ("auth", Value::Table(auth)) => {
                    config.auth = AuthConfig::read(auth).map_err(Problem::Auth)?;
                }
                ("auth", _) => return Err(Problem::AuthKind),
                ("accounts", Value::Table(accounts)) => {
                    let engine = &mut config.limits.engine;
                    config.accounts =
                        AccountsConfig::read(accounts, engine).map_err(Problem::Accounts)?;
                }
                ("accounts", _) => return Err(Problem::AccountsKind),
                ("oidc", Value::Table(oidc)) => {
                    config.oidc = OidcSettings::read(oidc).map_err(Problem::Oidc)?;
                }
                ("oidc", _) => return Err(Problem::OidcKind),
                ("moderation", Value::Table(moderation)) => {
                    let engine = &mut config.limits.engine;
                    moderation::read(moderation, engine).map_err(Problem::Moderation)?;
                }
                ("moderation", _) => return Err(Problem::ModerationKind),
                ("irc", Value::Table(irc)) => {
                    let engine = &mut config.limits.engine;
                    config.irc = IrcConfig::read(irc, engine).map_err(Problem::Irc)?;
                }
                ("irc", _) => return Err(Problem::IrcKind),
                ("cluster", Value::Table(cluster)) => {
                    config.cluster = ClusterConfig::read(cluster).map_err(Problem::Cluster)?;
                }
                ("cluster", _) => return Err(Problem::ClusterKind),
                ("api", Value::Table(api)) => {
                    for (name, value) in api {
                        config.set_api(name, &value)?;
                    }
                }
                ("api", _) => return Err(Problem::ApiKind),
                _ => return Err(Problem::Unknown(name)),
            }
        }
        if let Keep::For(age) = config.store.keep {
            // Memory keeps nothing longer than the store does.
            config.limits.engine.message_age = Some(age);
        }
        config.limits.check().map_err(Problem::Limit)?;
        Ok(config)
    }
}

/// Parses the policy for slow consumers.
pub(crate) fn slow_consumer(written: &str) -> Option<SlowConsumer> {
    match written {
        "lag" => Some(SlowConsumer::Lag),
        "disconnect" => Some(SlowConsumer::Disconnect),
        _ => None,
    }
}

/// Parses a number of shards.
pub(crate) fn shards(written: &str) -> Option<NonZeroUsize> {
    written.parse().ok().filter(|shards: &NonZeroUsize| shards.get() <= MOST_SHARDS)
}

/// The largest number of shards, which [`SHARDS`] tells.
const MOST_SHARDS: usize = 64;
