//! What the server owes to whom: the reference that what clients have seen is compared with.
//!
//! Every dialect is wrapped in one that writes down what it is asked for: each thing that a session
//! is to be told, in order, before any queue has seen it. A policy writes down who is to hear each
//! message. Nothing of that goes through queues, sockets or the counting of what was missed, which
//! are what is tested.

use crate::SimulatedClock;
use chat_runtime::Clock;
use chat_runtime::chat_core::{
    ChannelView, Checked, CloseReason, Command, Event, Peer, Policy, RequestId, SessionId, Target,
    Text, Timestamp, UserView, View,
};
use chat_runtime::chat_dialects::{Conversation, Dialect, Fault, Form, Frames, Notice, Reaction};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The book of a run. Cloning shares.
#[derive(Clone, Debug, Default)]
pub struct Ledger(Arc<Mutex<Book>>);

/// What a [`Ledger`] holds.
#[derive(Debug, Default)]
pub struct Book {
    /// Every session that speaks a dialect, by its number.
    pub accounts: BTreeMap<SessionId, Account>,
    /// Every message that has been acknowledged.
    pub messages: Vec<Acknowledged>,
    /// What the [scribe](SCRIBE) has been told.
    pub scribe: Vec<Event>,
    /// Who would hear the message that is being looked at.
    saying: Option<(SessionId, Vec<SessionId>)>,
}

/// What one session is owed.
#[derive(Debug, Default)]
pub struct Account {
    /// Where its client is.
    pub host: String,
    /// What it speaks.
    pub dialect: String,
    /// Everything that it is to be told, in order.
    pub owed: Vec<Owed>,
    /// What it may have been told about things that it has missed: how many, and in which words.
    pub gaps: Vec<(u64, Frames)>,
    /// Why it was closed.
    pub closed: Option<CloseReason>,
    /// The messages of others that it is to be told, by their ids.
    pub hears: Vec<u64>,
}

/// One thing that a session is to be told: it goes into the queue whole, or is counted as one thing
/// missed.
#[derive(Debug)]
pub struct Owed {
    /// In its dialect.
    pub frames: Frames,
    /// Whether it may be left out without a word: a question whether the client is still there.
    pub is_question: bool,
}

/// A message whose sender has been told that it was sent.
#[derive(Debug)]
pub struct Acknowledged {
    /// Its id.
    pub id: u64,
    /// Who is to hear it, besides the sender.
    pub audience: Vec<SessionId>,
}

/// A dialect that is written down.
pub struct Watched {
    dialect: Arc<dyn Dialect>,
    ledger: Ledger,
    clock: SimulatedClock,
}

struct WatchedConversation {
    session: SessionId,
    conversation: Box<dyn Conversation>,
    dialect: Arc<dyn Dialect>,
    ledger: Ledger,
    clock: SimulatedClock,
}

/// Writes down who is to hear a message, and allows everything.
#[derive(Debug)]
pub struct Witness(pub Ledger);

impl Ledger {
    /// The book, to read or to write.
    pub fn open(&self) -> MutexGuard<'_, Book> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The same dialect, but written down.
    pub fn watch(&self, dialect: impl Dialect + 'static, clock: SimulatedClock) -> Watched {
        Watched { dialect: Arc::new(dialect), ledger: self.clone(), clock }
    }
}

impl Owed {
    /// As it goes over the wire: as lines, or as messages that are put down as lines.
    pub fn bytes(frames: &Frames, as_messages: bool) -> Vec<u8> {
        let mut bytes = Vec::new();
        for frame in frames.iter() {
            bytes.extend_from_slice(frame.bytes());
            if as_messages || !frame.is_prompt() {
                bytes.push(b'\n');
            }
        }
        bytes
    }

    /// Returns the frames as text, for reports.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&Self::bytes(&self.frames, true)).into_owned()
    }
}

impl Dialect for Watched {
    fn name(&self) -> &str {
        self.dialect.name()
    }

    fn open(&self, session: SessionId, peer: &Peer) -> Box<dyn Conversation> {
        let conversation = self.dialect.open(session, peer);
        // Who is turned away has no session.
        if session.0 == 0 {
            return conversation;
        }
        let host = peer.host.as_deref().unwrap_or_default().to_owned();
        let dialect = self.name().to_owned();
        // A session that switches its dialect is still owed what it was told in the one before.
        self.ledger
            .open()
            .accounts
            .entry(session)
            .and_modify(|account| account.dialect.clone_from(&dialect))
            .or_insert_with(|| Account { host, dialect, ..Account::default() });
        let (dialect, ledger) = (self.dialect.clone(), self.ledger.clone());
        Box::new(WatchedConversation { session, conversation, dialect, ledger, clock: self.clock })
    }

    fn encode(&self, form: Form, at: Timestamp, event: &Event, out: &mut Frames) {
        self.dialect.encode(form, at, event, out);
    }

    fn is_typed(&self) -> bool {
        self.dialect.is_typed()
    }

    fn names_on_connect(&self) -> bool {
        self.dialect.names_on_connect()
    }
}

impl WatchedConversation {
    fn account(&self, write: impl FnOnce(&mut Account)) {
        if let Some(account) = self.ledger.open().accounts.get_mut(&self.session) {
            write(account);
        }
    }

    fn owe(&self, frames: Frames, is_question: bool) {
        if !frames.is_empty() {
            self.account(|account| account.owed.push(Owed { frames, is_question }));
        }
    }
}

impl Conversation for WatchedConversation {
    fn begin(&mut self, reaction: &mut Reaction) {
        self.conversation.begin(reaction);
        self.owe(reaction.frames.clone(), false);
    }

    fn decode(&mut self, frame: &[u8], reaction: &mut Reaction) {
        self.conversation.decode(frame, reaction);
        self.owe(reaction.frames.clone(), false);
    }

    fn fault(&mut self, fault: &Fault, reaction: &mut Reaction) {
        self.conversation.fault(fault, reaction);
        self.owe(reaction.frames.clone(), false);
    }

    fn reply(&mut self, request: Option<&RequestId>, event: &Event, reaction: &mut Reaction) {
        self.conversation.reply(request, event, reaction);
        self.owe(reaction.frames.clone(), false);
        if let Event::Sent { message, .. } = event {
            let mut book = self.ledger.open();
            let audience = match book.saying.take() {
                Some((sender, audience)) if sender == self.session => audience,
                _ => Vec::new(),
            };
            book.messages.push(Acknowledged { id: message.id.0, audience });
        }
    }

    /// This is asked once for each event that the session is to be told, before anything else
    /// happens to it.
    fn form(&self, event: &Event) -> Form {
        let form = self.conversation.form(event);
        let mut frames = Frames::default();
        self.dialect.encode(form, self.clock.now(), event, &mut frames);
        self.owe(frames, false);
        let mut book = self.ledger.open();
        let mut is_scribe = false;
        if let Some(account) = book.accounts.get_mut(&self.session) {
            is_scribe = account.host == SCRIBE;
            if let Event::Said(message) = event {
                account.hears.push(message.id.0);
            }
        }
        if is_scribe {
            book.scribe.push(event.clone());
        }
        form
    }

    fn moved(&mut self, event: &Event, reaction: &mut Reaction) {
        self.conversation.moved(event, reaction);
        self.owe(reaction.frames.clone(), false);
    }

    fn ping(&mut self, out: &mut Frames) -> bool {
        let asks = self.conversation.ping(out);
        if asks {
            self.owe(out.clone(), true);
        }
        asks
    }

    fn notice(&mut self, notice: &Notice<'_>, out: &mut Frames) {
        let mut frames = Frames::default();
        self.conversation.notice(notice, &mut frames);
        match notice {
            Notice::Lagged { missed } => {
                self.account(|account| account.gaps.push((*missed, frames.clone())));
            }
            Notice::Closing(reason) => {
                self.owe(frames.clone(), false);
                self.account(|account| account.closed = Some((*reason).clone()));
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

impl Policy for Witness {
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
                _ => unreachable!("a variant that this test does not know"),
            };
            // Other connections of the speaker's hear it as well.
            let own = view.user_of(session).map(UserView::sessions);
            let mut audience: Vec<SessionId> =
                [addressed, own].into_iter().flatten().flatten().copied().collect();
            audience.sort_unstable();
            audience.dedup();
            audience.retain(|&other| other != session);
            self.0.open().saying = Some((session, audience));
        }
        Ok(command)
    }
}

/// Where a session says it comes from that only listens in the lobby, for others to be compared
/// with.
pub const SCRIBE: &str = "scribe";
