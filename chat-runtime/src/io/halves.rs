//! The two halves of a stream.

use std::any::Any;
#[cfg(target_os = "linux")]
use std::net::Shutdown;
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
    /// The socket of an idle connection, which the runtime does not watch.
    #[cfg(target_os = "linux")]
    Idle(std::net::TcpStream),
    /// Boxed, so that these variants are no larger than a TCP socket.
    #[cfg(unix)]
    Unix(Box<unix::OwnedWriteHalf>),
    Other(Box<Box<dyn AsyncWrite + Send + Unpin>>),
}

/// Splits a stream. The halves of a plain socket, TCP or Unix, share no lock, and are written to
/// without a buffer.
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
            #[cfg(target_os = "linux")]
            Writing::Idle(_) => "idle",
            #[cfg(unix)]
            Writing::Unix(_) => "unix",
            Writing::Other(_) => "other",
        };
        f.debug_tuple("Writer").field(&kind).finish()
    }
}

impl Reader {
    /// Returns true if the socket can be taken off the runtime while its connection is idle.
    pub(crate) fn can_rest(&self) -> bool {
        cfg!(target_os = "linux") && matches!(self.0, Reading::Tcp(_))
    }
}

impl Writer {
    /// Makes the writing half from any stream.
    pub fn new(writer: impl AsyncWrite + Send + Unpin + 'static) -> Self {
        Self(Writing::Other(Box::new(Box::new(writer))))
    }

    /// Takes a TCP socket off the runtime, so that the runtime has no state of it. It can still be
    /// [written](Self::try_write) to. Returns false, and changes nothing, if these are not the
    /// halves of a TCP socket.
    ///
    /// # Errors
    ///
    /// If the system refuses it. The socket is closed then.
    #[cfg(target_os = "linux")]
    pub(crate) fn rest(&mut self, reader: &mut Reader) -> io::Result<bool> {
        if !matches!((&self.0, &reader.0), (Writing::Tcp(_), Reading::Tcp(_))) {
            return Ok(false);
        }
        // Nobody reads from the connection before it has resumed.
        let nothing = Reading::Other(Box::new(tokio::io::empty()));
        let reading = std::mem::replace(&mut reader.0, nothing);
        let writing = std::mem::replace(self, Self::new(tokio::io::empty())).0;
        let (Reading::Tcp(reading), Writing::Tcp(writing)) = (reading, writing) else {
            return Ok(false);
        };
        let socket = writing.reunite(reading).map_err(io::Error::other)?;
        self.0 = Writing::Idle(socket.into_std()?);
        Ok(true)
    }

    /// Returns the socket of an idle connection.
    #[cfg(target_os = "linux")]
    pub(crate) fn idle(&self) -> Option<&std::net::TcpStream> {
        match &self.0 {
            Writing::Idle(socket) => Some(socket),
            Writing::Tcp(_) | Writing::Unix(_) | Writing::Other(_) => None,
        }
    }

    /// Lets the current runtime watch the socket of an idle connection again.
    ///
    /// # Errors
    ///
    /// If the system refuses it. The socket is closed then.
    #[cfg(target_os = "linux")]
    pub(crate) fn resume(&mut self, reader: &mut Reader) -> io::Result<()> {
        match std::mem::replace(self, Self::new(tokio::io::empty())).0 {
            Writing::Idle(socket) => {
                let (reading, writing) = TcpStream::from_std(socket)?.into_split();
                reader.0 = Reading::Tcp(reading);
                self.0 = Writing::Tcp(writing);
            }
            other @ (Writing::Tcp(_) | Writing::Unix(_) | Writing::Other(_)) => self.0 = other,
        }
        Ok(())
    }

    /// Writes the bytes that the stream takes at once, without registering for a wake-up.
    pub(crate) fn try_write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.0 {
            Writing::Tcp(socket) => send(socket.as_ref(), bytes),
            #[cfg(target_os = "linux")]
            Writing::Idle(socket) => send(socket, bytes),
            #[cfg(unix)]
            Writing::Unix(socket) => send((**socket).as_ref(), bytes),
            Writing::Other(writer) => now(|context| Pin::new(writer).poll_write(context, bytes)),
        }
    }

    /// Flushes the stream as far as that is possible at once.
    pub(crate) fn try_flush(&mut self) -> io::Result<()> {
        match &mut self.0 {
            // A socket has no buffer to flush.
            Writing::Tcp(_) => Ok(()),
            #[cfg(target_os = "linux")]
            Writing::Idle(_) => Ok(()),
            #[cfg(unix)]
            Writing::Unix(_) => Ok(()),
            Writing::Other(writer) => now(|context| Pin::new(writer).poll_flush(context)),
        }
    }

    pub(crate) fn try_shutdown(&mut self) -> io::Result<()> {
        now(|context| Pin::new(self).poll_shutdown(context))
    }
}

/// Writes with a system call, without a look at the runtime's state of the socket: that state is
/// only needed to wait, and reading it would cost a cache miss.
#[cfg(target_os = "linux")]
fn send(socket: impl AsFd, bytes: &[u8]) -> io::Result<usize> {
    Ok(rustix::net::send(socket, bytes, rustix::net::SendFlags::NOSIGNAL)?)
}

#[cfg(not(target_os = "linux"))]
fn send(socket: &impl TryWrite, bytes: &[u8]) -> io::Result<usize> {
    socket.try_write(bytes)
}

/// The common interface of Tokio's sockets.
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

/// Polls once. A result that is not ready is an error of the kind `WouldBlock`.
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
            // Nobody waits for an idle connection before it has resumed.
            #[cfg(target_os = "linux")]
            Writing::Idle(socket) => Poll::Ready(send(socket, bytes)),
            #[cfg(unix)]
            Writing::Unix(socket) => Pin::new(socket).poll_write(context, bytes),
            Writing::Other(writer) => Pin::new(writer).poll_write(context, bytes),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.0 {
            Writing::Tcp(socket) => Pin::new(socket).poll_flush(context),
            #[cfg(target_os = "linux")]
            Writing::Idle(_) => Poll::Ready(Ok(())),
            #[cfg(unix)]
            Writing::Unix(socket) => Pin::new(socket).poll_flush(context),
            Writing::Other(writer) => Pin::new(writer).poll_flush(context),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.0 {
            Writing::Tcp(socket) => Pin::new(socket).poll_shutdown(context),
            #[cfg(target_os = "linux")]
            Writing::Idle(socket) => Poll::Ready(socket.shutdown(Shutdown::Write)),
            #[cfg(unix)]
            Writing::Unix(socket) => Pin::new(socket).poll_shutdown(context),
            Writing::Other(writer) => Pin::new(writer).poll_shutdown(context),
        }
    }
}
