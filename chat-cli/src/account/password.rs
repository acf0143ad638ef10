//! Reads the new password of an account.

use super::error::Error;
use crate::prompt::prompt;
use crate::secret_line::read;
use chat_server::accounts::{Credentials, Hasher, HasherConfig, Password};
use chat_server::engine::Secret;
use std::fs::File;
use std::io::{IsTerminal, stdin};
use std::path::PathBuf;
use tokio::runtime;

/// The place from which a password is read.
pub(super) enum PasswordSource {
    Terminal,
    File(PathBuf),
    StandardInput,
}

impl PasswordSource {
    pub(super) fn new(file: Option<PathBuf>) -> Self {
        match file {
            Some(path) => Self::File(path),
            None if stdin().is_terminal() => Self::Terminal,
            None => Self::StandardInput,
        }
    }

    /// Reads the new password of an account, checks its strength, and hashes it.
    pub(super) fn credentials(self, account: &str) -> Result<Credentials, Error> {
        let cannot = |from: String| |error| Error::Unreadable { from, error };
        let text = match &self {
            Self::Terminal => ask(&format!("New password for {account}: "))?,
            Self::File(path) => {
                let cannot = cannot(path.display().to_string());
                File::open(path).and_then(read).map_err(cannot)?
            }
            Self::StandardInput => read(stdin()).map_err(cannot("standard input".to_owned()))?,
        };
        let password = Password::prepare(&text)?;
        password.check_strength(account)?;
        if let Self::Terminal = self
            && ask("The same again: ")? != text
        {
            return Err(Error::Different);
        }
        hash(&password)
    }
}

fn ask(question: &str) -> Result<Secret, Error> {
    let cannot = |error| Error::Unreadable { from: "the terminal".to_owned(), error };
    prompt(question).map_err(cannot)?.ok_or(Error::Interrupted)
}

/// Hashes with the parameters of the server, on one thread.
fn hash(password: &Password) -> Result<Credentials, Error> {
    let mut config = HasherConfig::default();
    config.threads = 1;
    let hasher = Hasher::new(&config).expect("the settings are within the limits");
    let runtime = runtime::Builder::new_current_thread().build().map_err(Error::Runtime)?;
    Ok(runtime.block_on(hasher.hash(password))?)
}
