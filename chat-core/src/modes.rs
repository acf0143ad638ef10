//! The modes of channels.

use alloc::boxed::Box;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;
use core::time::Duration;

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
    /// Nobody may send a CTCP request or reply, which is [application
    /// data](crate::AppData::CTCP). Off.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "is_off"))]
    pub no_ctcp: bool,
    /// The key that a user needs to join. None.
    pub key: Option<Box<str>>,
    /// The largest number of members. None: as many as
    /// [`Config::members_per_channel`](crate::Config::members_per_channel) allows.
    pub member_limit: Option<u32>,
    /// The time for which clients can read a message of the channel, from when it was said, in
    /// whole seconds. Only an owner sets it. None: as long as
    /// [`Config::message_age`](crate::Config::message_age) allows. The shorter of both counts.
    ///
    /// Older messages are in no page of a history, and no search finds them. A store deletes them,
    /// so that they may be gone when a longer time is set.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub keep: Option<Duration>,
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
    /// Sets [`Modes::no_ctcp`].
    NoCtcp(bool),
    /// Sets or removes [`Modes::key`].
    Key(Option<String>),
    /// Sets or removes [`Modes::member_limit`].
    MemberLimit(Option<u32>),
    /// Sets or removes [`Modes::keep`], from
    /// [`Config::shortest_keep`](crate::Config::shortest_keep) to
    /// [`Config::message_age`](crate::Config::message_age), or to ten years without one. A fraction
    /// of a second is dropped.
    Keep(Option<Duration>),
}

impl Modes {
    /// The modes that are switched on or off, each by its name.
    pub fn switches(&self) -> [(&'static str, bool); 6] {
        [
            ("secret", self.secret),
            ("invite_only", self.invite_only),
            ("moderated", self.moderated),
            ("members_only", self.members_only),
            ("operator_topic", self.operator_topic),
            ("no_ctcp", self.no_ctcp),
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
        if self.keep != before.keep {
            changes.push(ModeChange::Keep(self.keep));
        }
        changes
    }

    /// Returns [`keep`](Self::keep) as users write it, such as `90d`.
    pub fn written_keep(&self) -> Option<String> {
        self.keep.map(|keep| KeptTime(keep).to_string())
    }

    /// Carries out a change whose key, limit and time have been checked.
    pub(crate) fn change(&mut self, change: ModeChange) {
        match change {
            ModeChange::Secret(on) => self.secret = on,
            ModeChange::InviteOnly(on) => self.invite_only = on,
            ModeChange::Moderated(on) => self.moderated = on,
            ModeChange::MembersOnly(on) => self.members_only = on,
            ModeChange::OperatorTopic(on) => self.operator_topic = on,
            ModeChange::NoCtcp(on) => self.no_ctcp = on,
            ModeChange::Key(key) => self.key = key.map(String::into_boxed_str),
            ModeChange::MemberLimit(limit) => self.member_limit = limit,
            ModeChange::Keep(keep) => {
                self.keep = keep.map(|keep| Duration::from_secs(keep.as_secs()));
            }
        }
    }
}

/// Says whether a switch that is stored only if it is on is off.
#[cfg(feature = "serde")]
fn is_off(on: &bool) -> bool {
    !on
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
            "no_ctcp" => Self::NoCtcp(on),
            _ => return None,
        })
    }

    /// The change that sets [`Modes::keep`] to a time as users write it: `90d`, `12h`, `30m` or
    /// `45s`. `None` if it is no such time.
    pub fn keep(written: &str) -> Option<Self> {
        let (unit, count) = UNITS.into_iter().find_map(|(name, seconds)| {
            let count = written.strip_suffix(name)?;
            count.bytes().all(|byte| byte.is_ascii_digit()).then_some((seconds, count))
        })?;
        let count: u64 = count.parse().ok()?;
        Some(Self::Keep(Some(Duration::from_secs(count.checked_mul(unit)?))))
    }
}

/// A time for which messages are kept, shown as users write it.
pub(crate) struct KeptTime(pub(crate) Duration);

/// The units of such a time, in seconds.
const UNITS: [(&str, u64); 4] = [("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)];

/// Writes the time in the largest unit in which it is a whole number.
impl fmt::Display for KeptTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_secs();
        let is_whole = |unit: u64| seconds != 0 && seconds.is_multiple_of(unit);
        let unit = UNITS.into_iter().find(|(_, unit)| is_whole(*unit));
        let (name, unit) = unit.unwrap_or(("s", 1));
        write!(f, "{}{name}", seconds / unit)
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
            no_ctcp: false,
            key: None,
            member_limit: None,
            keep: None,
        }
    }
}

/// Leaves the key out, because debug output may end in a log.
impl fmt::Debug for Modes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let on = self.switches().into_iter().filter(|(_, on)| *on).map(|(name, _)| name);
        f.debug_struct("Modes")
            .field("on", &on.collect::<Vec<_>>())
            .field("key", &self.key.as_ref().map(|_| "…"))
            .field("member_limit", &self.member_limit)
            .field("keep", &self.keep)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn written_times_are_read_and_written_alike() {
        for (written, seconds, shown) in [
            ("90d", 7_776_000, "90d"),
            ("24h", 86_400, "1d"),
            ("36h", 129_600, "36h"),
            ("90m", 5_400, "90m"),
            ("61s", 61, "61s"),
            ("0d", 0, "0s"),
        ] {
            let keep = Some(Duration::from_secs(seconds));
            assert_eq!(ModeChange::keep(written), Some(ModeChange::Keep(keep)), "{written}");
            let modes = Modes { keep, ..Modes::default() };
            assert_eq!(modes.written_keep().as_deref(), Some(shown));
        }
        let too_many = "18446744073709551615d";
        for written in ["", "d", "90", "-1d", "+1d", "1.5h", "1 d", "90D", "5ms", "d9", too_many] {
            assert_eq!(ModeChange::keep(written), None, "{written}");
        }
    }

    #[test]
    fn fractions_of_seconds_are_dropped() {
        let mut modes = Modes::default();
        modes.change(ModeChange::Keep(Some(Duration::from_millis(61_999))));
        assert_eq!(modes.keep, Some(Duration::from_secs(61)));
    }
}
