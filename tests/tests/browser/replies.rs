//! Replies, by mouse and by keyboard.

use crate::Chat;
use crate::driver::{Driver, Screen};
use chat_tests::Client;
use fantoccini::key::Key;
use serde_json::json;

const QUOTES: &str = "return [...document.querySelectorAll('#messages .quote')]
    .map((quote) => quote.textContent)";
const BAR: &str = "return document.querySelector('#reply-bar:not([hidden]) p')?.textContent ?? ''";
const FOCUSED: &str = "return document.activeElement.id";

/// Waits for a line with a text.
async fn hears(client: &mut Client, text: &str) {
    while !client.next().await.contains(text) {}
}

#[tokio::test(flavor = "multi_thread")]
async fn user_replies_to_messages() {
    let (driver, chat) = (Driver::start().await, Chat::start());
    let alice = driver.open("alice", &chat.url(), Screen::Desktop).await;
    alice.enter().await;
    let mut bob = chat.nc("bob").await;
    alice.until("#people [data-nickname=bob]").await;
    bob.send("shall we have tea?").await;
    alice.until_newest("shall we have tea?").await;

    // By keyboard. Escape makes it no reply.
    let reply = async || {
        alice.script("document.querySelector('#scroller').focus()").await;
        alice.key(Key::Up).await;
        alice.key(Key::Enter).await;
        alice.until("#menu:popover-open").await;
        alice.key(Key::Enter).await;
    };
    let bar = "Replying to bob: shall we have tea?";
    reply().await;
    alice.until_script(BAR, json!(bar)).await;
    alice.until_script(FOCUSED, json!("composer")).await;
    alice.shot("reply").await;
    alice.key(Key::Escape).await;
    alice.until_script(BAR, json!("")).await;
    alice.say("no reply").await;
    hears(&mut bob, "[alice]: no reply").await;

    // By mouse. The bar survives a reload.
    let hover = "document.querySelector('#messages [data-author=bob]').dispatchEvent(
        new PointerEvent('pointerover', { bubbles: true, pointerType: 'mouse' }))";
    alice.script(hover).await;
    alice.click("#message-actions").await;
    alice.click("#menu [role=menuitem]:first-child").await;
    alice.until_script(BAR, json!(bar)).await;
    alice.reload().await;
    alice.until("#channels [data-channel=lobby][aria-current=true]").await;
    alice.until_script(BAR, json!(bar)).await;
    alice.say("yes").await;
    alice.until_script(BAR, json!("")).await;
    hears(&mut bob, "[alice → bob]: yes").await;
    alice.until_script(QUOTES, json!(["↪ bob shall we have tea?"])).await;
    alice.shot("replied").await;

    // The quoted text follows that of the message, which a click leads to.
    bob.send("/edit shall we have coffee?").await;
    alice.until_script(QUOTES, json!(["↪ bob shall we have coffee?"])).await;
    alice.click(".quote").await;
    let target = "return document.activeElement.dataset.author ?? ''";
    alice.until_script(target, json!("bob")).await;
    bob.send("/delete").await;
    alice.until_script(QUOTES, json!(["↪ bob a deleted message"])).await;
    alice.close().await;

    // On a phone, and after a reload, from the server.
    let carol = driver.open("carol", &chat.url(), Screen::Phone).await;
    carol.enter().await;
    carol.until_script(QUOTES, json!(["↪ bob a deleted message"])).await;
    let long_press = "document.querySelector('#messages [data-author=alice] .text').dispatchEvent(
        new MouseEvent('contextmenu', { bubbles: true, clientX: 99, clientY: 99 }))";
    carol.script(long_press).await;
    carol.click("#menu [role=menuitem]:first-child").await;
    carol.until_script(BAR, json!("Replying to alice: no reply")).await;
    carol.shot("reply-phone").await;
    carol.click("#reply-cancel").await;
    carol.until_script(BAR, json!("")).await;
    carol.until_script(FOCUSED, json!("composer")).await;
    carol.close().await;
    chat.stop().await;
}
