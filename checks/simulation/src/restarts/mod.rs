//! Servers with a store that are killed, that lose power, and whose disk is full, slow or broken.
//!
//! A *seed* determines the faults and all that the clients say. Clients come back after each
//! restart, and send again what was not acknowledged. At the end a last server reads everything
//! back, and the histories are compared with what clients have received: nothing that was delivered
//! is missing or different, nothing is there twice, and ids are unique and in order.

mod check;
mod client;
mod disk;
mod notes;
mod plan;
mod server;

use crate::panics;
use client::Phase;
use disk::Disk;
use notes::Notes;
use plan::{Fault, Plan, SERVER, name};
use std::time::Duration;
use tokio::sync::watch;
use turmoil::{Builder, Sim};

pub use notes::Counters;

/// The outcome of a run.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Violations of invariants.
    pub problems: Vec<String>,
    /// Everything that clients have received, in order.
    pub trace: Vec<String>,
    /// Counts of what happened.
    pub counters: Counters,
}

/// Runs the plan of a seed.
pub fn run(seed: u64) -> Outcome {
    panics::watch();
    let plan = Plan::of(seed);
    let disk = Disk::new(plan.syncs_each_commit);
    let notes = Notes::default();
    let (phase, _) = watch::channel(Phase::Talk);
    let mut sim = Builder::new()
        .rng_seed(seed)
        .simulation_duration(Duration::from_secs(3_600))
        .tick_duration(Duration::from_millis(5))
        .max_message_latency(Duration::from_millis(20))
        .build();
    {
        let (disk, notes) = (disk.clone(), notes.clone());
        sim.host(SERVER, move || server::serve(disk.clone(), notes.clone()));
    }
    for index in 0..plan.clients {
        let (notes, phase) = (notes.clone(), phase.subscribe());
        sim.host(name(index), move || {
            client::talk(index, seed, plan.clients, notes.clone(), phase.clone())
        });
    }
    let result = play(&mut sim, &plan, &disk, &notes, &phase);
    // A server shuts its connections down when it is dropped, for which it needs the simulation.
    sim.crash(SERVER);
    drop(sim);
    let mut problems: Vec<String> = result.err().into_iter().collect();
    if problems.is_empty() {
        problems.extend(check::compare(&notes, plan.syncs_each_commit));
    }
    problems.extend(panics::take());
    let (trace, counters) = notes.finish();
    Outcome { problems, trace, counters }
}

fn play(
    sim: &mut Sim<'static>,
    plan: &Plan,
    disk: &Disk,
    notes: &Notes,
    phase: &watch::Sender<Phase>,
) -> Result<(), String> {
    for &(pause, fault) in &plan.faults {
        step(sim, pause)?;
        notes.open().counters.faults += 1;
        match fault {
            Fault::Kill => restart(sim, disk, notes)?,
            Fault::LosePower => {
                sim.crash(SERVER);
                notes.lose_power(sim.elapsed());
                disk.lose_power();
                restart(sim, disk, notes)?;
            }
            Fault::Fill(time) => {
                disk.fill(true);
                step(sim, time)?;
                disk.fill(false);
            }
            Fault::Slow(attempts) => disk.slow_down(attempts),
            Fault::FailCommit { is_written } => disk.fail_next(is_written),
        }
    }
    disk.repair();
    restart(sim, disk, notes)?;
    step(sim, SETTLING)?;
    phase.send_replace(Phase::Quiet);
    step(sim, SETTLING)?;
    phase.send_replace(Phase::ReadBack);
    let end = sim.elapsed() + PATIENCE;
    while notes.open().read_back.len() < plan.clients {
        if sim.elapsed() > end {
            return Err(format!("{PATIENCE:?} were not enough to read everything back"));
        }
        step(sim, Duration::from_millis(50))?;
    }
    Ok(())
}

/// Kills the server if it runs, and starts it again.
fn restart(sim: &mut Sim<'static>, disk: &Disk, notes: &Notes) -> Result<(), String> {
    sim.crash(SERVER);
    disk.repair();
    notes.open().counters.restarts += 1;
    sim.bounce(SERVER);
    sim.step().map(drop).map_err(|failure| failure.to_string())
}

fn step(sim: &mut Sim<'static>, time: Duration) -> Result<(), String> {
    let end = sim.elapsed() + time;
    while sim.elapsed() < end {
        sim.step().map_err(|failure| failure.to_string())?;
    }
    Ok(())
}

/// The time in which clients come back and send what was not acknowledged.
const SETTLING: Duration = Duration::from_secs(30);
/// The time in which all histories are read.
const PATIENCE: Duration = Duration::from_secs(120);
