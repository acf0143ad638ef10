//! Waits for optional deadlines.

use tokio::time::{Instant, sleep_until};

/// Completes at a time, or never without one. Cancel-safe.
pub(super) async fn until(at: Option<Instant>) {
    match at {
        Some(at) => sleep_until(at).await,
        None => std::future::pending().await,
    }
}
