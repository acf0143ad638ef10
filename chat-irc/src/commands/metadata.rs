//! `METADATA` (IRCv3 draft/metadata-3).

use crate::client::Client;
use crate::identity::Word;
use crate::line::Line;
use crate::metadata::{MetadataAction, Subscriptions, is_key};
use crate::replies::{
    INVALID_KEY, ask_metadata, clear_metadata, fail_metadata, metadata_sync_later, write_metadata,
};
use chat_core::{AppData, Command, DataChange, Nickname, Query};
use chat_dialects::Reaction;

pub(super) fn metadata(client: &mut Client, line: &Line<'_>, reaction: &mut Reaction) {
    let (Some(target), Some(subcommand)) = (line.param(0), line.param(1)) else {
        return client.needs_more("METADATA", reaction);
    };
    let words = line.params.get(2..).unwrap_or_default();
    // The last parameter of a long list has the rest of it.
    let keys = words.iter().flat_map(|word| word.split_ascii_whitespace());
    match &*subcommand.to_ascii_uppercase() {
        "GET" => {
            let keys = keys.map(Into::into).collect();
            look_up(client, target, MetadataAction::Get(keys), reaction);
        }
        "LIST" => look_up(client, target, MetadataAction::List, reaction),
        "SYNC" => look_up(client, target, MetadataAction::Sync, reaction),
        "SET" => set(client, target, words, reaction),
        "CLEAR" => clear(client, target, reaction),
        "SUB" => subscribe(client, keys, reaction),
        "UNSUB" => unsubscribe(client, keys, reaction),
        "SUBS" => subscriptions(client, reaction),
        _ => {
            let subcommand = Word(subcommand);
            fail_metadata(client, "INVALID_SUBCOMMAND", subcommand, "No such subcommand", reaction);
        }
    }
}

/// Notes metadata of a client that has no nickname yet, which is set once it has one.
pub(super) fn before_connect(client: &mut Client, line: &Line<'_>, reaction: &mut Reaction) {
    let is_set = line.param(1).is_some_and(|subcommand| subcommand.eq_ignore_ascii_case("SET"));
    let (Some("*"), true) = (line.param(0), is_set) else {
        let text = "You have not registered";
        return client.numeric(&mut reaction.frames, 451, format_args!(":{text}"));
    };
    let Some(key) = line.param(2) else {
        return client.needs_more("METADATA", reaction);
    };
    let text = line.params.get(3).copied();
    if !check_key(client, key, reaction) {
        return;
    }
    if text.is_some_and(|text| text.len() > DataChange::LONGEST_TEXT) {
        let text = format!("A value has at most {} bytes", DataChange::LONGEST_TEXT);
        return fail_metadata(client, "INVALID_VALUE", Word(key), &text, reaction);
    }
    let noted = &mut client.registration.metadata;
    noted.retain(|change| change.key != key);
    if noted.len() == AppData::MOST_ENTRIES {
        let text = format!("There are at most {} keys", AppData::MOST_ENTRIES);
        return fail_metadata(client, "LIMIT_REACHED", "*", &text, reaction);
    }
    noted.push(DataChange { key: key.to_owned(), text: text.map(str::to_owned) });
    write_metadata(client, "*", (key, text), reaction);
}

/// Asks for the data of a user or a channel.
fn look_up(client: &mut Client, target: &str, action: MetadataAction, reaction: &mut Reaction) {
    let target = if target == "*" { client.nickname().to_owned() } else { target.to_owned() };
    let query = if target.starts_with('#') {
        Query::Modes { channel: target.clone() }
    } else {
        Query::User { nickname: target.clone() }
    };
    ask_metadata(client, &target, action, Command::Query(query), reaction);
}

/// Sets a key, or removes it without a text.
fn set(client: &mut Client, target: &str, words: &[&str], reaction: &mut Reaction) {
    let Some(&key) = words.first() else {
        return client.needs_more("METADATA", reaction);
    };
    if !check_key(client, key, reaction) {
        return;
    }
    let Some(channel) = own_target(client, target, key, reaction) else { return };
    let text = words.get(1).map(|&text| text.to_owned());
    let changes = vec![DataChange { key: key.to_owned(), text }];
    let command = Command::SetData { channel, changes };
    ask_metadata(client, target, MetadataAction::Set(key.into()), command, reaction);
}

/// Removes all keys.
fn clear(client: &mut Client, target: &str, reaction: &mut Reaction) {
    let Some(channel) = own_target(client, target, "*", reaction) else { return };
    match channel {
        Some(_) => look_up(client, target, MetadataAction::FindKeys, reaction),
        None => {
            let own = client.user.clone();
            let data = own.iter().flat_map(|own| own.data.iter());
            let keys: Vec<String> = client.settings.public_keys(data).collect();
            clear_metadata(client, target, keys, reaction);
        }
    }
}

/// Returns the channel whose data the client may perhaps set; `Some(None)` for the client itself.
/// Otherwise writes a refusal.
fn own_target(
    client: &Client,
    target: &str,
    key: &str,
    reaction: &mut Reaction,
) -> Option<Option<String>> {
    if target.starts_with('#') {
        return Some(Some(target.to_owned()));
    }
    let nickname = Nickname::parse(target).ok();
    let own = client.user.as_ref().map(|own| &own.nickname);
    if target == "*" || nickname.is_some() && nickname.as_ref() == own {
        return Some(None);
    }
    let subject = format_args!("{} {}", Word(target), Word(key));
    let text = "Users set only their own metadata";
    fail_metadata(client, "KEY_NO_PERMISSION", subject, text, reaction);
    None
}

fn subscribe<'a>(
    client: &mut Client,
    keys: impl Iterator<Item = &'a str>,
    reaction: &mut Reaction,
) {
    let mut added = Vec::new();
    let mut first_refused = None;
    for key in keys {
        if !check_key(client, key, reaction) {
            continue;
        }
        if !client.subscriptions.add(key) {
            first_refused = Some(key);
            break;
        }
        added.push(key);
    }
    list(client, 770, &added, reaction);
    if let Some(key) = first_refused {
        let text = format!("A client subscribes to at most {} keys", Subscriptions::MOST);
        fail_metadata(client, "TOO_MANY_SUBS", Word(key), &text, reaction);
    }
    if !added.is_empty() {
        for name in &client.channels {
            metadata_sync_later(client, name, reaction);
        }
    }
}

fn unsubscribe<'a>(
    client: &mut Client,
    keys: impl Iterator<Item = &'a str>,
    reaction: &mut Reaction,
) {
    let mut removed = Vec::new();
    for key in keys {
        if check_key(client, key, reaction) {
            client.subscriptions.remove(key);
            removed.push(key);
        }
    }
    list(client, 771, &removed, reaction);
}

fn subscriptions(client: &mut Client, reaction: &mut Reaction) {
    let batch = client.next_batch("metadata-subs");
    client.line(&mut reaction.frames, format_args!("BATCH +{batch} metadata-subs"));
    for key in client.subscriptions.keys() {
        client.numeric_in(&batch, &mut reaction.frames, 772, format_args!("{key}"));
    }
    client.line(&mut reaction.frames, format_args!("BATCH -{batch}"));
}

/// Returns true if a key can be one of metadata; writes a failure otherwise.
fn check_key(client: &Client, key: &str, reaction: &mut Reaction) -> bool {
    let is_valid = is_key(key);
    if !is_valid {
        fail_metadata(client, "KEY_INVALID", Word(key), INVALID_KEY, reaction);
    }
    is_valid
}

/// Writes keys, in several lines if they are many.
fn list(client: &Client, code: u16, keys: &[&str], reaction: &mut Reaction) {
    for part in keys.chunks(KEYS_IN_LINE) {
        client.numeric(&mut reaction.frames, code, format_args!("{}", part.join(" ")));
    }
}

/// The most keys in a line, none of which is longer than 64 bytes.
const KEYS_IN_LINE: usize = 5;
