//! The paths of Unix sockets in URLs.

use std::path::PathBuf;
use url::Url;

/// Why a URL is not that of a Unix socket.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SocketPathError {
    #[error("a Unix socket needs the absolute path of a file, as in {scheme}:///run/chat.sock")]
    NoFile { scheme: String },
    #[error(
        "'{path}' is not the path of a file: behind '%' there have to be two hexadecimal digits, and not 00; write '%' \
         itself as %25"
    )]
    Percent { path: String },
}

/// Reads the path of a Unix socket from a URL.
pub(crate) fn socket_path(url: &Url) -> Result<PathBuf, SocketPathError> {
    if !is_escaped(url.path()) {
        return Err(SocketPathError::Percent { path: url.path().to_owned() });
    }
    let is_file = !url.has_host() && !url.path().ends_with('/');
    let path = url.to_file_path().ok().filter(|_| is_file);
    path.ok_or_else(|| SocketPathError::NoFile { scheme: url.scheme().to_owned() })
}

/// Whether every '%' of a path stands for a byte that the name of a file can have.
fn is_escaped(path: &str) -> bool {
    path.split('%').skip(1).all(|behind| {
        let digits = behind.get(..2).filter(|digits| *digits != "00");
        digits.is_some_and(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))
    })
}
