//! The numbers of users, sessions and channels.

/// The numbers of users, sessions and channels of the server (`LUSERS` in IRC).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Counts {
    /// Users.
    pub users: usize,
    /// Users who are [invisible](crate::UserModes::invisible).
    pub invisible: usize,
    /// Users who are server operators.
    pub operators: usize,
    /// Sessions that have no user yet.
    pub newcomers: usize,
    /// Channels, secret ones included.
    pub channels: usize,
    /// The largest number of users at once since the server was started.
    pub most_users: usize,
}
