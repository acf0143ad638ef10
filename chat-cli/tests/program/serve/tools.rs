//! `chat backup`, `chat export`, `chat erase` and `chat store check`.

use super::process::Program;
use crate::CHAT;
use crate::folder::path;
use chat_server::engine::{
    ChannelName, Message, MessageId, Nickname, Record, StampedRecord, Target, Text, Timestamp,
    UserInfo,
};
use chat_server::sqlite::{self, SqliteOptions};
use chat_tests::{Client, PATIENCE};
use serde_json::{Value, json};
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::sync::Arc;
use tempfile::TempDir;
use tokio::process::Command;
use tokio::task::yield_now;
use tokio::time::timeout;

const URL: &str = "tcp+text://127.0.0.1:0";
const START: Timestamp = Timestamp::from_millis(1_767_225_600_000);

/// Makes a store with messages of the accounts `al` and `bo` in the lobby.
fn store(folder: &Path, count: u64) -> PathBuf {
    let path = folder.join("chat.db");
    let mut opened = SqliteOptions::default().open(&path, START).expect("it opens");
    let mut records = vec![
        Record::AccountSeen { account: "al".into() },
        Record::AccountSeen { account: "bo".into() },
    ];
    for id in 1..=count {
        let account = if id % 2 == 0 { "al" } else { "bo" };
        let mut sender =
            UserInfo::guest(Nickname::parse(&format!("{account}-nick")).expect("a name"));
        sender.account = Some(account.into());
        let target = Target::Channel(ChannelName::lobby());
        let text = Text::clean(&format!("text-of-{account} {id} {}", "x".repeat(200)));
        let message = Message::new(MessageId(id), START, Arc::new(sender), target, text);
        let message = Arc::new(message);
        records.push(Record::Said { message, recipient: None, nonce: None, away: None });
    }
    for records in records.chunks(1_000) {
        let records: Vec<StampedRecord> = records
            .iter()
            .map(|record| StampedRecord { at: START, record: record.clone() })
            .collect();
        opened.store.commit(&records).expect("it commits");
    }
    path
}

fn chat(arguments: &[&str]) -> Command {
    let mut command = Command::new(CHAT);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.kill_on_drop(true);
    command
}

async fn output(arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = timeout(PATIENCE, chat(arguments).output()).await.expect("the end in time");
    let Output { status, stdout, stderr } = output.expect("a process");
    let [stdout, stderr] = [stdout, stderr].map(|text| String::from_utf8(text).expect("UTF-8"));
    (status.code(), stdout, stderr)
}

#[tokio::test]
async fn export_does_not_write_into_a_store() {
    let folder = TempDir::new().expect("a folder");
    let file = store(folder.path(), 4);
    // The incomplete file would have the name of the store.
    let partial = folder.path().join("all.jsonl-partial");
    fs::rename(&file, &partial).expect("it is renamed");
    let to = folder.path().join("all.jsonl");
    let before = fs::read(&partial).expect("a file");
    let refused = output(&["export", "--store", path(&partial), "--to", path(&to)]).await;
    let expected = format!(
        "chat: cannot write {}: it would replace the store: choose another name\n",
        to.display()
    );
    assert_eq!(refused, (Some(1), String::new(), expected));
    assert_eq!(fs::read(&partial).expect("a file"), before);
}

/// SQLite would take the file for its own, once the store is used again.
#[tokio::test]
async fn export_does_not_write_beside_a_store() {
    let folder = TempDir::new().expect("a folder");
    let file = store(folder.path(), 4);
    for end in ["-wal", "-shm", "-journal", "-lock"] {
        let beside = file.with_file_name(format!("chat.db{end}"));
        let _ = fs::remove_file(&beside);
        let refused = output(&["export", "--store", path(&file), "--to", path(&beside)]).await;
        let expected = format!(
            "chat: cannot write {}: it belongs to a store: choose another name\n",
            beside.display()
        );
        assert_eq!(refused, (Some(1), String::new(), expected));
        assert!(!beside.exists());
    }
}

#[cfg(unix)]
#[tokio::test]
async fn incomplete_export_does_not_follow_a_link() {
    let folder = TempDir::new().expect("a folder");
    let file = store(folder.path(), 4);
    let (to, other) = (folder.path().join("all.jsonl"), folder.path().join("other"));
    std::os::unix::fs::symlink(&other, folder.path().join("all.jsonl-partial")).expect("a link");
    let exported = output(&["export", "--store", path(&file), "--to", path(&to)]).await;
    assert_eq!(exported.0, Some(0), "{}", exported.2);
    assert!(!other.exists() && to.is_file() && !to.is_symlink());
}

#[tokio::test]
async fn tools_print_one_line_or_json_lines() {
    let folder = TempDir::new().expect("a folder");
    let file = store(folder.path(), 4);
    let file = path(&file);
    let copy = folder.path().join("copy.db");
    let copy = path(&copy);
    let (code, printed, error) = output(&["backup", copy, "--store", file]).await;
    let size = fs::metadata(copy).expect("a file").len();
    assert_eq!((code, error.as_str()), (Some(0), ""));
    assert_eq!(printed, format!("backed up in {copy} ({size} bytes)\n"));
    let refused = output(&["backup", copy, "--store", file]).await;
    assert_eq!(
        refused,
        (Some(1), String::new(), format!("chat: the file {copy} exists already\n"))
    );
    assert_eq!(output(&["backup", copy, "--store", file, "--force"]).await.0, Some(0));
    let checked = output(&["store", "check", "--store", copy]).await;
    assert_eq!(checked, (Some(0), format!("{copy} is sound\n"), String::new()));

    let (code, lines, _) = output(&["export", "--store", file, "--account", "al"]).await;
    assert_eq!(code, Some(0));
    let lines: Vec<Value> =
        lines.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(lines.len(), 2);
    assert_eq!(
        lines[0],
        json!({
            "id": 2, "at": "2026-01-01T00:00:00.000Z", "nickname": "al-nick", "account": "al",
            "channel": "lobby", "text": format!("text-of-al 2 {}", "x".repeat(200)),
            "kind": "message",
        })
    );
    let to = folder.path().join("lobby.jsonl");
    let (_, printed, _) =
        output(&["export", "--store", file, "--channel", "lobby", "--to", path(&to)]).await;
    assert_eq!(printed, format!("exported 4 messages to {}\n", to.display()));
    assert_eq!(fs::read_to_string(&to).expect("a file").lines().count(), 4);
    let refused = output(&["export", "--store", file, "--channel", "rust"]).await;
    assert_eq!(refused.2, "chat: the store has no channel #rust\n");

    let (code, printed, _) = output(&["erase", "al", "--store", file]).await;
    assert_eq!((code, printed.as_str()), (Some(0), "erased account al and 2 messages\n"));
    let again = output(&["erase", "al", "--store", file]).await;
    assert_eq!(again, (Some(1), String::new(), "chat: the store has no account al\n".into()));
    let nowhere = output(&["store", "check", "--store", "/no/such/file"]).await;
    let expected = "chat: there is no store /no/such/file: name another file\n";
    assert_eq!(nowhere, (Some(1), String::new(), expected.into()));
}

/// Kills each command after different parts of its work.
#[tokio::test]
async fn killed_tools_leave_a_sound_store_and_no_incomplete_backup() {
    let folder = TempDir::new().expect("a folder");
    let file = store(folder.path(), 20_000);
    let copy = folder.path().join("copy.db");
    // Kills the process as soon as a file that it writes has so many bytes; it may end before.
    let kill_at = async |arguments: &[&str], written: &Path, bytes: u64| {
        let mut process = chat(arguments).spawn().expect("a process");
        let size = || fs::metadata(written).map_or(0, |file| file.len());
        while size() < bytes && process.try_wait().expect("a process").is_none() {
            yield_now().await;
        }
        let _ = process.start_kill();
        process.wait().await.expect("an end");
    };
    let to = folder.path().join("all.jsonl");
    for bytes in [0, 1, 100_000, 500_000, 2_000_000] {
        let backup = ["backup", path(&copy), "--store", path(&file), "--force"];
        kill_at(&backup, &folder.path().join("copy.db-partial"), bytes).await;
        if copy.exists() {
            assert_eq!(sqlite::check(&copy).expect("a store"), [""; 0]);
        }
        let export = ["export", "--to", path(&to), "--store", path(&file)];
        kill_at(&export, &folder.path().join("all.jsonl-partial"), bytes).await;
        if to.exists() {
            assert_eq!(fs::read_to_string(&to).expect("a file").lines().count(), 20_000);
            fs::remove_file(&to).expect("a file");
        }
    }
    let log = folder.path().join("chat.db-wal");
    for bytes in [0, 1, 50_000, 200_000, 500_000, 1_000_000, 2_000_000, 4_000_000] {
        kill_at(&["erase", "al", "--store", path(&file)], &log, bytes).await;
        assert_eq!(sqlite::check(&file).expect("a store"), [""; 0]);
    }
    let last = output(&["erase", "al", "--store", path(&file)]).await;
    assert!(last.0 == Some(0) || last.2 == "chat: the store has no account al\n", "{last:?}");
    for name in ["chat.db", "chat.db-wal", "chat.db-shm"] {
        let Ok(bytes) = fs::read(folder.path().join(name)) else { continue };
        let erased = b"text-of-al";
        assert!(!bytes.windows(erased.len()).any(|window| window == erased), "{name}");
    }
    let (_, lines, _) = output(&["export", "--store", path(&file)]).await;
    assert_eq!(lines.lines().count(), 20_000);
    assert_eq!(lines.matches("text-of-bo").count(), 10_000);
}

/// Returns the commands of a section of the guide.
fn commands_of(heading: &str) -> Vec<String> {
    let guide = include_str!("../../../../docs/operating.md");
    let (_, section) = guide.split_once(&format!("### {heading}\n")).expect("the section");
    let section = section.split("\n### ").next().expect("a section");
    let blocks = section.split("```sh\n").skip(1);
    blocks.map(|block| block.split("```").next().expect("its end").to_owned()).collect()
}

#[tokio::test]
async fn backup_and_restore_work_as_the_guide_says() {
    let home = TempDir::new().expect("a folder");
    let programs = Path::new(CHAT).parent().expect("a folder");
    let paths = env::var_os("PATH").unwrap_or_default();
    let paths = [programs.to_owned()].into_iter().chain(env::split_paths(&paths));
    let paths = env::join_paths(paths).expect("a path");
    let in_home = |program: &str| {
        let mut command = Command::new(program);
        command.env("HOME", home.path()).env("PATH", &paths).current_dir(home.path());
        command.env_remove("XDG_STATE_HOME").env_remove("STATE_DIRECTORY");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).kill_on_drop(true);
        command
    };
    let serve = async || {
        let mut command = in_home(CHAT);
        command.args(["serve", "--listen", URL]);
        let program = Program::announced(command.spawn().expect("a process"), &[URL]).await;
        let [address] = program.addresses("tcp+text");
        let mut alice = Client::tcp("alice", address).await;
        alice.next().await;
        (program, alice)
    };
    let run = async |commands: &str| {
        let done = in_home("sh").args(["-e", "-c", commands]).output().await.expect("a shell");
        assert!(done.status.success(), "{commands}: {done:?}");
    };
    let commands = commands_of("Backup and restore");
    let [backup, restore] = &commands[..] else { panic!("two blocks: {commands:?}") };

    let (mut program, mut alice) = serve().await;
    alice.send("before the backup").await;
    alice.send("/history").await;
    assert!(alice.next().await.ends_with("before the backup"));
    run(backup).await;
    alice.send("after the backup").await;
    alice.send("/history").await;
    alice.next().await;
    assert!(alice.next().await.ends_with("after the backup"));
    program.signal("KILL").await;
    program.end().await;
    run(restore).await;
    let (mut program, mut alice) = serve().await;
    alice.send("/history").await;
    assert!(alice.next().await.ends_with("before the backup"));
    alice.send("/help").await;
    assert_eq!(alice.next().await, "Available commands:", "that was all");

    // After a kill, the log is needed, and the tools leave it alone.
    alice.send("in the log").await;
    alice.send("/users").await;
    while !alice.next().await.starts_with("* online") {}
    program.signal("KILL").await;
    program.end().await;
    run("chat store check; chat export --to all.jsonl; chat backup another.db").await;
    let (mut program, mut alice) = serve().await;
    alice.send("/history").await;
    alice.next().await;
    assert!(alice.next().await.ends_with("in the log"));
    program.signal("TERM").await;
    program.end().await;
}
