//! Frames that wait while the host authenticates their session.

use chat_core::{Event, Refusal, SessionId};
use std::collections::{BTreeMap, VecDeque};

/// Frames that wait until the host has authenticated their session.
///
/// People who type cannot know that the host has not answered yet. A program can: it has not
/// received its `welcome`.
#[derive(Debug, Default)]
pub(crate) struct HeldFrames {
    /// The sessions that wait, with the frames that each has sent since.
    waiting: BTreeMap<SessionId, Vec<Box<[u8]>>>,
    /// Frames that wait no longer, in order.
    released: VecDeque<(SessionId, Box<[u8]>)>,
}

/// The result of holding a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hold {
    /// Its session does not wait.
    NotNeeded,
    /// It waits.
    Held,
    /// Too many wait before it. The session is closed: to handle it now would change the order, and
    /// to drop it would lose it without a word.
    Full,
}

impl HeldFrames {
    /// The most frames that wait for one session, far more than a person types in that time.
    const MOST: usize = 64;
    /// The most bytes of them.
    const MOST_BYTES: usize = 64 * 1024;

    /// Begins to hold the frames of a session.
    pub(crate) fn begin(&mut self, session: SessionId) {
        self.waiting.entry(session).or_default();
    }

    /// Holds a frame if its session waits. No frame passes one before it.
    pub(crate) fn hold(&mut self, session: SessionId, frame: &[u8]) -> Hold {
        // Mostly nobody waits.
        if self.waiting.is_empty() {
            return Hold::NotNeeded;
        }
        let Some(frames) = self.waiting.get_mut(&session) else { return Hold::NotNeeded };
        let bytes: usize = frames.iter().map(|frame| frame.len()).sum();
        if frames.len() == Self::MOST || bytes + frame.len() > Self::MOST_BYTES {
            return Hold::Full;
        }
        frames.push(frame.into());
        Hold::Held
    }

    /// Notes an answer to a session: with most of them its frames wait no longer.
    pub(crate) fn note_reply(&mut self, session: SessionId, event: &Event) {
        if self.waiting.is_empty() {
            return;
        }
        let still_asked = matches!(
            event,
            Event::Rejected(
                Refusal::Identifying | Refusal::NotIdentified | Refusal::RateLimited { .. }
            )
        );
        if !still_asked && let Some(frames) = self.waiting.remove(&session) {
            self.released.extend(frames.into_iter().map(|frame| (session, frame)));
        }
    }

    /// Drops the frames of a session that has ended.
    pub(crate) fn forget(&mut self, session: SessionId) {
        self.waiting.remove(&session);
    }

    /// Whether there are frames that wait no longer.
    pub(crate) fn has_released(&self) -> bool {
        !self.released.is_empty()
    }

    /// Takes the next frame that waits no longer.
    pub(crate) fn next_released(&mut self) -> Option<(SessionId, Box<[u8]>)> {
        self.released.pop_front()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Inbound, Recorder, Switchboard, TextDialect};
    use chat_core::{Answer, Config, Engine, Identity, Peer, Secret, Timestamp};
    use std::sync::Arc;

    const NOW: Timestamp = Timestamp::from_millis(1_767_225_600_000);
    const ALICE: SessionId = SessionId(1);

    /// What somebody with a token is sent who types these lines before the host answers.
    fn typed_early(lines: &[&str], answer: Answer) -> Vec<String> {
        let config = Config { authenticate: true, ..Config::default() };
        let mut switchboard = Switchboard::new(Engine::new(config, NOW));
        let peer = Peer { token: Some(Secret::new("t0ken")), ..Peer::default() };
        let port = Recorder::default();
        switchboard.open(NOW, ALICE, peer, Arc::new(TextDialect::plain()), port.clone());
        for line in lines {
            switchboard.receive_frame(NOW, ALICE, line.as_bytes());
        }
        port.take();
        let question = switchboard.take_auth_requests().pop().expect("the host is asked");
        switchboard.receive(NOW, ALICE, Inbound::Answer { question: question.id, answer });
        port.take()
    }

    fn alice() -> Answer {
        Answer::Account(Identity::new("al").with_nicknames(["Alice"]))
    }

    #[test]
    fn lines_typed_before_the_answer_are_handled_in_order_after_it() {
        let told = typed_early(&["hi", "/join tea", "/topic", "/name Mallory"], alice());
        assert_eq!(told[0], "You are now known as Alice");
        assert!(told[1].contains("tea"), "{told:?}");
        assert_eq!(
            told.last().map(String::as_str),
            Some("Your nickname is given by your login and cannot be changed.")
        );
    }

    #[test]
    fn lines_of_somebody_who_is_refused_reach_nobody() {
        let told = typed_early(&["hi"], Answer::Refused(chat_core::Text::clean("no")));
        assert_eq!(told, ["No."]);
    }

    #[test]
    fn no_line_passes_those_before_it() {
        let lines: Vec<String> = (0..40).map(|number| format!("line {number}")).collect();
        let mut lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        lines.push("/quit bye");
        let told = typed_early(&lines, alice());
        let refused = told.iter().filter(|line| line.starts_with("Too many commands")).count();
        assert_eq!(refused, 20, "those beyond the burst, each with a word: {told:?}");
        assert_eq!(told.last().map(String::as_str), Some("Goodbye!"));
    }

    #[test]
    fn there_is_an_end_to_what_waits() {
        let mut held = HeldFrames::default();
        held.begin(ALICE);
        assert!((0..HeldFrames::MOST).all(|_| held.hold(ALICE, b"hi") == Hold::Held));
        assert_eq!(held.hold(ALICE, b"hi"), Hold::Full);
        assert_eq!(held.hold(SessionId(2), b"hi"), Hold::NotNeeded);
        held.forget(ALICE);
        assert_eq!(held.hold(ALICE, b"hi"), Hold::NotNeeded);
        assert_eq!(held.next_released(), None);
        held.begin(ALICE);
        assert_eq!(held.hold(ALICE, &[b'x'; HeldFrames::MOST_BYTES]), Hold::Held);
        assert_eq!(held.hold(ALICE, b"x"), Hold::Full);
    }
}
