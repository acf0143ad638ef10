//! A session of the switchboard.

use crate::broadcast::Broadcast;
use crate::encode_cache::EncodeCache;
use crate::fault::FaultWindow;
use crate::keep_alive::LastHeard;
use crate::session_kind::{DialectSession, SessionKind};
use crate::session_table::EncodingGroup;
use crate::slow_consumer::SlowConsumer;
use crate::write_log::WriteLog;
use crate::{Conversation, EventPort, Frames, Notice, Port, Reaction, SessionEventRef};
use chat_core::{CloseReason, Event, Refusal, RequestId, Timestamp};
use std::any::TypeId;
use std::sync::Arc;

/// The switchboard's state of one session.
pub(crate) struct Session<P: Port> {
    slot: u32,
    kind: SessionKind<P>,
    /// Replies and events dropped since the port was last full, of which the client is not told
    /// yet.
    missed: u64,
    /// True if the session is in the list of those to flush.
    is_touched: bool,
    /// True if the session is in the list of those that wait to be flushed.
    is_waiting: bool,
    /// True once the client has sent a frame.
    has_sent: bool,
    /// Boxed, because few clients cause faults.
    faults: Option<Box<FaultWindow>>,
    last_heard: LastHeard,
}

impl<P: Port> Session<P> {
    pub(crate) fn new(slot: u32, kind: SessionKind<P>, now: Timestamp) -> Self {
        Self {
            slot,
            kind,
            missed: 0,
            is_touched: false,
            is_waiting: false,
            has_sent: false,
            faults: None,
            last_heard: LastHeard::since(now),
        }
    }

    /// Notes a sign of life.
    pub(crate) fn note_heard(&mut self, now: Timestamp) {
        self.last_heard = LastHeard::since(now);
    }

    /// Notes a frame of the client, and returns true if it is the first.
    pub(crate) fn note_frame(&mut self) -> bool {
        !std::mem::replace(&mut self.has_sent, true)
    }

    /// Counts faults of the client, and returns true if there are too many.
    pub(crate) fn count_faults(&mut self, now: Timestamp, faults: usize) -> bool {
        (0..faults)
            .fold(false, |too_many, _| self.faults.get_or_insert_default().note(now) || too_many)
    }

    /// Calls the conversation, and sends the frames of its reaction. A session without a dialect
    /// has no conversation.
    pub(crate) fn converse(
        &mut self,
        at: Timestamp,
        reaction: &mut Reaction,
        log: &mut WriteLog,
        call: impl FnOnce(&mut dyn Conversation, &mut Reaction),
    ) {
        self.react(at, reaction, log, call, |dialect_session, missed, frames| {
            dialect_session.catch_up(missed) && dialect_session.port.tell(frames).is_ok()
        });
    }

    /// Calls the conversation, and sends the frames of its reaction before those of the round.
    pub(crate) fn converse_now(
        &mut self,
        at: Timestamp,
        reaction: &mut Reaction,
        log: &mut WriteLog,
        call: impl FnOnce(&mut dyn Conversation, &mut Reaction),
    ) {
        self.react(at, reaction, log, call, |dialect_session, missed, frames| {
            // A gap is reported in the round, which comes later.
            *missed == 0 && dialect_session.port.tell_now(frames).is_ok()
        });
    }

    /// Delivers an event about others.
    pub(crate) fn deliver(
        &mut self,
        group: u32,
        broadcast: Broadcast<'_>,
        encode_cache: &mut EncodeCache<P::Prepared>,
        log: &mut WriteLog,
    ) {
        if broadcast.is_transient && !self.has_room() {
            return;
        }
        let is_sent = match &mut self.kind {
            SessionKind::Dialect(dialect_session) => {
                let prepared = dialect_session.encode(group, broadcast, encode_cache);
                // The dialect may encode the event as nothing.
                let Some(prepared) = prepared else { return };
                dialect_session.catch_up(&mut self.missed)
                    && dialect_session.port.send(prepared).is_ok()
            }
            SessionKind::Events(port) => {
                let Broadcast { at, event, .. } = broadcast;
                catch_up(port, &mut self.missed)
                    && port.receive(SessionEventRef::Event { at, event }).is_ok()
            }
        };
        self.count(is_sent, log);
        if broadcast.may_wait { self.wait(log) } else { self.touch(log) }
    }

    /// Delivers the reply to a command.
    pub(crate) fn reply(
        &mut self,
        at: Timestamp,
        request: Option<&RequestId>,
        event: &Event,
        reaction: &mut Reaction,
        log: &mut WriteLog,
    ) {
        if let SessionKind::Events(port) = &mut self.kind {
            reaction.begin(at);
            let is_sent = catch_up(port, &mut self.missed)
                && port.receive(SessionEventRef::Reply { at, request, event }).is_ok();
            return self.note(is_sent, log);
        }
        self.converse(at, reaction, log, |conversation, reaction| {
            conversation.reply(request, event, reaction);
            if let Event::Rejected(Refusal::MessageTooLong { .. } | Refusal::TooManyLines { .. }) =
                event
            {
                reaction.count_fault();
            }
        });
    }

    /// Sends a ping, if the transport or the dialect has one.
    pub(crate) fn ping(&mut self, log: &mut WriteLog) {
        let SessionKind::Dialect(dialect_session) = &mut self.kind else { return };
        // A dialect's ping is left out while the queue is full: the client has enough to read, and
        // a ping is nothing that it misses.
        let mut ping = Frames::default();
        let is_sent = dialect_session.port.ping()
            || self.missed == 0
                && dialect_session.converse(|conversation| conversation.ping(&mut ping))
                && dialect_session.port.tell(&ping).is_ok();
        if is_sent {
            self.last_heard.note_ping();
        }
        self.touch(log);
    }

    /// Tells the client of dropped replies and events, if there are any and there is room now.
    /// Returns true if there is no gap left.
    pub(crate) fn catch_up(&mut self, log: &mut WriteLog) -> bool {
        self.touch(log);
        match &mut self.kind {
            SessionKind::Dialect(dialect_session) => dialect_session.catch_up(&mut self.missed),
            SessionKind::Events(port) => catch_up(port, &mut self.missed),
        }
    }

    /// Ends the session with its last frames or its last event.
    pub(crate) fn close(mut self, reason: &CloseReason) {
        match self.kind {
            SessionKind::Dialect(mut dialect_session) => {
                dialect_session.catch_up(&mut self.missed);
                dialect_session.close(self.missed, reason);
            }
            SessionKind::Events(mut port) => {
                catch_up(&mut port, &mut self.missed);
                // There is always room for the last event.
                let _ = port.receive(SessionEventRef::Closed { missed: self.missed, reason });
            }
        }
    }

    /// Takes the session apart, of which only the port is used again. `None` if it has no dialect.
    pub(crate) fn into_port(self) -> Option<P> {
        match self.kind {
            SessionKind::Dialect(dialect_session) => Some(dialect_session.port),
            SessionKind::Events(_) => None,
        }
    }

    /// Returns the port of a session to flush, which has a dialect.
    pub(crate) fn touched_port(&mut self) -> Option<&mut P> {
        match &mut self.kind {
            SessionKind::Dialect(dialect_session) if self.is_touched => {
                Some(&mut dialect_session.port)
            }
            SessionKind::Dialect(_) | SessionKind::Events(_) => None,
        }
    }

    /// Puts the session on the list of those to flush.
    pub(crate) fn touch(&mut self, log: &mut WriteLog) {
        if !self.is_touched {
            self.is_touched = true;
            log.touched.push(self.slot);
        }
    }

    /// Takes the session off the list of those that wait, and puts it on that of those to flush.
    pub(crate) fn release(&mut self, log: &mut WriteLog) {
        if std::mem::take(&mut self.is_waiting) {
            self.touch(log);
        }
    }

    /// Takes the session off the list of those to flush.
    pub(crate) fn note_flushed(&mut self) {
        self.is_touched = false;
    }

    /// Returns the port, if the session has a dialect.
    pub(crate) fn port(&self) -> Option<&P> {
        match &self.kind {
            SessionKind::Dialect(dialect_session) => Some(&dialect_session.port),
            SessionKind::Events(_) => None,
        }
    }

    /// Returns true if clients of the session's dialect take a nickname in several steps.
    pub(crate) fn registers_in_steps(&self) -> bool {
        match &self.kind {
            SessionKind::Dialect(dialect_session) => dialect_session.dialect().registers_in_steps(),
            SessionKind::Events(_) => false,
        }
    }

    /// Returns true if commands of the session wait instead of being refused.
    pub(crate) fn paces(&self) -> bool {
        match &self.kind {
            SessionKind::Dialect(dialect_session) => dialect_session.dialect().paces(),
            SessionKind::Events(_) => false,
        }
    }

    /// Returns true if there is room for a long answer.
    pub(crate) fn has_room_for_pages(&self) -> bool {
        match &self.kind {
            SessionKind::Dialect(dialect_session) => dialect_session.port.has_room_for_pages(),
            SessionKind::Events(port) => port.has_room(),
        }
    }

    /// Stops reading from the client, or goes on.
    pub(crate) fn set_reading(&mut self, is_on: bool) {
        if let SessionKind::Dialect(dialect_session) = &mut self.kind {
            dialect_session.port.set_reading(is_on);
        }
    }

    /// Returns true if the session has missed something, and is therefore to be closed.
    pub(crate) fn is_too_slow(&self, slow_consumer: SlowConsumer) -> bool {
        self.missed > 0 && self.slow_consumer(slow_consumer) == SlowConsumer::Disconnect
    }

    pub(crate) fn last_heard(&self) -> LastHeard {
        self.last_heard
    }

    /// Returns the treatment of the client if it reads too slowly: that of its dialect, or else the
    /// host's.
    fn slow_consumer(&self, of_host: SlowConsumer) -> SlowConsumer {
        let of_dialect = match &self.kind {
            SessionKind::Dialect(dialect_session) => dialect_session.dialect().slow_consumer(),
            SessionKind::Events(_) => None,
        };
        of_dialect.unwrap_or(of_host)
    }

    /// Calls the conversation, and passes the frames of its reaction to `send`, which returns true
    /// if they are sent.
    fn react(
        &mut self,
        at: Timestamp,
        reaction: &mut Reaction,
        log: &mut WriteLog,
        call: impl FnOnce(&mut dyn Conversation, &mut Reaction),
        send: impl FnOnce(&mut DialectSession<P>, &mut u64, &Frames) -> bool,
    ) {
        reaction.begin(at);
        let SessionKind::Dialect(dialect_session) = &mut self.kind else { return };
        dialect_session.converse(|conversation| call(conversation, reaction));
        if !reaction.frames.is_empty() {
            let is_sent = send(dialect_session, &mut self.missed, &reaction.frames);
            self.note(is_sent, log);
        }
    }

    fn has_room(&self) -> bool {
        match &self.kind {
            SessionKind::Dialect(dialect_session) => dialect_session.port.has_room(),
            SessionKind::Events(port) => port.has_room(),
        }
    }

    /// Notes the outcome of an attempt to write to the port.
    fn note(&mut self, is_sent: bool, log: &mut WriteLog) {
        self.count(is_sent, log);
        self.touch(log);
    }

    fn count(&mut self, is_sent: bool, log: &mut WriteLog) {
        if is_sent {
            log.counters.deliveries += 1;
        } else {
            self.missed += 1;
            log.counters.lagged += 1;
        }
    }

    /// Puts the session on the list of those that wait, unless it is flushed anyway.
    fn wait(&mut self, log: &mut WriteLog) {
        if !self.is_touched && !self.is_waiting {
            self.is_waiting = true;
            log.waiting.push(self.slot);
        }
    }
}

/// Tells a session in the same process of what it has missed.
fn catch_up(port: &mut impl EventPort, missed: &mut u64) -> bool {
    if *missed > 0
        && port.has_room()
        && port.receive(SessionEventRef::Lagged { missed: *missed }).is_ok()
    {
        *missed = 0;
    }
    *missed == 0
}

impl<P: Port> DialectSession<P> {
    /// Tells the client of what it has missed.
    fn catch_up(&mut self, missed: &mut u64) -> bool {
        *missed == 0 || self.tell_gap(missed)
    }

    #[cold]
    fn tell_gap(&mut self, missed: &mut u64) -> bool {
        if !self.port.has_room() {
            return false;
        }
        let mut frames = Frames::default();
        let lagged = Notice::Lagged { missed: *missed };
        self.converse(|conversation| conversation.notice(&lagged, &mut frames));
        let is_told = self.port.tell(&frames).is_ok();
        if is_told {
            *missed = 0;
        }
        is_told
    }

    /// Sends the last frames, even without room, so that the client learns that the earlier frames
    /// were not all.
    fn close(mut self, missed: u64, reason: &CloseReason) {
        let mut last_words = Frames::default();
        self.converse(|conversation| {
            if missed > 0 {
                conversation.notice(&Notice::Lagged { missed }, &mut last_words);
            }
            conversation.notice(&Notice::Closing(reason), &mut last_words);
        });
        self.port.close(&last_words, reason);
    }
}

/// Sessions of one dialect, by its address, behind one kind of port. `None` without a dialect.
impl<P: Port> EncodingGroup for Session<P> {
    type Group = Option<(usize, TypeId)>;

    fn group(&self) -> Self::Group {
        match &self.kind {
            SessionKind::Dialect(dialect_session) => {
                let dialect = Arc::as_ptr(dialect_session.dialect()).addr();
                Some((dialect, dialect_session.port.kind()))
            }
            SessionKind::Events(_) => None,
        }
    }
}
