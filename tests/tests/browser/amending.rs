//! Editing and deleting messages, by mouse, by keyboard and by commands.

use crate::Chat;
use crate::driver::{Driver, Page, Screen};
use chat_tests::Client;
use fantoccini::key::Key;
use serde_json::json;

const ITEMS: &str = "return [...document.querySelectorAll('#menu:popover-open [role=menuitem]')]
    .map((item) => item.textContent)";
const TEXTS: &str = "return [...document.querySelectorAll('#messages [data-message-id] .text')]
    .map((text) => text.textContent)";

/// Opens the menu of the newest message with the keyboard, and chooses an item.
async fn choose(page: &Page, items: &[&str], item: usize) {
    page.script("document.querySelector('#scroller').focus()").await;
    page.key(Key::Up).await;
    page.key(Key::Enter).await;
    page.until_script(ITEMS, json!(items)).await;
    for _ in 0..item {
        page.key(Key::Down).await;
    }
    page.key(Key::Enter).await;
}

/// Waits for a line with a text.
async fn hears(client: &mut Client, text: &str) {
    while !client.next().await.contains(text) {}
}

#[tokio::test(flavor = "multi_thread")]
async fn user_edits_and_deletes_messages() {
    let (driver, chat) = (Driver::start().await, Chat::start());
    let alice = driver.open("alice", &chat.url(), Screen::Desktop).await;
    alice.enter().await;
    let mut bob = chat.nc("bob").await;
    alice.until("#people [data-nickname=bob]").await;
    alice.say("helo").await;
    alice.until("#messages [data-author=alice]").await;
    hears(&mut bob, "[alice]: helo").await;

    // By keyboard. Escape changes nothing; Shift+Enter begins a line, Enter saves.
    let own = ["Reply", "React…", "Copy text", "Copy link", "Edit…", "Delete…", "alice…"];
    choose(&alice, &own, 4).await;
    alice.until("#edit-dialog[open]").await;
    alice.keys("!").await;
    alice.key(Key::Escape).await;
    alice.until_script(TEXTS, json!(["helo"])).await;
    choose(&alice, &own, 4).await;
    alice.until("#edit-dialog[open]").await;
    alice.until_script("return document.activeElement.value", json!("helo")).await;
    alice.shot("edit").await;
    alice.fill("#edit-text", "hello").await;
    let (shift, no_shift) = (char::from(Key::Shift), char::from(Key::Null));
    alice.keys(&format!("{shift}{}{no_shift}all", char::from(Key::Enter))).await;
    alice.key(Key::Enter).await;
    alice.until_script(TEXTS, json!(["hello\nall (edited)"])).await;
    hears(&mut bob, "* alice edited: hello").await;

    // The server's refusal is shown in the dialog.
    choose(&alice, &own, 4).await;
    alice.until("#edit-dialog[open]").await;
    alice.fill("#edit-text", "").await;
    alice.key(Key::Enter).await;
    alice.until("#edit-error:not([hidden])").await;
    alice.click("#edit-cancel").await;

    // By commands; and what others edit and delete.
    alice.say("/edit hello again").await;
    alice.until_script(TEXTS, json!(["hello again (edited)"])).await;
    bob.send("good mornin").await;
    alice.until_newest("good mornin").await;
    bob.send("/edit good morning").await;
    alice.until_script(TEXTS, json!(["hello again (edited)", "good morning (edited)"])).await;
    alice.say("/delete").await;
    let deleted = "This message was deleted";
    alice.until_script(TEXTS, json!([deleted, "good morning (edited)"])).await;
    bob.send("/delete sorry").await;
    alice.until_script(TEXTS, json!([deleted, "This message was deleted: sorry"])).await;
    alice.say("/edit nothing").await;
    alice.until("[data-line=note].error").await;
    alice.fill("#composer", "").await;

    // A deleted message has no text to copy, and nothing to edit.
    choose(&alice, &["Copy link", "bob…"], 0).await;

    // By mouse, in a channel of alice, a message of bob.
    alice.say("/join rust").await;
    alice.until("#people [data-nickname=alice][data-role=owner]").await;
    bob.send("/join rust").await;
    bob.send("spam").await;
    alice.until_newest("spam").await;
    let hover = "document.querySelector('#messages [data-author=bob]').dispatchEvent(
        new PointerEvent('pointerover', { bubbles: true, pointerType: 'mouse' }))";
    alice.script(hover).await;
    alice.click("#message-actions").await;
    let others = ["Reply", "React…", "Copy text", "Copy link", "Pin", "Delete…", "Report…", "bob…"];
    alice.until_script(ITEMS, json!(others)).await;
    alice.click("#menu [role=menuitem]:nth-child(6)").await;
    alice.until("#confirm-input").await;
    alice.shot("delete").await;
    alice.keys("no advertising").await;
    alice.key(Key::Enter).await;
    alice.until_script(TEXTS, json!(["Deleted by alice: no advertising"])).await;
    hears(&mut bob, "* a message of bob was deleted by alice: no advertising").await;

    // A reload shows the same, from the server.
    alice.reload().await;
    alice.until("#channels [data-channel=rust][aria-current=true]").await;
    alice.until_script(TEXTS, json!(["Deleted by alice: no advertising"])).await;
    alice.close().await;
    chat.stop().await;
}
