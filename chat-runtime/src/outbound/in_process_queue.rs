//! The queue of events of a session in the same process.
//!
//! The queue is bounded. If the engine task cannot add an event, it counts it, and adds no more
//! until the session has room for half of the queue. The session then asks for a resume. The two
//! run on different threads, so both sides can look at the same moment: the task at a full queue,
//! the session at a flag that is not set yet. [`RefusalFlag`] rules out that both miss the other's
//! change, after which neither would do anything again.

use crate::metrics::Counted;
use chat_core::{CloseReason, Event, RequestId, Timestamp};
use chat_dialects::{EventPort, Full, SessionEventRef};
use std::sync::atomic::{AtomicBool, Ordering, fence};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::mpsc;

/// An event of a session in the same process.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SessionEvent {
    /// The answer to one of its commands.
    Reply {
        /// The time.
        at: Timestamp,
        /// The session's own name for the command.
        request: Option<RequestId>,
        /// The answer.
        event: Event,
    },
    /// An event about others.
    Event {
        /// The time.
        at: Timestamp,
        /// The event.
        event: Event,
    },
    /// Replies and events were dropped, because the session did not read. The next one comes after
    /// the gap.
    Lagged {
        /// The number of dropped replies and events.
        missed: u64,
    },
    /// The session has ended. Nothing comes after this.
    Closed {
        /// The reason.
        reason: CloseReason,
    },
}

/// The engine task's end of the queue.
#[derive(Debug)]
pub(crate) struct InProcessQueue {
    events: mpsc::Sender<SessionEvent>,
    shared: Arc<Shared>,
    _counted: Counted,
}

/// The session's end of the queue.
#[derive(Debug)]
pub(crate) struct InProcessReceiver {
    events: mpsc::Receiver<SessionEvent>,
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    refusal: RefusalFlag<AtomicBool>,
    /// The last event, which needs no room in the queue.
    end: Mutex<Option<End>>,
}

#[derive(Debug)]
struct End {
    missed: u64,
    reason: CloseReason,
}

/// True if the engine task has refused an event since the session last asked for a resume.
#[derive(Debug, Default)]
struct RefusalFlag<A>(A);

/// An atomic boolean: that of the standard library, or that of a model checker in tests.
trait AtomicFlag {
    fn load(&self) -> bool;
    fn store(&self, value: bool);
    fn swap(&self, value: bool) -> bool;
    /// A sequentially consistent fence.
    fn fence();
}

impl InProcessQueue {
    /// Makes both ends of a queue, for a session that is counted.
    pub(crate) fn new(capacity: usize, counted: Counted) -> (Self, InProcessReceiver) {
        let (sender, receiver) = mpsc::channel(capacity.max(1));
        let shared = Arc::<Shared>::default();
        let queue = Self { events: sender, shared: shared.clone(), _counted: counted };
        (queue, InProcessReceiver { events: receiver, shared })
    }
}

impl EventPort for InProcessQueue {
    fn receive(&mut self, event: SessionEventRef<'_>) -> Result<(), Full> {
        if let SessionEventRef::Closed { missed, reason } = event {
            let end = End { missed, reason: reason.clone() };
            *self.shared.end.lock().unwrap_or_else(PoisonError::into_inner) = Some(end);
            return Ok(());
        }
        let mut permit = None;
        self.shared.refusal.try_twice(|| {
            permit = self.events.try_reserve().ok();
            permit.is_some()
        });
        let permit = permit.ok_or(Full)?;
        if let Some(event) = SessionEvent::copied(event) {
            permit.send(event);
        }
        Ok(())
    }

    fn has_room(&self) -> bool {
        let half = self.events.max_capacity().div_ceil(2);
        self.shared.refusal.try_twice(|| self.events.capacity() >= half)
    }
}

impl InProcessReceiver {
    /// Waits for the next event. `None` if the engine task has dropped its end. Cancel safe.
    pub(crate) async fn next(&mut self) -> Option<SessionEvent> {
        match self.events.recv().await {
            Some(event) => Some(event),
            None => self.take_end(),
        }
    }

    /// Returns true if the session has to ask for a resume before it waits: the engine task has
    /// refused an event, and half of the queue is free now.
    pub(crate) fn needs_resume(&self) -> bool {
        let half = self.events.max_capacity() / 2;
        self.shared.refusal.is_set_after(|| self.events.len() <= half)
    }

    /// Resets the flag, and returns true if it was set. The session calls this once it can send the
    /// request: a caller that is cancelled before that loses nothing.
    pub(crate) fn take_refusal(&self) -> bool {
        self.shared.refusal.take()
    }

    /// Returns what is left when the queue is empty and no more can come.
    fn take_end(&self) -> Option<SessionEvent> {
        let mut end = self.shared.end.lock().unwrap_or_else(PoisonError::into_inner);
        match end.take()? {
            End { missed: 0, reason } => Some(SessionEvent::Closed { reason }),
            End { missed, reason } => {
                *end = Some(End { missed: 0, reason });
                Some(SessionEvent::Lagged { missed })
            }
        }
    }
}

impl<A: AtomicFlag> RefusalFlag<A> {
    /// Engine task: tries something that needs room. If it fails, sets the flag and tries again,
    /// because the session may have made room and looked at the flag for the last time before that.
    fn try_twice(&self, mut attempt: impl FnMut() -> bool) -> bool {
        attempt() || {
            self.0.store(true);
            // Either the session, which has a fence between making room and reading the flag, sees
            // the flag, or the second attempt sees the room.
            A::fence();
            attempt()
        }
    }

    /// Session: returns true if there is room and the flag is set.
    fn is_set_after(&self, has_room: impl FnOnce() -> bool) -> bool {
        A::fence();
        has_room() && self.0.load()
    }

    /// Session: resets the flag before it asks for a resume. If the task finds that there is no
    /// room after all, it sets the flag again.
    fn take(&self) -> bool {
        self.0.swap(false)
    }
}

impl AtomicFlag for AtomicBool {
    fn load(&self) -> bool {
        Self::load(self, Ordering::SeqCst)
    }

    fn store(&self, value: bool) {
        Self::store(self, value, Ordering::SeqCst);
    }

    fn swap(&self, value: bool) -> bool {
        Self::swap(self, value, Ordering::SeqCst)
    }

    fn fence() {
        fence(Ordering::SeqCst);
    }
}

impl SessionEvent {
    /// Copies an event. `None` if this version does not know it.
    fn copied(event: SessionEventRef<'_>) -> Option<Self> {
        Some(match event {
            SessionEventRef::Reply { at, request, event } => {
                Self::Reply { at, request: request.cloned(), event: event.clone() }
            }
            SessionEventRef::Event { at, event } => Self::Event { at, event: event.clone() },
            SessionEventRef::Lagged { missed } => Self::Lagged { missed },
            SessionEventRef::Closed { missed: _, reason } => {
                Self::Closed { reason: reason.clone() }
            }
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use loom::sync::atomic::{AtomicBool as ModelBool, AtomicUsize};
    use loom::thread;

    impl AtomicFlag for ModelBool {
        fn load(&self) -> bool {
            Self::load(self, Ordering::SeqCst)
        }

        fn store(&self, value: bool) {
            Self::store(self, value, Ordering::SeqCst);
        }

        fn swap(&self, value: bool) -> bool {
            Self::swap(self, value, Ordering::SeqCst)
        }

        fn fence() {
            loom::sync::atomic::fence(Ordering::SeqCst);
        }
    }

    /// A full queue for one event. Its counter is ordered as weakly as that of Tokio's channel.
    struct Model {
        refusal: RefusalFlag<ModelBool>,
        free: AtomicUsize,
    }

    impl Model {
        fn full() -> loom::sync::Arc<Self> {
            let refusal = RefusalFlag(ModelBool::new(false));
            loom::sync::Arc::new(Self { refusal, free: AtomicUsize::new(0) })
        }

        fn try_send(&self) -> bool {
            let taken = self.free.compare_exchange(1, 0, Ordering::AcqRel, Ordering::Acquire);
            taken.is_ok()
        }

        /// Takes the event, then does what the session does before it waits for the next one.
        fn take_and_look(&self) -> bool {
            self.free.fetch_add(1, Ordering::Release);
            self.refusal.is_set_after(|| true) && self.refusal.take()
        }
    }

    /// The model checker runs every interleaving that the memory orderings allow.
    #[test]
    fn refused_event_is_sent_after_all_or_the_session_asks_for_a_resume() {
        loom::model(|| {
            let model = Model::full();
            let engine = model.clone();
            let engine = thread::spawn(move || engine.refusal.try_twice(|| engine.try_send()));
            let is_resumed = model.take_and_look();
            let is_sent = engine.join().expect("the model does not panic");
            assert!(is_sent || is_resumed, "both would wait for ever");
        });
    }

    #[test]
    fn task_that_finds_no_room_is_resumed_when_there_is_some() {
        loom::model(|| {
            let model = Model::full();
            let engine = model.clone();
            let has_room = move || engine.free.load(Ordering::Acquire) == 1;
            let engine = model.clone();
            let engine = thread::spawn(move || engine.refusal.try_twice(has_room));
            let is_resumed = model.take_and_look();
            let has_room = engine.join().expect("the model does not panic");
            assert!(has_room || is_resumed, "both would wait for ever");
        });
    }
}
