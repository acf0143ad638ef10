//! The view that a client has of itself and its channels, compared with the server's.

use std::collections::{BTreeMap, BTreeSet};

/// A client's own nickname, and the members of each of its channels; `None` where the client cannot
/// know them.
pub(crate) struct ClientView<'a> {
    pub(crate) own: &'a str,
    pub(crate) channels: BTreeMap<&'a str, Option<BTreeSet<String>>>,
}

impl ClientView<'_> {
    /// Compares it with the server's: the client's nickname and channels, and the members of all
    /// channels.
    pub(crate) fn compare(
        &self,
        own: &str,
        channels: &[String],
        members: &BTreeMap<String, Vec<String>>,
    ) -> Result<(), String> {
        if self.own != own {
            return Err(format!("believes that it is {}, and is {own}", self.own));
        }
        let believed: BTreeSet<&str> = self.channels.keys().copied().collect();
        let channels: BTreeSet<&str> = channels.iter().map(String::as_str).collect();
        if believed != channels {
            return Err(format!("believes that it is on {believed:?}, and is on {channels:?}"));
        }
        for (channel, believed) in &self.channels {
            let Some(believed) = believed else { continue };
            let members = members.get(*channel).map(Vec::as_slice).unwrap_or_default();
            if *believed != members.iter().cloned().collect() {
                return Err(format!(
                    "believes that {believed:?} are on {channel}; it is {members:?}"
                ));
            }
        }
        Ok(())
    }
}
