//! Runs a client as the user of the command line: with a nickname, a token, or an account.

use super::connection::{ConnectionError, Login};
use super::proof::{Proof, device};
use super::received::SavedPoints;
use super::saved_logins::SavedLogins;
use super::settings::Settings;
use super::target::Target;
use super::{Error, Outcome};
use crate::prompt::prompt;
use crate::secret_line;
use chat_server::engine::Secret;
use std::fs::File;
use std::io::{IsTerminal, Write, stderr, stdin};
use std::path::{Path, PathBuf};
use std::{env, fs};

/// The user.
#[derive(Debug, clap::Args)]
pub(super) struct LoginArguments {
    /// Your nickname. With --account or a token it is optional, and a nickname in the token takes
    /// precedence.
    #[arg(long, short, value_name = "NAME")]
    nickname: Option<String>,
    /// Log in to this account of the server. The login is kept in the state directory, and used
    /// the next time. Otherwise the password is read from --password-file, from the environment
    /// variable CHAT_PASSWORD, or asked for on a terminal.
    #[arg(long, value_name = "NAME", conflicts_with = "token_file")]
    account: Option<String>,
    /// The file with the password in its only line. It cannot be given on the command line, which
    /// all users of the machine can read.
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
    /// Do not keep logins in the state directory, and use none from there.
    #[arg(long)]
    no_save_login: bool,
    /// The file with your authentication token. By default the token is read from the environment
    /// variable CHAT_TOKEN. It cannot be given on the command line, which all users of the machine
    /// can read.
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
}

/// Runs a client. If a saved login has ended, it is forgotten, and the client runs again with the
/// password.
pub(super) fn run_as(
    arguments: LoginArguments,
    target: Target,
    channel: String,
    run: impl Fn(&Settings) -> Result<Outcome, Error>,
) -> Result<Outcome, Error> {
    let LoginArguments { nickname, account, password_file, no_save_login, token_file } = arguments;
    let server = target.to_string();
    let (logins, points) = match no_save_login {
        true => (SavedLogins::default(), SavedPoints::default()),
        false => (SavedLogins::at(&server), SavedPoints::at(&server)),
    };
    let password = given_password(password_file.as_deref())?;
    let mut settings = Settings {
        target,
        login: Login { nickname, proof: None, reconnect_key: None, resume: None },
        channel,
        logins,
        points,
        password,
    };
    let Some(account) = account else {
        let token = token(token_file.as_deref())?;
        settings.login.proof = token.map(|token| Proof::Token { token });
        if settings.login.nickname.is_none() && settings.login.proof.is_none() {
            return Err(Error::NoName);
        }
        return run(&settings);
    };
    if !no_save_login {
        let point = settings.points.point(&account).map_err(Error::SavedLogin)?;
        settings.login.resume = Some(point);
    }
    if let Some(session) = settings.logins.token(&account).map_err(Error::SavedLogin)? {
        settings.login.proof = Some(Proof::Session { session });
        match run(&settings) {
            Err(Error::Connection(ConnectionError::SessionEnded(_))) => {
                // A login that cannot be forgotten is refused the next time, too.
                let _ = settings.logins.forget(&account);
                let _ = writeln!(stderr(), "chat: the saved login to {account} has ended");
            }
            done => return done,
        }
    }
    let password = match settings.password.clone() {
        Some(password) => password,
        None => ask(&account)?,
    };
    settings.login.proof = Some(Proof::Password { account, password, device: device() });
    run(&settings)
}

/// Reads the password from a file, or else from the environment, where an empty value means none.
fn given_password(file: Option<&Path>) -> Result<Option<Secret>, Error> {
    let Some(path) = file else {
        let given = env::var("CHAT_PASSWORD").unwrap_or_default();
        return Ok(Some(given).filter(|given| !given.is_empty()).map(Secret::new));
    };
    let password = File::open(path).and_then(secret_line::read);
    let cannot = |error| Error::Password { from: path.display().to_string(), error };
    password.map(Some).map_err(cannot)
}

/// Asks for the password on a terminal.
fn ask(account: &str) -> Result<Secret, Error> {
    if !stdin().is_terminal() {
        return Err(Error::NoPassword(account.to_owned()));
    }
    let cannot = |error| Error::Password { from: "the terminal".to_owned(), error };
    prompt(&format!("Password for {account}: ")).map_err(cannot)?.ok_or(Error::Interrupted)
}

/// Reads the token from a file, or else from the environment, where an empty value means none.
fn token(file: Option<&Path>) -> Result<Option<Secret>, Error> {
    let Some(path) = file else {
        let token = env::var("CHAT_TOKEN").unwrap_or_default();
        return Ok(Some(token.trim()).filter(|token| !token.is_empty()).map(Secret::new));
    };
    let token =
        fs::read_to_string(path).map_err(|error| Error::Token { path: path.to_owned(), error })?;
    match token.trim() {
        "" => Err(Error::NoToken { path: path.to_owned() }),
        token => Ok(Some(Secret::new(token))),
    }
}
