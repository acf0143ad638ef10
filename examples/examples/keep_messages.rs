//! A server whose channels and messages outlast a restart: with the file `chat.db`, in which
//! `chat-store-sqlite` keeps them. Say something, stop the server with Ctrl+C, start it again, and
//! `/history` shows it:
//!
//! ```console
//! $ nc 127.0.0.1 5000
//! ```

#![allow(clippy::print_stdout, reason = "an example prints its result")]

use chat_server::prelude::*;
use chat_server::store::Opened;
use std::error::Error;
use std::path::Path;

/// Opens the file, or makes it.
fn open(path: &Path) -> Result<Opened, Box<dyn Error>> {
    let mut options = SqliteOptions::default();
    // Everything outlasts a crash of this program at once, and a loss of power after a second.
    // `Durability::Power`, the default, waits for the disk before a message is delivered.
    options.durability = Durability::Process;
    Ok(options.open(path, SystemClock::new().now())?)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let store = open(Path::new("chat.db"))?;
    let tcp = TcpFrontEnd::bind("127.0.0.1:5000".parse()?, TextDialect::bracket())?;
    println!("storing in chat.db; nc {} {}", tcp.local_addr().ip(), tcp.local_addr().port());
    Server::new().store(store).front_end(tcp).run().await?;
    Ok(())
}
