//! The page fits screens from 320 to 2560 pixels, and a zoom of 200 %: nothing has to be scrolled
//! sideways, and no control is outside of the screen.

use crate::Chat;
use crate::driver::{Driver, Page, Screen};
use fantoccini::key::Key;
use serde_json::json;

/// The widths in CSS pixels, and the pixels of the screen for each of them. A window of 1280 pixels
/// is 640 wide at a zoom of 200 %.
const SCREENS: [(u32, u32); 5] = [(320, 2), (640, 2), (768, 1), (1280, 1), (2560, 1)];

/// Returns what does not fit. Text that scrolls in a box of its own, such as code, may be wider.
const TOO_WIDE: &str = "
    const found = [];
    const width = document.documentElement.scrollWidth;
    if (width > innerWidth) found.push(`the page is ${width} pixels wide`);
    const dialog = document.querySelector('dialog[open]');
    const controls = 'button, input, textarea, a[href], [role=option], [role=menuitem], summary';
    for (const control of (dialog ?? document).querySelectorAll(controls)) {
      if (!control.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
      const { left, right } = control.getBoundingClientRect();
      if (left < 0 || right > innerWidth) {
        const name = control.ariaLabel || control.textContent || control.id;
        found.push(`${control.tagName} ${name.trim()} is from ${left} to ${right}`);
      }
    }
    return found;";

async fn fits(page: &Page, width: u32, state: &str) {
    page.until_script(TOO_WIDE, json!([])).await;
    page.shot(&format!("reflow-{width}-{}", state.replace(' ', "-"))).await;
}

/// Opens a panel of a narrow page, and waits until it rests.
async fn slide(page: &Page, button: &str) {
    page.click(button).await;
    page.until_script("return document.getAnimations().length", json!(0)).await;
}

async fn is_shown(page: &Page, button: &str) -> bool {
    let script = format!("return document.querySelector('{button}').checkVisibility()");
    page.script(&script).await == json!(true)
}

/// Opens and closes each part of the page at this width.
async fn walk(page: &Page, width: u32) {
    fits(page, width, "messages").await;
    page.fill("#composer", "@").await;
    page.until("#suggestions").await;
    fits(page, width, "suggestions").await;
    page.fill("#composer", "").await;
    page.click("#title").await;
    // The panels are columns where there is room.
    let (nav, people) =
        (is_shown(page, "#nav-button").await, is_shown(page, "#people-button").await);
    if nav {
        slide(page, "#nav-button").await;
        fits(page, width, "conversations").await;
        slide(page, "#nav .close-panel").await;
    }
    if people {
        slide(page, "#people-button").await;
    }
    page.click("#people [data-nickname=bob]").await;
    page.until("#menu").await;
    fits(page, width, "menu").await;
    page.key(Key::Escape).await;
    if people {
        slide(page, "#people-panel .close-panel").await;
    }
    page.click("#settings").await;
    page.until("#settings-modes:enabled").await;
    fits(page, width, "settings").await;
    page.key(Key::Escape).await;
    for (button, dialog) in [("#search", "search"), ("#leave", "confirm")] {
        page.click(button).await;
        page.until(&format!("#{dialog}-dialog[open]")).await;
        fits(page, width, dialog).await;
        page.key(Key::Escape).await;
    }
    for (button, dialog) in [("#browse", "channels"), ("#me-button", "me")] {
        if nav {
            slide(page, "#nav-button").await;
        }
        // The dialog closes the panel.
        page.click(button).await;
        page.until(&format!("#{dialog}-dialog[open]")).await;
        fits(page, width, dialog).await;
        page.key(Key::Escape).await;
    }
    page.keys(&format!("{}k{}", char::from(Key::Control), char::from(Key::Null))).await;
    page.until("#switcher[open]").await;
    fits(page, width, "switcher").await;
    page.key(Key::Escape).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_wider_than_the_screen() {
    let (driver, chat) = (Driver::start().await, Chat::start());
    let alice = driver.open("alice", &chat.url(), Screen::Desktop).await;
    let mut bob = chat.nc("bob").await;
    for (width, scale) in SCREENS {
        let screen = json!({
            "width": width, "height": 720, "deviceScaleFactor": scale, "mobile": false,
        });
        alice.devtools("Emulation.setDeviceMetricsOverride", screen).await;
        alice.until_script("return innerWidth", json!(width)).await;
        if width == SCREENS[0].0 {
            alice.until("#name-form").await;
            fits(&alice, width, "the form").await;
            alice.enter().await;
            alice.say("/join a-channel-with-a-long-name").await;
            alice.until("#settings").await;
            bob.send("/join a-channel-with-a-long-name").await;
            bob.send(&"alice".repeat(60)).await;
            bob.send(&format!("alice: https://example.org/{}", "path/".repeat(40))).await;
            bob.send(&format!("`{}`", "code_without_a_space".repeat(12))).await;
            alice.until("[data-mentioned]").await;
            alice.paste(&format!("```\n{}\n```", "let wide = code;".repeat(20))).await;
            alice.press_enter().await;
            alice.until("#messages .code").await;
        }
        walk(&alice, width).await;
    }
    alice.close().await;
    chat.stop().await;
}
