//! The dialect.

use crate::capability::Capabilities;
use crate::conversation::IrcConversation;
use crate::form::relevant;
use crate::output::Output;
use crate::reloadable::{Current, Rehash};
use crate::settings::{IrcSettings, Settings};
use crate::strict_transport::StrictTransport;
use chat_core::{Config, Event, Peer, SessionId, Timestamp};
use chat_dialects::{Conversation, Dialect, Form, Frames, SlowConsumer};
use std::sync::Arc;

/// IRC, as existing clients speak it, with capabilities of IRCv3.
#[derive(Clone, Debug)]
pub struct IrcDialect {
    settings: Arc<Settings>,
}

impl IrcDialect {
    /// Makes the dialect. The server states the limits of the configuration to its clients, so it
    /// has to be that of the engine.
    pub fn new(settings: IrcSettings, config: &Config) -> Self {
        Self { settings: Arc::new(Settings::new(settings, config)) }
    }

    /// Tells clients this policy: of a listener without TLS the port with TLS, of one with TLS the
    /// time. By default they are told none.
    #[must_use]
    pub fn strict_transport(mut self, policy: StrictTransport) -> Self {
        Arc::make_mut(&mut self.settings).strict_transport = Some(policy);
        self
    }

    /// Calls the host's own function when a server operator asks it with `REHASH` to reload its
    /// settings. The function must not wait. By default the command is refused.
    #[must_use]
    pub fn on_rehash(mut self, reload: impl Fn() + Send + Sync + 'static) -> Self {
        Arc::make_mut(&mut self.settings).rehash = Some(Rehash(Arc::new(reload)));
        self
    }

    /// Replaces the message of the day and the password with those of other settings, in this
    /// dialect and all its clones, for all clients from now on.
    pub fn reload(&self, settings: IrcSettings) {
        let IrcSettings { motd, password, .. } = settings;
        self.settings.reloadable.replace(Current { motd: motd.into(), password });
    }
}

impl Dialect for IrcDialect {
    fn name(&self) -> &str {
        "irc"
    }

    fn open(&self, _: SessionId, _: &Peer) -> Box<dyn Conversation> {
        Box::new(IrcConversation::new(self.settings.clone()))
    }

    fn encode(&self, form: Form, at: Timestamp, event: &Event, out: &mut Frames) {
        let (settings, form) = (&*self.settings, Capabilities(form.0));
        Output { settings, form, at, event: None }.event(event, out);
    }

    fn relevant(&self, event: &Event) -> Form {
        Form(relevant(event).0)
    }

    fn registers_in_steps(&self) -> bool {
        true
    }

    /// Clients that come back send about 90 commands at once, and their lists of users are wrong
    /// after one that was refused.
    fn paces(&self) -> bool {
        true
    }

    fn ends_lines_with_crlf(&self) -> bool {
        true
    }

    /// A client that misses a `JOIN` or a `NICK` has a wrong list of users for ever.
    fn slow_consumer(&self) -> Option<SlowConsumer> {
        Some(SlowConsumer::Disconnect)
    }
}
