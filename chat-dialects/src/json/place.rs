//! The channel or the user of a message or a signal, as fields of an object.

use chat_core::{Recipient, Role, Target};

/// The fields for a target.
pub(super) struct Place<'a> {
    pub(super) channel: Option<&'a str>,
    /// The least role of the members whom a message in the channel is for, if not for all.
    pub(super) role: Option<&'static str>,
    pub(super) to: Option<&'a str>,
}

impl<'a> From<&'a Target> for Place<'a> {
    fn from(target: &'a Target) -> Self {
        let nowhere = Self { channel: None, role: None, to: None };
        match target {
            Target::Channel(channel) => Self { channel: Some(channel.shown()), ..nowhere },
            Target::Members { channel, least } => {
                Self { channel: Some(channel.shown()), role: Some(least.name()), ..nowhere }
            }
            Target::User(nickname) => Self { to: Some(nickname.shown()), ..nowhere },
            _ => nowhere,
        }
    }
}

/// Returns the recipient that a request of type `kind` names; `None` if it names none.
pub(super) fn recipient(
    kind: &str,
    channel: Option<String>,
    role: Option<&str>,
    to: Option<String>,
) -> Result<Option<Recipient>, String> {
    match (channel, role, to) {
        (Some(_), _, Some(_)) => Err(format!("{kind}: give \"channel\" or \"to\", not both")),
        (None, Some(_), _) => Err(format!("{kind}: give \"role\" with \"channel\" only")),
        (Some(channel), None, None) => Ok(Some(Recipient::Channel(channel))),
        (Some(channel), Some(role), None) => {
            let least = Role::from_name(role).ok_or_else(|| {
                let names = "\"owner\", \"operator\", \"voiced\" or \"member\"";
                format!("{kind}: \"role\" must be {names}")
            })?;
            Ok(Some(Recipient::Members { channel, least }))
        }
        (None, None, Some(user)) => Ok(Some(Recipient::User(user))),
        (None, None, None) => Ok(None),
    }
}
