//! For any bad input, the client gets one clear answer in its own dialect, the others in the room
//! are not affected, and the server goes on.

mod frames;
mod handshakes;
mod lines;
mod names;
mod objects;
mod terminals;
mod too_much;

use super::http::wire::HANDSHAKE;
use chat_runtime::chat_core::Config;
use chat_tests::{Client, Setup, TestServer};
use transport_ws::WsEndpoint;

/// The last message of a JSON client with too many faults.
const TOO_MANY: &str =
    "too many faulty frames, or too many requests while one waits for its answer";

/// Returns a client's half of a handshake for JSON.
pub(crate) fn handshake() -> String {
    let json = "Sec-WebSocket-Protocol: chat.json";
    format!("GET /ws HTTP/1.1\r\nHost: chat.example\r\n{HANDSHAKE}{json}\r\n\r\n")
}

/// Starts a server without a rate limit, and connects a bystander to its lobby.
async fn server_with_bystander() -> (TestServer, Client) {
    let config = Config { commands_per_second: 0, ..Config::default() };
    let endpoint =
        WsEndpoint::default().allow_origin("https://page.example".parse().expect("an origin"));
    let server = Setup::default().config(config).endpoint(endpoint).start();
    let bystander = server.member("bystander").await;
    (server, bystander)
}

/// Connects a text client, which joins the lobby.
async fn nc(server: &TestServer, bystander: &mut Client) -> Client {
    let mut nc = server.bracket("nc").await;
    nc.expect(["* user1 joined the chat", "* bystander joined the chat"]).await;
    bystander.expect_type("user_joined").await;
    nc
}

/// Checks that the text client is still connected and can send, and that nothing else has happened.
async fn unharmed(nc: &mut Client, bystander: &mut Client) {
    nc.send("still here").await;
    assert_eq!(bystander.next_json().await["text"], "still here");
    nc.send("/users").await;
    nc.expect(["* online: bystander, user1"]).await;
}
