//! Connections in tasks of their own.

#[cfg(not(target_os = "linux"))]
use super::busy_connection::rest;
use super::connection::{Connection, serve};
#[cfg(target_os = "linux")]
use super::idle_connection::rest;
use crate::engine::Hub;
use crate::io::{FrameSource, Framing, Writer};
use std::sync::Arc;
use tokio_util::task::TaskTracker;

impl Hub {
    /// Serves a connection like [`serve_connection`](Self::serve_connection), in a task of its own
    /// on the current runtime. On Linux, a plain TCP connection has no task while it is idle, so
    /// that it needs less memory. `tasks` counts it until it has ended.
    ///
    /// # Panics
    ///
    /// Outside of a Tokio runtime.
    pub fn spawn_connection<S: FrameSource + 'static, F: Framing>(
        &self,
        connection: Connection,
        source: S,
        writer: Writer,
        _framing: F,
        tasks: &TaskTracker,
    ) {
        let (served, open) = self.begin::<F>(connection, writer, Some(tasks.clone()));
        let (served, mut source) = (Arc::new(served), Box::new(source));
        if source.reader().is_some_and(|reader| reader.can_rest()) {
            served.watch();
        }
        tasks.spawn(serve(served, source, Some(open), rest));
    }
}
