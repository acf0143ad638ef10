//! A server in the test's process, with a listener for each kind of client.

use crate::{Client, PATIENCE};
use chat_runtime::chat_core::Config;
use chat_runtime::chat_core::script::Script;
use chat_runtime::chat_dialects::{JsonDialect, TextDialect};
use chat_runtime::chat_store::Opened;
use chat_runtime::{
    Authenticator, Cloak, HistorySource, Hub, Limits, ManualClock, Passwords, Running, ServerError,
    Shards,
};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;
use tokio::time::timeout;
use transport_tcp::TcpFrontEnd;
use transport_ws::{WsEndpoint, WsFrontEnd};

/// A server on free ports.
pub struct TestServer {
    running: Running,
    addresses: Addresses,
}

/// The configuration of a test server. [`Setup::default`] has the limits of [`Config::default`],
/// the system's clock, and shows no host names, as scripts have none.
#[derive(Default)]
pub struct Setup {
    config: Config,
    limits: Limits,
    clock: Option<ManualClock>,
    authenticator: Option<Box<dyn Authenticator>>,
    history_source: Option<Box<dyn HistorySource>>,
    passwords: Option<Box<dyn Passwords>>,
    store: Option<Opened>,
    json: JsonDialect,
    endpoint: WsEndpoint,
}

/// The address for each kind of client.
#[derive(Clone, Copy, Debug)]
struct Addresses {
    bracket: SocketAddr,
    star: SocketAddr,
    json: SocketAddr,
    ws: SocketAddr,
}

impl Setup {
    /// Sets the limits of the engine.
    #[must_use]
    pub fn config(mut self, config: Config) -> Self {
        self.config = config;
        self
    }

    /// Sets the limits of the runtime.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Uses a clock that only the test advances; the engine starts at its time. Keep-alive pings
    /// are turned off, however far the clock jumps, unless [`limits`](Self::limits) are set after
    /// this.
    #[must_use]
    pub fn clock(mut self, clock: &ManualClock) -> Self {
        self.clock = Some(clock.clone());
        self.limits.ping_after = Duration::from_secs(u32::MAX.into());
        self
    }

    /// Sets the authenticator, which is asked before a session gets a nickname.
    #[must_use]
    pub fn authenticator(mut self, authenticator: impl Authenticator + 'static) -> Self {
        self.authenticator = Some(Box::new(authenticator));
        self
    }

    /// Sets the source of messages that are no longer in memory.
    #[must_use]
    pub fn history_source(mut self, history_source: impl HistorySource + 'static) -> Self {
        self.history_source = Some(Box::new(history_source));
        self
    }

    /// Lets the engine keep accounts with passwords.
    #[must_use]
    pub fn passwords(mut self, passwords: impl Passwords + 'static) -> Self {
        self.passwords = Some(Box::new(passwords));
        self
    }

    /// Sets the store.
    #[must_use]
    pub fn store(mut self, store: Opened) -> Self {
        self.store = Some(store);
        self
    }

    /// Sets the JSON dialect over TCP.
    #[must_use]
    pub fn json(mut self, dialect: JsonDialect) -> Self {
        self.json = dialect;
        self
    }

    /// Sets the WebSocket endpoint.
    #[must_use]
    pub fn endpoint(mut self, endpoint: WsEndpoint) -> Self {
        self.endpoint = endpoint;
        self
    }

    /// Starts the server.
    pub fn start(self) -> TestServer {
        // Text clients are greeted at once; `servers/first_bytes.rs` tests the detection time.
        let bracket = TcpFrontEnd::bind(ANY_PORT, TextDialect::bracket())
            .expect("a free port")
            .detection_time(Duration::ZERO);
        let star = TcpFrontEnd::bind(ANY_PORT, TextDialect::star()).expect("a free port");
        let json = TcpFrontEnd::bind(ANY_PORT, self.json).expect("a free port");
        let ws = WsFrontEnd::bind(ANY_PORT, self.endpoint).expect("a free port");
        let addresses = Addresses {
            bracket: bracket.local_addr(),
            star: star.local_addr(),
            json: json.local_addr(),
            ws: ws.local_addr(),
        };
        let server = chat_runtime::Server::new().config(self.config).cloak(Cloak::none());
        let server = match self.clock {
            Some(clock) => server.clock(clock),
            None => server,
        };
        let server = match self.authenticator {
            Some(authenticator) => server.authenticator(authenticator),
            None => server,
        };
        let server = match self.passwords {
            Some(passwords) => server.passwords(passwords),
            None => server,
        };
        let server = match self.history_source {
            Some(history_source) => server.history_source(history_source),
            None => server,
        };
        let server = match self.store {
            Some(store) => server.store(store),
            None => server,
        };
        let server = server.limits(self.limits).shards(shards());
        let server = server.front_end(bracket).front_end(star);
        TestServer { running: server.front_end(json).front_end(ws).start(), addresses }
    }
}

impl TestServer {
    /// Starts a server with the default setup.
    pub fn start() -> Self {
        Setup::default().start()
    }

    /// Returns a stopped clock at the start time of scripts: 2026-01-01T00:00:00Z.
    pub fn clock() -> ManualClock {
        ManualClock::at(Script::START)
    }

    /// Connects a client like `nc`: text in style `bracket`.
    pub async fn bracket(&self, name: &str) -> Client {
        Client::tcp(name, self.addresses.bracket).await
    }

    /// Connects a client of text in style `star` over TCP.
    pub async fn star(&self, name: &str) -> Client {
        Client::tcp(name, self.addresses.star).await
    }

    /// Connects a client of JSON over TCP.
    pub async fn json(&self, name: &str) -> Client {
        Client::tcp(name, self.addresses.json).await
    }

    /// Connects a WebSocket client that offers no protocol, and so gets text in style `plain`.
    pub async fn ws_text(&self, name: &str) -> Client {
        Client::web_socket(name, self.addresses.ws, None).await
    }

    /// Connects a WebSocket client that offers `chat.json`.
    pub async fn ws_json(&self, name: &str) -> Client {
        Client::web_socket(name, self.addresses.ws, Some("chat.json")).await
    }

    /// Connects a JSON client of version 2 over TCP that has this nickname and is in the lobby.
    pub async fn member(&self, name: &str) -> Client {
        let mut client = self.json(name).await;
        let hello = serde_json::json!({ "type": "hello", "nickname": name, "version": 2 });
        client.join_lobby(hello.to_string()).await;
        client
    }

    /// Returns the address of JSON over TCP, for tests that need more than a [`Client`].
    pub fn json_address(&self) -> SocketAddr {
        self.addresses.json
    }

    /// Returns the address of text in style `bracket`, for tests that need more than a [`Client`].
    pub fn bracket_address(&self) -> SocketAddr {
        self.addresses.bracket
    }

    /// Returns the address of text in style `star`, for tests that need more than a [`Client`].
    pub fn star_address(&self) -> SocketAddr {
        self.addresses.star
    }

    /// Returns the address of WebSocket, for tests that need more than a [`Client`].
    pub fn ws_address(&self) -> SocketAddr {
        self.addresses.ws
    }

    /// Returns the hub of the server.
    pub fn hub(&self) -> &Hub {
        self.running.hub()
    }

    /// Waits until `wanted` sessions are open.
    pub async fn sessions(&self, wanted: usize) {
        let reached = async {
            while self.session_count().await != wanted {
                tokio::task::yield_now().await;
            }
        };
        if timeout(PATIENCE, reached).await.is_err() {
            let open = self.session_count().await;
            panic!("waited for {wanted} open sessions, and there are {open}");
        }
    }

    /// Tells the server to stop.
    pub fn begin_to_stop(&self) {
        self.running.stop();
    }

    /// Stops the server and waits until it has stopped cleanly. Clients can still read what they
    /// were sent.
    pub async fn stop(self) {
        stop(self.running).await;
    }

    /// Waits until the server has stopped.
    pub async fn stopped(self) -> Result<(), ServerError> {
        timeout(PATIENCE, self.running.wait()).await.expect("the server stops in time")
    }

    async fn session_count(&self) -> usize {
        self.hub().look(|view| view.session_count()).await.expect("the server runs")
    }
}

/// Stops a server and waits until it has stopped cleanly.
pub async fn stop(server: Running) {
    server.stop();
    let stopped = timeout(PATIENCE, server.wait()).await;
    stopped.expect("the server stops in time").expect("the server stops cleanly");
}

/// Waits until `wanted` connections are open.
pub async fn connections(hub: &Hub, wanted: usize) {
    let reached = async {
        while hub.connections() != wanted {
            tokio::task::yield_now().await;
        }
    };
    if timeout(PATIENCE, reached).await.is_err() {
        panic!("waited for {wanted} open connections, and there are {}", hub.connections());
    }
}

/// Returns the value of a sample, by its name with its labels.
pub fn sample(metrics: &str, name: &str) -> u64 {
    let line = metrics.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.unwrap_or_else(|| panic!("no {name} in {metrics}")).parse().expect("a number")
}

/// Returns the number of shards in `CHAT_TEST_SHARDS`, or one: the same tests hold for any number.
pub fn shards() -> Shards {
    let Ok(count) = std::env::var("CHAT_TEST_SHARDS") else { return Shards::default() };
    let count = count.parse().expect("CHAT_TEST_SHARDS is a number above zero");
    Shards::start(count).expect("there are threads")
}

/// Any free port of the loopback interface.
pub const ANY_PORT: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);
