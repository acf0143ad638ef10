//! Rejoining many channels.

#![allow(clippy::print_stdout, reason = "the measurement is meant to be read")]

use crate::Chat;
use crate::driver::{Driver, Screen};
use crate::proxy::Proxy;
use chat_runtime::chat_core::{Config, Nickname};
use chat_tests::ANY_PORT;
use serde_json::json;
use std::time::Instant;

/// The maximum for a user, including the lobby.
const CHANNELS: usize = 50;

#[tokio::test(flavor = "multi_thread")]
async fn page_rejoins_fifty_channels_with_one_request() {
    let (driver, chat) = (Driver::start().await, Chat::start());
    let proxy = Proxy::start(chat.web).await;
    let alice = driver.open("alice", &proxy.url(), Screen::Desktop).await;
    alice.enter().await;
    for number in 1..CHANNELS {
        alice.say(&format!("/join c{number:02}")).await;
        alice.until(&format!("#channels [data-channel=c{number:02}][aria-current=true]")).await;
    }
    let shown = "return document.querySelectorAll('#channels [data-channel]').length";
    alice.until_script(shown, json!(CHANNELS)).await;
    alice.click("#channels [data-channel=lobby]").await;
    alice.until("#status[data-state=online][data-ready=true]").await;

    // The next server has the default rate limit.
    let web = chat.stop().await;
    alice.until("#status:not([data-state=online])").await;
    proxy.take();
    let chat = Chat::start_with(web, Config::default());
    let mut nc = chat.nc("nc").await;
    nc.send("/join c07").await;
    nc.send("said in c07").await;
    nc.send("/switch lobby").await;
    nc.send("said in the lobby").await;

    let mut greeted = None;
    let mut frames = Vec::new();
    while chat.channels_of("alice").await < CHANNELS {
        frames.extend(proxy.take().frames);
        if !frames.is_empty() {
            greeted.get_or_insert_with(Instant::now);
        }
    }
    let took = greeted.map(|greeted| greeted.elapsed());
    println!("{CHANNELS} channels were joined {took:?} after the hello.");
    frames.extend(proxy.take().frames);
    let asked = |kind: &str| frames.iter().filter(|frame| frame["type"] == kind).count();
    assert_eq!((asked("hello"), asked("join")), (1, 1), "{frames:?}");
    assert!(frames.len() <= 5, "{frames:?}");

    // The current channel is loaded first; the others follow without gaps.
    alice.until_message("said in the lobby").await;
    alice.until("#channels [data-channel=c07][data-unread='1']").await;
    alice.click("#channels [data-channel=c07]").await;
    alice.until_messages(&["said in c07"]).await;
    alice.until("#people [data-nickname=nc]").await;
    alice.until("#status[data-state=online][data-ready=true]").await;
    frames.extend(proxy.take().frames);
    let most = 2 + CHANNELS + 8;
    assert!(frames.len() <= most, "{} frames, and not {most}", frames.len());
    alice.close().await;
    chat.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn refused_rejoin_does_not_prevent_other_rejoins() {
    let driver = Driver::start().await;
    // The server removes users at once, so that the page has to rejoin.
    let config = Config { reconnect_period: None, commands_per_second: 0, ..Config::default() };
    let chat = Chat::start_with(ANY_PORT, config);
    let proxy = Proxy::start(chat.web).await;
    let alice = driver.open("alice", &proxy.url(), Screen::Desktop).await;
    alice.enter().await;
    let mut nc = chat.nc("nc").await;
    for line in ["/join closed", "/join open"] {
        nc.send(line).await;
        alice.say(line).await;
        let name = line.trim_start_matches("/join ");
        alice.until(&format!("#channels [data-channel={name}][aria-current=true]")).await;
    }
    alice.until("#people [data-nickname=nc]").await;
    alice.click("#channels [data-channel=lobby]").await;
    nc.send("/switch closed").await;
    nc.send("/modes +invite_only").await;
    nc.send("/users").await;
    while !nc.next().await.starts_with("* online: ") {}

    proxy.cut();
    alice.until("#status:not([data-state=online])").await;
    alice.until("#status[data-state=online][data-ready=true]").await;
    nc.send("/switch open").await;
    nc.send("still here?").await;
    alice.until("#channels [data-channel=open][data-unread='1']").await;
    alice.click("#channels [data-channel=closed]").await;
    alice.until("#not-joined").await;
    let notes = "return [...document.querySelectorAll('#messages [data-line=note]')]\
                 .at(-1)?.textContent";
    let refusal = "You could not come back: #closed is by invitation only.";
    alice.until_script(notes, json!(refusal)).await;
    alice.close().await;
    chat.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_after_a_restart_are_unread_on_a_page_loaded_before_it() {
    let (driver, chat) = (Driver::start().await, Chat::start());
    let alice = driver.open("alice", &chat.url(), Screen::Desktop).await;
    alice.enter().await;
    alice.say("/join rust").await;
    alice.until("#channels [data-channel=rust][aria-current=true]").await;
    alice.say("one").await;
    alice.say("two").await;
    alice.until_messages(&["one", "two"]).await;
    alice.click("#channels [data-channel=lobby]").await;
    alice.until("#channels [data-channel=lobby][aria-current=true]").await;
    alice.visit("about:blank").await;

    let chat = Chat::start_at(chat.stop().await);
    let mut nc = chat.nc("nc").await;
    nc.send("/join rust").await;
    nc.send("three").await;
    nc.send("/users").await;
    while !nc.next().await.starts_with("* online: ") {}
    alice.visit(&chat.url()).await;
    alice.until("#channels [data-channel=rust][data-unread='1']").await;
    alice.close().await;
    chat.stop().await;
}

impl Chat {
    /// Returns the number of channels that a user is in.
    async fn channels_of(&self, nickname: &str) -> usize {
        let nickname = Nickname::parse(nickname).expect("a nickname");
        let count = move |view: chat_core::View<'_>| {
            view.user(&nickname).map_or(0, |user| user.channels().count())
        };
        self.running.hub().look(count).await.expect("it runs")
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn operator_changes_settings_and_lists_of_a_channel() {
    let (driver, chat) = (Driver::start().await, Chat::start());
    let alice = driver.open("alice", &chat.url(), Screen::Desktop).await;
    alice.enter().await;
    alice.say("/join rust").await;
    alice.until("#people [data-nickname=alice][data-role=owner]").await;
    let mut bob = chat.nc("bob").await;
    bob.send("/join rust").await;
    alice.until("#people [data-nickname=bob]").await;
    alice.say("/ban mallory spam").await;
    alice.click("#settings").await;
    alice.until("#settings-modes:enabled").await;
    alice.click("#settings-moderated").await;
    alice.fill("#settings-limit", "10").await;
    alice.fill("#settings-keep", "90 days").await;
    alice.click("#settings-go").await;
    let error = "return document.querySelector('#settings-error').textContent";
    alice.until_script(error, json!("A time is 90d, 12h, 30m or 45s.")).await;
    alice.fill("#settings-keep", "").await;
    alice.click("#settings-lists [data-list=bans] summary").await;
    alice.until("#settings-lists [data-entry=mallory]").await;
    alice.shot("settings").await;
    alice.click("#settings-lists [data-entry=mallory] button").await;
    let summary = "return document.querySelector('[data-list=bans] summary').textContent";
    alice.until_script(summary, json!("Bans (0)")).await;
    alice.click("#settings-go").await;
    let deeds = "return [...document.querySelectorAll('[data-line=deed]')]
        .map((line) => line.textContent)";
    let all = json!([
        "You banned mallory: spam",
        "You removed mallory from the bans",
        "You set the modes: +moderated +members_only limit=10",
    ]);
    alice.until_script(deeds, all).await;
    alice.until("#composer").await;
    bob.send("/modes").await;
    while bob.next().await != "* modes of #rust: +moderated +members_only limit=10" {}
    alice.close().await;

    // A member reads them.
    let carol = driver.open("carol", &chat.url(), Screen::Phone).await;
    carol.enter().await;
    carol.say("/join rust").await;
    let title = "return document.querySelector('#title').textContent";
    carol.until_script(title, json!("#rust")).await;
    carol.click("#settings").await;
    carol.until("#settings-note").await;
    carol.shot("settings-phone").await;
    let checked = "return [document.querySelector('#settings-moderated').checked,
        document.querySelector('#settings-modes').disabled]";
    carol.until_script(checked, json!([true, true])).await;
    carol.close().await;
    chat.stop().await;
}
