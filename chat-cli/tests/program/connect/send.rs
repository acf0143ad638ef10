//! `chat send`.

use crate::connect::process::{Client, Server, unused_address};

fn done() -> (Option<i32>, String) {
    (Some(0), String::new())
}

#[test]
fn a_message_is_sent_to_a_channel_or_a_user() {
    let server = Server::start();
    let mut alice = Client::start(&server.tcp, "alice", &[]);
    alice.expect(&["connected as alice", "you joined lobby: alice"]);
    alice.say("/join builds");
    alice.expect(&["you joined builds: alice"]);
    for url in [&server.tcp, &server.ws] {
        assert_eq!(Client::send(url, "ci", &["--channel", "builds", "it", "is green"]), done());
        let came = ["* ci joined builds", "[builds] ci: it is green", "* ci left builds"];
        alice.expect(&came);
        // Not a command, whatever it looks like, and each line is a message.
        assert_eq!(Client::send(url, "ci", &["/quit\n\n--", "two\r\n"]), done());
        let came = ["[lobby] ci: /quit", "[lobby] ci: -- two", "* ci left lobby"];
        alice.expect(&["* ci joined lobby"]);
        alice.expect(&came);
        assert_eq!(Client::send(url, "ci", &["--to", "Alice", "--", "-x"]), done());
        alice.expect(&["[ci -> alice]: -x"]);
    }
}

#[test]
fn more_than_the_server_takes_at_once_is_sent_one_after_the_other() {
    let server = Server::start();
    let mut alice = Client::start(&server.tcp, "alice", &[]);
    alice.expect(&["connected as alice", "you joined lobby: alice"]);
    let lines: Vec<String> = (1..=40).map(|number| format!("line {number}")).collect();
    assert_eq!(Client::send(&server.ws, "ci", &[&lines.join("\n")]), done());
    alice.expect(&["* ci joined lobby"]);
    for line in &lines {
        alice.expect(&[&format!("[lobby] ci: {line}")]);
    }
}

#[test]
fn what_was_not_sent_is_said_and_the_exit_code_says_whether_to_try_again() {
    let server = Server::start();
    let mut owner = Client::start(&server.tcp, "owner", &["--channel", "club"]);
    owner.expect(&["connected as owner", "you joined club: owner"]);
    owner.say("/modes +invite_only");
    owner.expect(&["you set the modes of club"]);
    let refused = |why: &str| (Some(2), format!("chat: {why}\n"));
    for url in [&server.tcp, &server.ws] {
        let send = |arguments: &[&str]| Client::send(url, "ci", arguments);
        assert_eq!(send(&["-c", "club", "hi"]), refused("#club is by invitation only"));
        assert_eq!(send(&["--to", "nobody", "hi"]), refused("there is no user 'nobody'"));
        let too_long =
            "the message is too long: it has 5000 bytes, and the server takes at most 4096";
        assert_eq!(send(&[&"x".repeat(5_000)]), refused(too_long));
        let (code, why) = Client::send(url, "owner", &["hi"]);
        assert_eq!((code, why.as_str()), (Some(1), "chat: nickname 'owner' is already in use\n"));
        let (code, why) = send(&[" \n\u{200b}"]);
        assert_eq!((code, why.as_str()), (Some(1), "chat: there is nothing to say in this text\n"));
    }
    let (_socket, address) = unused_address();
    let (code, why) = Client::send(&format!("tcp://{address}"), "ci", &["hi"]);
    assert_eq!(code, Some(1));
    assert!(why.starts_with(&format!("chat: cannot connect to {address}: ")), "{why}");
    let (code, why) = Client::send(&server.tcp, "ci", &[]);
    assert_eq!(code, Some(2));
    assert!(why.contains("<TEXT>"), "{why}");
}
