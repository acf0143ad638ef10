//! Answers to `METADATA`, and changes of metadata.

use crate::capability::Capabilities;
use crate::client::Client;
use crate::identity::{Word, channel};
use crate::metadata::{Metadata, MetadataAction, is_key};
use crate::pending::{PAGE, Pending, next_page};
use crate::split::cut;
use chat_core::{AppData, ChannelName, Command, DataChange, Event, Query, Refusal, Roster};
use chat_dialects::Reaction;
use std::fmt::Display;

/// Writes the answer of the engine, or asks for the rest of it.
pub(super) fn answer(
    client: &mut Client,
    metadata: Metadata,
    event: &Event,
    reaction: &mut Reaction,
) {
    let Metadata { target, action } = metadata;
    if let MetadataAction::SyncMembers(batch) = action {
        return members(client, (target, batch), event, reaction);
    }
    let Some(data) = data_of(event) else { return };
    match action {
        MetadataAction::Get(keys) => {
            let batch = begin(client, &target, reaction);
            for key in &keys {
                if is_key(key) {
                    value(client, Some(&batch), &target, (key, data.get(key)), reaction);
                } else {
                    let key = Word(key);
                    let rest = format_args!("FAIL METADATA KEY_INVALID {key} :{INVALID_KEY}");
                    client.line_in(&batch, &mut reaction.frames, rest);
                }
            }
            end(client, &batch, reaction);
        }
        MetadataAction::List => {
            let batch = begin(client, &target, reaction);
            for (key, text) in data.iter().filter(|(key, _)| is_key(key)) {
                value(client, Some(&batch), &target, (key, Some(text)), reaction);
            }
            end(client, &batch, reaction);
        }
        MetadataAction::Set(key) => {
            note_own(client, event);
            value(client, None, &target, (&key, data.get(&key)), reaction);
        }
        MetadataAction::SetEarly => {
            note_own(client, event);
            own(client, reaction);
        }
        MetadataAction::FindKeys => {
            let keys = client.settings.public_keys(data.iter()).collect();
            clear_metadata(client, &target, keys, reaction);
        }
        MetadataAction::Clear(keys) => {
            note_own(client, event);
            let batch = begin(client, &target, reaction);
            for key in &keys {
                value(client, Some(&batch), &target, (key, None), reaction);
            }
            end(client, &batch, reaction);
        }
        MetadataAction::Sync => {
            let batch = begin(client, &target, reaction);
            subscribed(client, Some(&batch), &target, data, reaction);
            if target.starts_with('#') {
                let batch = batch.into();
                ask_members(client, (target, batch), None, reaction);
            } else {
                end(client, &batch, reaction);
            }
        }
        MetadataAction::SyncMembers(_) => {}
    }
}

/// Writes the values of a page of members, and asks for the next page.
fn members(
    client: &mut Client,
    (target, batch): (Box<str>, Box<str>),
    event: &Event,
    reaction: &mut Reaction,
) {
    let Event::Users { users, more, .. } = event else { return };
    for entry in users {
        let nickname = entry.nickname().shown();
        subscribed(client, Some(&batch), nickname, &entry.user.data, reaction);
    }
    match users.last().filter(|_| *more) {
        Some(last) => {
            let after = next_page(Some(last.nickname()));
            ask_members(client, (target, batch), after, reaction);
        }
        None => end(client, &batch, reaction),
    }
}

/// Asks the engine for metadata, or to change it.
pub(crate) fn ask_metadata(
    client: &mut Client,
    target: &str,
    action: MetadataAction,
    command: Command,
    reaction: &mut Reaction,
) {
    let metadata = Metadata { target: target.into(), action };
    client.ask(Pending::Metadata(metadata.into()), command, reaction);
}

/// Removes keys that were found.
pub(crate) fn clear_metadata(
    client: &mut Client,
    target: &str,
    keys: Vec<String>,
    reaction: &mut Reaction,
) {
    let channel = target.starts_with('#').then(|| target.to_owned());
    let changes = keys.iter().map(|key| DataChange { key: key.clone(), text: None }).collect();
    let command = Command::SetData { channel, changes };
    ask_metadata(client, target, MetadataAction::Clear(keys), command, reaction);
}

fn ask_members(
    client: &mut Client,
    (target, batch): (Box<str>, Box<str>),
    after: Option<String>,
    reaction: &mut Reaction,
) {
    let query = Query::Users { channel: Some(target.clone().into()), after, limit: PAGE };
    let action = MetadataAction::SyncMembers(batch);
    ask_metadata(client, &target, action, Command::Query(query), reaction);
}

/// Writes the refusal of the engine.
pub(super) fn refused(
    client: &mut Client,
    metadata: &Metadata,
    refusal: &Refusal,
    reaction: &mut Reaction,
) {
    let key = match &metadata.action {
        MetadataAction::Set(key) => key,
        MetadataAction::SyncMembers(batch) => return end(client, batch, reaction),
        MetadataAction::SetEarly => {
            fail_metadata(client, "KEY_NO_PERMISSION", "* *", &refusal.to_string(), reaction);
            return own(client, reaction);
        }
        MetadataAction::Get(_)
        | MetadataAction::List
        | MetadataAction::FindKeys
        | MetadataAction::Clear(_)
        | MetadataAction::Sync => "*",
    };
    let (target, key) = (Word(&metadata.target), Word(key));
    let text = refusal.to_string();
    if matches!(
        refusal,
        Refusal::NoSuchUser(_)
            | Refusal::NicknameInvalid(_)
            | Refusal::NoSuchChannel(_)
            | Refusal::ChannelNameInvalid(_)
    ) {
        fail_metadata(client, "INVALID_TARGET", target, &text, reaction);
    } else if matches!(refusal, Refusal::DataTextTooLong { .. }) {
        fail_metadata(client, "INVALID_VALUE", key, &text, reaction);
    } else if matches!(refusal, Refusal::DataTooLong { .. } | Refusal::TooManyDataEntries { .. }) {
        fail_metadata(client, "LIMIT_REACHED", target, &text, reaction);
    } else if matches!(refusal, Refusal::RateLimited { .. }) {
        let subject = format_args!("{target} {key} 1");
        fail_metadata(client, "RATE_LIMITED", subject, &text, reaction);
    } else {
        let subject = format_args!("{target} {key}");
        fail_metadata(client, "KEY_NO_PERMISSION", subject, &text, reaction);
    }
}

/// Sets the metadata that the client has noted before its welcome, and writes all of it.
pub(super) fn welcome(client: &mut Client, noted: Vec<DataChange>, reaction: &mut Reaction) {
    if noted.is_empty() {
        return own(client, reaction);
    }
    let command = Command::SetData { channel: None, changes: noted };
    ask_metadata(client, "*", MetadataAction::SetEarly, command, reaction);
}

/// Writes the client's own metadata.
fn own(client: &mut Client, reaction: &mut Reaction) {
    let Some(user) = client.user.clone().filter(|_| client.has(Capabilities::METADATA)) else {
        return;
    };
    let nickname = user.nickname.shown();
    let batch = begin(client, nickname, reaction);
    for (key, text) in user.data.iter().filter(|(key, _)| is_key(key)) {
        value(client, Some(&batch), nickname, (key, Some(text)), reaction);
    }
    end(client, &batch, reaction);
}

/// Writes the values of a channel that the client has entered, and those of its members.
pub(super) fn of_roster(client: &Client, roster: &Roster, reaction: &mut Reaction) {
    if client.subscriptions.is_empty() {
        return;
    }
    subscribed(client, None, &channel(&roster.channel), &roster.data, reaction);
    for member in &roster.members {
        subscribed(client, None, member.nickname().shown(), &member.user.data, reaction);
    }
    if roster.members.len() < roster.count {
        metadata_sync_later(client, &roster.channel, reaction);
    }
}

/// Writes values of a user in an answer to `WHOIS`.
pub(super) fn of_whois(client: &Client, nickname: &str, data: &AppData, reaction: &mut Reaction) {
    for key in client.settings.public_keys(data.iter()) {
        let head = format!("{nickname} {key} * :");
        let text = shown(client, &head, data.get(&key).unwrap_or_default());
        client.numeric(&mut reaction.frames, 760, format_args!("{head}{text}"));
    }
}

/// Writes the changes that an event tells of others, and of other sessions of the user.
pub(crate) fn metadata_changed(client: &mut Client, event: &Event, reaction: &mut Reaction) {
    if let Event::UserInfoChanged { before, after } = event {
        let nickname = after.nickname.shown();
        for (key, text) in client.subscriptions.of_change(&before.data, &after.data) {
            value(client, None, nickname, (key, text), reaction);
        }
        note_own(client, event);
    } else if let Event::Joined { user, .. } = event {
        let is_own = client.user.as_ref().is_some_and(|own| own.nickname == user.nickname);
        if !is_own {
            subscribed(client, None, user.nickname.shown(), &user.data, reaction);
        }
    } else if let Event::ChannelDataChanged { channel: name, before, data, .. } = event {
        let name = channel(name);
        for (key, text) in client.subscriptions.of_change(before, data) {
            value(client, None, &name, (key, text), reaction);
        }
    }
}

/// Writes that the client has to ask for the metadata of a channel.
pub(crate) fn metadata_sync_later(client: &Client, name: &ChannelName, reaction: &mut Reaction) {
    client.numeric(&mut reaction.frames, 774, format_args!("{}", channel(name)));
}

/// Writes a failure.
pub(crate) fn fail_metadata(
    client: &Client,
    code: &str,
    subject: impl Display,
    text: &str,
    reaction: &mut Reaction,
) {
    let rest = format_args!("FAIL METADATA {code} {subject} :{text}");
    client.line(&mut reaction.frames, rest);
}

/// Notes the client's own data.
fn note_own(client: &mut Client, event: &Event) {
    if let Event::UserInfoChanged { after, .. } = event
        && client.user.as_ref().is_some_and(|own| own.nickname == after.nickname)
    {
        client.user = Some(after.clone());
    }
}

fn data_of(event: &Event) -> Option<&AppData> {
    if let Event::UserShown(card) = event {
        Some(&card.user.data)
    } else if let Event::UserInfoChanged { after, .. } = event {
        Some(&after.data)
    } else if let Event::ModesShown { data, .. } | Event::ChannelDataChanged { data, .. } = event {
        Some(data)
    } else {
        None
    }
}

/// Writes the values to whose keys the client has subscribed.
fn subscribed(
    client: &Client,
    batch: Option<&str>,
    target: &str,
    data: &AppData,
    reaction: &mut Reaction,
) {
    for (key, text) in client.subscriptions.of_data(data) {
        value(client, batch, target, (key, Some(text)), reaction);
    }
}

/// Writes a value, or that there is none, outside of a batch.
pub(crate) fn write_metadata(
    client: &Client,
    target: &str,
    entry: (&str, Option<&str>),
    reaction: &mut Reaction,
) {
    value(client, None, target, entry, reaction);
}

/// Writes a value, or that there is none.
fn value(
    client: &Client,
    batch: Option<&str>,
    target: &str,
    (key, text): (&str, Option<&str>),
    reaction: &mut Reaction,
) {
    let (target, out) = (Word(target), &mut reaction.frames);
    let write = |out: &mut _, code, rest: std::fmt::Arguments<'_>| match batch {
        Some(batch) => client.numeric_in(batch, out, code, rest),
        None => client.numeric(out, code, rest),
    };
    match text {
        Some(text) => {
            let head = format!("{target} {key} * :");
            let text = shown(client, &head, text);
            write(out, 761, format_args!("{head}{text}"));
        }
        None => write(out, 766, format_args!("{target} {key} :The key is not set")),
    }
}

/// Returns a text as it fits into a numeric: the host may have set a long one, of several lines.
fn shown(client: &Client, head: &str, text: &str) -> String {
    let text = text.replace('\n', " ");
    cut(&text, client.room().saturating_sub(head.len())).to_owned()
}

fn begin(client: &mut Client, target: &str, reaction: &mut Reaction) -> String {
    let batch = client.next_batch("metadata");
    let rest = format_args!("BATCH +{batch} metadata {}", Word(target));
    client.line(&mut reaction.frames, rest);
    batch
}

fn end(client: &Client, batch: &str, reaction: &mut Reaction) {
    client.line(&mut reaction.frames, format_args!("BATCH -{batch}"));
}

/// The text about a key that cannot be one.
pub(crate) const INVALID_KEY: &str = "The key is not valid";
