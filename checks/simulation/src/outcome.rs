//! The outcome of a run, and counts of what happened in it.

/// The outcome of a run.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// Violations of invariants.
    pub problems: Vec<String>,
    /// Hash of everything that all clients received, and when.
    pub trace: u64,
    /// Counts of what happened.
    pub counters: Counters,
    /// Human-readable description of each connection; empty if there are no problems.
    pub story: String,
}

/// Counts of what happened in a run, from which tests see that runs exercise the server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Connections that clients made.
    pub visits: usize,
    /// Connections that were open in the last check before clients leave.
    pub live: usize,
    /// Messages that the server has acknowledged.
    pub messages: usize,
    /// Expected deliveries of all sessions.
    pub expected: usize,
    /// Deliveries that were reported as missed.
    pub missed: u64,
    /// Faults.
    pub faults: usize,
    /// Connections for which every expected delivery has arrived or was reported as missed.
    pub complete: usize,
    /// Those among them that an outage had delayed.
    pub held_up: usize,
    /// Connections with which a client resumed its user.
    pub reconnected: usize,
    /// Messages that were sent again, and that the server had accepted before.
    pub repeated: usize,
    /// Lists of members of clients of IRC that were compared with the server's.
    pub irc_lists: usize,
}

impl Counters {
    /// Adds the counts of another run.
    pub fn add(&mut self, other: &Self) {
        let Self {
            visits,
            live,
            messages,
            expected,
            missed,
            faults,
            complete,
            held_up,
            reconnected,
            repeated,
            irc_lists,
        } = other;
        self.visits += visits;
        self.live += live;
        self.messages += messages;
        self.expected += expected;
        self.missed += missed;
        self.faults += faults;
        self.complete += complete;
        self.held_up += held_up;
        self.reconnected += reconnected;
        self.repeated += repeated;
        self.irc_lists += irc_lists;
    }
}

impl Outcome {
    /// Describes the problems, the connections, and how to repeat the run; `None` without problems.
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
