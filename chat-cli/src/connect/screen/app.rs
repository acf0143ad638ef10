//! What the full-screen client knows, and what follows from what happens.
//!
//! No clock, no sockets, no terminal: inputs go in, effects come out, and what is on the screen is
//! a function of the state.

mod answers;
mod lifeline;
mod paste;
mod pasted;
mod told;

pub(super) use pasted::PasteChoice;

use super::completion::Known;
use super::editor::Editor;
use super::layout::{Areas, areas};
use super::room::{Older, Room, RoomKind};
use super::wrap::fit;
use super::{completion, rows};
use crate::connect::command::{self, Line};
use crate::connect::connection::Welcome;
use crate::connect::event::Incoming;
use crate::connect::ignored::IgnoreList;
use crate::connect::names::channel_key;
use crate::connect::request::Request;
use crate::connect::requests::Requests;
use crate::connect::settings::Settings;
use chat_core::{Nickname, Text};
use jiff::tz::TimeZone;
use pasted::Pasted;
use ratatui::layout::Size;
use serde_json::Value;
use std::time::Duration;

/// The state of the client.
pub(super) struct App {
    pub(super) me: Text,
    /// The server, for people.
    pub(super) server: String,
    pub(super) link: Link,
    pub(super) rooms: Vec<Room>,
    /// Which of them is shown.
    pub(super) current: usize,
    pub(super) editor: Editor,
    pub(super) size: Size,
    /// Why the user is away.
    pub(super) away: Option<String>,
    /// Channels that were listed.
    pub(super) listed: Vec<Text>,
    /// The channel to join first, until the user is in it or may not be.
    first_channel: Option<String>,
    zone: TimeZone,
    session: Option<u64>,
    /// Which life of the server this was connected to last.
    boot: Option<Value>,
    requests: Requests,
    ignored: IgnoreList,
    /// Lines that were pasted and are sent only if the user says so.
    pub(super) pasted: Option<Pasted>,
    /// How many messages that mention the user have come to what is shown, since a key was pressed.
    alerts: usize,
    quitting: bool,
    effects: Vec<Effect>,
}

/// How things stand with the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Link {
    Connecting,
    Online,
    Waiting { why: String, delay: Duration },
}

/// What happens at the other end.
#[derive(Clone, Debug)]
pub(super) enum Input {
    Connecting,
    Connected(Welcome),
    Frame(Incoming),
    /// The connection is lost, or was not to be had; the next attempt is after a delay.
    Lost {
        why: String,
        delay: Duration,
    },
    /// The time has come to send again what was refused for coming too fast.
    Retry,
    /// The time for the answer to what was sent last is over.
    NoAnswer,
    Resized(Size),
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    /// Send a frame, and say [`Input::NoAnswer`] when the time for its answer is over.
    Send(String),
    /// Say [`Input::Retry`] after this.
    RetryIn(Duration),
    /// The user wants to leave: wait for the server's goodbye, but not for long.
    Leave,
    /// The user stays after all.
    Stay,
    /// Something calls for the user's attention.
    Bell,
    /// Nothing more is to be waited for.
    Exit,
    /// Draw everything anew.
    Redraw,
}

impl App {
    pub(super) fn new(settings: &Settings, zone: TimeZone, size: Size) -> Self {
        Self {
            me: Text::clean(settings.login.nickname.as_deref().unwrap_or_default()),
            server: settings.target.to_string(),
            link: Link::Connecting,
            rooms: vec![Room::new(RoomKind::Home, Text::clean("chat"))],
            current: 0,
            editor: Editor::default(),
            size,
            away: None,
            listed: Vec::new(),
            first_channel: Some(settings.channel.clone()),
            zone,
            session: None,
            boot: None,
            ignored: IgnoreList::default(),
            pasted: None,
            alerts: 0,
            requests: Requests::default(),
            quitting: false,
            effects: Vec::new(),
        }
    }

    /// Takes in what has happened, and says what is to be done.
    pub(super) fn apply(&mut self, input: Input) -> Vec<Effect> {
        match input {
            Input::Connecting => self.link = Link::Connecting,
            Input::Connected(welcome) => self.connected(welcome),
            Input::Frame(frame) => self.frame(frame),
            Input::Lost { why, delay } => self.lost(why, delay),
            Input::Retry => {
                if let Some(frame) = self.requests.retry() {
                    self.effects.push(Effect::Send(frame));
                }
            }
            Input::NoAnswer => {
                if let Some((answer, event)) = self.requests.no_answer() {
                    self.settle(answer, event);
                }
            }
            Input::Resized(size) => self.resize(size),
        }
        self.effects()
    }

    /// What is to be done by now.
    pub(super) fn effects(&mut self) -> Vec<Effect> {
        if self.link == Link::Online {
            self.effects.extend(self.requests.next_frame().map(Effect::Send));
        }
        let room = &mut self.rooms[self.current];
        if room.scroll == 0 {
            room.seen();
        }
        std::mem::take(&mut self.effects)
    }

    /// Whether the server has ever let the user in.
    pub(super) fn was_welcome(&self) -> bool {
        self.session.is_some()
    }

    /// Whether to join the lobby in the same step as saying hello.
    pub(super) fn wants_lobby(&self) -> bool {
        match &self.first_channel {
            Some(channel) => channel_key(channel) == LOBBY,
            None => self.channel(LOBBY).is_some_and(|lobby| lobby.joined),
        }
    }

    /// What the window is called: how many messages mention the user that they have not seen, and
    /// where this is.
    ///
    /// Of what others write, only the user's own name and no more than a line gets there, and all
    /// of that is [`Text`].
    pub(super) fn title(&self) -> String {
        let mentions = self.rooms.iter().map(|room| room.mentions).sum::<usize>() + self.alerts;
        let count = if mentions > 0 { format!("({mentions}) ") } else { String::new() };
        fit(&Text::clean(&format!("{count}chat: {} at {}", self.me, self.server)).to_string(), 80)
    }

    /// The user is there.
    pub(super) fn attended(&mut self) {
        self.alerts = 0;
    }

    /// The room that is shown.
    pub(super) fn room(&self) -> &Room {
        &self.rooms[self.current]
    }

    /// Returns the areas of the screen for the room that is shown.
    pub(super) fn areas(&self) -> Areas {
        areas(self.size, self.room().kind)
    }

    /// Shows another room, so many further down the list.
    pub(super) fn step(&mut self, down: isize) {
        let rooms = isize::try_from(self.rooms.len()).unwrap_or(isize::MAX);
        let current = isize::try_from(self.current).unwrap_or(0);
        self.current = usize::try_from((current + down).rem_euclid(rooms)).unwrap_or(0);
    }

    /// Shows the next room with something new, those first in which the user was mentioned.
    pub(super) fn step_to_activity(&mut self) {
        let count = self.rooms.len();
        let others = || (1..count).map(|step| (self.current + step) % count);
        let next = others()
            .find(|&index| self.rooms[index].mentions > 0)
            .or_else(|| others().find(|&index| self.rooms[index].unread > 0));
        self.current = next.unwrap_or(self.current);
    }

    /// Does what a line says.
    pub(super) fn enter_line(&mut self) {
        let line = self.editor.take();
        let here = self.room().to();
        match command::parse(&line, here.as_ref()) {
            Line::Empty => {}
            Line::Close => self.close(self.current),
            Line::Switch(name) => self.switch(&name),
            Line::Help => command::help().for_each(|line| self.note(line)),
            Line::Quit(reason) => self.quit(reason),
            Line::Problem(problem) => self.note(format!("error: {problem}")),
            Line::Ask(Request::History { .. }) => self.load_older(true),
            Line::Ask(Request::Leave { channel }) if self.is_out_of(&channel) => {
                if let Some(index) = self.index(RoomKind::Channel, &channel) {
                    self.close(index);
                }
            }
            Line::Ask(request) => {
                if !self.ask(request) {
                    self.editor.put_back(line);
                }
            }
            Line::Query(user, said) => {
                if !self.query(&user, said) {
                    self.editor.put_back(line);
                }
            }
            Line::Ignore(user) => self.ignore(&user),
            Line::Unignore(user) => self.unignore(&user),
            Line::Ignored => self.list_ignored(),
            Line::Clear => self.rooms[self.current].timeline.clear(),
        }
        self.rooms[self.current].scroll = 0;
    }

    /// Leaves the server. The second time, does not wait for it.
    pub(super) fn quit(&mut self, reason: Option<String>) {
        if self.quitting || self.link != Link::Online {
            self.effects.push(Effect::Exit);
            return;
        }
        if self.ask(Request::Quit { reason }) {
            self.quitting = true;
            self.effects.push(Effect::Leave);
        }
    }

    /// Moves what is shown by a number of rows, up into the past or down.
    pub(super) fn scroll(&mut self, rows: isize) {
        let wanted = self.room().scroll.saturating_add_signed(rows);
        let top = self.scroll_to(self.current, wanted);
        if wanted >= top {
            self.load_older(false);
        }
    }

    /// How many rows are a page.
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

    /// Asks the server for something. If that cannot be done, says why, and returns `false`.
    fn ask(&mut self, request: Request) -> bool {
        if self.link != Link::Online {
            self.note("not connected: nothing was sent");
            return false;
        }
        if let Err(problem) = self.requests.push(request) {
            self.note(format!("error: {problem}"));
            return false;
        }
        true
    }

    /// Opens a conversation with a user, and says something there.
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
            self.note("error: nobody of that name is ignored");
        }
    }

    fn list_ignored(&mut self) {
        let names: Vec<&str> = self.ignored.names().collect();
        let line = match names.as_slice() {
            [] => "you ignore nobody".to_owned(),
            names => format!("you ignore {}; /unignore <user> takes it back", names.join(", ")),
        };
        self.note(line);
    }

    /// Hides what ignored users have said, and shows what the others have.
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

    /// Has a number of rows below what is shown, as far as there are so many above. Says how many
    /// that can be, unless it is more than was wanted.
    fn scroll_to(&mut self, index: usize, wanted: usize) -> usize {
        let middle = self.areas().middle;
        let (width, height) = (usize::from(middle.width), usize::from(middle.height));
        let room = &mut self.rooms[index];
        let enough = wanted.saturating_add(height).saturating_add(1);
        let top = rows::rows(room, width, enough).saturating_sub(height);
        room.scroll = wanted.min(top);
        top
    }

    fn load_older(&mut self, asked: bool) {
        let request = self.rooms[self.current].ask_older();
        if request.is_none() && asked {
            self.note(NOTHING_OLDER);
        }
        if self.link == Link::Online {
            self.requests_in_background(request);
        } else if request.is_some() {
            self.rooms[self.current].older = Older::Perhaps;
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

    /// Shows a line where the user is looking.
    fn note(&mut self, line: impl Into<String>) {
        self.rooms[self.current].timeline.happened(line);
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

    /// The room of a name, which is made if there is none.
    fn open(&mut self, kind: RoomKind, name: &Text) -> usize {
        self.index(kind, name.as_str()).unwrap_or_else(|| {
            self.rooms.push(Room::new(kind, name.clone()));
            self.rooms.len() - 1
        })
    }

    fn index(&self, kind: RoomKind, name: &str) -> Option<usize> {
        self.rooms.iter().position(|room| room.is(kind, name))
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
const NOTHING_OLDER: &str = "there is nothing older";
