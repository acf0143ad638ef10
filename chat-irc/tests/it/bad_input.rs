use crate::room::Room;
use chat_core::Text;
use proptest::prelude::*;

#[test]
fn every_bad_line_has_an_answer_and_the_connection_stays() {
    let mut room = Room::new();
    room.join_irc("alice", "");
    let cases: [(&[u8], Option<&str>); 11] = [
        (b"", None),
        (b"   ", None),
        (b":prefix", None),
        (b"@tag", None),
        (b"\xff\xfe", Some(":irc.test FAIL * INVALID_UTF8 :The line is not valid UTF-8")),
        (b"JOIN #\xc3", Some(":irc.test FAIL JOIN INVALID_UTF8 :The line is not valid UTF-8")),
        (b"PING a\0b", Some(":irc.test 400 alice * :A line contains no NUL and no other line")),
        (b"\x01\x02", Some(":irc.test 421 alice __ :Unknown command")),
        (b"NICK", Some(":irc.test 431 alice :No nickname given")),
        (b": :", Some(":irc.test 421 alice * :Unknown command")),
        ("\u{202e}X".as_bytes(), Some(":irc.test 421 alice _X :Unknown command")),
    ];
    for (line, expected) in cases {
        room.send_silently("alice", line);
        let answer = room.take_silently("alice");
        assert_eq!(answer.first().map(String::as_str), expected, "{line:?}");
    }

    let many = format!("JOIN {}", "#a ".repeat(10_000));
    let long = format!("PRIVMSG #a :{}", "x".repeat(500));
    let tags = format!("@{} PING x", "x".repeat(4_095));
    for line in [many, long, tags] {
        room.send_silently("alice", line.as_bytes());
        let answer = room.take_silently("alice");
        assert_eq!(answer, [":irc.test 417 alice :Input line was too long"]);
    }
    room.send_silently("alice", format!("WHO {}", "p ".repeat(200)).as_bytes());
    let answer = room.take_silently("alice");
    assert_eq!(answer.last().map(String::as_str), Some(":irc.test 315 alice p :End of WHO list"));
    assert!(!room.is_closed("alice"));
}

/// A line of IRC, more or less.
fn line() -> impl Strategy<Value = Vec<u8>> {
    let command = prop::sample::select(vec![
        "ADMIN",
        "AUTHENTICATE",
        "AWAY",
        "CAP",
        "INFO",
        "INVITE",
        "ISON",
        "JOIN",
        "KICK",
        "LIST",
        "LUSERS",
        "MODE",
        "MOTD",
        "NAMES",
        "NICK",
        "NOTICE",
        "OPER",
        "PART",
        "PASS",
        "PING",
        "PONG",
        "PRIVMSG",
        "SETNAME",
        "TAGMSG",
        "TIME",
        "TOPIC",
        "USER",
        "USERHOST",
        "VERSION",
        "WHO",
        "WHOIS",
        "WHOWAS",
        "X",
    ]);
    let param = prop_oneof![
        prop::sample::select(vec![
            "#a",
            "#b",
            "#a,#b",
            "alice",
            "bob",
            "alice,bob",
            "*",
            "0",
            "+nt-k",
            "+b",
            "-o",
            "+v",
            "LS",
            "302",
            "REQ",
            "END",
            "PLAIN",
            "+",
            "+kl",
            "b*",
            "%tna,1",
            ":",
            ":hello there",
            "sasl",
            "server-time",
            "message-tags",
            "echo-message",
            "extended-join",
        ])
        .prop_map(str::to_owned),
        "\\PC{0,12}",
    ];
    let sent = (command, prop::collection::vec(param, 0..5))
        .prop_map(|(command, params)| format!("{command} {}", params.join(" ")).into_bytes());
    prop_oneof![8 => sent, 1 => prop::collection::vec(any::<u8>(), 0..40)]
}

/// Returns true if a line that the server sends is one of IRC.
fn is_sound(line: &str) -> bool {
    let (tags, rest) = match line.strip_prefix('@') {
        Some(_) => line.split_once(' ').expect("something follows the tags"),
        None => ("", line),
    };
    // A NICK and AUTHENTICATE of the server itself are short; all other lines have a source.
    let has_source = rest.starts_with(':') || rest.starts_with("PING") || rest.starts_with("ERROR");
    let is_clean = Text::clean(rest).as_str() == rest.replace('\u{1}', "").trim();
    let is_short = rest.len() <= 510 && tags.len() <= 4_096;
    (has_source || rest.starts_with("AUTHENTICATE ")) && is_clean && is_short
}

proptest! {
    #[test]
    fn no_input_causes_a_panic_or_an_unsound_line(
        lines in prop::collection::vec((0_usize..3, line()), 0..60),
    ) {
        let mut room = Room::new();
        room.join_irc("alice", "server-time message-tags echo-message multi-prefix");
        room.join_irc("bob", "");
        room.connect("new");
        let names = ["alice", "bob", "new"];
        for (client, line) in lines {
            room.send_silently(names[client], &line);
            for name in names {
                for line in room.take_silently(name) {
                    prop_assert!(is_sound(&line), "{:?}", line);
                }
            }
        }
    }
}
