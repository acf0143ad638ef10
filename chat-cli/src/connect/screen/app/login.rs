//! Asks for passwords, and handles that the user has logged in or out.

use super::{App, ConnectionState, Effect};
use crate::connect::command::AccountInput;
use crate::connect::event::LoggedIn;
use crate::connect::names::channel_key;
use crate::connect::received::{Received, ResumePoint};
use crate::connect::saved_logins::LoginChange;
use crate::connect::screen::question::{Next, Question};
use crate::connect::screen::room::{Room, RoomKind};
use chat_server::engine::Text;

impl App {
    /// Returns the account of the user.
    pub(in crate::connect::screen) fn account(&self) -> Option<&Text> {
        self.account.as_ref()
    }

    /// Asks for the passwords that a command needs.
    pub(super) fn ask_for_password(&mut self, input: AccountInput) {
        if self.connection == ConnectionState::Online {
            self.question = Some(Question::new(input));
        } else {
            self.note("not connected: nothing was sent");
        }
    }

    /// Takes what the user has typed as the answer.
    pub(in crate::connect::screen) fn enter_answer(&mut self) {
        let Some(question) = self.question.take() else { return };
        match question.enter() {
            Next::Question(next) => self.question = Some(next),
            Next::Problem(problem) => self.note(format!("error: {problem}")),
            Next::Request(request) => {
                self.ask(request);
            }
        }
    }

    /// Stops asking.
    pub(in crate::connect::screen) fn cancel_question(&mut self) {
        if self.question.take().is_some() {
            self.note("nothing was sent");
        }
    }

    /// Notes the account of a user who has connected.
    pub(super) fn connected_to(&mut self, account: Option<Text>, login: Option<LoginChange>) {
        self.account = account;
        self.effects.extend(login.map(Effect::Login));
    }

    /// Handles that a guest has logged in. If the account has a user already, the guest is that
    /// user from now on, and the rosters of that user's channels follow.
    pub(super) fn logged_in(&mut self, login: LoggedIn) {
        let LoggedIn { account, token, nickname, channels } = login;
        if let Some(token) = token {
            let account = account.clone();
            self.effects.push(Effect::Login(LoginChange::Begun { account, token }));
        }
        self.account = Some(account);
        let Some(channels) = channels else {
            if let Some(nickname) = nickname.filter(|nickname| *nickname != self.me) {
                self.renamed(self.me.clone(), nickname);
            }
            return;
        };
        self.me = nickname.unwrap_or_else(|| self.me.clone());
        self.away = None;
        let joined: Vec<String> =
            channels.iter().map(|channel| channel_key(channel.as_str())).collect();
        for room in self.rooms.iter_mut().filter(|room| room.kind == RoomKind::Channel) {
            if !joined.contains(&channel_key(room.name.as_str())) {
                room.set_left();
            } else if room.joined {
                // Its roster does not make it the room that is shown.
                room.rejoining = true;
            }
        }
    }

    /// Connects once more as the user of the account, whose channels and conversations the server
    /// tells then. Requests that have not been sent wait for that.
    pub(super) fn reenter(&mut self) {
        let Some(account) = self.account.clone() else { return };
        self.requests.clear_background();
        self.rooms.iter_mut().for_each(Room::disconnected);
        (self.connection, self.reentering) = (ConnectionState::Connecting, true);
        self.effects.push(Effect::Reenter { account });
    }

    /// Sets the place at which the next connection continues.
    pub(in crate::connect::screen) fn continue_at(&mut self, point: ResumePoint) {
        self.received = Received::from(point);
    }

    /// Handles that the user has logged out, or that the account is deleted. The server ends the
    /// connection.
    pub(super) fn logged_out(&mut self) {
        if let Some(account) = self.account.take() {
            self.effects.push(Effect::Login(LoginChange::Ended { account }));
        }
        self.effects.push(Effect::Exit);
    }
}
