//! An event is encoded once for all readers whose forms agree in the bits that matter for it.

use chat_core::{Command, Config, Engine, Event, Peer, RequestId, SessionId, Timestamp};
use chat_dialects::{
    Conversation, Dialect, Fault, Form, Frames, Notice, Reaction, Recorder, Switchboard,
};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

const NOW: Timestamp = Timestamp::from_millis(1_767_225_600_000);

/// The bits that matter for messages.
const RELEVANT: u32 = 3;
/// More forms than the switchboard searches for each reader.
const READERS: u64 = 100;

#[test]
fn readers_share_encodings_unless_their_forms_differ_in_relevant_bits() {
    let mut switchboard = Switchboard::new(Engine::new(Config::default(), NOW));
    let numbered = Arc::new(Numbered::default());
    let ports: Vec<Recorder> = (1..=READERS)
        .map(|number| {
            let port = Recorder::default();
            let dialect = numbered.clone();
            switchboard.open(NOW, SessionId(number), Peer::default(), dialect, port.clone());
            port
        })
        .collect();
    ports.iter().for_each(|port| drop(port.take()));
    numbered.encoded.store(0, Ordering::Relaxed);
    switchboard.receive_frame(NOW, SessionId(1), b"hi");
    for (number, port) in (1_u32..).zip(&ports).skip(1) {
        assert_eq!(port.take(), [(number & RELEVANT).to_string()], "reader {number}");
    }
    assert_eq!(numbered.encoded.load(Ordering::Relaxed), RELEVANT + 1);
}

/// A dialect in which the form of a reader is its number, and messages are encoded as their form.
#[derive(Default)]
struct Numbered {
    encoded: AtomicU32,
}

struct Reader(u32);

impl Dialect for Numbered {
    fn name(&self) -> &str {
        "numbered"
    }

    fn open(&self, session: SessionId, _: &Peer) -> Box<dyn Conversation> {
        Box::new(Reader(u32::try_from(session.0).expect("few readers")))
    }

    fn encode(&self, form: Form, _: Timestamp, event: &Event, out: &mut Frames) {
        if let Event::Said(_) = event {
            self.encoded.fetch_add(1, Ordering::Relaxed);
            out.push(form.0.to_string());
        }
    }

    fn relevant(&self, _: &Event) -> Form {
        Form(RELEVANT)
    }
}

impl Conversation for Reader {
    fn begin(&mut self, reaction: &mut Reaction) {
        reaction.command(None, Command::identify(format!("reader{}", self.0)));
        reaction.command(None, Command::join("lobby"));
    }

    fn decode(&mut self, _: &[u8], reaction: &mut Reaction) {
        reaction.command(None, Command::say("lobby", "hi"));
    }

    fn fault(&mut self, _: &Fault, _: &mut Reaction) {}

    fn reply(&mut self, _: Option<&RequestId>, _: &Event, _: &mut Reaction) {}

    fn only_form(&self) -> Option<Form> {
        Some(Form(self.0))
    }

    fn notice(&mut self, _: &Notice<'_>, _: &mut Frames) {}
}
