//! The course of a run: what is done to the server and its clients, and when they are checked.

use crate::client::Phase;
use crate::outcome::Outcome;
use crate::plan::{Ending, Plan};
use crate::run::{Run, begin, name};
use crate::server::Wish;
use crate::{check, panics};
use std::time::Duration;
use turmoil::Sim;

/// Runs what is planned for a seed.
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
        self.go_through_turmoil(sim)?;
        if matches!(self.plan.ending, Ending::StopAmid(_)) {
            self.step_until(sim, "the server stops", |run| run.state.lock().stopped.is_some())?;
            check::at_the_end(self);
            return Ok(());
        }
        self.step_for(sim, self.plan.calm())?;

        let look = self.look(sim)?;
        self.phase.send_replace(Phase::Audit);
        self.step_for(sim, AUDIT)?;
        check::at_rest(self, &look);

        if self.plan.ending == Ending::AllLeave {
            self.phase.send_replace(Phase::Leave);
            self.step_for(sim, self.plan.limits.drain + LEAVING)?;
            let look = self.look(sim)?;
            check::when_all_have_left(self, &look);
        }
        // A wish is heard as long as the server's program runs, which ends with this one.
        let _ = self.wishes.send(Wish::Stop);
        self.step_until(sim, "the server stops", |run| run.state.lock().stopped.is_some())?;
        check::at_the_end(self);
        Ok(())
    }
}

/// How long asking who is where takes at most.
const AUDIT: Duration = Duration::from_secs(2);
/// How long going takes at most, besides the time to drain queues: what lingers does so for a
/// second.
const LEAVING: Duration = Duration::from_secs(3);
