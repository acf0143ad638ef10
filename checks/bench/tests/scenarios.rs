//! Runs each scenario, with few members, on the floor and on this server.
//!
//! The tests check that no delivery is lost, repeated or out of order, and that there are figures;
//! they do not check speed.

use chat_irc::{IrcDialect, IrcSettings};
use chat_runtime::chat_core::Config;
use chat_runtime::{Limits, Server};
use chat_tests::{Setup, TestServer};
use serde_json::Value;
use std::process::{Command, id};
use transport_tcp::TcpFrontEnd;

/// Every scenario, with small numbers.
const SCENARIOS: &[&[&str]] = &[
    &["fanout", "--members", "5"],
    &["fanout", "--members", "5", "--senders", "2", "--window", "8", "--size", "100"],
    &["fanout", "--members", "5", "--elsewhere", "20"],
    &["rooms", "--rooms", "3", "--members", "4"],
    &["latency", "--members", "5", "--rate", "1000"],
    &["idle", "--connections", "20"],
    &["churn", "--visitors", "2"],
    &["connect", "--connections", "50"],
    &["joins", "--members", "5"],
    &["lobby", "--users", "20"],
];

/// Runs the program; returns its report, or its error output.
fn bench(scenario: &[&str], server: &[&str]) -> Result<Value, String> {
    let output = Command::new(env!("CARGO_BIN_EXE_chat-bench"))
        .args(scenario)
        .args(server)
        .args(["--json", "--runs", "1", "--seconds", "0.2", "--deliveries", "200"])
        // With `CARGO` set, the program would build this server.
        .env_remove("CARGO")
        .output()
        .expect("the program runs");
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    Ok(serde_json::from_slice(&output.stdout).expect("JSON"))
}

/// Runs every scenario, and checks that it has figures.
fn all_scenarios(server: &[&str]) {
    for scenario in SCENARIOS {
        let report =
            bench(scenario, server).unwrap_or_else(|error| panic!("{scenario:?}: {error}"));
        let figures = report["measurements"][0]["figures"].as_array().expect("figures");
        assert!(!figures.is_empty(), "{scenario:?}: {report}");
        let is_number = |figure: &Value| figure["value"].is_f64();
        assert!(figures.iter().all(is_number), "{scenario:?}: {report}");
    }
}

/// Runs every scenario on a server in this process.
async fn on_this_server(url: impl FnOnce(&TestServer) -> String) {
    let config = Config { commands_per_second: 0, ..Config::default() };
    let server = Setup::default().config(config).start();
    let (url, pid) = (url(&server), id().to_string());
    let load = move || all_scenarios(&["--connect", &url, "--pid", &pid]);
    tokio::task::spawn_blocking(load).await.expect("all scenarios run");
    server.stop().await;
}

#[test]
fn every_scenario_runs_on_the_floor() {
    all_scenarios(&["--server", "floor"]);
}

/// Its clients send a request before they join, and its lines are padded.
#[test]
fn floor_with_padded_lines_delivers_everything() {
    for scenario in &SCENARIOS[..2] {
        let report = bench(scenario, &["--server", "floor-as-json"])
            .unwrap_or_else(|error| panic!("{scenario:?}: {error}"));
        assert_eq!(report["measurements"][0]["server"], "floor-as-json");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_scenario_runs_on_this_server_with_text() {
    on_this_server(|server| format!("tcp+text://{}", server.bracket_address())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn names_are_chosen_on_this_server_with_text_only() {
    let server =
        Setup::default().config(Config { commands_per_second: 0, ..Config::default() }).start();
    let (text, pid) = (format!("tcp+text://{}", server.bracket_address()), id().to_string());
    let json = format!("tcp+json://{}", server.json_address());
    let load = move || {
        let names =
            |url: &str| bench(&["names", "--users", "20"], &["--connect", url, "--pid", &pid]);
        let report = names(&text).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(report["measurements"][0]["figures"].as_array().map(Vec::len), Some(3));
        assert!(names(&json).expect_err("it has no guests").contains("no selected server can run"));
    };
    tokio::task::spawn_blocking(load).await.expect("it runs");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_scenario_runs_on_this_server_with_json() {
    on_this_server(|server| format!("tcp+json://{}", server.json_address())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_scenario_runs_on_this_server_with_web_socket() {
    on_this_server(|server| format!("ws://{}", server.ws_address())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_scenario_runs_on_this_server_with_irc() {
    let config = Config { commands_per_second: 0, ..Config::default() };
    let dialect = IrcDialect::new(IrcSettings::new("irc.test"), &config);
    let front_end = TcpFrontEnd::bind(([127, 0, 0, 1], 0).into(), dialect).expect("a free port");
    let address = front_end.local_addr();
    let limits = Limits { engine: config, ..Limits::default() };
    let running = Server::new().limits(limits).front_end(front_end).start();
    let pid = id().to_string();
    let load = move || {
        for scheme in ["irc", "irc+tags"] {
            all_scenarios(&["--connect", &format!("{scheme}://{address}"), "--pid", &pid]);
        }
    };
    tokio::task::spawn_blocking(load).await.expect("all scenarios run");
    running.stop();
    running.wait().await.expect("the server stops");
}

/// Measures each point of each curve on the floor, which needs no other program.
#[test]
fn growth_writes_a_page_and_a_plot() {
    let directory = tempfile::tempdir().expect("a directory");
    let output = Command::new(env!("CARGO_BIN_EXE_chat-bench"))
        .args(["growth", "--server", "floor", "--most", "30", "--runs", "1", "--seconds", "0.02"])
        .args(["--json", "--output"])
        .arg(directory.path())
        .env_remove("CARGO")
        .output()
        .expect("the program runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let runs = report["runs"].as_array().expect("runs");
    for curve in ["room", "elsewhere", "joins", "lobby", "memory", "connect"] {
        let mut points = runs.iter().filter(|run| run["curve"] == curve).peekable();
        assert!(points.peek().is_some(), "{curve}: {report}");
        assert!(points.all(|run| run["figures"].is_array()), "{curve}: {report}");
    }
    let read = |name| std::fs::read_to_string(directory.path().join(name)).expect("it is there");
    assert!(read("growth.md").contains("A process may have"));
    assert!(read("growth.svg").contains("by members of the room"));
}

/// A server with a rate limit refuses messages, which must not count as a result.
#[tokio::test(flavor = "multi_thread")]
async fn refused_messages_are_an_error() {
    let server = TestServer::start();
    let (url, pid) = (format!("tcp+text://{}", server.bracket_address()), id().to_string());
    let load = move || bench(&["fanout", "--members", "3"], &["--connect", &url, "--pid", &pid]);
    let error = tokio::task::spawn_blocking(load).await.expect("it runs").expect_err("refused");
    assert!(error.contains("Too many commands"), "{error}");
    server.stop().await;
}

#[test]
fn errors_of_arguments_name_the_valid_values() {
    let error = |arguments: &[&str]| bench(arguments, &[]).expect_err("it cannot be");
    assert!(error(&["fanout", "--members", "1"]).contains("2 to 50000"));
    assert!(error(&["fanout", "--size", "10"]).contains("18"));
    let url = ["latency", "--connect", "http://127.0.0.1:80", "--pid", "1"];
    assert!(error(&url).contains("tcp+json"));
    assert!(error(&["idle", "--server", "text", "--chat", "/nonexistent"]).contains("cargo build"));
}

#[test]
fn measurements_of_accounts_need_the_program_of_the_server() {
    for command in ["resume", "logins", "refusals"] {
        let output = Command::new(env!("CARGO_BIN_EXE_chat-bench"))
            .args([command, "--chat", "/nonexistent"])
            .env_remove("CARGO")
            .output()
            .expect("the program runs");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && said.contains("cargo build"), "{command}: {said}");
    }
}
