//! One connection to a server, carried by a task of its own.

use super::event::{Event, Incoming};
use super::request::Request;
use super::server_limits::ServerLimits;
use super::target::Target;
use super::wire::{PATIENCE, Wire, WireError};
use chat_core::{Secret, Text};
use serde_json::Value;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until, timeout};

/// An open connection. Dropping it closes it, after what was sent has gone out.
///
/// At most [`UNREAD`] frames wait to be read; when there are more, the connection is not read for
/// as long.
pub(super) struct Connection {
    target: Target,
    carrier: JoinHandle<()>,
    frames: mpsc::Receiver<Result<String, WireError>>,
    requests: mpsc::Sender<String>,
}

/// Who wants to come in.
#[derive(Clone, Debug)]
pub(super) struct Login {
    /// Only who has a token can do without.
    pub(super) nickname: Option<String>,
    pub(super) token: Option<Secret>,
    /// Only a client that connects again by itself has one.
    pub(super) reconnect_key: Option<Secret>,
}

/// What a server says to a newcomer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Welcome {
    pub(super) nickname: Text,
    /// Grows with each connection, and starts again with the server.
    pub(super) session: u64,
    /// Differs between two lives of the server, if it says so.
    pub(super) boot: Option<Value>,
    /// How much the server takes at once.
    pub(super) limits: ServerLimits,
}

/// Why a connection could not be made or kept.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConnectionError {
    #[error("cannot connect to {target}: {error}")]
    Unreachable { target: Target, error: WireError },
    #[error("{0}")]
    Refused(Text),
    #[error("{target} does not speak JSON: it says '{said}'")]
    NotJson { target: Target, said: Text },
    #[error("{target} speaks TLS; its address is {with}")]
    SpeaksTls { target: Target, with: String },
    #[error("lost the connection to {target}: {why}")]
    Lost { target: Target, why: String },
    /// As before, and connecting again would end in the same way.
    #[error("lost the connection to {target}: {why}")]
    LostForGood { target: Target, why: String },
}

/// How many frames wait to be read.
const UNREAD: usize = 64;
/// How many requests wait to be sent. More than are ever unanswered.
const UNSENT: usize = 16;
/// After how much silence the server is asked whether it is still there.
const SILENCE: Duration = Duration::from_secs(30);

impl Connection {
    /// Connects and says hello.
    pub(super) async fn open(
        target: &Target,
        login: Login,
        lobby: bool,
    ) -> Result<(Self, Welcome), ConnectionError> {
        let wire = Wire::open(target).await;
        let wire =
            wire.map_err(|error| ConnectionError::Unreachable { target: target.clone(), error })?;
        let (frames_in, frames) = mpsc::channel(UNREAD);
        let (requests, requests_out) = mpsc::channel(UNSENT);
        let carrier = tokio::spawn(carry(wire, requests_out, frames_in));
        let mut connection = Self { target: target.clone(), carrier, frames, requests };
        let Login { nickname, token, reconnect_key } = login;
        let hello = Request::Hello { nickname, version: 2, lobby, token, reconnect_key };
        connection.send(hello.encode(HELLO)).await;
        let Ok(welcome) = timeout(PATIENCE, connection.welcome()).await else {
            let (target, error) = (target.clone(), WireError::TimedOut);
            return Err(ConnectionError::Unreachable { target, error });
        };
        Ok((connection, welcome?))
    }

    /// Sends a frame. If the connection is gone, [`next`](Self::next) says so.
    pub(super) async fn send(&self, frame: String) {
        let _ = self.requests.send(frame).await;
    }

    /// What the server says next. Cancel-safe.
    pub(super) async fn next(&mut self) -> Result<Incoming, ConnectionError> {
        let frame = self.next_frame().await?;
        self.decode(&frame)
    }

    /// What the server says next, word for word. Cancel-safe.
    pub(super) async fn next_frame(&mut self) -> Result<String, ConnectionError> {
        match self.frames.recv().await {
            Some(Ok(frame)) => Ok(frame),
            Some(Err(error)) if error.is_final() => Err(self.lost_for_good(error.to_string())),
            Some(Err(error)) => Err(self.lost(error.to_string())),
            None => Err(self.lost(WireError::Closed.to_string())),
        }
    }

    /// Closes it, and waits until what was sent has gone out, but not for long.
    pub(super) async fn close(self) {
        let Self { carrier, frames, requests, .. } = self;
        drop((frames, requests));
        let _ = timeout(LAST_WORDS, carrier).await;
    }

    /// The connection is gone for this reason.
    pub(super) fn lost(&self, why: String) -> ConnectionError {
        ConnectionError::Lost { target: self.target.clone(), why }
    }

    /// The connection is gone for this reason, and connecting again would end in the same way.
    pub(super) fn lost_for_good(&self, why: String) -> ConnectionError {
        ConnectionError::LostForGood { target: self.target.clone(), why }
    }

    async fn welcome(&mut self) -> Result<Welcome, ConnectionError> {
        let answer = self.next().await?;
        if let Event::Welcome { nickname, session, boot, limits } = answer.event {
            return Ok(Welcome { nickname, session, boot, limits });
        }
        if let Event::Error { message, .. } = answer.event {
            return Err(ConnectionError::Refused(message));
        }
        if let Event::ShuttingDown = answer.event {
            return Err(self.lost(SHUTTING_DOWN.into()));
        }
        let said = Text::clean("something else than a welcome");
        Err(ConnectionError::NotJson { target: self.target.clone(), said })
    }

    /// Reads a frame.
    pub(super) fn decode(&self, frame: &str) -> Result<Incoming, ConnectionError> {
        Incoming::decode(frame).map_err(|_| {
            let target = self.target.clone();
            if frame.starts_with(TLS_ALERT)
                && let Some(with) = target.with_tls()
            {
                return ConnectionError::SpeaksTls { target, with };
            }
            let end = frame.char_indices().nth(60).map_or(frame.len(), |(end, _)| end);
            let said = Text::clean(&frame[..end]);
            ConnectionError::NotJson { target, said }
        })
    }
}

/// What a server that stops says.
pub(super) const SHUTTING_DOWN: &str = "the server is shutting down";
/// How the answer of a TLS server to something else begins (RFC 8446 §5.1 and §6).
const TLS_ALERT: &str = "\u{15}\u{3}";
/// The reference of the first request.
const HELLO: &str = "hello";

/// Carries frames both ways until one side has enough, and notices when the other side is gone
/// without a word.
async fn carry(
    mut wire: Wire,
    mut requests: mpsc::Receiver<String>,
    frames: mpsc::Sender<Result<String, WireError>>,
) {
    let mut asked = false;
    let mut patience = Instant::now() + SILENCE;
    loop {
        let sent = tokio::select! {
            request = requests.recv() => match request {
                Some(request) => wire.send(request).await,
                None => return wire.close().await,
            },
            frame = wire.next() => {
                (asked, patience) = (false, Instant::now() + SILENCE);
                if frame.as_ref().is_ok_and(|frame| is_ping(frame)) {
                    wire.send(PONG.to_owned()).await
                } else {
                    let over = frame.is_err();
                    if frames.send(frame).await.is_err() || over {
                        return wire.close().await;
                    }
                    Ok(())
                }
            }
            () = sleep_until(patience) => {
                if asked {
                    Err(WireError::TimedOut)
                } else {
                    (asked, patience) = (true, Instant::now() + PATIENCE);
                    wire.send(Request::Ping.encode("ping")).await
                }
            }
        };
        if let Err(error) = sent {
            let _ = frames.send(Err(last_words(&mut wire, &frames, error).await)).await;
            return;
        }
    }
}

/// Whether a server asks with this frame whether this client is still there.
fn is_ping(frame: &str) -> bool {
    frame.len() < LONGEST_PING
        && frame.contains("ping")
        && Incoming::decode(frame).is_ok_and(|frame| frame.event == Event::Ping)
}

/// More than a server needs to ask.
const LONGEST_PING: usize = 256;
/// What it is answered.
const PONG: &str = r#"{"type":"pong"}"#;

/// Reads what the server said before it closed: why a request could not be sent any more is often
/// among it.
async fn last_words(
    wire: &mut Wire,
    frames: &mpsc::Sender<Result<String, WireError>>,
    error: WireError,
) -> WireError {
    let words = async {
        loop {
            match wire.next().await {
                Ok(frame) => frames.send(Ok(frame)).await.ok()?,
                Err(last) => return Some(last),
            }
        }
    };
    timeout(LAST_WORDS, words).await.ok().flatten().unwrap_or(error)
}

/// How long last words may take.
const LAST_WORDS: Duration = Duration::from_secs(1);
