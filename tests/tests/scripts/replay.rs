//! Replays a script over sockets.

use crate::exchange::{Act, Exchange, Output, id};
use chat_core::script::Script;
use chat_core::{Answer, SessionId};
use chat_runtime::chat_dialects::{AuthRequest, HostRequest, JsonDialect};
use chat_runtime::{Authenticator, HistorySource, Passwords, Unavailable};
use chat_tests::{Client, PATIENCE, Setup, TestServer};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};
use tokio::sync::oneshot;
use tokio::time::timeout;

/// An authenticator and a source of older messages that give the script's answers, at the script's
/// times.
#[derive(Clone, Default)]
struct ScriptedHost(Arc<Mutex<BTreeMap<SessionId, oneshot::Sender<Answer>>>>);

impl ScriptedHost {
    /// Answers the question about a session, once the server has made it.
    async fn answer(&self, session: SessionId, answer: Answer) {
        let asked = async {
            loop {
                if let Some(asked) = self.lock().remove(&session) {
                    return asked;
                }
                tokio::task::yield_now().await;
            }
        };
        let asked = timeout(PATIENCE, asked).await.expect("a request in time");
        // The request may have timed out.
        let _ = asked.send(answer);
    }

    /// Waits until the server has made the question about a session.
    async fn asked(&self, session: SessionId) {
        let asked = async {
            while !self.lock().contains_key(&session) {
                tokio::task::yield_now().await;
            }
        };
        timeout(PATIENCE, asked).await.expect("a request in time");
    }

    /// Waits for the script's answer about a session.
    async fn answer_to(&self, session: SessionId) -> Result<Answer, Unavailable> {
        let (answer, answered) = oneshot::channel();
        self.lock().insert(session, answer);
        Ok(answered.await?)
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<SessionId, oneshot::Sender<Answer>>> {
        self.0.lock().expect("not poisoned")
    }
}

#[async_trait::async_trait]
impl Authenticator for ScriptedHost {
    async fn authenticate(&self, request: &AuthRequest) -> Result<Answer, Unavailable> {
        self.answer_to(request.session).await
    }
}

#[async_trait::async_trait]
impl HistorySource for ScriptedHost {
    async fn read(&self, request: &HostRequest) -> Result<Answer, Unavailable> {
        self.answer_to(request.session).await
    }
}

#[async_trait::async_trait]
impl Passwords for ScriptedHost {
    async fn check(&self, request: &HostRequest) -> Result<Answer, Unavailable> {
        self.answer_to(request.session).await
    }
}

/// The transport of a replay.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Transport {
    Tcp,
    WebSocket,
}

/// Returns true if the host answers a question about a session before the session sends anything
/// else.
fn is_answered(session: usize, later: &[Exchange]) -> bool {
    let answered = later.iter().find_map(|exchange| match &exchange.act {
        Act::Answer { session: other, answer } if *other == session => Some(answer.is_some()),
        Act::Send { session: other, .. } if *other == session => Some(false),
        Act::Open { .. }
        | Act::Leave { .. }
        | Act::Send { .. }
        | Act::Answer { .. }
        | Act::Host { .. }
        | Act::Unsupported
        | Act::Wait { .. }
        | Act::Stop => None,
    });
    answered.unwrap_or_default()
}

/// Replays the inputs over sockets, and returns them with the frames received there. An exchange
/// ends when every session has received as many frames as on the switchboard and as many sessions
/// are open; surplus frames appear in the next exchange, or at the end.
pub(crate) async fn replay(
    script: &Script,
    exchanges: &[Exchange],
    transport: Transport,
) -> Vec<Exchange> {
    let clock = TestServer::clock();
    let endpoint = transport_ws::WsEndpoint::default().json(JsonDialect::new("chat/test"));
    let host = ScriptedHost::default();
    let mut setup = Setup::default().config(script.config().clone()).clock(&clock);
    if script.config().authenticate {
        setup = setup.authenticator(host.clone());
    }
    if script.config().older_history {
        setup = setup.history_source(host.clone());
    }
    if script.config().accounts {
        setup = setup.passwords(host.clone());
    }
    let server = setup.json(JsonDialect::new("chat/test")).endpoint(endpoint).start();
    let mut clients: Vec<Option<Client>> = Vec::new();
    let mut again = Vec::new();
    for (index, exchange) in exchanges.iter().enumerate() {
        match &exchange.act {
            Act::Open { session, .. } => {
                let name = &exchange.labels[*session];
                clients.push(Some(match transport {
                    Transport::Tcp => server.json(name).await,
                    Transport::WebSocket => server.ws_json(name).await,
                }));
            }
            Act::Leave { session } => clients[*session] = None,
            Act::Send { session, frame } => {
                if let Some(client) = &mut clients[*session] {
                    client.send(frame).await;
                }
                // Otherwise, what other sessions do next could come first.
                if is_answered(*session, &exchanges[index + 1..]) {
                    host.asked(id(*session)).await;
                }
            }
            Act::Answer { session, answer } => {
                if let Some(answer) = answer {
                    host.answer(id(*session), answer.clone()).await;
                }
            }
            Act::Host { command } => {
                // The transcript has the answer of the switchboard.
                let answer = server.hub().host(command.clone()).await;
                let is_refused = exchange.heading.contains("(rejected (");
                assert_eq!(answer.is_err(), is_refused, "{answer:?} to {}", exchange.heading);
            }
            Act::Unsupported => {}
            Act::Wait { duration } => clock.advance(*duration),
            Act::Stop => server.begin_to_stop(),
        }
        let mut outputs = BTreeMap::new();
        for (&session, expected) in &exchange.outputs {
            let Some(client) = &mut clients[session] else {
                panic!("{} received {expected:?} after its end", exchange.labels[session])
            };
            let mut frames = Vec::new();
            for _ in &expected.frames {
                frames.push(client.next().await);
            }
            if expected.closed {
                while let Ok(more) = client.next_or_end().await {
                    frames.push(more);
                }
                clients[session] = None;
            }
            outputs.insert(session, Output { frames, closed: expected.closed });
        }
        if !matches!(exchange.act, Act::Stop) {
            server.sessions(exchange.open).await;
        }
        again.push(Exchange { outputs, ..exchange.clone() });
    }
    server.stopped().await.expect("the server stops properly");
    again
}
