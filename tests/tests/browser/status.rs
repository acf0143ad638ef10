//! Statuses beside the names of people.

use crate::Chat;
use crate::driver::{Driver, Screen};
use fantoccini::key::Key;
use serde_json::json;

const STATUSES: &str = "return [...document.querySelectorAll('#people [data-nickname]')].map(
    (person) => `${person.dataset.nickname}: ${person.querySelector('.status').textContent}`)";

#[tokio::test(flavor = "multi_thread")]
async fn others_see_the_status_of_a_user() {
    let (driver, chat) = (Driver::start().await, Chat::start());
    let alice = driver.open("alice", &chat.url(), Screen::Desktop).await;
    alice.enter().await;
    let bob = driver.open("bob", &chat.url(), Screen::Desktop).await;
    bob.enter().await;

    let set = async |text: &str| {
        alice.click("#me-button").await;
        alice.until("#me-dialog[open]").await;
        alice.fill("#status-input", text).await;
        alice.key(Key::Enter).await;
    };
    set("in a meeting").await;
    let expected = json!(["alice: in a meeting", "bob: "]);
    alice.until_script(STATUSES, expected.clone()).await;
    bob.until_script(STATUSES, expected.clone()).await;
    bob.shot("status").await;

    // Somebody who comes later sees it too.
    bob.reload().await;
    bob.until_script(STATUSES, expected).await;

    // A text that is too long stays in the dialog, with the reason.
    set(&"\u{4f1a}".repeat(101)).await;
    alice.until("#status-error:not([hidden])").await;
    alice.shot("status-refused").await;
    alice.key(Key::Escape).await;

    set(" ").await;
    bob.until_script(STATUSES, json!(["alice: ", "bob: "])).await;
    bob.close().await;
    alice.close().await;
    chat.stop().await;
}
