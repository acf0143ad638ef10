//! The traits that a wire format implements.

use crate::{Fault, Frames, SlowConsumer, TurnedAway};
use chat_core::{CloseReason, Command, Event, Peer, RequestId, SessionId, Timestamp};

/// A wire format, shared by all sessions that speak it.
pub trait Dialect: Send + Sync {
    /// A short name, for logs.
    fn name(&self) -> &str;

    /// Begins a conversation with one client.
    fn open(&self, session: SessionId, peer: &Peer) -> Box<dyn Conversation>;

    /// Encodes an event as zero, one or several frames. The switchboard calls it once for all
    /// recipients that read the event in the same form, so the result may not depend on the reader.
    fn encode(&self, form: Form, at: Timestamp, event: &Event, out: &mut Frames);

    /// Returns the bits of a [`Form`] that change how an event is encoded. Readers whose forms
    /// differ only in other bits share one encoding. By default all bits count.
    ///
    /// The switchboard calls this once for each event and form, and not for each reader.
    fn relevant(&self, _event: &Event) -> Form {
        Form(u32::MAX)
    }

    /// Returns true if people type this dialect, who need longer than programs to take a nickname
    /// ([`Config::person_naming_timeout`](chat_core::Config::person_naming_timeout)).
    fn is_typed(&self) -> bool {
        false
    }

    /// Returns true if clients take a nickname in several steps, as people do: they have
    /// [more time](chat_core::Config::person_naming_timeout) for it, and what they send while the
    /// host authenticates them waits for its answer. By default only people do.
    fn registers_in_steps(&self) -> bool {
        self.is_typed()
    }

    /// Returns true if lines of this dialect end with `\r\n`, where frames are lines. By default
    /// they end with `\n`.
    fn ends_lines_with_crlf(&self) -> bool {
        false
    }

    /// Returns the treatment of clients that read too slowly, if the dialect cannot leave it to the
    /// [host](crate::Switchboard::set_slow_consumer): a client that keeps a list of users is wrong
    /// for ever after an event that it has missed.
    fn slow_consumer(&self) -> Option<SlowConsumer> {
        None
    }

    /// Returns true if the commands of a client that gives too many wait until the [rate
    /// limit](chat_core::Config::commands_per_second) allows them, instead of being refused, and
    /// until the client has read most of the answers. What it sends meanwhile waits as well, within
    /// limits, and then the [port](crate::Port::set_reading) reads nothing more.
    fn paces(&self) -> bool {
        false
    }

    /// Returns true if a client gets a name by connecting, so that others are told of it before it
    /// has sent anything. A transport then waits a moment before it opens the session: most clients
    /// that leave at once, without a byte, are health checks.
    fn names_on_connect(&self) -> bool {
        false
    }

    /// Returns the dialect as it is spoken over a transport whose clients may send requests too
    /// early: libraries for WebSocket queue what a page sends until the connection is open, and
    /// send it before the page can say who it is. Such a request is answered, and the connection
    /// stays open.
    #[must_use]
    fn with_early_requests(self) -> Self
    where
        Self: Sized,
    {
        self
    }
}

/// The properties of a reader that change how an event is encoded, such as a version, a style, or
/// the channel on the screen. Each dialect defines its own values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Form(pub u32);

/// The state of one client in a dialect, such as a registration in progress or the current channel.
///
/// The switchboard decodes frames in the order of their arrival, each after the engine has carried
/// out the one before. So a message after `/join rust` goes to the new channel.
pub trait Conversation: Send {
    /// The client has connected.
    fn begin(&mut self, reaction: &mut Reaction);

    /// The client has sent a frame.
    fn decode(&mut self, frame: &[u8], reaction: &mut Reaction);

    /// The client has sent bytes that the transport could not read as a frame.
    fn fault(&mut self, fault: &Fault, reaction: &mut Reaction);

    /// The engine has answered a command of this client.
    fn reply(&mut self, request: Option<&RequestId>, event: &Event, reaction: &mut Reaction);

    /// Returns the form in which this client reads an event about others. By default all clients
    /// read the same form.
    fn form(&self, _event: &Event) -> Form {
        self.only_form().unwrap_or_default()
    }

    /// Returns the form in which this client reads all events about others, if there is only one.
    /// Of its bits, those count for an event that are [relevant](Dialect::relevant) for it. The
    /// switchboard calls this after each other call of the conversation. If it returns a form, the
    /// switchboard does not call [`form`](Self::form) for each event, which is far more often.
    fn only_form(&self) -> Option<Form> {
        None
    }

    /// The client was just sent an event about a user that entered or left a channel, was removed
    /// from it, or took another nickname, or that has marked messages as read. That may be the
    /// client's own user: because of another user, or of another session of the same user. So are
    /// events that show application data of a channel, or of a user who joined or changed.
    fn moved(&mut self, _event: &Event, _reaction: &mut Reaction) {}

    /// Writes a ping, if the dialect has one, and returns true if it does. The switchboard then
    /// closes a client that does not answer.
    fn ping(&mut self, _out: &mut Frames) -> bool {
        false
    }

    /// Writes a message of the server itself, which is not an event.
    fn notice(&mut self, notice: &Notice<'_>, out: &mut Frames);
}

/// A message of the server itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Notice<'a> {
    /// Replies and events were dropped, because the client reads too slowly. The next frame comes
    /// after the gap.
    Lagged {
        /// The number of dropped replies and events.
        missed: u64,
    },
    /// The server is about to close the connection.
    Closing(&'a CloseReason),
    /// The server refuses the connection and is about to close it. There was no session.
    TurnedAway(TurnedAway),
}

/// The limits of what a client may send at once. A dialect can tell them to the client, which can
/// then refuse longer input itself; some transports close the connection because of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SendLimits {
    /// The largest frame in bytes, as the [host has set it](crate::Switchboard::set_frame_bytes).
    pub frame_bytes: usize,
    /// The longest message in bytes ([`Config::message_bytes`](chat_core::Config::message_bytes)).
    pub message_bytes: usize,
    /// The largest number of lines of a message
    /// ([`Config::message_lines`](chat_core::Config::message_lines)).
    pub message_lines: usize,
}

/// The limits of a server that has not changed them. They are constants, because a default reaction
/// is made for each frame, and a default configuration allocates.
impl Default for SendLimits {
    fn default() -> Self {
        Self { frame_bytes: 8_192, message_bytes: 4_096, message_lines: 64 }
    }
}

/// The features of a server that not every one has. A dialect can tell its clients of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Features {
    /// True if the engine keeps accounts with passwords
    /// ([`Config::accounts`](chat_core::Config::accounts)).
    pub accounts: bool,
    /// True if clients can register accounts
    /// ([`Config::registration`](chat_core::Config::registration)).
    pub registration: bool,
}

/// The reaction of a conversation to a call: the switchboard first sends the frames, then gives the
/// commands in order, then ends the conversation if that was asked for.
///
/// A unit test of a conversation needs no switchboard: it makes a default reaction, calls the
/// conversation with it, and reads the frames, [commands](Self::commands), [faults](Self::faults)
/// and the [end](Self::has_ended).
#[derive(Debug, Default)]
pub struct Reaction {
    /// The time of the call.
    pub at: Timestamp,
    /// Frames for the client.
    pub frames: Frames,
    /// The limits of what the client may send.
    pub limits: SendLimits,
    /// The features of the server.
    pub features: Features,
    pub(crate) commands: Vec<(Option<RequestId>, Command)>,
    pub(crate) faults: usize,
    pub(crate) ends: bool,
}

impl Reaction {
    /// Sets the time of the next call and clears the reaction for it. The limits and the
    /// allocations stay. The switchboard does this before each call; a conversation does not.
    pub fn begin(&mut self, at: Timestamp) -> &mut Self {
        self.at = at;
        self.frames.clear();
        self.commands.clear();
        (self.faults, self.ends) = (0, false);
        self
    }

    /// Takes what is left to handle after the frames are sent, if there is anything: the commands,
    /// the faults and the end.
    pub(crate) fn take_followup(&mut self) -> Option<Self> {
        let has_followup = !self.commands.is_empty() || self.faults > 0 || self.ends;
        has_followup.then(|| {
            let (commands, faults, ends) =
                (std::mem::take(&mut self.commands), self.faults, self.ends);
            let (at, limits, frames) = (self.at, self.limits, Frames::default());
            let features = self.features;
            Self { at, frames, limits, features, commands, faults, ends }
        })
    }

    /// Gives a command to the engine.
    pub fn command(&mut self, request: Option<RequestId>, command: Command) {
        self.commands.push((request, command));
    }

    /// Counts a fault of the client. Too many faults close the connection.
    pub fn count_fault(&mut self) {
        self.faults += 1;
    }

    /// Ends the conversation after everything is sent.
    pub fn end(&mut self) {
        self.ends = true;
    }

    /// The commands that the conversation has given so far, in order, each with the client's own
    /// name for it.
    pub fn commands(&self) -> &[(Option<RequestId>, Command)] {
        &self.commands
    }

    /// The number of faults that the conversation has counted so far.
    pub fn faults(&self) -> usize {
        self.faults
    }

    /// Returns true if the conversation has asked for its end.
    pub fn has_ended(&self) -> bool {
        self.ends
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chat_core::Config;

    #[test]
    fn default_limits_are_those_of_a_default_configuration() {
        let Config { message_bytes, message_lines, .. } = Config::default();
        let expected = SendLimits { frame_bytes: 8_192, message_bytes, message_lines };
        assert_eq!(SendLimits::default(), expected);
    }
}
