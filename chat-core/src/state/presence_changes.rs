//! Tells sessions about the users whom they watch.

use super::State;
use crate::effect::EffectBuffer;
use crate::{Event, PresenceChange, UserId, UserInfo};
use alloc::sync::Arc;

impl State {
    /// Tells the sessions that watch the nickname of a user that it is online, or has quit.
    pub(crate) fn tell_watchers(
        &self,
        out: &mut EffectBuffer,
        user: &Arc<UserInfo>,
        change: PresenceChange,
    ) {
        let sessions = self.watches.sessions(&user.nickname);
        out.deliver(&sessions, &[], || Event::PresenceChanged { user: user.clone(), change });
    }

    /// Tells the sessions that watch a user of a change that its peers are told of otherwise.
    pub(crate) fn tell_other_watchers(
        &self,
        out: &mut EffectBuffer,
        (id, user): (UserId, &Arc<UserInfo>),
        change: PresenceChange,
    ) {
        let mut sessions = self.watches.sessions(&user.nickname);
        if sessions.is_empty() {
            return;
        }
        let own = self.sessions_of(id);
        let largest = self.config.announce_up_to;
        sessions.retain(|session| {
            let mut told = self.audiences(id, largest).chain([own]);
            !told.any(|audience| audience.binary_search(session).is_ok())
        });
        out.deliver(&sessions, &[], || Event::PresenceChanged { user: user.clone(), change });
    }
}
