//! The commands for bans from the whole server: `chat ban add`, `list` and `remove`.

use crate::account::{ClosedStore, Error};
use crate::connect::Outcome;
use crate::store_file::StoreFile;
use chat_server::engine::{AddressRange, BanTarget, HostCommand, ServerBan, Timestamp};
use chat_server::runtime::{Clock, SystemClock};
use chat_server::sqlite;
use std::io::{self, BufWriter, Write, stdout};
use std::path::Path;
use std::time::Duration;

#[derive(Debug, clap::Args)]
pub(crate) struct BanArguments {
    #[command(subcommand)]
    command: BanCommand,
}

#[derive(Debug, clap::Subcommand)]
enum BanCommand {
    /// Ban an account, a nickname or addresses from the server, while no server uses the store.
    /// While one does, a server operator bans with /serverban.
    Add(AddArguments),
    /// List the bans in force, also while a server uses the store. Times are in UTC.
    List(StoreFile),
    /// Lift a ban, while no server uses the store. While one does, a server operator lifts it with
    /// /serverunban.
    Remove(RemoveArguments),
}

#[derive(Debug, clap::Args)]
struct AddArguments {
    #[command(flatten)]
    target: Target,

    /// The duration of the ban, such as 12h or 90d [default: until it is lifted].
    #[arg(long = "for", value_name = "TIME", value_parser = humantime::parse_duration)]
    duration: Option<Duration>,

    /// The reason, which the banned user is told.
    #[arg(long)]
    reason: Option<String>,

    #[command(flatten)]
    store: StoreFile,
}

#[derive(Debug, clap::Args)]
struct RemoveArguments {
    #[command(flatten)]
    target: Target,

    #[command(flatten)]
    store: StoreFile,
}

/// The target of a ban: exactly one of three.
#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
struct Target {
    /// An account, whatever nickname it takes.
    #[arg(long)]
    account: Option<String>,

    /// A nickname.
    #[arg(long)]
    nickname: Option<String>,

    /// An address or a range, such as 192.0.2.0/24 or 2001:db8::/32.
    #[arg(long, value_name = "RANGE")]
    addresses: Option<AddressRange>,
}

impl Target {
    fn ban_target(self) -> BanTarget<String> {
        match (self.account, self.addresses) {
            (Some(account), _) => BanTarget::Account(account.into()),
            (None, Some(range)) => BanTarget::Addresses(range),
            (None, None) => BanTarget::Nickname(self.nickname.unwrap_or_default()),
        }
    }
}

/// Carries out a command for bans.
pub(crate) fn ban(arguments: BanArguments) -> Result<Outcome, Error> {
    match arguments.command {
        BanCommand::Add(AddArguments { target, duration, reason, store }) => {
            let target = target.ban_target();
            let done = format!("banned {target} from the server");
            let mut store = ClosedStore::open(store)?;
            store.give(HostCommand::BanServer { target, duration, reason })?;
            say(&done)
        }
        BanCommand::Remove(RemoveArguments { target, store }) => {
            let target = target.ban_target();
            let done = format!("lifted the ban of {target} from the server");
            ClosedStore::open(store)?.give(HostCommand::UnbanServer { target })?;
            say(&done)
        }
        BanCommand::List(store) => list(&store.path()?),
    }
}

fn list(path: &Path) -> Result<Outcome, Error> {
    let bans = sqlite::list_server_bans(path, SystemClock::new().now())?;
    if bans.is_empty() {
        return say("nothing is banned from the server");
    }
    let mut out = BufWriter::new(stdout().lock());
    let mut print = || {
        bans.iter().try_for_each(|ban| writeln!(out, "{}", line(ban)))?;
        out.flush()
    };
    match print() {
        // The reader has read enough, as `head` does.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Error::Output(error)),
        Ok(()) | Err(_) => Ok(Outcome::Done),
    }
}

fn line(ban: &ServerBan) -> String {
    let until = ban.until.map(|until| format!(" until {}", time(until)));
    let reason = ban.reason.as_ref().map(|reason| format!(": {reason}"));
    let [until, reason] = [until, reason].map(Option::unwrap_or_default);
    format!("{}{until}{reason}", ban.target)
}

/// Writes a time in UTC, exact to a second (ISO 8601).
fn time(at: Timestamp) -> String {
    let millis = i64::try_from(at.as_millis()).unwrap_or(i64::MAX);
    let time = jiff::Timestamp::from_millisecond(millis).unwrap_or(jiff::Timestamp::MAX);
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

fn say(line: &str) -> Result<Outcome, Error> {
    writeln!(stdout(), "{line}").map_err(Error::Output)?;
    Ok(Outcome::Done)
}
