//! Being asked to stop, by a person or by a service manager.

use std::future::Future;
use std::io;

/// Listens for SIGINT and SIGTERM, or for Ctrl-C where there are no signals, and comes back at the
/// first.
///
/// It listens from the moment of the call, in a Tokio runtime: a signal that comes before this is
/// awaited is not lost.
///
/// # Errors
///
/// If the system does not let the process listen for signals.
pub fn stop_signal() -> impl Future<Output = io::Result<()>> + Send {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let interrupt = signal(SignalKind::interrupt());
        let terminate = signal(SignalKind::terminate());
        async move {
            let (mut interrupt, mut terminate) = (interrupt?, terminate?);
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
            Ok(())
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c()
}
