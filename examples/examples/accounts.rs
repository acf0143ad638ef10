//! Accounts with passwords, which outlast a restart in the file `chat.db`. Run this, and register:
//!
//! ```console
//! $ nc 127.0.0.1 5000
//! {"type":"hello","version":2,"nickname":"alice"}
//! {"type":"register","account":"alice","password":"correct horse battery staple"}
//! ```
//!
//! The answer, `registered`, has a token. Stop the server with Ctrl+C, start it again, and come
//! back with the password, or with that token:
//!
//! ```console
//! $ nc 127.0.0.1 5000
//! {"type":"hello","version":2,"account":"alice","password":"correct horse battery staple"}
//! $ nc 127.0.0.1 5000
//! {"type":"hello","version":2,"session":"chat_…"}
//! ```

#![allow(clippy::print_stdout, reason = "an example prints its result")]

use chat_server::prelude::*;
use std::error::Error;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let passwords = Argon2Passwords::new(Hasher::new(&HasherConfig::default())?);
    // Without this, only the accounts that exist can log in. To let only some people register, give
    // them a code: `passwords.registration_code(…)`.
    let config = Config { registration: true, ..Config::default() };
    let store = SqliteOptions::default().open("chat.db", SystemClock::new().now())?;
    let tcp = TcpFrontEnd::bind("127.0.0.1:5000".parse()?, JsonDialect::default())?;
    println!("nc {} {}", tcp.local_addr().ip(), tcp.local_addr().port());
    let server = Server::new().config(config).passwords(passwords).store(store);
    server.front_end(tcp).run().await?;
    Ok(())
}
