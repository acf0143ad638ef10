//! Addresses to listen on, as URLs.

use chat_runtime::dialects::{JsonDialect, Style, TextDialect};
use chat_runtime::{FrontEndError, Server};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::str::FromStr;
use transport_tcp::TcpFrontEnd;
use transport_ws::{WsEndpoint, WsFrontEnd};
use url::{Host, Url};

/// Where to listen, and what to speak there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Listen {
    address: SocketAddr,
    service: Service,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Service {
    TcpText(Style),
    TcpJson,
    Ws { style: Style, origins: Vec<String> },
}

/// Why an address cannot be listened on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ListenError {
    #[error("{0}; expected a URL such as tcp+text://127.0.0.1:7000")]
    NoUrl(url::ParseError),
    #[error("'{0}://' is not known here; there are tcp+text://, tcp+json:// and ws://")]
    Scheme(String),
    #[error(
        "'{0}' is not an address of this machine; use a number such as 127.0.0.1 or [::1], or localhost"
    )]
    Host(String),
    #[error("the port is missing; write it after the address, as in {0}://127.0.0.1:7000")]
    Port(String),
    #[error("there is nothing behind the port here; leave '{0}' out")]
    Path(String),
    #[error("'{name}' is not an option of {scheme}://; {known}")]
    Option { scheme: String, name: String, known: &'static str },
    #[error("'{0}' is not a style; there are bracket, star and plain")]
    Style(String),
    #[error("timestamps can be true or false, not '{0}'")]
    Timestamps(String),
    #[error("'{0}' is not an origin; write it as https://example.org")]
    Origin(String),
}

impl Listen {
    /// Begins to listen.
    pub(crate) fn bind(&self) -> Result<Bound, FrontEndError> {
        let address = self.address;
        Ok(match &self.service {
            Service::TcpText(style) => {
                let front_end = TcpFrontEnd::bind(address, TextDialect::new(style.clone()))?;
                Bound::Tcp { front_end, scheme: "tcp+text" }
            }
            Service::TcpJson => {
                let front_end = TcpFrontEnd::bind(address, JsonDialect::default())?;
                Bound::Tcp { front_end, scheme: "tcp+json" }
            }
            Service::Ws { style, origins } => {
                let endpoint = WsEndpoint::default().text(TextDialect::new(style.clone()));
                let endpoint = origins.iter().fold(endpoint, WsEndpoint::allow_origin);
                Bound::Ws(WsFrontEnd::bind(address, endpoint)?)
            }
        })
    }
}

impl FromStr for Listen {
    type Err = ListenError;

    fn from_str(source: &str) -> Result<Self, ListenError> {
        let url = Url::parse(source).map_err(ListenError::NoUrl)?;
        let scheme = url.scheme().to_owned();
        let service = match scheme.as_str() {
            "tcp+text" => Service::TcpText(text_style(&url)?),
            "tcp+json" => no_options(&url).map(|()| Service::TcpJson)?,
            "ws" => web_socket(&url)?,
            _ => return Err(ListenError::Scheme(scheme)),
        };
        let ip = address(&url)?;
        // The parser drops the port that is usual for a scheme.
        let port = url.port_or_known_default().filter(|_| source.contains(&port_of(&url)));
        let port = port.ok_or(ListenError::Port(scheme))?;
        if !matches!(url.path(), "" | "/") {
            return Err(ListenError::Path(url.path().to_owned()));
        }
        Ok(Self { address: SocketAddr::new(ip, port), service })
    }
}

/// A front end that listens already.
pub(crate) enum Bound {
    Tcp { front_end: TcpFrontEnd, scheme: &'static str },
    Ws(WsFrontEnd),
}

impl Bound {
    /// Where it listens, with the port that it really has.
    pub(crate) fn url(&self) -> String {
        match self {
            Self::Tcp { front_end, scheme } => format!("{scheme}://{}", front_end.local_addr()),
            Self::Ws(front_end) => format!("ws://{}", front_end.local_addr()),
        }
    }

    /// What somebody at this machine types to get there.
    pub(crate) fn hint(&self) -> String {
        match self {
            Self::Tcp { front_end, .. } => {
                let address = reachable(front_end.local_addr());
                format!("nc {} {}", address.ip(), address.port())
            }
            Self::Ws(front_end) => {
                format!("npx wscat -c ws://{}/ws", reachable(front_end.local_addr()))
            }
        }
    }

    pub(crate) fn add_to(self, server: Server) -> Server {
        match self {
            Self::Tcp { front_end, .. } => server.front_end(front_end),
            Self::Ws(front_end) => server.front_end(front_end),
        }
    }
}

fn address(url: &Url) -> Result<IpAddr, ListenError> {
    let host = url.host_str().unwrap_or_default();
    match url.host() {
        Some(Host::Ipv4(ip)) => Ok(ip.into()),
        Some(Host::Ipv6(ip)) => Ok(ip.into()),
        Some(Host::Domain("localhost")) => Ok(Ipv4Addr::LOCALHOST.into()),
        Some(Host::Domain(name)) => name.parse().map_err(|_| ListenError::Host(host.to_owned())),
        None => Err(ListenError::Host(host.to_owned())),
    }
}

/// The port as it has to be written for it to be there at all.
fn port_of(url: &Url) -> String {
    url.port_or_known_default().map(|port| format!(":{port}")).unwrap_or_default()
}

fn text_style(url: &Url) -> Result<Style, ListenError> {
    let mut style = Style::bracket();
    let mut timestamps = None;
    for (name, value) in url.query_pairs() {
        match &*name {
            "style" => style = parse_style(&value)?,
            "timestamps" => timestamps = Some(parse_timestamps(&value)?),
            _ => return Err(unknown(url, &name, "there are style and timestamps")),
        }
    }
    style.timestamps = timestamps.unwrap_or(style.timestamps);
    Ok(style)
}

fn web_socket(url: &Url) -> Result<Service, ListenError> {
    let mut style = Style::plain();
    let mut timestamps = None;
    let mut origins = Vec::new();
    for (name, value) in url.query_pairs() {
        match &*name {
            "style" => style = parse_style(&value)?,
            "timestamps" => timestamps = Some(parse_timestamps(&value)?),
            "origin" => origins.push(parse_origin(&value)?),
            _ => return Err(unknown(url, &name, "there are style, timestamps and origin")),
        }
    }
    style.timestamps = timestamps.unwrap_or(style.timestamps);
    Ok(Service::Ws { style, origins })
}

fn no_options(url: &Url) -> Result<(), ListenError> {
    match url.query_pairs().next() {
        Some((name, _)) => Err(unknown(url, &name, "it has none")),
        None => Ok(()),
    }
}

fn unknown(url: &Url, name: &str, known: &'static str) -> ListenError {
    ListenError::Option { scheme: url.scheme().to_owned(), name: name.to_owned(), known }
}

fn parse_style(name: &str) -> Result<Style, ListenError> {
    Style::from_name(name).ok_or_else(|| ListenError::Style(name.to_owned()))
}

fn parse_timestamps(value: &str) -> Result<bool, ListenError> {
    value.parse().map_err(|_| ListenError::Timestamps(value.to_owned()))
}

fn parse_origin(value: &str) -> Result<String, ListenError> {
    let origin = Url::parse(value).ok().map(|url| url.origin()).filter(url::Origin::is_tuple);
    origin
        .map(|origin| origin.ascii_serialization())
        .ok_or_else(|| ListenError::Origin(value.to_owned()))
}

/// An address that a client can use, for one that stands for all of them.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        IpAddr::V4(_) | IpAddr::V6(_) => address.ip(),
    };
    SocketAddr::new(ip, address.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(source: &str) -> String {
        match source.parse::<Listen>() {
            Ok(listen) => panic!("{source} is {listen:?}"),
            Err(error) => error.to_string(),
        }
    }

    fn listen(source: &str) -> Listen {
        source.parse().unwrap_or_else(|error| panic!("{source}: {error}"))
    }

    #[test]
    fn addresses_have_a_port() {
        assert_eq!(listen("tcp+text://127.0.0.1:7000").address.port(), 7000);
        assert_eq!(listen("tcp+json://[::1]:0").address, "[::1]:0".parse().expect("an address"));
        assert_eq!(listen("ws://localhost:80").address.port(), 80);
        assert!(problem("tcp+text://127.0.0.1").contains("the port is missing"));
        assert!(problem("ws://127.0.0.1").contains("the port is missing"));
    }

    #[test]
    fn styles_and_timestamps_are_chosen_in_the_url() {
        let Service::TcpText(style) = listen("tcp+text://127.0.0.1:0?style=star").service else {
            panic!("not text");
        };
        assert_eq!(style, Style::star());
        let off = "tcp+text://127.0.0.1:0?timestamps=false&style=star";
        let Service::TcpText(style) = listen(off).service else { panic!("not text") };
        assert_eq!(style, Style { timestamps: false, ..Style::star() });
    }

    #[test]
    fn origins_are_allowed_in_the_url() {
        let url = "ws://127.0.0.1:0?origin=https://example.org&origin=http://localhost:3000/";
        let Service::Ws { origins, .. } = listen(url).service else { panic!("not ws") };
        assert_eq!(origins, ["https://example.org", "http://localhost:3000"]);
    }

    #[test]
    fn what_is_wrong_is_said_with_what_would_be_right() {
        assert!(problem("7000").contains("tcp+text://127.0.0.1:7000"));
        assert!(problem("http://127.0.0.1:80").contains("there are tcp+text://"));
        assert!(problem("tcp+text://example.org:7000").contains("127.0.0.1"));
        assert!(problem("tcp+text://127.0.0.1:7000/x").contains("leave '/x' out"));
        assert!(problem("tcp+text://127.0.0.1:7000?color=red").contains("style and timestamps"));
        assert!(problem("tcp+json://127.0.0.1:7000?style=star").contains("it has none"));
        assert!(problem("tcp+text://127.0.0.1:7000?style=x").contains("bracket, star and plain"));
        assert!(problem("ws://127.0.0.1:7000?timestamps=maybe").contains("true or false"));
        assert!(problem("ws://127.0.0.1:7000?origin=here").contains("https://example.org"));
    }
}
