//! The menu of a person, and the dialog to go to a conversation, by mouse and by keyboard.

use crate::Chat;
use crate::driver::{Driver, Page, Screen};
use fantoccini::key::Key;
use serde_json::json;

const ITEMS: &str = "return [...document.querySelectorAll('#menu:popover-open [role=menuitem]')]
    .map((item) => item.textContent)";
const FOCUS: &str = "return document.activeElement.textContent || document.activeElement.id";
const DEED: &str =
    "return [...document.querySelectorAll('[data-line=deed]')].at(-1)?.textContent ?? ''";

/// Chooses an item of the open menu by its first letters and Enter.
async fn choose(page: &Page, item: &str) {
    let found = format!(
        "const items = [...document.querySelectorAll('#menu:popover-open [role=menuitem]')];
         return items.find((item) => item.textContent === '{item}') === undefined"
    );
    page.until_script(&found, json!(false)).await;
    let to = format!(
        "[...document.querySelectorAll('#menu [role=menuitem]')]
            .find((item) => item.textContent === '{item}').focus()"
    );
    page.script(&to).await;
    page.key(Key::Enter).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn menu_of_a_person_has_what_the_role_allows() {
    let (driver, chat) = (Driver::start().await, Chat::start());
    let alice = driver.open("alice", &chat.url(), Screen::Desktop).await;
    alice.enter().await;
    let mut bob = chat.nc("bob").await;
    alice.until("#people [data-nickname=bob]").await;

    // In the lobby, nobody is an operator. Arrow keys move, Escape closes.
    alice.click("#people [data-nickname=bob]").await;
    alice.until_script(ITEMS, json!(["Message", "Mention", "Report…"])).await;
    assert_eq!(alice.script(FOCUS).await, json!("Message"));
    alice.key(Key::Up).await;
    assert_eq!(alice.script(FOCUS).await, json!("Report…"));
    alice.keys("m").await;
    assert_eq!(alice.script(FOCUS).await, json!("Message"));
    alice.key(Key::Escape).await;
    alice.until_script(ITEMS, json!([])).await;
    let opener = "return document.activeElement.dataset.nickname";
    assert_eq!(alice.script(opener).await, json!("bob"));

    // The author of a message; a click outside closes.
    bob.send("hello").await;
    alice.until_message("hello").await;
    alice.click("#messages .author").await;
    alice.until_script(ITEMS, json!(["Message", "Mention", "Report…"])).await;
    choose(&alice, "Mention").await;
    let composer = "return document.querySelector('#composer').value";
    alice.until_script(composer, json!("@bob ")).await;
    alice.fill("#composer", "").await;
    alice.click("#people [data-nickname=alice]").await;
    alice.until_script(ITEMS, json!(["Your name and settings"])).await;
    alice.key(Key::Escape).await;

    // An owner.
    alice.say("/join rust").await;
    bob.send("/join rust").await;
    alice.until("#people [data-nickname=bob]").await;
    alice.click("#people [data-nickname=bob]").await;
    let all = [
        "Message",
        "Mention",
        "Report…",
        "Give voice",
        "Make operator",
        "Make owner",
        "Mute…",
        "Unmute",
        "Kick…",
        "Ban…",
    ];
    alice.until_script(ITEMS, json!(all)).await;
    alice.shot("person-menu").await;
    choose(&alice, "Give voice").await;
    alice.until("#people [data-nickname=bob][data-role=voiced]").await;
    alice.click("#people [data-nickname=bob]").await;
    choose(&alice, "Make operator").await;
    alice.until("#people [data-nickname=bob][data-role=operator]").await;
    alice.click("#people [data-nickname=bob]").await;
    choose(&alice, "Remove as operator").await;
    alice.until("#people [data-nickname=bob]:not([data-role=operator])").await;

    // With a reason.
    alice.click("#people [data-nickname=bob]").await;
    choose(&alice, "Kick…").await;
    alice.until("#confirm-input").await;
    alice.shot("kick").await;
    alice.keys("too loud").await;
    alice.key(Key::Enter).await;
    while bob.next().await != "* bob was kicked by alice: too loud" {}
    alice.until_script(DEED, json!("You kicked bob: too loud")).await;
    alice.close().await;
    chat.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ctrl_k_goes_to_a_conversation_by_name() {
    let (driver, chat) = (Driver::start().await, Chat::start());
    let alice = driver.open("alice", &chat.url(), Screen::Desktop).await;
    alice.enter().await;
    let mut bob = chat.nc("bob").await;
    alice.say("/join rust").await;
    alice.until("#channels [data-channel=rust][aria-current=true]").await;
    bob.send("news").await;
    alice.until("#channels [data-channel=lobby][data-unread='1']").await;

    let options = "return [...document.querySelectorAll('#switcher[open] [role=option]')]
        .map((option) => [...option.children].map((part) => part.textContent).join(', '))";
    let ctrl_k = [Key::Control, Key::Null].map(char::from);
    let ctrl_k = format!("{}k{}", ctrl_k[0], ctrl_k[1]);
    alice.keys(&ctrl_k).await;
    alice.until_script(options, json!(["#lobby, 1 unread", "bob, message"])).await;
    alice.shot("switcher").await;
    alice.keys("b").await;
    alice
        .until_script(options, json!(["bob, message", "#lobby, 1 unread", "#b, join or create"]))
        .await;
    alice.key(Key::Down).await;
    alice.key(Key::Enter).await;
    alice.until("#channels [data-channel=lobby][aria-current=true]").await;

    alice.keys(&ctrl_k).await;
    alice.keys("bo").await;
    alice.key(Key::Enter).await;
    alice.until("#privates [data-private=bob][aria-current=true]").await;
    alice.keys(&ctrl_k).await;
    alice.keys("crabs").await;
    alice.until_script(options, json!(["#crabs, join or create"])).await;
    alice.key(Key::Enter).await;
    alice.until("#channels [data-channel=crabs][aria-current=true]").await;
    alice.keys(&ctrl_k).await;
    alice.until("#switcher[open]").await;
    alice.key(Key::Escape).await;
    alice.until_script(options, json!([])).await;
    alice.close().await;
    chat.stop().await;
}
