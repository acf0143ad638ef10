//! The promise of a commit.

/// The failures that a commit outlasts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Durability {
    /// The end of the process. A loss of power, or of the operating system, may lose the last
    /// second, though never falsify what is older.
    Process,
    /// A loss of power, too: each commit waits for the disk.
    #[default]
    Power,
}
