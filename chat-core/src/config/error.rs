//! The error of an invalid setting.

use alloc::format;
use alloc::string::String;
use core::fmt;

/// The error of an invalid setting.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SettingError {
    /// No field has this name.
    #[error("there is no setting '{name}'")]
    Unknown {
        /// The name that was given.
        name: String,
    },
    /// The value cannot be parsed as a value of the field.
    #[error("'{value}' is not {expected} for the setting '{name}'")]
    Value {
        /// The name of the setting.
        name: String,
        /// The value that was given.
        value: String,
        /// A description of valid values.
        expected: &'static str,
    },
    /// With this value, a server would refuse every client.
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
    /// Checks that a setting is not below its minimum.
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
