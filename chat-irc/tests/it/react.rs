//! Reactions (IRCv3 client tags `+draft/react` and `+draft/unreact`).

use crate::room::Room;

const TAGS: &str = "message-tags batch labeled-response";

fn room() -> Room {
    let mut room = Room::new();
    room.join_irc("alice", &format!("{TAGS} echo-message draft/chathistory"));
    room.join_irc("bob", "");
    room.join_irc("cid", TAGS);
    room.gather_with_others(&["alice", "bob", "cid"]);
    room
}

#[test]
fn reactions_reach_all_who_know_them() {
    let mut room = room();
    room.send("bob", "PRIVMSG #a :tea is ready");
    room.send("alice", "@+draft/react=\u{1f44d};+draft/reply=19b76daf620-1 TAGMSG #a");
    room.send("cid", "@label=1;+draft/react=\u{1f389};+draft/reply=19b76daf620-1 TAGMSG #A");
    room.send("jay", "{\"type\":\"react\",\"id\":1,\"emoji\":\"\u{1f44d}\",\"ref\":\"r\"}");
    room.send("alice", "@+draft/unreact=\u{1f44d};+draft/reply=19b76daf620-1 TAGMSG #a");
    room.send("jay", r#"{"type":"history","channel":"a"}"#);
    room.send("terry", "/history");
    room.send("alice", "CHATHISTORY LATEST #a * 10");
    // A reaction that is there already has no effect.
    room.send("cid", "@label=2;+draft/react=\u{1f389};+draft/reply=19b76daf620-1 TAGMSG #a");
    insta::assert_snapshot!(room.transcript());
}

#[test]
fn reactions_that_are_not_possible_are_relayed_or_refused() {
    let mut room = room();
    room.send("bob", "PRIVMSG #a :tea is ready");
    for tags in [
        "+draft/react=x;+draft/reply=19b76daf620-99",
        "+draft/react=x;+draft/reply=abc",
        "+draft/react=x",
        "+draft/react=x;+draft/unreact=x;+draft/reply=19b76daf620-1",
    ] {
        room.send("alice", &format!("@label=1;{tags} TAGMSG #a"));
    }
    room.send("alice", "@label=2;+draft/react=a\\sb;+draft/reply=19b76daf620-1 TAGMSG #a");
    room.send("alice", "@label=3;+draft/react=x;+draft/reply=19b76daf620-1 TAGMSG #nowhere");
    // Private messages between guests are kept nowhere.
    room.send("bob", "PRIVMSG alice :psst");
    room.send("alice", "@+draft/react=x;+draft/reply=19b76daf620-2 TAGMSG bob");
    insta::assert_snapshot!(room.transcript());
}
