//! A policy sees the same words that others receive, in every command and however they are typed.

use crate::generate::{InputGenerator, Seed, small_limits};
use chat_core::{
    AppData, BanTarget, ChannelName, Checked, Command, Config, DataChange, Effect, Engine, Event,
    HistoryRange, Input, JoinTarget, List, MessageAction, MessageChangeKind, MessageKind,
    ModeChange, Nickname, OperatorCommand, Peer, Policy, ProfileChange, Query, Recipient, Role,
    SearchQuery, SessionId, StatusChange, Target, Text, Timestamp, UserMask, View,
};
use proptest::prelude::*;
use proptest::test_runner::Config as Runs;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

const START: Timestamp = Timestamp::from_millis(1_767_225_600_000);
const ALICE: SessionId = SessionId(1);
const BOB: SessionId = SessionId(2);
const NOBODY: SessionId = SessionId(3);

/// Forbids a word, a channel and a nickname.
struct House {
    channel: ChannelName,
    nickname: Nickname,
}

impl Policy for House {
    fn review(
        &mut self,
        _: View<'_>,
        _: SessionId,
        mut command: Command<Checked>,
    ) -> Result<Command<Checked>, Text> {
        let forbidden = command.channels().any(|channel| *channel == self.channel)
            || command.nicknames().any(|nickname| *nickname == self.nickname)
            || command.texts_mut().any(|text| text.as_str().contains("spam"));
        if forbidden { Err(Text::clean("forbidden")) } else { Ok(command) }
    }
}

/// Returns all commands of alice, who owns #rust, that contain these words.
fn commands(channel: &str, nickname: &str, text: &str) -> Vec<Command> {
    let [channel, nickname, text] = [channel, nickname, text].map(|word| move || word.to_owned());
    let (kind, change) = (MessageKind::Message, StatusChange::Become(Role::Voiced));
    let reason = || Some(text());
    let status = |text| vec![DataChange { key: "status".into(), text }];
    vec![
        Command::Say {
            to: Recipient::Channel(channel()),
            kind,
            text: text(),
            nonce: None,
            data: Default::default(),
            reply_to: None,
        },
        Command::Say {
            to: Recipient::User(nickname()),
            kind,
            text: text(),
            nonce: None,
            data: Default::default(),
            reply_to: None,
        },
        Command::Say {
            to: Recipient::Members { channel: channel(), least: Role::Voiced },
            kind,
            text: text(),
            nonce: None,
            data: Default::default(),
            reply_to: None,
        },
        Command::SetTopic { channel: channel(), topic: reason() },
        Command::Kick { channel: channel(), nickname: nickname(), reason: reason() },
        Command::Ban { channel: channel(), nickname: nickname(), reason: reason() },
        Command::Mute { channel: channel(), nickname: nickname(), reason: reason() },
        Command::SetAway { message: reason() },
        Command::SetData { channel: None, changes: status(reason()) },
        Command::SetData { channel: Some(channel()), changes: status(reason()) },
        Command::SetProfile { changes: vec![ProfileChange::RealName(reason())] },
        Command::Leave { channel: channel(), reason: reason() },
        Command::Join { channel: channel(), key: None },
        Command::ShowTopic { channel: channel() },
        Command::ShowModes { channel: channel() },
        Command::SetModes { channel: channel(), changes: vec![ModeChange::Secret(true)] },
        Command::SetRole { channel: channel(), nickname: nickname(), change },
        Command::Unban { channel: channel(), nickname: nickname() },
        Command::Unmute { channel: channel(), nickname: nickname() },
        Command::Exempt { channel: channel(), nickname: nickname() },
        Command::Unexempt { channel: channel(), nickname: nickname() },
        Command::Invite { channel: channel(), nickname: nickname() },
        Command::SetMask {
            channel: channel(),
            list: List::Bans,
            mask: "*!*@host".into(),
            listed: true,
            reason: reason(),
        },
        Command::ListUsers { channel: Some(channel()) },
        Command::ReadHistory { channel: channel(), range: HistoryRange::Latest, limit: 1 },
        Command::Query(Query::User { nickname: nickname() }),
        Command::Query(Query::Search(Box::new(SearchQuery {
            from: Some(nickname()),
            ..SearchQuery::new(text())
        }))),
        Command::Query(Query::WasHere { nickname: nickname(), limit: 1 }),
        Command::Rename { nickname: nickname() },
        Command::Operator(OperatorCommand::BanServer {
            target: BanTarget::Nickname(nickname()),
            duration: None,
            reason: reason(),
        }),
        Command::Operator(OperatorCommand::Disconnect { nickname: nickname(), reason: reason() }),
        Command::Operator(OperatorCommand::CloseChannel { channel: channel(), reason: reason() }),
        Command::Operator(OperatorCommand::SetRole {
            channel: channel(),
            nickname: nickname(),
            change,
        }),
    ]
}

/// Creates an engine with alice and bob in #rust, which alice owns, and a session without a user.
fn engine(policy: impl Policy + Send + 'static) -> Engine {
    let config = Config { commands_per_second: 0, ..Config::default() };
    let mut engine = Engine::with_policy(config, START, policy);
    for (session, nickname) in [(ALICE, Some("alice")), (BOB, Some("bob")), (NOBODY, None)] {
        engine.apply(START, Input::Open { session, peer: Peer::default() }).for_each(drop);
        let Some(nickname) = nickname else {
            continue;
        };
        give(&mut engine, session, Command::identify(nickname));
        give(&mut engine, session, Command::join("rust"));
    }
    engine
}

/// Applies a command. Returns the answer, and the events for others.
fn give(engine: &mut Engine, session: SessionId, command: Command) -> (Event, Vec<Event>) {
    let (mut answer, mut told) = (None, Vec::new());
    for effect in engine.apply(START, Input::Command { session, request: None, command }) {
        match effect {
            Effect::Reply { event, .. } => answer = Some(event.clone()),
            Effect::Deliver { event, .. } => told.push(event.clone()),
            Effect::HostReply { .. }
            | Effect::Ask { .. }
            | Effect::Close { .. }
            | Effect::Record(_) => {}
            _ => unreachable!("a variant that this test does not know"),
        }
    }
    (answer.expect("each command is answered"), told)
}

fn house() -> House {
    let channel = ChannelName::parse("staff").expect("a name");
    let nickname = Nickname::parse("admin").expect("a name");
    House { channel, nickname }
}

#[track_caller]
fn assert_forbidden(session: SessionId, command: Command) {
    let (answer, told) = give(&mut engine(house()), session, command.clone());
    let Event::Rejected(refusal) = answer else {
        panic!("{command:?} has been allowed: {answer:?}");
    };
    assert_eq!(refusal.code(), "forbidden", "{command:?}");
    assert!(told.is_empty(), "{command:?} has been announced: {told:?}");
}

/// Generates a word with characters in it that are removed before it is shown.
fn disguised_word() -> impl Strategy<Value = String> {
    let removed = prop::sample::select(vec![
        "", "", "\u{7}", "\u{1b}", "\0", "\u{202e}", "\u{2066}", "\u{2028}", "\u{85}", "\u{7f}",
    ]);
    let gaps = prop::collection::vec(removed, 5);
    (gaps, prop::sample::select(vec!["", "buy ", "\u{3000}"])).prop_map(|(gaps, before)| {
        let pieces = ["", "s", "p", "a", "m"].iter().zip(&gaps);
        before.to_owned()
            + &pieces.map(|(letter, gap)| format!("{letter}{gap}")).collect::<String>()
    })
}

/// Generates a name in letters of other cases and widths, surrounded by characters that are not
/// part of it.
fn disguised_name(name: &'static str, may_have_sign: bool) -> impl Strategy<Value = String> {
    let before = if may_have_sign { vec!["", "#", " #", "\u{3000}"] } else { vec!["", " ", "\t"] };
    let letters = prop::collection::vec(0..4_u32, name.len());
    (letters, prop::sample::select(before)).prop_map(move |(letters, before)| {
        let letter = |(letter, how): (char, &u32)| {
            let upper = if how & 1 == 1 { letter.to_ascii_uppercase() } else { letter };
            let wide = char::from_u32(u32::from(upper) + 0xfee0).expect("a wide letter");
            if how & 2 == 2 { wide } else { upper }
        };
        before.to_owned() + &name.chars().zip(&letters).map(letter).collect::<String>() + " "
    })
}

proptest! {
    #![proptest_config(Runs { failure_persistence: None, ..Runs::with_cases(256) })]

    #[test]
    fn forbidden_word_is_refused_in_every_disguise(word in disguised_word()) {
        for mut command in commands("rust", "bob", &word) {
            if command.texts_mut().next().is_some() {
                assert_forbidden(ALICE, command);
            }
        }
    }

    #[test]
    fn forbidden_channel_is_refused_in_every_spelling(name in disguised_name("staff", true)) {
        for mut command in commands(&name, "bob", "hi") {
            let names_channel = !matches!(
                command,
                Command::Say { to: Recipient::User(_), .. }
                    | Command::SetAway { .. }
                    | Command::SetProfile { .. }
                    | Command::SetData { channel: None, .. }
                    | Command::Query(_)
                    | Command::Rename { .. }
                    | Command::Operator(
                        OperatorCommand::BanServer { .. } | OperatorCommand::Disconnect { .. }
                    )
            );
            if names_channel {
                assert_forbidden(ALICE, command.clone());
            } else {
                // These commands have no channel, and must not be refused because of it.
                command.texts_mut().for_each(|text| "fine".clone_into(text));
                let (answer, _) = give(&mut engine(house()), ALICE, command.clone());
                prop_assert!(!matches!(&answer, Event::Rejected(r) if r.code() == "forbidden"));
            }
        }
        let target = |channel: &str| JoinTarget { channel: channel.to_owned(), key: None };
        let channels = vec![target(&name), target("tea")];
        let (answer, _) = give(&mut engine(house()), ALICE, Command::JoinMany { channels });
        let Event::EnteredMany { entered, refused } = answer else {
            panic!("{answer:?}");
        };
        let entered: Vec<&str> = entered.iter().map(|roster| roster.channel.shown()).collect();
        let refused: Vec<&str> = refused.iter().map(|one| one.refusal.code()).collect();
        prop_assert_eq!((entered, refused), (vec!["tea"], vec!["forbidden"]));
    }

    #[test]
    fn forbidden_nickname_is_refused_in_every_spelling(name in disguised_name("admin", false)) {
        // The commands that have a nickname differ from those with another one.
        let others = commands("rust", "bob", "hi");
        let mut named = 0;
        for (command, other) in commands("rust", &name, "hi").into_iter().zip(others) {
            if command != other {
                named += 1;
                assert_forbidden(ALICE, command);
            }
        }
        prop_assert_eq!(named, 17);
        assert_forbidden(NOBODY, Command::identify(name));
    }

    #[test]
    fn forbidden_quit_reason_is_dropped(word in disguised_word()) {
        let quit = Command::Quit { reason: Some(word) };
        let (answer, told) = give(&mut engine(house()), ALICE, quit);
        prop_assert_eq!(answer, Event::Goodbye { reason: None });
        let [Event::Quit { reason: None, .. }] = &told[..] else {
            panic!("bob has to be told once that alice has quit, without a reason: {told:?}");
        };
    }

    #[test]
    fn events_contain_only_words_that_the_policy_has_accepted(
        seeds in prop::collection::vec(any::<Seed>(), 400),
    ) {
        let accepted = Accepted::default();
        let mut engine = Engine::with_policy(small_limits(), START, accepted.clone());
        let mut generator = InputGenerator::new(START);
        // A requested nickname may have to wait for the host's answer.
        let mut wanted = BTreeMap::new();
        for seed in seeds {
            let (at, input) = generator.input(seed);
            let giver = match &input {
                Input::Command { session, .. } | Input::Answer { session, .. } => Some(*session),
                Input::Open { .. } | Input::Close { .. } | Input::Host(_) | Input::Tick => None,
                _ => unreachable!("a variant that this test does not know"),
            };
            let mut events = Vec::new();
            for effect in engine.apply(at, input) {
                generator.note(effect);
                match effect {
                    Effect::Reply { event, .. } | Effect::Deliver { event, .. } => {
                        events.push(event.clone());
                    }
                    // The policy does not review commands of the host.
                    Effect::HostReply { .. }
                    | Effect::Ask { .. }
                    | Effect::Close { .. }
                    | Effect::Record(_) => {}
                    _ => unreachable!("a variant that this test does not know"),
                }
            }
            let commands = accepted.take();
            if let (Some(session), [Command::Identify { nickname, .. }]) = (giver, &commands[..]) {
                wanted.insert(session, nickname.clone());
            }
            for event in events {
                if let (Event::Welcomed { user, reconnected, .. }, Some(session)) =
                    (&event, giver)
                {
                    // A nickname from the host, or of an existing user, was not requested by the
                    // client.
                    let nickname = &user.nickname;
                    assert!(engine.view().user(nickname).is_some(), "a welcomed user is online");
                    let by_host = user.account.is_some() || nickname.folded() == "dave";
                    let is_kept = reconnected.is_some();
                    let asked_for = wanted.remove(&session).flatten();
                    let is_own = asked_for.is_none_or(|asked| asked.shown() == nickname.shown());
                    prop_assert!(is_own || by_host || is_kept, "{nickname:?} was not asked for");
                } else if !commands.is_empty() {
                    check_told(&commands, &event);
                }
            }
        }
    }
}

/// Accepts all commands, changes some texts, and records the commands.
#[derive(Clone, Default)]
struct Accepted(Arc<Mutex<Vec<Command<Checked>>>>);

impl Accepted {
    fn take(&self) -> Vec<Command<Checked>> {
        std::mem::take(&mut *self.0.lock().expect("nobody panics while it is locked"))
    }
}

impl Policy for Accepted {
    fn review(
        &mut self,
        view: View<'_>,
        _: SessionId,
        mut command: Command<Checked>,
    ) -> Result<Command<Checked>, Text> {
        let is_edit = |action: &MessageAction<_>| matches!(action, MessageAction::Edit { .. });
        let is_message = matches!(command, Command::Say { .. })
            || matches!(&command, Command::Message(command) if is_edit(&command.action));
        for text in command.texts_mut() {
            let clean = if is_message { Text::clean_lines } else { Text::clean };
            assert_eq!(clean(text.as_str()), *text);
            assert!(text.as_str().len() <= view.config().message_bytes);
            if text.as_str() == "hi" {
                *text = Text::clean("\u{7}ho\r\nho ");
            }
        }
        self.0.lock().expect("nobody panics while it is locked").push(command.clone());
        Ok(command)
    }
}

/// Checks that the words of an event come from one of the commands that have caused it.
fn check_told(commands: &[Command<Checked>], event: &Event) {
    // A user who has not come back in time.
    if let Event::Quit { reason: None, .. } = event {
        return;
    }
    if let Event::EnteredMany { entered, .. } = event {
        for roster in entered {
            let channels = commands.iter().flat_map(Command::channels);
            assert!(channels.into_iter().any(|channel| *channel == roster.channel), "{roster:?}");
        }
        return;
    }
    let agrees = commands.iter().any(|command| agrees(command, event));
    assert!(agrees, "{commands:?} have caused {event:?}");
}

/// Returns true if the last change of each key is that of the data.
fn has_data(changes: &[DataChange<Text>], data: &AppData) -> bool {
    changes.iter().enumerate().all(|(index, change)| {
        let is_last = changes[index + 1..].iter().all(|later| later.key != change.key);
        !is_last || data.get(&change.key) == change.text.as_ref().map(Text::as_str)
    })
}

fn agrees(command: &Command<Checked>, event: &Event) -> bool {
    let mut command = command.clone();
    let text = command.texts_mut().next().cloned().filter(|text| !text.is_empty());
    let channel = command.channels().next().cloned();
    let mask = if let Command::SetMask { mask, .. } = &command { Some(mask.clone()) } else { None };
    // A mask may be about a single user.
    let user = mask.as_ref().and_then(UserMask::nickname);
    let nickname = command.nicknames().next().cloned().or(user);
    match event {
        Event::Said(message) | Event::Sent { message, .. } => {
            let Command::Say { to, kind, text, nonce: _, data: _, reply_to: _ } = &command else {
                return false;
            };
            *to == message.target && *kind == message.kind && *text == message.text
        }
        Event::Left { channel: left, reason, .. } => {
            Some(left) == channel.as_ref() && *reason == text
        }
        Event::Goodbye { reason } => *reason == text,
        // Other users may quit at the same moment, for a reason of the engine.
        Event::Quit { reason: Some(reason), .. } if reason.as_str() == "idle" => true,
        Event::Quit { reason: Some(reason), .. } if reason.as_str() == "login expired" => true,
        // The engine ends the sessions of other logins.
        Event::Quit { reason: Some(reason), .. } if matches!(command, Command::Account(_)) => {
            reason.as_str() == "logged out on another device"
        }
        // A server operator has banned the user without a reason, or removed the account.
        Event::Quit { reason: Some(reason), .. }
            if matches!(command, Command::Operator(_)) && text.is_none() =>
        {
            ["removed by the server", "account removed"].contains(&reason.as_str())
        }
        Event::Quit { reason, .. } => *reason == text,
        Event::ServerBanned(ban) => ban.reason == text,
        Event::MessageChanged(change) => match &change.kind {
            MessageChangeKind::Deleted => {
                change.message.deletion().is_some_and(|deletion| deletion.reason == text)
            }
            MessageChangeKind::Edited => Some(&change.message.text) == text.as_ref(),
            MessageChangeKind::Reacted { emoji, .. } => Some(emoji) == text.as_ref(),
            MessageChangeKind::Pinned | MessageChangeKind::Unpinned => text.is_none(),
            _ => unreachable!("a variant that this test does not know"),
        },
        Event::Reported(report) => report.reason == text,
        Event::ReportClosed { reason, .. } => *reason == text,
        Event::Disconnected { user, reason } => {
            Some(&user.nickname) == nickname.as_ref() && *reason == text
        }
        Event::ChannelClosed { channel: closed, reason, .. } => {
            Some(closed) == channel.as_ref() && *reason == text
        }
        Event::TopicChanged { channel: changed, topic, .. } => {
            let topic = topic.as_ref().map(|topic| &topic.text).filter(|text| !text.is_empty());
            Some(changed) == channel.as_ref() && topic == text.as_ref()
        }
        Event::Kicked { channel: from, user, reason, .. } => {
            let kicked = &user.nickname;
            Some(from) == channel.as_ref() && Some(kicked) == nickname.as_ref() && *reason == text
        }
        Event::Banned { channel: from, nickname: kicked, reason, .. }
        | Event::Muted { channel: from, nickname: kicked, reason, .. } => {
            Some(from) == channel.as_ref() && Some(kicked) == nickname.as_ref() && *reason == text
        }
        Event::MaskChanged(change) => {
            Some(&change.channel) == channel.as_ref()
                && Some(&change.mask) == mask.as_ref()
                && change.reason == text
        }
        Event::Invited { channel: into, user, .. } => {
            Some(into) == channel.as_ref() && Some(&user.nickname) == nickname.as_ref()
        }
        Event::AwayChanged { message, .. } => *message == text,
        Event::Announced { text: announced, .. } => Some(announced) == text.as_ref(),
        Event::UserInfoChanged { after, .. } => {
            if let Command::SetData { channel: None, changes } = &command {
                has_data(changes, &after.data)
            } else {
                // Without a change of the real name, the earlier one stays.
                text.is_none() || after.real_name == text
            }
        }
        Event::ChannelDataChanged { channel: changed, data, .. } => {
            matches!(&command, Command::SetData { channel: Some(channel), changes }
                if channel == changed && has_data(changes, data))
        }
        Event::Renamed { to, .. } => {
            Some(to.nickname.shown()) == nickname.as_ref().map(Nickname::shown)
        }
        Event::Entered(roster) if matches!(command, Command::Join { .. }) => {
            Some(&roster.channel) == channel.as_ref()
        }
        Event::Signalled(signal) => {
            matches!(&command, Command::Signal { to, data }
                if *to == signal.target && *data == signal.data)
        }
        Event::ReadMarked { target, .. } => {
            matches!(&command, Command::MarkRead { of, .. } if of == target)
        }
        // These contain no words of the command, or words that were accepted before.
        Event::Welcomed { .. }
        | Event::Entered(_)
        | Event::EnteredMany { .. }
        | Event::Joined { .. }
        | Event::TopicShown { .. }
        | Event::ModesShown { .. }
        | Event::ModesChanged { .. }
        | Event::RoleChanged { .. }
        | Event::Unbanned { .. }
        | Event::Unmuted { .. }
        | Event::Exempted { .. }
        | Event::Unexempted { .. }
        | Event::Users { .. }
        | Event::Channels { .. }
        | Event::History { .. }
        | Event::Playback(_)
        | Event::PrivateHistory { .. }
        | Event::Missed { .. }
        | Event::Found { .. }
        | Event::ListShown { .. }
        | Event::PinsShown { .. }
        | Event::Invitations { .. }
        | Event::Targets { .. }
        | Event::ServerUnbanned { .. }
        | Event::ServerBansShown { .. }
        | Event::AuditLogShown { .. }
        | Event::ReportsShown { .. }
        | Event::AccountRemoved { .. }
        | Event::UserShown(_)
        | Event::WasHereShown { .. }
        | Event::UserModesChanged { .. }
        | Event::PresenceChanged { .. }
        | Event::WatchedShown { .. }
        | Event::CountsShown(_)
        | Event::LoggedIn(_)
        | Event::LoggedOut
        | Event::PasswordChanged { .. }
        | Event::LoginChallenged { .. }
        | Event::SessionRevoked { .. }
        | Event::Sessions { .. }
        | Event::Rejected(_) => true,
        // No command of a user causes these.
        Event::ChannelCreated { .. } => false,
        _ => unreachable!("a variant that this test does not know"),
    }
}

/// The target of a checked message compares like the names in it.
#[test]
fn names_in_commands_are_equal_in_every_spelling() {
    let lower = ChannelName::parse("staff").expect("a name");
    let wide = ChannelName::parse("#ＳＴａｆｆ").expect("a name");
    assert_eq!(Target::Channel(lower), Target::Channel(wide));
}
