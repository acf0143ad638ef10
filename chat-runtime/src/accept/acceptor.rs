//! Accepts connections as fast as they arrive, however long it takes to begin serving each of them.

use super::listener::{Incoming, Listener, RefusedConnection};
use crate::admission::Permit;
use crate::engine::Hub;
use crate::io::PeerAddress;
use bytes::Bytes;
use chat_dialects::TurnedAway;
use futures::FutureExt;
use std::collections::VecDeque;
use std::time::Duration;
use std::{fmt, io};
use tokio::task::coop::unconstrained;
use tokio::task::yield_now;
use tokio::time::{Instant, sleep};
use tracing::{debug, info, warn};

/// A [`Listener`] with a queue of accepted connections that are not served yet.
///
/// When the kernel's accept queue is full, it drops new connections, and clients try again only
/// after a second. So the acceptor empties that queue before it does anything else. In a rush it
/// begins to serve only a bounded number of connections before it empties the queue again, because
/// that takes longer than accepting them.
pub struct Acceptor<L: Listener> {
    listener: L,
    /// Accepted connections in the order of their arrival; at most as many as the server admits.
    waiting: VecDeque<(L::Incoming, PeerAddress, Permit)>,
    /// Connections begun since other tasks last had a chance to run.
    begun: usize,
    /// True if the last call of `accept` failed for want of resources.
    paused: bool,
    /// The time at which a refused connection was last logged.
    refusal_logged: Option<Instant>,
}

impl<L: Listener> Acceptor<L> {
    /// Makes the acceptor of a listener.
    pub fn new(listener: L) -> Self {
        Self { listener, waiting: VecDeque::new(), begun: 0, paused: false, refusal_logged: None }
    }

    /// Waits for the next connection that is [admitted](Hub::admit). Refused connections are sent
    /// the bytes that `last_words` returns, and closed. Cancel safe.
    ///
    /// After an error, such as a lack of file descriptors, it tries again. The error is logged
    /// once.
    pub async fn accept(
        &mut self,
        hub: &Hub,
        last_words: impl Fn(TurnedAway) -> Bytes,
    ) -> (L::Incoming, PeerAddress, Permit) {
        loop {
            self.accept_all(hub, &last_words);
            if self.begun == BEGIN_IN_A_TURN {
                self.begun = 0;
                yield_now().await;
                continue;
            }
            if let Some(next) = self.waiting.pop_front() {
                self.begun += 1;
                return next;
            }
            self.begun = 0;
            match self.listener.accept().await {
                Ok((incoming, address)) => self.admit(incoming, address, hub, &last_words),
                Err(error) if self.is_refusal(&error, hub) => {}
                // The peer has closed the connection before it was accepted.
                Err(error) if is_of_one_connection(&error) => {}
                Err(error) => {
                    if !std::mem::replace(&mut self.paused, true) {
                        warn!(%error, "cannot accept connections; trying again ten times a second");
                    }
                    sleep(PAUSE).await;
                }
            }
        }
    }

    /// Accepts the connections that wait already.
    fn accept_all(&mut self, hub: &Hub, last_words: &impl Fn(TurnedAway) -> Bytes) {
        for _ in 0..ACCEPT_IN_A_TURN {
            // Unconstrained, because Tokio otherwise lets a task accept only 128 connections.
            let accepted = unconstrained(self.listener.accept()).now_or_never();
            match accepted {
                Some(Ok((incoming, address))) => self.admit(incoming, address, hub, last_words),
                Some(Err(error)) if self.is_refusal(&error, hub) => {}
                // An error that persists is handled by `accept`.
                Some(Err(_)) | None => return,
            }
        }
    }

    /// Returns true if the error says that the listener has refused a connection, and counts it.
    ///
    /// The usual reason is a misconfigured proxy, because of which all connections are refused. So
    /// it is logged at most once a minute.
    fn is_refusal(&mut self, error: &io::Error, hub: &Hub) -> bool {
        let refused = error.get_ref().and_then(|error| error.downcast_ref::<RefusedConnection>());
        let Some(refused) = refused else { return false };
        hub.metrics_registry().note_no_connection(refused.reason());
        if self.refusal_logged.is_none_or(|logged| logged.elapsed() >= REFUSAL_LOGGED_EVERY) {
            self.refusal_logged = Some(Instant::now());
            warn!("{refused}; the next minute's are only counted");
        } else {
            debug!("{refused}");
        }
        true
    }

    fn admit(
        &mut self,
        incoming: L::Incoming,
        address: PeerAddress,
        hub: &Hub,
        last_words: impl Fn(TurnedAway) -> Bytes,
    ) {
        if std::mem::take(&mut self.paused) {
            info!("connections are accepted again");
        }
        match hub.admit(Some(&address)) {
            Ok(permit) => self.waiting.push_back((incoming, address, permit)),
            Err(why) => turn_away(hub, incoming, &address, why, last_words),
        }
    }
}

impl<L: Listener> fmt::Debug for Acceptor<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Acceptor")
            .field("address", &self.listener.local_addr().ok())
            .field("waiting", &self.waiting.len())
            .field("paused", &self.paused)
            .finish_non_exhaustive()
    }
}

fn turn_away(
    hub: &Hub,
    incoming: impl Incoming,
    address: &PeerAddress,
    why: TurnedAway,
    last_words: impl Fn(TurnedAway) -> Bytes,
) {
    debug!(%address, %why, "turned away");
    if let Ok(place) = hub.admission().farewells.clone().try_acquire_owned() {
        let last_words = last_words(why);
        tokio::spawn(async move {
            incoming.turn_away(last_words).await;
            drop(place);
        });
    }
}

fn is_of_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionReset
    )
}

/// The number of connections that begin before the kernel's queue is emptied again. That takes some
/// milliseconds, in which far fewer connections arrive than the queue holds.
const BEGIN_IN_A_TURN: usize = 64;
/// The most connections that are accepted in a row, so that a flood does not stop other tasks.
const ACCEPT_IN_A_TURN: usize = 4_096;
/// The shortest time between two log lines about connections that the listener refuses.
const REFUSAL_LOGGED_EVERY: Duration = Duration::from_secs(60);
/// The time between two attempts after an error.
const PAUSE: Duration = Duration::from_millis(100);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Limits, Plain, Server};

    use std::future::pending;
    use std::ops::Range;
    use tokio::io::Empty;

    /// Connections from these ports arrive at once, and no others.
    struct Rush(Range<u16>);

    impl Listener for Rush {
        type Incoming = Plain<Empty>;
        type LocalAddress = ();

        async fn accept(&mut self) -> io::Result<(Plain<Empty>, PeerAddress)> {
            // As a socket does.
            tokio::task::coop::consume_budget().await;
            match self.0.next() {
                Some(port) => Ok((Plain(tokio::io::empty()), from_port(port))),
                None => pending().await,
            }
        }

        fn local_addr(&self) -> io::Result<()> {
            Ok(())
        }
    }

    fn from_port(port: u16) -> PeerAddress {
        PeerAddress::Ip(([127, 0, 0, 1], port).into())
    }

    fn no_words(_: TurnedAway) -> Bytes {
        Bytes::new()
    }

    #[tokio::test]
    async fn waiting_connections_are_admitted_before_any_begins() {
        let server = Server::new().start();
        let hub = server.hub();
        let mut acceptor = Acceptor::new(Rush(1..1_001));
        let first = acceptor.accept(hub, no_words).await;
        assert_eq!(first.1, from_port(1));
        assert_eq!(hub.connections(), 1_000);
        for port in 2..1_001 {
            let next = acceptor.accept(hub, no_words).await;
            assert_eq!(next.1, from_port(port), "in the order of arrival");
        }
        server.stop();
    }

    #[tokio::test]
    async fn tasks_run_before_too_many_connections_begin() {
        let server = Server::new().start();
        let mut acceptor = Acceptor::new(Rush(1..1_001));
        for _ in 0..BEGIN_IN_A_TURN {
            let next = acceptor.accept(server.hub(), no_words).now_or_never();
            assert!(next.is_some(), "a connection waits");
        }
        assert!(acceptor.accept(server.hub(), no_words).now_or_never().is_none(), "it yields");
        assert!(acceptor.accept(server.hub(), no_words).now_or_never().is_some());
        server.stop();
    }

    #[tokio::test]
    async fn no_more_connections_wait_than_are_admitted() {
        let limits = Limits { connections: 10, ..Limits::default() };
        let server = Server::new().limits(limits).start();
        let mut acceptor = Acceptor::new(Rush(1..1_001));
        let _first = acceptor.accept(server.hub(), no_words).await;
        assert_eq!(acceptor.waiting.len(), 9);
        server.stop();
    }
}
