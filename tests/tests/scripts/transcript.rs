//! Transcripts of exchanges, and their snapshots.

use crate::exchange::{Act, Exchange};
use std::error::Error;
use std::path::Path;

/// Returns exchanges as text for diffs. A repeated greeting is shown only once.
pub(crate) fn transcript(exchanges: &[Exchange]) -> String {
    let mut text = String::new();
    let mut greetings: Vec<&[String]> = Vec::new();
    let mut line = |words: String| {
        words.chars().for_each(|c| show(c, &mut text));
        text.push('\n');
    };
    for exchange in exchanges {
        line(exchange.heading.clone());
        for (&session, output) in &exchange.outputs {
            let label = &exchange.labels[session];
            let greeting = matches!(exchange.act, Act::Open { .. }) && output.frames.len() > 10;
            if greeting && greetings.contains(&output.frames.as_slice()) {
                line(format!("    {label} <- (the same {} lines)", output.frames.len()));
                continue;
            }
            if greeting {
                greetings.push(&output.frames);
            }
            for frame in &output.frames {
                // A prompt ends with a space, which is made visible.
                let frame = match frame.strip_suffix(' ') {
                    Some(frame) => format!("{frame}␠"),
                    None => frame.clone(),
                };
                line(format!("    {label} <- {frame}"));
            }
            if output.closed {
                line(format!("    {label} closed"));
            }
        }
    }
    text
}

/// Writes a character; control and bidirectional characters are escaped.
fn show(c: char, out: &mut String) {
    let unseen = matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    if c.is_control() || unseen {
        out.extend(c.escape_unicode());
    } else {
        out.push(c);
    }
}

/// Compares a transcript with the snapshot of its script in a folder of `tests/snapshots`.
pub(crate) fn snapshot(folder: &str, path: &Path, transcript: &str) -> Result<(), Box<dyn Error>> {
    let name = path.file_stem().and_then(|stem| stem.to_str()).ok_or("a name in UTF-8")?;
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(Path::new("../../snapshots").join(folder));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, transcript));
    Ok(())
}
