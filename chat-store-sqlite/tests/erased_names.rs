//! Erasing the account of a user to whom others have replied, and who has reacted to others.

use chat_core::{
    ChannelName, Message, MessageId, MessageReaction, Nickname, Record, ReplyTo, StampedRecord,
    Target, Text, Timestamp, UserId, UserInfo,
};
use chat_store::Opened;
use chat_store_sqlite::{Durability, Selection, SqliteOptions, erase, export};
use std::convert::Infallible;
use std::path::Path;
use std::sync::Arc;
use tempfile::TempDir;

const START: Timestamp = Timestamp::from_millis(1_767_225_600_000);

fn store(path: &Path) -> Opened {
    let mut options = SqliteOptions::default();
    options.durability = Durability::Process;
    options.open(path, START).expect("it opens")
}

/// Returns all messages of a store.
fn exported(path: &Path) -> Vec<Message> {
    let mut messages = Vec::new();
    let mut write = |message: &Message| {
        messages.push(message.clone());
        Ok::<(), Infallible>(())
    };
    export(path, &Selection::All, &mut write, &mut |_| ()).expect("it is exported");
    messages
}

fn said(message: Message) -> StampedRecord {
    let message = Arc::new(message);
    let record = Record::Said { message, recipient: None, nonce: None, away: None };
    StampedRecord { at: START, record }
}

fn message(id: u64, name: &str, account: Option<&str>) -> Message {
    let mut sender = UserInfo::guest(Nickname::parse(name).expect("a nickname"));
    sender.account = account.map(Into::into);
    let target = Target::Channel(ChannelName::lobby());
    let text = Text::clean("hi");
    Message::new(MessageId(id), START, Arc::new(sender), target, text)
}

#[test]
fn replies_do_not_name_the_erased_user() {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("chat.db");
    let mut store = store(&path).store;
    let own = message(1, "Ann", Some("ann7"));
    // A guest has the same name later.
    let other = message(2, "Ann", None);
    let lost = ReplyTo { id: MessageId(9), ..ReplyTo::from(&own) };
    let replies = [
        message(10, "bob", None).replying_to((&own).into()),
        message(11, "bob", None).replying_to((&other).into()),
        message(12, "bob", None).replying_to((&message(3, "cid", None)).into()),
        // The message is not in the store any more.
        message(13, "bob", None).replying_to(lost),
    ];
    let records = [own, other].into_iter().chain(replies).map(said);
    store.commit(&records.collect::<Vec<_>>()).expect("it commits");
    drop(store);
    erase(&path, &"ann7".into(), &mut |_| {}).expect("it is erased");

    let messages = exported(&path);
    let parents = messages.iter().filter_map(Message::reply_to);
    let names: Vec<_> = parents.filter_map(|parent| parent.nickname.as_ref()).collect();
    let names: Vec<_> = names.into_iter().map(Nickname::shown).collect();
    assert_eq!(names, ["erased", "Ann", "cid", "erased"]);
}

#[test]
fn reactions_of_the_erased_user_are_removed() {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("chat.db");
    let mut store = store(&path).store;
    let reaction = |emoji, name, account: Option<&str>| MessageReaction {
        emoji: Text::clean(emoji),
        nickname: Nickname::parse(name).expect("a nickname"),
        account: account.map(Into::into),
        user: UserId(7),
    };
    let said_by_bob = message(1, "bob", None);
    let reactions = vec![
        reaction("+1", "Ann", Some("ann7")),
        reaction("+1", "Ann", None),
        reaction("tea", "Ann", Some("ann7")),
        reaction("+1", "cid", Some("cid1")),
    ];
    let changed = Arc::new(said_by_bob.with_reactions(reactions.clone()));
    let record = Record::MessageChanged { message: changed, accounts: Vec::new() };
    let records = [said(said_by_bob), said(message(2, "Ann", Some("ann7")))];
    store.commit(&records).expect("it commits");
    store.commit(&[StampedRecord { at: START, record }]).expect("it commits");
    drop(store);
    erase(&path, &"ann7".into(), &mut |_| {}).expect("it is erased");
    let left = [reactions[1].clone(), reactions[3].clone()];
    assert_eq!(exported(&path)[0].reactions(), left);
}
