//! Reads the durable state.

use crate::audit_log;
use crate::counters::CounterRow;
use crate::error::Failure;
use crate::message_rows::{self, COLUMN_COUNT, COLUMNS, channel_name, nickname};
use crate::reports;
use crate::senders::Senders;
use crate::times::timestamp;
use crate::{accounts, memberships};
use chat_core::{
    AccountName, Actor, ChannelId, ChannelName, Config, DurableState, Message, MessageId, Nonce,
    Pin, Record, StatusSet, Text,
};
use rusqlite::{Connection, params};
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

/// Reads the state, with the `recent` newest messages of each channel and account.
pub(crate) fn load(
    connection: &Connection,
    row: CounterRow,
    recent: usize,
) -> Result<DurableState, Failure> {
    let config =
        Config { history_per_channel: recent, mailbox_per_account: recent, ..Config::default() };
    let state = DurableState::resume(&config, row.created, row.counters);
    let mut loader = Loader { connection, state, recent, senders: Senders::default() };
    // The time of the last record: every record counts as at most this late.
    let (user_ids, at) = (row.counters.user_ids, row.at);
    loader.state.apply(at, &Record::UserIdsReserved { up_to: user_ids });
    loader.accounts()?;
    accounts::load(connection, &mut loader.state)?;
    audit_log::load(connection, &mut loader.state)?;
    reports::load(connection, &mut loader.state)?;
    loader.server_bans()?;
    let channels = loader.channels()?;
    for (id, channel) in &channels {
        loader.channel(*id, channel)?;
    }
    loader.mailboxes()?;
    loader.nonces(channels.clone())?;
    memberships::load(connection, &mut loader.state)?;
    loader.pins(&channels)?;
    loader.changes(&channels)?;
    Ok(loader.state)
}

struct Loader<'a> {
    connection: &'a Connection,
    state: DurableState,
    recent: usize,
    senders: Senders,
}

impl Loader<'_> {
    fn accounts(&mut self) -> Result<(), Failure> {
        let mut statement =
            self.connection.prepare("SELECT name, last_seen, data FROM accounts")?;
        let mut rows = statement.query(())?;
        while let Some(row) = rows.next()? {
            let account = account(&row.get::<_, String>(0)?);
            let seen = timestamp(row.get(1)?);
            if let Some(data) = row.get::<_, Option<String>>(2)? {
                let (account, data) = (account.clone(), serde_json::from_str(&data)?);
                self.state.apply(seen, &Record::AccountDataChanged { account, data });
            }
            self.state.apply(seen, &Record::AccountSeen { account });
        }
        Ok(())
    }

    fn server_bans(&mut self) -> Result<(), Failure> {
        let mut statement = self.connection.prepare("SELECT ban FROM server_bans")?;
        let mut rows = statement.query(())?;
        while let Some(row) = rows.next()? {
            let ban = serde_json::from_str(&row.get::<_, String>(0)?)?;
            // At this time no ban has expired, so that none removes another.
            self.state.apply(timestamp(0), &Record::ServerBanned(ban));
        }
        Ok(())
    }

    /// Creates the channels, with topics and modes.
    fn channels(&mut self) -> Result<HashMap<i64, ChannelName>, Failure> {
        let mut statement = self
            .connection
            .prepare("SELECT id, name, created, topic, modes, kept, data FROM channels")?;
        let mut rows = statement.query(())?;
        let mut channels = HashMap::new();
        while let Some(row) = rows.next()? {
            let channel = channel_name(&row.get::<_, String>(1)?)?;
            let (id, created) = (row.get(0)?, timestamp(row.get(2)?));
            let modes: chat_core::Modes = serde_json::from_str(&row.get::<_, String>(4)?)?;
            let created_record = Record::ChannelCreated {
                channel: channel.clone(),
                id: ChannelId(i64::cast_unsigned(id)),
                by: Actor::Server,
                owner: None,
                statuses: StatusSet::default(),
                modes: modes.clone(),
                kept: row.get(5)?,
            };
            self.state.apply(created, &created_record);
            // The lobby exists already.
            let modes_record = Record::ModesChanged { channel: channel.clone(), modes };
            self.state.apply(created, &modes_record);
            if let Some(topic) = row.get::<_, Option<String>>(3)? {
                let topic = Some(serde_json::from_str(&topic)?);
                let record = Record::TopicChanged { channel: channel.clone(), topic };
                self.state.apply(created, &record);
            }
            if let Some(data) = row.get::<_, Option<String>>(6)? {
                let (channel, data) = (channel.clone(), serde_json::from_str(&data)?);
                self.state.apply(created, &Record::ChannelDataChanged { channel, data });
            }
            channels.insert(id, channel);
        }
        Ok(channels)
    }

    fn channel(&mut self, id: i64, channel: &ChannelName) -> Result<(), Failure> {
        let mut statement = self.connection.prepare_cached(
            "SELECT account, nickname, statuses, since FROM statuses WHERE channel = ?",
        )?;
        let mut rows = statement.query((id,))?;
        while let Some(row) = rows.next()? {
            let record = Record::RoleChanged {
                channel: channel.clone(),
                nickname: nickname(&row.get::<_, String>(1)?)?,
                account: Some(account(&row.get::<_, String>(0)?)),
                statuses: serde_json::from_str(&row.get::<_, String>(2)?)?,
            };
            self.state.apply(timestamp(row.get(3)?), &record);
        }
        drop(rows);
        let mut statement = self
            .connection
            .prepare_cached("SELECT list, entry FROM list_entries WHERE channel = ? ORDER BY id")?;
        let mut rows = statement.query((id,))?;
        while let Some(row) = rows.next()? {
            let record = Record::Listed {
                channel: channel.clone(),
                list: serde_json::from_str(&row.get::<_, String>(0)?)?,
                entry: serde_json::from_str(&row.get::<_, String>(1)?)?,
            };
            self.state.apply(timestamp(0), &record);
        }
        drop(rows);
        let mut statement =
            self.connection.prepare_cached("SELECT account FROM invitations WHERE channel = ?")?;
        let mut rows = statement.query((id,))?;
        while let Some(row) = rows.next()? {
            let account = account(&row.get::<_, String>(0)?);
            let record = Record::Invited { channel: channel.clone(), account };
            self.state.apply(timestamp(0), &record);
        }
        drop(rows);
        self.history(id, channel)
    }

    fn history(&mut self, id: i64, channel: &ChannelName) -> Result<(), Failure> {
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT {COLUMNS} FROM messages JOIN senders ON senders.id = messages.sender \
             WHERE channel = ? ORDER BY messages.id DESC LIMIT ?",
        ))?;
        let mut rows = statement.query(params![id, self.recent.cast_signed()])?;
        let mut messages = Vec::new();
        while let Some(row) = rows.next()? {
            messages.push(message_rows::read(row, &mut self.senders, Some(channel))?);
        }
        for message in messages.into_iter().rev() {
            let at = message.at;
            let record = Record::Said { message, recipient: None, nonce: None, away: None };
            self.state.apply(at, &record);
        }
        Ok(())
    }

    /// Reads the newest private messages of each account. A message in two mailboxes is shared.
    fn mailboxes(&mut self) -> Result<(), Failure> {
        let next = "SELECT min(account) FROM mailboxes WHERE account > ?";
        let mut next = self.connection.prepare_cached(next)?;
        let mut newest = self.connection.prepare_cached(
            "SELECT message FROM mailboxes WHERE account = ? ORDER BY message DESC LIMIT ?",
        )?;
        let mut read: HashMap<i64, Arc<Message>> = HashMap::new();
        let mut last = String::new();
        while let Some(name) = next.query_row((&last,), |row| row.get::<_, Option<String>>(0))? {
            let ids =
                newest.query_map(params![name, self.recent.cast_signed()], |row| row.get(0))?;
            let ids: BTreeSet<i64> = ids.collect::<rusqlite::Result<_>>()?;
            for id in ids {
                let message = match read.get(&id) {
                    Some(message) => message.clone(),
                    None => self.message(id, None)?,
                };
                self.state.resume_mailbox(&account(&name), message.clone());
                read.insert(id, message);
            }
            last = name;
        }
        Ok(())
    }

    /// Reads the nonces. The channel of a message may be forgotten meanwhile.
    fn nonces(&mut self, mut channels: HashMap<i64, ChannelName>) -> Result<(), Failure> {
        let mut statement = self.connection.prepare("SELECT id, name FROM forgotten_channels")?;
        let mut rows = statement.query(())?;
        while let Some(row) = rows.next()? {
            channels.insert(row.get(0)?, channel_name(&row.get::<_, String>(1)?)?);
        }
        let mut statement = self.connection.prepare(
            "SELECT nonces.account, nonce, message, away, channel FROM nonces \
             JOIN messages ON messages.id = message ORDER BY message",
        )?;
        let mut rows = statement.query(())?;
        while let Some(row) = rows.next()? {
            let channel = row.get::<_, Option<i64>>(4)?.and_then(|id| channels.get(&id));
            let message = self.message(row.get(2)?, channel)?;
            let away = row.get::<_, Option<String>>(3)?.map(|away| Text::clean(&away));
            let Ok(nonce) = Nonce::parse(&row.get::<_, String>(1)?) else { continue };
            let account = account(&row.get::<_, String>(0)?);
            self.state.resume_nonce(&account, nonce, message, away);
        }
        Ok(())
    }

    /// Reads the newest changes of messages. A message that is in memory is shared.
    /// Adds the pinned messages of the channels.
    fn pins(&mut self, channels: &HashMap<i64, ChannelName>) -> Result<(), Failure> {
        let mut statement = self.connection.prepare(&format!(
            "SELECT {COLUMNS} FROM messages JOIN senders ON senders.id = messages.sender \
             WHERE channel = ? AND pinned IS NOT NULL ORDER BY messages.id DESC LIMIT ?",
        ))?;
        for (id, name) in channels {
            let mut rows = statement.query((id, Pin::MOST.cast_signed()))?;
            while let Some(row) = rows.next()? {
                self.state.resume_pin(&message_rows::read(row, &mut self.senders, Some(name))?);
            }
        }
        Ok(())
    }

    fn changes(&mut self, channels: &HashMap<i64, ChannelName>) -> Result<(), Failure> {
        let mut statement = self.connection.prepare(&format!(
            "SELECT {COLUMNS}, channel, changed, changed_for FROM messages \
             JOIN senders ON senders.id = messages.sender \
             WHERE changed IS NOT NULL ORDER BY changed DESC, messages.id DESC LIMIT ?",
        ))?;
        let most = DurableState::CHANGES;
        let mut rows = statement.query((most.cast_signed() + 1,))?;
        let mut changes = Vec::new();
        while let Some(row) = rows.next()? {
            let newest = MessageId(row.get::<_, i64>(COLUMN_COUNT + 1)?.cast_unsigned());
            let channel = row.get::<_, Option<i64>>(COLUMN_COUNT)?;
            let name = channel.and_then(|id| channels.get(&id));
            if name.is_none() && channel.is_some() {
                continue;
            }
            let accounts = row.get::<_, Option<String>>(COLUMN_COUNT + 2)?;
            let mut accounts: Vec<AccountName> =
                accounts.map(|json| serde_json::from_str(&json)).transpose()?.unwrap_or_default();
            let message = message_rows::read(row, &mut self.senders, name)?;
            if channel.is_none() {
                let mut holds = self
                    .connection
                    .prepare_cached("SELECT 1 FROM mailboxes WHERE message = ? AND account = ?")?;
                let id = message.id.0.cast_signed();
                let mut held = Vec::with_capacity(accounts.len());
                for account in accounts {
                    if holds.exists((id, account.as_str()))? {
                        held.push(account);
                    }
                }
                accounts = held;
                if accounts.is_empty() {
                    continue;
                }
            }
            changes.push((newest, message, accounts));
        }
        if changes.len() > most
            && let Some((newest, ..)) = changes.pop()
        {
            self.state.resume_lost_change(newest);
        }
        for (newest, message, accounts) in changes.into_iter().rev() {
            self.state.resume_change(newest, message, accounts);
        }
        Ok(())
    }

    fn message(&mut self, id: i64, channel: Option<&ChannelName>) -> Result<Arc<Message>, Failure> {
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT {COLUMNS} FROM messages JOIN senders ON senders.id = messages.sender \
             WHERE messages.id = ?",
        ))?;
        let mut rows = statement.query((id,))?;
        match rows.next()? {
            Some(row) => message_rows::read(row, &mut self.senders, channel),
            None => Err(Failure::Sqlite(rusqlite::Error::QueryReturnedNoRows)),
        }
    }
}

pub(crate) fn account(stored: &str) -> AccountName {
    stored.into()
}
