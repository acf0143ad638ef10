use crate::room::Room;

#[test]
fn users_are_looked_up() {
    let mut room = Room::new();
    room.join_irc("alice", "");
    room.join_irc("bob", "");
    room.join_text("tina");
    for (name, line) in [
        ("alice", "JOIN #a"),
        ("bob", "AWAY :out"),
        ("bob", "MODE bob +B"),
        ("bob", "JOIN #a"),
        ("alice", "WHO #a"),
        ("alice", "WHO bob"),
        ("alice", "WHO b*"),
        ("alice", "WHO nobody"),
        ("alice", "WHO #a %tcuihsnfdlaor,42"),
        ("alice", "WHO bob %na"),
        ("alice", "WHOIS bob"),
        ("alice", "WHOIS irc.test tina"),
        ("alice", "WHOIS nobody"),
        ("alice", "WHOIS"),
        ("alice", "ISON bob nobody :tina alice"),
        ("alice", "USERHOST bob tina nobody"),
        ("alice", "ISON"),
        ("bob", "QUIT :gone"),
        ("alice", "WHOWAS bob"),
        ("alice", "WHOWAS nobody"),
        ("alice", "WHOWAS"),
    ] {
        room.send(name, line);
    }
    insta::assert_snapshot!(room.transcript());
}

#[test]
fn server_answers_questions_about_itself() {
    let mut room = Room::new();
    room.join_irc("alice", "");
    for line in ["MOTD", "VERSION", "TIME", "ADMIN", "INFO", "OPER", "OPER a b", "FLY me"] {
        room.send("alice", line);
    }
    insta::assert_snapshot!(room.transcript());
}
