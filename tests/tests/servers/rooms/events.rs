//! Each event, as every dialect tells it.

use super::{Room, chat, renamed_1, server_at_14_03_22};

#[tokio::test]
async fn lobby_messages_are_delivered_in_every_dialect() {
    let (server, _) = server_at_14_03_22();
    let mut room = Room::gather(&server).await;

    // Each of them sends a message.
    room.nc.send("hello from nc").await;
    room.one.expect([r#"{"type":"chat","nickname":"user1","text":"hello from nc"}"#]).await;
    room.two.expect([chat(1, "user1", "hello from nc", "message")]).await;
    room.plain.expect(["user1: hello from nc"]).await;
    room.star.expect(["14:03:22 [user1] hello from nc"]).await;

    room.one.send(r#"{"type":"chat","text":"hello from one"}"#).await;
    room.one.expect([r#"{"type":"chat","nickname":"one","text":"hello from one"}"#]).await;
    room.nc.expect(["[one]: hello from one"]).await;
    room.two.expect([chat(2, "one", "hello from one", "message")]).await;
    room.plain.expect(["one: hello from one"]).await;
    room.star.expect(["14:03:22 [one] hello from one"]).await;

    room.two.send(r#"{"type":"chat","text":"hello from two","ref":"r"}"#).await;
    room.two.expect([r#"{"type":"ack","ref":"r","id":3,"at":"2026-01-01T14:03:22.000Z"}"#]).await;
    room.two.expect([chat(3, "two", "hello from two", "message")]).await;
    room.nc.expect(["[two]: hello from two"]).await;
    room.one.expect([r#"{"type":"chat","nickname":"two","text":"hello from two"}"#]).await;
    room.plain.expect(["two: hello from two"]).await;
    room.star.expect(["14:03:22 [two] hello from two"]).await;

    room.plain.send("hello from plain").await;
    room.nc.expect(["[Plain]: hello from plain"]).await;
    room.one.expect([r#"{"type":"chat","nickname":"Plain","text":"hello from plain"}"#]).await;
    room.two.expect([chat(4, "Plain", "hello from plain", "message")]).await;
    room.star.expect(["14:03:22 [Plain] hello from plain"]).await;

    room.star.send("hello from star").await;
    room.star.expect(["14:03:22 [star] hello from star"]).await;
    room.nc.expect(["[star]: hello from star"]).await;
    room.one.expect([r#"{"type":"chat","nickname":"star","text":"hello from star"}"#]).await;
    room.two.expect([chat(5, "star", "hello from star", "message")]).await;
    room.plain.expect(["star: hello from star"]).await;

    room.nothing_more(&server).await;
}

#[tokio::test]
async fn action_is_delivered_in_every_dialect() {
    let (server, _) = server_at_14_03_22();
    let mut room = Room::gather(&server).await;

    room.plain.send("/me waves").await;
    room.nc.expect(["* Plain waves"]).await;
    room.one.expect([r#"{"type":"chat","nickname":"Plain","text":"* Plain waves"}"#]).await;
    room.two.expect([chat(1, "Plain", "waves", "action")]).await;
    room.star.expect(["14:03:22 * Plain waves"]).await;

    // Only star echoes the action to its sender.
    room.star.send("/me bows").await;
    room.star.expect(["14:03:22 * star bows"]).await;
    room.nc.expect(["* star bows"]).await;
    room.one.expect([r#"{"type":"chat","nickname":"star","text":"* star bows"}"#]).await;
    room.two.expect([chat(2, "star", "bows", "action")]).await;
    room.plain.expect(["* star bows"]).await;

    room.nothing_more(&server).await;
}

#[tokio::test]
async fn rename_is_announced_in_every_dialect() {
    let (server, _) = server_at_14_03_22();
    let mut room = Room::gather(&server).await;

    room.nc.send("/name bob").await;
    room.nc.expect(["* user1 is now known as bob"]).await;
    room.one.expect(renamed_1("user1", "bob")).await;
    room.two.expect([r#"{"type":"renamed","from":"user1","to":"bob"}"#]).await;
    room.plain.expect(["user1 is now known as bob"]).await;
    room.star.expect(["14:03:22 ** user1 is now known as bob **"]).await;

    room.plain.send("/nick Paula").await;
    room.plain.expect(["You are now known as Paula"]).await;
    room.nc.expect(["* Plain is now known as Paula"]).await;
    room.one.expect(renamed_1("Plain", "Paula")).await;
    room.two.expect([r#"{"type":"renamed","from":"Plain","to":"Paula"}"#]).await;
    room.star.expect(["14:03:22 ** Plain is now known as Paula **"]).await;

    room.star.send("/name stella").await;
    room.star.expect(["14:03:22 ** star is now known as stella **"]).await;
    room.nc.expect(["* star is now known as stella"]).await;
    room.one.expect(renamed_1("star", "stella")).await;
    room.two.expect([r#"{"type":"renamed","from":"star","to":"stella"}"#]).await;
    room.plain.expect(["star is now known as stella"]).await;

    room.nothing_more(&server).await;
}

#[tokio::test]
async fn quit_is_announced_in_every_dialect() {
    let (server, _) = server_at_14_03_22();
    let mut room = Room::gather(&server).await;

    // With the command, with the request, and by closing the connection.
    room.star.send("/quit").await;
    room.star.expect(["Goodbye!"]).await;
    room.star.expect_closed().await;
    room.nc.expect(["* star left the chat"]).await;
    room.one.expect([r#"{"type":"user_left","nickname":"star"}"#]).await;
    room.two.expect([r#"{"type":"user_left","channel":"lobby","nickname":"star"}"#]).await;
    room.plain.expect(["star left the chat"]).await;

    let Room { mut nc, mut one, mut two, mut plain, star: _ } = room;
    two.send(r#"{"type":"quit","reason":"lunch","ref":"q"}"#).await;
    two.expect([r#"{"type":"goodbye","ref":"q"}"#]).await;
    two.expect_close_code(1000).await;
    nc.expect(["* two left the chat"]).await;
    one.expect([r#"{"type":"user_left","nickname":"two"}"#]).await;
    plain.expect(["two left the chat"]).await;

    drop(one);
    nc.expect(["* one left the chat"]).await;
    plain.expect(["one left the chat"]).await;

    plain.send("/quit").await;
    plain.expect(["Goodbye!"]).await;
    plain.expect_close_code(1000).await;
    nc.expect(["* Plain left the chat"]).await;
    nc.send("/users").await;
    nc.expect(["* online: user1"]).await;
}

#[tokio::test]
async fn quit_reason_is_delivered_in_dialects_that_have_reasons() {
    let (server, _) = server_at_14_03_22();
    let mut room = Room::gather(&server).await;
    room.nc.send("/quit had to go").await;
    room.nc.expect(["Goodbye!"]).await;
    room.nc.expect_closed().await;
    room.one.expect([r#"{"type":"user_left","nickname":"user1"}"#]).await;
    room.two
        .expect([
            r#"{"type":"user_left","channel":"lobby","nickname":"user1","reason":"had to go"}"#,
        ])
        .await;
    room.plain.expect(["user1 left the chat"]).await;
    room.star.expect(["14:03:22 ** user1 left **"]).await;
}

#[tokio::test]
async fn clients_at_one_listener_get_their_own_encodings() {
    let (server, _) = server_at_14_03_22();
    let mut here = server.bracket("here").await;
    here.expect(["* user1 joined the chat"]).await;
    let mut elsewhere = server.bracket("elsewhere").await;
    elsewhere.expect(["* user2 joined the chat", "* user1 joined the chat"]).await;
    here.expect(["* user2 joined the chat"]).await;
    let mut one = server.json("one").await;
    one.join_lobby(r#"{"type":"hello","nickname":"one"}"#).await;
    let mut two = server.member("two").await;
    for client in [&mut here, &mut elsewhere] {
        client.expect(["* one joined the chat", "* two joined the chat"]).await;
    }
    one.expect([r#"{"type":"user_joined","nickname":"two"}"#]).await;
    elsewhere.send("/join rust").await;
    elsewhere.expect(["* you are on #rust: user2"]).await;

    // One is on #lobby and one on #rust, one uses version 1 and one version 2: each gets its own
    // encoding.
    let mut star = server.star("star").await;
    star.expect_prompt("Enter your name: ").await;
    star.send("star").await;
    star.expect(["14:03:22 ** star joined **"]).await;
    star.send("hello").await;
    here.expect(["* star joined the chat", "[star]: hello"]).await;
    elsewhere.expect(["#lobby * star joined the chat", "#lobby [star]: hello"]).await;
    one.expect([
        r#"{"type":"user_joined","nickname":"star"}"#,
        r#"{"type":"chat","nickname":"star","text":"hello"}"#,
    ])
    .await;
    two.expect([
        r#"{"type":"user_joined","channel":"lobby","nickname":"star"}"#,
        &chat(1, "star", "hello", "message"),
    ])
    .await;
}

#[tokio::test]
async fn private_message_reaches_two_users_only() {
    let (server, _) = server_at_14_03_22();
    let mut room = Room::gather(&server).await;

    room.nc.send("/msg two between us").await;
    room.nc.expect(["[you -> two]: between us"]).await;
    let said = concat!(
        r#"{"type":"chat","id":1,"at":"2026-01-01T14:03:22.000Z","nickname":"user1","#,
        r#""to":"two","text":"between us","kind":"message"}"#
    );
    room.two.expect([said]).await;

    room.two.send(r#"{"type":"chat","to":"USER1","text":"yes","ref":"p"}"#).await;
    room.nc.expect(["[two -> you]: yes"]).await;
    room.two.expect([r#"{"type":"ack","ref":"p","id":2,"at":"2026-01-01T14:03:22.000Z"}"#]).await;
    let own = concat!(
        r#"{"type":"chat","id":2,"at":"2026-01-01T14:03:22.000Z","nickname":"two","#,
        r#""to":"user1","text":"yes","kind":"message"}"#
    );
    room.two.expect([own]).await;

    room.star.send("/w plain a word").await;
    room.star.expect(["14:03:22 [you -> Plain]: a word"]).await;
    room.plain.expect(["[star -> you]: a word"]).await;

    room.nothing_more(&server).await;
}
