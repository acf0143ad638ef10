//! Stops reading from the peer of a connection for a while.

use super::{Rest, SocketQueue};
use std::future::poll_fn;
use std::task::Poll;

impl SocketQueue {
    /// Stops reading from the peer, or goes on.
    pub(crate) fn set_reading(&self, is_on: bool) {
        let mut state = self.lock();
        if !is_on {
            state.rest().reading_paused = true;
        } else if let Some(rest) = &mut state.rest {
            rest.reading_paused = false;
            if rest.is_unused() {
                state.rest = None;
            }
            state.wake();
        }
    }

    /// Waits until the peer may be read from. The connection's own task calls this, and reads
    /// nothing more once it has ended. Cancel safe.
    pub(crate) fn may_read(&self) -> impl Future<Output = ()> + Send {
        poll_fn(|context| {
            let mut state = self.lock();
            if state.rest.as_ref().is_none_or(|rest| !rest.reading_paused) {
                return Poll::Ready(());
            }
            state.set_waker(context);
            Poll::Pending
        })
    }
}

impl Rest {
    /// Returns true if this is the state of a connection that needs none.
    fn is_unused(&self) -> bool {
        !self.is_behind()
            && !self.refused
            && !self.reading_paused
            && self.farewell.is_none()
            && self.closing.is_none()
            && self.ended.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::Writer;
    use crate::limits::Limits;
    use crate::outbound::socket_queue::Resume;
    use futures::future::BoxFuture;
    use std::sync::Arc;
    use tokio::io::{AsyncReadExt, duplex};

    #[tokio::test]
    async fn peer_is_not_read_from_until_the_port_goes_on() {
        let queue = Arc::new(SocketQueue::new(Writer::new(tokio::io::sink())));
        queue.may_read().await;
        queue.set_reading(false);
        let (paused, (told, is_told)) = (queue.clone(), tokio::sync::oneshot::channel());
        let waiting = tokio::spawn(async move {
            let mut waiting = std::pin::pin!(paused.may_read());
            assert!(futures::poll!(waiting.as_mut()).is_pending());
            told.send(()).expect("the test waits");
            waiting.await;
        });
        is_told.await.expect("it waits");
        queue.set_reading(true);
        waiting.await.expect("it goes on");
        assert!(queue.is_idle());
    }

    /// Nothing is resumed in these tests.
    struct NoResume;

    impl Resume for NoResume {
        fn resume(&self) -> BoxFuture<'_, ()> {
            Box::pin(async {})
        }
    }

    #[tokio::test]
    async fn reading_stays_paused_when_the_peer_has_read_everything() {
        let (near, mut far) = duplex(1);
        let queue = SocketQueue::new(Writer::new(near));
        assert!(queue.write(b"hello", 1));
        queue.set_reading(false);
        let limits = Limits::default();
        let mut draining = std::pin::pin!(queue.drain(&limits, &NoResume));
        let mut read = [0; 5];
        tokio::select! {
            biased;
            _ = &mut draining => unreachable!("the connection goes on"),
            read = far.read_exact(&mut read) => drop(read.expect("the frame")),
        }
        assert_eq!(&read, b"hello");
        assert!(futures::poll!(draining.as_mut()).is_pending());
        assert_eq!(queue.load(), (0, 0));
        assert!(futures::poll!(std::pin::pin!(queue.may_read())).is_pending());
        queue.set_reading(true);
        queue.may_read().await;
        assert!(queue.is_idle());
    }
}
