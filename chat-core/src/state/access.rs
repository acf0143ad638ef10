//! The channels that a user may see, read or govern: the rules for commands and look-ups alike.

use super::State;
use crate::durable::Channel;
use crate::{ChannelName, Nickname, Refusal, Role, SessionId};

impl State {
    /// Returns the channel of this name, if it exists and is not secret to the user, with its name
    /// as it was first written. Without a user every channel is visible.
    pub(crate) fn visible_channel(
        &self,
        name: &ChannelName,
        asker: Option<&Nickname>,
    ) -> Result<(ChannelName, &Channel), Refusal> {
        let is_visible = |channel: &Channel| {
            !channel.modes.secret
                || asker.is_none_or(|asker| channel.presence.members.contains_key(asker))
        };
        match self.durable.channels.get_key_value(name) {
            Some((known, channel)) if is_visible(channel) => Ok((known.clone(), channel)),
            Some(_) | None => Err(Refusal::NoSuchChannel(name.clone())),
        }
    }

    /// Does the same as [`visible_channel`](Self::visible_channel), for members only. Returns the
    /// role of the user too.
    pub(crate) fn joined_channel(
        &self,
        name: &ChannelName,
        asker: &Nickname,
    ) -> Result<(ChannelName, &Channel, Role), Refusal> {
        let (name, channel) = self.visible_channel(name, Some(asker))?;
        match channel.presence.role(asker) {
            Some(role) => Ok((name, channel, role)),
            None => Err(Refusal::NotInChannel(name)),
        }
    }

    /// Does the same as [`visible_channel`](Self::visible_channel), for operators and owners only.
    /// Returns the role of the user too.
    pub(crate) fn governed_channel(
        &self,
        name: &ChannelName,
        asker: &Nickname,
    ) -> Result<(ChannelName, &Channel, Role), Refusal> {
        let (name, channel, role) = self.joined_channel(name, asker)?;
        if role < Role::Operator {
            return Err(Refusal::NotPermitted { channel: name, needed: Role::Operator });
        }
        Ok((name, channel, role))
    }

    /// Returns the sessions of each member of a channel who has at least this role.
    pub(crate) fn sessions_of_members(
        &self,
        channel: &ChannelName,
        least: Role,
    ) -> impl Iterator<Item = &[SessionId]> {
        let members = self.durable.channels.get(channel).map(|found| &found.presence.members);
        let members = members.into_iter().flat_map(|members| members.values());
        let chosen = members.filter(move |member| member.statuses.role() >= least);
        chosen.map(|member| self.sessions_of(member.user))
    }

    /// Returns the refusal of a command about a user who is not in a channel.
    pub(crate) fn no_member(&self, channel: ChannelName, nickname: &Nickname) -> Refusal {
        let nickname = nickname.clone();
        if self.names.owner(&nickname).is_none() {
            return Refusal::NoSuchUser(nickname);
        }
        Refusal::UserNotInChannel { channel, nickname }
    }
}
