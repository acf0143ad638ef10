//! The two halves of a stream.

use std::any::Any;
#[cfg(target_os = "linux")]
use std::os::fd::AsFd;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::{fmt, io};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
#[cfg(unix)]
use tokio::net::{UnixStream, unix};

/// The half of a stream that is read.
pub struct Reader(Reading);

/// The half of a stream that is written.
pub struct Writer(Writing);

enum Reading {
    Tcp(OwnedReadHalf),
    #[cfg(unix)]
    Unix(unix::OwnedReadHalf),
    Other(Box<dyn AsyncRead + Send + Unpin>),
}

enum Writing {
    Tcp(OwnedWriteHalf),
    /// One pointer each, so that they are no longer than a socket.
    #[cfg(unix)]
    Unix(Box<unix::OwnedWriteHalf>),
    Other(Box<Box<dyn AsyncWrite + Send + Unpin>>),
}

/// Splits a stream. The halves of a plain socket, TCP or Unix, share no lock, and what is written
/// to one goes straight to the kernel.
pub fn split(stream: impl AsyncRead + AsyncWrite + Send + 'static) -> (Reader, Writer) {
    let mut stream = Some(stream);
    let any: &mut dyn Any = &mut stream;
    if let Some(socket) = any.downcast_mut::<Option<TcpStream>>().and_then(Option::take) {
        let (reader, writer) = socket.into_split();
        return (Reader(Reading::Tcp(reader)), Writer(Writing::Tcp(writer)));
    }
    #[cfg(unix)]
    if let Some(socket) = any.downcast_mut::<Option<UnixStream>>().and_then(Option::take) {
        let (reader, writer) = socket.into_split();
        return (Reader(Reading::Unix(reader)), Writer(Writing::Unix(Box::new(writer))));
    }
    let (reader, writer) = tokio::io::split(stream.expect("only a socket has been taken"));
    (Reader(Reading::Other(Box::new(reader))), Writer::new(writer))
}

impl fmt::Debug for Reader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match &self.0 {
            Reading::Tcp(_) => "tcp",
            #[cfg(unix)]
            Reading::Unix(_) => "unix",
            Reading::Other(_) => "other",
        };
        f.debug_tuple("Reader").field(&kind).finish()
    }
}

impl fmt::Debug for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match &self.0 {
            Writing::Tcp(_) => "tcp",
            #[cfg(unix)]
            Writing::Unix(_) => "unix",
            Writing::Other(_) => "other",
        };
        f.debug_tuple("Writer").field(&kind).finish()
    }
}

impl Writer {
    /// Something to write to.
    pub fn new(writer: impl AsyncWrite + Send + Unpin + 'static) -> Self {
        Self(Writing::Other(Box::new(Box::new(writer))))
    }

    /// Writes what can be written at once, without asking to be woken when there is room for more.
    pub(crate) fn try_write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.0 {
            Writing::Tcp(socket) => send(socket.as_ref(), bytes),
            #[cfg(unix)]
            Writing::Unix(socket) => send((**socket).as_ref(), bytes),
            Writing::Other(writer) => now(|context| Pin::new(writer).poll_write(context, bytes)),
        }
    }

    /// Sends what has been written, as far as that is possible at once.
    pub(crate) fn try_flush(&mut self) -> io::Result<()> {
        match &mut self.0 {
            // A socket keeps nothing back.
            Writing::Tcp(_) => Ok(()),
            #[cfg(unix)]
            Writing::Unix(_) => Ok(()),
            Writing::Other(writer) => now(|context| Pin::new(writer).poll_flush(context)),
        }
    }

    pub(crate) fn try_shutdown(&mut self) -> io::Result<()> {
        now(|context| Pin::new(self).poll_shutdown(context))
    }
}

/// Asks the kernel, and nobody else. What the runtime knows of a socket lies elsewhere in memory,
/// and is of use to who waits.
#[cfg(target_os = "linux")]
fn send(socket: impl AsFd, bytes: &[u8]) -> io::Result<usize> {
    Ok(rustix::net::send(socket, bytes, rustix::net::SendFlags::NOSIGNAL)?)
}

#[cfg(not(target_os = "linux"))]
fn send(socket: &impl TryWrite, bytes: &[u8]) -> io::Result<usize> {
    socket.try_write(bytes)
}

/// What the sockets of Tokio have in common.
#[cfg(not(target_os = "linux"))]
trait TryWrite {
    fn try_write(&self, bytes: &[u8]) -> io::Result<usize>;
}

#[cfg(not(target_os = "linux"))]
impl TryWrite for TcpStream {
    fn try_write(&self, bytes: &[u8]) -> io::Result<usize> {
        Self::try_write(self, bytes)
    }
}

#[cfg(all(unix, not(target_os = "linux")))]
impl TryWrite for UnixStream {
    fn try_write(&self, bytes: &[u8]) -> io::Result<usize> {
        Self::try_write(self, bytes)
    }
}

/// The outcome of what nobody waits for.
fn now<T>(poll: impl FnOnce(&mut Context<'_>) -> Poll<io::Result<T>>) -> io::Result<T> {
    match poll(&mut Context::from_waker(std::task::Waker::noop())) {
        Poll::Ready(done) => done,
        Poll::Pending => Err(io::ErrorKind::WouldBlock.into()),
    }
}

impl AsyncRead for Reader {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match &mut self.0 {
            Reading::Tcp(socket) => Pin::new(socket).poll_read(context, buffer),
            #[cfg(unix)]
            Reading::Unix(socket) => Pin::new(socket).poll_read(context, buffer),
            Reading::Other(reader) => Pin::new(reader).poll_read(context, buffer),
        }
    }
}

impl AsyncWrite for Writer {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match &mut self.0 {
            Writing::Tcp(socket) => Pin::new(socket).poll_write(context, bytes),
            #[cfg(unix)]
            Writing::Unix(socket) => Pin::new(socket).poll_write(context, bytes),
            Writing::Other(writer) => Pin::new(writer).poll_write(context, bytes),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.0 {
            Writing::Tcp(socket) => Pin::new(socket).poll_flush(context),
            #[cfg(unix)]
            Writing::Unix(socket) => Pin::new(socket).poll_flush(context),
            Writing::Other(writer) => Pin::new(writer).poll_flush(context),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.0 {
            Writing::Tcp(socket) => Pin::new(socket).poll_shutdown(context),
            #[cfg(unix)]
            Writing::Unix(socket) => Pin::new(socket).poll_shutdown(context),
            Writing::Other(writer) => Pin::new(writer).poll_shutdown(context),
        }
    }
}
