//! The configuration file of the server.

use crate::accounts::{AccountsConfig, AccountsProblem};
use crate::auth::{AuthConfig, AuthProblem};
use crate::irc::{IrcConfig, IrcProblem};
use crate::listen::{Listen, ListenError};
use crate::moderation::{self, ModerationProblem};
use crate::oidc::{OidcProblem, OidcSettings};
use crate::store::{StoreConfig, StoreProblem};
use chat_server::dialects::SlowConsumer;
use chat_server::engine::SettingError;
use chat_server::runtime::{ForwardedHeader, Limits, ProxyError};
use chat_server::sqlite::Keep;
use std::io;
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

/// The reason for which a configuration file cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConfigError {
    #[error("cannot read {}: {error}", path.display())]
    Unreadable { path: PathBuf, error: io::Error },
    #[error("{}: {problem}", path.display())]
    Invalid { path: PathBuf, problem: Problem },
}

/// An error in a configuration.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Problem {
    #[error("line {line}: {message}")]
    Syntax { line: usize, message: String },
    #[error(
        "there is no setting '{0}'; there are listen, shards, [tls], [proxy], [store], [limits], \
         [auth], [accounts], [oidc], [moderation], [irc] \
         and [api]"
    )]
    Unknown(String),
    #[error("listen has to be a list of URLs, such as [\"tcp://127.0.0.1:7000\"]")]
    ListenKind,
    #[error("listen: '{url}': {error}")]
    Listen { url: String, error: ListenError },
    #[error("shards has to be {SHARDS}")]
    Shards,
    #[error("[tls] has to be a table with cert and key")]
    TlsKind,
    #[error("[tls]: there is no setting '{0}'; there are cert and key")]
    UnknownTls(String),
    #[error("[tls]: {0} has to be the name of a file, such as \"chain.pem\"")]
    TlsFile(String),
    #[error("[proxy] has to be a table with trusted and header")]
    ProxyKind,
    #[error("[proxy]: there is no setting '{0}'; there are trusted and header")]
    UnknownProxy(String),
    #[error("[proxy]: trusted has to be a list, such as [\"127.0.0.1\", \"10.0.0.0/8\", \"unix\"]")]
    TrustedKind,
    #[error("[proxy]: trusted: {0}")]
    Trusted(#[from] ProxyError),
    #[error("[proxy]: header has to be \"x-forwarded-for\" or \"forwarded\"")]
    ProxyHeader,
    #[error("[store] has to be a table with file, durability and keep")]
    StoreKind,
    #[error("[store]: {0}")]
    Store(#[from] StoreProblem),
    #[error("[limits] has to be a table")]
    LimitsKind,
    #[error("[limits]: {0}")]
    Limit(SettingError),
    #[error("[auth] has to be a table")]
    AuthKind,
    #[error("[auth]: {0}")]
    Auth(AuthProblem),
    #[error("[accounts] has to be a table")]
    AccountsKind,
    #[error("[accounts]: {0}")]
    Accounts(AccountsProblem),
    #[error("[oidc] has to be a table")]
    OidcKind,
    #[error("[oidc]: {0}")]
    Oidc(OidcProblem),
    #[error("[moderation] has to be a table")]
    ModerationKind,
    #[error("[moderation]: {0}")]
    Moderation(ModerationProblem),
    #[error("[irc] has to be a table")]
    IrcKind,
    #[error("[irc]: {0}")]
    Irc(IrcProblem),
    #[error("[api] has to be a table with open = true or false")]
    ApiKind,
    #[error("[api]: there is no setting '{0}'; there is open")]
    UnknownApi(String),
}

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

/// The valid numbers of shards, for error messages.
pub(crate) const SHARDS: &str = "a number from 1 to 64";
const MOST_SHARDS: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;
    use chat_server::engine::Config;
    use chat_server::runtime::TrustedProxies;
    use std::time::Duration;

    fn problem(source: &str) -> String {
        match source.parse::<ServerConfig>() {
            Ok(config) => panic!("{source} is {config:?}"),
            Err(problem) => problem.to_string(),
        }
    }

    /// Returns the example with all settings uncommented.
    fn uncommented() -> String {
        let setting = |line: &str| {
            let setting = line.strip_prefix("# ")?;
            // The entries and the end of a list.
            if setting.starts_with("    \"") || setting == "]" {
                return Some(setting.to_owned());
            }
            let (name, _) = setting.split_once(" = ")?;
            name.chars().all(|c| c.is_ascii_lowercase() || c == '_').then(|| setting.to_owned())
        };
        EXAMPLE
            .lines()
            .map(|line| setting(line).unwrap_or_else(|| line.to_owned()) + "\n")
            .collect()
    }

    #[test]
    fn example_contains_the_defaults() {
        let config: ServerConfig = uncommented().parse().expect("the example is valid");
        // By default no proxy is trusted: the values in the file are examples.
        let proxies = TrustedProxies::default().trust("127.0.0.1").expect("an address");
        let proxies = proxies.trust("unix").expect("a kind of socket");
        assert_eq!(config.limits, Limits { proxies, ..Limits::default() });
        assert_eq!(config.listen, crate::serve::default_listen());
        assert_eq!(config.shards, Some(crate::serve::DEFAULT_SHARDS));
        // By default there is no certificate and no TLS: the values in the file are examples.
        let files = TlsFiles { cert: Some("chain.pem".into()), key: Some("key.pem".into()) };
        assert_eq!(config.tls, files);
        let expected = "jwt_secret_file = \"jwt.secret\"\njwt_public_key = \"jwt.pem\"\n\
                        jwks = \"https://login.example.org/jwks.json\"\n\
                        issuer = \"https://login.example.org\"\naudience = \"chat\"\n\
                        cookie = \"chat_token\"\naccount_prefix = \"sso:\"\n";
        let expected = AuthConfig::read(expected.parse().expect("TOML")).expect("it is valid");
        assert_eq!(config.auth, expected);
        let expected = "issuer = \"https://login.example.org\"\nclient_id = \"chat\"\n\
                        client_secret_file = \"oidc.secret\"\n\
                        page = \"https://chat.example.org/\"\n";
        let expected = OidcSettings::read(expected.parse().expect("TOML")).expect("it is valid");
        assert_eq!(config.oidc, expected);
        let expected = "server_name = \"chat.example.org\"\nnetwork = \"Example\"\n\
                        motd = \"motd.txt\"\npassword = \"open sesame\"\nsts_port = 6697\n\
                        sts_duration = \"30d\"\n\
                        cloak_key = \"a long text that nobody guesses\"\n";
        let expected = IrcConfig::read(expected.parse().expect("TOML"), &mut Config::default());
        assert_eq!(config.irc, expected.expect("it is valid"));
        // By default there are no accounts: who may register, the code and SCRAM are examples.
        let example = "register = \"off\"\ncode = \"tea-at-five\"\nscram = true";
        let example = example.parse().expect("TOML");
        let accounts = AccountsConfig::read(example, &mut Limits::default().engine);
        assert_eq!(config.accounts.hasher_of_this_machine(), accounts.expect("it is valid"));
        let unchanged: ServerConfig = EXAMPLE.parse().expect("the example is valid");
        assert_eq!(unchanged, ServerConfig::default());
    }

    /// Checks that docs/operating.md has a row for each limit, with its default.
    #[test]
    fn guide_has_every_limit_with_its_default() {
        let guide = include_str!("../../docs/operating.md");
        let limits = EXAMPLE.split_once("[limits]").expect("a table").1;
        let limits = limits.split_once("\n[").map_or(limits, |(limits, _)| limits);
        let settings = limits.lines().filter_map(|line| line.strip_prefix("# ")?.split_once(" = "));
        let mut count = 0;
        // These are not limits.
        let others = ["guest_prefix", "reserved_names", "creator_status", "keep_empty_channels"];
        let is_other = |name: &str| others.contains(&name) || name == "public_data_keys";
        for (name, default) in settings.filter(|(name, _)| !is_other(name)) {
            let default = default.trim_matches('"');
            let row = guide.lines().find(|line| {
                let settings = line.split('|').nth(1).unwrap_or_default();
                settings.contains(&format!("`{name}`"))
            });
            let row = row.unwrap_or_else(|| panic!("there is no row for {name}"));
            let defaults = row.split('|').nth(2).unwrap_or_default();
            let has_default = defaults.split(',').any(|one| one.trim() == default);
            assert!(has_default, "the row for {name} does not say {default}: {row}");
            count += 1;
        }
        assert!(count > 30, "{count} settings");
    }

    #[test]
    fn settings_are_read() {
        let source = "listen = [\"tcp+json://127.0.0.1:0\"]\nshards = 4\n\
                      [limits]\nmessage_bytes = 100\n\
                      idle_timeout = \"5m\"\nslow_consumer = \"disconnect\"\n\
                      [tls]\ncert = \"/etc/chat/chain.pem\"\n[api]\nopen = true\n";
        let config: ServerConfig = source.parse().expect("it is valid");
        assert_eq!(config.listen.len(), 1);
        assert_eq!(config.shards, NonZeroUsize::new(4));
        let cert = Some("/etc/chat/chain.pem".into());
        assert_eq!(config.tls, TlsFiles { cert, key: None });
        assert!(config.open_api);
        assert_eq!(config.limits.engine.message_bytes, 100);
        assert_eq!(config.limits.engine.idle_timeout, Some(Duration::from_secs(300)));
        assert_eq!(config.limits.slow_consumer, SlowConsumer::Disconnect);
    }

    #[test]
    fn memory_keeps_messages_no_longer_than_the_store() {
        for (keep, age) in
            [("90d", Some(Duration::from_secs(90 * 86_400))), ("10GB", None), ("unlimited", None)]
        {
            let source = format!("[store]\nfile = \"memory\"\nkeep = \"{keep}\"");
            let config: ServerConfig = source.parse().expect("it is valid");
            assert_eq!(config.limits.engine.message_age, age, "{keep}");
        }
        assert!(problem("[limits]\nmessage_age = \"90d\"").contains("there is no setting"));
    }

    #[test]
    fn error_names_the_problem_and_the_valid_values() {
        assert!(problem("listen = [\n").starts_with("line "));
        assert!(problem("colour = 1").contains("there is no setting 'colour'"));
        assert!(problem("listen = \"tcp://127.0.0.1:7000\"").contains("a list of URLs"));
        assert!(problem("listen = [\"7000\"]").contains("'7000'"));
        for shards in ["0", "-1", "65", "1.5", "\"2\"", "[2]"] {
            assert!(problem(&format!("shards = {shards}")).contains("from 1 to 64"), "{shards}");
        }
        assert!(problem("tls = true").contains("a table with cert and key"));
        assert!(problem("[tls]\ncertificate = \"x\"").contains("there are cert and key"));
        assert!(problem("[tls]\nkey = 1").contains("key has to be the name of a file"));
        assert!(problem("[tls]\ncert = \"\"").contains("cert has to be the name of a file"));
        assert!(problem("proxy = true").contains("a table with trusted and header"));
        assert!(problem("[proxy]\ntrust = []").contains("there are trusted and header"));
        assert!(problem("[proxy]\ntrusted = \"127.0.0.1\"").contains("has to be a list"));
        assert!(problem("[proxy]\ntrusted = [\"example.org\"]").contains("a network such as"));
        assert!(problem("[proxy]\nheader = \"X-Real-IP\"").contains("\"x-forwarded-for\" or"));
        assert!(problem("limits = 1").contains("a table"));
        assert!(problem("auth = 1").contains("[auth] has to be a table"));
        assert!(problem("accounts = true").contains("[accounts] has to be a table"));
        assert!(problem("[accounts]\nregister = 1").contains("[accounts]: '1' is not \"off\""));
        assert!(problem("moderation = 1").contains("[moderation] has to be a table"));
        assert!(problem("[moderation]\nx = 1").contains("[moderation]: there is no setting 'x'"));
        assert!(problem("[limits]\nserver_operators = \"al\"").contains("there is no setting"));
        assert!(problem("[limits]\ntoken_age = \"1h\"").contains("there is no setting"));
        assert!(problem("api = true").contains("a table with open = true or false"));
        assert!(problem("[api]\nopen = \"yes\"").contains("a table with open = true or false"));
        assert!(problem("[api]\nclosed = true").contains("there is open"));
        assert!(problem("[auth]\nguests = true").contains("[auth]: there is no key"));
        assert!(problem("[limits]\nfoo = 1").contains("there is no setting 'foo'"));
        assert!(problem("[limits]\nchannels = \"many\"").contains("'many' is not a number"));
        assert!(problem("[limits]\ndrain = 5").contains("5m or 2h"));
        for (limit, least) in [
            ("command_burst = 0", "1"),
            ("connections = 0", "1"),
            ("connections_per_address = 0", "1"),
            ("frame_bytes = 1", "512"),
            ("queue_bytes = 1", "4096"),
            ("queue_frames = 1", "16"),
            ("handshake = \"0s\"", "100ms"),
            ("silence = \"10s\"", "30s"),
        ] {
            let problem = problem(&format!("[limits]\n{limit}"));
            let name = limit.split(' ').next().expect("a name");
            assert!(
                problem.starts_with(&format!("[limits]: the setting '{name}' is")),
                "{problem}"
            );
            assert!(problem.ends_with(&format!("has to be at least {least}")), "{problem}");
        }
        assert!(problem("[limits]\nslow_consumer = \"wait\"").contains("\"lag\" or"));
    }

    #[test]
    fn times_are_limited_to_ten_years() {
        for (name, others) in [
            ("handshake", ""),
            ("keep_alive", ""),
            ("ping_after", "silence = \"87600h\""),
            ("silence", ""),
            ("announcement_delay", ""),
            ("write_stall", ""),
            ("drain", ""),
            ("answer_timeout", ""),
            ("shortest_keep", ""),
            ("naming_timeout", ""),
            ("person_naming_timeout", ""),
            ("reconnect_period", ""),
            ("idle_timeout", ""),
        ] {
            let set = |time: &str| format!("[limits]\n{others}\n{name} = \"{time}\"");
            let ten_years = set("87600h").parse::<ServerConfig>();
            ten_years.unwrap_or_else(|problem| panic!("{name}: {problem}"));
            for time in ["87601h", "315360001s", "4000000h"] {
                let problem = problem(&set(time));
                let start = format!("[limits]: the setting '{name}' is ");
                assert!(problem.starts_with(&start), "{problem}");
                assert!(problem.ends_with("at most 87600h (ten years)"), "{problem}");
            }
        }
    }
}
