//! The two forms of the names and texts of commands: as the client sent them, and checked.

use crate::{ChannelName, Nickname, Nonce, Recipient, Target, Text, UserMask};
use alloc::boxed::Box;
use alloc::string::String;
use core::fmt;

/// The types of the names and texts of a [`Command`](crate::Command), before or after the engine
/// has checked them.
pub trait Words {
    /// The name of a channel.
    type Channel: Clone + fmt::Debug + PartialEq + Eq;
    /// The name of a user.
    type Nickname: Clone + fmt::Debug + PartialEq + Eq;
    /// A mask of users.
    type Mask: Clone + fmt::Debug + PartialEq + Eq;
    /// A message, a topic, a reason, an away text.
    type Text: Clone + fmt::Debug + PartialEq + Eq;
    /// The recipient of a message.
    type Recipient: Clone + fmt::Debug + PartialEq + Eq;
    /// A client's own name for a message.
    type Nonce: Clone + fmt::Debug + PartialEq + Eq;
}

/// Names and texts as the client sent them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unchecked {}

/// Valid names and clean texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Checked {}

impl Words for Unchecked {
    type Channel = String;
    type Nickname = String;
    type Mask = String;
    type Text = String;
    type Recipient = Recipient;
    // Smaller than a `String`: commands are moved often.
    type Nonce = Box<str>;
}

impl Words for Checked {
    type Channel = ChannelName;
    type Nickname = Nickname;
    type Mask = UserMask;
    type Text = Text;
    type Recipient = Target;
    type Nonce = Nonce;
}
