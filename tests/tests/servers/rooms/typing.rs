//! Lines as people type them.

use super::{Room, server_at_14_03_22};
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
