//! The state of one client.

use crate::capability::Capabilities;
use crate::identity::Word;
use crate::metadata::Subscriptions;
use crate::multiline::Multiline;
use crate::output::{Output, Source};
use crate::pending::Pending;
use crate::read_marks::ReadMarks;
use crate::response::Responses;
use crate::sasl::Sasl;
use crate::settings::Settings;
use crate::tags::{Tags, with_tag};
use chat_core::{ChannelName, Command, DataChange, Event, RequestId, Timestamp, UserInfo};
use chat_dialects::{Frames, Reaction};
use std::collections::{BTreeSet, VecDeque};
use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

/// The state of one client, which its commands and the replies to them share.
#[derive(Debug)]
pub(crate) struct Client {
    pub(crate) settings: Arc<Settings>,
    pub(crate) capabilities: Capabilities,
    /// The client's user, once it has one.
    pub(crate) user: Option<Arc<UserInfo>>,
    pub(crate) registration: Registration,
    /// True if the client has been told that its user is a server operator.
    pub(crate) is_operator: bool,
    /// The channels that the client knows to be in. The engine limits their number.
    pub(crate) channels: BTreeSet<ChannelName>,
    /// The responses to labelled commands that are not complete.
    pub(crate) responses: Responses,
    /// The commands that the engine has not answered yet, in order.
    pending: VecDeque<Asked>,
    last_request: u32,
    last_batch: u32,
    pub(crate) read_marks: ReadMarks,
    pub(crate) subscriptions: Subscriptions,
    /// The message of several lines that the client is sending. Boxed, as are other rare things,
    /// because each connection has a client.
    pub(crate) multiline: Option<Box<Multiline>>,
    /// The time since which no id of a message was lost.
    pub(crate) epoch: Timestamp,
    /// A message of the client to itself, which it gets as its recipient after the response.
    pub(crate) to_itself: Option<Box<Event>>,
}

/// A command that the engine has not answered yet.
#[derive(Debug)]
struct Asked {
    number: u32,
    pending: Pending,
    /// The response to a labelled command to which the reply belongs.
    response: Option<u32>,
}

/// The progress of a client that has no user yet. It needs no memory afterwards, when it has its
/// default.
#[derive(Debug, Default)]
pub(crate) struct Registration(Option<Box<Progress>>);

/// The parts of a [`Registration`].
#[derive(Debug, Default)]
pub(crate) struct Progress {
    pub(crate) nickname: Option<String>,
    /// The user name and the real name.
    pub(crate) user: Option<(String, String)>,
    pub(crate) password: Option<String>,
    /// True between `CAP LS` or `CAP REQ` and `CAP END`.
    pub(crate) is_negotiating: bool,
    /// True while the engine has not answered the request for the nickname.
    pub(crate) is_identifying: bool,
    /// The away text, if the client has sent `AWAY` already: `None` for nobody who is away.
    pub(crate) away: Option<Option<String>>,
    /// The metadata that the client has set already.
    pub(crate) metadata: Vec<DataChange>,
    /// The number of nicknames that were refused.
    pub(crate) refused: usize,
    /// The login with SASL that has begun.
    pub(crate) sasl: Option<Sasl>,
    /// The account of a login with SASL.
    pub(crate) account: Option<String>,
}

impl Deref for Registration {
    type Target = Progress;

    fn deref(&self) -> &Progress {
        static NONE: Progress = Progress::NONE;
        self.0.as_deref().unwrap_or(&NONE)
    }
}

impl DerefMut for Registration {
    fn deref_mut(&mut self) -> &mut Progress {
        self.0.get_or_insert_default()
    }
}

impl Progress {
    const NONE: Self = Self {
        nickname: None,
        user: None,
        password: None,
        is_negotiating: false,
        is_identifying: false,
        away: None,
        metadata: Vec::new(),
        refused: 0,
        sasl: None,
        account: None,
    };
}

impl Client {
    pub(crate) fn new(settings: Arc<Settings>) -> Self {
        Self {
            settings,
            capabilities: Capabilities::default(),
            user: None,
            registration: Registration::default(),
            is_operator: false,
            channels: BTreeSet::new(),
            responses: Responses::default(),
            pending: VecDeque::new(),
            last_request: 0,
            last_batch: 0,
            read_marks: ReadMarks::default(),
            subscriptions: Subscriptions::default(),
            multiline: None,
            epoch: Timestamp::default(),
            to_itself: None,
        }
    }

    /// Returns true if a capability was negotiated.
    pub(crate) fn has(&self, capability: Capabilities) -> bool {
        self.capabilities.has(capability)
    }

    /// The name in numerics: `*` before the client has a nickname.
    pub(crate) fn nickname(&self) -> &str {
        self.user.as_ref().map_or("*", |user| user.nickname.shown())
    }

    /// Gives a command to the engine, whose reply finds `pending`.
    pub(crate) fn ask(&mut self, pending: Pending, command: Command, reaction: &mut Reaction) {
        self.last_request = self.last_request.wrapping_add(1);
        let response = self.responses.note_asked();
        self.pending.push_back(Asked { number: self.last_request, pending, response });
        let request = RequestId(self.last_request.to_string().into());
        reaction.command(Some(request), command);
    }

    /// Gives a command to the engine whose reply is an event.
    pub(crate) fn command(
        &mut self,
        name: &'static str,
        subject: &str,
        command: Command,
        reaction: &mut Reaction,
    ) {
        self.ask(Pending::Command { name, subject: subject.into() }, command, reaction);
    }

    /// Takes the command that a reply answers, and resumes the response to which it belongs.
    pub(crate) fn answered(&mut self, request: Option<&RequestId>) -> Option<Pending> {
        let number: u32 = request?.0.parse().ok()?;
        let place = self.pending.iter().position(|asked| asked.number == number)?;
        let Asked { pending, response, .. } = self.pending.remove(place)?;
        if self.pending.is_empty() {
            // Most clients are idle, and need no room for commands.
            self.pending = VecDeque::new();
        }
        self.responses.resume(response);
        Some(pending)
    }

    /// Begins the response to a line, if the line has a label.
    pub(crate) fn begin_response(&mut self, tags: Tags<'_>) {
        if !self.has(Capabilities::LABELED_RESPONSE.with(Capabilities::BATCH)) {
            return;
        }
        if let Some(label) = tags.get("label").filter(|label| label.len() <= LONGEST_LABEL) {
            self.responses.begin(&label);
        }
    }

    /// Labels what was written since [`begin_response`](Self::begin_response), or since a reply,
    /// and writes what does not belong to the response.
    pub(crate) fn end_response(&mut self, reaction: &mut Reaction) {
        self.responses.end(&self.settings.server_name, &mut reaction.frames);
        if let Some(event) = self.to_itself.take() {
            self.output(reaction.at).event(&event, &mut reaction.frames);
        }
    }

    /// Returns the name of a new batch.
    pub(crate) fn next_batch(&mut self, kind: &str) -> String {
        self.last_batch = self.last_batch.wrapping_add(1);
        format!("{kind}-{}", self.last_batch)
    }

    /// The lines for this client, in the form in which it reads events.
    pub(crate) fn output(&self, at: Timestamp) -> Output<'_> {
        Output { settings: &self.settings, form: self.capabilities, at, event: None }
    }

    /// Writes a line of the server without tags.
    pub(crate) fn line(&self, out: &mut Frames, rest: fmt::Arguments<'_>) {
        let form = Capabilities::default();
        let (settings, at) = (&*self.settings, Timestamp::default());
        let output = Output { settings, form, at, event: None };
        output.line(out, Source::Server, rest);
    }

    /// Writes a numeric.
    pub(crate) fn numeric(&self, out: &mut Frames, code: u16, rest: fmt::Arguments<'_>) {
        self.line(out, format_args!("{code:03} {} {rest}", self.nickname()));
    }

    /// Writes a numeric of a batch.
    pub(crate) fn numeric_in(
        &self,
        batch: &str,
        out: &mut Frames,
        code: u16,
        rest: fmt::Arguments<'_>,
    ) {
        self.line_in(batch, out, format_args!("{code:03} {} {rest}", self.nickname()));
    }

    /// Writes a line of a batch.
    pub(crate) fn line_in(&self, batch: &str, out: &mut Frames, rest: fmt::Arguments<'_>) {
        let mut lines = Frames::default();
        self.line(&mut lines, rest);
        for line in lines.iter() {
            out.push(with_tag(&String::from_utf8_lossy(line.bytes()), "batch", batch));
        }
    }

    /// Writes `461`.
    pub(crate) fn needs_more(&self, command: &str, reaction: &mut Reaction) {
        let text = "Not enough parameters";
        self.numeric(&mut reaction.frames, 461, format_args!("{} :{text}", Word(command)));
    }

    /// Returns the bytes that a numeric has room for after the client's name.
    pub(crate) fn room(&self) -> usize {
        let room = self.output(Timestamp::default()).room(Source::Server);
        room.saturating_sub("000 ".len() + self.nickname().len() + 1)
    }
}

/// The longest label (IRCv3 labeled-response).
const LONGEST_LABEL: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;
    use chat_core::Config;

    #[test]
    fn idle_client_needs_little_memory() {
        let settings = crate::settings::IrcSettings::new("irc.test");
        let mut client = Client::new(Arc::new(Settings::new(settings, &Config::default())));
        let mut reaction = Reaction::default();
        client.registration.nickname = Some("alice".to_owned());
        client.command("JOIN", "#a", Command::join("#a"), &mut reaction);
        let request = reaction.commands()[0].0.clone();
        assert!(client.answered(request.as_ref()).is_some());
        client.registration = Registration::default();
        assert_eq!(client.pending.capacity(), 0);
        assert!(client.registration.0.is_none());
        assert!(size_of::<Client>() <= 256, "{}", size_of::<Client>());
    }
}
