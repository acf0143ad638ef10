//! Credentials: the text that the store keeps instead of a password.

use crate::argon2id::Argon2id;
use crate::scram::{ScramVerifier, StoredScram};
use chat_core::Secret;
use serde::{Deserialize, Serialize};
use std::fmt;
use thiserror::Error;

/// The part of a password that is kept to verify it later: an argon2id hash (RFC 9106), and
/// perhaps a verifier for SCRAM-SHA-256 (RFC 7677).
///
/// As a [text](Self::to_secret) this is an object in JSON with these fields:
///
/// | field | contents |
/// | --- | --- |
/// | `v` | the version of the format, 1 |
/// | `argon2id` | the hash in the PHC string format, such as `$argon2id$v=19$m=19456,t=2,p=1$…$…` |
/// | `scram-sha-256` | `iterations`, and `salt`, `stored_key`, `server_key` in base64; optional |
#[derive(Clone, PartialEq)]
pub struct Credentials {
    pub(crate) argon2id: Argon2id,
    pub(crate) scram: Option<ScramVerifier>,
}

impl Credentials {
    /// Reads what [`to_secret`](Self::to_secret) has written.
    ///
    /// # Errors
    ///
    /// If the text is of a newer version, is damaged, or asks for so much work that no program
    /// would have written it: more than 256 MiB of memory, 64 passes or 64 lanes.
    pub fn parse(text: &Secret) -> Result<Self, CredentialsError> {
        // The errors of the parser could show a part of the hash.
        let text = text.expose();
        let AnyVersion { v } =
            serde_json::from_str(text).map_err(|_| CredentialsError::Malformed)?;
        if v != VERSION {
            return Err(CredentialsError::UnknownVersion { version: v });
        }
        let stored: Stored = serde_json::from_str(text).map_err(|_| CredentialsError::Malformed)?;
        let argon2id = Argon2id::parse(&stored.argon2id).ok_or(CredentialsError::UnknownHash)?;
        let scram = match stored.scram {
            Some(scram) => {
                Some(ScramVerifier::parse(&scram).ok_or(CredentialsError::InvalidScram)?)
            }
            None => None,
        };
        Ok(Self { argon2id, scram })
    }

    /// Makes credentials of a hash in the PHC string format, such as
    /// `$argon2id$v=19$m=19456,t=2,p=1$…$…`, without a verifier for SCRAM.
    ///
    /// # Errors
    ///
    /// [`CredentialsError::UnknownHash`] if it is none of argon2id, or asks for too much work.
    pub fn from_hash(phc: &Secret) -> Result<Self, CredentialsError> {
        let argon2id = Argon2id::parse(phc.expose()).ok_or(CredentialsError::UnknownHash)?;
        Ok(Self { argon2id, scram: None })
    }

    /// Returns the hash in the PHC string format.
    pub fn hash(&self) -> Secret {
        Secret::new(self.argon2id.to_string())
    }

    /// Writes the text that is stored, of at most a few hundred bytes.
    pub fn to_secret(&self) -> Secret {
        let stored = Stored {
            v: VERSION,
            argon2id: self.argon2id.to_string(),
            scram: self.scram.as_ref().map(ScramVerifier::stored),
        };
        Secret::new(serde_json::to_string(&stored).expect("texts and numbers can be written"))
    }

    /// Returns the verifier for SCRAM-SHA-256, if one was made.
    pub fn scram(&self) -> Option<&ScramVerifier> {
        self.scram.as_ref()
    }
}

/// Does not show the hash.
impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { argon2id: _, scram } = self;
        f.debug_struct("Credentials").field("scram", scram).finish_non_exhaustive()
    }
}

/// The reason why stored credentials cannot be used. No part of them is in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CredentialsError {
    /// Another version of this program has written them.
    #[error(
        "the stored credentials have the format {version}, and this program reads format 1: use \
         the version of the program that has written them, or a newer one"
    )]
    UnknownVersion {
        /// The version of their format.
        version: u64,
    },
    /// They are no object with the fields of their version.
    #[error(
        "the stored credentials are not in the expected format: set a new password for the account"
    )]
    Malformed,
    /// The hash is not one of argon2id, or its parameters are out of range.
    #[error(
        "the stored hash is none of argon2id (version 19) with parameters within the limits: set a \
         new password for the account"
    )]
    UnknownHash,
    /// The keys for SCRAM have the wrong length, or too few iterations.
    #[error("the stored keys for SCRAM-SHA-256 are damaged: set a new password for the account")]
    InvalidScram,
}

#[derive(Deserialize)]
struct AnyVersion {
    v: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    v: u64,
    argon2id: String,
    #[serde(rename = "scram-sha-256", default, skip_serializing_if = "Option::is_none")]
    scram: Option<StoredScram>,
}

/// The version of the format.
const VERSION: u64 = 1;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const STORED: &str = concat!(
        r#"{"v":1,"#,
        r#""argon2id":"$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$"#,
        r#"CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc","#,
        r#""scram-sha-256":{"iterations":4096,"salt":"W22ZaJ0SNY7soEsUEjb6gQ==","#,
        r#""stored_key":"WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=","#,
        r#""server_key":"wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU="}}"#
    );

    fn parse(text: impl AsRef<str>) -> Result<Credentials, CredentialsError> {
        Credentials::parse(&Secret::new(text.as_ref()))
    }

    #[test]
    fn stored_text_is_read_and_written() {
        assert_eq!(parse(STORED).unwrap().to_secret(), Secret::new(STORED));
        let (without, _) = STORED.split_once(r#","scram"#).unwrap();
        let without = format!("{without}}}");
        let credentials = parse(&without).unwrap();
        assert_eq!(credentials.scram(), None);
        assert_eq!(credentials.to_secret(), Secret::new(without));
    }

    #[test]
    fn newer_version_is_a_clear_error() {
        let newer = r#"{"v":2,"argon3":"…"}"#;
        assert_eq!(
            parse(newer).unwrap_err().to_string(),
            "the stored credentials have the format 2, and this program reads format 1: use the \
             version of the program that has written them, or a newer one"
        );
    }

    #[test]
    fn damaged_texts_are_refused() {
        use CredentialsError::{InvalidScram, Malformed, UnknownHash};
        for (from, to, refusal) in [
            (STORED, "", Malformed),
            (STORED, "null", Malformed),
            (STORED, "[1]", Malformed),
            (STORED, r#"{"v":1}"#, Malformed),
            (STORED, r#"{"v":-1}"#, Malformed),
            (STORED, r#"{"v":"1"}"#, Malformed),
            (r#"{"v":1,"#, r#"{"v":1,"bcrypt":"","#, Malformed),
            ("}}", "}", Malformed),
            (r#""iterations":4096"#, r#""iterations":-1"#, Malformed),
            (r#""iterations":4096"#, r#""iterations":4096,"rounds":1"#, Malformed),
            ("argon2id$", "argon2d$", UnknownHash),
            ("m=65536", "m=4000000000", UnknownHash),
            ("4096", "4095", InvalidScram),
            ("W22ZaJ0SNY7soEsUEjb6gQ==", "", InvalidScram),
            ("W22ZaJ0SNY7soEsUEjb6gQ==", "W22ZaJ0SNY7soEsUEjb6gQ", InvalidScram),
            ("4qY=", "4qY", InvalidScram),
            ("2dU=", "2dUA", InvalidScram),
            ("WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=", "", InvalidScram),
        ] {
            assert!(STORED.contains(from), "{from}");
            assert_eq!(parse(STORED.replace(from, to)), Err(refusal), "{from} → {to}");
        }
    }

    #[test]
    fn debug_shows_no_key() {
        let shown = format!("{:?}", parse(STORED).unwrap());
        assert_eq!(
            shown,
            "Credentials { scram: Some(ScramVerifier { iterations: 4096, .. }), .. }"
        );
    }

    proptest! {
        #[test]
        fn reading_never_panics(
            text in any::<String>(),
            at in 0..STORED.len(),
            byte in any::<char>(),
        ) {
            let _ = parse(text);
            let _ = parse(format!("{}{byte}{}", &STORED[..at], &STORED[at + 1..]));
            let _ = parse(&STORED[..at]);
        }
    }
}
