//! Frames that wait while the host authenticates their session.

use chat_core::{Event, Refusal, SessionId};
use std::collections::{BTreeMap, VecDeque};

/// Frames that wait until the host has authenticated their session.
///
/// People who type cannot know that the host has not answered yet. A program can: it has not
/// received its `welcome`.
#[derive(Debug, Default)]
pub(crate) struct HeldFrames {
    /// The waiting sessions, with the frames that each has sent since.
    waiting: BTreeMap<SessionId, Vec<Box<[u8]>>>,
    /// Frames that are ready to be handled, in order.
    released: VecDeque<(SessionId, Box<[u8]>)>,
}

/// The result of holding a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hold {
    /// The session is not waiting, and the frame is handled at once.
    NotNeeded,
    /// The frame is held.
    Held,
    /// Too many frames are held already. The session is closed, because handling the frame now
    /// would change the order, and dropping it would lose it silently.
    Full,
}

impl HeldFrames {
    /// Maximum number of held frames of one session, far more than a person types in that time.
    const MAX_FRAMES: usize = 64;
    /// Maximum number of held bytes of one session.
    const MAX_BYTES: usize = 64 * 1024;

    /// Starts holding the frames of a session.
    pub(crate) fn begin(&mut self, session: SessionId) {
        self.waiting.entry(session).or_default();
    }

    /// Holds a frame if its session is waiting.
    pub(crate) fn hold(&mut self, session: SessionId, frame: &[u8]) -> Hold {
        // Usually no session is waiting, and the lookup is not needed.
        if self.waiting.is_empty() {
            return Hold::NotNeeded;
        }
        let Some(frames) = self.waiting.get_mut(&session) else { return Hold::NotNeeded };
        let bytes: usize = frames.iter().map(|frame| frame.len()).sum();
        if frames.len() == Self::MAX_FRAMES || bytes + frame.len() > Self::MAX_BYTES {
            return Hold::Full;
        }
        frames.push(frame.into());
        Hold::Held
    }

    /// Notes a reply to a session, and releases its frames if the reply shows that the session no
    /// longer waits.
    pub(crate) fn note_reply(&mut self, session: SessionId, event: &Event) {
        if self.waiting.is_empty() {
            return;
        }
        let still_waiting = matches!(
            event,
            Event::Rejected(
                Refusal::Identifying | Refusal::NotIdentified | Refusal::RateLimited { .. }
            )
        );
        if !still_waiting && let Some(frames) = self.waiting.remove(&session) {
            self.released.extend(frames.into_iter().map(|frame| (session, frame)));
        }
    }

    /// Drops the frames of a session that has ended.
    pub(crate) fn forget(&mut self, session: SessionId) {
        self.waiting.remove(&session);
    }

    /// Takes the next released frame.
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

    /// Returns the frames that a client with a token is sent after the host's answer, if it has
    /// sent the lines before the answer.
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
        let question = switchboard.take_auth_requests().pop().expect("an authentication request");
        switchboard.receive(NOW, ALICE, Inbound::Answer { question: question.id, answer });
        port.take()
    }

    fn alice() -> Answer {
        Answer::Account(Identity::new("al").with_nicknames(["Alice"]))
    }

    #[test]
    fn lines_before_the_answer_are_handled_in_order_after_it() {
        let frames = typed_early(&["hi", "/join tea", "/topic", "/name Mallory"], alice());
        assert_eq!(frames[0], "You are now known as Alice");
        assert!(frames[1].contains("tea"), "{frames:?}");
        assert_eq!(
            frames.last().map(String::as_str),
            Some("Your nickname is given by your login and cannot be changed.")
        );
    }

    #[test]
    fn lines_of_a_refused_client_are_dropped() {
        let frames = typed_early(&["hi"], Answer::Refused(chat_core::Text::clean("no")));
        assert_eq!(frames, ["No."]);
    }

    #[test]
    fn lines_keep_their_order() {
        let lines: Vec<String> = (0..40).map(|number| format!("line {number}")).collect();
        let mut lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        lines.push("/quit bye");
        let frames = typed_early(&lines, alice());
        let refused = frames.iter().filter(|line| line.starts_with("Too many commands")).count();
        assert_eq!(refused, 20, "every line beyond the burst gets an error: {frames:?}");
        assert_eq!(frames.last().map(String::as_str), Some("Goodbye!"));
    }

    #[test]
    fn held_frames_are_limited() {
        let mut held = HeldFrames::default();
        held.begin(ALICE);
        assert!((0..HeldFrames::MAX_FRAMES).all(|_| held.hold(ALICE, b"hi") == Hold::Held));
        assert_eq!(held.hold(ALICE, b"hi"), Hold::Full);
        assert_eq!(held.hold(SessionId(2), b"hi"), Hold::NotNeeded);
        held.forget(ALICE);
        assert_eq!(held.hold(ALICE, b"hi"), Hold::NotNeeded);
        assert_eq!(held.next_released(), None);
        held.begin(ALICE);
        assert_eq!(held.hold(ALICE, &[b'x'; HeldFrames::MAX_BYTES]), Hold::Held);
        assert_eq!(held.hold(ALICE, b"x"), Hold::Full);
    }
}
