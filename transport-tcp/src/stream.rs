//! The two halves of a connection.

use crate::lines::LineDecoder;
use chat_runtime::core::CloseReason;
use chat_runtime::dialects::Frame;
use chat_runtime::{FrameSink, FrameSource, Received};
use futures::StreamExt;
use std::io;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio_util::codec::FramedRead;

/// Reads lines.
pub(crate) struct LineSource<R>(FramedRead<R, LineDecoder>);

/// Writes lines.
pub(crate) struct LineSink<W>(W);

impl<R: AsyncRead + Unpin + Send> LineSource<R> {
    pub(crate) fn new(reader: R, line_limit: usize) -> Self {
        Self(FramedRead::with_capacity(reader, LineDecoder::new(line_limit), READ_BUFFER))
    }
}

impl<W: AsyncWrite + Unpin + Send> LineSink<W> {
    pub(crate) fn new(writer: W) -> Self {
        Self(writer)
    }
}

impl<R: AsyncRead + Unpin + Send> FrameSource for LineSource<R> {
    async fn receive(&mut self) -> Option<Received> {
        // A connection that breaks has ended, and why is of no use to anybody.
        self.0.next().await?.ok()
    }
}

impl<W: AsyncWrite + Unpin + Send> FrameSink for LineSink<W> {
    async fn send(&mut self, frames: &[Frame]) -> io::Result<()> {
        self.0.write_all(&write_lines(frames.iter())).await?;
        // TLS keeps what it could not write at once, until it is asked for it.
        self.0.flush().await
    }

    async fn close(&mut self, _: &CloseReason) -> io::Result<()> {
        self.0.shutdown().await
    }
}

/// Frames as lines, all in one buffer, so that they go out in one system call.
pub(crate) fn write_lines<'a>(frames: impl Iterator<Item = &'a Frame> + Clone) -> Vec<u8> {
    let length = frames.clone().map(|frame| frame.bytes().len() + 1).sum();
    let mut lines = Vec::with_capacity(length);
    for frame in frames {
        lines.extend_from_slice(frame.bytes());
        if !frame.is_prompt() {
            lines.push(b'\n');
        }
    }
    lines
}

/// A read buffer to begin with: a line of chat fits, and an idle connection is not a burden. It grows as lines need it.
const READ_BUFFER: usize = 512;
