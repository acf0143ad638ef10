//! The course of a run: its phases, and the checks after each of them.

use crate::client::Phase;
use crate::outcome::Outcome;
use crate::plan::{Plan, RunEnd};
use crate::run::{Run, begin, name};
use crate::server::ServerRequest;
use crate::{check, panics};
use std::time::Duration;
use turmoil::Sim;

/// Runs the plan of a seed.
pub fn run(seed: u64) -> Outcome {
    panics::watch();
    let plan = Plan::of(seed);
    let (mut sim, mut run) = begin(plan);
    let finished = run.play(&mut sim);
    if let Err(problem) = finished {
        run.problems.push(problem);
    }
    drop(sim);
    run.problems.extend(std::mem::take(&mut run.state.lock().problems));
    run.problems.extend(panics::take());
    run.finish()
}

impl Run {
    fn play(&mut self, sim: &mut Sim<'static>) -> Result<(), String> {
        self.step_until(sim, "the server begins", |run| run.state.lock().before.is_some())?;
        for (index, client) in self.clients.iter().enumerate() {
            let (client, phase) = (client.clone(), self.phase.subscribe());
            sim.host(name(index), move || client.clone().run(phase.clone()));
        }
        self.run_active_phase(sim)?;
        if matches!(self.plan.ending, RunEnd::StopWhileActive(_)) {
            self.step_until(sim, "the server stops", |run| run.state.lock().stopped.is_some())?;
            check::at_the_end(self);
            return Ok(());
        }
        self.step_for(sim, self.plan.settling_time())?;

        let snapshot = self.take_snapshot(sim)?;
        self.phase.send_replace(Phase::Audit);
        self.step_for(sim, AUDIT)?;
        check::at_rest(self, &snapshot);

        if self.plan.ending == RunEnd::AllLeave {
            self.phase.send_replace(Phase::Leave);
            self.step_for(sim, self.plan.limits.drain + LEAVING)?;
            let snapshot = self.take_snapshot(sim)?;
            check::when_all_have_left(self, &snapshot);
        }
        // The server's program may have failed already, which `step_until` reports.
        let _ = self.requests.send(ServerRequest::Stop);
        self.step_until(sim, "the server stops", |run| run.state.lock().stopped.is_some())?;
        check::at_the_end(self);
        Ok(())
    }
}

/// Maximum duration of the audit.
const AUDIT: Duration = Duration::from_secs(2);
/// Maximum duration of leaving, on top of the time to drain queues: connections linger for a
/// second.
const LEAVING: Duration = Duration::from_secs(3);
