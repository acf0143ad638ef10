//! The conversation with one client in txt-chat.

use super::request::Request;
use super::settings::Settings;
use crate::{Conversation, Fault, Frames, Notice, Reaction};
use chat_core::{ChannelName, CloseReason, Command, Event, Nickname, Peer, RequestId, SessionId};
use std::hash::{DefaultHasher, Hash, Hasher};

pub(super) struct TxtChatConversation {
    settings: Settings,
    session: SessionId,
    /// The client's address: its user's id, and the name of its user's own channel.
    id: String,
    name: Option<Nickname>,
    /// Number of channels that the client has created.
    created: u64,
    in_progress: InProgress,
}

/// The state of a request that takes more than one command. A frame is decoded only when the
/// previous one is done, so at most one such request is in progress.
#[derive(Debug, Default)]
enum InProgress {
    #[default]
    Nothing,
    /// Registration: the nickname is taken, and the join of the user's own channel is in progress.
    OwnChannel,
    /// Creation of a channel: the join is in progress, and the topic is set after it.
    NewChannel {
        topic: String,
    },
    NewTopic {
        channel: ChannelName,
    },
    /// Join of a channel: the check that the channel exists is in progress.
    Channel,
}

impl TxtChatConversation {
    pub(super) fn new(settings: Settings, session: SessionId, peer: &Peer) -> Self {
        // Without an address the number of the session is the id.
        let id = peer.address.as_deref().map_or_else(|| session.0.to_string(), str::to_owned);
        let (name, in_progress) = (None, InProgress::default());
        Self { settings, session, id, name, created: 0, in_progress }
    }

    fn request(&mut self, request: Request<'_>, reaction: &mut Reaction) {
        let is_own = request.user().is_none_or(|user| user == self.id);
        if request.user().is_some() && self.name.is_none() {
            return error("register first: reg$NAME", reaction);
        }
        if !is_own {
            return error("that is not your id", reaction);
        }
        match request {
            Request::Register { .. } if self.name.is_some() => {
                error("already registered", reaction)
            }
            Request::Register { name } => {
                let nickname = Some(name.to_owned());
                reaction.command(
                    None,
                    Command::Identify {
                        nickname,
                        lobby: false,
                        credential: None,
                        reconnect_key: None,
                        resume: None,
                        profile: None,
                    },
                );
            }
            Request::Create { name, .. } => {
                let channel = self.new_channel();
                self.in_progress = InProgress::NewChannel { topic: name.to_owned() };
                reaction.command(None, Command::Join { channel, key: None });
            }
            Request::Join { channel, .. } => {
                // The engine's join creates a missing channel, but this dialect joins only existing
                // ones.
                self.in_progress = InProgress::Channel;
                reaction.command(None, Command::ShowTopic { channel: channel.to_owned() });
            }
            Request::Leave { channel, .. } => {
                reaction
                    .command(None, Command::Leave { channel: channel.to_owned(), reason: None });
            }
            Request::Send { channel, text, .. } => {
                reaction.command(None, Command::say(channel, text));
            }
        }
    }

    /// Returns a name for a new channel: ten hexadecimal digits that cannot be predicted without
    /// the secret.
    fn new_channel(&mut self) -> String {
        self.created += 1;
        let mut hasher = DefaultHasher::new();
        (self.settings.secret, self.session.0, self.created).hash(&mut hasher);
        format!("{:010x}", hasher.finish() >> 24)
    }

    fn entered(&mut self, channel: &ChannelName, reaction: &mut Reaction) {
        match std::mem::take(&mut self.in_progress) {
            InProgress::OwnChannel => reaction.frames.push(self.id.as_str()),
            InProgress::NewChannel { topic } => {
                self.in_progress = InProgress::NewTopic { channel: channel.clone() };
                let channel = channel.shown().to_owned();
                reaction.command(None, Command::SetTopic { channel, topic: Some(topic) });
            }
            InProgress::Nothing | InProgress::NewTopic { .. } | InProgress::Channel => {
                reaction.frames.push(format!("$$joined: {}", channel.shown()));
            }
        }
    }

    /// Reports a new channel after its topic was set or refused. A refused topic does not undo the
    /// creation.
    fn report_new_channel(&mut self, reaction: &mut Reaction) {
        if let InProgress::NewTopic { channel } = std::mem::take(&mut self.in_progress) {
            reaction.frames.push(format!("$$create_chan: {}", channel.shown()));
        }
    }
}

impl Conversation for TxtChatConversation {
    fn begin(&mut self, reaction: &mut Reaction) {
        reaction.frames.push("------Welcome to Txt Chat------");
    }

    fn decode(&mut self, frame: &[u8], reaction: &mut Reaction) {
        let Ok(line) = std::str::from_utf8(frame) else {
            self.fault(&Fault::NotUtf8, reaction);
            reaction.count_fault();
            return;
        };
        if line.trim().is_empty() {
            return;
        }
        match Request::parse(line) {
            Ok(request) => self.request(request, reaction),
            Err(problem) => {
                error(problem, reaction);
                reaction.count_fault();
            }
        }
    }

    fn fault(&mut self, fault: &Fault, reaction: &mut Reaction) {
        error(&fault.to_string(), reaction);
    }

    fn reply(&mut self, _: Option<&RequestId>, event: &Event, reaction: &mut Reaction) {
        if let Event::Welcomed { user, .. } = event {
            self.name = Some(user.nickname.clone());
            self.in_progress = InProgress::OwnChannel;
            reaction.command(None, Command::Join { channel: self.id.clone(), key: None });
        } else if let Event::Entered(roster) = event {
            self.entered(&roster.channel, reaction);
        } else if let Event::TopicChanged { .. } = event {
            self.report_new_channel(reaction);
        } else if let Event::TopicShown { channel, .. } = event {
            self.in_progress = InProgress::Nothing;
            let channel = channel.shown().to_owned();
            reaction.command(None, Command::Join { channel, key: None });
        } else if let Event::Left { channel, .. } = event {
            reaction.frames.push(format!("$$leaved: {}", channel.shown()));
        } else if let Event::Sent { message, .. } = event {
            self.settings.write_message(message, &mut reaction.frames);
        } else if let Event::Rejected(refusal) = event {
            if matches!(self.in_progress, InProgress::OwnChannel) {
                // The user is registered even without its own channel, which may exist already and
                // refuse the user.
                self.in_progress = InProgress::Nothing;
                reaction.frames.push(self.id.as_str());
                return;
            }
            error(&refusal.to_string(), reaction);
            self.report_new_channel(reaction);
        }
    }

    fn moved(&mut self, event: &Event, reaction: &mut Reaction) {
        if let Event::ChannelClosed { channel, .. } = event {
            reaction.frames.push(format!("$$leaved: {}", channel.shown()));
        } else if let Event::Kicked { channel, user, .. } = event
            && self.name.as_ref() == Some(&user.nickname)
        {
            reaction.frames.push(format!("$$leaved: {}", channel.shown()));
        }
    }

    fn notice(&mut self, notice: &Notice<'_>, out: &mut Frames) {
        match notice {
            Notice::Lagged { missed } => out.push(format!("$$error: missed {missed} messages")),
            Notice::TurnedAway(why) => out.push(format!("$$error: {why}")),
            Notice::Closing(CloseReason::Quit(_)) => {}
            Notice::Closing(reason) => {
                if let Some(text) = reason.told() {
                    out.push(format!("$$error: {text}"));
                }
            }
        }
    }
}

fn error(reason: &str, reaction: &mut Reaction) {
    reaction.frames.push(format!("$$error: {reason}"));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Recorder, Switchboard, TxtChatDialect};
    use chat_core::{Config, Engine, Timestamp};
    use std::sync::Arc;

    const NOW: Timestamp = Timestamp::from_millis(1_767_225_600_000);

    /// Returns the frames that two clients, at 10.0.0.1:1 and 10.0.0.2:2, are sent when they send
    /// these lines.
    fn talk(lines: &[(usize, &str)]) -> [Vec<String>; 2] {
        let mut switchboard = Switchboard::new(Engine::new(Config::default(), NOW));
        let dialect = Arc::new(TxtChatDialect::new(7));
        let ports = [Recorder::default(), Recorder::default()];
        for (index, host) in ["10.0.0.1:1", "10.0.0.2:2"].into_iter().enumerate() {
            let peer = Peer { address: Some(host.into()), ..Peer::default() };
            let session = SessionId(index as u64 + 1);
            switchboard.open(NOW, session, peer, dialect.clone(), ports[index].clone());
        }
        for (index, line) in lines {
            let session = SessionId(*index as u64 + 1);
            switchboard.receive_frame(NOW, session, line.as_bytes());
        }
        ports.map(|port| port.take().split_off(1))
    }

    #[test]
    fn users_meet_on_the_channel_of_an_address() {
        let [alice, bob] = talk(&[
            (0, "reg$alice"),
            (1, "reg$bob"),
            (0, "join$10.0.0.1:1$10.0.0.2:2"),
            (0, "send_msg$10.0.0.1:1$10.0.0.2:2$it costs $5"),
            (0, "leave$10.0.0.1:1$10.0.0.2:2"),
        ]);
        assert_eq!(
            alice,
            ["10.0.0.1:1", "$$joined: 10.0.0.2:2", "it costs $5", "$$leaved: 10.0.0.2:2"]
        );
        assert_eq!(bob, ["10.0.0.2:2", "$$joined: 10.0.0.2:2", "it costs $5"]);
    }

    #[test]
    fn each_line_of_a_message_is_a_line() {
        let [_, bob] = talk(&[
            (0, "reg$alice"),
            (1, "reg$bob"),
            (0, "join$10.0.0.1:1$10.0.0.2:2"),
            (0, "send_msg$10.0.0.1:1$10.0.0.2:2$if:\r\tgo\r\rend"),
        ]);
        assert_eq!(bob[2..], ["if:", "    go", "", "end"]);
    }

    #[test]
    fn name_of_new_channel_has_ten_digits() {
        let [alice, _] = talk(&[(0, "reg$alice"), (0, "create_chan$10.0.0.1:1$Tea")]);
        let channel = alice[1].strip_prefix("$$create_chan: ").expect("a channel");
        assert_eq!(channel.len(), 10);
        assert!(channel.chars().all(|c| matches!(c, '0'..='9' | 'a'..='f')), "{channel}");
    }

    #[test]
    fn invalid_requests_get_errors_and_have_no_effect() {
        let [alice, bob] = talk(&[
            (0, "join$10.0.0.1:1$lobby"),
            (0, "reg$alice"),
            (0, "reg$carol"),
            (1, "reg$alice"),
            (0, "send_msg$10.0.0.2:2$lobby$hi"),
            (0, "join$10.0.0.1:1$nowhere"),
            (0, "send_msg$10.0.0.1:1$lobby$hi"),
            (0, "dance"),
        ]);
        assert_eq!(
            alice,
            [
                "$$error: register first: reg$NAME",
                "10.0.0.1:1",
                "$$error: already registered",
                "$$error: that is not your id",
                "$$error: there is no channel #nowhere",
                "$$error: you are not in #lobby",
                "$$error: unknown command; there are reg, create_chan, join, leave and send_msg",
            ]
        );
        assert_eq!(bob, ["$$error: nickname 'alice' is already in use"]);
    }
}
