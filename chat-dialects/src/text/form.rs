//! The forms in which a client of text reads events.

use crate::Form;

/// The form of an event about the reader's current channel, or about no channel.
pub(super) const HERE: Form = Form(0);
/// The form of an event about another channel than the reader's current one.
pub(super) const ELSEWHERE: Form = Form(1);
/// The form of a private message that the reader has sent from another session.
pub(super) const OWN: Form = Form(2);
