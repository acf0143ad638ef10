//! A device: a client that follows the rules of the protocol for resuming.

use chat_runtime::chat_core::{
    AccountName, Command, Event, Message, MessageId, Query, Refusal, SessionId, Timestamp,
};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

#[derive(Debug)]
pub(super) struct Device {
    pub(super) account: AccountName,
    /// The session, if the device is connected.
    pub(super) session: Option<SessionId>,
    /// Events that are on the way to it.
    pub(super) inbox: VecDeque<Event>,
    /// The id below which it has received everything.
    pub(super) received_up_to: u64,
    /// Everything that it has received.
    pub(super) received: BTreeSet<u64>,
    /// The highest id of the last page of missed messages, while there are more.
    catching_up: Option<u64>,
    /// Messages that are not acknowledged, by their nonces.
    pub(super) unacknowledged: BTreeMap<String, Command>,
}

impl Device {
    pub(super) fn new(account: AccountName) -> Self {
        Self {
            account,
            session: None,
            inbox: VecDeque::new(),
            received_up_to: 0,
            received: BTreeSet::new(),
            catching_up: None,
            unacknowledged: BTreeMap::new(),
        }
    }

    /// Loses the connection, after having received some of the events on the way.
    pub(super) fn lose(&mut self) {
        self.session = None;
        self.inbox.clear();
        self.catching_up = None;
    }

    /// Receives the next event. Returns the commands with which the device reacts.
    pub(super) fn receive(&mut self, epoch: Timestamp, problems: &mut Vec<String>) -> Vec<Command> {
        let Some(event) = self.inbox.pop_front() else { return Vec::new() };
        if let Event::Welcomed { resumed, epoch: now, .. } = &event {
            if *resumed != Some(true) || *now != epoch {
                problems.push(format!("{} could not resume: {event}", self.account));
            }
            self.catching_up = Some(self.received_up_to);
        }
        if let Event::Said(message) | Event::Sent { message, repeated: false, .. } = &event {
            self.hear(message, problems);
        }
        if let Event::Sent { message, .. } = &event {
            // The text of a message is its nonce.
            self.unacknowledged.remove(message.text.as_str());
        }
        if let (Event::Rejected(Refusal::HistoryUnavailable), Some(last)) =
            (&event, self.catching_up)
        {
            return vec![missed_after(last)];
        }
        if let Event::Missed { messages, more, changed: _ } = event {
            return self.catch_up(&messages, more, problems);
        }
        Vec::new()
    }

    /// Receives a message as it is said, or its acknowledgement.
    fn hear(&mut self, message: &Message, problems: &mut Vec<String>) {
        let id = message.id.0;
        let is_new = self.received.insert(id);
        if self.catching_up.is_some() {
            return;
        }
        if is_new && id <= self.received_up_to {
            problems.push(format!("{} receives {id} late", self.account));
        }
        self.received_up_to = self.received_up_to.max(id);
    }

    /// Receives a page of missed messages.
    fn catch_up(
        &mut self,
        messages: &[Arc<Message>],
        more: bool,
        problems: &mut Vec<String>,
    ) -> Vec<Command> {
        let Some(mut last) = self.catching_up else {
            problems.push(format!("{} has missed nothing", self.account));
            return Vec::new();
        };
        for message in messages {
            if message.id.0 <= last {
                problems.push(format!("{} receives {} again", self.account, message.id.0));
            }
            last = message.id.0;
            self.received.insert(last);
        }
        self.received_up_to = self.received_up_to.max(last);
        if more {
            self.catching_up = Some(last);
            return vec![missed_after(last)];
        }
        self.catching_up = None;
        // Live messages that came meanwhile continue where the last page ends.
        let newest = self.received.last().copied().unwrap_or_default();
        self.received_up_to = self.received_up_to.max(newest);
        self.unacknowledged.values().cloned().collect()
    }
}

fn missed_after(last: u64) -> Command {
    Command::Query(Query::Missed { after: MessageId(last), limit: usize::MAX })
}
