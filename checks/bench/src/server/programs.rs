//! The programs of the servers.

use super::error::StartError;
use super::kind::{Kind, Origin};
use std::env;
use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The paths of the programs.
#[derive(Clone, Debug)]
pub(crate) struct Programs {
    /// This server.
    chat: PathBuf,
    /// This program, which contains the floor.
    bench: PathBuf,
}

impl Programs {
    /// Finds this server at the given path, or beside this program. If cargo has started this
    /// program, it builds the server.
    pub(crate) fn find(chat: Option<PathBuf>) -> io::Result<Self> {
        let bench = env::current_exe()?;
        let chat = match (chat, env::var_os("CARGO")) {
            (Some(chat), _) => chat,
            (None, Some(cargo)) => build(&cargo, &bench)?,
            (None, None) => bench.with_file_name("chat"),
        };
        Ok(Self { chat, bench })
    }

    /// Returns the program of this server.
    pub(crate) fn chat(&self) -> &Path {
        &self.chat
    }

    /// Returns the program of a server.
    pub(crate) fn of(&self, kind: Kind) -> Result<PathBuf, StartError> {
        match kind.origin() {
            Origin::Floor => Ok(self.bench.clone()),
            Origin::Own => {
                let chat = self.chat.exists().then(|| self.chat.clone());
                chat.ok_or_else(|| StartError::NotBuilt(self.chat.clone()))
            }
            Origin::Peer => installed(kind).ok_or(StartError::NotInstalled { kind }),
        }
    }

    /// Returns true if this server supports shards.
    pub(crate) fn support_shards(&self) -> bool {
        has_option(&self.chat, "--shards")
    }

    /// Returns the version of a server, in its own words; `None` for the floor.
    pub(crate) fn version(&self, kind: Kind) -> Option<String> {
        if kind.origin() == Origin::Floor {
            return None;
        }
        let flag = if kind == Kind::Mosquitto { "-h" } else { "--version" };
        let output = Command::new(self.of(kind).ok()?).arg(flag).output().ok()?;
        let said = String::from_utf8_lossy(&output.stdout);
        said.lines().next().map(|line| line.trim().to_owned())
    }
}

/// Returns true if a program of this server has an option; earlier builds have fewer.
pub(super) fn has_option(chat: &Path, option: &str) -> bool {
    let help = Command::new(chat).args(["serve", "--help"]).output();
    help.is_ok_and(|help| String::from_utf8_lossy(&help.stdout).contains(option))
}

/// Builds this server with the profile of this program.
fn build(cargo: &OsStr, bench: &Path) -> io::Result<PathBuf> {
    let chat = bench.with_file_name("chat");
    let Some(directory) = bench.parent() else { return Ok(chat) };
    let Some(target) = directory.parent() else { return Ok(chat) };
    let mut command = Command::new(cargo);
    command.args(["build", "--quiet", "--package", "chat-cli", "--bin", "chat", "--target-dir"]);
    command.arg(target);
    if directory.file_name() == Some(OsStr::new("release")) {
        command.arg("--release");
    }
    let built = command.status()?;
    if !built.success() {
        return Err(io::Error::other(format!("cargo could not build this server: {built}")));
    }
    Ok(chat)
}

/// Returns the program of a peer. Debian installs servers in `/usr/sbin`, which is not in every
/// user's `PATH`.
fn installed(kind: Kind) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let directories = env::split_paths(&path).chain([PathBuf::from("/usr/sbin")]);
    directories.map(|directory| directory.join(kind.to_string())).find(|program| program.is_file())
}
