//! Checks that the scripts, taken together, cover everything.
//!
//! The variants of each enum are read from the list of the public interface in `docs/public-api`. A
//! new command, refusal or setting does not pass until a script shows it.

use chat_core::script::{Action, Script, Step};
use chat_core::{
    CloseReason, Command, Config, Effect, Engine, Event, HostCommand, Query, Question, Refusal,
    StatusChange,
};
use chat_runtime::chat_dialects::TurnedAway;
use std::collections::BTreeSet;
use std::fmt::Debug;
use std::fs;
use std::path::{Path, PathBuf};
use transport_ws::{FINAL_CLOSE_CODES, close_code};

/// Variants that no script can cause: they need a runtime or a policy, or only IRC asks for them.
const OUT_OF_REACH: &[&str] = &[
    "CloseReason::TooManyFaults",
    "CloseReason::TooSlow",
    "CloseReason::Refused",
    "CloseReason::ShuttingDown",
    "HistoryRange::AfterTime",
    "HistoryRange::BeforeTime",
    "Refusal::StoreFull",
    "Refusal::Isolated",
];

/// All close reasons.
const CLOSE_REASONS: &[CloseReason] = &[
    CloseReason::Quit(None),
    CloseReason::Disconnected,
    CloseReason::NotNamed,
    CloseReason::Idle,
    CloseReason::Expired,
    CloseReason::TooManyFaults,
    CloseReason::TooSlow,
    CloseReason::Refused,
    CloseReason::Removed(None),
    CloseReason::ShuttingDown,
];

/// Sessions that are authenticated, without a token and with one.
const AUTHENTICATED: [&str; 2] = ["authenticated", "authenticated with a token"];

/// The public interface of chat-core, which CI compares with the code.
const PUBLIC_INTERFACE: &str = include_str!("../../../docs/public-api/chat-core.txt");

#[test]
fn scripts_use_every_command_in_every_way() {
    let mut seen = Seen::default();
    for script in scripts() {
        for (_, step) in script.steps() {
            let Step::Act(acts) = step else { continue };
            for (_, action) in acts {
                if let Action::Command(command) = action {
                    seen.note_command(command);
                } else if let Action::Host(command) = action {
                    seen.note_host_command(command);
                }
            }
        }
    }
    seen.expect(&[
        "Command",
        "HostCommand",
        "OperatorCommand",
        "ReportTarget",
        "BanTarget",
        "UserChange",
        "Recipient",
        "MessageKind",
        "HistoryRange",
        "Query",
        "List",
        "ModeChange",
        "StatusChange",
        "Status",
        "Role",
    ]);
}

#[test]
fn scripts_cause_every_event_refusal_record_and_close_reason() {
    let mut seen = Seen::default();
    for script in scripts() {
        run(&script, |effect| seen.note_effect(effect));
    }
    seen.expect(&[
        "Event",
        "Question",
        "Record",
        "CloseReason",
        "Refusal",
        "NicknameError",
        "ChannelNameError",
    ]);
    for session in AUTHENTICATED {
        assert!(seen.0.contains(session), "no session is {session}");
    }
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
    let guide = include_str!("../../../docs/operating.md");
    let (mut refusals, mut ends) = (BTreeSet::from(["forbidden"]), BTreeSet::new());
    for script in scripts() {
        run(&script, |effect| {
            if let Effect::Reply { event: Event::Rejected(refusal), .. }
            | Effect::HostReply { event: Event::Rejected(refusal) } = effect
            {
                refusals.insert(refusal.code());
            }
            if let Effect::Close { reason, .. } = effect {
                ends.insert(reason.code());
            }
        });
    }
    // The metrics list these from the start.
    assert_eq!(refusals, Refusal::CODES.iter().copied().collect());
    let all: BTreeSet<_> = CLOSE_REASONS.iter().map(CloseReason::code).collect();
    assert_eq!(all, CloseReason::CODES.iter().copied().collect());
    assert!(ends.is_subset(&all), "{ends:?}");
    let mut codes = &refusals | &all;
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
    let reference = include_str!("../../../docs/protocol.md");
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
    let guide = include_str!("../../../docs/operating.md");
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

#[test]
fn every_snapshot_belongs_to_a_script() {
    let named = |folder: &str, extension: &str| -> BTreeSet<String> {
        files(folder, extension)
            .iter()
            .filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()))
            .collect()
    };
    let mut scripts = named("scripts", "chat");
    let mut restarts = named("scripts/restart", "chat");
    let both: Vec<_> = scripts.intersection(&restarts).collect();
    assert!(both.is_empty(), "{both:?} would share their snapshots");
    scripts.append(&mut restarts);
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

/// The variants that were found, as `Enum::Variant`.
#[derive(Default)]
struct Seen(BTreeSet<String>);

impl Seen {
    fn note_command(&mut self, command: &Command) {
        self.note("Command", command);
        if let Command::Say { to, kind, .. } = command {
            self.note("Recipient", to);
            self.note("MessageKind", kind);
        } else if let Command::SetModes { changes, .. } = command {
            changes.iter().for_each(|change| self.note("ModeChange", change));
        } else if let Command::ReadHistory { channel, range, limit } = command {
            let (channel, range, limit) = (channel.clone(), *range, *limit);
            self.note_query(&Query::History { channel, range, limit });
        } else if let Command::ShowTopic { channel } = command {
            self.note_query(&Query::Topic { channel: channel.clone() });
        } else if let Command::ShowModes { channel } = command {
            self.note_query(&Query::Modes { channel: channel.clone() });
        } else if let Command::Query(query) = command {
            self.note_query(query);
        } else if let Command::Operator(command) = command {
            self.note("OperatorCommand", command);
        } else if let Command::Report { about, .. } = command {
            self.note("ReportTarget", about);
        } else if let Command::SetRole { change, .. } = command {
            self.note("StatusChange", change);
            match change {
                StatusChange::Grant(status) | StatusChange::Revoke(status) => {
                    self.note("Status", status);
                }
                StatusChange::Become(role) => self.note("Role", role),
                _ => unreachable!("a variant that this test does not know"),
            }
        }
    }

    fn note_query(&mut self, query: &Query) {
        self.note("Query", query);
        if let Query::History { range, .. } | Query::PrivateHistory { range, .. } = query {
            self.note("HistoryRange", range);
        } else if let Query::List { list, .. } = query {
            self.note("List", list);
        }
    }

    fn note_host_command(&mut self, command: &HostCommand) {
        self.note("HostCommand", command);
        if let HostCommand::BanServer { target, .. } | HostCommand::UnbanServer { target } = command
        {
            self.note("BanTarget", target);
        } else if let HostCommand::ChangeUser { changes, .. } = command {
            changes.iter().for_each(|change| self.note("UserChange", change));
        }
    }

    fn note_effect(&mut self, effect: Effect<'_>) {
        match effect {
            Effect::Reply { event, .. }
            | Effect::HostReply { event }
            | Effect::Deliver { event, .. } => {
                self.note("Event", event);
                let Event::Rejected(refusal) = event else { return };
                self.note("Refusal", refusal);
                if let Refusal::NicknameInvalid(error) = refusal {
                    self.note("NicknameError", error);
                }
                if let Refusal::ChannelNameInvalid(error) = refusal {
                    self.note("ChannelNameError", error);
                }
            }
            Effect::Ask { ask, .. } => {
                self.note("Question", ask);
                if let Question::Authenticate { token, .. } = ask {
                    self.0.insert(AUTHENTICATED[usize::from(token.is_some())].to_owned());
                }
            }
            Effect::Close { reason, .. } => self.note("CloseReason", reason),
            Effect::Record(record) => self.note("Record", record),
            _ => unreachable!("a variant that this test does not know"),
        }
    }

    fn note(&mut self, kind: &str, value: &impl Debug) {
        self.0.insert(format!("{kind}::{}", name(&format!("{value:?}"))));
    }

    /// Checks that all variants of these enums were found.
    fn expect(&self, kinds: &[&str]) {
        let all: BTreeSet<String> = kinds.iter().flat_map(|kind| variants(kind)).collect();
        let missing: Vec<_> =
            all.difference(&self.0).filter(|name| !OUT_OF_REACH.contains(&name.as_str())).collect();
        assert!(missing.is_empty(), "no script shows {missing:?}");
        let reached: Vec<_> = OUT_OF_REACH.iter().filter(|name| self.0.contains(**name)).collect();
        assert!(reached.is_empty(), "a script does show {reached:?}");
    }
}

/// Returns the variants of an enum of chat-core, as `Enum::Variant`.
pub(super) fn variants(kind: &str) -> BTreeSet<String> {
    let start = format!("pub chat_core::{kind}::");
    let variants = PUBLIC_INTERFACE.lines().filter_map(|line| line.strip_prefix(&start));
    let variants: BTreeSet<_> = variants.map(|rest| format!("{kind}::{}", name(rest))).collect();
    assert!(!variants.is_empty(), "docs/public-api has no variants of {kind}");
    variants
}

/// Returns the identifier at the beginning of a text.
fn name(text: &str) -> &str {
    text.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default()
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
        nickname_length, channel_name_length, message_bytes, message_lines, topic_bytes,
        reason_bytes, away_bytes, key_bytes, channels, channels_per_user, members_per_channel,
        history_per_channel, events_per_channel, message_age, shortest_keep, was_here,
        nonce_window, nonces_per_user, history_page, search_bytes, search_page, data_bytes,
        public_data_keys,
        bans_per_channel, server_bans, server_operators, operator_logins, watched_nicknames,
        audit_entries, audit_age,
        open_reports, report_burst, report_interval,
        invitations_per_user, listing, announce_up_to, typing_up_to,
        typing_interval, edit_window,
        command_burst, commands_per_second, naming_timeout, person_naming_timeout,
        reconnect_period, disconnected_users, sessions_per_user, authenticate,
        older_history, answer_timeout, idle_timeout, guest_prefix, creator_status, username_bytes,
        real_name_bytes, reserved_names,
        mailbox_per_account, channels_per_owner, keep_empty_channels,
        accounts, registration, registered_accounts, reserve_nicknames, logins_per_account,
        token_age, login_burst, login_interval,
        linger, linger_away, unread_counted, conversations;
        but new_channel_modes
    )
}

fn scripts() -> Vec<Script> {
    let parse = |path: &PathBuf| {
        let source = fs::read_to_string(path).expect("a script in UTF-8");
        source.parse().unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    };
    let folders = ["scripts", "scripts/restart"];
    folders.iter().flat_map(|folder| files(folder, "chat")).map(|path| parse(&path)).collect()
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
