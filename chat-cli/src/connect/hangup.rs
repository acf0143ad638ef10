//! Noticing that nobody is at the other end of standard output any more: the terminal is gone, or
//! the reader of a pipe.
//!
//! Writing to it would fail, but there may be nothing to write for hours. SIGHUP says it of a
//! terminal, unless it is ignored, as it is below `nohup`, and reading from a terminal that is gone
//! does not end in crossterm.

/// Comes back when nobody is at the other end of standard output any more, and never where there is
/// no other end.
#[cfg(unix)]
pub(super) async fn hung_up() {
    use rustix::event::{PollFd, PollFlags, poll};
    use tokio::sync::oneshot;

    let (gone, is_gone) = oneshot::channel();
    // A thread of its own, which the process does not wait for when it ends.
    std::thread::spawn(move || {
        let stdout = std::io::stdout();
        loop {
            // Asks for nothing: the system always tells of these two.
            let mut polled = [PollFd::new(&stdout, PollFlags::empty())];
            match poll(&mut polled, None) {
                Ok(_) if polled[0].revents().intersects(PollFlags::HUP | PollFlags::ERR) => break,
                Err(rustix::io::Errno::INTR) => {}
                // A system that cannot watch it.
                Ok(_) | Err(_) => return,
            }
        }
        let _ = gone.send(());
    });
    if is_gone.await.is_err() {
        std::future::pending().await
    }
}

/// Comes back when nobody is at the other end of standard output any more, which only Unix can
/// tell.
#[cfg(not(unix))]
pub(super) async fn hung_up() {
    std::future::pending().await
}
