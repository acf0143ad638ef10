//! Styles of the text dialect: how a user gets a name, and the templates of lines.

use chat_core::UnknownName;
use std::borrow::Cow;
use std::str::FromStr;

/// A style of the text dialect. Start from one of the three that come built in, and change what you
/// like.
///
/// Templates have their values in braces: `{name}`, `{text}`, `{from}`, `{to}`, `{names}`. Values
/// are not expanded again, so that users cannot put a template into a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Style {
    /// The way in which a user gets a name.
    pub naming: Naming,
    /// Another user joins: `{name}`.
    pub joined: Cow<'static, str>,
    /// Another user leaves: `{name}`.
    pub left: Cow<'static, str>,
    /// Another user changes the nickname: `{from}`, `{to}`.
    pub renamed: Cow<'static, str>,
    /// The reader has got a nickname: `{name}`. `None` uses `joined`.
    pub own_name: Option<Cow<'static, str>>,
    /// The reader has changed the nickname: `{from}`, `{to}`. `None` uses `renamed`.
    pub own_rename: Option<Cow<'static, str>>,
    /// A message: `{name}`, `{text}`.
    pub message: Cow<'static, str>,
    /// An action (`/me`): `{name}`, `{text}`.
    pub action: Cow<'static, str>,
    /// A notice: `{name}`, `{text}`.
    pub notice: Cow<'static, str>,
    /// A message of the server itself: `{text}`. No message of a user may result in the same line:
    /// no nickname contains white space, `:` or, at its beginning, `*`.
    pub server: Cow<'static, str>,
    /// Any other event: `{text}`.
    pub system: Cow<'static, str>,
    /// True if a new user is shown the users in the lobby, with one `joined` line each.
    pub roster: bool,
    /// True if a sender is shown the own message.
    pub echo: bool,
    /// True if lines of messages and events begin with `HH:MM:SS ` (UTC).
    pub timestamps: bool,
    /// The layout of a list of users.
    pub users: UserList,
}

/// The way in which a user gets a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Naming {
    /// The server gives the next free name of `user1`, `user2`, … on connecting.
    Given,
    /// The server asks for it: the first line is the name.
    Asked,
    /// The user gives the command `/name`, which the greeting explains.
    Command,
}

/// The layout of a list of users.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum UserList {
    /// One line for all users: `{names}`.
    Line(Cow<'static, str>),
    /// A heading and one line for each user: `{name}`.
    Block {
        /// The heading.
        heading: Cow<'static, str>,
        /// The line of a user.
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
            server: "* server: {text}".into(),
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
            server: "** server: {text} **".into(),
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
            server: "* server: {text}".into(),
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

/// The built-in style of a name.
impl FromStr for Style {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, UnknownName> {
        Self::from_name(name).ok_or(UnknownName::new("style", "bracket, star or plain"))
    }
}

/// Appends a template with its values in one pass. A name in braces without a value is copied.
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

/// Splits a template at the first occurrence of an ASCII byte. This is faster than
/// `str::split_once` for templates, which are only a few bytes long.
fn split_once(template: &str, separator: u8) -> Option<(&str, &str)> {
    let at = template.bytes().position(|byte| byte == separator)?;
    Some((&template[..at], &template[at + 1..]))
}

#[cfg(test)]
mod tests {
    use super::{Style, fill};

    fn filled(template: &str, values: &[(&str, &str)]) -> String {
        let mut line = String::new();
        fill(template, values, &mut line);
        line
    }

    #[test]
    fn built_in_styles_are_found_by_name() {
        for (name, style) in
            [("bracket", Style::bracket()), ("star", Style::star()), ("plain", Style::plain())]
        {
            assert_eq!(name.parse(), Ok(style));
        }
        let error = "Plain".parse::<Style>().expect_err("names are in lower case");
        assert_eq!(error.to_string(), "unknown style, expected bracket, star or plain");
    }

    #[test]
    fn values_are_not_expanded() {
        let values = [("name", "{text}"), ("text", "hi {name}")];
        assert_eq!(filled("[{name}]: {text}", &values), "[{text}]: hi {name}");
    }

    #[test]
    fn unknown_names_and_lone_braces_stay() {
        assert_eq!(filled("{ {nobody} {name", &[("name", "bob")]), "{ {nobody} {name");
    }
}
