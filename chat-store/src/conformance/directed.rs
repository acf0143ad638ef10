//! Cases that random runs rarely reach.

use super::changes;
use super::run::{RECENT, Run, START};
use super::subject::Subject;
use chat_core::search::SearchRequest;
use chat_core::{
    AccountName, Actor, AuditAction, AuditEntry, AuditId, ChannelId, ChannelName, DurableState,
    HistoryRange, List, ListEntry, ListSubject, Message, MessageId, Modes, Nickname, Nonce, Record,
    Report, ReportId, Role, Secret, StampedRecord, Status, StatusSet, Target, Text, Timestamp,
    TokenDigest, UserId, UserInfo, UserMask,
};
use std::sync::Arc;
use std::time::Duration;

pub(super) fn check<S: Subject>(fresh: &impl Fn() -> S) {
    round_without_records_changes_nothing(&mut fresh());
    ids_continue_after_the_newest_message_was_forgotten(&mut fresh());
    text_is_kept_byte_for_byte(&mut fresh());
    nonce_outlasts_the_channel_of_its_message(&mut fresh());
    channel_created_again_has_a_history_of_its_own(&mut fresh());
    oldest_operator_succeeds_an_owner_who_is_removed(&mut fresh());
    entries_of_a_list_are_removed_by_name_and_by_user(&mut fresh());
    masks_are_removed_without_regard_to_case(&mut fresh());
    messages_to_some_members_are_not_kept(&mut fresh());
    search_finds_every_kind_of_text(&mut fresh());
    search_reads_the_channels_and_the_mailbox_only(&mut fresh());
    ids_above_all_others_are_bounds(&mut fresh());
    pages_of_times_are_those_of_ids(&mut fresh());
    messages_that_a_channel_keeps_are_not_deleted(&mut fresh());
    records_that_do_not_fit_change_nothing_but_the_time(&mut fresh());
    logins_of_an_account_end_with_it(&mut fresh());
    read_positions_of_the_newest_conversations_are_kept(&mut fresh());
    audit_log_keeps_its_last_entry(&mut fresh());
    report_numbers_continue_after_all_are_closed(&mut fresh());
    changes::check(fresh);
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

fn logins_of_an_account_end_with_it<S: Subject>(subject: &mut S) {
    let mut run = Run::new(subject);
    let ann = || AccountName::from("Ann");
    let digest = TokenDigest::of(&Secret::new("t1"));
    let registered = |at, credentials: &str| {
        stamped(
            at,
            Record::AccountRegistered { account: ann(), credentials: Secret::new(credentials) },
        )
    };
    let issued = |at, device: Option<&str>| {
        let device = device.map(Text::clean);
        stamped(at, Record::TokenIssued { account: ann(), digest, device })
    };
    let used = |at| stamped(at, Record::TokenUsed { account: ann(), token: digest.id() });
    // Before the account is registered, they have no effect.
    run.commit(vec![issued(1, None), used(1)]);
    run.restart();
    run.commit(vec![registered(2, "one"), issued(3, Some("it's a \"phone\"")), used(9)]);
    run.restart();
    let credentials = Secret::new("two");
    run.commit(vec![stamped(10, Record::CredentialsChanged { account: ann(), credentials })]);
    run.restart();
    // The same token again, as a new login.
    run.commit(vec![issued(11, None)]);
    run.restart();
    run.commit(vec![stamped(12, Record::AccountRemoved { account: ann() })]);
    run.restart();
    run.commit(vec![registered(13, "three")]);
    run.restart();
    run.commit(vec![issued(14, None)]);
    let revoked = Record::TokenRevoked { account: ann(), token: digest.id() };
    run.commit(vec![stamped(15, revoked), registered(16, "four")]);
    run.restart();
}

fn read_positions_of_the_newest_conversations_are_kept<S: Subject>(subject: &mut S) {
    let mut run = Run::new(subject);
    let ann = || AccountName::from("Ann");
    let read =
        |target, id| stamped(id, Record::ReadMarked { account: ann(), target, id: MessageId(id) });
    let user = |name: &str| Target::User(Nickname::parse(name).expect("a nickname"));
    let in_rust = || Target::Channel(rust());
    let joined = |id, since| {
        let (channel, id, since) = (rust(), ChannelId(id), MessageId(since));
        stamped(1, Record::ChannelJoined { channel, id, account: ann(), since })
    };
    // A channel that the account is not in has no read position.
    run.commit(vec![read(in_rust(), 1)]);
    run.restart();
    run.commit(vec![created(1, &rust(), 2), joined(2, 7), read(in_rust(), 9)]);
    run.restart();
    run.commit(vec![read(in_rust(), 8), read(user("Bob"), 5), read(user("bob"), 4)]);
    run.restart();
    let limit = u64::try_from(DurableState::READ_CONVERSATIONS).expect("a small number");
    run.commit((0..=limit).map(|id| read(user(&format!("user{id}")), 10 + id / 2)).collect());
    run.restart();
    // The account joins another channel of the same name, then leaves it.
    run.commit(vec![joined(3, 10)]);
    run.restart();
    let left = Record::ChannelLeft { channel: rust(), account: ann() };
    run.commit(vec![stamped(2, left.clone()), stamped(2, left)]);
    run.restart();
    run.commit(vec![joined(3, 11), stamped(3, Record::AccountRemoved { account: ann() })]);
    run.restart();
    run.commit(vec![joined(3, 12)]);
    run.restart();
}

fn audit_log_keeps_its_last_entry<S: Subject>(subject: &mut S) {
    let mut run = Run::new(subject);
    let audited = |at, id, oldest| {
        let account = AccountName::from(format!("it's \"{id}\""));
        let action = AuditAction::AccountRemoved { account };
        let time = Timestamp::from_millis(START.as_millis() + at);
        let entry = Arc::new(AuditEntry::new(AuditId(id), time, Actor::Server, action));
        stamped(at, Record::Audited { entry, oldest: AuditId(oldest) })
    };
    run.commit(vec![audited(1, 1, 1), audited(2, 2, 1), audited(3, 3, 2)]);
    run.restart();
    // A number that is not above all others has no entry, and the last entry stays.
    run.commit(vec![audited(4, 3, 3)]);
    run.restart();
    run.commit(vec![audited(5, 4, 99)]);
    run.restart();
}

fn report_numbers_continue_after_all_are_closed<S: Subject>(subject: &mut S) {
    let mut run = Run::new(subject);
    let reported = |at, id, text: Option<&str>| {
        let user = |name| Arc::new(UserInfo::guest(Nickname::parse(name).expect("a nickname")));
        let time = Timestamp::from_millis(START.as_millis() + at);
        let mut report = Report::new(ReportId(id), time, user("ann"), user("Ünal"));
        report.reason = text.map(Text::clean);
        if let Record::Said { message, .. } =
            said(at, id, Target::Channel(ChannelName::lobby()), "it's \"spam\"\n\tline").record
        {
            report.message = text.map(|_| message);
        }
        stamped(at, Record::Reported(Arc::new(report)))
    };
    let closed = |at, id| stamped(at, Record::ReportClosed { report: ReportId(id) });
    run.commit(vec![reported(1, 1, None), reported(2, 2, Some("it's spam"))]);
    run.restart();
    run.commit(vec![closed(3, 1), closed(4, 7)]);
    run.restart();
    run.commit(vec![closed(5, 2)]);
    run.restart();
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
        let (nickname, account) = (nickname(text), None);
        entry.subject = ListSubject::User { nickname, account, user: Some(UserId(user)) };
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

fn messages_to_some_members_are_not_kept<S: Subject>(subject: &mut S) {
    let mut run = Run::new(subject);
    let operators = || Target::Members { channel: rust(), least: Role::Operator };
    run.commit(vec![
        created(1, &rust(), 2),
        said(2, 1, Target::Channel(rust()), "for all"),
        said(3, 2, operators(), "for operators"),
    ]);
    run.restart();
    // Ids continue above those of messages that are not kept.
    run.commit(vec![said(4, 3, operators(), "for operators")]);
    run.restart();
    run.commit(vec![said(5, 4, Target::Channel(rust()), "for all")]);
    run.restart();
}

fn masks_are_removed_without_regard_to_case<S: Subject>(subject: &mut S) {
    let mut run = Run::new(subject);
    run.commit(vec![created(1, &rust(), 2)]);
    let mask = |text| UserMask::parse(text).expect("a mask");
    let lists = [List::Bans, List::InviteExceptions];
    for (at, list) in (2..).zip(lists) {
        for text in ["*!*@c-7F", "a?c*!*@*", "~a:bob"] {
            let time = Timestamp::from_millis(START.as_millis() + at);
            let entry = ListEntry::of_mask(mask(text), Actor::Server, time);
            run.commit(vec![stamped(at, Record::Listed { channel: rust(), list, entry })]);
        }
    }
    run.restart();
    for (at, (list, text)) in (10..).zip([
        (List::Bans, "*!*@C-7f"),
        (List::InviteExceptions, "~a:bob"),
        (List::Bans, "~a:Bob"),
        (List::Mutes, "a?c*!*@*"),
    ]) {
        let mask = mask(text);
        run.commit(vec![stamped(at, Record::MaskUnlisted { channel: rust(), list, mask })]);
        run.restart();
    }
}

/// Before and after the store has done the work that can wait, and after it was opened again.
fn search_finds_every_kind_of_text<S: Subject>(subject: &mut S) {
    let mut run = Run::new(subject);
    let lobby = || Target::Channel(ChannelName::lobby());
    let texts = [
        ("my User-Name", "user-name"),
        ("I like C++.", "c++"),
        ("please don\u{2019}t", "don't"),
        ("join #rust!", "#rust"),
        ("a \" b", "\""),
        ("x * 3", "*"),
        ("this AND that", "and OR"),
        ("(a:b) NEAR/3 ^c", "(a:b) near/3 ^c"),
        ("STRASSE und Gasse", "straße"),
        ("Tiếng Việt, Đà Nẵng", "viet da"),
        ("İstanbul ısı", "istanbul isi"),
        ("東京都へ行く", "京都"),
        ("한국어 공부", "국어"),
        ("ラーメンを食べる", "麺"),
        ("น้ำแข็ง", "แข็ง"),
        ("\u{1f44d}\u{1f3fd} \u{e000}", "\u{1f44d}"),
        ("q", "q"),
        ("several\n\tlines", "several lines"),
        ("it's 100% _snake_case_ $5 ~`@&|\\<>{}[]=;,?/", "% _snake_ $5 ~`@&|\\<>{}[]=;,?/"),
    ];
    for (id, (text, _)) in (1..).zip(texts) {
        run.commit(vec![said(id, id, lobby(), text)]);
    }
    for round in 0..3 {
        for (id, (text, search)) in (1..).zip(texts) {
            let request = SearchRequest::new(Text::clean(search), 100);
            let found = run.search(&request.with_channel(ChannelId(1), ChannelName::lobby()));
            let is_found = found.iter().any(|message| message.id == MessageId(id));
            let expected = chat_core::search::SearchTerms::parse(search).expect("it has tokens");
            assert_eq!(is_found, expected.are_in(text), "{search} in {text}, round {round}");
        }
        if round == 0 { run.maintain() } else { run.restart() }
    }
}

fn search_reads_the_channels_and_the_mailbox_only<S: Subject>(subject: &mut S) {
    let mut run = Run::new(subject);
    let to = |text| Target::User(Nickname::parse(text).expect("a nickname"));
    let mut both = said(3, 3, to("bob"), "hi");
    if let Record::Said { message, recipient, .. } = &mut both.record {
        let mut sender = UserInfo::guest(Nickname::parse("carol").expect("a nickname"));
        sender.account = Some("ca".into());
        Arc::make_mut(message).sender = Actor::User(Arc::new(sender));
        *recipient = Some("bo".into());
    }
    run.commit(vec![
        created(1, &rust(), 2),
        said(2, 1, Target::Channel(rust()), "hi"),
        said(2, 2, Target::Channel(ChannelName::lobby()), "hi"),
        both,
        said(4, 4, to("al"), "hi"),
    ]);
    let ids = |run: &Run<'_, S>, channels: &[(u64, &str)], account: Option<&str>| -> Vec<u64> {
        let mut request = SearchRequest::new(Text::clean("hi"), 100);
        for (id, name) in channels {
            let name = ChannelName::parse(name).expect("a name");
            request = request.with_channel(ChannelId(*id), name);
        }
        request.account = account.map(AccountName::from);
        run.search(&request).iter().map(|message| message.id.0).collect()
    };
    for has_maintained in [false, true] {
        assert_eq!(ids(&run, &[(1, "lobby"), (2, "rust")], None), [2, 1], "{has_maintained}");
        assert_eq!(ids(&run, &[(1, "lobby")], Some("al")), [4, 2]);
        assert_eq!(ids(&run, &[], Some("bo")), [3]);
        assert_eq!(ids(&run, &[], Some("ca")), [3]);
        assert_eq!(ids(&run, &[], None), [0; 0]);
        run.maintain();
    }
    // The message stays for the other party. An account that takes the name does not find it.
    run.commit(vec![stamped(5, Record::AccountRemoved { account: "ca".into() })]);
    run.commit(vec![stamped(6, Record::AccountSeen { account: "ca".into() })]);
    run.commit(vec![stamped(7, Record::ChannelForgotten { channel: rust(), id: ChannelId(2) })]);
    run.commit(vec![created(8, &rust(), 3), said(9, 5, Target::Channel(rust()), "hi")]);
    for has_maintained in [false, true] {
        assert_eq!(ids(&run, &[], Some("ca")), [0; 0], "{has_maintained}");
        assert_eq!(ids(&run, &[(3, "rust")], Some("bo")), [5, 3]);
        assert_eq!(ids(&run, &[(2, "rust")], Some("al")), [4]);
        run.maintain();
    }
    run.restart();
    assert_eq!(ids(&run, &[(1, "lobby"), (3, "rust")], Some("bo")), [5, 3, 2]);
}

/// Clients send any number as an id.
fn ids_above_all_others_are_bounds<S: Subject>(subject: &mut S) {
    let mut run = Run::new(subject);
    let said = |at, id| said(at, id, Target::Channel(ChannelName::lobby()), "hi");
    run.commit(vec![said(1, 1), said(2, 2), said(3, 3)]);
    for bound in [4, u64::MAX >> 1, (u64::MAX >> 1) + 1, u64::MAX].map(MessageId) {
        for (range, expected) in [
            (HistoryRange::Before(bound), vec![2, 3]),
            (HistoryRange::After(bound), vec![]),
            (HistoryRange::Around(bound), vec![3]),
        ] {
            let page = run.history(ChannelId(1), &ChannelName::lobby(), range, 2);
            let ids: Vec<u64> = page.messages.iter().map(|message| message.id.0).collect();
            assert_eq!(ids, expected, "{range:?}");
        }
        let request = SearchRequest::new(Text::clean("hi"), 100);
        let mut request = request.with_channel(ChannelId(1), ChannelName::lobby());
        request.older_than = Some(bound);
        assert_eq!(run.search(&request).len(), 3, "{bound:?}");
    }
}

/// Several messages may have the same time.
fn pages_of_times_are_those_of_ids<S: Subject>(subject: &mut S) {
    let mut run = Run::new(subject);
    let said = |at, id| said(at, id, Target::Channel(ChannelName::lobby()), "hi");
    run.commit(vec![said(1, 1), said(2, 2), said(2, 3), said(4, 4)]);
    let at = |at| Timestamp::from_millis(START.as_millis() + at);
    for (range, expected) in [
        (HistoryRange::BeforeTime(at(0)), vec![]),
        (HistoryRange::BeforeTime(at(2)), vec![1]),
        (HistoryRange::BeforeTime(at(3)), vec![2, 3]),
        (HistoryRange::BeforeTime(at(9)), vec![3, 4]),
        (HistoryRange::AfterTime(at(0)), vec![1, 2]),
        (HistoryRange::AfterTime(at(1)), vec![2, 3]),
        (HistoryRange::AfterTime(at(2)), vec![4]),
        (HistoryRange::AfterTime(at(4)), vec![]),
        (HistoryRange::AfterTime(Timestamp::from_millis(u64::MAX)), vec![]),
    ] {
        let page = run.history(ChannelId(1), &ChannelName::lobby(), range, 2);
        let ids: Vec<u64> = page.messages.iter().map(|message| message.id.0).collect();
        assert_eq!(ids, expected, "{range:?}");
    }
}

/// A store may delete the others.
fn messages_that_a_channel_keeps_are_not_deleted<S: Subject>(subject: &mut S) {
    let mut run = Run::new(subject);
    let lobby = ChannelName::lobby();
    let keep = Some(Duration::from_millis(100));
    let modes = Modes { keep, ..Modes::default() };
    run.commit(vec![
        created(1, &rust(), 2),
        stamped(2, Record::ModesChanged { channel: rust(), modes }),
        said(3, 1, Target::Channel(rust()), "hi"),
        said(3, 2, Target::Channel(lobby.clone()), "hi"),
        said(3, 3, Target::User(Nickname::parse("bob").expect("a nickname")), "hi"),
        said(50, 4, Target::Channel(rust()), "hi"),
        said(60, 5, Target::Channel(rust()), "hi"),
    ]);
    let ids = |run: &Run<'_, S>, id, name: &ChannelName| -> Vec<u64> {
        let page = run.history(ChannelId(id), name, HistoryRange::Latest, 10);
        page.messages.iter().map(|message| message.id.0).collect()
    };
    for (at, first_kept) in [(103, 1), (104, 4), (150, 4), (151, 5), (161, 6)] {
        run.set_time(Timestamp::from_millis(START.as_millis() + at));
        run.maintain();
        let kept: Vec<u64> = [1, 4, 5].into_iter().filter(|id| *id >= first_kept).collect();
        assert!(ids(&run, 2, &rust()).ends_with(&kept), "at {at}");
        assert_eq!(ids(&run, 1, &lobby), [2]);
    }
    // Nothing expires any more.
    let modes = Modes::default();
    run.commit(vec![
        stamped(170, Record::ModesChanged { channel: rust(), modes }),
        said(171, 6, Target::Channel(rust()), "hi"),
    ]);
    run.set_time(Timestamp::from_millis(START.as_millis() + 9_999));
    run.maintain();
    assert!(ids(&run, 2, &rust()).ends_with(&[6]));
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
