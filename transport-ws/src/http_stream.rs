//! A stream that enforces the timeouts of HTTP connections.

use chat_runtime::Limits;
use hyper::body::{Body, Frame, SizeHint};
use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep};

/// A stream that ends if a request does not arrive in time: its head has to arrive within
/// [`Limits::handshake`], and its first byte within [`Limits::keep_alive`] after the previous
/// request. Writing fails if the peer accepts no byte for [`Limits::write_stall`].
pub(crate) struct HttpStream<S> {
    stream: S,
    progress: Progress,
    times: Times,
    timer: Pin<Box<Sleep>>,
    /// The state of the progress for which the timer is set.
    timed: u32,
    /// Runs while a write is pending.
    stall: Option<Pin<Box<Sleep>>>,
}

/// The state of a connection in its sequence of requests. The stream and the service share it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Progress(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    state: AtomicU32,
    /// Wakes the stream when a request has been answered, so that it sets its keep-alive timer.
    reader: Mutex<Option<Waker>>,
}

/// The body of a response. Dropping it marks the request as answered.
pub(crate) struct Tracked<B> {
    body: B,
    progress: Progress,
}

#[derive(Clone, Copy)]
struct Times {
    head: Duration,
    keep_alive: Duration,
    write_stall: Duration,
}

impl<S> HttpStream<S> {
    pub(crate) fn new(stream: S, progress: Progress, limits: &Limits) -> Self {
        let times = Times {
            head: limits.handshake,
            keep_alive: limits.keep_alive,
            write_stall: limits.write_stall,
        };
        let timer = Box::pin(sleep(times.head));
        let timed = progress.now();
        Self { stream, progress, times, timer, timed, stall: None }
    }

    pub(crate) fn into_inner(self) -> S {
        self.stream
    }

    /// Completes when the next request has not arrived in time.
    fn poll_timeout(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let now = self.progress.now();
        let limit = match now & STATES {
            HEAD => self.times.head,
            IDLE => self.times.keep_alive,
            UPGRADED => return Poll::Pending,
            _ => {
                self.progress.wake_later(cx.waker());
                return Poll::Pending;
            }
        };
        if std::mem::replace(&mut self.timed, now) != now {
            // An instant beyond the range of the clock would panic.
            self.timer.as_mut().reset(Instant::now() + limit.min(A_YEAR));
        }
        self.timer.as_mut().poll(cx)
    }

    /// Fails if a write has been pending for too long.
    fn poll_stalled<T>(
        &mut self,
        cx: &mut Context<'_>,
        written: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if written.is_ready() || self.progress.now() & STATES == UPGRADED {
            self.stall = None;
            return written;
        }
        let limit = self.times.write_stall;
        let stall = self.stall.get_or_insert_with(|| Box::pin(sleep(limit)));
        ready!(stall.as_mut().poll(cx));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for HttpStream<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        match Pin::new(&mut self.stream).poll_read(cx, buf) {
            Poll::Ready(read) => {
                if buf.filled().len() > before {
                    self.progress.note_read();
                }
                Poll::Ready(read)
            }
            // Reading zero bytes signals the end of the stream.
            Poll::Pending => self.poll_timeout(cx).map(Ok),
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for HttpStream<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, buf);
        self.poll_stalled(cx, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, bufs);
        self.poll_stalled(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(cx);
        self.poll_stalled(cx, flushed)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let shut = Pin::new(&mut self.stream).poll_shutdown(cx);
        self.poll_stalled(cx, shut)
    }
}

impl Progress {
    /// Notes that a request has arrived. There is no timeout while it is answered.
    pub(crate) fn serve(&self) {
        self.enter(SERVING);
    }

    /// Notes that the connection is upgraded, after which no HTTP timeout applies.
    pub(crate) fn upgrade(&self) {
        self.enter(UPGRADED);
    }

    /// Wraps a response's body so that the request counts as answered when the body is dropped.
    pub(crate) fn track<B>(&self, body: B) -> Tracked<B> {
        Tracked { body, progress: self.clone() }
    }

    /// Notes that bytes have been read. Between two requests, they begin the next one.
    fn note_read(&self) {
        if self.now() & STATES == IDLE {
            self.enter(HEAD);
        }
    }

    fn answered(&self) {
        if self.now() & STATES == SERVING {
            self.enter(IDLE);
            let reader = self.0.reader.lock().unwrap_or_else(PoisonError::into_inner).take();
            if let Some(reader) = reader {
                reader.wake();
            }
        }
    }

    fn wake_later(&self, reader: &Waker) {
        let mut waiting = self.0.reader.lock().unwrap_or_else(PoisonError::into_inner);
        match &mut *waiting {
            Some(waiting) => waiting.clone_from(reader),
            None => *waiting = Some(reader.clone()),
        }
    }

    /// Enters a state. The value changes even if the kind of state is the same, so that the stream
    /// notices each entry.
    fn enter(&self, state: u32) {
        let next = (self.now() | STATES).wrapping_add(1) | state;
        // Relaxed: one task owns the stream, the service and the body.
        self.0.state.store(next, Ordering::Relaxed);
    }

    fn now(&self) -> u32 {
        self.0.state.load(Ordering::Relaxed)
    }
}

impl<B> Drop for Tracked<B> {
    fn drop(&mut self) {
        self.progress.answered();
    }
}

impl<B: Body + Unpin> Body for Tracked<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// The bits of a progress that hold the kind of state. The bits above hold a counter.
const STATES: u32 = 0b11;
/// The head of a request is being read, or the first request is expected.
const HEAD: u32 = 0;
/// A request is being answered.
const SERVING: u32 = 1;
/// A request has been answered, and another may come.
const IDLE: u32 = 2;
/// The connection has become a WebSocket.
const UPGRADED: u32 = 3;
/// The upper bound of a timer, practically unlimited for a connection.
const A_YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);
