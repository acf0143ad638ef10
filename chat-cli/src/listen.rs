//! The URLs of listeners.

mod bind;
mod bind_error;
mod error;
mod hint;
mod options;

pub(crate) use bind::{Bound, Common, HttpSettings};
pub(crate) use bind_error::BindError;
pub(crate) use error::ListenError;
pub(crate) use hint::Needs;

use crate::place::{Place, Transport, authority};
#[cfg(unix)]
use crate::socket_path::socket_path;
use chat_server::dialects::Style;
use chat_server::ws::Origin;
use options::Options;
use std::fmt;
use std::str::FromStr;
use url::Url;

/// A listener: its address, its dialect and its options.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Listen {
    place: Place,
    service: Service,
    tls: bool,
    /// True if each connection begins with a PROXY header.
    proxy: bool,
    /// True if each connection is one of a gateway and begins with `WEBIRC`.
    webirc: bool,
    /// The name of the socket that the service manager has to pass for this listener.
    socket: Option<String>,
    /// The query of the URL, as it was written.
    options: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Service {
    /// The dialect is detected by the first bytes of each client.
    Auto {
        style: Style,
        names: bool,
    },
    Text {
        style: Style,
    },
    Json,
    TxtChat {
        names: bool,
    },
    Irc,
    Web {
        style: Style,
        origins: Vec<Origin>,
        /// `None` if the URL does not set it.
        metrics: Option<bool>,
    },
}

impl Listen {
    /// Returns true if the listener uses TLS.
    pub(crate) fn is_tls(&self) -> bool {
        self.tls
    }

    /// Returns true if the listener is for clients of IRC alone.
    pub(crate) fn is_irc(&self) -> bool {
        matches!(self.service, Service::Irc)
    }

    fn is_web(&self) -> bool {
        matches!(self.service, Service::Web { .. })
    }

    fn scheme(&self) -> String {
        let dialect = match &self.service {
            Service::Auto { .. } => "",
            Service::Text { .. } => "+text",
            Service::Json => "+json",
            Service::TxtChat { .. } => "+txtchat",
            Service::Irc => return (if self.tls { "ircs" } else { "irc" }).to_owned(),
            Service::Web { .. } => {
                let scheme = if self.tls { "wss" } else { "ws" };
                return format!("{scheme}{}", if self.place.is_ip() { "" } else { "+unix" });
            }
        };
        let transport = match (self.place.is_ip(), self.tls) {
            (true, false) => "tcp",
            (true, true) => "tcps",
            (false, _) => "unix",
        };
        format!("{transport}{dialect}")
    }
}

/// Writes the URL with its options.
impl fmt::Display for Listen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme(), self.place)?;
        self.options.iter().try_for_each(|options| write!(f, "?{options}"))
    }
}

impl FromStr for Listen {
    type Err = ListenError;

    fn from_str(source: &str) -> Result<Self, ListenError> {
        let url = Url::parse(source).map_err(ListenError::NoUrl)?;
        let scheme = url.scheme().to_owned();
        let (plain, transport) = Transport::split(&scheme);
        let (known, service): (&[&str], fn(&Options) -> Service) = match plain.as_str() {
            "tcp" => (&["style", "timestamps", "names"], |options| Service::Auto {
                style: options.style(Style::bracket()),
                names: options.names,
            }),
            "tcp+text" => (&["style", "timestamps"], |options| Service::Text {
                style: options.style(Style::bracket()),
            }),
            "tcp+json" => (&[], |_| Service::Json),
            "tcp+txtchat" => (&["names"], |options| Service::TxtChat { names: options.names }),
            "irc" if transport == Transport::Tcp => (&["webirc"], |_| Service::Irc),
            "irc" => (&[], |_| Service::Irc),
            "ws" => (&["style", "timestamps", "origin", "metrics"], |options| Service::Web {
                style: options.style(Style::plain()),
                origins: options.origins.clone(),
                metrics: options.metrics,
            }),
            _ => return Err(ListenError::Scheme(scheme)),
        };
        if authority(source).contains('@') {
            return Err(ListenError::User);
        }
        if let Some(fragment) = url.fragment() {
            return Err(ListenError::Fragment(fragment.to_owned()));
        }
        let options = Options::of(&url, &[known, transport.options()].concat())?;
        let service = service(&options);
        let place = match transport {
            Transport::Tcp | Transport::Tls => Place::ip(&url, source)?,
            #[cfg(unix)]
            Transport::Unix => Place::Unix { path: socket_path(&url)?, mode: options.mode },
            #[cfg(not(unix))]
            Transport::Unix => return Err(ListenError::Scheme(scheme)),
        };
        let written = url.query().filter(|query| !query.is_empty()).map(str::to_owned);
        let tls = transport == Transport::Tls;
        let Options { proxy, webirc, socket, .. } = options;
        Ok(Self { place, service, tls, proxy, webirc, socket, options: written })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::irc::IrcConfig;
    #[cfg(unix)]
    use crate::systemd::InheritedSockets;
    use chat_server::irc::{IrcDialect, IrcSettings};
    use chat_server::runtime::Limits;

    fn problem(source: &str) -> String {
        match source.parse::<Listen>() {
            Ok(listen) => panic!("{source} is {listen:?}"),
            Err(error) => error.to_string(),
        }
    }

    fn listen(source: &str) -> Listen {
        source.parse().unwrap_or_else(|error| panic!("{source}: {error}"))
    }

    impl Listen {
        fn bind_alone(&self) -> Result<Bound, BindError> {
            let common = Common {
                certificates: None,
                http: HttpSettings::default(),
                irc: &IrcDialect::new(IrcSettings::new("irc.test"), &Limits::default().engine),
                irc_config: &IrcConfig::default(),
                limits: &Limits::default(),
            };
            self.bind(
                &common,
                #[cfg(unix)]
                &mut InheritedSockets::default(),
            )
        }
    }

    #[tokio::test]
    async fn webirc_listener_needs_gateways() {
        let error = listen("irc://127.0.0.1:0?webirc=true").bind_alone().err().expect("no gateway");
        assert!(error.to_string().contains("gateways in [irc]"), "{error}");
        assert!(problem("irc://127.0.0.1:0?webirc=yes").contains("true or false"));
        for other in ["ircs", "tcp", "ws"] {
            let problem = problem(&format!("{other}://127.0.0.1:0?webirc=true"));
            assert!(problem.contains("webirc"), "{problem}");
        }
    }

    #[tokio::test]
    async fn proxy_listener_needs_trusted_proxies() {
        let error = listen("tcp://127.0.0.1:0?proxy=true").bind_alone().err().expect("no proxies");
        assert!(error.to_string().contains("trusted = [\"127.0.0.1\"]"), "{error}");
        assert!(problem("tcp://127.0.0.1:0?proxy=yes").contains("true or false"));
    }

    #[test]
    fn address_needs_a_port() {
        let place = |url| listen(url).place.to_string();
        assert_eq!(place("tcp+text://127.0.0.1:7000"), "127.0.0.1:7000");
        assert_eq!(place("tcp+json://[::1]:0"), "[::1]:0");
        assert_eq!(place("ws://localhost:80"), "127.0.0.1:80");
        assert!(problem("tcp+text://127.0.0.1").contains("the port is missing"));
        assert!(problem("ws://127.0.0.1").contains("the port is missing"));
        // A port elsewhere in the URL does not count, nor does the scheme's default port.
        assert!(problem("ws://127.0.0.1?origin=http://[::80]:80").contains("the port is missing"));
        assert!(problem("ws://[::80]").contains("the port is missing"));
        assert!(problem("ws://127.0.0.1:/").contains("the port is missing"));
        assert_eq!(place("wss://localhost:443"), "127.0.0.1:443");
        assert!(problem("wss://127.0.0.1").contains("as in wss://127.0.0.1:7000"));
    }

    #[tokio::test]
    async fn every_service_is_available_with_tls() {
        for plain in ["tcp", "tcp+text", "tcp+json", "tcp+txtchat", "irc", "ws"] {
            let secure = match plain {
                "irc" | "ws" => format!("{plain}s"),
                _ => plain.replace("tcp", "tcps"),
            };
            let (plain, secure) = (format!("{plain}://[::1]:1"), format!("{secure}://[::1]:1"));
            assert_eq!(listen(&plain).service, listen(&secure).service);
            assert_eq!((listen(&plain).tls, listen(&secure).tls), (false, true));
            assert_eq!((listen(&plain).to_string(), listen(&secure).to_string()), (plain, secure));
        }
        // Without a certificate, binding fails; there is no fallback to plain text.
        let error = listen("wss://127.0.0.1:0").bind_alone().err().expect("no certificate");
        assert!(error.to_string().starts_with("TLS on wss://127.0.0.1:0 needs a certificate"));
    }

    #[cfg(unix)]
    #[test]
    fn every_service_is_available_on_unix_sockets() {
        for (plain, unix) in [
            ("tcp", "unix"),
            ("tcp+text", "unix+text"),
            ("tcp+json", "unix+json"),
            ("tcp+txtchat", "unix+txtchat"),
            ("ws", "ws+unix"),
        ] {
            let url = format!("{unix}:///run/a%20chat.sock");
            let on_unix = listen(&url);
            assert_eq!(on_unix.service, listen(&format!("{plain}://[::1]:1")).service);
            let place = Place::Unix { path: "/run/a chat.sock".into(), mode: None };
            assert_eq!(on_unix.place, place);
            assert_eq!(on_unix.to_string(), url);
        }
        let listen = listen("unix+text:///run/chat.sock?mode=660&style=star");
        let place = Place::Unix { path: "/run/chat.sock".into(), mode: Some(0o660) };
        assert_eq!(listen.place, place);
        for url in [
            "unix://chat.sock",
            "unix://run/chat.sock",
            "unix://localhost/run/chat.sock",
            "unix:///",
            "unix:///run/",
            "unix:",
        ] {
            assert!(problem(url).contains("as in unix:///run/chat.sock"), "{url}");
        }
        for mode in ["0660", "888", "66", "u=rw", "-66"] {
            let problem = problem(&format!("unix:///run/chat.sock?mode={mode}"));
            assert!(problem.contains("three octal digits such as 660"), "{problem}");
        }
        assert!(problem("tcp://127.0.0.1:1?mode=660").contains("'mode' is not an option"));
    }

    #[cfg(unix)]
    #[test]
    fn special_characters_of_a_path_are_escaped() {
        for (url, path) in [
            ("unix:///run/100%25.sock", "/run/100%.sock"),
            ("unix:///run/a%23b%3Fc.sock", "/run/a#b?c.sock"),
            ("unix:///run/b%C3%BCcher.sock", "/run/b\u{fc}cher.sock"),
        ] {
            assert_eq!(listen(url).place, Place::Unix { path: path.into(), mode: None });
            assert_eq!(listen(url).to_string(), url);
        }
        let place = Place::Unix { path: "/run/my chat.sock".into(), mode: None };
        assert_eq!(listen("unix:///run/my chat.sock").place, place);
        for path in ["/run/100%.sock", "/run/%zz.sock", "/run/chat.sock%", "/run/a%00b", "/run/%4"]
        {
            let problem = problem(&format!("unix://{path}"));
            assert!(problem.starts_with(&format!("'{path}' is not the path")), "{problem}");
            assert!(problem.ends_with("write '%' itself as %25"), "{problem}");
        }
    }

    #[test]
    fn url_sets_style_and_timestamps() {
        let Service::Text { style } = listen("tcp+text://127.0.0.1:0?style=star").service else {
            panic!("not text");
        };
        assert_eq!(style, Style::star());
        let off = "tcp+text://127.0.0.1:0?timestamps=false&style=star";
        let Service::Text { style } = listen(off).service else { panic!("not text") };
        assert_eq!(style, Style { timestamps: false, ..Style::star() });
    }

    #[test]
    fn only_origin_may_be_repeated() {
        for (url, name) in [
            ("tcp://127.0.0.1:0?style=star&style=star", "style"),
            ("tcp://127.0.0.1:0?timestamps=true&style=star&timestamps=false", "timestamps"),
            ("tcp://127.0.0.1:0?names=true&names=true", "names"),
            ("tcp://127.0.0.1:0?proxy=false&proxy=true", "proxy"),
            ("tcp://127.0.0.1:0?fd=a&fd=b", "fd"),
            ("ws://127.0.0.1:0?metrics=true&metrics=false", "metrics"),
            #[cfg(unix)]
            ("unix:///run/chat.sock?mode=660&mode=600", "mode"),
        ] {
            let expected = format!("the option '{name}' is given more than once; give it once");
            assert_eq!(problem(url), expected);
        }
    }

    #[test]
    fn plus_is_not_decoded_as_a_space() {
        assert_eq!(listen("tcp://127.0.0.1:0?fd=chat+web").socket.as_deref(), Some("chat+web"));
        assert_eq!(listen("tcp://127.0.0.1:0?fd=chat%20web").socket.as_deref(), Some("chat web"));
    }

    #[test]
    fn url_is_displayed_with_its_options() {
        for url in ["tcp+text://127.0.0.1:7000?style=star&timestamps=false", "ws://127.0.0.1:8080"]
        {
            assert_eq!(listen(url).to_string(), url);
        }
        assert_eq!(listen("tcp://localhost:7000/?").to_string(), "tcp://127.0.0.1:7000");
    }

    #[test]
    fn url_sets_allowed_origins() {
        let url = "ws://127.0.0.1:0?origin=https://example.org&origin=http://localhost:3000/";
        let Service::Web { origins, .. } = listen(url).service else { panic!("not ws") };
        let origins: Vec<String> = origins.iter().map(ToString::to_string).collect();
        assert_eq!(origins, ["https://example.org", "http://localhost:3000"]);
    }

    #[test]
    fn origin_that_could_never_match_is_refused() {
        let origin = |value: &str| {
            let Service::Web { origins, .. } =
                listen(&format!("ws://127.0.0.1:0?origin={value}")).service
            else {
                panic!("not ws");
            };
            origins[0].to_string()
        };
        assert_eq!(origin("https://Example.org:443"), "https://example.org");
        assert_eq!(origin("https://b\u{fc}cher.example"), "https://xn--bcher-kva.example");
        assert_eq!(origin("capacitor://localhost"), "capacitor://localhost");
        for value in ["example.org", "https://example.org/chat", "https://", "*", "null"] {
            let problem = problem(&format!("ws://127.0.0.1:0?origin={value}"));
            assert!(problem.contains("cannot be the origin of a page"), "{problem}");
        }
    }

    #[test]
    fn error_names_the_problem_and_the_valid_values() {
        assert!(problem("7000").contains("tcp+text://127.0.0.1:7000"));
        assert!(problem("http://127.0.0.1:80").contains("there are tcp://"));
        assert!(problem("tcpsx://127.0.0.1:80").contains("'tcpsx://' is not supported"));
        assert!(problem("tcp+text://example.org:7000").contains("127.0.0.1"));
        assert!(problem("tcp+text://127.0.0.1:7000/x").contains("remove '/x'"));
        assert!(
            problem("tcp+text://127.0.0.1:7000?color=red").contains("there are style, timestamps")
        );
        assert!(problem("tcp+json://127.0.0.1:7000?style=star").contains("there are proxy, fd"));
        assert!(problem("tcp+text://127.0.0.1:7000?style=x").contains("bracket, star and plain"));
        assert!(problem("ws://127.0.0.1:7000?timestamps=maybe").contains("true or false"));
        assert!(problem("ws://127.0.0.1:7000?origin=here").contains("https://example.org"));
        for user in ["user@", "user:password@", ":@", "@"] {
            let problem = problem(&format!("tcp://{user}127.0.0.1:7000"));
            let expected = "the address of a listener has no user; remove the part before '@'";
            assert_eq!(problem, expected);
        }
        assert!(problem("ws://127.0.0.1:7000#x").contains("remove '#x', or write '#' as %23"));
        assert!(problem("ws://127.0.0.1:7000/#").contains("remove '#'"));
        assert!(problem("ws://127.0.0.1:7000/ws").contains("remove '/ws'"));
    }
}
