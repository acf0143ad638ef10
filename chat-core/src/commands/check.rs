//! Checks the words of a command: parses its names, cleans its texts, and applies the limits to
//! both.

use super::{check_data, message, modes};
use crate::message_reaction::is_emoji;
use crate::search::SearchTerms;
use crate::state::State;
use crate::{
    BanTarget, ChannelName, ChannelNameError, Checked, Command, Config, HostCommand, JoinTarget,
    MessageAction, MessageCommand, MessageReaction, Nickname, NicknameError, Nonce,
    OperatorCommand, Profile, ProfileChange, Query, Recipient, Refusal, ReportTarget, Role,
    SearchQuery, Secret, Target, Text, UserCommand, UserId, UserMask,
};
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

/// Checks the words of a command of a session; `user` is the session's user, if it has one yet.
pub(crate) fn check(
    state: &State,
    user: Option<UserId>,
    command: Command,
) -> Result<Command<Checked>, Refusal> {
    let channel = |raw: &str| parse_channel(state, user, raw).map_err(Refusal::ChannelNameInvalid);
    let target = |to| target(state, user, to);
    let look_up = |query| check_query(state, user, query).map(Command::Query);
    let mut checked = match command {
        Command::Identify { nickname, lobby, credential, reconnect_key, profile, resume } => {
            let nickname = nickname.map(|raw| chosen_nickname(state, user, &raw)).transpose()?;
            check_reconnect_key(reconnect_key.as_ref())?;
            let profile = profile.map(|profile| Box::new(clean_profile(*profile)));
            Command::Identify { nickname, lobby, credential, reconnect_key, profile, resume }
        }
        Command::Rename { nickname } => {
            Command::Rename { nickname: chosen_nickname(state, user, &nickname)? }
        }
        Command::SetProfile { changes } => {
            let clean = |change| match change {
                ProfileChange::RealName(name) => ProfileChange::RealName(clean(name)),
                ProfileChange::Bot(bot) => ProfileChange::Bot(bot),
            };
            Command::SetProfile { changes: changes.into_iter().map(clean).collect() }
        }
        Command::SetData { channel: raw, changes } => {
            let channel = raw.map(|raw| channel(&raw)).transpose()?;
            Command::SetData { channel, changes: check_data::clean(changes) }
        }
        Command::Join { channel: raw, key } => {
            Command::Join { channel: wanted_channel(state, user, &raw)?, key }
        }
        Command::JoinMany { channels } => {
            let check = |target: JoinTarget| {
                let channel = wanted_channel(state, user, &target.channel)?;
                Ok(JoinTarget { channel, key: target.key })
            };
            let channels: Result<_, Refusal> = channels.into_iter().map(check).collect();
            Command::JoinMany { channels: channels? }
        }
        Command::Leave { channel: raw, reason } => {
            Command::Leave { channel: channel(&raw)?, reason: clean(reason) }
        }
        Command::Say { to, kind, text, nonce, data, reply_to } => {
            let text = Text::clean_lines(&text);
            let to = target(to)?;
            let nonce = nonce.map(|raw| Nonce::parse(&raw)).transpose();
            let nonce = nonce.map_err(Refusal::NonceInvalid)?;
            Command::Say { to, kind, text, nonce, data, reply_to }
        }
        Command::Signal { to, data } => Command::Signal { to: target(to)?, data },
        Command::MarkRead { of, id } => Command::MarkRead { of: kept_target(target(of)?), id },
        Command::Query(query) => look_up(query)?,
        Command::ShowTopic { channel } => look_up(Query::Topic { channel })?,
        Command::SetTopic { channel: raw, topic } => {
            Command::SetTopic { channel: channel(&raw)?, topic: clean(topic) }
        }
        Command::ShowModes { channel } => look_up(Query::Modes { channel })?,
        Command::SetModes { channel: raw, changes } => {
            Command::SetModes { channel: channel(&raw)?, changes }
        }
        Command::SetRole { channel: raw, nickname: name, change } => {
            Command::SetRole { channel: channel(&raw)?, nickname: nickname(&name)?, change }
        }
        Command::Kick { channel: raw, nickname: name, reason } => Command::Kick {
            channel: channel(&raw)?,
            nickname: nickname(&name)?,
            reason: clean(reason),
        },
        Command::Ban { channel: raw, nickname: name, reason } => Command::Ban {
            channel: channel(&raw)?,
            nickname: nickname(&name)?,
            reason: clean(reason),
        },
        Command::Unban { channel: raw, nickname: name } => {
            Command::Unban { channel: channel(&raw)?, nickname: nickname(&name)? }
        }
        Command::Mute { channel: raw, nickname: name, reason } => Command::Mute {
            channel: channel(&raw)?,
            nickname: nickname(&name)?,
            reason: clean(reason),
        },
        Command::Unmute { channel: raw, nickname: name } => {
            Command::Unmute { channel: channel(&raw)?, nickname: nickname(&name)? }
        }
        Command::Exempt { channel: raw, nickname: name } => {
            Command::Exempt { channel: channel(&raw)?, nickname: nickname(&name)? }
        }
        Command::Unexempt { channel: raw, nickname: name } => {
            Command::Unexempt { channel: channel(&raw)?, nickname: nickname(&name)? }
        }
        Command::SetMask { channel: raw, list, mask, listed, reason } => Command::SetMask {
            channel: channel(&raw)?,
            list,
            mask: UserMask::parse(&mask).map_err(Refusal::MaskInvalid)?,
            listed,
            reason: clean(reason),
        },
        Command::Invite { channel: raw, nickname: name } => {
            Command::Invite { channel: channel(&raw)?, nickname: nickname(&name)? }
        }
        Command::ListUsers { channel } => {
            look_up(Query::Users { channel, after: None, limit: usize::MAX })?
        }
        Command::ListChannels => look_up(Query::Channels { after: None, limit: usize::MAX })?,
        Command::ReadHistory { channel, range, limit } => {
            look_up(Query::History { channel, range, limit })?
        }
        Command::Account(command) => Command::Account(command),
        Command::User(command) => Command::User(check_user_command(command)?),
        Command::Operator(command) => Command::Operator(check_operator(state, user, command)?),
        Command::Message(MessageCommand { id, channel: raw, action }) => {
            let channel = raw.map(|raw| channel(&raw)).transpose()?;
            let action = match action {
                MessageAction::Delete { reason } => MessageAction::Delete { reason: clean(reason) },
                MessageAction::Edit { text } => {
                    MessageAction::Edit { text: Text::clean_lines(&text) }
                }
                MessageAction::Pin { pinned } => MessageAction::Pin { pinned },
                MessageAction::React { emoji, remove } => {
                    MessageAction::React { emoji: Text::clean(&emoji), remove }
                }
            };
            Command::Message(MessageCommand { id, channel, action })
        }
        Command::Report { about, reason } => {
            let about = match about {
                ReportTarget::Message(id) => ReportTarget::Message(id),
                ReportTarget::User(name) => ReportTarget::User(nickname(&name)?),
            };
            Command::Report { about, reason: clean(reason) }
        }
        Command::SetAway { message } => Command::SetAway { message: clean(message) },
        Command::Quit { reason } => Command::Quit { reason: clean(reason) },
    };
    limit(state, &mut checked)?;
    Ok(checked)
}

/// Parses the names of a command of a server operator or of the host, and cleans its reason.
fn check_operator(
    state: &State,
    user: Option<UserId>,
    command: OperatorCommand,
) -> Result<OperatorCommand<Checked>, Refusal> {
    let channel = |raw: &str| parse_channel(state, user, raw).map_err(Refusal::ChannelNameInvalid);
    Ok(match command {
        OperatorCommand::BanServer { target, duration, reason } => OperatorCommand::BanServer {
            target: ban_target(target)?,
            duration,
            reason: clean(reason),
        },
        OperatorCommand::UnbanServer { target } => {
            OperatorCommand::UnbanServer { target: ban_target(target)? }
        }
        OperatorCommand::Disconnect { nickname: name, reason } => {
            OperatorCommand::Disconnect { nickname: nickname(&name)?, reason: clean(reason) }
        }
        OperatorCommand::RemoveAccount { account } => OperatorCommand::RemoveAccount { account },
        OperatorCommand::CloseChannel { channel: raw, reason } => {
            OperatorCommand::CloseChannel { channel: channel(&raw)?, reason: clean(reason) }
        }
        OperatorCommand::Announce { text } => {
            OperatorCommand::Announce { text: Text::clean(&text) }
        }
        OperatorCommand::CloseReport { report, reason } => {
            OperatorCommand::CloseReport { report, reason: clean(reason) }
        }
        OperatorCommand::SetRole { channel: raw, nickname: name, change } => {
            OperatorCommand::SetRole { channel: channel(&raw)?, nickname: nickname(&name)?, change }
        }
    })
}

fn check_user_command(command: UserCommand) -> Result<UserCommand<Checked>, Refusal> {
    let names = |raw: Vec<String>| raw.iter().map(|raw| nickname(raw)).collect::<Result<_, _>>();
    Ok(match command {
        UserCommand::BecomeOperator { name, password } => {
            UserCommand::BecomeOperator { name, password }
        }
        UserCommand::SetModes { changes } => UserCommand::SetModes { changes },
        UserCommand::Watch { nicknames } => UserCommand::Watch { nicknames: names(nicknames)? },
        UserCommand::Unwatch { nicknames } => {
            UserCommand::Unwatch { nicknames: nicknames.map(names).transpose()? }
        }
    })
}

/// Parses the names of a recipient.
fn target(state: &State, user: Option<UserId>, to: Recipient) -> Result<Target, Refusal> {
    let channel = |raw: &str| parse_channel(state, user, raw).map_err(Refusal::ChannelNameInvalid);
    Ok(match to {
        Recipient::Channel(raw) => Target::Channel(channel(&raw)?),
        // All members have at least this role.
        Recipient::Members { channel: raw, least: Role::Member } => Target::Channel(channel(&raw)?),
        Recipient::Members { channel: raw, least } => {
            Target::Members { channel: channel(&raw)?, least }
        }
        Recipient::User(raw) => Target::User(nickname(&raw)?),
    })
}

/// Returns the target whose messages are kept: those to some members of a channel are not.
fn kept_target(target: Target) -> Target {
    match target {
        Target::Channel(channel) | Target::Members { channel, .. } => Target::Channel(channel),
        Target::User(nickname) => Target::User(nickname),
    }
}

fn ban_target(target: BanTarget<String>) -> Result<BanTarget, Refusal> {
    Ok(match target {
        BanTarget::Account(account) => BanTarget::Account(account),
        BanTarget::Nickname(name) => BanTarget::Nickname(nickname(&name)?),
        BanTarget::Addresses(range) => BanTarget::Addresses(range),
    })
}

/// Parses the names of a query.
pub(crate) fn check_query(
    state: &State,
    user: Option<UserId>,
    query: Query,
) -> Result<Query<Checked>, Refusal> {
    let channel = |raw: &str| parse_channel(state, user, raw).map_err(Refusal::ChannelNameInvalid);
    Ok(match query {
        Query::History { channel: raw, range, limit } => {
            Query::History { channel: channel(&raw)?, range, limit }
        }
        Query::Playback { of, range, event, limit } => {
            Query::Playback { of: kept_target(target(state, user, of)?), range, event, limit }
        }
        Query::PrivateHistory { nickname: raw, range, limit } => {
            Query::PrivateHistory { nickname: nickname(&raw)?, range, limit }
        }
        Query::Missed { after, limit } => Query::Missed { after, limit },
        Query::Search(search) => {
            let search = *search;
            let checked = SearchQuery {
                text: Text::clean(&search.text),
                channel: search.channel.map(|raw| channel(&raw)).transpose()?,
                from: search.from.map(|raw| nickname(&raw)).transpose()?,
                after: search.after,
                before: search.before,
                older_than: search.older_than,
                limit: search.limit,
            };
            limit_search(&state.config, &checked)?;
            Query::Search(Box::new(checked))
        }
        Query::Users { channel: raw, after, limit } => Query::Users {
            channel: raw.map(|raw| channel(&raw)).transpose()?,
            after: after.map(|raw| nickname(&raw)).transpose()?,
            limit,
        },
        Query::Channels { after, limit } => {
            Query::Channels { after: after.map(|raw| channel(&raw)).transpose()?, limit }
        }
        Query::Counts => Query::Counts,
        Query::Pins { channel: raw } => Query::Pins { channel: channel(&raw)? },
        Query::Topic { channel: raw } => Query::Topic { channel: channel(&raw)? },
        Query::Modes { channel: raw } => Query::Modes { channel: channel(&raw)? },
        Query::List { channel: raw, list, offset, limit } => {
            Query::List { channel: channel(&raw)?, list, offset, limit }
        }
        Query::Invitations => Query::Invitations,
        Query::Targets { after, before, limit } => Query::Targets { after, before, limit },
        Query::Reports { after, limit } => Query::Reports { after, limit },
        Query::AuditLog { older_than, limit } => Query::AuditLog { older_than, limit },
        Query::ServerBans { offset, limit } => Query::ServerBans { offset, limit },
        Query::User { nickname: raw } => Query::User { nickname: nickname(&raw)? },
        Query::WasHere { nickname: raw, limit } => {
            Query::WasHere { nickname: nickname(&raw)?, limit }
        }
    })
}

/// Applies the limits to a command, from a client or rewritten by a policy.
pub(crate) fn limit(state: &State, command: &mut Command<Checked>) -> Result<(), Refusal> {
    let config = &state.config;
    match command {
        Command::Say { text, data: app_data, .. } => {
            if !app_data.is_empty() {
                check_data::limit(config, app_data)?;
            }
            message::check_text(text, config)?;
        }
        Command::Message(MessageCommand { action: MessageAction::Edit { text }, .. }) => {
            message::check_text(text, config)?;
        }
        Command::Signal { data: app_data, .. } => {
            check_data::limit(config, app_data)?;
            if app_data.is_empty() {
                return Err(Refusal::MessageEmpty);
            }
        }
        Command::Message(MessageCommand { action: MessageAction::React { emoji, .. }, .. }) => {
            let limit = MessageReaction::LONGEST_EMOJI;
            if !is_emoji(emoji) {
                return Err(Refusal::EmojiInvalid { limit });
            }
        }
        Command::Leave { reason, .. }
        | Command::Kick { reason, .. }
        | Command::Ban { reason, .. }
        | Command::Mute { reason, .. }
        | Command::SetMask { reason, .. }
        | Command::Message(MessageCommand { action: MessageAction::Delete { reason }, .. })
        | Command::Report { reason, .. } => {
            limit_reason(config, reason)?;
        }
        Command::Operator(OperatorCommand::Announce { text }) => {
            *text = text.single_line();
            let limit = config.message_bytes;
            if text.is_empty() {
                return Err(Refusal::MessageEmpty);
            }
            if text.as_str().len() > limit {
                return Err(Refusal::MessageTooLong { limit });
            }
        }
        Command::Operator(command) => {
            if let Some(reason) = command.reason_mut() {
                limit_reason(config, reason)?;
            }
        }
        Command::SetTopic { topic, .. } => {
            limit_topic(config, topic)?;
        }
        Command::SetAway { message } => {
            let limit = config.away_bytes;
            limit_optional(message, limit).ok_or(Refusal::AwayTooLong { limit })?;
        }
        // Leaving is never refused, so a reason that is too long is cut.
        Command::Quit { reason } => {
            flatten(reason);
            let cut = |text: Text| Text::clean(prefix(text.as_str(), config.reason_bytes));
            *reason = reason.take().map(cut).filter(|text| !text.is_empty());
        }
        Command::Identify { nickname, profile, .. } => {
            if let Some(nickname) = nickname {
                nickname_length(state, nickname)?;
            }
            if let Some(profile) = profile {
                check_username(&mut profile.username, config.username_bytes)?;
                real_name(&mut profile.real_name, config.real_name_bytes)?;
            }
        }
        Command::Rename { nickname } => nickname_length(state, nickname)?,
        Command::SetProfile { changes } => {
            for change in changes {
                if let ProfileChange::RealName(name) = change {
                    real_name(name, config.real_name_bytes)?;
                }
            }
        }
        Command::SetData { changes, .. } => check_data::limit_texts(changes)?,
        Command::JoinMany { channels } => limit_targets(state, channels.len())?,
        Command::SetModes { changes, .. } => {
            for change in changes {
                modes::check(change, config)?;
            }
        }
        // A policy may have set another text.
        Command::Query(Query::Search(search)) => limit_search(config, search)?,
        Command::Join { .. }
        | Command::MarkRead { .. }
        | Command::ShowTopic { .. }
        | Command::ShowModes { .. }
        | Command::SetRole { .. }
        | Command::Unban { .. }
        | Command::Unmute { .. }
        | Command::Exempt { .. }
        | Command::Unexempt { .. }
        | Command::Invite { .. }
        | Command::ListUsers { .. }
        | Command::ListChannels
        | Command::ReadHistory { .. }
        | Command::Account(_)
        | Command::User(_)
        | Command::Message(MessageCommand { action: MessageAction::Pin { .. }, .. })
        | Command::Query(_) => {}
    }
    Ok(())
}

/// Parses the name of a channel for the host.
pub(super) fn channel(state: &State, raw: &str) -> Result<ChannelName, Refusal> {
    parse_channel(state, None, raw).map_err(Refusal::ChannelNameInvalid)
}

/// Cleans a reason from the host, and applies its limit.
pub(super) fn reason(config: &Config, raw: Option<String>) -> Result<Option<Text>, Refusal> {
    let mut reason = clean(raw);
    limit_reason(config, &mut reason)?;
    Ok(reason)
}

/// Cleans a topic from the host, and applies its limit.
pub(super) fn topic(config: &Config, raw: Option<String>) -> Result<Option<Text>, Refusal> {
    let mut topic = clean(raw);
    limit_topic(config, &mut topic)?;
    Ok(topic)
}

/// Cleans a host name, which has to fit into `nick!user@host`. An empty one counts as none.
pub(super) fn host(raw: Option<String>) -> Result<Option<Text>, Refusal> {
    let limit = HostCommand::LONGEST_HOST;
    let mut host = clean(raw);
    limit_mask_part(&mut host, limit).ok_or(Refusal::HostInvalid { limit })?;
    Ok(host)
}

fn limit_reason(config: &Config, reason: &mut Option<Text>) -> Result<(), Refusal> {
    let limit = config.reason_bytes;
    limit_optional(reason, limit).ok_or(Refusal::ReasonTooLong { limit })
}

fn limit_search(config: &Config, search: &SearchQuery<Checked>) -> Result<(), Refusal> {
    let limit = config.search_bytes;
    let text = search.text.as_str();
    if text.len() > limit {
        return Err(Refusal::SearchTooLong { limit });
    }
    SearchTerms::parse(text).map(drop).ok_or(Refusal::SearchEmpty)
}

fn limit_topic(config: &Config, topic: &mut Option<Text>) -> Result<(), Refusal> {
    let limit = config.topic_bytes;
    flatten(topic);
    if topic.as_ref().is_some_and(|topic| topic.as_str().len() > limit) {
        return Err(Refusal::TopicTooLong { limit });
    }
    Ok(())
}

fn clean_profile(Profile { username, real_name, bot }: Profile) -> Profile<Text> {
    Profile { username: clean(username), real_name: clean(real_name), bot }
}

/// Refuses a user name that cannot be part of `nick!user@host`. An empty one counts as none.
fn check_username(username: &mut Option<Text>, limit: usize) -> Result<(), Refusal> {
    limit_mask_part(username, limit).ok_or(Refusal::UsernameInvalid { limit })
}

/// Applies the limit to a part of `nick!user@host`. Returns `None` if it is too long, or contains
/// white space or a separator.
fn limit_mask_part(part: &mut Option<Text>, limit: usize) -> Option<()> {
    limit_optional(part, limit)?;
    let separates = |c: char| c.is_whitespace() || matches!(c, '!' | '@');
    let is_invalid = part.as_ref().is_some_and(|part| part.as_str().contains(separates));
    (!is_invalid).then_some(())
}

/// Refuses a real name that is too long. An empty one counts as none.
pub(super) fn real_name(name: &mut Option<Text>, limit: usize) -> Result<(), Refusal> {
    limit_optional(name, limit).ok_or(Refusal::RealNameTooLong { limit })
}

/// Refuses a reconnect key that is too short to be hard to guess, or too long.
fn check_reconnect_key(key: Option<&Secret>) -> Result<(), Refusal> {
    let (least, most) = Secret::RECONNECT_KEY.into_inner();
    match key {
        Some(key) if !(least..=most).contains(&key.expose().len()) => {
            Err(Refusal::ReconnectKeyInvalid { least, most })
        }
        Some(_) | None => Ok(()),
    }
}

/// Refuses a command about more channels than a user may be in.
pub(crate) fn limit_targets(state: &State, count: usize) -> Result<(), Refusal> {
    let limit = state.config.channels_per_user;
    if count > limit { Err(Refusal::TooManyTargets { limit }) } else { Ok(()) }
}

/// Parses the nickname that a client asks for, which may not be reserved. A user who has a reserved
/// name from the host may write it differently.
pub(crate) fn chosen_nickname(
    state: &State,
    user: Option<UserId>,
    raw: &str,
) -> Result<Nickname, Refusal> {
    let nickname = wanted_nickname(state, raw)?;
    let user = user.and_then(|user| state.user(user));
    let is_own = user.is_some_and(|user| *user.nickname() == nickname);
    if !is_own && state.names.is_reserved(&nickname) {
        return Err(Refusal::NicknameReserved(nickname));
    }
    Ok(nickname)
}

/// Parses a nickname from a client or the host. The error has the limit of the configuration.
pub(crate) fn wanted_nickname(state: &State, raw: &str) -> Result<Nickname, Refusal> {
    let limit = state.config.nickname_length;
    let nickname = Nickname::parse(raw).map_err(|error| match error {
        NicknameError::TooLong { .. } => NicknameError::TooLong { limit },
        NicknameError::Empty
        | NicknameError::WhiteSpace
        | NicknameError::Prefix(_)
        | NicknameError::Separator(_)
        | NicknameError::Zero
        | NicknameError::Forbidden(_)
        | NicknameError::TooManyMarks => error,
    });
    nickname.map_err(Refusal::NicknameInvalid)
}

/// Refuses a nickname that is longer than the configuration allows.
pub(crate) fn nickname_length(state: &State, nickname: &Nickname) -> Result<(), Refusal> {
    let limit = state.config.nickname_length;
    if nickname.shown().chars().count() > limit {
        return Err(Refusal::NicknameInvalid(NicknameError::TooLong { limit }));
    }
    Ok(())
}

/// Parses the name of a channel that may have to be created. The error has the limit of the
/// configuration.
pub(super) fn wanted_channel(
    state: &State,
    user: Option<UserId>,
    raw: &str,
) -> Result<ChannelName, Refusal> {
    let limit = state.config.channel_name_length;
    let name = parse_channel(state, user, raw).map_err(|error| match error {
        ChannelNameError::TooLong { .. } => ChannelNameError::TooLong { limit },
        ChannelNameError::Empty | ChannelNameError::WhiteSpace | ChannelNameError::Forbidden(_) => {
            error
        }
    });
    name.map_err(Refusal::ChannelNameInvalid)
}

fn parse_channel(
    state: &State,
    user: Option<UserId>,
    raw: &str,
) -> Result<ChannelName, ChannelNameError> {
    // Most names are typed in their folded form, and the name of an existing channel needs no
    // parsing. Non-members do not learn the shown form of a secret channel's name.
    if let Some((name, channel)) = state.durable.channels.get_key_value(ChannelName::typed(raw)) {
        let asker = || user.and_then(|user| state.user(user));
        let is_member = || asker().is_some_and(|user| user.channels.contains(name));
        if !channel.modes.secret || is_member() {
            return Ok(name.clone());
        }
    }
    ChannelName::parse(raw)
}

pub(super) fn nickname(raw: &str) -> Result<Nickname, Refusal> {
    Nickname::parse(raw).map_err(Refusal::NicknameInvalid)
}

fn clean(raw: Option<String>) -> Option<Text> {
    raw.map(|raw| Text::clean(&raw))
}

/// Makes a text one line, because a policy may have set one of several lines.
fn flatten(text: &mut Option<Text>) {
    if let Some(text) = text {
        *text = text.single_line();
    }
}

/// Makes a text one line, and replaces an empty one with none. Returns `None` if the text is too
/// long.
fn limit_optional(text: &mut Option<Text>, limit: usize) -> Option<()> {
    flatten(text);
    text.take_if(|text| text.is_empty());
    text.as_ref().is_none_or(|text| text.as_str().len() <= limit).then_some(())
}

/// Returns the longest prefix of a text that has at most `limit` bytes.
fn prefix(text: &str, limit: usize) -> &str {
    let end = (0..=limit.min(text.len())).rev().find(|&end| text.is_char_boundary(end));
    &text[..end.unwrap_or(0)]
}
