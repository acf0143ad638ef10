//! A run, from the seed to what was seen.

use crate::check;
use crate::client::{Client, End, Phase, Seen};
use crate::ledger::Ledger;
use crate::network::Wires;
use crate::plan::{Ending, Fault, Plan};
use crate::server::{HOST, Look, State, Wish, serve};
use crate::stream::{Direction, Links};
use crate::{Dice, panics};
use rustc_hash::FxHasher;
use std::fmt::Write;
use std::hash::{Hash, Hasher};
use std::time::{Duration, SystemTime};
use tokio::sync::{mpsc, watch};
use turmoil::{Builder, Sim};

/// What came out of a run.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// What was not as it has to be.
    pub problems: Vec<String>,
    /// Stands for everything that everybody saw, and when.
    pub trace: u64,
    /// What happened, counted.
    pub counters: Counters,
    /// What became of each connection, for people; only if something was not as it has to be.
    pub story: String,
}

/// What happened in a run, to see that it is worth something.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Connections that clients made.
    pub visits: usize,
    /// Those that were there at the end.
    pub live: usize,
    /// Messages that were acknowledged.
    pub messages: usize,
    /// Things that sessions were to be told.
    pub owed: usize,
    /// Things that were missed by who was told so.
    pub missed: u64,
    /// Faults.
    pub faults: usize,
    /// Connections that a check has found to be told everything, or told what they missed.
    pub complete: usize,
    /// Those among them that an outage had held up.
    pub held_up: usize,
    /// Connections with which a client came back as the user that it was.
    pub reconnected: usize,
}

impl Counters {
    /// Counts what happened in another run too.
    pub fn add(&mut self, other: &Self) {
        let Self { visits, live, messages, owed, missed, faults, complete, held_up, reconnected } =
            other;
        self.visits += visits;
        self.live += live;
        self.messages += messages;
        self.owed += owed;
        self.missed += missed;
        self.faults += faults;
        self.complete += complete;
        self.held_up += held_up;
        self.reconnected += reconnected;
    }
}

impl Outcome {
    /// What was wrong, what had happened, and how to see it again; `None` if nothing was wrong.
    pub fn report(&self, seed: u64) -> Option<String> {
        if self.problems.is_empty() {
            return None;
        }
        let Self { story, problems, .. } = self;
        let problems = problems.join("\n  ");
        Some(format!(
            "{story}\nseed {seed} has failed:\n  {problems}\n\
             to see it again: SEED={seed} cargo test -p chat-simulation\n"
        ))
    }
}

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
    wishes: mpsc::UnboundedSender<Wish>,
    phase: watch::Sender<Phase>,
}

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

fn begin(plan: Plan) -> (Sim<'static>, Run) {
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

    fn go_through_turmoil(&mut self, sim: &mut Sim<'static>) -> Result<(), String> {
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

    fn look(&mut self, sim: &mut Sim<'static>) -> Result<Look, String> {
        self.state.lock().look = None;
        // See above.
        let _ = self.wishes.send(Wish::Look);
        self.step_until(sim, "the server is looked at", |run| run.state.lock().look.is_some())?;
        Ok(self.state.lock().look.clone().unwrap_or_default())
    }

    fn step_until(
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

    fn step_for(&self, sim: &mut Sim<'static>, time: Duration) -> Result<(), String> {
        let end = sim.elapsed() + time;
        while sim.elapsed() < end {
            step(sim)?;
        }
        Ok(())
    }

    fn finish(mut self) -> Outcome {
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

fn name(index: usize) -> String {
    format!("client{index}")
}

/// What a `welcome` has for who comes back.
const RECONNECTED: &[u8] = br#""reconnected":true"#;
/// How long asking who is where takes at most.
const AUDIT: Duration = Duration::from_secs(2);
/// How long going takes at most, besides the time to drain queues: what lingers does so for a
/// second.
const LEAVING: Duration = Duration::from_secs(3);
/// How long anything that has to happen may take.
const PATIENCE: Duration = Duration::from_secs(30);
