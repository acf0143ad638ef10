//! The conversations of the user, of which the last one is the current one.

use super::PipeSession;
use crate::connect::command::{Change, NOTHING_TO_CHANGE};
use crate::connect::names::{channel_key, nickname_key, same_user};
use crate::connect::request::{Request, To};
use chat_server::engine::Nickname;

impl PipeSession {
    pub(super) fn switch(&mut self, name: &str) {
        let (channel, user) = (channel_key(name), nickname_key(name.trim_start_matches('@')));
        let matches = |place: &To| match place {
            To::Channel(known) => channel_key(known) == channel,
            To::User(known) => nickname_key(known) == user,
        };
        match self.places.iter().position(matches) {
            Some(index) => {
                let place = self.places.remove(index);
                self.places.push(place);
                self.print_place();
            }
            None => self.refuse("bad_line", "you are not in that channel"),
        }
    }

    pub(super) fn query(&mut self, user: &str, said: Option<Request>) {
        if let Err(problem) = Nickname::parse(user) {
            return self.refuse("bad_line", &problem.to_string());
        }
        self.places.retain(|place| !matches!(place, To::User(known) if same_user(known, user)));
        self.places.push(To::User(user.to_owned()));
        self.print_place();
        if let Some(said) = said {
            self.ask(said);
        }
    }

    /// Changes the last message that the user has said.
    pub(super) fn change_last(&mut self, change: Change) {
        match self.last_said {
            Some(id) => self.ask(change.of(id)),
            None => self.refuse("bad_line", NOTHING_TO_CHANGE),
        }
    }
}
