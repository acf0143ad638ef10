//! The state of a session in pipe mode, and the lines that it prints.

mod missed;
mod places;
mod reentry;

use super::catch_up::CatchUp;
use super::format::Format;
use super::json;
use crate::connect::Outcome;
use crate::connect::command::{self, AccountInput, UserInput};
use crate::connect::connection::Welcome;
use crate::connect::describe;
use crate::connect::event::{Event, Incoming, LoggedIn, Message};
use crate::connect::ignored::IgnoreList;
use crate::connect::marks::without_piles;
use crate::connect::names::{channel_key, same_user};
use crate::connect::proof::device;
use crate::connect::request::{NewLogin, Request, To};
use crate::connect::requests::{Answer, Requests};
use crate::connect::saved_logins::LoginChange;
use crate::connect::settings::Settings;
use chat_server::engine::{Secret, Text};
use serde_json::{Value, json};
use std::time::Duration;

/// A session whose input and output are lines.
pub(super) struct PipeSession {
    format: Format,
    me: Text,
    /// The user's conversations: joined channels, and users in private conversations. The last one
    /// is the current one.
    places: Vec<To>,
    /// The id of the last message that the user has said.
    last_said: Option<u64>,
    /// True until the user is in the channel of the command line.
    entering: bool,
    /// The names of other channels that the user is in already, and whose rosters follow.
    kept: Vec<String>,
    catch_up: CatchUp,
    /// The password for commands that need one.
    password: Option<Secret>,
    account: Option<Text>,
    login: Option<LoginChange>,
    /// The token with which the client connects once more, after a login.
    reentry: Option<Secret>,
    requests: Requests,
    ignored: IgnoreList,
    /// Lines for standard output.
    lines: Vec<String>,
    /// Lines for standard error.
    problems: Vec<String>,
    /// True if problems are reported with the number of their input line.
    numbers_lines: bool,
    /// The number of input lines that have been read.
    lines_read: u64,
    /// The number of the current input line; none before the first and after the last.
    line: Option<u64>,
    refused: bool,
    quitting: bool,
    stopping: bool,
    end: Option<End>,
}

/// The reason for which the session has ended.
pub(super) enum End {
    Goodbye,
    /// The user may not enter the channel of the command line.
    Refused(Text),
    /// The server did not answer the request to quit.
    NoAnswer(Text),
}

impl PipeSession {
    pub(super) fn new(welcome: Welcome, settings: &Settings, format: Format) -> Self {
        let catch_up = CatchUp::new(settings.login.resume.clone(), &welcome);
        let Welcome { nickname, session, limits, account, login, channels, .. } = welcome;
        let first = channel_key(&settings.channel);
        let keys = channels.iter().flatten().map(|channel| channel_key(channel.as_str()));
        let kept = keys.filter(|key| *key != first).collect();
        let mut this = Self {
            format,
            me: nickname,
            places: Vec::new(),
            last_said: None,
            entering: true,
            kept,
            catch_up,
            password: settings.password.clone(),
            account,
            login,
            reentry: None,
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
        this.print_own(format!("connected as {}", this.me), welcome);
        if !settings.lobby() {
            let join = Request::Join { channel: settings.channel.clone(), key: None };
            if let Err(problem) = this.requests.push(join) {
                this.end = Some(End::Refused(Text::clean(&problem.to_string())));
            }
        }
        this
    }

    /// Sets whether problems are reported with the number of their input line.
    pub(super) fn number_lines(&mut self, numbers_lines: bool) {
        self.numbers_lines = numbers_lines;
    }

    /// Executes a line of the input.
    pub(super) fn handle_line(&mut self, line: &str) {
        self.next_line();
        match command::parse(line, self.places.last()) {
            UserInput::Empty => {}
            UserInput::Ask(request) => self.ask(request),
            UserInput::Switch(name) => self.switch(&name),
            UserInput::Query(user, said) => self.query(&user, said),
            UserInput::Close => {
                self.places.pop();
                self.print_place();
            }
            UserInput::Account(input) => self.account(input),
            UserInput::Ignore(user) => self.ignore(&user),
            UserInput::Unignore(user) if self.ignored.remove(&user) => self.print_ignored(),
            UserInput::Unignore(_) => self.refuse("bad_line", "no such user is ignored"),
            UserInput::Ignored => self.print_ignored(),
            UserInput::ChangeLast(change) => self.change_last(change),
            UserInput::Reply(..) => self.refuse("bad_line", "replies need the full screen"),
            UserInput::Clear => self.refuse("bad_line", "there is no screen to clear here"),
            UserInput::Help => self.help(),
            UserInput::Quit(reason) => self.quit(reason),
            UserInput::Problem(problem) => self.refuse("bad_line", &problem),
        }
    }

    /// Handles a line that was skipped because it has more than `limit` bytes.
    pub(super) fn handle_too_long(&mut self, limit: usize) {
        self.next_line();
        self.refuse("too_long", &format!("the line is longer than {limit} bytes"));
    }

    /// Handles the end of the input: quits.
    pub(super) fn input_ended(&mut self) {
        self.line = None;
        self.quit(None);
    }

    /// Handles a frame, which is given both raw and decoded. Returns the delay after which the last
    /// request is to be sent again, if it was rate limited.
    pub(super) fn handle_frame(&mut self, raw: &str, frame: Incoming) -> Option<Duration> {
        let answer = self.requests.answered(&frame);
        let line = match answer {
            Answer::RetryIn(wait) => return Some(wait),
            Answer::To(_) | Answer::ToBackground(_) => self.line,
            Answer::Unrelated => None,
        };
        if let Event::Missed { .. } = &frame.event {
            self.missed(raw);
            return None;
        }
        if let Event::Chat(message) = &frame.event
            && self.catch_up.holds(message.id, raw)
        {
            return None;
        }
        if let (Event::Lagged { .. }, true) = (&frame.event, self.account.is_some()) {
            self.catch_up.begin();
            self.ask_for_missed();
        }
        self.show_frame(raw, line, answer, frame);
        None
    }

    /// Prints a frame, and handles it.
    fn show_frame(&mut self, raw: &str, line: Option<u64>, answer: Answer, frame: Incoming) {
        if self.is_ignored(&frame.event) {
            return;
        }
        if self.format == Format::Json {
            let ignored = |name: &str| self.ignored.has(name);
            self.lines.extend(json::frame(raw, line, ignored));
        }
        self.settle(answer, frame.event);
    }

    /// Handles that the answer to the last request is overdue.
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

    /// Returns the frame to send now, if there is one.
    pub(super) fn next_frame(&mut self) -> Option<String> {
        self.requests.next_frame()
    }

    /// Returns the frame to send again after its delay.
    pub(super) fn retry(&mut self) -> Option<String> {
        self.requests.retry()
    }

    /// Takes the new lines for standard output.
    pub(super) fn take_lines(&mut self) -> Vec<String> {
        std::mem::take(&mut self.lines)
    }

    /// Takes the new lines for standard error.
    pub(super) fn take_problems(&mut self) -> Vec<String> {
        std::mem::take(&mut self.problems)
    }

    /// Takes the reason for which the session has ended, if it has.
    pub(super) fn take_end(&mut self) -> Option<End> {
        self.end.take()
    }

    /// Takes the change of the login, if there was one.
    pub(super) fn take_login(&mut self) -> Option<LoginChange> {
        self.login.take()
    }

    /// Returns whether all requests were carried out.
    pub(super) fn outcome(&self) -> Outcome {
        if self.refused { Outcome::Refused } else { Outcome::Done }
    }

    /// Returns true if the next input line can be read: all lines before have been answered.
    pub(super) fn takes_input(&self) -> bool {
        let is_in_its_channels = !self.entering && self.kept.is_empty();
        is_in_its_channels && !self.quitting && self.requests.is_idle()
    }

    /// Returns true if the user is in a channel.
    pub(super) fn has_entered(&self) -> bool {
        !self.entering
    }

    /// Returns true if the server has announced that it stops.
    pub(super) fn is_stopping(&self) -> bool {
        self.stopping
    }

    fn next_line(&mut self) {
        self.lines_read += 1;
        self.line = Some(self.lines_read);
    }

    /// Carries out a command with the password of the command line.
    fn account(&mut self, input: AccountInput) {
        let Some(password) = self.password.clone() else {
            return self.refuse("bad_line", NO_PASSWORD);
        };
        let login = |account| NewLogin { account, password: password.clone(), device: device() };
        self.ask(match input {
            AccountInput::Register { account, code } => {
                Request::Register { login: login(account), code: code.map(Secret::new) }
            }
            AccountInput::LogIn { account } => Request::LogIn(login(account)),
            AccountInput::Unregister => Request::DeleteAccount { password },
            AccountInput::Password => return self.refuse("bad_line", NEEDS_TERMINAL),
        });
    }

    fn quit(&mut self, reason: Option<String>) {
        self.quitting = true;
        self.ask(Request::Quit { reason });
    }

    fn settle(&mut self, answer: Answer, event: Event) {
        if let Answer::ToBackground(Request::Missed { .. }) = &answer {
            return self.missed_refused(event);
        }
        match answer {
            Answer::To(request) | Answer::ToBackground(request) => {
                self.handle_answer(&request, event)
            }
            Answer::RetryIn(_) => {}
            Answer::Unrelated => self.handle_event(event),
        }
    }

    fn handle_answer(&mut self, request: &Request, mut event: Event) {
        if let Event::Error { code, message, .. } = event {
            return self.refused(request, &code, message);
        }
        if let Event::History { messages, .. } = &event {
            for said in messages.iter().filter(|said| !self.ignored.has(said.nickname.as_str())) {
                for line in describe::message_lines(said, self.me.as_str()) {
                    print(self.format, &mut self.lines, &format!("{} {line}", said.at));
                }
            }
            return;
        }
        if let Event::Found { messages, .. } = &mut event {
            messages.retain(|said| !self.ignored.has(said.nickname.as_str()));
        }
        if let Event::Roster { .. } = &event {
            return self.handle_event(event);
        }
        if event == Event::Goodbye {
            self.end = Some(End::Goodbye);
            return;
        }
        if let Event::Ack { id, .. } = &event {
            self.last_said = *id;
        }
        for line in describe::answer_lines(request, &event, self.me.as_str()) {
            self.print(&line);
        }
        if let Event::LoggedIn(login) = &event {
            self.reentry = login.token.clone();
        }
        if let Event::Registered(login) | Event::LoggedIn(login) = event {
            return self.logged_in(login);
        }
        if event != Event::Done {
            return;
        }
        if let Request::LogOut | Request::DeleteAccount { .. } = request {
            let account = self.account.take();
            self.login = account.map(|account| LoginChange::Ended { account });
            self.end = Some(End::Goodbye);
        }
        if let Request::Delete { .. } = request {
            self.last_said = None;
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

    fn logged_in(&mut self, login: LoggedIn) {
        let LoggedIn { account, token, nickname, channels } = login;
        if let Some(token) = token {
            let account = account.clone();
            self.login = Some(LoginChange::Begun { account, token });
        }
        self.account = Some(account);
        if let Some(nickname) = nickname {
            self.me = nickname;
        }
        // The rosters of the channels of that user follow.
        if channels.is_some() {
            self.places.retain(|place| matches!(place, To::User(_)));
        }
    }

    /// Handles the refusal of a request.
    fn refused(&mut self, request: &Request, code: &str, message: Text) {
        if self.entering {
            self.end = Some(End::Refused(message));
        } else if let Request::Quit { .. } = request
            && code == "no_answer"
        {
            self.end = Some(End::NoAnswer(message));
        } else {
            // The server may have refused a quit, for example because its reason is too long.
            self.quitting = false;
            self.problem(self.line, message.as_str());
        }
    }

    fn handle_event(&mut self, event: Event) {
        match &event {
            Event::Chat(message) => {
                for line in describe::message_lines(message, self.me.as_str()) {
                    self.print(&line);
                }
            }
            Event::Roster { channel, topic, count, members, .. } => {
                let names = members.iter().map(|member| member.nickname.as_str());
                self.print(&format!("you joined {channel}: {}", describe::listed(names, *count)));
                if topic.is_some() {
                    self.print(&describe::topic_shown(channel, topic.as_ref()));
                }
                self.leave(channel.as_str());
                let (key, place) =
                    (channel_key(channel.as_str()), To::Channel(channel.to_string()));
                if let Some(index) = self.kept.iter().position(|kept| *kept == key) {
                    self.kept.remove(index);
                    self.places.insert(0, place);
                } else {
                    self.places.push(place);
                    self.entering = false;
                }
            }
            Event::Error { message, .. } => self.problem(None, message.as_str()),
            Event::Kicked { channel, nickname, .. } | Event::UserLeft { channel, nickname, .. }
                if same_user(nickname.as_str(), self.me.as_str()) =>
            {
                self.leave(channel.as_str());
                self.print_event(&event);
            }
            Event::ChannelClosed { channel, .. } => {
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
            | Event::Registered(_)
            | Event::LoggedIn(_)
            | Event::Sessions { .. }
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
            | Event::Missed { .. }
            | Event::Read { .. }
            | Event::Found { .. }
            | Event::UserJoined { .. }
            | Event::UserLeft { .. }
            | Event::Role { .. }
            | Event::Kicked { .. }
            | Event::Deleted(_)
            | Event::Edited(_)
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

    fn leave(&mut self, channel: &str) {
        let key = channel_key(channel);
        self.places
            .retain(|place| !matches!(place, To::Channel(known) if channel_key(known) == key));
    }

    fn ignore(&mut self, user: &str) {
        match self.ignored.add(user) {
            Ok(()) => self.print_ignored(),
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

    fn print_ignored(&mut self) {
        let names: Vec<&str> = self.ignored.names().collect();
        let line = match names.as_slice() {
            [] => "you ignore nobody".to_owned(),
            names => format!("you ignore {}", names.join(", ")),
        };
        let object = json!({ "type": "ignored", "nicknames": names });
        self.print_own(line, object);
    }

    fn print_place(&mut self) {
        let (line, object) = match self.places.last() {
            Some(To::Channel(channel)) => {
                (format!("you are on {channel}"), json!({ "type": "switched", "channel": channel }))
            }
            Some(To::User(user)) => {
                (format!("you are talking with {user}"), json!({ "type": "switched", "to": user }))
            }
            None => ("you are not on a channel".to_owned(), json!({ "type": "switched" })),
        };
        self.print_own(line, object);
    }

    /// Prints an event of this client.
    fn print_own(&mut self, line: String, object: Value) {
        match self.format {
            Format::Lines => self.print(&line),
            Format::Json => self.lines.extend(json::own(object, self.line)),
        }
    }

    /// Reports that this client does not execute a line.
    fn refuse(&mut self, code: &str, problem: &str) {
        if self.format == Format::Json {
            let error = json!({ "type": "error", "code": code, "message": problem });
            self.lines.extend(json::own(error, self.line));
        }
        self.problem(self.line, problem);
    }

    /// Reports a refusal on standard error, with the number of its line.
    fn problem(&mut self, line: Option<u64>, problem: &str) {
        self.refused = true;
        self.problems.push(match line.filter(|_| self.numbers_lines) {
            Some(line) => format!("line {line}: {problem}"),
            None => problem.to_owned(),
        });
    }

    fn print_event(&mut self, event: &Event) {
        if let Some(line) = describe::event_line(event) {
            self.print(&line);
        }
    }

    fn print(&mut self, line: &str) {
        print(self.format, &mut self.lines, line);
    }
}

const NO_PASSWORD: &str =
    "there is no password: name a file with --password-file, or set CHAT_PASSWORD";
const NEEDS_TERMINAL: &str = "a new password can only be typed in the full-screen client";

/// Adds a line in words, if that is the format.
fn print(format: Format, lines: &mut Vec<String>, line: &str) {
    if format == Format::Lines {
        lines.push(without_piles(line).into_owned());
    }
}
