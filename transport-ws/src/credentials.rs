//! Reads the tokens of a request from its headers.

use crate::handshake::Refused;
use chat_runtime::chat_core::Secret;
use cookie::Cookie;
use http::header::{AUTHORIZATION, COOKIE, HeaderMap};

/// Returns the tokens of a request: the token of `Authorization: Bearer` (RFC 6750 §2.1), otherwise
/// the values of all cookies with this name. Browsers send the cookie with the longest path first
/// (RFC 6265 §5.4).
///
/// Empty values are ignored: logging out may leave a cookie with an empty value.
pub(crate) fn tokens(headers: &HeaderMap, cookie: Option<&str>) -> Result<Vec<Secret>, Refused> {
    let mut tokens: Vec<String> = match bearer(headers) {
        Some(token) => vec![token],
        None => cookie.map(|name| cookies_named(headers, name)).unwrap_or_default(),
    };
    let found = tokens.len();
    tokens.retain(|token| token.len() <= LONGEST_TOKEN);
    if tokens.is_empty() && found > 0 {
        return Err(Refused::TokenTooLong);
    }
    Ok(tokens.into_iter().map(Secret::new).collect())
}

fn bearer(headers: &HeaderMap) -> Option<String> {
    headers.get_all(AUTHORIZATION).iter().find_map(|value| {
        let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
        let token = token.trim();
        let is_bearer = scheme.eq_ignore_ascii_case("bearer") && !token.is_empty();
        is_bearer.then(|| token.to_owned())
    })
}

/// Returns the distinct values of the cookies with this name. Bytes that are not UTF-8 do not
/// matter in other cookies; a value of this name that is not ASCII is ignored.
fn cookies_named(headers: &HeaderMap, name: &str) -> Vec<String> {
    let mut values: Vec<String> = Vec::new();
    for header in headers.get_all(COOKIE) {
        let header = String::from_utf8_lossy(header.as_bytes());
        for cookie in Cookie::split_parse(&*header).filter_map(Result::ok) {
            let value = cookie.value_trimmed();
            let is_token = cookie.name() == name && !value.is_empty() && value.is_ascii();
            if is_token && values.len() < MOST_TOKENS && !values.iter().any(|one| one == value) {
                values.push(value.to_owned());
            }
        }
    }
    values
}

/// The most cookies of one name that are considered. A browser sends one for each path and domain
/// that the login has ever used, and the authenticator may have to check each of them.
const MOST_TOKENS: usize = 4;
/// The longest token in bytes. The limit matters because the session keeps its token. It is as long
/// as the token that fits into a JSON `hello`.
const LONGEST_TOKEN: usize = 8_192;

#[cfg(test)]
mod tests {
    use super::*;
    use http::header::{HeaderName, HeaderValue};

    fn found(pairs: &[(HeaderName, &str)], name: Option<&str>) -> Option<String> {
        let headers =
            pairs.iter().map(|(name, value)| (name.clone(), value.parse().expect("a value")));
        let headers = headers.fold(HeaderMap::new(), |mut headers, (name, value)| {
            headers.append(name, value);
            headers
        });
        let tokens = tokens(&headers, name).expect("tokens of reasonable length");
        tokens.first().map(|token| token.expose().to_owned())
    }

    fn cookies(headers: &[&[u8]]) -> Vec<String> {
        let mut map = HeaderMap::new();
        for value in headers {
            map.append(COOKIE, HeaderValue::from_bytes(value).expect("a value"));
        }
        let tokens = tokens(&map, Some("chat")).expect("tokens of reasonable length");
        tokens.iter().map(|token| token.expose().to_owned()).collect()
    }

    #[test]
    fn bearer_token_is_found() {
        for header in ["Bearer t0ken", "bearer t0ken", "BEARER  t0ken "] {
            assert_eq!(found(&[(AUTHORIZATION, header)], None).as_deref(), Some("t0ken"));
        }
        for header in ["Basic t0ken", "Bearer", "Bearer ", "t0ken", "Bearert0ken"] {
            assert_eq!(found(&[(AUTHORIZATION, header)], Some("chat")), None, "{header}");
        }
    }

    #[test]
    fn only_the_cookie_of_the_configured_name_is_found() {
        let cookies = [(COOKIE, "a=1; chat=t0ken; chat=second; =; x"), (COOKIE, "b=\"2\"")];
        assert_eq!(found(&cookies, Some("chat")).as_deref(), Some("t0ken"));
        assert_eq!(found(&cookies, Some("b")).as_deref(), Some("2"));
        assert_eq!(found(&cookies, Some("Chat")), None);
        assert_eq!(found(&cookies, None), None);
        assert_eq!(found(&[(COOKIE, "chat=")], Some("chat")), None);
    }

    #[test]
    fn bearer_token_takes_precedence_over_the_cookie() {
        let both = [(COOKIE, "chat=kept"), (AUTHORIZATION, "Bearer said")];
        assert_eq!(found(&both, Some("chat")).as_deref(), Some("said"));
        let other_scheme = [(COOKIE, "chat=kept"), (AUTHORIZATION, "Basic said")];
        assert_eq!(found(&other_scheme, Some("chat")).as_deref(), Some("kept"));
    }

    #[test]
    fn too_long_token_is_refused() {
        let value = format!("Bearer {}", "x".repeat(LONGEST_TOKEN + 1));
        let headers = HeaderMap::from_iter([(AUTHORIZATION, value.parse().expect("a value"))]);
        assert_eq!(tokens(&headers, None), Err(Refused::TokenTooLong));
    }

    #[test]
    fn other_cookies_may_contain_any_bytes() {
        assert_eq!(cookies(&[b"city=K\xf6ln; chat=t0ken"]), ["t0ken"]);
        assert_eq!(cookies(&["city=Köln; chat=t0ken; x=\u{fffd}".as_bytes()]), ["t0ken"]);
        assert_eq!(cookies(&[b"\xff\xfe", b"=; ;; chat=t0ken ; a"]), ["t0ken"]);
    }

    #[test]
    fn all_cookies_of_the_configured_name_are_candidates() {
        assert_eq!(cookies(&[b"chat=; chat=t0ken"]), ["t0ken"]);
        assert_eq!(cookies(&[b"chat=\"\"; chat=old", b"chat=new; chat=old"]), ["old", "new"]);
        assert_eq!(cookies(&[b"chat=K\xf6ln; chat=t0ken"]), ["t0ken"]);
        let flood = (0..100).map(|number| format!("chat={number}")).collect::<Vec<_>>().join("; ");
        assert_eq!(cookies(&[flood.as_bytes()]).len(), MOST_TOKENS);
    }
}
