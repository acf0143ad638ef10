//! Encodes changes of messages.

use crate::capability::Capabilities;
use crate::identity::channel;
use crate::message_id::WireId;
use crate::output::{Output, Source};
use chat_core::{Message, MessageChange, MessageChangeKind, Target};
use chat_dialects::Frames;

impl Output<'_> {
    /// Writes the change of a message.
    pub(crate) fn change(&self, change: &MessageChange, out: &mut Frames) {
        if change.kind == MessageChangeKind::Deleted {
            self.deleted(&change.message, out);
        }
    }

    /// Writes `REDACT` (IRCv3 draft/message-redaction), or a notice for clients that do not know
    /// it.
    fn deleted(&self, message: &Message, out: &mut Frames) {
        let Some(deletion) = message.deletion() else { return };
        let target = match &message.target {
            Target::Channel(name) => channel(name),
            Target::User(nickname) => nickname.shown().into(),
            Target::Members { .. } | _ => return,
        };
        let (by, reason) = (&deletion.by, deletion.reason.as_ref());
        if self.form.has(Capabilities::MESSAGE_REDACTION) {
            let (id, reason) = (WireId::from(message), reason.map(|reason| format!(" :{reason}")));
            let reason = reason.unwrap_or_default();
            return self.line(out, by, format_args!("REDACT {target} {id}{reason}"));
        }
        let sender = message.sender.name();
        let by = if by.name() == sender { String::new() } else { format!(" by {by}") };
        let reason = reason.map(|reason| format!(": {reason}")).unwrap_or_default();
        let text = format_args!("A message of {sender} was deleted{by}{reason}");
        self.line(out, Source::Server, format_args!("NOTICE {target} :{text}"));
    }
}
