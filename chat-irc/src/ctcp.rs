//! CTCP: requests to the program of another user, such as `VERSION`, and its replies.

use chat_core::AppData;

/// A request or a reply. It is a signal, of which only clients of IRC show something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ctcp<'a> {
    pub(crate) is_reply: bool,
    /// The text between the delimiters, such as `PING 12345`.
    pub(crate) text: &'a str,
}

impl<'a> Ctcp<'a> {
    /// Returns the text between the delimiters of CTCP, if a message is one. The last delimiter may
    /// be missing.
    pub(crate) fn text_of(message: &'a str) -> Option<&'a str> {
        let text = message.strip_prefix(DELIMITER)?;
        Some(text.strip_suffix(DELIMITER).unwrap_or(text))
    }

    /// Returns the application data of the signal.
    pub(crate) fn data(self) -> AppData {
        AppData::new([(self.key(), self.text)]).unwrap_or_default()
    }

    /// Reads the application data of a signal.
    pub(crate) fn of_data(data: &'a AppData) -> Option<Self> {
        let of = |is_reply| {
            let ctcp = Self { is_reply, text: "" };
            let text = data.get(ctcp.key())?.lines().next()?;
            // An action is a message.
            let is_action = text.split(' ').next() == Some("ACTION");
            (!is_action && !text.is_empty()).then_some(Self { text, ..ctcp })
        };
        of(false).or_else(|| of(true))
    }

    /// The command of the line.
    pub(crate) fn command(self) -> &'static str {
        if self.is_reply { "NOTICE" } else { "PRIVMSG" }
    }

    fn key(self) -> &'static str {
        if self.is_reply { AppData::CTCP_REPLY } else { AppData::CTCP }
    }
}

/// The character before and after a CTCP.
pub(crate) const DELIMITER: char = '\u{1}';

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_is_read_as_it_was_written() {
        for is_reply in [false, true] {
            let ctcp = Ctcp { is_reply, text: "PING 1 2" };
            assert_eq!(Ctcp::of_data(&ctcp.data()), Some(ctcp));
        }
        let data = |text| AppData::new([("ctcp", text)]).expect("a valid key");
        let read = |text| Ctcp::of_data(&data(text)).map(|ctcp| ctcp.text.to_owned());
        assert_eq!(read("VERSION\nQUIT"), Some("VERSION".to_owned()));
        assert_eq!(read("ACTION waves"), None);
        assert_eq!(read(""), None);
        assert_eq!(Ctcp::of_data(&AppData::default()), None);
        assert_eq!(Ctcp::text_of("\u{1}VERSION\u{1}"), Some("VERSION"));
        assert_eq!(Ctcp::text_of("\u{1}VERSION"), Some("VERSION"));
        assert_eq!(Ctcp::text_of("VERSION"), None);
    }
}
