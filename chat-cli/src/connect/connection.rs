//! A connection to a server, which a task of its own serves.

use super::event::{Conversation, Event, Incoming};
use super::frame_stream::{FrameStream, PATIENCE, StreamError};
use super::proof::Proof;
use super::received::ResumePoint;
use super::request::Request;
use super::saved_logins::LoginChange;
use super::server_limits::ServerLimits;
use super::target::Target;
use chat_server::engine::{Secret, Text};
use serde_json::Value;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until, timeout};

/// An open connection. Dropping it closes the connection after all requests have been sent.
///
/// At most [`FRAME_QUEUE`] received frames are queued. While the queue is full, the client does not
/// read from the connection.
pub(super) struct Connection {
    target: Target,
    task: JoinHandle<()>,
    frames: mpsc::Receiver<Result<String, StreamError>>,
    requests: mpsc::Sender<String>,
}

/// The user of a connection.
#[derive(Clone, Debug)]
pub(super) struct Login {
    /// Optional only with a proof.
    pub(super) nickname: Option<String>,
    pub(super) proof: Option<Proof>,
    /// Only a client that reconnects has one.
    pub(super) reconnect_key: Option<Secret>,
    /// The point from which the client continues; `None`: it shows no earlier messages.
    pub(super) resume: Option<ResumePoint>,
}

/// The content of a server's `welcome`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Welcome {
    pub(super) nickname: Text,
    /// A number that grows with each connection, and starts again when the server restarts.
    pub(super) session: u64,
    /// The epoch of the server's message ids: ids of another one cannot be compared.
    pub(super) epoch: Option<Value>,
    /// The longest frames and messages that the server accepts.
    pub(super) limits: ServerLimits,
    /// True if the client is the same user as before the connection was lost.
    pub(super) reconnected: bool,
    pub(super) account: Option<Text>,
    /// The login that has begun with a password.
    pub(super) login: Option<LoginChange>,
    /// The channels that the user is in, if the client has come back or continues.
    pub(super) channels: Option<Vec<Text>>,
    /// For a client that continues: true if the missed messages follow.
    pub(super) resumed: Option<bool>,
    pub(super) conversations: Vec<Conversation>,
}

/// The reason for which a connection could not be opened or was lost.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConnectionError {
    #[error("cannot connect to {target}: {error}")]
    Unreachable { target: Target, error: StreamError },
    #[error("{0}")]
    Refused(Text),
    /// The login is unknown, was revoked, or has expired.
    #[error("{0}")]
    SessionEnded(Text),
    #[error("{target} does not speak JSON: it says '{said}'")]
    NotJson { target: Target, said: Text },
    #[error("{target} speaks TLS; its address is {with}")]
    SpeaksTls { target: Target, with: String },
    #[error("lost the connection to {target}: {why}")]
    Lost { target: Target, why: String },
    /// Like `Lost`, but a new connection would end in the same way.
    #[error("lost the connection to {target}: {why}")]
    LostForGood { target: Target, why: String },
}

/// The most received frames that are queued.
const FRAME_QUEUE: usize = 64;
/// The most requests that are queued. The client never has that many unanswered requests.
const REQUEST_QUEUE: usize = 16;
/// The time without input after which the client sends a ping.
const PING_AFTER: Duration = Duration::from_secs(30);

impl Connection {
    /// Connects and sends `hello`.
    pub(super) async fn open(
        target: &Target,
        login: Login,
        lobby: bool,
    ) -> Result<(Self, Welcome), ConnectionError> {
        let stream = FrameStream::open(target).await;
        let stream = stream
            .map_err(|error| ConnectionError::Unreachable { target: target.clone(), error })?;
        let (frames_in, frames) = mpsc::channel(FRAME_QUEUE);
        let (requests, requests_out) = mpsc::channel(REQUEST_QUEUE);
        let task = tokio::spawn(serve(stream, requests_out, frames_in));
        let mut connection = Self { target: target.clone(), task, frames, requests };
        let Login { nickname, proof, reconnect_key, resume } = login;
        let hello = Request::Hello { nickname, version: 2, lobby, proof, reconnect_key, resume };
        connection.send(hello.encode(HELLO)).await;
        let Ok(welcome) = timeout(PATIENCE, connection.welcome()).await else {
            let (target, error) = (target.clone(), StreamError::TimedOut);
            return Err(ConnectionError::Unreachable { target, error });
        };
        Ok((connection, welcome?))
    }

    /// Sends a frame. If the connection is lost, [`next`](Self::next) returns the error.
    pub(super) async fn send(&self, frame: String) {
        let _ = self.requests.send(frame).await;
    }

    /// Receives the next frame. Cancel-safe.
    pub(super) async fn next(&mut self) -> Result<Incoming, ConnectionError> {
        let frame = self.next_frame().await?;
        self.decode(&frame)
    }

    /// Receives the next frame without decoding it. Cancel-safe.
    pub(super) async fn next_frame(&mut self) -> Result<String, ConnectionError> {
        match self.frames.recv().await {
            Some(Ok(frame)) => Ok(frame),
            Some(Err(error)) if error.is_final() => Err(self.lost_for_good(error.to_string())),
            Some(Err(error)) => Err(self.lost(error.to_string())),
            None => Err(self.lost(StreamError::Closed.to_string())),
        }
    }

    /// Closes the connection. Waits for a limited time until all requests have been sent.
    pub(super) async fn close(self) {
        let Self { task, frames, requests, .. } = self;
        drop((frames, requests));
        let _ = timeout(CLOSE_TIMEOUT, task).await;
    }

    /// Makes the error for a connection that was lost for this reason.
    pub(super) fn lost(&self, why: String) -> ConnectionError {
        ConnectionError::Lost { target: self.target.clone(), why }
    }

    /// Makes the error for a connection that was lost for this reason, if a new connection would
    /// end in the same way.
    pub(super) fn lost_for_good(&self, why: String) -> ConnectionError {
        ConnectionError::LostForGood { target: self.target.clone(), why }
    }

    async fn welcome(&mut self) -> Result<Welcome, ConnectionError> {
        let answer = self.next().await?;
        if let Event::Welcome {
            nickname,
            session,
            boot,
            epoch,
            limits,
            reconnected,
            account,
            token,
            channels,
            resumed,
            conversations,
        } = answer.event
        {
            let epoch = epoch.or(boot);
            let login = account.clone().zip(token);
            let login = login.map(|(account, token)| LoginChange::Begun { account, token });
            return Ok(Welcome {
                nickname,
                session,
                epoch,
                limits,
                reconnected,
                account,
                login,
                channels: channels.filter(|_| reconnected),
                resumed,
                conversations,
            });
        }
        if let Event::Error { code, message, .. } = answer.event {
            return Err(if code == SESSION_ENDED {
                ConnectionError::SessionEnded(message)
            } else {
                ConnectionError::Refused(message)
            });
        }
        if let Event::ShuttingDown = answer.event {
            return Err(self.lost(SHUTTING_DOWN.into()));
        }
        let said = Text::clean("a frame other than welcome");
        Err(ConnectionError::NotJson { target: self.target.clone(), said })
    }

    /// Decodes a frame.
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

/// The code of the refusal of a login that is over.
const SESSION_ENDED: &str = "session_ended";
/// The reason of a lost connection if the server has announced that it stops.
pub(super) const SHUTTING_DOWN: &str = "the server is shutting down";
/// The first bytes of a TLS alert, which a TLS server sends in answer to plain text (RFC 8446 §5.1
/// and §6).
const TLS_ALERT: &str = "\u{15}\u{3}";
/// The reference of the first request.
const HELLO: &str = "hello";

/// Transfers frames in both directions until one side closes the connection. Sends pings to detect
/// a dead connection.
async fn serve(
    mut stream: FrameStream,
    mut requests: mpsc::Receiver<String>,
    frames: mpsc::Sender<Result<String, StreamError>>,
) {
    let mut has_pinged = false;
    let mut deadline = Instant::now() + PING_AFTER;
    loop {
        let sent = tokio::select! {
            request = requests.recv() => match request {
                Some(request) => stream.send(request).await,
                None => return stream.close().await,
            },
            frame = stream.next() => {
                (has_pinged, deadline) = (false, Instant::now() + PING_AFTER);
                if frame.as_ref().is_ok_and(|frame| is_ping(frame)) {
                    stream.send(PONG.to_owned()).await
                } else {
                    let over = frame.is_err();
                    if frames.send(frame).await.is_err() || over {
                        return stream.close().await;
                    }
                    Ok(())
                }
            }
            () = sleep_until(deadline) => {
                if has_pinged {
                    Err(StreamError::TimedOut)
                } else {
                    (has_pinged, deadline) = (true, Instant::now() + PATIENCE);
                    stream.send(Request::Ping.encode("ping")).await
                }
            }
        };
        if let Err(error) = sent {
            let _ = frames.send(Err(drain_input(&mut stream, &frames, error).await)).await;
            return;
        }
    }
}

/// Returns true if a frame is a ping of the JSON dialect.
fn is_ping(frame: &str) -> bool {
    frame.len() < LONGEST_PING
        && frame.contains("ping")
        && Incoming::decode(frame).is_ok_and(|frame| frame.event == Event::Ping)
}

/// The longest frame that can be a ping, so that longer ones need not be decoded.
const LONGEST_PING: usize = 256;
/// The answer to a ping.
const PONG: &str = r#"{"type":"pong"}"#;

/// Reads the frames that the server sent before it closed the connection. They often contain the
/// reason for which a request could not be sent any more.
async fn drain_input(
    stream: &mut FrameStream,
    frames: &mpsc::Sender<Result<String, StreamError>>,
    error: StreamError,
) -> StreamError {
    let draining = async {
        loop {
            match stream.next().await {
                Ok(frame) => frames.send(Ok(frame)).await.ok()?,
                Err(last) => return Some(last),
            }
        }
    };
    timeout(CLOSE_TIMEOUT, draining).await.ok().flatten().unwrap_or(error)
}

/// The time limit for closing a connection, and for reading its last frames.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(1);
