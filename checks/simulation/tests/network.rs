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
use tokio::time::{Instant, sleep};
use turmoil::net::TcpListener;
use turmoil::{Builder, Result, Sim};

/// A client half-closed while the server read nothing, and the FIN never reached the server.
#[test]
fn end_of_input_reaches_a_server_whose_window_is_full() -> Result {
    connect(
        |_, mut client| async move {
            fill(&mut client).await;
            client.shutdown().await?;
            pending().await
        },
        |_, mut server| async move {
            sleep(LONG).await;
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
        |_, mut client| async move {
            sleep(LONG).await;
            assert_eq!(read_to_end(&mut client).await?, WINDOW);
            Ok(())
        },
        |_, mut server| async move {
            fill(&mut server).await;
            drop(server);
            pending().await
        },
    )
}

#[test]
fn window_has_room_for_bytes_however_long_the_segments_are() -> Result {
    connect(
        |_, mut client| async move {
            assert_eq!(write_now(&mut client, &[b'x'; WINDOW - 1]).await, Some(WINDOW - 1));
            assert_eq!(write_now(&mut client, b"xx").await, Some(1));
            assert_eq!(write_now(&mut client, b"x").await, None);
            let waited = Instant::now();
            client.write_all(b"x").await?;
            assert!(waited.elapsed() > LONG / 2, "until the server has read something");
            client.shutdown().await?;
            pending().await
        },
        |_, mut server| async move {
            sleep(LONG).await;
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
        move |links, mut client| async move {
            links.hold(client.local_addr()?.ip(), Direction::ToServer);
            client.write_all(b"question").await?;
            client.shutdown().await?;
            // The other direction is not held: the greeting arrives.
            let mut greeting = [0; 5];
            client.read_exact(&mut greeting).await?;
            sleep(LONG).await;
            over.set(true);
            links.release(client.local_addr()?.ip());
            pending().await
        },
        move |_, mut server| async move {
            server.write_all(b"hello").await?;
            let mut came = String::new();
            server.read_to_string(&mut came).await?;
            assert_eq!(came, "question");
            assert!(is_over.get(), "it has come before the outage was over");
            Ok(())
        },
    )
}

#[test]
fn connection_that_begins_in_an_outage_is_held_up_too() -> Result {
    simulate(
        Some(Direction::ToClient),
        |links, mut client| async move {
            let own = client.local_addr()?.ip();
            let is_over = Cell::new(false);
            let releasing = async {
                sleep(LONG).await;
                is_over.set(true);
                links.release(own);
            };
            let mut greeting = [0; 5];
            let (read, ()) = tokio::join!(
                async {
                    let read = client.read_exact(&mut greeting).await;
                    assert!(is_over.get(), "it has come before the outage was over");
                    read
                },
                releasing
            );
            read?;
            Ok(())
        },
        |_, mut server| async move {
            server.write_all(b"hello").await?;
            pending().await
        },
    )
}

#[test]
fn sender_learns_what_has_been_read_when_the_outage_is_over() -> Result {
    connect(
        |links, mut client| async move {
            links.hold(client.local_addr()?.ip(), Direction::ToServer);
            let mut came = [0; WINDOW];
            client.read_exact(&mut came).await?;
            sleep(LONG).await;
            links.release(client.local_addr()?.ip());
            client.read_exact(&mut came).await?;
            pending().await
        },
        |_, mut server| async move {
            let waited = Instant::now();
            server.write_all(&[b'x'; 2 * WINDOW]).await?;
            assert!(waited.elapsed() > LONG / 2, "no acknowledgement can have arrived before");
            Ok(())
        },
    )
}

#[test]
fn sender_that_waits_for_room_learns_of_a_reset() -> Result {
    connect(
        |_, client| async move {
            let (mut reader, mut writer) = tokio::io::split(client);
            let writing = async move { writer.write_all(&[b'x'; 2 * WINDOW]).await };
            let mut came = Vec::new();
            let (written, read) = tokio::join!(writing, reader.read_to_end(&mut came));
            assert!(written.is_err() && read.is_err(), "{written:?}, {read:?}");
            Ok(())
        },
        |_, server| async move {
            sleep(LONG).await;
            // It has unread data, so it closes with a reset.
            drop(server);
            pending().await
        },
    )
}

/// Runs two programs that share a connection, until one of them has finished.
fn connect<Client, Server>(
    client: impl FnOnce(Links, SimulatedStream) -> Client + 'static,
    server: impl FnOnce(Links, SimulatedStream) -> Server + 'static,
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
    client: impl FnOnce(Links, SimulatedStream) -> Client + 'static,
    server: impl FnOnce(Links, SimulatedStream) -> Server + 'static,
) -> Result
where
    Client: Future<Output = Result> + 'static,
    Server: Future<Output = Result> + 'static,
{
    let mut sim: Sim<'_> =
        Builder::new().simulation_duration(LONG * 10).tcp_capacity(Links::capacity(WINDOW)).build();
    let links = Links::new(WINDOW);
    let done = Rc::new(Cell::new(false));
    let own = (links.clone(), done.clone());
    let outage = links.clone();
    sim.client("server", async move {
        let (links, done) = own;
        let listener = TcpListener::bind(("0.0.0.0", PORT)).await?;
        let (stream, address) = listener.accept().await?;
        server(links.clone(), links.accepted(stream, address)).await?;
        done.set(true);
        Ok(())
    });
    let over = done.clone();
    sim.client("client", async move {
        let stream = links.connect("server", PORT).await?;
        client(links, stream).await?;
        over.set(true);
        Ok(())
    });
    if let Some(direction) = held {
        outage.hold(sim.lookup("client"), direction);
    }
    while !done.get() {
        if sim.step()? {
            break;
        }
    }
    assert!(done.get(), "the client has not finished");
    Ok(())
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
const LONG: Duration = Duration::from_secs(5);
