//! Commands with which a user of this machine can connect to a listener. A listener without a
//! command that works has no hint.

use super::{Listen, Service};
use crate::place::Place;
use chat_server::tls::Certificates;
use std::net::SocketAddr;
use std::path::Path;

/// The requirements for a client of this server.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Needs<'a> {
    /// True if clients without a token are refused.
    pub(crate) token: bool,
    /// The certificate that a client sees with TLS.
    pub(crate) certificates: Option<&'a Certificates>,
    /// The file of a self-issued certificate, which clients trust only if they have it.
    pub(crate) own_issuer: Option<&'a Path>,
}

impl Listen {
    /// Returns a command to connect, in which NAME and FILE stand for the user's name and the file
    /// with the user's token. Returns `None` if no command would work.
    pub(super) fn hint(&self, needs: &Needs<'_>) -> Option<String> {
        // The listener refuses connections without a first line, which clients do not send.
        if self.proxy || self.webirc {
            return None;
        }
        match &self.place {
            Place::Ip(_) => self.hint_of_port(self.place.reachable()?, needs),
            #[cfg(unix)]
            Place::Unix { path, .. } => self.hint_of_socket(path.to_str()?, needs),
        }
    }

    fn hint_of_port(&self, address: SocketAddr, needs: &Needs<'_>) -> Option<String> {
        let speaks_json = match self.service {
            Service::Text { .. } | Service::TxtChat { .. } | Service::Irc => false,
            Service::Json => true,
            Service::Auto { .. } | Service::Web { .. } => needs.token,
        };
        let certificates = needs.certificates.filter(|_| self.tls);
        let accepts = || certificates.is_none_or(|shown| shown.is_for(address.ip()));
        let trust = |option: &str| {
            let file = needs.own_issuer.filter(|_| self.tls);
            let file = file.map(|file| quoted(&file.to_string_lossy()));
            file.map(|file| format!(" {option} {file}")).unwrap_or_default()
        };
        if speaks_json {
            let url = format!("{}://{address}", self.scheme());
            return accepts().then(|| connect(&url, needs) + &trust("--tls-ca"));
        }
        match &self.service {
            // The text dialect and txt-chat cannot send a token.
            _ if needs.token => None,
            Service::Web { .. } => accepts().then(|| {
                let s = if self.tls { "s" } else { "" };
                let (trust, url) = (trust("--ca"), quoted(&format!("ws{s}://{address}/ws")));
                format!("http{s}://{address}/ in a browser, or npx wscat{trust} -c {url}")
            }),
            // openssl does not verify the certificate, so it works with every one.
            _ if self.tls => {
                let address = quoted(&address.to_string());
                Some(format!("openssl s_client -quiet -connect {address}"))
            }
            Service::Auto { .. }
            | Service::Text { .. }
            | Service::Json
            | Service::TxtChat { .. } => Some(format!("nc {} {}", address.ip(), address.port())),
            Service::Irc => Some(format!("irssi -c {} -p {}", address.ip(), address.port())),
        }
    }

    #[cfg(unix)]
    fn hint_of_socket(&self, path: &str, needs: &Needs<'_>) -> Option<String> {
        let connect = || connect(&format!("{}://{}", self.scheme(), self.place), needs);
        let path = quoted(path);
        match &self.service {
            Service::Json => Some(connect()),
            Service::Auto { .. } | Service::Web { .. } if needs.token => Some(connect()),
            _ if needs.token => None,
            Service::Web { .. } => {
                Some(format!("curl --unix-socket {path} http://localhost/api/status"))
            }
            Service::Auto { .. } | Service::Text { .. } | Service::TxtChat { .. } => {
                Some(format!("nc -U {path}"))
            }
            // It is not available on Unix sockets, which clients of IRC do not support.
            Service::Irc => None,
        }
    }
}

/// Returns the command of the JSON client.
fn connect(url: &str, needs: &Needs<'_>) -> String {
    let identity = if needs.token { "--token-file FILE" } else { "--nickname NAME" };
    format!("chat connect {} {identity}", quoted(url))
}

/// Quotes a word for a shell's command line.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-+=:,@%".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the hints without and with authentication.
    fn hints(url: &str) -> [String; 2] {
        let listen: Listen = url.parse().unwrap_or_else(|error| panic!("{url}: {error}"));
        [false, true].map(|token| {
            let needs = Needs { token, ..Needs::default() };
            listen.hint(&needs).unwrap_or_else(|| "nothing".to_owned())
        })
    }

    #[test]
    fn hint_is_a_command_that_works() {
        let nothing = "nothing";
        for (url, open, with_login) in [
            (
                "tcp://127.0.0.1:7000",
                "nc 127.0.0.1 7000",
                "chat connect tcp://127.0.0.1:7000 --token-file FILE",
            ),
            ("tcp+text://0.0.0.0:7000?style=star", "nc 127.0.0.1 7000", nothing),
            ("tcp+txtchat://[::]:7000", "nc ::1 7000", nothing),
            (
                "tcp+json://[::1]:7000",
                "chat connect 'tcp+json://[::1]:7000' --nickname NAME",
                "chat connect 'tcp+json://[::1]:7000' --token-file FILE",
            ),
            (
                "ws://127.0.0.1:80?origin=https://example.org",
                "http://127.0.0.1:80/ in a browser, or npx wscat -c ws://127.0.0.1:80/ws",
                "chat connect ws://127.0.0.1:80 --token-file FILE",
            ),
            (
                "tcps://127.0.0.1:7000",
                "openssl s_client -quiet -connect 127.0.0.1:7000",
                "chat connect tcps://127.0.0.1:7000 --token-file FILE",
            ),
            ("tcps+text://[::1]:1", "openssl s_client -quiet -connect '[::1]:1'", nothing),
            (
                "tcps+json://127.0.0.1:1",
                "chat connect tcps+json://127.0.0.1:1 --nickname NAME",
                "chat connect tcps+json://127.0.0.1:1 --token-file FILE",
            ),
            (
                "wss://[::1]:1",
                "https://[::1]:1/ in a browser, or npx wscat -c 'wss://[::1]:1/ws'",
                "chat connect 'wss://[::1]:1' --token-file FILE",
            ),
            ("irc://127.0.0.1:6667", "irssi -c 127.0.0.1 -p 6667", nothing),
            ("tcp://127.0.0.1:7000?proxy=true", nothing, nothing),
            ("wss://127.0.0.1:7000?proxy=true", nothing, nothing),
        ] {
            assert_eq!(hints(url), [open, with_login], "{url}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn hint_for_a_unix_socket_is_a_command_that_works() {
        let nothing = "nothing";
        for (url, open, with_login) in [
            (
                "unix:///run/chat.sock?mode=660",
                "nc -U /run/chat.sock",
                "chat connect unix:///run/chat.sock --token-file FILE",
            ),
            ("unix+text:///run/it's%20chat.sock", r"nc -U '/run/it'\''s chat.sock'", nothing),
            ("unix+txtchat:///run/chat.sock", "nc -U /run/chat.sock", nothing),
            (
                "unix+json:///run/my%20chat.sock",
                "chat connect unix+json:///run/my%20chat.sock --nickname NAME",
                "chat connect unix+json:///run/my%20chat.sock --token-file FILE",
            ),
            (
                "ws+unix:///run/my%20chat.sock",
                "curl --unix-socket '/run/my chat.sock' http://localhost/api/status",
                "chat connect ws+unix:///run/my%20chat.sock --token-file FILE",
            ),
            ("unix:///run/chat.sock?proxy=true", nothing, nothing),
            ("unix+text:///run/%FF.sock", nothing, nothing),
        ] {
            assert_eq!(hints(url), [open, with_login], "{url}");
        }
    }

    #[test]
    fn file_name_is_quoted_as_one_word() {
        assert_eq!(quoted("/etc/chat/chain.pem"), "/etc/chat/chain.pem");
        assert_eq!(quoted("my chain.pem"), "'my chain.pem'");
        assert_eq!(quoted("it's; rm"), r"'it'\''s; rm'");
    }
}
