//! Reloads the certificate, the keys and the settings of IRC on SIGHUP.

use crate::config::ServerConfig;
use crate::irc::IrcConfig;
use crate::keys::ReloadableKeys;
use chat_server::irc::IrcDialect;
use chat_server::tls::Certificates;
use jiff::Timestamp;
use std::error::Error;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::sync::Notify;

/// The files that are reloaded on SIGHUP, as far as the server uses them.
#[derive(Clone, Default)]
pub(crate) struct Reloadable {
    pub(crate) certificates: Option<Certificates>,
    pub(crate) keys: Option<ReloadableKeys>,
    pub(crate) irc: Option<IrcFiles>,
}

/// The dialect of IRC, and the files of its settings.
#[derive(Clone)]
pub(crate) struct IrcFiles {
    pub(crate) dialect: IrcDialect,
    /// The settings of the start.
    pub(crate) config: IrcConfig,
    /// The configuration file. Without one, nothing is reloaded.
    pub(crate) file: Option<PathBuf>,
}

impl Reloadable {
    /// Begins to handle SIGHUP, in a Tokio runtime: each signal reloads the files, and so does each
    /// notification of `asked`. Without files to reload, the signal has no effect.
    ///
    /// # Errors
    ///
    /// If the signal handler cannot be installed.
    #[cfg(unix)]
    pub(crate) fn reload_on_hangup(self, asked: Arc<Notify>) -> io::Result<()> {
        use crate::systemd;
        use tokio::signal::unix::{SignalKind, signal};
        use tracing::info;
        let mut hangup = signal(SignalKind::hangup())?;
        tokio::spawn(async move {
            loop {
                tokio::select! {
                    // The order does not matter: both have the same effect.
                    biased;
                    signal = hangup.recv() => match signal {
                        Some(()) => {}
                        None => return,
                    },
                    () = asked.notified() => info!("a server operator asks for a reload"),
                }
                systemd::reloading();
                let files = self.clone();
                // Reading may block. A panic in the task has been reported already.
                let _ = tokio::task::spawn_blocking(move || files.reload()).await;
                systemd::ready();
            }
        });
        Ok(())
    }

    /// Does nothing on systems without SIGHUP.
    #[cfg(not(unix))]
    pub(crate) fn reload_on_hangup(self, _: Arc<Notify>) -> io::Result<()> {
        Ok(())
    }

    #[cfg(unix)]
    fn reload(&self) {
        use tracing::{error, info};
        let file = self.irc.as_ref().and_then(|irc| irc.file.as_ref());
        if self.certificates.is_none() && self.keys.is_none() && file.is_none() {
            info!("SIGHUP: there is no certificate, no token key and no file to reload");
        }
        if let Some(certificates) = &self.certificates {
            match certificates.reload() {
                Ok(()) => {
                    let expires = expiry(certificates);
                    info!(%expires, "SIGHUP: new connections use the new certificate");
                }
                Err(error) => error!(%error, "SIGHUP: the old certificate stays in use"),
            }
        }
        if let Some(keys) = &self.keys {
            match keys.reload() {
                Ok(()) => info!("SIGHUP: tokens are verified with the new keys"),
                Err(error) => error!(%error, "SIGHUP: the old token keys stay in use"),
            }
        }
        if let Some(irc) = &self.irc
            && let Some(file) = &irc.file
        {
            match irc.reload(file) {
                Ok(()) => info!("SIGHUP: the settings of IRC are those of the file"),
                Err(error) => error!(%error, "SIGHUP: the old settings of IRC stay in use"),
            }
        }
    }
}

#[cfg(unix)]
impl IrcFiles {
    /// Reads the message of the day and the password again. All other settings need a restart.
    fn reload(&self, file: &Path) -> Result<(), Box<dyn Error>> {
        use tracing::warn;
        let config = ServerConfig::read(file)?.irc;
        if !config.differs_only_in_reloadable(&self.config) {
            warn!("SIGHUP: only motd and password in [irc] are reloaded, the others at a restart");
        }
        self.dialect.reload(config.settings()?);
        Ok(())
    }
}

/// Returns the expiry time of a certificate, for display.
pub(crate) fn expiry(certificates: &Certificates) -> Timestamp {
    Timestamp::try_from(certificates.expires()).unwrap_or(Timestamp::MAX)
}
