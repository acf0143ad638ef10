//! Accepted connections whose first bytes are being read.

use chat_runtime::{Listener, PeerAddress, Plain, RefusedConnection};
use futures::StreamExt;
use futures::future::{BoxFuture, FutureExt};
use futures::stream::FuturesUnordered;
use std::io;

/// The connections of a listener that have to state their clients.
pub(crate) struct Pending<I>(FuturesUnordered<BoxFuture<'static, Outcome<I>>>);

/// A connection and the address of its client, or `None` for a health check, which is closed and
/// not counted.
pub(crate) type Outcome<I> = Result<Option<(I, PeerAddress)>, RefusedConnection>;

impl<I> Pending<I> {
    pub(crate) fn new() -> Self {
        Self(FuturesUnordered::new())
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}

impl<S: 'static> Pending<Plain<S>> {
    /// Accepts connections, and waits for the next one that has stated its client. `identify`
    /// returns the future that reads its first bytes, or refuses it by its address.
    pub(crate) async fn accept<L, F>(
        &mut self,
        listener: &mut L,
        identify: impl Fn(S, PeerAddress) -> Result<F, RefusedConnection>,
    ) -> io::Result<(Plain<S>, PeerAddress)>
    where
        L: Listener<Incoming = Plain<S>>,
        F: Future<Output = Outcome<Plain<S>>> + Send + 'static,
    {
        loop {
            tokio::select! {
                // Connections that were accepted earlier come first.
                biased;
                Some(outcome) = self.0.next() => match outcome {
                    Ok(Some(accepted)) => return Ok(accepted),
                    Ok(None) => {}
                    Err(refused) => return Err(refused.into()),
                },
                accepted = listener.accept(), if self.len() < MOST_PENDING => {
                    let (Plain(stream), address) = accepted?;
                    self.0.push(identify(stream, address)?.boxed());
                }
            }
        }
    }
}

/// The number of connections whose first bytes are read at once. Only those of trusted addresses
/// count. When this many of them have sent nothing yet, further connections wait in the kernel's
/// backlog.
const MOST_PENDING: usize = 1_024;
