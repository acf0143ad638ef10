//! The commands of a client that the engine has not answered yet.

use crate::history::Part;
use crate::list_filter::ListFilter;
use crate::metadata::Metadata;
use crate::service::Service;
use chat_core::{Command, MessageId, Nickname};

/// A command that waits for the engine's reply, with all that the reply needs.
#[derive(Debug)]
pub(crate) enum Pending {
    /// The client takes a nickname.
    Identify,
    /// The client logs in with SASL.
    LogIn,
    /// `REGISTER`.
    Register {
        account: Box<str>,
    },
    /// A message to a service.
    Service(Service),
    /// A command whose reply is an event, such as `JOIN`.
    Command {
        /// The command's name.
        name: &'static str,
        /// The name that it is about, as the client wrote it.
        subject: Box<str>,
    },
    /// A message that replies to another.
    Reply {
        /// The command's name.
        name: &'static str,
        /// The channel or the other user, as the client wrote it.
        subject: Box<str>,
        /// The message with the tag of the reply, for a server that does not know the other.
        plain: Box<Command>,
    },
    /// `NAMES`, or the rest of the members after a `JOIN`.
    Names {
        /// The channel, as the client wrote it.
        channel: Box<str>,
    },
    Who(Box<Who>),
    Whois {
        nickname: Box<str>,
    },
    Whowas {
        nickname: Box<str>,
    },
    /// `MODE` of the client's own user: true if the client only reads its modes.
    UserModes {
        is_reading: bool,
    },
    /// `OPER`.
    Operator,
    /// `REHASH`, whose query shows whether the client is a server operator.
    Rehash,
    Monitor(Monitor),
    Topic {
        channel: Box<str>,
    },
    Modes {
        channel: Box<str>,
    },
    /// The entries of a list of a channel.
    List {
        channel: Box<str>,
        /// The number of entries that were shown already.
        shown: usize,
    },
    /// `LIST`.
    Channels {
        filter: ListFilter,
    },
    Invitations,
    /// `CHATHISTORY` for messages.
    History {
        subcommand: Box<str>,
        /// The channel or the other user, as the client wrote it.
        target: Box<str>,
        part: Part,
    },
    /// `CHATHISTORY TARGETS`.
    Targets,
    /// `METADATA`.
    Metadata(Box<Metadata>),
    /// `REDACT`.
    Redact {
        /// The channel or the other user, as the client wrote it.
        target: Box<str>,
        /// The id of the message, as the client wrote it.
        id: Box<str>,
    },
    /// `MARKREAD` for a time, which waits for the last message up to it.
    MarkRead {
        /// The channel or the other user, as the client wrote it.
        target: Box<str>,
    },
    /// The `AWAY` that the client sent before it had a nickname, which was answered then.
    PreAway,
    /// `MARKREAD` whose message is being marked. The client has its answer already.
    ReadMarked,
    /// A mark of the engine, whose time is looked up.
    ReadMark {
        target: Box<str>,
        id: MessageId,
    },
    /// `ISON` and `USERHOST`: one user after the other.
    LookUp(Box<LookUp>),
    /// `LUSERS`.
    Lusers,
}

/// A `MONITOR` in progress.
#[derive(Debug)]
pub(crate) enum Monitor {
    /// `MONITOR +`.
    Added {
        /// The nicknames, as the client wrote them.
        targets: Box<str>,
    },
    /// `MONITOR -` or `MONITOR C`, which have no answer.
    Removed,
    /// `MONITOR L`.
    List,
    /// `MONITOR S`.
    Status,
}

/// A `WHO` in progress.
#[derive(Debug, Default)]
pub(crate) struct Who {
    /// The mask, as the client wrote it.
    pub(crate) mask: String,
    /// The fields of WHOX, if the client asked for some.
    pub(crate) fields: Option<String>,
    /// The token of WHOX.
    pub(crate) token: Option<String>,
    /// The pattern for nicknames, if not all users were asked for.
    pub(crate) pattern: Option<String>,
    /// True if the mask is the name of a channel.
    pub(crate) is_channel: bool,
}

/// An `ISON` or a `USERHOST` in progress.
#[derive(Debug)]
pub(crate) struct LookUp {
    pub(crate) is_userhost: bool,
    /// The nicknames that are left, in reverse order.
    pub(crate) rest: Vec<String>,
    pub(crate) found: Vec<String>,
}

/// The users or channels of a page. The next one is asked for when the client has read most of it,
/// so that a page may fill a quarter of the queue of a client.
pub(crate) const PAGE: usize = 250;

/// Returns the nickname after which the next page begins.
pub(crate) fn next_page(last: Option<&Nickname>) -> Option<String> {
    last.map(|nickname| nickname.shown().to_owned())
}
