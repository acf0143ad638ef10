//! The reasons why an address to listen on is not accepted.

#[cfg(unix)]
use crate::socket_path::SocketPathError;
use chat_server::ws::OriginError;

/// The reason for which a text is not the URL of a listener.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ListenError {
    #[error("{0}; expected a URL such as tcp+text://127.0.0.1:7000")]
    NoUrl(url::ParseError),
    #[error(
        "'{0}://' is not supported; there are tcp://, tcp+text://, tcp+json://, tcp+txtchat://, \
         irc:// and ws://, the same with TLS: tcps://, tcps+text://, tcps+json://, \
         tcps+txtchat://, ircs:// and wss://, and on Unix sockets: unix://, unix+text://, \
         unix+json://, unix+txtchat:// and ws+unix://"
    )]
    Scheme(String),
    #[error(
        "'{0}' is not an IP address; use one of this machine, such as 127.0.0.1 or [::1], or \
         localhost"
    )]
    Host(String),
    #[error("the port is missing; write it after the address, as in {0}://127.0.0.1:7000")]
    Port(String),
    #[error("the address of a listener has no path; remove '{0}'")]
    Path(String),
    #[error("the address of a listener has no user; remove the part before '@'")]
    User,
    #[error("the address of a listener has no fragment; remove '#{0}', or write '#' as %23")]
    Fragment(String),
    #[error("'{name}' is not an option of {scheme}://; {known}")]
    Option { scheme: String, name: String, known: String },
    #[error("the option '{0}' is given more than once; give it once")]
    Twice(String),
    #[error("'{0}' is not a style; there are bracket, star and plain")]
    Style(String),
    #[error("{name} has to be true or false, not '{value}'")]
    Switch { name: &'static str, value: String },
    #[cfg(unix)]
    #[error(transparent)]
    Socket(#[from] SocketPathError),
    #[error("mode has to be three octal digits such as 660, not '{0}'")]
    Mode(String),
    #[error("'{origin}' cannot be the origin of a page: {error}")]
    Origin { origin: String, error: OriginError },
}
