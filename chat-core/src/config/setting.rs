//! Settings by name, for scripts and for programs that read them from a file.

use super::{Config, OperatorLogin, SettingError};
use crate::time::Timestamp;
use crate::{AccountName, Secret, Status};
use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

impl Config {
    /// Sets one field by its name, as a script's `config` line does.
    ///
    /// Times are written `500ms`, `61s`, `5m` or `2h`; `none` switches a time-out or an age off.
    /// Names are separated by commas or white space; `none` stands for an empty list.
    ///
    /// # Errors
    ///
    /// [`SettingError::Unknown`] or [`SettingError::Value`], if there is no such field, or the
    /// value is not of the field's kind.
    pub fn set(&mut self, name: &str, value: &str) -> Result<(), SettingError> {
        match name {
            "nickname_length" => self.nickname_length = number(name, value)?,
            "channel_name_length" => self.channel_name_length = number(name, value)?,
            "message_bytes" => self.message_bytes = number(name, value)?,
            "message_lines" => self.message_lines = number(name, value)?,
            "topic_bytes" => self.topic_bytes = number(name, value)?,
            "reason_bytes" => self.reason_bytes = number(name, value)?,
            "away_bytes" => self.away_bytes = number(name, value)?,
            "username_bytes" => self.username_bytes = number(name, value)?,
            "real_name_bytes" => self.real_name_bytes = number(name, value)?,
            "key_bytes" => self.key_bytes = number(name, value)?,
            "data_bytes" => self.data_bytes = number(name, value)?,
            "public_data_keys" => self.public_data_keys = names(value),
            "channels" => self.channels = number(name, value)?,
            "channels_per_user" => self.channels_per_user = number(name, value)?,
            "members_per_channel" => self.members_per_channel = number(name, value)?,
            "history_per_channel" => self.history_per_channel = number(name, value)?,
            "events_per_channel" => self.events_per_channel = number(name, value)?,
            "message_age" => self.message_age = timeout(name, value)?,
            "shortest_keep" => self.shortest_keep = time(name, value)?,
            "nonce_window" => self.nonce_window = time(name, value)?,
            "nonces_per_user" => self.nonces_per_user = number(name, value)?,
            "mailbox_per_account" => self.mailbox_per_account = number(name, value)?,
            "channels_per_owner" => self.channels_per_owner = number(name, value)?,
            "keep_empty_channels" => self.keep_empty_channels = switch(name, value)?,
            "history_page" => self.history_page = number(name, value)?,
            "search_bytes" => self.search_bytes = number(name, value)?,
            "search_page" => self.search_page = number(name, value)?,
            "bans_per_channel" => self.bans_per_channel = number(name, value)?,
            "server_bans" => self.server_bans = number(name, value)?,
            "watched_nicknames" => self.watched_nicknames = number(name, value)?,
            "server_operators" => {
                self.server_operators = names(value).into_iter().map(AccountName::from).collect();
            }
            "operator_logins" => {
                let login = |written: String| {
                    let (name, credentials) = written.split_once('=')?;
                    Some(OperatorLogin::new(name, Secret::new(credentials)))
                };
                let logins = names(value).into_iter().map(login).collect::<Option<_>>();
                // The value is secret.
                let wrong = || wrong(name, "this", "a list of NAME=CREDENTIALS");
                self.operator_logins = logins.ok_or_else(wrong)?;
            }
            "open_reports" => self.open_reports = number(name, value)?,
            "report_burst" => self.report_burst = number(name, value)?,
            "report_interval" => self.report_interval = time(name, value)?,
            "audit_entries" => self.audit_entries = number(name, value)?,
            "audit_age" => self.audit_age = timeout(name, value)?,
            "invitations_per_user" => self.invitations_per_user = number(name, value)?,
            "was_here" => self.was_here = number(name, value)?,
            "sessions_per_user" => self.sessions_per_user = number(name, value)?,
            "listing" => self.listing = number(name, value)?,
            "announce_up_to" => self.announce_up_to = number(name, value)?,
            "edit_window" => self.edit_window = timeout(name, value)?,
            "typing_up_to" => self.typing_up_to = number(name, value)?,
            "typing_interval" => self.typing_interval = time(name, value)?,
            "command_burst" => self.command_burst = number(name, value)?,
            "commands_per_second" => self.commands_per_second = number(name, value)?,
            "authenticate" => self.authenticate = switch(name, value)?,
            "accounts" => self.accounts = switch(name, value)?,
            "registration" => self.registration = switch(name, value)?,
            "registered_accounts" => self.registered_accounts = number(name, value)?,
            "reserve_nicknames" => self.reserve_nicknames = switch(name, value)?,
            "logins_per_account" => self.logins_per_account = number(name, value)?,
            "token_age" => self.token_age = timeout(name, value)?,
            "login_burst" => self.login_burst = number(name, value)?,
            "login_interval" => self.login_interval = time(name, value)?,
            "older_history" => self.older_history = switch(name, value)?,
            "answer_timeout" => self.answer_timeout = time(name, value)?,
            "naming_timeout" => self.naming_timeout = timeout(name, value)?,
            "person_naming_timeout" => self.person_naming_timeout = timeout(name, value)?,
            "reconnect_period" => self.reconnect_period = timeout(name, value)?,
            "linger" => self.linger = timeout(name, value)?,
            "linger_away" => self.linger_away = time(name, value)?,
            "unread_counted" => self.unread_counted = number(name, value)?,
            "conversations" => self.conversations = number(name, value)?,
            "disconnected_users" => self.disconnected_users = number(name, value)?,
            "idle_timeout" => self.idle_timeout = timeout(name, value)?,
            "creator_status" => {
                let status = Status::from_name(value);
                let expected = "owner, operator or voiced";
                self.creator_status = status.ok_or_else(|| wrong(name, value, expected))?;
            }
            "guest_prefix" => self.guest_prefix = value.into(),
            "reserved_names" => self.reserved_names = names(value),
            _ => return Err(SettingError::Unknown { name: name.into() }),
        }
        Ok(())
    }
}

fn number<N: core::str::FromStr>(name: &str, value: &str) -> Result<N, SettingError> {
    value.parse().map_err(|_| wrong(name, value, "a number"))
}

fn switch(name: &str, value: &str) -> Result<bool, SettingError> {
    value.parse().map_err(|_| wrong(name, value, "true or false"))
}

fn time(name: &str, value: &str) -> Result<Duration, SettingError> {
    parse_duration(value).ok_or_else(|| wrong(name, value, "a time such as 500ms, 61s, 5m or 2h"))
}

fn timeout(name: &str, value: &str) -> Result<Option<Duration>, SettingError> {
    if value == "none" {
        return Ok(None);
    }
    match parse_duration(value) {
        Some(duration) => Ok(Some(duration)),
        None => Err(wrong(name, value, "a time such as 500ms, 61s, 5m or 2h, or none")),
    }
}

fn names(value: &str) -> Vec<String> {
    if value == "none" {
        return Vec::new();
    }
    let names = value.split(|c: char| c == ',' || c.is_whitespace());
    names.filter(|name| !name.is_empty()).map(String::from).collect()
}

fn wrong(name: &str, value: &str, expected: &'static str) -> SettingError {
    SettingError::Value { name: name.into(), value: value.into(), expected }
}

/// Parses `500ms`, `61s`, `5m` or `2h`.
pub(crate) fn parse_duration(written: &str) -> Option<Duration> {
    let digits = written.find(|c: char| !c.is_ascii_digit())?;
    let (count, unit) = written.split_at(digits);
    let millis: u64 = match unit {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        _ => return None,
    };
    let count: u64 = count.parse().ok()?;
    let whole = Duration::from_millis(count.checked_mul(millis)?);
    // A time that overflows is an error instead of wrapping around.
    let end = Timestamp::from_millis(u64::MAX);
    (Timestamp::default() + whole < end).then_some(whole)
}
