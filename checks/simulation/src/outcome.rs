//! What came out of a run, and what happened in it.

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
