//! Dialects alone: one event, written down again and again for one kind of reader.

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
];

const fn encoding(name: &'static str, prepare: fn() -> Box<dyn Work>) -> Scenario {
    Scenario { name, outcome: Outcome::told(1), prepare }
}

/// Gets ready to write down a message in the lobby for somebody who speaks this and is there too.
fn message(client_dialect: ClientDialect) -> Box<dyn Work> {
    let heard = Arc::new(Mutex::new(None));
    let dialect = client_dialect.dialect();
    let spy: Arc<dyn Dialect> = Arc::new(Spy { dialect: dialect.clone(), heard: heard.clone() });
    TestSwitchboard::new()
        .with_dialect(client_dialect, &spy, [1].into_iter())
        .with(ClientDialect::Bracket, [2].into_iter())
        .having(2, &ClientDialect::Bracket.message(2));
    let heard = heard.lock().unwrap_or_else(PoisonError::into_inner).take();
    let (form, event) = heard.expect("whoever is in the lobby hears what is said there");
    let mut encoding = Encoding { dialect, form, event, frames: Frames::default(), written: 0 };
    (0..WARM_UP).for_each(|_| encoding.encode());
    encoding.written = 0;
    Box::new(encoding)
}

/// An event that is written down again and again.
struct Encoding {
    dialect: Arc<dyn Dialect>,
    form: Form,
    event: Event,
    frames: Frames,
    written: u64,
}

/// A dialect that remembers the last event that it was to write down, and for whom.
struct Spy {
    dialect: Arc<dyn Dialect>,
    heard: Arc<Mutex<Option<(Form, Event)>>>,
}

impl Encoding {
    fn encode(&mut self) {
        self.frames.clear();
        self.dialect.encode(self.form, NOW, &self.event, &mut self.frames);
        self.written += self.frames.iter().count() as u64;
    }
}

impl Work for Encoding {
    fn run(&mut self) {
        (0..ROUNDS).for_each(|_| self.encode());
    }

    fn outcome(&mut self) -> Outcome {
        Outcome::told(self.written)
    }
}

impl Dialect for Spy {
    fn name(&self) -> &str {
        self.dialect.name()
    }

    fn open(&self, session: SessionId, peer: &Peer) -> Box<dyn Conversation> {
        self.dialect.open(session, peer)
    }

    fn encode(&self, form: Form, at: Timestamp, event: &Event, out: &mut Frames) {
        *self.heard.lock().unwrap_or_else(PoisonError::into_inner) = Some((form, event.clone()));
        self.dialect.encode(form, at, event, out);
    }

    fn is_typed(&self) -> bool {
        self.dialect.is_typed()
    }
}
