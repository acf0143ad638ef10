//! Capabilities, which a client asks for with `CAP` (IRCv3 capability negotiation).

use chat_dialects::Features;

/// A set of capabilities. As a [`Form`](chat_dialects::Form) it says how a client reads an event.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Capabilities(pub(crate) u32);

impl Capabilities {
    pub(crate) const SERVER_TIME: Self = Self(1);
    pub(crate) const MESSAGE_TAGS: Self = Self(1 << 1);
    pub(crate) const ACCOUNT_TAG: Self = Self(1 << 2);
    pub(crate) const EXTENDED_JOIN: Self = Self(1 << 3);
    pub(crate) const AWAY_NOTIFY: Self = Self(1 << 4);
    pub(crate) const ACCOUNT_NOTIFY: Self = Self(1 << 5);
    pub(crate) const CHGHOST: Self = Self(1 << 6);
    pub(crate) const SETNAME: Self = Self(1 << 7);
    pub(crate) const ECHO_MESSAGE: Self = Self(1 << 8);
    pub(crate) const MULTI_PREFIX: Self = Self(1 << 9);
    pub(crate) const USERHOST_IN_NAMES: Self = Self(1 << 10);
    pub(crate) const CAP_NOTIFY: Self = Self(1 << 11);
    pub(crate) const STANDARD_REPLIES: Self = Self(1 << 12);
    pub(crate) const NO_IMPLICIT_NAMES: Self = Self(1 << 13);
    pub(crate) const SASL: Self = Self(1 << 14);
    pub(crate) const BATCH: Self = Self(1 << 15);
    pub(crate) const LABELED_RESPONSE: Self = Self(1 << 16);
    pub(crate) const ACCOUNT_REGISTRATION: Self = Self(1 << 17);
    pub(crate) const CHATHISTORY: Self = Self(1 << 18);
    pub(crate) const READ_MARKER: Self = Self(1 << 19);
    pub(crate) const PRE_AWAY: Self = Self(1 << 20);
    pub(crate) const MULTILINE: Self = Self(1 << 21);
    pub(crate) const EXTENDED_MONITOR: Self = Self(1 << 22);
    pub(crate) const EVENT_PLAYBACK: Self = Self(1 << 23);
    pub(crate) const MESSAGE_REDACTION: Self = Self(1 << 24);
    pub(crate) const METADATA: Self = Self(1 << 25);

    /// The capabilities that change the tags of a line.
    pub(crate) const TAGS: Self =
        Self(Self::SERVER_TIME.0 | Self::MESSAGE_TAGS.0 | Self::ACCOUNT_TAG.0);

    /// Returns true if all capabilities of the other set are in this one.
    pub(crate) fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    pub(crate) const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(crate) fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Returns the capability of a name.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        NAMES.iter().find(|(known, _)| *known == name).map(|(_, capability)| *capability)
    }

    /// Returns the names of the capabilities in the set.
    pub(crate) fn names(self) -> impl Iterator<Item = &'static str> {
        NAMES.iter().filter(move |(_, capability)| self.has(*capability)).map(|(name, _)| *name)
    }

    /// Returns the capabilities of a server, depending on its accounts.
    pub(crate) fn offered(features: Features) -> Self {
        let all = NAMES.iter().fold(Self::default(), |all, (_, capability)| all.with(*capability));
        let all = if features.accounts { all } else { all.without(Self::SASL) };
        if features.registration { all } else { all.without(Self::ACCOUNT_REGISTRATION) }
    }
}

/// The names of all capabilities. Drafts come first, because some clients read only the last line
/// of a list.
const NAMES: [(&str, Capabilities); 26] = [
    ("draft/account-registration", Capabilities::ACCOUNT_REGISTRATION),
    ("draft/chathistory", Capabilities::CHATHISTORY),
    ("draft/event-playback", Capabilities::EVENT_PLAYBACK),
    ("draft/message-redaction", Capabilities::MESSAGE_REDACTION),
    ("draft/metadata-3", Capabilities::METADATA),
    ("draft/multiline", Capabilities::MULTILINE),
    ("draft/pre-away", Capabilities::PRE_AWAY),
    ("draft/read-marker", Capabilities::READ_MARKER),
    ("account-notify", Capabilities::ACCOUNT_NOTIFY),
    ("account-tag", Capabilities::ACCOUNT_TAG),
    ("away-notify", Capabilities::AWAY_NOTIFY),
    ("batch", Capabilities::BATCH),
    ("cap-notify", Capabilities::CAP_NOTIFY),
    ("chghost", Capabilities::CHGHOST),
    ("echo-message", Capabilities::ECHO_MESSAGE),
    ("extended-join", Capabilities::EXTENDED_JOIN),
    ("extended-monitor", Capabilities::EXTENDED_MONITOR),
    ("labeled-response", Capabilities::LABELED_RESPONSE),
    ("message-tags", Capabilities::MESSAGE_TAGS),
    ("multi-prefix", Capabilities::MULTI_PREFIX),
    ("no-implicit-names", Capabilities::NO_IMPLICIT_NAMES),
    ("sasl", Capabilities::SASL),
    ("server-time", Capabilities::SERVER_TIME),
    ("setname", Capabilities::SETNAME),
    ("standard-replies", Capabilities::STANDARD_REPLIES),
    ("userhost-in-names", Capabilities::USERHOST_IN_NAMES),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capabilities_do_not_overlap() {
        let mut all = Capabilities::default();
        for (name, capability) in NAMES {
            assert!(capability.0.is_power_of_two(), "{name}");
            assert_eq!(all.0 & capability.0, 0, "{name}");
            all = all.with(capability);
        }
    }
}
