//! Makes a file one of an older format.

/// Removes what versions 8 and 9 have added.
pub(crate) const FORGET_VERSION_8: &str = "
DROP INDEX messages_pinned;
ALTER TABLE messages DROP COLUMN pinned;
DROP TABLE traces;
DROP INDEX messages_by_change;
ALTER TABLE messages DROP COLUMN details;
ALTER TABLE messages DROP COLUMN changed;
ALTER TABLE messages DROP COLUMN changed_for;
";
