//! The debug output of a switchboard.

use super::Switchboard;
use crate::Port;
use std::fmt;

/// Shows neither the sessions nor their frames, because debug output may end in a log.
impl<P: Port> fmt::Debug for Switchboard<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Switchboard")
            .field("sessions", &self.engine.view().session_count())
            .field("counters", &self.log.counters)
            .field("limits", &self.reaction.limits)
            .field("slow_consumer", &self.slow_consumer)
            .finish_non_exhaustive()
    }
}
