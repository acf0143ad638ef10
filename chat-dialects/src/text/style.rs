//! How a user gets a name, and how lines look.

use std::borrow::Cow;

/// A style of the text dialect. Start from one of the three that come built in, and change what you
/// like.
///
/// Templates have their values in braces: `{name}`, `{text}`, `{from}`, `{to}`, `{names}`. What is
/// put in is never looked at again, so that nobody can write a template into a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Style {
    /// How a user gets a name.
    pub naming: Naming,
    /// Somebody joins: `{name}`.
    pub joined: Cow<'static, str>,
    /// Somebody leaves: `{name}`.
    pub left: Cow<'static, str>,
    /// Somebody has another name: `{from}`, `{to}`.
    pub renamed: Cow<'static, str>,
    /// One's own first name: `{name}`. As `joined` if there is none.
    pub own_name: Option<Cow<'static, str>>,
    /// One's own new name: `{from}`, `{to}`. As `renamed` if there is none.
    pub own_rename: Option<Cow<'static, str>>,
    /// A message: `{name}`, `{text}`.
    pub message: Cow<'static, str>,
    /// Something done: `{name}`, `{text}`.
    pub action: Cow<'static, str>,
    /// A notice: `{name}`, `{text}`.
    pub notice: Cow<'static, str>,
    /// Anything else that happens: `{text}`.
    pub system: Cow<'static, str>,
    /// Whether those who are there already are shown to a newcomer, one `joined` line each.
    pub roster: bool,
    /// Whether one's own messages come back.
    pub echo: bool,
    /// Whether messages and what happens begin with `HH:MM:SS ` (UTC).
    pub timestamps: bool,
    /// How users are listed.
    pub users: UserList,
}

/// How a user gets a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Naming {
    /// On connecting: the next free one of `user1`, `user2`, …
    Given,
    /// By being asked: the first line is the name.
    Asked,
    /// By the command `/name`, which a greeting explains.
    Command,
}

/// How users are listed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum UserList {
    /// On one line: `{names}`.
    Line(Cow<'static, str>),
    /// On a line each, under a heading: `{name}`.
    Block {
        /// The line above.
        heading: Cow<'static, str>,
        /// A user's line.
        item: Cow<'static, str>,
    },
}

impl Style {
    /// `[bob]: hi`, names are given, no timestamps.
    pub fn bracket() -> Self {
        Self {
            naming: Naming::Given,
            joined: "* {name} joined the chat".into(),
            left: "* {name} left the chat".into(),
            renamed: "* {from} is now known as {to}".into(),
            own_name: None,
            own_rename: None,
            message: "[{name}]: {text}".into(),
            action: "* {name} {text}".into(),
            notice: "-{name}- {text}".into(),
            system: "* {text}".into(),
            roster: true,
            echo: false,
            timestamps: false,
            users: UserList::Line("* online: {names}".into()),
        }
    }

    /// `[bob] hi`, names are asked for, with timestamps, and one's own messages come back.
    pub fn star() -> Self {
        Self {
            naming: Naming::Asked,
            joined: "** {name} joined **".into(),
            left: "** {name} left **".into(),
            renamed: "** {from} is now known as {to} **".into(),
            own_name: None,
            own_rename: None,
            message: "[{name}] {text}".into(),
            action: "* {name} {text}".into(),
            notice: "-{name}- {text}".into(),
            system: "** {text} **".into(),
            roster: false,
            echo: true,
            timestamps: true,
            users: UserList::Block { heading: "Connected users:".into(), item: "  {name}".into() },
        }
    }

    /// `bob: hi`, names are taken by command, no timestamps.
    pub fn plain() -> Self {
        Self {
            naming: Naming::Command,
            joined: "{name} joined the chat".into(),
            left: "{name} left the chat".into(),
            renamed: "{from} is now known as {to}".into(),
            own_name: Some("You are now known as {name}".into()),
            own_rename: Some("You are now known as {to}".into()),
            message: "{name}: {text}".into(),
            action: "* {name} {text}".into(),
            notice: "-{name}- {text}".into(),
            system: "{text}".into(),
            roster: false,
            echo: false,
            timestamps: false,
            users: UserList::Line("Online users: {names}".into()),
        }
    }

    /// The built-in style of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "bracket" => Self::bracket(),
            "star" => Self::star(),
            "plain" => Self::plain(),
            _ => return None,
        })
    }
}

/// Writes a template with values put in, in one pass. A name in braces that has no value stays as
/// it is.
pub(super) fn fill(template: &str, values: &[(&str, &str)], line: &mut String) {
    let mut rest = template;
    while let Some((before, from_brace)) = split_once(rest, b'{') {
        line.push_str(before);
        let value = split_once(from_brace, b'}').and_then(|(name, after)| {
            let (_, value) = values.iter().find(|(known, _)| *known == name)?;
            Some((*value, after))
        });
        match value {
            Some((value, after)) => {
                line.push_str(value);
                rest = after;
            }
            None => {
                line.push('{');
                rest = from_brace;
            }
        }
    }
    line.push_str(rest);
}

/// Splits a template at the first occurrence of an ASCII byte. Templates are a few bytes long, for
/// which `str::split_once` needs more to begin its search than this for all of it.
fn split_once(template: &str, separator: u8) -> Option<(&str, &str)> {
    let at = template.bytes().position(|byte| byte == separator)?;
    Some((&template[..at], &template[at + 1..]))
}

#[cfg(test)]
mod tests {
    use super::fill;

    fn filled(template: &str, values: &[(&str, &str)]) -> String {
        let mut line = String::new();
        fill(template, values, &mut line);
        line
    }

    #[test]
    fn values_are_not_templates() {
        let values = [("name", "{text}"), ("text", "hi {name}")];
        assert_eq!(filled("[{name}]: {text}", &values), "[{text}]: hi {name}");
    }

    #[test]
    fn other_braces_stay() {
        assert_eq!(filled("{ {nobody} {name", &[("name", "bob")]), "{ {nobody} {name");
    }
}
