//! Each script on the engine alone: its transcript is compared with the snapshot of the same name.

use chat_core::script::Script;
use std::error::Error;
use std::path::Path;

pub(crate) fn engine_agrees_with_the_snapshot(
    path: &Path,
    source: String,
) -> Result<(), Box<dyn Error>> {
    let transcript = source.parse::<Script>()?.run();
    let name = path.file_stem().and_then(|stem| stem.to_str()).ok_or("a name in UTF-8")?;
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../../snapshots/engine");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, transcript));
    Ok(())
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
