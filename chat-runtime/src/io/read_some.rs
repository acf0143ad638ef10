//! Reading from many connections with one buffer.

use bytes::BytesMut;
use std::cell::Cell;
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::{Poll, ready};
use tokio::io::{AsyncRead, ReadBuf};

/// Waits for bytes, appends them, and returns their number, which is 0 at the end. Cancel safe.
///
/// It reads through a buffer that all connections of a thread share, so that an idle connection has
/// no buffer.
///
/// # Errors
///
/// If the connection is broken.
pub fn read_some<R: AsyncRead + Unpin>(
    reader: &mut R,
    into: &mut BytesMut,
) -> impl Future<Output = io::Result<usize>> {
    poll_fn(move |context| {
        // Taken for the time of the read: a reader that reads from another one makes its own.
        let mut shared = SHARED.take();
        shared.resize(READ_BUFFER, 0);
        let mut buffer = ReadBuf::new(&mut shared);
        let read = Pin::new(&mut *reader).poll_read(context, &mut buffer);
        let count = buffer.filled().len();
        into.extend_from_slice(buffer.filled());
        SHARED.set(shared);
        ready!(read)?;
        Poll::Ready(Ok(count))
    })
}

thread_local! {
    static SHARED: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

const READ_BUFFER: usize = 16 * 1024;
