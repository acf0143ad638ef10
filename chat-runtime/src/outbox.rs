//! What waits to be sent to one session.

use crate::Limits;
use chat_core::CloseReason;
use chat_dialects::{Frame, Frames, Full};
use std::collections::VecDeque;
use std::ops::Deref;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// A queue of frames, bounded in bytes and in number. The host puts frames in and never waits; the session's connection
/// takes them out. What has been taken counts until it is [sent](Self::sent), so that the bound is one of memory.
///
/// When it is full, frames are refused, and the switchboard counts them.
#[derive(Debug)]
pub(crate) struct Outbox {
    state: Mutex<State>,
    filled: Notify,
    closed: Notify,
    most_bytes: usize,
    most_frames: usize,
}

#[derive(Debug, Default)]
struct State {
    waiting: VecDeque<Frame>,
    /// Bytes and frames that wait or are being written.
    bytes: usize,
    frames: usize,
    /// Something has been refused since there was last room.
    refused: bool,
    closed: Option<CloseReason>,
}

/// The host's end of a queue. When it is dropped, the queue is closed, so that a connection ends with a host that fails.
#[derive(Debug)]
pub(crate) struct Feed(Arc<Outbox>);

/// What a connection is to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Taken {
    /// Send the frames that were taken.
    Frames,
    /// Close: everything has been taken.
    Closed(CloseReason),
}

impl Outbox {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            state: Mutex::default(),
            filled: Notify::new(),
            closed: Notify::new(),
            most_bytes: limits.queue_bytes,
            most_frames: limits.queue_frames,
        }
    }

    /// Adds frames, all or none. An empty queue takes anything, so that no answer is too long for ever.
    pub(crate) fn push(&self, frames: &Frames) -> Result<(), Full> {
        let mut state = self.lock();
        let (bytes, count) = size(frames.iter());
        let fits =
            state.bytes + bytes <= self.most_bytes && state.frames + count <= self.most_frames;
        if state.frames > 0 && !fits {
            state.refused = true;
            return Err(Full);
        }
        state.append(frames);
        Ok(())
    }

    /// Whether half of the queue is free again.
    pub(crate) fn has_room(&self) -> bool {
        let state = self.lock();
        state.bytes <= self.most_bytes / 2 && state.frames <= self.most_frames / 2
    }

    /// How many bytes and frames wait or are being written.
    pub(crate) fn load(&self) -> (usize, usize) {
        let state = self.lock();
        (state.bytes, state.frames)
    }

    /// Adds last frames, room or not; nothing comes after them.
    pub(crate) fn close(&self, last_words: &Frames, reason: &CloseReason) {
        let mut state = self.lock();
        state.append(last_words);
        state.closed = Some(reason.clone());
        drop(state);
        self.filled.notify_one();
        self.closed.notify_one();
    }

    /// Wakes the connection if there is something for it.
    pub(crate) fn wake(&self) {
        self.filled.notify_one();
    }

    /// Waits for frames and takes at least one and about as many as have `bytes` bytes. Cancel safe.
    pub(crate) async fn take(&self, bytes: usize, batch: &mut Vec<Frame>) -> Taken {
        loop {
            if let Some(taken) = self.try_take(bytes, batch) {
                return taken;
            }
            self.filled.notified().await;
        }
    }

    /// Frees the room of frames that have been written. Returns whether the host waits to hear of it.
    pub(crate) fn sent(&self, batch: &[Frame]) -> bool {
        let (bytes, frames) = size(batch.iter());
        let mut state = self.lock();
        state.bytes -= bytes;
        state.frames -= frames;
        let half_free = state.bytes <= self.most_bytes / 2 && state.frames <= self.most_frames / 2;
        half_free && std::mem::take(&mut state.refused)
    }

    /// Comes back when the queue has been closed. Cancel safe; for one task.
    pub(crate) async fn until_closed(&self) {
        while self.lock().closed.is_none() {
            self.closed.notified().await;
        }
    }

    fn try_take(&self, bytes: usize, batch: &mut Vec<Frame>) -> Option<Taken> {
        let mut state = self.lock();
        let mut taken = 0;
        while taken < bytes
            && let Some(frame) = state.waiting.pop_front()
        {
            taken += frame.bytes().len();
            batch.push(frame);
        }
        if !batch.is_empty() {
            if state.waiting.is_empty() {
                // An idle session keeps no buffer.
                state.waiting = VecDeque::new();
            }
            return Some(Taken::Frames);
        }
        state.closed.clone().map(Taken::Closed)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Feed {
    pub(crate) fn new(outbox: Arc<Outbox>) -> Self {
        Self(outbox)
    }
}

impl Deref for Feed {
    type Target = Outbox;

    fn deref(&self) -> &Outbox {
        &self.0
    }
}

impl Drop for Feed {
    fn drop(&mut self) {
        if self.0.lock().closed.is_none() {
            self.0.close(&Frames::default(), &CloseReason::ShuttingDown);
        }
    }
}

impl State {
    fn append(&mut self, frames: &Frames) {
        let (bytes, count) = size(frames.iter());
        self.bytes += bytes;
        self.frames += count;
        self.waiting.extend(frames.iter().cloned());
    }
}

fn size<'a>(frames: impl Iterator<Item = &'a Frame>) -> (usize, usize) {
    frames.fold((0, 0), |(bytes, count), frame| (bytes + frame.bytes().len(), count + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outbox(queue_bytes: usize, queue_frames: usize) -> Outbox {
        Outbox::new(&Limits { queue_bytes, queue_frames, ..Limits::default() })
    }

    fn frames(texts: &[&str]) -> Frames {
        let mut frames = Frames::default();
        texts.iter().for_each(|text| frames.push(*text));
        frames
    }

    #[test]
    fn what_does_not_fit_is_refused_whole() {
        let outbox = outbox(10, 100);
        assert_eq!(outbox.push(&frames(&["12345"])), Ok(()));
        assert_eq!(outbox.push(&frames(&["123", "456"])), Err(Full));
        assert_eq!(outbox.push(&frames(&["12345"])), Ok(()));
    }

    #[test]
    fn an_empty_queue_takes_anything() {
        assert_eq!(outbox(1, 1).push(&frames(&["12345", "67890"])), Ok(()));
    }

    #[test]
    fn room_is_free_only_when_frames_have_been_written() {
        let outbox = outbox(10, 100);
        assert_eq!(outbox.push(&frames(&["1234567890"])), Ok(()));
        let mut batch = Vec::new();
        assert_eq!(outbox.try_take(100, &mut batch), Some(Taken::Frames));
        assert_eq!(outbox.push(&frames(&["x"])), Err(Full));
        assert!(!outbox.has_room());
        assert!(outbox.sent(&batch), "somebody was refused and waits to hear of it");
        assert!(outbox.has_room());
        assert_eq!(outbox.push(&frames(&["x"])), Ok(()));
    }

    #[test]
    fn closing_comes_after_everything_else() {
        let outbox = outbox(3, 1);
        assert_eq!(outbox.push(&frames(&["one"])), Ok(()));
        outbox.close(&frames(&["bye"]), &CloseReason::Idle);
        let mut batch = Vec::new();
        assert_eq!(outbox.try_take(100, &mut batch), Some(Taken::Frames));
        assert_eq!(batch.len(), 2);
        batch.clear();
        assert_eq!(outbox.try_take(100, &mut batch), Some(Taken::Closed(CloseReason::Idle)));
    }
}
