//! Roles and statuses: the rights of a member in a channel.

use crate::UnknownName;
use core::fmt;
use core::str::FromStr;

/// A right that a member can be given; a member may have several.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum Status {
    /// The member may speak in a moderated channel.
    Voiced,
    /// The member may also kick, ban, mute, invite, and change modes and roles.
    Operator,
    /// The member may also give and take ownership. The user who creates a channel owns it.
    Owner,
}

/// The statuses of a member.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct StatusSet(u8);

/// The highest status of a member.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum Role {
    /// A member without a status.
    #[default]
    Member,
    /// [`Status::Voiced`].
    Voiced,
    /// [`Status::Operator`].
    Operator,
    /// [`Status::Owner`].
    Owner,
}

/// A change of a member's statuses by a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum StatusChange {
    /// Adds one status and leaves the others alone.
    Grant(Status),
    /// Takes one status and leaves the others alone.
    Revoke(Status),
    /// Leaves the member with this role and nothing else.
    Become(Role),
}

impl StatusSet {
    /// Adds a status.
    pub fn insert(&mut self, status: Status) {
        self.0 |= bit(status);
    }

    /// Takes a status away.
    pub fn remove(&mut self, status: Status) {
        self.0 &= !bit(status);
    }

    /// Returns true if the set contains the status.
    pub fn contains(self, status: Status) -> bool {
        self.0 & bit(status) != 0
    }

    /// Returns the statuses in the set, the highest first.
    pub fn iter(self) -> impl Iterator<Item = Status> {
        [Status::Owner, Status::Operator, Status::Voiced]
            .into_iter()
            .filter(move |&status| self.contains(status))
    }

    /// The role of the highest status.
    pub fn role(self) -> Role {
        if self.contains(Status::Owner) {
            Role::Owner
        } else if self.contains(Status::Operator) {
            Role::Operator
        } else if self.contains(Status::Voiced) {
            Role::Voiced
        } else {
            Role::Member
        }
    }

    /// Returns the statuses after a change.
    #[must_use]
    pub fn changed(mut self, change: StatusChange) -> Self {
        match change {
            StatusChange::Grant(status) => self.insert(status),
            StatusChange::Revoke(status) => self.remove(status),
            StatusChange::Become(role) => {
                self = Self::default();
                if let Some(status) = role.status() {
                    self.insert(status);
                }
            }
        }
        self
    }
}

impl Status {
    /// The status's name, in lower case: the name of its role.
    pub fn name(self) -> &'static str {
        Role::from(self).name()
    }

    /// The status of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Role::from_name(name).and_then(Role::status)
    }
}

impl Role {
    /// The status that makes this role; a plain member has none.
    pub fn status(self) -> Option<Status> {
        match self {
            Self::Member => None,
            Self::Voiced => Some(Status::Voiced),
            Self::Operator => Some(Status::Operator),
            Self::Owner => Some(Status::Owner),
        }
    }

    /// The role's name, in lower case.
    pub fn name(self) -> &'static str {
        match self {
            Self::Member => "member",
            Self::Voiced => "voiced",
            Self::Operator => "operator",
            Self::Owner => "owner",
        }
    }

    /// The role of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Member, Self::Voiced, Self::Operator, Self::Owner]
            .into_iter()
            .find(|role| role.name() == name)
    }
}

impl From<Status> for Role {
    fn from(status: Status) -> Self {
        match status {
            Status::Voiced => Self::Voiced,
            Status::Operator => Self::Operator,
            Status::Owner => Self::Owner,
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Status {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, UnknownName> {
        let unknown = UnknownName::new("status", "voiced, operator or owner");
        Self::from_name(name).ok_or(unknown)
    }
}

impl FromStr for Role {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, UnknownName> {
        let unknown = UnknownName::new("role", "member, voiced, operator or owner");
        Self::from_name(name).ok_or(unknown)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

fn bit(status: Status) -> u8 {
    match status {
        Status::Voiced => 1,
        Status::Operator => 2,
        Status::Owner => 4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn names_are_read_as_they_are_written() {
        for role in [Role::Member, Role::Voiced, Role::Operator, Role::Owner] {
            assert_eq!(role.to_string().parse(), Ok(role));
        }
        for status in [Status::Voiced, Status::Operator, Status::Owner] {
            assert_eq!(status.to_string().parse(), Ok(status));
        }
        for name in ["", "Owner", " owner", "admin"] {
            assert!(name.parse::<Role>().is_err(), "{name:?}");
            assert!(name.parse::<Status>().is_err(), "{name:?}");
        }
        let error = "member".parse::<Status>().expect_err("a plain member has no status");
        assert_eq!(error.to_string(), "unknown status, expected voiced, operator or owner");
    }
}
