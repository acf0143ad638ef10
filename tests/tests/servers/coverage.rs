//! Checks that the scripts, taken together, cover everything.
//!
//! The lists here are exhaustive matches: a new command, refusal or setting does not compile until
//! it is added, and does not pass until a script shows it.

use chat_core::script::{Action, Script, Step};
use chat_core::{
    ChannelNameError, CloseReason, Command, Config, Effect, Engine, Event, HistoryRange,
    MessageKind, ModeChange, NicknameError, Recipient, Record, Refusal, Role, Status, StatusChange,
};
use chat_runtime::chat_dialects::TurnedAway;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use transport_ws::{FINAL_CLOSE_CODES, close_code};

/// Defines a function that returns the name of a value's variant, and a list of the names of all
/// variants.
macro_rules! variants {
    ($function:ident, $all:ident, $kind:ident { $($variant:ident),* $(,)? }) => {
        fn $function(value: &$kind) -> &'static str {
            match value {
                $($kind::$variant { .. } => concat!(stringify!($kind), "::", stringify!($variant)),)*
                _ => unreachable!("a variant that is not in the list"),
            }
        }
        const $all: &[&str] = &[$(concat!(stringify!($kind), "::", stringify!($variant)),)*];
    };
}

variants!(
    command,
    COMMANDS,
    Command {
        Identify,
        Rename,
        Join,
        JoinMany,
        Leave,
        Say,
        ShowTopic,
        SetTopic,
        ShowModes,
        SetModes,
        SetRole,
        Kick,
        Ban,
        Unban,
        Mute,
        Unmute,
        Exempt,
        Unexempt,
        Invite,
        ListUsers,
        ListChannels,
        ReadHistory,
        SetAway,
        Quit,
    }
);
variants!(recipient, RECIPIENTS, Recipient { Channel, User });
variants!(kind, KINDS, MessageKind { Message, Action, Notice });
variants!(range, RANGES, HistoryRange { Latest, Before, After });
variants!(
    mode,
    MODES,
    ModeChange { Secret, InviteOnly, Moderated, MembersOnly, OperatorTopic, Key, MemberLimit }
);
variants!(status_change, STATUS_CHANGES, StatusChange { Grant, Revoke, Become });
variants!(status, STATUSES, Status { Voiced, Operator, Owner });
variants!(role, ROLES, Role { Member, Voiced, Operator, Owner });
variants!(
    event,
    EVENTS,
    Event {
        Welcomed,
        Entered,
        EnteredMany,
        Joined,
        Left,
        Quit,
        Goodbye,
        Sent,
        Said,
        Renamed,
        TopicShown,
        TopicChanged,
        ModesShown,
        ModesChanged,
        RoleChanged,
        Kicked,
        Banned,
        Unbanned,
        Muted,
        Unmuted,
        Exempted,
        Unexempted,
        Invited,
        Users,
        Channels,
        History,
        AwayChanged,
        Rejected,
    }
);
variants!(
    record,
    RECORDS,
    Record {
        ChannelCreated,
        ChannelForgotten,
        Said,
        TopicChanged,
        ModesChanged,
        RoleChanged,
        Listed,
        Unlisted,
    }
);
variants!(
    reason,
    REASONS,
    CloseReason {
        Quit,
        Disconnected,
        NotNamed,
        Idle,
        Expired,
        TooManyFaults,
        TooSlow,
        Refused,
        ShuttingDown,
    }
);
variants!(
    refusal,
    REFUSALS,
    Refusal {
        NotIdentified,
        AlreadyIdentified,
        Identifying,
        AuthenticationFailed,
        TryAgain,
        NicknameGiven,
        NicknameInvalid,
        NicknameInUse,
        ChannelNameInvalid,
        NoSuchChannel,
        NoSuchUser,
        UserDisconnected,
        ReconnectKeyInvalid,
        NotInChannel,
        UserNotInChannel,
        UserInChannel,
        NotPermitted,
        Outranked,
        Banned,
        Muted,
        Moderated,
        InviteOnly,
        WrongKey,
        ChannelFull,
        TooManySessions,
        TooManyChannelsJoined,
        TooManyTargets,
        TooManyChannels,
        ListFull,
        NotListed,
        TooManyInvitations,
        MessageEmpty,
        MessageTooLong,
        TopicTooLong,
        ReasonTooLong,
        AwayTooLong,
        KeyInvalid,
        MemberLimitInvalid,
        RateLimited,
        Forbidden,
    }
);
variants!(
    nickname_error,
    NICKNAME_ERRORS,
    NicknameError { Empty, TooLong, WhiteSpace, ChannelSign, Forbidden, TooManyMarks }
);
variants!(
    channel_name_error,
    CHANNEL_NAME_ERRORS,
    ChannelNameError { Empty, TooLong, WhiteSpace, Forbidden }
);

/// Variants that no script can cause: they need a runtime or a policy.
const OUT_OF_REACH: &[&str] = &[
    "Refusal::Forbidden",
    "CloseReason::TooManyFaults",
    "CloseReason::TooSlow",
    "CloseReason::Refused",
    "CloseReason::ShuttingDown",
];

/// The kinds of authentication requests.
const QUESTIONS: &[&str] = &["asked", "asked with a token"];

#[test]
fn scripts_use_every_command_in_every_way() {
    let mut seen = Seen::default();
    for script in scripts() {
        for (_, step) in script.steps() {
            let Step::Act(acts) = step else { continue };
            for (_, action) in acts {
                if let Action::Command(command) = action {
                    seen.note_command(command);
                }
            }
        }
    }
    seen.expect(&[COMMANDS, RECIPIENTS, KINDS, RANGES, MODES, STATUS_CHANGES, STATUSES, ROLES]);
}

#[test]
fn scripts_cause_every_event_refusal_record_and_close_reason() {
    let mut seen = Seen::default();
    for script in scripts() {
        run(&script, |effect| seen.note_effect(effect));
    }
    seen.expect(&[
        QUESTIONS,
        EVENTS,
        RECORDS,
        REASONS,
        REFUSALS,
        NICKNAME_ERRORS,
        CHANNEL_NAME_ERRORS,
    ]);
}

#[test]
fn scripts_change_every_setting() {
    let mut changed = BTreeSet::new();
    let mut names = BTreeSet::new();
    for script in scripts() {
        for (name, differs) in settings(script.config(), &Config::default()) {
            names.insert(name);
            if differs {
                changed.insert(name);
            }
        }
    }
    let missing: Vec<_> = names.difference(&changed).collect();
    assert!(missing.is_empty(), "no script changes {missing:?}");
}

/// The operator's guide explains every reason that `/metrics` can show.
#[test]
fn guide_explains_every_refusal_and_close_reason() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/operating.md");
    let guide = fs::read_to_string(path).expect("docs/operating.md");
    let (mut refusals, mut ends) = (BTreeSet::new(), BTreeSet::new());
    for script in scripts() {
        run(&script, |effect| {
            if let Effect::Reply { event: Event::Rejected(refusal), .. } = effect {
                refusals.insert(refusal.code());
            }
            if let Effect::Close { reason, .. } = effect {
                ends.insert(reason.code());
            }
        });
    }
    refusals.insert("forbidden");
    let never_scripted = [
        CloseReason::TooManyFaults,
        CloseReason::TooSlow,
        CloseReason::Refused,
        CloseReason::ShuttingDown,
    ];
    ends.extend(never_scripted.iter().map(CloseReason::code));
    // The metrics list these from the start.
    assert_eq!(refusals, Refusal::CODES.iter().copied().collect());
    assert_eq!(ends, CloseReason::CODES.iter().copied().collect());
    let mut codes = &refusals | &ends;
    codes.extend([
        TurnedAway::Full { limit: 1 }.code(),
        TurnedAway::TooManyFromAddress { limit: 1 }.code(),
        TurnedAway::TooFast.code(),
    ]);
    let explains = |code: &&&str| {
        guide.contains(&format!("`{code}`")) || guide.contains(&format!("\"{code}\""))
    };
    let missing: Vec<_> = codes.iter().filter(|code| !explains(code)).collect();
    assert!(missing.is_empty(), "docs/operating.md says nothing of {missing:?}");
}

/// The protocol reference explains every refusal and every close code, and its examples are JSON.
#[test]
fn protocol_reference_explains_every_refusal_and_close_code() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/protocol.md");
    let reference = fs::read_to_string(path).expect("docs/protocol.md");
    let explains = |code: &&&str| reference.contains(&format!("`{code}`"));
    let missing: Vec<_> = Refusal::CODES.iter().filter(|code| !explains(code)).collect();
    assert!(missing.is_empty(), "docs/protocol.md says nothing of {missing:?}");
    for reason in CLOSE_REASONS {
        let row = format!("| {} |", close_code(reason));
        assert!(reference.contains(&row), "no row {row} in docs/protocol.md");
    }
    let frames = reference
        .lines()
        .filter_map(|line| line.strip_prefix("> ").or_else(|| line.strip_prefix("< ")))
        .filter(|frame| frame.starts_with('{'));
    for frame in frames {
        let object: serde_json::Value = serde_json::from_str(frame).expect(frame);
        assert!(object["type"].is_string(), "{frame}");
    }
}

/// The operator's guide explains every close code of a WebSocket, and whether reconnecting can
/// help.
#[test]
fn guide_explains_every_close_code() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/operating.md");
    let guide = fs::read_to_string(path).expect("docs/operating.md");
    for reason in CLOSE_REASONS {
        let (code, name) = (close_code(reason), reason.code());
        let begin = format!("| {code} | `{name}` |");
        let row = guide.lines().find(|line| line.starts_with(&begin));
        let row = row.unwrap_or_else(|| panic!("no row {begin} in docs/operating.md"));
        let is_final = code == 1000 || FINAL_CLOSE_CODES.contains(&code);
        assert_eq!(row.contains("| yes |"), is_final, "{row}");
        assert!(code < 1015 || (4000..5000).contains(&code), "{row}");
        assert_eq!(code == 1000, matches!(reason, CloseReason::Quit(_)), "{row}");
    }
}

const CLOSE_REASONS: &[CloseReason] = &[
    CloseReason::Quit(None),
    CloseReason::Disconnected,
    CloseReason::NotNamed,
    CloseReason::Idle,
    CloseReason::Expired,
    CloseReason::TooManyFaults,
    CloseReason::TooSlow,
    CloseReason::Refused,
    CloseReason::ShuttingDown,
];

#[test]
fn every_snapshot_belongs_to_a_script() {
    let named = |folder: &str, extension: &str| -> BTreeSet<String> {
        files(folder, extension)
            .iter()
            .filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()))
            .collect()
    };
    let scripts = named("scripts", "chat");
    let snapshots = named("snapshots/engine", "snap");
    let orphans: Vec<_> = snapshots.difference(&scripts).collect();
    assert!(orphans.is_empty(), "no script for the snapshots of {orphans:?}");
}

#[test]
fn every_script_starts_with_a_comment() {
    for path in files("scripts", "chat") {
        let source = fs::read_to_string(&path).expect("a script in UTF-8");
        assert!(source.starts_with("# "), "{} has no comment at the top", path.display());
    }
}

/// The names of variants that were found.
#[derive(Default)]
struct Seen(BTreeSet<&'static str>);

impl Seen {
    fn note_command(&mut self, given: &Command) {
        self.0.insert(command(given));
        match given {
            Command::Say { to, kind: how, text: _ } => {
                self.0.extend([recipient(to), kind(how)]);
            }
            Command::SetModes { channel: _, changes } => self.0.extend(changes.iter().map(mode)),
            Command::SetRole { channel: _, nickname: _, change } => {
                self.0.insert(status_change(change));
                match change {
                    StatusChange::Grant(one) | StatusChange::Revoke(one) => {
                        self.0.insert(status(one));
                    }
                    StatusChange::Become(one) => {
                        self.0.insert(role(one));
                    }
                    _ => unreachable!("a variant that this test does not know"),
                }
            }
            Command::ReadHistory { channel: _, range: part, limit: _ } => {
                self.0.insert(range(part));
            }
            Command::Identify { .. }
            | Command::Rename { .. }
            | Command::Join { .. }
            | Command::JoinMany { .. }
            | Command::Leave { .. }
            | Command::ShowTopic { .. }
            | Command::SetTopic { .. }
            | Command::ShowModes { .. }
            | Command::Kick { .. }
            | Command::Ban { .. }
            | Command::Unban { .. }
            | Command::Mute { .. }
            | Command::Unmute { .. }
            | Command::Exempt { .. }
            | Command::Unexempt { .. }
            | Command::Invite { .. }
            | Command::ListUsers { .. }
            | Command::ListChannels
            | Command::SetAway { .. }
            | Command::Quit { .. } => {}
            _ => unreachable!("a variant that this test does not know"),
        }
    }

    fn note_effect(&mut self, effect: Effect<'_>) {
        match effect {
            Effect::Reply { event: told, .. } | Effect::Deliver { event: told, .. } => {
                self.0.insert(event(told));
                let Event::Rejected(cause) = told else { return };
                self.0.insert(refusal(cause));
                if let Refusal::NicknameInvalid(error) = cause {
                    self.0.insert(nickname_error(error));
                }
                if let Refusal::ChannelNameInvalid(error) = cause {
                    self.0.insert(channel_name_error(error));
                }
            }
            Effect::Ask { token, .. } => {
                self.0.insert(if token.is_some() { "asked with a token" } else { "asked" });
            }
            Effect::Close { reason: why, .. } => {
                self.0.insert(reason(why));
            }
            Effect::Record(kept) => {
                self.0.insert(record(kept));
            }
            _ => unreachable!("a variant that this test does not know"),
        }
    }

    fn expect(&self, lists: &[&[&'static str]]) {
        let all: BTreeSet<&str> = lists.iter().copied().flatten().copied().collect();
        let missing: Vec<_> =
            all.difference(&self.0).filter(|name| !OUT_OF_REACH.contains(name)).collect();
        assert!(missing.is_empty(), "no script shows {missing:?}");
        let reached: Vec<_> = OUT_OF_REACH.iter().filter(|name| self.0.contains(*name)).collect();
        assert!(reached.is_empty(), "a script does show {reached:?}");
    }
}

/// Runs a script, and passes its effects to `note`.
fn run(script: &Script, note: impl FnMut(Effect<'_>)) {
    let mut engine = Engine::new(script.config().clone(), Script::START);
    script.run_and_see(&mut engine, note);
}

/// Returns every setting that a script can change, and whether the two configurations differ in it.
fn settings(one: &Config, other: &Config) -> Vec<(&'static str, bool)> {
    macro_rules! compare {
        ($($field:ident),* $(,)?; but $($not:ident),*) => {{
            // Without `..`, so that a new field has to be named.
            let Config { $($field,)* $($not: _,)* } = one;
            vec![$((stringify!($field), *$field != other.$field),)*]
        }};
    }
    compare!(
        nickname_length, channel_name_length, message_bytes, topic_bytes, reason_bytes, away_bytes, key_bytes,
        channels, channels_per_user, members_per_channel, history_per_channel, history_page, bans_per_channel,
        invitations_per_user, listing, announce_up_to, command_burst, commands_per_second, naming_timeout,
        person_naming_timeout, reconnect_period, disconnected_users, sessions_per_user, authenticate, answer_timeout, idle_timeout, guest_prefix;
        but new_channel_modes
    )
}

fn scripts() -> Vec<Script> {
    let parse = |path: &PathBuf| {
        let source = fs::read_to_string(path).expect("a script in UTF-8");
        source.parse().unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    };
    files("scripts", "chat").iter().map(parse).collect()
}

fn files(folder: &str, extension: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let entries = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{folder:?}: {error}"));
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.expect("an entry of the folder").path())
        .filter(|path| path.extension().is_some_and(|found| found == extension))
        .collect();
    files.sort();
    files
}
