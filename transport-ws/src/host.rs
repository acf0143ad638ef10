//! Finds the host that a request is for (RFC 9112 §3.2).

use http::header::HOST;
use http::uri::Authority;
use http::{Request, Version};

/// Returns the host of a request, with its port if there is one. It is the host of the target if
/// the target is an absolute URL (RFC 9112 §3.2.2), otherwise of the `Host` header, which HTTP/1.1
/// requires exactly once.
pub(crate) fn requested_host<B>(request: &Request<B>) -> Result<Option<Authority>, BadHost> {
    let mut values = request.headers().get_all(HOST).iter();
    let (first, second) = (values.next(), values.next());
    if second.is_some() {
        return Err(BadHost("a request has one Host header, and this request has several\n"));
    }
    let sent = match first {
        None if request.version() >= Version::HTTP_11 => {
            return Err(BadHost(
                "an HTTP/1.1 request has a Host header, and this request has none\n",
            ));
        }
        // A client sends an empty header if the target has no host.
        Some(value) if !value.is_empty() => Some(parse(value.as_bytes()).ok_or(BadHost(
            "the Host header has to be a host with an optional port, such as example.org:8080\n",
        ))?),
        None | Some(_) => None,
    };
    Ok(request.uri().authority().cloned().or(sent))
}

/// The reason for which a request has no valid host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BadHost(pub(crate) &'static str);

fn parse(value: &[u8]) -> Option<Authority> {
    let authority = Authority::try_from(value).ok()?;
    (!authority.as_str().contains('@')).then_some(authority)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(target: &str, version: Version, hosts: &[&str]) -> Result<Option<String>, BadHost> {
        let request = Request::get(target).version(version);
        let request = hosts.iter().fold(request, |request, host| request.header(HOST, *host));
        let host = requested_host(&request.body(()).expect("a request"))?;
        Ok(host.map(|host| host.to_string()))
    }

    #[test]
    fn http_1_1_request_needs_exactly_one_host() {
        let new = |hosts: &[&str]| host("/", Version::HTTP_11, hosts);
        assert_eq!(new(&["example.org"]), Ok(Some("example.org".into())));
        assert_eq!(new(&["[::1]:80"]), Ok(Some("[::1]:80".into())));
        assert_eq!(new(&[""]), Ok(None));
        for wrong in [&[][..], &["a", "a"], &["a b"], &["user@a"], &["a/b"], &["a, b"]] {
            assert!(new(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn http_1_0_request_may_have_no_host() {
        assert_eq!(host("/", Version::HTTP_10, &[]), Ok(None));
        assert!(host("/", Version::HTTP_10, &["a", "b"]).is_err());
    }

    #[test]
    fn host_of_the_target_takes_precedence() {
        let found = host("http://target.example/ws", Version::HTTP_11, &["other.example"]);
        assert_eq!(found, Ok(Some("target.example".into())));
    }
}
