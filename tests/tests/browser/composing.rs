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
async fn several_lines_are_one_message() {
    let (driver, chat) = (Driver::start().await, Chat::start());
    let alice = driver.open("alice", &chat.url(), Screen::Desktop).await;
    alice.enter().await;
    let mut nc = chat.nc("nc").await;
    let height = "return document.querySelector('#composer').offsetHeight";
    let one_line = alice.script(height).await.as_f64().expect("a height");

    // Shift and Enter begin a new line.
    alice.type_lines(&["first", "", "/second is no command"]).await;
    let text = "first\n\n/second is no command";
    assert_eq!(alice.script(COMPOSER).await, json!(text));
    let three_lines = alice.script(height).await.as_f64().expect("a height");
    assert!(three_lines > 1.5 * one_line, "{one_line}, {three_lines}");
    alice.press_enter().await;
    nc.expect(["[alice]: first", "[alice]: ", "[alice]: /second is no command"]).await;
    alice.until_messages(&[text]).await;
    alice.until_script(COMPOSER, json!("")).await;

    // Pasted text, with lines that are not sent, and more lines than the field shows.
    let code = "\n  if ready:\n\tgo()   \n    <b>done</b>\n\n";
    let pasted = format!("{code}{}", "line\n".repeat(30));
    alice.paste(&pasted).await;
    let many_lines = alice.script(height).await.as_f64().expect("a height");
    assert!(many_lines < 12.0 * one_line, "{one_line}, {many_lines}");
    alice.paste(code).await;
    alice.press_enter().await;
    nc.expect(["[alice]:   if ready:", "[alice]:     go()", "[alice]:     <b>done</b>"]).await;
    let code = "  if ready:\n\tgo()\n    <b>done</b>";
    alice.until_messages(&[text, code]).await;

    // Each line is below the one before, at its indentation.
    nc.send("one\r    two").await;
    alice.until_messages(&[text, code, "one\n    two"]).await;
    let places = "const text = [...document.querySelectorAll('#messages .text')].at(-1).firstChild;
        return [0, 'one\\n    '.length].map((start) => {
          const range = document.createRange();
          range.setStart(text, start);
          range.setEnd(text, start + 3);
          const { left, top } = range.getBoundingClientRect();
          return [left, top];
        })";
    let places = alice.script(places).await;
    let place = |line: usize, axis: usize| places[line][axis].as_f64().expect("a number");
    assert!(place(1, 0) > place(0, 0) + 5.0 && place(1, 1) > place(0, 1) + 5.0, "{places}");
    alice.shot("several-lines").await;

    // To one person: nothing of it goes to the channel.
    alice.paste("/msg nc one\r\ntwo").await;
    alice.press_enter().await;
    nc.expect(["[alice -> you]: one", "[alice -> you]: two"]).await;
    alice.until("#privates [data-private=nc][aria-current=true]").await;
    alice.until_messages(&["one\ntwo"]).await;

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
async fn message_with_too_many_lines_offers_editing() {
    let (driver, chat) = (Driver::start().await, Chat::start());
    let alice = driver.open("alice", &chat.url(), Screen::Desktop).await;
    alice.enter().await;
    let lines = ["line"; 65].join("\n");
    alice.paste(&lines).await;
    alice.press_enter().await;
    alice.until("#outgoing [data-outgoing=failed]").await;
    let told = "return document.querySelector('#outgoing .failure span').textContent";
    assert_eq!(alice.script(told).await, json!("Not sent. Message has more than 64 lines."));
    assert_eq!(alice.script(BUTTONS).await, json!(["edit", "discard"]));
    alice.click("#outgoing .edit").await;
    alice.until_script(COMPOSER, json!(lines)).await;
    alice.close().await;
    chat.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn enter_that_ends_a_composition_does_not_send() {
    let (driver, chat) = (Driver::start().await, Chat::start());
    let alice = driver.open("alice", &chat.url(), Screen::Desktop).await;
    alice.enter().await;
    alice.fill("#composer", "にほん").await;
    for options in ["isComposing: true", "keyCode: 229"] {
        let enter = format!(
            "const key = {{ key: 'Enter', bubbles: true, cancelable: true, {options} }};
             return document.querySelector('#composer').dispatchEvent(new KeyboardEvent('keydown', key))"
        );
        assert_eq!(alice.script(&enter).await, json!(true), "the key is left to the browser");
        assert_eq!(alice.script(COMPOSER).await, json!("にほん"));
    }
    alice.press_enter().await;
    alice.until_messages(&["にほん"]).await;
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
    alice.until("#privates [data-private=bob][aria-current=true]").await;
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

#[tokio::test(flavor = "multi_thread")]
async fn others_see_who_is_typing() {
    let (driver, chat) = (Driver::start().await, Chat::start());
    let alice = driver.open("alice", &chat.url(), Screen::Desktop).await;
    alice.enter().await;
    let bob = driver.open("bob", &chat.url(), Screen::Desktop).await;
    bob.enter().await;
    let typing = "return document.querySelector('#typing').textContent";
    bob.keys("hel").await;
    alice.until_script(typing, json!("bob is typing…")).await;
    alice.shot("typing").await;
    // A message says enough, and so does an empty field.
    bob.keys("lo").await;
    bob.press_enter().await;
    alice.until_message("hello").await;
    alice.until_script(typing, json!("")).await;
    bob.keys("again").await;
    alice.until_script(typing, json!("bob is typing…")).await;
    bob.paste("").await;
    alice.until_script(typing, json!("")).await;
    // Commands are nobody's business.
    bob.keys("/topic a secret plan").await;
    bob.paste("").await;
    bob.say("that was no text").await;
    alice.until_message("that was no text").await;
    assert_eq!(alice.script(typing).await, json!(""));
    alice.close().await;
    bob.close().await;
    chat.stop().await;
}
