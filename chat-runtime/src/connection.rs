//! One connection, whatever its transport: frames from the peer to the engine, frames from the engine to the peer.

use crate::admission::Permit;
use crate::ending::Ending;
use crate::hub::{Hub, Order};
use crate::outbox::{Feed, Outbox, Taken};
use crate::progress::Progress;
use crate::pulse::{Care, Pulse};
use bytes::Bytes;
use chat_core::{CloseReason, Peer, SessionId};
use chat_dialects::{Dialect, Fault, Frame};
use futures::FutureExt;
use futures::future::FusedFuture;
use std::future::Future;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{sleep, timeout};
use tracing::{Instrument, debug, info_span};

/// The receiving half of a connection: the transport cuts what comes into frames.
pub trait FrameSource: Send {
    /// Waits for the next frame. `None` when the peer sends no more, for whatever reason; then it is not called again.
    /// Need not be cancel safe.
    fn receive(&mut self) -> impl Future<Output = Option<Received>> + Send;
}

/// The sending half of a connection: the transport puts frames on the wire.
pub trait FrameSink: Send {
    /// Sends frames, in as few system calls as can be.
    fn send(&mut self, frames: &[Frame]) -> impl Future<Output = io::Result<()>> + Send;

    /// Ends the connection, as the transport does it.
    fn close(&mut self, reason: &CloseReason) -> impl Future<Output = io::Result<()>> + Send;

    /// Whether the transport has a way of its own to [ask](Self::ping) a peer whether it is still there. If it has not, and
    /// the dialect has, the dialect does.
    const PINGS: bool = false;

    /// Asks the peer whether it is still there; the answer is [`Received::Alive`].
    fn ping(&mut self) -> impl Future<Output = io::Result<()>> + Send {
        std::future::ready(Ok(()))
    }
}

/// What has come from a peer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Received {
    /// A frame, without its terminator; not yet known to be UTF-8.
    Frame(Bytes),
    /// Something that could not be made a frame of, and was skipped.
    Fault(Fault),
    /// Nothing but a sign of life.
    Alive,
    /// Something for which the transport ends the connection. What comes after it is read, so that the last words are not
    /// lost in a reset, and of no account.
    Enough,
}

/// What a front end knows of a connection that it hands over.
pub struct Connection {
    /// The transport's name, for logs.
    pub transport: &'static str,
    /// Who it is, for the engine.
    pub peer: Peer,
    /// What it speaks.
    pub dialect: Arc<dyn Dialect>,
    /// Its place among all connections.
    pub permit: Permit,
    /// What counts the bytes that the peer takes. One that counts nothing will do: then frames have to be taken as a whole
    /// within [`Limits::write_stall`](crate::Limits::write_stall).
    pub progress: Progress,
}

impl Hub {
    /// Serves one connection until it ends: by its peer, by its dialect, by the engine, or because the server stops.
    ///
    /// A peer that has only finished sending still gets the answers to what it sent. If this is dropped before it is done,
    /// the session ends all the same.
    pub async fn serve_connection<S: FrameSource, K: FrameSink>(
        &self,
        connection: Connection,
        source: S,
        sink: K,
    ) {
        let Connection { transport, peer, dialect, permit: _permit, progress } = connection;
        let session = self.next_session();
        let host = peer.host.clone().unwrap_or_default();
        let span =
            info_span!("session", id = session.0, transport, %host, dialect = dialect.name());
        let outbox = Arc::new(Outbox::new(self.limits()));
        let work = async {
            let (feed, transport_pings) = (Feed::new(outbox.clone()), K::PINGS);
            let _counted = self.measured().count_session(transport, dialect.name());
            let opened = Order::Open { session, peer, dialect, outbox: feed, transport_pings };
            let mut ending = Ending::new(self, session);
            if self.send(opened).await.is_err() {
                return;
            }
            debug!("open");
            let pulse = Pulse::new();
            let mut reading = pin!(self.read(session, source, &pulse).fuse());
            let mut writing = pin!(self.write(session, sink, &outbox, (&pulse, &progress)));
            let written = loop {
                tokio::select! {
                    // Writing first: a peer that never stops sending uses up what a task may do at once.
                    biased;
                    written = &mut writing => break written,
                    () = &mut reading, if !reading.is_terminated() => {}
                }
            };
            let reason = match &written {
                Ok(()) => CloseReason::Disconnected,
                Err(error) if error.kind() == io::ErrorKind::TimedOut => CloseReason::TooSlow,
                Err(_) => CloseReason::Disconnected,
            };
            // For the engine this is news only if the connection broke.
            let _ = self.close(session, reason).await;
            ending.done();
            if let Err(error) = written {
                debug!(%error, "broken");
                return;
            }
            // A socket that is dropped with something unread in it takes back what it has sent.
            if !reading.is_terminated() {
                let _ = timeout(LINGER, reading).await;
            }
            debug!("closed");
        };
        work.instrument(span).await;
    }

    /// Hands what the peer sends to the engine, then says that it has finished.
    async fn read(&self, session: SessionId, mut source: impl FrameSource, pulse: &Pulse) {
        while let Some(received) = source.receive().await {
            pulse.felt();
            let order = match received {
                Received::Alive => continue,
                Received::Frame(frame) => Order::Frame { session, frame },
                Received::Fault(fault) => Order::Fault { session, fault },
                Received::Enough => Order::Close { session, reason: CloseReason::Disconnected },
            };
            // A server that has stopped has no use for it, but it is read all the same: what is left unread when the socket
            // is dropped takes back the last words that have been sent.
            let _ = self.send(order).await;
        }
        let _ = self.close(session, CloseReason::Disconnected).await;
    }

    async fn write(
        &self,
        session: SessionId,
        mut sink: impl FrameSink,
        outbox: &Outbox,
        signs: (&Pulse, &Progress),
    ) -> io::Result<()> {
        let out_of_time = async {
            outbox.until_closed().await;
            sleep(self.limits().drain).await;
        };
        tokio::select! {
            biased;
            written = self.write_all(session, &mut sink, outbox, signs) => written,
            () = out_of_time => Err(io::ErrorKind::TimedOut.into()),
        }
    }

    async fn write_all<K: FrameSink>(
        &self,
        session: SessionId,
        sink: &mut K,
        outbox: &Outbox,
        (pulse, progress): (&Pulse, &Progress),
    ) -> io::Result<()> {
        let stall = self.limits().write_stall;
        let mut batch = Vec::new();
        let mut watching = K::PINGS;
        loop {
            let taken = tokio::select! {
                // Silence first: there is always something to write on a busy channel.
                biased;
                care = pulse.silence(self.limits()), if watching => {
                    match care {
                        Care::Ask => while_it_moves(progress, stall, sink.ping()).await?,
                        Care::GiveUp => {
                            // It comes back through the queue, after what is in there.
                            let _ = self.close(session, CloseReason::Idle).await;
                            watching = false;
                        }
                    }
                    continue;
                }
                taken = outbox.take(WRITE_BYTES, &mut batch) => taken,
            };
            match taken {
                Taken::Frames => {
                    while_it_moves(progress, stall, sink.send(&batch)).await?;
                    if outbox.sent(&batch) {
                        let _ = self.send(Order::Resume { session }).await;
                    }
                    // An idle session keeps no buffer.
                    batch = Vec::new();
                }
                Taken::Closed(reason) => return sink.close(&reason).await,
            }
        }
    }
}

/// Waits until something is written, however slowly, as long as the peer takes any of it from time to time.
async fn while_it_moves(
    progress: &Progress,
    stall: Duration,
    writing: impl Future<Output = io::Result<()>>,
) -> io::Result<()> {
    let mut writing = pin!(writing);
    loop {
        let before = progress.bytes();
        match timeout(stall, &mut writing).await {
            Ok(written) => return written,
            Err(_) if progress.bytes() != before => {}
            Err(elapsed) => return Err(elapsed.into()),
        }
    }
}

/// About how much is written at once.
const WRITE_BYTES: usize = 64 * 1024;
/// How long a peer that has been sent the last frame may take to read it and to close its side.
const LINGER: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Counted;
    use crate::{Server, Stopped};
    use chat_core::Config;
    use chat_dialects::TextDialect;
    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
    use tokio::sync::mpsc;
    use tokio::time::Instant;

    struct Talker(mpsc::Receiver<Received>);

    impl FrameSource for Talker {
        async fn receive(&mut self) -> Option<Received> {
            self.0.recv().await
        }
    }

    struct Listener;

    impl FrameSink for Listener {
        async fn send(&mut self, _: &[Frame]) -> io::Result<()> {
            Ok(())
        }

        async fn close(&mut self, _: &CloseReason) -> io::Result<()> {
            Ok(())
        }
    }

    #[tokio::test(start_paused = true)]
    async fn who_still_talks_when_the_server_stops_is_read_to_the_end() {
        let server = Server::new(Config::default()).start();
        let hub = server.hub().clone();
        let (talk, heard) = mpsc::channel(1);
        let connection = Connection {
            transport: "test",
            peer: Peer::default(),
            dialect: Arc::new(TextDialect::bracket()),
            permit: hub.admit(None).expect("there is room"),
            progress: Progress::default(),
        };
        let serving = hub.clone();
        let serving = tokio::spawn(async move {
            serving.serve_connection(connection, Talker(heard), Listener).await;
        });
        while hub.look(|view| view.session_count()).await != Ok(1) {}
        server.stop();
        while hub.look(|_| ()).await != Err(Stopped) {}
        for _ in 0..3 {
            talk.send(Received::Frame("and then".into())).await.expect("it is read");
            tokio::task::yield_now().await;
        }
        drop(talk);
        serving.await.expect("it ends");
    }

    /// A peer behind a narrow line.
    struct Narrow(Counted<DuplexStream>);

    impl FrameSink for Narrow {
        async fn send(&mut self, frames: &[Frame]) -> io::Result<()> {
            for frame in frames {
                self.0.write_all(frame.bytes()).await?;
            }
            Ok(())
        }

        async fn close(&mut self, _: &CloseReason) -> io::Result<()> {
            self.0.shutdown().await
        }
    }

    #[tokio::test(start_paused = true)]
    async fn who_reads_slowly_is_waited_for_and_who_stops_is_not() {
        // There is time enough for a name.
        let config = Config { person_naming_timeout: None, ..Config::default() };
        let server = Server::new(config).start();
        let hub = server.hub().clone();
        let (_talk, heard) = mpsc::channel(1);
        let (near, mut far) = duplex(16);
        let progress = Progress::default();
        let connection = Connection {
            transport: "test",
            peer: Peer::default(),
            dialect: Arc::new(TextDialect::plain()),
            permit: hub.admit(None).expect("there is room"),
            progress: progress.clone(),
        };
        let sink = Narrow(progress.of(near));
        let serving = hub.clone();
        let serving = tokio::spawn(async move {
            serving.serve_connection(connection, Talker(heard), sink).await;
        });
        // The greeting takes far longer than a stall may.
        let stall = hub.limits().write_stall;
        let begun = Instant::now();
        for _ in 0..20 {
            sleep(stall / 2).await;
            let mut some = [0; 16];
            far.read_exact(&mut some).await.expect("the connection goes on");
        }
        assert!(begun.elapsed() > stall * 9);
        assert!(!serving.is_finished());
        timeout(stall * 3, serving).await.expect("nobody waits any longer").expect("it ends");
        assert_eq!(hub.look(|view| view.session_count()).await, Ok(0));
    }
}
