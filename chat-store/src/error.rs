//! Errors of stores.

/// The error of a store. Its text is one line for people: the problem and the remedy.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// There is no room. The store is as before, and the operation may be repeated later.
    #[error("no room for the store: {0}")]
    Full(String),
    /// The store cannot be opened: it is in use, damaged, of another format, or not allowed.
    #[error("{0}")]
    Unusable(String),
    /// Reading or writing has failed. The store must be opened anew: it is not known which part of
    /// the operation is on the disk, and nothing else may be committed on top of it.
    #[error("the store has failed: {0}")]
    Failed(String),
}

impl StoreError {
    /// Returns true if the same operation may succeed later.
    pub fn is_temporary(&self) -> bool {
        matches!(self, Self::Full(_))
    }
}
