//! The client for scripts: lines in, lines out.

use super::command::{self, Line};
use super::connection::{Connection, ConnectionError, SHUTTING_DOWN, Welcome};
use super::describe;
use super::event::{Event, Incoming};
use super::names::{channel_key, same_user};
use super::request::{Request, To};
use super::requests::{Answer, Requests};
use super::{Error, Settings};
use chat_core::Text;
use std::io::{self, BufRead, Write};
use std::thread;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

/// Chats until the input or the connection ends.
pub(super) async fn run(settings: &Settings, mut out: impl Write) -> Result<(), Error> {
    let Settings { target, login, .. } = settings;
    let opened = Connection::open(target, login.clone(), settings.lobby()).await?;
    let (mut connection, welcome) = opened;
    let mut input = read_input();
    let mut pipe = Pipe::new(welcome, settings);
    let mut retry_at = None;
    loop {
        for line in pipe.lines.drain(..) {
            writeln!(out, "{line}").and_then(|()| out.flush()).map_err(Error::Output)?;
        }
        match pipe.end.take() {
            Some(End::Goodbye) => return Ok(()),
            Some(End::Refused(message)) => return Err(ConnectionError::Refused(message).into()),
            None => {}
        }
        while let Some(frame) = pipe.requests.next_frame() {
            connection.send(frame).await;
        }
        tokio::select! {
            frame = connection.next() => match frame {
                Ok(frame) => {
                    if let Some(wait) = pipe.told(frame) {
                        retry_at = Some(Instant::now() + wait);
                    }
                }
                Err(_) if pipe.stopping => return Err(connection.lost(SHUTTING_DOWN.into()).into()),
                Err(error) => return Err(error.into()),
            },
            line = input.recv(), if pipe.takes_input() => match line {
                Some(Ok(line)) => pipe.typed(&line),
                Some(Err(error)) => return Err(Error::Input(error)),
                None => pipe.quit(None),
            },
            () = until(retry_at) => {
                retry_at = None;
                if let Some(frame) = pipe.requests.retry() {
                    connection.send(frame).await;
                }
            }
        }
    }
}

/// Reads standard input in a thread of its own, which the process does not wait for when it ends.
fn read_input() -> mpsc::Receiver<io::Result<String>> {
    let (lines, input) = mpsc::channel(1);
    thread::spawn(move || {
        let mut stdin = io::stdin().lock();
        let mut bytes = Vec::new();
        loop {
            bytes.clear();
            let line = match stdin.read_until(b'\n', &mut bytes) {
                Ok(0) => return,
                Ok(_) => Ok(String::from_utf8_lossy(&bytes).into_owned()),
                Err(error) => Err(error),
            };
            if lines.blocking_send(line).is_err() {
                return;
            }
        }
    });
    input
}

async fn until(at: Option<Instant>) {
    match at {
        Some(at) => sleep_until(at).await,
        None => std::future::pending().await,
    }
}

/// What is known, and what is to be printed of it.
struct Pipe {
    me: Text,
    /// The channels that the user is in; the last is the one that they are on.
    channels: Vec<Text>,
    /// Not in the channel yet that was asked for on the command line.
    entering: bool,
    requests: Requests,
    lines: Vec<String>,
    quitting: bool,
    stopping: bool,
    end: Option<End>,
}

enum End {
    Goodbye,
    Refused(Text),
}

impl Pipe {
    fn new(welcome: Welcome, settings: &Settings) -> Self {
        let mut requests = Requests::default();
        if !settings.lobby() {
            requests.push(Request::Join { channel: settings.channel.clone(), key: None });
        }
        Self {
            lines: vec![format!("connected as {}", welcome.nickname)],
            me: welcome.nickname,
            channels: Vec::new(),
            entering: true,
            requests,
            quitting: false,
            stopping: false,
            end: None,
        }
    }

    /// Whether everything that was typed has been answered.
    fn takes_input(&self) -> bool {
        !self.entering && !self.quitting && self.requests.is_idle()
    }

    fn typed(&mut self, line: &str) {
        let here = self.channels.last().map(|channel| To::Channel(channel.to_string()));
        match command::parse(line, here.as_ref()) {
            Line::Empty | Line::Close => {}
            Line::Ask(request) => self.requests.push(request),
            Line::Switch(channel) => self.switch(&channel),
            Line::Help => self.lines.extend(command::help()),
            Line::Quit(reason) => self.quit(reason),
            Line::Problem(problem) => self.lines.push(format!("error: {problem}")),
        }
    }

    fn quit(&mut self, reason: Option<String>) {
        self.quitting = true;
        self.requests.push(Request::Quit { reason });
    }

    /// Takes in a frame. A duration is how long to wait before the last request is sent again.
    fn told(&mut self, frame: Incoming) -> Option<Duration> {
        match self.requests.answered(&frame) {
            Answer::To(request) | Answer::ToBackground(request) => {
                self.answered(&request, frame.event)
            }
            Answer::Later(wait) => return Some(wait),
            Answer::Unasked => self.happened(frame.event),
        }
        None
    }

    fn answered(&mut self, request: &Request, event: Event) {
        if let Event::Error { message, .. } = &event
            && self.entering
        {
            self.end = Some(End::Refused(message.clone()));
            return;
        }
        if let Event::History { messages, .. } = &event {
            let lines = messages.iter();
            let me = self.me.as_str();
            let lines = lines.map(|said| format!("{} {}", said.at, describe::message(said, me)));
            self.lines.extend(lines);
            return;
        }
        if let Event::Roster { .. } = &event {
            return self.happened(event);
        }
        if event == Event::Goodbye {
            self.end = Some(End::Goodbye);
            return;
        }
        self.lines.extend(describe::answered(request, &event, self.me.as_str()));
        if event != Event::Done {
            return;
        }
        if let Request::Rename { nickname } = request {
            self.me = Text::clean(nickname);
        } else if let Request::Leave { channel } = request {
            self.leave(channel);
        } else if let Request::Kick(member) | Request::Ban(member) = request
            && same_user(&member.nickname, self.me.as_str())
        {
            self.leave(&member.channel);
        }
    }

    fn happened(&mut self, event: Event) {
        match event {
            Event::Chat(message) => self.lines.push(describe::message(&message, self.me.as_str())),
            Event::Roster { channel, topic, count, members } => {
                let names = members.iter().map(|member| member.nickname.as_str());
                self.lines
                    .push(format!("you joined {channel}: {}", describe::listed(names, count)));
                if topic.is_some() {
                    self.lines.push(describe::topic_shown(&channel, topic.as_ref()));
                }
                self.leave(channel.as_str());
                self.channels.push(channel);
                self.entering = false;
            }
            Event::Kicked { ref channel, ref nickname, .. } => {
                if same_user(nickname.as_str(), self.me.as_str()) {
                    self.leave(channel.as_str());
                }
                self.lines.extend(describe::told(&event));
            }
            Event::ShuttingDown => {
                self.stopping = true;
                self.lines.extend(describe::told(&event));
            }
            Event::Welcome { .. }
            | Event::Done
            | Event::Ack { .. }
            | Event::Pong
            | Event::Goodbye
            | Event::Users { .. }
            | Event::Channels { .. }
            | Event::Topic { .. }
            | Event::Modes { .. }
            | Event::History { .. }
            | Event::Error { .. }
            | Event::UserJoined { .. }
            | Event::UserLeft { .. }
            | Event::Renamed { .. }
            | Event::Role { .. }
            | Event::Muted { .. }
            | Event::Unmuted { .. }
            | Event::Invited { .. }
            | Event::Away { .. }
            | Event::Lagged { .. }
            | Event::Unknown => self.lines.extend(describe::told(&event)),
        }
    }

    fn switch(&mut self, channel: &str) {
        let key = channel_key(channel);
        match self.channels.iter().position(|known| channel_key(known.as_str()) == key) {
            Some(place) => {
                let channel = self.channels.remove(place);
                self.lines.push(format!("you are on {channel}"));
                self.channels.push(channel);
            }
            None => self.lines.push("error: you are not in that channel".into()),
        }
    }

    fn leave(&mut self, channel: &str) {
        let key = channel_key(channel);
        self.channels.retain(|known| channel_key(known.as_str()) != key);
    }
}
