use crate::room::Room;

#[test]
fn messages_pass_between_dialects() {
    let mut room = Room::new();
    room.join_irc("alice", "");
    room.join_irc("bob", "");
    room.join_text("tina");
    room.join_json("jay");
    for name in ["alice", "bob"] {
        room.send_silently(name, b"JOIN #lobby");
    }
    for name in ["alice", "bob", "tina", "jay"] {
        room.take_silently(name);
    }
    for (name, line) in [
        ("alice", "PRIVMSG #lobby :hello, all"),
        ("alice", "PRIVMSG #lobby :\u{1}ACTION waves\u{1}"),
        ("alice", "NOTICE #lobby :listen"),
        ("tina", "/me waves back"),
        ("tina", "hi"),
        ("jay", r#"{"type":"chat","channel":"lobby","text":"if:\n\tgo()\n\nend"}"#),
        ("jay", r#"{"type":"chat","to":"bob","text":"psst"}"#),
        ("bob", "PRIVMSG jay,nobody :yes?"),
        ("bob", "NOTICE nobody :ignored"),
        ("bob", "PRIVMSG"),
        ("bob", "PRIVMSG jay"),
        ("bob", "PRIVMSG jay :"),
        ("bob", "PRIVMSG #nowhere :x"),
        ("bob", "NOTICE"),
        ("bob", "PRIVMSG jay :\u{1}VERSION\u{1}"),
        ("bob", "PRIVMSG a,b,c,d,e :x"),
        ("jay", r#"{"type":"quit","reason":"done"}"#),
    ] {
        room.send(name, line);
    }
    insta::assert_snapshot!(room.transcript());
}

#[test]
fn long_messages_are_split_and_no_line_is_too_long() {
    let mut room = Room::new();
    room.join_irc("alice", "server-time message-tags");
    room.send_silently("alice", b"JOIN #lobby");
    room.join_json("jay");
    room.take_silently("alice");
    let text = "Grüße an alle, die das hier lesen. ".repeat(40);
    let say = format!(r#"{{"type":"chat","channel":"lobby","text":"{text}"}}"#);
    room.send_silently("jay", say.as_bytes());
    let lines = room.take_silently("alice");
    let mut joined = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let (tags, line) = line.split_once(' ').expect("tags");
        assert_eq!(tags.contains("msgid="), index == 0, "{tags}");
        assert!(line.len() <= 510, "{} bytes", line.len());
        assert!(line.len() > 480 || index == lines.len() - 1, "{} bytes", line.len());
        joined.push(line.split_once(" :").expect("a text").1);
    }
    assert_eq!(joined.join(" "), text.trim());
}

#[test]
fn people_who_are_away_say_so() {
    let mut room = Room::new();
    room.join_irc("alice", "");
    room.join_irc("bob", "");
    room.send("bob", "AWAY :lunch");
    room.send("alice", "PRIVMSG bob :there?");
    room.send("alice", "NOTICE bob :there?");
    room.send("bob", "AWAY");
    insta::assert_snapshot!(room.transcript());
}

#[test]
fn message_that_would_be_too_long_for_its_recipients_is_refused() {
    let mut room = Room::new();
    room.join_irc("alice", "");
    room.join_irc("bob", "");
    let before = ":alice!alice@h PRIVMSG bob :";
    let longest = "x".repeat(510 - before.len());
    room.send_silently("alice", format!("PRIVMSG bob :{longest}").as_bytes());
    assert!(room.take_silently("alice").is_empty());
    assert_eq!(room.take_silently("bob"), [format!("{before}{longest}")]);
    room.send_silently("alice", format!("PRIVMSG bob :{longest}x").as_bytes());
    let refusal = ":irc.test 417 alice :The message would be too long for its recipients";
    assert_eq!(room.take_silently("alice"), [refusal]);
    assert!(room.take_silently("bob").is_empty());
}

#[test]
fn client_can_be_away_before_it_has_a_nickname() {
    let mut room = Room::new();
    room.join_irc("bob", "");
    room.connect("alice");
    for line in [
        "AWAY :too early",
        "CAP REQ :draft/pre-away",
        "AWAY",
        "AWAY :asleep",
        "NICK alice",
        "USER alice 0 * :Alice",
        "CAP END",
    ] {
        room.send("alice", line);
    }
    room.send("bob", "PRIVMSG alice :hi");
    room.send("alice", "AWAY *");
    room.send("bob", "PRIVMSG alice :hi");
    insta::assert_snapshot!(room.transcript());
}

#[test]
fn message_to_a_role_reaches_members_with_that_role() {
    let mut room = Room::new();
    room.join_irc("alice", "message-tags");
    room.join_irc("bob", "echo-message message-tags");
    room.join_irc("carol", "");
    room.join_text("tina");
    room.join_json("jay");
    for name in ["alice", "bob", "carol"] {
        room.send_silently(name, b"JOIN #a");
    }
    room.send_silently("tina", b"/join a");
    room.send_silently("jay", br#"{"type":"join","channel":"a"}"#);
    room.send_silently("alice", b"MODE #a +vo tina jay");
    for name in ["alice", "bob", "carol", "tina", "jay"] {
        room.take_silently(name);
    }
    for (name, line) in [
        ("bob", "PRIVMSG @#a :operators?"),
        ("bob", "NOTICE +#a,~#a :hm"),
        ("bob", "@+typing=active TAGMSG @#a"),
        ("tina", "/msg @#a we are here"),
        ("tina", "/msg +#a all of us"),
        ("jay", r#"{"type":"chat","channel":"a","role":"voiced","text":"hi"}"#),
        ("jay", r#"{"type":"chat","role":"voiced","text":"hi"}"#),
        ("jay", r#"{"type":"chat","channel":"a","role":"king","text":"hi"}"#),
        ("jay", r#"{"type":"history","channel":"a"}"#),
        ("bob", "PRIVMSG @#nowhere :hi"),
        ("bob", "PRIVMSG @a :hi"),
    ] {
        room.send(name, line);
    }
    insta::assert_snapshot!(room.transcript());
}
