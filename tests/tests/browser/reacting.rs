//! Reactions, by mouse and by keyboard.

use crate::Chat;
use crate::driver::{Driver, Screen};
use fantoccini::key::Key;
use serde_json::json;

const CHIPS: &str = "return [...document.querySelectorAll('#messages .chip')].map((chip) =>
    `${chip.textContent} ${chip.getAttribute('aria-pressed')} ${chip.title}`)";

#[tokio::test(flavor = "multi_thread")]
async fn users_react_to_messages() {
    let (driver, chat) = (Driver::start().await, Chat::start());
    let alice = driver.open("alice", &chat.url(), Screen::Desktop).await;
    alice.enter().await;
    let carol = driver.open("carol", &chat.url(), Screen::Phone).await;
    carol.enter().await;
    alice.until("#people [data-nickname=carol]").await;
    alice.say("tea is ready").await;
    carol.until_newest("tea is ready").await;

    // By keyboard, with one of the common emoji.
    let react = async || {
        alice.script("document.querySelector('#scroller').focus()").await;
        alice.key(Key::Up).await;
        alice.key(Key::Enter).await;
        alice.until("#menu:popover-open").await;
        alice.key(Key::Down).await;
        alice.key(Key::Enter).await;
        alice.until("#react-dialog[open]").await;
    };
    react().await;
    alice.shot("react").await;
    alice.key(Key::Enter).await;
    alice.until_script(CHIPS, json!(["👍 1 true alice"])).await;
    carol.until_script(CHIPS, json!(["👍 1 false alice"])).await;

    // By a click on the button below the message, which a second one undoes.
    carol.click(".chip").await;
    carol.until_script(CHIPS, json!(["👍 2 true alice, carol"])).await;
    alice.until_script(CHIPS, json!(["👍 2 true alice, carol"])).await;
    alice.click(".chip").await;
    alice.until_script(CHIPS, json!(["👍 1 false carol"])).await;
    carol.until_script(CHIPS, json!(["👍 1 true carol"])).await;

    // With another text. The names of properties of objects are texts like any other.
    for text in [":tada:", "__proto__", "constructor"] {
        react().await;
        alice.fill("#react-text", text).await;
        alice.key(Key::Enter).await;
        alice
            .until_script("return document.querySelector('#react-dialog').open", json!(false))
            .await;
    }
    let all = [
        "👍 1 true carol",
        "🎉 1 false alice",
        "__proto__ 1 false alice",
        "constructor 1 false alice",
    ];
    carol.until_script(CHIPS, json!(all)).await;
    carol.shot("reactions-phone").await;
    alice.shot("reactions").await;
    react().await;
    alice.fill("#react-text", "two words").await;
    alice.key(Key::Enter).await;
    alice.until("#react-error:not([hidden])").await;
    alice.key(Key::Escape).await;

    // A reload shows the same, from the server; a deleted message has none.
    carol.reload().await;
    carol.until_script(CHIPS, json!(all)).await;
    alice.say("/delete").await;
    carol.until_script(CHIPS, json!([])).await;
    carol.close().await;
    alice.close().await;
    chat.stop().await;
}
