//! What is known of a session in pipe mode, and what is to be printed of it.

use super::format::Format;
use super::json;
use crate::connect::Outcome;
use crate::connect::command::{self, Line};
use crate::connect::connection::Welcome;
use crate::connect::describe;
use crate::connect::event::{Event, Incoming, Message};
use crate::connect::ignored::IgnoreList;
use crate::connect::marks::without_piles;
use crate::connect::names::{channel_key, nickname_key, same_user};
use crate::connect::request::{Request, To};
use crate::connect::requests::{Answer, Requests};
use crate::connect::settings::Settings;
use chat_core::{Nickname, Text};
use serde_json::{Value, json};
use std::time::Duration;

/// A session whose input and output are lines.
pub(super) struct PipeSession {
    format: Format,
    me: Text,
    /// Where the user can talk: the channels that they are in, and the users whom they talk with.
    /// The last is the one that they talk to.
    places: Vec<To>,
    /// Not in the channel yet that was asked for on the command line.
    entering: bool,
    requests: Requests,
    ignored: IgnoreList,
    /// For standard output.
    lines: Vec<String>,
    /// For standard error.
    problems: Vec<String>,
    /// Whether problems are told with the number of the line that they come from.
    numbers_lines: bool,
    /// How many lines were read.
    lines_read: u64,
    /// The number of the line that is being done; none before the first and after the last.
    line: Option<u64>,
    refused: bool,
    quitting: bool,
    stopping: bool,
    end: Option<End>,
}

/// Why the session is over.
pub(super) enum End {
    Goodbye,
    /// The user may not be in the channel that was asked for on the command line.
    Refused(Text),
    /// The server does not answer any more, not even to a goodbye.
    NoAnswer(Text),
}

impl PipeSession {
    pub(super) fn new(welcome: Welcome, settings: &Settings, format: Format) -> Self {
        let Welcome { nickname, session, limits, .. } = welcome;
        let mut this = Self {
            format,
            me: nickname,
            places: Vec::new(),
            entering: true,
            requests: Requests::default(),
            ignored: IgnoreList::default(),
            lines: Vec::new(),
            problems: Vec::new(),
            numbers_lines: false,
            lines_read: 0,
            line: None,
            refused: false,
            quitting: false,
            stopping: false,
            end: None,
        };
        this.requests.set_limits(limits);
        let welcome = json!({ "type": "welcome", "nickname": this.me, "session": session });
        this.tell_own(format!("connected as {}", this.me), welcome);
        if !settings.lobby() {
            let join = Request::Join { channel: settings.channel.clone(), key: None };
            if let Err(problem) = this.requests.push(join) {
                this.end = Some(End::Refused(Text::clean(&problem.to_string())));
            }
        }
        this
    }

    /// Decides whether problems are told with the number of the line that they come from.
    pub(super) fn number_lines(&mut self, numbers_lines: bool) {
        self.numbers_lines = numbers_lines;
    }

    /// Does what a line says.
    pub(super) fn typed(&mut self, line: &str) {
        self.next_line();
        match command::parse(line, self.places.last()) {
            Line::Empty => {}
            Line::Ask(request) => self.ask(request),
            Line::Switch(name) => self.switch(&name),
            Line::Query(user, said) => self.query(&user, said),
            Line::Close => {
                self.places.pop();
                self.tell_place();
            }
            Line::Ignore(user) => self.ignore(&user),
            Line::Unignore(user) if self.ignored.remove(&user) => self.tell_ignored(),
            Line::Unignore(_) => self.refuse("bad_line", "nobody of that name is ignored"),
            Line::Ignored => self.tell_ignored(),
            Line::Clear => self.refuse("bad_line", "there is no screen to clear here"),
            Line::Help => self.help(),
            Line::Quit(reason) => self.quit(reason),
            Line::Problem(problem) => self.refuse("bad_line", &problem),
        }
    }

    /// A line had more bytes than are read.
    pub(super) fn typed_too_long(&mut self, limit: usize) {
        self.next_line();
        self.refuse("too_long", &format!("the line is longer than {limit} bytes"));
    }

    /// There are no other lines: leaves the server.
    pub(super) fn input_ended(&mut self) {
        self.line = None;
        self.quit(None);
    }

    /// Takes in a frame, which is given as it came, too. A duration is how long to wait before the
    /// last request is sent again.
    pub(super) fn told(&mut self, raw: &str, frame: Incoming) -> Option<Duration> {
        let answer = self.requests.answered(&frame);
        let line = match answer {
            Answer::Later(wait) => return Some(wait),
            Answer::To(_) | Answer::ToBackground(_) => self.line,
            Answer::Unasked => None,
        };
        if self.is_ignored(&frame.event) {
            return None;
        }
        if self.format == Format::Json {
            let ignored = |name: &str| self.ignored.has(name);
            self.lines.extend(json::frame(raw, line, ignored));
        }
        self.settle(answer, frame.event);
        None
    }

    /// The time for an answer is over.
    pub(super) fn no_answer(&mut self) {
        let Some((answer, event)) = self.requests.no_answer() else { return };
        if let Event::Error { code, message, .. } = &event
            && self.format == Format::Json
        {
            let error = json!({ "type": "error", "code": code, "message": message });
            self.lines.extend(json::own(error, self.line));
        }
        self.settle(answer, event);
    }

    /// The frame to send now, if there is one.
    pub(super) fn next_frame(&mut self) -> Option<String> {
        self.requests.next_frame()
    }

    /// The frame to send again, now that its time has come.
    pub(super) fn retry(&mut self) -> Option<String> {
        self.requests.retry()
    }

    /// The lines for standard output since the last time.
    pub(super) fn take_lines(&mut self) -> Vec<String> {
        std::mem::take(&mut self.lines)
    }

    /// The lines for standard error since the last time.
    pub(super) fn take_problems(&mut self) -> Vec<String> {
        std::mem::take(&mut self.problems)
    }

    /// Why the session is over, if it is.
    pub(super) fn take_end(&mut self) -> Option<End> {
        self.end.take()
    }

    /// Whether everything that was asked for has been done.
    pub(super) fn outcome(&self) -> Outcome {
        if self.refused { Outcome::Refused } else { Outcome::Done }
    }

    /// Whether everything that was typed has been answered.
    pub(super) fn takes_input(&self) -> bool {
        !self.entering && !self.quitting && self.requests.is_idle()
    }

    /// Whether the user is in a channel.
    pub(super) fn has_entered(&self) -> bool {
        !self.entering
    }

    /// Whether the server has said that it stops.
    pub(super) fn is_stopping(&self) -> bool {
        self.stopping
    }

    fn next_line(&mut self) {
        self.lines_read += 1;
        self.line = Some(self.lines_read);
    }

    fn quit(&mut self, reason: Option<String>) {
        self.quitting = true;
        self.ask(Request::Quit { reason });
    }

    fn settle(&mut self, answer: Answer, event: Event) {
        match answer {
            Answer::To(request) | Answer::ToBackground(request) => self.answered(&request, event),
            Answer::Later(_) => {}
            Answer::Unasked => self.happened(event),
        }
    }

    fn answered(&mut self, request: &Request, event: Event) {
        if let Event::Error { code, message, .. } = event {
            return self.refused(request, &code, message);
        }
        if let Event::History { messages, .. } = &event {
            for said in messages.iter().filter(|said| !self.ignored.has(said.nickname.as_str())) {
                let line = format!("{} {}", said.at, describe::message(said, self.me.as_str()));
                print(self.format, &mut self.lines, &line);
            }
            return;
        }
        if let Event::Roster { .. } = &event {
            return self.happened(event);
        }
        if event == Event::Goodbye {
            self.end = Some(End::Goodbye);
            return;
        }
        for line in describe::answered(request, &event, self.me.as_str()) {
            self.print(&line);
        }
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

    /// The server does not do what it was asked for.
    fn refused(&mut self, request: &Request, code: &str, message: Text) {
        if self.entering {
            self.end = Some(End::Refused(message));
        } else if let Request::Quit { .. } = request
            && code == "no_answer"
        {
            self.end = Some(End::NoAnswer(message));
        } else {
            // A reason for leaving may be too long.
            self.quitting = false;
            self.problem(self.line, message.as_str());
        }
    }

    fn happened(&mut self, event: Event) {
        match &event {
            Event::Chat(message) => {
                let line = describe::message(message, self.me.as_str());
                self.print(&line);
            }
            Event::Roster { channel, topic, count, members } => {
                let names = members.iter().map(|member| member.nickname.as_str());
                self.print(&format!("you joined {channel}: {}", describe::listed(names, *count)));
                if topic.is_some() {
                    self.print(&describe::topic_shown(channel, topic.as_ref()));
                }
                self.leave(channel.as_str());
                self.places.push(To::Channel(channel.to_string()));
                self.entering = false;
            }
            Event::Error { message, .. } => self.problem(None, message.as_str()),
            Event::Kicked { channel, nickname, .. } | Event::UserLeft { channel, nickname, .. }
                if same_user(nickname.as_str(), self.me.as_str()) =>
            {
                self.leave(channel.as_str());
                self.print_event(&event);
            }
            Event::Renamed { from, to } => {
                self.renamed(from, to);
                self.print_event(&event);
            }
            Event::ShuttingDown => {
                self.stopping = true;
                self.print_event(&event);
            }
            Event::Welcome { .. }
            | Event::Done
            | Event::Ack { .. }
            | Event::Ping
            | Event::Pong
            | Event::Goodbye
            | Event::Users { .. }
            | Event::Channels { .. }
            | Event::Topic { .. }
            | Event::Modes { .. }
            | Event::History { .. }
            | Event::UserJoined { .. }
            | Event::UserLeft { .. }
            | Event::Role { .. }
            | Event::Kicked { .. }
            | Event::Muted { .. }
            | Event::Unmuted { .. }
            | Event::Invited { .. }
            | Event::Away { .. }
            | Event::Lagged { .. }
            | Event::Unknown => self.print_event(&event),
        }
    }

    fn renamed(&mut self, from: &Text, to: &Text) {
        if same_user(from.as_str(), self.me.as_str()) {
            self.me = to.clone();
        }
        self.ignored.rename(from.as_str(), to);
        for place in &mut self.places {
            if let To::User(user) = place
                && same_user(user, from.as_str())
            {
                *user = to.to_string();
            }
        }
    }

    fn ask(&mut self, request: Request) {
        if let Err(problem) = self.requests.push(request) {
            self.quitting = false;
            self.refuse("too_long", &problem.to_string());
        }
    }

    fn switch(&mut self, name: &str) {
        let (channel, user) = (channel_key(name), nickname_key(name.trim_start_matches('@')));
        let is_meant = |place: &To| match place {
            To::Channel(known) => channel_key(known) == channel,
            To::User(known) => nickname_key(known) == user,
        };
        match self.places.iter().position(is_meant) {
            Some(index) => {
                let place = self.places.remove(index);
                self.places.push(place);
                self.tell_place();
            }
            None => self.refuse("bad_line", "you are not in that channel"),
        }
    }

    fn query(&mut self, user: &str, said: Option<Request>) {
        if let Err(problem) = Nickname::parse(user) {
            return self.refuse("bad_line", &problem.to_string());
        }
        self.places.retain(|place| !matches!(place, To::User(known) if same_user(known, user)));
        self.places.push(To::User(user.to_owned()));
        self.tell_place();
        if let Some(said) = said {
            self.ask(said);
        }
    }

    fn leave(&mut self, channel: &str) {
        let key = channel_key(channel);
        self.places
            .retain(|place| !matches!(place, To::Channel(known) if channel_key(known) == key));
    }

    fn ignore(&mut self, user: &str) {
        match self.ignored.add(user) {
            Ok(()) => self.tell_ignored(),
            Err(problem) => self.refuse("bad_line", &problem.to_string()),
        }
    }

    fn is_ignored(&self, event: &Event) -> bool {
        if let Event::Chat(Message { nickname, .. }) | Event::Invited { by: nickname, .. } = event {
            return self.ignored.has(nickname.as_str());
        }
        false
    }

    fn help(&mut self) {
        let lines: Vec<String> = command::help().collect();
        if self.format == Format::Json {
            let help = json!({ "type": "help", "commands": lines });
            self.lines.extend(json::own(help, self.line));
        } else {
            self.lines.extend(lines);
        }
    }

    fn tell_ignored(&mut self) {
        let names: Vec<&str> = self.ignored.names().collect();
        let line = match names.as_slice() {
            [] => "you ignore nobody".to_owned(),
            names => format!("you ignore {}", names.join(", ")),
        };
        let object = json!({ "type": "ignored", "nicknames": names });
        self.tell_own(line, object);
    }

    fn tell_place(&mut self) {
        let (line, object) = match self.places.last() {
            Some(To::Channel(channel)) => {
                (format!("you are on {channel}"), json!({ "type": "switched", "channel": channel }))
            }
            Some(To::User(user)) => {
                (format!("you are talking with {user}"), json!({ "type": "switched", "to": user }))
            }
            None => ("you are not on a channel".to_owned(), json!({ "type": "switched" })),
        };
        self.tell_own(line, object);
    }

    /// Tells of something that only this client does.
    fn tell_own(&mut self, line: String, object: Value) {
        match self.format {
            Format::Lines => self.print(&line),
            Format::Json => self.lines.extend(json::own(object, self.line)),
        }
    }

    /// Says why this client does not do what a line says.
    fn refuse(&mut self, code: &str, problem: &str) {
        if self.format == Format::Json {
            let error = json!({ "type": "error", "code": code, "message": problem });
            self.lines.extend(json::own(error, self.line));
        }
        self.problem(self.line, problem);
    }

    /// Says on standard error what was refused, and which line asked for it.
    fn problem(&mut self, line: Option<u64>, problem: &str) {
        self.refused = true;
        self.problems.push(match line.filter(|_| self.numbers_lines) {
            Some(line) => format!("line {line}: {problem}"),
            None => problem.to_owned(),
        });
    }

    fn print_event(&mut self, event: &Event) {
        if let Some(line) = describe::told(event) {
            self.print(&line);
        }
    }

    fn print(&mut self, line: &str) {
        print(self.format, &mut self.lines, line);
    }
}

/// Adds a line in words, where words are wanted.
fn print(format: Format, lines: &mut Vec<String>, line: &str) {
    if format == Format::Lines {
        lines.push(without_piles(line).into_owned());
    }
}
