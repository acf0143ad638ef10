//! Parses lines as requests.

/// A line from a client. Each except `reg` contains the id of its sender.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Request<'a> {
    Register { name: &'a str },
    Create { user: &'a str, name: &'a str },
    Join { user: &'a str, channel: &'a str },
    Leave { user: &'a str, channel: &'a str },
    Send { user: &'a str, channel: &'a str, text: &'a str },
}

/// The problem of an invalid line, with the expected form.
pub(super) type Problem = &'static str;

impl<'a> Request<'a> {
    pub(super) fn parse(line: &'a str) -> Result<Self, Problem> {
        let (verb, fields) = line.split_once('$').unwrap_or((line, ""));
        match verb {
            "reg" if !fields.is_empty() => Ok(Self::Register { name: fields }),
            "reg" => Err("expected reg$NAME"),
            "create_chan" => {
                let (user, name) = split_field(fields).ok_or("expected create_chan$UID$NAME")?;
                Ok(Self::Create { user, name })
            }
            "join" => {
                let (user, channel) = split_field(fields).ok_or("expected join$UID$CHAN")?;
                Ok(Self::Join { user, channel })
            }
            "leave" => {
                let (user, channel) = split_field(fields).ok_or("expected leave$UID$CHAN")?;
                Ok(Self::Leave { user, channel })
            }
            "send_msg" => {
                let usage = "expected send_msg$UID$CHAN$TEXT";
                let (user, rest) = split_field(fields).ok_or(usage)?;
                let (channel, text) = split_field(rest).ok_or(usage)?;
                Ok(Self::Send { user, channel, text })
            }
            _ => Err("unknown command; there are reg, create_chan, join, leave and send_msg"),
        }
    }

    /// Returns the id of the sender, as the line has it.
    pub(super) fn user(&self) -> Option<&'a str> {
        match self {
            Self::Register { .. } => None,
            Self::Create { user, .. }
            | Self::Join { user, .. }
            | Self::Leave { user, .. }
            | Self::Send { user, .. } => Some(user),
        }
    }
}

/// Splits off the first field. The rest may contain more `$`.
fn split_field(fields: &str) -> Option<(&str, &str)> {
    fields.split_once('$').filter(|(first, rest)| !first.is_empty() && !rest.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_may_contain_the_separator() {
        assert_eq!(
            Request::parse("send_msg$1.2.3.4:5$lobby$it is $5$"),
            Ok(Request::Send { user: "1.2.3.4:5", channel: "lobby", text: "it is $5$" })
        );
    }

    #[test]
    fn line_with_missing_fields_is_refused() {
        for line in ["reg", "reg$", "create_chan$1", "join$1$", "leave$$x", "send_msg$1$2", "hi"] {
            assert!(Request::parse(line).is_err(), "{line}");
        }
    }
}
