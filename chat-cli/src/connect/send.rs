//! `chat send`: sends a message and disconnects. If the connection is lost meanwhile, it reconnects
//! as the same user.

use super::connection::{Connection, ConnectionError, Login};
use super::event::Event;
use super::pipe::LONGEST;
use super::proof::Proof;
use super::random::random_key;
use super::request::{Request, To};
use super::requests::{ANSWER_TIME, Answer, GOODBYE_TIME, Requests};
use super::saved_logins::LoginChange;
use super::settings::Settings;
use super::target::Target;
use super::{Error, Outcome};
use chat_server::engine::{Secret, Text};
use std::io::{self, Read, Write};
use std::time::Duration;
use tokio::time::{sleep, timeout};

/// Sends a text, which may have several lines, to the channel or to one user.
pub(super) async fn run(
    settings: &Settings,
    user: Option<String>,
    text: &str,
) -> Result<Outcome, Error> {
    if Text::clean_lines(text).is_empty() {
        return Err(Error::NoText);
    }
    let Settings { target, login, channel, .. } = settings;
    let lobby = user.is_none() && settings.lobby();
    let login =
        Login { reconnect_key: random_key().map(Secret::new), resume: None, ..login.clone() };
    let (connection, welcome) = Connection::open(target, login.clone(), lobby).await?;
    let mut requests = Requests::with_nonces(random_key());
    requests.set_limits(welcome.limits);
    // The server may have chosen another nickname.
    let nickname = Some(welcome.nickname.to_string());
    let login = match &welcome.login {
        Some(change @ LoginChange::Begun { token, .. }) => {
            if let Err(error) = settings.logins.change(change) {
                let _ = writeln!(io::stderr(), "chat: the login cannot be kept: {error}");
            }
            let proof = Some(Proof::Session { session: token.clone() });
            Login { nickname, proof, ..login }
        }
        Some(LoginChange::Ended { .. }) | None => Login { nickname, ..login },
    };
    let hello = Hello { target: target.clone(), login, lobby };
    let mut client = Client { connection, requests, hello, is_stopping: false };
    let join =
        (user.is_none() && !lobby).then(|| Request::Join { channel: channel.clone(), key: None });
    let to = user.map_or_else(|| To::Channel(channel.clone()), To::User);
    let said = Request::chat(to, "message", text);
    let mut outcome = Outcome::Done;
    for request in join.into_iter().chain([said]) {
        if let Err(problem) = client.ask_patiently(request).await? {
            let _ = writeln!(io::stderr(), "chat: {problem}");
            outcome = Outcome::Refused;
            break;
        }
    }
    // All requests have been answered, so a missing goodbye does not matter.
    let _ = timeout(GOODBYE_TIME, client.ask(Request::Quit { reason: None })).await;
    client.connection.close().await;
    Ok(outcome)
}

/// Reads the text from standard input. Bytes that are not UTF-8 are replaced by U+FFFD, and a byte
/// order mark is skipped, as in the input of `chat connect`. No more is read than any server
/// accepts in a message.
pub(super) fn read_text() -> io::Result<String> {
    let mut bytes = Vec::new();
    io::stdin().lock().take(LONGEST as u64 + 1).read_to_end(&mut bytes)?;
    let text = String::from_utf8_lossy(&bytes);
    Ok(text.strip_prefix('\u{feff}').unwrap_or(&text).to_owned())
}

struct Client {
    connection: Connection,
    requests: Requests,
    hello: Hello,
    /// True if the server has announced that it stops.
    is_stopping: bool,
}

/// The arguments of a connection.
struct Hello {
    target: Target,
    login: Login,
    lobby: bool,
}

/// The delays before the attempts to reconnect, in milliseconds. The server keeps the user for ten
/// seconds after a lost connection.
const RECONNECT_AFTER: [u64; 5] = [250, 500, 1_000, 2_000, 4_000];
/// The most reconnects for one request.
const MOST_RECONNECTS: usize = 3;

impl Client {
    /// Sends a request as [`ask`](Self::ask) does, and again if the connection is lost before the
    /// answer. The server delivers a message once that it receives twice with the same nonce.
    async fn ask_patiently(
        &mut self,
        mut request: Request,
    ) -> Result<Result<(), Text>, ConnectionError> {
        for _ in 0..MOST_RECONNECTS {
            let error = match self.ask(request).await {
                Err(error @ ConnectionError::Lost { .. }) if !self.is_stopping => error,
                other => return other,
            };
            match self.requests.reset().pop() {
                Some(unanswered) if self.reconnect().await => request = unanswered,
                Some(_) | None => return Err(error),
            }
        }
        self.ask(request).await
    }

    /// Connects again. Returns true if the client is the same user as before, so that the server
    /// recognises a message that it has accepted.
    async fn reconnect(&mut self) -> bool {
        for delay in RECONNECT_AFTER {
            sleep(Duration::from_millis(delay)).await;
            let Hello { target, login, lobby } = &self.hello;
            match Connection::open(target, login.clone(), *lobby).await {
                Ok((connection, welcome)) => {
                    self.connection = connection;
                    return welcome.reconnected;
                }
                Err(ConnectionError::Unreachable { .. } | ConnectionError::Lost { .. }) => {}
                Err(_) => return false,
            }
        }
        false
    }

    /// Sends a request, and waits for the answer. The inner error is the server's reason for a
    /// refusal.
    async fn ask(&mut self, request: Request) -> Result<Result<(), Text>, ConnectionError> {
        if let Err(problem) = self.requests.push(request) {
            return Ok(Err(Text::clean(&problem.to_string())));
        }
        let mut frame = self.requests.next_frame();
        while let Some(sent) = frame {
            self.connection.send(sent).await;
            match timeout(ANSWER_TIME, self.answer()).await {
                Ok(Ok(Reply::Done)) => return Ok(Ok(())),
                Ok(Ok(Reply::Refused(why))) => return Ok(Err(why)),
                Ok(Ok(Reply::RetryIn(wait))) => sleep(wait).await,
                Ok(Err(error)) => return Err(error),
                Err(_) => {
                    let why = format!("no answer within {} seconds", ANSWER_TIME.as_secs());
                    return Err(self.connection.lost(why));
                }
            }
            frame = self.requests.retry();
        }
        Ok(Ok(()))
    }

    async fn answer(&mut self) -> Result<Reply, ConnectionError> {
        loop {
            let frame = self.connection.next().await?;
            match self.requests.answered(&frame) {
                Answer::RetryIn(wait) => return Ok(Reply::RetryIn(wait)),
                Answer::To(_) | Answer::ToBackground(_) => {
                    if let Event::Error { message, .. } = frame.event {
                        return Ok(Reply::Refused(message));
                    }
                    return Ok(Reply::Done);
                }
                Answer::Unrelated => {
                    self.is_stopping |= frame.event == Event::ShuttingDown;
                }
            }
        }
    }
}

/// The result of a request.
enum Reply {
    Done,
    Refused(Text),
    /// The server's rate limit has refused the request for now.
    RetryIn(Duration),
}
