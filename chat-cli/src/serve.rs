//! The command `chat serve`.

use crate::accounts::{PasswordsError, Register};
use crate::auth::AuthConfig;
use crate::cluster::{ClusterArguments, ClusterError, ClusterPlace};
use crate::config::{ConfigError, EXAMPLE, SHARDS, ServerConfig, TlsFiles, shards, slow_consumer};
use crate::irc::MotdError;
use crate::keys::{KeysError, ReloadableKeys};
use crate::listen::{BindError, Bound, Common, HttpSettings, Listen, ListenError, Needs};
use crate::oidc::{OidcSettings, OidcStartError};
use crate::reload::{IrcFiles, Reloadable, expiry};
use crate::store::{OpenError, StorePlace, place};
#[cfg(unix)]
use crate::systemd::{self, InheritedSockets};
use chat_server::dialects::SlowConsumer;
use chat_server::irc::IrcDialect;
use chat_server::oidc::Oidc;
use chat_server::runtime::{
    Cloak, Clock, Running, Server, ServerError, Shards, SystemClock, stop_signal,
};
use chat_server::sqlite;
use chat_server::tls::{CertificateError, Certificates};
use std::io::{self, Write};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::Arc;
use tokio::runtime;
use tokio::sync::Notify;
use tracing::{info, warn};

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The address and dialect of a listener; may be given several times.
    #[arg(long, value_name = "URL", long_help = LISTEN)]
    listen: Vec<String>,

    /// Read the configuration from a TOML file.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,

    /// The number of threads that serve connections, from 1 to 64 [default: 1]. One is enough until
    /// its processor is always busy. More threads than processors have no benefit.
    #[arg(long, value_name = "NUMBER", value_parser = parse_shards)]
    shards: Option<NonZeroUsize>,

    /// The certificate for TLS: a PEM file with the server's own certificate first, followed by
    /// those of its issuers. SIGHUP reloads it, and the keys of the configuration file, without
    /// disconnecting clients.
    #[arg(long, value_name = "FILE")]
    tls_cert: Option<PathBuf>,

    /// The key of the certificate: an unencrypted PEM file.
    #[arg(long, value_name = "FILE")]
    tls_key: Option<PathBuf>,

    /// The file in which the server keeps channels, messages and all else that outlasts a restart;
    /// "memory" keeps nothing [default: chat.db in $STATE_DIRECTORY, or in $XDG_STATE_HOME/chat,
    /// which is mostly ~/.local/state/chat].
    #[arg(long, value_name = "FILE", value_parser = parse_store)]
    store: Option<StorePlace>,

    /// Let clients log in to accounts with passwords, which the store keeps, and these people
    /// register new ones. By default, there are no such accounts.
    #[arg(long, value_name = "WHO")]
    accounts: Option<Register>,

    #[command(flatten)]
    cluster: ClusterArguments,

    /// The policy for a client that reads too slowly: "lag" (the server drops events and tells the
    /// client how many) or "disconnect".
    #[arg(long, value_name = "WHAT", value_parser = parse_slow_consumer)]
    slow_consumer: Option<SlowConsumer>,

    /// The format of the log on standard error. RUST_LOG sets its levels, as in RUST_LOG=debug.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(crate) log_format: LogFormat,

    /// Print an example of a configuration file with all defaults, and exit.
    #[arg(long)]
    print_config: bool,
}

/// The format of the log.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub(crate) enum LogFormat {
    /// Lines for people.
    Text,
    /// A JSON object on each line, for programs.
    Json,
}

const LISTEN: &str = "\
The address and dialect of a listener; may be given several times. Port 0 lets the system choose a
free port.

  tcp://ADDRESS:PORT          detects the dialect by the first bytes of each client
  tcp+text://ADDRESS:PORT     nc and telnet (?style=bracket, star or plain; ?timestamps=true or
                              false)
  tcp+json://ADDRESS:PORT     programs
  tcp+txtchat://ADDRESS:PORT  clients of txt-chat (?names=true)
  irc://ADDRESS:PORT          clients of IRC: irssi, WeeChat, HexChat
  ws://ADDRESS:PORT           browsers, the HTTP API, and WebSocket on /ws (?style=...,
                              ?timestamps=...; ?origin=https://example.org allows pages of another
                              origin; ?metrics=false removes /metrics, and ?metrics=true shows it
                              without a login)

  unix:///PATH, unix+text:///PATH, unix+json:///PATH, unix+txtchat:///PATH, ws+unix:///PATH
                              the same on Unix sockets (?mode=660 sets the permissions)

?webirc=true, for irc://, requires WEBIRC from a gateway, which [irc] of the configuration file has
to name. ?proxy=true requires a PROXY header from a proxy in front of the server, which [proxy] of
the configuration file has to trust. ?fd=NAME uses the socket with this name that a service manager
passes.

With TLS, which needs --tls-cert and --tls-key: tcps://, tcps+text://, tcps+json://,
tcps+txtchat://, ircs:// and wss://.

[default: tcp://127.0.0.1:7000 and ws://127.0.0.1:8080]";

/// The reason for which the server cannot run, in one line.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("--listen '{url}': {error}")]
    Listen { url: String, error: ListenError },
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Bind(#[from] BindError),
    #[error(transparent)]
    Key(#[from] KeysError),
    #[error(transparent)]
    Passwords(#[from] PasswordsError),
    #[error(transparent)]
    Oidc(#[from] OidcStartError),
    #[error(transparent)]
    Motd(#[from] MotdError),
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    #[error(
        "the {missing} for TLS is missing; name its file with --tls-{short}, or with {short} in \
         [tls] of the configuration file"
    )]
    HalfTls { missing: &'static str, short: &'static str },
    #[error(
        "--tls-cert and --tls-key are given, and no listener uses them; write tcps://, ircs:// or \
         wss:// in --listen, or remove them"
    )]
    UnusedTls,
    #[error("cannot listen for signals: {0}")]
    Signal(#[source] io::Error),
    #[error(transparent)]
    Store(#[from] OpenError),
    #[error(transparent)]
    Cluster(#[from] ClusterError),
    #[error(transparent)]
    Server(#[from] ServerError),
    #[error("cannot start the runtime: {0}")]
    Runtime(#[source] io::Error),
    #[error("cannot start the threads for the shards: {0}")]
    Shards(#[source] io::Error),
    #[error("cannot write to standard output: {0}")]
    Output(#[source] io::Error),
}

pub(crate) fn serve(arguments: Arguments) -> Result<(), Error> {
    if arguments.print_config {
        return io::stdout().write_all(EXAMPLE.as_bytes()).map_err(Error::Output);
    }
    let mut config = match &arguments.config {
        Some(path) => ServerConfig::read(path)?,
        None => ServerConfig::default(),
    };
    if !arguments.listen.is_empty() {
        config.listen = arguments.listen.into_iter().map(listen).collect::<Result<_, _>>()?;
    }
    if let Some(slow_consumer) = arguments.slow_consumer {
        config.limits.slow_consumer = slow_consumer;
    }
    config.shards = arguments.shards.or(config.shards);
    config.accounts.register = arguments.accounts.or(config.accounts.register);
    config.store.place = arguments.store.or(config.store.place);
    if config.listen.is_empty() {
        config.listen = default_listen();
    }
    let cluster = arguments.cluster.place(&mut config)?;
    let tls_in_arguments = arguments.tls_cert.is_some() || arguments.tls_key.is_some();
    config.tls.cert = arguments.tls_cert.or(config.tls.cert);
    config.tls.key = arguments.tls_key.or(config.tls.key);
    if !config.listen.iter().any(Listen::is_tls) && config.tls != TlsFiles::default() {
        // A user who gives these options expects TLS. A configuration file may name a certificate
        // that is not used at the moment.
        if tls_in_arguments {
            return Err(Error::UnusedTls);
        }
        warn!("[tls] is not used: no listener is tcps, ircs or wss");
        config.tls = TlsFiles::default();
    }
    let certificates = certificates(&config.tls)?;
    // Each connection needs a file descriptor, so the limit is raised to the system's maximum.
    if let Err(error) = rlimit::increase_nofile_limit(u64::MAX) {
        warn!(%error, "cannot raise the limit on open files");
    }
    // The engine runs on this thread, and each shard on its own. Tasks do not move between threads,
    // so they need no locks.
    let runtime = runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(Error::Runtime)?.block_on(run(config, certificates, cluster))
}

fn parse_slow_consumer(written: &str) -> Result<SlowConsumer, &'static str> {
    slow_consumer(written).ok_or("it can be lag or disconnect")
}

fn parse_store(written: &str) -> Result<StorePlace, &'static str> {
    place(written).ok_or("it has to be the name of a file, or memory")
}

fn parse_shards(written: &str) -> Result<NonZeroUsize, String> {
    shards(written).ok_or_else(|| format!("it has to be {SHARDS}"))
}

fn listen(url: String) -> Result<Listen, Error> {
    url.parse().map_err(|error| Error::Listen { url, error })
}

/// Loads the configured certificate, if there is one.
fn certificates(files: &TlsFiles) -> Result<Option<Certificates>, Error> {
    match (&files.cert, &files.key) {
        (Some(cert), Some(key)) => {
            let certificates = Certificates::load(cert, key)?;
            info!(expires = %expiry(&certificates), "the certificate for TLS is valid");
            Ok(Some(certificates))
        }
        (None, Some(_)) => Err(Error::HalfTls { missing: "certificate", short: "cert" }),
        (Some(_), None) => Err(Error::HalfTls { missing: "key", short: "key" }),
        (None, None) => Ok(None),
    }
}

/// The default listeners.
pub(crate) fn default_listen() -> Vec<Listen> {
    ["tcp://127.0.0.1:7000", "ws://127.0.0.1:8080"]
        .iter()
        .map(|url| url.parse().expect("a test parses these"))
        .collect()
}

async fn run(
    mut config: ServerConfig,
    certificates: Option<Certificates>,
    cluster: Option<ClusterPlace>,
) -> Result<(), Error> {
    let login = config.oidc.as_ref().map(OidcSettings::login).transpose()?;
    if login.is_some() && config.accounts.register.is_none() {
        // The login makes the accounts.
        config.accounts.register = Some(Register::Off);
    }
    config.accounts.decide_scram(config.listen.iter().any(Listen::is_irc));
    let passwords = config.accounts.passwords(&mut config.limits.engine)?;
    let cloak_key = config.irc.cloak_key().cloned();
    let passwords = match &cloak_key {
        Some(key) => passwords.map(|passwords| passwords.salt_secret(key)),
        None => passwords,
    };
    let has_operators = !config.limits.engine.operator_logins.is_empty();
    let operator_passwords = match passwords {
        None if has_operators => Some(config.accounts.operator_passwords()?),
        Some(_) | None => None,
    };
    let load = |auth| ReloadableKeys::load(auth, passwords.is_some());
    let keys = config.auth.as_ref().map(load).transpose()?;
    let mut irc = config.irc.settings()?;
    irc.scram = config.accounts.has_scram();
    let rehash = Arc::new(Notify::new());
    let asked = rehash.clone();
    let irc = IrcDialect::new(irc, &config.limits.engine).on_rehash(move || asked.notify_one());
    let bind = || bind_all(&config, certificates.as_ref(), login.as_ref(), &irc);
    // A node of a cluster listens once it has caught up.
    let bound = if cluster.is_none() { bind()? } else { Vec::new() };
    // The signal handlers are installed before the server announces that it listens: from then on a
    // script may stop it or reload its files.
    let mut stop = pin!(stop_signal());
    let is_own_issuer = certificates.as_ref().is_some_and(Certificates::is_own_issuer);
    let needs = Needs {
        token: config.auth.as_ref().is_some_and(AuthConfig::needs_token),
        certificates: certificates.as_ref(),
        own_issuer: config.tls.cert.as_deref().filter(|_| is_own_issuer),
    };
    let files = Reloadable {
        certificates: certificates.clone(),
        keys: keys.clone(),
        irc: Some(IrcFiles {
            dialect: irc.clone(),
            config: config.irc.clone(),
            file: config.file.clone(),
        }),
    };
    files.reload_on_hangup(rehash).map_err(Error::Signal)?;
    let clock = SystemClock::new();
    let (store_path, store) = config.store.open(&config.limits.engine, clock.now())?.unzip();
    let log = match &cluster {
        Some(place) => {
            let mut engine = config.limits.engine.clone();
            engine.accounts |= passwords.is_some();
            engine.authenticate |= keys.is_some();
            Some(place.join(&engine).await?)
        }
        None => None,
    };
    if cluster.is_none() {
        announce(&bound, &needs, store_path.as_deref());
    }
    match &store_path {
        // The stream keeps the accounts.
        None if cluster.is_some() => {}
        None if passwords.is_some() => {
            warn!("accounts are lost when the server stops, because --store memory keeps nothing");
        }
        Some(path) if passwords.is_none() => {
            let accounts = sqlite::list_accounts(path).map_or(0, |accounts| accounts.len());
            if accounts > 0 {
                warn!(
                    accounts,
                    "nobody can log in to the accounts in the store: set register in [accounts], \
                     or use --accounts"
                );
            }
        }
        Some(_) | None => {}
    }
    let shards = Shards::start(config.shards.unwrap_or(DEFAULT_SHARDS)).map_err(Error::Shards)?;
    let server = Server::new().limits(config.limits.clone()).shards(shards).clock(clock);
    let server = log.into_iter().fold(server, Server::ordered_log);
    let server = store.into_iter().fold(server, Server::store);
    let server = keys.into_iter().fold(server, Server::authenticator);
    let server = passwords.into_iter().fold(server, Server::passwords);
    let cloak = cloak_key.map(|key| Cloak::with_key(key.expose().as_bytes()));
    let server = cloak.into_iter().fold(server, Server::cloak);
    let server = operator_passwords.into_iter().fold(server, Server::operator_passwords);
    let mut running = server.start();
    let bound = if cluster.is_some() {
        // A signal comes first, because the node may never catch up.
        let is_ready = tokio::select! {
            biased;
            asked = &mut stop => asked.map(|()| false).map_err(Error::Signal)?,
            is_ready = running.caught_up() => is_ready,
        };
        let bound = if is_ready { bind().map(Some) } else { Ok(None) };
        let Ok(Some(bound)) = bound else {
            running.stop();
            running.wait().await?;
            return bound.map(drop).map_err(Error::from);
        };
        announce(&bound, &needs, None);
        bound
    } else {
        bound
    };
    bound.into_iter().for_each(|bound| running.front_end(bound.into_front_end()));
    run_until(running, stop).await?;
    info!("stopped");
    Ok(())
}

/// Binds all listeners.
fn bind_all(
    config: &ServerConfig,
    certificates: Option<&Certificates>,
    login: Option<&Arc<Oidc>>,
    irc: &IrcDialect,
) -> Result<Vec<Bound>, BindError> {
    let cookie = config.auth.as_ref().and_then(AuthConfig::cookie);
    let http = HttpSettings { cookie, open_api: config.open_api, login };
    let (limits, irc_config) = (&config.limits, &config.irc);
    let common = Common { certificates, http, irc, irc_config, limits };
    #[cfg(unix)]
    {
        let mut inherited = InheritedSockets::take()?;
        let listeners = config.listen.iter().map(|listen| listen.bind(&common, &mut inherited));
        let bound = listeners.collect::<Result<_, _>>()?;
        inherited.close_rest();
        Ok(bound)
    }
    #[cfg(not(unix))]
    config.listen.iter().map(|listen| listen.bind(&common)).collect()
}

/// Runs the server until `stop` completes, and reports its state to the service manager.
#[cfg(unix)]
async fn run_until(
    running: Running,
    stop: impl Future<Output = io::Result<()>>,
) -> Result<(), ServerError> {
    systemd::ready();
    systemd::feed_watchdog(running.hub().clone());
    let stop = async {
        stop.await?;
        systemd::stopping();
        Ok(())
    };
    running.run_until(stop).await
}

#[cfg(not(unix))]
async fn run_until(
    running: Running,
    stop: impl Future<Output = io::Result<()>>,
) -> Result<(), ServerError> {
    running.run_until(stop).await
}

/// The default number of shards.
pub(crate) const DEFAULT_SHARDS: NonZeroUsize = NonZeroUsize::MIN;

/// Prints a line for each listener, so that scripts can wait until the server listens. Then prints
/// the file of the store, and a command to connect for each listener that has one.
fn announce(bound: &[Bound], needs: &Needs<'_>, store: Option<&Path>) {
    if let Err(error) = print_listeners(bound, needs, store) {
        // The reader of standard output may have closed it after the first line.
        warn!(%error, "cannot write the listeners to standard output");
    }
}

fn print_listeners(bound: &[Bound], needs: &Needs<'_>, store: Option<&Path>) -> io::Result<()> {
    let mut out = io::stdout().lock();
    for listener in bound {
        writeln!(out, "listening on {}", listener.url())?;
    }
    if let Some(path) = store {
        writeln!(out, "storing in {}", path.display())?;
    }
    for hint in bound.iter().filter_map(|listener| listener.hint(needs)) {
        writeln!(out, "connect with: {hint}")?;
    }
    out.flush()
}
