//! Lines of NickServ and ChanServ.

use crate::client::Client;
use crate::identity::channel;
use crate::output::Source;
use crate::service::Service;
use chat_core::{Actor, Event, Refusal};
use chat_dialects::Reaction;
use std::fmt;

impl Service {
    /// Writes a line of the service for the client.
    pub(crate) fn says(self, client: &Client, text: fmt::Arguments<'_>, reaction: &mut Reaction) {
        let rest = format_args!("NOTICE {} :{text}", client.nickname());
        client.output(reaction.at).line(&mut reaction.frames, Source::Service(self), rest);
    }

    /// Writes that a command was refused.
    pub(crate) fn refuses(self, client: &Client, refusal: &Refusal, reaction: &mut Reaction) {
        self.says(client, format_args!("{refusal}."), reaction);
    }

    /// Writes the answer of the engine, unless the client sees it as a line of its own.
    pub(crate) fn answers(self, client: &Client, event: &Event, reaction: &mut Reaction) {
        if let Event::LoggedIn(login) = event {
            let account = &login.account;
            let done =
                if login.is_new { "is registered, and you are" } else { "is yours: you are" };
            self.says(client, format_args!("The account {account} {done} logged in."), reaction);
        } else if let Event::PasswordChanged { .. } = event {
            self.says(client, format_args!("Your password is changed."), reaction);
        } else if let Event::AccountRemoved { account } = event {
            self.says(client, format_args!("The account {account} is deleted."), reaction);
        } else if let Event::UserShown(card) = event {
            let nickname = card.user.nickname.shown();
            match &card.user.account {
                Some(account) => {
                    self.says(
                        client,
                        format_args!("{nickname} is logged in as {account}."),
                        reaction,
                    );
                }
                None => self.says(client, format_args!("{nickname} is not logged in."), reaction),
            }
        } else if let Event::TopicShown { channel: of, topic } = event {
            let name = channel(of);
            match topic {
                Some(topic) => {
                    let (text, by) = (&topic.text, by(&topic.by));
                    self.says(client, format_args!("{name}: {text} (set by {by})"), reaction);
                }
                None => self.says(client, format_args!("{name} has no topic."), reaction),
            }
        }
    }
}

fn by(actor: &Actor) -> String {
    actor.user().map_or_else(|| "the server".to_owned(), |user| user.nickname.shown().to_owned())
}
