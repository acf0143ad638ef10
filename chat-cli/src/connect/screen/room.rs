//! The state of one conversation.

use super::timeline::{Timeline, TimelineMessage};
use crate::connect::event::{Member, Message, Role, User};
use crate::connect::names::{channel_key, channel_title, nickname_key};
use crate::connect::request::{Range, Request, To};
use chat_server::engine::Text;
use std::collections::BTreeMap;

/// A channel, a private conversation, or the home room for everything else.
#[derive(Debug)]
pub(super) struct Room {
    pub(super) kind: RoomKind,
    pub(super) name: Text,
    key: String,
    pub(super) topic: Option<Text>,
    /// The channel key with which it was joined.
    pub(super) password: Option<String>,
    /// True if the user is in it, or was when the connection was lost.
    pub(super) joined: bool,
    /// True if it is being joined again after the connection was lost.
    pub(super) rejoining: bool,
    people: BTreeMap<String, Person>,
    /// The number of members, of which `people` may contain only some.
    pub(super) count: usize,
    pub(super) timeline: Timeline,
    /// The number of unread messages.
    pub(super) unread: usize,
    /// The number of unread messages that mention the user or are private, and of unseen actions on
    /// the user.
    pub(super) mentions: usize,
    /// The last message that the user has read, here or on another device.
    pub(super) last_read: u64,
    /// The same, as the server was told.
    pub(super) reported: u64,
    /// True if the server has counted the unread messages from before the last welcome.
    pub(super) is_counted: bool,
    /// The number of rows below the visible ones.
    pub(super) scroll: usize,
    pub(super) catch_up: CatchUp,
    pub(super) older: Older,
    /// The last message up to which none is missing.
    complete_to: Option<Mark>,
    /// Messages that arrive before it is known whether the server was restarted.
    waiting: Vec<TimelineMessage>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RoomKind {
    Home,
    Channel,
    User,
}

/// A member of a channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Person {
    pub(super) nickname: Text,
    pub(super) role: Role,
    pub(super) away: bool,
}

/// The state of fetching missed messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CatchUp {
    /// No messages are missing.
    Done,
    /// The newest messages have been requested. If `all` is set, all older ones are requested
    /// afterwards.
    Newest { all: bool },
    /// The last known message and those after it have been requested. If the server does not return
    /// the last known message, it was restarted.
    Checking,
    /// The server has returned the last known message. Further messages have been requested.
    After,
}

/// The state of the request for messages that are older than those of the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Older {
    Possible,
    Requested,
    None,
}

/// The new messages of a page of history.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct PageNews {
    pub(super) messages: usize,
    /// The new messages that are shown.
    pub(super) unread: usize,
    /// The new messages that are shown and mention the user.
    pub(super) mentions: usize,
}

/// Identifies a message even across restarts of the server.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Mark {
    id: u64,
    at: Text,
}

/// The number of messages in a page of history.
const PAGE: usize = 100;
/// The number of messages that are requested after the first join.
const FIRST_PAGE: usize = 50;
/// The most messages that wait until missed ones have been fetched. The history contains them too.
const MOST_WAITING: usize = 1_000;

impl Room {
    pub(super) fn new(kind: RoomKind, name: Text) -> Self {
        Self {
            kind,
            key: key(kind, name.as_str()),
            name,
            topic: None,
            password: None,
            joined: false,
            rejoining: false,
            people: BTreeMap::new(),
            count: 0,
            timeline: Timeline::default(),
            unread: 0,
            mentions: 0,
            last_read: 0,
            reported: 0,
            is_counted: false,
            scroll: 0,
            catch_up: CatchUp::Done,
            older: Older::None,
            complete_to: None,
            waiting: Vec::new(),
        }
    }

    /// Returns true if this is the room of that name.
    pub(super) fn is(&self, kind: RoomKind, name: &str) -> bool {
        self.kind == kind && (self.name.as_str() == name || self.key == key(kind, name))
    }

    /// Changes the name of the other user in a private conversation.
    pub(super) fn rename(&mut self, name: Text) {
        self.key = key(self.kind, name.as_str());
        self.name = name;
    }

    /// Marks all messages as read.
    pub(super) fn seen(&mut self) {
        (self.unread, self.mentions) = (0, 0);
        let newest = self.timeline.newest().map_or(0, |said| said.id);
        self.last_read = self.last_read.max(newest);
    }

    /// Returns the number of unread messages for the list, with `!` before it after a mention.
    pub(super) fn news(&self) -> String {
        let sign = if self.mentions > 0 { "!" } else { "" };
        let count = if self.unread > 0 { self.unread.to_string() } else { String::new() };
        format!("{sign}{count}")
    }

    /// Returns the recipient of messages in this room.
    pub(super) fn to(&self) -> Option<To> {
        let name = self.name.to_string();
        match self.kind {
            RoomKind::Home => None,
            RoomKind::Channel => Some(To::Channel(name)),
            RoomKind::User => Some(To::User(name)),
        }
    }

    /// Returns the name with a sign for its kind.
    pub(super) fn label(&self) -> String {
        match self.kind {
            RoomKind::Home => self.name.to_string(),
            RoomKind::Channel => channel_title(self.name.as_str()),
            RoomKind::User => format!("@{}", self.name),
        }
    }

    /// Returns the known members: the highest role first, then by name.
    pub(super) fn people(&self) -> Vec<&Person> {
        let mut people: Vec<&Person> = self.people.values().collect();
        people.sort_by_key(|person| person.role);
        people
    }

    /// Returns true if the user takes part in it.
    pub(super) fn joined_or_private(&self) -> bool {
        self.joined || self.kind == RoomKind::User
    }

    pub(super) fn has(&self, nickname: &str) -> bool {
        self.people.contains_key(&nickname_key(nickname))
    }

    /// Sets the members from a roster.
    pub(super) fn set_members(&mut self, members: Vec<Member>, count: usize) {
        self.count = count;
        let before = std::mem::take(&mut self.people);
        for Member { nickname, role } in members {
            let key = nickname_key(nickname.as_str());
            let away = before.get(&key).is_some_and(|person| person.away);
            self.people.insert(key, Person { nickname, role, away });
        }
    }

    /// Updates the members and their away state from a list of users.
    pub(super) fn set_users(&mut self, users: Vec<User>, count: usize) {
        self.count = count;
        let mut before = std::mem::take(&mut self.people);
        for User { nickname, away } in users {
            let key = nickname_key(nickname.as_str());
            let role = before.remove(&key).map_or(Role::Member, |person| person.role);
            self.people.insert(key, Person { nickname, role, away: away.is_some() });
        }
        if self.people.len() < count {
            // The list is shortened, so members that it does not contain may still be here.
            self.people.append(&mut before);
        }
    }

    pub(super) fn joins(&mut self, nickname: Text) {
        let person = Person { nickname, role: Role::Member, away: false };
        if self.people.insert(nickname_key(person.nickname.as_str()), person).is_none() {
            self.count += 1;
        }
    }

    pub(super) fn leaves(&mut self, nickname: &str) {
        self.people.remove(&nickname_key(nickname));
        self.count = self.count.saturating_sub(1).max(self.people.len());
    }

    pub(super) fn renames(&mut self, from: &str, to: &Text) {
        if let Some(person) = self.people.remove(&nickname_key(from)) {
            let person = Person { nickname: to.clone(), ..person };
            self.people.insert(nickname_key(to.as_str()), person);
        }
    }

    pub(super) fn person(&mut self, nickname: &str) -> Option<&mut Person> {
        self.people.get_mut(&nickname_key(nickname))
    }

    /// Handles that the user is not in the room any more.
    pub(super) fn set_left(&mut self) {
        (self.joined, self.rejoining) = (false, false);
        self.people.clear();
        self.count = 0;
        self.disconnected();
    }

    /// Handles that the user has joined. Returns the request for missed messages.
    pub(super) fn enter(&mut self) -> Request {
        (self.joined, self.rejoining) = (true, false);
        self.timeline.push_join(format!("you joined {}", self.name));
        self.catch_up()
    }

    /// Returns the request for messages that may be missing.
    pub(super) fn catch_up(&mut self) -> Request {
        if let Some(mark) = &self.complete_to {
            self.catch_up = CatchUp::Checking;
            return self.history(Range::After { after: mark.id.saturating_sub(1) }, PAGE);
        }
        let all = matches!(self.catch_up, CatchUp::Newest { all: true });
        self.catch_up = CatchUp::Newest { all };
        self.history(Range::Latest {}, if all { PAGE } else { FIRST_PAGE })
    }

    /// Returns the request for messages older than the oldest known one.
    pub(super) fn request_older(&mut self) -> Option<Request> {
        let is_due = self.older == Older::Possible
            && self.catch_up == CatchUp::Done
            && !self.timeline.is_full();
        let before = self.timeline.oldest().filter(|_| is_due)?.id;
        self.older = Older::Requested;
        Some(self.history(Range::Before { before }, PAGE))
    }

    /// Handles a restart of the server, which has no history any more and numbers messages from the
    /// beginning again.
    pub(super) fn server_restarted(&mut self) {
        (self.last_read, self.reported) = (0, 0);
        if self.kind == RoomKind::User {
            self.timeline.begin_era();
        } else if self.complete_to.take().is_some() {
            self.timeline.begin_era();
            self.catch_up = CatchUp::Newest { all: true };
        }
    }

    /// Handles a lost connection: outstanding requests will not be answered.
    pub(super) fn disconnected(&mut self) {
        if self.complete_to.is_none()
            && let Some(oldest) = self.timeline.oldest()
        {
            // The history has not arrived. After a reconnect, all messages after the first received
            // one are requested again.
            self.complete_to = Some(Mark { id: oldest.id, at: oldest.at.clone() });
            self.older = Older::Possible;
        }
        self.waiting.clear();
        if self.complete_to.is_some() || self.catch_up != (CatchUp::Newest { all: true }) {
            self.catch_up = CatchUp::Done;
        }
        self.older = if self.older == Older::Requested { Older::Possible } else { self.older };
    }

    /// Receives a message. Returns true if it is new.
    pub(super) fn receive(&mut self, said: TimelineMessage) -> bool {
        match self.catch_up {
            CatchUp::Checking => {
                if self.waiting.len() >= MOST_WAITING {
                    self.waiting.remove(0);
                }
                self.waiting.push(said);
                true
            }
            CatchUp::Newest { .. } | CatchUp::After => self.timeline.insert_new(said),
            CatchUp::Done => {
                let mark = Mark { id: said.id, at: said.at.clone() };
                let is_new = self.timeline.insert_new(said);
                if is_new {
                    self.complete_to = Some(mark);
                }
                is_new
            }
        }
    }

    /// Adds a page of history. Returns the counts of new messages, and the next request.
    pub(super) fn add_history(
        &mut self,
        range: Range,
        page: Vec<TimelineMessage>,
        more: bool,
    ) -> (PageNews, Option<Request>) {
        if self.catch_up == CatchUp::Checking {
            let first = page.first().map(|said| Mark { id: said.id, at: said.at.clone() });
            if first != self.complete_to {
                return (PageNews::default(), Some(self.begin_again()));
            }
            self.catch_up = CatchUp::After;
            self.release();
        }
        let last = page.last().map(|said| said.id);
        let first = page.first().map(|said| said.id);
        let mut news = PageNews::default();
        for said in page {
            let (is_shown, mentions) = (!said.hidden, said.mentions);
            if self.timeline.insert_old(said) {
                news.messages += 1;
                news.unread += usize::from(is_shown);
                news.mentions += usize::from(is_shown && mentions);
            }
        }
        let next = match (range, self.catch_up) {
            (Range::After { .. }, CatchUp::After) if more => {
                last.map(|after| self.history(Range::After { after }, PAGE))
            }
            (Range::Latest {} | Range::Before { .. }, CatchUp::Newest { all: true }) if more => {
                first.map(|before| self.history(Range::Before { before }, PAGE))
            }
            (Range::After { .. }, _) => None,
            (Range::Latest {} | Range::Before { .. }, _) => {
                self.older = if more { Older::Possible } else { Older::None };
                None
            }
        };
        if next.is_none() {
            self.caught_up();
        }
        (news, next)
    }

    /// Handles that the server has refused a request for history.
    pub(super) fn no_history(&mut self) {
        self.release();
        self.older = Older::None;
        self.caught_up();
    }

    /// Handles that the server does not have the last known message: the new history cannot be
    /// joined to the old one.
    fn begin_again(&mut self) -> Request {
        self.complete_to = None;
        self.timeline.begin_era();
        self.timeline.insert_before_join("the server does not remember what was said before this");
        self.catch_up = CatchUp::Newest { all: true };
        self.release();
        self.catch_up()
    }

    fn release(&mut self) {
        for said in std::mem::take(&mut self.waiting) {
            self.timeline.insert_new(said);
        }
    }

    fn caught_up(&mut self) {
        self.catch_up = CatchUp::Done;
        // If all messages have been cleared from the screen, the mark stays.
        if let Some(newest) = self.timeline.newest() {
            self.complete_to = Some(Mark { id: newest.id, at: newest.at.clone() });
        }
    }

    fn history(&self, range: Range, limit: usize) -> Request {
        let name = self.name.to_string();
        let of = match self.kind {
            RoomKind::User => To::User(name),
            RoomKind::Channel | RoomKind::Home => To::Channel(name),
        };
        Request::History { of, range, limit }
    }
}

/// Returns the other user of a private message.
pub(super) fn other_side(message: &Message, is_mine: bool) -> &Text {
    match &message.to {
        Some(to) if is_mine => to,
        Some(_) | None => &message.nickname,
    }
}

fn key(kind: RoomKind, name: &str) -> String {
    match kind {
        RoomKind::Home => String::new(),
        RoomKind::Channel => channel_key(name),
        RoomKind::User => nickname_key(name),
    }
}
