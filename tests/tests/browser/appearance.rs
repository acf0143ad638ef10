//! Appearance that users depend on: days, writing directions, forced colours.

use crate::Chat;
use crate::driver::{Driver, Screen};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn join_is_shown_below_the_name_of_the_day() {
    let (driver, chat) = (Driver::start().await, Chat::start());
    let alice = driver.open("alice", &chat.url(), Screen::Desktop).await;
    alice.enter().await;
    let mut nc = chat.nc("nc").await;
    alice.until("#people [data-nickname=nc]").await;
    nc.send("hello").await;
    alice.until_message("hello").await;
    let kinds = "return [...document.querySelectorAll('#messages > *')]
        .map(({ dataset }) => dataset.day ? 'day' : dataset.line ?? 'message')";
    assert_eq!(alice.script(kinds).await, json!(["day", "move", "move", "message"]));
    alice.close().await;
    chat.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn right_to_left_names_do_not_reorder_lines() {
    let (driver, chat) = (Driver::start().await, Chat::start());
    let alice = driver.open("alice", &chat.url(), Screen::Desktop).await;
    alice.enter().await;
    alice.say("/join rust").await;
    alice.until("#people [data-nickname=alice][data-role=owner]").await;
    let mut guest = chat.nc("שרה").await;
    guest.send("/join rust").await;
    guest.send("/me waves").await;
    guest.send("/name דבורה").await;
    alice.until("#people [data-nickname=דבורה]").await;
    alice.say("/op דבורה").await;
    alice.say("/users").await;
    alice.until("[data-line=note]").await;
    alice.until("[data-line=deed]").await;
    alice.shot("right-to-left").await;
    // In each line the name is isolated in a `bdi`, and the sentence runs from left to right.
    let lines = "return [...document.querySelectorAll('#messages [data-line]')].map((line) => {
        const text = line.querySelector('div div') ?? line;
        const names = [...text.querySelectorAll('bdi')].map((name) => name.textContent);
        const isHebrew = (text) => /[\\u05d0-\\u05ea]/.test(text);
        return [getComputedStyle(text).direction, names.some(isHebrew),
                [...text.childNodes].some((node) => node.nodeType === 3 && isHebrew(node.data))];
      })";
    let found = alice.script(lines).await;
    let found = found.as_array().expect("a list");
    assert!(found.len() >= 4, "{found:?}");
    for line in found {
        assert_eq!(*line, json!(["ltr", true, false]));
    }
    // In the list of people, names of both directions are aligned.
    let places = "return [...document.querySelectorAll('#people .name')].map((name) => {
        const range = document.createRange();
        range.selectNodeContents(name);
        return Math.round(range.getBoundingClientRect().left);
      })";
    let places = alice.script(places).await;
    assert_eq!(places[0], places[1], "{places}");
    alice.close().await;
    chat.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn forced_colours_show_the_current_channel_and_mentions() {
    let (driver, chat) = (Driver::start().await, Chat::start());
    let alice = driver.open("alice", &chat.url(), Screen::Desktop).await;
    alice.enter().await;
    alice.say("/join rust").await;
    alice.until("#channels [data-channel=rust][aria-current=true]").await;
    let mut nc = chat.nc("nc").await;
    nc.send("/join rust").await;
    nc.send("alice: look").await;
    alice.until("[data-mentioned]").await;
    let forced = json!({ "features": [{ "name": "forced-colors", "value": "active" }] });
    alice.devtools("Emulation.setEmulatedMedia", forced).await;
    alice.until_script("return matchMedia('(forced-colors: active)').matches", json!(true)).await;
    alice.shot("forced-colours").await;
    let looks = "const of = (name) => getComputedStyle(
          document.querySelector(`#channels [data-channel=${name}]`));
        const [here, other] = [of('rust'), of('lobby')];
        const mentioned = getComputedStyle(document.querySelector('[data-mentioned]'));
        return [here.backgroundColor !== other.backgroundColor, here.color !== other.color,
                mentioned.borderInlineStartWidth]";
    assert_eq!(alice.script(looks).await, json!([true, true, "4px"]));
    alice.close().await;
    chat.stop().await;
}
