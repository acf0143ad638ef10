//! The commands for the file of a store: `chat backup`, `chat export`, `chat erase` and
//! `chat store check`.

use crate::audit;
use crate::connect::Outcome;
use crate::store::OpenError;
use crate::store_file::StoreFile;
use chat_server::dialects::MessageObject;
use chat_server::engine::{ChannelName, Message};
use chat_server::sqlite::{self, ExportError, Progress, Selection};
use chat_server::store::StoreError;
use indicatif::{ProgressBar, ProgressStyle};
use std::fs::{self, File};
use std::io::{self, BufWriter, IsTerminal, Write, stderr, stdout};
use std::path::{Path, PathBuf};

#[derive(Debug, clap::Args)]
pub(crate) struct BackupArguments {
    /// The file of the backup. It appears when it is complete.
    file: PathBuf,

    /// Replace the file if it exists.
    #[arg(long)]
    force: bool,

    #[command(flatten)]
    store: StoreFile,
}

#[derive(Debug, clap::Args)]
pub(crate) struct ExportArguments {
    /// Only the messages of this channel.
    #[arg(long, value_name = "CHANNEL", conflicts_with = "account")]
    channel: Option<String>,

    /// Only the messages that this account has sent, and its private messages.
    #[arg(long, value_name = "ACCOUNT")]
    account: Option<String>,

    /// The audit log instead of messages.
    #[arg(long, conflicts_with_all = ["channel", "account"])]
    audit: bool,

    /// The file to write, which must not exist and appears when it is complete [default: standard
    /// output].
    #[arg(long, value_name = "FILE")]
    to: Option<PathBuf>,

    #[command(flatten)]
    store: StoreFile,
}

#[derive(Debug, clap::Args)]
pub(crate) struct EraseArguments {
    /// The account.
    account: String,

    #[command(flatten)]
    store: StoreFile,
}

#[derive(Debug, clap::Args)]
pub(crate) struct StoreArguments {
    #[command(subcommand)]
    command: StoreCommand,
}

#[derive(Debug, clap::Subcommand)]
enum StoreCommand {
    /// Check whether a store is sound, also while a server uses it. Each problem is a line, and the
    /// exit status is then 1.
    Check(StoreFile),
}

/// The reason for which a command is not carried out, in one line.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error(transparent)]
    Place(#[from] OpenError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("--channel '{name}': {error}")]
    Channel { name: String, error: String },
    #[error("cannot write {}: {error}", path.display())]
    Write { path: PathBuf, error: io::Error },
    #[error("cannot write to standard output: {0}")]
    Output(io::Error),
    #[error("the store has {0}")]
    Unsound(String),
}

/// Copies a store.
pub(crate) fn backup(arguments: BackupArguments) -> Result<Outcome, Error> {
    let BackupArguments { file, force, store } = arguments;
    let bar = Bar::new("copying");
    let size = sqlite::backup(store.path()?, &file, force, &mut |progress| bar.show(progress))?;
    bar.finish();
    say(&format!("backed up in {} ({size} bytes)", file.display()))
}

/// Writes messages, or the audit log, as JSON Lines.
pub(crate) fn export(arguments: ExportArguments) -> Result<Outcome, Error> {
    let ExportArguments { channel, account, audit, to, store } = arguments;
    let selection = match (channel, account) {
        _ if audit => None,
        (Some(name), _) => match ChannelName::parse(&name) {
            Ok(channel) => Some(Selection::Channel(channel)),
            Err(error) => return Err(Error::Channel { name, error: error.to_string() }),
        },
        (None, Some(account)) => Some(Selection::Account(account.as_str().into())),
        (None, None) => Some(Selection::All),
    };
    let selection = selection.as_ref();
    let store = store.path()?;
    let Some(path) = to else {
        let mut out = BufWriter::new(stdout().lock());
        let written = write_all(&store, selection, &mut out)
            .and_then(|_| out.flush().map_err(ExportError::Write));
        return match written {
            Ok(()) => Ok(Outcome::Done),
            // The reader has read enough, as `head` does.
            Err(ExportError::Write(error)) if error.kind() == io::ErrorKind::BrokenPipe => {
                Ok(Outcome::Done)
            }
            Err(error) => Err(Error::of_export(error, Error::Output)),
        };
    };
    let cannot = |error| Error::Write { path: path.clone(), error };
    if path.exists() {
        return Err(cannot(io::Error::other("the file exists already")));
    }
    let mut partial = path.as_os_str().to_owned();
    partial.push("-partial");
    // The file itself does not exist yet.
    let own = fs::canonicalize(&store).ok();
    if own.is_some() && own == fs::canonicalize(&partial).ok() {
        return Err(cannot(io::Error::other("it would replace the store: choose another name")));
    }
    if sqlite::belongs_to_store(&path) || sqlite::belongs_to_store(&partial) {
        return Err(cannot(io::Error::other("it belongs to a store: choose another name")));
    }
    match fs::remove_file(&partial) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(cannot(error)),
        Ok(()) | Err(_) => {}
    }
    // It is not a link to another file.
    let file = File::create_new(&partial).map_err(cannot)?;
    let mut out = BufWriter::new(file);
    let written = write_all(&store, selection, &mut out).and_then(|count| {
        out.flush()
            .and_then(|()| out.get_ref().sync_all())
            .and_then(|()| fs::rename(&partial, &path))
            .map_err(ExportError::Write)?;
        Ok(count)
    });
    let count = written.map_err(|error| {
        // Nothing else needs the incomplete file.
        let _ = fs::remove_file(&partial);
        Error::of_export(error, cannot)
    })?;
    let what = if audit { "entries" } else { "messages" };
    say(&format!("exported {count} {what} to {}", path.display()))
}

/// Writes the messages of a selection; without one, the audit log. Returns the number of lines.
fn write_all(
    store: &Path,
    selection: Option<&Selection>,
    out: &mut impl Write,
) -> Result<u64, ExportError<io::Error>> {
    match selection {
        Some(selection) => write_messages(store, selection, out),
        None => audit::write_json(store, out),
    }
}

/// Writes each message as the fields that `chat` has in JSON version 2. Returns their number.
fn write_messages(
    store: &Path,
    selection: &Selection,
    out: &mut impl Write,
) -> Result<u64, ExportError<io::Error>> {
    // On a terminal that shows the messages, a bar would be in the way.
    let bar = if stdout().is_terminal() { Bar::hidden() } else { Bar::new("exporting") };
    let mut write = |message: &Message| {
        serde_json::to_writer(&mut *out, &MessageObject::from(message))?;
        out.write_all(b"\n")
    };
    let count = sqlite::export(store, selection, &mut write, &mut |progress| bar.show(progress))?;
    bar.finish();
    Ok(count)
}

/// Erases an account.
pub(crate) fn erase(arguments: EraseArguments) -> Result<Outcome, Error> {
    let EraseArguments { account, store } = arguments;
    let bar = Bar::new("erasing");
    let name = account.as_str().into();
    let count = sqlite::erase(store.path()?, &name, &mut |progress| bar.show(progress))?;
    bar.finish();
    say(&format!("erased account {account} and {count} messages"))
}

/// Carries out a command for a store.
pub(crate) fn store(arguments: StoreArguments) -> Result<Outcome, Error> {
    let StoreCommand::Check(store) = arguments.command;
    let path = store.path()?;
    let problems = sqlite::check(&path)?;
    if problems.is_empty() {
        return say(&format!("{} is sound", path.display()));
    }
    for problem in &problems {
        say(problem)?;
    }
    Err(Error::Unsound(match problems.len() {
        1 => "a problem".to_owned(),
        count => format!("{count} problems"),
    }))
}

fn say(line: &str) -> Result<Outcome, Error> {
    writeln!(stdout(), "{line}").map_err(Error::Output)?;
    Ok(Outcome::Done)
}

impl Error {
    fn of_export(error: ExportError<io::Error>, write: impl FnOnce(io::Error) -> Self) -> Self {
        match error {
            ExportError::Store(error) => Self::Store(error),
            ExportError::Write(error) => write(error),
            other => write(io::Error::other(other.to_string())),
        }
    }
}

/// A bar on standard error, if that is a terminal.
struct Bar(ProgressBar);

impl Bar {
    fn new(what: &'static str) -> Self {
        if !stderr().is_terminal() {
            return Self::hidden();
        }
        let style = ProgressStyle::with_template("{msg} {wide_bar} {percent} % (about {eta} more)");
        let bar = ProgressBar::new(0).with_message(what);
        Self(bar.with_style(style.expect("the template is right")))
    }

    fn hidden() -> Self {
        Self(ProgressBar::hidden())
    }

    fn show(&self, progress: Progress) {
        self.0.set_length(progress.total);
        self.0.set_position(progress.done);
    }

    fn finish(&self) {
        self.0.finish_and_clear();
    }
}

/// A bar must not stay on the terminal above an error.
impl Drop for Bar {
    fn drop(&mut self) {
        self.finish();
    }
}
