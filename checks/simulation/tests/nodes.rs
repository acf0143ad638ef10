//! Nodes of a cluster on a simulated log. They read it at different speeds, their clocks differ by
//! up to an hour, some fail, and new ones begin from its first entry or from a snapshot of another
//! one. At its end, all have the same state.

use chat_core::{Config, Engine, Input, Peer, SavedEngine, SessionId, Timestamp};
use chat_runtime::chat_dialects::{JsonDialect, Recorder, Switchboard};
use chat_simulation::{Dice, seeds};
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;

#[test]
fn nodes_have_the_same_state() {
    let mut counts = Counts::default();
    for seed in seeds(300) {
        run(seed, &mut counts);
    }
    // Runs in which nothing happens prove nothing.
    assert!(counts.runs < 300 || counts.messages > 3_000, "{counts:?}");
    assert!(counts.runs < 300 || counts.failures > 150, "{counts:?}");
    assert!(counts.runs < 300 || counts.joins > 150, "{counts:?}");
    assert!(counts.runs < 300 || counts.snapshots > 75, "{counts:?}");
}

#[derive(Debug, Default)]
struct Counts {
    runs: usize,
    messages: usize,
    failures: usize,
    joins: usize,
    snapshots: usize,
}

/// An entry of the log. The number of a node is the position of the entry with which it joins.
enum Entry {
    Joined,
    Round { node: u32, time: Timestamp, inputs: Vec<Input> },
    Ended { node: u32, time: Timestamp },
}

struct Node {
    number: u32,
    switchboard: Switchboard<Recorder>,
    /// The number of entries that the node has applied.
    applied: usize,
    /// The nodes that have ended, as far as this one knows.
    ended: Vec<u32>,
    /// The time by which its clock is ahead.
    ahead: Duration,
    clients: Vec<Client>,
}

struct Client {
    session: SessionId,
    port: Recorder,
}

struct Cluster {
    dice: Dice,
    now: Timestamp,
    log: Vec<Entry>,
    nodes: Vec<Node>,
    /// The nodes that have failed, and whose end is not in the log yet.
    silent: Vec<u32>,
    names: u64,
}

fn run(seed: u64, counts: &mut Counts) {
    let mut dice = Dice::new(seed);
    let mut cluster = Cluster {
        dice: dice.fork(),
        now: BEGUN,
        log: Vec::new(),
        nodes: Vec::new(),
        silent: Vec::new(),
        names: 0,
    };
    for _ in 0..3 {
        cluster.join(None);
    }
    for _ in 0..dice.between(50, 400) {
        match dice.between(1, 100) {
            1..=45 => cluster.talk(),
            46..=65 => cluster.append(),
            66..=93 => cluster.apply_some(),
            94..=96 => cluster.tick(),
            97..=98 if cluster.nodes.len() > 1 => {
                cluster.fail();
                counts.failures += 1;
            }
            _ if cluster.nodes.len() < 5 => {
                let source = cluster.any_node();
                let source = Some(source).filter(|_| cluster.dice.percent(50));
                cluster.join(source);
                counts.joins += 1;
                counts.snapshots += usize::from(source.is_some());
            }
            _ => cluster.apply_some(),
        }
    }
    cluster.settle();
    cluster.check(seed);
    counts.runs += 1;
    counts.messages += cluster.nodes[0].switchboard.engine().durable().last_message().0 as usize;
}

impl Cluster {
    /// Lets a node join. It begins with the state of another one, or with the first entry.
    fn join(&mut self, source: Option<usize>) {
        self.log.push(Entry::Joined);
        let number = self.log.len() as u32;
        let ahead = Duration::from_secs(self.dice.between(0, 3_600));
        let mut node = match source {
            Some(source) => Node::resume(number, ahead, &self.nodes[source]),
            None => Node::new(number, ahead, Engine::new(Config::default(), BEGUN)),
        };
        for local in 1..=3 {
            let session = SessionId(Switchboard::<Recorder>::first_session(number).0 + local);
            let (dialect, port) = (Arc::new(JsonDialect::default()), Recorder::default());
            let now = node.clock(self.now);
            node.switchboard.open(now, session, Peer::default(), dialect, port.clone());
            self.names += 1;
            let hello = format!(
                r#"{{"type":"hello","nickname":"user{}","version":2,"reconnect_key":"{:0>32}"}}"#,
                // Some come back as users who have lost their connections.
                self.dice.between(1, self.names),
                "key"
            );
            node.switchboard.receive_frame(now, session, hello.as_bytes());
            node.clients.push(Client { session, port });
        }
        self.nodes.push(node);
    }

    /// Lets a client send a frame. It waits if the frame before it is not applied yet.
    fn talk(&mut self) {
        let index = self.any_node();
        let Self { dice, nodes, now, .. } = self;
        let node = &mut nodes[index];
        let session = dice.pick(&node.clients).session;
        let channel = *dice.pick(&["lobby", "tea", "milk"]);
        let number = dice.between(1, 1_000);
        let frame = match dice.between(1, 12) {
            1..=6 => format!(r#"{{"type":"chat","channel":"{channel}","text":"{number}"}}"#),
            7..=8 => format!(r#"{{"type":"join","channel":"{channel}"}}"#),
            9 => format!(r#"{{"type":"leave","channel":"{channel}"}}"#),
            10 => format!(r#"{{"type":"topic","channel":"{channel}","topic":"{number}"}}"#),
            11 => format!(r#"{{"type":"rename","nickname":"user{number}"}}"#),
            _ => format!(r#"{{"type":"history","channel":"{channel}"}}"#),
        };
        let now = node.clock(*now);
        node.switchboard.receive_frame(now, session, frame.as_bytes());
    }

    /// Appends the round of a node, or the end of one that has failed.
    fn append(&mut self) {
        self.now = self.now + Duration::from_millis(self.dice.between(0, 3_000));
        let time = self.now;
        if !self.silent.is_empty() && self.dice.percent(30) {
            let node = self.silent.remove(0);
            return self.log.push(Entry::Ended { node, time });
        }
        let index = self.any_node();
        let node = &mut self.nodes[index];
        let inputs = node.switchboard.take_submitted();
        if !inputs.is_empty() {
            self.log.push(Entry::Round { node: node.number, time, inputs });
        }
    }

    /// Lets a node apply some entries. Others stand still meanwhile.
    fn apply_some(&mut self) {
        let index = self.any_node();
        for _ in 0..self.dice.between(1, 20) {
            self.nodes[index].apply_next(self.now, &self.log);
        }
    }

    fn tick(&mut self) {
        let index = self.any_node();
        let now = self.nodes[index].clock(self.now);
        self.nodes[index].switchboard.tick(now);
    }

    /// Loses a node. Its last round may be in the log, and its end comes later.
    fn fail(&mut self) {
        let index = self.any_node();
        let mut node = self.nodes.swap_remove(index);
        let (inputs, time) = (node.switchboard.take_submitted(), self.now);
        if self.dice.percent(50) {
            self.log.push(Entry::Round { node: node.number, time, inputs: inputs.clone() });
        }
        self.silent.push(node.number);
        if self.dice.percent(20) {
            // The node was slow: this round comes after its end, and nobody applies it.
            self.silent.pop();
            self.log.push(Entry::Ended { node: node.number, time });
            self.log.push(Entry::Round { node: node.number, time, inputs });
        }
    }

    /// Lets all nodes append and apply everything.
    fn settle(&mut self) {
        for node in std::mem::take(&mut self.silent) {
            self.log.push(Entry::Ended { node, time: self.now });
        }
        loop {
            let before = self.log.len();
            for node in &mut self.nodes {
                while node.apply_next(self.now, &self.log) {}
                let inputs = node.switchboard.take_submitted();
                if !inputs.is_empty() {
                    let (node, time) = (node.number, self.now);
                    self.log.push(Entry::Round { node, time, inputs });
                }
            }
            if before == self.log.len() {
                return;
            }
        }
    }

    /// Compares the nodes with each other and with one that applies the log at once.
    fn check(&mut self, seed: u64) {
        self.join(None);
        self.settle();
        let [first, others @ ..] = &self.nodes[..] else { panic!("there are nodes") };
        for node in others {
            let (one, other) = (first.snapshot(), node.snapshot());
            assert!(one == other, "SEED={seed}: nodes {} and {}", first.number, node.number);
        }
        for node in &self.nodes {
            for client in &node.clients {
                let ids = client.messages();
                assert!(ids.is_sorted_by(|one, other| one < other), "SEED={seed}: {ids:?}");
            }
        }
    }

    fn any_node(&mut self) -> usize {
        self.dice.between(0, self.nodes.len() as u64 - 1) as usize
    }
}

impl Node {
    fn new(number: u32, ahead: Duration, engine: Engine) -> Self {
        let mut switchboard = Switchboard::new(engine);
        switchboard.order_inputs(BEGUN + ahead, number);
        let (ended, clients) = (Vec::new(), Vec::new());
        Self { number, switchboard, applied: 0, ended, ahead, clients }
    }

    /// Makes a node with the state of another one.
    fn resume(number: u32, ahead: Duration, source: &Self) -> Self {
        let saved: SavedEngine =
            serde_json::from_str(&source.snapshot()).expect("a snapshot can be read");
        let node = Self::new(number, ahead, saved.resume(Config::default()));
        Self { applied: source.applied, ended: source.ended.clone(), ..node }
    }

    /// Returns the whole state of the engine.
    fn snapshot(&self) -> String {
        let engine = self.switchboard.engine();
        serde_json::to_string(&engine.snapshot()).expect("a state is JSON")
    }

    fn clock(&self, now: Timestamp) -> Timestamp {
        now + self.ahead
    }

    /// Applies the next entry of the log. Returns false if there is none.
    fn apply_next(&mut self, now: Timestamp, log: &[Entry]) -> bool {
        let now = self.clock(now);
        let Some(entry) = log.get(self.applied) else { return false };
        self.applied += 1;
        match entry {
            Entry::Joined => {}
            Entry::Round { node, .. } if self.ended.contains(node) => {}
            Entry::Round { node, time, inputs } => {
                for input in inputs.clone() {
                    self.switchboard.apply_ordered(now, *time, input, *node == self.number);
                }
            }
            Entry::Ended { node, time } => {
                self.ended.push(*node);
                self.switchboard.end_node(now, *time, *node);
            }
        }
        true
    }
}

impl Client {
    /// Returns the ids of the messages that the client has received, in order.
    fn messages(&self) -> Vec<u64> {
        let frames = self.port.take();
        let objects = frames.iter().filter_map(|frame| serde_json::from_str::<Value>(frame).ok());
        let chats = objects.filter(|object| object["type"] == "chat");
        chats.filter_map(|chat| chat["id"].as_u64()).collect()
    }
}

const BEGUN: Timestamp = Timestamp::from_millis(1_767_225_600_000);
