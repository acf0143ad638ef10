//! Rows of the log: existing rows are not rebuilt when others are added.

use crate::Chat;
use crate::driver::{Driver, Screen};
use chat_runtime::chat_core::{Command, Peer, ProfileChange};
use chat_tests::Client;
use serde_json::json;

/// Remembers the current rows, and counts rows that are added and removed from now on:
/// `window.changes`.
const WATCH: &str = "
    const log = document.querySelector('#messages');
    window.rowsBefore = [...log.children];
    window.changes = { added: 0, removed: 0 };
    new MutationObserver((records) => {
      for (const { addedNodes, removedNodes } of records) {
        window.changes.added += addedNodes.length;
        window.changes.removed += removedNodes.length;
      }
    }).observe(log, { childList: true });";

/// Focuses the link in a message, and selects the words of the row below it.
const FOCUS_AND_SELECT: &str = "
    const link = document.querySelector('#messages a');
    link.focus({ preventScroll: true });
    const below = link.closest('.message').nextElementSibling.querySelector('.text');
    getSelection().selectAllChildren(below);";

/// Returns the focused and the selected text.
const FOCUSED_AND_SELECTED: &str =
    "return [document.activeElement.textContent, String(getSelection())]";

const LINK: &str = "https://example.org/";

#[tokio::test(flavor = "multi_thread")]
async fn message_adds_one_row_and_rebuilds_no_other() {
    let (driver, chat) = (Driver::start().await, Chat::start());
    let alice = driver.open("alice", &chat.url(), Screen::Desktop).await;
    alice.enter().await;
    let mut nc = chat.nc("nc").await;
    nc.send(LINK).await;
    nc.send("below the link").await;
    nc.send("last").await;
    alice.until_message("last").await;
    alice.script(WATCH).await;
    alice.script(FOCUS_AND_SELECT).await;

    // A message, then a join and a rename, which are lines in the log.
    nc.send("one more").await;
    alice.until_message("one more").await;
    assert_eq!(alice.script("return window.changes").await, json!({ "added": 1, "removed": 0 }));
    let mut carol = Client::tcp("carol", chat.nc).await;
    carol.send("/name carol").await;
    alice.until("#people [data-nickname=carol]").await;
    carol.send("I am new").await;
    alice.until_message("I am new").await;
    let changes = alice.script(
        "return [window.changes.removed, window.rowsBefore.every((row) => row.isConnected)]",
    );
    assert_eq!(changes.await, json!([0, true]));
    assert_eq!(alice.script(FOCUSED_AND_SELECTED).await, json!([LINK, "below the link"]));
    alice.close().await;
    chat.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn older_messages_do_not_rebuild_newer_rows() {
    let (driver, chat) = (Driver::start().await, Chat::start());
    let mut nc = chat.nc("nc").await;
    for number in 1..=120 {
        let text = if number == 100 { LINK.to_owned() } else { format!("message {number}") };
        nc.send(text).await;
    }
    let alice = driver.open("alice", &chat.url(), Screen::Desktop).await;
    alice.enter().await;
    alice.until_message("message 120").await;
    alice.script(WATCH).await;
    alice.script(FOCUS_AND_SELECT).await;

    alice.script("document.querySelector('#scroller').scrollTop = 0").await;
    alice.until_message("message 30").await;
    let kept = "const messages = window.rowsBefore.filter((row) => row.dataset.messageId);
        return [window.changes.removed, messages.length, messages.every((row) => row.isConnected)]";
    assert_eq!(alice.script(kept).await, json!([0, 50, true]));
    assert_eq!(alice.script(FOCUSED_AND_SELECTED).await, json!([LINK, "message 101"]));
    alice.close().await;
    chat.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_far_from_the_user_are_removed_at_the_row_limit() {
    let (driver, chat) = (Driver::start().await, Chat::start());
    let alice = driver.open("alice", &chat.url(), Screen::Desktop).await;
    alice.enter().await;
    let mut nc = chat.nc("nc").await;
    let mut said = 0;
    let mut say = async |count: usize| {
        for _ in 0..count {
            said += 1;
            nc.send(format!("message {said}")).await;
        }
        alice.until_newest(&format!("message {said}")).await;
    };
    say(900).await;
    // At the end of the log only the newest 100 entries are drawn, and up to 50 more until the
    // oldest are removed together.
    alice.script(WATCH).await;
    say(60).await;
    let found = "const { added, removed } = window.changes;
        const rows = document.querySelector('#messages').children.length;
        return [added, removed >= 50 && removed <= 120, rows >= 100 && rows <= 152,
                window.rowsBefore.slice(-40).every((row) => row.isConnected)]";
    assert_eq!(alice.script(found).await, json!([60, true, true, true]));
    let day =
        "return document.querySelector('#messages').firstElementChild.dataset.day !== undefined";
    assert_eq!(alice.script(day).await, json!(true), "the name of the day stands on top");

    // Scrolling up draws others, and the drawn rows are not rebuilt.
    alice.script(WATCH).await;
    let up = |rows: &str| {
        format!(
            "const scroller = document.querySelector('#scroller');
             scroller.scrollTop = 0;
             scroller.dispatchEvent(new Event('scroll'));
             const rows = document.querySelector('#messages').children;
             return {rows}"
        )
    };
    alice.until_script(&up("rows.length >= 250"), json!(true)).await;
    let kept = "return [window.changes.removed, window.rowsBefore.every((row) => row.isConnected)]";
    assert_eq!(alice.script(kept).await, json!([0, true]));

    // Above 600 rows, those that are farthest away are removed.
    let is_first =
        "rows.length <= 602 && document.querySelector('[data-message-id=\"1\"]') !== null";
    alice.until_script(&up(is_first), json!(true)).await;
    let found = "return [window.rowsBefore.at(-1).isConnected,
        document.querySelector('#messages').children.length >= 500]";
    assert_eq!(alice.script(found).await, json!([false, true]));
    // The end is far below: new messages change no row.
    alice.script(WATCH).await;
    nc.send("far below").await;
    let jump = "return document.querySelector('#jump').textContent";
    alice.until_script(jump, json!("1 new message ↓")).await;
    let found = "const { added, removed } = window.changes; return [added, removed]";
    assert_eq!(alice.script(found).await, json!([0, 0]));
    alice.close().await;
    chat.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn focused_person_keeps_focus_when_the_list_of_people_changes() {
    let (driver, chat) = (Driver::start().await, Chat::start());
    let alice = driver.open("alice", &chat.url(), Screen::Desktop).await;
    alice.enter().await;
    alice.say("/join rust").await;
    alice.until("#channels [data-channel=rust][aria-current=true]").await;
    let mut guests = Vec::new();
    for name in ["bob", "mia", "zoe"] {
        let mut guest = chat.nc(name).await;
        guest.send("/join rust").await;
        alice.until(&format!("#people [data-nickname={name}]")).await;
        guests.push(guest);
    }
    alice.script("document.querySelector('#people [data-nickname=mia]').focus()").await;
    // One guest is inserted before mia, and then mia moves up.
    let mut guest = chat.nc("carl").await;
    guest.send("/join rust").await;
    alice.until("#people [data-nickname=carl]").await;
    let focused = "return document.activeElement.dataset.nickname";
    assert_eq!(alice.script(focused).await, json!("mia"));
    let promote = "const composer = document.querySelector('#composer');
        composer.value = '/op mia'; document.querySelector('#composer-form').requestSubmit();
        document.querySelector('#people [data-nickname=mia]').focus();";
    alice.script(promote).await;
    alice.until("#people [data-nickname=mia][data-role=operator]").await;
    let order = "return [...document.querySelectorAll('#people [data-nickname]')]
        .map((person) => person.dataset.nickname)";
    assert_eq!(alice.script(order).await, json!(["alice", "mia", "bob", "carl", "zoe"]));
    assert_eq!(alice.script(focused).await, json!("mia"));
    alice.close().await;
    chat.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_of_the_server_are_marked_and_closed_channels_are_left() {
    let (driver, chat) = (Driver::start().await, Chat::start());
    let alice = driver.open("alice", &chat.url(), Screen::Desktop).await;
    alice.enter().await;
    let hub = chat.running.hub();
    hub.create_channel("table").await.expect("it is free");
    alice.say("/join table").await;
    alice.until("#channels [data-channel=table][aria-current=true]").await;
    hub.say("table", "The game begins.").await.expect("the channel exists");
    alice.until_message("The game begins.").await;
    let marks = "const message = document.querySelector('#messages [data-system]');
        return [message.dataset.author, message.querySelector('.kind').textContent]";
    assert_eq!(alice.script(marks).await, json!(["server", "server"]));
    hub.close_channel("table", Some("game over".into())).await.expect("it is not the lobby");
    let text = "return document.querySelector('#messages').textContent
        .includes('server closed #table: game over')";
    alice.until_script(text, json!(true)).await;
    alice.close().await;
    chat.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_are_marked_in_messages_and_among_the_people() {
    let (driver, chat) = (Driver::start().await, Chat::start());
    let alice = driver.open("alice", &chat.url(), Screen::Desktop).await;
    alice.enter().await;
    let peer = Peer { bot: true, account: Some("rob7".into()), ..Peer::default() };
    let robot = chat.running.hub().open_in_process(peer).await.expect("the server runs");
    robot.command(Command::identify("robot")).await.expect("the server runs");
    alice.until("#people [data-nickname=robot]").await;
    robot.command(Command::say("lobby", "beep")).await.expect("the server runs");
    alice.until_message("beep").await;
    let marks = "return [document.querySelector('#messages [data-bot] .kind').textContent,
        document.querySelector('#people [data-nickname=robot] .role').textContent,
        document.querySelector('#messages [data-bot] .author').title]";
    assert_eq!(alice.script(marks).await, json!(["bot", "bot", "Account rob7"]));
    alice.shot("bot").await;
    let changes = vec![ProfileChange::Bot(false)];
    robot.command(Command::SetProfile { changes }).await.expect("the server runs");
    robot.command(Command::say("lobby", "I am a person now")).await.expect("the server runs");
    alice.until_message("I am a person now").await;
    let marks = "return [document.querySelectorAll('#messages [data-bot]').length,
        document.querySelector('#people [data-nickname=robot] .role').textContent]";
    assert_eq!(alice.script(marks).await, json!([1, ""]));
    alice.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_to_members_of_a_role_are_marked() {
    let (driver, chat) = (Driver::start().await, Chat::start());
    let alice = driver.open("alice", &chat.url(), Screen::Desktop).await;
    alice.enter().await;
    alice.say("/join den").await;
    alice.until("#channels [data-channel=den][aria-current=true]").await;
    let mut nc = chat.nc("nc").await;
    nc.send("/join den").await;
    nc.send("to all").await;
    nc.send("/msg @#den to operators").await;
    nc.send("/msg @#den more to them").await;
    nc.send("to all again").await;
    alice.until_newest("to all again").await;
    let marks = "return [...document.querySelectorAll('#messages .message')].map((message) =>
        [message.querySelector('.byline .kind, .spoken')?.textContent.includes('to operators'),
         message.classList.contains('first')])";
    let expected = json!([[null, true], [true, true], [true, false], [null, true]]);
    assert_eq!(alice.script(marks).await, expected);
    alice.shot("role").await;
    alice.close().await;
    chat.stop().await;
}
