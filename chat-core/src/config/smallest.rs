//! The minimum values of settings with which the server can admit any client.

use super::{Config, SettingError};
use crate::{AppData, Nickname};
use alloc::format;
use alloc::string::String;
use core::time::Duration;

impl Config {
    /// Checks that no setting is so small that every client would be refused, that no time is
    /// [too long](SettingError::within), and that reserved and generated names are nicknames. Zero
    /// is allowed where it switches something off.
    ///
    /// # Errors
    ///
    /// [`SettingError::TooSmall`], [`SettingError::TooLong`] or [`SettingError::Value`] for the
    /// first setting that is not valid.
    pub fn check(&self) -> Result<(), SettingError> {
        let counts = [
            ("nickname_length", self.nickname_length),
            ("channel_name_length", self.channel_name_length),
            ("message_bytes", self.message_bytes),
            ("message_lines", self.message_lines),
            ("channels", self.channels),
            ("channels_per_user", self.channels_per_user),
            ("members_per_channel", self.members_per_channel),
            ("history_page", self.history_page),
            ("search_bytes", self.search_bytes),
            ("search_page", self.search_page),
            ("sessions_per_user", self.sessions_per_user),
            ("logins_per_account", self.logins_per_account),
            ("listing", self.listing),
        ];
        for (name, value) in counts {
            SettingError::at_least(name, value, 1)?;
        }
        // Without a rate limit the burst has no effect.
        if self.commands_per_second > 0 {
            SettingError::at_least("command_burst", self.command_burst, 1)?;
        }
        let answer_timeout = self.answer_timeout;
        SettingError::within("answer_timeout", answer_timeout, Duration::from_millis(100))?;
        SettingError::within("typing_interval", self.typing_interval, Duration::ZERO)?;
        SettingError::within("linger_away", self.linger_away, Duration::ZERO)?;
        SettingError::within("shortest_keep", self.shortest_keep, Duration::from_secs(1))?;
        SettingError::within("nonce_window", self.nonce_window, Duration::from_secs(1))?;
        SettingError::within("login_interval", self.login_interval, Duration::from_millis(1))?;
        SettingError::within("report_interval", self.report_interval, Duration::from_millis(1))?;
        // Zero means that nobody edits messages.
        if let Some(window) = self.edit_window {
            SettingError::within("edit_window", window, Duration::ZERO)?;
        }
        for (name, timeout) in [
            ("message_age", self.message_age),
            ("naming_timeout", self.naming_timeout),
            ("person_naming_timeout", self.person_naming_timeout),
            ("reconnect_period", self.reconnect_period),
            ("linger", self.linger),
            ("idle_timeout", self.idle_timeout),
            ("token_age", self.token_age),
            ("audit_age", self.audit_age),
        ] {
            // `None` means no limit.
            let Some(timeout) = timeout else { continue };
            SettingError::within(name, timeout, Duration::from_secs(1))?;
        }
        self.check_names()?;
        self.check_data_keys()
    }

    /// Checks the names, since one that is not a nickname would have no effect.
    fn check_names(&self) -> Result<(), SettingError> {
        let invalid = |name: &str, value: &str, expected| {
            Err(SettingError::Value { name: name.into(), value: value.into(), expected })
        };
        let prefix = &self.guest_prefix;
        if Nickname::parse(&format!("{prefix}1")).is_err() {
            return invalid("guest_prefix", prefix, "the beginning of a nickname");
        }
        match self.reserved_names.iter().find(|raw| Nickname::parse(raw).is_err()) {
            Some(raw) => invalid("reserved_names", raw, "a nickname"),
            None => Ok(()),
        }
    }

    fn check_data_keys(&self) -> Result<(), SettingError> {
        let is_wrong = |key: &&String| AppData::new([(&***key, "")]).is_err();
        match self.public_data_keys.iter().find(is_wrong) {
            Some(key) => Err(SettingError::Value {
                name: "public_data_keys".into(),
                value: key.as_str().into(),
                expected: "a key of application data",
            }),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn defaults_are_valid() {
        assert_eq!(Config::default().check(), Ok(()));
    }

    #[test]
    fn setting_that_would_refuse_every_client_is_an_error() {
        for name in [
            "nickname_length",
            "channel_name_length",
            "message_bytes",
            "message_lines",
            "channels",
            "channels_per_user",
            "members_per_channel",
            "history_page",
            "search_bytes",
            "search_page",
            "sessions_per_user",
            "logins_per_account",
            "listing",
            "command_burst",
        ] {
            let mut config = Config::default();
            config.set(name, "0").expect("it is a number");
            let problem = config.check().expect_err("nobody could do anything").to_string();
            assert_eq!(problem, format!("the setting '{name}' is 0, and has to be at least 1"));
        }
        for (name, least) in [
            ("answer_timeout", "100ms"),
            ("message_age", "1s"),
            ("shortest_keep", "1s"),
            ("nonce_window", "1s"),
            ("naming_timeout", "1s"),
            ("person_naming_timeout", "1s"),
            ("reconnect_period", "1s"),
            ("linger", "1s"),
            ("idle_timeout", "1s"),
            ("token_age", "1s"),
            ("audit_age", "1s"),
        ] {
            let mut config = Config::default();
            config.set(name, "10ms").expect("it is a time");
            let problem = config.check().expect_err("nobody could do anything").to_string();
            let expected = format!("the setting '{name}' is 10ms, and has to be at least {least}");
            assert_eq!(problem, expected);
        }
    }

    #[test]
    fn zero_is_allowed_where_it_disables_a_feature() {
        let off = Config {
            commands_per_second: 0,
            command_burst: 0,
            history_per_channel: 0,
            events_per_channel: 0,
            nonces_per_user: 0,
            was_here: 0,
            announce_up_to: 0,
            typing_up_to: 0,
            typing_interval: Duration::ZERO,
            data_bytes: 0,
            login_burst: 0,
            audit_entries: 0,
            open_reports: 0,
            watched_nicknames: 0,
            report_burst: 0,
            token_age: None,
            naming_timeout: None,
            ..Config::default()
        };
        assert_eq!(off.check(), Ok(()));
    }

    #[test]
    fn name_that_is_no_nickname_is_an_error() {
        for (setting, value, problem) in [
            ("reserved_names", "Nick:Serv", "'Nick:Serv' is not a nickname"),
            ("reserved_names", "root, #ops", "'#ops' is not a nickname"),
            ("public_data_keys", "status a+b", "'a+b' is not a key of application data"),
            ("guest_prefix", "~guest", "'~guest' is not the beginning of a nickname"),
            ("guest_prefix", "a b", "'a b' is not the beginning of a nickname"),
        ] {
            let mut config = Config::default();
            config.set(setting, value).expect("it is a text");
            let found = config.check().expect_err("it is not a name").to_string();
            assert_eq!(found, format!("{problem} for the setting '{setting}'"));
        }
        for (setting, value) in [("reserved_names", "none"), ("guest_prefix", "")] {
            let mut config = Config::default();
            config.set(setting, value).expect("it is a text");
            assert_eq!(config.check(), Ok(()));
        }
    }
}
