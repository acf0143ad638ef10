//! Listening on Unix sockets.

use chat_runtime::chat_dialects::{JsonDialect, TextDialect, TxtChatDialect};
use chat_runtime::{FrontEnd, Limits, Running, Server, UnixSocket, bind_unix};
use chat_tests::{Client, stop};
use chat_web::WebFrontEnd;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use transport_tcp::{AutoDialects, TcpFrontEnd};
use transport_ws::WsEndpoint;

struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn listen(&self, name: &str) -> UnixSocket {
        bind_unix(self.path(name), None).expect("the name is free")
    }
}

fn serve<const N: usize>(front_ends: [Box<dyn FnOnce(Server) -> Server>; N]) -> Running {
    let server = Server::new();
    front_ends.into_iter().fold(server, |server, add| add(server)).start()
}

fn adding(front_end: impl FrontEnd + 'static) -> Box<dyn FnOnce(Server) -> Server> {
    Box::new(|server| server.front_end(front_end))
}

fn text(listener: UnixSocket) -> TcpFrontEnd<UnixSocket> {
    TcpFrontEnd::on(listener, TextDialect::bracket()).expect("it listens")
}

async fn connect(path: &Path) -> UnixStream {
    UnixStream::connect(path).await.expect("the server listens")
}

fn problem(path: &Path) -> String {
    bind_unix(path, None).expect_err("it does not listen").to_string()
}

#[tokio::test]
async fn text_json_and_websocket_meet_on_unix_sockets() {
    let folder = Folder::new();
    let json = TcpFrontEnd::on(folder.listen("json"), JsonDialect::default()).expect("it listens");
    let dialects =
        AutoDialects::new(TextDialect::bracket(), JsonDialect::default(), TxtChatDialect::new(7));
    let auto = TcpFrontEnd::on_auto(folder.listen("auto"), dialects).expect("it listens");
    let web = WebFrontEnd::on(folder.listen("web"), WsEndpoint::default()).expect("it listens");
    let nc = text(folder.listen("nc"));
    assert_eq!(nc.local_addr(), folder.path("nc"));
    let server = serve([adding(nc), adding(json), adding(auto), adding(web)]);

    let mut nc = Client::over("nc", connect(&folder.path("nc")).await);
    nc.expect(["* user1 joined the chat"]).await;
    for (name, socket) in [("bot", "json"), ("robot", "auto")] {
        let mut bot = Client::over(name, connect(&folder.path(socket)).await);
        bot.send(format!(r#"{{"type":"hello","nickname":"{name}"}}"#)).await;
        nc.expect([format!("* {name} joined the chat")]).await;
        bot.send(r#"{"type":"chat","text":"hello"}"#).await;
        nc.expect([format!("[{name}]: hello")]).await;
        drop(bot);
        nc.expect([format!("* {name} left the chat")]).await;
    }
    let stream = connect(&folder.path("web")).await;
    let url = "ws://localhost/ws";
    let mut page = Client::web_socket_over("page", stream, url, Some("chat.json")).await;
    page.send(r#"{"type":"hello","nickname":"page"}"#).await;
    nc.expect(["* page joined the chat"]).await;

    let mut curl = connect(&folder.path("web")).await;
    let request = "GET /api/status HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    curl.write_all(request.as_bytes()).await.expect("it is read");
    let mut response = String::new();
    curl.read_to_string(&mut response).await.expect("a response");
    assert!(response.starts_with("HTTP/1.1 200 OK\r\n"), "{response}");
    assert!(response.contains(r#""users":2"#), "{response}");
    stop(server).await;
}

#[tokio::test]
async fn clients_of_one_unix_socket_have_distinct_ids() {
    let folder = Folder::new();
    let txtchat =
        TcpFrontEnd::on(folder.listen("txtchat"), TxtChatDialect::new(7)).expect("it listens");
    let server = serve([adding(txtchat)]);
    let mut ids = Vec::new();
    let mut clients = Vec::new();
    for name in ["alice", "bob"] {
        let mut client = Client::over(name, connect(&folder.path("txtchat")).await);
        client.expect(["------Welcome to Txt Chat------"]).await;
        client.send(format!("reg${name}")).await;
        ids.push(client.next().await);
        clients.push(client);
    }
    let [alice, bob] = &mut clients[..] else { panic!("two clients") };
    assert!(ids.iter().all(|id| id.starts_with("unix:")), "{ids:?}");
    assert_ne!(ids[0], ids[1]);
    alice.send(format!("join${}${}", ids[0], ids[1])).await;
    for client in [&mut *alice, bob] {
        client.expect([format!("$$joined: {}", ids[1])]).await;
    }
    stop(server).await;
}

#[tokio::test]
async fn socket_file_exists_while_the_server_runs() {
    let folder = Folder::new();
    let path = folder.path("chat.sock");
    let server = serve([adding(text(folder.listen("chat.sock")))]);
    let mut nc = Client::over("nc", connect(&path).await);
    nc.expect(["* user1 joined the chat"]).await;
    let in_use = problem(&path);
    assert!(in_use.contains("chat.sock: somebody listens there already"), "{in_use}");
    nc.send("/users").await;
    nc.expect(["* online: user1"]).await;
    stop(server).await;
    assert!(!path.exists());
}

#[tokio::test]
async fn stale_socket_is_replaced_and_other_files_are_not() {
    let folder = Folder::new();
    let path = folder.path("chat.sock");
    drop(UnixListener::bind(&path).expect("the name is free"));
    assert!(path.exists(), "std does not remove the socket");
    let server = serve([adding(text(folder.listen("chat.sock")))]);
    let mut nc = Client::over("nc", connect(&path).await);
    nc.expect(["* user1 joined the chat"]).await;
    stop(server).await;

    fs::write(&path, "precious").expect("a file");
    let wrong = problem(&path);
    assert!(wrong.contains("it is not a socket"), "{wrong}");
    assert_eq!(fs::read_to_string(&path).expect("the file"), "precious");
}

#[tokio::test]
async fn stopping_server_keeps_the_socket_of_another() {
    let folder = Folder::new();
    let path = folder.path("chat.sock");
    let first = folder.listen("chat.sock");
    fs::remove_file(&path).expect("it is there");
    let _second = UnixListener::bind(&path).expect("the name is free");
    drop(first);
    assert!(path.exists());
}

#[tokio::test]
async fn socket_file_has_the_configured_mode() {
    let folder = Folder::new();
    for mode in [0o600, 0o660, 0o666] {
        let path = folder.path("chat.sock");
        let _listener = bind_unix(&path, Some(mode)).expect("the name is free");
        let metadata = fs::symlink_metadata(&path).expect("a file");
        assert_eq!(metadata.permissions().mode() & 0o777, mode);
    }
}

#[tokio::test]
async fn unix_socket_clients_count_as_one_address_if_loopback_is_not_exempt() {
    let folder = Folder::new();
    let limits = Limits { connections_per_address: 1, loopback_exempt: false, ..Limits::default() };
    let server = Server::new().limits(limits).front_end(text(folder.listen("chat.sock"))).start();
    let mut first = Client::over("first", connect(&folder.path("chat.sock")).await);
    first.expect(["* user1 joined the chat"]).await;
    let mut second = Client::over("second", connect(&folder.path("chat.sock")).await);
    let refused = second.next().await;
    assert!(refused.contains("1 connections from your address"), "{refused}");
    second.expect_closed().await;
    stop(server).await;
}
