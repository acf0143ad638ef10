//! The settings of the dialect.

use crate::reloadable::{Current, Rehash, Reloadable};
use crate::strict_transport::StrictTransport;
use chat_core::{Config, Secret};
use std::sync::Arc;

/// The settings of IRC that the operator chooses.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct IrcSettings {
    /// The server's name in prefixes and numerics, without white space.
    pub server_name: String,
    /// The name of the network, without white space.
    pub network: String,
    /// The lines of the message of the day; empty if there is none.
    pub motd: Vec<String>,
    /// The password that clients give with `PASS`, if they need one.
    pub password: Option<Secret>,
    /// True if the host checks logins with SCRAM-SHA-256, so that clients are offered it.
    pub scram: bool,
}

impl IrcSettings {
    /// Makes settings with a server name, and without a message of the day and a password.
    pub fn new(server_name: impl Into<String>) -> Self {
        let server_name = server_name.into();
        let network = server_name.clone();
        Self { server_name, network, motd: Vec::new(), password: None, scram: false }
    }
}

/// The settings and the limits that a conversation reads.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) server_name: String,
    pub(crate) network: String,
    /// The settings that clones share, and that may change.
    pub(crate) reloadable: Arc<Reloadable>,
    /// The policy for connections without TLS or with it.
    pub(crate) strict_transport: Option<StrictTransport>,
    /// `None` if the host cannot be asked to reload its settings.
    pub(crate) rehash: Option<Rehash>,
    pub(crate) scram: bool,
    /// True if there are logins of server operators.
    pub(crate) has_operators: bool,
    /// The longest user name.
    pub(crate) username_bytes: usize,
    /// The longest real name.
    pub(crate) real_name_bytes: usize,
    /// The most messages of a history in one answer.
    pub(crate) history_page: usize,
    /// The keys of metadata that clients may set.
    pub(crate) public_data_keys: Vec<String>,
    /// The tokens of `005`, all that the server supports.
    pub(crate) support: Vec<String>,
}

impl Settings {
    pub(crate) fn new(settings: IrcSettings, config: &Config) -> Self {
        let IrcSettings { server_name, network, motd, password, scram } = settings;
        let support = support(&network, config);
        let &Config { username_bytes, real_name_bytes, history_page, .. } = config;
        let has_operators = !config.operator_logins.is_empty();
        Self {
            server_name,
            network,
            reloadable: Arc::new(Reloadable::new(Current { motd: motd.into(), password })),
            strict_transport: None,
            rehash: None,
            scram,
            has_operators,
            username_bytes,
            real_name_bytes,
            history_page,
            public_data_keys: config.public_data_keys.clone(),
            support,
        }
    }
}

impl Settings {
    /// Returns the keys of metadata among entries of application data that clients may set.
    pub(crate) fn public_keys<'a>(
        &'a self,
        entries: impl Iterator<Item = (&'a str, &'a str)> + 'a,
    ) -> impl Iterator<Item = String> + 'a {
        let is_public = |key: &&str| self.public_data_keys.iter().any(|known| known == key);
        entries.map(|(key, _)| key).filter(is_public).map(str::to_owned)
    }
}

/// Returns the tokens of `005`. They state only what the server does.
fn support(network: &str, config: &Config) -> Vec<String> {
    let list = config.bans_per_channel;
    vec![
        "CASEMAPPING=ascii".to_owned(),
        "UTF8MAPPING=rfc8265".to_owned(),
        "CHANTYPES=#".to_owned(),
        "PREFIX=(qov)~@+".to_owned(),
        "STATUSMSG=~@+".to_owned(),
        "CHANMODES=Ibe,k,l,Cimnst".to_owned(),
        format!("CHANLIMIT=#:{}", config.channels_per_user),
        // The sign of a channel counts as well.
        format!("CHANNELLEN={}", config.channel_name_length + 1),
        format!("NICKLEN={}", config.nickname_length),
        format!("USERLEN={}", config.username_bytes),
        format!("TOPICLEN={}", config.topic_bytes),
        format!("KICKLEN={}", config.reason_bytes),
        format!("AWAYLEN={}", config.away_bytes),
        format!("KEYLEN={}", config.key_bytes),
        format!("NAMELEN={}", config.real_name_bytes),
        format!("MAXLIST=I:{list},b:{list},e:{list}"),
        format!("MODES={}", crate::line::MOST_PARAMS - 2),
        format!(
            "TARGMAX=JOIN:,KICK:{MOST_TARGETS},NAMES:1,NOTICE:{MOST_TARGETS},PART:,\
             PRIVMSG:{MOST_TARGETS},WHOIS:1"
        ),
        format!("NETWORK={network}"),
        "ELIST=CMNTU".to_owned(),
        format!("MONITOR={}", config.watched_nicknames),
        "EXCEPTS=e".to_owned(),
        "INVEX=I".to_owned(),
        "EXTBAN=~,am".to_owned(),
        "ACCOUNTEXTBAN=a,account".to_owned(),
        "BOT=B".to_owned(),
        format!("CHATHISTORY={}", config.history_page),
        "MSGREFTYPES=msgid,timestamp".to_owned(),
        "WHOX".to_owned(),
        "UTF8ONLY".to_owned(),
    ]
}

/// The most recipients of one message, and the most users that one command removes.
pub(crate) const MOST_TARGETS: usize = 4;
