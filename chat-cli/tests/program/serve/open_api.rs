//! A server with a login whose API is open without one.

use super::process::Program;
use crate::folder::{folder, path};
use std::fs;
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

#[tokio::test]
async fn open_api_leaves_everything_else_behind_the_login() {
    let folder = folder("open_api");
    fs::write(folder.join("jwt.secret"), "0123456789abcdef0123456789abcdef\n").expect("a file");
    let login = "[auth]\njwt_secret_file = \"jwt.secret\"\n";
    for (name, api, read_by_strangers) in [
        ("closed.toml", "", "401"),
        ("shut.toml", "[api]\nopen = false\n", "401"),
        ("open.toml", "[api]\nopen = true\n", "200"),
    ] {
        let file = folder.join(name);
        fs::write(&file, format!("{login}{api}")).expect("a file");
        let urls = ["ws://127.0.0.1:0", "ws://127.0.0.1:0?metrics=true", "tcp+json://127.0.0.1:0"];
        let (mut program, _log) = Program::serve_logged(&urls, &["--config", path(&file)]).await;
        let [web, watched, json] = program.addresses("ws ws tcp+json");
        for api in ["/api/status", "/api/users", "/api/channels", "/api/channels/lobby/messages"] {
            assert_eq!(status(web, api).await, read_by_strangers, "{api} with {name}");
        }
        assert_eq!(status(web, "/metrics").await, "401", "with {name}");
        assert_eq!(status(watched, "/metrics").await, "200", "with {name}");
        // A client without a token is refused.
        let hello = b"{\"type\":\"hello\",\"version\":2,\"nickname\":\"stranger\"}\n";
        let mut stream = TcpStream::connect(json).await.expect("the server listens");
        stream.write_all(hello).await.expect("it is read");
        let mut answer = vec![0; 1_024];
        let length = stream.read(&mut answer).await.expect("an answer");
        let answer = String::from_utf8_lossy(&answer[..length]);
        assert!(answer.contains("\"authentication_failed\""), "{answer} with {name}");
        program.signal("TERM").await;
        program.end().await;
    }
}

/// Returns the status of the response to a request without a token.
async fn status(address: SocketAddr, path: &str) -> String {
    let mut stream = TcpStream::connect(address).await.expect("the server listens");
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.expect("it is read");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("an answer in UTF-8");
    answer.split(' ').nth(1).expect("a status").to_owned()
}
