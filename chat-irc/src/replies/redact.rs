//! Refusals of `REDACT`.

use crate::client::Client;
use crate::identity::Word;
use chat_core::Refusal;
use chat_dialects::Reaction;

/// The reason for which a message is not redacted.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Unredacted {
    InvalidTarget,
    UnknownMessage,
    Forbidden,
    Unavailable,
}

/// Writes that a message is not redacted.
pub(crate) fn not_redacted(
    client: &Client,
    why: Unredacted,
    (target, id): (&str, &str),
    text: &str,
    reaction: &mut Reaction,
) {
    let (target, id) = (Word(target), Word(id));
    let out = &mut reaction.frames;
    match why {
        Unredacted::InvalidTarget => {
            client.line(out, format_args!("FAIL REDACT INVALID_TARGET {target} :{text}"));
        }
        Unredacted::UnknownMessage => {
            client.line(out, format_args!("FAIL REDACT UNKNOWN_MSGID {target} {id} :{text}"));
        }
        Unredacted::Forbidden => {
            client.line(out, format_args!("FAIL REDACT REDACT_FORBIDDEN {target} {id} :{text}"));
        }
        Unredacted::Unavailable => {
            client.line(out, format_args!("FAIL REDACT TEMPORARILY_UNAVAILABLE :{text}"));
        }
    }
}

/// Writes the refusal of the engine to delete a message.
pub(super) fn refused(
    client: &Client,
    subject: (&str, &str),
    refusal: &Refusal,
    reaction: &mut Reaction,
) {
    let why = if matches!(refusal, Refusal::NoSuchMessage(_)) {
        Unredacted::UnknownMessage
    } else if matches!(
        refusal,
        Refusal::NotInChannel(_) | Refusal::NoSuchChannel(_) | Refusal::ChannelNameInvalid(_)
    ) {
        Unredacted::InvalidTarget
    } else if matches!(
        refusal,
        Refusal::RateLimited { .. } | Refusal::HistoryUnavailable | Refusal::StoreFull
    ) {
        Unredacted::Unavailable
    } else {
        Unredacted::Forbidden
    };
    not_redacted(client, why, subject, &refusal.to_string(), reaction);
}
