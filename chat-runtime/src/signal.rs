//! Being asked to stop, by a person or by a service manager.

use std::io;

/// Waits for SIGINT or SIGTERM, or for Ctrl-C where there are no signals.
///
/// # Errors
///
/// If the system does not let the process listen for signals.
pub async fn stop_signal() -> io::Result<()> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        Ok(())
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await
}
