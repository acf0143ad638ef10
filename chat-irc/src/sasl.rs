//! The state of a login with `AUTHENTICATE` (IRCv3 SASL).

use base64ct::{Base64, Encoding};
use chat_core::{LoginExchange, PasswordLogin, Secret};

/// A mechanism of SASL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mechanism {
    /// The password itself (RFC 4616).
    Plain,
    /// A proof of the password (RFC 7677).
    Scram,
}

impl Mechanism {
    /// Returns the names of the mechanisms that a server offers, separated by commas.
    pub(crate) fn offered(has_scram: bool) -> &'static str {
        if has_scram { "PLAIN,SCRAM-SHA-256" } else { "PLAIN" }
    }

    /// Returns the mechanism of a name, if the server offers it.
    pub(crate) fn from_name(name: &str, has_scram: bool) -> Option<Self> {
        if name.eq_ignore_ascii_case("PLAIN") {
            Some(Self::Plain)
        } else {
            let is_scram = has_scram && name.eq_ignore_ascii_case(SCRAM);
            is_scram.then_some(Self::Scram)
        }
    }
}

/// A login that has begun.
#[derive(Debug)]
pub(crate) struct Sasl {
    pub(crate) mechanism: Mechanism,
    /// The parts of the client's message that it has sent so far, in base64.
    partial: String,
    /// The messages of an exchange so far, once the client has sent its first one.
    exchange: Option<LoginExchange>,
}

/// The result of a line of the client.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum SaslLine {
    /// Another line continues the message.
    Unfinished,
    /// The message is longer than any that a client needs.
    TooLong,
    /// The message is complete.
    Complete(String),
    /// The message is not text in base64.
    Invalid,
}

impl Sasl {
    pub(crate) fn new(mechanism: Mechanism) -> Self {
        Self { mechanism, partial: String::new(), exchange: None }
    }

    /// Adds a line of the client, of at most [`CHUNK`] bytes.
    pub(crate) fn add(&mut self, line: &str) -> SaslLine {
        if line != "+" {
            self.partial.push_str(line);
        }
        if self.partial.len() > LONGEST {
            return SaslLine::TooLong;
        }
        // A line of this length is followed by another one.
        if line.len() == CHUNK {
            return SaslLine::Unfinished;
        }
        let encoded = std::mem::take(&mut self.partial);
        let decoded = Base64::decode_vec(&encoded).ok().and_then(|raw| String::from_utf8(raw).ok());
        decoded.map_or(SaslLine::Invalid, SaslLine::Complete)
    }

    /// Continues the exchange with a message of the client. `None` if it names no account.
    pub(crate) fn client_message(&mut self, message: String) -> Option<LoginExchange> {
        let message = Secret::new(message);
        match &mut self.exchange {
            Some(exchange) => exchange.messages.push(message),
            None => {
                let account = scram_account(message.expose())?;
                self.exchange = Some(LoginExchange::new(SCRAM, account, message));
            }
        }
        self.exchange.clone()
    }

    /// Notes a message of the server.
    pub(crate) fn server_message(&mut self, message: Secret) {
        if let Some(exchange) = &mut self.exchange {
            exchange.messages.push(message);
        }
    }
}

/// Returns a message in the lines that carry it.
pub(crate) fn lines(message: &str) -> Vec<String> {
    let encoded = Base64::encode_string(message.as_bytes());
    let mut lines: Vec<String> = encoded
        .as_bytes()
        .chunks(CHUNK)
        .map(|chunk| String::from_utf8_lossy(chunk).into_owned())
        .collect();
    if encoded.len() % CHUNK == 0 {
        lines.push("+".to_owned());
    }
    lines
}

/// Reads a message of SASL PLAIN: the name that the client wants to be, its account and its
/// password.
pub(crate) fn plain_login(message: &str) -> Option<PasswordLogin> {
    let mut parts = message.split('\0');
    let (wanted, account, password) = (parts.next()?, parts.next()?, parts.next()?);
    let is_same = wanted.is_empty() || wanted == account;
    let is_complete = parts.next().is_none() && !account.is_empty();
    (is_same && is_complete).then(|| PasswordLogin::new(account, Secret::new(password)))
}

/// Reads the account in the first message of SCRAM (RFC 5802 §7), as in `n,,n=alice,r=…`. The host
/// checks the rest of the message, and that it is about this account.
fn scram_account(message: &str) -> Option<String> {
    let name = message.split(',').nth(2)?.strip_prefix("n=")?;
    Some(name.replace("=2C", ",").replace("=3D", "=")).filter(|name| !name.is_empty())
}

/// The name of the mechanism of an exchange.
const SCRAM: &str = "SCRAM-SHA-256";
/// The length of a line that is not the last one of its message.
pub(crate) const CHUNK: usize = 400;
/// The longest message, in base64.
const LONGEST: usize = 4_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_message_has_three_parts() {
        let expected = Some(PasswordLogin::new("alice", Secret::new("s3cret")));
        assert_eq!(plain_login("\0alice\0s3cret"), expected);
        assert_eq!(plain_login("alice\0alice\0s3cret"), expected);
        for wrong in ["", "alice", "bob\0alice\0s3cret", "\0alice", "\0\0s3cret", "\0a\0b\0c"] {
            assert_eq!(plain_login(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn scram_message_names_an_account() {
        for (message, account) in [
            ("n,,n=alice,r=x", Some("alice")),
            ("n,a=alice,n=alice,r=x", Some("alice")),
            ("n,,n=a=2Cb=3Dc,r=x", Some("a,b=c")),
            ("n,,n=a=3D2C,r=x", Some("a=2C")),
            ("n,,n=,r=x", None),
            ("n,,r=x", None),
            ("", None),
        ] {
            assert_eq!(scram_account(message).as_deref(), account, "{message}");
        }
    }

    #[test]
    fn long_messages_are_split() {
        assert_eq!(lines(""), ["+"]);
        assert_eq!(lines("v=x"), ["dj14"]);
        let lengths = |bytes| lines(&"x".repeat(bytes)).iter().map(String::len).collect::<Vec<_>>();
        assert_eq!(lengths(300), [400, 1]);
        assert_eq!(lengths(301), [400, 4]);

        let mut sasl = Sasl::new(Mechanism::Plain);
        assert_eq!(sasl.add(&"eHh4".repeat(100)), SaslLine::Unfinished);
        assert_eq!(sasl.add("+"), SaslLine::Complete("x".repeat(300)));
        assert_eq!(sasl.add("no base64!"), SaslLine::Invalid);
        for _ in 0..10 {
            assert_eq!(sasl.add(&"A".repeat(400)), SaslLine::Unfinished);
        }
        assert_eq!(sasl.add("AAAA"), SaslLine::TooLong);
    }
}
