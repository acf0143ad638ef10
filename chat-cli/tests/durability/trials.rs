//! The tests. One that this system cannot run says why, and counts as ignored.

use crate::disk::Disk;
use crate::fault::{Fault, FaultLibrary};
use crate::full::{self, FillableDisk};
use crate::kill_loop::KillLoop;
use crate::power;
use libtest_mimic::{Completion, Failed, Trial};
use std::env;
use std::fmt::Display;
use std::fs;
use std::str::FromStr;

pub(crate) fn all() -> Vec<Trial> {
    vec![
        Trial::ignorable_test("disk_that_fills_and_is_freed_loses_nothing", || {
            with(FaultLibrary::compile().map(FillableDisk::Failing), full_disk)
        }),
        Trial::ignorable_test("tmpfs_that_fills_and_is_freed_loses_nothing", || {
            with(FillableDisk::tmpfs(), full_disk)
        }),
        Trial::ignorable_test("failed_calls_to_the_disk_lose_nothing", || {
            with(FaultLibrary::compile(), failed_calls)
        }),
        Trial::test("killed_server_keeps_what_clients_have_received", kill_loop),
        Trial::ignorable_test("loss_of_power_loses_nothing", loss_of_power),
    ]
}

fn full_disk(disk: FillableDisk) -> Result<(), Failed> {
    block_on(full::check(disk));
    Ok(())
}

fn kill_loop() -> Result<(), Failed> {
    let faults = FaultLibrary::compile();
    if let Err(reason) = &faults {
        eprintln!("the server dies at random moments only: {reason}");
    }
    let kills = variable("KILLS").unwrap_or(200);
    let report = block_on(KillLoop::new(seed(), faults.ok()).run(kills))?;
    eprintln!("{report}");
    Ok(())
}

/// Calls of SQLite that fail, each in a run of its own. Short writes are no failure: SQLite writes
/// the rest.
fn failed_calls(library: FaultLibrary) -> Result<(), Failed> {
    let mut faults = Vec::new();
    for (durability, file, call, nth, action) in [
        // A new store takes some dozen calls.
        ("power", "log", "write", 300, "io-error"),
        ("power", "log", "sync", 30, "io-error"),
        ("power", "db", "write", 3, "io-error"),
        ("power", "db", "sync", 1, "io-error"),
        ("power", "log", "write", 1, "short"),
        ("power", "db", "write", 1, "short"),
        ("process", "log", "write", 300, "io-error"),
        ("process", "log", "sync", 2, "io-error"),
        ("process", "db", "write", 3, "io-error"),
        ("process", "db", "sync", 1, "io-error"),
        ("process", "log", "write", 1, "short"),
    ] {
        faults.push((durability, Fault { file, call, nth, lasts: true, action }));
    }
    let report = block_on(KillLoop::new(seed(), Some(library)).fail(faults))?;
    eprintln!("{report}");
    Ok(())
}

/// Runs by command only (`POWER_LOSSES`), because it takes root and a loop device.
fn loss_of_power() -> Result<Completion, Failed> {
    let Some(count) = variable("POWER_LOSSES") else {
        return Ok(Completion::ignored_with("scripts/durability power runs it, as root"));
    };
    let disk = Disk::new()?;
    let report = block_on(KillLoop::new(seed(), None).on_disk(disk).lose_power(count))?;
    eprintln!("{report}");
    let folder = tempfile::tempdir()?;
    let config = folder.path().join("chat.toml");
    let unlimited = "[store]\ndurability = \"process\"\n[limits]\ncommands_per_second = 0\n";
    fs::write(&config, unlimited)?;
    eprintln!("{}", block_on(power::measure(&Disk::new()?, &config, count))?);
    Ok(Completion::Completed)
}

fn seed() -> u64 {
    variable("SEED").unwrap_or(1)
}

/// Runs a check with what it needs, if this system has that.
fn with<T>(
    needed: Result<T, String>,
    check: impl FnOnce(T) -> Result<(), Failed>,
) -> Result<Completion, Failed> {
    match needed {
        Ok(needed) => check(needed).map(|()| Completion::Completed),
        Err(reason) => Ok(Completion::ignored_with(reason)),
    }
}

/// Reads a number from the environment.
fn variable<T: FromStr<Err: Display>>(name: &str) -> Option<T> {
    let value = env::var(name).ok()?;
    Some(value.parse().unwrap_or_else(|error| panic!("{name}={value}: {error}")))
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(future)
}
