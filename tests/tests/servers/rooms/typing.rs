//! Lines as people type them.

use super::{Room, server_at_14_03_22};

#[tokio::test]
async fn double_slash_sends_a_message_with_a_slash() {
    let (server, _) = server_at_14_03_22();
    let mut room = Room::gather(&server).await;
    room.nc.send("//quit is how to leave").await;
    room.star.expect(["14:03:22 [user1] /quit is how to leave"]).await;
    room.nc.send("/dance").await;
    room.nc.expect(["Unknown command. Type /help for available commands."]).await;
}

#[tokio::test]
async fn line_may_end_with_carriage_return_and_line_feed() {
    let (server, _) = server_at_14_03_22();
    let mut room = Room::gather(&server).await;
    room.nc.send_bytes(b"one line\r\nanother\r\n\r\n \t \r\nthe last\n").await;
    for line in ["one line", "another", "the last"] {
        room.plain.expect([format!("user1: {line}")]).await;
    }
}
