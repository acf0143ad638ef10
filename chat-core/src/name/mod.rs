//! Names of users and channels: what may be one, and when two are the same.

mod channel_name;
mod context;
mod lookalike;
mod nickname;
mod precis;

pub use channel_name::{ChannelName, ChannelNameError};
pub(crate) use lookalike::Skeletons;
pub use nickname::{Nickname, NicknameError};
