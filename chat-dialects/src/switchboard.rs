//! An engine and the dialects of its sessions, joined: frames in, frames out, and still no I/O.

use crate::broadcast::Broadcast;
use crate::encode_cache::EncodeCache;
use crate::frame::BYTE_ORDER_MARK;
use crate::held::{HeldFrames, Hold};
use crate::keep_alive::{KeepAlive, KeepAliveAction, LastHeard};
use crate::session::Session;
use crate::session_kind::{DialectSession, SessionKind};
use crate::session_table::SessionTable;
use crate::slow_consumer::SlowConsumer;
use crate::{Conversation, Counters, Dialect, Fault, Port, Reaction, SendLimits, SessionEventRef};
use chat_core::{
    Answer, CloseReason, Command, Effect, Engine, Event, Input, Peer, QuestionId, Refusal,
    RequestId, Secret, SessionId, Timestamp, View,
};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

/// Decodes the frames of sessions into commands for an engine, and encodes the engine's replies and
/// events for the sessions, each in its own dialect.
///
/// An event is encoded once for each dialect and [`Form`](crate::Form) in use, however many
/// sessions receive it.
pub struct Switchboard<P: Port> {
    engine: Engine,
    sessions: SessionTable<Session<P>>,
    slow_consumer: SlowConsumer,
    /// Sessions whose transport does not notice a dead client.
    keep_alive: KeepAlive,
    /// The slots of sessions that have been sent something since the last [`flush`](Self::flush).
    touched: Vec<u32>,
    /// Inputs that arose while effects were handled.
    pending: VecDeque<Input>,
    encode_cache: EncodeCache<P::Prepared>,
    /// The buffer that conversations write to.
    reaction: Reaction,
    /// Frames that wait until the host has authenticated their session.
    held: HeldFrames,
    /// Requests of the engine since the last [`take_auth_requests`](Self::take_auth_requests).
    questions: Vec<AuthRequest>,
    counters: Counters,
}

/// A request to authenticate a session. The session waits until the host
/// [answers](Switchboard::answer).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthRequest {
    /// The session; number 0, which no session has, for a
    /// [request](Self::is_about_request) without a session.
    pub session: SessionId,
    /// The number of the question.
    pub id: QuestionId,
    /// The client's origin, as the front end has given it.
    pub host: Option<Arc<str>>,
    /// The client's token.
    pub token: Option<Secret>,
}

/// Input from a transport.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inbound<'a> {
    /// A frame, without its terminator; not yet known to be UTF-8.
    Frame(&'a [u8]),
    /// Bytes that cannot be read as a frame.
    Fault(Fault),
    /// A sign of life without content.
    Alive,
}

impl AuthRequest {
    /// Makes a request that concerns no session, such as one of an HTTP API. The host makes it, not
    /// the engine.
    pub fn about_request(host: Option<Arc<str>>, token: Option<Secret>) -> Self {
        Self { session: SessionId(0), id: QuestionId(0), host, token }
    }

    /// Returns true if it concerns no session, so that the client cannot say `hello`.
    pub fn is_about_request(&self) -> bool {
        self.session == SessionId(0)
    }
}

impl<P: Port> Switchboard<P> {
    /// Makes a switchboard for an engine that has no sessions yet.
    pub fn new(engine: Engine) -> Self {
        let message_bytes = engine.config().message_bytes;
        let limits = SendLimits { message_bytes, ..SendLimits::default() };
        Self {
            engine,
            sessions: SessionTable::default(),
            slow_consumer: SlowConsumer::default(),
            keep_alive: KeepAlive::new(Duration::from_secs(30), Duration::from_secs(90)),
            touched: Vec::new(),
            pending: VecDeque::new(),
            encode_cache: EncodeCache::default(),
            reaction: Reaction { limits, ..Reaction::default() },
            held: HeldFrames::default(),
            questions: Vec::new(),
            counters: Counters::default(),
        }
    }

    /// Sets the largest frame in bytes that the host's transports take; 8,192 by default. Dialects
    /// tell it to their clients.
    pub fn set_frame_bytes(&mut self, frame_bytes: usize) {
        self.reaction.limits.frame_bytes = frame_bytes;
    }

    /// Sets the treatment of sessions whose clients do not read fast enough.
    pub fn set_slow_consumer(&mut self, slow_consumer: SlowConsumer) {
        self.slow_consumer = slow_consumer;
    }

    /// Sets the times of silence after which a [watched](Self::watch) client gets a ping, and after
    /// which its session is closed. By default 30 and 90 seconds.
    pub fn set_patience(&mut self, ping_after: Duration, give_up_after: Duration) {
        self.keep_alive = KeepAlive::new(ping_after, give_up_after);
    }

    /// Begins a session that speaks a dialect.
    pub fn open(
        &mut self,
        now: Timestamp,
        session: SessionId,
        peer: Peer,
        dialect: Arc<dyn Dialect>,
        port: P,
    ) {
        // A token that nobody is asked about says nothing.
        let token = peer.token.filter(|_| self.view().config().authenticate);
        let peer = Peer { person: peer.person || dialect.is_typed(), token, ..peer };
        let conversation = dialect.open(session, &peer);
        self.add(
            now,
            session,
            peer,
            SessionKind::Dialect(DialectSession::new(dialect, conversation)),
            port,
        );
        self.converse(now, session, |conversation, reaction| conversation.begin(reaction));
        if self.held.has_released() {
            self.release_held(now);
        }
    }

    /// Watches a session: after a time of silence its client gets a ping, if its
    /// [port](Port::ping) or its [dialect](Conversation::ping) has one.
    pub fn watch(&mut self, now: Timestamp, session: SessionId) {
        self.keep_alive.begin(now, session);
    }

    /// Begins a session in the same process. The host gives its [commands](Self::command), and its
    /// port [receives](Port::hear) events.
    pub fn open_in_process(&mut self, now: Timestamp, session: SessionId, peer: Peer, port: P) {
        self.add(now, session, peer, SessionKind::Events, port);
    }

    /// Handles input from a session's transport.
    pub fn receive(&mut self, now: Timestamp, session: SessionId, inbound: Inbound<'_>) {
        let mut is_first = false;
        if let Some(entry) = self.sessions.get_mut(session) {
            entry.last_heard = LastHeard::since(now);
            is_first =
                matches!(inbound, Inbound::Frame(_)) && !std::mem::replace(&mut entry.heard, true);
        }
        let inbound = match inbound {
            // Some editors and shells begin a file or a pipe with this mark.
            Inbound::Frame(frame) if is_first => {
                Inbound::Frame(frame.strip_prefix(BYTE_ORDER_MARK).unwrap_or(frame))
            }
            Inbound::Frame(_) | Inbound::Fault(_) | Inbound::Alive => inbound,
        };
        match inbound {
            Inbound::Frame(_) => self.counters.frames += 1,
            Inbound::Fault(_) => self.counters.faults += 1,
            Inbound::Alive => return,
        }
        if let Inbound::Frame(frame) = inbound {
            match self.held.hold(session, frame) {
                Hold::NotNeeded => {}
                Hold::Held => return,
                Hold::Full => return self.close(now, session, CloseReason::TooManyFaults),
            }
        }
        self.converse(now, session, |conversation, reaction| match inbound {
            Inbound::Frame(frame) => conversation.decode(frame, reaction),
            Inbound::Fault(fault) => {
                conversation.fault(&fault, reaction);
                reaction.count_fault();
            }
            Inbound::Alive => {}
        });
        if self.held.has_released() {
            self.release_held(now);
        }
    }

    /// Begins a session anew in another dialect, on the same port, because the client's first line
    /// has shown that it speaks that dialect. For the engine, and so for other users, the session
    /// ends and another with the same number begins.
    pub fn switch(
        &mut self,
        now: Timestamp,
        session: SessionId,
        peer: Peer,
        dialect: Arc<dyn Dialect>,
    ) {
        let Some(entry) = self.sessions.get_mut(session) else { return };
        if !entry.catch_up() {
            // There is no room for its welcome, and it does not read what it was told before.
            return self.close(now, session, CloseReason::TooSlow);
        }
        let Some(entry) = self.sessions.remove(session) else { return };
        // The port is no longer in the table, so that the end of the session does not close it.
        self.close(now, session, CloseReason::Disconnected);
        self.open(now, session, peer, dialect, entry.port);
    }

    /// Gives a command of a session to the engine, without its dialect.
    pub fn command(
        &mut self,
        now: Timestamp,
        session: SessionId,
        request: Option<RequestId>,
        command: Command,
    ) {
        self.apply(now, Input::Command { session, request, command });
    }

    /// Takes the requests of the engine. A host whose engine
    /// [authenticates](chat_core::Config::authenticate) takes them after every input.
    pub fn take_auth_requests(&mut self) -> Vec<AuthRequest> {
        std::mem::take(&mut self.questions)
    }

    /// Answers a request.
    pub fn answer(
        &mut self,
        now: Timestamp,
        session: SessionId,
        question: QuestionId,
        answer: Answer,
    ) {
        self.apply(now, Input::Answer { session, question, answer });
    }

    /// Ends a session, because its connection has ended or is to end.
    pub fn close(&mut self, now: Timestamp, session: SessionId, reason: CloseReason) {
        self.apply(now, Input::Close { session, reason });
    }

    /// Lets time pass.
    pub fn tick(&mut self, now: Timestamp) {
        self.apply(now, Input::Tick);
        while let Some(session) = self.keep_alive.take_due(now) {
            self.look_after(now, session);
        }
    }

    /// Returns the time at which the host calls [`tick`](Self::tick) if nothing else happens.
    pub fn next_deadline(&self) -> Option<Timestamp> {
        self.engine.next_deadline().into_iter().chain(self.keep_alive.next()).min()
    }

    /// A session's port has room again. If something was dropped, the client is told now.
    pub fn resume(&mut self, session: SessionId) {
        if let Some(entry) = self.sessions.get_mut(session) {
            entry.catch_up();
            entry.touch(&mut self.touched);
        }
    }

    /// Tells all sessions that the server stops, and closes every port. It does not pass the
    /// closings to the engine, so that no session is told of all the others.
    pub fn shut_down(&mut self) {
        let reason = CloseReason::ShuttingDown;
        let mut sessions: Vec<SessionId> = self.sessions.sessions().collect();
        sessions.sort_unstable();
        for session in sessions {
            if let Some(entry) = self.sessions.remove(session) {
                entry.close(&reason);
            }
        }
    }

    /// Calls `look` with each port that [`flush`](Self::flush) would be called with now, for a host
    /// that has to prepare some of them.
    pub fn touched(&mut self, mut look: impl FnMut(&mut P)) {
        for &slot in &self.touched {
            if let Some(entry) = self.sessions.at(slot)
                && entry.touched
            {
                look(&mut entry.port);
            }
        }
    }

    /// Calls `flush` with the port of each session that was sent something since the last flush.
    pub fn flush(&mut self, mut flush: impl FnMut(&mut P)) {
        for slot in self.touched.drain(..) {
            // Its session may have ended, and another be in its place.
            if let Some(entry) = self.sessions.at(slot)
                && entry.touched
            {
                entry.touched = false;
                flush(&mut entry.port);
            }
        }
    }

    /// The ports of all open sessions, in no particular order.
    pub fn ports(&self) -> impl Iterator<Item = &P> {
        self.sessions.values().map(|entry| &entry.port)
    }

    /// Takes the counts since the last call.
    pub fn take_counters(&mut self) -> Counters {
        std::mem::take(&mut self.counters)
    }

    /// A read-only look at the engine's state.
    pub fn view(&self) -> View<'_> {
        self.engine.view()
    }

    fn add(
        &mut self,
        now: Timestamp,
        session: SessionId,
        peer: Peer,
        session_kind: SessionKind,
        port: P,
    ) {
        let last_heard = LastHeard::since(now);
        self.sessions.insert(session, |slot| Session::new(slot, session_kind, port, last_heard));
        self.apply(now, Input::Open { session, peer });
    }

    /// Sends a ping to a silent client, or closes its session.
    fn look_after(&mut self, now: Timestamp, session: SessionId) {
        let Some(entry) = self.sessions.get_mut(session) else { return };
        match self.keep_alive.action(now, entry.last_heard) {
            KeepAliveAction::Nothing => {}
            KeepAliveAction::Ping => {
                entry.ask();
                entry.touch(&mut self.touched);
            }
            KeepAliveAction::GiveUp => return self.close(now, session, CloseReason::Idle),
        }
        self.keep_alive.again(now, session, entry.last_heard);
    }

    /// Calls a conversation, and carries out its reaction.
    fn converse(
        &mut self,
        now: Timestamp,
        session: SessionId,
        speak: impl FnOnce(&mut dyn Conversation, &mut Reaction),
    ) {
        let Some(entry) = self.sessions.get_mut(session) else { return };
        let SessionKind::Dialect(dialect_session) = &mut entry.kind else { return };
        let mut reaction = std::mem::take(&mut self.reaction);
        dialect_session.let_speak(|conversation| speak(conversation, reaction.begin(now)));
        self.take_turn(now, session, &mut reaction);
        self.reaction = reaction;
        self.apply_pending(now);
    }

    fn apply(&mut self, now: Timestamp, input: Input) {
        self.pending.push_back(input);
        self.apply_pending(now);
        if self.held.has_released() {
            self.release_held(now);
        }
    }

    /// Handles the frames that waited for an answer of the host, after the answer.
    fn release_held(&mut self, now: Timestamp) {
        while let Some((session, frame)) = self.held.next_released() {
            self.converse(now, session, |conversation, reaction| {
                conversation.decode(&frame, reaction)
            });
        }
    }

    fn apply_pending(&mut self, now: Timestamp) {
        while let Some(input) = self.pending.pop_front() {
            self.apply_one(now, input);
        }
    }

    fn apply_one(&mut self, now: Timestamp, input: Input) {
        let Self {
            engine,
            sessions,
            slow_consumer,
            touched,
            pending,
            encode_cache,
            reaction,
            held,
            questions,
            counters,
            keep_alive: _,
        } = self;
        let effects = engine.apply(now, input);
        let at = effects.at();
        // What conversations want to happen after they have been told.
        let mut wanted: Vec<(SessionId, Reaction)> = Vec::new();
        for effect in effects {
            match effect {
                Effect::Reply { session, request, event } => {
                    counters.note_reply(event);
                    held.note_reply(session, event);
                    let Some(entry) = sessions.get_mut(session) else { continue };
                    match &mut entry.kind {
                        SessionKind::Dialect(dialect_session) => {
                            let reaction = reaction.begin(at);
                            dialect_session.let_speak(|conversation| {
                                conversation.reply(request, event, reaction)
                            });
                            if matches!(event, Event::Rejected(Refusal::MessageTooLong { .. })) {
                                reaction.count_fault();
                            }
                            entry.send(&reaction.frames, counters);
                            if let Some(wishes) = reaction.take_wishes() {
                                wanted.push((session, wishes));
                            }
                        }
                        SessionKind::Events => {
                            entry.hear(SessionEventRef::Reply { at, request, event }, counters)
                        }
                    }
                    entry.touch(touched);
                    if entry.is_too_slow(*slow_consumer) {
                        pending.push_back(too_slow(session));
                    }
                }
                Effect::Deliver { to, event } => {
                    encode_cache.clear();
                    let broadcast = Broadcast::new(at, event);
                    sessions.for_each(to, |session, group, entry| {
                        entry.tell(group, broadcast, encode_cache, counters);
                        if broadcast.moves_somebody
                            && let Some(wishes) = entry.follow(broadcast, reaction, counters)
                        {
                            wanted.push((session, wishes));
                        }
                        entry.touch(touched);
                        if entry.is_too_slow(*slow_consumer) {
                            pending.push_back(too_slow(session));
                        }
                    });
                }
                Effect::Ask { session, question, host, token } => {
                    let (host, token) = (host.cloned(), token.cloned());
                    if let Some(entry) = sessions.get_mut(session)
                        && let SessionKind::Dialect(dialect_session) = &entry.kind
                        && dialect_session.dialect().is_typed()
                    {
                        held.begin(session);
                    }
                    questions.push(AuthRequest { session, id: question, host, token });
                }
                Effect::Close { session, reason } => {
                    counters.note_close(reason);
                    held.forget(session);
                    if let Some(entry) = sessions.remove(session) {
                        entry.close(reason);
                    }
                }
                // Nothing is kept yet.
                Effect::Record(_) => {}
            }
        }
        for (session, mut reaction) in wanted {
            self.take_turn(now, session, &mut reaction);
        }
    }

    /// Sends the frames of a reaction, and queues its commands and its end.
    fn take_turn(&mut self, now: Timestamp, session: SessionId, reaction: &mut Reaction) {
        let Some(entry) = self.sessions.get_mut(session) else { return };
        entry.send(&reaction.frames, &mut self.counters);
        entry.touch(&mut self.touched);
        let commands = reaction.commands.drain(..);
        self.pending.extend(commands.map(|(request, command)| Input::Command {
            session,
            request,
            command,
        }));
        if entry.is_too_slow(self.slow_consumer) {
            self.pending.push_back(too_slow(session));
        }
        let too_many = entry.count_faults(now, reaction.faults);
        if reaction.ends || too_many {
            let reason =
                if reaction.ends { CloseReason::Refused } else { CloseReason::TooManyFaults };
            self.pending.push_back(Input::Close { session, reason });
        }
    }
}

fn too_slow(session: SessionId) -> Input {
    Input::Close { session, reason: CloseReason::TooSlow }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Frames, Full, JsonDialect};
    use chat_core::Config;
    use std::sync::Mutex;

    const NOW: Timestamp = Timestamp::from_millis(1_767_225_600_000);

    /// A queue of two frames that nobody reads, and why it was closed.
    #[derive(Clone, Default)]
    struct Unread(Arc<Mutex<(usize, Option<CloseReason>)>>);

    impl Port for Unread {
        type Prepared = usize;

        fn prepare(&mut self, frames: &Frames) -> usize {
            frames.iter().count()
        }

        fn send(&mut self, frames: &usize) -> Result<(), Full> {
            let mut state = self.0.lock().expect("no test panics with it");
            state.0 += frames;
            if state.0 > 2 { Err(Full) } else { Ok(()) }
        }

        fn hear(&mut self, _: SessionEventRef<'_>) -> Result<(), Full> {
            Ok(())
        }

        fn has_room(&self) -> bool {
            false
        }

        fn close(&mut self, _: &Frames, reason: &CloseReason) {
            self.0.lock().expect("no test panics with it").1 = Some(reason.clone());
        }
    }

    fn ask_without_reading(question: &[u8]) -> Option<CloseReason> {
        let mut switchboard = Switchboard::new(Engine::new(Config::default(), NOW));
        switchboard.set_slow_consumer(SlowConsumer::Disconnect);
        let (session, port) = (SessionId(1), Unread::default());
        let dialect = Arc::new(JsonDialect::default());
        switchboard.open(NOW, session, Peer::default(), dialect, port.clone());
        let hello = br#"{"type":"hello","nickname":"alice","version":2}"#;
        for frame in [&hello[..], question] {
            switchboard.receive(NOW, session, Inbound::Frame(frame));
        }
        let state = port.0.lock().expect("no test panics with it");
        state.1.clone()
    }

    #[test]
    fn who_does_not_read_answers_is_closed_too() {
        let asked = ask_without_reading(br#"{"type":"channels"}"#);
        assert_eq!(asked, Some(CloseReason::TooSlow), "the engine answers");
        let asked = ask_without_reading(br#"{"type":"ping"}"#);
        assert_eq!(asked, Some(CloseReason::TooSlow), "the dialect answers");
    }
}
