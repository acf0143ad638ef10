//! A login of one's own: people bring a word that only they know, and are who it says they are.
//! Try, in two windows:
//!
//! ```console
//! $ nc 127.0.0.1 5000
//! {"type":"hello","version":2,"token":"open sesame"}
//! ```

#![allow(clippy::print_stdout, reason = "what a program prints is what it is for")]

use async_trait::async_trait;
use chat_runtime::chat_core::{Answer, Identity, Text};
use chat_runtime::chat_dialects::{AuthRequest, JsonDialect};
use chat_runtime::{Authenticator, Server, Unavailable};
use std::collections::HashMap;
use std::error::Error;
use transport_tcp::TcpFrontEnd;

/// Who is known by which word. Yours will ask a database, and compare hashes.
struct Members(HashMap<&'static str, &'static str>);

#[async_trait]
impl Authenticator for Members {
    async fn authenticate(&self, request: &AuthRequest) -> Result<Answer, Unavailable> {
        // Who says nothing may come in as a guest, and take any name that is free.
        let Some(word) = &request.token else { return Ok(Answer::Guest) };
        let Some(name) = self.0.get(word.expose()) else {
            return Ok(Answer::Refused(Text::clean("nobody is known by that word")));
        };
        // Several sessions of one account are one user.
        Ok(Answer::Account(Identity::new(*name).with_nicknames([*name])))
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let members = Members(HashMap::from([("open sesame", "alibaba"), ("speak friend", "gandalf")]));
    let tcp = TcpFrontEnd::bind("127.0.0.1:5000".parse()?, JsonDialect::default())?;
    println!("nc {} {}", tcp.local_addr().ip(), tcp.local_addr().port());
    Server::new().authenticator(members).front_end(tcp).run().await?;
    Ok(())
}
