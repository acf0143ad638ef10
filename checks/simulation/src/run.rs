//! Everything that takes part in a run, from the plan to what was seen.

use crate::Dice;
use crate::client::{Client, End, Phase, Seen};
use crate::ledger::Ledger;
use crate::network::Wires;
use crate::outcome::{Counters, Outcome};
use crate::plan::{Ending, Fault, Plan};
use crate::server::{HOST, Look, State, Wish, serve};
use crate::stream::{Direction, Links};
use rustc_hash::FxHasher;
use std::fmt::Write;
use std::hash::{Hash, Hasher};
use std::time::{Duration, SystemTime};
use tokio::sync::{mpsc, watch};
use turmoil::{Builder, Sim};

/// Everything that takes part in a run.
pub(crate) struct Run {
    pub(crate) plan: Plan,
    pub(crate) clients: Vec<Client>,
    pub(crate) ledger: Ledger,
    pub(crate) state: State,
    pub(crate) problems: Vec<String>,
    pub(crate) counters: Counters,
    pub(crate) wires: Wires,
    links: Links,
    pub(crate) wishes: mpsc::UnboundedSender<Wish>,
    pub(crate) phase: watch::Sender<Phase>,
}

pub(crate) fn begin(plan: Plan) -> (Sim<'static>, Run) {
    let mut sim = Builder::new()
        .rng_seed(plan.seed)
        .epoch(SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_225_600))
        .simulation_duration(Duration::from_secs(3_600))
        .tick_duration(plan.tick)
        .min_message_latency(Duration::from_millis(1).min(plan.latency))
        .max_message_latency(plan.latency)
        .tcp_capacity(Links::capacity(plan.habits.window))
        .build();
    let (ledger, state) = (Ledger::default(), State::default());
    let links = Links::new(plan.habits.window);
    let wires = Wires::new(plan.habits, Dice::new(plan.seed ^ 0x5eed), links.clone());
    let (wishes, wished) = mpsc::unbounded_channel();
    let program = {
        let (plan, ledger, state, wires) =
            (plan.clone(), ledger.clone(), state.clone(), wires.clone());
        // The server is started once.
        let wished = std::cell::Cell::new(Some(wished));
        move || {
            let wished = wished.take().expect("the server is never restarted");
            serve(plan.clone(), ledger.clone(), wires.clone(), state.clone(), wished)
        }
    };
    sim.host(HOST, program);
    let clients =
        plan.clients.iter().map(|plan| Client::new(plan.clone(), links.clone())).collect();
    let (phase, _) = watch::channel(Phase::Turmoil);
    let (problems, counters) = (Vec::new(), Counters::default());
    let run = Run { plan, clients, ledger, state, problems, counters, wires, links, wishes, phase };
    (sim, run)
}

impl Run {
    pub(crate) fn go_through_turmoil(&mut self, sim: &mut Sim<'static>) -> Result<(), String> {
        let began = sim.elapsed();
        let mut faults = std::mem::take(&mut self.plan.faults).into_iter().peekable();
        self.counters.faults = faults.len();
        let mut is_calm = false;
        let mut stop = match self.plan.ending {
            Ending::StopAmid(at) => Some(at),
            Ending::AllLeave | Ending::StopAtRest => None,
        };
        loop {
            let at = sim.elapsed() - began;
            if stop.take_if(|stop| *stop <= at).is_some() {
                // See below.
                let _ = self.wishes.send(Wish::Stop);
            }
            while let Some((_, index, fault)) = faults.next_if(|&(due, _, _)| due <= at) {
                self.cause(sim, index, fault);
            }
            if at >= self.plan.turmoil && !is_calm {
                is_calm = true;
                self.phase.send_replace(Phase::Calm);
            }
            if is_calm && faults.peek().is_none() {
                break;
            }
            step(sim)?;
        }
        for index in 0..self.clients.len() {
            sim.set_link_latency(HOST, name(index), Duration::from_millis(10));
        }
        Ok(())
    }

    fn cause(&self, sim: &mut Sim<'static>, index: usize, fault: Fault) {
        let (host, client) = (name(index), &self.clients[index]);
        client.note(fault);
        match fault {
            Fault::Partition => sim.partition(HOST, host),
            Fault::Repair => sim.repair(HOST, host),
            Fault::Hold => sim.hold(HOST, host),
            Fault::Deaf => self.links.hold(sim.lookup(host), Direction::ToServer),
            Fault::Mute => self.links.hold(sim.lookup(host), Direction::ToClient),
            Fault::Release => {
                self.links.release(sim.lookup(host.as_str()));
                sim.release(HOST, host);
            }
            Fault::Crash => {
                sim.crash(host);
                if let Some(visit) = client.current() {
                    visit.seen().end = Some(End::Crashed);
                }
            }
            Fault::Restart => sim.bounce(host),
            Fault::Reset => self.wires.reset(sim.lookup(host)),
            Fault::GiveUp => {
                if let Some(visit) = client.current() {
                    visit.give_up();
                }
            }
            Fault::Slow(millis) => {
                sim.set_link_latency(HOST, host, Duration::from_millis(millis));
            }
        }
    }

    pub(crate) fn look(&mut self, sim: &mut Sim<'static>) -> Result<Look, String> {
        self.state.lock().look = None;
        // See above.
        let _ = self.wishes.send(Wish::Look);
        self.step_until(sim, "the server is looked at", |run| run.state.lock().look.is_some())?;
        Ok(self.state.lock().look.clone().unwrap_or_default())
    }

    pub(crate) fn step_until(
        &self,
        sim: &mut Sim<'static>,
        what: &str,
        is_done: impl Fn(&Self) -> bool,
    ) -> Result<(), String> {
        let end = sim.elapsed() + PATIENCE;
        while !is_done(self) {
            if sim.elapsed() > end {
                return Err(format!("{PATIENCE:?} were not enough until {what}"));
            }
            step(sim)?;
        }
        Ok(())
    }

    pub(crate) fn step_for(&self, sim: &mut Sim<'static>, time: Duration) -> Result<(), String> {
        let end = sim.elapsed() + time;
        while sim.elapsed() < end {
            step(sim)?;
        }
        Ok(())
    }

    pub(crate) fn finish(mut self) -> Outcome {
        let mut hasher = FxHasher::default();
        let story = if self.problems.is_empty() { String::new() } else { self.tell() };
        for client in &self.clients {
            for visit in client.visits() {
                let seen = visit.seen();
                self.counters.visits += 1;
                self.counters.complete += usize::from(seen.is_complete);
                self.counters.held_up += usize::from(seen.is_complete && seen.is_disturbed);
                let has_come_back =
                    seen.bytes.windows(RECONNECTED.len()).any(|part| part == RECONNECTED);
                self.counters.reconnected += usize::from(has_come_back);
                (&seen.bytes, &seen.times, format!("{:?}", seen.end)).hash(&mut hasher);
            }
        }
        let book = self.ledger.open();
        for (session, account) in &book.accounts {
            self.counters.owed += account.owed.len();
            (session, &account.host).hash(&mut hasher);
            for owed in &account.owed {
                owed.is_question.hash(&mut hasher);
                owed.frames.iter().for_each(|frame| frame.bytes().hash(&mut hasher));
            }
        }
        self.counters.messages = book.messages.len();
        drop(book);
        format!("{:?}", self.state.lock().bots).hash(&mut hasher);
        Outcome { problems: self.problems, trace: hasher.finish(), counters: self.counters, story }
    }

    fn tell(&self) -> String {
        let Plan { seed, limits, habits, tick, latency, turmoil, .. } = &self.plan;
        let mut story = format!(
            "seed {seed}: steps of {tick:?}, up to {latency:?} under way, {turmoil:?} of turmoil\n\
             {habits:?}\nqueues of {} bytes and {} frames, {:?}\n",
            limits.queue_bytes, limits.queue_frames, limits.slow_consumer,
        );
        let book = self.ledger.open();
        for (index, client) in self.clients.iter().enumerate() {
            let _ = writeln!(story, "client{index} speaks {:?}", client.speaks());
            for visit in client.visits() {
                let (seen, host) = (visit.seen(), visit.address.to_string());
                let account = book.accounts.iter().find(|(_, account)| account.host == host);
                let server = account.map(|(session, account)| (session, &account.closed));
                let Seen { end, is_faulted, is_disturbed, was_slow, went, unsure, is_open, .. } =
                    &*seen;
                let _ = writeln!(
                    story,
                    "    {host}: open {is_open}, went {went:?}, unsure {unsure}, slow {was_slow}, \
                     disturbed {is_disturbed}, faulted {is_faulted}, ended {end:?}, on the server {server:?}"
                );
                let lines = String::from_utf8_lossy(&seen.bytes).into_owned();
                let lines: Vec<&str> = lines.lines().collect();
                for line in &lines[lines.len().saturating_sub(4)..] {
                    let _ = writeln!(story, "        {line:.150}");
                }
            }
        }
        story
    }
}

fn step(sim: &mut Sim<'static>) -> Result<(), String> {
    sim.step().map(|_| ()).map_err(|error| format!("a host failed: {error}"))
}

pub(crate) fn name(index: usize) -> String {
    format!("client{index}")
}

/// What a `welcome` has for who comes back.
const RECONNECTED: &[u8] = br#""reconnected":true"#;
/// How long anything that has to happen may take.
const PATIENCE: Duration = Duration::from_secs(30);
