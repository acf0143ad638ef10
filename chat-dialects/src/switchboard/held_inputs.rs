//! Inputs that wait: for an answer of the host, for the rate of a session, and for its client to
//! read.

use crate::held::{HeldInput, Hold};
use crate::{Port, Switchboard};
use chat_core::{CloseReason, Command, Input, SessionId, Timestamp};
use std::time::Duration;

impl<P: Port> Switchboard<P> {
    /// Holds an input of a session that waits, or closes the session if it has sent too much
    /// meanwhile.
    pub(super) fn hold(&mut self, now: Timestamp, session: SessionId, input: HeldInput) {
        if self.try_hold(session, input) == Hold::Full {
            self.close(now, session, CloseReason::TooManyFaults);
        }
    }

    /// Handles pending inputs, and those that no longer wait, each after the inputs that the one
    /// before has caused.
    pub(super) fn settle(&mut self, now: Timestamp) {
        loop {
            while let Some(input) = self.pending.pop_front() {
                self.apply_pending(now, input);
            }
            match self.held.next_released() {
                Some((session, HeldInput::Frame(frame))) => {
                    self.call(now, session, |conversation, reaction| {
                        conversation.decode(&frame, reaction);
                    });
                }
                Some((session, HeldInput::Fault(fault))) => {
                    self.call(now, session, |conversation, reaction| {
                        conversation.fault(&fault, reaction);
                        reaction.count_fault();
                    });
                }
                Some((session, HeldInput::Command(request, command))) => {
                    self.apply_pending(now, Input::Command { session, request, command: *command });
                }
                Some((session, HeldInput::End)) => {
                    let reason = CloseReason::Disconnected;
                    self.apply_one(now, Input::Close { session, reason });
                }
                None => break,
            }
        }
        while let Some(session) = self.held.take_resumable() {
            if let Some(entry) = self.sessions.get_mut(session) {
                entry.set_reading(true);
            }
        }
    }

    /// Applies an input that arose while effects were handled, unless it is a command of a session
    /// that waits, or has to wait now.
    fn apply_pending(&mut self, now: Timestamp, input: Input) {
        let Input::Command { session, request, command } = input else {
            return self.apply_one(now, input);
        };
        if !self.held.holds_commands(session) {
            match self.pace(now, session, &command) {
                Some(until) => self.held.begin_pace(session, until),
                None => return self.apply_one(now, Input::Command { session, request, command }),
            }
        }
        let command = HeldInput::Command(request, Box::new(command));
        if self.try_hold(session, command) == Hold::Full {
            let reason = CloseReason::TooManyFaults;
            self.apply_one(now, Input::Close { session, reason });
        }
    }

    /// Returns the time until which a command of a paced session waits, if it has to.
    fn pace(&mut self, now: Timestamp, session: SessionId, command: &Command) -> Option<Timestamp> {
        // Most servers have none, and need no search.
        if !self.has_paced {
            return None;
        }
        let entry = self.sessions.get_mut(session).filter(|entry| entry.paces())?;
        if !entry.has_room_for_pages() && !matches!(command, Command::Quit { .. }) {
            return Some(now + LOOK_FOR_ROOM);
        }
        let delay = self.engine.view().command_delay(now, session, command);
        (delay > Duration::ZERO).then(|| now + delay)
    }

    /// Holds an input. If there are many of a paced session, its port stops reading.
    fn try_hold(&mut self, session: SessionId, input: HeldInput) -> Hold {
        let Self { sessions, held, .. } = self;
        let entry = sessions.get_mut(session).filter(|entry| entry.paces());
        let result = held.hold(session, input, entry.is_some());
        if let Some(entry) = entry
            && held.pauses(session)
        {
            entry.set_reading(false);
        }
        result
    }
}

/// The time after which the queue of a client is looked at again.
const LOOK_FOR_ROOM: Duration = Duration::from_millis(50);
