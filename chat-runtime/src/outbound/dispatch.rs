//! Hands the batches of a round to the other shards.

use super::round::Round;
use super::shards::Shards;
use std::sync::Arc;

/// Dispatches batches to the other shards. If the engine task fails, dropping this still dispatches
/// the batches that are left.
pub(crate) struct Dispatch {
    pub(crate) round: Arc<Round>,
    pub(crate) shards: Arc<Shards>,
}

impl Dispatch {
    /// True if there are other shards.
    pub(crate) fn is_needed(&self) -> bool {
        self.shards.count() > 1
    }

    /// Hands over the deliveries that outboxes have collected for other shards.
    pub(crate) async fn send(&self) {
        for (shard, batch) in self.round.take_batches() {
            self.shards.hand_over(shard, batch).await;
        }
    }
}

impl Drop for Dispatch {
    fn drop(&mut self) {
        self.round.abandon();
        for (shard, batch) in self.round.take_batches() {
            self.shards.leave(shard, batch);
        }
    }
}
