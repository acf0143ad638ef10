//! The state of the full-screen client.
//!
//! It uses no clock, no sockets and no terminal: inputs change the state and return effects, and
//! the screen is a function of the state.

mod answers;
mod events;
mod login;
mod paste;
mod reconnect;
mod unread;

use super::completion::Known;
use super::editor::Editor;
use super::layout::{Areas, areas};
use super::question::Question;
use super::room::{Older, Room, RoomKind};
use super::wrap::fit;
use super::{completion, rows};
use crate::connect::command::{self, Change, NOTHING_TO_CHANGE, UserInput};
use crate::connect::connection::Welcome;
use crate::connect::event::Incoming;
use crate::connect::ignored::IgnoreList;
use crate::connect::names::channel_key;
use crate::connect::received::Received;
use crate::connect::request::{Parent, Request, To};
use crate::connect::requests::Requests;
use crate::connect::saved_logins::LoginChange;
use crate::connect::settings::Settings;
use chat_server::engine::{Nickname, Text};
use jiff::tz::TimeZone;
use ratatui::layout::Size;
use serde_json::Value;
use std::time::Duration;

/// The state of the client.
pub(super) struct App {
    pub(super) me: Text,
    /// The address of the server, for people.
    pub(super) server: String,
    pub(super) connection: ConnectionState,
    pub(super) rooms: Vec<Room>,
    /// The index of the room that is shown.
    pub(super) current: usize,
    pub(super) editor: Editor,
    pub(super) size: Size,
    /// The question for a password that the user is being asked.
    pub(super) question: Option<Question>,
    /// The account of the user.
    account: Option<Text>,
    /// The away message of the user.
    pub(super) away: Option<String>,
    /// The channels of the last list.
    pub(super) listed: Vec<Text>,
    /// The channel to join first, until the join has succeeded or was refused.
    first_channel: Option<String>,
    zone: TimeZone,
    session: Option<u64>,
    /// The epoch of the server's message ids at the last welcome.
    epoch: Option<Value>,
    /// Up to where the client has received the messages of the server.
    received: Received,
    /// True if a report of what the user has read is due soon.
    reporting: bool,
    requests: Requests,
    /// Messages that were not acknowledged when the connection was lost, oldest first.
    unsent: Vec<Request>,
    /// True if the server recognises those of them that it has accepted.
    is_recognised: bool,
    /// The time without a connection since the first of them was sent.
    offline: Duration,
    ignored: IgnoreList,
    /// The number of mentions that have arrived in the shown room since the last key press.
    alerts: usize,
    quitting: bool,
    /// True while the client connects once more after a login. Requests wait until it has.
    reentering: bool,
    effects: Vec<Effect>,
}

/// The state of the connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ConnectionState {
    Connecting,
    Online,
    Waiting { why: String, delay: Duration },
}

/// An input from the server, a timer or the terminal.
#[derive(Clone, Debug)]
pub(super) enum Input {
    Connecting,
    Connected {
        welcome: Welcome,
        /// The time without a connection.
        offline: Duration,
    },
    Frame(Incoming),
    /// The connection is lost or could not be opened. The next attempt is after a delay.
    Lost {
        why: String,
        delay: Duration,
    },
    /// The delay before sending a rate-limited request again has passed.
    Retry,
    /// It is time to tell the server what the user has read.
    Report,
    /// It is time to ask again for missed messages.
    AskAgain,
    /// The answer to the last request is overdue.
    NoAnswer,
    Resized(Size),
}

/// An action that the caller has to perform.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    /// Send a frame, and apply [`Input::NoAnswer`] when its answer is overdue.
    Send(String),
    /// Apply [`Input::Retry`] after this delay.
    RetryIn(Duration),
    /// Apply [`Input::Report`] after this delay.
    ReportIn(Duration),
    /// Apply [`Input::AskAgain`] after this delay.
    AskAgainIn(Duration),
    /// Wait for the server's goodbye for a limited time, then exit.
    Leave,
    /// Do not exit: the server has refused to quit.
    Stay,
    /// Keep a login, or forget it.
    Login(LoginChange),
    /// Connect once more, as the user of this account, and close the last connection then.
    Reenter { account: Text },
    /// Ring the bell.
    Bell,
    /// Exit now.
    Exit,
    /// Draw the whole screen again.
    Redraw,
}

impl App {
    /// Makes the state before the first connection. `nonces` is the random beginning of the nonces
    /// of messages.
    pub(super) fn new(
        settings: &Settings,
        zone: TimeZone,
        size: Size,
        nonces: Option<String>,
    ) -> Self {
        Self {
            me: Text::clean(settings.login.nickname.as_deref().unwrap_or_default()),
            server: settings.target.to_string(),
            connection: ConnectionState::Connecting,
            rooms: vec![Room::new(RoomKind::Home, Text::clean("chat"))],
            current: 0,
            editor: Editor::default(),
            size,
            question: None,
            account: None,
            away: None,
            listed: Vec::new(),
            first_channel: Some(settings.channel.clone()),
            zone,
            session: None,
            epoch: None,
            received: Received::from(settings.login.resume.clone().unwrap_or_default()),
            reporting: false,
            ignored: IgnoreList::default(),
            alerts: 0,
            requests: Requests::with_nonces(nonces),
            unsent: Vec::new(),
            is_recognised: false,
            offline: Duration::ZERO,
            quitting: false,
            reentering: false,
            effects: Vec::new(),
        }
    }

    /// Applies an input. Returns the effects.
    pub(super) fn apply(&mut self, input: Input) -> Vec<Effect> {
        match input {
            Input::Connecting => self.connection = ConnectionState::Connecting,
            Input::Connected { welcome, offline } => self.connected(welcome, offline),
            Input::Frame(frame) => self.frame(frame),
            Input::Lost { why, delay } => self.lost(why, delay),
            Input::Retry => {
                if let Some(frame) = self.requests.retry() {
                    self.effects.push(Effect::Send(frame));
                }
            }
            Input::Report => self.report(),
            Input::AskAgain => self.ask_for_missed(),
            Input::NoAnswer => {
                if let Some((answer, event)) = self.requests.no_answer() {
                    self.settle(answer, event);
                }
            }
            Input::Resized(size) => self.resize(size),
        }
        self.effects()
    }

    /// Takes the pending effects.
    pub(super) fn effects(&mut self) -> Vec<Effect> {
        let room = &mut self.rooms[self.current];
        if room.scroll == 0 {
            room.seen();
        }
        self.report_later();
        if self.connection == ConnectionState::Online {
            self.effects.extend(self.requests.next_frame().map(Effect::Send));
        }
        std::mem::take(&mut self.effects)
    }

    /// Returns true if the user has been connected before.
    pub(super) fn was_connected(&self) -> bool {
        self.session.is_some()
    }

    /// Returns true if `hello` should join the lobby.
    pub(super) fn wants_lobby(&self) -> bool {
        match &self.first_channel {
            Some(channel) => channel_key(channel) == LOBBY,
            None => self.channel(LOBBY).is_some_and(|lobby| lobby.joined),
        }
    }

    /// Returns the title of the window: the number of unseen mentions, the user and the server.
    ///
    /// The title contains no text of other users. It is cleaned as [`Text`], and limited to 80
    /// columns.
    pub(super) fn title(&self) -> String {
        let mentions = self.rooms.iter().map(|room| room.mentions).sum::<usize>() + self.alerts;
        let count = if mentions > 0 { format!("({mentions}) ") } else { String::new() };
        fit(Text::clean(&format!("{count}chat: {} at {}", self.me, self.server)).as_str(), 80)
    }

    /// Notes that the user is present.
    pub(super) fn note_presence(&mut self) {
        self.alerts = 0;
    }

    /// Returns the room that is shown.
    pub(super) fn room(&self) -> &Room {
        &self.rooms[self.current]
    }

    /// Returns the areas of the screen for the room that is shown.
    pub(super) fn areas(&self) -> Areas {
        areas(self.size, self.room().kind, self.editor.line_count())
    }

    /// Shows the room `down` places further down the list.
    pub(super) fn step(&mut self, down: isize) {
        let rooms = isize::try_from(self.rooms.len()).unwrap_or(isize::MAX);
        let current = isize::try_from(self.current).unwrap_or(0);
        self.current = usize::try_from((current + down).rem_euclid(rooms)).unwrap_or(0);
    }

    /// Shows the next room with unread messages. Rooms with mentions come first.
    pub(super) fn step_to_activity(&mut self) {
        let count = self.rooms.len();
        let others = || (1..count).map(|step| (self.current + step) % count);
        let next = others()
            .find(|&index| self.rooms[index].mentions > 0)
            .or_else(|| others().find(|&index| self.rooms[index].unread > 0));
        self.current = next.unwrap_or(self.current);
    }

    /// Sends the text in the editor, or executes it as a command.
    pub(super) fn enter_text(&mut self) {
        let text = self.editor.take();
        let here = self.room().to();
        match command::parse(&text, here.as_ref()) {
            UserInput::Empty => {}
            UserInput::Close => self.close(self.current),
            UserInput::Switch(name) => self.switch(&name),
            UserInput::Help => command::help().for_each(|line| self.note(line)),
            UserInput::Quit(reason) => self.quit(reason),
            UserInput::Problem(problem) => {
                self.note(format!("error: {problem}"));
                // Several lines take a while to type again.
                if text.contains('\n') {
                    self.editor.put_back(text);
                }
            }
            UserInput::Ask(Request::History { .. }) => self.load_older(true),
            UserInput::Ask(Request::Leave { channel }) if self.is_out_of(&channel) => {
                if let Some(index) = self.index(RoomKind::Channel, &channel) {
                    self.close(index);
                }
            }
            UserInput::Ask(request) => {
                if !self.ask(request) {
                    self.editor.put_back(text);
                }
            }
            UserInput::Query(user, said) => {
                if !self.query(&user, said) {
                    self.editor.put_back(text);
                }
            }
            UserInput::Reply(user, said) => {
                if !self.reply(&user, said) {
                    self.editor.put_back(text);
                }
            }
            UserInput::ChangeLast(change) => {
                if !self.change_last(change) {
                    self.editor.put_back(text);
                }
            }
            UserInput::Account(input) => self.ask_for_password(input),
            UserInput::Ignore(user) => self.ignore(&user),
            UserInput::Unignore(user) => self.unignore(&user),
            UserInput::Ignored => self.list_ignored(),
            UserInput::Clear => self.rooms[self.current].timeline.clear(),
        }
        self.rooms[self.current].scroll = 0;
    }

    /// Quits. A second call exits without waiting for the server.
    pub(super) fn quit(&mut self, reason: Option<String>) {
        if self.quitting || self.connection != ConnectionState::Online {
            self.effects.push(Effect::Exit);
            return;
        }
        self.report();
        if self.ask(Request::Quit { reason }) {
            self.quitting = true;
            self.effects.push(Effect::Leave);
        }
    }

    /// Scrolls by a number of rows, up if it is positive.
    pub(super) fn scroll(&mut self, rows: isize) {
        let wanted = self.room().scroll.saturating_add_signed(rows);
        let top = self.scroll_to(self.current, wanted);
        if wanted >= top {
            self.load_older(false);
        }
    }

    /// Returns the number of rows of a page.
    pub(super) fn page(&self) -> isize {
        isize::try_from(self.areas().middle.height).unwrap_or(1).saturating_sub(1).max(1)
    }

    /// Completes the word at the cursor.
    pub(super) fn complete(&mut self) {
        let mut editor = std::mem::take(&mut self.editor);
        let known = Known {
            rooms: &self.rooms,
            current: self.room(),
            listed: &self.listed,
            me: self.me.as_str(),
        };
        editor.complete(|before, word| completion::candidates(&known, before, word));
        self.editor = editor;
    }

    pub(super) fn redraw(&mut self) {
        self.effects.push(Effect::Redraw);
    }

    /// Queues a request. If that is not possible, shows the reason and returns false.
    fn ask(&mut self, request: Request) -> bool {
        if self.connection != ConnectionState::Online && !self.reentering {
            self.note("not connected: nothing was sent");
            return false;
        }
        if let Err(problem) = self.requests.push(request) {
            self.note(format!("error: {problem}"));
            return false;
        }
        true
    }

    /// Opens a conversation with a user, and optionally sends a first message.
    fn query(&mut self, user: &str, said: Option<Request>) -> bool {
        match Nickname::parse(user) {
            Ok(nickname) => {
                self.current = self.open(RoomKind::User, &Text::clean(nickname.shown()));
                said.is_none_or(|said| self.ask(said))
            }
            Err(problem) => {
                self.note(format!("error: {problem}"));
                false
            }
        }
    }

    /// Sends a message in reply to the last one of a user in the current room.
    fn reply(&mut self, user: &str, said: Request) -> bool {
        let Some(parent) = self.room().timeline.newest_of(user) else {
            self.note(format!("error: there is no message of {} here", Text::clean(user)));
            return false;
        };
        self.ask(said.replying_to(parent))
    }

    /// Changes the last message of the user in the current room.
    fn change_last(&mut self, change: Change) -> bool {
        let Some(Parent { id, .. }) = self.room().timeline.newest_of(self.me.as_str()) else {
            self.note(format!("error: {NOTHING_TO_CHANGE}"));
            return false;
        };
        self.ask(change.of(id))
    }

    fn ignore(&mut self, user: &str) {
        match self.ignored.add(user) {
            Ok(()) => {
                self.apply_ignored();
                self.list_ignored();
            }
            Err(problem) => self.note(format!("error: {problem}")),
        }
    }

    fn unignore(&mut self, user: &str) {
        if self.ignored.remove(user) {
            self.apply_ignored();
            self.list_ignored();
        } else {
            self.note("error: no such user is ignored");
        }
    }

    fn list_ignored(&mut self) {
        let names: Vec<&str> = self.ignored.names().collect();
        let line = match names.as_slice() {
            [] => "you ignore nobody".to_owned(),
            names => format!("you ignore {}; undo with /unignore <user>", names.join(", ")),
        };
        self.note(line);
    }

    /// Hides the messages of ignored users, and shows those of the others.
    fn apply_ignored(&mut self) {
        for index in 0..self.rooms.len() {
            let ignored = &self.ignored;
            self.rooms[index].timeline.hide(|nickname| ignored.has(nickname));
            self.scroll_to(index, self.rooms[index].scroll);
        }
    }

    fn resize(&mut self, size: Size) {
        self.size = size;
        for index in 0..self.rooms.len() {
            self.scroll_to(index, self.rooms[index].scroll);
        }
    }

    /// Scrolls a room so that `wanted` rows are below the screen, or as many as possible. Returns
    /// the largest possible number, which is exact only if it is at most `wanted`.
    fn scroll_to(&mut self, index: usize, wanted: usize) -> usize {
        let middle = self.areas().middle;
        let (width, height) = (usize::from(middle.width), usize::from(middle.height));
        let room = &mut self.rooms[index];
        let enough = wanted.saturating_add(height).saturating_add(1);
        let top = rows::rows(room, width, enough).saturating_sub(height);
        room.scroll = wanted.min(top);
        top
    }

    /// Requests older messages of the current room. `explicit`: the user has asked for them.
    fn load_older(&mut self, explicit: bool) {
        let request = self.rooms[self.current].request_older();
        if request.is_none() && explicit {
            self.note(NOTHING_OLDER);
        }
        if self.connection == ConnectionState::Online {
            self.requests_in_background(request);
        } else if request.is_some() {
            self.rooms[self.current].older = Older::Possible;
        }
    }

    fn requests_in_background(&mut self, requests: impl IntoIterator<Item = Request>) {
        requests.into_iter().for_each(|request| self.requests.push_background(request));
    }

    fn switch(&mut self, name: &str) {
        let user = name.strip_prefix('@').unwrap_or(name);
        let index = self
            .index(RoomKind::Channel, name)
            .or_else(|| self.index(RoomKind::User, user))
            .or_else(|| self.rooms[0].name.as_str().eq(name).then_some(0));
        match index {
            Some(index) => self.current = index,
            None => self.note("error: you are not in that channel"),
        }
    }

    /// Shows a line in the current room.
    pub(super) fn note(&mut self, line: impl Into<String>) {
        self.rooms[self.current].timeline.push_line(line);
    }

    fn close(&mut self, index: usize) {
        if index == 0 {
            return;
        }
        self.rooms.remove(index);
        if self.current >= index {
            self.current -= 1;
        }
    }

    /// Returns the index of a room. Creates the room if there is none.
    fn open(&mut self, kind: RoomKind, name: &Text) -> usize {
        self.index(kind, name.as_str()).unwrap_or_else(|| {
            self.rooms.push(Room::new(kind, name.clone()));
            self.rooms.len() - 1
        })
    }

    fn index(&self, kind: RoomKind, name: &str) -> Option<usize> {
        self.rooms.iter().position(|room| room.is(kind, name))
    }

    /// Returns the index of the room with this recipient.
    fn index_of(&self, to: &To) -> Option<usize> {
        match to {
            To::Channel(name) => self.index(RoomKind::Channel, name),
            To::User(name) => self.index(RoomKind::User, name),
        }
    }

    fn channel(&self, name: &str) -> Option<&Room> {
        self.index(RoomKind::Channel, name).map(|index| &self.rooms[index])
    }

    fn known_channel(&mut self, name: &str) -> Option<&mut Room> {
        self.index(RoomKind::Channel, name).map(|index| &mut self.rooms[index])
    }

    fn is_out_of(&self, channel: &str) -> bool {
        self.channel(channel).is_some_and(|room| !room.joined)
    }
}

const LOBBY: &str = "lobby";
const NOTHING_OLDER: &str = "there are no older messages";
