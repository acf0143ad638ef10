//! The part of a login that its browser keeps, once it has begun.

use crate::OidcError;
use chat_core::{Secret, Timestamp};
use chat_web::Callback;
use std::time::Duration;
use subtle::ConstantTimeEq;

/// A login that has begun: the secrets that bind the provider's answer to this browser. They are in
/// a cookie, which only this browser has. It needs no signature, because a browser that invents
/// them has no code of the provider for them.
#[derive(Clone)]
pub(crate) struct LoginFlow {
    pub(crate) begun: Timestamp,
    pub(crate) state: String,
    pub(crate) nonce: String,
    pub(crate) verifier: String,
}

impl LoginFlow {
    /// The time within which a login has to end.
    pub(crate) const PATIENCE: Duration = Duration::from_secs(600);

    pub(crate) fn to_cookie(&self) -> Secret {
        let Self { begun, state, nonce, verifier } = self;
        Secret::new(format!("{}.{state}.{nonce}.{verifier}", begun.as_millis()))
    }

    /// Reads a cookie, and checks that a callback belongs to it.
    pub(crate) fn of(
        cookie: Option<&str>,
        callback: &Callback,
        now: Timestamp,
    ) -> Result<Self, OidcError> {
        let flow = cookie.and_then(Self::parse).ok_or(OidcError::OtherLogin)?;
        let state = callback.state.as_deref().unwrap_or_default();
        if !bool::from(state.as_bytes().ct_eq(flow.state.as_bytes())) {
            return Err(OidcError::OtherLogin);
        }
        if flow.begun + Self::PATIENCE <= now || flow.begun > now + Self::PATIENCE {
            return Err(OidcError::Expired);
        }
        Ok(flow)
    }

    fn parse(cookie: &str) -> Option<Self> {
        if cookie.len() > LONGEST_COOKIE {
            return None;
        }
        let mut parts = cookie.split('.');
        let begun = Timestamp::from_millis(parts.next()?.parse().ok()?);
        let mut part = || parts.next().filter(|part| is_secret(part)).map(str::to_owned);
        let (state, nonce, verifier) = (part()?, part()?, part()?);
        parts.next().is_none().then_some(Self { begun, state, nonce, verifier })
    }
}

/// Returns true for a text that can be one of the secrets, which are random and in base64url.
fn is_secret(text: &str) -> bool {
    text.len() >= SHORTEST_SECRET
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

/// 128 bits in base64url.
const SHORTEST_SECRET: usize = 22;
const LONGEST_COOKIE: usize = 512;

#[cfg(test)]
mod tests {
    use super::*;

    fn flow() -> LoginFlow {
        LoginFlow {
            begun: Timestamp::from_millis(1_000_000),
            state: "s".repeat(22),
            nonce: "n".repeat(22),
            verifier: "v".repeat(43),
        }
    }

    fn check(cookie: Option<&str>, state: Option<&str>, now: u64) -> Result<(), OidcError> {
        let callback = Callback { state: state.map(str::to_owned), ..Callback::default() };
        LoginFlow::of(cookie, &callback, Timestamp::from_millis(now)).map(drop)
    }

    #[test]
    fn callback_belongs_to_the_cookie_with_its_state() {
        let (cookie, state) = (flow().to_cookie(), flow().state);
        let cookie = cookie.expose();
        assert_eq!(check(Some(cookie), Some(&state), 1_000_000), Ok(()));
        for (cookie, state) in [
            (None, Some(state.as_str())),
            (Some(cookie), None),
            (Some(cookie), Some("")),
            (Some(cookie), Some(&state[1..])),
            (Some(cookie), Some(&flow().nonce)),
        ] {
            assert_eq!(check(cookie, state, 1_000_000), Err(OidcError::OtherLogin));
        }
        assert_eq!(check(Some(cookie), Some(&state), 1_599_999), Ok(()));
        assert_eq!(check(Some(cookie), Some(&state), 1_600_000), Err(OidcError::Expired));
        assert_eq!(check(Some(cookie), Some(&state), 0), Err(OidcError::Expired));
    }

    #[test]
    fn damaged_cookie_is_none() {
        let state = flow().state;
        let cookie = flow().to_cookie();
        let cookie = cookie.expose();
        let (time, rest) = cookie.split_once('.').expect("parts");
        for damaged in [
            "",
            "...",
            rest,
            &cookie[..cookie.len() - 43],
            &format!("{cookie}.{}", flow().state),
            &format!("{cookie} "),
            &format!("{cookie}{}", "v".repeat(500)),
            &format!("-1.{rest}"),
            &format!("{time}...{}", flow().verifier),
        ] {
            assert_eq!(
                check(Some(damaged), Some(&state), 0),
                Err(OidcError::OtherLogin),
                "{damaged}"
            );
            assert_eq!(check(Some(damaged), Some(""), 0), Err(OidcError::OtherLogin), "{damaged}");
        }
    }
}
