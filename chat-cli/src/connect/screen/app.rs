//! What the full-screen client knows, and what follows from what happens.
//!
//! No clock, no sockets, no terminal: inputs go in, effects come out, and what is on the screen is a function of the state.

mod answers;
mod lifeline;
mod told;

use super::editor::Editor;
use super::room::{Older, Room, RoomKind};
use super::{completion, layout, view};
use crate::connect::Settings;
use crate::connect::command::{self, Line};
use crate::connect::connection::Welcome;
use crate::connect::event::Incoming;
use crate::connect::names::channel_key;
use crate::connect::request::Request;
use crate::connect::requests::Requests;
use chat_core::Text;
use jiff::tz::TimeZone;
use ratatui::layout::Size;
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
    requests: Requests,
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
    Resized(Size),
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    Send(String),
    /// Say [`Input::Retry`] after this.
    RetryIn(Duration),
    /// The user wants to leave: wait for the server's goodbye, but not for long.
    Leave,
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
            (room.unread, room.mentioned) = (0, false);
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

    /// The room that is shown.
    pub(super) fn room(&self) -> &Room {
        &self.rooms[self.current]
    }

    /// Shows another room, so many further down the list.
    pub(super) fn step(&mut self, down: isize) {
        let rooms = isize::try_from(self.rooms.len()).unwrap_or(isize::MAX);
        let current = isize::try_from(self.current).unwrap_or(0);
        self.current = usize::try_from((current + down).rem_euclid(rooms)).unwrap_or(0);
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
            Line::Ask(request) if self.link == Link::Online => self.requests.push(request),
            Line::Ask(_) => {
                self.note("not connected: nothing was sent");
                self.editor.put_back(line);
            }
        }
        self.rooms[self.current].scroll = 0;
    }

    /// Leaves the server. The second time, does not wait for it.
    pub(super) fn quit(&mut self, reason: Option<String>) {
        if self.quitting || self.link != Link::Online {
            self.effects.push(Effect::Exit);
            return;
        }
        self.quitting = true;
        self.requests.push(Request::Quit { reason });
        self.effects.push(Effect::Leave);
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
        isize::try_from(layout::areas(self).middle.height).unwrap_or(1).saturating_sub(1).max(1)
    }

    /// Completes the word at the cursor.
    pub(super) fn complete(&mut self) {
        let mut editor = std::mem::take(&mut self.editor);
        editor.complete(|before, word| completion::candidates(self, before, word));
        self.editor = editor;
    }

    pub(super) fn redraw(&mut self) {
        self.effects.push(Effect::Redraw);
    }

    fn resize(&mut self, size: Size) {
        self.size = size;
        for index in 0..self.rooms.len() {
            self.scroll_to(index, self.rooms[index].scroll);
        }
    }

    /// Has a number of rows below what is shown, as far as there are so many above. Says how many that can be, unless
    /// it is more than was wanted.
    fn scroll_to(&mut self, index: usize, wanted: usize) -> usize {
        let middle = layout::areas(self).middle;
        let (width, height) = (usize::from(middle.width), usize::from(middle.height));
        let room = &mut self.rooms[index];
        let enough = wanted.saturating_add(height).saturating_add(1);
        let top = view::rows(room, width, enough).saturating_sub(height);
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
