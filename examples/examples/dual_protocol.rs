//! One server with two protocols: users of `nc` and users of a WebSocket client meet in the same
//! channels.

#![allow(clippy::print_stdout, reason = "an example prints its result")]

use chat_runtime::Server;
use chat_runtime::chat_dialects::TextDialect;
use std::error::Error;
use transport_tcp::TcpFrontEnd;
use transport_ws::{WsEndpoint, WsFrontEnd};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let tcp = TcpFrontEnd::bind("127.0.0.1:7000".parse()?, TextDialect::bracket())?;
    let ws = WsFrontEnd::bind("127.0.0.1:8080".parse()?, WsEndpoint::default())?;

    println!("nc {} {}", tcp.local_addr().ip(), tcp.local_addr().port());
    println!("npx wscat -c ws://{}/ws", ws.local_addr());

    // Runs until Ctrl-C. Then all users are notified, and queued frames are sent.
    Server::new().front_end(tcp).front_end(ws).run().await?;
    Ok(())
}
