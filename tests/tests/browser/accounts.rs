//! Accounts with passwords in the page: registering, logging in, devices, and the end of a login.

use crate::Chat;
use crate::driver::{Driver, Page, Screen};
use crate::proxy::Proxy;
use chat_accounts::{Argon2Passwords, Hasher, HasherConfig};
use chat_runtime::Server;
use chat_runtime::chat_core::{Config, Secret};
use chat_tests::{ANY_PORT, Client};
use fantoccini::key::Key;
use serde_json::{Value, json};

pub(crate) const GOOD: &str = "correct horse battery staple";
const BETTER: &str = "another horse entirely";

/// A password check whose hashes cost nearly nothing.
pub(crate) fn passwords() -> Argon2Passwords {
    let mut config = HasherConfig::default();
    (config.memory, config.passes) = (8, 1);
    Argon2Passwords::new(Hasher::new(&config).expect("it is valid"))
}

fn start_with(passwords: Argon2Passwords) -> Chat {
    let config = Config { registration: true, commands_per_second: 0, ..Config::default() };
    Chat::run(ANY_PORT, Server::new().config(config).passwords(passwords))
}

fn start() -> Chat {
    start_with(passwords())
}

/// Fills in the form of the account, and sends it.
pub(crate) async fn fill(page: &Page, account: &str, password: &str) {
    page.fill("#login-account", account).await;
    page.fill("#login-password", password).await;
    page.click("#login-go").await;
}

/// Registers an account as a guest who is in the chat, or logs in to it.
pub(crate) async fn go_as(page: &Page, command: &str, account: &str, password: &str) {
    page.say(&format!("/{command} {account}")).await;
    page.fill("#login-password", password).await;
    page.click("#login-go").await;
    until_account(page, account).await;
}

/// Waits until the page shows that it is logged in, or is a guest if the name is empty.
pub(crate) async fn until_account(page: &Page, account: &str) {
    let shown = "const { hidden, textContent } = document.querySelector('#me-account');
        return hidden ? '' : textContent.replace('Account ', '')";
    page.until_script(shown, json!(account)).await;
    page.until_script("return document.querySelector('dialog[open]')", Value::Null).await;
}

/// Waits until a form shows an error below this field, which has the focus.
async fn until_error(page: &Page, field: &str, said: &str) {
    let script = format!(
        "const field = document.querySelector('#{field}');
         const error = document.getElementById(field.getAttribute('aria-describedby'));
         return [field.getAttribute('aria-invalid'), document.activeElement.id,
                 error.textContent.includes({}) || error.textContent]",
        json!(said)
    );
    page.until_script(&script, json!(["true", field, true])).await;
}

const LOGIN: &str = "return localStorage.getItem('chat.login')";

#[tokio::test(flavor = "multi_thread")]
async fn guest_registers_and_keeps_its_channels_after_a_reload() {
    let (driver, chat) = (Driver::start().await, start());
    let alice = driver.open("alice", &chat.url(), Screen::Desktop).await;
    alice.enter().await;
    alice.say("/join tea").await;
    alice.until("#people [data-nickname=alice][data-role=owner]").await;
    alice.click("#me-button").await;
    alice.click("#account").await;
    alice.until("#login-form").await;
    alice.shot("account-log-in").await;
    alice.click("#login-other").await;
    let completes =
        "return ['account', 'password'].map((id) => document.querySelector(`#login-${id}`)
            .autocomplete)";
    alice.until_script(completes, json!(["username", "new-password"])).await;
    fill(&alice, "no,name", GOOD).await;
    until_error(&alice, "login-account", "cannot contain ','").await;
    fill(&alice, "alice", "short").await;
    until_error(&alice, "login-password", "at least 8").await;
    alice.shot("account-refused").await;
    fill(&alice, "alice", GOOD).await;
    until_account(&alice, "alice").await;

    let mut nc = chat.nc("nc").await;
    for lose in ["nothing", "reload", "tab"] {
        match lose {
            "reload" => alice.reload().await,
            // A new tab has no state but the login.
            "tab" => {
                alice.script("addEventListener('pagehide', () => sessionStorage.clear())").await;
                alice.reload().await;
            }
            _ => {}
        }
        alice.until("#status[data-state=online][data-ready=true]").await;
        until_account(&alice, "alice").await;
        alice.click("#channels [data-channel=tea]").await;
        alice.until("#people [data-nickname=alice][data-role=owner]").await;
        alice.say(&format!("after {lose}")).await;
        alice.until_message(&format!("after {lose}")).await;
    }
    // Neither the password nor a command with one is kept.
    let kept = format!(
        "return JSON.stringify({{ ...localStorage, ...sessionStorage }})
        .includes('{GOOD}') || document.documentElement.outerHTML.includes('{GOOD}')"
    );
    assert_eq!(alice.script(&kept).await, json!(false));
    nc.send("/msg alice are you there?").await;
    alice.until("#privates [data-private=nc]").await;
    alice.close().await;
    chat.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn devices_of_an_account_are_one_user_and_one_ends_another() {
    let (driver, chat) = (Driver::start().await, start());
    let alice = driver.open("alice", &chat.url(), Screen::Desktop).await;
    alice.enter().await;
    alice.say("/join tea").await;
    alice.until("#people [data-nickname=alice][data-role=owner]").await;
    go_as(&alice, "register", "alice", GOOD).await;

    // A guest on a phone takes over the channels of the account.
    let phone = driver.open("somebody", &chat.url(), Screen::Phone).await;
    phone.enter().await;
    phone.say("/join elsewhere").await;
    phone
        .until_script("return document.querySelector('#title').textContent", json!("#elsewhere"))
        .await;
    phone.say("/login alice").await;
    phone.fill("#login-password", "wrong").await;
    phone.click("#login-go").await;
    let wrong = "There is no account with that name and password.";
    until_error(&phone, "login-password", wrong).await;
    phone.shot("account-phone").await;
    let widths =
        "return [window.innerWidth, document.documentElement.scrollWidth <= window.innerWidth]";
    assert_eq!(phone.script(widths).await, json!([360, true]));
    phone.fill("#login-password", GOOD).await;
    phone.click("#login-go").await;
    until_account(&phone, "alice").await;
    let channels = "return [...document.querySelectorAll('#channels [data-channel]')]
        .map((button) => button.dataset.channel)";
    phone.until_script(channels, json!(["lobby", "tea"])).await;
    let me = "return document.querySelector('#me-name').textContent";
    phone.until_script(me, json!("alice")).await;
    phone.say("hello from the phone").await;
    alice.click("#channels [data-channel=lobby]").await;
    alice.until_message("hello from the phone").await;

    // The list of devices has both, and ends the other one.
    alice.say("/sessions").await;
    let devices = "return [...document.querySelectorAll('#devices li')].map((device) =>
        [device.querySelector('bdi').textContent.startsWith('Chrome on '),
         device.textContent.includes('this device'), device.querySelector('.revoke') !== null])";
    alice.until_script(devices, json!([[true, false, true], [true, true, false]])).await;
    alice.shot("account-devices").await;
    alice.click("#devices .revoke").await;
    alice.until_script(devices, json!([[true, true, false]])).await;
    alice.script("document.querySelector('#account-dialog').close()").await;
    until_account(&phone, "").await;
    phone.until("#status[data-state=online][data-ready=true]").await;
    let ended = "return [...document.querySelectorAll('#messages [data-line=note]')]
        .filter((note) => note.textContent.includes('Your login has ended')).length";
    phone.until_script(ended, json!(1)).await;
    phone.shot("account-ended-phone").await;
    assert_eq!(phone.script(LOGIN).await, Value::Null);
    phone.say("now as a guest").await;
    alice.until_message("now as a guest").await;
    alice
        .until_script(
            "return document.querySelector('#messages [data-author^=user]') !== null",
            json!(true),
        )
        .await;
    phone.close().await;
    alice.close().await;
    chat.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn visitor_logs_in_instead_of_choosing_a_name() {
    let (driver, chat) = (Driver::start().await, start());
    let page = driver.open("nobody", &chat.url(), Screen::Desktop).await;
    page.click("#enter-login").await;
    page.click("#login-other").await;
    page.until_script(
        "return document.querySelector('#account-heading').textContent",
        json!("Register"),
    )
    .await;
    fill(&page, "alice", GOOD).await;
    until_account(&page, "alice").await;
    page.until("#people [data-nickname=alice]").await;

    page.say("/logout").await;
    page.until("#name-form").await;
    assert_eq!(page.script(LOGIN).await, Value::Null);
    // The nickname of the account is reserved.
    page.fill("#nickname", "alice").await;
    page.click("#enter").await;
    page.until("#name-error").await;
    page.click("#enter-login").await;
    fill(&page, "alice", "wrong").await;
    let wrong = "There is no account with that name and password.";
    until_error(&page, "login-password", wrong).await;
    // Escape closes the dialog, and the password is gone.
    let escape = char::from(Key::Escape).to_string();
    page.until("#login-password").await.send_keys(&escape).await.expect("a field");
    page.until_script("return document.querySelector('dialog[open]')", Value::Null).await;
    page.click("#enter-login").await;
    page.until_script("return document.querySelector('#login-password').value", json!("")).await;
    fill(&page, "ALICE", GOOD).await;
    until_account(&page, "alice").await;

    // A user who leaves the chat stays logged in on this browser.
    page.say("/quit").await;
    page.until("#enter-again").await;
    page.shot("account-again").await;
    page.click("#enter-again").await;
    page.until("#status[data-state=online][data-ready=true]").await;
    until_account(&page, "alice").await;
    page.close().await;
    chat.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn password_is_changed_and_the_account_deleted() {
    let (driver, chat) = (Driver::start().await, start());
    let alice = driver.open("alice", &chat.url(), Screen::Desktop).await;
    alice.enter().await;
    go_as(&alice, "register", "alice", GOOD).await;
    alice.say("/password").await;
    for (old, new, field, said) in [
        ("wrong", BETTER, "password-old", "That is not the password of your account."),
        (GOOD, "12345678", "password-new", "guess"),
    ] {
        alice.fill("#password-old", old).await;
        alice.fill("#password-new", new).await;
        alice.click("#password-form [type=submit]").await;
        until_error(&alice, field, said).await;
    }
    alice.shot("account-password").await;
    alice.fill("#password-old", GOOD).await;
    alice.fill("#password-new", BETTER).await;
    alice.click("#password-form [type=submit]").await;
    let status = "return document.querySelector('#account-status').textContent";
    alice.until_script(status, json!("The password is changed.")).await;
    alice.script("document.querySelector('#account-dialog').close()").await;

    let mut other = Client::web_socket("other", chat.web, Some("chat.json")).await;
    let hello = |password| {
        json!({ "type": "hello", "version": 2, "account": "alice",
        "password": password })
        .to_string()
    };
    other.send(hello(GOOD)).await;
    other.expect_error("login_failed").await;
    other.send(hello(BETTER)).await;
    other.expect_type("welcome").await;

    alice.say("/unregister").await;
    alice.fill("#delete-password", GOOD).await;
    alice.click("#delete-form [type=submit]").await;
    until_error(&alice, "delete-password", "That is not the password of your account.").await;
    alice.shot("account-delete").await;
    alice.fill("#delete-password", BETTER).await;
    alice.click("#delete-form [type=submit]").await;
    alice.until("#name-form").await;
    assert_eq!(alice.script(LOGIN).await, Value::Null);
    alice.until_script("return document.querySelector('#enter-again').hidden", json!(true)).await;
    alice.close().await;
    chat.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn login_that_has_ended_is_forgotten_with_a_sentence() {
    let (driver, chat) = (Driver::start().await, start());
    let alice = driver.open("alice", &chat.url(), Screen::Desktop).await;
    alice.enter().await;
    go_as(&alice, "register", "alice", GOOD).await;
    alice.say("/quit").await;
    alice.until("#enter-again").await;
    // Another device changes the password.
    let mut other = Client::web_socket("other", chat.web, Some("chat.json")).await;
    let hello = json!({ "type": "hello", "version": 2, "account": "alice", "password": GOOD });
    other.send(hello.to_string()).await;
    for expected in ["welcome", "roster"] {
        other.expect_type(expected).await;
    }
    other.send(json!({ "type": "password", "old": GOOD, "new": BETTER }).to_string()).await;
    other.expect_type("ok").await;
    alice.click("#enter-again").await;
    let error = "return document.querySelector('#name-error').textContent";
    let ended = "The session has ended; log in again with your password.";
    alice.until_script(error, json!(ended)).await;
    alice.until_script("return document.querySelector('#enter-again').hidden", json!(true)).await;
    assert_eq!(alice.script(LOGIN).await, Value::Null);
    alice.shot("account-ended").await;
    alice.click("#enter-as-guest").await;
    alice.until("#people [data-nickname^=user]").await;
    until_account(&alice, "").await;
    alice.close().await;
    chat.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn code_is_asked_for_and_taken_names_are_refused() {
    let (driver, chat) = (
        Driver::start().await,
        start_with(passwords().registration_code(&Secret::new("tea-at-five"))),
    );
    let alice = driver.open("alice", &chat.url(), Screen::Desktop).await;
    alice.enter().await;
    let bob = driver.open("bob", &chat.url(), Screen::DarkDesktop).await;
    bob.enter().await;
    bob.say("/register alice").await;
    bob.fill("#login-password", GOOD).await;
    bob.click("#login-go").await;
    until_error(&bob, "login-account", "'alice' is taken").await;
    bob.fill("#login-account", "bob").await;
    bob.click("#login-go").await;
    bob.until("#login-code").await;
    bob.shot("account-code-dark").await;
    bob.fill("#login-code", "coffee").await;
    bob.click("#login-go").await;
    until_error(&bob, "login-code", "you need the code from the operator").await;
    bob.fill("#login-code", "tea-at-five").await;
    bob.click("#login-go").await;
    until_account(&bob, "bob").await;
    bob.close().await;
    alice.close().await;
    chat.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lost_connection_keeps_the_login_and_a_server_without_accounts_offers_none() {
    let (driver, chat) = (Driver::start().await, start());
    let proxy = Proxy::start(chat.web).await;
    let alice = driver.open("alice", &proxy.url(), Screen::Desktop).await;
    alice.enter().await;
    alice.say("/join tea").await;
    alice.until("#people [data-nickname=alice][data-role=owner]").await;
    go_as(&alice, "register", "alice", GOOD).await;
    let mut nc = chat.nc("nc").await;
    nc.send("/join tea").await;
    alice.until("#people [data-nickname=nc]").await;
    proxy.cut();
    alice.until("#status:not([data-state=online])").await;
    alice.until("#status[data-state=online][data-ready=true]").await;
    until_account(&alice, "alice").await;
    alice.say("back").await;
    while !nc.next().await.ends_with("[alice]: back") {}
    alice.close().await;
    chat.stop().await;

    let chat = Chat::start();
    let bob = driver.open("bob", &chat.url(), Screen::Desktop).await;
    bob.enter().await;
    bob.say("/login bob").await;
    let said = "return document.querySelector('#messages [data-line=note]')?.textContent ?? ''";
    bob.until_script(said, json!("/login bob – The server keeps no accounts.")).await;
    bob.click("#me-button").await;
    bob.until("#quit").await;
    let hidden =
        "return ['#account', '#enter-login'].map((id) => document.querySelector(id).hidden)";
    assert_eq!(bob.script(hidden).await, json!([true, true]));
    bob.close().await;
    chat.stop().await;
}
