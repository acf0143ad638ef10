//! Accounts with passwords in `chat connect`: hidden passwords, and logins that are kept.

use super::cutting_proxy::{Cut, CuttingProxy};
use super::process::terminal::Terminal;
use super::process::{Client, Server};
use crate::folder::path;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

const GOOD: &str = "correct horse battery staple";
const BETTER: &str = "another horse entirely";

fn server() -> Server {
    Server::start_as(&["tcp://127.0.0.1:0", "ws://127.0.0.1:0"], &["--accounts", "open"])
}

/// Starts a full-screen client, and waits until it shows the lobby.
fn screen(state: &Path, url: &str, arguments: &[&str]) -> Terminal {
    let mut terminal = Terminal::with_state(state, &[&["connect", url], arguments].concat());
    terminal.wait_for("the lobby", |screen| screen.contains(">#lobby"));
    terminal
}

/// Types a command that asks for passwords, and answers the questions.
fn answers(terminal: &mut Terminal, command: &str, answers: &[(&str, &str)]) {
    terminal.types(&format!("{command}\r"));
    for (question, answer) in answers {
        terminal.wait_for(question, |screen| screen.trim_end().ends_with(question.trim_end()));
        terminal.types(&format!("{answer}\r"));
    }
}

/// Waits until the screen contains a text, and no password.
fn shows(terminal: &mut Terminal, text: &str) {
    terminal.wait_for(text, |screen| {
        let words = screen.replace('│', " ");
        let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(!words.contains("horse") && !words.contains("hunter"), "{screen}");
        words.contains(text)
    });
}

/// Starts a client for scripts.
fn script(state: &Path, password: &str, arguments: &[&str]) -> Client {
    let environment = [("XDG_STATE_HOME", path(state)), ("CHAT_PASSWORD", password)];
    Client::run("script", arguments, &environment)
}

#[test]
fn guest_registers_with_a_hidden_password_and_comes_back_without_it() {
    let server = server();
    for (url, name) in [(&server.tcp, "alice"), (&server.ws, "bob")] {
        let folder = TempDir::new().expect("a folder");
        let state = folder.path();
        let first = format!("New password for {name}: ");
        let register = format!("/register {name}");
        let mut person = screen(state, url, &["--nickname", name]);
        let again = "The same again: ";
        answers(&mut person, &register, &[(&first, GOOD), (again, "hunter2")]);
        shows(&mut person, "the two passwords are not the same");
        answers(&mut person, &register, &[(&first, "hunter2"), (again, "hunter2")]);
        shows(&mut person, "the password is too short");
        // A password in the command is not sent, and cannot be recalled.
        person.types(&format!("{register} typed by mistake\r"));
        shows(&mut person, "usage: /register <account>");
        person.types("\u{1b}[A");
        person.wait_for("the command before", |screen| {
            screen.trim_end().ends_with(&format!("[#lobby] {register}"))
        });
        person.types("\u{15}");
        // Ctrl+C cancels the question only, and Ctrl+U deletes the answer.
        answers(&mut person, &register, &[(&first, "\u{3}")]);
        shows(&mut person, "nothing was sent");
        let typed = format!("hunter2\u{15}{GOOD}x\u{7f}");
        let pasted = format!("\u{1b}[200~{GOOD}\n\u{1b}[201~");
        answers(&mut person, &register, &[(&first, &typed), (again, &pasted)]);
        shows(&mut person, &format!("account {name} is registered"));
        person.types("/quit\r");
        person.ends_well();

        let file = state.join("chat/logins.json");
        let kept = fs::read_to_string(&file).expect("a file");
        assert!(kept.contains("chat_") && !kept.contains("horse"), "{kept}");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::metadata(&file).expect("a file").permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        let mut person = screen(state, url, &["--account", name]);
        person.types("/sessions\r");
        shows(&mut person, "this one: \"chat on ");
        person.types("/logout\r");
        person.ends_well();
        assert_eq!(fs::read_to_string(&file).expect("a file"), "{}");
        let mut person = Terminal::with_state(state, &["connect", url, "--account", name]);
        let question = format!("Password for {name}: ");
        person.wait_for("the question", |screen| screen.contains(question.trim_end()));
        person.types("hunter2\r");
        person
            .ends(&format!("{question}\nchat: there is no account with that name and password"), 1);
    }
}

#[test]
fn login_outlasts_a_lost_connection_and_the_password_is_changed() {
    let server = server();
    let folder = TempDir::new().expect("a folder");
    let proxy = CuttingProxy::start(&server.tcp, &[Cut::Message]);
    let mut alice = screen(folder.path(), &proxy.url, &["--nickname", "guest"]);
    let first = "New password for alice: ";
    answers(&mut alice, "/register alice", &[(first, GOOD), ("The same again: ", GOOD)]);
    shows(&mut alice, "account alice is registered");
    alice.types("before\r");
    proxy.has_cut(Cut::Message);
    shows(&mut alice, "guest: before");
    alice.types("/sessions\r");
    shows(&mut alice, "this one: \"chat on ");
    let [old, new, again] = ["Present password: ", "New password: ", "The same again: "];
    answers(&mut alice, "/password", &[(old, "hunter2"), (new, BETTER), (again, BETTER)]);
    shows(&mut alice, "that is not the password of your account");
    answers(&mut alice, "/password", &[(old, GOOD), (new, BETTER), (again, BETTER)]);
    shows(&mut alice, "your password is changed");

    // Another guest logs in, and becomes the user of the account.
    let mut other = screen(folder.path(), &server.ws, &["--nickname", "other"]);
    answers(&mut other, "/login alice", &[("Password for alice: ", GOOD)]);
    shows(&mut other, "there is no account with that name and password");
    answers(&mut other, "/login alice", &[("Password for alice: ", BETTER)]);
    shows(&mut other, "you are logged in to alice");
    shows(&mut other, "guest at ");
    other.types("from the other\r");
    shows(&mut alice, "guest: from the other");
    let question = "Password, to delete your account: ";
    answers(&mut other, "/unregister", &[(question, BETTER)]);
    other.ends_well();
}

#[test]
fn script_logs_in_with_a_password_or_a_kept_login() {
    let server = server();
    let folder = TempDir::new().expect("a folder");
    let state = folder.path();
    let connect = ["connect", &server.tcp];
    let as_alice = [&connect[..], &["--account", "alice"]].concat();
    let mut first = script(state, GOOD, &[&connect[..], &["--nickname", "alice"]].concat());
    first.expect(&["connected as alice", "you joined lobby: alice"]);
    first.say("/register alice");
    first.expect(&["account alice is registered, and you are logged in to it"]);
    let file = state.join("password");
    fs::write(&file, format!("{GOOD}\r\n")).expect("a file");
    let own = ["--no-save-login", "--password-file", path(&file)];
    let mut second = script(state, "", &[&as_alice[..], &own].concat());
    second.expect(&["connected as alice", "you joined lobby: alice"]);
    second.say("/sessions");
    let logins = [second.line(), second.line()];
    let other = logins.iter().find(|login| !login.contains(", this one: "));
    let other = other.unwrap_or_else(|| panic!("{logins:?}"));
    let id = other.split(' ').nth(1).expect("an id");
    second.say(&format!("/revoke {id}"));
    second.expect(&[&format!("login {id} has ended")]);
    let (code, problems) = first.end();
    assert_eq!(code, Some(1), "{problems}");
    assert!(problems.starts_with("chat: you were removed: logged out on another device\n"));

    // The login that was kept has ended.
    let mut wrong = script(state, "hunter2", &as_alice);
    wrong.fails(
        "chat: the saved login to alice has ended\n\
         chat: there is no account with that name and password",
    );
    let mut none = script(state, "", &as_alice);
    none.fails(
        "chat: there is no password for account alice, and no terminal to ask for it: name a file \
         with --password-file, or set CHAT_PASSWORD",
    );
    let (code, problems) =
        script(state, GOOD, &["send", &server.tcp, "--account", "alice", "hello"]).end();
    assert_eq!((code, problems.as_str()), (Some(0), ""));
    second.expect(&["[lobby] alice: hello"]);
    // It has kept its login.
    let mut third = script(state, "", &[&as_alice[..], &["--json"]].concat());
    third.line();
    third.line();
    let missed = third.line();
    assert!(missed.contains("\"text\":\"hello\""), "{missed}");
    third.say("/password");
    third.say("/login alice");
    third.say("/sessions");
    let refused = [third.line(), third.line()];
    assert!(refused.iter().all(|line| line.contains("\"code\":\"bad_line\"")), "{refused:?}");
    assert!(third.line().contains("\"type\":\"sessions\",\"line\":3"));
    drop(third);
    second.say("/unregister");
    second.expect(&["your account is deleted"]);
    second.ends_well();
}

#[test]
fn script_that_registers_prints_no_token() {
    let server = server();
    let folder = TempDir::new().expect("a folder");
    let arguments = ["connect", &server.ws, "--nickname", "alice", "--json"];
    let mut alice = script(folder.path(), GOOD, &arguments);
    alice.line();
    alice.line();
    alice.say("/register alice");
    let answer = alice.line();
    assert!(answer.contains("\"type\":\"registered\"") && !answer.contains("chat_"), "{answer}");
    alice.say("/logout");
    assert!(alice.line().contains("\"type\":\"ok\""));
    alice.ends_well();
}
