//! The output of one connection: its socket, and a queue for what the socket did not take at once.

mod pause;

use super::backlog::Backlog;
#[cfg(target_os = "linux")]
use crate::io::Reader;
use crate::io::Writer;
use crate::limits::Limits;
use futures::future::BoxFuture;
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;
use tokio::io::AsyncWrite;
use tokio::time::{Instant, timeout};

/// The engine task usually writes to the socket directly and wakes no other task. Bytes that the
/// socket does not take wait in the queue, which the connection's own task then empties.
///
/// Each delivery reads this structure, so it is small: with the counters of its `Arc` it fills one
/// cache line. Its limits are stored elsewhere.
pub(crate) struct SocketQueue(Mutex<State>);

/// Asks the engine task to resume a session, whose queue has room again.
pub(crate) trait Resume: Sync {
    /// Sends the request. Cancel safe.
    fn resume(&self) -> BoxFuture<'_, ()>;
}

struct State {
    /// `None` once the connection has ended.
    writer: Option<Writer>,
    /// State that few connections ever need.
    rest: Option<Box<Rest>>,
    /// Wakes the connection's task when it has something to do.
    waker: Option<Waker>,
}

#[derive(Default)]
struct Rest {
    backlog: Backlog,
    /// True if the writer has taken all bytes and still has to be flushed.
    unflushed: bool,
    /// True if frames were refused since there was last room.
    refused: bool,
    /// The number of bytes that the socket has taken of the backlog. It distinguishes a peer that
    /// reads slowly from one that does not read at all.
    taken: u64,
    /// True if nothing more is read from the peer for the moment.
    reading_paused: bool,
    /// The last bytes of the transport, if they differ from those of its framing.
    farewell: Option<Vec<u8>>,
    /// The time since which nothing more may be added.
    closing: Option<Instant>,
    /// The outcome of the connection, until its task has taken it.
    ended: Option<io::Result<()>>,
}

/// The progress of the connection's task.
enum Step {
    /// Frames were refused, and there is room again.
    Room,
    /// The connection is to be closed, for which there is less time.
    Closing,
    /// Everything is written.
    Done,
}

impl SocketQueue {
    pub(crate) fn new(writer: Writer) -> Self {
        Self(Mutex::new(State { writer: Some(writer), rest: None, waker: None }))
    }

    /// Writes as much as the socket takes, and keeps the rest. Returns true if bytes are left.
    pub(crate) fn write(&self, bytes: &[u8], frames: usize) -> bool {
        self.lock().write_and_wake(bytes, frames)
    }

    /// Writes an answer of the transport itself, such as a pong, unless the connection is closing
    /// or the queue is full.
    pub(crate) fn answer(&self, limits: &Limits, bytes: &[u8]) {
        let mut state = self.lock();
        if !state.is_closing() && state.has_room(limits) {
            state.write_and_wake(bytes, 1);
        }
    }

    /// Sets the last bytes of the transport. Later calls change nothing.
    pub(crate) fn set_farewell(&self, farewell: Vec<u8>) {
        self.lock().rest().farewell.get_or_insert(farewell);
    }

    /// Takes the socket off the runtime, if nothing waits to be written, and calls `register` with
    /// it. From then on, `waker` is woken if there is something to do. Returns false, and changes
    /// nothing, if the connection has to go on.
    #[cfg(target_os = "linux")]
    pub(crate) fn rest(
        &self,
        reader: &mut Reader,
        waker: Waker,
        register: impl FnOnce(&std::net::TcpStream) -> io::Result<()>,
    ) -> bool {
        let mut state = self.lock();
        if state.rest.is_some() {
            return false;
        }
        let Some(writer) = &mut state.writer else { return false };
        let rested = writer.rest(reader).and_then(|rests| {
            if let Some(socket) = writer.idle() {
                register(socket)?;
            }
            Ok(rests)
        });
        match rested {
            Ok(true) => {
                state.waker = Some(waker);
                true
            }
            Ok(false) => false,
            Err(error) => {
                state.end(Err(error));
                false
            }
        }
    }

    /// Lets the current runtime watch the socket again, after it has been passed to `deregister`.
    #[cfg(target_os = "linux")]
    pub(crate) fn resume(
        &self,
        reader: &mut Reader,
        deregister: impl FnOnce(&std::net::TcpStream) -> io::Result<()>,
    ) {
        let mut state = self.lock();
        let Some(writer) = &mut state.writer else { return };
        let deregistered = writer.idle().map_or(Ok(()), deregister);
        if let Err(error) = deregistered.and_then(|()| writer.resume(reader)) {
            state.end(Err(error));
        }
    }

    /// Returns true if nothing waits to be written, and the connection is not closing.
    pub(crate) fn is_idle(&self) -> bool {
        self.lock().rest.is_none()
    }

    /// Wakes the connection's task.
    pub(crate) fn wake(&self) {
        self.lock().wake();
    }

    /// Looks for room for bytes and frames. Returns true if others wait already. If there is no
    /// room, the connection's task asks for a resume once there is.
    pub(crate) fn room_for(
        &self,
        limits: &Limits,
        bytes: usize,
        frames: usize,
    ) -> Result<bool, ()> {
        let mut state = self.lock();
        if !state.is_behind() {
            return Ok(false);
        }
        let rest = state.rest();
        let fits = rest.backlog.bytes() + bytes <= limits.queue_bytes
            && rest.backlog.frames() + frames <= limits.queue_frames;
        if !fits && rest.backlog.frames() > 0 {
            rest.refused = true;
            return Err(());
        }
        Ok(true)
    }

    /// Returns true if half of the queue is free.
    pub(crate) fn has_room(&self, limits: &Limits) -> bool {
        self.lock().has_room(limits)
    }

    /// Returns true if three quarters of the queue are free.
    pub(crate) fn has_room_for_pages(&self, limits: &Limits) -> bool {
        let state = self.lock();
        state.rest.as_ref().is_none_or(|rest| {
            rest.backlog.bytes() <= limits.queue_bytes / 4
                && rest.backlog.frames() <= limits.queue_frames / 4
        })
    }

    /// Returns the numbers of bytes and frames in the queue.
    #[cfg(any(test, feature = "metrics"))]
    pub(crate) fn load(&self) -> (usize, usize) {
        let state = self.lock();
        state.rest.as_ref().map_or((0, 0), |rest| (rest.backlog.bytes(), rest.backlog.frames()))
    }

    /// Writes the last frames, even without room, and the last bytes of the transport. The
    /// connection is shut down after them.
    pub(crate) fn close(&self, last_words: &[u8], frames: usize, farewell: &[u8]) {
        let mut state = self.lock();
        state.write(last_words, frames);
        let own = state.rest().farewell.take();
        state.write(own.as_deref().unwrap_or(farewell), 0);
        state.rest().closing = Some(Instant::now());
        if !state.is_behind() {
            state.shut_down();
        }
        state.wake();
    }

    /// Writes the bytes that wait, and returns when the connection has ended. The connection's own
    /// task calls this; no other task waits for the socket.
    #[expect(clippy::manual_async_fn, reason = "the future of an async fn has its arguments twice")]
    pub(crate) fn drain(
        &self,
        limits: &Limits,
        resume: &impl Resume,
    ) -> impl Future<Output = io::Result<()>> + Send {
        async move {
            loop {
                let ended = poll_fn(|context| {
                    let mut state = self.lock();
                    state.set_waker(context);
                    match state.take_end() {
                        None if !state.is_behind() => Poll::Pending,
                        ended => Poll::Ready(ended),
                    }
                });
                if let Some(ended) = ended.await {
                    return ended;
                }
                // Boxed, so that connections that keep up do not pay for its future.
                Box::pin(self.catch_up(limits, resume)).await;
            }
        }
    }

    /// Writes until nothing is left or the connection has ended.
    async fn catch_up(&self, limits: &Limits, resume: &impl Resume) {
        loop {
            let (before, was_closing, patience) = {
                let mut state = self.lock();
                let rest = state.rest();
                (rest.taken, rest.closing.is_some(), rest.patience(limits))
            };
            let writing = poll_fn(|context| {
                let mut state = self.lock();
                state.set_waker(context);
                if state.is_closing() != was_closing {
                    return Poll::Ready(Step::Closing);
                }
                state.poll_write(context, limits)
            });
            let step = timeout(patience, writing).await;
            let mut state = self.lock();
            match step {
                Ok(Step::Done) => return,
                Ok(Step::Closing) => {}
                Ok(Step::Room) => {
                    drop(state);
                    resume.resume().await;
                }
                Err(_) if state.rest().is_moving(before) => {}
                Err(elapsed) => return state.end(Err(elapsed.into())),
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Rest {
    fn is_behind(&self) -> bool {
        !self.backlog.is_empty() || self.unflushed
    }

    fn has_room(&self, limits: &Limits) -> bool {
        self.backlog.bytes() <= limits.queue_bytes / 2
            && self.backlog.frames() <= limits.queue_frames / 2
    }

    /// Returns the time in which the peer has to take something.
    fn patience(&self, limits: &Limits) -> Duration {
        match self.closing {
            Some(since) => limits.drain.saturating_sub(since.elapsed()),
            None => limits.write_stall,
        }
    }

    /// Returns true if the peer has taken bytes since then. A closing connection has a fixed time
    /// instead.
    fn is_moving(&self, before: u64) -> bool {
        self.closing.is_none() && self.taken != before
    }
}

impl State {
    fn rest(&mut self) -> &mut Rest {
        self.rest.get_or_insert_default()
    }

    fn is_behind(&self) -> bool {
        self.rest.as_ref().is_some_and(|rest| rest.is_behind())
    }

    fn has_room(&self, limits: &Limits) -> bool {
        self.rest.as_ref().is_none_or(|rest| rest.has_room(limits))
    }

    fn is_closing(&self) -> bool {
        self.rest.as_ref().is_some_and(|rest| rest.closing.is_some())
    }

    /// Writes, and wakes the connection's task if that has something to do then. Returns true if
    /// bytes are left.
    fn write_and_wake(&mut self, bytes: &[u8], frames: usize) -> bool {
        let was_behind = self.is_behind();
        self.write(bytes, frames);
        let is_behind = self.is_behind();
        if self.writer.is_none() || (is_behind && !was_behind) {
            self.wake();
        }
        is_behind
    }

    fn write(&mut self, mut bytes: &[u8], frames: usize) {
        if !self.is_behind() {
            // This does not wait. If the socket is full, the connection's task tries again and
            // waits.
            while !bytes.is_empty() {
                let Some(writer) = &mut self.writer else { return };
                match writer.try_write(bytes) {
                    Ok(0) => return self.end(Err(io::ErrorKind::WriteZero.into())),
                    Ok(count) => bytes = &bytes[count..],
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                    Err(error) => return self.end(Err(error)),
                }
            }
            if bytes.is_empty() {
                return self.flush();
            }
        }
        if self.writer.is_some() {
            self.rest().backlog.push(bytes, frames);
        }
    }

    fn flush(&mut self) {
        let Some(writer) = &mut self.writer else { return };
        match writer.try_flush() {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => self.rest().unflushed = true,
            Err(error) => self.end(Err(error)),
        }
    }

    fn shut_down(&mut self) {
        let Some(writer) = &mut self.writer else { return };
        match writer.try_shutdown() {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => self.rest().unflushed = true,
            done => self.end(done),
        }
    }

    /// Writes the backlog, and shuts the connection down if it is closing.
    fn poll_write(&mut self, context: &mut Context<'_>, limits: &Limits) -> Poll<Step> {
        let Self { writer: Some(writer), rest: Some(rest), .. } = self else {
            return Poll::Ready(Step::Done);
        };
        while let Some(waiting) = rest.backlog.first() {
            match ready!(Pin::new(&mut *writer).poll_write(context, waiting)) {
                Ok(0) => return self.fail(io::ErrorKind::WriteZero.into()),
                Ok(count) => {
                    rest.taken += count as u64;
                    rest.backlog.advance(count);
                }
                Err(error) => return self.fail(error),
            }
            if rest.refused && rest.has_room(limits) {
                rest.refused = false;
                return Poll::Ready(Step::Room);
            }
        }
        if let Err(error) = ready!(Pin::new(&mut *writer).poll_flush(context)) {
            return self.fail(error);
        }
        rest.unflushed = false;
        if rest.closing.is_some() {
            let done = ready!(Pin::new(writer).poll_shutdown(context));
            self.end(done);
        } else {
            // An idle session keeps no buffer.
            let reading_paused = rest.reading_paused;
            let paused = || Box::new(Rest { reading_paused, ..Rest::default() });
            self.rest = reading_paused.then(paused);
        }
        Poll::Ready(Step::Done)
    }

    fn fail(&mut self, error: io::Error) -> Poll<Step> {
        self.end(Err(error));
        Poll::Ready(Step::Done)
    }

    /// Sets the waker of the connection's task.
    fn set_waker(&mut self, context: &Context<'_>) {
        match &mut self.waker {
            Some(waker) => waker.clone_from(context.waker()),
            None => self.waker = Some(context.waker().clone()),
        }
    }

    fn wake(&self) {
        if let Some(waker) = &self.waker {
            waker.wake_by_ref();
        }
    }

    fn end(&mut self, result: io::Result<()>) {
        self.writer = None;
        self.rest = Some(Box::new(Rest { ended: Some(result), ..Rest::default() }));
    }

    fn take_end(&mut self) -> Option<io::Result<()>> {
        self.rest.as_mut()?.ended.take()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::{Framing, FramingTable};
    use crate::outbound::{Outbox, Round};
    use chat_core::CloseReason;
    use chat_dialects::{Frame, Frames, Full, Port};
    use std::sync::Arc;
    use tokio::io::{AsyncReadExt, DuplexStream, duplex};

    /// Leaves frames as they are, and ends with a full stop.
    struct Plain;

    impl Framing for Plain {
        fn frame(frame: &Frame, out: &mut Vec<u8>) {
            out.extend_from_slice(frame.bytes());
        }

        fn close(_: &CloseReason, out: &mut Vec<u8>) {
            out.push(b'.');
        }
    }

    /// Returns an outbox whose socket takes `width` bytes before the peer reads, and the peer.
    fn outbox(width: usize, queue_bytes: usize, queue_frames: usize) -> (Outbox, DuplexStream) {
        let limits = Limits { queue_bytes, queue_frames, ..Limits::default() };
        let (near, far) = duplex(width);
        let socket_queue = Arc::new(SocketQueue::new(Writer::new(near)));
        let round = Arc::new(Round::new(1, Arc::new(limits)));
        (Outbox::new(socket_queue, FramingTable::of::<Plain>(), round, None), far)
    }

    fn send(outbox: &mut Outbox, texts: &[&str]) -> Result<(), Full> {
        let mut frames = Frames::default();
        texts.iter().for_each(|text| frames.push(*text));
        let prepared = outbox.prepare(&frames);
        outbox.send(&prepared)?;
        outbox.flush();
        Ok(())
    }

    #[tokio::test]
    async fn bytes_that_the_socket_takes_are_not_queued() {
        let (mut outbox, mut far) = outbox(100, 10, 10);
        for _ in 0..5 {
            assert_eq!(send(&mut outbox, &["12345", "67890"]), Ok(()));
            assert_eq!(outbox.load(), (0, 0));
        }
        let mut came = [0; 50];
        far.read_exact(&mut came).await.expect("it has been written");
    }

    #[tokio::test]
    async fn pieces_are_written_in_order_of_sending() {
        let (mut outbox, mut far) = outbox(100, 10, 10);
        let pieces = ["a", "b", "c", "d"].map(|text| {
            let mut frames = Frames::default();
            frames.push(text);
            outbox.prepare(&frames)
        });
        let mut own = Frames::default();
        own.push("-");
        for index in [1, 2, 0, 3] {
            assert_eq!(outbox.send(&pieces[index]), Ok(()));
            assert_eq!(outbox.tell(&own), Ok(()));
        }
        outbox.close(&Frames::default(), &CloseReason::Idle);
        let mut came = String::new();
        far.read_to_string(&mut came).await.expect("UTF-8");
        assert_eq!(came, "b-c-a-d-.");
    }

    #[tokio::test]
    async fn frames_that_do_not_fit_are_refused_together() {
        let (mut outbox, _far) = outbox(1, 10, 3);
        assert_eq!(send(&mut outbox, &["x12345"]), Ok(()));
        assert_eq!(outbox.load(), (5, 1));
        assert_eq!(send(&mut outbox, &["123", "456"]), Err(Full), "too many bytes");
        assert_eq!(send(&mut outbox, &["1", "2", "3"]), Err(Full), "too many frames");
        assert_eq!(send(&mut outbox, &["12", "345"]), Ok(()));
        assert_eq!(outbox.load(), (10, 3));
        assert_eq!(send(&mut outbox, &[""]), Err(Full));
    }

    #[tokio::test]
    async fn empty_queue_takes_any_number_of_frames() {
        let (mut outbox, _far) = outbox(1, 1, 1);
        assert_eq!(send(&mut outbox, &["12345", "67890"]), Ok(()));
        assert_eq!(outbox.load(), (9, 2));
    }

    #[tokio::test]
    async fn farewell_is_written_last() {
        let (mut outbox, mut far) = outbox(100, 3, 1);
        assert_eq!(send(&mut outbox, &["one"]), Ok(()));
        let mut bye = Frames::default();
        bye.push("bye");
        outbox.close(&bye, &CloseReason::Idle);
        let mut came = String::new();
        far.read_to_string(&mut came).await.expect("UTF-8");
        assert_eq!(came, "onebye.");
    }

    #[tokio::test]
    async fn long_output_is_flushed_within_the_round() {
        let (mut outbox, _far) = outbox(1, 10, 100);
        let mut frames = Frames::default();
        frames.push("x".repeat(20_000));
        let prepared = outbox.prepare(&frames);
        let taken = (0..10).take_while(|_| outbox.send(&prepared).is_ok()).count();
        assert_eq!(taken, 4, "64 KiB are flushed");
        assert_eq!(outbox.load(), (79_999, 4));
    }
}
