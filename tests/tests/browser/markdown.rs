//! Formatted messages.

use crate::Chat;
use crate::driver::{Driver, Screen};
use serde_json::json;

/// Returns the newest message: each element as its name and its contents.
const NEWEST: &str = "
    const shape = (node) => node.nodeType === Node.TEXT_NODE ? node.data
      : [node.localName, ...[...node.childNodes].map(shape)];
    const texts = document.querySelectorAll('#messages [data-message-id] .text');
    return [...(texts[texts.length - 1]?.childNodes ?? [])].map(shape);";

#[tokio::test(flavor = "multi_thread")]
async fn inline_markdown_is_shown_as_elements() {
    let (driver, chat) = (Driver::start().await, Chat::start());
    let alice = driver.open("alice", &chat.url(), Screen::Desktop).await;
    alice.enter().await;
    let mut nc = chat.nc("nc").await;
    let table = [
        ("plain", json!(["plain"])),
        ("**bold** text", json!([["strong", "bold"], " text"])),
        ("*one* and _two_", json!([["em", "one"], " and ", ["em", "two"]])),
        ("**bold *and italic***", json!([["strong", "bold ", ["em", "and italic"]]])),
        ("*a **b _c***", json!([["em", "a ", ["strong", "b _c"]]])),
        ("***both***", json!([["strong", ["em", "both"]]])),
        ("use `a * b * c` here", json!(["use ", ["code", "a * b * c"], " here"])),
        ("``a ` b``", json!([["code", "a ` b"]])),
        ("2 * 3 * 4, a*b*c", json!(["2 * 3 * 4, a*b*c"])),
        ("snake_case_name and __init__", json!(["snake_case_name and __init__"])),
        ("an *open one", json!(["an *open one"])),
        ("an `open one", json!(["an `open one"])),
        (
            "**see https://example.org/a_b_c.**",
            json!([["strong", "see ", ["a", "https://example.org/a_b_c"], "."]]),
        ),
        ("# no heading", json!(["# no heading"])),
        ("[text](https://example.org/)", json!(["[text](", ["a", "https://example.org/"], ")"])),
        ("<b>*x*</b>", json!(["<b>", ["em", "x"], "</b>"])),
        ("> a quote", json!([["blockquote", "a quote"]])),
        ("¯\\_(ツ)_/¯", json!(["¯\\_(ツ)_/¯"])),
    ];
    for (text, shape) in table {
        nc.send(text).await;
        alice.until_script(NEWEST, shape).await;
    }
    alice.shot("markdown").await;
    alice.close().await;
    chat.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn blocks_of_code_are_copied() {
    let (driver, chat) = (Driver::start().await, Chat::start());
    let alice = driver.open("alice", &chat.url(), Screen::Desktop).await;
    alice.enter().await;
    alice
        .paste("Look:\n```rust\nlet a = *b;\n  // **not bold**\n```\n- one\n- *two*\n\n3. three")
        .await;
    alice.press_enter().await;
    let shape = json!([
        ["p", "Look:"],
        ["div", ["pre", ["code", "let a = *b;\n  // **not bold**"]], ["button"]],
        ["ul", ["li", "one"], ["li", ["em", "two"]]],
        ["ol", ["li", "three"]],
    ]);
    alice.until_script(NEWEST, shape).await;
    alice.shot("markdown-blocks").await;
    let permission = json!({ "permission": { "name": "clipboard-read" }, "setting": "granted" });
    alice.devtools("Browser.setPermission", permission).await;
    alice.click("#messages .copy").await;
    alice
        .until_script("return document.querySelector('#toast').textContent", json!("Copied."))
        .await;
    alice.paste("").await;
    alice.script("document.querySelector('#composer').focus()").await;
    let pasted = alice.script("return navigator.clipboard.readText()").await;
    assert_eq!(pasted, json!("let a = *b;\n  // **not bold**"));

    // A block without an end is no block.
    alice.paste("```\nnever closed").await;
    alice.press_enter().await;
    alice.until_script(NEWEST, json!(["```\nnever closed"])).await;
    alice.close().await;
    chat.stop().await;
}
