//! Expected deliveries: the reference for the output that clients have received.
//!
//! Every dialect is wrapped in one that records each delivery for each session, in order, before
//! any queue has seen it. A policy records the audience of each message. These records do not pass
//! through the queues, sockets and counts of missed events, which are under test.

use crate::SimulatedClock;
use chat_runtime::Clock;
use chat_runtime::chat_core::{
    ChannelView, Checked, CloseReason, Command, Event, Peer, Policy, RequestId, SessionId, Target,
    Text, Timestamp, UserView, View,
};
use chat_runtime::chat_dialects::{
    Conversation, Dialect, Fault, Form, Frames, Notice, Reaction, SlowConsumer,
};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The records of a run. Clones share one state.
#[derive(Clone, Debug, Default)]
pub struct Ledger(Arc<Mutex<Records>>);

/// The contents of a [`Ledger`].
#[derive(Debug, Default)]
pub struct Records {
    /// Every session that has a dialect, by its id.
    pub sessions: BTreeMap<SessionId, SessionRecord>,
    /// Every message that has been acknowledged.
    pub messages: Vec<AcknowledgedMessage>,
    /// The number of messages that were sent again, and were not delivered again.
    pub repeated: usize,
    /// The events that the [scribe](SCRIBE) has received.
    pub scribe: Vec<Event>,
    /// The sender and the audience of the message that the policy has reviewed last.
    reviewed: Option<(SessionId, Vec<SessionId>)>,
}

/// The records of one session.
#[derive(Debug, Default)]
pub struct SessionRecord {
    /// The client's address.
    pub host: String,
    /// The name of its dialect.
    pub dialect: String,
    /// Every expected delivery, in order.
    pub expected: Vec<ExpectedDelivery>,
    /// Notices of missed deliveries that it may have received: the number missed, and the notice.
    /// A dialect may have no words for it; its sessions end then.
    pub gaps: Vec<(u64, ExpectedDelivery)>,
    /// The reason for which it was closed, if it was.
    pub closed: Option<CloseReason>,
    /// Ids of the messages of others that it expects.
    pub message_ids: Vec<u64>,
}

/// One expected delivery: it is queued whole, or counts as one missed delivery.
#[derive(Debug)]
pub struct ExpectedDelivery {
    /// The encoded delivery.
    pub frames: Frames,
    /// True if it is a keep-alive ping, which may be left out without notice.
    pub is_ping: bool,
    /// True if its lines end with `\r\n`, where frames are lines.
    pub ends_with_crlf: bool,
}

/// A message that the server has acknowledged to its sender.
#[derive(Debug)]
pub struct AcknowledgedMessage {
    /// The message's id.
    pub id: u64,
    /// The first word of its text, which is different in every message of a client.
    pub word: String,
    /// The sessions that receive it, without the sender's.
    pub audience: Vec<SessionId>,
}

/// A dialect whose deliveries are recorded.
pub struct RecordingDialect {
    dialect: Arc<dyn Dialect>,
    ledger: Ledger,
    clock: SimulatedClock,
}

struct RecordingConversation {
    session: SessionId,
    conversation: Box<dyn Conversation>,
    dialect: Arc<dyn Dialect>,
    ledger: Ledger,
    clock: SimulatedClock,
}

/// A policy that records the audience of each message and allows everything.
#[derive(Debug)]
pub struct RecordingPolicy(pub Ledger);

impl Ledger {
    /// Locks the records.
    pub fn open(&self) -> MutexGuard<'_, Records> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Wraps a dialect so that its deliveries are recorded.
    pub fn watch(
        &self,
        dialect: impl Dialect + 'static,
        clock: SimulatedClock,
    ) -> RecordingDialect {
        RecordingDialect { dialect: Arc::new(dialect), ledger: self.clone(), clock }
    }
}

impl ExpectedDelivery {
    /// Returns the bytes as a client records them: lines, or WebSocket messages recorded as lines.
    pub fn bytes(&self, as_messages: bool) -> Vec<u8> {
        let line_end = if self.ends_with_crlf && !as_messages { &b"\r\n"[..] } else { b"\n" };
        let mut bytes = Vec::new();
        for frame in self.frames.iter() {
            bytes.extend_from_slice(frame.bytes());
            if as_messages || !frame.is_prompt() {
                bytes.extend_from_slice(line_end);
            }
        }
        bytes
    }

    /// Returns the frames as text, for reports.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes(true)).into_owned()
    }
}

impl Dialect for RecordingDialect {
    fn name(&self) -> &str {
        self.dialect.name()
    }

    fn open(&self, session: SessionId, peer: &Peer) -> Box<dyn Conversation> {
        let conversation = self.dialect.open(session, peer);
        // A client that is turned away has no session.
        if session.0 == 0 {
            return conversation;
        }
        let host = peer.address.as_deref().unwrap_or_default().to_owned();
        let dialect = self.name().to_owned();
        // A session that switches dialects keeps the deliveries expected in the previous one.
        self.ledger
            .open()
            .sessions
            .entry(session)
            .and_modify(|record| record.dialect.clone_from(&dialect))
            .or_insert_with(|| SessionRecord { host, dialect, ..SessionRecord::default() });
        let (dialect, ledger) = (self.dialect.clone(), self.ledger.clone());
        Box::new(RecordingConversation {
            session,
            conversation,
            dialect,
            ledger,
            clock: self.clock,
        })
    }

    fn encode(&self, form: Form, at: Timestamp, event: &Event, out: &mut Frames) {
        self.dialect.encode(form, at, event, out);
    }

    fn relevant(&self, event: &Event) -> Form {
        self.dialect.relevant(event)
    }

    fn is_typed(&self) -> bool {
        self.dialect.is_typed()
    }

    fn registers_in_steps(&self) -> bool {
        self.dialect.registers_in_steps()
    }

    fn ends_lines_with_crlf(&self) -> bool {
        self.dialect.ends_lines_with_crlf()
    }

    fn slow_consumer(&self) -> Option<SlowConsumer> {
        self.dialect.slow_consumer()
    }

    fn paces(&self) -> bool {
        self.dialect.paces()
    }

    fn names_on_connect(&self) -> bool {
        self.dialect.names_on_connect()
    }
}

impl RecordingConversation {
    fn update(&self, write: impl FnOnce(&mut SessionRecord)) {
        if let Some(record) = self.ledger.open().sessions.get_mut(&self.session) {
            write(record);
        }
    }

    fn expect(&self, frames: Frames, is_ping: bool) {
        if !frames.is_empty() {
            let delivery = self.delivery(frames, is_ping);
            self.update(|record| record.expected.push(delivery));
        }
    }

    fn delivery(&self, frames: Frames, is_ping: bool) -> ExpectedDelivery {
        let ends_with_crlf = self.dialect.ends_lines_with_crlf();
        ExpectedDelivery { frames, is_ping, ends_with_crlf }
    }
}

impl Conversation for RecordingConversation {
    fn begin(&mut self, reaction: &mut Reaction) {
        self.conversation.begin(reaction);
        self.expect(reaction.frames.clone(), false);
    }

    fn decode(&mut self, frame: &[u8], reaction: &mut Reaction) {
        self.conversation.decode(frame, reaction);
        self.expect(reaction.frames.clone(), false);
    }

    fn fault(&mut self, fault: &Fault, reaction: &mut Reaction) {
        self.conversation.fault(fault, reaction);
        self.expect(reaction.frames.clone(), false);
    }

    fn reply(&mut self, request: Option<&RequestId>, event: &Event, reaction: &mut Reaction) {
        self.conversation.reply(request, event, reaction);
        self.expect(reaction.frames.clone(), false);
        if let Event::Sent { message, repeated, .. } = event {
            let mut records = self.ledger.open();
            if *repeated {
                records.repeated += 1;
                return;
            }
            let audience = match records.reviewed.take() {
                Some((sender, audience)) if sender == self.session => audience,
                _ => Vec::new(),
            };
            let text = message.text.as_str();
            let word = text.split(' ').next().unwrap_or_default().to_owned();
            records.messages.push(AcknowledgedMessage { id: message.id.0, word, audience });
        }
    }

    /// Records the delivery too: the switchboard calls this once for each event and recipient,
    /// before it queues the event.
    fn form(&self, event: &Event) -> Form {
        let form = self.conversation.form(event);
        let mut frames = Frames::default();
        self.dialect.encode(form, self.clock.now(), event, &mut frames);
        self.expect(frames, false);
        let mut records = self.ledger.open();
        let mut is_scribe = false;
        if let Some(record) = records.sessions.get_mut(&self.session) {
            is_scribe = record.host == SCRIBE;
            if let Event::Said(message) = event {
                record.message_ids.push(message.id.0);
            }
        }
        if is_scribe {
            records.scribe.push(event.clone());
        }
        form
    }

    fn moved(&mut self, event: &Event, reaction: &mut Reaction) {
        self.conversation.moved(event, reaction);
        self.expect(reaction.frames.clone(), false);
    }

    fn ping(&mut self, out: &mut Frames) -> bool {
        let asks = self.conversation.ping(out);
        if asks {
            self.expect(out.clone(), true);
        }
        asks
    }

    fn notice(&mut self, notice: &Notice<'_>, out: &mut Frames) {
        let mut frames = Frames::default();
        self.conversation.notice(notice, &mut frames);
        match notice {
            Notice::Lagged { missed } => {
                let gap = (*missed, self.delivery(frames.clone(), false));
                self.update(|record| record.gaps.push(gap));
            }
            Notice::Closing(reason) => {
                self.expect(frames.clone(), false);
                self.update(|record| record.closed = Some((*reason).clone()));
            }
            Notice::TurnedAway(_) => {}
            _ => unreachable!("a variant that this test does not know"),
        }
        for frame in frames.iter() {
            let text = String::from_utf8_lossy(frame.bytes());
            if frame.is_prompt() { out.push_prompt(text) } else { out.push(text) }
        }
    }
}

impl Policy for RecordingPolicy {
    fn review(
        &mut self,
        view: View<'_>,
        session: SessionId,
        command: Command<Checked>,
    ) -> Result<Command<Checked>, Text> {
        if let Command::Say { to, .. } = &command {
            let addressed = match to {
                Target::Channel(name) => view.channel(name).map(ChannelView::audience),
                Target::User(nickname) => view.user(nickname).map(UserView::sessions),
                Target::Members { .. } | _ => {
                    unreachable!("a variant that this test does not know")
                }
            };
            // The sender's other sessions receive it as well.
            let own = view.user_of(session).map(UserView::sessions);
            let mut audience: Vec<SessionId> =
                [addressed, own].into_iter().flatten().flatten().copied().collect();
            audience.sort_unstable();
            audience.dedup();
            audience.retain(|&other| other != session);
            self.0.open().reviewed = Some((session, audience));
        }
        Ok(command)
    }
}

/// Host name of the reference session, which only listens in the lobby.
pub const SCRIBE: &str = "scribe";
