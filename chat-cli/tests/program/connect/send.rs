//! Tests of `chat send`.

use crate::connect::cutting_proxy::{Cut, CuttingProxy};
use crate::connect::fake::FakeServer;
use crate::connect::process::{Client, Server, unused_address};
use crate::folder::folder;
use std::fs;

fn done() -> (Option<i32>, String) {
    (Some(0), String::new())
}

#[test]
fn message_is_sent_to_a_channel_or_a_user() {
    let server = Server::start();
    let mut alice = Client::in_lobby(&server.tcp, "alice", "alice");
    alice.say("/join builds");
    alice.expect(&["you joined builds: alice"]);
    for url in [&server.tcp, &server.ws] {
        assert_eq!(Client::send(url, "ci", &["--channel", "builds", "it", "is green"]), done());
        alice.expect(&["* ci joined builds", "[builds] ci: it is green", "* ci left builds"]);
        // The text is never a command, and several lines are one message.
        assert_eq!(Client::send(url, "ci", &["/quit\n\n  --", "two\r\n"]), done());
        alice.expect(&["* ci joined lobby"]);
        alice.expect(&["[lobby] ci: /quit", "[lobby] ci: ", "[lobby] ci:   -- two"]);
        alice.expect(&["* ci left lobby"]);
        assert_eq!(Client::send(url, "ci", &["--to", "Alice", "--", "-x"]), done());
        alice.expect(&["[ci -> alice]: -x"]);
    }
}

#[test]
fn text_is_read_from_standard_input() {
    let server = Server::start();
    let mut alice = Client::start(&server.tcp, "alice", &["--json"]);
    let mut printed = |kind: &str| {
        let kind = format!(r#"{{"type":"{kind}""#);
        (0..9).map(|_| alice.line()).find(|line| line.starts_with(&kind)).expect("the line")
    };
    printed("roster");
    let arguments = ["send", &server.ws, "--nickname", "ci", "-"];
    let mut sender = Client::start_as("ci", &arguments, "");
    sender.write(b"\xef\xbb\xbf\n  build:\n\tgreen\n\n");
    sender.end_of_input();
    sender.ends_well();
    let said = printed("chat");
    assert!(said.contains(r#""text":"  build:\n\tgreen""#), "{said}");
}

#[test]
fn request_beyond_the_rate_limit_is_sent_later() {
    let config = folder("send").join("chat.toml");
    fs::write(&config, "[limits]\ncommand_burst = 1\ncommands_per_second = 10\n").expect("a file");
    let server = Server::start_configured(&config);
    // To take a name, to join and to send are three commands.
    assert_eq!(Client::send(&server.ws, "ci", &["-c", "builds", "green"]), done());
}

#[test]
fn message_is_delivered_once_when_the_connection_is_lost() {
    let server = Server::start();
    let mut alice = Client::in_lobby(&server.tcp, "alice", "alice");
    let cuts = [Cut::Acknowledgement, Cut::Message, Cut::Acknowledgement];
    let proxy = CuttingProxy::start(&server.tcp, &cuts);
    assert_eq!(Client::send(&proxy.url, "ci", &["one\ntwo\nthree"]), done());
    cuts.into_iter().for_each(|cut| proxy.has_cut(cut));
    alice.expect(&["* ci joined lobby"]);
    alice.expect(&["[lobby] ci: one", "[lobby] ci: two", "[lobby] ci: three", "* ci left lobby"]);
    let proxy = CuttingProxy::start(&server.tcp, &[Cut::Acknowledgement]);
    assert_eq!(Client::send(&proxy.url, "ci", &["--to", "alice", "psst"]), done());
    proxy.has_cut(Cut::Acknowledgement);
    assert_eq!(Client::send(&server.tcp, "ci", &["--to", "alice", "over"]), done());
    alice.expect(&["[ci -> alice]: psst", "[ci -> alice]: over"]);
}

#[test]
fn message_is_not_sent_again_as_another_user() {
    let server = FakeServer::lines_again(2, |number, mut peer| {
        peer.welcome();
        if number == 0 {
            assert_eq!(peer.receive()["nonce"].as_str().map(str::len), Some(34));
        } else {
            peer.wait_for_the_end();
        }
    });
    let address = server.url.replace("tcp+json://", "");
    let (code, why) = Client::send(&server.url, "ci", &["hi"]);
    let lost = format!("chat: lost the connection to {address}: ");
    assert!(code == Some(1) && why.starts_with(&lost), "{code:?}: {why}");
    server.ends_well();
}

#[test]
fn failure_is_reported_and_the_exit_code_tells_whether_to_retry() {
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
            "the message is too long: it has 5000 bytes, and the server accepts at most 4096";
        assert_eq!(send(&[&"x".repeat(5_000)]), refused(too_long));
        let too_long =
            "the message is too long: it has 65 lines, and the server accepts at most 64";
        assert_eq!(send(&[&"x\n".repeat(65)]), refused(too_long));
        let (code, why) = Client::send(url, "owner", &["hi"]);
        assert_eq!((code, why.as_str()), (Some(1), "chat: nickname 'owner' is already in use\n"));
        let (code, why) = send(&[" \n\u{200b}"]);
        assert_eq!((code, why.as_str()), (Some(1), "chat: the text contains no message\n"));
    }
    let (_socket, address) = unused_address();
    let (code, why) = Client::send(&format!("tcp://{address}"), "ci", &["hi"]);
    assert_eq!(code, Some(1));
    assert!(why.starts_with(&format!("chat: cannot connect to {address}: ")), "{why}");
    let (code, why) = Client::send(&server.tcp, "ci", &[]);
    assert_eq!(code, Some(2));
    assert!(why.contains("<TEXT>"), "{why}");
}
