//! Application data as JSON: an object of strings.

use chat_core::{AppData, Command, DataChange};
use serde::{Deserialize, Serialize, Serializer};
use std::collections::BTreeMap;

/// Application data that a client sends.
pub(super) type DataFields = BTreeMap<String, String>;

/// Application data that a client sets, of itself or of a channel; null removes an entry.
#[derive(Debug, Deserialize)]
pub(super) struct SetData {
    channel: Option<String>,
    data: BTreeMap<String, Option<String>>,
}

impl SetData {
    pub(super) fn command(self) -> Command {
        let changes = self.data.into_iter().map(|(key, text)| DataChange { key, text });
        Command::SetData { channel: self.channel, changes: changes.collect() }
    }
}

/// Application data that a client is sent.
#[derive(Clone, Copy, Debug)]
pub(super) struct DataObject<'a>(&'a AppData);

impl DataObject<'_> {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<'a> From<&'a AppData> for DataObject<'a> {
    fn from(data: &'a AppData) -> Self {
        Self(data)
    }
}

impl Serialize for DataObject<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter())
    }
}

/// Checks application data of a request.
pub(super) fn check(fields: Option<DataFields>) -> Result<AppData, String> {
    let Some(fields) = fields else { return Ok(AppData::default()) };
    AppData::new(fields).map_err(|error| error.to_string())
}
