//! The modes of channels.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

/// The modes of a channel.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Modes {
    /// Only members learn that the channel exists. Off.
    pub secret: bool,
    /// Only invited users may join. Off.
    pub invite_only: bool,
    /// Only members with a status may speak. Off.
    pub moderated: bool,
    /// Only members may speak. On.
    pub members_only: bool,
    /// Only operators and owners may set the topic. Off.
    pub operator_topic: bool,
    /// The key that a user needs to join. None.
    pub key: Option<Box<str>>,
    /// The largest number of members. None: as many as
    /// [`Config::members_per_channel`](crate::Config::members_per_channel) allows.
    pub member_limit: Option<u32>,
}

/// One change of a channel's modes.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum ModeChange {
    /// Sets [`Modes::secret`].
    Secret(bool),
    /// Sets [`Modes::invite_only`].
    InviteOnly(bool),
    /// Sets [`Modes::moderated`].
    Moderated(bool),
    /// Sets [`Modes::members_only`].
    MembersOnly(bool),
    /// Sets [`Modes::operator_topic`].
    OperatorTopic(bool),
    /// Sets or removes [`Modes::key`].
    Key(Option<String>),
    /// Sets or removes [`Modes::member_limit`].
    MemberLimit(Option<u32>),
}

impl Modes {
    /// The modes that are switched on or off, each by its name.
    pub fn switches(&self) -> [(&'static str, bool); 5] {
        [
            ("secret", self.secret),
            ("invite_only", self.invite_only),
            ("moderated", self.moderated),
            ("members_only", self.members_only),
            ("operator_topic", self.operator_topic),
        ]
    }

    /// Returns the changes that lead from `before` to these modes, each mode at most once.
    pub(crate) fn changes_since(&self, before: &Self) -> Vec<ModeChange> {
        let switches = self.switches().into_iter().zip(before.switches());
        let mut changes: Vec<_> = switches
            .filter(|((_, now), (_, before))| now != before)
            .filter_map(|((name, now), _)| ModeChange::switch(name, now))
            .collect();
        if self.key != before.key {
            changes.push(ModeChange::Key(self.key.as_deref().map(String::from)));
        }
        if self.member_limit != before.member_limit {
            changes.push(ModeChange::MemberLimit(self.member_limit));
        }
        changes
    }

    /// Carries out a change whose key and limit have been checked.
    pub(crate) fn change(&mut self, change: ModeChange) {
        match change {
            ModeChange::Secret(on) => self.secret = on,
            ModeChange::InviteOnly(on) => self.invite_only = on,
            ModeChange::Moderated(on) => self.moderated = on,
            ModeChange::MembersOnly(on) => self.members_only = on,
            ModeChange::OperatorTopic(on) => self.operator_topic = on,
            ModeChange::Key(key) => self.key = key.map(String::into_boxed_str),
            ModeChange::MemberLimit(limit) => self.member_limit = limit,
        }
    }
}

impl ModeChange {
    /// The change that switches the mode of this name, as in [`Modes::switches`].
    pub fn switch(name: &str, on: bool) -> Option<Self> {
        Some(match name {
            "secret" => Self::Secret(on),
            "invite_only" => Self::InviteOnly(on),
            "moderated" => Self::Moderated(on),
            "members_only" => Self::MembersOnly(on),
            "operator_topic" => Self::OperatorTopic(on),
            _ => return None,
        })
    }
}

impl Default for Modes {
    fn default() -> Self {
        Self {
            secret: false,
            invite_only: false,
            moderated: false,
            members_only: true,
            operator_topic: false,
            key: None,
            member_limit: None,
        }
    }
}

/// Leaves the key out, because debug output may end in a log.
impl core::fmt::Debug for Modes {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let on = self.switches().into_iter().filter(|(_, on)| *on).map(|(name, _)| name);
        f.debug_struct("Modes")
            .field("on", &on.collect::<Vec<_>>())
            .field("key", &self.key.as_ref().map(|_| "…"))
            .field("member_limit", &self.member_limit)
            .finish()
    }
}
