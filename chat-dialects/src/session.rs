//! A session of the switchboard: its dialect, its port and its counters.

use crate::broadcast::Broadcast;
use crate::encode_cache::{CacheKey, EncodeCache};
use crate::fault::FaultWindow;
use crate::keep_alive::LastHeard;
use crate::session_kind::SessionKind;
use crate::session_table::EncodingGroup;
use crate::slow_consumer::SlowConsumer;
use crate::{Counters, Frames, Notice, Port, Reaction, SessionEventRef};
use chat_core::{CloseReason, Timestamp};
use std::any::TypeId;
use std::sync::Arc;

/// The switchboard's state of one session.
pub(crate) struct Session<P> {
    slot: u32,
    pub(crate) kind: SessionKind,
    pub(crate) port: P,
    /// Replies and events dropped since the port was last full, of which the client is not told
    /// yet.
    missed: u64,
    pub(crate) touched: bool,
    /// True once the client has sent a frame.
    pub(crate) heard: bool,
    /// Boxed, because few clients cause faults.
    faults: Option<Box<FaultWindow>>,
    pub(crate) last_heard: LastHeard,
}

impl<P: Port> Session<P> {
    pub(crate) fn new(slot: u32, kind: SessionKind, port: P, last_heard: LastHeard) -> Self {
        Self { slot, kind, port, missed: 0, touched: false, heard: false, faults: None, last_heard }
    }

    /// Notes that it has been sent something.
    pub(crate) fn touch(&mut self, touched: &mut Vec<u32>) {
        if !self.touched {
            self.touched = true;
            touched.push(self.slot);
        }
    }

    /// Counts faults of the client's. Returns whether there are too many.
    pub(crate) fn count_faults(&mut self, now: Timestamp, faults: usize) -> bool {
        (0..faults)
            .fold(false, |too_many, _| self.faults.get_or_insert_default().note(now) || too_many)
    }

    /// Tells what others did.
    pub(crate) fn tell(
        &mut self,
        group: u32,
        broadcast: Broadcast<'_>,
        encode_cache: &mut EncodeCache<P::Prepared>,
        counters: &mut Counters,
    ) {
        let SessionKind::Dialect(dialect_session) = &self.kind else {
            return self.hear(
                SessionEventRef::Event { at: broadcast.at, event: broadcast.event },
                counters,
            );
        };
        let reading = CacheKey { group, form: dialect_session.form(broadcast.event) };
        if let Some(prepared) =
            encode_cache.of(reading, &**dialect_session.dialect(), broadcast, &mut self.port)
        {
            let is_sent = self.catch_up() && self.port.send(prepared).is_ok();
            self.note(is_sent, counters);
        }
    }

    /// Lets the conversation know that somebody is elsewhere now, which its client has been told.
    /// Returns what it wants because of that, beyond what it says.
    pub(crate) fn follow(
        &mut self,
        broadcast: Broadcast<'_>,
        reaction: &mut Reaction,
        counters: &mut Counters,
    ) -> Option<Reaction> {
        let SessionKind::Dialect(dialect_session) = &mut self.kind else { return None };
        dialect_session.let_speak(|conversation| {
            conversation.moved(broadcast.event, reaction.begin(broadcast.at))
        });
        self.send(&reaction.frames, counters);
        reaction.take_wishes()
    }

    pub(crate) fn send(&mut self, frames: &Frames, counters: &mut Counters) {
        if !frames.is_empty() {
            let is_sent = self.catch_up() && self.port.tell(frames).is_ok();
            self.note(is_sent, counters);
        }
    }

    /// Whether it has missed something and that is not to be.
    pub(crate) fn is_too_slow(&self, slow_consumer: SlowConsumer) -> bool {
        self.missed > 0 && slow_consumer == SlowConsumer::Disconnect
    }

    pub(crate) fn hear(&mut self, heard: SessionEventRef<'_>, counters: &mut Counters) {
        let is_sent = self.catch_up() && self.port.hear(heard).is_ok();
        self.note(is_sent, counters);
    }

    fn note(&mut self, is_sent: bool, counters: &mut Counters) {
        if is_sent {
            counters.deliveries += 1;
        } else {
            self.missed += 1;
            counters.lagged += 1;
        }
    }

    /// Asks the client whether it is still there, if there are words for that.
    pub(crate) fn ask(&mut self) {
        let SessionKind::Dialect(dialect_session) = &mut self.kind else { return };
        // A client with a full queue has enough to read, and a question that does not fit is
        // nothing that it misses.
        let mut question = Frames::default();
        let is_asked = self.port.ping()
            || self.missed == 0
                && dialect_session.let_speak(|conversation| conversation.ping(&mut question))
                && self.port.tell(&question).is_ok();
        if is_asked {
            self.last_heard.note_question();
        }
    }

    /// Tells the client what it has missed, if it has and there is room. Returns whether there is
    /// no gap any more.
    pub(crate) fn catch_up(&mut self) -> bool {
        self.missed == 0 || self.tell_gap()
    }

    fn tell_gap(&mut self) -> bool {
        if !self.port.has_room() {
            return false;
        }
        let missed = self.missed;
        let told = match &mut self.kind {
            SessionKind::Dialect(dialect_session) => {
                let mut frames = Frames::default();
                let lagged = Notice::Lagged { missed };
                dialect_session.let_speak(|conversation| conversation.notice(&lagged, &mut frames));
                self.port.tell(&frames)
            }
            SessionKind::Events => self.port.hear(SessionEventRef::Lagged { missed }),
        };
        if told.is_ok() {
            self.missed = 0;
        }
        told.is_ok()
    }

    pub(crate) fn close(mut self, reason: &CloseReason) {
        self.catch_up();
        let mut last_words = Frames::default();
        // Room or not, so that what came before is not taken for all there was.
        let missed = self.missed;
        match &mut self.kind {
            SessionKind::Dialect(dialect_session) => dialect_session.let_speak(|conversation| {
                if missed > 0 {
                    conversation.notice(&Notice::Lagged { missed }, &mut last_words);
                }
                conversation.notice(&Notice::Closing(reason), &mut last_words);
            }),
            SessionKind::Events => {
                // It is the last thing, for which there is always room.
                let _ = self.port.hear(SessionEventRef::Closed { missed, reason });
            }
        }
        self.port.close(&last_words, reason);
    }
}

/// Those who read alike: of one dialect (by its address) behind one kind of port.
impl<P: Port> EncodingGroup for Session<P> {
    type Group = (Option<usize>, TypeId);

    fn group(&self) -> Self::Group {
        let dialect = match &self.kind {
            SessionKind::Dialect(dialect_session) => {
                Some(Arc::as_ptr(dialect_session.dialect()).addr())
            }
            SessionKind::Events => None,
        };
        (dialect, self.port.kind())
    }
}
