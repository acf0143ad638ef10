//! The words, and the small parts, of the commands that the fuzzer gives an engine.

use crate::START;
use arbitrary::{Result, Unstructured};
use chat_core::{
    AppData, HistoryRange, MessageAction, MessageCommand, MessageId, MessageKind, ModeChange,
    Recipient, Role, Status, StatusChange, Timestamp,
};
use std::time::Duration;

/// Returns application data, which may be too long for the limits.
pub(crate) fn data(source: &mut Unstructured<'_>) -> Result<AppData> {
    let count = source.int_in_range(0..=2u8)?;
    let entries = (0..count)
        .map(|_| Ok((*source.choose(&["a", "b", "ctcp"])?, word(source, TEXTS)?)))
        .collect::<Result<Vec<_>>>()?;
    Ok(AppData::new(entries).expect("few entries with valid keys"))
}

pub(crate) fn kind(source: &mut Unstructured<'_>) -> Result<MessageKind> {
    source.choose(&[MessageKind::Message, MessageKind::Action, MessageKind::Notice]).copied()
}

pub(crate) fn modes(source: &mut Unstructured<'_>) -> Result<Vec<ModeChange>> {
    let count = source.int_in_range(0..=3u8)?;
    (0..count).map(|_| mode(source)).collect()
}

pub(crate) fn mode(source: &mut Unstructured<'_>) -> Result<ModeChange> {
    let on: bool = source.arbitrary()?;
    Ok(match source.int_in_range(0..=8u8)? {
        0 => ModeChange::Secret(on),
        1 => ModeChange::InviteOnly(on),
        2 => ModeChange::Moderated(on),
        3 => ModeChange::MembersOnly(on),
        4 => ModeChange::OperatorTopic(on),
        5 => ModeChange::Key(if on { Some(word(source, KEYS)?) } else { None }),
        6 => ModeChange::NoCtcp(on),
        7 => {
            let seconds = Duration::from_secs(source.arbitrary::<u8>()?.into());
            ModeChange::Keep(on.then_some(seconds))
        }
        _ => {
            ModeChange::MemberLimit(if on { Some(source.arbitrary::<u8>()?.into()) } else { None })
        }
    })
}

pub(crate) fn status_change(source: &mut Unstructured<'_>) -> Result<StatusChange> {
    let status = *source.choose(&[Status::Voiced, Status::Operator, Status::Owner])?;
    let role = *source.choose(&[Role::Member, Role::Voiced, Role::Operator, Role::Owner])?;
    Ok(match source.int_in_range(0..=2u8)? {
        0 => StatusChange::Grant(status),
        1 => StatusChange::Revoke(status),
        _ => StatusChange::Become(role),
    })
}

pub(crate) fn history_range(source: &mut Unstructured<'_>) -> Result<HistoryRange> {
    let id = MessageId(source.arbitrary::<u8>()?.into());
    let at = Timestamp::from_millis(START.as_millis() + id.0 * 100);
    Ok(match source.int_in_range(0..=6u8)? {
        0 => HistoryRange::Latest,
        1 => HistoryRange::Before(id),
        2 => HistoryRange::Around(id),
        3 => HistoryRange::At(at),
        4 => HistoryRange::BeforeTime(at),
        5 => HistoryRange::AfterTime(at),
        _ => HistoryRange::After(id),
    })
}

pub(crate) fn limit(source: &mut Unstructured<'_>) -> Result<usize> {
    source.arbitrary::<u8>().map(|limit| match limit {
        255 => usize::MAX,
        limit => usize::from(limit),
    })
}

pub(crate) fn some(source: &mut Unstructured<'_>, known: &[&str]) -> Result<Option<String>> {
    if source.ratio(3, 4)? { word(source, known).map(Some) } else { Ok(None) }
}

pub(crate) fn recipient(source: &mut Unstructured<'_>) -> Result<Recipient> {
    Ok(if source.arbitrary()? {
        Recipient::Channel(word(source, CHANNELS)?)
    } else {
        Recipient::User(word(source, NICKNAMES)?)
    })
}

/// Returns a known word in most cases, so that users meet; otherwise an arbitrary string.
pub(crate) fn word(source: &mut Unstructured<'_>, known: &[&str]) -> Result<String> {
    let index = usize::from(source.arbitrary::<u8>()?);
    if index >= FIRST_ARBITRARY {
        return source.arbitrary::<&str>().map(str::to_owned);
    }
    Ok(known[index % known.len()].to_owned())
}

/// The message that another replies to, if it does.
pub(crate) fn parent(source: &mut Unstructured<'_>) -> Result<Option<MessageId>> {
    let id = source.int_in_range(0..=40)?;
    Ok((id <= 20).then_some(MessageId(id)))
}

/// A command about a message that was said before.
pub(crate) fn message_command(source: &mut Unstructured<'_>) -> Result<MessageCommand> {
    Ok(MessageCommand {
        id: MessageId(source.int_in_range(0..=20)?),
        channel: if source.ratio(1, 4)? { Some(word(source, CHANNELS)?) } else { None },
        action: match source.int_in_range(0..=4u8)? {
            0 => MessageAction::Delete { reason: some(source, TEXTS)? },
            4 => MessageAction::Pin { pinned: source.arbitrary()? },
            1 => MessageAction::Edit { text: word(source, TEXTS)? },
            _ => {
                let emoji = match source.int_in_range(0..=30u8)? {
                    0 => word(source, TEXTS)?,
                    number => format!("e{number}"),
                };
                MessageAction::React { emoji, remove: source.ratio(1, 3)? }
            }
        },
    })
}

/// Bytes from this value on select an arbitrary string instead of a known word.
pub(crate) const FIRST_ARBITRARY: usize = 224;

pub(crate) const NICKNAMES: &[&str] =
    &["a", "b", "c", "d", "A", "\u{430}", "\u{ff42}", "u1", "ul", "u2", "two words", "#a", "\u{7}"];

pub(crate) const CHANNELS: &[&str] =
    &["a", "b", "a", "b", "#A", "c", "d", "e", "lobby", "#LOBBY", "\u{ff41}", "a,b", ""];

pub(crate) const NONCES: &[&str] = &["a", "b", "c", ""];

/// Masks, some of which are not valid.
pub(crate) const MASKS: &[&str] =
    &["*", "a?", "*!al@*", "BO!*@*", "~a:al", "*@c-1", "a b", "~x:bo", "*a*b*c*!*@*"];

pub(crate) const TEXTS: &[&str] = &[
    "hi",
    "",
    "\u{1b}[0m",
    "a\r\nb",
    "\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}",
    "too long for all of them",
    " \u{202e}\t",
    "exactly8",
];

pub(crate) const KEYS: &[&str] = &["key", "kez", "", "a b", "toolong"];
