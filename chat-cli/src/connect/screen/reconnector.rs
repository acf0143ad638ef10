//! A connection that is reopened when it is lost.

use super::app::{App, Input};
use super::backoff::delay;
use crate::connect::connection::{Connection, ConnectionError, Login, Welcome};
use crate::connect::event::Event;
use crate::connect::proof::Proof;
use crate::connect::random::random_key;
use crate::connect::target::Target;
use chat_server::engine::{Secret, Text};
use futures::future::LocalBoxFuture;
use std::time::Duration;
use tokio::time::{Instant, sleep_until};

/// A connection that is reopened when it is lost.
pub(super) struct Reconnector {
    target: Target,
    proof: Option<Proof>,
    /// Proves to the server that the next connection belongs to the same user.
    reconnect_key: Option<Secret>,
    state: State,
    /// The connection that the next one replaces.
    replaced: Option<Connection>,
    /// The number of failures in a row: failed attempts, and connections that were lost soon.
    failures: u32,
    online_since: Option<Instant>,
    /// When the last connection was lost; none while there is one.
    lost_at: Option<Instant>,
    /// The error after which the server closes the connection, if a new one would end in the same
    /// way.
    final_words: Option<Text>,
}

enum State {
    /// The next attempt begins at this time.
    Waiting(Instant),
    Opening(LocalBoxFuture<'static, Opened>),
    Open(Connection),
}

type Opened = Result<(Connection, Welcome), ConnectionError>;

/// The codes of errors after which the server closes the connection, and a new one would end in the
/// same way.
const FINAL: [&str; 2] = ["too_many_faults", "login_expired"];
/// After a connection that lasted this long, the delays begin from the first again.
const STABLE: Duration = Duration::from_secs(10);

impl Reconnector {
    pub(super) fn new(target: Target, proof: Option<Proof>) -> Self {
        Self {
            target,
            proof,
            reconnect_key: random_key().map(Secret::new),
            state: State::Waiting(Instant::now()),
            replaced: None,
            failures: 0,
            online_since: None,
            lost_at: None,
            final_words: None,
        }
    }

    /// Sets the login that the next connection uses.
    pub(super) fn log_in(&mut self, token: Secret) {
        self.proof = Some(Proof::Session { session: token });
    }

    /// Opens another connection. The last one stays until then, so that the user does not quit.
    pub(super) fn reopen(&mut self) {
        let before = std::mem::replace(&mut self.state, State::Waiting(Instant::now()));
        if let State::Open(connection) = before {
            self.replaced = Some(connection);
        }
    }

    /// Sends a frame, if there is a connection.
    pub(super) async fn send(&self, frame: String) {
        if let State::Open(connection) = &self.state {
            connection.send(frame).await;
        }
    }

    /// Waits for the next input. Cancel-safe.
    ///
    /// # Errors
    ///
    /// If the first connection could not be opened, or if a new connection would end in the same
    /// way.
    pub(super) async fn next(&mut self, app: &App) -> Result<Input, ConnectionError> {
        match &mut self.state {
            State::Waiting(at) => {
                sleep_until(*at).await;
                let nickname = Some(app.me.to_string()).filter(|name| !name.is_empty());
                let (proof, reconnect_key) = (self.proof.clone(), self.reconnect_key.clone());
                let resume = Some(app.resume_point().clone());
                let login = Login { nickname, proof, reconnect_key, resume };
                let (target, lobby) = (self.target.clone(), app.wants_lobby());
                let opening = async move { Connection::open(&target, login, lobby).await };
                self.state = State::Opening(Box::pin(opening));
                Ok(Input::Connecting)
            }
            State::Opening(opening) => match opening.await {
                Ok((connection, welcome)) => {
                    self.state = State::Open(connection);
                    self.replaced = None;
                    self.online_since = Some(Instant::now());
                    let offline = self.lost_at.take().map(|at| at.elapsed()).unwrap_or_default();
                    Ok(Input::Connected { welcome, offline })
                }
                Err(error @ ConnectionError::SessionEnded(_)) => Err(error),
                Err(error) if app.was_connected() => Ok(self.wait(&error)),
                Err(error) => Err(error),
            },
            State::Open(connection) => match connection.next().await {
                Ok(frame) => {
                    // Over TCP there is no close code.
                    if let Event::Error { code, message, .. } = &frame.event
                        && FINAL.contains(&code.as_str())
                    {
                        self.final_words = Some(message.clone());
                    }
                    Ok(Input::Frame(frame))
                }
                Err(error @ ConnectionError::LostForGood { .. }) => Err(error),
                Err(error) => match &self.final_words {
                    Some(why) => Err(connection.lost_for_good(why.to_string())),
                    None => Ok(self.wait(&error)),
                },
            },
        }
    }

    fn wait(&mut self, error: &ConnectionError) -> Input {
        if self.online_since.take().is_some_and(|since| since.elapsed() >= STABLE) {
            self.failures = 0;
        }
        self.replaced = None;
        self.lost_at.get_or_insert_with(Instant::now);
        // If there are no random numbers, the full delay is used.
        let delay = delay(self.failures, getrandom::u32().unwrap_or_default());
        self.failures = self.failures.saturating_add(1);
        self.state = State::Waiting(Instant::now() + delay);
        Input::Lost { why: error.to_string(), delay }
    }
}
