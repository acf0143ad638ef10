//! Dialects alone: one event is encoded again and again for one form of recipient.

use super::Scenario;
use super::client_dialect::ClientDialect;
use super::test_switchboard::TestSwitchboard;
use super::work::{NOW, Outcome, ROUNDS, WARM_UP, Work};
use chat_core::{Event, Peer, SessionId, Timestamp};
use chat_dialects::{Conversation, Dialect, Form, Frames};
use std::sync::{Arc, Mutex, PoisonError};

pub(super) const SCENARIOS: &[Scenario] = &[
    encoding("encode-message-text-bracket", || message(ClientDialect::Bracket)),
    encoding("encode-message-text-star", || message(ClientDialect::Star)),
    encoding("encode-message-text-plain", || message(ClientDialect::Plain)),
    encoding("encode-message-json-1", || message(ClientDialect::Json1)),
    encoding("encode-message-json-2", || message(ClientDialect::Json2)),
    encoding("encode-message-txtchat", || message(ClientDialect::TxtChat)),
    encoding("encode-message-irc", || message(ClientDialect::Irc)),
    encoding("encode-message-irc-tags", || message(ClientDialect::IrcTags)),
];

const fn encoding(name: &'static str, prepare: fn() -> Box<dyn Work>) -> Scenario {
    Scenario { name, outcome: Outcome::delivered(1), prepare }
}

/// Prepares the encoding of a lobby message for another member who uses this dialect.
fn message(client_dialect: ClientDialect) -> Box<dyn Work> {
    let last_encoded = Arc::new(Mutex::new(None));
    let dialect = client_dialect.dialect();
    let recording: Arc<dyn Dialect> =
        Arc::new(RecordingDialect { dialect: dialect.clone(), last_encoded: last_encoded.clone() });
    TestSwitchboard::new()
        .with_dialect(client_dialect, &recording, [1].into_iter())
        .with(ClientDialect::Bracket, [2].into_iter())
        .after(2, &ClientDialect::Bracket.message(2));
    let last_encoded = last_encoded.lock().unwrap_or_else(PoisonError::into_inner).take();
    let (form, event) = last_encoded.expect("a member of the lobby receives its messages");
    let mut encoding = Encoding { dialect, form, event, frames: Frames::default(), encoded: 0 };
    (0..WARM_UP).for_each(|_| encoding.encode());
    encoding.encoded = 0;
    Box::new(encoding)
}

/// An event that is encoded again and again.
struct Encoding {
    dialect: Arc<dyn Dialect>,
    form: Form,
    event: Event,
    frames: Frames,
    encoded: u64,
}

/// A dialect that records the last event that it encoded, and its form.
struct RecordingDialect {
    dialect: Arc<dyn Dialect>,
    last_encoded: Arc<Mutex<Option<(Form, Event)>>>,
}

impl Encoding {
    fn encode(&mut self) {
        self.frames.clear();
        self.dialect.encode(self.form, NOW, &self.event, &mut self.frames);
        self.encoded += self.frames.iter().count() as u64;
    }
}

impl Work for Encoding {
    fn run(&mut self) {
        (0..ROUNDS).for_each(|_| self.encode());
    }

    fn outcome(&mut self) -> Outcome {
        Outcome::delivered(self.encoded)
    }
}

impl Dialect for RecordingDialect {
    fn name(&self) -> &str {
        self.dialect.name()
    }

    fn open(&self, session: SessionId, peer: &Peer) -> Box<dyn Conversation> {
        self.dialect.open(session, peer)
    }

    fn encode(&self, form: Form, at: Timestamp, event: &Event, out: &mut Frames) {
        *self.last_encoded.lock().unwrap_or_else(PoisonError::into_inner) =
            Some((form, event.clone()));
        self.dialect.encode(form, at, event, out);
    }

    fn relevant(&self, event: &Event) -> Form {
        self.dialect.relevant(event)
    }

    fn is_typed(&self) -> bool {
        self.dialect.is_typed()
    }
}
