use crate::room::Room;

const ALL: &str = "batch labeled-response echo-message message-tags server-time draft/multiline";

/// Clients in `#a`: two that know messages of several lines, one that does not, and one of JSON.
fn room() -> Room {
    let mut room = Room::new();
    room.join_irc("alice", ALL);
    room.join_irc("bob", "batch draft/multiline");
    room.join_irc("plain", "message-tags");
    room.join_json("jay");
    room.gather(&["alice", "bob", "plain"], &["jay"]);
    room
}

#[test]
fn batch_is_one_message() {
    let mut room = room();
    for line in [
        "@label=x;+draft/reply=1-1 BATCH +1 draft/multiline #a",
        "@batch=1 PRIVMSG #a hello",
        "@batch=1 PRIVMSG #a :",
        "@batch=1 PRIVMSG #A :how is ",
        "@batch=1;draft/multiline-concat;label=y PRIVMSG #a :everyone?",
        "BATCH -1",
        "BATCH +2 draft/multiline bob",
        "@batch=2 NOTICE bob :one line",
        "BATCH -2",
        "CHATHISTORY LATEST #a * 1",
    ] {
        room.send("alice", line);
    }
    let long = format!("{} {}", "x".repeat(300), "y".repeat(300));
    room.send("jay", &format!(r#"{{"type":"chat","channel":"a","text":"{long}"}}"#));
    insta::assert_snapshot!(room.transcript());
}

#[test]
fn batch_that_breaks_a_rule_is_refused_once() {
    let mut room = room();
    for line in [
        "BATCH",
        "BATCH 1",
        "BATCH +1",
        "BATCH +1 netsplit a b",
        "BATCH -1",
        "@batch=1 PRIVMSG #a :no batch",
        "@label=x BATCH +1 draft/multiline #a",
        "@batch=1;draft/multiline-concat PRIVMSG #a :",
        "@batch=1 PRIVMSG #a :skipped",
        "BATCH -1",
        "@label=y BATCH +2 draft/multiline #a",
        "@batch=2 PRIVMSG #b :another recipient",
        "BATCH -2",
        "BATCH +3 draft/multiline #a",
        "@batch=4 PRIVMSG #a :another batch",
        "BATCH -3",
        "@label=z BATCH +5 draft/multiline #a",
        "BATCH +6 draft/multiline #a",
        "BATCH +7 draft/multiline #a",
        "@label=w BATCH -7",
        "PING x",
    ] {
        room.send("alice", line);
    }
    room.send("alice", "BATCH +8 draft/multiline #a");
    for _ in 0..65 {
        room.send_silently("alice", b"@batch=8 PRIVMSG #a :x");
    }
    room.send("alice", "BATCH -8");
    room.send("alice", "BATCH +9 draft/multiline #a");
    for _ in 0..11 {
        let line = format!("@batch=9 PRIVMSG #a :{}", "x".repeat(400));
        room.send_silently("alice", line.as_bytes());
    }
    room.send("alice", "BATCH -9");
    insta::assert_snapshot!(room.transcript());
}
