//! The history beyond the memory of the server and of the page.

use crate::Chat;
use crate::driver::{Driver, Page, Screen};
use chat_runtime::chat_core::Config;
use chat_runtime::chat_store::MemoryStore;
use chat_runtime::{Clock, Server, SystemClock};
use chat_tests::ANY_PORT;
use serde_json::json;

/// More messages than the server has in memory, and than a page keeps that follows the end.
const MESSAGES: usize = 1_300;
/// The most rows of messages that a page draws.
const MOST_DRAWN: u64 = 600;

/// Scrolls to the top, as with a wheel, and returns the first message and its distance from the top
/// of the log.
const SCROLL_UP: &str = "const scroller = document.querySelector('#scroller');
    scroller.scrollTop = 0;
    const first = document.querySelector('#messages [data-message-id]');
    window.reader = { first, top: first.getBoundingClientRect().top };
    scroller.dispatchEvent(new Event('scroll'));
    return first.dataset.messageId";

/// Returns true once older messages precede the one that was the first, which is still in its
/// place.
const STILL_THERE: &str = "const { first, top } = window.reader;
    const now = document.querySelector('#messages [data-message-id]');
    return now !== first && Math.abs(first.getBoundingClientRect().top - top) < 2";

const BEGINNING: &str = "return document.querySelector('#beginning-text').textContent";

async fn count(page: &Page) -> u64 {
    let rows = "return document.querySelectorAll('#messages [data-message-id]').length";
    page.script(rows).await.as_u64().expect("a number")
}

#[tokio::test(flavor = "multi_thread")]
async fn scrolling_up_reaches_the_beginning_of_the_channel() {
    let config = Config { history_per_channel: 20, commands_per_second: 0, ..Config::default() };
    let store = MemoryStore::new(&config, SystemClock::new().now());
    let chat = Chat::run(ANY_PORT, Server::new().config(config).store(store.open()));
    for number in 1..=MESSAGES {
        let text = format!("message {number}");
        chat.running.hub().say("lobby", &text).await.expect("it runs");
    }
    let driver = Driver::start().await;
    let alice = driver.open("alice", &chat.url(), Screen::Desktop).await;
    alice.enter().await;
    alice.until_message("message 1300").await;

    while alice.script(BEGINNING).await == json!("") {
        if alice.script(SCROLL_UP).await != json!("1") {
            alice.until_script(STILL_THERE, json!(true)).await;
        }
        assert!(count(&alice).await <= MOST_DRAWN);
    }
    let beginning = "This is the beginning of #lobby, as far as the server remembers.";
    alice.until_script(BEGINNING, json!(beginning)).await;
    alice.until_message("message 1").await;
    alice.shot("beginning").await;

    // New messages do not move the user, and are counted.
    chat.running.hub().say("lobby", "news").await.expect("it runs");
    let jump = "return document.querySelector('#jump').textContent";
    alice.until_script(jump, json!("1 new message ↓")).await;
    alice.until_message("message 1").await;

    // Scrolling down draws the messages that were removed from the view.
    let down = "const scroller = document.querySelector('#scroller');
        scroller.scrollTop = scroller.scrollHeight;
        scroller.dispatchEvent(new Event('scroll'));
        return [...document.querySelectorAll('#messages .text')].at(-1)?.textContent";
    alice.until_script(down, json!("news")).await;
    assert!(count(&alice).await <= MOST_DRAWN);

    // From anywhere in the history, one click leads to the latest message.
    for _ in 0..4 {
        alice.script(SCROLL_UP).await;
        alice.until_script(STILL_THERE, json!(true)).await;
    }
    alice.click("#jump").await;
    alice.until_newest("news").await;
    alice.say("and on").await;
    alice.until_newest("and on").await;
    alice.close().await;
    chat.stop().await;
}
