//! A login of the page with an identity provider.

use crate::Chat;
use crate::driver::{Driver, Screen};
use chat_fetch::Fetcher;
use chat_oidc::{Oidc, OidcConfig};
use chat_runtime::Server;
use chat_runtime::chat_core::{Config, Nickname, View};
use chat_runtime::chat_dialects::TextDialect;
use chat_tests::{ANY_PORT, Issuer, shards};
use chat_web::WebFrontEnd;
use serde_json::json;
use std::sync::Arc;
use tokio_rustls::rustls::RootCertStore;
use transport_tcp::TcpFrontEnd;
use transport_ws::WsEndpoint;

/// Starts a chat whose page logs its users in with an issuer.
fn start(issuer: &Issuer) -> Chat {
    let page = WebFrontEnd::bind(ANY_PORT, WsEndpoint::default()).expect("a free port");
    let text = TcpFrontEnd::bind(ANY_PORT, TextDialect::bracket()).expect("a free port");
    let (web, nc) = (page.local_addr(), text.local_addr());
    let mut config = OidcConfig::new(issuer.url(), "chat", format!("http://{web}/"));
    config.label = "Example".to_owned();
    let fetcher = Fetcher::trusting(RootCertStore::empty());
    let login = Oidc::new(config, fetcher).expect("a valid configuration");
    let config = Config { accounts: true, commands_per_second: 0, ..Config::default() };
    let server = Server::new().config(config).front_end(page.page_login(Arc::new(login)));
    let running = server.shards(shards()).front_end(text).start();
    Chat { running, web, nc }
}

/// Returns the account of the user who has the nickname ann.
async fn account_of_ann(chat: &Chat) -> Option<String> {
    let look = |view: View<'_>| {
        let ann = view.user(&Nickname::parse("ann").expect("a nickname"))?;
        ann.account().map(ToString::to_string)
    };
    chat.running.hub().look(look).await.expect("a running server")
}

#[tokio::test(flavor = "multi_thread")]
async fn link_leads_to_the_provider_and_back_as_the_user() {
    let issuer = Issuer::start().await;
    issuer.claims(json!({ "sub": "1", "preferred_username": "ann" }));
    let (driver, chat) = (Driver::start().await, start(&issuer));
    let ann = driver.open("ann", &chat.url(), Screen::Desktop).await;
    let link = "const link = document.querySelector('#log-in-with');
        return [link.hidden, link.textContent, getComputedStyle(link).textDecorationLine]";
    ann.until_script(link, json!([false, "Log in with Example", "none"])).await;
    ann.shot("log-in-with").await;
    ann.click("#log-in-with").await;
    ann.until("#status[data-state=online][data-ready=true]").await;
    ann.until("#people [data-nickname=ann]").await;
    assert_eq!(account_of_ann(&chat).await.as_deref(), Some("ann"));
    assert_eq!(issuer.codes_used(), 1);
    ann.say("hello").await;
    ann.until("[data-message-id][data-author=ann]").await;
    // The page cannot read the cookie, and needs no other login after a reload.
    let cookies = ann.script("return document.cookie").await;
    assert_eq!(cookies, "");
    ann.reload().await;
    ann.until("#status[data-state=online][data-ready=true]").await;
    ann.until("#people [data-nickname=ann]").await;
    assert_eq!(account_of_ann(&chat).await.as_deref(), Some("ann"));
    assert_eq!(issuer.codes_used(), 1);
    ann.close().await;
    chat.stop().await;
}
