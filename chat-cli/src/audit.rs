//! The command `chat audit`, and the audit log for `chat export`.

use crate::connect::Outcome;
use crate::store::OpenError;
use crate::store_file::StoreFile;
use chat_server::dialects::{AuditLine, AuditObject};
use chat_server::sqlite;
use chat_server::store::StoreError;
use std::io::{self, BufWriter, Write, stdout};
use std::path::Path;

#[derive(Debug, clap::Args)]
pub(crate) struct AuditArguments {
    /// Write one JSON object a line, with the fields of `audit_log` in JSON version 2.
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    store: StoreFile,
}

/// The reason for which the command is not carried out, in one line.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error(transparent)]
    Place(#[from] OpenError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("cannot write to standard output: {0}")]
    Output(io::Error),
}

/// Prints the audit log, the oldest entry first.
pub(crate) fn audit(arguments: AuditArguments) -> Result<Outcome, Error> {
    let AuditArguments { json, store } = arguments;
    let entries = sqlite::read_audit_log(store.path()?)?;
    let mut out = BufWriter::new(stdout().lock());
    let mut print = || {
        if entries.is_empty() && !json {
            writeln!(out, "the audit log is empty")?;
        }
        for entry in &entries {
            if json {
                write_object(&AuditObject::from(&**entry), &mut out)?;
            } else {
                writeln!(out, "{}", AuditLine(entry))?;
            }
        }
        out.flush()
    };
    match print() {
        // The reader has read enough, as `head` does.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Error::Output(error)),
        Ok(()) | Err(_) => Ok(Outcome::Done),
    }
}

/// Writes the audit log as JSON Lines. Returns the number of entries.
pub(crate) fn write_json(store: &Path, out: &mut impl Write) -> Result<u64, ExportError> {
    let entries = sqlite::read_audit_log(store)?;
    for entry in &entries {
        write_object(&AuditObject::from(&**entry), out).map_err(ExportError::Write)?;
    }
    Ok(u64::try_from(entries.len()).unwrap_or(u64::MAX))
}

fn write_object(object: &AuditObject<'_>, out: &mut impl Write) -> io::Result<()> {
    serde_json::to_writer(&mut *out, object)?;
    out.write_all(b"\n")
}

type ExportError = sqlite::ExportError<io::Error>;
