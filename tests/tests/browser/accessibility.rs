//! The page in many states, checked by axe-core. `scripts/accessibility` runs this with the path of
//! axe-core in `CHAT_TEST_AXE`.

use crate::Chat;
use crate::driver::{Driver, Page, Screen};
use fantoccini::key::Key;
use serde_json::json;

/// A page with axe-core.
struct Checked {
    page: Page,
    axe: String,
}

impl Checked {
    async fn open(driver: &Driver, chat: &Chat, name: &str, screen: Screen) -> Self {
        let path = std::env::var("CHAT_TEST_AXE").expect("CHAT_TEST_AXE: the path of axe.min.js");
        let axe = std::fs::read_to_string(path).expect("a file to read");
        Self { page: driver.open(name, &chat.url(), screen).await, axe }
    }

    /// Fails if the page violates a rule in this state.
    async fn check(&self, state: &str) {
        self.page.script(&self.axe).await;
        let run = "const done = arguments[arguments.length - 1];
            const rules = { 'color-contrast-enhanced': { enabled: false } };
            axe.run(document, { rules, resultTypes: ['violations'] }).then(
              ({ violations, passes }) => done([passes.length > 10, violations.map(
                ({ id, help, nodes }) => `${id}: ${help}: ${nodes.map((node) =>
                  `${node.html.slice(0, 200)} ${node.failureSummary}`).join(' | ')}`)]),
              (error) => done([false, [String(error)]]));";
        let found = self.page.script_async(run).await;
        assert_eq!(found, json!([true, []]), "{state}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_state_of_the_page_violates_a_rule() {
    let (driver, chat) = (Driver::start().await, Chat::start());
    let mut bob = chat.nc("bob").await;
    bob.send("**hello** `code` https://example.org/").await;
    for (name, screen) in [("alice", Screen::Desktop), ("agnes", Screen::DarkDesktop)] {
        let checked = Checked::open(&driver, &chat, name, screen).await;
        let page = &checked.page;
        page.until("#name-form").await;
        checked.check("the form").await;
        page.enter().await;
        page.paste("```\nlet a = 1;\n```\n> quote\n- one").await;
        page.press_enter().await;
        page.until("#messages .code").await;
        page.say(&format!("/join {name}")).await;
        page.until("#settings").await;
        bob.send(&format!("{name}: look")).await;
        page.until("#channels [data-channel=lobby][data-mention]").await;
        checked.check("a mention elsewhere").await;
        page.click("#channels [data-channel=lobby]").await;
        page.until_message(&format!("{name}: look")).await;
        checked.check("messages").await;
        page.fill("#composer", "@").await;
        page.until("#suggestions").await;
        checked.check("suggestions").await;
        page.fill("#composer", "").await;
        page.click("#people [data-nickname=bob]").await;
        page.until("#menu").await;
        checked.check("the menu of a person").await;
        page.key(Key::Escape).await;
        page.click("#composer").await;
        page.script("document.querySelector('#scroller').focus()").await;
        page.key(Key::Up).await;
        page.key(Key::Up).await;
        page.key(Key::Enter).await;
        page.until("#menu").await;
        checked.check("the menu of a message").await;
        page.key(Key::Enter).await;
        page.until("#reply-bar").await;
        checked.check("a reply that is begun").await;
        page.say("indeed").await;
        page.until("#messages .quote").await;
        checked.check("a reply").await;
        page.script("document.querySelector('#scroller').focus()").await;
        page.key(Key::Up).await;
        page.key(Key::Enter).await;
        page.until("#menu").await;
        page.key(Key::Down).await;
        page.key(Key::Enter).await;
        page.until("#react-dialog[open]").await;
        checked.check("the dialog for reactions").await;
        page.key(Key::Enter).await;
        page.until("#messages .chip").await;
        checked.check("a reaction").await;
        page.say("/help").await;
        page.until("[data-line=note] dl").await;
        checked.check("the help").await;
        page.click(&format!("#channels [data-channel={name}]")).await;
        page.click("#settings").await;
        page.until("#settings-modes:enabled").await;
        page.click("#settings-lists [data-list=bans] summary").await;
        page.until("[data-list=bans] li").await;
        checked.check("the settings of a channel").await;
        page.key(Key::Escape).await;
        for (button, dialog) in
            [("#search", "search"), ("#browse", "channels"), ("#me-button", "me")]
        {
            page.click(button).await;
            page.until(&format!("#{dialog}-dialog[open]")).await;
            checked.check(dialog).await;
            page.key(Key::Escape).await;
        }
        page.click("#leave").await;
        page.until("#confirm-dialog[open]").await;
        checked.check("the confirmation").await;
        page.key(Key::Escape).await;
        page.keys(&format!("{}k{}", char::from(Key::Control), char::from(Key::Null))).await;
        page.until("#switcher[open]").await;
        checked.check("the switcher").await;
        page.key(Key::Escape).await;
        checked.page.close().await;
    }

    let checked = Checked::open(&driver, &chat, "phoebe", Screen::Phone).await;
    let page = &checked.page;
    page.enter().await;
    checked.check("a phone").await;
    page.click("#nav-button").await;
    page.until("#channels").await;
    checked.check("the drawer of conversations").await;
    page.click("#nav .close-panel").await;
    page.click("#people-button").await;
    page.until("#people").await;
    checked.check("the drawer of people").await;
    checked.page.close().await;
    chat.stop().await;
}
