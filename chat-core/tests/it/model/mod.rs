//! Invariants that hold after every input, whatever the inputs are.
//!
//! A model derives its state from the effects only, and is compared with the engine's view. The
//! inputs come from a property test, or from the fuzzer, which includes this file.

mod events;

use chat_core::{
    AccountName, ChannelId, ChannelName, ChannelView, CloseReason, Command, Config, Effect, Engine,
    Event, HistoryRange, Input, List, ListSubject, Message, MessageId, Nickname, QuestionId,
    Record, Refusal, RequestId, SessionId, Status, Text, Timestamp, UserId, UserMask, UserView,
    View,
};
use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// An engine that panics if it violates an invariant.
pub(crate) struct CheckedEngine {
    engine: Engine,
    model: Model,
    /// The digest of the view before the next input.
    before: u64,
}

impl CheckedEngine {
    pub(crate) fn new(config: Config, start: Timestamp) -> Self {
        let engine = Engine::new(config.clone(), start);
        let before = digest(engine.view());
        Self { engine, model: Model::new(config, start), before }
    }

    /// Applies an input to the engine, and checks the effects and the view. `hear` gets the
    /// effects.
    pub(crate) fn apply(&mut self, at: Timestamp, input: &Input, hear: impl FnMut(Effect<'_>)) {
        let closed = self.model.apply(&mut self.engine, at, input, hear);
        let view = self.engine.view();
        check_consistency(view, &self.model);
        let someone_quit = self.model.note_disconnected(view);
        let after = digest(view);
        if self.model.rejected && closed.is_empty() && !someone_quit {
            assert_eq!(self.before, after, "{input:?} was refused, and has changed something");
        }
        self.before = after;
    }

    /// Closes all sessions, and checks that nothing is left.
    pub(crate) fn finish(mut self) {
        for session in self.model.open.clone() {
            let input = Input::Close { session, reason: CloseReason::ShuttingDown };
            self.apply(self.model.now, &input, |_| {});
        }
        let period = self.model.config.reconnect_period.max(self.model.config.linger);
        let period = period.unwrap_or_default();
        self.apply(self.model.now + period, &Input::Tick, |_| {});
        let view = self.engine.view();
        assert!(self.model.open.is_empty());
        assert_eq!(view.session_count(), 0);
        assert_eq!(view.user_count(), 0);
        assert!(
            view.channels().all(is_kept),
            "only the lobby, owned channels and those of the host stay"
        );
        assert_eq!(self.engine.next_deadline(), None);
    }
}

/// The state that follows from the effects alone.
struct Model {
    config: Config,
    open: BTreeSet<SessionId>,
    /// Questions that wait for an answer.
    asked: BTreeMap<SessionId, Asked>,
    now: Timestamp,
    last_message: MessageId,
    last_channel: ChannelId,
    lists: BTreeMap<(ChannelName, usize), Vec<Entry>>,
    invitations: BTreeSet<(SessionId, ChannelName)>,
    /// The nonces of each account, or of each user without an account, oldest first.
    nonces: BTreeMap<Sender, VecDeque<Acknowledged>>,
    /// Disconnected users, and since when.
    disconnected: BTreeMap<UserId, Timestamp>,
    /// True if the last input was a command that was refused.
    rejected: bool,
}

/// A question that waits for an answer.
struct Asked {
    question: QuestionId,
    request: Option<RequestId>,
    until: Timestamp,
}

impl Model {
    fn new(config: Config, now: Timestamp) -> Self {
        Self {
            config,
            open: BTreeSet::new(),
            asked: BTreeMap::new(),
            now,
            last_message: MessageId(0),
            last_channel: ChannelId(1),
            lists: BTreeMap::new(),
            invitations: BTreeSet::new(),
            nonces: BTreeMap::new(),
            disconnected: BTreeMap::new(),
            rejected: false,
        }
    }

    /// Checks that no user is disconnected for too long. Returns whether a disconnected user has
    /// been removed.
    fn note_disconnected(&mut self, view: View<'_>) -> bool {
        let before = std::mem::take(&mut self.disconnected);
        for user in view.users().filter(|user| user.sessions().is_empty()) {
            let since = before.get(&user.id()).copied().unwrap_or(self.now);
            let reconnect = self.config.reconnect_period;
            let linger = self.config.linger.filter(|_| user.account().is_some());
            let period = reconnect.max(linger).expect("reconnecting is enabled");
            assert!(self.now < since + period, "{user:?} has been disconnected for too long");
            self.disconnected.insert(user.id(), since);
        }
        assert!(self.disconnected.len() <= self.config.disconnected_users);
        let is_gone = |id: &UserId| view.users().all(|user| user.id() != *id);
        before.keys().any(is_gone)
    }

    /// Applies an input to the engine and checks its effects. Returns the sessions that have ended.
    fn apply(
        &mut self,
        engine: &mut Engine,
        at: Timestamp,
        input: &Input,
        mut hear: impl FnMut(Effect<'_>),
    ) -> Vec<SessionId> {
        self.now = self.now.max(at);
        self.rejected = false;
        let holders: Holders =
            engine.view().users().map(|user| (user.nickname().clone(), user.id())).collect();
        let expected = self.expected_repetition(engine.view(), input);
        let deadline_due = engine.next_deadline().is_some_and(|due| due <= self.now);
        let effects = engine.apply(at, input.clone());
        assert_eq!(effects.at(), self.now, "the time of the effects is wrong");

        let mut closed = Vec::new();
        let mut told: Vec<(SessionId, &Event)> = Vec::new();
        let mut answered = None;
        let mut host_answered = false;
        let mut resumed = None;
        let mut caused = false;
        for effect in effects {
            hear(effect);
            let is_first = !std::mem::replace(&mut caused, true);
            match effect {
                Effect::Reply { session, request, event } => {
                    if matches!(event, Event::Welcomed { resumed: Some(true), .. }) {
                        resumed = Some(session);
                    }
                    if self.settles(input, session, event) {
                        let name = self.asked.remove(&session).and_then(|asked| asked.request);
                        assert_eq!(request, name.as_ref());
                        self.rejected = is_answer(input) && matches!(event, Event::Rejected(_));
                        self.check_event(session, event);
                        continue;
                    }
                    let Input::Command { session: asker, request: name, .. } = input else {
                        panic!("{input:?} was answered with {event:?}");
                    };
                    assert_eq!((session, request), (*asker, name.as_ref()));
                    assert!(
                        self.open.contains(&session),
                        "{session:?} is closed, and was answered"
                    );
                    assert_eq!(answered.replace(session), None, "two answers to {input:?}");
                    self.check_repetition(event, expected.as_ref());
                    self.rejected = matches!(event, Event::Rejected(_));
                    self.check_event(session, event);
                }
                Effect::HostReply { event } => {
                    assert!(
                        matches!(input, Input::Host(_)),
                        "{input:?} was answered as the host's"
                    );
                    assert!(!host_answered, "two answers to {input:?}");
                    // The effects of a deadline come before those of the input.
                    assert!(deadline_due || is_first, "{event:?} is not the first effect");
                    host_answered = true;
                    self.rejected = matches!(event, Event::Rejected(_));
                    self.check_event(HOST, event);
                }
                Effect::Deliver { to, event } => {
                    if let Event::Invited { channel, .. } = event {
                        self.invitations
                            .extend(to.iter().map(|&invited| (invited, channel.clone())));
                    }
                    assert!(!to.is_empty(), "delivered to no session: {event:?}");
                    assert!(to.is_sorted_by(|a, b| a < b), "{to:?} are not sorted, or not unique");
                    for &session in to {
                        assert!(
                            self.open.contains(&session),
                            "{session:?} is closed, and received {event:?}"
                        );
                        // A session that joins an existing user is told the user's channels.
                        let comes_back = matches!(event, Event::Entered(_) | Event::Missed { .. });
                        // A server operator is also told the consequences of a ban.
                        let is_consequence = matches!(
                            (input, event),
                            (
                                Input::Command { command: Command::Operator(_), .. },
                                Event::Quit { .. } | Event::RoleChanged { .. }
                            )
                        );
                        // A session may watch its own nickname.
                        let is_watched = matches!(event, Event::PresenceChanged { .. });
                        let may_follow = comes_back || is_consequence || is_watched;
                        assert!(
                            answered != Some(session) || may_follow,
                            "{event:?} was delivered to the sender too"
                        );
                        told.push((session, event));
                        self.check_event(session, event);
                    }
                }
                Effect::Ask { session, question, .. } => {
                    let until = self.now + self.config.answer_timeout;
                    let resumes = resumed == Some(session);
                    let request = if resumes {
                        None
                    } else {
                        let Input::Command { session: asker, request, .. } = input else {
                            panic!("{input:?} caused a question");
                        };
                        assert_eq!(session, *asker);
                        assert_eq!(answered.replace(session), None, "question after an answer");
                        request.clone()
                    };
                    let asked = Asked { question, request, until };
                    let before = self.asked.insert(session, asked);
                    assert!(before.is_none(), "second question before an answer");
                }
                Effect::Close { session, reason: _ } => {
                    self.asked.remove(&session);
                    assert!(self.open.remove(&session), "{session:?} was closed twice");
                    self.invitations.retain(|(invited, _)| *invited != session);
                    closed.push(session);
                }
                Effect::Record(record) => self.note(record, &holders),
                _ => unreachable!("a variant that this test does not know"),
            }
        }
        for (index, (session, event)) in told.iter().enumerate() {
            for (other, again) in &told[..index] {
                assert!(
                    other != session || !same_fact(event, again),
                    "{session:?}: {event:?} twice"
                );
            }
        }
        assert_eq!(host_answered, matches!(input, Input::Host(_)), "no answer to {input:?}");
        self.check_answer(input, answered, &closed);
        if let Some(deadline) = engine.next_deadline() {
            assert!(deadline > self.now, "a passed deadline was not handled");
        }
        closed
    }

    /// Returns true if a reply answers a command that has waited for the host.
    fn settles(&self, input: &Input, session: SessionId, event: &Event) -> bool {
        let Some(Asked { question, until, .. }) = self.asked.get(&session) else { return false };
        let answers = matches!(
            input,
            Input::Answer { session: about, question: answered, .. }
                if (about, answered) == (&session, question)
        );
        // A session that has lost its access meanwhile is told that instead of to try again.
        let is_missed = matches!(event, Event::Missed { .. });
        let is_late = *until <= self.now && (is_missed || matches!(event, Event::Rejected(_)));
        answers || is_late
    }

    /// Returns the acknowledgement that a sender has got for a nonce, if it is still remembered.
    fn acknowledged(&self, sender: &Sender, nonce: &str) -> Option<Event> {
        let known = self.nonces.get(sender)?.iter().find(|(known, ..)| known == nonce);
        let (_, message, away) = known?.clone();
        let is_valid = message.at + self.config.nonce_window > self.now;
        is_valid.then_some(Event::Sent { message, away, repeated: true, offline: false })
    }

    /// Returns the only answer, besides the refusal of the rate limit, to a message that is sent
    /// again.
    fn expected_repetition(&self, view: View<'_>, input: &Input) -> Option<Event> {
        let Input::Command { session, command: Command::Say { nonce, .. }, .. } = input else {
            return None;
        };
        let user = view.user_of(*session)?;
        let nonce = nonce.as_deref()?;
        let account = user.account().cloned();
        let by_account = account.and_then(|account| self.acknowledged(&Ok(account), nonce));
        // The user may have logged in since.
        by_account.or_else(|| self.acknowledged(&Err(user.id()), nonce))
    }

    fn check_repetition(&self, answer: &Event, expected: Option<&Event>) {
        match (answer, expected) {
            (Event::Rejected(Refusal::RateLimited { .. } | Refusal::NotIdentified), _) => {}
            (answer, Some(expected)) => assert_eq!(answer, expected),
            (Event::Sent { repeated, .. }, None) => assert!(!repeated),
            (_, None) => {}
        }
    }

    fn check_answer(&mut self, input: &Input, answered: Option<SessionId>, closed: &[SessionId]) {
        match input {
            Input::Open { session, peer: _ } => {
                self.open.insert(*session);
            }
            Input::Close { session, reason: _ } => {
                assert!(!self.open.contains(session), "{session:?} has not been closed");
            }
            Input::Command { session, .. } => {
                // A closed session was closed before the command (no answer) or by it (an answer).
                let was_open = self.open.contains(session);
                assert!(!was_open || answered.is_some(), "no answer to {input:?}");
                assert!(was_open || answered.is_none() || closed.contains(session));
            }
            Input::Answer { session, question, answer: _ } => {
                let waits =
                    self.asked.get(session).is_some_and(|asked| asked.question == *question);
                assert!(!waits, "{input:?} had no effect");
            }
            Input::Host(_) | Input::Tick => {}
            _ => unreachable!("a variant that this test does not know"),
        }
    }

    fn note(&mut self, record: &Record, holders: &Holders) {
        match record {
            Record::Said { message, recipient: _, nonce, away } => {
                assert!(message.id > self.last_message, "{message:?} is not new");
                assert_eq!(message.at, self.now);
                self.last_message = message.id;
                if let Some(nonce) = nonce {
                    let user = message.sender.user().expect("only users send nonces");
                    let sender = match &user.account {
                        Some(account) => Ok(account.clone()),
                        None => Err(holders[&user.nickname]),
                    };
                    assert_eq!(self.acknowledged(&sender, nonce.as_str()), None);
                    let known = (nonce.as_str().to_owned(), message.clone(), away.clone());
                    let nonces = self.nonces.entry(sender).or_default();
                    nonces.retain(|(known, ..)| *known != nonce.as_str());
                    nonces.push_back(known);
                    if nonces.len() > self.config.nonces_per_user {
                        nonces.pop_front();
                    }
                }
            }
            Record::ChannelForgotten { channel, id: _ } => {
                assert!(!channel.is_lobby());
                self.lists.retain(|(listed, _), _| listed != channel);
                self.invitations.retain(|(_, invited)| invited != channel);
            }
            Record::Listed { channel, list, entry } => {
                let list = self.lists.entry((channel.clone(), number(*list))).or_default();
                list.push(match &entry.subject {
                    ListSubject::User { nickname, .. } => {
                        Entry::User(nickname.clone(), holders.get(nickname).copied())
                    }
                    ListSubject::Mask { mask } => Entry::Mask(mask.clone()),
                    _ => unreachable!("a variant that this test does not know"),
                });
                assert!(list.len() <= self.config.bans_per_channel, "{list:?} is too long");
            }
            Record::Unlisted { channel, list, nickname, user } => {
                let list = self.lists.entry((channel.clone(), number(*list))).or_default();
                let (length, now) = (list.len(), user.as_ref());
                let before = holders.get(nickname);
                assert!(now.is_none() || now == before, "{record:?} is about another user");
                list.retain(|entry| match entry {
                    Entry::User(name, then) => {
                        name != nickname && (now.is_none() || then.as_ref() != now)
                    }
                    Entry::Mask(_) => true,
                });
                assert!(list.len() < length, "{nickname:?} was on no list");
            }
            Record::MaskUnlisted { channel, list, mask } => {
                let list = self.lists.entry((channel.clone(), number(*list))).or_default();
                let length = list.len();
                list.retain(|entry| *entry != Entry::Mask(mask.clone()));
                assert_eq!(list.len() + 1, length, "{mask} was on no list, or twice");
            }
            Record::ChannelCreated { id, .. } => {
                assert!(*id > self.last_channel, "{record:?} is not new");
                self.last_channel = *id;
            }
            Record::TopicChanged { channel: _, topic } => {
                if let Some(topic) = topic {
                    assert_eq!(topic.at, self.now);
                    assert!(topic.text.as_str().len() <= self.config.topic_bytes);
                }
            }
            Record::AccountRemoved { account } => {
                self.nonces.remove(&Ok(account.clone()));
            }
            Record::MessageChanged { message, accounts } => {
                assert!(message.id <= self.last_message && message.details.is_some());
                assert!(accounts.is_sorted_by(|a, b| a < b));
                let known = self.nonces.values_mut().flatten();
                for (_, acknowledged, _) in known.filter(|known| known.1.id == message.id) {
                    acknowledged.clone_from(message);
                }
            }
            Record::ChannelDataChanged { data, .. } | Record::AccountDataChanged { data, .. } => {
                assert!(data.bytes() <= self.config.data_bytes);
            }
            Record::ChannelJoined { since, .. } => assert!(*since <= self.last_message),
            Record::ReadMarked { id, .. } => assert!(*id <= self.last_message),
            Record::ModesChanged { .. }
            | Record::ChannelLeft { .. }
            | Record::RoleChanged { .. }
            | Record::Invited { .. }
            | Record::InvitationUsed { .. }
            | Record::AccountSeen { .. }
            | Record::AccountRegistered { .. }
            | Record::CredentialsChanged { .. }
            | Record::TokenIssued { .. }
            | Record::TokenUsed { .. }
            | Record::TokenRevoked { .. }
            | Record::ServerBanned(_)
            | Record::ServerUnbanned { .. }
            | Record::Audited { .. }
            | Record::Reported(_)
            | Record::ReportClosed { .. }
            | Record::UserIdsReserved { .. }
            | Record::GuestNumbersReserved { .. } => {}
            _ => unreachable!("a variant that this test does not know"),
        }
    }
}

fn is_answer(input: &Input) -> bool {
    matches!(input, Input::Answer { .. })
}

/// An entry of a list.
#[derive(Debug, PartialEq)]
enum Entry {
    /// A name, and the user who had it when it was added.
    User(Nickname, Option<UserId>),
    Mask(UserMask),
}

/// A nonce, and the message and the away text of its acknowledgement.
type Acknowledged = (String, Arc<Message>, Option<Text>);

/// The account of a sender, or the user if it has none.
type Sender = Result<AccountName, UserId>;

/// The user of each nickname.
type Holders = BTreeMap<Nickname, UserId>;

fn number(list: List) -> usize {
    match list {
        List::Bans => 0,
        List::Mutes => 1,
        List::Exceptions => 2,
        List::MuteExceptions => 3,
        List::InviteExceptions => 4,
        _ => unreachable!("a variant that this test does not know"),
    }
}

/// Returns true if two events report the same fact.
fn same_fact(one: &Event, other: &Event) -> bool {
    match (one, other) {
        (Event::Quit { user, .. }, Event::Quit { user: again, .. }) => user == again,
        _ => one == other,
    }
}

/// Checks that the view is consistent, and keeps to the limits.
fn check_consistency(view: View<'_>, model: &Model) {
    let config = view.config();
    assert_eq!(view.now(), model.now);
    assert_eq!(view.session_count(), model.open.len());
    assert!(model.open.iter().all(|session| view.is_open(*session)));

    let mut memberships = 0;
    let mut users = 0;
    for user in view.users() {
        users += 1;
        assert!(user.sessions().is_sorted_by(|a, b| a < b));
        assert!(user.sessions().len() <= config.sessions_per_user);
        assert!(user.nickname().shown().chars().count() <= config.nickname_length);
        assert!(user.away().is_none_or(|text| text.as_str().len() <= config.away_bytes));
        for session in user.sessions() {
            assert!(model.open.contains(session), "{user:?} has a connection that is closed");
            let own = view.user_of(*session).map(UserView::id);
            assert_eq!(own, Some(user.id()), "the session has another user");
        }
        let mut joined = 0;
        for name in user.channels() {
            joined += 1;
            let channel = view.channel(name).expect("the channel of a member exists");
            assert!(channel.role(user.nickname()).is_some(), "{user:?} is not a member of {name}");
            assert!(user.sessions().iter().all(|session| channel.audience().contains(session)));
        }
        assert!(joined <= config.channels_per_user);
        memberships += joined;
    }
    assert_eq!(view.user_count(), users);

    assert!(view.channel(&ChannelName::lobby()).is_some(), "the lobby has been removed");
    assert!(view.channel_count() <= config.channels);
    assert!(view.server_bans().count() <= config.server_bans);
    for channel in view.channels() {
        assert!(channel.name().shown().chars().count() <= config.channel_name_length);
        assert!(channel.member_count() > 0 || is_kept(channel), "{channel:?} is empty");
        assert!(channel.member_count() <= config.members_per_channel);
        let members = channel.members().filter_map(|member| view.user(member.nickname()));
        let sessions: usize = members.map(|user| user.sessions().len()).sum();
        assert_eq!(channel.audience().len(), sessions);
        assert!(channel.audience().is_sorted_by(|a, b| a < b));
        for member in channel.members() {
            let user = view.user(member.nickname()).expect("a member who is online");
            assert_eq!(user.nickname().shown(), member.nickname().shown());
            assert!(user.channels().any(|name| name == channel.name()));
        }
        memberships -= channel.member_count();
        let key = channel.modes().key.as_deref();
        assert!(key.is_none_or(|key| (1..=config.key_bytes).contains(&key.len())));
        assert_ne!(channel.modes().member_limit, Some(0));
        let (history, more) = channel.history(HistoryRange::Latest, usize::MAX);
        assert!(history.len() <= config.history_per_channel && !more);
    }
    assert_eq!(memberships, 0, "users and channels disagree on memberships");

    for session in &model.open {
        let waiting = model.invitations.iter().filter(|(invited, _)| invited == session);
        assert!(waiting.count() <= config.invitations_per_user);
    }
}

/// The reader of answers to the host. No session has this number.
const HOST: SessionId = SessionId(u64::MAX);

/// Returns true if a channel stays without members.
fn is_kept(channel: ChannelView<'_>) -> bool {
    let mut accounts = channel.accounts();
    channel.name().is_lobby()
        || channel.is_kept()
        || accounts.any(|(_, statuses)| statuses.contains(Status::Owner))
}

/// Returns a hash of everything in the view except the time.
fn digest(view: View<'_>) -> u64 {
    let mut hasher = DefaultHasher::new();
    view.session_count().hash(&mut hasher);
    for user in view.users() {
        (user.nickname().shown(), user.sessions(), user.account()).hash(&mut hasher);
        (user.away(), user.signed_on(), user.last_spoke()).hash(&mut hasher);
        user.channels().for_each(|name| name.shown().hash(&mut hasher));
    }
    for channel in view.channels() {
        (channel.name().shown(), channel.created(), channel.is_kept()).hash(&mut hasher);
        channel.topic().map(|topic| (&topic.text, &topic.by, topic.at)).hash(&mut hasher);
        let modes = channel.modes();
        (modes.switches(), &modes.key, modes.member_limit, modes.keep).hash(&mut hasher);
        for member in channel.members() {
            (member.nickname().shown(), member.role()).hash(&mut hasher);
        }
        channel.audience().hash(&mut hasher);
        // Messages expire with the time of an input.
        if modes.keep.is_none() {
            let (history, _) = channel.history(HistoryRange::Latest, usize::MAX);
            history.iter().for_each(|message| message.id.hash(&mut hasher));
        }
    }
    hasher.finish()
}
