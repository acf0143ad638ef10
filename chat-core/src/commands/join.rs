//! Joins a channel, and creates it if it does not exist.

use super::context::CommandContext;
use crate::durable::Channel;
use crate::effect::EffectBuffer;
use crate::state::{State, User};
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
    enter(context, name, key, listing).map(|roster| Event::Entered(Box::new(roster)))
}

/// The budget of members for several rosters that a session receives at once: together four times
/// the limit of a single roster, so that the output is bounded.
pub(super) struct RosterBudget {
    listing: usize,
    /// The number of members that the remaining rosters may have together.
    left: usize,
}

impl RosterBudget {
    pub(super) fn of(config: &Config) -> Self {
        Self { listing: config.listing, left: config.listing.saturating_mul(4) }
    }

    /// Returns the limit of the next roster, which always includes the joining user.
    pub(super) fn next(&self) -> usize {
        self.listing.min(self.left).max(1)
    }

    /// Subtracts the members of a roster.
    pub(super) fn take(&mut self, roster: &Roster) {
        self.left = self.left.saturating_sub(roster.members.len());
    }
}

/// The state of a command that joins several channels. One event answers all of them.
pub(crate) struct JoiningMany {
    room: RosterBudget,
    entered: Vec<Roster>,
    refused: Vec<JoinRefusal>,
}

impl JoiningMany {
    pub(crate) fn new(config: &Config) -> Self {
        Self { room: RosterBudget::of(config), entered: Vec::new(), refused: Vec::new() }
    }

    /// Joins one of the channels.
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
        let context = &mut CommandContext::of(state, out, Some(session), user)?;
        let roster = enter(context, target.channel, target.key.as_deref(), self.room.next())?;
        self.room.take(&roster);
        self.entered.push(roster);
        Ok(())
    }

    /// Records that a channel could not be joined.
    pub(crate) fn refuse(&mut self, index: usize, channel: Text, refusal: Refusal) {
        self.refused.push(JoinRefusal { index, channel, refusal });
    }

    /// Returns the answer to the command.
    pub(crate) fn finish(self) -> Event {
        Event::EnteredMany { entered: self.entered, refused: self.refused }
    }
}

/// Joins the lobby, as part of identifying.
pub(super) fn lobby(context: &mut CommandContext<'_>) -> Result<Roster, Refusal> {
    let listing = context.state.config.listing;
    enter(context, ChannelName::lobby(), None, listing)
}

/// Joins an existing channel for the host, whatever the channel's modes and bans are.
pub(super) fn join_by_host(
    context: &mut CommandContext<'_>,
    name: ChannelName,
) -> Result<(), Refusal> {
    let Some(channel) = context.state.durable.channels.get(&name) else {
        return Err(Refusal::NoSuchChannel(name));
    };
    if context.is_in(channel) {
        return Ok(());
    }
    check_room(context)?;
    let limit = context.state.config.members_per_channel;
    if channel.presence.members.len() >= limit {
        return Err(Refusal::ChannelFull { channel: name, limit });
    }
    let statuses = channel.standing(context.info.account.as_ref());
    add(context, &name, statuses, context.state.config.listing);
    Ok(())
}

/// Joins a channel again that the user's account has stayed in. Its key, and an invitation, are not
/// needed: they were given when the account joined.
pub(super) fn rejoin(context: &mut CommandContext<'_>, name: &ChannelName) -> Result<(), Refusal> {
    let Some(channel) = context.state.durable.channels.get(name) else {
        return Err(Refusal::NoSuchChannel(name.clone()));
    };
    if context.is_in(channel) {
        return Ok(());
    }
    check_room(context)?;
    if is_banned(context, channel) {
        return Err(Refusal::Banned(name.clone()));
    }
    check_member_limit(context, name, channel)?;
    let statuses = channel.standing(context.info.account.as_ref());
    // Most clients that come back are the only ones of their user, and need no roster for others.
    if context.state.sessions_of(context.user).len() > 1 {
        add(context, name, statuses, context.state.config.listing);
    } else {
        enroll(context, name, statuses);
    }
    Ok(())
}

/// Joins a channel. Its roster has at most `listing` members, and always includes the joining user.
fn enter(
    context: &mut CommandContext<'_>,
    name: ChannelName,
    key: Option<&str>,
    listing: usize,
) -> Result<Roster, Refusal> {
    let existing = context.state.durable.channels.get_key_value(&name);
    let (name, statuses) = match existing {
        Some((name, channel)) if context.is_in(channel) => {
            return Ok(roster(context, name, listing, true));
        }
        Some((name, channel)) => {
            check_room(context)?;
            check_admission(context, name, channel, key)?;
            (name.clone(), channel.standing(context.info.account.as_ref()))
        }
        None => {
            check_room(context)?;
            let statuses = create(context, &name)?;
            (name, statuses)
        }
    };
    Ok(add(context, &name, statuses, listing))
}

/// Adds the user to a channel, and tells its members and the user's other sessions.
fn add(
    context: &mut CommandContext<'_>,
    name: &ChannelName,
    statuses: StatusSet,
    listing: usize,
) -> Roster {
    enroll(context, name, statuses);
    let roster = roster(context, name, listing, false);
    context.tell_own(|| Event::Entered(Box::new(roster.clone())));
    roster
}

/// Adds the user to a channel, and tells its members.
fn enroll(context: &mut CommandContext<'_>, name: &ChannelName, statuses: StatusSet) {
    context.state.add_member(context.out, name, context.user, statuses);
    let user = context.info.clone();
    let away = context.user().and_then(|user| context.state.away(user));
    let event = || Event::Joined { channel: name.clone(), user: user.clone(), away: away.clone() };
    context.announce(name, event);
}

/// Returns true if the user is banned from a channel.
pub(super) fn is_banned(context: &CommandContext<'_>, channel: &Channel) -> bool {
    context.user().is_some_and(|user| channel.restricts(List::Bans, context.user, &user.info))
}

/// Returns true if the user may join a channel for invited users only.
fn is_admitted(context: &CommandContext<'_>, channel: &Channel) -> bool {
    let is_exempt =
        |user: &User| channel.list(List::InviteExceptions).covers(context.user, &user.info);
    context.state.is_invited(channel, context.user) || context.user().is_some_and(is_exempt)
}

/// Checks that the user may join one more channel.
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
    if is_banned(context, channel) {
        return Err(Refusal::Banned(name.clone()));
    }
    if channel.modes.invite_only && !is_admitted(context, channel) {
        return Err(Refusal::InviteOnly(name.clone()));
    }
    if channel.modes.key.is_some() && channel.modes.key.as_deref() != key {
        return Err(Refusal::WrongKey(name.clone()));
    }
    check_member_limit(context, name, channel)
}

fn check_member_limit(
    context: &CommandContext<'_>,
    name: &ChannelName,
    channel: &Channel,
) -> Result<(), Refusal> {
    let own_limit = channel.modes.member_limit.map_or(usize::MAX, |limit| limit as usize);
    let limit = context.state.config.members_per_channel.min(own_limit);
    if channel.presence.members.len() >= limit {
        return Err(Refusal::ChannelFull { channel: name.clone(), limit });
    }
    Ok(())
}

/// Creates a channel. Returns the statuses of its creator.
fn create(context: &mut CommandContext<'_>, name: &ChannelName) -> Result<StatusSet, Refusal> {
    let config = &context.state.config;
    let limit = config.channel_name_length;
    if name.shown().chars().count() > limit {
        return Err(Refusal::ChannelNameInvalid(ChannelNameError::TooLong { limit }));
    }
    if context.state.durable.channels.len() >= config.channels {
        return Err(Refusal::TooManyChannels { limit: config.channels });
    }
    let mut statuses = StatusSet::default();
    statuses.insert(config.creator_status);
    let account = context.info.account.as_ref();
    let known = account.and_then(|account| context.state.durable.account(account));
    let limit = config.channels_per_owner;
    if statuses.contains(Status::Owner) && known.is_some_and(|known| known.owned.len() >= limit) {
        return Err(Refusal::TooManyChannelsOwned { limit });
    }
    let modes = config.new_channel_modes.clone();
    let id = context.state.next_channel_id();
    let (channel, by) = (name.clone(), context.actor());
    context.record(Record::ChannelCreated {
        channel,
        id,
        by,
        owner: None,
        statuses,
        modes,
        kept: false,
    });
    Ok(statuses)
}

/// Returns the roster of a channel for a user who has joined it: at most `limit` members, always
/// including that user, who may have been a member before the command.
pub(super) fn roster(
    context: &CommandContext<'_>,
    name: &ChannelName,
    limit: usize,
    was_member: bool,
) -> Roster {
    let channel = context.state.durable.channels.get(name);
    Roster {
        channel: name.clone(),
        topic: channel.and_then(|channel| channel.topic.clone()),
        members: channel
            .map(|channel| channel.presence.roster(limit, &context.info.nickname))
            .unwrap_or_default(),
        count: channel.map_or(0, |channel| channel.presence.members.len()),
        is_secret: channel.is_some_and(|channel| channel.modes.secret),
        was_member,
        read: context.state.read_state(context.user, name),
        data: channel.map(|channel| channel.data.clone()).unwrap_or_default(),
    }
}
