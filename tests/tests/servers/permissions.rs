//! The table of permissions: every command of a user in every role, in a channel with each mode.
//!
//! The table is generated and compared with `tests/snapshots/permissions.snap`, which is there to
//! be read. A new command does not pass until it has a row.

use chat_core::{
    AccountCommand, Answer, AppData, BanTarget, Command, Config, DataChange, Effect, Engine, Event,
    HistoryRange, Input, JoinTarget, List, LoginExchange, MessageAction, MessageCommand, MessageId,
    ModeChange, OperatorCommand, OperatorLogin, PasswordLogin, Peer, ProfileChange, Query,
    QuestionId, Recipient, ReportId, ReportTarget, Role, SearchQuery, Secret, SessionId, Status,
    StatusChange, Timestamp, TokenId, UserCommand, UserModeChange,
};
use std::collections::BTreeSet;
use std::fmt::Write;

const NOW: Timestamp = Timestamp::from_millis(1_767_225_600_000);

/// The owner of the channel, who prepares each case.
const FOUNDER: SessionId = SessionId(1);
/// A member without a status, on whom commands act.
const TARGET: SessionId = SessionId(2);
/// A user who is not in the channel.
const STRANGER: SessionId = SessionId(3);
/// The user whose command is tried.
const SUBJECT: SessionId = SessionId(4);

const CHANNEL: &str = "den";
const KEY: &str = "sesame";

/// The roles of the subject; `None`: not a member.
const ROLES: [Option<Role>; 5] =
    [None, Some(Role::Member), Some(Role::Voiced), Some(Role::Operator), Some(Role::Owner)];

/// The modes of the channel that differ from those of a new channel, one at a time.
const MODES: [(&str, Option<ModeChange>); 9] = [
    ("those of a new channel", None),
    ("moderated", Some(ModeChange::Moderated(true))),
    ("members_only off", Some(ModeChange::MembersOnly(false))),
    ("invite_only", Some(ModeChange::InviteOnly(true))),
    ("secret", Some(ModeChange::Secret(true))),
    ("operator_topic", Some(ModeChange::OperatorTopic(true))),
    ("no_ctcp", Some(ModeChange::NoCtcp(true))),
    // `answer` puts the key in, which a constant cannot contain.
    ("key", Some(ModeChange::Key(None))),
    ("limit=1, so that the channel is full", Some(ModeChange::MemberLimit(Some(1)))),
];

/// A command, and what the founder has done before.
struct Row {
    /// The variant of [`Command`], and what is special about it.
    label: &'static str,
    before: fn() -> Vec<Command>,
    command: fn() -> Command,
}

const fn row(label: &'static str, command: fn() -> Command) -> Row {
    Row { label, before: Vec::new, command }
}

const fn after(label: &'static str, before: fn() -> Vec<Command>, command: fn() -> Command) -> Row {
    Row { label, before, command }
}

#[rustfmt::skip]
const ROWS: &[Row] = &[
    row("Identify", || Command::identify("another")),
    row("Rename", || Command::Rename { nickname: "another".into() }),
    row("Join", join),
    row("Join, with the right key", || Command::Join { channel: channel(), key: Some(KEY.into()) }),
    after("Join, invited", || vec![invite("subject")], join),
    after("Join, banned", || vec![ban("subject")], join),
    after("Join, banned and exempt", || vec![exempt("subject"), ban("subject")], join),
    row("JoinMany", || Command::JoinMany {
        channels: vec![JoinTarget { channel: channel(), key: None }],
    }),
    row("Leave", || Command::Leave { channel: channel(), reason: None }),
    row("Say", say),
    row("Say, to a user", || Command::tell("target", "hello")),
    after("Say, muted", || vec![mute("subject")], say),
    after("Say, banned", || vec![ban("subject")], say),
    row("ShowTopic", || Command::ShowTopic { channel: channel() }),
    row("SetTopic", set_topic),
    after("SetTopic, muted", || vec![mute("subject")], set_topic),
    row("ShowModes", || Command::ShowModes { channel: channel() }),
    row("SetModes", || Command::SetModes {
        channel: channel(),
        changes: vec![ModeChange::MembersOnly(true)],
    }),
    row("SetModes, keep", || Command::SetModes {
        channel: channel(),
        changes: vec![ModeChange::Keep(None)],
    }),
    row("SetRole, grant voiced", || set_role("target", StatusChange::Grant(Status::Voiced))),
    row("SetRole, grant operator", || set_role("target", StatusChange::Grant(Status::Operator))),
    row("SetRole, grant owner", || set_role("target", StatusChange::Grant(Status::Owner))),
    row("SetRole, of the owner", || set_role("founder", StatusChange::Revoke(Status::Operator))),
    row("SetRole, own operator", || set_role("subject", StatusChange::Grant(Status::Operator))),
    row("Kick", || kick("target")),
    row("Kick, the owner", || kick("founder")),
    row("Kick, oneself", || kick("subject")),
    row("Ban", || ban("target")),
    row("Ban, the owner", || ban("founder")),
    after("Unban", || vec![ban("target")], || {
        Command::Unban { channel: channel(), nickname: "target".into() }
    }),
    row("Mute", || mute("target")),
    row("Mute, the owner", || mute("founder")),
    after("Unmute", || vec![mute("target")], || {
        Command::Unmute { channel: channel(), nickname: "target".into() }
    }),
    after("Unmute, oneself", || vec![mute("subject")], || {
        Command::Unmute { channel: channel(), nickname: "subject".into() }
    }),
    row("Exempt", || exempt("target")),
    after("Unexempt", || vec![exempt("target")], || {
        Command::Unexempt { channel: channel(), nickname: "target".into() }
    }),
    row("SetMask, a ban", || mask(true)),
    after("SetMask, lift a ban", || vec![mask(true)], || mask(false)),
    row("Invite", || invite("stranger")),
    row("ListUsers", || Command::ListUsers { channel: Some(channel()) }),
    row("ListUsers, of the server", || Command::ListUsers { channel: None }),
    row("ListChannels", || Command::ListChannels),
    row("ReadHistory", || Command::ReadHistory {
        channel: channel(),
        range: HistoryRange::Latest,
        limit: 10,
    }),
    after("Say, a reply to the owner", || vec![say()], || say().replying_to(MessageId(1))),
    after("Message, delete the owner's", || vec![say()], || delete(None)),
    after("Message, edit the owner's", || vec![say()], edit),
    after("Message, react", || vec![say()], react),
    after("Message, pin", || vec![say()], pin),
    row("Query, pins", || Command::Query(Query::Pins { channel: channel() })),
    after("Message, delete in a channel", || vec![say()], || delete(Some(channel()))),
    row("Signal", || Command::Signal {
        to: Recipient::Channel(channel()),
        data: AppData::new([("+typing", "active")]).expect("a valid key"),
    }),
    row("Signal, CTCP", || Command::Signal {
        to: Recipient::Channel(channel()),
        data: AppData::new([(AppData::CTCP, "VERSION")]).expect("a valid key"),
    }),
    row("MarkRead", || Command::MarkRead {
        of: Recipient::Channel(channel()),
        id: MessageId(1),
    }),
    row("Query, missed", || Command::Query(Query::Missed { after: MessageId(0), limit: 10 })),
    row("Query, bans", || Command::Query(Query::List {
        channel: channel(),
        list: List::Bans,
        offset: 0,
        limit: 10,
    })),
    row("Query, playback", || Command::Query(Query::Playback {
        of: Recipient::Channel(channel()),
        range: HistoryRange::Latest,
        event: None,
        limit: 10,
    })),
    row("Query, private messages", || Command::Query(Query::PrivateHistory {
        nickname: "target".into(),
        range: HistoryRange::Latest,
        limit: 10,
    })),
    row("Query, search here", || Command::Query(Query::Search(Box::new(SearchQuery {
        channel: Some(channel()),
        ..SearchQuery::new("hi")
    })))),
    row("Query, search", || Command::Query(Query::Search(Box::new(SearchQuery::new("hi"))))),
    row("Query, a member", || Command::Query(Query::User { nickname: "target".into() })),
    row("Query, past users", || Command::Query(Query::WasHere {
        nickname: "target".into(),
        limit: 10,
    })),
    row("Query, targets", || Command::Query(Query::Targets {
        after: Timestamp::default(),
        before: Timestamp::from_millis(u64::MAX),
        limit: 10,
    })),
    row("Query, invitations", || Command::Query(Query::Invitations)),
    row("Account, register", || account(AccountCommand::Register { login: login(), code: None })),
    row("Account, log in", || account(AccountCommand::LogIn(login()))),
    row("Account, exchange", || account(AccountCommand::Exchange(Box::new(
        LoginExchange::new("SCRAM-SHA-256", "target", Secret::new("n,,n=target,r=x")),
    )))),
    row("Account, log out", || account(AccountCommand::LogOut)),
    row("Account, new password", || account(AccountCommand::ChangePassword {
        old: Secret::new("old"),
        new: Secret::new("new"),
    })),
    row("Account, delete", || account(AccountCommand::Delete { password: Secret::new("old") })),
    row("Account, sessions", || account(AccountCommand::ListSessions)),
    row("Account, revoke another", || account(AccountCommand::Revoke { id: TokenId(1) })),
    row("Operator, ban the target", || operator(OperatorCommand::BanServer {
        target: BanTarget::Nickname("target".into()),
        duration: None,
        reason: None,
    })),
    row("Operator, ban an operator", || operator(OperatorCommand::BanServer {
        target: BanTarget::Account(OPERATOR.into()),
        duration: None,
        reason: None,
    })),
    row("Operator, unban", || operator(OperatorCommand::UnbanServer {
        target: BanTarget::Nickname("target".into()),
    })),
    row("Operator, disconnect", || operator(OperatorCommand::Disconnect {
        nickname: "target".into(),
        reason: None,
    })),
    row("Operator, disconnect self", || operator(OperatorCommand::Disconnect {
        nickname: "subject".into(),
        reason: None,
    })),
    row("Operator, remove account", || operator(OperatorCommand::RemoveAccount {
        account: "nobody".into(),
    })),
    row("Operator, close channel", || operator(OperatorCommand::CloseChannel {
        channel: channel(),
        reason: None,
    })),
    row("Operator, make an owner", || operator(OperatorCommand::SetRole {
        channel: channel(),
        nickname: "target".into(),
        change: StatusChange::Become(Role::Owner),
    })),
    row("Operator, announce", || operator(OperatorCommand::Announce { text: "hi".into() })),
    row("Operator, close a report", || operator(OperatorCommand::CloseReport {
        report: ReportId(7),
        reason: None,
    })),
    row("Report, a user", || Command::Report {
        about: ReportTarget::User("target".into()),
        reason: None,
    }),
    row("Query, reports", || Command::Query(Query::Reports { after: None, limit: 10 })),
    row("Query, audit log", || Command::Query(Query::AuditLog { older_than: None, limit: 10 })),
    row("Query, server bans", || Command::Query(Query::ServerBans { offset: 0, limit: 10 })),
    row("Query, counts", || Command::Query(Query::Counts)),
    row("User, modes", || Command::User(UserCommand::SetModes {
        changes: vec![UserModeChange::Invisible(true)],
    })),
    row("User, become operator", || Command::User(UserCommand::BecomeOperator {
        name: "op".into(),
        password: Secret::new("old"),
    })),
    row("User, watch", || Command::User(UserCommand::Watch { nicknames: vec!["target".into()] })),
    row("SetProfile", || Command::SetProfile { changes: vec![ProfileChange::Bot(true)] }),
    row("SetData, of oneself", || Command::SetData { channel: None, changes: status() }),
    row("SetData, of the channel", || Command::SetData {
        channel: Some(channel()),
        changes: status(),
    }),
    row("SetAway", || Command::SetAway { message: Some("lunch".into()) }),
    row("Quit", || Command::Quit { reason: None }),
];

fn account(command: AccountCommand) -> Command {
    Command::Account(command)
}

fn operator(command: OperatorCommand) -> Command {
    Command::Operator(command)
}

fn login() -> PasswordLogin {
    PasswordLogin::new("account", Secret::new("old"))
}

fn channel() -> String {
    CHANNEL.into()
}

fn status() -> Vec<DataChange> {
    vec![DataChange { key: "status".into(), text: Some("busy".into()) }]
}

fn join() -> Command {
    Command::join(CHANNEL)
}

fn say() -> Command {
    Command::say(CHANNEL, "hello")
}

/// Deletes the message of the founder.
fn delete(channel: Option<String>) -> Command {
    let action = MessageAction::Delete { reason: Some("off topic".into()) };
    Command::Message(MessageCommand { id: MessageId(1), channel, action })
}

/// Edits the message of the founder.
fn edit() -> Command {
    let action = MessageAction::Edit { text: "hi".into() };
    Command::Message(MessageCommand { id: MessageId(1), channel: None, action })
}

/// Reacts to the message of the founder.
fn react() -> Command {
    let action = MessageAction::React { emoji: "\u{1f44d}".into(), remove: false };
    Command::Message(MessageCommand { id: MessageId(1), channel: None, action })
}

/// Pins the message of the founder.
fn pin() -> Command {
    let action = MessageAction::Pin { pinned: true };
    Command::Message(MessageCommand { id: MessageId(1), channel: None, action })
}

fn set_topic() -> Command {
    Command::SetTopic { channel: channel(), topic: Some("news".into()) }
}

fn set_role(nickname: &str, change: StatusChange) -> Command {
    Command::SetRole { channel: channel(), nickname: nickname.into(), change }
}

fn kick(nickname: &str) -> Command {
    Command::Kick { channel: channel(), nickname: nickname.into(), reason: None }
}

fn ban(nickname: &str) -> Command {
    Command::Ban { channel: channel(), nickname: nickname.into(), reason: None }
}

fn mute(nickname: &str) -> Command {
    Command::Mute { channel: channel(), nickname: nickname.into(), reason: None }
}

fn exempt(nickname: &str) -> Command {
    Command::Exempt { channel: channel(), nickname: nickname.into() }
}

fn mask(listed: bool) -> Command {
    let (list, mask) = (List::Bans, "*!*@c-9".into());
    Command::SetMask { channel: channel(), list, mask, listed, reason: None }
}

fn invite(nickname: &str) -> Command {
    Command::Invite { channel: channel(), nickname: nickname.into() }
}

#[test]
fn permissions_are_as_reviewed() {
    let usual: Vec<[String; ROLES.len()]> =
        ROWS.iter().map(|row| cells(row, MODES[0].1.as_ref())).collect();
    let mut table = String::from(
        "Rows are commands; cells are the answer: ok, or the code of the refusal. Users with and\n\
         without an account get the same answers, or both are in the cell. The tables of modes have\n\
         only the rows in which they differ from the first one.\n",
    );
    for (name, mode) in &MODES {
        write_head(&mut table, name);
        for (row, usual) in ROWS.iter().zip(&usual) {
            let cells = cells(row, mode.as_ref());
            if mode.is_none() || cells != *usual {
                write_row(&mut table, row.label, &cells.each_ref().map(String::as_str));
            }
        }
    }
    table.push_str("\nserver operators\n");
    let names = ["user", "server operator"];
    write_row(&mut table, "", &names);
    for row in ROWS {
        let cells = [Subject::WithAccount, Subject::ServerOperator]
            .map(|subject| answer(row, None, Some(Role::Member), subject));
        if cells[0] != cells[1] {
            write_row(&mut table, row.label, &cells.each_ref().map(String::as_str));
        }
    }
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../../snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!("permissions", table));
}

#[test]
fn every_command_has_a_row_in_the_table_of_permissions() {
    let shown = |row: &Row| {
        let variant = row.label.split(',').next().unwrap_or_default();
        // The label of a row is that of its command.
        assert!(format!("{:?}", (row.command)()).starts_with(variant), "{}", row.label);
        format!("Command::{variant}")
    };
    let shown: BTreeSet<String> = ROWS.iter().map(shown).collect();
    assert_eq!(shown, super::coverage::variants("Command"));
}

fn write_head(table: &mut String, mode: &str) {
    writeln!(table, "\nmodes: {mode}").expect("a string takes all");
    write_row(table, "", &["non-member", "member", "voiced", "operator", "owner"]);
}

fn write_row(table: &mut String, label: &str, cells: &[&str]) {
    let mut line = format!("  {label:<26}");
    cells.iter().for_each(|cell| write!(line, "{cell:<20} ").expect("a string takes all"));
    writeln!(table, "{}", line.trim_end()).expect("a string takes all");
}

/// Returns the answers to a command, one for each role.
fn cells(row: &Row, mode: Option<&ModeChange>) -> [String; ROLES.len()] {
    ROLES.map(|role| {
        let [guest, known] =
            [Subject::Guest, Subject::WithAccount].map(|subject| answer(row, mode, role, subject));
        if guest == known { guest } else { format!("{guest} / {known}") }
    })
}

/// The kind of user who gives the command.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Subject {
    Guest,
    WithAccount,
    ServerOperator,
}

/// The account of the server operator.
const OPERATOR: &str = "op";

/// Prepares the channel, and returns the answer to the command of the subject.
fn answer(row: &Row, mode: Option<&ModeChange>, role: Option<Role>, subject: Subject) -> String {
    let config = Config {
        accounts: true,
        registration: true,
        commands_per_second: 0,
        server_operators: vec![OPERATOR.into()],
        operator_logins: vec![OperatorLogin::new("op", Secret::new("old"))],
        ..Config::default()
    };
    let mut engine = Engine::new(config, NOW);
    for (session, name) in
        [(FOUNDER, "founder"), (TARGET, "target"), (STRANGER, "stranger"), (SUBJECT, "subject")]
    {
        let is_operator = session == SUBJECT && subject == Subject::ServerOperator;
        let account = is_operator.then(|| OPERATOR.into());
        for _ in
            engine.apply(NOW, Input::Open { session, peer: Peer { account, ..Peer::default() } })
        {
        }
        prepare(&mut engine, session, Command::identify(name));
    }
    if subject == Subject::WithAccount {
        register(&mut engine);
    }
    prepare(&mut engine, FOUNDER, join());
    prepare(&mut engine, TARGET, join());
    if let Some(role) = role {
        prepare(&mut engine, SUBJECT, join());
        prepare(&mut engine, FOUNDER, set_role("subject", StatusChange::Become(role)));
    }
    for command in (row.before)() {
        // A member cannot be invited.
        let answered = give(&mut engine, FOUNDER, command);
        assert!(answered == "ok" || answered == "user_in_channel", "{}: {answered}", row.label);
    }
    if let Some(mode) = mode {
        let key = matches!(mode, ModeChange::Key(_)).then(|| ModeChange::Key(Some(KEY.into())));
        let changes = vec![key.unwrap_or_else(|| mode.clone())];
        prepare(&mut engine, FOUNDER, Command::SetModes { channel: channel(), changes });
    }
    give(&mut engine, SUBJECT, (row.command)())
}

/// Lets the subject register an account.
fn register(engine: &mut Engine) {
    let login = PasswordLogin::new("subject", Secret::new("old"));
    let register = account(AccountCommand::Register { login, code: None });
    assert_eq!(give(engine, SUBJECT, register), "asks");
    let (credentials, token) = (Some(Secret::new("hash")), Some(Secret::new("token")));
    let answer = Answer::Password { credentials, token };
    let answer = Input::Answer { session: SUBJECT, question: QuestionId(1), answer };
    let mut effects = engine.apply(NOW, answer);
    let is_login = |effect| matches!(effect, Effect::Reply { event: Event::LoggedIn(_), .. });
    assert!(effects.any(is_login));
}

fn prepare(engine: &mut Engine, session: SessionId, command: Command) {
    let described = format!("{command:?}");
    let answered = give(engine, session, command);
    assert!(answered == "ok", "{described}: {answered}");
}

/// Gives a command, and returns its reply in a word or two.
fn give(engine: &mut Engine, session: SessionId, command: Command) -> String {
    let input = Input::Command { session, request: None, command };
    let mut replies = Vec::new();
    for effect in engine.apply(NOW, input) {
        if let Effect::Reply { event, .. } = effect {
            replies.push(event.clone());
        } else if let Effect::Ask { .. } = effect {
            return "asks".to_owned();
        }
    }
    let [reply] = &replies[..] else { panic!("not one reply: {replies:?}") };
    if let Event::Rejected(refusal) = reply {
        return refusal.code().to_owned();
    }
    if let Event::EnteredMany { refused, .. } = reply
        && let Some(first) = refused.first()
    {
        return first.refusal.code().to_owned();
    }
    let shows_key = matches!(reply, Event::ModesShown { modes, .. } if modes.key.is_some());
    let hides_channel = matches!(
        reply,
        Event::Channels { channels, .. }
            if !channels.iter().any(|entry| entry.name.shown() == CHANNEL)
    ) || matches!(
        reply,
        Event::UserShown(card)
            if !card.channels.iter().any(|(name, _)| name.shown() == CHANNEL)
    );
    match (shows_key, hides_channel) {
        (true, _) => "ok, with the key",
        (false, true) => "ok, without it",
        (false, false) => "ok",
    }
    .to_owned()
}
