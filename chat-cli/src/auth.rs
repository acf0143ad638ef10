//! The table `[auth]` of the configuration file: authentication by JSON Web Tokens.

use chat_server::engine::SettingError;
use chat_server::fetch::{FetchError, FetchUrl};
use chat_server::jwt::{JwtAuthenticator, JwtKey, KeyError, KeySet, KeySetError, Keys};
use chat_server::jwt::{RemoteKeys, RemoteKeysConfig};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;
use toml::{Table, Value};
use tracing::warn;

/// The requirements for tokens, and the files with the keys that verify them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AuthConfig {
    keys: Vec<KeyFile>,
    jwks: Option<FetchUrl>,
    jwks_refresh: Duration,
    issuer: Option<String>,
    audience: Option<String>,
    cookie: Option<String>,
    guests: bool,
    leeway: Duration,
    nickname_claims: Vec<String>,
    account_prefix: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum KeyFile {
    Secret(PathBuf),
    PublicPem(PathBuf),
    Set(PathBuf),
}

/// An error in the table.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AuthProblem {
    #[error(
        "there is no setting '{0}'; there are jwt_secret_file, jwt_public_key, jwks, jwks_refresh, \
         issuer, audience, cookie, guests, leeway, nickname_claims and account_prefix"
    )]
    Unknown(String),
    #[error("{0}")]
    Value(SettingError),
    #[error("there is no key; name a file with jwt_secret_file or jwt_public_key, or write jwks")]
    NoKey,
    #[error("jwks: {0}")]
    Jwks(FetchError),
}

/// The reason for which a key could not be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum KeyFileError {
    #[error("[auth]: cannot read {}: {error}", path.display())]
    Unreadable { path: PathBuf, error: io::Error },
    #[error("[auth]: {}: {error}", path.display())]
    Invalid { path: PathBuf, error: KeyError },
    #[error("[auth]: {}: {error}", path.display())]
    InvalidSet { path: PathBuf, error: KeySetError },
}

impl AuthConfig {
    /// Reads the table. An empty table means that the server has no authentication.
    pub(crate) fn read(table: Table) -> Result<Option<Self>, AuthProblem> {
        if table.is_empty() {
            return Ok(None);
        }
        let mut config = Self {
            keys: Vec::new(),
            jwks: None,
            jwks_refresh: RemoteKeysConfig::default().refresh,
            issuer: None,
            audience: None,
            cookie: None,
            guests: false,
            leeway: Duration::from_secs(5),
            nickname_claims: JwtAuthenticator::NICKNAME_CLAIMS.map(str::to_owned).to_vec(),
            account_prefix: String::new(),
        };
        for (name, value) in table {
            config.set(name, &value)?;
        }
        if config.keys.is_empty() && config.jwks.is_none() {
            return Err(AuthProblem::NoKey);
        }
        Ok(Some(config))
    }

    fn set(&mut self, name: String, value: &Value) -> Result<(), AuthProblem> {
        let invalid = |expected| {
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            AuthProblem::Value(SettingError::Value { name: name.clone(), value, expected })
        };
        let text = || match value.as_str() {
            Some(text) if !text.is_empty() => Ok(text.to_owned()),
            Some(_) | None => Err(invalid("a text in quotes")),
        };
        let files = || {
            let files = value.as_array().map_or_else(|| std::slice::from_ref(value), Vec::as_slice);
            let paths = files.iter().map(|file| file.as_str().map(PathBuf::from));
            paths
                .collect::<Option<Vec<_>>>()
                .ok_or_else(|| invalid("the name of a file, or a list of them"))
        };
        match name.as_str() {
            "jwt_secret_file" => self.keys.extend(files()?.into_iter().map(KeyFile::Secret)),
            "jwt_public_key" => self.keys.extend(files()?.into_iter().map(KeyFile::PublicPem)),
            "jwks" => match text()? {
                url if url.contains("://") => {
                    self.jwks = Some(url.parse().map_err(AuthProblem::Jwks)?);
                }
                path => self.keys.push(KeyFile::Set(path.into())),
            },
            "jwks_refresh" => {
                let time = value.as_str().and_then(|time| humantime::parse_duration(time).ok());
                let time = time.ok_or_else(|| invalid("a time such as 15m"))?;
                SettingError::within("jwks_refresh", time, RemoteKeysConfig::SHORTEST_REFRESH)
                    .map_err(AuthProblem::Value)?;
                self.jwks_refresh = time;
            }
            "issuer" => self.issuer = Some(text()?),
            "audience" => self.audience = Some(text()?),
            "cookie" => {
                let cookie = text()?;
                if !cookie.chars().all(is_cookie_name_char) {
                    return Err(invalid("the name of a cookie"));
                }
                self.cookie = Some(cookie);
            }
            "guests" => self.guests = value.as_bool().ok_or_else(|| invalid("true or false"))?,
            "leeway" => {
                let time = value.as_str().and_then(|time| humantime::parse_duration(time).ok());
                let time = time.ok_or_else(|| invalid("a time such as 5s"))?;
                SettingError::within("leeway", time, Duration::ZERO).map_err(AuthProblem::Value)?;
                self.leeway = time;
            }
            "account_prefix" => {
                // No nickname has a colon, and so has no account that somebody registers.
                let prefix = text()?;
                let is_valid = prefix.ends_with(':') && prefix.len() <= LONGEST_PREFIX;
                if !is_valid || prefix.contains(char::is_control) {
                    return Err(invalid("a text of at most 32 bytes that ends with a colon"));
                }
                self.account_prefix = prefix;
            }
            "nickname_claims" => {
                let claims = value.as_array().map(|claims| claims.iter().map(Value::as_str));
                let claims = claims.and_then(Iterator::collect::<Option<Vec<_>>>);
                let claims = claims.filter(|claims| claims.iter().all(|claim| !claim.is_empty()));
                let claims = claims.ok_or_else(|| invalid("a list of names of claims"))?;
                self.nickname_claims = claims.into_iter().map(str::to_owned).collect();
            }
            _ => return Err(AuthProblem::Unknown(name)),
        }
        Ok(())
    }

    /// Resolves relative file names against this folder, which is that of the configuration file.
    pub(crate) fn relative_to(&mut self, folder: &Path) {
        for key in &mut self.keys {
            let (KeyFile::Secret(path) | KeyFile::PublicPem(path) | KeyFile::Set(path)) = key;
            *path = folder.join(&*path);
        }
    }

    /// Returns the name of the cookie that contains tokens.
    pub(crate) fn cookie(&self) -> Option<&str> {
        self.cookie.as_deref()
    }

    /// Returns true if clients without a token are refused.
    pub(crate) fn needs_token(&self) -> bool {
        !self.guests
    }

    /// Returns the address of the keys that have to be fetched, with the time between two fetches.
    pub(crate) fn jwks(&self) -> Option<(&FetchUrl, Duration)> {
        self.jwks.as_ref().map(|url| (url, self.jwks_refresh))
    }

    /// Reads the keys of the files. `fetched` are the others, if there are any. `passwords` is true
    /// if clients can log in with a password too.
    pub(crate) fn authenticator(
        &self,
        fetched: Option<&RemoteKeys>,
        passwords: bool,
    ) -> Result<JwtAuthenticator, KeyFileError> {
        let keys = self.keys.iter().map(KeyFile::read).collect::<Result<Vec<_>, _>>()?;
        let fetched = fetched.cloned().map(Keys::from);
        let mut keys = keys.into_iter().flatten().chain(fetched);
        let first = keys.next().expect("a configuration has at least one key");
        let authenticator = JwtAuthenticator::new(first)
            .guests(self.guests)
            .passwords(passwords)
            .account_prefix(&self.account_prefix)
            .leeway(self.leeway)
            .nickname_claims(self.nickname_claims.iter().cloned());
        let authenticator = keys.fold(authenticator, JwtAuthenticator::key);
        let authenticator = self.issuer.iter().fold(authenticator, JwtAuthenticator::issuer);
        Ok(self.audience.iter().fold(authenticator, JwtAuthenticator::audience))
    }
}

impl KeyFile {
    fn read(&self) -> Result<Vec<Keys>, KeyFileError> {
        let (Self::Secret(path) | Self::PublicPem(path) | Self::Set(path)) = self;
        let bytes = std::fs::read(path)
            .map_err(|error| KeyFileError::Unreadable { path: path.clone(), error })?;
        let invalid = |error| KeyFileError::Invalid { path: path.clone(), error };
        match self {
            Self::Secret(_) => {
                let key = JwtKey::secret(without_line_end(&bytes)).map_err(invalid)?;
                Ok(vec![key.into()])
            }
            Self::PublicPem(_) => {
                let keys =
                    JwtKey::public_pems(&String::from_utf8_lossy(&bytes)).map_err(invalid)?;
                Ok(keys.into_iter().map(Keys::from).collect())
            }
            Self::Set(_) => {
                let set = KeySet::parse(&bytes)
                    .map_err(|error| KeyFileError::InvalidSet { path: path.clone(), error })?;
                for ignored in set.ignored() {
                    let (position, reason) = (ignored.position + 1, &ignored.reason);
                    warn!(path = %path.display(), position, %reason, "[auth]: a key is ignored");
                }
                Ok(vec![set.into()])
            }
        }
    }
}

/// The longest prefix of accounts, in bytes.
const LONGEST_PREFIX: usize = 32;

/// Removes the line end from a secret that is text. A binary secret is returned unchanged.
fn without_line_end(secret: &[u8]) -> &[u8] {
    match std::str::from_utf8(secret) {
        Ok(text) => {
            text.strip_suffix('\n').map_or(text, |line| line.trim_end_matches('\r')).as_bytes()
        }
        Err(_) => secret,
    }
}

/// Returns true for a character of a cookie's name (RFC 6265 §4.1.1).
fn is_cookie_name_char(c: char) -> bool {
    c.is_ascii_graphic() && !r#"()<>@,;:\"/[]?={}"#.contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(source: &str) -> Result<Option<AuthConfig>, AuthProblem> {
        AuthConfig::read(source.parse().expect("TOML"))
    }

    fn problem(source: &str) -> String {
        match read(source) {
            Ok(config) => panic!("{source} is {config:?}"),
            Err(problem) => problem.to_string(),
        }
    }

    #[test]
    fn empty_table_means_no_authentication() {
        assert_eq!(read("").expect("valid"), None);
    }

    #[test]
    fn several_keys_are_relative_to_the_configuration_file() {
        let source = "jwt_secret_file = [\"a\", \"/b\"]\njwt_public_key = \"c.pem\"\n\
            jwks = \"d.json\"\n";
        let mut config = read(source).expect("valid").expect("keys");
        config.relative_to(Path::new("/etc/chat"));
        let mut files: Vec<&Path> = config
            .keys
            .iter()
            .map(|(KeyFile::Secret(path) | KeyFile::PublicPem(path) | KeyFile::Set(path))| {
                path.as_path()
            })
            .collect();
        files.sort();
        let expected = ["/b", "/etc/chat/a", "/etc/chat/c.pem", "/etc/chat/d.json"];
        assert_eq!(files, expected.map(Path::new));
    }

    #[test]
    fn error_names_the_problem_and_the_valid_values() {
        assert!(problem("jwt_secret = \"x\"").contains("there are jwt_secret_file, "));
        assert!(problem("guests = true").contains("jwt_secret_file or jwt_public_key"));
        assert!(problem("jwks = \"http://example.org/\"").contains("to begin with https://"));
        assert!(problem("jwks = \"https://\"").contains("jwks: it is not a URL such as"));
        assert!(problem("jwks = 5").contains("a text in quotes"));
        assert!(problem("jwks_refresh = 5").contains("a time such as 15m"));
        assert!(problem("jwks_refresh = \"59s\"").contains("has to be at least "));
        assert!(problem("jwt_public_key = []").contains("there is no key"));
        assert!(problem("jwt_public_key = 5").contains("the name of a file"));
        assert!(problem("issuer = \"\"").contains("a text in quotes"));
        assert!(problem("audience = [\"chat\"]").contains("a text in quotes"));
        assert!(problem("cookie = \"a b\"").contains("the name of a cookie"));
        assert!(problem("guests = \"yes\"").contains("true or false"));
        assert!(problem("leeway = 5").contains("a time such as 5s"));
        assert!(problem("leeway = \"11y\"").ends_with("at most 87600h (ten years)"));
        assert!(problem("account_prefix = \"sso\"").contains("ends with a colon"));
        for claims in ["\"name\"", "[\"\"]", "[7]"] {
            let source = format!("nickname_claims = {claims}");
            assert!(problem(&source).contains("a list of names of claims"), "{source}");
        }
        let none = "jwt_secret_file = \"a\"\nnickname_claims = []";
        assert!(read(none).expect("valid").expect("keys").nickname_claims.is_empty());
    }

    #[test]
    fn key_set_is_a_file_or_an_address() {
        let config = |source| read(source).expect("valid").expect("keys");
        assert_eq!(config("jwks = \"keys.json\"").jwks(), None);
        let fetched = config("jwks = \"https://example.org/jwks\"\njwks_refresh = \"1h\"");
        let (url, refresh) = fetched.jwks().expect("an address");
        assert_eq!(url.to_string(), "https://example.org/jwks");
        assert_eq!(refresh, Duration::from_secs(3_600));
        let default = config("jwks = \"http://127.0.0.1:8080/jwks\"");
        assert_eq!(default.jwks().map(|(_, refresh)| refresh), Some(Duration::from_secs(900)));
    }

    #[test]
    fn line_end_is_removed_from_a_text_secret() {
        assert_eq!(without_line_end(b"secret\n"), b"secret");
        assert_eq!(without_line_end(b"secret\r\n"), b"secret");
        assert_eq!(without_line_end(b"secret \n\n"), b"secret \n");
        assert_eq!(without_line_end(b"\xff\n"), b"\xff\n");
    }
}
