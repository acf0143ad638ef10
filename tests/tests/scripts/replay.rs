//! A script once more, over sockets.

use crate::moment::{Act, Moment, Told, id};
use chat_core::script::Script;
use chat_core::{Answer, SessionId};
use chat_runtime::chat_dialects::{AuthRequest, JsonDialect};
use chat_runtime::{Authenticator, Unavailable};
use chat_tests::{Client, Setup, TestServer};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};
use tokio::sync::oneshot;

/// An authenticator that answers what the script wants, when it wants it.
#[derive(Clone, Default)]
struct Clerk(Arc<Mutex<BTreeMap<SessionId, oneshot::Sender<Answer>>>>);

impl Clerk {
    async fn answer(&self, session: SessionId, answer: Answer) {
        loop {
            if let Some(asked) = self.lock().remove(&session) {
                // Whoever has waited too long waits no longer.
                let _ = asked.send(answer);
                return;
            }
            tokio::task::yield_now().await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<SessionId, oneshot::Sender<Answer>>> {
        self.0.lock().expect("nobody panics")
    }
}

#[async_trait::async_trait]
impl Authenticator for Clerk {
    async fn authenticate(&self, question: &AuthRequest) -> Result<Answer, Unavailable> {
        let (answer, answered) = oneshot::channel();
        self.lock().insert(question.session, answer);
        Ok(answered.await?)
    }
}

/// How sockets are spoken to.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Way {
    Tcp,
    WebSocket,
}

/// Does the same over sockets, and notes what is told there. A moment is over when everybody has
/// been told as much as on the switchboard and as many sessions are open; what is told beyond that
/// is found in the next, or at the end.
pub(crate) async fn replay(script: &Script, moments: &[Moment], way: Way) -> Vec<Moment> {
    let clock = TestServer::clock();
    let endpoint = transport_ws::WsEndpoint::default().json(JsonDialect::new("chat/test"));
    let clerk = Clerk::default();
    let mut setup = Setup::default().config(script.config().clone()).clock(&clock);
    if script.config().authenticate {
        setup = setup.authenticator(clerk.clone());
    }
    let server = setup.json(JsonDialect::new("chat/test")).endpoint(endpoint).start();
    let mut clients: Vec<Option<Client>> = Vec::new();
    let mut again = Vec::new();
    for moment in moments {
        match &moment.act {
            Act::Open { session, .. } => {
                let name = &moment.labels[*session];
                clients.push(Some(match way {
                    Way::Tcp => server.json(name).await,
                    Way::WebSocket => server.ws_json(name).await,
                }));
            }
            Act::Leave { session } => clients[*session] = None,
            Act::Send { session, frame } => {
                if let Some(client) = &mut clients[*session] {
                    client.send(frame).await;
                }
            }
            Act::Answer { session, answer } => {
                if let Some(answer) = answer {
                    clerk.answer(id(*session), answer.clone()).await;
                }
            }
            Act::Unsayable => {}
            Act::Wait { duration } => clock.advance(*duration),
            Act::Stop => server.begin_to_stop(),
        }
        let mut told = BTreeMap::new();
        for (&session, expected) in &moment.told {
            let Some(client) = &mut clients[session] else {
                panic!("{} was told {expected:?} after the end", moment.labels[session])
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
            told.insert(session, Told { frames, closed: expected.closed });
        }
        if !matches!(moment.act, Act::Stop) {
            server.sessions(moment.open).await;
        }
        again.push(Moment { told, ..moment.clone() });
    }
    server.stopped().await.expect("the server stops properly");
    again
}
