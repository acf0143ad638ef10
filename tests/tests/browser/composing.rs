//! Composing: several lines, refused commands, and messages that cannot be sent yet, or not at all.

use crate::Chat;
use crate::driver::{Driver, Screen};
use serde_json::json;

const COMPOSER: &str = "return document.querySelector('#composer').value";
const OUTGOING: &str = "return [...document.querySelectorAll('#outgoing [data-outgoing]')]
    .map((entry) => [entry.dataset.outgoing, entry.querySelector('.text').textContent])";
const BUTTONS: &str =
    "return [...document.querySelectorAll('#outgoing button')].map((button) => button.className)";
const LAST_NOTE: &str =
    "return [...document.querySelectorAll('#messages [data-line=note]')].at(-1)?.textContent ?? ''";

#[tokio::test(flavor = "multi_thread")]
async fn several_lines_are_sent_as_messages_once_the_user_has_agreed() {
    let (driver, chat) = (Driver::start().await, Chat::start());
    let alice = driver.open("alice", &chat.url(), Screen::Desktop).await;
    alice.enter().await;
    let mut nc = chat.nc("nc").await;

    // Shift and Enter begin a new line.
    alice.type_lines(&["first", "", "/second is no command"]).await;
    let text = "first\n\n/second is no command";
    assert_eq!(alice.script(COMPOSER).await, json!(text));
    alice.press_enter().await;
    alice.until("#confirm-dialog[open]").await;
    alice.shot("several-lines").await;
    alice.click("#confirm-cancel").await;
    alice.until_script(COMPOSER, json!(text)).await;
    alice.press_enter().await;
    alice.click("#confirm-go").await;
    nc.expect(["[alice]: first", "[alice]: /second is no command"]).await;
    alice.until_messages(&["first", "/second is no command"]).await;
    alice.until_script(COMPOSER, json!("")).await;

    // Pasted text, to one person: nothing of it goes to the channel.
    alice.paste("/msg nc one\r\ntwo").await;
    alice.press_enter().await;
    alice.click("#confirm-go").await;
    nc.expect(["[alice -> you]: one", "[alice -> you]: two"]).await;
    alice.until("#privates [data-private=nc][aria-current=true]").await;
    alice.until_messages(&["one", "two"]).await;

    // Any other command is one line.
    alice.click("#channels [data-channel=lobby]").await;
    alice.paste("/topic one\ntwo").await;
    alice.press_enter().await;
    let refused = "A command is one line; nothing was done: /topic one…";
    alice.until_script(LAST_NOTE, json!(refused)).await;
    alice.until_script(COMPOSER, json!("/topic one\ntwo")).await;
    alice.close().await;
    chat.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn refused_command_is_named_and_returns_to_the_composer() {
    let (driver, chat) = (Driver::start().await, Chat::start());
    let alice = driver.open("alice", &chat.url(), Screen::Desktop).await;
    alice.enter().await;
    for (command, note) in [
        ("/kick nobody", "/kick nobody – "),
        ("/msg nobody hi", "/msg nobody hi – There is no user 'nobody'."),
        ("/switch nowhere", "/switch nowhere – You are not in that channel"),
        ("/nonsense", "Unknown command /nonsense. Type /help for available commands."),
        ("/ban", "Usage: /ban <user> [reason]"),
    ] {
        alice.fill("#composer", command).await;
        alice.press_enter().await;
        let shown = format!("return (() => {{ {LAST_NOTE} }})().startsWith({})", json!(note));
        alice.until_script(&shown, json!(true)).await;
        alice.until_script(COMPOSER, json!(command)).await;
    }
    // There is no such user, so no conversation is opened.
    assert_eq!(
        alice.script("return document.querySelectorAll('#privates li').length").await,
        json!(0)
    );
    // Text that the user writes meanwhile stays.
    let meanwhile = "const composer = document.querySelector('#composer');
        composer.value = '/kick nobody'; composer.dispatchEvent(new Event('input'));
        document.querySelector('#composer-form').requestSubmit();
        composer.value = 'something else'; composer.dispatchEvent(new Event('input'));
        window.notes = document.querySelectorAll('[data-line=note]').length;";
    alice.script(meanwhile).await;
    let told = "return document.querySelectorAll('[data-line=note]').length > window.notes";
    alice.until_script(told, json!(true)).await;
    assert_eq!(alice.script(COMPOSER).await, json!("something else"));
    alice.close().await;
    chat.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn offline_messages_are_sent_in_order_after_reconnect() {
    let (driver, chat) = (Driver::start().await, Chat::start());
    let alice = driver.open("alice", &chat.url(), Screen::Desktop).await;
    alice.enter().await;
    alice.say("/join rust").await;
    alice.until("#channels [data-channel=rust][aria-current=true]").await;
    let web = chat.stop().await;
    alice.until("#status:not([data-state=online])").await;
    for text in ["one", "/me waits", "three"] {
        alice.say(text).await;
    }
    alice.click("#channels [data-channel=lobby]").await;
    alice.say("to the lobby").await;
    let waiting = json!([["waiting", "to the lobby"]]);
    alice.until_script(OUTGOING, waiting).await;
    alice.shot("waiting").await;

    let chat = Chat::start_at(web);
    let mut nc = chat.nc("nc").await;
    nc.send("/join rust").await;
    alice.until("#status[data-state=online][data-ready=true]").await;
    alice.until_message("to the lobby").await;
    let mut heard = Vec::new();
    while heard.len() < 4 {
        let line = nc.next().await;
        if line.contains("alice") && !line.contains("joined") && !line.contains("online") {
            heard.push(line);
        }
    }
    heard.retain(|line| !line.contains("to the lobby"));
    assert_eq!(heard, ["[alice]: one", "* alice waits", "[alice]: three"]);
    alice.until_script(OUTGOING, json!([])).await;
    alice.close().await;
    chat.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn message_that_cannot_succeed_offers_editing_instead_of_retry() {
    let (driver, chat) = (Driver::start().await, Chat::start());
    let alice = driver.open("alice", &chat.url(), Screen::Desktop).await;
    alice.enter().await;
    let long = "x".repeat(5_000);
    alice.paste(&long).await;
    alice.press_enter().await;
    alice.until("#outgoing [data-outgoing=failed]").await;
    assert_eq!(alice.script(BUTTONS).await, json!(["edit", "discard"]));
    alice.click("#outgoing .edit").await;
    alice.until_script(COMPOSER, json!(long)).await;
    alice.until_script(OUTGOING, json!([])).await;

    // A user who has left may come back.
    let mut bob = chat.nc("bob").await;
    alice.fill("#composer", "/msg bob hi").await;
    alice.press_enter().await;
    bob.expect(["[alice -> you]: hi"]).await;
    bob.send("/quit").await;
    alice.say("are you there?").await;
    alice.until("#outgoing [data-outgoing=failed]").await;
    assert_eq!(alice.script(BUTTONS).await, json!(["retry", "edit", "discard"]));
    let mut bob = chat.nc("bob").await;
    alice.click("#outgoing .retry").await;
    bob.expect(["[alice -> you]: are you there?"]).await;
    alice.until_messages(&["hi", "are you there?"]).await;
    alice.close().await;
    chat.stop().await;
}

/// Returns a script that breaks the connection at the next chat frame: after sending it if `sent`,
/// otherwise before.
fn break_at_next_message(sent: bool) -> String {
    format!(
        "const {{ prototype }} = WebSocket;
         const {{ send }} = prototype;
         prototype.send = function (frame) {{
           const isChat = frame.includes('\"type\":\"chat\"');
           if (!isChat || {sent}) send.call(this, frame);
           if (!isChat) return;
           prototype.send = send;
           this.onmessage = null;
           this.close();
         }};"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn message_whose_ack_is_lost_is_sent_once() {
    let (driver, chat) = (Driver::start().await, Chat::start());
    let alice = driver.open("alice", &chat.url(), Screen::Desktop).await;
    alice.enter().await;
    let mut nc = chat.nc("nc").await;
    nc.send("hello").await;
    alice.until_message("hello").await;
    let mut expected = vec!["hello".to_owned()];
    for sent in [true, false] {
        alice.script(&break_at_next_message(sent)).await;
        for text in [format!("broken {sent}"), format!("after {sent}")] {
            alice.say(&text).await;
            expected.push(text);
        }
        let texts: Vec<&str> = expected.iter().map(String::as_str).collect();
        alice.until_messages(&texts).await;
        alice.until_script(OUTGOING, json!([])).await;
    }
    let mut heard = Vec::new();
    while heard.len() < 4 {
        let line = nc.next().await;
        if line.starts_with("[alice]") {
            heard.push(line);
        }
    }
    assert_eq!(
        heard,
        ["broken true", "after true", "broken false", "after false"]
            .map(|text| format!("[alice]: {text}"))
    );

    // The server has no history of a private conversation, and recognises its messages too.
    let mut heard = Vec::new();
    for (sent, text) in [(true, "psst"), (false, "hey"), (true, "are you there?")] {
        alice.script(&break_at_next_message(sent)).await;
        if text == "psst" {
            // The conversation begins with this message.
            alice.fill("#composer", "/msg nc psst").await;
            alice.press_enter().await;
        } else {
            alice.say(text).await;
        }
        heard.push(text);
        alice.until_messages(&heard).await;
        alice.until_script(OUTGOING, json!([])).await;
    }
    alice.say("over").await;
    for text in ["psst", "hey", "are you there?", "over"] {
        let mut line = nc.next().await;
        while !line.starts_with("[alice -> you]") {
            line = nc.next().await;
        }
        assert_eq!(line, format!("[alice -> you]: {text}"));
    }
    alice.close().await;
    chat.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn acknowledged_message_is_not_mistaken_for_an_unacknowledged_one_with_the_same_text() {
    let (driver, chat) = (Driver::start().await, Chat::start());
    let alice = driver.open("alice", &chat.url(), Screen::Desktop).await;
    alice.enter().await;
    let mut nc = chat.nc("nc").await;
    alice.say("yes").await;
    alice.until_messages(&["yes"]).await;
    alice.script(&break_at_next_message(true)).await;
    alice.say("yes").await;
    alice.until_messages(&["yes", "yes"]).await;
    alice.until_script(OUTGOING, json!([])).await;
    alice.script(&break_at_next_message(false)).await;
    alice.say("yes").await;
    alice.until_messages(&["yes", "yes", "yes"]).await;
    alice.say("over").await;
    let mut heard = Vec::new();
    while heard.last().is_none_or(|line| line != "[alice]: over") {
        let line = nc.next().await;
        if line.starts_with("[alice]") {
            heard.push(line);
        }
    }
    assert_eq!(heard, ["yes", "yes", "yes", "over"].map(|text| format!("[alice]: {text}")));
    alice.close().await;
    chat.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn user_decides_about_a_message_that_a_restarted_server_does_not_recognise() {
    let (driver, chat) = (Driver::start().await, Chat::start());
    let alice = driver.open("alice", &chat.url(), Screen::Desktop).await;
    alice.enter().await;
    let mut nc = chat.nc("nc").await;
    alice.fill("#composer", "/msg nc psst").await;
    alice.press_enter().await;
    while nc.next().await != "[alice -> you]: psst" {}
    // The page reconnects only to the next server.
    alice.script(&break_at_next_message(true)).await;
    let hold = "window.Kept = window.WebSocket;
        window.WebSocket = class {
          static OPEN = 1;
          constructor() { throw new Error('held back'); }
        };";
    alice.script(hold).await;
    alice.say("are you there?").await;
    while nc.next().await != "[alice -> you]: are you there?" {}
    let web = chat.stop().await;
    let chat = Chat::start_at(web);
    let _nc = chat.nc("nc").await;
    alice.script("window.WebSocket = window.Kept").await;
    alice.until("#outgoing [data-outgoing=failed]").await;
    let told = "return document.querySelector('#outgoing .failure span').textContent";
    let may = "The connection broke before the server answered, so it may have arrived.";
    assert_eq!(alice.script(told).await, json!(may));
    alice.until("#outgoing .retry").await;
    alice.close().await;
    chat.stop().await;
}
