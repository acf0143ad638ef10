//! The program's messages about certificates, and reloading them.

use super::process::{Program, expect_refusal, log_has};
use crate::folder::{folder, path};
use chat_tests::{Authority, Client, Issued};
use std::fs;

#[tokio::test]
async fn sighup_reloads_the_certificate_and_keeps_connections() {
    let (first, second) = (Authority::new("First"), Authority::new("Second"));
    let folder = folder("sighup");
    let (cert, key) = first.issue().write(&folder);
    let files = ["--tls-cert", path(&cert), "--tls-key", path(&key)];
    let urls = ["tcps+text://127.0.0.1:0", "wss://127.0.0.1:0", "tcp+text://127.0.0.1:0"];
    let (mut program, mut log) = Program::serve_logged(&urls, &files).await;
    let [text, web, plain] = program.addresses("tcps+text wss tcp+text");
    log_has(&mut log, "the certificate for TLS is valid expires=4000-01-01T00:00:00Z").await;
    let mut old = Client::over("old", first.connect(text).await.expect("a handshake"));
    old.expect(["* user1 joined the chat"]).await;

    second.issue_for(&["localhost"], 2000..3500).write(&folder);
    program.signal("HUP").await;
    let said = "SIGHUP: new connections use the new certificate";
    log_has(&mut log, &format!("{said} expires=3500-01-01T00:00:00Z")).await;
    first.connect(web).await.expect_err("it is another certificate now");
    let mut new = Client::over("new", second.connect(text).await.expect("a handshake"));
    new.expect(["* user2 joined the chat", "* user1 joined the chat"]).await;
    old.expect(["* user2 joined the chat"]).await;

    // An unusable certificate changes nothing.
    Issued { key: first.issue().key, ..second.issue() }.write(&folder);
    program.signal("HUP").await;
    log_has(&mut log, "SIGHUP: the old certificate stays in use error=the key in ").await;
    second.issue_for(&["localhost"], 2000..2001).write(&folder);
    program.signal("HUP").await;
    log_has(&mut log, "expired on 2001-01-01T00:00:00Z; it has to be renewed").await;
    second.connect(web).await.expect("a handshake");
    let mut nc = Client::tcp("nc", plain).await;
    nc.expect(["* user3 joined the chat"]).await;
    old.expect(["* user3 joined the chat"]).await;
    old.send("still here").await;
    new.expect(["* user3 joined the chat", "[user1]: still here"]).await;

    program.signal("TERM").await;
    old.expect(["Server shutting down. Goodbye!"]).await;
    old.expect_closed().await;
    let (status, rest) = program.end().await;
    assert_eq!(status.code(), Some(0));
    let hint = format!("connect with: openssl s_client -quiet -connect {text}");
    assert_eq!(rest[0], hint);
    assert!(rest[1].starts_with(&format!("connect with: https://{web}/ in a browser")), "{rest:?}");
}

#[tokio::test]
async fn hints_omit_urls_that_the_certificate_does_not_cover() {
    let issued = Authority::new("Test").issue_for(&["chat.example.org"], 2000..4000);
    let (cert, key) = issued.write(&folder("other_host"));
    let files = ["--tls-cert", path(&cert), "--tls-key", path(&key)];
    let urls = ["tcps://127.0.0.1:0", "tcps+json://127.0.0.1:0", "wss://127.0.0.1:0"];
    let (mut program, _log) = Program::serve_logged(&urls, &files).await;
    let [lines, _, _] = program.addresses("tcps tcps+json wss");
    program.signal("TERM").await;
    let (_, rest) = program.end().await;
    assert_eq!(rest, [format!("connect with: openssl s_client -quiet -connect {lines}")]);
}

#[tokio::test]
async fn sighup_without_tls_changes_nothing() {
    let (mut program, mut log) = Program::serve_logged(&["tcp+text://127.0.0.1:0"], &[]).await;
    let [address] = program.addresses("tcp+text");
    program.signal("HUP").await;
    log_has(&mut log, "SIGHUP: there is no certificate, no token key and no file to reload").await;
    let mut nc = Client::tcp("nc", address).await;
    nc.expect(["* user1 joined the chat"]).await;
    program.signal("TERM").await;
    assert_eq!(program.end().await.0.code(), Some(0));
}

#[tokio::test]
async fn unusable_certificate_is_reported_in_one_line() {
    let (authority, folder) = (Authority::new("Test"), folder("unusable"));
    let (cert, key) = authority.issue().write(&folder.join("good"));
    let expired = authority.issue_for(&["localhost"], 2000..2020).write(&folder.join("expired"));
    let early = authority.issue_for(&["localhost"], 3000..4000).write(&folder.join("early"));
    let other = authority.issue().write(&folder.join("other"));
    let nothing = folder.join("nothing.pem");
    for (cert, key, said) in [
        (Some(&nothing), Some(&key), "nothing.pem: No such file or directory"),
        (Some(&cert), Some(&nothing), "nothing.pem: No such file or directory"),
        (Some(&cert), Some(&cert), "there is no readable key in "),
        (Some(&key), Some(&key), "there is no certificate in "),
        (Some(&cert), Some(&other.1), " does not belong to the first certificate in "),
        (Some(&expired.0), Some(&expired.1), " expired on 2020-01-01T00:00:00Z; "),
        (Some(&early.0), Some(&early.1), " is not valid before 3000-01-01T00:00:00Z; "),
        (Some(&cert), None, "the key for TLS is missing; name its file with --tls-key"),
        (None, Some(&key), "the certificate for TLS is missing; name its file with --tls-cert"),
        (None, None, "TLS on wss://127.0.0.1:0 needs a certificate and its key; name their files"),
    ] {
        let mut arguments = vec!["--listen", "tcp://127.0.0.1:0", "--listen", "wss://127.0.0.1:0"];
        arguments.extend(cert.iter().flat_map(|cert| ["--tls-cert", path(cert)]));
        arguments.extend(key.iter().flat_map(|key| ["--tls-key", path(key)]));
        expect_refusal(&arguments, said).await;
    }
    let plain =
        ["--listen", "tcp://127.0.0.1:0", "--tls-cert", path(&cert), "--tls-key", path(&key)];
    expect_refusal(&plain, "--tls-cert and --tls-key are given, and no listener uses them").await;
}

#[tokio::test]
async fn certificate_may_be_named_in_the_configuration() {
    let (authority, folder) = (Authority::new("Test"), folder("configuration"));
    let (cert, key) = authority.issue().write(&folder);
    let config = folder.join("chat.toml");
    let tls = format!("[tls]\ncert = {:?}\nkey = {:?}\n", path(&cert), path(&key));
    fs::write(&config, tls).expect("a file");
    let from_file = ["--config", path(&config)];
    let urls = ["tcps+json://127.0.0.1:0", "tcps://127.0.0.1:0", "tcps+txtchat://127.0.0.1:0"];
    let (mut program, _log) = Program::serve_logged(&urls, &from_file).await;
    let [json, auto, txtchat] = program.addresses("tcps+json tcps tcps+txtchat");
    let mut one = Client::over("one", authority.connect(json).await.expect("a handshake"));
    one.send(r#"{"type":"hello","nickname":"one"}"#).await;
    one.expect_type("welcome").await;
    let mut nc = Client::over("nc", authority.connect(auto).await.expect("a handshake"));
    nc.expect(["* user1 joined the chat", "* one joined the chat"]).await;
    let mut txt = Client::over("txt", authority.connect(txtchat).await.expect("a handshake"));
    txt.expect(["------Welcome to Txt Chat------"]).await;
    program.signal("TERM").await;
    program.end().await;

    // Listeners without TLS do not use the section, which is only logged.
    let (mut program, mut log) =
        Program::serve_logged(&["tcp+text://127.0.0.1:0"], &from_file).await;
    log_has(&mut log, "[tls] is not used: no listener is tcps, ircs or wss").await;
    program.signal("TERM").await;
    assert_eq!(program.end().await.0.code(), Some(0));
}
