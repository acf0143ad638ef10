//! Secrets of sessions whose inputs a log orders: the log contains stand-ins for them.

use chat_core::{
    AccountCommand, Answer, Command, Credential, Event, HostCommand, Input, LoginExchange,
    Question, Secret, SessionId, TokenDigest, UserCommand,
};
use std::collections::{HashMap, VecDeque};

/// The secrets that sessions of this node have sent lately. Only this node knows them; the log, and
/// with it the engines of all nodes, have *stand-ins*.
///
/// The engine compares session tokens and reconnect keys, which are chosen at random: their
/// stand-in is a digest, so that equal ones stay equal. It only passes passwords on to the host,
/// so their stand-ins are numbers, which tell nothing about them.
#[derive(Debug)]
pub(crate) struct HiddenSecrets {
    node: u32,
    /// The number of stand-ins so far that are not digests.
    count: u64,
    /// The secrets of each session with their stand-ins, the oldest first.
    sessions: HashMap<SessionId, VecDeque<(Secret, Secret)>>,
}

impl HiddenSecrets {
    pub(crate) fn new(node: u32) -> Self {
        Self { node, count: 0, sessions: HashMap::new() }
    }

    /// Replaces the secrets of an input with stand-ins.
    pub(crate) fn hide(&mut self, input: &mut Input) {
        match input {
            Input::Open { session, peer } => {
                let token = peer.token.as_mut();
                token.into_iter().for_each(|token| self.hide_comparable(*session, token));
            }
            Input::Command { session, command, .. } => self.hide_in_command(*session, command),
            Input::Answer { session, answer: Answer::Password { token, .. }, .. } => {
                token.iter_mut().for_each(|token| self.hide_comparable(*session, token));
            }
            Input::Host(HostCommand::LogIn { token, .. }) => *token = token_stand_in(token),
            Input::Close { .. } | Input::Answer { .. } | Input::Host(_) | Input::Tick | _ => {}
        }
    }

    fn hide_in_command(&mut self, session: SessionId, command: &mut Command) {
        match command {
            Command::Identify { credential, reconnect_key, .. } => {
                if let Some(key) = reconnect_key {
                    // A key of another length stays one that is refused.
                    let is_valid = Secret::RECONNECT_KEY.contains(&key.expose().len());
                    *key = if is_valid { token_stand_in(key) } else { Secret::new("") };
                }
                match credential {
                    Some(Credential::Token(token) | Credential::Session(token)) => {
                        self.hide_comparable(session, token);
                    }
                    Some(Credential::Password(login)) => {
                        self.hide_one(session, &mut login.password)
                    }
                    None | Some(_) => {}
                }
            }
            Command::Account(command) => match command {
                AccountCommand::Register { login, code } => {
                    self.hide_one(session, &mut login.password);
                    code.iter_mut().for_each(|code| self.hide_one(session, code));
                }
                AccountCommand::LogIn(login) => self.hide_one(session, &mut login.password),
                AccountCommand::Exchange(exchange) => {
                    for message in &mut exchange.messages {
                        self.hide_up_to(session, message, LoginExchange::LONGEST);
                    }
                }
                AccountCommand::ChangePassword { old, new } => {
                    self.hide_one(session, old);
                    self.hide_one(session, new);
                }
                AccountCommand::Delete { password } => self.hide_one(session, password),
                AccountCommand::LogOut
                | AccountCommand::ListSessions
                | AccountCommand::Revoke { .. }
                | _ => {}
            },
            Command::User(UserCommand::BecomeOperator { password, .. }) => {
                self.hide_one(session, password);
            }
            // A new command with a secret has to be named above.
            Command::Rename { .. }
            | Command::SetProfile { .. }
            | Command::SetData { .. }
            | Command::Join { .. }
            | Command::JoinMany { .. }
            | Command::Leave { .. }
            | Command::Say { .. }
            | Command::Signal { .. }
            | Command::Message(_)
            | Command::MarkRead { .. }
            | Command::ShowTopic { .. }
            | Command::SetTopic { .. }
            | Command::ShowModes { .. }
            | Command::SetModes { .. }
            | Command::SetRole { .. }
            | Command::Kick { .. }
            | Command::Ban { .. }
            | Command::Unban { .. }
            | Command::Mute { .. }
            | Command::Unmute { .. }
            | Command::Exempt { .. }
            | Command::Unexempt { .. }
            | Command::SetMask { .. }
            | Command::Invite { .. }
            | Command::ListUsers { .. }
            | Command::ListChannels
            | Command::ReadHistory { .. }
            | Command::Query(_)
            | Command::User(_)
            | Command::Operator(_)
            | Command::Report { .. }
            | Command::SetAway { .. }
            | Command::Quit { .. }
            | _ => {}
        }
    }

    /// Replaces a secret that the engine compares with others.
    fn hide_comparable(&mut self, session: SessionId, secret: &mut Secret) {
        let stand_in = token_stand_in(secret);
        self.remember(session, stand_in, secret);
    }

    /// Replaces a secret that the engine passes on to the host.
    fn hide_one(&mut self, session: SessionId, secret: &mut Secret) {
        self.hide_up_to(session, secret, Secret::LONGEST_PASSWORD);
    }

    fn hide_up_to(&mut self, session: SessionId, secret: &mut Secret, longest: usize) {
        if secret.expose().len() > longest {
            // The engine refuses what is too long, so this one has to be too long as well.
            *secret = Secret::new("x".repeat(longest + 1));
            return;
        }
        self.count += 1;
        let stand_in = Secret::new(format!("secret {} of node {}", self.count, self.node));
        self.remember(session, stand_in, secret);
    }

    fn remember(&mut self, session: SessionId, stand_in: Secret, secret: &mut Secret) {
        let secrets = self.sessions.entry(session).or_default();
        if secrets.len() == MOST {
            secrets.pop_front();
        }
        secrets.push_back((stand_in.clone(), std::mem::replace(secret, stand_in)));
    }

    /// Puts the secrets of a session into a question of the engine.
    pub(crate) fn reveal_in_question(&self, session: SessionId, question: &mut Question) {
        match question {
            Question::Authenticate { token, .. } => {
                token.iter_mut().for_each(|token| self.reveal(session, token));
            }
            Question::Register { password, code, .. } => {
                self.reveal(session, password);
                code.iter_mut().for_each(|code| self.reveal(session, code));
            }
            Question::CheckPassword { password, new, .. } => {
                self.reveal(session, password);
                new.iter_mut().for_each(|new| self.reveal(session, new));
            }
            Question::Exchange { messages, .. } => {
                messages.iter_mut().for_each(|message| self.reveal(session, message));
            }
            Question::History { .. }
            | Question::PrivateHistory { .. }
            | Question::Missed(_)
            | Question::Search(_)
            | Question::Message(_)
            | _ => {}
        }
    }

    /// Puts the token of a session into a reply. Returns `None` if the reply has none.
    pub(crate) fn reveal_in_reply(&self, session: SessionId, event: &Event) -> Option<Event> {
        if let Event::Welcomed { token: Some(_), .. } = event {
            let mut event = event.clone();
            if let Event::Welcomed { token: Some(token), .. } = &mut event {
                self.reveal(session, token);
            }
            return Some(event);
        }
        let Event::LoggedIn(login) = event else { return None };
        let mut login = login.clone();
        self.reveal(session, login.token.as_mut()?);
        Some(Event::LoggedIn(login))
    }

    fn reveal(&self, session: SessionId, stand_in: &mut Secret) {
        let mut secrets = self.sessions.get(&session).into_iter().flatten();
        if let Some((_, secret)) = secrets.find(|(known, _)| known.is_same(stand_in)) {
            *stand_in = secret.clone();
        }
    }

    /// Forgets the secrets of a session that has ended.
    pub(crate) fn forget(&mut self, session: SessionId) {
        self.sessions.remove(&session);
    }
}

/// Returns the stand-in of a session token for an engine whose inputs a log
/// [orders](crate::Switchboard::order_inputs). That engine knows no other form of the token.
pub fn token_stand_in(token: &Secret) -> Secret {
    Secret::new(TokenDigest::of(token).to_string())
}

/// The secrets of a session that are kept: more than one command and its login have.
const MOST: usize = 8;
