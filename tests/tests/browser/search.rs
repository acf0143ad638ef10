//! Finding messages.

use crate::Chat;
use crate::driver::{Driver, Page, Screen};
use crate::proxy::Proxy;
use serde_json::json;

/// The texts of the results.
const FOUND: &str = "return [...document.querySelectorAll('#search-results [data-found] .said')]\
     .map((node) => node.textContent)";

const NOTE: &str = "return document.querySelector('#search-note').textContent";

/// Opens the dialog with the keyboard. In other fields, `\u{e007}` is the key Enter.
async fn search(page: &Page, text: &str) {
    page.say(&format!("/search {text}")).await;
    page.until("#search-dialog[open]").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn message_is_found_and_shown_in_its_place() {
    let (driver, chat) = (Driver::start().await, Chat::start());
    let alice = driver.open("alice", &chat.url(), Screen::Desktop).await;
    alice.enter().await;
    alice.say("the first crème brûlée").await;
    for number in 0..40 {
        alice.say(&format!("filler {number}")).await;
    }
    alice.say("/join rust").await;
    alice.until("#channels [data-channel=rust][aria-current=true]").await;
    alice.say("creme in rust").await;
    alice.until_messages(&["creme in rust"]).await;

    search(&alice, "CREME").await;
    let both = json!(["creme in rust", "the first crème brûlée"]);
    alice.until_script(FOUND, both.clone()).await;
    alice.until_script(NOTE, json!("2 messages found.")).await;
    alice.shot("search").await;

    // The page has the message, so that it goes there.
    alice.click("#search-results [data-found='1']").await;
    alice.until("#channels [data-channel=lobby][aria-current=true]").await;
    alice.until("#messages .found[data-message-id='1']").await;
    let in_sight = "const box = document.activeElement.getBoundingClientRect();
        return document.activeElement.dataset.messageId === '1' && box.top > 0
            && box.bottom < innerHeight && !document.querySelector('#search-dialog').open";
    alice.until_script(in_sight, json!(true)).await;

    // Filters, in the field or as words.
    alice.click("#search").await;
    alice.script("document.querySelector('#search-in').value = '#rust'; return 1").await;
    alice.fill("#search-text", "creme\u{e007}").await;
    alice.until_script(FOUND, json!(["creme in rust"])).await;
    alice.fill("#search-from", "bob\u{e007}").await;
    alice.until_script(NOTE, json!("0 messages found.")).await;
    assert_eq!(alice.script(FOUND).await, json!([]));
    alice.script("document.querySelector('#search-dialog').close(); return 1").await;
    search(&alice, "creme in:lobby from:alice after:2020-01-01").await;
    alice.until_script(FOUND, json!(["the first crème brûlée"])).await;
    alice.script("document.querySelector('#search-dialog').close(); return 1").await;
    search(&alice, "creme before:2020-01-01").await;
    alice.until_script(NOTE, json!("0 messages found.")).await;
    assert_eq!(alice.script(FOUND).await, json!([]));

    // A channel that the user is not in is not searched, and neither are the others.
    alice.script("document.querySelector('#search-dialog').close(); return 1").await;
    search(&alice, "creme in:nowhere").await;
    alice.until("#search-error:not([hidden])").await;
    assert_eq!(alice.script(FOUND).await, json!([]));
    alice.script("document.querySelector('#search-in').value = ''; return 1").await;
    alice.fill("#search-text", "creme\u{e007}").await;
    alice.until_script(FOUND, both).await;
    let has_no_error = "return document.querySelector('#search-error').hidden";
    assert_eq!(alice.script(has_no_error).await, json!(true));

    // A refusal of the server is shown below the field.
    alice.fill("#search-text", "\u{200b}\u{e007}").await;
    alice.until("#search-error:not([hidden])").await;
    alice.close().await;
    chat.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn message_that_the_page_does_not_have_is_shown_with_those_around_it() {
    let (driver, chat) = (Driver::start().await, Chat::start());
    let mut nc = chat.nc("nc").await;
    for number in 0..120 {
        nc.send(format!("line {number} of it")).await;
    }
    nc.send("/users").await;
    while !nc.next().await.starts_with("* online: ") {}
    let proxy = Proxy::start(chat.web).await;
    let alice = driver.open("alice", &proxy.url(), Screen::Phone).await;
    alice.enter().await;
    alice.until_newest("line 119 of it").await;
    alice.click("#search").await;
    alice.fill("#search-text", "line\u{e007}").await;
    let count = "return document.querySelectorAll('#search-results [data-found]').length";
    alice.until_script(count, json!(50)).await;
    // The next pages.
    alice.click("#search-more").await;
    alice.until_script(count, json!(100)).await;
    alice.click("#search-more").await;
    alice.until_script(count, json!(120)).await;
    let is_last = "return document.querySelector('#search-more').hidden";
    alice.until_script(is_last, json!(true)).await;

    alice.click("#search-results [data-found='21']").await;
    alice.until("#search-results [data-target][data-context='21']").await;
    let texts = "return [...document.querySelectorAll('#search-results [data-context] .said')]
        .map((node) => node.textContent)";
    let around: Vec<String> = (5..36).map(|number| format!("line {number} of it")).collect();
    alice.until_script(texts, json!(around)).await;
    let focused = "return document.activeElement.dataset.context";
    alice.until_script(focused, json!("21")).await;
    alice.shot("search-context").await;
    alice.click("#search-back").await;
    alice.until_script(count, json!(120)).await;
    alice.until_script("return document.activeElement.dataset.found", json!("21")).await;
    alice.close().await;
    chat.stop().await;
}
