//! One client in one run of the server: it logs in, checks what the server has kept, talks, and
//! notes everything that it receives until the connection ends.

use crate::cast::{Dialect, Login, Role, room};
use crate::ledger::{Ledger, Outcome, SessionLog};
use crate::server::Server;
use crate::wire::{self, Sink, Source};
use crate::{json, text};
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::io;
use std::time::Duration;
use tokio::sync::{Notify, watch};
use tokio::time::{Instant, sleep_until};

/// The state that the clients of a run share.
pub(crate) struct Shared {
    pub(crate) ledger: RefCell<Ledger>,
    /// The clients that have logged in.
    pub(crate) ready: Cell<usize>,
    pub(crate) progress: Notify,
    /// The number of frames that all clients have received in this run.
    pub(crate) frames: watch::Sender<u64>,
}

impl Shared {
    /// Waits until the clients have received so many further frames.
    pub(crate) async fn receive(&self, count: u64) {
        let until = *self.frames.borrow() + count;
        let reached = self.frames.subscribe().wait_for(|frames| *frames >= until).await.is_ok();
        assert!(reached, "the sender lives");
    }
}

/// The phases of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Phase {
    /// The owners of the rooms log in.
    Owners,
    /// All others log in.
    Everybody,
    /// All talk.
    Talk,
    /// All read only, so that the server does what can wait.
    Silence,
}

/// A client's state in a run.
pub(crate) struct Member<'a> {
    pub(crate) role: &'a Role,
    pub(crate) shared: &'a Shared,
    pub(crate) random: fastrand::Rng,
    pub(crate) log: SessionLog,
    /// The frames that are sent next.
    pub(crate) outgoing: Vec<String>,
    /// The answers that the client waits for before it is ready.
    pub(crate) awaited: usize,
    pub(crate) is_ready: bool,
    /// True if a client of text has received its generated name.
    pub(crate) has_name: bool,
    /// The client's id in txt-chat.
    pub(crate) uid: Option<String>,
    /// Messages that were accepted, and may be sent again.
    pub(crate) accepted: VecDeque<usize>,
    /// The number of times that it acts before it loses its connection, while the server runs.
    acts: u32,
}

impl<'a> Member<'a> {
    pub(crate) fn new(role: &'a Role, shared: &'a Shared, seed: u64) -> Self {
        let echoes = role.dialect != Dialect::Text;
        let log = shared.ledger.borrow().session(&role.name, echoes);
        let mut random = fastrand::Rng::with_seed(seed);
        let acts = if role.login == Login::Resumes { random.u32(1..8) } else { u32::MAX };
        Self {
            role,
            shared,
            random,
            acts,
            log,
            outgoing: Vec::new(),
            awaited: 0,
            is_ready: false,
            has_name: false,
            uid: None,
            accepted: VecDeque::new(),
        }
    }

    /// Takes part until the connection ends. A server that is killed meanwhile is no failure.
    pub(crate) async fn play(mut self, server: Addresses, mut phase: watch::Receiver<Phase>) {
        let first = if self.role.owns.is_some() { Phase::Owners } else { Phase::Everybody };
        if phase.wait_for(|phase| *phase >= first).await.is_err() {
            return;
        }
        loop {
            let Ok((mut source, mut sink)) = server.connect(self.role).await else { return };
            match self.role.dialect {
                Dialect::Json2 | Dialect::Json1 => json::begin(&mut self),
                Dialect::Text => text::begin(&mut self),
                Dialect::TxtChat => {}
            }
            self.exchange(&mut source, &mut sink, &mut phase).await;
            let log = self.shared.ledger.borrow().session(&self.role.name, self.log.echoes);
            self.shared.ledger.borrow_mut().end(std::mem::replace(&mut self.log, log));
            if self.acts > 0 {
                return;
            }
            // It comes back after others have talked, or in the next run.
            drop((source, sink));
            self.outgoing.clear();
            self.acts = self.random.u32(1..8);
            let away = self.random.u64(0..1_500);
            tokio::select! {
                biased;
                _ = phase.wait_for(|_| false) => return,
                () = self.shared.receive(away) => {}
            }
        }
    }

    /// Sends and receives until the connection ends, or the client loses it.
    async fn exchange(
        &mut self,
        source: &mut Source,
        sink: &mut Sink,
        phase: &mut watch::Receiver<Phase>,
    ) {
        let mut next = Instant::now();
        loop {
            if self.acts == 0 {
                return;
            }
            if !self.outgoing.is_empty() {
                sink.send(std::mem::take(&mut self.outgoing)).await;
            }
            let talks = *phase.borrow() == Phase::Talk && !self.role.is_auditor;
            tokio::select! {
                biased;
                frame = source.next() => {
                    let Some(frame) = frame else { return };
                    self.shared.frames.send_modify(|frames| *frames += 1);
                    match self.role.dialect {
                        Dialect::Json2 | Dialect::Json1 => json::receive(self, &frame),
                        Dialect::Text => text::receive(self, &frame),
                        Dialect::TxtChat => text::receive_txt_chat(self, &frame),
                    }
                }
                // An error means that the run ends; then the source ends, too.
                Ok(()) = phase.changed() => {
                    next = Instant::now() + Duration::from_millis(self.random.u64(0..40));
                }
                () = sleep_until(next), if talks => {
                    next = Instant::now() + Duration::from_millis(self.random.u64(5..90));
                    self.act();
                }
            }
        }
    }

    fn act(&mut self) {
        self.acts -= 1;
        if self.role.owns.is_some() && self.random.u8(..) < 100 {
            return json::govern(self);
        }
        if !self.accepted.is_empty() && self.random.u8(..) < 20 {
            return json::repeat(self);
        }
        // Several messages in one packet become one round, and one commit.
        let burst = if self.random.u8(..) < 30 { self.random.usize(2..7) } else { 1 };
        for _ in 0..burst {
            match self.role.dialect {
                Dialect::Json2 | Dialect::Json1 => json::say(self),
                Dialect::Text | Dialect::TxtChat => text::say(self),
            }
        }
    }

    /// Makes the rest of a message, after its token.
    pub(crate) fn filler(&mut self) -> String {
        let length = match self.random.u8(..) {
            0..10 => self.random.usize(300..1_000),
            _ => self.random.usize(0..60),
        };
        (0..length).map(|_| *self.random.choice(FILLER).expect("characters")).collect()
    }

    /// Notes a message for a channel, and returns its index.
    pub(crate) fn note_said(&mut self, channel: &str, nonce: Option<String>) -> usize {
        let filler = self.filler();
        let views = vec![channel.to_owned()];
        self.shared.ledger.borrow_mut().send(&self.role.name, views, &filler, nonce)
    }

    /// Returns the channels in which it talks.
    pub(crate) fn channels(&self) -> Vec<String> {
        let mut channels = vec!["lobby".to_owned()];
        if self.role.is_in_den {
            channels.push(format!("den{}", self.shared.ledger.borrow().run));
        } else {
            channels.extend(self.role.rooms.iter().cloned());
        }
        channels
    }

    pub(crate) fn set_ready(&mut self) {
        if !std::mem::replace(&mut self.is_ready, true) {
            self.shared.ready.set(self.shared.ready.get() + 1);
            self.shared.progress.notify_one();
        }
    }

    pub(crate) fn problem(&self, problem: &str) {
        self.shared.ledger.borrow_mut().problem(format!("{}: {problem}", self.role.name));
    }

    /// Notes the answer to a message.
    pub(crate) fn note_outcome(&mut self, index: usize, id: Option<u64>) {
        let mut ledger = self.shared.ledger.borrow_mut();
        let Some(id) = id else { return ledger.answer(index, Outcome::Refused) };
        ledger.answer(index, Outcome::Accepted);
        ledger.identify(index, id);
        if ledger.sent[index].nonce.is_some() {
            self.accepted.push_back(index);
        }
    }
}

/// The listeners of a server.
#[derive(Clone, Copy)]
pub(crate) struct Addresses {
    text: std::net::SocketAddr,
    txt_chat: std::net::SocketAddr,
    json: std::net::SocketAddr,
    web_socket: std::net::SocketAddr,
}

impl Addresses {
    pub(crate) fn of(server: &Server) -> Self {
        Self {
            text: server.address("tcp+text"),
            txt_chat: server.address("tcp+txtchat"),
            json: server.address("tcp+json"),
            web_socket: server.address("ws"),
        }
    }

    async fn connect(self, role: &Role) -> io::Result<(Source, Sink)> {
        match (role.dialect, role.is_web_socket) {
            (Dialect::Text, true) => wire::web_socket(self.web_socket, "chat.text").await,
            (_, true) => wire::web_socket(self.web_socket, "chat.json").await,
            (Dialect::Text, false) => wire::lines(self.text).await,
            (Dialect::TxtChat, false) => wire::lines(self.txt_chat).await,
            (Dialect::Json1 | Dialect::Json2, false) => wire::lines(self.json).await,
        }
    }
}

/// Returns the number of a room.
pub(crate) fn room_index(channel: &str) -> Option<usize> {
    (0..crate::cast::ROOMS).find(|index| room(*index) == channel)
}

/// Characters of one to four bytes, with some that JSON escapes.
const FILLER: &[char] = &['a', 'e', 'n', 'r', 'x', '0', '7', '"', '\\', '\'', 'ß', 'đ', '字', '🦀'];
