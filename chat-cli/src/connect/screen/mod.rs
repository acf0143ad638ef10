//! The full-screen client for people.

mod app;
mod backoff;
mod completion;
mod editor;
mod keys;
mod layout;
mod question;
mod reconnector;
mod room;
mod rows;
mod terminal;
mod timeline;
mod view;
mod wrap;

#[cfg(test)]
mod tests;

use super::Error;
use super::connection::ConnectionError;
use super::deadline::until;
use super::hangup::hung_up;
use super::random::random_key;
use super::requests::{ANSWER_TIME, GOODBYE_TIME};
use super::saved_logins::LoginChange;
use super::settings::Settings;
use app::{App, Effect, Input};
use chat_server::runtime::stop_signal;
use jiff::tz::TimeZone;
use ratatui::crossterm::event::Event as TerminalEvent;
use ratatui::layout::Size;
use reconnector::Reconnector;
use std::io::{Write, stderr};
use terminal::Screen;
use tokio::time::Instant;

/// Chats until the user quits.
pub(super) async fn run(settings: &Settings) -> Result<(), Error> {
    let mut app = None;
    let done = chat(settings, &mut app).await;
    if let Some(app) = app
        && let Some(account) = app.account()
    {
        let kept = settings.points.keep(account.as_str(), &app.next_start());
        // The client receives messages again that are not kept.
        if let Err(error) = kept {
            let _ = writeln!(stderr(), "chat: what was received cannot be kept: {error}");
        }
    }
    done
}

async fn chat(settings: &Settings, app: &mut Option<App>) -> Result<(), Error> {
    let mut screen = Screen::take().map_err(Error::Terminal)?;
    let mut events = terminal::read_events();
    let size = screen.size().map_err(Error::Terminal)?;
    let app = app.insert(App::new(settings, TimeZone::system(), size, random_key()));
    let mut reconnector = Reconnector::new(settings.target.clone(), settings.login.proof.clone());
    let mut timers = Timers::default();
    let mut stopped = Box::pin(stop_signal());
    let mut gone = Box::pin(hung_up());
    loop {
        screen.draw(app).map_err(Error::Terminal)?;
        screen.set_title(&app.title()).map_err(Error::Terminal)?;
        let effects = tokio::select! {
            input = reconnector.next(app) => match input {
                Ok(input) => app.apply(input),
                Err(error) => {
                    let is_over = matches!(error, ConnectionError::SessionEnded(_));
                    if let Some(account) = app.account().filter(|_| is_over) {
                        // A login that cannot be forgotten is refused the next time, too.
                        let _ = settings.logins.forget(account.as_str());
                    }
                    return Err(error.into());
                }
            },
            event = events.recv() => match event {
                Some(Ok(event)) => terminal_event(app, event),
                Some(Err(error)) => return Err(Error::Input(error)),
                None => return Ok(()),
            },
            () = until(timers.retry) => {
                timers.retry = None;
                app.apply(Input::Retry)
            }
            () = until(timers.report) => {
                timers.report = None;
                app.apply(Input::Report)
            }
            () = until(timers.ask) => {
                timers.ask = None;
                app.apply(Input::AskAgain)
            }
            () = until(timers.answer) => {
                timers.answer = None;
                app.apply(Input::NoAnswer)
            }
            () = until(timers.leave) => return Ok(()),
            _ = &mut stopped => return Ok(()),
            () = &mut gone => return Ok(()),
        };
        for effect in effects {
            match effect {
                Effect::Send(frame) => {
                    timers.answer = Some(Instant::now() + ANSWER_TIME);
                    reconnector.send(frame).await;
                }
                Effect::RetryIn(wait) => timers.retry = Some(Instant::now() + wait),
                Effect::ReportIn(wait) => timers.report = Some(Instant::now() + wait),
                Effect::AskAgainIn(wait) => timers.ask = Some(Instant::now() + wait),
                Effect::Leave => timers.leave = Some(Instant::now() + GOODBYE_TIME),
                Effect::Stay => timers.leave = None,
                Effect::Login(change) => {
                    if let Err(error) = settings.logins.change(&change) {
                        app.note(format!("error: the login cannot be kept: {error}"));
                    }
                    if let LoginChange::Begun { token, .. } = change {
                        reconnector.log_in(token);
                    }
                }
                Effect::Reenter { account } => {
                    // Without a place, the client begins like one on a new device.
                    let point = settings.points.point(account.as_str()).unwrap_or_default();
                    app.continue_at(point);
                    reconnector.reopen();
                }
                Effect::Bell => screen.ring().map_err(Error::Terminal)?,
                Effect::Exit => return Ok(()),
                Effect::Redraw => screen.clear().map_err(Error::Terminal)?,
            }
        }
    }
}

/// The deadlines of the client.
#[derive(Default)]
struct Timers {
    /// When a rate-limited request is sent again.
    retry: Option<Instant>,
    /// When the server is told what the user has read.
    report: Option<Instant>,
    /// When missed messages are requested again.
    ask: Option<Instant>,
    /// When the answer to the last request is overdue.
    answer: Option<Instant>,
    /// When the client exits without the server's goodbye.
    leave: Option<Instant>,
}

fn terminal_event(app: &mut App, event: TerminalEvent) -> Vec<Effect> {
    match event {
        TerminalEvent::Key(key) => app.key(key),
        TerminalEvent::Paste(text) => app.paste(&text),
        TerminalEvent::Resize(width, height) => app.apply(Input::Resized(Size { width, height })),
        TerminalEvent::FocusGained => {
            app.note_presence();
            Vec::new()
        }
        TerminalEvent::FocusLost | TerminalEvent::Mouse(_) => Vec::new(),
    }
}
