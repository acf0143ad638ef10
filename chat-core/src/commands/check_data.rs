//! Cleans and limits application data.

use crate::{AppData, Config, DataChange, Refusal, Text};
use alloc::vec::Vec;

/// Cleans the texts of changes, each of which is one line.
pub(super) fn clean(changes: Vec<DataChange>) -> Vec<DataChange<Text>> {
    let clean = |DataChange { key, text }: DataChange| {
        let text = text.map(|text| Text::clean(&text));
        DataChange { key, text }
    };
    changes.into_iter().map(clean).collect()
}

/// Applies the limit to the texts of changes, which a policy may have replaced.
pub(super) fn limit_texts(changes: &mut [DataChange<Text>]) -> Result<(), Refusal> {
    let limit = DataChange::LONGEST_TEXT;
    for text in changes.iter_mut().filter_map(|change| change.text.as_mut()) {
        *text = text.single_line();
        if text.as_str().len() > limit {
            return Err(Refusal::DataTextTooLong { limit });
        }
    }
    Ok(())
}

/// Applies the limit to application data.
pub(super) fn limit(config: &Config, data: &AppData) -> Result<(), Refusal> {
    let limit = config.data_bytes;
    if data.bytes() > limit { Err(Refusal::DataTooLong { limit }) } else { Ok(()) }
}
