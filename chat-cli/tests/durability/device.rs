//! A client that resumes: everything that it has received in all its sessions.

use crate::ledger::{Entry, View};
use std::collections::{BTreeMap, BTreeSet};

/// The memory of a client, which outlasts its sessions.
#[derive(Debug, Default)]
pub(crate) struct Device {
    /// The token of its login, once it has received one.
    pub(crate) session: Option<String>,
    /// The epoch of the last `welcome`, and the run in which it came.
    pub(crate) epoch: Option<(String, u32)>,
    /// True once the server has answered that it is in its rooms.
    pub(crate) has_joined: bool,
    /// The id below which it has received everything.
    pub(crate) received_up_to: u64,
    /// The last id of the newest page of missed messages, while there are more.
    catching_up: Option<u64>,
    /// The histories that it reads instead, as it could not resume.
    reading: usize,
    views: BTreeMap<String, Received>,
    /// The id of the last message that was said in this session.
    last_said: u64,
}

/// The messages of one channel, or of one private conversation.
#[derive(Debug, Default)]
struct Received {
    /// The last message that the client needs not have received.
    begins_after: Option<u64>,
    ids: BTreeSet<u64>,
}

impl Device {
    /// Forgets what belongs to the last session.
    pub(crate) fn connect(&mut self) {
        self.catching_up = None;
        self.reading = 0;
        self.last_said = self.received_up_to;
    }

    /// Notes the last message of a view that the client needs not have received. From then on it
    /// has to receive all.
    pub(crate) fn begin_view(&mut self, view: &str, after: u64) {
        self.views.entry(view.to_owned()).or_default().begins_after.get_or_insert(after);
    }

    pub(crate) fn has_begun(&self, view: &str) -> bool {
        self.views.get(view).is_some_and(|received| received.begins_after.is_some())
    }

    /// Notes that missed messages follow.
    pub(crate) fn resume(&mut self) {
        self.catching_up = Some(self.received_up_to);
    }

    /// Notes that the client reads so many histories, since it could not resume.
    pub(crate) fn read_histories(&mut self, count: usize) {
        self.reading = count;
    }

    /// Notes a message that was said.
    pub(crate) fn hear(&mut self, view: &str, id: u64, is_own: bool) -> Result<(), String> {
        let order = if id > self.last_said {
            Ok(())
        } else {
            Err(format!("it receives {id} after {}", self.last_said))
        };
        self.last_said = id;
        // The acknowledgement of its own messages comes before them.
        let is_new = self.insert(view, id);
        if !is_new && !is_own {
            return Err(format!("it receives {id} again"));
        }
        order
    }

    /// Notes the acknowledgement of a message: the client knows the message from now on.
    pub(crate) fn acknowledge(&mut self, view: &str, id: u64) -> Result<(), String> {
        let up_to = self.received_up_to;
        if self.insert(view, id) && !self.is_behind() && id <= up_to {
            return Err(format!("it has not received its message {id}, but later ones"));
        }
        Ok(())
    }

    /// Notes messages that the client has missed, from a page of them. Returns the message after
    /// which it continues, if there are more.
    pub(crate) fn catch_up(
        &mut self,
        page: &[(String, u64)],
        more: bool,
    ) -> Result<Option<u64>, String> {
        let Some(mut last) = self.catching_up else { return Err("it has missed nothing".into()) };
        for (view, id) in page {
            if *id <= last {
                return Err(format!("the missed message {id} follows {last}"));
            }
            last = *id;
            self.insert(view, last);
        }
        self.received_up_to = last;
        self.catching_up = more.then_some(last);
        self.settle();
        Ok(self.catching_up)
    }

    /// Notes a page of a history that the client reads instead.
    pub(crate) fn read(&mut self, view: &str, ids: impl IntoIterator<Item = u64>, more: bool) {
        for id in ids {
            self.insert(view, id);
        }
        if !more {
            self.reading -= 1;
            self.settle();
        }
    }

    /// Returns true until the client has received what it missed.
    pub(crate) fn is_behind(&self) -> bool {
        self.catching_up.is_some() || self.reading > 0
    }

    /// Returns the number of messages.
    pub(crate) fn received(&self) -> usize {
        self.views.values().map(|received| received.ids.len()).sum()
    }

    /// Compares with histories that were read in this run. `is_earlier` says whether a message is
    /// from an earlier run: later ones may be on their way.
    pub(crate) fn compare(
        &self,
        views: &BTreeMap<String, View>,
        is_earlier: impl Fn(&str) -> bool,
    ) -> Vec<String> {
        let mut problems = Vec::new();
        for (name, received) in &self.views {
            let Some(view) = views.get(name) else {
                problems.push(format!("{name} is not its own"));
                continue;
            };
            let entries: BTreeSet<u64> = view.entries.iter().map(|entry| entry.id).collect();
            let newest = entries.last().copied().unwrap_or_default();
            // A message of this run may be newer than the history.
            let lost = received.ids.range(..=newest).find(|id| !entries.contains(id));
            problems.extend(lost.map(|id| format!("{name}: {id} was received, and is lost")));
            let Some(first) = received.begins_after else { continue };
            let is_missing = |entry: &&Entry| entry.id > first && !received.ids.contains(&entry.id);
            let missing =
                view.entries.iter().find(|entry| is_missing(entry) && is_earlier(&entry.at));
            problems.extend(missing.map(|entry| format!("{name}: {entry:?} was never received")));
        }
        problems
    }

    fn insert(&mut self, view: &str, id: u64) -> bool {
        let is_new = self.views.entry(view.to_owned()).or_default().ids.insert(id);
        self.settle();
        is_new
    }

    /// Continues where the missed messages end with those that were said meanwhile.
    fn settle(&mut self) {
        if !self.is_behind() {
            let newest = self.views.values().filter_map(|received| received.ids.last()).max();
            self.received_up_to = newest.copied().unwrap_or_default().max(self.received_up_to);
        }
    }
}
