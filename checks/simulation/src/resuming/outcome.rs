//! The outcome of a run.

/// The outcome of a run.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Violations of invariants.
    pub problems: Vec<String>,
    /// Counts of what happened.
    pub counters: Counters,
}

/// Counts of what happened in a run.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counters {
    /// Connections that have resumed.
    pub resumed: usize,
    /// Messages that devices have received, each device counted.
    pub received: usize,
    /// Restarts of the server.
    pub restarts: usize,
    /// Inputs that were lost because the server died before they were committed.
    pub uncommitted: usize,
    /// Questions to the store.
    pub questions: usize,
}
