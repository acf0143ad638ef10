//! Erasing the account of a user to whom others have replied.

use chat_core::{
    ChannelName, Message, MessageId, Nickname, Record, ReplyTo, StampedRecord, Target, Text,
    Timestamp, UserInfo,
};
use chat_store_sqlite::{Durability, Selection, SqliteOptions, erase, export};
use std::convert::Infallible;
use std::sync::Arc;
use tempfile::TempDir;

const START: Timestamp = Timestamp::from_millis(1_767_225_600_000);

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
    let mut options = SqliteOptions::default();
    options.durability = Durability::Process;
    let mut store = options.open(&path, START).expect("it opens").store;
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
    let records = [own, other].into_iter().chain(replies).map(|message| {
        let message = Arc::new(message);
        let record = Record::Said { message, recipient: None, nonce: None, away: None };
        StampedRecord { at: START, record }
    });
    store.commit(&records.collect::<Vec<_>>()).expect("it commits");
    drop(store);
    erase(&path, &"ann7".into(), &mut |_| {}).expect("it is erased");

    let mut names = Vec::new();
    let mut write = |message: &Message| {
        names.extend(message.reply_to().and_then(|parent| parent.nickname.clone()));
        Ok::<(), Infallible>(())
    };
    export(&path, &Selection::All, &mut write, &mut |_| ()).expect("it is exported");
    assert_eq!(
        names.iter().map(Nickname::shown).collect::<Vec<_>>(),
        ["erased", "Ann", "cid", "erased"]
    );
}
