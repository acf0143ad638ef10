//! The client for scripts: lines in, lines out.

mod format;
mod input;
mod json;
mod session;

pub(super) use format::Format;

use super::connection::{Connection, ConnectionError, SHUTTING_DOWN};
use super::hangup::hung_up;
use super::requests::ANSWER_TIME;
use super::settings::Settings;
use super::{Error, Outcome};
use input::{LONGEST, Typed, read_input};
use session::{End, PipeSession};
use std::io::{self, ErrorKind, IsTerminal, Write};
use tokio::time::{Instant, sleep_until};

/// Chats until the input, the connection or whoever reads the output ends.
pub(super) async fn run(settings: &Settings, format: Format) -> Result<Outcome, Error> {
    let Settings { target, login, .. } = settings;
    let opened = Connection::open(target, login.clone(), settings.lobby()).await?;
    let (mut connection, welcome) = opened;
    let mut session = PipeSession::new(welcome, settings, format);
    session.number_lines(!io::stdin().is_terminal());
    let done = chat(&mut session, &mut connection).await;
    connection.close().await;
    done
}

async fn chat(session: &mut PipeSession, connection: &mut Connection) -> Result<Outcome, Error> {
    let mut input = read_input();
    let mut timers = Timers { enter_by: Some(Instant::now() + ANSWER_TIME), ..Timers::default() };
    let mut reader_is_gone = Box::pin(hung_up());
    loop {
        match write_lines(session) {
            Ok(()) => {}
            // As when a pipeline ends with `head`.
            Err(error) if error.kind() == ErrorKind::BrokenPipe => return Ok(session.outcome()),
            Err(error) => return Err(Error::Output(error)),
        }
        match session.take_end() {
            Some(End::Goodbye) => return Ok(session.outcome()),
            Some(End::Refused(message)) => return Err(ConnectionError::Refused(message).into()),
            Some(End::NoAnswer(message)) => {
                return Err(connection.lost(message.to_string()).into());
            }
            None => {}
        }
        if session.has_entered() {
            timers.enter_by = None;
        }
        while let Some(frame) = session.next_frame() {
            timers.answer_by = Some(Instant::now() + ANSWER_TIME);
            connection.send(frame).await;
        }
        tokio::select! {
            frame = connection.next_frame() => match frame {
                Ok(frame) => {
                    let decoded = connection.decode(&frame)?;
                    if let Some(wait) = session.told(&frame, decoded) {
                        timers.retry_at = Some(Instant::now() + wait);
                    }
                }
                Err(_) if session.is_stopping() => {
                    return Err(connection.lost(SHUTTING_DOWN.into()).into());
                }
                Err(error) => return Err(error.into()),
            },
            line = input.recv(), if session.takes_input() => match line {
                Some(Ok(Typed::Line(line))) => session.typed(&line),
                Some(Ok(Typed::TooLong)) => session.typed_too_long(LONGEST),
                Some(Err(error)) => return Err(Error::Input(error)),
                None => session.input_ended(),
            },
            () = until(timers.retry_at) => {
                timers.retry_at = None;
                if let Some(frame) = session.retry() {
                    timers.answer_by = Some(Instant::now() + ANSWER_TIME);
                    connection.send(frame).await;
                }
            }
            () = until(timers.answer_by) => {
                timers.answer_by = None;
                session.no_answer();
            }
            () = until(timers.enter_by) => {
                return Err(connection.lost("it has let nobody into a channel".into()).into());
            }
            () = &mut reader_is_gone => return Ok(session.outcome()),
        }
    }
}

/// What is to happen later.
#[derive(Default)]
struct Timers {
    /// The last request is sent again.
    retry_at: Option<Instant>,
    /// The last request has been answered.
    answer_by: Option<Instant>,
    /// The user is in a channel.
    enter_by: Option<Instant>,
}

fn write_lines(session: &mut PipeSession) -> io::Result<()> {
    let mut out = io::stdout().lock();
    for line in session.take_lines() {
        writeln!(out, "{line}")?;
    }
    out.flush()?;
    for problem in session.take_problems() {
        // Whoever has closed standard error does not want to know.
        let _ = writeln!(io::stderr(), "chat: {problem}");
    }
    Ok(())
}

async fn until(at: Option<Instant>) {
    match at {
        Some(at) => sleep_until(at).await,
        None => std::future::pending().await,
    }
}
