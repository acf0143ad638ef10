//! `chat send`: says something, and leaves.

use super::connection::{Connection, ConnectionError};
use super::event::Event;
use super::request::{Request, To};
use super::requests::{ANSWER_TIME, Answer, Requests};
use super::settings::Settings;
use super::{Error, Outcome};
use chat_core::Text;
use std::io::{self, Write};
use std::time::Duration;
use tokio::time::{sleep, timeout};

/// Says each line of a text in the channel, or to one user.
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
    // Everything has been answered by now: a goodbye that does not come changes nothing.
    let _ = timeout(GOODBYE, client.ask(Request::Quit { reason: None })).await;
    client.connection.close().await;
    Ok(outcome)
}

/// How long the server's goodbye is waited for.
const GOODBYE: Duration = Duration::from_secs(3);

struct Client {
    connection: Connection,
    requests: Requests,
}

impl Client {
    /// Asks for something, and waits for the answer. The inner error is the server's reason to
    /// refuse it.
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
                Ok(Ok(Reply::Later(wait))) => sleep(wait).await,
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
                Answer::Later(wait) => return Ok(Reply::Later(wait)),
                Answer::To(_) | Answer::ToBackground(_) => {
                    if let Event::Error { message, .. } = frame.event {
                        return Ok(Reply::Refused(message));
                    }
                    return Ok(Reply::Done);
                }
                Answer::Unasked => {}
            }
        }
    }
}

/// What a request has come to.
enum Reply {
    Done,
    Refused(Text),
    /// It came too fast.
    Later(Duration),
}
