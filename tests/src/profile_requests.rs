//! Requests of version 2 about the user itself.

use chat_runtime::chat_core::{DataChange, ProfileChange};
use serde_json::{Map, Value, json};

pub(super) fn profile(changes: &[ProfileChange]) -> Result<Value, &'static str> {
    let mut profile = json!({ "type": "profile" });
    for change in changes {
        match change {
            ProfileChange::RealName(name) => profile["real_name"] = json!(name),
            ProfileChange::Bot(bot) => profile["bot"] = json!(bot),
            _ => return Err("a change that is newer than the tests"),
        }
    }
    Ok(profile)
}

pub(super) fn set_data(channel: Option<&String>, changes: &[DataChange]) -> Value {
    let entries = changes.iter().map(|change| (change.key.clone(), json!(change.text)));
    let mut request = json!({ "type": "set_data" });
    if let Some(channel) = channel {
        request["channel"] = json!(channel);
    }
    request["data"] = entries.collect::<Map<_, _>>().into();
    request
}
