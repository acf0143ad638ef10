//! Logins of the page with an identity provider: `[oidc]`.

use super::accounts::hello;
use super::process::Program;
use crate::folder::{folder, path};
use chat_tests::{Client, Issuer};
use serde_json::json;
use std::collections::BTreeMap;
use std::fs;
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use url::Url;

#[tokio::test]
async fn browser_is_logged_in_and_its_token_connects() {
    let issuer = Issuer::start().await;
    issuer.claims(json!({ "sub": "1", "preferred_username": "ann" }));
    let folder = folder("oidc");
    let config = folder.join("chat.toml");
    let written = format!(
        "[oidc]\nissuer = \"{}\"\nclient_id = \"chat\"\npage = \"{PAGE}\"\nlabel = \"Example\"\n",
        issuer.url()
    );
    fs::write(&config, written).expect("a file");
    let urls = ["ws://127.0.0.1:0", "tcp+json://127.0.0.1:0"];
    let (mut program, _log) = Program::serve_logged(&urls, &["--config", path(&config)]).await;
    let [web, json] = program.addresses("ws tcp+json");
    let mut browser = Browser { server: web, cookies: BTreeMap::new() };

    let offer = browser.get(&page("auth")).await;
    assert!(offer.body.contains(r#"{"label":"Example"}"#), "{}", offer.body);

    // To the issuer, back with a code, and to the page.
    let mut address = page("auth/login");
    let mut visited = Vec::new();
    let shown = loop {
        let response = browser.get(&address).await;
        let Some(location) = response.location else { break response };
        address = address.join(&location).expect("an address");
        visited.push(address.path().to_owned());
    };
    assert_eq!(visited, ["/authorize", "/auth/callback", "/"]);
    assert_eq!((shown.status, address.fragment()), (200, Some("logged-in")));
    assert!(shown.body.contains("<title>"), "{}", shown.body);
    assert_eq!(issuer.codes_used(), 1);
    let names: Vec<&str> = browser.cookies.keys().map(String::as_str).collect();
    assert_eq!(names, ["chat_session"], "the cookie of the login is gone");

    // The page connects with the cookie.
    let cookie = browser.cookie();
    let header = (http::header::COOKIE, cookie.as_str());
    let mut ann = Client::web_socket_with("ann", web, header).await;
    let welcome = hello(&mut ann, json!({ "guest": true })).await;
    assert_eq!((&welcome["nickname"], &welcome["account"]), (&json!("ann"), &json!("ann")));
    // Another program of the user may use the token.
    let token = &browser.cookies["chat_session"];
    let mut other = Client::tcp("other", json).await;
    let welcome = hello(&mut other, json!({ "session": token })).await;
    assert_eq!(welcome["account"], "ann");

    // The callback counts once, and nobody can log in with a password.
    let mut thief = Browser { server: web, cookies: BTreeMap::new() };
    let refused = thief.get(&page("auth/callback?state=x&code=code-0")).await;
    assert_eq!(refused.status, 400);
    let mut guest = Client::tcp("guest", json).await;
    let refused = hello(&mut guest, json!({ "account": "ann", "password": "hunter2!" })).await;
    assert_eq!(refused["code"], "login_failed");

    program.signal("TERM").await;
    program.end().await;
}

/// A client of HTTP that keeps cookies, as a browser does.
struct Browser {
    /// The server behind the address of the page.
    server: SocketAddr,
    cookies: BTreeMap<String, String>,
}

struct Response {
    status: u16,
    location: Option<String>,
    body: String,
}

impl Browser {
    /// Requests an address. Cookies are those of the page.
    async fn get(&mut self, address: &Url) -> Response {
        let is_page = address.as_str().starts_with(PAGE);
        let server = if is_page { self.server.to_string() } else { authority(address) };
        let mut target = address.path().to_owned();
        if let Some(query) = address.query() {
            target = format!("{target}?{query}");
        }
        let cookie = if is_page { format!("Cookie: {}\r\n", self.cookie()) } else { String::new() };
        let host = authority(address);
        let request =
            format!("GET {target} HTTP/1.1\r\nHost: {host}\r\n{cookie}Connection: close\r\n\r\n");
        let mut stream = TcpStream::connect(server).await.expect("it listens");
        stream.write_all(request.as_bytes()).await.expect("an open connection");
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).await.expect("an answer");
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let (head, body) = text.split_once("\r\n\r\n").expect("a head");
        let status = head.split(' ').nth(1).and_then(|code| code.parse().ok()).expect("a status");
        let mut location = None;
        for line in head.lines().skip(1) {
            let (name, value) = line.split_once(": ").expect("a header");
            if name.eq_ignore_ascii_case("location") {
                location = Some(value.to_owned());
            } else if name.eq_ignore_ascii_case("set-cookie") {
                self.keep(value);
            }
        }
        Response { status, location, body: body.to_owned() }
    }

    fn keep(&mut self, cookie: &str) {
        let pair = cookie.split(';').next().expect("a pair");
        let (name, value) = pair.split_once('=').expect("a pair");
        if cookie.contains("Max-Age=0") {
            self.cookies.remove(name);
        } else {
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
    }

    /// Returns the header with all cookies.
    fn cookie(&self) -> String {
        let pairs: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        pairs.join("; ")
    }
}

fn authority(address: &Url) -> String {
    address.authority().to_owned()
}

fn page(path: &str) -> Url {
    PAGE.parse::<Url>().and_then(|page| page.join(path)).expect("an address")
}

/// The address of the page as browsers know it, behind which the server listens on another port.
const PAGE: &str = "http://localhost/";
