//! The output of one connection: its socket, and a queue for what the socket did not take at once.

use crate::halves::Writer;
use crate::hub::{EngineMessage, Hub};
use crate::limits::Limits;
use chat_core::SessionId;
use std::collections::VecDeque;
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

struct State {
    /// `None` once the connection has ended.
    writer: Option<Writer>,
    /// State that few connections ever need.
    rest: Option<Box<Rest>>,
    /// Wakes the connection's task when there is something for it to do.
    bell: Option<Waker>,
}

#[derive(Default)]
struct Rest {
    backlog: Backlog,
    /// The socket has taken everything, and has to be asked to send it.
    unflushed: bool,
    /// Something has been refused since there was last room.
    refused: bool,
    /// Bytes that the socket has taken of the backlog, so that a peer that reads slowly can be told
    /// from one that does not read at all.
    taken: u64,
    /// What the transport says last, instead of what it usually does.
    farewell: Option<Vec<u8>>,
    /// Nothing comes after what is there, since then.
    closing: Option<Instant>,
    /// How the connection has ended, until its task has been told.
    ended: Option<io::Result<()>>,
}

/// What waits. What is taken of it at once stays together, so that the bound is one of memory.
#[derive(Default)]
struct Backlog {
    chunks: VecDeque<Chunk>,
    /// How much of the first chunk has been written.
    written: usize,
    bytes: usize,
    frames: usize,
}

struct Chunk {
    bytes: Vec<u8>,
    frames: usize,
}

/// How far the connection's task has come.
enum Step {
    /// Somebody was refused, and there is room again.
    Room,
    /// The connection is to be closed, for which there is less time.
    Closing,
    /// Everything is written.
    Done,
}

impl SocketQueue {
    pub(crate) fn new(writer: Writer) -> Self {
        Self(Mutex::new(State { writer: Some(writer), rest: None, bell: None }))
    }

    /// Writes as much as the socket takes, and keeps the rest. Returns whether something is left.
    pub(crate) fn write(&self, bytes: &[u8], frames: usize) -> bool {
        self.lock().write_on(bytes, frames)
    }

    /// Writes what the transport says by itself, unless nothing more is to come. A peer that takes
    /// nothing gets no answers either.
    pub(crate) fn answer(&self, limits: &Limits, bytes: &[u8]) {
        let mut state = self.lock();
        if !state.is_closing() && state.has_room(limits) {
            state.write_on(bytes, 1);
        }
    }

    /// Sets what the transport says last.
    pub(crate) fn set_farewell(&self, farewell: Vec<u8>) {
        // The first is the one that counts.
        self.lock().rest().farewell.get_or_insert(farewell);
    }

    /// Whether so much more may wait, and whether anything does. If it may not, the peer's task
    /// says when there is room.
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
        let fits = rest.backlog.bytes + bytes <= limits.queue_bytes
            && rest.backlog.frames + frames <= limits.queue_frames;
        if !fits && rest.backlog.frames > 0 {
            rest.refused = true;
            return Err(());
        }
        Ok(true)
    }

    /// Whether half of the queue is free again.
    pub(crate) fn has_room(&self, limits: &Limits) -> bool {
        self.lock().has_room(limits)
    }

    /// How many bytes and frames wait.
    pub(crate) fn load(&self) -> (usize, usize) {
        let state = self.lock();
        state.rest.as_ref().map_or((0, 0), |rest| (rest.backlog.bytes, rest.backlog.frames))
    }

    /// Writes a last word, room or not, and what the transport says last; then the connection is
    /// shut down.
    pub(crate) fn close(&self, last_words: &[u8], frames: usize, farewell: &[u8]) {
        let mut state = self.lock();
        state.write(last_words, frames);
        let own = state.rest().farewell.take();
        state.write(own.as_deref().unwrap_or(farewell), 0);
        state.rest().closing = Some(Instant::now());
        if !state.is_behind() {
            state.shut_down();
        }
        state.ring();
    }

    /// Writes what the engine's task could not, and comes back when the connection has ended. The
    /// only one who waits.
    #[expect(clippy::manual_async_fn, reason = "the future of an async fn has its arguments twice")]
    pub(crate) fn tend(
        &self,
        hub: &Hub,
        session: SessionId,
    ) -> impl Future<Output = io::Result<()>> + Send {
        async move {
            loop {
                let ended = poll_fn(|context| {
                    let mut state = self.lock();
                    state.listen(context);
                    match state.take_end() {
                        None if !state.is_behind() => Poll::Pending,
                        ended => Poll::Ready(ended),
                    }
                });
                if let Some(ended) = ended.await {
                    return ended;
                }
                // Rarely needed: it is no burden to a connection that keeps up.
                Box::pin(self.catch_up(hub, session)).await;
            }
        }
    }

    /// Writes until nothing is left or the connection has ended.
    async fn catch_up(&self, hub: &Hub, session: SessionId) {
        loop {
            let (before, was_closing, patience) = {
                let mut state = self.lock();
                let rest = state.rest();
                (rest.taken, rest.closing.is_some(), rest.patience(hub.limits()))
            };
            let writing = poll_fn(|context| {
                let mut state = self.lock();
                state.listen(context);
                if state.is_closing() != was_closing {
                    return Poll::Ready(Step::Closing);
                }
                state.poll_out(context, hub.limits())
            });
            let step = timeout(patience, writing).await;
            let mut state = self.lock();
            match step {
                Ok(Step::Done) => return,
                Ok(Step::Closing) => {}
                Ok(Step::Room) => {
                    drop(state);
                    let _ = hub.send(EngineMessage::Resume { session }).await;
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
        !self.backlog.chunks.is_empty() || self.unflushed
    }

    fn has_room(&self, limits: &Limits) -> bool {
        self.backlog.bytes <= limits.queue_bytes / 2
            && self.backlog.frames <= limits.queue_frames / 2
    }

    /// How long the peer may take nothing.
    fn patience(&self, limits: &Limits) -> Duration {
        match self.closing {
            Some(since) => limits.drain.saturating_sub(since.elapsed()),
            None => limits.write_stall,
        }
    }

    /// Whether a peer that may take its time has taken something since.
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

    /// Writes, and wakes the connection's task if there is something for it to do then. Returns
    /// whether something is left.
    fn write_on(&mut self, bytes: &[u8], frames: usize) -> bool {
        let was_behind = self.is_behind();
        self.write(bytes, frames);
        let is_behind = self.is_behind();
        if self.writer.is_none() || (is_behind && !was_behind) {
            self.ring();
        }
        is_behind
    }

    fn write(&mut self, mut bytes: &[u8], frames: usize) {
        if !self.is_behind() {
            // Nobody waits here. If the socket is full, the connection's task asks it again, and
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

    /// Writes what waits, and shuts down if nothing is to follow.
    fn poll_out(&mut self, context: &mut Context<'_>, limits: &Limits) -> Poll<Step> {
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
            self.rest = None;
        }
        Poll::Ready(Step::Done)
    }

    fn fail(&mut self, error: io::Error) -> Poll<Step> {
        self.end(Err(error));
        Poll::Ready(Step::Done)
    }

    /// Has the connection's task woken next time.
    fn listen(&mut self, context: &Context<'_>) {
        match &mut self.bell {
            Some(bell) => bell.clone_from(context.waker()),
            None => self.bell = Some(context.waker().clone()),
        }
    }

    fn ring(&self) {
        if let Some(bell) = &self.bell {
            bell.wake_by_ref();
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

impl Backlog {
    /// What is to be written next.
    fn first(&self) -> Option<&[u8]> {
        self.chunks.front().map(|first| &first.bytes[self.written..])
    }

    fn push(&mut self, bytes: &[u8], frames: usize) {
        self.bytes += bytes.len();
        self.frames += frames;
        if let Some(last) = self.chunks.back_mut()
            && last.bytes.len() + bytes.len() <= CHUNK
        {
            last.bytes.extend_from_slice(bytes);
            last.frames += frames;
        } else {
            self.chunks.push_back(Chunk { bytes: bytes.to_vec(), frames });
        }
    }

    /// Forgets so many bytes of the first chunk.
    fn advance(&mut self, count: usize) {
        self.written += count;
        if self.chunks.front().is_some_and(|first| first.bytes.len() == self.written)
            && let Some(first) = self.chunks.pop_front()
        {
            self.bytes -= first.bytes.len();
            self.frames -= first.frames;
            self.written = 0;
        }
    }
}

/// How much of what waits is written at once.
const CHUNK: usize = 16 * 1024;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::framing::Framing;
    use crate::outbox::Outbox;
    use crate::round::Round;
    use chat_core::CloseReason;
    use chat_dialects::{Frame, Frames, Full};
    use std::sync::Arc;
    use tokio::io::{AsyncReadExt, DuplexStream, duplex};

    /// As they are, and a full stop.
    struct Plain;

    impl Framing for Plain {
        fn frame(&self, frame: &Frame, out: &mut Vec<u8>) {
            out.extend_from_slice(frame.bytes());
        }

        fn close(&self, _: &CloseReason, out: &mut Vec<u8>) {
            out.push(b'.');
        }
    }

    /// An outbox for a peer who takes `width` bytes before they read, and the peer.
    fn outbox(width: usize, queue_bytes: usize, queue_frames: usize) -> (Outbox, DuplexStream) {
        let limits = Limits { queue_bytes, queue_frames, ..Limits::default() };
        let (near, far) = duplex(width);
        let socket_queue = Arc::new(SocketQueue::new(Writer::new(near)));
        (Outbox::new(socket_queue, &Plain, Arc::new(Round::new(1, Arc::new(limits))), None), far)
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
    async fn what_the_socket_takes_waits_for_nobody() {
        let (mut outbox, mut far) = outbox(100, 10, 10);
        for _ in 0..5 {
            assert_eq!(send(&mut outbox, &["12345", "67890"]), Ok(()));
            assert_eq!(outbox.load(), (0, 0));
        }
        let mut came = [0; 50];
        far.read_exact(&mut came).await.expect("it has been written");
    }

    #[tokio::test]
    async fn a_round_goes_out_in_order_whoever_else_hears_it() {
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
    async fn what_does_not_fit_is_refused_whole() {
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
    async fn an_empty_queue_takes_anything() {
        let (mut outbox, _far) = outbox(1, 1, 1);
        assert_eq!(send(&mut outbox, &["12345", "67890"]), Ok(()));
        assert_eq!(outbox.load(), (9, 2));
    }

    #[tokio::test]
    async fn closing_comes_after_everything_else() {
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
    async fn a_round_that_is_long_does_not_wait_for_its_end() {
        let (mut outbox, _far) = outbox(1, 10, 100);
        let mut frames = Frames::default();
        frames.push("x".repeat(20_000));
        let prepared = outbox.prepare(&frames);
        let taken = (0..10).take_while(|_| outbox.send(&prepared).is_ok()).count();
        assert_eq!(taken, 4, "what makes 64 KiB");
        assert_eq!(outbox.load(), (79_999, 4));
    }
}
