//! The identities of senders, each stored once.

use crate::error::Failure;
use chat_core::Actor;
use rusqlite::{Connection, OptionalExtension};
use std::collections::HashMap;

/// The ids of senders that were used lately.
#[derive(Debug, Default)]
pub(crate) struct SenderIds(HashMap<Actor, i64>);

/// The most ids that are remembered. All others are found in their table.
const REMEMBERED: usize = 10_000;

impl SenderIds {
    /// Returns the id of a sender, and stores it if it is new.
    pub(crate) fn id(&mut self, connection: &Connection, sender: &Actor) -> Result<i64, Failure> {
        if let Some(id) = self.0.get(sender) {
            return Ok(*id);
        }
        let json = serde_json::to_string(sender)?;
        let mut find = connection.prepare_cached("SELECT id FROM senders WHERE sender = ?")?;
        let known = find.query_row((&json,), |row| row.get(0)).optional()?;
        let id = match known {
            Some(id) => id,
            None => connection
                .prepare_cached("INSERT INTO senders (sender) VALUES (?)")?
                .insert((&json,))?,
        };
        if self.0.len() >= REMEMBERED {
            self.0.clear();
        }
        self.0.insert(sender.clone(), id);
        Ok(id)
    }

    /// Forgets everything, because rows were deleted, or a transaction was rolled back: their ids
    /// do not exist.
    pub(crate) fn forget(&mut self) {
        self.0.clear();
    }
}

/// The senders that one reader has read, shared by their messages.
#[derive(Debug, Default)]
pub(crate) struct Senders(HashMap<i64, Actor>);

impl Senders {
    /// Returns the sender of this id, whose JSON is in the row.
    pub(crate) fn get(&mut self, id: i64, json: &str) -> Result<Actor, Failure> {
        if let Some(sender) = self.0.get(&id) {
            return Ok(sender.clone());
        }
        let sender: Actor = serde_json::from_str(json)?;
        if self.0.len() >= REMEMBERED {
            self.0.clear();
        }
        self.0.insert(id, sender.clone());
        Ok(sender)
    }
}
