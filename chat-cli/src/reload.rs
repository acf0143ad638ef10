//! Being asked to read the certificate again.

use jiff::Timestamp;
use std::io;
use transport_tls::Certificates;

/// Listens for SIGHUP from the moment of the call, in a Tokio runtime, and reads the certificate again at each. A server
/// without TLS has nothing to read again, and goes on.
///
/// # Errors
///
/// If the system does not let the process listen for signals.
#[cfg(unix)]
pub(crate) fn reload_when_asked(certificates: Option<Certificates>) -> io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut hangup = signal(SignalKind::hangup())?;
    tokio::spawn(async move {
        while hangup.recv().await.is_some() {
            let certificates = certificates.clone();
            // A disk may be slow, and a task that panics is one that has said so.
            let _ = tokio::task::spawn_blocking(move || reload(certificates.as_ref())).await;
        }
    });
    Ok(())
}

/// Where there is no SIGHUP, nobody asks.
#[cfg(not(unix))]
pub(crate) fn reload_when_asked(_: Option<Certificates>) -> io::Result<()> {
    Ok(())
}

/// When a certificate expires, as people read it.
pub(crate) fn expiry(certificates: &Certificates) -> Timestamp {
    Timestamp::try_from(certificates.expires()).unwrap_or(Timestamp::MAX)
}

#[cfg(unix)]
fn reload(certificates: Option<&Certificates>) {
    use tracing::{error, info};
    let Some(certificates) = certificates else {
        info!("SIGHUP: without TLS there is nothing to read again");
        return;
    };
    match certificates.reload() {
        Ok(()) => {
            let expires = expiry(certificates);
            info!(%expires, "SIGHUP: whoever connects from now on is shown the new certificate");
        }
        Err(error) => error!(%error, "SIGHUP: the old certificate stays"),
    }
}
