//! Nothing that a client has received is lost or doubled, whenever the server dies and whatever its
//! disk does.
//!
//! `scripts/durability` runs more of it than `cargo test`. The variables `SEED` and `KILLS` choose
//! the runs; a failure prints its seed. The planned ends of a seed are always the same, while the
//! order in which the server receives the messages is up to the system.

#[cfg(unix)]
mod cast;
#[cfg(unix)]
mod disk;
#[cfg(unix)]
mod fault;
#[cfg(unix)]
mod full;
#[cfg(unix)]
mod json;
#[cfg(unix)]
mod kill_loop;
#[cfg(unix)]
mod ledger;
#[cfg(unix)]
mod member;
#[cfg(unix)]
mod plan;
#[cfg(unix)]
mod power;
#[cfg(unix)]
mod sequence;
#[cfg(unix)]
mod server;
#[cfg(unix)]
mod text;
#[cfg(unix)]
mod trials;
#[cfg(unix)]
mod wire;

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
