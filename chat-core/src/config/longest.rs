//! The maximum value of settings that are times.

use super::SettingError;
use alloc::format;
use core::time::Duration;

impl SettingError {
    /// The longest time of a setting: ten years. No longer time is useful, and a time so far from
    /// now can be represented on every machine.
    pub const LONGEST_TIME: Duration = Duration::from_secs(10 * 365 * 24 * 60 * 60);

    /// Checks that a time is neither shorter than it may be nor longer than
    /// [ten years](Self::LONGEST_TIME).
    ///
    /// # Errors
    ///
    /// [`SettingError::TooSmall`] or [`SettingError::TooLong`] if it is.
    pub fn within(name: &'static str, time: Duration, least: Duration) -> Result<(), Self> {
        Self::at_least(name, time, least)?;
        if time > Self::LONGEST_TIME {
            return Err(Self::TooLong { name, value: format!("{time:?}") });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::Config;
    use alloc::format;
    use alloc::string::ToString;

    #[test]
    fn times_above_ten_years_are_refused() {
        for name in [
            "answer_timeout",
            "message_age",
            "edit_window",
            "shortest_keep",
            "nonce_window",
            "naming_timeout",
            "person_naming_timeout",
            "reconnect_period",
            "linger",
            "linger_away",
            "idle_timeout",
            "token_age",
            "audit_age",
            "login_interval",
            "report_interval",
            "typing_interval",
        ] {
            for (time, is_right) in [
                ("87600h", true),
                ("315360001s", false),
                ("87601h", false),
                ("1000000000h", false),
                ("18000000000000000000ms", false),
            ] {
                let mut config = Config::default();
                config.set(name, time).expect("it is a time");
                let Err(problem) = config.check() else {
                    assert!(is_right, "{name} = {time}");
                    continue;
                };
                assert!(!is_right, "{name} = {time}: {problem}");
                let problem = problem.to_string();
                assert!(problem.starts_with(&format!("the setting '{name}' is ")), "{problem}");
                assert!(problem.ends_with("has to be at most 87600h (ten years)"), "{problem}");
            }
        }
    }
}
