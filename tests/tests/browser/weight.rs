//! The cost of loading the page: requests, and bytes on the wire.
//!
//! `cargo test -p chat-tests --features browser --test browser weight -- --nocapture`

#![allow(clippy::print_stdout, reason = "the figures are meant to be read")]

use crate::Chat;
use crate::driver::{Driver, Screen};
use crate::proxy::{Proxy, Traffic};

/// Maximum number of bytes to load before a user can chat, with all headers.
const FIRST_BYTES: usize = 60_000;

#[tokio::test(flavor = "multi_thread")]
async fn weight_of_the_first_and_the_second_load() {
    let (driver, chat) = (Driver::start().await, Chat::start());
    let proxy = Proxy::start(chat.web).await;
    let alice = driver.open("alice", &proxy.url(), Screen::Desktop).await;
    alice.enter().await;
    let first = proxy.take();
    report("first", &first);
    // Two of them are for installing the page, after it is shown: the manifest and an icon.
    assert!(first.requests.len() <= 8, "{:?}", first.requests);
    assert!(first.bytes <= FIRST_BYTES, "{} bytes", first.bytes);

    for how in ["visited again", "reloaded"] {
        match how {
            "reloaded" => alice.reload().await,
            _ => alice.visit(&proxy.url()).await,
        }
        // The page enters by itself, under its previous nickname.
        alice.until("#status[data-state=online][data-ready=true]").await;
        let again = proxy.take();
        report(how, &again);
        assert_eq!(again.requests, ["GET / HTTP/1.1", "GET /ws HTTP/1.1"], "{how}");
        assert!(again.bytes < 4_000, "{how}: {} bytes", again.bytes);
    }
    alice.close().await;
    chat.stop().await;
}

fn report(how: &str, traffic: &Traffic) {
    println!("{how}: {} requests, {} bytes", traffic.requests.len(), traffic.bytes);
}
