use crate::room::{Room, right_password};

/// The capabilities of a client that reads metadata.
const METADATA: &str = "draft/metadata-3 batch";

#[test]
fn metadata_of_users_is_set_and_read() {
    let mut room = Room::new();
    room.join_irc("alice", METADATA);
    room.join_irc("bob", METADATA);
    let long = format!("METADATA * SET status :{}", "x".repeat(301));
    for (name, line) in [
        ("alice", "METADATA * LIST"),
        ("alice", "METADATA * SET status :in a meeting"),
        ("alice", "METADATA ALICE SET avatar https://example.org/a.png"),
        ("bob", "METADATA alice GET status color Color"),
        ("bob", "METADATA alice LIST"),
        ("bob", "WHOIS alice"),
        ("bob", "METADATA alice SET status :hacked"),
        ("bob", "METADATA alice CLEAR"),
        ("bob", "METADATA nobody LIST"),
        ("bob", "METADATA a!b LIST"),
        ("alice", "METADATA * SET rank :gold"),
        ("alice", "METADATA * SET a:b :1"),
        ("alice", "METADATA * SET"),
        ("alice", "METADATA *"),
        ("alice", "METADATA * FROB"),
        ("alice", &long),
        ("alice", "METADATA * SET avatar"),
        ("alice", "METADATA * CLEAR"),
        ("alice", "METADATA * LIST"),
    ] {
        room.send(name, line);
    }
    insta::assert_snapshot!(room.transcript());
}

#[test]
fn metadata_of_channels_is_set_by_operators() {
    let mut room = Room::new();
    room.join_irc("alice", METADATA);
    room.join_irc("bob", METADATA);
    for (name, line) in [
        ("alice", "JOIN #a"),
        ("alice", "METADATA #a SET url :https://example.org"),
        ("bob", "METADATA #a LIST"),
        ("bob", "JOIN #a"),
        ("bob", "METADATA #a LIST"),
        ("bob", "METADATA #a SET url"),
        ("bob", "METADATA #a CLEAR"),
        ("alice", "METADATA #a CLEAR"),
        ("alice", "METADATA #a CLEAR"),
        ("alice", "METADATA #nowhere CLEAR"),
    ] {
        room.send(name, line);
    }
    insta::assert_snapshot!(room.transcript());
}

#[test]
fn clients_are_told_of_the_keys_that_they_have_subscribed_to() {
    let mut room = Room::new();
    room.join_irc("alice", METADATA);
    room.join_irc("bob", METADATA);
    room.join_json("carol");
    let many: Vec<String> = (0..20).map(|index| format!("key{index}")).collect();
    let many = format!("METADATA * SUB {}", many.join(" "));
    for (name, line) in [
        ("alice", "JOIN #a"),
        ("alice", "METADATA * SET status :busy"),
        ("alice", "METADATA #a SET url :https://example.org"),
        ("bob", "METADATA * SUB status url A:B"),
        ("bob", "METADATA * SUBS"),
        ("bob", "JOIN #a"),
        ("bob", "METADATA #a SYNC"),
        ("bob", "METADATA alice SYNC"),
        ("alice", "METADATA * SET status :free"),
        ("alice", "METADATA * SET color :#00ff00"),
        ("alice", "METADATA * SET status"),
        ("alice", "METADATA #a SET url"),
        ("carol", r#"{"type":"set_data","data":{"status":"here"}}"#),
        ("carol", r#"{"type":"join","channel":"a"}"#),
        ("carol", r#"{"type":"set_data","data":{"status":null,"avatar":"x"}}"#),
        ("carol", r#"{"type":"set_data","channel":"a","data":{"url":"x"}}"#),
        ("bob", "METADATA * UNSUB url status B:A"),
        ("bob", "METADATA * SUBS"),
        ("bob", &many),
        ("bob", "METADATA * SUB one"),
    ] {
        room.send(name, line);
    }
    insta::assert_snapshot!(room.transcript());
}

#[test]
fn metadata_is_set_before_there_is_a_nickname() {
    let mut room = Room::with_accounts();
    room.connect("alice");
    for line in [
        "METADATA * SET status :busy",
        "CAP LS 302",
        "CAP REQ :draft/metadata-3 batch",
        "METADATA * SET status :busy",
        "METADATA * SET status :away",
        "METADATA * SET color :red",
        "METADATA * SET color",
        "METADATA * SET a:b x",
        "METADATA * SET",
        "METADATA * LIST",
        "NICK alice",
        "USER alice 0 * :Alice",
        "CAP END",
        "REGISTER * * s3cret",
    ] {
        room.send("alice", line);
    }
    room.answer_password(right_password());
    room.send("alice", "QUIT");
    insta::assert_snapshot!(room.transcript());
}
