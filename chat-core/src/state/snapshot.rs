//! The state as it is written into a snapshot, and read from one.

use super::logins::Logins;
use super::public_channels::PublicChannels;
use super::{State, User};
use crate::durable::{Member, Presence, RecentEvents};
use crate::{
    ChannelName, Checked, Config, MessageAction, MessageCommand, MessageId, SessionId, StatusSet,
    Text, Unchecked, UserId,
};
use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;
use serde::de::Error;
use serde::ser::SerializeStruct;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Writes a state. What follows from the rest, or from the configuration, is left out.
pub(crate) fn write<S: Serializer>(state: &State, serializer: S) -> Result<S::Ok, S::Error> {
    let channels = state.durable.channels.iter();
    let presences = channels.map(|(name, channel)| (name, WrittenPresence::of(&channel.presence)));
    let mut written = serializer.serialize_struct("State", 2)?;
    written.serialize_field("state", state)?;
    written.serialize_field("presences", &presences.collect::<Vec<_>>())?;
    written.end()
}

/// A state that was read, and that has no configuration yet.
#[derive(Debug, Deserialize)]
pub(crate) struct ReadState {
    state: State,
    presences: Vec<(ChannelName, ReadPresence)>,
}

/// The transient part of a channel, without what its users tell.
#[derive(Serialize)]
struct WrittenPresence<'a> {
    members: Vec<SavedMember>,
    invited: &'a BTreeSet<UserId>,
    events: &'a RecentEvents,
}

#[derive(Debug, Deserialize)]
struct ReadPresence {
    members: Vec<SavedMember>,
    invited: BTreeSet<UserId>,
    events: RecentEvents,
}

#[derive(Debug, Serialize, Deserialize)]
struct SavedMember {
    user: UserId,
    statuses: StatusSet,
    since: MessageId,
}

impl ReadState {
    /// Completes the state with what was left out.
    pub(crate) fn complete(self, config: Config) -> State {
        let Self { mut state, presences } = self;
        for (name, presence) in presences {
            if let Some(channel) = state.durable.channels.get_mut(&name) {
                channel.presence = presence.complete(&state.users);
            }
        }
        for (session, open) in &state.sessions {
            state.addresses.insert(open.address(), *session);
        }
        state.public_channels = PublicChannels::of(&state.durable);
        state.logins = Logins::of(&state.durable);
        state.names.reserve(&config.reserved_names);
        state.throttle.index();
        state.reports.index();
        State { config, ..state }
    }
}

/// Reads a command whose text may have several lines.
pub(super) fn read_message_command<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Box<MessageCommand<Checked>>, D::Error> {
    let MessageCommand::<Unchecked> { id, channel, action } =
        MessageCommand::deserialize(deserializer)?;
    let channel = channel.map(|channel| ChannelName::parse(&channel)).transpose();
    let channel = channel.map_err(D::Error::custom)?;
    let action = match action {
        MessageAction::Delete { reason } => {
            MessageAction::Delete { reason: reason.map(|reason| Text::clean(&reason)) }
        }
        MessageAction::Edit { text } => MessageAction::Edit { text: Text::clean_lines(&text) },
        MessageAction::Pin { pinned } => MessageAction::Pin { pinned },
        MessageAction::React { emoji, remove } => {
            MessageAction::React { emoji: Text::clean(&emoji), remove }
        }
    };
    Ok(Box::new(MessageCommand { id, channel, action }))
}

impl<'a> WrittenPresence<'a> {
    fn of(presence: &'a Presence) -> Self {
        let Presence { members, audience: _, invited, events } = presence;
        let saved = |member: &Member| {
            let Member { user, info: _, statuses, since } = *member;
            SavedMember { user, statuses, since }
        };
        Self { members: members.values().map(saved).collect(), invited, events }
    }
}

impl ReadPresence {
    /// Adds the identities and the sessions of the members.
    fn complete(self, users: &BTreeMap<UserId, Box<User>>) -> Presence {
        let mut presence =
            Presence { invited: self.invited, events: self.events, ..Presence::default() };
        for SavedMember { user: id, statuses, since } in self.members {
            if let Some(user) = users.get(&id) {
                let info = user.info.clone();
                let member = Member { user: id, info, statuses, since };
                presence.members.insert(user.nickname().clone(), member);
                presence.audience.extend::<Vec<SessionId>>(user.sessions.to_vec());
            }
        }
        presence.audience.sort_unstable();
        presence
    }
}
