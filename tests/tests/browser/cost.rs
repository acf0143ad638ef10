//! The cost of a message for the page. Counts are asserted; times are only printed, since they
//! depend on the machine's load:
//!
//! `cargo test -p chat-tests --features browser --test browser cost -- --nocapture --test-threads=1`

#![allow(clippy::print_stdout, reason = "the figures are meant to be read")]

use crate::Chat;
use crate::driver::{Driver, Page, Screen};
use chat_tests::Client;
use serde_json::json;
use std::time::Duration;
use tokio::time::interval;

/// The number of rows that a conversation keeps.
const ROWS: usize = 1_000;
/// Messages that are drawn one by one.
const SINGLE: usize = 100;
/// The number of messages of a burst, and the time between them.
const BURST: usize = 1_000;
const APART: Duration = Duration::from_millis(5);
/// So far apart that each message is drawn in its own frame.
const FRAMES_APART: Duration = Duration::from_millis(40);

/// Counts changes of the log and the frames that have any, and measures the maximum lateness of a
/// timer of 5 ms.
const WATCH: &str = "
    window.watched = { updates: 0, frames: 0, most: 0, latest: 0 };
    let frame = 0, last = -1, within = 0, due = performance.now() + 5;
    const tick = () => { frame += 1; requestAnimationFrame(tick); };
    requestAnimationFrame(tick);
    new MutationObserver(() => {
      const { watched } = window;
      watched.updates += 1;
      within = frame === last ? within + 1 : 1;
      if (frame !== last) watched.frames += 1;
      last = frame;
      watched.most = Math.max(watched.most, within);
    }).observe(document.querySelector('#messages'), { childList: true });
    const late = () => {
      const now = performance.now();
      window.watched.latest = Math.max(window.watched.latest, now - due);
      due = now + 5;
      setTimeout(late, 5);
    };
    setTimeout(late, 5);";

#[tokio::test(flavor = "multi_thread")]
async fn cost_of_a_message_and_of_a_burst_with_a_full_log() {
    let (driver, chat) = (Driver::start().await, Chat::start());
    let alice = driver.open("alice", &chat.url(), Screen::Desktop).await;
    alice.enter().await;
    let mut nc = chat.nc("nc").await;
    say(&alice, &mut nc, ROWS, Duration::from_millis(1)).await;

    let before = Spent::so_far(&alice).await;
    say(&alice, &mut nc, SINGLE, FRAMES_APART).await;
    let spent = Spent::so_far(&alice).await.since(&before);
    println!("A message at {ROWS} rows: {}", spent.each(SINGLE));

    alice.script(WATCH).await;
    let before = Spent::so_far(&alice).await;
    say(&alice, &mut nc, BURST, APART).await;
    let spent = Spent::so_far(&alice).await.since(&before);
    let watched = alice.script("return window.watched").await;
    println!("One of {BURST} messages, one each {APART:?}: {}", spent.each(BURST));
    println!(
        "They were drawn in {} frames; a timer was at most {:.0} ms late.",
        watched["frames"],
        watched["latest"].as_f64().expect("a number"),
    );
    assert_eq!(watched["most"], json!(1), "updates of the log in one frame");
    let rows = "return document.querySelector('#messages').children.length <= 1101";
    assert_eq!(alice.script(rows).await, json!(true));
    alice.close().await;
    chat.stop().await;
}

/// Sends messages, each after a pause, and waits until the page shows the last.
async fn say(page: &Page, nc: &mut Client, count: usize, pause: Duration) {
    let mut clock = interval(pause);
    for number in 1..=count {
        clock.tick().await;
        nc.send(format!("number {number} of {count}")).await;
    }
    page.until_newest(&format!("number {count} of {count}")).await;
}

/// Processor time of the page's main thread, in milliseconds.
struct Spent {
    all: f64,
    script: f64,
    style: f64,
    layout: f64,
}

impl Spent {
    async fn so_far(page: &Page) -> Self {
        page.devtools("Performance.enable", json!({ "timeDomain": "threadTicks" })).await;
        let found = page.devtools("Performance.getMetrics", json!({})).await;
        let metrics = found["metrics"].as_array().expect("a list");
        let of = |name: &str| {
            let metric = metrics.iter().find(|metric| metric["name"] == name);
            metric.and_then(|metric| metric["value"].as_f64()).expect("seconds") * 1e3
        };
        Self {
            all: of("TaskDuration"),
            script: of("ScriptDuration"),
            style: of("RecalcStyleDuration"),
            layout: of("LayoutDuration"),
        }
    }

    fn since(&self, before: &Self) -> Self {
        Self {
            all: self.all - before.all,
            script: self.script - before.script,
            style: self.style - before.style,
            layout: self.layout - before.layout,
        }
    }

    fn each(&self, count: usize) -> String {
        let [all, script, style, layout] =
            [self.all, self.script, self.style, self.layout].map(|spent| spent / count as f64);
        format!(
            "{all:.2} ms of the main thread (script {script:.2}, style {style:.2}, \
             layout {layout:.2})"
        )
    }
}
