//! What comes with a request and proves who sent it.

use crate::handshake::{Refused, TOKEN_TOO_LONG};
use chat_runtime::core::Secret;
use cookie::Cookie;
use http::header::{AUTHORIZATION, COOKIE, HeaderMap};

/// The token of a request: of `Authorization: Bearer` (RFC 6750 §2.1), else of the cookie with this name. One that is
/// empty is none, as a cookie is that somebody has logged out of.
pub(crate) fn token(headers: &HeaderMap, cookie: Option<&str>) -> Result<Option<Secret>, Refused> {
    let token = bearer(headers).or_else(|| cookie_named(headers, cookie?));
    match token.filter(|token| !token.is_empty()) {
        Some(token) if token.len() > LONGEST_TOKEN => Err(TOKEN_TOO_LONG),
        token => Ok(token.map(Secret::new)),
    }
}

fn bearer(headers: &HeaderMap) -> Option<String> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim().to_owned())
}

/// The first cookie of that name: browsers send the one with the longest path first (RFC 6265 §5.4).
fn cookie_named(headers: &HeaderMap, name: &str) -> Option<String> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(Cookie::split_parse)
        .filter_map(Result::ok)
        .find(|cookie| cookie.name() == name)
        .map(|cookie| cookie.value_trimmed().to_owned())
}

/// Most bytes of a token, since it is kept for as long as the session: what a JSON `hello` has room for.
const LONGEST_TOKEN: usize = 8_192;

#[cfg(test)]
mod tests {
    use super::*;
    use http::header::HeaderName;

    fn found(pairs: &[(HeaderName, &str)], name: Option<&str>) -> Option<String> {
        let headers =
            pairs.iter().map(|(name, value)| (name.clone(), value.parse().expect("a value")));
        let headers = headers.fold(HeaderMap::new(), |mut headers, (name, value)| {
            headers.append(name, value);
            headers
        });
        let token = token(&headers, name).expect("a token of reasonable length");
        token.map(|token| token.expose().to_owned())
    }

    #[test]
    fn a_bearer_token_is_a_token() {
        for header in ["Bearer t0ken", "bearer t0ken", "BEARER  t0ken "] {
            assert_eq!(found(&[(AUTHORIZATION, header)], None).as_deref(), Some("t0ken"));
        }
        for header in ["Basic t0ken", "Bearer", "Bearer ", "t0ken", "Bearert0ken"] {
            assert_eq!(found(&[(AUTHORIZATION, header)], Some("chat")), None, "{header}");
        }
    }

    #[test]
    fn the_cookie_that_is_named_is_a_token_and_no_other() {
        let cookies = [(COOKIE, "a=1; chat=t0ken; chat=second; =; x"), (COOKIE, "b=\"2\"")];
        assert_eq!(found(&cookies, Some("chat")).as_deref(), Some("t0ken"));
        assert_eq!(found(&cookies, Some("b")).as_deref(), Some("2"));
        assert_eq!(found(&cookies, Some("Chat")), None);
        assert_eq!(found(&cookies, None), None);
        assert_eq!(found(&[(COOKIE, "chat=")], Some("chat")), None);
    }

    #[test]
    fn what_a_program_says_counts_more_than_what_a_browser_keeps() {
        let both = [(COOKIE, "chat=kept"), (AUTHORIZATION, "Bearer said")];
        assert_eq!(found(&both, Some("chat")).as_deref(), Some("said"));
        let other_scheme = [(COOKIE, "chat=kept"), (AUTHORIZATION, "Basic said")];
        assert_eq!(found(&other_scheme, Some("chat")).as_deref(), Some("kept"));
    }

    #[test]
    fn a_token_that_is_too_long_is_refused() {
        let value = format!("Bearer {}", "x".repeat(LONGEST_TOKEN + 1));
        let headers = HeaderMap::from_iter([(AUTHORIZATION, value.parse().expect("a value"))]);
        assert_eq!(token(&headers, None), Err(TOKEN_TOO_LONG));
    }
}
