//! Detects that the other end of standard output is closed: the terminal, or the reader of a pipe.
//!
//! Writing would fail then, but there may be nothing to write for hours. SIGHUP signals a closed
//! terminal, unless it is ignored, as under `nohup`. Reading from a closed terminal does not fail
//! in crossterm.

/// Completes when the other end of standard output is closed. Never completes if standard output is
/// a file.
#[cfg(unix)]
pub(super) async fn hung_up() {
    use rustix::event::{PollFd, PollFlags, poll};
    use tokio::sync::oneshot;

    let (gone, is_gone) = oneshot::channel();
    // The thread blocks. The process does not wait for it when it ends.
    std::thread::spawn(move || {
        let stdout = std::io::stdout();
        loop {
            // The system always reports HUP and ERR, so no flags are requested.
            let mut polled = [PollFd::new(&stdout, PollFlags::empty())];
            match poll(&mut polled, None) {
                Ok(_) if polled[0].revents().intersects(PollFlags::HUP | PollFlags::ERR) => break,
                Err(rustix::io::Errno::INTR) => {}
                // The system cannot poll standard output.
                Ok(_) | Err(_) => return,
            }
        }
        let _ = gone.send(());
    });
    if is_gone.await.is_err() {
        std::future::pending().await
    }
}

/// Never completes: only Unix can detect a closed standard output.
#[cfg(not(unix))]
pub(super) async fn hung_up() {
    std::future::pending().await
}
