//! Writes lines.

use super::form::ELSEWHERE;
use super::style::{Style, fill};
use crate::times::Rfc3339;
use crate::{Form, Frames};
use chat_core::{ChannelName, Timestamp};

/// A writer of lines for one recipient or form.
pub(super) struct LineWriter<'a> {
    pub(super) style: &'a Style,
    pub(super) form: Form,
    pub(super) out: &'a mut Frames,
}

impl LineWriter<'_> {
    pub(super) fn plain(&mut self, line: &str) {
        self.out.push(line);
    }

    /// Writes a line about an event, with its time and its channel if the style and the form ask
    /// for them.
    pub(super) fn line(
        &mut self,
        at: Timestamp,
        channel: Option<&ChannelName>,
        write: impl FnOnce(&mut String),
    ) {
        let elsewhere = channel.filter(|_| self.form == ELSEWHERE);
        self.out.write(|line| {
            if self.style.timestamps {
                push_time(at, line);
            }
            if let Some(channel) = elsewhere {
                line.push_str(&format!("{channel} "));
            }
            write(line);
        });
    }

    pub(super) fn system(&mut self, at: Timestamp, channel: Option<&ChannelName>, text: &str) {
        let template = &self.style.system;
        self.line(at, channel, |line| fill(template, &[("text", text)], line));
    }
}

/// Appends the time of day and a space: `14:03:22 `.
pub(super) fn push_time(at: Timestamp, line: &mut String) {
    line.push_str(Rfc3339::from(at).of_day());
    line.push(' ');
}
