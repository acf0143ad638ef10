//! The store of `chat serve`: what outlasts the end of the process, and files that cannot be used.

use super::process::{Program, output, text};
use crate::CHAT;
use crate::folder::path;
use chat_tests::Client;
use std::fs;
use std::path::Path;
use std::process::Stdio;
use tempfile::TempDir;
use tokio::process::Command;

const URL: &str = "tcp+text://127.0.0.1:0";

async fn serve(store: &Path) -> Program {
    let (program, _log) = Program::serve_logged(&[URL], &["--store", path(store)]).await;
    program
}

#[tokio::test]
async fn killed_server_has_kept_what_its_clients_have_seen() {
    let folder = TempDir::new().expect("a folder");
    let file = folder.path().join("chat.db");
    for round in 1..=3 {
        let mut program = serve(&file).await;
        let [address] = program.addresses("tcp+text");
        let mut alice = Client::tcp("alice", address).await;
        let joined = alice.next().await;
        if round == 1 {
            assert_eq!(joined, "* user1 joined the chat");
        }
        alice.send("/name alice").await;
        alice.next().await;
        let mut bob = Client::tcp("bob", address).await;
        bob.next().await;
        bob.next().await;
        bob.send("/history").await;
        for earlier in 1..round {
            let line = bob.next().await;
            assert!(line.ends_with(&format!(" [alice]: message {earlier}")), "{line}");
        }
        alice.send(format!("message {round}")).await;
        loop {
            let line = bob.next().await;
            if line == format!("[alice]: message {round}") {
                break;
            }
        }
        program.signal("KILL").await;
        program.end().await;
    }
}

#[tokio::test]
async fn second_server_on_the_same_file_says_that_it_is_in_use() {
    let folder = TempDir::new().expect("a folder");
    let file = folder.path().join("chat.db");
    let mut program = serve(&file).await;
    let second = output(&["--listen", URL, "--store", path(&file)]).await;
    assert_eq!(second.status.code(), Some(1));
    let stderr = text(&second.stderr);
    let expected = format!(
        "chat: another process uses the store {}: stop it first, or choose another file\n",
        file.display()
    );
    assert_eq!(stderr, expected);
    program.signal("TERM").await;
    program.end().await;
}

#[tokio::test]
async fn file_that_is_no_store_is_refused_and_left_alone() {
    let folder = TempDir::new().expect("a folder");
    let file = folder.path().join("notes.txt");
    let contents = "Not a database, but the only copy of these notes.\n".repeat(99);
    fs::write(&file, &contents).expect("a file");
    let refused = output(&["--listen", URL, "--store", path(&file)]).await;
    assert_eq!(refused.status.code(), Some(1));
    let stderr = text(&refused.stderr);
    assert!(stderr.contains("it is not a file of this store, or it is damaged"), "{stderr}");
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
    assert_eq!(fs::read_to_string(&file).expect("it is there"), contents);

    let nowhere = folder.path().join("no/such/folder/chat.db");
    let refused = output(&["--listen", URL, "--store", path(&nowhere)]).await;
    assert_eq!(refused.status.code(), Some(1));
    let stderr = text(&refused.stderr);
    assert!(stderr.contains("the folder must exist"), "{stderr}");
}

#[tokio::test]
async fn killed_server_misses_its_log() {
    let folder = TempDir::new().expect("a folder");
    let file = folder.path().join("chat.db");
    let mut program = serve(&file).await;
    let [address] = program.addresses("tcp+text");
    let mut alice = Client::tcp("alice", address).await;
    alice.next().await;
    program.signal("KILL").await;
    program.end().await;
    fs::remove_file(folder.path().join("chat.db-wal")).expect("the log");
    let refused = output(&["--listen", URL, "--store", path(&file)]).await;
    assert_eq!(refused.status.code(), Some(1));
    let file = file.display();
    let expected = format!(
        "chat: cannot open the store {file}: the file {file}-wal is missing or empty, which has \
         the newest messages: put it back, or restore a backup; to continue without them, delete \
         {file}-lock\n"
    );
    assert_eq!(text(&refused.stderr), expected);
}

#[tokio::test]
async fn default_file_is_in_the_state_directory_and_its_path_is_printed() {
    let folder = TempDir::new().expect("a folder");
    let state = folder.path().join("state");
    let mut command = Command::new(CHAT);
    command.args(["serve", "--listen", URL]).env("XDG_STATE_HOME", &state);
    command.env_remove("STATE_DIRECTORY").stdin(Stdio::null()).stdout(Stdio::piped());
    command.kill_on_drop(true);
    let mut program = Program::announced(command.spawn().expect("a process"), &[URL]).await;
    program.signal("TERM").await;
    let (_, printed) = program.end().await;
    let file = state.join("chat").join("chat.db");
    assert_eq!(printed.first(), Some(&format!("storing in {}", file.display())));
    assert!(file.exists(), "the folders are made, too");
}
