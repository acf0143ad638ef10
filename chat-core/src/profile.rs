//! The properties of a user that its client chooses, apart from the nickname.

use alloc::string::String;

/// The properties that a client gives when it takes a nickname. A property that the host has given
/// with the [`Peer`](crate::Peer) wins.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Profile<T = String> {
    /// The name of the user on its own machine, as in IRC: at most
    /// [`Config::username_bytes`](crate::Config::username_bytes), without white space, `!` and `@`.
    pub username: Option<T>,
    /// The person's name: at most [`Config::real_name_bytes`](crate::Config::real_name_bytes).
    pub real_name: Option<T>,
    /// True if the user is a program.
    pub bot: bool,
}

/// A change of the properties that a client chooses.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum ProfileChange<T = String> {
    /// Sets or removes the person's name.
    RealName(Option<T>),
    /// Marks the user as a program, or as a person.
    Bot(bool),
}

impl<T> Default for Profile<T> {
    fn default() -> Self {
        Self { username: None, real_name: None, bot: false }
    }
}

impl<T> ProfileChange<T> {
    /// The text that others are shown, if there is one.
    pub(crate) fn text_mut(&mut self) -> Option<&mut T> {
        match self {
            Self::RealName(name) => name.as_mut(),
            Self::Bot(_) => None,
        }
    }
}
