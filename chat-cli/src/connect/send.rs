//! `chat send`: sends messages and disconnects.

use super::connection::{Connection, ConnectionError};
use super::event::Event;
use super::request::{Request, To};
use super::requests::{ANSWER_TIME, Answer, GOODBYE_TIME, Requests};
use super::settings::Settings;
use super::{Error, Outcome};
use chat_server::engine::Text;
use std::io::{self, Write};
use std::time::Duration;
use tokio::time::{sleep, timeout};

/// Sends each line of a text to the channel, or to one user.
pub(super) async fn run(
    settings: &Settings,
    user: Option<String>,
    text: &str,
) -> Result<Outcome, Error> {
    let messages: Vec<&str> = text.lines().filter(|line| !Text::clean(line).is_empty()).collect();
    if messages.is_empty() {
        return Err(Error::NoText);
    }
    let Settings { target, login, channel } = settings;
    let lobby = user.is_none() && settings.lobby();
    let (connection, welcome) = Connection::open(target, login.clone(), lobby).await?;
    let mut requests = Requests::default();
    requests.set_limits(welcome.limits);
    let mut client = Client { connection, requests };
    let join =
        (user.is_none() && !lobby).then(|| Request::Join { channel: channel.clone(), key: None });
    let to = user.map_or_else(|| To::Channel(channel.clone()), To::User);
    let said = messages.into_iter().map(|text| {
        let (to, text) = (to.clone(), text.to_owned());
        Request::Chat { to, kind: "message", text }
    });
    let mut outcome = Outcome::Done;
    for request in join.into_iter().chain(said) {
        if let Err(problem) = client.ask(request).await? {
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

struct Client {
    connection: Connection,
    requests: Requests,
}

impl Client {
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
                Answer::Unrelated => {}
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
