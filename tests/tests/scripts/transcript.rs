//! What was told as text, and snapshots of it.

use crate::moment::{Act, Moment};
use std::error::Error;
use std::path::Path;

/// Moments as text, to be read in a diff. A greeting that comes again is not shown again.
pub(crate) fn transcript(moments: &[Moment]) -> String {
    let mut text = String::new();
    let mut greetings: Vec<&[String]> = Vec::new();
    let mut line = |words: String| {
        words.chars().for_each(|c| show(c, &mut text));
        text.push('\n');
    };
    for moment in moments {
        line(moment.heading.clone());
        for (&session, told) in &moment.told {
            let label = &moment.labels[session];
            let greeting = matches!(moment.act, Act::Open { .. }) && told.frames.len() > 10;
            if greeting && greetings.contains(&told.frames.as_slice()) {
                line(format!("    {label} <- (the same {} lines)", told.frames.len()));
                continue;
            }
            if greeting {
                greetings.push(&told.frames);
            }
            for frame in &told.frames {
                // A prompt ends with a space, which should be seen.
                let frame = match frame.strip_suffix(' ') {
                    Some(frame) => format!("{frame}␠"),
                    None => frame.clone(),
                };
                line(format!("    {label} <- {frame}"));
            }
            if told.closed {
                line(format!("    {label} closed"));
            }
        }
    }
    text
}

/// Writes a character so that it can be seen in a diff and does nothing to it.
fn show(c: char, out: &mut String) {
    let unseen = matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    if c.is_control() || unseen {
        out.extend(c.escape_unicode());
    } else {
        out.push(c);
    }
}

pub(crate) fn snapshot(folder: &str, path: &Path, transcript: &str) -> Result<(), Box<dyn Error>> {
    let name = path.file_stem().and_then(|stem| stem.to_str()).ok_or("a name in UTF-8")?;
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(format!("../../snapshots/dialects/{folder}"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, transcript));
    Ok(())
}
