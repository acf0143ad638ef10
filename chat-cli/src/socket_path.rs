//! The paths of Unix sockets in URLs.

use std::path::PathBuf;
use url::Url;

/// The reason for which a URL is not the address of a Unix socket.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SocketPathError {
    #[error("a Unix socket needs the absolute path of a file, as in {scheme}:///run/chat.sock")]
    NoFile { scheme: String },
    #[error(
        "'{path}' is not the path of a file: '%' has to be followed by two hexadecimal digits, and \
         not 00; write '%' itself as %25"
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

/// Returns true if every '%' of a path begins the escape of a byte that a file name can contain.
fn is_escaped(path: &str) -> bool {
    path.split('%').skip(1).all(|after| {
        let digits = after.get(..2).filter(|digits| *digits != "00");
        digits.is_some_and(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))
    })
}
