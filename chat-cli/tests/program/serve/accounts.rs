//! Accounts with passwords: `[accounts]`, `--accounts`, and `chat account`.

use super::process::{Program, expect_refusal, log_has};
use crate::CHAT;
use crate::folder::{folder, path};
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
const GOOD: &str = "correct horse battery staple";

/// Starts a server, and connects a client.
async fn serve(arguments: &[&str]) -> (Program, Client) {
    let (program, _log) = Program::serve_logged(&[URL], arguments).await;
    let [address] = program.addresses("tcp+json");
    let client = Client::tcp("client", address).await;
    (program, client)
}

async fn stop(mut program: Program, signal: &str) {
    program.signal(signal).await;
    program.end().await;
}

/// Sends a `hello` with these fields, and returns the answer.
pub(super) async fn hello(client: &mut Client, mut fields: Value) -> Value {
    fields["type"] = "hello".into();
    fields["version"] = 2.into();
    client.send(fields.to_string()).await;
    client.next_json().await
}

/// Runs `chat account` with a text as standard input. Returns the exit code and both outputs.
async fn account(store: &Path, arguments: &[&str], input: &str) -> (Option<i32>, String, String) {
    let mut command = Command::new(CHAT);
    command.arg("account").args(arguments).args(["--store", path(store)]);
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

async fn done(store: &Path, arguments: &[&str], input: &str) -> String {
    let (code, stdout, stderr) = account(store, arguments, input).await;
    assert_eq!((code, stderr.as_str()), (Some(0), ""), "{arguments:?}");
    stdout
}

/// Expects one line on standard error, and no change.
async fn refused(store: &Path, arguments: &[&str], input: &str) -> String {
    let (code, stdout, stderr) = account(store, arguments, input).await;
    assert_eq!((code, stdout.as_str()), (Some(1), ""), "{arguments:?}: {stderr}");
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
    stderr.strip_prefix("chat: ").expect("a refusal").trim_end().to_owned()
}

#[tokio::test]
async fn operator_makes_lists_resets_and_deletes_accounts() {
    let home = TempDir::new().expect("a folder");
    let store = &home.path().join("chat.db");
    assert_eq!(done(store, &["add", "alice"], GOOD).await, "added account alice\n");
    let file = home.path().join("password");
    fs::write(&file, format!("{GOOD}\r\n")).expect("a file");
    let added = done(store, &["add", "Bob", "--password-file", path(&file)], "").await;
    assert_eq!(added, "added account Bob\n");

    let serving = ["--store", path(store), "--accounts", "off"];
    let (program, mut alice) = serve(&serving).await;
    let token = hello(&mut alice, json!({ "account": "alice", "password": GOOD })).await["token"]
        .as_str()
        .expect("a token")
        .to_owned();
    alice.expect_type("roster").await;
    alice.send(r#"{"type":"join","channel":"tea"}"#).await;
    alice.expect_type("roster").await;
    let request = json!({ "type": "register", "account": "carol", "password": GOOD });
    let [address] = program.addresses("tcp+json");
    let mut carol = Client::tcp("carol", address).await;
    hello(&mut carol, json!({ "nickname": "carol" })).await;
    carol.expect_type("roster").await;
    carol.send(request.to_string()).await;
    carol.expect_error("registration_closed").await;

    // The accounts can be listed meanwhile.
    let list = done(store, &["list"], "").await;
    let rows: Vec<Vec<&str>> = list.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(rows[0], ["NAME", "CREATED", "LAST", "SEEN", "LOGINS", "OWNS"]);
    let [name, created, seen, logins, owns] = rows[1][..] else { panic!("{list}") };
    assert_eq!((name, logins, owns), ("alice", "1", "#tea"));
    assert!(created.ends_with('Z') && seen.ends_with('Z'), "{list}");
    assert_eq!((rows[2][0], &rows[2][2..]), ("Bob", &["-", "0", "-"][..]));
    let in_use = format!(
        "another process uses the store {}: stop it first, or choose another file",
        store.display()
    );
    for arguments in [&["add", "dora"][..], &["reset", "alice"], &["delete", "alice", "--yes"]] {
        assert_eq!(refused(store, arguments, GOOD).await, in_use);
    }
    stop(program, "KILL").await;

    let reset = done(store, &["reset", "ALICE"], "another horse entirely\n").await;
    assert_eq!(reset, "set a new password for account alice; 1 login has ended\n");
    assert_eq!(done(store, &["delete", "bob", "--yes"], "").await, "deleted account Bob\n");
    let (program, mut log) = Program::serve_logged(&[URL], &["--store", path(store)]).await;
    log_has(&mut log, "nobody can log in to the accounts in the store").await;
    stop(program, "TERM").await;
    let (program, mut client) = serve(&serving).await;
    for (fields, code) in [
        (json!({ "session": token }), "session_ended"),
        (json!({ "account": "alice", "password": GOOD }), "login_failed"),
        (json!({ "account": "bob", "password": GOOD }), "login_failed"),
    ] {
        assert_eq!(hello(&mut client, fields).await["code"], code);
    }
    let fields = json!({ "account": "alice", "password": "another horse entirely" });
    assert_eq!(hello(&mut client, fields).await["nickname"], "alice");
    stop(program, "TERM").await;
    let list = done(store, &["list"], "").await;
    assert!(list.lines().count() == 2 && list.contains("#tea"), "{list}");
    assert_eq!(
        audited(store).await,
        [
            (json!("add_account"), json!("alice")),
            (json!("add_account"), json!("Bob")),
            (json!("reset_password"), json!("alice")),
            (json!("remove_account"), json!("Bob")),
        ]
    );
}

/// Returns the actions of the audit log with their accounts. All are of the host.
async fn audited(store: &Path) -> Vec<(Value, Value)> {
    let audit = Command::new(CHAT).args(["audit", "--json", "--store", path(store)]).output();
    let output = timeout(PATIENCE, audit).await.expect("the end in time").expect("a process");
    let lines = String::from_utf8(output.stdout).expect("UTF-8");
    let entries = lines.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    entries
        .map(|entry| {
            assert_eq!((&entry["by"], &entry["system"]), (&json!("server"), &json!(true)));
            (entry["action"].clone(), entry["account"].clone())
        })
        .collect()
}

#[tokio::test]
async fn bad_input_of_the_operator_is_explained_in_one_line() {
    let home = TempDir::new().expect("a folder");
    let store = &home.path().join("chat.db");
    let missing = format!("there is no store {}: name another file", store.display());
    for arguments in [&["list"][..], &["reset", "alice"], &["delete", "alice", "--yes"]] {
        assert_eq!(refused(store, arguments, GOOD).await, missing);
    }
    done(store, &["add", "alice"], GOOD).await;
    for (name, said) in [
        ("alice", "'alice' is taken"),
        ("ALICE", "'ALICE' is taken"),
        ("\u{430}lice", "is taken"),
        ("a,b", "cannot contain ','"),
        ("a b", "white space"),
        ("", "empty"),
        ("NickServ", "is reserved"),
        (&"x".repeat(33), "32"),
    ] {
        let line = refused(store, &["add", name], GOOD).await;
        assert!(line.contains(said), "{name}: {line}");
    }
    for (password, said) in [
        ("", "is empty"),
        ("\n", "is empty"),
        ("short\n", "at least 8"),
        ("password1", "most common"),
        ("bob-bob-bob", "choose"),
        ("with\0a NUL", "U+0000"),
        ("two\nlines of text", "U+000A"),
        (&"x".repeat(1_025), "1025 bytes"),
        (&"x".repeat(100_000), "is too long"),
    ] {
        for arguments in [["add", "bob"], ["reset", "alice"]] {
            let line = refused(store, &arguments, password).await;
            assert!(line.contains(said), "{password}: {line}");
        }
    }
    let line = refused(store, &["add", "bob", "--password-file", "/no/such/file"], "").await;
    assert!(line.starts_with("cannot read the password from /no/such/file: "), "{line}");
    let unknown = "the store has no account bob with a password; chat account list shows all";
    assert_eq!(refused(store, &["reset", "bob"], GOOD).await, unknown);
    assert_eq!(refused(store, &["delete", "bob", "--yes"], "").await, unknown);
    let line = refused(store, &["delete", "alice"], "y\n").await;
    assert_eq!(line, "nothing was deleted: a deleted account is lost, so confirm it with --yes");
    assert_eq!(done(store, &["list"], "").await.lines().count(), 2);

    let notes = home.path().join("notes.txt");
    fs::write(&notes, "Not a database, but the only copy of these notes.\n").expect("a file");
    for arguments in [&["add", "bob"][..], &["list"], &["reset", "bob"]] {
        let line = refused(&notes, arguments, GOOD).await;
        assert!(line.contains("it is not a file of this store, or it is damaged"), "{line}");
    }
}

#[tokio::test]
async fn accounts_of_a_killed_server_are_there_after_its_restart() {
    let home = TempDir::new().expect("a folder");
    let store = home.path().join("chat.db");
    let arguments = ["--store", path(&store), "--accounts", "open"];
    let (program, mut alice) = serve(&arguments).await;
    hello(&mut alice, json!({ "nickname": "alice" })).await;
    alice.expect_type("roster").await;
    let request = json!({ "type": "register", "account": "alice", "password": GOOD });
    alice.send(request.to_string()).await;
    let token = alice.expect_type("registered").await["token"].clone();
    stop(program, "KILL").await;
    let (program, mut alice) = serve(&arguments).await;
    let welcome = hello(&mut alice, json!({ "session": token })).await;
    assert_eq!(welcome["account"], "alice");
    stop(program, "KILL").await;
}

#[tokio::test]
async fn configuration_says_who_may_register() {
    let files = folder("who may register");
    for (name, contents) in [
        ("code.toml", "register = \"code\"\ncode = \"tea\"\nhash_threads = 1\n"),
        ("none.toml", "hash_queue = 10\n"),
        ("wrong.toml", "register = \"all\"\n"),
    ] {
        fs::write(files.join(name), format!("[accounts]\n{contents}")).expect("a file");
    }
    let file = |name: &str| path(&files.join(name)).to_owned();
    let register = json!({ "type": "register", "account": "alice", "password": GOOD });
    for (arguments, expected) in [
        (vec!["--config".to_owned(), file("code.toml")], "code_invalid"),
        (vec!["--config".to_owned(), file("none.toml")], "no_accounts"),
        (vec!["--accounts".to_owned(), "off".to_owned()], "registration_closed"),
        (vec![], "no_accounts"),
    ] {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let (program, mut log) = Program::serve_logged(&[URL], &arguments).await;
        if expected != "no_accounts" {
            log_has(&mut log, "accounts are lost when the server stops, because --store memory")
                .await;
        }
        let [address] = program.addresses("tcp+json");
        let mut alice = Client::tcp("alice", address).await;
        hello(&mut alice, json!({ "nickname": "alice" })).await;
        alice.expect_type("roster").await;
        alice.send(register.to_string()).await;
        alice.expect_error(expected).await;
        if expected == "code_invalid" {
            let mut register = register.clone();
            register["code"] = "tea".into();
            alice.send(register.to_string()).await;
            alice.expect_type("registered").await;
        }
        stop(program, "TERM").await;
    }
    let wrong = file("wrong.toml");
    for (arguments, said) in [
        (["--config", &wrong], "[accounts]: 'all' is not \"off\", \"open\" or \"code\""),
        (["--accounts", "code"], "--accounts code needs a code: set it with code in [accounts]"),
    ] {
        let arguments = [&["--listen", URL], &arguments[..]].concat();
        expect_refusal(&arguments, said).await;
    }
}
