//! Tests of the page in a real browser.

#[cfg(feature = "axe")]
mod accessibility;
mod accounts;
mod addresses;
mod amending;
mod appearance;
mod attention;
mod channels;
mod composing;
mod cost;
mod driver;
mod foreign_page;
mod history;
mod identity_provider;
mod markdown;
mod people;
mod pinning;
mod proxy;
mod reacting;
mod reflow;
mod reload;
mod replies;
mod resume;
mod rows;
mod search;
mod status;
mod suggestions;
mod weight;

use axum::Router;
use chat_runtime::chat_core::Config;
use chat_runtime::chat_dialects::TextDialect;
use chat_runtime::{Running, Server, bind};
use chat_tests::{ANY_PORT, Authority, Client, shards, stop};
use chat_web::{ChatWeb, Login, WebFrontEnd};
use driver::{Driver, MESSAGES, Screen};
use proxy::Proxy;
use serde_json::json;
use std::net::SocketAddr;
use std::path::Path;
use tokio::net::TcpListener;
use transport_tcp::TcpFrontEnd;
use transport_tls::{Certificates, TlsListener};
use transport_ws::WsEndpoint;

/// A server with a page and a port for `nc`.
struct Chat {
    running: Running,
    web: SocketAddr,
    nc: SocketAddr,
}

impl Chat {
    fn start() -> Self {
        Self::start_at(ANY_PORT)
    }

    /// Connects a text client that is in the lobby when this returns.
    async fn nc(&self, name: &str) -> Client {
        let mut nc = Client::tcp(name, self.nc).await;
        nc.send(format!("/name {name}")).await;
        let named = format!(" is now known as {name}");
        while !nc.next().await.ends_with(&named) {}
        nc
    }

    /// Starts a server at the address of an earlier one.
    fn start_at(web: SocketAddr) -> Self {
        // A test types faster than a person.
        Self::start_with(web, Config { commands_per_second: 0, ..Config::default() })
    }

    /// Does the same, with this configuration.
    fn start_with(web: SocketAddr, config: Config) -> Self {
        Self::run(web, Server::new().config(config))
    }

    fn run(web: SocketAddr, server: Server) -> Self {
        let page = WebFrontEnd::bind(web, WsEndpoint::default()).expect("a free port");
        let text = TcpFrontEnd::bind(ANY_PORT, TextDialect::bracket()).expect("a free port");
        let (web, nc) = (page.local_addr(), text.local_addr());
        let running = server.shards(shards()).front_end(page).front_end(text).start();
        Self { running, web, nc }
    }

    fn url(&self) -> String {
        format!("http://{}/", self.web)
    }

    async fn stop(self) -> SocketAddr {
        stop(self.running).await;
        self.web
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_pages_and_a_text_client_share_a_room() {
    let (driver, chat) = (Driver::start().await, Chat::start());
    let alice = driver.open("alice", &chat.url(), Screen::Desktop).await;
    alice.until("#name-form").await;
    alice.shot("name").await;
    alice.enter().await;
    let bob = driver.open("bob", &chat.url(), Screen::DarkDesktop).await;
    bob.enter().await;
    let mut nc = Client::tcp("nc", chat.nc).await;
    nc.expect(["* user1 joined the chat", "* alice joined the chat", "* bob joined the chat"])
        .await;
    alice.until("#people [data-nickname=user1]").await;

    alice.say("hello from alice").await;
    nc.expect(["[alice]: hello from alice"]).await;
    bob.until_message("hello from alice").await;
    nc.send("hello from nc").await;
    bob.say("/me waves").await;
    nc.expect(["* bob waves"]).await;
    alice.until_message("hello from nc").await;
    alice.until("[data-message-id][data-author=bob][data-kind=action]").await;

    // Markup in a message is shown as text, and no script in it runs.
    let hostile = "<img src=x onerror=\"document.title='owned'\">\
        <script>document.title='owned'</script> https://example.org/a?b=1";
    nc.send(hostile).await;
    alice.until_message(hostile).await;
    let owned = "return [document.querySelectorAll('#messages img, #messages script').length,
        document.title.includes('owned')]";
    assert_eq!(alice.script(owned).await, json!([0, false]));
    let link = alice.until("#messages a[href='https://example.org/a?b=1']").await;
    assert_eq!(link.attr("rel").await.expect("a link").as_deref(), Some("noopener noreferrer"));
    alice.shot("lobby").await;
    bob.shot("lobby-dark").await;

    // A channel is created; another user joins it and leaves it again.
    alice.say("/join rust").await;
    alice.until("#channels [data-channel=rust][aria-current=true]").await;
    alice.say("/topic all about crabs").await;
    bob.click("#browse").await;
    bob.until("#channels-dialog [data-join=rust]").await;
    bob.shot("channels").await;
    bob.click("[data-join=rust]").await;
    bob.until("#channels [data-channel=rust][aria-current=true]").await;
    alice.until("#people [data-nickname=bob]").await;
    alice.say("only here").await;
    bob.until_messages(&["only here"]).await;
    bob.say("/leave").await;
    bob.until("#channels [data-channel=lobby][aria-current=true]").await;
    bob.until_script("return document.querySelector('[data-channel=rust]') === null", json!(true))
        .await;

    // A private conversation.
    alice.click("#channels [data-channel=lobby]").await;
    alice.say("/msg bob psst").await;
    bob.until("#privates [data-private=alice][data-unread='1']").await;
    bob.click("#privates [data-private=alice]").await;
    bob.until_messages(&["psst"]).await;
    bob.say("yes?").await;
    alice.until("#privates [data-private=bob]").await;
    bob.shot("private").await;
    nc.send("nobody told me").await;
    alice.click("#channels [data-channel=lobby]").await;
    alice.until_message("nobody told me").await;

    alice.close().await;
    bob.close().await;
    chat.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn scrolling_up_loads_older_messages() {
    let (driver, chat) = (Driver::start().await, Chat::start());
    let mut nc = Client::tcp("nc", chat.nc).await;
    nc.expect(["* user1 joined the chat"]).await;
    let texts: Vec<String> = (1..=120).map(|number| format!("message {number}")).collect();
    for text in &texts {
        nc.send(text).await;
    }
    nc.send("/users").await;
    nc.expect(["* online: user1"]).await;

    let alice = driver.open("alice", &chat.url(), Screen::Desktop).await;
    alice.enter().await;
    alice.until_message("message 120").await;
    assert_eq!(
        alice.script("return document.querySelectorAll('[data-message-id]').length").await,
        json!(50)
    );
    // Scrolls to the top repeatedly, as with a wheel.
    let all = json!(texts);
    for _ in 0..3 {
        let to_top = "const s = document.querySelector('#scroller'); s.scrollTop = 0;
            s.dispatchEvent(new Event('scroll'));";
        alice.script(to_top).await;
        alice
            .until_script(
                "return document.querySelectorAll('[data-message-id]').length > 50",
                json!(true),
            )
            .await;
    }
    alice
        .until_script(
            &format!("const s = document.querySelector('#scroller'); s.scrollTop = 0; {MESSAGES}"),
            all,
        )
        .await;
    alice.shot("history").await;
    alice.close().await;
    chat.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn page_reconnects_after_a_restart_and_misses_nothing() {
    let (driver, chat) = (Driver::start().await, Chat::start());
    let alice = driver.open("alice", &chat.url(), Screen::Desktop).await;
    alice.enter().await;
    let mut nc = Client::tcp("nc", chat.nc).await;
    nc.expect(["* user1 joined the chat", "* alice joined the chat"]).await;
    nc.send("before one").await;
    nc.send("before two").await;
    alice.until_messages(&["before one", "before two"]).await;

    let web = chat.stop().await;
    alice.until("#status:not([data-state=online])").await;
    alice.shot("offline").await;
    let chat = Chat::start_at(web);
    // Another user is there first, and sends a message while the page is offline.
    let mut nc = Client::tcp("nc", chat.nc).await;
    nc.expect(["* user1 joined the chat"]).await;
    nc.send("after one").await;
    alice.until("#status[data-state=online][data-ready=true]").await;
    nc.expect(["* alice joined the chat"]).await;
    nc.send("after two").await;
    alice.until_messages(&["before one", "before two", "after one", "after two"]).await;
    alice.say("here again").await;
    nc.expect(["[alice]: here again"]).await;
    alice.close().await;
    chat.stop().await;
}

/// Message ids count from one again after a restart, and session ids may be higher than before, so
/// that neither shows that the server was restarted.
#[tokio::test(flavor = "multi_thread")]
async fn messages_after_a_restart_are_shown_below_those_before_it() {
    let (driver, chat) = (Driver::start().await, Chat::start());
    let alice = driver.open("alice", &chat.url(), Screen::Desktop).await;
    alice.enter().await;
    let mut nc = chat.nc("nc").await;
    let before = ["one", "two", "three", "four"];
    for text in before {
        nc.send(text).await;
    }
    alice.until_messages(&before).await;

    let web = chat.stop().await;
    alice.until("#status:not([data-state=online])").await;
    let chat = Chat::start_at(web);
    let _others = [chat.nc("bob").await, chat.nc("carol").await, chat.nc("dave").await];
    let mut nc = chat.nc("nc").await;
    alice.until("#status[data-state=online][data-ready=true]").await;
    nc.send("five").await;
    alice.until_message("five").await;
    alice.say("six").await;
    let shown = "return [...document.querySelectorAll('#messages [data-message-id] .text, \
                 #messages [data-line=note]')].map(row => row.textContent)";
    let restart = "The server was restarted.";
    let all = json!(["one", "two", "three", "four", restart, "five", "six"]);
    alice.until_script(shown, all).await;
    alice.close().await;
    chat.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn broken_connection_is_not_shown_as_a_restart() {
    let (driver, chat) = (Driver::start().await, Chat::start());
    let proxy = Proxy::start(chat.web).await;
    let alice = driver.open("alice", &proxy.url(), Screen::Desktop).await;
    alice.enter().await;
    let mut nc = chat.nc("nc").await;
    nc.send("before").await;
    alice.until_messages(&["before"]).await;
    proxy.cut();
    alice.until("#status:not([data-state=online])").await;
    nc.send("meanwhile").await;
    alice.until("#status[data-state=online][data-ready=true]").await;
    nc.send("after").await;
    alice.until_messages(&["before", "meanwhile", "after"]).await;
    let notes = "return document.querySelectorAll('#messages [data-line=note]').length";
    assert_eq!(alice.script(notes).await, json!(0));
    alice.close().await;
    chat.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn page_fits_the_width_of_a_phone() {
    let (driver, chat) = (Driver::start().await, Chat::start());
    let alice = driver.open("alice", &chat.url(), Screen::Phone).await;
    alice.enter().await;
    alice.say(&"a long word follows: ".repeat(3)).await;
    alice.say(&"w".repeat(200)).await;
    alice.until_message(&"w".repeat(200)).await;
    let widths =
        "return [window.innerWidth, document.documentElement.scrollWidth <= window.innerWidth]";
    assert_eq!(alice.script(widths).await, json!([360, true]));
    alice.shot("phone").await;
    alice.click("#nav-button").await;
    alice.until("#channels [data-channel=lobby]").await;
    alice.shot("phone-channels").await;
    assert_eq!(alice.script(widths).await, json!([360, true]));
    alice.close().await;
    chat.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn page_of_another_origin_cannot_connect() {
    let (driver, chat, other) = (Driver::start().await, Chat::start(), Chat::start());
    let foreign =
        driver.open("mallory", &format!("http://{}/api/status", other.web), Screen::Desktop).await;
    let script = format!(
        "window.result = 'waiting'; const socket = new WebSocket('ws://{}/ws', 'chat.json'); \
         socket.onopen = () => window.result = 'open'; \
         socket.onerror = () => window.result = 'refused';",
        chat.web
    );
    foreign.script(&script).await;
    foreign.until_script("return window.result", json!("refused")).await;
    foreign.close().await;
    chat.stop().await;
    other.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn page_works_under_a_prefix_with_the_login_of_the_application() {
    let driver = Driver::start().await;
    let running = Server::new().start();
    let login = |_: &http::request::Parts| Login::As { nickname: "Agnes".into(), account: None };
    let chat = ChatWeb::new(running.hub().clone()).login(login).router();
    let application = Router::new().nest_service("/tools/chat", chat);
    let listener = TcpListener::bind(ANY_PORT).await.expect("a free port");
    let address = listener.local_addr().expect("a port");
    let serving = tokio::spawn(async move { axum::serve(listener, application).await });

    for path in ["/tools/chat", "/tools/chat/"] {
        let page =
            driver.open("anybody", &format!("http://{address}{path}"), Screen::Desktop).await;
        page.enter().await;
        page.until("#people [data-nickname=Agnes]").await;
        page.say("hello").await;
        page.until("[data-message-id][data-author=Agnes]").await;
        page.close().await;
        // The nickname is free again when the server has noticed that the page has closed.
        while running.hub().look(|view| view.user_count()).await.expect("it runs") > 0 {
            tokio::task::yield_now().await;
        }
    }
    serving.abort();
    stop(running).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn page_loaded_over_tls_connects_over_tls() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("browser");
    let (cert, key) = Authority::new("Test").issue().write(&folder);
    let certificates = Certificates::load(cert, key).expect("a good one");
    let socket = bind(ANY_PORT).expect("a free port");
    let listener = TlsListener::new(socket, certificates.server_config(&["http/1.1"]));
    let page = WebFrontEnd::on(listener, WsEndpoint::default()).expect("an address");
    let port = page.local_addr().port();
    let running = Server::new().front_end(page).start();

    let driver = Driver::start().await;
    let alice = driver.open("alice", &format!("https://localhost:{port}/"), Screen::Desktop).await;
    alice.enter().await;
    alice.say("hello over TLS").await;
    alice.until_message("hello over TLS").await;
    alice.close().await;
    stop(running).await;
}
