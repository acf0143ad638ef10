//! Cases that random runs rarely reach.

use super::run::{RECENT, Run, START};
use super::subject::Subject;
use chat_core::{
    AccountName, Actor, ChannelId, ChannelName, HistoryRange, List, ListEntry, Message, MessageId,
    Modes, Nickname, Nonce, Record, StampedRecord, Status, StatusSet, Target, Text, Timestamp,
    UserId, UserInfo,
};
use std::sync::Arc;

pub(super) fn check<S: Subject>(fresh: &impl Fn() -> S) {
    round_without_records_changes_nothing(&mut fresh());
    ids_continue_after_the_newest_message_was_forgotten(&mut fresh());
    text_is_kept_byte_for_byte(&mut fresh());
    nonce_outlasts_the_channel_of_its_message(&mut fresh());
    channel_created_again_has_a_history_of_its_own(&mut fresh());
    oldest_operator_succeeds_an_owner_who_is_removed(&mut fresh());
    entries_of_a_list_are_removed_by_name_and_by_user(&mut fresh());
    records_that_do_not_fit_change_nothing_but_the_time(&mut fresh());
}

fn stamped(at: u64, record: Record) -> StampedRecord {
    StampedRecord { at: Timestamp::from_millis(START.as_millis() + at), record }
}

fn created(at: u64, name: &ChannelName, id: u64) -> StampedRecord {
    let (by, statuses, modes) = (Actor::Server, StatusSet::default(), Modes::default());
    stamped(
        at,
        Record::ChannelCreated {
            channel: name.clone(),
            id: ChannelId(id),
            by,
            owner: None,
            statuses,
            modes,
            kept: false,
        },
    )
}

fn said(at: u64, id: u64, target: Target, text: &str) -> StampedRecord {
    let mut sender = UserInfo::guest(Nickname::parse("Ünal").expect("a nickname"));
    sender.real_name = Some(Text::clean("Ünal \"x\" 'y'"));
    let at = Timestamp::from_millis(START.as_millis() + at);
    let text = Text::clean_lines(text);
    let message = Arc::new(Message::new(MessageId(id), at, Arc::new(sender), target, text));
    let record = Record::Said { message, recipient: Some("al".into()), nonce: None, away: None };
    StampedRecord { at, record }
}

fn rust() -> ChannelName {
    ChannelName::parse("#Rust").expect("a name")
}

fn round_without_records_changes_nothing<S: Subject>(subject: &mut S) {
    let mut run = Run::new(subject);
    run.commit(Vec::new());
    run.restart();
}

fn ids_continue_after_the_newest_message_was_forgotten<S: Subject>(subject: &mut S) {
    let mut run = Run::new(subject);
    run.commit(vec![created(1, &rust(), 7), said(2, 41, Target::Channel(rust()), "hi")]);
    run.commit(vec![stamped(3, Record::ChannelForgotten { channel: rust(), id: ChannelId(7) })]);
    run.restart();
    let counters = run.state().counters();
    assert_eq!((counters.last_channel, counters.last_message), (ChannelId(7), MessageId(41)));
}

fn text_is_kept_byte_for_byte<S: Subject>(subject: &mut S) {
    let mut run = Run::new(subject);
    let lobby = || Target::Channel(ChannelName::lobby());
    let texts = ["'; DROP TABLE x", "a\n\tb\n  c", "\u{1f600} e\u{301}", "%_\"\\", "\u{200b}x"];
    for (id, text) in (1..).zip(texts) {
        run.commit(vec![said(id, id, lobby(), text)]);
    }
    let nickname = Nickname::parse("Bob").expect("a nickname");
    run.commit(vec![said(9, 9, Target::User(nickname), "in private")]);
    run.restart();
}

/// A client that did not get the acknowledgement sends the message again after the channel is gone.
fn nonce_outlasts_the_channel_of_its_message<S: Subject>(subject: &mut S) {
    let mut run = Run::new(subject);
    let mut said = said(2, 1, Target::Channel(rust()), "hi");
    if let Record::Said { message, nonce, .. } = &mut said.record {
        let mut sender = UserInfo::guest(Nickname::parse("alice").expect("a nickname"));
        sender.account = Some("al".into());
        Arc::make_mut(message).sender = Actor::User(Arc::new(sender));
        *nonce = Nonce::parse("n").ok();
    }
    run.commit(vec![created(1, &rust(), 2), said]);
    run.commit(vec![stamped(3, Record::ChannelForgotten { channel: rust(), id: ChannelId(2) })]);
    run.restart();
}

fn channel_created_again_has_a_history_of_its_own<S: Subject>(subject: &mut S) {
    let mut run = Run::new(subject);
    run.commit(vec![created(1, &rust(), 2), said(2, 1, Target::Channel(rust()), "first")]);
    run.commit(vec![stamped(3, Record::ChannelForgotten { channel: rust(), id: ChannelId(2) })]);
    run.commit(vec![created(4, &rust(), 3), said(5, 2, Target::Channel(rust()), "second")]);
    run.restart();
    let page = run.history(ChannelId(3), &rust(), HistoryRange::Latest, RECENT);
    let texts: Vec<&str> = page.messages.iter().map(|message| message.text.as_str()).collect();
    assert_eq!(texts, ["second"]);
    assert!(!page.more, "the first one is not part of it");
}

/// Gives an account these roles in `#Rust`.
fn gained(at: u64, account: &str, roles: &[Status]) -> StampedRecord {
    let mut statuses = StatusSet::default();
    roles.iter().for_each(|status| statuses.insert(*status));
    let nickname = Nickname::parse(account).expect("a nickname");
    let account = Some(account.into());
    stamped(at, Record::RoleChanged { channel: rust(), nickname, account, statuses })
}

fn oldest_operator_succeeds_an_owner_who_is_removed<S: Subject>(subject: &mut S) {
    use Status::{Operator, Owner, Voiced};
    let mut run = Run::new(subject);
    let invited = |account: &str| Record::Invited { channel: rust(), account: account.into() };
    run.commit(vec![
        created(1, &rust(), 2),
        gained(2, "owner", &[Owner]),
        gained(3, "zoe", &[Voiced]),
        gained(4, "al", &[Operator]),
        // She has had a status for longer than he.
        gained(5, "zoe", &[Operator, Voiced]),
        stamped(6, invited("owner")),
        stamped(7, invited("bo")),
    ]);
    run.restart();
    for (at, account) in [(8, "owner"), (9, "zoe"), (10, "nobody")] {
        run.commit(vec![stamped(at, Record::AccountRemoved { account: account.into() })]);
        run.restart();
    }
}

fn entries_of_a_list_are_removed_by_name_and_by_user<S: Subject>(subject: &mut S) {
    let mut run = Run::new(subject);
    run.commit(vec![created(1, &rust(), 2)]);
    let nickname = |text| Nickname::parse(text).expect("a nickname");
    let list = List::Bans;
    for (at, (text, user)) in (2..).zip([("a", 1), ("b", 2), ("c", 1), ("B", 3)]) {
        let at = Timestamp::from_millis(START.as_millis() + at);
        let mut entry = ListEntry::new(nickname(text), Actor::Server, at);
        entry.user = Some(UserId(user));
        entry.reason = Some(Text::clean("a reason"));
        run.commit(vec![StampedRecord {
            at,
            record: Record::Listed { channel: rust(), list, entry },
        }]);
    }
    run.restart();
    for (at, user) in [(10, Some(UserId(1))), (11, None)] {
        let nickname = nickname("b");
        let list = if user.is_some() { List::Mutes } else { list };
        run.commit(vec![stamped(at, Record::Unlisted { channel: rust(), list, nickname, user })]);
        run.restart();
    }
    run.commit(vec![stamped(
        12,
        Record::Unlisted { channel: rust(), list, nickname: nickname("x"), user: Some(UserId(1)) },
    )]);
    run.restart();
}

fn records_that_do_not_fit_change_nothing_but_the_time<S: Subject>(subject: &mut S) {
    let mut run = Run::new(subject);
    let account = AccountName::from("al");
    let nowhere = ChannelName::parse("#nowhere").expect("a name");
    run.commit(vec![
        stamped(1, Record::TopicChanged { channel: nowhere.clone(), topic: None }),
        stamped(2, Record::ChannelForgotten { channel: nowhere.clone(), id: ChannelId(9) }),
        stamped(3, Record::InvitationUsed { channel: nowhere.clone(), account: account.clone() }),
        stamped(4, Record::AccountRemoved { account }),
        said(5, 3, Target::Channel(nowhere), "nobody hears it"),
    ]);
    run.restart();
    assert_eq!(run.state().counters().last_message, MessageId(3));
}
