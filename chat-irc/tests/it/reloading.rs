use crate::room::{NOW, Room};
use chat_core::{Answer, Config, Engine, OperatorLogin, Peer, Secret, SessionId};
use chat_dialects::{Recorder, Switchboard};
use chat_irc::{IrcDialect, IrcSettings, StrictTransport};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

#[test]
fn server_operator_asks_for_a_reload() {
    let operator_logins = vec![OperatorLogin::new("op", Secret::new("hash"))];
    let config = Config { operator_logins, ..Config::default() };
    let asked = Arc::new(AtomicUsize::new(0));
    let counted = asked.clone();
    let dialect = IrcDialect::new(IrcSettings::new("irc.test"), &config);
    let mut room = Room::with_dialect(
        dialect.on_rehash(move || {
            counted.fetch_add(1, Ordering::Relaxed);
        }),
        config,
    );
    room.join_irc("alice", "");
    room.send("alice", "REHASH");
    assert_eq!(asked.load(Ordering::Relaxed), 0);
    room.send("alice", "OPER op secret");
    room.answer_password(Answer::Password { credentials: None, token: None });
    room.send("alice", "REHASH");
    assert_eq!(asked.load(Ordering::Relaxed), 1);
    insta::assert_snapshot!(room.transcript());
}

/// Returns what a client is sent for these lines.
fn answers(dialect: &IrcDialect, lines: &[&str]) -> Vec<String> {
    let mut switchboard = Switchboard::new(Engine::new(Config::default(), NOW));
    let port = Recorder::default();
    let dialect = Arc::new(dialect.clone());
    switchboard.open(NOW, SessionId(1), Peer::default(), dialect, port.clone());
    for line in lines {
        switchboard.receive_frame(NOW, SessionId(1), line.as_bytes());
    }
    port.take()
}

#[test]
fn settings_of_all_clones_are_replaced() {
    let dialect = IrcDialect::new(IrcSettings::new("irc.test"), &Config::default());
    let clone = dialect.clone().strict_transport(StrictTransport::Port(6_697));
    let register = ["NICK alice", "USER al 0 * :Alice"];
    let last = |lines: &[&str]| answers(&clone, lines).pop().expect("an answer");
    assert_eq!(last(&register), ":irc.test 422 alice :MOTD File is missing");

    let mut settings = IrcSettings::new("irc.test");
    settings.motd = vec!["Tea at five".to_owned()];
    settings.password = Some(Secret::new("tea"));
    dialect.reload(settings);
    assert_eq!(answers(&clone, &register)[0], ":irc.test 464 * :Password incorrect");
    let lines = answers(&clone, &["PASS tea", "NICK alice", "USER al 0 * :Alice"]);
    assert!(lines.iter().any(|line| line == ":irc.test 372 alice :- Tea at five"), "{lines:?}");
}

#[test]
fn policy_of_strict_transport_is_told_and_not_requested() {
    let dialect = IrcDialect::new(IrcSettings::new("irc.test"), &Config::default());
    let policies = [
        (None, None),
        (Some(StrictTransport::Port(6_697)), Some("sts=port=6697")),
        (Some(StrictTransport::Duration(Duration::from_secs(86_400))), Some("sts=duration=86400")),
        (Some(StrictTransport::Duration(Duration::ZERO)), Some("sts=duration=0")),
    ];
    for (policy, value) in policies {
        let dialect = policy.into_iter().fold(dialect.clone(), IrcDialect::strict_transport);
        for (line, expected) in [("CAP LS 302", value), ("CAP LS", None), ("CAP LIST", None)] {
            let answer = answers(&dialect, &[line]).pop().expect("an answer");
            let (_, names) = answer.split_once(" :").expect("names");
            let found = names.split(' ').find(|name| name.starts_with("sts"));
            assert_eq!(found, expected, "{line}");
        }
        let refused = answers(&dialect, &["CAP REQ :sts"]);
        assert_eq!(refused, [":irc.test CAP * NAK :sts"]);
    }
}
