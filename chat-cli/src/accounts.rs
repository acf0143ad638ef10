//! The table `[accounts]` of the configuration file: accounts with passwords.

use chat_server::accounts::{Argon2Passwords, Hasher, HasherConfig, HasherConfigError};
use chat_server::engine::{Config, Secret, SettingError};
use std::time::Duration;
use toml::{Table, Value};

/// The accounts of the server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct AccountsConfig {
    /// `None`: the server has no accounts with passwords.
    pub(crate) register: Option<Register>,
    codes: Vec<Secret>,
    /// True if new passwords may be easy to guess.
    weak_passwords: bool,
    /// `None`: only servers with a listener for IRC make verifiers for SCRAM.
    scram: Option<bool>,
    hasher: HasherConfig,
}

/// The people who may register.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Register {
    /// Nobody: the operator makes accounts, with `chat account add`.
    Off,
    /// Everybody.
    Open,
    /// People with a code, which is in `[accounts]` of the configuration file.
    Code,
}

/// An error in the table.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AccountsProblem {
    #[error(
        "there is no setting '{0}'; there are register, code, registered_accounts, \
         reserve_nicknames, logins_per_account, token_age, login_burst, login_interval, \
         weak_passwords, scram, hash_threads and hash_queue"
    )]
    Unknown(String),
    #[error("{0}")]
    Value(#[from] SettingError),
    #[error("register = \"code\" needs a code, such as code = \"tea-at-five\"")]
    NoCode,
    #[error(
        "register = \"open\" lets everybody register, and asks for no code: remove code, or write \
         register = \"code\""
    )]
    UnusedCode,
}

/// The reason for which passwords cannot be checked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PasswordsError {
    #[error(
        "--accounts code needs a code: set it with code in [accounts] of the configuration file"
    )]
    NoCode,
    #[error("[accounts]: {0}")]
    Hasher(#[from] HasherConfigError),
}

impl AccountsConfig {
    /// Reads the table. Its settings for the engine go into `engine`.
    pub(crate) fn read(table: Table, engine: &mut Config) -> Result<Self, AccountsProblem> {
        let mut config = Self::default();
        for (name, value) in table {
            config.set(name, &value, engine)?;
        }
        match (config.register, config.codes.is_empty()) {
            (Some(Register::Code), true) => Err(AccountsProblem::NoCode),
            (Some(Register::Open), false) => Err(AccountsProblem::UnusedCode),
            (Some(Register::Off | Register::Open | Register::Code) | None, _) => Ok(config),
        }
    }

    /// Returns these settings with as many threads as this machine has processors.
    #[cfg(test)]
    pub(crate) fn hasher_of_this_machine(mut self) -> Self {
        self.hasher.threads = HasherConfig::default().threads;
        self
    }

    fn set(
        &mut self,
        name: String,
        value: &Value,
        engine: &mut Config,
    ) -> Result<(), AccountsProblem> {
        let written = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let invalid =
            |expected| SettingError::Value { name: name.clone(), value: written.clone(), expected };
        let time = || {
            let expected = "a time such as 6s, 12h or 90d";
            humantime::parse_duration(&written).map_err(|_| invalid(expected))
        };
        let up_to = |most: usize, expected| {
            let number = written.parse().ok().filter(|number| (1..=most).contains(number));
            number.ok_or_else(|| invalid(expected))
        };
        match name.as_str() {
            "register" => {
                self.register = Some(match value.as_str() {
                    Some("off") => Register::Off,
                    Some("open") => Register::Open,
                    Some("code") => Register::Code,
                    Some(_) | None => return Err(invalid("\"off\", \"open\" or \"code\"").into()),
                });
            }
            "code" => {
                let codes =
                    value.as_array().map_or_else(|| std::slice::from_ref(value), Vec::as_slice);
                // In the text dialect, white space separates the code from the password.
                let is_code = |code: &&str| !code.is_empty() && !code.contains(char::is_whitespace);
                let codes = codes.iter().map(|code| code.as_str().filter(is_code));
                let codes = codes.map(|code| code.map(Secret::new)).collect::<Option<_>>();
                // The value is secret.
                self.codes = codes.ok_or_else(|| SettingError::Value {
                    name: name.clone(),
                    value: "this".to_owned(),
                    expected: "a text in quotes without white space, or a list of them",
                })?;
            }
            "registered_accounts" | "reserve_nicknames" | "login_burst" => {
                engine.set(&name, &written)?
            }
            "logins_per_account" => {
                engine.set(&name, &written)?;
                SettingError::at_least("logins_per_account", engine.logins_per_account, 1)?;
            }
            "token_age" if written == "none" => engine.token_age = None,
            "token_age" => {
                let age = time()?;
                SettingError::within("token_age", age, Duration::from_secs(1))?;
                engine.token_age = Some(age);
            }
            "login_interval" => {
                engine.login_interval = time()?;
                let least = Duration::from_millis(1);
                SettingError::within("login_interval", engine.login_interval, least)?;
            }
            "weak_passwords" => {
                let is_accepted = value.as_bool();
                self.weak_passwords = is_accepted.ok_or_else(|| invalid("true or false"))?;
            }
            "scram" => {
                self.scram = Some(value.as_bool().ok_or_else(|| invalid("true or false"))?);
            }
            "hash_threads" => {
                self.hasher.threads = up_to(MOST_THREADS, "a number from 1 to 64")?;
            }
            "hash_queue" => self.hasher.queue = up_to(LONGEST_QUEUE, "a number from 1 to 1024")?,
            _ => return Err(AccountsProblem::Unknown(name)),
        }
        Ok(())
    }

    /// Decides whether clients can log in with SCRAM-SHA-256, which is for IRC, if the file does
    /// not say so.
    pub(crate) fn decide_scram(&mut self, has_irc: bool) {
        let is_on = self.scram.unwrap_or(has_irc) && self.register.is_some();
        self.scram = Some(is_on);
        self.hasher.scram_iterations = is_on.then_some(HasherConfig::SCRAM_ITERATIONS);
    }

    /// Returns true if clients can log in with SCRAM-SHA-256.
    pub(crate) fn has_scram(&self) -> bool {
        self.scram.unwrap_or_default()
    }

    /// Returns the check of the passwords of server operators.
    pub(crate) fn operator_passwords(&self) -> Result<Argon2Passwords, PasswordsError> {
        Ok(Argon2Passwords::new(Hasher::new(&self.hasher)?))
    }

    /// Returns the check of passwords; `None` if the server has no accounts. Whether clients can
    /// register goes into `engine`.
    pub(crate) fn passwords(
        &self,
        engine: &mut Config,
    ) -> Result<Option<Argon2Passwords>, PasswordsError> {
        let Some(register) = self.register else { return Ok(None) };
        let mut passwords = Argon2Passwords::new(Hasher::new(&self.hasher)?);
        if self.weak_passwords {
            passwords = passwords.accept_weak();
        }
        engine.registration = register != Register::Off;
        let codes: &[Secret] = match register {
            Register::Code if self.codes.is_empty() => return Err(PasswordsError::NoCode),
            Register::Code => &self.codes,
            Register::Off | Register::Open => &[],
        };
        Ok(Some(codes.iter().fold(passwords, Argon2Passwords::registration_code)))
    }
}

/// The most threads that hash: each has 19 MiB.
const MOST_THREADS: usize = 64;
/// The most passwords that wait: the server asks about as many at once.
const LONGEST_QUEUE: usize = 1_024;

#[cfg(test)]
mod tests {
    use super::*;

    fn read(source: &str) -> Result<(AccountsConfig, Config), AccountsProblem> {
        let mut engine = Config::default();
        let table = source.parse().expect("TOML");
        AccountsConfig::read(table, &mut engine).map(|config| (config, engine))
    }

    fn problem(source: &str) -> String {
        match read(source) {
            Ok(config) => panic!("{source} is {config:?}"),
            Err(problem) => problem.to_string(),
        }
    }

    #[test]
    fn accounts_are_on_with_register() {
        for (source, is_on, registration) in [
            ("", false, false),
            ("hash_threads = 1", false, false),
            ("register = \"off\"", true, false),
            ("register = \"off\"\ncode = \"tea\"", true, false),
            ("register = \"open\"", true, true),
            ("register = \"code\"\ncode = \"tea\"", true, true),
            ("register = \"code\"\ncode = [\"new\", \"old\"]", true, true),
        ] {
            let (config, mut engine) = read(source).expect("valid");
            let passwords = config.passwords(&mut engine).expect("valid");
            assert_eq!((passwords.is_some(), engine.registration), (is_on, registration));
        }
    }

    #[test]
    fn verifiers_are_made_for_irc_unless_the_file_says_so() {
        for (source, has_irc, is_on) in [
            ("register = \"open\"", false, false),
            ("register = \"open\"", true, true),
            ("register = \"open\"\nscram = false", true, false),
            ("register = \"open\"\nscram = true", false, true),
            ("scram = true", true, false),
        ] {
            let (mut config, _) = read(source).expect("valid");
            config.decide_scram(has_irc);
            assert_eq!(config.has_scram(), is_on, "{source}");
            assert_eq!(config.hasher.scram_iterations.is_some(), is_on, "{source}");
        }
    }

    #[test]
    fn settings_of_the_engine_are_read() {
        let (_, engine) = read(
            "registered_accounts = 7\nreserve_nicknames = false\nlogins_per_account = 3\n\
             token_age = \"30d\"\nlogin_burst = 5\nlogin_interval = \"1m\"",
        )
        .expect("valid");
        assert!(!engine.reserve_nicknames);
        assert_eq!(engine.registered_accounts, 7);
        assert_eq!((engine.logins_per_account, engine.login_burst), (3, 5));
        assert_eq!(engine.token_age, Some(Duration::from_secs(30 * 86_400)));
        assert_eq!(engine.login_interval, Duration::from_secs(60));
        assert_eq!(read("token_age = \"none\"").expect("valid").1.token_age, None);
    }

    #[test]
    fn error_names_the_problem_and_the_valid_values() {
        for (source, said) in [
            ("registration = true", "there are register, code, "),
            ("register = true", "\"off\", \"open\" or \"code\""),
            ("register = \"everybody\"", "'everybody' is not \"off\", "),
            ("register = \"code\"", "needs a code, such as"),
            ("register = \"code\"\ncode = []", "needs a code, such as"),
            ("register = \"open\"\ncode = \"tea\"", "remove code, or write"),
            ("code = \"tea at five\"", "without white space"),
            ("code = \"\"", "'this' is not a text in quotes"),
            ("code = [\"tea\", 5]", "'this' is not a text in quotes"),
            ("reserve_nicknames = 1", "true or false"),
            ("logins_per_account = 0", "at least 1"),
            ("token_age = \"long\"", "a time such as 6s, 12h or 90d"),
            ("token_age = \"0s\"", "at least 1s"),
            ("token_age = \"11y\"", "at most 87600h (ten years)"),
            ("login_burst = -1", "a number"),
            ("login_interval = \"0s\"", "at least 1ms"),
            ("login_interval = \"none\"", "a time such as"),
            ("weak_passwords = \"yes\"", "'yes' is not true or false"),
            ("scram = 1", "'1' is not true or false"),
            ("hash_threads = 0", "a number from 1 to 64"),
            ("hash_queue = 1025", "a number from 1 to 1024"),
        ] {
            assert!(problem(source).contains(said), "{source}: {}", problem(source));
        }
    }

    #[test]
    fn codes_are_not_shown() {
        let (config, _) = read("register = \"code\"\ncode = \"tea-at-five\"").expect("valid");
        assert!(!format!("{config:?}").contains("tea"));
    }
}
