//! Connects to the servers of NATS.

use crate::error::{JoinError, one_line};
use crate::options::ClusterOptions;
use async_nats::jetstream::{self, Context};
use std::time::Duration;

/// Connects, and checks the version of the server. Returns the most bytes of a message, too.
pub(crate) async fn connect(options: &ClusterOptions) -> Result<(Context, usize), JoinError> {
    let connect = options.connect_options().await;
    let connect = connect
        .map_err(|error| JoinError::Credentials(one_line(&error)))?
        .connection_timeout(PATIENCE)
        .request_timeout(Some(PATIENCE))
        // The addresses that servers tell of each other may be those of another network.
        .ignore_discovered_servers()
        // A server that does not answer is noticed within two intervals.
        .ping_interval(PING)
        .reconnect_delay_callback(|_| RECONNECT);
    let client = connect.connect(options.servers()).await;
    let client = client.map_err(|error| JoinError::Connect(one_line(&error)))?;
    let info = client.server_info();
    if !client.is_server_compatible(2, 10, 26) {
        return Err(JoinError::TooOld(info.version));
    }
    Ok((jetstream::new(client), info.max_payload))
}

/// The time within which the servers have to answer.
const PATIENCE: Duration = Duration::from_secs(5);
/// The time between two signs of life of a connection to a server, and the pause before it is made
/// again.
const PING: Duration = Duration::from_secs(2);
const RECONNECT: Duration = Duration::from_millis(200);
