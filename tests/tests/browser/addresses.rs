//! Addresses of conversations and messages, and the menu of a message.

use crate::Chat;
use crate::driver::{Driver, Screen};
use fantoccini::key::Key;
use serde_json::json;

const HASH: &str = "return location.hash";
/// The items of the menu of a message of another user.
const OTHERS: [&str; 6] = ["Reply", "React…", "Copy text", "Copy link", "Report…", "bob…"];
const ITEMS: &str = "return [...document.querySelectorAll('#menu:popover-open [role=menuitem]')]
    .map((item) => item.textContent)";

#[tokio::test(flavor = "multi_thread")]
async fn address_names_the_conversation_and_back_returns() {
    let (driver, chat) = (Driver::start().await, Chat::start());
    let alice = driver.open("alice", &chat.url(), Screen::Phone).await;
    alice.enter().await;
    alice.until_script(HASH, json!("#/lobby")).await;
    alice.say("/join c++").await;
    alice.until_script(HASH, json!("#/c%2B%2B")).await;
    let _bob = chat.nc("bob").await;
    alice.say("/msg bob hello").await;
    alice.until_script(HASH, json!("#/%40bob")).await;
    let title = "return document.querySelector('#title').textContent";
    alice.until_script(title, json!("bob")).await;
    alice.script("history.back()").await;
    alice.until_script(title, json!("#c++")).await;
    alice.script("history.back()").await;
    alice.until_script(title, json!("#lobby")).await;
    alice.script("history.forward()").await;
    alice.until_script(title, json!("#c++")).await;
    // A reload stays there.
    alice.reload().await;
    alice.until("#status[data-state=online][data-ready=true]").await;
    alice.until_script(title, json!("#c++")).await;
    alice.until_script(HASH, json!("#/c%2B%2B")).await;
    alice.close().await;

    // A link joins the channel after the user has entered.
    let carol = driver.open("carol", &format!("{}#/rust", chat.url()), Screen::Desktop).await;
    carol.fill("#nickname", "carol").await;
    carol.click("#enter").await;
    carol.until("#channels [data-channel=rust][aria-current=true]").await;
    carol.until_script(HASH, json!("#/rust")).await;
    carol.close().await;
    chat.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn menu_of_a_message_copies_its_link() {
    let (driver, chat) = (Driver::start().await, Chat::start());
    let alice = driver.open("alice", &chat.url(), Screen::Desktop).await;
    alice.enter().await;
    let mut bob = chat.nc("bob").await;
    for number in 1..=80 {
        bob.send(format!("message {number}")).await;
    }
    alice.until_newest("message 80").await;
    let permission = json!({ "permission": { "name": "clipboard-read" }, "setting": "granted" });
    alice.devtools("Browser.setPermission", permission).await;

    // By keyboard: from the field to the messages, up to one, and its menu.
    let to_messages = "document.querySelector('#scroller').focus()";
    alice.script(to_messages).await;
    alice.key(Key::Up).await;
    alice.key(Key::Up).await;
    let focused = "return document.activeElement.querySelector('.text')?.textContent";
    alice.until_script(focused, json!("message 79")).await;
    alice.key(Key::Enter).await;
    alice.until_script(ITEMS, json!(OTHERS)).await;
    alice.shot("message-menu").await;
    alice.key(Key::Escape).await;
    alice.until_script(focused, json!("message 79")).await;

    // By mouse: the button at the message.
    let hover = "const row = [...document.querySelectorAll('#messages [data-message-id]')]
            .find((row) => row.querySelector('.text').textContent === 'message 78');
        row.dispatchEvent(new PointerEvent('pointerover', { bubbles: true, pointerType: 'mouse' }));
        return row.dataset.messageId";
    let id = alice.script(hover).await;
    let id = id.as_str().expect("an id").to_owned();
    alice.click("#message-actions").await;
    alice.until_script(ITEMS, json!(OTHERS)).await;
    alice.click("#menu [role=menuitem]:nth-child(4)").await;
    let copied = "return document.querySelector('#toast').textContent";
    alice.until_script(copied, json!("Copied.")).await;
    let link = alice.script("return navigator.clipboard.readText()").await;
    let link = link.as_str().expect("a link").to_owned();
    assert_eq!(link, format!("{}#/lobby/{id}", chat.url()));

    // Another user opens the link of an old message.
    let first = format!("{}#/lobby/3", chat.url());
    let carol = driver.open("carol", &first, Screen::Desktop).await;
    carol.fill("#nickname", "carol").await;
    carol.click("#enter").await;
    carol.until("#messages [data-message-id='3'].found").await;
    carol.close().await;

    // A report of a message.
    alice.script(to_messages).await;
    alice.key(Key::Up).await;
    alice.key(Key::Enter).await;
    alice.until_script(ITEMS, json!(OTHERS)).await;
    for _ in 0..4 {
        alice.key(Key::Down).await;
    }
    alice.key(Key::Enter).await;
    alice.until("#confirm-input").await;
    alice.keys("spam").await;
    alice.key(Key::Enter).await;
    let deed = "return document.querySelector('[data-line=deed]')?.textContent ?? ''";
    alice.until_script(deed, json!("You reported a message of bob")).await;
    alice.close().await;
    chat.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_joins_and_leaves_are_one_line_that_opens() {
    let (driver, chat) = (Driver::start().await, Chat::start());
    let alice = driver.open("alice", &chat.url(), Screen::Desktop).await;
    alice.enter().await;
    let mut bob = chat.nc("bob").await;
    let summary = "return document.querySelector('[data-line=moves] summary')?.textContent ?? ''";
    let mut carol = chat.nc("carol").await;
    alice.until_script(summary, json!("bob and carol joined")).await;
    carol.send("/quit").await;
    alice.until_script(summary, json!("bob joined; carol came and went")).await;
    bob.send("/name rob").await;
    alice.until_script(summary, json!("carol came and went; rob joined")).await;
    alice.click("[data-line=moves] summary").await;
    let lines = "return [...document.querySelectorAll('[data-line=moves][open] p')]
        .map((line) => line.textContent)";
    let all = [
        "user1 joined",
        "user1 is now known as bob",
        "user2 joined",
        "user2 is now known as carol",
        "carol left",
        "bob is now known as rob",
    ];
    alice.until_script(lines, json!(all)).await;
    bob.send("hello").await;
    alice.until_message("hello").await;
    let count = "return document.querySelectorAll('#messages [data-line]').length";
    assert_eq!(alice.script(count).await, json!(1));
    alice.shot("moves").await;
    alice.close().await;
    chat.stop().await;
}
