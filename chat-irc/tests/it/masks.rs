use crate::room::Room;

#[test]
fn masks_of_all_lists_are_set_shown_and_removed() {
    let mut room = Room::new();
    room.join_irc("alice", "");
    room.join_irc("bob", "");
    room.join_text("tina");
    room.join_json("jay");
    for (name, line) in [
        ("alice", "JOIN #a"),
        ("bob", "JOIN #a"),
        ("tina", "/join a"),
        ("alice", "MODE #a +b *!bob@h"),
        ("alice", "MODE #a +b *!BOB@H"),
        ("alice", "MODE #a +beI a* *@hidden friend"),
        ("alice", "MODE #a +b ~m:b?b"),
        ("alice", "MODE #a +b ~account:al"),
        ("bob", "PRIVMSG #a :muted"),
        ("alice", "MODE #a +e ~m:*!bob@*"),
        ("bob", "PRIVMSG #a :exempt"),
        ("bob", "MODE #a e"),
        ("alice", "MODE #a -e+v ~m:*!bob@* bob"),
        ("bob", "PRIVMSG #a :voiced"),
        ("alice", "MODE #a -v bob"),
        ("bob", "MODE #a b"),
        ("bob", "MODE #a +eI"),
        ("alice", "MODE #a -bb *!bob@h ~m:B?B!*@*"),
        ("alice", "MODE #a -b *!bob@h"),
        ("alice", "MODE #a -I friend!*@*"),
        ("alice", "MODE #a I"),
        ("bob", "PRIVMSG #a :not muted"),
        ("bob", "MODE #a +b *!*@*"),
        ("alice", "MODE #a +bbI a!b!c ~x:bob ~m:bob"),
        ("alice", "MODE #a +o tina"),
        ("tina", "/mute *!bob@*"),
        ("tina", "/ban *@evil.example spam"),
        ("tina", "/invite *@friends.example"),
        ("tina", "/uninvite *@friends.example"),
        ("tina", "/bans"),
        ("jay", r#"{"type":"join","channel":"a"}"#),
        ("jay", r#"{"type":"ban","channel":"a","mask":"*!x@*"}"#),
        ("jay", r#"{"type":"bans","channel":"a"}"#),
    ] {
        room.send(name, line);
    }
    insta::assert_snapshot!(room.transcript());
}
