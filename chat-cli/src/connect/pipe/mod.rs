//! The client for scripts, which reads and prints lines.

mod catch_up;
mod format;
mod input;
mod json;
mod session;

pub(super) use format::Format;
pub(super) use input::LONGEST;

use super::connection::{Connection, ConnectionError, SHUTTING_DOWN};
use super::deadline::until;
use super::hangup::hung_up;
use super::requests::ANSWER_TIME;
use super::settings::Settings;
use super::{Error, Outcome};
use input::{InputLine, read_input};
use session::{End, PipeSession};
use std::io::{self, ErrorKind, IsTerminal, Write};
use std::time::Duration;
use tokio::time::Instant;

/// Chats until the input or the connection ends, or the reader of the output closes it.
pub(super) async fn run(settings: &Settings, format: Format) -> Result<Outcome, Error> {
    let Settings { target, login, .. } = settings;
    let opened = Connection::open(target, login.clone(), settings.lobby()).await?;
    let (mut connection, welcome) = opened;
    let mut session = PipeSession::new(welcome, settings, format);
    session.number_lines(!io::stdin().is_terminal());
    let done = chat(&mut session, &mut connection, settings).await;
    connection.close().await;
    if let Some((account, point)) = session.next_start()
        && let Err(error) = settings.points.keep(account.as_str(), point)
    {
        let _ = writeln!(io::stderr(), "chat: what was received cannot be kept: {error}");
    }
    done
}

async fn chat(
    session: &mut PipeSession,
    connection: &mut Connection,
    settings: &Settings,
) -> Result<Outcome, Error> {
    let mut input = read_input();
    let mut timers = Timers { enter_by: Some(Instant::now() + ANSWER_TIME), ..Timers::default() };
    let mut output_closed = Box::pin(hung_up());
    loop {
        match write_lines(session) {
            Ok(()) => session.written(),
            // The reader has closed the pipe, as `head` does.
            Err(error) if error.kind() == ErrorKind::BrokenPipe => return Ok(session.outcome()),
            Err(error) => return Err(Error::Output(error)),
        }
        if let Some(change) = session.take_login()
            && let Err(error) = settings.logins.change(&change)
        {
            let _ = writeln!(io::stderr(), "chat: the login cannot be kept: {error}");
        }
        if let Some(login) = session.take_reentry() {
            // The last connection stays until then, so that the user does not quit.
            let opened = Connection::open(&settings.target, login, false).await?;
            let (next, welcome) = opened;
            std::mem::replace(connection, next).close().await;
            session.reentered(welcome);
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
        if session.take_ask_again() {
            timers.ask_at = Some(Instant::now() + ASK_AGAIN);
        }
        tokio::select! {
            frame = connection.next_frame() => match frame {
                Ok(frame) => {
                    let decoded = connection.decode(&frame)?;
                    if let Some(wait) = session.handle_frame(&frame, decoded) {
                        timers.retry_at = Some(Instant::now() + wait);
                    }
                }
                Err(_) if session.is_stopping() => {
                    return Err(connection.lost(SHUTTING_DOWN.into()).into());
                }
                Err(error) => return Err(error.into()),
            },
            line = input.recv(), if session.takes_input() => match line {
                Some(Ok(InputLine::Line(line))) => session.handle_line(&line),
                Some(Ok(InputLine::TooLong)) => session.handle_too_long(LONGEST),
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
            () = until(timers.ask_at) => {
                timers.ask_at = None;
                session.ask_for_missed();
            }
            () = until(timers.answer_by) => {
                timers.answer_by = None;
                session.no_answer();
            }
            () = until(timers.enter_by) => {
                return Err(connection.lost("it did not let the user into a channel".into()).into());
            }
            () = &mut output_closed => return Ok(session.outcome()),
        }
    }
}

/// The deadlines of the session.
#[derive(Default)]
struct Timers {
    /// When the last request is sent again.
    retry_at: Option<Instant>,
    /// When missed messages are requested again.
    ask_at: Option<Instant>,
    /// When the answer to the last request is overdue.
    answer_by: Option<Instant>,
    /// When the user has to be in a channel.
    enter_by: Option<Instant>,
}

/// The delay before missed messages are requested again that the server cannot read now.
const ASK_AGAIN: Duration = Duration::from_secs(2);

fn write_lines(session: &mut PipeSession) -> io::Result<()> {
    let mut out = io::stdout().lock();
    for line in session.take_lines() {
        writeln!(out, "{line}")?;
    }
    out.flush()?;
    for problem in session.take_problems() {
        // If standard error is closed, problems are not reported.
        let _ = writeln!(io::stderr(), "chat: {problem}");
    }
    Ok(())
}
