//! Commands of users about themselves.

use crate::engine_words::{CHANNELS, TEXTS, some};
use arbitrary::{Result, Unstructured};
use chat_core::{Command, DataChange};

/// Generates a change of the away text, or of application data of the user or a channel.
pub(crate) fn own_properties(source: &mut Unstructured<'_>) -> Result<Command> {
    if source.arbitrary()? {
        return Ok(Command::SetAway { message: some(source, TEXTS)? });
    }
    let change = |source: &mut Unstructured<'_>| {
        let key = source.choose(&["status", "avatar", "rank", ""]).copied()?.into();
        Ok(DataChange { key, text: some(source, TEXTS)? })
    };
    let changes = vec![change(source)?, change(source)?];
    Ok(Command::SetData { channel: some(source, CHANNELS)?, changes })
}
