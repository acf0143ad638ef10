//! Each script on the engine alone: its transcript is compared with the snapshot of the same name.

use crate::transcript::snapshot;
use chat_core::script::Script;
use std::error::Error;
use std::path::Path;

pub(crate) fn engine_agrees_with_the_snapshot(
    path: &Path,
    source: String,
) -> Result<(), Box<dyn Error>> {
    snapshot("engine", path, source.parse::<Script>()?.run().as_str())
}

pub(crate) fn transcript_is_a_script_with_the_same_transcript(
    _: &Path,
    source: String,
) -> Result<(), Box<dyn Error>> {
    let transcript = source.parse::<Script>()?.run();
    let again = transcript.as_str().parse::<Script>()?.run();
    assert_eq!(transcript, again);
    Ok(())
}
