//! Moderation: `[moderation]`, `chat ban` and `chat audit`.

use super::process::Program;
use crate::CHAT;
use crate::folder::path;
use chat_tests::{Client, PATIENCE};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::process::{Output, Stdio};
use tempfile::TempDir;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;
use tokio::time::timeout;

const URL: &str = "tcp+json://127.0.0.1:0";

/// Runs `chat` on a store, and returns the exit code and both outputs.
async fn chat(store: &Path, arguments: &[&str], input: &str) -> (Option<i32>, String, String) {
    run(&[arguments, &["--store", path(store)]].concat(), input).await
}

/// Runs `chat`, and returns the exit code and both outputs.
async fn run(arguments: &[&str], input: &str) -> (Option<i32>, String, String) {
    let mut command = Command::new(CHAT);
    command.args(arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut process = command.kill_on_drop(true).spawn().expect("a process");
    let mut stdin = process.stdin.take().expect("a pipe");
    // The program may end without reading it.
    let _ = stdin.write_all(input.as_bytes()).await;
    drop(stdin);
    let output = timeout(PATIENCE, process.wait_with_output()).await.expect("the end in time");
    let Output { status, stdout, stderr } = output.expect("a process");
    let [stdout, stderr] = [stdout, stderr].map(|text| String::from_utf8(text).expect("UTF-8"));
    (status.code(), stdout, stderr)
}

async fn done(store: &Path, arguments: &[&str]) -> String {
    let (code, stdout, stderr) = chat(store, arguments, "correct horse battery staple\n").await;
    assert_eq!((code, stderr.as_str()), (Some(0), ""), "{arguments:?}");
    stdout
}

async fn refused(store: &Path, arguments: &[&str]) -> String {
    let (code, stdout, stderr) = chat(store, arguments, "").await;
    assert_eq!((code, stdout.as_str()), (Some(1), ""), "{arguments:?}: {stderr}");
    stderr
}

async fn ask(client: &mut Client, request: Value) -> Value {
    client.send(request.to_string()).await;
    loop {
        let answer = client.next_json().await;
        if answer["ref"] == request["ref"] {
            return answer;
        }
    }
}

#[tokio::test]
async fn printed_hash_is_the_login_of_an_operator() {
    let (code, hash, _) = run(&["hash"], "correct horse battery staple\n").await;
    assert_eq!(code, Some(0));
    let (code, stdout, stderr) = run(&["hash"], "secret\n").await;
    assert_eq!((code, stdout.as_str()), (Some(1), ""), "{stderr}");

    let folder = TempDir::new().expect("a folder");
    let config = folder.path().join("chat.toml");
    let written = format!("[irc]\noperators.op = \"{}\"\n", hash.trim_end());
    fs::write(&config, written).expect("it is written");
    let arguments = ["--config", path(&config), "--store", "memory"];
    let (mut program, _log) = Program::serve_logged(&[URL], &arguments).await;
    let [address] = program.addresses("tcp+json");
    let mut al = Client::tcp("al", address).await;
    let hello = json!({ "type": "hello", "version": 2, "ref": "1", "nickname": "al" });
    assert_eq!(ask(&mut al, hello).await["type"], "welcome");
    let log_in = |password, reference| {
        let name = "op";
        json!({ "type": "become_operator", "name": name, "password": password, "ref": reference })
    };
    assert_eq!(ask(&mut al, log_in("wrong", "2")).await["code"], "login_failed");
    let right = ask(&mut al, log_in("correct horse battery staple", "3")).await;
    assert_eq!((&right["type"], &right["operator"]), (&json!("user_modes"), &json!(true)));
    assert_eq!(ask(&mut al, json!({ "type": "server_bans", "ref": "4" })).await["count"], 0);
    program.signal("TERM").await;
    program.end().await;
}

#[tokio::test]
async fn bans_and_the_audit_log_are_those_of_the_server_and_of_the_tools() {
    let folder = TempDir::new().expect("a folder");
    let store = &folder.path().join("chat.db");
    done(store, &["account", "add", "op"]).await;
    assert_eq!(done(store, &["ban", "list"]).await, "nothing is banned from the server\n");
    let made = done(store, &["audit"]).await;
    assert!(made.starts_with("1 ") && made.ends_with("server added account op\n"), "{made}");
    let add = ["ban", "add", "--nickname", "mallory", "--reason", "spam"];
    assert_eq!(done(store, &add).await, "banned mallory from the server\n");
    done(store, &["ban", "add", "--addresses", "203.0.113.7/24", "--for", "1h"]).await;
    assert!(refused(store, &["ban", "remove", "--account", "mal"]).await.contains("not banned"));

    let config = folder.path().join("chat.toml");
    let written = "[accounts]\nregister = \"off\"\n[moderation]\noperators = [\"op\"]\n";
    fs::write(&config, written).expect("it is written");
    let arguments = ["--config", path(&config), "--store", path(store)];
    let (mut program, _log) = Program::serve_logged(&[URL], &arguments).await;
    let [address] = program.addresses("tcp+json");
    let mut op = Client::tcp("op", address).await;
    let hello = json!({
        "type": "hello", "version": 2, "ref": "1", "account": "op",
        "password": "correct horse battery staple"
    });
    assert_eq!(ask(&mut op, hello).await["type"], "welcome");
    let mut mallory = Client::tcp("mallory", address).await;
    let hello = json!({ "type": "hello", "version": 2, "ref": "1", "nickname": "Mallory" });
    assert_eq!(ask(&mut mallory, hello).await["code"], "server_banned");
    let bans = ask(&mut op, json!({ "type": "server_bans", "ref": "2" })).await;
    assert_eq!((&bans["count"], &bans["bans"][0]["nickname"]), (&json!(2), &json!("mallory")));
    let unban = json!({ "type": "server_unban", "nickname": "mallory", "ref": "3" });
    assert_eq!(ask(&mut op, unban).await["type"], "ok");
    let log = ask(&mut op, json!({ "type": "audit_log", "ref": "4" })).await;
    let actions: Vec<_> = log["entries"].as_array().expect("a list").iter().collect();
    assert_eq!(actions.len(), 4);
    assert_eq!((&actions[0]["action"], &actions[0]["by"]), (&json!("server_unban"), &json!("op")));
    assert_eq!(
        (&actions[2]["action"], &actions[2]["system"]),
        (&json!("server_ban"), &json!(true))
    );

    // The tools read beside the server, and change nothing.
    assert!(done(store, &["ban", "list"]).await.starts_with("203.0.113.0/24 until 2"));
    let printed = done(store, &["audit"]).await;
    assert_eq!(printed.lines().count(), 4);
    assert!(printed.contains("server banned mallory from the server: spam"), "{printed}");
    refused(store, &["ban", "add", "--nickname", "eve"]).await;
    program.signal("TERM").await;
    program.end().await;

    let lines = done(store, &["audit", "--json"]).await;
    let exported = done(store, &["export", "--audit"]).await;
    assert_eq!(lines, exported);
    let last: Value = serde_json::from_str(lines.lines().last().expect("a line")).expect("JSON");
    assert_eq!((&last["id"], &last["nickname"]), (&json!(4), &json!("mallory")));
    done(store, &["ban", "remove", "--addresses", "203.0.113.0/24"]).await;
    assert_eq!(done(store, &["ban", "list"]).await, "nothing is banned from the server\n");
}
