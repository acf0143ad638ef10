//! Mentions, invitations and bans reach the user in every conversation, and without one.

use crate::Chat;
use crate::driver::{Driver, Screen};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn mentions_are_counted_while_scrolled_up_and_in_other_channels() {
    let (driver, chat) = (Driver::start().await, Chat::start());
    let alice = driver.open("alice", &chat.url(), Screen::Desktop).await;
    alice.enter().await;
    let mut nc = chat.nc("nc").await;
    for number in 1..=60 {
        nc.send(format!("message {number}")).await;
    }
    alice.until_newest("message 60").await;
    let scroller = "const scroller = document.querySelector('#scroller');";
    alice.script(&format!("{scroller} scroller.scrollTop = 300")).await;
    alice.until("#jump").await;
    nc.send("hello everybody").await;
    nc.send("alice: are you there?").await;
    nc.send("Alice!").await;
    alice.until("#channels [data-channel=lobby][data-unread='3'][data-mention='2']").await;
    let jump = "return [document.querySelector('#jump').textContent, document.title]";
    let counted = json!(["3 new messages, 2 mentions ↓", "(@2) #lobby · Chat"]);
    alice.until_script(jump, counted).await;
    alice.shot("scrolled-up").await;
    // At the end of the log, every message counts as seen.
    alice.click("#jump").await;
    alice.until("#channels [data-channel=lobby]:not([data-unread])").await;
    alice.until_script("return document.title", json!("#lobby · Chat")).await;
    // A marker shows where the new messages begin.
    let marked = "const { nextElementSibling } = document.querySelector('[data-marker]');
        return nextElementSibling.querySelector('.text').textContent";
    assert_eq!(alice.script(marked).await, json!("hello everybody"));

    alice.say("/join rust").await;
    alice.until("#channels [data-channel=rust][aria-current=true]").await;
    nc.send("now alice is elsewhere").await;
    nc.send("malice is no mention").await;
    alice.until("#channels [data-channel=lobby][data-unread='2'][data-mention='1']").await;
    let badge =
        "return document.querySelector('#channels [data-channel=lobby] .badge').textContent";
    assert_eq!(alice.script(badge).await, json!("@1"));
    alice.close().await;
    chat.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn invitation_is_shown_without_a_channel() {
    let (driver, chat) = (Driver::start().await, Chat::start());
    let alice = driver.open("alice", &chat.url(), Screen::Desktop).await;
    alice.enter().await;
    alice.say("/leave").await;
    alice.until("#nowhere").await;
    let mut nc = chat.nc("nc").await;
    for channel in ["rust", "secrets"] {
        nc.send(format!("/join {channel}")).await;
        nc.send("/modes +invite_only").await;
        nc.send("/invite alice").await;
    }
    alice.until("#notices [data-invitation=secrets]").await;
    alice.shot("invitation").await;
    alice.click("#notices [data-invitation=secrets] .dismiss").await;
    alice.click("#notices [data-invitation=rust] .act").await;
    alice.until("#channels [data-channel=rust][aria-current=true]").await;
    let left = "return document.querySelectorAll('#notices li').length";
    alice.until_script(left, json!(0)).await;
    alice.close().await;
    chat.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ban_is_shown_as_a_ban_with_its_reason() {
    let (driver, chat) = (Driver::start().await, Chat::start());
    let alice = driver.open("alice", &chat.url(), Screen::Desktop).await;
    alice.enter().await;
    alice.say("/join rust").await;
    alice.until("#channels [data-channel=rust][aria-current=true]").await;
    let bob = driver.open("bob", &chat.url(), Screen::Desktop).await;
    bob.enter().await;
    bob.say("/join rust").await;
    alice.until("#people [data-nickname=bob]").await;
    let mut nc = chat.nc("nc").await;
    nc.send("/join rust").await;
    alice.until("#people [data-nickname=nc]").await;

    alice.say("/ban bob too much noise").await;
    bob.until("#not-joined").await;
    let banned = "return [document.querySelector('#not-joined-text').textContent,
        document.querySelector('#messages').textContent
          .includes('alice banned you from #rust: too much noise')]";
    bob.until_script(banned, json!(["You are banned from this channel.", true])).await;
    while nc.next().await != "* bob was banned by alice: too much noise" {}
    let deed = "return [...document.querySelectorAll('[data-line=deed]')].at(-1)?.textContent";
    alice.until_script(deed, json!("You banned bob: too much noise")).await;

    alice.say("/kick nc that is all").await;
    while nc.next().await != "* nc was kicked by alice: that is all" {}
    alice.until_script(deed, json!("You kicked nc: that is all")).await;
    alice.close().await;
    bob.close().await;
    chat.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn owner_confirms_before_leaving() {
    let (driver, chat) = (Driver::start().await, Chat::start());
    let alice = driver.open("alice", &chat.url(), Screen::Desktop).await;
    alice.enter().await;
    alice.say("/join rust").await;
    alice.until("#people [data-nickname=alice][data-role=owner]").await;
    let text = "return document.querySelector('#confirm-text').textContent";
    alice.click("#leave").await;
    alice.until("#confirm-dialog[open]").await;
    let last = json!("Nobody else is in #rust: it ends when you leave.");
    assert_eq!(alice.script(text).await, last);
    alice.shot("owner-leaves").await;
    alice.click("#confirm-cancel").await;

    let mut nc = chat.nc("nc").await;
    nc.send("/join rust").await;
    alice.until("#people [data-nickname=nc]").await;
    alice.say("/leave").await;
    alice.until("#confirm-dialog[open]").await;
    let only = json!("You are the only owner of #rust: when you leave, it has none.");
    assert_eq!(alice.script(text).await, only);
    alice.click("#confirm-cancel").await;
    alice.until("#channels [data-channel=rust][aria-current=true]").await;
    alice.click("#me-button").await;
    alice.click("#quit").await;
    alice.until("#confirm-dialog[open]").await;
    alice.click("#confirm-cancel").await;
    alice.fill("#composer", "/leave").await;
    alice.press_enter().await;
    alice.click("#confirm-go").await;
    alice.until("#channels [data-channel=lobby][aria-current=true]").await;
    // Nobody owns the lobby.
    alice.say("/leave").await;
    alice.until("#nowhere").await;
    alice.close().await;
    chat.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn notifications_are_offered_after_the_first_mention() {
    let (driver, chat) = (Driver::start().await, Chat::start());
    let alice = driver.open("alice", &chat.url(), Screen::Desktop).await;
    // The user allows notifications, and the page shows them here.
    let instead = "
        window.shown = [];
        window.Notification = class extends EventTarget {
          static permission = 'default';
          static requestPermission() {
            this.permission = 'granted';
            return Promise.resolve('granted');
          }
          constructor(title, { body, tag }) {
            super();
            window.shown.push([title, body, tag]);
            window.newest = this;
          }
          close() {}
        };";
    alice.script(instead).await;
    alice.enter().await;
    alice.say("/join rust").await;
    alice.until("#channels [data-channel=rust][aria-current=true]").await;
    let mut nc = chat.nc("nc").await;
    nc.send("nothing for anybody").await;
    nc.send("alice, look").await;
    alice.until("#channels [data-channel=lobby][data-mention='1']").await;
    alice.until("#notices .act").await;
    assert_eq!(alice.script("return window.shown").await, json!([]));
    let dotted = "return document.querySelector('#icon').href.includes('circle')";
    alice.until_script(dotted, json!(true)).await;
    alice.shot("notifications").await;
    alice.click("#notices .act").await;
    let note =
        "return [...document.querySelectorAll('[data-line=note]')].at(-1)?.textContent ?? ''";
    let on = "Notifications are on: for mentions and private messages while you look elsewhere.";
    alice.until_script(note, json!(on)).await;

    nc.send("alice: and now?").await;
    let shown = json!([["nc in #lobby", "alice: and now?", "#lobby"]]);
    alice.until_script("return window.shown", shown).await;
    alice.script("window.newest.dispatchEvent(new Event('click'))").await;
    alice.until("#channels [data-channel=lobby][aria-current=true]").await;
    alice.until_script(dotted, json!(false)).await;

    alice.say("/notifications off").await;
    alice.until_script(note, json!("Notifications are off.")).await;
    alice.say("/join rust").await;
    alice.until("#channels [data-channel=rust][aria-current=true]").await;
    nc.send("alice: once more").await;
    alice.until("#channels [data-channel=lobby][data-mention='1']").await;
    assert_eq!(alice.script("return window.shown.length").await, json!(1));
    alice.close().await;
    chat.stop().await;
}
