//! Characters that could harm a reader's terminal.

use super::{nc, server_with_bystander, unharmed};

#[tokio::test]
async fn control_characters_are_removed_in_every_dialect() {
    let (server, mut bystander) = server_with_bystander().await;
    let mut nc = nc(&server, &mut bystander).await;
    let mut plain = server.ws_text("plain").await;
    plain.send("/name plain").await;
    while plain.next().await != "You are now known as plain" {}
    bystander.expect_type("user_joined").await;
    nc.expect(["* plain joined the chat"]).await;
    let mut two = server.ws_json("two").await;
    two.join_lobby(r#"{"type":"hello","nickname":"two","version":2}"#).await;
    for client in [&mut nc, &mut plain] {
        client.next().await;
    }
    bystander.expect_type("user_joined").await;

    let evil = r"a\u001b[2J\u0007\u0000\r\n[bob]: forged\u009b31m\u2028\u202e\u2066b";
    let clean = "a[2J [bob]: forged31mb";
    let lines = ["a[2J", "[bob]: forged31mb"];
    two.send(format!(r#"{{"type":"chat","text":"{evil}"}}"#)).await;
    nc.expect(lines.map(|line| format!("[two]: {line}"))).await;
    plain.expect(lines.map(|line| format!("two: {line}"))).await;
    assert_eq!(bystander.expect_type("chat").await["text"], lines.join("\n"));

    two.send(format!(r#"{{"type":"chat","kind":"action","text":"{evil}"}}"#)).await;
    nc.expect(lines.map(|line| format!("* two {line}"))).await;
    plain.expect(lines.map(|line| format!("* two {line}"))).await;
    assert_eq!(bystander.expect_type("chat").await["text"], lines.join("\n"));

    two.send(format!(r#"{{"type":"topic","channel":"lobby","topic":"{evil}"}}"#)).await;
    nc.expect([format!("* two set the topic: {clean}")]).await;
    plain.expect([format!("two set the topic: {clean}")]).await;
    assert_eq!(bystander.expect_type("topic").await["topic"], clean);

    two.send(format!(r#"{{"type":"away","message":"{evil}"}}"#)).await;
    assert_eq!(bystander.expect_type("away").await["message"], clean);
    two.send(r#"{"type":"ping","ref":"done"}"#).await;
    while two.next().await != r#"{"type":"pong","ref":"done"}"# {}

    // Names are refused, not cleaned: a client gets exactly the name that it has asked for, or
    // none.
    for name in
        [r"a\u001bb", r"a\u0000b", r"a\nb", r"a\u202eb", r"a\u2066b", r"a\u200bb", r"a\u0085b"]
    {
        two.send(format!(r#"{{"type":"rename","nickname":"{name}"}}"#)).await;
        two.expect_error("nickname_invalid").await;
        two.send(format!(r#"{{"type":"join","channel":"{name}"}}"#)).await;
        two.expect_error("channel_name_invalid").await;
    }
    two.send(format!(r#"{{"type":"quit","reason":"{evil}"}}"#)).await;
    assert_eq!(bystander.expect_type("user_left").await["reason"], clean);

    for client in [&nc, &plain, &two, &bystander] {
        for frame in client.seen() {
            let harmful = |c: char| {
                c.is_control() || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
            };
            assert!(!frame.contains(harmful), "{frame:?}");
        }
    }
}

#[tokio::test]
async fn escapes_typed_on_a_line_are_removed() {
    let (server, mut bystander) = server_with_bystander().await;
    let mut nc = nc(&server, &mut bystander).await;
    nc.send("\u{1b}[31mred\u{7}\rover\u{202e}").await;
    assert_eq!(bystander.expect_type("chat").await["text"], "[31mred\nover");
    nc.send("/name \u{1b}[31mred").await;
    nc.expect(["Nickname cannot contain the character U+001B."]).await;
    nc.send("/topic \u{1b}]0;title\u{7}").await;
    nc.expect(["* user1 set the topic: ]0;title"]).await;
    assert_eq!(bystander.expect_type("topic").await["topic"], "]0;title");
    nc.send("/join a\u{1b}b").await;
    nc.expect(["Channel name cannot contain the character U+001B."]).await;
    unharmed(&mut nc, &mut bystander).await;
}
