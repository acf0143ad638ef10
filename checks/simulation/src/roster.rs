//! Channel membership as a client of JSON version 2 derives it from the objects that it receives.

use crate::client_view::ClientView;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// The client's own nickname, and the members of each of its channels; `None` where the client
/// cannot know them.
#[derive(Debug, Default)]
pub(crate) struct Rosters {
    own: String,
    channels: BTreeMap<String, Option<BTreeSet<String>>>,
}

impl Rosters {
    /// Applies the received objects in order; `ok` objects are matched with the client's requests.
    pub(crate) fn of(objects: &[Value], asked: &[(String, Value)]) -> Self {
        let mut rosters = Self::default();
        for object in objects {
            rosters.hear(object, asked);
        }
        rosters
    }

    /// Returns the client's own nickname; empty before it has one.
    pub(crate) fn own(&self) -> &str {
        &self.own
    }

    /// Returns the client's view.
    pub(crate) fn view(&self) -> ClientView<'_> {
        let channels = self.channels.iter();
        let channels = channels.map(|(name, members)| (name.as_str(), members.clone()));
        ClientView { own: &self.own, channels: channels.collect() }
    }

    fn hear(&mut self, object: &Value, asked: &[(String, Value)]) {
        let text = |field: &str| object[field].as_str().unwrap_or_default().to_owned();
        match object["type"].as_str().unwrap_or_default() {
            "welcome" => self.own = text("nickname"),
            "roster" => {
                let members = object["members"].as_array().into_iter().flatten();
                let names = members.filter_map(|member| member["nickname"].as_str());
                let names = names.map(str::to_owned).collect();
                self.channels.insert(text("channel"), Some(names));
            }
            "user_joined" => {
                if let Some(Some(members)) = self.channels.get_mut(&text("channel")) {
                    members.insert(text("nickname"));
                }
            }
            "user_left" | "kicked" => self.lose(&text("channel"), &text("nickname")),
            "renamed" => self.rename(&text("from"), &text("to")),
            "ok" => {
                let mark = text("ref");
                let request = asked.iter().find(|(other, _)| *other == mark);
                if let Some((_, request)) = request {
                    self.done(request);
                }
            }
            _ => {}
        }
    }

    /// Applies the effect of the client's own request, which the server has acknowledged.
    fn done(&mut self, request: &Value) {
        let text = |field: &str| request[field].as_str().unwrap_or_default().to_owned();
        match request["type"].as_str().unwrap_or_default() {
            "leave" => drop(self.channels.remove(&text("channel"))),
            "rename" => {
                let own = self.own.clone();
                self.rename(&own, &text("nickname"));
            }
            "kick" => self.lose(&text("channel"), &text("nickname")),
            "ban" if text("nickname") == self.own => drop(self.channels.remove(&text("channel"))),
            // A ban may remove members under any nickname, and the client does not learn which.
            "ban" => {
                self.channels.entry(text("channel")).and_modify(|members| *members = None);
            }
            _ => {}
        }
    }

    fn lose(&mut self, channel: &str, name: &str) {
        if name == self.own {
            self.channels.remove(channel);
        } else if let Some(Some(members)) = self.channels.get_mut(channel) {
            members.remove(name);
        }
    }

    fn rename(&mut self, from: &str, to: &str) {
        if from == self.own {
            to.clone_into(&mut self.own);
        }
        for members in self.channels.values_mut().flatten() {
            if members.remove(from) {
                members.insert(to.to_owned());
            }
        }
    }
}
