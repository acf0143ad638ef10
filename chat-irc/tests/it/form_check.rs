//! A dialect that checks which bits of a form matter.

use chat_core::{Event, Peer, SessionId, Timestamp};
use chat_dialects::{Conversation, Dialect, Form, Frames, SlowConsumer};
use chat_irc::IrcDialect;

/// IRC. It checks of each event that it is encoded alike whatever the bits of a form that are said
/// not to matter for it.
pub(crate) struct FormCheck(pub(crate) IrcDialect);

impl Dialect for FormCheck {
    fn name(&self) -> &str {
        self.0.name()
    }

    fn open(&self, session: SessionId, peer: &Peer) -> Box<dyn Conversation> {
        self.0.open(session, peer)
    }

    fn encode(&self, form: Form, at: Timestamp, event: &Event, out: &mut Frames) {
        self.0.encode(form, at, event, out);
        let relevant = self.0.relevant(event).0;
        let others = (0..u32::BITS).map(|bit| 1 << bit).chain([u32::MAX]);
        for other in others.filter(|other| other & !relevant != 0) {
            let mut again = Frames::default();
            self.0.encode(Form(form.0 | other & !relevant), at, event, &mut again);
            assert_eq!(&again, out, "bits {other:x} matter for {event:?}");
        }
    }

    fn relevant(&self, event: &Event) -> Form {
        self.0.relevant(event)
    }

    fn registers_in_steps(&self) -> bool {
        self.0.registers_in_steps()
    }

    fn ends_lines_with_crlf(&self) -> bool {
        self.0.ends_lines_with_crlf()
    }

    fn slow_consumer(&self) -> Option<SlowConsumer> {
        self.0.slow_consumer()
    }

    fn paces(&self) -> bool {
        self.0.paces()
    }
}
