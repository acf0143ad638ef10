//! A custom authenticator: each user has a secret word, which the client sends as its token. Run
//! this in two terminals:
//!
//! ```console
//! $ nc 127.0.0.1 5000
//! {"type":"hello","version":2,"token":"open sesame"}
//! ```

#![allow(clippy::print_stdout, reason = "an example prints its result")]

use async_trait::async_trait;
use chat_runtime::chat_core::{Answer, Identity, Text};
use chat_runtime::chat_dialects::{AuthRequest, JsonDialect};
use chat_runtime::{Authenticator, Server, Unavailable};
use std::collections::HashMap;
use std::error::Error;
use transport_tcp::TcpFrontEnd;

/// The name that belongs to each word. A real authenticator queries a database and compares hashes.
struct Members(HashMap<&'static str, &'static str>);

#[async_trait]
impl Authenticator for Members {
    async fn authenticate(&self, request: &AuthRequest) -> Result<Answer, Unavailable> {
        // A client without a token is admitted as a guest, with any free name.
        let Some(word) = &request.token else { return Ok(Answer::Guest) };
        let Some(name) = self.0.get(word.expose()) else {
            return Ok(Answer::Refused(Text::clean("no user has this word")));
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
