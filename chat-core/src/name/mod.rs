//! Names of users and channels: validation and comparison.

mod channel_name;
mod context;
mod forms;
mod lookalike;
mod nickname;
mod precis;

pub use channel_name::{ChannelName, ChannelNameError};
pub(crate) use lookalike::{Look, looks};
pub use nickname::{Nickname, NicknameError};

use crate::text::BRAILLE_BLANK;
use forms::Forms;

/// Refuses characters that look like white space although Unicode classifies them as symbols.
/// Returns the character as the error.
fn check_blank(name: &str) -> Result<(), char> {
    if name.contains(BRAILLE_BLANK) { Err(BRAILLE_BLANK) } else { Ok(()) }
}
