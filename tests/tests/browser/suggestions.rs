//! The list of completions above the field, by mouse and by keyboard.

use crate::Chat;
use crate::driver::{Driver, Page, Screen};
use fantoccini::key::Key;
use serde_json::{Value, json};

const COMPOSER: &str = "return document.querySelector('#composer').value";
const LIST: &str = "const list = document.querySelector('#suggestions');
    return list.hidden ? null : [...list.children].map((option) =>
      (option.getAttribute('aria-selected') === 'true' ? '>' : '')
      + option.firstChild.textContent)";

async fn until_list(page: &Page, options: Value) {
    page.until_script(LIST, options).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn names_channels_commands_and_emoji_are_suggested() {
    let (driver, chat) = (Driver::start().await, Chat::start());
    let alice = driver.open("alice", &chat.url(), Screen::Desktop).await;
    alice.enter().await;
    let _bob = chat.nc("bob").await;
    let _bobby = chat.nc("bobby").await;
    alice.until("#people [data-nickname=bobby]").await;

    // A name: arrow keys choose, Enter takes it, and a second Enter sends.
    alice.keys("hello @b").await;
    until_list(&alice, json!([">@bob", "@bobby"])).await;
    alice.shot("suggestions").await;
    let chosen = "const field = document.querySelector('#composer');
        const option = document.getElementById(field.getAttribute('aria-activedescendant'));
        return [option?.textContent, option?.getAttribute('aria-selected'),
                document.activeElement === field, field.getAttribute('aria-controls')]";
    assert_eq!(alice.script(chosen).await, json!(["@bob", "true", true, "suggestions"]));
    alice.key(Key::Down).await;
    until_list(&alice, json!(["@bob", ">@bobby"])).await;
    alice.key(Key::Enter).await;
    until_list(&alice, json!(null)).await;
    assert_eq!(alice.script(COMPOSER).await, json!("hello @bobby "));
    alice.key(Key::Enter).await;
    alice.until_messages(&["hello @bobby"]).await;

    // Enter sends a message whose last word is complete.
    alice.keys("@bob").await;
    until_list(&alice, json!(["@bob", "@bobby"])).await;
    alice.key(Key::Enter).await;
    alice.until_messages(&["hello @bobby", "@bob"]).await;

    // Escape closes the list for this word.
    alice.keys("@b").await;
    until_list(&alice, json!([">@bob", "@bobby"])).await;
    alice.key(Key::Escape).await;
    until_list(&alice, json!(null)).await;
    alice.keys("o").await;
    assert_eq!(alice.script(LIST).await, json!(null));
    alice.keys(" #").await;
    until_list(&alice, json!([">#lobby"])).await;
    alice.key(Key::Tab).await;
    assert_eq!(alice.script(COMPOSER).await, json!("@bo #lobby "));

    // A command: Enter takes none, unless one was chosen.
    alice.fill("#composer", "/to").await;
    until_list(&alice, json!(["/topic"])).await;
    let help = "return document.querySelector('#suggestions .muted').textContent";
    assert_eq!(alice.script(help).await, json!("Show or set the topic"));
    alice.key(Key::Tab).await;
    assert_eq!(alice.script(COMPOSER).await, json!("/topic "));

    // Emoji, with the mouse, in the middle of a text.
    alice.fill("#composer", "so :thumbs").await;
    until_list(&alice, json!([">:thumbsup:", ":thumbsdown:"])).await;
    alice.click("#suggestions li:nth-child(2)").await;
    assert_eq!(alice.script(COMPOSER).await, json!("so 👎 "));
    let focus = "return document.activeElement.id";
    assert_eq!(alice.script(focus).await, json!("composer"));
    alice.fill("#composer", "at 10:30 :p").await;
    assert_eq!(alice.script(LIST).await, json!(null));
    alice.close().await;
    chat.stop().await;
}
