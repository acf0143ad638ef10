//! A stream on which no wait of HTTP is without an end.

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

/// A stream that ends when a request does not come in time: the head within
/// [`Limits::handshake`], and its first byte within [`Limits::keep_alive`] of the request before.
/// Writing fails when the peer takes nothing for [`Limits::write_stall`].
pub(crate) struct HttpStream<S> {
    stream: S,
    progress: Progress,
    times: Times,
    timer: Pin<Box<Sleep>>,
    /// What the timer is for.
    timed: u32,
    /// Runs while the peer takes nothing.
    stall: Option<Pin<Box<Sleep>>>,
}

/// Where a connection is between its requests. The stream and the service share it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Progress(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    state: AtomicU32,
    /// Wakes the stream when a request has been answered: it waits for the next one only then.
    reader: Mutex<Option<Waker>>,
}

/// The body of a response, whose end is that of its request.
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

    /// Completes when the next request has not come in time.
    fn poll_late(&mut self, cx: &mut Context<'_>) -> Poll<()> {
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
            // A moment beyond the end of the clock would panic.
            self.timer.as_mut().reset(Instant::now() + limit.min(A_YEAR));
        }
        self.timer.as_mut().poll(cx)
    }

    /// Fails when the peer takes nothing for too long.
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
                    self.progress.hear();
                }
                Poll::Ready(read)
            }
            // Nothing read is the end of the stream.
            Poll::Pending => self.poll_late(cx).map(Ok),
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
    /// A request has come: its answer takes as long as it takes.
    pub(crate) fn serve(&self) {
        self.enter(SERVING);
    }

    /// The connection is no longer one of HTTP.
    pub(crate) fn upgrade(&self) {
        self.enter(UPGRADED);
    }

    /// What ends the request when the response's body is done with.
    pub(crate) fn track<B>(&self, body: B) -> Tracked<B> {
        Tracked { body, progress: self.clone() }
    }

    /// Something has been read: between two requests, it is the beginning of the next.
    fn hear(&self) {
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

    /// Enters a state. It is another one than before, even if that was of the same kind.
    fn enter(&self, state: u32) {
        let next = (self.now() | STATES).wrapping_add(1) | state;
        // One task has the stream, the service and the body.
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

/// The bits of a progress that are its state; those above count.
const STATES: u32 = 0b11;
/// The head of a request is expected, and has begun unless it is the first.
const HEAD: u32 = 0;
/// A request is being answered.
const SERVING: u32 = 1;
/// A request has been answered, and another may come.
const IDLE: u32 = 2;
/// The connection has become a WebSocket.
const UPGRADED: u32 = 3;
/// For ever, as far as a connection is concerned.
const A_YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);
