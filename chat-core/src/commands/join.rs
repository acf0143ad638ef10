//! Joining a channel, and making it if there is none.

use super::context::CommandContext;
use crate::effect::EffectBuffer;
use crate::state::{Channel, State};
use crate::{
    ChannelName, ChannelNameError, Config, Event, JoinRefusal, JoinTarget, List, Record, Refusal,
    Roster, SessionId, Status, StatusSet, Text, UserId,
};
use alloc::boxed::Box;
use alloc::vec::Vec;

pub(super) fn join(
    context: &mut CommandContext<'_>,
    name: ChannelName,
    key: Option<&str>,
) -> Result<Event, Refusal> {
    let listing = context.state.config.listing;
    enter(context, name, key, listing).map(Event::Entered)
}

/// How many members the rosters of several channels may have that go to a session at once, so that
/// what it is sent is bounded: together four times those of a single one.
pub(super) struct RosterRoom {
    listing: usize,
    /// Most members that the rosters to come may have together.
    left: usize,
}

impl RosterRoom {
    pub(super) fn of(config: &Config) -> Self {
        Self { listing: config.listing, left: config.listing.saturating_mul(4) }
    }

    /// Most members of the next roster, which always has the user that it is for.
    pub(super) fn next(&self) -> usize {
        self.listing.min(self.left).max(1)
    }

    /// Notes how much of it a roster has taken.
    pub(super) fn take(&mut self, roster: &Roster) {
        self.left = self.left.saturating_sub(roster.members.len());
    }
}

/// Joins several channels. One event answers all of them.
pub(crate) struct JoiningMany {
    room: RosterRoom,
    entered: Vec<Roster>,
    refused: Vec<JoinRefusal>,
}

impl JoiningMany {
    pub(crate) fn new(config: &Config) -> Self {
        Self { room: RosterRoom::of(config), entered: Vec::new(), refused: Vec::new() }
    }

    /// Joins one of them.
    pub(crate) fn join(
        &mut self,
        state: &mut State,
        out: &mut EffectBuffer,
        (session, user): (SessionId, UserId),
        target: JoinTarget<ChannelName>,
    ) -> Result<(), Refusal> {
        if self.entered.iter().any(|roster| roster.channel == target.channel) {
            return Ok(());
        }
        let context = &mut CommandContext::of(state, out, session, user)?;
        let roster = enter(context, target.channel, target.key.as_deref(), self.room.next())?;
        self.room.take(&roster);
        self.entered.push(roster);
        Ok(())
    }

    /// Notes that one of them could not be joined.
    pub(crate) fn refuse(&mut self, index: usize, channel: Text, refusal: Refusal) {
        self.refused.push(JoinRefusal { index, channel, refusal });
    }

    /// The answer to the command.
    pub(crate) fn finish(self) -> Event {
        Event::EnteredMany { entered: self.entered, refused: self.refused }
    }
}

/// Joins the lobby, as part of taking a name.
pub(super) fn lobby(context: &mut CommandContext<'_>) -> Result<Roster, Refusal> {
    let listing = context.state.config.listing;
    enter(context, ChannelName::lobby(), None, listing)
}

/// Joins a channel. Its roster has at most `listing` members, but always oneself.
fn enter(
    context: &mut CommandContext<'_>,
    name: ChannelName,
    key: Option<&str>,
    listing: usize,
) -> Result<Roster, Refusal> {
    let existing = context.state.channels.get_key_value(&name);
    let (name, statuses) = match existing {
        Some((name, channel)) if context.is_in(channel) => {
            return Ok(roster(context, name, listing));
        }
        Some((name, channel)) => {
            check_room(context)?;
            check_admission(context, name, channel, key)?;
            (name.clone(), StatusSet::default())
        }
        None => {
            check_room(context)?;
            create(context, &name)?;
            let mut owner = StatusSet::default();
            owner.insert(Status::Owner);
            (name, owner)
        }
    };
    context.state.add_member(&name, context.user, statuses);
    let nickname = context.nickname.clone();
    context.announce(&name, || Event::Joined { channel: name.clone(), nickname });
    let roster = roster(context, &name, listing);
    context.tell_own(|| Event::Entered(roster.clone()));
    Ok(roster)
}

/// Whether one may be in one more channel.
fn check_room(context: &CommandContext<'_>) -> Result<(), Refusal> {
    let limit = context.state.config.channels_per_user;
    let joined = context.user().map_or(0, |user| user.channels.len());
    if joined >= limit {
        return Err(Refusal::TooManyChannelsJoined { limit });
    }
    Ok(())
}

fn check_admission(
    context: &CommandContext<'_>,
    name: &ChannelName,
    channel: &Channel,
    key: Option<&str>,
) -> Result<(), Refusal> {
    if context.user().is_some_and(|user| channel.restricts(List::Bans, context.user, user)) {
        return Err(Refusal::Banned(name.clone()));
    }
    if channel.modes.invite_only && !channel.invited.contains(&context.user) {
        return Err(Refusal::InviteOnly(name.clone()));
    }
    if channel.modes.key.is_some() && channel.modes.key.as_deref() != key {
        return Err(Refusal::WrongKey(name.clone()));
    }
    let own_limit = channel.modes.member_limit.map_or(usize::MAX, |limit| limit as usize);
    let limit = context.state.config.members_per_channel.min(own_limit);
    if channel.members.len() >= limit {
        return Err(Refusal::ChannelFull { channel: name.clone(), limit });
    }
    Ok(())
}

fn create(context: &mut CommandContext<'_>, name: &ChannelName) -> Result<(), Refusal> {
    let config = &context.state.config;
    let limit = config.channel_name_length;
    if name.shown().chars().count() > limit {
        return Err(Refusal::ChannelNameInvalid(ChannelNameError::TooLong { limit }));
    }
    if context.state.channels.len() >= config.channels {
        return Err(Refusal::TooManyChannels { limit: config.channels });
    }
    let at = context.now();
    let channel = Channel::new(at, config.new_channel_modes.clone());
    context.state.channels.insert(name.clone(), Box::new(channel));
    context.out.record(Record::ChannelCreated {
        channel: name.clone(),
        by: context.nickname.clone(),
        at,
    });
    Ok(())
}

/// Who is in a channel, for one who has come in: at most so many, but always oneself.
pub(super) fn roster(context: &CommandContext<'_>, name: &ChannelName, limit: usize) -> Roster {
    let channel = context.state.channels.get(name);
    Roster {
        channel: name.clone(),
        topic: channel.and_then(|channel| channel.topic.clone()),
        members: channel
            .map(|channel| channel.roster(limit, &context.nickname))
            .unwrap_or_default(),
        count: channel.map_or(0, |channel| channel.members.len()),
    }
}
