//! Everything that the clients have sent and received, and the histories that the server returns
//! after its restarts.

use crate::device::Device;
use crate::sequence::Sequence;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fmt;

/// The knowledge of all clients in all runs.
pub(crate) struct Ledger {
    /// The number of the current run of the server, from 1.
    pub(crate) run: u32,
    run_began: Timestamp,
    pub(crate) sent: Vec<Sent>,
    by_token: HashMap<String, usize>,
    by_id: HashMap<u64, usize>,
    /// Histories by view: the name of a channel, or `NICKNAME>NICKNAME` for private messages.
    pub(crate) views: BTreeMap<String, View>,
    pub(crate) rooms: Vec<Room>,
    /// The clients that resume, by their accounts.
    pub(crate) devices: BTreeMap<String, Device>,
    /// The last run after which the epoch may be another one.
    unclean_run: u32,
    /// The sessions that have ended and are not yet compared with the histories.
    ended: Vec<SessionLog>,
    /// The messages whose outcome is not yet compared.
    unsettled: BTreeSet<usize>,
    generated_names: HashSet<String>,
    /// The number of changes of rooms that were requested.
    pub(crate) changes: u64,
    pub(crate) problems: Vec<String>,
    pub(crate) counts: Counts,
}

/// Figures of the report.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counts {
    pub(crate) compared: u64,
    /// Messages that were sent again because their answer had not arrived.
    pub(crate) retried: u64,
    /// Those of them that the server had committed before it died.
    pub(crate) committed: u64,
    /// Messages that were sent again after their answer.
    pub(crate) repeated: u64,
    pub(crate) lagged: u64,
    pub(crate) comparisons: u64,
    pub(crate) states: u64,
    /// The sessions that have resumed.
    pub(crate) resumed: u64,
    /// Those of an earlier epoch, which have read histories instead.
    pub(crate) not_resumed: u64,
    /// The messages that they have missed, and received then.
    pub(crate) missed: u64,
}

/// A message that a client has sent.
#[derive(Debug)]
pub(crate) struct Sent {
    pub(crate) token: String,
    pub(crate) text: Shortened,
    pub(crate) nickname: String,
    /// The views in which it must appear.
    pub(crate) views: Vec<String>,
    pub(crate) nonce: Option<String>,
    pub(crate) outcome: Outcome,
    /// The id by which a client knows it.
    pub(crate) id: Option<u64>,
    /// The number of sessions that have received it.
    pub(crate) received: u32,
    /// The last run in which a client has heard of it.
    heard_in: u32,
}

/// The answer to a message, as far as the client has received one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Unknown,
    Accepted,
    Refused,
}

/// A room with an owner, who changes it step by step.
pub(crate) struct Room {
    pub(crate) has_owner: bool,
    pub(crate) topic: Sequence<Option<String>>,
    /// The role of one member.
    pub(crate) role: Sequence<String>,
    pub(crate) bans: Sequence<Vec<String>>,
}

/// Everything that one session has received.
#[derive(Debug)]
pub(crate) struct SessionLog {
    pub(crate) name: String,
    /// True if the session receives its own messages.
    pub(crate) echoes: bool,
    /// True if the server has dropped events, which it says to the client.
    pub(crate) has_lagged: bool,
    run: u32,
    views: BTreeMap<String, Vec<usize>>,
}

/// A history, as it was read piece by piece.
#[derive(Default)]
pub(crate) struct View {
    pub(crate) entries: Vec<Entry>,
    positions: HashMap<usize, usize>,
    /// The last run in which it was read to its end.
    pub(crate) read_in: u32,
}

/// A message of a history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) id: u64,
    pub(crate) at: String,
    pub(crate) nickname: String,
    pub(crate) text: Shortened,
}

/// A text of which a report shows the beginning.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Shortened(pub(crate) String);

impl fmt::Debug for Shortened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown: String = self.0.chars().take(20).collect();
        write!(f, "{shown:?} ({} bytes)", self.0.len())
    }
}

impl View {
    /// Returns the entries before and after an id.
    fn around(&self, id: u64) -> &[Entry] {
        let at = self.entries.partition_point(|entry| entry.id < id);
        &self.entries[at.saturating_sub(2)..self.entries.len().min(at + 2)]
    }
}

impl Ledger {
    pub(crate) fn new(rooms: usize, views: impl IntoIterator<Item = String>) -> Self {
        let room = || Room {
            has_owner: false,
            topic: Sequence::new(None),
            role: Sequence::new("member".into()),
            bans: Sequence::new(Vec::new()),
        };
        Self {
            run: 0,
            run_began: Timestamp::now(),
            sent: Vec::new(),
            by_token: HashMap::new(),
            by_id: HashMap::new(),
            views: views.into_iter().map(|view| (view, View::default())).collect(),
            rooms: (0..rooms).map(|_| room()).collect(),
            devices: BTreeMap::new(),
            unclean_run: 0,
            ended: Vec::new(),
            unsettled: BTreeSet::new(),
            generated_names: HashSet::new(),
            changes: 0,
            problems: Vec::new(),
            counts: Counts::default(),
        }
    }

    pub(crate) fn begin_run(&mut self) {
        self.run += 1;
        self.run_began = Timestamp::now();
    }

    /// Notes that the run has ended in a way after which ids may be lost.
    pub(crate) fn end_unclean(&mut self) {
        self.unclean_run = self.run;
    }

    /// Returns true if the server may have another epoch than in an earlier run.
    pub(crate) fn may_have_new_epoch(&self, since_run: u32) -> bool {
        since_run <= self.unclean_run
    }

    /// Returns true if the server accepted a message before this run, at this time.
    pub(crate) fn is_earlier(&self, at: &str) -> bool {
        at.parse::<Timestamp>().is_ok_and(|at| at < self.run_began)
    }

    pub(crate) fn problem(&mut self, problem: String) {
        let run = self.run;
        self.problems.push(format!("run {run}: {problem}"));
    }

    pub(crate) fn session(&self, name: &str, echoes: bool) -> SessionLog {
        SessionLog {
            name: name.to_owned(),
            echoes,
            has_lagged: false,
            run: self.run,
            views: BTreeMap::new(),
        }
    }

    /// Notes a message that is about to be sent. Returns its index.
    pub(crate) fn send(
        &mut self,
        nickname: &str,
        views: Vec<String>,
        filler: &str,
        nonce: Option<String>,
    ) -> usize {
        let index = self.sent.len();
        let token = format!("~{index}~");
        self.by_token.insert(token.clone(), index);
        self.sent.push(Sent {
            text: Shortened(format!("{token}{filler}")),
            token,
            nickname: nickname.to_owned(),
            views,
            nonce,
            outcome: Outcome::Unknown,
            id: None,
            received: 0,
            heard_in: self.run,
        });
        self.unsettled.insert(index);
        index
    }

    /// Notes that a session has received a message. `text` begins with its token.
    pub(crate) fn receive(&mut self, log: &mut SessionLog, text: &str) -> Option<usize> {
        let index = self.receive_missed(&log.name, text)?;
        let sent = &self.sent[index];
        let is_own = sent.nickname == log.name;
        let view = sent.views.iter().find(|view| !view.contains('>') || is_of(view, log));
        if let Some(view) = view.filter(|_| !is_own || log.echoes) {
            log.views.entry(view.clone()).or_default().push(index);
        }
        Some(index)
    }

    /// Notes that a client has received a message, now or after it was said.
    pub(crate) fn receive_missed(&mut self, name: &str, text: &str) -> Option<usize> {
        let Some(index) = self.message_of(text) else {
            self.problem(format!("{name} has received what nobody has sent: {text}"));
            return None;
        };
        self.sent[index].received += 1;
        self.sent[index].heard_in = self.run;
        Some(index)
    }

    /// Notes the answer to a message.
    pub(crate) fn answer(&mut self, index: usize, outcome: Outcome) {
        self.sent[index].outcome = outcome;
        self.sent[index].heard_in = self.run;
    }

    /// Notes the id of a message.
    pub(crate) fn identify(&mut self, index: usize, id: u64) {
        let known = *self.sent[index].id.get_or_insert(id);
        let owner = *self.by_id.entry(id).or_insert(index);
        if known != id {
            let token = &self.sent[index].token;
            self.problem(format!("message {token} has the ids {known} and {id}"));
        }
        if owner != index {
            let [first, second] = [owner, index].map(|index| self.sent[index].token.clone());
            self.problem(format!("messages {first} and {second} have the id {id}"));
        }
    }

    /// Notes a name that the server has generated. It never generates one twice.
    pub(crate) fn generated(&mut self, name: &str) {
        if !self.generated_names.insert(name.to_owned()) {
            self.problem(format!("the name {name} was generated twice"));
        }
    }

    pub(crate) fn end(&mut self, log: SessionLog) {
        self.counts.lagged += u64::from(log.has_lagged);
        self.ended.push(log);
    }

    /// Notes a page of a history that continues where the last one ended.
    pub(crate) fn read(&mut self, name: &str, page: Vec<Entry>, more: bool) {
        for entry in page {
            let last = self.views[name].entries.last().cloned();
            if let Some(last) = last.filter(|last| last.id >= entry.id || last.at > entry.at) {
                self.problem(format!("{name}: {entry:?} follows {last:?}"));
            }
            let Some(index) = self.message_of(&entry.text.0) else {
                self.problem(format!("{name} has a message that nobody has sent: {entry:?}"));
                continue;
            };
            self.identify(index, entry.id);
            let sent = &self.sent[index];
            if !sent.views.iter().any(|view| view == name) || sent.nickname != entry.nickname {
                let sent = format!("{sent:?}");
                self.problem(format!("{name} has {entry:?}, which was sent as {sent}"));
            }
            let view = self.views.get_mut(name).expect("views are fixed");
            let position = view.entries.len();
            view.entries.push(entry);
            if let Some(first) = view.positions.insert(index, position) {
                let entries = format!("{:?} and {:?}", view.entries[first], view.entries[position]);
                self.problem(format!("{name} has a message twice: {entries}"));
            }
        }
        if !more {
            let run = self.run;
            self.views.get_mut(name).expect("views are fixed").read_in = run;
        }
    }

    /// Returns the messages whose outcome is not yet compared.
    pub(crate) fn unsettled(&self) -> impl Iterator<Item = usize> {
        self.unsettled.iter().copied()
    }

    /// Forgets the histories, so that clients read them from the beginning. Returns them.
    pub(crate) fn forget_views(&mut self) -> BTreeMap<String, View> {
        let names: Vec<String> = self.views.keys().cloned().collect();
        let empty = names.into_iter().map(|name| (name, View::default())).collect();
        std::mem::replace(&mut self.views, empty)
    }

    /// Checks that the histories begin with what they contained earlier.
    pub(crate) fn check_views(&mut self, earlier: &BTreeMap<String, View>) {
        for (name, earlier) in earlier {
            let now = &self.views[name].entries;
            if now.get(..earlier.entries.len()) != Some(&earlier.entries[..]) {
                let differs = earlier.entries.iter().zip(now).find(|(earlier, now)| earlier != now);
                self.problem(format!("{name} has changed: {differs:?}"));
            }
        }
    }

    /// Compares what ended sessions have received with the histories, if all of them were read in
    /// this run. Returns true if it has compared.
    pub(crate) fn compare(&mut self) -> bool {
        if self.views.values().any(|view| view.read_in != self.run) {
            return false;
        }
        self.counts.comparisons += 1;
        for log in std::mem::take(&mut self.ended) {
            for (name, received) in &log.views {
                let Some(view) = self.views.get(name) else { continue };
                if let Err(problem) = in_order(&self.sent, view, &log, received) {
                    self.problem(format!("{} in run {}, {name}: {problem}", log.name, log.run));
                }
                self.counts.compared += received.len() as u64;
            }
        }
        let devices = std::mem::take(&mut self.devices);
        for (name, device) in &devices {
            for problem in device.compare(&self.views, |at| self.is_earlier(at)) {
                self.problem(format!("{name}: {problem}"));
            }
        }
        self.devices = devices;
        let settled: Vec<usize> = self.unsettled.iter().copied().collect();
        for index in settled {
            let sent = &self.sent[index];
            if sent.heard_in == self.run {
                // It may be newer than the histories.
                continue;
            }
            let views: Vec<_> = sent.views.iter().filter_map(|view| self.views.get(view)).collect();
            if views.len() < sent.views.len() {
                // Its channel is forgotten with the run.
                self.unsettled.remove(&index);
                continue;
            }
            let is_kept = views.iter().all(|view| view.positions.contains_key(&index));
            let is_known = sent.outcome == Outcome::Accepted || sent.received > 0;
            let problem = match (is_kept, sent.outcome, is_known) {
                (false, _, true) => Some("was delivered, and is lost"),
                (true, Outcome::Refused, _) => Some("was refused, and is there"),
                _ => None,
            };
            let has_nonce = sent.nonce.is_some();
            if let Some(problem) = problem {
                let around = views.iter().map(|view| view.around(sent.id.unwrap_or_default()));
                let around: Vec<_> = around.collect();
                let problem = format!("a message {problem}: {sent:?}; around it is {around:?}");
                self.problem(problem);
            }
            if !(has_nonce && self.sent[index].outcome == Outcome::Unknown) {
                self.unsettled.remove(&index);
            }
        }
        true
    }

    fn message_of(&self, text: &str) -> Option<usize> {
        let end = text.get(1..)?.find('~')? + 2;
        let index = *self.by_token.get(text.get(..end)?)?;
        (self.sent[index].text.0 == text).then_some(index)
    }
}

/// Returns true if the private messages are those of the session's user.
fn is_of(view: &str, log: &SessionLog) -> bool {
    view.split_once('>').is_some_and(|(own, _)| own == log.name)
}

/// Checks that a session has received a part of a history without gaps and in its order.
fn in_order(
    sent: &[Sent],
    view: &View,
    log: &SessionLog,
    received: &[usize],
) -> Result<(), String> {
    let mut next: Option<usize> = None;
    for &index in received {
        let Some(&position) = view.positions.get(&index) else {
            return Err(format!("{:?} was received, and is lost", sent[index]));
        };
        if let Some(expected) = next {
            if position < expected {
                return Err(format!("{:?} was received out of order, or twice", sent[index]));
            }
            let skipped = &view.entries[expected..position];
            let is_missing = |entry: &&Entry| log.echoes || entry.nickname != log.name;
            if let Some(missing) = skipped.iter().find(is_missing).filter(|_| !log.has_lagged) {
                return Err(format!("{missing:?} was not received, and later ones were"));
            }
        }
        next = Some(position + 1);
    }
    Ok(())
}
