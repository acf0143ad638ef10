//! Being asked to read the certificate and the keys again.

use crate::keys::ReloadableKeys;
use jiff::Timestamp;
use std::io;
use transport_tls::Certificates;

/// What is read again on SIGHUP, as far as the server uses it.
#[derive(Clone, Default)]
pub(crate) struct Reloadable {
    pub(crate) certificates: Option<Certificates>,
    pub(crate) keys: Option<ReloadableKeys>,
}

impl Reloadable {
    /// Listens for SIGHUP from the moment of the call, in a Tokio runtime, and reads the files
    /// again at each. A server without any has nothing to read again, and goes on.
    ///
    /// # Errors
    ///
    /// If the system does not let the process listen for signals.
    #[cfg(unix)]
    pub(crate) fn reload_when_asked(self) -> io::Result<()> {
        use crate::systemd;
        use tokio::signal::unix::{SignalKind, signal};
        let mut hangup = signal(SignalKind::hangup())?;
        tokio::spawn(async move {
            while hangup.recv().await.is_some() {
                systemd::reloading();
                let files = self.clone();
                // A disk may be slow, and a task that panics is one that has said so.
                let _ = tokio::task::spawn_blocking(move || files.reload()).await;
                systemd::ready();
            }
        });
        Ok(())
    }

    /// Where there is no SIGHUP, nobody asks.
    #[cfg(not(unix))]
    pub(crate) fn reload_when_asked(self) -> io::Result<()> {
        Ok(())
    }

    #[cfg(unix)]
    fn reload(&self) {
        use tracing::{error, info};
        if self.certificates.is_none() && self.keys.is_none() {
            info!("SIGHUP: without TLS and keys for tokens there is nothing to read again");
        }
        if let Some(certificates) = &self.certificates {
            match certificates.reload() {
                Ok(()) => {
                    let expires = expiry(certificates);
                    info!(%expires, "SIGHUP: whoever connects from now on is shown the new certificate");
                }
                Err(error) => error!(%error, "SIGHUP: the old certificate stays"),
            }
        }
        if let Some(keys) = &self.keys {
            match keys.reload() {
                Ok(()) => info!("SIGHUP: tokens are checked with the new keys from now on"),
                Err(error) => error!(%error, "SIGHUP: the old keys for tokens stay"),
            }
        }
    }
}

/// When a certificate expires, as people read it.
pub(crate) fn expiry(certificates: &Certificates) -> Timestamp {
    Timestamp::try_from(certificates.expires()).unwrap_or(Timestamp::MAX)
}
