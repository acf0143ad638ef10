//! The state of a run: its participants, and how they are started, stepped and recorded.

use crate::Dice;
use crate::client::{Client, End, Phase, SERVER, Seen};
use crate::ledger::Ledger;
use crate::network::ServerStreams;
use crate::outcome::{Counters, Outcome};
use crate::plan::{Fault, Plan, RunEnd};
use crate::server::{ServerRequest, Snapshot, State, serve};
use crate::stream::{Direction, Links};
use rustc_hash::FxHasher;
use std::fmt::Write;
use std::hash::{Hash, Hasher};
use std::time::{Duration, SystemTime};
use tokio::sync::{mpsc, watch};
use turmoil::{Builder, Sim};

/// The state of a run.
pub(crate) struct Run {
    pub(crate) plan: Plan,
    pub(crate) clients: Vec<Client>,
    pub(crate) ledger: Ledger,
    pub(crate) state: State,
    pub(crate) problems: Vec<String>,
    pub(crate) counters: Counters,
    pub(crate) streams: ServerStreams,
    links: Links,
    pub(crate) requests: mpsc::UnboundedSender<ServerRequest>,
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
        .tcp_capacity(Links::capacity(plan.behaviour.window))
        .build();
    let (ledger, state) = (Ledger::default(), State::default());
    let links = Links::new(plan.behaviour.window);
    let streams = ServerStreams::new(plan.behaviour, Dice::new(plan.seed ^ 0x5eed), links.clone());
    let (requests, received) = mpsc::unbounded_channel();
    let program = {
        let (plan, ledger, state, streams) =
            (plan.clone(), ledger.clone(), state.clone(), streams.clone());
        // The server is started once.
        let received = std::cell::Cell::new(Some(received));
        move || {
            let received = received.take().expect("the server is never restarted");
            serve(plan.clone(), ledger.clone(), streams.clone(), state.clone(), received)
        }
    };
    sim.host(SERVER, program);
    let clients =
        plan.clients.iter().map(|plan| Client::new(plan.clone(), links.clone())).collect();
    let (phase, _) = watch::channel(Phase::Active);
    let (problems, counters) = (Vec::new(), Counters::default());
    let run =
        Run { plan, clients, ledger, state, problems, counters, streams, links, requests, phase };
    (sim, run)
}

impl Run {
    pub(crate) fn run_active_phase(&mut self, sim: &mut Sim<'static>) -> Result<(), String> {
        let began = sim.elapsed();
        let mut faults = std::mem::take(&mut self.plan.faults).into_iter().peekable();
        self.counters.faults = faults.len();
        let mut is_quiet = false;
        let mut stop = match self.plan.ending {
            RunEnd::StopWhileActive(at) => Some(at),
            RunEnd::AllLeave | RunEnd::StopWhenQuiet => None,
        };
        loop {
            let at = sim.elapsed() - began;
            if stop.take_if(|stop| *stop <= at).is_some() {
                // A failure of the server's program is reported by `step`.
                let _ = self.requests.send(ServerRequest::Stop);
            }
            while let Some((_, index, fault)) = faults.next_if(|&(due, _, _)| due <= at) {
                self.cause(sim, index, fault);
            }
            if at >= self.plan.active_time && !is_quiet {
                is_quiet = true;
                self.phase.send_replace(Phase::Quiet);
            }
            if is_quiet && faults.peek().is_none() {
                break;
            }
            step(sim)?;
        }
        for index in 0..self.clients.len() {
            sim.set_link_latency(SERVER, name(index), Duration::from_millis(10));
        }
        Ok(())
    }

    fn cause(&self, sim: &mut Sim<'static>, index: usize, fault: Fault) {
        let (host, client) = (name(index), &self.clients[index]);
        client.note(fault);
        match fault {
            Fault::Partition => sim.partition(SERVER, host),
            Fault::Repair => sim.repair(SERVER, host),
            Fault::Hold => sim.hold(SERVER, host),
            Fault::HoldToServer => self.links.hold(sim.lookup(host), Direction::ToServer),
            Fault::HoldToClient => self.links.hold(sim.lookup(host), Direction::ToClient),
            Fault::Release => {
                self.links.release(sim.lookup(host.as_str()));
                sim.release(SERVER, host);
            }
            Fault::Crash => {
                sim.crash(host);
                if let Some(visit) = client.current() {
                    visit.seen().end = Some(End::Crashed);
                }
            }
            Fault::Restart => sim.bounce(host),
            Fault::Reset => self.streams.reset(sim.lookup(host)),
            Fault::GiveUp => {
                if let Some(visit) = client.current() {
                    visit.give_up();
                }
            }
            Fault::Latency(millis) => {
                sim.set_link_latency(SERVER, host, Duration::from_millis(millis));
            }
        }
    }

    pub(crate) fn take_snapshot(&mut self, sim: &mut Sim<'static>) -> Result<Snapshot, String> {
        self.state.lock().snapshot = None;
        // A failure of the server's program is reported by `step`.
        let _ = self.requests.send(ServerRequest::Snapshot);
        self.step_until(sim, "the server is looked at", |run| run.state.lock().snapshot.is_some())?;
        Ok(self.state.lock().snapshot.clone().unwrap_or_default())
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
        let records = self.ledger.open();
        for (session, record) in &records.sessions {
            self.counters.expected += record.expected.len();
            (session, &record.host).hash(&mut hasher);
            for expected in &record.expected {
                expected.is_ping.hash(&mut hasher);
                expected.frames.iter().for_each(|frame| frame.bytes().hash(&mut hasher));
            }
        }
        self.counters.messages = records.messages.len();
        drop(records);
        format!("{:?}", self.state.lock().bots).hash(&mut hasher);
        Outcome { problems: self.problems, trace: hasher.finish(), counters: self.counters, story }
    }

    fn tell(&self) -> String {
        let Plan { seed, limits, behaviour, tick, latency, active_time, .. } = &self.plan;
        let mut story = format!(
            "seed {seed}: steps of {tick:?}, latency up to {latency:?}, {active_time:?} of \
             activity\n{behaviour:?}\nqueues of {} bytes and {} frames, {:?}\n",
            limits.queue_bytes, limits.queue_frames, limits.slow_consumer,
        );
        let records = self.ledger.open();
        for (index, client) in self.clients.iter().enumerate() {
            let _ = writeln!(story, "client{index} speaks {:?}", client.kind());
            for visit in client.visits() {
                let (seen, host) = (visit.seen(), visit.address.to_string());
                let record = records.sessions.iter().find(|(_, record)| record.host == host);
                let server = record.map(|(session, record)| (session, &record.closed));
                let Seen {
                    end,
                    is_faulted,
                    is_disturbed,
                    was_slow,
                    departure,
                    may_lose_input,
                    is_open,
                    ..
                } = &*seen;
                let _ = writeln!(
                    story,
                    "    {host}: open {is_open}, departure {departure:?}, may_lose_input \
                     {may_lose_input}, slow {was_slow}, disturbed {is_disturbed}, faulted \
                     {is_faulted}, ended {end:?}, on the server {server:?}"
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

/// The field of a `welcome` that resumes a user.
const RECONNECTED: &[u8] = br#""reconnected":true"#;
/// Maximum time to wait for an awaited event.
const PATIENCE: Duration = Duration::from_secs(30);
