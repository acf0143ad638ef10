//! The logins that this user has kept: session tokens in a file that nobody else can read.

use super::names::nickname_key;
use super::state_file::{damaged, read, write};
use crate::store::users_folder;
use chat_server::engine::{Secret, Text};
use serde_json::{Map, Value};
use std::io;
use std::path::PathBuf;

/// The kept logins at one server.
#[derive(Clone, Debug, Default)]
pub(super) struct SavedLogins {
    /// `None`: no login is kept.
    path: Option<PathBuf>,
    server: String,
}

/// A change of the login of a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum LoginChange {
    /// The client has logged in to an account.
    Begun { account: Text, token: Secret },
    /// The login has ended.
    Ended { account: Text },
}

impl SavedLogins {
    /// Finds the logins at a server. If the system has no folder for them, none is kept.
    pub(super) fn at(server: &str) -> Self {
        let path = users_folder().map(|folder| folder.join(FILE));
        Self { path, server: server.to_owned() }
    }

    /// Returns the session token of an account, if it is kept.
    pub(super) fn token(&self, account: &str) -> io::Result<Option<Secret>> {
        let Some(path) = &self.path else { return Ok(None) };
        let servers = read(path)?;
        let token = servers.get(&self.server).and_then(|logins| logins.get(nickname_key(account)));
        Ok(token.and_then(Value::as_str).map(Secret::new))
    }

    /// Keeps a login that has begun, or forgets one that has ended.
    pub(super) fn change(&self, change: &LoginChange) -> io::Result<()> {
        match change {
            LoginChange::Begun { account, token } => {
                self.set(account.as_str(), Some(token.expose().into()))
            }
            LoginChange::Ended { account } => self.forget(account.as_str()),
        }
    }

    /// Forgets the login of an account.
    pub(super) fn forget(&self, account: &str) -> io::Result<()> {
        self.set(account, None)
    }

    fn set(&self, account: &str, token: Option<Value>) -> io::Result<()> {
        let Some(path) = &self.path else { return Ok(()) };
        let mut servers = read(path)?;
        let logins = servers.entry(&*self.server).or_insert_with(|| Map::new().into());
        let Value::Object(logins) = logins else { return Err(damaged(path)) };
        let before = match token {
            Some(token) => logins.insert(nickname_key(account), token),
            None => logins.remove(&nickname_key(account)),
        };
        if before.is_none() && logins.is_empty() {
            return Ok(());
        }
        servers.retain(|_, logins| logins.as_object().is_none_or(|logins| !logins.is_empty()));
        write(path, &Value::Object(servers))
    }
}

/// The name of the file in the state directory.
const FILE: &str = "logins.json";

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use tempfile::TempDir;

    fn logins(folder: &TempDir, server: &str) -> SavedLogins {
        let path = Some(folder.path().join("state").join(FILE));
        SavedLogins { path, server: server.to_owned() }
    }

    fn begun(account: &str, token: &str) -> LoginChange {
        LoginChange::Begun { account: Text::clean(account), token: Secret::new(token) }
    }

    fn token(logins: &SavedLogins, account: &str) -> Option<String> {
        logins.token(account).expect("a file").map(|token| token.expose().to_owned())
    }

    #[test]
    fn login_is_kept_for_its_server_until_it_ends() {
        let folder = TempDir::new().expect("a folder");
        let [here, there] = ["tcp://a:1", "tcp://b:1"].map(|server| logins(&folder, server));
        assert_eq!(token(&here, "alice"), None);
        for (logins, account, token) in
            [(&here, "alice", "one"), (&here, "bob", "two"), (&there, "alice", "three")]
        {
            logins.change(&begun(account, token)).expect("it is written");
        }
        assert_eq!(token(&here, "ALICE").as_deref(), Some("one"));
        assert_eq!(token(&there, "alice").as_deref(), Some("three"));
        assert_eq!(token(&there, "bob"), None);
        here.change(&LoginChange::Ended { account: Text::clean("Alice") }).expect("it is written");
        here.forget("nobody").expect("nothing to do");
        let left = [token(&here, "alice"), token(&here, "bob"), token(&there, "alice")];
        assert_eq!(left, [None, Some("two".to_owned()), Some("three".to_owned())]);
        let none = SavedLogins::default();
        none.change(&begun("alice", "one")).expect("nothing to do");
        assert_eq!(token(&none, "alice"), None);
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_can_read_the_file() {
        use std::os::unix::fs::PermissionsExt;
        let folder = TempDir::new().expect("a folder");
        let logins = logins(&folder, "tcp://a:1");
        logins.change(&begun("alice", "one")).expect("it is written");
        let path = folder.path().join("state").join(FILE);
        let mode = fs::metadata(&path).expect("a file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        fs::write(&path, "{\"tcp://a:1\":7}").expect("a file");
        assert!(logins.token("alice").expect("no login").is_none());
        assert!(logins.change(&begun("alice", "one")).is_err());
        fs::write(&path, "not JSON").expect("a file");
        assert!(logins.token("alice").is_err());
    }
}
