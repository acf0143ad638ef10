//! Records as changes of the tables. Each has the effect of
//! [`DurableState::apply`](chat_core::DurableState::apply).

use crate::accounts::{self, know};
use crate::audit_log;
use crate::channel_ages::ChannelAges;
use crate::error::Failure;
use crate::memberships;
use crate::message_rows::{self, channel_name, data_json};
use crate::reports;
use crate::search_index;
use crate::senders::SenderIds;
use crate::times::millis;
use crate::traces::Traces;
use chat_core::{
    AccountName, BanTarget, ChannelId, ChannelName, List, ListEntry, ListSubject, Message,
    MessageId, Modes, Nickname, Nonce, Record, Status, StatusSet, Target, Text, Timestamp,
};
use chat_store::other_party;
use rusqlite::{Connection, params};
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};

/// Applies records in a transaction that its caller commits.
pub(crate) struct Writer<'a> {
    pub(crate) connection: &'a Connection,
    pub(crate) senders: &'a mut SenderIds,
    pub(crate) channels: &'a mut HashMap<ChannelName, i64>,
    pub(crate) ages: &'a mut ChannelAges,
    /// The newest message before the record.
    pub(crate) newest: MessageId,
    /// Set when a text was replaced, of which traces may be left.
    pub(crate) replaces_text: bool,
    /// Set when the index for searches is damaged.
    pub(crate) damage: &'a AtomicBool,
}

impl Writer<'_> {
    /// Applies a record. Returns true if it is a message that has a row now.
    pub(crate) fn apply(&mut self, at: Timestamp, record: &Record) -> Result<bool, Failure> {
        match record {
            Record::ChannelCreated { channel, id, by, owner, statuses, modes, kept } => {
                self.create_channel(at, channel, *id, modes, *kept)?;
                let creator = by.user().and_then(|user| user.account.as_ref());
                if let Some(account) = owner.as_ref().or(creator) {
                    let nickname = message_rows::nickname(by.name())?;
                    self.set_statuses(at, channel, account, &nickname, *statuses)?;
                }
            }
            Record::ChannelForgotten { channel, id } => self.forget_channel(channel, *id)?,
            Record::Said { message, recipient, nonce, away } => {
                return self.say(message, recipient.as_ref(), nonce.as_ref(), away.as_ref());
            }
            Record::MessageChanged { message, accounts } => {
                // Only the reactions differ, which are not in the index.
                let has_text = message.deletion().is_none()
                    && message_rows::has_text(self.connection, message)?;
                message_rows::update(self.connection, message, self.newest, accounts)?;
                if !has_text {
                    self.replaces_text = true;
                    Traces::note(self.connection)?;
                    if search_index::renew(self.connection, message)? {
                        self.damage.store(true, Ordering::Relaxed);
                    }
                }
            }
            Record::TopicChanged { channel, topic } => {
                let topic = topic.as_ref().map(serde_json::to_string).transpose()?;
                self.set("UPDATE channels SET topic = ?2 WHERE id = ?1", channel, topic)?;
            }
            Record::ChannelDataChanged { channel, data } => {
                let data = data_json(data)?;
                self.set("UPDATE channels SET data = ?2 WHERE id = ?1", channel, data)?;
            }
            Record::AccountDataChanged { account, data } => {
                self.execute(
                    "INSERT INTO accounts VALUES (?, 0, ?) \
                     ON CONFLICT (name) DO UPDATE SET data = excluded.data",
                    params![account.as_str(), data_json(data)?],
                )?;
            }
            Record::ServerBanned(ban) => {
                self.execute("DELETE FROM server_bans WHERE until <= ?", params![millis(at)])?;
                let json = serde_json::to_string(ban)?;
                self.execute(
                    "INSERT OR REPLACE INTO server_bans VALUES (?, ?, ?)",
                    params![ban_key(&ban.target), ban.until.map(millis), json],
                )?;
            }
            Record::ServerUnbanned { target } => {
                let target = ban_key(target);
                self.execute("DELETE FROM server_bans WHERE target = ?", params![target])?;
            }
            Record::ModesChanged { channel, modes } => {
                let json = Some(serde_json::to_string(modes)?);
                self.set("UPDATE channels SET modes = ?2 WHERE id = ?1", channel, json)?;
                if let Some(channel) = self.channels.get(channel) {
                    self.ages.note(*channel, modes);
                }
            }
            Record::RoleChanged { channel, nickname, account, statuses } => {
                if let Some(account) = account {
                    self.set_statuses(at, channel, account, nickname, *statuses)?;
                }
            }
            Record::Listed { channel, list, entry } => self.list(channel, *list, entry)?,
            Record::Unlisted { channel, list, nickname, user } => {
                self.unlist(channel, *list, |subject| subject.is_for(nickname, *user))?;
            }
            Record::MaskUnlisted { channel, list, mask } => {
                self.unlist(channel, *list, |subject| subject.is_mask(mask))?;
            }
            Record::Invited { channel, account } => {
                if let Some(channel) = self.channels.get(channel) {
                    self.execute(
                        "INSERT OR IGNORE INTO invitations VALUES (?, ?)",
                        params![channel, account.as_str()],
                    )?;
                    know(self.connection, account)?;
                }
            }
            Record::InvitationUsed { channel, account } => {
                if let Some(channel) = self.channels.get(channel) {
                    self.execute(
                        "DELETE FROM invitations WHERE channel = ? AND account = ?",
                        params![channel, account.as_str()],
                    )?;
                }
            }
            Record::ChannelJoined { channel, id, account, since } => {
                memberships::join(self.connection, (channel, *id), account, *since)?;
            }
            Record::ChannelLeft { channel, account } => {
                memberships::leave(self.connection, channel, account)?;
            }
            Record::ReadMarked { account, target, id } => {
                memberships::mark_read(self.connection, account, target, *id)?;
            }
            Record::AccountSeen { account } => {
                self.execute(
                    "INSERT INTO accounts VALUES (?, ?, NULL) \
                     ON CONFLICT (name) DO UPDATE SET last_seen = excluded.last_seen",
                    params![account.as_str(), millis(at)],
                )?;
            }
            Record::AccountRegistered { account, credentials } => {
                accounts::register(self.connection, at, account, credentials)?;
            }
            Record::CredentialsChanged { account, credentials } => {
                accounts::change_credentials(self.connection, account, credentials)?;
            }
            Record::TokenIssued { account, digest, device } => {
                let device = device.as_ref();
                accounts::issue_token(self.connection, at, account, *digest, device)?;
            }
            Record::TokenUsed { account, token } => {
                accounts::use_token(self.connection, at, account, *token)?;
            }
            Record::TokenRevoked { account, token } => {
                accounts::revoke_token(self.connection, account, *token)?;
            }
            Record::AccountRemoved { account } => self.remove_account(account)?,
            Record::Reported(report) => reports::open(self.connection, report)?,
            Record::ReportClosed { report } => reports::close(self.connection, *report)?,
            Record::Audited { entry, oldest } => audit_log::add(self.connection, entry, *oldest)?,
            Record::UserIdsReserved { .. } | Record::GuestNumbersReserved { .. } => {}
            _ => return Err(unknown(record)),
        }
        Ok(false)
    }

    fn create_channel(
        &mut self,
        at: Timestamp,
        name: &ChannelName,
        id: ChannelId,
        modes: &Modes,
        kept: bool,
    ) -> Result<(), Failure> {
        if self.channels.contains_key(name) {
            return Ok(());
        }
        let row = id.0.cast_signed();
        self.execute(
            "INSERT INTO channels VALUES (?, ?, ?, ?, NULL, ?, ?, NULL)",
            params![
                row,
                name.folded(),
                name.shown(),
                millis(at),
                serde_json::to_string(modes)?,
                kept
            ],
        )?;
        self.channels.insert(name.clone(), row);
        self.ages.note(row, modes);
        Ok(())
    }

    /// Forgets a channel. Its messages are deleted later, a few at a time.
    fn forget_channel(&mut self, name: &ChannelName, id: ChannelId) -> Result<(), Failure> {
        if self.channels.remove(name).is_none() {
            return Ok(());
        }
        let row = id.0.cast_signed();
        self.ages.forget(row);
        for table in [
            "DELETE FROM channels WHERE id = ?",
            "DELETE FROM statuses WHERE channel = ?",
            "DELETE FROM list_entries WHERE channel = ?",
            "DELETE FROM invitations WHERE channel = ?",
        ] {
            self.execute(table, params![row])?;
        }
        self.execute(
            "INSERT OR IGNORE INTO forgotten_channels VALUES (?, ?)",
            params![row, name.shown()],
        )
    }

    fn say(
        &mut self,
        message: &Message,
        recipient: Option<&AccountName>,
        nonce: Option<&Nonce>,
        away: Option<&Text>,
    ) -> Result<bool, Failure> {
        let sender = message.sender.user().and_then(|user| user.account.as_ref());
        let id = message.id.0.cast_signed();
        let is_stored = match &message.target {
            Target::Channel(channel) => {
                let channel = self.channels.get(channel).copied();
                if channel.is_some() {
                    message_rows::insert(self.connection, self.senders, message, channel)?;
                }
                channel.is_some()
            }
            // Not kept.
            Target::Members { .. } => return Ok(false),
            Target::User(_) | _ => {
                let recipient = recipient.filter(|recipient| Some(*recipient) != sender);
                let accounts = sender.into_iter().chain(recipient);
                let is_kept = accounts.clone().next().is_some();
                if is_kept {
                    message_rows::insert(self.connection, self.senders, message, None)?;
                }
                for account in accounts {
                    know(self.connection, account)?;
                    self.execute(
                        "INSERT INTO mailboxes VALUES (?, ?, ?)",
                        params![account.as_str(), id, other_party(message, account)],
                    )?;
                }
                is_kept
            }
        };
        if let Some(nonce) = nonce
            && let Some(account) = sender
        {
            self.execute(
                "INSERT OR REPLACE INTO nonces VALUES (?, ?, ?, ?, ?)",
                params![
                    account.as_str(),
                    nonce.as_str(),
                    id,
                    millis(message.at),
                    away.map(Text::as_str)
                ],
            )?;
        }
        Ok(is_stored)
    }

    fn set_statuses(
        &mut self,
        at: Timestamp,
        channel: &ChannelName,
        account: &AccountName,
        nickname: &Nickname,
        statuses: StatusSet,
    ) -> Result<(), Failure> {
        let Some(channel) = self.channels.get(channel) else { return Ok(()) };
        if statuses == StatusSet::default() {
            self.execute(
                "DELETE FROM statuses WHERE channel = ? AND account = ?",
                params![channel, account.as_str()],
            )?;
        } else {
            let statuses = serde_json::to_string(&statuses)?;
            self.execute(
                "INSERT INTO statuses VALUES (?, ?, ?, ?, ?) \
                 ON CONFLICT (channel, account) DO UPDATE SET statuses = excluded.statuses",
                params![channel, account.as_str(), nickname.shown(), statuses, millis(at)],
            )?;
        }
        know(self.connection, account)
    }

    fn list(
        &mut self,
        channel: &ChannelName,
        list: List,
        entry: &ListEntry,
    ) -> Result<(), Failure> {
        let Some(channel) = self.channels.get(channel) else { return Ok(()) };
        let (list, entry) = (serde_json::to_string(&list)?, serde_json::to_string(entry)?);
        self.execute(
            "INSERT INTO list_entries (channel, list, entry) VALUES (?, ?, ?)",
            params![channel, list, entry],
        )
    }

    /// Removes the entries that `is_removed` returns true for.
    fn unlist(
        &mut self,
        channel: &ChannelName,
        list: List,
        is_removed: impl Fn(&ListSubject) -> bool,
    ) -> Result<(), Failure> {
        let Some(channel) = self.channels.get(channel) else { return Ok(()) };
        let mut statement = self
            .connection
            .prepare_cached("SELECT id, entry FROM list_entries WHERE channel = ? AND list = ?")?;
        let mut rows = statement.query(params![channel, serde_json::to_string(&list)?])?;
        let mut removed: Vec<i64> = Vec::new();
        while let Some(row) = rows.next()? {
            let entry: ListEntry = serde_json::from_str(&row.get::<_, String>(1)?)?;
            if is_removed(&entry.subject) {
                removed.push(row.get(0)?);
            }
        }
        drop(rows);
        for id in removed {
            self.execute("DELETE FROM list_entries WHERE id = ?", params![id])?;
        }
        Ok(())
    }

    /// Removes everything that belongs to an account alone. In a channel that it was the only owner
    /// of, the account that has been an operator for the longest time becomes owner.
    fn remove_account(&mut self, account: &AccountName) -> Result<(), Failure> {
        let name = params![account.as_str()];
        let mut statement =
            self.connection.prepare_cached("SELECT channel FROM statuses WHERE account = ?")?;
        let channels: Vec<i64> =
            statement.query_map(name, |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
        for channel in channels {
            self.remove_from_channel(channel, account)?;
        }
        // A message that is in another mailbox stays for the other party.
        let mut statement = self.connection.prepare_cached(
            "SELECT message FROM mailboxes AS own WHERE account = ?1 AND NOT EXISTS (\
                 SELECT 1 FROM mailboxes WHERE message = own.message AND account <> ?1)",
        )?;
        let messages: Vec<i64> =
            statement.query_map(name, |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
        if search_index::remove(self.connection, &messages)? {
            self.damage.store(true, Ordering::Relaxed);
        }
        memberships::remove(self.connection, account)?;
        for change in [
            "DELETE FROM mailboxes WHERE account = ?",
            "DELETE FROM invitations WHERE account = ?",
            "DELETE FROM nonces WHERE account = ?",
            "DELETE FROM tokens WHERE account = ?",
            "DELETE FROM registrations WHERE account = ?",
            "DELETE FROM accounts WHERE name = ?",
        ] {
            self.execute(change, name)?;
        }
        Ok(())
    }

    fn remove_from_channel(&mut self, channel: i64, account: &AccountName) -> Result<(), Failure> {
        let mut statement = self.connection.prepare_cached(
            "SELECT account, statuses FROM statuses WHERE channel = ? ORDER BY since, account",
        )?;
        let mut rows = statement.query(params![channel])?;
        let (mut owned, mut has_other_owner, mut successor) = (false, false, None);
        while let Some(row) = rows.next()? {
            let holder: String = row.get(0)?;
            let statuses: StatusSet = serde_json::from_str(&row.get::<_, String>(1)?)?;
            let is_owner = statuses.contains(Status::Owner);
            if holder == account.as_str() {
                owned = is_owner;
                continue;
            }
            has_other_owner |= is_owner;
            if successor.is_none() && statuses.contains(Status::Operator) {
                successor = Some((holder, statuses));
            }
        }
        drop(rows);
        self.execute(
            "DELETE FROM statuses WHERE channel = ? AND account = ?",
            params![channel, account.as_str()],
        )?;
        if owned
            && !has_other_owner
            && let Some((holder, mut statuses)) = successor
        {
            statuses.insert(Status::Owner);
            let statuses = serde_json::to_string(&statuses)?;
            self.execute(
                "UPDATE statuses SET statuses = ? WHERE channel = ? AND account = ?",
                params![statuses, channel, holder],
            )?;
        }
        Ok(())
    }

    fn set(&self, sql: &str, channel: &ChannelName, value: Option<String>) -> Result<(), Failure> {
        match self.channels.get(channel) {
            Some(channel) => self.execute(sql, params![channel, value]),
            None => Ok(()),
        }
    }

    fn execute(&self, sql: &str, values: &[&dyn rusqlite::ToSql]) -> Result<(), Failure> {
        self.connection.prepare_cached(sql)?.execute(values)?;
        Ok(())
    }
}

/// Returns the key of a ban: two spellings of a nickname have the same.
fn ban_key(target: &BanTarget) -> String {
    match target {
        BanTarget::Account(account) => format!("account {}", account.as_str()),
        BanTarget::Nickname(nickname) => format!("nickname {}", nickname.folded()),
        BanTarget::Addresses(_) | _ => format!("addresses {target}"),
    }
}

/// Reads the ids of all channels.
pub(crate) fn channel_ids(connection: &Connection) -> Result<HashMap<ChannelName, i64>, Failure> {
    let mut statement = connection.prepare("SELECT id, name FROM channels")?;
    let mut rows = statement.query(())?;
    let mut channels = HashMap::new();
    while let Some(row) = rows.next()? {
        channels.insert(channel_name(&row.get::<_, String>(1)?)?, row.get(0)?);
    }
    Ok(channels)
}

fn unknown(record: &Record) -> Failure {
    use serde::de::Error;
    let text = format!("the store is older than the engine and does not know {record:?}");
    Failure::Json(serde_json::Error::custom(text))
}
