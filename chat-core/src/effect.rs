//! Effects of the engine.

use crate::{CloseReason, Event, Question, QuestionId, Record, RequestId, SessionId, Timestamp};
use alloc::vec::Vec;
use core::ops::Range;

/// One effect of an input, borrowed from the engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub enum Effect<'a> {
    /// An answer to the session that gave a command.
    Reply {
        /// The session.
        session: SessionId,
        /// The client's own name for the command.
        request: Option<&'a RequestId>,
        /// The answer.
        event: &'a Event,
    },
    /// The answer to a command of the host: [`Event::Rejected`], or the event that a session would
    /// get for the same command.
    HostReply {
        /// The answer.
        event: &'a Event,
    },
    /// An event for other sessions.
    Deliver {
        /// The recipients: each once, in ascending order, never empty.
        to: &'a [SessionId],
        /// The event.
        event: &'a Event,
    },
    /// A question, which the host [answers](crate::Input::Answer). Until then, the host holds back
    /// further commands of the session, so that its replies keep their order. If there is no answer
    /// within [`Config::answer_timeout`](crate::Config::answer_timeout), the engine tells the
    /// client to try again.
    Ask {
        /// The session that the question is about.
        session: SessionId,
        /// The number of the question.
        question: QuestionId,
        /// The question.
        ask: &'a Question,
    },
    /// A session has ended. The host sends what is still queued for it, then closes the connection.
    Close {
        /// The session.
        session: SessionId,
        /// The reason.
        reason: &'a CloseReason,
    },
    /// A change that a log or store keeps.
    Record(&'a Record),
}

/// The effects of one input, in order. They borrow the engine, so that the host handles all of them
/// before the next input.
#[derive(Clone, Debug)]
#[must_use = "effects are replies and events for sessions: send them"]
pub struct Effects<'a> {
    at: Timestamp,
    staged: core::slice::Iter<'a, Staged>,
    recipients: &'a [SessionId],
}

impl Effects<'_> {
    /// The time of the input.
    pub fn at(&self) -> Timestamp {
        self.at
    }
}

impl<'a> Iterator for Effects<'a> {
    type Item = Effect<'a>;

    fn next(&mut self) -> Option<Effect<'a>> {
        Some(match self.staged.next()? {
            Staged::Reply { session, request, event } => {
                Effect::Reply { session: *session, request: request.as_ref(), event }
            }
            Staged::HostReply(event) => Effect::HostReply { event },
            Staged::Deliver { to, event } => {
                Effect::Deliver { to: &self.recipients[to.clone()], event }
            }
            Staged::Ask { session, question, ask } => {
                Effect::Ask { session: *session, question: *question, ask }
            }
            Staged::Close { session, reason } => Effect::Close { session: *session, reason },
            Staged::Record(record) => Effect::Record(record),
        })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.staged.size_hint()
    }
}

impl ExactSizeIterator for Effects<'_> {}

/// The buffer for effects: two vectors that are reused for every input, so that a recipient costs
/// eight bytes of copying and no allocation.
#[derive(Debug, Default)]
pub(crate) struct EffectBuffer {
    staged: Vec<Staged>,
    recipients: Vec<SessionId>,
}

#[derive(Debug)]
enum Staged {
    Reply { session: SessionId, request: Option<RequestId>, event: Event },
    HostReply(Event),
    Deliver { to: Range<usize>, event: Event },
    Ask { session: SessionId, question: QuestionId, ask: Question },
    Close { session: SessionId, reason: CloseReason },
    Record(Record),
}

impl EffectBuffer {
    pub(crate) fn clear(&mut self) {
        self.staged.clear();
        self.recipients.clear();
    }

    /// The number of effects so far, which is the position at which a reply can be inserted later.
    pub(crate) fn mark(&self) -> usize {
        self.staged.len()
    }

    /// Inserts the reply before the other effects of the command, so that its session gets it
    /// first.
    pub(crate) fn reply_at(
        &mut self,
        mark: usize,
        session: SessionId,
        request: Option<RequestId>,
        event: Event,
    ) {
        self.staged.insert(mark, Staged::Reply { session, request, event });
    }

    /// Inserts the reply to the host before the other effects of its command.
    pub(crate) fn host_reply_at(&mut self, mark: usize, event: Event) {
        self.staged.insert(mark, Staged::HostReply(event));
    }

    /// Delivers `event` to the sessions in `audience` that are not in `except`. Both are sorted and
    /// without duplicates.
    pub(crate) fn deliver(
        &mut self,
        audience: &[SessionId],
        except: &[SessionId],
        event: impl FnOnce() -> Event,
    ) {
        let start = self.recipients.len();
        let mut rest = audience;
        for session in except {
            if let Ok(hole) = rest.binary_search(session) {
                self.recipients.extend_from_slice(&rest[..hole]);
                rest = &rest[hole + 1..];
            }
        }
        self.recipients.extend_from_slice(rest);
        let to = start..self.recipients.len();
        if !to.is_empty() {
            self.staged.push(Staged::Deliver { to, event: event() });
        }
    }

    /// Delivers `event` once to each session that is in any of several audiences, except to
    /// `except`.
    pub(crate) fn deliver_once<'a>(
        &mut self,
        audiences: impl Iterator<Item = &'a [SessionId]>,
        except: Option<SessionId>,
        event: impl FnOnce() -> Event,
    ) {
        let start = self.recipients.len();
        for audience in audiences {
            self.recipients.extend(audience.iter().filter(|&&session| Some(session) != except));
        }
        // A stable sort would be faster on concatenated sorted audiences, but allocates memory for
        // merging.
        self.recipients[start..].sort_unstable();
        let mut end = start;
        for at in start..self.recipients.len() {
            if end == start || self.recipients[end - 1] != self.recipients[at] {
                self.recipients[end] = self.recipients[at];
                end += 1;
            }
        }
        self.recipients.truncate(end);
        if end > start {
            self.staged.push(Staged::Deliver { to: start..end, event: event() });
        }
    }

    pub(crate) fn ask(&mut self, session: SessionId, question: QuestionId, ask: Question) {
        self.staged.push(Staged::Ask { session, question, ask });
    }

    pub(crate) fn close(&mut self, session: SessionId, reason: CloseReason) {
        self.staged.push(Staged::Close { session, reason });
    }

    pub(crate) fn record(&mut self, record: Record) {
        self.staged.push(Staged::Record(record));
    }

    pub(crate) fn effects(&self, at: Timestamp) -> Effects<'_> {
        Effects { at, staged: self.staged.iter(), recipients: &self.recipients }
    }
}
