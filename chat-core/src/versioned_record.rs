//! Records as they are written to files and logs.

use crate::{Record, Timestamp};
use alloc::format;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};

/// A record with its time and the version of its format, for a file, a log or a network.
///
/// ```
/// use chat_core::{Record, Timestamp, VersionedRecord};
///
/// let record = Record::AccountSeen { account: "al".into() };
/// let written = serde_json::to_string(&VersionedRecord::new(Timestamp::from_millis(7), record))?;
/// assert_eq!(written, r#"{"version":1,"at":7,"record":{"AccountSeen":{"account":"al"}}}"#);
///
/// let newer = written.replace(r#""version":1"#, r#""version":2"#);
/// let error = serde_json::from_str::<VersionedRecord>(&newer).expect_err("an unknown version");
/// assert!(error.to_string().starts_with("the record has version 2"));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct VersionedRecord {
    /// Comes first, so that a reader notices a newer version before the record, which it may not
    /// understand.
    version: Version,
    /// The [time](crate::Effects::at) of the input that caused the record.
    pub at: Timestamp,
    /// The record.
    pub record: Record,
}

impl VersionedRecord {
    /// The version of the format that this crate writes. It reads this one and all earlier ones.
    pub const VERSION: u32 = 1;

    /// Makes a record of the current version.
    pub fn new(at: Timestamp, record: Record) -> Self {
        Self { version: Version(Self::VERSION), at, record }
    }

    /// The version in which it was written.
    pub fn version(&self) -> u32 {
        self.version.0
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
struct Version(u32);

impl<'de> Deserialize<'de> for Version {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let version = u32::deserialize(deserializer)?;
        let known = VersionedRecord::VERSION;
        if (1..=known).contains(&version) {
            return Ok(Self(version));
        }
        Err(D::Error::custom(format!(
            "the record has version {version}, and this program reads versions 1 to {known}: use \
             the version of the program that wrote it, or a newer one"
        )))
    }
}
