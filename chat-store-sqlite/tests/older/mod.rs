//! Makes a file one of an older format.

/// Removes what version 8 has added.
pub(crate) const FORGET_VERSION_8: &str = "
DROP TABLE traces;
DROP INDEX messages_by_change;
ALTER TABLE messages DROP COLUMN details;
ALTER TABLE messages DROP COLUMN changed;
ALTER TABLE messages DROP COLUMN changed_for;
";
