//! People with different clients meet in the same rooms, and each is told everything in their own
//! form, to the byte.

use chat_runtime::chat_core::{Config, Role};
use chat_runtime::{Hub, ManualClock};
use chat_tests::{Client, Setup, TestServer};
use std::time::Duration;

#[tokio::test]
async fn everybody_in_the_lobby_is_told_in_their_own_form() {
    let (server, _) = server_at_14_03_22();
    let mut room = Room::gather(&server).await;

    // Each of them speaks.
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
async fn what_somebody_does_is_told_in_every_form() {
    let (server, _) = server_at_14_03_22();
    let mut room = Room::gather(&server).await;

    room.plain.send("/me waves").await;
    room.nc.expect(["* Plain waves"]).await;
    room.one.expect([r#"{"type":"chat","nickname":"Plain","text":"* Plain waves"}"#]).await;
    room.two.expect([chat(1, "Plain", "waves", "action")]).await;
    room.star.expect(["14:03:22 * Plain waves"]).await;

    // Its own form of it comes back to nobody but star.
    room.star.send("/me bows").await;
    room.star.expect(["14:03:22 * star bows"]).await;
    room.nc.expect(["* star bows"]).await;
    room.one.expect([r#"{"type":"chat","nickname":"star","text":"* star bows"}"#]).await;
    room.two.expect([chat(2, "star", "bows", "action")]).await;
    room.plain.expect(["* star bows"]).await;

    room.nothing_more(&server).await;
}

#[tokio::test]
async fn a_rename_is_told_in_every_form() {
    let (server, _) = server_at_14_03_22();
    let mut room = Room::gather(&server).await;

    room.nc.send("/name bob").await;
    room.nc.expect(["* user1 is now known as bob"]).await;
    room.one
        .expect([
            r#"{"type":"user_left","nickname":"user1"}"#,
            r#"{"type":"user_joined","nickname":"bob"}"#,
        ])
        .await;
    room.two.expect([r#"{"type":"renamed","from":"user1","to":"bob"}"#]).await;
    room.plain.expect(["user1 is now known as bob"]).await;
    room.star.expect(["14:03:22 ** user1 is now known as bob **"]).await;

    room.plain.send("/nick Paula").await;
    room.plain.expect(["You are now known as Paula"]).await;
    room.nc.expect(["* Plain is now known as Paula"]).await;
    room.one
        .expect([
            r#"{"type":"user_left","nickname":"Plain"}"#,
            r#"{"type":"user_joined","nickname":"Paula"}"#,
        ])
        .await;
    room.two.expect([r#"{"type":"renamed","from":"Plain","to":"Paula"}"#]).await;
    room.star.expect(["14:03:22 ** Plain is now known as Paula **"]).await;

    room.star.send("/name stella").await;
    room.star.expect(["14:03:22 ** star is now known as stella **"]).await;
    room.nc.expect(["* star is now known as stella"]).await;
    room.one
        .expect([
            r#"{"type":"user_left","nickname":"star"}"#,
            r#"{"type":"user_joined","nickname":"stella"}"#,
        ])
        .await;
    room.two.expect([r#"{"type":"renamed","from":"star","to":"stella"}"#]).await;
    room.plain.expect(["star is now known as stella"]).await;

    room.nothing_more(&server).await;
}

#[tokio::test]
async fn a_departure_is_told_in_every_form() {
    let (server, _) = server_at_14_03_22();
    let mut room = Room::gather(&server).await;

    // By the word, by the request, and by hanging up.
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
async fn a_reason_is_told_to_those_who_can_be_told() {
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
async fn version_1_is_told_nothing_but_its_own_types() {
    let (server, clock) = server_at_14_03_22();
    let mut room = Room::gather(&server).await;

    // All that others can do in the lobby and elsewhere, one after the other.
    let deeds = [
        r#"{"type":"topic","channel":"lobby","topic":"tea"}"#,
        r#"{"type":"away","message":"lunch"}"#,
        r#"{"type":"away"}"#,
        r#"{"type":"join","channel":"rust"}"#,
        r#"{"type":"modes","channel":"rust","moderated":true}"#,
        r#"{"type":"chat","channel":"rust","text":"only here"}"#,
        r#"{"type":"invite","channel":"rust","nickname":"one"}"#,
        r#"{"type":"ban","channel":"rust","nickname":"one"}"#,
        r#"{"type":"mute","channel":"rust","nickname":"one"}"#,
        r#"{"type":"chat","text":"a notice","kind":"notice"}"#,
        r#"{"type":"leave","channel":"rust"}"#,
        r#"{"type":"history","channel":"lobby"}"#,
        r#"{"type":"users"}"#,
        r#"{"type":"channels"}"#,
    ];
    for deed in deeds {
        room.two.send(deed).await;
    }
    // The last word is the barrier: whatever else there was has come before it.
    room.two.send(r#"{"type":"chat","text":"the end"}"#).await;
    room.one
        .expect([
            r#"{"type":"chat","nickname":"two","text":"a notice"}"#,
            r#"{"type":"chat","nickname":"two","text":"the end"}"#,
        ])
        .await;

    // A private message has no type of its own, and is not lost.
    room.nc.send("/msg one psst").await;
    room.nc.send("after that").await;
    room.one
        .expect([
            r#"{"type":"chat","nickname":"user1","text":"(private) psst"}"#,
            r#"{"type":"chat","nickname":"user1","text":"after that"}"#,
        ])
        .await;

    // Requests of version 2 are unknown to it, and leave it connected.
    clock.advance(Duration::from_secs(60));
    for kind in ["join", "ping", "users", "quit"] {
        room.one.send(format!(r#"{{"type":"{kind}","channel":"rust","ref":"x"}}"#)).await;
        let error = format!(r#"{{"type":"error","message":"unknown type '{kind}'"}}"#);
        room.one.expect([error]).await;
    }
    room.one.send(r#"{"type":"chat","text":"still here","channel":"rust","ref":"x"}"#).await;
    room.one.expect([r#"{"type":"chat","nickname":"one","text":"still here"}"#]).await;

    let types = ["welcome", "roster", "user_joined", "user_left", "chat", "error"];
    for frame in room.one.seen() {
        let object: serde_json::Value = serde_json::from_str(frame).expect("JSON");
        assert!(types.iter().any(|kind| object["type"] == *kind), "not of version 1: {frame}");
    }
}

/// A client that comes back sees by `boot` whether it is the same server, whose ids of messages go
/// on.
#[tokio::test]
async fn boot_is_the_same_for_all_sessions_and_another_after_a_restart() {
    let clock = TestServer::clock();
    let mut boots = Vec::new();
    for _ in 0..2 {
        let server = Setup::default().clock(&clock).start();
        for name in ["one", "two"] {
            let mut client = server.json(name).await;
            client.send(format!(r#"{{"type":"hello","nickname":"{name}","version":2}}"#)).await;
            let welcome = client.expect_type("welcome").await;
            boots.push(welcome["boot"].as_str().expect("a string").to_owned());
            clock.advance(Duration::from_secs(1));
        }
        server.stop().await;
    }
    let [one, two, three, four] = &boots[..] else { panic!("four sessions") };
    assert_eq!((one, three), (two, four));
    assert_ne!(one, three);
}

#[tokio::test]
async fn version_1_sees_everybody_who_comes_to_and_leaves_the_lobby() {
    let (server, _) = server_at_14_03_22();
    let mut one = server.json("one").await;
    one.send(r#"{"type":"hello","nickname":"one"}"#).await;
    // Nobody else is there, so there is no roster.
    one.expect([r#"{"type":"welcome","nickname":"one"}"#]).await;

    let mut two = server.ws_json("two").await;
    two.send(r#"{"type":"hello","nickname":"two","version":2,"lobby":false}"#).await;
    two.expect_type("welcome").await;
    two.send(r#"{"type":"join","channel":"rust"}"#).await;
    two.expect_type("roster").await;
    two.send(r#"{"type":"join","channel":"lobby"}"#).await;
    two.expect_type("roster").await;
    one.expect([r#"{"type":"user_joined","nickname":"two"}"#]).await;
    two.send(r#"{"type":"leave","channel":"lobby","reason":"too loud"}"#).await;
    two.expect([r#"{"type":"ok"}"#]).await;
    one.expect([r#"{"type":"user_left","nickname":"two"}"#]).await;

    // Who is elsewhere is not told of, nor heard.
    two.send(r#"{"type":"chat","channel":"rust","text":"hello?"}"#).await;
    two.expect_type("ack").await;
    two.expect_type("chat").await;
    two.send(r#"{"type":"rename","nickname":"deux"}"#).await;
    two.expect([r#"{"type":"ok"}"#]).await;
    two.send(r#"{"type":"quit"}"#).await;
    two.expect([r#"{"type":"goodbye"}"#]).await;
    one.send(r#"{"type":"chat","text":"alone"}"#).await;
    one.expect([r#"{"type":"chat","nickname":"one","text":"alone"}"#]).await;
}

#[tokio::test]
async fn a_channel_is_heard_only_by_those_who_are_in_it() {
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

    // Whoever looks elsewhere sees it with the channel in front.
    room.plain.send("/join rust").await;
    room.plain.expect(["you are on #rust: Plain, two, user1"]).await;
    room.nc.expect(["* Plain joined the chat"]).await;
    room.two.expect([r#"{"type":"user_joined","channel":"rust","nickname":"Plain"}"#]).await;
    room.plain.send("/switch #lobby").await;
    room.plain.expect(["you are on #lobby"]).await;
    room.nc.send("and gears").await;
    room.plain.expect(["#rust user1: and gears"]).await;
    room.two.expect_type("chat").await;

    // What comes after it in the lobby is the barrier: nobody else has heard of #rust.
    room.nc.send("/switch lobby").await;
    room.nc.expect(["* you are on #lobby"]).await;
    room.nothing_more(&server).await;
}

#[tokio::test]
async fn people_at_one_listener_are_told_each_in_their_own_way() {
    let (server, _) = server_at_14_03_22();
    let mut here = server.bracket("here").await;
    here.expect(["* user1 joined the chat"]).await;
    let mut elsewhere = server.bracket("elsewhere").await;
    elsewhere.expect(["* user2 joined the chat", "* user1 joined the chat"]).await;
    here.expect(["* user2 joined the chat"]).await;
    let mut one = server.json("one").await;
    one.send(r#"{"type":"hello","nickname":"one"}"#).await;
    one.expect_type("welcome").await;
    one.expect_type("roster").await;
    let mut two = server.member("two").await;
    for client in [&mut here, &mut elsewhere] {
        client.expect(["* one joined the chat", "* two joined the chat"]).await;
    }
    one.expect([r#"{"type":"user_joined","nickname":"two"}"#]).await;
    elsewhere.send("/join rust").await;
    elsewhere.expect(["* you are on #rust: user2"]).await;

    // One is on #lobby and one on #rust, one speaks version 1 and one version 2: none gets the
    // words of the other.
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
async fn a_private_message_is_seen_by_two() {
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

#[tokio::test]
async fn a_name_is_one_name_in_every_dialect() {
    let (server, _) = server_at_14_03_22();
    let mut room = Room::gather(&server).await;

    room.nc.send("/name ONE").await;
    room.nc.expect(["Nickname 'ONE' is already in use."]).await;
    room.star.send("/name ｐｌａｉｎ").await;
    room.star.expect(["Nickname 'ｐｌａｉｎ' is already in use."]).await;
    room.two.send(r#"{"type":"rename","nickname":"User1"}"#).await;
    room.two.expect_error("nickname_in_use").await;

    // The same name in another case is no other name.
    room.plain.send("/name PLAIN").await;
    room.plain.expect(["You are now known as PLAIN"]).await;
    room.nc.expect(["* Plain is now known as PLAIN"]).await;
    room.two.expect([r#"{"type":"renamed","from":"Plain","to":"PLAIN"}"#]).await;
    room.star.expect(["14:03:22 ** Plain is now known as PLAIN **"]).await;
    room.one
        .expect([
            r#"{"type":"user_left","nickname":"Plain"}"#,
            r#"{"type":"user_joined","nickname":"PLAIN"}"#,
        ])
        .await;
    room.nothing_more(&server).await;
}

#[tokio::test]
async fn names_are_listed_sorted_in_every_form() {
    let (server, _) = server_at_14_03_22();
    let mut room = Room::gather(&server).await;

    room.nc.send("/users").await;
    room.nc.expect(["* online: one, Plain, star, two, user1"]).await;
    room.plain.send("/who").await;
    room.plain.expect(["Online users: one, Plain, star, two, user1"]).await;
    room.star.send("/who").await;
    room.star.expect(["Connected users:", "  one", "  Plain", "  star", "  two", "  user1"]).await;
    room.two.send(r#"{"type":"users","ref":"u"}"#).await;
    let users = concat!(
        r#"{"type":"users","ref":"u","count":5,"users":[{"nickname":"one","away":null},"#,
        r#"{"nickname":"Plain","away":null},{"nickname":"star","away":null},"#,
        r#"{"nickname":"two","away":null},{"nickname":"user1","away":null}]}"#
    );
    room.two.expect([users]).await;
}

/// Opens two sessions in `#rust`: its owner with `nc`, and `star`.
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
async fn somebody_put_out_is_told_and_shown_where_they_are_now() {
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
async fn a_ban_takes_a_reason_and_reads_as_a_ban() {
    let (server, _) = server_at_14_03_22();
    let (mut nc, mut star) = meet_in_rust(&server).await;

    nc.send("/ban").await;
    nc.expect(["Usage: /ban <user> [reason]"]).await;
    nc.send("/ban star too loud").await;
    nc.expect(["* star was banned by user1: too loud"]).await;
    star.expect([
        "14:03:22 ** star was banned by user1: too loud **",
        "14:03:22 ** you are on #lobby **",
    ])
    .await;
}

#[tokio::test]
async fn a_slash_is_said_when_it_is_written_twice() {
    let (server, _) = server_at_14_03_22();
    let mut room = Room::gather(&server).await;
    room.nc.send("//quit is how to leave").await;
    room.star.expect(["14:03:22 [user1] /quit is how to leave"]).await;
    room.nc.send("/dance").await;
    room.nc.expect(["Unknown command. Type /help for available commands."]).await;
}

#[tokio::test]
async fn a_line_may_end_as_on_the_telnet() {
    let (server, _) = server_at_14_03_22();
    let mut room = Room::gather(&server).await;
    room.nc.send_bytes(b"one line\r\nanother\r\n\r\n \t \r\nthe last\n").await;
    for line in ["one line", "another", "the last"] {
        room.plain.expect([format!("user1: {line}")]).await;
    }
}

/// Five people in the lobby, who have read of each other's arrival.
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
                    r#""limits":{{"frame_bytes":8192,"message_bytes":4096}}}}"#
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

    /// Makes sure that nobody has been told anything that has not been read: a newcomer's arrival
    /// is what they read next.
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

/// A server on which it is 14:03:22, and stays so.
fn server_at_14_03_22() -> (TestServer, ManualClock) {
    let clock = TestServer::clock();
    clock.advance(Duration::from_secs(14 * 3_600 + 3 * 60 + 22));
    let setup = Setup::default().config(Config::default()).clock(&clock);
    (setup.start(), clock)
}

/// A message in the lobby, as version 2 is told of it.
fn chat(id: u64, nickname: &str, text: &str, kind: &str) -> String {
    format!(
        concat!(
            r#"{{"type":"chat","id":{},"at":"2026-01-01T14:03:22.000Z","nickname":"{}","#,
            r#""channel":"lobby","text":"{}","kind":"{}"}}"#
        ),
        id, nickname, text, kind
    )
}

async fn role_in_rust(hub: &Hub, nickname: &'static str) -> Option<Role> {
    let look = hub.look(move |view| {
        let channel = view.channels().find(|channel| channel.name().shown() == "rust")?;
        channel.members().find(|m| m.nickname.shown() == nickname).map(|member| member.role)
    });
    look.await.expect("the server runs")
}
