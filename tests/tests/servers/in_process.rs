//! In-process sessions: bots, without a connection and without a dialect.

use chat_runtime::chat_core::{
    CloseReason, Command, Config, Event, MessageKind, Peer, Recipient, RequestId,
};
use chat_runtime::{InProcessSession, Limits, SessionEvent, Stopped};
use chat_tests::{PATIENCE, Setup, TestServer};
use tokio::time::timeout;

#[tokio::test]
async fn bot_exchanges_messages_with_a_tcp_client() {
    let server = TestServer::start();
    let mut bot = bot(&server).await;
    let mut nc = server.bracket("nc").await;
    nc.expect(["* user1 joined the chat", "* bot joined the chat"]).await;
    assert_eq!(told(&mut bot).await, "user1 joined #lobby");

    nc.send("!ping").await;
    assert_eq!(told(&mut bot).await, "user1: !ping");
    say(&bot, Recipient::Channel("lobby".into()), "pong").await;
    nc.expect(["-bot- pong"]).await;
    assert_eq!(told(&mut bot).await, "sent pong");

    nc.send("/msg bot psst").await;
    nc.expect(["[you -> bot]: psst"]).await;
    assert_eq!(told(&mut bot).await, "user1: psst");
    say(&bot, Recipient::User("user1".into()), "yes?").await;
    nc.expect(["[bot -> you]: yes?"]).await;
    server.stop().await;
}

#[tokio::test]
async fn reply_carries_the_request_id() {
    let server = TestServer::start();
    let mut bot = bot(&server).await;
    let mark = RequestId("mark".into());
    bot.sender()
        .request(Some(mark.clone()), Command::Rename { nickname: "robot".into() })
        .await
        .expect("the server runs");
    let answer = next(&mut bot).await.expect("an answer");
    let SessionEvent::Reply { request, event: Event::Renamed { to, .. }, .. } = answer else {
        panic!("did not expect {answer:?}")
    };
    assert_eq!((request, to.nickname.shown()), (Some(mark), "robot"));
    server.stop().await;
}

#[tokio::test]
async fn dropped_bot_has_left() {
    let server = TestServer::start();
    let bot = bot(&server).await;
    let mut nc = server.bracket("nc").await;
    nc.expect(["* user1 joined the chat", "* bot joined the chat"]).await;
    let sender = bot.sender();
    drop(bot);
    nc.expect(["* bot left the chat"]).await;
    // The remaining sender has no effect any more.
    sender.command(Command::ListChannels).await.expect("the server runs");
    nc.send("/users").await;
    nc.expect(["* online: user1"]).await;
    server.stop().await;
}

#[tokio::test]
async fn bot_that_quits_receives_goodbye_and_close() {
    let server = TestServer::start();
    let mut bot = bot(&server).await;
    bot.command(Command::Quit { reason: None }).await.expect("the server runs");
    assert_eq!(told(&mut bot).await, "goodbye");
    assert_eq!(next(&mut bot).await, closed(CloseReason::Quit(None)));
    assert_eq!(next(&mut bot).await, None);
    server.stop().await;
}

#[tokio::test]
async fn bot_receives_the_close_when_the_server_stops() {
    let server = TestServer::start();
    let mut bot = bot(&server).await;
    server.stop().await;
    assert_eq!(next(&mut bot).await, closed(CloseReason::ShuttingDown));
    assert_eq!(next(&mut bot).await, None);
    assert_eq!(bot.command(Command::ListChannels).await, Err(Stopped));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bot_that_does_not_read_is_told_how_much_it_missed() {
    // Queues of even and odd length, and a few or many more messages than they hold.
    for (queue_frames, messages) in [(1, 3), (2, 9), (4, 20), (7, 50), (16, 300), (16, 17)] {
        let limits = Limits { queue_frames, ..Limits::default() };
        let config = Config { commands_per_second: 0, ..Config::default() };
        let server = Setup::default().config(config).limits(limits).start();
        let mut bot = bot(&server).await;
        let mut speaker = server.member("speaker").await;
        assert_eq!(told(&mut bot).await, "speaker joined #lobby");
        for number in 0..messages {
            speaker.send(format!(r#"{{"type":"chat","text":"{number}"}}"#)).await;
            speaker.expect_type("ack").await;
            speaker.expect_type("chat").await;
        }

        let mut reached = 0;
        let mut missed_in_all = 0;
        while reached < messages {
            match next(&mut bot).await {
                Some(SessionEvent::Event { event: Event::Said(message), .. }) => {
                    assert_eq!(message.text.as_str(), reached.to_string());
                    reached += 1;
                }
                Some(SessionEvent::Lagged { missed }) => {
                    reached += missed;
                    missed_in_all += missed;
                }
                other => panic!("did not expect {other:?}"),
            }
        }
        assert_eq!(reached, messages);
        assert_eq!(missed_in_all, messages - queue_frames as u64);

        // After the gap, every event arrives again.
        speaker.send(r#"{"type":"chat","text":"again"}"#).await;
        assert_eq!(told(&mut bot).await, "speaker: again");
        drop(speaker);
        server.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bot_receives_the_lag_notice_without_another_message() {
    let limits = Limits { queue_frames: 2, ..Limits::default() };
    let config = Config { commands_per_second: 0, ..Config::default() };
    let server = Setup::default().config(config).limits(limits).start();
    let mut bot = bot(&server).await;
    let mut speaker = server.member("speaker").await;
    assert_eq!(told(&mut bot).await, "speaker joined #lobby");
    // Repeated often, because the bot empties its queue while the server checks how full it is.
    for _ in 0..2_000 {
        for _ in 0..4 {
            speaker.send(r#"{"type":"chat","text":"hi"}"#).await;
            speaker.expect_type("ack").await;
            speaker.expect_type("chat").await;
        }
        assert_eq!(told(&mut bot).await, "speaker: hi");
        assert_eq!(told(&mut bot).await, "speaker: hi");
        assert_eq!(next(&mut bot).await, Some(SessionEvent::Lagged { missed: 2 }));
    }
    drop(speaker);
    server.stop().await;
}

#[tokio::test]
async fn bot_receives_the_lag_notice_before_the_close() {
    let limits = Limits { queue_frames: 4, ..Limits::default() };
    let server = Setup::default().limits(limits).start();
    let mut bot = bot(&server).await;
    for _ in 0..9 {
        bot.command(Command::ListChannels).await.expect("the server runs");
    }
    server.hub().close(bot.id(), CloseReason::Idle).await.expect("the server runs");
    for _ in 0..4 {
        assert!(matches!(next(&mut bot).await, Some(SessionEvent::Reply { .. })));
    }
    assert_eq!(next(&mut bot).await, Some(SessionEvent::Lagged { missed: 5 }));
    assert_eq!(next(&mut bot).await, closed(CloseReason::Idle));
    assert_eq!(next(&mut bot).await, None);
    assert_eq!(next(&mut bot).await, None);
}

/// The bot asks for the notice of missed events, and its queue is full again before the server
/// handles that request.
#[tokio::test]
async fn bot_requests_the_lag_notice_again_if_its_queue_is_full() {
    let limits = Limits { queue_frames: 4, ..Limits::default() };
    let config = Config { commands_per_second: 0, ..Config::default() };
    let server = Setup::default().config(config).limits(limits).start();
    let hub = server.hub();
    let mut bot = bot(&server).await;
    for _ in 0..6 {
        bot.command(Command::ListChannels).await.expect("the server runs");
    }
    // The server has carried out the commands before this.
    hub.look(|_| ()).await.expect("the server runs");
    for _ in 0..2 {
        next(&mut bot).await;
    }
    // Fills the server's input queue; the server does not run until this task waits for it.
    tokio::task::unconstrained(async {
        for _ in 0..9 {
            bot.command(Command::ListChannels).await.expect("the server runs");
        }
        let mut looks: Vec<_> = (0..1_024 - 9).map(|_| Box::pin(hub.look(|_| ()))).collect();
        for look in &mut looks {
            let _ = futures::poll!(look);
        }
        next(&mut bot).await;
        for look in looks {
            look.await.expect("the server runs");
        }
    })
    .await;
    // One more event in the queue, and the notice of the gap, depending on the room in the queue.
    let mut heard = 3;
    while heard < 15 {
        match next(&mut bot).await {
            Some(SessionEvent::Lagged { missed }) => heard += missed,
            Some(_) => heard += 1,
            None => panic!("the session has ended after {heard}"),
        }
    }
    assert_eq!(heard, 15);
}

fn closed(reason: CloseReason) -> Option<SessionEvent> {
    Some(SessionEvent::Closed { reason })
}

/// Opens a bot in the lobby.
async fn bot(server: &TestServer) -> InProcessSession {
    let mut bot = server.hub().open_in_process(Peer::default()).await.expect("the server runs");
    let name = Command::identify("bot");
    bot.command(name).await.expect("the server runs");
    assert_eq!(told(&mut bot).await, "welcome");
    bot
}

async fn say(bot: &InProcessSession, to: Recipient, text: &str) {
    let say = Command::Say {
        to,
        kind: MessageKind::Notice,
        text: text.into(),
        nonce: None,
        data: Default::default(),
        reply_to: None,
    };
    bot.command(say).await.expect("the server runs");
}

async fn next(bot: &mut InProcessSession) -> Option<SessionEvent> {
    timeout(PATIENCE, bot.next()).await.expect("the bot is told in time")
}

/// Describes the next event that a bot receives in a few words.
async fn told(bot: &mut InProcessSession) -> String {
    let Some(told) = next(bot).await else { panic!("the session has ended") };
    let (SessionEvent::Reply { event, .. } | SessionEvent::Event { event, .. }) = &told else {
        panic!("did not expect {told:?}")
    };
    if let Event::Said(message) = event {
        format!("{}: {}", message.sender, message.text)
    } else if let Event::Sent { message, .. } = event {
        format!("sent {}", message.text)
    } else if let Event::Joined { channel, user, .. } = event {
        format!("{user} joined {channel}")
    } else if let Event::Welcomed { .. } = event {
        "welcome".to_owned()
    } else if let Event::Goodbye { .. } = event {
        "goodbye".to_owned()
    } else {
        panic!("did not expect {event:?}")
    }
}
