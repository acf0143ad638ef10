use crate::room::{Room, right_password};
use chat_core::{Answer, PasswordRefusal, Secret};

/// Returns a room in which the JSON client `jay` has registered an account of its name.
fn room() -> Room {
    let mut room = Room::with_accounts();
    room.register("jay", "jay");
    room
}

#[test]
fn client_logs_in_with_sasl() {
    let mut room = room();
    room.connect("irc");
    for line in [
        "CAP LS 302",
        "CAP REQ :sasl",
        "NICK other",
        "USER u 0 * :real",
        "AUTHENTICATE SCRAM-SHA-256",
        "AUTHENTICATE PLAIN",
        "AUTHENTICATE *",
        "AUTHENTICATE PLAIN",
        "AUTHENTICATE bm9uc2Vuc2U=",
        "AUTHENTICATE PLAIN",
        // "\0jay\0wrong"
        "AUTHENTICATE AGpheQB3cm9uZw==",
    ] {
        room.send("irc", line);
    }
    room.answer_password(Answer::PasswordRefused(PasswordRefusal::Wrong));
    room.send("irc", "AUTHENTICATE PLAIN");
    // "\0jay\0correct horse"
    room.send("irc", "AUTHENTICATE AGpheQBjb3JyZWN0IGhvcnNl");
    // This line waits for the answer of the host.
    room.send("irc", "CAP END");
    room.answer_password(right_password());
    room.send("irc", "WHOIS jay");
    room.send("irc", "AUTHENTICATE PLAIN");
    insta::assert_snapshot!(room.transcript());
}

/// Answers an exchange with a challenge.
fn challenge(room: &mut Room, message: &str) {
    room.answer_password(Answer::Challenge { message: Secret::new(message) });
}

#[test]
fn client_logs_in_with_scram() {
    let mut room = Room::with_scram();
    room.register("jay", "jay");
    room.connect("irc");
    // "n,,n=jay,r=x"
    let first = "AUTHENTICATE biwsbj1qYXkscj14";
    for line in ["CAP LS 302", "CAP REQ :sasl", "NICK other", "USER u 0 * :real"] {
        room.send("irc", line);
    }
    // A wrong proof ends the exchange.
    room.send("irc", "AUTHENTICATE SCRAM-SHA-256");
    room.send("irc", first);
    challenge(&mut room, "r=xy,s=c2FsdA==,i=4096");
    room.send("irc", "AUTHENTICATE Yz1iaXdzLHI9eHkscD13cm9uZw==");
    room.answer_password(Answer::PasswordRefused(PasswordRefusal::Wrong));
    room.send("irc", "AUTHENTICATE +");
    // So does a message that names no account, and the client itself.
    room.send("irc", "AUTHENTICATE scram-sha-256");
    room.send("irc", "AUTHENTICATE bm9uc2Vuc2U=");
    room.send("irc", "AUTHENTICATE SCRAM-SHA-256");
    room.send("irc", first);
    challenge(&mut room, "r=xy,s=c2FsdA==,i=4096");
    room.send("irc", "AUTHENTICATE *");
    // The right one needs three messages of the client.
    room.send("irc", "AUTHENTICATE SCRAM-SHA-256");
    room.send("irc", first);
    // This line waits for the answer of the host.
    room.send("irc", "PING 1");
    challenge(&mut room, &format!("r=xy,s=c2FsdA==,i=4096,x={}", "y".repeat(275)));
    room.send("irc", "AUTHENTICATE Yz1iaXdzLHI9eHkscD1yaWdodA==");
    challenge(&mut room, "v=c2lnbmF0dXJl");
    room.send("irc", "AUTHENTICATE +");
    room.answer_password(right_password());
    insta::assert_snapshot!(room.transcript());
}

#[test]
fn guest_becomes_the_user_of_an_account() {
    let mut room = room();
    room.join_irc("other", "sasl");
    room.join_irc("alone", "sasl account-notify");
    room.send("other", "JOIN #a");
    room.send("alone", "JOIN #a");
    room.send("jay", r#"{"type":"join","channel":"b"}"#);
    room.send("other", "AUTHENTICATE PLAIN");
    room.send("other", "AUTHENTICATE AGpheQBjb3JyZWN0IGhvcnNl");
    room.answer_password(right_password());
    room.send("other", "AUTHENTICATE PLAIN");
    room.send("other", "PRIVMSG #b :here I am");
    room.send("jay", r#"{"type":"quit"}"#);
    room.send("other", "QUIT");
    room.send("alone", "AUTHENTICATE PLAIN");
    room.send("alone", "AUTHENTICATE AGpheQBjb3JyZWN0IGhvcnNl");
    room.answer_password(right_password());
    room.send("alone", "WHOIS alone");
    insta::assert_snapshot!(room.transcript());
}

#[test]
fn client_logs_in_with_pass() {
    let mut room = room();
    room.connect("irc");
    for line in ["PASS jay:correct horse", "NICK jay", "USER u 0 * :real", "JOIN #lobby"] {
        room.send("irc", line);
    }
    room.answer_password(right_password());
    insta::assert_snapshot!(room.transcript());
}

#[test]
fn password_that_is_too_long_is_refused() {
    let mut room = room();
    room.connect("irc");
    room.send("irc", "AUTHENTICATE PLAIN");
    room.send("irc", &format!("AUTHENTICATE {}", "A".repeat(401)));
    room.send("irc", "AUTHENTICATE PLAIN");
    for _ in 0..10 {
        room.send("irc", &format!("AUTHENTICATE {}", "A".repeat(400)));
    }
    room.send("irc", "AUTHENTICATE +");
    room.send("irc", "AUTHENTICATE PLAIN");
    for _ in 0..11 {
        room.send_silently("irc", format!("AUTHENTICATE {}", "A".repeat(400)).as_bytes());
    }
    let answers = room.take_silently("irc");
    assert_eq!(answers, [":irc.test 904 * :SASL authentication failed: too long"]);
}
