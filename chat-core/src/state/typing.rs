//! The latest typing signals of users, which limit how often they are passed on.

use crate::{AppData, Target, Timestamp, UserId};
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::time::Duration;

/// The typing signals of each user that were passed on within the interval.
#[derive(Debug, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Typing(BTreeMap<UserId, Vec<Latest>>);

#[derive(Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
struct Latest {
    target: Target,
    /// True if the last one said that the user types.
    is_active: bool,
    /// The beginning of the interval.
    since: Timestamp,
}

impl Typing {
    /// Most conversations in which a user types within one interval.
    const MOST_TARGETS: usize = 8;

    /// Notes a signal. Returns false if it is not passed on: the interval of its target is not over
    /// yet. Within an interval, only the news that the user no longer types passes, once.
    pub(crate) fn admit(
        &mut self,
        user: UserId,
        (target, data): (&Target, &AppData),
        now: Timestamp,
        interval: Duration,
    ) -> bool {
        let is_active = data.get(AppData::TYPING) == Some("active");
        let known = self.0.entry(user).or_default();
        known.retain(|latest| latest.since + interval > now);
        if let Some(latest) = known.iter_mut().find(|latest| latest.target == *target) {
            let is_end = latest.is_active && !is_active;
            latest.is_active &= is_active;
            return is_end;
        }
        if known.len() >= Self::MOST_TARGETS {
            return false;
        }
        known.push(Latest { target: target.clone(), is_active, since: now });
        true
    }

    /// Forgets the signals of a user, who has quit or has said something.
    pub(crate) fn forget(&mut self, user: UserId) {
        self.0.remove(&user);
    }
}
