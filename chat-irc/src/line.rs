//! Parses the lines of clients.

use crate::tags::Tags;

/// A line of a client: a command with its parameters. A prefix is skipped, because it would only
/// repeat the client's own name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line<'a> {
    pub(crate) tags: Tags<'a>,
    /// The command, as the client wrote it.
    pub(crate) command: &'a str,
    pub(crate) params: Vec<&'a str>,
}

/// The reason for which a line is no command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LineError {
    /// The line has nothing in it; it has no answer.
    Empty,
    /// The line, or its tags, are longer than a client may send.
    TooLong,
    /// The line contains a character that no line may contain: a NUL or a line end.
    Nul,
}

/// The most parameters of a command. Those after it belong to the last one (RFC 1459 §2.3).
pub(crate) const MOST_PARAMS: usize = 15;
/// The longest line in bytes, with its line end and without tags (RFC 1459 §2.3).
pub(crate) const LONGEST: usize = 512;
/// The most bytes of the tags of a client, with the `@` and the space (IRCv3 message tags).
const LONGEST_TAGS: usize = 4_096;

impl<'a> Line<'a> {
    /// Parses a line without its line end.
    pub(crate) fn parse(line: &'a str) -> Result<Self, LineError> {
        let line = line.trim_end_matches(['\r', '\n']).trim_start_matches(' ');
        let (tags, rest) = Tags::split(line);
        if tags.0.len() + "@ ".len() > LONGEST_TAGS || rest.len() + 2 > LONGEST {
            return Err(LineError::TooLong);
        }
        if line.contains(['\0', '\r', '\n']) {
            return Err(LineError::Nul);
        }
        let rest = match rest.strip_prefix(':') {
            Some(prefixed) => prefixed.split_once(' ').unwrap_or_default().1,
            None => rest,
        };
        let rest = rest.trim_start_matches(' ');
        let (command, mut rest) = rest.split_once(' ').unwrap_or((rest, ""));
        if command.is_empty() {
            return Err(LineError::Empty);
        }
        let mut params = Vec::new();
        loop {
            rest = rest.trim_start_matches(' ');
            if let Some(last) = rest.strip_prefix(':') {
                params.push(last);
                break;
            }
            if rest.is_empty() {
                break;
            }
            if params.len() + 1 == MOST_PARAMS {
                params.push(rest.trim_end_matches(' '));
                break;
            }
            let (param, after) = rest.split_once(' ').unwrap_or((rest, ""));
            params.push(param);
            rest = after;
        }
        Ok(Self { tags, command, params })
    }

    /// Returns a parameter that is there and not empty.
    pub(crate) fn param(&self, index: usize) -> Option<&'a str> {
        self.params.get(index).copied().filter(|param| !param.is_empty())
    }

    /// Returns the items of a parameter that is a list.
    pub(crate) fn list(&self, index: usize) -> impl Iterator<Item = &'a str> {
        let list = self.param(index).unwrap_or_default();
        list.split(',').filter(|item| !item.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> (String, Vec<String>) {
        let Line { command, params, .. } =
            Line::parse(line).unwrap_or_else(|error| panic!("{line:?}: {error:?}"));
        (command.to_owned(), params.into_iter().map(str::to_owned).collect())
    }

    #[test]
    fn line_has_a_command_and_parameters() {
        for (line, command, params) in [
            ("PING x", "PING", &["x"][..]),
            ("PRIVMSG #a :hello, world", "PRIVMSG", &["#a", "hello, world"]),
            ("PRIVMSG #a ::)", "PRIVMSG", &["#a", ":)"]),
            ("PRIVMSG #a :", "PRIVMSG", &["#a", ""]),
            ("PRIVMSG #a :hi ", "PRIVMSG", &["#a", "hi "]),
            ("  PRIVMSG   #a   hi  ", "PRIVMSG", &["#a", "hi"]),
            (":me!u@h nick  bob\r", "nick", &["bob"]),
            ("@a=b;c :me NICK bob", "NICK", &["bob"]),
            ("@a NICK bob", "NICK", &["bob"]),
            ("TOPIC #a: x:y", "TOPIC", &["#a:", "x:y"]),
        ] {
            let (parsed_command, parsed_params) = parsed(line);
            assert_eq!(
                (parsed_command.as_str(), parsed_params),
                (command, params.iter().map(|param| (*param).to_owned()).collect()),
                "{line}"
            );
        }
    }

    #[test]
    fn parameters_after_the_fifteenth_belong_to_it() {
        let (_, params) = parsed(&format!("X {}", vec!["p"; 200].join(" ")));
        assert_eq!(params.len(), MOST_PARAMS);
        assert_eq!(params[14], vec!["p"; 186].join(" "));
    }

    #[test]
    fn lines_without_a_command_are_empty() {
        for line in ["", " ", "\r", ":prefix", ":prefix ", "@tag", "@tag ", "@tag :prefix  "] {
            assert_eq!(Line::parse(line), Err(LineError::Empty), "{line:?}");
        }
    }

    #[test]
    fn limits_are_those_of_the_specifications() {
        let longest = format!("PING {}", "x".repeat(LONGEST - 7));
        assert!(Line::parse(&longest).is_ok());
        assert_eq!(Line::parse(&format!("{longest}x")), Err(LineError::TooLong));
        let tags = format!("@{}", "x".repeat(LONGEST_TAGS - 2));
        assert!(Line::parse(&format!("{tags} {longest}")).is_ok());
        assert_eq!(Line::parse(&format!("{tags}x PING")), Err(LineError::TooLong));
        assert_eq!(Line::parse("PING a\0b"), Err(LineError::Nul));
        assert_eq!(Line::parse("PING a\rb"), Err(LineError::Nul));
        assert_eq!(Line::parse("PING a\nb"), Err(LineError::Nul));
    }
}
