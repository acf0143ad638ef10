//! Input for one session.

use crate::{Dialect, Fault};
use bytes::Bytes;
use chat_core::{Answer, CloseReason, Command, Peer, QuestionId, RequestId};
use std::fmt;
use std::sync::Arc;

/// Input for one session: from its transport, from the host, or from both. It is the same value on
/// the whole way from a socket to [`Switchboard::receive`](crate::Switchboard::receive).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Inbound {
    /// A frame, without its terminator; not yet known to be UTF-8.
    Frame(Bytes),
    /// Bytes that cannot be read as a frame, and were skipped.
    Fault(Fault),
    /// A sign of life without content.
    Alive,
    /// A command, without the session's dialect.
    Command {
        /// The session's own name for the command, which the reply repeats.
        request: Option<RequestId>,
        /// The command.
        command: Command,
    },
    /// The answer to an [`AuthRequest`](crate::AuthRequest) or a
    /// [`HostRequest`](crate::HostRequest).
    Answer {
        /// The number of the request.
        question: QuestionId,
        /// The answer.
        answer: Answer,
    },
    /// The session's port has room again. If replies or events were dropped, the client is told.
    Resume,
    /// The first line shows that the client speaks another dialect than was assumed. The session
    /// begins anew on the same port. For the engine, and so for other users, the session ends and
    /// another with the same number begins.
    Switch(Box<DialectSwitch>),
    /// The connection has ended or is to end. [`CloseReason::Disconnected`] waits for the reply to
    /// a command that waits for the host: the client may have ended only its own side.
    Close(CloseReason),
}

/// A change of a session to another dialect.
#[derive(Clone)]
pub struct DialectSwitch {
    /// The client, as the transport knows it.
    pub peer: Peer,
    /// The dialect that the client speaks.
    pub dialect: Arc<dyn Dialect>,
}

impl PartialEq for DialectSwitch {
    fn eq(&self, other: &Self) -> bool {
        self.peer == other.peer && Arc::ptr_eq(&self.dialect, &other.dialect)
    }
}

impl Eq for DialectSwitch {}

impl fmt::Debug for DialectSwitch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { peer, dialect } = self;
        let mut debug = f.debug_struct("DialectSwitch");
        debug.field("peer", peer).field("dialect", &dialect.name()).finish()
    }
}
