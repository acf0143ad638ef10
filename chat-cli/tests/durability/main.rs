//! Nothing that a client has received is lost or doubled, whenever the server dies and whatever its
//! disk does.
//!
//! `scripts/durability` runs more of it than `cargo test`. The variables `SEED` and `KILLS` choose
//! the runs; a failure prints its seed. The planned ends of a seed are always the same, while the
//! order in which the server receives the messages is up to the system.

#[cfg(unix)]
use tests::*;

/// The tests and all that they use, in the files beside this one.
#[cfg(unix)]
#[path = "."]
mod tests {
    pub(crate) mod cast;
    pub(crate) mod device;
    pub(crate) mod disk;
    pub(crate) mod fault;
    pub(crate) mod full;
    pub(crate) mod json;
    pub(crate) mod kill_loop;
    pub(crate) mod ledger;
    pub(crate) mod member;
    pub(crate) mod plan;
    pub(crate) mod power;
    pub(crate) mod resuming;
    pub(crate) mod sequence;
    pub(crate) mod server;
    pub(crate) mod text;
    pub(crate) mod trials;
    pub(crate) mod wire;
}

/// The path of the program.
#[cfg(unix)]
const CHAT: &str = env!("CARGO_BIN_EXE_chat");

#[cfg(unix)]
fn main() -> std::process::ExitCode {
    let arguments = libtest_mimic::Arguments::from_args();
    libtest_mimic::run(&arguments, trials::all()).exit_code()
}

#[cfg(not(unix))]
fn main() {
    eprintln!("the tests of durability need signals and faults of the disk: they run on Unix only");
}
