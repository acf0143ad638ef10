//! The simulated network behaves as TCP does. Each test here comes from a seed that failed because
//! it did not.

use chat_simulation::stream::{Direction, Links, SimulatedStream};
use std::cell::Cell;
use std::future::{Future, pending, poll_fn};
use std::pin::Pin;
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::sync::Notify;
use tokio::task::spawn_local;
use turmoil::net::TcpListener;
use turmoil::{Builder, Result, Sim};

/// A client half-closed while the server read nothing, and the FIN never reached the server.
#[test]
fn end_of_input_reaches_a_server_whose_window_is_full() -> Result {
    connect(
        |network, mut client| async move {
            fill(&mut client).await;
            client.shutdown().await?;
            network.signal();
            pending().await
        },
        |network, mut server| async move {
            network.signalled().await;
            network.delivered().await;
            assert_eq!(read_to_end(&mut server).await?, WINDOW);
            Ok(())
        },
    )
}

/// The server closed a connection in a burst that its client had not read yet, and the client
/// waited for ever.
#[test]
fn end_of_output_reaches_a_client_whose_window_is_full() -> Result {
    connect(
        |network, mut client| async move {
            network.signalled().await;
            network.delivered().await;
            assert_eq!(read_to_end(&mut client).await?, WINDOW);
            Ok(())
        },
        |network, mut server| async move {
            fill(&mut server).await;
            drop(server);
            network.signal();
            pending().await
        },
    )
}

#[test]
fn window_has_room_for_bytes_however_long_the_segments_are() -> Result {
    let is_reading = Rc::new(Cell::new(false));
    let reading = is_reading.clone();
    connect(
        |network, mut client| async move {
            assert_eq!(write_now(&mut client, &[b'x'; WINDOW - 1]).await, Some(WINDOW - 1));
            assert_eq!(write_now(&mut client, b"xx").await, Some(1));
            assert_eq!(write_now(&mut client, b"x").await, None);
            network.signal();
            client.write_all(b"x").await?;
            assert!(is_reading.get(), "there was room before the server read");
            client.shutdown().await?;
            pending().await
        },
        |network, mut server| async move {
            network.signalled().await;
            network.delivered().await;
            reading.set(true);
            assert_eq!(read_to_end(&mut server).await?, WINDOW + 1);
            Ok(())
        },
    )
}

#[test]
fn outage_in_one_direction_delays_and_loses_nothing() -> Result {
    let is_over = Rc::new(Cell::new(false));
    let over = is_over.clone();
    connect(
        |network, mut client| async move {
            network.links.hold(client.local_addr()?.ip(), Direction::ToServer);
            client.write_all(b"question").await?;
            client.shutdown().await?;
            // The other direction is not held: the greeting arrives.
            let mut greeting = [0; 5];
            client.read_exact(&mut greeting).await?;
            network.delivered().await;
            over.set(true);
            network.links.release(client.local_addr()?.ip());
            pending().await
        },
        |_, mut server| async move {
            server.write_all(b"hello").await?;
            let mut came = String::new();
            server.read_to_string(&mut came).await?;
            assert_eq!(came, "question");
            assert!(is_over.get(), "the question arrived before the outage was over");
            Ok(())
        },
    )
}

#[test]
fn connection_that_begins_in_an_outage_is_held_up_too() -> Result {
    simulate(
        Some(Direction::ToClient),
        |network, mut client| async move {
            let own = client.local_addr()?.ip();
            let is_over = Cell::new(false);
            let releasing = async {
                network.signalled().await;
                network.delivered().await;
                is_over.set(true);
                network.links.release(own);
            };
            let mut greeting = [0; 5];
            let reading = async {
                let read = client.read_exact(&mut greeting).await;
                assert!(is_over.get(), "the greeting arrived before the outage was over");
                read
            };
            let (read, ()) = tokio::join!(reading, releasing);
            read?;
            Ok(())
        },
        |network, mut server| async move {
            server.write_all(b"hello").await?;
            network.signal();
            pending().await
        },
    )
}

#[test]
fn sender_learns_what_has_been_read_when_the_outage_is_over() -> Result {
    let is_over = Rc::new(Cell::new(false));
    let over = is_over.clone();
    connect(
        |network, mut client| async move {
            network.links.hold(client.local_addr()?.ip(), Direction::ToServer);
            let mut came = [0; WINDOW];
            client.read_exact(&mut came).await?;
            network.delivered().await;
            over.set(true);
            network.links.release(client.local_addr()?.ip());
            client.read_exact(&mut came).await?;
            pending().await
        },
        |_, mut server| async move {
            server.write_all(&[b'x'; 2 * WINDOW]).await?;
            assert!(is_over.get(), "an acknowledgement arrived before the outage was over");
            Ok(())
        },
    )
}

#[test]
fn sender_that_waits_for_room_learns_of_a_reset() -> Result {
    connect(
        |network, mut client| async move {
            fill(&mut client).await;
            let (mut reader, mut writer) = tokio::io::split(client);
            // In a task of its own, which the reader does not wake.
            let writing = spawn_local(async move {
                network.signal();
                writer.write_all(b"x").await
            });
            let read = reader.read_to_end(&mut Vec::new()).await;
            let written = writing.await?;
            assert!(written.is_err() && read.is_err(), "{written:?}, {read:?}");
            Ok(())
        },
        |network, server| async move {
            network.signalled().await;
            network.delivered().await;
            // The server has unread input, so it closes with a reset.
            drop(server);
            pending().await
        },
    )
}

/// The network as one of the two programs of a test sees it. Clones share it.
#[derive(Clone)]
struct Network {
    links: Links,
    signal: Rc<Notify>,
    delivery: Rc<Notify>,
}

impl Network {
    fn new() -> Self {
        Self { links: Links::new(WINDOW), signal: Rc::default(), delivery: Rc::default() }
    }

    /// Tells the other program to go on.
    fn signal(&self) {
        self.signal.notify_one();
    }

    /// Waits for the other program's signal.
    async fn signalled(&self) {
        self.signal.notified().await;
    }

    /// Waits until no segment is in transit, and the programs have handled the last one.
    async fn delivered(&self) {
        self.delivery.notified().await;
    }
}

/// Runs two programs that share a connection, until one of them has finished.
fn connect<Client, Server>(
    client: impl FnOnce(Network, SimulatedStream) -> Client + 'static,
    server: impl FnOnce(Network, SimulatedStream) -> Server + 'static,
) -> Result
where
    Client: Future<Output = Result> + 'static,
    Server: Future<Output = Result> + 'static,
{
    simulate(None, client, server)
}

/// Does the same, with an outage in one direction from the beginning.
fn simulate<Client, Server>(
    held: Option<Direction>,
    client: impl FnOnce(Network, SimulatedStream) -> Client + 'static,
    server: impl FnOnce(Network, SimulatedStream) -> Server + 'static,
) -> Result
where
    Client: Future<Output = Result> + 'static,
    Server: Future<Output = Result> + 'static,
{
    let mut sim: Sim<'_> = Builder::new()
        .simulation_duration(LONGEST_TEST)
        .tcp_capacity(Links::capacity(WINDOW))
        .build();
    let network = Network::new();
    let done = Rc::new(Cell::new(false));
    let (own, over) = (network.clone(), done.clone());
    sim.client("server", async move {
        let listener = TcpListener::bind(("0.0.0.0", PORT)).await?;
        let (stream, address) = listener.accept().await?;
        let stream = own.links.accepted(stream, address);
        server(own, stream).await?;
        over.set(true);
        Ok(())
    });
    let (own, over) = (network.clone(), done.clone());
    sim.client("client", async move {
        let stream = own.links.connect("server", PORT).await?;
        client(own, stream).await?;
        over.set(true);
        Ok(())
    });
    if let Some(direction) = held {
        network.links.hold(sim.lookup("client"), direction);
    }
    let mut calm_steps = 0;
    while !done.get() {
        if sim.step()? {
            break;
        }
        calm_steps = if is_calm(&sim) { calm_steps + 1 } else { 0 };
        // In the step after the last delivery, the programs handle it, and may send again.
        if calm_steps > 1 {
            network.delivery.notify_waiters();
        }
    }
    assert!(done.get(), "neither program has finished");
    Ok(())
}

/// Returns true if no segment is in transit.
fn is_calm(sim: &Sim<'_>) -> bool {
    let mut in_transit = 0;
    sim.links(|links| in_transit = links.flatten().count());
    in_transit == 0
}

/// Sends bytes one by one until the window is full.
async fn fill(stream: &mut SimulatedStream) {
    for _ in 0..WINDOW {
        assert_eq!(write_now(stream, b"x").await, Some(1));
    }
    assert_eq!(write_now(stream, b"x").await, None);
}

/// Returns how many bytes are accepted at once; `None` if there is no room.
async fn write_now(stream: &mut SimulatedStream, bytes: &[u8]) -> Option<usize> {
    poll_fn(|context| {
        Poll::Ready(match Pin::new(&mut *stream).poll_write(context, bytes) {
            Poll::Ready(written) => Some(written.expect("the connection is open")),
            Poll::Pending => None,
        })
    })
    .await
}

async fn read_to_end(stream: &mut SimulatedStream) -> std::io::Result<usize> {
    stream.read_to_end(&mut Vec::new()).await
}

const PORT: u16 = 7_000;
const WINDOW: usize = 50;
/// The simulated time after which a test fails.
const LONGEST_TEST: Duration = Duration::from_secs(50);
