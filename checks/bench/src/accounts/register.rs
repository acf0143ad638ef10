//! Registers accounts.

use super::crowd::{self, Client, Next, Unexpected};
use crate::generator::Error;
use serde_json::{Value, json};
use std::net::SocketAddr;

/// An account with a session token.
pub(super) struct Account {
    pub(super) name: String,
    pub(super) token: String,
    channels: Vec<String>,
}

impl Client for Account {
    fn begin(&mut self) -> Value {
        json!({ "type": "register", "account": self.name, "password": PASSWORD })
    }

    fn read(&mut self, kind: &str, message: &Value) -> Result<Next, Unexpected> {
        match kind {
            "registered" => {
                self.token = message["token"].as_str().ok_or(Unexpected)?.to_owned();
                let hello = json!({ "type": "hello", "version": 2, "lobby": false });
                let join = json!({ "type": "join", "channels": self.channels });
                Ok(Next::Send(vec![hello, join]))
            }
            "joined" if message["refused"].as_array().is_none_or(Vec::is_empty) => Ok(Next::Done),
            "joined" | "error" => Err(Unexpected),
            _ => Ok(Next::Wait),
        }
    }
}

/// Registers accounts, which join their channels and lose their connections.
pub(super) fn register(
    address: SocketAddr,
    accounts: impl Iterator<Item = (String, Vec<String>)>,
) -> Result<Vec<Account>, Error> {
    let account = |(name, channels)| Account { name, token: String::new(), channels };
    let run = crowd::run(address, accounts.map(account).collect(), AT_ONCE, false)?;
    Ok(run.clients)
}

/// The password of all accounts.
pub(super) const PASSWORD: &str = "correct horse battery staple";

/// The accounts that are registered at the same time.
const AT_ONCE: usize = 64;
