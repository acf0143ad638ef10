//! Messages of several lines that a client sends as a batch (IRCv3 draft/multiline).

use chat_core::AppData;
use chat_dialects::SendLimits;

/// A message whose lines the client is sending.
#[derive(Debug)]
pub(crate) struct Multiline {
    /// The client's name for the batch.
    pub(crate) id: Box<str>,
    /// The channel or user that the message is for, as the client wrote it.
    pub(crate) target: Box<str>,
    /// The tags of the message that are relayed.
    pub(crate) data: AppData,
    /// The labelled response to the message, if it has a label.
    pub(crate) response: Option<u32>,
    /// `PRIVMSG` or `NOTICE`, once there is a line.
    pub(crate) command: Option<&'static str>,
    pub(crate) text: String,
    lines: usize,
    /// True once a line was refused. The rest of the batch is skipped.
    pub(crate) has_failed: bool,
}

/// The reason for which a line does not belong to the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MultilineError {
    /// The line is of another command, or continues the line before with nothing.
    Invalid,
    TooManyLines,
    TooManyBytes,
}

impl Multiline {
    pub(crate) fn new(id: &str, target: &str, data: AppData, response: Option<u32>) -> Self {
        Self {
            id: id.into(),
            target: target.into(),
            data,
            response,
            command: None,
            text: String::new(),
            lines: 0,
            has_failed: false,
        }
    }

    /// Adds a line, which continues the line before if `is_concat` is true.
    pub(crate) fn add(
        &mut self,
        command: &'static str,
        (text, is_concat): (&str, bool),
        limits: &SendLimits,
    ) -> Result<(), MultilineError> {
        let is_other = self.command.is_some_and(|known| known != command);
        if is_other || is_concat && text.is_empty() {
            return Err(MultilineError::Invalid);
        }
        self.command = Some(command);
        if self.lines > 0 && !is_concat {
            self.text.push('\n');
        }
        self.text.push_str(text);
        self.lines += 1;
        if self.lines > limits.message_lines {
            return Err(MultilineError::TooManyLines);
        }
        if self.text.len() > limits.message_bytes {
            return Err(MultilineError::TooManyBytes);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_joined_within_the_limits() {
        let limits = SendLimits { message_bytes: 8, message_lines: 3, ..SendLimits::default() };
        let mut message = Multiline::new("1", "#a", AppData::default(), None);
        assert_eq!(message.add("PRIVMSG", ("a ", false), &limits), Ok(()));
        assert_eq!(message.add("PRIVMSG", ("b", true), &limits), Ok(()));
        assert_eq!(message.add("NOTICE", ("c", false), &limits), Err(MultilineError::Invalid));
        assert_eq!(message.add("PRIVMSG", ("", true), &limits), Err(MultilineError::Invalid));
        assert_eq!(message.add("PRIVMSG", ("", false), &limits), Ok(()));
        assert_eq!(message.text, "a b\n");
        let error = message.add("PRIVMSG", ("", false), &limits);
        assert_eq!(error, Err(MultilineError::TooManyLines));
        let mut long = Multiline::new("1", "#a", AppData::default(), None);
        let error = long.add("PRIVMSG", ("123456789", false), &limits);
        assert_eq!(error, Err(MultilineError::TooManyBytes));
    }
}
