//! The commands for accounts with passwords: `chat account add`, `list`, `reset` and `delete`.

mod closed_store;
mod error;
mod password;
mod table;

use crate::connect::Outcome;
use crate::store_file::StoreFile;
use chat_server::engine::{AccountName, Nickname};
use chat_server::sqlite::{self, StoredAccount};
pub(crate) use closed_store::ClosedStore;
pub(crate) use error::Error;
use password::PasswordSource;
use std::io::{self, IsTerminal, Write, stderr, stdin, stdout};
use std::path::{Path, PathBuf};

#[derive(Debug, clap::Args)]
pub(crate) struct AccountArguments {
    #[command(subcommand)]
    command: AccountCommand,
}

#[derive(Debug, clap::Subcommand)]
enum AccountCommand {
    /// Make an account, while no server uses the store. The store is made if it does not exist.
    Add(PasswordArguments),
    /// List the accounts, also while a server uses the store. Times are in UTC, exact to a minute.
    List(StoreFile),
    /// Set a new password for an account, while no server uses the store. All its logins end.
    Reset(PasswordArguments),
    /// Delete an account with its roles, its private messages and its logins, while no server uses
    /// the store. Its messages in channels stay; `chat erase` erases them, too.
    Delete(DeleteArguments),
}

#[derive(Debug, clap::Args)]
struct PasswordArguments {
    /// The name of the account, which is a nickname.
    name: String,

    /// The file with the password in its only line [default: ask for it on a terminal, and
    /// otherwise read it from standard input].
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,

    #[command(flatten)]
    store: StoreFile,
}

#[derive(Debug, clap::Args)]
struct DeleteArguments {
    /// The name of the account.
    name: String,

    /// Do not ask whether to delete it.
    #[arg(long)]
    yes: bool,

    #[command(flatten)]
    store: StoreFile,
}

#[derive(Debug, clap::Args)]
pub(crate) struct HashArguments {
    /// The file with the password in its only line [default: ask for it on a terminal, and
    /// otherwise read it from standard input].
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
}

/// Prints the hash of a password.
pub(crate) fn hash(arguments: HashArguments) -> Result<Outcome, Error> {
    let credentials = PasswordSource::new(arguments.password_file).credentials("the operator")?;
    writeln!(stdout(), "{}", credentials.hash().expose()).map_err(Error::Output)?;
    Ok(Outcome::Done)
}

/// Carries out a command for accounts.
pub(crate) fn account(arguments: AccountArguments) -> Result<Outcome, Error> {
    match arguments.command {
        AccountCommand::Add(arguments) => add(arguments),
        AccountCommand::List(store) => list(&store.path()?),
        AccountCommand::Reset(arguments) => reset(arguments),
        AccountCommand::Delete(arguments) => delete(arguments),
    }
}

fn add(arguments: PasswordArguments) -> Result<Outcome, Error> {
    let PasswordArguments { name, password_file, store } = arguments;
    let mut store = ClosedStore::open_or_create(store)?;
    // The name is checked before somebody types a password.
    let name = store.free_name(&name)?;
    let credentials = PasswordSource::new(password_file).credentials(name.as_str())?;
    store.register(&name, &credentials)?;
    say(&format!("added account {name}"))
}

fn list(path: &Path) -> Result<Outcome, Error> {
    let accounts = sqlite::list_accounts(path)?;
    if accounts.is_empty() {
        return say("there are no accounts with passwords");
    }
    let mut out = io::BufWriter::new(stdout().lock());
    match table::write(&accounts, &mut out).and_then(|()| out.flush()) {
        // The reader has read enough, as `head` does.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Error::Output(error)),
        Ok(()) | Err(_) => Ok(Outcome::Done),
    }
}

fn reset(arguments: PasswordArguments) -> Result<Outcome, Error> {
    let PasswordArguments { name, password_file, store } = arguments;
    let mut store = ClosedStore::open(store)?;
    let StoredAccount { name: account, tokens, .. } = find(store.path(), &name)?;
    let source = PasswordSource::new(password_file);
    let credentials = source.credentials(account.as_str())?;
    store.reset(&account, &credentials, &tokens)?;
    let logins = match tokens.len() {
        0 => String::new(),
        1 => "; 1 login has ended".to_owned(),
        count => format!("; {count} logins have ended"),
    };
    say(&format!("set a new password for account {account}{logins}"))
}

fn delete(arguments: DeleteArguments) -> Result<Outcome, Error> {
    let DeleteArguments { name, yes, store } = arguments;
    let mut store = ClosedStore::open(store)?;
    let account = find(store.path(), &name)?.name;
    if !yes {
        confirm(&account)?;
    }
    store.remove(&account)?;
    say(&format!("deleted account {account}"))
}

/// Returns the account of this name, compared like a nickname.
fn find(path: &Path, name: &str) -> Result<StoredAccount, Error> {
    let wanted = Nickname::parse(name).ok();
    let is_wanted = |account: &StoredAccount| {
        wanted.is_some() && Nickname::parse(account.name.as_str()).ok() == wanted
    };
    let found = sqlite::list_accounts(path)?.into_iter().find(is_wanted);
    found.ok_or_else(|| Error::NoAccount(AccountName::from(name).to_string()))
}

fn confirm(account: &AccountName) -> Result<(), Error> {
    if !stdin().is_terminal() {
        return Err(Error::Unconfirmed);
    }
    let mut answer = String::new();
    let question = format!(
        "Delete account {account} with its roles, its private messages and its logins? [y/N] "
    );
    let asked = write!(stderr(), "{question}").and_then(|()| stdin().read_line(&mut answer));
    match asked {
        Ok(_) if matches!(answer.trim().to_lowercase().as_str(), "y" | "yes") => Ok(()),
        Ok(_) | Err(_) => Err(Error::NotDeleted),
    }
}

fn say(line: &str) -> Result<Outcome, Error> {
    writeln!(stdout(), "{line}").map_err(Error::Output)?;
    Ok(Outcome::Done)
}
