//! The modes of users: their wishes that are no part of their identity, and their rights.

/// The modes of a user. A new user has none. They end when the user quits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct UserModes {
    /// Lists of users and members do not show the user to others who share no channel with it,
    /// unless they are server operators (`+i` in IRC). A [look-up](crate::Query::User) of the
    /// nickname does.
    pub invisible: bool,
    /// The user is sent the [announcements](crate::OperatorCommand::Announce) of server operators
    /// (`+w` in IRC). Server operators are sent them anyway.
    pub announcements: bool,
    /// The user is a server operator, by its [login](crate::UserCommand::BecomeOperator) or by its
    /// [account](crate::Config::server_operators) (`+o` in IRC).
    pub operator: bool,
}

/// A change of a user's modes by its own client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum UserModeChange {
    /// Sets [`UserModes::invisible`].
    Invisible(bool),
    /// Sets [`UserModes::announcements`].
    Announcements(bool),
    /// Gives up the rights of a [login](crate::UserCommand::BecomeOperator). Those of an account
    /// stay.
    NoOperator,
}
