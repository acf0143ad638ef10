//! From a line to what it asks for.

/// A line that a client has sent. Each but `reg` says who sends it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Request<'a> {
    Register { name: &'a str },
    Create { user: &'a str, name: &'a str },
    Join { user: &'a str, channel: &'a str },
    Leave { user: &'a str, channel: &'a str },
    Send { user: &'a str, channel: &'a str, text: &'a str },
}

/// Why a line is no request: how it would have been one.
pub(super) type Problem = &'static str;

impl<'a> Request<'a> {
    pub(super) fn parse(line: &'a str) -> Result<Self, Problem> {
        let (verb, fields) = line.split_once('$').unwrap_or((line, ""));
        match verb {
            "reg" if !fields.is_empty() => Ok(Self::Register { name: fields }),
            "reg" => Err("expected reg$NAME"),
            "create_chan" => {
                let (user, name) = two(fields).ok_or("expected create_chan$UID$NAME")?;
                Ok(Self::Create { user, name })
            }
            "join" => {
                let (user, channel) = two(fields).ok_or("expected join$UID$CHAN")?;
                Ok(Self::Join { user, channel })
            }
            "leave" => {
                let (user, channel) = two(fields).ok_or("expected leave$UID$CHAN")?;
                Ok(Self::Leave { user, channel })
            }
            "send_msg" => {
                let usage = "expected send_msg$UID$CHAN$TEXT";
                let (user, rest) = two(fields).ok_or(usage)?;
                let (channel, text) = two(rest).ok_or(usage)?;
                Ok(Self::Send { user, channel, text })
            }
            _ => Err("unknown command; there are reg, create_chan, join, leave and send_msg"),
        }
    }

    /// Who sends it, as the line says.
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

/// The first field and the rest, in which there may be more `$`.
fn two(fields: &str) -> Option<(&str, &str)> {
    fields.split_once('$').filter(|(first, rest)| !first.is_empty() && !rest.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_may_contain_the_sign_between_fields() {
        assert_eq!(
            Request::parse("send_msg$1.2.3.4:5$lobby$it is $5$"),
            Ok(Request::Send { user: "1.2.3.4:5", channel: "lobby", text: "it is $5$" })
        );
    }

    #[test]
    fn what_lacks_a_field_is_refused_with_its_form() {
        for line in ["reg", "reg$", "create_chan$1", "join$1$", "leave$$x", "send_msg$1$2", "hi"] {
            assert!(Request::parse(line).is_err(), "{line}");
        }
    }
}
