//! Frames that arrive while the host's store has no room.

use super::Switchboard;
use crate::held::{HeldInput, WaitReason};
use crate::{Port, Reaction};
use chat_core::{Command, Event, Refusal, SessionId, Timestamp};

impl<P: Port> Switchboard<P> {
    /// Handles a frame of a session while the host cannot commit the records of a round. A message
    /// is refused with [`Refusal::StoreFull`] at once, before the frames of the round are sent;
    /// everything else waits until the host [goes on](Self::go_on). The host calls this only for
    /// sessions that are not sent a reply in that round, so that no reply overtakes another.
    pub fn decline(&mut self, now: Timestamp, session: SessionId, frame: &[u8]) {
        if self.held.holds_frames(session) {
            return self.hold(now, session, HeldInput::Frame(frame.into()));
        }
        let mut reaction = std::mem::take(&mut self.reaction);
        let mut answer = Reaction { limits: reaction.limits, ..Reaction::default() };
        self.log.counters.frames += 1;
        if let Some(entry) = self.sessions.get_mut(session) {
            entry.note_heard(now);
            entry.note_frame();
            entry.converse_now(now, &mut reaction, &mut self.log, |conversation, reaction| {
                conversation.decode(frame, reaction);
            });
        }
        let commands = std::mem::take(&mut reaction.commands);
        for (request, command) in commands {
            let is_refused =
                matches!(command, Command::Say { .. }) && !self.held.holds_commands(session);
            if !is_refused {
                self.held.begin(session, WaitReason::Store);
                self.hold(now, session, HeldInput::Command(request, Box::new(command)));
            } else if let Some(entry) = self.sessions.get_mut(session) {
                let event = Event::Rejected(Refusal::StoreFull);
                self.log.counters.note_reply(&event);
                entry.converse_now(now, &mut answer, &mut self.log, |conversation, answer| {
                    conversation.reply(request.as_ref(), &event, answer);
                });
            }
        }
        // The rest of the reaction: faults, and the end of the session.
        self.carry_out(now, session, &mut reaction);
        self.reaction = reaction;
        self.settle(now);
    }

    /// Handles what has waited since frames were [declined](Self::decline), because the host can
    /// commit again.
    pub fn go_on(&mut self, now: Timestamp) {
        self.held.release_store();
        self.settle(now);
    }
}
