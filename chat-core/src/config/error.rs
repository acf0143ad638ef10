//! The reasons why a setting is not taken.

use alloc::format;
use alloc::string::String;
use core::fmt;

/// Why a setting was not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SettingError {
    /// No field has this name.
    #[error("there is no setting '{name}'")]
    Unknown {
        /// The name that was given.
        name: String,
    },
    /// The value cannot be read as what the field holds.
    #[error("'{value}' is not {expected} for the setting '{name}'")]
    Value {
        /// The name of the setting.
        name: String,
        /// The value that was given.
        value: String,
        /// What would have been right.
        expected: &'static str,
    },
    /// With this value, a server would refuse everybody.
    #[error("the setting '{name}' is {value}, and has to be at least {least}")]
    TooSmall {
        /// The name of the setting.
        name: &'static str,
        /// The value that was given.
        value: String,
        /// The smallest value.
        least: String,
    },
    /// The time is longer than [`SettingError::LONGEST_TIME`].
    #[error("the setting '{name}' is {value}, and has to be at most 87600h (ten years)")]
    TooLong {
        /// The name of the setting.
        name: &'static str,
        /// The value that was given.
        value: String,
    },
}

impl SettingError {
    /// Checks that a setting is not smaller than it may be.
    ///
    /// # Errors
    ///
    /// [`SettingError::TooSmall`] if it is.
    pub fn at_least<T: PartialOrd + fmt::Debug>(
        name: &'static str,
        value: T,
        least: T,
    ) -> Result<(), Self> {
        if value >= least {
            return Ok(());
        }
        Err(Self::TooSmall { name, value: format!("{value:?}"), least: format!("{least:?}") })
    }
}
