//! The program under a service manager: notifications, passed sockets, and reloading on SIGHUP.

use super::process::{Program, command, expect_refusal, log_has};
use crate::folder::{folder, path};
use chat_tests::{Client, PATIENCE};
use jsonwebtoken::{EncodingKey, Header, encode};
use rustix::io::{FdFlags, fcntl_setfd};
use serde_json::json;
use std::fs;
use std::net::TcpListener;
use std::os::fd::{AsFd, AsRawFd};
use std::os::unix::net::UnixListener;
use std::process::Stdio;
use std::time::{SystemTime, UNIX_EPOCH};
use tokio::net::{UnixDatagram, UnixStream};
use tokio::process::{Child, Command};
use tokio::time::timeout;

/// Passes a socket to the process that `command` starts, under its number in this process.
fn pass(socket: &(impl AsFd + AsRawFd), name: &str, command: &mut Command) {
    fcntl_setfd(socket, FdFlags::empty()).expect("an open file");
    command
        .env("LISTEN_FDS", "1")
        .env("LISTEN_FDNAMES", name)
        .env("LISTEN_FDS_FIRST_FD", socket.as_raw_fd().to_string());
}

async fn stop(mut program: Program) {
    program.signal("TERM").await;
    let (status, _) = program.end().await;
    assert_eq!(status.code(), Some(0));
}

#[tokio::test]
async fn service_manager_is_notified() {
    let folder = tempfile::tempdir().expect("a folder");
    let socket = folder.path().join("notify");
    let manager = UnixDatagram::bind(&socket).expect("a socket");
    let heard = async || {
        let mut message = [0; 256];
        let length =
            timeout(PATIENCE, manager.recv(&mut message)).await.expect("a message in time");
        String::from_utf8_lossy(&message[..length.expect("a message")]).into_owned()
    };
    let url = "tcp+text://127.0.0.1:0";
    let process = command(&["--listen", url])
        .env("NOTIFY_SOCKET", &socket)
        .env("WATCHDOG_USEC", "100000")
        .spawn()
        .expect("a process");
    let mut program = Program::announced(process, &[url]).await;
    let [address] = program.addresses("tcp+text");

    assert_eq!(heard().await, "READY=1\n");
    let mut nc = Client::tcp("nc", address).await;
    nc.expect(["* user1 joined the chat"]).await;
    for _ in 0..3 {
        assert_eq!(heard().await, "WATCHDOG=1\n");
    }
    let other_than_the_watchdog = async || {
        loop {
            let message = heard().await;
            if message != "WATCHDOG=1\n" {
                return message;
            }
        }
    };
    program.signal("HUP").await;
    let reloading = other_than_the_watchdog().await;
    let time = reloading.strip_prefix("RELOADING=1\nMONOTONIC_USEC=").expect("the time");
    assert!(time.trim_end().parse::<u64>().is_ok_and(|time| time > 0), "{reloading}");
    assert_eq!(other_than_the_watchdog().await, "READY=1\n");
    program.signal("TERM").await;
    assert_eq!(other_than_the_watchdog().await, "STOPPING=1\n");
    let (status, _) = program.end().await;
    assert_eq!(status.code(), Some(0));
}

#[tokio::test]
async fn passed_socket_is_found_by_its_address() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("tcp+text://{}", listener.local_addr().expect("an address"));
    let mut command = command(&["--listen", &url, "--listen", "tcp+json://127.0.0.1:0"]);
    pass(&listener, "", &mut command);
    let program = Program::announced(command.spawn().expect("a process"), &[&url, ""]).await;
    assert_eq!(program.urls()[0], url);
    let mut nc = Client::tcp("nc", listener.local_addr().expect("an address")).await;
    nc.expect(["* user1 joined the chat"]).await;
    stop(program).await;

    let folder = tempfile::tempdir().expect("a folder");
    let socket = folder.path().join("chat.sock");
    let listener = UnixListener::bind(&socket).expect("a socket");
    let url = format!("unix+text://{}", path(&socket));
    let mut command = super::process::command(&["--listen", &url]);
    pass(&listener, "", &mut command);
    let program = Program::announced(command.spawn().expect("a process"), &[&url]).await;
    let stream = UnixStream::connect(&socket).await.expect("the server listens");
    Client::over("nc", stream).expect(["* user1 joined the chat"]).await;
    stop(program).await;
    assert!(socket.exists(), "the service manager needs it for the next start");
}

#[tokio::test]
async fn passed_socket_is_found_by_its_name() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("an address");
    // The address in the URL is used only without a service manager.
    let url = "tcp+text://127.0.0.1:1?fd=lines";
    let start = |name: &str, url: &str| -> Child {
        let mut command = command(&["--listen", url]);
        pass(&listener, name, &mut command);
        command.stderr(Stdio::piped()).spawn().expect("a process")
    };
    let program = Program::announced(start("lines", url), &[url]).await;
    assert_eq!(program.urls(), [format!("tcp+text://{address}?fd=lines")]);
    Client::tcp("nc", address).await.expect(["* user1 joined the chat"]).await;
    stop(program).await;

    for (name, url, said) in [
        ("web", url, "no socket with the name 'lines'; it has passed: web"),
        ("lines", "unix:///run/chat.sock?fd=lines", "is a TCP socket; write tcp:// for it"),
    ] {
        let output = start(name, url).wait_with_output().await.expect("a process");
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{stderr}");
        assert!(stderr.starts_with("chat: ") && stderr.contains(said), "{stderr}");
    }
    expect_refusal(&["--listen", url], "no socket with the name 'lines'; it has passed: none")
        .await;
}

#[tokio::test]
async fn unused_passed_socket_is_logged() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = "tcp+text://127.0.0.1:0";
    let mut command = command(&["--listen", url]);
    pass(&listener, "lines", &mut command);
    let (program, mut log) = Program::start_logged(&mut command, &[url]).await;
    log_has(&mut log, "the service manager has passed a socket that no --listen uses").await;
    stop(program).await;
}

#[tokio::test]
async fn sighup_reloads_token_keys_and_keeps_connections() {
    let folder = folder("keys_sighup");
    let (file, secret) = (folder.join("chat.toml"), folder.join("jwt.secret"));
    fs::write(&file, "[auth]\njwt_secret_file = \"jwt.secret\"\n").expect("a file");
    let (old, new) = ("o".repeat(32), "n".repeat(32));
    fs::write(&secret, &old).expect("a file");
    let urls = ["tcp+json://127.0.0.1:0"];
    let (mut program, mut log) = Program::serve_logged(&urls, &["--config", path(&file)]).await;
    let [json] = program.addresses("tcp+json");
    let hello = async |name: &str, secret: &str| {
        let mut client = Client::tcp(name, json).await;
        let token = token(name, secret);
        client.send(json!({ "type": "hello", "version": 2, "token": token }).to_string()).await;
        client
    };
    let mut ann = hello("ann", &old).await;
    assert_eq!(ann.expect_type("welcome").await["nickname"], "ann");
    ann.expect_type("roster").await;

    fs::write(&secret, &new).expect("a file");
    program.signal("HUP").await;
    log_has(&mut log, "SIGHUP: tokens are verified with the new keys").await;
    let mut ben = hello("ben", &new).await;
    assert_eq!(ben.expect_type("welcome").await["nickname"], "ben");
    hello("cam", &old).await.expect_error("authentication_failed").await;
    ann.expect_type("user_joined").await;

    // A file that cannot be used changes nothing.
    fs::write(&secret, "too short").expect("a file");
    program.signal("HUP").await;
    log_has(&mut log, "SIGHUP: the old token keys stay in use error=[auth]: ").await;
    let mut dee = hello("dee", &new).await;
    assert_eq!(dee.expect_type("welcome").await["nickname"], "dee");
    ann.expect_type("user_joined").await;
    ann.send(r#"{"type":"chat","text":"still here"}"#).await;
    ann.expect_type("ack").await;
    stop(program).await;
}

fn token(name: &str, secret: &str) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("a time after 1970");
    let claims = json!({ "sub": name, "name": name, "exp": now.as_secs() + 3_600 });
    encode(&Header::default(), &claims, &EncodingKey::from_secret(secret.as_bytes()))
        .expect("a token")
}
