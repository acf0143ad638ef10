//! The errors of a configuration file.

use crate::accounts::AccountsProblem;
use crate::auth::AuthProblem;
use crate::cluster_config::ClusterProblem;
use crate::irc::IrcProblem;
use crate::listen::ListenError;
use crate::moderation::ModerationProblem;
use crate::oidc::OidcProblem;
use crate::store::StoreProblem;
use chat_server::engine::SettingError;
use chat_server::runtime::ProxyError;
use std::io;
use std::path::PathBuf;

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
         [auth], [accounts], [oidc], [moderation], [irc], [cluster] \
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
    #[error("[cluster] has to be a table")]
    ClusterKind,
    #[error("[cluster]: {0}")]
    Cluster(ClusterProblem),
    #[error("[api] has to be a table with open = true or false")]
    ApiKind,
    #[error("[api]: there is no setting '{0}'; there is open")]
    UnknownApi(String),
}

/// The valid numbers of shards, for error messages.
pub(crate) const SHARDS: &str = "a number from 1 to 64";
