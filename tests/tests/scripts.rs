//! Runs every script of `scripts/` on the engine, and compares its transcript with the snapshot of
//! the same name.
//!
//! To see what a change does to the transcripts, run with `INSTA_UPDATE=always` and read the diff.

use chat_core::script::Script;
use std::error::Error;
use std::path::Path;

datatest_stable::harness! {
    { test = the_engine_agrees_with_the_snapshot, root = "scripts", pattern = r"^[a-z0-9_]+\.chat$" },
    { test = a_transcript_is_a_script_with_the_same_transcript, root = "scripts", pattern = r"^[a-z0-9_]+\.chat$" },
}

fn the_engine_agrees_with_the_snapshot(path: &Path, source: String) -> Result<(), Box<dyn Error>> {
    let transcript = source.parse::<Script>()?.run();
    let name = path.file_stem().and_then(|stem| stem.to_str()).ok_or("a name in UTF-8")?;
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../snapshots/engine");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, transcript));
    Ok(())
}

fn a_transcript_is_a_script_with_the_same_transcript(
    _: &Path,
    source: String,
) -> Result<(), Box<dyn Error>> {
    let transcript = source.parse::<Script>()?.run();
    let again = transcript.as_str().parse::<Script>()?.run();
    assert_eq!(transcript, again);
    Ok(())
}
