//! The messages of SCRAM-SHA-256 (RFC 5802 §7, RFC 7677), without channel binding.

use crate::scram::ScramVerifier;
use base64ct::{Base64, Encoding};

/// The first message of a client.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ClientFirst<'a> {
    /// The header of GSS-API, which the client repeats in its last message.
    header: &'a str,
    /// The message without the header.
    bare: &'a str,
    /// The account.
    pub(crate) account: String,
    nonce: &'a str,
}

impl<'a> ClientFirst<'a> {
    /// Reads a message. `None` if it is malformed, needs channel binding or another extension, or
    /// if the client wants to act for another account.
    pub(crate) fn parse(message: &'a str) -> Option<Self> {
        let (flag, rest) = message.split_once(',')?;
        let (acts_for, bare) = rest.split_once(',')?;
        let header = &message[..message.len() - bare.len()];
        let mut attributes = bare.split(',');
        let account = decoded(attributes.next()?.strip_prefix("n=")?)?;
        let nonce = attributes.next()?.strip_prefix("r=")?;
        let is_same = match acts_for.strip_prefix("a=") {
            Some(name) => decoded(name)? == account,
            None => acts_for.is_empty(),
        };
        let is_valid = matches!(flag, "n" | "y") && is_same && is_nonce(nonce);
        (is_valid && !account.is_empty()).then_some(Self { header, bare, account, nonce })
    }

    /// Returns the answer of the server, with its part of the nonce.
    pub(crate) fn answer(&self, verifier: &ScramVerifier, nonce: &str) -> String {
        let salt = Base64::encode_string(verifier.salt());
        format!("r={}{nonce},s={salt},i={}", self.nonce, verifier.iterations())
    }

    /// Checks the last message of the client. Returns the last one of the server, or `None` if the
    /// proof is wrong. `server_first` is the answer of this server to the first message.
    pub(crate) fn finish(
        &self,
        verifier: &ScramVerifier,
        server_first: &str,
        client_final: &str,
    ) -> Option<String> {
        let (without_proof, proof) = client_final.rsplit_once(",p=")?;
        let mut attributes = without_proof.split(',');
        let header = attributes.next()?.strip_prefix("c=")?;
        let nonce = attributes.next()?.strip_prefix("r=")?;
        let sent = server_first.strip_prefix("r=")?.split(',').next()?;
        let is_same = Base64::decode_vec(header).ok()? == self.header.as_bytes();
        if !is_same || nonce != sent || !nonce.starts_with(self.nonce) {
            return None;
        }
        let all = format!("{},{server_first},{without_proof}", self.bare);
        let signature = verifier.verify(all.as_bytes(), &Base64::decode_vec(proof).ok()?)?;
        Some(format!("v={}", Base64::encode_string(&signature)))
    }
}

/// Decodes a name, in which `=2C` stands for a comma and `=3D` for an equals sign.
fn decoded(name: &str) -> Option<String> {
    let mut parts = name.split('=');
    let mut text = parts.next()?.to_owned();
    for part in parts {
        let (sign, rest) = part
            .strip_prefix("2C")
            .map(|rest| (',', rest))
            .or_else(|| part.strip_prefix("3D").map(|rest| ('=', rest)))?;
        text.push(sign);
        text.push_str(rest);
    }
    Some(text)
}

fn is_nonce(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::passwords::Password;
    use chat_core::Secret;
    use proptest::prelude::*;

    /// The exchange of RFC 7677 §3.
    const FIRST: &str = "n,,n=user,r=rOprNGfwEbeRWgbNEkqO";
    const NONCE: &str = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
    const SERVER_FIRST: &str = "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,\
        s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
    const FINAL: &str = "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,\
        p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
    const SERVER_FINAL: &str = "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=";

    fn pencil() -> ScramVerifier {
        let password = Password::prepare(&Secret::new("pencil")).unwrap();
        let salt = Base64::decode_vec("W22ZaJ0SNY7soEsUEjb6gQ==").unwrap();
        ScramVerifier::new(&password, &salt, 4_096)
    }

    #[test]
    fn exchange_of_rfc_7677_succeeds() {
        let first = ClientFirst::parse(FIRST).unwrap();
        assert_eq!(first.account, "user");
        assert_eq!(first.answer(&pencil(), NONCE), SERVER_FIRST);
        let answer = first.finish(&pencil(), SERVER_FIRST, FINAL);
        assert_eq!(answer.as_deref(), Some(SERVER_FINAL));
    }

    #[test]
    fn wrong_final_messages_are_refused() {
        let first = ClientFirst::parse(FIRST).unwrap();
        for (from, to) in [
            ("c=biws", "c=eSws"),
            ("c=biws,", ""),
            ("k0,p", "k1,p"),
            ("k0,p", "k0,x=1,p"),
            ("r=rOpr", "r=sOpr"),
            ("p=dHzb", "p=eHzb"),
            (",p=", ","),
        ] {
            let wrong = FINAL.replace(from, to);
            assert_ne!(wrong, FINAL);
            assert_eq!(first.finish(&pencil(), SERVER_FIRST, &wrong), None, "{wrong}");
        }
        let other_nonce = SERVER_FIRST.replace("$k0", "$k1");
        assert_eq!(first.finish(&pencil(), &other_nonce, FINAL), None);
    }

    #[test]
    fn first_message_names_one_account() {
        for (message, account) in [
            ("n,,n=user,r=x", Some("user")),
            ("y,,n=user,r=x,ext=1", Some("user")),
            ("n,a=user,n=user,r=x", Some("user")),
            ("n,,n=a=2Cb=3Dc,r=x", Some("a,b=c")),
            ("n,a=other,n=user,r=x", None),
            ("p=tls-unique,,n=user,r=x", None),
            ("n,,m=ext,n=user,r=x", None),
            ("n,,n=a=2cb,r=x", None),
            ("n,,n=,r=x", None),
            ("n,,n=user,r=", None),
            ("n,,n=user,r=a b", None),
            ("n,,n=user", None),
            ("n=user,r=x", None),
            ("", None),
        ] {
            let read = ClientFirst::parse(message).map(|first| first.account);
            assert_eq!(read.as_deref(), account, "{message}");
        }
    }

    proptest! {
        #[test]
        fn reading_never_panics(first in any::<String>(), last in "[cprs=,a-z]{0,30}") {
            let _ = ClientFirst::parse(&first);
            let first = ClientFirst::parse(FIRST).unwrap();
            prop_assert_eq!(first.finish(&pencil(), SERVER_FIRST, &last), None);
            prop_assert_eq!(first.finish(&pencil(), &last, FINAL), None);
        }
    }
}
