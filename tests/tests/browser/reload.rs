//! A reload restores the state that only the page has.

use crate::Chat;
use crate::driver::{Driver, Screen};
use crate::proxy::Proxy;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn reload_keeps_the_state_of_the_page() {
    let (driver, chat) = (Driver::start().await, Chat::start());
    let alice = driver.open("alice", &chat.url(), Screen::Desktop).await;
    alice.enter().await;
    let mut nc = chat.nc("nc").await;
    nc.send("/join rust").await;
    nc.send("/modes key=sesame").await;
    while !nc.next().await.contains("key=sesame") {}
    alice.say("/join rust sesame").await;
    alice.until("#channels [data-channel=rust][aria-current=true]").await;
    for number in 1..=80 {
        nc.send(format!("message {number}")).await;
    }
    alice.until_newest("message 80").await;
    nc.send("/switch lobby").await;
    nc.send("alice: here").await;
    nc.send("and there").await;
    nc.send("/msg alice psst").await;
    nc.send("/join elsewhere").await;
    nc.send("/invite alice").await;
    alice.until("#privates [data-private=nc][data-unread='1']").await;
    alice.until("#notices [data-invitation=elsewhere]").await;
    // Each conversation has its own draft and scroll position.
    alice.click("#channels [data-channel=lobby]").await;
    alice.until("#channels [data-channel=lobby]:not([data-unread])").await;
    alice.paste("a draft for the lobby").await;
    alice.click("#channels [data-channel=rust]").await;
    alice.until_newest("message 80").await;
    alice.paste("half a").await;
    alice.script("document.querySelector('#scroller').scrollTop = 700").await;
    alice.until("#jump").await;
    nc.send("/switch lobby").await;
    nc.send("one more for alice").await;
    alice.until("#channels [data-channel=lobby][data-unread='1'][data-mention='1']").await;
    let place = "const { top } = document.querySelector('#scroller').getBoundingClientRect();
        const first = [...document.querySelectorAll('#messages .message')]
          .find((message) => message.getBoundingClientRect().bottom > top);
        return [first.querySelector('.text').textContent,
                Math.round(first.getBoundingClientRect().top - top)]";
    let before = alice.script(place).await;

    alice.reload().await;
    nc.send("said meanwhile").await;
    alice.until("#status[data-state=online][data-ready=true]").await;
    alice.until("#channels [data-channel=rust][aria-current=true]").await;
    alice.until("#channels [data-channel=lobby][data-unread='2'][data-mention='1']").await;
    alice.until("#privates [data-private=nc][data-unread='1'][data-mention='1']").await;
    alice.until("#notices [data-invitation=elsewhere]").await;
    alice.until_script(place, before).await;
    let composer = "return document.querySelector('#composer').value";
    assert_eq!(alice.script(composer).await, json!("half a"));
    alice.shot("reloaded").await;
    alice.click("#channels [data-channel=lobby]").await;
    alice.until_script(composer, json!("a draft for the lobby")).await;
    alice.click("#privates [data-private=nc]").await;
    alice.until_messages(&["psst"]).await;
    alice.close().await;
    chat.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn unsent_messages_survive_a_reload() {
    let (driver, chat) = (Driver::start().await, Chat::start());
    let alice = driver.open("alice", &chat.url(), Screen::Desktop).await;
    alice.enter().await;
    let web = chat.stop().await;
    alice.until("#status:not([data-state=online])").await;
    alice.say("one").await;
    alice.say("two").await;
    alice.until("#outgoing [data-outgoing=waiting]").await;
    // The page must not reconnect by itself before it is reloaded.
    let hold = "window.WebSocket = class { constructor() { throw new Error('held back'); } }";
    alice.script(hold).await;
    let chat = Chat::start_at(web);
    let mut nc = chat.nc("nc").await;
    alice.reload().await;
    alice.until("#status[data-state=online][data-ready=true]").await;
    nc.expect(["* alice joined the chat", "[alice]: one", "[alice]: two"]).await;
    alice.until_messages(&["one", "two"]).await;
    alice.close().await;
    chat.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn unacknowledged_message_is_delivered_once_after_a_reload() {
    let (driver, chat) = (Driver::start().await, Chat::start());
    let alice = driver.open("alice", &chat.url(), Screen::Desktop).await;
    alice.enter().await;
    let mut nc = chat.nc("nc").await;
    alice.fill("#composer", "/msg nc psst").await;
    alice.press_enter().await;
    alice.until_messages(&["psst"]).await;
    // The acknowledgement does not reach the page.
    let deaf = "const send = WebSocket.prototype.send;
         WebSocket.prototype.send = function (frame) {
           this.onmessage = null;
           send.call(this, frame);
         };";
    alice.script(deaf).await;
    alice.say("are you there?").await;
    while nc.next().await != "[alice -> you]: are you there?" {}
    alice.reload().await;
    alice.until("#status[data-state=online][data-ready=true]").await;
    alice.until_messages(&["psst", "are you there?"]).await;
    alice.say("over").await;
    let mut line = nc.next().await;
    while !line.starts_with("[alice -> you]") {
        line = nc.next().await;
    }
    assert_eq!(line, "[alice -> you]: over");
    alice.close().await;
    chat.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn reload_and_reconnect_keep_roles_and_are_not_announced() {
    let (driver, chat) = (Driver::start().await, Chat::start());
    let proxy = Proxy::start(chat.web).await;
    let alice = driver.open("alice", &proxy.url(), Screen::Desktop).await;
    alice.enter().await;
    for channel in ["den", "attic"] {
        alice.say(&format!("/join {channel}")).await;
        alice.until(&format!("#channels [data-channel={channel}][aria-current=true]")).await;
    }
    let mut nc = chat.nc("nc").await;
    for channel in ["attic", "den"] {
        nc.send(format!("/join {channel}")).await;
    }
    alice.until("#channels [data-channel=attic][aria-current=true]").await;
    alice.click("#channels [data-channel=den]").await;
    alice.until("#people [data-nickname=nc]").await;
    nc.send("before").await;
    alice.until_newest("before").await;
    nc.send("/users").await;
    while !nc.next().await.starts_with("* online: ") {}

    for (number, lose) in ["reload", "cut"].into_iter().enumerate() {
        if lose == "reload" {
            alice.reload().await;
        } else {
            proxy.cut();
            alice.until("#status:not([data-state=online])").await;
        }
        nc.send(format!("meanwhile {number}")).await;
        alice.until("#status[data-state=online][data-ready=true]").await;
        alice.until_newest(&format!("meanwhile {number}")).await;
        alice.until("#people [data-nickname=alice][data-role=owner]").await;
        alice.say(&format!("back {number}")).await;
        // A quit and a new join would be announced before this message.
        assert_eq!(nc.next().await, format!("[alice]: back {number}"));
    }

    // A kick during the outage is not undone.
    nc.send("/join hall").await;
    alice.say("/join hall").await;
    alice.until("#channels [data-channel=hall][aria-current=true]").await;
    proxy.cut();
    alice.until("#status:not([data-state=online])").await;
    nc.send("/kick alice").await;
    alice.until("#status[data-state=online]").await;
    alice.until("#not-joined").await;
    alice.close().await;
    chat.stop().await;
}
