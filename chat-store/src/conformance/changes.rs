//! Cases about messages that were changed.

use super::run::{Run, START};
use super::subject::Subject;
use chat_core::search::SearchRequest;
use chat_core::{
    AccountName, ChannelId, ChannelName, Deletion, DurableState, HistoryRange, Message, MessageId,
    MessageReaction, MessageRequest, Nickname, Record, StampedRecord, Target, Text, Timestamp,
    UserId, UserInfo,
};
use std::sync::Arc;

pub(super) fn check<S: Subject>(fresh: &impl Fn() -> S) {
    deleted_text_is_in_no_page_and_not_found(&mut fresh());
    deleted_private_message_is_deleted_in_both_mailboxes(&mut fresh());
    message_is_found_in_its_places_only(&mut fresh());
    newest_changes_are_kept(&mut fresh());
    search_finds_the_edited_text(&mut fresh());
    reply_names_its_message(&mut fresh());
    reactions_are_kept(&mut fresh());
}

fn time(at: u64) -> Timestamp {
    Timestamp::from_millis(START.as_millis() + at)
}

fn account(name: &str) -> AccountName {
    name.into()
}

/// A message of ann, who has an account.
fn message(id: u64, target: Target, text: &str) -> Arc<Message> {
    let mut sender = UserInfo::guest(Nickname::parse("ann").expect("a nickname"));
    sender.account = Some(account("a1"));
    let sender = Arc::new(sender);
    Arc::new(Message::new(MessageId(id), time(id), sender, target, Text::clean(text)))
}

fn said(message: &Arc<Message>) -> StampedRecord {
    let recipient = message.target.channel().is_none().then(|| account("b1"));
    let (message, at) = (message.clone(), message.at);
    let record = Record::Said { message, recipient, nonce: None, away: None };
    StampedRecord { at, record }
}

fn deleted(at: u64, message: &Message, accounts: &[AccountName]) -> StampedRecord {
    let reason = Some(Text::clean("it's \"private\""));
    let deletion = Deletion { by: message.sender.clone(), at: time(at), reason };
    let message = Arc::new(message.deleted(deletion));
    let record = Record::MessageChanged { message, accounts: accounts.to_vec() };
    StampedRecord { at: time(at), record }
}

fn lobby() -> Target {
    Target::Channel(ChannelName::lobby())
}

fn bob() -> Nickname {
    Nickname::parse("bob").expect("a nickname")
}

fn reply_names_its_message<S: Subject>(subject: &mut S) {
    let mut run = Run::new(subject);
    let parent = message(1, lobby(), "shall we?");
    let reply = message(2, lobby(), "yes");
    let reply = Arc::new(reply.as_ref().clone().replying_to(parent.as_ref().into()));
    run.commit(vec![said(&parent), said(&reply)]);
    let mut request = MessageRequest::new(MessageId(2));
    request.channels = vec![(ChannelName::lobby(), ChannelId(1))];
    for _ in 0..2 {
        assert_eq!(run.message(&request), Some(reply.clone()));
        run.restart();
    }
}

fn reactions_are_kept<S: Subject>(subject: &mut S) {
    let mut run = Run::new(subject);
    let first = message(1, lobby(), "tea is ready");
    run.commit(vec![said(&first)]);
    run.maintain();
    let reaction = |emoji, account: Option<&str>, user| MessageReaction {
        emoji: Text::clean(emoji),
        nickname: bob(),
        account: account.map(Into::into),
        user: UserId(user),
    };
    let mut reactions = vec![reaction("\u{1f44d}", Some("b1"), 1), reaction("+1", None, 2)];
    let mut request = MessageRequest::new(MessageId(1));
    request.channels = vec![(ChannelName::lobby(), ChannelId(1))];
    for at in 2..4 {
        let message = Arc::new(first.with_reactions(reactions.clone()));
        let record = Record::MessageChanged { message: message.clone(), accounts: Vec::new() };
        run.commit(vec![StampedRecord { at: time(at), record }]);
        assert_eq!(run.message(&request), Some(message.clone()));
        run.restart();
        assert_eq!(run.message(&request), Some(message));
        let found = SearchRequest::new(Text::clean("tea"), 50);
        let found = run.search(&found.with_channel(ChannelId(1), ChannelName::lobby()));
        assert_eq!(found.len(), 1);
        reactions.remove(0);
    }
}

fn deleted_text_is_in_no_page_and_not_found<S: Subject>(subject: &mut S) {
    let mut run = Run::new(subject);
    let messages: Vec<_> = (1..=20).map(|id| message(id, lobby(), "secret")).collect();
    run.commit(messages.iter().map(said).collect());
    // Some messages are in the index for searches already.
    run.maintain();
    run.commit(vec![deleted(30, &messages[2], &[]), deleted(31, &messages[18], &[])]);
    let request = SearchRequest::new(Text::clean("secret"), 50);
    let request = request.with_channel(ChannelId(1), ChannelName::lobby());
    for _ in 0..2 {
        let range = HistoryRange::Latest;
        let page = run.history(ChannelId(1), &ChannelName::lobby(), range, 50).messages;
        let deleted = page.iter().filter(|message| message.deletion().is_some());
        let ids: Vec<_> = deleted.map(|message| message.id.0).collect();
        assert_eq!(ids, [3, 19]);
        let texts = page.iter().filter(|message| message.text.as_str() == "secret");
        assert_eq!((page.len(), texts.count()), (20, 18));
        assert_eq!(run.search(&request).len(), 18);
        let word = SearchRequest::new(Text::clean("deleted"), 50);
        assert!(run.search(&word.with_channel(ChannelId(1), ChannelName::lobby())).is_empty());
        run.restart();
        run.maintain();
    }
}

fn deleted_private_message_is_deleted_in_both_mailboxes<S: Subject>(subject: &mut S) {
    let mut run = Run::new(subject);
    let private = message(1, Target::User(bob()), "secret");
    run.commit(vec![said(&private), said(&message(2, lobby(), "hi"))]);
    run.commit(vec![deleted(5, &private, &[account("a1"), account("b1")])]);
    run.restart();
    for name in ["a1", "b1"] {
        let mut request = MessageRequest::new(MessageId(1));
        request.account = Some(account(name));
        let found = run.message(&request).expect("it is in the mailbox");
        assert!(found.deletion().is_some(), "{name}");
    }
    // The change is forgotten with the accounts.
    for (at, name) in [(6, "a1"), (7, "b1")] {
        let record = Record::AccountRemoved { account: account(name) };
        run.commit(vec![StampedRecord { at: time(at), record }]);
        run.restart();
    }
}

fn message_is_found_in_its_places_only<S: Subject>(subject: &mut S) {
    let mut run = Run::new(subject);
    let private = message(2, Target::User(bob()), "hi");
    run.commit(vec![said(&message(1, lobby(), "hi")), said(&private)]);
    let mut request = MessageRequest::new(MessageId(1));
    request.account = Some(account("a1"));
    assert_eq!(run.message(&request), None);
    request.channels = vec![(ChannelName::lobby(), ChannelId(2))];
    assert_eq!(run.message(&request), None);
    request.channels = vec![(ChannelName::lobby(), ChannelId(1))];
    assert_eq!(run.message(&request), Some(message(1, lobby(), "hi")));
    request.id = MessageId(2);
    assert_eq!(run.message(&request), Some(private));
    request.account = Some(account("c1"));
    assert_eq!(run.message(&request), None);
    for id in [0, 3, u64::MAX] {
        request.id = MessageId(id);
        assert_eq!(run.message(&request), None, "{id}");
    }
}

fn newest_changes_are_kept<S: Subject>(subject: &mut S) {
    let mut run = Run::new(subject);
    let count = DurableState::CHANGES as u64 + 3;
    let messages: Vec<_> = (1..=count).map(|id| message(id, lobby(), "hi")).collect();
    let records =
        messages.iter().flat_map(|message| [said(message), deleted(message.id.0, message, &[])]);
    run.commit(records.collect());
    run.restart();
    // One that was changed before.
    run.commit(vec![deleted(count + 1, &messages[500], &[])]);
    run.restart();
}

fn search_finds_the_edited_text<S: Subject>(subject: &mut S) {
    let mut run = Run::new(subject);
    let messages: Vec<_> = (1..=20).map(|id| message(id, lobby(), "first draft")).collect();
    run.commit(messages.iter().map(said).collect());
    run.maintain();
    let edited = Arc::new(messages[4].edited(Text::clean("final words\n"), time(30)));
    let record = Record::MessageChanged { message: edited.clone(), accounts: Vec::new() };
    run.commit(vec![StampedRecord { at: time(30), record }]);
    let search = |run: &Run<'_, S>, text| {
        let request = SearchRequest::new(Text::clean(text), 50);
        run.search(&request.with_channel(ChannelId(1), ChannelName::lobby()))
    };
    for _ in 0..2 {
        assert_eq!(search(&run, "final"), std::slice::from_ref(&edited));
        assert_eq!(search(&run, "draft").len(), 19);
        run.restart();
        run.maintain();
    }
}
