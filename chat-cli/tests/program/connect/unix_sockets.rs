//! Tests of `chat connect` and `chat send` on Unix sockets.

use crate::connect::process::{Client, Server};
use crate::folder::path;
use tempfile::TempDir;

/// Returns the address of a socket in a folder.
fn url(scheme: &str, folder: &TempDir, name: &str) -> String {
    format!("{scheme}://{}/{name}", path(folder.path()))
}

#[test]
fn clients_on_every_unix_socket_for_json_meet() {
    let folder = tempfile::tempdir().expect("a folder");
    let listen = [
        url("unix", &folder, "every%20body.sock?mode=600"),
        url("unix+json", &folder, "json.sock"),
        url("ws+unix", &folder, "web.sock"),
    ];
    let _server = Server::start_with(&listen.each_ref().map(String::as_str));
    let lines = url("unix", &folder, "every%20body.sock");
    let mut alice = Client::in_lobby(&lines, "alice", "alice");
    let mut bob = Client::in_lobby(&url("ws+unix", &folder, "web.sock"), "bob", "alice, bob");
    alice.expect(&["* bob joined lobby"]);
    for (url, name) in [
        (lines, "every%20body.sock"),
        (url("unix+json", &folder, "json.sock"), "json.sock"),
        (url("unix", &folder, "json.sock"), "json.sock"),
        (url("ws+unix", &folder, "web.sock"), "web.sock"),
    ] {
        let sent = Client::send(&url, "carol", &["by", name]);
        assert_eq!(sent, (Some(0), String::new()), "{url}");
        let said = format!("[lobby] carol: by {name}");
        for client in [&mut alice, &mut bob] {
            client.expect(&["* carol joined lobby", &said, "* carol left lobby"]);
        }
    }
    bob.say("/quit");
    bob.ends_well();
}

#[test]
fn unusable_socket_is_reported() {
    let folder = tempfile::tempdir().expect("a folder");
    let nobody = folder.path().join("nobody.sock");
    let mut client = Client::start(&format!("unix://{}", path(&nobody)), "alice", &[]);
    client.fails_with(&format!("chat: cannot connect to {}: No such file", path(&nobody)));
    std::fs::write(&nobody, "").expect("a file");
    let mut client = Client::start(&format!("ws+unix://{}", path(&nobody)), "alice", &[]);
    client.fails_with(&format!("chat: cannot connect to {}: Connection refused", path(&nobody)));

    let [text, web] = ["text.sock", "web.sock"];
    let listen = [url("unix+text", &folder, text), url("ws+unix", &folder, web)];
    let _server = Server::start_with(&listen.each_ref().map(String::as_str));
    for (scheme, name, why) in [
        ("unix", text, "text.sock does not speak JSON: it says '* user1 joined the chat'"),
        ("ws+unix", text, "it refuses the WebSocket with 400 Bad Request"),
        ("unix", web, "web.sock does not speak JSON: it says 'HTTP/1.1 400 Bad Request'"),
    ] {
        Client::start(&url(scheme, &folder, name), "alice", &[]).fails_with(why);
    }
}

#[test]
fn unsupported_url_of_a_unix_socket_is_reported() {
    for (url, arguments, why) in [
        (
            "unix+text:///run/chat.sock",
            &[][..],
            "is for clients such as nc, and this client speaks JSON",
        ),
        ("unix+txtchat:///run/chat.sock", &[], "there are tcp://, tcp+json:// and ws://, "),
        ("unixs:///run/chat.sock", &[], "'unixs://' is not supported; there are tcp://, "),
        (
            "unix://run/chat.sock",
            &[],
            "a Unix socket needs the absolute path of a file, as in unix:///",
        ),
        ("ws+unix:///run/chat.sock?mode=600", &[], "remove '?mode=600'"),
        ("unix:///run/100%.sock", &[], "write '%' itself as %25"),
        ("unix:///run/chat.sock", &["--tls-ca", "ca.pem"], "which a Unix socket does not use"),
    ] {
        Client::start(url, "alice", arguments).fails_with(why);
    }
}
