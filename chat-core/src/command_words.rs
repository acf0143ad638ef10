//! The texts and names of commands.

use crate::{
    ChannelName, Checked, Command, MessageCommand, Nickname, ProfileChange, ReportTarget, Target,
    UserCommand, Words,
};

impl<W: Words> Command<W> {
    /// The texts that others are shown if the command is carried out, to read or to rewrite:
    /// messages, topics, reasons, away texts, real names and application data that [everybody may
    /// set](Self::SetData). Nicknames, user names, names of channels and keys are not among them.
    pub fn texts_mut(&mut self) -> impl Iterator<Item = &mut W::Text> {
        let mut changes = [].as_mut_slice();
        let mut entries = [].as_mut_slice();
        let text = match self {
            Self::Say { text, .. } => Some(text),
            Self::Identify { profile, .. } => {
                profile.as_mut().and_then(|profile| profile.real_name.as_mut())
            }
            Self::SetProfile { changes: several } => {
                changes = several.as_mut_slice();
                None
            }
            Self::SetData { changes: several, .. } => {
                entries = several.as_mut_slice();
                None
            }
            Self::Leave { reason, .. }
            | Self::Kick { reason, .. }
            | Self::Ban { reason, .. }
            | Self::Mute { reason, .. }
            | Self::SetMask { reason, .. }
            | Self::Report { reason, .. }
            | Self::Quit { reason } => reason.as_mut(),
            Self::SetTopic { topic, .. } => topic.as_mut(),
            Self::SetAway { message } => message.as_mut(),
            Self::Operator(command) => command.text_mut(),
            Self::Message(command) => command.action.text_mut(),
            Self::Rename { .. }
            | Self::Join { .. }
            | Self::JoinMany { .. }
            | Self::Signal { .. }
            | Self::MarkRead { .. }
            | Self::ShowTopic { .. }
            | Self::ShowModes { .. }
            | Self::SetModes { .. }
            | Self::SetRole { .. }
            | Self::Unban { .. }
            | Self::Unmute { .. }
            | Self::Exempt { .. }
            | Self::Unexempt { .. }
            | Self::Invite { .. }
            | Self::ListUsers { .. }
            | Self::ListChannels
            | Self::ReadHistory { .. }
            | Self::Account(_)
            | Self::User(_)
            | Self::Query(_) => None,
        };
        let entries = entries.iter_mut().filter_map(|change| change.text.as_mut());
        let changes = changes.iter_mut().filter_map(ProfileChange::text_mut);
        text.into_iter().chain(changes).chain(entries)
    }
}

impl Command<Checked> {
    /// The channels that the command names. They compare without regard to case, width and a
    /// leading `#`.
    pub fn channels(&self) -> impl Iterator<Item = &ChannelName> {
        let mut many = [].as_slice();
        let channel = match self {
            Self::JoinMany { channels } => {
                many = channels;
                None
            }
            Self::Say {
                to: Target::Channel(channel) | Target::Members { channel, .. }, ..
            }
            | Self::Signal {
                to: Target::Channel(channel) | Target::Members { channel, .. }, ..
            }
            | Self::MarkRead {
                of: Target::Channel(channel) | Target::Members { channel, .. },
                ..
            }
            | Self::Join { channel, .. }
            | Self::Leave { channel, .. }
            | Self::ShowTopic { channel }
            | Self::SetTopic { channel, .. }
            | Self::ShowModes { channel }
            | Self::SetModes { channel, .. }
            | Self::SetRole { channel, .. }
            | Self::Kick { channel, .. }
            | Self::Ban { channel, .. }
            | Self::Unban { channel, .. }
            | Self::Mute { channel, .. }
            | Self::Unmute { channel, .. }
            | Self::Exempt { channel, .. }
            | Self::Unexempt { channel, .. }
            | Self::SetMask { channel, .. }
            | Self::Invite { channel, .. }
            | Self::ReadHistory { channel, .. } => Some(channel),
            Self::ListUsers { channel } | Self::Message(MessageCommand { channel, .. }) => {
                channel.as_ref()
            }
            Self::Query(query) => query.channel(),
            Self::SetData { channel, .. } => channel.as_ref(),
            Self::Operator(command) => command.channel(),
            Self::Say { to: Target::User(_), .. }
            | Self::Signal { to: Target::User(_), .. }
            | Self::MarkRead { of: Target::User(_), .. }
            | Self::Identify { .. }
            | Self::Rename { .. }
            | Self::SetProfile { .. }
            | Self::ListChannels
            | Self::Account(_)
            | Self::User(_)
            | Self::Report { .. }
            | Self::SetAway { .. }
            | Self::Quit { .. } => None,
        };
        channel.into_iter().chain(many.iter().map(|target| &target.channel))
    }

    /// The names of users that the command mentions, or that it asks for. They compare without
    /// regard to case and width.
    pub fn nicknames(&self) -> impl Iterator<Item = &Nickname> {
        let mut many = [].as_slice();
        let nickname = match self {
            Self::User(
                UserCommand::Watch { nicknames }
                | UserCommand::Unwatch { nicknames: Some(nicknames) },
            ) => {
                many = nicknames;
                None
            }
            Self::Say { to: Target::User(nickname), .. }
            | Self::Signal { to: Target::User(nickname), .. }
            | Self::MarkRead { of: Target::User(nickname), .. }
            | Self::Rename { nickname }
            | Self::SetRole { nickname, .. }
            | Self::Kick { nickname, .. }
            | Self::Ban { nickname, .. }
            | Self::Unban { nickname, .. }
            | Self::Mute { nickname, .. }
            | Self::Unmute { nickname, .. }
            | Self::Exempt { nickname, .. }
            | Self::Unexempt { nickname, .. }
            | Self::Invite { nickname, .. }
            | Self::Report { about: ReportTarget::User(nickname), .. } => Some(nickname),
            Self::Identify { nickname, .. } => nickname.as_ref(),
            Self::Query(query) => query.nickname(),
            Self::Operator(command) => command.nickname(),
            Self::Say { to: Target::Channel(_) | Target::Members { .. }, .. }
            | Self::Signal { to: Target::Channel(_) | Target::Members { .. }, .. }
            | Self::MarkRead { of: Target::Channel(_) | Target::Members { .. }, .. }
            | Self::SetProfile { .. }
            | Self::SetData { .. }
            | Self::Join { .. }
            | Self::JoinMany { .. }
            | Self::Leave { .. }
            | Self::ShowTopic { .. }
            | Self::SetTopic { .. }
            | Self::ShowModes { .. }
            | Self::SetModes { .. }
            | Self::SetMask { .. }
            | Self::ListUsers { .. }
            | Self::ListChannels
            | Self::ReadHistory { .. }
            | Self::Account(_)
            | Self::User(_)
            | Self::Message(_)
            | Self::Report { about: ReportTarget::Message(_), .. }
            | Self::SetAway { .. }
            | Self::Quit { .. } => None,
        };
        nickname.into_iter().chain(many)
    }
}
