//! What a wire format has to say about itself.

use crate::{Fault, Frames, TurnedAway};
use chat_core::{CloseReason, Command, Config, Event, Peer, RequestId, SessionId, Timestamp};

/// A wire format, shared by all sessions that speak it.
pub trait Dialect: Send + Sync {
    /// A short name, for logs.
    fn name(&self) -> &str;

    /// Begins a conversation with one client.
    fn open(&self, session: SessionId, peer: &Peer) -> Box<dyn Conversation>;

    /// Writes an event down for all readers of a form, who cannot be told apart here: it is done
    /// once for all of them. One event gives none, one or many frames.
    fn encode(&self, form: Form, at: Timestamp, event: &Event, out: &mut Frames);

    /// Whether people type it, who need longer than programs until they have said who they are
    /// ([`Config::person_naming_timeout`](chat_core::Config::person_naming_timeout)).
    fn is_typed(&self) -> bool {
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

/// What makes a difference to how an event looks to a reader: a version, a style, whether they are
/// looking at the channel. Its meaning is the dialect's own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Form(pub u32);

/// One client's side of a dialect: a registration in progress, the channel that it is on.
///
/// Frames are decoded in the order in which they came, each after the one before has been carried
/// out, so that `/join rust` and the next line cannot miss each other.
pub trait Conversation: Send {
    /// The client has connected.
    fn begin(&mut self, reaction: &mut Reaction);

    /// The client has sent a frame.
    fn decode(&mut self, frame: &[u8], reaction: &mut Reaction);

    /// The client has sent something that the transport could not make a frame of.
    fn fault(&mut self, fault: &Fault, reaction: &mut Reaction);

    /// A command of this client has been answered.
    fn reply(&mut self, request: Option<&RequestId>, event: &Event, reaction: &mut Reaction);

    /// In which form this client reads an event about others; the same for all clients unless it is
    /// said.
    fn form(&self, _event: &Event) -> Form {
        self.only_form().unwrap_or_default()
    }

    /// The form in which this client reads whatever others do, if there is only one. This is asked
    /// each time that the conversation has taken or said something; [`form`](Self::form) then is
    /// not, for each event, of which there are many more.
    fn only_form(&self) -> Option<Form> {
        None
    }

    /// This client has just been shown that somebody entered or left a channel, was put out of it,
    /// or has another name. Perhaps it is its own user, by the hand of somebody else or of another
    /// of the user's sessions.
    fn moved(&mut self, _event: &Event, _turn: &mut Reaction) {}

    /// Asks the client whether it is still there, if the dialect has words for that. Returns
    /// whether it has: then a client that does not answer is closed.
    fn ping(&mut self, _out: &mut Frames) -> bool {
        false
    }

    /// The server has something to say that is not an event.
    fn notice(&mut self, notice: &Notice<'_>, out: &mut Frames);
}

/// What a server says for itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notice<'a> {
    /// So many things could not be told, since the client reads too slowly. What comes next is
    /// after the gap.
    Lagged {
        /// How many.
        missed: u64,
    },
    /// The connection is about to be closed.
    Closing(&'a CloseReason),
    /// The connection is not let in, and about to be closed. There has been no session.
    TurnedAway(TurnedAway),
}

/// How much a client may send at once. A dialect can tell it, so that a client refuses by itself
/// what is longer: some transports close the connection on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SendLimits {
    /// Most bytes of a frame, as the [host has set it](crate::Switchboard::set_frame_bytes).
    pub frame_bytes: usize,
    /// Most bytes of a message ([`Config::message_bytes`](chat_core::Config::message_bytes)).
    pub message_bytes: usize,
}

/// The limits of a server that has not changed them.
impl Default for SendLimits {
    fn default() -> Self {
        Self { frame_bytes: 8_192, message_bytes: Config::default().message_bytes }
    }
}

/// What a conversation wants to happen: first the frames are sent, then the commands are given in
/// order, then it ends.
#[derive(Debug, Default)]
pub struct Reaction {
    /// When this happens.
    pub at: Timestamp,
    /// What the client is sent at once.
    pub frames: Frames,
    /// How much a client may send at once.
    pub limits: SendLimits,
    pub(crate) commands: Vec<(Option<RequestId>, Command)>,
    pub(crate) faults: usize,
    pub(crate) ends: bool,
}

impl Reaction {
    /// Begins anew, in the room that there is.
    pub(crate) fn begin(&mut self, at: Timestamp) -> &mut Self {
        self.at = at;
        self.frames.clear();
        self.commands.clear();
        (self.faults, self.ends) = (0, false);
        self
    }

    /// What there is to do for it, now that its frames are sent, if there is anything.
    pub(crate) fn take_wishes(&mut self) -> Option<Self> {
        let wants_something = !self.commands.is_empty() || self.faults > 0 || self.ends;
        wants_something.then(|| {
            let (commands, faults, ends) =
                (std::mem::take(&mut self.commands), self.faults, self.ends);
            let (at, limits, frames) = (self.at, self.limits, Frames::default());
            Self { at, frames, limits, commands, faults, ends }
        })
    }

    /// Gives a command to the engine.
    pub fn command(&mut self, request: Option<RequestId>, command: Command) {
        self.commands.push((request, command));
    }

    /// Counts a fault of the client's; too many close the connection.
    pub fn count_fault(&mut self) {
        self.faults += 1;
    }

    /// Ends the conversation, once all is sent.
    pub fn end(&mut self) {
        self.ends = true;
    }
}
