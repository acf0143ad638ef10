//! The latest typing signals of sessions, which limit how often they are passed on.

use crate::{AppData, SessionId, Target, Timestamp};
use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use core::time::Duration;

/// The latest typing signal of each session that has sent one.
#[derive(Debug, Default)]
pub(crate) struct Typing(BTreeMap<SessionId, Box<Latest>>);

#[derive(Debug)]
struct Latest {
    target: Target,
    data: AppData,
    at: Timestamp,
}

impl Typing {
    /// Notes a signal. Returns false if the session has sent the same one within the interval.
    pub(crate) fn admit(
        &mut self,
        session: SessionId,
        (target, data): (&Target, &AppData),
        now: Timestamp,
        interval: Duration,
    ) -> bool {
        if let Some(latest) = self.0.get(&session)
            && latest.at + interval > now
            && latest.target == *target
            && latest.data == *data
        {
            return false;
        }
        let latest = Latest { target: target.clone(), data: data.clone(), at: now };
        self.0.insert(session, Box::new(latest));
        true
    }

    /// Forgets the signal of a session, which has ended or has said something.
    pub(crate) fn forget(&mut self, session: SessionId) {
        self.0.remove(&session);
    }
}
