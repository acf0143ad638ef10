//! Logins in which client and host exchange several messages.

use crate::Secret;
use alloc::string::String;
use alloc::vec::Vec;

/// A login by a mechanism of SASL (RFC 4422) in which client and host exchange several messages,
/// such as SCRAM-SHA-256 (RFC 5802).
///
/// The dialect keeps the messages, and repeats all of them with each message of the client. The
/// messages of the host have to be those that it has sent in this exchange: a dialect must not take
/// them from the client.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct LoginExchange {
    /// The name of the mechanism, such as `SCRAM-SHA-256`.
    pub mechanism: String,
    /// The account, as the client has written it in its first message.
    pub account: String,
    /// The messages so far: those of the client and of the host in turn. The first and the last one
    /// are of the client.
    pub messages: Vec<Secret>,
}

impl LoginExchange {
    /// The most bytes of all messages together. The host is not asked about longer exchanges.
    pub const LONGEST: usize = 8_192;

    /// Begins an exchange with the first message of the client.
    pub fn new(mechanism: impl Into<String>, account: impl Into<String>, first: Secret) -> Self {
        Self { mechanism: mechanism.into(), account: account.into(), messages: alloc::vec![first] }
    }

    /// Returns the bytes of all messages together.
    pub(crate) fn bytes(&self) -> usize {
        self.messages.iter().map(|message| message.expose().len()).sum()
    }
}
