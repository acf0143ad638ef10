//! The program that embeds the server acts without a user.

use chat_core::{BanTarget, HostCommand};
use chat_runtime::HostError;
use chat_tests::TestServer;

#[tokio::test]
async fn game_opens_rooms_and_greets_players_without_a_refusal() {
    let server = TestServer::start();
    let mut ann = server.member("ann").await;
    let hub = server.hub();
    for room in 0..60 {
        hub.create_channel(format!("room-{room}")).await.expect("no limit of a user applies");
    }
    for player in 0..200 {
        let message = hub.say("lobby", format!("Welcome, player {player}!")).await;
        message.expect("no rate limit applies");
    }
    for player in 0..200 {
        let chat = ann.next().await;
        assert!(chat.contains(&format!("\"text\":\"Welcome, player {player}!\"")), "{chat}");
        assert!(chat.contains("\"nickname\":\"server\",\"system\":true"), "{chat}");
    }
    ann.send(r#"{"type":"channels"}"#).await;
    let channels = ann.next().await;
    assert!(channels.starts_with(r#"{"type":"channels","count":61,"#), "{channels}");
    server.stop().await;
}

#[test]
fn host_acts_from_a_thread_of_its_own() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let (server, mut ann) = runtime.block_on(async {
        let server = TestServer::start();
        let ann = server.member("ann").await;
        (server, ann)
    });
    let (hub, handle) = (server.hub().clone(), runtime.handle().clone());
    let game = std::thread::spawn(move || {
        handle.block_on(async {
            hub.tell("ann", "your turn").await?;
            hub.create_channel("table").await?;
            hub.invite("table", "ann").await?;
            hub.disconnect("ann", Some("too slow".into())).await?;
            hub.ban(BanTarget::Nickname("ann".into()), None, None).await
        })
    });
    game.join().expect("it does not panic").expect("nothing is refused");
    runtime.block_on(async {
        assert!(ann.next().await.contains(r#""system":true,"to":"ann","text":"your turn""#));
        ann.expect([r#"{"type":"invited","channel":"table","by":"server"}"#]).await;
        let removed = r#"{"type":"error","code":"removed","message":"you were removed: too slow"}"#;
        ann.expect([removed]).await;
        ann.expect_closed().await;
        let mut again = server.json("again").await;
        again.send(r#"{"type":"hello","nickname":"ann","version":2}"#).await;
        let refused = again.expect_error("server_banned").await;
        assert_eq!(refused["message"], "you are banned from this server");
        server.stop().await;
    });
}

#[tokio::test]
async fn commands_of_the_host_are_refused_or_fail_with_a_reason() {
    let server = TestServer::start();
    let hub = server.hub().clone();
    let error = hub.close_channel("lobby", None).await.expect_err("it stays");
    assert_eq!(error.to_string(), "the lobby cannot be closed");
    server.stop().await;
    let command = HostCommand::say("lobby", "anybody there?");
    let error = hub.host(command).await.expect_err("nobody answers");
    assert!(matches!(error, HostError::Stopped(_)));
    assert_eq!(error.to_string(), "the chat server has stopped");
}
