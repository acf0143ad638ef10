//! Drives a real browser from a test.

use fantoccini::key::Key;
use fantoccini::wd::{Capabilities, WebDriverCompatibleCommand};
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::time::{Instant, timeout};
use url::Url;

/// The time in which an expected change of a page has to happen.
const PATIENCE: Duration = Duration::from_secs(60);

/// A WebDriver process, which ends with the test.
pub(crate) struct Driver {
    url: String,
    _process: Child,
}

/// A browser with one page.
pub(crate) struct Page {
    name: String,
    client: Client,
}

/// The screen of a browser.
#[derive(Clone, Copy)]
pub(crate) enum Screen {
    Desktop,
    DarkDesktop,
    Phone,
}

impl Driver {
    /// Starts a driver on a free port.
    pub(crate) async fn start() -> Self {
        let mut process = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("chromedriver; scripts/test installs it");
        let output = process.stdout.take().expect("a pipe");
        let mut lines = BufReader::new(output).lines();
        let started = "started successfully on port ";
        let port = loop {
            let line = lines.next_line().await.expect("a pipe").expect("a driver that starts");
            if let Some((_, port)) = line.split_once(started) {
                break port.trim_end_matches('.').to_owned();
            }
        };
        // The driver goes on writing, and must not be blocked by a full pipe.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Self { url: format!("http://127.0.0.1:{port}"), _process: process }
    }

    /// Opens a page in a new browser.
    pub(crate) async fn open(&self, name: &str, url: &str, screen: Screen) -> Page {
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities(screen))
            .connect(&self.url)
            .await
            .expect("a browser");
        client.goto(url).await.expect("a page");
        Page { name: name.to_owned(), client }
    }
}

impl Page {
    /// Enters the chat under the page's name, and waits until the lobby is shown.
    pub(crate) async fn enter(&self) {
        self.fill("#nickname", &self.name).await;
        self.click("#enter").await;
        self.until("#status[data-state=online][data-ready=true]").await;
        // On a phone the list of channels is not visible.
        let lobby = "#channels [data-channel=lobby][aria-current=true]";
        let shown = format!("return document.querySelector('{lobby}') !== null");
        self.until_script(&shown, json!(true)).await;
    }

    /// Types a message or a command, and presses Enter.
    pub(crate) async fn say(&self, text: &str) {
        let composer = self.until("#composer").await;
        composer.send_keys(text).await.expect("a field");
        composer.send_keys(&char::from(Key::Enter).to_string()).await.expect("a field");
    }

    /// Types lines, with Shift and Enter between them.
    pub(crate) async fn type_lines(&self, lines: &[&str]) {
        let new_line =
            [Key::Shift, Key::Enter, Key::Null].map(char::from).iter().collect::<String>();
        let composer = self.until("#composer").await;
        composer.send_keys(&lines.join(&new_line)).await.expect("a field");
    }

    /// Replaces the text of the message field, as pasting does.
    pub(crate) async fn paste(&self, text: &str) {
        self.until("#composer").await;
        let script = "const composer = document.querySelector('#composer');
            composer.focus(); composer.select(); composer.setRangeText(arguments[0]);
            composer.dispatchEvent(new InputEvent('input', { inputType: 'insertFromPaste' }));";
        self.client.execute(script, vec![json!(text)]).await.expect("a script");
    }

    /// Types into the element that has the focus, the message field if none has it.
    pub(crate) async fn keys(&self, text: &str) {
        let focus = "if (document.activeElement === document.body)
            document.querySelector('#composer').focus();";
        self.script(focus).await;
        let focused = self.client.active_element().await.expect("an element");
        focused.send_keys(text).await.expect("an element that takes keys");
    }

    /// Presses a key.
    pub(crate) async fn key(&self, key: Key) {
        self.keys(&char::from(key).to_string()).await;
    }

    pub(crate) async fn press_enter(&self) {
        let composer = self.until("#composer").await;
        composer.send_keys(&char::from(Key::Enter).to_string()).await.expect("a field");
    }

    pub(crate) async fn fill(&self, css: &str, text: &str) {
        let field = self.until(css).await;
        field.clear().await.expect("a field");
        field.send_keys(text).await.expect("a field");
    }

    pub(crate) async fn click(&self, css: &str) {
        self.until(css).await.click().await.unwrap_or_else(|error| {
            panic!("{}: cannot click {css}: {error}", self.name);
        });
    }

    /// Waits for a visible element.
    pub(crate) async fn until(&self, css: &str) -> fantoccini::elements::Element {
        let end = Instant::now() + PATIENCE;
        loop {
            if let Ok(element) = self.client.find(Locator::Css(css)).await
                && element.is_displayed().await.unwrap_or(false)
            {
                return element;
            }
            if Instant::now() > end {
                self.shot("failed").await;
                panic!("{}: {css} does not appear", self.name);
            }
            self.next_frame().await;
        }
    }

    /// Waits until a script returns the expected value.
    pub(crate) async fn until_script(&self, script: &str, expected: Value) {
        let end = Instant::now() + PATIENCE;
        loop {
            let found = self.script(script).await;
            if found == expected {
                return;
            }
            if Instant::now() > end {
                self.shot("failed").await;
                panic!("{}: {script}\nis {found}\nand not {expected}", self.name);
            }
            self.next_frame().await;
        }
    }

    /// Waits until the page has drawn its next frame: before, nothing new is to be seen. While a
    /// page is being loaded, there is none.
    async fn next_frame(&self) {
        let drawn = self.client.execute_async("requestAnimationFrame(arguments[0])", Vec::new());
        let _ = timeout(PATIENCE, drawn).await;
    }

    /// Waits until the current conversation shows exactly these messages, in this order.
    pub(crate) async fn until_messages(&self, texts: &[&str]) {
        self.until_script(MESSAGES, json!(texts)).await;
    }

    /// Waits until a message with this text is shown.
    pub(crate) async fn until_message(&self, text: &str) {
        let script = format!("{MESSAGES}.includes({})", json!(text));
        self.until_script(&script, json!(true)).await;
    }

    /// Waits until the newest row of the log is a message with this text. The page is not polled
    /// meanwhile.
    pub(crate) async fn until_newest(&self, text: &str) {
        let script = "const [text, done] = arguments;
            const log = document.querySelector('#messages');
            const look = () => {
              if (log.lastElementChild?.querySelector('.text')?.textContent !== text) return;
              observer.disconnect();
              done(true);
            };
            const observer = new MutationObserver(look);
            observer.observe(log, { childList: true, subtree: true });
            look();";
        let found = timeout(PATIENCE, self.client.execute_async(script, vec![json!(text)])).await;
        let Ok(Ok(_)) = found else {
            self.shot("failed").await;
            panic!("{}: {text} does not become the newest message: {found:?}", self.name);
        };
    }

    /// Sends a command of the DevTools protocol, for actions that a WebDriver does not support.
    pub(crate) async fn devtools(&self, command: &'static str, parameters: Value) -> Value {
        let command = DevTools { command, parameters };
        self.client.issue_cmd(command).await.unwrap_or_else(|error| {
            panic!("{}: {error}", self.name);
        })
    }

    /// Runs a script, and returns its result.
    pub(crate) async fn script(&self, script: &str) -> Value {
        self.client.execute(script, Vec::new()).await.unwrap_or_else(|error| {
            panic!("{}: {script}: {error}", self.name);
        })
    }

    /// Runs a script that calls its last argument with the result.
    #[cfg(feature = "axe")]
    pub(crate) async fn script_async(&self, script: &str) -> Value {
        self.client.execute_async(script, Vec::new()).await.unwrap_or_else(|error| {
            panic!("{}: {error}", self.name);
        })
    }

    /// Opens an address, like a bookmark.
    pub(crate) async fn visit(&self, url: &str) {
        self.client.goto(url).await.expect("a page");
    }

    /// Reloads the page.
    pub(crate) async fn reload(&self) {
        self.client.refresh().await.expect("a page");
    }

    /// Writes a screenshot to `target/screenshots`.
    pub(crate) async fn shot(&self, what: &str) {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../target/screenshots");
        std::fs::create_dir_all(&folder).expect("a folder to write to");
        let picture = self.client.screenshot().await.expect("a picture");
        std::fs::write(folder.join(format!("{what}.png")), picture).expect("a file to write to");
    }

    pub(crate) async fn close(self) {
        self.client.close().await.expect("a browser that closes");
    }
}

/// A command of the DevTools protocol, which Chromium's driver forwards.
#[derive(Debug)]
struct DevTools {
    command: &'static str,
    parameters: Value,
}

impl WebDriverCompatibleCommand for DevTools {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, url::ParseError> {
        let session = session.expect("a session");
        base.join(&format!("session/{session}/goog/cdp/execute"))
    }

    fn method_and_body(&self, _: &Url) -> (http::Method, Option<String>) {
        let body = json!({ "cmd": self.command, "params": self.parameters });
        (http::Method::POST, Some(body.to_string()))
    }
}

/// The texts of all messages that are shown.
pub(crate) const MESSAGES: &str = "return [...document.querySelectorAll(\
    '#messages [data-message-id] .text')].map(text => text.textContent)";

fn capabilities(screen: Screen) -> Capabilities {
    let mut arguments = vec![
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--disable-dev-shm-usage",
        "--window-size=1200,800",
    ];
    let mut options = json!({});
    match screen {
        Screen::Desktop => {}
        Screen::DarkDesktop => arguments.push("--force-dark-mode"),
        Screen::Phone => {
            let metrics = json!({ "width": 360, "height": 740, "pixelRatio": 2.0 });
            options["mobileEmulation"] = json!({ "deviceMetrics": metrics });
        }
    }
    options["args"] = json!(arguments);
    // The browser must not offer to save passwords: its window would take the focus.
    options["prefs"] = json!({
        "credentials_enable_service": false,
        "profile.password_manager_leak_detection": false,
    });
    // The browser does not know the authority of the tests' certificates.
    let all = json!({ "goog:chromeOptions": options, "acceptInsecureCerts": true });
    let Value::Object(capabilities) = all else {
        unreachable!("an object is an object");
    };
    capabilities
}
