//! Joins an engine with the dialects of its sessions: frames in, frames out, without I/O.

mod debug;
mod decline;
mod flush;
mod guarded;
mod held_inputs;
mod ordered;

use self::guarded::apply_guarded;
use crate::broadcast::Broadcast;
use crate::encode_cache::EncodeCache;
use crate::frame::BYTE_ORDER_MARK;
use crate::held::{HeldInput, HeldInputs, WaitReason};
use crate::input_order::InputOrder;
use crate::keep_alive::{KeepAlive, KeepAliveAction};
use crate::session::Session;
use crate::session_kind::{DialectSession, SessionKind};
use crate::session_table::SessionTable;
use crate::slow_consumer::SlowConsumer;
use crate::write_log::WriteLog;
use crate::{
    AuthRequest, Conversation, Counters, Dialect, DialectSwitch, Fault, Features, HostRequest,
    Inbound, Port, Reaction, SendLimits,
};
use chat_core::{
    CloseReason, Command, Config, Effect, Engine, Event, HostCommand, Input, Peer, Question,
    RequestId, SessionId, StampedRecord, Timestamp, View,
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
    /// A record of what was written since the last [`flush`](Self::flush).
    log: WriteLog,
    /// The number of recipients from which an announcement may wait.
    large_audience: usize,
    /// Inputs that arose while effects were handled.
    pending: VecDeque<Input>,
    encode_cache: EncodeCache<P::Prepared>,
    /// The buffer that conversations write to.
    reaction: Reaction,
    /// Frames and commands that wait until the host has answered a question.
    held: HeldInputs,
    /// True once there has been a session whose commands are paced.
    has_paced: bool,
    /// The answer to the host's last command, until it is taken.
    host_reply: Option<Event>,
    /// Requests of the engine since the last [`take_auth_requests`](Self::take_auth_requests).
    auth_requests: Vec<AuthRequest>,
    /// Requests of the engine since the last [`take_requests`](Self::take_requests).
    requests: Vec<HostRequest>,
    /// The records since the last [`take_records`](Self::take_records), if they are kept.
    records: Option<Vec<StampedRecord>>,
    /// The inputs that wait for their place in a log, if the host has one.
    order: Option<Box<InputOrder>>,
}

impl<P: Port> Switchboard<P> {
    /// Makes a switchboard for an engine that has no sessions yet, or only those of other nodes of
    /// a [log](Self::order_inputs).
    pub fn new(engine: Engine) -> Self {
        let &Config { message_bytes, message_lines, accounts, registration, .. } = engine.config();
        let features = Features { accounts, registration: accounts && registration };
        let limits = SendLimits { message_bytes, message_lines, ..SendLimits::default() };
        Self {
            engine,
            sessions: SessionTable::default(),
            slow_consumer: SlowConsumer::default(),
            keep_alive: KeepAlive::new(Duration::from_secs(30), Duration::from_secs(90)),
            log: WriteLog::default(),
            large_audience: usize::MAX,
            pending: VecDeque::new(),
            encode_cache: EncodeCache::default(),
            reaction: Reaction { limits, features, ..Reaction::default() },
            held: HeldInputs::default(),
            has_paced: false,
            host_reply: None,
            auth_requests: Vec::new(),
            requests: Vec::new(),
            records: None,
            order: None,
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
        // It is a token for the authenticator, or a session token of an account.
        let config = self.view().config();
        let has_meaning = config.authenticate || config.accounts;
        let token = peer.token.filter(|_| has_meaning);
        let peer = Peer { person: peer.person || dialect.registers_in_steps(), token, ..peer };
        let conversation = dialect.open(session, &peer);
        let dialect_session = DialectSession::new(dialect, conversation, port);
        self.add(now, session, peer, SessionKind::Dialect(dialect_session));
        self.converse(now, session, |conversation, reaction| conversation.begin(reaction));
    }

    /// Watches a session: after a time of silence its client gets a ping, if its
    /// [port](Port::ping) or its [dialect](Conversation::ping) has one.
    pub fn watch(&mut self, now: Timestamp, session: SessionId) {
        self.keep_alive.begin(now, session);
    }

    /// Begins a session in the same process. The host gives its [commands](Self::command), and its
    /// port [receives](crate::EventPort::receive) events.
    pub fn open_in_process(
        &mut self,
        now: Timestamp,
        session: SessionId,
        peer: Peer,
        port: P::Events,
    ) {
        self.add(now, session, peer, SessionKind::Events(port));
    }

    /// Handles input for a session.
    pub fn receive(&mut self, now: Timestamp, session: SessionId, inbound: Inbound) {
        match inbound {
            Inbound::Frame(frame) => self.receive_frame(now, session, &frame),
            Inbound::Fault(fault) => self.receive_fault(now, session, &fault),
            Inbound::Alive => self.note_heard(now, session),
            Inbound::Command { request, command } => self.command(now, session, request, command),
            Inbound::Answer { question, answer } => {
                self.apply(now, Input::Answer { session, question, answer });
            }
            Inbound::Resume => {
                if let Some(entry) = self.sessions.get_mut(session) {
                    entry.catch_up(&mut self.log);
                }
            }
            Inbound::Switch(switch) => self.switch(now, session, *switch),
            // The reply that the client waits for comes before the end.
            Inbound::Close(CloseReason::Disconnected) if self.held.hold_end(session) => {}
            Inbound::Close(reason) => self.close(now, session, reason),
        }
    }

    /// Handles a frame of a session, without its terminator; not yet known to be UTF-8.
    pub fn receive_frame(&mut self, now: Timestamp, session: SessionId, frame: &[u8]) {
        self.log.counters.frames += 1;
        let is_first = self.sessions.get_mut(session).is_some_and(|entry| {
            entry.note_heard(now);
            entry.note_frame()
        });
        // Some editors and shells begin a file or a pipe with this mark.
        let mark = if is_first { &BYTE_ORDER_MARK[..] } else { &[] };
        let frame = frame.strip_prefix(mark).unwrap_or(frame);
        if self.held.holds_frames(session) {
            return self.hold(now, session, HeldInput::Frame(frame.into()));
        }
        self.converse(now, session, |conversation, reaction| conversation.decode(frame, reaction));
    }

    /// Gives a command of a session to the engine, without the session's dialect.
    pub fn command(
        &mut self,
        now: Timestamp,
        session: SessionId,
        request: Option<RequestId>,
        command: Command,
    ) {
        if self.held.holds_commands(session) {
            return self.hold(now, session, HeldInput::Command(request, Box::new(command)));
        }
        self.apply(now, Input::Command { session, request, command });
    }

    /// Gives a command of the host to the engine. Returns the answer: the event that a session
    /// would get for the same command, or [`Event::Rejected`].
    ///
    /// # Panics
    ///
    /// If a log [orders](Self::order_inputs) the inputs: use [`submit_host`](Self::submit_host).
    pub fn host(&mut self, now: Timestamp, command: HostCommand) -> Event {
        self.apply(now, Input::Host(command));
        self.host_reply.take().expect("the engine answers each command of the host")
    }

    /// Ends a session at once, because its connection has ended or is to end.
    pub fn close(&mut self, now: Timestamp, session: SessionId, reason: CloseReason) {
        self.apply(now, Input::Close { session, reason });
    }

    /// Takes the requests of the engine. A host whose engine
    /// [authenticates](chat_core::Config::authenticate) takes them after every input.
    pub fn take_auth_requests(&mut self) -> Vec<AuthRequest> {
        std::mem::take(&mut self.auth_requests)
    }

    /// Takes the other requests of the engine. A host with a store of
    /// [older messages](chat_core::Config::older_history) takes them after every input.
    pub fn take_requests(&mut self) -> Vec<HostRequest> {
        std::mem::take(&mut self.requests)
    }

    /// Keeps the records of the engine from now on, for a host with a store, which
    /// [takes](Self::take_records) them and commits them before it sends what it has
    /// [flushed](Self::flush).
    pub fn keep_records(&mut self) {
        self.records.get_or_insert_default();
    }

    /// Takes the records since the last call, in order.
    pub fn take_records(&mut self) -> Vec<StampedRecord> {
        self.records.as_mut().map(std::mem::take).unwrap_or_default()
    }

    /// Returns true if there are records to take.
    pub fn has_records(&self) -> bool {
        self.records.as_ref().is_some_and(|records| !records.is_empty())
    }

    /// Lets time pass.
    pub fn tick(&mut self, now: Timestamp) {
        self.apply(now, Input::Tick);
        if self.held.release_due(now) {
            self.settle(now);
        }
        while let Some(session) = self.keep_alive.take_due(now) {
            self.check_alive(now, session);
        }
    }

    /// Returns the time at which the host calls [`tick`](Self::tick) if nothing else happens.
    pub fn next_deadline(&self) -> Option<Timestamp> {
        let paced = self.held.next_due();
        let engine = self.engine.next_deadline().map(|at| match &self.order {
            Some(order) => at.max(order.next_tick()),
            None => at,
        });
        engine.into_iter().chain(self.keep_alive.next()).chain(paced).min()
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

    /// Returns the ports of all open sessions that have a dialect, in no particular order.
    pub fn ports(&self) -> impl Iterator<Item = &P> {
        self.sessions.values().filter_map(Session::port)
    }

    /// Takes the counts since the last call.
    pub fn take_counters(&mut self) -> Counters {
        std::mem::take(&mut self.log.counters)
    }

    /// A read-only look at the engine's state.
    pub fn view(&self) -> View<'_> {
        self.engine.view()
    }

    fn add(&mut self, now: Timestamp, session: SessionId, peer: Peer, kind: SessionKind<P>) {
        let has_paced = &mut self.has_paced;
        self.sessions.insert(session, |slot| {
            let entry = Session::new(slot, kind, now);
            *has_paced |= entry.paces();
            entry
        });
        self.apply(now, Input::Open { session, peer });
    }

    fn note_heard(&mut self, now: Timestamp, session: SessionId) {
        if let Some(entry) = self.sessions.get_mut(session) {
            entry.note_heard(now);
        }
    }

    fn receive_fault(&mut self, now: Timestamp, session: SessionId, fault: &Fault) {
        self.log.counters.faults += 1;
        self.note_heard(now, session);
        if self.held.holds_frames(session) {
            return self.hold(now, session, HeldInput::Fault(fault.clone()));
        }
        self.converse(now, session, |conversation, reaction| {
            conversation.fault(fault, reaction);
            reaction.count_fault();
        });
    }

    fn switch(&mut self, now: Timestamp, session: SessionId, switch: DialectSwitch) {
        let DialectSwitch { peer, dialect } = switch;
        let Some(entry) = self.sessions.get_mut(session) else { return };
        if !entry.catch_up(&mut self.log) {
            // The port has no room for the new welcome: the client has not read earlier frames.
            return self.close(now, session, CloseReason::TooSlow);
        }
        let Some(entry) = self.sessions.remove(session) else { return };
        // The port is no longer in the table, so the end of the session does not close it.
        if let Some(order) = &mut self.order {
            order.note_switch(session);
        }
        self.close(now, session, CloseReason::Disconnected);
        if let Some(port) = entry.into_port() {
            self.open(now, session, peer, dialect, port);
            // The port may have frames that were for the old session.
            if let Some(entry) = self.sessions.get_mut(session) {
                entry.touch(&mut self.log);
            }
        }
    }

    /// Sends a ping to a silent client, or closes its session.
    fn check_alive(&mut self, now: Timestamp, session: SessionId) {
        let Some(entry) = self.sessions.get_mut(session) else { return };
        match self.keep_alive.action(now, entry.last_heard()) {
            KeepAliveAction::Nothing => {}
            KeepAliveAction::Ping => entry.ping(&mut self.log),
            KeepAliveAction::GiveUp => return self.close(now, session, CloseReason::Idle),
        }
        self.keep_alive.reschedule(now, session, entry.last_heard());
    }

    /// Calls a conversation, and handles all that follows from it.
    fn converse(
        &mut self,
        now: Timestamp,
        session: SessionId,
        call: impl FnOnce(&mut dyn Conversation, &mut Reaction),
    ) {
        self.call(now, session, call);
        self.settle(now);
    }

    /// Applies an input of the host, and handles all that follows from it.
    fn apply(&mut self, now: Timestamp, input: Input) {
        debug_assert!(self.pending.is_empty(), "each call handles the inputs that it causes");
        self.apply_one(now, input);
        self.settle(now);
    }

    /// Calls a conversation, sends the frames of its reaction, and queues its commands.
    fn call(
        &mut self,
        now: Timestamp,
        session: SessionId,
        call: impl FnOnce(&mut dyn Conversation, &mut Reaction),
    ) {
        let Some(entry) = self.sessions.get_mut(session) else { return };
        let mut reaction = std::mem::take(&mut self.reaction);
        entry.converse(now, &mut reaction, &mut self.log, call);
        self.carry_out(now, session, &mut reaction);
        self.reaction = reaction;
    }

    /// Applies an input at once, or submits it to the host's log if there is one.
    fn apply_one(&mut self, now: Timestamp, input: Input) {
        match self.order {
            Some(_) => self.submit(now, input),
            None => self.apply_at(now, now, input),
        }
    }

    /// Applies an input with a time of its own, which is that of the log if there is one.
    fn apply_at(&mut self, now: Timestamp, input_time: Timestamp, input: Input) {
        let Self { engine, sessions, slow_consumer, pending, encode_cache, reaction, log, .. } =
            self;
        let (records, large_audience) = (&mut self.records, self.large_audience);
        let mut order = self.order.as_deref_mut();
        let effects = apply_guarded(engine, order.as_deref_mut(), input_time, input);
        let Some(effects) = effects else { return };
        let at = effects.at();
        // Commands of conversations, which are handled after all effects.
        let mut followups: Vec<(SessionId, Reaction)> = Vec::new();
        for effect in effects {
            match effect {
                Effect::Reply { session, request, event } => {
                    if order.as_deref().is_some_and(|order| order.is_foreign(session)) {
                        continue;
                    }
                    log.counters.note_reply(event);
                    self.held.note_reply(session, event);
                    let order = order.as_deref();
                    let revealed =
                        order.and_then(|order| order.secrets.reveal_in_reply(session, event));
                    let event = revealed.as_ref().unwrap_or(event);
                    let Some(entry) = sessions.get_mut(session) else { continue };
                    entry.reply(at, request, event, reaction, log);
                    followups.extend(reaction.take_followup().map(|followup| (session, followup)));
                    if entry.is_too_slow(*slow_consumer) {
                        pending.push_back(too_slow(session));
                    }
                }
                Effect::HostReply { event } => {
                    log.counters.note_host_reply(event);
                    self.host_reply = Some(event.clone());
                }
                Effect::Deliver { to, event } => {
                    encode_cache.clear();
                    let is_large = to.len() >= large_audience;
                    let broadcast = Broadcast::new(at, event).waiting_if(is_large);
                    sessions.for_each(to, |session, group, entry| {
                        entry.deliver(group, broadcast, encode_cache, log);
                        if broadcast.may_move_recipient {
                            entry.converse(at, reaction, log, |conversation, reaction| {
                                conversation.moved(event, reaction);
                            });
                            followups.extend(
                                reaction.take_followup().map(|followup| (session, followup)),
                            );
                        }
                        if entry.is_too_slow(*slow_consumer) {
                            pending.push_back(too_slow(session));
                        }
                    });
                }
                Effect::Ask { session, question: id, ask } => {
                    if order.as_deref().is_some_and(|order| order.is_foreign(session)) {
                        continue;
                    }
                    let mut ask = ask.clone();
                    if let Some(order) = order.as_deref() {
                        order.secrets.reveal_in_question(session, &mut ask);
                    }
                    if let Question::Authenticate { address, token } = ask {
                        if sessions.get_mut(session).is_some_and(|entry| entry.registers_in_steps())
                        {
                            self.held.begin(session, WaitReason::Authentication);
                        }
                        self.auth_requests.push(AuthRequest { session, id, address, token });
                    } else {
                        self.held.begin(session, WaitReason::Command);
                        self.requests.push(HostRequest { session, id, question: ask });
                    }
                }
                Effect::Close { session, reason } => {
                    let is_other =
                        order.as_deref_mut().is_some_and(|order| order.note_closed(session));
                    if is_other {
                        continue;
                    }
                    log.counters.note_close(reason);
                    self.held.forget(session);
                    if let Some(entry) = sessions.remove(session) {
                        entry.close(reason);
                    }
                }
                Effect::Record(record) => {
                    if let Some(records) = records {
                        records.push(StampedRecord { at, record: record.clone() });
                    }
                }
                _ => {}
            }
        }
        for (session, mut reaction) in followups {
            self.carry_out(now, session, &mut reaction);
        }
    }

    /// Queues the commands of a reaction and its end. Its frames are sent already.
    fn carry_out(&mut self, now: Timestamp, session: SessionId, reaction: &mut Reaction) {
        let Some(entry) = self.sessions.get_mut(session) else { return };
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
    use crate::{Frames, Full, JsonDialect, NoEvents};
    use chat_core::Config;
    use std::sync::Mutex;

    const NOW: Timestamp = Timestamp::from_millis(1_767_225_600_000);

    /// A port with room for two frames that are never read, and the reason for which it was closed.
    #[derive(Clone, Default)]
    struct UnreadPort(Arc<Mutex<(usize, Option<CloseReason>)>>);

    impl Port for UnreadPort {
        type Prepared = usize;
        type Events = NoEvents;

        fn prepare(&mut self, frames: &Frames) -> usize {
            frames.iter().count()
        }

        fn send(&mut self, frames: &usize) -> Result<(), Full> {
            let mut state = self.0.lock().expect("not poisoned");
            state.0 += frames;
            if state.0 > 2 { Err(Full) } else { Ok(()) }
        }

        fn has_room(&self) -> bool {
            false
        }

        fn close(&mut self, _: &Frames, reason: &CloseReason) {
            self.0.lock().expect("not poisoned").1 = Some(reason.clone());
        }
    }

    fn close_reason_after(request: &[u8]) -> Option<CloseReason> {
        let mut switchboard = Switchboard::new(Engine::new(Config::default(), NOW));
        switchboard.set_slow_consumer(SlowConsumer::Disconnect);
        let (session, port) = (SessionId(1), UnreadPort::default());
        let dialect = Arc::new(JsonDialect::default());
        switchboard.open(NOW, session, Peer::default(), dialect, port.clone());
        let hello = br#"{"type":"hello","nickname":"alice","version":2}"#;
        for frame in [&hello[..], request] {
            switchboard.receive_frame(NOW, session, frame);
        }
        let state = port.0.lock().expect("not poisoned");
        state.1.clone()
    }

    /// Messages that are lost are counted, so that the client can be told. A signal is not missed.
    #[test]
    fn slow_reader_does_without_signals() {
        let mut switchboard = Switchboard::new(Engine::new(Config::default(), NOW));
        for (session, name) in [(SessionId(1), "alice"), (SessionId(2), "bob")] {
            let dialect = Arc::new(JsonDialect::default());
            switchboard.open(NOW, session, Peer::default(), dialect, UnreadPort::default());
            let hello = format!(r#"{{"type":"hello","nickname":"{name}","version":2}}"#);
            switchboard.receive_frame(NOW, session, hello.as_bytes());
        }
        let mut lagged_after = |request: &[u8]| {
            switchboard.take_counters();
            switchboard.receive_frame(NOW, SessionId(1), request);
            switchboard.take_counters().lagged
        };
        let signal = br#"{"type":"signal","channel":"lobby","data":{"a":"b"}}"#;
        assert_eq!(lagged_after(signal), 1, "the reply");
        let chat = br#"{"type":"chat","channel":"lobby","text":"hi"}"#;
        assert_eq!(lagged_after(chat), 2, "the reply and the message");
    }

    #[test]
    fn slow_reader_of_replies_is_closed() {
        let reason = close_reason_after(br#"{"type":"channels"}"#);
        assert_eq!(reason, Some(CloseReason::TooSlow), "a reply of the engine");
        let reason = close_reason_after(br#"{"type":"ping"}"#);
        assert_eq!(reason, Some(CloseReason::TooSlow), "a reply of the dialect");
    }
}
