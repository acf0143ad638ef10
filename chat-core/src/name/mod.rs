//! Names of users and channels: what may be one, and when two are the same.

mod channel_name;
mod context;
mod forms;
mod lookalike;
mod nickname;
mod precis;

pub use channel_name::{ChannelName, ChannelNameError};
pub(crate) use lookalike::skeletons;
pub use nickname::{Nickname, NicknameError};

use crate::text::BRAILLE_BLANK;
use forms::Forms;

/// Refuses what looks like white space and is a symbol to Unicode. Returns it.
fn check_blank(name: &str) -> Result<(), char> {
    if name.contains(BRAILLE_BLANK) { Err(BRAILLE_BLANK) } else { Ok(()) }
}
