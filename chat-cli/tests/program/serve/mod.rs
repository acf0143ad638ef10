//! `chat serve`: its output, the ways to stop it, and its messages when it cannot start.

#![expect(clippy::print_stdout, reason = "the measurements are meant to be read")]

mod accounts;
mod certificates;
mod irc;
mod key_sets;
mod moderation;
mod oidc;
mod open_api;
mod process;
mod proxies;
mod store;
mod supervisor;
mod tools;

use crate::CHAT;
use crate::folder::{folder, path};
use chat_tests::{Client, PATIENCE};
use process::{Program, command, log_has, output, text};
use std::net::TcpListener;
use std::process::Stdio;
use std::time::Instant;
use std::{env, fs};
use tokio::net::{TcpSocket, UnixStream};
use tokio::process::Command;
use tokio::time::timeout;

#[tokio::test]
async fn clients_at_all_listeners_meet_and_are_told_of_the_shutdown() {
    let mut program = Program::serve(&[
        "tcp+text://127.0.0.1:0",
        "tcp+text://127.0.0.1:0?style=star&timestamps=false",
        "tcp+json://127.0.0.1:0",
        "ws://127.0.0.1:0",
    ])
    .await;
    let [nc, star, json, ws] = program.addresses("tcp+text tcp+text tcp+json ws");

    let mut nc = Client::tcp("nc", nc).await;
    nc.expect(["* user1 joined the chat"]).await;
    let mut star = Client::tcp("star", star).await;
    star.expect_prompt("Enter your name: ").await;
    star.send("star").await;
    star.expect(["** star joined **"]).await;
    nc.expect(["* star joined the chat"]).await;
    let mut json = Client::tcp("json", json).await;
    json.send(r#"{"type":"hello","nickname":"json"}"#).await;
    json.expect_type("welcome").await;
    json.expect_type("roster").await;
    nc.expect(["* json joined the chat"]).await;
    star.expect(["** json joined **"]).await;
    let mut ws = Client::web_socket("ws", ws, Some("chat.json")).await;
    ws.send(r#"{"type":"hello","nickname":"ws"}"#).await;
    ws.expect_type("welcome").await;
    let members = r#"{"type":"roster","participants":["json","star","user1"]}"#;
    ws.expect([members]).await;

    nc.expect(["* ws joined the chat"]).await;
    nc.send("hello").await;
    star.expect(["** ws joined **", "[user1] hello"]).await;
    ws.expect([r#"{"type":"chat","nickname":"user1","text":"hello"}"#]).await;

    program.signal("TERM").await;
    nc.expect(["Server shutting down. Goodbye!"]).await;
    nc.expect_closed().await;
    star.expect(["Server shutting down. Goodbye!"]).await;
    star.expect_closed().await;
    ws.expect([r#"{"type":"error","message":"server shutting down"}"#]).await;
    ws.expect_close_code(1001).await;
    drop(json);
    let (status, rest) = program.end().await;
    assert_eq!(status.code(), Some(0));
    // A command to connect with for each listener, and nothing else.
    assert_eq!(rest.len(), 4);
    assert!(rest.iter().all(|line| line.starts_with("connect with: ")), "{rest:?}");
}

#[tokio::test]
async fn hints_to_connect_fit_the_listeners() {
    let folder = folder("hints");
    fs::write(folder.join("jwt.secret"), "0123456789abcdef0123456789abcdef\n").expect("a file");
    let login = "[auth]\njwt_secret_file = \"jwt.secret\"\n";
    let proxy = "[proxy]\ntrusted = [\"127.0.0.1\"]\n";
    let urls = [
        "tcp://127.0.0.1:0",
        "tcp+text://127.0.0.1:0",
        "ws://127.0.0.1:0",
        "tcp+json://127.0.0.1:0?proxy=true",
    ];
    for (guests, name) in [(false, "strict.toml"), (true, "kind.toml")] {
        let file = folder.join(name);
        fs::write(&file, format!("{login}guests = {guests}\n{proxy}")).expect("a file");
        let (mut program, _log) = Program::serve_logged(&urls, &["--config", path(&file)]).await;
        let [tcp, text, ws, _] = program.addresses("tcp tcp+text ws tcp+json");
        program.signal("TERM").await;
        let (_, hints) = program.end().await;
        let expected = if guests {
            let port = |address: std::net::SocketAddr| format!("nc 127.0.0.1 {}", address.port());
            let web = format!("http://{ws}/ in a browser, or npx wscat -c ws://{ws}/ws");
            vec![port(tcp), port(text), web]
        } else {
            let connect = |url: String| format!("chat connect {url} --token-file FILE");
            vec![connect(format!("tcp://{tcp}")), connect(format!("ws://{ws}"))]
        };
        let expected: Vec<String> =
            expected.iter().map(|hint| format!("connect with: {hint}")).collect();
        assert_eq!(hints, expected, "{name}");
    }
}

#[tokio::test]
async fn program_stops_on_sigint() {
    let mut program = Program::serve(&["tcp+json://127.0.0.1:0"]).await;
    let [json] = program.addresses("tcp+json");
    let mut one = Client::tcp("one", json).await;
    one.send(r#"{"type":"hello","nickname":"one"}"#).await;
    one.expect_type("welcome").await;
    program.signal("INT").await;
    one.expect([r#"{"type":"error","message":"server shutting down"}"#]).await;
    one.expect_closed().await;
    let (status, _) = program.end().await;
    assert_eq!(status.code(), Some(0));
}

#[tokio::test]
async fn signal_handlers_are_installed_before_the_announcement() {
    for signal in ["TERM", "INT"].repeat(10) {
        let mut program = Program::serve(&["tcp+text://127.0.0.1:0"]).await;
        program.signal(signal).await;
        let (status, _) = program.end().await;
        assert_eq!(status.code(), Some(0), "after SIG{signal}: {status}");
    }
}

#[tokio::test]
async fn port_can_be_bound_again_at_once() {
    let mut program = Program::serve(&["tcp+text://127.0.0.1:0"]).await;
    let [address] = program.addresses("tcp+text");
    let mut nc = Client::tcp("nc", address).await;
    nc.expect(["* user1 joined the chat"]).await;
    program.signal("TERM").await;
    program.end().await;

    let mut program = Program::serve(&[&format!("tcp+text://{address}")]).await;
    let mut nc = Client::tcp("nc", address).await;
    nc.expect(["* user1 joined the chat"]).await;
    program.signal("TERM").await;
    program.end().await;
}

#[tokio::test]
async fn port_in_use_is_reported_in_one_line() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = taken.local_addr().expect("an address");
    for scheme in ["tcp+text", "tcp+json", "ws"] {
        let url = format!("{scheme}://{address}");
        // The other listener could be bound, but is not announced either.
        let output = output(&["--listen", "tcp+text://127.0.0.1:0", "--listen", &url]).await;
        assert_eq!(output.status.code(), Some(1), "{url}");
        assert_eq!(text(&output.stdout), "");
        let said = text(&output.stderr);
        assert!(said.starts_with(&format!("chat: cannot listen on {address}: ")), "{said}");
        assert_eq!(said.lines().count(), 1, "{said}");
    }
}

#[tokio::test]
async fn invalid_listen_url_is_reported_with_a_hint() {
    for (url, said) in [
        ("7000", "expected a URL such as tcp+text://127.0.0.1:7000"),
        ("http://127.0.0.1:0", "'http://' is not supported"),
        ("tcp+text://127.0.0.1", "the port is missing"),
        ("tcp+text://example.org:7000", "'example.org' is not an IP address"),
        ("tcp+text://127.0.0.1:70000", "invalid port number"),
        ("tcp+text://127.0.0.1:0/x", "remove '/x'"),
        ("tcp+text://127.0.0.1:0?style=comic", "there are bracket, star and plain"),
        ("tcp+text://127.0.0.1:0?color=red", "'color' is not an option of tcp+text://"),
        ("tcp+json://127.0.0.1:0?style=star", "'style' is not an option of tcp+json://"),
        ("ws://127.0.0.1:0?origin=here", "such as https://example.org"),
        ("", "expected a URL such as tcp+text://127.0.0.1:7000"),
    ] {
        let output = output(&["--listen", url]).await;
        assert_eq!(output.status.code(), Some(1), "{url}");
        assert_eq!(text(&output.stdout), "", "{url}");
        let stderr = text(&output.stderr);
        assert!(stderr.starts_with(&format!("chat: --listen '{url}': ")), "{stderr}");
        assert_eq!(stderr.lines().count(), 1, "{stderr}");
        assert!(stderr.contains(said), "{url}: {stderr}");
    }
}

#[tokio::test]
async fn invalid_number_of_shards_is_reported_with_the_valid_range() {
    for shards in ["0", "65", "-1", "two"] {
        let mut command = Command::new(CHAT);
        command.args(["serve", &format!("--shards={shards}")]).kill_on_drop(true);
        let output = timeout(PATIENCE, command.output()).await;
        let output = output.expect("the end in time").expect("a process");
        assert_eq!(output.status.code(), Some(2), "{shards}");
        let stderr = text(&output.stderr);
        assert!(stderr.contains("it has to be a number from 1 to 64"), "{stderr}");
    }
}

#[tokio::test]
async fn clients_of_several_shards_meet() {
    let urls = ["tcp+text://127.0.0.1:0", "tcp+json://127.0.0.1:0", "ws://127.0.0.1:0"];
    // `CHAT_TEST_SHARDS` already adds the option.
    let arguments: &[&str] =
        if env::var("CHAT_TEST_SHARDS").is_ok() { &[] } else { &["--shards", "4"] };
    let (mut program, _log) = Program::serve_logged(&urls, arguments).await;
    let [nc, json, ws] = program.addresses("tcp+text tcp+json ws");
    let mut clients = Vec::new();
    for number in 0..8 {
        let name = format!("client{number}");
        let mut client = match number % 2 {
            0 => Client::tcp(&name, json).await,
            _ => Client::web_socket(&name, ws, Some("chat.json")).await,
        };
        client.send(&format!(r#"{{"type":"hello","nickname":"{name}","version":2}}"#)).await;
        client.expect_type("welcome").await;
        client.expect_type("roster").await;
        for earlier in &mut clients {
            Client::expect_type(earlier, "user_joined").await;
        }
        clients.push(client);
    }
    let mut nc = Client::tcp("nc", nc).await;
    nc.send("hello").await;
    for client in &mut clients {
        client.expect_type("user_joined").await;
        assert_eq!(client.expect_type("chat").await["text"], "hello");
    }
    program.signal("TERM").await;
    for client in &mut clients {
        client.expect_type("shutting_down").await;
    }
    let (status, _) = program.end().await;
    assert_eq!(status.code(), Some(0));
}

#[tokio::test]
async fn missing_or_unusable_key_is_reported_in_one_line() {
    let folder = folder("keys");
    fs::write(folder.join("short.secret"), "0123456789abcdef0123456789abcde\n").expect("a file");
    fs::write(folder.join("rsa.pem"), SHORT_RSA_PEM).expect("a file");
    let path = |name: &str| folder.join(name).display().to_string();
    for (auth, said) in [
        (
            "jwt_secret_file = \"missing\"",
            format!("[auth]: cannot read {}: No such file", path("missing")),
        ),
        (
            "jwt_secret_file = \"short.secret\"",
            format!(
                "[auth]: {}: a secret needs at least 32 bytes, and this one has 31",
                path("short.secret")
            ),
        ),
        (
            "jwt_public_key = \"short.secret\"",
            format!("[auth]: {}: it is not a public key in PEM", path("short.secret")),
        ),
        (
            "jwt_public_key = \"rsa.pem\"",
            format!(
                "[auth]: {}: an RSA key has to have 2048 to 4096 bits, and this one has 1024",
                path("rsa.pem")
            ),
        ),
        ("guests = true", format!("{}: [auth]: there is no key", path("chat.toml"))),
        (
            "jwt_secret = \"x\"",
            format!("{}: [auth]: there is no setting 'jwt_secret'", path("chat.toml")),
        ),
    ] {
        fs::write(folder.join("chat.toml"), format!("[auth]\n{auth}\n")).expect("a file");
        let output =
            output(&["--config", &path("chat.toml"), "--listen", "tcp://127.0.0.1:0"]).await;
        assert_eq!(output.status.code(), Some(1), "{auth}");
        assert_eq!(text(&output.stdout), "", "{auth}");
        let stderr = text(&output.stderr);
        assert!(stderr.starts_with(&format!("chat: {said}")), "{auth}: {stderr}");
        assert_eq!(stderr.lines().count(), 1, "{stderr}");
    }
}

#[tokio::test]
async fn second_server_on_the_same_port_does_not_affect_the_first() {
    let mut program = Program::serve(&["tcp+text://127.0.0.1:0"]).await;
    let [address] = program.addresses("tcp+text");
    let mut nc = Client::tcp("nc", address).await;
    nc.expect(["* user1 joined the chat"]).await;
    let second = output(&["--listen", &format!("tcp+text://{address}")]).await;
    assert_eq!(second.status.code(), Some(1));
    nc.send("/users").await;
    nc.expect(["* online: user1"]).await;
    program.signal("TERM").await;
    program.end().await;
}

#[tokio::test]
async fn accepting_resumes_when_file_descriptors_are_free() {
    let url = "tcp+text://127.0.0.1:0";
    let script = format!("ulimit -n 64 && exec \"$0\" serve --store memory --listen {url}");
    let mut command = Command::new("sh");
    command.args(["-c", &script]).arg(CHAT).env_remove("RUST_LOG");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).kill_on_drop(true);
    let (mut program, mut log) = Program::start_logged(&mut command, &[url]).await;
    let [text] = program.addresses("tcp+text");

    let mut first = Client::tcp("first", text).await;
    first.expect(["* user1 joined the chat"]).await;
    // The kernel accepts these connections; the server cannot.
    let mut crowd = Vec::new();
    for number in 0..80 {
        crowd.push(Client::tcp(&format!("client {number}"), text).await);
    }
    log_has(&mut log, "cannot accept connections").await;
    // Existing connections go on.
    first.send("/name first").await;
    while first.next().await != "* user1 is now known as first" {}

    drop(crowd);
    log_has(&mut log, "connections are accepted again").await;
    // The waiting connections are accepted and end; then new clients are served.
    let mut last = Client::tcp("last", text).await;
    last.send("/msg first hello").await;
    while !first.next().await.ends_with(" -> you]: hello") {}
    program.signal("TERM").await;
    let (status, _) = program.end().await;
    assert_eq!(status.code(), Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn program_stops_in_time_with_a_thousand_slow_readers() {
    let limit = rlimit::increase_nofile_limit(u64::MAX).expect("a limit of open files");
    assert!(limit > 1_100, "too few open files are allowed here: {limit}");
    let config = folder("full").join("chat.toml");
    let limits = "[limits]\ncommands_per_second = 0\nannounce_up_to = 0\ndrain = \"1s\"\n\
                  queue_bytes = 65536\n";
    fs::write(&config, limits).expect("a file");
    let (mut program, _log) =
        Program::serve_logged(&["tcp+json://127.0.0.1:0"], &["--config", path(&config)]).await;
    let [json] = program.addresses("tcp+json");

    let mut deaf = Vec::new();
    for number in 0..1_000 {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.set_recv_buffer_size(4_096).expect("a smaller buffer");
        let stream = socket.connect(json).await.expect("the server listens");
        let mut client = Client::of_stream(&format!("deaf{number}"), stream);
        client.send(format!(r#"{{"type":"hello","nickname":"deaf{number}"}}"#)).await;
        deaf.push(client);
    }
    let mut speaker = Client::tcp("speaker", json).await;
    speaker.send(r#"{"type":"hello","nickname":"speaker","version":2}"#).await;
    speaker.expect_type("welcome").await;
    speaker.expect_type("roster").await;
    // More bytes than the kernel's buffers and a queue hold together for each client.
    let text = "x".repeat(4_000);
    for _ in 0..100 {
        speaker.send(format!(r#"{{"type":"chat","text":"{text}"}}"#)).await;
        speaker.expect_type("ack").await;
        speaker.expect_type("chat").await;
    }
    let asked = Instant::now();
    program.signal("TERM").await;
    let (status, _) = program.end().await;
    assert_eq!(status.code(), Some(0));
    println!("it stopped after {:?}", asked.elapsed());
}

#[tokio::test]
async fn json_log_contains_no_text_of_users() {
    let urls = ["tcp+json://127.0.0.1:0", "ws://127.0.0.1:0"];
    let listen = urls.iter().flat_map(|url| ["--listen", url]);
    let arguments: Vec<&str> = listen.chain(["--log-format", "json"]).collect();
    let mut command = command(&arguments);
    let (mut program, mut log) =
        Program::start_logged(command.env("RUST_LOG", "trace"), &urls).await;
    let [json, ws] = program.addresses("tcp+json ws");

    let mut one = Client::tcp("one", json).await;
    let mut two = Client::web_socket("two", ws, Some("chat.json")).await;
    for client in [&mut one, &mut two] {
        for request in [
            r#"{"type":"hello","guest":true,"version":2,"token":"token_of_theirs"}"#,
            r#"{"type":"chat","text":"words_of_theirs"}"#,
            r#"{"type":"join","channel":"tea","key":"key_of_theirs"}"#,
            r#"{"type":"modes","channel":"tea","key":"key_of_theirs"}"#,
            r#"{"type":"chat","to":"user1","text":"words_of_theirs"}"#,
            r#"not JSON, but words_of_theirs"#,
            r#"{"type":"quit","reason":"words_of_theirs"}"#,
        ] {
            client.send(request).await;
        }
        while client.next_or_end().await.is_ok() {}
    }
    program.signal("TERM").await;
    let (status, _) = program.end().await;
    assert_eq!(status.code(), Some(0));

    let mut transports = Vec::new();
    while let Some(line) = log.next_line().await.expect("UTF-8") {
        assert!(!line.contains("of_theirs"), "{line}");
        let line: serde_json::Value = serde_json::from_str(&line).expect("an object a line");
        assert!(line["timestamp"].is_string() && line["level"].is_string(), "{line}");
        if line["message"] == "open" {
            assert_eq!(line["span"]["dialect"], "json", "{line}");
            transports.push(line["span"]["transport"].clone());
        }
    }
    transports.sort_by_key(ToString::to_string);
    assert_eq!(transports, ["tcp", "ws"]);
}

#[tokio::test]
async fn program_listens_on_unix_sockets() {
    let folder = tempfile::tempdir().expect("a folder");
    let socket = |name: &str| folder.path().join(name).display().to_string();
    let (text, web) = (socket("text.sock"), socket("web.sock"));
    let urls = [&*format!("unix+text://{text}?mode=660"), &*format!("ws+unix://{web}")];
    let mut program = Program::serve(&urls).await;
    assert_eq!(program.urls(), urls);
    let stream = UnixStream::connect(&text).await.expect("the server listens");
    let mut nc = Client::over("nc", stream);
    nc.expect(["* user1 joined the chat"]).await;
    program.signal("TERM").await;
    nc.expect(["Server shutting down. Goodbye!"]).await;
    let (status, rest) = program.end().await;
    assert_eq!(status.code(), Some(0));
    assert_eq!(rest[0], format!("connect with: nc -U {text}"));
    assert!(rest[1].starts_with(&format!("connect with: curl --unix-socket {web} http://")));
    assert!(!folder.path().join("text.sock").exists() && !folder.path().join("web.sock").exists());
}

/// An RSA key of 1,024 bits.
const SHORT_RSA_PEM: &str = "-----BEGIN PUBLIC KEY-----
MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDMQpKiHbwUQhI4nt5eQVS9PgEg
aevSbTFmwD2acKgOioNg6lRgHf+SKOPS7yrsPsgVv1l6wC7qDVwC0rYpwafvSo2n
5Nx00VBdrmDOC5c5Ps/y7uvO8otuWqblLQpzd+VeAT/V9sMk/TZZIJTBNtloQ39z
nLWaMTCKQ9ISeWYcrwIDAQAB
-----END PUBLIC KEY-----
";
