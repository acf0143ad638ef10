//! Up to where a client has received the messages of a server, so that it continues there.

use super::names::nickname_key;
use super::state_file::{damaged, read, write};
use crate::store::users_folder;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::io;
use std::path::PathBuf;

/// The place at which a client continues.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct ResumePoint {
    /// The epoch of the id; empty for a client that has received nothing.
    pub(super) epoch: String,
    /// The highest id of a message up to which the client has received every one.
    pub(super) id: u64,
}

/// The codes of refusals after which missed messages can be requested again.
pub(super) const PASSING: [&str; 2] = ["try_again", "no_answer"];

/// The messages that a client has received since it was started.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Received {
    point: ResumePoint,
    /// The highest id of a live message while older ones are still being received.
    ahead: Option<u64>,
}

impl Received {
    /// Continues at a place that was kept.
    pub(super) fn from(point: ResumePoint) -> Self {
        Self { point, ahead: None }
    }

    /// Returns the place at which the next connection continues.
    pub(super) fn point(&self) -> &ResumePoint {
        &self.point
    }

    /// Handles a welcome. If the server has resumed, the missed messages follow.
    pub(super) fn welcomed(&mut self, epoch: Option<&Value>, resumed: Option<bool>) {
        let text = |epoch: &Value| epoch.as_str().map_or_else(|| epoch.to_string(), str::to_owned);
        let epoch = epoch.map(text).unwrap_or_default();
        if resumed != Some(true) && epoch != self.point.epoch {
            self.point.id = 0;
        }
        self.point.epoch = epoch;
        self.ahead = (resumed == Some(true)).then_some(0);
    }

    /// Handles a message that was received as soon as it was said, or in a history.
    pub(super) fn arrived(&mut self, id: u64) {
        let highest = self.ahead.as_mut().unwrap_or(&mut self.point.id);
        *highest = id.max(*highest);
    }

    /// Begins to fetch messages that the server has dropped.
    pub(super) fn begin(&mut self) {
        self.ahead.get_or_insert(0);
    }

    /// Handles the end of a page of missed messages.
    pub(super) fn page(&mut self, last: Option<u64>, more: bool) {
        self.point.id = self.point.id.max(last.unwrap_or_default());
        if !more && let Some(ahead) = self.ahead.take() {
            self.point.id = self.point.id.max(ahead);
        }
    }

    /// Returns true while missed messages are being received.
    pub(super) fn is_catching_up(&self) -> bool {
        self.ahead.is_some()
    }
}

/// The places at which the accounts of a server continue, in a file that nobody else can read.
#[derive(Clone, Debug, Default)]
pub(super) struct SavedPoints {
    /// `None`: nothing is kept.
    path: Option<PathBuf>,
    server: String,
}

impl SavedPoints {
    /// Finds the places for a server. If the system has no folder for them, none is kept.
    pub(super) fn at(server: &str) -> Self {
        let path = users_folder().map(|folder| folder.join(FILE));
        Self { path, server: server.to_owned() }
    }

    /// Returns the place at which a client of an account continues, or the beginning.
    pub(super) fn point(&self, account: &str) -> io::Result<ResumePoint> {
        let Some(path) = &self.path else { return Ok(ResumePoint::default()) };
        let servers = read(path)?;
        let point = servers.get(&self.server).and_then(|points| points.get(nickname_key(account)));
        let point = point.and_then(|point| ResumePoint::deserialize(point).ok());
        Ok(point.unwrap_or_default())
    }

    /// Keeps the place at which the next client of an account continues.
    pub(super) fn keep(&self, account: &str, point: &ResumePoint) -> io::Result<()> {
        let Some(path) = &self.path else { return Ok(()) };
        let mut servers = read(path)?;
        let points = servers.entry(&*self.server).or_insert_with(|| Map::new().into());
        let Value::Object(points) = points else { return Err(damaged(path)) };
        let point = serde_json::to_value(point).map_err(io::Error::other)?;
        if points.insert(nickname_key(account), point.clone()).as_ref() == Some(&point) {
            return Ok(());
        }
        write(path, &Value::Object(servers))
    }
}

/// The name of the file in the state directory.
const FILE: &str = "received.json";

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use tempfile::TempDir;

    fn after(received: &Received) -> u64 {
        received.point().id
    }

    #[test]
    fn live_messages_do_not_hide_those_that_are_still_missing() {
        let point = ResumePoint { epoch: "7".into(), id: 17 };
        let mut received = Received::from(point);
        received.welcomed(Some(&json!("7")), Some(true));
        received.page(Some(21), true);
        received.arrived(25);
        assert_eq!(after(&received), 21);
        assert!(received.is_catching_up());
        // The store gave no answer.
        received.page(None, true);
        assert_eq!(after(&received), 21);
        received.page(Some(24), false);
        assert_eq!(after(&received), 25);
        assert!(!received.is_catching_up());
        received.arrived(26);
        assert_eq!(after(&received), 26);
        // A connection that was lost before all were received continues after the last page.
        received.welcomed(Some(&json!("7")), Some(true));
        received.arrived(40);
        received.welcomed(Some(&json!("7")), Some(true));
        assert_eq!(after(&received), 26);
    }

    #[test]
    fn ids_of_another_epoch_are_forgotten() {
        let mut received = Received::from(ResumePoint { epoch: "7".into(), id: 17 });
        received.welcomed(Some(&json!("8")), Some(false));
        assert_eq!(received.point(), &ResumePoint { epoch: "8".into(), id: 0 });
        received.arrived(3);
        assert_eq!(after(&received), 3);
    }

    #[test]
    fn place_is_kept_for_its_server_and_account() {
        let folder = TempDir::new().expect("a folder");
        let at = |server: &str| {
            let path = Some(folder.path().join("state").join(FILE));
            SavedPoints { path, server: server.to_owned() }
        };
        let point = |id| ResumePoint { epoch: "7".into(), id };
        let (here, there) = (at("tcp://a:1"), at("tcp://b:1"));
        let read = |points: &SavedPoints, account| points.point(account).expect("a file");
        assert_eq!(read(&here, "alice"), ResumePoint::default());
        here.keep("alice", &point(5)).expect("a file");
        there.keep("alice", &point(6)).expect("a file");
        here.keep("bob", &point(7)).expect("a file");
        here.keep("Alice", &point(8)).expect("a file");
        assert_eq!(read(&here, "alice"), point(8));
        assert_eq!(read(&there, "alice"), point(6));
        assert_eq!(read(&here, "bob"), point(7));
    }
}
