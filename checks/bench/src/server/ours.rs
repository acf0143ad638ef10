//! Starts this server with its default settings, except for limits that a load generator would
//! exceed.

use super::programs::has_option;
use super::settings::Settings;
use std::path::Path;
use std::process::Command;
use std::{fs, io};

/// Returns the command that starts it with a listener for each scheme. A further one is for the
/// metrics.
pub(super) fn command(
    schemes: &[&str],
    chat: &Path,
    directory: &Path,
    settings: Settings,
    durability: Option<&str>,
) -> io::Result<Command> {
    let config = directory.join("chat.toml");
    let quiet = if settings.announces { "" } else { "announce_up_to = 0\nlisting = 1\n" };
    let store = durability.map(|level| format!("[store]\ndurability = \"{level}\"\n"));
    let store = store.unwrap_or_default();
    fs::write(&config, format!("[limits]\ncommands_per_second = 0\n{quiet}{store}"))?;
    let mut command = Command::new(chat);
    command.arg("serve").arg("--config").arg(config);
    for scheme in schemes.iter().chain(&["ws"]) {
        command.args(["--listen", &format!("{scheme}://127.0.0.1:0")]);
    }
    command.env("RUST_LOG", "warn");
    if durability.is_some() {
        command.arg("--store").arg(directory.join("chat.db"));
    } else if has_option(chat, "--store") {
        command.args(["--store", "memory"]);
    }
    if let Some(shards) = settings.shards {
        command.arg("--shards").arg(shards.to_string());
    }
    Ok(command)
}

/// The lifted limits, for the report.
pub(crate) const LIFTED: &str = "`commands_per_second = 0` (no rate limit), and, except for \
    `churn`, `connect`, `joins`, `lobby` and `names`, `announce_up_to = 0` and `listing = 1` \
    (thousands of members join at once, and joins are not announced)";
