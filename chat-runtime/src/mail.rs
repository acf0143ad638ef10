//! What goes out at the end of a round to sessions on other shards.

use crate::round::Round;
use crate::shards::Shards;
use std::sync::Arc;

/// The host's way to the other shards. What is left in it when it is dropped, with a host that fails, still arrives.
pub(crate) struct Mail {
    pub(crate) round: Arc<Round>,
    pub(crate) shards: Arc<Shards>,
}

impl Mail {
    /// Whether there is anybody to send it to.
    pub(crate) fn is_needed(&self) -> bool {
        self.shards.count() > 1
    }

    /// Hands over what outboxes have noted for other shards.
    pub(crate) async fn send(&self) {
        for (shard, parcel) in self.round.parcels() {
            self.shards.hand_over(shard, parcel).await;
        }
    }
}

impl Drop for Mail {
    fn drop(&mut self) {
        for (shard, parcel) in self.round.parcels() {
            self.shards.leave(shard, parcel);
        }
    }
}
