//! Messages that a client sends again, after it has come back as the same user.

use serde_json::{Value, json};
use std::collections::BTreeSet;
use tokio::sync::mpsc;

/// The objects that a client has received on a connection, and the requests that it has sent with a
/// `ref`, by that `ref`.
pub(crate) type Exchange = (Vec<Value>, Vec<(String, Value)>);

/// Returns the messages of the user of the last connection that the server has not answered, with a
/// new `ref`. `exchanges` are those of the client's connections, the newest first.
pub(crate) fn unanswered(exchanges: &[Exchange]) -> Vec<Value> {
    let mut unanswered: Vec<Value> = Vec::new();
    let mut answered = BTreeSet::new();
    for (objects, asked) in exchanges {
        let Some(welcome) = objects.iter().find(|object| object["type"] == "welcome") else {
            // The client does not know which user it was.
            break;
        };
        let is_answered = |reference: &str| {
            objects.iter().any(|object| object["ref"].as_str() == Some(reference))
        };
        for (reference, request) in asked.iter().rev() {
            let Some(nonce) = request["nonce"].as_str() else { continue };
            if is_answered(reference) {
                answered.insert(nonce.to_owned());
            } else if unanswered.iter().all(|known| known["nonce"] != nonce) {
                unanswered.push(request.clone());
            }
        }
        if welcome["reconnected"] != true {
            break;
        }
    }
    unanswered
        .retain(|request| !request["nonce"].as_str().is_some_and(|nonce| answered.contains(nonce)));
    unanswered.reverse();
    for request in &mut unanswered {
        let nonce = request["nonce"].as_str().unwrap_or_default();
        request["ref"] = json!(format!("{nonce} in {}", exchanges.len()));
    }
    unanswered
}

/// Reacts to frames of the server. A client whose actions have ended does not react.
pub(crate) struct Reactor {
    /// The frames to send.
    pub(crate) frames: mpsc::UnboundedSender<String>,
    /// True if it answers pings.
    pub(crate) answers: bool,
    /// The messages to send again if the client comes back as the same user.
    pub(crate) unanswered: Vec<Value>,
}

impl Reactor {
    pub(crate) fn react(&self, line: &[u8]) {
        if line == br#"{"type":"ping"}"# {
            if self.answers {
                let _ = self.frames.send(r#"{"type":"pong"}"#.to_owned());
            }
            return;
        }
        if let Some(what) = line.strip_prefix(b"PING ") {
            if self.answers {
                let what = String::from_utf8_lossy(what.trim_ascii_end());
                let _ = self.frames.send(format!("PONG {what}"));
            }
            return;
        }
        if !line.starts_with(br#"{"type":"welcome""#) {
            return;
        }
        let welcome: Value = serde_json::from_slice(line).unwrap_or_default();
        if welcome["reconnected"] == true {
            for request in &self.unanswered {
                let _ = self.frames.send(request.to_string());
            }
        }
    }
}
