//! Channels other than the lobby, and leaving them against one's will.

use super::{Room, role_in_rust, server_at_14_03_22};
use chat_runtime::chat_core::Role;
use chat_tests::{Client, TestServer};

#[tokio::test]
async fn channel_message_reaches_its_members_only() {
    let (server, _) = server_at_14_03_22();
    let mut room = Room::gather(&server).await;

    room.nc.send("/join rust").await;
    room.nc.expect(["* you are on #rust: user1"]).await;
    room.two.send(r##"{"type":"join","channel":"#rust","ref":"j"}"##).await;
    let roster = concat!(
        r#"{"type":"roster","ref":"j","channel":"rust","topic":null,"count":2,"members":"#,
        r#"[{"nickname":"two","role":"member"},{"nickname":"user1","role":"owner"}]}"#
    );
    room.two.expect([roster]).await;
    room.nc.expect(["* two joined the chat"]).await;

    room.nc.send("crabs only").await;
    let said = concat!(
        r#"{"type":"chat","id":1,"at":"2026-01-01T14:03:22.000Z","nickname":"user1","#,
        r#""channel":"rust","text":"crabs only","kind":"message"}"#
    );
    room.two.expect([said]).await;

    // A member with another current channel sees the message with the channel's name in front.
    room.plain.send("/join rust").await;
    room.plain.expect(["you are on #rust: Plain, two, user1"]).await;
    room.nc.expect(["* Plain joined the chat"]).await;
    room.two.expect([r#"{"type":"user_joined","channel":"rust","nickname":"Plain"}"#]).await;
    room.plain.send("/switch #lobby").await;
    room.plain.expect(["you are on #lobby"]).await;
    room.nc.send("and gears").await;
    room.plain.expect(["#rust user1: and gears"]).await;
    room.two.expect_type("chat").await;

    // The next event in the lobby is a barrier: the others have received nothing of #rust.
    room.nc.send("/switch lobby").await;
    room.nc.expect(["* you are on #lobby"]).await;
    room.nothing_more(&server).await;
}

/// Opens two sessions in `#rust`: its owner, a bracket client, and `star`.
async fn meet_in_rust(server: &TestServer) -> (Client, Client) {
    let mut nc = server.bracket("nc").await;
    nc.expect(["* user1 joined the chat"]).await;
    nc.send("/join rust").await;
    nc.expect(["* you are on #rust: user1"]).await;

    let mut star = server.star("star").await;
    star.expect_prompt("Enter your name: ").await;
    star.send("star").await;
    star.expect(["14:03:22 ** star joined **"]).await;
    nc.expect(["#lobby * star joined the chat"]).await;
    star.send("/join rust").await;
    star.expect(["14:03:22 ** you are on #rust: star, user1 **"]).await;
    nc.expect(["* star joined the chat"]).await;
    (nc, star)
}

#[tokio::test]
async fn kicked_user_is_told_and_returns_to_the_lobby() {
    let (server, _) = server_at_14_03_22();
    let (mut nc, mut star) = meet_in_rust(&server).await;

    nc.send("/kick star be nice").await;
    nc.expect(["* star was kicked by user1: be nice"]).await;
    star.expect([
        "14:03:22 ** star was kicked by user1: be nice **",
        "14:03:22 ** you are on #lobby **",
    ])
    .await;
    star.send("back in the lobby").await;
    star.expect(["14:03:22 [star] back in the lobby"]).await;
    nc.expect(["#lobby [star]: back in the lobby"]).await;
    assert_eq!(role_in_rust(server.hub(), "user1").await, Some(Role::Owner));
    assert_eq!(role_in_rust(server.hub(), "star").await, None);
}

#[tokio::test]
async fn ban_line_accepts_a_reason_and_announces_a_ban() {
    let (server, _) = server_at_14_03_22();
    let (mut nc, mut star) = meet_in_rust(&server).await;

    nc.send("/ban").await;
    nc.expect(["Usage: /ban <user or mask> [reason]"]).await;
    nc.send("/ban star too loud").await;
    nc.expect(["* star was banned by user1: too loud"]).await;
    star.expect([
        "14:03:22 ** star was banned by user1: too loud **",
        "14:03:22 ** you are on #lobby **",
    ])
    .await;
}
