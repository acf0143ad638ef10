//! Tags of clients, whose keys begin with `+`: the server relays them (IRCv3 message tags).

use crate::message_id::WireId;
use crate::tags::{Escaped, Tags};
use chat_core::{AppData, AppDataError};
use std::fmt::Write;

/// Reads the tags of a line that are relayed, as application data. Tags whose keys cannot be those
/// of application data are skipped.
pub(crate) fn read(tags: Tags<'_>) -> Result<AppData, AppDataError> {
    let is_key = |key: &str| AppData::new([(key, "")]).is_ok();
    AppData::new(tags.iter().filter(|(key, _)| key.starts_with('+') && is_key(key)))
}

/// Writes the tag of a reply, and the application data that are tags, up to the length that tags of
/// clients may have: programs may have set more.
pub(crate) fn write(text: &mut String, sign: &mut char, reply: Option<WireId>, data: &AppData) {
    let end = text.len() + LONGEST;
    if let Some(parent) = reply {
        text.push(std::mem::replace(sign, ';'));
        text.push_str(REPLY);
        text.push('=');
        parent.append(text);
    }
    let is_repeated = |key: &str| reply.is_some() && key == REPLY;
    for (key, value) in data.iter().filter(|(key, _)| key.starts_with('+') && !is_repeated(key)) {
        let start = text.len();
        let equals = if value.is_empty() { "" } else { "=" };
        // Writing to a string cannot fail.
        let _ = write!(text, "{sign}{key}{equals}{}", Escaped(value));
        if text.len() > end {
            text.truncate(start);
            return;
        }
        *sign = ';';
    }
}

/// The tag of a reply, whose value is the id of the message that it replies to.
pub(crate) const REPLY: &str = "+draft/reply";

/// The tag of a reaction, whose value is the emoji.
pub(crate) const REACT: &str = "+draft/react";
/// The tag of the removal of a reaction.
pub(crate) const UNREACT: &str = "+draft/unreact";

/// The most bytes of tags that a server relays, with the sign before them.
const LONGEST: usize = 4_095;

#[cfg(test)]
mod tests {
    use super::*;

    fn written(data: &AppData) -> (String, char) {
        let (mut text, mut sign) = (String::new(), '@');
        write(&mut text, &mut sign, None, data);
        (text, sign)
    }

    #[test]
    fn tags_with_a_plus_are_relayed() {
        let line = "@label=1;+draft/reply=a\\:b;+typing;a=b;+=x;+a b=c;+é=x;time=now TAGMSG #a";
        let data = read(Tags::split(line).0).expect("few tags");
        assert_eq!(written(&data), ("@+a;+draft/reply=a\\:b;+typing".to_owned(), ';'));
        assert_eq!(written(&AppData::default()), (String::new(), '@'));
        let many: Vec<_> = (0..=AppData::MOST_ENTRIES).map(|index| format!("+{index}")).collect();
        assert_eq!(read(Tags(&many.join(";"))), Err(AppDataError::TooManyEntries));
    }

    #[test]
    fn reply_has_one_tag() {
        let data = AppData::new([(REPLY, "other"), ("+a", "1")]).expect("valid keys");
        let parent = WireId::parse("ff-a").expect("an id");
        let (mut text, mut sign) = (String::new(), '@');
        write(&mut text, &mut sign, Some(parent), &data);
        assert_eq!((&*text, sign), ("@+draft/reply=ff-a;+a=1", ';'));
    }

    #[test]
    fn tags_beyond_the_limit_are_left_out() {
        let data = |len| AppData::new([("+a", "1"), ("+b", &*"x".repeat(len)), ("a", "1")]);
        let (longest, _) = written(&data(LONGEST - "@+a=1;+b=".len()).expect("valid keys"));
        assert_eq!(longest.len(), LONGEST);
        let longer = data(LONGEST - "@+a=1;+b=".len() + 1).expect("valid keys");
        assert_eq!(written(&longer), ("@+a=1".to_owned(), ';'));
    }
}
