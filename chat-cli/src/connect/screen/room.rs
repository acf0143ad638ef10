//! One place to talk in, as far as it is known.

use super::timeline::{Said, Timeline};
use crate::connect::event::{Member, Message, Role, User};
use crate::connect::names::{channel_key, nickname_key};
use crate::connect::request::{Range, Request, To};
use chat_core::Text;
use std::collections::BTreeMap;

/// A channel, a user whom one talks with, or the place for everything else.
#[derive(Debug)]
pub(super) struct Room {
    pub(super) kind: RoomKind,
    pub(super) name: Text,
    key: String,
    pub(super) topic: Option<Text>,
    /// The password that it was joined with.
    pub(super) password: Option<String>,
    /// Whether the user is in it, or was when the connection was lost.
    pub(super) joined: bool,
    /// It is being joined again after the connection was lost.
    pub(super) rejoining: bool,
    people: BTreeMap<String, Person>,
    /// How many members there are; not all of them need to be known.
    pub(super) count: usize,
    pub(super) timeline: Timeline,
    /// How many messages the user has not seen.
    pub(super) unread: usize,
    /// How many of those mention the user or are private, and what else was done to the user
    /// meanwhile.
    pub(super) mentions: usize,
    /// How many rows are below what is shown.
    pub(super) scroll: usize,
    pub(super) catch_up: CatchUp,
    pub(super) older: Older,
    /// Nothing is missing up to here.
    complete_to: Option<Mark>,
    /// What is heard before it is known whether the server was restarted.
    waiting: Vec<Said>,
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

/// How far what was missed has been fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CatchUp {
    /// Nothing is missing.
    Done,
    /// The newest messages have been asked for. `all`: and then the older ones, until there are
    /// none.
    Newest { all: bool },
    /// What comes after the last known message has been asked for, beginning with that one: it
    /// tells whether the server still counts as it did.
    Checking,
    /// As before, and the server does.
    After,
}

/// Whether there is older history on the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Older {
    Perhaps,
    Asked,
    None,
}

/// What of a page of history was not known before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct PageNews {
    pub(super) messages: usize,
    /// Those among them that are shown.
    pub(super) unread: usize,
    /// Those that are shown and mention the user.
    pub(super) mentions: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Mark {
    id: u64,
    at: Text,
}

/// As many messages as a page of history may have.
const PAGE: usize = 100;
/// As many as a newcomer sees at first.
const FIRST_PAGE: usize = 50;
/// The most messages that wait for what was missed; the history has them, too.
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
            scroll: 0,
            catch_up: CatchUp::Done,
            older: Older::None,
            complete_to: None,
            waiting: Vec::new(),
        }
    }

    /// Whether this is the room of that name.
    pub(super) fn is(&self, kind: RoomKind, name: &str) -> bool {
        self.kind == kind && (self.name.as_str() == name || self.key == key(kind, name))
    }

    /// Another name for the user whom one talks with here.
    pub(super) fn rename(&mut self, name: Text) {
        self.key = key(self.kind, name.as_str());
        self.name = name;
    }

    /// The user has seen everything.
    pub(super) fn seen(&mut self) {
        (self.unread, self.mentions) = (0, 0);
    }

    /// What is new here: how many messages, with `!` before it if the user was mentioned.
    pub(super) fn news(&self) -> String {
        let sign = if self.mentions > 0 { "!" } else { "" };
        let count = if self.unread > 0 { self.unread.to_string() } else { String::new() };
        format!("{sign}{count}")
    }

    /// Whom one talks to here.
    pub(super) fn to(&self) -> Option<To> {
        let name = self.name.to_string();
        match self.kind {
            RoomKind::Home => None,
            RoomKind::Channel => Some(To::Channel(name)),
            RoomKind::User => Some(To::User(name)),
        }
    }

    /// The name with the sign that says what it is.
    pub(super) fn label(&self) -> String {
        match self.kind {
            RoomKind::Home => self.name.to_string(),
            RoomKind::Channel => format!("#{}", self.name),
            RoomKind::User => format!("@{}", self.name),
        }
    }

    /// Everybody who is known to be here: the highest role first, then by name.
    pub(super) fn people(&self) -> Vec<&Person> {
        let mut people: Vec<&Person> = self.people.values().collect();
        people.sort_by_key(|person| person.role);
        people
    }

    pub(super) fn has(&self, nickname: &str) -> bool {
        self.people.contains_key(&nickname_key(nickname))
    }

    /// Sees who is here.
    pub(super) fn set_members(&mut self, members: Vec<Member>, count: usize) {
        self.count = count;
        let before = std::mem::take(&mut self.people);
        for Member { nickname, role } in members {
            let key = nickname_key(nickname.as_str());
            let away = before.get(&key).is_some_and(|person| person.away);
            self.people.insert(key, Person { nickname, role, away });
        }
    }

    /// Sees who is away, and who has come and gone unnoticed.
    pub(super) fn set_users(&mut self, users: Vec<User>, count: usize) {
        self.count = count;
        let mut before = std::mem::take(&mut self.people);
        for User { nickname, away } in users {
            let key = nickname_key(nickname.as_str());
            let role = before.remove(&key).map_or(Role::Member, |person| person.role);
            self.people.insert(key, Person { nickname, role, away: away.is_some() });
        }
        if self.people.len() < count {
            // Not all are in the list: who is not may be here nevertheless.
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

    /// The user is here no longer.
    pub(super) fn put_out(&mut self) {
        (self.joined, self.rejoining) = (false, false);
        self.people.clear();
        self.count = 0;
        self.disconnected();
    }

    /// The user has come in. Says what to ask for in order to miss nothing.
    pub(super) fn enter(&mut self) -> Request {
        (self.joined, self.rejoining) = (true, false);
        self.timeline.entered(format!("you joined {}", self.name));
        self.catch_up()
    }

    /// Asks for what may be missing.
    pub(super) fn catch_up(&mut self) -> Request {
        if let Some(mark) = &self.complete_to {
            self.catch_up = CatchUp::Checking;
            return self.history(Range::After { after: mark.id.saturating_sub(1) }, PAGE);
        }
        let all = matches!(self.catch_up, CatchUp::Newest { all: true });
        self.catch_up = CatchUp::Newest { all };
        self.history(Range::Latest {}, if all { PAGE } else { FIRST_PAGE })
    }

    /// Asks for what was said before all that is shown.
    pub(super) fn ask_older(&mut self) -> Option<Request> {
        let is_due = self.older == Older::Perhaps
            && self.catch_up == CatchUp::Done
            && !self.timeline.is_full();
        let before = self.timeline.oldest().filter(|_| is_due)?.id;
        self.older = Older::Asked;
        Some(self.history(Range::Before { before }, PAGE))
    }

    /// The server has forgotten everything, and counts from the beginning again.
    pub(super) fn server_restarted(&mut self) {
        if self.kind == RoomKind::Channel && self.complete_to.take().is_some() {
            self.timeline.begin_era();
            self.catch_up = CatchUp::Newest { all: true };
        }
    }

    /// Nothing that was asked for will come.
    pub(super) fn disconnected(&mut self) {
        if self.complete_to.is_none()
            && let Some(oldest) = self.timeline.oldest()
        {
            // The history has not come: all that follows the first thing that was heard will be
            // asked for again.
            self.complete_to = Some(Mark { id: oldest.id, at: oldest.at.clone() });
            self.older = Older::Perhaps;
        }
        self.waiting.clear();
        if self.complete_to.is_some() || self.catch_up != (CatchUp::Newest { all: true }) {
            self.catch_up = CatchUp::Done;
        }
        self.older = if self.older == Older::Asked { Older::Perhaps } else { self.older };
    }

    /// Hears a message. Says whether it is news.
    pub(super) fn hear(&mut self, said: Said) -> bool {
        match self.catch_up {
            CatchUp::Checking => {
                if self.waiting.len() >= MOST_WAITING {
                    self.waiting.remove(0);
                }
                self.waiting.push(said);
                true
            }
            CatchUp::Newest { .. } | CatchUp::After => self.timeline.heard(said),
            CatchUp::Done => {
                let mark = Mark { id: said.id, at: said.at.clone() };
                let is_new = self.timeline.heard(said);
                if is_new {
                    self.complete_to = Some(mark);
                }
                is_new
            }
        }
    }

    /// Takes in a page of history. Says what of it is news, and what else to ask for.
    pub(super) fn remember(
        &mut self,
        range: Range,
        page: Vec<Said>,
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
            if self.timeline.remembered(said) {
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
                self.older = if more { Older::Perhaps } else { Older::None };
                None
            }
        };
        if next.is_none() {
            self.caught_up();
        }
        (news, next)
    }

    /// There is no history to be had.
    pub(super) fn no_history(&mut self) {
        self.release();
        self.older = Older::None;
        self.caught_up();
    }

    /// The last known message is not there, or another one has its number: what follows cannot be
    /// joined to it.
    fn begin_again(&mut self) -> Request {
        self.complete_to = None;
        self.timeline.begin_era();
        self.timeline.happened_before("the server does not remember what was said before this");
        self.catch_up = CatchUp::Newest { all: true };
        self.release();
        self.catch_up()
    }

    fn release(&mut self) {
        for said in std::mem::take(&mut self.waiting) {
            self.timeline.heard(said);
        }
    }

    fn caught_up(&mut self) {
        self.catch_up = CatchUp::Done;
        // Where what is known has been cleared off the screen, the mark stays.
        if let Some(newest) = self.timeline.newest() {
            self.complete_to = Some(Mark { id: newest.id, at: newest.at.clone() });
        }
    }

    fn history(&self, range: Range, limit: usize) -> Request {
        Request::History { channel: self.name.to_string(), range, limit }
    }
}

/// Whom a private message is shown under: the other one.
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
