//! The reasons for which the engine task ends early.

use super::ordered_log::LogFailure;
use chat_store::StoreError;

/// The reason for which the engine task cannot go on.
#[derive(Debug, thiserror::Error)]
pub(crate) enum EngineFailure {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Log(#[from] LogFailure),
}
