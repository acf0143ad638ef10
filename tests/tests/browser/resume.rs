//! The page continues where it was, without a gap and without a repetition, and what an account
//! has read is read on all of its devices.

use crate::Chat;
use crate::accounts::{GOOD, fill, go_as, passwords, until_account};
use crate::driver::{Driver, MESSAGES, Page, Screen};
use crate::proxy::Proxy;
use chat_runtime::Server;
use chat_runtime::chat_core::Config;
use chat_runtime::chat_core::script::Script;
use chat_runtime::chat_store::MemoryStore;
use chat_tests::{ANY_PORT, Client};
use serde_json::json;
use std::net::SocketAddr;

/// Starts a server with accounts on a store.
fn start(web: SocketAddr, store: &MemoryStore) -> Chat {
    let config = Config { registration: true, commands_per_second: 0, ..Config::default() };
    Chat::run(web, Server::new().config(config).passwords(passwords()).store(store.open()))
}

fn store() -> MemoryStore {
    MemoryStore::new(&Config::default(), Script::START)
}

/// Says something in a channel that a text client is in.
async fn say_in(nc: &mut Client, channel: &str, texts: &[&str]) {
    nc.send(format!("/join {channel}")).await;
    for text in texts {
        nc.send(text).await;
    }
}

/// Waits until a text client has been answered, and so has done all it was told.
async fn done(nc: &mut Client) {
    nc.send("/users").await;
    while !nc.next().await.starts_with("* online: ") {}
}

/// Makes the page unable to connect, or able again.
async fn hold(page: &Page, held: bool) {
    let script = if held {
        "window.Held = window.WebSocket;
         window.WebSocket = class { constructor() { throw new Error('held back'); } }"
    } else {
        "window.WebSocket = window.Held; dispatchEvent(new Event('online'))"
    };
    page.script(script).await;
}

async fn show(page: &Page, list: &str, name: &str) {
    let entry = format!("document.querySelector('#{list} [data-{}={name}]')", kind(list));
    page.until_script(&format!("return {entry} !== null"), json!(true)).await;
    // On a phone the list is not visible.
    page.script(&format!("{entry}.click()")).await;
}

/// Waits until nothing moves, for a screenshot.
async fn still(page: &Page) {
    page.until_script("return document.getAnimations().length", json!(0)).await;
}

fn kind(list: &str) -> &'static str {
    if list == "channels" { "channel" } else { "private" }
}

/// Waits until a conversation in the list has these numbers of unread messages and of mentions.
async fn until_unread(page: &Page, list: &str, name: &str, unread: u32, mentions: u32) {
    let entry = format!("#{list} [data-{}={name}]", kind(list));
    let script = format!(
        "const data = document.querySelector('{entry}')?.dataset;
         return data ? [Number(data.unread ?? 0), Number(data.mention ?? 0)] : null"
    );
    page.until_script(&script, json!([unread, mentions])).await;
}

const NOTES: &str = "return [...document.querySelectorAll('#messages [data-line=note]')]
    .map((note) => note.textContent)";

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_missing_or_shown_twice_after_an_outage_and_a_reload() {
    let (driver, chat) = (Driver::start().await, start(ANY_PORT, &store()));
    let proxy = Proxy::start(chat.web).await;
    let alice = driver.open("alice", &proxy.url(), Screen::Desktop).await;
    alice.enter().await;
    alice.say("/join tea").await;
    alice.until("#people [data-nickname=alice][data-role=owner]").await;
    go_as(&alice, "register", "alice", GOOD).await;
    let mut nc = chat.nc("nc").await;
    nc.send("/msg alice psst 0").await;
    say_in(&mut nc, "tea", &["tea 0"]).await;
    say_in(&mut nc, "lobby", &["lobby 0"]).await;
    show(&alice, "privates", "nc").await;
    alice.until_messages(&["psst 0"]).await;
    show(&alice, "channels", "tea").await;
    alice.until_messages(&["tea 0"]).await;
    show(&alice, "channels", "lobby").await;
    alice.until_messages(&["lobby 0"]).await;

    let all = |what: &str, last: usize| -> Vec<String> {
        (0..=last).map(|number| format!("{what} {number}")).collect()
    };
    for (number, how) in ["cut", "reload", "cut and reload"].into_iter().enumerate() {
        let number = number + 1;
        if how != "reload" {
            hold(&alice, true).await;
            proxy.cut();
            alice.until("#status:not([data-state=online])").await;
        }
        nc.send(format!("/msg alice psst {number}")).await;
        say_in(&mut nc, "tea", &[&format!("tea {number}")]).await;
        say_in(&mut nc, "lobby", &[&format!("lobby {number}")]).await;
        done(&mut nc).await;
        match how {
            "cut" => hold(&alice, false).await,
            _ => alice.reload().await,
        }
        alice.until("#status[data-state=online][data-ready=true]").await;
        alice.until_script(MESSAGES, json!(all("lobby", number))).await;
        until_unread(&alice, "channels", "tea", 1, 0).await;
        until_unread(&alice, "privates", "nc", 1, 1).await;
        assert_eq!(alice.script(NOTES).await, json!([]), "{how}");
        show(&alice, "channels", "tea").await;
        alice.until_script(MESSAGES, json!(all("tea", number))).await;
        show(&alice, "privates", "nc").await;
        alice.until_script(MESSAGES, json!(all("psst", number))).await;
        show(&alice, "channels", "lobby").await;
        until_unread(&alice, "channels", "tea", 0, 0).await;
        until_unread(&alice, "privates", "nc", 0, 0).await;
    }
    alice.close().await;
    chat.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn page_is_where_it_was_after_a_restart_of_the_server() {
    let (driver, store) = (Driver::start().await, store());
    let mut chat = start(ANY_PORT, &store);
    let alice = driver.open("alice", &chat.url(), Screen::Desktop).await;
    alice.enter().await;
    alice.say("/join tea").await;
    alice.until("#people [data-nickname=alice][data-role=owner]").await;
    go_as(&alice, "register", "alice", GOOD).await;
    let mut nc = chat.nc("nc").await;
    nc.send("/msg alice before").await;
    let mut texts: Vec<String> = (1..=60).map(|number| format!("message {number}")).collect();
    say_in(&mut nc, "tea", &texts.iter().map(String::as_str).collect::<Vec<_>>()).await;
    alice.until_newest("message 60").await;
    alice.script("document.querySelector('#scroller').scrollTop = 300").await;
    alice.until("#jump").await;
    let place = "const scroller = document.querySelector('#scroller');
        const { top } = scroller.getBoundingClientRect();
        const rows = [...document.querySelectorAll('#messages [data-message-id]')];
        return rows.find((row) => row.getBoundingClientRect().bottom > top).textContent";
    let seen = alice.script(place).await;

    for how in ["reconnect", "reload"] {
        hold(&alice, true).await;
        let web = chat.stop().await;
        alice.until("#status:not([data-state=online])").await;
        chat = start(web, &store);
        let mut nc = chat.nc("nc").await;
        say_in(&mut nc, "tea", &[&format!("after the {how}")]).await;
        nc.send(format!("/msg alice psst after the {how}")).await;
        done(&mut nc).await;
        match how {
            "reload" => alice.reload().await,
            _ => hold(&alice, false).await,
        }
        alice.until("#status[data-state=online][data-ready=true]").await;
        until_account(&alice, "alice").await;
        alice.until("#channels [data-channel=tea][aria-current=true]").await;
        alice.until_script(place, seen.clone()).await;
        alice.until("#people [data-nickname=alice][data-role=owner]").await;
    }
    alice.shot("resumed").await;
    until_unread(&alice, "channels", "tea", 2, 0).await;
    alice.click("#jump").await;
    texts.extend(["after the reconnect".to_owned(), "after the reload".to_owned()]);
    let newest = json!(texts[texts.len() - 10..]);
    let shown = "return [...document.querySelectorAll('#messages [data-message-id] .text')]
        .slice(-10).map((text) => text.textContent)";
    alice.until_script(shown, newest).await;
    assert_eq!(alice.script(NOTES).await, json!([]));
    show(&alice, "privates", "nc").await;
    let private = ["before", "psst after the reconnect", "psst after the reload"];
    alice.until_messages(&private).await;
    alice.close().await;
    chat.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_read_on_one_device_is_read_on_all() {
    let (driver, chat) = (Driver::start().await, start(ANY_PORT, &store()));
    let alice = driver.open("alice", &chat.url(), Screen::Desktop).await;
    alice.enter().await;
    alice.say("/join tea").await;
    alice.until("#people [data-nickname=alice][data-role=owner]").await;
    go_as(&alice, "register", "alice", GOOD).await;
    let mut nc = chat.nc("nc").await;
    say_in(&mut nc, "tea", &["one", "two"]).await;
    alice.until_messages(&["one", "two"]).await;
    show(&alice, "channels", "lobby").await;
    say_in(&mut nc, "tea", &["three", "alice: four", "five"]).await;
    nc.send("/msg alice psst").await;
    until_unread(&alice, "channels", "tea", 3, 1).await;
    until_unread(&alice, "privates", "nc", 1, 1).await;

    // A new device is in the channels of the account, and knows what is unread.
    let phone = driver.open("phone", &chat.url(), Screen::Phone).await;
    phone.click("#enter-login").await;
    fill(&phone, "alice", GOOD).await;
    until_account(&phone, "alice").await;
    until_unread(&phone, "channels", "tea", 3, 1).await;
    until_unread(&phone, "privates", "nc", 1, 1).await;
    let title = "return document.title";
    phone.until_script(title, json!("(@2) #lobby · Chat")).await;
    phone.click("#nav-button").await;
    still(&phone).await;
    phone.shot("unread-phone").await;
    alice.shot("unread").await;
    show(&phone, "channels", "tea").await;
    phone.until_messages(&["one", "two", "three", "alice: four", "five"]).await;
    let marked = "return document.querySelector('[data-marker]')?.nextElementSibling
        .querySelector('.text').textContent ?? null";
    phone.until_script(marked, json!("three")).await;
    still(&phone).await;
    phone.shot("new-messages-phone").await;
    until_unread(&phone, "channels", "tea", 0, 0).await;
    until_unread(&alice, "channels", "tea", 0, 0).await;
    until_unread(&alice, "privates", "nc", 1, 1).await;
    show(&alice, "privates", "nc").await;
    alice.until_messages(&["psst"]).await;
    until_unread(&phone, "privates", "nc", 0, 0).await;
    phone.until_script(title, json!("#tea · Chat")).await;

    // A page that is loaded again does not count anything as unread that was read.
    alice.reload().await;
    alice.until("#status[data-state=online][data-ready=true]").await;
    until_unread(&alice, "channels", "tea", 0, 0).await;
    until_unread(&alice, "privates", "nc", 0, 0).await;
    phone.close().await;
    alice.close().await;
    chat.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn private_message_to_an_account_that_is_offline_is_read_after_the_login() {
    let (driver, chat) = (Driver::start().await, start(ANY_PORT, &store()));
    let alice = driver.open("alice", &chat.url(), Screen::Desktop).await;
    alice.enter().await;
    go_as(&alice, "register", "alice", GOOD).await;
    let mut nc = chat.nc("nc").await;
    nc.send("/msg alice hello").await;
    show(&alice, "privates", "nc").await;
    alice.until_messages(&["hello"]).await;
    alice.say("hello, and goodbye").await;
    while nc.next().await != "[alice -> you]: hello, and goodbye" {}
    alice.say("/quit").await;
    alice.until("#enter-again").await;
    while nc.next().await != "* alice left the chat" {}
    nc.send("/msg alice are you away?").await;
    done(&mut nc).await;

    // A guest who logs in has the conversations and the channels of the account as well.
    let phone = driver.open("phone", &chat.url(), Screen::Phone).await;
    phone.enter().await;
    phone.say("/login alice").await;
    phone.fill("#login-password", GOOD).await;
    phone.click("#login-go").await;
    until_account(&phone, "alice").await;
    until_unread(&phone, "privates", "nc", 1, 1).await;
    show(&phone, "privates", "nc").await;
    phone.until_messages(&["hello", "hello, and goodbye", "are you away?"]).await;
    phone.say("back").await;
    while nc.next().await != "[phone -> you]: back" {}
    still(&phone).await;
    phone.shot("offline-message-phone").await;
    phone.close().await;
    alice.close().await;
    chat.stop().await;
}
