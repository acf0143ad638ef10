//! Listening on a Unix socket.

use super::front_end::FrontEndError;
use super::listener::{Listener, Plain};
use crate::io::PeerAddress;
use socket2::{Domain, SockAddr, Socket, Type};
use std::fs::{self, Permissions};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt};
use std::os::unix::net::{UnixListener as StdListener, UnixStream as StdStream};
use std::path::{Path, PathBuf};
use tokio::net::{UnixListener, UnixStream};

/// A listener on a Unix socket. Dropping it removes the file, if it has created the file.
#[derive(Debug)]
pub struct UnixSocket {
    listener: UnixListener,
    path: PathBuf,
    /// The file, if this listener has created it.
    own: Option<FileId>,
}

/// The identity of a file, independent of its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct FileId {
    device: u64,
    inode: u64,
}

/// Listens on a Unix socket, in a Tokio runtime.
///
/// A stale socket, which a killed server leaves behind, is replaced. `mode` sets the permissions of
/// the file, as in `0o660`: a client needs the permission to write. Without it, the umask of the
/// process decides.
///
/// # Errors
///
/// If another process listens there, the file is not a socket, or the system refuses.
pub fn bind_unix(path: impl AsRef<Path>, mode: Option<u32>) -> Result<UnixSocket, FrontEndError> {
    let path = path.as_ref();
    listen(path, mode)
        .map_err(|error| FrontEndError::new(format!("cannot listen on {}", path.display()), error))
}

impl UnixSocket {
    /// Listens on a socket that another process has created, such as a service manager, which also
    /// removes the file.
    ///
    /// # Errors
    ///
    /// If the system refuses it.
    pub fn from_std(listener: StdListener) -> io::Result<Self> {
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let path = address.as_pathname().unwrap_or_else(|| Path::new("")).to_owned();
        Ok(Self { listener: UnixListener::from_std(listener)?, path, own: None })
    }
}

impl Listener for UnixSocket {
    type Incoming = Plain<UnixStream>;
    type LocalAddress = PathBuf;

    async fn accept(&mut self) -> io::Result<(Plain<UnixStream>, PeerAddress)> {
        let (stream, _) = self.listener.accept().await?;
        Ok((Plain(stream), PeerAddress::unix()))
    }

    fn local_addr(&self) -> io::Result<PathBuf> {
        Ok(self.path.clone())
    }
}

impl Drop for UnixSocket {
    fn drop(&mut self) {
        // Another server may have replaced the file.
        if self.own.is_some() && FileId::of(&self.path).ok() == self.own {
            let _ = fs::remove_file(&self.path);
        }
    }
}

impl FileId {
    fn of(path: &Path) -> io::Result<Self> {
        let metadata = fs::symlink_metadata(path)?;
        Ok(Self { device: metadata.dev(), inode: metadata.ino() })
    }
}

fn listen(path: &Path, mode: Option<u32>) -> io::Result<UnixSocket> {
    let socket = Socket::new(Domain::UNIX, Type::STREAM, None)?;
    let address = SockAddr::unix(path)?;
    match socket.bind(&address) {
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
            remove_stale(path)?;
            socket.bind(&address)?;
        }
        bound => bound?,
    }
    let own = Some(FileId::of(path)?);
    if let Some(mode) = mode {
        // Before a client can connect.
        fs::set_permissions(path, Permissions::from_mode(mode))?;
    }
    socket.listen(BACKLOG)?;
    let mut listener = UnixSocket::from_std(OwnedFd::from(socket).into())?;
    listener.own = own;
    Ok(listener)
}

/// Removes a stale socket.
fn remove_stale(path: &Path) -> io::Result<()> {
    if !fs::symlink_metadata(path)?.file_type().is_socket() {
        let message = "there is a file of this name already, and it is not a socket";
        return Err(io::Error::new(io::ErrorKind::AlreadyExists, message));
    }
    match StdStream::connect(path) {
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => fs::remove_file(path),
        Err(error) => Err(error),
        Ok(_) => Err(io::Error::new(io::ErrorKind::AddrInUse, "somebody listens there already")),
    }
}

/// The length of the kernel's accept queue: as long as the system allows.
const BACKLOG: i32 = 65_535;
