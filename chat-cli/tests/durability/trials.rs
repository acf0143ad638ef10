//! The tests. One that this system cannot run says why, and counts as ignored.

use crate::fault::FaultLibrary;
use crate::kill_loop::KillLoop;
use libtest_mimic::{Failed, Trial};
use std::env;
use std::fmt::Display;
use std::str::FromStr;

pub(crate) fn all() -> Vec<Trial> {
    vec![Trial::test("killed_server_keeps_what_clients_have_received", kill_loop)]
}

fn kill_loop() -> Result<(), Failed> {
    let faults = FaultLibrary::compile();
    if let Err(reason) = &faults {
        eprintln!("the server dies at random moments only: {reason}");
    }
    let seed = variable("SEED").unwrap_or(1);
    let kills = variable("KILLS").unwrap_or(200);
    let report = block_on(KillLoop::new(seed, faults.ok()).run(kills))?;
    eprintln!("{report}");
    Ok(())
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
