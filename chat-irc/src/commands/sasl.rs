//! `AUTHENTICATE`: a login with SASL PLAIN (RFC 4616).

use crate::client::Client;
use crate::line::Line;
use crate::pending::Pending;
use base64ct::{Base64, Encoding};
use chat_core::{AccountCommand, Command, PasswordLogin, Secret};
use chat_dialects::Reaction;

pub(super) fn authenticate(client: &mut Client, line: &Line<'_>, reaction: &mut Reaction) {
    let Some(sent) = line.param(0) else {
        return client.needs_more("AUTHENTICATE", reaction);
    };
    let out = &mut reaction.frames;
    let known = client.user.as_ref().is_some_and(|user| user.account.is_some());
    if known || client.registration.account.is_some() {
        return client.numeric(out, 907, format_args!(":You have already authenticated"));
    }
    if !reaction.features.accounts {
        return client.numeric(out, 904, format_args!(":This server keeps no accounts"));
    }
    let Some(so_far) = client.registration.sasl.take() else {
        if sent.eq_ignore_ascii_case("PLAIN") {
            client.registration.sasl = Some(String::new());
            return out.push("AUTHENTICATE +");
        }
        client.numeric(out, 908, format_args!("PLAIN :are available SASL mechanisms"));
        return client.numeric(out, 904, format_args!(":SASL authentication failed"));
    };
    if sent == "*" {
        return client.numeric(out, 906, format_args!(":SASL authentication aborted"));
    }
    if sent.len() > CHUNK {
        return client.numeric(out, 905, format_args!(":SASL message too long"));
    }
    let all = if sent == "+" { so_far } else { so_far + sent };
    if all.len() > LONGEST {
        return client.numeric(out, 904, format_args!(":SASL authentication failed: too long"));
    }
    // A piece of this length is followed by another one.
    if sent.len() == CHUNK {
        client.registration.sasl = Some(all);
        return;
    }
    let Some(login) = login(&all) else {
        return client.numeric(out, 904, format_args!(":SASL authentication failed"));
    };
    let command = Command::Account(AccountCommand::LogIn(login));
    client.ask(Pending::LogIn, command, reaction);
}

/// Reads a response of SASL PLAIN: who the client wants to be, its account and its password.
fn login(encoded: &str) -> Option<PasswordLogin> {
    let decoded = String::from_utf8(Base64::decode_vec(encoded).ok()?).ok()?;
    let mut parts = decoded.split('\0');
    let (wanted, account, password) = (parts.next()?, parts.next()?, parts.next()?);
    let is_same = wanted.is_empty() || wanted == account;
    let is_complete = parts.next().is_none() && !account.is_empty();
    (is_same && is_complete).then(|| PasswordLogin::new(account, Secret::new(password)))
}

/// The length of a piece of a response that is not the last one.
const CHUNK: usize = 400;
/// The longest response, in base64.
const LONGEST: usize = 4_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_response_has_three_parts() {
        let read = |text: &str| login(&Base64::encode_string(text.as_bytes()));
        let expected = Some(PasswordLogin::new("alice", Secret::new("s3cret")));
        assert_eq!(read("\0alice\0s3cret"), expected);
        assert_eq!(read("alice\0alice\0s3cret"), expected);
        for wrong in ["", "alice", "bob\0alice\0s3cret", "\0alice", "\0\0s3cret", "\0a\0b\0c"] {
            assert_eq!(read(wrong), None, "{wrong:?}");
        }
        assert_eq!(login("no base64!"), None);
    }
}
