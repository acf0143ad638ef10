//! Reloads the certificate and the keys on SIGHUP.

use crate::keys::ReloadableKeys;
use chat_server::tls::Certificates;
use jiff::Timestamp;
use std::io;

/// The files that are reloaded on SIGHUP, as far as the server uses them.
#[derive(Clone, Default)]
pub(crate) struct Reloadable {
    pub(crate) certificates: Option<Certificates>,
    pub(crate) keys: Option<ReloadableKeys>,
}

impl Reloadable {
    /// Begins to handle SIGHUP, in a Tokio runtime: each signal reloads the files. Without files to
    /// reload, the signal has no effect.
    ///
    /// # Errors
    ///
    /// If the signal handler cannot be installed.
    #[cfg(unix)]
    pub(crate) fn reload_on_hangup(self) -> io::Result<()> {
        use crate::systemd;
        use tokio::signal::unix::{SignalKind, signal};
        let mut hangup = signal(SignalKind::hangup())?;
        tokio::spawn(async move {
            while hangup.recv().await.is_some() {
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
    pub(crate) fn reload_on_hangup(self) -> io::Result<()> {
        Ok(())
    }

    #[cfg(unix)]
    fn reload(&self) {
        use tracing::{error, info};
        if self.certificates.is_none() && self.keys.is_none() {
            info!("SIGHUP: there is neither a certificate nor a token key to reload");
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
    }
}

/// Returns the expiry time of a certificate, for display.
pub(crate) fn expiry(certificates: &Certificates) -> Timestamp {
    Timestamp::try_from(certificates.expires()).unwrap_or(Timestamp::MAX)
}
