//! The conversation with one client in the JSON dialect.

use super::event::Object;
use super::form::{VERSION_1, VERSION_2};
use super::hello::{Hello, Resume};
use super::look_up;
use super::reference::Reference;
use super::request::{InvalidFrame, Request, Version, quoted};
use super::settings::Settings;
use super::{version1, version2};
use crate::{Conversation, Fault, Form, Frames, Notice, Reaction};
use chat_core::{
    CloseReason, Command, Credential, Event, Peer, Profile, Refusal, RequestId, Secret, SessionId,
};
use std::borrow::Cow;

pub(super) struct JsonConversation {
    session: SessionId,
    settings: Settings,
    /// The transport has received a token with the connection.
    peer_has_token: bool,
    /// The client's version; `None` before its `hello`.
    version: Option<Version>,
    /// True if the client has received a `welcome`.
    welcomed: bool,
    /// True if the client has logged in before its `hello`.
    logged_in: bool,
}

impl JsonConversation {
    pub(super) fn new(session: SessionId, peer: &Peer, settings: Settings) -> Self {
        let peer_has_token = peer.token.is_some();
        Self { session, settings, peer_has_token, version: None, welcomed: false, logged_in: false }
    }

    /// Refuses a request that comes before the `hello`.
    fn refuse_before_hello(&mut self, reference: Option<Reference>, reaction: &mut Reaction) {
        let message = "expected hello message first";
        if self.settings.takes_early_requests {
            self.error(reference, Refusal::NotIdentified.code(), message, reaction);
            reaction.count_fault();
        } else {
            version1::error(message, &mut reaction.frames);
            reaction.end();
        }
    }

    fn hello(&mut self, request: Request, reaction: &mut Reaction) {
        match request.version() {
            Ok(version) => self.version = Some(version),
            Err(problem) => return self.malformed(request.any_reference(), &problem, reaction),
        }
        if self.version == Some(Version::One) {
            let credential = request.token().map(Credential::Token);
            match request.hello_nickname() {
                Ok(nickname) => {
                    // A missing nickname is treated as an empty one.
                    let nickname = Some(nickname.unwrap_or_default());
                    let identify = Command::Identify {
                        nickname,
                        lobby: true,
                        credential,
                        reconnect_key: None,
                        profile: None,
                        resume: None,
                    };
                    reaction.command(None, identify);
                }
                Err(problem) => self.malformed(None, &problem, reaction),
            }
            return;
        }
        let reference = match request.reference() {
            Ok(reference) => reference,
            Err(problem) => return self.malformed(request.any_reference(), &problem, reaction),
        };
        let mut hello = match request.read::<Hello>() {
            Ok(hello) => hello,
            Err(problem) => return self.malformed(reference.map(Into::into), &problem, reaction),
        };
        let credential = match hello.credential() {
            Ok(credential) => credential,
            Err(problem) => return self.malformed(reference.map(Into::into), problem, reaction),
        };
        let is_known = self.peer_has_token || self.logged_in || credential.is_some();
        let nickname = match (hello.nickname, hello.guest) {
            (Some(_), true) => {
                let problem = "hello: give \"nickname\" or \"guest\", not both";
                return self.malformed(reference.map(Into::into), problem, reaction);
            }
            (None, true) => None,
            // The nickname of an authenticated user follows from the login.
            (None, false) if is_known => None,
            (nickname, false) => Some(nickname.unwrap_or_default()),
        };
        let reconnect_key = hello.reconnect_key.map(Secret::new);
        let (lobby, real_name, bot) = (hello.lobby, hello.real_name, hello.bot);
        let has_profile = real_name.is_some() || bot;
        let profile = has_profile.then(|| Box::new(Profile { username: None, real_name, bot }));
        let resume = hello.resume.map(Resume::point);
        let identify =
            Command::Identify { nickname, lobby, credential, reconnect_key, profile, resume };
        reaction.command(reference, identify);
    }

    fn version_1(&mut self, request: Request, reaction: &mut Reaction) {
        match request.kind.as_str() {
            "hello" => self.error(None, "already_identified", "already connected", reaction),
            "chat" => match request.chat_text() {
                Ok(text) if text.trim().is_empty() => {}
                Ok(text) => reaction.command(None, Command::say("lobby", text)),
                Err(problem) => self.malformed(None, &problem, reaction),
            },
            unknown => {
                let message = format!("unknown type '{}'", quoted(unknown));
                self.error(None, BAD_REQUEST, &message, reaction);
            }
        }
    }

    fn version_2(&mut self, request: Request, reaction: &mut Reaction) {
        let reference = match request.reference() {
            Ok(reference) => reference,
            Err(problem) => return self.malformed(request.any_reference(), &problem, reaction),
        };
        match request.kind.as_str() {
            "hello" if self.welcomed => {
                let refusal = Refusal::AlreadyIdentified;
                let reference = reference.map(Into::into);
                self.error(reference, refusal.code(), &refusal.to_string(), reaction);
            }
            "hello" => self.hello(request, reaction),
            // The answer to a ping of the server. The switchboard has noted the sign of life.
            "pong" => {}
            "ping" => {
                let reference = reference.as_ref().map(|request| &*request.0);
                reaction.frames.write_json(&Object::Pong { reference });
            }
            _ => {
                let kind = quoted(&request.kind);
                match look_up::command(request) {
                    Some(Ok(command)) => reaction.command(reference, command),
                    Some(Err(problem)) => {
                        self.malformed(reference.map(Into::into), &problem, reaction);
                    }
                    None => {
                        let message = format!("unknown type '{kind}'");
                        self.error(reference.map(Into::into), BAD_REQUEST, &message, reaction);
                    }
                }
            }
        }
    }

    fn malformed(&self, reference: Option<Reference>, problem: &str, reaction: &mut Reaction) {
        self.error(reference, BAD_REQUEST, problem, reaction);
        reaction.count_fault();
    }

    fn error(
        &self,
        reference: Option<Reference>,
        code: &str,
        message: &str,
        reaction: &mut Reaction,
    ) {
        self.write_error(reference, code, message, &mut reaction.frames);
    }

    fn write_error(
        &self,
        reference: Option<Reference>,
        code: &str,
        message: &str,
        out: &mut Frames,
    ) {
        // Only version 2 has a `ref`, so a client that sends one before its `hello` speaks version
        // 2.
        let is_version_2 = match self.version {
            None => reference.is_some(),
            Some(version) => version == Version::Two,
        };
        if is_version_2 {
            version2::error(reference.as_ref(), code, message, out);
        } else {
            version1::error(message, out);
        }
    }

    fn reply_1(&mut self, event: &Event, reaction: &mut Reaction) {
        // Version 1 has no requests except `hello` and `chat`.
        if let Event::Welcomed { user, lobby, .. } = event {
            self.welcomed = true;
            version1::welcome(&user.nickname, lobby.as_deref(), &mut reaction.frames);
        } else if let Event::Sent { message, .. } = event {
            version1::chat(message, &mut reaction.frames);
        } else if let Event::Rejected(refusal) = event {
            version1::error(&refusal.to_string(), &mut reaction.frames);
            if !self.welcomed {
                reaction.end();
            }
        }
    }
}

impl Conversation for JsonConversation {
    fn begin(&mut self, _: &mut Reaction) {}

    fn decode(&mut self, frame: &[u8], reaction: &mut Reaction) {
        let Ok(text) = std::str::from_utf8(frame) else {
            let reference = Reference::find_in_bytes(frame);
            let fault = Fault::NotUtf8;
            self.error(reference, fault_code(&fault), &fault.to_string(), reaction);
            reaction.count_fault();
            return;
        };
        if self.version == Some(Version::Two)
            && let Some((reference, command)) = Request::plain_chat(text)
        {
            return reaction.command(reference, command);
        }
        if text.trim().is_empty() {
            return;
        }
        match (Request::parse(text), self.version) {
            // JSON without a type cannot be a `hello`.
            (Err(InvalidFrame { is_json: true, reference, .. }), None) => {
                self.refuse_before_hello(reference, reaction);
            }
            (Err(InvalidFrame { problem, reference, .. }), _) => {
                self.malformed(reference, &problem, reaction);
            }
            (Ok(request), None) if request.kind == "hello" => self.hello(request, reaction),
            // Version 1 has no accounts.
            (Ok(request), None) if matches!(&*request.kind, "register" | "login") => {
                self.version = Some(Version::Two);
                self.version_2(request, reaction);
            }
            (Ok(request), None) => self.refuse_before_hello(request.any_reference(), reaction),
            (Ok(request), Some(Version::One)) => self.version_1(request, reaction),
            (Ok(request), Some(Version::Two)) => self.version_2(request, reaction),
        }
    }

    fn fault(&mut self, fault: &Fault, reaction: &mut Reaction) {
        self.error(None, fault_code(fault), &fault.to_string(), reaction);
    }

    fn reply(&mut self, request: Option<&RequestId>, event: &Event, reaction: &mut Reaction) {
        if self.version != Some(Version::Two) {
            return self.reply_1(event, reaction);
        }
        self.welcomed |= matches!(event, Event::Welcomed { .. });
        self.logged_in |= matches!(event, Event::LoggedIn(_));
        let reference = request.map(|request| &*request.0);
        let (session, limits) = (self.session, (reaction.limits, reaction.features));
        version2::write_reply(
            session,
            &self.settings.server,
            limits,
            reference,
            event,
            &mut reaction.frames,
        );
    }

    fn only_form(&self) -> Option<Form> {
        Some(match self.version {
            None | Some(Version::One) => VERSION_1,
            Some(Version::Two) => VERSION_2,
        })
    }

    fn ping(&mut self, out: &mut Frames) -> bool {
        // Version 1 has no ping.
        let can_ping = self.welcomed && self.version == Some(Version::Two);
        if can_ping {
            out.write_json(&Object::Ping);
        }
        can_ping
    }

    fn notice(&mut self, notice: &Notice<'_>, out: &mut Frames) {
        let is_version_2 = self.version == Some(Version::Two);
        match notice {
            Notice::Lagged { missed } if is_version_2 => {
                out.write_json(&Object::Lagged { missed: *missed })
            }
            Notice::Lagged { missed } => {
                let message = format!("you are behind by {missed} messages; consider reconnecting");
                version1::error(&message, out);
            }
            Notice::Closing(CloseReason::ShuttingDown) if is_version_2 => {
                out.write_json(&Object::ShuttingDown)
            }
            Notice::TurnedAway(why) => {
                self.write_error(None, why.code(), &why.to_string(), out);
            }
            Notice::Closing(reason) => {
                if let Some((code, message)) = closing_error(reason) {
                    self.write_error(None, code, &message, out);
                }
            }
        }
    }
}

/// The error code of malformed requests and requests of unknown types.
const BAD_REQUEST: &str = "bad_request";

fn fault_code(fault: &Fault) -> &'static str {
    match fault {
        Fault::TooLong { .. } => "line_too_long",
        Fault::NotUtf8 => "invalid_utf8",
    }
}

/// Returns the code and the message of the last error before a connection is closed; `None` if no
/// error is sent.
fn closing_error(reason: &CloseReason) -> Option<(&'static str, Cow<'static, str>)> {
    let (code, message) = match reason {
        CloseReason::Quit(_) | CloseReason::Disconnected | CloseReason::Refused => return None,
        CloseReason::Removed(reason) => {
            let reason = reason.as_ref().map(|reason| format!("you were removed: {reason}"));
            return Some(("removed", reason.map_or(Cow::Borrowed("you were removed"), Cow::Owned)));
        }
        CloseReason::NotNamed => ("not_named", "no nickname was taken in time"),
        CloseReason::Expired => ("login_expired", "your login has expired"),
        CloseReason::Idle => ("idle", "nothing was sent for too long"),
        CloseReason::TooManyFaults => (
            "too_many_faults",
            "too many faulty frames, or too many requests while one waits for its answer",
        ),
        CloseReason::TooSlow => ("too_slow", "messages were not read fast enough"),
        CloseReason::ShuttingDown => ("shutting_down", "server shutting down"),
        _ => ("closed", "the server has closed the connection"),
    };
    Some((code, message.into()))
}
