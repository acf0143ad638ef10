//! The server, which opens the store on the disk each time that it starts.

use super::disk::Disk;
use super::notes::Notes;
use crate::SimulatedClock;
use chat_runtime::async_trait;
use chat_runtime::chat_core::{Answer, Config, Identity};
use chat_runtime::chat_dialects::{AuthRequest, JsonDialect};
use chat_runtime::{
    Authenticator, Cloak, Clock, Limits, Listener, PeerAddress, Plain, Server, ServerError,
    Unavailable,
};
use std::io;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::time::sleep;
use transport_tcp::TcpFrontEnd;
use turmoil::net::{TcpListener, TcpStream};

/// Starts the server, and starts it again when its store has failed.
pub(crate) async fn serve(disk: Disk, notes: Notes) -> turmoil::Result {
    loop {
        let clock = SimulatedClock::at(notes.elapsed());
        let config = Config {
            // Most messages are read from the store.
            history_per_channel: 3,
            commands_per_second: 0,
            ..Config::default()
        };
        let store = disk.open(&config, clock.now());
        let listener = Port(TcpListener::bind(("0.0.0.0", PORT)).await?);
        let result = Server::new()
            .clock(clock)
            .cloak(Cloak::none())
            .limits(Limits { engine: config, ..Limits::default() })
            .authenticator(Names)
            .store(store)
            .front_end(TcpFrontEnd::on(listener, JsonDialect::default())?)
            .run_until(std::future::pending())
            .await;
        match result {
            Err(ServerError::Store(_)) => notes.open().counters.failures += 1,
            other => return Err(format!("the server has ended: {other:?}").into()),
        }
        sleep(Duration::from_millis(100)).await;
        disk.repair();
        notes.open().counters.restarts += 1;
    }
}

/// Each token is the name of an account and its nickname.
struct Names;

#[async_trait]
impl Authenticator for Names {
    async fn authenticate(&self, request: &AuthRequest) -> Result<Answer, Unavailable> {
        let Some(token) = &request.token else { return Ok(Answer::Guest) };
        let name = token.expose();
        Ok(Answer::Account(Identity::new(name).with_nicknames([name])))
    }
}

/// A listening port.
struct Port(TcpListener);

impl Listener for Port {
    type Incoming = Plain<TcpStream>;
    type LocalAddress = SocketAddr;

    async fn accept(&mut self) -> io::Result<(Plain<TcpStream>, PeerAddress)> {
        let (stream, address) = self.0.accept().await?;
        Ok((Plain(stream), address.into()))
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

pub(crate) const PORT: u16 = 7_000;
