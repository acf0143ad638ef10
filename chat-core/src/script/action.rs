//! Parses the words of a line as an action.

use super::history_action::{playback, range};
use super::step::START;
use super::words::{Words, recipient, unescape};
use super::{Action, ScriptProblem, account_action, message_action, operator_action, user_action};
use crate::{
    Answer, AppData, ChannelName, Command, Credential, DataChange, Identity, JoinTarget, List,
    Message, MessageId, MessageKind, ModeChange, Nickname, Peer, Profile, ProfileChange, Query,
    ResumePoint, Role, SearchQuery, Secret, StatusChange, Target, Text, UserInfo,
};
use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;

/// Parses the part of a line after `> WHO:`.
pub(super) fn parse(label: &str, source: &str) -> Result<Action, ScriptProblem> {
    let mut words = Words::new(source);
    let verb = words.next().unwrap_or_default();
    let command = match verb {
        "connect" => return Ok(Action::Connect(peer(&mut words)?)),
        "disconnect" => {
            words.end("disconnect")?;
            return Ok(Action::Disconnect);
        }
        "name" => {
            let nickname = words.rest()?.unwrap_or_else(|| label.to_owned());
            Command::identify(nickname)
        }
        "name-only" => {
            let nickname = words.text("name-only NAME")?;
            Command::Identify {
                nickname: Some(nickname),
                lobby: false,
                resume: None,
                credential: None,
                reconnect_key: None,
                profile: None,
            }
        }
        "guest" => {
            words.end("guest")?;
            Command::Identify {
                nickname: None,
                lobby: true,
                resume: None,
                credential: None,
                reconnect_key: None,
                profile: None,
            }
        }
        "login" => {
            let token = Secret::new(words.word("login TOKEN [NAME]")?);
            Command::Identify {
                nickname: words.rest()?,
                lobby: true,
                resume: None,
                credential: Some(Credential::Token(token)),
                reconnect_key: None,
                profile: None,
            }
        }
        "name-key" => {
            let reconnect_key = Some(Secret::new(words.word("name-key KEY [NAME]")?));
            let nickname = words.rest()?.unwrap_or_else(|| label.to_owned());
            Command::Identify {
                nickname: Some(nickname),
                lobby: true,
                resume: None,
                credential: None,
                reconnect_key,
                profile: None,
            }
        }
        "resume" => resume(&mut words)?,
        "missed" => {
            let usage = "missed ID [limit N]";
            let after = message_id(&mut words, usage)?;
            let limit = match words.next() {
                None => usize::MAX,
                Some("limit") => words.number(usage)?,
                Some(_) => return Err(ScriptProblem::Usage(usage)),
            };
            words.end(usage)?;
            Command::Query(Query::Missed { after, limit })
        }
        "signal" => {
            let usage = "signal KEY=TEXT … #CHANNEL|@USER";
            let data = words.data(usage)?;
            let to = recipient(&mut words, usage)?;
            words.end(usage)?;
            Command::Signal { to, data }
        }
        "read" => {
            let usage = "read #CHANNEL|@USER ID";
            let of = recipient(&mut words, usage)?;
            let id = message_id(&mut words, usage)?;
            words.end(usage)?;
            Command::MarkRead { of, id }
        }
        "name-with" => {
            let profile = Some(Box::new(profile(&mut words)?));
            Command::Identify {
                nickname: Some(label.to_owned()),
                lobby: true,
                resume: None,
                credential: None,
                reconnect_key: None,
                profile,
            }
        }
        "set-data" => {
            let usage = "set-data [KEY=TEXT …] [-KEY …]";
            Command::SetData { channel: None, changes: data_changes(&mut words, usage)? }
        }
        "set-channel-data" => {
            let usage = "set-channel-data CHANNEL [KEY=TEXT …] [-KEY …]";
            let channel = Some(words.word(usage)?);
            Command::SetData { channel, changes: data_changes(&mut words, usage)? }
        }
        "profile" => Command::SetProfile { changes: profile_changes(&mut words)? },
        "answer" => return answer(&mut words),
        "rename" => Command::Rename { nickname: words.text("rename NAME")? },
        "join" => Command::Join { channel: words.word("join CHANNEL [KEY]")?, key: words.rest()? },
        "join-many" => Command::JoinMany { channels: join_targets(&mut words)? },
        "leave" => {
            Command::Leave { channel: words.word("leave CHANNEL [REASON]")?, reason: words.rest()? }
        }
        "say" => say(&mut words, MessageKind::Message, "say #CHANNEL|ROLE@#CHANNEL|@USER TEXT")?,
        "say-data" => {
            let usage = "say-data [KEY=VALUE …] #CHANNEL|@USER TEXT";
            let data = words.data(usage)?;
            say(&mut words, MessageKind::Message, usage)?.with_data(data)
        }
        "say-nonce" => {
            let usage = "say-nonce NONCE #CHANNEL|@USER TEXT";
            let nonce = words.word(usage)?;
            say(&mut words, MessageKind::Message, usage)?.with_nonce(nonce)
        }
        "reply" => {
            let usage = "reply ID #CHANNEL|@USER TEXT";
            let id = message_id(&mut words, usage)?;
            say(&mut words, MessageKind::Message, usage)?.replying_to(id)
        }
        "me" => say(&mut words, MessageKind::Action, "me #CHANNEL|@USER TEXT")?,
        "notice" => say(&mut words, MessageKind::Notice, "notice #CHANNEL|@USER TEXT")?,
        "topic" => {
            let channel = words.word("topic CHANNEL [TEXT]")?;
            match words.rest()? {
                Some(topic) => Command::SetTopic { channel, topic: Some(topic) },
                None => Command::ShowTopic { channel },
            }
        }
        "untopic" => {
            Command::SetTopic { channel: words.only_word("untopic CHANNEL")?, topic: None }
        }
        "modes" => modes(&mut words)?,
        "role" => {
            status(&mut words, "role CHANNEL NAME ROLE", |role| Some(StatusChange::Become(role)))?
        }
        "grant" => status(&mut words, "grant CHANNEL NAME STATUS", |role| {
            role.status().map(StatusChange::Grant)
        })?,
        "revoke" => status(&mut words, "revoke CHANNEL NAME STATUS", |role| {
            role.status().map(StatusChange::Revoke)
        })?,
        "kick" => {
            let (channel, nickname) = words.pair("kick CHANNEL NAME [REASON]")?;
            Command::Kick { channel, nickname, reason: words.rest()? }
        }
        "ban" => {
            let (channel, nickname) = words.pair("ban CHANNEL NAME [REASON]")?;
            Command::Ban { channel, nickname, reason: words.rest()? }
        }
        "mute" => {
            let (channel, nickname) = words.pair("mute CHANNEL NAME [REASON]")?;
            Command::Mute { channel, nickname, reason: words.rest()? }
        }
        "unban" => {
            let (channel, nickname) = words.only_pair("unban CHANNEL NAME")?;
            Command::Unban { channel, nickname }
        }
        "unmute" => {
            let (channel, nickname) = words.only_pair("unmute CHANNEL NAME")?;
            Command::Unmute { channel, nickname }
        }
        "exempt" => {
            let (channel, nickname) = words.only_pair("exempt CHANNEL NAME")?;
            Command::Exempt { channel, nickname }
        }
        "unexempt" => {
            let (channel, nickname) = words.only_pair("unexempt CHANNEL NAME")?;
            Command::Unexempt { channel, nickname }
        }
        "list-mask" => mask(&mut words, true)?,
        "unlist-mask" => mask(&mut words, false)?,
        "invite" => {
            let (channel, nickname) = words.only_pair("invite CHANNEL NAME")?;
            Command::Invite { channel, nickname }
        }
        "users" => Command::ListUsers { channel: words.rest()? },
        "users-page" => Command::Query(users(&mut words)?),
        "channels" => {
            words.end("channels")?;
            Command::ListChannels
        }
        "channels-page" => Command::Query(channels(&mut words)?),
        "history" => {
            let usage = "history CHANNEL [before|after|around ID | at TIME] [limit N]";
            let channel = words.word(usage)?;
            let (range, limit) = range(&mut words, usage)?;
            Command::ReadHistory { channel, range, limit }
        }
        "playback" => Command::Query(playback(&mut words)?),
        "pins" => Command::Query(Query::Pins { channel: words.only_word("pins CHANNEL")? }),
        "private-history" => {
            let usage = "private-history NAME [before|after|around ID | at TIME] [limit N]";
            let nickname = words.word(usage)?;
            let (range, limit) = range(&mut words, usage)?;
            Command::Query(Query::PrivateHistory { nickname, range, limit })
        }
        "search" => Command::Query(Query::Search(Box::new(search(&mut words)?))),
        "list" => Command::Query(list(&mut words)?),
        "invitations" => {
            words.end("invitations")?;
            Command::Query(Query::Invitations)
        }
        "targets" => {
            let usage = "targets AFTER BEFORE [limit N]";
            let (after, before) = words.pair(usage)?;
            let time = |written: &str| {
                let elapsed = crate::config::parse_duration(written);
                Ok(START + elapsed.ok_or(ScriptProblem::Usage(usage))?)
            };
            let limit = match words.next() {
                None => usize::MAX,
                Some("limit") => words.number(usage)?,
                Some(_) => return Err(ScriptProblem::Usage(usage)),
            };
            words.end(usage)?;
            Command::Query(Query::Targets { after: time(&after)?, before: time(&before)?, limit })
        }
        "whois" => Command::Query(Query::User { nickname: words.text("whois NAME")? }),
        "whowas" => {
            let usage = "whowas NAME [limit N]";
            let nickname = words.word(usage)?;
            let limit = match words.next() {
                None => usize::MAX,
                Some("limit") => words.number(usage)?,
                Some(_) => return Err(ScriptProblem::Usage(usage)),
            };
            words.end(usage)?;
            Command::Query(Query::WasHere { nickname, limit })
        }
        "away" => Command::SetAway { message: words.rest()?.or_else(|| Some("away".to_owned())) },
        "back" => {
            words.end("back")?;
            Command::SetAway { message: None }
        }
        "quit" => Command::Quit { reason: words.rest()? },
        other => {
            type Parse = fn(&str, &mut Words<'_>) -> Result<Option<Command>, ScriptProblem>;
            let parsers: [Parse; 4] = [
                account_action::parse,
                user_action::parse,
                operator_action::parse,
                message_action::parse,
            ];
            let parsed = parsers.iter().find_map(|parse| parse(other, &mut words).transpose());
            parsed.unwrap_or_else(|| Err(ScriptProblem::UnknownAction(other.to_owned())))?
        }
    };
    Ok(Action::Command(command))
}

/// Parses the id of the last message that a client has received, in the epoch in which scripts
/// begin.
fn resume(words: &mut Words<'_>) -> Result<Command, ScriptProblem> {
    let usage = "resume ID [key=KEY] [NAME]";
    let (id, epoch) = (message_id(words, usage)?, START);
    let (mut nickname, mut reconnect_key) = (None, None);
    for word in words {
        match word.strip_prefix("key=") {
            Some(key) => reconnect_key = Some(Secret::new(unescape(key)?)),
            None => nickname = Some(unescape(word)?),
        }
    }
    Ok(Command::Identify {
        nickname,
        lobby: true,
        resume: Some(ResumePoint { epoch, id }),
        credential: None,
        reconnect_key,
        profile: None,
    })
}

fn join_targets(words: &mut Words<'_>) -> Result<Vec<JoinTarget>, ScriptProblem> {
    let target = |word: &str| {
        let (channel, key) = match word.split_once('=') {
            Some((channel, key)) => (channel, Some(unescape(key)?)),
            None => (word, None),
        };
        Ok(JoinTarget { channel: unescape(channel)?, key })
    };
    words.map(target).collect()
}

fn profile(words: &mut Words<'_>) -> Result<Profile, ScriptProblem> {
    let mut profile = Profile::default();
    for word in words {
        match word.split_once('=') {
            None if word == "bot" => profile.bot = true,
            Some(("username", name)) => profile.username = Some(unescape(name)?),
            Some(("real_name", name)) => profile.real_name = Some(unescape(name)?),
            _ => {
                let usage = "name-with [username=NAME] [real_name=NAME] [bot]";
                return Err(ScriptProblem::Usage(usage));
            }
        }
    }
    Ok(profile)
}

fn data_changes(
    words: &mut Words<'_>,
    usage: &'static str,
) -> Result<Vec<DataChange>, ScriptProblem> {
    let change = |word: &str| match (word.split_once('='), word.strip_prefix('-')) {
        (Some((key, text)), _) => {
            Ok(DataChange { key: key.to_owned(), text: Some(unescape(text)?) })
        }
        (None, Some(key)) => Ok(DataChange { key: key.to_owned(), text: None }),
        (None, None) => Err(ScriptProblem::Usage(usage)),
    };
    words.map(change).collect()
}

fn profile_changes(words: &mut Words<'_>) -> Result<Vec<ProfileChange>, ScriptProblem> {
    let change = |word: &str| {
        Ok(match word.split_once('=') {
            Some(("real_name", name)) => ProfileChange::RealName(Some(unescape(name)?)),
            None if word == "-real_name" => ProfileChange::RealName(None),
            None if word == "+bot" => ProfileChange::Bot(true),
            None if word == "-bot" => ProfileChange::Bot(false),
            _ => {
                let usage = "profile [real_name=NAME] [-real_name] [+bot] [-bot]";
                return Err(ScriptProblem::Usage(usage));
            }
        })
    };
    words.map(change).collect()
}

fn peer(words: &mut Words<'_>) -> Result<Peer, ScriptProblem> {
    let mut peer = Peer::default();
    for word in words {
        match word.split_once('=') {
            None if word == "person" => peer.person = true,
            None if word == "bot" => peer.bot = true,
            Some(("name", nickname)) => peer.nickname = Some(nickname.into()),
            Some(("account", account)) => peer.account = Some(account.into()),
            Some(("token", token)) => peer.token = Some(Secret::new(token)),
            Some(("address", address)) => peer.address = Some(address.into()),
            Some(("host", host)) => peer.host = Some(unescape(host)?.into()),
            Some(("username", name)) => peer.username = Some(unescape(name)?.into()),
            Some(("real_name", name)) => peer.real_name = Some(unescape(name)?.into()),
            _ => {
                return Err(ScriptProblem::Usage(
                    "connect [name=NAME] [account=NAME] [address=ADDRESS] [host=HOST] \
                     [username=NAME] [real_name=NAME] [token=TOKEN] [person] [bot]",
                ));
            }
        }
    }
    Ok(peer)
}

fn answer(words: &mut Words<'_>) -> Result<Action, ScriptProblem> {
    let usage = "answer account ACCOUNT [name=NAME …] [for=TIME] | guest | refused REASON | \
         unavailable | messages [more] [TO/FROM/ID/TEXT …] | found [next=ID] [TO/FROM/ID/TEXT …] \
         | password [credentials=TEXT] [token=TEXT] | wrong-password | weak-password REASON | \
         wrong-code | closed";
    let answer = match words.next() {
        Some("guest") => Answer::Guest,
        Some("refused") => Answer::Refused(Text::clean(&words.text(usage)?)),
        Some("unavailable") => Answer::Unavailable,
        Some("messages") => {
            let (messages, more, _) = messages(words, usage)?;
            return Ok(Action::Answer(Answer::Messages { messages, more }, None));
        }
        Some("found") => {
            let (messages, _, next) = messages(words, usage)?;
            return Ok(Action::Answer(Answer::Found { messages, next }, None));
        }
        Some("account") => {
            let mut identity = Identity::new(words.word(usage)?);
            let mut lasts = None;
            for word in words {
                match word.split_once('=') {
                    Some(("name", nickname)) => identity.nicknames.push(nickname.into()),
                    Some(("for", time)) => {
                        let time = crate::config::parse_duration(time);
                        lasts = Some(time.ok_or(ScriptProblem::Usage(usage))?);
                    }
                    _ => return Err(ScriptProblem::Usage(usage)),
                }
            }
            return Ok(Action::Answer(Answer::Account(identity), lasts));
        }
        other => {
            let answer = account_action::answer(other.unwrap_or_default(), words, usage)?;
            answer.ok_or(ScriptProblem::Usage(usage))?
        }
    };
    words.end(usage)?;
    Ok(Action::Answer(answer, None))
}

/// Messages, `more`, and `next=ID`.
type StoredPage = (Vec<Arc<Message>>, bool, Option<MessageId>);

/// Parses the messages of a store, which are all of the time at which scripts begin, and where they
/// go on.
fn messages(words: &mut Words<'_>, usage: &'static str) -> Result<StoredPage, ScriptProblem> {
    let wrong = ScriptProblem::Usage(usage);
    let (mut messages, mut more, mut next_page) = (Vec::new(), false, None);
    for word in words {
        let mut parts = word.splitn(4, '/');
        let mut next = || parts.next().ok_or_else(|| wrong.clone());
        if word == "more" {
            more = true;
            continue;
        }
        if let Some(id) = word.strip_prefix("next=") {
            next_page = Some(MessageId(id.parse().map_err(|_| wrong.clone())?));
            continue;
        }
        let (to, from, id, text) = (next()?, next()?, next()?, next()?);
        let target = match to.strip_prefix('@') {
            Some(user) => Nickname::parse(&unescape(user)?).map(Target::User).ok(),
            None => ChannelName::parse(&unescape(to)?).map(Target::Channel).ok(),
        };
        let from = Nickname::parse(&unescape(from)?).ok();
        let id = id.parse().map(MessageId).ok();
        let (Some(target), Some(from), Some(id)) = (target, from, id) else { return Err(wrong) };
        let sender = Arc::new(UserInfo::guest(from));
        let text = Text::clean_lines(&unescape(text)?);
        messages.push(Arc::new(Message::new(id, START, sender, target, text)));
    }
    Ok((messages, more, next_page))
}

fn message_id(words: &mut Words<'_>, usage: &'static str) -> Result<MessageId, ScriptProblem> {
    let id = words.word(usage)?.parse();
    id.map(MessageId).map_err(|_| ScriptProblem::Usage(usage))
}

fn say(
    words: &mut Words<'_>,
    kind: MessageKind,
    usage: &'static str,
) -> Result<Command, ScriptProblem> {
    let to = recipient(words, usage)?;
    let (text, data) = (words.text(usage)?, AppData::default());
    Ok(Command::Say { to, kind, text, nonce: None, data, reply_to: None })
}

fn modes(words: &mut Words<'_>) -> Result<Command, ScriptProblem> {
    let usage = "modes CHANNEL [+MODE] [-MODE] [key=KEY] [-key] [limit=N] [-limit] \
                 [keep=TIME] [-keep]";
    let channel = words.word(usage)?;
    let changes = words.map(|word| mode(word, usage)).collect::<Result<Vec<_>, _>>()?;
    if changes.is_empty() {
        return Ok(Command::ShowModes { channel });
    }
    Ok(Command::SetModes { channel, changes })
}

/// Parses a change of a mode.
pub(super) fn mode(word: &str, usage: &'static str) -> Result<ModeChange, ScriptProblem> {
    let change = match (word, word.split_at_checked(1)) {
        ("-key", _) => Some(ModeChange::Key(None)),
        ("-limit", _) => Some(ModeChange::MemberLimit(None)),
        ("-keep", _) => Some(ModeChange::Keep(None)),
        (_, Some(("+", mode))) => ModeChange::switch(mode, true),
        (_, Some(("-", mode))) => ModeChange::switch(mode, false),
        _ => match word.split_once('=') {
            Some(("key", key)) => Some(ModeChange::Key(Some(unescape(key)?))),
            Some(("limit", limit)) => {
                limit.parse().ok().map(|limit| ModeChange::MemberLimit(Some(limit)))
            }
            Some(("keep", keep)) => ModeChange::keep(keep),
            _ => None,
        },
    };
    change.ok_or(ScriptProblem::Usage(usage))
}

fn status(
    words: &mut Words<'_>,
    usage: &'static str,
    change: impl FnOnce(Role) -> Option<StatusChange>,
) -> Result<Command, ScriptProblem> {
    let (channel, nickname) = words.pair(usage)?;
    let role = words.next().and_then(Role::from_name).ok_or(ScriptProblem::Usage(usage))?;
    words.end(usage)?;
    let change = change(role).ok_or(ScriptProblem::Usage(usage))?;
    Ok(Command::SetRole { channel, nickname, change })
}

fn search(words: &mut Words<'_>) -> Result<SearchQuery, ScriptProblem> {
    let usage = "search [in=CHANNEL] [from=NAME] [after=TIME] [before=TIME] [below=ID] [limit=N] \
         TEXT";
    let wrong = || ScriptProblem::Usage(usage);
    let time = |time| crate::config::parse_duration(time).map(|since| START + since);
    let mut search = SearchQuery::new("");
    search.channel = words.value("in").map(unescape).transpose()?;
    search.from = words.value("from").map(unescape).transpose()?;
    if let Some(after) = words.value("after") {
        search.after = Some(time(after).ok_or_else(wrong)?);
    }
    if let Some(before) = words.value("before") {
        search.before = Some(time(before).ok_or_else(wrong)?);
    }
    if let Some(below) = words.value("below") {
        search.older_than = Some(MessageId(below.parse().map_err(|_| wrong())?));
    }
    if let Some(limit) = words.value("limit") {
        search.limit = limit.parse().map_err(|_| wrong())?;
    }
    search.text = words.text(usage)?;
    Ok(search)
}

fn users(words: &mut Words<'_>) -> Result<Query, ScriptProblem> {
    let usage = "users-page [#CHANNEL] [after NAME] [limit N]";
    let (mut channel, mut after, mut limit) = (None, None, usize::MAX);
    while let Some(word) = words.next() {
        match word {
            "after" => after = Some(words.word(usage)?),
            "limit" => limit = words.number(usage)?,
            name if name.starts_with('#') && channel.is_none() => channel = Some(unescape(name)?),
            _ => return Err(ScriptProblem::Usage(usage)),
        }
    }
    Ok(Query::Users { channel, after, limit })
}

fn channels(words: &mut Words<'_>) -> Result<Query, ScriptProblem> {
    let usage = "channels-page [after CHANNEL] [limit N]";
    let (mut after, mut limit) = (None, usize::MAX);
    while let Some(word) = words.next() {
        match word {
            "after" => after = Some(words.word(usage)?),
            "limit" => limit = words.number(usage)?,
            _ => return Err(ScriptProblem::Usage(usage)),
        }
    }
    Ok(Query::Channels { after, limit })
}

fn mask(words: &mut Words<'_>, listed: bool) -> Result<Command, ScriptProblem> {
    let usage = "list-mask|unlist-mask CHANNEL LIST MASK [REASON]";
    let channel = words.word(usage)?;
    let list = words.next().and_then(List::from_name).ok_or(ScriptProblem::Usage(usage))?;
    let mask = words.word(usage)?;
    Ok(Command::SetMask { channel, list, mask, listed, reason: words.rest()? })
}

fn list(words: &mut Words<'_>) -> Result<Query, ScriptProblem> {
    let usage = "list CHANNEL bans|mutes|exceptions|… [offset N] [limit N]";
    let channel = words.word(usage)?;
    let list = words.next().and_then(List::from_name).ok_or(ScriptProblem::Usage(usage))?;
    let (mut offset, mut limit) = (0, usize::MAX);
    while let Some(word) = words.next() {
        match word {
            "offset" => offset = words.number(usage)?,
            "limit" => limit = words.number(usage)?,
            _ => return Err(ScriptProblem::Usage(usage)),
        }
    }
    Ok(Query::List { channel, list, offset, limit })
}
