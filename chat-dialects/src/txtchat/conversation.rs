//! One client's side of txt-chat.

use super::request::Request;
use super::settings::Settings;
use crate::{Conversation, Fault, Frames, Notice, Reaction};
use chat_core::{
    ChannelName, CloseReason, Command, Event, MessageKind, Nickname, Peer, Recipient, RequestId,
    SessionId,
};
use std::hash::{DefaultHasher, Hash, Hasher};

pub(super) struct TxtChatConversation {
    settings: Settings,
    session: SessionId,
    /// The client's address: its user's id, and the name of its user's own channel.
    id: String,
    name: Option<Nickname>,
    /// How many channels it has made.
    created: u64,
    waiting: Waiting,
}

/// What takes more than one command, and how far it is. A frame is decoded when the one before is
/// done, so there is never more than one of these.
#[derive(Debug, Default)]
enum Waiting {
    #[default]
    Nothing,
    /// Registering: the name is taken, the user's own channel is being joined.
    OwnChannel,
    /// Making a channel: it is being joined, then given its topic.
    NewChannel {
        topic: String,
    },
    NewTopic {
        channel: ChannelName,
    },
    /// Joining a channel: it is being looked whether there is one.
    Channel,
}

impl TxtChatConversation {
    pub(super) fn new(settings: Settings, session: SessionId, peer: &Peer) -> Self {
        // A host that knows no addresses still has numbers.
        let id = peer.host.as_deref().map_or_else(|| session.0.to_string(), str::to_owned);
        let (name, waiting) = (None, Waiting::default());
        Self { settings, session, id, name, created: 0, waiting }
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
                    Command::Identify { nickname, lobby: false, token: None, reconnect_key: None },
                );
            }
            Request::Create { name, .. } => {
                let channel = self.new_channel();
                self.waiting = Waiting::NewChannel { topic: name.to_owned() };
                reaction.command(None, Command::Join { channel, key: None });
            }
            Request::Join { channel, .. } => {
                // Joining would make a channel, which is not what this dialect means by it.
                self.waiting = Waiting::Channel;
                reaction.command(None, Command::ShowTopic { channel: channel.to_owned() });
            }
            Request::Leave { channel, .. } => {
                reaction
                    .command(None, Command::Leave { channel: channel.to_owned(), reason: None });
            }
            Request::Send { channel, text, .. } => {
                let to = Recipient::Channel(channel.to_owned());
                let (kind, text) = (MessageKind::Message, text.to_owned());
                reaction.command(None, Command::Say { to, kind, text });
            }
        }
    }

    /// A name for a channel: ten hexadecimal digits that only who knows the secret could tell
    /// before.
    fn new_channel(&mut self) -> String {
        self.created += 1;
        let mut hasher = DefaultHasher::new();
        (self.settings.secret, self.session.0, self.created).hash(&mut hasher);
        format!("{:010x}", hasher.finish() >> 24)
    }

    fn entered(&mut self, channel: &ChannelName, reaction: &mut Reaction) {
        match std::mem::take(&mut self.waiting) {
            Waiting::OwnChannel => reaction.frames.push(self.id.as_str()),
            Waiting::NewChannel { topic } => {
                self.waiting = Waiting::NewTopic { channel: channel.clone() };
                let channel = channel.shown().to_owned();
                reaction.command(None, Command::SetTopic { channel, topic: Some(topic) });
            }
            Waiting::Nothing | Waiting::NewTopic { .. } | Waiting::Channel => {
                reaction.frames.push(format!("$$joined: {}", channel.shown()));
            }
        }
    }

    /// The topic of a new channel has been set, or refused; the channel is there all the same.
    fn topic_settled(&mut self, reaction: &mut Reaction) {
        if let Waiting::NewTopic { channel } = std::mem::take(&mut self.waiting) {
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
        if let Event::Welcomed { nickname, .. } = event {
            self.name = Some(nickname.clone());
            self.waiting = Waiting::OwnChannel;
            reaction.command(None, Command::Join { channel: self.id.clone(), key: None });
        } else if let Event::Entered(roster) = event {
            self.entered(&roster.channel, reaction);
        } else if let Event::TopicChanged { .. } = event {
            self.topic_settled(reaction);
        } else if let Event::TopicShown { channel, .. } = event {
            self.waiting = Waiting::Nothing;
            let channel = channel.shown().to_owned();
            reaction.command(None, Command::Join { channel, key: None });
        } else if let Event::Left { channel, .. } = event {
            reaction.frames.push(format!("$$leaved: {}", channel.shown()));
        } else if let Event::Sent { message, .. } = event {
            self.settings.write_message(message, &mut reaction.frames);
        } else if let Event::Rejected(refusal) = event {
            if matches!(self.waiting, Waiting::OwnChannel) {
                // The user is there, if not on a channel of its own: somebody else may have been
                // there first.
                self.waiting = Waiting::Nothing;
                reaction.frames.push(self.id.as_str());
                return;
            }
            error(&refusal.to_string(), reaction);
            self.topic_settled(reaction);
        }
    }

    fn moved(&mut self, event: &Event, reaction: &mut Reaction) {
        if let Event::Kicked { channel, nickname, .. } = event
            && self.name.as_ref() == Some(nickname)
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
                if let Some(told) = reason.told() {
                    out.push(format!("$$error: {told}"));
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

    /// What each of two clients, at 10.0.0.1:1 and 10.0.0.2:2, is sent when they send these lines.
    fn talk(lines: &[(usize, &str)]) -> [Vec<String>; 2] {
        let mut switchboard = Switchboard::new(Engine::new(Config::default(), NOW));
        let dialect = Arc::new(TxtChatDialect::new(7));
        let ports = [Recorder::default(), Recorder::default()];
        for (index, host) in ["10.0.0.1:1", "10.0.0.2:2"].into_iter().enumerate() {
            let peer = Peer { host: Some(host.into()), ..Peer::default() };
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
    fn people_meet_on_the_channel_of_an_address() {
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
    fn a_new_channel_has_ten_digits_for_a_name() {
        let [alice, _] = talk(&[(0, "reg$alice"), (0, "create_chan$10.0.0.1:1$Tea")]);
        let channel = alice[1].strip_prefix("$$create_chan: ").expect("a channel");
        assert_eq!(channel.len(), 10);
        assert!(channel.chars().all(|c| matches!(c, '0'..='9' | 'a'..='f')), "{channel}");
    }

    #[test]
    fn what_is_wrong_is_said_and_nothing_happens() {
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
