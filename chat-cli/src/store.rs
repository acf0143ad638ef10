//! The store of the server: its file, and its durability.

use chat_server::engine::{Config, SettingError, Timestamp};
use chat_server::sqlite::{Durability, Keep, SqliteOptions};
use chat_server::store::{Opened, StoreError};
use std::env;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;
use toml::Value;

/// The part `[store]` of the configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct StoreConfig {
    /// `None` for `chat.db` in the state directory.
    pub(crate) place: Option<StorePlace>,
    pub(crate) durability: Durability,
    pub(crate) keep: Keep,
}

/// The place of the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum StorePlace {
    /// Nothing is kept.
    Memory,
    /// A file.
    File(PathBuf),
}

/// An error in `[store]`.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum StoreProblem {
    #[error("there is no setting '{0}'; there are file, durability and keep")]
    Unknown(String),
    #[error("file has to be the name of a file, such as \"chat.db\", or \"memory\"")]
    File,
    #[error("durability has to be \"power\" or \"process\"")]
    Durability,
    #[error(
        "keep has to be \"unlimited\", a time from an hour to ten years (87600h), such as \
         \"12h\" or \"90d\", or a size of at least 10 MB such as \"10GB\""
    )]
    Keep,
}

/// The reason for which there is no store.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OpenError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("cannot make the folder {} for the store: {error}", path.display())]
    Folder { path: PathBuf, error: io::Error },
    #[error(
        "there is no place for the store, because neither STATE_DIRECTORY nor XDG_STATE_HOME nor \
         HOME is set; name a file with --store, or keep nothing with --store memory"
    )]
    NoPlace,
}

impl StoreConfig {
    /// Sets a setting of the configuration file.
    pub(crate) fn set(&mut self, name: String, value: &Value) -> Result<(), StoreProblem> {
        match name.as_str() {
            "file" => {
                let written = value.as_str().and_then(place).ok_or(StoreProblem::File)?;
                self.place = Some(written);
            }
            "durability" => {
                self.durability = match value.as_str() {
                    Some("power") => Durability::Power,
                    Some("process") => Durability::Process,
                    Some(_) | None => return Err(StoreProblem::Durability),
                };
            }
            "keep" => {
                self.keep = value.as_str().and_then(keep).ok_or(StoreProblem::Keep)?;
            }
            _ => return Err(StoreProblem::Unknown(name)),
        }
        Ok(())
    }

    /// Resolves a relative file name against this folder, which is that of the configuration file.
    pub(crate) fn relative_to(&mut self, folder: &Path) {
        if let Some(StorePlace::File(path)) = &mut self.place {
            *path = folder.join(&*path);
        }
    }

    /// Opens the store; `None` if nothing is to be kept. Also returns the path of its file.
    pub(crate) fn open(
        &self,
        limits: &Config,
        now: Timestamp,
    ) -> Result<Option<(PathBuf, Opened)>, OpenError> {
        let path = match &self.place {
            Some(StorePlace::Memory) => return Ok(None),
            Some(StorePlace::File(path)) => path.clone(),
            None => {
                let folder = default_folder()?;
                if let Err(error) = fs::create_dir_all(&folder) {
                    return Err(OpenError::Folder { path: folder, error });
                }
                folder.join(FILE)
            }
        };
        let mut options = SqliteOptions::default();
        options.durability = self.durability;
        options.recent = limits.history_per_channel.max(limits.mailbox_per_account);
        options.nonce_window = limits.nonce_window;
        options.keep = self.keep;
        let opened = options.open(&path, now)?;
        Ok(Some((path, opened)))
    }
}

/// Parses what a store keeps.
fn keep(written: &str) -> Option<Keep> {
    if written == "unlimited" {
        return Some(Keep::Unlimited);
    }
    let digits = written.find(|sign: char| !sign.is_ascii_digit()).unwrap_or(written.len());
    let (number, unit) = written.split_at(digits);
    let factor = match unit.trim_start() {
        "MB" => 1_000_000,
        "GB" => 1_000_000_000,
        "TB" => 1_000_000_000_000,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        "TiB" => 1 << 40,
        _ => {
            let age = humantime::parse_duration(written).ok()?;
            return (SHORTEST..=SettingError::LONGEST_TIME)
                .contains(&age)
                .then_some(Keep::For(age));
        }
    };
    let bytes = number.parse::<u64>().ok()?.checked_mul(factor)?;
    (bytes >= SMALLEST).then_some(Keep::UpTo(bytes))
}

/// The shortest time for which messages can be kept: longer than any client needs to come back.
const SHORTEST: Duration = Duration::from_secs(60 * 60);
/// The smallest size of a store, in bytes.
const SMALLEST: u64 = 10_000_000;

/// Returns the file of a store for which no file is named.
pub(crate) fn default_file() -> Result<PathBuf, OpenError> {
    Ok(default_folder()?.join(FILE))
}

/// The name of the file in the state directory.
const FILE: &str = "chat.db";

fn default_folder() -> Result<PathBuf, OpenError> {
    let folder = state_directory(|name| env::var_os(name).map(PathBuf::from));
    folder.ok_or(OpenError::NoPlace)
}

/// Returns the folder for the state of the user's own programs.
pub(crate) fn users_folder() -> Option<PathBuf> {
    // The folder of a service is not the user's.
    let variable = |name: &str| env::var_os(name).filter(|_| name != "STATE_DIRECTORY");
    state_directory(|name| variable(name).map(PathBuf::from))
}

/// Parses the place of a store.
pub(crate) fn place(written: &str) -> Option<StorePlace> {
    match written {
        "" => None,
        "memory" => Some(StorePlace::Memory),
        path => Some(StorePlace::File(path.into())),
    }
}

/// Returns the folder for the state of the server: that of the service manager, or of the user
/// (XDG Base Directory Specification). Relative paths are invalid there and do not count.
fn state_directory(variable: impl Fn(&str) -> Option<PathBuf>) -> Option<PathBuf> {
    // systemd separates several folders by colons.
    let given = variable("STATE_DIRECTORY");
    let given = given.as_ref().and_then(|paths| env::split_paths(paths).next());
    if let Some(folder) = given.filter(|folder| folder.is_absolute()) {
        return Some(folder);
    }
    let state_home = variable("XDG_STATE_HOME").filter(|folder| folder.is_absolute());
    let home = || variable("HOME").filter(|folder| folder.is_absolute());
    let state_home = state_home.or_else(|| Some(home()?.join(".local/state")));
    Some(state_home?.join("chat"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn store_keeps_messages_for_a_time_or_up_to_a_size() {
        let days = |days: u64| Some(Keep::For(Duration::from_secs(days * 86_400)));
        for (written, expected) in [
            ("unlimited", Some(Keep::Unlimited)),
            ("90d", days(90)),
            ("1day 12h", Some(Keep::For(Duration::from_secs(36 * 3_600)))),
            ("1h", Some(Keep::For(SHORTEST))),
            ("59m", None),
            ("87600h", days(3_650)),
            ("11years", None),
            ("10GB", Some(Keep::UpTo(10_000_000_000))),
            ("10 GiB", Some(Keep::UpTo(10 << 30))),
            ("10MB", Some(Keep::UpTo(SMALLEST))),
            ("9MB", None),
            ("99999999999TB", None),
            ("10", None),
            ("GB", None),
            ("-1d", None),
            ("", None),
        ] {
            assert_eq!(keep(written), expected, "{written}");
        }
    }

    #[test]
    fn state_directory_is_that_of_the_service_or_of_the_user() {
        for (variables, expected) in [
            ("STATE_DIRECTORY=/var/lib/chat HOME=/h", Some("/var/lib/chat")),
            ("STATE_DIRECTORY=/var/lib/chat:/b", Some("/var/lib/chat")),
            ("XDG_STATE_HOME=/s HOME=/h", Some("/s/chat")),
            ("XDG_STATE_HOME=s HOME=/h", Some("/h/.local/state/chat")),
            ("HOME=/h", Some("/h/.local/state/chat")),
            ("", None),
        ] {
            let variable = |wanted: &str| {
                let mut set = variables.split(' ').filter_map(|set| set.split_once('='));
                set.find(|(name, _)| *name == wanted).map(|(_, value)| PathBuf::from(value))
            };
            assert_eq!(state_directory(variable), expected.map(PathBuf::from), "{variables}");
        }
    }
}
