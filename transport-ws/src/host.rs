//! Which host a request is for (RFC 9112 §3.2).

use http::header::HOST;
use http::uri::Authority;
use http::{Request, Version};

/// The host of a request, and its port if it is named: of the target if that is a whole URL
/// (RFC 9112 §3.2.2), otherwise of the one `Host` header that HTTP/1.1 demands.
pub(crate) fn requested_host<B>(request: &Request<B>) -> Result<Option<Authority>, BadHost> {
    let mut values = request.headers().get_all(HOST).iter();
    let (first, second) = (values.next(), values.next());
    if second.is_some() {
        return Err(BadHost("a request has one Host header, and this one has more\n"));
    }
    let sent = match first {
        None if request.version() >= Version::HTTP_11 => {
            return Err(BadHost(
                "a request of HTTP/1.1 has a Host header, and this one has none\n",
            ));
        }
        // A client sends it empty where the target has no host.
        Some(value) if !value.is_empty() => Some(parse(value.as_bytes()).ok_or(BadHost(
            "the Host header is a host and perhaps a port, such as example.org:8080\n",
        ))?),
        None | Some(_) => None,
    };
    Ok(request.uri().authority().cloned().or(sent))
}

/// Why a request is not for any host.
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
    fn a_request_of_http_1_1_has_one_host() {
        let new = |hosts: &[&str]| host("/", Version::HTTP_11, hosts);
        assert_eq!(new(&["example.org"]), Ok(Some("example.org".into())));
        assert_eq!(new(&["[::1]:80"]), Ok(Some("[::1]:80".into())));
        assert_eq!(new(&[""]), Ok(None));
        for wrong in [&[][..], &["a", "a"], &["a b"], &["user@a"], &["a/b"], &["a, b"]] {
            assert!(new(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_request_of_http_1_0_may_have_none() {
        assert_eq!(host("/", Version::HTTP_10, &[]), Ok(None));
        assert!(host("/", Version::HTTP_10, &["a", "b"]).is_err());
    }

    #[test]
    fn the_host_of_the_target_counts() {
        let found = host("http://target.example/ws", Version::HTTP_11, &["other.example"]);
        assert_eq!(found, Ok(Some("target.example".into())));
    }
}
