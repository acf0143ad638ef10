//! Pinned messages.

use crate::Chat;
use crate::driver::{Driver, Screen};
use fantoccini::key::Key;
use serde_json::json;

const PINNED: &str = "return [...document.querySelectorAll('#messages [data-pinned]')].length";
const LISTED: &str = "return [...document.querySelectorAll('#pins-list .said')]
    .map((said) => said.textContent)";

#[tokio::test(flavor = "multi_thread")]
async fn operator_pins_messages_for_all_members() {
    let (driver, chat) = (Driver::start().await, Chat::start());
    let alice = driver.open("alice", &chat.url(), Screen::Desktop).await;
    alice.enter().await;
    alice.say("/join rust").await;
    alice.until("#people [data-nickname=alice][data-role=owner]").await;
    let bob = driver.open("bob", &chat.url(), Screen::Phone).await;
    bob.enter().await;
    bob.say("/join rust").await;
    alice.until("#people [data-nickname=bob]").await;
    bob.say("the rules").await;
    alice.until_newest("the rules").await;

    let choose = async |item: usize| {
        alice.script("document.querySelector('#scroller').focus()").await;
        alice.key(Key::Up).await;
        alice.key(Key::Enter).await;
        alice.until("#menu:popover-open").await;
        for _ in 0..item {
            alice.key(Key::Down).await;
        }
        alice.key(Key::Enter).await;
    };
    // Reply, react, copy the text, copy the link, pin.
    choose(4).await;
    alice.until_script(PINNED, json!(1)).await;
    bob.until_script(PINNED, json!(1)).await;
    bob.until("#messages [data-line=deed]").await;

    bob.say("/pins").await;
    bob.until_script(LISTED, json!(["the rules"])).await;
    bob.shot("pins-phone").await;
    bob.click("#pins-list button").await;
    bob.until_script("return document.activeElement.dataset.pinned ?? 'none'", json!("")).await;

    choose(4).await;
    bob.until_script(PINNED, json!(0)).await;
    alice.click("#pins").await;
    let note = "return document.querySelector('#pins-note')?.textContent ?? ''";
    alice.until_script(note, json!("Nothing is pinned in this channel.")).await;
    alice.shot("pins").await;
    bob.close().await;
    alice.close().await;
    chat.stop().await;
}
