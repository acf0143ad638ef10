//! Clients of different dialects share the same rooms, and each receives every event in its own
//! dialect, compared byte by byte.

mod channels;
mod events;
mod json_versions;
mod names;
mod typing;

use chat_runtime::chat_core::Role;
use chat_runtime::{Hub, ManualClock};
use chat_tests::{Client, Setup, TestServer};
use std::time::Duration;

/// Five clients in the lobby, which have read the announcements of each other's joins.
struct Room {
    nc: Client,
    one: Client,
    two: Client,
    plain: Client,
    star: Client,
}

impl Room {
    async fn gather(server: &TestServer) -> Self {
        let mut nc = server.bracket("nc").await;
        nc.expect(["* user1 joined the chat"]).await;

        let mut one = server.json("one").await;
        one.send(r#"{"type":"hello","nickname":"one"}"#).await;
        one.expect([
            r#"{"type":"welcome","nickname":"one"}"#,
            r#"{"type":"roster","participants":["user1"]}"#,
        ])
        .await;
        nc.expect(["* one joined the chat"]).await;

        let mut two = server.ws_json("two").await;
        two.send(r#"{"type":"hello","nickname":"two","version":2,"ref":"h"}"#).await;
        two.expect([
            format!(
                concat!(
                    r#"{{"type":"welcome","ref":"h","nickname":"two","session":3,"#,
                    r#""server":"chat/{}","version":2,"boot":"1767276202000","#,
                    r#""epoch":"1767276202000","#,
                    r#""limits":{{"frame_bytes":8192,"message_bytes":4096,"message_lines":64}}}}"#
                ),
                env!("CARGO_PKG_VERSION")
            ),
            concat!(
                r#"{"type":"roster","channel":"lobby","topic":null,"count":3,"members":["#,
                r#"{"nickname":"one","role":"member"},{"nickname":"two","role":"member"},"#,
                r#"{"nickname":"user1","role":"member"}]}"#
            )
            .to_owned(),
        ])
        .await;
        nc.expect(["* two joined the chat"]).await;
        one.expect([r#"{"type":"user_joined","nickname":"two"}"#]).await;

        let mut plain = server.ws_text("plain").await;
        plain
            .expect([
                "Welcome to the chat! Available commands:",
                "- /name <name> - Set your display name",
                "- /users - List all online users",
                "- /help - Show this help message",
                "- /quit - Disconnect from the server",
            ])
            .await;
        plain.send("hello?").await;
        let name_first = "Please set your name first with: /name <your_name>";
        while plain.next().await != name_first {}
        plain.send("/users").await;
        plain.expect([name_first]).await;
        plain.send("/name").await;
        plain.expect(["Usage: /name <your_name>"]).await;
        plain.send("/name Plain").await;
        plain.expect(["You are now known as Plain"]).await;
        nc.expect(["* Plain joined the chat"]).await;
        one.expect([r#"{"type":"user_joined","nickname":"Plain"}"#]).await;
        two.expect([r#"{"type":"user_joined","channel":"lobby","nickname":"Plain"}"#]).await;

        let mut star = server.star("star").await;
        star.expect_prompt("Enter your name: ").await;
        star.send("one").await;
        star.expect(["Nickname 'one' is already in use."]).await;
        star.expect_prompt("Enter your name: ").await;
        star.send("star").await;
        star.expect(["14:03:22 ** star joined **"]).await;
        nc.expect(["* star joined the chat"]).await;
        one.expect([r#"{"type":"user_joined","nickname":"star"}"#]).await;
        two.expect([r#"{"type":"user_joined","channel":"lobby","nickname":"star"}"#]).await;
        plain.expect(["star joined the chat"]).await;

        Self { nc, one, two, plain, star }
    }

    /// Checks that every client has read all frames that it was sent: the next one is the
    /// announcement of a newcomer.
    async fn nothing_more(&mut self, server: &TestServer) {
        let mut newcomer = server.json("newcomer").await;
        newcomer.send(r#"{"type":"hello","nickname":"newcomer"}"#).await;
        self.nc.expect(["* newcomer joined the chat"]).await;
        self.one.expect([r#"{"type":"user_joined","nickname":"newcomer"}"#]).await;
        self.two
            .expect([r#"{"type":"user_joined","channel":"lobby","nickname":"newcomer"}"#])
            .await;
        self.plain.expect(["newcomer joined the chat"]).await;
        self.star.expect(["14:03:22 ** newcomer joined **"]).await;
    }
}

/// Starts a server whose clock stands at 14:03:22.
pub(crate) fn server_at_14_03_22() -> (TestServer, ManualClock) {
    let clock = TestServer::clock();
    clock.advance(Duration::from_secs(14 * 3_600 + 3 * 60 + 22));
    (Setup::default().clock(&clock).start(), clock)
}

/// Returns a lobby message as an object of version 2.
fn chat(id: u64, nickname: &str, text: &str, kind: &str) -> String {
    format!(
        concat!(
            r#"{{"type":"chat","id":{},"at":"2026-01-01T14:03:22.000Z","nickname":"{}","#,
            r#""channel":"lobby","text":"{}","kind":"{}"}}"#
        ),
        id, nickname, text, kind
    )
}

/// Returns the objects with which version 1, which has no type for it, tells of a new nickname.
fn renamed_1(from: &str, to: &str) -> [String; 2] {
    [("user_left", from), ("user_joined", to)]
        .map(|(kind, nickname)| format!(r#"{{"type":"{kind}","nickname":"{nickname}"}}"#))
}

async fn role_in_rust(hub: &Hub, nickname: &'static str) -> Option<Role> {
    let look = hub.look(move |view| {
        let channel = view.channels().find(|channel| channel.name().shown() == "rust")?;
        channel.members().find(|m| m.nickname().shown() == nickname).map(|member| member.role())
    });
    look.await.expect("the server runs")
}
