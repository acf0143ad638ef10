//! This server, with names, history, limits and metrics as it comes, but for what a load generator could not do otherwise.

use super::Kind;
use std::path::Path;
use std::process::Command;
use std::{fs, io};

/// How it is started. The second listener is for the metrics.
pub(super) fn command(kind: Kind, chat: &Path, directory: &Path) -> io::Result<Command> {
    let config = directory.join("chat.toml");
    fs::write(&config, CONFIG)?;
    let listen = match kind {
        Kind::Json => "tcp+json://127.0.0.1:0",
        Kind::Websocket => "ws://127.0.0.1:0",
        Kind::Text | Kind::Floor => "tcp+text://127.0.0.1:0",
    };
    let mut command = Command::new(chat);
    command.arg("serve").arg("--config").arg(config);
    command.args(["--listen", listen, "--listen", "ws://127.0.0.1:0"]).env("RUST_LOG", "warn");
    Ok(command)
}

/// What is lifted: how fast one may talk, and how many are told who comes and goes, which would fill the queues of those
/// who come in while thousands of others do.
pub(crate) const CONFIG: &str = "\
[limits]
commands_per_second = 0
announce_up_to = 0
listing = 1
";
